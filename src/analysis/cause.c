/*
 * cause.c - why: the one earlier event that this one depends on.
 *
 * A value comes from the write that put it there, a lock from whoever gave it
 * back, a wake-up from its signal, an item from its put. For a wish that is not
 * granted it is the step that took the thing away. Most of these are the
 * nearest event before with a certain kind and place; items and store buffers
 * are first in, first out and are counted instead.
 */
#include "inside.h"

struct question {
	const struct view *v;
	size_t at;
	const struct event *e;
	uint32_t place;
};

/* Any number of kinds, ended by OP_NONE. */
#define KINDS(...) ((const uint8_t[]){__VA_ARGS__, OP_NONE})

static bool one_of(uint8_t kind, const uint8_t *kinds)
{
	for (; *kinds != OP_NONE; kinds++)
		if (*kinds == kind)
			return true;
	return false;
}

/* The nearest step before that succeeded, by thread t or (THREAD_NONE) any. */
static uint32_t last_step(const struct view *v, size_t at, uint32_t place,
			  thread_id t, const uint8_t *kinds)
{
	for (size_t i = at; i-- > 0;) {
		const struct event *e = &v->e[i];

		if (one_of(e->kind, kinds) && is_step(e) && succeeded(e) &&
		    (t == THREAD_NONE || e->thread == t) &&
		    view_place_at(v, i) == place)
			return (uint32_t)i;
	}
	return NOWHERE;
}

static uint32_t nearest(const struct question *q, const uint8_t *kinds)
{
	return last_step(q->v, q->at, q->place, THREAD_NONE, kinds);
}

static uint32_t own(const struct question *q, const uint8_t *kinds)
{
	return last_step(q->v, q->at, q->place, q->e->thread, kinds);
}

/* ---- variables --------------------------------------------------------- */

/* Through the thread's own store buffer, then memory. */
static uint32_t buffered_value(const struct question *q)
{
	const struct view *v = q->v;
	uint32_t memory = NOWHERE;
	size_t drained = 0;

	for (size_t i = q->at; i-- > 0;) {
		const struct event *e = &v->e[i];
		bool mine = e->thread == q->e->thread;

		if (!is_step(e) || view_place_at(v, i) != q->place)
			continue;
		if (memory == NOWHERE &&
		    (e->kind == EVENT_DRAIN || is_indivisible(e)))
			memory = (uint32_t)i;
		drained += mine && e->kind == EVENT_DRAIN;
		if (mine && e->kind == OP_WRITE && drained-- == 0)
			return (uint32_t)i;
	}
	return memory;
}

static uint32_t cause_of_value(const struct question *q)
{
	if (view_kind(q->v, q->place)->buffered)
		return buffered_value(q);
	return nearest(q, KINDS(OP_WRITE, OP_XCHG, OP_CAS, OP_FETCH_ADD,
				EVENT_DRAIN, OP_BUF_PUT, OP_BUF_GET, OP_PUT,
				OP_TRYPUT, OP_GET, OP_TRYGET, OP_GETFOR));
}

/* The write that this drain carries out: as many lie before as have drained. */
static uint32_t cause_of_drain(const struct question *q)
{
	const struct view *v = q->v;
	size_t drains = 0;

	for (size_t i = 0; i < q->at; i++)
		drains += v->e[i].kind == EVENT_DRAIN &&
			  v->e[i].thread == q->e->thread &&
			  view_place_at(v, i) == q->place;
	for (size_t i = 0; i < q->at; i++)
		if (v->e[i].kind == OP_WRITE && is_step(&v->e[i]) &&
		    v->e[i].thread == q->e->thread &&
		    view_place_at(v, i) == q->place && drains-- == 0)
			return (uint32_t)i;
	return NOWHERE;
}

/* ---- locks and conditions ---------------------------------------------- */

static uint32_t freed(const struct question *q, uint32_t place)
{
	const struct view *v = q->v;

	for (size_t i = q->at; i-- > 0;) {
		const struct event *e = &v->e[i];

		if (!is_step(e) || !succeeded(e))
			continue;
		if ((e->kind == OP_UNLOCK || e->kind == OP_RWUNLOCK) &&
		    view_place_at(v, i) == place)
			return (uint32_t)i;
		if (e->kind == OP_SLEEP_ON && view_mutex_at(v, i) == place)
			return (uint32_t)i;
	}
	return NOWHERE;
}

