/*
 * ring.h - one thread's records on their way to another process.
 *
 * One writer, one reader, no lock, no system call. The writer never waits and
 * never looks at the reader: a full ring forgets its oldest records, and the
 * reader counts them. Lies in memory that both have mapped; knows nothing of
 * scenarios. The protocol stands in ring.c.
 */
#ifndef ENGINE_RING_H
#define ENGINE_RING_H

#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "threadviz/event.h"

enum {
	RING_LEAST = 16, /* records */
	RING_MOST = 1 << 24,
	RING_WORDS = sizeof(struct event) / sizeof(uint64_t),
};

struct ring {
	/* the writer's line: */
	_Alignas(64) _Atomic uint64_t made; /* records written so far */
	uint64_t at;   /* = made, for the writer's own use */
	uint64_t mask; /* size - 1; both only read it */
	/* the reader's line: */
	_Alignas(64) uint64_t taken; /* read or found lost so far */
	uint64_t lost;               /* of these: overwritten unread */
	/* a record is four words: */
	_Alignas(64) _Atomic uint64_t words[][RING_WORDS];
};

/* The power of two at or above n, within the limits above. */
uint64_t ring_round(uint64_t n);
/* Bytes for that many records, a multiple of 64. size: a power of two. */
size_t ring_bytes(uint64_t size);
/* Makes zeroed memory, aligned to 64, an empty ring. */
void ring_init(struct ring *, uint64_t size);

/* Two or more fields as they lie in one word of an event. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define RING_FIELD(type, value, at, size) ((uint64_t)(type)(value) << 8 * (at))
#else
#define RING_FIELD(type, value, at, size) \
	((uint64_t)(type)(value) << 8 * (8 - (at) - (size)))
#endif

/*
 * The writer: appends a copy. Word by word, in registers: a record put
 * together from small fields in memory could not be read back in large pieces
 * without a stall.
 */
static inline void ring_write(struct ring *r, const struct event *e)
{
	uint64_t at = r->at;
	_Atomic uint64_t *to = r->words[at & r->mask];

	/* Release, each: pairs with the acquire in ring_read's copy. Who sees
	 * any of this sees that `made` had come to `at` before. */
	atomic_store_explicit(&to[0], e->time, memory_order_release);
	atomic_store_explicit(&to[1],
			      RING_FIELD(uint32_t, e->step, 0, 4) |
				      RING_FIELD(uint8_t, e->thread, 4, 1) |
				      RING_FIELD(uint8_t, e->kind, 5, 1) |
				      RING_FIELD(uint8_t, e->flags, 6, 1) |
				      RING_FIELD(uint8_t, e->other, 7, 1),
			      memory_order_release);
	atomic_store_explicit(&to[2],
			      RING_FIELD(uint16_t, e->object, 0, 2) |
				      RING_FIELD(uint16_t, e->pc, 2, 2) |
				      RING_FIELD(uint32_t, e->index, 4, 4),
			      memory_order_release);
	atomic_store_explicit(&to[3],
			      RING_FIELD(uint32_t, e->value, 0, 4) |
				      RING_FIELD(uint32_t, e->extra, 4, 4),
			      memory_order_release);
	r->at = at + 1;
	/* Pairs with the acquire in ring_ready: the record comes first. */
	atomic_store_explicit(&r->made, at + 1, memory_order_release);
}

/* The reader: whether a record waits. */
bool ring_ready(const struct ring *);
/*
 * The reader: moves the next records, at most `room`, into out and returns how
 * many; *lost: how many before the first of them were overwritten unread. 0
 * records: none waits, or (lost) all that did were overwritten just now.
 */
size_t ring_read(struct ring *, struct event *out, size_t room, uint64_t *lost);
/* The reader: how many were lost so far. */
uint64_t ring_lost(const struct ring *);

#endif
