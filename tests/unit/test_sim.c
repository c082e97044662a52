/*
 * The meaning of the language: each rule of the model as a few steps and what
 * must be true after them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compile.h"
#include "threadviz/world.h"

/* A scenario at some point of a schedule. */
struct run {
	struct program *p;
	struct world *w;
};

/* Takes the steps; every one of them must be possible. */
static void take(struct run *r, const char *steps)
{
	struct schedule s = {0};
	struct error err = {0};

	assert_true(schedule_parse(r->p, steps, &s, &err));
	for (size_t i = 0; i < s.len; i++) {
		if (!world_can(r->w, r->p, s.data[i])) {
			struct str why = {0};

			world_why_not(r->w, r->p, s.data[i], &why);
			fail_msg("step %zu of \"%s\": %s", i + 1, steps,
				 str_cstr(&why));
		}
		world_step(r->w, r->p, s.data[i], (uint32_t)i + 1, NULL);
	}
	vec_free(&s);
}

static struct run begin(const char *text, const char *steps)
{
	struct run r = {.p = compile(text)};

	r.w = world_new(r.p);
	take(&r, steps);
	return r;
}

static void end(struct run *r)
{
	free(r->w);
	program_free(r->p);
}

static bool can(const struct run *r, const char *step)
{
	struct schedule s = {0};
	struct error err = {0};
	bool ok;

	assert_true(schedule_parse(r->p, step, &s, &err));
	ok = world_can(r->w, r->p, s.data[0]);
	vec_free(&s);
	return ok;
}

static int32_t value(const struct run *r, const char *name)
{
	for (size_t i = 0; i < r->p->objects.count; i++)
		if (!strcmp(r->p->objects.data[i].name, name))
			return world_value(r->w, r->p, (object_id)i, 0);
	fail_msg("no object %s", name);
	return 0;
}

static enum verdict verdict(const struct run *r)
{
	return world_verdict(r->w, r->p);
}

#define HEAD "scenario \"t\"\n"

static void an_increment_is_two_steps(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nthread A, B:\n    x++\n"
				  "finally x == 2\n",
			     "A B A");

	(void)state;
	assert_int_equal(value(&r, "x"), 1);
	assert_int_equal(verdict(&r), VERDICT_NONE);
	take(&r, "B");
	assert_int_equal(value(&r, "x"), 1);
	assert_int_equal(verdict(&r), VERDICT_VIOLATED);
	end(&r);
}

static void and_stops_at_the_first_false(void **state)
{
	struct run r = begin(HEAD "shared a = 0, b = 1, x = 0\nthread A:\n"
				  "    if a == 1 and b == 1:\n        x = 1\n",
			     "A");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
}

static void a_mutex_excludes(void **state)
{
	struct run r = begin(HEAD "mutex m\nthread A, B:\n    lock m\n"
				  "    unlock m\n",
			     "A");

	(void)state;
	assert_false(can(&r, "B"));
	take(&r, "A B");
	assert_false(can(&r, "A"));
	take(&r, "B");
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
}

static void locking_twice_blocks_for_ever(void **state)
{
	struct run r = begin(HEAD "mutex m\nthread A:\n    lock m\n"
				  "    lock m\n",
			     "A");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_DEADLOCK);
	end(&r);
}

static void a_recursive_mutex_counts(void **state)
{
	struct run r = begin(HEAD "recursive mutex m\nthread A, B:\n"
				  "    lock m\n    lock m\n    unlock m\n"
				  "    unlock m\n",
			     "A A A");

	(void)state;
	assert_false(can(&r, "B"));
	take(&r, "A B");
	end(&r);
}

static void a_stranger_cannot_unlock(void **state)
{
	struct run r = begin(HEAD "mutex m\nthread A:\n    lock m\n"
				  "thread B:\n    unlock m\n",
			     "A B");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_CRASH);
	assert_int_equal(r.w->detail, CRASH_NOT_OWNER);
	end(&r);
}

