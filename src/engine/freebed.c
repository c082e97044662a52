/*
 * freebed.c - who was woken from a condition, and who was late.
 *
 * Whom a signal woke only the system knows, and POSIX lets it call a thread
 * late although it was woken before it could have the mutex again. In the
 * model one signal wakes one sleeper, and there is no time-out after that. So
 * every wake-up is owed to one of those who slept when it came, and a thread
 * may be late only if all that are owed can still be paid to others. Those who
 * could have been meant by a wake-up are those with a ticket drawn before it,
 * so the sets lie inside each other, and it is enough (Hall 1935) to count:
 * the i-th oldest wake-up needs i sleepers with older tickets.
 *
 * Who comes back in time is paid the oldest wake-up meant for it; if there is
 * none it was spurious (glibc has such). A signal may be given without the
 * mutex: until its call has returned it is meant also for those who lie down
 * just now.
 */
#include <errno.h>

#include "freerun.h"

bool freerun_make_beds(struct beds *b)
{
	errno = pthread_mutex_init(&b->guard, NULL);
	return !errno;
}

static uint64_t bit(thread_id t)
{
	return UINT64_C(1) << t;
}

static uint32_t sleepers(const struct beds *b)
{
	return (uint32_t)__builtin_popcountll(b->sleepers);
}

void freerun_lie_down(struct beds *b, thread_id t)
{
	(void)pthread_mutex_lock(&b->guard);
	b->sleepers |= bit(t);
	b->ticket[t] = b->tickets++;
	(void)pthread_mutex_unlock(&b->guard);
}

uint32_t freerun_asleep(struct beds *b)
{
	uint32_t n;

	(void)pthread_mutex_lock(&b->guard);
	n = sleepers(b) - b->woken;
	(void)pthread_mutex_unlock(&b->guard);
	return n;
}

void freerun_wake(struct beds *b, bool all)
{
	(void)pthread_mutex_lock(&b->guard);
	b->open++;
	while (b->woken < sleepers(b)) {
		b->until[b->woken++] = UINT32_MAX;
		if (!all)
			break;
	}
	(void)pthread_mutex_unlock(&b->guard);
}

void freerun_has_woken(struct beds *b)
{
	(void)pthread_mutex_lock(&b->guard);
	if (--b->open == 0)
		for (uint32_t i = b->woken; i-- > 0;)
			if (b->until[i] == UINT32_MAX)
				b->until[i] = b->tickets;
	(void)pthread_mutex_unlock(&b->guard);
}

/* How many sleepers that wake-up can be meant for. */
static uint32_t meant(const struct beds *b, uint32_t wake)
{
	uint32_t n = 0;

	for (uint64_t left = b->sleepers; left; left &= left - 1)
		n += b->ticket[__builtin_ctzll(left)] < b->until[wake];
	return n;
}

static bool can_pay_all(const struct beds *b)
{
	for (uint32_t i = 0; i < b->woken; i++)
		if (meant(b, i) < i + 1)
			return false;
	return true;
}

/* False: nothing was owed to it. */
static bool pay(struct beds *b, thread_id t)
{
	uint32_t i = 0;

	while (i < b->woken && b->until[i] <= b->ticket[t])
		i++;
	if (i == b->woken)
		return false;
	for (b->woken--; i < b->woken; i++)
		b->until[i] = b->until[i + 1];
	return true;
}

enum back freerun_get_up(struct beds *b, thread_id t, bool late)
{
	enum back back = BACK_LATE;

	(void)pthread_mutex_lock(&b->guard);
	b->sleepers &= ~bit(t);
	if (!late || !can_pay_all(b))
		back = pay(b, t) ? BACK_WOKEN : BACK_SPURIOUS;
	if (back == BACK_SPURIOUS)
		b->sleepers |= bit(t);
	(void)pthread_mutex_unlock(&b->guard);
	return back;
}
