/*
 * order.c - the order of locks: a deadlock that this run escaped (Goodlock:
 * Havelund, SPIN 2000; with gate locks: Bensalem and Havelund 2005).
 *
 * Whenever a thread takes a lock while it holds another, that is an edge from
 * the one held to the one taken. A cycle of edges by different threads is a
 * deadlock waiting for its schedule, unless something keeps the threads out of
 * it: a gate held at every edge, of which there are not enough for all (a
 * mutex is enough for one, a semaphore for as many as its permits), or an
 * order that no schedule can reverse, such as a join between the two.
 *
 * A lock that is only tried cannot close a cycle: who fails goes on.
 */
#include "inside.h"

enum {
	EDGES_MAX = 512,
	WALK_MAX = 20000, /* how far to look for cycles, in edges */
};

struct edge {
	uint32_t from, to;     /* places */
	uint32_t held, at;     /* the events that took them */
	thread_id thread;
	enum hold_mode have, want;
	uint32_t step;         /* own step number when it took `to` */
	uint32_t *seen;        /* its firm clock at `at` */
	struct hold *gates;    /* all else it held */
	size_t gate_count;
};

struct order {
	struct view *v;
	struct scene scene;
	struct clocks firm;
	struct arena memory;
	VEC(struct edge) edges;
	uint32_t *steps; /* per event: own step number */
	const struct edge *path[LIMIT_THREADS];
	size_t walked;
	VEC(uint64_t) told; /* sets of threads already reported */
	struct finding_list *out;
};

/* ---- edges ------------------------------------------------------------- */

/* The lock that this step blocks for and takes; NOWHERE if it does not. */
static uint32_t taken_at(const struct view *v, size_t i, enum hold_mode *mode)
{
	const struct event *e = &v->e[i];

	*mode = HOLD_ALONE;
	if (!is_own(e) || !succeeded(e))
		return NOWHERE;
	switch (e->kind) {
	case OP_RDLOCK:
		*mode = HOLD_SHARED;
		/* fall through */
	case OP_WRLOCK:
	case OP_LOCK:
		return view_place_at(v, i);
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		return view_mutex_at(v, i);
	default:
		return NOWHERE;
	}
}

static bool same_edge(const struct edge *a, const struct edge *b)
{
	if (a->from != b->from || a->to != b->to || a->thread != b->thread ||
	    a->have != b->have || a->want != b->want ||
	    a->gate_count != b->gate_count)
		return false;
	for (size_t k = 0; k < a->gate_count; k++)
		if (a->gates[k].place != b->gates[k].place)
			return false;
	return true;
}

static void copy_gates(struct order *o, const struct actor *a, size_t held,
		       struct edge *e)
{
	e->gates = arena_array(&o->memory, a->holds.len + 1,
			       sizeof *e->gates);
	for (size_t k = 0; k < a->holds.len; k++)
		if (k != held)
			e->gates[e->gate_count++] = a->holds.data[k];
}

static bool add_edge(struct order *o, const struct edge *new)
{
	struct edge e = *new;

	for (size_t k = 0; k < o->edges.len; k++)
		if (same_edge(&o->edges.data[k], new))
			return false;
	if (o->edges.len == EDGES_MAX)
		return false;
	e.seen = arena_copy(&o->memory, clocks_of(&o->firm, e.thread),
			    o->v->threads * sizeof *e.seen);
	e.step = o->steps[e.at];
	vec_push(&o->edges, e);
	return true;
}

/* ---- cycles ------------------------------------------------------------ */

/* Whether in every schedule a has its second lock before b asks for one. */
static bool firmly_before(const struct edge *a, const struct edge *b)
{
	return b->seen[a->thread] >= a->step;
}

static bool could_meet(const struct edge *a, const struct edge *b)
{
	return a->thread != b->thread && !firmly_before(a, b) &&
	       !firmly_before(b, a);
}

/* How many may hold it at once. */
static int32_t capacity(const struct order *o, const struct hold *gate)
{
	const struct object *obj;
	object_id id;
	int32_t index;

	if (gate->mode == HOLD_SHARED)
		return INT32_MAX;
	if (gate->mode == HOLD_ALONE)
		return 1;
	id = view_object(o->v, gate->place, &index);
	obj = &o->v->p->objects.data[id];
	return obj->init ? obj->init[index] : 0;
}

static bool holds_gate(const struct edge *e, uint32_t place)
{
	for (size_t k = 0; k < e->gate_count; k++)
		if (e->gates[k].place == place)
			return true;
	return false;
}

/* A gate that fewer can pass than the cycle needs. */
static bool is_gated(const struct order *o, size_t len)
{
	for (size_t i = 0; i < len; i++)
		for (size_t k = 0; k < o->path[i]->gate_count; k++) {
			const struct hold *gate = &o->path[i]->gates[k];
			int32_t inside = 0;

			for (size_t j = 0; j < len; j++)
				inside += holds_gate(o->path[j], gate->place);
			if (inside > capacity(o, gate))
				return true;
		}
	return false;
}

/* The k-th of a cycle of len, in few words where they are many. */
static const char *say_edge(struct order *o, size_t k, size_t len)
{
	struct view *v = o->v;
	const struct edge *e = o->path[k];

	if (len > 2)
		return say(v, "%s%s %s, %s", say_thread(v, e->thread),
			   k ? "" : " takes", say_place(v, e->from),
			   say_place(v, e->to));
	return say(v, "%s takes %s, then %s (step %u)",
		   say_thread(v, e->thread), say_place(v, e->from),
		   say_place(v, e->to), v->e[e->at].step);
}

