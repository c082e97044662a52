/*
 * vec.h - a growable array of any type.
 *
 *	VEC(int) v = {0};               {0} is a valid empty one
 *	vec_push(&v, 7);
 *	for (size_t i = 0; i < v.len; i++)
 *		use(v.data[i]);
 *	vec_free(&v);
 *
 * A type with a name: `struct numbers VEC_OF(int);`. The elements are v.data[0]
 * to v.data[v.len - 1]; their addresses last until the next push.
 */
#ifndef THREADVIZ_VEC_H
#define THREADVIZ_VEC_H

#include <assert.h>
#include <stddef.h>
#include <stdlib.h>

#define VEC_OF(T) { T *data; size_t len, cap; }
#define VEC(T) struct VEC_OF(T)

/* Makes room for n elements in all; what is there stays. */
#define vec_reserve(v, n) \
	((v)->data = vec_grow((v)->data, &(v)->cap, (n), sizeof *(v)->data))

/* Appends a value; x is evaluated once, after the array has grown. */
#define vec_push(v, ...) \
	(vec_reserve((v), (v)->len + 1), \
	 (void)((v)->data[(v)->len++] = __VA_ARGS__))

/* Removes the last element and is its value; there must be one. */
#define vec_pop(v) ((v)->data[vec_shrink(&(v)->len)])

/* The last element, as something to assign to; there must be one. */
#define vec_last(v) ((v)->data[(v)->len - 1])

/* Forgets the elements, keeps the memory. */
#define vec_clear(v) ((void)((v)->len = 0))

/* Releases the memory; v is empty again. */
#define vec_free(v) \
	(free((v)->data), (v)->data = NULL, (void)((v)->len = (v)->cap = 0))

/* For the macros: one element fewer; returns how many are left. */
static inline size_t vec_shrink(size_t *len)
{
	assert(*len > 0);
	return --*len;
}

/* For the macros: data with room for `want` elements, doubling. */
void *vec_grow(void *data, size_t *cap, size_t want, size_t size);

#endif
