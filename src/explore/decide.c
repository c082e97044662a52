/*
 * decide.c - why it fails: the point of no return, and whose touch should have
 * come first.
 *
 * Along a bad schedule there is a last state from which all can still end well.
 * The step taken there decided. From that state the other threads are let go
 * on without the one that moved, breadth first through states that are not
 * doomed, until one of them makes a touch that conflicts with the one that came
 * too early: that is the pair whose order decides, since with the two the other
 * way round a good end is still within reach.
 *
 * Everything goes by rows of the real threads, with the state of the graph
 * beside; so it does not matter whether the graph knows only orbits.
 */
#include "search.h"
#include "threadviz/label.h"

enum { LOOK_FOR = 4000 /* states on the way to the other touch */ };

/* ---- following the graph ------------------------------------------------ */

/* The state among the successors of u that is that row's. */
static state_id find_next(struct search *s, state_id u, const part_id *row)
{
	struct graph *g = &s->graph;
	part_id sorted[ROW_MAX];
	uint32_t n;
	const state_id *to = graph_next(g, u, &n);

	memcpy(sorted, row, g->states.size);
	if (g->symmetric)
		space_sort(s->space, sorted);
	for (uint32_t k = 0; k < n; k++)
		if (!memcmp(graph_row(g, to[k]), sorted, g->states.size))
			return to[k];
	assert(false); /* every step has its edge */
	return STATE_NONE;
}

/* Takes the step; the state it leads to. */
static state_id take(struct search *s, state_id u, struct choice c,
		     part_id *row)
{
	space_step(s->space, c, row);
	return find_next(s, u, row);
}

/* ---- the pair of touches ------------------------------------------------ */

struct touch {
	thread_id thread;
	struct op op;
	bool drain; /* not the thread's operation, but an old store's arrival */
};

static struct touch touch_of(struct search *s, const part_id *row,
			     struct choice c)
{
	struct world *w = s->space->here;
	struct touch t = {.thread = c.thread, .drain = c.kind == CHOICE_DRAIN};

	space_world(s->space, row, w);
	world_parked(w, s->program, c.thread, &t.op);
	if (!t.drain)
		return t;
	t.op = (struct op){.kind = OP_WRITE};
	world_store(w, s->program, c.thread, 0, &t.op.object, &t.op.index,
		    &t.op.a);
	return t;
}

static bool same_place(const struct op *a, const struct op *b)
{
	return a->object == b->object && a->index == b->index &&
	       a->object != OBJECT_NONE;
}

static bool conflict(const struct touch *a, const struct touch *b)
{
	unsigned changes = OP_W | OP_A | OP_L;

	if (a->op.kind == OP_NONE || b->op.kind == OP_NONE)
		return false;
	return same_place(&a->op, &b->op) &&
	       (op_info[a->op.kind].flags | op_info[b->op.kind].flags) &
		       changes;
}

/* The breadth-first look: rows of real threads, the graph's states beside. */
struct look {
	struct search *search;
	struct table rows;
	VEC(state_id) states;
	struct touch early, late;
	bool found;
};

static void look_further(struct look *l, uint32_t from)
{
	struct search *s = l->search;
	struct choice *list = s->choices;
	part_id here[ROW_MAX], row[ROW_MAX];
	size_t n;

	memcpy(here, table_at(&l->rows, from), l->rows.size);
	n = space_choices(s->space, here, list);
	for (size_t i = 0; i < n && !l->found; i++) {
		state_id to;

		if (list[i].thread == l->early.thread)
			continue;
		memcpy(row, here, l->rows.size);
		to = take(s, l->states.data[from], list[i], row);
		if (s->flow.doomed[to])
			continue;
		l->late = touch_of(s, here, list[i]);
		l->found = conflict(&l->early, &l->late);
		if (table_add(&l->rows, row, row_hash(s->space, row)) ==
		    l->states.len)
			vec_push(&l->states, to);
	}
}

