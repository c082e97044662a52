/*
 * deed.h - what the files that carry out operations share (see perform.c).
 */
#ifndef ENGINE_DEED_H
#define ENGINE_DEED_H

#include "perform.h"

/* An operation on an emulated object: event, barrier, countdown, buffer or
 * queue. */
enum outcome emulate(struct deed *);

/* What came of it: not as POSIX has it, a crash of the scenario, a result. */
static inline enum outcome odd(struct deed *d, int error)
{
	d->error = error;
	return OUTCOME_ODD;
}

static inline enum outcome crash(struct deed *d, enum crash why)
{
	d->crash = why;
	return OUTCOME_CRASHED;
}

static inline enum outcome done(struct deed *d, int32_t result)
{
	d->result = result;
	return OUTCOME_DONE;
}

static inline const struct program *program(const struct deed *d)
{
	return d->crew->real->program;
}

static inline const struct insn *insn(const struct deed *d)
{
	return &program(d)->code.data[d->op.pc];
}

static inline const struct object *object(const struct deed *d)
{
	return &program(d)->objects.data[d->op.object];
}

static inline void *element(const struct deed *d)
{
	return real_element(d->crew->real, d->op.object, d->op.index);
}

static inline struct seat *seat(const struct deed *d, thread_id t)
{
	return &d->crew->real->shared->seats[t];
}

static inline int32_t me(const struct deed *d)
{
	return d->me + 1;
}

#endif
