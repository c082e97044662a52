/*
 * words.h - names and keywords as small numbers.
 *
 * Every name of a text is interned once, keywords first, so that all later
 * comparisons are of numbers and what a name means is found by indexing.
 */
#ifndef THREADVIZ_LANG_WORDS_H
#define THREADVIZ_LANG_WORDS_H

#include <stdbool.h>

#include "threadviz/arena.h"
#include "threadviz/vec.h"

typedef uint32_t name_id;

enum word {
#define WORD(name, where) WORD_##name,
#include "words.def"
#undef WORD
	WORD_COUNT,
};
#define NAME_NONE ((name_id)UINT32_MAX)

enum word_place {
	RESERVED = 1,
	TOP = 2,
	STATEMENT = 4,
	CALL = 8,
	INSIDE = 16,
};

/* What a name stands for in the whole file. */
enum symbol_kind {
	SYMBOL_NONE,
	SYMBOL_PARAM,
	SYMBOL_OBJECT,
	SYMBOL_THREAD,
	SYMBOL_DEF,
	SYMBOL_UNSURE, /* its declaration was wrong: say nothing more of it */
};

struct symbol {
	const char *text;
	uint32_t length;
	enum symbol_kind kind;
	uint32_t line;   /* where it was declared */
	uint32_t index;  /* PARAM, OBJECT: which; THREAD: the group */
	uint32_t member; /* THREAD: which of the group */
	void *decl;      /* DEF: struct def; OBJECT, THREAD: their tree */
	uint32_t region; /* 1 + region of this name, or 0 */
	bool complained; /* an unknown name is reported once */
	uint32_t scope;  /* the function in which `local` holds */
	uint32_t local;
};

struct names {
	VEC(struct symbol) list;
	name_id *slots; /* open addressing, NAME_NONE is free */
	size_t slot_count;
};

/* A table with all words of the language in it, under their enum. */
void names_init(struct names *);
void names_fini(struct names *);

/* The number of a name, entered if it is new; its text lives in arena. */
name_id names_intern(struct names *, struct arena *, const char *text,
		     size_t len);

/* Where a word is a keyword: a set of enum word_place; 0 for other names. */
unsigned word_places(name_id);
const char *word_text(enum word);

#endif
