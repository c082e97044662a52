/*
 * timeline.h - a program, the schedule so far, its events and a cursor.
 *
 * Looking back is recomputation in the model: snapshots every 64 steps, at
 * most 63 steps replayed. Position n is the world after n steps (0: start).
 */
#ifndef THREADVIZ_TIMELINE_H
#define THREADVIZ_TIMELINE_H

#include "threadviz/world.h"

/* Events in order. */
struct event_list VEC_OF(struct event);

/* A run of steps taken one by one. */
struct timeline {
	const struct program *program;
	struct schedule schedule;  /* choices taken, in canonical form */
	struct event_list events;  /* steps and marks, in order */
	VEC(size_t) first_event;   /* of step i+1: index into events; marks of
				      the start come before first_event[0] */
	VEC(struct world *) snapshots; /* [k]: after 64 * k steps */
	struct world *last;        /* after all steps */
	struct world *seen;        /* cache of timeline_at */
	size_t seen_at;
	size_t cursor;             /* 0 .. schedule.len: what is looked at */
};

/* Before the first step; the program must outlive it. */
void timeline_init(struct timeline *, const struct program *);
void timeline_fini(struct timeline *);

/* Takes a possible choice at the end: steps the model, records its events and
 * the marks that follow (wants, end, verdict). The cursor stays. */
void timeline_push(struct timeline *, struct choice);
/* Drops all steps after the first n. */
void timeline_cut(struct timeline *, size_t n);
/* The world after n steps; valid until the next call that names the
 * timeline. */
const struct world *timeline_at(struct timeline *, size_t n);
/* The same into the caller's world_size() bytes; touches nothing else. */
void timeline_copy(const struct timeline *, size_t n, struct world *out);
/* The events of step n (1-based), its marks included; 0: marks of the start. */
size_t timeline_events(const struct timeline *, size_t n,
		       const struct event **out);

/* The threads (bit t) that want what they cannot get: blocked by an object's
 * state, not merely because it is another's turn. */
uint64_t timeline_blocked(const struct world *, const struct program *);

#endif
