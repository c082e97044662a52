/*
 * world.h - the model: the whole state of a run, and the only place that says
 * what an operation means.
 *
 * A world is world_size(program) bytes without pointers: a copy is a
 * snapshot, comparing bytes is equality, a hash is a key. Its layout follows
 * the program (program_layout), so small scenarios make small worlds.
 */
#ifndef THREADVIZ_WORLD_H
#define THREADVIZ_WORLD_H

#include "threadviz/choice.h"
#include "threadviz/event.h"
#include "threadviz/program.h"
#include "threadviz/vm.h"

struct world { /* only ever used as a pointer to world_size() bytes */
	uint8_t verdict; /* enum verdict; VERDICT_DEADLOCK is never stored */
	thread_id who;   /* crash, assert: by whom; else THREAD_NONE */
	uint16_t detail; /* violated: check index, or DETAIL_ASSERT | assert
			    index; crash: enum crash */
	code_addr where; /* crash, assert: the instruction */
	thread_id running; /* cooperative: who keeps the processor, or
			      THREAD_NONE */
	uint8_t reserved;
	uint8_t bytes[];
};
#define DETAIL_ASSERT 0x8000u

/* All events of one step, marks left out: more than one only for atomic:. */
struct step_log {
	struct event events[LIMIT_ATOMIC + 1];
	size_t count;
};

enum {
	WORLD_CHOICES_MAX = LIMIT_THREADS * (LIMIT_CHOOSE + 2),
};

/* Bytes of any world of the program. */
static inline size_t world_size(const struct program *p)
{
	return p->world_size;
}

/* A new zeroed world at the start: every thread has run its private prefix.
 * Free with free(). */
struct world *world_new(const struct program *);
/* The same in the caller's world_size() bytes. */
void world_init(struct world *, const struct program *);
/* A copy; free with free(). */
struct world *world_clone(const struct world *, const struct program *);
/* Overwrites one world with another of the same program. */
static inline void world_copy(struct world *to, const struct world *from,
			      const struct program *p)
{
	memcpy(to, from, p->world_size);
}

/* How many results its next move can have: 0 if it cannot move now. */
unsigned world_alts(const struct world *, const struct program *, thread_id);

/*
 * Lists every possible choice in canonical order (choice_compare) into out
 * (room for WORLD_CHOICES_MAX); returns how many. None: the run is over or
 * deadlocked. Spurious wake-ups are listed only with `option spurious`.
 */
size_t world_choices(const struct world *, const struct program *,
		     struct choice *out);

/* Whether the choice is possible now; spurious wake-ups count if asleep. */
bool world_can(const struct world *, const struct program *, struct choice);

/* Why it is not, as a sentence: "B waits for red, which A holds". */
void world_why_not(const struct world *, const struct program *,
		   struct choice, struct str *out);

/* The choice in the form it is always written: first result is a plain move. */
struct choice world_canonical(const struct world *, const struct program *,
			      struct choice);

/* Carries out a possible choice (else assert). log may be NULL. The events'
 * step number and time are `step`. */
void world_step(struct world *, const struct program *, struct choice,
		uint32_t step, struct step_log *log);

/* The verdict, deadlock included (which it finds by looking for a choice). */
enum verdict world_verdict(const struct world *, const struct program *);

/* One sentence for a verdict: "finally count == 2 (count is 1)", "A waits for
 * blue, which B holds; B waits for red, which A holds". */
void world_explain(const struct world *, const struct program *,
		   struct str *out);
/* The line of the failed check or crash; 0 for a deadlock. */
unsigned world_line(const struct world *, const struct program *);

/* ---- looking at threads ------------------------------------------------ */

/* Whether a thread can move, and if not, why. */
enum thread_status {
	THREAD_LATER,   /* not started */
	THREAD_READY,   /* its next move is possible */
	THREAD_BLOCKED, /* it is not: lock, semaphore, queue, join … */
	THREAD_ASLEEP,  /* in a condition wait, not woken yet */
	THREAD_ENDED,
};

enum thread_status world_status(const struct world *, const struct program *,
				thread_id);
/* What the thread is parked on; kind OP_NONE if it is not. */
void world_parked(const struct world *, const struct program *, thread_id,
		  struct op *out);
