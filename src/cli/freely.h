/*
 * freely.h - free runs as lines: one run, and many.
 */
#ifndef CLI_FREELY_H
#define CLI_FREELY_H

#include "run.h"
#include "tape.h"
#include "threadviz/analysis.h"
#include "threadviz/free.h"

/* What was asked for. */
struct freely {
	const struct options *options;
	const struct program *program;
	struct free_options how;
	int64_t repeat;    /* 0: one run */
	struct tape *tape; /* for --save, or NULL */
	struct finding_list found; /* in one run */
	bool json;
};

/* often.c: `repeat` runs, and the exact set beside; the exit status, EXIT_USAGE
 * with an error. */
int freely_often(struct freely *, struct error *);

#endif
