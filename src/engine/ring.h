/*
 * ring.h - one thread's records on their way to another process.
 *
 * One writer, one reader, no lock, no system call. Lies in memory that both
 * have mapped; knows nothing of scenarios. The protocol stands in ring.c.
 */
#ifndef ENGINE_RING_H
#define ENGINE_RING_H

#include <stdatomic.h>
#include <stddef.h>

#include "threadviz/event.h"

enum {
	RING_LEAST = 16, /* records */
	RING_MOST = 1 << 24,
};

struct ring {
	/* the writer's line: */
	_Alignas(64) _Atomic uint64_t made; /* records written so far */
	_Atomic uint64_t lost;              /* all that found no room */
	uint64_t at;    /* = made, for the writer's own use */
	uint64_t limit; /* room up to here, as last seen */
	uint64_t owed;  /* lost since the last EVENT_LOST */
	uint64_t mask;  /* size - 1; both only read it */
	/* the reader's line: */
	_Alignas(64) _Atomic uint64_t taken; /* records read so far */
	_Alignas(64) struct event records[];
};

/* The power of two at or above n, within the limits above. */
uint64_t ring_round(uint64_t n);
/* Bytes for that many records, a multiple of 64. size: a power of two. */
size_t ring_bytes(uint64_t size);
/* Makes zeroed memory, aligned to 64, an empty ring. */
void ring_init(struct ring *, uint64_t size);

/* For ring_write: there may be no room left; else gives a lost count first. */
bool ring_make_room(struct ring *, const struct event *);

/* The writer: appends a copy, or drops it and counts. */
static inline void ring_write(struct ring *r, const struct event *e)
{
	uint64_t at = r->at;

	if (__builtin_expect(at == r->limit, 0)) {
		if (!ring_make_room(r, e))
			return;
		at = r->at;
	}
	r->records[at & r->mask] = *e;
	r->at = at + 1;
	/* Pairs with the acquire in ring_ready: the record comes first. */
	atomic_store_explicit(&r->made, at + 1, memory_order_release);
}

/* The reader: how many records wait. */
uint64_t ring_ready(const struct ring *);
/* The i-th that waits, i < ring_ready; valid until ring_take. */
static inline const struct event *ring_peek(const struct ring *r, uint64_t i)
{
	uint64_t at = atomic_load_explicit(&r->taken, memory_order_relaxed);

	return &r->records[(at + i) & r->mask];
}
/* The reader is through with the first n that wait. */
void ring_take(struct ring *, uint64_t n);
/* How many found no room so far. */
uint64_t ring_lost(const struct ring *);

#endif
