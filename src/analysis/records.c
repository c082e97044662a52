/*
 * records.c - numbers in a row, and the heaviest of any stretch.
 *
 * A record takes four bytes: the low bits of its position, which are enough
 * since fewer than RECORDS_KEPT are kept, and its weight. Of every 64 records,
 * and of every 64 such blocks, the first of the heaviest is known, so a
 * stretch is looked through in three strides: single records at its rims,
 * blocks, and blocks of blocks between. Where blocks begin is kept once more
 * by itself: a search among these few is quick, and touches few others.
 */
#include "records.h"

enum {
	BITS = 5, /* of a block */
	BLOCK = 1 << BITS,
	POSITIONS = RECORDS_KEPT * 2 - 1, /* mask of what is stored */
	WEIGHT = RECORD_WEIGHTS - 1,
};

void records_init(struct records *r)
{
	deque_init(&r->all, sizeof(uint32_t), 9);
	deque_init(&r->starts, sizeof(uint32_t), 6);
	deque_init(&r->tops[0], sizeof(uint16_t), 6);
	deque_init(&r->tops[1], sizeof(uint16_t), 6);
}

void records_fini(struct records *r)
{
	deque_fini(&r->all);
	deque_fini(&r->starts);
	deque_fini(&r->tops[0]);
	deque_fini(&r->tops[1]);
}

/* A top is where in its block, times RECORD_WEIGHTS, and the weight. */
static void raise_top(struct deque *d, uint64_t i, unsigned bits, unsigned w)
{
	uint64_t block = i >> bits;
	uint64_t within = i & ((UINT64_C(1) << bits) - 1);
	uint16_t top = (uint16_t)(within * RECORD_WEIGHTS + w), *there;

	if (block == d->end) {
		*(uint16_t *)deque_push(d) = top;
		return;
	}
	there = deque_at(d, block);
	if ((*there & WEIGHT) < w)
		*there = top;
}

void records_add(struct records *r, uint64_t position, unsigned weight)
{
	uint32_t e = (uint32_t)(position & POSITIONS) * RECORD_WEIGHTS + weight;
	uint64_t i = r->all.end;

	*(uint32_t *)deque_push(&r->all) = e;
	if (i % BLOCK == 0)
		*(uint32_t *)deque_push(&r->starts) = e;
	raise_top(&r->tops[0], i, BITS, weight);
	raise_top(&r->tops[1], i, 2 * BITS, weight);
}

void records_drop(struct records *r)
{
	deque_drop(&r->all, r->all.first + 1);
	deque_drop(&r->starts, r->all.first >> BITS);
	deque_drop(&r->tops[0], r->all.first >> BITS);
	deque_drop(&r->tops[1], r->all.first >> 2 * BITS);
}

size_t records_bytes(const struct records *r)
{
	return deque_bytes(&r->all) + deque_bytes(&r->starts) +
	       deque_bytes(&r->tops[0]) + deque_bytes(&r->tops[1]);
}

static uint32_t entry(const struct records *r, uint64_t i)
{
	return *(const uint32_t *)deque_at(&r->all, i);
}

static uint64_t position_of(uint32_t e, uint64_t first)
{
	return first + ((e / RECORD_WEIGHTS - first) & POSITIONS);
}

uint64_t records_position(const struct records *r, uint64_t first, uint64_t i)
{
	return position_of(entry(r, i), first);
}

/* Whether block b begins before that; the first one kept may have lost its
 * begin, but then that was before all that is kept. */
static bool starts_before(const struct records *r, uint64_t b, uint64_t first,
			  uint64_t position)
{
	return position_of(*(const uint32_t *)deque_at(&r->starts, b), first) <
	       position;
}

/* The last block that begins before that, from block `low` on, which counts as
 * one: strides that double, then halves, without a branch in these that could
 * be foretold wrongly. */
static uint64_t find_block(const struct records *r, uint64_t first,
			   uint64_t position, uint64_t low)
{
	uint64_t end = r->starts.end, step = 1, n;

	while (low + step < end &&
	       starts_before(r, low + step, first, position)) {
		low += step;
		step *= 2;
	}
	n = low + step < end ? step : end - low;
	while (n > 1) {
		uint64_t half = n / 2;

		low += starts_before(r, low + half, first, position) ? half : 0;
		n -= half;
	}
	return low;
}

/* As in track.c: what the next question will need. */
static void fetch(const struct records *r, uint64_t b, uint64_t before)
{
	uint64_t next = b + (b - before);
	const char *memory;

	if (next >= r->starts.end || next == b)
		return;
	memory = deque_at(&r->all, next << BITS);
	for (size_t i = 0; i < BLOCK * sizeof(uint32_t); i += 64)
		__builtin_prefetch(memory + i);
}

uint64_t records_find(const struct records *r, uint64_t first,
		      uint64_t position, uint64_t *hint)
{
	uint64_t b, low, n;

	if (r->all.first == r->all.end)
		return r->all.end;
	b = find_block(r, first, position,
		       *hint > r->starts.first ? *hint : r->starts.first);
	fetch(r, b, *hint);
	*hint = b;
	low = b << BITS > r->all.first ? b << BITS : r->all.first;
	n = ((b + 1) << BITS < r->all.end ? (b + 1) << BITS : r->all.end) - low;
	while (n > 0) {
		uint64_t half = (n + 1) / 2;
		uint64_t at = records_position(r, first, low + half - 1);

		low += at < position ? half : 0;
		n -= half;
	}
	return low;
}

/* ---- the heaviest ------------------------------------------------------ */

struct best {
	uint64_t at;
	int weight;
};

static void try_single(const struct records *r, uint64_t from, uint64_t to,
		       struct best *b)
{
	for (uint64_t i = from; i < to; i++) {
		int w = (int)(entry(r, i) & WEIGHT);

		if (w > b->weight)
			*b = (struct best){i, w};
	}
}

static void try_blocks(const struct records *r, unsigned level, uint64_t from,
		       uint64_t to, struct best *b)
{
	for (uint64_t i = from; i < to; i++) {
		unsigned top = *(uint16_t *)deque_at(&r->tops[level], i);
		int w = (int)(top & WEIGHT);

		if (w > b->weight)
			*b = (struct best){(i << BITS * (level + 1)) +
						   top / RECORD_WEIGHTS,
					   w};
	}
}

/* Blocks from .. to - 1, by blocks of blocks where they are whole. */
static void try_middle(const struct records *r, uint64_t from, uint64_t to,
		       struct best *b)
{
	uint64_t low = (from + BLOCK - 1) >> BITS, high = to >> BITS;

	if (low >= high) {
		try_blocks(r, 0, from, to, b);
		return;
	}
	try_blocks(r, 0, from, low << BITS, b);
	try_blocks(r, 1, low, high, b);
	try_blocks(r, 0, high << BITS, to, b);
}

uint64_t records_heaviest(const struct records *r, uint64_t from, uint64_t to)
{
	uint64_t low = (from + BLOCK - 1) >> BITS, high = to >> BITS;
	struct best b = {from, -1};

	if (low >= high) {
		try_single(r, from, to, &b);
		return b.at;
	}
	try_single(r, from, low << BITS, &b);
	try_middle(r, low, high, &b);
	try_single(r, high << BITS, to, &b);
	return b.at;
}
