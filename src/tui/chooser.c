/*
 * chooser.c - choosing a scenario: by group, filtered while typing, with what
 * a lecturer wants to know before opening it: what it shows, what to ask, its
 * parameters, and the exact counts of the search.
 *
 * The scenario under the bar is compiled and searched in the background, in
 * slices, within a bound.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"
#include "threadviz/vec.h"
#include "views.h"

enum { PREVIEW_STATES = 300000, SLICE = 2000, ABOUT_ROWS = 8 };

static bool shown(const struct app *app, const struct library_entry *e)
{
	return !app->field.len || field_matches(app, e->name) ||
	       field_matches(app, e->title) || field_matches(app, e->group);
}

static size_t count_shown(const struct app *app)
{
	size_t n = 0;

	for (size_t i = 0; app->library && i < app->library->count; i++)
		n += shown(app, &app->library->entries[i]);
	return n;
}

/* The entry under the bar, NULL if none is shown. */
static const struct library_entry *picked(const struct app *app)
{
	size_t n = 0;

	for (size_t i = 0; app->library && i < app->library->count; i++)
		if (shown(app, &app->library->entries[i]) && n++ == app->picked)
			return &app->library->entries[i];
	return NULL;
}

/* ---- the preview ------------------------------------------------------- */

void chooser_close(struct app *app)
{
	search_free(app->preview_search);
	app->preview_search = NULL;
	program_free(app->preview);
	app->preview = NULL;
}

/* "n=3 k=2": the values as changed. */
static void say_params(const struct app *app, struct str *out)
{
	for (size_t i = 0; app->preview && i < app->preview->params.count; i++)
		str_addf(out, "%s%s=%d", i ? " " : "",
			 app->preview->params.data[i].name,
			 app->preview->params.data[i].value);
}

static void look_with(struct app *app, const char *params)
{
	const struct library_entry *e = picked(app);
	struct search_options options = {.graph_only = true,
					 .max_states = PREVIEW_STATES};
	struct program *p;
	struct error err = {0};

	p = e ? app->library->open(app->library->data, e->name, params, &err)
	      : NULL;
	chooser_close(app);
	app->preview = p;
	if (p)
		app->preview_search = search_new(p, &options);
	else if (e)
		notice(app, true, "%s", err.text);
}

/* The bar begins on the scenario that is open. */
void chooser_open(struct app *app)
{
	for (size_t i = 0; app->library && i < app->library->count; i++)
		if (app->program &&
		    !strcmp(app->library->entries[i].name, app->program->name))
			app->picked = i;
	chooser_look(app);
}

void chooser_look(struct app *app)
{
	app->preview_param = 0;
	look_with(app, "");
}

bool chooser_work(struct app *app)
{
	return app->preview_search &&
	       search_step(app->preview_search, SLICE) == SEARCH_RUNNING;
}

static void change_param(struct app *app, int by)
{
	const struct program *p = app->preview;
	struct str text = {0};

	if (!p || app->preview_param >= p->params.count) {
		notice(app, false, "this scenario has no parameters");
		return;
	}
	for (size_t i = 0; i < p->params.count; i++) {
		const struct param *q = &p->params.data[i];
		int64_t v = q->value + (i == app->preview_param ? by : 0);

		v = v < q->low ? q->low : v > q->high ? q->high : v;
		str_addf(&text, "%s%s=%d", i ? " " : "", q->name, (int)v);
	}
	look_with(app, str_cstr(&text));
	str_free(&text);
}

/* ---- drawing ----------------------------------------------------------- */

enum { NAMES = 26 };

