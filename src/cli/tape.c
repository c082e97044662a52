/*
 * tape.c - what a free run recorded, kept to be saved.
 *
 * A free run may record millions of events a second, and what is looked at
 * afterwards is how it ended: the tape goes round and the oldest records go
 * first. How many have gone stands in the file, for nobody may take the rest
 * for the whole.
 */
#include <string.h>

#include "tape.h"
#include "threadviz/arena.h"
#include "threadviz/tracefile.h"
#include "threadviz/vec.h"

enum { CAPACITY = 4000000 };

struct tape {
	VEC(struct event) events; /* a ring, once it is full */
	size_t capacity;
	size_t next; /* of the full ring: its oldest */
	uint64_t gone;
};

struct tape *tape_new(size_t capacity)
{
	struct tape *t = xcalloc(1, sizeof *t);

	t->capacity = capacity ? capacity : CAPACITY;
	return t;
}

void tape_free(struct tape *t)
{
	if (t)
		vec_free(&t->events);
	free(t);
}

void tape_rewind(struct tape *t)
{
	vec_clear(&t->events);
	t->next = 0;
	t->gone = 0;
}

void tape_add(struct tape *t, const struct event *events, size_t n)
{
	for (size_t i = 0; t && i < n; i++) {
		if (t->events.len < t->capacity) {
			vec_push(&t->events, events[i]);
			continue;
		}
		t->events.data[t->next] = events[i];
		t->next = (t->next + 1) % t->capacity;
		t->gone++;
	}
}

bool tape_save(const struct tape *t, const struct program *p,
	       const struct finding_list *findings, const char *path,
	       struct error *err)
{
	struct recording r = {.program = p, .engine = "free"};
	VEC(struct event) all = {0};
	bool ok;

	if (t->gone)
		vec_push(&all,
			 tracefile_loss(&t->events.data[t->next], t->gone));
	for (size_t i = 0; i < t->events.len; i++)
		vec_push(&all, t->events.data[(t->next + i) % t->events.len]);
	r.events = all.data;
	r.event_count = all.len;
	if (findings && !t->gone) { /* else they name other records */
		r.findings = findings->data;
		r.finding_count = findings->len;
	}
	ok = tracefile_save(&r, path, err);
	vec_free(&all);
	return ok;
}
