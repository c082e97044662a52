/*
 * state.h - the inside of a world, shared by the files of sim.
 *
 * Per thread a slice: program counter (2 bytes), state (1 byte: enum vm_state
 * and STATE_WOKEN), regions, store buffer (how many, then entries of 2 bytes
 * place and 4 bytes value, oldest first), registers. Per object element the
 * bytes its file describes.
 */
#ifndef SIM_STATE_H
#define SIM_STATE_H

#include "machine.h"
#include "threadviz/world.h"

enum {
	STATE_MASK = 0x0f,
	STATE_WOKEN = 0x80, /* a condition's or barrier's waiter was let go */
	STORE_SIZE = 6,
};

/* One step being carried out, or one question whether it could be. */
struct act {
	struct world *world;
	const struct program *program;
	const uint8_t *regs; /* the thread's registers */
	thread_id thread;
	struct op op;
	/* of a step only: */
	unsigned pick; /* which of the possible results, 0-based */
	bool timeout;
	int32_t result;
	enum crash crash;
	struct event event;
};

/* How many results are possible; how it is carried out. One pair per kind. */
struct rule {
	unsigned (*alts)(const struct act *); /* NULL: always 1 */
	void (*step)(struct act *);
};

static inline uint8_t *world_bytes(struct world *w)
{
	return (uint8_t *)w;
}

static inline const uint8_t *world_const(const struct world *w)
{
	return (const uint8_t *)w;
}

static inline const struct object *object_of(const struct program *p,
					     object_id id)
{
	return &p->objects.data[id];
}

static inline bool in_range(const struct program *p, object_id id,
			    int32_t index)
{
	return index >= 0 && index < object_of(p, id)->count;
}

/* The bytes of an element; index must be in range. */
static inline uint8_t *element(struct world *w, const struct program *p,
			       object_id id, int32_t index)
{
	const struct object *o = object_of(p, id);

	return world_bytes(w) + o->offset + o->stride * (uint32_t)index;
}

static inline const uint8_t *element_const(const struct world *w,
					   const struct program *p,
					   object_id id, int32_t index)
{
	const struct object *o = object_of(p, id);

	return world_const(w) + o->offset + o->stride * (uint32_t)index;
}

/* The element the act is about. */
static inline uint8_t *target(const struct act *a)
{
	return element(a->world, a->program, a->op.object, a->op.index);
}

static inline uint8_t *slice(struct world *w, const struct program *p,
			     thread_id t)
{
	return world_bytes(w) + p->threads.data[t].offset;
}

static inline const uint8_t *slice_const(const struct world *w,
					 const struct program *p, thread_id t)
{
	return world_const(w) + p->threads.data[t].offset;
}

static inline enum vm_state slice_state(const uint8_t *s)
{
	return (enum vm_state)(s[2] & STATE_MASK);
}

/* Where the store buffer begins; only if the thread has one. */
static inline uint32_t slice_stores_at(const struct program *p)
{
	return 3 + p->regions_size;
}

static inline uint32_t slice_regs_at(const struct program *p, thread_id t)
{
	uint32_t stores = p->threads.data[t].stores;

	return 3 + p->regions_size + (stores ? 1 + STORE_SIZE * stores : 0);
}

static inline bool is_woken(const struct world *w, const struct program *p,
			    thread_id t)
{
	return slice_const(w, p, t)[2] & STATE_WOKEN;
}

static inline void set_woken(struct world *w, const struct program *p,
			     thread_id t, bool on)
{
	uint8_t *s = slice(w, p, t);

	s[2] = (uint8_t)(on ? s[2] | STATE_WOKEN : s[2] & ~STATE_WOKEN);
}

/* Results of its parked operation, whoever's turn it is and even after a
 * verdict; 0: it waits, or is not parked. In world.c. */
unsigned world_parked_alts(const struct world *, const struct program *,
			   thread_id);

/* How many entries its store buffer has. */
static inline unsigned store_count(const struct world *w,
				   const struct program *p, thread_id t)
{
	if (!p->threads.data[t].stores)
		return 0;
	return slice_const(w, p, t)[slice_stores_at(p)];
}

/* ---- the objects' files ------------------------------------------------ */

#define RULE(name) \
	unsigned name##_alts(const struct act *); \
	void name##_step(struct act *);

void read_step(struct act *);
unsigned write_alts(const struct act *);
void write_step(struct act *);
void xchg_step(struct act *);
void cas_step(struct act *);
void fetch_add_step(struct act *);
void nothing_step(struct act *);
void drain_step(struct world *, const struct program *, thread_id,
		struct event *);
int32_t var_read(const struct world *, const struct program *, thread_id,
		 object_id, int32_t index);

RULE(lock)
void trylock_step(struct act *);
void unlock_step(struct act *);
/* For condition waits: gives back the mutex of the act, result: its depth;
 * false (and a crash) if the thread has it not. */
bool mutex_release(struct act *);
bool mutex_is_free(const struct act *);
/* Takes it, held so often; for RETAKE. */
void mutex_retake(struct act *, int32_t depth);

RULE(rdlock)
RULE(wrlock)
void rwunlock_step(struct act *);

void sleep_on_step(struct act *);
RULE(retake)
RULE(signal)
void broadcast_step(struct act *);
/* Takes t out of the queue of the condition it sleeps in. */
void cond_remove(struct world *, const struct program *, thread_id);

RULE(sem_wait)
void sem_try_step(struct act *);
void sem_post_step(struct act *);

RULE(event_wait)
void event_set_step(struct act *);
void event_clear_step(struct act *);
void event_isset_step(struct act *);

void arrive_step(struct act *);
RULE(leave)

void buf_put_step(struct act *);
void buf_get_step(struct act *);
RULE(put)
RULE(get)
void tryput_step(struct act *);
void tryget_step(struct act *);
void empty_step(struct act *);
void full_step(struct act *);
void size_step(struct act *);
void done_step(struct act *);
RULE(join_queue)
RULE(select)
int32_t queue_size(const struct world *, const struct program *, object_id,
		   int32_t index);

void count_down_step(struct act *);
RULE(count_wait)

void start_step(struct act *);
RULE(join)
void print_step(struct act *);
void work_step(struct act *);
RULE(choose)
void thread_load(const struct world *, const struct program *, thread_id,
		 struct vm *);
void thread_store(struct world *, const struct program *, thread_id,
		  const struct vm *);

/* The machine stopped for good: a failed assertion or a private crash. */
void judge_machine(struct world *, thread_id, const struct vm *,
		   const struct program *);

/* A mark was printed or a label worked: the order checks look at it. */
void order_note(struct world *, const struct program *, const char *mark);
/* After a step: always, never two in; and finally when the run is over. */
void checks_after_step(struct world *, const struct program *);

#endif
