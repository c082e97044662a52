/*
 * cli.h - the command line.
 *
 * Exit status: 0 nothing bad found, 1 something bad found, 2 usage, a scenario
 * with mistakes or the environment, 3 a search hit its bound, 128 + n for
 * signal n.
 */
#ifndef THREADVIZ_CLI_H
#define THREADVIZ_CLI_H

/* What the process ends with, see above. */
enum exit_status {
	EXIT_GOOD = 0,
	EXIT_BAD = 1,
	EXIT_USAGE = 2,
	EXIT_PARTIAL = 3,
	EXIT_SIGNAL = 128,
};

/* Runs the command line; returns the exit status. */
int cli_main(int argc, char **argv);

#endif
