/*
 * words.c - the block of plain words that is always on the screen.
 *
 * Row 1: what happened in the step under the cursor, or the finding. Row 2, 3:
 * why, and the fix. The last row is the futures line: what can still come.
 */
#include <stdio.h>

#include "views.h"

enum { FIX = 4 /* cells of "Fix " */ };

static bool is_over(const struct app *app)
{
	return app_cursor(app) == app->timeline.schedule.len &&
	       world_verdict(app_world(app), app->program) != VERDICT_NONE;
}

bool words_title(const struct app *app, struct str *out)
{
	const struct finding *f = app_finding(app);
	enum verdict v = world_verdict(app_world(app), app->program);

	if (app->engine_down) {
		str_add(out, "THE REAL THREADS ARE GONE");
		return true;
	}
	if (app->predict != PREDICT_OFF) {
		str_add(out, "Predict");
		if (app->predict_asked)
			str_addf(out, ": %u of %u right", app->predict_right,
				 app->predict_asked);
		return false;
	}
	if (f) {
		str_add(out, finding_info[f->kind].title);
		if (f->object != OBJECT_NONE) {
			str_add(out, " on ");
			object_format(app->program, f->object, f->index, out);
		}
		return finding_info[f->kind].severity != SEVERITY_NOTE;
	}
	if (is_over(app) && v != VERDICT_OK) {
		str_addf(out, "%s: ", verdict_name[v]);
		world_explain(app_world(app), app->program, out);
		return true;
	}
	if (app->no_return && app->no_return == app_cursor(app)) {
		str_add(out, "POINT OF NO RETURN");
		return true;
	}
	str_add(out,
		app_cursor(app) ? "What happens" : "Before the first step");
	return false;
}

/* The sentences of the scenario about itself. */
static int draw_about(const struct app *app, struct grid *g, struct rect r,
		      int y, struct style style)
{
	const struct program *p = app->program;
	struct str about = {0};

	for (size_t i = 0; i < p->about.count; i++)
		str_addf(&about, "%s%s", i ? " " : "", p->about.data[i]);
	y = grid_wrap(g, r, y, style, str_cstr(&about));
	str_free(&about);
	return y;
}

void view_about(const struct app *app, struct grid *g, struct rect r)
{
	if (app->predict != PREDICT_OFF || r.h <= 0)
		return;
	r.x++;
	r.w = r.w - 2 < FINDING_LINE ? r.w - 2 : FINDING_LINE;
	draw_about(app, g, r, 0, STYLE(TEXT));
}

/* The question for the class, and below it what an empty ladder has room for
 * where there is none. */
static int draw_start(const struct app *app, struct grid *g, struct rect r)
{
	const struct program *p = app->program;
	int y = 0;

	if (*p->ask)
		y += grid_wrap(g, r, y, style_with(STYLE(TEXT), STYLE_BOLD),
			       p->ask);
	if (y < r.h && (app->timeline.schedule.len || app_lanes(app)))
		y += draw_about(app, g, r, y, STYLE(DIM));
	return y;
}

static const char *note_here(const struct app *app)
{
	struct op op;

	world_parked(app_world(app), app->program, app->selected, &op);
	if (op.kind == OP_NONE)
		return NULL;
	return app->program->lines.data[app->program->code.data[op.pc].line - 1]
		.note;
}

/* Breaks in the text are for terminals: the panel makes its own. Returns the
 * rows it took. */
static int draw_sentence(struct grid *g, struct rect r, int y,
			 struct style style, const char *text)
{
	struct str s = {0};
	int rows;

	str_add(&s, text);
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] == '\n')
			s.data[i] = ' ';
	rows = grid_wrap(g, r, y, style, str_cstr(&s));
	str_free(&s);
	return rows;
}

static int draw_step(const struct app *app, struct grid *g, struct rect r)
{
	const struct event *e = app_event(app);
	size_t at = (size_t)(e - app->timeline.events.data);
	struct str s = {0};
	const char *name = program_thread_name(app->program, e->thread);
	const char *note = note_here(app);
	int tag = (int)strlen(name) + 2, y;
	struct rect body = r;

	grid_printf(g, r, 0, 0, style_filled(e->thread), " %s ", name);
	rect_cut_left(&body, tag + 1);
	analysis_narrate(app->program, app->timeline.events.data,
			 app_events(app), at, &s);
	y = draw_sentence(g, body, 0, style_with(STYLE(TEXT), STYLE_BOLD),
			  str_cstr(&s));
	if (note && y < r.h)
		y += grid_wrap(g, r, y, STYLE(DIM), note);
	str_free(&s);
	return y;
}

