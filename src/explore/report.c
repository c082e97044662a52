/*
 * report.c - what a search has found, as its caller reads it.
 *
 * Final states are gathered into outcomes, whose counts and chances add up.
 * States and edges are those of the whole graph, also where only one of each
 * orbit was walked.
 */
#include <stdlib.h>

#include "search.h"

void report_fini(struct search_report *r)
{
	for (size_t i = 0; i < r->finding_count; i++) {
		free(r->findings[i].what);
		free(r->findings[i].decided);
		vec_free(&r->findings[i].schedule);
	}
	free(r->findings);
	free(r->outcomes);
	*r = (struct search_report){0};
}

static void list_outcomes(struct search *s)
{
	struct search_report *r = &s->report;

	r->values = s->ends.values.data;
	r->value_count = s->ends.values.len;
	r->outcome_count = s->ends.outcomes.count;
	r->outcomes = xcalloc(r->outcome_count + 1, sizeof *r->outcomes);
	for (uint32_t i = 0; i < r->outcome_count; i++) {
		const int32_t *record = ends_outcome(&s->ends, i);

		r->outcomes[i] = (struct search_outcome){
			.verdict = (enum verdict)record[0],
			.output = (uint32_t)record[1],
			.final = record + 2,
			.complete = s->ends.complete.data[i],
		};
	}
}

/* A cut search counts nothing, but what it saw it saw. */
static void count_outcomes(struct search *s)
{
	static const struct arrival seen;
	struct search_report *r = &s->report;

	for (size_t i = 0; i < s->ends.list.len; i++) {
		const struct arrival *a = s->arrivals ? &s->arrivals[i] : &seen;
		struct search_outcome *o =
			&r->outcomes[s->ends.list.data[i].outcome];

		o->schedules = count_add(o->schedules, a->ways);
		o->chance += a->chance;
		r->verdicts[o->verdict] =
			count_add(r->verdicts[o->verdict], a->ways);
		r->schedules = count_add(r->schedules, a->ways);
		if (o->verdict != VERDICT_OK)
			r->chance_bad += a->chance;
	}
	for (size_t i = 0; i < r->outcome_count && !s->arrivals; i++)
		r->verdicts[r->outcomes[i].verdict] = count_add(
			r->verdicts[r->outcomes[i].verdict], count_of(1));
	if (s->order.cyclic)
		r->schedules = count_infinite();
}

static void list_findings(struct search *s)
{
	struct search_report *r = &s->report;

	if (!s->simplest)
		return;
	simplest_take(s->simplest, &r->findings, &r->finding_count);
	for (size_t i = 0; i < r->finding_count; i++)
		finding_explain(s, &r->findings[i]);
}

void report_make(struct search *s)
{
	struct search_report *r = &s->report;
	bool looked = s->phase > PHASE_LOOK;

	report_fini(r);
	r->complete = s->phase == PHASE_DONE && !s->bound_hit;
	r->reduced_states = s->graph.states.count;
	r->states = looked ? s->states : r->reduced_states;
	r->transitions = looked ? s->transitions : s->graph.edges.len;
	r->seconds = s->seconds;
	r->memory = s->memory;
	if (s->phase != PHASE_DONE)
		return;
	list_outcomes(s);
	count_outcomes(s);
	list_findings(s);
	r->livelock = s->cycles.livelock;
	r->stem = s->cycles.stem;
	r->cycle = s->cycles.cycle;
	races_sort(&s->races);
	r->races = s->races.data;
	r->race_count = s->races.len;
	s->reported = true;
}
