/*
 * freeview.c - a free run on the screen: its life and its window.
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
	LIVE_MS = 4,       /* between two looks at the rings */
	TAKE_MS = 8,       /* a key waits no longer */
	SETTLED = 5,       /* looks: a paused run has nothing more to say */
	RECORDS = 1 << 21, /* in all rings, unless said otherwise */
};

/* ---- the window -------------------------------------------------------- */

struct free_window free_view_whole(const struct free_view *v, int cells)
{
	uint64_t from = history_begin(v->history);
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
		return free_view_whole(v, cells);
	if (v->follow)
		w.from = end >= span ? end - span + w.width : 0;
	w.from -= w.from % w.width;
	return w;
}

uint64_t free_view_time(const struct free_view *v)
{
	return v->at == NO_TIME ? history_time(v->history) : v->at;
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
	if (v->record < history_first(v->history)) /* it has been forgotten */
		v->record = HISTORY_NONE;
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

/* Where it came to light. */
static size_t last_event(const struct finding *f)
{
	size_t a = f->events[0], b = f->events[1];

	return b == SIZE_MAX || (a != SIZE_MAX && a > b) ? a : b;
}

/* The cursor goes to what went wrong, unless it was moved before. */
static void show_finding(struct app *app)
{
	const struct finding *f = free_view_finding(app->free);
	size_t at = f ? last_event(f) : SIZE_MAX;

	if (app->free->at != NO_TIME || at == SIZE_MAX ||
	    finding_info[f->kind].severity < SEVERITY_WRONG ||
	    at >= history_end(app->free->history) ||
	    at < history_first(app->free->history))
		return;
	free_view_go(app, at);
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
	/* Threads do not stop at once. */
	return app->free->quiet >= SETTLED ? -1 : LIVE_MS;
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
	v->quiet = v->state == FREE_PAUSED && !sum ? v->quiet + 1 : 0;
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
	v->counts.lost = handovers_lost(v->handovers);
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
