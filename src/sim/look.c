/*
 * look.c - looking at a world: threads, objects, verdicts, in data and words.
 *
 * Nothing here changes a world. The sentences name who holds what and who waits
 * for it, in the scenario's own names, the same for every screen and report.
 */
#include "state.h"

/* ---- threads ----------------------------------------------------------- */

void world_parked(const struct world *w, const struct program *p, thread_id t,
		  struct op *out)
{
	const uint8_t *s = slice_const(w, p, t);

	if (slice_state(s) != VM_PARKED) {
		*out = (struct op){.kind = OP_NONE, .object = OBJECT_NONE};
		return;
	}
	vm_decode(s + slice_regs_at(p, t), p, load16(s), out);
}

void world_vm(const struct world *w, const struct program *p, thread_id t,
	      struct vm *out)
{
	memset(out, 0, sizeof *out);
	thread_load(w, p, t, out);
}

bool world_in_region(const struct world *w, const struct program *p,
		     thread_id t, unsigned region)
{
	const uint8_t *s = slice_const(w, p, t);

	return slice_state(s) == VM_PARKED &&
	       (s[3 + region / 8] >> region % 8 & 1);
}

bool world_counts(const struct world *w, const struct program *p, thread_id t)
{
	return !p->threads.data[t].daemon &&
	       slice_state(slice_const(w, p, t)) != VM_LATER;
}

enum thread_status world_status(const struct world *w, const struct program *p,
				thread_id t)
{
	enum vm_state state = slice_state(slice_const(w, p, t));
	struct op op;

	if (state == VM_LATER)
		return THREAD_LATER;
	if (state != VM_PARKED)
		return THREAD_ENDED;
	world_parked(w, p, t, &op);
	if ((op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR) &&
	    !is_woken(w, p, t))
		return THREAD_ASLEEP;
	/* After the verdict nobody moves, but who waited still waits. */
	if (w->verdict ? world_parked_alts(w, p, t) : world_alts(w, p, t))
		return THREAD_READY;
	return THREAD_BLOCKED;
}

static uint64_t bit(thread_id t)
{
	return t == THREAD_NONE ? 0 : UINT64_C(1) << t;
}

static uint64_t rwlock_holders(const struct world *w, const struct program *p,
			       const struct op *op)
{
	uint64_t set = bit(world_owner(w, p, op->object, op->index));

	for (size_t t = 0; t < p->threads.count; t++)
		if (world_depth(w, p, op->object, op->index, (thread_id)t) &&
		    op->kind == OP_WRLOCK)
			set |= bit((thread_id)t);
	return set;
}

static uint64_t joined(const struct program *p, const struct op *op)
{
	const struct insn *i = &p->code.data[op->pc];

	return bit((thread_id)(p->groups.data[i->imm].first + op->index));
}

uint64_t world_blockers(const struct world *w, const struct program *p,
			thread_id t)
{
	struct op op;

	world_parked(w, p, t, &op);
	if (op.kind == OP_NONE || world_alts(w, p, t))
		return 0;
	if (p->cooperative && w->running != THREAD_NONE && w->running != t &&
	    world_alts(w, p, w->running))
		return bit(w->running);
	if (op.kind == OP_ATOMIC)
		vm_decode(slice_const(w, p, t) + slice_regs_at(p, t), p,
			  (code_addr)(op.pc + 1), &op);
	switch (op.kind) {
	case OP_LOCK:
	case OP_LOCKFOR:
		return bit(world_owner(w, p, op.object, op.index));
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		return is_woken(w, p, t) ? bit(world_owner(w, p, op.mutex,
							   op.mutex_index))
					 : 0;
	case OP_RDLOCK:
	case OP_WRLOCK:
		return rwlock_holders(w, p, &op);
	case OP_JOIN:
		return joined(p, &op);
	default:
		return 0;
	}
}

/* ---- objects ----------------------------------------------------------- */

int32_t world_value(const struct world *w, const struct program *p,
		    object_id id, int32_t index)
{
	const uint8_t *e = element_const(w, p, id, index);

	switch ((enum object_kind)object_of(p, id)->kind) {
	case OBJECT_VAR:
	case OBJECT_SEM:
	case OBJECT_COUNTDOWN:
		return load32(e);
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		return load16(e);
	default:
		return *e;
	}
}

thread_id world_owner(const struct world *w, const struct program *p,
		      object_id id, int32_t index)
{
	uint8_t owner = *element_const(w, p, id, index);

	return owner ? (thread_id)(owner - 1) : THREAD_NONE;
}

