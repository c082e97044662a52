/*
 * links.c - who gave, who took, element by element.
 *
 * What a record rests on lies at the same element of the same object, among
 * those that give: so each element has a list of these and one of those that
 * take, and an arrow is a search in one of them (arrows.c).
 *
 * Two things the lists alone do not tell. Which signal woke whom: a signal
 * wakes as many as its record says, and each that comes back woken uses up the
 * oldest such wake-up given since it fell asleep; what it used is kept beside
 * it. Which put a get got: the first in is the first out, so the k-th belongs
 * to the k-th; after lost records counting begins anew as soon as the queue is
 * known to be empty.
 */
#include <stdlib.h>
#include <string.h>

#include "links.h"

enum { LIST_BLOCK = 7, TOKENS = LIMIT_THREADS /* nobody sleeps twice */ };

void links_init(struct link_table *t, const struct places *places)
{
	*t = (struct link_table){.places = places};
	t->all = xcalloc(places->count + 1, sizeof(struct links *));
}

void links_fini(struct link_table *t)
{
	for (size_t i = 0; i < t->used.len; i++) {
		struct links *l = t->all[t->used.data[i]];

		deque_fini(&l->gives);
		deque_fini(&l->takes);
		deque_fini(&l->rest);
		deque_fini(&l->wakers);
		vec_free(&l->tokens);
		free(l);
	}
	vec_free(&t->used);
	free(t->all);
}

static struct links *links_new(void)
{
	struct links *l = xcalloc(1, sizeof *l);

	deque_init(&l->gives, sizeof(uint32_t), LIST_BLOCK);
	deque_init(&l->takes, sizeof(uint32_t), LIST_BLOCK);
	deque_init(&l->rest, sizeof(uint32_t), LIST_BLOCK);
	deque_init(&l->wakers, sizeof(uint32_t), LIST_BLOCK);
	l->exact = true;
	return l;
}

static struct links *links_of(struct link_table *t, uint32_t place)
{
	if (!t->all[place]) {
		t->all[place] = links_new();
		vec_push(&t->used, place);
	}
	return t->all[place];
}

static void put(struct deque *list, uint64_t position)
{
	*(uint32_t *)deque_push(list) = (uint32_t)position;
}

/* What each kind of operation is done to, plus 1. */
static const uint8_t done_to[OP_COUNT] = {
	[OP_READ] = OBJECT_VAR + 1,
	[OP_WRITE] = OBJECT_VAR + 1,
	[OP_XCHG] = OBJECT_VAR + 1,
	[OP_CAS] = OBJECT_VAR + 1,
	[OP_FETCH_ADD] = OBJECT_VAR + 1,
	[OP_LOCK] = OBJECT_MUTEX + 1,
	[OP_TRYLOCK] = OBJECT_MUTEX + 1,
	[OP_LOCKFOR] = OBJECT_MUTEX + 1,
	[OP_UNLOCK] = OBJECT_MUTEX + 1,
	[OP_RDLOCK] = OBJECT_RWLOCK + 1,
	[OP_WRLOCK] = OBJECT_RWLOCK + 1,
	[OP_RWUNLOCK] = OBJECT_RWLOCK + 1,
	[OP_SLEEP_ON] = OBJECT_COND + 1,
	[OP_RETAKE] = OBJECT_COND + 1,
	[OP_RETAKE_FOR] = OBJECT_COND + 1,
	[OP_SIGNAL] = OBJECT_COND + 1,
	[OP_BROADCAST] = OBJECT_COND + 1,
	[OP_SEM_WAIT] = OBJECT_SEM + 1,
	[OP_SEM_TRY] = OBJECT_SEM + 1,
	[OP_SEM_POST] = OBJECT_SEM + 1,
	[OP_EVENT_WAIT] = OBJECT_EVENT + 1,
	[OP_EVENT_SET] = OBJECT_EVENT + 1,
	[OP_EVENT_CLEAR] = OBJECT_EVENT + 1,
	[OP_EVENT_ISSET] = OBJECT_EVENT + 1,
	[OP_ARRIVE] = OBJECT_BARRIER + 1,
	[OP_LEAVE] = OBJECT_BARRIER + 1,
	[OP_BUF_PUT] = OBJECT_BUFFER + 1,
	[OP_BUF_GET] = OBJECT_BUFFER + 1,
	[OP_PUT] = OBJECT_QUEUE + 1,
	[OP_GET] = OBJECT_QUEUE + 1,
	[OP_TRYPUT] = OBJECT_QUEUE + 1,
	[OP_TRYGET] = OBJECT_QUEUE + 1,
	[OP_GETFOR] = OBJECT_QUEUE + 1,
	[OP_EMPTY] = OBJECT_QUEUE + 1, /* or a buffer */
	[OP_SIZE] = OBJECT_QUEUE + 1,
	[OP_FULL] = OBJECT_QUEUE + 1,
	[OP_DONE] = OBJECT_QUEUE + 1,
	[OP_JOIN_QUEUE] = OBJECT_QUEUE + 1,
	[OP_COUNT_DOWN] = OBJECT_COUNTDOWN + 1,
	[OP_COUNT_WAIT] = OBJECT_COUNTDOWN + 1,
};

