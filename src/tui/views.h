/*
 * views.h - the panels. Each draws itself into a rectangle and nowhere else;
 * what it shows follows from the app alone.
 *
 * The rule line with the title above a panel is drawn by panel_rule, in draw.c.
 */
#ifndef TUI_VIEWS_H
#define TUI_VIEWS_H

#include "threadviz/app.h"

/* ---- the timeline, three forms ----------------------------------------- */

void view_ladder(const struct app *, struct grid *, struct rect);
void view_graphlog(const struct app *, struct grid *, struct rect);
void view_lanes(const struct app *, struct grid *, struct rect);
/* The lanes of the whole run, whatever the zoom of the timeline is. */
void view_overview(const struct app *, struct grid *, struct rect);
/* A click at x, y of the panel r: to that step, that thread. */
void ladder_click(struct app *, struct rect r, int x, int y);
void graphlog_click(struct app *, struct rect r, int x, int y);
void lanes_click(struct app *, struct rect r, int x, int y);
/* The zoom in use in w cells, counted from 1 to ZOOM_STEPS. */
int lanes_zoom_shown(const struct app *, int w);
/* In or out from there. */
void lanes_zoom_by(struct app *, int by);
/* Rows that they want: scale, lanes, a row for A and B, values, locks; spare
 * rows between lanes only if it is not more than `most` with them. */
int lanes_height(const struct app *, int most);
/* Whether the threads fit as columns of a ladder in w cells. */
bool ladder_fits(const struct app *, int w);

/* Draws the rule with the panel's title above it; what is left below it, where
 * clicks will find the panel. */
struct rect panel_rule(const struct app *, struct grid *, struct rect,
		       enum panel, const char *title, const char *right);
/* Cuts w columns off the right, with a line between. */
struct rect cut_right(struct grid *, struct rect *, int w);

/* Whether only one panel, and no words, is on a screen of that size. */
bool is_one_panel(const struct app *, const struct grid *);

/* ---- the other panels -------------------------------------------------- */

/* The text round the line of thread t. */
void view_source(const struct app *, struct grid *, struct rect, thread_id t);
void view_state(const struct app *, struct grid *, struct rect);
/* Rows that it wants: the same all through the run. */
int state_height(const struct app *);
/* Chooses another row; a click at row y of the panel's h does, too. */
void state_move(struct app *, int by);
void state_click(struct app *, int h, int y);
/* Goes to the step that explains the chosen row, and says why. */
void state_why(struct app *);
void view_log(const struct app *, struct grid *, struct rect);
void view_diagnosis(const struct app *, struct grid *, struct rect);
/* The always-visible block: what happened, why it is wrong, what may come. */
void view_words(const struct app *, struct grid *, struct rect);
/* The step under the cursor: its line, the locks, what led to it, the clock. */
void view_details(const struct app *, struct grid *, struct rect);
/* What the scenario is about, where a ladder's steps will be. */
void view_about(const struct app *, struct grid *, struct rect);
/* Its title: "LOST UPDATE on count", "What happens"; whether it is bad. */
bool words_title(const struct app *, struct str *out);

/* ---- which part is shown ------------------------------------------------ */

/* The first of n entries to show in so many rows, with entry `at` (all from 0)
 * among them; it moves a third of a page at a time. */
size_t scroll_first(size_t at, size_t n, size_t rows);
/* A panel that was drawn can be scrolled that far up (0 or less) and down. */
void scroll_limit(const struct app *, enum panel, int low, int high);
/* Scrolls it by so many rows; at its end it says so. */
void scroll_by(struct app *, enum panel, int rows);
/* Steps that the run may come to, as far as is known: all of a loaded one that
 * has come to its end, else as deep as the search found states. */
size_t run_reach(const struct app *);

/* ---- what a step did to others ------------------------------------------ */

/* Whom to draw an arrow to and what to say at its end; THREAD_NONE: none. */
thread_id arrow_target(const struct app *, const struct event *,
		       const char **text);
/* The mark that thread t is blocked since this step; NULL: it is not. */
const struct event *event_wants(const struct app *, size_t step, thread_id t);
/* Whether the step wrote this element. */
bool step_writes(const struct app *, size_t step, object_id, int32_t index);
/* Whether the thread's last step was a sleep of more steps than came since. */
bool step_sleeps(const struct app *, size_t step, thread_id t);
/* Who took this step; THREAD_NONE for step 0. */
thread_id event_mover(const struct app *, size_t step);

/* ---- words shared by views --------------------------------------------- */

/* "66.7 %"; what is neither nothing nor all never looks so: ">99.9 %". */
void say_percent(double part, struct str *out);
/* The properties that are hunted, as many as fit in w cells, and the first. */
void say_hunted(const struct program *, int w, struct str *out);

/* "about to WRITE count <- 1", "blocked: lock red (B has it)", "asleep in c" */
void say_about(const struct app *, thread_id, struct str *out);
/* Text in w cells; too long a name loses its middle, "the_m…fork". */
void say_cut(const char *text, int w, struct str *out);
/* The same as long as it fits in w cells, else shorter and shorter. */
void about_fit(const struct app *, thread_id, int w, struct str *out);
/* Draws the ring of a deadlock into rows y and y + 1, if there is one; the row
 * behind it. */
int waits_ring(const struct app *, struct grid *, struct rect, int y);
/* The threads that wait in a ring, each for the next; how many, 0: no ring. */
size_t waits_find_ring(const struct app *, thread_id *ring);
/* What a thread is parked on: "blue". */
void say_wanted(const struct app *, thread_id, struct str *out);
/* Whether the finding is about two accesses, to be marked A and B. */
bool finding_is_pair(const struct finding *);

/* The region for one at a time that the thread is in, NULL if none; and whether
 * it is there alone. */
const char *say_region(const struct app *, const struct world *, thread_id,
		       bool *alone);
/* In w cells: "count can end as 1, 2 · 4 of 6 schedules are wrong · deadlock
 * possible" */
void say_futures(const struct app *, int w, struct str *out);
/* Whether this step is in a future that the class is asked about. */
bool predict_hides(const struct app *, size_t step);
/* The question for the class, and its answer, computed. */
void predict_question(const struct app *, struct str *out);
void predict_answer(const struct app *, struct str *out);
/* Whether the answer shown is the futures line. */
bool predict_says_ends(const struct app *);
/* The longest of the four labels of an event that fits in w cells. */
void label_fit(const struct app *, const struct event *, int w,
	       struct str *out);

#endif
