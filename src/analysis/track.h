/*
 * track.h - what something was over time, with sums over any stretch.
 */
#ifndef ANALYSIS_TRACK_H
#define ANALYSIS_TRACK_H

#include <stdbool.h>

#include "deque.h"

enum {
	TRACK_KINDS = 128, /* at most */
	TRACK_NOTE = 128,  /* what a note is below */
};

struct piece {
	uint64_t since : 50; /* ns; until the next piece */
	uint64_t kind : 7;
	uint64_t note : 7;
};

struct track {
	struct deque blocks;   /* ns by kind when it begins, then its pieces */
	uint64_t first, end;   /* pieces first .. end - 1 are kept */
	unsigned kinds, shift; /* a block has 1 << shift pieces */
	uint64_t total[];      /* ns by kind, up to the last piece */
};

/* For kinds 0 .. kinds - 1. */
struct track *track_new(unsigned kinds, unsigned shift);
void track_free(struct track *); /* NULL is fine */
/* From then on it is that. Time never goes back; it ends after 13 days. */
void track_put(struct track *, uint64_t since, unsigned kind, unsigned note);
/* Forgets what was over before then, as far as that is cheap. */
void track_drop(struct track *, uint64_t ns);
size_t track_bytes(const struct track *);

/* The piece that lasts at that time: the last one with since <= ns. At ns
 * before all pieces or without any: false. */
bool track_find(const struct track *, uint64_t ns, uint64_t *at);
static inline struct piece *track_at(const struct track *t, uint64_t i)
{
	uint64_t *sums = deque_at(&t->blocks, i >> t->shift);

	return (struct piece *)(void *)(sums + t->kinds) +
	       (i & ((UINT64_C(1) << t->shift) - 1));
}
/* When piece i ends; UINT64_MAX: has not. */
static inline uint64_t track_until(const struct track *t, uint64_t i)
{
	return i + 1 < t->end ? track_at(t, i + 1)->since : UINT64_MAX;
}
/* ns by kind from some fixed moment up to `ns`, into kinds places. Returns the
 * piece that lasted just before (UINT64_MAX: none is kept). Times that rise
 * from call to call are found faster with the same *hint, at first 0. */
uint64_t track_sum(const struct track *, uint64_t ns, uint64_t *hint,
		   uint64_t *out);

#endif
