/*
 * reach.c - what a thread's code could still do, read off the code itself.
 *
 * To say that nobody is left who could post a semaphore one must know who
 * could. A thread could if such an instruction is reachable from its entry by
 * jumps; whether conditions would ever let it is not asked.
 */
#include "inside.h"

struct reach {
	const struct program *p;
	uint8_t *seen; /* one bit an instruction */
	VEC(code_addr) todo;
};

static void visit(struct reach *r, int32_t pc)
{
	if (pc < 0 || (size_t)pc >= r->p->code.count ||
	    r->seen[pc / 8] >> pc % 8 & 1)
		return;
	r->seen[pc / 8] |= (uint8_t)(1 << pc % 8);
	vec_push(&r->todo, (code_addr)pc);
}

/* Where it can go on from there. */
static void visit_next(struct reach *r, code_addr pc)
{
	const struct insn *i = &r->p->code.data[pc];

	if (i->code == INSN_JUMP || i->code == INSN_JZ || i->code == INSN_JNZ)
		visit(r, i->imm);
	if (i->code != INSN_JUMP && i->code != INSN_END)
		visit(r, pc + 1);
}

bool reach_find(const struct program *p, code_addr from,
		bool (*enough)(const struct insn *, void *),
		bool (*beyond)(const struct insn *, void *), void *data)
{
	struct reach r = {.p = p};
	bool found = false;

	r.seen = xcalloc(p->code.count / 8 + 1, 1);
	visit(&r, from);
	while (r.todo.len && !found) {
		code_addr pc = vec_pop(&r.todo);

		found = enough(&p->code.data[pc], data);
		if (!found && (!beyond || !beyond(&p->code.data[pc], data)))
			visit_next(&r, pc);
	}
	vec_free(&r.todo);
	free(r.seen);
	return found;
}

/* ---- who could do it ------------------------------------------------- */

struct deed {
	object_id object;
	uint8_t kinds[4];
	size_t count;
};

static bool does(const struct insn *i, void *data)
{
	const struct deed *d = data;

	for (size_t k = 0; k < d->count; k++)
		if (i->code == d->kinds[k] && i->object == d->object)
			return true;
	return false;
}

/* What must happen for a thread that waits for this to go on. */
static void needed(uint8_t kind, struct deed *d)
{
	static const struct {
		uint8_t wait, count, by[4];
	} table[] = {
		{OP_SEM_WAIT, 1, {OP_SEM_POST}},
		{OP_EVENT_WAIT, 1, {OP_EVENT_SET}},
		{OP_SLEEP_ON, 2, {OP_SIGNAL, OP_BROADCAST}},
		{OP_GET, 2, {OP_PUT, OP_TRYPUT}},
		{OP_GETFOR, 2, {OP_PUT, OP_TRYPUT}},
		{OP_PUT, 3, {OP_GET, OP_TRYGET, OP_GETFOR}},
		{OP_COUNT_WAIT, 1, {OP_COUNT_DOWN}},
		{OP_LEAVE, 1, {OP_ARRIVE}},
		{OP_JOIN_QUEUE, 1, {OP_DONE}},
	};

	for (size_t k = 0; k < sizeof table / sizeof *table; k++)
		if (table[k].wait == kind) {
			d->count = table[k].count;
			memcpy(d->kinds, table[k].by, sizeof d->kinds);
		}
}

uint64_t reach_helpers(const struct view *v, uint8_t kind, object_id object)
{
	struct deed d = {.object = object};
	uint64_t set = 0;

	needed(kind, &d);
	for (size_t t = 0; t < v->threads; t++)
		if (reach_find(v->p, v->p->threads.data[t].entry, does, NULL,
			       &d))
			set |= bit(t);
	return set;
}
