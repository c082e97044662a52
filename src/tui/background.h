/*
 * background.h - is the terminal's background dark or light?
 */
#ifndef TUI_BACKGROUND_H
#define TUI_BACKGROUND_H

#include "threadviz/input.h"
#include "threadviz/theme.h"

/* From the variable COLORFGBG ("15;0"); THEME_AUTO if that says nothing. */
enum theme background_from_variable(const char *value);

/*
 * Asks the terminal, which must be in raw mode, and waits for the answer,
 * timeout_ms at most. All that came in goes to the decoder, so that keys typed
 * meanwhile are not lost.
 */
enum theme background_ask(int in, int out, int timeout_ms, struct input *);

#endif
