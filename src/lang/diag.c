/*
 * diag.c - mistakes: collecting, sorting and showing them.
 *
 * The stages find mistakes in their own order (all of the lexer's before all of
 * the parser's), a person reads them in the order of the text: they are sorted
 * at the end, and only then cut to the number worth showing. A hostile text
 * may have a mistake per byte, so no more than KEPT are kept until then.
 */
#include <stdlib.h>
#include <string.h>

#include "threadviz/utf8.h"
#include "unit.h"

enum {
	KEPT = 512,
	LONG_LINE = 160,
	EFFORT_MAX = 50000000,
	MISTAKES_MANY = 1000,
};

static unsigned characters(const char *text, size_t len)
{
	unsigned n = 0;
	uint32_t code;

	for (size_t i = 0; i < len; n++)
		i += utf8_decode(text + i, len - i, &code);
	return n;
}

/* The same place twice is one mistake and its echo. */
static bool known(const struct diagnostics *d, struct span at)
{
	const struct diagnostic *last;

	if (!d->count || !at.line)
		return false;
	last = &d->list[d->count - 1];
	return last->line == at.line && last->column == at.column;
}

static void add(struct unit *u, struct span at, bool is_warning,
		const char *nearest, struct str *message)
{
	struct diagnostics *d = u->diag;
	struct diagnostic *new;
	struct str hint = {0};

	if (known(d, at)) {
		str_free(message);
		return;
	}
	d->mistakes += !is_warning;
	if (d->count >= KEPT) {
		d->unshown += !is_warning;
		str_free(message);
		return;
	}
	d->list =
		vec_grow(d->list, &d->capacity, d->count + 1, sizeof *d->list);
	new = &d->list[d->count++];
	memset(new, 0, sizeof *new);
	new->line = at.line;
	new->column = at.column;
	new->length = 1;
	if (at.start + at.length <= u->len)
		new->length = characters(u->text + at.start, at.length);
	if (new->length == 0)
		new->length = 1;
	new->warning = is_warning;
	new->message = str_take(message);
	if (nearest) {
		str_addf(&hint, "did you mean \"%s\"?", nearest);
		new->hint = str_take(&hint);
	}
}

void mistake_nearest_v(struct unit *u, struct span at, const char *nearest,
		       const char *fmt, va_list ap)
{
	struct str s = {0};

	str_addv(&s, fmt, ap);
	add(u, at, false, nearest, &s);
}

void mistake(struct unit *u, struct span at, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mistake_nearest_v(u, at, NULL, fmt, ap);
	va_end(ap);
}

void mistake_nearest(struct unit *u, struct span at, const char *nearest,
		     const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	mistake_nearest_v(u, at, nearest, fmt, ap);
	va_end(ap);
}

void warning(struct unit *u, struct span at, const char *fmt, ...)
{
	struct str s = {0};
	va_list ap;

	va_start(ap, fmt);
	str_addv(&s, fmt, ap);
	va_end(ap);
	add(u, at, true, NULL, &s);
}

bool is_hopeless(const struct unit *u)
{
	return u->effort > EFFORT_MAX || u->diag->mistakes > MISTAKES_MANY;
}

const char *nearest(struct unit *u, const char *word, const char **names,
		    size_t count)
{
	size_t len = strlen(word);

	if (is_hopeless(u) || len > LIMIT_NAME)
		return NULL;
	for (size_t i = 0; i < count; i++) {
		size_t n = names[i] ? strlen(names[i]) : 0;

		if (n > len + len / 3 + 1 || len > n + len / 3 + 1)
			names[i] = NULL;
		else
			u->effort += n * len;
		u->effort++;
	}
	if (is_hopeless(u))
		return NULL;
	return str_nearest(word, names, count);
}

static int by_place(const void *a, const void *b)
{
	const struct diagnostic *x = a, *y = b;

	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->column < y->column ? -1 : x->column > y->column;
}

static void drop(struct diagnostic *d)
{
	free(d->message);
	free(d->hint);
}

