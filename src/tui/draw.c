/*
 * draw.c - the layout: which panel gets which rectangle at which size.
 *
 * One panel below 64x16; from there timeline on the left, source over shared
 * state on the right, the block of words below; from 110 columns a log and a
 * diagnosis panel; from 170 an overview strip. Chrome is one rule line per
 * panel with its title in it. The heights never change while stepping.
 */
#include <stdio.h>
#include <string.h>

#include "freeview.h"
#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"
#include "views.h"

enum {
	TINY_W = 24,
	TINY_H = 6, /* below: a notice only */
	SMALL_W = 64,
	SMALL_H = 16, /* below: one panel */
	MEDIUM_W = 110,
	LARGE_W = 170,
	RIGHT_MEDIUM = 46,
	RIGHT_SMALL = 28,
	WORDS = 5,
	SOURCE_LEAST = 5,
	NARROW = 40,
	ABOUT_ROW = 3, /* below the heads of a ladder and a blank row */
	HUNTED = 8,    /* cells: fewer say nothing */
	TALL = 36,     /* rows of the screen: from there on */
	WORDS_TALL = 6,
	LOG_ROWS = 9,
	STATE_LARGE = 46,
	SOURCE_LARGE = 54,
	ROOMY = 200, /* cells: half of what is more goes to the source */
	DIAGNOSIS_LEAST = 6,
};

/* ---- the header --------------------------------------------------------- */

static void say_position(const struct app *app, int w, struct str *out)
{
	const char *state = app->engine_down ? "STOPPED"
			    : app->playing   ? "PLAYING"
					     : "PAUSED";

	if (app->free)
		free_view_position(app, w, out);
	else
		str_addf(out, "%s  step %zu of %zu  %g/s", state,
			 app_cursor(app), app->timeline.schedule.len,
			 app->speed);
}

/* "schedule A B | A": the recorded one with the cursor in it. */
static void say_schedule(const struct app *app, struct str *out)
{
	const struct schedule *s = &app->timeline.schedule;
	size_t at = app_cursor(app);

	schedule_format(app->program, s->data, at, out);
	if (at < s->len) {
		str_add(out, at ? " | " : "| ");
		schedule_format(app->program, s->data + at, s->len - at, out);
	}
}

static void draw_header(const struct app *app, struct grid *g, struct rect r)
{
	struct str right = {0}, schedule = {0};
	int title = 12 + (int)strlen(app->program->title), w;

	grid_fill(g, r, STYLE(HEADER), ' ');
	say_position(app, r.w - 12, &right);
	if (!app->free && app->seed && !strcmp(app->policy_spec, "random"))
		str_addf(&right, "  seed %llu", (unsigned long long)app->seed);
	if (!app->free)
		say_schedule(app, &schedule);
	if (schedule.len &&
	    title + (int)right.len + 16 + (int)schedule.len < r.w)
		str_addf(&right, "  schedule %s", str_cstr(&schedule));
	w = (int)right.len + 1;
	if (w + 11 > r.w && !app->free) {
		str_clear(&right);
		str_addf(&right, "%zu of %zu", app_cursor(app),
			 app->timeline.schedule.len);
		w = (int)right.len + 1;
	}
	grid_text(g, r, 1, 0, style_with(STYLE(HEADER), STYLE_BOLD),
		  "threadviz");
	if (r.w - w > 18)
		grid_field(g, r, 12, 0, r.w - w - 14, ALIGN_LEFT, STYLE(HEADER),
			   app->program->title);
	if (w < r.w)
		grid_text(g, r, r.w - w, 0,
			  style_with(STYLE(HEADER), STYLE_BOLD),
			  str_cstr(&right));
	str_free(&right);
	str_free(&schedule);
}

/* ---- panels with their rule -------------------------------------------- */

/* Draws the rule with the panel's title; returns what is left below it, and
 * remembers it for clicks. */
struct rect panel_rule(const struct app *app, struct grid *g, struct rect r,
		       enum panel panel, const char *title, const char *right)
{
	struct style s =
		app->focus == panel ? STYLE(TITLE_FOCUS) : STYLE(TITLE);
	struct rect rule = rect_cut_top(&r, 1);

	grid_hline(g, rule, 0, 0, rule.w, STYLE(RULE));
	if (right && (int)strlen(right) + (int)strlen(title) + 8 < rule.w)
		grid_printf(g, rule, rule.w - (int)strlen(right) - 3, 0,
			    STYLE(DIM), " %s ", right);
	grid_printf(g, rule, 1, 0, s, " %s ", title);
	if (panel < PANEL_COUNT)
		app->layout->panel[panel] = r;
	return r;
}

