/*
 * simplest.c - the simplest schedule of each finding: fewest preemptions, then
 * fewest steps, then earliest threads.
 *
 * Uniform-cost search (Dijkstra 1959, with buckets) over nodes (state, who
 * moved last); a step costs (1 if it preempts, 1). All edges cost the same or
 * one preemption more, so two queues of buckets are enough: this many
 * preemptions and one more. Among paths of equal cost the first in choice order
 * is found afterwards by walking from the start along edges that keep the best
 * cost, choices in order, never twice into a node that led nowhere.
 *
 * It goes along the edges of a graph that is complete, or makes one of its own
 * as far as it comes: where the search was cut, or went by orbits.
 */
#include <stdlib.h>

#include "inside.h"

enum { NOBODY = LIMIT_THREADS };

struct node {
	state_id state;
	uint8_t last; /* who moved last, or NOBODY */
	bool settled;
	uint16_t preemptions;
	uint32_t steps;
};

typedef uint32_t node_id;
#define NODE_NONE UINT32_MAX

struct bucket VEC_OF(node_id);
struct queue VEC_OF(struct bucket); /* by steps */

/* Where the successors of a state of our own graph are. */
struct successors {
	uint32_t first, count;
	bool known;
};

struct simplest {
	struct space *space;
	struct graph *graph; /* the complete one, or our own */
	struct graph own;
	VEC(struct successors) successors; /* per state of our own */
	struct ends *ends;
	VEC(struct node) nodes;
	uint32_t *slots; /* node id + 1, by (state, last); 0: free */
	size_t mask;
	struct queue queues[2]; /* this many preemptions, one more */
	uint16_t preemptions;
	size_t steps, at;             /* which bucket, and where in it */
	struct search_finding *found; /* per ending; what is NULL: not yet */
	size_t endings, missing;
	struct world *scratch;
	struct choice choices[WORLD_CHOICES_MAX];
};

/* ---- edges -------------------------------------------------------------- */

/* The successors of u, in the order of its choices. */
static const state_id *next_states(struct simplest *s, state_id u, uint32_t *n)
{
	struct successors *row;

	if (s->graph != &s->own)
		return graph_next(s->graph, u, n);
	while (s->successors.len <= u)
		vec_push(&s->successors, (struct successors){0});
	row = &s->successors.data[u];
	if (!row->known) {
		row->known = true;
		row->first = (uint32_t)s->own.edges.len;
		row->count = graph_expand(&s->own, u);
	}
	*n = row->count;
	return s->own.edges.data + row->first;
}

static bool could_go_on(const struct simplest *s, size_t choices, uint8_t last)
{
	for (size_t i = 0; i < choices; i++)
		if (s->choices[i].thread == last &&
		    choice_is_move(s->choices[i]))
			return true;
	return false;
}

/* What the choice costs in preemptions, and who has moved last after it. */
static uint16_t cost(struct choice c, uint8_t last, bool goes_on,
		     uint8_t *after)
{
	*after = last;
	if (!choice_is_move(c))
		return 0;
	*after = c.thread;
	return c.thread != last && goes_on;
}

/* The ending of a final state, TABLE_NONE if it is not one of ours. */
static uint32_t ending_of(struct simplest *s, state_id u)
{
	const struct end *end;
	uint32_t ending;

	if (s->graph != &s->own) {
		end = ends_of(s->ends, u);
		return end ? end->ending : TABLE_NONE;
	}
	graph_world(s->graph, u, s->scratch);
	if (world_verdict(s->scratch, s->space->program) == VERDICT_OK)
		return TABLE_NONE;
	ending = ends_ending(s->ends, s->scratch);
	return ending < s->endings ? ending : TABLE_NONE;
}

/* ---- nodes -------------------------------------------------------------- */

static uint64_t node_hash(state_id state, uint8_t last)
{
	uint64_t key = (uint64_t)state * 67 + last;

	key *= UINT64_C(0x9e3779b97f4a7c15);
	return key ^ key >> 32;
}

static size_t node_slot(const struct simplest *s, state_id state, uint8_t last)
{
	size_t i = node_hash(state, last) & s->mask;

	for (; s->slots[i]; i = (i + 1) & s->mask) {
		const struct node *n = &s->nodes.data[s->slots[i] - 1];

		if (n->state == state && n->last == last)
			break;
	}
	return i;
}

static void grow_slots(struct simplest *s)
{
	free(s->slots);
	s->mask = s->mask * 2 + 1;
	s->slots = xcalloc(s->mask + 1, sizeof *s->slots);
	for (node_id i = 0; i < s->nodes.len; i++)
		s->slots[node_slot(s, s->nodes.data[i].state,
				   s->nodes.data[i].last)] = i + 1;
}

static struct bucket *bucket(struct queue *q, size_t steps)
{
	while (q->len <= steps)
		vec_push(q, (struct bucket){0});
	return &q->data[steps];
}

