/*
 * world.c - the model: what is possible, and carrying it out.
 *
 * One table, `rules`, names for each kind of operation how many results it can
 * have now and how it is carried out; the meaning itself stands in one file per
 * kind of object. Common to all is here: indices are checked, fence-like
 * operations need an empty store buffer, time-outs and drains are choices of
 * their own, and after each step the thread runs on to its next stop and the
 * checks are judged.
 */
#include "state.h"

_Static_assert(offsetof(struct world, bytes) == WORLD_HEADER, "world header");

static const struct rule rules[OP_COUNT] = {
	[OP_READ] = {NULL, read_step},
	[OP_WRITE] = {write_alts, write_step},
	[OP_XCHG] = {NULL, xchg_step},
	[OP_CAS] = {NULL, cas_step},
	[OP_FETCH_ADD] = {NULL, fetch_add_step},
	[OP_FENCE] = {NULL, nothing_step},
	[OP_LOCK] = {lock_alts, lock_step},
	[OP_TRYLOCK] = {NULL, trylock_step},
	[OP_LOCKFOR] = {lock_alts, lock_step},
	[OP_UNLOCK] = {NULL, unlock_step},
	[OP_RDLOCK] = {rdlock_alts, rdlock_step},
	[OP_WRLOCK] = {wrlock_alts, wrlock_step},
	[OP_RWUNLOCK] = {NULL, rwunlock_step},
	[OP_SLEEP_ON] = {NULL, sleep_on_step},
	[OP_RETAKE] = {retake_alts, retake_step},
	[OP_RETAKE_FOR] = {retake_alts, retake_step},
	[OP_SIGNAL] = {signal_alts, signal_step},
	[OP_BROADCAST] = {NULL, broadcast_step},
	[OP_SEM_WAIT] = {sem_wait_alts, sem_wait_step},
	[OP_SEM_TRY] = {NULL, sem_try_step},
	[OP_SEM_POST] = {NULL, sem_post_step},
	[OP_EVENT_WAIT] = {event_wait_alts, event_wait_step},
	[OP_EVENT_SET] = {NULL, event_set_step},
	[OP_EVENT_CLEAR] = {NULL, event_clear_step},
	[OP_EVENT_ISSET] = {NULL, event_isset_step},
	[OP_ARRIVE] = {NULL, arrive_step},
	[OP_LEAVE] = {leave_alts, leave_step},
	[OP_BUF_PUT] = {NULL, buf_put_step},
	[OP_BUF_GET] = {NULL, buf_get_step},
	[OP_PUT] = {put_alts, put_step},
	[OP_GET] = {get_alts, get_step},
	[OP_TRYPUT] = {NULL, tryput_step},
	[OP_TRYGET] = {NULL, tryget_step},
	[OP_GETFOR] = {get_alts, get_step},
	[OP_EMPTY] = {NULL, empty_step},
	[OP_FULL] = {NULL, full_step},
	[OP_SIZE] = {NULL, size_step},
	[OP_DONE] = {NULL, done_step},
	[OP_JOIN_QUEUE] = {join_queue_alts, join_queue_step},
	[OP_SELECT] = {select_alts, select_step},
	[OP_COUNT_DOWN] = {NULL, count_down_step},
	[OP_COUNT_WAIT] = {count_wait_alts, count_wait_step},
	[OP_START] = {NULL, start_step},
	[OP_JOIN] = {join_alts, join_step},
	[OP_PRINT] = {NULL, print_step},
	[OP_WORK] = {NULL, work_step},
	[OP_SLEEP] = {NULL, nothing_step},
	[OP_YIELD] = {NULL, nothing_step},
	[OP_CHOOSE] = {choose_alts, choose_step},
};

/* ---- what is possible -------------------------------------------------- */

static struct act look_at(const struct world *w, const struct program *p,
			  thread_id t)
{
	struct act a = {
		.world = (struct world *)(uintptr_t)w,
		.program = p,
		.regs = slice_const(w, p, t) + slice_regs_at(p, t),
		.thread = t,
	};

	return a;
}

static bool wrong_index(const struct act *a)
{
	const struct op *op = &a->op;
	bool mutex = op->kind == OP_SLEEP_ON || op->kind == OP_RETAKE ||
		     op->kind == OP_RETAKE_FOR;

	if (op->object != OBJECT_NONE &&
	    !in_range(a->program, op->object, op->index))
		return true;
	return mutex && !in_range(a->program, op->mutex, op->mutex_index);
}

static bool must_drain(const struct act *a)
{
	return op_info[a->op.kind].flags & OP_F &&
	       store_count(a->world, a->program, a->thread);
}

