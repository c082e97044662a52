/*
 * list.c - `threadviz list` and `threadviz show`.
 *
 * The groups come in the order of a course; a group that is not known here
 * comes after them, so that a new one is never lost.
 */
#include <stdio.h>

#include "load.h"
#include "threadviz/embedded.h"
#include "threadviz/json.h"
#include "threadviz/lang.h"
#include "threadviz/vec.h"

struct entries VEC_OF(struct program *);

static struct program *compile(const struct embedded *e)
{
	struct diagnostics none = {0};
	struct program *p = program_compile(e->name, e->name, e->text, e->len,
					    NULL, 0, &none);

	diagnostics_fini(&none);
	return p;
}

static void json_entry(struct json *j, const struct program *p)
{
	json_open(j, NULL, '{');
	json_string(j, "name", p->name);
	json_string(j, "title", p->title);
	json_string(j, "group", p->group);
	json_open(j, "params", '{');
	for (size_t i = 0; i < p->params.count; i++)
		json_int(j, p->params.data[i].name, p->params.data[i].value);
	json_close(j);
	json_close(j);
}

static void print_json(const struct entries *list)
{
	struct str text = {0};
	struct json j = {.out = &text, .lines = true};

	json_open(&j, NULL, '[');
	for (size_t i = 0; i < list->len; i++)
		json_entry(&j, list->data[i]);
	json_close(&j);
	puts(str_cstr(&text));
	str_free(&text);
}

/* The groups in the order of a course; any other comes after them. */
static const char *const group_order[] = {
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

static void print_group(const struct entries *list, const char *group)
{
	bool any = false;

	for (size_t i = 0; i < list->len; i++) {
		const struct program *p = list->data[i];

		if (strcmp(p->group, group) != 0)
			continue;
		if (!any)
			printf("%s%s\n", ftell(stdout) > 0 ? "\n" : "", group);
		any = true;
		printf("  %-22s %s\n", p->name, p->title);
	}
}

int group_rank(const char *group)
{
	int known = sizeof group_order / sizeof *group_order, i = 0;

	while (i < known && strcmp(group_order[i], group) != 0)
		i++;
	return i;
}

static void print_groups(const struct entries *list)
{
	int known = sizeof group_order / sizeof *group_order;

	for (int i = 0; i < known; i++)
		print_group(list, group_order[i]);
	for (size_t i = 0; i < list->len; i++) {
		const char *group = list->data[i]->group;
		bool first = group_rank(group) == known;

		for (size_t k = 0; k < i; k++)
			first &= strcmp(list->data[k]->group, group) != 0;
		if (first)
			print_group(list, group);
	}
}

int cli_list(const struct options *o)
{
	struct entries list = {0};

	for (size_t i = 0; i < embedded_count; i++) {
		struct program *p = compile(&embedded_scenarios[i]);

		if (p)
			vec_push(&list, p);
	}
	if (options_has(o, OPTION_JSON))
		print_json(&list);
	else
		print_groups(&list);
	for (size_t i = 0; i < list.len; i++)
		program_free(list.data[i]);
	vec_free(&list);
	return EXIT_GOOD;
}

int cli_show(const struct options *o)
{
	struct error err = {0};
	struct source s;

	if (o->word_count != 1) {
		fail(&err, "show which scenario? `threadviz list` shows all");
		return complain(&err);
	}
	if (!source_find(&s, o->words[0], &err))
		return complain(&err);
	fwrite(s.text, 1, s.len, stdout);
	source_fini(&s);
	return EXIT_GOOD;
}
