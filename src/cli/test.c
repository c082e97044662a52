/*
 * test.c - `threadviz test`: every `expect` of every file, as TAP.
 *
 * A named run must be possible step by step; that is a test of its own. A
 * scenario without an expectation fails: it would prove nothing.
 */
#include <stdio.h>

#include "expect.h"
#include "load.h"

struct tally {
	int number, failed;
};

static void tap(struct tally *t, bool ok, const struct program *p,
		const char *what, const char *why)
{
	t->number++;
	t->failed += !ok;
	printf("%sok %d - %s: %s\n", ok ? "" : "not ", t->number, p->name,
	       what);
	for (const char *line = why; !ok && *line;) {
		int len = (int)strcspn(line, "\n");

		printf("# %.*s\n", len, line);
		line += len + (line[len] == '\n');
	}
}

/* Takes the schedule step by step; false, saying why, if a step is not
 * possible. */
static bool is_possible(const struct program *p, const struct named_run *run,
			struct str *why)
{
	struct schedule s = {0};
	struct error err = {0};
	struct world *w = world_new(p);
	bool ok = schedule_parse(p, run->schedule, &s, &err);

	if (!ok)
		str_add(why, err.text);
	for (size_t i = 0; ok && i < s.len; i++) {
		ok = world_can(w, p, s.data[i]);
		if (ok) {
			world_step(w, p, s.data[i], (uint32_t)i + 1, NULL);
			continue;
		}
		str_addf(why, "step %zu: ", i + 1);
		world_why_not(w, p, s.data[i], why);
	}
	free(w);
	vec_free(&s);
	return ok;
}

static void test_runs(struct tally *t, const struct program *p)
{
	for (size_t i = 0; i < p->runs.count; i++) {
		struct str why = {0}, what = {0};
		bool ok = is_possible(p, &p->runs.data[i], &why);

		str_addf(&what, "run \"%s\"", p->runs.data[i].name);
		tap(t, ok, p, str_cstr(&what), str_cstr(&why));
		str_free(&why);
		str_free(&what);
	}
}

static void test_program(struct tally *t, const struct program *p)
{
	struct search *s = search_new(p, &(struct search_options){0});
	const struct search_report *r;

	search_run(s, NULL, NULL);
	r = search_report(s);
	for (size_t i = 0; i < p->expects.count; i++) {
		struct str why = {0};
		bool ok = expect_one(p, r, &p->expects.data[i], &why);

		tap(t, ok, p, p->expects.data[i].text, str_cstr(&why));
		str_free(&why);
	}
	if (!p->expects.count)
		tap(t, false, p, "states what it expects", "no `expect` line");
	search_free(s);
	test_runs(t, p);
}

int cli_test(const struct options *o)
{
	struct tally t = {0};
	bool mistakes = false;
	struct error err = {0};

	if (!o->word_count) {
		fail(&err, "which files? threadviz test FILE …");
		return complain(&err);
	}
	for (size_t i = 0; i < o->word_count; i++) {
		struct program *p = program_load_word(o->words[i]);

		if (p) {
			test_program(&t, p);
		} else {
			t.failed++;
			printf("not ok %d - %s: compiles\n", ++t.number,
			       o->words[i]);
			mistakes = true;
		}
		program_free(p);
	}
	printf("1..%d\n", t.number);
	if (mistakes)
		return EXIT_USAGE;
	return t.failed ? EXIT_BAD : EXIT_GOOD;
}
