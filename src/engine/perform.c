/*
 * perform.c - one operation on a real object. The only place where the live
 * engine calls the primitives of POSIX threads for a scenario.
 *
 * Every operation uses the form that never waits: it says what the real object
 * says now, done or busy, and the front compares that with the model. What
 * POSIX defines as refused (unlock by a stranger: EPERM) is really tried; what
 * it leaves undefined is recognized beforehand and not done.
 *
 * Real: mutexes (error checking or recursive, priority inheritance where the
 * system has it), read-write locks, semaphores, start and join, variables
 * (relaxed atomics; xchg, cas, fetch_add sequentially consistent). Emulated,
 * because POSIX lets nobody choose the waiter or has no such thing: the sleep
 * in a condition and store buffers here, the rest in emulate.c.
 */
#include <errno.h>
#include <sched.h>
#include <string.h>

#include "deed.h"

enum { DEPTH_MAX = 255 }; /* how often one thread may hold one lock */

/* ---- variables --------------------------------------------------------- */

static memory_order order_of(const struct object *o)
{
	return o->atomic ? memory_order_seq_cst : memory_order_relaxed;
}

/* As thread t sees it: its own newest buffered store first. */
static int32_t value_for(const struct real *r, thread_id t, object_id id,
			 int32_t index)
{
	const struct seat *s = &r->shared->seats[t];
	const struct object *o = &r->program->objects.data[id];
	_Atomic int32_t *at = real_element(r, id, index);

	for (uint32_t i = peek(&s->store_count); o->buffered && i-- > 0;) {
		uint64_t e = real_store(s, i);

		if (store_object(e) == id && store_index(e) == index)
			return store_value(e);
	}
	return atomic_load_explicit(at, order_of(o));
}

static enum outcome do_read(struct deed *d)
{
	return done(d,
		    value_for(d->crew->real, d->me, d->op.object, d->op.index));
}

static enum outcome do_write(struct deed *d)
{
	struct seat *s = seat(d, d->me);
	uint32_t first = peek(&s->store_first), n = peek(&s->store_count);

	if (!object(d)->buffered) {
		atomic_store_explicit((_Atomic int32_t *)element(d), d->op.a,
				      order_of(object(d)));
		return done(d, 0);
	}
	if (n >= program(d)->threads.data[d->me].stores)
		return OUTCOME_BUSY;
	poke(&s->stores[(first + n) % LIMIT_STORES],
	     store_pack(d->op.object, d->op.index, d->op.a));
	poke(&s->store_count, n + 1);
	return done(d, 0);
}

enum outcome perform_drain(struct real *r, thread_id t)
{
	struct seat *s = &r->shared->seats[t];
	uint64_t e = real_store(s, 0);

	if (!peek(&s->store_count))
		return OUTCOME_BUSY;
	poke((_Atomic int32_t *)real_element(r, store_object(e),
					     store_index(e)),
	     store_value(e));
	poke(&s->store_first, (peek(&s->store_first) + 1) % LIMIT_STORES);
	poke(&s->store_count, peek(&s->store_count) - 1);
	return OUTCOME_DONE;
}

static enum outcome do_xchg(struct deed *d)
{
	return done(d, atomic_exchange((_Atomic int32_t *)element(d), d->op.a));
}

static enum outcome do_cas(struct deed *d)
{
	int32_t expected = d->op.a;

	return done(
		d, atomic_compare_exchange_strong((_Atomic int32_t *)element(d),
						  &expected, d->op.b));
}

static enum outcome do_fetch_add(struct deed *d)
{
	return done(d,
		    atomic_fetch_add((_Atomic int32_t *)element(d), d->op.a));
}

/* ThreadSanitizer cannot follow fences, and here orders nothing by them. */
static enum outcome do_fence(struct deed *d)
{
#ifndef __SANITIZE_THREAD__
	atomic_thread_fence(memory_order_seq_cst);
#endif
	return done(d, 0);
}

/* ---- mutexes ----------------------------------------------------------- */

static bool recursive(const struct deed *d, object_id id)
{
	return program(d)->objects.data[id].recursive;
}

static struct real_mutex *second(const struct deed *d)
{
	return real_element(d->crew->real, d->op.mutex, d->op.mutex_index);
}

static enum outcome refusal(struct deed *d, int error)
{
	if (error == EBUSY || error == ETIMEDOUT || error == EDEADLK)
		return OUTCOME_BUSY;
	return error ? odd(d, error) : OUTCOME_DONE;
}

