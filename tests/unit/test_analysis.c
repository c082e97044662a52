/*
 * test_analysis.c - the folds over events: what orders, what races, the words
 * of a step and its cause; and that right programs are left in peace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analysis/inside.h"
#include "scenario.h"
#include "threadviz/embedded.h"
#include "threadviz/sched.h"
#include "threadviz/timeline.h"
#include "threadviz/utf8.h"

/* ---- runs -------------------------------------------------------------- */

struct run {
	struct program *p;
	struct timeline tl;
	struct finding_list found;
};

static void run_begin(struct run *r, const char *text)
{
	*r = (struct run){.p = scenario(text)};
	timeline_init(&r->tl, r->p);
}

static void run_steps(struct run *r, const char *schedule)
{
	struct schedule s = schedule_of(r->p, schedule);

	for (size_t i = 0; i < s.len; i++) {
		assert_true(world_can(r->tl.last, r->p, s.data[i]));
		timeline_push(&r->tl, s.data[i]);
	}
	vec_free(&s);
	analysis_run(r->p, r->tl.events.data, r->tl.events.len, &r->found);
}

static void run_open(struct run *r, const char *text, const char *schedule)
{
	run_begin(r, text);
	run_steps(r, schedule);
}

static void run_close(struct run *r)
{
	finding_list_fini(&r->found);
	timeline_fini(&r->tl);
	program_free(r->p);
}

static size_t count_kind(const struct run *r, enum finding_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < r->found.len; i++)
		n += r->found.data[i].kind == kind;
	return n;
}

static size_t first_event(const struct run *r, size_t step)
{
	return r->tl.first_event.data[step - 1];
}

/* ---- what orders ------------------------------------------------------- */

/* A writes x, B reads it; what stands between them must order the two. */
struct ordering {
	const char *objects, *after_write, *before_read, *schedule;
};

static void check_ordering(const struct ordering *o, bool ordered)
{
	struct str text = {0};
	struct run r;

	str_addf(&text, "shared x = 0\n%s\n"
			"thread A:\n\tx = 1\n%s\tyield\n"
			"thread B:\n%s\tprint x\n"
			"thread C:\n\tyield\n",
		 o->objects, ordered ? o->after_write : "",
		 ordered ? o->before_read : "");
	run_open(&r, str_cstr(&text), ordered ? o->schedule : "A B");
	assert_int_equal(count_kind(&r, FINDING_DATA_RACE), !ordered);
	run_close(&r);
	str_free(&text);
}