static bool is_better(const struct node *n, uint16_t preemptions,
		      uint32_t steps)
{
	return preemptions < n->preemptions ||
	       (preemptions == n->preemptions && steps < n->steps);
}

static node_id new_node(struct simplest *s, size_t slot, struct node n)
{
	node_id id = (node_id)s->nodes.len;

	vec_push(&s->nodes, n);
	s->slots[slot] = id + 1;
	if (s->nodes.len * 2 > s->mask)
		grow_slots(s);
	return id;
}

/* The node can be had at that cost: remember it, if that is news. */
static void offer(struct simplest *s, struct node n)
{
	size_t slot = node_slot(s, n.state, n.last);
	node_id id;

	if (s->slots[slot]) {
		struct node *old;

		id = s->slots[slot] - 1;
		old = &s->nodes.data[id];
		if (old->settled || !is_better(old, n.preemptions, n.steps))
			return;
		*old = n;
	} else {
		id = new_node(s, slot, n);
	}
	vec_push(bucket(&s->queues[n.preemptions - s->preemptions], n.steps),
		 id);
}

/* ---- settling ----------------------------------------------------------- */

static void write_finding(struct simplest *, uint32_t ending, node_id);

static void settle(struct simplest *s, node_id id)
{
	struct node n = s->nodes.data[id];
	uint32_t degree;
	const state_id *to;
	uint32_t ending;
	bool goes_on;

	s->nodes.data[id].settled = true;
	to = next_states(s, n.state, &degree);
	if (!degree) {
		ending = ending_of(s, n.state);
		if (ending != TABLE_NONE && !s->found[ending].what)
			write_finding(s, ending, id);
		return;
	}
	graph_choices(s->graph, n.state, s->choices);
	goes_on = could_go_on(s, degree, n.last);
	for (uint32_t i = 0; i < degree; i++) {
		struct node next = {.state = to[i], .steps = n.steps + 1};
		unsigned more =
			cost(s->choices[i], n.last, goes_on, &next.last);

		next.preemptions = (uint16_t)(n.preemptions + more);
		offer(s, next);
	}
}

/* ---- the first of equals ------------------------------------------------ */

struct walk {
	struct simplest *s;
	uint32_t ending;
	uint16_t preemptions;
	uint32_t steps;
	bool *dead; /* per node: no way from here */
	struct frame {
		node_id node;
		uint32_t next; /* choice to try */
	} * stack;
	struct choice *taken;
};

/* The node that the k-th choice leads to at best cost; NODE_NONE if none. */
static node_id best_child(const struct walk *w, const struct node *n,
			  uint32_t k, state_id to, bool goes_on)
{
	const struct simplest *s = w->s;
	uint8_t last;
	unsigned more = cost(s->choices[k], n->last, goes_on, &last);
	size_t slot = node_slot(s, to, last);
	const struct node *child;

	if (!s->slots[slot])
		return NODE_NONE;
	child = &s->nodes.data[s->slots[slot] - 1];
	if (child->preemptions != n->preemptions + more ||
	    child->steps != n->steps + 1 || w->dead[s->slots[slot] - 1])
		return NODE_NONE;
	return s->slots[slot] - 1;
}

/* The first child in order of choices that has not failed yet. */
static node_id next_child(struct walk *w, struct frame *f)
{
	struct simplest *s = w->s;
	struct node n = s->nodes.data[f->node];
	node_id child = NODE_NONE;
	const state_id *to;
	uint32_t degree;
	bool goes_on;

	if (n.steps >= w->steps)
		return NODE_NONE;
	to = next_states(s, n.state, &degree);
	graph_choices(s->graph, n.state, s->choices);
	goes_on = could_go_on(s, degree, n.last);
	while (f->next < degree && child == NODE_NONE) {
		child = best_child(w, &n, f->next, to[f->next], goes_on);
		f->next++;
	}
	return child;
}

static bool is_goal(const struct walk *w, const struct node *n)
{
	uint32_t degree;

	if (n->preemptions != w->preemptions || n->steps != w->steps)
		return false;
	next_states(w->s, n->state, &degree);
	return !degree && ending_of(w->s, n->state) == w->ending;
}

/* Depth first, choices in order; takes w->steps steps. */
static void walk_first(struct walk *w)
{
	size_t depth = 0;

	w->stack[0] = (struct frame){0};
	for (;;) {
		struct frame *f = &w->stack[depth];
		node_id child;

		if (is_goal(w, &w->s->nodes.data[f->node]))
			return;
		child = next_child(w, f);
		if (child == NODE_NONE) {
			w->dead[f->node] = true;
			assert(depth > 0);
			depth--;
			continue;
		}
		w->taken[depth++] = w->s->choices[f->next - 1];
		w->stack[depth] = (struct frame){.node = child};
	}
}

