/*
 * handovers.h - who passes what to whom: regions and conditions, counted.
 *
 * A scenario's own lock (the GIL, a ticket, a token) is a region with variables
 * and conditions round it. What matters of it: how often it goes to another
 * thread, how often back to the one who just had it, how often somebody was
 * woken in vain. A fold over events, one at a time; memory does not grow.
 */
#ifndef THREADVIZ_HANDOVERS_H
#define THREADVIZ_HANDOVERS_H

#include "threadviz/event.h"
#include "threadviz/program.h"

/* Of one region. */
struct region_count {
	uint64_t taken;      /* entries */
	uint64_t again;      /* by the thread that was the last to enter */
	uint64_t handovers;  /* by another */
	uint64_t late;       /* after a wait that timed out */
	uint64_t held, longest; /* ns with somebody inside */
	unsigned most;       /* how many were ever inside at a time */
	thread_id last;      /* who entered last, or THREAD_NONE */
	uint64_t taken_by[LIMIT_THREADS], late_by[LIMIT_THREADS];
};

/* Of one condition. */
struct cond_count {
	uint64_t woken;    /* waits that ended by a wake-up */
	uint64_t timeouts; /* and by a time-out */
	uint64_t vain;     /* woken, looked, and slept again */
};

struct handovers;

/* Nothing counted yet; the program must outlive it. */
struct handovers *handovers_new(const struct program *);
void handovers_free(struct handovers *); /* NULL is fine */
/* The next n records, in order. */
void handovers_add(struct handovers *, const struct event *, size_t n);
/* Of a region, by its index in program.regions. */
const struct region_count *handovers_region(const struct handovers *,
					    unsigned region);
/* Of a condition's element that exists. */
const struct cond_count *handovers_cond(const struct handovers *, object_id,
					int32_t index);
/* Records that never came: if not 0, every count is "at least". */
uint64_t handovers_lost(const struct handovers *);
/* A line for each exclusive region and each condition that was used: "gil: 35
 * handed over, 0 taken again by who let go, held at most 5.1 ms"; nothing if
 * none was. */
void handovers_format(const struct handovers *, struct str *out);

#endif
