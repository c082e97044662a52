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

/* Whether the open overlay takes one of these keys now: for the footer. */
bool overlay_offers(const struct app *, const char *keys);
/* Whether an action would move what the open overlay hides: refused, with a
 * notice that says so; the key is the one that was pressed for it. */
bool overlay_refuses(struct app *, enum action, key_code);

/* A frame of at most w x h in the middle of the grid, above the footer; its
 * inside. */
struct rect overlay_frame(struct grid *, int w, int h, const char *title);
/* "3/140" in the frame's edge: the chosen one of n. */
void list_position(const struct app *, struct grid *, struct rect inside,
		   size_t n);
/* Up, down, page, home and end move app->picked within n rows; where nothing is
 * typed, so do j k g G. */
bool list_key(struct app *, key_code, size_t n);
/* An entry of the open list was drawn there: clicks find it. */
void list_spot(const struct app *, struct rect at, size_t entry);
/* Typing into app->field; false if the key is none of that. */
bool field_key(struct app *, key_code);
/* The field in a row of its own, behind its sign. */
void field_draw(const struct app *, struct grid *, struct rect line, char sign);
/* Whether `text` contains every word of the field, case aside. */
bool field_matches(const struct app *, const char *text);
/* Marks the field's words where they stand in a drawn row. */
void field_mark(const struct app *, struct grid *, struct rect row);

/* ---- the overlays ------------------------------------------------------ */

void help_draw(const struct app *, struct grid *);
bool help_key(struct app *, key_code);
enum { SHORT_KEYS = 8, ALL_KEYS = 1000 }; /* cells for them in a list */
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
bool output_key(struct app *, key_code);
/* Whether there is more than was drawn last. */
bool output_scrolls(const struct app *);
void histogram_draw(const struct app *, struct grid *);
bool histogram_key(struct app *, key_code);
void search_draw(const struct app *, struct grid *);
bool search_key(struct app *, key_code);

#endif
