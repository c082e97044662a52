/*
 * arena.c - memory that is released all at once.
 *
 * A scenario is hundreds of small things that die together. They are cut off
 * the front of large zeroed blocks; a thing that does not fit starts a new
 * block, and one larger than a block gets one to itself. Nothing is freed
 * alone, so an allocation is an addition and fini a walk over a short list.
 *
 * Invariant: the first block of the list is the one being cut; every pointer
 * handed out is aligned to 16, as malloc's are.
 */
#include "threadviz/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 16384, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, size; /* of bytes */
	alignas(ALIGN) unsigned char bytes[];
};

static void *check_memory(void *p, size_t size)
{
	if (!p && size > 0) {
		fprintf(stderr, "threadviz: out of memory (%zu bytes)\n", size);
		abort();
	}
	return p;
}

void *xmalloc(size_t size)
{
	return check_memory(malloc(size), size);
}

void *xrealloc(void *old, size_t size)
{
	return check_memory(realloc(old, size), size);
}

void *xcalloc(size_t count, size_t size)
{
	return check_memory(calloc(count, size), size > 0 ? count : 0);
}

char *xstrdup(const char *text)
{
	size_t size = strlen(text) + 1;

	return memcpy(xmalloc(size), text, size);
}

void arena_init(struct arena *a)
{
	a->blocks = NULL;
}

void arena_fini(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->blocks; b; b = next) {
		next = b->next;
		free(b);
	}
	a->blocks = NULL;
}

static struct arena_block *block_new(size_t size)
{
	struct arena_block *b = xcalloc(1, sizeof *b + size);

	b->size = size;
	return b;
}

/* The block to cut `size` bytes from. */
static struct arena_block *block_for(struct arena *a, size_t size)
{
	struct arena_block *first = a->blocks;
	struct arena_block *b;

	if (first && first->size - first->used >= size)
		return first;
	if (first && size > BLOCK_SIZE / 4) {
		/* Behind the first, which still has room for small things. */
		b = block_new(size);
		b->next = first->next;
		first->next = b;
		return b;
	}
	b = block_new(size > BLOCK_SIZE ? size : BLOCK_SIZE);
	b->next = first;
	a->blocks = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b;
	void *p;

	assert(size <= SIZE_MAX / 2);
	size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	b = block_for(a, size);
	p = b->bytes + b->used;
	b->used += size;
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		check_memory(NULL, SIZE_MAX);
	return arena_alloc(a, bytes);
}

void *arena_copy(struct arena *a, const void *bytes, size_t size)
{
	void *copy = arena_alloc(a, size);

	if (size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

char *arena_strdup(struct arena *a, const char *text)
{
	return arena_copy(a, text, strlen(text) + 1);
}

char *arena_strndup(struct arena *a, const char *text, size_t len)
{
	char *copy;

	len = strnlen(text, len);
	copy = arena_alloc(a, len + 1);
	memcpy(copy, text, len);
	return copy;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list args;
	va_list again;
	int len;
	char *text;

	va_start(args, fmt);
	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	assert(len >= 0);
	text = arena_alloc(a, (size_t)len + 1);
	vsnprintf(text, (size_t)len + 1, fmt, again);
	va_end(again);
	return text;
}
