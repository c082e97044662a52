/*
 * histogram.c - H: a thousand real runs as they are, a thousand with chaos.
 *
 * One run at a time, a plain one and a disturbed one in turns, so that both
 * columns grow together and neither has the better hour. The runs are made in
 * slices of a few milliseconds between two looks at the keys; closing the
 * overlay kills the one under way and keeps what was counted. The exact set
 * comes from the screen's own search whenever that is done.
 */
#include <stdlib.h>
#include <time.h>

#include "freeview.h"
#include "histogram.h"
#include "inside.h"
#include "overlay.h"
#include "threadviz/arena.h"

enum {
	SLICE_MS = 2,
	PAUSE_MS = 100, /* a longer one between two slices does not count */
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- the runs ---------------------------------------------------------- */

struct histogram *histogram_new(const struct program *p)
{
	struct histogram *h = xcalloc(1, sizeof *h);
	size_t n;

	h->program = p;
	h->tally = tally_new(p);
	h->wanted = HISTOGRAM_RUNS;
	(void)tally_values(h->tally, &n);
	h->values = xcalloc(n + 1, sizeof *h->values);
	return h;
}

/* Kills what runs; it can go on later. */
static void stop(struct histogram *h)
{
	for (int c = 0; c < TALLY_COLUMNS; c++) {
		repeat_free(h->repeats[c]);
		h->repeats[c] = NULL;
	}
	h->last = 0;
}

void histogram_free(struct histogram *h)
{
	if (!h)
		return;
	stop(h);
	tally_free(h->tally);
	free(h->values);
	str_free(&h->mismatch);
	str_free(&h->error);
	free(h);
}

static uint64_t left(const struct histogram *h, enum tally_column c)
{
	uint64_t runs = tally_sum(h->tally, c).runs;

	return runs < h->wanted ? h->wanted - runs : 0;
}

bool histogram_is_done(const struct histogram *h)
{
	return h->error.len || (!left(h, TALLY_PLAIN) && !left(h, TALLY_CHAOS));
}

static struct repeat *under_way(struct histogram *h)
{
	enum tally_column c;

	if (!left(h, h->turn))
		h->turn = h->turn == TALLY_PLAIN ? TALLY_CHAOS : TALLY_PLAIN;
	c = h->turn;
	if (!h->repeats[c]) {
		struct free_options o = {.seconds = HISTOGRAM_SECONDS};

		if (c == TALLY_CHAOS)
			o.chaos = 1 + tally_sum(h->tally, c).runs;
		h->repeats[c] = repeat_new(h->program, &o, left(h, c));
	}
	return h->repeats[c];
}

static void note_mismatch(struct histogram *h, const struct repeat *r)
{
	struct finding f;

	if (h->unexplained++ || !repeat_finding(r, &f))
		return;
	str_add(&h->mismatch, f.what);
	finding_fini(&f);
}

static void count(struct histogram *h, const struct repeat *r)
{
	const struct judgement *end = repeat_end(r);
	size_t n;
	const struct search_value *v = tally_values(h->tally, &n);

	for (size_t i = 0; i < n; i++)
		h->values[i] = repeat_value(r, v[i].object, v[i].index);
	tally_add(h->tally, h->turn,
		  &(struct tally_end){.verdict = end->verdict,
				      .complete = end->complete,
				      .values = h->values,
				      .printed = !end->lost,
				      .output = end->output});
	h->cut[h->turn] += end->state == FREE_STOPPED;
	if (end->unexplained)
		note_mismatch(h, r);
	h->turn = h->turn == TALLY_PLAIN ? TALLY_CHAOS : TALLY_PLAIN;
}

static void watch(struct histogram *h)
{
	int64_t now = now_ms();

	if (h->last && now - h->last < PAUSE_MS)
		h->ms += now - h->last;
	h->last = now;
}

bool histogram_work(struct histogram *h)
{
	int64_t until = now_ms() + SLICE_MS;
	bool news = false;

	while (!histogram_is_done(h) && now_ms() < until) {
		struct repeat *r = under_way(h);
		struct error err = {0};

		switch (repeat_work(r, &err)) {
		case REPEAT_ENDED:
			count(h, r);
			news = true;
			break;
		case REPEAT_FAILED:
			str_add(&h->error, err.text);
			news = true;
			break;
		case REPEAT_BUSY:
		case REPEAT_DONE:
			repeat_rest(r);
			break;
		}
	}
	watch(h);
	if (histogram_is_done(h))
		stop(h);
	return news;
}

/* ---- the overlay ------------------------------------------------------- */

bool histogram_is_open(const struct app *app)
{
	return app->overlay == OVERLAY_HISTOGRAM && app->program;
}

bool histogram_live(const struct app *app)
{
	const struct histogram *h = app->histogram;

	if (!histogram_is_open(app))
		return h && h->last;
	return !h || !histogram_is_done(h) ||
	       (h->searching && app->search_status != SEARCH_RUNNING);
}

/* The search from the start of the run may end before the runs, or after. */
static void take_exact(struct app *app)
{
	struct histogram *h = app->histogram;

	h->searching =
		!tally_is_exact(h->tally) && app->search_status != SEARCH_BOUND;
	if (!h->searching || app->search_status != SEARCH_DONE)
		return;
	tally_expect(h->tally, search_report(app->search));
	h->searching = false;
}

/* Two at a time would fight for the processors. */
static void hold_view(struct app *app)
{
	struct free_view *v = app->free;

	if (!v || !v->run || v->over || v->state != FREE_RUNNING)
		return;
	free_pause(v->run);
	v->state = free_state(v->run);
}

bool histogram_poll(struct app *app)
{
	bool was_searching;

	if (!histogram_live(app))
		return false;
	if (!histogram_is_open(app)) {
		stop(app->histogram);
		return false;
	}
	if (!app->histogram)
		app->histogram = histogram_new(app->program);
	hold_view(app);
	was_searching = app->histogram->searching;
	take_exact(app);
	return histogram_work(app->histogram) ||
	       was_searching != app->histogram->searching;
}

void histogram_close(struct app *app)
{
	histogram_free(app->histogram);
	app->histogram = NULL;
}

/* Room for blocks while that is not too much, at least for a row each. */
static void size_of(const struct histogram *h, const struct grid *g, int *width,
		    int *height)
{
	enum { BLOCK = 8, EDGES = 6, LEAST = 22, MOST = 34, WIDE = 160 };
	int n = h ? (int)tally_count(h->tally) : 0;
	int want = n * BLOCK + EDGES;

	want = want < LEAST ? LEAST : want > MOST ? MOST : want;
	*height = n + EDGES + 2 > want ? n + EDGES + 2 : want;
	*width = g->w < WIDE ? 100 : 140;
}

void histogram_draw(const struct app *app, struct grid *g)
{
	struct rect r;
	int w, h;

	size_of(app->histogram, g, &w, &h);
	r = overlay_frame(g, w, h, "1000 real runs");
	if (app->histogram)
		histogram_paint(app->histogram, g, r, app->picked);
}

static void again(struct histogram *h)
{
	stop(h);
	tally_clear(h->tally);
	h->ms = 0;
	h->cut[TALLY_PLAIN] = h->cut[TALLY_CHAOS] = 0;
	h->unexplained = 0;
	str_clear(&h->mismatch);
	str_clear(&h->error);
}

bool histogram_key(struct app *app, key_code key)
{
	struct histogram *h = app->histogram;

	if (h && key == 'r') {
		again(h);
		return true;
	}
	return h && list_key(app, key, tally_count(h->tally));
}
