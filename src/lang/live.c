/*
 * live.c - from virtual registers to real ones.
 *
 * What a thread keeps is part of every state of the search, so registers are
 * worth some care. Liveness is worked out backwards to a fixed point; a private
 * instruction whose result nobody needs is taken as absent already while that
 * is done, which finds useless loops too. What is live then falls into webs: a
 * virtual register's independent lifetimes, joined along the edges on which it
 * is live. Each web gets one real register, the lowest that is free wherever it
 * lives; webs that live at some stop come first, so that those are registers
 * 0 to regs - 1, and what only rides along lies above or in the gaps.
 *
 * The points of the work are pairs (instruction, register live before it),
 * numbered through: base[i] plus how many live registers are below.
 */
#include <stdlib.h>

#include "gen.h"

struct flow {
	struct gen *gen;
	size_t n, words;   /* instructions; 64-bit words of a set */
	uint64_t *live;    /* n sets: live before it */
	uint64_t *scratch; /* one set */
	bool *reached, *kept;
	uint32_t *base;  /* n + 1: number of its first point */
	uint32_t *web;   /* a point's parent; of a root: itself */
	uint32_t *at;    /* a point's instruction */
	uint8_t *colour; /* of a root */
	uint64_t *taken; /* an instruction: real registers in use */
	uint32_t *place; /* an instruction's place among those kept */
};

static const struct vinsn *insn_at(const struct flow *f, size_t i)
{
	return &f->gen->code.data[i];
}

static bool ends(const struct vinsn *v)
{
	return v->code == INSN_END || v->code == INSN_RETURN;
}

static bool jumps(const struct vinsn *v)
{
	return v->code == INSN_JUMP || v->code == INSN_JZ ||
	       v->code == INSN_JNZ;
}

static size_t target(const struct flow *f, const struct vinsn *v)
{
	return f->gen->labels.data[v->imm];
}

/* Where it goes on: up to two places. */
static size_t successors(const struct flow *f, size_t i, size_t out[2])
{
	const struct vinsn *v = insn_at(f, i);
	size_t n = 0;

	if (!ends(v) && v->code != INSN_JUMP)
		out[n++] = i + 1;
	if (jumps(v))
		out[n++] = target(f, v);
	return n;
}

/* Gives a value and does nothing else, not even crash. */
static bool is_pure(const struct vinsn *v)
{
	switch (v->code) {
	case INSN_DIV:
	case INSN_MOD:
	case INSN_JUMP:
	case INSN_JZ:
	case INSN_JNZ:
	case INSN_ENTER:
	case INSN_EXIT:
	case INSN_ASSERT:
	case INSN_ATOMIC_END:
	case INSN_END:
	case INSN_RETURN:
		return false;
	default:
		return v->code >= OP_COUNT;
	}
}

static bool is_stop(const struct vinsn *v)
{
	return v->code < OP_COUNT && !v->within;
}

/* ---- liveness ----------------------------------------------------------- */

static uint64_t *live_before(const struct flow *f, size_t i)
{
	return f->live + i * f->words;
}

static bool has(const uint64_t *set, vreg r)
{
	return set[r / 64] >> r % 64 & 1;
}

static void put_reg(uint64_t *set, vreg r)
{
	if (r != NO_VREG)
		set[r / 64] |= UINT64_C(1) << r % 64;
}

static void find_reached(struct flow *f)
{
	VEC(size_t) todo = {0};

	vec_push(&todo, 0);
	while (todo.len) {
		size_t i = vec_pop(&todo), next[2], n;

		if (f->reached[i])
			continue;
		f->reached[i] = true;
		n = successors(f, i, next);
		for (size_t k = 0; k < n; k++)
			vec_push(&todo, next[k]);
	}
	vec_free(&todo);
}

static void add_uses(const struct flow *f, const struct vinsn *v, uint64_t *set)
{
	put_reg(set, v->index);
	put_reg(set, v->index2);
	put_reg(set, v->a);
	put_reg(set, v->b);
	for (uint32_t k = 0; k < v->use_count; k++)
		put_reg(set, f->gen->uses.data[v->first_use + k]);
}

static bool is_needed(const struct vinsn *v, const uint64_t *after)
{
	return !is_pure(v) || has(after, v->dst);
}

