/*
 * conform.c - real threads against the model, on random schedules.
 *
 *	conform [--runs N] [--steps N] [--seed N] [--random N] [FILE...]
 *
 * For every FILE, and for N random scenarios, it walks the live engine along
 * random schedules, any possible choice at every step, spurious wake-ups too.
 * Then it replays what an exhaustive search has found, if it is small enough.
 * The engine compares every step and every refusal; here is only the walking.
 * One line of TAP a scenario, with the schedule that shows a difference.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "generate.h"
#include "threadviz/engine.h"
#include "threadviz/explore.h"
#include "threadviz/lang.h"

struct walk {
	int runs, steps;   /* of a scenario; of a run, at most */
	uint64_t random;   /* state of the generator */
	uint64_t laziness; /* one in so many times drains are considered */
	uint64_t seed;
	size_t taken;                   /* steps in all */
	size_t verdicts[VERDICT_COUNT]; /* how the runs ended */
	size_t ops[OP_COUNT];           /* how often each was performed */
	size_t replayed;                /* findings of the search */
	int tests, failed;
};

static uint64_t below(struct walk *w, uint64_t n)
{
	struct generator g = {.random = w->random};
	uint64_t value = draw(&g, n);

	w->random = g.random;
	return value;
}

/* Prints every line of the text behind a #. */
static void comment(const char *text)
{
	for (size_t len; *text; text += len + (text[len] != '\0')) {
		len = strcspn(text, "\n");
		printf("# %.*s\n", (int)len, text);
	}
}

/* Any of the possible choices, drains only now and then in some runs, so that
 * stores stay on their way; false if there is none. */
static bool any_choice(struct walk *w, const struct program *p,
		       const struct world *world, struct choice *out)
{
	struct choice choices[WORLD_CHOICES_MAX + LIMIT_THREADS];
	size_t n = world_choices(world, p, choices);
	bool lazy = below(w, w->laziness) != 0;

	if (n && !below(w, 10))
		for (size_t t = 0; t < p->threads.count; t++) {
			struct choice c = {(thread_id)t, CHOICE_WAKE, 0};

			if (world_can(world, p, c))
				choices[n++] = c;
		}
	if (!n)
		return false;
	for (int tries = 0; tries < 10; tries++) {
		*out = choices[below(w, n)];
		if (!lazy || out->kind != CHOICE_DRAIN)
			break;
	}
	return true;
}

static void count_op(struct walk *w, const struct program *p,
		     const struct world *world, struct choice c)
{
	struct op op;

	world_parked(world, p, c.thread, &op);
	if (choice_is_move(c) && op.kind < OP_COUNT)
		w->ops[op.kind]++;
}

/* The target has nothing to say, unless a sanitizer makes it. */
static bool is_silent(struct engine *e, struct error *err)
{
	struct str said = {0};
	bool ok = engine_poll(e, &said, err) == ENGINE_OK;

	comment(str_cstr(&said));
	if (ok && said.len)
		ok = (fail)(err, "the target wrote to standard error");
	str_free(&said);
	return ok;
}

/* One run from the start; false if the engine says anything but OK. */
static bool walk_once(struct walk *w, struct engine *e, const struct program *p,
		      struct schedule *past, struct error *err)
{
	struct choice c;

	for (int i = 0; i < w->steps; i++) {
		if (!any_choice(w, p, engine_world(e), &c))
			break;
		count_op(w, p, engine_world(e), c);
		vec_push(past, c);
		if (engine_step(e, c, err) != ENGINE_OK)
			return false;
	}
	w->taken += past->len;
	w->verdicts[world_verdict(engine_world(e), p)]++;
	return is_silent(e, err);
}

static void complain(const struct program *p, const struct schedule *past,
		     const struct error *err)
{
	struct str text = {0};

	schedule_format(p, past->data, past->len, &text);
	printf("# %s\n# schedule: %s\n", err->text, str_cstr(&text));
	str_free(&text);
}

static bool walk_randomly(struct walk *w, struct engine *e,
			  const struct program *p)
{
	struct schedule past = {0};
	struct error err = {0};
	bool ok = true;

	for (int run = 0; run < w->runs && ok; run++) {
		vec_clear(&past);
		w->laziness = UINT64_C(1) << below(w, 6);
		ok = (run == 0 || engine_restart(e, &err)) &&
		     walk_once(w, e, p, &past, &err);
	}
	if (!ok)
		complain(p, &past, &err);
	vec_free(&past);
	return ok;
}