static void everything_orders_that_should(void **state)
{
	static const struct ordering cases[] = {
		{"mutex m", "\tlock m\n\tunlock m\n", "\tlock m\n",
		 "A*3 B*2"},
		{"rwlock r", "\twrlock r\n\tunlock r\n", "\trdlock r\n",
		 "A*3 B*2"},
		{"rwlock r", "\trdlock r\n\tunlock r\n", "\twrlock r\n",
		 "A*3 B*2"},
		{"sem s = 0", "\tpost s\n", "\twait s\n", "A*2 B*2"},
		{"sem s = 0", "\tpost s\n", "\tlet g = trywait(s)\n",
		 "A*2 B*2"},
		{"event e", "\tset e\n", "\twait e\n", "A*2 B*2"},
		{"event e", "\tset e\n", "\tlet g = isset(e)\n", "A*2 B*2"},
		{"barrier b = 2", "\twait b\n", "\twait b\n", "A*2 B*2 A B"},
		{"queue q max 2", "\tput q, 1\n", "\tlet g = get(q)\n",
		 "A*2 B*2"},
		{"queue q", "\tput q, 1\n\tlet g = get(q)\n\tdone q\n",
		 "\tjoin q\n", "A*4 B*2"},
		{"countdown k = 1", "\tarrive k\n", "\twait k\n", "A*2 B*2"},
		{"atomic f = 0", "\tf = 1\n", "\tlet g = f\n", "A*2 B*2"},
		{"shared f = 0", "\tlet g = xchg(f, 1)\n",
		 "\tlet g = fetch_add(f, 1)\n", "A*2 B*2"},
		{"mutex m", "", "\tjoin A\n", "A*2 B*2"},
		{"mutex m\ncond c", "\tsignal c\n",
		 "\tlock m\n\twait c, m\n", "B*2 A*2 B*2"},
		{"mutex m\ncond c", "\tbroadcast c\n",
		 "\tlock m\n\twait c, m\n", "B*2 A*2 B*2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		check_ordering(&cases[i], true);
		check_ordering(&cases[i], false);
	}
}

/* What looks as if it ordered, and does not. */
static void nothing_else_orders(void **state)
{
	static const struct ordering cases[] = {
		{"mutex m, n", "\tlock m\n\tunlock m\n", "\tlock n\n",
		 "A*3 B*2"},
		{"rwlock r", "\trdlock r\n\tunlock r\n", "\trdlock r\n",
		 "A*3 B*2"},
		{"sem s = 1", "\twait s\n", "\tyield\n", "A*2 B*2"},
		{"mutex m", "", "\tsleep 5\n", "A B*2"},
		{"queue q max 9", "\tlet g = tryget(q)\n", "\tput q, 1\n",
		 "A*2 B*2"},
		{"atomic f = 0", "\tlet g = f\n", "\tf = 1\n", "A*2 B*2"},
		{"shared f = 0", "\tatomic:\n\t\tf = 1\n",
		 "\tatomic:\n\t\tf = 2\n", "A*2 B*2"},
		{"mutex m\ncond c", "\tsignal c\n", "\tlock m\n", "A*2 B*2"},
		{"event e", "\tclear e\n", "\tlet g = isset(e)\n", "A*2 B*2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct ordering *o = &cases[i];
		struct str text = {0};
		struct run r;

		str_addf(&text, "shared x = 0\n%s\nthread A:\n\tx = 1\n%s"
				"\tyield\nthread B:\n%s\tprint x\n",
			 o->objects, o->after_write, o->before_read);
		run_open(&r, str_cstr(&text), o->schedule);
		assert_int_equal(count_kind(&r, FINDING_DATA_RACE), 1);
		run_close(&r);
		str_free(&text);
	}
}

/* An item orders its own put before its get, not the next one's. */
static void an_item_orders_only_its_own(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, "shared x = 0\nqueue q\n"
		     "thread A:\n\tput q, 1\n\tx = 1\n\tput q, 2\n"
		     "thread B:\n\tlet g = get(q)\n\tprint x\n", "A*3 B*2");
	assert_int_equal(count_kind(&r, FINDING_DATA_RACE), 1);
	run_close(&r);
}

/* Who sees a store that has drained knows what came before it; the store itself
 * races with who looks for it. */
static void a_store_that_is_seen_orders(void **state)
{
	static const char text[] =
		"shared x = 0\nbuffered f = 0\n"
		"thread A:\n\tx = 1\n\tf = 1\n\tyield\n"
		"thread B:\n\tlet g = f\n\tprint x\n\tyield\n";
	static const struct {
		const char *schedule;
		size_t races;
		object_id first;
	} cases[] = {
		{"A*2 A~ B*2", 1, 1}, {"A*2 B*2", 2, 1}, {"A B*2", 1, 0},
		{"B A*2 A~ B", 2, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct run r;

		run_open(&r, text, cases[i].schedule);
		assert_int_equal(count_kind(&r, FINDING_DATA_RACE),
				 cases[i].races);
		assert_int_equal(r.found.data[0].object, cases[i].first);
		run_close(&r);
	}
}

static void a_start_orders_and_a_join(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, "shared x = 0\nlater thread W:\n\tx = x + 1\n"
		     "thread Main:\n\tx = 1\n\tstart W\n\tjoin W\n\tprint x\n",
		 "Main*2 W*2 Main*3");
	assert_int_equal(r.found.len, 0);
	run_close(&r);
}

static void clocks_count_steps(void **state)
{
	uint32_t clock[LIMIT_THREADS];
	struct run r;

	(void)state;
	run_open(&r, "sem s = 0\nthread A:\n\tyield\n\tpost s\n\tyield\n"
		     "thread B:\n\tyield\n\twait s\n", "B A*3 B");
	analysis_clock(r.p, r.tl.events.data, r.tl.events.len, 1, clock);
	assert_int_equal(clock[0], 2);
	assert_int_equal(clock[1], 2);
	analysis_clock(r.p, r.tl.events.data, r.tl.events.len, 0, clock);
	assert_int_equal(clock[0], 3);
	assert_int_equal(clock[1], 0);
	run_close(&r);
}

/* ---- races, compared with the plain definition ------------------------- */

static uint32_t random_next(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 10;
}

/* Three threads that touch three variables, some under two locks. */
static struct program *random_program(uint32_t *seed)
{
	struct str text = {0};
	struct program *p;

	str_add(&text, "shared x = 0, y = 0, z = 0\nmutex m, n\nsem s = 3\n");
	for (int t = 0; t < 3; t++) {
		str_addf(&text, "thread T%d:\n", t);
		for (int i = 0; i < 4; i++) {
			char lock = "mn"[random_next(seed) % 2];
			char var = "xyz"[random_next(seed) % 3];
			bool locked = random_next(seed) % 2;
			bool writes = random_next(seed) % 2;

			if (locked)
				str_addf(&text, "\tlock %c\n", lock);
			if (writes)
				str_addf(&text, "\t%c = 1\n", var);
			else
				str_addf(&text, "\tlet v = %c\n", var);
			if (locked)
				str_addf(&text, "\tunlock %c\n", lock);
			if (random_next(seed) % 4 == 0)
				str_add(&text, random_next(seed) % 2
						       ? "\tpost s\n"
						       : "\twait s\n");
		}
	}
	p = scenario(str_cstr(&text));
	str_free(&text);
	return p;
}

static void random_run(struct timeline *tl, size_t most, uint32_t *seed)
{
	static struct choice c[WORLD_CHOICES_MAX];

	for (size_t i = 0; i < most; i++) {
		size_t n = world_choices(tl->last, tl->program, c);
		size_t k = n ? random_next(seed) % n : 0;

		if (!n)
			return;
		/* Half of the time whoever moved goes on. */
		if (i && random_next(seed) % 2)
			for (size_t j = 0; j < n; j++)
				if (c[j].thread ==
				    vec_last(&tl->schedule).thread)
					k = j;
		timeline_push(tl, c[k]);
	}
}

/* The variables (bits) with a pair of touches that no clock orders. */
static unsigned naive_races(const struct view *v)
{
	uint32_t *clocks = xcalloc(v->n * v->threads + 1, sizeof *clocks);
	unsigned racy = 0;
	struct clocks c;

	clocks_init(&c, v, CLOCK_ALL);
	for (size_t i = 0; i < v->n; i++) {
		clocks_step(&c, i);
		if (is_own(&v->e[i]))
			memcpy(clocks + i * v->threads,
			       clocks_of(&c, v->e[i].thread),
			       v->threads * sizeof *clocks);
	}
	for (size_t b = 0; b < v->n; b++)
		for (size_t a = 0; a < b; a++) {
			thread_id t = v->e[a].thread, u = v->e[b].thread;
			bool touch = is_own(&v->e[a]) && is_own(&v->e[b]) &&
				     (is_change(&v->e[a]) ||
				      is_look(&v->e[a])) &&
				     (is_change(&v->e[b]) ||
				      is_look(&v->e[b]));

			if (!touch || t == u ||
			    v->e[a].object != v->e[b].object ||
			    !(is_change(&v->e[a]) || is_change(&v->e[b])))
				continue;
			if (clocks[b * v->threads + t] <
			    clocks[a * v->threads + t])
				racy |= 1u << v->e[a].object;
		}
	clocks_fini(&c);
	free(clocks);
	return racy;
}

static void epochs_find_what_all_pairs_do(void **state)
{
	unsigned racy_runs = 0;

	(void)state;
	for (uint32_t seed = 1, n = 0; n < 400; n++) {
		struct program *p = random_program(&seed);
		struct finding_list found = {0};
		struct timeline tl;
		struct view v;
		unsigned racy = 0;

		timeline_init(&tl, p);
		random_run(&tl, 100, &seed);
		view_init(&v, p, tl.events.data, tl.events.len);
		races_find(&v, &found);
		for (size_t i = 0; i < found.len; i++)
			racy |= 1u << found.data[i].object;
		assert_int_equal(racy, naive_races(&v));
		racy_runs += racy != 0;
		view_fini(&v);
		finding_list_fini(&found);
		timeline_fini(&tl);
		program_free(p);
	}
	assert_in_range(racy_runs, 40, 395);
}

/* ---- the other questions ----------------------------------------------- */

static void locksets_say_what_protects(void **state)
{
	struct run r;
	struct str s = {0};

	(void)state;
	run_open(&r, "shared x = 0, y = 0, z = 0, only = 0\nmutex m, n\n"
		     "thread A, B:\n\tlock m\n\tx++\n\ty++\n\tunlock m\n"
		     "\ty++\n\tlock n\n\tz++\n\tunlock n\n"
		     "thread C:\n\tonly = 1\n\tlock m\n\tz = 1\n\tunlock m\n",
		 "A*12 B*12 C*4");
#define LOCKSET(object) \
	(str_clear(&s), analysis_lockset(r.p, r.tl.events.data, \
					 r.tl.events.len, object, 0, &s))
	assert_true(LOCKSET(0));
	assert_string_equal(str_cstr(&s), "x: touched under {m}");
	assert_true(LOCKSET(1));
	assert_string_equal(str_cstr(&s), "y: touched under nothing at line 9");
	assert_true(LOCKSET(2));
	assert_string_equal(str_cstr(&s),
			    "z: touched under no common lock at line 16");
	assert_false(LOCKSET(3));
#undef LOCKSET
	str_free(&s);
	run_close(&r);
}

static void reading_protects_no_write(void **state)
{
	struct run r;
	struct str s = {0};

	(void)state;
	run_open(&r, "shared x = 0, y = 0\nrwlock rw\n"
		     "thread A:\n\trdlock rw\n\tx = 1\n\tlet v = y\n"
		     "\tunlock rw\n"
		     "thread B:\n\twrlock rw\n\tx = 2\n\ty = 2\n"
		     "\tunlock rw\n", "A*4 B*4");
	analysis_lockset(r.p, r.tl.events.data, r.tl.events.len, 0, 0, &s);
	assert_string_equal(str_cstr(&s), "x: touched under nothing at line 6");
	str_clear(&s);
	analysis_lockset(r.p, r.tl.events.data, r.tl.events.len, 1, 0, &s);
	assert_string_equal(str_cstr(&s), "y: touched under {rw}");
	str_free(&s);
	run_close(&r);
}

static void waits_are_a_graph(void **state)
{
	struct scene s;
	struct view v;
	struct run r;

	(void)state;
	run_open(&r, "mutex m\nrwlock rw\n"
		     "thread A:\n\tlock m\n\trdlock rw\n\tyield\n"
		     "thread B:\n\trdlock rw\n\tlock m\n"
		     "thread C:\n\tyield\n\twrlock rw\n"
		     "thread D:\n\tjoin C\n", "B A*2 C");
	view_init(&v, r.p, r.tl.events.data, r.tl.events.len);
	scene_init(&s, &v);
	for (size_t i = 0; i < v.n; i++)
		scene_step(&s, i);
	assert_int_equal(scene_blockers(&s, 0), 0);
	assert_int_equal(scene_blockers(&s, 1), 1);
	assert_int_equal(scene_blockers(&s, 2), 1 | 2);
	assert_int_equal(scene_blockers(&s, 3), 4);
	scene_fini(&s);
	view_fini(&v);
	run_close(&r);
}

struct why {
	const char *text, *schedule;
	size_t step, cause; /* 0: none */
};

static void causes_lead_back(void **state)
{
	static const struct why cases[] = {
		{"shared x = 0\nthread A:\n\tx = 1\n\tx = 2\n"
		 "thread B:\n\tprint x\n", "A*2 B", 3, 2},
		{"shared x = 0\nthread A:\n\tprint x\n", "A", 1, 0},
		{"shared x = 0\nthread A, B:\n\tx++\n", "A B B A", 4, 1},
		{"mutex m\nthread A, B:\n\tlock m\n\tunlock m\n", "A*2 B", 3,
		 2},
		{"mutex m\nthread A, B:\n\tlet g = trylock(m)\n", "A B", 2, 1},
		{"mutex m\ncond c\nthread A:\n\tlock m\n\twait c, m\n"
		 "thread B:\n\tyield\n\tsignal c\n", "A*2 B*2 A", 5, 4},
		{"sem s = 0\nthread A:\n\tpost s\nthread B:\n\twait s\n",
		 "A B", 2, 1},
		{"queue q\nthread A:\n\tput q, 1\n\tput q, 2\n"
		 "thread B:\n\tlet a = get(q)\n\tlet b = get(q)\n", "A*2 B*2",
		 4, 2},
		{"barrier b = 2\nthread A, B:\n\twait b\n", "A B A", 3, 2},
		{"thread A:\n\tyield\nthread B:\n\tjoin A\n", "A B", 2, 1},
		{"later thread W:\n\tyield\nthread A:\n\tyield\n\tstart W\n",
		 "A*2 W", 3, 2},
		{"buffered x = 0\nthread A:\n\tx = 1\n\tprint x\n"
		 "thread B:\n\tprint x\n", "A*2 A~ B", 4, 3},
		{"buffered x = 0\nthread A:\n\tx = 1\n\tprint x\n", "A*2", 2,
		 1},
		{"buffered x = 0\nthread A:\n\tx = 1\n\tx = 2\n", "A*2 A~*2", 4,
		 2},
		{"countdown k = 1\nthread A:\n\tarrive k\n\twait k\n", "A*2",
		 2, 1},
		{"event e\nthread A:\n\tset e\n\tyield\n\twait e\n", "A*3", 3,
		 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct why *w = &cases[i];
		struct run r;
		size_t cause;

		run_open(&r, w->text, w->schedule);
		cause = analysis_cause(r.p, r.tl.events.data, r.tl.events.len,
				       first_event(&r, w->step));
		if (cause == SIZE_MAX)
			assert_int_equal(w->cause, 0);
		else
			assert_int_equal(r.tl.events.data[cause].step,
					 w->cause);
		run_close(&r);
	}
}

static void a_wish_is_caused_by_who_took_it(void **state)
{
	struct run r;
	size_t at, cause;

	(void)state;
	run_open(&r, "mutex m\nthread A, B:\n\tyield\n\tlock m\n\tyield\n",
		 "B A*2");
	at = r.tl.events.len - 1;
	assert_true(r.tl.events.data[at].flags & EVENT_WANTS);
	cause = analysis_cause(r.p, r.tl.events.data, r.tl.events.len, at);
	assert_int_equal(r.tl.events.data[cause].step, 3);
	run_close(&r);
}

struct asking {
	const char *text, *schedule;
	char who; /* a thread, or with a lower case letter an object */
	size_t step; /* where it leads; 0: nowhere */
	const char *says;
};

#define MONITOR "mutex m\ncond c\nshared x = 0\n" \
	"thread A:\n\tlock m\n\twhile x == 0:\n\t\twait c, m\n\tunlock m\n"

static const struct asking askings[] = {
	{"mutex red, blue\nthread A, B:\n\tlock red\n\tyield\n", "A", 'B', 1,
	 "A took red at step 1: that is why B waits"},
	{"mutex m\nthread A, B:\n\tlock m\n\tunlock m\n", "A*2", 'B', 2,
	 "A gave m back at step 2: B may try for it"},
	{"mutex m\nthread A:\n\tlock m\n\tlock m\n", "A", 'A', 1,
	 "A took m itself at step 1: it waits for itself"},
	{"mutex m\nthread A:\n\tlock m\nthread B:\n\tyield\n\tlock m\n",
	 "A B", 'B', 1,
	 "A took m at step 1 and has finished: B waits for ever"},
	{"rwlock m\nthread A:\n\trdlock m\n\tyield\n"
	 "thread B:\n\twrlock m\n", "A", 'B', 1,
	 "A took m at step 1: that is why B waits"},
	{"sem s = 1\nthread A:\n\twait s\n\tpost s\nthread B:\n\twait s\n",
	 "A", 'B', 1, "B waits for A to post s; A took the last permit at step "
		      "1"},
	{"sem s = 0\nthread A:\n\tyield\n\tpost s\nthread B:\n\twait s\n"
	 "thread C:\n\tpost s\n", "A", 'B', 0,
	 "B waits for A or C to post s"},
	{"sem s = 0\nthread A:\n\tyield\nthread B:\n\twait s\n", "A", 'B', 0,
	 "B waits for ever: nobody is left to post s"},
	{"queue q\nthread A:\n\tput q, 1\n\tput q, 2\n"
	 "thread B:\n\tlet v = get(q)\n\tlet w = get(q)\n", "A B", 'B', 2,
	 "B waits for A to put into q; B took the last item at step 2"},
	{"thread A:\n\tyield\n\tyield\nthread B:\n\tjoin A\n", "A", 'B', 1,
	 "B waits for the end of A; its last step so far is 1"},
	{"thread A:\n\tyield\nthread B:\n\tjoin A\n", "", 'B', 0,
	 "B waits for the end of A, which has not moved yet"},
	{MONITOR "thread B:\n\tx = 1\n\tsignal c\n", "A*3", 'A', 3,
	 "A waits for B to signal c; asleep since step 3"},
	{MONITOR "thread B:\n\tx = 1\n\tsignal c\n", "A*2 B*2 A", 'A', 4,
	 "B signalled at step 4, before A slept (step 5): lost"},
	{"barrier b = 2\nthread A, B:\n\twait b\n", "A", 'A', 1,
	 "A waits for B to arrive at b"},
	{"queue p, q\nthread A:\n\tlet i = select(p, q)\n"
	 "thread B:\n\tput q, 1\n", "", 'A', 0,
	 "A waits for B to put into p or q"},
	{"thread A:\n\tyield\n", "A", 'A', 1, "A ended with step 1"},
	{"thread A:\n\tyield\n\tyield\n", "A", 'A', 1,
	 "A can move; its last step is 1"},
	{"later thread W:\n\tyield\nthread A:\n\tyield\n\tstart W\n", "A",
	 'W', 0, "nobody has started W yet"},
	{"shared x = 7\nthread A:\n\tx = 1\n\tx = 2\n\tyield\n", "A*3", 'x',
	 2, "A writes x = 2 (step 2, line 5)"},
	{"shared x = 7\nthread A:\n\tyield\n", "A", 'x', 0,
	 "nothing wrote x before that: 7 from the start"},
	{"buffered x = 7\nthread A:\n\tx = 1\n\tyield\n", "A*2", 'x', 0,
	 "nothing wrote x before that: 7 from the start"},
	{"mutex m\nthread A, B, C:\n\tlock m\n\tyield\n", "A", 'm', 1,
	 "A took m at step 1: that is why B and C wait"},
	{"mutex m\nthread A:\n\tlock m\n\tunlock m\n", "A*2", 'm', 2,
	 "A unlocks m (step 2, line 5)"},
	{"mutex m\nthread A:\n\tlock m\n", "", 'm', 0,
	 "nobody has used m so far"},
};

static size_t ask_why(const struct run *r, char who, struct str *says)
{
	const struct event *e = r->tl.events.data;
	size_t n = r->tl.events.len;

	if (who >= 'a') {
		for (size_t i = 0; i < r->p->objects.count; i++)
			if (*r->p->objects.data[i].name == who)
				return analysis_why_object(
					r->p, e, n, (object_id)i, 0, says);
		fail();
	}
	return analysis_why_thread(r->p, e, n,
				   program_find_thread(r->p, &who, 1), says);
}

static void reasons_are_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof askings / sizeof *askings; i++) {
		const struct asking *a = &askings[i];
		struct str says = {0};
		struct run r;
		size_t at;

		run_open(&r, a->text, a->schedule);
		at = ask_why(&r, a->who, &says);
		assert_string_equal(str_cstr(&says), a->says);
		assert_int_equal(at == SIZE_MAX ? 0
						: r.tl.events.data[at].step,
				 a->step);
		str_free(&says);
		run_close(&r);
	}
}

