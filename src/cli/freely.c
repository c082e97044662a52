/*
 * freely.c - `threadviz run --engine free --plain`: the kernel schedules.
 *
 * All that is known of one run, as lines or as JSON: how the threads spent
 * their time, how locks, regions and conditions were used, the final values,
 * and the verdict. What the threads recorded is held against the model; what
 * the model cannot explain is a finding, whatever the values say.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "freely.h"
#include "outcome.h"
#include "threadviz/arena.h"
#include "threadviz/handovers.h"
#include "threadviz/judge.h"
#include "threadviz/shares.h"
#include "threadviz/tally.h"

enum {
	ROOM = 4096,
	NAP_NS = 200000,
	SHOWN = 2, /* findings of one kind */
	REPEAT_MOST = 1000000,
};

struct once {
	const struct freely *asked;
	const struct program *program;
	struct free_run *run;
	struct shares *shares;
	struct handovers *handovers;
	struct accord *accord;
	struct tally *tally; /* knows which values tell ends apart */
	int32_t *final;
	struct judgement end;
	struct event batch[ROOM];
};

/* ---- the run ----------------------------------------------------------- */

static void nap(void)
{
	static const struct timespec t = {0, NAP_NS};

	(void)nanosleep(&t, NULL);
}

static void take(struct once *o, size_t n)
{
	shares_add(o->shares, o->batch, n);
	handovers_add(o->handovers, o->batch, n);
	accord_add(o->accord, o->batch, n);
	tape_add(o->asked->tape, o->batch, n);
}

/* Until it is over and every record has been taken. */
static void see_through(struct once *o)
{
	bool over = false;

	while (!over) {
		bool ended = free_state(o->run) > FREE_PAUSED;
		size_t n = free_poll(o->run, o->batch, ROOM);

		take(o, n);
		over = ended && n < ROOM;
		if (!ended && n < ROOM)
			nap();
	}
}

/* What goes wrong in the order that explains the run, or its beginning. */
static void diagnose(struct once *o, struct finding_list *out)
{
	struct event_list events = {0};
	struct finding f;

	accord_events(o->accord, &events);
	analysis_run(o->program, events.data, events.len, out);
	finding_list_point(out, events.data);
	if (accord_finding(o->accord, &f))
		vec_push(out, f);
	vec_free(&events);
}

static bool is_wrong(const struct finding_list *found)
{
	for (size_t i = 0; i < found->len; i++)
		if (finding_info[found->data[i].kind].severity ==
		    SEVERITY_WRONG)
			return true;
	return false;
}

static void judge(struct once *o)
{
	size_t n;
	const struct search_value *v = tally_values(o->tally, &n);

	o->end = judge_run(o->program, o->run, o->accord);
	o->final = xcalloc(n + 1, sizeof *o->final);
	for (size_t i = 0; i < n; i++)
		o->final[i] = judge_value(&o->end, o->program, o->run,
					  v[i].object, v[i].index);
}

/* ---- as lines ---------------------------------------------------------- */

static void print_counts(const struct once *o)
{
	struct free_counts c;

	free_count(o->run, &c);
	printf("free    %zu threads, %.6f s\n", o->program->threads.count,
	       c.seconds);
	printf("records %llu, %llu lost, %llu late\n",
	       (unsigned long long)c.recorded, (unsigned long long)c.lost,
	       (unsigned long long)c.late);
	if (c.unseen)
		printf("unseen  %llu switches of the kernel: its counts are at "
		       "least\n",
		       (unsigned long long)c.unseen);
	if (free_missing(o->run)[0])
		printf("missing %s\n", free_missing(o->run));
}

