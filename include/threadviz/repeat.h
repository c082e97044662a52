/*
 * repeat.h - many free runs, one after another, without ever waiting for one.
 *
 * Who has nothing else to do calls repeat_work again and again; each call is a
 * look at the run under way or the start of the next. See free.h for what a
 * free run is.
 */
#ifndef THREADVIZ_REPEAT_H
#define THREADVIZ_REPEAT_H

#include "threadviz/judge.h"

enum { REPEAT_SECONDS = 10 }; /* for one run, unless said otherwise */

/* What a call of repeat_work came to. */
enum repeat_status {
	REPEAT_BUSY,   /* nothing has changed but, perhaps, the records */
	REPEAT_ENDED,  /* a run has just ended: ask repeat_end */
	REPEAT_DONE,   /* there are no more */
	REPEAT_FAILED, /* the system says no: there is an error */
};

struct repeat;

/* n runs of the program, which must outlive them. With `chaos` or `seed` these
 * grow by one from run to run; `seconds` 0 stands for REPEAT_SECONDS. */
struct repeat *repeat_new(const struct program *, const struct free_options *,
			  uint64_t n);
/* Kills what still runs. NULL is fine. */
void repeat_free(struct repeat *);

/* One small piece of work: microseconds, or the start of a process. */
enum repeat_status repeat_work(struct repeat *, struct error *);
/* After REPEAT_BUSY: lets the threads run for a fraction of a millisecond,
 * unless there is something to do. */
void repeat_rest(const struct repeat *);
/* How many runs have ended. */
uint64_t repeat_count(const struct repeat *);

/* The records that the last repeat_work took; valid until the next. */
const struct event *repeat_records(const struct repeat *, size_t *n);

/* ---- of the run that has ended, until the next repeat_work --------------- */

const struct judgement *repeat_end(const struct repeat *);
/* The final value of an element. */
int32_t repeat_value(const struct repeat *, object_id, int32_t index);
/* If it is unexplained: the finding, to be released with finding_fini. */
bool repeat_finding(const struct repeat *, struct finding *out);

#endif
