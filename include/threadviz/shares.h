/*
 * shares.h - who had how much: the time of threads, the use of locks.
 *
 * A fold over the records of a free run in their order; memory does not grow
 * with the run.
 */
#ifndef THREADVIZ_SHARES_H
#define THREADVIZ_SHARES_H

#include "threadviz/event.h"
#include "threadviz/program.h"

/* What a thread can be doing with its time. */
enum share {
	SHARE_RUNNING, /* on a processor */
	SHARE_READY,   /* preempted, or woken and waiting for a processor */
	SHARE_BLOCKED, /* waits for an object or a thread */
	SHARE_ASLEEP,  /* in a condition, or in `sleep` */
	SHARES,
};

/* Of one thread. */
struct thread_share {
	uint64_t ns[SHARES];
	uint64_t switches, preempted; /* voluntary, involuntary */
};

/* Of one lock. */
struct lock_share {
	uint64_t taken, contended; /* contended: had to wait */
	uint64_t handed_over;      /* taken by another than the time before */
	uint64_t longest_hold, longest_wait; /* ns */
};

struct shares;

/* Nothing counted yet; the program must outlive it. */
struct shares *shares_new(const struct program *);
void shares_free(struct shares *); /* NULL is fine */
/* The next records. */
void shares_add(struct shares *, const struct event *, size_t n);
/* Of a thread, up to the latest record of all. */
struct thread_share shares_thread(const struct shares *, thread_id);
/* MUTEX, RWLOCK (writing): of an element. */
const struct lock_share *shares_lock(const struct shares *, object_id,
				     int32_t index);
/* Both tables as lines. */
void shares_format(const struct shares *, struct str *out);

#endif
