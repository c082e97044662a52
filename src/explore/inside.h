/*
 * inside.h - the search's inside, shared by the files of explore.
 *
 *	table.c    records of one size, each once, by number
 *	space.c    worlds as rows of parts, the steps between them
 *	symmetry.c one row for all that differ by interchangeable threads
 *	graph.c    breadth-first walk; edges by number
 *	ends.c     outcomes and findings of the final states
 *	races.c    two parked conflicting touches
 *	order.c    an order in which all edges lead forward; components
 *	flow.c     counts and chances along the edges
 *	cycles.c   fairness, livelock
 *	simplest.c the simplest schedule of each finding
 *	decide.c   why it fails
 *	outlook.c  questions about one state; sampling
 *	search.c   the phases, in slices; report.c the report
 */
#ifndef EXPLORE_INSIDE_H
#define EXPLORE_INSIDE_H

#include "threadviz/arena.h"
#include "threadviz/explore.h"
#include "threadviz/hash.h"
#include "threadviz/vec.h"

/* Zeroed, and by writing: what is read first would be mapped twice. */
static inline void *array_cleared(size_t count, size_t size)
{
	return memset(xmalloc(count * size + 1), 0, count * size);
}

/* ---- table.c ------------------------------------------------------------ */

#define TABLE_NONE UINT32_MAX
#define TABLE_MAX ((1u << 28) - 2)

struct table {
	size_t size;   /* bytes of a record */
	uint8_t *data; /* count of them, one behind the other */
	size_t count, cap;
	uint64_t *slots; /* upper part of the hash, id + 1; 0: free */
	unsigned bits;   /* of the number of slots */
};

void table_init(struct table *, size_t size);
void table_fini(struct table *);
/* The number of that record, entered if it is new: then it is the old count.
 * Any hash of it will do, if it is always the same one and its upper bits are
 * good. Records of whole words must be aligned to them. */
uint32_t table_add(struct table *, const void *record, uint64_t hash);
/* Its number, TABLE_NONE if it is not there. */
uint32_t table_find(const struct table *, const void *record, uint64_t hash);
/* Gives back the slots: no adding or finding after it. */
void table_forget(struct table *);
size_t table_memory(const struct table *);
/* Ahead of table_add: brings the slot near; then, the record that is likely
 * to be compared. */
void table_approach(const struct table *, uint64_t hash);
static inline void table_prefetch(const struct table *t, uint64_t hash)
{
	__builtin_prefetch(&t->slots[hash >> (64 - t->bits)]);
}

static inline const void *table_at(const struct table *t, uint32_t id)
{
	return t->data + t->size * id;
}

/* ---- space.c ------------------------------------------------------------ */

/* The number of a shared part or of a slice. A row is one shared part and a
 * slice per thread. */
typedef uint32_t part_id;

enum { ROW_MAX = 1 + LIMIT_THREADS };

enum shared_flag {
	SHARED_ENDED = 1, /* the run is over */
	SHARED_WRONG = 2, /* an `always` does not hold */
};

enum slice_flag {
	SLICE_DONE = 1,      /* keeps the run from its end no longer */
	SLICE_ENDED = 2,     /* the thread has ended */
	SLICE_DRAINED = 4,   /* its store buffer is empty */
	SLICE_WRITES = 8,    /* the touch is a write */
	SLICE_ATOMIC = 16,   /* the touch is an atomic one */
	SLICE_PROGRESS = 32, /* what it is parked on is progress */
};

struct slice_info {
	uint32_t regions; /* it is parked in */
	uint32_t element; /* parked on a touch of it: a variable's place in
			     the world, 0 if not */
	object_id object;
	uint16_t line;
	uint8_t flags; /* enum slice_flag */
};

enum { MOVE_RESULTS = 2, MOVES_MANY = 255 };

/* All that a thread with that slice can do at that shared part. */
struct move {
	part_id shared, slice;
	uint8_t mover; /* 0: nothing is kept here */
	uint8_t count; /* of results; MOVES_MANY: too many, or not local */
	uint8_t kinds[MOVE_RESULTS];
	int32_t pick; /* where the kind is CHOICE_PICK */
	struct {
		part_id shared, slice;
	} to[MOVE_RESULTS];
};

struct space {
	const struct program *program;
	size_t threads;
	bool names; /* the shared part may name threads */
	struct table shared, slices;
	VEC(uint8_t) shared_info;
	VEC(struct slice_info) slice_info;
	size_t slice_size;      /* of the longest */
	uint8_t *record;        /* a slice on its way into the table */
	uint64_t keys[ROW_MAX]; /* of row_hash */
	uint32_t guarded;       /* regions of a `never two in` */
	thread_id class_of[LIMIT_THREADS]; /* equal: slices are comparable */
	uint8_t mover_of[LIMIT_THREADS];   /* equal: moves are too */
	struct move *moves;                /* the cache */
	struct world *here, *there, *probe;
	struct choice choices[WORLD_CHOICES_MAX];
};

