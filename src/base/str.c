/*
 * str.c - a string that grows, and the nearest of several names.
 *
 * Invariant: data is NULL (cap 0) or holds len bytes and a NUL in cap bytes.
 *
 * Names are compared by the Damerau-Levenshtein distance, because the four
 * usual slips at a keyboard are a letter too many, too few, wrong, or two
 * swapped; case alone never counts. Only the last three rows of its table are
 * kept.
 */
#include "threadviz/str.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "threadviz/arena.h"

/* Room for `more` bytes behind the text, and the NUL. */
static void make_room(struct str *s, size_t more)
{
	size_t want = s->len + more + 1;
	size_t cap = s->cap ? s->cap : 32;

	assert(want > more);
	if (want <= s->cap)
		return;
	while (cap < want)
		cap *= 2;
	s->data = xrealloc(s->data, cap);
	s->cap = cap;
}

void str_addn(struct str *s, const char *bytes, size_t len)
{
	make_room(s, len);
	if (len > 0)
		memcpy(s->data + s->len, bytes, len);
	s->len += len;
	s->data[s->len] = '\0';
}

void str_add(struct str *s, const char *text)
{
	str_addn(s, text, strlen(text));
}

void str_addc(struct str *s, char c)
{
	str_addn(s, &c, 1);
}

void str_pad(struct str *s, char c, int n)
{
	if (n <= 0)
		return;
	make_room(s, (size_t)n);
	memset(s->data + s->len, c, (size_t)n);
	s->len += (size_t)n;
	s->data[s->len] = '\0';
}

void str_addv(struct str *s, const char *fmt, va_list args)
{
	va_list again;
	int len;

	va_copy(again, args);
	len = vsnprintf(NULL, 0, fmt, args);
	assert(len >= 0);
	make_room(s, (size_t)len);
	vsnprintf(s->data + s->len, (size_t)len + 1, fmt, again);
	va_end(again);
	s->len += (size_t)len;
}

void str_addf(struct str *s, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	str_addv(s, fmt, args);
	va_end(args);
}

void str_add_ns(struct str *s, uint64_t ns)
{
	static const char *const units[] = {"µs", "ms", "s"};
	double n = (double)ns / 1000;
	size_t u = 0;

	if (ns < 1000) {
		str_addf(s, ns ? "%u ns" : "%u", (unsigned)ns);
		return;
	}
	/* 999.6 would be rounded to four digits. */
	for (; u < 2 && n >= 999.5; u++)
		n /= 1000;
	str_addf(s, "%.*f %s", n < 9.995 ? 2 : n < 99.95 ? 1 : 0, n, units[u]);
}

void str_cut(struct str *s, size_t len)
{
	if (len >= s->len)
		return;
	s->len = len;
	s->data[len] = '\0';
}

void str_clear(struct str *s)
{
	str_cut(s, 0);
}

void str_free(struct str *s)
{
	free(s->data);
	*s = (struct str){0};
}

const char *str_cstr(const struct str *s)
{
	return s->data ? s->data : "";
}

char *str_take(struct str *s)
{
	char *text = s->data ? s->data : xstrdup("");

	*s = (struct str){0};
	return text;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static bool same_letter(char a, char b)
{
	return tolower((unsigned char)a) == tolower((unsigned char)b);
}

/*
 * One row of the table: the distances of a[0..i] to every beginning of b, from
 * the row before (up) and the one before that (up2, for swaps).
 */
static void distance_row(const char *a, size_t i, const char *b, size_t m,
			 size_t *const rows[3])
{
	size_t *row = rows[0];
	const size_t *up = rows[1];
	const size_t *up2 = rows[2];

	row[0] = i + 1;
	for (size_t j = 0; j < m; j++) {
		size_t best = up[j] + !same_letter(a[i], b[j]);

		best = least(best, least(up[j + 1], row[j]) + 1);
		if (i > 0 && j > 0 && same_letter(a[i], b[j - 1]) &&
		    same_letter(a[i - 1], b[j]))
			best = least(best, up2[j - 1] + 1);
		row[j + 1] = best;
	}
}

size_t str_distance(const char *a, const char *b)
{
	size_t n = strlen(a);
	size_t m = strlen(b);
	size_t *table = xcalloc(3 * (m + 1), sizeof *table);
	size_t *rows[3] = {table, table + m + 1, table + 2 * (m + 1)};
	size_t distance;

	for (size_t j = 0; j <= m; j++)
		rows[0][j] = j;
	for (size_t i = 0; i < n; i++) {
		size_t *oldest = rows[2];

		rows[2] = rows[1];
		rows[1] = rows[0];
		rows[0] = oldest;
		distance_row(a, i, b, m, rows);
	}
	distance = rows[0][m];
	free(table);
	return distance;
}

const char *str_nearest(const char *word, const char *const *names, size_t n)
{
	size_t allowed = strlen(word) / 3;
	const char *nearest = NULL;
	size_t best = (allowed > 1 ? allowed : 1) + 1;

	for (size_t i = 0; i < n; i++) {
		size_t distance;

		if (!names[i])
			continue;
		distance = str_distance(word, names[i]);
		/* Another single letter altogether is no slip. */
		if (distance < best && distance < strlen(names[i])) {
			best = distance;
			nearest = names[i];
		}
	}
	return nearest;
}