static enum outcome take(struct deed *d, object_id id, struct real_mutex *m)
{
	enum outcome o = refusal(d, pthread_mutex_trylock(&m->mutex));

	if (o != OUTCOME_DONE)
		return o;
	if (recursive(d, id)) {
		if (peek(&m->depth) == DEPTH_MAX) {
			(void)pthread_mutex_unlock(&m->mutex);
			return crash(d, CRASH_DEPTH);
		}
		poke(&m->depth, peek(&m->depth) + 1);
	}
	poke(&m->owner, me(d));
	return OUTCOME_DONE;
}

/* Why the real mutex refuses to be unlocked by us. */
static enum outcome stranger(struct deed *d, struct real_mutex *m)
{
	if (pthread_mutex_trylock(&m->mutex))
		return crash(d, CRASH_NOT_OWNER);
	(void)pthread_mutex_unlock(&m->mutex);
	return crash(d, CRASH_NOT_LOCKED);
}

#ifdef __SANITIZE_THREAD__
/* Unlocking as a stranger is on purpose, see give(). */
const char *__tsan_default_suppressions(void);
const char *__tsan_default_suppressions(void)
{
	return "mutex:give\n";
}
#endif

/* Gives back one level; what we note of it changes while we hold it. */
static enum outcome give(struct deed *d, object_id id, struct real_mutex *m)
{
	int error;

	if (peek(&m->owner) == me(d)) {
		if (recursive(d, id))
			poke(&m->depth, peek(&m->depth) - 1);
		if (!peek(&m->depth))
			poke(&m->owner, 0);
	}
	error = pthread_mutex_unlock(&m->mutex);
	if (error == EPERM)
		return stranger(d, m);
	return error ? odd(d, error) : OUTCOME_DONE;
}

static enum outcome do_lock(struct deed *d)
{
	enum outcome o = take(d, d->op.object, element(d));

	return o == OUTCOME_DONE ? done(d, 1) : o;
}

static enum outcome do_trylock(struct deed *d)
{
	enum outcome o = do_lock(d);

	return o == OUTCOME_BUSY ? done(d, 0) : o;
}

/* A time-out: the real one, its time long over, must not get the lock. */
static enum outcome do_lockfor(struct deed *d)
{
	static const struct timespec past = {0, 0};
	struct real_mutex *m = element(d);
	enum outcome o;

	if (!d->timeout)
		return do_lock(d);
	o = refusal(d, pthread_mutex_timedlock(&m->mutex, &past));
	if (o == OUTCOME_BUSY)
		return done(d, 0);
	return o == OUTCOME_DONE ? OUTCOME_GOT : o;
}

static enum outcome do_unlock(struct deed *d)
{
	return give(d, d->op.object, element(d));
}

/* ---- read-write locks -------------------------------------------------- */

static enum outcome do_rdlock(struct deed *d)
{
	struct real_rwlock *rw = element(d);
	int32_t holds = peek(&rw->holds[d->me]);
	enum outcome o = refusal(d, pthread_rwlock_tryrdlock(&rw->lock));

	if (o != OUTCOME_DONE)
		return o;
	if (holds == DEPTH_MAX) {
		(void)pthread_rwlock_unlock(&rw->lock);
		return crash(d, CRASH_DEPTH);
	}
	poke(&rw->holds[d->me], holds + 1);
	return done(d, 0);
}

static enum outcome do_wrlock(struct deed *d)
{
	struct real_rwlock *rw = element(d);
	enum outcome o = refusal(d, pthread_rwlock_trywrlock(&rw->lock));

	if (o == OUTCOME_DONE)
		poke(&rw->writer, me(d));
	return o;
}

/* POSIX does not say what happens to who holds nothing, so it is not tried. */
static enum outcome do_rwunlock(struct deed *d)
{
	struct real_rwlock *rw = element(d);
	int32_t holds = peek(&rw->holds[d->me]);
	int error;

	if (peek(&rw->writer) == me(d)) {
		poke(&rw->writer, 0);
	} else if (holds) {
		poke(&rw->holds[d->me], holds - 1);
	} else if (!pthread_rwlock_trywrlock(&rw->lock)) {
		(void)pthread_rwlock_unlock(&rw->lock);
		return crash(d, CRASH_NOT_LOCKED);
	} else {
		return crash(d, CRASH_NOT_OWNER);
	}
	error = pthread_rwlock_unlock(&rw->lock);
	return error ? odd(d, error) : done(d, 0);
}