static void a_free_mutex_cannot_be_unlocked(void **state)
{
	struct run r = begin(HEAD "mutex m\nthread A:\n    unlock m\n", "A");

	(void)state;
	assert_int_equal(r.w->detail, CRASH_NOT_LOCKED);
	end(&r);
}

#define SLEEPERS \
	HEAD "mutex m\ncond c\nthread S[3]:\n    lock m\n    wait c, m\n" \
	     "    unlock m\nthread W:\n    signal c\n    broadcast c\n"

static void a_signal_wakes_the_one_picked(void **state)
{
	struct run r = begin(SLEEPERS, "S0*2 S1*2 S2*2 W=2");

	(void)state;
	assert_true(can(&r, "S1"));
	assert_false(can(&r, "S0"));
	assert_false(can(&r, "S2"));
	take(&r, "W");
	assert_true(can(&r, "S0"));
	assert_true(can(&r, "S2"));
	end(&r);
}

static void a_plain_signal_wakes_the_longest_sleeper(void **state)
{
	struct run r = begin(SLEEPERS, "S1*2 S0*2 W");

	(void)state;
	assert_true(can(&r, "S1"));
	assert_false(can(&r, "S0"));
	end(&r);
}

static void a_signal_without_a_sleeper_is_lost(void **state)
{
	struct run r = begin(SLEEPERS, "W W S0*2 S1*2 S2*2");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_DEADLOCK);
	end(&r);
}

static void a_woken_thread_competes_for_the_mutex(void **state)
{
	struct run r = begin(SLEEPERS, "S0*2 W S1");

	(void)state;
	assert_false(can(&r, "S0"));
	take(&r, "S1");
	take(&r, "S0");
	end(&r);
}

static void a_spurious_wake_up_is_said_by_the_schedule(void **state)
{
	struct run r = begin(SLEEPERS, "S0*2");

	(void)state;
	assert_false(can(&r, "S0"));
	take(&r, "S0! S0");
	end(&r);
}

static void waiting_needs_the_mutex(void **state)
{
	struct run r = begin(HEAD "mutex m\ncond c\nthread A:\n"
				  "    wait c, m\n",
			     "A");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_CRASH);
	end(&r);
}

#define TIMED \
	HEAD "mutex m\ncond c\nshared got = 9\nthread A:\n    lock m\n" \
	     "    got = waitfor(c, m, 5)\n    unlock m\n" \
	     "thread B:\n    lock m\n    signal c\n    unlock m\n"

static void a_time_out_gives_zero(void **state)
{
	struct run r = begin(TIMED, "A A A? A");

	(void)state;
	assert_int_equal(value(&r, "got"), 0);
	end(&r);
}

static void a_time_out_needs_the_mutex_too(void **state)
{
	struct run r = begin(TIMED, "A A B");

	(void)state;
	assert_false(can(&r, "A?"));
	end(&r);
}

static void no_time_out_after_the_wake_up(void **state)
{
	struct run r = begin(TIMED, "A A B*3");

	(void)state;
	assert_false(can(&r, "A?"));
	take(&r, "A A");
	assert_int_equal(value(&r, "got"), 1);
	end(&r);
}

static void a_semaphore_remembers(void **state)
{
	struct run r = begin(HEAD "sem s = 0\nthread A:\n    wait s\n"
				  "thread B:\n    post s\n",
			     "");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "B A");
	assert_int_equal(value(&r, "s"), 0);
	end(&r);
}

static void a_bounded_semaphore_minds_its_maximum(void **state)
{
	struct run r =
		begin(HEAD "sem s = 1 max 1\nthread A:\n    post s\n", "A");

	(void)state;
	assert_int_equal(r.w->detail, CRASH_OVER_RELEASE);
	end(&r);
}

static void an_event_stays_set(void **state)
{
	struct run r =
		begin(HEAD "event e\nthread A:\n    wait e\n"
			   "    wait e\nthread B:\n    set e\n    clear e\n",
		      "");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "B A B");
	assert_false(can(&r, "A"));
	end(&r);
}

