/*
 * overlay.c - which overlay is open, its keys first, its frame.
 *
 * Nothing needs Esc: q closes whatever is open, and the key that opened an
 * overlay closes it again. In a text field only Enter, Esc, Ctrl-C and
 * Backspace on nothing leave. A key that would move the run unseen behind an
 * overlay is refused; where the overlay shows the moment, it moves on.
 */
#include <string.h>
#include <wctype.h>

#include "freeview.h"
#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"
#include "views.h"

struct kind {
	enum action action; /* opens it */
	void (*draw)(const struct app *, struct grid *);
	bool (*key)(struct app *, key_code); /* NULL: it has no keys */
	bool through; /* other keys move the run, which it shows */
};

static const struct kind kinds[] = {
	[OVERLAY_HELP] = {ACTION_HELP, help_draw, help_key, false},
	[OVERLAY_PALETTE] = {ACTION_PALETTE, palette_draw, palette_key, false},
	[OVERLAY_CHOOSER] = {ACTION_OPEN, chooser_draw, chooser_key, false},
	[OVERLAY_EXPLORE] = {ACTION_EXPLORE, explore_draw, explore_key, false},
	[OVERLAY_DETAILS] = {ACTION_ENTER, details_draw, details_key, true},
	[OVERLAY_WAITS] = {ACTION_WAITS, waits_draw, NULL, true},
	[OVERLAY_OUTPUT] = {ACTION_OUTPUT, output_draw, output_key, true},
	[OVERLAY_SEARCH] = {ACTION_SEARCH, search_draw, search_key, false},
	[OVERLAY_HISTOGRAM] = {ACTION_HISTOGRAM, histogram_draw, histogram_key,
			       false},
};
static const int kind_count = sizeof kinds / sizeof *kinds;

/* ---- opening and closing ------------------------------------------------ */

/* Help and commands lie over what was open and give it back as it was. */
static bool is_passing(enum overlay o)
{
	return o == OVERLAY_HELP || o == OVERLAY_PALETTE;
}

static void open_behind(struct app *app)
{
	app->overlay = app->behind.overlay;
	app->picked = app->behind.picked;
	app->field = app->behind.field;
	app->filtering = app->behind.filtering;
	app->behind.overlay = OVERLAY_NONE;
}

void overlay_close(struct app *app)
{
	app->field = (struct text_field){0};
	app->filtering = false;
	if (is_passing(app->overlay)) {
		open_behind(app);
		return;
	}
	if (app->overlay == OVERLAY_CHOOSER)
		chooser_close(app);
	app->overlay = OVERLAY_NONE;
	if (!app->program) /* there is nothing below it */
		chooser_open(app);
}

static void open_overlay(struct app *app, enum overlay o)
{
	if (is_passing(o)) {
		app->behind.overlay = app->overlay;
		app->behind.picked = app->picked;
		app->behind.field = app->field;
		app->behind.filtering = app->filtering;
		app->field = (struct text_field){0};
		app->filtering = false;
	} else if (app->overlay != OVERLAY_NONE) {
		overlay_close(app);
	}
	app->overlay = o;
	app->picked = 0;
	app->playing = false;
	app->search_from = app->timeline.cursor;
	if (o == OVERLAY_CHOOSER)
		chooser_open(app);
}

bool overlay_open(struct app *app, enum action a)
{
	for (int i = OVERLAY_NONE + 1; i < kind_count; i++) {
		if (kinds[i].action != a)
			continue;
		if (app->overlay == (enum overlay)i) {
			overlay_close(app);
			return true;
		}
		if (is_passing(app->overlay))
			overlay_close(app);
		if (app->overlay != (enum overlay)i)
			open_overlay(app, (enum overlay)i);
		return true;
	}
	return false;
}

/* ---- keys --------------------------------------------------------------- */

bool overlay_types(const struct app *app)
{
	return app->overlay == OVERLAY_PALETTE ||
	       app->overlay == OVERLAY_SEARCH ||
	       (app->overlay != OVERLAY_NONE && app->filtering);
}

bool overlay_offers(const struct app *app, const char *keys)
{
	const struct program *p = app->preview;
	size_t params = p ? p->params.count : 0;

	if (overlay_types(app) && (!strcmp(keys, "/") || !strcmp(keys, "0-9")))
		return false;
	if (app->overlay == OVERLAY_OUTPUT)
		return output_scrolls(app);
	if (app->overlay != OVERLAY_CHOOSER || !strcmp(keys, "Enter") ||
	    !strcmp(keys, "/"))
		return true;
	return params > (strcmp(keys, "Tab") ? 0 : 1);
}

