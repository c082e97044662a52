/*
 * The search against what is known otherwise: all schedules of small programs
 * one by one, closed formulas, and itself with and without symmetry.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compile.h"
#include "explore/inside.h"
#include "naive.h"
#include "reference.h"
#include "small.h"
#include "threadviz/explore.h"

static const struct search_options symmetric = {.keep = true};
static const struct search_options plain = {.keep = true, .no_symmetry = true};

/* To the end in one go, or in the smallest slices there are. */
static struct search *search(const struct program *p,
			     const struct search_options *o, bool slices)
{
	struct search *s = search_new(p, o);

	if (slices)
		while (search_step(s, 1) == SEARCH_RUNNING)
			;
	assert_int_equal(search_run(s, NULL, NULL), SEARCH_DONE);
	return s;
}

static void assert_count(struct count c, const char *decimal)
{
	struct str s = {0};

	count_format(c, &s);
	assert_string_equal(str_cstr(&s), decimal);
	str_free(&s);
}

static void assert_same_count(struct count a, struct count b)
{
	struct str s = {0};

	count_format(b, &s);
	assert_count(a, str_cstr(&s));
	str_free(&s);
}

static void assert_near(double a, double b)
{
	if (fabs(a - b) > 1e-9)
		fail_msg("%.12g, should be %.12g", a, b);
}

static void assert_schedule(const struct program *p, const struct schedule *a,
			    const struct schedule *b)
{
	struct str s = {0}, t = {0};

	schedule_format(p, a->data, a->len, &s);
	schedule_format(p, b->data, b->len, &t);
	assert_string_equal(str_cstr(&s), str_cstr(&t));
	str_free(&s);
	str_free(&t);
}

/* ---- every schedule, one by one ----------------------------------------- */

static const struct search_outcome *find_outcome(const struct program *p,
						 const struct search_report *r,
						 const struct naive_outcome *o)
{
	for (size_t i = 0; i < r->outcome_count; i++)
		if (naive_same_outcome(p, r, &r->outcomes[i], o))
			return &r->outcomes[i];
	fail_msg("an outcome is missing: %s", o->key);
	return NULL;
}

static void compare_outcomes(const struct program *p, const struct naive *n,
			     const struct search_report *r)
{
	double bad = 0;

	assert_int_equal(r->outcome_count, n->outcomes.len);
	for (size_t i = 0; i < n->outcomes.len; i++) {
		const struct naive_outcome *o = &n->outcomes.data[i];
		const struct search_outcome *found = find_outcome(p, r, o);

		assert_same_count(found->schedules, count_of(o->schedules));
		assert_near(found->chance, o->chance);
		assert_int_equal(found->complete, o->complete);
		bad += o->verdict == VERDICT_OK ? 0 : o->chance;
	}
	assert_near(r->chance_bad, bad);
	assert_same_count(r->schedules, count_of(n->schedules));
	for (int v = 0; v < VERDICT_COUNT; v++)
		assert_same_count(r->verdicts[v], count_of(n->verdicts[v]));
}

static void compare_findings(const struct program *p, const struct naive *n,
			     const struct search_report *r)
{
	assert_int_equal(r->finding_count, n->findings.len);
	for (size_t i = 0; i < n->findings.len; i++) {
		const struct naive_finding *f = &n->findings.data[i];
		const struct search_finding *g = &r->findings[i];

		assert_schedule(p, &g->schedule, &f->schedule);
		assert_int_equal(g->verdict, f->verdict);
		assert_int_equal(g->line, f->line);
		assert_int_equal(g->steps, f->schedule.len);
		assert_int_equal(g->preemptions, f->preemptions);
		assert_int_equal(g->no_return, naive_no_return(p, f));
	}
}

static void compare_races(const struct naive *n, const struct search_report *r)
{
	assert_int_equal(r->race_count, n->races.len);
	for (size_t i = 0; i < n->races.len; i++) {
		assert_int_equal(r->races[i].object, n->races.data[i].object);
		assert_int_equal(r->races[i].lines[0],
				 n->races.data[i].lines[0]);
		assert_int_equal(r->races[i].lines[1],
				 n->races.data[i].lines[1]);
	}
}

