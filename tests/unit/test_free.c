/*
 * test_free.c - free runs: real threads, left alone, end as they should.
 *
 * What the kernel decides is not asserted, only what holds however it decides.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <sys/wait.h>

#include "engine/freerun.h"
#include "engine/front.h"
#include "scenario.h"
#include "threadviz/free.h"

enum { ROOM = 4096 };

struct seen {
	struct event events[ROOM * 16];
	size_t count;
	enum free_state state;
	enum verdict verdict;
	struct free_counts counts;
	struct str why;
};

/* Runs it to its end; the events, as many as there is room for. */
static struct free_run *run(const struct program *p,
			    const struct free_options *o, struct seen *s)
{
	struct error err = {0};
	struct free_run *f = free_start(p, o, &err);
	static struct event batch[ROOM];

	assert_string_equal(err.text, "");
	assert_non_null(f);
	memset(s, 0, sizeof *s);
	for (bool over = false; !over;) {
		size_t n = free_poll(f, batch, ROOM);

		over = n < ROOM && free_state(f) > FREE_PAUSED &&
		       s->state == free_state(f);
		s->state = free_state(f);
		for (size_t i = 0; i < n && s->count < ROOM * 16; i++)
			s->events[s->count++] = batch[i];
	}
	s->verdict = free_verdict(f, &s->why);
	if (s->state == FREE_DIED) {
		free_errors(f, &s->why);
		fprintf(stderr, "%s\n", str_cstr(&s->why));
	}
	free_count(f, &s->counts);
	return f;
}

static struct seen seen;

static enum verdict verdict_of(const char *text, const struct free_options *o)
{
	struct program *p = scenario(text);

	free_close(run(p, o, &seen));
	str_free(&seen.why);
	program_free(p);
	return seen.verdict;
}

static const struct free_options plain = {.seed = 1};
static const struct free_options chaos = {.seed = 1, .chaos = 7};

static void ends_ok_under_a_lock(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("shared n = 0\nmutex m\n"
				    "thread A, B:\n    repeat 500:\n"
				    "        lock m\n        n += 1\n"
				    "        unlock m\n"
				    "finally n == 1000\n",
				    &chaos),
			 VERDICT_OK);
	assert_int_equal(seen.state, FREE_ENDED);
}

/* From unlock to lock: every generation once, given up by who had it; also of
 * records that come late, which stand behind younger ones. */
static void generations_are_exact(void **state)
{
	enum { TURNS = 600 };
	thread_id holder[TURNS + 1];
	int taken = 0;

	(void)state;
	verdict_of("mutex m\nthread T[3]:\n    repeat 200:\n"
		   "        lock m\n        unlock m\n",
		   &chaos);
	for (int i = 0; i <= TURNS; i++)
		holder[i] = THREAD_NONE;
	for (size_t i = 0; i < seen.count; i++) {
		const struct event *e = &seen.events[i];

		if (event_is_mark(e))
			continue;
		assert_in_range(e->extra, 1, TURNS);
		if (e->kind == OP_LOCK) {
			assert_int_equal(holder[e->extra], THREAD_NONE);
			holder[e->extra] = e->thread;
			taken++;
		} else if (e->kind == OP_UNLOCK) {
			assert_int_equal(holder[e->extra], e->thread);
		}
	}
	assert_int_equal(taken, TURNS);
}

static void times_never_go_back(void **state)
{
	(void)state;
	verdict_of("shared n = 0\nthread A, B:\n    repeat 1000:\n"
		   "        n += 1\n",
		   &plain);
	assert_true(seen.count > 4000);
	for (size_t i = 1; i < seen.count; i++)
		assert_true(seen.events[i].time >= seen.events[i - 1].time);
	assert_int_equal(seen.counts.lost, 0);
}

