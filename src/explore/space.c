/*
 * space.c - worlds in parts, each kept once, and the steps between them.
 *
 * A state is a row of numbers: the shared part and one slice per thread. Both
 * come from tables that compare bytes, so equal rows are equal worlds, and a
 * row is far smaller than its world (Holzmann's COLLAPSE: State compression in
 * SPIN, 1997). What is asked of a part again and again is worked out when it
 * is first met.
 *
 * A local step (see world_is_local) turns a pair of shared part and slice into
 * another pair. These are kept in a cache of fixed size, where a newcomer
 * replaces what stood in its place; so the model is asked once per pair
 * instead of once per state.
 */
#include <stdlib.h>

#include "inside.h"

enum { MOVES = 1 << 16 /* entries of the cache */ };

/* ---- setting up --------------------------------------------------------- */

static void find_classes(struct space *s)
{
	const struct program *p = s->program;

	for (size_t t = 0; t < p->threads.count; t++) {
		const struct thread_group *g =
			&p->groups.data[p->threads.data[t].group];
		size_t size = world_slice_size(p, (thread_id)t);

		s->class_of[t] = g->symmetric ? g->first : (thread_id)t;
		s->mover_of[t] = 1 + (s->names ? (thread_id)t : s->class_of[t]);
		if (size > s->slice_size)
			s->slice_size = size;
	}
}

static void find_guarded(struct space *s)
{
	const struct program *p = s->program;

	for (size_t i = 0; i < p->checks.count; i++)
		if (p->checks.data[i].kind == CHECK_NEVER_TWO)
			s->guarded |= 1u << p->checks.data[i].region;
}

/* Any odd numbers without a pattern. */
static void choose_keys(struct space *s)
{
	uint64_t key = UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = 0; i < ROW_MAX; i++) {
		key = hash_bytes(&key, sizeof key);
		s->keys[i] = key | 1;
	}
}

struct space *space_new(const struct program *p)
{
	struct space *s = xcalloc(1, sizeof *s);

	s->program = p;
	s->threads = p->threads.count;
	s->names = program_names_threads(p);
	find_classes(s);
	find_guarded(s);
	choose_keys(s);
	table_init(&s->shared, world_shared_size(p));
	table_init(&s->slices, 1 + s->slice_size);
	s->record = xmalloc(1 + s->slice_size);
	s->moves = xcalloc(MOVES, sizeof *s->moves);
	s->here = world_new(p);
	s->there = world_new(p);
	s->probe = world_new(p);
	return s;
}

void space_free(struct space *s)
{
	if (!s)
		return;
	table_fini(&s->shared);
	table_fini(&s->slices);
	vec_free(&s->shared_info);
	vec_free(&s->slice_info);
	free(s->record);
	free(s->moves);
	free(s->here);
	free(s->there);
	free(s->probe);
	free(s);
}

size_t space_memory(const struct space *s)
{
	return table_memory(&s->shared) + table_memory(&s->slices) +
	       s->shared_info.cap * sizeof *s->shared_info.data +
	       s->slice_info.cap * sizeof *s->slice_info.data +
	       MOVES * sizeof *s->moves;
}

/* ---- what is known of a part -------------------------------------------- */

static uint8_t *bytes_of(struct world *w, size_t offset)
{
	return (uint8_t *)w + offset;
}

static void put_slice(struct space *s, part_id id, thread_id t,
		      struct world *out)
{
	memcpy(bytes_of(out, s->program->threads.data[t].offset),
	       (const uint8_t *)table_at(&s->slices, id) + 1,
	       world_slice_size(s->program, t));
}

static void put_shared(const struct space *s, part_id id, struct world *out)
{
	memcpy(out, table_at(&s->shared, id), s->shared.size);
}

static uint8_t judge_shared(struct space *s, part_id id)
{
	const struct program *p = s->program;
	uint8_t info = 0;

	put_shared(s, id, s->probe);
	if (s->probe->verdict)
		return SHARED_ENDED;
	for (size_t i = 0; i < p->checks.count; i++)
		if (p->checks.data[i].kind == CHECK_ALWAYS &&
		    !world_check(s->probe, p, &p->checks.data[i]))
			info |= SHARED_WRONG;
	return info;
}

