/*
 * freerun.h - what front and child of a free run share.
 *
 * Two mappings, made before the fork: struct real (objects and seats, as in
 * the live engine, but used by many threads at a time), and this.
 *
 *	what             written by       read by        ordered by
 *	clock, record,   front            threads        the fork
 *	chaos, gate
 *	ring             its thread       front          see ring.c
 *	place.timed      its thread       front          relaxed: a hint
 *	seat.vm          its thread       front          the thread stands
 *	                                                 (stuck or gone)
 *	end              who claims it    front          end.verdict
 *	                                                 release/acquire
 *	lines            who draws the    front          line's ready
 *	                 number                          release/acquire
 *	part.turn        the lock's       the holder     the lock itself
 *	                 holder
 *	turns            threads          threads        its own mutex
 *	part.beds        threads          threads        its guard
 */
#ifndef ENGINE_FREERUN_H
#define ENGINE_FREERUN_H

#include "child.h"
#include "clock.h"
#include "perform.h"
#include "ring.h"

enum {
	LINE_BYTES = 120,
	MONITOR_QUEUES = LIMIT_OBJECTS, /* select waits here */
	MONITOR_THREADS,                /* start, join and end */
	MONITORS,
};

struct monitor {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
};

struct line {
	_Atomic bool ready;
	char text[LINE_BYTES];
};

/* Who sleeps in a condition, and how many of them were woken: see freebed.c. */
struct beds {
	pthread_mutex_t guard;
	uint64_t sleepers; /* bit t: not back yet */
	uint32_t tickets;  /* drawn so far, one a sleep */
	uint32_t ticket[LIMIT_THREADS];
	uint32_t open; /* calls that wake and have not returned */
	uint32_t woken;
	uint32_t until[LIMIT_THREADS]; /* a wake-up: tickets before that one */
};

/* Beside the object of each element. */
struct part {
	pthread_cond_t cond;  /* CONDITION */
	_Atomic int32_t turn; /* generation: how often it was taken */
	struct beds beds;     /* CONDITION */
};

struct place {
	_Alignas(64) _Atomic bool timed; /* sleeps for a limited time */
	_Atomic pid_t id;                /* as the kernel knows the thread */
};

/* Who may go on, where not everybody may: see freeturn.c. */
struct turns {
	pthread_mutex_t mutex;
	pthread_cond_t cond;
	uint64_t next, now;    /* cooperative: numbers drawn, the one at work */
	uint64_t changes;      /* steps that may have made others possible */
	_Atomic int waiting;   /* for a change, outside the cooperative form */
	pthread_rwlock_t gate; /* atomic: blocks write, other steps read */
};

struct run_end {
	_Atomic bool claimed;
	_Atomic int verdict; /* enum verdict; NONE: not yet */
	thread_id who;
	uint16_t detail;
	code_addr where;
};

struct run_share {
	struct clock clock;
	bool record;
	uint64_t chaos; /* 0: none */
	uint64_t seed;  /* of `choose` */
	sem_t followed; /* the kernel follows: threads may be made */
	sem_t armed, go, over;
	_Atomic int left; /* threads that count and have not ended */
	struct run_end end;
	struct place places[LIMIT_THREADS];
	struct monitor monitors[MONITORS];
	struct turns turns;
	pthread_mutex_t bounded;
	bool gated; /* there are atomic: blocks */
	_Atomic uint32_t printed;
	struct line lines[LIMIT_OUTPUT];
	struct part parts[];
};

struct freerun {
	struct real real;
	struct run_share *share;
	size_t size;                   /* of that mapping */
	uint32_t first[LIMIT_OBJECTS]; /* an object's first part */
	struct ring *rings[LIMIT_THREADS];
};

static inline struct part *freerun_part(const struct freerun *r, object_id id,
					int32_t index)
{
	return &r->share->parts[r->first[id] + (uint32_t)index];
}

/* A thread at work. */
struct hand {
	struct freerun *run;
	struct ring *ring;
	struct clock clock;
	bool record, chaos;
	bool at_once;    /* what has to wait is OUTCOME_BUSY and not recorded */
	bool gated;      /* steps keep out of atomic: blocks */
	bool moved;      /* cooperative: a step since its turn began */
	bool waited;     /* cooperative: for what it records next */
	uint64_t random; /* xorshift; never 0 */
	thread_id other; /* named in the next record; else THREAD_NONE */
	struct vm *vm;
	struct deed deed;
};

/* Carries out the operation that the machine stands before, waiting as long as
 * it takes (at_once: not at all); deed.result is what it gave. */
enum outcome freerun_act(struct hand *);
/* Several as one step, up to the end of the block; moves the machine. BUSY:
 * the first cannot be had, and nothing has happened. */
enum outcome freerun_block(struct hand *);
/* Records what happened just now. */
void freerun_note(struct hand *, const struct op *, unsigned flags,
		  int32_t value, int32_t extra);
uint64_t freerun_random(struct hand *);
/* Does nothing for so long. */
void freerun_rest(struct hand *, uint64_t ns);
/* The hand sleeps for a limited time: no sign of a hang. */
void freerun_set_timed(struct hand *, bool on);

/* ---- freebed.c --------------------------------------------------------- */

bool freerun_make_beds(struct beds *);
void freerun_lie_down(struct beds *, thread_id);
/* How many sleep and have not been woken. */
uint32_t freerun_asleep(struct beds *);
/* One more is woken, or all; nobody if all have been. And once that is done. */
void freerun_wake(struct beds *, bool all);
void freerun_has_woken(struct beds *);

enum back {
	BACK_WOKEN,
	BACK_LATE,
	BACK_SPURIOUS, /* nobody has woken it: it sleeps on */
};

/* What to make of it that the thread is back, in time or late. */
enum back freerun_get_up(struct beds *, thread_id, bool late);

/* ---- freeturn.c -------------------------------------------------------- */

bool freerun_make_turns(struct freerun *);
/* The step before which the machine stands, when it may be done; moves the
 * machine. */
enum outcome freerun_step(struct hand *);
/* Before the first step and after the end. */
void freerun_begin(struct hand *);
void freerun_leave(struct hand *);

/* The child's life: never returns. */
_Noreturn void freerun_main(struct freerun *, pid_t front, int output);

#endif