/* ---- conditions: the mutex is real, the sleep is not ------------------- */

static uint64_t bit(thread_id t)
{
	return UINT64_C(1) << t;
}

static void fall_asleep(struct deed *d)
{
	struct real_cond *c = element(d);

	poke(&seat(d, d->me)->ticket, peek(&c->tickets));
	poke(&c->tickets, peek(&c->tickets) + 1);
	poke(&c->sleepers, peek(&c->sleepers) | bit(d->me));
}

static enum outcome do_sleep_on(struct deed *d)
{
	struct real_mutex *m = second(d);
	int32_t depth = recursive(d, d->op.mutex) ? peek(&m->depth) : 0;
	enum outcome o = give(d, d->op.mutex, m);

	for (int32_t i = 1; i < depth && o == OUTCOME_DONE; i++)
		o = give(d, d->op.mutex, m);
	if (o != OUTCOME_DONE)
		return o;
	fall_asleep(d);
	return done(d, depth);
}

static bool asleep(const struct real_cond *c, thread_id t)
{
	return peek(&c->sleepers) & bit(t);
}

static void wake(struct real_cond *c, thread_id t)
{
	poke(&c->sleepers, peek(&c->sleepers) & ~bit(t));
}

static enum outcome do_retake(struct deed *d)
{
	struct real_cond *c = element(d);
	enum outcome o;

	if (asleep(c, d->me) != d->timeout)
		return d->timeout ? OUTCOME_GOT : OUTCOME_BUSY;
	o = take(d, d->op.mutex, second(d));
	for (int32_t i = 1; i < d->op.a && o == OUTCOME_DONE; i++)
		o = take(d, d->op.mutex, second(d));
	if (o != OUTCOME_DONE)
		return o;
	wake(c, d->me);
	return done(d, !d->timeout);
}

static enum outcome do_signal(struct deed *d)
{
	thread_id sleepers[LIMIT_THREADS];
	size_t n = real_sleepers(d->crew->real, d->op.object, d->op.index,
				 sleepers);

	if (d->pick < n)
		wake(element(d), sleepers[d->pick]);
	else if (n || d->pick)
		return OUTCOME_BUSY;
	return done(d, 0);
}

static enum outcome do_broadcast(struct deed *d)
{
	poke(&((struct real_cond *)element(d))->sleepers, 0);
	return done(d, 0);
}

enum outcome perform_wake(struct real *r, thread_id t, const struct op *op)
{
	struct real_cond *c;

	if (op->kind != OP_RETAKE && op->kind != OP_RETAKE_FOR)
		return OUTCOME_BUSY;
	c = real_element(r, op->object, op->index);
	if (!asleep(c, t))
		return OUTCOME_BUSY;
	wake(c, t);
	return OUTCOME_DONE;
}

/* ---- semaphores -------------------------------------------------------- */

static enum outcome do_sem_wait(struct deed *d)
{
	if (!sem_trywait(element(d)))
		return done(d, 1);
	return errno == EAGAIN ? OUTCOME_BUSY : odd(d, errno);
}

static enum outcome do_sem_try(struct deed *d)
{
	enum outcome o = do_sem_wait(d);

	return o == OUTCOME_BUSY ? done(d, 0) : o;
}

/* A semaphore of POSIX knows no bound of its own. */
static enum outcome do_sem_post(struct deed *d)
{
	int value;

	sem_getvalue(element(d), &value);
	if (value >= object(d)->max)
		return crash(d, CRASH_OVER_RELEASE);
	return sem_post(element(d)) ? odd(d, errno) : done(d, 0);
}

/* ---- threads ----------------------------------------------------------- */

/* The thread a start or join names; THREAD_NONE if there is none. */
static thread_id named_thread(const struct deed *d)
{
	const struct thread_group *g = &program(d)->groups.data[insn(d)->imm];

	if (d->op.index < 0 || d->op.index >= g->count)
		return THREAD_NONE;
	return (thread_id)(g->first + d->op.index);
}

