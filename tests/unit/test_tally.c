/*
 * test_tally.c - outcomes of runs beside those of the search.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/tally.h"

static const char race[] = "shared count = 0\nthread A, B:\n    count += 1\n"
			   "finally count == 2\n";

struct fixture {
	struct program *program;
	struct search *search;
	struct tally *tally;
};

static struct fixture open(const char *text, bool expect)
{
	struct fixture f = {.program = scenario(text)};
	struct search_options o = {.graph_only = true};

	f.search = search_new(f.program, &o);
	assert_int_equal(search_run(f.search, NULL, NULL), SEARCH_DONE);
	f.tally = tally_new(f.program);
	if (expect)
		tally_expect(f.tally, search_report(f.search));
	return f;
}

static void shut(struct fixture *f)
{
	tally_free(f->tally);
	search_free(f->search);
	program_free(f->program);
}

static void add(struct fixture *f, enum tally_column c, enum verdict v,
		bool complete, int32_t value)
{
	tally_add(f->tally, c,
		  &(struct tally_end){.verdict = v,
				      .complete = complete,
				      .values = &value,
				      .printed = true});
}

static void assert_format(const struct fixture *f, size_t i, const char *want)
{
	struct str s = {0};

	tally_format(f->tally, tally_row(f->tally, i), &s);
	assert_string_equal(str_cstr(&s), want);
	str_free(&s);
}

static void assert_exact(const struct fixture *f, const char *want)
{
	struct str s = {0};

	tally_format_exact(f->tally, &s);
	assert_string_equal(str_cstr(&s), want);
	str_free(&s);
}

static void what_never_came_is_a_row(void **state)
{
	struct fixture f = open(race, true);
	const struct tally_row *row;

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_OK, true, 2);
	assert_int_equal(tally_count(f.tally), 2);
	row = tally_row(f.tally, 0);
	assert_format(&f, 0, "count=1");
	assert_int_equal(row->verdict, VERDICT_VIOLATED);
	assert_int_equal(tally_note(f.tally, row), TALLY_ABSENT);
	assert_true(row->schedules.exact == 4);
	assert_true(tally_share(f.tally, row) > 0.66);
	row = tally_row(f.tally, 1);
	assert_format(&f, 1, "count=2");
	assert_int_equal(tally_note(f.tally, row), TALLY_SEEN);
	assert_int_equal(row->seen[TALLY_PLAIN], 1);
	assert_int_equal(row->seen[TALLY_CHAOS], 0);
	shut(&f);
}

static void sums_go_by_column(void **state)
{
	struct fixture f = open(race, true);
	struct tally_sum plain, chaos;

	(void)state;
	for (int i = 0; i < 10; i++)
		add(&f, TALLY_PLAIN, VERDICT_OK, true, 2);
	for (int i = 0; i < 3; i++)
		add(&f, TALLY_CHAOS, VERDICT_VIOLATED, true, 1);
	add(&f, TALLY_CHAOS, VERDICT_OK, true, 2);
	add(&f, TALLY_CHAOS, VERDICT_NONE, false, 1);
	plain = tally_sum(f.tally, TALLY_PLAIN);
	chaos = tally_sum(f.tally, TALLY_CHAOS);
	assert_int_equal(plain.runs, 10);
	assert_int_equal(plain.wrong, 0);
	assert_int_equal(chaos.runs, 5);
	assert_int_equal(chaos.wrong, 3);
	assert_int_equal(chaos.stopped, 1);
	assert_int_equal(chaos.unknown, 0);
	assert_true(tally_wrong(f.tally).exact == 4);
	assert_exact(&f, "4 of 6 schedules wrong");
	assert_true(tally_schedules(f.tally).exact == 6);
	shut(&f);
}

static void what_cannot_be_comes_first(void **state)
{
	struct fixture f = open(race, true);

	(void)state;
	add(&f, TALLY_CHAOS, VERDICT_VIOLATED, true, 7);
	add(&f, TALLY_PLAIN, VERDICT_NONE, false, 0);
	assert_int_equal(tally_count(f.tally), 4);
	assert_format(&f, 0, "count=7");
	assert_int_equal(tally_note(f.tally, tally_row(f.tally, 0)),
			 TALLY_UNKNOWN);
	assert_int_equal(tally_sum(f.tally, TALLY_CHAOS).unknown, 1);
	/* The same values with another verdict are something else. */
	add(&f, TALLY_CHAOS, VERDICT_OK, true, 1);
	assert_int_equal(tally_sum(f.tally, TALLY_CHAOS).unknown, 2);
	/* Who was stopped contradicts nobody. */
	assert_int_equal(tally_row(f.tally, 4)->verdict, VERDICT_NONE);
	assert_int_equal(tally_note(f.tally, tally_row(f.tally, 4)),
			 TALLY_SEEN);
	shut(&f);
}

