/*
 * naive.h - the answers of a search, by going through every schedule.
 *
 * Plain recursion over world_choices, without any memory of states: slow, and
 * so simple that it can be believed. Only for programs without cycles.
 */
#ifndef TESTS_NAIVE_H
#define TESTS_NAIVE_H

#include <stdlib.h>

#include "threadviz/explore.h"

struct naive_outcome {
	char *key; /* verdict, values, output */
	enum verdict verdict;
	bool complete;
	uint64_t schedules;
	double chance;
};

struct naive_finding {
	char *key;
	enum verdict verdict;
	unsigned line;
	uint32_t preemptions;
	struct schedule schedule;
};

struct naive {
	const struct program *program;
	uint64_t schedules, limit;
	uint64_t verdicts[VERDICT_COUNT];
	VEC(struct naive_outcome) outcomes;
	VEC(struct naive_finding) findings;
	VEC(struct search_race) races;
	struct schedule way; /* to the present state */
};

/* ---- keys --------------------------------------------------------------- */

static void add_lines(const struct program *p, uint32_t output, struct str *out)
{
	for (size_t i = 0; i < outputs_count(p->outputs, output); i++)
		str_addf(out, "|%s", outputs_line(p->outputs, output, i));
}

static char *outcome_key(const struct program *p, const struct world *w)
{
	struct str s = {0};

	str_add(&s, verdict_name[world_verdict(w, p)]);
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		if (o->kind != OBJECT_VAR || o->process != THREAD_NONE)
			continue;
		for (int32_t k = 0; k < o->count; k++)
			str_addf(&s, " %d", world_value(w, p, (object_id)i, k));
	}
	add_lines(p, world_output(w, p), &s);
	return str_take(&s);
}

static bool naive_same_outcome(const struct program *p,
			       const struct search_report *r,
			       const struct search_outcome *o,
			       const struct naive_outcome *n)
{
	struct str s = {0};
	bool same;

	str_add(&s, verdict_name[o->verdict]);
	for (size_t i = 0; i < r->value_count; i++)
		str_addf(&s, " %d", o->final[i]);
	add_lines(p, o->output, &s);
	same = !strcmp(str_cstr(&s), n->key);
	str_free(&s);
	return same;
}

static char *finding_key(const struct program *p, const struct world *w)
{
	struct str s = {0};

	str_addf(&s, "%s ", verdict_name[world_verdict(w, p)]);
	if (world_verdict(w, p) == VERDICT_DEADLOCK)
		world_explain(w, p, &s);
	else
		str_addf(&s, "%d %d %d", w->who, w->detail, w->where);
	return str_take(&s);
}

/* ---- ends --------------------------------------------------------------- */

static void note_outcome(struct naive *n, const struct world *w, double chance)
{
	char *key = outcome_key(n->program, w);
	enum verdict v = world_verdict(w, n->program);
	bool complete =
		v == VERDICT_OK ||
		(v == VERDICT_VIOLATED && !(w->detail & DETAIL_ASSERT) &&
		 n->program->checks.data[w->detail].kind == CHECK_FINALLY);
	struct naive_outcome *o = NULL;

	for (size_t i = 0; i < n->outcomes.len && !o; i++)
		if (!strcmp(n->outcomes.data[i].key, key))
			o = &n->outcomes.data[i];
	if (!o) {
		vec_push(&n->outcomes,
			 (struct naive_outcome){.key = key, .verdict = v});
		o = &vec_last(&n->outcomes);
	} else {
		free(key);
	}
	o->complete |= complete;
	o->schedules++;
	o->chance += chance;
	n->verdicts[v]++;
	n->schedules++;
}

static int compare_ways(const struct schedule *a, uint32_t a_preemptions,
			const struct schedule *b, uint32_t b_preemptions)
{
	if (a_preemptions != b_preemptions)
		return a_preemptions < b_preemptions ? -1 : 1;
	if (a->len != b->len)
		return a->len < b->len ? -1 : 1;
	for (size_t i = 0; i < a->len; i++) {
		int order = choice_compare(a->data[i], b->data[i]);

		if (order)
			return order;
	}
	return 0;
}

static void note_finding(struct naive *n, const struct world *w,
			 uint32_t preemptions)
{
	char *key = finding_key(n->program, w);
	struct naive_finding *f = NULL;

	for (size_t i = 0; i < n->findings.len && !f; i++)
		if (!strcmp(n->findings.data[i].key, key))
			f = &n->findings.data[i];
	if (f && compare_ways(&n->way, preemptions, &f->schedule,
			      f->preemptions) >= 0) {
		free(key);
		return;
	}
	if (!f) {
		vec_push(&n->findings,
			 (struct naive_finding){
				 .key = key,
				 .verdict = world_verdict(w, n->program),
				 .line = world_line(w, n->program)});
		f = &vec_last(&n->findings);
	} else {
		free(key);
	}
	f->preemptions = preemptions;
	vec_clear(&f->schedule);
	for (size_t i = 0; i < n->way.len; i++)
		vec_push(&f->schedule, n->way.data[i]);
}

/* ---- races -------------------------------------------------------------- */

static bool atomic_touch(const struct program *p, const struct op *op)
{
	return p->objects.data[op->object].atomic ||
	       (op->kind != OP_READ && op->kind != OP_WRITE);
}