static void small_rings_count_what_they_lose(void **state)
{
	const struct free_options small = {.ring = 16, .no_kernel = true};
	uint64_t records = 0;

	(void)state;
	verdict_of("shared n = 0\nthread A:\n    repeat 20000:\n"
		   "        n = n + 1\nfinally n == 20000\n",
		   &small);
	assert_int_equal(seen.verdict, VERDICT_OK);
	for (size_t i = 0; i < seen.count; i++)
		records += seen.events[i].kind <= OP_COUNT ||
			   seen.events[i].kind == EVENT_END;
	assert_int_equal(records + seen.counts.lost, 40001);
}

static void deadlock_is_seen_and_explained(void **state)
{
	struct program *p = scenario("mutex red, blue\nsem a = 0, b = 0\n"
				     "thread A:\n    lock red\n    post a\n"
				     "    wait b\n    lock blue\n"
				     "thread B:\n    lock blue\n    post b\n"
				     "    wait a\n    lock red\n");

	(void)state;
	free_close(run(p, &plain, &seen));
	assert_int_equal(seen.state, FREE_HUNG);
	assert_int_equal(seen.verdict, VERDICT_DEADLOCK);
	assert_non_null(strstr(str_cstr(&seen.why), "which B holds"));
	assert_non_null(strstr(str_cstr(&seen.why), "which A holds"));
	str_free(&seen.why);
	program_free(p);
}

/* A lock taken twice is a hang, a long sleep is none. */
static void only_hangs_are_hangs(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("mutex m\nthread A:\n    lock m\n"
				    "    lock m\n",
				    &plain),
			 VERDICT_DEADLOCK);
	assert_int_equal(verdict_of("thread A:\n    sleep 600\n", &plain),
			 VERDICT_OK);
}

static void asserts_and_crashes_end_it(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("mutex m\nthread A:\n    assert 1 == 2\n"
				    "thread B:\n    lock m\n    lock m\n",
				    &plain),
			 VERDICT_VIOLATED);
	assert_int_equal(seen.state, FREE_FAILED);
	assert_int_equal(
		verdict_of("mutex m\nthread A:\n    unlock m\n", &plain),
		VERDICT_CRASH);
	assert_int_equal(verdict_of("shared n = 1\nthread A:\n    n = 0\n"
				    "finally n == 1\n",
				    &plain),
			 VERDICT_VIOLATED);
}

/* Every kind of waiting, a way through and back. */
static void everything_that_waits_wakes(void **state)
{
	static const char *const texts[] = {
		"mutex m\ncond c\nshared go = 0\n"
		"thread A:\n    lock m\n    while not go:\n"
		"        wait c, m\n    unlock m\n"
		"thread B:\n    lock m\n    go = 1\n    signal c\n"
		"    unlock m\n",
		"sem s = 0\nthread A:\n    wait s\nthread B:\n    post s\n",
		"barrier b = 3\nthread T[3]:\n    repeat 20:\n"
		"        wait b\n",
		"event e\nthread A, B:\n    wait e\nthread C:\n    set e\n",
		"queue q max 1\nshared n = 0\nthread A:\n    repeat 50:\n"
		"        put q, 2\nthread B:\n    repeat 50:\n"
		"        n = n + get(q)\nfinally n == 100\n",
		"countdown c = 2\nthread A, B:\n    arrive c\n"
		"thread C:\n    wait c\n",
		"shared n = 0\nthread A:\n    start B\n    join B\n"
		"    assert n == 1\nlater thread B:\n    n = 1\n",
		"rwlock l\nshared n = 0\nthread R[3]:\n    repeat 20:\n"
		"        rdlock l\n        unlock l\n"
		"thread W:\n    repeat 20:\n        wrlock l\n"
		"        n += 1\n        unlock l\nfinally n == 20\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		assert_int_equal(verdict_of(texts[i], &plain), VERDICT_OK);
		assert_int_equal(verdict_of(texts[i], &chaos), VERDICT_OK);
	}
}

static void wake(struct beds *b, bool all)
{
	freerun_wake(b, all);
	freerun_has_woken(b);
}

