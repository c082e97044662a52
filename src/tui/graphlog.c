/*
 * graphlog.c - the timeline for many threads: time goes down, a thread takes
 * two or three cells, the statement stands once at the right, values behind it.
 * A thick line is a thread that holds a lock; in a crowd blocked is a dim dot,
 * or the screen were one red wall. Where there is no room for all threads,
 * those with a step in view have columns.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "threadviz/utf8.h"
#include "views.h"

enum {
	NUMBER = 3,
	GUTTER = 3, /* "▶! " behind the step's number */
	CROWD = 9,
	NAME = 10, /* most cells of a thread's name and the blank behind it */
	TEXT = 13,
	WORDS = 20, /* name and text: with less the columns are fewer */
	VALUES = 4,
};

struct graph {
	const struct app *app;
	struct grid *g;
	struct rect r;
	int number; /* cells of a step's number */
	int cell;   /* of a thread */
	int name;   /* of its name, 0: no room for names */
	size_t top;
	thread_id shown[LIMIT_THREADS]; /* from the left */
	int count;                      /* of them */
	object_id values[VALUES]; /* variables shown at the right */
	int value_count, values_x;
};

/* As wide as the longest, within bounds. */
static int name_width(const struct program *p)
{
	int most = 0;

	for (thread_id t = 0; t < p->threads.count; t++) {
		int w = utf8_width(program_thread_name(p, t)) + 1;

		most = w > most ? w : most;
	}
	return most < NAME ? most : NAME;
}

static int column_x(const struct graph *l, int i)
{
	return l->number + GUTTER + i * l->cell;
}

/* As many variables as leave the words some room; sooner than none the names
 * go: the columns have numbers. */
static void choose_values(struct graph *l)
{
	const struct program *p = l->app->program;
	int least = column_x(l, l->count) + 1 + l->name + TEXT;

	l->values_x = l->r.w;
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];
		int w = utf8_width(o->name) < 3 ? 5 : utf8_width(o->name) + 2;

		if (o->kind != OBJECT_VAR || o->count > 1 ||
		    l->value_count == VALUES)
			continue;
		if (!l->value_count && l->values_x - w < least) {
			least -= l->name;
			l->name = 0;
		}
		if (l->values_x - w < least)
			continue;
		l->values[l->value_count++] = (object_id)i;
		l->values_x -= w;
	}
}

/* Threads with a step in view, and the selected one. */
static uint64_t active(const struct graph *l, size_t rows)
{
	const struct schedule *s = &l->app->timeline.schedule;
	uint64_t set = UINT64_C(1) << l->app->selected;

	for (size_t i = l->top; i < l->top + rows && i <= s->len; i++)
		set |= UINT64_C(1) << s->data[i - 1].thread;
	return set;
}

/* All of them, or as many as leave room for words. */
static void choose_threads(struct graph *l, size_t rows)
{
	int n = (int)l->app->program->threads.count, most;
	int words = l->r.w / 2 < WORDS ? l->r.w / 2 : WORDS;
	int room = l->r.w - column_x(l, 0) - words;
	uint64_t set = active(l, rows);

	l->cell = n * 3 <= room ? 3 : n <= 16 ? 2 : 1;
	most = room / l->cell;
	if (most < n) {
		l->cell = 3;
		most = room / l->cell;
	}
	most = most < 1 ? 1 : most;
	for (int t = 0; t < n && __builtin_popcountll(set) < most; t++)
		set |= UINT64_C(1) << t;
	for (int t = 0; t < n && l->count < most; t++)
		if (most >= n || set >> t & 1)
			l->shown[l->count++] = (thread_id)t;
}

/* The column of thread t; -1: it has none. */
static int find_column(const struct graph *l, thread_id t)
{
	for (int i = 0; i < l->count; i++)
		if (l->shown[i] == t)
			return i;
	return -1;
}

static void lay_out(struct graph *l)
{
	size_t n = l->app->timeline.schedule.len, at = app_cursor(l->app);
	size_t rows = l->r.h > 1 ? (size_t)l->r.h - 1 : 1;

	for (l->number = NUMBER; n >= 1000; n /= 10)
		l->number++;
	l->name = name_width(l->app->program);
	n = l->app->timeline.schedule.len;
	l->top = 1 + scroll_first(at ? at - 1 : 0, n, rows);
	choose_threads(l, rows);
	choose_values(l);
}

static bool holds_something(const struct graph *l, const struct world *w,
			    thread_id t)
{
	const struct program *p = l->app->program;

	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++)
			if (p->objects.data[i].kind == OBJECT_MUTEX &&
			    world_owner(w, p, (object_id)i, k) == t)
				return true;
	return false;
}

static void draw_thread(const struct graph *l, const struct world *w,
			int i, int y)
{
	thread_id t = l->shown[i];
	const char *glyph = "";
	struct style s = STYLE(DIM);

	switch (world_status(w, l->app->program, t)) {
	case THREAD_READY:
		glyph = "│";
		if (holds_something(l, w, t)) {
			glyph = "┃";
			s = style_thread(t);
		}
		break;
	case THREAD_BLOCKED:
		if (l->app->program->threads.count >= CROWD) {
			glyph = "·";
			break;
		}
		glyph = "░";
		s = STYLE(BLOCKED);
		break;
	case THREAD_ASLEEP:
		glyph = "┊";
		s = STYLE(ASLEEP);
		break;
	default:
		break;
	}
	grid_text(l->g, l->r, column_x(l, i), y, s, glyph);
}

