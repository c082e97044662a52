/*
 * search.c - the phases of a search, in slices.
 *
 * Walk the graph; look at each state for ends and races; order the states;
 * count forwards; if there are cycles, judge them; count backwards where
 * somebody will ask for outlooks; find the doomed states where there is
 * anything bad; seek the simplest schedules. Every phase goes on from where it
 * was left.
 *
 * Thread symmetry is given up, and the walk begun again without it, where the
 * answer would name a thread: in crashes, deadlocks, failed assertions, and on
 * cycles, whose fairness is about single threads.
 */
#include <stdlib.h>
#include <time.h>

#include "search.h"

enum { CHECK_AFTER = 4096 /* states between two looks at the bounds */ };

static void begin(struct search *s, bool symmetric)
{
	graph_init(&s->graph, s->space, s->from, symmetric);
	ends_init(&s->ends, s->program);
	s->looked = 0;
	s->states = s->transitions = 0;
	s->phase = PHASE_WALK;
}

struct search *search_new(const struct program *p,
			  const struct search_options *o)
{
	struct search *s = xcalloc(1, sizeof *s);

	s->program = p;
	s->options = *o;
	s->from = o->from ? world_clone(o->from, p) : world_new(p);
	s->options.from = s->from;
	s->space = space_new(p);
	begin(s, !o->no_symmetry && program_is_symmetric(p));
	return s;
}

static void drop_results(struct search *s)
{
	graph_fini(&s->graph);
	ends_fini(&s->ends);
	vec_free(&s->races);
	order_fini(&s->order);
	flow_fini(&s->flow);
	cycles_fini(&s->cycles);
	simplest_free(s->simplest);
	free(s->arrivals);
	s->arrivals = NULL;
	s->simplest = NULL;
}

void search_free(struct search *s)
{
	if (!s)
		return;
	drop_results(s);
	report_fini(&s->report);
	space_free(s->space);
	free(s->from);
	free(s);
}

/* Begins again, thread by thread. */
static void drop_symmetry(struct search *s)
{
	drop_results(s);
	begin(s, false);
}

/* ---- bounds ------------------------------------------------------------- */

static uint64_t memory_now(const struct search *s)
{
	return space_memory(s->space) + graph_memory(&s->graph) +
	       order_memory(&s->order) +
	       flow_memory(&s->flow, s->graph.states.count) +
	       (s->simplest ? simplest_memory(s->simplest) : 0);
}

static bool beyond_bound(struct search *s)
{
	uint64_t states =
		s->options.max_states ? s->options.max_states : SEARCH_STATES;
	uint64_t memory = s->options.max_memory ? s->options.max_memory
						: (uint64_t)SEARCH_MEMORY << 20;
	uint64_t now = memory_now(s);

	if (now > s->memory)
		s->memory = now;
	if (states > TABLE_MAX - CHECK_AFTER * (uint64_t)WORLD_CHOICES_MAX)
		states = TABLE_MAX - CHECK_AFTER * (uint64_t)WORLD_CHOICES_MAX;
	return s->graph.states.count > states || now > memory ||
	       s->graph.edges.len > UINT32_MAX / 2;
}

/* ---- phases ------------------------------------------------------------- */

static void walk(struct search *s, uint64_t budget)
{
	while (budget > 0 && s->phase == PHASE_WALK) {
		uint64_t part = budget < CHECK_AFTER ? budget : CHECK_AFTER;

		if (graph_walk(&s->graph, part))
			s->phase = PHASE_LOOK;
		if (!beyond_bound(s))
			budget -= part;
		else
			s->bound_hit = true;
		if (s->bound_hit)
			s->phase = PHASE_LOOK;
	}
}

static bool names_threads(const struct ends *e)
{
	for (uint32_t i = 0; i < e->endings.count; i++)
		if (ends_at(e, i)->verdict != VERDICT_VIOLATED ||
		    ends_at(e, i)->detail & DETAIL_ASSERT)
			return true;
	return false;
}

static void look_at(struct search *s, state_id u)
{
	struct graph *g = &s->graph;
	const part_id *row = graph_row(g, u);
	uint64_t orbit = g->symmetric ? space_orbit(s->space, row) : 1;
	uint32_t degree = graph_degree(g, u);

	s->states += orbit;
	s->transitions += orbit * degree;
	if (degree) {
		races_look(&s->races, s->space, row);
		return;
	}
	space_world(s->space, row, s->space->there);
	ends_add(&s->ends, s->space->there, u);
}

