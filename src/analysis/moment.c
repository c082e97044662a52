/*
 * moment.c - one moment of a thread, and the way to the next.
 *
 * A thread's track says what it was, its latest record what for: a thread
 * waits as long as its latest record is a wish, also while a processor is busy
 * with the waiting.
 */
#include <assert.h>

#include "past.h"

/* ---- one moment -------------------------------------------------------- */

bool history_holding(const struct history *h, const struct event *wish,
		     uint64_t ns, uint64_t *piece)
{
	uint32_t place = places_find(&h->places, wish->object, wish->index);
	const struct track *t = place == NO_PLACE ? NULL : h->owners[place];

	return t && track_find(t, ns, piece) &&
	       track_at(t, *piece)->kind < h->threads;
}

static thread_id owner_at(const struct history *h, const struct event *wish,
			  uint64_t ns)
{
	uint32_t place = places_find(&h->places, wish->object, wish->index);
	uint64_t piece;

	return history_holding(h, wish, ns, &piece)
		       ? (thread_id)track_at(h->owners[place], piece)->kind
		       : THREAD_NONE;
}

static thread_id holder(const struct history *h, const struct event *wish,
			uint64_t ns)
{
	switch (wish->kind) {
	case OP_LOCK:
	case OP_LOCKFOR:
	case OP_RDLOCK:
	case OP_WRLOCK:
		return owner_at(h, wish, ns);
	case OP_JOIN:
		return wish->other < h->threads ? wish->other : THREAD_NONE;
	default:
		return THREAD_NONE;
	}
}

static void fill_state(const struct past *p, uint64_t ns, struct moment *out)
{
	const struct piece *piece;
	uint64_t at;

	if (!track_find(p->lane, ns, &at))
		return;
	piece = track_at(p->lane, at);
	out->there = piece->kind != LANE_GONE;
	out->state = out->there ? (enum share)piece->kind : SHARE_RUNNING;
	out->since = piece->since;
	out->until = track_until(p->lane, at);
	out->cpu = (int32_t)piece->note - 1;
}

static void fill_wish(const struct history *h, thread_id t, uint64_t ns,
		      struct moment *out)
{
	const struct records *r = &h->pasts[t].records;
	uint64_t hint = 0, i = history_before(h, t, ns + 1, &hint);
	const struct event *e;

	if (i == r->all.first)
		return;
	out->record = records_position(r, h->events.first, i - 1);
	e = history_event(h, out->record);
	if (!(e->flags & EVENT_WANTS))
		return;
	out->wants = out->record;
	out->holder = holder(h, e, ns);
}

void history_moment(const struct history *h, thread_id t, uint64_t ns,
		    struct moment *out)
{
	assert(t < h->threads);
	*out = (struct moment){.until = UINT64_MAX,
			       .cpu = -1,
			       .record = HISTORY_NONE,
			       .wants = HISTORY_NONE,
			       .holder = THREAD_NONE};
	if (ns < history_start(h))
		return;
	ns = history_clip(h, ns);
	fill_state(&h->pasts[t], ns, out);
	fill_wish(h, t, ns, out);
}

/* ---- going about ------------------------------------------------------- */

static uint64_t next_of_any(const struct history *h, uint64_t position)
{
	uint64_t i = position + 1;

	if (i < h->events.first)
		i = h->events.first;
	for (; i < h->events.end; i++)
		if (!event_is_switch(history_event(h, i)))
			return i;
	return HISTORY_NONE;
}

static uint64_t previous_of_any(const struct history *h, uint64_t position)
{
	uint64_t i = position < h->events.end ? position : h->events.end;

	while (i > h->events.first)
		if (!event_is_switch(history_event(h, --i)))
			return i;
	return HISTORY_NONE;
}

uint64_t history_next(const struct history *h, uint64_t position, thread_id t,
		      int by)
{
	const struct records *r;
	uint64_t i, hint = 0;

	assert(by == 1 || by == -1);
	if (t == THREAD_NONE)
		return by > 0 ? next_of_any(h, position)
			      : previous_of_any(h, position);
	assert(t < h->threads);
	r = &h->pasts[t].records;
	i = records_find(r, h->events.first, by > 0 ? position + 1 : position,
			 &hint);
	if (by > 0 ? i == r->all.end : i-- == r->all.first)
		return HISTORY_NONE;
	return records_position(r, h->events.first, i);
}

static uint64_t next_change(const struct history *h, const struct track *lane,
			    uint64_t ns)
{
	uint64_t start = history_start(h), piece;

	if (ns < start)
		ns = start - 1;
	return track_find(lane, ns, &piece)
		       ? track_until(lane, piece)
		       : track_at(lane, lane->first)->since;
}

static uint64_t previous_change(const struct history *h,
				const struct track *lane, uint64_t ns)
{
	uint64_t since, piece;

	if (!ns || !track_find(lane, ns - 1, &piece))
		return UINT64_MAX;
	since = track_at(lane, piece)->since;
	return since >= history_start(h) ? since : UINT64_MAX;
}

uint64_t history_change(const struct history *h, thread_id t, uint64_t ns,
			int by)
{
	const struct track *lane;

	assert(t < h->threads && (by == 1 || by == -1));
	lane = h->pasts[t].lane;
	if (lane->end == lane->first)
		return UINT64_MAX;
	return by > 0 ? next_change(h, lane, ns) : previous_change(h, lane, ns);
}
