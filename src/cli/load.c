/*
 * load.c - finding and compiling a scenario named on the command line.
 *
 * Where a name may stand for several things the user's own files win over the
 * embedded scenarios, so that a lecturer can put an improved `race.tv` beside.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "load.h"
#include "threadviz/arena.h"
#include "threadviz/embedded.h"
#include "threadviz/file.h"
#include "threadviz/lang.h"
#include "threadviz/str.h"
#include "threadviz/vec.h"

/* ---- reading ----------------------------------------------------------- */

/* "scenarios/race.tv" -> "race" */
static char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *name = xstrdup(slash ? slash + 1 : path);
	size_t len = strlen(name);

	if (len > 3 && !strcmp(name + len - 3, ".tv"))
		name[len - 3] = '\0';
	return name;
}

static bool from_file(struct source *s, const char *path, struct error *err)
{
	struct str text = {0};

	if (!file_read(path, LIMIT_TEXT, "a scenario", &text, err)) {
		str_free(&text);
		return false;
	}
	s->name = base_name(path);
	s->file = xstrdup(path);
	s->len = text.len;
	s->text = str_take(&text);
	return true;
}

static bool exists(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* ---- finding ----------------------------------------------------------- */

static bool is_path(const char *word)
{
	size_t len = strlen(word);

	return strchr(word, '/') || (len > 3 && !strcmp(word + len - 3, ".tv"));
}

/* NAME.tv here or in a directory of $THREADVIZ_PATH; "" if in none. */
static void find_own(const char *name, char path[PATH_MAX])
{
	const char *dirs = getenv("THREADVIZ_PATH");

	snprintf(path, PATH_MAX, "./%s.tv", name);
	if (exists(path))
		return;
	while (dirs && *dirs) {
		int len = (int)strcspn(dirs, ":");

		snprintf(path, PATH_MAX, "%.*s/%s.tv", len, dirs, name);
		if (len && exists(path))
			return;
		dirs += len;
		dirs += *dirs == ':';
	}
	path[0] = '\0';
}

static bool from_embedded(struct source *s, const struct embedded *e)
{
	struct str file = {0};

	str_addf(&file, "%s.tv", e->name);
	s->name = xstrdup(e->name);
	s->file = str_take(&file);
	s->text = xmalloc(e->len + 1);
	memcpy(s->text, e->text, e->len);
	s->text[e->len] = '\0';
	s->len = e->len;
	return true;
}

static bool ambiguous(const char *word, struct error *err)
{
	struct str list = {0};
	bool ok;

	for (size_t i = 0; i < embedded_count && list.len < 300; i++)
		if (!strncmp(embedded_scenarios[i].name, word, strlen(word)))
			str_addf(&list, "%s%s", list.len ? ", " : "",
				 embedded_scenarios[i].name);
	ok = fail(err, "\"%s\" could be any of %s", word, str_cstr(&list));
	str_free(&list);
	return ok;
}

static bool not_found(const char *word, struct error *err)
{
	VEC(const char *) names = {0};
	const char *near;

	for (size_t i = 0; i < embedded_count; i++)
		vec_push(&names, embedded_scenarios[i].name);
	near = str_nearest(word, names.data, names.len);
	vec_free(&names);
	if (near)
		return fail(err,
			    "there is no scenario \"%.60s\": did you mean "
			    "\"%s\"?",
			    word, near);
	return fail(err,
		    "there is no scenario \"%.60s\"; `threadviz list` shows "
		    "all",
		    word);
}

static bool find_embedded(struct source *s, const char *word, struct error *err)
{
	const struct embedded *found = NULL;
	size_t len = strlen(word);

	for (size_t i = 0; i < embedded_count; i++) {
		const struct embedded *e = &embedded_scenarios[i];

		if (!strcmp(e->name, word))
			return from_embedded(s, e);
		if (len == 0 || strncmp(e->name, word, len) != 0)
			continue;
		if (found)
			return ambiguous(word, err);
		found = e;
	}
	return found ? from_embedded(s, found) : not_found(word, err);
}

bool source_find(struct source *s, const char *word, struct error *err)
{
	char path[PATH_MAX];

	*s = (struct source){0};
	if (is_path(word))
		return from_file(s, word, err);
	find_own(word, path);
	if (path[0])
		return from_file(s, path, err);
	return find_embedded(s, word, err);
}

void source_fini(struct source *s)
{
	free(s->name);
	free(s->file);
	free(s->text);
	*s = (struct source){0};
}

/* ---- compiling --------------------------------------------------------- */

/* Where mistakes go: standard error, or the first into an error. */
static void report(const struct source *s, const struct diagnostics *d,
		   struct error *err)
{
	struct str text = {0};

	if (err && d->count)
		fail(err, "%s:%u: %s", s->file, d->list[0].line,
		     d->list[0].message);
	if (err)
		return;
	diagnostics_format(d, s->file, s->text, s->len, &text);
	fputs(str_cstr(&text), stderr);
	str_free(&text);
}

static struct program *compile(const struct source *s,
			       const struct lang_param *params, size_t n,
			       struct error *err)
{
	struct diagnostics mistakes = {0};
	struct program *p = program_compile(s->name, s->file, s->text, s->len,
					    params, n, &mistakes);

	report(s, &mistakes, err);
	diagnostics_fini(&mistakes);
	return p;
}

/* `name=value` into *out; the name lives in the arena. */
static bool parse_param(const char *word, struct arena *arena,
			struct lang_param *out, struct error *err)
{
	const char *equals = strchr(word, '=');
	char *end;
	long value;

	if (!equals || equals == word)
		return fail(err,
			    "\"%.60s\": behind the scenario stand only "
			    "parameters, as n=3",
			    word);
	errno = 0;
	value = strtol(equals + 1, &end, 10);
	if (end == equals + 1 || *end || errno || value < INT32_MIN ||
	    value > INT32_MAX)
		return fail(err, "\"%.60s\": behind = stands a whole number",
			    word);
	out->name = arena_strndup(arena, word, (size_t)(equals - word));
	out->value = (int32_t)value;
	return true;
}

/* quiet: mistakes go into err instead of standard error. */
static struct program *compile_with(const struct source *s, const char **words,
				    size_t n, bool quiet, struct error *err)
{
	struct arena arena = {0};
	struct lang_param *params = arena_array(&arena, n, sizeof *params);
	struct program *p = NULL;
	bool ok = true;

	for (size_t i = 0; i < n && ok; i++)
		ok = parse_param(words[i], &arena, &params[i], err);
	if (ok)
		p = compile(s, params, n, quiet ? err : NULL);
	arena_fini(&arena);
	return p;
}

static struct program *load(const struct options *o, bool quiet,
			    struct error *err)
{
	struct source s;
	struct program *p;

	if (!o->word_count) {
		fail(err, "which scenario? `threadviz list` shows all");
		return NULL;
	}
	if (!source_find(&s, o->words[0], err))
		return NULL;
	p = compile_with(&s, o->words + 1, o->word_count - 1, quiet, err);
	source_fini(&s);
	return p;
}

struct program *program_load(const struct options *o)
{
	struct error err = {0};
	struct program *p = load(o, false, &err);

	if (err.text[0])
		complain(&err);
	return p;
}

struct program *program_load_quietly(const struct options *o, struct error *err)
{
	return load(o, true, err);
}

struct program *program_load_word(const char *word)
{
	struct options o = {.words = &word, .word_count = 1};

	return program_load(&o);
}
