/*
 * ends.c - how runs end: distinct outcomes and distinct findings.
 *
 * An outcome is a verdict with the final values of the variables and what was
 * printed. A finding is told apart by what is wrong: the check, the crash with
 * its thread and line, the circle of a deadlock.
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
}

void ends_fini(struct ends *e)
{
	for (size_t i = 0; i < e->outcomes.len; i++)
		free(e->outcomes.data[i].final);
	for (size_t i = 0; i < e->endings.len; i++)
		free(e->endings.data[i].what);
	vec_free(&e->values);
	vec_free(&e->outcomes);
	vec_free(&e->endings);
	vec_free(&e->outcome_of);
	vec_free(&e->final_states);
}

static bool same_outcome(const struct ends *e, const struct outcome *o,
			 const struct world *w, enum verdict v)
{
	if (o->verdict != v || o->output != world_output(w, e->program))
		return false;
	for (size_t i = 0; i < e->values.len; i++)
		if (o->final[i] != world_value(w, e->program,
					       e->values.data[i].object,
					       e->values.data[i].index))
			return false;
	return true;
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
	struct outcome o = {.verdict = v,
			    .output = world_output(w, e->program)};

	for (size_t i = e->outcomes.len; i-- > 0;) {
		if (!same_outcome(e, &e->outcomes.data[i], w, v))
			continue;
		e->outcomes.data[i].complete |= is_complete(w, e->program, v);
		return (uint32_t)i;
	}
	o.complete = is_complete(w, e->program, v);
	o.final = xcalloc(e->values.len + 1, sizeof *o.final);
	for (size_t i = 0; i < e->values.len; i++)
		o.final[i] =
			world_value(w, e->program, e->values.data[i].object,
				    e->values.data[i].index);
	vec_push(&e->outcomes, o);
	return (uint32_t)e->outcomes.len - 1;
}

static char *explain(const struct world *w, const struct program *p)
{
	struct str s = {0};

	world_explain(w, p, &s);
	return str_take(&s);
}

size_t ends_find(const struct ends *e, const struct world *w)
{
	enum verdict v = world_verdict(w, e->program);
	char *what = v == VERDICT_DEADLOCK ? explain(w, e->program) : NULL;
	size_t found = SIZE_MAX;

	for (size_t i = 0; i < e->endings.len && found == SIZE_MAX; i++) {
		const struct ending *x = &e->endings.data[i];

		if (x->verdict == v &&
		    (what ? !strcmp(x->what, what)
			  : x->who == w->who && x->detail == w->detail &&
				     x->where == w->where))
			found = i;
	}
	free(what);
	return found;
}

void ends_add(struct ends *e, const struct world *w, state_id u)
{
	enum verdict v = world_verdict(w, e->program);

	vec_push(&e->final_states, u);
	vec_push(&e->outcome_of, outcome_of(e, w, v));
	if (v == VERDICT_OK || ends_find(e, w) != SIZE_MAX)
		return;
	vec_push(&e->endings,
		 (struct ending){.verdict = v,
				 .who = w->who,
				 .detail = w->detail,
				 .where = w->where,
				 .what = v == VERDICT_DEADLOCK
						 ? explain(w, e->program)
						 : NULL});
}