/* A wake-up is owed to one of those who slept when it came. */
static void only_sleepers_are_woken(void **state)
{
	struct beds b = {0};

	(void)state;
	assert_true(freerun_make_beds(&b));
	freerun_lie_down(&b, 0);
	wake(&b, false);
	wake(&b, false); /* nobody is left to wake */
	assert_int_equal(freerun_asleep(&b), 0);
	freerun_lie_down(&b, 1);
	assert_int_equal(freerun_asleep(&b), 1);
	/* 0 is who was woken, though the system calls it late. */
	assert_int_equal(freerun_get_up(&b, 0, true), BACK_WOKEN);
	assert_int_equal(freerun_get_up(&b, 1, false), BACK_SPURIOUS);
	assert_int_equal(freerun_get_up(&b, 1, true), BACK_LATE);
	assert_int_equal(freerun_asleep(&b), 0);
}

/* Given without the mutex: who lies down meanwhile may be meant. */
static void signals_take_a_while(void **state)
{
	struct beds b = {0};

	(void)state;
	assert_true(freerun_make_beds(&b));
	freerun_lie_down(&b, 0);
	freerun_wake(&b, false);
	freerun_lie_down(&b, 1);
	freerun_has_woken(&b);
	freerun_lie_down(&b, 2);
	assert_int_equal(freerun_get_up(&b, 2, false), BACK_SPURIOUS);
	assert_int_equal(freerun_get_up(&b, 1, false), BACK_WOKEN);
	assert_int_equal(freerun_get_up(&b, 0, true), BACK_LATE);
}

static void late_ones_leave_the_wake_up_to_others(void **state)
{
	struct beds b = {0};

	(void)state;
	assert_true(freerun_make_beds(&b));
	for (thread_id t = 0; t < 3; t++)
		freerun_lie_down(&b, t);
	wake(&b, false);
	freerun_lie_down(&b, 3);
	wake(&b, true);
	assert_int_equal(freerun_asleep(&b), 0);
	assert_int_equal(freerun_get_up(&b, 3, true), BACK_WOKEN);
	freerun_lie_down(&b, 3);
	freerun_lie_down(&b, 4);
	wake(&b, false); /* for 3 or 4; 0, 1 and 2 have been */
	assert_int_equal(freerun_get_up(&b, 4, true), BACK_LATE);
	assert_int_equal(freerun_get_up(&b, 3, true), BACK_WOKEN);
	for (thread_id t = 0; t < 3; t++)
		assert_int_equal(freerun_get_up(&b, t, true), BACK_WOKEN);
}

/* Every kind of waiting again, one thread at a time; and no switch elsewhere:
 * without the turn, chaos loses some of the additions. */
static void cooperative_threads_take_turns(void **state)
{
	static const char *const texts[] = {
		"shared n = 0\nthread A, B:\n    repeat 200:\n"
		"        n += 1\n    yield\n    repeat 200:\n"
		"        n += 1\nfinally n == 800\n",
		"mutex m\ncond c\nshared go = 0\n"
		"thread A, B:\n    lock m\n    while not go:\n"
		"        wait c, m\n    unlock m\n    signal c\n"
		"thread C:\n    lock m\n    go = 1\n    signal c\n"
		"    unlock m\n",
		"queue q max 1\nbarrier b = 2\nshared n = 0\n"
		"thread A:\n    repeat 50:\n        put q, 2\n    wait b\n"
		"thread B:\n    repeat 50:\n        n = n + get(q)\n"
		"    wait b\nfinally n == 100\n",
		"shared n = 0\nthread A:\n    start B\n    join B\n"
		"    assert n == 1\nlater thread B:\n    sleep 5\n"
		"    n = 1\n",
		"queue q\nmutex m, o\ncond c\nsem s = 0, g = 0\n"
		"thread A:\n    lock m\n    lock o\n    post g\n"
		"    let a = getfor(q, 5)\n    assert a == -1\n"
		"    let b = waitfor(c, o, 5)\n    assert b == 0\n"
		"    wait s\n    unlock m\n"
		"thread B:\n    wait g\n    let a = lockfor(m, 5)\n"
		"    assert a == 0\n"
		"    post s\n    lock m\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct str text = {0};

		str_addf(&text, "cooperative\n%s", texts[i]);
		assert_int_equal(verdict_of(str_cstr(&text), &chaos),
				 VERDICT_OK);
		str_free(&text);
	}
	assert_int_equal(verdict_of("cooperative\nsem s = 0\n"
				    "thread A, B:\n    wait s\n",
				    &plain),
			 VERDICT_DEADLOCK);
}

