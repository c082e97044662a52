/*
 * gen_stmt.c - statements, loops and procedures.
 *
 * Every way out of a block (break, continue, return) first closes the regions
 * and atomic: blocks it leaves, in `cleanups`. `times` is how often a place can
 * be reached at most; it bounds what queues and store buffers must hold.
 */
#include <stdlib.h>

#include "gen.h"

static void gen_stmt(struct gen *g, const struct stmt *s);

void gen_block(struct gen *g, const struct block *b)
{
	for (const struct stmt *s = b->first; s && !g->failed; s = s->next)
		gen_stmt(g, s);
}

/* ---- assignment --------------------------------------------------------- */

static void store(struct gen *g, vreg into, struct operand o)
{
	struct vinsn *v;

	if (o.is_const) {
		emit_const(g, into, o.value);
	} else if (o.reg != into) {
		v = emit(g, INSN_MOVE, g->span);
		v->dst = into;
		v->a = o.reg;
	}
}

static void gen_let(struct gen *g, const struct stmt *s)
{
	struct binding *b = &g->frame->locals[s->local];
	const struct local *l = &g->frame->func->locals.data[s->local];

	if (l->cost) {
		b->kind = BOUND_EXPR;
		b->expr = s->value;
		return;
	}
	store(g, b->reg, gen_expr(g, s->value, b->reg));
}

static void assign_local(struct gen *g, const struct stmt *s)
{
	vreg into = g->frame->locals[s->target->index].reg;
	vreg mark = g->top;
	struct operand o;

	if (!s->code) {
		store(g, into, gen_expr(g, s->value, into));
		return;
	}
	o = gen_expr(g, s->value, NO_VREG);
	emit_binary(g, s->code, operand_reg(into), o, mark, into);
}

static struct operand read_target(struct gen *g, const struct expr *t,
				  object_id object, vreg index)
{
	vreg dst = new_vreg(g);
	struct vinsn *v = emit_op(g, OP_READ, t->span);

	v->object = object;
	v->index = index;
	v->dst = dst;
	return operand_reg(dst);
}

static void assign_object(struct gen *g, const struct stmt *s)
{
	const struct expr *t = s->target;
	vreg index = gen_index(g, t), mark = g->top, value;
	object_id object = gen_object(g, t->index);
	struct operand o, old = operand_const(0);
	struct vinsn *v;

	if (s->code)
		old = read_target(g, t, object, index);
	o = gen_expr(g, s->value, NO_VREG);
	if (s->code)
		o = emit_binary(g, s->code, old, o, mark, NO_VREG);
	value = to_reg(g, o);
	v = emit_op(g, OP_WRITE, t->span);
	v->object = object;
	v->index = index;
	v->a = value;
	if (g->out->objects.data[object].buffered)
		g->stores += g->times;
}

static void gen_assign(struct gen *g, const struct stmt *s)
{
	if (s->target->ref == REF_LOCAL)
		assign_local(g, s);
	else
		assign_object(g, s);
}

/* ---- ways out ----------------------------------------------------------- */

static void emit_cleanups(struct gen *g, size_t down_to)
{
	for (size_t i = g->cleanups.len; i > down_to; i--) {
		const struct cleanup *c = &g->cleanups.data[i - 1];

		if (c->atomic)
			emit(g, INSN_ATOMIC_END, g->span);
		else
			emit(g, INSN_EXIT, g->span)->imm = (int32_t)c->region;
	}
}

static void leave_to(struct gen *g, size_t cleanups, int32_t label)
{
	if (g->cleanups.len > cleanups) /* opens a waiting atomic: block */
		place_label(g, new_label(g));
	emit_cleanups(g, cleanups);
	emit_jump(g, INSN_JUMP, NO_VREG, label);
}

