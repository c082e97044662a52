/*
 * reference.h - the answers of a search where schedules may go round for ever.
 *
 * Whole worlds in a list, edges with their choices, and the plainest algorithm
 * for every question: reachability by repeated sweeps, fairness by trying every
 * pair of states, the simplest schedule by distances to the goal. For graphs of
 * a few hundred states.
 */
#ifndef TESTS_REFERENCE_H
#define TESTS_REFERENCE_H

#include <stdlib.h>

#include "threadviz/explore.h"

struct ref_edge {
	uint32_t from, to;
	struct choice choice;
	bool progress;
};

struct reference {
	const struct program *program;
	VEC(struct world *) worlds;
	VEC(struct ref_edge) edges; /* of a state together, in order */
	VEC(size_t) first;
	bool *good;    /* on a fair cycle with progress */
	bool *idle;    /* on a fair cycle without */
	bool *doomed;  /* no good end, no good cycle */
	bool *endless; /* a livelock can be come to */
	double *bad;   /* chance to end badly */
	bool cyclic, livelock;
};

/* ---- the graph ------------------------------------------------------ */

static uint32_t ref_add(struct reference *r, const struct world *w)
{
	size_t size = world_size(r->program);

	for (uint32_t i = 0; i < r->worlds.len; i++)
		if (!memcmp(r->worlds.data[i], w, size))
			return i;
	vec_push(&r->worlds, world_clone(w, r->program));
	return (uint32_t)r->worlds.len - 1;
}

static uint32_t ref_regions(const struct reference *r, const struct world *w,
			    thread_id t)
{
	uint32_t set = 0;

	for (unsigned i = 0; i < r->program->regions.count; i++)
		if (world_in_region(w, r->program, t, i))
			set |= 1u << i;
	return set;
}

static bool ref_progress(const struct reference *r, const struct world *from,
			 struct choice c, const struct world *to,
			 const struct step_log *log)
{
	if (!choice_is_move(c))
		return false;
	for (size_t i = 0; i < log->count; i++)
		if (log->events[i].kind < OP_COUNT &&
		    op_info[log->events[i].kind].flags & OP_P &&
		    !(log->events[i].flags & EVENT_TIMEOUT))
			return true;
	return world_status(to, r->program, c.thread) == THREAD_ENDED ||
	       ref_regions(r, to, c.thread) & ~ref_regions(r, from, c.thread);
}

static void ref_expand(struct reference *r, uint32_t u)
{
	const struct program *p = r->program;
	struct choice *list = malloc(WORLD_CHOICES_MAX * sizeof *list);
	size_t n = world_choices(r->worlds.data[u], p, list);
	struct step_log *log = malloc(sizeof *log);

	vec_push(&r->first, r->edges.len);
	for (size_t i = 0; i < n; i++) {
		struct world *w = world_clone(r->worlds.data[u], p);
		struct ref_edge e = {.from = u, .choice = list[i]};

		world_step(w, p, list[i], 1, log);
		e.progress =
			ref_progress(r, r->worlds.data[u], list[i], w, log);
		e.to = ref_add(r, w);
		vec_push(&r->edges, e);
		free(w);
	}
	free(log);
	free(list);
}

/* False: too many states. */
static bool ref_build(struct reference *r, const struct program *p,
		      size_t limit)
{
	struct world *w = world_new(p);

	r->program = p;
	ref_add(r, w);
	free(w);
	for (uint32_t u = 0; u < r->worlds.len && u < limit; u++)
		ref_expand(r, u);
	vec_push(&r->first, r->edges.len);
	return r->worlds.len <= limit;
}

static size_t ref_count(const struct reference *r)
{
	return r->worlds.len;
}

static void ref_fini(struct reference *r)
{
	for (size_t i = 0; i < r->worlds.len; i++)
		free(r->worlds.data[i]);
	vec_free(&r->worlds);
	vec_free(&r->edges);
	vec_free(&r->first);
	free(r->good);
	free(r->idle);
	free(r->doomed);
	free(r->endless);
	free(r->bad);
}

