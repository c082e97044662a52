/*
 * freely.c - `threadviz run --engine free --plain`: the kernel schedules.
 *
 * One run prints what was counted, the final values and the verdict. With
 * --repeat N it is N runs, and their outcomes stand beside all that an
 * exhaustive search calls possible: an outcome that never came is a line, too,
 * and so is one that the search does not know. Where the search is too large
 * the outcomes seen stand alone. Of N runs --save keeps the first that went
 * wrong, or else the last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "run.h"
#include "tape.h"
#include "threadviz/arena.h"
#include "threadviz/explore.h"
#include "threadviz/free.h"
#include "threadviz/shares.h"

enum {
	ROOM = 4096,
	NAP_NS = 200000,
	SEARCH_AT_MOST = 300000, /* states, for the exact set */
	REPEAT_MOST = 1000000,
	VALUES_MOST = 64, /* variables that tell outcomes apart */
};

struct outcome_row {
	enum verdict verdict;
	bool complete;
	bool possible; /* the search knows it */
	uint64_t seen;
	int32_t values[VALUES_MOST];
};

struct freely {
	const struct options *options;
	const struct program *program;
	struct free_options how;
	int64_t repeat;
	struct event batch[ROOM];
	struct shares *shares; /* NULL: not wanted */
	struct tape *tape;     /* for --save, or NULL */
	bool kept;             /* a run that went wrong is on it */
	struct {
		object_id object;
		int32_t index;
	} places[VALUES_MOST];
	size_t place_count;
	VEC(struct outcome_row) rows;
	bool exact; /* the search came to its end */
};

bool run_is_free(const struct options *o)
{
	const char *name = o->value[OPTION_ENGINE];

	return name && !strcmp(name, "free");
}

static bool read_options(struct freely *r, struct error *err)
{
	const struct options *o = r->options;
	int64_t chaos = 0, ring = 0, seed = 0, seconds = 0;

	if (!options_number(o, OPTION_CHAOS, 1, INT64_MAX, &chaos, err) ||
	    !options_number(o, OPTION_RING, 16, 1 << 24, &ring, err) ||
	    !options_number(o, OPTION_SEED, 0, INT64_MAX, &seed, err) ||
	    !options_number(o, OPTION_TIME, 1, 86400, &seconds, err) ||
	    !options_number(o, OPTION_REPEAT, 1, REPEAT_MOST, &r->repeat, err))
		return false;
	r->how = (struct free_options){
		.chaos = (uint64_t)chaos,
		.ring = (uint64_t)ring,
		.seed = (uint64_t)seed,
		.seconds = (double)seconds,
	};
	return true;
}

/* ---- one run ----------------------------------------------------------- */

static void nap(void)
{
	static const struct timespec t = {0, NAP_NS};

	(void)nanosleep(&t, NULL);
}

/* Until it is over and every record has been taken. */
static void see_through(struct freely *r, struct free_run *f)
{
	bool over = false;

	if (r->tape && !r->kept)
		tape_rewind(r->tape);
	while (!over) {
		bool ended = free_state(f) > FREE_PAUSED;
		size_t n = free_poll(f, r->batch, ROOM);

		if (r->shares)
			shares_add(r->shares, r->batch, n);
		if (!r->kept)
			tape_add(r->tape, r->batch, n);
		over = ended && n < ROOM;
		if (!ended && n < ROOM)
			nap();
	}
}

static void find_places(struct freely *r)
{
	const struct program *p = r->program;

	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count &&
				    r->place_count < VALUES_MOST;
		     k++)
			if (p->objects.data[i].kind == OBJECT_VAR) {
				r->places[r->place_count].object = (object_id)i;
				r->places[r->place_count++].index = k;
			}
}

static void add_values(const struct freely *r, const int32_t *values,
		       struct str *out)
{
	for (size_t i = 0; i < r->place_count; i++) {
		str_add(out, i ? ", " : "");
		object_format(r->program, r->places[i].object,
			      r->places[i].index, out);
		str_addf(out, " = %d", values[i]);
	}
}

static void read_values(const struct freely *r, const struct free_run *f,
			int32_t *out)
{
	for (size_t i = 0; i < r->place_count; i++)
		out[i] = free_value(f, r->places[i].object, r->places[i].index);
}

static void print_counts(const struct freely *r, const struct free_run *f)
{
	struct free_counts c;

	free_count(f, &c);
	printf("free    %zu threads, %.6f s\n", r->program->threads.count,
	       c.seconds);
	printf("records %llu, %llu lost, %llu late\n",
	       (unsigned long long)c.recorded, (unsigned long long)c.lost,
	       (unsigned long long)c.late);
	if (free_missing(f)[0])
		printf("missing %s\n", free_missing(f));
}

