/*
 * records.h - a thread's records by their positions, each with its weight.
 */
#ifndef ANALYSIS_RECORDS_H
#define ANALYSIS_RECORDS_H

#include <stdbool.h>

#include "deque.h"

enum { RECORD_WEIGHTS = 8, RECORDS_KEPT = 1 << 28 /* at most */ };

struct records {
	struct deque all;     /* position * RECORD_WEIGHTS + weight */
	struct deque starts;  /* of a block: its first's position */
	struct deque tops[2]; /* the heaviest of a block, of 64 blocks */
};

void records_init(struct records *);
void records_fini(struct records *);
void records_add(struct records *, uint64_t position, unsigned weight);
/* The oldest one goes; there must be one. */
void records_drop(struct records *);
size_t records_bytes(const struct records *);

/* What follows counts positions from `first`, the oldest one kept. */

/* The first record at `position` or later, or records.all.end. Positions that
 * rise from call to call are found faster with the same *hint, at first 0. */
uint64_t records_find(const struct records *, uint64_t first, uint64_t position,
		      uint64_t *hint);
uint64_t records_position(const struct records *, uint64_t first, uint64_t i);
/* The first of the heaviest among records from .. to - 1; from < to. */
uint64_t records_heaviest(const struct records *, uint64_t from, uint64_t to);

#endif
