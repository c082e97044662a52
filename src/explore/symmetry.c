/*
 * symmetry.c - one row for all states that differ only in which of several
 * interchangeable threads does what.
 *
 * The members of a symmetric group are sorted by their slices, and where these
 * are equal by what they are to locks and conditions. Every member of an orbit
 * has as many edges into each other orbit as its representative, so ways and
 * chances come out exactly as without; and how many states an orbit has is a
 * multinomial of the equal members.
 */
#include "inside.h"

/* Who stands where, and the shared part as a world if it names threads. */
struct sorter {
	struct space *space;
	part_id *row;
	const struct world *shared;
};

static int compare(const struct sorter *s, part_id slice, thread_id a,
		   part_id other, thread_id b)
{
	if (slice != other)
		return slice < other ? -1 : 1;
	return s->shared
		       ? world_compare_roles(s->shared, s->space->program, a, b)
		       : 0;
}

/* Insertion sort; from[i]: who now stands in place i. True if anybody moved. */
static bool sort_group(const struct sorter *s, const struct thread_group *g,
		       thread_id *from)
{
	part_id *slices = s->row + 1;
	bool moved = false;

	for (unsigned i = g->first + 1u; i < (unsigned)g->first + g->count;
	     i++) {
		part_id slice = slices[i];
		thread_id who = from[i];
		unsigned k = i;

		for (; k > g->first &&
		       compare(s, slices[k - 1], from[k - 1], slice, who) > 0;
		     k--) {
			slices[k] = slices[k - 1];
			from[k] = from[k - 1];
		}
		slices[k] = slice;
		from[k] = who;
		moved |= k != i;
	}
	return moved;
}

void space_sort(struct space *s, part_id *row)
{
	struct sorter sorter = {.space = s, .row = row};
	const struct program *p = s->program;
	thread_id from[LIMIT_THREADS], to[LIMIT_THREADS];
	bool moved = false;

	if (s->names)
		sorter.shared = space_shared(s, row[0]);
	for (size_t t = 0; t < s->threads; t++)
		from[t] = (thread_id)t;
	for (size_t i = 0; i < p->groups.count; i++)
		if (p->groups.data[i].symmetric)
			moved |= sort_group(&sorter, &p->groups.data[i], from);
	if (!moved || !s->names)
		return;
	for (size_t t = 0; t < s->threads; t++)
		to[from[t]] = (thread_id)t;
	row[0] = space_rename(s, row[0], to);
}

/* (all)! / (equal ones)!, as one more member comes in. */
static uint64_t extend(uint64_t size, unsigned members, unsigned equal)
{
	uint128 n = (uint128)size * members / equal;

	return n > UINT64_MAX ? UINT64_MAX : (uint64_t)n;
}

uint64_t space_orbit(struct space *s, const part_id *row)
{
	const struct program *p = s->program;
	struct sorter sorter = {.space = s};
	uint64_t size = 1;

	if (s->names)
		sorter.shared = space_shared(s, row[0]);
	for (size_t i = 0; i < p->groups.count; i++) {
		const struct thread_group *g = &p->groups.data[i];
		unsigned equal = 1;

		for (unsigned k = 1; g->symmetric && k < g->count; k++) {
			thread_id b = (thread_id)(g->first + k);
			thread_id a = (thread_id)(b - 1);

			equal = compare(&sorter, row[1 + a], a, row[1 + b],
					b) == 0
					? equal + 1
					: 1;
			size = extend(size, k + 1, equal);
		}
	}
	return size;
}
