/*
 * clock.c - the time stamp counter as a clock.
 *
 * Reading the counter costs half of clock_gettime and no memory. It counts at
 * a constant rate on every processor alike if the hardware says that it is
 * invariant (CPUID 80000007h, EDX bit 8); the rate itself nobody says
 * reliably, so it is measured against CLOCK_MONOTONIC. A pair of readings is
 * as good as the time between the two outer ones is short: the best of several
 * is taken. The longer the run, the better the rate; ten milliseconds are good
 * for a millionth.
 *
 * The counter may be read a few instructions early; exact order between
 * threads comes from the generation numbers of locks, not from here.
 */
#include "clock.h"

#if CLOCK_HAS_TSC
#include <cpuid.h>
#endif

enum {
	PAIR_TRIES = 16,
	FIRST_NS = 2000000, /* the first measurement of the rate */
};

static bool tsc_is_invariant(void)
{
#if CLOCK_HAS_TSC
	unsigned a, b, c, d;

	return __get_cpuid(0x80000007u, &a, &b, &c, &d) && (d >> 8 & 1);
#else
	return false;
#endif
}

/* Both clocks at one moment, as nearly as can be had. */
static void read_pair(const struct clock *c, uint64_t *ticks, uint64_t *ns)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < PAIR_TRIES; i++) {
		uint64_t before = clock_ticks(c);
		uint64_t now = clock_monotonic();
		uint64_t after = clock_ticks(c);

		if (after - before >= best)
			continue;
		best = after - before;
		*ticks = before + best / 2;
		*ns = now;
	}
}

void clock_fit(struct clock *c, uint64_t ticks, uint64_t ns)
{
	if (ticks <= c->ticks || ns <= c->ns)
		return;
	/* By halves until the product below fits; the ratio stays. */
	ticks -= c->ticks;
	ns -= c->ns;
	while (ns >> 31) {
		ns >>= 1;
		ticks >>= 1;
	}
	if (ticks)
		c->factor = (ns << 32) / ticks;
}

void clock_refine(struct clock *c)
{
	uint64_t ticks = 0, ns = 0;

	if (!c->tsc)
		return;
	read_pair(c, &ticks, &ns);
	clock_fit(c, ticks, ns);
}

void clock_start(struct clock *c, bool allow_tsc)
{
	*c = (struct clock){.factor = UINT64_C(1) << 32};
	c->tsc = allow_tsc && tsc_is_invariant();
	if (!c->tsc) {
		c->ticks = c->ns = clock_monotonic();
		return;
	}
	read_pair(c, &c->ticks, &c->ns);
	while (clock_monotonic() < c->ns + FIRST_NS)
		continue;
	clock_refine(c);
}

uint64_t clock_ns(const struct clock *c, uint64_t ticks)
{
	uint64_t past = ticks > c->ticks ? ticks - c->ticks : 0;
	uint64_t high = past >> 32, low = past & UINT32_MAX;

	if (!c->tsc)
		return c->ns + past;
	/* past * factor / 2^32 without 128 bits */
	return c->ns + high * c->factor + low * (c->factor >> 32) +
	       (low * (c->factor & UINT32_MAX) >> 32);
}