bool overlay_key(struct app *app, key_code key)
{
	if (key == INPUT_CTRL('c'))
		key = INPUT_ESCAPE; /* leaves the field, not the program */
	if (app->overlay == OVERLAY_NONE || (int)app->overlay >= kind_count)
		return false;
	app->notice[0] = '\0';
	if (kinds[app->overlay].key && kinds[app->overlay].key(app, key))
		return true;
	if (key != INPUT_ESCAPE)
		return false;
	if (app->program || app->overlay != OVERLAY_CHOOSER)
		overlay_close(app);
	else
		app->quit = true;
	return true;
}

/* Of the keys that move the run. */
static bool is_for_the_run(enum action a)
{
	switch (a) {
	case ACTION_THEME:
	case ACTION_MOUSE:
	case ACTION_PICTURE:
	case ACTION_SAVE:
	case ACTION_QUIT:
	case ACTION_QUIT_NOW:
		return false;
	default:
		return true;
	}
}

static bool opens_overlay(enum action a)
{
	for (int i = OVERLAY_NONE + 1; i < kind_count; i++)
		if (kinds[i].action == a)
			return true;
	return false;
}

bool overlay_refuses(struct app *app, enum action a, key_code key)
{
	const char *help = action_help(a, app->free);
	struct str name = {0};

	if (app->overlay == OVERLAY_NONE ||
	    (kinds[app->overlay].through && !app->free) || !is_for_the_run(a) ||
	    (opens_overlay(a) && a != ACTION_ENTER))
		return false;
	key_format(key, &name);
	notice(app, true, "%s (%s): q closes this first", str_cstr(&name),
	       *help ? help : action_info[a].help);
	str_free(&name);
	return true;
}

/* ---- drawing ------------------------------------------------------------ */

void overlay_draw(const struct app *app, struct grid *g)
{
	if (app->overlay != OVERLAY_NONE && (int)app->overlay < kind_count)
		kinds[app->overlay].draw(app, g);
}

struct rect overlay_frame(struct grid *g, int w, int h, const char *title)
{
	struct rect r = grid_rect(g), edge;

	rect_cut_bottom(&r, 1); /* the footer's */
	w = w < r.w ? w : r.w;
	h = h < r.h ? h : r.h;
	r = (struct rect){(r.w - w) / 2, (r.h - h) / 2, w, h};
	grid_fill(g, r, STYLE(TEXT), ' ');
	grid_box(g, r, STYLE(RULE));
	edge = (struct rect){r.x + 1, r.y, r.w - 2, 1};
	grid_printf(g, edge, 1, 0, STYLE(TITLE_FOCUS), " %s ", title);
	r = (struct rect){r.x + 1, r.y + 1, r.w - 2, r.h - 2};
	grid_cursor(g, r, 1, 0, false);
	return r;
}

/* ---- lists -------------------------------------------------------------- */

void list_position(const struct app *app, struct grid *g, struct rect inside,
		   size_t n)
{
	struct rect edge = {inside.x, inside.y - 1, inside.w, 1};
	struct str s = {0};

	str_addf(&s, " %zu/%zu ", n ? app->picked + 1 : 0, n);
	grid_text(g, edge, edge.w - (int)s.len - 1, 0, STYLE(TEXT),
		  str_cstr(&s));
	str_free(&s);
}

/* Where letters are not typed they move, too. */
static key_code plain_key(const struct app *app, key_code key)
{
	if (overlay_types(app))
		return key;
	switch (key) {
	case 'j':
		return INPUT_DOWN;
	case 'k':
		return INPUT_UP;
	case 'g':
		return INPUT_HOME;
	case 'G':
		return INPUT_END;
	case INPUT_CTRL('u'):
		return INPUT_PGUP;
	case INPUT_CTRL('d'):
		return INPUT_PGDN;
	default:
		return key;
	}
}

