/*
 * help.c - the help overlay: all keys, by what one wants to do.
 *
 * The table of actions is poured into columns; a heading never stands alone at
 * the foot of one and is repeated where its group goes on in the next. What
 * does not fit is on the next page; the bar turns the pages. Any listed key
 * runs its action at once, Enter the one under the bar. In a free run keys that
 * do nothing are left out, and those that are for it alone come first.
 */
#include "inside.h"
#include "overlay.h"
#include "threadviz/vec.h"

enum { COLUMN = 39, KEYS = SHORT_KEYS, LEGEND = 2, WITH_LEGEND = 16 };

/* A row of a column. */
struct line {
	enum action action; /* ACTION_NONE: a heading, or nothing */
	const char *group;  /* NULL: a blank row */
	bool again;         /* the heading of a group that goes on */
	size_t index;       /* among those shown */
};

struct line_list VEC_OF(struct line);

static bool shown(const struct app *app, enum action a)
{
	const char *help = action_help(a, app->free);
	struct str all = {0};
	bool match;

	if (!*help)
		return false;
	app_keys(app, a, ALL_KEYS, &all);
	str_addc(&all, ' ');
	action_format(a, &all);
	str_addf(&all, " %s %s %s", action_info[a].keys, help,
		 action_info[a].group);
	match = field_matches(app, str_cstr(&all));
	str_free(&all);
	return match;
}

/* ---- the columns -------------------------------------------------------- */

static void add_heading(struct line_list *l, size_t rows, const char *group,
			bool again)
{
	while (!again && rows > 1 && l->len % rows == rows - 1)
		vec_push(l, (struct line){.action = ACTION_NONE});
	vec_push(l, (struct line){ACTION_NONE, group, again, 0});
}

/* The entries of a group; n counts all. */
static void add_group(const struct app *app, struct line_list *l, size_t rows,
		      const char *group, size_t *n)
{
	bool any = false;

	for (int i = 0; i < ACTION_COUNT; i++) {
		enum action a = (enum action)i;

		if (strcmp(action_info[a].group, group) != 0 || !shown(app, a))
			continue;
		if (!any || l->len % rows == 0)
			add_heading(l, rows, group, any);
		any = true;
		vec_push(l, (struct line){a, group, false, (*n)++});
	}
}

/* All groups in columns of so many rows; the number of entries. */
static size_t list_lines(const struct app *app, size_t rows,
			 struct line_list *out)
{
	const char *top = app->free ? action_info[ACTION_HIDE].group : "";
	size_t n = 0;

	add_group(app, out, rows, top, &n);
	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *group = action_info[i].group;
		bool first = strcmp(group, top) != 0;

		for (int k = 0; k < i && first; k++)
			first = strcmp(action_info[k].group, group) != 0;
		if (first)
			add_group(app, out, rows, group, &n);
	}
	return n;
}

static enum action action_at(const struct app *app, size_t index)
{
	struct line_list l = {0};
	enum action a = ACTION_NONE;

	(void)list_lines(app, ACTION_COUNT, &l);
	for (size_t i = 0; i < l.len; i++)
		if (l.data[i].action != ACTION_NONE && l.data[i].index == index)
			a = l.data[i].action;
	vec_free(&l);
	return a;
}

static size_t count(const struct app *app)
{
	struct line_list l = {0};
	size_t n = list_lines(app, ACTION_COUNT, &l);

	vec_free(&l);
	return n;
}

/* ---- drawing ------------------------------------------------------------ */

/* What the lanes of a free run show, or the signs of steps. */
static void draw_legend(struct grid *g, struct rect r, bool free)
{
	static const char *const legend[2][LEGEND] = {
		{"│ ─ could run   ░ blocked   ┊ ┈ asleep   W 1 wrote 1   "
		 "R 0 read 0",
		 "+m took   -m gave back   ?m wants   z sleeps   ! signals   "
		 "A B race"},
		{"█ running   ─ ready   ░ blocked   ┈ asleep   · below: "
		 "records",
		 "?m wants m   1━ thread 1 has it   · nobody has it"},
	};

	for (int y = 0; y < LEGEND; y++)
		grid_text(g, r, 1, y, STYLE(DIM), legend[free][y]);
}

static void draw_entry(const struct app *app, struct grid *g, struct rect row,
		       const struct line *l)
{
	bool here = l->index == app->picked;
	struct style bar = STYLE(SELECTED);
	struct str keys = {0};

	app_keys(app, l->action, SHORT_KEYS, &keys);
	if (here)
		grid_fill(g, row, bar, ' ');
	grid_field(g, row, 1, 0, KEYS, ALIGN_LEFT, here ? bar : STYLE(KEY),
		   str_cstr(&keys));
	grid_field(g, row, 2 + KEYS, 0, row.w - 3 - KEYS, ALIGN_LEFT,
		   here ? bar : STYLE(TEXT), action_help(l->action, app->free));
	field_mark(app, g, row);
	if (here)
		grid_cursor(g, row, 1, 0, false);
	list_spot(app, row, l->index);
	str_free(&keys);
}

