/*
 * lexer.c - text to tokens.
 *
 * One pass over the lines. Indentation becomes INDENT and DEDENT tokens by a
 * stack of widths; blank lines and lines with only a comment do not count. A
 * comment at the end of a line is not a token but the line's note. A wrong
 * character is reported once and leaves a TOKEN_BAD, at which the parser gives
 * up on the statement without a word.
 */
#include <ctype.h>
#include <string.h>

#include "lexer.h"
#include "threadviz/utf8.h"

struct lexer {
	struct unit *unit;
	struct arena *keep;
	struct tokens *out;
	struct lines *lines;
	const char *at, *start, *stop; /* in the line, its first and last */
	uint32_t line;
	uint32_t column_bytes; /* where `column` was worked out */
	uint32_t column;
	uint32_t widths[LIMIT_NESTING + 2];
	size_t depth;
	char blank;          /* what this file indents with, or 0 */
	uint32_t blank_line; /* where that was seen first */
	bool mixed, deep;    /* complained of mixing, of nesting */
	uint32_t bad_line;   /* where a character was complained of */
	size_t line_tokens;  /* index of the line's first token */
};

static bool is_name_start(char c)
{
	return isalpha((unsigned char)c) || c == '_';
}

static bool is_name(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

static uint32_t offset(const struct lexer *l, const char *at)
{
	return (uint32_t)(at - l->unit->text);
}

/* Characters before `at` in the line, plus 1. Asked for in rising order. */
static uint32_t column_of(struct lexer *l, const char *at)
{
	const char *p = l->start + l->column_bytes;
	uint32_t code;

	while (p < at) {
		p += utf8_decode(p, (size_t)(l->stop - p), &code);
		l->column++;
	}
	l->column_bytes = (uint32_t)(p - l->start);
	return l->column;
}

static struct span span_from(struct lexer *l, const char *from)
{
	struct span s = {.start = offset(l, from), .line = l->line};

	s.length = (uint32_t)(l->at - from);
	s.column = column_of(l, from);
	return s;
}

static struct token *push(struct lexer *l, enum token_kind kind,
			  const char *from)
{
	struct token t = {.kind = kind, .span = span_from(l, from)};

	vec_push(l->out, t);
	return &vec_last(l->out);
}

static void push_bad(struct lexer *l, const char *from, const char *why)
{
	struct token *t = push(l, TOKEN_BAD, from);

	if (l->bad_line != l->line)
		mistake(l->unit, t->span, "%s", why);
	l->bad_line = l->line;
}

/* ---- numbers, names, strings -------------------------------------------- */

static void lex_number(struct lexer *l)
{
	const char *from = l->at;
	uint64_t value = 0;

	while (l->at < l->stop && isdigit((unsigned char)*l->at)) {
		value = value * 10 + (uint64_t)(*l->at++ - '0');
		if (value > 1u << 31)
			value = (1ull << 31) + 1;
	}
	if (l->at < l->stop && is_name(*l->at)) {
		while (l->at < l->stop && is_name(*l->at))
			l->at++;
		push_bad(l, from, "this is neither a number nor a name");
	} else if (l->stop - l->at >= 2 && *l->at == '.' &&
		   isdigit((unsigned char)l->at[1])) {
		l->at++;
		while (l->at < l->stop && isdigit((unsigned char)*l->at))
			l->at++;
		push_bad(l, from, "there are only whole numbers");
	} else if (value > 1u << 31) {
		push_bad(l, from, "numbers go from -2147483648 to 2147483647");
	} else {
		push(l, TOKEN_INT, from)->value = (uint32_t)value;
	}
}

static void lex_name(struct lexer *l)
{
	const char *from = l->at;
	name_id id;

	while (l->at < l->stop && is_name(*l->at))
		l->at++;
	if (l->at - from > LIMIT_NAME) {
		push_bad(l, from, "a name is at most 64 letters long");
		return;
	}
	id = names_intern(&l->unit->names, l->unit->arena, from,
			  (size_t)(l->at - from));
	push(l, TOKEN_NAME, from)->value = id;
}

/* One character of a string to out; false for an escape nobody knows. */
static bool lex_string_char(struct lexer *l, char **out)
{
	char c = *l->at++;

	if (c == '\\') {
		c = l->at < l->stop ? *l->at++ : 0;
		if (c == 'n')
			c = '\n';
		else if (c != '"' && c != '\\')
			return false;
	}
	*(*out)++ = c;
	return true;
}

/* The quote that ends the string at `at`, or the end of the line. */
static const char *string_end(const struct lexer *l, const char *at)
{
	for (at++; at < l->stop && *at != '"'; at++)
		if (*at == '\\' && at + 1 < l->stop)
			at++;
	return at;
}

static void lex_string(struct lexer *l)
{
	const char *from = l->at++;
	char *text =
		arena_alloc(l->keep, (size_t)(string_end(l, from) - from) + 1);
	char *out = text;
	const char *escape = NULL;

	while (l->at < l->stop && *l->at != '"') {
		const char *here = l->at;

		if (!lex_string_char(l, &out) && !escape)
			escape = here;
	}
	if (l->at == l->stop) {
		push_bad(l, from, "this string has no closing \" in its line");
		return;
	}
	l->at++;
	if (escape) {
		push_bad(l, from,
			 "a backslash in a string stands only in "
			 "\\n, \\\" and \\\\");
		return;
	}
	push(l, TOKEN_STRING, from)->string = text;
}

/* ---- operators ---------------------------------------------------------- */

static const struct {
	char text[3];
	uint8_t kind;
} operators[] = {
	/* longer ones first */
	{"==", TOKEN_EQ},          {"!=", TOKEN_NE},
	{"<=", TOKEN_LE},          {">=", TOKEN_GE},
	{"+=", TOKEN_PLUS_ASSIGN}, {"-=", TOKEN_MINUS_ASSIGN},
	{"++", TOKEN_INCREMENT},   {"--", TOKEN_DECREMENT},
	{"..", TOKEN_RANGE},       {"=", TOKEN_ASSIGN},
	{"<", TOKEN_LT},           {">", TOKEN_GT},
	{"+", TOKEN_PLUS},         {"-", TOKEN_MINUS},
	{"*", TOKEN_STAR},         {"/", TOKEN_SLASH},
	{"%", TOKEN_PERCENT},      {"(", TOKEN_OPEN},
	{")", TOKEN_CLOSE},        {"[", TOKEN_OPEN_INDEX},
	{"]", TOKEN_CLOSE_INDEX},  {",", TOKEN_COMMA},
	{":", TOKEN_COLON},
};

/* What people write who come from other languages. */
static const struct {
	char text[4];
	const char *advice;
} strangers[] = {
	{"*=", "there is no \"*=\": write x = x * …"},
	{"/=", "there is no \"/=\": write x = x / …"},
	{"%=", "there is no \"%=\": write x = x % …"},
	{"//", "a comment begins with #, and / divides whole numbers"},
	{"**", "there is no \"**\""},
	{"<>", "write != for \"is not\""},
	{"&&", "write \"and\" for &&"},
	{"||", "write \"or\" for ||"},
	{"!", "write \"not\" for !"},
	{";", "write one statement a line, without \";\""},
	{"{", "blocks are made by indentation, without braces"},
	{"}", "blocks are made by indentation, without braces"},
	{"'", "strings stand in double quotes"},
};

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static bool lex_stranger(struct lexer *l)
{
	for (size_t i = 0; i < LENGTH(strangers); i++) {
		size_t n = strlen(strangers[i].text);
		const char *from = l->at;

		if ((size_t)(l->stop - l->at) < n ||
		    memcmp(l->at, strangers[i].text, n) != 0 ||
		    (n == 1 && l->stop - l->at > 1 && l->at[1] == '='))
			continue;
		l->at += n;
		push_bad(l, from, strangers[i].advice);
		return true;
	}
	return false;
}

static bool lex_operator(struct lexer *l)
{
	for (size_t i = 0; i < LENGTH(operators); i++) {
		size_t n = strlen(operators[i].text);
		const char *from = l->at;

		if ((size_t)(l->stop - l->at) < n ||
		    memcmp(l->at, operators[i].text, n) != 0)
			continue;
		l->at += n;
		push(l, operators[i].kind, from);
		return true;
	}
	return false;
}

static void lex_unknown(struct lexer *l)
{
	const char *from = l->at;
	uint32_t code;
	struct token *t;

	l->at += utf8_decode(from, (size_t)(l->stop - from), &code);
	t = push(l, TOKEN_BAD, from);
	if (l->bad_line != l->line)
		mistake(l->unit, t->span, "\"%.*s\" means nothing here",
			(int)(l->at - from), from);
	l->bad_line = l->line;
}

/* After `run "name":` the rest of the line is a schedule, left as it is. */
static bool at_schedule(const struct lexer *l)
{
	const struct token *t;

	if (l->out->len != l->line_tokens + 3)
		return false;
	t = l->out->data + l->line_tokens;
	return t[0].kind == TOKEN_NAME && t[0].value == WORD_run &&
	       t[1].kind == TOKEN_STRING && t[2].kind == TOKEN_COLON;
}

static void lex_schedule(struct lexer *l)
{
	const char *from = l->at, *end;

	while (l->at < l->stop && *l->at != '#')
		l->at++;
	for (end = l->at; end > from && isspace((unsigned char)end[-1]);)
		end--;
	push(l, TOKEN_RAW, from)->string =
		arena_strndup(l->keep, from, (size_t)(end - from));
}

static void lex_token(struct lexer *l)
{
	char c = *l->at;

	if (at_schedule(l))
		lex_schedule(l);
	else if (isdigit((unsigned char)c))
		lex_number(l);
	else if (is_name_start(c))
		lex_name(l);
	else if (c == '"')
		lex_string(l);
	else if (!lex_stranger(l) && !lex_operator(l))
		lex_unknown(l);
}

/* ---- lines -------------------------------------------------------------- */

/* Complains once of a file that indents with both tabs and spaces. */
static void check_blank(struct lexer *l, char c)
{
	struct token *t;

	if (!l->blank) {
		l->blank = c;
		l->blank_line = l->line;
	}
	if (l->blank == c || l->mixed)
		return;
	l->mixed = true;
	t = push(l, TOKEN_BAD, l->start);
	l->out->len--;
	mistake(l->unit, t->span,
		"this line is indented with %s, line %u with %s: use one of "
		"them in the whole file",
		c == '\t' ? "tabs" : "spaces", l->blank_line,
		l->blank == '\t' ? "tabs" : "spaces");
}

static void lex_indent(struct lexer *l, uint32_t width)
{
	if (width > l->widths[l->depth]) {
		if (l->depth == LIMIT_NESTING) {
			push(l, TOKEN_BAD, l->at);
			if (!l->deep)
				mistake(l->unit, vec_last(l->out).span,
					"blocks are nested more than %d deep",
					LIMIT_NESTING);
			l->deep = true;
			l->widths[l->depth] = width;
			return;
		}
		l->widths[++l->depth] = width;
		push(l, TOKEN_INDENT, l->at);
		return;
	}
	while (width < l->widths[l->depth]) {
		l->depth--;
		push(l, TOKEN_DEDENT, l->at);
	}
	if (width != l->widths[l->depth])
		mistake(l->unit, span_from(l, l->at),
			"this line is indented by %u, which fits no block "
			"above it",
			width);
}

static void note_line(struct lexer *l, const char *comment)
{
	const char *end = comment ? comment : l->stop;
	struct source_line s = {0};

	if (comment && comment > l->start) {
		const char *from = comment + 1, *to = l->stop;

		while (from < to && isspace((unsigned char)*from))
			from++;
		while (to > from && isspace((unsigned char)to[-1]))
			to--;
		if (to > from)
			s.note = arena_strndup(l->keep, from,
					       (size_t)(to - from));
	}
	while (end > l->start && isspace((unsigned char)end[-1]))
		end--;
	if (comment && end == l->start) { /* nothing but a comment */
		end = l->stop;
		s.note = NULL;
	}
	s.text = arena_strndup(l->keep, l->start, (size_t)(end - l->start));
	vec_push(l->lines, s);
}

static void lex_line(struct lexer *l)
{
	const char *comment = NULL;

	l->at = l->start;
	l->column_bytes = 0;
	l->column = 1;
	while (l->at < l->stop && (*l->at == ' ' || *l->at == '\t'))
		l->at++;
	if (l->at == l->stop || *l->at == '#') {
		note_line(l, l->at == l->stop ? NULL : l->at);
		return;
	}
	for (const char *p = l->start; p < l->at; p++)
		check_blank(l, *p);
	lex_indent(l, (uint32_t)(l->at - l->start));
	l->line_tokens = l->out->len;
	while (l->at < l->stop) {
		if (*l->at == ' ' || *l->at == '\t') {
			l->at++;
		} else if (*l->at == '#') {
			comment = l->at;
			break;
		} else {
			lex_token(l);
		}
	}
	if (at_schedule(l))
		push(l, TOKEN_RAW, l->at)->string = "";
	push(l, TOKEN_NEWLINE, l->at);
	note_line(l, comment);
}

/* The first byte that is no part of a text, or NULL. */
static const char *find_binary(const char *text, size_t len)
{
	size_t bad = len;

	utf8_valid(text, len, &bad);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];
		bool end = c == '\r' && (i + 1 == len || text[i + 1] == '\n');

		if ((c < ' ' && c != '\t' && c != '\n' && !end) || c == 0x7f ||
		    i == bad ||
		    (c == 0xc2 && i + 1 < len &&
		     (unsigned char)text[i + 1] < 0xa0))
			return text + i;
	}
	return NULL;
}

