/*
 * simplest.c - the simplest schedule of each finding: fewest preemptions, then
 * fewest steps, then earliest threads.
 *
 * Uniform-cost search (Dijkstra 1959, with buckets) over nodes (state, who
 * moved last); a step costs (1 if it preempts, 1). All edges cost the same or
 * one preemption more, so two rows of buckets are enough: this many preemptions
 * and one more. Among paths of equal cost the first in choice order is found
 * afterwards by walking from the start along edges that keep the best cost,
 * choices in order, never twice into a node that led nowhere.
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
struct bucket VEC_OF(node_id);
struct row VEC_OF(struct bucket); /* by steps */

struct simplest {
	const struct program *program;
	const struct ends *ends;
	struct states states;
	VEC(struct node) nodes;
	uint64_t *slots; /* node id + 1, by (state, last); 0: free */
	size_t mask;
	struct row rows[2]; /* this many preemptions, one more */
	uint16_t preemptions;
	size_t steps, at;             /* which bucket, and where in it */
	struct search_finding *found; /* per ending; what is NULL: not yet */
	size_t missing;
	struct world *scratch;
	struct choice choices[WORLD_CHOICES_MAX];
};

/* ---- nodes ------------------------------------------------------------- */

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

static struct bucket *bucket(struct row *r, size_t steps)
{
	while (r->len <= steps)
		vec_push(r, (struct bucket){0});
	return &r->data[steps];
}

static bool is_better(const struct node *n, uint16_t preemptions,
		      uint32_t steps)
{
	return preemptions < n->preemptions ||
	       (preemptions == n->preemptions && steps < n->steps);
}

/* The node can be had at that cost: remember it, if that is news. */
static void offer(struct simplest *s, state_id state, uint8_t last,
		  uint16_t preemptions, uint32_t steps)
{
	size_t slot = node_slot(s, state, last);
	node_id id;

	if (s->slots[slot]) {
		struct node *n = &s->nodes.data[s->slots[slot] - 1];

		if (n->settled || !is_better(n, preemptions, steps))
			return;
		n->preemptions = preemptions;
		n->steps = steps;
		id = (node_id)s->slots[slot] - 1;
	} else {
		id = (node_id)s->nodes.len;
		vec_push(&s->nodes, (struct node){.state = state,
						  .last = last,
						  .preemptions = preemptions,
						  .steps = steps});
		s->slots[slot] = id + 1;
		if (s->nodes.len * 2 > s->mask)
			grow_slots(s);
	}
	vec_push(bucket(&s->rows[preemptions - s->preemptions], steps), id);
}

/* ---- steps ------------------------------------------------------------- */

