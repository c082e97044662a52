/*
 * keys.c - the table of actions, and which key does what.
 *
 * keys.def is read here once as data; keys are found by walking it, which is
 * fast enough for fingers and needs no second table to keep in step.
 */
#include <ctype.h>
#include <string.h>

#include "threadviz/app.h"

const struct action_info action_info[ACTION_COUNT] = {
#define ACTION(id, g, k, h, text) \
	[ACTION_##id] = { \
		.name = #id, .group = g, .keys = k, .hint = h, .help = text},
#include "threadviz/keys.def"
#undef ACTION
};

/* The next of an action's keys, walking *at; false at the end. */
static bool next_key(const char **at, key_code *out)
{
	char name[16];
	size_t len;

	*at += strspn(*at, " ");
	len = strcspn(*at, " ");
	if (len == 0 || len >= sizeof name)
		return false;
	memcpy(name, *at, len);
	name[len] = '\0';
	*at += len;
	return key_parse(name, out);
}

enum action action_of_key(key_code key)
{
	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *at = action_info[i].keys;
		key_code k;

		while (next_key(&at, &k))
			if (k == key)
				return (enum action)i;
	}
	return ACTION_NONE;
}

key_code action_key(enum action a)
{
	const char *at = action_info[a].keys;
	key_code k;

	return next_key(&at, &k) ? k : 0;
}

void action_format(enum action a, struct str *out)
{
	for (const char *c = action_info[a].name; *c; c++)
		str_addc(out,
			 *c == '_' ? '-' : (char)tolower((unsigned char)*c));
}

enum action action_of_name(const char *name)
{
	enum action found = ACTION_NONE;

	for (int i = 0; i < ACTION_COUNT && found == ACTION_NONE; i++) {
		struct str s = {0};

		action_format((enum action)i, &s);
		if (!strcmp(str_cstr(&s), name))
			found = (enum action)i;
		str_free(&s);
	}
	return found;
}
