/*
 * scenario.h - for tests: a program from a few lines of text.
 */
#ifndef TESTS_SCENARIO_H
#define TESTS_SCENARIO_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threadviz/embedded.h"
#include "threadviz/lang.h"

/* The program of that text (the title is added), or the end of the test. */
static inline struct program *scenario(const char *text)
{
	struct diagnostics d = {0};
	struct str all = {0}, said = {0};
	struct program *p;

	str_addf(&all, "scenario \"test\"\n%s", text);
	p = program_compile("test", "test.tv", str_cstr(&all), all.len, NULL, 0,
			    &d);
	if (!p) {
		diagnostics_format(&d, "test.tv", str_cstr(&all), all.len,
				   &said);
		fprintf(stderr, "%s", str_cstr(&said));
		abort();
	}
	diagnostics_fini(&d);
	str_free(&all);
	str_free(&said);
	return p;
}

/* A scenario that ships, with that many parameters set. */
static inline struct program *shipped(const char *name,
				      const struct lang_param *params, size_t n)
{
	struct diagnostics d = {0};

	for (size_t i = 0; i < embedded_count; i++) {
		const struct embedded *e = &embedded_scenarios[i];
		struct program *p;

		if (strcmp(e->name, name) != 0)
			continue;
		p = program_compile(name, name, e->text, e->len, params, n, &d);
		diagnostics_fini(&d);
		if (p)
			return p;
	}
	fprintf(stderr, "no scenario %s\n", name);
	abort();
}

/* The schedule of that text, to be freed with vec_free. */
static inline struct schedule schedule_of(const struct program *p,
					  const char *text)
{
	struct schedule s = {0};
	struct error err = {0};

	if (!schedule_parse(p, text, &s, &err)) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return s;
}

#endif
