/*
 * test_gil.c - what the GIL scenarios claim, counted in real runs.
 *
 * Who wakes how fast is the machine's business, and others use it, too. What
 * no schedule allows (two holders, a lost update under the lock) must never
 * come; what a quiet machine shows must come at least once in a few tries.
 * Only counts are compared, and times only with other times of the same run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sched.h>
#include <time.h>

#include "scenario.h"
#include "threadviz/accord.h"
#include "threadviz/free.h"
#include "threadviz/handovers.h"

enum { ROOM = 4096, TRIES = 12 };

/* One run and all that was counted. */
struct gil {
	struct program *program;
	struct free_run *run;
	struct handovers *handovers;
	struct free_counts counts;
	enum verdict verdict;
};

/* Takes what has been recorded; how many that were. */
static size_t take(struct gil *g, struct accord *a)
{
	static struct event batch[ROOM];
	size_t n = free_poll(g->run, batch, ROOM);

	handovers_add(g->handovers, batch, n);
	accord_add(a, batch, n);
	return n;
}

static void see_through(struct gil *g)
{
	static const struct timespec nap = {0, 500000};
	struct accord *a = accord_new(g->program);
	struct str said = {0};

	while (free_state(g->run) <= FREE_PAUSED)
		if (take(g, a) < ROOM)
			nanosleep(&nap, NULL);
	while (take(g, a))
		continue;
	accord_format(a, &said);
	if (accord_state(a) == ACCORD_MISMATCH)
		fail_msg("%s", str_cstr(&said));
	accord_free(a);
	str_free(&said);
}

/* To its end; k: rounds. To be released with fini. */
static void run_with(struct gil *g, const char *name, int32_t k, int32_t n)
{
	const struct lang_param params[] = {{"k", k}, {"n", n}};
	const struct free_options o = {.seed = 1, .ring = 1 << 18};
	struct error err = {0};

	g->program = shipped(name, params, n ? 2 : 1);
	g->run = free_start(g->program, &o, &err);
	assert_string_equal(err.text, "");
	g->handovers = handovers_new(g->program);
	see_through(g);
	free_count(g->run, &g->counts);
	g->verdict = free_verdict(g->run, NULL);
}

static void fini(struct gil *g)
{
	handovers_free(g->handovers);
	free_close(g->run);
	program_free(g->program);
}

/* Of its only region, its first condition and a variable. */
static const struct region_count *region(const struct gil *g, const char *name)
{
	for (size_t r = 0; r < g->program->regions.count; r++)
		if (!strcmp(g->program->regions.data[r], name))
			return handovers_region(g->handovers, (unsigned)r);
	abort();
}

static object_id named(const struct gil *g, const char *name)
{
	object_id id = 0;

	while (strcmp(g->program->objects.data[id].name, name) != 0)
		id++;
	return id;
}

static uint64_t vain(const struct gil *g)
{
	return handovers_cond(g->handovers, named(g, "free"), 0)->vain;
}

static int32_t value(const struct gil *g, const char *name)
{
	return free_value(g->run, named(g, name), 0);
}

/* The scenarios pin their threads to the first ones. */
static void need_processors(size_t n)
{
	cpu_set_t ours;

	CPU_ZERO(&ours);
	(void)sched_getaffinity(0, sizeof ours, &ours);
	for (size_t i = 0; i < n; i++) {
		if (CPU_ISSET(i, &ours))
			continue;
		print_message("skipped: there is no CPU %zu here\n", i);
		skip();
	}
}

/* Runs it until it shows what it should, and at least once. */
static void must_show(const char *name, int32_t k, int32_t n,
		      bool (*shows)(const struct gil *))
{
	bool shown = false;

	for (int i = 0; i < TRIES && !shown; i++) {
		struct gil g;

		run_with(&g, name, k, n);
		shown = shows(&g);
		fini(&g);
	}
	if (!shown)
		fail_msg("%s: not in %d runs", name, TRIES);
}

/* ---- the old one ------------------------------------------------------- */

/* The scenario's own counter and ours must agree. */
static uint64_t taken_again(const struct gil *g)
{
	const struct region_count *c = region(g, "gil");

	assert_int_equal(c->most, 1);
	assert_int_equal(value(g, "again"), c->again);
	return c->again;
}

static bool again_and_in_vain(const struct gil *g)
{
	assert_int_equal(value(g, "vain"), vain(g));
	return taken_again(g) * 10 >= region(g, "gil")->taken * 9 &&
	       vain(g) > 0;
}

static void old_is_taken_again_and_wakes_in_vain(void **state)
{
	(void)state;
	need_processors(2);
	must_show("gil-old", 3000, 0, again_and_in_vain);
}

