/*
 * races.c - data races by definition: two threads parked on touches of the
 * same element, at least one a write, not both atomic, neither inside an
 * atomic: block.
 */
#include <stdlib.h>

#include "inside.h"

/* A parked touch of a variable. */
struct touch {
	object_id object;
	int32_t index;
	unsigned line;
	bool writes, atomic;
};

static bool touch_of(const struct world *w, const struct program *p,
		     thread_id t, struct touch *out)
{
	struct op op;
	unsigned flags;

	world_parked(w, p, t, &op);
	if (op.kind == OP_NONE || op.object == OBJECT_NONE ||
	    p->objects.data[op.object].kind != OBJECT_VAR)
		return false;
	flags = op_info[op.kind].flags;
	*out = (struct touch){
		.object = op.object,
		.index = op.index,
		.line = p->code.data[op.pc].line,
		.writes = flags & OP_W,
		.atomic = p->objects.data[op.object].atomic ||
			  (op.kind != OP_READ && op.kind != OP_WRITE),
	};
	return flags & (OP_R | OP_W);
}

static void add(struct races *r, const struct program *p, const struct touch *a,
		const struct touch *b)
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

void races_look(struct races *r, const struct world *w, const struct program *p)
{
	struct touch all[LIMIT_THREADS];
	size_t n = 0;

	for (size_t t = 0; t < p->threads.count; t++)
		n += touch_of(w, p, (thread_id)t, &all[n]);
	for (size_t i = 1; i < n; i++)
		for (size_t k = 0; k < i; k++)
			if (all[i].object == all[k].object &&
			    all[i].index == all[k].index &&
			    (all[i].writes || all[k].writes) &&
			    !(all[i].atomic && all[k].atomic))
				add(r, p, &all[i], &all[k]);
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
