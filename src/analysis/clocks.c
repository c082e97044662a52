/*
 * clocks.c - what happened before what (Lamport 1978, Mattern 1989).
 *
 * Thread t's vector counts, for every thread, the steps that happened before
 * what t does next. Whoever gives something up leaves a copy of its vector
 * there; whoever takes it joins that copy to its own. Two touches that neither
 * vector orders could have come the other way round.
 *
 * A woken thread does nothing before it leaves its condition or barrier, so it
 * may learn at once, when it is let go. A semaphore's permits have no names: a
 * wait joins all posts so far, which may order too much, never too little.
 *
 * A buffered variable orders like an atomic one, as store buffers do: who reads
 * a store knows what its thread did before. But the read itself may race, so
 * what it has heard counts from the thread's next step on.
 *
 * CLOCK_FIRM leaves out what another schedule could turn round: who came first
 * to a lock or to a variable.
 */
#include "inside.h"

struct fifo {
	uint32_t *vectors; /* LIMIT_STORES of them */
	uint32_t places[LIMIT_STORES];
	uint32_t in, out; /* how many so far */
};

void clocks_init(struct clocks *c, const struct view *v, enum clock_mode mode)
{
	size_t places = v->places + 1;

	*c = (struct clocks){.v = v, .mode = mode, .width = v->threads};
	arena_init(&c->memory);
	c->now = xcalloc(v->threads * v->threads + 1, sizeof *c->now);
	c->given = xcalloc(places, sizeof *c->given);
	c->readers = xcalloc(places, sizeof *c->readers);
	c->count = xcalloc(places, sizeof *c->count);
	c->took = xcalloc(places, sizeof *c->took);
	c->arrived = xcalloc(places, sizeof *c->arrived);
	c->fifos = xcalloc(v->threads + 1, sizeof *c->fifos);
	c->heard = xcalloc(v->threads + 1, sizeof *c->heard);
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		c->asleep[t] = NOWHERE;
}

void clocks_fini(struct clocks *c)
{
	free(c->now);
	free(c->given);
	free(c->readers);
	free(c->count);
	free(c->took);
	free(c->arrived);
	free(c->fifos);
	free(c->heard);
	arena_fini(&c->memory);
}

static uint32_t *mine(struct clocks *c, thread_id t)
{
	return c->now + t * c->width;
}

static void join(const struct clocks *c, uint32_t *to, const uint32_t *from)
{
	for (size_t i = 0; from && i < c->width; i++)
		if (from[i] > to[i])
			to[i] = from[i];
}

/* A vector kept at a place, of so many slots. */
static uint32_t *kept(struct clocks *c, uint32_t **at, size_t slots)
{
	if (!*at)
		*at = arena_array(&c->memory, slots * c->width, sizeof **at);
	return *at;
}

/* The thread's vector is added to what is kept there, or replaces it. */
static void leave(struct clocks *c, uint32_t **at, thread_id t, bool replace)
{
	uint32_t *to = kept(c, at, 1);

	if (replace)
		memcpy(to, mine(c, t), c->width * sizeof *to);
	else
		join(c, to, mine(c, t));
}

/* ---- kinds of objects -------------------------------------------------- */

static void step_lock(struct clocks *c, const struct event *e, uint32_t place)
{
	if (c->mode == CLOCK_FIRM)
		return;
	switch (e->kind) {
	case OP_UNLOCK:
		leave(c, &c->given[place], e->thread, true);
		break;
	case OP_RWUNLOCK: /* of a reader or a writer: later writers see both */
		leave(c, &c->readers[place], e->thread, false);
		if (c->count[place] == e->thread + 1u) {
			leave(c, &c->given[place], e->thread, true);
			c->count[place] = 0;
		}
		break;
	case OP_WRLOCK:
		join(c, mine(c, e->thread), c->readers[place]);
		c->count[place] = e->thread + 1u;
		/* fall through */
	default:
		join(c, mine(c, e->thread), c->given[place]);
	}
}

/* Lets the thread know what its waker knows. */
static void wake(struct clocks *c, const struct event *e, size_t t)
{
	join(c, mine(c, (thread_id)t), mine(c, e->thread));
	c->asleep[t] = NOWHERE;
}