/* The set before instruction i from those after it; whether it grew. */
static bool flow_back(struct flow *f, size_t i)
{
	const struct vinsn *v = insn_at(f, i);
	uint64_t *set = f->scratch, *before = live_before(f, i);
	size_t next[2], n = successors(f, i, next);
	bool grew = false;

	memset(set, 0, f->words * sizeof *set);
	for (size_t k = 0; k < n; k++)
		for (size_t w = 0; w < f->words; w++)
			set[w] |= live_before(f, next[k])[w];
	if (is_needed(v, set)) {
		if (v->dst != NO_VREG)
			set[v->dst / 64] &= ~(UINT64_C(1) << v->dst % 64);
		add_uses(f, v, set);
	}
	for (size_t w = 0; w < f->words; w++) {
		grew |= set[w] != before[w];
		before[w] = set[w];
	}
	return grew;
}

static void find_live(struct flow *f)
{
	bool grew;

	do {
		grew = false;
		for (size_t i = f->n; i-- > 0;)
			if (f->reached[i])
				grew |= flow_back(f, i);
	} while (grew);
}

/* Whether its result is needed right after it. */
static bool result_lives(const struct flow *f, size_t i)
{
	const struct vinsn *v = insn_at(f, i);

	return v->dst != NO_VREG && i + 1 < f->n &&
	       has(live_before(f, i + 1), v->dst);
}

static void find_kept(struct flow *f)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct vinsn *v = insn_at(f, i);

		f->kept[i] =
			f->reached[i] && (!is_pure(v) || result_lives(f, i));
	}
}

/* ---- webs --------------------------------------------------------------- */

static uint32_t count_live(const struct flow *f, size_t i)
{
	uint32_t n = 0;

	for (size_t w = 0; w < f->words; w++)
		n += (uint32_t)__builtin_popcountll(live_before(f, i)[w]);
	return n;
}

/* Too many at one place, or no real register left: says so there. */
static bool too_many(struct flow *f, size_t i)
{
	f->gen->span.line = insn_at(f, i)->line;
	f->gen->span.column = insn_at(f, i)->column;
	f->gen->span.length = 0;
	gen_fail(f->gen, "this thread keeps more than %d values at a time here",
		 LIMIT_REGS);
	return false;
}

static bool number_points(struct flow *f)
{
	uint32_t next = 0;

	for (size_t i = 0; i < f->n; i++) {
		uint32_t count = f->reached[i] ? count_live(f, i) : 0;

		f->base[i] = next;
		if (count > LIMIT_REGS)
			return too_many(f, i);
		next += count;
	}
	f->base[f->n] = next;
	return true;
}

/* The number of the point (i, r); r is live before i. */
static uint32_t point(const struct flow *f, size_t i, vreg r)
{
	const uint64_t *set = live_before(f, i);
	uint32_t n = f->base[i];

	for (size_t w = 0; w < r / 64u; w++)
		n += (uint32_t)__builtin_popcountll(set[w]);
	return n + (uint32_t)__builtin_popcountll(
			   set[r / 64] & ((UINT64_C(1) << r % 64) - 1));
}

static uint32_t root(struct flow *f, uint32_t p)
{
	while (f->web[p] != p) {
		f->web[p] = f->web[f->web[p]];
		p = f->web[p];
	}
	return p;
}

static void join(struct flow *f, uint32_t p, uint32_t q)
{
	p = root(f, p);
	q = root(f, q);
	if (p < q)
		f->web[q] = p;
	else
		f->web[p] = q;
}

/* Joins what flows from i into j. */
static void join_edge(struct flow *f, size_t i, size_t j)
{
	vreg dst = insn_at(f, i)->dst;
	uint32_t p = f->base[j];

	for (size_t w = 0; w < f->words; w++) {
		uint64_t set = live_before(f, j)[w];

		for (; set; set &= set - 1, p++) {
			vreg r = (vreg)(64 * w + (size_t)__builtin_ctzll(set));

			if (r != dst)
				join(f, point(f, i, r), p);
		}
	}
}

