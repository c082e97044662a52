/*
 * options.c - reading the command line by the table options.def.
 *
 * Long options may be shortened to what is unambiguous and take their argument
 * behind `=` or as the next word; `--` ends them. Options may stand anywhere
 * among the words. (getopt_long would do most of it, but says what is wrong in
 * its own words and knows no "did you mean".)
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "threadviz/arena.h"
#include "threadviz/grid.h"
#include "threadviz/str.h"

const struct option_info option_info[OPTION_COUNT] = {
#define OPTION(id, n, l, a, c, h) \
	[OPTION_##id] = {.name = n, \
			 .letter = l, \
			 .argument = a, \
			 .commands = c, \
			 .help = h},
#include "threadviz/options.def"
#undef OPTION
};

static bool has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = list; (at = strstr(at, word)); at += len)
		if ((at == list || at[-1] == ' ') &&
		    (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

bool option_for(enum option_id id, const char *command)
{
	const char *list = option_info[id].commands;

	return !strcmp(list, "*") || has_word(list, *command ? command : "run");
}

static bool unknown(const char *word, const char *command, struct error *err)
{
	const char *names[OPTION_COUNT];
	const char *near;

	for (int i = 0; i < OPTION_COUNT; i++)
		names[i] = option_for((enum option_id)i, command)
				   ? option_info[i].name
				   : NULL;
	near = str_nearest(word, names, OPTION_COUNT);
	if (near)
		return fail(err, "there is no option --%s: did you mean --%s?",
			    word, near);
	return fail(err,
		    "there is no option --%s; `threadviz%s%s --help` "
		    "lists them",
		    word, *command ? " " : "", command);
}

/* The option `name` (len letters) of this command, or OPTION_COUNT. */
static enum option_id find_long(const char *name, size_t len,
				const char *command)
{
	enum option_id found = OPTION_COUNT;

	for (int i = 0; i < OPTION_COUNT; i++) {
		const char *n = option_info[i].name;

		if (!option_for((enum option_id)i, command) ||
		    strncmp(n, name, len) != 0)
			continue;
		if (!n[len])
			return (enum option_id)i;
		if (found != OPTION_COUNT)
			return OPTION_COUNT; /* ambiguous */
		found = (enum option_id)i;
	}
	return found;
}

static enum option_id find_letter(char letter, const char *command)
{
	for (int i = 0; i < OPTION_COUNT; i++)
		if (option_info[i].letter == letter &&
		    option_for((enum option_id)i, command))
			return (enum option_id)i;
	return OPTION_COUNT;
}

/* Sets the option; its argument is `value`, or else the next word. */
static bool set(struct options *o, enum option_id id, const char *value,
		int *at, int argc, char **argv, struct error *err)
{
	const struct option_info *info = &option_info[id];

	if (!info->argument) {
		if (value)
			return fail(err, "--%s takes no value", info->name);
		o->value[id] = "";
		return true;
	}
	if (!value) {
		if (*at + 1 >= argc)
			return fail(err, "--%s needs a value: --%s %s",
				    info->name, info->name, info->argument);
		value = argv[++*at];
	}
	o->value[id] = value;
	return true;
}

static bool parse_long(struct options *o, const char *command, int *at,
		       int argc, char **argv, struct error *err)
{
	const char *name = argv[*at] + 2;
	size_t len = strcspn(name, "=");
	const char *value = name[len] ? name + len + 1 : NULL;
	enum option_id id = find_long(name, len, command);
	char word[64];

	if (id != OPTION_COUNT)
		return set(o, id, value, at, argc, argv, err);
	if (len == 8 && !strncmp(name, "no-color", 8) &&
	    option_for(OPTION_COLOR, command)) {
		o->value[OPTION_COLOR] = "never";
		return true;
	}
	snprintf(word, sizeof word, "%.*s", (int)(len < 60 ? len : 60), name);
	return unknown(word, command, err);
}

static bool parse_short(struct options *o, const char *command, int *at,
			int argc, char **argv, struct error *err)
{
	char letter = argv[*at][1];
	const char *value = argv[*at][2] ? argv[*at] + 2 : NULL;
	enum option_id id = find_letter(letter, command);

	if (id == OPTION_COUNT)
		return fail(err, "there is no option -%c", letter);
	return set(o, id, value, at, argc, argv, err);
}

bool options_parse(struct options *o, const char *command, int argc,
		   char **argv, struct error *err)
{
	bool ended = false;

	*o = (struct options){
		.words = xcalloc((size_t)argc + 1, sizeof *o->words)};
	for (int i = 0; i < argc; i++) {
		const char *word = argv[i];
		bool ok = true;

		if (!ended && !strcmp(word, "--"))
			ended = true;
		else if (!ended && !strncmp(word, "--", 2))
			ok = parse_long(o, command, &i, argc, argv, err);
		else if (!ended && word[0] == '-' && word[1])
			ok = parse_short(o, command, &i, argc, argv, err);
		else
			o->words[o->word_count++] = word;
		if (!ok)
			return false;
	}
	return true;
}

void options_fini(struct options *o)
{
	free(o->words);
	o->words = NULL;
}

bool options_number(const struct options *o, enum option_id id, int64_t low,
		    int64_t high, int64_t *out, struct error *err)
{
	const char *text = o->value[id];
	char *end;
	long long n;

	if (!text)
		return true;
	errno = 0;
	n = strtoll(text, &end, 10);
	if (end == text || *end || errno || n < low || n > high)
		return fail(err, "--%s %s: must be a number from %lld to %lld",
			    option_info[id].name, text, (long long)low,
			    (long long)high);
	*out = n;
	return true;
}

bool options_size(const struct options *o, int *w, int *h, struct error *err)
{
	const char *text = o->value[OPTION_SIZE];

	if (!text || grid_parse_size(text, w, h))
		return true;
	return fail(err, "--size %s: must be like 80x24, at most 1000x1000",
		    text);
}

int complain(const struct error *err)
{
	fprintf(stderr, "threadviz: %s\n", err->text);
	return err->status ? err->status : EXIT_USAGE;
}
