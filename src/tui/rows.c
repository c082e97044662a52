/*
 * rows.c - the rows below the lanes: who is in each region for one, the value
 * of each variable, the number waiting in each queue, the owner of each lock,
 * from step to step.
 *
 * A value is written where it changes and holds until the next one. A lock's or
 * a region's row is a thick line in the colour of its owner, its number where
 * it begins; of a cell that stands for many steps, the last owner in it.
 */
#include <stdlib.h>

#include "lanes.h"

enum { ELEMENTS = 8 /* of an array */ };

static bool has_value(const struct object *o)
{
	return o->kind == OBJECT_VAR || o->kind == OBJECT_SEM ||
	       o->kind == OBJECT_COUNTDOWN || o->kind == OBJECT_BUFFER ||
	       o->kind == OBJECT_QUEUE;
}

static bool has_owner(const struct object *o)
{
	return o->kind == OBJECT_MUTEX || o->kind == OBJECT_RWLOCK;
}

static void draw_name(const struct lanes *l, const char *whole, int y,
		      struct style style)
{
	struct str name = {0};

	say_cut(whole, l->names - 1, &name);
	grid_text(l->g, l->r, 1, y, style, str_cstr(&name));
	str_free(&name);
}

static void draw_object(const struct lanes *l, object_id id, int32_t index,
			int y, struct style style)
{
	struct str name = {0};

	object_format(l->app->program, id, index, &name);
	draw_name(l, str_cstr(&name), y, style);
	str_free(&name);
}

static void step(const struct lanes *l, struct world *w, size_t at)
{
	world_step(w, l->app->program, l->app->timeline.schedule.data[at - 1],
		   (uint32_t)at, NULL);
}

static void draw_value_row(const struct lanes *l, object_id id, int32_t index,
			   int y, const struct world *start)
{
	const struct program *p = l->app->program;
	struct world *w = world_clone(start, p);
	int32_t before = world_value(w, p, id, index);
	int end = lanes_x(l, lanes_last(l)) + l->width, until = 0;
	bool asked = l->app->predict == PREDICT_ASKED;

	draw_object(l, id, index, y, STYLE(STRONG));
	lanes_fill(l, l->names + 1, y, end - l->names - 1, STYLE(DIM), "·");
	for (size_t at = l->first; at <= lanes_last(l); at++) {
		bool first = at == l->first;
		int x = lanes_x(l, at);
		int32_t now;

		step(l, w, at);
		now = world_value(w, p, id, index);
		if (x < until ||
		    (!first && now == before &&
		     !step_writes(l->app, at, id, index)) ||
		    (asked && at >= app_cursor(l->app)))
			continue;
		until = x + 1 +
			grid_printf(l->g, l->r, x, y,
				    first ? STYLE(TEXT) : STYLE(CHANGED), "%d",
				    now);
		before = now;
	}
	free(w);
}

/* Bits of the threads that hold it, as readers or as its owner. */
static uint64_t holders(const struct lanes *l, const struct world *w,
			object_id id, int32_t index)
{
	const struct program *p = l->app->program;
	thread_id owner = world_owner(w, p, id, index);
	uint64_t set = 0;

	if (owner != THREAD_NONE)
		return UINT64_C(1) << owner;
	if (p->objects.data[id].kind == OBJECT_MUTEX)
		return 0;
	for (thread_id t = 0; t < p->threads.count; t++)
		if (world_depth(w, p, id, index, t))
			set |= UINT64_C(1) << t;
	return set;
}

/* Where only one may be: in red, and who they are if there is room. */
static void draw_crowd(const struct lanes *l, int x, int y, uint64_t set)
{
	struct style style = style_with(STYLE(BAD), STYLE_BOLD);
	struct str who = {0};

	for (unsigned t = 0; t < LIMIT_THREADS; t++)
		if (set >> t & 1)
			str_addf(&who, "%s%u", who.len ? "+" : "", t + 1);
	lanes_fill(l, x, y, l->width, style, "━");
	grid_text(l->g, l->r, x, y, style,
		  (int)who.len < l->width ? str_cstr(&who) : "!");
	str_free(&who);
}

static void draw_holders(const struct lanes *l, int x, int y, uint64_t set,
			 bool new, bool readers)
{
	thread_id one = set ? (thread_id)__builtin_ctzll(set) : 0;
	int n = __builtin_popcountll(set);

	if (n > 1 && !readers) {
		draw_crowd(l, x, y, set);
		return;
	}
	if (!set) {
		lanes_fill(l, x, y, l->width, STYLE(DIM), "·");
		return;
	}
	lanes_fill(l, x, y, l->width,
		   n == 1 ? style_thread(one) : STYLE(STRONG), "━");
	if (!new)
		return;
	if (n == 1)
		grid_printf(l->g, l->r, x, y,
			    style_with(style_thread(one), STYLE_BOLD), "%u",
			    one + 1u);
	else if (l->width > 1)
		grid_printf(l->g, l->r, x, y, STYLE(STRONG), "r%d", n);
}

static uint64_t insiders(const struct lanes *l, const struct world *w,
			 size_t region)
{
	const struct program *p = l->app->program;
	uint64_t set = 0;

	for (thread_id t = 0; t < p->threads.count; t++)
		if (world_in_region(w, p, t, (unsigned)region))
			set |= UINT64_C(1) << t;
	return set;
}

/* Of a region if id is OBJECT_NONE, then index says which. */
static void draw_owner_row(const struct lanes *l, object_id id, int32_t index,
			   int y, const struct world *start)
{
	bool region = id == OBJECT_NONE;
	struct world *w = world_clone(start, l->app->program);
	uint64_t before = 0;
	int drawn = -1;

	for (size_t at = l->first; at <= lanes_last(l); at++) {
		int x = lanes_x(l, at);
		uint64_t now;

		step(l, w, at);
		now = region ? insiders(l, w, (size_t)index)
			     : holders(l, w, id, index);
		if (x != drawn || now)
			draw_holders(l, x, y, now, now != before, !region);
		before = now;
		drawn = x;
	}
	free(w);
}

static int region_rows(const struct program *p)
{
	int n = 0;

	for (size_t i = 0; i < p->regions.count; i++)
		n += program_region_is_exclusive(p, i);
	return n;
}

static int draw_regions(const struct lanes *l, int y, const struct world *start)
{
	const struct program *p = l->app->program;

	for (size_t i = 0; i < p->regions.count && y < l->r.h; i++) {
		if (!program_region_is_exclusive(p, i))
			continue;
		draw_name(l, p->regions.data[i], y, STYLE(TEXT));
		draw_owner_row(l, OBJECT_NONE, (int32_t)i, y++, start);
	}
	return y;
}

void lanes_objects(const struct lanes *l, int y, const struct world *start)
{
	const struct program *p = l->app->program;

	y = draw_regions(l, y, start);
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		for (int32_t k = 0; k < o->count && k < ELEMENTS && y < l->r.h;
		     k++) {
			if (has_value(o)) {
				draw_value_row(l, (object_id)i, k, y++, start);
			} else if (has_owner(o)) {
				draw_object(l, (object_id)i, k, y, STYLE(TEXT));
				draw_owner_row(l, (object_id)i, k, y++, start);
			}
		}
	}
}

int lanes_object_rows(const struct app *app)
{
	const struct program *p = app->program;
	int n = region_rows(p);

	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		if (has_value(o) || has_owner(o))
			n += o->count < ELEMENTS ? o->count : ELEMENTS;
	}
	return n;
}
