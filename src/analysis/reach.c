/*
 * reach.c - what a thread's code could still do, read off the code itself.
 *
 * To say that nobody is left who could post a semaphore one must know who
 * could. A thread could if such an instruction is reachable from its entry by
 * jumps; whether conditions would ever let it is not asked. Which element of an
 * array it would be is worked out where it can be seen at a glance: a constant,
 * `me`, a value the thread has already; else it counts as any.
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

static bool jumps(const struct insn *i)
{
	return i->code == INSN_JUMP || i->code == INSN_JZ ||
	       i->code == INSN_JNZ;
}

/* Where it can go on from there. */
static void visit_next(struct reach *r, code_addr pc)
{
	const struct insn *i = &r->p->code.data[pc];

	if (jumps(i))
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

/* ---- with which element ------------------------------------------------ */

/* A thread on its way: where it stands, what it knows there. */
struct journey {
	const struct program *p;
	const uint8_t *targets; /* one bit an instruction: jumped to */
	thread_id thread;
	const struct machine *from;
};

static uint8_t *find_targets(const struct program *p)
{
	uint8_t *bits = xcalloc(p->code.count / 8 + 1, 1);

	for (size_t k = 0; k < p->code.count; k++) {
		const struct insn *i = &p->code.data[k];

		if (jumps(i) && i->imm >= 0 && (size_t)i->imm < p->code.count)
			bits[i->imm / 8] |= (uint8_t)(1 << i->imm % 8);
	}
	return bits;
}

static bool is_target(const struct journey *j, size_t pc)
{
	return j->targets[pc / 8] >> pc % 8 & 1;
}

static bool writes_register(const struct insn *i, void *data)
{
	return i->dst == *(const uint8_t *)data;
}

static bool is_this(const struct insn *i, void *data)
{
	return i == *(const struct insn **)data;
}

/* It stands there and will not come there again. */
static bool is_only_now(const struct journey *j, size_t pc)
{
	const struct insn *here = &j->p->code.data[pc];

	return pc == j->from->pc &&
	       !reach_find(j->p, (code_addr)(pc + 1), is_this, NULL, &here);
}

/* Nothing on its way to pc changes the register: it is what it is now. */
static bool unchanged(const struct journey *j, size_t pc, uint8_t reg,
		      int32_t *value)
{
	*value = machine_reg(j->from, reg);
	return is_only_now(j, pc) ||
	       !reach_find(j->p, j->from->pc, writes_register, NULL, &reg);
}

static bool value_at(const struct journey *j, size_t pc, uint8_t reg,
		     int depth, int32_t *value);

/* The value that the instruction gives its register. */
static bool value_of(const struct journey *j, size_t pc, int depth,
		     int32_t *value)
{
	const struct insn *i = &j->p->code.data[pc];
	int32_t a = 0, b = 0;

	if (i->code < OP_COUNT || i->code > INSN_ADDI)
		return false;
	if (i->code == INSN_ME) {
		*value = j->p->threads.data[j->thread].me;
		return true;
	}
	if ((i->a != NO_REG && !value_at(j, pc, i->a, depth, &a)) ||
	    (i->b != NO_REG && !value_at(j, pc, i->b, depth, &b)))
		return false;
	*value = insn_calculate(i, a, b);
	return true;
}

/* What the register will hold before that instruction, where it can be known:
 * its last definition in a straight line, or what it holds already. */
static bool value_at(const struct journey *j, size_t pc, uint8_t reg,
		     int depth, int32_t *value)
{
	if (depth == 0)
		return false;
	for (; pc != j->from->pc && pc > 0 && !is_target(j, pc); pc--) {
		const struct insn *i = &j->p->code.data[pc - 1];

		if (i->code == INSN_JUMP || i->code == INSN_END)
			break;
		if (i->dst == reg)
			return value_of(j, pc - 1, depth - 1, value);
	}
	return unchanged(j, pc, reg, value);
}

/* ---- who could do it --------------------------------------------------- */

struct deed {
	struct journey way;
	object_id object;
	int32_t index; /* -1: any */
	uint8_t kinds[4];
	size_t count;
};

static bool does(const struct insn *i, void *data)
{
	enum { DEPTH = 6 };
	const struct deed *d = data;
	bool found = false;
	int32_t index = 0;

	for (size_t k = 0; k < d->count; k++)
		found |= i->code == d->kinds[k] && i->object == d->object;
	if (!found || d->index < 0)
		return found;
	if (i->index == NO_REG)
		return d->index == 0;
	return !value_at(&d->way, (size_t)(i - d->way.p->code.data), i->index,
			 DEPTH, &index) ||
	       index == d->index;
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
		{OP_SELECT, 2, {OP_PUT, OP_TRYPUT}},
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

static uint64_t who_does(const struct view *v, const struct machine *from,
			 struct deed *d)
{
	uint8_t *targets = find_targets(v->p);
	uint64_t set = 0;

	for (size_t t = 0; t < v->threads; t++) {
		d->way = (struct journey){v->p, targets, (thread_id)t,
					  &from[t]};
		if (from[t].state == MACHINE_PARKED &&
		    reach_find(v->p, from[t].pc, does, NULL, d))
			set |= bit(t);
	}
	free(targets);
	return set;
}

const struct object_list *select_list(const struct view *v,
				      const struct event *wait)
{
	return &v->p->lists.data[v->p->code.data[wait->pc].imm];
}

int32_t select_index(const struct view *v, const struct event *wait,
		     const struct machine *m, size_t k)
{
	uint8_t reg = select_list(v, wait)->refs[k].index;

	if (reg == NO_REG)
		return 0;
	return m && m->state == MACHINE_PARKED && m->pc == wait->pc
		       ? machine_reg(m, reg) : -1;
}

uint64_t reach_helpers(const struct view *v, const struct event *wait,
		       const struct machine *from)
{
	struct deed d = {.object = wait->object, .index = wait->index};
	uint64_t set = 0;

	needed(wait->kind, &d);
	if (wait->kind != OP_SELECT)
		return who_does(v, from, &d);
	for (size_t k = 0; k < select_list(v, wait)->count; k++) {
		d.object = select_list(v, wait)->refs[k].object;
		d.index = select_index(v, wait, &from[wait->thread], k);
		set |= who_does(v, from, &d);
	}
	return set;
}
