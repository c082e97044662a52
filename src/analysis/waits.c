/*
 * waits.c - who waits for whom, and who waits for ever.
 *
 * A thread that wants a lock waits for whoever holds it, one that joins for
 * whoever it joins. All of those must act before it can, so a ring in this
 * graph is a deadlock from the moment it closes, whatever the others still do
 * (Coffman, Elphick and Shoshani 1971: circular wait). A lock whose holder has
 * finished is another certain end.
 *
 * Other waits (a permit, an item, a signal) have nobody in particular behind
 * them. That they are for ever is known only when the run has come to a stop;
 * then the code says who could have ended them.
 */
#include "inside.h"

struct waits {
	struct view *v;
	struct scene scene;
	uint64_t told; /* threads whose wait has been explained */
	struct finding_list *out;
};

/* Threads in the order in which they wait, each for the next. */
struct ring {
	thread_id who[LIMIT_THREADS];
	size_t len;
};

/* ---- rings ----------------------------------------------------------- */

/* Waits that cannot end by themselves. */
static uint64_t firm_blockers(const struct scene *s, thread_id t)
{
	uint32_t i = s->actors[t].wants;

	if (i == NOWHERE || s->v->e[i].kind == OP_LOCKFOR)
		return 0;
	return scene_blockers(s, t);
}

