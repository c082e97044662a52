/*
 * keys.c - the table of actions, and which key does what.
 *
 * keys.def is read here once as data; keys are found by walking it, which is
 * fast enough for fingers and needs no second table to keep in step. The user's
 * own keys go before it, in what they do and in how the screen names them.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "threadviz/app.h"
#include "threadviz/utf8.h"

const struct action_info action_info[ACTION_COUNT] = {
#define ACTION(id, g, k, h, text) \
	[ACTION_##id] = { \
		.name = #id, .group = g, .keys = k, .hint = h, .help = text},
#include "threadviz/keys.def"
#undef ACTION
};

/* NULL: the same as ever. */
static const char *const in_free_run[ACTION_COUNT] = {
#define ACTION(id, group, keys, hint, help)
#define IN_FREE_RUN(id, help) [ACTION_##id] = help,
#include "threadviz/keys.def"
#undef ACTION
};

const char *action_help(enum action a, bool free)
{
	return free && in_free_run[a] ? in_free_run[a] : action_info[a].help;
}

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

/* ---- the user's own ----------------------------------------------------- */

/* Where the user gave the key an action; keymap_count: nowhere. */
static size_t own_at(const struct app *app, key_code key)
{
	size_t i = 0;

	while (i < app->keymap_count && app->keymap[i].key != key)
		i++;
	return i;
}

enum action app_action(const struct app *app, key_code key)
{
	size_t i = own_at(app, key);

	return i < app->keymap_count ? app->keymap[i].action
				     : action_of_key(key);
}

struct key_list {
	key_code keys[KEYMAP_MAX + ACTION_COUNT];
	size_t len;
};

static struct key_list keys_of(const struct app *app, enum action a)
{
	const char *at = action_info[a].keys;
	struct key_list l = {0};
	key_code k;

	for (size_t i = 0; i < app->keymap_count; i++)
		if (app->keymap[i].action == a &&
		    own_at(app, app->keymap[i].key) == i)
			l.keys[l.len++] = app->keymap[i].key;
	while (next_key(&at, &k) && l.len < KEYMAP_MAX + ACTION_COUNT)
		if (own_at(app, k) == app->keymap_count)
			l.keys[l.len++] = k;
	return l;
}

/* "^U" for "Ctrl-U" where it has to be short. */
static void add_key(key_code key, bool brief, struct str *out)
{
	struct str s = {0};
	const char *name;

	key_format(key, &s);
	name = str_cstr(&s);
	if (brief && !strncmp(name, "Ctrl-", 5))
		str_addf(out, "^%s", name + 5);
	else if (brief && !strncmp(name, "Shift-", 6))
		str_addf(out, "S-%s", name + 6);
	else
		str_add(out, name);
	str_free(&s);
}

/* As many as fit into w cells, the first always; whether all did. */
static bool add_keys(const struct key_list *l, bool brief, int w,
		     struct str *out)
{
	for (size_t i = 0; i < l->len; i++) {
		size_t before = out->len;

		if (i)
			str_addc(out, ' ');
		add_key(l->keys[i], brief, out);
		if (utf8_width(str_cstr(out)) <= w)
			continue;
		if (i)
			str_cut(out, before);
		return false;
	}
	return true;
}

void app_keys(const struct app *app, enum action a, int w, struct str *out)
{
	struct key_list l = keys_of(app, a);

	if (a == ACTION_THREAD) {
		str_add(out, "1-9"); /* which digit says which thread */
		return;
	}
	if (add_keys(&l, false, w, out))
		return;
	str_clear(out);
	add_keys(&l, true, w, out);
}

struct key_name app_key_name(const struct app *app, enum action a)
{
	struct key_list l = keys_of(app, a);
	struct key_name name = {0};
	struct str s = {0};

	if (l.len)
		key_format(l.keys[0], &s);
	snprintf(name.text, sizeof name.text, "%s", str_cstr(&s));
	str_free(&s);
	return name;
}