/* Operations of an atomic: block are not told apart by when they come. */
static bool has_progress(const struct program *p, const struct op *op)
{
	code_addr pc = op->pc;

	if (op->kind != OP_ATOMIC)
		return op->kind != OP_NONE && op_info[op->kind].flags & OP_P;
	while (p->code.data[++pc].code != INSN_ATOMIC_END)
		if (p->code.data[pc].code < OP_COUNT &&
		    op_info[p->code.data[pc].code].flags & OP_P)
			return true;
	return false;
}

static void note_touch(const struct program *p, const struct op *op,
		       struct slice_info *info)
{
	const struct object *o;

	if (op->kind == OP_NONE || op->object == OBJECT_NONE)
		return;
	o = &p->objects.data[op->object];
	if (o->kind != OBJECT_VAR || op->index < 0 || op->index >= o->count)
		return;
	info->element = o->offset + o->stride * (uint32_t)op->index;
	info->object = op->object;
	info->line = p->code.data[op->pc].line;
	if (op_info[op->kind].flags & OP_W)
		info->flags |= SLICE_WRITES;
	if (o->atomic || (op->kind != OP_READ && op->kind != OP_WRITE))
		info->flags |= SLICE_ATOMIC;
}

static struct slice_info look_at_slice(struct space *s, part_id id, thread_id t)
{
	const struct program *p = s->program;
	struct slice_info info = {0};
	struct vm vm;
	struct op op;

	put_slice(s, id, t, s->probe);
	world_vm(s->probe, p, t, &vm);
	vm_next(&vm, p, &op);
	note_touch(p, &op, &info);
	if (vm.state == VM_PARKED)
		info.regions = vm.regions;
	if (!world_stores(s->probe, p, t))
		info.flags |= SLICE_DRAINED;
	if (vm.state == VM_ENDED)
		info.flags |= SLICE_ENDED;
	if (has_progress(p, &op))
		info.flags |= SLICE_PROGRESS;
	if (!world_counts(s->probe, p, t) ||
	    (info.flags & SLICE_ENDED && info.flags & SLICE_DRAINED))
		info.flags |= SLICE_DONE;
	return info;
}

/* ---- worlds to rows and back -------------------------------------------- */

static part_id add_shared(struct space *s, const struct world *w)
{
	part_id id = table_add(&s->shared, w, hash_bytes(w, s->shared.size));

	if (id == s->shared_info.len)
		vec_push(&s->shared_info, judge_shared(s, id));
	return id;
}

static part_id add_slice(struct space *s, const struct world *w, thread_id t)
{
	size_t size = world_slice_size(s->program, t);
	part_id id;

	s->record[0] = s->class_of[t];
	memcpy(s->record + 1,
	       (const uint8_t *)w + s->program->threads.data[t].offset, size);
	memset(s->record + 1 + size, 0, s->slice_size - size);
	id = table_add(&s->slices, s->record,
		       hash_bytes(s->record, s->slices.size));
	if (id == s->slice_info.len)
		vec_push(&s->slice_info, look_at_slice(s, id, t));
	return id;
}

void space_row(struct space *s, const struct world *w, part_id *row)
{
	row[0] = add_shared(s, w);
	for (size_t t = 0; t < s->threads; t++)
		row[1 + t] = add_slice(s, w, (thread_id)t);
}

void space_world(struct space *s, const part_id *row, struct world *out)
{
	put_shared(s, row[0], out);
	for (size_t t = 0; t < s->threads; t++)
		put_slice(s, row[1 + t], (thread_id)t, out);
}

/* As space_row, for a world that came from that of the row: few differ. */
static void change_row(struct space *s, const struct world *before,
		       const struct world *w, part_id *row)
{
	const struct program *p = s->program;

	if (memcmp(before, w, s->shared.size) != 0)
		row[0] = add_shared(s, w);
	for (size_t t = 0; t < s->threads; t++) {
		size_t at = p->threads.data[t].offset;

		if (memcmp((const uint8_t *)before + at,
			   (const uint8_t *)w + at,
			   world_slice_size(p, (thread_id)t)) != 0)
			row[1 + t] = add_slice(s, w, (thread_id)t);
	}
}

const struct world *space_shared(struct space *s, part_id id)
{
	put_shared(s, id, s->probe);
	return s->probe;
}

part_id space_rename(struct space *s, part_id id, const thread_id *to)
{
	put_shared(s, id, s->probe);
	world_rename_threads(s->probe, s->program, to);
	return add_shared(s, s->probe);
}

/* ---- steps -------------------------------------------------------------- */

