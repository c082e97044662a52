/*
 * overlay.h - what lies over the panels: help, palette, chooser, explore …
 *
 * overlay.c knows which one is open and gives it keys first; each overlay is a
 * file with a draw function and, where it has a list, a function for its keys.
 */
#ifndef TUI_OVERLAY_H
#define TUI_OVERLAY_H

#include "threadviz/app.h"

/* If the action opens (or closes again) an overlay, does so. */
bool overlay_open(struct app *, enum action);
/* The open overlay's say on a key; false: it is an ordinary key. */
bool overlay_key(struct app *, key_code);
/* Whether what is typed goes into a field of it. */
bool overlay_types(const struct app *);
/* Draws the open overlay over the screen. */
void overlay_draw(const struct app *, struct grid *);
void overlay_close(struct app *);
/* A click on the screen of w x h. */
void click(struct app *, int x, int y, int w, int h);
/* The wheel turned over x, y: by is -1 up, 1 down. */
void wheel(struct app *, int x, int y, int by);

/* A frame of at most w x h in the middle of the grid; its inside. */
struct rect overlay_frame(struct grid *, int w, int h, const char *title,
			  const char *hint);
/* Up, down, page, home and end move app->picked within n rows. */
bool list_key(struct app *, key_code, size_t n);
/* An entry of the open list was drawn there: clicks find it. */
void list_spot(const struct app *, struct rect at, size_t entry);
/* Typing into app->field; false if the key is none of that. */
bool field_key(struct app *, key_code);
/* Whether `text` contains the field's letters, case aside. */
bool field_matches(const struct app *, const char *text);

/* ---- the overlays ------------------------------------------------------ */

void help_draw(const struct app *, struct grid *);
bool help_key(struct app *, key_code);
void palette_draw(const struct app *, struct grid *);
bool palette_key(struct app *, key_code);
void chooser_draw(const struct app *, struct grid *);
bool chooser_key(struct app *, key_code);
/* The scenario under the bar changed: compile it, begin to count. */
void chooser_look(struct app *);
void chooser_open(struct app *);
bool chooser_work(struct app *);
void chooser_close(struct app *);
void explore_draw(const struct app *, struct grid *);
bool explore_key(struct app *, key_code);
void details_draw(const struct app *, struct grid *);
bool details_key(struct app *, key_code);
void waits_draw(const struct app *, struct grid *);
void output_draw(const struct app *, struct grid *);
void histogram_draw(const struct app *, struct grid *);
bool histogram_key(struct app *, key_code);
void search_draw(const struct app *, struct grid *);
bool search_key(struct app *, key_code);

#endif
