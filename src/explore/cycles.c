/*
 * cycles.c - livelock, and cycles on which a program rightly runs for ever.
 *
 * Strongly connected components (Tarjan, SIAM J. Comp. 1972) once without the
 * edges that make progress, where a fair one is a livelock, and once with all
 * edges, where a fair one with a progress edge is good. A component is (weakly)
 * fair if every thread moves in it or is somewhere in it unable to, and every
 * store buffer drains in it or is somewhere in it empty: some walk round the
 * component does all of that, and a smaller cycle can do no more.
 */
#include <stdlib.h>

#include "inside.h"

struct finder {
	struct graph *g;
	bool all;            /* follow progress edges too */
	uint32_t *component; /* of each state, from 1; 0: not yet known */
	uint32_t components;
	uint32_t *index, *low;
	VEC(state_id) stack;
	VEC(struct frame {
		state_id u;
		uint32_t edge;
	})
	calls;
	bool *progress; /* per edge */
};

/* ---- which edges make progress ----------------------------------------- */

static bool atomic_has_progress(const struct program *p, code_addr pc)
{
	for (; p->code.data[pc].code != INSN_ATOMIC_END; pc++)
		if (p->code.data[pc].code < OP_COUNT &&
		    op_info[p->code.data[pc].code].flags & OP_P)
			return true;
	return false;
}

static bool enters_region(const struct program *p, const struct world *from,
			  const struct world *to, thread_id t)
{
	for (unsigned r = 0; r < p->regions.count; r++)
		if (world_in_region(to, p, t, r) &&
		    !world_in_region(from, p, t, r))
			return true;
	return false;
}

static bool makes_progress(const struct program *p, const struct world *from,
			   struct choice c, const struct world *to)
{
	struct op op;

	if (!choice_is_move(c))
		return false;
	world_parked(from, p, c.thread, &op);
	if (op_info[op.kind].flags & OP_P && c.kind != CHOICE_TIMEOUT)
		return true;
	if (op.kind == OP_ATOMIC && atomic_has_progress(p, op.pc))
		return true;
	return world_status(to, p, c.thread) == THREAD_ENDED ||
	       enters_region(p, from, to, c.thread);
}

static void mark_progress(struct finder *f)
{
	struct graph *g = f->g;

	f->progress = xcalloc(g->edges.len + 1, sizeof *f->progress);
	for (state_id u = 0; u < graph_count(g); u++) {
		uint32_t at = g->first.data[u], n = graph_degree(g, u);

		if (n)
			world_choices(graph_world(g, u), g->program,
				      g->choices);
		for (uint32_t k = 0; k < n; k++)
			f->progress[at + k] = makes_progress(
				g->program, graph_world(g, u), g->choices[k],
				graph_world(g, g->edges.data[at + k]));
	}
}

/* ---- components -------------------------------------------------------- */

static void enter(struct finder *f, state_id u, uint32_t *clock)
{
	f->index[u] = f->low[u] = ++*clock;
	vec_push(&f->stack, u);
	vec_push(&f->calls, (struct frame){u, f->g->first.data[u]});
}

static void close_component(struct finder *f, state_id u)
{
	state_id v;

	f->components++;
	do {
		v = vec_pop(&f->stack);
		f->component[v] = f->components;
	} while (v != u);
}

/* Takes the top call one edge further, or ends it. */
static void advance(struct finder *f, uint32_t *clock)
{
	struct frame *c = &vec_last(&f->calls);
	state_id u = c->u, v;
	uint32_t e = c->edge;

	if (e == f->g->first.data[u + 1]) {
		if (f->low[u] == f->index[u])
			close_component(f, u);
		(void)vec_pop(&f->calls);
		if (f->calls.len && f->low[u] < f->low[vec_last(&f->calls).u])
			f->low[vec_last(&f->calls).u] = f->low[u];
		return;
	}
	c->edge++;
	v = f->g->edges.data[e];
	if (!f->all && f->progress[e])
		return;
	if (!f->index[v])
		enter(f, v, clock);
	else if (!f->component[v] && f->index[v] < f->low[u])
		f->low[u] = f->index[v];
}

