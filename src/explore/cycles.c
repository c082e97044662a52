/*
 * cycles.c - livelock, and cycles on which a program rightly runs for ever.
 *
 * A component is (weakly) fair if every thread moves in it or is somewhere in
 * it unable to, and every store buffer drains in it or is somewhere in it
 * empty: some walk round the component does all of that, and a smaller cycle
 * can do no more. Among the components of the graph without the edges that
 * make progress a fair one is a livelock; among those of the whole graph a
 * fair one with such an edge is good.
 */
#include <stdlib.h>

#include "inside.h"

struct component {
	uint64_t moves, unable; /* threads */
	uint64_t drains, empty;
	bool edges; /* it has an edge of its own */
	bool progress;
};

enum stage {
	STAGE_MARK,
	STAGE_ORDER,
	STAGE_LIVELOCK, /* describing the components without progress */
	STAGE_GOOD,     /* those of the whole graph */
	STAGE_DONE,
};

struct judging {
	enum stage stage;
	state_id at;
	bool *progress;         /* per edge */
	struct order idle;      /* the graph without progress */
	struct component *list; /* of the present stage */
	struct choice choices[WORLD_CHOICES_MAX];
};

/* ---- which edges make progress ------------------------------------------ */

static bool makes_progress(const struct space *s, const part_id *from,
			   struct choice c, const part_id *to)
{
	const struct slice_info *before, *after;

	if (!choice_is_move(c))
		return false;
	before = &s->slice_info.data[from[1 + c.thread]];
	after = &s->slice_info.data[to[1 + c.thread]];
	/* Nothing that counts as progress can time out. */
	return before->flags & SLICE_PROGRESS || after->flags & SLICE_ENDED ||
	       after->regions & ~before->regions;
}

static void mark_progress(struct judging *w, const struct graph *g, state_id u)
{
	uint32_t at = g->first.data[u], n = graph_degree(g, u);

	graph_choices(g, u, w->choices);
	for (uint32_t k = 0; k < n; k++)
		w->progress[at + k] =
			makes_progress(g->space, graph_row(g, u), w->choices[k],
				       graph_row(g, g->edges.data[at + k]));
}

/* ---- fairness ----------------------------------------------------------- */

static uint64_t bit(size_t t)
{
	return UINT64_C(1) << t;
}

static void describe_state(const struct judging *w, const struct graph *g,
			   state_id u, struct component *c)
{
	const struct space *s = g->space;
	const part_id *row = graph_row(g, u);
	uint32_t n = graph_degree(g, u);
	uint64_t able = 0;

	for (uint32_t k = 0; k < n; k++)
		if (choice_is_move(w->choices[k]))
			able |= bit(w->choices[k].thread);
	c->unable |= ~able;
	for (size_t t = 0; t < s->threads; t++)
		if (s->slice_info.data[row[1 + t]].flags & SLICE_DRAINED)
			c->empty |= bit(t);
}

/* skip: edges with progress are not there. */
static void describe_edges(const struct judging *w, const struct graph *g,
			   state_id u, const uint32_t *component, bool skip,
			   struct component *c)
{
	uint32_t at = g->first.data[u], n = graph_degree(g, u);

	for (uint32_t k = 0; k < n; k++) {
		struct choice x = w->choices[k];

		if (component[g->edges.data[at + k]] != component[u] ||
		    (skip && w->progress[at + k]))
			continue;
		c->edges = true;
		c->progress |= w->progress[at + k];
		if (choice_is_move(x))
			c->moves |= bit(x.thread);
		else if (x.kind == CHOICE_DRAIN)
			c->drains |= bit(x.thread);
	}
}

static void describe(struct judging *w, const struct graph *g, state_id u,
		     const struct order *o)
{
	struct component *c = &w->list[o->component[u]];

	graph_choices(g, u, w->choices);
	describe_state(w, g, u, c);
	describe_edges(w, g, u, o->component, o->skip != NULL, c);
}

static bool is_fair(const struct graph *g, const struct component *c)
{
	size_t n = g->space->threads;
	uint64_t all = n == 64 ? ~UINT64_C(0) : bit(n) - 1;

	return c->edges && ((c->moves | c->unable) & all) == all &&
	       ((c->drains | c->empty) & all) == all;
}

