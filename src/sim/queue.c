/*
 * queue.c - bounded buffers (plain) and queues (thread safe, blocking).
 *
 * An element is how many items it has (2 bytes), how many were put and are not
 * yet done (4; 0 where nobody asks, or a program that runs for ever would never
 * come back to a state), and the items, oldest first, unused places 0. Every
 * operation is one step. For a buffer, get from empty and put to full are
 * crashes; a queue blocks instead.
 */
#include "state.h"

enum { ITEMS = 6 };

static uint16_t items(const struct act *a)
{
	return load16(target(a));
}

static bool is_full(const struct act *a)
{
	return items(a) >= object_of(a->program, a->op.object)->max;
}

static void append(struct act *a)
{
	uint8_t *q = target(a);
	uint16_t n = load16(q);

	store32(q + ITEMS + 4 * (size_t)n, a->op.a);
	store16(q, (uint16_t)(n + 1));
	if (object_of(a->program, a->op.object)->awaited)
		store32(q + 2, load32(q + 2) + 1);
	a->event.value = a->op.a;
	a->event.extra = n + 1;
	a->result = 1;
}

static void remove_first(struct act *a)
{
	uint8_t *q = target(a);
	uint16_t n = load16(q);

	a->result = load32(q + ITEMS);
	memmove(q + ITEMS, q + ITEMS + 4, 4 * ((size_t)n - 1));
	store32(q + ITEMS + 4 * ((size_t)n - 1), 0);
	store16(q, (uint16_t)(n - 1));
	a->event.value = a->result;
	a->event.extra = n - 1;
}

void buf_put_step(struct act *a)
{
	if (is_full(a))
		a->crash = CRASH_FULL;
	else
		append(a);
}

void buf_get_step(struct act *a)
{
	if (items(a))
		remove_first(a);
	else
		a->crash = CRASH_EMPTY;
}

unsigned put_alts(const struct act *a)
{
	return !object_of(a->program, a->op.object)->bounded || !is_full(a);
}

void put_step(struct act *a)
{
	buf_put_step(a);
}

unsigned get_alts(const struct act *a)
{
	return items(a) > 0;
}

/* Also getfor: a time-out gives -1. */
void get_step(struct act *a)
{
	if (!a->timeout) {
		remove_first(a);
		return;
	}
	a->result = -1;
	a->event.value = -1;
	a->event.flags |= EVENT_FAILED;
}

void tryput_step(struct act *a)
{
	if (is_full(a))
		a->event.flags |= EVENT_FAILED;
	else
		append(a);
}

void tryget_step(struct act *a)
{
	a->timeout = !items(a);
	if (object_of(a->program, a->op.object)->kind == OBJECT_BUFFER &&
	    items(a))
		buf_get_step(a);
	else
		get_step(a);
	a->timeout = false;
}

static void answer(struct act *a, int32_t value)
{
	a->result = value;
	a->event.value = value;
}

void empty_step(struct act *a)
{
	answer(a, items(a) == 0);
}

void full_step(struct act *a)
{
	answer(a, is_full(a));
}

void size_step(struct act *a)
{
	answer(a, items(a));
}

void done_step(struct act *a)
{
	uint8_t *q = target(a);

	if (load32(q + 2) <= 0)
		a->crash = CRASH_DONE;
	else
		store32(q + 2, load32(q + 2) - 1);
	a->event.value = load32(q + 2);
}

unsigned join_queue_alts(const struct act *a)
{
	return load32(target(a) + 2) == 0;
}

void join_queue_step(struct act *a)
{
	(void)a;
}

/* The lowest of the listed queues that has something; the count if none. */
static size_t first_ready(const struct act *a)
{
	const struct insn *i = &a->program->code.data[a->op.pc];
	const struct object_list *list = &a->program->lists.data[i->imm];

	for (size_t k = 0; k < list->count; k++) {
		const struct object_ref *r = &list->refs[k];
		int32_t index = load_reg(a->regs, r->index);

		if (in_range(a->program, r->object, index) &&
		    queue_size(a->world, a->program, r->object, index) > 0)
			return k;
	}
	return list->count;
}

unsigned select_alts(const struct act *a)
{
	const struct insn *i = &a->program->code.data[a->op.pc];

	return first_ready(a) < a->program->lists.data[i->imm].count;
}

void select_step(struct act *a)
{
	answer(a, (int32_t)first_ready(a));
}

int32_t queue_size(const struct world *w, const struct program *p, object_id id,
		   int32_t index)
{
	return load16(element_const(w, p, id, index));
}

int32_t world_item(const struct world *w, const struct program *p, object_id id,
		   int32_t index, size_t i)
{
	return load32(element_const(w, p, id, index) + ITEMS + 4 * i);
}

int32_t world_unfinished(const struct world *w, const struct program *p,
			 object_id id, int32_t index)
{
	return load32(element_const(w, p, id, index) + 2);
}