static void find_webs(struct flow *f)
{
	for (uint32_t p = 0; p < f->base[f->n]; p++)
		f->web[p] = p;
	for (size_t i = 0; i < f->n; i++) {
		size_t next[2], n = f->reached[i] ? successors(f, i, next) : 0;

		for (uint32_t p = f->base[i]; p < f->base[i + 1]; p++)
			f->at[p] = (uint32_t)i;
		for (size_t k = 0; k < n; k++)
			join_edge(f, i, next[k]);
	}
}

/* ---- real registers ----------------------------------------------------- */

struct members {         /* the points of every web, web after web */
	uint32_t *first; /* a root: its first in list; one more at the end */
	uint32_t *list;
};

static void sort_members(struct flow *f, struct members *m)
{
	uint32_t n = f->base[f->n], sum = 0;
	uint32_t *next = xcalloc(n + 1, sizeof *next);

	m->first = xcalloc(n + 1, sizeof *m->first);
	m->list = xcalloc(n + 1, sizeof *m->list);
	for (uint32_t p = 0; p < n; p++)
		next[root(f, p)]++;
	for (uint32_t p = 0; p <= n; p++) {
		m->first[p] = sum;
		sum += next[p];
		next[p] = m->first[p];
	}
	for (uint32_t p = 0; p < n; p++)
		m->list[next[root(f, p)]++] = p;
	free(next);
}

static bool lives_at_stop(const struct flow *f, const struct members *m,
			  uint32_t web)
{
	for (uint32_t k = m->first[web]; k < m->first[web + 1]; k++)
		if (is_stop(insn_at(f, f->at[m->list[k]])))
			return true;
	return false;
}

static bool colour_web(struct flow *f, const struct members *m, uint32_t web)
{
	uint64_t taken = 0, bit;
	uint32_t from = m->first[web], to = m->first[web + 1];

	for (uint32_t k = from; k < to; k++)
		taken |= f->taken[f->at[m->list[k]]];
	if (!~taken)
		return too_many(f, f->at[m->list[from]]);
	f->colour[web] = (uint8_t)__builtin_ctzll(~taken);
	bit = UINT64_C(1) << f->colour[web];
	for (uint32_t k = from; k < to; k++)
		f->taken[f->at[m->list[k]]] |= bit;
	return true;
}

/* Webs that live at a stop, or those that do not. */
static bool colour_webs(struct flow *f, const struct members *m, bool stops,
			uint8_t *regs)
{
	for (uint32_t p = 0; p < f->base[f->n]; p++) {
		if (f->web[p] != p || lives_at_stop(f, m, p) != stops)
			continue;
		if (!colour_web(f, m, p))
			return false;
		if (stops && f->colour[p] >= *regs)
			*regs = (uint8_t)(f->colour[p] + 1);
	}
	return true;
}

static bool find_colours(struct flow *f, uint8_t *regs)
{
	struct members m;
	bool good;

	*regs = 0;
	sort_members(f, &m);
	good = colour_webs(f, &m, true, regs) &&
	       colour_webs(f, &m, false, regs);
	free(m.first);
	free(m.list);
	return good;
}

static uint8_t colour_before(struct flow *f, size_t i, vreg r)
{
	return r == NO_VREG ? NO_REG : f->colour[root(f, point(f, i, r))];
}

static uint8_t colour_result(struct flow *f, size_t i)
{
	if (!result_lives(f, i))
		return NO_REG;
	return colour_before(f, i + 1, insn_at(f, i)->dst);
}

/* ---- writing ------------------------------------------------------------ */

/* Moves to where it is already, and jumps to what comes next anyway. */
static void drop_idle(struct flow *f)
{
	size_t next = f->n; /* first one kept from here on */
	uint32_t *follow = xcalloc(f->n + 1, sizeof *follow);

	follow[f->n] = (uint32_t)f->n;
	for (size_t i = f->n; i-- > 0;) {
		const struct vinsn *v = insn_at(f, i);

		if (f->kept[i] && v->code == INSN_MOVE &&
		    colour_before(f, i, v->a) == colour_result(f, i))
			f->kept[i] = false;
		if (f->kept[i] && v->code == INSN_JUMP && target(f, v) > i &&
		    follow[target(f, v)] == next)
			f->kept[i] = false;
		if (f->kept[i])
			next = i;
		follow[i] = (uint32_t)next;
	}
	free(follow);
}

