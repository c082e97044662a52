/*
 * outcome.c - how a run ended, as JSON.
 *
 * Wherever it is told, of one run, of many or of all that the search knows, an
 * end looks the same: variables by name, an array as a list, what was printed
 * line by line.
 */
#include <stdio.h>

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
