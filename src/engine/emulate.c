/*
 * emulate.c - one operation on an object that POSIX does not have, or not so
 * that it could be asked without waiting: events, barriers, countdowns,
 * buffers, queues.
 *
 * Each is a real mutex, held within one operation only, and memory; a buffer
 * is memory without the mutex, since it keeps nobody out. Nobody waits long for
 * that mutex: stepped threads come one at a time, and free ones through the
 * monitor of freeact.c.
 */
#include "deed.h"

/* Around every use of an emulated object; nobody else can be inside. */
static void guard(pthread_mutex_t *m)
{
	(void)pthread_mutex_lock(m);
}

static void unguard(pthread_mutex_t *m)
{
	(void)pthread_mutex_unlock(m);
}

/* ---- events, barriers, countdowns -------------------------------------- */

static enum outcome set_flag(struct deed *d, int32_t value)
{
	struct real_flag *f = element(d);

	guard(&f->guard);
	poke(&f->value, value);
	unguard(&f->guard);
	return done(d, 0);
}

static int32_t get_flag(struct deed *d)
{
	struct real_flag *f = element(d);
	int32_t value;

	guard(&f->guard);
	value = peek(&f->value);
	unguard(&f->guard);
	return value;
}

static enum outcome do_event_set(struct deed *d)
{
	return set_flag(d, 1);
}

static enum outcome do_event_clear(struct deed *d)
{
	return set_flag(d, 0);
}

static enum outcome do_event_wait(struct deed *d)
{
	return get_flag(d) ? done(d, 0) : OUTCOME_BUSY;
}

static enum outcome do_event_isset(struct deed *d)
{
	return done(d, get_flag(d));
}

static enum outcome do_arrive(struct deed *d)
{
	struct real_flag *b = element(d);

	guard(&b->guard);
	poke(&seat(d, d->me)->round, peek(&b->round));
	poke(&b->value, peek(&b->value) + 1);
	if (peek(&b->value) >= object(d)->max) {
		poke(&b->value, 0);
		poke(&b->round, peek(&b->round) + 1);
	}
	unguard(&b->guard);
	return done(d, 0);
}

/* Open once the round in which we arrived is over. */
static enum outcome do_leave(struct deed *d)
{
	struct real_flag *b = element(d);
	bool open;

	guard(&b->guard);
	open = peek(&b->round) != peek(&seat(d, d->me)->round);
	unguard(&b->guard);
	return open ? done(d, 0) : OUTCOME_BUSY;
}

static enum outcome do_count_down(struct deed *d)
{
	struct real_flag *f = element(d);
	int32_t value;

	guard(&f->guard);
	value = peek(&f->value);
	if (value > 0)
		poke(&f->value, value - 1);
	unguard(&f->guard);
	return value > 0 ? done(d, 0) : crash(d, CRASH_BELOW_ZERO);
}

static enum outcome do_count_wait(struct deed *d)
{
	return get_flag(d) ? OUTCOME_BUSY : done(d, 0);
}

/* ---- buffers and queues ------------------------------------------------ */

static bool is_full(const struct deed *d, const struct real_queue *q)
{
	return peek(&q->count) >= (uint32_t)object(d)->max;
}

static enum outcome append(struct deed *d, struct real_queue *q)
{
	uint32_t n = peek(&q->count), max = (uint32_t)object(d)->max;

	poke(&q->items[(peek(&q->first) + n) % max], d->op.a);
	poke(&q->count, n + 1);
	poke(&q->unfinished, peek(&q->unfinished) + 1);
	return done(d, 1);
}

static enum outcome remove_first(struct deed *d, struct real_queue *q)
{
	uint32_t first = peek(&q->first), max = (uint32_t)object(d)->max;

	d->result = peek(&q->items[first]);
	poke(&q->first, (first + 1) % max);
	poke(&q->count, peek(&q->count) - 1);
	return OUTCOME_DONE;
}

/* A buffer keeps nobody out; nobody else can be inside all the same. */
static void open_queue(const struct deed *d, struct real_queue *q)
{
	if (object(d)->kind == OBJECT_QUEUE)
		guard(&q->guard);
}

static void close_queue(const struct deed *d, struct real_queue *q)
{
	if (object(d)->kind == OBJECT_QUEUE)
		unguard(&q->guard);
}

