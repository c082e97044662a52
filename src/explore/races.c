/*
 * races.c - data races by definition: two threads parked on touches of the
 * same element, at least one a write, not both atomic, neither inside an
 * atomic: block (which is parked on as a whole).
 */
#include <stdlib.h>

#include "inside.h"

static void add(struct races *r, const struct program *p,
		const struct slice_info *a, const struct slice_info *b)
{
	struct search_race race = {
		.object = p->objects.data[a->object].original,
		.lines = {a->line < b->line ? a->line : b->line,
			  a->line < b->line ? b->line : a->line},
	};

	for (size_t i = 0; i < r->len; i++)
		if (r->data[i].object == race.object &&
		    r->data[i].lines[0] == race.lines[0] &&
		    r->data[i].lines[1] == race.lines[1])
			return;
	vec_push(r, race);
}

static bool is_race(const struct slice_info *a, const struct slice_info *b)
{
	return a->element == b->element &&
	       (a->flags | b->flags) & SLICE_WRITES &&
	       !(a->flags & b->flags & SLICE_ATOMIC);
}

void races_look(struct races *r, const struct space *s, const part_id *row)
{
	const struct slice_info *all[LIMIT_THREADS];
	size_t n = 0;

	for (size_t t = 0; t < s->threads; t++) {
		all[n] = &s->slice_info.data[row[1 + t]];
		n += all[n]->element != 0;
	}
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (is_race(all[i], all[k]))
				add(r, s->program, all[i], all[k]);
}

static int compare(const void *a, const void *b)
{
	const struct search_race *x = a, *y = b;

	if (x->object != y->object)
		return x->object < y->object ? -1 : 1;
	if (x->lines[0] != y->lines[0])
		return x->lines[0] < y->lines[0] ? -1 : 1;
	return (x->lines[1] > y->lines[1]) - (x->lines[1] < y->lines[1]);
}

void races_sort(struct races *r)
{
	if (r->len)
		qsort(r->data, r->len, sizeof *r->data, compare);
}
