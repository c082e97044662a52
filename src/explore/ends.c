/*
 * ends.c - how runs end: distinct outcomes and distinct findings.
 *
 * An outcome is a verdict with the final values of the variables and what was
 * printed. A finding is told apart by what is wrong: the check, the crash with
 * its thread and line, the sentence about who waits for what in a deadlock.
 * Both are records in tables; sentences have numbers, as outputs do.
 */
#include <stdlib.h>

#include "inside.h"

void ends_init(struct ends *e, const struct program *p)
{
	*e = (struct ends){.program = p};
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		for (int32_t k = 0; o->kind == OBJECT_VAR &&
				    o->process == THREAD_NONE && k < o->count;
		     k++)
			vec_push(&e->values,
				 (struct search_value){(object_id)i, k});
	}
	table_init(&e->outcomes, (2 + e->values.len) * sizeof *e->record);
	table_init(&e->endings, sizeof(struct ending));
	e->record = xcalloc(2 + e->values.len, sizeof *e->record);
	e->sentences = outputs_new();
}

void ends_fini(struct ends *e)
{
	vec_free(&e->values);
	table_fini(&e->outcomes);
	table_fini(&e->endings);
	vec_free(&e->complete);
	vec_free(&e->list);
	outputs_free(e->sentences);
	free(e->record);
}

static bool is_complete(const struct world *w, const struct program *p,
			enum verdict v)
{
	return v == VERDICT_OK ||
	       (v == VERDICT_VIOLATED && !(w->detail & DETAIL_ASSERT) &&
		p->checks.data[w->detail].kind == CHECK_FINALLY);
}

static uint32_t outcome_of(struct ends *e, const struct world *w,
			   enum verdict v)
{
	uint32_t id;

	e->record[0] = (int32_t)v;
	e->record[1] = (int32_t)world_output(w, e->program);
	for (size_t i = 0; i < e->values.len; i++)
		e->record[2 + i] =
			world_value(w, e->program, e->values.data[i].object,
				    e->values.data[i].index);
	id = table_add(&e->outcomes, e->record,
		       hash_bytes(e->record, e->outcomes.size));
	if (id == e->complete.len)
		vec_push(&e->complete, false);
	e->complete.data[id] |= is_complete(w, e->program, v);
	return id;
}

static uint32_t sentence(struct ends *e, const struct world *w)
{
	struct str s = {0};
	uint32_t id;

	world_explain(w, e->program, &s);
	id = outputs_add(e->sentences, 0, str_cstr(&s));
	str_free(&s);
	return id;
}

uint32_t ends_ending(struct ends *e, const struct world *w)
{
	enum verdict v = world_verdict(w, e->program);
	struct ending x = {
		.what = v == VERDICT_DEADLOCK ? sentence(e, w) : 0,
		.where = w->where,
		.detail = w->detail,
		.verdict = (uint16_t)v,
		.who = w->who,
	};

	return table_add(&e->endings, &x, hash_bytes(&x, sizeof x));
}

void ends_add(struct ends *e, const struct world *w, state_id u)
{
	enum verdict v = world_verdict(w, e->program);
	struct end end = {.state = u, .outcome = outcome_of(e, w, v)};

	end.ending = v == VERDICT_OK ? TABLE_NONE : ends_ending(e, w);
	vec_push(&e->list, end);
}

const struct end *ends_of(const struct ends *e, state_id u)
{
	size_t low = 0, high = e->list.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (e->list.data[middle].state < u)
			low = middle + 1;
		else
			high = middle;
	}
	return low < e->list.len && e->list.data[low].state == u
		       ? &e->list.data[low]
		       : NULL;
}
