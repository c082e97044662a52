/*
 * accord.h - inside: one record against the model.
 */
#ifndef ENGINE_ACCORD_H
#define ENGINE_ACCORD_H

#include "threadviz/accord.h"
#include "threadviz/vec.h"

/* A step that was recorded, and between what its thread did before and after:
 * when it really happened lies in between. */
struct item {
	struct event e;
	uint64_t before, after; /* ns; after: UINT64_MAX as long as unknown */
	uint64_t wanted;        /* ns: since then it waited, if it did */
	bool waited;
};

/* Records of one thread, from `head` on not yet taken by the model. */
struct lane {
	VEC(struct item) items;
	size_t head;
	uint64_t last; /* ns: its latest record */
	bool ended;    /* that says so */
	bool waits;    /* that says so */
};

/* A step of the order found so far; NO_RECORD: a store that drained. */
struct told {
	struct choice choice;
	uint32_t step; /* number of its record */
	uint64_t time;
	enum bend {            /* its value only an interruption explains: */
		    STRAIGHT,  /* no */
		    BENT_OLD,  /* read long before its stamp */
		    BENT_LATE, /* written long after its own */
	} bend;
	int32_t value; /* of a bent read */
	bool waited;
	uint64_t wanted; /* ns: from then on; 0: not known */
};
#define NO_RECORD UINT32_MAX

/* A value that a variable once had. */
struct past {
	uint64_t time; /* until then, ns */
	object_id object;
	int32_t index, value;
};

/* A choice that shows late whether it was right: see accordopen.c. */
struct open {
	uint64_t until;   /* ns: a touch after that settles it */
	uint64_t step;    /* of the choice */
	uint64_t settled; /* with which step; 0: not */
	object_id object;
	int32_t index;
};
enum { ACCORD_OPEN = 32 };

struct accord {
	const struct program *program;
	struct world *world, *ahead; /* now; scratch: one step on */
	struct step_log log;         /* of the step in `ahead` */
	struct lane lanes[LIMIT_THREADS];
	VEC(struct past) past;
	uint64_t past_gone; /* how many were forgotten */
	enum accord_state state;
	bool over; /* the run has ended in the model */
	uint64_t steps;
	uint64_t bent;          /* results that only an interruption explains */
	struct told next;       /* of the step in `ahead`, without its record */
	size_t drained;         /* stores that drained before it */
	VEC(struct told) order; /* the first steps of it, for accord_events */
	uint64_t ordered;       /* how many it has come to */
	bool complete;          /* no more records will come */
	bool guessed;           /* at whom a signal woke, for want of records */
	bool signals;           /* the program has any */
	int violated;
	uint64_t violated_step;
	struct event violated_after;
	struct world *violated_world;
	/* the search, see accord.c: */
	struct junction *junctions;
	size_t first, count;   /* a ring of them */
	uint64_t lost_until;   /* ns: choices up to here are forgotten */
	uint64_t forgotten;    /* the latest of them, in steps */
	struct open open[ACCORD_OPEN];
	size_t open_count;
	bool open_lost; /* for want of room, or in a store buffer */
	struct dead_end *dead; /* states from which there is no way on */
	uint64_t episode;      /* grows with `best`; older dead ends are void */
	size_t fresh;          /* records since the model went on last */
	unsigned tries;        /* since it got any further */
	uint64_t effort;       /* tries in all */
	unsigned slack;        /* index: how much freedom there is */
	uint64_t relaxed_until; /* step up to which it stays so */
	uint64_t best;          /* the furthest that was reached */
	bool held_up; /* there some thread's next record had not come */
	struct event culprit;
	struct world *best_world;
};

static inline const struct item *lane_head(const struct lane *l)
{
	return l->head < l->items.len ? &l->items.data[l->head] : NULL;
}

/* When the step really happened: at the earliest, at the latest. */
void item_span(const struct item *, uint64_t *from, uint64_t *to);
/* Whether more records are needed to tell whom that signal woke. */
bool accord_must_guess(const struct accord *, const struct event *);
/* The thread's next records (a step's), before they become part of the order:
 * may another step have come first? slack: ns; fixed: steps that no way back
 * undoes. */
void accord_open(struct accord *, thread_id, size_t taken, uint64_t slack,
		 uint64_t fixed);
/* It has become the step a->steps, and memory explains it. */
void accord_settle(struct accord *, const struct item *);
/* Back to a->steps. */
void accord_reopen(struct accord *);
/* Whether such a choice, in one of the steps up to there, is not settled. */
bool accord_is_open(const struct accord *, uint64_t forgotten);
/* The step in `ahead` has become part of the order, by these records; none: a
 * drain. */
void accord_tell(struct accord *, const struct item *records, size_t n);
/* Back to so many. */
void accord_untell(struct accord *, uint64_t ordered);
/* Takes the thread's next step in `ahead`; false if it does not fit there.
 * taken: how many records it used up. */
bool accord_try(struct accord *, thread_id, size_t *taken);

#endif
