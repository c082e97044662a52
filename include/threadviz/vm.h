/*
 * vm.h - one thread's private machine.
 *
 * It runs private code and stops before the next visible operation, which it
 * returns as data. It performs nothing. Both the model and the real threads of
 * the live and free engines drive it.
 */
#ifndef THREADVIZ_VM_H
#define THREADVIZ_VM_H

#include "threadviz/program.h"

/* Where a machine stands. */
enum vm_state {
	VM_LATER,   /* not started yet */
	VM_PARKED,  /* stands before the visible operation at pc */
	VM_ENDED,
	VM_FAILED,  /* an assertion failed; pc is that instruction */
	VM_CRASHED, /* a run-time error in private code, see crash */
};

enum crash { /* what went wrong, also for operations of the model */
	CRASH_NONE,
	CRASH_DIVIDE,       /* division by zero */
	CRASH_FOREVER,      /* LIMIT_PRIVATE instructions without a touch */
	CRASH_RANGE,        /* index out of range */
	CRASH_NOT_OWNER,    /* unlock or wait by a thread that has it not */
	CRASH_NOT_LOCKED,   /* unlock of a free lock */
	CRASH_OVER_RELEASE, /* post above max */
	CRASH_EMPTY,        /* get from an empty buffer */
	CRASH_FULL,         /* put into a full buffer; queue beyond its limit */
	CRASH_BELOW_ZERO,   /* arrive below zero */
	CRASH_DONE,         /* more done than put */
	CRASH_STARTED,      /* start of a started thread */
	CRASH_WOULD_BLOCK,  /* inside an atomic: block */
	CRASH_DEPTH,        /* recursive lock held 255 times */
};

/* Where it stands, and what it keeps. */
struct vm {
	code_addr pc;
	uint8_t state;    /* enum vm_state */
	uint8_t crash;    /* enum crash */
	uint32_t regions; /* bit per region the thread is in */
	int32_t regs[LIMIT_REGS];
};

/* At the thread's entry, its private prefix not yet run. */
void vm_init(struct vm *, const struct program *, thread_id);

/* Runs private code up to the next visible operation. Called once after
 * vm_init and, by vm_done, after every result. */
void vm_run(struct vm *, const struct program *, thread_id);

/* What it wants to do; op->kind is OP_NONE if it is not parked. */
void vm_next(const struct vm *, const struct program *, struct op *);

/* The operation at pc happened with this result: take it and run on. */
void vm_done(struct vm *, const struct program *, thread_id, int32_t result);

/* The same without running on: for the operations inside an atomic: block,
 * up to the next instruction that is visible or INSN_ATOMIC_END. */
void vm_done_within(struct vm *, const struct program *, thread_id,
		    int32_t result);

/* One sentence: "get from the empty buffer buf". */
void crash_format(const struct program *, enum crash, const struct op *,
		  struct str *out);

#endif
