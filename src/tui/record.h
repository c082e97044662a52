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
/* What the terminal shows from now on. False if that could not be written, but
 * only once: the film ends there. NULL is fine. */
bool record_show(struct record *, const struct grid *, enum theme, bool ascii,
		 struct error *);
/* Ends it. False if it could not be written to its end; NULL is fine. */
bool record_close(struct record *, struct error *);

#endif
