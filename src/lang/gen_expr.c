/*
 * gen_expr.c - expressions, in the order in which they are written.
 *
 * What is constant stays a constant as long as it can. A private name is used
 * where it lies: nothing that happens inside an expression can change it, since
 * a procedure has names of its own.
 */
#include "constant.h"
#include "gen.h"

vreg to_reg(struct gen *g, struct operand o)
{
	vreg r;

	if (!o.is_const)
		return o.reg;
	if (o.value == 0)
		return NO_VREG;
	r = new_vreg(g);
	emit_const(g, r, o.value);
	return r;
}

vreg gen_reg(struct gen *g, const struct expr *e)
{
	return to_reg(g, gen_expr(g, e, NO_VREG));
}

static vreg wanted(struct gen *g, vreg want)
{
	return want == NO_VREG ? new_vreg(g) : want;
}

vreg gen_index(struct gen *g, const struct expr *e)
{
	struct operand o;

	if (e->ref == REF_THREAD && !e->a)
		o = operand_const((int32_t)e->member);
	else if (e->a)
		o = gen_expr(g, e->a, NO_VREG);
	else
		return NO_VREG;
	return to_reg(g, o);
}

/* ---- names -------------------------------------------------------------- */

static struct operand gen_local(struct gen *g, const struct expr *e, vreg want)
{
	const struct binding *b = &g->frame->locals[e->index];

	switch (b->kind) {
	case BOUND_CONST:
		return operand_const(b->value);
	case BOUND_EXPR:
		return gen_expr(g, b->expr, want);
	case BOUND_REG:
		break;
	}
	return operand_reg(b->reg);
}

static struct operand gen_object_ref(struct gen *g, const struct expr *e,
				     vreg want)
{
	vreg mark = g->top, index = gen_index(g, e);
	object_id object = gen_object(g, e->index);
	struct vinsn *v;
	vreg dst;

	g->top = mark;
	dst = wanted(g, want);
	v = g->check ? emit(g, INSN_LOAD, e->span)
		     : emit_op(g, OP_READ, e->span);
	v->object = object;
	v->index = index;
	v->dst = dst;
	return operand_reg(dst);
}

static struct operand gen_ref(struct gen *g, const struct expr *e, vreg want)
{
	switch (e->ref) {
	case REF_CONST:
		return operand_const(e->value);
	case REF_LOCAL:
		return gen_local(g, e, want);
	default:
		return gen_object_ref(g, e, want);
	}
}

/* ---- operators ---------------------------------------------------------- */

struct operand emit_binary(struct gen *g, int code, struct operand a,
			   struct operand b, vreg mark, vreg want)
{
	bool add = code == INSN_ADD || (code == INSN_SUB && b.is_const);
	struct vinsn *v;
	vreg x, y, dst;

	if (code == INSN_ADD && a.is_const) {
		struct operand swap = a;

		a = b;
		b = swap;
	}
	x = to_reg(g, a);
	y = add && b.is_const ? NO_VREG : to_reg(g, b);
	g->top = mark;
	dst = wanted(g, want);
	if (add && b.is_const) {
		v = emit(g, INSN_ADDI, g->span);
		v->imm = code == INSN_ADD ? b.value
					  : (int32_t)(0u - (uint32_t)b.value);
	} else {
		v = emit(g, code, g->span);
		v->b = y;
	}
	v->a = x;
	v->dst = dst;
	return operand_reg(dst);
}

static struct operand gen_binary(struct gen *g, int code, const struct expr *x,
				 const struct expr *y, vreg want)
{
	vreg mark = g->top;
	struct operand a = gen_expr(g, x, NO_VREG);
	struct operand b = gen_expr(g, y, NO_VREG);
	int32_t value;

	if (a.is_const && b.is_const &&
	    constant_fold(code, a.value, b.value, &value))
		return operand_const(value);
	return emit_binary(g, code, a, b, mark, want);
}

static struct operand gen_unary(struct gen *g, int code, const struct expr *x,
				vreg want)
{
	vreg mark = g->top;
	struct operand a = gen_expr(g, x, NO_VREG);
	struct vinsn *v;
	int32_t value;
	vreg dst;

	if (a.is_const && constant_fold(code, a.value, 0, &value))
		return operand_const(value);
	g->top = mark;
	dst = wanted(g, want);
	v = emit(g, code, g->span);
	v->a = a.reg;
	v->dst = dst;
	return operand_reg(dst);
}