static void find_components(struct finder *f, bool all)
{
	size_t n = graph_count(f->g);
	uint32_t clock = 0;

	f->all = all;
	f->components = 0;
	f->component = xcalloc(n + 1, sizeof *f->component);
	f->index = xcalloc(n + 1, sizeof *f->index);
	f->low = xcalloc(n + 1, sizeof *f->low);
	for (state_id u = 0; u < n; u++) {
		if (f->index[u])
			continue;
		enter(f, u, &clock);
		while (f->calls.len)
			advance(f, &clock);
	}
	free(f->index);
	free(f->low);
}

/* ---- fairness ---------------------------------------------------------- */

struct component {
	uint64_t moves, unable; /* threads */
	uint64_t drains, empty;
	bool edges; /* it has an edge of its own */
	bool progress;
};

static bool can_move(const struct world *w, const struct program *p,
		     thread_id t)
{
	return world_alts(w, p, t) ||
	       world_can(w, p, (struct choice){t, CHOICE_TIMEOUT, 0});
}

static void look_at_state(const struct finder *f, state_id u,
			  struct component *c)
{
	const struct world *w = graph_world(f->g, u);
	const struct program *p = f->g->program;

	for (size_t t = 0; t < p->threads.count; t++) {
		if (!can_move(w, p, (thread_id)t))
			c->unable |= UINT64_C(1) << t;
		if (!world_stores(w, p, (thread_id)t))
			c->empty |= UINT64_C(1) << t;
	}
}

static void look_at_edges(const struct finder *f, state_id u,
			  struct component *c)
{
	struct graph *g = f->g;
	uint32_t at = g->first.data[u], n = graph_degree(g, u);

	if (n)
		world_choices(graph_world(g, u), g->program, g->choices);
	for (uint32_t k = 0; k < n; k++) {
		struct choice x = g->choices[k];

		if (f->component[g->edges.data[at + k]] != f->component[u] ||
		    (!f->all && f->progress[at + k]))
			continue;
		c->edges = true;
		c->progress |= f->progress[at + k];
		if (choice_is_move(x))
			c->moves |= UINT64_C(1) << x.thread;
		else if (x.kind == CHOICE_DRAIN)
			c->drains |= UINT64_C(1) << x.thread;
	}
}

static struct component *describe(const struct finder *f)
{
	struct component *list = xcalloc(f->components + 1, sizeof *list);

	for (state_id u = 0; u < graph_count(f->g); u++) {
		look_at_state(f, u, &list[f->component[u]]);
		look_at_edges(f, u, &list[f->component[u]]);
	}
	return list;
}

static bool is_fair(const struct program *p, const struct component *c)
{
	uint64_t all = p->threads.count == 64
			       ? ~UINT64_C(0)
			       : (UINT64_C(1) << p->threads.count) - 1;

	return c->edges && ((c->moves | c->unable) & all) == all &&
	       ((c->drains | c->empty) & all) == all;
}

/* ---- the livelock as schedules ----------------------------------------- */

/* Breadth first from `from` to a state or edge that `wants`; appends the way.
 * Inside the component only if comp is not 0. Returns where it led to. */
struct goal {
	uint32_t component; /* stay inside; 0: anywhere */
	state_id target;    /* STATE_NONE: not this state but */
	thread_id moves;    /* an edge moved by that thread, or */
	bool unable;        /* a state where it cannot move */
};

static bool is_edge_goal(const struct goal *goal, struct choice c)
{
	return goal->target == STATE_NONE && !goal->unable &&
	       choice_is_move(c) && c.thread == goal->moves;
}

static bool is_state_goal(const struct finder *f, const struct goal *goal,
			  state_id u)
{
	if (goal->target != STATE_NONE)
		return u == goal->target;
	return goal->unable &&
	       !can_move(graph_world(f->g, u), f->g->program, goal->moves);
}

struct step_back {
	state_id from;
	struct choice choice;
};

