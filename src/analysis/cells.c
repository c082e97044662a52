/*
 * cells.c - what the cells of a picture show.
 *
 * Neighbours share a rim: going from cell to cell, what was true at the end of
 * one is true at the begin of the next, and the sums up to there are known.
 *
 * A lock has one owner at a time, so one track tells who and for how long; in
 * a region several may be, so each thread has a track of its own. Whether a
 * cell's owner came to have it in the cell needs no search either: it did not
 * have it at the begin, or it had it longer than it kept it then.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "past.h"

#include "threadviz/arena.h"

/* ---- lanes ------------------------------------------------------------- */

static void fill_times(const struct past *p, const uint64_t *before,
		       const uint64_t *after, uint64_t piece,
		       struct lane_cell *out)
{
	for (int s = 0; s < SHARES; s++)
		out->ns[s] = after[s] - before[s];
	out->cpu = -1;
	if (out->ns[SHARE_RUNNING])
		out->cpu = (int32_t)track_at(p->lane, piece)->note - 1;
}

static void fill_records(const struct history *h, const struct past *p,
			 uint64_t from, uint64_t to, struct lane_cell *out)
{
	out->records = (uint32_t)(to - from);
	out->gravest = HISTORY_NONE;
	if (from < to)
		out->gravest = records_position(
			&p->records, h->events.first,
			records_heaviest(&p->records, from, to));
}

void history_lane(const struct history *h, thread_id t, uint64_t from,
		  uint64_t width, size_t n, struct lane_cell *out)
{
	uint64_t sums[2][LANE_KINDS], hint = 0, near = 0, record, next;
	const struct past *p = &h->pasts[t];

	assert(t < h->threads);
	record = history_before(h, t, from, &near);
	(void)track_sum(p->lane, history_clip(h, from), &hint, sums[0]);
	for (size_t i = 0; i < n; i++) {
		uint64_t end = from + (i + 1) * width;
		uint64_t piece = track_sum(p->lane, history_clip(h, end), &hint,
					   sums[~i & 1]);

		next = history_before(h, t, end, &near);
		fill_times(p, sums[i & 1], sums[~i & 1], piece, &out[i]);
		fill_records(h, p, record, next, &out[i]);
		record = next;
	}
}

/* ---- owners ------------------------------------------------------------ */

/* Whose time in the cell is longest; times by thread. */
static struct owner_cell judge(const uint64_t *before, const uint64_t *after,
			       size_t threads)
{
	struct owner_cell cell = {.owner = THREAD_NONE};
	uint64_t most = 0;
	unsigned had = 0;

	for (size_t t = 0; t < threads; t++) {
		uint64_t ns = after[t] - before[t];

		had += ns > 0;
		if (ns > most)
			cell.owner = (thread_id)t;
		if (ns > most)
			most = ns;
	}
	cell.fought = had > 1;
	return cell;
}

/* Whether it became `kind` in from .. to - 1, being so for ns in all; `piece`
 * lasted just before. */
static bool became(const struct track *t, unsigned kind, uint64_t piece,
		   uint64_t from, uint64_t to, uint64_t ns)
{
	uint64_t until;

	if (piece == UINT64_MAX || track_at(t, piece)->kind != kind)
		return true;
	until = track_until(t, piece);
	return ns > (until < to ? until : to) - from;
}

void history_owner(const struct history *h, object_id id, int32_t index,
		   uint64_t from, uint64_t width, size_t n,
		   struct owner_cell *out)
{
	uint64_t sums[2][LIMIT_THREADS + 1], hint = 0;
	uint32_t place = places_find(&h->places, id, index);
	const struct track *t = place == NO_PLACE ? NULL : h->owners[place];
	uint64_t begin = history_clip(h, from), piece, next, end;

	for (size_t i = 0; i < n; i++)
		out[i] = (struct owner_cell){.owner = THREAD_NONE};
	if (!t)
		return;
	piece = track_sum(t, begin, &hint, sums[0]);
	for (size_t i = 0; i < n; i++, begin = end, piece = next) {
		const uint64_t *before = sums[i & 1], *after = sums[~i & 1];
		thread_id who;

		end = history_clip(h, from + (i + 1) * width);
		next = track_sum(t, end, &hint, sums[~i & 1]);
		out[i] = judge(before, after, h->threads);
		who = out[i].owner;
		out[i].taken =
			who != THREAD_NONE && became(t, who, piece, begin, end,
						     after[who] - before[who]);
	}
}

/* ---- regions ----------------------------------------------------------- */

struct crowd { /* in a region, at both rims of a cell */
	const struct track *stays[LIMIT_THREADS];
	uint64_t hints[LIMIT_THREADS];
	uint64_t in[2][LIMIT_THREADS]; /* ns so far */
	uint64_t pieces[2][LIMIT_THREADS];
};

static void sum_crowd(struct crowd *c, size_t threads, uint64_t ns, int rim)
{
	uint64_t sums[REGION_KINDS];

	for (size_t t = 0; t < threads; t++) {
		if (!c->stays[t])
			continue;
		c->pieces[rim][t] =
			track_sum(c->stays[t], ns, &c->hints[t], sums);
		c->in[rim][t] = sums[REGION_IN];
	}
}

void history_region(const struct history *h, unsigned region, uint64_t from,
		    uint64_t width, size_t n, struct owner_cell *out)
{
	struct crowd c = {0};
	uint64_t begin = history_clip(h, from), end;

	assert(region < LIMIT_REGIONS);
	for (size_t t = 0; t < h->threads; t++)
		c.stays[t] = h->pasts[t].stays[region];
	sum_crowd(&c, h->threads, begin, 0);
	for (size_t i = 0; i < n; i++, begin = end) {
		const uint64_t *before = c.in[i & 1], *after = c.in[~i & 1];
		thread_id who;

		end = history_clip(h, from + (i + 1) * width);
		sum_crowd(&c, h->threads, end, ~i & 1);
		out[i] = judge(before, after, h->threads);
		who = out[i].owner;
		out[i].taken =
			who != THREAD_NONE &&
			became(c.stays[who], REGION_IN, c.pieces[i & 1][who],
			       begin, end, after[who] - before[who]);
	}
}
