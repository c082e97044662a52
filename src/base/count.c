/*
 * count.c - numbers of schedules.
 *
 * 128 bits hold up to 3.4e38; beyond that only the double is right, to its
 * rounding. Both are kept side by side, so that sums of counts that still fit
 * stay exact even where others have grown too large.
 */
#include <math.h>

#include "threadviz/count.h"

struct count count_of(uint128 n)
{
	return (struct count){.exact = n, .approx = (double)n};
}

struct count count_infinite(void)
{
	return (struct count){.approx = INFINITY, .infinite = true};
}

struct count count_add(struct count a, struct count b)
{
	struct count c = {
		.approx = a.approx + b.approx,
		.over = a.over || b.over,
		.infinite = a.infinite || b.infinite,
	};

	if (__builtin_add_overflow(a.exact, b.exact, &c.exact))
		c.over = true;
	return c;
}

bool count_is_zero(struct count c)
{
	return !c.infinite && !c.over && c.exact == 0;
}

static void decimal(uint128 n, bool grouped, struct str *out)
{
	char digits[64];
	size_t at = sizeof digits, written = 0;

	do {
		if (grouped && written && written % 3 == 0)
			digits[--at] = ',';
		digits[--at] = (char)('0' + (int)(n % 10));
		n /= 10;
		written++;
	} while (n);
	str_addn(out, digits + at, sizeof digits - at);
}

/* Three digits and the exponent, without the sign and zeros of %e. */
static void rounded(double x, struct str *out)
{
	int exponent = (int)floor(log10(x));
	double digits = x / pow(10, exponent);

	if (digits >= 9.995) {
		digits /= 10;
		exponent++;
	}
	str_addf(out, "~%.2fe%d", digits, exponent);
}

static void format(struct count c, bool grouped, struct str *out)
{
	if (c.infinite)
		str_add(out, "infinite");
	else if (c.over && isinf(c.approx))
		str_add(out, "more than 1e308");
	else if (c.over)
		rounded(c.approx, out);
	else
		decimal(c.exact, grouped, out);
}

void count_format(struct count c, struct str *out)
{
	format(c, false, out);
}

void count_format_grouped(struct count c, struct str *out)
{
	format(c, true, out);
}
