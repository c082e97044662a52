/*
 * saved.h - a trace from a file, with the program compiled from it.
 */
#ifndef CLI_SAVED_H
#define CLI_SAVED_H

#include "options.h"
#include "threadviz/timeline.h"
#include "threadviz/tracefile.h"

struct saved {
	struct tracefile file;
	struct program *program;
	struct timeline timeline; /* the run anew; empty of a free run */
	bool differs;             /* the model now gives other events */
};

/* Whether a word of the command line means a trace: it ends in .tvt. */
bool saved_is(const char *word);

/*
 * Reads the file, compiles its scenario and checks the events; a controlled
 * run is repeated in the model. Release with saved_close, also after a
 * failure.
 */
bool saved_open(struct saved *, const char *path, struct error *);
void saved_close(struct saved *);

/* The run with the findings it was saved with. */
struct recording saved_recording(const struct saved *);

#endif
