/*
 * engine.c - the interface of all stepped engines.
 *
 * Whatever an engine does with real threads, it keeps the model at its own
 * position: a choice that the model forbids is refused here, before any engine
 * sees it, and the engine's world moves only once the engine has said that the
 * step went well. So after any failure world and steps still name the last
 * position that was good.
 */
#include <stdlib.h>

#include "inside.h"

static const struct {
	const char *name;
	struct engine *(*make)(void);
} kinds[] = {
	[ENGINE_SIM] = {"sim", sim_new},
	[ENGINE_LIVE] = {"live", live_new},
};

const char *engine_name(enum engine_kind kind)
{
	return kinds[kind].name;
}

struct engine *engine_open(enum engine_kind kind, const struct program *p,
			   struct error *err)
{
	struct engine *e = kinds[kind].make();

	e->program = p;
	e->world = world_new(p);
	e->ahead = world_new(p);
	if (e->ops->start && !e->ops->start(e, err)) {
		engine_close(e);
		return NULL;
	}
	return e;
}

void engine_close(struct engine *e)
{
	if (!e)
		return;
	if (e->ops->stop)
		e->ops->stop(e);
	free(e->world);
	free(e->ahead);
	e->ops->free(e);
}

bool engine_restart(struct engine *e, struct error *err)
{
	if (e->ops->stop)
		e->ops->stop(e);
	world_init(e->world, e->program);
	e->steps = 0;
	return !e->ops->start || e->ops->start(e, err);
}

void engine_look_ahead(struct engine *e, struct choice c)
{
	world_copy(e->ahead, e->world, e->program);
	world_step(e->ahead, e->program, c, (uint32_t)e->steps + 1, &e->log);
}

static enum engine_result refuse(const struct engine *e, struct choice c,
				 struct error *err)
{
	struct str why = {0};

	world_why_not(e->world, e->program, c, &why);
	(void)(fail)(err, "%s", str_cstr(&why));
	str_free(&why);
	return ENGINE_IMPOSSIBLE;
}

static enum engine_result take_step(struct engine *e, struct choice c,
				    struct error *err)
{
	enum engine_result result;

	if (!world_can(e->world, e->program, c))
		return refuse(e, c, err);
	result = e->ops->step(e, c, err);
	if (result != ENGINE_OK)
		return result;
	world_copy(e->world, e->ahead, e->program);
	e->steps++;
	return ENGINE_OK;
}

static void together(struct engine *e, bool on)
{
	if (e->ops->together)
		e->ops->together(e, on);
}

enum engine_result engine_step(struct engine *e, struct choice c,
			       struct error *err)
{
	enum engine_result result;

	together(e, true);
	result = take_step(e, c, err);
	together(e, false);
	return result;
}

enum engine_result engine_replay(struct engine *e, const struct choice *c,
				 size_t n, struct error *err)
{
	enum engine_result result = ENGINE_OK;

	if (!engine_restart(e, err))
		return ENGINE_DEAD;
	together(e, true);
	for (size_t i = 0; i < n && result == ENGINE_OK; i++)
		result = take_step(e, c[i], err);
	together(e, false);
	return result;
}

const struct world *engine_world(const struct engine *e)
{
	return e->world;
}

size_t engine_steps(const struct engine *e)
{
	return e->steps;
}

int engine_pid(const struct engine *e)
{
	return e->ops->pid ? e->ops->pid(e) : 0;
}

int engine_fd(const struct engine *e)
{
	return e->ops->fd ? e->ops->fd(e) : -1;
}

enum engine_result engine_poll(struct engine *e, struct str *output,
			       struct error *err)
{
	return e->ops->poll ? e->ops->poll(e, output, err) : ENGINE_OK;
}
