/*
 * test_histogram.c - the counted runs as a picture, fed by hand; and that
 * counting them never takes the keys away.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/gridout.h"
#include "tui/histogram.h"

static const char race[] = "shared count = 0\nthread A, B:\n    count += 1\n"
			   "finally count == 2\n";

struct fixture {
	struct program *program;
	struct histogram *h;
};

static struct fixture open(const char *text, bool expect)
{
	struct fixture f = {.program = scenario(text)};
	struct search_options o = {.graph_only = true};
	struct search *s = search_new(f.program, &o);

	assert_int_equal(search_run(s, NULL, NULL), SEARCH_DONE);
	f.h = histogram_new(f.program);
	if (expect)
		tally_expect(f.h->tally, search_report(s));
	search_free(s);
	return f;
}

static void shut(struct fixture *f)
{
	histogram_free(f->h);
	program_free(f->program);
}

static void add(struct fixture *f, enum tally_column c, enum verdict v,
		int32_t value, int times)
{
	const struct tally_end end = {.verdict = v,
				      .complete = v != VERDICT_NONE,
				      .values = &value,
				      .printed = true};

	for (int i = 0; i < times; i++)
		tally_add(f->h->tally, c, &end);
}

static struct str paint(const struct fixture *f, int w, int h, size_t first)
{
	struct str s = {0};
	struct grid g;

	grid_init(&g, w, h);
	histogram_paint(f->h, &g, grid_rect(&g), first);
	grid_write_text(&g, false, &s);
	grid_fini(&g);
	return s;
}

static void assert_shows(const struct fixture *f, int w, int h,
			 const char *want)
{
	struct str s = paint(f, w, h, 0);

	if (!strstr(str_cstr(&s), want))
		fail_msg("no \"%s\" in\n%s", want, str_cstr(&s));
	str_free(&s);
}

static struct fixture lecture(void)
{
	struct fixture f = open(race, true);

	add(&f, TALLY_PLAIN, VERDICT_OK, 2, 1000);
	add(&f, TALLY_CHAOS, VERDICT_VIOLATED, 1, 266);
	add(&f, TALLY_CHAOS, VERDICT_OK, 2, 734);
	return f;
}

static void both_numbers_stand_beside_the_exact_one(void **state)
{
	struct fixture f = lecture();

	(void)state;
	assert_shows(&f, 98, 32,
		     " plain 0 of 1000 wrong · chaos 266 of 1000 wrong · "
		     "exact 4 of 6 schedules wrong\n");
	assert_shows(&f, 78, 22,
		     " wrong: plain 0 of 1000 · chaos 266 of 1000 · exact 4 of "
		     "6 schedules\n");
	assert_shows(&f, 44, 10, "wrong: plain 0 · chaos 266 · exact 67%\n");
	assert_shows(&f, 22, 4, "wrong: 0 · 266 · 67%\n");
	shut(&f);
}

static void few_outcomes_get_blocks(void **state)
{
	struct fixture f = lecture();

	(void)state;
	assert_shows(&f, 60, 22, "\n count=1  WRONG\n");
	assert_shows(&f, 60, 22,
		     "   plain  ··························    0 of 1000    "
		     "0.0 %\n");
	assert_shows(&f, 60, 22,
		     "   chaos  ███████···················  266 of 1000   "
		     "26.6 %\n");
	assert_shows(&f, 60, 22,
		     "   exact  █████████████████·········       4 of 6   "
		     "66.7 %\n");
	assert_shows(&f, 60, 22, "\n count=2  right\n");
	shut(&f);
}

static void little_room_gets_rows(void **state)
{
	struct fixture f = lecture();

	(void)state;
	assert_shows(&f, 22, 4, "count=1    0  266  67%\n");
	assert_shows(&f, 22, 4, "count=2 1000  734  33%\n");
	assert_shows(&f, 60, 9,
		     " count=2  right  ██████ 1000  ████··  734  ██····  33.3 "
		     "%\n");
	shut(&f);
}

static void what_never_came_is_said(void **state)
{
	struct fixture f = open(race, true);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_OK, 2, 10);
	assert_shows(&f, 78, 22, "count=1  WRONG  possible, never seen\n");
	assert_shows(&f, 78, 10, "WRONG  possible, never seen");
	shut(&f);
}

/* Nobody knows how they would have ended. */
static void runs_that_were_stopped_are_neither_right_nor_wrong(void **state)
{
	struct fixture f = open(race, false);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_VIOLATED, 1, 8);
	add(&f, TALLY_CHAOS, VERDICT_NONE, 0, 7);
	f.h->cut[TALLY_CHAOS] = 7;
	assert_shows(&f, 98, 32,
		     " plain 8 of 8 wrong · chaos 0 of 0 wrong · exact ");
	assert_shows(&f, 98, 32, " runs in 0.0 s, 7 stopped after 2 s; too ");
	assert_shows(&f, 98, 32, "█       7 of 7  100.0 %\n");
	shut(&f);
}

