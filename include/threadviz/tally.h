/*
 * tally.h - outcomes counted: what many real runs gave, beside all that an
 * exhaustive search calls possible.
 *
 * Two columns, since undisturbed runs of a small race almost never fail and
 * disturbed ones often do; a third number, the search's, is exact.
 */
#ifndef THREADVIZ_TALLY_H
#define THREADVIZ_TALLY_H

#include "threadviz/explore.h"

/* How a run was left to itself. */
enum tally_column {
	TALLY_PLAIN,
	TALLY_CHAOS, /* with random yields and naps */
	TALLY_COLUMNS,
};

/* How one run ended. */
struct tally_end {
	enum verdict verdict;  /* NONE: it was stopped before its end */
	bool complete;         /* as in struct search_outcome */
	const int32_t *values; /* in the order of tally_values */
	bool printed;          /* `output` is known to be all */
	uint32_t output;       /* id in program.outputs */
};

/* What a row is beside the exact set. */
enum tally_note {
	TALLY_SEEN,
	TALLY_ABSENT,  /* the search calls it possible, no run came to it */
	TALLY_UNKNOWN, /* a run came to it, the search knows it cannot be */
};

/* One outcome: how often it was seen, and what the search says of it. */
struct tally_row {
	enum verdict verdict;
	/* Whether values and output belong to it: a run that was cut short by
	 * a failure left them at any state, and all such are one row. */
	bool exact;
	const int32_t *values;
	uint32_t output;
	uint64_t seen[TALLY_COLUMNS];
	bool possible;          /* the search knows it: then also */
	struct count schedules; /* how many end so */
	double chance;          /* under a uniformly random scheduler */
};

/* A column added up. */
struct tally_sum {
	uint64_t runs;
	uint64_t wrong;   /* of them: violated, crash, deadlock */
	uint64_t unknown; /* of them: not known to the search */
	uint64_t stopped; /* of them: not ended */
};

struct tally;

/* Nothing counted yet; the program must outlive it. */
struct tally *tally_new(const struct program *);
void tally_free(struct tally *); /* NULL is fine */

/* Which elements of variables tell outcomes apart; the same as those of a
 * search_report. */
const struct search_value *tally_values(const struct tally *, size_t *n);

/* The exact set; once, and only of a complete report. */
void tally_expect(struct tally *, const struct search_report *);
/* Whether there is one. */
bool tally_is_exact(const struct tally *);
/* One run. */
void tally_add(struct tally *, enum tally_column, const struct tally_end *);
/* Forgets the runs; the exact set stays. */
void tally_clear(struct tally *);

/* The rows: what the search does not know first, then what is wrong, what is
 * right, what was stopped; of these by values. Valid until the next change. */
size_t tally_count(const struct tally *);
const struct tally_row *tally_row(const struct tally *, size_t i);
enum tally_note tally_note(const struct tally *, const struct tally_row *);
struct tally_sum tally_sum(const struct tally *, enum tally_column);

/* Of the exact set: all schedules, and those that go wrong. */
struct count tally_schedules(const struct tally *);
struct count tally_wrong(const struct tally *);
/* The share of schedules that end so (of wrong: that go wrong), 0 to 1; the
 * chance where their number is infinite. */
double tally_share(const struct tally *, const struct tally_row *);
double tally_wrong_share(const struct tally *);

/* Appends "4 of 6 schedules wrong", or what else there is to say. */
void tally_format_exact(const struct tally *, struct str *out);
/* Appends "count=1 flag=0,1 hello": values and what was printed; nothing for a
 * row where they do not count. */
void tally_format(const struct tally *, const struct tally_row *,
		  struct str *out);

#endif