static void the_search_may_come_late(void **state)
{
	struct fixture f = open(race, false);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_OK, true, 2);
	add(&f, TALLY_PLAIN, VERDICT_OK, true, 3);
	assert_false(tally_is_exact(f.tally));
	assert_int_equal(tally_count(f.tally), 2);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).unknown, 0);
	tally_expect(f.tally, search_report(f.search));
	assert_true(tally_is_exact(f.tally));
	assert_int_equal(tally_count(f.tally), 3);
	assert_format(&f, 0, "count=3");
	assert_format(&f, 1, "count=1");
	assert_format(&f, 2, "count=2");
	assert_int_equal(tally_row(f.tally, 2)->seen[TALLY_PLAIN], 1);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).unknown, 1);
	shut(&f);
}

static void clearing_keeps_the_exact_set(void **state)
{
	struct fixture f = open(race, true);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_OK, true, 2);
	add(&f, TALLY_PLAIN, VERDICT_OK, true, 3);
	tally_clear(f.tally);
	assert_int_equal(tally_count(f.tally), 2);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).runs, 0);
	assert_int_equal(tally_note(f.tally, tally_row(f.tally, 1)),
			 TALLY_ABSENT);
	add(&f, TALLY_PLAIN, VERDICT_OK, true, 2);
	assert_int_equal(tally_row(f.tally, 1)->seen[TALLY_PLAIN], 1);
	shut(&f);
}

/* A failed assertion stops the run: where the others were is an accident. */
static void cut_short_is_one_row(void **state)
{
	struct fixture f = open("shared n = 0\nshared ok = 1\n"
				"thread A:\n    ok = 0\n    ok = 1\n"
				"thread B:\n    n = 1\n    n = 2\n"
				"thread C:\n    assert ok == 1\n",
				true);
	const int32_t values[] = {99, 0};
	const struct tally_row *row = tally_row(f.tally, 0);

	(void)state;
	assert_int_equal(row->verdict, VERDICT_VIOLATED);
	assert_false(row->exact);
	assert_int_equal(tally_row(f.tally, 1)->verdict, VERDICT_OK);
	assert_true(row->schedules.exact == tally_wrong(f.tally).exact);
	tally_add(f.tally, TALLY_CHAOS,
		  &(struct tally_end){.verdict = VERDICT_VIOLATED,
				      .values = values,
				      .printed = true});
	assert_int_equal(tally_row(f.tally, 0)->seen[TALLY_CHAOS], 1);
	assert_int_equal(tally_sum(f.tally, TALLY_CHAOS).unknown, 0);
	assert_format(&f, 0, "");
	shut(&f);
}

static void deadlocks_have_values(void **state)
{
	struct fixture f = open("shared n = 0\nmutex a, b\n"
				"thread A:\n    lock a\n    n = 1\n    lock b\n"
				"    unlock b\n    unlock a\n"
				"thread B:\n    lock b\n    n = 2\n    lock a\n"
				"    unlock a\n    unlock b\n",
				true);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_DEADLOCK, false, 2);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).unknown, 0);
	add(&f, TALLY_PLAIN, VERDICT_DEADLOCK, false, 0);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).unknown, 1);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).wrong, 2);
	assert_format(&f, 0, "n=0");
	shut(&f);
}

static void outputs_tell_ends_apart(void **state)
{
	struct fixture f = open("shared n = 0\nthread A:\n    print \"a\"\n"
				"thread B:\n    print \"b\"\n",
				true);
	struct tally_end end = {.verdict = VERDICT_OK,
				.complete = true,
				.values = &(int32_t){0},
				.printed = true};

	(void)state;
	assert_int_equal(tally_count(f.tally), 2);
	end.output = outputs_add(f.program->outputs, 0, "b");
	end.output = outputs_add(f.program->outputs, end.output, "a");
	tally_add(f.tally, TALLY_PLAIN, &end);
	assert_int_equal(tally_count(f.tally), 2);
	end.output = outputs_add(f.program->outputs, 0, "c");
	tally_add(f.tally, TALLY_PLAIN, &end);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).unknown, 1);
	assert_format(&f, 0, "n=0 c");
	/* What it printed got lost: that accuses nobody. */
	end.printed = false;
	tally_add(f.tally, TALLY_PLAIN, &end);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).unknown, 1);
	assert_int_equal(tally_sum(f.tally, TALLY_PLAIN).runs, 3);
	shut(&f);
}

static void endless_schedules_have_a_chance(void **state)
{
	struct fixture f = open("shared go = 0\nshared n = 0\n"
				"thread A:\n    while go == 0:\n        yield\n"
				"    n = 1\n"
				"thread B:\n    go = 1\n",
				true);

	(void)state;
	assert_true(tally_schedules(f.tally).infinite);
	assert_true(tally_share(f.tally, tally_row(f.tally, 0)) > 0.99);
	assert_true(tally_wrong_share(f.tally) < 0.01);
	assert_exact(&f, "no schedule wrong");
	shut(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_never_came_is_a_row),
		cmocka_unit_test(sums_go_by_column),
		cmocka_unit_test(what_cannot_be_comes_first),
		cmocka_unit_test(the_search_may_come_late),
		cmocka_unit_test(clearing_keeps_the_exact_set),
		cmocka_unit_test(cut_short_is_one_row),
		cmocka_unit_test(deadlocks_have_values),
		cmocka_unit_test(outputs_tell_ends_apart),
		cmocka_unit_test(endless_schedules_have_a_chance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
