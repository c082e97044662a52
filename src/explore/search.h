/*
 * search.h - a search as a whole, for the files that answer from it.
 */
#ifndef EXPLORE_SEARCH_H
#define EXPLORE_SEARCH_H

#include "inside.h"

enum phase {
	PHASE_WALK,
	PHASE_LOOK, /* ends and races, state by state */
	PHASE_ORDER,
	PHASE_FORWARD,
	PHASE_CYCLES,
	PHASE_BACKWARD,
	PHASE_SIMPLEST,
	PHASE_DONE,
};

struct search {
	const struct program *program;
	struct search_options options;
	struct world *from;
	enum phase phase;
	bool bound_hit;
	struct graph graph;
	struct ends ends;
	struct races races;
	struct flow flow;
	struct cycles cycles;
	struct simplest *simplest;
	state_id looked; /* states below have been looked at */
	struct search_report report;
	bool reported;
	double seconds;
	uint64_t memory; /* the most so far */
};

/* ---- outlook.c --------------------------------------------------------- */

/* Fills no_return and decided of a finding; needs the whole graph. */
void finding_explain(struct search *, struct search_finding *);
/* The state of a world, STATE_NONE if it is not in the graph. */
state_id search_state(struct search *, const struct world *);

#endif
