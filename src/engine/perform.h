/*
 * perform.h - carrying out one operation with the real primitive.
 */
#ifndef ENGINE_PERFORM_H
#define ENGINE_PERFORM_H

#include "real.h"

/* The target's threads: what a new one runs, and with which argument. */
struct crew {
	struct real *real;
	void *(*body)(void *actor);
	struct actor {
		struct crew *crew;
		thread_id me;
	} actors[LIMIT_THREADS];
	sem_t ready; /* a thread posts when it stands before its first gate */
};

/* One operation to carry out, and what came of it. */
struct deed {
	struct crew *crew;
	thread_id me;
	const int32_t *regs;
	struct op op;
	bool timeout;  /* give up instead: it must be impossible */
	unsigned pick; /* which of the possible results, 0-based */
	int32_t result;
	enum crash crash;
	int error;
};

/* Makes the real objects in the fresh mapping; false: errno says why. */
bool perform_setup(struct real *);
/* Makes the real thread and waits until it stands before its first gate. */
bool perform_create(struct crew *, thread_id);

/* Whether it names an element that is not there. */
bool perform_out_of_range(const struct deed *);
/* Never blocks: what cannot be had now is OUTCOME_BUSY. */
enum outcome perform(struct deed *);
/* The oldest entry of t's store buffer reaches memory. */
enum outcome perform_drain(struct real *, thread_id t);
/* A spurious wake-up: out of the condition it sleeps in. */
enum outcome perform_wake(struct real *, thread_id me, const struct op *);

#endif
