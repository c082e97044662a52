/*
 * check.c - `threadviz check`: exhaustive search, for people and as JSON.
 *
 * On a terminal a progress line appears after a moment; Ctrl-C ends the search
 * and what is known so far is printed, marked as partial.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "expect.h"
#include "load.h"
#include "outcome.h"
#include "threadviz/explore.h"
#include "threadviz/json.h"

/* ---- Ctrl-C and progress ----------------------------------------------- */

/* SIGINT is blocked while a search runs and asked for in between. */
static bool is_interrupted(void)
{
	sigset_t pending;

	sigpending(&pending);
	return sigismember(&pending, SIGINT);
}

static void hold_interrupt(int how)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigprocmask(how, &set, NULL);
}

struct progress {
	struct search *search;
	struct timespec begun;
	bool show, shown;
};

static double seconds_since(const struct timespec *then)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - then->tv_sec) +
	       1e-9 * (double)(now.tv_nsec - then->tv_nsec);
}

static bool should_stop(void *data)
{
	struct progress *p = data;
	uint64_t states;
	uint32_t depth;

	if (p->show && seconds_since(&p->begun) > 0.5) {
		search_progress(p->search, &states, &depth);
		fprintf(stderr, "\r%llu states, depth %u, %.0f s ",
			(unsigned long long)states, depth,
			seconds_since(&p->begun));
		p->shown = true;
	}
	return is_interrupted();
}

static void run_search(struct search *s, bool quiet)
{
	struct progress p = {.search = s,
			     .show = !quiet && isatty(STDERR_FILENO)};

	clock_gettime(CLOCK_MONOTONIC, &p.begun);
	search_run(s, should_stop, &p);
	if (p.shown)
		fprintf(stderr, "\r%60s\r", "");
}

/* ---- JSON -------------------------------------------------------------- */

static void json_schedule(struct json *j, const char *key,
			  const struct program *p, const struct schedule *list)
{
	struct str s = {0};

	schedule_format(p, list->data, list->len, &s);
	json_string(j, key, str_cstr(&s));
	str_free(&s);
}

static void json_outcomes(struct json *j, const struct program *p,
			  const struct search_report *r)
{
	json_open(j, "outcomes", '[');
	for (size_t i = 0; i < r->outcome_count; i++) {
		const struct search_outcome *o = &r->outcomes[i];

		json_open(j, NULL, '{');
		json_string(j, "verdict", verdict_name[o->verdict]);
		outcome_count(j, "schedules", o->schedules);
		json_double(j, "chance", o->chance);
		outcome_json(j, p, r->values, r->value_count, o->final,
			     o->output);
		json_close(j);
	}
	json_close(j);
}

static void json_findings(struct json *j, const struct program *p,
			  const struct search_report *r)
{
	json_open(j, "findings", '[');
	for (size_t i = 0; i < r->finding_count; i++) {
		const struct search_finding *f = &r->findings[i];

		json_open(j, NULL, '{');
		json_string(j, "kind", verdict_name[f->verdict]);
		json_string(j, "what", f->what);
		json_int(j, "line", f->line);
		json_int(j, "steps", f->steps);
		json_int(j, "preemptions", f->preemptions);
		json_schedule(j, "schedule", p, &f->schedule);
		if (f->decided)
			json_string(j, "decided", f->decided);
		json_close(j);
	}
	json_close(j);
	if (r->finding_count)
		json_int(j, "point_of_no_return", r->findings[0].no_return);
}

static void json_livelock(struct json *j, const struct program *p,
			  const struct search_report *r)
{
	json_bool(j, "livelock", r->livelock);
	if (!r->livelock)
		return;
	json_open(j, "livelock_cycle", '{');
	json_schedule(j, "stem", p, &r->stem);
	json_schedule(j, "cycle", p, &r->cycle);
	json_close(j);
}

static void json_races(struct json *j, const struct program *p,
		       const struct search_report *r)
{
	json_open(j, "races", '[');
	for (size_t i = 0; i < r->race_count; i++) {
		const struct search_race *race = &r->races[i];

		json_open(j, NULL, '{');
		json_string(j, "variable", p->objects.data[race->object].name);
		json_open(j, "lines", '[');
		json_int(j, NULL, race->lines[0]);
		json_int(j, NULL, race->lines[1]);
		json_close(j);
		json_close(j);
	}
	json_close(j);
}

static void json_head(struct json *j, const struct program *p,
		      const struct search_report *r)
{
	json_string(j, "scenario", p->title);
	json_string(j, "file", p->file);
	program_params_json(p, j);
	json_bool(j, "complete", r->complete);
	json_uint(j, "states", r->states);
	json_uint(j, "transitions", r->transitions);
	outcome_count(j, "schedules", r->schedules);
	json_open(j, "verdicts", '{');
	for (int v = VERDICT_OK; v < VERDICT_COUNT; v++)
		if (!count_is_zero(r->verdicts[v]))
			outcome_count(j, verdict_name[v], r->verdicts[v]);
	json_close(j);
}