/* and, or: 1 or 0, and the right side only if it matters. */
static struct operand gen_logical(struct gen *g, const struct expr *e,
				  vreg want)
{
	int32_t no = new_label(g), end = new_label(g);
	vreg mark = g->top, dst = wanted(g, want);

	gen_branch(g, e, false, no);
	emit_const(g, dst, 1);
	emit_jump(g, INSN_JUMP, NO_VREG, end);
	place_label(g, no);
	emit_const(g, dst, 0);
	place_label(g, end);
	g->top = want == NO_VREG ? (vreg)(mark + 1) : mark;
	return operand_reg(dst);
}

static void branch_value(struct gen *g, const struct expr *e, bool when,
			 int32_t label)
{
	vreg mark = g->top;
	struct operand o = gen_expr(g, e, NO_VREG);

	if (!o.is_const)
		emit_jump(g, when ? INSN_JNZ : INSN_JZ, o.reg, label);
	else if ((o.value != 0) == when)
		emit_jump(g, INSN_JUMP, NO_VREG, label);
	g->top = mark;
}

/* a and b, jumping when true: over b if a is false. */
static void branch_both(struct gen *g, const struct expr *e, bool when,
			int32_t label)
{
	bool all = e->kind == EXPR_AND; /* else: any */
	int32_t skip;

	if (all != when) { /* either side alone decides */
		gen_branch(g, e->a, when, label);
		gen_branch(g, e->b, when, label);
		return;
	}
	skip = new_label(g);
	gen_branch(g, e->a, !when, skip);
	gen_branch(g, e->b, when, label);
	place_label(g, skip);
}

void gen_branch(struct gen *g, const struct expr *e, bool when, int32_t label)
{
	while (e->kind == EXPR_UNARY && e->code == INSN_NOT) {
		e = e->a;
		when = !when;
	}
	if (e->kind == EXPR_AND || e->kind == EXPR_OR)
		branch_both(g, e, when, label);
	else
		branch_value(g, e, when, label);
}

/* ---- calls -------------------------------------------------------------- */

static struct operand gen_def(struct gen *g, const struct expr *e, vreg want)
{
	vreg mark = g->top, dst = wanted(g, want);

	gen_expand(g, e, dst);
	g->top = want == NO_VREG ? (vreg)(mark + 1) : mark;
	return operand_reg(dst);
}

static struct operand gen_choose(struct gen *g, const struct expr *e, vreg want)
{
	vreg mark = g->top;
	vreg a = gen_reg(g, e->args[0]->a), b = gen_reg(g, e->args[0]->b);
	struct vinsn *v;
	vreg dst;

	g->top = mark;
	dst = wanted(g, want);
	v = emit_op(g, OP_CHOOSE, e->span);
	v->a = a;
	v->b = b;
	v->dst = dst;
	return operand_reg(dst);
}

static struct operand gen_select(struct gen *g, const struct expr *e, vreg want)
{
	vreg mark = g->top, indices[LIMIT_PARTS] = {0}, dst;
	struct object_ref *refs =
		arena_array(g->checker->keep, e->arg_count, sizeof *refs);
	struct object_list list = {.refs = refs, .count = e->arg_count};
	struct vinsn *v;

	for (size_t i = 0; i < e->arg_count; i++) {
		indices[i] = gen_index(g, e->args[i]);
		refs[i].object = gen_object(g, e->args[i]->index);
	}
	g->top = mark;
	dst = wanted(g, want);
	v = emit_op(g, OP_SELECT, e->span);
	v->dst = dst;
	v->imm = (int32_t)g->out->lists.len;
	v->first_use = (uint32_t)g->uses.len;
	v->use_count = (uint32_t)e->arg_count;
	for (size_t i = 0; i < e->arg_count; i++)
		vec_push(&g->uses, indices[i]);
	vec_push(&g->out->lists, list);
	vec_push(&g->out->refs, refs);
	return operand_reg(dst);
}

