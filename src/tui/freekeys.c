/*
 * freekeys.c - what keys do to a free run: the window over its time, the
 * cursor, the marks, which threads are shown; pause, again, back to stepping.
 *
 * The cursor is a time; where it was put on a record it remembers which. Moving
 * it out of view moves the window, and from then on that stays where it is.
 */
#include <stdlib.h>

#include "freeview.h"
#include "inside.h"

enum { CELLS = 60 /* before anything was drawn */ };

/* ---- the window -------------------------------------------------------- */

/* The next width of the series 1, 2, 5, 10 ... */
static uint64_t wider(uint64_t w)
{
	uint64_t power = 1;

	while (w / power >= 10)
		power *= 10;
	return w / power < 2   ? 2 * power
	       : w / power < 5 ? 5 * power
			       : 10 * power;
}

static uint64_t narrower(uint64_t w)
{
	uint64_t power = 1;

	while (w / power >= 10)
		power *= 10;
	if (w <= 1)
		return 1;
	return w / power > 5   ? 5 * power
	       : w / power > 2 ? 2 * power
	       : w / power > 1 ? power
			       : power / 2;
}

static struct free_window window_now(const struct app *app)
{
	int cells = app->layout->cells;

	return free_view_window(app->free, cells > 0 ? cells : CELLS);
}

static uint64_t window_span(struct free_window w)
{
	return w.width * (uint64_t)w.cells;
}

/* From here on the window stays where it is. */
static void hold_window(struct app *app, struct free_window w)
{
	app->free->whole = app->free->follow = false;
	app->free->from = w.from;
	app->free->width = w.width;
}

/* The cursor stays in view. */
static void show_time(struct app *app, uint64_t ns)
{
	struct free_window w = window_now(app);
	uint64_t span = window_span(w);

	if (ns >= w.from && ns < w.from + span)
		return;
	w.from = ns > span / 2 ? ns - span / 2 : 0;
	hold_window(app, w);
}

/* What stays in its cell: a time in view. */
static uint64_t anchor(const struct app *app, struct free_window w)
{
	uint64_t at = free_view_time(app->free);

	if (at < w.from || at >= w.from + window_span(w))
		at = w.from + window_span(w) / 2;
	return at;
}

static void zoom_round(struct app *app, bool in, uint64_t at)
{
	struct free_view *v = app->free;
	struct free_window w = window_now(app);
	uint64_t width = in ? narrower(w.width) : wider(w.width), left;

	if (in ? w.width <= 1 : v->whole) {
		notice(app, false,
		       in ? "a column is a nanosecond; there is no nearer"
			  : "this is the whole run");
		return;
	}
	if (!in && w.width >= free_view_whole(v, w.cells).width) {
		v->whole = true;
		return;
	}
	left = (at - w.from) / w.width * width;
	if (v->whole && v->at == NO_TIME && v->state == FREE_RUNNING)
		v->follow = true;
	v->whole = false;
	v->from = at > left ? at - left : 0;
	v->width = width;
}

static void zoom(struct app *app, bool in)
{
	zoom_round(app, in, anchor(app, window_now(app)));
}

void free_view_wheel(struct app *app, int cell, bool in)
{
	struct free_window w = window_now(app);

	app->notice[0] = '\0';
	if (cell < 0 || cell >= w.cells)
		zoom(app, in);
	else
		zoom_round(app, in,
			   w.from + (uint64_t)cell * w.width + w.width / 2);
}

/* ---- the cursor -------------------------------------------------------- */

static void go_time(struct app *app, uint64_t ns)
{
	struct free_view *v = app->free;
	uint64_t start = history_begin(v->history);
	uint64_t end = history_time(v->history);

	v->at = ns < start ? start : ns > end ? end : ns;
	v->record = HISTORY_NONE;
	show_time(app, v->at);
}

void free_view_go(struct app *app, uint64_t position)
{
	const struct event *e = history_at(app->free->history, position);

	app->free->at = e->time;
	app->free->record = position;
	if (e->thread != THREAD_NONE)
		app->selected = e->thread;
	show_time(app, e->time);
}

/* There is nothing before the first thread's begin, and nothing behind the
 * latest record. */
static void go_cells(struct app *app, long by)
{
	struct free_view *v = app->free;
	struct free_window w = window_now(app);
	uint64_t at = free_view_time(v), step = w.width * (uint64_t)labs(by);
	uint64_t from = at - at % w.width;

	go_time(app, by > 0 ? from + step : from > step ? from - step : 0);
	if (v->at == at)
		notice(app, false,
		       by < 0   ? "the run begins here"
		       : v->over ? "the run ends here"
				 : "nothing has been recorded after that");
}