static void json_expect(struct json *j, const struct program *p,
			const struct search_report *r)
{
	struct str missed = {0};

	json_open(j, "expect", '{');
	json_bool(j, "met", expect_check(p, r, &missed) == 0);
	json_open(j, "failed", '[');
	for (char *rest = missed.data, *line; (line = strsep(&rest, "\n"));)
		if (*line)
			json_string(j, NULL, line);
	json_close(j);
	json_close(j);
	str_free(&missed);
}

static void json_report(struct json *j, const struct program *p,
			const struct search_report *r)
{
	json_open(j, NULL, '{');
	json_head(j, p, r);
	json_livelock(j, p, r);
	json_outcomes(j, p, r);
	json_findings(j, p, r);
	json_races(j, p, r);
	json_expect(j, p, r);
	json_double(j, "seconds", r->seconds);
	json_close(j);
}

/* ---- for people -------------------------------------------------------- */

static void grouped(struct count c, struct str *out)
{
	str_clear(out);
	count_format_grouped(c, out);
}

static void print_outcome(const struct program *p,
			  const struct search_report *r,
			  const struct search_outcome *o, bool ascii)
{
	struct str number = {0}, label = {0};
	double share = o->schedules.infinite || !(r->schedules.approx > 0)
			       ? o->chance
			       : o->schedules.approx / r->schedules.approx;
	int cells = (int)(share * 24 + 0.5);

	grouped(o->schedules, &number);
	for (size_t i = 0; i < r->value_count; i++) {
		const struct object *v = &p->objects.data[r->values[i].object];

		if (r->values[i].index == 0)
			str_addf(&label, "%s%s=", i ? " " : "", v->name);
		str_addf(&label, "%s%d", r->values[i].index ? "," : "",
			 o->final[i]);
	}
	for (size_t k = 0; k < outputs_count(p->outputs, o->output); k++)
		str_addf(&label, "%s%s", label.len ? " " : "",
			 outputs_line(p->outputs, o->output, k));
	printf("  %-9s ", verdict_name[o->verdict]);
	for (int i = 0; i < 24; i++)
		fputs(i < cells || (i == 0 && share > 0) ? ascii ? "#" : "█"
		      : ascii                            ? "."
							 : "·",
		      stdout);
	printf(" %14s ", str_cstr(&number));
	if (o->schedules.infinite)
		printf("%6s", "-");
	else
		printf("%5.1f%%", 100 * share);
	printf(" %5.1f%%  %s\n", 100 * o->chance, str_cstr(&label));
	str_free(&number);
	str_free(&label);
}

enum { OUTCOMES_SHOWN = 24 };

static void print_outcomes(const struct program *p,
			   const struct search_report *r, bool ascii)
{
	if (!r->outcome_count)
		return;
	printf("\nends%47s %6s %6s\n", "schedules", "share", "chance");
	for (size_t i = 0; i < r->outcome_count && i < OUTCOMES_SHOWN; i++)
		print_outcome(p, r, &r->outcomes[i], ascii);
	if (r->outcome_count > OUTCOMES_SHOWN)
		printf("  and %zu more; --json lists all\n",
		       r->outcome_count - OUTCOMES_SHOWN);
	puts("share: of all schedules; chance: every possible step equally "
	     "likely");
}

static void print_replay(const struct program *p, const struct schedule *s)
{
	struct str line = {0};

	str_addf(&line, "  replay    threadviz run %s", p->name);
	program_params(p, &line);
	str_add(&line, " --schedule \"");
	schedule_format(p, s->data, s->len, &line);
	printf("%s\"\n", str_cstr(&line));
	str_free(&line);
}

static void print_finding(const struct program *p,
			  const struct search_finding *f)
{
	printf("\n%s: %s\n", verdict_name[f->verdict], f->what);
	if (f->line)
		printf("  at        %s:%u\n", p->file, f->line);
	printf("  simplest  %u steps, %u preemption%s", f->steps,
	       f->preemptions, f->preemptions == 1 ? "" : "s");
	if (f->no_return)
		printf("; no way back from step %u", f->no_return);
	puts("");
	print_replay(p, &f->schedule);
	if (f->decided)
		printf("  why       %s\n", f->decided);
}

/* The way there and once round: from then on it repeats itself. */
static void print_livelock(const struct program *p,
			   const struct search_report *r)
{
	struct schedule once = {0};
	struct str round = {0};

	for (size_t i = 0; i < r->stem.len; i++)
		vec_push(&once, r->stem.data[i]);
	for (size_t i = 0; i < r->cycle.len; i++)
		vec_push(&once, r->cycle.data[i]);
	schedule_format(p, r->cycle.data, r->cycle.len, &round);
	printf("\nlivelock: the threads can move for ever without progress\n"
	       "  way in    %zu step%s, then round and round \"%s\"\n",
	       r->stem.len, r->stem.len == 1 ? "" : "s", str_cstr(&round));
	print_replay(p, &once);
	vec_free(&once);
	str_free(&round);
}

