/*
 * sched.h - policies: who moves next when nobody chooses by hand.
 *
 * A policy only answers with one of the world's possible choices; it never
 * changes the world. It counts one tick per step, by which `sleep`, time-outs
 * and `work "…", n` come to an end: a sleeper is left alone until its ticks
 * have passed, or wakes at once when nobody else can move. `work` keeps the
 * only processor under priority and cooperative, and goes on beside the others
 * under the rest. Of a step's several results random and pct take any, the
 * others the first. Stores drain after a few ticks, or when their thread needs
 * it; random drains them like any other step.
 */
#ifndef THREADVIZ_SCHED_H
#define THREADVIZ_SCHED_H

#include "threadviz/world.h"

struct policy;

/*
 * spec: "rr", "rr:N" (round robin, N steps each), "random", "every:N" (switch
 * every N steps), "pct", "pct:D" (Burckhardt et al., ASPLOS 2010: random
 * priorities, D-1 change points), "priority", "cooperative". NULL on failure,
 * with the known names in the message. seed makes random ones repeatable.
 */
struct policy *policy_new(const char *spec, uint64_t seed,
			  const struct program *, struct error *);
/* NULL is nothing. */
void policy_free(struct policy *);
/* The next choice; false if none is possible (the run is over). Asking again
 * before anything is noted gives the same answer. */
bool policy_choose(struct policy *, const struct world *, struct choice *out);
/* Tells the policy what was really done (by hand or as it chose): keeps its
 * ticks, turns and priorities. world is the state before the step. */
void policy_note(struct policy *, const struct world *, struct choice);
/* Forget the run so far; the seed is kept. */
void policy_reset(struct policy *);

#endif
