/*
 * signal.c - events (manual reset) and cyclic barriers: one byte each.
 *
 * An event is 0 or 1. A barrier is how many have arrived in this round; the
 * last arrival lets exactly that group go (STATE_WOKEN) and the next round
 * begins.
 */
#include "state.h"

unsigned event_wait_alts(const struct act *a)
{
	return *target(a);
}

void event_wait_step(struct act *a)
{
	(void)a;
}

void event_set_step(struct act *a)
{
	*target(a) = 1;
	a->event.value = 1;
}

void event_clear_step(struct act *a)
{
	*target(a) = 0;
}

void event_isset_step(struct act *a)
{
	a->result = *target(a);
	a->event.value = a->result;
}

/* Every thread that waits to leave this barrier may go. */
static void open_barrier(struct act *a)
{
	const struct program *p = a->program;

	for (size_t t = 0; t < p->threads.count; t++) {
		struct op op;

		world_parked(a->world, p, (thread_id)t, &op);
		if (op.kind == OP_LEAVE && op.object == a->op.object &&
		    op.index == a->op.index)
			set_woken(a->world, p, (thread_id)t, true);
	}
	set_woken(a->world, p, a->thread, true);
}

void arrive_step(struct act *a)
{
	uint8_t *b = target(a);

	a->event.value = ++*b;
	if (*b < object_of(a->program, a->op.object)->max)
		return;
	*b = 0;
	open_barrier(a);
}

unsigned leave_alts(const struct act *a)
{
	return is_woken(a->world, a->program, a->thread);
}

void leave_step(struct act *a)
{
	set_woken(a->world, a->program, a->thread, false);
}
