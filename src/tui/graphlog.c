/*
 * graphlog.c - the timeline for many threads: time goes down, a thread takes
 * two or three cells, the statement stands once at the right. A thick line is a
 * thread that holds a lock.
 */
#include <stdio.h>
#include <stdlib.h>

#include "threadviz/label.h"
#include "views.h"

enum { GUTTER = 5 };

struct graph {
	const struct app *app;
	struct grid *g;
	struct rect r;
	int cell; /* of a thread */
	size_t top;
};

static void lay_out(struct graph *l)
{
	size_t n = l->app->timeline.schedule.len, at = app_cursor(l->app);
	size_t rows = l->r.h > 1 ? (size_t)l->r.h - 1 : 1;
	int threads = (int)l->app->program->threads.count;

	l->cell = threads <= 10 ? 3 : threads <= 16 ? 2 : 1;
	l->top = 1 + scroll_first(at ? at - 1 : 0, n, rows);
}

static int column_x(const struct graph *l, size_t t)
{
	return GUTTER + (int)t * l->cell;
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

static void draw_row(const struct graph *l, const struct world *w, size_t step,
		     int y)
{
	const struct program *p = l->app->program;
	const struct event *e;
	struct str s = {0};
	int x = column_x(l, p->threads.count) + 1;

	timeline_events(&l->app->timeline, step, &e);
	grid_printf(l->g, l->r, 0, y, STYLE(DIM), "%3zu", step);
	if (step == app_cursor(l->app))
		grid_text(l->g, l->r, 3, y, STYLE(STRONG), "▶");
	for (size_t t = 0; t < p->threads.count; t++)
		if (t != e->thread)
			draw_thread(l, w, (thread_id)t, y);
	grid_printf(l->g, l->r, column_x(l, e->thread), y,
		    style_with(style_thread(e->thread), STYLE_BOLD), "%u",
		    (e->thread + 1u) % (l->cell > 1 ? 100 : 10));
	x += grid_field(l->g, l->r, x, y, 7, ALIGN_LEFT,
			style_thread(e->thread),
			program_thread_name(p, e->thread));
	label_fit(l->app, e, l->r.w - x, &s);
	grid_text(l->g, l->r, x, y,
		  e->flags & EVENT_CRASH ? STYLE(FINDING) : STYLE(TEXT),
		  str_cstr(&s));
	if (step == app_cursor(l->app)) {
		grid_mark(l->g, rect_row(l->r, y), STYLE_CURSOR);
		grid_cursor(l->g, l->r, x, y, false);
	} else if (step > app_cursor(l->app)) {
		grid_mark(l->g, rect_row(l->r, y), STYLE_FUTURE);
	}
	str_free(&s);
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