static void compare(const struct program *p, const struct naive *n,
		    const struct search_options *o, bool slices)
{
	struct search *s = search(p, o, slices);
	const struct search_report *r = search_report(s);

	assert_true(r->complete);
	assert_false(r->livelock);
	compare_outcomes(p, n, r);
	compare_findings(p, n, r);
	compare_races(n, r);
	search_free(s);
}

/* False if there are too many schedules to go through. */
static bool compare_all(const char *text)
{
	struct program *p = compile(text);
	struct naive n = {0};
	bool small = naive_run(&n, p, 60000);

	if (small) {
		compare(p, &n, &plain, false);
		compare(p, &n, &symmetric, false);
		compare(p, &n, &plain, true);
		compare(p, &n, &symmetric, true);
	}
	naive_fini(&n);
	program_free(p);
	return small;
}

static void test_random_programs(void **state)
{
	int compared = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct str text = {0};

		small_program(seed, false, &text);
		print_message("# seed %d\n", (int)seed);
		compared += compare_all(str_cstr(&text));
		str_free(&text);
	}
	assert_true(compared > 300);
}

static const char lost_update[] = "scenario \"t\"\n"
				  "shared count = 0\n"
				  "thread A, B:\n"
				  "\tcount = count + 1\n"
				  "finally count == 2\n";

static const char embrace[] = "scenario \"t\"\n"
			      "mutex red, blue\n"
			      "thread A:\n"
			      "\tlock red\n"
			      "\tlock blue\n"
			      "\tunlock blue\n"
			      "\tunlock red\n"
			      "thread B:\n"
			      "\tlock blue\n"
			      "\tlock red\n"
			      "\tunlock red\n"
			      "\tunlock blue\n";

static void test_classics(void **state)
{
	(void)state;
	assert_true(compare_all(lost_update));
	assert_true(compare_all(embrace));
	assert_true(compare_all("scenario \"t\"\n"
				"shared x = 0\n"
				"thread A:\n"
				"\tlet v = choose(1..3)\n"
				"\tassert v < 3\n"
				"\tx = v\n"
				"thread B:\n"
				"\tx = 9\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"mutex m\n"
				"cond c\n"
				"thread S[3]:\n"
				"\tlock m\n"
				"\twait c, m\n"
				"\tunlock m\n"
				"thread T:\n"
				"\tlock m\n"
				"\tbroadcast c\n"
				"\tunlock m\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"buffered x = 0, y = 0\n"
				"shared a = 9, b = 9\n"
				"thread A:\n"
				"\tx = 1\n"
				"\ta = y\n"
				"thread B:\n"
				"\ty = 1\n"
				"\tb = x\n"
				"finally a + b > 0\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"buffered x = 0, go = 0\n"
				"thread A:\n"
				"\tx = 1\n"
				"\tgo = 1\n"
				"thread B:\n"
				"\tif go == 1:\n"
				"\t\tassert x == 0\n"
				"\telse:\n"
				"\t\tgo = 2\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"option writers_first\n"
				"rwlock rw\n"
				"thread A:\n"
				"\trdlock rw\n"
				"\tyield\n"
				"\tunlock rw\n"
				"thread B:\n"
				"\tyield\n"
				"\twrlock rw\n"
				"\tunlock rw\n"
				"thread C:\n"
				"\trdlock rw\n"
				"\tunlock rw\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"shared x = 0\n"
				"thread A, B, C:\n"
				"\tyield\n"
				"\tregion R:\n"
				"\t\tx = me\n"
				"\tyield\n"
				"never two in R\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"shared n = 0\n"
				"thread P[2]:\n"
				"\tn++\n"
				"\tassert n < 2\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"mutex m\n"
				"cond c\n"
				"thread A, B:\n"
				"\tlock m\n"
				"\twait c, m\n"
				"\tunlock m\n"
				"thread S:\n"
				"\tatomic:\n"
				"\t\tsignal c\n"));
	assert_true(compare_all("scenario \"t\"\n"
				"thread A:\n"
				"\tjoin B\n"
				"\tprint \"a\"\n"
				"thread B:\n"
				"\tyield\n"
				"\tyield\n"));
}

/* ---- closed formulas ---------------------------------------------------- */

