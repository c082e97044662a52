/*
 * freeview.h - a free run on the screen: the run, what it recorded, and what
 * part of that is looked at.
 *
 * app.free is NULL while the schedule is ours. Times are nanoseconds since the
 * start of the run.
 */
#ifndef TUI_FREEVIEW_H
#define TUI_FREEVIEW_H

#include "threadviz/accord.h"
#include "threadviz/app.h"
#include "threadviz/free.h"
#include "threadviz/handovers.h"
#include "threadviz/history.h"

#define NO_TIME UINT64_MAX

enum { FREE_BATCH = 4096 /* records taken at a time */ };

struct free_view {
	struct free_run *run; /* NULL: a saved one is looked at */
	struct history *history;
	struct shares *shares;
	struct handovers *handovers;
	struct accord *accord;
	enum free_state state;
	struct free_counts counts;
	unsigned quiet;       /* looks without a record since it was paused */
	bool over;            /* it has ended and all of it was taken */
	enum verdict verdict; /* once over, with the reason */
	struct str why;
	struct finding_list findings;
	/* what is looked at: */
	bool whole;      /* all of the run, whatever its length */
	bool follow;     /* the right edge is now */
	uint64_t from, width; /* unless whole: left edge, and a cell */
	uint64_t at;     /* the cursor; NO_TIME: the end */
	uint64_t record; /* the record under it, or HISTORY_NONE */
	uint64_t marks[2];    /* A and B; NO_TIME: not set */
	uint64_t hidden; /* threads that are not shown, bit t */
	bool alone;      /* the program was started with it: q quits */
	struct event batch[FREE_BATCH];
};

/* The times that `cells` cells show. */
struct free_window {
	uint64_t from, width;
	int cells;
};

struct free_window free_view_window(const struct free_view *, int cells);
/* Those that show the whole run. */
struct free_window free_view_whole(const struct free_view *, int cells);
/* The moment that is explained: under the cursor, else the latest. */
uint64_t free_view_time(const struct free_view *);

/* At the program's start; false if the system refuses. */
bool free_view_begin(struct app *, struct error *);
/* The records of a saved run, to be looked at. */
void free_view_load(struct app *, const struct event *, size_t n);
/* A copy of all records that are kept, to be freed; their number. */
struct event *free_view_records(const struct free_view *, size_t *n);
/* Whether something bad came out of it. */
bool free_view_is_bad(const struct free_view *);
/* The gravest thing that the records of a whole run show; NULL: nothing, or it
 * goes on. */
const struct finding *free_view_finding(const struct free_view *);
/* The line of the thread's latest record before the cursor; 0: none. */
unsigned free_view_line(const struct app *, thread_id);
/* Hands the schedule to the kernel; stays as it was (with a notice) if the
 * system refuses. */
void free_view_start(struct app *);
/* Back to our own schedule. NULL is fine. */
void free_view_close(struct app *);
/* The cursor to a record, in view. */
void free_view_go(struct app *, uint64_t position);
/* What the action means here; false: nothing else than always. */
bool free_view_do(struct app *, enum action);
/* The wheel over that cell of the lanes, which stays where it is. */
void free_view_wheel(struct app *, int cell, bool in);
/* A digit selects a thread, nobody can be stepped. */
void free_view_select(struct app *, size_t k);

/* ---- freelanes.c, freepanels.c, freewords.c: drawing ------------------- */

/* All between header and footer. */
void free_view_draw(const struct app *, struct grid *, struct rect);
/* "FREE RUN  running  t = 60.0 ms  A-B 1.2 ms", or less in w columns. */
void free_view_position(const struct app *, int w, struct str *out);
/* What the thread is about at the cursor, in w cells. */
void free_say_moment(const struct app *, thread_id, int w, struct str *out);
/* The block of words; its title, and whether that is of something bad. */
void free_words(const struct app *, struct grid *, struct rect);
bool free_words_title(const struct app *, struct str *out);
void free_lanes(const struct app *, struct grid *, struct rect);
/* How many cells of time there are in w columns. */
int free_lanes_cells(int w);
/* How many rows the lanes would like to have. */
int free_lanes_rows(const struct app *, int most);
/* The cell of time in column x of the panel; negative: none. */
int free_lanes_cell(int x);
void free_lanes_click(struct app *, struct rect, int x, int y);
/* "1.2 ms", exact to a cell of `width` ns. */
void time_format(uint64_t ns, uint64_t width, struct str *out);

#endif