/* ---- the livelock as schedules ------------------------------------------ */

enum want {
	WANT_STATE,  /* to be in that state */
	WANT_MOVE,   /* that thread to move */
	WANT_UNABLE, /* to be where it cannot */
	WANT_DRAIN,  /* its store buffer to drain */
	WANT_EMPTY,  /* to be where it is empty */
};

struct goal {
	bool inside; /* without leaving the component or making progress */
	enum want want;
	state_id state;
	thread_id thread;
};

/* A breadth-first walk to a goal. */
struct walk {
	struct judging *work;
	const struct graph *graph;
	struct goal goal;
	struct step_back {
		state_id from; /* STATE_NONE: not been there */
		struct choice choice;
	} * back;
	VEC(state_id) queue;
};

static bool is_wanted_state(const struct walk *w, state_id u)
{
	const struct goal *goal = &w->goal;
	uint32_t n = graph_degree(w->graph, u);
	part_id slice = graph_row(w->graph, u)[1 + goal->thread];

	switch (goal->want) {
	case WANT_STATE:
		return u == goal->state;
	case WANT_EMPTY:
		return w->graph->space->slice_info.data[slice].flags &
		       SLICE_DRAINED;
	case WANT_UNABLE:
		for (uint32_t k = 0; k < n; k++)
			if (w->work->choices[k].thread == goal->thread &&
			    choice_is_move(w->work->choices[k]))
				return false;
		return true;
	default:
		return false;
	}
}

static bool is_wanted_edge(const struct goal *goal, struct choice c)
{
	return c.thread == goal->thread &&
	       ((goal->want == WANT_MOVE && choice_is_move(c)) ||
		(goal->want == WANT_DRAIN && c.kind == CHOICE_DRAIN));
}

static bool may_follow(const struct walk *w, state_id u, uint32_t edge)
{
	const uint32_t *component = w->work->idle.component;

	return !w->goal.inside ||
	       (component[w->graph->edges.data[edge]] == component[u] &&
		!w->work->progress[edge]);
}

/* Appends the steps from the walk's start to u, and last if there is one. */
static void write_way(const struct walk *w, state_id u,
		      const struct choice *last, struct schedule *out)
{
	size_t begun = out->len;

	if (last)
		vec_push(out, *last);
	for (; u != w->queue.data[0]; u = w->back[u].from)
		vec_push(out, w->back[u].choice);
	for (size_t i = begun, k = out->len; i + 1 < k; i++, k--) {
		struct choice swap = out->data[i];

		out->data[i] = out->data[k - 1];
		out->data[k - 1] = swap;
	}
}

/* Looks at one state of the queue; where the goal was met, or STATE_NONE. */
static state_id visit(struct walk *w, state_id u, struct schedule *out)
{
	const struct graph *g = w->graph;
	uint32_t at = g->first.data[u], n = graph_degree(g, u);

	graph_choices(g, u, w->work->choices);
	if (is_wanted_state(w, u)) {
		write_way(w, u, NULL, out);
		return u;
	}
	for (uint32_t k = 0; k < n; k++) {
		state_id v = g->edges.data[at + k];

		if (!may_follow(w, u, at + k))
			continue;
		if (is_wanted_edge(&w->goal, w->work->choices[k])) {
			write_way(w, u, &w->work->choices[k], out);
			return v;
		}
		if (w->back[v].from != STATE_NONE)
			continue;
		w->back[v] = (struct step_back){u, w->work->choices[k]};
		vec_push(&w->queue, v);
	}
	return STATE_NONE;
}

/* Appends the shortest way from a state to the goal; returns where it led. */
static state_id walk_to(struct judging *work, const struct graph *g,
			state_id from, struct goal goal, struct schedule *out)
{
	struct walk w = {.work = work, .graph = g, .goal = goal};
	state_id reached = STATE_NONE;

	w.back = xmalloc(graph_count(g) * sizeof *w.back);
	for (size_t i = 0; i < graph_count(g); i++)
		w.back[i].from = STATE_NONE;
	vec_push(&w.queue, from);
	w.back[from].from = from;
	for (size_t i = 0; i < w.queue.len && reached == STATE_NONE; i++)
		reached = visit(&w, w.queue.data[i], out);
	vec_free(&w.queue);
	free(w.back);
	assert(reached != STATE_NONE);
	return reached;
}

