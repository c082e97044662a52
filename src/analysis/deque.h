/*
 * deque.h - a queue of equal things that are known by number for ever.
 */
#ifndef ANALYSIS_DEQUE_H
#define ANALYSIS_DEQUE_H

#include <stddef.h>
#include <stdint.h>

/* Things first .. end - 1 are there. */
struct deque {
	unsigned char **table; /* chunk c in slot c & mask */
	uint64_t first, end;
	uint32_t size;  /* bytes of one */
	uint32_t shift; /* a chunk has 1 << shift */
	size_t mask;    /* slots - 1 */
	size_t chunks;  /* allocated, the spare one too */
	unsigned char *spare;
};

/* Allocates nothing before the first push. */
void deque_init(struct deque *, size_t size, unsigned shift);
void deque_fini(struct deque *);
/* Room for one more at the end, to be filled. */
void *deque_push(struct deque *);
/* The last one goes; there must be one. */
void deque_pop(struct deque *);
/* All before number `first` (at most end) go. */
void deque_drop(struct deque *, uint64_t first);
/* Memory in use, bytes. */
size_t deque_bytes(const struct deque *);

/* Valid until it goes. */
static inline void *deque_at(const struct deque *d, uint64_t i)
{
	size_t within = (size_t)i & (((size_t)1 << d->shift) - 1);

	return d->table[(size_t)(i >> d->shift) & d->mask] + within * d->size;
}

#endif
