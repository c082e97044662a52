/*
 * compile.h - a scenario's text as a program, for unit tests.
 */
#ifndef TESTS_COMPILE_H
#define TESTS_COMPILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threadviz/lang.h"

/* Ends the test program if the text has mistakes, saying which. */
static struct program *compile(const char *text)
{
	struct diagnostics mistakes = {0};
	struct program *p = program_compile("test", "test.tv", text,
					    strlen(text), NULL, 0, &mistakes);
	struct str s = {0};

	if (!p) {
		diagnostics_format(&mistakes, "test.tv", text, strlen(text),
				   &s);
		fprintf(stderr, "%s", str_cstr(&s));
		abort();
	}
	diagnostics_fini(&mistakes);
	return p;
}

#endif
