/*
 * search.c - the search through the events of the run.
 *
 * A live list: what is typed filters, the bar moves the run's own cursor, so
 * that the moment is seen behind it. Enter stays there, Esc goes back to where
 * the search began; an empty field and Enter goes to the next match of the last
 * one.
 */
#include "inside.h"
#include "overlay.h"
#include "threadviz/label.h"
#include "views.h"

enum { MATCHES = 1000, WIDTH = 76, HEIGHT = 16 };

static bool event_matches(const struct app *app, const struct event *e)
{
	struct str s = {0};
	bool match;

	str_addf(&s, "%u %s ", e->step,
		 program_thread_name(app->program, e->thread));
	event_format(app->program, e, LABEL_LONG, &s);
	str_addf(&s, " %s",
		 program_line(app->program,
			      app->program->code.data[e->pc].line));
	match = field_matches(app, str_cstr(&s));
	str_free(&s);
	return match;
}

/* Indices of the matching steps into out, at most `max`; returns how many. */
static size_t matches(const struct app *app, size_t *out, size_t max)
{
	size_t n = 0;

	for (size_t i = 0; i < app->timeline.events.len && n < max; i++) {
		const struct event *e = &app->timeline.events.data[i];

		if (e->kind != EVENT_VERDICT && e->step &&
		    event_matches(app, e))
			out[n++] = i;
	}
	return n;
}

/* ---- drawing ------------------------------------------------------------ */

static void draw_match(const struct app *app, struct grid *g, struct rect row,
		       const struct event *e, bool here)
{
	struct style bar = STYLE(SELECTED);
	struct str s = {0};
	int x = 1;

	event_format(app->program, e, LABEL_LONG, &s);
	if (here) {
		grid_fill(g, row, bar, ' ');
		grid_cursor(g, row, 1, 0, false);
	}
	x += grid_printf(g, row, x, 0, here ? bar : STYLE(DIM), "%4u  ",
			 e->step);
	grid_field(g, row, x, 0, 9, ALIGN_LEFT,
		   here ? bar : style_thread(e->thread),
		   program_thread_name(app->program, e->thread));
	x += 10;
	x += grid_text(g, row, x, 0, here ? bar : STYLE(TEXT), str_cstr(&s));
	grid_field(g, row, x + 3, 0, row.w - x - 4, ALIGN_LEFT,
		   here ? bar : STYLE(DIM),
		   program_line(app->program,
				app->program->code.data[e->pc].line));
	field_mark(app, g, row);
	str_free(&s);
}

static void say_none(const struct app *app, struct grid *g, struct rect r)
{
	if (!app->timeline.schedule.len)
		grid_text(g, r, 1, 0, STYLE(DIM),
			  "No step was taken yet: Esc, then s takes one.");
	else
		grid_printf(g, r, 1, 0, STYLE(WARN),
			    "no step matches \"%s\"; Ctrl-U clears this",
			    app->field.text);
}

void search_draw(const struct app *app, struct grid *g)
{
	struct rect r = overlay_frame(g, WIDTH, HEIGHT, "Search the steps");
	struct rect frame = r, line = rect_cut_top(&r, 1);
	size_t found[MATCHES], n = matches(app, found, MATCHES);
	size_t top = scroll_first(app->picked, n, r.h > 0 ? (size_t)r.h : 1);

	for (int y = 0; y < r.h && top + (size_t)y < n; y++) {
		size_t i = top + (size_t)y;

		draw_match(app, g, rect_row(r, y),
			   &app->timeline.events.data[found[i]],
			   i == app->picked);
		list_spot(app, rect_row(r, y), i);
	}
	if (!n)
		say_none(app, g, r);
	if (!app->field.len && app->searched.len)
		grid_printf(g, line, 4, 0, STYLE(DIM),
			    "Enter: the next \"%s\" again", app->searched.text);
	list_position(app, g, frame, n);
	field_draw(app, g, line, '/');
}

/* ---- keys --------------------------------------------------------------- */

/* The next step that matches what was searched for last, round the end. */
static void repeat_search(struct app *app)
{
	const struct event *list = app->timeline.events.data;
	size_t found[MATCHES], n, at = 0;

	if (!app->searched.len)
		return;
	app->field = app->searched;
	n = matches(app, found, MATCHES);
	while (at < n && list[found[at]].step <= app_cursor(app))
		at++;
	app->field = (struct text_field){0};
	if (!n) {
		notice(app, false, "no step matches \"%s\"",
		       app->searched.text);
		return;
	}
	run_goto(app, list[found[at < n ? at : 0]].step);
	notice(app, false, "\"%s\": %zu of %zu", app->searched.text,
	       at < n ? at + 1 : 1, n);
}

/* The run follows the bar. */
static void follow(struct app *app)
{
	size_t found[MATCHES], n = matches(app, found, MATCHES);

	if (app->picked < n)
		run_goto(app,
			 app->timeline.events.data[found[app->picked]].step);
}

static void leave(struct app *app, bool stay)
{
	size_t from = app->search_from;

	if (stay && app->field.len)
		app->searched = app->field;
	overlay_close(app);
	if (!stay)
		run_goto(app, from);
}

bool search_key(struct app *app, key_code key)
{
	size_t found[MATCHES], n = matches(app, found, MATCHES);

	if (list_key(app, key, n) || field_key(app, key)) {
		follow(app);
		return true;
	}
	if (key == INPUT_ENTER) {
		bool again = !app->field.len;

		leave(app, true);
		if (again)
			repeat_search(app);
		return true;
	}
	if (key != INPUT_BACKSPACE && key != INPUT_ESCAPE)
		return false;
	leave(app, false);
	return true;
}
