/*
 * freeact.c - one operation of a free run: with the real primitive, waiting.
 *
 * First the form that does not wait is tried (perform.c, the live engine's
 * own); only if it says busy is EVENT_WANTS recorded and the waiting form
 * called. What gets something is stamped after it has it; what gives something
 * up is stamped and recorded before: so whoever gets it records later, and by
 * the generation in `extra`, counted by the holder, knows from whom.
 *
 * Real: mutexes, read-write locks, conditions, semaphores, join. Events,
 * queues, countdowns and barriers are a monitor, that is a mutex and a
 * condition, and their records are written inside. Variables are atomics,
 * relaxed or sequentially consistent, the buffered ones too: this machine has
 * store buffers of its own.
 *
 * at_once (atomic: blocks, cooperative runs; see freeturn.c): what would have
 * to wait is left alone, and nothing recorded.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "freerun.h"

/* ---- common ------------------------------------------------------------ */

static const struct program *program(const struct hand *h)
{
	return h->run->real.program;
}

static const struct object *object(const struct hand *h)
{
	return &program(h)->objects.data[h->deed.op.object];
}

static void *element(const struct hand *h)
{
	return real_element(&h->run->real, h->deed.op.object, h->deed.op.index);
}

static struct part *part(const struct hand *h)
{
	return freerun_part(h->run, h->deed.op.object, h->deed.op.index);
}

void freerun_note(struct hand *h, const struct op *op, unsigned flags,
		  int32_t value, int32_t extra)
{
	struct event e = {
		.thread = h->deed.me,
		.kind = op->kind,
		.flags = (uint8_t)(flags | (op->atomic ? EVENT_ATOMIC : 0) |
				   (h->waited ? EVENT_WAITED : 0)),
		.other = h->other,
		.object = op->object,
		.pc = op->pc,
		.index = op->index,
		.value = value,
		.extra = extra,
	};

	if (!h->record)
		return;
	e.time = clock_ticks(&h->clock);
	ring_write(h->ring, &e);
}

static void note(struct hand *h, unsigned flags, int32_t value, int32_t extra)
{
	freerun_note(h, &h->deed.op, flags, value, extra);
}

/* It has to wait; false: it may not. */
static bool want(struct hand *h)
{
	if (!h->at_once)
		note(h, EVENT_WANTS, 0, 0);
	return !h->at_once;
}

static enum outcome done(struct hand *h, int32_t result)
{
	h->deed.result = result;
	return OUTCOME_DONE;
}

static enum outcome odd(struct hand *h, int error)
{
	h->deed.error = error;
	return OUTCOME_ODD;
}

/* What waits for itself waits for ever, whatever the system says of it. */
_Noreturn static void stay(void)
{
	for (;;)
		(void)pause();
}

static struct timespec in_ms(int32_t ms)
{
	uint64_t ns = clock_monotonic() +
		      (ms > 0 ? (uint64_t)ms : 0) * UINT64_C(1000000);

	return (struct timespec){(time_t)(ns / 1000000000u),
				 (long)(ns % 1000000000u)};
}

void freerun_set_timed(struct hand *h, bool on)
{
	poke(&h->run->share->places[h->deed.me].timed, on);
}

void freerun_rest(struct hand *h, uint64_t ns)
{
	struct timespec t = {(time_t)(ns / 1000000000u),
			     (long)(ns % 1000000000u)};

	freerun_set_timed(h, true);
	while (clock_nanosleep(CLOCK_MONOTONIC, 0, &t, &t) == EINTR)
		continue;
	freerun_set_timed(h, false);
}

uint64_t freerun_random(struct hand *h)
{
	h->random ^= h->random << 13;
	h->random ^= h->random >> 7;
	h->random ^= h->random << 17;
	return h->random;
}

/* ---- variables --------------------------------------------------------- */

static memory_order order_of(const struct object *o)
{
	return o->atomic ? memory_order_seq_cst : memory_order_relaxed;
}

static enum outcome act_read(struct hand *h)
{
	int32_t value = atomic_load_explicit((_Atomic int32_t *)element(h),
					     order_of(object(h)));

