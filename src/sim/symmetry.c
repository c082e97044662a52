/*
 * symmetry.c - one representative for all worlds that differ only in which of
 * several interchangeable threads does what.
 *
 * The members of a symmetric group are sorted by a key: their slice and the
 * part they play in locks and conditions. Exchanging two members means
 * exchanging their slices and their names in owners, holders and sleepers; a
 * key holds all of that, so equal keys mean that an exchange changes nothing,
 * and the sorted order is the same for all worlds of an orbit (Clarke, Emerson,
 * Jha, Sistla: Symmetry reductions in model checking, CAV 1998).
 */
#include <stdlib.h>

#include "state.h"

enum { KEY_MAX = 4 * LIMIT_REGS + 64, ROLES_MAX = 256 };

static bool names_threads(const struct object *o)
{
	return o->kind == OBJECT_MUTEX || o->kind == OBJECT_RWLOCK ||
	       o->kind == OBJECT_COND;
}

static size_t slice_size(const struct program *p, thread_id t)
{
	return slice_regs_at(p, t) + 4u * p->threads.data[t].regs;
}

/* What thread t is to the object's element, in one byte. */
static uint8_t role(const struct object *o, const uint8_t *e, thread_id t)
{
	switch (o->kind) {
	case OBJECT_MUTEX:
		return e[0] == t + 1;
	case OBJECT_RWLOCK:
		return (uint8_t)(e[0] == t + 1 ? 255 : e[1 + t]);
	default:
		for (uint8_t i = 0; i < e[0]; i++)
			if (e[1 + i] == t)
				return (uint8_t)(i + 1);
		return 0;
	}
}

static size_t key(const struct world *w, const struct program *p, thread_id t,
		  uint8_t *out)
{
	size_t n = slice_size(p, t);

	memcpy(out, slice_const(w, p, t), n);
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		if (!names_threads(o))
			continue;
		for (int32_t k = 0; k < o->count; k++)
			out[n++] = role(o, element_const(w, p, (object_id)i, k),
					t);
	}
	return n;
}

bool program_is_symmetric(const struct program *p)
{
	size_t roles = 0;
	bool any = false;

	for (size_t i = 0; i < p->objects.count; i++)
		if (names_threads(&p->objects.data[i]))
			roles += p->objects.data[i].count;
	for (size_t i = 0; i < p->groups.count; i++)
		any |= p->groups.data[i].symmetric;
	return any && roles <= ROLES_MAX && !p->cooperative;
}

/* Applies a renaming (old -> new) to the bytes that name threads. */
static void rename_threads(struct world *w, const struct program *p,
			   const thread_id *to)
{
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		for (int32_t k = 0; names_threads(o) && k < o->count; k++) {
			uint8_t *e = element(w, p, (object_id)i, k);
			uint8_t old[LIMIT_THREADS + 1];

			if (o->kind == OBJECT_COND) {
				for (uint8_t s = 0; s < e[0]; s++)
					e[1 + s] = to[e[1 + s]];
				continue;
			}
			if (e[0])
				e[0] = (uint8_t)(to[e[0] - 1] + 1);
			if (o->kind != OBJECT_RWLOCK)
				continue;
			memcpy(old, e + 1, p->threads.count);
			for (size_t t = 0; t < p->threads.count; t++)
				e[1 + to[t]] = old[t];
		}
	}
}

struct keyed {
	thread_id thread;
	uint8_t bytes[KEY_MAX + ROLES_MAX];
};

/* Sorts the members by key into order[]; true if that moves anybody. */
static bool sort_group(const struct world *w, const struct program *p,
		       const struct thread_group *g, thread_id *order)
{
	struct keyed keys[LIMIT_THREADS];
	size_t n = 0;
	bool moved = false;

	for (uint8_t i = 0; i < g->count; i++) {
		order[i] = i;
		n = key(w, p, (thread_id)(g->first + i), keys[i].bytes);
	}
	for (uint8_t i = 1; i < g->count; i++) {
		thread_id x = order[i];
		uint8_t k = i;

		for (; k > 0 &&
		       memcmp(keys[order[k - 1]].bytes, keys[x].bytes, n) > 0;
		     k--)
			order[k] = order[k - 1];
		order[k] = x;
		moved |= k != i;
	}
	return moved;
}

static void move_slices(struct world *w, const struct program *p,
			const struct thread_group *g, const thread_id *order)
{
	size_t n = slice_size(p, g->first);
	uint8_t *copy = xmalloc(n * g->count);

	for (uint8_t i = 0; i < g->count; i++)
		memcpy(copy + n * i,
		       slice(w, p, (thread_id)(g->first + order[i])), n);
	for (uint8_t i = 0; i < g->count; i++)
		memcpy(slice(w, p, (thread_id)(g->first + i)), copy + n * i, n);
	free(copy);
}

void world_sort_threads(struct world *w, const struct program *p)
{
	for (size_t i = 0; i < p->groups.count; i++) {
		const struct thread_group *g = &p->groups.data[i];
		thread_id order[LIMIT_THREADS], to[LIMIT_THREADS];

		if (!g->symmetric || !sort_group(w, p, g, order))
			continue;
		move_slices(w, p, g, order);
		for (size_t t = 0; t < p->threads.count; t++)
			to[t] = (thread_id)t;
		for (uint8_t k = 0; k < g->count; k++)
			to[g->first + order[k]] = (thread_id)(g->first + k);
		rename_threads(w, p, to);
	}
}