static int print_run(struct freely *r, struct free_run *f)
{
	const struct outputs *o = r->program->outputs;
	struct str why = {0}, values = {0}, table = {0};
	enum verdict v = free_verdict(f, &why);
	int32_t final[VALUES_MOST];
	uint32_t id = free_output(f);

	print_counts(r, f);
	shares_format(r->shares, &table);
	fputs(str_cstr(&table), stdout);
	for (size_t i = 0; i < outputs_count(o, id); i++)
		printf("output  %s\n", outputs_line(o, id, i));
	read_values(r, f, final);
	add_values(r, final, &values);
	if (values.len)
		printf("values  %s\n", str_cstr(&values));
	printf("result  %s%s%s\n", verdict_name[v], why.len ? ": " : "",
	       str_cstr(&why));
	str_free(&why);
	str_free(&values);
	str_free(&table);
	return v > VERDICT_OK ? EXIT_BAD : EXIT_GOOD;
}

static bool save(const struct freely *r, struct error *err)
{
	fflush(stdout);
	return !r->tape || tape_save(r->tape, r->program, NULL,
				     r->options->value[OPTION_SAVE], err);
}

static int run_once(struct freely *r, struct error *err)
{
	struct free_run *f = free_start(r->program, &r->how, err);
	int status;

	if (!f)
		return EXIT_USAGE;
	r->shares = shares_new(r->program);
	see_through(r, f);
	status = print_run(r, f);
	shares_free(r->shares);
	free_close(f);
	return save(r, err) ? status : EXIT_USAGE;
}

/* ---- many runs --------------------------------------------------------- */

static struct outcome_row *row_of(struct freely *r, enum verdict v,
				  bool complete, const int32_t *values)
{
	size_t bytes = r->place_count * sizeof *values;
	struct outcome_row row = {.verdict = v, .complete = complete};

	for (size_t i = 0; i < r->rows.len; i++) {
		struct outcome_row *have = &r->rows.data[i];

		/* Others ran on when one failed: its values are not exact. */
		if (have->verdict == v && have->complete == complete &&
		    (!memcmp(have->values, values, bytes) ||
		     (!complete && v != VERDICT_DEADLOCK)))
			return have;
	}
	memcpy(row.values, values, bytes);
	vec_push(&r->rows, row);
	return &vec_last(&r->rows);
}

static void take_outcomes(struct freely *r, const struct search_report *report)
{
	r->place_count = report->value_count < VALUES_MOST ? report->value_count
							   : VALUES_MOST;
	for (size_t i = 0; i < r->place_count; i++) {
		r->places[i].object = report->values[i].object;
		r->places[i].index = report->values[i].index;
	}
	for (size_t i = 0; i < report->outcome_count; i++) {
		const struct search_outcome *o = &report->outcomes[i];

		row_of(r, o->verdict, o->complete, o->final)->possible = true;
	}
}

static void search_all(struct freely *r)
{
	struct search_options options = {.graph_only = true,
					 .max_states = SEARCH_AT_MOST};
	struct search *s = search_new(r->program, &options);

	r->exact = search_run(s, NULL, NULL) == SEARCH_DONE;
	if (r->exact)
		take_outcomes(r, search_report(s));
	else
		find_places(r);
	search_free(s);
}

static bool run_many(struct freely *r, struct error *err)
{
	int32_t final[VALUES_MOST];

	r->how.no_kernel = true;
	for (int64_t i = 0; i < r->repeat; i++) {
		struct free_run *f = free_start(r->program, &r->how, err);
		enum verdict v;

		if (!f)
			return false;
		see_through(r, f);
		v = free_verdict(f, NULL);
		r->kept |= v > VERDICT_OK;
		read_values(r, f, final);
		row_of(r, v, free_state(f) == FREE_ENDED, final)->seen++;
		free_close(f);
		if (r->how.chaos)
			r->how.chaos++;
	}
	return true;
}

static const char *note_on(const struct freely *r,
			   const struct outcome_row *row)
{
	if (r->exact && !row->possible && row->verdict != VERDICT_NONE)
		return "  unknown to the search";
	return row->seen ? "" : "  possible, never seen";
}

static int print_rows(const struct freely *r)
{
	bool bad = false;

	printf("free    %lld runs%s\n", (long long)r->repeat,
	       r->exact ? "" : "; too many states for the exact set");
	for (size_t i = 0; i < r->rows.len; i++) {
		const struct outcome_row *row = &r->rows.data[i];
		struct str values = {0};

		add_values(r, row->values, &values);
		printf("%8llu  %-8s  %s%s\n", (unsigned long long)row->seen,
		       verdict_name[row->verdict], str_cstr(&values),
		       note_on(r, row));
		bad |= row->seen && row->verdict > VERDICT_OK;
		str_free(&values);
	}
	return bad ? EXIT_BAD : EXIT_GOOD;
}

int run_freely(const struct options *o, const struct program *p)
{
	struct freely *r = xcalloc(1, sizeof *r);
	struct error err = {0};
	int status = EXIT_USAGE;

	r->options = o;
	r->program = p;
	if (options_has(o, OPTION_SAVE))
		r->tape = tape_new(0);
	if (read_options(r, &err) && !r->repeat) {
		find_places(r);
		status = run_once(r, &err);
	} else if (!err.status) {
		search_all(r);
		if (run_many(r, &err)) {
			status = print_rows(r);
			save(r, &err);
		}
	}
	if (err.status)
		status = complain(&err);
	vec_free(&r->rows);
	tape_free(r->tape);
	free(r);
	return status;
}