static void draw_timeline(const struct app *app, struct grid *g, struct rect r)
{
	bool fits = ladder_fits(app, r.w), lanes = app_lanes(app);
	struct key_name view = app_key_name(app, ACTION_VIEW);
	char hint[64];

	if (lanes)
		snprintf(hint, sizeof hint, "zoom %d/%d  %s ladder",
			 lanes_zoom_shown(app, r.w), ZOOM_STEPS, view.text);
	else
		snprintf(hint, sizeof hint, "%s lanes", view.text);
	r = panel_rule(app, g, r, PANEL_TIMELINE,
		       r.w < NARROW ? "Timeline"
		       : lanes      ? "Timeline (time goes right)"
				    : "Timeline (time goes down)",
		       hint);
	if (lanes)
		view_lanes(app, g, r);
	else if (fits)
		view_ladder(app, g, r);
	else
		view_graphlog(app, g, r);
	rect_cut_top(&r, ABOUT_ROW);
	if (!app->timeline.schedule.len && !lanes)
		view_about(app, g, r);
}

void say_hunted(const struct program *p, int w, struct str *out)
{
	for (size_t i = 0; i < p->checks.count; i++) {
		const char *text = p->checks.data[i].text;
		int more = (int)strlen(text) + 3;

		if (i && (int)out->len + more > w)
			break;
		str_addf(out, "%s%s", i ? " · " : "", text);
	}
	if (!p->checks.count)
		str_add(out, "never a crash or a deadlock");
}

static void draw_words(const struct app *app, struct grid *g, struct rect r)
{
	struct str title = {0}, hunted = {0};
	bool bad = words_title(app, &title);
	struct rect rule = rect_cut_top(&r, 1);
	int left, room, w;

	grid_hline(g, rule, 0, 0, rule.w, STYLE(RULE));
	left = 1 + grid_printf(g, rule, 1, 0,
			       bad ? STYLE(FINDING) : STYLE(TITLE), " %s ",
			       str_cstr(&title));
	room = rule.w - left - 5;
	say_hunted(app->program, room, &hunted);
	w = utf8_width(str_cstr(&hunted));
	w = w < room ? w : room;
	if (w > HUNTED) {
		grid_text(g, rule, rule.w - w - 3, 0, STYLE(TEXT), " ");
		grid_text(g, rule, rule.w - 2, 0, STYLE(TEXT), " ");
		grid_field(g, rule, rule.w - w - 2, 0, w, ALIGN_LEFT,
			   STYLE(TEXT), str_cstr(&hunted));
	}
	str_free(&hunted);
	view_words(app, g, r);
	str_free(&title);
}

/* The path's last part. */
static const char *file_name(const struct app *app)
{
	const char *slash = strrchr(app->program->file, '/');

	return slash ? slash + 1 : app->program->file;
}

static void draw_content(const struct app *app, struct grid *g, struct rect r,
			 enum panel panel)
{
	switch (panel) {
	case PANEL_TIMELINE:
		draw_timeline(app, g, r);
		break;
	case PANEL_SOURCE:
		view_source(
			app, g,
			panel_rule(app, g, r, panel, file_name(app), NULL),
			app->selected);
		break;
	case PANEL_STATE:
		view_state(app, g,
			   panel_rule(app, g, r, panel, "Shared state", NULL));
		break;
	case PANEL_LOG:
		view_log(app, g,
			 panel_rule(app, g, r, panel, "Event log", "/ search"));
		break;
	case PANEL_DIAGNOSIS:
		view_diagnosis(app, g,
			       panel_rule(app, g, r, panel, "Diagnosis", NULL));
		break;
	case PANEL_COUNT:
		break;
	}
}

/* The hardware cursor stays in the panel that has the keys. */
static void draw_panel(const struct app *app, struct grid *g, struct rect r,
		       enum panel panel)
{
	int x = g->cursor_x, y = g->cursor_y;

	draw_content(app, g, r, panel);
	if (panel == app->focus)
		return;
	g->cursor_x = x;
	g->cursor_y = y;
}

/* ---- layouts ----------------------------------------------------------- */

/* Cuts w columns off the right, with a line between. */
struct rect cut_right(struct grid *g, struct rect *r, int w)
{
	struct rect right = rect_cut_right(r, w);

	grid_vline(g, *r, r->w - 1, 0, r->h, STYLE(RULE));
	rect_cut_right(r, 1);
	return right;
}

