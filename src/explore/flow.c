/*
 * flow.c - counts and chances, by dynamic programming along the edges.
 *
 * Without a cycle, in an order in which edges lead one way, the number of ways
 * from the start adds up forwards, and the number of ways to an end backwards;
 * every way through the graph is one schedule, because every edge is one
 * choice. In 128 bits; where that is too little somewhere, once more in
 * doubles. A chance divides equally among the choices of the moment.
 *
 * With a cycle there are infinitely many schedules. Chances are then the limit
 * of the same equations, found component by component by repeated sweeps
 * (Gauss-Seidel), until less than 1e-13 is still under way.
 */
#include <math.h>
#include <stdlib.h>

#include "inside.h"

#define ENOUGH 1e-13

enum { SWEEP_WORK = 400000000 /* states swept for one component */ };

static uint128 add(uint128 a, uint128 b, bool *over)
{
	uint128 c;

	if (!__builtin_add_overflow(a, b, &c) && c != COUNT_OVER)
		return c;
	*over = true;
	return COUNT_OVER;
}

/* Whether the component i..end has been swept for long enough. */
static bool is_tired(const struct flow *f, size_t i, size_t end)
{
	return f->sweeps > SWEEP_WORK / (end - i);
}

/* ---- forwards ----------------------------------------------------------- */

static void pass_on(struct flow *f, const struct graph *g, state_id u)
{
	uint32_t degree;
	const state_id *to = graph_next(g, u, &degree);
	const struct ahead here = f->ahead[u];
	double part = here.chance / degree;

	for (uint32_t k = 0; k < degree; k++) {
		struct ahead *a = &f->ahead[to[k]];

		a->ways = add(a->ways, here.ways, &f->over);
		a->chance += part;
	}
}

static void pass_on_approx(struct flow *f, const struct graph *g, state_id u)
{
	uint32_t degree;
	const state_id *to = graph_next(g, u, &degree);

	for (uint32_t k = 0; k < degree; k++)
		f->approx[to[k]] += f->approx[u];
}

/* The order is gone through from its far end. */
static state_id from_start(const struct flow *f, const struct order *o)
{
	return order_at(o, o->count - 1 - f->at);
}

/* Sources before targets; twice if 128 bits were not enough. */
static bool forward_counts(struct flow *f, const struct graph *g,
			   const struct order *o, size_t budget)
{
	for (; budget > 0 && f->at < o->count; budget--, f->at++) {
		if (f->approx)
			pass_on_approx(f, g, from_start(f, o));
		else
			pass_on(f, g, from_start(f, o));
	}
	if (f->at < o->count)
		return false;
	f->at = 0;
	if (!f->over || f->approx)
		return true;
	f->approx = array_cleared(o->count, sizeof *f->approx);
	f->approx[0] = 1;
	return false;
}

/* How many edges of u lead elsewhere. Those to itself only take time. */
static uint32_t edges_away(const struct graph *g, state_id u)
{
	uint32_t degree, away = 0;
	const state_id *to = graph_next(g, u, &degree);

	for (uint32_t k = 0; k < degree; k++)
		away += to[k] != u;
	return away;
}

/* What stands in a state goes on; what stays in the component is returned. */
static double spread(struct flow *f, const struct graph *g,
		     const struct order *o, state_id u)
{
	uint32_t degree, away = edges_away(g, u), inside = 0;
	const state_id *to = graph_next(g, u, &degree);
	double x = f->ahead[u].chance;

	if (!away || x <= 0)
		return 0;
	f->ahead[u].chance = 0;
	for (uint32_t k = 0; k < degree; k++) {
		if (to[k] == u)
			continue;
		f->ahead[to[k]].chance += x / away;
		inside += o->component[to[k]] == o->component[u];
	}
	return x * inside / away;
}

static bool has_exit(const struct graph *g, const struct order *o, size_t begin,
		     size_t end)
{
	for (size_t i = begin; i < end; i++) {
		uint32_t degree;
		const state_id *to = graph_next(g, o->list[i], &degree);

		for (uint32_t k = 0; k < degree; k++)
			if (o->component[to[k]] != o->component[o->list[i]])
				return true;
	}
	return false;
}

/* Where the component of the state before `end` begins. */
static size_t component_begin(const struct order *o, size_t end)
{
	size_t i = end - 1;

	while (i > 0 &&
	       o->component[o->list[i - 1]] == o->component[o->list[end - 1]])
		i--;
	return i;
}