static void draw_entry(const struct app *app, struct grid *g, struct rect row,
		       const struct library_entry *e, size_t i)
{
	bool here = i == app->picked;
	struct style s = here ? STYLE(SELECTED) : STYLE(TEXT);

	if (here)
		grid_fill(g, row, s, ' ');
	grid_field(g, row, 2, 0, NAMES - 1, ALIGN_LEFT, here ? s : STYLE(KEY),
		   e->name);
	grid_field(g, row, 2 + NAMES, 0, row.w - NAMES - 3, ALIGN_LEFT, s,
		   e->title);
	if (here)
		grid_cursor(g, row, 2, 0, false);
	list_spot(app, row, i);
}

/* The list with a heading before each group: entry NULL is a heading. */
struct line {
	const struct library_entry *entry;
	const char *group;
	size_t index; /* among those shown */
};

struct line_list VEC_OF(struct line);

static void list_lines(const struct app *app, struct line_list *out)
{
	const char *group = "";
	size_t n = 0;

	for (size_t i = 0; app->library && i < app->library->count; i++) {
		const struct library_entry *e = &app->library->entries[i];

		if (!shown(app, e))
			continue;
		if (strcmp(group, e->group) != 0)
			vec_push(out, (struct line){NULL, e->group, n});
		group = e->group;
		vec_push(out, (struct line){e, group, n++});
	}
}

/* The line with the bar, and how many lines there are. */
static size_t find_bar(const struct app *app, const struct line_list *l)
{
	for (size_t i = 0; i < l->len; i++)
		if (l->data[i].entry && l->data[i].index == app->picked)
			return i;
	return 0;
}

static void draw_list(const struct app *app, struct grid *g, struct rect r)
{
	struct line_list l = {0};
	size_t first;

	list_lines(app, &l);
	first = scroll_first(find_bar(app, &l), l.len,
			     r.h > 0 ? (size_t)r.h : 1);
	for (int y = 0; y < r.h && first + (size_t)y < l.len; y++) {
		const struct line *line = &l.data[first + (size_t)y];
		struct rect row = rect_row(r, y);

		if (line->entry)
			draw_entry(app, g, row, line->entry, line->index);
		else
			grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT,
				   STYLE(STRONG), line->group);
	}
	if (first + (size_t)r.h < l.len)
		grid_printf(g, r, r.w - 8, r.h - 1, STYLE(DIM), "%5zu ↓",
			    l.len - first - (size_t)r.h);
	if (!l.len)
		grid_printf(g, r, 1, 0, STYLE(WARN), "nothing matches \"%s\"",
			    app->field.text);
	vec_free(&l);
}

static void say_counts(const struct search_report *r, struct str *out)
{
	struct count bad = count_of(0);

	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		bad = count_add(bad, r->verdicts[v]);
	count_format_grouped(r->schedules, out);
	str_add(out, r->schedules.infinite ? "ly many interleavings"
					   : " interleavings");
	if (!r->schedules.infinite && !count_is_zero(bad)) {
		str_add(out, ", ");
		count_format_grouped(bad, out);
		str_add(out, " wrong");
	}
	str_addf(out, "; chance of a bad end %.3g%%%s", 100 * r->chance_bad,
		 r->livelock ? "; livelock" : "");
}

static void say_search(const struct app *app, struct str *out)
{
	const struct search_report *r;

	if (!app->preview_search)
		return;
	r = search_report(app->preview_search);
	if (r->complete)
		say_counts(r, out);
	else
		str_add(out, "counting …");
}

static void draw_params(const struct app *app, struct grid *g, struct rect r,
			int y)
{
	const struct program *p = app->preview;
	int x = 1;

	for (size_t i = 0; i < p->params.count; i++) {
		const struct param *q = &p->params.data[i];

		x += grid_printf(g, r, x, y,
				 i == app->preview_param ? STYLE(SELECTED)
							 : STYLE(TEXT),
				 " %s = %d (%d..%d) ", q->name, q->value,
				 q->low, q->high) +
		     1;
	}
	if (p->params.count)
		grid_text(g, r, x + 1, y, STYLE(DIM), "+ - change, Tab next");
}