/* Results of the operation in a->op, not looking at whose turn it is. */
static unsigned op_alts(struct act *a)
{
	const struct rule *rule = &rules[a->op.kind];

	if (a->op.kind == OP_ATOMIC) {
		if (a->op.mutex != 1)
			return 1;
		vm_decode(a->regs, a->program, (code_addr)(a->op.pc + 1),
			  &a->op);
		return op_alts(a) > 0;
	}
	if (must_drain(a))
		return 0;
	if (!rule->alts || wrong_index(a))
		return 1;
	return rule->alts(a);
}

/* Nothing could hold it back: most touches, known without decoding them. */
static bool is_free(const struct program *p, thread_id t, const struct insn *i)
{
	if (p->threads.data[t].stores || i->code == OP_ATOMIC)
		return false;
	return !rules[i->code].alts || i->code == OP_WRITE;
}

unsigned world_parked_alts(const struct world *w, const struct program *p,
			   thread_id t)
{
	const uint8_t *s = slice_const(w, p, t);
	struct act a;

	if (slice_state(s) != VM_PARKED)
		return 0;
	if (is_free(p, t, &p->code.data[load16(s)]))
		return 1;
	a = look_at(w, p, t);
	vm_decode(a.regs, p, load16(s), &a.op);
	return op_alts(&a);
}

/* A time-out is possible only while the operation itself is not. */
static bool may_time_out(const struct world *w, const struct program *p,
			 thread_id t)
{
	struct act a;

	if (slice_state(slice_const(w, p, t)) != VM_PARKED)
		return false;
	a = look_at(w, p, t);
	vm_decode(a.regs, p, load16(slice_const(w, p, t)), &a.op);
	switch (a.op.kind) {
	case OP_LOCKFOR:
	case OP_GETFOR:
		return !must_drain(&a) && !op_alts(&a);
	case OP_RETAKE_FOR:
		return !must_drain(&a) && !wrong_index(&a) &&
		       !is_woken(w, p, t) && mutex_is_free(&a);
	default:
		return false;
	}
}

/* Cooperative: the running thread keeps the processor while it can move. */
static bool has_turn(const struct world *w, const struct program *p,
		     thread_id t)
{
	thread_id r = w->running;

	return !p->cooperative || r == THREAD_NONE || r == t ||
	       !(world_parked_alts(w, p, r) || may_time_out(w, p, r));
}

unsigned world_alts(const struct world *w, const struct program *p, thread_id t)
{
	if (w->verdict || (p->cooperative && !has_turn(w, p, t)))
		return 0;
	return world_parked_alts(w, p, t);
}

static bool is_asleep(const struct world *w, const struct program *p,
		      thread_id t)
{
	struct op op;

	world_parked(w, p, t, &op);
	return (op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR) &&
	       !is_woken(w, p, t);
}

/* The number behind `=` of the k-th result (0-based) of its operation. */
static int32_t pick_number(const struct op *op, unsigned k)
{
	return op->kind == OP_CHOOSE ? op->a + (int32_t)k : (int32_t)k + 1;
}

static size_t list_moves(const struct world *w, const struct program *p,
			 thread_id t, struct choice *out)
{
	unsigned alts = world_alts(w, p, t);
	size_t n = 0;

	if (alts)
		out[n++] = choice_move(t);
	if (alts > 1) {
		struct op op;

		world_parked(w, p, t, &op);
		for (unsigned k = 1; k < alts; k++)
			out[n++] = (struct choice){t, CHOICE_PICK,
						   pick_number(&op, k)};
	} else if (!alts && may_time_out(w, p, t) && has_turn(w, p, t)) {
		out[n++] = (struct choice){t, CHOICE_TIMEOUT, 0};
	}
	return n;
}

size_t world_choices_of(const struct world *w, const struct program *p,
			thread_id t, struct choice *out)
{
	size_t n;

	if (w->verdict)
		return 0;
	n = list_moves(w, p, t, out);
	if (store_count(w, p, t))
		out[n++] = (struct choice){t, CHOICE_DRAIN, 0};
	if (p->spurious && is_asleep(w, p, t))
		out[n++] = (struct choice){t, CHOICE_WAKE, 0};
	return n;
}

size_t world_choices(const struct world *w, const struct program *p,
		     struct choice *out)
{
	size_t n = 0;

	if (w->verdict)
		return 0;
	for (size_t t = 0; t < p->threads.count; t++)
		n += world_choices_of(w, p, (thread_id)t, out + n);
	return n;
}

