/*
 * footer.c - the last row: what can be pressed now, or what was refused.
 *
 * The hints follow from where the keys go: to an open overlay, to the question
 * of predict, to a free run, to stepping. The most important come first, as
 * many as fit; how to get help and out stands at the right end and is never cut
 * off. A click presses what it hits. A notice takes the place of the hints and,
 * where one row is too short for it, the rows above: a reason cut short is
 * none.
 */
#include <string.h>

#include "freeview.h"
#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"
#include "views.h"

/* "s step": a click does the action or, without one, presses the first key. */
struct hint {
	const char *text; /* "": not offered now */
	enum action action;
	char keys[24];
};

enum { HINTS = ACTION_COUNT + 8, GAP = 2 };

struct hints {
	struct hint list[HINTS];
	size_t len, end; /* those from `end` on stand on the right */
};

/* ---- which -------------------------------------------------------------- */

static void add_keys(struct hints *h, const char *keys, const char *text)
{
	struct hint *hint = &h->list[h->len];

	*hint = (struct hint){.text = text, .action = ACTION_NONE};
	strncpy(hint->keys, keys, sizeof hint->keys - 1);
	h->len += *text != '\0';
}

static void add_action(const struct app *app, struct hints *h, enum action a,
		       const char *text)
{
	struct key_name key = app_key_name(app, a);

	if (!key.text[0])
		text = ""; /* the user gave its keys away */
	add_keys(h, a == ACTION_THREAD ? "1-9" : key.text, text);
	if (*text)
		h->list[h->len - 1].action = a;
}

static const char *free_hint(const struct app *app, enum action a)
{
	bool paused = app->free->state == FREE_PAUSED;

	switch (a) {
	case ACTION_PLAY:
		return !app_live(app) ? "" : paused ? "go on" : "pause";
	case ACTION_ZOOM_IN:
		return "in";
	case ACTION_ZOOM_OUT:
		return "out";
	case ACTION_ZOOM_ALL:
		return "all";
	case ACTION_STEP:
		return "next record";
	case ACTION_CHANGE:
		return "change";
	case ACTION_NEXT_FINDING:
		return "arrow";
	case ACTION_RESTART:
		return "again";
	case ACTION_RESEED:
		return "chaos";
	case ACTION_FREE:
		return app->free->alone ? "" : "step mode";
	case ACTION_MARK_A:
		return "mark";
	case ACTION_HIDE:
		return "hide";
	default:
		return action_info[a].hint;
	}
}

static void add_free(const struct app *app, struct hints *h)
{
	static const enum action offered[] = {
		ACTION_PLAY,         ACTION_ZOOM_IN, ACTION_ZOOM_OUT,
		ACTION_ZOOM_ALL,     ACTION_STEP,    ACTION_CHANGE,
		ACTION_NEXT_FINDING, ACTION_FREE,    ACTION_RESTART,
		ACTION_RESEED,       ACTION_MARK_A,  ACTION_HIDE,
		ACTION_PICTURE,      ACTION_PALETTE,
	};

	for (size_t i = 0; i < sizeof offered / sizeof *offered; i++)
		add_action(app, h, offered[i], free_hint(app, offered[i]));
}

static void add_stepping(const struct app *app, struct hints *h)
{
	for (int i = 0; i < ACTION_COUNT; i++) {
		enum action a = (enum action)i;
		const char *text = action_info[a].hint;

		if (a == ACTION_HELP || a == ACTION_QUIT)
			continue;
		if (a == ACTION_PLAY && app->playing)
			text = "pause";
		if (a == ACTION_VIEW)
			text = app_lanes(app) ? "ladder" : "lanes";
		add_action(app, h, a, text);
	}
}

/* Keys that move the run below an overlay; the others are its own. */
static enum action step_of(const char *keys)
{
	return !strcmp(keys, "s")   ? ACTION_STEP
	       : !strcmp(keys, "b") ? ACTION_BACK
				    : ACTION_NONE;
}

static void add_overlay(const struct app *app, struct hints *h)
{
	static const struct {
		enum overlay overlay;
		const char *keys, *text;
	} all[] = {
#define OVERLAY_KEY(overlay, keys, hint) {OVERLAY_##overlay, keys, hint},
#include "threadviz/overlays.def"
#undef OVERLAY_KEY
	};

	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (all[i].overlay == app->overlay &&
		    overlay_offers(app, all[i].keys)) {
			enum action a = step_of(all[i].keys);

			if (a == ACTION_NONE)
				add_keys(h, all[i].keys, all[i].text);
			else
				add_action(app, h, a, all[i].text);
		}
}

static void add_predict(const struct app *app, struct hints *h)
{
	if (app->predict == PREDICT_SHOWN) {
		add_keys(h, "y", "I was right");
		add_keys(h, "n", "I was not");
		add_action(app, h, ACTION_PREDICT, "next question");
	} else {
		add_action(app, h, ACTION_PREDICT, "show the answer");
	}
	add_action(app, h, ACTION_STEP, "step");
	add_action(app, h, ACTION_THREAD, "step thread");
	add_action(app, h, ACTION_BACK, "back");
}

/* What q does now. */
static const char *way_out(const struct app *app)
{
	if (app->overlay != OVERLAY_NONE)
		return app->program || app->overlay != OVERLAY_CHOOSER ? "close"
								       : "quit";
	if (!app->free && app->predict != PREDICT_OFF)
		return "stop asking";
	if (app->zoomed)
		return "all panels";
	return app->free && !app->free->alone ? "step mode" : "quit";
}

