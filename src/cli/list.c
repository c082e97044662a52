/*
 * list.c - `threadviz list` and `threadviz show`.
 *
 * Both speak of the scenarios that are part of the binary; `show` prints one
 * as it was written, which is where everybody's own scenario begins.
 */
#include <stdio.h>

#include "library.h"
#include "load.h"
#include "threadviz/json.h"

static void json_entry(struct json *j, const struct program *p)
{
	json_open(j, NULL, '{');
	json_string(j, "name", p->name);
	json_string(j, "title", p->title);
	json_string(j, "group", p->group);
	program_params_json(p, j);
	json_close(j);
}

static void print_json(const struct programs *list)
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

static void print_groups(const struct programs *list)
{
	const char *group = NULL;

	for (size_t i = 0; i < list->len; i++) {
		const struct program *p = list->data[i];

		if (!group || strcmp(group, p->group) != 0)
			printf("%s%s\n", group ? "\n" : "", p->group);
		group = p->group;
		printf("  %-22s %s\n", p->name, p->title);
	}
}

int cli_list(const struct options *o)
{
	struct programs list = {0};

	library_open(&list);
	if (options_has(o, OPTION_JSON))
		print_json(&list);
	else
		print_groups(&list);
	library_close(&list);
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
