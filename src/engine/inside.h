/*
 * inside.h - what every engine is made of: its operations and the model at
 * its position.
 */
#ifndef ENGINE_INSIDE_H
#define ENGINE_INSIDE_H

#include "threadviz/engine.h"

/* NULL where an engine has nothing to do. */
struct engine_ops {
	bool (*start)(struct engine *, struct error *);
	void (*stop)(struct engine *);
	/* Takes a choice that the model allows; on ENGINE_OK `ahead` is the
	 * model after it (engine_look_ahead). */
	enum engine_result (*step)(struct engine *, struct choice,
				   struct error *);
	/* Around one or more steps: go to, and come back from, where they are
	 * fast. */
	void (*together)(struct engine *, bool on);
	enum engine_result (*poll)(struct engine *, struct str *output,
				   struct error *);
	int (*pid)(const struct engine *);
	int (*fd)(const struct engine *);
	void (*free)(struct engine *);
};

struct engine {
	const struct engine_ops *ops;
	const struct program *program;
	struct world *world; /* at the engine's position */
	struct world *ahead; /* scratch: one step further */
	struct step_log log; /* of the step in `ahead` */
	size_t steps;
};

/* Steps the model from world into ahead. */
void engine_look_ahead(struct engine *, struct choice);

struct engine *sim_new(void);
struct engine *live_new(void);

#endif
