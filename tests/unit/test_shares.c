/*
 * test_shares.c - time and locks, added up from records.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/shares.h"

static const char text[] = "mutex m\nthread A, B:\n    lock m\n    unlock m\n";

static struct event at(uint64_t time, thread_id t, uint8_t kind, unsigned flags)
{
	return (struct event){.time = time,
			      .thread = t,
			      .kind = kind,
			      .flags = (uint8_t)flags};
}

static void locks_are_counted(void **state)
{
	struct program *p = scenario(text);
	struct shares *s = shares_new(p);
	const struct event e[] = {
		at(10, 0, OP_LOCK, 0),
		at(12, 1, OP_LOCK, EVENT_WANTS),
		at(30, 0, OP_UNLOCK, 0),
		at(31, 1, OP_LOCK, EVENT_WAITED),
		at(35, 1, OP_UNLOCK, 0),
		at(36, 1, OP_TRYLOCK, 0),
		at(37, 0, OP_TRYLOCK, EVENT_FAILED),
		at(38, 1, OP_UNLOCK, 0),
	};
	const struct lock_share *l = shares_lock(s, 0, 0);

	(void)state;
	shares_add(s, e, sizeof e / sizeof *e);
	assert_int_equal(l->taken, 3);
	assert_int_equal(l->contended, 1);
	assert_int_equal(l->handed_over, 1);
	assert_int_equal(l->longest_hold, 20);
	assert_int_equal(l->longest_wait, 19);
	shares_free(s);
	program_free(p);
}

static void time_without_the_kernel_is_running_or_waiting(void **state)
{
	struct program *p = scenario(text);
	struct shares *s = shares_new(p);
	struct event e[] = {
		at(10, 1, OP_WRITE, 0),
		at(15, 1, OP_LOCK, EVENT_WANTS),
		at(40, 1, OP_LOCK, EVENT_WAITED),
		at(42, 1, OP_SLEEP, 0),
		at(50, 1, EVENT_END, 0),
	};
	struct thread_share h;

	(void)state;
	e[0].object = e[3].object = e[4].object = OBJECT_NONE;
	shares_add(s, e, sizeof e / sizeof *e);
	h = shares_thread(s, 1);
	assert_int_equal(h.ns[SHARE_RUNNING], 7);
	assert_int_equal(h.ns[SHARE_BLOCKED], 25);
	assert_int_equal(h.ns[SHARE_ASLEEP], 8);
	assert_int_equal(h.ns[SHARE_READY], 0);
	shares_free(s);
	program_free(p);
}

static void the_kernel_knows_better(void **state)
{
	struct program *p = scenario(text);
	struct shares *s = shares_new(p);
	struct event e[] = {
		at(10, 0, EVENT_ON_CPU, 0),
		at(20, 0, EVENT_OFF_CPU, 0), /* preempted */
		at(23, 0, EVENT_ON_CPU, 0),
		at(25, 0, OP_LOCK, EVENT_WANTS),
		at(26, 0, EVENT_OFF_CPU, 0),
		at(46, 0, EVENT_ON_CPU, 0),
		at(47, 0, OP_LOCK, EVENT_WAITED),
	};
	struct thread_share h;

	(void)state;
	e[1].value = 1;
	shares_add(s, e, sizeof e / sizeof *e);
	h = shares_thread(s, 0);
	assert_int_equal(h.ns[SHARE_RUNNING], 14);
	assert_int_equal(h.ns[SHARE_READY], 3);
	assert_int_equal(h.ns[SHARE_BLOCKED], 20);
	assert_int_equal(h.preempted, 1);
	assert_int_equal(h.switches, 1);
	shares_free(s);
	program_free(p);
}

static void a_wait_without_end_counts_up_to_now(void **state)
{
	struct program *p = scenario(text);
	struct shares *s = shares_new(p);
	struct event e[] = {
		at(10, 0, EVENT_ON_CPU, 0),
		at(15, 0, OP_LOCK, EVENT_WANTS),
		at(16, 0, EVENT_OFF_CPU, 0),
		at(90, THREAD_NONE, EVENT_VERDICT, 0),
	};

	(void)state;
	shares_add(s, e, sizeof e / sizeof *e);
	assert_int_equal(shares_thread(s, 0).ns[SHARE_RUNNING], 6);
	assert_int_equal(shares_thread(s, 0).ns[SHARE_BLOCKED], 74);
	assert_int_equal(shares_thread(s, 1).ns[SHARE_BLOCKED], 0);
	shares_free(s);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(locks_are_counted),
		cmocka_unit_test(time_without_the_kernel_is_running_or_waiting),
		cmocka_unit_test(the_kernel_knows_better),
		cmocka_unit_test(a_wait_without_end_counts_up_to_now),
	};

	return cmocka_run_group_tests_name("shares", tests, NULL, NULL);
}
