/*
 * history.h - what a free run recorded, kept for looking at.
 *
 * Holds the newest records; the oldest go first, so memory has a bound. A
 * record's position is its number since the start of the run and stays the
 * same when older ones go. All that a picture asks takes time that grows with
 * its cells, not with the run.
 */
#ifndef THREADVIZ_HISTORY_H
#define THREADVIZ_HISTORY_H

#include "threadviz/shares.h"

#define HISTORY_NONE UINT64_MAX /* no such position */

struct history;

/* Keeps at most `capacity` records (0: a million). */
struct history *history_new(const struct program *, size_t capacity);
void history_free(struct history *); /* NULL is fine */
/* The next n records of free_poll. */
void history_add(struct history *, const struct event *, size_t n);

/* Positions first .. end - 1 are kept. */
uint64_t history_first(const struct history *);
uint64_t history_end(const struct history *);
/* A kept record; valid until the next history_add. */
const struct event *history_at(const struct history *, uint64_t position);
/* The first position at `ns` or later; history_end if there is none. */
uint64_t history_find(const struct history *, uint64_t ns);
/* ns since the start: of the oldest record kept, of the latest one. */
uint64_t history_start(const struct history *);
uint64_t history_time(const struct history *);
/* When the first thread began, if that is still kept; else history_start. */
uint64_t history_begin(const struct history *);
/* Memory in use, bytes. */
size_t history_bytes(const struct history *);

/* ---- pictures ---------------------------------------------------------- */

/* Cell i of a lane is the time from + i * width .. from + (i + 1) * width. */
struct lane_cell {
	uint64_t ns[SHARES]; /* how long in which state; rest: not there */
	uint64_t gravest;    /* the record that matters most in it, or NONE */
	uint32_t records;    /* of the thread, without the kernel's */
	int32_t cpu;         /* on which it ran last in the cell; -1: unknown */
};

/* What a thread did. Before its first record, after its end and after
 * history_time all is 0. */
void history_lane(const struct history *, thread_id, uint64_t from,
		  uint64_t width, size_t n, struct lane_cell *out);

/* A cell's owner, of a lock or of a region. */
struct owner_cell {
	thread_id owner; /* who had it longest in the cell, or THREAD_NONE */
	bool taken;      /* the owner came to have it in this cell */
	bool fought;     /* more than one thread had it in this cell */
};

/* Who held a lock (MUTEX, RWLOCK for writing). */
void history_owner(const struct history *, object_id, int32_t index,
		   uint64_t from, uint64_t width, size_t n,
		   struct owner_cell *out);
/* Who was in a region. */
void history_region(const struct history *, unsigned region, uint64_t from,
		    uint64_t width, size_t n, struct owner_cell *out);

/* ---- one moment -------------------------------------------------------- */

/* What a thread is about at one time. */
struct moment {
	bool there;          /* begun and not yet ended */
	enum share state;
	uint64_t since, until; /* ns; until: UINT64_MAX as long as it lasts */
	int32_t cpu;         /* where it runs or ran last; -1: unknown */
	uint64_t record;     /* its latest record that is not the kernel's */
	uint64_t wants;      /* the wish it waits on; NONE: does not wait */
	thread_id holder;    /* who has what it waits for, or THREAD_NONE */
};

/* That, ns since the start. */
void history_moment(const struct history *, thread_id, uint64_t ns,
		    struct moment *out);

/* ---- going about ------------------------------------------------------- */

/* The thread's next record (by 1) or the one before (by -1) as seen from a
 * position, of any thread for THREAD_NONE; NONE at the end. The kernel's
 * records are passed over. */
uint64_t history_next(const struct history *, uint64_t position, thread_id,
		      int by);
/* The time of the thread's next or previous change of state; UINT64_MAX if
 * there is none. */
uint64_t history_change(const struct history *, thread_id, uint64_t ns, int by);
/*
 * Along an arrow: what a record rests on - the unlock before a lock (by the
 * lock's generation), the signal that woke, the put that was got, the write
 * that was read - and, the other way, what first rests on it. NONE if there is
 * none or it has gone.
 */
uint64_t history_cause(const struct history *, uint64_t position);
uint64_t history_effect(const struct history *, uint64_t position);

#endif
