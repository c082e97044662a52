/*
 * parse_expr.c - expressions, by descent with a table of precedences.
 *
 * Comparisons do not chain, `not` binds weaker than they do, as in Python. The
 * depth of the parser's recursion and of the tree it makes are both limited, so
 * that later stages may recurse over it: a long sum leans to the left and is
 * deep without a single parenthesis.
 */
#include "parser.h"

static struct expr *parse_or(struct parser *);

static struct expr *new_expr(struct parser *p, enum expr_kind kind,
			     struct span span)
{
	struct expr *e = arena_alloc(p->unit->arena, sizeof *e);

	e->kind = kind;
	e->span = e->name_span = span;
	e->op = OP_NONE;
	return e;
}

static struct expr *bad(struct parser *p)
{
	return new_expr(p, EXPR_BAD, peek(p)->span);
}

static void count_depth(struct parser *p, struct expr *e,
			const struct expr *below)
{
	if (below && below->depth >= e->depth)
		e->depth = (uint16_t)(below->depth + 1);
	if (e->depth > LIMIT_EXPRESSION) {
		syntax(p, e->span,
		       "this expression is longer or deeper than "
		       "%d operations: split it up",
		       LIMIT_EXPRESSION);
		e->kind = EXPR_BAD;
		e->depth = 0;
	}
}

static struct expr *combine(struct parser *p, enum expr_kind kind, int code,
			    struct expr *a, struct expr *b)
{
	struct expr *e = new_expr(p, kind, a->span);

	e->code = (uint8_t)code;
	e->a = a;
	e->b = b;
	e->span = span_join(a->span, b->span);
	count_depth(p, e, a);
	count_depth(p, e, b);
	return e;
}

/* ---- names and calls ---------------------------------------------------- */

static struct expr *parse_argument(struct parser *p)
{
	struct expr *e = parse_expr(p);

	if (take_if(p, TOKEN_RANGE))
		e = combine(p, EXPR_RANGE, 0, e, parse_expr(p));
	return e;
}

struct expr **parse_list(struct parser *p, size_t *count)
{
	struct expr *list[LIMIT_PARTS], **copy;
	size_t n = 0;

	do {
		struct expr *e = parse_argument(p);

		if (n == LIMIT_PARTS)
			syntax(p, e->span,
			       "there are more than %d values "
			       "here",
			       LIMIT_PARTS);
		else
			list[n++] = e;
	} while (!p->panic && take_if(p, TOKEN_COMMA));
	copy = arena_array(p->unit->arena, n, sizeof *copy);
	for (size_t i = 0; i < n; i++)
		copy[i] = list[i];
	*count = n;
	return copy;
}

static struct expr *parse_call(struct parser *p)
{
	const struct token *name = take(p);
	struct expr *e = new_expr(p, EXPR_CALL, name->span);

	e->name = name->value;
	take(p);
	if (peek(p)->kind != TOKEN_CLOSE)
		e->args = parse_list(p, &e->arg_count);
	e->span = span_join(e->span, peek(p)->span);
	expect(p, TOKEN_CLOSE, "\")\"");
	for (size_t i = 0; i < e->arg_count; i++)
		count_depth(p, e, e->args[i]);
	return e;
}

static struct expr *parse_name(struct parser *p)
{
	const struct token *name = take(p);
	struct expr *e = new_expr(p, EXPR_REF, name->span);

	e->name = name->value;
	if (!take_if(p, TOKEN_OPEN_INDEX))
		return e;
	e->a = parse_expr(p);
	e->span = span_join(e->span, peek(p)->span);
	expect(p, TOKEN_CLOSE_INDEX, "\"]\"");
	count_depth(p, e, e->a);
	return e;
}

struct expr *parse_ref(struct parser *p, const char *what)
{
	const struct token *t = peek(p);

	if (t->kind == TOKEN_NAME && !(word_places(t->value) & RESERVED))
		return parse_name(p);
	if (t->kind == TOKEN_OPEN && p->at > 0 &&
	    p->tokens[p->at - 1].kind == TOKEN_NAME)
		syntax(p, t->span,
		       "\"%s\" is a statement: write it without "
		       "parentheses",
		       p->unit->names.list.data[p->tokens[p->at - 1].value]
			       .text);
	syntax_here(p, what);
	return bad(p);
}

/* ---- operators ---------------------------------------------------------- */

static struct expr *parse_number(struct parser *p, bool negative)
{
	const struct token *t = take(p);
	struct expr *e = new_expr(p, EXPR_CONST, t->span);

	if (!negative && t->value > INT32_MAX)
		syntax(p, t->span,
		       "numbers go from -2147483648 to "
		       "2147483647");
	e->value = (int32_t)(negative ? 0u - t->value : t->value);
	return e;
}

static struct expr *parse_word(struct parser *p)
{
	const struct token *t = peek(p);
	struct expr *e;

	switch (t->value) {
	case WORD_true:
	case WORD_false:
		e = new_expr(p, EXPR_CONST, take(p)->span);
		e->value = t->value == WORD_true;
		return e;
	case WORD_me:
		return new_expr(p, EXPR_ME, take(p)->span);
	default:
		if (word_places(t->value) & RESERVED)
			break;
		if (peek_second(p)->kind == TOKEN_OPEN)
			return parse_call(p);
		return parse_name(p);
	}
	syntax_here(p, "a value");
	return bad(p);
}