static struct hints hints_of(const struct app *app)
{
	struct hints h = {0};

	if (app->overlay != OVERLAY_NONE)
		add_overlay(app, &h);
	else if (app->free)
		add_free(app, &h);
	else if (app->predict != PREDICT_OFF)
		add_predict(app, &h);
	else
		add_stepping(app, &h);
	h.end = h.len;
	if (overlay_types(app)) {
		add_keys(&h, "Esc",
			 app->filtering                   ? "all again"
			 : app->overlay == OVERLAY_SEARCH ? "go back"
							  : "close");
		return h;
	}
	if (app->overlay != OVERLAY_HELP)
		add_action(app, &h, ACTION_HELP, "help");
	if (app->overlay == OVERLAY_NONE && app->predict == PREDICT_OFF)
		add_action(app, &h, ACTION_QUIT, way_out(app));
	else
		add_keys(&h, "q", way_out(app));
	return h;
}

/* ---- where -------------------------------------------------------------- */

static int hint_width(const struct hint *h)
{
	return (int)strlen(h->keys) + 1 + utf8_width(h->text);
}

/* Where the right end begins. */
static int end_of(const struct hints *h, int w)
{
	int x = w - 1;

	for (size_t i = h->end; i < h->len; i++)
		x -= hint_width(&h->list[i]) + (i > h->end ? GAP : 0);
	return x < 0 ? 0 : x;
}

/* Where hint i stands in w cells; -1: there is no room for it. */
static int place_of(const struct hints *h, size_t i, int w)
{
	bool right = i >= h->end;
	int end = end_of(h, w), x = right ? end : 1;

	for (size_t k = right ? h->end : 0; k < i; k++)
		x += hint_width(&h->list[k]) + GAP;
	return right || x + hint_width(&h->list[i]) + GAP <= end ? x : -1;
}

static void draw_hint(struct grid *g, struct rect r, int x,
		      const struct hint *h)
{
	x += grid_text(g, r, x, 0, STYLE(KEY), h->keys);
	grid_text(g, r, x + 1, 0, STYLE(TEXT), h->text);
}

/* ---- the notice --------------------------------------------------------- */

static struct style notice_style(const struct app *app)
{
	return app->notice_bad ? STYLE(WARN) : STYLE(GOOD);
}

/* Over the last rows of r, as many as it needs. */
static void draw_rows(struct grid *g, struct rect r, struct style style,
		      const char *text)
{
	struct rect unseen = {0, g->h, r.w - 2, NOTICE_LENGTH};
	int rows = grid_wrap(g, unseen, 0, STYLE(TEXT), text);

	r = rect_cut_bottom(&r, rows < r.h / 2 ? rows : r.h / 2);
	grid_fill(g, r, STYLE(TEXT), ' ');
	r.x++;
	r.w -= 2;
	grid_wrap(g, r, 0, style, text);
}

/* The question and its answer, where the words have no place of their own. */
static void draw_question(const struct app *app, struct grid *g, struct rect r)
{
	struct str s = {0}, answer = {0};

	predict_question(app, &s);
	if (app->predict == PREDICT_SHOWN) {
		predict_answer(app, &answer);
		str_addf(&s, "\n%s", str_cstr(&answer));
	}
	draw_rows(g, r, STYLE(GOOD), str_cstr(&s));
	str_free(&answer);
	str_free(&s);
}

void footer_draw(const struct app *app, struct grid *g)
{
	struct hints h = hints_of(app);
	struct rect all = grid_rect(g), r = rect_cut_bottom(&all, 1);
	int said = utf8_width(app->notice), end = end_of(&h, r.w);

	grid_fill(g, r, STYLE(TEXT), ' ');
	if (said > r.w - 2) {
		draw_rows(g, grid_rect(g), notice_style(app), app->notice);
		return;
	}
	if (!app->free && app->overlay == OVERLAY_NONE && app->program &&
	    app->predict != PREDICT_OFF && is_one_panel(app, g))
		draw_question(app, g, all);
	grid_text(g, r, 1, 0, notice_style(app), app->notice);
	if (said && said + 3 > end)
		return;
	for (size_t i = said ? h.end : 0; i < h.len; i++)
		if (place_of(&h, i, r.w) >= 0)
			draw_hint(g, r, place_of(&h, i, r.w), &h.list[i]);
}

/* ---- clicks ------------------------------------------------------------- */

static void press(struct app *app, const struct hint *h)
{
	char first[sizeof h->keys];
	key_code key;

	if (h->action != ACTION_NONE && h->action != ACTION_THREAD) {
		app_do(app, h->action);
		return;
	}
	memcpy(first, h->keys, sizeof first);
	first[strcspn(first, " ")] = '\0';
	if (key_parse(first, &key))
		app_key(app, key);
}

void footer_click(struct app *app, int x, int w)
{
	struct hints h = hints_of(app);

	for (size_t i = app->notice[0] ? h.end : 0; i < h.len; i++) {
		int at = place_of(&h, i, w);

		if (at >= 0 && x >= at && x < at + hint_width(&h.list[i])) {
			press(app, &h.list[i]);
			return;
		}
	}
}