bool list_key(struct app *app, key_code key, size_t n)
{
	long page = (long)app->layout->spot_count - 1;
	long at = (long)app->picked;

	switch (plain_key(app, key)) {
	case INPUT_UP:
		at--;
		break;
	case INPUT_DOWN:
		at++;
		break;
	case INPUT_PGUP:
		at -= page > 1 ? page : 1;
		break;
	case INPUT_PGDN:
		at += page > 1 ? page : 1;
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
	if (!n)
		notice(app, false, "the list is empty");
	else if (at <= 0 && !app->picked)
		notice(app, false, "this is the first of %zu", n);
	else if (at >= (long)n - 1 && app->picked + 1 == n)
		notice(app, false, "this is the last of %zu", n);
	if (at >= (long)n)
		at = (long)n - 1;
	app->picked = at < 0 ? 0 : (size_t)at;
	return true;
}

/* ---- the field ---------------------------------------------------------- */

static void field_cut(struct text_field *f, size_t len)
{
	f->len = len;
	f->text[len] = '\0';
}

/* Without the last word and the blanks behind it. */
static void field_cut_word(struct text_field *f)
{
	size_t n = f->len;

	while (n && f->text[n - 1] == ' ')
		n--;
	while (n && f->text[n - 1] != ' ')
		n--;
	field_cut(f, n);
}

static void field_cut_character(struct text_field *f)
{
	size_t n = f->len;

	do
		n--;
	while (n && (f->text[n] & 0xc0) == 0x80);
	field_cut(f, n);
}

static void field_type(struct app *app, key_code key)
{
	struct text_field *f = &app->field;
	char bytes[UTF8_MAX];
	size_t n = utf8_encode(key, bytes);

	if (f->len + n >= sizeof f->text) {
		notice(app, true, "the field is full; Ctrl-U clears it");
		return;
	}
	memcpy(f->text + f->len, bytes, n);
	field_cut(f, f->len + n);
}

bool field_key(struct app *app, key_code key)
{
	struct text_field *f = &app->field;

	if (!f->len && (key == INPUT_CTRL('u') || key == INPUT_CTRL('w')))
		notice(app, false, "there is nothing to clear");
	else if (key == INPUT_CTRL('u'))
		field_cut(f, 0);
	else if (key == INPUT_CTRL('w'))
		field_cut_word(f);
	else if (key == INPUT_BACKSPACE && f->len)
		field_cut_character(f);
	else if (key >= ' ' && key < 0x110000 && key != 0x7f)
		field_type(app, key);
	else
		return false;
	app->picked = 0;
	return true;
}

void field_draw(const struct app *app, struct grid *g, struct rect line,
		char sign)
{
	int x = 1;

	x += grid_printf(g, line, x, 0, STYLE(KEY), "%c", sign);
	x += grid_text(g, line, x, 0, style_with(STYLE(TEXT), STYLE_BOLD),
		       app->field.text);
	grid_cursor(g, line, x, 0, overlay_types(app));
}

/* The next word of the field behind *at; its length, 0: no more. */
static size_t next_word(const char **at)
{
	*at += strspn(*at, " ");
	return strcspn(*at, " ");
}

bool field_matches(const struct app *app, const char *text)
{
	const char *at = app->field.text;
	char word[sizeof app->field.text];
	size_t n;

	for (; (n = next_word(&at)); at += n) {
		memcpy(word, at, n);
		word[n] = '\0';
		if (!strcasestr(text, word))
			return false;
	}
	return true;
}

/* Whether the word stands in the row's cells from column x on. */
static bool stands_at(const struct grid *g, struct rect row, int x,
		      const char *word, size_t n)
{
	uint32_t ch;

	for (size_t i = 0; i < n; x++) {
		i += utf8_decode(word + i, n - i, &ch);
		if (x >= row.w ||
		    towlower((wint_t)grid_at(g, row.x + x, row.y)->ch) !=
			    towlower(ch))
			return false;
	}
	return true;
}

void field_mark(const struct app *app, struct grid *g, struct rect row)
{
	const char *at = app->field.text;
	size_t n;

	for (; (n = next_word(&at)); at += n)
		for (int x = 0; x < row.w; x++)
			for (int k = 0; stands_at(g, row, x, at, n) &&
					k < utf8_widthn(at, n);
			     k++)
				grid_put(g, row, x + k, 0, STYLE(MATCH),
					 grid_at(g, row.x + x + k, row.y)->ch);
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
	if (entry == app->picked || app->overlay == OVERLAY_HELP) {
		app->picked = entry;
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
	if (y == h - 1)
		footer_click(app, x, w);
	else if (app->overlay != OVERLAY_NONE)
		click_overlay(app, x, y);
	else
		panel_click(app, x, y);
}

/* What it turns is what lies under it: a list, a text, else time; a free run's
 * lanes it zooms. */
void wheel(struct app *app, int x, int y, int by)
{
	struct rect time = app->layout->panel[PANEL_TIMELINE];
	enum panel under[] = {PANEL_SOURCE, PANEL_DIAGNOSIS};

	for (size_t i = 0; app->overlay == OVERLAY_NONE && i < 2; i++)
		if (rect_contains(app->layout->panel[under[i]], x, y)) {
			app->notice[0] = '\0';
			scroll_by(app, under[i], by);
			return;
		}
	if (app->free && app->overlay == OVERLAY_NONE &&
	    rect_contains(time, x, y))
		free_view_wheel(app, free_lanes_cell(x - time.x), by < 0);
	else
		app_key(app, by < 0 ? INPUT_UP : INPUT_DOWN);
}