unsigned world_depth(const struct world *w, const struct program *p,
		     object_id id, int32_t index, thread_id t)
{
	const struct object *o = object_of(p, id);
	const uint8_t *e = element_const(w, p, id, index);

	if (o->kind == OBJECT_RWLOCK)
		return e[1 + t];
	return o->recursive ? e[1] : *e != 0;
}

uint64_t world_waiters(const struct world *w, const struct program *p,
		       object_id id, int32_t index)
{
	uint64_t set = 0;

	for (size_t i = 0; i < p->threads.count; i++) {
		thread_id t = (thread_id)i;
		struct op op;

		if (world_status(w, p, t) != THREAD_BLOCKED)
			continue;
		world_parked(w, p, t, &op);
		if (op.kind == OP_ATOMIC)
			vm_decode(slice_const(w, p, t) + slice_regs_at(p, t), p,
				  (code_addr)(op.pc + 1), &op);
		if ((op.object == id && op.index == index) ||
		    ((op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR) &&
		     op.mutex == id && op.mutex_index == index))
			set |= bit(t);
	}
	return set;
}

uint32_t world_output(const struct world *w, const struct program *p)
{
	if (!p->output_offset)
		return 0;
	return (uint32_t)load32(world_const(w) + p->output_offset);
}

/* ---- verdicts and reasons ---------------------------------------------- */

static bool any_choice(const struct world *w, const struct program *p)
{
	for (size_t i = 0; i < p->threads.count; i++) {
		thread_id t = (thread_id)i;

		if (world_alts(w, p, t) || store_count(w, p, t) ||
		    world_can(w, p, (struct choice){t, CHOICE_TIMEOUT, 0}) ||
		    (p->spurious &&
		     world_can(w, p, (struct choice){t, CHOICE_WAKE, 0})))
			return true;
	}
	return false;
}

enum verdict world_verdict(const struct world *w, const struct program *p)
{
	if (w->verdict)
		return (enum verdict)w->verdict;
	return any_choice(w, p) ? VERDICT_NONE : VERDICT_DEADLOCK;
}

/* "A waits for blue, which B holds" */
static void explain_wait(const struct world *w, const struct program *p,
			 thread_id t, struct str *out)
{
	uint64_t by = world_blockers(w, p, t);
	struct op op;
	const char *comma = ", which ";

	world_parked(w, p, t, &op);
	str_addf(out, "%s ", program_thread_name(p, t));
	if (world_status(w, p, t) == THREAD_ASLEEP) {
		str_add(out, "sleeps in ");
		object_format(p, op.object, op.index, out);
		return;
	}
	str_add(out, "waits for ");
	if (op.kind == OP_JOIN) {
		str_addf(out, "the end of %s",
			 program_thread_name(p,
					     (thread_id)__builtin_ctzll(
						     by | UINT64_C(1) << 63)));
		return;
	}
	if (op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR)
		object_format(p, op.mutex, op.mutex_index, out);
	else if (op.object != OBJECT_NONE)
		object_format(p, op.object, op.index, out);
	else
		str_add(out, op_info[op.kind].word);
	for (thread_id k = 0; k < p->threads.count; k++) {
		if (!(by & bit(k)))
			continue;
		str_addf(out, "%s%s", comma,
			 k == t ? "it" : program_thread_name(p, k));
		comma = " and ";
	}
	if (by)
		str_add(out, by == bit(t)    ? " itself holds"
			     : by & (by - 1) ? " hold"
					     : " holds");
}

static void explain_deadlock(const struct world *w, const struct program *p,
			     struct str *out)
{
	const char *gap = "";

	for (size_t i = 0; i < p->threads.count; i++) {
		thread_id t = (thread_id)i;
		enum thread_status s = world_status(w, p, t);

		if (s != THREAD_BLOCKED && s != THREAD_ASLEEP)
			continue;
		str_add(out, gap);
		explain_wait(w, p, t, out);
		gap = "; ";
	}
}

static bool is_assert(const struct world *w)
{
	return w->verdict == VERDICT_VIOLATED && w->detail & DETAIL_ASSERT;
}

