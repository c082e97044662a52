/*
 * chooser.c - choosing a scenario: by group, filtered while typing, with what
 * a lecturer wants to know before opening it: what it shows, what to ask, its
 * parameters, and the exact counts of the search.
 *
 * The scenario under the bar is compiled and searched in the background, in
 * slices, within a bound.
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"
#include "threadviz/vec.h"
#include "views.h"

enum { PREVIEW_STATES = 300000, SLICE = 2000, ABOUT_ROWS = 8 };

static bool shown(const struct app *app, const struct library_entry *e)
{
	struct str all = {0};
	bool match;

	str_addf(&all, "%s %s %s", e->name, e->title, e->group);
	match = field_matches(app, str_cstr(&all));
	str_free(&all);
	return match;
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
	const struct library *l = app->library;
	const struct library_entry *e = picked(app);
	struct search_options options = {.graph_only = true,
					 .max_states = PREVIEW_STATES};
	struct program *p;
	struct error err = {0};

	p = e && l ? l->open(l->data, e->name, params, &err) : NULL;
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
	app->overlay = OVERLAY_CHOOSER;
	for (size_t i = 0; app->library && i < app->library->count; i++)
		if (app->program &&
		    !strcmp(app->library->entries[i].name, app->program->name))
			app->picked = i;
	chooser_look(app);
}

void chooser_look(struct app *app)
{
	app->preview_param = 0;
	app->preview_typed = -1;
	look_with(app, "");
}

bool chooser_work(struct app *app)
{
	return app->preview_search &&
	       search_step(app->preview_search, SLICE) == SEARCH_RUNNING;
}

/* ---- parameters -------------------------------------------------------- */

/* The one that keys change; NULL, with a notice, if there is none. */
static const struct param *param_here(struct app *app)
{
	const struct program *p = app->preview;

	if (p && app->preview_param < p->params.count)
		return &p->params.data[app->preview_param];
	notice(app, true, "this scenario has no parameters");
	return NULL;
}

static void say_range(struct app *app, const struct param *q, int64_t v)
{
	notice(app, true, "%s goes from %d to %d: %lld is too %s", q->name,
	       q->low, q->high, (long long)v, v < q->low ? "small" : "large");
}

static void set_param(struct app *app, int64_t value)
{
	const struct program *p = app->preview;
	struct str text = {0};

	for (size_t i = 0; i < p->params.count; i++)
		str_addf(&text, "%s%s=%d", i ? " " : "", p->params.data[i].name,
			 i == app->preview_param ? (int)value
						 : p->params.data[i].value);
	look_with(app, str_cstr(&text));
	str_free(&text);
}

static void change_param(struct app *app, int by)
{
	const struct param *q = param_here(app);

	app->preview_typed = -1;
	if (!q)
		return;
	if (q->value + by < q->low || q->value + by > q->high)
		say_range(app, q, q->value + by);
	else
		set_param(app, q->value + by);
}

/* Digits make up a value; what is too small may only be its beginning. */
static void type_digit(struct app *app, int digit)
{
	const struct param *q = param_here(app);
	int64_t v = app->preview_typed;

	if (!q)
		return;
	v = v < 0 ? digit : 10 * v + digit;
	if (v < q->low || v > q->high)
		say_range(app, q, v);
	app->preview_typed = v > q->high ? -1 : v;
	if (v >= q->low && v <= q->high)
		set_param(app, v);
}

static void next_param(struct app *app, size_t by)
{
	app->preview_typed = -1;
	if (!param_here(app))
		return;
	if (app->preview->params.count == 1)
		notice(app, false, "%s is the only parameter",
		       app->preview->params.data[0].name);
	app->preview_param =
		(app->preview_param + by) % app->preview->params.count;
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
	field_mark(app, g, row);
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

static void draw_group(const struct app *app, struct grid *g, struct rect row,
		       const char *group)
{
	grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT, STYLE(STRONG), group);
	field_mark(app, g, row);
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
			draw_group(app, g, row, line->group);
	}
	if (!l.len && app->library)
		grid_printf(g, r, 1, 0, STYLE(WARN),
			    "no scenario is like \"%s\"; Ctrl-U clears this",
			    app->field.text);
	vec_free(&l);
}

/* Chances beside shares: one says how many schedules are wrong, the other how
 * often it would happen if each possible step were equally likely. */
static void say_wrong(const struct search_report *r, struct count bad,
		      struct str *out)
{
	if (count_is_zero(bad)) {
		str_add(out, r->livelock ? ", none wrong, but some never end"
					 : ", none wrong");
		return;
	}
	str_add(out, ", ");
	if (!r->schedules.infinite) {
		count_format_grouped(bad, out);
		str_add(out, " of them ");
	}
	str_add(out, "wrong; under a random scheduler ");
	say_percent(r->chance_bad, out);
	if (r->livelock)
		str_add(out, "; livelock");
}

static void say_counts(const struct search_report *r, struct str *out)
{
	struct count bad = count_of(0);

	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		bad = count_add(bad, r->verdicts[v]);
	count_format_grouped(r->schedules, out);
	str_add(out, r->schedules.infinite ? "ly many interleavings"
					   : " interleavings");
	say_wrong(r, bad, out);
}

