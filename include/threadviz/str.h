/*
 * str.h - a string that grows, and the nearest of several names.
 */
#ifndef THREADVIZ_STR_H
#define THREADVIZ_STR_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* {0} is a valid empty one. data may be NULL: read it through str_cstr. */
struct str {
	char *data; /* len bytes and a NUL, or NULL */
	size_t len, cap;
};

/* Each appends: a string, `len` bytes, one byte, what printf would print. */
void str_add(struct str *, const char *);
void str_addn(struct str *, const char *bytes, size_t len);
void str_addc(struct str *, char c);
/* c, n times; none if n is negative. */
void str_pad(struct str *, char c, int n);
void str_addf(struct str *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void str_addv(struct str *, const char *fmt, va_list)
	__attribute__((format(printf, 2, 0)));

/* A length of time in the unit that suits it, with three digits that count:
 * "0", "35 ns", "1.20 ms", "81.0 s". */
void str_add_ns(struct str *, uint64_t ns);

/* Cuts it to its first `len` bytes; does nothing if it is shorter. */
void str_cut(struct str *, size_t len);
/* Forgets the text, keeps the memory. */
void str_clear(struct str *);
/* Releases the memory; it is empty again. */
void str_free(struct str *);

/* The text; never NULL; valid until the next change. */
const char *str_cstr(const struct str *);
/* Hands the text over, never NULL, to be freed by the caller; empty again. */
char *str_take(struct str *);

/*
 * How many letters to insert, remove, change or swap to turn a into b
 * (Damerau-Levenshtein distance, adjacent swaps).
 */
size_t str_distance(const char *a, const char *b);

/*
 * For "did you mean": the name nearest to word, or NULL if none is near (more
 * than a third of its letters wrong, at least one allowed). The first of
 * equals. names may contain NULLs, which are passed over.
 */
const char *str_nearest(const char *word, const char *const *names, size_t n);

#endif
