/*
 * front.h - the front's side of a free run, shared by its files.
 */
#ifndef ENGINE_FRONT_H
#define ENGINE_FRONT_H

#include "freerun.h"
#include "kernel.h"
#include "threadviz/free.h"
#include "threadviz/vec.h"
#include "threadviz/world.h"

enum {
	SOURCES = LIMIT_THREADS + KERNEL_CPUS,
	CHUNK = 1024, /* records of a source, taken at a time */
};

/* A stream of records being merged: a thread's, or the kernel's of a CPU. */
struct source {
	struct ring *ring;   /* NULL: the kernel's */
	size_t which;        /* thread; the kernel's view */
	struct event *chunk; /* taken out of the ring, not handed out */
	size_t next, have;   /* of the chunk */
	uint64_t owed;       /* lost before its first record */
	uint64_t time;       /* of its next record, ns; none: UINT64_MAX */
};

/* The child stood still; ns. */
struct pause {
	uint64_t from, to; /* to: UINT64_MAX as long as it does */
};

struct free_run {
	struct freerun run;
	const struct program *program;
	struct free_options options;
	struct child child;
	struct kernel *kernel;
	enum free_state state;
	struct source sources[SOURCES];
	size_t source_count;
	int status;          /* how the child left, as waitpid says */
	uint64_t start, end; /* ns; end 0: not yet */
	VEC(struct pause) pauses;
	size_t passed;       /* pauses before the latest record handed out */
	uint64_t cut;        /* ns: of those */
	uint64_t last;       /* ns: the latest record handed out */
	uint64_t refined;    /* ns: when the clock was measured last */
	uint64_t looked;     /* ns: when the kernel was asked last */
	uint64_t moves;      /* context switches at that time */
	unsigned still;      /* looks at which nothing had moved */
	bool judged;         /* EVENT_VERDICT was handed out */
	struct free_counts counts;
	uint32_t output; /* id of what has been printed */
	uint32_t printed;
	struct str errors;
	struct str missing;  /* what the system does not give */
	struct world *final; /* once it is over and was asked for */
};

/* Whether nobody can ever move again; asks the kernel now and then. */
bool front_is_stuck(struct free_run *);
/* ns from the start to now, or to the end, without pauses. */
uint64_t front_past(const struct free_run *);
/* Takes what the child wrote to standard error. */
void front_hear(struct free_run *);

#endif