/* The selected thread's next record, or the one before. */
static void go_next(struct app *app, int by)
{
	struct free_view *v = app->free;
	uint64_t from = v->record, to;

	if (from == HISTORY_NONE && v->at == NO_TIME && by > 0)
		go_time(app, history_begin(v->history));
	if (from == HISTORY_NONE) {
		from = history_find(v->history, free_view_time(v));
		if (by > 0 && from > history_first(v->history))
			from--;
	}
	to = history_next(v->history, from, app->selected, by);
	if (to == HISTORY_NONE)
		notice(app, false, "%s has recorded nothing %s that",
		       program_thread_name(app->program, app->selected),
		       by > 0 ? "after" : "before");
	else
		free_view_go(app, to);
}

static void go_change(struct app *app, int by)
{
	uint64_t to = history_change(app->free->history, app->selected,
				     free_view_time(app->free), by);

	if (to == NO_TIME || to < history_begin(app->free->history))
		notice(app, false, "%s does not change its state %s that",
		       program_thread_name(app->program, app->selected),
		       by > 0 ? "after" : "before");
	else
		go_time(app, to);
}

/* The record meant: the one under the cursor, else the selected thread's last
 * before it. */
static uint64_t record_here(const struct app *app)
{
	struct moment m;

	if (app->free->record != HISTORY_NONE)
		return app->free->record;
	history_moment(app->free->history, app->selected,
		       free_view_time(app->free), &m);
	return m.record;
}

static void go_along(struct app *app, int by)
{
	const struct history *h = app->free->history;
	uint64_t here = record_here(app), to = HISTORY_NONE;

	if (here != HISTORY_NONE)
		to = by > 0 ? history_effect(h, here) : history_cause(h, here);
	if (to != HISTORY_NONE)
		free_view_go(app, to);
	else
		notice(app, false,
		       by > 0 ? "no arrow leads from this record"
			      : "no arrow leads to this record");
}

static void go_thread(struct app *app, int by)
{
	int n = (int)app->program->threads.count, t = app->selected;

	do
		t = (t + by + n) % n;
	while (t != app->selected && app->free->hidden >> t & 1);
	if (t == app->selected)
		notice(app, false, "no other thread is %s",
		       app->free->hidden ? "shown; I shows all" : "there");
	app->selected = (thread_id)t;
	app->free->record = HISTORY_NONE;
}

static void mark(struct app *app, int which)
{
	uint64_t *m = &app->free->marks[which], at = free_view_time(app->free);

	*m = *m == at ? NO_TIME : at;
	notice(app, false, *m == at ? "%c is here" : "%c is gone", 'A' + which);
}

static void hide(struct app *app)
{
	uint64_t all =
		app->program->threads.count >= 64
			? UINT64_MAX
			: (UINT64_C(1) << app->program->threads.count) - 1;
	uint64_t hidden = app->free->hidden | UINT64_C(1) << app->selected;

	if (hidden == all) {
		notice(app, true, "one thread stays");
		return;
	}
	notice(app, false, "%s is hidden; %s shows all",
	       program_thread_name(app->program, app->selected),
	       app_key_name(app, ACTION_UNHIDE).text);
	app->free->hidden = hidden;
	go_thread(app, 1);
}

/* ---- keys -------------------------------------------------------------- */

static void toggle_pause(struct app *app)
{
	struct free_view *v = app->free;

	if (!v->run || v->over)
		notice(app, true, "%s; %s runs it again",
		       v->run ? "the run is over" : "this is a saved run",
		       app_key_name(app, ACTION_RESTART).text);
	else if (v->state == FREE_PAUSED)
		free_continue(v->run);
	else
		free_pause(v->run);
	if (v->run)
		v->state = free_state(v->run);
	v->quiet = 0;
}

/* Why a key means nothing here. */
static bool refuse(struct app *app, enum action a)
{
	struct key_name step = app_key_name(app, ACTION_STEP);
	struct key_name back = app_key_name(app, ACTION_FREE);

	if (a == ACTION_VIEW)
		notice(app, true, "a free run is always shown as lanes");
	else if (a == ACTION_ARROWS)
		notice(app, true,
		       "arrows are those of the record under the cursor; %s "
		       "goes to the next",
		       step.text);
	else if (a == ACTION_WAITS)
		notice(app, true,
		       "who waits for whom is said at the cursor; %s goes to "
		       "that panel",
		       app_key_name(app, ACTION_TAB).text);
	else if (a == ACTION_SEARCH)
		notice(app, true,
		       "no search in a free run; %s goes from record to "
		       "record, %s to changes",
		       step.text, app_key_name(app, ACTION_CHANGE).text);
	else if (a == ACTION_SLOWER || a == ACTION_FASTER)
		notice(app, true,
		       "real threads are as fast as they are; %s steps them",
		       back.text);
	else
		notice(app, true,
		       "the kernel schedules; %s goes back to stepping",
		       back.text);
	return true;
}

static void go_end(struct app *app)
{
	struct free_view *v = app->free;

	go_time(app, NO_TIME - 1);
	v->at = NO_TIME;
	v->follow = !v->whole;
	notice(app, false,
	       v->over ? "the end of the run" : "now, and it stays there");
}

