/*
 * waits.c - who waits for whom.
 *
 * A thread that wants a lock waits for whoever holds it, one that joins for
 * whoever it joins. All of those must act before it can, so a ring in this
 * graph is a deadlock from the moment it closes, whatever the others still do
 * (Coffman, Elphick and Shoshani 1971: circular wait). A lock whose holder has
 * finished is another certain end.
 *
 * Other waits (a permit, an item, a signal) have nobody in particular behind
 * them. That they are for ever is known only when all has stopped; then whoever
 * has the permit, or by its code could post, put or signal, is who it waits
 * for, and rings are looked for once more.
 */
#include "waits.h"

/* ---- the graph --------------------------------------------------------- */

uint64_t waits_firm(const struct scene *s, thread_id t)
{
	uint32_t i = s->actors[t].wants;

	if (i == NOWHERE || s->v->e[i].kind == OP_LOCKFOR)
		return 0;
	return scene_blockers(s, t);
}

static uint64_t permit_holders(const struct scene *s, uint32_t place)
{
	uint64_t set = 0;

	for (size_t t = 0; t < s->v->threads; t++) {
		const struct actor *a = &s->actors[t];

		for (size_t k = 0; k < a->holds.len; k++)
			if (a->holds.data[k].place == place)
				set |= bit(t);
	}
	return set;
}

/* The k-th queue of both is the same, for every k. */
static bool select_alike(const struct waits *w, const struct event *a,
			 const struct event *b)
{
	const struct object_list *one = select_list(w->v, a);
	const struct object_list *two = select_list(w->v, b);

	if (one->count != two->count)
		return false;
	for (size_t k = 0; k < one->count; k++)
		if (one->refs[k].object != two->refs[k].object ||
		    select_index(w->v, a, &w->now[a->thread], k) !=
			    select_index(w->v, b, &w->now[b->thread], k))
			return false;
	return true;
}

bool waits_alike(const struct waits *w, uint32_t a, uint32_t b)
{
	const struct event *x = &w->v->e[a], *y = &w->v->e[b];

	if (x->kind != y->kind)
		return false;
	if (x->kind == OP_SELECT)
		return select_alike(w, x, y);
	return x->object == y->object && x->index == y->index &&
	       x->other == y->other;
}

/* Threads that wait for the very same. */
static uint64_t companions(const struct waits *w, thread_id t)
{
	uint32_t mine = waits_event(w, t);
	uint64_t set = 0;

	for (size_t u = 0; u < w->v->threads; u++) {
		uint32_t i = waits_event(w, (thread_id)u);

		if (i != NOWHERE && waits_alike(w, mine, i))
			set |= bit(u);
	}
	return set;
}

uint64_t waits_for(const struct waits *w, thread_id t)
{
	uint64_t set = waits_firm(&w->scene, t), alive = 0;
	uint32_t i = waits_event(w, t);

	if (set || !w->stopped || i == NOWHERE)
		return set;
	for (size_t u = 0; u < w->v->threads; u++)
		if (w->scene.actors[u].ended == NOWHERE)
			alive |= bit(u);
	alive &= reach_helpers(w->v, &w->v->e[i], w->now) & ~companions(w, t);
	/* Of those who could post, rather one who has a permit himself. */
	if (w->v->e[i].kind == OP_SEM_WAIT)
		set = permit_holders(&w->scene, view_place_at(w->v, i)) & alive;
	return set ? set : alive;
}

/* ---- rings ------------------------------------------------------------- */

/* The shortest way from t back to t: breadth first. */
static bool find_ring(const struct waits *w, thread_id t, struct ring *ring)
{
	thread_id from[LIMIT_THREADS] = {0}, queue[LIMIT_THREADS + 1], u = t;
	size_t head = 0, tail = 0, n = 0;
	uint64_t seen = 0;

	queue[tail++] = t;
	while (head < tail) {
		uint64_t next = waits_for(w, u = queue[head++]) & ~w->told;

		if (next & bit(t))
			break;
		for (next &= ~seen; next; next &= next - 1) {
			thread_id k = (thread_id)__builtin_ctzll(next);

			from[k] = u;
			queue[tail++] = k;
			seen |= bit(k);
		}
		if (head == tail)
			return false;
	}
	for (; u != t; u = from[u])
		ring->who[LIMIT_THREADS - ++n] = u;
	ring->who[LIMIT_THREADS - ++n] = t;
	memmove(ring->who, ring->who + LIMIT_THREADS - n, n);
	ring->len = n;
	return true;
}

