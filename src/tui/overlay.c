/*
 * overlay.c - which overlay is open, its keys first, its frame.
 *
 * Nothing needs Esc: q closes whatever is open, and the key that opened an
 * overlay closes it again. In a text field only Enter, Esc, Ctrl-C and
 * Backspace on nothing leave.
 */
#include <ctype.h>

#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"

struct kind {
	enum action action; /* opens it */
	void (*draw)(const struct app *, struct grid *);
	bool (*key)(struct app *, key_code); /* NULL: it has no keys */
};

static const struct kind kinds[] = {
	[OVERLAY_HELP] = {ACTION_HELP, help_draw, help_key},
	[OVERLAY_PALETTE] = {ACTION_PALETTE, palette_draw, palette_key},
	[OVERLAY_CHOOSER] = {ACTION_OPEN, chooser_draw, chooser_key},
	[OVERLAY_EXPLORE] = {ACTION_EXPLORE, explore_draw, explore_key},
	[OVERLAY_DETAILS] = {ACTION_ENTER, details_draw, details_key},
	[OVERLAY_WAITS] = {ACTION_WAITS, waits_draw, NULL},
	[OVERLAY_OUTPUT] = {ACTION_OUTPUT, output_draw, NULL},
	[OVERLAY_SEARCH] = {ACTION_SEARCH, search_draw, search_key},
	[OVERLAY_HISTOGRAM] = {ACTION_HISTOGRAM, histogram_draw, histogram_key},
};
static const int kind_count = sizeof kinds / sizeof *kinds;

void overlay_close(struct app *app)
{
	if (app->overlay == OVERLAY_CHOOSER)
		chooser_close(app);
	app->overlay = OVERLAY_NONE;
	app->field = (struct text_field){0};
	app->filtering = false;
	if (app->program)
		return;
	app->overlay = OVERLAY_CHOOSER; /* there is nothing below it */
	chooser_look(app);
}

bool overlay_open(struct app *app, enum action a)
{
	for (int i = OVERLAY_NONE + 1; i < kind_count; i++) {
		bool again = app->overlay == (enum overlay)i;

		if (kinds[i].action != a)
			continue;
		overlay_close(app);
		if (again)
			return true;
		app->overlay = (enum overlay)i;
		app->picked = 0;
		app->playing = false;
		app->search_from = app->timeline.cursor;
		if (app->overlay == OVERLAY_CHOOSER)
			chooser_open(app);
		return true;
	}
	return false;
}

bool overlay_types(const struct app *app)
{
	return app->overlay == OVERLAY_PALETTE ||
	       app->overlay == OVERLAY_SEARCH ||
	       (app->overlay != OVERLAY_NONE && app->filtering);
}

bool overlay_key(struct app *app, key_code key)
{
	if (key == INPUT_CTRL('c'))
		key = INPUT_ESCAPE; /* leaves the field, not the program */
	if (app->overlay == OVERLAY_NONE || (int)app->overlay >= kind_count)
		return false;
	if (kinds[app->overlay].key && kinds[app->overlay].key(app, key))
		return true;
	if (key != INPUT_ESCAPE || !app->program)
		return false;
	overlay_close(app);
	return true;
}

void overlay_draw(const struct app *app, struct grid *g)
{
	if (app->overlay != OVERLAY_NONE && (int)app->overlay < kind_count)
		kinds[app->overlay].draw(app, g);
}

struct rect overlay_frame(struct grid *g, int w, int h, const char *title,
			  const char *hint)
{
	struct rect r = grid_rect(g);

	w = w < r.w ? w : r.w;
	h = h < r.h ? h : r.h;
	r = (struct rect){(r.w - w) / 2, (r.h - h) / 2, w, h};
	grid_fill(g, r, STYLE(TEXT), ' ');
	grid_box(g, r, STYLE(RULE));
	grid_printf(g, r, 2, 0, STYLE(TITLE_FOCUS), " %s ", title);
	if (hint)
		grid_printf(g, r, 5 + utf8_width(title), 0, STYLE(DIM), " %s ",
			    hint);
	r = (struct rect){r.x + 1, r.y + 1, r.w - 2, r.h - 2};
	grid_cursor(g, r, 1, 0, false);
	return r;
}

bool list_key(struct app *app, key_code key, size_t n)
{
	enum { PAGE = 10 };
	long at = (long)app->picked;

	switch (key) {
	case INPUT_UP:
		at--;
		break;
	case INPUT_DOWN:
		at++;
		break;
	case INPUT_PGUP:
		at -= PAGE;
		break;
	case INPUT_PGDN:
		at += PAGE;
		break;
	case INPUT_HOME:
		at = 0;
		break;
	case INPUT_END:
		at = (long)n - 1;
		break;
	default:
		return false;
	}
	if (at >= (long)n)
		at = (long)n - 1;
	app->picked = at < 0 ? 0 : (size_t)at;
	return true;
}

bool field_key(struct app *app, key_code key)
{
	struct text_field *f = &app->field;
	char bytes[UTF8_MAX];
	size_t n;

	if (key == INPUT_BACKSPACE && f->len) {
		do
			f->len--;
		while (f->len && (f->text[f->len] & 0xc0) == 0x80);
		f->text[f->len] = '\0';
		app->picked = 0;
		return true;
	}
	if (key < ' ' || key >= 0x110000 || key == 0x7f)
		return false;
	n = utf8_encode(key, bytes);
	if (f->len + n >= sizeof f->text)
		return true;
	memcpy(f->text + f->len, bytes, n);
	f->len += n;
	f->text[f->len] = '\0';
	app->picked = 0;
	return true;
}

bool field_matches(const struct app *app, const char *text)
{
	return strcasestr(text, app->field.text) != NULL;
}

/* ---- the mouse --------------------------------------------------------- */

void list_spot(const struct app *app, struct rect at, size_t entry)
{
	struct layout *l = app->layout;

	if (l->spot_count < SPOTS)
		l->spots[l->spot_count++] = (struct spot){at, entry};
}

/* The first click picks an entry, the next on it is Enter. In the help the
 * first one runs it. */
static void click_entry(struct app *app, size_t entry)
{
	if (app->overlay == OVERLAY_HELP) {
		overlay_close(app);
		app_do(app, (enum action)entry);
	} else if (entry == app->picked) {
		overlay_key(app, INPUT_ENTER);
	} else {
		app->picked = entry;
		if (app->overlay == OVERLAY_CHOOSER)
			chooser_look(app);
	}
}

static void click_overlay(struct app *app, int x, int y)
{
	const struct layout *l = app->layout;

	for (size_t i = 0; i < l->spot_count; i++)
		if (rect_contains(l->spots[i].at, x, y)) {
			click_entry(app, l->spots[i].entry);
			return;
		}
}

void click(struct app *app, int x, int y, int w, int h)
{
	if (app->overlay != OVERLAY_NONE)
		click_overlay(app, x, y);
	else if (y == h - 1)
		footer_click(app, x, w);
	else
		panel_click(app, x, y);
}

/* What it turns is what lies under it: a list, a text, else time. */
void wheel(struct app *app, int x, int y, int by)
{
	enum panel under[] = {PANEL_SOURCE, PANEL_DIAGNOSIS};

	for (size_t i = 0; app->overlay == OVERLAY_NONE && i < 2; i++)
		if (rect_contains(app->layout->panel[under[i]], x, y)) {
			app->scroll[under[i]] += by;
			return;
		}
	app_key(app, by < 0 ? INPUT_UP : INPUT_DOWN);
}