static void say_fix(struct order *o, size_t len, struct finding *f)
{
	struct view *v = o->v;
	uint32_t low = NOWHERE, high = 0;

	for (size_t k = 0; k < len; k++) {
		low = o->path[k]->from < low ? o->path[k]->from : low;
		high = o->path[k]->from > high ? o->path[k]->from : high;
	}
	if (len == 2)
		finding_fix(f, "take both in one order everywhere: %s before "
			       "%s (%s)", say_place(v, low),
			    say_place(v, high),
			    say_lines(v, view_line(v, o->path[0]->at),
				      view_line(v, o->path[1]->at)));
	else
		finding_fix(f, "take them in one order everywhere: %s before "
			       "all others", say_place(v, low));
}

/* Begins the cycle with its lowest thread. */
static void turn(struct order *o, size_t len)
{
	const struct edge *old[LIMIT_THREADS];
	size_t low = 0;

	memcpy(old, o->path, len * sizeof *old);
	for (size_t k = 1; k < len; k++)
		if (old[k]->thread < old[low]->thread)
			low = k;
	for (size_t k = 0; k < len; k++)
		o->path[k] = old[(low + k) % len];
}

static void report_cycle(struct order *o, size_t len, size_t at,
			 uint64_t threads)
{
	const struct edge *path[LIMIT_THREADS];
	struct finding *f;
	struct str what = {0};

	for (size_t k = 0; k < o->told.len; k++)
		if (o->told.data[k] == threads)
			return;
	vec_push(&o->told, threads);
	memcpy(path, o->path, sizeof path);
	turn(o, len);
	f = finding_add(o->out, o->v, FINDING_LOCK_ORDER, at, NOWHERE);
	f->threads = threads;
	for (size_t k = 0; k < len; k++) {
		if (k < 2)
			finding_event(f, k, o->path[k]->at);
		str_addf(&what, "%s%s", k ? "; " : "",
			 say_edge(o, k, len));
	}
	finding_what(f, "%s.", str_cstr(&what));
	str_free(&what);
	finding_why(f, "This run went well. If each gets its first one, all "
		       "wait for ever.");
	say_fix(o, len, f);
	memcpy(o->path, path, sizeof path); /* the walk goes on with it */
}

/* Goes on from the last edge of the path, looking for the place it began. */
static void walk(struct order *o, size_t len, uint64_t threads, size_t at)
{
	const struct edge *first = o->path[0], *last = o->path[len - 1];

	if (last->to == first->from &&
	    !(last->want == HOLD_SHARED && first->have == HOLD_SHARED)) {
		if (!is_gated(o, len))
			report_cycle(o, len, at, threads);
		return;
	}
	for (size_t k = 0; k < o->edges.len && len < LIMIT_THREADS; k++) {
		const struct edge *e = &o->edges.data[k];
		bool beside = last->want == HOLD_SHARED &&
			      e->have == HOLD_SHARED;
		bool fits = e->from == last->to && !beside &&
			    !(threads & bit(e->thread));

		for (size_t j = 0; fits && j < len; j++)
			fits = could_meet(o->path[j], e);
		if (!fits || ++o->walked > WALK_MAX)
			continue;
		o->path[len] = e;
		walk(o, len + 1, threads | bit(e->thread), at);
	}
}

/* ---- the fold ---------------------------------------------------------- */

static void step_take(struct order *o, size_t i, uint32_t place,
		      enum hold_mode mode)
{
	thread_id t = o->v->e[i].thread;
	const struct actor *a = &o->scene.actors[t];

	for (size_t k = 0; k < a->holds.len; k++) {
		const struct hold *h = &a->holds.data[k];
		struct edge e = {.from = h->place, .to = place, .held = h->at,
				 .at = (uint32_t)i, .thread = t,
				 .have = h->mode, .want = mode};

		if (h->mode == HOLD_PERMIT || h->place == place)
			continue;
		copy_gates(o, a, k, &e);
		if (!add_edge(o, &e))
			continue;
		o->path[0] = &vec_last(&o->edges);
		o->walked = 0;
		walk(o, 1, bit(t), i);
	}
}

void order_find(struct view *v, struct finding_list *out)
{
	struct order o = {.v = v, .out = out};

	scene_init(&o.scene, v);
	clocks_init(&o.firm, v, CLOCK_FIRM);
	arena_init(&o.memory);
	o.steps = xcalloc(v->n + 1, sizeof *o.steps);
	for (size_t i = 0; i < v->n; i++) {
		enum hold_mode mode;
		uint32_t place = taken_at(v, i, &mode);

		clocks_step(&o.firm, i);
		if (is_own(&v->e[i]))
			o.steps[i] = clocks_of(&o.firm, v->e[i].thread)
				[v->e[i].thread];
		if (place != NOWHERE)
			step_take(&o, i, place, mode);
		scene_step(&o.scene, i);
	}
	scene_fini(&o.scene);
	clocks_fini(&o.firm);
	arena_fini(&o.memory);
	vec_free(&o.edges);
	vec_free(&o.told);
	free(o.steps);
}
