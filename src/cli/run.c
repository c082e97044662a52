/*
 * run.c - `threadviz run`: on the screen, or with --plain as lines.
 *
 * A plain run takes the steps of a schedule or those a policy chooses, on the
 * engine asked for, prints each, then what was found, the verdict and a line
 * that replays it. The events and findings are the screen's own.
 */
#include <stdio.h>
#include <stdlib.h>

#include "load.h"
#include "outcome.h"
#include "plan.h"
#include "refuse.h"
#include "run.h"
#include "threadviz/analysis.h"
#include "threadviz/app.h"
#include "threadviz/engine.h"
#include "threadviz/json.h"
#include "threadviz/label.h"
#include "threadviz/sched.h"
#include "threadviz/tracefile.h"
#include "threadviz/utf8.h"

struct plain_run {
	const struct options *options;
	const struct program *program;
	struct engine *engine;
	struct timeline timeline;
	struct plan plan;
	struct policy *policy; /* goes on after the steps given, or NULL */
	bool json;
	int names;    /* columns of the longest thread's name, at least 6 */
	bool quiet;   /* print no steps */
	bool explain; /* print them at the end, each with what it means */
};

/* ---- lines ------------------------------------------------------------- */

static void print_step(const struct plain_run *r, const struct event *e)
{
	const struct program *p = r->program;
	struct str what = {0}, place = {0};

	event_format(p, e, LABEL_LONG, &what);
	event_place(p, e, &place);
	printf("step %-4u %-*s %-34s %s\n", e->step, r->names,
	       program_thread_name(p, e->thread), str_cstr(&what),
	       str_cstr(&place));
	str_free(&what);
	str_free(&place);
}

static void print_mark(const struct plain_run *r, const struct event *e)
{
	struct str what = {0};

	if (e->kind == EVENT_VERDICT)
		return;
	event_format(r->program, e, LABEL_LONG, &what);
	printf("          %-*s %s\n", r->names,
	       program_thread_name(r->program, e->thread), str_cstr(&what));
	str_free(&what);
}

static void json_event(const struct plain_run *r, const struct event *e)
{
	const struct program *p = r->program;
	struct str line = {0}, what = {0};
	struct json j = {.out = &line};

	event_format(p, e, LABEL_LONG, &what);
	json_open(&j, NULL, '{');
	json_uint(&j, "step", e->step);
	json_string(&j, "thread", program_thread_name(p, e->thread));
	json_bool(&j, "mark", event_is_mark(e));
	json_string(&j, "what", str_cstr(&what));
	json_int(&j, "line", p->code.data[e->pc].line);
	if (e->object != OBJECT_NONE) {
		json_string(&j, "object", p->objects.data[e->object].name);
		json_int(&j, "index", e->index);
	}
	json_int(&j, "value", e->value);
	json_close(&j);
	puts(str_cstr(&line));
	str_free(&line);
	str_free(&what);
}

static void print_events(const struct plain_run *r, size_t step)
{
	const struct event *e;
	size_t n = r->quiet ? 0 : timeline_events(&r->timeline, step, &e);

	for (size_t i = 0; i < n; i++) {
		if (e[i].kind == EVENT_VERDICT)
			continue;
		if (r->json)
			json_event(r, &e[i]);
		else if (event_is_mark(&e[i]))
			print_mark(r, &e[i]);
		else
			print_step(r, &e[i]);
	}
}

/* Prints all of them; whether one is a wrong. */
static bool print_findings(const struct plain_run *r,
			   const struct finding_list *list)
{
	bool wrong = false;

	for (size_t i = 0; i < list->len; i++) {
		const struct finding *f = &list->data[i];

		wrong |= finding_info[f->kind].severity == SEVERITY_WRONG;
		outcome_finding(f, r->json);
	}
	return wrong;
}

static void print_output(const struct plain_run *r, const struct world *w)
{
	const struct outputs *o = r->program->outputs;
	uint32_t id = world_output(w, r->program);

	for (size_t i = 0; i < outputs_count(o, id); i++)
		printf("output  %s\n", outputs_line(o, id, i));
}

/* The policy does the same again, after the steps given. */
static void add_policy(const struct plain_run *r, struct str *out)
{
	str_addf(out, " --policy %s", r->plan.policy);
	if (options_has(r->options, OPTION_SEED))
		str_addf(out, " --seed %llu",
			 (unsigned long long)r->plan.seed);
}

