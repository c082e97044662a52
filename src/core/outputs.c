/*
 * outputs.c - what a run has printed, as one number.
 *
 * A world must say what was printed so far, or two runs that differ only in
 * their output would be one state. It keeps the id of a node in this tree: a
 * node is a line and the node before it, and the same pair is never entered
 * twice (hash consing), so equal outputs have equal ids.
 */
#include <stdlib.h>

#include "threadviz/arena.h"
#include "threadviz/hash.h"
#include "threadviz/program.h"
#include "threadviz/vec.h"

struct node {
	uint32_t before;
	uint32_t count; /* lines up to and with this one */
	const char *line;
};

struct outputs {
	struct arena arena;
	VEC(struct node) nodes; /* [0] is "nothing printed" */
	uint32_t *slots;        /* node ids, 0: empty; open addressing */
	size_t slot_count;      /* a power of two, at most half full */
};

struct outputs *outputs_new(void)
{
	struct outputs *o = xcalloc(1, sizeof *o);

	arena_init(&o->arena);
	vec_push(&o->nodes, (struct node){.line = ""});
	o->slot_count = 16;
	o->slots = xcalloc(o->slot_count, sizeof *o->slots);
	return o;
}

void outputs_free(struct outputs *o)
{
	if (!o)
		return;
	arena_fini(&o->arena);
	vec_free(&o->nodes);
	free(o->slots);
	free(o);
}

static uint64_t node_hash(uint32_t before, const char *line)
{
	return hash_bytes(line, strlen(line)) +
	       before * UINT64_C(0x9e3779b97f4a7c15);
}

/* The slot where the node is, or where it belongs. */
static size_t find_slot(const struct outputs *o, uint32_t before,
			const char *line)
{
	size_t i = node_hash(before, line) & (o->slot_count - 1);

	for (; o->slots[i]; i = (i + 1) & (o->slot_count - 1)) {
		const struct node *n = &o->nodes.data[o->slots[i]];

		if (n->before == before && !strcmp(n->line, line))
			break;
	}
	return i;
}

static void grow(struct outputs *o)
{
	free(o->slots);
	o->slot_count *= 2;
	o->slots = xcalloc(o->slot_count, sizeof *o->slots);
	for (uint32_t id = 1; id < o->nodes.len; id++) {
		const struct node *n = &o->nodes.data[id];

		o->slots[find_slot(o, n->before, n->line)] = id;
	}
}

uint32_t outputs_add(struct outputs *o, uint32_t before, const char *line)
{
	uint32_t count = o->nodes.data[before].count;
	size_t slot = find_slot(o, before, line);

	if (count >= LIMIT_OUTPUT)
		return before;
	if (o->slots[slot])
		return o->slots[slot];
	o->slots[slot] = (uint32_t)o->nodes.len;
	vec_push(&o->nodes,
		 (struct node){.before = before,
			       .count = count + 1,
			       .line = arena_strdup(&o->arena, line)});
	if (o->nodes.len * 2 > o->slot_count)
		grow(o);
	return (uint32_t)o->nodes.len - 1;
}

size_t outputs_count(const struct outputs *o, uint32_t id)
{
	return o->nodes.data[id].count;
}

const char *outputs_line(const struct outputs *o, uint32_t id, size_t i)
{
	while (o->nodes.data[id].count > i + 1)
		id = o->nodes.data[id].before;
	return o->nodes.data[id].line;
}
