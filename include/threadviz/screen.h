/*
 * screen.h - running the app: on a terminal, or by a script of keys.
 */
#ifndef THREADVIZ_SCREEN_H
#define THREADVIZ_SCREEN_H

#include "threadviz/app.h"
#include "threadviz/term.h"

/*
 * Shows the app until it quits. *signal: 0, or the signal to end by (the
 * terminal is restored; the caller raises the status). `film`: where to record
 * the session as an asciicast, or NULL. False if there is no usable terminal or
 * the film could not be written.
 */
bool screen_run(struct app *, const struct term_options *, const char *film,
		int *signal, struct error *);

/*
 * Drives the app without a terminal. The script is words: names of keys
 * (input.h), @dump (append the screen as text to out), @say (append what it
 * says as lines), @work (finish the background search), @tick (one step of a
 * playing run), @size=WxH; # to the end of the line is a comment. Fails on a
 * word it does not know.
 */
bool screen_script(struct app *, const char *script, int w, int h,
		   struct str *out, struct error *);

#endif