/* ---- in words ---------------------------------------------------------- */

struct telling {
	const char *text, *schedule, *says; /* of the last step */
};

static void steps_are_told(void **state)
{
	static const struct telling cases[] = {
		{"shared x = 4\nthread A:\n\tx++\n", "A",
		 "A reads x: 4. It will add 1 to this copy."},
		{"shared x = 4\nthread A:\n\tx -= 3\n", "A",
		 "A reads x: 4. It will take 3 from this copy."},
		{"shared x = 4\nthread A:\n\tx = x * 3\n", "A",
		 "A reads x: 4. It will write 12 next."},
		{"shared x = 4\nthread A:\n\tx = 7\n\tyield\n", "A",
		 "A writes x = 7 (it was 4)."},
		{"atomic x = 0\nthread A:\n\twhile x == 0:\n\t\tspin\n", "A",
		 "A reads x: 0. It will look again: it waits by looking."},
		{"mutex red, blue\nthread A:\n\tlock red\n\tlock blue\n"
		 "thread B:\n\tlock blue\n\tyield\n\tlock red\n", "A B*2",
		 "B lets others go first. B wants red, but A holds it: B is "
		 "blocked."},
		{"mutex m\nthread A:\n\tlock m\n\tlock m\n", "A",
		 "A takes m: nobody held it. A wants m, which it holds itself: "
		 "it blocks\nfor ever."},
		{"mutex m\nthread A, B, C:\n\tlock m\n\tunlock m\n", "A*2",
		 "A unlocks m. B and C may try for it now: whoever comes "
		 "first. A has\nfinished."},
		{"mutex m\nthread A, B, C:\n\tlock m\n\tunlock m\n", "A",
		 "A takes m: nobody held it. B and C want m, but A holds it: "
		 "they are\nblocked."},
		{"mutex m\nthread A, B:\n\tlet g = trylock(m)\n\tyield\n",
		 "A B", "B tries m, but A holds it: B goes on without."},
		{"mutex m\ncond c\nthread A:\n\tlock m\n\twait c, m\n"
		 "thread B:\n\tsignal c\n\tyield\n", "A*2 B",
		 "B signals c: A wakes up and may try for m."},
		{"mutex m\ncond c\nthread A:\n\tlock m\n\twait c, m\n"
		 "thread B:\n\tsignal c\n\tyield\n", "B",
		 "B signals c, but nobody sleeps there: the signal is lost."},
		{"mutex m\ncond c\nthread A:\n\tlock m\n\twait c, m\n", "A*2",
		 "A gives m back and falls asleep in c, as one step."},
		{"buffer buf max 2\nthread A:\n\tput buf, 7\n\tyield\n", "A",
		 "A puts 7 into buf: 1 in it now."},
		{"buffer buf max 2\nthread A:\n\tlet v = get(buf)\n", "A",
		 "A gets from buf, but it is empty: a crash. The run ends "
		 "here."},
		{"shared x = 0, y = 1\nthread A:\n\tatomic:\n\t\tx = y\n"
		 "\tyield\n", "A",
		 "A does all this as one step: reads y: 1, writes x = 1."},
		{"buffered x = 0\nthread A:\n\tx = 1\n\tyield\n", "A",
		 "A writes x = 1 into its store buffer: others still see 0."},
		{"sem s = 0\nthread A:\n\tpost s\n\tyield\n"
		 "thread B:\n\twait s\n", "A",
		 "A posts s: 1 permit now. B may try for it now."},
		{"shared x = 3\nthread A:\n\tlet g = cas(x, 3, 5)\n\tyield\n",
		 "A", "A finds x at 3 as expected and makes it 5, as one "
		      "step."},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct str s = {0};
		struct run r;

		run_open(&r, cases[i].text, cases[i].schedule);
		analysis_narrate(r.p, r.tl.events.data, r.tl.events.len,
				 first_event(&r, r.tl.schedule.len), &s);
		assert_string_equal(str_cstr(&s), cases[i].says);
		str_free(&s);
		run_close(&r);
	}
}