struct space *space_new(const struct program *);
void space_free(struct space *);
size_t space_memory(const struct space *);
/* A world as a row of 1 + threads parts, and back. */
void space_row(struct space *, const struct world *, part_id *row);
void space_world(struct space *, const part_id *row, struct world *out);

/* The analyzer believes that s->threads, and with it the length of a row, could
 * change while a row is made. NOLINTBEGIN(clang-analyzer-core.*) */

/* Multilinear hashing (Dietzfelbinger 1996): the upper half is universal. */
static inline uint64_t row_hash(const struct space *s, const part_id *row)
{
	uint64_t hash = s->keys[0] * row[0];

	for (size_t i = 1; i <= s->threads; i++)
		hash += s->keys[i] * row[i];
	return hash;
}

static inline void row_copy(const struct space *s, part_id *to,
			    const part_id *from)
{
	for (size_t i = 0; i <= s->threads; i++)
		to[i] = from[i];
}

/* NOLINTEND(clang-analyzer-core.*) */

/* What thread t can do; valid until the next call. Not for an ended run. */
const struct move *space_moves(struct space *, const part_id *row, thread_id t);
/* Turns the row into what the i-th result of these moves makes of it. */
void space_take(struct space *, const struct move *, unsigned i, thread_id t,
		part_id *row);
/* The same for any possible choice. */
void space_step(struct space *, struct choice, part_id *row);
/* world_choices of that state. */
size_t space_choices(struct space *, const part_id *row, struct choice *out);
/* A world with that shared part, for looking; valid until the next call. */
const struct world *space_shared(struct space *, part_id);
/* The shared part with thread t called to[t]. */
part_id space_rename(struct space *, part_id, const thread_id *to);

/* ---- symmetry.c --------------------------------------------------------- */

/* Turns the row into the representative of its orbit. */
void space_sort(struct space *, part_id *row);
/* How many states the orbit of a sorted row has. */
uint64_t space_orbit(struct space *, const part_id *row);

/* ---- graph.c ------------------------------------------------------------ */

typedef uint32_t state_id;
#define STATE_NONE UINT32_MAX

enum { BATCH = 64 };

/* Successors of state u: edges[first[u]] … edges[first[u + 1] - 1], in the
 * order of space_choices. */
struct graph {
	struct space *space;
	struct table states; /* rows */
	bool symmetric;      /* states are representatives of orbits */
	VEC(uint32_t) first; /* one more than expanded states */
	VEC(state_id) edges;
	state_id next;      /* the first not yet expanded */
	state_id level_end; /* states below have at most `depth` steps */
	uint32_t depth;
	part_id *batch; /* BATCH rows that wait to be entered */
	uint64_t hashes[BATCH];
	uint32_t times[BATCH]; /* how many edges lead to it */
	size_t batch_count, pending;
};

void graph_init(struct graph *, struct space *, const struct world *from,
		bool symmetric);
void graph_fini(struct graph *);
/* Expands up to `budget` states; true when all are. */
bool graph_walk(struct graph *, size_t budget);
/* Expands this state now, out of turn: the edges that were appended are its
 * successors; returns how many. Not to be mixed with graph_walk. */
uint32_t graph_expand(struct graph *, state_id);
/* The state of that world, STATE_NONE if it is not in the graph. */
state_id graph_find(struct graph *, const struct world *);
size_t graph_memory(const struct graph *);

/* States whose successors are known. */
static inline size_t graph_count(const struct graph *g)
{
	return g->first.len ? g->first.len - 1 : 0;
}

static inline uint32_t graph_degree(const struct graph *g, state_id u)
{
	return g->first.data[u + 1] - g->first.data[u];
}

static inline const state_id *graph_next(const struct graph *g, state_id u,
					 uint32_t *n)
{
	*n = graph_degree(g, u);
	return g->edges.data + g->first.data[u];
}

static inline const part_id *graph_row(const struct graph *g, state_id u)
{
	return (const part_id *)table_at(&g->states, u);
}

static inline size_t graph_choices(const struct graph *g, state_id u,
				   struct choice *out)
{
	return space_choices(g->space, graph_row(g, u), out);
}

static inline void graph_world(const struct graph *g, state_id u,
			       struct world *out)
{
	space_world(g->space, graph_row(g, u), out);
}

/* ---- ends.c ------------------------------------------------------------- */

/* What an outcome, and what a finding is; told apart by their bytes. */
struct ending {
	uint32_t what; /* deadlock: the number of its sentence */
	code_addr where;
	uint16_t detail;
	uint16_t verdict, who; /* wide, to leave no gap between the bytes */
};

struct end {
	state_id state;
	uint32_t outcome;
	uint32_t ending; /* TABLE_NONE: it is ok */
};

struct ends {
	const struct program *program;
	VEC(struct search_value) values;
	struct table outcomes; /* verdict, output, values: 32 bits each */
	VEC(bool) complete;    /* per outcome */
	struct table endings;
	struct outputs *sentences;
	VEC(struct end) list; /* by state, ascending */
	int32_t *record;
};

