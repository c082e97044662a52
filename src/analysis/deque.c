/*
 * deque.c - chunks, found through a table.
 *
 * What is kept of a long run grows at one end and goes at the other. Chunks of
 * a fixed size never move, so growing copies no more than the table, and what
 * has gone gives its memory back. The table is a ring whose size is a power of
 * two: a number leads to its slot without knowing where the first one is. One
 * chunk that has gone is kept for the next push.
 *
 * Invariant: slots (first >> shift) .. ((end - 1) >> shift) have chunks; the
 * slot of first has one, too, if it is not where a chunk begins.
 */
#include "deque.h"

#include <assert.h>
#include <stdlib.h>

#include "threadviz/arena.h"

void deque_init(struct deque *d, size_t size, unsigned shift)
{
	*d = (struct deque){.size = (uint32_t)size, .shift = shift};
}

static uint64_t chunk_of(const struct deque *d, uint64_t i)
{
	return i >> d->shift;
}

static uint64_t chunks_end(const struct deque *d)
{
	return chunk_of(d, d->end + (UINT64_C(1) << d->shift) - 1);
}

void deque_fini(struct deque *d)
{
	for (uint64_t c = chunk_of(d, d->first); c < chunks_end(d); c++)
		free(d->table[c & d->mask]);
	free(d->spare);
	free(d->table);
	deque_init(d, d->size, d->shift);
}

static void widen(struct deque *d)
{
	size_t slots = d->table ? 2 * (d->mask + 1) : 4;
	unsigned char **table = xcalloc(slots, sizeof *table);

	/* Without a table there are no chunks. NOLINTBEGIN(*NullDereference) */
	for (uint64_t c = chunk_of(d, d->first); c < chunks_end(d); c++)
		table[c & (slots - 1)] = d->table[c & d->mask];
	/* NOLINTEND(*NullDereference) */
	free(d->table);
	d->table = table;
	d->mask = slots - 1;
}

static void add_chunk(struct deque *d)
{
	uint64_t c = chunk_of(d, d->end);

	if (!d->table || c - chunk_of(d, d->first) > d->mask)
		widen(d);
	if (!d->spare) {
		d->spare = xmalloc((size_t)d->size << d->shift);
		d->chunks++;
	}
	d->table[c & d->mask] = d->spare;
	d->spare = NULL;
}

static void remove_chunk(struct deque *d, uint64_t c)
{
	if (d->spare) {
		free(d->spare);
		d->chunks--;
	}
	d->spare = d->table[c & d->mask];
}

static int begins(const struct deque *d, uint64_t i)
{
	return !(i & ((UINT64_C(1) << d->shift) - 1));
}

void *deque_push(struct deque *d)
{
	if (begins(d, d->end))
		add_chunk(d);
	return deque_at(d, d->end++);
}

void deque_pop(struct deque *d)
{
	assert(d->end > d->first);
	if (begins(d, --d->end))
		remove_chunk(d, chunk_of(d, d->end));
}

void deque_drop(struct deque *d, uint64_t first)
{
	uint64_t c = chunk_of(d, d->first);

	assert(first <= d->end);
	if (first <= d->first)
		return;
	for (; c < chunk_of(d, first); c++)
		remove_chunk(d, c);
	d->first = first;
}

size_t deque_bytes(const struct deque *d)
{
	return (d->table ? (d->mask + 1) * sizeof *d->table : 0) +
	       d->chunks * ((size_t)d->size << d->shift);
}