static void wrapping_keeps_every_word(void **state)
{
	static const char text[] =
		"one two three four five six seven eight nine ten eleven "
		"twelve thirteen a-word-that-is-so-long-that-no-line-can-"
		"hold-it-because-it-has-more-than-seventy-two-cells end";
	struct str s = {0};
	size_t cells = 0;

	(void)state;
	words_wrap(text, &s);
	for (const char *at = str_cstr(&s); *at; at += *at == '\n') {
		size_t len = strcspn(at, "\n");

		assert_in_range(len, 1, FINDING_LINE);
		cells += len;
		at += len;
	}
	/* Only spaces at the ends of lines are gone. */
	assert_in_range(cells, strlen(text) - 4, strlen(text));
	str_free(&s);
}

/* ---- the order of findings --------------------------------------------- */

static void what_explains_comes_first(void **state)
{
	struct run r;

	(void)state;
	run_open(&r, "shared count = 0\nthread A, B:\n\tcount++\n"
		     "finally count == 2\n", "A B A B");
	assert_int_equal(r.found.len, 3);
	assert_int_equal(r.found.data[0].kind, FINDING_DATA_RACE);
	assert_int_equal(r.found.data[0].step, 3);
	assert_int_equal(r.found.data[1].kind, FINDING_LOST_UPDATE);
	assert_int_equal(r.found.data[1].step, 4);
	assert_int_equal(r.found.data[2].kind, FINDING_VIOLATED);
	run_close(&r);
}

