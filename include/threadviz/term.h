/*
 * term.h - the terminal: shows grids, hands out events.
 *
 * Between term_open and term_close INT TERM HUP QUIT TSTP CONT WINCH are
 * blocked and arrive as events, standard error (where it is the terminal) is
 * collected instead of spoiling the screen, and a crash leaves the terminal
 * whole. A child forked meanwhile inherits the blocked signals and must unblock
 * them; its crashes do not touch the terminal. Only one can be open at a time.
 */
#ifndef THREADVIZ_TERM_H
#define THREADVIZ_TERM_H

#include "threadviz/error.h"
#include "threadviz/grid.h"
#include "threadviz/input.h"
#include "threadviz/theme.h"

/* What can happen. */
enum term_event_kind {
	TERM_TIMEOUT,
	TERM_KEY,     /* event.input.key */
	TERM_MOUSE,   /* event.input.button, x, y */
	TERM_RESIZE,  /* draw a grid of the new size, everything is gone */
	TERM_SIGNAL,  /* leave: event.signal is INT, TERM, HUP or QUIT */
	TERM_FD,      /* the caller's descriptor is readable or closed */
	TERM_HANGUP,  /* leave: the terminal is gone */
};

/* One of these. */
struct term_event {
	uint8_t kind; /* enum term_event_kind */
	int signal;
	struct input_event input;
};

/* What was asked for; what the terminal cannot do is left out. */
struct term_options {
	enum theme theme; /* THEME_AUTO: by the terminal's background */
	bool colour_off;  /* mono, whatever the theme */
	bool ascii;       /* even though the locale is UTF-8 */
	bool mouse;
};

struct term;

/*
 * Takes over the terminal on standard input and output; NULL and a reason if
 * there is none or it cannot do what is needed. Asks the terminal for its
 * background (100 ms at most) if no theme is given. Close with term_close.
 */
struct term *term_open(const struct term_options *, struct error *);
/*
 * Gives the terminal back as it was found and passes on what was written to
 * standard error meanwhile. NULL is allowed.
 */
void term_close(struct term *);

/* Shows a grid of the terminal's size; sends only what has changed. */
void term_show(struct term *, const struct grid *);
/* Sends everything again with the next term_show. */
void term_repaint(struct term *);
/* Columns and rows now. */
void term_size(const struct term *, int *w, int *h);

/*
 * Sleeps until something happens, at most timeout_ms (-1: for ever); fd is a
 * descriptor to watch as well, -1 for none. TERM_TIMEOUT may come early: keep
 * the time yourself. Suspending (Ctrl-Z, SIGTSTP) and coming back happen
 * inside; a TERM_RESIZE follows.
 */
struct term_event term_event(struct term *, int timeout_ms, int fd);

/* The one in use: what was asked for, limited to what the terminal can do. */
enum theme term_theme(const struct term *);
/* Another one from the next term_show on. */
void term_set_theme(struct term *, enum theme);
/* Clicks and wheel on or off; off leaves select-and-copy to the terminal. */
void term_set_mouse(struct term *, bool on);
/* Whether they arrive as events now. */
bool term_mouse(const struct term *);

/* Appends what standard error has said from byte `from` on. */
void term_output(const struct term *, size_t from, struct str *out);

#endif
