/*
 * var.c - variables: plain, atomic and buffered.
 *
 * An element is its 4 bytes in memory. A write to a `buffered` one goes to the
 * thread's own first-in-first-out store buffer (x86-TSO: Sewell et al., CACM
 * 2010) and is seen by others only when it drains; the thread's own reads see
 * its newest entry first. An entry names its place by the offset in the world.
 */
#include "state.h"

static uint8_t *entry(const struct world *w, const struct program *p,
		      thread_id t, unsigned i)
{
	uint32_t at = p->threads.data[t].offset + slice_stores_at(p) + 1 +
		      STORE_SIZE * i;

	return world_bytes((struct world *)(uintptr_t)w) + at;
}

int32_t var_read(const struct world *w, const struct program *p, thread_id t,
		 object_id id, int32_t index)
{
	const struct object *o = object_of(p, id);
	uint32_t place = o->offset + 4 * (uint32_t)index;

	if (o->buffered)
		for (unsigned i = store_count(w, p, t); i-- > 0;)
			if (load16(entry(w, p, t, i)) == place)
				return load32(entry(w, p, t, i) + 2);
	return load32(world_const(w) + place);
}

void read_step(struct act *a)
{
	a->result = var_read(a->world, a->program, a->thread, a->op.object,
			     a->op.index);
	a->event.value = a->result;
}

unsigned write_alts(const struct act *a)
{
	return !object_of(a->program, a->op.object)->buffered ||
	       store_count(a->world, a->program, a->thread) <
		       a->program->threads.data[a->thread].stores;
}

void write_step(struct act *a)
{
	const struct object *o = object_of(a->program, a->op.object);
	uint8_t *memory = target(a);
	uint8_t *buffer;

	a->event.value = a->op.a;
	a->event.extra = var_read(a->world, a->program, a->thread, a->op.object,
				  a->op.index);
	if (!o->buffered) {
		store32(memory, a->op.a);
		return;
	}
	buffer = slice(a->world, a->program, a->thread) +
		 slice_stores_at(a->program);
	store16(buffer + 1 + STORE_SIZE * buffer[0],
		(uint16_t)(memory - world_bytes(a->world)));
	store32(buffer + 3 + STORE_SIZE * buffer[0], a->op.a);
	buffer[0]++;
}

/* The place's object and element. */
static void find_place(const struct program *p, uint32_t place,
		       object_id *object, int32_t *index)
{
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		if (place >= o->offset &&
		    place < o->offset + o->stride * o->count) {
			*object = (object_id)i;
			*index = (int32_t)((place - o->offset) / o->stride);
			return;
		}
	}
	assert(false); /* entries name variables */
}

void drain_step(struct world *w, const struct program *p, thread_id t,
		struct event *e)
{
	uint8_t *first = entry(w, p, t, 0);
	uint8_t *count = first - 1;
	uint8_t *memory = world_bytes(w) + load16(first);

	find_place(p, load16(first), &e->object, &e->index);
	e->value = load32(first + 2);
	e->extra = load32(memory);
	store32(memory, e->value);
	(*count)--;
	memmove(first, first + STORE_SIZE, STORE_SIZE * (size_t)*count);
	memset(first + STORE_SIZE * *count, 0, STORE_SIZE);
}

void xchg_step(struct act *a)
{
	a->result = load32(target(a));
	a->event.extra = a->result;
	a->event.value = a->op.a;
	store32(target(a), a->op.a);
}

void cas_step(struct act *a)
{
	int32_t old = load32(target(a));

	a->result = old == a->op.a;
	a->event.extra = old;
	a->event.value = a->result ? a->op.b : old;
	if (a->result)
		store32(target(a), a->op.b);
	else
		a->event.flags |= EVENT_FAILED;
}

void fetch_add_step(struct act *a)
{
	a->result = load32(target(a));
	a->event.extra = a->result;
	a->event.value = (int32_t)((uint32_t)a->result + (uint32_t)a->op.a);
	store32(target(a), a->event.value);
}

void nothing_step(struct act *a)
{
	a->event.value = a->op.a;
}

int32_t world_value_for(const struct world *w, const struct program *p,
			thread_id t, object_id id, int32_t index)
{
	return var_read(w, p, t, id, index);
}

size_t world_stores(const struct world *w, const struct program *p, thread_id t)
{
	return store_count(w, p, t);
}

void world_store(const struct world *w, const struct program *p, thread_id t,
		 size_t i, object_id *object, int32_t *index, int32_t *value)
{
	const uint8_t *e = entry(w, p, t, (unsigned)i);

	find_place(p, load16(e), object, index);
	*value = load32(e + 2);
}