static void a_gap_ends_all_verdicts(void **state)
{
	struct finding_list found = {0};
	struct event_list events = {0};
	struct run r;

	(void)state;
	run_open(&r, "shared count = 0\nthread A, B:\n\tcount++\n", "A B A B");
	for (size_t i = 0; i < r.tl.events.len; i++) {
		if (i == 2)
			vec_push(&events, (struct event){
						  .kind = EVENT_LOST,
						  .object = OBJECT_NONE,
						  .other = THREAD_NONE});
		vec_push(&events, r.tl.events.data[i]);
	}
	analysis_run(r.p, events.data, events.len, &found);
	assert_int_equal(found.len, 0);
	assert_true(r.found.len > 0);
	vec_free(&events);
	run_close(&r);
}

/* ---- the shipped scenarios --------------------------------------------- */

static struct program *shipped_at(size_t i)
{
	const struct embedded *e = &embedded_scenarios[i];
	struct diagnostics d = {0};
	struct program *p = program_compile(e->name, e->name, e->text, e->len,
					    NULL, 0, &d);

	diagnostics_fini(&d);
	return p;
}

/* Expects that every end is well. */
static bool is_right(const struct program *p)
{
	for (size_t i = 0; i < p->expects.count; i++)
		if (p->expects.data[i].kind == EXPECT_VERDICTS)
			return !(p->expects.data[i].verdicts &
				 ~(1u << VERDICT_OK));
	return false;
}

