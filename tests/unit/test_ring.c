/*
 * test_ring.c - records arrive whole and in order, or are counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "engine/ring.h"

enum { SIZE = 16 };

static struct ring *new_ring(uint64_t size)
{
	struct ring *r = aligned_alloc(64, ring_bytes(size));

	assert_non_null(r);
	memset(r, 0, ring_bytes(size));
	ring_init(r, size);
	return r;
}

static void put(struct ring *r, int32_t from, int32_t n)
{
	for (int32_t i = from; i < from + n; i++) {
		struct event e = {.value = i, .extra = -i, .kind = OP_WRITE};

		ring_write(r, &e);
	}
}

static void sizes_are_powers_of_two(void **state)
{
	(void)state;
	assert_int_equal(ring_round(0), RING_LEAST);
	assert_int_equal(ring_round(16), 16);
	assert_int_equal(ring_round(17), 32);
	assert_int_equal(ring_round(UINT64_MAX), RING_MOST);
	assert_int_equal(ring_bytes(64) % 64, 0);
}

static void records_come_in_order(void **state)
{
	struct ring *r = new_ring(SIZE);

	(void)state;
	for (int32_t round = 0; round < 10; round++) {
		put(r, round * 11, 11);
		assert_int_equal(ring_ready(r), 11);
		for (uint64_t i = 0; i < 11; i++)
			assert_int_equal(ring_peek(r, i)->value,
					 round * 11 + (int32_t)i);
		ring_take(r, 11);
	}
	assert_int_equal(ring_lost(r), 0);
	free(r);
}

static void full_ring_drops_the_new_and_counts(void **state)
{
	struct ring *r = new_ring(SIZE);

	(void)state;
	put(r, 0, SIZE + 5);
	assert_int_equal(ring_ready(r), SIZE);
	assert_int_equal(ring_peek(r, 0)->value, 0);
	assert_int_equal(ring_peek(r, SIZE - 1)->value, SIZE - 1);
	assert_int_equal(ring_lost(r), 5);
	free(r);
}

static void gap_is_marked_where_it_was(void **state)
{
	struct ring *r = new_ring(SIZE);

	(void)state;
	put(r, 0, SIZE + 5);
	ring_take(r, 1);
	put(r, 100, 1); /* room for one: not for the mark and it */
	assert_int_equal(ring_lost(r), 6);
	ring_take(r, SIZE - 1);
	put(r, 200, 2);
	assert_int_equal(ring_ready(r), 3);
	assert_int_equal(ring_peek(r, 0)->kind, EVENT_LOST);
	assert_int_equal(ring_peek(r, 0)->value, 6);
	assert_int_equal(ring_peek(r, 1)->value, 200);
	assert_int_equal(ring_peek(r, 2)->value, 201);
	assert_int_equal(ring_lost(r), 6);
	free(r);
}

enum { MANY = 200000 };

static void *write_many(void *ring)
{
	put(ring, 1, MANY);
	return NULL;
}

/* What comes, comes whole and in order; what does not come is counted. */
static void two_threads_lose_nothing_uncounted(void **state)
{
	struct ring *r = new_ring(256);
	uint64_t seen = 0, gaps = 0;
	int32_t last = 0;
	pthread_t writer;

	(void)state;
	assert_int_equal(pthread_create(&writer, NULL, write_many, r), 0);
	while (seen + ring_lost(r) < MANY || ring_ready(r)) {
		if (!ring_ready(r)) {
			sched_yield();
			continue;
		}
		struct event e = *ring_peek(r, 0);

		ring_take(r, 1);
		if (e.kind == EVENT_LOST) {
			gaps += (uint64_t)e.value;
			last += e.value;
			continue;
		}
		assert_int_equal(e.value, last + 1);
		assert_int_equal(e.extra, -e.value);
		last = e.value;
		seen++;
	}
	pthread_join(writer, NULL);
	assert_int_equal(seen + ring_lost(r), MANY);
	assert_true(gaps <= ring_lost(r));
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_two),
		cmocka_unit_test(records_come_in_order),
		cmocka_unit_test(full_ring_drops_the_new_and_counts),
		cmocka_unit_test(gap_is_marked_where_it_was),
		cmocka_unit_test(two_threads_lose_nothing_uncounted),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
