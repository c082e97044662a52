/*
 * finding.h - something that is wrong (or worth knowing), with its witness
 * and in words.
 */
#ifndef THREADVIZ_FINDING_H
#define THREADVIZ_FINDING_H

#include "threadviz/event.h"
#include "threadviz/program.h"

/* In the order of findings.def: of several in one step the first is shown. */
enum finding_kind {
#define FINDING(id, name, title, severity) FINDING_##id,
#include "threadviz/findings.def"
#undef FINDING
	FINDING_COUNT,
};

/* How bad, from the mildest. */
enum severity {
	SEVERITY_NOTE,  /* worth knowing: "signal with nobody waiting" */
	SEVERITY_RISK,  /* could go wrong: data race, lock order */
	SEVERITY_WRONG, /* has gone wrong: deadlock, lost update, violated */
};

/* A row of findings.def. */
struct finding_info {
	const char *name;  /* "lost-update" */
	const char *title; /* "LOST UPDATE" */
	enum severity severity;
};
extern const struct finding_info finding_info[FINDING_COUNT];

enum {
	FINDING_EVENTS = 4,
	FINDING_LINE = 72, /* no sentence line is longer */
};

/* One finding. */
struct finding {
	uint8_t kind;          /* enum finding_kind */
	object_id object;      /* what it is about; OBJECT_NONE: nothing */
	int32_t index;
	uint32_t step;         /* the step at which it came to light */
	uint64_t threads;      /* those involved, bit t */
	/*
	 * Indices into the event stream: [0] and [1] are the two that matter
	 * (A and B on the screen), [2] the read that was stale by then, [3]
	 * any other; SIZE_MAX: none.
	 */
	size_t events[FINDING_EVENTS];
	/* Sentences, owned, never NULL; lines separated by '\n', each at most
	 * FINDING_LINE cells. */
	char *what; /* what happened, with values and steps */
	char *why;  /* why it is wrong */
	char *fix;  /* the fix, in the scenario's own names */
};

/* Releases its sentences. */
void finding_fini(struct finding *);

#endif
