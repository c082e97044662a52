/*
 * parse_stmt.c - statements and blocks.
 *
 * A word is a keyword only where a statement begins and nothing follows that
 * makes it a name (`done = 1`). After a mistake the rest of the line is passed
 * over and the block below it is still read, so that its own mistakes and names
 * are known.
 */
#include "parser.h"

static void parse_statement(struct parser *p, struct block *into);

static struct stmt *new_stmt(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = arena_alloc(p->unit->arena, sizeof *s);

	s->kind = kind;
	s->span = peek(p)->span;
	s->name = NAME_NONE;
	s->op = OP_NONE;
	return s;
}

static void block_add(struct block *b, struct stmt *s)
{
	if (b->last)
		b->last->next = s;
	else
		b->first = s;
	b->last = s;
}

/* ---- blocks ------------------------------------------------------------- */

static void parse_indented(struct parser *p, struct block *into)
{
	take(p);
	while (peek(p)->kind != TOKEN_DEDENT && peek(p)->kind != TOKEN_END)
		parse_statement(p, into);
	take_if(p, TOKEN_DEDENT);
}

static bool is_compound(const struct parser *p)
{
	const struct token *t = peek(p);

	if (t->kind != TOKEN_NAME)
		return false;
	switch (t->value) {
	case WORD_if:
	case WORD_elif:
	case WORD_else:
	case WORD_while:
	case WORD_for:
	case WORD_repeat:
	case WORD_loop:
		return true;
	case WORD_region:
	case WORD_atomic:
		return peek_second(p)->kind != TOKEN_ASSIGN;
	default:
		return false;
	}
}

static void skip_line(struct parser *p)
{
	while (peek(p)->kind != TOKEN_NEWLINE && peek(p)->kind != TOKEN_END)
		take(p);
	take_if(p, TOKEN_NEWLINE);
	p->panic = false;
}

void end_line(struct parser *p)
{
	if (peek(p)->kind != TOKEN_NEWLINE && peek(p)->kind != TOKEN_END)
		syntax_here(p, "the end of the line");
	skip_line(p);
}

void complain_indent(struct parser *p)
{
	mistake(p->unit, peek_second(p)->span,
		"this line is indented, but no block begins above it");
}

/* The block below a heading with a mistake, if there is one. */
static void parse_below(struct parser *p, struct block *into)
{
	skip_line(p);
	if (peek(p)->kind == TOKEN_INDENT)
		parse_indented(p, into);
}

void parse_body(struct parser *p, struct block *into)
{
	struct span heading = p->tokens[p->at ? p->at - 1 : 0].span;

	if (p->panic || !expect(p, TOKEN_COLON, "\":\" and a block")) {
		parse_below(p, into);
		return;
	}
	if (peek(p)->kind != TOKEN_NEWLINE) {
		if (is_compound(p)) {
			syntax(p, peek(p)->span,
			       "a block begins on a line of "
			       "its own");
			parse_below(p, into);
		} else {
			parse_statement(p, into);
		}
		return;
	}
	take(p);
	if (peek(p)->kind == TOKEN_INDENT)
		parse_indented(p, into);
	else if (peek(p)->kind == TOKEN_BAD)
		skip_line(p);
	else
		mistake(p->unit, heading,
			"the block below this line is "
			"missing: indent its statements");
}

/* ---- statements with a block -------------------------------------------- */

static void add_arm(struct parser *p, struct arm ***end, bool test)
{
	struct arm *arm = arena_alloc(p->unit->arena, sizeof *arm);

	take(p);
	if (test)
		arm->test = parse_expr(p);
	**end = arm;
	*end = &arm->next;
	parse_body(p, &arm->body);
}

static struct stmt *parse_if(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_IF);
	struct arm **end = &s->arms;

	add_arm(p, &end, true);
	while (at_word(p, WORD_elif))
		add_arm(p, &end, true);
	if (at_word(p, WORD_else)) {
		const struct token *next = peek_second(p);

		if (next->kind == TOKEN_NAME && next->value == WORD_if)
			syntax(p, next->span,
			       "\"else if\" is written "
			       "\"elif\"");
		add_arm(p, &end, false);
	}
	return s;
}

static struct stmt *parse_while(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = new_stmt(p, kind);

	take(p);
	s->value = parse_expr(p);
	parse_body(p, &s->body);
	return s;
}

static struct stmt *parse_for(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_FOR);

	take(p);
	s->name = expect_name(p, "the name of a counter", &s->name_span);
	if (!p->panic && !take_word(p, WORD_in))
		syntax_here(p, "\"in\"");
	s->value = parse_expr(p);
	expect(p, TOKEN_RANGE, "\"..\" (as in 0..9)");
	s->second = parse_expr(p);
	parse_body(p, &s->body);
	return s;
}

static struct stmt *parse_block(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = new_stmt(p, kind);

	take(p);
	parse_body(p, &s->body);
	return s;
}

