/*
 * fuzz_lang.c - any bytes as a scenario, and the model's first thousand steps
 * of whatever compiles.
 *
 * The steps are chosen by a generator that the text seeds, so that an input
 * always does the same. Messages are formatted too: they quote the input.
 *
 * Random bytes hardly ever compile, so every other mutation works on lines: one
 * is taken out, doubled, or a statement put in where it fits the indentation.
 * The statements use the names that corpus/fuzz_lang/everything.tv declares.
 */
#include <assert.h>
#include <stdlib.h>

#include "threadviz/hash.h"
#include "threadviz/lang.h"
#include "threadviz/world.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room,
			       unsigned seed);
/* libFuzzer's own; not there when a corpus is replayed. */
extern size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room)
	__attribute__((weak));

enum { STEPS = 1000 };

static const char *const statements[] = {
	"let t = x",
	"let t = choose(0..2)",
	"t = t + 1",
	"x = t",
	"x += 1",
	"flag[me] = 1",
	"flag[x] -= 1",
	"turn = 1 - me",
	"y = 1",
	"y++",
	"z[1] = y",
	"fence",
	"if x == 1:",
	"elif y == 2:",
	"else:",
	"while flag[0] == 1:",
	"repeat 2:",
	"for i in 0..2:",
	"loop:",
	"break",
	"continue",
	"return",
	"region CS:",
	"enter R",
	"leave R",
	"atomic:",
	"lock m",
	"unlock m",
	"lock fork[x]",
	"unlock fork[x]",
	"lock r",
	"unlock r",
	"wait c, m",
	"wait c, r",
	"signal c",
	"broadcast c",
	"t = waitfor(c, m, 2)",
	"wait s",
	"post s",
	"post sb",
	"wait e",
	"set e",
	"clear e",
	"wait b",
	"arrive k",
	"wait k",
	"put q, x",
	"t = get(q)",
	"t = tryget(free)",
	"tryput(q, 1)",
	"put free, 1",
	"done q",
	"join q",
	"t = getfor(q, 1)",
	"t = lockfor(m, 1)",
	"trylock(m)",
	"trywait(s)",
	"put buf, 1",
	"t = get(buf)",
	"rdlock rw",
	"wrlock rw",
	"unlock rw",
	"sleep 2",
	"yield",
	"print x",
	"print \"x\", t",
	"work \"label\"",
	"assert x < 3",
	"t = select(q, free)",
	"t = cas(x, 0, 1)",
	"t = xchg(turn, 1)",
	"t = fetch_add(y, 1)",
	"t = take(x)",
	"lockup(1)",
	"start W[0]",
	"start W[x]",
	"join W[0]",
	"join A",
	"thread G[2]:",
	"process H:",
	"later thread I:",
	"daemon thread J:",
	"cooperative",
	"option spurious",
	"always size(q) < 3",
	"finally x == 1",
	"always s >= 0",
};

static uint64_t next_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

struct line_place {
	size_t start, end; /* end: behind its newline */
	size_t indent;     /* what a line behind it would have */
};

/* The n-th line, counted round and round. */
static struct line_place find_line(const uint8_t *bytes, size_t size,
				   uint64_t n)
{
	struct line_place at = {0};
	size_t lines = 1, last;

	for (size_t i = 0; i < size; i++)
		lines += bytes[i] == '\n';
	n %= lines;
	for (; n && at.start < size; at.start++)
		n -= bytes[at.start] == '\n';
	for (at.end = at.start; at.end < size && bytes[at.end] != '\n';)
		at.end++;
	last = at.end;
	at.end += at.end < size;
	while (at.start + at.indent < last &&
	       bytes[at.start + at.indent] == ' ')
		at.indent++;
	if (last > at.start && bytes[last - 1] == ':')
		at.indent += 4;
	return at;
}

static size_t insert(uint8_t *bytes, size_t size, size_t room, size_t at,
		     const void *text, size_t len)
{
	if (size + len > room)
		return size;
	memmove(bytes + at + len, bytes + at, size - at);
	memcpy(bytes + at, text, len);
	return size + len;
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room,
			       unsigned seed)
{
	uint64_t random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
	unsigned what = next_random(&random) % 8;
	struct line_place at = find_line(bytes, size, next_random(&random));
	size_t n = sizeof statements / sizeof *statements;
	struct str line = {0};

	if (what < 4)
		return LLVMFuzzerMutate(bytes, size, room);
	if (what == 4) {
		memmove(bytes + at.start, bytes + at.end, size - at.end);
		return size - (at.end - at.start);
	}
	if (what == 5)
		str_addn(&line, (const char *)bytes + at.start,
			 at.end - at.start);
	else
		str_addf(&line, "%*s%s\n", (int)at.indent, "",
			 statements[next_random(&random) % n]);
	size = insert(bytes, size, room, at.end, str_cstr(&line), line.len);
	str_free(&line);
	return size;
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
	struct program *p =
		program_compile("fuzz", "fuzz.tv", text, size, NULL, 0, &d);

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
