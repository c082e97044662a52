/*
 * outlook.c - questions about one moment, answered from the kept graph.
 *
 * What can still happen was worked out for every state backwards from the
 * ends; here it is only looked up. The ways from each successor are also the
 * weights with which a schedule is drawn evenly from all: step by step, each
 * choice as likely as it has schedules behind it.
 */
#include <stdlib.h>

#include "search.h"

static struct count make_count(const struct search *s, uint128 n,
			       const double *approx, state_id u)
{
	struct count c = count_of(n);

	if (s->order.cyclic)
		return count_infinite();
	c.over = n == COUNT_OVER;
	if (c.over)
		c.approx = approx[u];
	return c;
}

void search_outlook(struct search *s, const struct world *w,
		    struct outlook *out)
{
	const struct flow *f = &s->flow;
	state_id u;

	*out = (struct outlook){0};
	if (s->phase != PHASE_DONE || !f->behind || !f->doomed)
		return;
	u = graph_find(&s->graph, w);
	if (u == STATE_NONE)
		return;
	out->known = true;
	out->schedules = make_count(s, f->behind[u].total, f->total_approx, u);
	out->bad = make_count(s, f->behind[u].bad, f->bad_approx, u);
	if (!(f->verdicts[u] & ~(1u << VERDICT_OK)))
		out->bad = count_of(0);
	out->chance_bad = f->behind[u].bad_chance;
	out->verdicts = f->verdicts[u];
	out->outcomes = f->behind[u].outcomes;
	out->doomed = f->doomed[u];
	out->livelock = f->endless && f->endless[u];
}

/* ---- sampling ----------------------------------------------------------- */

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

/* Ways from here after this choice. */
static uint128 ways_after(struct search *s, const struct world *w,
			  struct choice c, struct world *out)
{
	world_copy(out, w, s->program);
	world_step(out, s->program, c, 0, NULL);
	return s->flow.behind[graph_find(&s->graph, out)].total;
}

/* The next choice of a schedule drawn evenly from all that begin here. */
static bool draw(struct search *s, uint64_t *random_state, struct world *w,
		 struct world *next, struct schedule *out)
{
	struct choice *list = s->choices;
	size_t n = world_choices(w, s->program, list), k = 0;
	uint128 x, ways;

	if (!n)
		return false;
	x = below(random_state, s->flow.behind[graph_find(&s->graph, w)].total);
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

	if (s->phase != PHASE_DONE || s->order.cyclic || !s->flow.behind ||
	    s->flow.behind[0].total == COUNT_OVER)
		return false;
	w = world_clone(s->from, s->program);
	next = world_clone(w, s->program);
	while (draw(s, random_state, w, next, out))
		;
	free(w);
	free(next);
	return true;
}
