/*
 * arrows.c - what a record rests on, and what rests on it.
 *
 * An object's lists (links.c) hold the candidates: nearly always the last that
 * gave before. Locks number their takings, and who gives one up says which, so
 * a lost record makes no wrong arrow. A read rests on the last write of the
 * value it read: a write is recorded before it is done, so others may come
 * between. The way back tries the next few that took, and asks each what it
 * rests on; hence both ways always agree.
 *
 * What waits in vain rests on whoever has what it waits for.
 */
#include "past.h"

enum {
	READ_BACK = 256, /* writes that may lie between a write and its read */
	AHEAD = 16,      /* candidates for what rests on something */
	AHEAD_WOKEN = 2 * LIMIT_THREADS, /* where all come at a time */
};

struct question {
	const struct history *h;
	const struct event *e;
	uint64_t at;
	const struct links *l; /* of its object's element; NULL: has none */
};

static struct question ask(const struct history *h, uint64_t at)
{
	const struct event *e = history_at(h, at);

	return (struct question){h, e, at, links_of_event(&h->links, e)};
}

/* ---- lists ------------------------------------------------------------- */

static uint64_t get(const struct question *q, const struct deque *list,
		    uint64_t i)
{
	return links_at(&q->h->links, list, i);
}

static uint64_t find(const struct question *q, const struct deque *list,
		     uint64_t position)
{
	return links_find(&q->h->links, list, position);
}

/* The last before the record that is of that kind (OP_NONE: of any). */
static uint64_t last(const struct question *q, const struct deque *list,
		     uint8_t kind)
{
	uint64_t i = find(q, list, q->at);

	while (i-- > list->first) {
		uint64_t at = get(q, list, i);

		if (at < q->h->events.first)
			break;
		if (kind == OP_NONE || history_event(q->h, at)->kind == kind)
			return at;
	}
	return HISTORY_NONE;
}

/* ---- values ------------------------------------------------------------ */

/* The last write of that value; what is in flight is not far. */
static uint64_t source(const struct question *q, int32_t value)
{
	const struct deque *list = &q->l->gives;
	uint64_t i = find(q, list, q->at);

	for (unsigned n = 0; n < READ_BACK && i-- > list->first; n++) {
		uint64_t at = get(q, list, i);

		if (at < q->h->events.first)
			break;
		if (history_event(q->h, at)->value == value)
			return at;
	}
	return HISTORY_NONE;
}

/* ---- locks ------------------------------------------------------------- */

static bool gave(const struct question *q, uint64_t at, uint32_t turn)
{
	const struct event *e;

	if (at == HISTORY_NONE)
		return false;
	e = history_event(q->h, at);
	return e->kind == OP_SLEEP_ON || (uint32_t)e->extra == turn;
}

static uint64_t unlocked(const struct question *q)
{
	uint32_t turn = (uint32_t)q->e->extra - (q->e->kind != OP_RDLOCK);
	uint64_t owner = last(q, &q->l->gives, OP_NONE);
	uint64_t reader = HISTORY_NONE;

	if (q->e->kind == OP_WRLOCK)
		reader = last(q, &q->l->rest, OP_NONE);
	if (!gave(q, owner, turn))
		owner = HISTORY_NONE;
	if (!gave(q, reader, turn))
		return owner;
	return owner == HISTORY_NONE || reader > owner ? reader : owner;
}

/* Where the holder took what this one cannot have. */
static uint64_t taken(const struct question *q)
{
	const struct history *h = q->h;
	uint32_t place = places_find(&h->places, q->e->object, q->e->index);
	const struct piece *p;
	uint64_t piece, i;

	if (!q->l || !history_holding(h, q->e, q->e->time, &piece))
		return HISTORY_NONE;
	p = track_at(h->owners[place], piece);
	for (i = find(q, &q->l->takes, q->at); i-- > q->l->takes.first;) {
		uint64_t at = get(q, &q->l->takes, i);

		if (at < h->events.first ||
		    history_event(h, at)->time < p->since)
			break;
		if (history_event(h, at)->thread == p->kind)
			return at;
	}
	return HISTORY_NONE;
}

/* ---- waking, items, crowds --------------------------------------------- */

static uint64_t waker(const struct question *q)
{
	uint64_t i = find(q, &q->l->takes, q->at), signal;
	uint32_t low;

	if (i == q->l->takes.end || get(q, &q->l->takes, i) != q->at)
		return HISTORY_NONE;
	low = *(const uint32_t *)deque_at(&q->l->wakers, i);
	signal = q->at - (uint32_t)((uint32_t)q->at - low);
	return signal == q->at ? HISTORY_NONE : signal;
}