static void gen_return(struct gen *g, const struct stmt *s)
{
	struct frame *f = g->frame;
	vreg result = f->result == NO_VREG ? new_vreg(g) : f->result;

	if (s->value)
		store(g, result, gen_expr(g, s->value, result));
	else if (f->result != NO_VREG)
		emit_const(g, result, 0);
	leave_to(g, f->cleanups, f->end);
}

/* ---- blocks ------------------------------------------------------------- */

static void gen_if(struct gen *g, const struct stmt *s)
{
	int32_t end = new_label(g);

	for (const struct arm *a = s->arms; a; a = a->next) {
		int32_t next = new_label(g);

		g->span = s->span;
		if (a->test) {
			g->span = a->test->span;
			gen_branch(g, a->test, false, next);
		}
		gen_block(g, &a->body);
		if (a->next)
			emit_jump(g, INSN_JUMP, NO_VREG, end);
		place_label(g, next);
	}
	place_label(g, end);
}

static void enter_loop(struct gen *g, struct loop *l, uint64_t times)
{
	l->outer = g->loop;
	l->next = new_label(g);
	l->end = new_label(g);
	l->cleanups = g->cleanups.len;
	g->loop = l;
	g->times = times && g->times > MANY / times ? MANY : g->times * times;
}

static void leave_loop(struct gen *g, struct loop *l, uint64_t times)
{
	place_label(g, l->end);
	g->loop = l->outer;
	g->times = times;
}

/* while e, and loop where there is no e. */
static void gen_while(struct gen *g, const struct stmt *s)
{
	uint64_t times = g->times;
	struct loop l;

	enter_loop(g, &l, MANY);
	place_label(g, l.next);
	if (s->value)
		gen_branch(g, s->value, false, l.end);
	gen_block(g, &s->body);
	g->span = s->span;
	emit_jump(g, INSN_JUMP, NO_VREG, l.next);
	leave_loop(g, &l, times);
}

static void emit_add(struct gen *g, vreg r, int32_t n)
{
	struct vinsn *v = emit(g, INSN_ADDI, g->span);

	v->dst = v->a = r;
	v->imm = n;
}

/* Jumps to label if a code b. */
static void emit_compare(struct gen *g, int code, struct operand a,
			 struct operand b, int32_t label)
{
	vreg mark = g->top;
	struct operand o = emit_binary(g, code, a, b, mark, NO_VREG);

	emit_jump(g, INSN_JNZ, o.reg, label);
	g->top = mark;
}

/* A register counts down to 0. */
static void gen_repeat(struct gen *g, const struct stmt *s)
{
	uint64_t times = g->times;
	vreg counter = new_vreg(g);
	struct operand n = gen_expr(g, s->value, counter);
	int32_t top = new_label(g);
	struct loop l;

	if (n.is_const && n.value <= 0)
		return;
	store(g, counter, n);
	enter_loop(g, &l, n.is_const ? (uint64_t)n.value : MANY);
	if (!n.is_const)
		emit_compare(g, INSN_LE, operand_reg(counter), operand_const(0),
			     l.end);
	place_label(g, top);
	gen_block(g, &s->body);
	place_label(g, l.next);
	g->span = s->span;
	if (!n.is_const || n.value > 1) {
		emit_add(g, counter, -1);
		emit_jump(g, INSN_JNZ, counter, top);
	}
	leave_loop(g, &l, times);
}

/* The upper end must not change with a private name it was taken from. */
static struct operand keep_operand(struct gen *g, struct operand o, vreg mark)
{
	vreg copy;

	if (o.is_const || o.reg >= mark)
		return o;
	copy = new_vreg(g);
	store(g, copy, o);
	return operand_reg(copy);
}

static uint64_t count_for(struct operand a, struct operand b)
{
	int64_t n = (int64_t)b.value - a.value + 1;

	if (!a.is_const || !b.is_const)
		return MANY;
	return n > 0 ? (uint64_t)n : 0;
}

/* Counts in the name itself, or beside it if the body sets it too. Stops at
 * the upper end, not beyond, which may be the largest number. */