static bool could_go_on(const struct simplest *s, const struct world *w,
			uint8_t last)
{
	return last != NOBODY &&
	       (world_alts(w, s->program, last) ||
		world_can(w, s->program,
			  (struct choice){last, CHOICE_TIMEOUT, 0}));
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

static state_id step_to(struct simplest *s, state_id from, struct choice c)
{
	bool is_new;

	world_copy(s->scratch, states_world(&s->states, from), s->program);
	world_step_listed(s->scratch, s->program, c, 0, NULL);
	return states_add(&s->states, s->scratch,
			  hash_bytes(s->scratch, s->states.size), &is_new);
}

static void write_finding(struct simplest *, size_t ending, node_id);

/* A final state: if its ending has no schedule yet, this is its cost. */
static void settle_end(struct simplest *s, node_id id)
{
	const struct node *n = &s->nodes.data[id];
	size_t ending = ends_find(s->ends, states_world(&s->states, n->state));

	if (ending == SIZE_MAX || s->found[ending].what)
		return;
	write_finding(s, ending, id);
	s->missing--;
}

static void settle(struct simplest *s, node_id id)
{
	struct node n = s->nodes.data[id];
	size_t count;
	bool goes_on;

	s->nodes.data[id].settled = true;
	count = world_choices(states_world(&s->states, n.state), s->program,
			      s->choices);
	if (!count) {
		settle_end(s, id);
		return;
	}
	goes_on = could_go_on(s, states_world(&s->states, n.state), n.last);
	for (size_t i = 0; i < count; i++) {
		uint8_t last;
		uint16_t more = cost(s->choices[i], n.last, goes_on, &last);
		state_id to = step_to(s, n.state, s->choices[i]);

		offer(s, to, last, (uint16_t)(n.preemptions + more),
		      n.steps + 1);
	}
}

/* ---- the first of equals ----------------------------------------------- */

struct walk {
	struct simplest *s;
	size_t ending;
	uint16_t preemptions;
	uint32_t steps;
	bool *dead; /* per node: no way from here */
	struct frame {
		node_id node;
		size_t next; /* choice to try */
	} * stack;
	struct choice *taken;
};

/* The node that the k-th choice leads to at best cost; SIZE_MAX if none. */
static size_t best_child(struct walk *w, const struct node *n, size_t k,
			 bool goes_on)
{
	struct simplest *s = w->s;
	uint8_t last;
	uint16_t more = cost(s->choices[k], n->last, goes_on, &last);
	uint16_t preemptions = (uint16_t)(n->preemptions + more);
	state_id to;
	size_t slot;
	const struct node *child;

	if (preemptions > w->preemptions || n->steps + 1 > w->steps)
		return SIZE_MAX;
	world_copy(s->scratch, states_world(&s->states, n->state), s->program);
	world_step_listed(s->scratch, s->program, s->choices[k], 0, NULL);
	to = states_find(&s->states, s->scratch);
	if (to == STATE_NONE)
		return SIZE_MAX;
	slot = node_slot(s, to, last);
	if (!s->slots[slot])
		return SIZE_MAX;
	child = &s->nodes.data[s->slots[slot] - 1];
	if (child->preemptions != preemptions || child->steps != n->steps + 1 ||
	    w->dead[s->slots[slot] - 1])
		return SIZE_MAX;
	return (size_t)s->slots[slot] - 1;
}

static bool is_goal(const struct walk *w, const struct node *n)
{
	return n->preemptions == w->preemptions && n->steps == w->steps &&
	       ends_find(w->s->ends, states_world(&w->s->states, n->state)) ==
		       w->ending;
}

/* Depth first, choices in order; returns how many steps were taken. */
static size_t walk_first(struct walk *w)
{
	struct simplest *s = w->s;
	size_t depth = 0;

	w->stack[0] = (struct frame){0};
	for (;;) {
		struct frame *f = &w->stack[depth];
		struct node n = s->nodes.data[f->node];
		const struct world *world = states_world(&s->states, n.state);
		size_t count, child = SIZE_MAX;
		bool goes_on;

		if (is_goal(w, &n))
			return depth;
		count = n.steps < w->steps
				? world_choices(world, s->program, s->choices)
				: 0;
		goes_on = could_go_on(s, world, n.last);
		while (f->next < count && child == SIZE_MAX)
			child = best_child(w, &n, f->next++, goes_on);
		if (child == SIZE_MAX) {
			w->dead[f->node] = true;
			assert(depth > 0);
			depth--;
			continue;
		}
		w->taken[depth++] = s->choices[f->next - 1];
		w->stack[depth] = (struct frame){.node = (node_id)child};
	}
}

static void write_finding(struct simplest *s, size_t ending, node_id id)
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
	size_t steps = walk_first(&w);
	struct str what = {0};
	const struct world *end = states_world(&s->states, n.state);

	for (size_t i = 0; i < steps; i++)
		vec_push(&f->schedule, w.taken[i]);
	world_explain(end, s->program, &what);
	f->what = str_take(&what);
	f->verdict = world_verdict(end, s->program);
	f->line = world_line(end, s->program);
	f->steps = n.steps;
	f->preemptions = n.preemptions;
	free(w.dead);
	free(w.stack);
	free(w.taken);
}

/* ---- the search -------------------------------------------------------- */

struct simplest *simplest_new(const struct program *p, const struct world *from,
			      const struct ends *e)
{
	struct simplest *s = xcalloc(1, sizeof *s);
	bool is_new;

	s->program = p;
	s->ends = e;
	s->scratch = from ? world_clone(from, p) : world_new(p);
	s->found = xcalloc(e->endings.len + 1, sizeof *s->found);
	s->missing = e->endings.len;
	s->mask = 1023;
	s->slots = xcalloc(s->mask + 1, sizeof *s->slots);
	states_init(&s->states, world_size(p));
	states_add(&s->states, s->scratch,
		   hash_bytes(s->scratch, world_size(p)), &is_new);
	offer(s, 0, NOBODY, 0, 0);
	return s;
}

static void row_clear(struct row *r)
{
	for (size_t i = 0; i < r->len; i++)
		vec_free(&r->data[i]);
	vec_free(r);
}

void simplest_free(struct simplest *s)
{
	if (!s)
		return;
	states_fini(&s->states);
	vec_free(&s->nodes);
	free(s->slots);
	row_clear(&s->rows[0]);
	row_clear(&s->rows[1]);
	free(s->found);
	free(s->scratch);
	free(s);
}

/* The next node in order of cost; false if there is none left. */
static bool next_node(struct simplest *s, node_id *out)
{
	while (s->rows[0].len || s->rows[1].len) {
		struct row *r = &s->rows[0];

		for (; s->steps < r->len; s->steps++, s->at = 0) {
			if (s->at == r->data[s->steps].len)
				continue;
			*out = r->data[s->steps].data[s->at++];
			return true;
		}
		row_clear(r);
		s->rows[0] = s->rows[1];
		s->rows[1] = (struct row){0};
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
	for (size_t i = 0; i < s->ends->endings.len; i++)
		if (s->found[i].what)
			s->found[(*count)++] = s->found[i];
	if (*count)
		qsort(s->found, *count, sizeof *s->found, compare);
	*out = s->found;
	s->found = NULL;
}

size_t simplest_memory(const struct simplest *s)
{
	return states_memory(&s->states) +
	       s->nodes.cap * sizeof *s->nodes.data + (s->mask + 1) * 8;
}
