/*
 * engine.h - carries out choices: sim in the model alone, live on real
 * pthreads in a forked child, every step compared with the model.
 *
 * One engine belongs to one program. It keeps the model's world at its own
 * position; the caller may read it and choose from it.
 *
 * On the live engine mutexes, read-write locks, semaphores, start, join and
 * variables are real. POSIX lets nobody choose which sleeper wakes, so the
 * sleep in a condition and the wait at a barrier happen at the thread's gate;
 * events, queues, countdowns and store buffers are a real mutex and memory;
 * processes are threads with copies of their own.
 */
#ifndef THREADVIZ_ENGINE_H
#define THREADVIZ_ENGINE_H

#include "threadviz/world.h"

/* Who carries out the steps. */
enum engine_kind {
	ENGINE_SIM,
	ENGINE_LIVE,
};

/* What became of a choice. */
enum engine_result {
	ENGINE_OK,
	ENGINE_IMPOSSIBLE, /* the model forbids the choice; nothing happened */
	ENGINE_MISMATCH,   /* real threads and model differ: see error */
	ENGINE_DEAD,       /* the child died or is stuck: see error; restart */
	/* After the last two every step says the same until a restart. */
};

struct engine; /* opaque; see src/engine/ */

/* Opens the engine and starts the scenario (live: maps, forks, waits until all
 * threads stand at their gates). NULL on failure. Free with engine_close. */
struct engine *engine_open(enum engine_kind, const struct program *,
			   struct error *);
/* Kills and reaps the child at once, deadlocked or not. NULL is fine. */
void engine_close(struct engine *);

/* Back to the start, in a new child. */
bool engine_restart(struct engine *, struct error *);
/* Takes one choice. On ENGINE_OK the engine's world is one step further. */
enum engine_result engine_step(struct engine *, struct choice, struct error *);
/* Restarts and takes n choices; stops at the first that fails. */
enum engine_result engine_replay(struct engine *, const struct choice *,
				 size_t n, struct error *);

/* The model at the engine's position. */
const struct world *engine_world(const struct engine *);
/* How many steps it has taken since the start. */
size_t engine_steps(const struct engine *);
/* "sim" or "live". */
const char *engine_name(enum engine_kind);
/* Process id of the child; 0 for sim or when there is none. */
int engine_pid(const struct engine *);
/* A descriptor that becomes readable when the child dies or writes to its
 * standard error; -1 if there is none. */
int engine_fd(const struct engine *);
/* Looks after the child without waiting: ENGINE_DEAD if it died. Appends what
 * it wrote to standard error to `output` (may be NULL). */
enum engine_result engine_poll(struct engine *, struct str *output,
			       struct error *);

#endif
