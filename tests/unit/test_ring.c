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
	struct event e[SIZE];
	uint64_t lost;

	(void)state;
	for (int32_t round = 0; round < 10; round++) {
		put(r, round * 11, 11);
		assert_true(ring_ready(r));
		assert_int_equal(ring_read(r, e, 4, &lost), 4);
		assert_int_equal(ring_read(r, e + 4, SIZE - 4, &lost), 7);
		assert_false(ring_ready(r));
		for (int32_t i = 0; i < 11; i++)
			assert_int_equal(e[i].value, round * 11 + i);
	}
	assert_int_equal(ring_lost(r), 0);
	free(r);
}

static void every_field_arrives(void **state)
{
	static const struct event sent = {
		.time = UINT64_C(0x0123456789abcdef),
		.step = 0xfedcba98,
		.thread = 0xf1,
		.kind = 0xf2,
		.flags = 0xf3,
		.other = 0xf4,
		.object = 0xf5f6,
		.pc = 0xf7f8,
		.index = -2,
		.value = INT32_MIN,
		.extra = -3,
	};
	struct ring *r = new_ring(SIZE);
	struct event got;
	uint64_t lost;

	(void)state;
	ring_write(r, &sent);
	assert_int_equal(ring_read(r, &got, 1, &lost), 1);
	assert_memory_equal(&got, &sent, sizeof got);
	free(r);
}

static void full_ring_forgets_the_oldest_and_counts(void **state)
{
	struct ring *r = new_ring(SIZE);
	struct event e[SIZE];
	uint64_t lost;

	(void)state;
	put(r, 0, SIZE + 5);
	/* One less than its size: the next record's place is not looked at. */
	assert_int_equal(ring_read(r, e, SIZE, &lost), SIZE - 1);
	assert_int_equal(lost, 6);
	assert_int_equal(e[0].value, 6);
	assert_int_equal(e[SIZE - 2].value, SIZE + 4);
	assert_false(ring_ready(r));
	put(r, 100, 2);
	assert_int_equal(ring_read(r, e, SIZE, &lost), 2);
	assert_int_equal(lost, 0);
	assert_int_equal(e[1].value, 101);
	assert_int_equal(ring_lost(r), 6);
	free(r);
}

enum { MANY = 300000 };

static void *write_many(void *ring)
{
	put(ring, 1, MANY);
	return NULL;
}

/* What comes, comes whole and in order; what does not come is counted. */
static void read_all(uint64_t size, size_t room)
{
	struct ring *r = new_ring(size);
	struct event *e = malloc(room * sizeof *e);
	int32_t last = 0;
	pthread_t writer;

	assert_int_equal(pthread_create(&writer, NULL, write_many, r), 0);
	while (last < MANY) {
		uint64_t lost;
		size_t n = ring_read(r, e, room, &lost);

		last += (int32_t)lost;
		for (size_t i = 0; i < n; i++) {
			assert_int_equal(e[i].value, ++last);
			assert_int_equal(e[i].extra, -last);
			assert_int_equal(e[i].kind, OP_WRITE);
		}
		if (!n && !lost)
			sched_yield();
	}
	pthread_join(writer, NULL);
	assert_int_equal(last, MANY);
	assert_false(ring_ready(r));
	free(e);
	free(r);
}

static void two_threads_lose_nothing_uncounted(void **state)
{
	(void)state;
	read_all(16, 16); /* lapped all the time */
	read_all(64, 5);
	read_all(256, 1);
	read_all(1 << 12, 1 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_powers_of_two),
		cmocka_unit_test(records_come_in_order),
		cmocka_unit_test(every_field_arrives),
		cmocka_unit_test(full_ring_forgets_the_oldest_and_counts),
		cmocka_unit_test(two_threads_lose_nothing_uncounted),
	};

	return cmocka_run_group_tests_name("ring", tests, NULL, NULL);
}
