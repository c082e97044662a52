/*
 * mutex.c - locks with an owner.
 *
 * An element is the owner (0: free, else thread + 1) and, for a recursive one,
 * how often it holds it. Locking again what one holds blocks for ever (POSIX:
 * a normal mutex), unless it is recursive. Unlock hands nothing over.
 */
#include "state.h"

static uint8_t me(const struct act *a)
{
	return (uint8_t)(a->thread + 1);
}

static bool recursive(const struct act *a)
{
	return object_of(a->program, a->op.object)->recursive;
}

static bool can_take(const struct act *a)
{
	uint8_t owner = *target(a);

	return !owner || (owner == me(a) && recursive(a));
}

unsigned lock_alts(const struct act *a)
{
	return can_take(a);
}

static void take(struct act *a)
{
	uint8_t *m = target(a);

	if (recursive(a)) {
		if (m[1] == UINT8_MAX) {
			a->crash = CRASH_DEPTH;
			return;
		}
		m[1]++;
	}
	m[0] = me(a);
	a->result = 1;
	a->event.value = 1;
}

void lock_step(struct act *a)
{
	if (a->timeout)
		a->event.flags |= EVENT_FAILED;
	else
		take(a);
}

void trylock_step(struct act *a)
{
	if (can_take(a))
		take(a);
	else
		a->event.flags |= EVENT_FAILED;
}

void unlock_step(struct act *a)
{
	uint8_t *m = target(a);

	if (m[0] != me(a)) {
		a->crash = m[0] ? CRASH_NOT_OWNER : CRASH_NOT_LOCKED;
		return;
	}
	if (recursive(a) && --m[1])
		return;
	m[0] = 0;
}

/* ---- the mutex of a condition wait ------------------------------------- */

static uint8_t *second(const struct act *a)
{
	return element(a->world, a->program, a->op.mutex, a->op.mutex_index);
}

static bool second_recursive(const struct act *a)
{
	return object_of(a->program, a->op.mutex)->recursive;
}

bool mutex_release(struct act *a)
{
	uint8_t *m = second(a);

	if (m[0] != me(a)) {
		a->crash = m[0] ? CRASH_NOT_OWNER : CRASH_NOT_LOCKED;
		return false;
	}
	m[0] = 0;
	if (second_recursive(a)) {
		a->result = m[1];
		m[1] = 0;
	}
	return true;
}

bool mutex_is_free(const struct act *a)
{
	return !*second(a);
}

void mutex_retake(struct act *a, int32_t depth)
{
	uint8_t *m = second(a);

	m[0] = me(a);
	if (second_recursive(a))
		m[1] = (uint8_t)(depth ? depth : 1);
}