	note(h, 0, value, 0);
	return done(h, value);
}

static enum outcome act_write(struct hand *h)
{
	_Atomic int32_t *at = element(h);
	int32_t value = h->deed.op.a;

	if (h->record)
		note(h, 0, value, peek(at));
	atomic_store_explicit(at, value, order_of(object(h)));
	return done(h, 0);
}

static enum outcome act_change(struct hand *h)
{
	const struct op *op = &h->deed.op;
	enum outcome o = perform(&h->deed);
	int32_t r = h->deed.result;

	if (op->kind == OP_XCHG)
		note(h, 0, op->a, r);
	else if (op->kind == OP_FETCH_ADD)
		note(h, 0, (int32_t)((uint32_t)r + (uint32_t)op->a), r);
	else
		note(h, r ? 0 : EVENT_FAILED, r ? op->b : 0, op->a);
	return o;
}

/* What neither waits nor is waited for. */
static enum outcome act_plain(struct hand *h)
{
	enum outcome o = perform(&h->deed);

	if (o == OUTCOME_DONE)
		note(h, 0, h->deed.result, 0);
	return o;
}

/* ---- mutexes ----------------------------------------------------------- */

static bool mine(const struct hand *h, struct real_mutex *m)
{
	return peek(&m->owner) == h->deed.me + 1;
}

/* Only the holder counts, so an increment need not be one step. */
static int32_t next_turn(struct part *p)
{
	int32_t turn = peek(&p->turn) + 1;

	poke(&p->turn, turn);
	return turn;
}

static enum outcome got_mutex(struct hand *h, unsigned flags)
{
	note(h, flags, 1, next_turn(part(h)));
	return done(h, 1);
}

static int wait_mutex(struct hand *h, pthread_mutex_t *m)
{
	struct timespec until;
	int error;

	if (h->deed.op.kind != OP_LOCKFOR)
		return pthread_mutex_lock(m);
	until = in_ms(h->deed.op.a);
	freerun_set_timed(h, true);
	error = pthread_mutex_clocklock(m, CLOCK_MONOTONIC, &until);
	freerun_set_timed(h, false);
	return error;
}

static enum outcome act_lock(struct hand *h)
{
	struct real_mutex *m = element(h);
	enum outcome o = perform(&h->deed);
	int error;

	if (o == OUTCOME_DONE && h->deed.result)
		return got_mutex(h, 0);
	if (o != OUTCOME_BUSY || !want(h))
		return o;
	error = wait_mutex(h, &m->mutex);
	if (error == ETIMEDOUT) {
		note(h, EVENT_TIMEOUT, 0, 0);
		return done(h, 0);
	}
	if (error == EDEADLK)
		stay();
	if (error)
		return odd(h, error);
	poke(&m->owner, h->deed.me + 1);
	if (object(h)->recursive)
		poke(&m->depth, 1);
	return got_mutex(h, EVENT_WAITED);
}

static enum outcome act_trylock(struct hand *h)
{
	enum outcome o = perform(&h->deed);

	if (o == OUTCOME_DONE && h->deed.result)
		return got_mutex(h, 0);
	if (o == OUTCOME_DONE)
		note(h, EVENT_FAILED, 0, 0);
	return o;
}

static enum outcome act_unlock(struct hand *h)
{
	if (mine(h, element(h)))
		note(h, 0, 0, peek(&part(h)->turn));
	return perform(&h->deed);
}

/* ---- read-write locks -------------------------------------------------- */

static enum outcome act_rwlock(struct hand *h)
{
	struct real_rwlock *rw = element(h);
	bool write = h->deed.op.kind == OP_WRLOCK;
	enum outcome o = perform(&h->deed);
	unsigned flags = 0;
	int error;

