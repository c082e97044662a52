/*
 * choice.h - everything undetermined is a choice; an array is a schedule.
 *
 * Text form: thread names in order, `A B A*3 B`; `A~` drains A's store buffer,
 * `A!` wakes A spuriously, `A?` times A out, `A=2` picks 2 (the value of a
 * `choose`, the second longest sleeper of a `signal`). A plain name takes the
 * first possible result, and that is also how it is always written.
 */
#ifndef THREADVIZ_CHOICE_H
#define THREADVIZ_CHOICE_H

#include "threadviz/error.h"
#include "threadviz/op.h"
#include "threadviz/str.h"
#include "threadviz/vec.h"

struct program;

/* In the order in which the choices of one thread are listed. */
enum choice_kind {
	CHOICE_MOVE,    /* the thread's next operation, first result */
	CHOICE_PICK,    /* the same with result `pick` */
	CHOICE_TIMEOUT, /* the operation gives up: its time is over */
	CHOICE_DRAIN,   /* its store buffer's oldest entry reaches memory */
	CHOICE_WAKE,    /* woken though nobody signalled */
};

/* Who moves, and with which of the possible results. */
struct choice {
	thread_id thread;
	uint8_t kind; /* enum choice_kind */
	int32_t pick; /* CHOICE_PICK: the number behind `=`; else 0 */
};

/* The choices of a run, from its start. */
struct schedule VEC_OF(struct choice);

/* The thread's next operation with its first result. */
static inline struct choice choice_move(thread_id t)
{
	return (struct choice){.thread = t};
}

/* Whether they are the same in all parts. */
static inline bool choice_equal(struct choice a, struct choice b)
{
	return a.thread == b.thread && a.kind == b.kind && a.pick == b.pick;
}

/* Draining and waking spuriously are nobody's move. */
static inline bool choice_is_move(struct choice c)
{
	return c.kind <= CHOICE_TIMEOUT;
}

/*
 * Negative, zero, positive: the order of choices that breaks ties between
 * schedules: by thread, then by kind, then by number.
 */
int choice_compare(struct choice a, struct choice b);

/* Appends `A`, `A~`, `A=2` to out. */
void choice_format(const struct program *, struct choice, struct str *out);

/* A longer one nobody wants on a line to be pasted, in bytes. */
enum { SCHEDULE_LINE = 4000 };
/* Appends a whole schedule, runs of equal choices as `A*3`. */
void schedule_format(const struct program *, const struct choice *, size_t n,
		     struct str *out);

/*
 * Reads a schedule, appending to out. Spaces or commas separate; a bare number
 * k means the k-th thread. Fails naming the word it does not understand, with
 * "did you mean" for thread names.
 */
bool schedule_parse(const struct program *, const char *text,
		    struct schedule *out, struct error *);

#endif
