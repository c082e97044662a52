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

/* So that nobody was killed on its way. */
static void end_all(const struct program *p, struct records *r)
{
	uint64_t time = 0;

	for (size_t i = 0; i < r->len; i++)
		if (r->data[i].time > time)
			time = r->data[i].time;
	for (size_t t = 0; t < p->threads.count; t++)
		vec_push(r, (struct event){.time = time + 1,
					   .thread = (thread_id)t,
					   .kind = EVENT_END,
					   .object = OBJECT_NONE});
}

/* Puts them in order of their stamps and asks the model; frees them. */
static enum accord_state ask(const struct program *p, struct records *r)
{
	struct accord *a = accord_new(p);
	enum accord_state state;

	end_all(p, r);
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

/* And if that is later than anybody looks ahead, more is looked at. */
static void however_long_that_takes(void **state)
{
	const char *text = "mutex m\n"
			   "cond c\n"
			   "shared x = 0\n"
			   "thread A, B:\n"
			   "    lock m\n"
			   "    wait c, m\n"
			   "    unlock m\n"
			   "thread S:\n"
			   "    signal c\n"
			   "    repeat 10000:\n"
			   "        x = 1\n"
			   "    signal c\n";
	struct program *p = scenario(text);
	struct records r = records_of(p, "A*2 B*2 S=2 S*10000 B*2 S A*2", NULL);

	(void)state;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	assert_string_equal(str_cstr(&said),
			    "the model explains all 10010 steps");
	program_free(p);
}

/* A adds, and is held up before it can record that, for as long as B takes to
 * add ten thousand times. */
static void who_is_held_up_is_waited_for(void **state)
{
	struct program *p =
		scenario("atomic n = 0\n"
			 "thread A:\n    fetch_add(n, 1)\n    fetch_add(n, 1)\n"
			 "thread B:\n    repeat 10000:\n"
			 "        fetch_add(n, 1)\n");
	struct records r = records_of(p, "A*2 B*10000", NULL);

	(void)state;
	r.data[1].time = vec_last(&r).time + 1;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	program_free(p);
}

/* A waits for a permit, gets it, and is held up before it can record that: B,
 * who finds none, is right. */
static void so_is_who_last_said_that_it_waits(void **state)
{
	struct program *p = scenario("sem s = 0\n"
				     "atomic n = 0\n"
				     "thread A:\n    wait s\n"
				     "thread B:\n    post s\n"
				     "    let t = trywait(s)\n"
				     "    repeat 10000:\n"
				     "        fetch_add(n, 1)\n");
	struct records r = records_of(p, "B A B*10001", NULL);
	struct event wants = r.data[1];

	(void)state;
	wants.time = 1;
	wants.flags = EVENT_WANTS;
	r.data[1].time = vec_last(&r).time + 1;
	vec_push(&r, wants);
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	program_free(p);
}

/* Two at the same time write different values, and only long after one is
 * read: the order found first need not have been the right one. */
static void what_shows_late_is_a_doubt(void **state)
{
	struct program *p = scenario("shared x = 0\n"
				     "atomic n = 0\n"
				     "thread A:\n    x = 1\n"
				     "    repeat 9000:\n"
				     "        fetch_add(n, 1)\n"
				     "    let t = x\n"
				     "thread B:\n    x = 2\n");
	struct records r = records_of(p, "A B A*9001", NULL);

	(void)state;
	r.data[0].time = 1000;
	r.data[1].time = 1001;
	vec_last(&r).value = 1;
	assert_int_equal(ask(p, &r), ACCORD_UNSURE);
	program_free(p);
}

/* What A did after it had said that it waits was lost. B needs it, so the loss
 * explains what B saw; it is heard of only afterwards. */
static void the_lost_may_explain_it(void **state)
{
	struct program *p = scenario("mutex m\n"
				     "shared x = 0\n"
				     "atomic n = 0\n"
				     "thread A:\n    lock m\n    x = 1\n"
				     "    unlock m\n    fetch_add(n, 1)\n"
				     "thread B:\n    lock m\n    let t = x\n"
				     "    unlock m\n    repeat 70000:\n"
				     "        fetch_add(n, 1)\n");
	struct records r = records_of(p, "A*3 B*70003 A", NULL);
	struct accord *a = accord_new(p);

	(void)state;
	r.data[0].flags = EVENT_WANTS;
	r.data[1].kind = OP_COUNT; /* passed over */
	r.data[2].kind = OP_COUNT;
	vec_last(&r).kind = EVENT_LOST;
	for (size_t i = 0; i < r.len; i++)
		if (r.data[i].kind != OP_COUNT)
			accord_add(a, &r.data[i], 1);
	accord_finish(a);
	assert_int_equal(accord_state(a), ACCORD_GAP);
	accord_free(a);
	vec_free(&r);
	program_free(p);
}

/* The step with which B is said to begin to wait; 0: it is not. */
static uint32_t begins_to_wait(const struct program *p, const char *schedule,
			       uint64_t wanted)
{
	struct records r = records_of(p, schedule, NULL);
	struct event wants = r.data[4];
	struct event_list events = {0};
	struct accord *a = accord_new(p);
	uint32_t step = 0;

	wants.time = wanted;
	wants.flags = EVENT_WANTS;
	for (size_t i = 0; i < r.len; i++) {
		r.data[i].step = (uint32_t)i + 1;
		if (wanted && r.data[i].time > wanted &&
		    (!i || r.data[i - 1].time <= wanted))
			accord_add(a, &wants, 1);
		accord_add(a, &r.data[i], 1);
	}
	accord_finish(a);
	accord_events(a, &events);
	for (size_t i = 0; i < events.len; i++)
		if (events.data[i].flags & EVENT_WANTS)
			step = step ? UINT32_MAX : events.data[i].step;
	vec_free(&events);
	accord_free(a);
	vec_free(&r);
	return step;
}

/* In the model B stands before the lock from the start. */
static void only_who_had_to_wait_has(void **state)
{
	struct program *p = scenario("mutex m\n"
				     "thread A:\n    lock m\n    work \"a\"\n"
				     "    work \"b\"\n    unlock m\n"
				     "thread B:\n    lock m\n");

	(void)state;
	assert_int_equal(begins_to_wait(p, "A*4 B", 0), 0);
	assert_int_equal(begins_to_wait(p, "A*4 B", 4000), 2);
	program_free(p);
}

/* One signal, two who say that it woke them. */
static void one_signal_wakes_one(void **state)
{
	const char *text = "mutex m\n"
			   "cond c\n"
			   "thread A, B:\n"
			   "    lock m\n"
			   "    let t = waitfor(c, m, 5)\n"
			   "    unlock m\n"
			   "thread S:\n"
			   "    signal c\n";
	struct program *p = scenario(text);
	struct records r = records_of(p, "A*2 B*2 S A*2 B? B", NULL);

	(void)state;
	assert_int_equal(ask(p, &r), ACCORD_SO_FAR);
	r = records_of(p, "A*2 B*2 S A*2 B? B", NULL);
	r.data[7].flags &= (uint8_t)~EVENT_TIMEOUT;
	r.data[7].value = 1;
	assert_int_equal(ask(p, &r), ACCORD_MISMATCH);
	program_free(p);
}

/* A was killed after a step that it could not record any more: B saw it. */
static void nobody_is_blamed_for_being_killed(void **state)
{
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A B B", NULL);
	struct accord *a = accord_new(p);

	(void)state;
	accord_add(a, r.data, 1);
	accord_add(a, r.data + 2, r.len - 2); /* reads 1, which nobody wrote */
	accord_finish(a);
	assert_int_equal(accord_state(a), ACCORD_SO_FAR);
	assert_int_equal(accord_steps(a), 1);
	accord_free(a);
	vec_free(&r);
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

static enum verdict verdict_of(const char *text, const char *schedule, bool gap,
			       enum verdict real, struct str *why)
{
	struct program *p = scenario(text);
	struct records r = records_of(p, schedule, NULL);
	struct accord *a = accord_new(p);
	enum verdict v;

	if (gap)
		r.data[1].kind = EVENT_LOST;
	accord_add(a, r.data, r.len);
	accord_finish(a);
	str_clear(why);
	v = accord_verdict(a, real, why);
	accord_free(a);
	vec_free(&r);
	program_free(p);
	return v;
}

/* What must always hold is judged in the order found, but not over a gap. */
static void verdicts_know_all_checks(void **state)
{
	static const char always[] = "shared x = 0\nthread A:\n    x = 1\n"
				     "    x = 0\nalways x < 1\n";
	static const char order[] = "thread A:\n    work \"a\"\n"
				    "thread B:\n    work \"b\"\n"
				    "order \"a\" before \"b\"\n";
	struct str why = {0};

	(void)state;
	assert_int_equal(verdict_of(always, "A", false, VERDICT_OK, &why),
			 VERDICT_VIOLATED);
	assert_non_null(strstr(str_cstr(&why), "always x < 1 (x is 1)"));
	assert_int_equal(verdict_of(order, "B A", false, VERDICT_OK, &why),
			 VERDICT_VIOLATED);
	assert_int_equal(verdict_of(order, "A B", false, VERDICT_OK, &why),
			 VERDICT_OK);
	assert_string_equal(str_cstr(&why), "");
	assert_int_equal(verdict_of(order, "A B", true, VERDICT_OK, &why),
			 VERDICT_NONE);
	assert_non_null(strstr(str_cstr(&why), "up to a gap"));
	assert_int_equal(verdict_of(order, "A B", true, VERDICT_CRASH, &why),
			 VERDICT_CRASH);
	assert_int_equal(verdict_of(race, "A B A B", true, VERDICT_OK, &why),
			 VERDICT_OK);
	str_free(&why);
}

static void findings_name_the_record(void **state)
{
	struct program *p = scenario(race);
	struct records r = records_of(p, "A A B B", NULL);
	struct accord *a = accord_new(p);
	struct finding f;

	(void)state;
	end_all(p, &r);
	for (size_t i = 0; i < r.len; i++)
		r.data[i].step = (uint32_t)i + 1;
	r.data[2].value = 7;
	accord_add(a, r.data, r.len);
	assert_false(accord_finding(a, &f));
	accord_finish(a);
	assert_true(accord_finding(a, &f));
	assert_int_equal(f.kind, FINDING_MODEL_MISMATCH);
	assert_int_equal(f.events[0], 2);
	assert_int_equal(f.step, 3);
	finding_fini(&f);
	accord_free(a);
	vec_free(&r);
	program_free(p);
}

/* ---- real threads ------------------------------------------------------ */

/* All that a run of it records. */
static struct records run(const struct program *p, uint64_t chaos,
			  double seconds)
{
	struct free_options o = {
		.seed = 1, .ring = 1 << 17, .chaos = chaos, .seconds = seconds};
	static struct event batch[4096];
	struct records r = {0};
	struct error err = {0};
	struct free_run *f = free_start(p, &o, &err);
	bool over = false;

	assert_string_equal(err.text, "");
	while (!over) {
		bool ended = free_state(f) > FREE_PAUSED;
		size_t n = free_poll(f, batch, 4096);

		for (size_t i = 0; i < n; i++)
			vec_push(&r, batch[i]);
		over = ended && n < 4096;
	}
	assert_int_not_equal(free_state(f), FREE_DIED);
	free_close(f);
	return r;
}

static enum accord_state judge(const struct program *p, const struct records *r)
{
	struct accord *a = accord_new(p);
	enum accord_state state;

	accord_add(a, r->data, r->len);
	accord_finish(a);
	state = accord_state(a);
	str_clear(&said);
	accord_format(a, &said);
	accord_free(a);
	return state;
}

/* Whatever the kernel does, the model must be able to. */
static void must_be_explained(const struct program *p, uint64_t chaos)
{
	struct records r = run(p, chaos, 0.05);

	if (judge(p, &r) == ACCORD_MISMATCH)
		fail_msg("%s: %s", p->title, str_cstr(&said));
	vec_free(&r);
}

static void free_runs_are_explained(void **state)
{
	const char *const texts[] = {
		"shared x = 0\nthread T[3]:\n    repeat 3000:\n"
		"        x += 1\n",
		"shared n = 0\nmutex m\ncond c\nthread T[3]:\n"
		"    repeat 100:\n        lock m\n        n += 1\n"
		"        while n % 2 == 0 and n < 290:\n"
		"            let k = waitfor(c, m, 1)\n"
		"            n += 1\n        signal c\n        unlock m\n",
		"queue q max 2\nsem s = 1\nthread A:\n    repeat 500:\n"
		"        put q, 1\n        wait s\n        post s\n"
		"thread B:\n    repeat 500:\n        let v = get(q)\n"
		"        wait s\n        post s\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct program *p = scenario(texts[i]);

		for (uint64_t seed = 0; seed < 6; seed++)
			must_be_explained(p, seed);
		program_free(p);
	}
}

static void so_are_all_that_ship(void **state)
{
	(void)state;
	for (size_t i = 0; i < embedded_count; i++) {
		struct program *p =
			shipped(embedded_scenarios[i].name, NULL, 0);

		must_be_explained(p, i + 1);
		program_free(p);
	}
}

/* Time-outs, signals and mutexes at close quarters. */
static void so_is_the_gil_under_chaos(void **state)
{
	static const char *const names[] = {"gil", "gil-exact", "gil-no-force",
					    "gil-convoy"};
	const struct lang_param k = {"k", 10};

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct program *p = shipped(names[i], &k, 1);

		for (uint64_t seed = 1; seed < 4; seed++)
			must_be_explained(p, seed);
		program_free(p);
	}
}

static const char busy[] = "shared n = 0\nmutex m\nqueue q\nsem s = 1\n"
			   "thread A, B:\n    repeat 200:\n"
			   "        lock m\n        n += 1\n"
			   "        put q, n\n        unlock m\n"
			   "        wait s\n        let v = get(q)\n"
			   "        post s\n";

/* Turns the i-th record into a lie; false: it has none to tell. */
static bool falsify(struct records *r, size_t i)
{
	struct event *e = &r->data[i];

	switch (event_is_mark(e) ? EVENT_END : e->kind) {
	case OP_READ:
	case OP_GET:
		e->value += 1000; /* a value that never was */
		return true;
	case OP_WRITE:
		e->value -= 1;
		return true;
	case OP_LOCK:
	case OP_UNLOCK:
	case OP_SEM_WAIT:
		memmove(e, e + 1, (--r->len - i) * sizeof *e); /* gone */
		return true;
	default:
		return false;
	}
}

static uint32_t draw(uint32_t *seed, uint32_t n)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 16) % n;
}

