/*
 * command.c - from the command line to one command.
 *
 * The first word is a subcommand, or else a scenario, as if `run` stood before
 * it. A scenario that is called like a subcommand is reached through `run`.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "options.h"
#include "threadviz/version.h"

const struct command commands[] = {
#define COMMAND(n, f, a, h) {.name = n, .run = f, .arguments = a, .help = h},
#include "threadviz/commands.def"
#undef COMMAND
};
const size_t command_count = sizeof commands / sizeof *commands;

static const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int run_command(const struct command *c, int argc, char **argv)
{
	struct options o;
	struct error err = {0};
	int status;

	if (!options_parse(&o, c ? c->name : "", argc, argv, &err)) {
		options_fini(&o);
		return complain(&err);
	}
	if (options_has(&o, OPTION_HELP)) {
		help_print(c);
		status = EXIT_GOOD;
	} else if (options_has(&o, OPTION_VERSION)) {
		puts("threadviz " THREADVIZ_VERSION);
		status = EXIT_GOOD;
	} else if (c) {
		status = c->run(&o);
	} else if (o.word_count) {
		status = cli_run(&o);
	} else {
		status = screen_open(&o);
	}
	options_fini(&o);
	return status;
}

/*
 * Where a caller closed one of the first three descriptors, the next file
 * opened would get its number, and what is printed would land in it.
 */
static void fill_descriptors(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

/* What was printed has arrived, or that is said and the status tells; once. */
static int close_output(int status)
{
	struct error err = {0};
	bool bad = ferror(stdout);

	errno = 0;
	if ((fflush(stdout) == 0 && !bad) || status == EXIT_USAGE)
		return status;
	fail(&err, "standard output: %s",
	     errno ? strerror(errno) : "not all could be written");
	return complain(&err);
}

int cli_main(int argc, char **argv)
{
	const struct command *c = argc > 1 ? command_find(argv[1]) : NULL;
	int skip = c ? 2 : argc > 0 ? 1 : 0;

	fill_descriptors();
	return close_output(run_command(c, argc - skip, argv + skip));
}
