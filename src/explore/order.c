/*
 * order.c - an order of the states in which edges lead one way.
 *
 * Where every edge leads to a state found later, as it is when all ways to a
 * state are of one length, the numbers are such an order and nothing need be
 * kept. Else Tarjan's components (SIAM J. Comp. 1972), without recursion: they
 * are closed ends first. A state is a component of its own unless it lies on a
 * cycle.
 */
#include <stdlib.h>

#include "inside.h"

struct ordering {
	state_id at;           /* by number: all before it are fine */
	uint32_t *index, *low; /* NULL: still going by number */
	uint32_t clock;
	VEC(state_id) stack;
	VEC(struct frame {
		state_id u;
		uint32_t edge;
	})
	calls;
};

void order_begin(struct order *o, const struct graph *g, const bool *skip)
{
	*o = (struct order){.count = graph_count(g), .skip = skip};
	o->work = xcalloc(1, sizeof *o->work);
}

static void drop_work(struct order *o)
{
	if (!o->work)
		return;
	free(o->work->index);
	free(o->work->low);
	vec_free(&o->work->stack);
	vec_free(&o->work->calls);
	free(o->work);
	o->work = NULL;
}

void order_fini(struct order *o)
{
	drop_work(o);
	free(o->list);
	free(o->component);
	*o = (struct order){0};
}

size_t order_memory(const struct order *o)
{
	size_t each = 0;

	each += o->list ? sizeof *o->list : 0;
	each += o->component ? sizeof *o->component : 0;
	each += o->work && o->work->index ? 2 * sizeof *o->work->index : 0;
	return o->count * each;
}

/* Whether all successors of u are later. */
static bool leads_on(const struct graph *g, state_id u)
{
	uint32_t n;
	const state_id *to = graph_next(g, u, &n);

	for (uint32_t i = 0; i < n; i++)
		if (to[i] <= u)
			return false;
	return true;
}

/* ---- components --------------------------------------------------------- */

static void begin_components(struct order *o)
{
	struct ordering *w = o->work;

	w->index = xcalloc(o->count + 1, sizeof *w->index);
	w->low = xcalloc(o->count + 1, sizeof *w->low);
	o->component = xcalloc(o->count + 1, sizeof *o->component);
	o->list = xmalloc((o->count + 1) * sizeof *o->list);
	o->count = 0;
	w->at = 0;
}

static void enter(const struct graph *g, struct ordering *w, state_id u)
{
	w->index[u] = w->low[u] = ++w->clock;
	vec_push(&w->stack, u);
	vec_push(&w->calls, (struct frame){u, g->first.data[u]});
}

static void close_component(struct order *o, state_id u)
{
	state_id v;

	o->components++;
	o->cyclic |= vec_last(&o->work->stack) != u;
	do {
		v = vec_pop(&o->work->stack);
		o->component[v] = o->components;
		o->list[o->count++] = v;
	} while (v != u);
}

static void leave(struct order *o)
{
	struct ordering *w = o->work;
	state_id u = vec_pop(&w->calls).u, above;

	if (w->low[u] == w->index[u])
		close_component(o, u);
	if (!w->calls.len)
		return;
	above = vec_last(&w->calls).u;
	if (w->low[u] < w->low[above])
		w->low[above] = w->low[u];
}

/* Takes the top call one edge further, or ends it. */
static void advance(struct order *o, const struct graph *g)
{
	struct ordering *w = o->work;
	struct frame *top = &vec_last(&w->calls);
	state_id u = top->u, v;
	uint32_t edge = top->edge;

	if (edge == g->first.data[u + 1]) {
		leave(o);
		return;
	}
	top->edge++;
	if (o->skip && o->skip[edge])
		return;
	v = g->edges.data[edge];
	o->cyclic |= v == u;
	if (!w->index[v])
		enter(g, w, v);
	else if (!o->component[v] && w->index[v] < w->low[u])
		w->low[u] = w->index[v];
}

static bool step_components(struct order *o, const struct graph *g,
			    size_t budget)
{
	struct ordering *w = o->work;

	for (; budget > 0; budget--) {
		if (w->calls.len)
			advance(o, g);
		else if (w->at == graph_count(g))
			return true;
		else if (!w->index[w->at++])
			enter(g, w, w->at - 1);
	}
	return false;
}

/* ---- in steps ----------------------------------------------------------- */

static bool step_numbers(struct order *o, const struct graph *g, size_t budget)
{
	struct ordering *w = o->work;

	if (o->skip) {
		begin_components(o);
		return false;
	}
	for (; budget > 0 && w->at < o->count; budget--, w->at++)
		if (!leads_on(g, w->at)) {
			begin_components(o);
			return false;
		}
	o->by_number = w->at == o->count;
	return o->by_number;
}

bool order_step(struct order *o, const struct graph *g, size_t budget)
{
	bool done = o->work->index ? step_components(o, g, budget * 4)
				   : step_numbers(o, g, budget * 4);

	if (!done)
		return false;
	drop_work(o);
	if (!o->cyclic && !o->skip) {
		free(o->component);
		o->component = NULL;
	}
	return true;
}