	if (o == OUTCOME_BUSY && want(h)) {
		error = write ? pthread_rwlock_wrlock(&rw->lock)
			      : pthread_rwlock_rdlock(&rw->lock);
		if (error == EDEADLK)
			stay();
		if (error)
			return odd(h, error);
		if (write)
			poke(&rw->writer, h->deed.me + 1);
		else
			poke(&rw->holds[h->deed.me],
			     peek(&rw->holds[h->deed.me]) + 1);
		flags = EVENT_WAITED;
	} else if (o != OUTCOME_DONE) {
		return o;
	}
	note(h, flags, 0, write ? next_turn(part(h)) : peek(&part(h)->turn));
	return done(h, 0);
}

static enum outcome act_rwunlock(struct hand *h)
{
	struct real_rwlock *rw = element(h);

	if (peek(&rw->writer) == h->deed.me + 1 || peek(&rw->holds[h->deed.me]))
		note(h, 0, 0, peek(&part(h)->turn));
	return perform(&h->deed);
}

/* ---- conditions -------------------------------------------------------- */

/* The mutex is given up in the wait itself, together with falling asleep. */
static enum outcome act_sleep_on(struct hand *h)
{
	const struct op *op = &h->deed.op;
	struct real_mutex *m =
		real_element(&h->run->real, op->mutex, op->mutex_index);

	if (!mine(h, m))
		return perform(&h->deed);
	note(h, 0, 0, op->mutex_index);
	return done(h, peek(&m->depth));
}

/* Until woken, or late: true. A real spurious wake-up is nobody's choice, so
 * it is not let through. */
static bool sleep_on(struct hand *h, struct part *p, pthread_mutex_t *m)
{
	bool timed = h->deed.op.kind == OP_RETAKE_FOR, late;
	struct timespec until = in_ms(h->deed.op.b);
	enum back back;

	freerun_set_timed(h, timed);
	do {
		late = (timed ? pthread_cond_clockwait(&p->cond, m,
						       CLOCK_MONOTONIC, &until)
			      : pthread_cond_wait(&p->cond, m)) == ETIMEDOUT;
		back = freerun_get_up(&p->beds, h->deed.me, late);
	} while (back == BACK_SPURIOUS);
	freerun_set_timed(h, false);
	return back == BACK_LATE;
}

static enum outcome act_retake(struct hand *h)
{
	const struct op *op = &h->deed.op;
	struct real_mutex *m =
		real_element(&h->run->real, op->mutex, op->mutex_index);
	struct part *p = part(h);
	bool late;

	if (!want(h))
		return OUTCOME_BUSY;
	for (int32_t i = 1; i < op->a; i++)
		(void)pthread_mutex_unlock(&m->mutex);
	poke(&m->depth, 0);
	poke(&m->owner, 0);
	freerun_lie_down(&p->beds, h->deed.me);
	late = sleep_on(h, p, &m->mutex);
	for (int32_t i = 1; i < op->a; i++)
		(void)pthread_mutex_lock(&m->mutex);
	poke(&m->owner, h->deed.me + 1);
	poke(&m->depth, op->a);
	(void)next_turn(freerun_part(h->run, op->mutex, op->mutex_index));
	note(h, EVENT_WAITED | (late ? EVENT_TIMEOUT : 0), !late,
	     op->mutex_index);
	return done(h, !late);
}

/* Recorded before it is counted, and counted before it can wake anybody. */
static enum outcome act_signal(struct hand *h)
{
	struct part *p = part(h);
	bool all = h->deed.op.kind == OP_BROADCAST;
	int32_t left = (int32_t)freerun_asleep(&p->beds);

	note(h, left ? 0 : EVENT_FAILED, all ? left : left > 0, 0);
	freerun_wake(&p->beds, all);
	(void)(all ? pthread_cond_broadcast(&p->cond)
		   : pthread_cond_signal(&p->cond));
	freerun_has_woken(&p->beds);
	return done(h, 0);
}

/* ---- semaphores -------------------------------------------------------- */

static enum outcome act_sem_wait(struct hand *h)
{
	enum outcome o = perform(&h->deed);
	unsigned flags = 0;

