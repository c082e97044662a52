/*
 * lifeline.h - in which of its states a thread is, record by record.
 */
#ifndef THREADVIZ_LIFELINE_H
#define THREADVIZ_LIFELINE_H

#include "threadviz/shares.h"

enum { LIFELINE_CPUS = 127 }; /* processors that are told apart */

struct lifeline { /* {0}: has not begun */
	uint64_t since;
	enum share state;
	uint16_t cpus; /* 1 + the one it runs on or ran on last; 0: unknown */
	bool begun, ended;
	bool acted;  /* it has a record of its own */
	bool kernel; /* the kernel tells */
	bool waits;  /* if it leaves its processor, it is blocked */
};

static inline bool event_is_switch(const struct event *e)
{
	return e->kind == EVENT_ON_CPU || e->kind == EVENT_OFF_CPU;
}

/* The thread's next record; what it did in `was` up to then, ns. */
uint64_t lifeline_take(struct lifeline *, const struct event *,
		       enum share *was);

#endif
