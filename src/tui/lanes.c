/*
 * lanes.c - the timeline with time going right: a row per thread, a column per
 * step, rows of values and of lock owners below.
 *
 * A step takes 1 to 20 columns by zoom; at the lowest zoom a cell may stand for
 * several steps, then the gravest event among them wins. With more threads than
 * rows, those without an event in view are folded into one line.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "threadviz/label.h"
#include "views.h"

enum {
	NAME_W = 10,
	CROWD = 9,    /* from here on blocked is a dim dot */
	READABLE = 2, /* the lowest zoom at which events are words */
};

static const int zoom_width[] = {1, 2, 4, 8, 13, 20};

struct lanes {
	const struct app *app;
	struct grid *g;
	struct rect r;
	int width;       /* cells of a column */
	size_t per_cell; /* steps of a column, more than 1 only at width 1 */
	size_t first;    /* the first step shown */
	int columns;
	thread_id rows[LIMIT_THREADS]; /* the threads shown, from the top */
	int row_count, folded;
	uint64_t active; /* threads with an event in view */
};

/* ---- layout ------------------------------------------------------------ */

static size_t length(const struct lanes *l)
{
	return l->app->timeline.schedule.len;
}

static void choose_columns(struct lanes *l)
{
	int room = l->r.w - NAME_W - 1;
	size_t at = app_cursor(l->app), n = length(l);

	l->width = zoom_width[l->app->zoom];
	l->columns = room / l->width > 0 ? room / l->width : 1;
	l->per_cell = 1;
	l->first = 1;
	if (n <= (size_t)l->columns)
		return;
	if (l->app->zoom == 0) {
		l->per_cell = (n + (size_t)l->columns - 1) / (size_t)l->columns;
		return;
	}
	l->first = 1 + scroll_first(at ? at - 1 : 0, n, (size_t)l->columns);
}

static size_t last_step(const struct lanes *l)
{
	size_t last = l->first + l->per_cell * (size_t)l->columns - 1;

	return last < length(l) ? last : length(l);
}

int lanes_zoom(const struct app *app, int w)
{
	int zoom = sizeof zoom_width / sizeof *zoom_width - 1;
	long n = (long)app->timeline.schedule.len;
	long reach = (long)run_reach(app);

	if (reach * zoom_width[READABLE] <= w - NAME_W - 1)
		n = reach;
	while (zoom > 0 && n * zoom_width[zoom] > w - NAME_W - 1)
		zoom--;
	return zoom;
}

static void choose_rows(struct lanes *l, int room)
{
	int n = (int)l->app->program->threads.count;
	bool fold = n > room;

	for (size_t s = l->first; s <= last_step(l); s++)
		l->active |= UINT64_C(1)
			     << l->app->timeline.schedule.data[s - 1].thread;
	for (int t = 0; t < n; t++) {
		bool keep =
			!fold || (l->active >> t & 1) || t == l->app->selected;

		if (keep && l->row_count < room - fold)
			l->rows[l->row_count++] = (thread_id)t;
		else
			l->folded++;
	}
}

static int step_x(const struct lanes *l, size_t step)
{
	return NAME_W + 1 + (int)((step - l->first) / l->per_cell) * l->width;
}

/* ---- head and names ---------------------------------------------------- */

static void draw_scale(const struct lanes *l)
{
	size_t every = l->width >= 4 ? 1 : l->width == 2 ? 5 : 5 * l->per_cell;

	grid_text(l->g, l->r, 0, 0, STYLE(DIM), "step");
	for (size_t s = l->first; s <= last_step(l); s++)
		if (s % every == 0 || every == 1)
			grid_printf(l->g, l->r, step_x(l, s), 0,
				    s == app_cursor(l->app) ? STYLE(STRONG)
							    : STYLE(DIM),
				    "%zu", s);
}

static void draw_name(const struct lanes *l, thread_id t, int y)
{
	const struct app *app = l->app;
	const struct event *e = app_event(app);
	struct str name = {0};

	str_addf(&name, "%u %s", t + 1u, program_thread_name(app->program, t));
	if (e && e->thread == t)
		grid_text(l->g, l->r, 0, y, style_thread(t), "▶");
	grid_field(l->g, l->r, 1, y, NAME_W - 1, ALIGN_LEFT,
		   style_with(t == app->selected ? style_filled(t)
						 : style_thread(t),
			      STYLE_BOLD),
		   str_cstr(&name));
	str_free(&name);
}

/* ---- cells ------------------------------------------------------------- */

static void fill(const struct lanes *l, int x, int y, int n, struct style s,
		 const char *glyph)
{
	for (int i = 0; i < n; i++)
		grid_text(l->g, l->r, x + i, y, s, glyph);
}

