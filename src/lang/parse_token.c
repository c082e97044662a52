/*
 * parse_token.c - taking tokens one by one, and saying what is wrong.
 *
 * What is expected and not there is a mistake in words that say what belongs
 * there. The first mistake of a statement is reported and silences the rest of
 * it (`panic`): what follows is often only its consequence.
 */
#include "parser.h"

const struct token *take(struct parser *p)
{
	const struct token *t = peek(p);

	if (t->kind != TOKEN_END)
		p->at++;
	return t;
}

bool take_if(struct parser *p, enum token_kind kind)
{
	if (peek(p)->kind != kind)
		return false;
	take(p);
	return true;
}

bool take_word(struct parser *p, enum word w)
{
	if (!at_word(p, w))
		return false;
	take(p);
	return true;
}

/* One mistake a statement: what follows it is often its consequence. */
__attribute__((format(printf, 4, 0))) static void
report(struct parser *p, struct span at, const char *nearest, const char *fmt,
       va_list ap)
{
	if (!p->panic)
		mistake_nearest_v(p->unit, at, nearest, fmt, ap);
	p->panic = true;
}

void syntax(struct parser *p, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(p, at, NULL, fmt, ap);
	va_end(ap);
}

void syntax_nearest(struct parser *p, struct span at, const char *nearest,
		    const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	report(p, at, nearest, fmt, ap);
	va_end(ap);
}

void syntax_here(struct parser *p, const char *what)
{
	const struct token *t = peek(p);

	if (t->kind == TOKEN_BAD)
		p->panic = true;
	else if (t->kind == TOKEN_NEWLINE || t->kind == TOKEN_END)
		syntax(p, t->span, "the line ends where %s belongs", what);
	else if (t->kind == TOKEN_INDENT || t->kind == TOKEN_DEDENT)
		syntax(p, t->span, "%s belongs here", what);
	else
		syntax(p, t->span, "%s belongs here, not \"%.*s\"", what,
		       (int)(t->span.length < 40 ? t->span.length : 40),
		       p->unit->text + t->span.start);
}

bool expect(struct parser *p, enum token_kind kind, const char *what)
{
	if (p->panic)
		return false;
	if (take_if(p, kind))
		return true;
	syntax_here(p, what);
	return false;
}

name_id expect_name(struct parser *p, const char *what, struct span *span)
{
	const struct token *t = peek(p);

	*span = t->span;
	if (p->panic)
		return NAME_NONE;
	if (t->kind != TOKEN_NAME) {
		syntax_here(p, what);
		return NAME_NONE;
	}
	if (word_places(t->value) & RESERVED) {
		syntax(p, t->span,
		       "\"%s\" is a reserved word and cannot be "
		       "a name",
		       word_text((enum word)t->value));
		return NAME_NONE;
	}
	return take(p)->value;
}

const char *expect_string(struct parser *p, const char *what, struct span *span)
{
	if (span)
		*span = peek(p)->span;
	if (p->panic)
		return "";
	if (peek(p)->kind == TOKEN_STRING)
		return take(p)->string;
	syntax_here(p, what);
	return "";
}

static struct span span_since(const struct parser *p, size_t token)
{
	size_t last = p->at > token ? p->at - 1 : token;

	return span_join(p->tokens[token].span, p->tokens[last].span);
}

const char *text_since(struct parser *p, size_t token)
{
	struct span s = span_since(p, token);

	return arena_strndup(p->keep, p->unit->text + s.start, s.length);
}

const char *nearest_word(struct parser *p, const char *text, unsigned places)
{
	const char *list[WORD_COUNT];

	for (name_id w = 0; w < WORD_COUNT; w++)
		list[w] = word_places(w) & places ? word_text((enum word)w)
						  : NULL;
	return nearest(p->unit, text, list, WORD_COUNT);
}
