/*
 * library.h - the scenarios that are part of the binary.
 */
#ifndef CLI_LIBRARY_H
#define CLI_LIBRARY_H

#include "threadviz/app.h"
#include "threadviz/arena.h"
#include "threadviz/vec.h"

struct programs VEC_OF(struct program *);

/* Compiles all of them, in the order of a course: by group, then by name.
 * Release with library_close. */
void library_open(struct programs *);
void library_close(struct programs *);

/* What the chooser shows and opens; its texts live in the arena. */
void library_fill(struct library *, struct arena *);

#endif
