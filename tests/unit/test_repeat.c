/*
 * test_repeat.c - free runs one after another, and how each is judged.
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

#include "scenario.h"
#include "threadviz/explore.h"
#include "threadviz/repeat.h"
#include "threadviz/tally.h"

static const struct free_options chaos = {.chaos = 7, .seed = 1};

/* Until a run has ended; REPEAT_DONE if there is none any more. */
static enum repeat_status next(struct repeat *r)
{
	struct error err = {0};
	enum repeat_status s = repeat_work(r, &err);

	for (; s == REPEAT_BUSY; s = repeat_work(r, &err))
		repeat_rest(r);
	assert_string_equal(err.text, "");
	return s;
}

static void assert_no_child(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void so_many_runs_and_no_more(void **state)
{
	struct program *p = scenario("shared n = 0\nmutex m\nthread A, B:\n"
				     "    lock m\n    n += 1\n    unlock m\n"
				     "finally n == 2\n");
	struct repeat *r = repeat_new(p, &chaos, 5);

	(void)state;
	for (uint64_t i = 1; i <= 5; i++) {
		assert_int_equal(next(r), REPEAT_ENDED);
		assert_int_equal(repeat_count(r), i);
		assert_int_equal(repeat_end(r)->state, FREE_ENDED);
		assert_int_equal(repeat_end(r)->verdict, VERDICT_OK);
		assert_true(repeat_end(r)->complete);
		assert_false(repeat_end(r)->unexplained);
		assert_int_equal(repeat_value(r, 0, 0), 2);
	}
	assert_int_equal(next(r), REPEAT_DONE);
	assert_int_equal(next(r), REPEAT_DONE);
	assert_int_equal(repeat_count(r), 5);
	assert_no_child();
	repeat_free(r);
	program_free(p);
}

/* All that a run recorded passes by, its verdict last. */
static void records_are_handed_out(void **state)
{
	struct program *p = scenario("shared n = 0\nthread A:\n"
				     "    repeat 3000:\n        n += 1\n");
	struct repeat *r = repeat_new(p, &chaos, 2);
	struct error err = {0};
	enum repeat_status s;
	size_t touches = 0, verdicts = 0, n;

	(void)state;
	while ((s = repeat_work(r, &err)) < REPEAT_DONE) {
		const struct event *e = repeat_records(r, &n);

		for (size_t i = 0; i < n; i++) {
			touches +=
				e[i].kind == OP_READ || e[i].kind == OP_WRITE;
			verdicts += e[i].kind == EVENT_VERDICT;
		}
		if (s == REPEAT_ENDED)
			assert_int_equal(e[n - 1].kind, EVENT_VERDICT);
		repeat_rest(r);
	}
	assert_int_equal(s, REPEAT_DONE);
	assert_int_equal(touches, 2 * 6000);
	assert_int_equal(verdicts, 2);
	(void)repeat_records(r, &n);
	assert_int_equal(n, 0);
	repeat_free(r);
	program_free(p);
}

static void a_hang_is_a_deadlock(void **state)
{
	struct program *p = scenario("mutex m\nthread A:\n    lock m\n"
				     "    lock m\n");
	struct repeat *r = repeat_new(p, &chaos, 2);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(next(r), REPEAT_ENDED);
		assert_int_equal(repeat_end(r)->state, FREE_HUNG);
		assert_int_equal(repeat_end(r)->verdict, VERDICT_DEADLOCK);
		assert_false(repeat_end(r)->complete);
		assert_non_null(
			strstr(str_cstr(&repeat_end(r)->why), "A waits"));
	}
	repeat_free(r);
	assert_no_child();
	program_free(p);
}

static void what_takes_for_ever_is_stopped(void **state)
{
	const struct free_options limited = {.seconds = 0.05};
	struct program *p = scenario("atomic n = 0\nthread A:\n"
				     "    while n == 0:\n        sleep 1\n");
	struct repeat *r = repeat_new(p, &limited, 2);

	(void)state;
	for (int i = 0; i < 2; i++) {
		assert_int_equal(next(r), REPEAT_ENDED);
		assert_int_equal(repeat_end(r)->state, FREE_STOPPED);
		assert_int_equal(repeat_end(r)->verdict, VERDICT_NONE);
		assert_false(repeat_end(r)->complete);
	}
	assert_int_equal(next(r), REPEAT_DONE);
	repeat_free(r);
	program_free(p);
}

static void giving_up_kills(void **state)
{
	struct program *p = scenario("thread A:\n    sleep 60000\n");
	struct repeat *r = repeat_new(p, &chaos, 1000);
	struct error err = {0};

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(repeat_work(r, &err), REPEAT_BUSY);
	repeat_free(r);
	assert_no_child();
	program_free(p);
}