static void what_cannot_be_is_said(void **state)
{
	struct fixture f = lecture();

	(void)state;
	add(&f, TALLY_CHAOS, VERDICT_OK, 9, 1);
	assert_shows(&f, 98, 32,
		     "\n count=9  right   not known to the search\n");
	assert_shows(&f, 98, 32, "0 of 6    0.0 %\n");
	assert_shows(&f, 98, 12, "UNKNOWN\n");
	assert_shows(&f, 22, 5, "count=9    0    1 NEW!\n");
	shut(&f);
}

static void what_the_model_does_not_do_is_said(void **state)
{
	struct fixture f = lecture();

	(void)state;
	f.h->unexplained = 2;
	str_add(&f.h->mismatch, "A: read count -> 7");
	assert_shows(&f, 78, 22,
		     "NOT IN THE MODEL, 2 times: A: read count -> 7");
	shut(&f);
}

static void without_the_exact_set_it_says_so(void **state)
{
	struct fixture f = open(race, false);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_OK, 2, 3);
	assert_shows(&f, 78, 22, "exact unknown");
	assert_shows(&f, 78, 22,
		     "3 of 2000 runs in 0.0 s; too many states to know all");
	f.h->searching = true;
	assert_shows(&f, 78, 22, "exact …");
	assert_shows(&f, 78, 22, "still searching");
	shut(&f);
}

static void shares_near_the_ends_do_not_look_whole(void **state)
{
	struct fixture f = open(race, true);

	(void)state;
	add(&f, TALLY_PLAIN, VERDICT_OK, 2, 9999);
	add(&f, TALLY_PLAIN, VERDICT_VIOLATED, 1, 1);
	assert_shows(&f, 78, 22, "1 of 10000   <0.1 %");
	assert_shows(&f, 78, 22, "9999 of 10000  >99.9 %");
	shut(&f);
}

static void more_rows_than_room_are_walked(void **state)
{
	struct fixture f = open(race, false);
	struct str s;

	(void)state;
	for (int i = 0; i < 40; i++)
		add(&f, TALLY_CHAOS, VERDICT_OK, i, 1);
	assert_shows(&f, 60, 10, "1 to 5 of 40 outcomes");
	s = paint(&f, 60, 10, 39);
	assert_non_null(strstr(str_cstr(&s), "count=39"));
	assert_non_null(strstr(str_cstr(&s), "36 to 40 of 40 outcomes"));
	str_free(&s);
	shut(&f);
}

/* Also where nothing fits any more. */
static void every_size_is_drawn(void **state)
{
	struct fixture f = lecture();

	(void)state;
	add(&f, TALLY_CHAOS, VERDICT_DEADLOCK, 9, 1);
	add(&f, TALLY_CHAOS, VERDICT_NONE, 9, 1);
	for (int w = 1; w < 130; w += 3)
		for (int h = 1; h < 45; h += 2) {
			struct str s = paint(&f, w, h, (size_t)h);

			str_free(&s);
		}
	shut(&f);
}