static void gen_for(struct gen *g, const struct stmt *s)
{
	vreg i = g->frame->locals[s->local].reg, mark = g->top, counter = i;
	bool apart = g->frame->func->locals.data[s->local].assigned > 1;
	struct operand a =
		keep_operand(g, gen_expr(g, s->value, NO_VREG), mark);
	struct operand b =
		keep_operand(g, gen_expr(g, s->second, NO_VREG), mark);
	uint64_t times = g->times;
	int32_t top = new_label(g);
	struct loop l;

	if (count_for(a, b) == 0)
		return;
	enter_loop(g, &l, count_for(a, b));
	if (!a.is_const || !b.is_const)
		emit_compare(g, INSN_GT, a, b, l.end);
	if (apart)
		counter = new_vreg(g);
	store(g, counter, a);
	place_label(g, top);
	store(g, i, operand_reg(counter));
	gen_block(g, &s->body);
	place_label(g, l.next);
	g->span = s->span;
	emit_compare(g, INSN_EQ, operand_reg(counter), b, l.end);
	emit_add(g, counter, 1);
	emit_jump(g, INSN_JUMP, NO_VREG, top);
	leave_loop(g, &l, times);
}

static bool in_region(const struct gen *g, uint32_t region)
{
	for (size_t i = 0; i < g->cleanups.len; i++)
		if (!g->cleanups.data[i].atomic &&
		    g->cleanups.data[i].region == region)
			return true;
	return false;
}

static void gen_region(struct gen *g, const struct stmt *s)
{
	struct cleanup c = {.region = s->region};

	if (in_region(g, s->region)) {
		gen_block(g, &s->body);
		return;
	}
	emit(g, INSN_ENTER, s->span)->imm = (int32_t)s->region;
	vec_push(&g->cleanups, c);
	gen_block(g, &s->body);
	g->cleanups.len--;
	emit(g, INSN_EXIT, s->span)->imm = (int32_t)s->region;
}

/* May wait for its first operation: it has no block or branch of its own. */
static bool is_straight(const struct stmt *s)
{
	switch (s->kind) {
	case STMT_LET:
	case STMT_ASSIGN:
	case STMT_OPERATE:
	case STMT_CALL:
	case STMT_PRINT:
	case STMT_WORK:
	case STMT_ASSERT:
	case STMT_RETURN:
		return true;
	default:
		return false;
	}
}

static void gen_atomic(struct gen *g, const struct stmt *s)
{
	const struct stmt *first = s->body.first;
	struct cleanup c = {.atomic = true};

	if (g->atomic != ATOMIC_NO) { /* the checker has complained */
		gen_block(g, &s->body);
		return;
	}
	g->atomic = ATOMIC_PENDING;
	g->atomic_span = s->span;
	vec_push(&g->cleanups, c);
	if (first && is_straight(first)) {
		g->atomic_first = true;
		gen_stmt(g, first);
		g->atomic_first = false;
		first = first->next;
	}
	if (g->atomic == ATOMIC_PENDING)
		place_label(g, new_label(g));
	for (; first && !g->failed; first = first->next)
		gen_stmt(g, first);
	g->cleanups.len--;
	g->span = s->span;
	emit(g, INSN_ATOMIC_END, s->span);
	g->atomic = ATOMIC_NO;
}

/* ---- operations --------------------------------------------------------- */

static void gen_operate(struct gen *g, const struct stmt *s)
{
	const struct expr *t = s->target;
	bool thread = t->ref == REF_THREAD;
	object_id object = OBJECT_NONE;
	struct vinsn *v;
	vreg index, value;

	if (s->op == OP_SLEEP_ON) {
		gen_sleep(g, t, s->second, NULL, s->span, NO_VREG);
		return;
	}
	index = gen_index(g, t);
	value = s->value ? gen_reg(g, s->value) : NO_VREG;
	if (!thread)
		object = gen_object(g, t->index);
	v = emit_op(g, (enum op_kind)s->op, s->span);
	v->object = object;
	v->index = index;
	v->a = value;
	v->imm = thread ? (int32_t)t->index : 0;
	if (s->op == OP_PUT)
		g->out->puts.data[object] += g->times * g->threads;
	if (s->op != OP_ARRIVE)
		return;
	v = emit_op(g, OP_LEAVE, s->span);
	v->object = object;
	v->index = index;
}