static bool ref_is_end(const struct reference *r, uint32_t u)
{
	return r->first.data[u] == r->first.data[u + 1];
}

/* ---- cycles --------------------------------------------------------- */

/* What can be reached from u, forwards or backwards; idle: without progress. */
static bool *ref_reach(const struct reference *r, uint32_t u, bool backwards,
		       bool idle)
{
	bool *seen = calloc(ref_count(r), sizeof *seen), changed = true;

	seen[u] = true;
	while (changed) {
		changed = false;
		for (size_t i = 0; i < r->edges.len; i++) {
			const struct ref_edge *e = &r->edges.data[i];
			uint32_t a = backwards ? e->to : e->from;
			uint32_t b = backwards ? e->from : e->to;

			if (!seen[a] || seen[b] || (idle && e->progress))
				continue;
			seen[b] = true;
			changed = true;
		}
	}
	return seen;
}

struct ref_fairness {
	uint64_t moved, stuck, drained, empty;
	bool edges, progress;
};

static void ref_look(const struct reference *r, uint32_t u,
		     struct ref_fairness *f)
{
	const struct program *p = r->program;

	for (size_t t = 0; t < p->threads.count; t++) {
		struct choice c = {(thread_id)t, CHOICE_TIMEOUT, 0};

		if (!world_alts(r->worlds.data[u], p, (thread_id)t) &&
		    !world_can(r->worlds.data[u], p, c))
			f->stuck |= UINT64_C(1) << t;
		if (!world_stores(r->worlds.data[u], p, (thread_id)t))
			f->empty |= UINT64_C(1) << t;
	}
}

/* The component of u as a set, and whether it is fair. */
static bool ref_component(const struct reference *r, uint32_t u, bool idle,
			  struct ref_fairness *f)
{
	bool *to = ref_reach(r, u, false, idle);
	bool *from = ref_reach(r, u, true, idle);
	uint64_t all = (UINT64_C(1) << r->program->threads.count) - 1;

	*f = (struct ref_fairness){0};
	for (uint32_t v = 0; v < ref_count(r); v++)
		if (to[v] && from[v])
			ref_look(r, v, f);
	for (size_t i = 0; i < r->edges.len; i++) {
		const struct ref_edge *e = &r->edges.data[i];

		if (!to[e->from] || !from[e->from] || !to[e->to] ||
		    !from[e->to] || (idle && e->progress))
			continue;
		f->edges = true;
		f->progress |= e->progress;
		if (choice_is_move(e->choice))
			f->moved |= UINT64_C(1) << e->choice.thread;
		if (e->choice.kind == CHOICE_DRAIN)
			f->drained |= UINT64_C(1) << e->choice.thread;
	}
	free(to);
	free(from);
	return f->edges && ((f->moved | f->stuck) & all) == all &&
	       ((f->drained | f->empty) & all) == all;
}

static void ref_cycles(struct reference *r)
{
	r->good = calloc(ref_count(r), sizeof *r->good);
	r->idle = calloc(ref_count(r), sizeof *r->idle);
	for (uint32_t u = 0; u < ref_count(r); u++) {
		struct ref_fairness f;
		bool fair = ref_component(r, u, false, &f);

		r->cyclic |= f.edges;
		r->good[u] = fair && f.progress;
		r->idle[u] = f.edges && ref_component(r, u, true, &f);
		r->livelock |= r->idle[u];
	}
}

/* ---- what is still possible ----------------------------------------- */

static void ref_doomed(struct reference *r)
{
	r->doomed = calloc(ref_count(r), sizeof *r->doomed);
	r->endless = calloc(ref_count(r), sizeof *r->endless);
	for (uint32_t u = 0; u < ref_count(r); u++) {
		bool *to = ref_reach(r, u, false, false);

		r->doomed[u] = true;
		for (uint32_t v = 0; v < ref_count(r); v++)
			if (to[v] &&
			    (r->good[v] ||
			     (ref_is_end(r, v) &&
			      world_verdict(r->worlds.data[v], r->program) ==
				      VERDICT_OK)))
				r->doomed[u] = false;
		for (uint32_t v = 0; v < ref_count(r); v++)
			r->endless[u] |= to[v] && r->idle[v];
		free(to);
	}
}