static uint32_t number_places(struct flow *f, size_t base)
{
	uint32_t n = (uint32_t)base;

	for (size_t i = 0; i < f->n; i++) {
		f->place[i] = n;
		n += f->kept[i];
	}
	return n;
}

static uint64_t live_mask(struct flow *f, size_t i)
{
	uint64_t mask = 0;

	for (uint32_t p = f->base[i]; p < f->base[i + 1]; p++)
		mask |= UINT64_C(1) << f->colour[root(f, p)];
	return mask;
}

/* The registers of a print's values, a select's indices. */
static void write_uses(struct flow *f, size_t i)
{
	const struct vinsn *v = insn_at(f, i);
	struct output *out = f->gen->out;
	const vreg *uses;
	uint32_t k = 0;

	if (!v->use_count)
		return;
	uses = f->gen->uses.data + v->first_use;
	if (v->code == OP_SELECT)
		for (; k < v->use_count; k++)
			out->refs.data[v->imm][k].index =
				colour_before(f, i, uses[k]);
	if (v->code != OP_PRINT)
		return;
	for (struct print_part *part = out->parts.data[v->imm];
	     k < v->use_count; part++)
		if (!part->text)
			part->reg = colour_before(f, i, uses[k++]);
}

static void write_insn(struct flow *f, size_t i)
{
	const struct vinsn *v = insn_at(f, i);
	struct insn x = {.code = v->code,
			 .object = v->object,
			 .object2 = v->object2,
			 .line = v->line,
			 .column = v->column,
			 .imm = v->imm};

	if (jumps(v))
		x.imm = (int32_t)f->place[target(f, v)];
	x.dst = colour_result(f, i);
	x.index = colour_before(f, i, v->index);
	x.index2 = colour_before(f, i, v->index2);
	x.a = colour_before(f, i, v->a);
	x.b = colour_before(f, i, v->b);
	if (v->code < OP_COUNT)
		x.live = live_mask(f, i);
	write_uses(f, i);
	vec_push(&f->gen->out->code, x);
}

static bool write_all(struct flow *f)
{
	drop_idle(f);
	if (number_places(f, f->gen->out->code.len) > LIMIT_CODE) {
		gen_fail(f->gen,
			 "this scenario is too large: its code has "
			 "more than %d instructions",
			 LIMIT_CODE);
		return false;
	}
	for (size_t i = 0; i < f->n; i++)
		if (f->kept[i])
			write_insn(f, i);
	return true;
}

/* ---- all of it ---------------------------------------------------------- */

static void flow_init(struct flow *f, struct gen *g)
{
	memset(f, 0, sizeof *f);
	f->gen = g;
	f->n = g->code.len;
	f->words = (g->vregs + 63u) / 64 + (g->vregs == 0);
	f->live = xcalloc(f->n * f->words, sizeof *f->live);
	f->scratch = xcalloc(f->words, sizeof *f->scratch);
	f->reached = xcalloc(f->n, sizeof *f->reached);
	f->kept = xcalloc(f->n, sizeof *f->kept);
	f->base = xcalloc(f->n + 1, sizeof *f->base);
	f->taken = xcalloc(f->n, sizeof *f->taken);
	f->place = xcalloc(f->n, sizeof *f->place);
}

static void flow_fini(struct flow *f)
{
	free(f->live);
	free(f->scratch);
	free(f->reached);
	free(f->kept);
	free(f->base);
	free(f->taken);
	free(f->place);
	free(f->web);
	free(f->at);
	free(f->colour);
}

static bool assign_registers(struct flow *f, uint8_t *regs)
{
	size_t points;

	find_reached(f);
	find_live(f);
	find_kept(f);
	if (!number_points(f))
		return false;
	points = f->base[f->n] + 1u;
	f->web = xcalloc(points, sizeof *f->web);
	f->at = xcalloc(points, sizeof *f->at);
	f->colour = xcalloc(points, sizeof *f->colour);
	find_webs(f);
	return find_colours(f, regs);
}

bool gen_finish(struct gen *g, code_addr *entry, uint8_t *regs)
{
	struct flow f;
	bool good;

	if (g->failed)
		return false;
	*entry = (code_addr)g->out->code.len;
	flow_init(&f, g);
	good = assign_registers(&f, regs) && write_all(&f);
	flow_fini(&f);
	return good;
}
