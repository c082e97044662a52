/*
 * check_expr.c - what the names in expressions mean.
 *
 * A name is a private one of the body, else a parameter, an object, a thread.
 * A name that means nothing is complained of once, with the nearest one that
 * does. What is constant is calculated here, as the machine would.
 */
#include "check.h"
#include "constant.h"

const char *kind_text(enum object_kind k)
{
	static const char *const text[OBJECT_KINDS] = {
		[OBJECT_VAR] = "a variable",
		[OBJECT_MUTEX] = "a mutex",
		[OBJECT_RWLOCK] = "an rwlock",
		[OBJECT_COND] = "a condition",
		[OBJECT_SEM] = "a semaphore",
		[OBJECT_EVENT] = "an event",
		[OBJECT_BARRIER] = "a barrier",
		[OBJECT_BUFFER] = "a buffer",
		[OBJECT_QUEUE] = "a queue",
		[OBJECT_COUNTDOWN] = "a countdown",
	};

	return text[k];
}

/* ---- unknown names ------------------------------------------------------ */

static bool is_candidate(struct checker *c, const struct symbol *s)
{
	return (c->func && s->scope == c->func->scope) ||
	       s->kind == SYMBOL_OBJECT || s->kind == SYMBOL_PARAM ||
	       s->kind == SYMBOL_THREAD;
}

static const char *nearest_name(struct checker *c, name_id n)
{
	VEC(const char *) names = {0};
	const char *near;

	if (is_hopeless(c->unit))
		return NULL;
	for (size_t i = 0; i < c->unit->names.list.len; i++)
		if (i != n && is_candidate(c, symbol_of(c, (name_id)i)))
			vec_push(&names, name_text(c, (name_id)i));
	near = nearest(c->unit, name_text(c, n), names.data, names.len);
	vec_free(&names);
	return near;
}

static uint32_t find_let(const struct block *b, name_id n);

static uint32_t find_let_in(const struct stmt *s, name_id n)
{
	uint32_t line = 0;

	if ((s->kind == STMT_LET || s->kind == STMT_FOR) && s->name == n)
		return s->span.line;
	for (const struct arm *a = s->arms; a && !line; a = a->next)
		line = find_let(&a->body, n);
	return line ? line : find_let(&s->body, n);
}

/* The line of the first `let` of that name, or 0. */
static uint32_t find_let(const struct block *b, name_id n)
{
	for (const struct stmt *s = b->first; s; s = s->next) {
		uint32_t line = find_let_in(s, n);

		if (line)
			return line;
	}
	return 0;
}

/* Used above its first let: that is another mistake than an unknown name. */
static bool check_early(struct checker *c, struct span at, name_id n)
{
	uint32_t line = 0;

	if (c->func && !is_hopeless(c->unit))
		line = find_let(&c->func->body, n);
	if (!line || symbol_of(c, n)->complained)
		return false;
	symbol_of(c, n)->complained = true;
	mistake(c->unit, at,
		"%s has no value yet: its first \"let\" stands "
		"in line %u",
		name_text(c, n), line);
	return true;
}

void check_unknown(struct checker *c, struct span at, name_id n)
{
	struct symbol *s = symbol_of(c, n);

	if (s->complained || check_early(c, at, n))
		return;
	s->complained = true;
	mistake_nearest(c->unit, at, nearest_name(c, n), "nobody knows \"%s\"",
			s->text);
}

void check_fit(struct checker *c, struct span at, const char *what)
{
	if (c->def && !c->def->unfit)
		c->def->unfit = what;
	if (c->atomic)
		mistake(c->unit, at, "%s cannot stand in an atomic block",
			what);
}

/* ---- constants ---------------------------------------------------------- */

static bool const_call(struct checker *c, struct expr *e, int32_t *out);

bool check_fold(struct checker *c, struct expr *e, int32_t *out)
{
	int32_t a, b = 0;

	switch (e->kind) {
	case EXPR_CONST:
		*out = e->value;
		return true;
	case EXPR_REF: {
		const struct symbol *s = symbol_of(c, e->name);

		if (s->kind != SYMBOL_PARAM || e->a || is_local(c, e->name))
			return false;
		*out = c->params.data[s->index].value;
		return true;
	}
	case EXPR_UNARY:
		return check_fold(c, e->a, &a) &&
		       constant_fold(e->code, a, 1, out);
	case EXPR_BINARY:
		if (!check_fold(c, e->a, &a) || !check_fold(c, e->b, &b))
			return false;
		c->divided |= !constant_fold(e->code, a, b, out);
		return !c->divided;
	case EXPR_AND:
	case EXPR_OR:
		if (!check_fold(c, e->a, &a) || !check_fold(c, e->b, &b))
			return false;
		*out = e->kind == EXPR_AND ? a && b : a || b;
		return true;
	case EXPR_CALL:
		return const_call(c, e, out);
	default:
		return false;
	}
}

int pure_code(name_id n)
{
	switch (n) {
	case WORD_min:
		return INSN_MIN;
	case WORD_max:
		return INSN_MAX;
	case WORD_abs:
		return INSN_ABS;
	default:
		return 0;
	}
}

static bool const_call(struct checker *c, struct expr *e, int32_t *out)
{
	int code = pure_code(e->name);
	int32_t a, b = 1;

	if (!code || e->arg_count != (code == INSN_ABS ? 1 : 2))
		return false;
	return check_fold(c, e->args[0], &a) &&
	       (code == INSN_ABS || check_fold(c, e->args[1], &b)) &&
	       constant_fold(code, a, b, out);
}

