/*
 * run.h - what a run is asked to do, read off the options.
 */
#ifndef CLI_RUN_H
#define CLI_RUN_H

#include "config.h"
#include "options.h"
#include "threadviz/choice.h"
#include "threadviz/engine.h"
#include "threadviz/finding.h"
#include "threadviz/term.h"
#include "threadviz/tracefile.h"

/* --engine live (also if not given) or sim. */
bool run_engine_kind(const struct options *, enum engine_kind *,
		     struct error *);
/* Appends the steps of --schedule or --run; none if neither is given. */
bool run_schedule(const struct options *, const struct program *,
		  struct schedule *out, struct error *);

/* Which steps to take. */
struct plan {
	struct schedule given; /* first these; to be released */
	char policy[32]; /* and then as it chooses, see policy_new; "": end */
	uint64_t seed;
};
/* Reads --schedule, --run, --policy, --every and --seed. The program may be
 * NULL as long as no steps are asked for. */
bool run_plan(const struct options *, const struct program *, struct plan *out,
	      struct error *);

/* Runs and prints it step by step; returns the exit status. */
int run_plain(const struct options *, const struct program *);
/* Runs it without a word; the timeline, to be released, also if it fails. */
bool run_quietly(const struct options *, const struct program *,
		 struct timeline *out, struct error *);

/* Prints a finding, as lines or as one line of JSON. */
void run_finding(const struct finding *, bool json);

/* The screen with a program (NULL: the chooser), which stays the caller's;
 * saved: a free run to be looked at, else NULL. Returns the exit status. */
int screen_show(const struct options *, const struct program *,
		const struct recording *saved);

/* --engine free. */
bool run_is_free(const struct options *);
/* A free run, or --repeat of them, as lines; the exit status. */
int run_freely(const struct options *, const struct program *);

/* Presses the keys of --keys; dumps are appended to out. */
bool screen_keys(const struct options *, struct app *, int w, int h,
		 struct str *out, struct error *);

/* Theme, colour, ASCII and mouse, from options, environment and file. */
bool screen_settings(const struct options *, const struct config *,
		     struct term_options *, struct error *);

#endif