/* The shortest way from t back to t: breadth first. */
static bool find_ring(const struct scene *s, thread_id t, struct ring *ring)
{
	thread_id from[LIMIT_THREADS], queue[LIMIT_THREADS + 1], u = t;
	size_t head = 0, tail = 0, n = 0;
	uint64_t seen = 0;

	queue[tail++] = t;
	while (head < tail) {
		uint64_t next = firm_blockers(s, u = queue[head++]);

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

static const char *say_want(struct waits *w, thread_id t)
{
	struct view *v = w->v;
	const struct event *e = &v->e[w->scene.actors[t].wants];
	const char *name = say_place(v, scene_wanted(&w->scene, t));

	switch (e->kind) {
	case OP_JOIN:
		return say(v, "the end of %s", say_thread(v, e->other));
	case OP_SEM_WAIT:
		return say(v, "a permit of %s", name);
	case OP_GET:
	case OP_GETFOR:
		return say(v, "an item in %s", name);
	case OP_SELECT:
		return "an item in any of its queues";
	case OP_PUT:
		return say(v, "room in %s", name);
	default:
		return name;
	}
}

/* "A waits for blue, which B holds" or, in a long ring, "P1 for P2's fork" */
static void add_wait(struct waits *w, const struct ring *r, size_t k,
		     struct str *out)
{
	thread_id t = r->who[k], next = r->who[(k + 1) % r->len];
	const char *want = say_want(w, t);
	const char *verb = k && r->len > 2 ? "" : " waits";
	bool join = w->v->e[w->scene.actors[t].wants].kind == OP_JOIN;

	str_add(out, k ? r->len > 2 ? ", " : "; " : "");
	if (join)
		str_addf(out, "%s%s for %s", say_thread(w->v, t), verb, want);
	else if (r->len > 2)
		str_addf(out, "%s%s for %s's %s", say_thread(w->v, t), verb,
			 say_thread(w->v, next), want);
	else
		str_addf(out, "%s waits for %s, which %s holds",
			 say_thread(w->v, t), want,
			 next == t ? "it" : say_thread(w->v, next));
}

static uint32_t lowest_lock(const struct scene *s, const struct ring *r)
{
	uint32_t low = NOWHERE;

	for (size_t k = 0; k < r->len; k++)
		if (scene_wanted(s, r->who[k]) < low)
			low = scene_wanted(s, r->who[k]);
	return low;
}

static void say_order(struct waits *w, const struct ring *r,
		      struct finding *f)
{
	struct view *v = w->v;
	uint32_t low = lowest_lock(&w->scene, r), other = NOWHERE;

	for (size_t k = 0; k < r->len; k++) {
		uint32_t place = scene_wanted(&w->scene, r->who[k]);

		if (place == NOWHERE)
			break;
		if (place != low)
			other = place;
	}
	if (low == NOWHERE || other == NOWHERE)
		finding_fix(f, "do not wait for a thread while holding what it "
			       "needs");
	else if (r->len == 2)
		finding_fix(f, "take both in one order everywhere: %s before "
			       "%s", say_place(v, low), say_place(v, other));
	else
		finding_fix(f, "take them in one order everywhere: %s before "
			       "all others", say_place(v, low));
}

static void say_self(struct waits *w, thread_id t, struct finding *f)
{
	struct view *v = w->v;
	uint32_t place = scene_wanted(&w->scene, t);
	uint32_t taken = place == NOWHERE ? NOWHERE
					  : w->scene.spots[place].taken;
	const char *name = say_place(v, place);
	const char *me = say_thread(v, t);

	if (place == NOWHERE) {
		finding_what(f, "%s waits for its own end.", me);
		finding_fix(f, "let another thread join %s", me);
		return;
	}
	if (taken != NOWHERE)
		finding_what(f, "%s waits for %s, which it holds itself since "
				"step %u.", me, name, v->e[taken].step);
	finding_why(f, "Only %s could unlock %s, and it is %s that waits: for "
		       "ever.", me, name, me);
	if (view_kind(v, place)->kind == OBJECT_MUTEX)
		finding_fix(f, "unlock %s before line %u, or declare it "
			       "recursive mutex %s", name,
			    view_line(v, w->scene.actors[t].wants),
			    view_kind(v, place)->name);
	else
		finding_fix(f, "unlock %s before line %u", name,
			    view_line(v, w->scene.actors[t].wants));
}

static void report_ring(struct waits *w, const struct ring *r, size_t at)
{
	struct finding *f = finding_add(w->out, w->v, FINDING_DEADLOCK, at,
					NOWHERE);
	struct str what = {0};

	for (size_t k = 0; k < r->len; k++) {
		uint32_t place = scene_wanted(&w->scene, r->who[k]);

		f->threads |= bit(r->who[k]);
		w->told |= bit(r->who[k]);
		if (place != NOWHERE && k < FINDING_EVENTS &&
		    w->scene.spots[place].taken != NOWHERE)
			f->events[k] = w->scene.spots[place].taken;
		add_wait(w, r, k, &what);
	}
	finding_what(f, "%s.", str_cstr(&what));
	str_free(&what);
	finding_why(f, "Each waits for the next: nobody in the ring can ever "
		       "go on.");
	if (r->len == 1)
		say_self(w, r->who[0], f);
	else
		say_order(w, r, f);
}

/* ---- held by a thread that has finished ------------------------------ */

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
	f->events[0] = taken;
	finding_fix(f, "unlock %s on every way out of %s (it took it at line "
		       "%u)", name, it, view_line(v, taken));
}

static void find_left(struct waits *w, size_t at)
{
	for (size_t t = 0; t < w->v->threads; t++) {
		uint64_t by = firm_blockers(&w->scene, (thread_id)t);
		thread_id holder = (thread_id)(by ? __builtin_ctzll(by) : 0);

		if (by && !(w->told & bit(t)) &&
		    w->scene.actors[holder].ended != NOWHERE)
			report_left(w, (thread_id)t, holder, at);
	}
}

/* ---- the run has come to a stop -------------------------------------- */

/* "Only P could put into q, and P has finished." */
static void say_helpers(struct waits *w, uint64_t waiting, uint8_t kind,
			object_id object, const char *deed, struct finding *f)
{
	struct view *v = w->v;
	uint64_t could = reach_helpers(v, kind, object) & ~waiting;
	uint64_t left = 0;

	for (size_t t = 0; t < v->threads; t++)
		if (could & bit(t) && w->scene.actors[t].ended == NOWHERE)
			left |= bit(t);
	if (!could)
		finding_why(f, "No other thread ever %s.", deed);
	else if (!left)
		finding_why(f, "Only %s %s, and %s finished.",
			    say_threads(v, could), deed,
			    could & (could - 1) ? "all have" : "it has");
	else
		finding_why(f, "%s could, but %s for ever too.",
			    say_threads(v, left),
			    left & (left - 1) ? "they wait" : "waits");
}

struct cure {
	uint8_t kind;
	const char *deed; /* %s: the object */
	const char *fix;
};

static const struct cure *cure_of(uint8_t kind)
{
	static const struct cure cures[] = {
		{OP_SEM_WAIT, "posts %s", "post %s once for every wait"},
		{OP_EVENT_WAIT, "sets %s", "set %s on every way"},
		{OP_GET, "puts into %s",
		 "put a last item into %s that means: no more"},
		{OP_PUT, "gets from %s", "get from %s until it is empty"},
		{OP_COUNT_WAIT, "counts %s down",
		 "arrive at %s as often as it says"},
		{OP_JOIN_QUEUE, "calls done for %s",
		 "call done for each item that is got from %s"},
		{OP_LEAVE, "arrives at %s", "let as many arrive as %s wants"},
		{OP_SLEEP_ON, "signals %s",
		 "signal %s after every change that others wait for"},
	};

	for (size_t k = 0; k < sizeof cures / sizeof *cures; k++)
		if (cures[k].kind == kind)
			return &cures[k];
	return NULL;
}

static const char *fill(struct view *v, const char *form, const char *name)
{
	const char *gap = strstr(form, "%s");

	return say(v, "%.*s%s%s", (int)(gap - form), form, name, gap + 2);
}

static void say_cure(struct waits *w, uint64_t waiting, const struct event *e,
		     struct finding *f)
{
	struct view *v = w->v;
	const struct cure *c =
		cure_of(e->kind == OP_GETFOR ? (uint8_t)OP_GET : e->kind);
	const char *name = say_object(v, e->object, e->index);

	finding_why(f, "Nobody is left who could end this wait.");
	finding_fix(f, "see that somebody ends the wait at line %u",
		    v->p->code.data[e->pc].line);
	if (!c || e->object == OBJECT_NONE)
		return;
	say_helpers(w, waiting, c->kind, e->object, fill(v, c->deed, name), f);
	finding_fix(f, "%s", fill(v, c->fix, name));
}

/* Threads that wait for the same as t, and are not explained yet. */
static uint64_t same_wait(const struct waits *w, thread_id t)
{
	const struct actor *a = w->scene.actors;
	const struct view *v = w->v;
	uint32_t mine = actor_sleeps(&a[t]) ? a[t].asleep : a[t].wants;
	uint64_t set = 0;

	for (size_t u = 0; u < v->threads; u++) {
		uint32_t i = actor_sleeps(&a[u]) ? a[u].asleep : a[u].wants;

		if (i != NOWHERE && !(w->told & bit(u)) &&
		    v->e[i].kind == v->e[mine].kind &&
		    v->e[i].object == v->e[mine].object &&
		    v->e[i].index == v->e[mine].index &&
		    v->e[i].other == v->e[mine].other)
			set |= bit(u);
	}
	return set;
}

static void report_for_ever(struct waits *w, thread_id t, size_t at)
{
	struct view *v = w->v;
	const struct actor *a = &w->scene.actors[t];
	uint32_t i = actor_sleeps(a) ? a->asleep : a->wants;
	uint64_t set = same_wait(w, t);
	bool many = set & (set - 1);
	struct finding *f = finding_add(w->out, v, FINDING_WAITS_FOR_EVER, at,
					view_place_at(v, i));

	f->threads = set;
	f->events[0] = a->last;
	w->told |= set;
	if (actor_sleeps(a))
		finding_what(f, "%s sleep%s in %s since step %u; nobody wakes "
				"%s.", say_threads(v, set), many ? "" : "s",
			     say_object(v, v->e[i].object, v->e[i].index),
			     v->e[i].step, many ? "them" : "it");
	else
		finding_what(f, "%s wait%s for %s since step %u, for ever.",
			     say_threads(v, set), many ? "" : "s",
			     say_want(w, t), v->e[i].step);
	say_cure(w, set, &v->e[i], f);
}

/* Waits for somebody who waits: the cause lies there. */
static bool waits_behind(const struct waits *w, thread_id t)
{
	return firm_blockers(&w->scene, t) != 0;
}

static void explain_stop(struct waits *w, size_t at)
{
	for (size_t t = 0; t < w->v->threads; t++) {
		const struct actor *a = &w->scene.actors[t];

		if (!actor_stuck(a) || w->told & bit(t) ||
		    w->v->p->threads.data[t].daemon ||
		    waits_behind(w, (thread_id)t))
			continue;
		if (!stuck_find(w->v, &w->scene, (thread_id)t, at, w->out))
			report_for_ever(w, (thread_id)t, at);
		w->told |= bit(t);
	}
}

/* ---- the fold -------------------------------------------------------- */

static void step(struct waits *w, size_t i)
{
	const struct event *e = &w->v->e[i];
	struct ring ring;

	if (e->kind == EVENT_VERDICT && e->value == VERDICT_DEADLOCK) {
		explain_stop(w, i);
	} else if (e->flags & EVENT_WANTS) {
		if (!(w->told & bit(e->thread)) &&
		    find_ring(&w->scene, e->thread, &ring)) {
			turn_ring(&ring);
			report_ring(w, &ring, i);
		}
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

void analysis_waits(const struct program *p, const struct event *events,
		    size_t n, uint64_t *out)
{
	struct scene s;
	struct view v;

	view_init(&v, p, events, n);
	scene_init(&s, &v);
	for (size_t i = 0; i < v.n; i++)
		scene_step(&s, i);
	memset(out, 0, LIMIT_THREADS * sizeof *out);
	for (size_t t = 0; t < v.threads; t++)
		out[t] = scene_blockers(&s, (thread_id)t);
	scene_fini(&s);
	view_fini(&v);
}
