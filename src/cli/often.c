/*
 * often.c - `threadviz run --engine free --repeat N`: what came how often.
 *
 * The outcomes of N real runs stand beside all that an exhaustive search calls
 * possible: one that never came is a line, too, and so is one that the search
 * does not know, which is a finding of its own, as is a run that the model
 * cannot explain step by step. Where the search is too large the outcomes seen
 * stand alone. Of N runs --save keeps the first that went wrong, or else the
 * last.
 */
#include <stdio.h>
#include <stdlib.h>

#include "freely.h"
#include "outcome.h"
#include "threadviz/arena.h"
#include "threadviz/repeat.h"
#include "threadviz/tally.h"

enum { SEARCH_AT_MOST = 300000 }; /* states, for the exact set */

struct often {
	const struct freely *asked;
	const struct program *program;
	enum tally_column column;
	struct tally *tally;
	struct repeat *repeat;
	int32_t *values;
	uint64_t unexplained;
	struct finding finding; /* of the first such run */
	bool kept;              /* a run that went wrong is on the tape */
};

/* ---- the runs ---------------------------------------------------------- */

static void expect(struct often *o)
{
	struct search_options options = {.graph_only = true,
					 .max_states = SEARCH_AT_MOST};
	struct search *s = search_new(o->program, &options);

	if (search_run(s, NULL, NULL) == SEARCH_DONE)
		tally_expect(o->tally, search_report(s));
	search_free(s);
}

static void take_records(struct often *o)
{
	size_t n;
	const struct event *e = repeat_records(o->repeat, &n);

	if (!o->kept)
		tape_add(o->asked->tape, e, n);
}

static void take_end(struct often *o)
{
	const struct judgement *end = repeat_end(o->repeat);
	size_t n;
	const struct search_value *v = tally_values(o->tally, &n);
	bool last = repeat_count(o->repeat) == (uint64_t)o->asked->repeat;

	for (size_t i = 0; i < n; i++)
		o->values[i] = repeat_value(o->repeat, v[i].object, v[i].index);
	tally_add(o->tally, o->column,
		  &(struct tally_end){.verdict = end->verdict,
				      .complete = end->complete,
				      .values = o->values,
				      .printed = !end->lost,
				      .output = end->output});
	if (end->unexplained && !o->unexplained++)
		repeat_finding(o->repeat, &o->finding);
	o->kept |= end->verdict > VERDICT_OK || end->unexplained;
	if (o->asked->tape && !o->kept && !last)
		tape_rewind(o->asked->tape);
}

static bool run_all(struct often *o, struct error *err)
{
	for (;;) {
		enum repeat_status status = repeat_work(o->repeat, err);

		take_records(o);
		if (status == REPEAT_ENDED)
			take_end(o);
		if (status >= REPEAT_DONE)
			return status == REPEAT_DONE;
		repeat_rest(o->repeat);
	}
}

/* ---- as lines ---------------------------------------------------------- */

static const char *note_on(const struct often *o, const struct tally_row *row)
{
	switch (tally_note(o->tally, row)) {
	case TALLY_ABSENT:
		return "  possible, never seen";
	case TALLY_UNKNOWN:
		return "  unknown to the search";
	case TALLY_SEEN:
		break;
	}
	return "";
}

static void print_row(const struct often *o, const struct tally_row *row)
{
	struct str line = {0}, exact = {0};

	str_addf(&line, "%8llu  %-8s", (unsigned long long)row->seen[o->column],
		 row->verdict ? verdict_name[row->verdict] : "none");
	if (tally_is_exact(o->tally) && row->possible) {
		count_format_grouped(row->schedules, &exact);
		str_addf(&line, " %14s %5.1f %%", str_cstr(&exact),
			 100 * tally_share(o->tally, row));
	} else if (tally_is_exact(o->tally)) {
		str_addf(&line, " %14s        ", "-");
	}
	str_add(&line, "  ");
	tally_format(o->tally, row, &line);
	str_add(&line, note_on(o, row));
	while (line.len && line.data[line.len - 1] == ' ')
		str_cut(&line, line.len - 1);
	puts(str_cstr(&line));
	str_free(&line);
	str_free(&exact);
}

