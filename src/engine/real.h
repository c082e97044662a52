/*
 * real.h - the shared mapping's layout, and looking at the real objects.
 */
#ifndef ENGINE_REAL_H
#define ENGINE_REAL_H

#include "shared.h"
#include "threadviz/error.h"

/* Plans the layout and maps the memory, zeroed; false if it cannot be had. */
bool real_map(struct real *, const struct program *, struct error *);
void real_unmap(struct real *);

/* The bytes of an element; its type follows from the object's kind. */
void *real_element(const struct real *, object_id, int32_t index);

/* What world_value says of the model: a variable's memory, a count, a lock's
 * owner + 1, how many sleepers. */
int32_t real_value(const struct real *, object_id, int32_t index);
/* BUFFER, QUEUE: the i-th item, oldest first. */
int32_t real_item(const struct real *, object_id, int32_t index, uint32_t i);
/* COND: the sleepers, longest first, into out; returns how many. */
size_t real_sleepers(const struct real *, object_id, int32_t index,
		     thread_id *out);

/* Entries of a thread's store buffer are its place and its value. */
static inline uint64_t store_pack(object_id object, int32_t index,
				  int32_t value)
{
	return (uint64_t)object << 48 | (uint64_t)(uint16_t)index << 32 |
	       (uint32_t)value;
}

static inline object_id store_object(uint64_t entry)
{
	return (object_id)(entry >> 48);
}

static inline int32_t store_index(uint64_t entry)
{
	return (uint16_t)(entry >> 32);
}

static inline int32_t store_value(uint64_t entry)
{
	return (int32_t)(uint32_t)entry;
}

/* The i-th entry of a thread's store buffer, oldest first. */
uint64_t real_store(const struct seat *, uint32_t i);

/* Everything two threads touch is relaxed: see the table in shared.h. */
#define peek(where) atomic_load_explicit((where), memory_order_relaxed)
#define poke(where, value) \
	atomic_store_explicit((where), (value), memory_order_relaxed)

#endif