/* Rows that the text would take: drawn below the screen. */
static int rows_of(struct grid *g, int w, const char *text)
{
	struct rect nowhere = {0, g->h, w, LIMIT_LINES};

	return text ? draw_sentence(g, nowhere, 0, STYLE(TEXT), text) : 0;
}

/* As many sentences of it as fit into the rows from y to `end`. */
static int draw_why(struct grid *g, struct rect r, int y, int end,
		    const char *why)
{
	struct str s = {0};
	int rows = 0;

	r.h = end;
	str_add(&s, why);
	while (s.len && rows_of(g, r.w, str_cstr(&s)) > end - y) {
		size_t n = s.len - 1;

		while (n && !(s.data[n - 1] == '.' && s.data[n] <= ' '))
			n--;
		str_cut(&s, n);
	}
	if (s.len)
		rows = draw_sentence(g, r, y, STYLE(TEXT), str_cstr(&s));
	str_free(&s);
	return rows;
}

/* What, why, fix; where there is no room for all, the fix is what must stay. */
static int draw_finding(const struct app *app, struct grid *g, struct rect r,
			const struct finding *f)
{
	int y = 0, end = r.h - rows_of(g, r.w - FIX, f->fix);
	struct rect fix = r;
	bool ring = false;

	if (f->what)
		y += draw_sentence(g, r, y, style_with(STYLE(TEXT), STYLE_BOLD),
				   f->what);
	if (f->kind == FINDING_DEADLOCK && y + 2 <= end) {
		int below = waits_ring(app, g, r, y);

		ring = below > y;
		y = below;
	}
	if (!ring && f->why)
		y += draw_why(g, r, y, end, f->why);
	if (f->fix && y < r.h) {
		grid_text(g, r, 0, y, style_with(STYLE(TEXT), STYLE_BOLD),
			  "Fix");
		rect_cut_left(&fix, FIX);
		y += draw_sentence(g, fix, y, STYLE(GOOD), f->fix);
	}
	return y;
}

static void draw_question(const struct app *app, struct grid *g, struct rect r)
{
	struct str s = {0};
	int y;

	predict_question(app, &s);
	y = grid_wrap(g, r, 0, style_with(STYLE(TEXT), STYLE_BOLD),
		      str_cstr(&s));
	str_clear(&s);
	if (app->predict == PREDICT_SHOWN)
		predict_answer(app, &s);
	else
		str_add(&s, "?");
	grid_wrap(g, r, y, STYLE(GOOD), str_cstr(&s));
	str_free(&s);
}

static void draw_down(const struct app *app, struct grid *g, struct rect r)
{
	struct str s = {0};

	str_addf(&s, "%s; %s starts again", app->engine_error,
		 app_key_name(app, ACTION_RESTART).text);
	grid_wrap(g, r, 0, STYLE(WARN), str_cstr(&s));
	str_free(&s);
}

/* What there is to say, and behind the end, where there is a row left, what
 * the scenario says about its repair, unless that has just been said. */
static void draw_body(const struct app *app, struct grid *g, struct rect r)
{
	const struct finding *f = app_finding(app);
	int y = 0;

	if (app->engine_down)
		draw_down(app, g, r);
	else if (app->predict != PREDICT_OFF)
		draw_question(app, g, r);
	else if (f)
		y = draw_finding(app, g, r, f);
	else if (app_event(app))
		y = draw_step(app, g, r);
	else
		draw_start(app, g, r);
	if (y && y < r.h && is_over(app) &&
	    !(f && f->fix && !strcmp(f->fix, app->program->fix)))
		grid_field(g, r, 0, y, r.w, ALIGN_LEFT, STYLE(DIM),
			   app->program->fix);
}

void view_words(const struct app *app, struct grid *g, struct rect r)
{
	const struct finding *f = app_finding(app);
	struct rect body = r, last;
	bool asked = app->predict == PREDICT_ASKED;
	struct str s = {0};

	body.x++;
	body.w -= 2;
	last = rect_cut_bottom(&body, f && is_over(app) ? 0 : 1);
	draw_body(app, g, body);
	if (asked)
		str_add(&s, "Answer first, then p; any step asks again.");
	else if (!predict_says_ends(app))
		say_futures(app, last.w, &s);
	grid_field(g, last, 0, 0, last.w, ALIGN_LEFT,
		   app->futures.now.doomed && !asked ? STYLE(BAD)
						     : STYLE(STRONG),
		   str_cstr(&s));
	str_free(&s);
}
