/*
 * check_stmt.c - what the names in statements mean.
 *
 * A private name is known from its `let` to the end of the body, whatever block
 * the `let` stands in. One that is set only once, outside of any block, to a
 * value that never changes (`let other = 1 - me`) needs no place in the state:
 * it can be worked out anew wherever it is used.
 */
#include "check.h"

static void check_block(struct checker *c, struct block *b);

static const char *text_of(struct checker *c, name_id n)
{
	return symbol_of(c, n)->text;
}

/* ---- private names ------------------------------------------------------ */

static uint32_t add_local(struct checker *c, name_id n, struct span at)
{
	struct symbol *s = symbol_of(c, n);
	struct local l = {.name = n, .line = at.line};

	l.outermost = c->blocks == 0;
	s->scope = c->func->scope;
	s->local = (uint32_t)c->func->locals.len;
	vec_push(&c->func->locals, l);
	return s->local;
}

static void complain_taken(struct checker *c, struct span at, name_id n,
			   bool let)
{
	const struct symbol *s = symbol_of(c, n);

	if (let && s->kind == SYMBOL_OBJECT &&
	    c->objects.data[s->index].kind == OBJECT_VAR)
		mistake(c->unit, at,
			"%s is a variable of all threads (line "
			"%u): set it without \"let\", or take another name",
			s->text, s->line);
	else
		mistake(c->unit, at,
			"%s is already declared in line %u: a "
			"private value needs a name of its own",
			s->text, s->line);
}

/* The private name that a let or for sets, new or known. */
static uint32_t check_set(struct checker *c, name_id n, struct span at,
			  bool let)
{
	enum symbol_kind k = symbol_of(c, n)->kind;
	uint32_t i;

	if (!is_local(c, n) && (k == SYMBOL_OBJECT || k == SYMBOL_PARAM))
		complain_taken(c, at, n, let);
	i = is_local(c, n) ? symbol_of(c, n)->local : add_local(c, n, at);
	c->func->locals.data[i].assigned++;
	return i;
}

static unsigned remake_cost(const struct func *, const struct expr *);

static unsigned call_cost(const struct func *f, const struct expr *e)
{
	unsigned sum = 1;

	if (e->op != OP_NONE || e->def)
		return 0;
	for (size_t i = 0; i < e->arg_count; i++) {
		unsigned cost = remake_cost(f, e->args[i]);

		if (!cost)
			return 0;
		sum += cost;
	}
	return sum;
}

/* A division that cannot fail: by a number as written, not zero. */
static bool is_safe(const struct expr *e)
{
	return (e->code != INSN_DIV && e->code != INSN_MOD) ||
	       ((e->b->kind == EXPR_CONST ||
		 (e->b->kind == EXPR_REF && e->b->ref == REF_CONST)) &&
		e->b->value != 0);
}

/* How many instructions it takes to work it out anew; 0: it may change. */
static unsigned remake_cost(const struct func *f, const struct expr *e)
{
	unsigned a, b;

	switch (e->kind) {
	case EXPR_CONST:
	case EXPR_ME:
		return 1;
	case EXPR_REF:
		if (e->ref == REF_LOCAL)
			return f->locals.data[e->index].cost;
		return e->ref == REF_CONST;
	case EXPR_UNARY:
		a = remake_cost(f, e->a);
		return a ? a + 1 : 0;
	case EXPR_BINARY:
		a = remake_cost(f, e->a);
		b = remake_cost(f, e->b);
		return a && b && is_safe(e) ? a + b + 1 : 0;
	case EXPR_CALL:
		return call_cost(f, e);
	default:
		return 0;
	}
}

/* In the order of their lets, so that one may rest on those before it. */
static void find_remade(struct func *f)
{
	for (size_t i = f->param_count; i < f->locals.len; i++) {
		struct local *l = &f->locals.data[i];
		unsigned cost;

		if (l->assigned != 1 || !l->outermost || !l->value)
			continue;
		cost = remake_cost(f, l->value);
		l->cost = cost <= REMAKE_COST ? cost : 0;
	}
}

/* ---- assignment --------------------------------------------------------- */