/* A line that does the same again: by its steps, or, where these are too long,
 * by what chose them. */
static void add_replay(const struct plain_run *r, struct str *out)
{
	const struct program *p = r->program;
	const struct schedule *all = &r->timeline.schedule;
	const struct schedule *given = &r->plan.given;
	struct str steps = {0};
	bool policy;

	schedule_format(p, all->data, all->len, &steps);
	policy = steps.len > SCHEDULE_LINE && r->policy;
	if (policy) {
		str_clear(&steps);
		schedule_format(p, given->data, given->len, &steps);
	}
	if (steps.len > SCHEDULE_LINE && !r->json) {
		str_addf(out, "%zu steps: too long for a line; --save FILE "
			      "keeps them", all->len);
	} else {
		str_addf(out, "threadviz run %s", p->name);
		program_params(p, out);
		if (steps.len || !policy)
			str_addf(out, " --schedule \"%s\"",
				 str_cstr(&steps));
		if (policy)
			add_policy(r, out);
	}
	str_free(&steps);
}

static void print_result(const struct plain_run *r, const struct world *w)
{
	enum verdict v = world_verdict(w, r->program);
	struct str why = {0}, replay = {0}, line = {0};
	struct json j = {.out = &line};

	if (v == VERDICT_NONE)
		str_addf(&why, "stopped after %zu steps",
			 r->timeline.schedule.len);
	else if (v != VERDICT_OK)
		world_explain(w, r->program, &why);
	add_replay(r, &replay);
	if (r->json) {
		json_open(&j, NULL, '{');
		json_string(&j, "result", verdict_name[v]);
		json_string(&j, "why", str_cstr(&why));
		json_string(&j, "replay", str_cstr(&replay));
		json_close(&j);
		puts(str_cstr(&line));
	} else {
		print_output(r, w);
		printf("result  %s%s%s\nreplay  %s\n", verdict_name[v],
		       why.len ? ": " : "", str_cstr(&why), str_cstr(&replay));
	}
	str_free(&why);
	str_free(&replay);
	str_free(&line);
}

/* ---- the run ----------------------------------------------------------- */

static bool refused(const struct plain_run *r, struct choice c, size_t step,
		    struct error *err)
{
	struct str why = {0};

	world_why_not(engine_world(r->engine), r->program, c, &why);
	fail(err, "step %zu: %s cannot move: %s", step,
	     program_thread_name(r->program, c.thread), str_cstr(&why));
	str_free(&why);
	return false;
}

static bool take(struct plain_run *r, struct choice c, struct error *err)
{
	size_t step = r->timeline.schedule.len + 1;

	c = world_canonical(engine_world(r->engine), r->program, c);
	if (r->policy)
		policy_note(r->policy, engine_world(r->engine), c);
	switch (engine_step(r->engine, c, err)) {
	case ENGINE_OK:
		timeline_push(&r->timeline, c);
		print_events(r, step);
		return true;
	case ENGINE_IMPOSSIBLE:
		return refused(r, c, step, err);
	case ENGINE_MISMATCH:
	case ENGINE_DEAD:
		break;
	}
	return false;
}

static bool take_all(struct plain_run *r, struct error *err)
{
	struct choice c;

	print_events(r, 0);
	for (size_t i = 0; i < r->plan.given.len; i++)
		if (!take(r, r->plan.given.data[i], err))
			return false;
	while (r->policy && r->timeline.schedule.len < PLAN_STEPS_MAX &&
	       policy_choose(r->policy, engine_world(r->engine), &c))
		if (!take(r, c, err))
			return false;
	return true;
}

static int longest_name(const struct program *p)
{
	enum { LEAST = 6 };
	int most = LEAST;

	for (size_t t = 0; t < p->threads.count; t++) {
		int n = utf8_width(program_thread_name(p, (thread_id)t));

		most = n > most ? n : most;
	}
	return most;
}

