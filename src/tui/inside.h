/*
 * inside.h - the app's inside, shared by the files of tui.
 */
#ifndef TUI_INSIDE_H
#define TUI_INSIDE_H

#include "threadviz/app.h"

/* ---- run.c: stepping, branching, playing ------------------------------- */

/* Looks at step n; real threads follow where they are behind. */
void run_goto(struct app *, size_t n);
/* Takes a choice at the cursor: a recorded step is replayed, another one
 * branches. False (with a notice) if it is not possible. */
bool run_take(struct app *, struct choice);
/* The policy's next step at the cursor, or the recorded one. */
bool run_step(struct app *);
void run_restart(struct app *);
/* Replaces the recorded schedule; the cursor goes to the start. */
bool run_load(struct app *, const struct choice *, size_t n);
void run_next_line(struct app *);
void run_continue(struct app *);
/* Some more steps of it. */
void run_continue_on(struct app *);
void run_undo(struct app *);
/* After any change: findings and the like follow. */
void run_settle(struct app *);

/* ---- futures.c: search in the background ------------------------------- */

void futures_reset(struct app *);
void futures_update(struct app *);
void find_failure(struct app *);
/* Loads a finding's schedule at step 0. */
void find_load(struct app *, const struct search_finding *);
/* The way into its livelock, and once round. */
void find_load_livelock(struct app *, const struct search_report *);

/* ---- predict.c --------------------------------------------------------- */

/* Ask, show, ask again. */
void predict_next(struct app *);
/* y, n and q while predicting. */
bool predict_key(struct app *, key_code);

/* ---- picture.c --------------------------------------------------------- */

void picture_write(struct app *);

/* ---- save.c ------------------------------------------------------------ */

/* S: the run as a trace file in the current directory. */
void save_write(struct app *);

/* ---- histogram.c: many free runs --------------------------------------- */

/* Whether it is on the screen. */
bool histogram_is_open(const struct app *);
/* Whether there is anything to do for it. */
bool histogram_live(const struct app *);
/* Some milliseconds of it; whether the picture changes. */
bool histogram_poll(struct app *);
/* Kills what runs and forgets all. */
void histogram_close(struct app *);

/* ---- act.c ------------------------------------------------------------- */

void notice(struct app *, bool bad, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* Says that it does nothing here. */
void refuse_key(struct app *, key_code);
/* Another program, from the chooser. */
void app_switch(struct app *, const char *name, const char *params);

/* ---- footer.c: hints, or the notice ------------------------------------ */

/* In the last row of the screen. */
void footer_draw(const struct app *, struct grid *);
/* A click at column x of its w. */
void footer_click(struct app *, int x, int w);

/* ---- draw.c: clicks find what was drawn there -------------------------- */

void panel_click(struct app *, int x, int y);

#endif
