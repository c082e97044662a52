/*
 * options.h - what the command line said.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "threadviz/cli.h"
#include "threadviz/error.h"

enum option_id {
#define OPTION(id, name, letter, arg, commands, help) OPTION_##id,
#include "threadviz/options.def"
#undef OPTION
	OPTION_COUNT,
};

struct option_info {
	const char *name;
	char letter;          /* or 0 */
	const char *argument; /* what stands for it in help; NULL: none */
	const char *commands; /* names separated by blanks, or "*" */
	const char *help;
};
extern const struct option_info option_info[OPTION_COUNT];

struct options {
	const char *value[OPTION_COUNT]; /* "" if given without argument;
					    NULL if not given */
	const char **words; /* what is left: scenario, params, files */
	size_t word_count;
};

struct command {
	const char *name;
	int (*run)(const struct options *);
	const char *arguments;
	const char *help;
};
extern const struct command commands[];
extern const size_t command_count;

/* Whether the command takes the option; command "" is the bare program. */
bool option_for(enum option_id, const char *command);

/*
 * Reads argv[0..argc-1], all of it belonging to the named command. Fails on an
 * option that nobody knows (did you mean), that this command does not take, or
 * that misses its argument. Release words with options_fini.
 */
bool options_parse(struct options *, const char *command, int argc, char **argv,
		   struct error *);
void options_fini(struct options *);

static inline bool options_has(const struct options *o, enum option_id id)
{
	return o->value[id] != NULL;
}

/* The option as a number from low to high; *out stays if it is not given. */
bool options_number(const struct options *, enum option_id, int64_t low,
		    int64_t high, int64_t *out, struct error *);
/* "80x24". *w and *h stay if --size is not given. */
bool options_size(const struct options *, int *w, int *h, struct error *);

/* Prints "threadviz: SENTENCE" on standard error; returns EXIT_USAGE. */
int complain(const struct error *);

int cli_run(const struct options *);
int cli_check(const struct options *);
int cli_test(const struct options *);
int cli_replay(const struct options *);
int cli_export(const struct options *);
int cli_shot(const struct options *);
int cli_list(const struct options *);
int cli_show(const struct options *);
int cli_completion(const struct options *);
/* The help of one command, or of the program if command is NULL. */
void help_print(const struct command *);
/* The scenario chooser, or a scenario on the screen. */
int screen_open(const struct options *);

#endif
