/*
 * test_handovers.c - regions and conditions are counted as they are passed on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/handovers.h"
#include "threadviz/timeline.h"

/* The events of a schedule, a step taking 1 ns. */
static struct handovers *count(struct program *p, const char *schedule)
{
	struct schedule s = schedule_of(p, schedule);
	struct handovers *h = handovers_new(p);
	struct timeline tl;

	timeline_init(&tl, p);
	for (size_t i = 0; i < s.len; i++)
		timeline_push(&tl, s.data[i]);
	handovers_add(h, tl.events.data, tl.events.len);
	timeline_fini(&tl);
	vec_free(&s);
	return h;
}

#define TOY_LOCK \
	"shared held = 0\n" \
	"thread A, B:\n" \
	"    repeat 3:\n" \
	"        held = 1\n" /* parked inside from here on */ \
	"        region R:\n" \
	"            work \"w\"\n" \
	"            held = 0\n" \
	"        yield\n"
static const char toy_lock[] = TOY_LOCK;

static void entries_are_told_apart(void **state)
{
	struct program *p = scenario(toy_lock);
	struct handovers *h = count(p, "A*4 A*4 B*4 A*4 B*3");
	const struct region_count *c = handovers_region(h, 0);

	(void)state;
	assert_int_equal(c->taken, 5);
	assert_int_equal(c->again, 1);
	assert_int_equal(c->handovers, 3);
	assert_int_equal(c->most, 1);
	assert_int_equal(c->taken_by[0], 3);
	assert_int_equal(c->taken_by[1], 2);
	assert_int_equal(c->held, 10);
	assert_int_equal(c->longest, 2);
	handovers_free(h);
	program_free(p);
}

static void two_inside_are_seen(void **state)
{
	struct program *p = scenario(toy_lock);
	struct handovers *h = count(p, "A B"); /* which ends the run */

	(void)state;
	assert_int_equal(handovers_region(h, 0)->most, 2);
	handovers_free(h);
	program_free(p);
}

/* The step that leaves is enough; the next one need not be waited for. */
static void leaving_is_known_at_once(void **state)
{
	struct program *p = scenario(toy_lock);
	struct handovers *h = count(p, "A*3 B A*2");

	(void)state;
	assert_int_equal(handovers_region(h, 0)->most, 2);
	handovers_free(h);
	h = count(p, "A*3 B*3");
	assert_int_equal(handovers_region(h, 0)->most, 1);
	handovers_free(h);
	program_free(p);
}

/* In the region as long as it works there, not only until it begins to. */
static void work_lasts_until_the_next_record(void **state)
{
	struct program *p = scenario("shared x = 0\nthread A:\n    x = 1\n"
				     "    region R:\n        work \"w\"\n"
				     "    x = 2\n");
	struct handovers *h = count(p, "A*3");

	(void)state;
	assert_int_equal(handovers_region(h, 0)->held, 2);
	handovers_free(h);
	program_free(p);
}

static const char waits[] = "shared free = 0\n"
			    "mutex m\n"
			    "cond c\n"
			    "thread A:\n"
			    "    lock m\n"
			    "    while not free:\n"
			    "        wait c, m\n"
			    "    unlock m\n"
			    "thread B:\n"
			    "    signal c\n"
			    "    signal c\n"
			    "    free = 1\n"
			    "    signal c\n";

static void waking_in_vain_is_counted(void **state)
{
	struct program *p = scenario(waits);
	struct handovers *h = count(p, "A*3 B A*3 B A*3 B*2 A*3");
	const struct cond_count *c = handovers_cond(h, 2, 0);

	(void)state;
	assert_string_equal(p->objects.data[2].name, "c");
	assert_int_equal(c->woken, 3);
	assert_int_equal(c->vain, 2);
	assert_int_equal(c->timeouts, 0);
	handovers_free(h);
	program_free(p);
}