static void draw_about(const struct app *app, struct grid *g, struct rect r)
{
	const struct library_entry *e = picked(app);
	const struct program *p = app->preview;
	struct rect body = r;
	struct str counts = {0}, about = {0};
	int y = 1;

	grid_hline(g, r, 0, 0, r.w, STYLE(RULE));
	if (e)
		grid_printf(g, r, 1, 0, STYLE(TITLE), " %s ", e->group);
	if (!p)
		return;
	body.x++;
	body.w -= 2;
	say_search(app, &counts);
	grid_text(g, r, 1, y++, STYLE(STRONG), str_cstr(&counts));
	for (size_t i = 0; i < p->about.count; i++)
		str_addf(&about, "%s%s", i ? " " : "", p->about.data[i]);
	if (y < r.h - 2)
		y += grid_wrap(g, body, y, STYLE(TEXT), str_cstr(&about));
	if (*p->ask && y < r.h - 1)
		grid_wrap(g, body, y, STYLE(GOOD), p->ask);
	draw_params(app, g, r, r.h - 1);
	str_free(&counts);
	str_free(&about);
}

void chooser_draw(const struct app *app, struct grid *g)
{
	struct rect r = overlay_frame(g, 100, 44, "Choose a scenario",
				      "/ filters, Enter opens, q closes");
	struct rect about =
		rect_cut_bottom(&r, r.h > 16 ? ABOUT_ROWS : r.h / 3);

	if (app->filtering || app->field.len) {
		struct rect line = rect_cut_top(&r, 1);

		grid_printf(g, line, 1, 0, STYLE(MATCH), "/%s",
			    app->field.text);
		grid_cursor(g, line, 2 + utf8_width(app->field.text), 0, true);
	}
	draw_list(app, g, r);
	draw_about(app, g, about);
	if (app->notice[0])
		grid_field(g, about, 1, about.h - 1, about.w - 2, ALIGN_LEFT,
			   STYLE(WARN), app->notice);
}

/* ---- keys -------------------------------------------------------------- */

static void open_picked(struct app *app)
{
	const struct library_entry *e = picked(app);
	struct str params = {0};

	if (!e)
		return;
	say_params(app, &params);
	app->filtering = false;
	app->field = (struct text_field){0};
	chooser_close(app);
	app_switch(app, e->name, str_cstr(&params));
	str_free(&params);
}

static bool filter_key(struct app *app, key_code key)
{
	if (key == INPUT_ESCAPE ||
	    (key == INPUT_BACKSPACE && !app->field.len)) {
		app->filtering = false;
		app->field = (struct text_field){0};
	} else if (!field_key(app, key)) {
		return false;
	}
	chooser_look(app);
	return true;
}

bool chooser_key(struct app *app, key_code key)
{
	app->notice[0] = '\0';
	if (key == INPUT_ENTER) {
		open_picked(app);
		return true;
	}
	if (app->filtering && filter_key(app, key))
		return true;
	if (list_key(app,
		     key == 'k'   ? INPUT_UP
		     : key == 'j' ? INPUT_DOWN
				  : key,
		     count_shown(app))) {
		chooser_look(app);
		return true;
	}
	switch (key) {
	case '/':
		app->filtering = true;
		return true;
	case '+':
	case '=':
	case INPUT_RIGHT:
		change_param(app, 1);
		return true;
	case '-':
	case INPUT_LEFT:
		change_param(app, -1);
		return true;
	case INPUT_TAB:
		if (app->preview && app->preview->params.count)
			app->preview_param = (app->preview_param + 1) %
					     app->preview->params.count;
		return true;
	case 'q':
	case 'o':
	case INPUT_ESCAPE:
		if (app->program)
			overlay_close(app);
		else
			app->quit = true;
		return true;
	case 'Q':
		app->quit = true;
		return true;
	case '?':
		return false;
	default:
		notice(app, false,
		       "/ filters, Enter opens, + - change a "
		       "parameter, q closes");
		return true;
	}
}
