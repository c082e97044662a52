/*
 * graph.c - the breadth-first walk.
 *
 * Successors are made in batches: all worlds of a batch are stepped and hashed
 * and their slots prefetched before the first is looked up, so that the waits
 * for memory overlap. They are added in the order in which they were made;
 * that is what numbers states and edges.
 */
#include <stdlib.h>

#include "inside.h"

void graph_init(struct graph *g, const struct program *p,
		const struct world *from, bool symmetric)
{
	struct world *start = world_new(p);
	bool is_new;

	*g = (struct graph){.program = p, .symmetric = symmetric};
	if (from)
		world_copy(start, from, p);
	if (symmetric)
		world_sort_threads(start, p);
	states_init(&g->states, world_size(p));
	states_add(&g->states, start, hash_bytes(start, world_size(p)),
		   &is_new);
	g->batch = xmalloc(BATCH * world_size(p));
	g->level_end = 1;
	vec_push(&g->first, 0);
	free(start);
}

void graph_fini(struct graph *g)
{
	states_fini(&g->states);
	vec_free(&g->first);
	vec_free(&g->edges);
	free(g->batch);
}

static struct world *batch_world(struct graph *g, size_t i)
{
	return (struct world *)(void *)(g->batch + g->states.size * i);
}

static void flush(struct graph *g)
{
	for (size_t i = 0; i < g->batch_count; i++)
		states_prefetch_world(&g->states, g->hashes[i]);
	for (size_t i = 0; i < g->batch_count; i++) {
		bool is_new;

		vec_push(&g->edges, states_add(&g->states, batch_world(g, i),
					       g->hashes[i], &is_new));
	}
	g->batch_count = 0;
}

static void add_successor(struct graph *g, state_id u, struct choice c)
{
	const struct program *p = g->program;
	struct world *w = batch_world(g, g->batch_count);

	world_copy(w, graph_world(g, u), p);
	world_step_listed(w, p, c, 0, NULL);
	if (g->symmetric)
		world_sort_threads(w, p);
	g->hashes[g->batch_count] = hash_bytes(w, g->states.size);
	states_prefetch(&g->states, g->hashes[g->batch_count]);
	if (++g->batch_count == BATCH)
		flush(g);
}

static void expand(struct graph *g, state_id u)
{
	size_t n = world_choices(graph_world(g, u), g->program, g->choices);

	for (size_t i = 0; i < n; i++)
		add_successor(g, u, g->choices[i]);
	vec_push(&g->first, (uint32_t)(g->edges.len + g->batch_count));
}

bool graph_walk(struct graph *g, size_t budget)
{
	for (; budget > 0; budget--) {
		if (g->next == g->states.count)
			flush(g);
		if (g->next == g->states.count)
			return true;
		if (g->next == g->level_end) {
			flush(g);
			g->depth++;
			g->level_end = (state_id)g->states.count;
		}
		expand(g, g->next++);
	}
	return false;
}

size_t graph_memory(const struct graph *g)
{
	return states_memory(&g->states) + g->first.cap * 4 + g->edges.cap * 4;
}