/* Whether the checks might have something to say after thread t has moved. */
static bool must_judge(const struct space *s, const part_id *row, thread_id t)
{
	const struct slice_info *mine = &s->slice_info.data[row[1 + t]];
	uint32_t guarded = mine->regions & s->guarded;
	bool done = mine->flags & SLICE_DONE;

	if (s->shared_info.data[row[0]] & SHARED_WRONG)
		return true;
	if (!guarded && !done)
		return false;
	for (size_t i = 0; i < s->threads; i++) {
		const struct slice_info *other =
			&s->slice_info.data[row[1 + i]];

		done &= (other->flags & SLICE_DONE) != 0;
		if (i != t && other->regions & guarded)
			return true;
	}
	return done;
}

static void judge(struct space *s, part_id *row)
{
	space_world(s, row, s->there);
	world_judge(s->there, s->program);
	if (s->there->verdict)
		row[0] = add_shared(s, s->there);
}

void space_take(struct space *s, const struct move *m, unsigned i, thread_id t,
		part_id *row)
{
	row[0] = m->to[i].shared;
	row[1 + t] = m->to[i].slice;
	if (must_judge(s, row, t))
		judge(s, row);
}

void space_step(struct space *s, struct choice c, part_id *row)
{
	space_world(s, row, s->here);
	memcpy(s->there, s->here, world_size(s->program));
	world_move(s->there, s->program, c);
	world_judge(s->there, s->program);
	change_row(s, s->here, s->there, row);
}

/* The bytes of the other threads' slices must be as they were. */
static bool changed_others(const struct space *s, thread_id t)
{
	const uint8_t *a = (const uint8_t *)s->here;
	const uint8_t *b = (const uint8_t *)s->there;
	size_t begin = s->program->threads.data[t].offset;
	size_t end = begin + world_slice_size(s->program, t);

	return memcmp(a + s->shared.size, b + s->shared.size,
		      begin - s->shared.size) != 0 ||
	       memcmp(a + end, b + end, world_size(s->program) - end) != 0;
}

/* Works the i-th choice out for the cache; false if it ends the run. */
static bool fill_move(struct space *s, struct move *m, unsigned i, thread_id t,
		      struct choice c)
{
	memcpy(s->there, s->here, world_size(s->program));
	world_move(s->there, s->program, c);
	assert(!changed_others(s, t));
	if (s->there->verdict)
		return false;
	m->kinds[i] = c.kind;
	m->pick = c.pick;
	m->to[i].shared = add_shared(s, s->there);
	m->to[i].slice = add_slice(s, s->there, t);
	return true;
}

static void fill(struct space *s, struct move *m, const part_id *row,
		 thread_id t)
{
	struct choice *list = s->choices;
	size_t n;

	*m = (struct move){
		.shared = row[0],
		.slice = row[1 + t],
		.mover = s->mover_of[t],
		.count = MOVES_MANY,
	};
	space_world(s, row, s->here);
	if (!world_is_local(s->here, s->program, t))
		return;
	n = world_choices_of(s->here, s->program, t, list);
	if (n > MOVE_RESULTS)
		return;
	for (unsigned i = 0; i < n; i++)
		if (!fill_move(s, m, i, t, list[i]))
			return;
	m->count = (uint8_t)n;
}

const struct move *space_moves(struct space *s, const part_id *row, thread_id t)
{
	uint8_t mover = s->mover_of[t];
	uint32_t place = row[0] * 0x9e3779b1u + row[1 + t] * 0x85ebca77u +
			 mover * 0xc2b2ae3du;
	struct move *m = &s->moves[(place ^ place >> 15) & (MOVES - 1)];

	if (m->shared != row[0] || m->slice != row[1 + t] || m->mover != mover)
		fill(s, m, row, t);
	return m;
}

static size_t choices_of(struct space *s, const part_id *row, thread_id t,
			 struct choice *out)
{
	const struct move *m = space_moves(s, row, t);

	if (m->count == MOVES_MANY) {
		space_world(s, row, s->here);
		return world_choices_of(s->here, s->program, t, out);
	}
	for (unsigned i = 0; i < m->count; i++)
		out[i] = (struct choice){t, m->kinds[i],
					 m->kinds[i] == CHOICE_PICK ? m->pick
								    : 0};
	return m->count;
}

size_t space_choices(struct space *s, const part_id *row, struct choice *out)
{
	size_t n = 0;

	if (s->shared_info.data[row[0]] & SHARED_ENDED)
		return 0;
	for (size_t t = 0; t < s->threads; t++)
		n += choices_of(s, row, (thread_id)t, out + n);
	return n;
}
