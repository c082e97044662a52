/*
 * hash.h - a fast hash of bytes. Not stable between versions: never saved.
 */
#ifndef THREADVIZ_HASH_H
#define THREADVIZ_HASH_H

#include <stddef.h>
#include <stdint.h>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wundef"
#define XXH_INLINE_ALL
#include <xxhash.h>
#pragma GCC diagnostic pop

/* XXH3 (Collet), 64 bits. */
static inline uint64_t hash_bytes(const void *bytes, size_t len)
{
	return XXH3_64bits(bytes, len);
}

#endif
