/*
 * expect.h - holding a search's report against a scenario's expectations.
 */
#ifndef CLI_EXPECT_H
#define CLI_EXPECT_H

#include "threadviz/explore.h"

/* Appends one line per expectation that is not met, saying what was found
 * instead; returns how many. */
int expect_check(const struct program *, const struct search_report *,
		 struct str *missed);

/* The same for one; true if it is met. */
bool expect_one(const struct program *, const struct search_report *,
		const struct expect *, struct str *missed);

#endif