/* Nobody comes between two touches of a block, not even a plain write. */
static void blocks_are_one_step(void **state)
{
	(void)state;
	assert_int_equal(verdict_of("shared x = 0, y = 0\n"
				    "thread A:\n    repeat 5000:\n"
				    "        atomic:\n            let a = x\n"
				    "            repeat 50:\n"
				    "                let c = y\n"
				    "            let b = x\n"
				    "        assert a == b\n"
				    "daemon thread B:\n    loop:\n"
				    "        x += 1\n",
				    &plain),
			 VERDICT_OK);
	for (size_t i = 0; i < seen.count; i++)
		if (seen.events[i].thread == 0 &&
		    seen.events[i].kind == OP_READ)
			assert_true(seen.events[i].flags & EVENT_ATOMIC);
}

/* What a block cannot have at first it waits for, and what it does wakes. */
static void blocks_wait_and_wake(void **state)
{
	static const char text[] = "sem s = 0\nmutex m\ncond c\nevent e\n"
				   "shared n = 0\n"
				   "thread A:\n    atomic:\n        wait s\n"
				   "        n = 1\n        set e\n"
				   "    lock m\n    n = 2\n    atomic:\n"
				   "        signal c\n        unlock m\n"
				   "thread B:\n    wait e\n    lock m\n"
				   "    while n < 2:\n        wait c, m\n"
				   "thread C:\n    sleep 5\n    post s\n";

	(void)state;
	for (int i = 0; i < 10; i++)
		assert_int_equal(verdict_of(text, i % 2 ? &chaos : &plain),
				 VERDICT_OK);
	assert_int_equal(verdict_of("sem s = 0\nthread A:\n    atomic:\n"
				    "        wait s\n        post s\n",
				    &plain),
			 VERDICT_DEADLOCK);
}

static void missing_processors_are_named(void **state)
{
	struct program *p = scenario("thread A cpu 999:\n    yield\n"
				     "thread B cpu 0:\n    yield\n");
	struct free_run *f = run(p, &plain, &seen);

	(void)state;
	assert_non_null(strstr(free_missing(f), "there is no CPU 999 for A"));
	assert_null(strstr(free_missing(f), "for B"));
	free_close(f);
	str_free(&seen.why);
	program_free(p);
}

/* Nothing to follow: so it refuses, and that is said. */
static void a_kernel_that_refuses_is_named(void **state)
{
	struct kernel *k = kernel_open(INT32_MAX);

	(void)state;
	assert_int_equal(kernel_views(k), 0);
	assert_non_null(strstr(kernel_missing(k), "the kernel refuses ("));
	kernel_close(k);
}