/* Round the component of u, fair to every thread and buffer, back to u. */
static void write_livelock(struct cycles *c, const struct graph *g, state_id u)
{
	struct judging *w = c->work;
	const struct component *what = &w->list[w->idle.component[u]];
	struct goal goal = {.want = WANT_STATE, .state = u};
	state_id at = u;

	walk_to(w, g, 0, goal, &c->stem);
	goal.inside = true;
	for (size_t t = 0; t < g->space->threads; t++) {
		goal.thread = (thread_id)t;
		goal.want = what->moves & bit(t) ? WANT_MOVE : WANT_UNABLE;
		at = walk_to(w, g, at, goal, &c->cycle);
		goal.want = what->empty & bit(t) ? WANT_EMPTY : WANT_DRAIN;
		at = walk_to(w, g, at, goal, &c->cycle);
	}
	goal.want = WANT_STATE;
	walk_to(w, g, at, goal, &c->cycle);
}

/* ---- in steps ----------------------------------------------------------- */

static void begin_stage(struct judging *w, enum stage stage,
			uint32_t components)
{
	w->stage = stage;
	w->at = 0;
	free(w->list);
	w->list = xcalloc(components + 1, sizeof *w->list);
}

/* The states whose component is fair, and the way to the earliest of them. */
static void find_livelock(struct cycles *c, const struct graph *g)
{
	struct judging *w = c->work;

	for (state_id u = 0; u < graph_count(g); u++) {
		if (!is_fair(g, &w->list[w->idle.component[u]]))
			continue;
		if (!c->livelock) {
			c->livelock = true;
			c->idle = xcalloc(graph_count(g), sizeof *c->idle);
			write_livelock(c, g, u);
		}
		c->idle[u] = true;
	}
}

static void find_good(struct cycles *c, const struct graph *g,
		      const struct order *all)
{
	c->good = xcalloc(graph_count(g) + 1, sizeof *c->good);
	for (state_id u = 0; u < graph_count(g); u++) {
		const struct component *x = &c->work->list[all->component[u]];

		c->good[u] = x->progress && is_fair(g, x);
	}
}

static void begin(struct cycles *c, const struct graph *g)
{
	c->work = xcalloc(1, sizeof *c->work);
	c->work->progress =
		xcalloc(g->edges.len + 1, sizeof *c->work->progress);
}

static void finish(struct cycles *c)
{
	if (!c->work)
		return;
	free(c->work->progress);
	free(c->work->list);
	order_fini(&c->work->idle);
	free(c->work);
	c->work = NULL;
}

/* One state, or one slice of the order; what follows when a stage is over. */
static void step(struct cycles *c, struct graph *g, const struct order *all)
{
	struct judging *w = c->work;
	bool last = w->at == graph_count(g);

	if (w->stage == STAGE_MARK && last) {
		w->stage = STAGE_ORDER;
		order_begin(&w->idle, g, w->progress);
	} else if (w->stage == STAGE_MARK) {
		mark_progress(w, g, w->at++);
	} else if (w->stage == STAGE_ORDER) {
		if (order_step(&w->idle, g, 1))
			begin_stage(w, STAGE_LIVELOCK, w->idle.components);
	} else if (!last) {
		describe(w, g, w->at++,
			 w->stage == STAGE_GOOD ? all : &w->idle);
	} else if (w->stage == STAGE_LIVELOCK) {
		find_livelock(c, g);
		begin_stage(w, STAGE_GOOD, all->components);
	} else {
		find_good(c, g, all);
		w->stage = STAGE_DONE;
	}
}

bool cycles_step(struct cycles *c, struct graph *g, const struct order *all,
		 size_t budget)
{
	if (!c->work)
		begin(c, g);
	for (; budget > 0 && c->work->stage != STAGE_DONE; budget--)
		step(c, g, all);
	if (c->work->stage != STAGE_DONE)
		return false;
	finish(c);
	return true;
}

void cycles_fini(struct cycles *c)
{
	finish(c);
	free(c->good);
	free(c->idle);
	vec_free(&c->stem);
	vec_free(&c->cycle);
	*c = (struct cycles){0};
}