static bool same_item(const struct question *q, uint64_t put, uint64_t got)
{
	return put >= q->h->events.first && got >= q->h->events.first &&
	       history_event(q->h, put)->value ==
		       history_event(q->h, got)->value;
}

static uint64_t put_of(const struct question *q)
{
	const struct links *l = q->l;
	uint64_t i = find(q, &l->takes, q->at), k = i + l->ahead, put;

	if (!l->exact || i < l->first_take || k < l->first_give ||
	    k < l->gives.first || k >= l->gives.end)
		return HISTORY_NONE;
	put = get(q, &l->gives, k);
	return same_item(q, put, q->at) ? put : HISTORY_NONE;
}

/* The arrival that opened the barrier after the thread's own: every `max`-th
 * does, if none was lost. */
static uint64_t opener(const struct question *q)
{
	const struct deque *list = &q->l->gives;
	const struct object *o = &q->h->program->objects.data[q->e->object];
	uint64_t all = o->max > 0 ? (uint64_t)o->max : 1;
	uint64_t i = find(q, list, q->at), k, at;

	for (unsigned n = 0; n < AHEAD_WOKEN && i-- > list->first; n++) {
		at = get(q, list, i);
		if (at < q->h->events.first)
			break;
		if (history_event(q->h, at)->thread != q->e->thread)
			continue;
		k = i - i % all + all - 1;
		return q->l->exact && k < list->end ? get(q, list, k)
						    : HISTORY_NONE;
	}
	return HISTORY_NONE;
}

/* The latest put into the queue that was chosen. */
static uint64_t chosen(const struct question *q)
{
	const struct program *p = q->h->program;
	const struct object_list *list;
	uint64_t best = HISTORY_NONE;
	object_id id;

	if (q->e->pc >= p->code.count ||
	    p->code.data[q->e->pc].code != OP_SELECT)
		return HISTORY_NONE;
	list = &p->lists.data[p->code.data[q->e->pc].imm];
	if (q->e->value < 0 || (size_t)q->e->value >= list->count)
		return HISTORY_NONE;
	id = list->refs[q->e->value].object;
	for (int32_t k = 0; k < p->objects.data[id].count; k++) {
		const struct links *l =
			q->h->links.all[places_find(&q->h->places, id, k)];
		uint64_t at = l ? last(q, &l->gives, OP_NONE) : HISTORY_NONE;

		if (at != HISTORY_NONE && (best == HISTORY_NONE || at > best))
			best = at;
	}
	return best;
}

/* ---- causes ------------------------------------------------------------ */

static uint64_t cause_of_refusal(const struct question *q)
{
	if (!q->l)
		return HISTORY_NONE;
	switch (q->e->kind) {
	case OP_LOCK:
	case OP_LOCKFOR:
	case OP_TRYLOCK:
	case OP_RDLOCK:
	case OP_WRLOCK:
		return taken(q);
	case OP_SEM_WAIT:
	case OP_SEM_TRY:
	case OP_GET:
	case OP_GETFOR:
	case OP_TRYGET:
		return last(q, &q->l->takes, OP_NONE);
	case OP_PUT:
	case OP_TRYPUT:
	case OP_CAS:
		return last(q, &q->l->gives, OP_NONE);
	case OP_EVENT_WAIT:
		return last(q, &q->l->rest, OP_EVENT_CLEAR);
	default:
		return HISTORY_NONE;
	}
}

static uint64_t latest(uint64_t a, uint64_t b)
{
	if (a == HISTORY_NONE || b == HISTORY_NONE)
		return a == HISTORY_NONE ? b : a;
	return a > b ? a : b;
}

/* The dispatch switch over what rests on something at its object. */
static uint64_t cause_at_object(const struct question *q)
{
	bool waited = q->e->flags & EVENT_WAITED;
	const struct links *l = q->l;

	switch (q->e->kind) {
	case OP_READ:
		return source(q, q->e->value);
	case OP_XCHG: case OP_CAS: case OP_FETCH_ADD:
		return source(q, q->e->extra);
	case OP_LOCK: case OP_TRYLOCK: case OP_LOCKFOR:
	case OP_RDLOCK: case OP_WRLOCK:
		return unlocked(q);
	case OP_RETAKE: case OP_RETAKE_FOR:
		return waker(q);
	case OP_SEM_WAIT: case OP_SEM_TRY: case OP_COUNT_WAIT:
	case OP_EVENT_WAIT:
		return last(q, &l->gives, OP_NONE);
	case OP_EVENT_ISSET:
		return last(q, q->e->value ? &l->gives : &l->rest, OP_NONE);
	case OP_LEAVE:
		return opener(q);
	case OP_BUF_GET: case OP_GET: case OP_TRYGET: case OP_GETFOR:
		return put_of(q);
	case OP_PUT:
		return waited ? last(q, &l->takes, OP_NONE) : HISTORY_NONE;
	case OP_EMPTY: case OP_FULL: case OP_SIZE:
		return latest(last(q, &l->gives, OP_NONE),
			      last(q, &l->takes, OP_NONE));
	case OP_JOIN_QUEUE:
		return last(q, &l->rest, OP_DONE);
	default:
		return HISTORY_NONE;
	}
}