static void retake(struct clocks *c, size_t i, uint32_t place)
{
	const struct event *e = &c->v->e[i];
	uint32_t mutex = view_mutex_at(c->v, i);

	if (mutex != NOWHERE && c->mode == CLOCK_ALL)
		join(c, mine(c, e->thread), c->given[mutex]);
	/* In a free run nobody saw whom a signal woke: any could have been. */
	if (c->asleep[e->thread] != NOWHERE && !(e->flags & EVENT_TIMEOUT))
		join(c, mine(c, e->thread), c->given[place]);
	c->asleep[e->thread] = NOWHERE;
}

static void step_cond(struct clocks *c, size_t i, uint32_t place)
{
	const struct event *e = &c->v->e[i];
	uint32_t mutex = view_mutex_at(c->v, i);

	switch (e->kind) {
	case OP_SLEEP_ON:
		if (mutex != NOWHERE && c->mode == CLOCK_ALL)
			leave(c, &c->given[mutex], e->thread, true);
		c->asleep[e->thread] = place;
		break;
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		retake(c, i, place);
		break;
	case OP_SIGNAL:
		leave(c, &c->given[place], e->thread, false);
		if (e->other != THREAD_NONE)
			wake(c, e, e->other);
		break;
	case OP_BROADCAST:
		leave(c, &c->given[place], e->thread, false);
		for (size_t t = 0; t < c->width; t++)
			if (c->asleep[t] == place)
				wake(c, e, t);
		break;
	default:
		break;
	}
}

static void open_barrier(struct clocks *c, uint32_t place)
{
	for (size_t t = 0; t < c->width; t++)
		if (c->arrived[place] & bit(t))
			join(c, mine(c, (thread_id)t), c->given[place]);
	memset(c->given[place], 0, c->width * sizeof **c->given);
	c->arrived[place] = 0;
	c->count[place] = 0;
}

static void step_sync(struct clocks *c, const struct event *e, uint32_t place)
{
	switch (e->kind) {
	case OP_SEM_POST:
	case OP_EVENT_SET:
	case OP_COUNT_DOWN:
		leave(c, &c->given[place], e->thread, false);
		break;
	case OP_EVENT_ISSET:
		if (!e->value)
			break;
		/* fall through */
	case OP_SEM_WAIT:
	case OP_SEM_TRY:
	case OP_EVENT_WAIT:
	case OP_COUNT_WAIT:
		join(c, mine(c, e->thread), c->given[place]);
		break;
	case OP_ARRIVE:
		leave(c, &c->given[place], e->thread, false);
		c->arrived[place] |= bit(e->thread);
		if (++c->count[place] >=
		    (uint32_t)view_kind(c->v, place)->max)
			open_barrier(c, place);
		break;
	default:
		break;
	}
}

/* The k-th item travels in slot k of a ring: put with its putter's vector,
 * left behind with its getter's, which the next put there may wait for. */
static void step_queue(struct clocks *c, const struct event *e, uint32_t place)
{
	const struct object *o = view_kind(c->v, place);
	size_t slots = o->max > 0 ? (size_t)o->max : 1;
	uint32_t *ring = kept(c, &c->given[place], slots), *slot;

	switch (e->kind) {
	case OP_PUT:
	case OP_TRYPUT:
		slot = ring + c->count[place]++ % slots * c->width;
		if (o->bounded)
			join(c, mine(c, e->thread), slot);
		memcpy(slot, mine(c, e->thread), c->width * sizeof *slot);
		break;
	case OP_GET:
	case OP_TRYGET:
	case OP_GETFOR:
		slot = ring + c->took[place]++ % slots * c->width;
		join(c, mine(c, e->thread), slot);
		memcpy(slot, mine(c, e->thread), c->width * sizeof *slot);
		break;
	case OP_DONE:
		leave(c, &c->readers[place], e->thread, false);
		break;
	case OP_JOIN_QUEUE:
		join(c, mine(c, e->thread), c->readers[place]);
		break;
	default:
		break;
	}
}

/* ---- store buffers ----------------------------------------------------- */

static uint32_t *fifo_slot(struct clocks *c, struct fifo *f, uint32_t n)
{
	return kept(c, &f->vectors, LIMIT_STORES) +
	       n % LIMIT_STORES * c->width;
}

static void store(struct clocks *c, thread_id t, uint32_t place)
{
	struct fifo *f = &c->fifos[t];

	memcpy(fifo_slot(c, f, f->in), mine(c, t),
	       c->width * sizeof(uint32_t));
	f->places[f->in++ % LIMIT_STORES] = place;
}

