/*
 * lang.h - the scenario language: text in, checked program out.
 *
 * Mistakes are data, not failures: all mistakes of a file are collected as
 * diagnostics, each with its place, one sentence and perhaps a better word.
 */
#ifndef THREADVIZ_LANG_H
#define THREADVIZ_LANG_H

#include "threadviz/program.h"
#include "threadviz/str.h"

enum {
	LIMIT_TITLE = 60,      /* characters of a scenario's title */
	LIMIT_NESTING = 64,    /* blocks and parentheses inside each other */
	LIMIT_MISTAKES = 20,   /* mistakes shown; the rest is counted */
	LIMIT_NAME = 64,       /* letters of a name */
	LIMIT_TEXT = 1 << 19,  /* bytes of a scenario's text */
};

/* One mistake or warning. */
struct diagnostic {
	unsigned line;   /* 1-based; 0: the whole file or the command line */
	unsigned column; /* 1-based, in characters; a tab is one */
	unsigned length; /* characters to underline, at least 1 */
	bool warning;    /* worth saying, but the program is fine */
	char *message;   /* one sentence, no newline */
	char *hint;      /* "did you mean \"count\"?", or NULL */
};

/* Start with all bytes 0 (`= {0}`). */
struct diagnostics {
	struct diagnostic *list; /* in the order of the text */
	size_t count;
	size_t capacity;
	size_t mistakes; /* of them not warnings */
	size_t unshown;  /* mistakes beyond LIMIT_MISTAKES, not in the list */
};

/*
 * Appends every diagnostic to out: "FILE:LINE:COL: message", the line of text
 * it stands in, a caret under the place, the hint; at the end "and N more
 * mistakes" where there are any. file is as shown; text is what was compiled.
 */
void diagnostics_format(const struct diagnostics *, const char *file,
			const char *text, size_t len, struct str *out);

/* Releases the list and its strings; the struct is empty again. */
void diagnostics_fini(struct diagnostics *);

/* A value for a `param`, as the command line gives it: n=3. */
struct lang_param {
	const char *name;
	int32_t value;
};

/*
 * Compiles text (len bytes, any bytes) into a new program, to be released with
 * program_free. name is the scenario's short name ("race"), file what messages
 * call it. Returns NULL if there were mistakes; they and warnings are appended
 * to the diagnostics. Nothing in it refers to the arguments afterwards.
 */
struct program *program_compile(const char *name, const char *file,
				const char *text, size_t len,
				const struct lang_param *params,
				size_t param_count, struct diagnostics *);

/* Appends the program's instructions in words, one a line, for debugging. */
void program_list(const struct program *, struct str *out);

#endif
