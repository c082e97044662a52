/*
 * test_export.c - what an export says of time against the model: in which
 * state a thread is after each step, who has which lock, how many wait.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "export/story.h"
#include "scenario.h"
#include "threadviz/embedded.h"
#include "threadviz/export.h"
#include "threadviz/sched.h"

enum { STEPS = 300, SLOT = 1000 };

/* A run of a policy, and its story. */
struct told {
	struct program *program;
	struct timeline timeline;
	struct recording recording;
	struct story story;
};

static void tell(struct told *t, struct program *p, const char *policy)
{
	struct error err = {0};
	struct policy *who = policy_new(policy, 7, p, &err);
	struct choice c;

	t->program = p;
	timeline_init(&t->timeline, p);
	assert_non_null(who);
	while (t->timeline.schedule.len < STEPS &&
	       policy_choose(who, t->timeline.last, &c)) {
		policy_note(who, t->timeline.last, c);
		timeline_push(&t->timeline, c);
	}
	policy_free(who);
	t->recording = (struct recording){
		.program = p,
		.engine = "sim",
		.schedule = t->timeline.schedule.data,
		.steps = t->timeline.schedule.len,
		.events = t->timeline.events.data,
		.event_count = t->timeline.events.len,
	};
	story_init(&t->story, &t->recording);
}

static void forget(struct told *t)
{
	story_fini(&t->story);
	timeline_fini(&t->timeline);
	program_free(t->program);
}

static struct program *compile(const struct embedded *e)
{
	struct diagnostics none = {0};
	struct program *p = program_compile(e->name, e->name, e->text, e->len,
					    NULL, 0, &none);

	diagnostics_fini(&none);
	assert_non_null(p);
	return p;
}

/* ---- against the model ------------------------------------------------- */

static const struct stretch *stretch_at(const struct story *s, thread_id t,
					uint64_t at)
{
	for (size_t i = 0; i < s->stretches.len; i++) {
		const struct stretch *x = &s->stretches.data[i];

		if (x->thread == t && x->from <= at && at < x->to)
			return x;
	}
	return NULL;
}

static bool state_fits(enum state state, enum thread_status status,
		       bool blocked)
{
	switch (state) {
	case STATE_RUNNING: /* the next slot is its own, see compare_states */
		return true;
	case STATE_READY:
		return status == THREAD_READY ||
		       (status == THREAD_BLOCKED && !blocked);
	case STATE_BLOCKED:
		return blocked;
	case STATE_ASLEEP:
		return status == THREAD_ASLEEP;
	case STATE_IDLE:
		return status == THREAD_LATER || status == THREAD_ENDED;
	case STATE_COUNT:
		break;
	}
	return false;
}

static bool moves(const struct choice *c, size_t thread)
{
	return c->thread == thread && choice_is_move(*c);
}

static void compare_states(struct told *t, size_t n)
{
	const struct world *w = timeline_at(&t->timeline, n);
	const struct program *p = t->program;
	uint64_t blocked = timeline_blocked(w, p);

	for (size_t k = 0; k < p->threads.count; k++) {
		enum thread_status status = world_status(w, p, (thread_id)k);
		const struct stretch *x =
			stretch_at(&t->story, (thread_id)k, n * SLOT);

		assert_non_null(x);
		assert_int_equal(x->state == STATE_RUNNING,
				 moves(&t->timeline.schedule.data[n], k));
		if (!state_fits(x->state, status, blocked >> k & 1))
			fail_msg("%s, after step %zu: %s is drawn %s, but is "
				 "%d",
				 p->name, n, p->threads.data[k].name,
				 state_name[x->state], (int)status);
	}
}

static void compare_locks(struct told *t, size_t n)
{
	const struct world *w = timeline_at(&t->timeline, n);
	const struct story *s = &t->story;
	uint64_t at = n * SLOT;

	for (place_id k = 0; k < s->base[t->program->objects.count]; k++) {
		thread_id drawn = THREAD_NONE, owner;
		int32_t index;
		object_id id = story_object(s, k, &index);

		if (t->program->objects.data[id].kind != OBJECT_MUTEX)
			continue;
		for (size_t i = 0; i < s->holds.len; i++)
			if (s->holds.data[i].place == k &&
			    s->holds.data[i].from <= at &&
			    at < s->holds.data[i].to)
				drawn = s->holds.data[i].thread;
		owner = world_owner(w, t->program, id, index);
		if (drawn != owner)
			fail_msg("%s, after step %zu: %s has a lock, drawn "
				 "with %s",
				 t->program->name, n,
				 program_thread_name(t->program, owner),
				 program_thread_name(t->program, drawn));
	}
}