static void print_end(const struct once *o)
{
	const struct outputs *outputs = o->program->outputs;
	uint32_t id = o->end.output;
	const struct tally_row row = {.exact = true, .values = o->final};
	struct str values = {0}, model = {0};

	for (size_t i = 0; i < outputs_count(outputs, id); i++)
		printf("output  %s\n", outputs_line(outputs, id, i));
	tally_format(o->tally, &row, &values);
	if (values.len)
		printf("values  %s\n", str_cstr(&values));
	accord_format(o->accord, &model);
	printf("model   %s\n", str_cstr(&model));
	printf("result  %s%s%s\n", verdict_name[o->end.verdict],
	       o->end.why.len ? ": " : "", str_cstr(&o->end.why));
	str_free(&values);
	str_free(&model);
}

static void print_tables(const struct once *o)
{
	struct str tables = {0};

	shares_format(o->shares, &tables);
	handovers_format(o->handovers, &tables);
	fputs(str_cstr(&tables), stdout);
	str_free(&tables);
}

/* ---- as JSON ----------------------------------------------------------- */

static void json_counts(const struct once *o, struct json *j)
{
	struct free_counts c;

	free_count(o->run, &c);
	json_open(j, NULL, '{');
	json_uint(j, "threads", o->program->threads.count);
	json_uint(j, "ns", (uint64_t)(c.seconds * 1e9));
	json_uint(j, "records", c.recorded);
	json_uint(j, "lost", c.lost);
	json_uint(j, "late", c.late);
	json_string(j, "missing", free_missing(o->run));
	outcome_line(j);
}

static void json_threads(const struct once *o, struct json *j)
{
	static const char *const names[SHARES] = {"running", "ready", "blocked",
						  "asleep"};

	for (size_t t = 0; t < o->program->threads.count; t++) {
		struct thread_share s = shares_thread(o->shares, (thread_id)t);

		json_open(j, NULL, '{');
		json_string(j, "thread",
			    program_thread_name(o->program, (thread_id)t));
		for (int i = 0; i < SHARES; i++)
			json_uint(j, names[i], s.ns[i]);
		json_uint(j, "switches", s.switches);
		json_uint(j, "preempted", s.preempted);
		outcome_line(j);
	}
}

/* Begins an object that is about an element: "fork[1]". */
static void json_begin(const struct once *o, struct json *j, const char *key,
		       object_id id, int32_t index)
{
	struct str name = {0};

	object_format(o->program, id, index, &name);
	json_open(j, NULL, '{');
	json_string(j, key, str_cstr(&name));
	str_free(&name);
}

static void json_lock(const struct once *o, struct json *j, object_id id,
		      int32_t index)
{
	const struct lock_share *s = shares_lock(o->shares, id, index);

	json_begin(o, j, "lock", id, index);
	json_uint(j, "taken", s->taken);
	json_uint(j, "contended", s->contended);
	json_uint(j, "handed_over", s->handed_over);
	json_uint(j, "longest_hold", s->longest_hold);
	json_uint(j, "longest_wait", s->longest_wait);
	outcome_line(j);
}

static void json_condition(const struct once *o, struct json *j, object_id id,
			   int32_t index)
{
	const struct cond_count *c = handovers_cond(o->handovers, id, index);

	json_begin(o, j, "condition", id, index);
	json_uint(j, "woken", c->woken);
	json_uint(j, "timeouts", c->timeouts);
	json_uint(j, "vain", c->vain);
	outcome_line(j);
}

static void json_objects(const struct once *o, struct json *j)
{
	const struct program *p = o->program;

	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++) {
			uint8_t kind = p->objects.data[i].kind;

			if (kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK)
				json_lock(o, j, (object_id)i, k);
			else if (kind == OBJECT_COND)
				json_condition(o, j, (object_id)i, k);
		}
}

static void json_regions(const struct once *o, struct json *j)
{
	for (unsigned i = 0; i < o->program->regions.count; i++) {
		const struct region_count *c =
			handovers_region(o->handovers, i);

		json_open(j, NULL, '{');
		json_string(j, "region", o->program->regions.data[i]);
		json_uint(j, "taken", c->taken);
		json_uint(j, "again", c->again);
		json_uint(j, "handovers", c->handovers);
		json_uint(j, "late", c->late);
		json_uint(j, "held", c->held);
		json_uint(j, "longest", c->longest);
		json_uint(j, "most", c->most);
		outcome_line(j);
	}
}

