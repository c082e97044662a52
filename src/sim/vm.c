/*
 * vm.c - one thread's private machine.
 *
 * A plain register machine. Codes below OP_COUNT are visible operations, where
 * it stops; the rest is private and rides along for free. It stops with every
 * register that is not live cleared, so that machines with equal futures have
 * equal bytes. An endless private loop is a crash after LIMIT_PRIVATE
 * instructions.
 */
#include "machine.h"

void vm_init(struct vm *vm, const struct program *p, thread_id t)
{
	memset(vm, 0, sizeof *vm);
	vm->pc = p->threads.data[t].entry;
	vm->state = VM_PARKED;
}

static void clear_dead(struct vm *vm, const struct program *p, thread_id t,
		       uint64_t live)
{
	for (int r = 0; r < p->threads.data[t].regs; r++)
		if (!(live >> r & 1))
			vm->regs[r] = 0;
}

static void stop(struct vm *vm, enum vm_state state)
{
	vm->state = (uint8_t)state;
	if (state == VM_ENDED) {
		vm->regions = 0;
		vm->pc = 0;
	}
	memset(vm->regs, 0, sizeof vm->regs);
}

static void crash(struct vm *vm, enum crash why)
{
	vm->crash = (uint8_t)why;
	stop(vm, VM_CRASHED);
}

/* One private instruction; false when the machine has stopped. */
static bool private_step(struct vm *vm, const struct program *p, thread_id t,
			 const struct insn *i)
{
	int32_t a = vm_reg(vm, i->a), b = vm_reg(vm, i->b);

	switch (i->code) {
	case INSN_JUMP:
		vm->pc = (code_addr)i->imm;
		return true;
	case INSN_JZ:
		vm->pc = a ? (code_addr)(vm->pc + 1) : (code_addr)i->imm;
		return true;
	case INSN_JNZ:
		vm->pc = a ? (code_addr)i->imm : (code_addr)(vm->pc + 1);
		return true;
	case INSN_ENTER:
		vm->regions |= 1u << i->imm;
		break;
	case INSN_EXIT:
		vm->regions &= ~(1u << i->imm);
		break;
	case INSN_ASSERT:
		if (a)
			break;
		stop(vm, VM_FAILED);
		return false;
	case INSN_ATOMIC_END:
		break;
	case INSN_END:
		stop(vm, VM_ENDED);
		return false;
	case INSN_ME:
		vm_set(vm, i->dst, p->threads.data[t].me);
		break;
	case INSN_DIV:
	case INSN_MOD:
		if (b == 0) {
			crash(vm, CRASH_DIVIDE);
			return false;
		}
		/* fall through */
	default:
		vm_set(vm, i->dst, insn_calculate(i, a, b));
	}
	vm->pc++;
	return true;
}

/* Runs to the next visible instruction, or INSN_ATOMIC_END if `within`. */
static void run(struct vm *vm, const struct program *p, thread_id t,
		bool within)
{
	for (int n = 0; n < LIMIT_PRIVATE; n++) {
		const struct insn *i = &p->code.data[vm->pc];

		if (i->code < OP_COUNT) {
			if (!within)
				clear_dead(vm, p, t, i->live);
			return;
		}
		if (within && i->code == INSN_ATOMIC_END)
			return;
		if (!private_step(vm, p, t, i))
			return;
	}
	crash(vm, CRASH_FOREVER);
}

void vm_run(struct vm *vm, const struct program *p, thread_id t)
{
	run(vm, p, t, false);
}

void vm_run_within(struct vm *vm, const struct program *p, thread_id t)
{
	run(vm, p, t, true);
}

void vm_done(struct vm *vm, const struct program *p, thread_id t,
	     int32_t result)
{
	vm_set(vm, p->code.data[vm->pc].dst, result);
	vm->pc++;
	run(vm, p, t, false);
}

void vm_done_within(struct vm *vm, const struct program *p, thread_id t,
		    int32_t result)
{
	vm_set(vm, p->code.data[vm->pc].dst, result);
	vm->pc++;
	run(vm, p, t, true);
}

void vm_next(const struct vm *vm, const struct program *p, struct op *op)
{
	if (vm->state != VM_PARKED) {
		*op = (struct op){.kind = OP_NONE, .object = OBJECT_NONE};
		return;
	}
	vm_decode((const uint8_t *)vm->regs, p, vm->pc, op);
}

static const char *const crash_text[] = {
	[CRASH_DIVIDE] = "division by zero",
	[CRASH_FOREVER] = "runs for ever without touching shared state",
	[CRASH_RANGE] = "index out of range",
	[CRASH_NOT_OWNER] = "does not hold it",
	[CRASH_NOT_LOCKED] = "nobody holds it",
	[CRASH_OVER_RELEASE] = "more permits than its maximum",
	[CRASH_EMPTY] = "it is empty",
	[CRASH_FULL] = "it is full",
	[CRASH_BELOW_ZERO] = "it is at zero already",
	[CRASH_DONE] = "more done than put",
	[CRASH_STARTED] = "it was started already",
	[CRASH_WOULD_BLOCK] = "would block inside atomic:",
	[CRASH_DEPTH] = "held 255 times",
};

void crash_format(const struct program *p, enum crash why, const struct op *op,
		  struct str *out)
{
	if (op->kind < OP_COUNT) {
		str_addf(out, "%s ", op_info[op->kind].word);
		if (op->object != OBJECT_NONE)
			object_format(p, op->object, op->index, out);
		str_add(out, ": ");
	}
	str_add(out, crash_text[why]);
}
