/*
 * analysis.h - diagnosis as folds over events: the same on every engine and
 * on a loaded trace.
 *
 * Every fold reads the event stream (steps and marks) and the program, never
 * an engine or a world.
 */
#ifndef THREADVIZ_ANALYSIS_H
#define THREADVIZ_ANALYSIS_H

#include "threadviz/finding.h"

/* Findings, owned. */
struct finding_list VEC_OF(struct finding);

/* Appends the findings of the first n events to out, in the order in which
 * they came to light, gravest first within one step. */
void analysis_run(const struct program *, const struct event *events, size_t n,
		  struct finding_list *out);
/* Releases the findings and the list; it is empty again. */
void finding_list_fini(struct finding_list *);
/* Where the events that were looked at stand for a free run's records (see
 * accord_events): lets the findings name those, by index. */
void finding_list_point(struct finding_list *, const struct event *events);

/* The plain-words sentence for the step that the event belongs to: at most
 * FINDING_LINE cells a line, at most two lines. events[at] is a step. */
void analysis_narrate(const struct program *, const struct event *events,
		      size_t n, size_t at, struct str *out);

/*
 * Why: the event that this one depends on: the last write a read saw, the
 * unlock that freed a lock, the signal that woke; for a EVENT_WANTS mark the
 * step that took what it waits for. SIZE_MAX: nothing earlier.
 */
size_t analysis_cause(const struct program *, const struct event *events,
		      size_t n, size_t at);

/*
 * Why a thread waits, or an object (element -1: any) is as it is, after the
 * first n events: the event to look at, SIZE_MAX if there is none, and in out
 * one sentence without its full stop: "A took red at step 3: that is why B
 * waits".
 */
size_t analysis_why_thread(const struct program *, const struct event *events,
			   size_t n, thread_id, struct str *out);
size_t analysis_why_object(const struct program *, const struct event *events,
			   size_t n, object_id, int32_t index, struct str *out);

/* "count: touched under {m}" / "touched under nothing at line 9"; false if the
 * variable was not touched by two threads. */
bool analysis_lockset(const struct program *, const struct event *events,
		      size_t n, object_id, int32_t index, struct str *out);

/* The vector clock of thread t after the first n events, LIMIT_THREADS
 * entries, counting steps of each thread (Lamport 1978, Mattern 1989). */
void analysis_clock(const struct program *, const struct event *events,
		    size_t n, thread_id t, uint32_t *out);

#endif
