/*
 * test_freely_found.c - what the folds find in runs that the kernel scheduled:
 * the truth about wrong ones, nothing in right ones, and no crash in any.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "scenario.h"
#include "threadviz/accord.h"
#include "threadviz/analysis.h"
#include "threadviz/embedded.h"
#include "threadviz/free.h"
#include "threadviz/sched.h"
#include "threadviz/tracefile.h"

enum { BATCH = 512 };

struct seen {
	struct event_list records; /* as they came */
	struct event_list events;  /* in the order that explains them */
	struct finding_list found; /* in these */
	enum accord_state state;
};

static void explain(const struct program *p, struct seen *s)
{
	struct accord *a = accord_new(p);

	accord_add(a, s->records.data, s->records.len);
	accord_finish(a);
	s->state = accord_state(a);
	accord_events(a, &s->events);
	accord_free(a);
	analysis_run(p, s->events.data, s->events.len, &s->found);
}

static void collect(struct free_run *run, struct event_list *out)
{
	static const struct timespec nap = {0, 200000};
	struct event batch[BATCH];
	size_t n = BATCH;

	while (free_state(run) <= FREE_PAUSED || n == BATCH) {
		n = free_poll(run, batch, BATCH);
		for (size_t i = 0; i < n; i++)
			vec_push(out, batch[i]);
		if (n < BATCH)
			nanosleep(&nap, NULL);
	}
	while ((n = free_poll(run, batch, BATCH)) > 0)
		for (size_t i = 0; i < n; i++)
			vec_push(out, batch[i]);
}

static struct seen run_freely(const struct program *p, uint64_t chaos,
			      double seconds)
{
	struct free_options o = {
		.chaos = chaos, .seed = chaos + 1, .seconds = seconds};
	struct error err = {0};
	struct free_run *run = free_start(p, &o, &err);
	struct seen s = {0};

	if (!run)
		fail_msg("%s", err.text);
	collect(run, &s.records);
	free_close(run);
	explain(p, &s);
	return s;
}

static void forget(struct seen *s)
{
	vec_free(&s->records);
	vec_free(&s->events);
	finding_list_fini(&s->found);
}

static const struct finding *find(const struct seen *s, enum finding_kind kind)
{
	for (size_t i = 0; i < s->found.len; i++)
		if (s->found.data[i].kind == kind)
			return &s->found.data[i];
	return NULL;
}

/* ---- wrong ones -------------------------------------------------------- */

/* However the kernel schedules it: each has one lock and wants the other. */
static const char embrace[] =
	"mutex red, blue\nsem a = 0, b = 0\n"
	"thread A:\n\tlock red\n\tpost a\n\twait b\n\tlock blue\n"
	"thread B:\n\tlock blue\n\tpost b\n\twait a\n\tlock red\n";

/* The last step of that kind, as its record is numbered. */
static uint32_t step_of(const struct seen *s, thread_id t, uint8_t kind)
{
	uint32_t step = 0;

	for (size_t i = 0; i < s->records.len; i++) {
		const struct event *e = &s->records.data[i];

		if (e->thread == t && e->kind == kind && !event_is_mark(e))
			step = e->step;
	}
	assert_true(step);
	return step;
}

static void a_deadlock_is_explained(void **state)
{
	struct program *p = scenario(embrace);
	struct seen s = run_freely(p, 0, 5);
	const struct finding *f = find(&s, FINDING_DEADLOCK);
	struct str what = {0};

	(void)state;
	assert_int_equal(s.state, ACCORD_SO_FAR);
	assert_non_null(f);
	str_addf(&what,
		 "A wants blue (B's since step %u), B wants red (A's "
		 "since step %u).",
		 step_of(&s, 1, OP_LOCK), step_of(&s, 0, OP_LOCK));
	assert_string_equal(f->what, str_cstr(&what));
	assert_string_equal(f->fix, "take both in one order everywhere: red "
				    "before blue");
	finding_list_point(&s.found, s.events.data);
	assert_int_equal(f->events[1] + 1, step_of(&s, 0, OP_LOCK));
	str_free(&what);
	forget(&s);
	program_free(p);
}

/* A is held up between its read and its write until B has written. */
static const char update[] = "shared count = 0\nsem a = 0, b = 0\n"
			     "thread A:\n\tlet c = count\n\tpost a\n\twait b\n"
			     "\tcount = c + 1\n"
			     "thread B:\n\twait a\n\tcount++\n\tpost b\n"
			     "finally count == 2\n";