static void drain(struct clocks *c, thread_id t, uint32_t place)
{
	struct fifo *f = &c->fifos[t];

	if (f->in != f->out)
		memcpy(kept(c, &c->given[place], 1),
		       fifo_slot(c, f, f->out++), c->width * sizeof(uint32_t));
}

/* Its own store, not yet in memory, tells a thread nothing. */
static void load(struct clocks *c, thread_id t, uint32_t place)
{
	const struct fifo *f = &c->fifos[t];

	for (uint32_t k = f->out; k != f->in; k++)
		if (f->places[k % LIMIT_STORES] == place)
			return;
	join(c, kept(c, &c->heard[t], 1), c->given[place]);
}

static void step_buffered(struct clocks *c, const struct event *e,
			  uint32_t place)
{
	if (c->mode == CLOCK_FIRM)
		return;
	if (e->kind == EVENT_DRAIN)
		drain(c, e->thread, place);
	else if (e->kind == OP_WRITE)
		store(c, e->thread, place);
	else if (e->kind == OP_READ)
		load(c, e->thread, place);
}

static void hear(struct clocks *c, thread_id t)
{
	if (!c->heard[t])
		return;
	join(c, mine(c, t), c->heard[t]);
	memset(c->heard[t], 0, c->width * sizeof(uint32_t));
}

/* ---- variables --------------------------------------------------------- */

/* Atomic variables order whoever reads a value behind whoever wrote it. */
static void step_var(struct clocks *c, const struct event *e, uint32_t place)
{
	bool own = is_indivisible(e);

	if (view_kind(c->v, place)->buffered && !own) {
		step_buffered(c, e, place);
		return;
	}
	if (c->mode == CLOCK_FIRM ||
	    !(own || view_kind(c->v, place)->atomic))
		return;
	if (own || e->kind == OP_READ)
		join(c, mine(c, e->thread), c->given[place]);
	if (is_change(e))
		leave(c, &c->given[place], e->thread, !own);
}

static void step_object(struct clocks *c, size_t i, uint32_t place)
{
	const struct event *e = &c->v->e[i];

	switch ((enum object_kind)view_kind(c->v, place)->kind) {
	case OBJECT_MUTEX:
	case OBJECT_RWLOCK:
		step_lock(c, e, place);
		break;
	case OBJECT_COND:
		step_cond(c, i, place);
		break;
	case OBJECT_QUEUE:
		step_queue(c, e, place);
		break;
	case OBJECT_VAR:
		step_var(c, e, place);
		break;
	case OBJECT_BUFFER:
	case OBJECT_KINDS:
		break;
	default:
		step_sync(c, e, place);
	}
}

/* ---- a step ------------------------------------------------------------ */

void clocks_step(struct clocks *c, size_t i)
{
	const struct event *e = &c->v->e[i];
	uint32_t place;

	if (event_is_mark(e))
		return;
	if (e->kind == EVENT_WOKEN)
		c->asleep[e->thread] = NOWHERE;
	place = view_place_at(c->v, i);
	if (e->kind == EVENT_DRAIN && place != NOWHERE)
		step_buffered(c, e, place);
	if (!is_own(e))
		return;
	hear(c, e->thread);
	if (!(e->flags & EVENT_ATOMIC))
		mine(c, e->thread)[e->thread]++;
	if (e->flags & EVENT_CRASH ||
	    (!succeeded(e) && e->kind != OP_CAS))
		return;
	if (e->kind == OP_START && e->other != THREAD_NONE)
		join(c, mine(c, e->other), mine(c, e->thread));
	else if (e->kind == OP_JOIN && e->other != THREAD_NONE)
		join(c, mine(c, e->thread), mine(c, e->other));
	else if (place != NOWHERE)
		step_object(c, i, place);
}

void analysis_clock(const struct program *p, const struct event *events,
		    size_t n, thread_id t, uint32_t *out)
{
	struct view v;
	struct clocks c;

	view_init(&v, p, events, n);
	clocks_init(&c, &v, CLOCK_ALL);
	for (size_t i = 0; i < v.n; i++)
		clocks_step(&c, i);
	memset(out, 0, LIMIT_THREADS * sizeof *out);
	memcpy(out, clocks_of(&c, t), v.threads * sizeof *out);
	clocks_fini(&c);
	view_fini(&v);
}