static const char unfair[] = "an unfair schedule lets later ones go first";

/* Right, and yet something is found in it, for a reason. */
static const struct meant {
	const char *scenario;
	enum finding_kind kind;
	const char *why;
} meant[] = {
	{"priority-inversion", FINDING_PRIORITY_INVERSION,
	 "all ends are well: that it takes so long is the point"},
	{"convoy", FINDING_CONVOY, "slow, not wrong: that is the point"},
	{"convoy", FINDING_STARVATION, unfair},
	{"gil", FINDING_STARVATION, unfair},
	{"gil-convoy", FINDING_STARVATION, unfair},
	{"gil-exact", FINDING_STARVATION, unfair},
	{"h2o", FINDING_STARVATION, unfair},
	{"pc-broadcast", FINDING_STARVATION, unfair},
	{"producer-consumer", FINDING_STARVATION, unfair},
	{"spurious-while", FINDING_STARVATION, unfair},
	{"writers-turnstile", FINDING_STARVATION, unfair},
};

enum { MEANT = sizeof meant / sizeof *meant };

/* Which row of meant; MEANT: none. */
static size_t find_meant(const struct program *p, const struct finding *f)
{
	size_t i = 0;

	while (i < MEANT && (strcmp(meant[i].scenario, p->name) != 0 ||
			     meant[i].kind != f->kind))
		i++;
	return i;
}

