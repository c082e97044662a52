/*
 * links.h - the records at each object's elements, sorted by what they do.
 */
#ifndef ANALYSIS_LINKS_H
#define ANALYSIS_LINKS_H

#include "deque.h"
#include "grips.h"
#include "threadviz/vec.h"

struct token { /* a signal whose sleepers are not all back yet */
	uint64_t signal;
	int32_t left;
};

/* Of one element. Lists hold the low 32 bits of positions. */
struct links {
	/* writes; unlocks; signals; posts; sets; arrivals; puts; counts */
	struct deque gives;
	/* reads; locks; retakes; waits; leavings; gets */
	struct deque takes;
	/* readers' unlocks; clears; done, join */
	struct deque rest;
	struct deque
		wakers; /* CONDITION: what woke takes[i]; itself: nothing */
	VEC(struct token) tokens;
	/* Queues: takes[i] got what gives[i + ahead] put, where both are at
	 * least so far; see links.c. */
	bool exact;
	uint64_t ahead, first_give, first_take;
};

struct link_table {
	const struct places *places;
	struct links **all; /* by place; NULL: nothing happened there */
	VEC(uint32_t) used; /* places that have some */
	uint64_t base;      /* no position in a list is before it */
	uint64_t asleep[LIMIT_THREADS]; /* where the thread's sleep began */
};

void links_init(struct link_table *, const struct places *);
void links_fini(struct link_table *);
/* The next record of a thread, and what grips_take has just said of it. */
void links_add(struct link_table *, const struct event *, uint64_t position,
	       const struct grips *, enum grasp);
/* Positions before `first` go. */
void links_drop(struct link_table *, uint64_t first);
size_t links_bytes(const struct link_table *);

/* Those of the element that an operation is done to; NULL: none. */
struct links *links_of_event(const struct link_table *, const struct event *);
/* The position in place i of a list. */
uint64_t links_at(const struct link_table *, const struct deque *, uint64_t i);
/* The first place in a list with that position or a later one. */
uint64_t links_find(const struct link_table *, const struct deque *,
		    uint64_t position);

/* Of a record that got what it tried. */
static inline bool links_succeeded(const struct event *e)
{
	return !(e->flags & (EVENT_WANTS | EVENT_CRASH | EVENT_FAILED)) &&
	       (!(e->flags & EVENT_TIMEOUT) || e->kind == OP_RETAKE_FOR);
}

#endif