static void draw_line(const struct app *app, struct grid *g, struct rect row,
		      const struct line *l)
{
	if (l->action != ACTION_NONE)
		draw_entry(app, g, row, l);
	else if (l->group)
		grid_printf(g, row, 1, 0, STYLE(STRONG), "%s%s", l->group,
			    l->again ? " …" : "");
}

/* The columns that fit, from the page with the bar on; whether there are
 * more. */
static bool draw_page(const struct app *app, struct grid *g, struct rect r,
		      const struct line_list *l)
{
	size_t rows = (size_t)r.h, bar = 0, first;
	size_t columns = r.w / COLUMN > 1 ? (size_t)(r.w / COLUMN) : 1;

	for (size_t i = 0; i < l->len; i++)
		if (l->data[i].action != ACTION_NONE &&
		    l->data[i].index == app->picked)
			bar = i;
	first = bar / (rows * columns) * (rows * columns);
	for (size_t i = first; i < l->len && i < first + rows * columns; i++) {
		size_t at = i - first;
		struct rect row = {r.x + (int)(at / rows) * COLUMN,
				   r.y + (int)(at % rows),
				   columns > 1 ? COLUMN - 1 : r.w, 1};

		draw_line(app, g, row, &l->data[i]);
	}
	return l->len > rows * columns;
}

static int columns_for(int w)
{
	return w >= 3 * COLUMN + 2 ? 3 : w >= 2 * COLUMN + 2 ? 2 : 1;
}

void help_draw(const struct app *app, struct grid *g)
{
	int columns = columns_for(g->w);
	struct rect r = overlay_frame(g, 2 + COLUMN * columns,
				      columns < 2 ? g->h : 30, "Keys");
	struct rect frame = r, foot = {r.x, r.y + r.h, r.w, 1};
	struct line_list l = {0};
	size_t n;

	if (r.h >= WITH_LEGEND && columns > 1)
		draw_legend(g, rect_cut_bottom(&r, LEGEND), app->free);
	if (app->filtering || app->field.len)
		field_draw(app, g, rect_cut_top(&r, 1), '/');
	if (r.h < 1)
		return;
	n = list_lines(app, (size_t)r.h, &l);
	if (draw_page(app, g, r, &l))
		grid_text(g, foot, 1, 0, STYLE(TITLE),
			  columns > 1 ? " PgDn, PgUp: the other keys "
				      : " PgDn: more ");
	if (!n)
		grid_printf(g, r, 1, 0, STYLE(WARN),
			    "no key does \"%s\"; Ctrl-U clears this",
			    app->field.text);
	list_position(app, g, frame, n);
	vec_free(&l);
}

/* ---- keys --------------------------------------------------------------- */

/* To the entry in the next column or the one before. */
static void go_beside(struct app *app, int by)
{
	const struct layout *l = app->layout;
	const struct spot *bar = NULL;

	for (size_t i = 0; i < l->spot_count; i++)
		if (l->spots[i].entry == app->picked)
			bar = &l->spots[i];
	for (size_t i = 0; bar && i < l->spot_count; i++)
		if (l->spots[i].at.x == bar->at.x + by * COLUMN &&
		    l->spots[i].at.y >= bar->at.y) {
			app->picked = l->spots[i].entry;
			return;
		}
	notice(app, false, "there is no column %s",
	       by < 0 ? "to the left" : "to the right");
}

static void run_picked(struct app *app)
{
	enum action a = action_at(app, app->picked);

	overlay_close(app);
	if (a == ACTION_THREAD)
		notice(app, false, "press the digit of the thread");
	else if (a != ACTION_NONE)
		app_do(app, a);
}

static bool filter_key(struct app *app, key_code key)
{
	if (key == INPUT_ESCAPE ||
	    (key == INPUT_BACKSPACE && !app->field.len)) {
		app->filtering = false;
		app->field = (struct text_field){0};
		return true;
	}
	return field_key(app, key);
}

bool help_key(struct app *app, key_code key)
{
	if (app->filtering && filter_key(app, key))
		return true;
	if (list_key(app, key, count(app)))
		return true;
	switch (key) {
	case INPUT_LEFT:
	case INPUT_RIGHT:
		go_beside(app, key == INPUT_LEFT ? -1 : 1);
		return true;
	case INPUT_ENTER:
		run_picked(app);
		return true;
	case '/':
		app->filtering = true;
		return true;
	case 'q':
	case '?':
	case INPUT_F1:
	case INPUT_ESCAPE:
		overlay_close(app);
		return true;
	default:
		if (app->filtering)
			refuse_key(app, key);
		else
			overlay_close(app);
		return app->filtering; /* else the key runs as ever */
	}
}