static void draw_values(const struct graph *l, const struct world *w,
			size_t step, int y)
{
	const struct program *p = l->app->program;
	int x = l->values_x;

	for (int i = 0; i < l->value_count; i++) {
		object_id id = l->values[i];
		int width = utf8_width(p->objects.data[id].name);
		bool hidden = l->app->predict == PREDICT_ASKED &&
			      step >= app_cursor(l->app);
		struct str s = {0};

		width = width < 3 ? 5 : width + 2;
		if (!step)
			str_add(&s, p->objects.data[id].name);
		else if (hidden)
			str_addc(&s, '?');
		else
			str_addf(&s, "%d", world_value(w, p, id, 0));
		x += width;
		grid_text(l->g, l->r, x - 1 - utf8_width(str_cstr(&s)), y,
			  !step                              ? STYLE(STRONG)
			  : step_writes(l->app, step, id, 0) ? STYLE(CHANGED)
							     : STYLE(DIM),
			  str_cstr(&s));
		str_free(&s);
	}
}

static void draw_number(const struct graph *l, size_t step, int y)
{
	grid_printf(l->g, l->r, 0, y, STYLE(DIM), "%*zu", l->number, step);
	if (step == app_cursor(l->app))
		grid_text(l->g, l->r, l->number, y, STYLE(STRONG), "▶");
	if (step == l->app->no_return && l->app->predict != PREDICT_ASKED)
		grid_text(l->g, l->r, l->number + 1, y, STYLE(FINDING), "!");
}

/* A or B if the event is one of the pair that is explained, o if it is the read
 * that was stale, else 0. */
static char pair_letter(const struct app *app, const struct event *e)
{
	const struct finding *f = app_finding(app);
	size_t at = (size_t)(e - app->timeline.events.data);

	if (!f || !finding_is_pair(f))
		return 0;
	for (int i = 0; i < 3; i++)
		if (f->events[i] == at)
			return "ABo"[i];
	return 0;
}

/* Who took the step, and what it was. */
static void draw_words(const struct graph *l, const struct event *e, int y)
{
	const struct program *p = l->app->program;
	char mark = pair_letter(l->app, e), letter = mark == 'o' ? 0 : mark;
	int x = column_x(l, l->count) + 1, i = find_column(l, e->thread);
	struct str s = {0};

	if (i >= 0)
		grid_printf(l->g, l->r, column_x(l, i), y,
			    letter ? STYLE(FINDING)
				   : style_with(style_thread(e->thread),
						STYLE_BOLD),
			    "%u", (e->thread + 1u) % (l->cell > 1 ? 100 : 10));
	if (letter)
		grid_put(l->g, l->r, l->number + 1, y, STYLE(FINDING),
			 (uint32_t)letter);
	if (l->name)
		grid_field(l->g, l->r, x, y, l->name - 1, ALIGN_LEFT,
			   style_thread(e->thread),
			   program_thread_name(p, e->thread));
	x += l->name;
	label_fit(l->app, e, l->values_x - x, &s);
	grid_text(l->g, l->r, x, y,
		  letter || e->flags & EVENT_CRASH ? STYLE(FINDING)
		  : mark    ? style_with(STYLE(BAD), STYLE_BOLD)
		  : l->name ? STYLE(TEXT)
			    : style_thread(e->thread),
		  str_cstr(&s));
	if (e->step == app_cursor(l->app))
		grid_cursor(l->g, l->r, x, y, false);
	str_free(&s);
}

static void draw_row(const struct graph *l, const struct world *w, size_t step,
		     int y)
{
	const struct event *e;

	timeline_events(&l->app->timeline, step, &e);
	draw_number(l, step, y);
	for (int i = 0; i < l->count; i++)
		if (l->shown[i] != e->thread)
			draw_thread(l, w, i, y);
	draw_words(l, e, y);
	draw_values(l, w, step, y);
	if (step == app_cursor(l->app))
		grid_mark(l->g, rect_row(l->r, y), STYLE_CURSOR);
	else if (step > app_cursor(l->app))
		grid_mark(l->g, rect_row(l->r, y), STYLE_FUTURE);
}

void view_graphlog(const struct app *app, struct grid *g, struct rect r)
{
	struct graph l = {.app = app, .g = g, .r = r};
	struct world *w = world_new(app->program);

	lay_out(&l);
	grid_text(g, r, 0, 0, STYLE(DIM), "step");
	for (int i = 0; i < l.count; i++) {
		thread_id t = l.shown[i];

		grid_printf(g, r, column_x(&l, i), 0,
			    style_with(t == app->selected ? style_filled(t)
							  : style_thread(t),
				       STYLE_BOLD),
			    "%u", (t + 1u) % (l.cell > 1 ? 100 : 10));
	}
	if (l.count < (int)app->program->threads.count)
		grid_printf(g, r, column_x(&l, l.count) + 1, 0, STYLE(DIM),
			    "of %zu threads", app->program->threads.count);
	draw_values(&l, w, 0, 0);
	timeline_copy(&app->timeline, l.top - 1, w);
	for (int y = 1; y < r.h; y++) {
		size_t step = l.top + (size_t)y - 1;

		if (step > app->timeline.schedule.len ||
		    predict_hides(app, step))
			break;
		world_step(w, app->program,
			   app->timeline.schedule.data[step - 1],
			   (uint32_t)step, NULL);
		draw_row(&l, w, step, y);
	}
	free(w);
}

void graphlog_click(struct app *app, struct rect r, int x, int y)
{
	struct graph l = {.app = app, .r = r};
	int t;

	lay_out(&l);
	t = (x - column_x(&l, 0)) / l.cell;
	if (y > 0)
		run_goto(app, l.top + (size_t)(y - 1));
	if (x >= column_x(&l, 0) && t < l.count)
		app->selected = l.shown[t];
}