static bool prepare(struct plain_run *r, struct error *err)
{
	enum engine_kind kind;

	if (!plan_engine(r->options, &kind, err) ||
	    !plan_read(r->options, r->program, &r->plan, err))
		return false;
	if (r->plan.policy[0]) {
		r->policy = policy_new(r->plan.policy, r->plan.seed, r->program,
				       err);
		if (!r->policy)
			return false;
	}
	r->names = longest_name(r->program);
	r->engine = engine_open(kind, r->program, err);
	return r->engine != NULL;
}

/* --save: the trace, after everything has been printed. */
static bool save(const struct plain_run *r, const struct finding_list *found,
		 struct error *err)
{
	const char *path = r->options->value[OPTION_SAVE];
	enum engine_kind kind;
	struct recording rec;

	if (!path)
		return true;
	if (!plan_engine(r->options, &kind, err))
		return false;
	rec = (struct recording){
		.program = r->program,
		.engine = engine_name(kind),
		.schedule = r->timeline.schedule.data,
		.steps = r->timeline.schedule.len,
		.events = r->timeline.events.data,
		.event_count = r->timeline.events.len,
		.findings = found->data,
		.finding_count = found->len,
	};
	fflush(stdout);
	return tracefile_save(&rec, path, err);
}

/* --explain: each step, and then what the screen says there. */
static bool explain(struct plain_run *r, struct error *err)
{
	struct app_options o = {.kind = ENGINE_SIM,
				.ascii = options_has(r->options, OPTION_ASCII),
				.schedule = r->timeline.schedule.data,
				.schedule_len = r->timeline.schedule.len};
	struct str text = {0};
	struct app app;

	if (!app_init(&app, r->program, &o, err))
		return false;
	while (app_work(&app))
		;
	r->quiet = false;
	for (size_t i = 0; i <= r->timeline.schedule.len; i++) {
		print_events(r, i);
		str_clear(&text);
		app_say(&app, &text);
		fputs(str_cstr(&text), stdout);
		app_do(&app, ACTION_STEP);
	}
	str_free(&text);
	app_fini(&app);
	return true;
}

static int finish(struct plain_run *r)
{
	const struct world *w = engine_world(r->engine);
	struct finding_list found = {0};
	struct error err = {0};
	bool wrong, saved;

	analysis_run(r->program, r->timeline.events.data,
		     r->timeline.events.len, &found);
	wrong = print_findings(r, &found);
	print_result(r, w);
	saved = save(r, &found, &err);
	finding_list_fini(&found);
	if (!saved)
		return complain(&err);
	return wrong || world_verdict(w, r->program) > VERDICT_OK ? EXIT_BAD
								  : EXIT_GOOD;
}

/* Everything but the timeline. */
static void close_run(struct plain_run *r)
{
	engine_close(r->engine);
	policy_free(r->policy);
	vec_free(&r->plan.given);
}

int run_plain(const struct options *o, const struct program *p)
{
	struct plain_run r = {.options = o,
			      .program = p,
			      .json = options_has(o, OPTION_JSON),
			      .explain = options_has(o, OPTION_EXPLAIN)};
	struct error err = {0};
	int status;

	r.explain &= !r.json;
	r.quiet = r.explain;
	timeline_init(&r.timeline, p);
	if (prepare(&r, &err) && take_all(&r, &err) &&
	    (!r.explain || explain(&r, &err))) {
		status = finish(&r);
	} else {
		fflush(stdout);
		status = complain(&err);
	}
	close_run(&r);
	timeline_fini(&r.timeline);
	return status;
}

bool run_quietly(const struct options *o, const struct program *p,
		 struct timeline *out, struct error *err)
{
	struct plain_run r = {.options = o, .program = p, .quiet = true};
	bool ok;

	timeline_init(&r.timeline, p);
	ok = prepare(&r, err) && take_all(&r, err);
	close_run(&r);
	*out = r.timeline;
	return ok;
}

int cli_run(const struct options *o)
{
	struct error err = {0};
	struct program *p;
	int status;

	if (!refuse_idle(o, &err))
		return complain(&err);
	if (!options_has(o, OPTION_PLAIN) && !options_has(o, OPTION_JSON) &&
	    !options_has(o, OPTION_EXPLAIN))
		return screen_open(o);
	p = program_load(o);
	if (!p)
		return EXIT_USAGE;
	status = plan_is_free(o) ? run_freely(o, p) : run_plain(o, p);
	program_free(p);
	return status;
}
