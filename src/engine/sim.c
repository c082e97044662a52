/*
 * sim.c - the engine without threads: the model alone.
 *
 * What it does is what engine.c does for every engine: step the model. So
 * there is nothing to start, to stop or to compare, and it is the fastest and
 * the most obedient of the three.
 */
#include <stdlib.h>

#include "inside.h"
#include "threadviz/arena.h"

static enum engine_result sim_step(struct engine *e, struct choice c,
				   struct error *err)
{
	(void)err;
	engine_look_ahead(e, c);
	return ENGINE_OK;
}

static void sim_free(struct engine *e)
{
	free(e);
}

static const struct engine_ops sim_ops = {
	.step = sim_step,
	.free = sim_free,
};

struct engine *sim_new(void)
{
	struct engine *e = xcalloc(1, sizeof *e);

	e->ops = &sim_ops;
	return e;
}
