/*
 * grips.c - the holders of locks.
 *
 * A holder may take a recursive mutex again, and has it until it has given it
 * back as often; falling asleep in a condition gives it up whole, and waking
 * takes it as often as it was had. A taking that finds another holder is
 * believed: whoever had the lock gave it up in a record that was lost.
 */
#include <stdlib.h>

#include "grips.h"

#include "threadviz/label.h"

/* ---- places ------------------------------------------------------------ */

void places_init(struct places *s, const struct program *p)
{
	s->program = p;
	s->count = 0;
	for (size_t i = 0; i < p->objects.count; i++) {
		s->base[i] = s->count;
		s->count += p->objects.data[i].count;
	}
}

uint32_t places_find(const struct places *s, object_id id, int32_t index)
{
	const struct program *p = s->program;

	if (id >= p->objects.count || index < 0 ||
	    index >= p->objects.data[id].count)
		return NO_PLACE;
	return s->base[id] + (uint32_t)index;
}

uint32_t places_mutex(const struct places *s, const struct event *e)
{
	int32_t index;
	object_id id;

	if (e->pc >= s->program->code.count)
		return NO_PLACE;
	id = event_mutex(s->program, e, &index);
	if (id >= s->program->objects.count ||
	    s->program->objects.data[id].kind != OBJECT_MUTEX)
		return NO_PLACE;
	return places_find(s, id, index);
}

/* ---- holders ----------------------------------------------------------- */

void grips_init(struct grips *g, const struct places *places)
{
	*g = (struct grips){.places = places};
	g->all = xcalloc(places->count + 1, sizeof *g->all);
	for (size_t i = 0; i < places->count; i++)
		g->all[i].last = g->all[i].before = THREAD_NONE;
}

void grips_fini(struct grips *g)
{
	free(g->all);
}

static enum grasp take(struct grip *g, thread_id t, unsigned times)
{
	bool again = g->depth && g->last == t;

	g->depth = (uint16_t)(again ? g->depth + times : times);
	if (!again)
		g->before = g->last;
	g->last = t;
	return again ? GRASP_NOT : GRASP_TAKES;
}

static enum grasp give(struct grip *g, thread_id t, unsigned times)
{
	if (g->last != t || !g->depth)
		return GRASP_NOT; /* a reader's, or its taking was lost */
	g->depth = (uint16_t)(times < g->depth ? g->depth - times : 0);
	return g->depth ? GRASP_NOT : GRASP_GIVES;
}

static enum grasp sleep_on(struct grips *g, const struct event *e,
			   uint32_t place)
{
	struct grip *l = &g->all[place];

	g->asleep[e->thread] = l->last == e->thread ? l->depth : 0;
	return give(l, e->thread, UINT16_MAX);
}

static enum grasp retake(struct grips *g, const struct event *e, uint32_t place)
{
	unsigned times = g->asleep[e->thread];

	g->all[place].depth = 0; /* nobody else can have it */
	return take(&g->all[place], e->thread, times ? times : 1);
}

enum grasp grips_take(struct grips *g, const struct event *e, uint32_t *which)
{
	bool in_cond = e->kind == OP_SLEEP_ON || e->kind == OP_RETAKE ||
		       e->kind == OP_RETAKE_FOR;

	if (e->flags & (EVENT_WANTS | EVENT_CRASH) ||
	    e->thread >= LIMIT_THREADS)
		return GRASP_NOT;
	*which = in_cond ? places_mutex(g->places, e)
			 : places_find(g->places, e->object, e->index);
	if (*which == NO_PLACE)
		return GRASP_NOT;
	switch (e->kind) {
	case OP_LOCK:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
	case OP_WRLOCK:
		return e->flags & (EVENT_FAILED | EVENT_TIMEOUT)
			       ? GRASP_NOT
			       : take(&g->all[*which], e->thread, 1);
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		return retake(g, e, *which);
	case OP_SLEEP_ON:
		return sleep_on(g, e, *which);
	case OP_UNLOCK:
	case OP_RWUNLOCK:
		return give(&g->all[*which], e->thread, 1);
	default:
		return GRASP_NOT;
	}
}

bool grips_forget(struct grips *g, uint32_t place, thread_id t)
{
	bool had = g->all[place].depth && g->all[place].last == t;

	if (had)
		g->all[place].depth = 0;
	return had;
}