static bool is_race(const struct program *p, const struct op *a,
		    const struct op *b)
{
	if (a->kind == OP_NONE || b->kind == OP_NONE ||
	    a->object != b->object || a->object == OBJECT_NONE ||
	    a->index != b->index || a->kind > OP_FETCH_ADD ||
	    b->kind > OP_FETCH_ADD)
		return false;
	return (a->kind != OP_READ || b->kind != OP_READ) &&
	       !(atomic_touch(p, a) && atomic_touch(p, b));
}

static int compare_races_of(const void *a, const void *b)
{
	const struct search_race *x = a, *y = b;

	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->lines[0] != y->lines[0])
		return x->lines[0] < y->lines[0] ? -1 : 1;
	return (x->lines[1] > y->lines[1]) - (x->lines[1] < y->lines[1]);
}

static void note_race(struct naive *n, const struct op *a, const struct op *b)
{
	const struct program *p = n->program;
	unsigned la = p->code.data[a->pc].line, lb = p->code.data[b->pc].line;
	struct search_race race = {
		.object = p->objects.data[a->object].original,
		.lines = {la < lb ? la : lb, la < lb ? lb : la},
	};

	for (size_t i = 0; i < n->races.len; i++)
		if (!compare_races_of(&n->races.data[i], &race))
			return;
	vec_push(&n->races, race);
}

static void look_for_races(struct naive *n, const struct world *w)
{
	for (size_t i = 0; i < n->program->threads.count; i++)
		for (size_t k = 0; k < i; k++) {
			struct op a, b;

			world_parked(w, n->program, (thread_id)i, &a);
			world_parked(w, n->program, (thread_id)k, &b);
			if (is_race(n->program, &a, &b))
				note_race(n, &a, &b);
		}
}

/* ---- the recursion ------------------------------------------------------ */

static bool preempts(const struct world *w, const struct program *p,
		     struct choice c, thread_id last)
{
	struct choice timeout = {last, CHOICE_TIMEOUT, 0};

	return last != THREAD_NONE && choice_is_move(c) && c.thread != last &&
	       (world_alts(w, p, last) || world_can(w, p, timeout));
}

/* False: too many. */
static bool naive_from(struct naive *n, const struct world *w, thread_id last,
		       uint32_t preemptions, double chance)
{
	const struct program *p = n->program;
	struct choice *list = malloc(WORLD_CHOICES_MAX * sizeof *list);
	size_t count = world_choices(w, p, list);
	bool few = n->schedules < n->limit;

	if (!count) {
		note_outcome(n, w, chance);
		if (world_verdict(w, p) != VERDICT_OK)
			note_finding(n, w, preemptions);
	} else {
		look_for_races(n, w);
	}
	for (size_t i = 0; i < count && few; i++) {
		struct world *next = world_clone(w, p);

		world_step(next, p, list[i], 0, NULL);
		vec_push(&n->way, list[i]);
		few = naive_from(n, next,
				 choice_is_move(list[i]) ? list[i].thread
							 : last,
				 preemptions + preempts(w, p, list[i], last),
				 chance / (double)count);
		(void)vec_pop(&n->way);
		free(next);
	}
	free(list);
	return few;
}

static int compare_findings_of(const void *a, const void *b)
{
	const struct naive_finding *x = a, *y = b;

	return compare_ways(&x->schedule, x->preemptions, &y->schedule,
			    y->preemptions);
}

/* All schedules; false if there are more than limit. */
static bool naive_run(struct naive *n, const struct program *p, uint64_t limit)
{
	struct world *w = world_new(p);
	bool few;

	n->program = p;
	n->limit = limit;
	few = naive_from(n, w, THREAD_NONE, 0, 1);
	free(w);
	if (n->races.len)
		qsort(n->races.data, n->races.len, sizeof *n->races.data,
		      compare_races_of);
	if (n->findings.len)
		qsort(n->findings.data, n->findings.len,
		      sizeof *n->findings.data, compare_findings_of);
	return few;
}

static void naive_fini(struct naive *n)
{
	for (size_t i = 0; i < n->outcomes.len; i++)
		free(n->outcomes.data[i].key);
	for (size_t i = 0; i < n->findings.len; i++) {
		free(n->findings.data[i].key);
		vec_free(&n->findings.data[i].schedule);
	}
	vec_free(&n->outcomes);
	vec_free(&n->findings);
	vec_free(&n->races);
	vec_free(&n->way);
}

/* ---- the point of no return --------------------------------------------- */

static bool can_end_well(const struct world *w, const struct program *p)
{
	struct choice *list = malloc(WORLD_CHOICES_MAX * sizeof *list);
	size_t count = world_choices(w, p, list);
	bool good = !count && world_verdict(w, p) == VERDICT_OK;

	for (size_t i = 0; i < count && !good; i++) {
		struct world *next = world_clone(w, p);

		world_step(next, p, list[i], 0, NULL);
		good = can_end_well(next, p);
		free(next);
	}
	free(list);
	return good;
}

/* The step of the finding's schedule that enters the first doomed state. */
static uint32_t naive_no_return(const struct program *p,
				const struct naive_finding *f)
{
	struct world *w = world_new(p);
	uint32_t i = 0;

	while (can_end_well(w, p))
		world_step(w, p, f->schedule.data[i++], 0, NULL);
	free(w);
	return i;
}

#endif