static uint32_t place_of(const struct link_table *t, const struct event *e)
{
	uint32_t place = places_find(t->places, e->object, e->index);
	unsigned kind, wanted;

	if (place == NO_PLACE || e->kind >= OP_COUNT)
		return NO_PLACE;
	kind = t->places->program->objects.data[e->object].kind;
	wanted = done_to[e->kind];
	if (wanted == OBJECT_QUEUE + 1 && kind == OBJECT_BUFFER)
		return place;
	return wanted == kind + 1 ? place : NO_PLACE;
}

struct links *links_of_event(const struct link_table *t, const struct event *e)
{
	uint32_t place = place_of(t, e);

	return place == NO_PLACE ? NULL : t->all[place];
}

/* ---- conditions -------------------------------------------------------- */

static void add_token(struct links *l, uint64_t position, int32_t woken)
{
	if (l->tokens.len == TOKENS) {
		memmove(l->tokens.data, l->tokens.data + 1,
			(TOKENS - 1) * sizeof *l->tokens.data);
		l->tokens.len--;
	}
	vec_push(&l->tokens, (struct token){position, woken});
}

/* The oldest signal since then that has one left, or `none`. */
static uint64_t use_token(struct links *l, uint64_t since, uint64_t none)
{
	size_t i = 0;
	uint64_t signal;

	while (i < l->tokens.len && l->tokens.data[i].signal < since)
		i++;
	if (i == l->tokens.len)
		return none;
	signal = l->tokens.data[i].signal;
	if (--l->tokens.data[i].left > 0)
		return signal;
	l->tokens.len--;
	memmove(&l->tokens.data[i], &l->tokens.data[i + 1],
		(l->tokens.len - i) * sizeof *l->tokens.data);
	return signal;
}

static void add_signal(struct links *l, const struct event *e,
		       uint64_t position)
{
	if (e->value <= 0)
		return;
	put(&l->gives, position);
	add_token(l, position, e->value);
}

static void add_retake(struct link_table *t, struct links *l,
		       const struct event *e, uint64_t position)
{
	uint64_t since = t->asleep[e->thread];

	put(&l->takes, position);
	put(&l->wakers, e->value ? use_token(l, since, position) : position);
}

/* ---- locks ------------------------------------------------------------- */

static uint32_t lock_of(const struct link_table *t, const struct event *e)
{
	switch (e->kind) {
	case OP_LOCK:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
	case OP_UNLOCK:
	case OP_RDLOCK:
	case OP_WRLOCK:
	case OP_RWUNLOCK:
		return place_of(t, e);
	case OP_SLEEP_ON:
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		return places_mutex(t->places, e);
	default:
		return NO_PLACE;
	}
}

/* Taken when it was free, given up when it is free; who has it without that
 * being known gives it up, too. */
static void add_lock(struct links *l, const struct event *e, uint64_t position,
		     const struct grip *lock, enum grasp g)
{
	bool has = lock->depth && lock->last == e->thread;
	bool gives = e->kind == OP_UNLOCK || e->kind == OP_SLEEP_ON;

	if (g == GRASP_TAKES || e->kind == OP_RDLOCK)
		put(&l->takes, position);
	else if (g == GRASP_GIVES || (gives && !has))
		put(&l->gives, position);
	else if (e->kind == OP_RWUNLOCK)
		put(&l->rest, position);
}

/* ---- queues ------------------------------------------------------------ */

static bool shows_empty(const struct event *e)
{
	switch (e->kind) {
	case OP_GET:
	case OP_GETFOR:
		return e->flags & (EVENT_WANTS | EVENT_TIMEOUT);
	case OP_TRYGET:
		return e->flags & EVENT_FAILED;
	case OP_EMPTY:
		return e->value;
	case OP_SIZE:
		return !e->value;
	default:
		return false;
	}
}