/* The nearest touch that should have come before the early one. */
static bool find_late(struct search *s, state_id u, const part_id *row,
		      const struct touch *early, struct touch *late)
{
	struct look l = {.search = s, .early = *early};

	table_init(&l.rows, s->graph.states.size);
	table_add(&l.rows, row, row_hash(s->space, row));
	vec_push(&l.states, u);
	for (uint32_t i = 0; i < l.states.len && i < LOOK_FOR && !l.found; i++)
		look_further(&l, i);
	*late = l.late;
	table_fini(&l.rows);
	vec_free(&l.states);
	return l.found;
}

/* Any other step that would not have doomed it. */
static bool find_other(struct search *s, state_id u, const part_id *here,
		       struct choice taken, struct choice *other)
{
	struct choice *list = s->choices;
	size_t n = space_choices(s->space, here, list);

	for (size_t i = 0; i < n; i++) {
		part_id row[ROW_MAX];

		memcpy(row, here, s->graph.states.size);
		if (choice_equal(list[i], taken) ||
		    s->flow.doomed[take(s, u, list[i], row)])
			continue;
		*other = list[i];
		return true;
	}
	return false;
}

/* ---- in words ----------------------------------------------------------- */

/* "P1 (lock fork[1])"; "A (write x reaching memory)" */
static void say_touch(const struct program *p, const struct touch *t,
		      struct str *out)
{
	str_addf(out, "%s (", program_thread_name(p, t->thread));
	op_format(p, &t->op, LABEL_LONG, out);
	str_addf(out, "%s)", t->drain ? " reaching memory" : "");
}

enum { WIDTH = 72 };

/* Breaks lines at the last space that keeps them within the width. */
static void wrap(struct str *text)
{
	size_t begin = 0, space = 0;

	for (size_t i = 0; i < text->len; i++) {
		if (text->data[i] == ' ')
			space = i;
		if (i - begin < WIDTH || space <= begin)
			continue;
		text->data[space] = '\n';
		begin = space + 1;
	}
}

static void say_pair(struct search *s, const struct touch *early,
		     const struct touch *late, struct search_finding *f)
{
	struct str text = {0};

	str_addf(&text, "step %u decides: ", f->decided_at);
	say_touch(s->program, early, &text);
	str_add(&text, " comes before ");
	say_touch(s->program, late, &text);
	wrap(&text);
	f->decided = str_take(&text);
}

static void say_other(struct search *s, const struct touch *early,
		      struct choice other, struct search_finding *f)
{
	struct str text = {0};

	str_addf(&text, "step %u decides: ", f->decided_at);
	say_touch(s->program, early, &text);
	str_add(&text, "; with ");
	choice_format(s->program, other, &text);
	str_add(&text, " instead all can still end well");
	wrap(&text);
	f->decided = str_take(&text);
}

/* At the last state that was not doomed. */
static void decide(struct search *s, struct search_finding *f, state_id u,
		   const part_id *row)
{
	struct choice taken = f->schedule.data[f->no_return - 1], other;
	struct touch early = touch_of(s, row, taken), late;

	f->decided_at = f->no_return;
	if (find_late(s, u, row, &early, &late))
		say_pair(s, &early, &late, f);
	else if (find_other(s, u, row, taken, &other))
		say_other(s, &early, other, f);
	else
		f->decided_at = 0;
}

void finding_explain(struct search *s, struct search_finding *f)
{
	part_id row[ROW_MAX], before[ROW_MAX];
	state_id u = 0, last = 0;

	if (!s->flow.doomed)
		return;
	space_row(s->space, s->from, row);
	while (!s->flow.doomed[u]) {
		last = u;
		memcpy(before, row, s->graph.states.size);
		u = take(s, u, f->schedule.data[f->no_return++], row);
	}
	if (f->no_return)
		decide(s, f, last, before);
}