/* Who took what is missing here. */
static uint32_t taken(const struct question *q, uint32_t place)
{
	uint32_t at = NOWHERE;
	struct scene s;

	if (place == NOWHERE)
		return NOWHERE;
	scene_init(&s, q->v);
	for (size_t i = 0; i < q->at; i++)
		scene_step(&s, i);
	at = s.spots[place].taken;
	scene_fini(&s);
	return at;
}

static uint32_t asleep_since(const struct question *q)
{
	return own(q, KINDS(OP_SLEEP_ON));
}

static uint32_t waker(const struct question *q)
{
	const struct view *v = q->v;
	uint32_t since = asleep_since(q);

	if (since == NOWHERE || q->e->flags & EVENT_TIMEOUT)
		return since;
	for (uint32_t i = since; i < q->at; i++) {
		const struct event *e = &v->e[i];
		bool here = is_step(e) && view_place_at(v, i) == q->place;
		bool mine = e->kind == OP_SIGNAL
				    ? e->other == q->e->thread
				    : e->kind == OP_BROADCAST;

		if ((here && mine) || (e->kind == EVENT_WOKEN &&
				       e->thread == q->e->thread))
			return i;
	}
	return NOWHERE;
}

/* ---- groups and items -------------------------------------------------- */

/* The arrival that opened the barrier for this one's round. */
static uint32_t opener(const struct question *q)
{
	const struct view *v = q->v;
	uint32_t i = own(q, KINDS(OP_ARRIVE));

	for (; i < q->at; i++)
		if (v->e[i].kind == OP_ARRIVE && is_step(&v->e[i]) &&
		    view_place_at(v, i) == q->place &&
		    v->e[i].value >= view_kind(v, q->place)->max)
			return i;
	return NOWHERE;
}

static uint32_t cause_of_item(const struct question *q)
{
	const uint8_t *puts = KINDS(OP_PUT, OP_TRYPUT, OP_BUF_PUT);
	const uint8_t *gets = KINDS(OP_GET, OP_TRYGET, OP_GETFOR, OP_BUF_GET);
	const struct view *v = q->v;
	size_t before = 0;

	if (!succeeded(q->e))
		return nearest(q, gets);
	for (size_t i = 0; i < q->at; i++)
		before += one_of(v->e[i].kind, gets) && is_step(&v->e[i]) &&
			  succeeded(&v->e[i]) &&
			  view_place_at(v, i) == q->place;
	for (size_t i = 0; i < q->at; i++)
		if (one_of(v->e[i].kind, puts) && is_step(&v->e[i]) &&
		    succeeded(&v->e[i]) && view_place_at(v, i) == q->place &&
		    before-- == 0)
			return (uint32_t)i;
	return NOWHERE;
}

static uint32_t last_of(const struct question *q, thread_id t)
{
	for (size_t i = q->at; i-- > 0;)
		if (q->v->e[i].thread == t && is_own(&q->v->e[i]))
			return (uint32_t)i;
	return NOWHERE;
}

/* Which element it was the thread knew when it stood there. */
static int32_t selected_index(const struct question *q)
{
	struct minds minds;
	int32_t index;

	minds_init(&minds, q->v);
	for (size_t i = 0; i < q->at; i++)
		minds_step(&minds, i);
	index = select_index(q->v, q->e, &minds.machines[q->e->thread],
			     (size_t)q->e->value);
	minds_fini(&minds);
	return index;
}

static uint32_t cause_of_select(const struct question *q)
{
	const struct view *v = q->v;
	const struct object_list *list = select_list(v, q->e);
	int32_t index;

	if (q->e->value < 0 || (size_t)q->e->value >= list->count)
		return NOWHERE;
	index = selected_index(q);
	for (size_t i = q->at; i-- > 0;) {
		const struct event *e = &v->e[i];

		if ((e->kind == OP_PUT || e->kind == OP_TRYPUT) && is_step(e) &&
		    succeeded(e) && (index < 0 || e->index == index) &&
		    list->refs[q->e->value].object == e->object)
			return (uint32_t)i;
	}
	return NOWHERE;
}

/* ---- marks ------------------------------------------------------------- */