/* Which result (0-based) a move or pick means; false if there is none. */
static bool pick_index(const struct world *w, const struct program *p,
		       struct choice c, unsigned *k)
{
	unsigned alts = world_alts(w, p, c.thread);
	struct op op;

	*k = 0;
	if (c.kind == CHOICE_MOVE || !alts)
		return alts > 0;
	world_parked(w, p, c.thread, &op);
	if (op.kind != OP_CHOOSE && op.kind != OP_SIGNAL)
		return false;
	*k = (unsigned)(c.pick - pick_number(&op, 0));
	return c.pick >= pick_number(&op, 0) && *k < alts;
}

bool world_can(const struct world *w, const struct program *p, struct choice c)
{
	unsigned k;

	if (w->verdict || c.thread >= p->threads.count)
		return false;
	switch ((enum choice_kind)c.kind) {
	case CHOICE_MOVE:
	case CHOICE_PICK:
		return pick_index(w, p, c, &k);
	case CHOICE_TIMEOUT:
		return may_time_out(w, p, c.thread) && has_turn(w, p, c.thread);
	case CHOICE_DRAIN:
		return store_count(w, p, c.thread) > 0;
	case CHOICE_WAKE:
		return is_asleep(w, p, c.thread);
	}
	return false;
}

struct choice world_canonical(const struct world *w, const struct program *p,
			      struct choice c)
{
	unsigned k;

	if (c.kind == CHOICE_PICK && pick_index(w, p, c, &k) && k == 0)
		return choice_move(c.thread);
	return c;
}

/* ---- carrying it out --------------------------------------------------- */

static void log_event(struct step_log *log, const struct event *e)
{
	if (log && log->count < sizeof log->events / sizeof *log->events)
		log->events[log->count++] = *e;
}

static struct event new_event(const struct op *op, thread_id t, uint32_t step)
{
	return (struct event){
		.time = step,
		.step = step,
		.thread = t,
		.kind = op->kind,
		.other = THREAD_NONE,
		.object = op->object,
		.pc = op->pc,
		.index = op->index,
	};
}

/* Performs a->op; false if it was a crash, which ends the run. */
static bool perform(struct act *a, uint32_t step, uint8_t flags,
		    struct step_log *log)
{
	a->event = new_event(&a->op, a->thread, step);
	a->event.flags = flags;
	a->result = 0;
	a->crash = wrong_index(a) ? CRASH_RANGE : CRASH_NONE;
	if (!a->crash)
		rules[a->op.kind].step(a);
	if (a->timeout)
		a->event.flags |= EVENT_TIMEOUT;
	if (a->crash) {
		a->event.flags |= EVENT_CRASH;
		a->event.value = (int32_t)a->crash;
		a->world->verdict = VERDICT_CRASH;
		a->world->who = a->thread;
		a->world->detail = (uint16_t)a->crash;
		a->world->where = a->op.pc;
	}
	log_event(log, &a->event);
	return !a->crash;
}

/* The machine stopped for good: a failed assertion or a private crash. */
void judge_machine(struct world *w, thread_id t, const struct vm *vm,
		   const struct program *p)
{
	if (w->verdict)
		return;
	if (vm->state == VM_FAILED) {
		w->verdict = VERDICT_VIOLATED;
		w->detail = (uint16_t)(DETAIL_ASSERT |
				       (unsigned)p->code.data[vm->pc].imm);
	} else if (vm->state == VM_CRASHED) {
		w->verdict = VERDICT_CRASH;
		w->detail = vm->crash;
	} else {
		return;
	}
	w->who = t;
	w->where = vm->pc;
}

static void step_op(struct act *a, uint32_t step, struct step_log *log)
{
	struct vm vm;

	if (!perform(a, step, 0, log))
		return;
	thread_load(a->world, a->program, a->thread, &vm);
	vm_done(&vm, a->program, a->thread, a->result);
	thread_store(a->world, a->program, a->thread, &vm);
	judge_machine(a->world, a->thread, &vm, a->program);
}

/* The operations inside an atomic: block; false if one of them failed. */
static bool touch_within(struct act *a, struct vm *vm, uint32_t step,
			 struct step_log *log)
{
	const struct program *p = a->program;
	unsigned touches = 0;

	while (vm->state == VM_PARKED && p->code.data[vm->pc].code < OP_COUNT) {
		vm_next(vm, p, &a->op);
		if (!op_alts(a) || touches++ == LIMIT_ATOMIC) {
			vm->state = VM_CRASHED;
			vm->crash = CRASH_WOULD_BLOCK;
		} else if (!perform(a, step, EVENT_ATOMIC, log)) {
			return false;
		} else {
			vm_done_within(vm, p, a->thread, a->result);
		}
	}
	return true;
}

