/*
 * flow.c - counts and chances, by dynamic programming along the edges.
 *
 * Without a cycle the states have a topological order (Kahn, CACM 1962). Along
 * it the number of ways from the start adds up forwards, and the number of
 * ways to an end backwards; every way through the graph is one schedule,
 * because every edge is one choice. In 128 bits, beyond that marked as over. A
 * chance divides equally among the choices of the moment.
 *
 * With a cycle there are infinitely many schedules; chances are then the limit
 * of the same equations, found by repeated sweeps (Gauss-Seidel) until they
 * change by less than 1e-12.
 */
#include <math.h>
#include <stdlib.h>

#include "inside.h"

enum { SWEEPS = 20000 };

static uint128 add(uint128 a, uint128 b)
{
	return a == COUNT_OVER || b == COUNT_OVER || a + b < a ? COUNT_OVER
							       : a + b;
}

/* The successors of u: *n of them. */
static const state_id *next(const struct graph *g, state_id u, uint32_t *n)
{
	*n = graph_degree(g, u);
	return g->edges.data + g->first.data[u];
}

void flow_order(struct flow *f, const struct graph *g)
{
	size_t n = graph_count(g), done = 0, made = 0;
	uint32_t *in = xcalloc(n + 1, sizeof *in);
	uint32_t degree;

	f->order = xmalloc((n + 1) * sizeof *f->order);
	for (size_t i = 0; i < g->edges.len; i++)
		in[g->edges.data[i]]++;
	for (state_id u = 0; u < n; u++)
		if (!in[u])
			f->order[made++] = u;
	while (done < made) {
		const state_id *to = next(g, f->order[done++], &degree);

		for (uint32_t i = 0; i < degree; i++)
			if (--in[to[i]] == 0)
				f->order[made++] = to[i];
	}
	free(in);
	f->cyclic = made < n;
	if (!f->cyclic)
		return;
	free(f->order);
	f->order = NULL;
}

/* ---- forwards ---------------------------------------------------------- */

static void forward_counts(struct flow *f, const struct graph *g)
{
	size_t n = graph_count(g);
	uint32_t degree;

	f->paths = xcalloc(n + 1, sizeof *f->paths);
	f->approx = xcalloc(n + 1, sizeof *f->approx);
	f->paths[0] = 1;
	f->approx[0] = 1;
	f->chance[0] = 1;
	for (size_t i = 0; i < n; i++) {
		state_id u = f->order[i];
		const state_id *to = next(g, u, &degree);

		for (uint32_t k = 0; k < degree; k++) {
			f->paths[to[k]] = add(f->paths[to[k]], f->paths[u]);
			f->approx[to[k]] += f->approx[u];
			f->chance[to[k]] += f->chance[u] / degree;
		}
	}
}

/* States from which an end can be reached: the others keep their chance. */
static bool *can_end(const struct graph *g)
{
	size_t n = graph_count(g);
	bool *ends = xcalloc(n + 1, sizeof *ends), changed = true;
	uint32_t degree;

	while (changed) {
		changed = false;
		for (state_id u = (state_id)n; u-- > 0;) {
			const state_id *to = next(g, u, &degree);
			bool can = degree == 0;

			for (uint32_t k = 0; k < degree && !can; k++)
				can = ends[to[k]];
			changed |= can && !ends[u];
			ends[u] |= can;
		}
	}
	return ends;
}

/*
 * Repeatedly passes on what has newly arrived: after enough rounds nothing is
 * left under way but what goes round for ever.
 */
static void forward_limit(struct flow *f, const struct graph *g)
{
	size_t n = graph_count(g);
	double *fresh = xcalloc(n + 1, sizeof *fresh), moved = 1;
	bool *ends = can_end(g);
	uint32_t degree;

	fresh[0] = 1;
	for (int sweep = 0; sweep < SWEEPS && moved > 1e-13; sweep++) {
		moved = 0;
		for (state_id u = 0; u < n; u++) {
			const state_id *to = next(g, u, &degree);
			double x = fresh[u];

			if (x <= 0)
				continue;
			fresh[u] = 0;
			f->chance[u] += x;
			for (uint32_t k = 0; k < degree && ends[u]; k++)
				fresh[to[k]] += x / degree;
			moved += degree && ends[u] ? x : 0;
		}
	}
	free(fresh);
	free(ends);
}

void flow_forward(struct flow *f, const struct graph *g)
{
	f->chance = xcalloc(graph_count(g) + 1, sizeof *f->chance);
	if (f->cyclic)
		forward_limit(f, g);
	else
		forward_counts(f, g);
}

/* ---- backwards --------------------------------------------------------- */

