/*
 * machine.h - the machine's inside, shared with the world.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "threadviz/vm.h"

static inline int32_t vm_reg(const struct vm *vm, uint8_t r)
{
	return r == NO_REG ? 0 : vm->regs[r];
}

static inline void vm_set(struct vm *vm, uint8_t r, int32_t value)
{
	if (r != NO_REG)
		vm->regs[r] = value;
}

/* Runs on inside an atomic: block, up to a visible instruction or its end. */
void vm_run_within(struct vm *, const struct program *, thread_id);

/* Unaligned reads and writes: nothing in a world is aligned. */
static inline int32_t load32(const uint8_t *at)
{
	int32_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline void store32(uint8_t *at, int32_t value)
{
	memcpy(at, &value, sizeof value);
}

static inline uint16_t load16(const uint8_t *at)
{
	uint16_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

static inline void store16(uint8_t *at, uint16_t value)
{
	memcpy(at, &value, sizeof value);
}

/* Register r of a row of int32_t that need not be aligned; NO_REG is 0. */
static inline int32_t load_reg(const uint8_t *regs, uint8_t r)
{
	return r == NO_REG ? 0 : load32(regs + 4 * (size_t)r);
}

/* The visible operation at pc, its operands taken from regs. */
static inline void vm_decode(const uint8_t *regs, const struct program *p,
			     code_addr pc, struct op *op)
{
	const struct insn *i = &p->code.data[pc];

	op->kind = i->code;
	op->atomic = i->code == OP_ATOMIC;
	op->object = i->object;
	op->mutex = i->object2;
	op->pc = pc;
	op->index = load_reg(regs, i->index);
	op->mutex_index = load_reg(regs, i->index2);
	op->a = load_reg(regs, i->a);
	op->b = load_reg(regs, i->b);
}

#endif
