/*
 * freeview.c - a free run on the screen: its life, and what keys do to it.
 *
 * The run goes on by itself; every few milliseconds what it recorded is taken
 * from the rings, folded and kept (history.h). Looking is a window of time over
 * what is kept: the whole run in cells of two digits, or cells from the series
 * 1, 2, 5, 10 ... ns, whose right edge is now or stays where it was moved to.
 */
#include "freeview.h"

#include <stdlib.h>
#include <time.h>

#include "inside.h"
#include "threadviz/arena.h"

enum {
	LIVE_MS = 4, /* between two looks at the rings */
	PAUSED_MS = 100,
	TAKE_MS = 8,           /* a key waits no longer */
	CELLS = 60,            /* before anything was drawn */
	RECORDS = 1 << 21, /* in all rings, unless said otherwise */
};

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

static struct free_window whole_window(const struct free_view *v, int cells)
{
	uint64_t from = history_start(v->history);
	uint64_t width = (history_time(v->history) - from) / (uint64_t)cells;
	uint64_t grain = 1;

	while (width / grain >= 100)
		grain *= 10;
	return (struct free_window){from, (width / grain + 1) * grain, cells};
}

struct free_window free_view_window(const struct free_view *v, int cells)
{
	struct free_window w = {v->from, v->width, cells};
	uint64_t end = history_time(v->history);
	uint64_t span = v->width * (uint64_t)cells;

	if (v->whole)
		return whole_window(v, cells);
	if (v->follow)
		w.from = end > span ? end - span : 0;
	w.from -= w.from % w.width;
	return w;
}