/* Rows of the block of words with its rule: what, why, fix, futures. */
static int words_rows(const struct grid *g)
{
	return g->h < TALL ? WORDS : WORDS_TALL;
}

/* Rows the shared state wants, its rule included, at most `most`. */
static int state_rows(const struct app *app, int most)
{
	int rows = 1 + state_height(app);

	return rows < most ? rows : most;
}

/* The source no more than its text; the diagnosis above all what is left. */
static int diagnosis_rows(const struct app *app, int room)
{
	int least = room / 3 > DIAGNOSIS_LEAST ? room / 3 : DIAGNOSIS_LEAST;
	int left = room - (int)app->program->lines.count - 1;

	return left > least ? left : least;
}

static void layout_lanes_small(const struct app *app, struct grid *g,
			       struct rect r)
{
	int rows = 1 + lanes_height(app, 0);
	int least =
		r.h < 2 * SOURCE_LEAST ? SOURCE_LEAST / 2 + 1 : SOURCE_LEAST;
	struct rect lower;

	rows = rows > r.h - least ? r.h - least : rows < 6 ? 6 : rows;
	draw_panel(app, g, rect_cut_top(&r, rows), PANEL_TIMELINE);
	lower = cut_right(g, &r, RIGHT_SMALL + 2);
	draw_panel(app, g, lower, PANEL_STATE);
	draw_panel(app, g, r,
		   app->focus == PANEL_LOG || app->focus == PANEL_DIAGNOSIS
			   ? app->focus
			   : PANEL_SOURCE);
}

/* Log and diagnosis have no place of their own here: Tab brings them. */
static void layout_small(const struct app *app, struct grid *g, struct rect r)
{
	struct rect right;
	int least; /* rows of the source */

	draw_words(app, g, rect_cut_bottom(&r, WORDS));
	if (app_lanes(app)) {
		layout_lanes_small(app, g, r);
		return;
	}
	right = cut_right(g, &r, RIGHT_SMALL);
	draw_panel(app, g, r,
		   app->focus == PANEL_LOG ? PANEL_LOG : PANEL_TIMELINE);
	if (app->focus == PANEL_DIAGNOSIS) {
		draw_panel(app, g, right, PANEL_DIAGNOSIS);
		return;
	}
	least = right.h / 2 < SOURCE_LEAST + 2 ? right.h / 2 : SOURCE_LEAST + 2;
	draw_panel(app, g,
		   rect_cut_bottom(&right, state_rows(app, right.h - least)),
		   PANEL_STATE);
	draw_panel(app, g, right, PANEL_SOURCE);
}

static void layout_medium(const struct app *app, struct grid *g, struct rect r)
{
	struct rect right;

	int state;

	draw_words(app, g, rect_cut_bottom(&r, words_rows(g)));
	right = cut_right(g, &r, RIGHT_MEDIUM);
	draw_panel(app, g, rect_cut_bottom(&r, r.h > 24 ? LOG_ROWS : r.h / 3),
		   PANEL_LOG);
	draw_panel(app, g, r, PANEL_TIMELINE);
	state = state_rows(app, right.h / 2);
	draw_panel(app, g,
		   rect_cut_bottom(&right,
				   diagnosis_rows(app, right.h - state)),
		   PANEL_DIAGNOSIS);
	draw_panel(app, g, rect_cut_bottom(&right, state), PANEL_STATE);
	draw_panel(app, g, right, PANEL_SOURCE);
}

enum { PANES = 3, PANE_MIN = 12 };

/* A pane of source per group of threads, where they run different code and the
 * text does not fit into one. */
static void draw_sources(const struct app *app, struct grid *g, struct rect r)
{
	int groups = (int)app->program->groups.count, h;

	if (groups < 2 || groups > PANES || r.h / groups < PANE_MIN ||
	    (int)app->program->lines.count < r.h) {
		draw_panel(app, g, r, PANEL_SOURCE);
		return;
	}
	h = r.h / groups;
	for (int i = 0; i < groups; i++) {
		const struct thread_group *t = &app->program->groups.data[i];
		thread_id at = t->first;
		struct rect pane = i + 1 < groups ? rect_cut_top(&r, h) : r;
		struct str title = {0};

		if (app->selected >= at && app->selected < at + t->count)
			at = app->selected;
		str_addf(&title, "%s: %s", file_name(app),
			 program_thread_name(app->program, at));
		view_source(app, g,
			    panel_rule(app, g, pane, PANEL_SOURCE,
				       str_cstr(&title), NULL),
			    at);
		str_free(&title);
	}
}