static void draw_state(const struct lanes *l, const struct world *w,
		       thread_id t, int x, int y, int n)
{
	bool crowd = l->app->program->threads.count >= CROWD;

	switch (world_status(w, l->app->program, t)) {
	case THREAD_READY:
		fill(l, x, y, n, STYLE(DIM), "─");
		break;
	case THREAD_BLOCKED:
		fill(l, x, y, n, crowd ? STYLE(DIM) : STYLE(BLOCKED),
		     crowd ? "·" : "░");
		break;
	case THREAD_ASLEEP:
		fill(l, x, y, n, STYLE(ASLEEP), "┈");
		break;
	default:
		break;
	}
}

static bool in_finding(const struct app *app, const struct event *e)
{
	const struct finding *f = app_finding(app);
	size_t at = (size_t)(e - app->timeline.events.data);

	return f && finding_is_pair(f) &&
	       (f->events[0] == at || f->events[1] == at);
}

static struct style event_style(const struct lanes *l, const struct event *e)
{
	if (in_finding(l->app, e) || e->flags & EVENT_CRASH)
		return STYLE(FINDING);
	return style_with(style_thread(e->thread), STYLE_BOLD);
}

static void draw_event(const struct lanes *l, const struct event *e, int y)
{
	int x = step_x(l, e->step);
	struct str s = {0};

	if (l->width == 1) {
		event_format(l->app->program, e, LABEL_CHAR, &s);
	} else if (l->width <= 8) {
		event_format(l->app->program, e, LABEL_TINY, &s);
		if ((int)s.len > l->width) {
			str_clear(&s);
			event_format(l->app->program, e, LABEL_CHAR, &s);
		}
	} else {
		label_fit(l->app, e, l->width - 1, &s);
	}
	grid_text(l->g, l->r, x, y, event_style(l, e), str_cstr(&s));
	str_free(&s);
}

/* How much an event deserves the only cell it shares with others. */
static int gravity(const struct lanes *l, const struct event *e)
{
	unsigned flags;

	if (in_finding(l->app, e) || e->flags & EVENT_CRASH)
		return 4;
	if (e->kind >= OP_COUNT)
		return 1;
	flags = op_info[e->kind].flags;
	return flags & OP_W ? 3 : flags & (OP_A | OP_L) ? 2 : 1;
}

static void draw_lane(const struct lanes *l, thread_id t, int y,
		      const struct world *start)
{
	const struct program *p = l->app->program;
	struct world *w = world_clone(start, p);
	int shown = -1, best = 0;

	draw_name(l, t, y);
	for (size_t s = l->first; s <= last_step(l); s++) {
		const struct event *e;
		int x = step_x(l, s);

		world_step(w, p, l->app->timeline.schedule.data[s - 1],
			   (uint32_t)s, NULL);
		timeline_events(&l->app->timeline, s, &e);
		if (x != shown) {
			best = 0;
			draw_state(l, w, t, x, y, l->width);
		}
		shown = x;
		if (e->thread == t && gravity(l, e) > best) {
			best = gravity(l, e);
			draw_event(l, e, y);
		}
	}
	free(w);
}

/* ---- values and locks -------------------------------------------------- */

static void draw_value_row(const struct lanes *l, object_id id, int32_t index,
			   int y, const struct world *start)
{
	const struct program *p = l->app->program;
	struct world *w = world_clone(start, p);
	int32_t before = world_value(w, p, id, index);
	int end = step_x(l, last_step(l)) + l->width, until = 0;
	struct str s = {0};

	object_format(p, id, index, &s);
	grid_field(l->g, l->r, 1, y, NAME_W - 1, ALIGN_LEFT, STYLE(STRONG),
		   str_cstr(&s));
	fill(l, NAME_W + 1, y, end - NAME_W - 1, STYLE(DIM), "·");
	for (size_t step = l->first; step <= last_step(l); step++) {
		int x = step_x(l, step);
		int32_t now;

		world_step(w, p, l->app->timeline.schedule.data[step - 1],
			   (uint32_t)step, NULL);
		now = world_value(w, p, id, index);
		if (x < until || (step > l->first && now == before))
			continue;
		until = x + grid_printf(l->g, l->r, x, y,
					step > l->first ? STYLE(CHANGED)
							: STYLE(TEXT),
					"%d", now);
		before = now;
	}
	str_free(&s);
	free(w);
}

