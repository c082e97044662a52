/*
 * json.h - writing JSON (RFC 8259): commas and quotes look after themselves.
 *
 *	struct json j = {.out = &text};
 *	json_open(&j, NULL, '{');
 *	json_string(&j, "name", "race");
 *	json_open(&j, "steps", '[');
 *	json_int(&j, NULL, 4);
 *	json_close(&j);
 *	json_close(&j);
 *
 * key is NULL inside a list and for the outermost value.
 */
#ifndef THREADVIZ_JSON_H
#define THREADVIZ_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "threadviz/str.h"

enum { JSON_DEPTH = 32 };

/* A document being written; start with {.out = ...}. */
struct json {
	struct str *out;
	bool lines; /* one member a line, indented; else all on one line */
	int depth;
	char closing[JSON_DEPTH];
	bool filled[JSON_DEPTH]; /* something was written at this depth */
};

/* Begins an object or a list; ends the innermost one. */
void json_open(struct json *, const char *key, char bracket); /* { or [ */
void json_close(struct json *);
/* Text is UTF-8; a byte that is not is written as U+FFFD. */
void json_string(struct json *, const char *key, const char *text);
void json_int(struct json *, const char *key, int64_t value);
void json_uint(struct json *, const char *key, uint64_t value);
/* Shortest form that reads back the same; not finite: null. */
void json_double(struct json *, const char *key, double value);
void json_bool(struct json *, const char *key, bool value);
/* A value that is JSON already, such as a number with fixed decimals. */
void json_raw(struct json *, const char *key, const char *value);

#endif
