/*
 * utf8.h - code points in byte strings, and how many cells they take.
 *
 * Nothing here reads past the end it is given, and bad bytes do no harm: each
 * one counts as one U+FFFD of width 1.
 */
#ifndef THREADVIZ_UTF8_H
#define THREADVIZ_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_BAD ((uint32_t)0xfffd)
#define UTF8_MAX 4 /* bytes of one code point */

/*
 * The code point at the start of `len` bytes (len >= 1) into *out; returns how
 * many bytes it takes. Bad bytes: UTF8_BAD and 1.
 */
size_t utf8_decode(const char *bytes, size_t len, uint32_t *out);

/* Its bytes, without a NUL; returns how many. What is no code point is
 * written as UTF8_BAD. */
size_t utf8_encode(uint32_t code, char out[UTF8_MAX]);

/* Whether all of the bytes are good; if not, *where (may be NULL) is the
 * offset of the first bad one. */
bool utf8_valid(const char *bytes, size_t len, size_t *where);

/* Cells of one code point: 0 combining and control, 2 wide, else 1. */
int utf8_code_width(uint32_t code);

/* Cells of a string. */
int utf8_width(const char *);
/* Cells of its first `len` bytes. */
int utf8_widthn(const char *, size_t len);

/* How many bytes of the string fit in `cells`, whole characters with the marks
 * that combine with them. */
size_t utf8_fit(const char *, int cells);

#endif