static void say_search(const struct app *app, struct str *out)
{
	const struct search_report *r;
	uint64_t states = 0;
	uint32_t depth;

	if (!app->preview_search)
		return;
	r = search_report(app->preview_search);
	search_progress(app->preview_search, &states, &depth);
	if (r->complete)
		say_counts(r, out);
	else if (states >= PREVIEW_STATES)
		str_addf(out, "more than %d states: too many to count here",
			 PREVIEW_STATES);
	else
		str_addf(out, "counting … %llu states",
			 (unsigned long long)states);
}

static void draw_params(const struct app *app, struct grid *g, struct rect row)
{
	static const char hint[] = "change before you start";
	const struct program *p = app->preview;
	int x = 1;

	for (size_t i = 0; i < p->params.count; i++) {
		const struct param *q = &p->params.data[i];

		x += grid_printf(g, row, x, 0,
				 i == app->preview_param ? STYLE(SELECTED)
							 : STYLE(TEXT),
				 " %s = %d ", q->name, q->value);
		x += grid_printf(g, row, x, 0, STYLE(DIM), " %d to %d   ",
				 q->low, q->high);
	}
	if (x + utf8_width(hint) <= row.w)
		grid_text(g, row, x, 0, STYLE(DIM), hint);
}

static void draw_title(struct grid *g, struct rect row,
		       const struct library_entry *e)
{
	int w = utf8_width(e->group), x = 1;

	grid_hline(g, row, 0, 0, row.w, STYLE(RULE));
	x += grid_printf(g, row, x, 0, STYLE(TITLE), " %s ", e->name);
	if (row.w - w - 4 > x)
		grid_printf(g, row, row.w - w - 3, 0, STYLE(DIM), " %s ",
			    e->group);
}

/* What it shows, what to ask before; the parameters are never pushed out. */
static void draw_about(const struct app *app, struct grid *g, struct rect r)
{
	const struct library_entry *e = picked(app);
	const struct program *p = app->preview;
	struct str counts = {0}, about = {0};
	int y = 0;

	if (e)
		draw_title(g, rect_cut_top(&r, 1), e);
	if (!p)
		return;
	if (p->params.count)
		draw_params(app, g, rect_cut_bottom(&r, 1));
	r.x++;
	r.w -= 2;
	say_search(app, &counts);
	y += grid_wrap(g, r, y, STYLE(STRONG), str_cstr(&counts));
	for (size_t i = 0; i < p->about.count; i++)
		str_addf(&about, "%s%s", i ? " " : "", p->about.data[i]);
	y += grid_wrap(g, r, y, STYLE(TEXT), str_cstr(&about));
	str_clear(&about);
	str_addf(&about, "Ask first: %s", p->ask);
	if (*p->ask)
		grid_wrap(g, r, y, STYLE(GOOD), str_cstr(&about));
	str_free(&counts);
	str_free(&about);
}

void chooser_draw(const struct app *app, struct grid *g)
{
	struct rect r = overlay_frame(g, 100, 60, "Choose a scenario");
	struct rect frame = r;
	struct rect about =
		rect_cut_bottom(&r, r.h > 16 ? ABOUT_ROWS : r.h / 2);

	if (app->filtering || app->field.len)
		field_draw(app, g, rect_cut_top(&r, 1), '/');
	draw_list(app, g, r);
	draw_about(app, g, about);
	list_position(app, g, frame, count_shown(app));
}

/* ---- keys -------------------------------------------------------------- */

static void open_picked(struct app *app)
{
	const struct library_entry *e = picked(app);
	struct str params = {0};

	if (!e) {
		notice(app, true, "no scenario is like that");
		return;
	}
	say_params(app, &params);
	app->filtering = false;
	app->field = (struct text_field){0};
	chooser_close(app);
	app_switch(app, e->name, str_cstr(&params));
	str_free(&params);
}

/* The bar goes to what the typed name most likely means. */
static void pick_best(struct app *app)
{
	size_t n = 0;
	bool contains = false;

	app->picked = 0;
	for (size_t i = 0; app->library && i < app->library->count; i++) {
		const struct library_entry *e = &app->library->entries[i];

		if (!shown(app, e))
			continue;
		if (!strncasecmp(e->name, app->field.text, app->field.len)) {
			app->picked = n;
			return;
		}
		if (!contains && field_matches(app, e->name)) {
			app->picked = n;
			contains = true;
		}
		n++;
	}
}

/* All are shown again, with the bar where it was among them. */
static void end_filter(struct app *app)
{
	const struct library_entry *e = picked(app);

	app->filtering = false;
	app->field = (struct text_field){0};
	app->picked = e ? (size_t)(e - app->library->entries) : 0;
}

static bool filter_key(struct app *app, key_code key)
{
	if (key == INPUT_ESCAPE || (key == INPUT_BACKSPACE && !app->field.len))
		end_filter(app);
	else if (field_key(app, key))
		pick_best(app);
	else
		return false;
	chooser_look(app);
	return true;
}

bool chooser_key(struct app *app, key_code key)
{
	if (app->filtering && filter_key(app, key))
		return true;
	if (list_key(app, key, count_shown(app))) {
		chooser_look(app);
		return true;
	}
	if ('0' <= key && key <= '9') {
		type_digit(app, (int)(key - '0'));
		return true;
	}
	switch (key) {
	case INPUT_ENTER:
		open_picked(app);
		return true;
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
		next_param(app, 1);
		return true;
	case INPUT_BACKTAB:
		next_param(app,
			   app->preview ? app->preview->params.count - 1 : 0);
		return true;
	default:
		return false;
	}
}