static void look(struct search *s, uint64_t budget)
{
	size_t n = graph_count(&s->graph);

	for (; budget > 0 && s->looked < n; budget--)
		look_at(s, s->looked++);
	if (s->looked < n)
		return;
	if (s->bound_hit) {
		s->phase = s->ends.endings.count && !s->options.graph_only
				   ? PHASE_SIMPLEST
				   : PHASE_DONE;
	} else if (s->graph.symmetric && names_threads(&s->ends)) {
		drop_symmetry(s);
	} else {
		s->phase = PHASE_ORDER;
		if (!s->options.keep)
			table_forget(&s->graph.states);
		order_begin(&s->order, &s->graph, NULL);
	}
}

static void order(struct search *s, uint64_t budget)
{
	if (!order_step(&s->order, &s->graph, budget))
		return;
	s->phase = PHASE_FORWARD;
	if (s->order.cyclic && s->graph.symmetric)
		drop_symmetry(s);
}

/* Only the ends' counts and chances are wanted. */
static void keep_arrivals(struct search *s)
{
	const struct flow *f = &s->flow;

	s->arrivals = xcalloc(s->ends.list.len + 1, sizeof *s->arrivals);
	for (size_t i = 0; i < s->ends.list.len; i++) {
		state_id u = s->ends.list.data[i].state;
		struct arrival *a = &s->arrivals[i];

		a->chance = f->ahead[u].chance;
		a->ways = s->order.cyclic ? count_infinite()
					  : count_of(f->ahead[u].ways);
		if (s->order.cyclic || f->ahead[u].ways != COUNT_OVER)
			continue;
		a->ways.over = true;
		a->ways.approx = f->approx[u];
	}
	(void)beyond_bound(s); /* for the peak */
	flow_forget(&s->flow);
}

static void forward(struct search *s, uint64_t budget)
{
	if (!flow_forward(&s->flow, &s->graph, &s->order, budget))
		return;
	keep_arrivals(s);
	s->phase = s->order.cyclic ? PHASE_CYCLES : PHASE_BACKWARD;
}

static void cycles(struct search *s, uint64_t budget)
{
	if (cycles_step(&s->cycles, &s->graph, &s->order, budget))
		s->phase = PHASE_BACKWARD;
}

static void backward(struct search *s, uint64_t budget)
{
	if (!s->options.keep ||
	    flow_backward(&s->flow, &s->graph, &s->order, &s->ends, budget))
		s->phase = PHASE_DOOMED;
}

static void doomed(struct search *s, uint64_t budget)
{
	bool bad = s->ends.endings.count > 0;

	if ((bad || s->options.keep) &&
	    !flow_doomed(&s->flow, &s->graph, &s->order, &s->ends,
			 s->cycles.good, s->cycles.idle, budget))
		return;
	(void)beyond_bound(s);
	s->phase = bad && !s->options.graph_only ? PHASE_SIMPLEST : PHASE_DONE;
}

static void simplest(struct search *s, uint64_t budget)
{
	bool whole = !s->graph.symmetric && !s->bound_hit;

	if (!s->simplest)
		s->simplest = simplest_new(s->space, whole ? &s->graph : NULL,
					   s->from, &s->ends);
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
		order(s, budget * 4);
		break;
	case PHASE_FORWARD:
		forward(s, budget * 4);
		break;
	case PHASE_CYCLES:
		cycles(s, budget);
		break;
	case PHASE_BACKWARD:
		backward(s, budget * 4);
		break;
	case PHASE_DOOMED:
		doomed(s, budget * 4);
		break;
	case PHASE_SIMPLEST:
		simplest(s, budget);
		break;
	case PHASE_DONE:
		break;
	}
}

/* ---- in slices ---------------------------------------------------------- */

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

/* Not everything will be known; what the walk has seen is looked at still. */
static void cut_short(struct search *s)
{
	s->bound_hit = true;
	if (s->phase == PHASE_WALK)
		s->phase = PHASE_LOOK;
	else if (s->phase > PHASE_LOOK)
		s->phase = PHASE_DONE;
}

enum search_status search_run(struct search *s, bool (*stop)(void *),
			      void *data)
{
	while (search_step(s, 20000) == SEARCH_RUNNING)
		if (stop && stop(data)) {
			cut_short(s);
			stop = NULL;
		}
	return status(s);
}

void search_progress(const struct search *s, uint64_t *states, uint32_t *depth)
{
	*states = s->graph.states.count;
	*depth = s->graph.depth;
}

const struct search_report *search_report(struct search *s)
{
	if (!s->reported)
		report_make(s);
	return &s->report;
}