static uint128 choose(unsigned n, unsigned k)
{
	uint128 c = 1;

	for (unsigned i = 1; i <= k; i++)
		c = c * (n - k + i) / i;
	return c;
}

static struct program *increments(int threads, int times, const char *rest)
{
	struct str text = {0};
	struct program *p;

	str_addf(&text,
		 "scenario \"t\"\nshared count = 0\nthread P[%d]:\n"
		 "\trepeat %d:\n\t\tcount = count + 1\n%s",
		 threads, times, rest);
	p = compile(str_cstr(&text));
	str_free(&text);
	return p;
}

/* Schedules that end with that value. */
static struct count ending_at(const struct search_report *r, int value)
{
	for (size_t i = 0; i < r->outcome_count; i++)
		if (r->outcomes[i].final[0] == value)
			return r->outcomes[i].schedules;
	return count_of(0);
}

static void check_increments(int threads, int times,
			     const struct search_options *o)
{
	struct program *p = increments(threads, times, "");
	struct search *s = search(p, o, false);
	const struct search_report *r = search_report(s);
	uint128 all = 1, right = 1;

	for (int i = 1; i <= threads; i++) {
		unsigned n = (unsigned)(i * times), k = (unsigned)times;

		all *= choose(2 * n, 2 * k);
		right *= choose(n, k);
	}
	assert_same_count(r->schedules, count_of(all));
	assert_same_count(ending_at(r, threads * times), count_of(right));
	assert_true(count_is_zero(ending_at(r, 1)) || times == 1);
	if (threads == 2 && times > 2)
		assert_count(ending_at(r, 2), "8");
	search_free(s);
	program_free(p);
}