/* On one processor it passes on only where the system switches: hardly ever,
 * and then the woken one gets it. */
static bool few_switches(const struct gil *g)
{
	const struct region_count *c = region(g, "gil");

	return taken_again(g) * 10 >= c->taken * 9 &&
	       c->handovers * 20 <= c->taken && vain(g) * 20 <= c->taken;
}

static void old_on_one_cpu_seldom_switches(void **state)
{
	(void)state;
	need_processors(1);
	must_show("gil-one-cpu", 3000, 0, few_switches);
}

/* ---- the new one ------------------------------------------------------- */

/* Half to one and a half times the wall time by the interval. */
static bool one_every_5_ms(const struct gil *g)
{
	double expected = g->counts.seconds / 0.005;
	double is = (double)region(g, "gil")->handovers;

	assert_int_equal(taken_again(g), 0);
	assert_int_equal(g->verdict, VERDICT_OK);
	return is >= expected / 2 && is <= expected * 3 / 2;
}

static void new_is_handed_over_every_5_ms(void **state)
{
	(void)state;
	must_show("gil", 20, 0, one_every_5_ms);
	must_show("gil", 20, 2, one_every_5_ms);
	must_show("gil-exact", 20, 0, one_every_5_ms);
}

static bool again_after_a_request(const struct gil *g)
{
	return taken_again(g) > 0 && vain(g) > 0;
}

static void without_force_it_is_taken_again(void **state)
{
	(void)state;
	need_processors(2);
	must_show("gil-no-force", 100, 0, again_after_a_request);
}

/* Nearly always after a time-out, and then not before the interval is over. */
static bool late_most_times(const struct gil *g)
{
	const struct region_count *c = region(g, "gil");
	bool late = c->late_by[0] * 10 >= c->taken_by[0] * 8;

	assert_int_equal(c->most, 1);
	assert_int_equal(c->late_by[0], value(g, "late"));
	assert_true(g->counts.seconds >= 0.005 * (double)c->late_by[0]);
	return late;
}

static void convoy_answers_late(void **state)
{
	(void)state;
	need_processors(2);
	must_show("gil-convoy", 10, 0, late_most_times);
}

/* ---- the rest ---------------------------------------------------------- */

static bool loses(const struct gil *g)
{
	int32_t num = value(g, "num");

	assert_true(num >= 2 && num <= 200000);
	assert_int_equal(g->verdict,
			 num == 200000 ? VERDICT_OK : VERDICT_VIOLATED);
	return num < 200000;
}

static bool loses_nothing(const struct gil *g)
{
	assert_int_equal(value(g, "num"), 20000);
	return g->verdict == VERDICT_OK;
}

static void none_loses_updates_and_a_lock_none(void **state)
{
	(void)state;
	need_processors(2);
	must_show("gil-none", 100000, 0, loses);
	must_show("gil-none-locked", 10000, 0, loses_nothing);
}

/* Eight threads wait 10 ms each, five times: 400 ms of waiting. */
static bool all_wait_at_once(const struct gil *g)
{
	assert_int_equal(region(g, "holds")->most, 1);
	assert_int_equal(region(g, "holds")->taken, 8 * 5 * 2);
	return g->counts.seconds < 0.4 / 2;
}

static void devices_are_waited_for_together(void **state)
{
	(void)state;
	must_show("gil-io", 5, 8, all_wait_at_once);
}

/* Each lock has one holder, and one does not wait for the other: together they
 * are held for longer than the run takes. */
static bool side_by_side(const struct gil *g)
{
	const struct region_count *one = region(g, "one");
	const struct region_count *two = region(g, "two");

	assert_int_equal(one->most, 1);
	assert_int_equal(two->most, 1);
	assert_int_equal(g->verdict, VERDICT_OK);
	return (double)(one->held + two->held) > 1.3e9 * g->counts.seconds;
}

static void interpreters_run_side_by_side(void **state)
{
	(void)state;
	need_processors(2);
	must_show("gil-subinterpreters", 5, 0, side_by_side);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(old_is_taken_again_and_wakes_in_vain),
		cmocka_unit_test(old_on_one_cpu_seldom_switches),
		cmocka_unit_test(new_is_handed_over_every_5_ms),
		cmocka_unit_test(without_force_it_is_taken_again),
		cmocka_unit_test(convoy_answers_late),
		cmocka_unit_test(none_loses_updates_and_a_lock_none),
		cmocka_unit_test(devices_are_waited_for_together),
		cmocka_unit_test(interpreters_run_side_by_side),
	};

	return cmocka_run_group_tests_name("gil", tests, NULL, NULL);
}
