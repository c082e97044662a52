/*
 * past.h - what the parts of a history share.
 *
 * history.c takes records in and lets the oldest go, moment.c looks at what
 * was, arrows.c at what led to what.
 */
#ifndef ANALYSIS_PAST_H
#define ANALYSIS_PAST_H

#include "lifeline.h"
#include "records.h"
#include "threadviz/history.h"
#include "track.h"

/* Kinds of a lane's pieces beside enum share; notes are lifeline.cpus. */
enum { LANE_GONE = SHARES, LANE_KINDS };

struct past { /* of a thread */
	struct lifeline life;
	struct records records; /* its own, without the kernel's */
	struct track *lane;
};

struct history {
	const struct program *program;
	size_t capacity, threads;
	uint64_t now; /* ns, of the latest record */
	struct deque events;
	struct past *pasts;
};

static inline const struct event *history_event(const struct history *h,
						uint64_t position)
{
	return deque_at(&h->events, position);
}

#endif
