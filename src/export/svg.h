/*
 * svg.h - a picture being drawn, for svg.c (the page) and svglanes.c.
 */
#ifndef EXPORT_SVG_H
#define EXPORT_SVG_H

#include "story.h"
#include "threadviz/theme.h"

enum {
	SVG_EDGE = 8, /* px left of the names */
	SVG_TOP = 70,
	SVG_LANE = 34,  /* px from thread to thread */
	SVG_BOX = 22,   /* height of a thread's boxes */
	SVG_THIN = 20,  /* px from lock to lock, from value to value */
	SVG_LETTER = 7, /* px of a letter in a box */
	SVG_INITIAL = 4 * SVG_LETTER, /* px for a value before time begins */
};

struct svg {
	const struct story *story;
	struct str *out;
	uint64_t from; /* ns: the left edge */
	double scale;  /* px of a ns */
	int left;      /* px: where that is */
	size_t rows;   /* below the threads */
	size_t values; /* variables, in rows or not */
	size_t *row;   /* by place: which of them, SVG_NO_ROW: none */
	double drawn[LIMIT_THREADS]; /* px: the last one too narrow to see */
};

#define SVG_NO_ROW SIZE_MAX

/* px: of a time; of a thread's lane, of the first row, of a place's row. */
double svg_x(const struct svg *, uint64_t at);
int svg_thread_y(thread_id);
int svg_rows_y(const struct svg *);
int svg_row_y(const struct svg *, place_id);

/* What the element begun last says under the pointer. */
void svg_title(struct svg *, const char *text);
void svg_text(struct svg *, double x, int y, const char *class,
	      const char *text);
/* A rectangle with such a title; nothing if it is too narrow to be seen. */
void svg_box(struct svg *, uint64_t from, uint64_t to, int y, int h,
	     const char *class, const char *tip);

/* All of a story but its frame: the lanes of threads, the rows of places. */
void svg_lanes(struct svg *);

#endif
