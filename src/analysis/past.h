/*
 * past.h - what the parts of a history share.
 *
 * history.c takes records in and lets the oldest go, cells.c answers what
 * pictures ask, moment.c what one moment was, arrows.c what led to what.
 */
#ifndef ANALYSIS_PAST_H
#define ANALYSIS_PAST_H

#include "grips.h"
#include "threadviz/lifeline.h"
#include "links.h"
#include "records.h"
#include "threadviz/stays.h"
#include "threadviz/history.h"
#include "threadviz/vec.h"
#include "track.h"

/* Kinds of a lane's pieces beside enum share; notes are lifeline.cpus. */
enum { LANE_GONE = SHARES, LANE_KINDS };
/* Kinds of a region's pieces. */
enum { REGION_OUT, REGION_IN, REGION_KINDS };

struct past { /* of a thread */
	struct lifeline life;
	struct records records; /* its own, without the kernel's */
	struct track *lane;
	uint32_t regions;                   /* it is in */
	struct track *stays[LIMIT_REGIONS]; /* NULL: never was in it */
	/* positions, or NONE: who started it, its first record, its end, who
	 * waited for that */
	uint64_t starter, first, end, joiner;
};

struct history {
	const struct program *program;
	size_t capacity, threads;
	uint64_t now; /* ns, of the latest record */
	uint64_t begin; /* ns, of the first thread; UINT64_MAX: not yet */
	struct deque events;
	struct past *pasts;
	struct places places;
	struct grips grips;
	struct track **owners; /* by place: thread, or `threads` for nobody;
				  NULL: never had */
	VEC(uint32_t) owned;   /* places with a track */
	struct stay *stays;
	struct link_table links;
};

static inline const struct event *history_event(const struct history *h,
						uint64_t position)
{
	return deque_at(&h->events, position);
}
/* A moment, as far as it is kept. */
uint64_t history_clip(const struct history *, uint64_t ns);
/* Records of the thread before `ns`: their end in its list. For times that rise
 * the same *hint, at first 0. */
uint64_t history_before(const struct history *, thread_id, uint64_t ns,
			uint64_t *hint);
/* The piece of a lock's track that says who had what a wish is for; false:
 * nobody had it. */
bool history_holding(const struct history *, const struct event *wish,
		     uint64_t ns, uint64_t *piece);

#endif