static void ref_chances(struct reference *r)
{
	r->bad = calloc(ref_count(r), sizeof *r->bad);
	for (int sweep = 0; sweep < 3000; sweep++)
		for (uint32_t u = (uint32_t)ref_count(r); u-- > 0;) {
			size_t a = r->first.data[u], b = r->first.data[u + 1];
			double sum = 0;

			for (size_t i = a; i < b; i++)
				sum += r->bad[r->edges.data[i].to];
			if (a < b)
				r->bad[u] = sum / (double)(b - a);
			else
				r->bad[u] =
					world_verdict(r->worlds.data[u],
						      r->program) != VERDICT_OK;
		}
}

/* ---- the simplest schedule ------------------------------------------ */

enum { REF_FAR = 1 << 30, REF_PREEMPTION = 1 << 16 };

/* Cost: preemptions in the upper half, steps in the lower. */
static int ref_cost(const struct reference *r, const struct ref_edge *e,
		    thread_id last)
{
	const struct world *w = r->worlds.data[e->from];
	struct choice timeout = {last, CHOICE_TIMEOUT, 0};

	if (!choice_is_move(e->choice) || last == THREAD_NONE ||
	    e->choice.thread == last)
		return 1;
	return world_alts(w, r->program, last) ||
			       world_can(w, r->program, timeout)
		       ? 1 + REF_PREEMPTION
		       : 1;
}

static thread_id ref_after(const struct ref_edge *e, thread_id last)
{
	return choice_is_move(e->choice) ? e->choice.thread : last;
}

/* Row of `last` in the table of distances. */
static size_t ref_place(const struct reference *r, uint32_t u, thread_id last)
{
	size_t n = r->program->threads.count;

	return u * (n + 1) + (last == THREAD_NONE ? n : last);
}

static int ref_via(const struct reference *r, const int *far,
		   const struct ref_edge *e, thread_id last)
{
	return ref_cost(r, e, last) +
	       far[ref_place(r, e->to, ref_after(e, last))];
}

/* One sweep of Bellman and Ford; whether anything got nearer. */
static bool ref_relax(const struct reference *r, int *far)
{
	size_t threads = r->program->threads.count;
	bool changed = false;

	for (size_t i = r->edges.len; i-- > 0;)
		for (size_t t = 0; t <= threads; t++) {
			const struct ref_edge *e = &r->edges.data[i];
			thread_id last =
				t == threads ? THREAD_NONE : (thread_id)t;
			int *here = &far[ref_place(r, e->from, last)];
			int via = ref_via(r, far, e, last);

			if (via >= *here)
				continue;
			*here = via;
			changed = true;
		}
	return changed;
}

/* The simplest schedule to any of the ends that are marked. */
static int ref_simplest(const struct reference *r, const bool *goal,
			struct schedule *out)
{
	size_t rows = ref_count(r) * (r->program->threads.count + 1);
	int *far = malloc(rows * sizeof *far), cost;
	thread_id last = THREAD_NONE;
	uint32_t u = 0;

	for (size_t i = 0; i < rows; i++)
		far[i] =
			goal[i / (r->program->threads.count + 1)] ? 0 : REF_FAR;
	while (ref_relax(r, far))
		;
	cost = far[ref_place(r, 0, THREAD_NONE)];
	while (cost < REF_FAR && !goal[u]) {
		size_t i = r->first.data[u];

		while (ref_via(r, far, &r->edges.data[i], last) !=
		       far[ref_place(r, u, last)])
			i++;
		vec_push(out, r->edges.data[i].choice);
		last = ref_after(&r->edges.data[i], last);
		u = r->edges.data[i].to;
	}
	free(far);
	return cost;
}

#endif