static void gen_plain(struct gen *g, const struct stmt *s)
{
	vreg value = s->value ? gen_reg(g, s->value) : NO_VREG;
	enum op_kind op = s->kind == STMT_SLEEP   ? OP_SLEEP
			  : s->kind == STMT_WORK  ? OP_WORK
			  : s->word == WORD_yield ? OP_YIELD
						  : OP_FENCE;
	struct vinsn *v = emit_op(g, op, s->span);

	v->a = value;
	if (s->kind != STMT_WORK)
		return;
	v->imm = (int32_t)g->out->texts.len;
	vec_push(&g->out->texts, s->string);
}

static void gen_assert(struct gen *g, const struct stmt *s)
{
	vreg value = gen_reg(g, s->value);
	struct vinsn *v = emit(g, INSN_ASSERT, s->span);

	v->a = value;
	v->imm = (int32_t)g->out->asserts.len;
	vec_push(&g->out->asserts, s->string);
}

/* Values one blank apart; what is constant is part of the text. */
struct line {
	struct str text;
	struct print_part parts[2 * LIMIT_PARTS + 1];
	vreg regs[LIMIT_PARTS];
	size_t part_count, reg_count;
};

static void end_text(struct gen *g, struct line *l)
{
	if (l->text.len)
		l->parts[l->part_count++].text =
			arena_strdup(g->checker->keep, str_cstr(&l->text));
	str_clear(&l->text);
}

static void add_value(struct gen *g, struct line *l, const struct expr *e)
{
	struct operand o = gen_expr(g, e, NO_VREG);

	if (o.is_const) {
		str_addf(&l->text, "%d", o.value);
		return;
	}
	end_text(g, l);
	l->parts[l->part_count++].reg = NO_REG;
	l->regs[l->reg_count++] = o.reg;
}

static void gen_print(struct gen *g, const struct stmt *s)
{
	struct line l = {0};
	struct print_part *parts;
	struct print p = {0};
	struct vinsn *v;

	for (size_t i = 0; i < s->part_count; i++) {
		if (i)
			str_addc(&l.text, ' ');
		if (s->parts[i].value)
			add_value(g, &l, s->parts[i].value);
		else
			str_add(&l.text, s->parts[i].text);
	}
	end_text(g, &l);
	str_free(&l.text);
	parts = arena_copy(g->checker->keep, l.parts,
			   l.part_count * sizeof *l.parts);
	p.parts = parts;
	p.count = l.part_count;
	v = emit_op(g, OP_PRINT, s->span);
	v->imm = (int32_t)g->out->prints.len;
	v->first_use = (uint32_t)g->uses.len;
	v->use_count = (uint32_t)l.reg_count;
	for (size_t i = 0; i < l.reg_count; i++)
		vec_push(&g->uses, l.regs[i]);
	vec_push(&g->out->prints, p);
	vec_push(&g->out->parts, parts);
}

/* ---- procedures --------------------------------------------------------- */

/* A parameter that the procedure never sets is the argument itself. */
static void bind_param(struct gen *g, struct binding *b, struct operand arg,
		       bool assigned, vreg mark)
{
	if (assigned && (arg.is_const || arg.reg < mark)) {
		b->reg = new_vreg(g);
		store(g, b->reg, arg);
	} else if (arg.is_const) {
		b->kind = BOUND_CONST;
		b->value = arg.value;
	} else {
		b->reg = arg.reg;
	}
}

