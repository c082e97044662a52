/*
 * histogram.h - a thousand real runs, and as many with chaos, counted beside
 * the exact outcomes.
 */
#ifndef TUI_HISTOGRAM_H
#define TUI_HISTOGRAM_H

#include "threadviz/app.h"
#include "threadviz/repeat.h"
#include "threadviz/tally.h"

enum {
	HISTOGRAM_RUNS = 1000, /* of each kind */
	HISTOGRAM_SECONDS = 2, /* for one: a hall does not wait any longer */
};

struct histogram {
	const struct program *program;
	struct tally *tally;
	uint64_t wanted;                       /* runs of each kind */
	struct repeat *repeats[TALLY_COLUMNS]; /* under way, or NULL */
	enum tally_column turn;                /* whose run is next */
	int32_t *values;      /* of the run that has just ended */
	bool searching;       /* the exact set is still to come */
	uint64_t cut[TALLY_COLUMNS]; /* runs stopped when their time was over */
	uint64_t unexplained; /* runs that the model cannot explain */
	struct str mismatch;  /* what the first of them did */
	int64_t ms;           /* spent so far */
	int64_t last;         /* when it was looked at last; 0: it rests */
	struct str error;     /* why it goes on no more */
};

struct histogram *histogram_new(const struct program *);
void histogram_free(struct histogram *); /* NULL is fine */
/* Whether all runs were made, or no more can be. */
bool histogram_is_done(const struct histogram *);
/* Makes runs for some milliseconds; whether there is something new. */
bool histogram_work(struct histogram *);

/* Into a rectangle, from the row `first` of the table on. */
void histogram_paint(const struct histogram *, struct grid *, struct rect,
		     size_t first);

#endif
