/*
 * rwlock.c - many readers or one writer.
 *
 * An element is the writer (0: none, else thread + 1) and, per thread, how
 * often it holds the lock for reading. No preference, unless the scenario says
 * `option writers_first`: then a reader waits while a writer does.
 */
#include "state.h"

static bool writer_waits(const struct act *a)
{
	const struct program *p = a->program;

	for (size_t t = 0; t < p->threads.count; t++) {
		struct op op;

		world_parked(a->world, p, (thread_id)t, &op);
		if (t != a->thread && op.kind == OP_WRLOCK &&
		    op.object == a->op.object && op.index == a->op.index)
			return true;
	}
	return false;
}

unsigned rdlock_alts(const struct act *a)
{
	return !*target(a) && !(a->program->writers_first && writer_waits(a));
}

void rdlock_step(struct act *a)
{
	uint8_t *holds = target(a) + 1 + a->thread;

	if (*holds == UINT8_MAX)
		a->crash = CRASH_DEPTH;
	else
		++*holds;
}

unsigned wrlock_alts(const struct act *a)
{
	const uint8_t *rw = target(a);

	for (size_t i = 0; i <= a->program->threads.count; i++)
		if (rw[i])
			return 0;
	return 1;
}

void wrlock_step(struct act *a)
{
	*target(a) = (uint8_t)(a->thread + 1);
}

void rwunlock_step(struct act *a)
{
	uint8_t *rw = target(a);

	if (rw[0] == a->thread + 1)
		rw[0] = 0;
	else if (rw[1 + a->thread])
		rw[1 + a->thread]--;
	else
		a->crash = wrlock_alts(a) ? CRASH_NOT_LOCKED : CRASH_NOT_OWNER;
}