static void bind_frame(struct gen *g, const struct expr *call,
		       struct binding *locals)
{
	const struct func *f = &call->def->func;
	struct operand args[LIMIT_PARTS];
	vreg mark = g->top;

	for (size_t i = 0; i < call->arg_count; i++)
		args[i] = gen_expr(g, call->args[i], NO_VREG);
	for (size_t i = 0; i < f->locals.len; i++) {
		const struct local *l = &f->locals.data[i];

		if (i < f->param_count) {
			bind_param(g, &locals[i], args[i], l->assigned, mark);
		} else if (!l->cost) {
			locals[i].reg = new_vreg(g);
			if (!l->outermost)
				emit_const(g, locals[i].reg, 0);
		}
	}
}

void gen_expand(struct gen *g, const struct expr *call, vreg result)
{
	const struct func *f = &call->def->func;
	struct frame frame = {.outer = g->frame,
			      .func = f,
			      .result = result,
			      .cleanups = g->cleanups.len};
	struct loop *loop = g->loop;
	struct span span = g->span;

	if (++g->expansions > EXPANSIONS_MAX)
		gen_fail(g, "the procedures called here expand to too much "
			    "code");
	if (g->failed)
		return;
	frame.locals = xcalloc(f->locals.len + 1, sizeof *frame.locals);
	bind_frame(g, call, frame.locals);
	frame.end = new_label(g);
	g->frame = &frame;
	g->loop = NULL;
	gen_block(g, &f->body);
	g->span = span;
	if (result != NO_VREG)
		emit_const(g, result, 0);
	place_label(g, frame.end);
	g->loop = loop;
	g->frame = frame.outer;
	free(frame.locals);
}

static void gen_call_stmt(struct gen *g, const struct stmt *s)
{
	if (s->value->def)
		gen_expand(g, s->value, NO_VREG);
	else
		gen_expr(g, s->value, NO_VREG);
}

/* ---- which one ---------------------------------------------------------- */

static void gen_simple(struct gen *g, const struct stmt *s)
{
	switch (s->kind) {
	case STMT_LET:
		gen_let(g, s);
		break;
	case STMT_ASSIGN:
		gen_assign(g, s);
		break;
	case STMT_BREAK:
		leave_to(g, g->loop->cleanups, g->loop->end);
		break;
	case STMT_CONTINUE:
		leave_to(g, g->loop->cleanups, g->loop->next);
		break;
	case STMT_RETURN:
		gen_return(g, s);
		break;
	case STMT_ENTER:
	case STMT_LEAVE:
		emit(g, s->kind == STMT_ENTER ? INSN_ENTER : INSN_EXIT, s->span)
			->imm = (int32_t)s->region;
		break;
	case STMT_OPERATE:
		gen_operate(g, s);
		break;
	case STMT_SLEEP:
	case STMT_PLAIN:
	case STMT_WORK:
		gen_plain(g, s);
		break;
	case STMT_PRINT:
		gen_print(g, s);
		break;
	case STMT_ASSERT:
		gen_assert(g, s);
		break;
	case STMT_CALL:
		gen_call_stmt(g, s);
		break;
	default:
		break;
	}
}

static void gen_stmt(struct gen *g, const struct stmt *s)
{
	vreg mark = g->top;

	if (g->depth == DEPTH_MAX)
		gen_fail(g, "procedures and blocks are nested too deep here");
	if (g->failed)
		return;
	g->depth++;
	g->span = s->span;
	switch (s->kind) {
	case STMT_IF:
		gen_if(g, s);
		break;
	case STMT_WHILE:
	case STMT_LOOP:
		gen_while(g, s);
		break;
	case STMT_REPEAT:
		gen_repeat(g, s);
		break;
	case STMT_FOR:
		gen_for(g, s);
		break;
	case STMT_REGION:
		gen_region(g, s);
		break;
	case STMT_ATOMIC:
		gen_atomic(g, s);
		break;
	default:
		gen_simple(g, s);
		break;
	}
	g->top = mark;
	g->depth--;
}