struct operand gen_sleep(struct gen *g, const struct expr *cond,
			 const struct expr *mutex, const struct expr *time,
			 struct span at, vreg want)
{
	vreg mark = g->top;
	vreg index = gen_index(g, cond), index2 = gen_index(g, mutex);
	vreg limit = time ? gen_reg(g, time) : NO_VREG, depth = NO_VREG, dst;
	object_id c = gen_object(g, cond->index);
	object_id m = gen_object(g, mutex->index);
	struct vinsn *v;

	if (g->out->objects.data[m].recursive)
		depth = new_vreg(g);
	v = emit_op(g, OP_SLEEP_ON, at);
	v->object = c;
	v->index = index;
	v->object2 = m;
	v->index2 = index2;
	v->dst = depth;
	g->top = mark;
	dst = time ? wanted(g, want) : NO_VREG;
	v = emit_op(g, time ? OP_RETAKE_FOR : OP_RETAKE, at);
	v->object = c;
	v->index = index;
	v->object2 = m;
	v->index2 = index2;
	v->a = depth;
	v->b = limit;
	v->dst = dst;
	return operand_reg(dst);
}

/* trylock(m), cas(x, old, new), … */
static struct operand gen_op(struct gen *g, const struct expr *e, vreg want)
{
	static const uint8_t looks[OP_COUNT] = {
		[OP_EMPTY] = INSN_EMPTY,
		[OP_FULL] = INSN_FULL,
		[OP_SIZE] = INSN_SIZE,
		[OP_EVENT_ISSET] = INSN_ISSET,
	};
	vreg mark = g->top, index = gen_index(g, e->args[0]);
	vreg a = e->arg_count > 1 ? gen_reg(g, e->args[1]) : NO_VREG;
	vreg b = e->arg_count > 2 ? gen_reg(g, e->args[2]) : NO_VREG;
	object_id object = gen_object(g, e->args[0]->index);
	struct vinsn *v;
	vreg dst;

	g->top = mark;
	dst = wanted(g, want);
	v = g->check ? emit(g, looks[e->op], e->span)
		     : emit_op(g, (enum op_kind)e->op, e->span);
	v->object = object;
	v->index = index;
	v->a = a;
	v->b = b;
	v->dst = dst;
	if (e->op == OP_TRYPUT)
		g->out->puts.data[object] += g->times * g->threads;
	return operand_reg(dst);
}

static struct operand gen_call(struct gen *g, const struct expr *e, vreg want)
{
	if (e->def)
		return gen_def(g, e, want);
	switch (e->op) {
	case OP_NONE:
		if (e->arg_count == 1)
			return gen_unary(g, e->code, e->args[0], want);
		return gen_binary(g, e->code, e->args[0], e->args[1], want);
	case OP_CHOOSE:
		return gen_choose(g, e, want);
	case OP_SELECT:
		return gen_select(g, e, want);
	case OP_SLEEP_ON:
		return gen_sleep(g, e->args[0], e->args[1], e->args[2], e->span,
				 want);
	default:
		return gen_op(g, e, want);
	}
}

/* ---- all ---------------------------------------------------------------- */

static struct operand gen_me(struct gen *g, vreg want)
{
	vreg dst = wanted(g, want);

	emit(g, INSN_ME, g->span)->dst = dst;
	return operand_reg(dst);
}

static struct operand gen_kind(struct gen *g, const struct expr *e, vreg want)
{
	switch (e->kind) {
	case EXPR_CONST:
		return operand_const(e->value);
	case EXPR_ME:
		return gen_me(g, want);
	case EXPR_REF:
		return gen_ref(g, e, want);
	case EXPR_UNARY:
		return gen_unary(g, e->code, e->a, want);
	case EXPR_BINARY:
		return gen_binary(g, e->code, e->a, e->b, want);
	case EXPR_AND:
	case EXPR_OR:
		return gen_logical(g, e, want);
	case EXPR_CALL:
		return gen_call(g, e, want);
	case EXPR_BAD:
	case EXPR_RANGE:
		break;
	}
	return operand_const(0);
}

struct operand gen_expr(struct gen *g, const struct expr *e, vreg want)
{
	struct operand o = operand_const(0);

	if (g->depth == DEPTH_MAX)
		gen_fail(g, "procedures and blocks are nested too deep here");
	if (g->failed)
		return o;
	g->depth++;
	o = gen_kind(g, e, want);
	g->depth--;
	return o;
}
