/*
 * stays.h - which regions a thread is in, known from the program counter.
 */
#ifndef ANALYSIS_STAYS_H
#define ANALYSIS_STAYS_H

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

#endif