/* Begins the ring with its lowest thread. */
static void turn_ring(struct ring *ring)
{
	struct ring old = *ring;
	size_t low = 0;

	for (size_t k = 1; k < old.len; k++)
		if (old.who[k] < old.who[low])
			low = k;
	for (size_t k = 0; k < old.len; k++)
		ring->who[k] = old.who[(low + k) % old.len];
}

void ring_look(struct waits *w, thread_id t, size_t at)
{
	struct ring ring;

	if (w->told & bit(t) || !find_ring(w, t, &ring))
		return;
	turn_ring(&ring);
	ring_report(w, &ring, at);
}

/* ---- held by a thread that has finished -------------------------------- */

static void report_left(struct waits *w, thread_id t, thread_id holder,
			size_t at)
{
	struct view *v = w->v;
	uint32_t place = scene_wanted(&w->scene, t);
	uint32_t taken = w->scene.spots[place].taken;
	const char *name = say_place(v, place);
	const char *it = say_thread(v, holder);
	struct finding *f = finding_add(w->out, v, FINDING_WAITS_FOR_EVER, at,
					place);

	f->threads = bit(t) | bit(holder);
	w->told |= bit(t);
	finding_what(f, "%s waits for %s, which %s holds, but %s has finished.",
		     say_thread(v, t), name, it, it);
	finding_why(f, "Only %s could unlock %s. Nobody is left who can.", it,
		    name);
	finding_fix(f, "unlock %s on every way out of %s", name, it);
	if (taken == NOWHERE)
		return;
	finding_event(f, 0, taken);
	finding_fix(f, "unlock %s on every way out of %s (it took it at line "
		       "%u)", name, it, view_line(v, taken));
}

static void find_left(struct waits *w, size_t at)
{
	for (size_t t = 0; t < w->v->threads; t++) {
		uint64_t by = waits_firm(&w->scene, (thread_id)t);
		thread_id holder = (thread_id)(by ? __builtin_ctzll(by) : 0);

		if (by && !(w->told & bit(t)) &&
		    w->scene.actors[holder].ended != NOWHERE)
			report_left(w, (thread_id)t, holder, at);
	}
}

/* ---- the fold ---------------------------------------------------------- */

/* What has a name of its own explains more than a ring, a ring more than that
 * nobody comes. */
static void step_stopped(struct waits *w, size_t at)
{
	struct minds minds;

	w->stopped = true;
	minds_init(&minds, w->v);
	w->begin = xcalloc(w->v->threads, sizeof *w->begin);
	memcpy(w->begin, minds.machines, w->v->threads * sizeof *w->begin);
	for (size_t i = 0; i < w->v->n; i++)
		minds_step(&minds, i);
	w->now = minds.machines;
	forever_named(w, at);
	for (size_t t = 0; t < w->v->threads; t++)
		if (w->scene.actors[t].wants != NOWHERE)
			ring_look(w, (thread_id)t, at);
	forever_explain(w, at);
	free(w->begin);
	minds_fini(&minds);
}

static void step(struct waits *w, size_t i)
{
	const struct event *e = &w->v->e[i];

	if (e->kind == EVENT_VERDICT && e->value == VERDICT_DEADLOCK) {
		step_stopped(w, i);
	} else if (e->flags & EVENT_WANTS) {
		ring_look(w, e->thread, i);
		find_left(w, i);
	} else if (e->kind == EVENT_END) {
		find_left(w, i);
	}
}

void waits_find(struct view *v, struct finding_list *out)
{
	struct waits w = {.v = v, .out = out};

	scene_init(&w.scene, v);
	for (size_t i = 0; i < v->n; i++) {
		scene_step(&w.scene, i);
		step(&w, i);
	}
	scene_fini(&w.scene);
}
