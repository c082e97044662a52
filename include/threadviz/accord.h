/*
 * accord.h - can the model explain what a free run did?
 *
 * The records of real threads are put in an order in which the model can take
 * them one by one, with the results that they had. Where there is no such
 * order, the machine did what the model does not know: a finding of its own.
 */
#ifndef THREADVIZ_ACCORD_H
#define THREADVIZ_ACCORD_H

#include "threadviz/finding.h"
#include "threadviz/timeline.h"

/* How far the model can explain the run. */
enum accord_state {
	ACCORD_SO_FAR,   /* all that was looked at is explained */
	ACCORD_MISMATCH, /* no order explains it */
	ACCORD_GAP,      /* records were lost: nothing is said behind that */
	ACCORD_UNSURE,   /* too many orders to try them all */
};

struct accord;

/* An empty one, of a program that must outlive it; release with accord_free. */
struct accord *accord_new(const struct program *);
void accord_free(struct accord *); /* NULL is fine */
/* The next records of free_poll. The last few thousand are kept to look ahead;
 * memory does not grow. After the first mismatch, gap or doubt the rest is
 * passed over. */
void accord_add(struct accord *, const struct event *, size_t n);
/* No more will come. What cannot be explained is no mismatch if it came after
 * the last record of a thread that was killed on its way. */
void accord_finish(struct accord *);

enum accord_state accord_state(const struct accord *);
/* How many steps are explained. */
uint64_t accord_steps(const struct accord *);
/* The model where the explanation ends: before the record that could not be
 * explained, if there is one. */
const struct world *accord_world(const struct accord *);
/* The first check (always, never two, order) that did not hold, and after
 * which record; -1: none. */
int accord_violated(const struct accord *, struct event *after);
/*
 * The run's verdict, made from free_verdict's and its sentence: VIOLATED if a
 * check did not hold in the order found; NONE instead of ok if there are such
 * checks and the order was not found to the end.
 */
enum verdict accord_verdict(const struct accord *, enum verdict,
			    struct str *why);
/*
 * The order found, at most its first ACCORD_EVENTS steps, as the events that
 * the model gives for it, marks included: what analysis_run looks at. Each has
 * the time and the number of its record; a drain, which has none, those of the
 * step before. Ends where only an interruption explains a result, or with the
 * first check that does not hold.
 */
enum { ACCORD_EVENTS = 1 << 17 };
void accord_events(const struct accord *, struct event_list *out);
/* Appends one sentence for any state. */
void accord_format(const struct accord *, struct str *out);
/* FINDING_MODEL_MISMATCH, to be released with finding_fini; false unless there
 * is one. */
bool accord_finding(const struct accord *, struct finding *out);

#endif
