/*
 * config.c - the user's configuration file.
 *
 * Lines of a word and its values; # begins a comment:
 *
 *	theme dark           auto, dark, light, 8, mono
 *	speed 4              steps a second while playing
 *	ascii on             on or off
 *	mouse on
 *	key F5 restart       an action by its name in the palette
 *
 * Flags win over the environment, the environment over this file.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config.h"
#include "threadviz/file.h"

enum { CONFIG_BYTES = 65536 };

struct place {
	const char *file;
	unsigned line;
	struct config *config; /* the first warning stays, for the screen */
};

__attribute__((format(printf, 2, 3))) static void warn(const struct place *at,
						       const char *fmt, ...)
{
	struct str what = {0};
	va_list ap;

	va_start(ap, fmt);
	str_addv(&what, fmt, ap);
	va_end(ap);
	fprintf(stderr, "%s:%u: %s; the line is passed over\n", at->file,
		at->line, str_cstr(&what));
	if (!at->config->warnings++)
		snprintf(at->config->warning, sizeof at->config->warning,
			 "configuration, line %u: %s", at->line,
			 str_cstr(&what));
	str_free(&what);
}

/* Who opens the screen at once does not see what was written before. */
static void count_others(struct config *c)
{
	size_t n = strlen(c->warning);

	if (c->warnings > 1)
		snprintf(c->warning + n, sizeof c->warning - n,
			 " (and %u more)", c->warnings - 1);
}

static void set_switch(char out[8], const char *value, const struct place *at)
{
	if (!strcmp(value, "on") || !strcmp(value, "off"))
		snprintf(out, 8, "%s", value);
	else
		warn(at, "\"%s\" is neither on nor off", value);
}

static void set_theme(struct config *c, const char *value,
		      const struct place *at)
{
	enum theme theme;

	if (theme_parse(value, &theme))
		snprintf(c->theme, sizeof c->theme, "%s", value);
	else
		warn(at, "theme \"%s\" is none of auto, dark, light, 8, mono",
		     value);
}

static void set_speed(struct config *c, const char *value,
		      const struct place *at)
{
	char *end;
	double speed = strtod(value, &end);

	if (*value && !*end && speed >= 0.25 && speed <= 1000)
		c->speed = speed;
	else
		warn(at, "speed \"%s\" is no number from 0.25 to 1000", value);
}

static void set_key(struct config *c, const char *name, const char *action,
		    const struct place *at)
{
	struct key_binding b = {.action = action_of_name(action)};

	if (!key_parse(name, &b.key))
		warn(at, "there is no key \"%s\"", name);
	else if (b.action == ACTION_NONE)
		warn(at,
		     "there is no action \"%s\"; the key : lists them by name",
		     action);
	else if (c->key_count == KEYMAP_MAX)
		warn(at, "too many keys at \"%s\"", name);
	else
		c->keys[c->key_count++] = b;
}

static void set(struct config *c, char *words[4], const struct place *at)
{
	const char *value = words[1] ? words[1] : "";

	if (!strcmp(words[0], "theme"))
		set_theme(c, value, at);
	else if (!strcmp(words[0], "speed"))
		set_speed(c, value, at);
	else if (!strcmp(words[0], "ascii"))
		set_switch(c->ascii, value, at);
	else if (!strcmp(words[0], "mouse"))
		set_switch(c->mouse, value, at);
	else if (!strcmp(words[0], "key"))
		set_key(c, value, words[2] ? words[2] : "", at);
	else
		warn(at, "\"%s\" is none of theme, speed, ascii, mouse and key",
		     words[0]);
}

static void parse(struct config *c, const char *file, char *text)
{
	struct place at = {.file = file, .config = c};
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		char *words[4] = {0}, *save;
		size_t n = 0;

		at.line++;
		line[strcspn(line, "#\r")] = '\0';
		for (char *w = strtok_r(line, " \t", &save); w && n < 4;
		     w = strtok_r(NULL, " \t", &save))
			words[n++] = w;
		if (n > 3 || (n == 3 && strcmp(words[0], "key") != 0))
			warn(&at, "\"%s\" is a word too many", words[n - 1]);
		else if (n)
			set(c, words, &at);
	}
}

/* False if nothing says where it would lie. */
static bool find(struct str *path)
{
	const char *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (base && *base)
		str_addf(path, "%s/threadviz/config", base);
	else if (home && *home)
		str_addf(path, "%s/.config/threadviz/config", home);
	return path->len;
}

void config_read(struct config *c)
{
	struct str path = {0}, text = {0};
	struct error err = {0};

	*c = (struct config){0};
	if (find(&path) && access(str_cstr(&path), F_OK) == 0) {
		if (!file_read(str_cstr(&path), CONFIG_BYTES, "a configuration",
			       &text, &err))
			fprintf(stderr, "threadviz: %s; it is passed over\n",
				err.text);
		else if (text.len)
			parse(c, str_cstr(&path), text.data);
		count_others(c);
	}
	str_free(&path);
	str_free(&text);
}