static enum outcome put_now(struct deed *d, struct real_queue *q)
{
	switch (d->op.kind) {
	case OP_TRYPUT:
		return is_full(d, q) ? done(d, 0) : append(d, q);
	case OP_PUT:
		if (is_full(d, q) && object(d)->bounded)
			return OUTCOME_BUSY;
		/* fall through */
	default:
		return is_full(d, q) ? crash(d, CRASH_FULL) : append(d, q);
	}
}

static enum outcome do_put(struct deed *d)
{
	struct real_queue *q = element(d);
	enum outcome o;

	open_queue(d, q);
	o = put_now(d, q);
	close_queue(d, q);
	return o;
}

static enum outcome get_now(struct deed *d, struct real_queue *q)
{
	if (peek(&q->count))
		return d->timeout ? OUTCOME_GOT : remove_first(d, q);
	if (d->timeout || d->op.kind == OP_TRYGET)
		return done(d, -1);
	return d->op.kind == OP_BUF_GET ? crash(d, CRASH_EMPTY) : OUTCOME_BUSY;
}

static enum outcome do_get(struct deed *d)
{
	struct real_queue *q = element(d);
	enum outcome o;

	open_queue(d, q);
	o = get_now(d, q);
	close_queue(d, q);
	return o;
}

static int32_t size_of(struct deed *d)
{
	struct real_queue *q = element(d);
	int32_t n;

	open_queue(d, q);
	n = (int32_t)peek(&q->count);
	close_queue(d, q);
	return n;
}

static enum outcome do_empty(struct deed *d)
{
	return done(d, size_of(d) == 0);
}

static enum outcome do_full(struct deed *d)
{
	return done(d, size_of(d) >= object(d)->max);
}

static enum outcome do_size(struct deed *d)
{
	return done(d, size_of(d));
}

static enum outcome do_done(struct deed *d)
{
	struct real_queue *q = element(d);
	int32_t left;

	guard(&q->guard);
	left = peek(&q->unfinished);
	if (left > 0)
		poke(&q->unfinished, left - 1);
	unguard(&q->guard);
	return left > 0 ? done(d, 0) : crash(d, CRASH_DONE);
}

static enum outcome do_join_queue(struct deed *d)
{
	struct real_queue *q = element(d);
	int32_t left;

	guard(&q->guard);
	left = peek(&q->unfinished);
	unguard(&q->guard);
	return left ? OUTCOME_BUSY : done(d, 0);
}

/* One after the other, as anybody would who has no select. */
static enum outcome do_select(struct deed *d)
{
	const struct object_list *list = &program(d)->lists.data[insn(d)->imm];

	for (size_t k = 0; k < list->count; k++) {
		const struct object_ref *ref = &list->refs[k];
		struct deed look = *d;

		look.op.object = ref->object;
		look.op.index = ref->index == NO_REG ? 0 : d->regs[ref->index];
		if (look.op.index >= 0 &&
		    look.op.index < object(&look)->count && size_of(&look))
			return done(d, (int32_t)k);
	}
	return OUTCOME_BUSY;
}

/* ---- which one ----------------------------------------------------------- */

static enum outcome (*const deeds[OP_COUNT])(struct deed *) = {
	[OP_EVENT_WAIT] = do_event_wait,
	[OP_EVENT_SET] = do_event_set,
	[OP_EVENT_CLEAR] = do_event_clear,
	[OP_EVENT_ISSET] = do_event_isset,
	[OP_ARRIVE] = do_arrive,
	[OP_LEAVE] = do_leave,
	[OP_BUF_PUT] = do_put,
	[OP_BUF_GET] = do_get,
	[OP_PUT] = do_put,
	[OP_GET] = do_get,
	[OP_TRYPUT] = do_put,
	[OP_TRYGET] = do_get,
	[OP_GETFOR] = do_get,
	[OP_EMPTY] = do_empty,
	[OP_FULL] = do_full,
	[OP_SIZE] = do_size,
	[OP_DONE] = do_done,
	[OP_JOIN_QUEUE] = do_join_queue,
	[OP_SELECT] = do_select,
	[OP_COUNT_DOWN] = do_count_down,
	[OP_COUNT_WAIT] = do_count_wait,
};

enum outcome emulate(struct deed *d)
{
	return deeds[d->op.kind](d);
}
