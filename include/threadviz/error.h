/*
 * error.h - the environment says no: a sentence and an exit status.
 *
 * Functions that can fail for reasons outside the program return bool and take
 * a struct error last: `return fail(err, "%s: %s", path, strerror(errno));`.
 */
#ifndef THREADVIZ_ERROR_H
#define THREADVIZ_ERROR_H

#include <stdbool.h>

/* Start with {0}: no error. */
struct error {
	char text[512]; /* one sentence without a newline; "" if none */
	int status;     /* exit status: 2 unless said otherwise; 0 if none */
};

/*
 * Writes the sentence, sets status 2; always false. err may be NULL. (In
 * parentheses because cmocka has a macro of this name.)
 */
bool (fail)(struct error *err, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

#endif