	if (o == OUTCOME_BUSY && want(h)) {
		while (sem_wait(element(h)))
			if (errno != EINTR)
				return odd(h, errno);
		flags = EVENT_WAITED;
	} else if (o != OUTCOME_DONE) {
		return o;
	} else if (!h->deed.result) {
		flags = EVENT_FAILED;
	}
	note(h, flags,
	     real_value(&h->run->real, h->deed.op.object, h->deed.op.index),
	     peek(&part(h)->turn));
	return flags & EVENT_WAITED ? done(h, 1) : OUTCOME_DONE;
}

/* POSIX knows no bound, so nobody else may post between look and post. */
static enum outcome act_sem_post(struct hand *h)
{
	pthread_mutex_t *guard = &h->run->share->bounded;
	bool bounded = object(h)->bounded;
	enum outcome o;
	int count = 0;

	if (bounded)
		(void)pthread_mutex_lock(guard);
	(void)sem_getvalue(element(h), &count);
	if (count < object(h)->max)
		note(h, 0, count + 1, atomic_fetch_add(&part(h)->turn, 1) + 1);
	o = perform(&h->deed);
	if (bounded)
		(void)pthread_mutex_unlock(guard);
	return o;
}

/* ---- monitors: events, queues, countdowns, barriers, threads ----------- */

/* Waits in it until the operation succeeds; false if the time was over. */
static bool wait_in(struct hand *h, struct monitor *m, enum outcome *o)
{
	struct timespec until = in_ms(h->deed.op.a);
	bool timed = h->deed.op.kind == OP_GETFOR, over = false;

	freerun_set_timed(h, timed);
	while ((*o = perform(&h->deed)) == OUTCOME_BUSY && !over) {
		int error =
			timed ? pthread_cond_clockwait(&m->cond, &m->mutex,
						       CLOCK_MONOTONIC, &until)
			      : pthread_cond_wait(&m->cond, &m->mutex);

		over = error == ETIMEDOUT;
	}
	freerun_set_timed(h, false);
	return *o != OUTCOME_BUSY;
}

static enum outcome within(struct hand *h, struct monitor *m)
{
	enum outcome o = perform(&h->deed);
	unsigned flags = 0;
	const struct op *op = &h->deed.op;

	if (o == OUTCOME_BUSY && want(h)) {
		flags = EVENT_WAITED;
		if (!wait_in(h, m, &o)) {
			flags = EVENT_TIMEOUT;
			o = done(h, -1);
		}
	}
	if (o != OUTCOME_DONE)
		return o;
	if ((op->kind == OP_TRYPUT && !h->deed.result) ||
	    (op->kind == OP_TRYGET && h->deed.result == -1))
		flags = EVENT_FAILED;
	note(h, flags,
	     op->kind == OP_PUT || op->kind == OP_TRYPUT ? op->a
							 : h->deed.result,
	     0);
	if (op_info[op->kind].flags & OP_L)
		(void)pthread_cond_broadcast(&m->cond);
	return o;
}

static enum outcome enter(struct hand *h, size_t monitor)
{
	struct monitor *m = &h->run->share->monitors[monitor];
	enum outcome o;

	(void)pthread_mutex_lock(&m->mutex);
	o = within(h, m);
	(void)pthread_mutex_unlock(&m->mutex);
	return o;
}

static enum outcome act_monitor(struct hand *h)
{
	struct monitor *all = &h->run->share->monitors[MONITOR_QUEUES];
	enum outcome o = enter(h, h->deed.op.object);

	if (!program(h)->lists.count || object(h)->kind != OBJECT_QUEUE)
		return o;
	(void)pthread_mutex_lock(&all->mutex);
	(void)pthread_cond_broadcast(&all->cond);
	(void)pthread_mutex_unlock(&all->mutex);
	return o;
}

static enum outcome act_select(struct hand *h)
{
	return enter(h, MONITOR_QUEUES);
}

/* ---- threads ----------------------------------------------------------- */

static thread_id named_thread(const struct hand *h)
{
	const struct program *p = program(h);
	const struct thread_group *g =
		&p->groups.data[p->code.data[h->deed.op.pc].imm];
	int32_t i = h->deed.op.index;

	return i < 0 || i >= g->count ? THREAD_NONE : (thread_id)(g->first + i);
}

