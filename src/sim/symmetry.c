/*
 * symmetry.c - what is needed to exchange interchangeable threads.
 *
 * Exchanging two members of a symmetric group means exchanging their slices
 * and their names in owners, holders and sleepers. What a thread is to all of
 * these objects is its part in the world; two members with equal slices and
 * equal parts can be exchanged without changing a byte (Clarke, Emerson, Jha,
 * Sistla: Symmetry reductions in model checking, CAV 1998).
 */
#include "state.h"

static bool names_threads(const struct object *o)
{
	return o->kind == OBJECT_MUTEX || o->kind == OBJECT_RWLOCK ||
	       o->kind == OBJECT_COND;
}

bool program_is_symmetric(const struct program *p)
{
	bool any = false;

	for (size_t i = 0; i < p->groups.count; i++)
		any |= p->groups.data[i].symmetric;
	return any && !p->cooperative;
}

bool program_names_threads(const struct program *p)
{
	bool any = p->cooperative;

	for (size_t i = 0; i < p->objects.count; i++)
		any |= names_threads(&p->objects.data[i]);
	return any;
}

/* What thread t is to the object's element, as a number. */
static int role(const struct object *o, const uint8_t *e, thread_id t)
{
	switch (o->kind) {
	case OBJECT_MUTEX:
		return e[0] == t + 1;
	case OBJECT_RWLOCK:
		return e[0] == t + 1 ? 256 : e[1 + t];
	default:
		for (int i = 0; i < e[0]; i++)
			if (e[1 + i] == t)
				return i + 1;
		return 0;
	}
}

int world_compare_roles(const struct world *w, const struct program *p,
			thread_id a, thread_id b)
{
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = object_of(p, (object_id)i);

		for (int32_t k = 0; names_threads(o) && k < o->count; k++) {
			const uint8_t *e = element_const(w, p, (object_id)i, k);
			int order = role(o, e, a) - role(o, e, b);

			if (order)
				return order;
		}
	}
	return 0;
}

static void rename_sleepers(uint8_t *cond, const thread_id *to)
{
	for (uint8_t i = 0; i < cond[0]; i++)
		cond[1 + i] = to[cond[1 + i]];
}

static void rename_readers(uint8_t *rwlock, size_t threads, const thread_id *to)
{
	uint8_t old[LIMIT_THREADS];

	memcpy(old, rwlock + 1, threads);
	for (size_t t = 0; t < threads; t++)
		rwlock[1 + to[t]] = old[t];
}

void world_rename_threads(struct world *w, const struct program *p,
			  const thread_id *to)
{
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = object_of(p, (object_id)i);

		for (int32_t k = 0; names_threads(o) && k < o->count; k++) {
			uint8_t *e = element(w, p, (object_id)i, k);

			if (o->kind == OBJECT_COND)
				rename_sleepers(e, to);
			else if (e[0])
				e[0] = (uint8_t)(to[e[0] - 1] + 1);
			if (o->kind == OBJECT_RWLOCK)
				rename_readers(e, p->threads.count, to);
		}
	}
}
