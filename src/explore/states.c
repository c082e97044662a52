/*
 * states.c - all states found, each once.
 *
 * The worlds lie in one growing block, without an allocation per state; an
 * open-addressing table of 8-byte slots finds them. A slot keeps 32 bits of the
 * hash, so that nearly every comparison of bytes is one that succeeds; but it
 * is the bytes that decide.
 */
#include <stdlib.h>

#include "inside.h"

enum { FIRST_SLOTS = 1024 };

void states_init(struct states *s, size_t size)
{
	*s = (struct states){.size = size, .mask = FIRST_SLOTS - 1};
	s->slots = xcalloc(FIRST_SLOTS, sizeof *s->slots);
}

void states_fini(struct states *s)
{
	free(s->worlds);
	free(s->slots);
	*s = (struct states){0};
}

static uint64_t slot_of(uint64_t hash, state_id id)
{
	return (hash & ~(uint64_t)UINT32_MAX) | (id + 1);
}

/* Doubles the table; hashes are computed anew, as only half of each is kept. */
static void grow_slots(struct states *s)
{
	size_t n = (s->mask + 1) * 2;

	free(s->slots);
	s->slots = xcalloc(n, sizeof *s->slots);
	s->mask = n - 1;
	for (state_id id = 0; id < s->count; id++) {
		uint64_t hash = hash_bytes(states_world(s, id), s->size);
		size_t i = hash & s->mask;

		while (s->slots[i])
			i = (i + 1) & s->mask;
		s->slots[i] = slot_of(hash, id);
	}
}

static void grow_worlds(struct states *s)
{
	s->cap = s->cap ? s->cap + s->cap / 2 : 256;
	s->worlds = xrealloc(s->worlds, s->cap * s->size);
}

/* The slot where the world is, or where it belongs. */
static size_t seek(const struct states *s, const void *world, uint64_t hash)
{
	size_t i = hash & s->mask;

	for (; s->slots[i]; i = (i + 1) & s->mask) {
		uint64_t slot = s->slots[i];

		if ((slot ^ hash) >> 32)
			continue;
		if (!memcmp(states_world(s, (state_id)slot - 1), world,
			    s->size))
			break;
	}
	return i;
}

state_id states_add(struct states *s, const void *world, uint64_t hash,
		    bool *is_new)
{
	size_t i = seek(s, world, hash);

	*is_new = !s->slots[i];
	if (!*is_new)
		return (state_id)s->slots[i] - 1;
	if (s->count == s->cap)
		grow_worlds(s);
	memcpy(s->worlds + s->size * s->count, world, s->size);
	s->slots[i] = slot_of(hash, (state_id)s->count);
	if (++s->count * 4 > (s->mask + 1) * 3)
		grow_slots(s);
	return (state_id)s->count - 1;
}

state_id states_find(const struct states *s, const void *world)
{
	size_t i;

	if (!s->slots)
		return STATE_NONE;
	i = seek(s, world, hash_bytes(world, s->size));
	return s->slots[i] ? (state_id)s->slots[i] - 1 : STATE_NONE;
}

void states_forget(struct states *s)
{
	free(s->slots);
	s->slots = NULL;
}

size_t states_memory(const struct states *s)
{
	return s->cap * s->size + (s->slots ? (s->mask + 1) * 8 : 0);
}