static void draw_lock_row(const struct lanes *l, object_id id, int32_t index,
			  int y, const struct world *start)
{
	const struct program *p = l->app->program;
	struct world *w = world_clone(start, p);
	thread_id before = THREAD_NONE;
	struct str s = {0};

	object_format(p, id, index, &s);
	grid_field(l->g, l->r, 1, y, NAME_W - 1, ALIGN_LEFT, STYLE(TEXT),
		   str_cstr(&s));
	for (size_t step = l->first; step <= last_step(l); step++) {
		int x = step_x(l, step);
		thread_id owner;

		world_step(w, p, l->app->timeline.schedule.data[step - 1],
			   (uint32_t)step, NULL);
		owner = world_owner(w, p, id, index);
		if (owner == THREAD_NONE)
			fill(l, x, y, l->width, STYLE(DIM), "·");
		else
			fill(l, x, y, l->width, style_thread(owner), "━");
		if (owner != THREAD_NONE && owner != before)
			grid_printf(l->g, l->r, x, y,
				    style_with(style_thread(owner), STYLE_BOLD),
				    "%u", owner + 1u);
		before = owner;
	}
	str_free(&s);
	free(w);
}

static int draw_objects(const struct lanes *l, int y, const struct world *start)
{
	const struct program *p = l->app->program;

	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		for (int32_t k = 0; k < o->count && k < 8 && y < l->r.h; k++) {
			if (o->kind == OBJECT_VAR || o->kind == OBJECT_SEM ||
			    o->kind == OBJECT_COUNTDOWN)
				draw_value_row(l, (object_id)i, k, y++, start);
			else if (o->kind == OBJECT_MUTEX)
				draw_lock_row(l, (object_id)i, k, y++, start);
		}
	}
	return y;
}

/* A ───── B under the lanes, with the reason where there is room. */
static void draw_pair(const struct lanes *l, int y)
{
	const struct finding *f = app_finding(l->app);
	const struct event_list *list = &l->app->timeline.events;
	uint32_t a, b;
	int from, to;

	if (!f || !finding_is_pair(f))
		return;
	a = list->data[f->events[0]].step;
	b = list->data[f->events[1]].step;
	if (a < l->first || b > last_step(l))
		return;
	from = step_x(l, a);
	to = step_x(l, b);
	grid_hline(l->g, l->r, from + 2, y, to - from - 3, STYLE(BAD));
	grid_text(l->g, l->r, from, y, style_with(STYLE(BAD), STYLE_BOLD), "A");
	grid_text(l->g, l->r, to, y, style_with(STYLE(BAD), STYLE_BOLD), "B");
	if (f->kind == FINDING_DATA_RACE || f->kind == FINDING_LOST_UPDATE)
		if (l->r.w - to > 24)
			grid_text(l->g, l->r, to + 2, y, STYLE(BAD),
				  "no lock orders A and B");
}

static void draw_cursor(const struct lanes *l)
{
	size_t at = app_cursor(l->app);
	struct rect column = l->r;

	if (at < l->first || at > last_step(l) || at == 0) {
		grid_cursor(l->g, l->r, NAME_W + 1, 1, false);
		return;
	}
	column.x += step_x(l, at);
	column.w = l->width > 1 ? l->width - 1 : 1;
	column.h = 1 + l->row_count;
	grid_mark(l->g, rect_clip(column, l->r), STYLE_CURSOR);
	grid_cursor(l->g, l->r, step_x(l, at), 1, false);
	column.x += l->width;
	column.w = l->r.x + l->r.w - column.x;
	if (column.w > 0)
		grid_mark(l->g, rect_clip(column, l->r), STYLE_FUTURE);
}

void view_lanes(const struct app *app, struct grid *g, struct rect r)
{
	struct lanes l = {.app = app, .g = g, .r = r};
	struct world *start = world_new(app->program);
	int y = 1, room = r.h - 2;

	choose_columns(&l);
	choose_rows(&l, room > 1 ? room : 1);
	timeline_copy(&app->timeline, l.first - 1, start);
	draw_scale(&l);
	for (int i = 0; i < l.row_count; i++)
		draw_lane(&l, l.rows[i], y++, start);
	if (l.folded)
		grid_printf(g, r, 1, y++, STYLE(DIM),
			    "and %d more threads without an event in view",
			    l.folded);
	draw_pair(&l, y);
	if (length(&l))
		draw_objects(&l, y + 1, start);
	draw_cursor(&l);
	free(start);
}

void lanes_click(struct app *app, struct rect r, int x, int y)
{
	struct lanes l = {.app = app, .r = r};

	choose_columns(&l);
	choose_rows(&l, r.h > 3 ? r.h - 2 : 1);
	if (x > NAME_W)
		run_goto(app, l.first + (size_t)((x - NAME_W - 1) / l.width) *
						l.per_cell);
	if (y >= 1 && y <= l.row_count)
		app->selected = l.rows[y - 1];
}