static void a_barrier_lets_its_group_go_and_no_other(void **state)
{
	struct run r = begin(HEAD "barrier b = 2\nthread A, B, C:\n"
				  "    wait b\n",
			     "A");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "B C");
	assert_true(can(&r, "A"));
	assert_true(can(&r, "B"));
	assert_false(can(&r, "C"));
	end(&r);
}

static void readers_share_writers_do_not(void **state)
{
	struct run r = begin(HEAD "rwlock rw\nthread R[2]:\n    rdlock rw\n"
				  "    unlock rw\nthread W:\n    wrlock rw\n"
				  "    unlock rw\n",
			     "R0 R1");

	(void)state;
	assert_false(can(&r, "W"));
	take(&r, "R0");
	assert_false(can(&r, "W"));
	take(&r, "R1 W");
	end(&r);
}

static void writers_first_holds_readers_back(void **state)
{
	struct run r = begin(HEAD "option writers_first\nrwlock rw\n"
				  "thread R[2]:\n    rdlock rw\n    unlock rw\n"
				  "thread W:\n    wrlock rw\n    unlock rw\n",
			     "W");

	(void)state;
	assert_false(can(&r, "R0"));
	take(&r, "W R0 R1");
	end(&r);
}

static void a_buffer_crashes_where_a_queue_blocks(void **state)
{
	struct run r = begin(HEAD "buffer b max 1\nthread A:\n"
				  "    let x = get(b)\n",
			     "A");

	(void)state;
	assert_int_equal(r.w->detail, CRASH_EMPTY);
	end(&r);
	r = begin(HEAD "queue q max 1\nthread A:\n    let x = get(q)\n"
		       "thread B:\n    put q, 5\n    put q, 6\n",
		  "B");
	assert_false(can(&r, "B"));
	take(&r, "A");
	take(&r, "B");
	end(&r);
}

static void a_queue_is_joined_when_all_is_done(void **state)
{
	struct run r = begin(HEAD "queue q\nthread A:\n    put q, 1\n"
				  "    join q\nthread B:\n    let x = get(q)\n"
				  "    done q\n    done q\n",
			     "A B");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "B");
	assert_true(can(&r, "A"));
	take(&r, "B");
	assert_int_equal(r.w->detail, CRASH_DONE);
	end(&r);
}

static void getfor_times_out_only_while_empty(void **state)
{
	struct run r =
		begin(HEAD "queue q\nshared x = 0\nthread A:\n"
			   "    x = getfor(q, 3)\nthread B:\n    put q, 5\n",
		      "");

	(void)state;
	assert_true(can(&r, "A?"));
	take(&r, "B");
	assert_false(can(&r, "A?"));
	take(&r, "A A");
	assert_int_equal(value(&r, "x"), 5);
	end(&r);
}

static void select_takes_the_lowest(void **state)
{
	struct run r =
		begin(HEAD "queue p, q\nshared x = 9\nthread A:\n"
			   "    x = select(p, q)\nthread B:\n    put q, 1\n"
			   "    put p, 1\n",
		      "");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "B B A A");
	assert_int_equal(value(&r, "x"), 0);
	end(&r);
}

static void choose_offers_every_value(void **state)
{
	struct run r = begin(HEAD "shared x = 9\nthread A:\n"
				  "    x = choose(2..4)\n",
			     "A=4 A");

	(void)state;
	assert_int_equal(value(&r, "x"), 4);
	end(&r);
	r = begin(HEAD "shared x = 9\nthread A:\n    x = choose(2..4)\n",
		  "A A");
	assert_int_equal(value(&r, "x"), 2);
	end(&r);
}

