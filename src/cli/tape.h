/*
 * tape.h - what a free run recorded, kept to be saved.
 */
#ifndef CLI_TAPE_H
#define CLI_TAPE_H

#include <stddef.h>

#include "threadviz/analysis.h"
#include "threadviz/error.h"
#include "threadviz/event.h"
#include "threadviz/program.h"

struct tape;

/* Keeps the newest `capacity` records; 0: four million. */
struct tape *tape_new(size_t capacity);
void tape_free(struct tape *); /* NULL is fine */

/* The next records of free_poll. NULL keeps nothing. */
void tape_add(struct tape *, const struct event *, size_t n);
/* Forgets everything: another run begins. */
void tape_rewind(struct tape *);
/* Writes the trace; what there was no room for is a record of loss at its
 * beginning. findings may be NULL. */
bool tape_save(const struct tape *, const struct program *,
	       const struct finding_list *, const char *path, struct error *);

#endif