static uint64_t cause_of(const struct question *q)
{
	const struct history *h = q->h;
	const struct event *e = q->e;

	if (e->kind >= OP_COUNT || e->flags & EVENT_CRASH ||
	    e->thread >= h->threads)
		return HISTORY_NONE;
	if (e->kind == OP_JOIN && links_succeeded(e))
		return e->other < h->threads ? h->pasts[e->other].end
					     : HISTORY_NONE;
	if (!links_succeeded(e))
		return cause_of_refusal(q);
	if (e->kind == OP_SELECT)
		return chosen(q);
	return q->l ? cause_at_object(q) : HISTORY_NONE;
}

uint64_t history_cause(const struct history *h, uint64_t position)
{
	struct question q = ask(h, position);
	uint64_t cause = cause_of(&q);

	if (cause == HISTORY_NONE && q.e->thread < h->threads &&
	    h->pasts[q.e->thread].first == position)
		cause = h->pasts[q.e->thread].starter;
	return cause >= h->events.first && cause < position ? cause
							    : HISTORY_NONE;
}

/* ---- effects ----------------------------------------------------------- */

/* The first of the next n in a list that rests on the record, if it comes
 * before `best`. */
static uint64_t resting(const struct question *q, const struct deque *list,
			unsigned n, uint64_t best)
{
	uint64_t i = find(q, list, q->at + 1);

	for (; n > 0 && i < list->end; n--, i++) {
		uint64_t at = get(q, list, i);

		if (at >= best)
			break;
		if (history_cause(q->h, at) == q->at)
			return at;
	}
	return best;
}

static uint64_t got_by(const struct question *q)
{
	const struct links *l = q->l;
	uint64_t k = find(q, &l->gives, q->at), i = k - l->ahead, got;

	if (!l->exact || k < l->first_give || i < l->first_take ||
	    i < l->takes.first || i >= l->takes.end)
		return HISTORY_NONE;
	got = get(q, &l->takes, i);
	return same_item(q, q->at, got) ? got : HISTORY_NONE;
}

static uint64_t effect_at_object(const struct question *q)
{
	const struct links *l = q->l;
	uint64_t best = HISTORY_NONE;

	switch (q->e->kind) {
	case OP_WRITE:
	case OP_XCHG:
	case OP_CAS:
	case OP_FETCH_ADD:
		best = resting(q, &l->takes, AHEAD, best);
		return resting(q, &l->gives, AHEAD, best);
	case OP_PUT:
	case OP_TRYPUT:
	case OP_BUF_PUT:
		return got_by(q);
	case OP_GET:
	case OP_GETFOR:
	case OP_TRYGET:
		return resting(q, &l->gives, AHEAD, best);
	case OP_DONE:
		return resting(q, &l->rest, AHEAD, best);
	case OP_SIGNAL:
	case OP_BROADCAST:
	case OP_ARRIVE:
		return resting(q, &l->takes, AHEAD_WOKEN, best);
	default:
		return resting(q, &l->takes, AHEAD, best);
	}
}

/* The element of what it gives up; of SLEEP_ON the mutex. */
static const struct links *given(const struct question *q)
{
	uint32_t mutex;

	if (q->e->kind != OP_SLEEP_ON)
		return q->l;
	mutex = places_mutex(&q->h->places, q->e);
	return mutex == NO_PLACE ? NULL : q->h->links.all[mutex];
}

uint64_t history_effect(const struct history *h, uint64_t position)
{
	struct question q = ask(h, position);
	const struct event *e = q.e;
	uint64_t effect = HISTORY_NONE;

	if (e->thread >= h->threads || !links_succeeded(e))
		return HISTORY_NONE;
	if (e->kind == OP_START && e->other < h->threads)
		effect = h->pasts[e->other].first;
	else if (e->kind == EVENT_END)
		effect = h->pasts[e->thread].joiner;
	else if (e->kind < OP_COUNT && (q.l = given(&q)))
		effect = effect_at_object(&q);
	return effect > position ? effect : HISTORY_NONE;
}
