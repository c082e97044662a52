/*
 * stays.h - which regions a thread is in, known from the program counter.
 */
#ifndef THREADVIZ_STAYS_H
#define THREADVIZ_STAYS_H

#include "threadviz/event.h"
#include "threadviz/program.h"

/* By instruction; sets of regions (bit r). */
struct stay {
	uint32_t at;   /* parked here: in these */
	uint32_t all;  /* wherever it parks next: surely in these */
	uint32_t some; /* perhaps in these */
	bool reached;  /* by some thread */
};

/* One per instruction, to be freed. */
struct stay *stays_new(const struct program *);
/* In which regions an event says its thread to be, one set after the other:
 * where it stood until now, and what is certain of where it goes. Returns how
 * many sets (0: it says nothing). */
unsigned stays_along(const struct stay *, const struct program *,
		     const struct event *, uint32_t sets[2]);

#endif
