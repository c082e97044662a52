/*
 * unit.h - what the stages of one compilation share.
 */
#ifndef THREADVIZ_LANG_UNIT_H
#define THREADVIZ_LANG_UNIT_H

#include <stdarg.h>

#include "threadviz/lang.h"
#include "words.h"

/* A stretch of the text, within one line. */
struct span {
	uint32_t start, length; /* bytes */
	uint32_t line, column;  /* 1-based; the column in characters */
};

struct unit {
	struct arena *arena; /* dies with the compilation */
	const char *text;
	size_t len;
	struct names names;
	struct diagnostics *diag;
	size_t effort; /* spent so far on finding near words */
};

/* From the beginning of one stretch to the end of another in its line. */
static inline struct span span_join(struct span from, struct span to)
{
	if (to.line == from.line && to.start + to.length > from.start)
		from.length = to.start + to.length - from.start;
	return from;
}

/* Records a mistake at a stretch of the text; the sentence has no newline. */
void mistake(struct unit *, struct span, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with "did you mean" after it, unless nearest is NULL. */
void mistake_nearest(struct unit *, struct span, const char *nearest,
		     const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void mistake_nearest_v(struct unit *, struct span, const char *nearest,
		       const char *fmt, va_list)
	__attribute__((format(printf, 4, 0)));

void warning(struct unit *, struct span, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * As str_nearest, but gives up for good once that has taken much time or there
 * are very many mistakes, as only hostile input has. Takes names that cannot be
 * near out of the list.
 */
const char *nearest(struct unit *, const char *word, const char **names,
		    size_t count);
/* Whether it has given up. */
bool is_hopeless(const struct unit *);

/* Sorts by place, keeps the first LIMIT_MISTAKES and counts the rest. */
void diagnostics_finish(struct diagnostics *, size_t from);

#endif