/* Components from the far end; each until all has left it that ever will. */
static bool forward_limit(struct flow *f, const struct graph *g,
			  const struct order *o, size_t budget)
{
	size_t worked = 0;

	while (f->at < o->count && worked < budget) {
		size_t end = o->count - f->at, begin = component_begin(o, end);
		double moving = 0;

		if (has_exit(g, o, begin, end))
			for (size_t i = end; i-- > begin;)
				moving += spread(f, g, o, o->list[i]);
		worked += end - begin;
		f->sweeps++;
		if (moving > ENOUGH && !is_tired(f, begin, end))
			continue;
		f->at += end - begin;
		f->sweeps = 0;
	}
	return f->at == o->count;
}

bool flow_forward(struct flow *f, const struct graph *g, const struct order *o,
		  size_t budget)
{
	bool done;

	if (!f->ahead) {
		f->ahead = array_cleared(o->count, sizeof *f->ahead);
		f->ahead[0] = (struct ahead){.ways = 1, .chance = 1};
	}
	done = o->cyclic ? forward_limit(f, g, o, budget)
			 : forward_counts(f, g, o, budget);
	if (done)
		f->at = f->sweeps = 0;
	return done;
}

/* ---- backwards ---------------------------------------------------------- */

static void allocate_backward(struct flow *f, size_t n, const struct ends *e)
{
	f->behind = array_cleared(n, sizeof *f->behind);
	f->verdicts = array_cleared(n, sizeof *f->verdicts);
	for (size_t i = 0; i < e->list.len; i++) {
		const struct end *end = &e->list.data[i];
		int32_t verdict = ends_outcome(e, end->outcome)[0];
		bool bad = verdict != VERDICT_OK;

		f->behind[end->state] = (struct behind){
			.total = 1,
			.bad = bad,
			.bad_chance = bad,
			.outcomes = end->outcome < 64
					    ? UINT64_C(1) << end->outcome
					    : 0,
		};
		f->verdicts[end->state] = (uint8_t)(1u << verdict);
	}
}

static void allocate_approx(struct flow *f, size_t n, const struct ends *e)
{
	f->total_approx = array_cleared(n, sizeof *f->total_approx);
	f->bad_approx = array_cleared(n, sizeof *f->bad_approx);
	for (size_t i = 0; i < e->list.len; i++) {
		const struct end *end = &e->list.data[i];

		f->total_approx[end->state] = 1;
		f->bad_approx[end->state] = end->ending != TABLE_NONE;
	}
}

static void collect(struct flow *f, const struct graph *g, state_id u)
{
	uint32_t degree;
	const state_id *to = graph_next(g, u, &degree);
	struct behind *b = &f->behind[u];
	uint32_t away = 0;
	double chance = 0;

	for (uint32_t k = 0; k < degree; k++) {
		const struct behind *from = &f->behind[to[k]];

		if (to[k] == u)
			continue;
		b->total = add(b->total, from->total, &f->over);
		b->bad = add(b->bad, from->bad, &f->over);
		b->outcomes |= from->outcomes;
		f->verdicts[u] |= f->verdicts[to[k]];
		chance += from->bad_chance;
		away++;
	}
	if (away)
		b->bad_chance = chance / away;
}

static void collect_approx(struct flow *f, const struct graph *g, state_id u)
{
	uint32_t degree;
	const state_id *to = graph_next(g, u, &degree);

	for (uint32_t k = 0; k < degree; k++) {
		f->total_approx[u] += f->total_approx[to[k]];
		f->bad_approx[u] += f->bad_approx[to[k]];
	}
}

static bool backward_counts(struct flow *f, const struct graph *g,
			    const struct order *o, const struct ends *e,
			    size_t budget)
{
	for (; budget > 0 && f->at < o->count; budget--, f->at++) {
		if (f->total_approx)
			collect_approx(f, g, order_at(o, f->at));
		else
			collect(f, g, order_at(o, f->at));
	}
	if (f->at < o->count)
		return false;
	f->at = 0;
	if (!f->over || f->total_approx)
		return true;
	allocate_approx(f, o->count, e);
	return false;
}

/* All states of a component reach the same. */
static void unite(struct flow *f, const struct order *o, size_t begin,
		  size_t end)
{
	uint64_t outcomes = 0;
	uint8_t verdicts = 0;

	for (size_t i = begin; i < end; i++) {
		outcomes |= f->behind[o->list[i]].outcomes;
		verdicts |= f->verdicts[o->list[i]];
	}
	for (size_t i = begin; i < end; i++) {
		f->behind[o->list[i]].outcomes = outcomes;
		f->verdicts[o->list[i]] = verdicts;
	}
}

