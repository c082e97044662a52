/*
 * test_clock.c - stamps become nanoseconds of CLOCK_MONOTONIC.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/clock.h"

/* 2.5 ticks a nanosecond, from tick 1000 and nanosecond 7. */
static struct clock fitted(uint64_t ns)
{
	struct clock c = {.tsc = true, .ticks = 1000, .ns = 7};

	clock_fit(&c, 1000 + ns / 2 * 5, 7 + ns);
	return c;
}

static void rate_is_exact_to_a_billionth(void **state)
{
	static const uint64_t spans[] = {2000, 2000000, 60000000000u,
					 3600000000000u};

	(void)state;
	for (size_t i = 0; i < sizeof spans / sizeof *spans; i++) {
		struct clock c = fitted(spans[i]);
		uint64_t hour = 3600000000000u;
		uint64_t got = clock_ns(&c, 1000 + hour / 2 * 5) - 7;

		assert_in_range(got, hour - 3600, hour + 3600);
	}
}

static void start_is_the_start(void **state)
{
	struct clock c = fitted(1000000);

	(void)state;
	assert_int_equal(clock_ns(&c, 1000), 7);
	assert_int_equal(clock_ns(&c, 999), 7);
	assert_in_range(clock_ns(&c, 1005), 8, 9);
}

static void later_ticks_are_never_earlier(void **state)
{
	struct clock c = fitted(123456789);
	uint64_t last = 0;

	(void)state;
	for (uint64_t t = 1000; t < 10000000000u; t += 9999991) {
		uint64_t ns = clock_ns(&c, t);

		assert_true(ns >= last);
		last = ns;
	}
}

static void no_time_changes_no_rate(void **state)
{
	struct clock c = fitted(1000000), same = c;

	(void)state;
	clock_fit(&c, 1000, 7);
	clock_fit(&c, 900, 80);
	assert_int_equal(c.factor, same.factor);
}

/* Between two readings of the one there is a reading of the other. */
static void both_clocks_agree_where_they_start(void **state)
{
	(void)state;
	for (int tsc = 0; tsc < 2; tsc++) {
		uint64_t before = clock_monotonic();
		struct clock c;

		clock_start(&c, tsc);
		assert_true(c.ns >= before);
		assert_true(c.ns <= clock_monotonic());
		assert_true(clock_ns(&c, clock_ticks(&c)) >= c.ns);
		assert_true(tsc || !c.tsc);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rate_is_exact_to_a_billionth),
		cmocka_unit_test(start_is_the_start),
		cmocka_unit_test(later_ticks_are_never_earlier),
		cmocka_unit_test(no_time_changes_no_rate),
		cmocka_unit_test(both_clocks_agree_where_they_start),
	};

	return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}
