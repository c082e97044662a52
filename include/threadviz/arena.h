/*
 * arena.h - memory that is released all at once, and malloc that cannot fail.
 *
 * Running out of memory is not an error anybody here can mend: the process
 * says so and aborts.
 */
#ifndef THREADVIZ_ARENA_H
#define THREADVIZ_ARENA_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

struct arena_block;

/* Memory handed out piece by piece and given back as a whole. */
struct arena {
	struct arena_block *blocks; /* newest first; {0} is a valid empty one */
};

/* Makes it empty: the same as {0}. */
void arena_init(struct arena *);
/* Releases everything allocated from it; the arena is empty again. */
void arena_fini(struct arena *);

/* `size` zeroed bytes, aligned to 16; never NULL, valid until arena_fini. */
void *arena_alloc(struct arena *, size_t size);
/* As arena_alloc, for `count` things of `size` bytes each. */
void *arena_array(struct arena *, size_t count, size_t size);
/* A copy of `size` bytes. */
void *arena_copy(struct arena *, const void *bytes, size_t size);
/* A copy of a string. */
char *arena_strdup(struct arena *, const char *);
/* A copy of the first `len` bytes, or fewer if a NUL comes first. */
char *arena_strndup(struct arena *, const char *, size_t len);
/* What printf would print. */
char *arena_printf(struct arena *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* As malloc, realloc, calloc and strdup; abort instead of returning NULL. */
void *xmalloc(size_t size);
void *xrealloc(void *, size_t size);
void *xcalloc(size_t count, size_t size);
char *xstrdup(const char *);

#endif