static struct stmt *parse_region(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_REGION);

	take(p);
	s->name = expect_name(p, "the name of a region", &s->name_span);
	parse_body(p, &s->body);
	return s;
}

static struct stmt *parse_stray_else(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_UNSURE);

	syntax(p, s->span, "this \"%s\" belongs to no \"if\" above it",
	       word_text((enum word)peek(p)->value));
	parse_below(p, &s->body);
	return s;
}

/* ---- simple statements -------------------------------------------------- */

static struct stmt *parse_let(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_LET);

	take(p);
	s->name = expect_name(p, "a name", &s->name_span);
	if (!p->panic && peek(p)->kind != TOKEN_ASSIGN)
		syntax_here(p, "\"=\" and a value");
	else
		take_if(p, TOKEN_ASSIGN);
	s->value = parse_expr(p);
	return s;
}

/* x = e, x += e, x -= e, x++, x--, and the same with a[i]. */
static struct stmt *parse_assign(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_ASSIGN);
	const struct token *op;

	s->target = parse_ref(p, "a name");
	op = peek(p);
	switch (op->kind) {
	case TOKEN_ASSIGN:
	case TOKEN_PLUS_ASSIGN:
	case TOKEN_MINUS_ASSIGN:
		take(p);
		s->value = parse_expr(p);
		break;
	case TOKEN_INCREMENT:
	case TOKEN_DECREMENT:
		take(p);
		s->value = arena_alloc(p->unit->arena, sizeof *s->value);
		s->value->kind = EXPR_CONST;
		s->value->value = 1;
		break;
	case TOKEN_EQ:
		syntax(p, op->span, "\"==\" compares: to assign, write \"=\"");
		break;
	default:
		syntax_here(p, "\"=\"");
		break;
	}
	if (op->kind == TOKEN_PLUS_ASSIGN || op->kind == TOKEN_INCREMENT)
		s->code = INSN_ADD;
	if (op->kind == TOKEN_MINUS_ASSIGN || op->kind == TOKEN_DECREMENT)
		s->code = INSN_SUB;
	return s;
}

static struct stmt *parse_named(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = new_stmt(p, kind);

	take(p);
	s->name = expect_name(p, "the name of a region", &s->name_span);
	return s;
}

/* lock m, wait c, m, put q, e */
static struct stmt *parse_operate(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_OPERATE);

	s->word = (enum word)take(p)->value;
	s->target = parse_ref(p, "the name of what it works on");
	if (s->word == WORD_wait && take_if(p, TOKEN_COMMA))
		s->second = parse_ref(p, "the name of a mutex");
	if (s->word == WORD_put) {
		expect(p, TOKEN_COMMA, "\",\" and the value to put");
		s->value = parse_expr(p);
	}
	return s;
}

static struct stmt *parse_word_only(struct parser *p, enum stmt_kind kind)
{
	struct stmt *s = new_stmt(p, kind);

	s->word = (enum word)take(p)->value;
	return s;
}

static struct stmt *parse_return(struct parser *p)
{
	struct stmt *s = parse_word_only(p, STMT_RETURN);

	if (peek(p)->kind != TOKEN_NEWLINE)
		s->value = parse_expr(p);
	return s;
}

static struct stmt *parse_sleep(struct parser *p)
{
	struct stmt *s = parse_word_only(p, STMT_SLEEP);

	s->value = parse_expr(p);
	return s;
}

static struct stmt *parse_work(struct parser *p)
{
	struct stmt *s = parse_word_only(p, STMT_WORK);

	s->string = expect_string(p, "a label in double quotes", NULL);
	if (take_if(p, TOKEN_COMMA))
		s->value = parse_expr(p);
	return s;
}

static struct stmt *parse_assert(struct parser *p)
{
	struct stmt *s = parse_word_only(p, STMT_ASSERT);
	size_t from = p->at;

	s->value = parse_expr(p);
	s->string = text_since(p, from);
	if (take_if(p, TOKEN_COMMA))
		s->string = expect_string(p, "a text", NULL);
	return s;
}

static struct stmt *parse_print(struct parser *p)
{
	struct stmt *s = parse_word_only(p, STMT_PRINT);
	struct part parts[LIMIT_PARTS];

	if (peek(p)->kind == TOKEN_OPEN && peek_second(p)->kind == TOKEN_STRING)
		syntax(p, peek(p)->span,
		       "\"print\" is a statement: write it "
		       "without parentheses");
	do {
		struct part part = {0};

		if (s->part_count == LIMIT_PARTS) {
			syntax(p, peek(p)->span,
			       "there are more than %d "
			       "values here",
			       LIMIT_PARTS);
			break;
		}
		if (peek(p)->kind == TOKEN_STRING)
			part.text = take(p)->string;
		else
			part.value = parse_expr(p);
		parts[s->part_count++] = part;
	} while (!p->panic && take_if(p, TOKEN_COMMA));
	s->parts = arena_copy(p->unit->arena, parts,
			      s->part_count * sizeof *parts);
	return s;
}