static void a_lost_update_is_explained(void **state)
{
	struct program *p = scenario(update);
	struct seen s = run_freely(p, 3, 5);
	const struct finding *f = find(&s, FINDING_LOST_UPDATE);
	struct str why = {0};

	(void)state;
	assert_non_null(f);
	assert_string_equal(f->what, "A writes count = 1 over B's 1. Reading "
				     "it now, it would write 2.");
	str_addf(&why,
		 "A's value is from its read at step %u, stale since B's "
		 "write (step %u).",
		 step_of(&s, 0, OP_READ), step_of(&s, 1, OP_WRITE));
	assert_string_equal(f->why, str_cstr(&why));
	assert_non_null(find(&s, FINDING_VIOLATED));
	assert_null(find(&s, FINDING_DATA_RACE)); /* the semaphores order it */
	str_free(&why);
	forget(&s);
	program_free(p);
}

static void a_signal_to_nobody_is_explained(void **state)
{
	struct program *p =
		scenario("mutex m\ncond c\nsem late = 0\n"
			 "thread A:\n\twait late\n\tlock m\n\twait c, m\n"
			 "\tunlock m\n"
			 "thread B:\n\tsignal c\n\tpost late\n");
	struct seen s = run_freely(p, 0, 5);

	(void)state;
	assert_non_null(find(&s, FINDING_LOST_WAKEUP));
	forget(&s);
	program_free(p);
}

/* What was found then is found in the file, too. */
static void a_file_says_the_same(void **state)
{
	struct program *p = scenario(embrace);
	struct seen s = run_freely(p, 0, 5), again = {0};
	struct recording r = {.program = p,
			      .engine = "free",
			      .events = s.records.data,
			      .event_count = s.records.len};
	struct error err = {0};
	struct str bytes = {0};
	struct tracefile f;

	(void)state;
	tracefile_encode(&r, &bytes);
	assert_true(tracefile_decode(&f, "x", bytes.data, bytes.len, &err));
	assert_true(tracefile_fit(&f, p, &err));
	for (size_t i = 0; i < f.event_count; i++)
		vec_push(&again.records, f.events[i]);
	explain(p, &again);
	assert_int_equal(again.found.len, s.found.len);
	for (size_t i = 0; i < s.found.len; i++)
		assert_string_equal(again.found.data[i].what,
				    s.found.data[i].what);
	forget(&again);
	forget(&s);
	tracefile_fini(&f);
	str_free(&bytes);
	program_free(p);
}

/* ---- gaps and bends ----------------------------------------------------- */

static void nothing_is_said_over_a_gap(void **state)
{
	struct program *p = scenario(update);
	struct seen s = run_freely(p, 0, 5), cut = {0};

	(void)state;
	for (size_t i = 0; i < s.records.len; i++) {
		if (i == 3)
			vec_push(&cut.records,
				 (struct event){.kind = EVENT_LOST,
						.thread = THREAD_NONE,
						.object = OBJECT_NONE,
						.other = THREAD_NONE});
		vec_push(&cut.records, s.records.data[i]);
	}
	explain(p, &cut);
	assert_int_equal(cut.state, ACCORD_GAP);
	assert_int_equal(cut.found.len, 0);
	forget(&cut);
	forget(&s);
	program_free(p);
}

static void add_record(const struct program *p, struct event_list *list,
		       uint64_t time, thread_id t, uint8_t kind, int32_t value)
{
	uint32_t step = (uint32_t)list->len + 1;
	code_addr pc = 0;

	while (p->code.data[pc].code != kind || pc < p->threads.data[t].entry)
		pc++;
	vec_push(list, (struct event){.time = time,
				      .step = step,
				      .thread = t,
				      .kind = kind,
				      .other = THREAD_NONE,
				      .pc = pc,
				      .value = value});
}

/* A was interrupted between its read and the stamp: B's write has an earlier
 * one, and came later. */
static void an_old_read_stands_where_it_was(void **state)
{
	struct program *p = scenario("shared x = 0\n"
				     "thread A, B:\n\tx++\n\tyield\n");
	struct seen s = {0};
	const struct finding *f;

	(void)state;
	add_record(p, &s.records, 1000, 1, OP_READ, 0);
	add_record(p, &s.records, 2000, 1, OP_WRITE, 1);
	add_record(p, &s.records, 90000, 0, OP_READ, 0);
	add_record(p, &s.records, 91000, 0, OP_WRITE, 1);
	add_record(p, &s.records, 95000, 1, OP_YIELD, 0);
	add_record(p, &s.records, 96000, 0, OP_YIELD, 0);
	explain(p, &s);
	assert_int_equal(s.state, ACCORD_SO_FAR);
	f = find(&s, FINDING_LOST_UPDATE);
	assert_non_null(f);
	assert_string_equal(f->why, "A's value is from its read at step 3, "
				    "stale since B's write (step 2).");
	assert_true(f->events[2] < f->events[0]);
	forget(&s);
	program_free(p);
}

/* ---- the order --------------------------------------------------------- */

