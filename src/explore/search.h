/*
 * search.h - a search as a whole, for the files that answer from it.
 */
#ifndef EXPLORE_SEARCH_H
#define EXPLORE_SEARCH_H

#include "inside.h"

enum phase {
	PHASE_WALK,
	PHASE_LOOK, /* ends and races, state by state */
	PHASE_ORDER,
	PHASE_FORWARD,
	PHASE_CYCLES,
	PHASE_BACKWARD,
	PHASE_DOOMED,
	PHASE_SIMPLEST,
	PHASE_DONE,
};

/* Ways and chance of an end, by the list of ends. */
struct arrival {
	struct count ways;
	double chance;
};

struct search {
	const struct program *program;
	struct search_options options;
	struct world *from;
	enum phase phase;
	bool bound_hit;
	struct space *space;
	struct graph graph;
	struct ends ends;
	struct races races;
	struct order order;
	struct flow flow;
	struct cycles cycles;
	struct simplest *simplest;
	struct arrival *arrivals;     /* one per end; NULL: not counted */
	state_id looked;              /* states below have been looked at */
	uint64_t states, transitions; /* of those, orbits in full */
	struct search_report report;
	bool reported;
	double seconds;
	uint64_t memory; /* the most so far */
	struct choice choices[WORLD_CHOICES_MAX];
};

/* ---- decide.c ----------------------------------------------------------- */

/* Fills no_return and decided of a finding; needs the doomed states. */
void finding_explain(struct search *, struct search_finding *);

/* ---- report.c ----------------------------------------------------------- */

void report_make(struct search *);
void report_fini(struct search_report *);

#endif