static bool is_text(struct unit *u)
{
	const char *bad = find_binary(u->text, u->len);
	struct span s = {.line = 1};
	const char *start = u->text;

	if (u->len > LIMIT_TEXT) {
		mistake(u, (struct span){0},
			"this file is too long: a "
			"scenario has at most %d bytes",
			LIMIT_TEXT);
		return false;
	}
	if (!bad)
		return true;
	for (const char *p = u->text; p < bad; p++)
		if (*p == '\n') {
			s.line++;
			start = p + 1;
		}
	s.start = (uint32_t)(bad - u->text);
	s.column = 1 + (uint32_t)(bad - start);
	mistake(u, s, "this is not a text file: there is a byte 0x%02x",
		(unsigned)(unsigned char)*bad);
	return false;
}

static bool count_lines(struct unit *u)
{
	size_t n = 0;

	for (size_t i = 0; i < u->len; i++)
		n += u->text[i] == '\n' || i + 1 == u->len;
	if (n > LIMIT_LINES)
		mistake(u, (struct span){0},
			"this file has %zu lines: a "
			"scenario has at most %d",
			n, LIMIT_LINES);
	return n <= LIMIT_LINES;
}

bool lex_text(struct unit *u, struct arena *keep, struct tokens *out,
	      struct lines *lines)
{
	struct lexer l = {.unit = u, .keep = keep, .out = out, .lines = lines};
	const char *at = u->text, *end = u->text + u->len;

	if (!is_text(u) || !count_lines(u))
		return false;
	if (u->len >= 3 && !memcmp(at, "\xef\xbb\xbf", 3))
		at += 3;
	l.start = l.at = l.stop = at;
	while (at < end) {
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		l.line++;
		l.start = at;
		l.stop = stop ? stop : end;
		at = stop ? stop + 1 : end;
		if (l.stop > l.start && l.stop[-1] == '\r')
			l.stop--;
		lex_line(&l);
	}
	l.line++;
	l.start = l.at = l.stop = end;
	l.column_bytes = 0;
	l.column = 1;
	for (; l.depth; l.depth--)
		push(&l, TOKEN_DEDENT, end);
	push(&l, TOKEN_END, end);
	return true;
}
