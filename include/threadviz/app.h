/*
 * app.h - the interactive program: its state, what keys do to it, and the
 * views that draw it.
 *
 * Drawing is a pure function of the app (app_draw); every key is a row of
 * keys.def and ends in one action; nothing here knows a terminal, so a script
 * of keys drives the same program (see app_key).
 */
#ifndef THREADVIZ_APP_H
#define THREADVIZ_APP_H

#include "threadviz/analysis.h"
#include "threadviz/engine.h"
#include "threadviz/explore.h"
#include "threadviz/free.h"
#include "threadviz/grid.h"
#include "threadviz/input.h"
#include "threadviz/sched.h"
#include "threadviz/theme.h"
#include "threadviz/timeline.h"

/* ---- keys ---------------------------------------------------------------- */

/* What a key can do: the rows of keys.def, in order. */
enum action {
#define ACTION(id, group, keys, hint, help) ACTION_##id,
#include "threadviz/keys.def"
#undef ACTION
	ACTION_COUNT,
	ACTION_NONE = ACTION_COUNT,
};

/* A row of keys.def. */
struct action_info {
	const char *name;  /* "step-back": for the palette and the config */
	const char *group; /* "RUN": heading in the help */
	const char *keys;  /* as shown: "b , Backspace" */
	const char *hint;  /* short, for the footer; "" never there */
	const char *help;  /* one line */
};
extern const struct action_info action_info[ACTION_COUNT];
/* What it does in a free run or else, in one line; "": nothing. */
const char *action_help(enum action, bool free);

/* The action of a key, ACTION_NONE if it has none. */
enum action action_of_key(key_code);
/* The action of that name, as the palette writes it ("step-back");
 * ACTION_NONE if there is none. */
enum action action_of_name(const char *name);
/* "step-back" for ACTION_STEP_BACK. */
void action_format(enum action, struct str *out);
/* The first key of an action, 0 if it has none. */
key_code action_key(enum action);

/* ---- state -------------------------------------------------------------- */

enum panel { /* Tab walks them */
	PANEL_TIMELINE,
	PANEL_SOURCE,
	PANEL_STATE,
	PANEL_LOG,
	PANEL_DIAGNOSIS,
	PANEL_COUNT,
};

/* What lies over the screen; it has the keys while it is open. */
enum overlay {
	OVERLAY_NONE,
	OVERLAY_HELP,
	OVERLAY_PALETTE,
	OVERLAY_CHOOSER,
	OVERLAY_EXPLORE,
	OVERLAY_DETAILS,
	OVERLAY_WAITS,
	OVERLAY_OUTPUT,
	OVERLAY_SEARCH,    /* the log, filtered while typing */
	OVERLAY_HISTOGRAM, /* free runs beside the exact outcomes */
};

enum { /* how wide a step of the lanes is */
	ZOOM_STEPS = 6, /* widths to choose from */
	ZOOM_AUTO = ZOOM_STEPS, /* the whole run if it can be read, else 8 */
	ZOOM_WHOLE, /* the whole run */
};

/* Whose happens-before arrows the timeline draws. */
enum arrows {
	ARROWS_SELECTED,
	ARROWS_ALL,
	ARROWS_NONE,
};

/* Asking the class first: off, the question stands, the answer too. */
enum predict {
	PREDICT_OFF,
	PREDICT_ASKED,
	PREDICT_SHOWN,
};

/* What the chooser shows of a scenario; strings live as long as the app. */
struct library_entry {
	const char *name, *group, *title;
};

/* Where scenarios come from; the command line provides it. */
struct library {
	const struct library_entry *entries; /* in the order of a course */
	size_t count;
	/* A new program, NULL with a reason; `params` like "n=3 k=2" or "". */
	struct program *(*open)(void *data, const char *name,
				const char *params, struct error *);
	void *data;
};

