/*
 * freeturn.c - when a step of a free run may be done: nearly always, now.
 *
 * Two things of the language need order where real threads have none:
 *
 * Cooperative scenarios switch only where the running thread waits, yields,
 * sleeps or ends. There is one turn, a number drawn as at a counter; a thread
 * works while its number is up. It tries its operation and never waits inside
 * it: what cannot be had gives the turn away, and is tried again with a new
 * number when some step may have changed that (`changes`). So nobody takes
 * anything out of turn; conditions are those of the live engine.
 *
 * atomic: blocks are one step for everybody. A block writes, as a read-write
 * lock has it, and all other steps of that scenario only read; an operation
 * that has to wait does so outside. A block whose first operation cannot be
 * had waits for a change, too: it counts itself in `waiting` before it looks
 * once more, and who has done a step looks at `waiting` after it, so one of
 * them sees the other.
 */
#include <errno.h>

#include "freerun.h"

static struct turns *turns(const struct hand *h)
{
	return &h->run->share->turns;
}

static const struct program *program(const struct hand *h)
{
	return h->run->real.program;
}

static uint16_t code_here(const struct hand *h)
{
	return program(h)->code.data[h->vm->pc].code;
}

bool freerun_make_turns(struct freerun *r)
{
	struct turns *t = &r->share->turns;
	pthread_rwlockattr_t attr;

	(void)pthread_mutex_init(&t->mutex, NULL);
	(void)pthread_cond_init(&t->cond, NULL);
	(void)pthread_rwlockattr_init(&attr);
	/* Else a block might never come between those who only read. */
	(void)pthread_rwlockattr_setkind_np(
		&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	errno = pthread_rwlock_init(&t->gate, &attr);
	return !errno;
}

/* ---- cooperative ------------------------------------------------------- */

static void give_turn(struct hand *h)
{
	struct turns *t = turns(h);

	t->now++;
	t->changes += h->moved;
	h->moved = false;
	(void)pthread_cond_broadcast(&t->cond);
}

static void take_turn(struct turns *t)
{
	uint64_t mine = t->next++;

	while (t->now != mine)
		(void)pthread_cond_wait(&t->cond, &t->mutex);
}

void freerun_begin(struct hand *h)
{
	if (!program(h)->cooperative)
		return;
	h->at_once = true;
	(void)pthread_mutex_lock(&turns(h)->mutex);
	take_turn(turns(h));
	(void)pthread_mutex_unlock(&turns(h)->mutex);
}

void freerun_leave(struct hand *h)
{
	if (!program(h)->cooperative)
		return;
	h->moved = true;
	(void)pthread_mutex_lock(&turns(h)->mutex);
	give_turn(h);
	(void)pthread_mutex_unlock(&turns(h)->mutex);
}

/* Lets others go first. */
static void pass_turn(struct hand *h)
{
	(void)pthread_mutex_lock(&turns(h)->mutex);
	give_turn(h);
	take_turn(turns(h));
	(void)pthread_mutex_unlock(&turns(h)->mutex);
}

/* 0: for as long as it takes. */
static uint64_t limit_of(const struct op *op)
{
	int32_t ms = op->kind == OP_RETAKE_FOR ? op->b : op->a;

	if (op->kind != OP_RETAKE_FOR && op->kind != OP_LOCKFOR &&
	    op->kind != OP_GETFOR)
		return 0;
	return clock_monotonic() +
	       (ms > 0 ? (uint64_t)ms : 0) * UINT64_C(1000000);
}

/* Out of turn until something has changed, or, which is true, it is late. */
static bool await_change(struct hand *h, uint64_t limit)
{
	struct timespec until = {(time_t)(limit / 1000000000u),
				 (long)(limit % 1000000000u)};
	struct turns *t = turns(h);
	int error = 0;
	uint64_t seen;

	(void)pthread_mutex_lock(&t->mutex);
	give_turn(h);
	seen = t->changes;
	freerun_set_timed(h, limit);
	while (t->changes == seen && error != ETIMEDOUT)
		error = limit ? pthread_cond_clockwait(&t->cond, &t->mutex,
						       CLOCK_MONOTONIC, &until)
			      : pthread_cond_wait(&t->cond, &t->mutex);
	freerun_set_timed(h, false);
	take_turn(t);
	(void)pthread_mutex_unlock(&t->mutex);
	return error == ETIMEDOUT;
}

static bool is_of_condition(uint8_t kind)
{
	return kind == OP_SLEEP_ON || kind == OP_RETAKE ||
	       kind == OP_RETAKE_FOR || kind == OP_SIGNAL ||
	       kind == OP_BROADCAST;
}

static enum outcome act_on_condition(struct hand *h)
{
	const struct op *op = &h->deed.op;
	bool wakes = op->kind == OP_SIGNAL || op->kind == OP_BROADCAST;
	int32_t n = real_value(&h->run->real, op->object, op->index);
	enum outcome o = perform(&h->deed);

	if (o != OUTCOME_DONE)
		return o;
	if (op->kind == OP_SIGNAL && n > 1)
		n = 1;
	freerun_note(h, op, wakes && !n ? EVENT_FAILED : 0,
		     wakes ? n : op->kind != OP_SLEEP_ON,
		     wakes ? 0 : op->mutex_index);
	return o;
}

static enum outcome time_out(struct hand *h)
{
	const struct op *op = &h->deed.op;
	enum outcome o;

	h->deed.timeout = true;
	o = perform(&h->deed);
	h->deed.timeout = false;
	if (o == OUTCOME_DONE)
		freerun_note(h, op, EVENT_TIMEOUT, h->deed.result,
			     op->kind == OP_RETAKE_FOR ? op->mutex_index : 0);
	return o;
}

static enum outcome act_in_turn(struct hand *h)
{
	if (code_here(h) == OP_ATOMIC)
		return freerun_block(h);
	if (!is_of_condition((uint8_t)code_here(h)))
		return freerun_act(h);
	h->deed.regs = h->vm->regs;
	h->deed.pick = 0;
	vm_next(h->vm, program(h), &h->deed.op);
	return act_on_condition(h);
}

static enum outcome wait_in_turn(struct hand *h)
{
	uint64_t limit;
	enum outcome o;
	bool late = false;

	vm_next(h->vm, program(h), &h->deed.op);
	limit = limit_of(&h->deed.op);
	freerun_note(h, &h->deed.op, EVENT_WANTS, 0, 0);
	h->waited = true;
	do {
		late = await_change(h, late ? 0 : limit) || late;
		o = late ? time_out(h) : act_in_turn(h);
		late &= o != OUTCOME_GOT;
		if (o == OUTCOME_GOT) /* woken in time after all */
			o = act_in_turn(h);
	} while (o == OUTCOME_BUSY);
	h->waited = false;
	return o;
}

static enum outcome step_in_turn(struct hand *h)
{
	uint16_t code = code_here(h);
	enum outcome o;

	if (code == OP_SLEEP) {
		freerun_leave(h);
		o = freerun_act(h);
		freerun_begin(h);
		return o;
	}
	o = act_in_turn(h);
	if (o == OUTCOME_BUSY)
		o = wait_in_turn(h);
	h->moved = true;
	if (code == OP_YIELD)
		pass_turn(h);
	return o;
}

/* ---- atomic: blocks among others --------------------------------------- */

static void tell_change(struct hand *h)
{
	struct turns *t = turns(h);

	if (!atomic_load(&t->waiting)) /* pairs with wait_for_block */
		return;
	(void)pthread_mutex_lock(&t->mutex);
	t->changes++;
	(void)pthread_cond_broadcast(&t->cond);
	(void)pthread_mutex_unlock(&t->mutex);
}

static enum outcome step_outside(struct hand *h)
{
	bool rests = code_here(h) == OP_SLEEP || code_here(h) == OP_WORK;
	enum outcome o = OUTCOME_BUSY;

	if (!rests) {
		(void)pthread_rwlock_rdlock(&turns(h)->gate);
		h->at_once = true;
		o = freerun_act(h);
		h->at_once = false;
		(void)pthread_rwlock_unlock(&turns(h)->gate);
	}
	if (o == OUTCOME_BUSY)
		o = freerun_act(h);
	tell_change(h);
	return o;
}

static enum outcome try_block(struct hand *h)
{
	enum outcome o;

	(void)pthread_rwlock_wrlock(&turns(h)->gate);
	o = freerun_block(h);
	(void)pthread_rwlock_unlock(&turns(h)->gate);
	return o;
}

static enum outcome wait_for_block(struct hand *h)
{
	struct turns *t = turns(h);
	enum outcome o;
	struct op op;

	vm_next(h->vm, program(h), &op);
	freerun_note(h, &op, EVENT_WANTS, 0, 0);
	atomic_fetch_add(&t->waiting, 1); /* pairs with tell_change */
	(void)pthread_mutex_lock(&t->mutex);
	for (;;) {
		uint64_t seen = t->changes;

		(void)pthread_mutex_unlock(&t->mutex);
		o = try_block(h);
		(void)pthread_mutex_lock(&t->mutex);
		if (o != OUTCOME_BUSY)
			break;
		while (t->changes == seen)
			(void)pthread_cond_wait(&t->cond, &t->mutex);
	}
	(void)pthread_mutex_unlock(&t->mutex);
	atomic_fetch_sub(&t->waiting, 1);
	return o;
}

static enum outcome step_block(struct hand *h)
{
	enum outcome o = try_block(h);

	if (o == OUTCOME_BUSY)
		o = wait_for_block(h);
	tell_change(h);
	return o;
}

/* ---- all --------------------------------------------------------------- */

enum outcome freerun_step(struct hand *h)
{
	bool block = code_here(h) == OP_ATOMIC;
	enum outcome o;

	if (program(h)->cooperative)
		o = step_in_turn(h);
	else if (block)
		o = step_block(h);
	else
		o = h->gated ? step_outside(h) : freerun_act(h);
	if (!block && o == OUTCOME_DONE)
		vm_done(h->vm, program(h), h->deed.me, h->deed.result);
	return o;
}
