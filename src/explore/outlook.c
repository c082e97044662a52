/*
 * outlook.c - questions about one moment, answered from the kept graph: what
 * can still happen, the point of no return, which step decided, and schedules
 * drawn uniformly from all.
 */
#include <stdlib.h>

#include "search.h"
#include "threadviz/label.h"

state_id search_state(struct search *s, const struct world *w)
{
	struct world *copy;
	state_id u;

	if (!s->graph.symmetric)
		return states_find(&s->graph.states, w);
	copy = world_clone(w, s->program);
	world_sort_threads(copy, s->program);
	u = states_find(&s->graph.states, copy);
	free(copy);
	return u;
}

static struct count make_count(const struct flow *f, uint128 n, double approx)
{
	struct count c = count_of(n);

	if (f->cyclic)
		return count_infinite();
	c.approx = approx;
	c.over = n == COUNT_OVER;
	return c;
}

void search_outlook(struct search *s, const struct world *w,
		    struct outlook *out)
{
	const struct flow *f = &s->flow;
	state_id u;

	*out = (struct outlook){0};
	if (s->phase != PHASE_DONE || !f->doomed)
		return;
	u = search_state(s, w);
	if (u == STATE_NONE)
		return;
	out->known = true;
	out->schedules = make_count(f, f->total[u], f->total_approx[u]);
	out->bad = make_count(f, f->bad[u], f->bad_approx[u]);
	if (f->cyclic && !(f->verdicts[u] & ~(1u << VERDICT_OK)))
		out->bad = count_of(0);
	out->chance_bad = f->bad_chance[u];
	out->verdicts = f->verdicts[u];
	out->outcomes = f->outcomes[u];
	out->doomed = f->doomed[u];
}

/* ---- the point of no return and the step that decided ------------------------------ */

/*
 * The graph's numbers along a schedule. The hash table may be gone, so the
 * states are followed by their edges: the k-th choice is the k-th edge. Only
 * without symmetry, where choices and edges name the same threads.
 */
static bool follow(struct search *s, const struct schedule *way,
		   state_id *states)
{
	struct graph *g = &s->graph;
	state_id u = 0;

	states[0] = 0;
	for (size_t i = 0; i < way->len; i++) {
		size_t n = world_choices(graph_world(g, u), s->program,
					 g->choices),
		       k = 0;

		while (k < n && !choice_equal(g->choices[k], way->data[i]))
			k++;
		if (k == n)
			return false;
		u = g->edges.data[g->first.data[u] + k];
		states[i + 1] = u;
	}
	return true;
}

/* The same by looking each world up in its representative's place. */
static bool follow_sorted(struct search *s, const struct schedule *way,
			  state_id *states)
{
	struct world *w = world_clone(s->from, s->program);
	struct graph *g = &s->graph;
	struct world *sorted = world_clone(w, s->program);
	state_id u = 0;
	bool ok = true;

	states[0] = 0;
	for (size_t i = 0; ok && i < way->len; i++) {
		uint32_t at = g->first.data[u], n = graph_degree(g, u), k = 0;

		world_step(w, s->program, way->data[i], 0, NULL);
		world_copy(sorted, w, s->program);
		world_sort_threads(sorted, s->program);
		while (k < n && memcmp(graph_world(g, g->edges.data[at + k]),
				       sorted, world_size(s->program)) != 0)
			k++;
		ok = k < n;
		if (ok)
			states[i + 1] = u = g->edges.data[at + k];
	}
	free(w);
	free(sorted);
	return ok;
}

static bool conflicts(const struct op *a, const struct op *b)
{
	unsigned writes = OP_W | OP_A | OP_L;

	return a->object == b->object && a->index == b->index &&
	       a->object != OBJECT_NONE &&
	       ((op_info[a->kind].flags | op_info[b->kind].flags) & writes);
}