static uint32_t cause_of_wish(const struct question *q)
{
	switch (q->e->kind) {
	case OP_LOCK:
	case OP_LOCKFOR:
	case OP_RDLOCK:
	case OP_WRLOCK:
	case OP_SEM_WAIT:
		return taken(q, q->place);
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		return taken(q, view_mutex_at(q->v, q->at));
	case OP_JOIN:
		return last_of(q, q->e->other);
	case OP_EVENT_WAIT:
		return nearest(q, KINDS(OP_EVENT_CLEAR));
	case OP_GET:
	case OP_GETFOR:
		return nearest(q, KINDS(OP_GET, OP_TRYGET, OP_GETFOR));
	case OP_PUT:
	case OP_JOIN_QUEUE:
		return nearest(q, KINDS(OP_PUT, OP_TRYPUT));
	case OP_LEAVE:
		return own(q, KINDS(OP_ARRIVE));
	default:
		return NOWHERE;
	}
}

static uint32_t cause_of_mark(const struct question *q)
{
	if (q->e->flags & EVENT_WANTS)
		return cause_of_wish(q);
	for (size_t i = q->at; q->e->kind == EVENT_VERDICT && i-- > 0;)
		if (is_step(&q->v->e[i]))
			return (uint32_t)i;
	return NOWHERE;
}

/* ---- steps ------------------------------------------------------------- */

static uint32_t cause_of_sync(const struct question *q)
{
	switch (q->e->kind) {
	case OP_SEM_WAIT:
		return nearest(q, KINDS(OP_SEM_POST));
	case OP_SEM_TRY:
		return succeeded(q->e) ? nearest(q, KINDS(OP_SEM_POST))
				       : taken(q, q->place);
	case OP_EVENT_WAIT:
		return nearest(q, KINDS(OP_EVENT_SET));
	case OP_EVENT_ISSET:
		return nearest(q, KINDS(OP_EVENT_SET, OP_EVENT_CLEAR));
	case OP_LEAVE:
		return opener(q);
	case OP_COUNT_WAIT:
		return nearest(q, KINDS(OP_COUNT_DOWN));
	case OP_JOIN_QUEUE:
		return nearest(q, KINDS(OP_DONE));
	case OP_DONE:
		return own(q, KINDS(OP_GET, OP_TRYGET, OP_GETFOR));
	default:
		return NOWHERE;
	}
}

/* The dispatch switch over what has a cause. */
static uint32_t cause_of_step(const struct question *q)
{
	switch (q->e->kind) {
	case OP_READ: case OP_XCHG: case OP_CAS: case OP_FETCH_ADD:
	case OP_EMPTY: case OP_FULL: case OP_SIZE:
		return cause_of_value(q);
	case OP_WRITE:
		return own(q, KINDS(OP_READ, OP_XCHG, OP_CAS, OP_FETCH_ADD));
	case EVENT_DRAIN:
		return cause_of_drain(q);
	case OP_LOCK: case OP_TRYLOCK: case OP_LOCKFOR:
	case OP_RDLOCK: case OP_WRLOCK:
		return succeeded(q->e) ? freed(q, q->place)
				       : taken(q, q->place);
	case OP_RETAKE: case OP_RETAKE_FOR:
		return waker(q);
	case EVENT_WOKEN:
		return asleep_since(q);
	case OP_SLEEP_ON:
		return q->v->before[q->at];
	case OP_BUF_GET: case OP_GET: case OP_TRYGET: case OP_GETFOR:
		return cause_of_item(q);
	case OP_PUT: case OP_TRYPUT: case OP_BUF_PUT:
		return nearest(q, KINDS(OP_GET, OP_TRYGET, OP_GETFOR,
					OP_BUF_GET));
	case OP_SELECT:
		return cause_of_select(q);
	case OP_JOIN:
		return last_of(q, q->e->other);
	default:
		return cause_of_sync(q);
	}
}

/* Its very first step: whoever started the thread. */
static uint32_t starter(const struct question *q)
{
	if (q->v->before[q->at] != NOWHERE)
		return NOWHERE;
	for (size_t i = q->at; i-- > 0;)
		if (q->v->e[i].kind == OP_START && is_step(&q->v->e[i]) &&
		    q->v->e[i].other == q->e->thread)
			return (uint32_t)i;
	return NOWHERE;
}

size_t analysis_cause(const struct program *p, const struct event *events,
		      size_t n, size_t at)
{
	struct question q = {.at = at};
	uint32_t cause = NOWHERE;
	struct view v;

	view_init(&v, p, events, n);
	if (at < v.n) {
		q.v = &v;
		q.e = &v.e[at];
		q.place = view_place_at(&v, at);
		cause = event_is_mark(q.e) ? cause_of_mark(&q)
					   : cause_of_step(&q);
		if (cause == NOWHERE && is_own(q.e))
			cause = starter(&q);
	}
	view_fini(&v);
	return cause == NOWHERE ? SIZE_MAX : cause;
}