bool perform_create(struct crew *crew, thread_id t)
{
	struct seat *s = &crew->real->shared->seats[t];
	pthread_t thread;
	int error;

	crew->actors[t] = (struct actor){crew, t};
	poke(&s->started, true);
	error = pthread_create(&thread, NULL, crew->body, &crew->actors[t]);
	if (error) {
		errno = error;
		return false;
	}
	poke(&s->thread, thread);
	while (sem_wait(&crew->ready) && errno == EINTR)
		continue;
	return true;
}

/* The variable as a process sees it: its own copy, if it has one. */
static object_id copy_of(const struct program *p, thread_id t,
			 object_id original)
{
	for (size_t i = 0; i < p->objects.count; i++)
		if (p->objects.data[i].process == t &&
		    p->objects.data[i].original == original)
			return (object_id)i;
	return original;
}

/* A process begins with copies of what its starter sees. */
static void copy_variables(const struct deed *d, thread_id to)
{
	const struct program *p = program(d);
	struct real *r = d->crew->real;

	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];
		object_id from;

		if (o->process != to || o->kind != OBJECT_VAR)
			continue;
		from = copy_of(p, d->me, o->original);
		for (int32_t k = 0; k < o->count; k++)
			poke((_Atomic int32_t *)real_element(r, (object_id)i,
							     k),
			     value_for(r, d->me, from, k));
	}
}

static enum outcome do_start(struct deed *d)
{
	thread_id t = named_thread(d);

	if (t == THREAD_NONE)
		return crash(d, CRASH_RANGE);
	if (peek(&seat(d, t)->started))
		return crash(d, CRASH_STARTED);
	copy_variables(d, t);
	return perform_create(d->crew, t) ? done(d, 0) : odd(d, errno);
}

/* It has left its body and needs a moment to be gone. */
static int join_ending(pthread_t thread)
{
	struct timespec limit;

	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 1;
	return pthread_timedjoin_np(thread, NULL, &limit);
}

static enum outcome do_join(struct deed *d)
{
	thread_id t = named_thread(d);
	struct seat *s;
	enum outcome o;

	if (t == THREAD_NONE)
		return crash(d, CRASH_RANGE);
	s = seat(d, t);
	if (!peek(&s->started))
		return OUTCOME_BUSY;
	if (peek(&s->joined))
		return done(d, 0);
	o = refusal(d, peek(&s->ended)
			       ? join_ending(peek(&s->thread))
			       : pthread_tryjoin_np(peek(&s->thread), NULL));
	poke(&s->joined, o == OUTCOME_DONE);
	return o;
}

/* ---- the rest ---------------------------------------------------------- */

/* Seen by the model; here there is nothing to do but to have been here. */
static enum outcome do_nothing(struct deed *d)
{
	return done(d, 0);
}

static enum outcome do_yield(struct deed *d)
{
	(void)sched_yield();
	return done(d, 0);
}

static enum outcome do_choose(struct deed *d)
{
	int64_t n = (int64_t)d->op.b - d->op.a + 1;

	if (n < 1 || n > LIMIT_CHOOSE)
		return crash(d, CRASH_RANGE);
	return d->pick < n ? done(d, d->op.a + (int32_t)d->pick) : OUTCOME_BUSY;
}

static enum outcome (*const deeds[OP_COUNT])(struct deed *) = {
	[OP_READ] = do_read,
	[OP_WRITE] = do_write,
	[OP_XCHG] = do_xchg,
	[OP_CAS] = do_cas,
	[OP_FETCH_ADD] = do_fetch_add,
	[OP_FENCE] = do_fence,
	[OP_LOCK] = do_lock,
	[OP_TRYLOCK] = do_trylock,
	[OP_LOCKFOR] = do_lockfor,
	[OP_UNLOCK] = do_unlock,
	[OP_RDLOCK] = do_rdlock,
	[OP_WRLOCK] = do_wrlock,
	[OP_RWUNLOCK] = do_rwunlock,
	[OP_SLEEP_ON] = do_sleep_on,
	[OP_RETAKE] = do_retake,
	[OP_RETAKE_FOR] = do_retake,
	[OP_SIGNAL] = do_signal,
	[OP_BROADCAST] = do_broadcast,
	[OP_SEM_WAIT] = do_sem_wait,
	[OP_SEM_TRY] = do_sem_try,
	[OP_SEM_POST] = do_sem_post,
	[OP_EVENT_WAIT] = emulate,
	[OP_EVENT_SET] = emulate,
	[OP_EVENT_CLEAR] = emulate,
	[OP_EVENT_ISSET] = emulate,
	[OP_ARRIVE] = emulate,
	[OP_LEAVE] = emulate,
	[OP_BUF_PUT] = emulate,
	[OP_BUF_GET] = emulate,
	[OP_PUT] = emulate,
	[OP_GET] = emulate,
	[OP_TRYPUT] = emulate,
	[OP_TRYGET] = emulate,
	[OP_GETFOR] = emulate,
	[OP_EMPTY] = emulate,
	[OP_FULL] = emulate,
	[OP_SIZE] = emulate,
	[OP_DONE] = emulate,
	[OP_JOIN_QUEUE] = emulate,
	[OP_SELECT] = emulate,
	[OP_COUNT_DOWN] = emulate,
	[OP_COUNT_WAIT] = emulate,
	[OP_START] = do_start,
	[OP_JOIN] = do_join,
	[OP_PRINT] = do_nothing,
	[OP_WORK] = do_nothing,
	[OP_SLEEP] = do_nothing,
	[OP_YIELD] = do_yield,
	[OP_CHOOSE] = do_choose,
};

