/*
 * plan.h - what a run is asked to do, read off the options.
 */
#ifndef CLI_PLAN_H
#define CLI_PLAN_H

#include "options.h"
#include "threadviz/choice.h"
#include "threadviz/engine.h"

enum { PLAN_STEPS_MAX = 1000000 }; /* a policy takes no more */

/* --engine free. */
bool plan_is_free(const struct options *);
/* --engine live (also if not given) or sim. */
bool plan_engine(const struct options *, enum engine_kind *, struct error *);
/* Appends the steps of --schedule or --run; none if neither is given. */
bool plan_schedule(const struct options *, const struct program *,
		   struct schedule *out, struct error *);

/* Which steps to take. */
struct plan {
	struct schedule given; /* first these; to be released */
	char policy[32]; /* and then as it chooses, see policy_new; "": end */
	uint64_t seed;
};
/* Reads --schedule, --run, --policy, --every and --seed. The program may be
 * NULL as long as no steps are asked for. */
bool plan_read(const struct options *, const struct program *, struct plan *out,
	       struct error *);

#endif