static bool backward_limit(struct flow *f, const struct graph *g,
			   const struct order *o, size_t budget)
{
	size_t worked = 0;

	while (f->at < o->count && worked < budget) {
		size_t begin = f->at, end = order_end(o, begin);
		double change = 0;

		for (size_t i = begin; i < end; i++) {
			struct behind *b = &f->behind[o->list[i]];
			double before = b->bad_chance;

			collect(f, g, o->list[i]);
			change = fmax(change, fabs(b->bad_chance - before));
		}
		unite(f, o, begin, end);
		worked += end - begin;
		f->sweeps++;
		if (end - begin > 1 && change > ENOUGH * 1e-3 &&
		    !is_tired(f, begin, end))
			continue;
		f->at = end;
		f->sweeps = 0;
	}
	return f->at == o->count;
}

bool flow_backward(struct flow *f, const struct graph *g, const struct order *o,
		   const struct ends *e, size_t budget)
{
	bool done;

	if (!f->behind)
		allocate_backward(f, o->count, e);
	done = o->cyclic ? backward_limit(f, g, o, budget)
			 : backward_counts(f, g, o, e, budget);
	if (done)
		f->at = f->sweeps = 0;
	return done;
}

/* ---- doomed states ------------------------------------------------------ */

/* Whether that is so after some step from u. */
static bool leads_to(const struct graph *g, state_id u, const bool *what,
		     bool so)
{
	uint32_t degree;
	const state_id *to = graph_next(g, u, &degree);

	for (uint32_t k = 0; k < degree; k++)
		if (what[to[k]] == so)
			return true;
	return false;
}

static void begin_doomed(struct flow *f, size_t n, const struct ends *e,
			 const bool *idle)
{
	f->doomed = xmalloc(n * sizeof *f->doomed);
	memset(f->doomed, true, n);
	if (idle) {
		f->endless = xmalloc(n * sizeof *f->endless);
		memcpy(f->endless, idle, n * sizeof *f->endless);
	}
	for (size_t i = 0; i < e->list.len; i++)
		f->doomed[e->list.data[i].state] =
			e->list.data[i].ending != TABLE_NONE;
}

/* What is so for one state of a component is so for all of it. */
static void doom_component(struct flow *f, const struct graph *g,
			   const struct order *o, const bool *good,
			   size_t begin, size_t end)
{
	bool hope = false, endless = false;

	for (size_t i = begin; i < end; i++) {
		state_id u = order_at(o, i);

		hope = hope || !f->doomed[u] || (good && good[u]) ||
		       leads_to(g, u, f->doomed, false);
		endless = endless ||
			  (f->endless &&
			   (f->endless[u] || leads_to(g, u, f->endless, true)));
	}
	for (size_t i = begin; i < end; i++) {
		f->doomed[order_at(o, i)] = !hope;
		if (f->endless)
			f->endless[order_at(o, i)] = endless;
	}
}

bool flow_doomed(struct flow *f, const struct graph *g, const struct order *o,
		 const struct ends *e, const bool *good, const bool *idle,
		 size_t budget)
{
	size_t worked = 0;

	if (!f->doomed)
		begin_doomed(f, o->count, e, idle);
	while (f->at < o->count && worked < budget) {
		size_t begin = f->at, end = order_end(o, begin);

		doom_component(f, g, o, good, begin, end);
		worked += end - begin;
		f->at = end;
	}
	if (f->at < o->count)
		return false;
	f->at = 0;
	return true;
}

/* ---- memory ------------------------------------------------------------- */

void flow_forget(struct flow *f)
{
	free(f->ahead);
	free(f->approx);
	f->ahead = NULL;
	f->approx = NULL;
	f->over = false;
}

void flow_fini(struct flow *f)
{
	flow_forget(f);
	free(f->behind);
	free(f->total_approx);
	free(f->bad_approx);
	free(f->verdicts);
	free(f->doomed);
	free(f->endless);
	*f = (struct flow){0};
}

size_t flow_memory(const struct flow *f, size_t n)
{
	size_t each = 0;

	each += f->ahead ? sizeof *f->ahead : 0;
	each += f->approx ? sizeof *f->approx : 0;
	each += f->behind ? sizeof *f->behind + 1 : 0;
	each += f->total_approx ? 2 * sizeof *f->total_approx : 0;
	each += f->doomed ? 1 : 0;
	each += f->endless ? 1 : 0;
	return n * each;
}
