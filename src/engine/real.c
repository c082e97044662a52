/*
 * real.c - where the real objects lie, and looking at them.
 *
 * The memory is mapped before the fork, so it has one address on both sides
 * and the front can read every value while the threads stand at their gates.
 * A fresh child gets a fresh mapping: nothing of a killed one survives. The
 * front looks at plain values only; it never takes part in a lock.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "real.h"

static uint32_t stride_of(const struct object *o)
{
	switch ((enum object_kind)o->kind) {
	case OBJECT_VAR:
		return sizeof(_Atomic int32_t);
	case OBJECT_MUTEX:
		return sizeof(struct real_mutex);
	case OBJECT_RWLOCK:
		return sizeof(struct real_rwlock);
	case OBJECT_COND:
		return sizeof(struct real_cond);
	case OBJECT_SEM:
		return sizeof(sem_t);
	case OBJECT_EVENT:
	case OBJECT_BARRIER:
	case OBJECT_COUNTDOWN:
		return sizeof(struct real_flag);
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		return (uint32_t)(sizeof(struct real_queue) +
				  ((size_t)o->max + 1) / 2 * 2 *
					  sizeof(int32_t));
	case OBJECT_KINDS:
		break;
	}
	return 0;
}

bool real_map(struct real *r, const struct program *p, struct error *err)
{
	size_t at = offsetof(struct shared, objects);
	void *memory;

	r->program = p;
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		at = (at + 15) / 16 * 16;
		r->objects[i].offset = (uint32_t)at;
		r->objects[i].stride = stride_of(o);
		at += (size_t)r->objects[i].stride * o->count;
	}
	r->size = at > sizeof(struct shared) ? at : sizeof(struct shared);
	memory = mmap(NULL, r->size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return fail(err, "no shared memory for the target: %s",
			    strerror(errno));
	r->shared = memory;
	return true;
}

void real_unmap(struct real *r)
{
	if (r->shared)
		munmap(r->shared, r->size);
	r->shared = NULL;
}

void *real_element(const struct real *r, object_id id, int32_t index)
{
	return (unsigned char *)r->shared + r->objects[id].offset +
	       (size_t)r->objects[id].stride * (size_t)index;
}

int32_t real_value(const struct real *r, object_id id, int32_t index)
{
	void *at = real_element(r, id, index);
	int count = 0;

	switch ((enum object_kind)r->program->objects.data[id].kind) {
	case OBJECT_VAR:
		return peek((_Atomic int32_t *)at);
	case OBJECT_MUTEX:
		return peek(&((struct real_mutex *)at)->owner);
	case OBJECT_RWLOCK:
		return peek(&((struct real_rwlock *)at)->writer);
	case OBJECT_COND:
		return __builtin_popcountll(
			peek(&((struct real_cond *)at)->sleepers));
	case OBJECT_SEM:
		sem_getvalue(at, &count);
		return count;
	case OBJECT_EVENT:
	case OBJECT_BARRIER:
	case OBJECT_COUNTDOWN:
		return peek(&((struct real_flag *)at)->value);
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		return (int32_t)peek(&((struct real_queue *)at)->count);
	case OBJECT_KINDS:
		break;
	}
	return 0;
}

int32_t real_item(const struct real *r, object_id id, int32_t index, uint32_t i)
{
	struct real_queue *q = real_element(r, id, index);
	uint32_t max = (uint32_t)r->program->objects.data[id].max;

	return peek(&q->items[(peek(&q->first) + i) % max]);
}

size_t real_sleepers(const struct real *r, object_id id, int32_t index,
		     thread_id *out)
{
	struct real_cond *c = real_element(r, id, index);
	const struct seat *seats = r->shared->seats;
	size_t n = 0, at;

	for (uint64_t set = peek(&c->sleepers); set; set &= set - 1) {
		thread_id t = (thread_id)__builtin_ctzll(set);

		/* Earlier tickets first; they are all different. */
		for (at = n++; at > 0 && peek(&seats[out[at - 1]].ticket) >
						 peek(&seats[t].ticket);
		     at--)
			out[at] = out[at - 1];
		out[at] = t;
	}
	return n;
}

uint64_t real_store(const struct seat *s, uint32_t i)
{
	return peek(&s->stores[(peek(&s->store_first) + i) % LIMIT_STORES]);
}