static enum outcome act_join(struct hand *h)
{
	enum outcome o;

	h->other = named_thread(h);
	o = enter(h, MONITOR_THREADS);
	h->other = THREAD_NONE;
	return o;
}

/* Recorded before the other can record anything. */
static enum outcome act_start(struct hand *h)
{
	struct monitor *m = &h->run->share->monitors[MONITOR_THREADS];
	enum outcome o;

	h->other = named_thread(h);
	(void)pthread_mutex_lock(&m->mutex);
	if (h->other != THREAD_NONE &&
	    !peek(&h->run->real.shared->seats[h->other].started)) {
		note(h, 0, 0, 0);
		if (!program(h)->threads.data[h->other].daemon)
			atomic_fetch_add(&h->run->share->left, 1);
	}
	o = perform(&h->deed);
	(void)pthread_cond_broadcast(&m->cond);
	(void)pthread_mutex_unlock(&m->mutex);
	h->other = THREAD_NONE;
	return o;
}

/* A plain buffer is nobody's monitor: that is its point. */
static enum outcome act_look(struct hand *h)
{
	return object(h)->kind == OBJECT_QUEUE ? act_monitor(h) : act_plain(h);
}

static enum outcome act_buf_put(struct hand *h)
{
	enum outcome o = perform(&h->deed);

	if (o == OUTCOME_DONE)
		note(h, 0, h->deed.op.a, 0);
	return o;
}

/* ---- the rest ---------------------------------------------------------- */

static void add_text(char *to, const char *text)
{
	size_t have = strlen(to);

	(void)snprintf(to + have, LINE_BYTES - have, "%s", text);
}

static void add_number(char *to, int32_t number)
{
	size_t have = strlen(to);

	(void)snprintf(to + have, LINE_BYTES - have, "%d", number);
}

/* Only here are the registers known; the front gives it its id. */
static enum outcome act_print(struct hand *h)
{
	const struct program *p = program(h);
	const struct print *print =
		&p->prints.data[p->code.data[h->deed.op.pc].imm];
	struct run_share *s = h->run->share;
	/* Relaxed: all it does is give everybody another number. */
	uint32_t n =
		atomic_fetch_add_explicit(&s->printed, 1, memory_order_relaxed);
	struct line *line = &s->lines[n];

	if (n < LIMIT_OUTPUT) {
		for (size_t i = 0; i < print->count; i++)
			if (print->parts[i].text)
				add_text(line->text, print->parts[i].text);
			else
				add_number(line->text,
					   h->vm->regs[print->parts[i].reg]);
		/* Pairs with the acquire in free.c: the text is there. */
		atomic_store_explicit(&line->ready, true, memory_order_release);
	}
	note(h, 0, (int32_t)n, 0);
	return done(h, 0);
}