static void print_races(const struct program *p, const struct search_report *r)
{
	for (size_t i = 0; i < r->race_count; i++)
		printf("%sdata race on %s: lines %u and %u\n", i ? "" : "\n",
		       p->objects.data[r->races[i].object].name,
		       r->races[i].lines[0], r->races[i].lines[1]);
}

static void print_summary(const struct program *p,
			  const struct search_report *r)
{
	struct str s = {0};
	const char *gap = "";

	printf("%s: %s\n", p->file, p->title);
	if (!r->complete)
		printf("PARTIAL: a bound was hit, this is what is known so "
		       "far\n");
	grouped(r->schedules, &s);
	printf("%s schedules, %llu states, %.3f s: ", str_cstr(&s),
	       (unsigned long long)r->states, r->seconds);
	for (int v = VERDICT_OK; v < VERDICT_COUNT; v++) {
		if (count_is_zero(r->verdicts[v]))
			continue;
		grouped(r->verdicts[v], &s);
		printf("%s%s %s", gap, str_cstr(&s), verdict_name[v]);
		gap = ", ";
	}
	puts("");
	str_free(&s);
}

static void print_report(const struct options *o, const struct program *p,
			 const struct search_report *r)
{
	struct str missed = {0};

	print_summary(p, r);
	if (options_has(o, OPTION_QUIET))
		return;
	print_outcomes(p, r, options_has(o, OPTION_ASCII));
	for (size_t i = 0; i < r->finding_count; i++)
		print_finding(p, &r->findings[i]);
	if (r->livelock)
		print_livelock(p, r);
	print_races(p, r);
	if (program_is_standard(p) && expect_check(p, r, &missed))
		printf("\nnot as expected:\n%s", str_cstr(&missed));
	str_free(&missed);
}

static void print_row(const struct program *p, const struct search_report *r)
{
	struct str s = {0};

	grouped(r->schedules, &s);
	printf("%-22s %24s %10llu  ", p->name, str_cstr(&s),
	       (unsigned long long)r->states);
	for (int v = VERDICT_OK; v < VERDICT_COUNT; v++)
		if (!count_is_zero(r->verdicts[v]))
			printf("%s ", verdict_name[v]);
	printf("%s%s%s\n", r->livelock ? "livelock " : "",
	       r->race_count ? "race " : "", r->complete ? "" : "PARTIAL");
	str_free(&s);
}

/* ---- the command ------------------------------------------------------- */

/* What is expected does not matter here: `test` holds against that. */
static int report_status(const struct search_report *r)
{
	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		if (!count_is_zero(r->verdicts[v]))
			return EXIT_BAD;
	if (r->livelock)
		return EXIT_BAD;
	return r->complete ? EXIT_GOOD : EXIT_PARTIAL;
}

static bool search_limits(const struct options *o, struct search_options *out,
			  struct error *err)
{
	int64_t states = 0, mib = 0;

	if (!options_number(o, OPTION_MAX_STATES, 1, INT64_MAX / 2, &states,
			    err) ||
	    !options_number(o, OPTION_MAX_MEMORY, 1, INT32_MAX, &mib, err))
		return false;
	out->max_states = (uint64_t)states;
	out->max_memory = (uint64_t)mib << 20;
	out->no_symmetry = options_has(o, OPTION_NO_SYMMETRY);
	return true;
}

static int check_program(const struct options *o,
			 const struct search_options *limits,
			 const struct program *p, struct json *j, bool row)
{
	struct search *s = search_new(p, limits);
	const struct search_report *r;
	int status;

	run_search(s, options_has(o, OPTION_QUIET));
	r = search_report(s);
	if (j)
		json_report(j, p, r);
	else if (row)
		print_row(p, r);
	else
		print_report(o, p, r);
	status = report_status(r);
	search_free(s);
	return status;
}

/* Words up to the next scenario belong to the one before: parameters. */
static size_t next_scenario(const struct options *o, size_t i)
{
	for (i++; i < o->word_count && strchr(o->words[i], '=');)
		i++;
	return i;
}

int cli_check(const struct options *o)
{
	struct search_options limits = {0};
	struct error err = {0};
	struct str text = {0};
	struct json j = {.out = &text, .lines = true};
	bool json = options_has(o, OPTION_JSON);
	bool many = next_scenario(o, 0) < o->word_count;
	int status = EXIT_GOOD;

	if (!o->word_count)
		fail(&err, "which scenario? `threadviz list` shows all");
	if (!o->word_count || !search_limits(o, &limits, &err))
		return complain(&err);
	hold_interrupt(SIG_BLOCK);
	if (many && json)
		json_open(&j, NULL, '[');
	for (size_t i = 0; i < o->word_count && !is_interrupted();) {
		size_t next = next_scenario(o, i);
		struct options one = *o;
		struct program *p;
		int s = EXIT_USAGE;

		one.words = o->words + i;
		one.word_count = next - i;
		p = program_load(&one);
		if (p)
			s = check_program(o, &limits, p, json ? &j : NULL,
					  many);
		status = s > status ? s : status;
		program_free(p);
		i = next;
	}
	if (many && json)
		json_close(&j);
	if (json)
		puts(str_cstr(&text));
	str_free(&text);
	return status;
}
