/*
 * search.c - the phases of a search, in slices, and its report.
 *
 * Walk the graph; look at each state for ends and races; order the states;
 * count forwards; if there are cycles, judge them; count backwards (only where
 * somebody asks for outlooks or doomed states); seek the simplest schedules.
 * Thread symmetry is given up, and the walk begun again without it, where the
 * answer would name a thread: in crashes, deadlocks, failed assertions, and on
 * cycles, whose fairness is about single threads.
 */
#include <stdlib.h>
#include <time.h>

#include "search.h"

enum { LOOK_CHECK = 4096 /* states between two looks at memory */ };

struct search *search_new(const struct program *p,
			  const struct search_options *o)
{
	struct search *s = xcalloc(1, sizeof *s);

	s->program = p;
	s->options = *o;
	s->from = o->from ? world_clone(o->from, p) : world_new(p);
	s->options.from = s->from;
	graph_init(&s->graph, p, s->from,
		   !o->no_symmetry && program_is_symmetric(p));
	ends_init(&s->ends, p);
	return s;
}

static void report_fini(struct search_report *r)
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

void search_free(struct search *s)
{
	if (!s)
		return;
	graph_fini(&s->graph);
	ends_fini(&s->ends);
	vec_free(&s->races);
	flow_fini(&s->flow);
	cycles_fini(&s->cycles);
	simplest_free(s->simplest);
	report_fini(&s->report);
	free(s->from);
	free(s);
}

/* ---- bounds ------------------------------------------------------------ */

static uint64_t memory_now(const struct search *s)
{
	return graph_memory(&s->graph) +
	       (s->simplest ? simplest_memory(s->simplest) : 0);
}

static bool beyond_bound(struct search *s)
{
	uint64_t states =
		s->options.max_states ? s->options.max_states : SEARCH_STATES;
	uint64_t memory = s->options.max_memory ? s->options.max_memory
						: (uint64_t)SEARCH_MEMORY << 20;

	if (memory_now(s) > s->memory)
		s->memory = memory_now(s);
	return s->graph.states.count > states || s->memory > memory;
}

/* ---- phases ------------------------------------------------------------ */

/* Begins again, thread by thread. */
static void drop_symmetry(struct search *s)
{
	graph_fini(&s->graph);
	ends_fini(&s->ends);
	vec_free(&s->races);
	flow_fini(&s->flow);
	graph_init(&s->graph, s->program, s->from, false);
	ends_init(&s->ends, s->program);
	s->looked = 0;
	s->phase = PHASE_WALK;
}

static void walk(struct search *s, uint64_t budget)
{
	uint64_t most = s->options.max_states &&
					s->options.max_states < LOOK_CHECK
				? s->options.max_states : LOOK_CHECK;

	while (budget > 0) {
		uint64_t part = budget < most ? budget : most;

		if (graph_walk(&s->graph, part)) {
			s->phase = PHASE_LOOK;
			return;
		}
		if (beyond_bound(s)) {
			s->bound_hit = true;
			s->phase = PHASE_LOOK;
			return;
		}
		budget -= part;
	}
}

static bool names_threads(const struct ends *e)
{
	for (size_t i = 0; i < e->endings.len; i++)
		if (e->endings.data[i].verdict != VERDICT_VIOLATED ||
		    e->endings.data[i].detail & DETAIL_ASSERT)
			return true;
	return false;
}

static void look(struct search *s, uint64_t budget)
{
	size_t n = graph_count(&s->graph);

	for (; budget > 0 && s->looked < n; budget--, s->looked++) {
		const struct world *w = graph_world(&s->graph, s->looked);

		if (graph_degree(&s->graph, s->looked))
			races_look(&s->races, w, s->program);
		else
			ends_add(&s->ends, w, s->looked);
	}
	if (s->looked < n)
		return;
	if (s->graph.symmetric && names_threads(&s->ends))
		drop_symmetry(s);
	else if (s->bound_hit)
		s->phase = s->ends.endings.len && !s->options.graph_only
				   ? PHASE_SIMPLEST
				   : PHASE_DONE;
	else
		s->phase = PHASE_ORDER;
}

static void order(struct search *s)
{
	flow_order(&s->flow, &s->graph);
	if (s->flow.cyclic && s->graph.symmetric) {
		drop_symmetry(s);
		return;
	}
	if (!s->options.keep)
		states_forget(&s->graph.states);
	s->phase = PHASE_FORWARD;
}

static void backward(struct search *s)
{
	if (s->options.keep || s->ends.endings.len) {
		flow_backward(&s->flow, &s->graph, &s->ends);
		flow_doomed(&s->flow, &s->graph, s->cycles.good);
	}
	s->phase = s->options.graph_only || !s->ends.endings.len
			   ? PHASE_DONE
			   : PHASE_SIMPLEST;
}

static void simplest(struct search *s, uint64_t budget)
{
	if (!s->simplest)
		s->simplest = simplest_new(s->program, s->from, &s->ends);
	if (simplest_step(s->simplest, budget) || beyond_bound(s))
		s->phase = PHASE_DONE;
}

