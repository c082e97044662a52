/*
 * library.c - the scenarios that are part of the binary.
 *
 * The groups come in the order of a course; one that is not known here comes
 * after them, so that a new one is never lost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "library.h"
#include "load.h"
#include "threadviz/embedded.h"
#include "threadviz/lang.h"

static int group_rank(const char *group)
{
	static const char *const order[] = {
		"Threads",
		"Races",
		"Mutual exclusion by hand",
		"Deadlock and its relatives",
		"Waiting",
		"GIL",
		"Servers and processes",
		"Cooperative",
		"Memory models",
		"Puzzles",
	};
	int known = sizeof order / sizeof *order, i = 0;

	while (i < known && strcmp(order[i], group) != 0)
		i++;
	return i;
}

static int by_group(const void *a, const void *b)
{
	const struct program *const *x = a, *const *y = b;
	int order = group_rank((*x)->group) - group_rank((*y)->group);

	if (!order)
		order = strcmp((*x)->group, (*y)->group);
	return order ? order : strcmp((*x)->name, (*y)->name);
}

static struct program *compile(const struct embedded *e)
{
	struct diagnostics none = {0};
	struct program *p = program_compile(e->name, e->name, e->text, e->len,
					    NULL, 0, &none);

	diagnostics_fini(&none);
	return p;
}

void library_open(struct programs *out)
{
	for (size_t i = 0; i < embedded_count; i++) {
		struct program *p = compile(&embedded_scenarios[i]);

		if (p)
			vec_push(out, p);
	}
	if (out->len)
		qsort(out->data, out->len, sizeof *out->data, by_group);
}

void library_close(struct programs *list)
{
	for (size_t i = 0; i < list->len; i++)
		program_free(list->data[i]);
	vec_free(list);
}

/* ---- for the chooser ---------------------------------------------------- */

/* Splits "n=3 k=2" into words that live in `copy`. */
static size_t split(char *copy, const char **words, size_t max)
{
	size_t n = 0;

	for (char *w; n < max && (w = strsep(&copy, " "));)
		if (*w)
			words[n++] = w;
	return n;
}

static struct program *open_scenario(void *data, const char *name,
				     const char *params, struct error *err)
{
	char copy[256];
	const char *words[18] = {name};
	struct options o = {.words = words};

	(void)data;
	snprintf(copy, sizeof copy, "%s", params);
	o.word_count = 1 + split(copy, words + 1, 16);
	return program_load_quietly(&o, err);
}

void library_fill(struct library *l, struct arena *arena)
{
	struct programs list = {0};
	struct library_entry *entries;

	library_open(&list);
	entries = arena_array(arena, list.len, sizeof *entries);
	for (size_t i = 0; i < list.len; i++)
		entries[i] = (struct library_entry){
			.name = arena_strdup(arena, list.data[i]->name),
			.group = arena_strdup(arena, list.data[i]->group),
			.title = arena_strdup(arena, list.data[i]->title),
		};
	l->entries = entries;
	l->count = list.len;
	l->open = open_scenario;
	library_close(&list);
}
