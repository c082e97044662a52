/*
 * log.c - the event log and the diagnosis panel.
 *
 * The log follows the cursor and shows a few steps beyond it, dimmed. The
 * diagnosis lists what has come to light so far, the latest first.
 */
#include <stdlib.h>

#include "threadviz/arena.h"
#include "threadviz/label.h"
#include "views.h"

enum { NUMBER = 4, WHAT = 15, TEXT = 42, WIDE = 60, PLACE = 100 };

/* "race.tv:5", in narrow panels ":5": whose text it is says the source. */
static void say_place(const struct app *app, const struct event *e, int w,
		      struct str *out)
{
	if (w > PLACE)
		event_place(app->program, e, out);
	else
		str_addf(out, ":%u", app->program->code.data[e->pc].line);
}

/* As wide as the greatest step's number. */
static int number_width(const struct app *app)
{
	int w = NUMBER;

	for (size_t n = app->timeline.schedule.len; n > 9999; n /= 10)
		w++;
	return w;
}

static void draw_event(const struct app *app, struct grid *g, struct rect row,
		       const struct event *e)
{
	struct str what = {0}, place = {0};
	int end, number = number_width(app);

	event_format(app->program, e, LABEL_LONG, &what);
	say_place(app, e, row.w, &place);
	end = row.w - (int)place.len - 1;
	grid_printf(g, row, 0, 0, STYLE(DIM), "%*u", number, e->step);
	grid_field(g, row, number + 2, 0, WHAT - number - 3, ALIGN_LEFT,
		   style_thread(e->thread),
		   program_thread_name(app->program, e->thread));
	grid_field(g, row, WHAT, 0, (row.w > WIDE ? TEXT : end) - WHAT - 1,
		   ALIGN_LEFT,
		   e->flags & EVENT_WANTS ? STYLE(BAD) : STYLE(TEXT),
		   str_cstr(&what));
	if (row.w > WIDE)
		grid_field(g, row, TEXT, 0, end - TEXT - 1, ALIGN_LEFT,
			   STYLE(DIM),
			   program_line(app->program,
					app->program->code.data[e->pc].line));
	grid_text(g, row, end, 0, STYLE(DIM), str_cstr(&place));
	if (e == app_event(app)) {
		grid_mark(g, row, STYLE_CURSOR);
		grid_cursor(g, row, 0, 0, false);
	} else if (e->step > app_cursor(app)) {
		grid_mark(g, row, STYLE_FUTURE);
	}
	str_free(&what);
	str_free(&place);
}

static bool is_shown(const struct event *e)
{
	return e->kind < OP_COUNT || e->kind == EVENT_DRAIN ||
	       e->kind == EVENT_WOKEN;
}

/* How many of the first `end` events are shown. */
static size_t count_shown(const struct app *app, size_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < end; i++)
		n += is_shown(&app->timeline.events.data[i]);
	return n;
}

void view_log(const struct app *app, struct grid *g, struct rect r)
{
	const struct event_list *list = &app->timeline.events;
	const struct event *here = app_event(app);
	size_t at = here ? (size_t)(here - list->data) : 0, n = 0, first;
	int y = 0;

	first = scroll_first(count_shown(app, at), count_shown(app, list->len),
			     (size_t)r.h);
	for (size_t i = 0; i < list->len && y < r.h; i++)
		if (is_shown(&list->data[i]) && n++ >= first &&
		    !predict_hides(app, list->data[i].step))
			draw_event(app, g, rect_row(r, y++), &list->data[i]);
}

/* Wrapped by the panel's width alone: breaks in the text are for terminals. */
static int draw_text(struct grid *g, struct rect r, int y, struct style style,
		     const char *text)
{
	char *line = xstrdup(text);
	int rows;

	for (char *c = line; *c; c++)
		if (*c == '\n')
			*c = ' ';
	rows = grid_wrap(g, r, y, style, line);
	free(line);
	return rows;
}

/* A wants blue └▶ B wants red └▶ A: a row for each, further and further in. */
static int draw_ring(const struct app *app, struct grid *g, struct rect r,
		     int y)
{
	thread_id ring[LIMIT_THREADS];
	size_t n = waits_find_ring(app, ring);

	for (size_t i = 0; n && i <= n; i++) {
		thread_id t = ring[i % n];
		int x = i ? 2 * (int)i - 1 : 0;
		struct str s = {0};

		say_wanted(app, t, &s);
		if (i)
			x += grid_text(g, r, x, y, STYLE(BAD), "└▶ ");
		x += grid_text(g, r, x, y,
			       style_with(style_thread(t), STYLE_BOLD),
			       program_thread_name(app->program, t));
		if (i < n)
			grid_printf(g, r, x, y, STYLE(BAD), " wants %s",
				    str_cstr(&s));
		str_free(&s);
		y++;
	}
	return y;
}

static int draw_finding(const struct app *app, struct grid *g, struct rect r,
			int y, const struct finding *f)
{
	struct rect body = r, fix;
	struct str title = {0};

	str_addf(&title, "%s", finding_info[f->kind].title);
	if (f->object != OBJECT_NONE) {
		str_add(&title, " on ");
		object_format(app->program, f->object, f->index, &title);
	}
	grid_printf(g, r, 1, y++,
		    finding_info[f->kind].severity == SEVERITY_NOTE
			    ? STYLE(STRONG)
			    : STYLE(FINDING),
		    " %s ", str_cstr(&title));
	str_free(&title);
	body.x++;
	body.w -= 2;
	fix = body;
	if (f->what)
		y += draw_text(g, body, y, STYLE(TEXT), f->what);
	if (f->why)
		y += draw_text(g, body, y, STYLE(DIM), f->why);
	if (f->fix) {
		rect_cut_left(&fix,
			      grid_text(g, fix, 0, y, STYLE(STRONG), "Fix "));
		y += draw_text(g, fix, y, STYLE(GOOD), f->fix);
	}
	if (f->kind == FINDING_DEADLOCK && f->step == app_cursor(app))
		y = draw_ring(app, g, body, y);
	return y + 1;
}

/* All findings so far, the latest first, from row y on; the row behind them. */
static int draw_findings(const struct app *app, struct grid *g, struct rect r,
			 int y)
{
	for (size_t i = app->findings.len; i-- > 0;)
		if (app->findings.data[i].step <= app_cursor(app))
			y = draw_finding(app, g, r, y, &app->findings.data[i]);
	return y;
}

void view_diagnosis(const struct app *app, struct grid *g, struct rect r)
{
	enum { ENDLESS = 10000 };
	struct rect unseen = {0, g->h, r.w, ENDLESS};
	int rows = draw_findings(app, g, unseen, 0) - 1; /* the last is blank */

	scroll_limit(app, PANEL_DIAGNOSIS, 0, rows - r.h);
	draw_findings(app, g, r, -app->scroll[PANEL_DIAGNOSIS]);
	if (rows < 0)
		grid_text(g, r, 1, 0, STYLE(DIM), "nothing wrong so far");
	grid_cursor(g, r, 1, 0, false);
}