uint64_t free_view_time(const struct free_view *v)
{
	return v->at == NO_TIME ? history_time(v->history) : v->at;
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

static void zoom(struct app *app, bool in)
{
	struct free_view *v = app->free;
	struct free_window w = window_now(app);
	uint64_t width = in ? narrower(w.width) : wider(w.width);
	uint64_t at = free_view_time(v), left;

	if (!in && w.width >= whole_window(v, w.cells).width) {
		v->whole = true;
		return;
	}
	if (v->at == NO_TIME || at < w.from || at >= w.from + window_span(w))
		at = w.from + window_span(w) / 2;
	left = (at - w.from) / w.width * width;
	if (v->whole && v->at == NO_TIME && v->state == FREE_RUNNING)
		v->follow = true;
	w.from = at > left ? at - left : 0;
	w.width = width;
	v->whole = false;
	v->from = w.from;
	v->width = w.width;
}

/* ---- the cursor -------------------------------------------------------- */

static void go_time(struct app *app, uint64_t ns)
{
	struct free_view *v = app->free;
	uint64_t start = history_start(v->history);
	uint64_t end = history_time(v->history);

	v->at = ns < start ? start : ns > end ? end : ns;
	v->record = HISTORY_NONE;
	show_time(app, v->at);
}

static void go_record(struct app *app, uint64_t position)
{
	const struct event *e = history_at(app->free->history, position);

	app->free->at = e->time;
	app->free->record = position;
	if (e->thread != THREAD_NONE)
		app->selected = e->thread;
	show_time(app, e->time);
}

static void go_cells(struct app *app, long by)
{
	struct free_view *v = app->free;
	struct free_window w = window_now(app);
	uint64_t at = free_view_time(v), step = w.width * (uint64_t)labs(by);

	at -= at % w.width;
	go_time(app, by > 0 ? at + step : at > step ? at - step : 0);
}

/* The selected thread's next record, or the one before. */
static void go_next(struct app *app, int by)
{
	struct free_view *v = app->free;
	uint64_t from = v->record, to;

	if (from == HISTORY_NONE && v->at == NO_TIME && by > 0)
		go_time(app, history_start(v->history));
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
		go_record(app, to);
}

static void go_change(struct app *app, int by)
{
	uint64_t to = history_change(app->free->history, app->selected,
				     free_view_time(app->free), by);

	if (to == NO_TIME)
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
		go_record(app, to);
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
	notice(app, false, "%s is hidden; I shows all",
	       program_thread_name(app->program, app->selected));
	app->free->hidden = hidden;
	go_thread(app, 1);
}

/* ---- the run ----------------------------------------------------------- */

static struct free_view *view_new(const struct program *p)
{
	struct free_view *v = xcalloc(1, sizeof *v);

	v->history = history_new(p, 0);
	v->shares = shares_new(p);
	v->handovers = handovers_new(p);
	v->accord = accord_new(p);
	v->whole = true;
	v->at = v->marks[0] = v->marks[1] = NO_TIME;
	v->record = HISTORY_NONE;
	return v;
}

static void view_free(struct free_view *v)
{
	if (!v)
		return;
	free_close(v->run);
	history_free(v->history);
	shares_free(v->shares);
	handovers_free(v->handovers);
	accord_free(v->accord);
	finding_list_fini(&v->findings);
	str_free(&v->why);
	free(v);
}

static void take(struct free_view *v, const struct event *e, size_t n)
{
	history_add(v->history, e, n);
	shares_add(v->shares, e, n);
	handovers_add(v->handovers, e, n);
	accord_add(v->accord, e, n);
}

struct event *free_view_records(const struct free_view *v, size_t *n)
{
	uint64_t first = history_first(v->history);
	struct event *list;

	*n = (size_t)(history_end(v->history) - first);
	list = xcalloc(*n + 1, sizeof *list);
	for (size_t i = 0; i < *n; i++)
		list[i] = *history_at(v->history, first + i);
	return list;
}

/* What goes wrong in the order that explains the records. */
static void analyse(struct app *app)
{
	struct free_view *v = app->free;
	struct event_list events = {0};

	accord_events(v->accord, &events);
	analysis_run(app->program, events.data, events.len, &v->findings);
	finding_list_point(&v->findings, events.data);
	vec_free(&events);
}

const struct finding *free_view_finding(const struct free_view *v)
{
	const struct finding *best = NULL;

	for (size_t i = 0; v->over && i < v->findings.len; i++) {
		const struct finding *f = &v->findings.data[i];

		if (!best || finding_info[f->kind].severity >
				     finding_info[best->kind].severity)
			best = f;
	}
	return best;
}

/* The cursor goes to what went wrong, unless it was moved before. */
static void show_finding(struct app *app)
{
	const struct finding *f = free_view_finding(app->free);
	size_t at = f ? f->events[1] : SIZE_MAX;

	if (app->free->at != NO_TIME || at == SIZE_MAX ||
	    finding_info[f->kind].severity < SEVERITY_WRONG ||
	    at >= history_end(app->free->history) ||
	    at < history_first(app->free->history))
		return;
	go_record(app, at);
}

/* What the model cannot explain is a finding of its own. */
static void add_mismatch(struct free_view *v)
{
	struct finding f;

	if (accord_finding(v->accord, &f))
		vec_push(&v->findings, f);
}

static void end(struct app *app)
{
	struct free_view *v = app->free;

	v->over = true;
	v->verdict = free_verdict(v->run, &v->why);
	accord_finish(v->accord);
	v->verdict = accord_verdict(v->accord, v->verdict, &v->why);
	free_errors(v->run, &app->output);
	analyse(app);
	add_mismatch(v);
	show_finding(app);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

static bool is_live(const struct app *app)
{
	return app->free && app->free->run && !app->free->over;
}

/* While many runs are counted the one in view stands still. */
bool app_live(const struct app *app)
{
	return histogram_live(app) || (!histogram_is_open(app) && is_live(app));
}

int app_due(const struct app *app)
{
	if (!app_live(app))
		return -1;
	if (histogram_live(app))
		return 0;
	return app->free->state == FREE_PAUSED ? PAUSED_MS : LIVE_MS;
}

enum app_news app_poll(struct app *app)
{
	int64_t until = now_ms() + TAKE_MS;
	struct free_view *v = app->free;
	size_t n = FREE_BATCH, sum = 0;

	if (histogram_live(app))
		return histogram_poll(app) ? APP_NEWS : APP_QUIET;
	if (!app_live(app))
		return APP_QUIET;
	for (; n == FREE_BATCH && now_ms() < until; sum += n) {
		v->state = free_state(v->run);
		n = free_poll(v->run, v->batch, FREE_BATCH);
		take(v, v->batch, n);
	}
	free_count(v->run, &v->counts);
	if (n == FREE_BATCH)
		return APP_MORE;
	if (v->state > FREE_PAUSED)
		end(app);
	return sum || v->over ? APP_NEWS : APP_QUIET;
}

static bool start(struct app *app, struct error *err)
{
	struct free_view *old = app->free;
	struct free_options options;
	struct free_run *run;

	/* One at a time: two would fight for the processors. */
	if (old) {
		free_close(old->run);
		old->run = NULL;
	}
	options = app->free_options;
	if (!options.ring)
		options.ring = RECORDS / app->program->threads.count;
	run = free_start(app->program, &options, err);
	if (!run)
		return false;
	app->playing = false;
	app->free = view_new(app->program);
	app->free->run = run;
	if (old) {
		app->free->hidden = old->hidden;
		app->free->alone = old->alone;
	}
	view_free(old);
	return true;
}

void free_view_start(struct app *app)
{
	struct error err = {0};

	if (!start(app, &err))
		notice(app, true, "%s", err.text);
}

bool free_view_begin(struct app *app, struct error *err)
{
	bool ok = start(app, err);

	if (ok)
		app->free->alone = true;
	return ok;
}

void free_view_load(struct app *app, const struct event *e, size_t n)
{
	struct free_view *v = app->free = view_new(app->program);

	take(v, e, n);
	v->alone = v->over = true;
	v->state = FREE_ENDED;
	v->counts.recorded = n;
	if (n && e[n - 1].kind == EVENT_VERDICT) {
		v->verdict = (enum verdict)e[n - 1].value;
		accord_finish(v->accord);
	}
	analyse(app);
	add_mismatch(v);
	show_finding(app);
}

bool free_view_is_bad(const struct free_view *v)
{
	return v->over && (v->verdict > VERDICT_OK || v->state == FREE_DIED ||
			   accord_state(v->accord) == ACCORD_MISMATCH);
}

unsigned free_view_line(const struct app *app, thread_id t)
{
	const struct free_view *v = app->free;
	struct moment m;

	history_moment(v->history, t, free_view_time(v), &m);
	if (!m.there || m.record == HISTORY_NONE)
		return 0;
	return app->program->code.data[history_at(v->history, m.record)->pc]
		.line;
}

void free_view_close(struct app *app)
{
	view_free(app->free);
	app->free = NULL;
}

static void toggle_pause(struct app *app)
{
	struct free_view *v = app->free;

	if (!v->run || v->over)
		notice(app, true,
		       v->run ? "the run is over; r runs it again"
			      : "this is a saved run; r runs it again");
	else if (v->state == FREE_PAUSED)
		free_continue(v->run);
	else
		free_pause(v->run);
	if (v->run)
		v->state = free_state(v->run);
}

/* ---- keys -------------------------------------------------------------- */

static bool refuse(struct app *app)
{
	notice(app, true,
	       "free run: the kernel schedules; F goes back to stepping");
	return true;
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
		return refuse(app);
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
		return true;
	case ACTION_LAST:
		go_time(app, NO_TIME - 1);
		app->free->at = NO_TIME;
		app->free->follow = !app->free->whole;
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
		app->free->hidden = 0;
		return true;
	case ACTION_ZOOM_IN:
	case ACTION_ZOOM_OUT:
		zoom(app, a == ACTION_ZOOM_IN);
		return true;
	case ACTION_ZOOM_ALL:
		app->free->whole = true;
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
		notice(app, true, "that is for a free run; F starts one");
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
	app->selected = (thread_id)k;
	app->free->hidden &= ~(UINT64_C(1) << k);
	app->free->record = HISTORY_NONE;
}
