/*
 * policy.h - the inside of a policy: what it remembers of a run, and what it
 * sees when asked.
 */
#ifndef SCHED_POLICY_H
#define SCHED_POLICY_H

#include "threadviz/sched.h"

enum {
	PCT_DEPTH = 3, /* "pct" without a number */
	PCT_DEPTH_MAX = 32,
	PCT_LENGTH_MAX = 512, /* steps of a run it plans for */
	STORE_TICKS = 4,      /* how long a store stays in its buffer */
};

/* What of a run matters for the next choice. All zero: a new run. */
struct memory {
	uint64_t random;   /* state of the generator */
	uint64_t now;      /* ticks */
	uint64_t moves;    /* by anybody */
	thread_id current; /* who moved last, THREAD_NONE: nobody yet */
	uint64_t turn;     /* moves of `current` in a row */
	bool yielded;      /* the last move was a yield or sleep */
	uint64_t since[LIMIT_THREADS];   /* tick of its last move */
	uint64_t rest[LIMIT_THREADS];    /* left alone until this tick */
	uint64_t stored[LIMIT_THREADS];  /* tick since which its oldest store
					   is the oldest */
	bool working[LIMIT_THREADS];     /* rests because of `work` */
	int64_t rank[LIMIT_THREADS];     /* pct: larger goes first */
	uint64_t changes[PCT_DEPTH_MAX]; /* pct: moves after which to demote */
};

struct rule;

struct policy {
	const struct rule *rule;
	const struct program *program;
	int32_t n; /* the number behind the colon */
	uint64_t seed;
	uint64_t length;    /* pct: about how many moves a run has */
	struct memory past; /* what was really done */
	/* What was answered last; becomes the past when it is really done. */
	struct choice answer;
	uint64_t answer_now, answer_random;
};

/* What is possible at a moment. */
struct moment {
	const struct world *world;
	const struct choice *choices;
	size_t count;
	uint64_t now;
	uint64_t movers;  /* threads that can move and are not left alone */
	uint64_t workers; /* threads that could move, were they not working */
	uint64_t *random;
};

struct rule {
	const char *word;
	int32_t n; /* if no number is given; 0: none is taken; -1: must be */
	/* `work` keeps the only processor busy, instead of going on beside. */
	bool one_processor;
	/* Which of a step's results is random, not the first. */
	bool any_result;
	/* Who goes, from movers or workers (not both empty). */
	thread_id (*next)(const struct policy *, const struct moment *);
	/* If not NULL, instead of all else: from what is listed. */
	bool (*any)(const struct policy *, const struct moment *,
		    struct choice *out);
	/* May be NULL. */
	void (*begin)(struct policy *);
	void (*note)(struct policy *, const struct world *, struct choice);
};

extern const struct rule policy_rules[];
extern const size_t policy_rule_count;

/* A number in 0 .. n-1 (n > 0); splitmix64, so any seed will do. */
uint64_t random_below(uint64_t *state, uint64_t n);
/* Whether the thread's choice may be taken now. */
bool moment_allows(const struct policy *, const struct moment *, struct choice);

static inline uint64_t thread_bit(size_t t)
{
	return UINT64_C(1) << t;
}

#endif
