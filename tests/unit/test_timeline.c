/*
 * test_timeline.c - the run so far: events and marks, looking back, branching.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/timeline.h"

static const char race[] = "shared count = 0\n"
			   "thread A, B:\n"
			   "\tcount++\n"
			   "finally count == 2\n";

static const char loop[] = "shared x = 0\n"
			   "mutex m\n"
			   "thread A, B, C:\n"
			   "\trepeat 40:\n"
			   "\t\tlock m\n"
			   "\t\tx += me + 1\n"
			   "\t\tunlock m\n";

static void push_all(struct timeline *tl, const char *text)
{
	struct schedule s = schedule_of(tl->program, text);

	for (size_t i = 0; i < s.len; i++)
		timeline_push(tl, s.data[i]);
	vec_free(&s);
}

/* Always the same walk: any possible choice, by a small generator. */
static void push_some(struct timeline *tl, size_t n, uint32_t seed)
{
	struct choice c[WORLD_CHOICES_MAX];

	for (size_t i = 0; i < n; i++) {
		size_t count = world_choices(tl->last, tl->program, c);

		assert_true(count > 0);
		seed = seed * 1664525 + 1013904223;
		timeline_push(tl, c[(seed >> 16) % count]);
	}
}

static bool is_world_after(struct timeline *tl, size_t n)
{
	const struct program *p = tl->program;
	struct world *w = world_new(p);
	bool same;

	for (size_t i = 0; i < n; i++)
		world_step(w, p, tl->schedule.data[i], 0, NULL);
	same = !memcmp(w, timeline_at(tl, n), world_size(p));
	free(w);
	return same;
}

static void records_steps_and_the_verdict(void **state)
{
	struct program *p = scenario(race);
	struct timeline tl;
	const struct event *e;

	(void)state;
	timeline_init(&tl, p);
	assert_int_equal(timeline_events(&tl, 0, &e), 0);
	push_all(&tl, "A B A B");
	assert_int_equal(tl.schedule.len, 4);
	assert_int_equal(timeline_events(&tl, 1, &e), 1);
	assert_int_equal(e->kind, OP_READ);
	assert_int_equal(e->step, 1);
	assert_int_equal(timeline_events(&tl, 3, &e), 2);
	assert_int_equal(e[0].kind, OP_WRITE);
	assert_int_equal(e[0].value, 1);
	assert_int_equal(e[1].kind, EVENT_END);
	assert_int_equal(e[1].step, 3);
	assert_int_equal(timeline_events(&tl, 4, &e), 3);
	assert_int_equal(e[1].kind, EVENT_END);
	assert_int_equal(e[2].kind, EVENT_VERDICT);
	assert_int_equal(e[2].value, VERDICT_VIOLATED);
	timeline_fini(&tl);
	program_free(p);
}

static void marks_who_wants_what(void **state)
{
	struct program *p = scenario("mutex red, blue\n"
				     "sem s = 0\n"
				     "thread A:\n\tlock red\n\tlock blue\n"
				     "thread B:\n\tlock blue\n\tlock red\n"
				     "daemon thread C:\n\twait s\n");
	struct timeline tl;
	const struct event *e;

	(void)state;
	timeline_init(&tl, p);
	assert_int_equal(timeline_events(&tl, 0, &e), 1);
	assert_int_equal(e->flags, EVENT_WANTS);
	assert_int_equal(e->kind, OP_SEM_WAIT);
	assert_int_equal(e->thread, 2);
	assert_int_equal(e->step, 0);
	push_all(&tl, "A B");
	assert_int_equal(timeline_events(&tl, 1, &e), 1);
	/* Now A wants blue, B wants red, and nobody can move. */
	assert_int_equal(timeline_events(&tl, 2, &e), 4);
	assert_true(event_is_mark(&e[1]) && event_is_mark(&e[2]));
	assert_int_equal(e[1].thread, 0);
	assert_int_equal(e[1].object, e[0].object);
	assert_int_equal(e[2].thread, 1);
	assert_int_equal(e[3].kind, EVENT_VERDICT);
	assert_int_equal(e[3].value, VERDICT_DEADLOCK);
	timeline_fini(&tl);
	program_free(p);
}