static struct expr *parse_primary(struct parser *p)
{
	struct expr *e;

	switch (peek(p)->kind) {
	case TOKEN_INT:
		return parse_number(p, false);
	case TOKEN_NAME:
		return parse_word(p);
	case TOKEN_OPEN:
		take(p);
		e = parse_expr(p);
		expect(p, TOKEN_CLOSE, "\")\"");
		return e;
	case TOKEN_STRING:
		syntax(p, peek(p)->span,
		       "a text is no value: it can stand "
		       "only in print, work and assert");
		return bad(p);
	default:
		syntax_here(p, "a value");
		return bad(p);
	}
}

/* Guards the recursion: every cycle of it goes through here or parse_expr. */
static struct expr *parse_prefix(struct parser *p, int code,
				 struct expr *(*operand)(struct parser *))
{
	struct expr *e;

	if (p->depth > LIMIT_EXPRESSION) {
		syntax(p, peek(p)->span,
		       "this expression is nested more than "
		       "%d deep",
		       LIMIT_EXPRESSION);
		return bad(p);
	}
	e = new_expr(p, EXPR_UNARY, take(p)->span);
	e->code = (uint8_t)code;
	p->depth++;
	e->a = operand(p);
	p->depth--;
	e->span = span_join(e->span, e->a->span);
	count_depth(p, e, e->a);
	return e;
}

static struct expr *parse_unary(struct parser *p)
{
	if (peek(p)->kind == TOKEN_PLUS) {
		syntax_here(p, "a value");
		return bad(p);
	}
	if (peek(p)->kind != TOKEN_MINUS)
		return parse_primary(p);
	if (peek_second(p)->kind == TOKEN_INT) {
		take(p);
		return parse_number(p, true);
	}
	return parse_prefix(p, INSN_NEG, parse_unary);
}

static int product_code(enum token_kind k)
{
	switch (k) {
	case TOKEN_STAR:
		return INSN_MUL;
	case TOKEN_SLASH:
		return INSN_DIV;
	case TOKEN_PERCENT:
		return INSN_MOD;
	default:
		return 0;
	}
}

static struct expr *parse_product(struct parser *p)
{
	struct expr *e = parse_unary(p);
	int code;

	while (!p->panic && (code = product_code(peek(p)->kind))) {
		take(p);
		e = combine(p, EXPR_BINARY, code, e, parse_unary(p));
	}
	return e;
}

static struct expr *parse_sum(struct parser *p)
{
	struct expr *e = parse_product(p);

	while (!p->panic &&
	       (peek(p)->kind == TOKEN_PLUS || peek(p)->kind == TOKEN_MINUS)) {
		int code = take(p)->kind == TOKEN_PLUS ? INSN_ADD : INSN_SUB;

		e = combine(p, EXPR_BINARY, code, e, parse_product(p));
	}
	return e;
}

static int comparison_code(enum token_kind k)
{
	switch (k) {
	case TOKEN_EQ:
		return INSN_EQ;
	case TOKEN_NE:
		return INSN_NE;
	case TOKEN_LT:
		return INSN_LT;
	case TOKEN_LE:
		return INSN_LE;
	case TOKEN_GT:
		return INSN_GT;
	case TOKEN_GE:
		return INSN_GE;
	default:
		return 0;
	}
}

static struct expr *parse_comparison(struct parser *p)
{
	struct expr *e = parse_sum(p);
	int code = comparison_code(peek(p)->kind);

	if (code && !p->panic) {
		take(p);
		e = combine(p, EXPR_BINARY, code, e, parse_sum(p));
		if (comparison_code(peek(p)->kind))
			syntax(p, peek(p)->span,
			       "comparisons do not chain: "
			       "write a < b and b < c");
	}
	if (peek(p)->kind == TOKEN_ASSIGN)
		syntax(p, peek(p)->span,
		       "\"=\" assigns: to compare, write "
		       "\"==\"");
	return e;
}

static struct expr *parse_not(struct parser *p)
{
	if (!at_word(p, WORD_not))
		return parse_comparison(p);
	return parse_prefix(p, INSN_NOT, parse_not);
}

static struct expr *parse_and(struct parser *p)
{
	struct expr *e = parse_not(p);

	while (!p->panic && take_word(p, WORD_and))
		e = combine(p, EXPR_AND, 0, e, parse_not(p));
	return e;
}

static struct expr *parse_or(struct parser *p)
{
	struct expr *e = parse_and(p);

	while (!p->panic && take_word(p, WORD_or))
		e = combine(p, EXPR_OR, 0, e, parse_and(p));
	return e;
}

struct expr *parse_expr(struct parser *p)
{
	struct expr *e;

	if (p->depth > LIMIT_NESTING) {
		syntax(p, peek(p)->span,
		       "parentheses are nested more than %d "
		       "deep",
		       LIMIT_NESTING);
		return bad(p);
	}
	p->depth++;
	e = parse_or(p);
	p->depth--;
	return e;
}