/* The finding's schedule brings real threads to the same bad end. */
static bool replay_finding(struct walk *w, struct engine *e,
			   const struct program *p,
			   const struct search_finding *f)
{
	const struct schedule *s = &f->schedule;
	struct error err = {0};
	bool ok = engine_replay(e, s->data, s->len, &err) == ENGINE_OK;

	if (ok && world_verdict(engine_world(e), p) != f->verdict)
		ok = (fail)(&err, "found %s, replayed %s",
			    verdict_name[f->verdict],
			    verdict_name[world_verdict(engine_world(e), p)]);
	if (!ok)
		complain(p, s, &err);
	w->replayed++;
	return ok;
}

static bool replay_findings(struct walk *w, struct engine *e,
			    const struct program *p)
{
	struct search_options options = {.max_states = 2000};
	struct search *s = search_new(p, &options);
	const struct search_report *r;
	bool ok = true;

	(void)search_run(s, NULL, NULL);
	r = search_report(s);
	for (size_t i = 0; i < r->finding_count && ok; i++)
		ok = replay_finding(w, e, p, &r->findings[i]);
	search_free(s);
	return ok;
}

static bool walk_program(struct walk *w, const struct program *p)
{
	struct error err = {0};
	struct engine *e = engine_open(ENGINE_LIVE, p, &err);
	bool ok = e && walk_randomly(w, e, p) && replay_findings(w, e, p);

	if (!e)
		printf("# %s\n", err.text);
	engine_close(e);
	return ok;
}

/* A scenario with mistakes is a failure too. */
static void test(struct walk *w, const char *name, const struct str *text,
		 uint64_t seed)
{
	struct diagnostics d = {0};
	struct program *p = program_compile(name, name, str_cstr(text),
					    text->len, NULL, 0, &d);
	struct str said = {0};
	bool ok;

	w->random = seed;
	if (!p) {
		diagnostics_format(&d, name, str_cstr(text), text->len, &said);
		comment(str_cstr(&said));
	}
	ok = p && walk_program(w, p);
	if (!ok && !strncmp(name, "random", 6))
		printf("# conform --seed %llu --random 1\n",
		       (unsigned long long)seed);
	printf("%s %d - %s\n", ok ? "ok" : "not ok", ++w->tests, name);
	w->failed += !ok;
	str_free(&said);
	diagnostics_fini(&d);
	program_free(p);
}

static void test_file(struct walk *w, const char *path)
{
	struct str text = {0};
	FILE *f = fopen(path, "r");
	char bytes[4096];
	size_t n;

	if (!f) {
		printf("# %s: %s\n", path, strerror(errno));
	} else {
		while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
			str_addn(&text, bytes, n);
		fclose(f);
	}
	test(w, path, &text, w->seed);
	str_free(&text);
}

static void test_random(struct walk *w, uint64_t seed)
{
	struct str text = {0}, name = {0};

	str_addf(&name, "random %llu", (unsigned long long)seed);
	generate(seed, &text);
	test(w, str_cstr(&name), &text, seed);
	str_free(&text);
	str_free(&name);
}

static void report(const struct walk *w)
{
	printf("1..%d\n# %zu findings replayed, %zu steps; runs:", w->tests,
	       w->replayed, w->taken);
	for (int v = 0; v < VERDICT_COUNT; v++)
		printf(" %zu %s%s", w->verdicts[v], verdict_name[v],
		       v + 1 < VERDICT_COUNT ? "," : "\n");
	for (int i = 0; i < OP_COUNT; i++)
		if (!w->ops[i])
			printf("# never performed: %s\n", op_info[i].name);
}

int main(int argc, char **argv)
{
	struct walk w = {.runs = 5, .steps = 300, .seed = 1};
	long random = 0;
	int i = 1;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		long n = strtol(argv[i + 1], NULL, 10);

		if (!strcmp(argv[i], "--runs"))
			w.runs = (int)n;
		else if (!strcmp(argv[i], "--steps"))
			w.steps = (int)n;
		else if (!strcmp(argv[i], "--seed"))
			w.seed = (uint64_t)n;
		else if (!strcmp(argv[i], "--random"))
			random = n;
	}
	for (; i < argc; i++)
		test_file(&w, argv[i]);
	for (long k = 0; k < random; k++)
		test_random(&w, w.seed + (uint64_t)k);
	report(&w);
	return w.failed > 0;
}