/* ", n * k is 5": the right side, where it is a constant in other words. */
static void explain_right(const struct program *p, const struct check *c,
			  code_addr end, struct str *out)
{
	const struct insn *eq = &p->code.data[end - 1];
	const char *right = strstr(c->text, " == ");

	if (!right || eq->code != INSN_EQ || strstr(right + 4, " == "))
		return;
	right += 4;
	for (const struct insn *i = eq - 1; i >= &p->code.data[c->code]; i--)
		if (i->dst == eq->b) {
			if (i->code == INSN_CONST && strpbrk(right, " */+%"))
				str_addf(out, ", %s is %d", right, i->imm);
			return;
		}
}

/* "finally count == 2 (count is 1)": the variables the check looks at. */
static void explain_check(const struct world *w, const struct program *p,
			  const struct check *c, struct str *out)
{
	object_id seen = OBJECT_NONE;
	code_addr pc;

	str_add(out, c->text);
	if (c->kind != CHECK_FINALLY && c->kind != CHECK_ALWAYS)
		return;
	for (pc = c->code; p->code.data[pc].code != INSN_RETURN; pc++) {
		const struct insn *i = &p->code.data[pc];

		if (i->code != INSN_LOAD || i->object == seen ||
		    object_of(p, i->object)->array)
			continue;
		str_add(out, seen == OBJECT_NONE ? " (" : ", ");
		seen = i->object;
		str_addf(out, "%s is %d", object_of(p, seen)->name,
			 world_value(w, p, seen, 0));
	}
	if (seen == OBJECT_NONE)
		return;
	explain_right(p, c, pc, out);
	str_addc(out, ')');
}

void world_explain(const struct world *w, const struct program *p,
		   struct str *out)
{
	struct op op = {.kind = OP_NONE};

	switch (world_verdict(w, p)) {
	case VERDICT_DEADLOCK:
		explain_deadlock(w, p, out);
		break;
	case VERDICT_CRASH:
		str_addf(out, "%s: ", program_thread_name(p, w->who));
		if (p->code.data[w->where].code < OP_COUNT)
			vm_decode(slice_const(w, p, w->who) +
					  slice_regs_at(p, w->who),
				  p, w->where, &op);
		crash_format(p, (enum crash)w->detail, &op, out);
		break;
	case VERDICT_VIOLATED:
		if (is_assert(w))
			str_addf(out, "%s: assert %s",
				 program_thread_name(p, w->who),
				 p->asserts.data[w->detail & ~DETAIL_ASSERT]);
		else
			explain_check(w, p, &p->checks.data[w->detail], out);
		break;
	default:
		str_add(out, verdict_name[world_verdict(w, p)]);
	}
}

unsigned world_line(const struct world *w, const struct program *p)
{
	if (w->verdict == VERDICT_CRASH || is_assert(w))
		return p->code.data[w->where].line;
	if (w->verdict == VERDICT_VIOLATED)
		return p->checks.data[w->detail].line;
	return 0;
}

static void why_no_move(const struct world *w, const struct program *p,
			thread_id t, struct str *out)
{
	const char *name = program_thread_name(p, t);

	switch (world_status(w, p, t)) {
	case THREAD_LATER:
		str_addf(out, "%s has not been started", name);
		break;
	case THREAD_ENDED:
		str_addf(out, "%s has finished", name);
		break;
	case THREAD_READY:
		str_addf(out, "%s has no such result to pick", name);
		break;
	default:
		if (p->cooperative && world_blockers(w, p, t) &&
		    w->running != THREAD_NONE &&
		    world_blockers(w, p, t) == bit(w->running))
			str_addf(out,
				 "%s must wait: %s runs until it blocks, "
				 "yields or ends",
				 name, program_thread_name(p, w->running));
		else if (store_count(w, p, t))
			str_addf(out,
				 "%s waits until its store buffer has "
				 "drained (%s~)",
				 name, name);
		else
			explain_wait(w, p, t, out);
	}
}

void world_why_not(const struct world *w, const struct program *p,
		   struct choice c, struct str *out)
{
	const char *name = program_thread_name(p, c.thread);

	if (w->verdict) {
		str_addf(out, "the run is over (%s)", verdict_name[w->verdict]);
		return;
	}
	switch ((enum choice_kind)c.kind) {
	case CHOICE_DRAIN:
		str_addf(out, "%s's store buffer is empty", name);
		break;
	case CHOICE_WAKE:
		str_addf(out, "%s is not asleep in a condition", name);
		break;
	case CHOICE_TIMEOUT:
		str_addf(out, "%s is in no wait that can time out now", name);
		break;
	case CHOICE_MOVE:
	case CHOICE_PICK:
		why_no_move(w, p, c.thread, out);
		break;
	}
}
