/*
 * inside.h - the search's inside, shared by the files of explore.
 *
 *	states.c   all states found, each once, by number
 *	graph.c    breadth-first walk; edges by number
 *	flow.c     counts and chances along the edges
 *	cycles.c   strongly connected components, fairness, livelock
 *	ends.c     outcomes and findings of the final states
 *	races.c    two parked conflicting touches
 *	simplest.c the simplest schedule of each finding
 *	outlook.c  questions about one state; sampling
 *	search.c   the phases, in slices; the report
 */
#ifndef EXPLORE_INSIDE_H
#define EXPLORE_INSIDE_H

#include "threadviz/arena.h"
#include "threadviz/explore.h"
#include "threadviz/hash.h"
#include "threadviz/vec.h"

typedef uint32_t state_id;
#define STATE_NONE UINT32_MAX

/* ---- states.c ---------------------------------------------------------- */

struct states {
	size_t size;     /* bytes of a world */
	uint8_t *worlds; /* count of them, one behind the other */
	size_t count, cap;
	uint64_t *slots; /* high half: part of the hash; low: id + 1; 0: free */
	size_t mask;     /* slots - 1, a power of two less one */
};

void states_init(struct states *, size_t size);
void states_fini(struct states *);
/* The number of that world, entered if it is new. */
state_id states_add(struct states *, const void *world, uint64_t hash,
		    bool *is_new);
/* Its number, STATE_NONE if it is not there. */
state_id states_find(const struct states *, const void *world);
/* Gives back the hash table: no adding or finding after it. */
void states_forget(struct states *);
size_t states_memory(const struct states *);

static inline const struct world *states_world(const struct states *s,
					       state_id id)
{
	return (const struct world *)(const void *)(s->worlds + s->size * id);
}

/* For the caller that has the hash some time before it adds. */
static inline void states_prefetch(const struct states *s, uint64_t hash)
{
	__builtin_prefetch(&s->slots[hash & s->mask]);
}

/* Then, some time later: the world that may be the same. */
static inline void states_prefetch_world(const struct states *s, uint64_t hash)
{
	uint64_t slot = s->slots[hash & s->mask];

	if (slot && !((slot ^ hash) >> 32))
		__builtin_prefetch(s->worlds +
				   s->size * ((state_id)slot - 1));
}

/* ---- graph.c ----------------------------------------------------------- */

enum { BATCH = 64 };

/* Successors of state u: edges[first[u]] … edges[first[u + 1] - 1], in the
 * order of world_choices. */
struct graph {
	const struct program *program;
	struct states states;
	VEC(uint32_t) first; /* one more than expanded states */
	VEC(state_id) edges;
	bool symmetric;     /* states are representatives of orbits */
	state_id next;      /* the first not yet expanded */
	state_id level_end; /* states below have at most `depth` steps */
	uint32_t depth;
	uint8_t *batch; /* BATCH worlds that wait to be added */
	uint64_t hashes[BATCH];
	size_t batch_count;
	struct choice choices[WORLD_CHOICES_MAX];
};

void graph_init(struct graph *, const struct program *,
		const struct world *from, bool symmetric);
void graph_fini(struct graph *);
/* Expands up to `budget` states; true when all are. */
bool graph_walk(struct graph *, size_t budget);
size_t graph_memory(const struct graph *);

static inline size_t graph_count(const struct graph *g)
{
	return g->first.len ? g->first.len - 1 : 0;
}

static inline uint32_t graph_degree(const struct graph *g, state_id u)
{
	return g->first.data[u + 1] - g->first.data[u];
}

static inline const struct world *graph_world(const struct graph *g, state_id u)
{
	return states_world(&g->states, u);
}

/* ---- ends.c ------------------------------------------------------------ */

/* What a finding is: the verdict and what it is about. */
struct ending {
	enum verdict verdict;
	thread_id who;
	uint16_t detail;
	code_addr where;
	char *what; /* deadlock: its sentence; tells deadlocks apart */
};

struct outcome {
	enum verdict verdict;
	bool complete;
	uint32_t output;
	int32_t *final;
};

struct ends {
	const struct program *program;
	VEC(struct search_value) values;
	VEC(struct outcome) outcomes;
	VEC(struct ending) endings;
	VEC(uint32_t) outcome_of;   /* per final state, see final_states */
	VEC(state_id) final_states; /* ascending */
};

void ends_init(struct ends *, const struct program *);
void ends_fini(struct ends *);
/* Notes a final state (no successors). */
void ends_add(struct ends *, const struct world *, state_id);
/* Which ending this final world is, SIZE_MAX if none of the known. */
size_t ends_find(const struct ends *, const struct world *);

/* ---- races.c ----------------------------------------------------------- */

struct races VEC_OF(struct search_race);

/* Adds the races between the threads as they are parked here. */
void races_look(struct races *, const struct world *, const struct program *);
void races_sort(struct races *);

/* ---- flow.c ------------------------------------------------------------ */

#define COUNT_OVER (~(uint128)0) /* more than 128 bits */

struct flow {
	bool cyclic;
	state_id *order; /* all states, sources first; NULL if cyclic */
	uint128 *paths;  /* ways from the start */
	double *approx;  /* the same, rounded */
	double *chance;  /* to come by, each choice equally likely */
	/* backward: from here to an end */
	uint128 *total, *bad;
	double *bad_chance, *total_approx, *bad_approx;
	uint64_t *outcomes; /* which are reachable, first 64 */
	uint8_t *verdicts;  /* 1 << enum verdict reachable */
	bool *doomed;
};

void flow_order(struct flow *, const struct graph *);
void flow_forward(struct flow *, const struct graph *);
void flow_backward(struct flow *, const struct graph *, const struct ends *);
/* good: states on a fair cycle with progress, or NULL. */
void flow_doomed(struct flow *, const struct graph *, const bool *good);
void flow_fini(struct flow *);

/* ---- cycles.c ---------------------------------------------------------- */

struct cycles {
	bool livelock;
	bool *good; /* per state: on a fair cycle with progress */
	struct schedule stem, cycle;
};

void cycles_find(struct cycles *, struct graph *);
void cycles_fini(struct cycles *);

/* ---- simplest.c -------------------------------------------------------- */

struct simplest;

/* Seeks the simplest schedule of each ending from a start. */
struct simplest *simplest_new(const struct program *, const struct world *from,
			      const struct ends *);
void simplest_free(struct simplest *);
/* Settles up to `budget` nodes; true when every ending has its schedule. */
bool simplest_step(struct simplest *, size_t budget);
/* Takes the findings over, simplest first; one per ending. */
void simplest_take(struct simplest *, struct search_finding **out,
		   size_t *count);
size_t simplest_memory(const struct simplest *);

#endif