static void phase_step(struct search *s, uint64_t budget)
{
	switch (s->phase) {
	case PHASE_WALK:
		walk(s, budget);
		break;
	case PHASE_LOOK:
		look(s, budget * 4);
		break;
	case PHASE_ORDER:
		order(s);
		break;
	case PHASE_FORWARD:
		flow_forward(&s->flow, &s->graph);
		s->phase = s->flow.cyclic ? PHASE_CYCLES : PHASE_BACKWARD;
		break;
	case PHASE_CYCLES:
		cycles_find(&s->cycles, &s->graph);
		s->phase = PHASE_BACKWARD;
		break;
	case PHASE_BACKWARD:
		backward(s);
		break;
	case PHASE_SIMPLEST:
		simplest(s, budget);
		break;
	case PHASE_DONE:
		break;
	}
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static enum search_status status(const struct search *s)
{
	if (s->phase != PHASE_DONE)
		return SEARCH_RUNNING;
	return s->bound_hit ? SEARCH_BOUND : SEARCH_DONE;
}

enum search_status search_step(struct search *s, uint64_t budget)
{
	double begun = now();

	phase_step(s, budget ? budget : 1);
	s->seconds += now() - begun;
	return status(s);
}

enum search_status search_run(struct search *s, bool (*stop)(void *),
			      void *data)
{
	while (search_step(s, 20000) == SEARCH_RUNNING) {
		if (!stop || !stop(data))
			continue;
		s->bound_hit = true;
		if (s->phase == PHASE_WALK)
			s->phase = PHASE_LOOK;
		else if (s->phase > PHASE_LOOK)
			s->phase = PHASE_DONE;
		stop = NULL;
	}
	return status(s);
}

void search_progress(const struct search *s, uint64_t *states, uint32_t *depth)
{
	*states = s->graph.states.count;
	*depth = s->graph.depth;
}

/* ---- the report -------------------------------------------------------- */

/* Ways that end in this final state. */
static struct count ways(const struct search *s, state_id u)
{
	struct count c = {0};

	if (s->flow.cyclic)
		return count_infinite();
	if (!s->flow.paths)
		return c;
	c = count_of(s->flow.paths[u]);
	c.approx = s->flow.approx[u];
	c.over = s->flow.paths[u] == COUNT_OVER;
	return c;
}

static void report_outcomes(struct search *s)
{
	struct search_report *r = &s->report;

	r->values = s->ends.values.data;
	r->value_count = s->ends.values.len;
	r->outcome_count = s->ends.outcomes.len;
	r->outcomes = xcalloc(r->outcome_count + 1, sizeof *r->outcomes);
	for (size_t i = 0; i < r->outcome_count; i++) {
		const struct outcome *o = &s->ends.outcomes.data[i];

		r->outcomes[i] = (struct search_outcome){
			.verdict = o->verdict,
			.complete = o->complete,
			.final = o->final,
			.output = o->output,
		};
	}
	for (size_t i = 0; i < s->ends.final_states.len; i++) {
		state_id u = s->ends.final_states.data[i];
		struct search_outcome *o =
			&r->outcomes[s->ends.outcome_of.data[i]];
		struct count n = ways(s, u);

		o->schedules = count_add(o->schedules, n);
		o->chance += s->flow.chance ? s->flow.chance[u] : 0;
		r->verdicts[o->verdict] = count_add(r->verdicts[o->verdict], n);
		r->schedules = count_add(r->schedules, n);
		if (o->verdict != VERDICT_OK && s->flow.chance)
			r->chance_bad += s->flow.chance[u];
	}
	/* A cut search counts nothing, but what it saw it saw. */
	for (size_t i = 0; i < r->outcome_count && !s->flow.chance; i++)
		r->verdicts[r->outcomes[i].verdict] = count_add(
			r->verdicts[r->outcomes[i].verdict], count_of(1));
	if (s->flow.cyclic)
		r->schedules = count_infinite();
}

static void report_findings(struct search *s)
{
	struct search_report *r = &s->report;

	if (!s->simplest)
		return;
	simplest_take(s->simplest, &r->findings, &r->finding_count);
	for (size_t i = 0; i < r->finding_count; i++)
		finding_explain(s, &r->findings[i]);
}

static void make_report(struct search *s)
{
	struct search_report *r = &s->report;

	report_fini(r);
	r->complete = s->phase == PHASE_DONE && !s->bound_hit;
	r->states = s->graph.states.count;
	r->reduced_states = r->states;
	r->transitions = s->graph.edges.len;
	r->seconds = s->seconds;
	r->memory = s->memory;
	if (s->phase != PHASE_DONE)
		return;
	report_outcomes(s);
	report_findings(s);
	r->livelock = s->cycles.livelock;
	r->stem = s->cycles.stem;
	r->cycle = s->cycles.cycle;
	races_sort(&s->races);
	r->races = s->races.data;
	r->race_count = s->races.len;
	s->reported = true;
}

const struct search_report *search_report(struct search *s)
{
	if (!s->reported)
		make_report(s);
	return &s->report;
}
