/*
 * judge.h - how a free run ended, all considered: what memory holds, what the
 * records say, what the model makes of them.
 */
#ifndef THREADVIZ_JUDGE_H
#define THREADVIZ_JUDGE_H

#include "threadviz/accord.h"
#include "threadviz/free.h"

/* The end of one free run. */
struct judgement {
	enum free_state state;
	/* NONE: stopped, died, or it cannot be told. What had to hold all along
	 * (always, never two, order) counts, too. */
	enum verdict verdict;
	struct str why; /* a sentence unless it is ok */
	bool complete;  /* it came to its end: its values are final */
	bool lost;      /* records were lost: `output` may not be all */
	uint32_t output;  /* id in program.outputs */
	bool unexplained; /* the model cannot do what was recorded */
	double seconds;
	/* Where the values are: NULL, in memory; else the model's, since
	 * daemons went on in memory after the end. Lives as long as accord. */
	const struct world *world;
};

/* Judges a run that is over, of which `accord` has seen every record. Release
 * the sentence. */
struct judgement judge_run(const struct program *, struct free_run *,
			   struct accord *);
/* The final value of an element. */
int32_t judge_value(const struct judgement *, const struct program *,
		    const struct free_run *, object_id, int32_t index);

#endif