/* Writes the steps that lead from `from` to `to`, found by walk. */
static void write_way(const struct step_back *back, state_id from, state_id to,
		      struct choice last, bool has_last, struct schedule *out)
{
	size_t begun = out->len;

	if (has_last)
		vec_push(out, last);
	for (state_id u = to; u != from; u = back[u].from)
		vec_push(out, back[u].choice);
	for (size_t i = begun, k = out->len; i + 1 < k; i++, k--) {
		struct choice swap = out->data[i];

		out->data[i] = out->data[k - 1];
		out->data[k - 1] = swap;
	}
}

static bool follows(const struct finder *f, const struct goal *goal,
		    uint32_t edge)
{
	if (!goal->component)
		return true;
	return f->component[f->g->edges.data[edge]] == goal->component &&
	       (f->all || !f->progress[edge]);
}

static state_id walk(struct finder *f, state_id from, const struct goal *goal,
		     struct schedule *out)
{
	struct graph *g = f->g;
	size_t n = graph_count(g);
	struct step_back *back = xcalloc(n, sizeof *back);
	bool *seen = xcalloc(n, sizeof *seen);
	VEC(state_id) queue = {0};
	state_id reached = STATE_NONE;

	vec_push(&queue, from);
	seen[from] = true;
	for (size_t i = 0; i < queue.len && reached == STATE_NONE; i++) {
		state_id u = queue.data[i];
		uint32_t at = g->first.data[u], d = graph_degree(g, u);

		if (is_state_goal(f, goal, u)) {
			write_way(back, from, u, choice_move(0), false, out);
			reached = u;
			break;
		}
		if (d)
			world_choices(graph_world(g, u), g->program,
				      g->choices);
		for (uint32_t k = 0; k < d; k++) {
			state_id v = g->edges.data[at + k];

			if (!follows(f, goal, at + k))
				continue;
			if (is_edge_goal(goal, g->choices[k])) {
				write_way(back, from, u, g->choices[k], true,
					  out);
				reached = v;
				break;
			}
			if (seen[v])
				continue;
			seen[v] = true;
			back[v] = (struct step_back){u, g->choices[k]};
			vec_push(&queue, v);
		}
	}
	vec_free(&queue);
	free(seen);
	free(back);
	return reached;
}

/* Round the component, satisfying every thread, back to where it began. */
static void write_livelock(struct cycles *c, struct finder *f, uint32_t comp,
			   const struct component *what)
{
	const struct program *p = f->g->program;
	struct goal goal = {.target = 0};
	state_id start = 0, at;

	while (f->component[start] != comp)
		start++;
	goal.target = start;
	walk(f, 0, &goal, &c->stem);
	at = start;
	goal.component = comp;
	for (size_t t = 0; t < p->threads.count && at != STATE_NONE; t++) {
		goal.target = STATE_NONE;
		goal.moves = (thread_id)t;
		goal.unable = !(what->moves >> t & 1);
		at = walk(f, at, &goal, &c->cycle);
	}
	goal.target = start;
	if (at != STATE_NONE)
		walk(f, at, &goal, &c->cycle);
}

void cycles_find(struct cycles *c, struct graph *g)
{
	struct finder f = {.g = g};
	struct component *list;

	mark_progress(&f);
	find_components(&f, false);
	list = describe(&f);
	for (uint32_t i = 1; i <= f.components && !c->livelock; i++) {
		c->livelock = is_fair(g->program, &list[i]);
		if (c->livelock)
			write_livelock(c, &f, i, &list[i]);
	}
	free(list);
	free(f.component);
	find_components(&f, true);
	list = describe(&f);
	c->good = xcalloc(graph_count(g) + 1, sizeof *c->good);
	for (state_id u = 0; u < graph_count(g); u++)
		c->good[u] = list[f.component[u]].progress &&
			     is_fair(g->program, &list[f.component[u]]);
	free(list);
	free(f.component);
	free(f.progress);
	vec_free(&f.stack);
	vec_free(&f.calls);
}

void cycles_fini(struct cycles *c)
{
	free(c->good);
	vec_free(&c->stem);
	vec_free(&c->cycle);
	*c = (struct cycles){0};
}
