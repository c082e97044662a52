/*
 * target.c - the child: one real thread per thread of the scenario.
 *
 * Each waits at its gate, looks at its order, carries out one operation (or
 * says that it cannot), runs its own machine to the next visible operation,
 * posts its reply and waits again. Nobody ever blocks in a real object, so the
 * target always answers, in a deadlock too. The main thread keeps a gate as
 * well: it plays the hardware, to which store buffers belong (they drain even
 * after their thread has ended).
 *
 * The process has its own session, dies with the front, has no input and no
 * output but standard error, and leaves by _exit or by being killed. The
 * protocol stands in shared.h.
 */
#include <errno.h>

#include "child.h"
#include "perform.h"
#include "target.h"

/* ---- one thread's steps ------------------------------------------------ */

static void pass_gate(struct seat *s)
{
	while (sem_wait(&s->gate) && errno == EINTR)
		continue;
}

static enum outcome try_op(const struct actor *a, const struct vm *vm,
			   struct choice c, struct deed *d)
{
	*d = (struct deed){
		.crew = a->crew,
		.me = a->me,
		.regs = vm->regs,
		.timeout = c.kind == CHOICE_TIMEOUT,
	};
	vm_next(vm, a->crew->real->program, &d->op);
	if (c.kind == CHOICE_PICK)
		d->pick = (unsigned)c.pick -
			  (d->op.kind == OP_CHOOSE ? (unsigned)d->op.a : 1u);
	return perform(d);
}

/*
 * Several operations as one step. The first may keep the whole block back if
 * the program says so; any other one that cannot be had is a crash. A crash
 * leaves the machine before the block, where the model sees it.
 */
static enum outcome try_atomic(const struct actor *a, struct vm *vm,
			       struct deed *d)
{
	const struct program *p = a->crew->real->program;
	bool may_wait = p->code.data[vm->pc].object2 == 1;
	enum outcome o = OUTCOME_DONE;
	struct vm run = *vm;

	vm_done_within(&run, p, a->me, 0); /* into the block */
	for (unsigned touches = 0;
	     run.state == VM_PARKED && p->code.data[run.pc].code < OP_COUNT;
	     may_wait = false) {
		if (touches++ < LIMIT_ATOMIC)
			o = try_op(a, &run, choice_move(a->me), d);
		else
			o = OUTCOME_BUSY;
		if (o == OUTCOME_BUSY && !may_wait) {
			run.state = VM_CRASHED;
			run.crash = CRASH_WOULD_BLOCK;
		} else if (o != OUTCOME_DONE) {
			return o;
		} else {
			vm_done_within(&run, p, a->me, d->result);
		}
	}
	if (run.state == VM_PARKED) {
		run.pc++; /* over the end of the block */
		vm_run(&run, p, a->me);
	}
	*vm = run;
	return OUTCOME_DONE;
}

static enum outcome take_step(const struct actor *a, struct seat *s,
			      struct choice c, struct deed *d)
{
	const struct program *p = a->crew->real->program;
	struct op op;
	enum outcome o;

	vm_next(&s->vm, p, &op);
	if (op.kind == OP_NONE)
		return OUTCOME_BUSY;
	if (c.kind == CHOICE_WAKE)
		return perform_wake(a->crew->real, a->me, &op);
	if (op.kind == OP_ATOMIC)
		return try_atomic(a, &s->vm, d);
	o = try_op(a, &s->vm, c, d);
	if (o == OUTCOME_DONE)
		vm_done(&s->vm, p, a->me, d->result);
	return o;
}

/* As a step, but the machine stays where it is. */
static enum outcome probe(const struct actor *a, const struct seat *s,
			  struct deed *d)
{
	struct vm vm = s->vm;

	if (a->crew->real->program->code.data[vm.pc].code == OP_ATOMIC)
		return try_atomic(a, &vm, d);
	return try_op(a, &vm, choice_move(a->me), d);
}

static void answer(const struct actor *a, struct seat *s)
{
	struct deed d = {0};
	enum outcome o = s->order.verb == VERB_PROBE
				 ? probe(a, s, &d)
				 : take_step(a, s, s->order.choice, &d);

	s->reply = (struct reply){o, d.crash, d.error};
	poke(&s->ended, s->vm.state == VM_ENDED);
	sem_post(&a->crew->real->shared->answered);
}

static void *act(void *argument)
{
	const struct actor *a = argument;
	const struct program *p = a->crew->real->program;
	struct seat *s = &a->crew->real->shared->seats[a->me];

	child_name(program_thread_name(p, a->me));
	vm_init(&s->vm, p, a->me);
	vm_run(&s->vm, p, a->me);
	poke(&s->ended, s->vm.state == VM_ENDED);
	sem_post(&a->crew->ready);
	while (s->vm.state != VM_ENDED) {
		pass_gate(s);
		answer(a, s);
	}
	return NULL;
}

/* ---- the process ------------------------------------------------------- */

static void start_all(struct crew *crew)
{
	const struct program *p = crew->real->program;

	for (size_t t = 0; t < p->threads.count; t++)
		if (!p->threads.data[t].later &&
		    !perform_create(crew, (thread_id)t))
			child_give_up("no thread");
}

_Noreturn void target_main(struct real *real, pid_t front, int output, int cpu)
{
	struct crew crew = {.real = real, .body = act};
	struct seat *s = &real->shared->seats[LIMIT_THREADS];

	child_settle(front, output, cpu);
	if (sem_init(&crew.ready, 0, 0) || !perform_setup(real))
		child_give_up("no objects");
	start_all(&crew);
	for (;;) {
		sem_post(&real->shared->answered);
		pass_gate(s);
		s->reply = (struct reply){
			.outcome = perform_drain(real, s->order.choice.thread)};
	}
}
