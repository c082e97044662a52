/*
 * fuzz_lang.c - any bytes as a scenario, and the model's first thousand steps
 * of whatever compiles.
 *
 * The steps are chosen by a generator that the text seeds, so that an input
 * always does the same. Messages are formatted too: they quote the input.
 */
#include <assert.h>
#include <stdlib.h>

#include "threadviz/hash.h"
#include "threadviz/lang.h"
#include "threadviz/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { STEPS = 1000 };

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

static void walk(const struct program *p, uint64_t seed)
{
	struct world *w = world_new(p);
	struct choice *choices = xcalloc(WORLD_CHOICES_MAX, sizeof *choices);
	struct step_log log;
	struct str said = {0};

	for (uint32_t n = 1; n <= STEPS; n++) {
		size_t count = world_choices(w, p, choices);

		if (!count)
			break;
		world_step(w, p, choices[next_random(&seed) % count], n, &log);
	}
	if (world_verdict(w, p) > VERDICT_OK)
		world_explain(w, p, &said);
	str_free(&said);
	free(choices);
	free(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const char *text = (const char *)bytes;
	struct diagnostics d = {0};
	struct str said = {0};
	struct program *p = program_compile("fuzz", "fuzz.tv", text, size,
					    NULL, 0, &d);

	assert((p == NULL) == (d.mistakes > 0));
	assert(d.count <= LIMIT_MISTAKES);
	diagnostics_format(&d, "fuzz.tv", text, size, &said);
	if (p) {
		program_list(p, &said);
		walk(p, hash_bytes(bytes, size) | 1);
	}
	str_free(&said);
	diagnostics_fini(&d);
	program_free(p);
	return 0;
}
