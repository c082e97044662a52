/*
 * load.h - finding and compiling a scenario named on the command line.
 */
#ifndef CLI_LOAD_H
#define CLI_LOAD_H

#include "options.h"
#include "threadviz/program.h"

/* A scenario's text, before it is compiled. */
struct source {
	char *name; /* "race" */
	char *file; /* as messages show it: "race.tv" or the path */
	char *text; /* owned */
	size_t len;
};

/*
 * Finds a scenario: a path (with a slash or ending in .tv), ./NAME.tv,
 * NAME.tv in a directory of $THREADVIZ_PATH, an embedded one, or the only
 * embedded one that begins so. Fails with "did you mean".
 */
bool source_find(struct source *, const char *word, struct error *);
void source_fini(struct source *);

/*
 * Compiles the scenario of words[0] with the `name=value` words behind it.
 * NULL if that failed; everything has been said on standard error then.
 */
struct program *program_load(const struct options *);
/* The same without a word: the first mistake goes into the error. */
struct program *program_load_quietly(const struct options *, struct error *);
/* For one word and no parameters. */
struct program *program_load_word(const char *word);

#endif