static void json_end(const struct once *o, struct json *j)
{
	struct str model = {0};
	size_t n;
	const struct search_value *values = tally_values(o->tally, &n);

	accord_format(o->accord, &model);
	json_open(j, NULL, '{');
	json_string(j, "result", verdict_name[o->end.verdict]);
	json_string(j, "why", str_cstr(&o->end.why));
	json_string(j, "model", str_cstr(&model));
	json_uint(j, "explained", accord_steps(o->accord));
	outcome_json(j, o->program, values, n, o->final, o->end.output);
	outcome_line(j);
	str_free(&model);
}

/* ---- all of it --------------------------------------------------------- */

/* As lines only the first few of each kind: a race in a long run is lost again
 * and again. */
static void print_findings(const struct once *o)
{
	const struct finding_list *found = &o->asked->found;
	size_t seen[FINDING_COUNT] = {0};

	for (size_t i = 0; i < found->len; i++) {
		const struct finding *f = &found->data[i];

		if (o->asked->json || seen[f->kind]++ < SHOWN)
			outcome_finding(f, o->asked->json);
	}
	for (int k = 0; k < FINDING_COUNT; k++)
		if (seen[k] > SHOWN)
			printf("%s: %zu more\n", finding_info[k].title,
			       seen[k] - SHOWN);
}

static void print(const struct once *o)
{
	struct str line = {0};
	struct json j = {.out = &line};

	if (o->asked->json) {
		json_counts(o, &j);
		json_threads(o, &j);
		json_objects(o, &j);
		json_regions(o, &j);
	} else {
		print_counts(o);
		print_tables(o);
	}
	print_findings(o);
	if (o->asked->json)
		json_end(o, &j);
	else
		print_end(o);
	str_free(&line);
}

static void close_once(struct once *o)
{
	shares_free(o->shares);
	handovers_free(o->handovers);
	accord_free(o->accord);
	tally_free(o->tally);
	free_close(o->run);
	str_free(&o->end.why);
	free(o->final);
	free(o);
}

static int run_once(struct freely *asked, struct error *err)
{
	struct free_run *run = free_start(asked->program, &asked->how, err);
	struct once *o;
	bool bad;

	if (!run)
		return EXIT_USAGE;
	o = xcalloc(1, sizeof *o);
	o->asked = asked;
	o->program = asked->program;
	o->run = run;
	o->shares = shares_new(o->program);
	o->handovers = handovers_new(o->program);
	o->accord = accord_new(o->program);
	o->tally = tally_new(o->program);
	see_through(o);
	judge(o);
	diagnose(o, &asked->found);
	print(o);
	bad = o->end.verdict > VERDICT_OK || is_wrong(&asked->found);
	close_once(o);
	return bad ? EXIT_BAD : EXIT_GOOD;
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

static bool save(const struct freely *r, struct error *err)
{
	fflush(stdout);
	return !r->tape || tape_save(r->tape, r->program, &r->found,
				     r->options->value[OPTION_SAVE], err);
}

int run_freely(const struct options *o, const struct program *p)
{
	struct freely r = {.options = o,
			   .program = p,
			   .json = options_has(o, OPTION_JSON)};
	struct error err = {0};
	int status = EXIT_USAGE;

	if (options_has(o, OPTION_SAVE))
		r.tape = tape_new(0);
	if (read_options(&r, &err))
		status = r.repeat ? freely_often(&r, &err)
				  : run_once(&r, &err);
	if (!err.status)
		save(&r, &err);
	if (err.status)
		status = complain(&err);
	tape_free(r.tape);
	finding_list_fini(&r.found);
	return status;
}
