/*
 * track.c - pieces of time in a row, and how much of each kind up to where.
 *
 * A piece says since when and what; it lasts until the next. How long each kind
 * lasted between two moments is the difference of two running sums. Keeping
 * them for every piece would cost more than the pieces, so they are kept for
 * every block of them, beside it in memory: a search leads to the block, a
 * short walk through it to the moment.
 *
 * Invariant: block b's sums are those of the moment at which its first piece
 * begins; whole blocks are forgotten, so the first piece kept begins one.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "track.h"

#include "threadviz/arena.h"

struct track *track_new(unsigned kinds, unsigned shift)
{
	struct track *t = xcalloc(1, sizeof *t + kinds * sizeof t->total[0]);

	t->kinds = kinds;
	t->shift = shift;
	deque_init(&t->blocks,
		   kinds * sizeof t->total[0] + (sizeof(struct piece) << shift),
		   2);
	return t;
}

void track_free(struct track *t)
{
	if (t)
		deque_fini(&t->blocks);
	free(t);
}

static bool begins_block(const struct track *t, uint64_t i)
{
	return !(i & ((UINT64_C(1) << t->shift) - 1));
}

static struct piece *last(const struct track *t)
{
	return t->end > t->first ? track_at(t, t->end - 1) : NULL;
}

static void append(struct track *t, struct piece p)
{
	const struct piece *before = last(t);

	if (before)
		t->total[before->kind] += p.since - before->since;
	if (begins_block(t, t->end))
		memcpy(deque_push(&t->blocks), t->total,
		       t->kinds * sizeof t->total[0]);
	*track_at(t, t->end++) = p;
}

static void remove_last(struct track *t)
{
	uint64_t since = last(t)->since;

	if (begins_block(t, --t->end))
		deque_pop(&t->blocks);
	if (last(t))
		t->total[last(t)->kind] -= since - last(t)->since;
}

static bool same(const struct piece *a, struct piece b)
{
	return a && a->kind == b.kind && a->note == b.note;
}

void track_put(struct track *t, uint64_t since, unsigned kind, unsigned note)
{
	const uint64_t latest = (UINT64_C(1) << 50) - 1;
	struct piece p = {.since = since < latest ? since & latest : latest,
			  .kind = kind & (TRACK_KINDS - 1),
			  .note = note & (TRACK_NOTE - 1)};

	if (last(t) && last(t)->since == p.since)
		remove_last(t);
	if (!same(last(t), p))
		append(t, p);
}

void track_drop(struct track *t, uint64_t ns)
{
	uint64_t block = UINT64_C(1) << t->shift;

	while (t->first + block < t->end &&
	       track_at(t, t->first + block)->since <= ns)
		t->first += block;
	deque_drop(&t->blocks, t->first >> t->shift);
}

size_t track_bytes(const struct track *t)
{
	return t ? sizeof *t + t->kinds * sizeof t->total[0] +
			       deque_bytes(&t->blocks)
		 : 0;
}

/* ---- looking ----------------------------------------------------------- */

/* The last block in low .. high - 1 that begins by then; low does. Halves
 * without a branch that could be foretold wrongly. */
static uint64_t find_block(const struct track *t, uint64_t ns, uint64_t low,
			   uint64_t high)
{
	uint64_t n = high - low;

	while (n > 1) {
		uint64_t half = n / 2;
		uint64_t since = track_at(t, (low + half) << t->shift)->since;

		low += since <= ns ? half : 0;
		n -= half;
	}
	return low;
}

/* At least one piece, and the first has begun. */
static bool has_begun(const struct track *t, uint64_t ns)
{
	return t->end > t->first && track_at(t, t->first)->since <= ns;
}

bool track_find(const struct track *t, uint64_t ns, uint64_t *at)
{
	uint64_t i;

	if (!has_begun(t, ns))
		return false;
	i = find_block(t, ns, t->blocks.first, t->blocks.end) << t->shift;
	while (track_until(t, i) <= ns)
		i++;
	*at = i;
	return true;
}

/* From `low` on, which begins by then: strides that double, then halves. */
static uint64_t gallop(const struct track *t, uint64_t ns, uint64_t low)
{
	uint64_t end = t->blocks.end, step = 1;

	while (low + step < end &&
	       track_at(t, (low + step) << t->shift)->since <= ns) {
		low += step;
		step *= 2;
	}
	return find_block(t, ns, low, low + step < end ? low + step : end);
}

/* Adds the pieces of block b up to ns; the last of them. */
static uint64_t add_pieces(const struct track *t, uint64_t b, uint64_t ns,
			   uint64_t *out)
{
	uint64_t i = b << t->shift, left = t->end - i;
	const struct piece *p = track_at(t, i);
	const struct piece *end =
		p + (left >> t->shift ? UINT64_C(1) << t->shift : left);

	if (p->since >= ns)
		return UINT64_MAX;
	for (; p + 1 < end && p[1].since < ns; p++, i++)
		out[p->kind] += p[1].since - p->since;
	out[p->kind] += ns - p->since;
	return i;
}

/* The block after b as far on as b is after the one before: where the next
 * question will lead, if times rise evenly. */
static void fetch(const struct track *t, uint64_t b, uint64_t before)
{
	uint64_t next = b + (b - before);
	const char *memory;

	if (next >= t->blocks.end || next == b)
		return;
	memory = deque_at(&t->blocks, next);
	for (size_t i = 0; i < t->blocks.size; i += 64)
		__builtin_prefetch(memory + i);
}

uint64_t track_sum(const struct track *t, uint64_t ns, uint64_t *hint,
		   uint64_t *out)
{
	uint64_t b = *hint > t->blocks.first ? *hint : t->blocks.first;

	if (t->end == t->first) {
		memset(out, 0, t->kinds * sizeof *out);
		return UINT64_MAX;
	}
	if (has_begun(t, ns))
		b = gallop(t, ns ? ns - 1 : 0, b);
	fetch(t, b, *hint);
	*hint = b;
	memcpy(out, deque_at(&t->blocks, b), t->kinds * sizeof *out);
	return add_pieces(t, b, ns, out);
}
