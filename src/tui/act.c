/*
 * act.c - what keys do.
 *
 * A key is looked up in keys.def and becomes an action; an open overlay that
 * takes text sees it first. Every refusal says why in the notice line.
 */
#include <stdarg.h>
#include <stdio.h>

#include "freeview.h"
#include "inside.h"
#include "overlay.h"
#include "views.h"

void notice(struct app *app, bool bad, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(app->notice, sizeof app->notice, fmt, ap);
	va_end(ap);
	app->notice_bad = bad;
}

/* ---- stepping ---------------------------------------------------------- */

static void step_thread(struct app *app, size_t k)
{
	if (k >= app->program->threads.count) {
		notice(app, true,
		       "there is no thread %zu: this scenario has "
		       "%zu",
		       k + 1, app->program->threads.count);
		return;
	}
	app->selected = (thread_id)k;
	if (run_take(app, choice_move((thread_id)k)))
		app->selected = (thread_id)k;
}

static void toggle_play(struct app *app)
{
	app->playing = !app->playing;
	if (app->playing && !run_step(app))
		app->playing = false;
}

static void change_speed(struct app *app, double factor)
{
	double s = app->speed * factor;

	app->speed = s < 0.25 ? 0.25 : s > 64 ? 64 : s;
	notice(app, false, "%g step%s a second", app->speed,
	       app->speed == 1 ? "" : "s");
}

static void reseed(struct app *app)
{
	struct error err = {0};

	app->seed = app->seed * 6364136223846793005u + 1442695040888963407u;
	snprintf(app->policy_spec, sizeof app->policy_spec, "random");
	policy_free(app->policy);
	app->policy =
		policy_new(app->policy_spec, app->seed, app->program, &err);
	timeline_cut(&app->timeline, 0);
	run_restart(app);
	notice(app, false, "random policy, seed %llu",
	       (unsigned long long)app->seed);
}

/* ---- moving ------------------------------------------------------------ */

static void move_time(struct app *app, long by)
{
	long at = (long)app->timeline.cursor + by;

	if (by < 0 && !app->timeline.cursor)
		notice(app, false, "this is the start: nothing lies before it");
	if (by > 0 && app->timeline.cursor == app->timeline.schedule.len)
		notice(app, false, "this is the last recorded step; %s goes on",
		       app_key_name(app, ACTION_STEP).text);
	run_goto(app, at < 0 ? 0 : (size_t)at);
}

static void move_thread(struct app *app, int by)
{
	int n = (int)app->program->threads.count;

	if (n == 1)
		notice(app, false, "there is only this thread");
	app->selected = (thread_id)(((int)app->selected + by + n) % n);
}

/* To the first step or the last. */
static void move_end(struct app *app, bool last)
{
	size_t n = app->timeline.schedule.len;

	if (app->timeline.cursor == (last ? n : 0))
		move_time(app, last ? 1 : -1);
	else
		run_goto(app, last ? n : 0);
}

static void restart(struct app *app)
{
	size_t n = app->timeline.schedule.len;

	if (!app->timeline.cursor && !app->engine_down)
		notice(app, false, "at the start already%s",
		       n ? ": s walks what is recorded" : "");
	run_restart(app);
}

/* In the ladder time goes down, in the lanes to the right. */
static void move(struct app *app, int dx, int dy)
{
	bool lanes = app_lanes(app);
	int time = lanes ? dx : dy, thread = lanes ? dy : dx;

	bool list = app->focus != PANEL_TIMELINE && app->focus != PANEL_LOG;

	if (list && dx) {
		notice(app, true,
		       "left and right move in the timeline; Tab goes there");
		return;
	}
	if (app->focus == PANEL_STATE) {
		size_t row = app->state_row;

		state_move(app, dy);
		if (app->state_row == row)
			notice(app, false,
			       "this is the %s row; Tab goes to the next panel",
			       dy < 0 ? "first" : "last");
		return;
	}
	if (list) {
		scroll_by(app, app->focus, dy);
		return;
	}
	if (time)
		move_time(app, time);
	if (thread)
		move_thread(app, thread);
}

