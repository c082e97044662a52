/*
 * checks.c - what must hold: always, never two in, order, finally.
 *
 * Expressions are a few private instructions with INSN_LOAD and its kin, which
 * read the world as it is in memory. An order check keeps one byte: 1 if its
 * first mark came first, 2 if its second did; then the first is too late.
 */
#include "state.h"

enum { ORDER_KEPT = 1, ORDER_REVERSED = 2 };

/* INSN_LOAD and its kin; an index out of range makes the check fail. */
static bool look(const struct world *w, const struct program *p,
		 const struct insn *i, int32_t index, int32_t *out)
{
	if (!in_range(p, i->object, index))
		return false;
	switch (i->code) {
	case INSN_EMPTY:
		*out = queue_size(w, p, i->object, index) == 0;
		break;
	case INSN_FULL:
		*out = queue_size(w, p, i->object, index) >=
		       object_of(p, i->object)->max;
		break;
	default:
		*out = world_value(w, p, i->object, index);
	}
	return true;
}

int32_t world_check(const struct world *w, const struct program *p,
		    const struct check *check)
{
	int32_t regs[LIMIT_REGS + 1] = {0};
	const uint8_t *r = (const uint8_t *)regs;
	code_addr pc = check->code;

	for (;;) {
		const struct insn *i = &p->code.data[pc++];
		int32_t a = load_reg(r, i->a), b = load_reg(r, i->b);

		switch (i->code) {
		case INSN_RETURN:
			return a;
		case INSN_JUMP:
			pc = (code_addr)i->imm;
			break;
		case INSN_JZ:
			pc = a ? pc : (code_addr)i->imm;
			break;
		case INSN_JNZ:
			pc = a ? (code_addr)i->imm : pc;
			break;
		case INSN_LOAD:
		case INSN_EMPTY:
		case INSN_FULL:
		case INSN_SIZE:
		case INSN_ISSET:
			if (!look(w, p, i, load_reg(r, i->index),
				  &regs[i->dst]))
				return 0;
			break;
		case INSN_DIV:
		case INSN_MOD:
			if (!b)
				return 0;
			/* fall through */
		default:
			regs[i->dst] = insn_calculate(i, a, b);
		}
	}
}

static void violate(struct world *w, uint16_t detail)
{
	if (w->verdict != VERDICT_NONE)
		return;
	w->verdict = VERDICT_VIOLATED;
	w->detail = detail;
}

void order_note(struct world *w, const struct program *p, const char *mark)
{
	uint8_t *seen = world_bytes(w) + p->order_offset;

	for (size_t i = 0; i < p->checks.count; i++) {
		const struct check *c = &p->checks.data[i];

		if (c->kind != CHECK_ORDER)
			continue;
		if (!strcmp(mark, c->before)) {
			if (*seen == ORDER_REVERSED)
				violate(w, (uint16_t)i);
			*seen = *seen ? *seen : ORDER_KEPT;
		} else if (!strcmp(mark, c->after)) {
			*seen = *seen ? *seen : ORDER_REVERSED;
		}
		seen++;
	}
}

static bool two_inside(const struct world *w, const struct program *p,
		       unsigned region)
{
	unsigned inside = 0;

	for (size_t t = 0; t < p->threads.count; t++)
		inside += world_in_region(w, p, (thread_id)t, region);
	return inside > 1;
}

static bool holds(const struct world *w, const struct program *p,
		  const struct check *c)
{
	switch ((enum check_kind)c->kind) {
	case CHECK_ALWAYS:
		return world_check(w, p, c) != 0;
	case CHECK_NEVER_TWO:
		return !two_inside(w, p, c->region);
	case CHECK_FINALLY:
	case CHECK_ORDER:
		break;
	}
	return true;
}

static bool all_done(const struct world *w, const struct program *p)
{
	for (size_t t = 0; t < p->threads.count; t++)
		if (world_counts(w, p, (thread_id)t) &&
		    (slice_state(slice_const(w, p, (thread_id)t)) != VM_ENDED ||
		     store_count(w, p, (thread_id)t)))
			return false;
	return true;
}

static void finish(struct world *w, const struct program *p)
{
	for (size_t i = 0; i < p->checks.count; i++)
		if (p->checks.data[i].kind == CHECK_FINALLY &&
		    !world_check(w, p, &p->checks.data[i])) {
			violate(w, (uint16_t)i);
			return;
		}
	w->verdict = VERDICT_OK;
}

void checks_after_step(struct world *w, const struct program *p)
{
	for (size_t i = 0; i < p->checks.count && !w->verdict; i++)
		if (!holds(w, p, &p->checks.data[i]))
			violate(w, (uint16_t)i);
	if (!w->verdict && all_done(w, p))
		finish(w, p);
}
