/*
 * lanes.h - the inside of the lanes: which step is in which column.
 */
#ifndef TUI_LANES_H
#define TUI_LANES_H

#include "views.h"

struct lanes {
	const struct app *app;
	struct grid *g;
	struct rect r;
	int names;       /* cells of the names on the left */
	int width;       /* of a column */
	size_t per_cell; /* steps of a column, more than 1 only at width 1 */
	size_t first;    /* the first step shown */
	int columns;
	thread_id shown[LIMIT_THREADS]; /* from the top */
	int count;                      /* of them */
	int per_row;                    /* threads that share a row: 1 or 2 */
	int pitch;                      /* rows of a lane, a spare one in it */
	int rows;                       /* all lanes take */
	uint64_t folded;                /* threads that have no lane */
};

size_t lanes_last(const struct lanes *);
int lanes_x(const struct lanes *, size_t step);
void lanes_fill(const struct lanes *, int x, int y, int n, struct style,
		const char *glyph);

/* Rows of values and of owners, from row y on as many as there is room for. */
void lanes_objects(const struct lanes *, int y, const struct world *start);
/* How many there are. */
int lanes_object_rows(const struct app *);

#endif