static void check_target(struct checker *c, struct stmt *s)
{
	struct expr *t = s->target;
	enum symbol_kind k;

	if (t->kind != EXPR_REF)
		return;
	k = symbol_of(c, t->name)->kind;
	if (!is_local(c, t->name) && k == SYMBOL_NONE) {
		check_unknown(c, t->span, t->name);
		return;
	}
	if (!is_local(c, t->name) && k == SYMBOL_PARAM) {
		mistake(c->unit, t->span,
			"%s is a parameter and never "
			"changes",
			text_of(c, t->name));
		return;
	}
	check_value(c, t);
	if (is_local(c, t->name))
		c->func->locals.data[t->index].assigned++;
}

static void check_let(struct checker *c, struct stmt *s)
{
	bool fresh;

	check_value(c, s->value);
	if (s->name == NAME_NONE)
		return;
	fresh = !is_local(c, s->name);
	s->local = check_set(c, s->name, s->name_span, true);
	if (fresh)
		c->func->locals.data[s->local].value = s->value;
}

/* ---- blocks ------------------------------------------------------------- */

static void check_inner(struct checker *c, struct block *b, bool loop)
{
	c->blocks++;
	c->loops += loop;
	check_block(c, b);
	c->loops -= loop;
	c->blocks--;
}

static void check_if(struct checker *c, struct stmt *s)
{
	for (struct arm *a = s->arms; a; a = a->next) {
		if (a->test)
			check_value(c, a->test);
		check_inner(c, &a->body, false);
	}
}

static void check_for(struct checker *c, struct stmt *s)
{
	check_value(c, s->value);
	check_value(c, s->second);
	if (s->name != NAME_NONE) {
		s->local = check_set(c, s->name, s->name_span, false);
		c->func->locals.data[s->local].outermost = false;
	}
	check_inner(c, &s->body, true);
}

static uint32_t check_region(struct checker *c, name_id n, struct span at)
{
	struct symbol *s = symbol_of(c, n);

	if (s->region)
		return s->region - 1;
	if (c->regions.len == LIMIT_REGIONS)
		mistake(c->unit, at, "a scenario has at most %d regions",
			LIMIT_REGIONS);
	if (c->regions.len >= LIMIT_REGIONS)
		return 0;
	vec_push(&c->regions, arena_strdup(c->keep, s->text));
	s->region = (uint32_t)c->regions.len;
	return s->region - 1;
}

static void check_atomic(struct checker *c, struct stmt *s)
{
	bool outer = c->atomic;

	check_fit(c, s->span, "another atomic block");
	c->atomic = true;
	c->blocks++;
	check_block(c, &s->body);
	c->blocks--;
	c->atomic = outer;
}

/* ---- simple statements -------------------------------------------------- */

static void check_wait(struct checker *c, struct stmt *s)
{
	const char *name;

	if (s->op == OP_NONE) {
		if (s->second)
			check_value(c, s->second);
		return;
	}
	name = text_of(c, s->target->name);
	if (s->op == OP_SLEEP_ON) {
		check_fit(c, s->span, "waiting for a condition");
		if (s->second)
			check_mutex(c, s->second, WORD_wait);
		else
			mistake(c->unit, s->target->span,
				"%s is a condition: "
				"name the mutex too, as in wait %s, m",
				name, name);
		return;
	}
	if (s->op == OP_ARRIVE)
		check_fit(c, s->span, "waiting at a barrier");
	if (s->second)
		mistake(c->unit, s->second->span,
			"only a condition is waited "
			"for with a mutex, and %s is %s",
			name,
			kind_text((enum object_kind)c->objects
					  .data[s->target->index]
					  .kind));
}

static void check_operate(struct checker *c, struct stmt *s)
{
	s->op = check_operand(c, s->target, s->word);
	if (s->word == WORD_wait)
		check_wait(c, s);
	if (s->value)
		check_value(c, s->value);
}

static void check_return(struct checker *c, struct stmt *s)
{
	if (!s->value)
		return;
	check_value(c, s->value);
	if (!c->def)
		mistake(c->unit, s->span,
			"a thread has nobody to return a "
			"value to: write \"return\" alone");
	else
		c->func->gives_value = true;
}

/* The text that `order` may name: up to the first value in it. */
static void check_print(struct checker *c, struct stmt *s)
{
	struct str text = {0};
	struct mark m = {0};

	for (size_t i = 0; i < s->part_count; i++) {
		if (s->parts[i].value) {
			check_value(c, s->parts[i].value);
			m.open = true;
		} else if (!m.open) {
			str_addf(&text, "%s%s", i ? " " : "", s->parts[i].text);
		}
	}
	m.text = arena_strdup(c->unit->arena, str_cstr(&text));
	str_free(&text);
	vec_push(&c->marks, m);
}