/* Races are on the variables that the scenario says, and on no other. */
static bool is_expected_race(const struct program *p, const struct finding *f)
{
	bool says = false;

	for (size_t i = 0; i < p->expects.count; i++) {
		const struct expect *e = &p->expects.data[i];

		says |= e->kind == EXPECT_RACE;
		for (size_t k = 0;
		     e->kind == EXPECT_RACE && k < e->object_count; k++)
			if (e->objects[k] == f->object)
				return true;
	}
	return !says;
}

/* The search knows better than one run whether there is a livelock. */
static bool expects_livelock(const struct program *p)
{
	for (size_t i = 0; i < p->expects.count; i++)
		if (p->expects.data[i].kind == EXPECT_VERDICTS &&
		    p->expects.data[i].verdicts & EXPECT_LIVELOCK)
			return true;
	return false;
}

static void check_lines(const char *text, size_t most)
{
	size_t lines = 0;

	assert_true(*text);
	for (; *text; lines++) {
		size_t len = strcspn(text, "\n");

		assert_true(utf8_widthn(text, len) <= FINDING_LINE);
		text += len + (text[len] == '\n');
	}
	assert_true(lines <= most);
}

static void check_steps(const struct timeline *tl)
{
	const struct event *e = tl->events.data;
	size_t n = tl->events.len;

	for (size_t i = 0; i < n; i++) {
		size_t cause = analysis_cause(tl->program, e, n, i);
		struct str s = {0};

		assert_true(cause == SIZE_MAX || cause < i);
		if (!event_is_mark(&e[i])) {
			analysis_narrate(tl->program, e, n, i, &s);
			check_lines(str_cstr(&s), 2);
		}
		str_free(&s);
	}
}

/* A bad end is explained by something that has gone wrong in its step. */
static void check_end(const struct timeline *tl,
		      const struct finding_list *found)
{
	bool explained = false;

	if (world_verdict(tl->last, tl->program) <= VERDICT_OK)
		return;
	for (size_t i = 0; i < found->len; i++)
		explained |= found->data[i].step == tl->schedule.len &&
			     finding_info[found->data[i].kind].severity ==
				     SEVERITY_WRONG;
	if (!explained)
		print_error("%s\n", tl->program->name);
	assert_true(explained);
}

static void check_run(const struct timeline *tl, bool *seen)
{
	struct finding_list found = {0};

	analysis_run(tl->program, tl->events.data, tl->events.len, &found);
	for (size_t i = 0; i < found.len; i++) {
		const struct finding *f = &found.data[i];

		check_lines(f->what, 9);
		check_lines(f->why, 9);
		check_lines(f->fix, 9);
		if (f->kind == FINDING_LIVELOCK &&
		    !expects_livelock(tl->program))
			fail_msg("%s, step %u: %s", tl->program->name, f->step,
				 f->what);
		if (!is_right(tl->program) ||
		    (f->kind == FINDING_DATA_RACE &&
		     is_expected_race(tl->program, f)))
			continue;
		if (find_meant(tl->program, f) == MEANT)
			fail_msg("%s, step %u: %s: %s", tl->program->name,
				 f->step, finding_info[f->kind].title,
				 f->what);
		seen[find_meant(tl->program, f)] = true;
	}
	check_end(tl, &found);
	finding_list_fini(&found);
}

static void policy_run(struct timeline *tl, const char *spec, uint64_t seed)
{
	enum { MOST = 400 };
	struct error err = {0};
	struct policy *policy = policy_new(spec, seed, tl->program, &err);
	struct choice c;

	assert_non_null(policy);
	for (int i = 0; i < MOST && policy_choose(policy, tl->last, &c); i++) {
		policy_note(policy, tl->last, c);
		timeline_push(tl, c);
	}
	policy_free(policy);
}

static void check_policies(const struct program *p, bool *seen)
{
	static const char *const specs[] = {"rr",  "rr:3",     "every:2",
					    "pct", "pct:4",    "random",
					    "priority", "cooperative"};

	for (size_t i = 0; i < sizeof specs / sizeof *specs; i++)
		for (uint64_t seed = 1; seed <= 8; seed++) {
			struct timeline tl;

			timeline_init(&tl, p);
			policy_run(&tl, specs[i], seed);
			check_run(&tl, seen);
			timeline_fini(&tl);
		}
}

static void check_random_runs(const struct program *p, bool *seen)
{
	for (uint32_t seed = 1, n = 0; n < 40; n++) {
		struct timeline tl;

		timeline_init(&tl, p);
		random_run(&tl, 300, &seed);
		check_run(&tl, seen);
		if (n == 0)
			check_steps(&tl);
		timeline_fini(&tl);
	}
}

static void right_is_left_in_peace_wrong_is_explained(void **state)
{
	bool seen[MEANT] = {false};
	size_t right = 0;

	(void)state;
	for (size_t i = 0; i < embedded_count; i++) {
		struct program *p = shipped_at(i);

		if (!p)
			continue; /* its own test says so */
		right += is_right(p);
		check_random_runs(p, seen);
		check_policies(p, seen);
		program_free(p);
	}
	assert_true(right > 50);
	for (size_t i = 0; i < MEANT; i++)
		if (!seen[i])
			fail_msg("%s: %s is not found any more, though \"%s\"",
				 meant[i].scenario,
				 finding_info[meant[i].kind].title,
				 meant[i].why);
}

/* ---- real time --------------------------------------------------------- */