/* What can still happen from where the cursor stands. */
struct futures {
	bool known;           /* the rest is valid */
	bool too_many;        /* the search gave up at its bound */
	struct outlook now;
	struct outlook after[LIMIT_THREADS]; /* if that thread moves now */
	const struct search_report *report;  /* whose outcomes now.outcomes
						counts */
};

/* A line being typed. */
struct text_field {
	char text[80];
	size_t len;
};

enum { NOTICE_LENGTH = 512, KEYMAP_MAX = 64 };

/* A key that the user's configuration gives another action. */
struct key_binding {
	key_code key;
	enum action action;
};

/* Where the panels were drawn last: what a click means follows from it. */
enum { SPOTS = 160 };
struct layout {
	struct rect panel[PANEL_COUNT]; /* without the rule; w 0: not shown */
	struct spot {
		struct rect at;
		size_t entry;
	} spots[SPOTS]; /* entries of the open overlay's list */
	size_t spot_count;
	int cells; /* of a free run's lanes */
	int rows;  /* of the open overlay's text */
	struct {
		int low, high;
		bool known;
	} scroll[PANEL_COUNT]; /* how far app.scroll may go */
};

/* The whole state of the program; start with app_init. */
struct app {
	const struct program *program;
	struct program *owned; /* to be freed: opened by the chooser */
	enum engine_kind kind;
	struct engine *engine;
	struct timeline timeline;
	struct policy *policy;
	char policy_spec[32];
	uint64_t seed;

	/* what is known about the run so far */
	struct finding_list findings; /* of all recorded steps */
	size_t findings_events;       /* events they were made from */
	struct search *search;        /* from the start of the run */
	enum search_status search_status;
	struct futures futures;       /* at the cursor */
	size_t futures_at;            /* for which cursor, SIZE_MAX: none */
	size_t no_return; /* step into the first doomed state; 0: none */

	/* what is looked at */
	thread_id selected;
	enum panel focus;
	bool zoomed;      /* the focused panel alone */
	enum overlay overlay;
	struct { /* what lies under help and commands */
		enum overlay overlay;
		size_t picked;
		struct text_field field;
		bool filtering;
	} behind;
	bool lanes;       /* the other form of timeline, see app_lanes */
	int zoom;         /* lanes: index into zoom steps, or ZOOM_* */
	int scroll[PANEL_COUNT]; /* lines away from the natural place */
	size_t state_row; /* the chosen one of the shared state */
	enum arrows arrows;
	size_t finding;   /* the one the cursor was sent to, SIZE_MAX: none */
	struct text_field field; /* palette, search, chooser, help filter */
	bool filtering;   /* the field takes keys */
	size_t picked;    /* row of the overlay's list */
	struct program *preview; /* the chooser's scenario under the bar */
	struct search *preview_search;
	size_t preview_param;
	int64_t preview_typed; /* value being typed for it; -1: none */
	size_t search_from;      /* where the cursor stood before the search */
	struct text_field searched; /* the one before: / Enter repeats it */
	enum predict predict;
	unsigned predict_right, predict_asked;

	/* playing */
	bool playing;
	unsigned continuing; /* steps that c may still take; 0: it is done */
	double speed; /* steps a second */

	/* while the kernel schedules: NULL if it does not */
	struct free_view *free;
	struct free_options free_options;
	struct histogram *histogram; /* of many runs; NULL: not asked for */

	/* branching */
	struct schedule undone; /* the schedule before the last branch */
	size_t loaded; /* steps of the run that was loaded; 0: branched off */

	char notice[NOTICE_LENGTH]; /* why a key was refused, what was done */
	bool notice_bad;
	bool engine_down;   /* the child died or differs: r restarts */
	char engine_error[NOTICE_LENGTH];
	struct str output;  /* what the child wrote to standard error */

	enum theme theme;
	bool ascii, mouse;
	int w, h; /* of the screen it was last shown on */
	struct layout *layout; /* filled by drawing; owned */
	struct key_binding keymap[KEYMAP_MAX];
	size_t keymap_count;
	const struct library *library; /* may be NULL */
	bool quit;
};