void ends_init(struct ends *, const struct program *);
void ends_fini(struct ends *);
/* Notes a final state. */
void ends_add(struct ends *, const struct world *, state_id);
/* Which ending this final world is; new if it is not among the known. */
uint32_t ends_ending(struct ends *, const struct world *);
/* What is known of a final state, NULL if it is none. */
const struct end *ends_of(const struct ends *, state_id);
static inline const struct ending *ends_at(const struct ends *e, uint32_t i)
{
	return (const struct ending *)table_at(&e->endings, i);
}
/* verdict, output, values of an outcome */
static inline const int32_t *ends_outcome(const struct ends *e, uint32_t i)
{
	return (const int32_t *)table_at(&e->outcomes, i);
}

/* ---- races.c ------------------------------------------------------------ */

struct races VEC_OF(struct search_race);

/* Adds the races between the threads as they are parked here. */
void races_look(struct races *, const struct space *, const part_id *row);
void races_sort(struct races *);

/* ---- order.c ------------------------------------------------------------ */

/*
 * All states, ends first: edges lead from later to earlier ones, but for those
 * within a component (of a cycle); its states stand together.
 */
struct order {
	bool cyclic;
	bool by_number; /* plainly descending: there is no list */
	state_id *list;
	size_t count;
	uint32_t *component; /* of each state, rising; NULL if not cyclic */
	uint32_t components;
	const bool *skip; /* per edge: it is not there; or NULL */
	struct ordering *work;
};

/* Begins. skip must live until it is done. */
void order_begin(struct order *, const struct graph *, const bool *skip);
/* Goes on for about so many states; true when done. */
bool order_step(struct order *, const struct graph *, size_t budget);
void order_fini(struct order *);
size_t order_memory(const struct order *);

/* The i-th state, ends first. */
static inline state_id order_at(const struct order *o, size_t i)
{
	return o->by_number ? (state_id)(o->count - 1 - i) : o->list[i];
}

/* Where the component of the i-th state, which is its first, ends. */
static inline size_t order_end(const struct order *o, size_t i)
{
	size_t k = i + 1;

	if (o->component)
		while (k < o->count &&
		       o->component[o->list[k]] == o->component[o->list[i]])
			k++;
	return k;
}

/* ---- flow.c ------------------------------------------------------------- */

#define COUNT_OVER (~(uint128)0) /* more than 128 bits */

/* What leads to a state. */
struct ahead {
	uint128 ways;
	double chance; /* each choice of the moment equally likely */
};

/* What a state leads to. */
struct behind {
	uint128 total, bad; /* ways to an end */
	double bad_chance;
	uint64_t outcomes; /* which are reachable, first 64 */
};

struct flow {
	size_t at; /* where in the order the present pass is */
	size_t sweeps;
	bool over; /* ways are beyond 128 bits somewhere: see approx */
	struct ahead *ahead;
	double *approx;
	struct behind *behind;
	double *total_approx, *bad_approx;
	uint8_t *verdicts; /* 1 << enum verdict reachable */
	bool *doomed;
	bool *endless; /* a livelock can be come to from there; NULL: none is */
};

/* Each goes on for about so many states; true when done. */
bool flow_forward(struct flow *, const struct graph *, const struct order *,
		  size_t budget);
bool flow_backward(struct flow *, const struct graph *, const struct order *,
		   const struct ends *, size_t budget);
/* good, idle: per state, whether on a fair cycle with progress, or without
 * any; or NULL. */
bool flow_doomed(struct flow *, const struct graph *, const struct order *,
		 const struct ends *, const bool *good, const bool *idle,
		 size_t budget);
/* Takes the forward arrays back. */
void flow_forget(struct flow *);
void flow_fini(struct flow *);
size_t flow_memory(const struct flow *, size_t states);

/* ---- cycles.c ----------------------------------------------------------- */

struct cycles {
	bool livelock;
	bool *good; /* per state: on a fair cycle with progress */
	bool *idle; /* the same without; NULL: there is no livelock */
	struct schedule stem, cycle;
	struct judging *work;
};

/* Goes on for about so many states; true when done. Not for orbits. */
bool cycles_step(struct cycles *, struct graph *, const struct order *all,
		 size_t budget);
void cycles_fini(struct cycles *);

/* ---- simplest.c --------------------------------------------------------- */

struct simplest;

/*
 * Seeks the simplest schedule of each ending. graph: walked to the end and not
 * symmetric, or NULL: then it goes its own ways from `from` in the space.
 */
struct simplest *simplest_new(struct space *, struct graph *,
			      const struct world *from, struct ends *);
void simplest_free(struct simplest *);
/* Settles up to `budget` nodes; true when every ending has its schedule. */
bool simplest_step(struct simplest *, size_t budget);
/* Takes the findings over, simplest first; one per ending that was found. */
void simplest_take(struct simplest *, struct search_finding **out,
		   size_t *count);
size_t simplest_memory(const struct simplest *);

#endif
