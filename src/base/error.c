/*
 * error.c - the environment says no.
 *
 * A failure is one sentence for a person and a number for the shell. It is
 * written where it is noticed, and every caller up to main passes it on by
 * returning false. The sentence may name the error it replaces: the text is
 * made before it is stored.
 */
#include "threadviz/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool fail(struct error *err, const char *fmt, ...)
{
	char text[sizeof err->text];
	va_list args;

	if (!err)
		return false;
	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	memcpy(err->text, text, sizeof text);
	err->status = 2;
	return false;
}
