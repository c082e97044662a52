/*
 * shared.h - the memory that front and target share, and how they take turns.
 *
 * One anonymous mapping, made by the front before the fork. At any moment at
 * most one scenario thread is past its gate, and the front only looks while
 * all stand at their gates:
 *
 *	what               written by            read by          ordered by
 *	seat.order         front                 the thread       gate
 *	seat.reply         the thread            front            answered
 *	seat.vm            the thread            front            answered
 *	seat.stores        the thread; the       the thread;      gate, answered
 *	                   target's main thread  main; front
 *	objects            any thread past its   the same; front  gate, answered
 *	                   gate
 *
 *	gate       a semaphore per seat: front posts "go", its thread waits
 *	answered   one semaphore: a thread posts "done", the front waits
 *
 * Between two threads of the target the order goes through the front (answered
 * of one, gate of the next), which a race detector inside the target cannot
 * see; so everything here that two threads of the target touch is atomic, and
 * relaxed is enough.
 */
#ifndef ENGINE_SHARED_H
#define ENGINE_SHARED_H

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

#include "threadviz/vm.h"

enum verb {
	VERB_STEP,  /* carry out the choice */
	VERB_PROBE, /* try the operation: it must say busy */
	VERB_DRAIN, /* target's main thread: drain the choice's thread */
};

/* How a real operation went. */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_BUSY,    /* the real object said no */
	OUTCOME_GOT,     /* a time-out was asked for, but it could be had */
	OUTCOME_CRASHED, /* refused: a mistake of the scenario, reply.crash */
	OUTCOME_ODD,     /* a primitive failed as it should not: reply.error */
};

struct order {
	enum verb verb;
	struct choice choice;
};

struct reply {
	enum outcome outcome;
	enum crash crash;
	int error; /* errno */
};

/* A thread's place: what passes between it and the front. */
struct seat {
	_Alignas(64) sem_t gate;
	struct order order;
	struct reply reply;
	struct vm vm;
	_Atomic bool started, ended, joined;
	_Atomic pthread_t thread;
	_Atomic uint32_t ticket; /* when it fell asleep in a condition */
	_Atomic uint32_t round;  /* of the barrier it arrived at */
	_Atomic uint32_t store_first, store_count;
	_Atomic uint64_t stores[LIMIT_STORES]; /* object, index, value */
};

/* ---- the real objects, one of these per element ------------------------ */

struct real_mutex {
	pthread_mutex_t mutex;
	_Atomic int32_t owner; /* thread + 1; 0: free */
	_Atomic int32_t depth; /* how often a recursive one is held */
};

struct real_rwlock {
	pthread_rwlock_t lock;
	_Atomic int32_t writer;               /* thread + 1; 0: none */
	_Atomic int32_t holds[LIMIT_THREADS]; /* of each reader */
};

struct real_cond {                 /* emulated: who sleeps */
	_Atomic uint64_t sleepers; /* bit t */
	_Atomic uint32_t tickets;  /* given out so far */
};

struct real_flag {             /* events, barriers, countdowns: emulated */
	pthread_mutex_t guard; /* held within one operation only */
	_Atomic int32_t value;
	_Atomic uint32_t round; /* barriers: how often it has opened */
};

struct real_queue { /* queues; buffers never touch the guard */
	pthread_mutex_t guard;
	_Atomic uint32_t first, count; /* a ring of max items */
	_Atomic int32_t unfinished;
	_Atomic int32_t items[];
};

struct shared {
	sem_t answered;
	struct seat seats[LIMIT_THREADS + 1]; /* the last: the main thread */
	unsigned char objects[];              /* see struct real */
};

/* Where everything lies. The front's and the target's copies are equal. */
struct real {
	const struct program *program;
	struct shared *shared;
	size_t size; /* of the mapping, in bytes */
	struct {
		uint32_t offset, stride;
	} objects[LIMIT_OBJECTS];
};

#endif
