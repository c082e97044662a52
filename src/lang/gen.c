/*
 * gen.c - emitting instructions.
 *
 * Registers are handed out like a stack: a statement's temporaries are given
 * back at its end, a procedure's names at the end of its expansion. That bounds
 * their number however often a procedure is expanded; live.c takes the
 * lifetimes apart again. Whoever reaches a limit says so once and emits nothing
 * from then on.
 *
 * An `atomic:` block begins at its first visible operation: what comes before
 * is private and rides along. If that operation blocks, the whole block does.
 */
#include <stdio.h>

#include "gen.h"

void gen_init(struct gen *g, struct checker *c, struct output *out)
{
	memset(g, 0, sizeof *g);
	g->checker = c;
	g->out = out;
	g->process = THREAD_NONE;
	g->threads = g->times = 1;
}

void gen_fini(struct gen *g)
{
	vec_free(&g->code);
	vec_free(&g->labels);
	vec_free(&g->uses);
	vec_free(&g->cleanups);
}

void gen_fail(struct gen *g, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!g->failed)
		mistake_nearest_v(g->checker->unit, g->span, NULL, fmt, ap);
	va_end(ap);
	g->failed = true;
}

/* ---- instructions ------------------------------------------------------- */

static uint16_t clip(uint32_t n)
{
	return (uint16_t)(n < UINT16_MAX ? n : UINT16_MAX);
}

struct vinsn *emit(struct gen *g, int code, struct span at)
{
	struct vinsn v = {.code = (uint8_t)code,
			  .dst = NO_VREG,
			  .index = NO_VREG,
			  .a = NO_VREG,
			  .b = NO_VREG,
			  .index2 = NO_VREG,
			  .object = OBJECT_NONE,
			  .object2 = OBJECT_NONE,
			  .line = clip(at.line),
			  .column = clip(at.column)};

	v.within = g->atomic == ATOMIC_INSIDE;
	if (g->code.len >= LIMIT_CODE)
		gen_fail(g,
			 "this scenario is too large: its code has more "
			 "than %d instructions",
			 LIMIT_CODE);
	if (g->failed && g->code.len)
		g->code.len--; /* nobody will run it: overwrite the last */
	vec_push(&g->code, v);
	return &vec_last(&g->code);
}

/* Opens the atomic: block that waits for its first operation. */
static void open_atomic(struct gen *g, bool blocks)
{
	struct vinsn *v;

	g->atomic = ATOMIC_NO; /* the opening itself stands outside */
	v = emit(g, OP_ATOMIC, g->atomic_span);
	v->object2 = blocks;
	g->atomic = ATOMIC_INSIDE;
}

struct vinsn *emit_op(struct gen *g, enum op_kind op, struct span at)
{
	bool blocks = op_info[op].flags & OP_B;

	if (g->atomic == ATOMIC_PENDING)
		open_atomic(g, blocks);
	else if (g->atomic_first && blocks)
		gen_fail(g, "an atomic block can wait only with the very first "
			    "thing it does: read what it needs before it");
	return emit(g, (int)op, at);
}

void emit_const(struct gen *g, vreg dst, int32_t value)
{
	struct vinsn *v = emit(g, INSN_CONST, g->span);

	v->dst = dst;
	v->imm = value;
}

int32_t new_label(struct gen *g)
{
	vec_push(&g->labels, 0);
	return (int32_t)g->labels.len - 1;
}

void emit_jump(struct gen *g, int code, vreg test, int32_t label)
{
	struct vinsn *v;

	if (g->atomic == ATOMIC_PENDING)
		open_atomic(g, false);
	v = emit(g, code, g->span);
	v->a = test;
	v->imm = label;
}

void place_label(struct gen *g, int32_t label)
{
	if (g->atomic == ATOMIC_PENDING)
		open_atomic(g, false);
	g->labels.data[label] = (uint32_t)g->code.len;
}

vreg new_vreg(struct gen *g)
{
	if (g->top == VREGS_MAX) {
		gen_fail(g,
			 "this thread has more than %d private names and "
			 "values",
			 VREGS_MAX);
		return 0;
	}
	if (++g->top > g->vregs)
		g->vregs = g->top;
	return (vreg)(g->top - 1);
}

/* ---- objects ------------------------------------------------------------ */

static bool is_copied(enum object_kind k)
{
	return k == OBJECT_VAR || k == OBJECT_MUTEX || k == OBJECT_RWLOCK ||
	       k == OBJECT_COND || k == OBJECT_BUFFER;
}

object_id gen_object(struct gen *g, uint32_t original)
{
	struct object copy = g->out->objects.data[original];
	object_id *slot;

	if (!g->copies || !is_copied((enum object_kind)copy.kind))
		return (object_id)original;
	slot = &g->copies[original];
	if (*slot != OBJECT_NONE)
		return *slot;
	if (g->out->objects.len == LIMIT_OBJECTS) {
		gen_fail(g,
			 "with the copies that each process has there are "
			 "more than %d objects",
			 LIMIT_OBJECTS);
		return (object_id)original;
	}
	copy.process = g->process; /* and copy.original is right already */
	*slot = (object_id)g->out->objects.len;
	vec_push(&g->out->objects, copy);
	vec_push(&g->out->puts, 0);
	return *slot;
}

/* ---- bodies ------------------------------------------------------------- */

static void bind_locals(struct gen *g, const struct func *f,
			struct binding *locals)
{
	for (size_t i = 0; i < f->locals.len; i++)
		if (!f->locals.data[i].cost)
			locals[i].reg = new_vreg(g);
}

void gen_thread(struct gen *g, const struct func *f)
{
	struct frame frame = {.func = f, .result = NO_VREG};

	frame.locals = arena_array(g->checker->unit->arena, f->locals.len + 1,
				   sizeof *frame.locals);
	g->span = f->span;
	bind_locals(g, f, frame.locals);
	frame.end = new_label(g);
	g->frame = &frame;
	gen_block(g, &f->body);
	place_label(g, frame.end);
	emit(g, INSN_END, f->span);
	g->frame = NULL;
}

void gen_check(struct gen *g, const struct expr *e)
{
	vreg value;

	g->check = true;
	g->span = e->span;
	value = gen_reg(g, e);
	emit(g, INSN_RETURN, e->span)->a = value;
}