static void allocate_backward(struct flow *f, size_t n)
{
	f->total = xcalloc(n + 1, sizeof *f->total);
	f->bad = xcalloc(n + 1, sizeof *f->bad);
	f->total_approx = xcalloc(n + 1, sizeof *f->total_approx);
	f->bad_approx = xcalloc(n + 1, sizeof *f->bad_approx);
	f->bad_chance = xcalloc(n + 1, sizeof *f->bad_chance);
	f->outcomes = xcalloc(n + 1, sizeof *f->outcomes);
	f->verdicts = xcalloc(n + 1, sizeof *f->verdicts);
}

static void mark_ends(struct flow *f, const struct ends *e)
{
	for (size_t i = 0; i < e->final_states.len; i++) {
		state_id u = e->final_states.data[i];
		uint32_t o = e->outcome_of.data[i];
		enum verdict v = e->outcomes.data[o].verdict;

		f->total[u] = 1;
		f->total_approx[u] = 1;
		f->bad[u] = v != VERDICT_OK;
		f->bad_approx[u] = v != VERDICT_OK;
		f->bad_chance[u] = v != VERDICT_OK;
		f->outcomes[u] = o < 64 ? UINT64_C(1) << o : 0;
		f->verdicts[u] = (uint8_t)(1u << v);
	}
}

static void sum_counts(struct flow *f, const struct graph *g, state_id u)
{
	uint32_t degree;
	const state_id *to = next(g, u, &degree);

	for (uint32_t k = 0; k < degree; k++) {
		f->total[u] = add(f->total[u], f->total[to[k]]);
		f->bad[u] = add(f->bad[u], f->bad[to[k]]);
		f->total_approx[u] += f->total_approx[to[k]];
		f->bad_approx[u] += f->bad_approx[to[k]];
	}
}

/* Takes over from the successors; how much that changed. */
static double sum_reach(struct flow *f, const struct graph *g, state_id u)
{
	uint32_t degree;
	const state_id *to = next(g, u, &degree);
	uint64_t outcomes = f->outcomes[u];
	uint8_t verdicts = f->verdicts[u];
	double chance = 0, change;

	if (!degree)
		return 0;
	for (uint32_t k = 0; k < degree; k++) {
		f->outcomes[u] |= f->outcomes[to[k]];
		f->verdicts[u] |= f->verdicts[to[k]];
		chance += f->bad_chance[to[k]] / degree;
	}
	change = fabs(chance - f->bad_chance[u]);
	f->bad_chance[u] = chance;
	return outcomes != f->outcomes[u] || verdicts != f->verdicts[u]
		       ? 1
		       : change;
}

static void backward_limit(struct flow *f, const struct graph *g)
{
	double change = 1;

	for (int sweep = 0; sweep < SWEEPS && change > 1e-13; sweep++) {
		change = 0;
		for (state_id u = (state_id)graph_count(g); u-- > 0;) {
			double c = sum_reach(f, g, u);

			change = c > change ? c : change;
		}
	}
}

void flow_backward(struct flow *f, const struct graph *g, const struct ends *e)
{
	size_t n = graph_count(g);

	allocate_backward(f, n);
	mark_ends(f, e);
	if (f->cyclic) {
		backward_limit(f, g);
		return;
	}
	for (size_t i = n; i-- > 0;) {
		sum_counts(f, g, f->order[i]);
		sum_reach(f, g, f->order[i]);
	}
}

/* A state is doomed if neither a good end nor a good cycle can be reached. */
void flow_doomed(struct flow *f, const struct graph *g, const bool *good)
{
	size_t n = graph_count(g);
	bool changed = true;
	uint32_t degree;

	f->doomed = xmalloc((n + 1) * sizeof *f->doomed);
	for (state_id u = 0; u < n; u++)
		f->doomed[u] = !(f->verdicts[u] >> VERDICT_OK & 1) &&
			       !(good && good[u]);
	while (good && changed) {
		changed = false;
		for (state_id u = (state_id)n; u-- > 0;) {
			const state_id *to = next(g, u, &degree);
			bool hope = false;

			for (uint32_t k = 0; k < degree && f->doomed[u]; k++)
				hope |= !f->doomed[to[k]];
			if (!hope)
				continue;
			f->doomed[u] = false;
			changed = true;
		}
	}
}

void flow_fini(struct flow *f)
{
	free(f->order);
	free(f->paths);
	free(f->approx);
	free(f->chance);
	free(f->total);
	free(f->bad);
	free(f->total_approx);
	free(f->bad_approx);
	free(f->bad_chance);
	free(f->outcomes);
	free(f->verdicts);
	free(f->doomed);
	*f = (struct flow){0};
}