static void go_finding(struct app *app, int by)
{
	size_t best = SIZE_MAX, at = app->timeline.cursor;

	for (size_t i = 0; i < app->findings.len; i++) {
		size_t step = app->findings.data[i].step;

		if (by > 0 ? step > at && (best == SIZE_MAX || step < best)
			   : step < at && (best == SIZE_MAX || step > best))
			best = step;
	}
	if (best == SIZE_MAX)
		notice(app, false,
		       app->findings.len
			       ? "no finding %s this step"
			       : "no findings in this run %s this step",
		       by > 0 ? "after" : "before");
	else
		run_goto(app, best);
}

static void next_panel(struct app *app, int by)
{
	app->focus = (enum panel)(((int)app->focus + by + PANEL_COUNT) %
				  PANEL_COUNT);
}

/* ---- the table's actions ----------------------------------------------- */

static void special(struct app *app, uint8_t kind)
{
	run_take(app, (struct choice){app->selected, kind, 0});
}

static void next_theme(struct app *app)
{
	app->theme = (enum theme)((app->theme + 1) % THEME_COUNT);
	notice(app, false, "theme: %s", theme_name(app->theme));
}

static void next_arrows(struct app *app)
{
	static const char *const name[] = {"selected step", "all", "none"};

	app->arrows = (enum arrows)((app->arrows + 1) % 3);
	notice(app, false, "arrows: %s", name[app->arrows]);
}

static void quit(struct app *app)
{
	bool bottom = !app->program && app->overlay == OVERLAY_CHOOSER;

	if (app->overlay != OVERLAY_NONE && !bottom)
		overlay_close(app);
	else if (app->zoomed)
		app->zoomed = false;
	else
		app->quit = true;
}

static void act_run(struct app *app, enum action a)
{
	switch (a) {
	case ACTION_PLAY:
		toggle_play(app);
		break;
	case ACTION_STEP:
		run_step(app);
		break;
	case ACTION_SELECTED:
		step_thread(app, app->selected);
		break;
	case ACTION_BACK:
		move_time(app, -1);
		break;
	case ACTION_LINE:
		run_next_line(app);
		break;
	case ACTION_CONTINUE:
		run_continue(app);
		break;
	case ACTION_UNDO:
		run_undo(app);
		break;
	case ACTION_RESTART:
		restart(app);
		break;
	case ACTION_RESEED:
		reseed(app);
		break;
	case ACTION_SLOWER:
		change_speed(app, 0.5);
		break;
	case ACTION_FASTER:
		change_speed(app, 2);
		break;
	case ACTION_TIMEOUT:
		special(app, CHOICE_TIMEOUT);
		break;
	case ACTION_DRAIN:
		special(app, CHOICE_DRAIN);
		break;
	case ACTION_WAKE:
		special(app, CHOICE_WAKE);
		break;
	case ACTION_FIND:
		find_failure(app);
		break;
	default:
		break;
	}
}

static void act_move(struct app *app, enum action a)
{
	enum { PAGE = 10 };

	switch (a) {
	case ACTION_LEFT:
		move(app, -1, 0);
		break;
	case ACTION_RIGHT:
		move(app, 1, 0);
		break;
	case ACTION_UP:
		move(app, 0, -1);
		break;
	case ACTION_DOWN:
		move(app, 0, 1);
		break;
	case ACTION_FIRST:
	case ACTION_LAST:
		move_end(app, a == ACTION_LAST);
		break;
	case ACTION_PAGE_UP:
		move_time(app, -PAGE);
		break;
	case ACTION_PAGE_DOWN:
		move_time(app, PAGE);
		break;
	case ACTION_TAB:
		next_panel(app, 1);
		break;
	case ACTION_BACKTAB:
		next_panel(app, -1);
		break;
	case ACTION_PREVIOUS_FINDING:
		go_finding(app, -1);
		break;
	case ACTION_NEXT_FINDING:
		go_finding(app, 1);
		break;
	default:
		break;
	}
}

