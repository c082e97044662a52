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
	LANE_BLOCK = 4,     /* bits: pieces for which sums are kept */
	OWNER_BLOCK = 8,
	REGION_BLOCK = 4,
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
	h->begin = UINT64_MAX;
	deque_init(&h->events, sizeof(struct event), 10);
	h->pasts = xcalloc(h->threads + 1, sizeof *h->pasts);
	for (size_t t = 0; t < h->threads; t++) {
		records_init(&h->pasts[t].records);
		h->pasts[t].lane = track_new(LANE_KINDS, LANE_BLOCK);
		h->pasts[t].starter = h->pasts[t].first = HISTORY_NONE;
		h->pasts[t].end = h->pasts[t].joiner = HISTORY_NONE;
	}
	places_init(&h->places, p);
	grips_init(&h->grips, &h->places);
	h->owners = xcalloc(h->places.count + 1, sizeof(struct track *));
	h->stays = stays_new(p);
	links_init(&h->links, &h->places);
	return h;
}

static void free_past(struct past *p)
{
	records_fini(&p->records);
	track_free(p->lane);
	for (size_t r = 0; r < LIMIT_REGIONS; r++)
		track_free(p->stays[r]);
}

void history_free(struct history *h)
{
	if (!h)
		return;
	for (size_t t = 0; t < h->threads; t++)
		free_past(&h->pasts[t]);
	for (size_t i = 0; i < h->owned.len; i++)
		track_free(h->owners[h->owned.data[i]]);
	vec_free(&h->owned);
	free(h->owners);
	grips_fini(&h->grips);
	links_fini(&h->links);
	free(h->stays);
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
	track_put(p->lane, e->time,
		  p->life.ended || !p->life.begun ? LANE_GONE : p->life.state,
		  p->life.cpus);
	if (event_is_switch(e))
		return;
	records_add(&p->records, position, weight_of(e));
	if (h->begin > p->life.since)
		h->begin = p->life.since;
}

static void note_owner(struct history *h, uint32_t place, size_t who)
{
	struct track **t = &h->owners[place];

	if (!*t) {
		*t = track_new((unsigned)h->threads + 1, OWNER_BLOCK);
		vec_push(&h->owned, place);
	}
	track_put(*t, h->now, (unsigned)who, 0);
}

/* What a thread has is unknown once records of it are missing. */
static void forget_locks(struct history *h, thread_id t)
{
	for (size_t i = 0; i < h->owned.len; i++)
		if (grips_forget(&h->grips, h->owned.data[i], t))
			note_owner(h, h->owned.data[i], h->threads);
}

static void follow_objects(struct history *h, const struct event *e,
			   uint64_t position)
{
	uint32_t place;
	enum grasp g = grips_take(&h->grips, e, &place);

	if (e->kind == EVENT_LOST)
		forget_locks(h, e->thread);
	if (g != GRASP_NOT)
		note_owner(h, place, g == GRASP_TAKES ? e->thread : h->threads);
	links_add(&h->links, e, position, &h->grips, g);
}

static void follow_life(struct history *h, const struct event *e,
			uint64_t position)
{
	struct past *p = &h->pasts[e->thread];
	struct past *other = e->other < h->threads ? &h->pasts[e->other] : NULL;

	if (p->first == HISTORY_NONE)
		p->first = position;
	if (e->kind == EVENT_END)
		p->end = position;
	if (!other || !links_succeeded(e))
		return;
	if (e->kind == OP_START)
		other->starter = position;
	else if (e->kind == OP_JOIN && other->joiner == HISTORY_NONE)
		other->joiner = position;
}

static void be_in(struct history *h, struct past *p, uint32_t regions)
{
	uint32_t change = p->regions ^ regions;

	for (; change; change &= change - 1) {
		int r = __builtin_ctz(change);
		struct track **t = &p->stays[r];

		if (!*t)
			*t = track_new(REGION_KINDS, REGION_BLOCK);
		track_put(*t, h->now, regions >> r & 1, 0);
	}
	p->regions = regions;
}

static void follow_regions(struct history *h, const struct event *e)
{
	uint32_t sets[2];
	unsigned n = stays_along(h->stays, h->program, e, sets);

	for (unsigned i = 0; i < n; i++)
		be_in(h, &h->pasts[e->thread], sets[i]);
}

/* Forgets what was over before the oldest record. */
static void trim(struct history *h)
{
	uint64_t start = history_start(h);

	for (size_t t = 0; t < h->threads; t++) {
		track_drop(h->pasts[t].lane, start);
		for (size_t r = 0; r < LIMIT_REGIONS; r++)
			if (h->pasts[t].stays[r])
				track_drop(h->pasts[t].stays[r], start);
	}
	for (size_t i = 0; i < h->owned.len; i++)
		track_drop(h->owners[h->owned.data[i]], start);
	links_drop(&h->links, h->events.first);
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
	if (kept->thread >= h->threads)
		return;
	follow_thread(h, kept, h->events.end - 1);
	if (event_is_switch(kept))
		return;
	follow_life(h, kept, h->events.end - 1);
	follow_objects(h, kept, h->events.end - 1);
	follow_regions(h, kept);
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
	uint64_t low = h->events.first, n = h->events.end - low;

	while (n > 0) {
		uint64_t half = (n + 1) / 2;

		low += history_event(h, low + half - 1)->time < ns ? half : 0;
		n -= half;
	}
	return low;
}

uint64_t history_start(const struct history *h)
{
	if (h->events.first == h->events.end)
		return h->now;
	return history_event(h, h->events.first)->time;
}

uint64_t history_begin(const struct history *h)
{
	uint64_t start = history_start(h);

	return h->begin > start && h->begin <= h->now ? h->begin : start;
}

uint64_t history_time(const struct history *h)
{
	return h->now;
}

static size_t bytes_of(const struct past *p)
{
	size_t bytes =
		sizeof *p + records_bytes(&p->records) + track_bytes(p->lane);

	for (size_t r = 0; r < LIMIT_REGIONS; r++)
		bytes += track_bytes(p->stays[r]);
	return bytes;
}

size_t history_bytes(const struct history *h)
{
	size_t bytes =
		sizeof *h + deque_bytes(&h->events) +
		h->program->code.count * sizeof *h->stays +
		h->places.count * (sizeof *h->owners + sizeof *h->grips.all) +
		h->owned.cap * sizeof *h->owned.data + links_bytes(&h->links);

	for (size_t t = 0; t < h->threads; t++)
		bytes += bytes_of(&h->pasts[t]);
	for (size_t i = 0; i < h->owned.len; i++)
		bytes += track_bytes(h->owners[h->owned.data[i]]);
	return bytes;
}

uint64_t history_clip(const struct history *h, uint64_t ns)
{
	uint64_t start = history_start(h);

	if (ns < start)
		return start;
	return ns < h->now ? ns : h->now;
}

uint64_t history_before(const struct history *h, thread_id t, uint64_t ns,
			uint64_t *hint)
{
	return records_find(&h->pasts[t].records, h->events.first,
			    history_find(h, ns), hint);
}
