/*
 * embedded.h - the scenarios that are part of the binary, written by
 * tools/embed.c from scenarios/ at build time.
 */
#ifndef THREADVIZ_EMBEDDED_H
#define THREADVIZ_EMBEDDED_H

#include <stddef.h>

/* One scenario file. */
struct embedded {
	const char *name; /* "race", without .tv */
	const char *text; /* the file, a NUL added */
	size_t len;       /* without the NUL */
};

extern const struct embedded embedded_scenarios[]; /* sorted by name */
extern const size_t embedded_count;

#endif
