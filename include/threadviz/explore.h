/*
 * explore.h - exhaustive search over the model, resumable in slices.
 *
 * The state graph over worlds is walked breadth first; every state is kept in
 * full (no verdict rests on a hash). Counts come from dynamic programming over
 * the graph. See src/explore/ for the algorithms and their sources.
 */
#ifndef THREADVIZ_EXPLORE_H
#define THREADVIZ_EXPLORE_H

#include "threadviz/count.h"
#include "threadviz/choice.h"
#include "threadviz/world.h"

enum {
	SEARCH_STATES = 20000000, /* default bound on states */
	SEARCH_MEMORY = 4096,     /* default bound, MiB */
};

/* {0} is the whole search from the start, within the default bounds. */
struct search_options {
	const struct world *from; /* NULL: the start of the run */
	uint64_t max_states;      /* 0: SEARCH_STATES */
	uint64_t max_memory;      /* bytes; 0: SEARCH_MEMORY MiB */
	bool no_symmetry;
	bool graph_only; /* verdicts, outcomes and chances; no schedules of
			    findings (for the futures line) */
	bool keep;       /* keep the graph for search_outlook */
};

/* Whether there is more to do. */
enum search_status {
	SEARCH_RUNNING,
	SEARCH_DONE,
	SEARCH_BOUND, /* a bound was hit: the report is partial */
};

/* One way to end: a verdict, final values and output, and how often. */
struct search_outcome {
	enum verdict verdict;
	struct count schedules;
	double chance;      /* under a uniformly random scheduler */
	bool complete;      /* the run came to its end: ok, or violated by a
			       `finally` */
	const int32_t *final; /* report.value_count values, see values */
	uint32_t output;    /* id in program.outputs */
};

/* One thing that can go wrong, with the simplest schedule that shows it: the
 * fewest preemptions, then the fewest steps. */
struct search_finding {
	enum verdict verdict; /* VIOLATED, CRASH or DEADLOCK */
	char *what;
	unsigned line;
	uint32_t steps, preemptions;
	struct schedule schedule;
	uint32_t no_return; /* 1-based step that enters the first doomed state;
			       0: doomed from the start */
	/*
	 * Why it fails: the earliest step whose choice decided (1-based), and
	 * the touch it came before; swapped, the rest can still end well.
	 * 0: not known.
	 */
	uint32_t decided_at;
	char *decided; /* a sentence, or NULL */
};

/* Two touches of a variable, one a write, that can be next at the same time. */
struct search_race {
	object_id object; /* the original, for a copy */
	unsigned lines[2]; /* ascending */
};

/* All that the search found. */
struct search_report {
	bool complete;
	uint64_t states, transitions;
	uint64_t reduced_states; /* up to thread symmetry; = states if none */
	struct count schedules, verdicts[VERDICT_COUNT];
	double chance_bad;
	bool livelock;
	struct schedule stem, cycle; /* of the livelock: how to get there, and
					once round */
	/* which variable elements `final` lists, in order */
	const struct search_value { object_id object; int32_t index; } *values;
	size_t value_count;
	struct search_outcome *outcomes;
	size_t outcome_count;
	struct search_finding *findings; /* simplest first */
	size_t finding_count;
	struct search_race *races; /* by object, lines */
	size_t race_count;
	double seconds;
	uint64_t memory; /* peak bytes */
};

struct search;

/* At its beginning; the program must outlive it. Release with search_free, also
 * before its end. */
struct search *search_new(const struct program *,
			  const struct search_options *);
void search_free(struct search *);
/* Goes on for about that many states' worth of work (each a microsecond or
 * less); resumable at once. */
enum search_status search_step(struct search *, uint64_t budget);
/* To the end or a bound; stop (may be NULL) is asked now and then. */
enum search_status search_run(struct search *, bool (*stop)(void *), void *);
/* Complete after SEARCH_DONE; partial before. Owned by the search. */
const struct search_report *search_report(struct search *);
/* States found so far, and the depth, for progress. */
void search_progress(const struct search *, uint64_t *states, uint32_t *depth);

/* What can still happen from a world (needs options.keep and SEARCH_DONE). */
struct outlook {
	bool known;
	struct count schedules; /* continuations */
	struct count bad;       /* of them, ending badly */
	double chance_bad;
	uint32_t verdicts; /* bits 1 << enum verdict still reachable */
	uint64_t outcomes; /* bits: which of report.outcomes (first 64) */
	bool doomed;
	bool livelock; /* can still be come to */
};
/* Looks the world up; `known` is false if the search never came to it. */
void search_outlook(struct search *, const struct world *, struct outlook *);

/* Draws a schedule uniformly from all of them; false if there is a cycle. */
bool search_sample(struct search *, uint64_t *random_state,
		   struct schedule *out);

#endif
