/*
 * cond.c - condition variables.
 *
 * An element is how many sleep in it and who, the longest sleeper first.
 * Waiting is two steps: SLEEP_ON releases the mutex and joins the sleepers, as
 * one; RETAKE, possible once woken (STATE_WOKEN) and the mutex is free, takes
 * it again. A time-out is a RETAKE_FOR without having been woken; it needs the
 * free mutex too. A signal's sleeper is a choice of the schedule.
 */
#include "state.h"

void sleep_on_step(struct act *a)
{
	uint8_t *c = target(a);

	if (!mutex_release(a))
		return;
	c[1 + c[0]++] = a->thread;
	a->event.extra = a->op.mutex_index;
}

/* Takes the i-th sleeper out; returns it. */
static thread_id take_sleeper(uint8_t *c, unsigned i)
{
	thread_id t = c[1 + i];

	c[0]--;
	memmove(c + 1 + i, c + 2 + i, c[0] - i);
	c[1 + c[0]] = 0;
	return t;
}

void cond_remove(struct world *w, const struct program *p, thread_id t)
{
	struct op op;
	uint8_t *c;

	world_parked(w, p, t, &op);
	c = element(w, p, op.object, op.index);
	for (unsigned i = 0; i < c[0]; i++)
		if (c[1 + i] == t) {
			take_sleeper(c, i);
			return;
		}
	assert(false); /* it sleeps, so it is in the queue */
}

unsigned retake_alts(const struct act *a)
{
	return is_woken(a->world, a->program, a->thread) && mutex_is_free(a);
}

void retake_step(struct act *a)
{
	if (a->timeout)
		cond_remove(a->world, a->program, a->thread);
	set_woken(a->world, a->program, a->thread, false);
	mutex_retake(a, a->op.a);
	a->result = !a->timeout;
	a->event.value = a->result;
	a->event.extra = a->op.mutex_index;
}

unsigned signal_alts(const struct act *a)
{
	uint8_t sleepers = *target(a);

	return sleepers ? sleepers : 1;
}

void signal_step(struct act *a)
{
	uint8_t *c = target(a);

	if (!c[0]) {
		a->event.flags |= EVENT_FAILED;
		return;
	}
	a->event.other = take_sleeper(c, a->pick);
	set_woken(a->world, a->program, a->event.other, true);
	a->event.value = 1;
}

void broadcast_step(struct act *a)
{
	uint8_t *c = target(a);

	a->event.value = c[0];
	if (!c[0])
		a->event.flags |= EVENT_FAILED;
	while (c[0])
		set_woken(a->world, a->program, take_sleeper(c, 0), true);
}

size_t world_sleepers(const struct world *w, const struct program *p,
		      object_id id, int32_t index, thread_id *out)
{
	const uint8_t *c = element_const(w, p, id, index);

	memcpy(out, c + 1, c[0]);
	return c[0];
}
