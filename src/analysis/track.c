/*
 * track.c - pieces of time in a row, and how much of each kind up to where.
 *
 * A piece says since when and what; it lasts until the next. How long each kind
 * lasted between two moments is the difference of two running sums. Keeping
 * them for every piece would cost more than the pieces, so they are kept for
 * every block of them: a search leads to the block, a short walk through it to
 * the moment.
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
	deque_init(&t->pieces, sizeof(struct piece), shift);
	deque_init(&t->sums, kinds * sizeof t->total[0], 3);
	return t;
}

void track_free(struct track *t)
{
	if (!t)
		return;
	deque_fini(&t->pieces);
	deque_fini(&t->sums);
	free(t);
}

static bool begins_block(const struct track *t, uint64_t i)
{
	return !(i & ((UINT64_C(1) << t->shift) - 1));
}

static struct piece *last(const struct track *t)
{
	const struct deque *d = &t->pieces;

	return d->end > d->first ? deque_at(d, d->end - 1) : NULL;
}

static void append(struct track *t, struct piece p)
{
	const struct piece *before = last(t);

	if (before)
		t->total[before->kind] += p.since - before->since;
	if (begins_block(t, t->pieces.end))
		memcpy(deque_push(&t->sums), t->total,
		       t->kinds * sizeof t->total[0]);
	*(struct piece *)deque_push(&t->pieces) = p;
}

static void remove_last(struct track *t)
{
	uint64_t since = last(t)->since;

	deque_pop(&t->pieces);
	if (begins_block(t, t->pieces.end))
		deque_pop(&t->sums);
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
	struct deque *d = &t->pieces;
	uint64_t block = UINT64_C(1) << t->shift;

	while (d->first + block < d->end &&
	       track_at(t, d->first + block)->since <= ns)
		deque_drop(d, d->first + block);
	deque_drop(&t->sums, d->first >> t->shift);
}

size_t track_bytes(const struct track *t)
{
	return t ? sizeof *t + t->kinds * sizeof t->total[0] +
			       deque_bytes(&t->pieces) + deque_bytes(&t->sums)
		 : 0;
}

/* ---- looking ----------------------------------------------------------- */

/* The last block in low .. high - 1 that begins by then; low does. */
static uint64_t find_block(const struct track *t, uint64_t ns, uint64_t low,
			   uint64_t high)
{
	while (high - low > 1) {
		uint64_t middle = low + (high - low) / 2;

		if (track_at(t, middle << t->shift)->since <= ns)
			low = middle;
		else
			high = middle;
	}
	return low;
}

static uint64_t blocks_end(const struct track *t)
{
	return (t->pieces.end + (UINT64_C(1) << t->shift) - 1) >> t->shift;
}

/* At least one piece, and the first has begun. */
static bool has_begun(const struct track *t, uint64_t ns)
{
	const struct deque *d = &t->pieces;

	return d->end > d->first && track_at(t, d->first)->since <= ns;
}

bool track_find(const struct track *t, uint64_t ns, uint64_t *at)
{
	uint64_t i;

	if (!has_begun(t, ns))
		return false;
	i = find_block(t, ns, t->pieces.first >> t->shift, blocks_end(t));
	i <<= t->shift;
	while (track_until(t, i) <= ns)
		i++;
	*at = i;
	return true;
}

/* From `low` on, which begins by then: strides that double, then halves. */
static uint64_t gallop(const struct track *t, uint64_t ns, uint64_t low)
{
	uint64_t end = blocks_end(t), step = 1;

	while (low + step < end &&
	       track_at(t, (low + step) << t->shift)->since <= ns) {
		low += step;
		step *= 2;
	}
	return find_block(t, ns, low, low + step < end ? low + step : end);
}

void track_sum(const struct track *t, uint64_t ns, uint64_t *hint,
	       uint64_t *out)
{
	uint64_t first = t->pieces.first >> t->shift, b, i;

	if (t->pieces.end == t->pieces.first) {
		memset(out, 0, t->kinds * sizeof *out);
		return;
	}
	b = *hint > first ? *hint : first;
	if (has_begun(t, ns))
		b = gallop(t, ns, b);
	*hint = b;
	memcpy(out, deque_at(&t->sums, b), t->kinds * sizeof *out);
	for (i = b << t->shift; i < t->pieces.end; i++) {
		const struct piece *p = track_at(t, i);
		uint64_t until = track_until(t, i);

		if (p->since >= ns)
			break;
		out[p->kind] += (until < ns ? until : ns) - p->since;
	}
}