static void zoom(struct app *app, enum action a)
{
	int w = app->layout->panel[PANEL_TIMELINE].w;
	int before = lanes_zoom_shown(app, w);

	if (!app_lanes(app)) {
		notice(app, true, "only lanes can be zoomed; %s shows them",
		       app_key_name(app, ACTION_VIEW).text);
		return;
	}
	if (a == ACTION_ZOOM_ALL)
		app->zoom = ZOOM_WHOLE;
	else
		lanes_zoom_by(app, a == ACTION_ZOOM_IN ? 1 : -1);
	if (lanes_zoom_shown(app, w) == before)
		notice(app, false,
		       a == ACTION_ZOOM_IN    ? "no closer: a step is as wide "
						"as it gets"
		       : a == ACTION_ZOOM_OUT ? "no further: a step is as "
						"narrow as it gets"
					      : "the whole run is shown");
}

static void act_show(struct app *app, enum action a)
{
	switch (a) {
	case ACTION_VIEW:
		app->lanes = !app->lanes;
		break;
	case ACTION_ZOOM_PANEL:
		app->zoomed = !app->zoomed;
		break;
	case ACTION_ZOOM_IN:
	case ACTION_ZOOM_OUT:
	case ACTION_ZOOM_ALL:
		zoom(app, a);
		break;
	case ACTION_ARROWS:
		next_arrows(app);
		break;
	case ACTION_THEME:
		next_theme(app);
		break;
	case ACTION_MOUSE:
		app->mouse = !app->mouse;
		notice(app, false, "mouse %s", app->mouse ? "on" : "off");
		break;
	case ACTION_PREDICT:
		predict_next(app);
		break;
	case ACTION_PICTURE:
		picture_write(app);
		break;
	case ACTION_SAVE:
		save_write(app);
		break;
	case ACTION_QUIT:
		quit(app);
		break;
	case ACTION_QUIT_NOW:
		app->quit = true;
		break;
	default:
		break;
	}
}

/* Before a scenario is open. */
static bool is_too_early(const struct app *app, enum action a)
{
	switch (a) {
	case ACTION_QUIT:
	case ACTION_QUIT_NOW:
	case ACTION_HELP:
	case ACTION_PALETTE:
	case ACTION_THEME:
	case ACTION_MOUSE:
		return false;
	default:
		return !app->program;
	}
}

void app_do(struct app *app, enum action a)
{
	app->notice[0] = '\0';
	if (is_too_early(app, a)) {
		notice(app, true,
		       "\"%s\" is for an open scenario: Enter "
		       "opens one",
		       action_info[a].help);
		return;
	}
	if (overlay_refuses(app, a, action_key(a)) || free_view_do(app, a))
		return;
	if (a == ACTION_ENTER && app->focus == PANEL_STATE &&
	    app->overlay == OVERLAY_NONE) {
		state_why(app);
		return;
	}
	if (overlay_open(app, a))
		return;
	act_run(app, a);
	act_move(app, a);
	act_show(app, a);
	if (app->program)
		run_settle(app);
}

void refuse_key(struct app *app, key_code key)
{
	struct str name = {0};

	key_format(key, &name);
	if (overlay_types(app))
		notice(app, true, "%s does nothing here", str_cstr(&name));
	else
		notice(app, true, "%s does nothing here; %s shows the keys",
		       str_cstr(&name), app_key_name(app, ACTION_HELP).text);
	str_free(&name);
}

void app_key(struct app *app, key_code key)
{
	enum action a;

	app->continuing = 0;
	if (overlay_key(app, key) || predict_key(app, key))
		return;
	a = app_action(app, key);
	if (a != ACTION_NONE && app->program && overlay_refuses(app, a, key))
		return;
	if (a == ACTION_THREAD && key >= '1' && key <= '9' && app->program) {
		app->notice[0] = '\0';
		app->playing = false;
		if (app->free)
			free_view_select(app, key - '1');
		else
			step_thread(app, key - '1');
		return;
	}
	if (a == ACTION_NONE) {
		refuse_key(app, key);
		return;
	}
	if (a != ACTION_PLAY && app->playing)
		app->playing = a == ACTION_SLOWER || a == ACTION_FASTER ||
			       a == ACTION_VIEW || a == ACTION_THEME;
	app_do(app, a);
}

void app_click(struct app *app, const struct input_event *e, int w, int h)
{
	if (e->button == MOUSE_WHEEL_UP || e->button == MOUSE_WHEEL_DOWN)
		wheel(app, e->x, e->y, e->button == MOUSE_WHEEL_UP ? -1 : 1);
	else
		click(app, e->x, e->y, w, h);
}