/* Several operations as one step; none may block but the first. */
static void step_atomic(struct act *a, uint32_t step, struct step_log *log)
{
	const struct program *p = a->program;
	struct event e = new_event(&a->op, a->thread, step);
	struct vm vm;
	bool ok;

	log_event(log, &e);
	thread_load(a->world, p, a->thread, &vm);
	vm.pc++;
	vm_run_within(&vm, p, a->thread);
	a->regs = (const uint8_t *)vm.regs;
	ok = touch_within(a, &vm, step, log);
	a->regs = NULL; /* those were of vm */
	if (!ok)
		return;
	if (vm.state == VM_PARKED) {
		vm.pc++; /* over INSN_ATOMIC_END */
		vm_run(&vm, p, a->thread);
	}
	thread_store(a->world, p, a->thread, &vm);
	judge_machine(a->world, a->thread, &vm, p);
}

static void step_move(struct act *a, struct choice c, uint32_t step,
		      struct step_log *log)
{
	const struct program *p = a->program;
	uint8_t kind;

	vm_decode(a->regs, p, load16(slice_const(a->world, p, a->thread)),
		  &a->op);
	a->timeout = c.kind == CHOICE_TIMEOUT;
	if (c.kind == CHOICE_PICK)
		(void)pick_index(a->world, p, c, &a->pick);
	kind = a->op.kind;
	if (kind == OP_ATOMIC)
		step_atomic(a, step, log);
	else
		step_op(a, step, log);
	if (p->cooperative)
		a->world->running = kind == OP_YIELD || kind == OP_SLEEP
					    ? THREAD_NONE
					    : a->thread;
}

/* Drains and spurious wake-ups: events without an operation of the thread. */
static void step_other(struct act *a, struct choice c, uint32_t step,
		       struct step_log *log)
{
	const struct program *p = a->program;

	world_parked(a->world, p, a->thread, &a->op);
	a->event = new_event(&a->op, a->thread, step);
	if (c.kind == CHOICE_DRAIN) {
		a->event.kind = EVENT_DRAIN;
		drain_step(a->world, p, a->thread, &a->event);
	} else {
		a->event.kind = EVENT_WOKEN;
		cond_remove(a->world, p, a->thread);
		set_woken(a->world, p, a->thread, true);
	}
	log_event(log, &a->event);
}

static void carry_out(struct world *w, const struct program *p, struct choice c,
		      uint32_t step, struct step_log *log)
{
	struct act a = look_at(w, p, c.thread);

	if (choice_is_move(c))
		step_move(&a, c, step, log);
	else
		step_other(&a, c, step, log);
}

void world_step(struct world *w, const struct program *p, struct choice c,
		uint32_t step, struct step_log *log)
{
	assert(world_can(w, p, c));
	if (log)
		log->count = 0;
	carry_out(w, p, c, step, log);
	world_judge(w, p);
}

void world_move(struct world *w, const struct program *p, struct choice c)
{
	carry_out(w, p, c, 0, NULL);
}

void world_judge(struct world *w, const struct program *p)
{
	if (!w->verdict)
		checks_after_step(w, p);
}

/* ---- the start --------------------------------------------------------- */

static void init_object(struct world *w, const struct program *p, object_id id)
{
	const struct object *o = object_of(p, id);

	if (!o->init)
		return;
	for (int32_t i = 0; i < o->count; i++)
		store32(element(w, p, id, i), o->init[i]);
}

void world_init(struct world *w, const struct program *p)
{
	memset(w, 0, p->world_size);
	w->who = THREAD_NONE;
	w->running = THREAD_NONE;
	for (size_t i = 0; i < p->objects.count; i++)
		init_object(w, p, (object_id)i);
	for (size_t i = 0; i < p->threads.count; i++) {
		thread_id t = (thread_id)i;
		struct vm vm;

		vm_init(&vm, p, t);
		vm_run(&vm, p, t);
		if (!w->verdict && !p->threads.data[t].later)
			judge_machine(w, t, &vm, p);
		if (p->threads.data[t].later)
			vm.state = VM_LATER;
		thread_store(w, p, t, &vm);
	}
	if (!w->verdict)
		checks_after_step(w, p);
}

struct world *world_new(const struct program *p)
{
	struct world *w = xmalloc(p->world_size);

	world_init(w, p);
	return w;
}

struct world *world_clone(const struct world *w, const struct program *p)
{
	struct world *copy = xmalloc(p->world_size);

	world_copy(copy, w, p);
	return copy;
}
