/*
 * ring.c - a single-producer single-consumer ring (Lamport 1977) with a count
 * of what was dropped.
 *
 * A full ring drops the new record and counts it: nothing that the reader may
 * be looking at is ever overwritten. When there is room again, a record
 * EVENT_LOST with the count (value; at most INT32_MAX) goes first, stamped as
 * the record behind it, so the gap lies where it was.
 *
 *	what      written by  read by         ordered by
 *	records   writer      reader          made, taken
 *	made      writer      reader          release -> acquire in ring_ready
 *	taken     reader      writer          release -> acquire in make_room
 *	lost      writer      reader          relaxed: a count, exact once the
 *	                                      writer has ended or stands
 *	at, limit, owed  writer only          -
 *	mask      before the start            the fork
 *
 * limit is the writer's copy of `taken`, plus the size: the reader's line is
 * touched only when the room last seen is used up, not at every record.
 */
#include "ring.h"

uint64_t ring_round(uint64_t n)
{
	uint64_t size = RING_LEAST;

	while (size < n && size < RING_MOST)
		size *= 2;
	return size;
}

size_t ring_bytes(uint64_t size)
{
	return sizeof(struct ring) +
	       ((size_t)size * sizeof(struct event) + 63) / 64 * 64;
}

void ring_init(struct ring *r, uint64_t size)
{
	r->mask = size - 1;
	r->limit = size;
}

static void drop(struct ring *r)
{
	uint64_t lost = atomic_load_explicit(&r->lost, memory_order_relaxed);

	r->owed++;
	/* Relaxed: nobody concludes from it that something else is there. */
	atomic_store_explicit(&r->lost, lost + 1, memory_order_relaxed);
}

bool ring_make_room(struct ring *r, const struct event *e)
{
	/* Pairs with the release in ring_take: the reader has let go. */
	uint64_t taken = atomic_load_explicit(&r->taken, memory_order_acquire);
	uint64_t limit = taken + r->mask + 1;
	struct event gap = *e;

	if (limit - r->at < 1 + (r->owed > 0)) {
		drop(r);
		return false;
	}
	r->limit = limit;
	if (!r->owed)
		return true;
	gap.kind = EVENT_LOST;
	gap.flags = 0;
	gap.value = r->owed < INT32_MAX ? (int32_t)r->owed : INT32_MAX;
	r->owed = 0;
	ring_write(r, &gap);
	return true;
}

uint64_t ring_ready(const struct ring *r)
{
	/* Pairs with the release in ring_write. */
	return atomic_load_explicit(&r->made, memory_order_acquire) -
	       atomic_load_explicit(&r->taken, memory_order_relaxed);
}

void ring_take(struct ring *r, uint64_t n)
{
	uint64_t taken = atomic_load_explicit(&r->taken, memory_order_relaxed);

	/* Pairs with the acquire in ring_make_room: we have read them. */
	atomic_store_explicit(&r->taken, taken + n, memory_order_release);
}

uint64_t ring_lost(const struct ring *r)
{
	return atomic_load_explicit(&r->lost, memory_order_relaxed);
}
