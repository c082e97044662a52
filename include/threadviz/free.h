/*
 * free.h - a free run: real threads, real waiting, and the kernel schedules.
 *
 * The scenario runs by itself in a child; the front looks at what the threads
 * recorded. Nothing is repeatable here, everything is measured.
 */
#ifndef THREADVIZ_FREE_H
#define THREADVIZ_FREE_H

#include "threadviz/error.h"
#include "threadviz/event.h"
#include "threadviz/program.h"

/* Records in rings, unless said otherwise: shared out among the threads, so
 * many in all (64 MB), but so many a thread at most. */
enum { FREE_RINGS = 1 << 21, FREE_RING = 1 << 18 };

/* {0}: undisturbed, recorded, until it ends. */
struct free_options {
	uint64_t chaos; /* seed of random yields and naps; 0: none */
	uint64_t ring;  /* records a thread; 0: see FREE_RINGS */
	uint64_t seed;  /* of `choose`; 0: the time */
	double seconds; /* stop after that long; 0: never */
	uint64_t look;  /* ns between two looks whether it hangs; 0: 50 ms */
	bool hooks_off; /* record nothing */
	bool no_tsc;    /* stamp by clock_gettime */
	bool no_kernel; /* do not ask for the kernel's records */
};

/* Up to FREE_PAUSED there is a child; then it is over. */
enum free_state {
	FREE_RUNNING,
	FREE_PAUSED,
	FREE_ENDED,   /* every thread that counts has ended */
	FREE_FAILED,  /* an assertion or a crash ended it */
	FREE_HUNG,    /* nobody can ever move again */
	FREE_STOPPED, /* its time was over */
	FREE_DIED,    /* the child was killed or could not be set up */
};

/* Numbers of a run so far. */
struct free_counts {
	uint64_t recorded; /* handed out by free_poll */
	uint64_t lost;     /* overwritten in a ring before they were taken */
	uint64_t unseen;   /* switches that the kernel had no room for */
	uint64_t late;     /* came after younger ones had been handed out */
	uint64_t switches[LIMIT_THREADS];  /* voluntary, by thread */
	uint64_t preempted[LIMIT_THREADS]; /* involuntary */
	uint64_t pauses;   /* how often it was paused; no part of the run */
	double seconds; /* from the start to the end or now */
};

struct free_run;

/* Starts the scenario. NULL if the system says no. End with free_close. */
struct free_run *free_start(const struct program *, const struct free_options *,
			    struct error *);
/* Kills what still runs, reaps it and releases everything. NULL is fine. */
void free_close(struct free_run *);

/*
 * The next records in order of time, at most `room`; returns how many. Looks
 * after the child. Fewer than room: that is all for now. Times are nanoseconds
 * since the start, without pauses; steps are numbers in this order. Who polls
 * too rarely loses the oldest: EVENT_LOST stands where they were.
 */
size_t free_poll(struct free_run *, struct event *out, size_t room);
enum free_state free_state(struct free_run *);
/* Stops every thread where it stands, and lets them go on. No time passes in
 * between. */
void free_pause(struct free_run *);
void free_continue(struct free_run *);

/*
 * Once it is over: the verdict (NONE if it was stopped or died) and, appended
 * to `why` (may be NULL), a sentence unless the verdict is ok.
 */
enum verdict free_verdict(struct free_run *, struct str *why);
/* What memory holds: a variable's or semaphore's value, a count. */
int32_t free_value(const struct free_run *, object_id, int32_t index);
/* The id of what was printed (program.outputs). */
uint32_t free_output(struct free_run *);
/* A descriptor that becomes readable when the child writes to standard error
 * or dies; -1 if there is none. Only for waiting. */
int free_fd(const struct free_run *);
/* Appends all that the child wrote to standard error so far. */
void free_errors(struct free_run *, struct str *out);
void free_count(const struct free_run *, struct free_counts *out);
/* What the system does not give, a sentence: a processor that a thread is
 * pinned to, the kernel's records; "" if it gives all. */
const char *free_missing(const struct free_run *);

#endif