/* Findings of that kind if each step takes a millisecond and a last one, in
 * which nobody waits, so many. */
static size_t found_in_time(const char *text, const char *schedule,
			    enum finding_kind kind, uint64_t last)
{
	struct finding_list found = {0};
	struct run r;
	size_t n;

	run_open(&r, text, schedule);
	n = r.tl.events.len;
	for (size_t i = 0; i < n; i++)
		r.tl.events.data[i].time = r.tl.events.data[i].step * 1000000u;
	r.tl.events.data[n - 1].time += last * 1000000u;
	finding_list_fini(&r.found);
	analysis_run(r.p, r.tl.events.data, n, &found);
	n = 0;
	for (size_t i = 0; i < found.len; i++)
		n += found.data[i].kind == kind;
	finding_list_fini(&found);
	run_close(&r);
	return n;
}

static void short_waits_are_not_worth_a_note(void **state)
{
	const char *queue = "mutex m\nthread T[5]:\n\trepeat 3:\n"
			    "\t\tlock m\n\t\tunlock m\n"
			    "thread L:\n\twork \"on\"\n";
	const char *alone = "mutex m\nthread A:\n\trepeat 4:\n"
			    "\t\tlock m\n\t\tunlock m\n"
			    "thread B:\n\twork \"up\"\n"
			    "\tlock m\n\tunlock m\n"
			    "thread L:\n\twork \"on\"\n";
	const char *in_turn = "T0*4 T1*2 T2*2 T1*4 T2*4 T3*6 T4*6 T0*2 L";
	const char *unlucky = "A B A*7 B*2 L";

	(void)state;
	assert_true(found_in_time(queue, in_turn, FINDING_CONVOY, 0));
	assert_false(found_in_time(queue, in_turn, FINDING_CONVOY, 500));
	assert_true(found_in_time(alone, unlucky, FINDING_STARVATION, 0));
	assert_false(found_in_time(alone, unlucky, FINDING_STARVATION, 500));
}

/* ---- nonsense ---------------------------------------------------------- */

static void nonsense_does_no_harm(void **state)
{
	struct program *p = scenario(
		"shared x[2] = 0\nmutex m\ncond c\nsem s = 0\nqueue q max 2\n"
		"barrier b = 2\nrwlock rw\n"
		"thread A, B:\n\tlock m\n\tx[0]++\n\twait c, m\n\tunlock m\n"
		"\twait s\n\tpost s\n\tput q, 1\n\tlet v = get(q)\n\twait b\n"
		"\trdlock rw\n\tunlock rw\n\tsignal c\n\tjoin C\n"
		"thread C:\n\tx[1] = x[0]\n\tdone q\n\tassert x[0] == x[1]\n");
	struct event events[60];

	(void)state;
	for (uint32_t seed = 7, n = 0; n < 3000; n++) {
		struct finding_list found = {0};

		for (size_t i = 0; i < 60; i++) {
			uint32_t pc = random_next(&seed) %
				      (uint32_t)p->code.count;
			const struct insn *insn = &p->code.data[pc];
			bool mark = random_next(&seed) % 8 == 0;

			events[i] = (struct event){
				.step = (uint32_t)i,
				.thread = (thread_id)(random_next(&seed) % 3),
				.kind = insn->code < OP_COUNT
						? insn->code
						: (uint8_t)(EVENT_DRAIN +
							    pc % 7),
				.flags = (uint8_t)(mark ? random_next(&seed)
							: 0),
				.other = random_next(&seed) % 2
						 ? THREAD_NONE
						 : (uint8_t)(pc % 3),
				.object = insn->object,
				.pc = (code_addr)pc,
				.index = (int32_t)(random_next(&seed) % 3) - 1,
				.value = (int32_t)(random_next(&seed) % 5) - 1,
				.extra = (int32_t)(random_next(&seed) % 3) - 1,
			};
			if (insn->code >= OP_COUNT)
				events[i].object = OBJECT_NONE;
		}
		analysis_run(p, events, 60, &found);
		for (size_t i = 0; i < 60; i++) {
			struct str s = {0};

			analysis_cause(p, events, 60, i);
			analysis_narrate(p, events, 60, i, &s);
			str_free(&s);
		}
		finding_list_fini(&found);
	}
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_orders_that_should),
		cmocka_unit_test(nothing_else_orders),
		cmocka_unit_test(an_item_orders_only_its_own),
		cmocka_unit_test(a_store_that_is_seen_orders),
		cmocka_unit_test(a_start_orders_and_a_join),
		cmocka_unit_test(clocks_count_steps),
		cmocka_unit_test(epochs_find_what_all_pairs_do),
		cmocka_unit_test(locksets_say_what_protects),
		cmocka_unit_test(reading_protects_no_write),
		cmocka_unit_test(waits_are_a_graph),
		cmocka_unit_test(causes_lead_back),
		cmocka_unit_test(a_wish_is_caused_by_who_took_it),
		cmocka_unit_test(reasons_are_given),
		cmocka_unit_test(steps_are_told),
		cmocka_unit_test(wrapping_keeps_every_word),
		cmocka_unit_test(what_explains_comes_first),
		cmocka_unit_test(a_gap_ends_all_verdicts),
		cmocka_unit_test(right_is_left_in_peace_wrong_is_explained),
		cmocka_unit_test(short_waits_are_not_worth_a_note),
		cmocka_unit_test(nonsense_does_no_harm),
	};

	return cmocka_run_group_tests_name("analysis", tests, NULL, NULL);
}
