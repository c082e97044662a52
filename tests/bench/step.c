/*
 * step.c - what a step costs: in the model, on real threads, and how fast the
 * compiler is. Printed, not asserted.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "threadviz/engine.h"
#include "threadviz/lang.h"
#include "threadviz/str.h"

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct program *compile(const char *text, size_t len)
{
	struct diagnostics d = {0};
	struct program *p =
		program_compile("bench", "bench.tv", text, len, NULL, 0, &d);

	diagnostics_fini(&d);
	if (!p)
		abort();
	return p;
}

static void time_steps(enum engine_kind kind, const char *text, int steps)
{
	struct program *p = compile(text, strlen(text));
	struct error err = {0};
	struct engine *e = engine_open(kind, p, &err);
	double begun;

	if (!e) {
		printf("%s: %s\n", engine_name(kind), err.text);
		return;
	}
	begun = now();
	for (int i = 0; i < steps; i++)
		if (engine_step(e, choice_move((thread_id)(i / 3 % 2)), &err) !=
		    ENGINE_OK)
			abort();
	printf("%s: %.2f us a step over %d steps\n", engine_name(kind),
	       (now() - begun) * 1e6 / steps, steps);
	engine_close(e);
	program_free(p);
}

static void time_compiler(void)
{
	struct str text = {0};
	double begun;

	str_add(&text, "scenario \"long\"\nshared x = 0\nthread A:\n");
	for (int i = 0; i < 1330; i++)
		str_addf(&text,
			 "    if x == %d:\n        x = x + %d\n"
			 "    x += 1\n",
			 i, i);
	begun = now();
	program_free(compile(str_cstr(&text), text.len));
	printf("compiler: 3,993 lines in %.1f ms (goal 20)\n",
	       (now() - begun) * 1e3);
	str_free(&text);
}

int main(void)
{
	static const char locks[] =
		"scenario \"steps\"\nshared x = 0\nmutex m, n\n"
		"thread A:\n    loop:\n        lock m\n        x = 1\n"
		"        unlock m\n"
		"thread B:\n    loop:\n        lock n\n        x = 2\n"
		"        unlock n\n";

	puts("# a step (goal on real threads: 20 us)");
	time_steps(ENGINE_SIM, locks, 300000);
	time_steps(ENGINE_LIVE, locks, 30000);
	time_compiler();
	return 0;
}