static void waking_for_good_is_not_in_vain(void **state)
{
	struct program *p = scenario("mutex m\n"
				     "cond c\n"
				     "thread A:\n"
				     "    repeat 2:\n"
				     "        lock m\n"
				     "        wait c, m\n"
				     "        unlock m\n"
				     "thread B:\n"
				     "    signal c\n"
				     "    signal c\n");
	struct handovers *h = count(p, "A*2 B A*4 B A*2");

	(void)state;
	assert_int_equal(handovers_cond(h, 1, 0)->woken, 2);
	assert_int_equal(handovers_cond(h, 1, 0)->vain, 0);
	handovers_free(h);
	program_free(p);
}

/* The region round the wait itself does not use the time-out up. */
static void entries_after_time_outs_are_late(void **state)
{
	struct program *p = scenario("shared x = 0\n"
				     "mutex m\n"
				     "cond c\n"
				     "thread A:\n"
				     "    lock m\n"
				     "    repeat 2:\n"
				     "        region waits:\n"
				     "            let k = waitfor(c, m, 5)\n"
				     "    x = k\n"
				     "    region R:\n"
				     "        x = 2\n"
				     "    x = 3\n"
				     "    region R:\n"
				     "        x = 2\n"
				     "    x = 4\n"
				     "    region Q:\n"
				     "        x = 5\n"
				     "    unlock m\n"
				     "thread B:\n"
				     "    signal c\n");
	struct handovers *h = count(p, "A*2 A? A B A*8");

	(void)state;
	assert_int_equal(handovers_cond(h, 2, 0)->timeouts, 1);
	assert_int_equal(handovers_cond(h, 2, 0)->woken, 1);
	assert_int_equal(handovers_region(h, 1)->taken, 2);
	assert_int_equal(handovers_region(h, 1)->late, 1);
	assert_int_equal(handovers_region(h, 1)->late_by[0], 1);
	assert_int_equal(handovers_region(h, 2)->late, 1);
	handovers_free(h);
	program_free(p);
}

static void a_gap_is_said_and_forgets(void **state)
{
	struct program *p = scenario(waits);
	struct handovers *h = count(p, "A*3 B A");
	struct event gap = {.kind = EVENT_LOST, .value = 7};
	struct event sleep = {
		.kind = OP_SLEEP_ON, .object = 2, .other = THREAD_NONE};

	(void)state;
	handovers_add(h, &gap, 1);
	handovers_add(h, &sleep, 1);
	assert_int_equal(handovers_lost(h), 7);
	assert_int_equal(handovers_cond(h, 2, 0)->vain, 0);
	handovers_free(h);
	program_free(p);
}

static void lines_name_what_was_used(void **state)
{
	struct program *p = scenario(TOY_LOCK "never two in R\n");
	struct handovers *h = count(p, "A*4 B*4");
	struct str s = {0};

	(void)state;
	handovers_format(h, &s);
	assert_string_equal(str_cstr(&s),
			    "R: 1 handed over, 0 taken again by who let go, "
			    "held at most 2 ns\n");
	str_free(&s);
	handovers_free(h);
	program_free(p);
}

/* An entry behind an `if` is seen one step later. */
static void unclear_ways_wait_for_the_next_step(void **state)
{
	struct program *p = scenario("shared x = 0\n"
				     "thread A:\n"
				     "    let t = x\n"
				     "    if t == 0:\n"
				     "        region R:\n"
				     "            x = 1\n"
				     "    x = 2\n");
	struct handovers *h = count(p, "A");

	(void)state;
	assert_int_equal(handovers_region(h, 0)->taken, 0);
	handovers_free(h);
	h = count(p, "A A");
	assert_int_equal(handovers_region(h, 0)->taken, 1);
	assert_int_equal(handovers_region(h, 0)->most, 1);
	handovers_free(h);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(entries_are_told_apart),
		cmocka_unit_test(two_inside_are_seen),
		cmocka_unit_test(leaving_is_known_at_once),
		cmocka_unit_test(work_lasts_until_the_next_record),
		cmocka_unit_test(waking_in_vain_is_counted),
		cmocka_unit_test(waking_for_good_is_not_in_vain),
		cmocka_unit_test(entries_after_time_outs_are_late),
		cmocka_unit_test(a_gap_is_said_and_forgets),
		cmocka_unit_test(lines_name_what_was_used),
		cmocka_unit_test(unclear_ways_wait_for_the_next_step),
	};

	return cmocka_run_group_tests_name("handovers", tests, NULL, NULL);
}