static struct stmt *parse_call_stmt(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_CALL);

	s->value = parse_expr(p);
	return s;
}

/* ---- which one ---------------------------------------------------------- */

bool is_assignment(const struct parser *p)
{
	switch (peek_second(p)->kind) {
	case TOKEN_ASSIGN:
	case TOKEN_PLUS_ASSIGN:
	case TOKEN_MINUS_ASSIGN:
	case TOKEN_INCREMENT:
	case TOKEN_DECREMENT:
	case TOKEN_OPEN_INDEX:
		return true;
	case TOKEN_EQ:
		return !(word_places(peek(p)->value) & STATEMENT);
	default:
		return false;
	}
}

/* A word that begins no statement: what may have been meant? */
static struct stmt *parse_unknown(struct parser *p)
{
	struct stmt *s = new_stmt(p, STMT_UNSURE);
	const struct token *t = peek(p);
	const char *text = NULL;

	if (t->kind == TOKEN_NAME)
		text = p->unit->names.list.data[t->value].text;
	if (!text)
		syntax_here(p, "a statement");
	else if (peek_second(p)->kind == TOKEN_BAD)
		p->panic = true;
	else if ((word_places(t->value) & RESERVED) && is_assignment(p))
		syntax(p, t->span,
		       "\"%s\" is a reserved word and cannot be "
		       "set",
		       text);
	else if (word_places(t->value) & RESERVED)
		syntax(p, t->span, "no statement begins with \"%s\"", text);
	else if (word_places(t->value) & CALL)
		syntax(p, t->span, "\"%s\" is a function: write %s(…)", text,
		       text);
	else if (word_places(t->value) & TOP)
		syntax(p, t->span,
		       "\"%s\" stands outside of threads, at the "
		       "beginning of a line",
		       text);
	else
		syntax_nearest(p, t->span, nearest_word(p, text, STATEMENT),
			       "\"%s\" begins no statement", text);
	parse_below(p, &s->body);
	return s;
}

static struct stmt *parse_compound(struct parser *p)
{
	switch (peek(p)->value) {
	case WORD_if:
		return parse_if(p);
	case WORD_while:
		return parse_while(p, STMT_WHILE);
	case WORD_repeat:
		return parse_while(p, STMT_REPEAT);
	case WORD_for:
		return parse_for(p);
	case WORD_loop:
		return parse_block(p, STMT_LOOP);
	case WORD_region:
		return parse_region(p);
	case WORD_atomic:
		return parse_block(p, STMT_ATOMIC);
	default:
		return parse_stray_else(p);
	}
}

static struct stmt *parse_simple(struct parser *p)
{
	switch (peek(p)->value) {
	case WORD_let:
		return parse_let(p);
	case WORD_break:
		return parse_word_only(p, STMT_BREAK);
	case WORD_continue:
		return parse_word_only(p, STMT_CONTINUE);
	case WORD_return:
		return parse_return(p);
	case WORD_enter:
		return parse_named(p, STMT_ENTER);
	case WORD_leave:
		return parse_named(p, STMT_LEAVE);
	case WORD_sleep:
		return parse_sleep(p);
	case WORD_yield:
	case WORD_fence:
		return parse_word_only(p, STMT_PLAIN);
	case WORD_spin:
		return parse_word_only(p, STMT_SPIN);
	case WORD_work:
		return parse_work(p);
	case WORD_print:
		return parse_print(p);
	case WORD_assert:
		return parse_assert(p);
	default:
		if (word_places(peek(p)->value) & STATEMENT)
			return parse_operate(p);
		if (peek_second(p)->kind == TOKEN_OPEN)
			return parse_call_stmt(p);
		return NULL;
	}
}

static void parse_statement(struct parser *p, struct block *into)
{
	const struct token *t = peek(p);
	struct stmt *s = NULL;
	bool reserved;

	if (t->kind == TOKEN_INDENT) {
		complain_indent(p);
		parse_indented(p, into);
		return;
	}
	reserved = t->kind == TOKEN_NAME && (word_places(t->value) & RESERVED);
	if (t->kind == TOKEN_NAME && !reserved && is_assignment(p))
		s = parse_assign(p);
	else if (is_compound(p)) {
		block_add(into, parse_compound(p));
		return;
	} else if (t->kind == TOKEN_NAME)
		s = parse_simple(p);
	if (!s) {
		block_add(into, parse_unknown(p));
		return;
	}
	if (p->panic && s->kind != STMT_LET)
		s->kind = STMT_UNSURE;
	block_add(into, s);
	if (p->panic)
		parse_below(p, &s->body);
	else
		end_line(p);
}
