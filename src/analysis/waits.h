/*
 * waits.h - who waits for whom, shared by the files that put it in words.
 */
#ifndef ANALYSIS_WAITS_H
#define ANALYSIS_WAITS_H

#include "inside.h"

struct waits {
	struct view *v;
	struct scene scene;
	bool stopped;  /* nobody can move any more, and then: */
	struct machine *begin; /* every thread where it begins */
	struct machine *now;   /* and where it stands */
	uint64_t counting; /* threads whose wait keeps the run from its end */
	uint64_t told; /* threads whose wait has been explained */
	struct finding_list *out;
};

/* Threads in the order in which they wait, each for the next. */
struct ring {
	thread_id who[LIMIT_THREADS];
	size_t len;
};

/* The event that a stuck thread waits with: its mark, or falling asleep. */
static inline uint32_t waits_event(const struct waits *w, thread_id t)
{
	const struct actor *a = &w->scene.actors[t];

	return actor_sleeps(a) ? a->asleep : a->wants;
}

/* Who must act before t can go on, whatever else happens. */
uint64_t waits_firm(const struct scene *, thread_id);
/* Once all has stopped: also who has the permit, or could post, put, set. */
uint64_t waits_for(const struct waits *, thread_id);
/* Whether two stuck threads' events are waits for the very same. */
bool waits_alike(const struct waits *, uint32_t a, uint32_t b);
/* "blue", "a permit of s", "an item in q", "the end of B" */
const char *say_want(struct waits *, thread_id);

/* Reports the ring that t is in, if there is one and it is not told yet. */
void ring_look(struct waits *, thread_id, size_t at);
void ring_report(struct waits *, const struct ring *, size_t at);
/* When all has stopped: the waits that have a name of their own (stuck.c), and
 * every wait that is still left. */
void forever_named(struct waits *, size_t at);
void forever_explain(struct waits *, size_t at);

#endif