static void test_increments(void **state)
{
	static const int sizes[][2] = {{2, 1}, {2, 2},  {2, 3}, {2, 5}, {2, 10},
				       {3, 1}, {3, 2},  {3, 4}, {4, 2}, {5, 1},
				       {4, 3}, {2, 20}, {6, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		check_increments(sizes[i][0], sizes[i][1], &plain);
		check_increments(sizes[i][0], sizes[i][1], &symmetric);
	}
}

static void test_twice_twenty(void **state)
{
	struct program *p = increments(2, 20, "finally count == 40\n");
	struct search *s = search(p, &symmetric, false);
	const struct search_report *r = search_report(s);

	(void)state;
	assert_count(r->schedules, "107507208733336176461620");
	assert_count(r->verdicts[VERDICT_OK], "137846528820");
	assert_int_equal(r->finding_count, 1);
	assert_int_equal(r->findings[0].preemptions, 1);
	assert_int_equal(r->findings[0].steps, 80);
	search_free(s);
	program_free(p);
}

/* 140!/(70!)^2 is beyond 128 bits. */
static void test_beyond_128_bits(void **state)
{
	struct program *p = compile("scenario \"t\"\nthread A, B:\n"
				    "\trepeat 70:\n\t\tyield\n");
	struct search *s = search(p, &symmetric, false);
	const struct search_report *r = search_report(s);

	(void)state;
	assert_true(r->schedules.over);
	assert_count(r->schedules, "~9.38e40");
	assert_near(r->outcomes[0].chance, 1);
	search_free(s);
	program_free(p);
}

static struct program *compile_titled(const char *text)
{
	struct str all = {0};
	struct program *p;

	str_addf(&all, "scenario \"t\"\n%s", text);
	p = compile(str_cstr(&all));
	str_free(&all);
	return p;
}

/* ---- symmetry ----------------------------------------------------------- */

static void compare_symmetry(const char *text, bool reduced)
{
	struct program *p = compile_titled(text);
	struct search *s = search(p, &symmetric, false);
	struct search *t = search(p, &plain, false);
	const struct search_report *a = search_report(s), *b = search_report(t);

	assert_int_equal(a->outcome_count, b->outcome_count);
	assert_same_count(a->schedules, b->schedules);
	assert_int_equal(a->states, b->states);
	assert_int_equal(a->transitions, b->transitions);
	assert_int_equal(a->reduced_states < b->states, reduced);
	assert_int_equal(b->reduced_states, b->states);
	assert_int_equal(a->livelock, b->livelock);
	assert_near(a->chance_bad, b->chance_bad);
	for (int v = 0; v < VERDICT_COUNT; v++)
		assert_same_count(a->verdicts[v], b->verdicts[v]);
	assert_int_equal(a->finding_count, b->finding_count);
	for (size_t i = 0; i < a->finding_count; i++) {
		assert_schedule(p, &a->findings[i].schedule,
				&b->findings[i].schedule);
		assert_int_equal(a->findings[i].no_return,
				 b->findings[i].no_return);
		assert_string_equal(a->findings[i].what, b->findings[i].what);
	}
	assert_int_equal(a->race_count, b->race_count);
	search_free(s);
	search_free(t);
	program_free(p);
}

static void test_symmetry(void **state)
{
	static const char *const texts[] = {
		"shared n = 0\nthread P[4]:\n\tn++\n\tn++\nfinally n == 8\n",
		"shared n = 0\nmutex m\nthread P[4]:\n\tlock m\n\tn++\n"
		"\tunlock m\nfinally n == 4\n",
		"mutex m\ncond c\nshared go = 0\nthread W[4]:\n\tlock m\n"
		"\tif go == 0:\n\t\twait c, m\n\tunlock m\nthread S:\n"
		"\tlock m\n\tgo = 1\n\tbroadcast c\n\tunlock m\n",
		"rwlock rw\nshared n = 0\nthread R[3]:\n\trdlock rw\n"
		"\tlet t = n\n\tunlock rw\nthread W[2]:\n\twrlock rw\n"
		"\tn++\n\tunlock rw\nfinally n == 2\n",
		"queue q max 1\nthread P[2]:\n\tput q, 1\n\tput q, 2\n"
		"thread C[2]:\n\tlet a = get(q)\n\tlet b = get(q)\n"
		"\tprint a, b\n",
		"barrier b = 3\nthread P[3]:\n\twait b\n\tprint \"x\"\n"
		"\twait b\n",
		"buffered x = 0\nthread P[3]:\n\tx++\nfinally x == 3\n",
		/* equal slices, but only one holds it */
		"recursive mutex r\nthread P[2]:\n\tlet v = trylock(r)\n"
		"\tlet w = trylock(r)\n\tif w:\n\t\tprint \"got\"\n"
		"\tyield\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		compare_symmetry(texts[i], true);
}

/* Where a thread is named, or a cycle is met, all is done without. */
static void test_symmetry_given_up(void **state)
{
	(void)state;
	compare_symmetry("atomic n = 0\nthread P[3]:\n\twhile n == 0:\n"
			 "\t\tspin\nthread S:\n\tn = 1\n",
			 false);
	compare_symmetry("shared n = 0\nthread P[3]:\n\tn++\n"
			 "\tassert n < 3\n",
			 false);
	compare_symmetry("mutex m\ncond c\nthread W[3]:\n\tlock m\n"
			 "\twait c, m\n\tunlock m\nthread S:\n\tsignal c\n",
			 false);
}

/* ---- cycles ------------------------------------------------------------- */

/* The search's livelock must be one: round it comes back to where it was. */
static void check_livelock(const struct program *p,
			   const struct search_report *r)
{
	struct world *w = world_new(p), *before;

	for (size_t i = 0; i < r->stem.len; i++)
		world_step(w, p, r->stem.data[i], 0, NULL);
	before = world_clone(w, p);
	assert_true(r->cycle.len > 0);
	for (size_t i = 0; i < r->cycle.len; i++)
		world_step(w, p, r->cycle.data[i], 0, NULL);
	assert_memory_equal(w, before, world_size(p));
	free(before);
	free(w);
}

static void check_cyclic(const char *text, bool livelock, double chance_bad)
{
	struct program *p = compile(text);
	const struct search_options *both[] = {&plain, &symmetric};

	for (int i = 0; i < 2; i++) {
		struct search *s = search(p, both[i], i);
		const struct search_report *r = search_report(s);

		assert_true(r->schedules.infinite);
		assert_int_equal(r->livelock, livelock);
		assert_near(r->chance_bad, chance_bad);
		if (livelock)
			check_livelock(p, r);
		search_free(s);
	}
	program_free(p);
}

static void test_cycles(void **state)
{
	(void)state;
	/* spins only while the other can still move: not fair */
	check_cyclic("scenario \"t\"\natomic go = 0\nthread A:\n"
		     "\twhile go == 0:\n\t\tspin\nthread B:\n\tgo = 1\n",
		     false, 0);
	/* nobody ever sets it */
	check_cyclic("scenario \"t\"\natomic go = 0\nthread A:\n"
		     "\twhile go == 0:\n\t\tspin\nthread B:\n\tprint \"b\"\n",
		     true, 0);
	/* for ever, but with progress */
	check_cyclic("scenario \"t\"\nsem s = 0\nthread A:\n"
		     "\tloop:\n\t\twork \"a\"\n\t\tpost s\n\t\twait s\n"
		     "thread B:\n\tloop:\n\t\tyield\n",
		     false, 0);
	/* a queue that nobody joins: it comes back to where it was */
	check_cyclic("scenario \"t\"\nqueue q max 1\nthread A:\n"
		     "\tloop:\n\t\tput q, 1\n"
		     "thread B:\n\tloop:\n\t\tlet x = get(q)\n",
		     false, 0);
	/* entering a region is progress, and nothing else here is */
	check_cyclic("scenario \"t\"\nshared x = 0\nthread A:\n\tloop:\n"
		     "\t\tregion R:\n\t\t\tlet v = x\n\t\tyield\n",
		     false, 0);
	check_cyclic("scenario \"t\"\nshared x = 0\nthread A:\n\tloop:\n"
		     "\t\tlet v = x\n\t\tyield\n",
		     true, 0);
	/* both must give way at the same moment, again and again */
	check_cyclic("scenario \"t\"\nmutex a, b\nthread A:\n\tloop:\n"
		     "\t\tlock a\n\t\tif trylock(b):\n\t\t\tbreak\n"
		     "\t\tunlock a\n\tunlock b\n\tunlock a\n"
		     "thread B:\n\tloop:\n\t\tlock b\n"
		     "\t\tif trylock(a):\n\t\t\tbreak\n\t\tunlock b\n"
		     "\tunlock a\n\tunlock b\n",
		     true, 0);
	/* a coin thrown until it shows 1, which nothing promises; then 50:50 */
	check_cyclic("scenario \"t\"\nthread A:\n"
		     "\twhile choose(0..1) == 0:\n\t\tspin\n"
		     "\tlet v = choose(0..1)\n\tassert v == 0\n",
		     true, 0.5);
}

/* A store buffer that never drains is not fair. */
static void test_buffer_fairness(void **state)
{
	(void)state;
	check_cyclic("scenario \"t\"\nbuffered go = 0\nthread A:\n"
		     "\twhile go == 0:\n\t\tspin\nthread B:\n\tgo = 1\n",
		     false, 0);
}

/* ---- cycles, against the plainest algorithms ----------- */

/* Marks the ends that a finding's end is the same as. */
static bool *same_ends(const struct reference *r,
		       const struct search_finding *f)
{
	bool *goal = calloc(ref_count(r), sizeof *goal);
	struct world *w = world_new(r->program);
	char *key;

	for (size_t i = 0; i < f->schedule.len; i++)
		world_step(w, r->program, f->schedule.data[i], 0, NULL);
	key = finding_key(r->program, w);
	for (uint32_t u = 0; u < ref_count(r); u++) {
		char *other;

		if (!ref_is_end(r, u))
			continue;
		other = finding_key(r->program, r->worlds.data[u]);
		goal[u] = !strcmp(key, other);
		free(other);
	}
	free(key);
	free(w);
	return goal;
}

static uint32_t ref_no_return(const struct reference *r,
			      const struct schedule *way)
{
	uint32_t u = 0, steps = 0;

	while (!r->doomed[u]) {
		size_t i = r->first.data[u];

		while (!choice_equal(r->edges.data[i].choice, way->data[steps]))
			i++;
		u = r->edges.data[i].to;
		steps++;
	}
	return steps;
}

static void refer_findings(const struct reference *r,
			   const struct search_report *report)
{
	for (size_t i = 0; i < report->finding_count; i++) {
		const struct search_finding *f = &report->findings[i];
		bool *goal = same_ends(r, f);
		struct schedule best = {0};
		int cost = ref_simplest(r, goal, &best);

		assert_schedule(r->program, &f->schedule, &best);
		assert_int_equal(f->preemptions, cost / REF_PREEMPTION);
		assert_int_equal(f->steps, cost % REF_PREEMPTION);
		assert_int_equal(f->no_return, ref_no_return(r, &f->schedule));
		vec_free(&best);
		free(goal);
	}
}

static void refer_outlooks(const struct reference *r, struct search *s)
{
	for (uint32_t u = 0; u < ref_count(r); u++) {
		struct outlook o;

		search_outlook(s, r->worlds.data[u], &o);
		assert_true(o.known);
		assert_int_equal(o.doomed, r->doomed[u]);
		assert_int_equal(o.livelock, r->endless[u]);
		assert_near(o.chance_bad, r->bad[u]);
		assert_int_equal(o.schedules.infinite, r->cyclic);
	}
}

static void refer(const struct reference *r, const struct search_options *o)
{
	struct search *s = search(r->program, o, o == &plain);
	const struct search_report *report = search_report(s);

	assert_int_equal(report->states, ref_count(r));
	assert_int_equal(report->transitions, r->edges.len);
	assert_int_equal(report->schedules.infinite, r->cyclic);
	assert_int_equal(report->livelock, r->livelock);
	assert_near(report->chance_bad, r->bad[0]);
	if (r->livelock)
		check_livelock(r->program, report);
	refer_findings(r, report);
	refer_outlooks(r, s);
	search_free(s);
}

/* 0: too large; 1: without a cycle; 2: with one. */
static int refer_all(const char *text)
{
	struct program *p = compile(text);
	struct reference r = {0};
	int result = 0;

	if (ref_build(&r, p, 150)) {
		ref_cycles(&r);
		ref_doomed(&r);
		ref_chances(&r);
		refer(&r, &plain);
		refer(&r, &symmetric);
		result = r.cyclic ? 2 : 1;
	}
	ref_fini(&r);
	program_free(p);
	return result;
}

static void test_random_cycles(void **state)
{
	int count[3] = {0};

	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		struct str text = {0};

		small_program(seed, true, &text);
		print_message("# seed %d\n", (int)seed);
		count[refer_all(str_cstr(&text))]++;
		str_free(&text);
	}
	assert_true(count[2] > 50);
	assert_true(count[1] > 50);
}

/* ---- outlook ------------------------------------------------------------ */

static void check_outlook(const struct search_options *o)
{
	struct program *p = compile(lost_update);
	struct search *s = search(p, o, false);
	struct world *w = world_new(p);
	struct outlook look;

	search_outlook(s, w, &look);
	assert_true(look.known);
	assert_count(look.schedules, "6");
	assert_count(look.bad, "4");
	assert_near(look.chance_bad, 0.5);
	assert_false(look.doomed);
	assert_int_equal(look.verdicts,
			 1u << VERDICT_OK | 1u << VERDICT_VIOLATED);
	world_step(w, p, choice_move(1), 0, NULL);
	world_step(w, p, choice_move(0), 0, NULL);
	search_outlook(s, w, &look);
	assert_count(look.schedules, "2");
	assert_count(look.bad, "2");
	assert_true(look.doomed);
	assert_int_equal(look.verdicts, 1u << VERDICT_VIOLATED);
	free(w);
	search_free(s);
	program_free(p);
}

static void test_outlook(void **state)
{
	(void)state;
	check_outlook(&plain);
	check_outlook(&symmetric);
}

/* Every schedule comes about equally often. */
static void check_sample(const struct search_options *o)
{
	enum { DRAWS = 6000 };
	struct program *p = compile(lost_update);
	struct search *s = search(p, o, false);
	int seen[16] = {0}, different = 0;
	uint64_t random = 1;

	for (int i = 0; i < DRAWS; i++) {
		struct schedule one = {0};
		unsigned bits = 0;

		assert_true(search_sample(s, &random, &one));
		assert_int_equal(one.len, 4);
		for (size_t k = 0; k < one.len; k++)
			bits = bits << 1 | one.data[k].thread;
		seen[bits]++;
		vec_free(&one);
	}
	for (int i = 0; i < 16; i++) {
		different += seen[i] > 0;
		assert_true(!seen[i] || abs(seen[i] - DRAWS / 6) < 150);
	}
	assert_int_equal(different, 6);
	search_free(s);
	program_free(p);
}

static void test_sample(void **state)
{
	(void)state;
	check_sample(&plain);
	check_sample(&symmetric);
}

static void test_decided(void **state)
{
	struct program *p = compile(embrace);
	struct search *s = search(p, &plain, false);
	const struct search_finding *f = &search_report(s)->findings[0];

	(void)state;
	assert_int_equal(f->decided_at, 2);
	assert_non_null(f->decided);
	for (const char *line = f->decided; line;) {
		const char *end = strchr(line, '\n');

		assert_true((end ? (size_t)(end - line) : strlen(line)) <= 72);
		line = end ? end + 1 : NULL;
	}
	assert_non_null(strstr(f->decided, "lock blue"));
	search_free(s);
	program_free(p);
}

/* ---- the table ----------- */

/* Records whose hashes are equal are told apart by their bytes. */
static void check_table(size_t size)
{
	enum { RECORDS = 3000 };
	struct table t;
	uint32_t record[4] = {0};

	table_init(&t, size);
	for (uint32_t round = 0; round < 2; round++)
		for (uint32_t i = 0; i < RECORDS; i++) {
			record[0] = i;
			assert_int_equal(table_add(&t, record, i / 7 * 999), i);
			assert_int_equal(t.count, round ? RECORDS : i + 1);
		}
	record[0] = RECORDS;
	assert_int_equal(table_find(&t, record, 0), TABLE_NONE);
	record[0] = 3;
	assert_int_equal(table_find(&t, record, 0), 3);
	table_fini(&t);
}

static void test_table(void **state)
{
	(void)state;
	check_table(16);
	check_table(15);
	check_table(4);
}

/* ---- bounds, other starts ----------------------------------------------- */

static void test_bound(void **state)
{
	struct program *p = increments(2, 20, "finally count == 40\n");
	struct search_options o = {.max_states = 1000, .no_symmetry = true};
	struct search *s = search_new(p, &o);
	const struct search_report *r;

	(void)state;
	assert_int_equal(search_run(s, NULL, NULL), SEARCH_BOUND);
	r = search_report(s);
	assert_false(r->complete);
	assert_true(r->states >= 1000 && r->states < 20000);
	search_free(s);
	program_free(p);
}

static bool at_once(void *calls)
{
	++*(int *)calls;
	return true;
}

static void test_stop(void **state)
{
	struct program *p = increments(3, 10, "");
	struct search *s = search_new(p, &plain);
	int calls = 0;

	(void)state;
	assert_int_equal(search_run(s, at_once, &calls), SEARCH_BOUND);
	assert_true(calls > 0);
	assert_false(search_report(s)->complete);
	search_free(s);
	program_free(p);
}

static void test_from_the_middle(void **state)
{
	struct program *p = compile(lost_update);
	struct world *w = world_new(p);
	struct search_options o = {.from = w};
	struct search *s;

	(void)state;
	world_step(w, p, choice_move(1), 0, NULL);
	s = search(p, &o, false);
	assert_count(search_report(s)->schedules, "3");
	assert_count(search_report(s)->verdicts[VERDICT_OK], "1");
	assert_int_equal(search_report(s)->states, 8);
	search_free(s);
	free(w);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_classics),
		cmocka_unit_test(test_random_programs),
		cmocka_unit_test(test_increments),
		cmocka_unit_test(test_twice_twenty),
		cmocka_unit_test(test_beyond_128_bits),
		cmocka_unit_test(test_symmetry),
		cmocka_unit_test(test_symmetry_given_up),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_cycles),
		cmocka_unit_test(test_buffer_fairness),
		cmocka_unit_test(test_random_cycles),
		cmocka_unit_test(test_outlook),
		cmocka_unit_test(test_sample),
		cmocka_unit_test(test_decided),
		cmocka_unit_test(test_bound),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_from_the_middle),
	};

	return cmocka_run_group_tests_name("explore", tests, NULL, NULL);
}
