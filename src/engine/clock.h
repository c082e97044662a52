/*
 * clock.h - the cheapest clock there is, and what it means in nanoseconds.
 *
 * A writer stamps with clock_ticks, a reader converts. One struct, filled
 * before the fork, serves both sides: writers only read `kind`.
 */
#ifndef ENGINE_CLOCK_H
#define ENGINE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>
#define CLOCK_HAS_TSC 1
#else
#define CLOCK_HAS_TSC 0
#endif

struct clock {
	bool tsc;        /* ticks of the processor; else nanoseconds */
	uint64_t ticks;  /* the start, in both units, read together */
	uint64_t ns;     /* CLOCK_MONOTONIC */
	uint64_t factor; /* nanoseconds a tick, times 2^32 */
};

/* CLOCK_MONOTONIC in nanoseconds. */
static inline uint64_t clock_monotonic(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Now, in the clock's own ticks: no system call, no shared memory written. */
static inline uint64_t clock_ticks(const struct clock *c)
{
#if CLOCK_HAS_TSC
	if (c->tsc)
		return __rdtsc();
#endif
	(void)c;
	return clock_monotonic();
}

/* Starts it now: the TSC if it is invariant and allowed, else clock_gettime.
 * Takes about two milliseconds. */
void clock_start(struct clock *, bool allow_tsc);
/* Measures the rate anew over all the time since the start. Readers only. */
void clock_refine(struct clock *);
/* A stamp in CLOCK_MONOTONIC nanoseconds; before the start: the start. */
uint64_t clock_ns(const struct clock *, uint64_t ticks);
/* The rate from two points read together; exposed for its test. */
void clock_fit(struct clock *, uint64_t ticks, uint64_t ns);

#endif