static void show_all(struct app *app)
{
	if (!app->free->hidden)
		notice(app, false, "no thread is hidden");
	app->free->hidden = 0;
}

static void zoom_all(struct app *app)
{
	if (app->free->whole)
		notice(app, false, "this is the whole run");
	app->free->whole = true;
}

static bool leave(struct app *app)
{
	if (app->overlay != OVERLAY_NONE || app->zoomed || app->free->alone)
		return false;
	free_view_close(app);
	return true;
}

static bool do_run(struct app *app, enum action a)
{
	switch (a) {
	case ACTION_FREE:
		free_view_close(app);
		return true;
	case ACTION_PLAY:
		toggle_pause(app);
		return true;
	case ACTION_RESEED:
		app->free_options.chaos++;
		free_view_start(app);
		notice(app, false,
		       "chaos %llu: random yields and naps between operations",
		       (unsigned long long)app->free_options.chaos);
		return true;
	case ACTION_RESTART:
		free_view_start(app);
		return true;
	case ACTION_QUIT:
		return leave(app);
	case ACTION_SELECTED:
	case ACTION_LINE:
	case ACTION_CONTINUE:
	case ACTION_UNDO:
	case ACTION_SLOWER:
	case ACTION_FASTER:
	case ACTION_TIMEOUT:
	case ACTION_DRAIN:
	case ACTION_WAKE:
	case ACTION_FIND:
	case ACTION_PREDICT:
	case ACTION_WAITS:
	case ACTION_SEARCH:
	case ACTION_VIEW:
	case ACTION_ARROWS:
		return refuse(app, a);
	default:
		return false;
	}
}

static bool do_move(struct app *app, enum action a)
{
	struct free_window w = window_now(app);

	switch (a) {
	case ACTION_LEFT:
		go_cells(app, -1);
		return true;
	case ACTION_RIGHT:
		go_cells(app, 1);
		return true;
	case ACTION_UP:
		go_thread(app, -1);
		return true;
	case ACTION_DOWN:
		go_thread(app, 1);
		return true;
	case ACTION_PAGE_UP:
		go_cells(app, -w.cells / 2);
		return true;
	case ACTION_PAGE_DOWN:
		go_cells(app, w.cells / 2);
		return true;
	case ACTION_FIRST:
		go_time(app, 0);
		notice(app, false, "the first thread begins here");
		return true;
	case ACTION_LAST:
		go_end(app);
		return true;
	default:
		return false;
	}
}

static bool do_look(struct app *app, enum action a)
{
	switch (a) {
	case ACTION_STEP:
		go_next(app, 1);
		return true;
	case ACTION_BACK:
		go_next(app, -1);
		return true;
	case ACTION_CHANGE_BACK:
		go_change(app, -1);
		return true;
	case ACTION_CHANGE:
		go_change(app, 1);
		return true;
	case ACTION_PREVIOUS_FINDING:
		go_along(app, -1);
		return true;
	case ACTION_NEXT_FINDING:
	case ACTION_ENTER:
		go_along(app, a == ACTION_ENTER ? -1 : 1);
		return true;
	case ACTION_MARK_A:
	case ACTION_MARK_B:
		mark(app, a == ACTION_MARK_B);
		return true;
	case ACTION_HIDE:
		hide(app);
		return true;
	case ACTION_UNHIDE:
		show_all(app);
		return true;
	case ACTION_ZOOM_IN:
	case ACTION_ZOOM_OUT:
		zoom(app, a == ACTION_ZOOM_IN);
		return true;
	case ACTION_ZOOM_ALL:
		zoom_all(app);
		return true;
	default:
		return false;
	}
}

/* What these keys do while the schedule is ours. */
static bool do_outside(struct app *app, enum action a)
{
	switch (a) {
	case ACTION_FREE:
		free_view_start(app);
		return true;
	case ACTION_CHANGE_BACK:
	case ACTION_CHANGE:
	case ACTION_MARK_A:
	case ACTION_MARK_B:
	case ACTION_HIDE:
	case ACTION_UNHIDE:
		notice(app, true, "that is for a free run; %s starts one",
		       app_key_name(app, ACTION_FREE).text);
		return true;
	default:
		return false;
	}
}

bool free_view_do(struct app *app, enum action a)
{
	if (!app->free)
		return do_outside(app, a);
	if (app->overlay != OVERLAY_NONE)
		return false;
	return do_run(app, a) || do_move(app, a) || do_look(app, a);
}

void free_view_select(struct app *app, size_t k)
{
	if (k >= app->program->threads.count) {
		notice(app, true,
		       "there is no thread %zu: this scenario has %zu", k + 1,
		       app->program->threads.count);
		return;
	}
	if (app->selected == k)
		notice(app, false, "%s is selected; the kernel schedules",
		       program_thread_name(app->program, (thread_id)k));
	app->selected = (thread_id)k;
	app->free->hidden &= ~(UINT64_C(1) << k);
	app->free->record = HISTORY_NONE;
}
