/*
 * freerun.c - the child of a free run: real threads that nobody steers.
 *
 * Each thread runs its own machine to the next visible operation, carries it
 * out with the real primitive, and so on to its end. All wait at a turnstile
 * until the front is ready, so that the start is a start for everybody. The
 * main thread sleeps until the last thread that counts has ended or one has
 * failed; then the process leaves by _exit, and the daemons with it. What
 * happened stands in the shared memory.
 */
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "freerun.h"
#include "threadviz/world.h"

struct free_crew {
	struct crew crew; /* first: an actor knows it */
	struct freerun *run;
};

static void pass(sem_t *s)
{
	while (sem_wait(s) && errno == EINTR)
		continue;
}

/* ---- one thread -------------------------------------------------------- */

/* The first that fails ends the run; the others stop where they are. */
_Noreturn static void fail_run(struct hand *h, enum verdict v, unsigned detail)
{
	struct run_end *e = &h->run->share->end;

	if (!atomic_exchange(&e->claimed, true)) {
		e->who = h->deed.me;
		e->where = h->vm->pc;
		e->detail = (uint16_t)detail;
		/* Pairs with the acquire in free.c: the rest is there. */
		atomic_store_explicit(&e->verdict, (int)v,
				      memory_order_release);
		sem_post(&h->run->share->over);
	}
	for (;;)
		(void)pause();
}

_Noreturn static void crash_run(struct hand *h, enum crash why)
{
	freerun_note(h, &h->deed.op, EVENT_CRASH, 0, 0);
	fail_run(h, VERDICT_CRASH, why);
}

/* What is left of the machine's own when it has stopped. */
static void judge(struct hand *h)
{
	const struct program *p = h->run->real.program;

	switch (h->vm->state) {
	case VM_FAILED:
		fail_run(h, VERDICT_VIOLATED,
			 DETAIL_ASSERT | (unsigned)p->code.data[h->vm->pc].imm);
	case VM_CRASHED:
		h->deed.op = (struct op){.kind = OP_NONE,
					 .object = OBJECT_NONE,
					 .pc = h->vm->pc};
		fail_run(h, VERDICT_CRASH, h->vm->crash);
	default:
		break;
	}
}

/* Lets others come between: what a busy machine does, only more often. */
static void disturb(struct hand *h)
{
	uint64_t r = freerun_random(h) >> 8;

	if (r % 8 == 0)
		(void)sched_yield();
	else if (r % 16 == 1)
		freerun_rest(h, r / 16 % 100 * 1000);
}

static void step(struct hand *h)
{
	enum outcome o = freerun_step(h);

	if (o == OUTCOME_CRASHED)
		crash_run(h, h->deed.crash);
	if (o != OUTCOME_DONE) {
		errno = h->deed.error;
		child_give_up("an operation");
	}
	if (h->chaos)
		disturb(h);
}

static void end_thread(struct hand *h)
{
	struct run_share *s = h->run->share;
	struct monitor *m = &s->monitors[MONITOR_THREADS];
	struct op op = {
		.kind = EVENT_END, .object = OBJECT_NONE, .pc = h->vm->pc};
	bool last;

	freerun_note(h, &op, 0, 0, 0);
	(void)pthread_mutex_lock(&m->mutex);
	poke(&h->run->real.shared->seats[h->deed.me].ended, true);
	last = !h->run->real.program->threads.data[h->deed.me].daemon &&
	       atomic_fetch_sub(&s->left, 1) == 1;
	(void)pthread_cond_broadcast(&m->cond);
	(void)pthread_mutex_unlock(&m->mutex);
	freerun_leave(h);
	if (last)
		sem_post(&s->over);
}

static struct hand hand_of(struct actor *a)
{
	struct freerun *run = ((struct free_crew *)a->crew)->run;
	const struct run_share *s = run->share;

