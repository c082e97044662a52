/*
 * outcome.c - how a run ended, and what was found in it.
 *
 * Wherever it is told, of one run, of many or of all that the search knows, an
 * end looks the same: variables by name, an array as a list, what was printed
 * line by line.
 */
#include <stdio.h>
#include <string.h>

#include "outcome.h"

static void add_final(struct json *j, const struct program *p,
		      const struct search_value *values, size_t n,
		      const int32_t *final)
{
	json_open(j, "final", '{');
	for (size_t i = 0; i < n; i++) {
		const struct object *o = &p->objects.data[values[i].object];

		if (!o->array) {
			json_int(j, o->name, final[i]);
			continue;
		}
		if (values[i].index == 0)
			json_open(j, o->name, '[');
		json_int(j, NULL, final[i]);
		if (values[i].index + 1 == o->count)
			json_close(j);
	}
	json_close(j);
}

void outcome_json(struct json *j, const struct program *p,
		  const struct search_value *values, size_t n,
		  const int32_t *final, uint32_t output)
{
	add_final(j, p, values, n, final);
	json_open(j, "output", '[');
	for (size_t i = 0; i < outputs_count(p->outputs, output); i++)
		json_string(j, NULL, outputs_line(p->outputs, output, i));
	json_close(j);
}

void outcome_count(struct json *j, const char *key, struct count c)
{
	struct str s = {0};

	count_format(c, &s);
	json_string(j, key, str_cstr(&s));
	str_free(&s);
}

void outcome_line(struct json *j)
{
	json_close(j);
	puts(str_cstr(j->out));
	str_clear(j->out);
	*j = (struct json){.out = j->out};
}

/* ---- what was found ----------------------------------------------------- */

/* Each line of a sentence behind `indent` blanks. */
static void print_lines(const char *label, const char *text)
{
	while (text && *text) {
		int len = (int)strcspn(text, "\n");

		printf("  %-5s %.*s\n", label, len, text);
		label = "";
		text += len + (text[len] == '\n');
	}
}

static void print_finding(const struct finding *f)
{
	printf("%s at step %u\n", finding_info[f->kind].title, f->step);
	print_lines("what", f->what);
	print_lines("why", f->why);
	print_lines("fix", f->fix);
}

static void json_finding(const struct finding *f)
{
	struct str line = {0};
	struct json j = {.out = &line};

	json_open(&j, NULL, '{');
	json_string(&j, "finding", finding_info[f->kind].name);
	json_uint(&j, "step", f->step);
	json_string(&j, "what", f->what ? f->what : "");
	json_string(&j, "why", f->why ? f->why : "");
	json_string(&j, "fix", f->fix ? f->fix : "");
	json_close(&j);
	puts(str_cstr(&line));
	str_free(&line);
}

void outcome_finding(const struct finding *f, bool json)
{
	if (json)
		json_finding(f);
	else
		print_finding(f);
}