/* The steps that a policy takes in the model, as if real threads had. */
static void simulate(const struct program *p, struct timeline *tl,
		     struct event_list *records)
{
	bool waits[LIMIT_THREADS] = {false};
	enum { MOST = 300 };
	struct error err = {0};
	struct policy *policy = policy_new("random", 5, p, &err);
	struct choice c;

	for (int i = 0; i < MOST && policy_choose(policy, tl->last, &c); i++) {
		policy_note(policy, tl->last, c);
		timeline_push(tl, c);
	}
	policy_free(policy);
	for (size_t i = 0; i < tl->events.len; i++) {
		struct event e = tl->events.data[i];

		e.time *= 10000;
		if (e.kind >= OP_COUNT ||
		    (event_is_mark(&e) && waits[e.thread]))
			continue;
		waits[e.thread] = event_is_mark(&e);
		vec_push(records, e);
	}
}

/* Which sleeper a signal woke, and when a store drained, nobody recorded. */
static bool leaves_it_open(const struct program *p)
{
	for (size_t i = 0; i < p->objects.count; i++)
		if (p->objects.data[i].buffered ||
		    p->objects.data[i].kind == OBJECT_COND)
			return true;
	return p->spurious;
}

static void the_order_is_told_as_events(void **state)
{
	size_t compared = 0;

	(void)state;
	for (size_t i = 0; i < embedded_count; i++) {
		struct program *p =
			shipped(embedded_scenarios[i].name, NULL, 0);
		struct timeline tl;
		struct seen s = {0};

		timeline_init(&tl, p);
		simulate(p, &tl, &s.records);
		explain(p, &s);
		if (!leaves_it_open(p)) {
			assert_int_equal(s.events.len, tl.events.len);
			compared++;
		}
		for (size_t k = 0; k < tl.events.len && !leaves_it_open(p);
		     k++) {
			s.events.data[k].time = tl.events.data[k].time;
			s.events.data[k].flags &= (uint8_t)~EVENT_WAITED;
			assert_memory_equal(&s.events.data[k],
					    &tl.events.data[k],
					    sizeof(struct event));
		}
		forget(&s);
		timeline_fini(&tl);
		program_free(p);
	}
	assert_true(compared > 50);
}

/* ---- right ones -------------------------------------------------------- */

static bool is_right(const struct program *p)
{
	for (size_t i = 0; i < p->expects.count; i++)
		if (p->expects.data[i].kind == EXPECT_VERDICTS)
			return !(p->expects.data[i].verdicts &
				 ~(1u << VERDICT_OK));
	return false;
}

static bool races_on_purpose(const struct program *p, object_id id)
{
	for (size_t i = 0; i < p->expects.count; i++) {
		const struct expect *e = &p->expects.data[i];

		for (size_t k = 0;
		     e->kind == EXPECT_RACE && k < e->object_count; k++)
			if (e->objects[k] == id)
				return true;
	}
	return false;
}

/* A note on a queue, a race that is expected, or what the scenario is for. */
static bool is_meant(const struct program *p, const struct finding *f)
{
	return finding_info[f->kind].severity == SEVERITY_NOTE ||
	       (f->kind == FINDING_DATA_RACE &&
		races_on_purpose(p, f->object)) ||
	       (f->kind == FINDING_PRIORITY_INVERSION &&
		!strcmp(p->name, "priority-inversion"));
}

static void check_right(const struct program *p, uint64_t chaos)
{
	struct seen s = run_freely(p, chaos, 0.02);
	struct finding_list raw = {0};

	for (size_t i = 0; i < s.found.len; i++) {
		const struct finding *f = &s.found.data[i];

		if (!is_meant(p, f))
			fail_msg("%s, step %u: %s: %s", p->name, f->step,
				 finding_info[f->kind].title, f->what);
	}
	/* The records as they are: any order must do no harm. */
	analysis_run(p, s.records.data, s.records.len, &raw);
	finding_list_fini(&raw);
	forget(&s);
}

static void right_ones_are_left_in_peace(void **state)
{
	(void)state;
	for (size_t i = 0; i < embedded_count; i++) {
		struct program *p =
			shipped(embedded_scenarios[i].name, NULL, 0);

		if (is_right(p)) {
			check_right(p, 0);
			check_right(p, i + 1);
		}
		program_free(p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadlock_is_explained),
		cmocka_unit_test(a_lost_update_is_explained),
		cmocka_unit_test(a_signal_to_nobody_is_explained),
		cmocka_unit_test(a_file_says_the_same),
		cmocka_unit_test(nothing_is_said_over_a_gap),
		cmocka_unit_test(an_old_read_stands_where_it_was),
		cmocka_unit_test(the_order_is_told_as_events),
		cmocka_unit_test(right_ones_are_left_in_peace),
	};

	return cmocka_run_group_tests_name("freely found", tests, NULL, NULL);
}