static void a_store_buffer_hides_a_write(void **state)
{
	struct run r =
		begin(HEAD "buffered x = 0, y = 0\n"
			   "shared ra = 9, rb = 9\nthread A:\n    x = 1\n"
			   "    ra = y\nthread B:\n    y = 1\n    rb = x\n",
		      "A B A B A B");

	(void)state;
	assert_int_equal(value(&r, "ra"), 0);
	assert_int_equal(value(&r, "rb"), 0);
	assert_int_equal(verdict(&r), VERDICT_NONE);
	take(&r, "A~ B~");
	assert_int_equal(value(&r, "x"), 1);
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
}

static void a_thread_sees_its_own_store_first(void **state)
{
	struct run r = begin(HEAD "buffered x = 0\nshared r = 9\nthread A:\n"
				  "    x = 1\n    r = x\n",
			     "A A A");

	(void)state;
	assert_int_equal(value(&r, "r"), 1);
	assert_int_equal(value(&r, "x"), 0);
	end(&r);
}

static void a_fence_waits_for_the_drain(void **state)
{
	struct run r = begin(HEAD "buffered x = 0\nthread A:\n    x = 1\n"
				  "    fence\n",
			     "A");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "A~ A");
	end(&r);
}

static void a_later_thread_waits_for_its_start(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nlater thread L:\n    x = 1\n"
				  "thread A:\n    start L\n    join L\n",
			     "");

	(void)state;
	assert_false(can(&r, "L"));
	take(&r, "A");
	assert_false(can(&r, "A"));
	take(&r, "L A");
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
}

static void nobody_waits_for_a_daemon(void **state)
{
	struct run r =
		begin(HEAD "shared x = 0\ndaemon thread D:\n"
			   "    loop:\n        x++\nthread A:\n    yield\n",
		      "D D A");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
}

static void a_process_has_its_own_copies(void **state)
{
	struct run r = begin(HEAD "shared x = 1\nprocess C:\n    x = 5\n"
				  "thread A:\n    x = 7\n",
			     "C A");

	(void)state;
	assert_int_equal(value(&r, "x"), 7);
	end(&r);
}

static void an_atomic_block_is_one_step(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nthread A, B:\n    atomic:\n"
				  "        x = x + 1\nfinally x == 2\n",
			     "A B");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
}

static void blocking_inside_atomic_is_a_crash(void **state)
{
	struct run r =
		begin(HEAD "shared x = 0\nsem s = 0\nthread A:\n"
			   "    atomic:\n        x = 1\n        wait s\n",
		      "A");

	(void)state;
	assert_int_equal(r.w->detail, CRASH_WOULD_BLOCK);
	end(&r);
}

static void a_first_blocking_statement_holds_atomic_back(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nsem s = 0\nthread A:\n"
				  "    atomic:\n        wait s\n        x = 1\n"
				  "thread B:\n    post s\n",
			     "");

	(void)state;
	assert_false(can(&r, "A"));
	take(&r, "B A");
	assert_int_equal(value(&r, "x"), 1);
	end(&r);
}

static void cooperative_threads_keep_the_processor(void **state)
{
	struct run r = begin(HEAD "cooperative\nshared x = 0\nthread A, B:\n"
				  "    x++\n    yield\n    x++\n",
			     "A");

	(void)state;
	assert_false(can(&r, "B"));
	take(&r, "A A B");
	end(&r);
}

static void two_in_a_region_are_seen(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nthread A, B:\n    yield\n"
				  "    region R:\n        x = 1\n"
				  "never two in R\n",
			     "A B");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_VIOLATED);
	end(&r);
}

static void order_counts_the_first_marks(void **state)
{
	const char *text = HEAD "thread A:\n    print \"a\"\nthread B:\n"
				"    print \"b\"\norder \"a\" before \"b\"\n";
	struct run r = begin(text, "A B");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_OK);
	end(&r);
	r = begin(text, "B A");
	assert_int_equal(verdict(&r), VERDICT_VIOLATED);
	end(&r);
}

static void always_holds_at_the_start_too(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nthread A:\n    x = 1\n"
				  "always x > 0\n",
			     "");

	(void)state;
	assert_int_equal(verdict(&r), VERDICT_VIOLATED);
	end(&r);
}