	return (struct hand){
		.run = run,
		.ring = run->rings[a->me],
		.clock = s->clock,
		.record = s->record,
		.chaos = s->chaos != 0,
		.gated = s->gated,
		.random = ((s->chaos ^ s->seed) * 31 + a->me + 1) *
				  UINT64_C(0x9e3779b97f4a7c15) |
			  1,
		.other = THREAD_NONE,
		.vm = &run->real.shared->seats[a->me].vm,
		.deed = {.crew = a->crew, .me = a->me},
	};
}

static void *live(void *argument)
{
	struct actor *a = argument;
	struct hand h = hand_of(a);
	const struct program *p = h.run->real.program;
	struct run_share *s = h.run->share;

	child_name(program_thread_name(p, a->me));
	child_pin(p->threads.data[a->me].cpu);
	poke(&s->places[a->me].id, (pid_t)syscall(SYS_gettid));
	sem_post(&a->crew->ready);
	pass(&s->go); /* a turnstile: */
	sem_post(&s->go);
	freerun_begin(&h);
	vm_init(h.vm, p, a->me);
	vm_run(h.vm, p, a->me);
	while (h.vm->state == VM_PARKED)
		step(&h);
	judge(&h);
	end_thread(&h);
	return NULL;
}

/* ---- the process ------------------------------------------------------- */

static bool set_up_part(const struct object *o, struct part *p, void *at,
			bool writers_first)
{
	pthread_rwlockattr_t attr;
	int error = 0;

	if (o->kind == OBJECT_COND)
		error = pthread_cond_init(&p->cond, NULL);
	if (o->kind == OBJECT_COND && !freerun_make_beds(&p->beds))
		error = errno;
	if (o->kind == OBJECT_RWLOCK && writers_first) {
		(void)pthread_rwlockattr_init(&attr);
		(void)pthread_rwlockattr_setkind_np(
			&attr, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
		error = pthread_rwlock_init(&((struct real_rwlock *)at)->lock,
					    &attr);
	}
	errno = error;
	return !error;
}

static bool set_up(struct freerun *r)
{
	const struct program *p = r->real.program;
	struct run_share *s = r->share;
	bool ok = perform_setup(&r->real);

	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count && ok; k++)
			ok = set_up_part(
				&p->objects.data[i],
				freerun_part(r, (object_id)i, k),
				real_element(&r->real, (object_id)i, k),
				p->writers_first);
	for (size_t i = 0; i < MONITORS; i++) {
		(void)pthread_mutex_init(&s->monitors[i].mutex, NULL);
		(void)pthread_cond_init(&s->monitors[i].cond, NULL);
	}
	(void)pthread_mutex_init(&s->bounded, NULL);
	return ok && freerun_make_turns(r);
}

static void create_all(struct free_crew *crew)
{
	const struct program *p = crew->run->real.program;
	int left = 0;

	for (size_t t = 0; t < p->threads.count; t++)
		left += !p->threads.data[t].later && !p->threads.data[t].daemon;
	atomic_store(&crew->run->share->left, left);
	for (size_t t = 0; t < p->threads.count; t++)
		if (!p->threads.data[t].later &&
		    !perform_create(&crew->crew, (thread_id)t))
			child_give_up("no thread");
	if (!left)
		sem_post(&crew->run->share->over);
}

/* Those that have ended; the others go down with the process. */
static void join_ended(struct freerun *r)
{
	struct seat *seats = r->real.shared->seats;

	for (size_t t = 0; t < r->real.program->threads.count; t++)
		if (peek(&seats[t].ended) && !peek(&seats[t].joined))
			(void)pthread_join(peek(&seats[t].thread), NULL);
}

_Noreturn void freerun_main(struct freerun *r, pid_t front, int output)
{
	struct free_crew crew = {.crew = {.real = &r->real, .body = live},
				 .run = r};

	child_settle(front, output, CHILD_ANY_CPU);
	if (sem_init(&crew.crew.ready, 0, 0) || !set_up(r))
		child_give_up("no objects");
	pass(&r->share->followed);
	create_all(&crew);
	sem_post(&r->share->armed);
	pass(&r->share->over);
	join_ended(r);
	_exit(0);
}
