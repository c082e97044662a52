/*
 * view.c - a stream of events made convenient.
 *
 * Every element of every object gets a number, its place, so that a fold can
 * keep what it knows of it in an array. The stream ends at the first loss: no
 * verdict is given over a gap. It also ends at the first event that cannot be
 * one of this program (a saved trace may be damaged), so that the folds need
 * not look again whether thread, object and instruction exist.
 */
#include "inside.h"

/* An operation's event names the instruction that was carried out. */
static bool fits_code(const struct program *p, const struct event *e)
{
	const struct insn *i = &p->code.data[e->pc];

	if (e->kind >= OP_COUNT)
		return e->kind >= EVENT_DRAIN && e->kind <= EVENT_OFF_CPU;
	return i->code == e->kind && i->object == e->object;
}

static bool fits(const struct program *p, const struct event *e)
{
	bool nobody = e->kind == EVENT_VERDICT && e->thread == THREAD_NONE;

	return (nobody || e->thread < p->threads.count) &&
	       (e->object == OBJECT_NONE || e->object < p->objects.count) &&
	       (e->other == THREAD_NONE || e->other < p->threads.count) &&
	       e->pc < p->code.count && fits_code(p, e);
}

static size_t usable(const struct program *p, const struct event *e, size_t n)
{
	size_t i = 0;

	if (n > NOWHERE - 1)
		n = NOWHERE - 1;
	while (i < n && e[i].kind != EVENT_LOST && fits(p, &e[i]))
		i++;
	return i;
}

static void link_steps(struct view *v)
{
	uint32_t last[LIMIT_THREADS];

	for (size_t t = 0; t < LIMIT_THREADS; t++)
		last[t] = NOWHERE;
	v->before = xmalloc((v->n + 1) * sizeof *v->before);
	for (size_t i = 0; i < v->n; i++) {
		const struct event *e = &v->e[i];

		v->before[i] = NOWHERE;
		if (e->thread == THREAD_NONE)
			continue;
		v->before[i] = last[e->thread];
		if (is_own(e))
			last[e->thread] = (uint32_t)i;
	}
}

void view_init(struct view *v, const struct program *p, const struct event *e,
	       size_t n)
{
	*v = (struct view){.p = p, .e = e, .threads = p->threads.count};
	v->n = usable(p, e, n);
	arena_init(&v->words);
	for (size_t i = 0; i < p->objects.count; i++) {
		v->base[i] = v->places;
		v->places += p->objects.data[i].count;
	}
	v->base[p->objects.count] = v->places;
	link_steps(v);
}

void view_fini(struct view *v)
{
	free(v->before);
	free(v->guards);
	arena_fini(&v->words);
}

uint32_t view_place(const struct view *v, object_id id, int32_t index)
{
	if (id == OBJECT_NONE || index < 0 ||
	    index >= v->p->objects.data[id].count)
		return NOWHERE;
	return v->base[id] + (uint32_t)index;
}

uint32_t view_mutex_at(const struct view *v, size_t i)
{
	object_id mutex = v->p->code.data[v->e[i].pc].object2;

	if (mutex >= v->p->objects.count)
		return NOWHERE;
	return view_place(v, mutex, v->e[i].extra);
}

object_id view_object(const struct view *v, uint32_t place, int32_t *index)
{
	size_t low = 0, high = v->p->objects.count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (v->base[middle] <= place)
			low = middle;
		else
			high = middle;
	}
	*index = (int32_t)(place - v->base[low]);
	return (object_id)low;
}

int32_t view_initial(const struct view *v, uint32_t place)
{
	int32_t index;
	object_id id = view_object(v, place, &index);
	const int32_t *init = v->p->objects.data[id].init;

	return init ? init[index] : 0;
}

bool is_look(const struct event *e)
{
	return is_step(e) && e->kind < OP_COUNT && e->kind != OP_ATOMIC &&
	       (op_info[e->kind].flags & OP_R || e->kind == OP_EVENT_ISSET);
}

bool is_change(const struct event *e)
{
	return is_step(e) && e->kind < OP_COUNT && e->kind != OP_ATOMIC &&
	       op_info[e->kind].flags & OP_W &&
	       !(e->kind == OP_CAS && e->flags & EVENT_FAILED);
}

bool is_indivisible(const struct event *e)
{
	return e->kind == OP_XCHG || e->kind == OP_CAS ||
	       e->kind == OP_FETCH_ADD;
}
