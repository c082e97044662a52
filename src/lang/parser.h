/*
 * parser.h - tokens to a tree.
 */
#ifndef THREADVIZ_LANG_PARSER_H
#define THREADVIZ_LANG_PARSER_H

#include "ast.h"

enum { LIMIT_EXPRESSION = 100 }; /* depth of an expression's tree */

struct parser {
	struct unit *unit;
	const struct token *tokens;
	size_t at;
	struct ast *ast;
	struct arena *keep; /* of texts that go into the program */
	bool panic;         /* a mistake in this statement was reported */
	unsigned depth;     /* of expressions being parsed */
	uint32_t scopes;    /* bodies so far */
};

/* Everything of the file into an empty tree. */
void parse_text(struct unit *, const struct tokens *, struct arena *keep,
		struct ast *out);

/* ---- between the parser's files ----------------------------------------- */

static inline const struct token *peek(const struct parser *p)
{
	return &p->tokens[p->at];
}

static inline const struct token *peek_second(const struct parser *p)
{
	const struct token *t = &p->tokens[p->at];

	return t->kind == TOKEN_END ? t : t + 1;
}

static inline bool at_word(const struct parser *p, enum word w)
{
	return peek(p)->kind == TOKEN_NAME && peek(p)->value == w;
}

const struct token *take(struct parser *);
bool take_if(struct parser *, enum token_kind);
bool take_word(struct parser *, enum word);
/* The token, or a mistake that says what belongs here. */
bool expect(struct parser *, enum token_kind, const char *what);
/* A name that is not reserved; NAME_NONE and a mistake otherwise. */
name_id expect_name(struct parser *, const char *what, struct span *);
/* A string; "" and a mistake otherwise. */
const char *expect_string(struct parser *, const char *what, struct span *);

/* Reports unless this statement has had its mistake. */
void syntax(struct parser *, struct span, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void syntax_nearest(struct parser *, struct span, const char *nearest,
		    const char *fmt, ...) __attribute__((format(printf, 4, 5)));
/* "what belongs here", at the next token. */
void syntax_here(struct parser *, const char *what);

/* To the end of the line: complains of what is left of it unless the statement
 * had a mistake; ends the panic. */
void end_line(struct parser *);

/* Says that the line ahead, which is indented, has no block to be in. */
void complain_indent(struct parser *);
/* Whether what follows the name ahead makes an assignment of it. */
bool is_assignment(const struct parser *);

/* The text from that token to the last one taken, as written. */
const char *text_since(struct parser *, size_t token);

/* The word of these places that is nearest to text, or NULL. */
const char *nearest_word(struct parser *, const char *text, unsigned places);

struct expr *parse_expr(struct parser *);
/* A name, perhaps with an index: what a statement works on. */
struct expr *parse_ref(struct parser *, const char *what);
/* Expressions separated by commas, at most LIMIT_PARTS. */
struct expr **parse_list(struct parser *, size_t *count);

/* `:` and a block. */
void parse_body(struct parser *, struct block *);

/* A line that begins with finally, always, never or order. */
void parse_check(struct parser *, enum check_kind);
/* run "name": schedule */
void parse_run(struct parser *);
void parse_expect(struct parser *);

#endif