bool check_const(struct checker *c, struct expr *e, int32_t *out)
{
	if (e->kind == EXPR_BAD)
		return false;
	c->divided = false;
	if (check_fold(c, e, out))
		return true;
	if (e->kind == EXPR_REF) {
		enum symbol_kind k = symbol_of(c, e->name)->kind;

		if (k == SYMBOL_UNSURE)
			return false;
		if (k == SYMBOL_NONE) {
			check_unknown(c, e->span, e->name);
			return false;
		}
	}
	if (c->divided)
		mistake(c->unit, e->span, "this divides by zero");
	else
		mistake(c->unit, e->span,
			"a constant belongs here: numbers and parameters, "
			"nothing that changes");
	return false;
}

bool check_limited(struct checker *c, struct expr *e, int32_t low, int32_t high,
		   const char *what, int32_t *out)
{
	if (!check_const(c, e, out))
		return false;
	if (*out >= low && *out <= high)
		return true;
	mistake(c->unit, e->span, "%s is %d to %d, not %d", what, low, high,
		*out);
	return false;
}

/* ---- references --------------------------------------------------------- */

void check_index(struct checker *c, struct expr *e, const char *name,
		 uint32_t count, bool array)
{
	int32_t i;

	if (e->a)
		check_value(c, e->a);
	if (e->a && !array)
		mistake(c->unit, e->a->span, "%s is not an array", name);
	else if (!e->a && array)
		mistake(c->unit, e->span,
			"%s is an array: say which, %s[0] to "
			"%s[%u]",
			name, name, name, count - 1);
	else if (e->a && check_fold(c, e->a, &i) &&
		 (i < 0 || (uint32_t)i >= count))
		warning(c->unit, e->a->span,
			"%s has %u elements, %s[0] to "
			"%s[%u]: this will crash",
			name, count, name, name, count - 1);
}

static void check_local(struct checker *c, struct expr *e)
{
	e->ref = REF_LOCAL;
	e->index = symbol_of(c, e->name)->local;
	if (!e->a)
		return;
	check_value(c, e->a);
	mistake(c->unit, e->a->span, "%s is a private name and not an array",
		name_text(c, e->name));
}

static void check_object_ref(struct checker *c, struct expr *e)
{
	const struct object *o;

	e->ref = REF_OBJECT;
	e->index = symbol_of(c, e->name)->index;
	o = &c->objects.data[e->index];
	check_index(c, e, o->name, o->count, o->array);
}

static void check_thread_ref(struct checker *c, struct expr *e)
{
	const struct symbol *s = symbol_of(c, e->name);
	const struct thread_group *g = &c->groups.data[s->index];

	e->ref = REF_THREAD;
	e->index = s->index;
	e->member = s->member;
	check_index(c, e, s->text, g->count,
		    g->array && (g->count > 1 || e->a));
}

bool check_name(struct checker *c, struct expr *e)
{
	const struct symbol *s = symbol_of(c, e->name);

	if (is_local(c, e->name)) {
		check_local(c, e);
		return true;
	}
	switch (s->kind) {
	case SYMBOL_PARAM:
		e->ref = REF_CONST;
		e->value = c->params.data[s->index].value;
		check_index(c, e, s->text, 0, false);
		return true;
	case SYMBOL_OBJECT:
		check_object_ref(c, e);
		return true;
	case SYMBOL_THREAD:
		check_thread_ref(c, e);
		return true;
	case SYMBOL_DEF:
		mistake(c->unit, e->span, "%s is a procedure: write %s(…)",
			s->text, s->text);
		return false;
	case SYMBOL_NONE:
		check_unknown(c, e->span, e->name);
		/* fall through */
	case SYMBOL_UNSURE:
		if (e->a)
			check_value(c, e->a);
		return false;
	}
	return false;
}

/* A variable to read; in a check also what has a count. */
static void check_readable(struct checker *c, struct expr *e)
{
	enum object_kind k;

	if (!check_name(c, e))
		return;
	if (e->ref == REF_THREAD) {
		mistake(c->unit, e->span, "%s is a thread and has no value",
			name_text(c, e->name));
		return;
	}
	if (e->ref != REF_OBJECT)
		return;
	k = (enum object_kind)c->objects.data[e->index].kind;
	if (k == OBJECT_VAR ||
	    (!c->func && (k == OBJECT_SEM || k == OBJECT_COUNTDOWN)))
		return;
	mistake(c->unit, e->span, "%s is %s and has no value%s",
		name_text(c, e->name), kind_text(k),
		k == OBJECT_SEM || k == OBJECT_COUNTDOWN
			? " that a thread can read"
			: "");
}

/* ---- values ------------------------------------------------------------- */

void check_value(struct checker *c, struct expr *e)
{
	switch (e->kind) {
	case EXPR_BAD:
	case EXPR_CONST:
		break;
	case EXPR_ME:
		if (!c->func)
			mistake(c->unit, e->span,
				"\"me\" has no meaning in a "
				"check");
		break;
	case EXPR_REF:
		check_readable(c, e);
		break;
	case EXPR_UNARY:
		check_value(c, e->a);
		break;
	case EXPR_RANGE:
		mistake(c->unit, e->span,
			"a range can stand only in choose() "
			"and for");
		/* fall through */
	case EXPR_BINARY:
	case EXPR_AND:
	case EXPR_OR:
		check_value(c, e->a);
		check_value(c, e->b);
		break;
	case EXPR_CALL:
		check_call(c, e, true);
		break;
	}
}
