/*
 * json.c - writing JSON.
 *
 * A small stack remembers which bracket closes each level and whether a comma
 * is due; whoever writes values never thinks of either.
 */
#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "threadviz/json.h"
#include "threadviz/utf8.h"

static void newline(struct json *j)
{
	if (!j->lines)
		return;
	str_addc(j->out, '\n');
	str_pad(j->out, ' ', j->depth);
}

static void quoted(struct json *j, const char *text)
{
	size_t len = strlen(text), n;

	str_addc(j->out, '"');
	for (size_t i = 0; i < len; i += n) {
		uint32_t c;

		n = utf8_decode(text + i, len - i, &c);
		if (c == '"' || c == '\\')
			str_addf(j->out, "\\%c", (char)c);
		else if (c == '\n')
			str_add(j->out, "\\n");
		else if (c == '\t')
			str_add(j->out, "\\t");
		else if (c < 0x20)
			str_addf(j->out, "\\u%04x", (unsigned)c);
		else if (c == UTF8_BAD)
			str_add(j->out, "\\ufffd");
		else
			str_addn(j->out, text + i, n);
	}
	str_addc(j->out, '"');
}

/* The comma, the new line and the key before a value. */
static void begin(struct json *j, const char *key)
{
	if (j->depth && j->filled[j->depth - 1])
		str_add(j->out, j->lines ? "," : ", ");
	if (j->depth) {
		j->filled[j->depth - 1] = true;
		newline(j);
	}
	if (key) {
		quoted(j, key);
		str_add(j->out, ": ");
	}
}

void json_open(struct json *j, const char *key, char bracket)
{
	assert(j->depth < JSON_DEPTH);
	begin(j, key);
	str_addc(j->out, bracket);
	j->closing[j->depth] = bracket == '{' ? '}' : ']';
	j->filled[j->depth++] = false;
}

void json_close(struct json *j)
{
	assert(j->depth > 0);
	if (j->filled[--j->depth])
		newline(j);
	str_addc(j->out, j->closing[j->depth]);
}

void json_string(struct json *j, const char *key, const char *text)
{
	begin(j, key);
	quoted(j, text);
}

void json_int(struct json *j, const char *key, int64_t value)
{
	begin(j, key);
	str_addf(j->out, "%lld", (long long)value);
}

void json_uint(struct json *j, const char *key, uint64_t value)
{
	begin(j, key);
	str_addf(j->out, "%llu", (unsigned long long)value);
}

void json_double(struct json *j, const char *key, double value)
{
	char text[40];

	begin(j, key);
	if (!isfinite(value)) {
		str_add(j->out, "null");
		return;
	}
	for (int digits = 1; digits <= 17; digits++) {
		snprintf(text, sizeof text, "%.*g", digits, value);
		if (strtod(text, NULL) == value)
			break;
	}
	str_add(j->out, text);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin(j, key);
	str_add(j->out, value ? "true" : "false");
}

void json_raw(struct json *j, const char *key, const char *value)
{
	begin(j, key);
	str_add(j->out, value);
}
