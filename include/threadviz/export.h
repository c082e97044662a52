/*
 * export.h - a run for other programs: tables, viewers of traces, slides.
 *
 * Every export appends to out and reads nothing but the recording, so a saved
 * run exports as it did on the day it was made.
 */
#ifndef THREADVIZ_EXPORT_H
#define THREADVIZ_EXPORT_H

#include "threadviz/grid.h"
#include "threadviz/theme.h"
#include "threadviz/tracefile.h"

/* One column a thread, one row a step, then what was found. */
void export_text(const struct recording *, struct str *out);
/* The same as a Markdown table. */
void export_markdown(const struct recording *, struct str *out);
/* One JSON object: scenario, schedule, events in words and numbers, what was
 * found. */
void export_json(const struct recording *, struct str *out);
/* Chrome's JSON trace format; a step of a controlled run lasts 1 us. */
void export_chrome(const struct recording *, struct str *out);
/* Perfetto's protobuf trace format (bytes, not text). */
void export_perfetto(const struct recording *, struct str *out);
/* Lanes: time to the right, a row for each thread and each lock. */
void export_svg(const struct recording *, struct str *out);
/* The table of steps as an asciicast v2, one row a step. */
void export_asciicast(const struct recording *, struct str *out);

/* A row of exports.def. */
struct export_format {
	const char *name;   /* "markdown" */
	void (*write)(const struct recording *, struct str *out);
	const char *suffix; /* "md" */
	const char *help;
};
extern const struct export_format export_formats[]; /* ends with name NULL */

/* The format of that name, or NULL. */
const struct export_format *export_find(const char *name);

/*
 * A film of a terminal, frame by frame: asciicast v2, one JSON value a line.
 * Start with {0}; begin, then the frames in order, each shown from `seconds`
 * after the start. A frame is what has changed since the one before, nothing
 * if it is the same; it may have another size. Release with cast_end.
 */
struct cast {
	struct str shown; /* the rows the player has been told, as ANSI */
	struct str cursor;
	int w, h;
};

void cast_begin(struct cast *, int w, int h, const char *title,
		struct str *out);
void cast_frame(struct cast *, const struct grid *, enum theme, bool ascii,
		double seconds, struct str *out);
void cast_end(struct cast *);

#endif