static void pause_stops_and_continue_goes_on(void **state)
{
	struct program *p = scenario("shared n = 0\nthread A:\n"
				     "    while 1:\n        n = 1 - n\n");
	struct error err = {0};
	static struct event batch[ROOM];
	struct free_run *f = free_start(p, &plain, &err);
	size_t n = 0;

	(void)state;
	assert_non_null(f);
	while (!free_poll(f, batch, ROOM))
		continue;
	free_pause(f);
	assert_int_equal(free_state(f), FREE_PAUSED);
	free_continue(f);
	assert_int_equal(free_state(f), FREE_RUNNING);
	while (n < 1000000)
		n += free_poll(f, batch, ROOM);
	free_close(f);
	program_free(p);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static uint64_t ns_now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* All there is now; the latest time. */
static uint64_t drain(struct free_run *f, uint64_t last)
{
	static struct event batch[ROOM];
	size_t n;

	do {
		n = free_poll(f, batch, ROOM);
		for (size_t i = 0; i < n; i++) {
			assert_true(batch[i].time >= last);
			last = batch[i].time;
		}
	} while (n == ROOM);
	return last;
}

/* Neither on the clock nor in the records, however long it was. */
static void pauses_are_no_part_of_the_run(void **state)
{
	static const struct timespec nap = {0, 60000000};
	struct program *p = scenario("shared n = 0\nthread A, B:\n"
				     "    while 1:\n        n = 1 - n\n");
	uint64_t begun = ns_now(), last = 0, paused;
	struct error err = {0};
	struct free_run *f = free_start(p, &plain, &err);
	struct free_counts c;

	(void)state;
	assert_non_null(f);
	for (uint64_t i = 1; i <= 3; i++) {
		while (!last)
			last = drain(f, last);
		free_pause(f);
		(void)nanosleep(&nap, NULL);
		paused = drain(f, last);
		free_count(f, &c);
		(void)nanosleep(&nap, NULL);
		assert_int_equal(drain(f, paused), paused);
		free_continue(f);
		for (last = paused; last == paused;)
			last = drain(f, last);
		free_count(f, &c);
		assert_int_equal(c.pauses, i);
		assert_true(last <= ns_now() - begun - i * 120000000);
		assert_true(c.seconds <= (double)(ns_now() - begun) / 1e9 -
						 (double)i * 0.12);
	}
	free_close(f);
	program_free(p);
}

static void a_killed_process_is_said(void **state)
{
	struct program *p = scenario("shared n = 0\nthread A:\n"
				     "    while 1:\n        n = 1 - n\n");
	struct error err = {0};
	struct free_run *f = free_start(p, &plain, &err);
	struct str why = {0};

	(void)state;
	assert_non_null(f);
	assert_int_equal(kill(f->child.pid, SIGKILL), 0);
	while (free_state(f) <= FREE_PAUSED)
		continue;
	assert_int_equal(free_state(f), FREE_DIED);
	assert_int_equal(free_verdict(f, &why), VERDICT_NONE);
	assert_non_null(strstr(str_cstr(&why), "was killed: signal 9"));
	str_free(&why);
	free_close(f);
	program_free(p);
}

static void prints_in_order(void **state)
{
	struct program *p = scenario("thread A:\n    print \"a\", 1\n"
				     "    print \"b\"\n");
	uint32_t id;
	struct free_run *f = run(p, &plain, &seen);

	(void)state;
	id = free_output(f);
	assert_int_equal(outputs_count(p->outputs, id), 2);
	assert_string_equal(outputs_line(p->outputs, id, 1), "b");
	free_close(f);
	str_free(&seen.why);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends_ok_under_a_lock),
		cmocka_unit_test(generations_are_exact),
		cmocka_unit_test(times_never_go_back),
		cmocka_unit_test(small_rings_count_what_they_lose),
		cmocka_unit_test(deadlock_is_seen_and_explained),
		cmocka_unit_test(only_hangs_are_hangs),
		cmocka_unit_test(asserts_and_crashes_end_it),
		cmocka_unit_test(everything_that_waits_wakes),
		cmocka_unit_test(only_sleepers_are_woken),
		cmocka_unit_test(signals_take_a_while),
		cmocka_unit_test(late_ones_leave_the_wake_up_to_others),
		cmocka_unit_test(cooperative_threads_take_turns),
		cmocka_unit_test(blocks_are_one_step),
		cmocka_unit_test(blocks_wait_and_wake),
		cmocka_unit_test(missing_processors_are_named),
		cmocka_unit_test(a_kernel_that_refuses_is_named),
		cmocka_unit_test(pause_stops_and_continue_goes_on),
		cmocka_unit_test(pauses_are_no_part_of_the_run),
		cmocka_unit_test(a_killed_process_is_said),
		cmocka_unit_test(prints_in_order),
	};

	return cmocka_run_group_tests_name("free", tests, NULL, NULL);
}
