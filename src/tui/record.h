/*
 * record.h - a session as a film.
 */
#ifndef TUI_RECORD_H
#define TUI_RECORD_H

#include "threadviz/error.h"
#include "threadviz/grid.h"
#include "threadviz/theme.h"

struct record;

/* Begins the film, which replaces the file. */
struct record *record_open(const char *path, const char *title, struct error *);
/* What the terminal shows from now on. Does nothing after a failure; NULL is
 * fine. */
void record_show(struct record *, const struct grid *, enum theme, bool ascii);
/* Ends it. False if it could not be written to its end; NULL is fine. */
bool record_close(struct record *, struct error *);

#endif