static void say_decided(const struct program *p, const struct op *first,
			thread_id t, const struct op *other, thread_id u,
			uint32_t step, struct str *out)
{
	str_addf(out, "step %u decides: %s came to ", step,
		 program_thread_name(p, t));
	op_format(p, first, LABEL_LONG, out);
	str_addf(out, "\nbefore %s could ", program_thread_name(p, u));
	op_format(p, other, LABEL_LONG, out);
	str_add(out, "; the other way round it can still end well");
}

/*
 * At the last moment that was not doomed: another thread whose move keeps a
 * good end within reach, best one whose touch conflicts.
 */
static void decide(struct search *s, struct search_finding *f, state_id u)
{
	struct graph *g = &s->graph;
	const struct program *p = s->program;
	const struct world *w = graph_world(g, u);
	struct choice taken = f->schedule.data[f->no_return - 1];
	size_t n = world_choices(w, p, g->choices);
	struct op mine, other, best = {.kind = OP_NONE};
	thread_id who = THREAD_NONE;
	struct str text = {0};

	world_parked(w, p, taken.thread, &mine);
	for (size_t k = 0; k < n; k++) {
		struct choice c = g->choices[k];

		if (c.thread == taken.thread || !choice_is_move(c) ||
		    s->flow.doomed[g->edges.data[g->first.data[u] + k]])
			continue;
		world_parked(w, p, c.thread, &other);
		if (who != THREAD_NONE && !conflicts(&mine, &other))
			continue;
		who = c.thread;
		best = other;
		if (conflicts(&mine, &other))
			break;
	}
	if (who == THREAD_NONE || mine.kind == OP_NONE)
		return;
	f->decided_at = f->no_return;
	say_decided(p, &mine, taken.thread, &best, who, f->no_return, &text);
	f->decided = str_take(&text);
}

void finding_explain(struct search *s, struct search_finding *f)
{
	state_id *states = xcalloc(f->schedule.len + 1, sizeof *states);
	bool ok = s->flow.doomed &&
		  (s->graph.symmetric ? follow_sorted(s, &f->schedule, states)
				      : follow(s, &f->schedule, states));

	for (size_t i = 0; ok && i <= f->schedule.len; i++) {
		if (!s->flow.doomed[states[i]])
			continue;
		f->no_return = (uint32_t)i;
		if (i && !s->graph.symmetric)
			decide(s, f, states[i - 1]);
		break;
	}
	free(states);
}

/* ---- sampling ------------------------------------------------------------------------ */

/* splitmix64 (Steele, Lea, Flood, OOPSLA 2014) */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* Evenly from 0 to n - 1, by rejection. */
static uint128 below(uint64_t *state, uint128 n)
{
	uint128 limit = COUNT_OVER - COUNT_OVER % n, x;

	do
		x = (uint128)next_random(state) << 64 | next_random(state);
	while (x >= limit);
	return x % n;
}

/* Ways from the world after this choice, and what that world is. */
static uint128 ways_after(struct search *s, const struct world *w,
			  struct choice c, struct world *out)
{
	world_copy(out, w, s->program);
	world_step(out, s->program, c, 0, NULL);
	return s->flow.total[search_state(s, out)];
}

/* The next choice of a schedule drawn evenly from all that begin here. */
static bool draw(struct search *s, uint64_t *random_state, struct world *w,
		 struct world *next, struct schedule *out)
{
	struct choice *list = s->graph.choices;
	size_t n = world_choices(w, s->program, list), k = 0;
	uint128 x, ways;

	if (!n)
		return false;
	x = below(random_state, s->flow.total[search_state(s, w)]);
	for (; x >= (ways = ways_after(s, w, list[k], next)); k++)
		x -= ways;
	world_copy(w, next, s->program);
	vec_push(out, list[k]);
	return true;
}

bool search_sample(struct search *s, uint64_t *random_state,
		   struct schedule *out)
{
	struct world *w, *next;

	if (s->phase != PHASE_DONE || s->flow.cyclic || !s->flow.total ||
	    s->flow.total[0] == COUNT_OVER || !s->options.keep)
		return false;
	w = world_clone(s->from, s->program);
	next = world_clone(w, s->program);
	while (draw(s, random_state, w, next, out))
		;
	free(w);
	free(next);
	return true;
}