static void print_head(const struct often *o)
{
	struct tally_sum sum = tally_sum(o->tally, o->column);
	struct str s = {0};

	str_addf(&s, "free    %llu runs%s: %llu wrong",
		 (unsigned long long)sum.runs,
		 o->column == TALLY_CHAOS ? " with chaos" : "",
		 (unsigned long long)sum.wrong);
	str_add(&s, "; exact: ");
	tally_format_exact(o->tally, &s);
	printf("%s\n%8s  %-8s%s  ends at\n", str_cstr(&s), "runs", "verdict",
	       tally_is_exact(o->tally) ? "      schedules   share" : "");
	str_free(&s);
}

static void print_unexplained(const struct often *o)
{
	if (!o->unexplained)
		return;
	printf("model   cannot explain %llu of them; the first:\n",
	       (unsigned long long)o->unexplained);
	outcome_finding(&o->finding, false);
}

/* ---- as JSON ----------------------------------------------------------- */

static void json_head(const struct often *o, struct json *j)
{
	struct tally_sum sum = tally_sum(o->tally, o->column);

	json_open(j, NULL, '{');
	json_uint(j, "runs", sum.runs);
	json_bool(j, "chaos", o->column == TALLY_CHAOS);
	json_uint(j, "wrong", sum.wrong);
	json_uint(j, "stopped", sum.stopped);
	json_uint(j, "unknown", sum.unknown);
	json_uint(j, "unexplained", o->unexplained);
	json_bool(j, "exact", tally_is_exact(o->tally));
	if (tally_is_exact(o->tally)) {
		outcome_count(j, "schedules", tally_schedules(o->tally));
		outcome_count(j, "schedules_wrong", tally_wrong(o->tally));
	}
	outcome_line(j);
}

static void json_row(const struct often *o, const struct tally_row *row,
		     struct json *j)
{
	size_t n;
	const struct search_value *values = tally_values(o->tally, &n);

	json_open(j, NULL, '{');
	json_string(j, "verdict",
		    row->verdict ? verdict_name[row->verdict] : "none");
	json_uint(j, "seen", row->seen[o->column]);
	if (tally_is_exact(o->tally))
		json_bool(j, "possible", row->possible);
	if (row->possible) {
		outcome_count(j, "schedules", row->schedules);
		json_double(j, "chance", row->chance);
	}
	if (row->exact)
		outcome_json(j, o->program, values, n, row->values,
			     row->output);
	outcome_line(j);
}

/* ---- all of it --------------------------------------------------------- */

static void print(const struct often *o)
{
	struct str line = {0};
	struct json j = {.out = &line};

	if (o->asked->json)
		json_head(o, &j);
	else
		print_head(o);
	for (size_t i = 0; i < tally_count(o->tally); i++)
		if (o->asked->json)
			json_row(o, tally_row(o->tally, i), &j);
		else
			print_row(o, tally_row(o->tally, i));
	if (!o->asked->json)
		print_unexplained(o);
	else if (o->unexplained)
		outcome_finding(&o->finding, true);
	str_free(&line);
}

int freely_often(struct freely *asked, struct error *err)
{
	struct often o = {
		.asked = asked,
		.program = asked->program,
		.column = asked->how.chaos ? TALLY_CHAOS : TALLY_PLAIN,
		.tally = tally_new(asked->program),
		.repeat = repeat_new(asked->program, &asked->how,
				     (uint64_t)asked->repeat),
	};
	int status = EXIT_USAGE;
	size_t n;

	(void)tally_values(o.tally, &n);
	o.values = xcalloc(n + 1, sizeof *o.values);
	expect(&o);
	if (run_all(&o, err)) {
		struct tally_sum sum = tally_sum(o.tally, o.column);

		print(&o);
		status = sum.wrong || sum.unknown || o.unexplained ? EXIT_BAD
								   : EXIT_GOOD;
	}
	repeat_free(o.repeat);
	tally_free(o.tally);
	free(o.values);
	if (o.unexplained)
		finding_fini(&o.finding);
	return status;
}
