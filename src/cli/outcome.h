/*
 * outcome.h - how a run ended, and what was found in it.
 */
#ifndef CLI_OUTCOME_H
#define CLI_OUTCOME_H

#include "threadviz/explore.h"
#include "threadviz/finding.h"
#include "threadviz/json.h"

/* The members "final" (variables by name, arrays as lists) and "output" (what
 * was printed, line by line) of an object. final: of the n values. */
void outcome_json(struct json *, const struct program *,
		  const struct search_value *values, size_t n,
		  const int32_t *final, uint32_t output);
/* A number of schedules, as text: it may be larger than any integer. */
void outcome_count(struct json *, const char *key, struct count);
/* Prints a finding, as lines or as one line of JSON. */
void outcome_finding(const struct finding *, bool json);
/* Prints the object, closed, as a line of its own; another can be begun. */
void outcome_line(struct json *);

#endif