/* At the end nothing is drawn any more: the last moment is left out. */
static void every_state_is_the_models(void **state)
{
	static const char *const policies[] = {"random", "rr", "pct"};

	(void)state;
	for (size_t i = 0; i < embedded_count; i++)
		for (size_t k = 0; k < 3; k++) {
			struct told t;

			tell(&t, compile(&embedded_scenarios[i]), policies[k]);
			for (size_t n = 0; n < t.recording.steps; n++) {
				compare_states(&t, n);
				compare_locks(&t, n);
			}
			forget(&t);
		}
}

/* ---- arrows ------------------------------------------------------------ */

static size_t event_of_step(const struct told *t, uint32_t step)
{
	for (size_t i = 0; i < t->recording.event_count; i++)
		if (t->recording.events[i].step == step &&
		    !event_is_mark(&t->recording.events[i]))
			return i;
	return SIZE_MAX;
}

static void assert_arrow(const struct told *t, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < t->story.arrows.len; i++)
		if (t->story.arrows.data[i].from == event_of_step(t, from) &&
		    t->story.arrows.data[i].to == event_of_step(t, to))
			return;
	fail_msg("no arrow from step %u to step %u", from, to);
}

/* unlock to lock, put to get, signal to retake, end to join, start to first */
static void arrows_say_what_let_whom_go_on(void **state)
{
	struct program *p = scenario("mutex m\nqueue q\nshared x = 0\n"
				     "later thread C:\n"
				     "    x = 1\n"
				     "thread A:\n"
				     "    lock m\n"
				     "    unlock m\n"
				     "    put q, 1\n"
				     "    put q, 2\n"
				     "    start C\n"
				     "    join C\n"
				     "thread B:\n"
				     "    lock m\n"
				     "    unlock m\n"
				     "    let a = get(q)\n"
				     "    let b = get(q)\n");
	struct schedule s;
	struct told t = {.program = p};

	(void)state;
	s = schedule_of(p, "A A B B A A B B A C A");
	timeline_init(&t.timeline, p);
	for (size_t i = 0; i < s.len; i++)
		timeline_push(&t.timeline, s.data[i]);
	t.recording = (struct recording){
		.program = p,
		.engine = "sim",
		.events = t.timeline.events.data,
		.event_count = t.timeline.events.len,
	};
	story_init(&t.story, &t.recording);
	assert_int_equal(t.story.arrows.len, 5);
	assert_arrow(&t, 2, 3);
	assert_arrow(&t, 5, 7);
	assert_arrow(&t, 6, 8);
	assert_arrow(&t, 9, 10);
	assert_arrow(&t, 10, 11);
	vec_free(&s);
	forget(&t);
}

/* ---- films ------------------------------------------------------------- */

/* What the frame adds to the film. */
static void assert_frame(struct cast *c, const struct grid *g, double seconds,
			 const char *wanted)
{
	struct str out = {0};

	cast_frame(c, g, THEME_MONO, true, seconds, &out);
	assert_string_equal(str_cstr(&out), wanted);
	str_free(&out);
}

static void a_film_holds_what_has_changed(void **state)
{
	struct rect all = {0, 0, 4, 2};
	struct cast c = {0};
	struct str out = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 4, 2);
	cast_begin(&c, 4, 2, "a \"film\"", &out);
	assert_string_equal(str_cstr(&out),
			    "{\"version\": 2, \"width\": 4, \"height\": 2, "
			    "\"title\": \"a \\\"film\\\"\"}\n");
	grid_text(&g, all, 0, 0, STYLE(TEXT), "abcd");
	assert_frame(&c, &g, 0,
		     "[0, \"o\", \"\\u001b[2J\\u001b[1;1H\\u001b[Kabcd"
		     "\\u001b[?25l\"]\n");
	assert_frame(&c, &g, 0.5, "");
	grid_text(&g, all, 1, 1, STYLE(TEXT), "x");
	assert_frame(&c, &g, 1.25,
		     "[1.25, \"o\", \"\\u001b[2;1H\\u001b[K x"
		     "\\u001b[?25l\"]\n");
	grid_cursor(&g, all, 2, 1, true);
	assert_frame(&c, &g, 2, "[2, \"o\", \"\\u001b[2;3H\\u001b[?25h\"]\n");
	grid_resize(&g, 5, 1);
	assert_frame(&c, &g, 3,
		     "[3, \"r\", \"5x1\"]\n"
		     "[3, \"o\", \"\\u001b[2J\\u001b[?25l\"]\n");
	cast_end(&c);
	grid_fini(&g);
	str_free(&out);
}

static void formats_are_found_by_name(void **state)
{
	(void)state;
	assert_string_equal(export_find("perfetto")->suffix, "pftrace");
	assert_null(export_find("perfett"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_state_is_the_models),
		cmocka_unit_test(arrows_say_what_let_whom_go_on),
		cmocka_unit_test(a_film_holds_what_has_changed),
		cmocka_unit_test(formats_are_found_by_name),
	};

	return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}
