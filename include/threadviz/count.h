/*
 * count.h - numbers of schedules: exact to 128 bits, beyond that approximate.
 */
#ifndef THREADVIZ_COUNT_H
#define THREADVIZ_COUNT_H

#include <stdbool.h>

#include "threadviz/str.h"

/* Counts of schedules pass 64 bits at a few dozen steps. */
__extension__ typedef unsigned __int128 uint128;

/* How many there are: exactly, about, or infinitely many. */
struct count {
	uint128 exact;  /* valid unless over or infinite */
	double approx;  /* always, within rounding; inf if infinite */
	bool over;      /* more than 128 bits */
	bool infinite;  /* the state graph has a cycle */
};

/* Exactly n; infinitely many; a + b. */
struct count count_of(uint128 n);
struct count count_infinite(void);
struct count count_add(struct count a, struct count b);
bool count_is_zero(struct count c);
/* Decimal; "~1.23e45" beyond 128 bits; "infinite". */
void count_format(struct count c, struct str *out);
/* The same with commas between thousands, for people. */
void count_format_grouped(struct count c, struct str *out);

#endif
