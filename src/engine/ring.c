/*
 * ring.c - a single-producer single-consumer ring that forgets the oldest.
 *
 * The writer only writes. So it costs the same whoever reads, and what is left
 * of a reader that came too late is the end of the story, which says why a run
 * hangs, not its beginning. The price: the reader may copy a record while it
 * is being overwritten. It copies first and looks at `made` afterwards (a
 * seqlock's reader, with `made` as the sequence): position p shares its place
 * with p + size, which may be half written as soon as made >= p + size.
 *
 *	what         written by  read by  ordered by
 *	words        writer      reader   made, if the copy holds; else, that
 *	                                  it does not: each word's release ->
 *	                                  acquire, then made again
 *	made         writer      reader   release -> acquire
 *	at           writer only          -
 *	taken, lost  reader only          -
 *	mask         before the start     the fork
 *
 * A copied word of position p + size was written after made had become
 * p + size; seeing the word (acquire) means seeing that (relaxed is enough
 * then), and the copy is thrown away. On x86 all these are plain moves.
 *
 * A reader that was lapped while it copied skips a quarter of the ring, lest
 * it be lapped again: one long gap is better than many.
 */
#include "ring.h"

_Static_assert(sizeof(struct event) == RING_WORDS * sizeof(uint64_t),
	       "an event is whole words");
_Static_assert(offsetof(struct event, step) == 8 &&
		       offsetof(struct event, thread) == 12 &&
		       offsetof(struct event, kind) == 13 &&
		       offsetof(struct event, flags) == 14 &&
		       offsetof(struct event, other) == 15 &&
		       offsetof(struct event, object) == 16 &&
		       offsetof(struct event, pc) == 18 &&
		       offsetof(struct event, index) == 20 &&
		       offsetof(struct event, value) == 24 &&
		       offsetof(struct event, extra) == 28,
	       "fields lie where ring_write puts them");

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
}

bool ring_ready(const struct ring *r)
{
	/* Pairs with the release in ring_write. */
	return atomic_load_explicit(&r->made, memory_order_acquire) != r->taken;
}

static void copy_out(struct ring *r, uint64_t at, struct event *out)
{
	_Atomic uint64_t *from = r->words[at & r->mask];
	uint64_t words[RING_WORDS];

	for (size_t i = 0; i < RING_WORDS; i++)
		words[i] = atomic_load_explicit(&from[i], memory_order_acquire);
	/* cppcheck does not know that there is at least one word. */
	/* cppcheck-suppress uninitvar */
	memcpy(out, words, sizeof words);
}

/* Gives up all before that position; returns how many those were. */
static uint64_t skip_to(struct ring *r, uint64_t position)
{
	uint64_t n = position > r->taken ? position - r->taken : 0;

	r->taken += n;
	r->lost += n;
	return n;
}

/* The oldest position that surely is not being overwritten. */
static uint64_t oldest(const struct ring *r, uint64_t made)
{
	return made > r->mask ? made - r->mask : 0;
}

size_t ring_read(struct ring *r, struct event *out, size_t room, uint64_t *lost)
{
	uint64_t made = atomic_load_explicit(&r->made, memory_order_acquire);
	uint64_t gone = 0;
	size_t n;

	*lost = skip_to(r, oldest(r, made));
	n = made - r->taken < room ? (size_t)(made - r->taken) : room;
	for (size_t i = 0; i < n; i++)
		copy_out(r, r->taken + i, &out[i]);
	made = atomic_load_explicit(&r->made, memory_order_relaxed);
	if (oldest(r, made) > r->taken)
		gone = skip_to(r, oldest(r, made) + r->mask / 4);
	*lost += gone;
	gone = gone < n ? gone : n;
	n -= (size_t)gone;
	memmove(out, out + gone, n * sizeof *out);
	r->taken += n;
	return n;
}

uint64_t ring_lost(const struct ring *r)
{
	return r->lost;
}
