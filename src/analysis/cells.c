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

struct row {
	uint64_t from, width;
	size_t n;
	uint64_t *most; /* ns of each cell's owner */
	struct owner_cell *out;
};

/* One thread after the other: what is known of it lies together. */
static void add_thread(const struct history *h, thread_id t, unsigned region,
		       struct row *r)
{
	const struct track *stays = h->pasts[t].stays[region];
	uint64_t sums[2][REGION_KINDS], hint = 0;
	uint64_t begin = history_clip(h, r->from), end, piece, next;

	piece = track_sum(stays, begin, &hint, sums[0]);
	for (size_t i = 0; i < r->n; i++, begin = end, piece = next) {
		struct owner_cell *c = &r->out[i];
		uint64_t ns;

		end = history_clip(h, r->from + (i + 1) * r->width);
		next = track_sum(stays, end, &hint, sums[~i & 1]);
		ns = sums[~i & 1][REGION_IN] - sums[i & 1][REGION_IN];
		c->fought |= ns && c->owner != THREAD_NONE;
		if (ns <= r->most[i])
			continue;
		r->most[i] = ns;
		c->owner = t;
		c->taken = became(stays, REGION_IN, piece, begin, end, ns);
	}
}

void history_region(const struct history *h, unsigned region, uint64_t from,
		    uint64_t width, size_t n, struct owner_cell *out)
{
	uint64_t *most = xcalloc(n + 1, sizeof *most);
	struct row row = {from, width, n, most, out};

	assert(region < LIMIT_REGIONS);
	for (size_t i = 0; i < n; i++)
		out[i] = (struct owner_cell){.owner = THREAD_NONE};
	for (size_t t = 0; t < h->threads; t++)
		if (h->pasts[t].stays[region])
			add_thread(h, (thread_id)t, region, &row);
	free(most);
}
