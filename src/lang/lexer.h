/*
 * lexer.h - text to tokens.
 */
#ifndef THREADVIZ_LANG_LEXER_H
#define THREADVIZ_LANG_LEXER_H

#include "unit.h"

enum token_kind {
	TOKEN_END,     /* of the text */
	TOKEN_NEWLINE, /* of a line with something on it */
	TOKEN_INDENT,
	TOKEN_DEDENT,
	TOKEN_NAME,
	TOKEN_INT,
	TOKEN_STRING,
	TOKEN_RAW, /* the schedule of a `run`, as written */
	TOKEN_BAD, /* already complained of */
	TOKEN_ASSIGN,
	TOKEN_PLUS_ASSIGN,
	TOKEN_MINUS_ASSIGN,
	TOKEN_INCREMENT,
	TOKEN_DECREMENT,
	TOKEN_EQ,
	TOKEN_NE,
	TOKEN_LT,
	TOKEN_LE,
	TOKEN_GT,
	TOKEN_GE,
	TOKEN_PLUS,
	TOKEN_MINUS,
	TOKEN_STAR,
	TOKEN_SLASH,
	TOKEN_PERCENT,
	TOKEN_OPEN,
	TOKEN_CLOSE,
	TOKEN_OPEN_INDEX,
	TOKEN_CLOSE_INDEX,
	TOKEN_COMMA,
	TOKEN_COLON,
	TOKEN_RANGE,
};

struct token {
	enum token_kind kind;
	struct span span;
	uint32_t value;     /* NAME: name_id; INT: the number, at most 2^31 */
	const char *string; /* STRING, RAW: what it says */
};

struct tokens VEC_OF(struct token);

/*
 * Reads the whole text; the last token is TOKEN_END, preceded by as many
 * dedents as there were indents. Lines go to `lines`, whose strings lie in
 * `keep`. False if the bytes are no text or too many: then there are no
 * tokens, and the reason has been recorded.
 */
struct lines VEC_OF(struct source_line);
bool lex_text(struct unit *, struct arena *keep, struct tokens *out,
	      struct lines *lines);

#endif
