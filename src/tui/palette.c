/*
 * palette.c - all commands by name: what is typed filters, Enter runs.
 *
 * The best match stands on top: a name that begins with it, then one that
 * contains it, then what is only explained with it.
 */
#include <string.h>
#include <strings.h>

#include "inside.h"
#include "overlay.h"
#include "views.h"

enum { NAME = 17, KEYS = 12, LEAST = 46 /* cells: fewer show no help */ };

/* 0: the best; -1: it does not match. */
static int rank(const struct app *app, enum action a)
{
	struct str name = {0}, all = {0};
	int r = -1;

	action_format(a, &name);
	app_keys(app, a, ALL_KEYS, &all);
	str_addf(&all, " %s %s %s", str_cstr(&name), action_info[a].help,
		 action_info[a].keys);
	if (!strncasecmp(str_cstr(&name), app->field.text, app->field.len))
		r = 0;
	else if (field_matches(app, str_cstr(&name)))
		r = 1;
	else if (field_matches(app, str_cstr(&all)))
		r = 2;
	str_free(&name);
	str_free(&all);
	return r;
}

static size_t list(const struct app *app, enum action out[ACTION_COUNT])
{
	size_t n = 0;

	for (int want = 0; want < 3; want++)
		for (int i = 0; i < ACTION_COUNT; i++)
			if (rank(app, (enum action)i) == want)
				out[n++] = (enum action)i;
	return n;
}

static void draw_entry(const struct app *app, struct grid *g, struct rect row,
		       enum action a, bool here)
{
	const char *help = action_help(a, app->free);
	struct style bar = STYLE(SELECTED);
	struct str name = {0}, keys = {0};

	action_format(a, &name);
	app_keys(app, a, SHORT_KEYS, &keys);
	if (here) {
		grid_fill(g, row, bar, ' ');
		grid_cursor(g, row, 1, 0, false);
	}
	grid_field(g, row, 1, 0, NAME - 1, ALIGN_LEFT,
		   here ? bar : STYLE(STRONG), str_cstr(&name));
	grid_field(g, row, 1 + NAME, 0, KEYS, ALIGN_LEFT,
		   here ? bar : STYLE(KEY), str_cstr(&keys));
	if (row.w >= LEAST)
		grid_field(g, row, 2 + NAME + KEYS, 0, row.w - NAME - KEYS - 3,
			   ALIGN_LEFT, here ? bar : STYLE(TEXT),
			   *help ? help : "not in a free run");
	field_mark(app, g, row);
	str_free(&name);
	str_free(&keys);
}

void palette_draw(const struct app *app, struct grid *g)
{
	struct rect r = overlay_frame(g, 64, 18, "Commands");
	struct rect frame = r, line = rect_cut_top(&r, 1);
	enum action all[ACTION_COUNT];
	size_t n = list(app, all);
	size_t top = scroll_first(app->picked, n, r.h > 0 ? (size_t)r.h : 1);

	for (int y = 0; y < r.h && top + (size_t)y < n; y++) {
		size_t i = top + (size_t)y;

		draw_entry(app, g, rect_row(r, y), all[i], i == app->picked);
		list_spot(app, rect_row(r, y), i);
	}
	if (!n)
		grid_printf(g, r, 1, 0, STYLE(WARN),
			    "no command is like \"%s\"; Ctrl-U clears this",
			    app->field.text);
	list_position(app, g, frame, n);
	field_draw(app, g, line, ':');
}

static void run_picked(struct app *app, enum action a)
{
	overlay_close(app);
	if (a == ACTION_THREAD)
		notice(app, false, "press the digit of the thread");
	else
		app_do(app, a);
}

bool palette_key(struct app *app, key_code key)
{
	enum action all[ACTION_COUNT];
	size_t n = list(app, all);

	if (list_key(app, key, n) || field_key(app, key))
		return true;
	if (key == INPUT_BACKSPACE)
		overlay_close(app);
	else if (key == INPUT_ENTER && n)
		run_picked(app, all[app->picked < n ? app->picked : 0]);
	else if (key == INPUT_ENTER)
		notice(app, true, "no command is like that");
	else
		return false;
	return true;
}