bool perform_out_of_range(const struct deed *d)
{
	const struct program *p = program(d);
	const struct op *op = &d->op;
	bool mutex = op->kind == OP_SLEEP_ON || op->kind == OP_RETAKE ||
		     op->kind == OP_RETAKE_FOR;

	if (op->object != OBJECT_NONE &&
	    (op->index < 0 || op->index >= p->objects.data[op->object].count))
		return true;
	return mutex && (op->mutex_index < 0 ||
			 op->mutex_index >= p->objects.data[op->mutex].count);
}

enum outcome perform(struct deed *d)
{
	if (op_info[d->op.kind].flags & OP_F &&
	    peek(&seat(d, d->me)->store_count))
		return OUTCOME_BUSY;
	if (perform_out_of_range(d))
		return crash(d, CRASH_RANGE);
	return deeds[d->op.kind](d);
}

/* ---- making the objects ------------------------------------------------ */

/* Priority inheritance is had where the system gives it. */
static int make_mutex(pthread_mutex_t *m, int type, bool inherit)
{
	pthread_mutexattr_t attr;
	int error = pthread_mutexattr_init(&attr);

	if (error)
		return error;
	error = pthread_mutexattr_settype(&attr, type);
	if (inherit)
		(void)pthread_mutexattr_setprotocol(&attr,
						    PTHREAD_PRIO_INHERIT);
	if (!error)
		error = pthread_mutex_init(m, &attr);
	if (error == ENOTSUP) {
		(void)pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_NONE);
		error = pthread_mutex_init(m, &attr);
	}
	(void)pthread_mutexattr_destroy(&attr);
	return error;
}

static int make_element(const struct object *o, void *at, int32_t init)
{
	switch ((enum object_kind)o->kind) {
	case OBJECT_VAR:
		poke((_Atomic int32_t *)at, init);
		return 0;
	case OBJECT_MUTEX:
		return make_mutex(&((struct real_mutex *)at)->mutex,
				  o->recursive ? PTHREAD_MUTEX_RECURSIVE
					       : PTHREAD_MUTEX_ERRORCHECK,
				  o->inherit);
	case OBJECT_RWLOCK:
		return pthread_rwlock_init(&((struct real_rwlock *)at)->lock,
					   NULL);
	case OBJECT_SEM:
		return sem_init(at, 0, (unsigned)init) ? errno : 0;
	case OBJECT_EVENT:
	case OBJECT_BARRIER:
	case OBJECT_COUNTDOWN:
		poke(&((struct real_flag *)at)->value, init);
		return make_mutex(&((struct real_flag *)at)->guard,
				  PTHREAD_MUTEX_NORMAL, false);
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		return make_mutex(&((struct real_queue *)at)->guard,
				  PTHREAD_MUTEX_NORMAL, false);
	case OBJECT_COND:
	case OBJECT_KINDS:
		break;
	}
	return 0;
}

bool perform_setup(struct real *r)
{
	for (size_t i = 0; i < r->program->objects.count; i++) {
		const struct object *o = &r->program->objects.data[i];

		for (int32_t k = 0; k < o->count; k++) {
			int error = make_element(
				o, real_element(r, (object_id)i, k),
				o->init ? o->init[k] : 0);

			if (error) {
				errno = error;
				return false;
			}
		}
	}
	return true;
}