/* How it begins; afterwards only `library` is still needed. */
struct app_options {
	enum engine_kind kind;
	const char *policy; /* NULL: "rr" */
	uint64_t seed;
	double speed;       /* 0: 2 steps a second */
	const struct choice *schedule; /* recorded from the start */
	size_t schedule_len;
	bool free;          /* begin with a free run */
	struct free_options free_options;
	const struct event *records; /* with a saved one; NULL: none */
	size_t record_count;
	enum theme theme;
	bool ascii;
	const struct key_binding *keymap;
	size_t keymap_count;
	const struct library *library;
	const char *notice; /* a warning to begin with; NULL or "": none */
};

/* What a key does: the user's own keys first. */
enum action app_action(const struct app *, key_code);
/* Writes the keys of an action, separated by blanks, into w cells: the user's
 * own first, without those that were given away; the first always. */
void app_keys(const struct app *, enum action, int w, struct str *out);
/* The first of them, for a sentence or a hint; "" if none is left. */
struct key_name {
	char text[16];
};
struct key_name app_key_name(const struct app *, enum action);

/* Opens a program (NULL: the chooser) paused before the first step; the app
 * does not own it. False if the engine cannot start. */
bool app_init(struct app *, const struct program *, const struct app_options *,
	      struct error *);
/* Ends the engine and releases everything but what app_init was given. */
void app_fini(struct app *);

/* One key or click. Never fails: a refused key leaves a notice. */
void app_key(struct app *, key_code);
void app_click(struct app *, const struct input_event *, int w, int h);
/* What the key of an action would do. */
void app_do(struct app *, enum action);
/* Playing: takes the next step. */
void app_tick(struct app *);
/* The child died or wrote something: look after it. */
void app_engine_ready(struct app *);
/* The descriptor that says so; -1: none. */
int app_engine_fd(const struct app *);
/* Whether a free run goes on. */
bool app_live(const struct app *);
/* In how many milliseconds app_poll should be called; -1: not before something
 * happens. */
int app_due(const struct app *);
/* What app_poll came to. */
enum app_news {
	APP_QUIET, /* nothing to show */
	APP_NEWS,  /* the picture changes */
	APP_MORE,  /* and there is more to take at once */
};
/* Takes what a free run recorded. */
enum app_news app_poll(struct app *);
/* A slice of background search; true while there is more to do. */
bool app_work(struct app *);

/* The picture. */
void app_draw(const struct app *, struct grid *);
/* What it says of the moment under the cursor, as lines. */
void app_say(const struct app *, struct str *out);

/* Whether something bad was found in the recorded run (exit status 1). */
bool app_found_bad(const struct app *);
/* Writes the recorded run and its findings into a trace file. */
bool app_save(const struct app *, const char *path, struct error *);
/* "replay: threadviz run race --schedule …", for after the screen. */
void app_replay_line(const struct app *, struct str *out);

/* ---- for views ---------------------------------------------------------- */

/* The step looked at; 0: the start. */
static inline size_t app_cursor(const struct app *app)
{
	return app->timeline.cursor;
}

/* Whether the timeline goes right: chosen, or for so many threads not chosen
 * otherwise. */
static inline bool app_lanes(const struct app *app)
{
	enum { DOWN = 16 /* threads that a graph log still can show */ };

	return app->lanes != (app->program->threads.count > DOWN);
}

/* The world at the cursor. */
const struct world *app_world(const struct app *);
/* Events up to and with the step at the cursor. */
size_t app_events(const struct app *);
/* The step event under the cursor, NULL at the start. */
const struct event *app_event(const struct app *);
/* The finding to explain now: the one that came to light at the cursor's step
 * or, at the end of the run, the gravest; NULL if none. */
const struct finding *app_finding(const struct app *);

#endif
