/*
 * Numbers of schedules: sums, and how they are written.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "threadviz/count.h"

#define MOST (~(uint128)0)

static void assert_written(struct count c, const char *plain,
			   const char *grouped)
{
	struct str s = {0};

	count_format(c, &s);
	assert_string_equal(str_cstr(&s), plain);
	str_clear(&s);
	count_format_grouped(c, &s);
	assert_string_equal(str_cstr(&s), grouped);
	str_free(&s);
}

/* Beyond 128 bits. */
static struct count over(double approx)
{
	return (struct count){.approx = approx, .over = true};
}

static void test_small(void **state)
{
	(void)state;
	assert_written(count_of(0), "0", "0");
	assert_written(count_of(7), "7", "7");
	assert_written(count_of(999), "999", "999");
	assert_written(count_of(1000), "1000", "1,000");
	assert_written(count_of(137846528820), "137846528820",
		       "137,846,528,820");
}

static void test_all_of_128_bits(void **state)
{
	(void)state;
	assert_written(count_of((uint128)1 << 64), "18446744073709551616",
		       "18,446,744,073,709,551,616");
	assert_written(count_of(MOST),
		       "340282366920938463463374607431768211455",
		       "340,282,366,920,938,463,463,374,607,431,768,211,455");
}

static void test_beyond(void **state)
{
	(void)state;
	assert_written(over(1.2345e45), "~1.23e45", "~1.23e45");
	assert_written(over(9.994e39), "~9.99e39", "~9.99e39");
	assert_written(over(9.996e39), "~1.00e40", "~1.00e40");
	assert_written(over(1e100), "~1.00e100", "~1.00e100");
	assert_written(over(INFINITY), "more than 1e308", "more than 1e308");
}

static void test_infinite(void **state)
{
	struct count c = count_infinite();

	(void)state;
	assert_written(c, "infinite", "infinite");
	assert_true(isinf(c.approx));
	assert_true(count_add(c, count_of(1)).infinite);
	assert_true(count_add(count_of(1), c).infinite);
}

static void test_add(void **state)
{
	struct count c = count_add(count_of(MOST - 1), count_of(1));

	(void)state;
	assert_false(c.over);
	assert_true(c.exact == MOST);
	c = count_add(c, count_of(1));
	assert_true(c.over);
	assert_written(c, "~3.40e38", "~3.40e38");
	c = count_add(over(2e40), count_of(5));
	assert_true(c.over);
	assert_written(c, "~2.00e40", "~2.00e40");
	assert_written(count_add(count_of(2), count_of(3)), "5", "5");
	assert_true(fabs(count_add(count_of(2), count_of(3)).approx - 5) <
		    1e-12);
}

static void test_zero(void **state)
{
	(void)state;
	assert_true(count_is_zero(count_of(0)));
	assert_false(count_is_zero(count_of(1)));
	assert_false(count_is_zero(count_infinite()));
	assert_false(count_is_zero(over(1e40)));
	assert_true(count_is_zero(count_add(count_of(0), count_of(0))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_small),
		cmocka_unit_test(test_all_of_128_bits),
		cmocka_unit_test(test_beyond),
		cmocka_unit_test(test_infinite),
		cmocka_unit_test(test_add),
		cmocka_unit_test(test_zero),
	};

	return cmocka_run_group_tests_name("count", tests, NULL, NULL);
}