void diagnostics_finish(struct diagnostics *d, size_t from)
{
	size_t shown = from;

	if (d->count > from)
		qsort(d->list + from, d->count - from, sizeof *d->list,
		      by_place);
	for (size_t i = from; i < d->count; i++) {
		if (shown < LIMIT_MISTAKES) {
			d->list[shown++] = d->list[i];
			continue;
		}
		d->unshown += !d->list[i].warning;
		drop(&d->list[i]);
	}
	d->count = shown;
}

void diagnostics_fini(struct diagnostics *d)
{
	for (size_t i = 0; i < d->count; i++)
		drop(&d->list[i]);
	free(d->list);
	memset(d, 0, sizeof *d);
}

static const char *find_line(const char *text, size_t len, unsigned line,
			     size_t *length)
{
	const char *end = text + len, *at = text, *stop;

	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3))
		at += 3;
	while (--line && at) {
		at = memchr(at, '\n', (size_t)(end - at));
		if (at)
			at++;
	}
	if (!at || at > end)
		return NULL;
	stop = memchr(at, '\n', (size_t)(end - at));
	*length = (size_t)((stop ? stop : end) - at);
	if (*length && at[*length - 1] == '\r')
		--*length;
	return at;
}

/* Up to `count` characters as they may be shown on a terminal; what stands
 * there instead of a character is one cell wide. */
static size_t add_line(const char *line, size_t length, unsigned count,
		       struct str *out)
{
	size_t at = 0;

	while (at < length && count--) {
		uint32_t code;
		size_t n = utf8_decode(line + at, length - at, &code);

		if (code == '\t')
			str_addc(out, '\t');
		else if (code < ' ' || (code >= 0x7f && code < 0xa0) ||
			 (code == UTF8_BAD && n == 1))
			str_addc(out, '?');
		else
			str_addn(out, line + at, n);
		at += n;
	}
	return at;
}

/* Blanks as wide as the text before the caret: tabs stay tabs. */
static void add_blanks(const char *line, size_t length, unsigned count,
		       struct str *out)
{
	for (size_t at = 0; at < length && count; count--) {
		uint32_t code;
		size_t n = utf8_decode(line + at, length - at, &code);

		if (code == '\t')
			str_addc(out, '\t');
		else
			str_pad(out, ' ', utf8_code_width(code));
		at += n;
	}
	str_pad(out, ' ', (int)count);
}

static void add_place(const struct diagnostic *d, const char *text, size_t len,
		      struct str *out)
{
	size_t length = 0;
	const char *line = find_line(text, len, d->line, &length);
	unsigned before = d->column - 1, wide, left;

	if (!line || !length || !utf8_valid(line, length, NULL))
		return;
	while (before > LONG_LINE / 2 && length) { /* begin nearer to it */
		uint32_t code;
		size_t n = utf8_decode(line, length, &code);

		line += n;
		length -= n;
		before--;
	}
	str_add(out, "    ");
	add_line(line, length, LONG_LINE, out);
	str_add(out, "\n    ");
	add_blanks(line, length, before, out);
	left = before < LONG_LINE ? LONG_LINE - before : 1;
	wide = d->length < left ? d->length : left;
	str_addc(out, '^');
	str_pad(out, '~', (int)wide - 1);
	str_addc(out, '\n');
}

void diagnostics_format(const struct diagnostics *d, const char *file,
			const char *text, size_t len, struct str *out)
{
	for (size_t i = 0; i < d->count; i++) {
		const struct diagnostic *x = &d->list[i];

		str_add(out, file);
		if (x->line)
			str_addf(out, ":%u:%u", x->line, x->column);
		str_addf(out, ": %s%s\n", x->warning ? "warning: " : "",
			 x->message);
		if (x->line)
			add_place(x, text, len, out);
		if (x->hint)
			str_addf(out, "    %s\n", x->hint);
	}
	if (d->unshown)
		str_addf(out, "%s: and %zu more %s\n", file, d->unshown,
			 d->unshown == 1 ? "mistake" : "mistakes");
}
