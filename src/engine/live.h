/*
 * live.h - the inside of the live engine, for its own tests.
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

#endif
