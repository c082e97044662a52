/*
 * table.c - records of one size, each once, by number.
 *
 * The records lie in one growing block, without an allocation for each; an
 * open-addressing table of 8-byte slots finds them. A slot keeps the upper 36
 * bits of the hash beside the number, so that nearly every comparison of bytes
 * is one that succeeds; but it is the bytes that decide. The place of a slot is
 * given by the uppermost bits, so that doubling the table is one pass in order
 * over both, old and new, and no hash is computed twice.
 */
#include <stdlib.h>

#include "inside.h"

enum { FIRST_BITS = 8, ID_BITS = 28 };

#define ID_MASK ((UINT64_C(1) << ID_BITS) - 1)

_Static_assert(TABLE_MAX < ID_MASK, "an id and one more fit");

void table_init(struct table *t, size_t size)
{
	*t = (struct table){.size = size, .bits = FIRST_BITS};
	t->slots = array_cleared((size_t)1 << t->bits, sizeof *t->slots);
}

void table_fini(struct table *t)
{
	free(t->data);
	free(t->slots);
	*t = (struct table){0};
}

static size_t next_place(const struct table *t, size_t i)
{
	return (i + 1) & (((size_t)1 << t->bits) - 1);
}

static uint64_t slot_of(uint64_t hash, uint32_t id)
{
	return (hash & ~ID_MASK) | (id + 1);
}

static uint32_t id_of(uint64_t slot)
{
	return (uint32_t)(slot & ID_MASK) - 1;
}

static void grow_slots(struct table *t)
{
	uint64_t *old = t->slots;
	size_t n = (size_t)1 << t->bits;

	t->bits++;
	t->slots = array_cleared(n * 2, sizeof *t->slots);
	for (size_t k = 0; k < n; k++) {
		size_t i = old[k] >> (64 - t->bits);

		if (!old[k])
			continue;
		while (t->slots[i])
			i = next_place(t, i);
		t->slots[i] = old[k];
	}
	free(old);
}

static void grow_data(struct table *t)
{
	t->cap = t->cap ? t->cap + t->cap / 2 : 64;
	t->data = xrealloc(t->data, t->cap * t->size);
}

/* Rows are short and made of words: a call for each would cost more. */
static bool same(const struct table *t, const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	if (t->size % sizeof *x != 0)
		return !memcmp(a, b, t->size);
	for (size_t i = 0; i < t->size / sizeof *x; i++)
		if (x[i] != y[i])
			return false;
	return true;
}

/* The place where the record is, or where it belongs. */
static size_t seek(const struct table *t, const void *record, uint64_t hash)
{
	size_t i = hash >> (64 - t->bits);

	for (; t->slots[i]; i = next_place(t, i))
		if ((t->slots[i] ^ hash) <= ID_MASK &&
		    same(t, table_at(t, id_of(t->slots[i])), record))
			break;
	return i;
}

void table_approach(const struct table *t, uint64_t hash)
{
	size_t i = hash >> (64 - t->bits);

	for (; t->slots[i]; i = next_place(t, i))
		if ((t->slots[i] ^ hash) <= ID_MASK) {
			__builtin_prefetch(table_at(t, id_of(t->slots[i])));
			return;
		}
}

uint32_t table_add(struct table *t, const void *record, uint64_t hash)
{
	size_t i = seek(t, record, hash);

	if (t->slots[i])
		return id_of(t->slots[i]);
	assert(t->count < TABLE_MAX);
	if (t->count == t->cap)
		grow_data(t);
	memcpy(t->data + t->size * t->count, record, t->size);
	t->slots[i] = slot_of(hash, (uint32_t)t->count);
	if (++t->count * 4 > ((size_t)3 << t->bits))
		grow_slots(t);
	return (uint32_t)t->count - 1;
}

uint32_t table_find(const struct table *t, const void *record, uint64_t hash)
{
	size_t i;

	if (!t->slots)
		return TABLE_NONE;
	i = seek(t, record, hash);
	return t->slots[i] ? id_of(t->slots[i]) : TABLE_NONE;
}

void table_forget(struct table *t)
{
	free(t->slots);
	t->slots = NULL;
}

size_t table_memory(const struct table *t)
{
	return t->count * t->size + (t->slots ? (size_t)8 << t->bits : 0);
}