/* The thread's machine as the model sees it; dead registers are 0. */
void world_vm(const struct world *, const struct program *, thread_id,
	      struct vm *out);
/* Whether it stands in that region (index in program.regions). */
bool world_in_region(const struct world *, const struct program *, thread_id,
		     unsigned region);
/* Whether the thread counts for the end of the run: neither a daemon nor a
 * `later` one that was not started. */
bool world_counts(const struct world *, const struct program *, thread_id);
/* Who keeps it from moving: a set of threads (bit t), 0 if nobody in
 * particular (an empty queue, a signal nobody sends). */
uint64_t world_blockers(const struct world *, const struct program *,
			thread_id);

/* ---- looking at objects ------------------------------------------------ */

/* VAR: its value in memory; SEM, COUNTDOWN: the count; EVENT: 0 or 1;
 * BUFFER, QUEUE: how many items; BARRIER: how many have arrived. */
int32_t world_value(const struct world *, const struct program *, object_id,
		    int32_t index);
/* Makes world_value of the element that value: for judging what was measured
 * elsewhere. Items of buffers and queues are not given, only how many. */
void world_assign(struct world *, const struct program *, object_id,
		  int32_t index, int32_t value);
/* VAR: as that thread would read it, through its store buffer. */
int32_t world_value_for(const struct world *, const struct program *,
			thread_id, object_id, int32_t index);
/* MUTEX: its owner; RWLOCK: its writer; THREAD_NONE if free. */
thread_id world_owner(const struct world *, const struct program *, object_id,
		      int32_t index);
/* MUTEX: how deep a recursive one is held, else 0 or 1; RWLOCK: how often
 * thread t holds it for reading. */
unsigned world_depth(const struct world *, const struct program *, object_id,
		     int32_t index, thread_id t);
/* COND: sleepers, longest first, into out (LIMIT_THREADS); returns how many. */
size_t world_sleepers(const struct world *, const struct program *, object_id,
		      int32_t index, thread_id *out);
/* Threads blocked on the object's element (bit t), sleepers not included. */
uint64_t world_waiters(const struct world *, const struct program *, object_id,
		       int32_t index);
/* BUFFER, QUEUE: the i-th item, oldest first. */
int32_t world_item(const struct world *, const struct program *, object_id,
		   int32_t index, size_t i);
/* QUEUE: items put and not yet done. */
int32_t world_unfinished(const struct world *, const struct program *,
			 object_id, int32_t index);
/* Store buffer of a thread: how many entries; what the i-th will write, oldest
 * first. */
size_t world_stores(const struct world *, const struct program *, thread_id);
void world_store(const struct world *, const struct program *, thread_id,
		 size_t i, object_id *object, int32_t *index, int32_t *value);
/* The id of what has been printed so far (program.outputs). */
uint32_t world_output(const struct world *, const struct program *);

/* ---- parts and symmetry, for the search ---------------------------------- */

/* Bytes of a world before the first thread's slice: what all share. */
size_t world_shared_size(const struct program *);
/* Bytes of thread t's slice, which begins at threads.data[t].offset. */
size_t world_slice_size(const struct program *, thread_id);
/* The choices of one thread among world_choices, in the same order. */
size_t world_choices_of(const struct world *, const struct program *,
			thread_id, struct choice *out);
/* world_step in two: the step itself, of a choice that world_choices has
 * listed; then the checks and the end of the run. */
void world_move(struct world *, const struct program *, struct choice);
void world_judge(struct world *, const struct program *);
/* Whether thread t's choices here, and what world_move makes of them, depend
 * on and change nothing but the shared part and its own slice. */
bool world_is_local(const struct world *, const struct program *, thread_id);

/* Whether some threads are interchangeable, so that sorting can help. */
bool program_is_symmetric(const struct program *);
/* Whether the shared part may name threads: owners, sleepers. */
bool program_names_threads(const struct program *);
/* Orders threads by what they are to the objects that name threads. Looks at
 * the shared part only, as does the next. */
int world_compare_roles(const struct world *, const struct program *,
			thread_id a, thread_id b);
/* Where the shared part names thread t it names to[t] from now on. */
void world_rename_threads(struct world *, const struct program *,
			  const thread_id *to);

/* Value of a check's expression here: not 0 if it holds. */
int32_t world_check(const struct world *, const struct program *,
		    const struct check *);

#endif
