/*
 * live.h - the inside of the live engine, for its own files and tests.
 */
#ifndef ENGINE_LIVE_H
#define ENGINE_LIVE_H

#include <sched.h>

#include "child.h"
#include "inside.h"
#include "real.h"

struct live {
	struct engine base;
	struct real real;
	struct child child;
	int patience;    /* ms without an answer, then the target is stuck */
	int cpu;         /* the only processor of the child; -1: any */
	cpu_set_t usual; /* the front's own, to go back to */
	bool away;       /* visiting the child's */
	/* Not ENGINE_OK: says so at every step until a restart. */
	enum engine_result state;
	char why[512];
	uint64_t owed;    /* bit t: blocked, and not yet seen to be refused */
	thread_id probed; /* the last one, to go round */
	/* Where the rolling comparison of all values goes on. */
	object_id next_object;
	int32_t next_index;
};

/* From now on nothing goes on: says so, now and at every step. */
enum engine_result live_halt(struct live *, enum engine_result, struct error *,
			     const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* ---- compare.c ---------------------------------------------------------- */

/* Halts: "real threads and model differ at step 7 (...): ". */
enum engine_result live_differ(struct live *, struct error *, const char *fmt,
			       ...) __attribute__((format(printf, 3, 4)));
/* After thread t's step. */
enum engine_result compare_step(struct live *, thread_id t,
				const struct reply *, struct error *);
/* Every thread and every value: after the start. */
enum engine_result compare_all(struct live *, struct error *);

#endif
