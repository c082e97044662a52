/*
 * label.h - operations and events in words: the same words on every screen,
 * in --plain, in exports.
 *
 * Labels come in four lengths and are never cut: a view takes the longest that
 * fits.
 */
#ifndef THREADVIZ_LABEL_H
#define THREADVIZ_LABEL_H

#include "threadviz/event.h"
#include "threadviz/program.h"

/* From the longest to one cell. */
enum label_length {
	LABEL_LONG,  /* "read count -> 0", "lock fork[1]" */
	LABEL_SHORT, /* "count -> 0", "+fork[1]" */
	LABEL_TINY,  /* "R 0", "+1" */
	LABEL_CHAR,  /* "r", "+" */
	LABEL_LENGTHS,
};

/* What happened. */
void event_format(const struct program *, const struct event *,
		  enum label_length, struct str *out);

/* What a thread is about to do: "WRITE count <- 1", "lock red". */
void op_format(const struct program *, const struct op *, enum label_length,
	       struct str *out);

/* The condition's mutex of a SLEEP_ON or RETAKE event, its element in index. */
object_id event_mutex(const struct program *, const struct event *,
		      int32_t *index);

/* "race.tv:5" */
void event_place(const struct program *, const struct event *,
		 struct str *out);

/* The source text of that line (1-based), trimmed. */
const char *program_line(const struct program *, unsigned line);

#endif