static void arithmetic_wraps(void **state)
{
	struct run r = begin(HEAD "shared x = 2147483647\nthread A:\n"
				  "    x += 1\n",
			     "A A");

	(void)state;
	assert_int_equal(value(&r, "x"), INT32_MIN);
	end(&r);
}

static void an_endless_private_loop_is_a_crash(void **state)
{
	struct run r = begin(HEAD "shared x = 0\nthread A:\n    x = 1\n"
				  "    loop:\n        spin\n",
			     "A");

	(void)state;
	assert_int_equal(r.w->detail, CRASH_FOREVER);
	end(&r);
}

static void an_index_out_of_range_is_a_crash(void **state)
{
	struct run r = begin(HEAD "shared f[2] = 0\nthread A:\n    let i = 2\n"
				  "    f[i] = 1\n",
			     "A");

	(void)state;
	assert_int_equal(r.w->detail, CRASH_RANGE);
	end(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_increment_is_two_steps),
		cmocka_unit_test(and_stops_at_the_first_false),
		cmocka_unit_test(a_mutex_excludes),
		cmocka_unit_test(locking_twice_blocks_for_ever),
		cmocka_unit_test(a_recursive_mutex_counts),
		cmocka_unit_test(a_stranger_cannot_unlock),
		cmocka_unit_test(a_free_mutex_cannot_be_unlocked),
		cmocka_unit_test(a_signal_wakes_the_one_picked),
		cmocka_unit_test(a_plain_signal_wakes_the_longest_sleeper),
		cmocka_unit_test(a_signal_without_a_sleeper_is_lost),
		cmocka_unit_test(a_woken_thread_competes_for_the_mutex),
		cmocka_unit_test(a_spurious_wake_up_is_said_by_the_schedule),
		cmocka_unit_test(waiting_needs_the_mutex),
		cmocka_unit_test(a_time_out_gives_zero),
		cmocka_unit_test(a_time_out_needs_the_mutex_too),
		cmocka_unit_test(no_time_out_after_the_wake_up),
		cmocka_unit_test(a_semaphore_remembers),
		cmocka_unit_test(a_bounded_semaphore_minds_its_maximum),
		cmocka_unit_test(an_event_stays_set),
		cmocka_unit_test(a_barrier_lets_its_group_go_and_no_other),
		cmocka_unit_test(readers_share_writers_do_not),
		cmocka_unit_test(writers_first_holds_readers_back),
		cmocka_unit_test(a_buffer_crashes_where_a_queue_blocks),
		cmocka_unit_test(a_queue_is_joined_when_all_is_done),
		cmocka_unit_test(getfor_times_out_only_while_empty),
		cmocka_unit_test(select_takes_the_lowest),
		cmocka_unit_test(choose_offers_every_value),
		cmocka_unit_test(a_store_buffer_hides_a_write),
		cmocka_unit_test(a_thread_sees_its_own_store_first),
		cmocka_unit_test(a_fence_waits_for_the_drain),
		cmocka_unit_test(a_later_thread_waits_for_its_start),
		cmocka_unit_test(nobody_waits_for_a_daemon),
		cmocka_unit_test(a_process_has_its_own_copies),
		cmocka_unit_test(an_atomic_block_is_one_step),
		cmocka_unit_test(blocking_inside_atomic_is_a_crash),
		cmocka_unit_test(a_first_blocking_statement_holds_atomic_back),
		cmocka_unit_test(cooperative_threads_keep_the_processor),
		cmocka_unit_test(two_in_a_region_are_seen),
		cmocka_unit_test(order_counts_the_first_marks),
		cmocka_unit_test(always_holds_at_the_start_too),
		cmocka_unit_test(arithmetic_wraps),
		cmocka_unit_test(an_endless_private_loop_is_a_crash),
		cmocka_unit_test(an_index_out_of_range_is_a_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
