/*
 * history.c - the newest records of a run, and what pictures need of them.
 *
 * A picture asks of every cell: how long in which state, what happened that
 * matters most. Walking through the records of a cell would cost the run for
 * every frame, so what threads were is kept beside the records as pieces with
 * running sums (track.c), and what they did as positions with weights
 * (records.c): then a cell is two short searches.
 *
 * Records go one by one as others come. A thread's list follows at once; what
 * was over before the oldest record kept goes in blocks, from time to time, and
 * nobody looks at it: every question is cut to the time that is kept.
 */
#include <assert.h>
#include <stdlib.h>

#include "past.h"

#include "threadviz/arena.h"

enum {
	CAPACITY = 1000000, /* unless said otherwise */
	TRIM = 1 << 12,     /* records that go between two cleanings */
};

/* What a record weighs: the heaviest of a cell is shown. */
enum weight {
	WEIGHT_OTHER,
	WEIGHT_READ,
	WEIGHT_SYNC,
	WEIGHT_WRITE,
	WEIGHT_LOST,
	WEIGHT_VERDICT,
};

struct history *history_new(const struct program *p, size_t capacity)
{
	struct history *h = xcalloc(1, sizeof *h);

	h->program = p;
	h->capacity = capacity ? capacity : CAPACITY;
	if (h->capacity > RECORDS_KEPT)
		h->capacity = RECORDS_KEPT;
	h->threads = p->threads.count;
	deque_init(&h->events, sizeof(struct event), 10);
	h->pasts = xcalloc(h->threads + 1, sizeof *h->pasts);
	for (size_t t = 0; t < h->threads; t++) {
		records_init(&h->pasts[t].records);
		h->pasts[t].lane = track_new(LANE_KINDS, 5);
	}
	return h;
}

void history_free(struct history *h)
{
	if (!h)
		return;
	for (size_t t = 0; t < h->threads; t++) {
		records_fini(&h->pasts[t].records);
		track_free(h->pasts[t].lane);
	}
	free(h->pasts);
	deque_fini(&h->events);
	free(h);
}

/* ---- coming and going -------------------------------------------------- */

static enum weight weight_of(const struct event *e)
{
	unsigned flags = e->kind < OP_COUNT ? op_info[e->kind].flags : 0;

	if (e->flags & EVENT_CRASH || e->kind == EVENT_VERDICT)
		return WEIGHT_VERDICT;
	if (e->kind == EVENT_LOST)
		return WEIGHT_LOST;
	if (e->kind == OP_WRITE || e->kind == OP_XCHG || e->kind == OP_CAS ||
	    e->kind == OP_FETCH_ADD || e->kind == OP_ATOMIC)
		return WEIGHT_WRITE;
	if (flags & (OP_A | OP_L | OP_B | OP_W))
		return WEIGHT_SYNC;
	return flags & OP_R ? WEIGHT_READ : WEIGHT_OTHER;
}

static void follow_thread(struct history *h, const struct event *e,
			  uint64_t position)
{
	struct past *p = &h->pasts[e->thread];
	enum share was;

	(void)lifeline_take(&p->life, e, &was);
	track_put(p->lane, e->time, p->life.ended ? LANE_GONE : p->life.state,
		  p->life.cpus);
	if (!event_is_switch(e))
		records_add(&p->records, position, weight_of(e));
}

/* Forgets what was over before the oldest record. */
static void trim(struct history *h)
{
	uint64_t start = history_start(h);

	for (size_t t = 0; t < h->threads; t++)
		track_drop(h->pasts[t].lane, start);
}

static void drop_oldest(struct history *h)
{
	const struct event *e = history_event(h, h->events.first);

	if (e->thread < h->threads && !event_is_switch(e))
		records_drop(&h->pasts[e->thread].records);
	deque_drop(&h->events, h->events.first + 1);
	if (h->events.first % TRIM == 0 && h->events.first < h->events.end)
		trim(h);
}

static void add(struct history *h, const struct event *e)
{
	struct event *kept;

	if (h->events.end - h->events.first == h->capacity)
		drop_oldest(h);
	kept = deque_push(&h->events);
	*kept = *e;
	if (kept->time < h->now)
		kept->time = h->now;
	h->now = kept->time;
	if (kept->thread < h->threads)
		follow_thread(h, kept, h->events.end - 1);
}

void history_add(struct history *h, const struct event *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(h, &e[i]);
}

/* ---- what is kept ------------------------------------------------------ */

uint64_t history_first(const struct history *h)
{
	return h->events.first;
}

uint64_t history_end(const struct history *h)
{
	return h->events.end;
}

const struct event *history_at(const struct history *h, uint64_t position)
{
	assert(position >= h->events.first && position < h->events.end);
	return history_event(h, position);
}

uint64_t history_find(const struct history *h, uint64_t ns)
{
	uint64_t low = h->events.first, high = h->events.end;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (history_event(h, middle)->time < ns)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

uint64_t history_start(const struct history *h)
{
	if (h->events.first == h->events.end)
		return h->now;
	return history_event(h, h->events.first)->time;
}

uint64_t history_time(const struct history *h)
{
	return h->now;
}

size_t history_bytes(const struct history *h)
{
	size_t bytes = sizeof *h + deque_bytes(&h->events) +
		       (h->threads + 1) * sizeof *h->pasts;

	for (size_t t = 0; t < h->threads; t++)
		bytes += records_bytes(&h->pasts[t].records) +
			 track_bytes(h->pasts[t].lane);
	return bytes;
}

/* ---- lanes ------------------------------------------------------------- */

/* A moment at the rim of a cell, as far as it is kept. */
static uint64_t clip(const struct history *h, uint64_t ns)
{
	uint64_t start = history_start(h);

	if (ns < start)
		return start;
	return ns < h->now ? ns : h->now;
}

static void fill_times(const struct past *p, const uint64_t *before,
		       const uint64_t *after, uint64_t end,
		       struct lane_cell *out)
{
	uint64_t piece;

	for (int s = 0; s < SHARES; s++)
		out->ns[s] = after[s] - before[s];
	out->cpu = -1;
	if (out->ns[SHARE_RUNNING] && track_find(p->lane, end - 1, &piece))
		out->cpu = (int32_t)track_at(p->lane, piece)->note - 1;
}

/* Records of the thread before `ns`. */
static uint64_t records_before(const struct history *h, const struct past *p,
			       uint64_t ns)
{
	return records_find(&p->records, h->events.first, history_find(h, ns));
}

static void fill_records(const struct history *h, const struct past *p,
			 uint64_t from, uint64_t to, struct lane_cell *out)
{
	out->records = (uint32_t)(to - from);
	out->gravest = HISTORY_NONE;
	if (from < to)
		out->gravest = records_position(
			&p->records, h->events.first,
			records_heaviest(&p->records, from, to));
}

void history_lane(const struct history *h, thread_id t, uint64_t from,
		  uint64_t width, size_t n, struct lane_cell *out)
{
	const struct past *p = &h->pasts[t];
	uint64_t sums[2][LANE_KINDS], hint = 0;
	uint64_t record = records_before(h, p, from);

	track_sum(p->lane, clip(h, from), &hint, sums[0]);
	for (size_t i = 0; i < n; i++) {
		uint64_t to = from + (i + 1) * width;
		uint64_t next = records_before(h, p, to);

		track_sum(p->lane, clip(h, to), &hint, sums[~i & 1]);
		fill_times(p, sums[i & 1], sums[~i & 1], clip(h, to), &out[i]);
		fill_records(h, p, record, next, &out[i]);
		record = next;
	}
}