static void look_whether_empty(struct link_table *t, const struct event *e,
			       uint32_t place)
{
	struct links *l = t->all[place];

	if (!l || l->exact || !shows_empty(e))
		return;
	l->exact = true;
	l->first_give = l->gives.end;
	l->first_take = l->takes.end;
	l->ahead = l->gives.end - l->takes.end;
}

static void lose(struct link_table *t)
{
	for (size_t i = 0; i < t->used.len; i++)
		t->all[t->used.data[i]]->exact = false;
}

/* ---- everything -------------------------------------------------------- */

/* The dispatch switch over what gives and what takes. */
static void add(struct link_table *t, const struct event *e, uint64_t position,
		uint32_t place)
{
	struct links *l = links_of(t, place);

	switch (e->kind) {
	case OP_WRITE: case OP_XCHG: case OP_CAS: case OP_FETCH_ADD:
	case OP_SEM_POST: case OP_EVENT_SET: case OP_ARRIVE: case OP_COUNT_DOWN:
	case OP_BUF_PUT: case OP_PUT: case OP_TRYPUT:
		put(&l->gives, position);
		break;
	case OP_READ: case OP_SEM_WAIT: case OP_SEM_TRY: case OP_EVENT_WAIT:
	case OP_EVENT_ISSET: case OP_LEAVE: case OP_COUNT_WAIT:
	case OP_BUF_GET: case OP_GET: case OP_TRYGET: case OP_GETFOR:
		put(&l->takes, position);
		break;
	case OP_EVENT_CLEAR: case OP_DONE: case OP_JOIN_QUEUE:
		put(&l->rest, position);
		break;
	case OP_SIGNAL: case OP_BROADCAST:
		add_signal(l, e, position);
		break;
	case OP_RETAKE: case OP_RETAKE_FOR:
		add_retake(t, l, e, position);
		break;
	default:
		break;
	}
}

void links_add(struct link_table *t, const struct event *e, uint64_t position,
	       const struct grips *grips, enum grasp g)
{
	uint32_t place = place_of(t, e);
	uint32_t lock = lock_of(t, e);

	if (e->kind == EVENT_LOST)
		lose(t);
	if (e->kind >= OP_COUNT)
		return;
	if (place != NO_PLACE)
		look_whether_empty(t, e, place);
	if (!links_succeeded(e))
		return;
	if (e->kind == OP_SLEEP_ON)
		t->asleep[e->thread] = position;
	if (lock != NO_PLACE)
		add_lock(links_of(t, lock), e, position, &grips->all[lock], g);
	if (place != NO_PLACE)
		add(t, e, position, place);
}

/* ---- going and looking ------------------------------------------------- */

uint64_t links_at(const struct link_table *t, const struct deque *list,
		  uint64_t i)
{
	uint32_t low = *(const uint32_t *)deque_at(list, i);

	return t->base + (uint32_t)(low - (uint32_t)t->base);
}

uint64_t links_find(const struct link_table *t, const struct deque *list,
		    uint64_t position)
{
	uint64_t low = list->first, high = list->end;

	while (low < high) {
		uint64_t middle = low + (high - low) / 2;

		if (links_at(t, list, middle) < position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void drop(const struct link_table *t, struct links *l, uint64_t first)
{
	uint64_t take = links_find(t, &l->takes, first);

	deque_drop(&l->gives, links_find(t, &l->gives, first));
	deque_drop(&l->rest, links_find(t, &l->rest, first));
	deque_drop(&l->takes, take);
	if (l->wakers.end)
		deque_drop(&l->wakers, take);
}

void links_drop(struct link_table *t, uint64_t first)
{
	for (size_t i = 0; i < t->used.len; i++)
		drop(t, t->all[t->used.data[i]], first);
	t->base = first;
}

size_t links_bytes(const struct link_table *t)
{
	size_t bytes = t->places->count * sizeof *t->all +
		       t->used.cap * sizeof *t->used.data;

	for (size_t i = 0; i < t->used.len; i++) {
		const struct links *l = t->all[t->used.data[i]];

		bytes += sizeof *l + deque_bytes(&l->gives) +
			 deque_bytes(&l->takes) + deque_bytes(&l->rest) +
			 deque_bytes(&l->wakers) +
			 l->tokens.cap * sizeof *l->tokens.data;
	}
	return bytes;
}
