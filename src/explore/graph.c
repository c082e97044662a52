/*
 * graph.c - the breadth-first walk.
 *
 * Successors are made in batches: all rows of a batch are made and hashed, and
 * their slots prefetched, before the first is looked up; then the records that
 * will be compared are fetched, so that the waits for memory overlap. They are
 * entered in the order in which they were made; that is what numbers states
 * and edges.
 *
 * Where members of a symmetric group stand in the same place, what one can do
 * the next can, and both lead to the same orbit: it is worked out once and
 * counted as often as there are members.
 */
#include <stdlib.h>

#include "inside.h"

static size_t row_size(const struct space *s)
{
	return (1 + s->threads) * sizeof(part_id);
}

void graph_init(struct graph *g, struct space *s, const struct world *from,
		bool symmetric)
{
	part_id row[ROW_MAX];

	*g = (struct graph){.space = s};
	table_init(&g->states, row_size(s));
	g->batch = xmalloc(BATCH * row_size(s));
	g->level_end = 1;
	vec_push(&g->first, 0);
	space_row(s, from, row);
	/* Elsewhere an orbit would hold states that cannot be reached. */
	g->symmetric = symmetric && space_orbit(s, row) == 1;
	table_add(&g->states, row, row_hash(s, row));
}

void graph_fini(struct graph *g)
{
	table_fini(&g->states);
	vec_free(&g->first);
	vec_free(&g->edges);
	free(g->batch);
}

/* ---- entering a batch --------------------------------------------------- */

static part_id *batch_row(struct graph *g, size_t i)
{
	return g->batch + i * (1 + g->space->threads);
}

static void flush(struct graph *g)
{
	vec_reserve(&g->edges, g->edges.len + g->pending);
	for (size_t i = 0; i < g->batch_count; i++)
		table_approach(&g->states, g->hashes[i]);
	for (size_t i = 0; i < g->batch_count; i++) {
		state_id to =
			table_add(&g->states, batch_row(g, i), g->hashes[i]);

		for (uint32_t k = 0; k < g->times[i]; k++)
			g->edges.data[g->edges.len++] = to;
	}
	g->batch_count = 0;
	g->pending = 0;
}

/* The row at the end of the batch is ready. */
static void commit(struct graph *g)
{
	size_t i = g->batch_count++;
	part_id *row = batch_row(g, i);

	if (g->symmetric)
		space_sort(g->space, row);
	g->hashes[i] = row_hash(g->space, row);
	g->times[i] = 1;
	g->pending++;
	table_prefetch(&g->states, g->hashes[i]);
}

/* A place at the end of the batch, holding a copy of row. */
static part_id *begin_row(struct graph *g, const part_id *row)
{
	part_id *to;

	if (g->batch_count == BATCH)
		flush(g);
	to = batch_row(g, g->batch_count);
	row_copy(g->space, to, row);
	return to;
}

/* ---- expanding ---------------------------------------------------------- */

/* Everything thread t can do, when it is not in the cache. */
static void expand_fully(struct graph *g, const part_id *row, thread_id t)
{
	struct space *s = g->space;
	struct choice *list = s->choices;
	size_t n;

	space_world(s, row, s->here);
	n = world_choices_of(s->here, s->program, t, list);
	for (size_t i = 0; i < n; i++) {
		space_step(s, list[i], begin_row(g, row));
		commit(g);
	}
}

/* Whether thread t stands where the one before it does, so that what was
 * entered last can be entered once more. */
static bool same_as_before(const struct graph *g, const part_id *row,
			   thread_id t, unsigned count)
{
	const struct space *s = g->space;

	/* A row has as many parts as t can ask for. */
	return count == 1 && g->symmetric && t && !s->names && g->batch_count &&
	       s->class_of[t] == s->class_of[t - 1] &&
	       row[1 + t] == row[t]; /* NOLINT(clang-analyzer-core.*) */
}

static void expand_thread(struct graph *g, const part_id *row, thread_id t)
{
	struct space *s = g->space;
	const struct move *m = space_moves(s, row, t);

	if (m->count == MOVES_MANY) {
		expand_fully(g, row, t);
		return;
	}
	if (same_as_before(g, row, t, m->count)) {
		g->times[g->batch_count - 1]++;
		g->pending++;
		return;
	}
	for (unsigned i = 0; i < m->count; i++) {
		space_take(s, m, i, t, begin_row(g, row));
		commit(g);
	}
}

static void expand(struct graph *g, state_id u)
{
	struct space *s = g->space;
	part_id row[ROW_MAX];

	row_copy(s, row, graph_row(g, u));
	if (s->shared_info.data[row[0]] & SHARED_ENDED)
		return;
	for (size_t t = 0; t < s->threads; t++)
		expand_thread(g, row, (thread_id)t);
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
		vec_push(&g->first, (uint32_t)(g->edges.len + g->pending));
	}
	return false;
}

uint32_t graph_expand(struct graph *g, state_id u)
{
	size_t before = g->edges.len;

	expand(g, u);
	flush(g);
	return (uint32_t)(g->edges.len - before);
}

state_id graph_find(struct graph *g, const struct world *w)
{
	part_id row[ROW_MAX];

	space_row(g->space, w, row);
	if (g->symmetric)
		space_sort(g->space, row);
	return table_find(&g->states, row, row_hash(g->space, row));
}

size_t graph_memory(const struct graph *g)
{
	return table_memory(&g->states) + g->first.len * 4 + g->edges.len * 4;
}
