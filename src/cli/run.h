/*
 * run.h - the ways to run a scenario: as lines, without a word, on the screen.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "config.h"
#include "options.h"
#include "threadviz/app.h"
#include "threadviz/term.h"
#include "threadviz/tracefile.h"

/* Runs and prints it step by step; returns the exit status. */
int run_plain(const struct options *, const struct program *);
/* Runs it without a word; the timeline, to be released, also if it fails. */
bool run_quietly(const struct options *, const struct program *,
		 struct timeline *out, struct error *);

/* The screen with a program (NULL: the chooser), which stays the caller's;
 * saved: a free run to be looked at, else NULL. Returns the exit status. */
int screen_show(const struct options *, const struct program *,
		const struct recording *saved);

/* A free run, or --repeat of them, as lines; the exit status. */
int run_freely(const struct options *, const struct program *);

/* Presses the keys of --keys; dumps are appended to out. */
bool screen_keys(const struct options *, struct app *, int w, int h,
		 struct str *out, struct error *);

/* Theme, colour, ASCII and mouse, from options, environment and file. */
bool screen_settings(const struct options *, const struct config *,
		     struct term_options *, struct error *);

#endif
