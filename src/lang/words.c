/*
 * words.c - interning.
 *
 * An open-addressing hash table from text to number; numbers count up from the
 * keywords, so that a name below WORD_COUNT is a keyword wherever its places
 * say so. The table doubles when it is half full.
 */
#include <string.h>

#include "threadviz/hash.h"
#include "words.h"

static const struct {
	const char *text;
	unsigned places;
} words[WORD_COUNT] = {
#define WORD(name, where) {#name, where},
#include "words.def"
#undef WORD
};

unsigned word_places(name_id n)
{
	return n < WORD_COUNT ? words[n].places : 0;
}

const char *word_text(enum word w)
{
	return words[w].text;
}

static size_t slot_of(const struct names *t, const char *text, size_t len)
{
	size_t i = hash_bytes(text, len) & (t->slot_count - 1);

	for (;; i = (i + 1) & (t->slot_count - 1)) {
		const struct symbol *s;

		if (t->slots[i] == NAME_NONE)
			return i;
		s = &t->list.data[t->slots[i]];
		if (s->length == len && !memcmp(s->text, text, len))
			return i;
	}
}

static void rehash(struct names *t, size_t count)
{
	free(t->slots);
	t->slots = xmalloc(count * sizeof *t->slots);
	t->slot_count = count;
	for (size_t i = 0; i < count; i++)
		t->slots[i] = NAME_NONE;
	for (size_t i = 0; i < t->list.len; i++) {
		const struct symbol *s = &t->list.data[i];

		t->slots[slot_of(t, s->text, s->length)] = (name_id)i;
	}
}

static name_id enter(struct names *t, const char *text, size_t len)
{
	struct symbol s = {.text = text, .length = (uint32_t)len};

	vec_push(&t->list, s);
	if (2 * t->list.len > t->slot_count)
		rehash(t, 2 * t->slot_count);
	else
		t->slots[slot_of(t, text, len)] = (name_id)(t->list.len - 1);
	return (name_id)(t->list.len - 1);
}

void names_init(struct names *t)
{
	memset(t, 0, sizeof *t);
	rehash(t, 512);
	for (size_t i = 0; i < WORD_COUNT; i++)
		enter(t, words[i].text, strlen(words[i].text));
}

void names_fini(struct names *t)
{
	vec_free(&t->list);
	free(t->slots);
	memset(t, 0, sizeof *t);
}

name_id names_intern(struct names *t, struct arena *arena, const char *text,
		     size_t len)
{
	name_id found = t->slots[slot_of(t, text, len)];

	if (found != NAME_NONE)
		return found;
	return enter(t, arena_strndup(arena, text, len), len);
}