static void wants_again_after_losing_the_lock(void **state)
{
	struct program *p = scenario("mutex m\n"
				     "thread A, B, C:\n\tlock m\n\tunlock m\n");
	struct timeline tl;
	const struct event *e;

	(void)state;
	timeline_init(&tl, p);
	push_all(&tl, "A");
	assert_int_equal(timeline_events(&tl, 1, &e), 3);
	push_all(&tl, "A B");
	assert_int_equal(timeline_events(&tl, 2, &e), 2); /* unlock, end */
	assert_int_equal(timeline_events(&tl, 3, &e), 2);
	assert_int_equal(e[1].thread, 2);
	assert_int_equal(e[1].flags, EVENT_WANTS);
	timeline_fini(&tl);
	program_free(p);
}

/* Two wait in A's buffer, then A has ended: each drain has its own line. */
static void what_drains_has_the_line_of_the_write(void **state)
{
	struct program *p = scenario("buffered x = 0, y = 0\n"
				     "thread B:\n"
				     "\tyield\n"
				     "thread A:\n"
				     "\tx = 1\n"
				     "\ty = 2\n"
				     "\tx = 3\n");
	static const size_t steps[][2] = {{2, 1}, {5, 3}, {6, 4}};
	struct timeline tl;

	(void)state;
	timeline_init(&tl, p);
	push_all(&tl, "A A~ A A A~ A~ B");
	for (size_t i = 0; i < 3; i++) {
		const struct event *drain, *write;

		timeline_events(&tl, steps[i][0], &drain);
		timeline_events(&tl, steps[i][1], &write);
		assert_int_equal(drain->kind, EVENT_DRAIN);
		assert_int_equal(drain->pc, write->pc);
	}
	timeline_fini(&tl);
	program_free(p);
}

static void waiting_for_a_turn_is_no_wish(void **state)
{
	struct program *p = scenario("cooperative\n"
				     "shared x = 0\n"
				     "thread A, B:\n\tx = 1\n\tx = 2\n");
	struct timeline tl;
	const struct event *e;

	(void)state;
	timeline_init(&tl, p);
	push_all(&tl, "A");
	assert_int_equal(timeline_events(&tl, 1, &e), 1);
	assert_int_equal(timeline_blocked(tl.last, p), 0);
	timeline_fini(&tl);
	program_free(p);
}

static void looks_anywhere_in_any_order(void **state)
{
	struct program *p = scenario(loop);
	struct timeline tl;

	(void)state;
	timeline_init(&tl, p);
	push_some(&tl, 300, 7);
	for (size_t i = 0; i <= 300; i++)
		assert_true(is_world_after(&tl, i * 97 % 301));
	for (size_t i = 0; i <= 300; i++)
		assert_true(is_world_after(&tl, 300 - i));
	timeline_fini(&tl);
	program_free(p);
}

static void branches(void **state)
{
	struct program *p = scenario(loop);
	struct timeline tl;
	size_t events;

	(void)state;
	for (size_t n = 0; n <= 200; n += 8) {
		timeline_init(&tl, p);
		push_some(&tl, n, 3);
		events = tl.events.len;
		push_some(&tl, 200 - n, 3);
		tl.cursor = 200;
		timeline_at(&tl, n / 2);
		timeline_cut(&tl, n);
		assert_int_equal(tl.schedule.len, n);
		assert_int_equal(tl.cursor, n);
		assert_int_equal(tl.events.len, events);
		assert_true(is_world_after(&tl, n));
		push_some(&tl, 100, 11);
		assert_true(is_world_after(&tl, n + 100));
		assert_true(is_world_after(&tl, n / 2));
		assert_true(is_world_after(&tl, n + 50));
		timeline_fini(&tl);
	}
	program_free(p);
}

static void keeps_the_canonical_form(void **state)
{
	struct program *p = scenario("thread A:\n\tlet v = choose(3..5)\n");
	struct timeline tl;

	(void)state;
	timeline_init(&tl, p);
	timeline_push(&tl, (struct choice){0, CHOICE_PICK, 3});
	assert_int_equal(tl.schedule.data[0].kind, CHOICE_MOVE);
	timeline_fini(&tl);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_steps_and_the_verdict),
		cmocka_unit_test(marks_who_wants_what),
		cmocka_unit_test(wants_again_after_losing_the_lock),
		cmocka_unit_test(what_drains_has_the_line_of_the_write),
		cmocka_unit_test(waiting_for_a_turn_is_no_wish),
		cmocka_unit_test(looks_anywhere_in_any_order),
		cmocka_unit_test(branches),
		cmocka_unit_test(keeps_the_canonical_form),
	};

	return cmocka_run_group_tests_name("timeline", tests, NULL, NULL);
}