static void layout_large(const struct app *app, struct grid *g, struct rect r)
{
	struct rect right, top;
	int rows = 1 + lanes_height(app, 0), source;

	draw_words(app, g, rect_cut_bottom(&r, words_rows(g)));
	top = rect_cut_top(&r, rows < r.h / 4 ? rows : r.h / 4);
	view_overview(app, g,
		      panel_rule(app, g, top, PANEL_COUNT,
				 "Overview (whole run)", NULL));
	source = SOURCE_LARGE + (r.w > ROOMY ? (r.w - ROOMY) / 2 : 0);
	right = cut_right(g, &r, STATE_LARGE + source);
	draw_panel(app, g, rect_cut_bottom(&r, LOG_ROWS), PANEL_LOG);
	draw_panel(app, g, r, PANEL_TIMELINE);
	top = cut_right(g, &right, STATE_LARGE);
	draw_sources(app, g, right);
	draw_panel(app, g, rect_cut_top(&top, state_rows(app, top.h * 2 / 3)),
		   PANEL_STATE);
	draw_panel(app, g, top, PANEL_DIAGNOSIS);
}

/* Lanes need the width: the other panels stand side by side below them. */
static void layout_lanes(const struct app *app, struct grid *g, struct rect r)
{
	struct rect part;
	int rows, third;

	draw_words(app, g, rect_cut_bottom(&r, words_rows(g)));
	draw_panel(app, g, rect_cut_bottom(&r, LOG_ROWS), PANEL_LOG);
	rows = 1 + lanes_height(app, r.h / 2);
	draw_panel(app, g,
		   rect_cut_top(&r, rows < r.h * 2 / 3 ? rows : r.h * 2 / 3),
		   PANEL_TIMELINE);
	third = r.w * 3 / 10;
	part = cut_right(g, &r, third);
	draw_panel(app, g, part, PANEL_DIAGNOSIS);
	part = cut_right(g, &r, third);
	draw_panel(app, g, part, PANEL_STATE);
	draw_panel(app, g, r, PANEL_SOURCE);
}

static void draw_too_small(struct grid *g)
{
	struct rect r = grid_rect(g);

	grid_text(g, r, 0, 0, STYLE(TEXT), "too small");
	grid_printf(g, r, 0, 1, STYLE(TEXT), "%dx%d, need %dx%d", g->w, g->h,
		    TINY_W, TINY_H);
}

bool is_one_panel(const struct app *app, const struct grid *g)
{
	return app->zoomed || g->w < SMALL_W || g->h < SMALL_H;
}

static void draw_panels(const struct app *app, struct grid *g, struct rect r)
{
	if (app->free)
		free_view_draw(app, g, r);
	else if (is_one_panel(app, g))
		draw_panel(app, g, r, app->focus);
	else if (r.w < MEDIUM_W || g->h < 30)
		layout_small(app, g, r);
	else if (app_lanes(app))
		layout_lanes(app, g, r);
	else if (r.w < LARGE_W || g->h < 40)
		layout_medium(app, g, r);
	else
		layout_large(app, g, r);
}

void app_draw(const struct app *app, struct grid *g)
{
	struct rect r = grid_rect(g);

	grid_clear(g);
	*app->layout = (struct layout){0};
	if (g->w < TINY_W || g->h < TINY_H) {
		draw_too_small(g);
		return;
	}
	if (app->program) {
		draw_header(app, g, rect_cut_top(&r, 1));
		rect_cut_bottom(&r, 1); /* the footer's */
		draw_panels(app, g, r);
	}
	overlay_draw(app, g);
	footer_draw(app, g);
}

/* ---- clicks ------------------------------------------------------------ */

/* A click focuses its panel; in the timeline it goes to that step and thread,
 * in the source and the log it scrolls there. */
void panel_click(struct app *app, int x, int y)
{
	for (int i = 0; i < PANEL_COUNT; i++) {
		struct rect r = app->layout->panel[i];

		if (!rect_contains(r, x, y))
			continue;
		app->focus = (enum panel)i;
		if (app->free && i == PANEL_TIMELINE)
			free_lanes_click(app, r, x - r.x, y - r.y);
		else if (app->free)
			return;
		else if (i == PANEL_TIMELINE && app_lanes(app))
			lanes_click(app, r, x - r.x, y - r.y);
		else if (i == PANEL_TIMELINE && ladder_fits(app, r.w))
			ladder_click(app, r, x - r.x, y - r.y);
		else if (i == PANEL_TIMELINE)
			graphlog_click(app, r, x - r.x, y - r.y);
		else if (i == PANEL_STATE)
			state_click(app, r.h, y - r.y);
		return;
	}
}