static void write_finding(struct simplest *s, uint32_t ending, node_id id)
{
	struct node n = s->nodes.data[id];
	struct walk w = {
		.s = s,
		.ending = ending,
		.preemptions = n.preemptions,
		.steps = n.steps,
		.dead = xcalloc(s->nodes.len, sizeof *w.dead),
		.stack = xcalloc(n.steps + 1, sizeof *w.stack),
		.taken = xcalloc(n.steps + 1, sizeof *w.taken),
	};
	struct search_finding *f = &s->found[ending];
	const struct program *p = s->space->program;
	struct str what = {0};

	walk_first(&w);
	for (size_t i = 0; i < n.steps; i++)
		vec_push(&f->schedule, w.taken[i]);
	graph_world(s->graph, n.state, s->scratch);
	world_explain(s->scratch, p, &what);
	f->what = str_take(&what);
	f->verdict = world_verdict(s->scratch, p);
	f->line = world_line(s->scratch, p);
	f->steps = n.steps;
	f->preemptions = n.preemptions;
	s->missing--;
	free(w.dead);
	free(w.stack);
	free(w.taken);
}

/* ---- the search --------------------------------------------------------- */

struct simplest *simplest_new(struct space *space, struct graph *g,
			      const struct world *from, struct ends *e)
{
	struct simplest *s = xcalloc(1, sizeof *s);

	s->space = space;
	s->graph = g ? g : &s->own;
	if (!g)
		graph_init(&s->own, space, from, false);
	s->ends = e;
	s->scratch = world_new(space->program);
	s->endings = s->missing = e->endings.count;
	s->found = xcalloc(s->endings + 1, sizeof *s->found);
	s->mask = 1023;
	s->slots = xcalloc(s->mask + 1, sizeof *s->slots);
	offer(s, (struct node){.last = NOBODY});
	return s;
}

static void queue_fini(struct queue *q)
{
	for (size_t i = 0; i < q->len; i++)
		vec_free(&q->data[i]);
	vec_free(q);
}

static void findings_fini(struct simplest *s)
{
	for (size_t i = 0; s->found && i < s->endings; i++) {
		free(s->found[i].what);
		vec_free(&s->found[i].schedule);
	}
	free(s->found);
}

void simplest_free(struct simplest *s)
{
	if (!s)
		return;
	graph_fini(&s->own);
	vec_free(&s->successors);
	vec_free(&s->nodes);
	free(s->slots);
	queue_fini(&s->queues[0]);
	queue_fini(&s->queues[1]);
	findings_fini(s);
	free(s->scratch);
	free(s);
}

/* The next node in order of cost; false if there is none left. */
static bool next_node(struct simplest *s, node_id *out)
{
	while (s->queues[0].len || s->queues[1].len) {
		struct queue *q = &s->queues[0];

		for (; s->steps < q->len; s->steps++, s->at = 0) {
			if (s->at == q->data[s->steps].len)
				continue;
			*out = q->data[s->steps].data[s->at++];
			return true;
		}
		queue_fini(q);
		s->queues[0] = s->queues[1];
		s->queues[1] = (struct queue){0};
		s->preemptions++;
		s->steps = s->at = 0;
	}
	return false;
}

bool simplest_step(struct simplest *s, size_t budget)
{
	node_id id;

	for (; budget > 0 && s->missing; budget--) {
		const struct node *n;

		if (!next_node(s, &id))
			return true;
		n = &s->nodes.data[id];
		if (!n->settled && n->preemptions == s->preemptions &&
		    n->steps == s->steps)
			settle(s, id);
	}
	return !s->missing;
}

static int compare(const void *a, const void *b)
{
	const struct search_finding *x = a, *y = b;

	if (x->preemptions != y->preemptions)
		return x->preemptions < y->preemptions ? -1 : 1;
	if (x->steps != y->steps)
		return x->steps < y->steps ? -1 : 1;
	for (size_t i = 0; i < x->schedule.len; i++) {
		int order = choice_compare(x->schedule.data[i],
					   y->schedule.data[i]);

		if (order)
			return order;
	}
	return strcmp(x->what, y->what);
}

void simplest_take(struct simplest *s, struct search_finding **out,
		   size_t *count)
{
	*count = 0;
	for (size_t i = 0; i < s->endings; i++)
		if (s->found[i].what)
			s->found[(*count)++] = s->found[i];
	if (*count)
		qsort(s->found, *count, sizeof *s->found, compare);
	*out = s->found;
	s->found = NULL;
}

size_t simplest_memory(const struct simplest *s)
{
	return (s->graph == &s->own ? graph_memory(&s->own) : 0) +
	       s->nodes.len * (sizeof *s->nodes.data + sizeof(node_id)) +
	       (s->mask + 1) * sizeof *s->slots;
}