static void check_work(struct checker *c, struct stmt *s)
{
	struct mark m = {.text = s->string};

	if (s->value)
		check_value(c, s->value);
	vec_push(&c->marks, m);
}

static void check_loop_exit(struct checker *c, struct stmt *s)
{
	if (!c->loops)
		mistake(c->unit, s->span, "\"%s\" stands in no loop",
			word_text(s->word));
}

static void check_call_stmt(struct checker *c, struct stmt *s)
{
	if (s->value->kind == EXPR_CALL)
		check_call(c, s->value, false);
	else if (s->value->kind != EXPR_BAD)
		mistake(c->unit, s->value->span,
			"this value is not used: a "
			"statement belongs here");
}

/* ---- which one ---------------------------------------------------------- */

static void check_plain(struct checker *c, struct stmt *s)
{
	switch (s->kind) {
	case STMT_LET:
		check_let(c, s);
		break;
	case STMT_BREAK:
	case STMT_CONTINUE:
		check_loop_exit(c, s);
		break;
	case STMT_RETURN:
		check_return(c, s);
		break;
	case STMT_ENTER:
	case STMT_LEAVE:
		s->region = check_region(c, s->name, s->name_span);
		break;
	case STMT_OPERATE:
		check_operate(c, s);
		break;
	case STMT_SLEEP:
		check_value(c, s->value);
		check_fit(c, s->span, "\"sleep\"");
		break;
	case STMT_PLAIN:
		if (s->word == WORD_yield)
			check_fit(c, s->span, "\"yield\"");
		break;
	case STMT_WORK:
		check_work(c, s);
		break;
	case STMT_PRINT:
		check_print(c, s);
		break;
	case STMT_ASSERT:
		check_value(c, s->value);
		break;
	case STMT_CALL:
		check_call_stmt(c, s);
		break;
	default:
		break;
	}
}

static void check_stmt(struct checker *c, struct stmt *s)
{
	switch (s->kind) {
	case STMT_ASSIGN:
		check_target(c, s);
		if (s->value)
			check_value(c, s->value);
		break;
	case STMT_IF:
		check_if(c, s);
		break;
	case STMT_WHILE:
		check_value(c, s->value);
		check_inner(c, &s->body, true);
		break;
	case STMT_REPEAT:
		check_value(c, s->value);
		check_inner(c, &s->body, true);
		break;
	case STMT_FOR:
		check_for(c, s);
		break;
	case STMT_LOOP:
		check_inner(c, &s->body, true);
		break;
	case STMT_REGION:
		if (s->name != NAME_NONE)
			s->region = check_region(c, s->name, s->name_span);
		check_inner(c, &s->body, false);
		break;
	case STMT_ATOMIC:
		check_atomic(c, s);
		break;
	case STMT_UNSURE:
		check_inner(c, &s->body, true);
		break;
	default:
		check_plain(c, s);
		break;
	}
}

static void check_block(struct checker *c, struct block *b)
{
	for (struct stmt *s = b->first; s; s = s->next)
		check_stmt(c, s);
}

/* ---- bodies ------------------------------------------------------------- */

static void declare_param(struct checker *c, struct def *d, uint32_t i)
{
	name_id n = d->params[i];
	struct span at = d->param_spans[i];
	enum symbol_kind k;

	if (n == NAME_NONE)
		return;
	k = symbol_of(c, n)->kind;
	if (is_local(c, n))
		mistake(c->unit, at, "%s is twice a parameter of %s",
			text_of(c, n), text_of(c, d->name));
	else if (k == SYMBOL_OBJECT || k == SYMBOL_PARAM)
		complain_taken(c, at, n, false);
	add_local(c, n, at);
}

void check_func(struct checker *c, struct func *f, struct def *d)
{
	struct checker outer = *c;

	c->func = f;
	c->def = d;
	c->loops = c->blocks = 0;
	c->atomic = false;
	for (uint32_t i = 0; d && i < f->param_count; i++)
		declare_param(c, d, i);
	check_block(c, &f->body);
	find_remade(f);
	c->func = outer.func;
	c->def = outer.def;
	c->loops = outer.loops;
	c->blocks = outer.blocks;
	c->atomic = outer.atomic;
}

void check_def(struct checker *c, struct def *d)
{
	if (d->state != DEF_UNCHECKED)
		return;
	d->state = DEF_CHECKING;
	check_func(c, &d->func, d);
	d->state = DEF_CHECKED;
}
