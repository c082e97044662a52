/*
 * test_accord.c - what real threads recorded is explained, and only that.
 *
 * Records are taken from the model and then stamped, moved or falsified.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/accord.h"
#include "threadviz/free.h"
#include "threadviz/timeline.h"

struct records VEC_OF(struct event);

/* The steps of a schedule, a microsecond and a half between them, or with the
 * given stamps. */
static struct records records_of(const struct program *p, const char *schedule,
				 const uint64_t *times)
{
	struct schedule s = schedule_of(p, schedule);
	struct records r = {0};
	struct timeline tl;

	timeline_init(&tl, p);
	for (size_t i = 0; i < s.len; i++)
		timeline_push(&tl, s.data[i]);
	for (size_t i = 0; i < tl.events.len; i++) {
		struct event e = tl.events.data[i];

		if (event_is_mark(&e) || e.kind == OP_ATOMIC ||
		    e.kind == EVENT_DRAIN)
			continue;
		e.time = times ? times[r.len] : 1500 * (r.len + 1);
		vec_push(&r, e);
	}
	timeline_fini(&tl);
	vec_free(&s);
	return r;
}

static int by_time(const void *a, const void *b)
{
	const struct event *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

static struct str said;

/* Puts them in order of their stamps and asks the model; frees them. */
static enum accord_state ask(const struct program *p, struct records *r)
{
	struct accord *a = accord_new(p);
	enum accord_state state;

	qsort(r->data, r->len, sizeof *r->data, by_time);
	for (size_t i = 0; i < r->len; i++)
		r->data[i].step = (uint32_t)i + 1;
	accord_add(a, r->data, r->len);
	accord_finish(a);
	state = accord_state(a);
	str_clear(&said);
	accord_format(a, &said);
	accord_free(a);
	vec_free(r);
	return state;
}

static const char race[] = "shared x = 0\n"
			   "thread A, B:\n"
			   "    x += 1\n"
			   "    work \"on\"\n";

static void the_models_own_steps_are_explained(void **state)
{
	struct program *p = scenario(race);
	struct records r = records_of(p, "A B A B A B", NULL);

	(void)state;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	assert_string_equal(str_cstr(&said), "the model explains all 6 steps");
	program_free(p);
}

static void a_value_from_nowhere_is_not(void **state)
{
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A B B", NULL);

	(void)state;
	r.data[2].value = 7;
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	assert_string_equal(str_cstr(&said),
			    "after 2 steps no order explains B: read x -> 7, "
			    "but the model has 1 there");
	program_free(p);
}

/* B reads what A writes, but is stamped a little earlier. */
static void clocks_may_differ_a_little(void **state)
{
	static const uint64_t near[] = {1000, 1100, 1050, 1200};
	static const uint64_t far[] = {1000, 91100, 1050, 91200};
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A B B", near);

	(void)state;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	r = records_of(p, "A A B B", far);
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	program_free(p);
}

/* Stamped, then interrupted before the store: B reads 0 after A's stamp. */
static void a_write_may_come_late(void **state)
{
	static const uint64_t times[] = {1000, 4000, 50000, 2000, 3000, 60000};
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A A B B B", times);

	(void)state;
	r.data[3].value = 0;
	r.data[4].value = 1;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	program_free(p);
}

static const char twice[] = "shared x = 0\n"
			    "thread A:\n"
			    "    x = 5\n"
			    "    work \"on\"\n"
			    "thread B:\n"
			    "    x = 6\n"
			    "    let t = x\n"
			    "    let u = x\n";

/* B's own 6 is there at first and A's 5 afterwards, though stamped before. */
static void a_write_may_come_very_late(void **state)
{
	static const uint64_t times[] = {1000, 90000, 5000, 6000, 80000};
	struct program *p = scenario(twice);
	struct records r = records_of(p, "A A B B B", times);

	(void)state;
	r.data[4].value = 5;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	program_free(p);
}

/* The same, but A has recorded something since: its write is long done. */
static void but_not_later_than_its_next_record(void **state)
{
	static const uint64_t times[] = {1000, 2000, 5000, 6000, 80000};
	struct program *p = scenario(twice);
	struct records r = records_of(p, "A A B B B", times);

	(void)state;
	r.data[4].value = 5;
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	program_free(p);
}

/* B read 0 and was then kept from stamping it, while A wrote 1 and 2. */
static void a_read_may_be_of_long_ago(void **state)
{
	static const uint64_t times[] = {1000, 2000, 40000, 50000};
	static const uint64_t early[] = {39000, 39500, 40000, 50000};
	const char *text = "shared x = 0, y = 0\n"
			   "thread A:\n"
			   "    x = 1\n"
			   "    x = 2\n"
			   "thread B:\n"
			   "    let t = x\n"
			   "    y = t\n";
	struct program *p = scenario(text);
	struct records r = records_of(p, "A A B B", times);

	(void)state;
	r.data[2].value = r.data[3].value = 0;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	r = records_of(p, "A A B B", early);
	r.data[2].value = r.data[3].value = 9;
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	program_free(p);
}

static const char litmus[] = "thread A:\n    x = 1\n    let r = y\n"
			     "thread B:\n    y = 1\n    let r = x\n";

static enum accord_state ask_litmus(const char *kind)
{
	static const uint64_t times[] = {1000, 1010, 1030, 1040};
	struct str text = {0};
	struct program *p;
	struct records r;
	enum accord_state state;

	str_addf(&text, "%s x = 0, y = 0\n%s", kind, litmus);
	p = scenario(str_cstr(&text));
	r = records_of(p, "A B A B", times);
	r.data[2].value = r.data[3].value = 0;
	state = ask(p, &r);
	str_free(&text);
	program_free(p);
	return state;
}

/* Both threads miss the other's write: no order of steps does that, but a
 * store buffer does. */
static void store_buffers_are_found_out(void **state)
{
	(void)state;
	assert_int_equal(ask_litmus("shared"), ACCORD_MISMATCH);
	assert_int_equal(ask_litmus("atomic"), ACCORD_MISMATCH);
	assert_int_equal(ask_litmus("buffered"), ACCORD_SO_FAR);
}

static void two_holders_are_found_out(void **state)
{
	const char *text = "mutex m\n"
			   "thread A, B:\n"
			   "    lock m\n"
			   "    work \"w\"\n"
			   "    unlock m\n";
	struct program *p = scenario(text);
	struct records r = records_of(p, "A*3 B*3", NULL);

	(void)state;
	r.data[3].time = r.data[0].time + 1; /* B's lock */
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	assert_non_null(strstr(str_cstr(&said), "waits for m"));
	program_free(p);
}

/* Which sleeper a signal woke is not recorded: the one who comes back. */
static void signals_wake_who_comes_back(void **state)
{
	const char *text = "mutex m\n"
			   "cond c\n"
			   "thread A, B:\n"
			   "    lock m\n"
			   "    wait c, m\n"
			   "    unlock m\n"
			   "daemon thread S:\n"
			   "    signal c\n";
	struct program *p = scenario(text);
	struct records r = records_of(p, "A*2 B*2 S=2 B*2", NULL);

	(void)state;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	program_free(p);
}

static void blocks_are_one_step(void **state)
{
	const char *text = "shared x = 0\n"
			   "thread A, B:\n"
			   "    atomic:\n"
			   "        x += 1\n";
	struct program *p = scenario(text);
	struct records r = records_of(p, "A B", NULL);

	(void)state;
	assert_int_equal(r.len, 4);
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	r = records_of(p, "A B", NULL);
	r.data[2].value = 0; /* B in the middle of A */
	r.data[3].value = 1;
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	program_free(p);
}

static void behind_a_gap_nothing_is_said(void **state)
{
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A B B", NULL);

	(void)state;
	r.data[1].kind = EVENT_LOST;
	r.data[2].value = 77;
	assert_int_equal(ask(p, &r), ACCORD_GAP);
	program_free(p);
}

static void broken_checks_are_noticed(void **state)
{
	struct program *p = scenario("shared x = 0\n"
				     "thread A:\n"
				     "    x = 1\n"
				     "    x = 2\n"
				     "    x = 1\n"
				     "always x < 2\n");
	struct records r = {0};
	struct accord *a = accord_new(p);
	struct event after = {0};

	(void)state;
	for (int32_t i = 0; i < 3; i++)
		vec_push(&r, (struct event){
				     .time = 10u * (uint32_t)(i + 1),
				     .kind = OP_WRITE,
				     .value = i == 1 ? 2 : 1,
				     .step = (uint32_t)i + 1,
			     });
	for (size_t pc = 0, i = 0; i < 3; pc++)
		if (p->code.data[pc].code == OP_WRITE)
			r.data[i++].pc = (code_addr)pc;
	accord_add(a, r.data, r.len);
	accord_finish(a);
	assert_int_equal(accord_state(a), ACCORD_SO_FAR);
	assert_int_equal(accord_steps(a), 3);
	assert_int_equal(accord_violated(a, &after), 0);
	assert_int_equal(after.step, 2);
	accord_free(a);
	vec_free(&r);
	program_free(p);
}

static void findings_name_the_record(void **state)
{
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A B B", NULL);
	struct accord *a = accord_new(p);
	struct finding f;

	(void)state;
	for (size_t i = 0; i < r.len; i++)
		r.data[i].step = (uint32_t)i + 1;
	r.data[2].value = 7;
	accord_add(a, r.data, r.len);
	assert_false(accord_finding(a, &f));
	accord_finish(a);
	assert_true(accord_finding(a, &f));
	assert_int_equal(f.kind, FINDING_MODEL_MISMATCH);
	assert_int_equal(f.events[0], 2);
	assert_int_equal(accord_culprit(a)->step, 3);
	finding_fini(&f);
	accord_free(a);
	vec_free(&r);
	program_free(p);
}

/* Real threads; whatever the kernel does, the model must be able to. */
static void free_runs_are_explained(void **state)
{
	const char *const texts[] = {
		"shared x = 0\nthread T[3]:\n    repeat 3000:\n"
		"        x += 1\n",
		"shared n = 0\nmutex m\ncond c\nthread T[3]:\n"
		"    repeat 100:\n        lock m\n        n += 1\n"
		"        while n % 2 == 0 and n < 290:\n"
		"            let k = waitfor(c, m, 1)\n"
		"            n += 1\n        broadcast c\n        unlock m\n",
		"queue q max 2\nsem s = 1\nthread A:\n    repeat 500:\n"
		"        put q, 1\n        wait s\n        post s\n"
		"thread B:\n    repeat 500:\n        let v = get(q)\n"
		"        wait s\n        post s\n",
	};
	static struct event batch[4096];

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct program *p = scenario(texts[i]);
		struct free_options o = {.seed = 1, .ring = 1 << 17};
		struct error err = {0};
		struct free_run *f = free_start(p, &o, &err);
		struct accord *a = accord_new(p);
		size_t n;

		assert_non_null(f);
		while (free_state(f) <= FREE_PAUSED)
			accord_add(a, batch, free_poll(f, batch, 4096));
		while ((n = free_poll(f, batch, 4096)) > 0)
			accord_add(a, batch, n);
		accord_finish(a);
		str_clear(&said);
		accord_format(a, &said);
		if (accord_state(a) == ACCORD_MISMATCH)
			fail_msg("%s", str_cstr(&said));
		accord_free(a);
		free_close(f);
		program_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_models_own_steps_are_explained),
		cmocka_unit_test(a_value_from_nowhere_is_not),
		cmocka_unit_test(clocks_may_differ_a_little),
		cmocka_unit_test(a_write_may_come_late),
		cmocka_unit_test(a_write_may_come_very_late),
		cmocka_unit_test(but_not_later_than_its_next_record),
		cmocka_unit_test(a_read_may_be_of_long_ago),
		cmocka_unit_test(store_buffers_are_found_out),
		cmocka_unit_test(two_holders_are_found_out),
		cmocka_unit_test(signals_wake_who_comes_back),
		cmocka_unit_test(blocks_are_one_step),
		cmocka_unit_test(behind_a_gap_nothing_is_said),
		cmocka_unit_test(broken_checks_are_noticed),
		cmocka_unit_test(findings_name_the_record),
		cmocka_unit_test(free_runs_are_explained),
	};
	int failed = cmocka_run_group_tests_name("accord", tests, NULL, NULL);

	str_free(&said);
	return failed;
}
