/*
 * refuse.c - options that would do nothing are refused, not passed over.
 *
 * Who asks for chaos and forgets the free run would believe in a result that
 * had none. Each row: the option, when it has no effect, what to do.
 */
#include <string.h>

#include "refuse.h"

enum when {
	NOT_FREE,   /* live or sim */
	FREE_LINES, /* a free run as lines */
	LINES,      /* --plain, --json or --explain */
	SCREEN,     /* none of these */
	NO_KEYS,    /* no --keys */
	AS_JSON,
};

static const struct rule {
	enum option_id option;
	enum when when;
	const char *text;
} rules[] = {
	{OPTION_CHAOS, NOT_FREE, "is for free runs: add --engine free"},
	{OPTION_TIME, NOT_FREE, "is for free runs: add --engine free"},
	{OPTION_RING, NOT_FREE, "is for free runs: add --engine free"},
	{OPTION_REPEAT, NOT_FREE,
	 "counts free runs: add --engine free --plain"},
	{OPTION_REPEAT, SCREEN, "prints a table: add --plain (or --json)"},
	{OPTION_SCHEDULE, FREE_LINES,
	 "says who moves, but in a free run the kernel does: leave out one"},
	{OPTION_RUN, FREE_LINES,
	 "says who moves, but in a free run the kernel does: leave out one"},
	{OPTION_POLICY, FREE_LINES,
	 "says who moves, but in a free run the kernel does: leave out one"},
	{OPTION_EVERY, FREE_LINES,
	 "says who moves, but in a free run the kernel does: leave out one"},
	{OPTION_EXPLAIN, FREE_LINES,
	 "goes step by step: leave out --engine free"},
	{OPTION_EXPLAIN, AS_JSON, "is for reading: leave out --json"},
	{OPTION_SPEED, LINES, "is for the screen: lines do not wait"},
	{OPTION_KEYS, LINES, "drives the screen: leave out --plain"},
	{OPTION_RECORD, LINES, "films the screen: leave out --plain"},
	{OPTION_DUMP, NO_KEYS, "writes what --keys shows: add --keys FILE"},
	{OPTION_SIZE, NO_KEYS, "is the terminal's, unless --keys drives"},
};

static bool holds(const struct options *o, enum when when)
{
	const char *engine = o->value[OPTION_ENGINE];
	bool free = engine && !strcmp(engine, "free");
	bool lines = options_has(o, OPTION_PLAIN) ||
		     options_has(o, OPTION_JSON) ||
		     options_has(o, OPTION_EXPLAIN);

	switch (when) {
	case NOT_FREE:
		return !free;
	case FREE_LINES:
		return free && lines;
	case LINES:
		return lines;
	case SCREEN:
		return !lines;
	case NO_KEYS:
		return !options_has(o, OPTION_KEYS);
	case AS_JSON:
		return options_has(o, OPTION_JSON);
	}
	return false;
}

bool refuse_idle(const struct options *o, struct error *err)
{
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if (options_has(o, rules[i].option) && holds(o, rules[i].when))
			return fail(err, "--%s %s",
				    option_info[rules[i].option].name,
				    rules[i].text);
	return true;
}
