/*
 * vec.c - the growing half of vec.h.
 *
 * The macros know the type, this function the bytes. Capacity doubles, so n
 * pushes copy each element about once in all.
 */
#include "threadviz/vec.h"

#include "threadviz/arena.h"

void *vec_grow(void *data, size_t *cap, size_t want, size_t size)
{
	size_t grown = *cap ? *cap : 8;

	if (want <= *cap)
		return data;
	while (grown < want)
		grown *= 2;
	assert(grown <= SIZE_MAX / size);
	*cap = grown;
	return xrealloc(data, grown * size);
}