/* Which of four values comes is drawn anew in each run. */
static void seeds_advance(void **state)
{
	struct program *p = scenario("shared n = 0\nthread A:\n"
				     "    n = choose(0..3)\n");
	struct repeat *r = repeat_new(p, &chaos, 40);
	unsigned seen = 0;

	(void)state;
	while (next(r) == REPEAT_ENDED)
		seen |= 1u << repeat_value(r, 0, 0);
	assert_true(seen & (seen - 1));
	repeat_free(r);
	program_free(p);
}

static void what_had_to_hold_all_along_is_judged(void **state)
{
	struct program *p = scenario("shared n = 0\nthread A:\n    n = 7\n"
				     "    n = 0\nalways n < 5\n");
	struct repeat *r = repeat_new(p, &chaos, 1);

	(void)state;
	assert_int_equal(next(r), REPEAT_ENDED);
	assert_int_equal(repeat_end(r)->state, FREE_ENDED);
	assert_int_equal(repeat_end(r)->verdict, VERDICT_VIOLATED);
	assert_false(repeat_end(r)->complete);
	assert_non_null(strstr(str_cstr(&repeat_end(r)->why), "always n < 5"));
	repeat_free(r);
	program_free(p);
}

/* Daemons go on in memory after the end: their later steps do not count. */
static void daemons_do_not_change_the_end(void **state)
{
	struct program *p = scenario("atomic n = 0, over = 0\n"
				     "daemon thread D:\n    loop:\n"
				     "        if not over:\n"
				     "            n = 1\n"
				     "        else:\n"
				     "            n = 2\n"
				     "thread A:\n    over = 1\n"
				     "finally n < 2\n");
	struct search_options graph = {.graph_only = true};
	struct search *s = search_new(p, &graph);
	struct repeat *r = repeat_new(p, &chaos, 30);
	struct tally *t = tally_new(p);

	(void)state;
	assert_int_equal(search_run(s, NULL, NULL), SEARCH_DONE);
	tally_expect(t, search_report(s));
	while (next(r) == REPEAT_ENDED) {
		const int32_t values[] = {repeat_value(r, 0, 0),
					  repeat_value(r, 1, 0)};

		tally_add(
			t, TALLY_CHAOS,
			&(struct tally_end){.verdict = repeat_end(r)->verdict,
					    .complete = repeat_end(r)->complete,
					    .values = values,
					    .printed = true});
	}
	assert_int_equal(tally_sum(t, TALLY_CHAOS).runs, 30);
	assert_int_equal(tally_sum(t, TALLY_CHAOS).wrong, 0);
	assert_int_equal(tally_sum(t, TALLY_CHAOS).unknown, 0);
	tally_free(t);
	repeat_free(r);
	search_free(s);
	program_free(p);
}

/* Whatever comes, the search knows it. */
static void every_outcome_is_possible(void **state)
{
	struct program *p = shipped("race-five", NULL, 0);
	struct search_options graph = {.graph_only = true};
	struct search *s = search_new(p, &graph);
	struct repeat *r = repeat_new(p, &chaos, 60);
	struct tally *t = tally_new(p);

	(void)state;
	assert_int_equal(search_run(s, NULL, NULL), SEARCH_DONE);
	tally_expect(t, search_report(s));
	while (next(r) == REPEAT_ENDED) {
		const int32_t num = repeat_value(r, 0, 0);

		assert_false(repeat_end(r)->unexplained);
		tally_add(
			t, TALLY_CHAOS,
			&(struct tally_end){.verdict = repeat_end(r)->verdict,
					    .complete = repeat_end(r)->complete,
					    .values = &num,
					    .printed = true});
	}
	assert_int_equal(tally_sum(t, TALLY_CHAOS).runs, 60);
	assert_int_equal(tally_sum(t, TALLY_CHAOS).unknown, 0);
	assert_int_equal(tally_count(t), 5);
	tally_free(t);
	repeat_free(r);
	search_free(s);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_runs_and_no_more),
		cmocka_unit_test(records_are_handed_out),
		cmocka_unit_test(a_hang_is_a_deadlock),
		cmocka_unit_test(what_takes_for_ever_is_stopped),
		cmocka_unit_test(giving_up_kills),
		cmocka_unit_test(seeds_advance),
		cmocka_unit_test(what_had_to_hold_all_along_is_judged),
		cmocka_unit_test(daemons_do_not_change_the_end),
		cmocka_unit_test(every_outcome_is_possible),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