/* As two processors might have recorded them: at random, close together. */
static struct records any_run(const struct program *p)
{
	struct str s = {0};
	struct world *w = world_new(p);
	uint32_t seed = 1;
	struct records r;
	uint64_t time = 0;

	while (world_verdict(w, p) == VERDICT_NONE) {
		thread_id t = (thread_id)draw(&seed, 2);

		if (!world_can(w, p, choice_move(t)))
			continue;
		world_step(w, p, choice_move(t), 0, NULL);
		str_addf(&s, "%s ", program_thread_name(p, t));
	}
	r = records_of(p, str_cstr(&s), NULL);
	for (size_t i = 0; i < r.len; i++)
		r.data[i].time = time += 50 + draw(&seed, 400);
	end_all(p, &r);
	free(w);
	str_free(&s);
	return r;
}

/* None is believed; of hardly any it is not certain. */
static void lies_are_found_out(void **state)
{
	struct program *p = scenario(busy);
	struct records r = any_run(p);
	size_t told = 0, unsure = 0;

	(void)state;
	assert_int_equal(judge(p, &r), ACCORD_SO_FAR);
	for (size_t i = 7; i < r.len; i += r.len / 97) {
		struct records lie = {0};

		for (size_t k = 0; k < r.len; k++)
			vec_push(&lie, r.data[k]);
		if (falsify(&lie, i)) {
			told++;
			if (judge(p, &lie) == ACCORD_SO_FAR)
				fail_msg("record %zu: %s", i, str_cstr(&said));
			unsure += judge(p, &lie) == ACCORD_UNSURE;
		}
		vec_free(&lie);
	}
	assert_true(told > 50);
	assert_true(unsure * 10 < told);
	vec_free(&r);
	program_free(p);
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
		cmocka_unit_test(however_long_that_takes),
		cmocka_unit_test(who_is_held_up_is_waited_for),
		cmocka_unit_test(so_is_who_last_said_that_it_waits),
		cmocka_unit_test(what_shows_late_is_a_doubt),
		cmocka_unit_test(the_lost_may_explain_it),
		cmocka_unit_test(only_who_had_to_wait_has),
		cmocka_unit_test(one_signal_wakes_one),
		cmocka_unit_test(nobody_is_blamed_for_being_killed),
		cmocka_unit_test(blocks_are_one_step),
		cmocka_unit_test(behind_a_gap_nothing_is_said),
		cmocka_unit_test(broken_checks_are_noticed),
		cmocka_unit_test(verdicts_know_all_checks),
		cmocka_unit_test(findings_name_the_record),
		cmocka_unit_test(free_runs_are_explained),
		cmocka_unit_test(so_are_all_that_ship),
		cmocka_unit_test(so_is_the_gil_under_chaos),
		cmocka_unit_test(lies_are_found_out),
	};
	int failed = cmocka_run_group_tests_name("accord", tests, NULL, NULL);

	str_free(&said);
	return failed;
}