static uint64_t cpu_time(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static enum outcome act_work(struct hand *h)
{
	int32_t ms = h->deed.op.a;
	uint64_t until;

	note(h, 0, ms, 0);
	if (ms <= 0)
		return done(h, 0);
	until = cpu_time() + (uint64_t)ms * 1000000u;
	while (cpu_time() < until)
		continue;
	return done(h, 0);
}

static enum outcome act_sleep(struct hand *h)
{
	int32_t ms = h->deed.op.a;

	note(h, 0, ms, 0);
	if (ms > 0)
		freerun_rest(h, (uint64_t)ms * 1000000u);
	return done(h, 0);
}

static enum outcome act_choose(struct hand *h)
{
	int64_t n = (int64_t)h->deed.op.b - h->deed.op.a + 1;

	if (n > 0)
		h->deed.pick = (unsigned)(freerun_random(h) % (uint64_t)n);
	return act_plain(h);
}

static enum outcome (*const acts[OP_COUNT])(struct hand *) = {
	[OP_READ] = act_read,           [OP_WRITE] = act_write,
	[OP_XCHG] = act_change,         [OP_CAS] = act_change,
	[OP_FETCH_ADD] = act_change,    [OP_FENCE] = act_plain,
	[OP_LOCK] = act_lock,           [OP_TRYLOCK] = act_trylock,
	[OP_LOCKFOR] = act_lock,        [OP_UNLOCK] = act_unlock,
	[OP_RDLOCK] = act_rwlock,       [OP_WRLOCK] = act_rwlock,
	[OP_RWUNLOCK] = act_rwunlock,   [OP_SLEEP_ON] = act_sleep_on,
	[OP_RETAKE] = act_retake,       [OP_RETAKE_FOR] = act_retake,
	[OP_SIGNAL] = act_signal,       [OP_BROADCAST] = act_signal,
	[OP_SEM_WAIT] = act_sem_wait,   [OP_SEM_TRY] = act_sem_wait,
	[OP_SEM_POST] = act_sem_post,   [OP_EVENT_WAIT] = act_monitor,
	[OP_EVENT_SET] = act_monitor,   [OP_EVENT_CLEAR] = act_monitor,
	[OP_EVENT_ISSET] = act_monitor, [OP_ARRIVE] = act_monitor,
	[OP_LEAVE] = act_monitor,       [OP_BUF_PUT] = act_buf_put,
	[OP_BUF_GET] = act_plain,       [OP_PUT] = act_monitor,
	[OP_GET] = act_monitor,         [OP_TRYPUT] = act_monitor,
	[OP_TRYGET] = act_monitor,      [OP_GETFOR] = act_monitor,
	[OP_EMPTY] = act_look,          [OP_FULL] = act_look,
	[OP_SIZE] = act_look,           [OP_DONE] = act_monitor,
	[OP_JOIN_QUEUE] = act_monitor,  [OP_SELECT] = act_select,
	[OP_COUNT_DOWN] = act_monitor,  [OP_COUNT_WAIT] = act_monitor,
	[OP_START] = act_start,         [OP_JOIN] = act_join,
	[OP_PRINT] = act_print,         [OP_WORK] = act_work,
	[OP_SLEEP] = act_sleep,         [OP_YIELD] = act_plain,
	[OP_CHOOSE] = act_choose,
};

static enum outcome act_on(struct hand *h, const struct vm *vm)
{
	h->deed.regs = vm->regs;
	h->deed.pick = 0;
	vm_next(vm, program(h), &h->deed.op);
	h->deed.op.atomic = vm != h->vm;
	if (perform_out_of_range(&h->deed)) {
		h->deed.crash = CRASH_RANGE;
		return OUTCOME_CRASHED;
	}
	return acts[h->deed.op.kind](h);
}

enum outcome freerun_act(struct hand *h)
{
	return act_on(h, h->vm);
}

/* ---- atomic: blocks ---------------------------------------------------- */

static enum outcome run_block(struct hand *h, struct vm *run)
{
	const struct program *p = program(h);
	bool first = p->code.data[h->vm->pc].object2 == 1;

	vm_done_within(run, p, h->deed.me, 0);
	for (unsigned touches = 0;
	     run->state == VM_PARKED && p->code.data[run->pc].code < OP_COUNT;
	     first = false) {
		enum outcome o = touches++ < LIMIT_ATOMIC ? act_on(h, run)
							  : OUTCOME_BUSY;

		if (o == OUTCOME_BUSY && first)
			return o;
		if (o == OUTCOME_BUSY) {
			h->deed.crash = CRASH_WOULD_BLOCK;
			return OUTCOME_CRASHED;
		}
		if (o != OUTCOME_DONE)
			return o;
		vm_done_within(run, p, h->deed.me, h->deed.result);
	}
	if (run->state == VM_PARKED) {
		run->pc++; /* over the end of the block */
		vm_run(run, p, h->deed.me);
	}
	return OUTCOME_DONE;
}

enum outcome freerun_block(struct hand *h)
{
	struct vm run = *h->vm;
	bool at_once = h->at_once;
	enum outcome o;

	h->at_once = true;
	o = run_block(h, &run);
	h->at_once = at_once;
	if (o == OUTCOME_DONE)
		*h->vm = run;
	return o;
}