/* ---- on the screen ----------------------------------------------------- */

static void counts_in_slices_and_stops(void **state)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_DARK};
	struct program *p = scenario(race);
	struct error err = {0};
	struct tally_sum sum = {0};
	struct app app;

	(void)state;
	assert_true(app_init(&app, p, &o, &err));
	app_key(&app, 'H');
	assert_int_equal(app.overlay, OVERLAY_HISTOGRAM);
	while (sum.runs < 3) {
		assert_true(app_live(&app));
		app_poll(&app);
		sum = tally_sum(app.histogram->tally, TALLY_CHAOS);
	}
	while (app_work(&app))
		;
	app_poll(&app);
	assert_true(tally_is_exact(app.histogram->tally));
	app_key(&app, 'q');
	assert_int_equal(app.overlay, OVERLAY_NONE);
	app_poll(&app);
	assert_null(app.histogram->repeats[TALLY_PLAIN]);
	assert_null(app.histogram->repeats[TALLY_CHAOS]);
	assert_false(app_live(&app));
	/* It goes on where it was. */
	app_key(&app, 'H');
	app_poll(&app);
	assert_true(tally_sum(app.histogram->tally, TALLY_CHAOS).runs >=
		    sum.runs);
	app_key(&app, 'r');
	assert_int_equal(tally_sum(app.histogram->tally, TALLY_CHAOS).runs, 0);
	app_fini(&app);
	program_free(p);
}

/* A run that never ends must not hold the keys up. */
static void an_endless_run_holds_nobody_up(void **state)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_DARK};
	struct program *p = scenario("atomic n = 0\nthread A:\n"
				     "    while n == 0:\n        sleep 1\n");
	struct error err = {0};
	struct app app;

	(void)state;
	assert_true(app_init(&app, p, &o, &err));
	app_key(&app, 'H');
	app_poll(&app);
	for (int i = 0; i < 20; i++)
		app_poll(&app);
	/* Had one of them waited for its end, it would be counted. */
	assert_int_equal(tally_sum(app.histogram->tally, TALLY_PLAIN).runs, 0);
	app_fini(&app);
	program_free(p);
}

static void runs_to_the_end(void **state)
{
	struct fixture f = open(race, true);
	struct tally_sum plain, chaos;

	(void)state;
	f.h->wanted = 5;
	while (!histogram_is_done(f.h))
		histogram_work(f.h);
	plain = tally_sum(f.h->tally, TALLY_PLAIN);
	chaos = tally_sum(f.h->tally, TALLY_CHAOS);
	assert_int_equal(plain.runs, 5);
	assert_int_equal(chaos.runs, 5);
	assert_int_equal(plain.unknown + chaos.unknown, 0);
	assert_int_equal(f.h->unexplained, 0);
	assert_null(f.h->repeats[TALLY_PLAIN]);
	shut(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_numbers_stand_beside_the_exact_one),
		cmocka_unit_test(few_outcomes_get_blocks),
		cmocka_unit_test(little_room_gets_rows),
		cmocka_unit_test(what_never_came_is_said),
		cmocka_unit_test(
			runs_that_were_stopped_are_neither_right_nor_wrong),
		cmocka_unit_test(what_cannot_be_is_said),
		cmocka_unit_test(what_the_model_does_not_do_is_said),
		cmocka_unit_test(without_the_exact_set_it_says_so),
		cmocka_unit_test(shares_near_the_ends_do_not_look_whole),
		cmocka_unit_test(more_rows_than_room_are_walked),
		cmocka_unit_test(every_size_is_drawn),
		cmocka_unit_test(counts_in_slices_and_stops),
		cmocka_unit_test(an_endless_run_holds_nobody_up),
		cmocka_unit_test(runs_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
