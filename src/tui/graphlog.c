/*
 * graphlog.c - the timeline for many threads: time goes down, a thread takes
 * two or three cells, the statement stands once at the right, values behind it.
 * A thick line is a thread that holds a lock; in a crowd blocked is a dim dot,
 * or the screen were one red wall.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "views.h"

enum { NUMBER = 3, GUTTER = 2, CROWD = 9, NAME = 7, TEXT = 13, VALUES = 4 };

struct graph {
	const struct app *app;
	struct grid *g;
	struct rect r;
	int number; /* cells of a step's number */
	int cell;   /* of a thread */
	int name;   /* of its name */
	size_t top;
	object_id values[VALUES]; /* variables shown at the right */
	int value_count, values_x;
};

/* As many variables as leave the words some room. */
static void choose_values(struct graph *l)
{
	const struct program *p = l->app->program;
	int least = l->number + GUTTER + (int)p->threads.count * l->cell + 1 +
		    l->name + TEXT;

	l->values_x = l->r.w;
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];
		int w = utf8_width(o->name) < 3 ? 5 : utf8_width(o->name) + 2;

		if (o->kind != OBJECT_VAR || o->count > 1 ||
		    l->value_count == VALUES || l->values_x - w < least)
			continue;
		l->values[l->value_count++] = (object_id)i;
		l->values_x -= w;
	}
}

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

static void lay_out(struct graph *l)
{
	size_t n = l->app->timeline.schedule.len, at = app_cursor(l->app);
	size_t rows = l->r.h > 1 ? (size_t)l->r.h - 1 : 1;
	int threads = (int)l->app->program->threads.count;

	l->cell = threads <= 10 ? 3 : threads <= 16 ? 2 : 1;
	for (l->number = NUMBER; n >= 1000; n /= 10)
		l->number++;
	l->name = name_width(l->app->program);
	choose_values(l);
	n = l->app->timeline.schedule.len;
	l->top = 1 + scroll_first(at ? at - 1 : 0, n, rows);
}

static int column_x(const struct graph *l, size_t t)
{
	return l->number + GUTTER + (int)t * l->cell;
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
			thread_id t, int y)
{
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
	grid_text(l->g, l->r, column_x(l, t), y, s, glyph);
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

/* A or B if the event is one of the pair that is explained, else 0. */
static char pair_letter(const struct app *app, const struct event *e)
{
	const struct finding *f = app_finding(app);
	size_t at = (size_t)(e - app->timeline.events.data);

	if (!f || !finding_is_pair(f))
		return 0;
	return f->events[0] == at ? 'A' : f->events[1] == at ? 'B' : 0;
}

/* Who took the step, and what it was. */
static void draw_words(const struct graph *l, const struct event *e, int y)
{
	const struct program *p = l->app->program;
	char letter = pair_letter(l->app, e);
	int x = column_x(l, p->threads.count) + 1;
	struct str s = {0};

	grid_printf(l->g, l->r, column_x(l, e->thread), y,
		    letter ? STYLE(FINDING)
			   : style_with(style_thread(e->thread), STYLE_BOLD),
		    "%u", (e->thread + 1u) % (l->cell > 1 ? 100 : 10));
	if (letter)
		grid_put(l->g, l->r, l->number + 1, y, STYLE(FINDING),
			 (uint32_t)letter);
	x += grid_field(l->g, l->r, x, y, l->name, ALIGN_LEFT,
			style_thread(e->thread),
			program_thread_name(p, e->thread));
	label_fit(l->app, e, l->values_x - x, &s);
	grid_text(l->g, l->r, x, y,
		  letter || e->flags & EVENT_CRASH ? STYLE(FINDING)
						   : STYLE(TEXT),
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
	for (size_t t = 0; t < l->app->program->threads.count; t++)
		if (t != e->thread)
			draw_thread(l, w, (thread_id)t, y);
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
	for (size_t t = 0; t < app->program->threads.count; t++)
		grid_printf(g, r, column_x(&l, t), 0,
			    style_with(t == app->selected
					       ? style_filled((unsigned)t)
					       : style_thread((unsigned)t),
				       STYLE_BOLD),
			    "%zu", l.cell > 1 ? t + 1 : (t + 1) % 10);
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
	if (x >= column_x(&l, 0) && t < (int)app->program->threads.count)
		app->selected = (thread_id)t;
}
