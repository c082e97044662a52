/*
 * sem.c - counting semaphores and countdowns.
 *
 * An element is its count, 4 bytes. Who gets a permit is not promised: any
 * waiter may take it. A post above the maximum and an arrival below zero are
 * crashes.
 */
#include "state.h"

static void add(struct act *a, int32_t n)
{
	uint8_t *s = target(a);

	store32(s, load32(s) + n);
	a->event.value = load32(s);
}

unsigned sem_wait_alts(const struct act *a)
{
	return load32(target(a)) > 0;
}

void sem_wait_step(struct act *a)
{
	add(a, -1);
	a->result = 1;
}

void sem_try_step(struct act *a)
{
	if (sem_wait_alts(a))
		sem_wait_step(a);
	else
		a->event.flags |= EVENT_FAILED;
}

void sem_post_step(struct act *a)
{
	if (load32(target(a)) >= object_of(a->program, a->op.object)->max)
		a->crash = CRASH_OVER_RELEASE;
	else
		add(a, 1);
}

void count_down_step(struct act *a)
{
	if (load32(target(a)) <= 0)
		a->crash = CRASH_BELOW_ZERO;
	else
		add(a, -1);
}

unsigned count_wait_alts(const struct act *a)
{
	return load32(target(a)) == 0;
}

void count_wait_step(struct act *a)
{
	(void)a;
}
