/*
 * fairness.c - nobody did anything forbidden, and yet it is bad: waits that
 * take too long, and work that goes in circles.
 *
 * Starvation: a thread wants a lock, and others who came later take it again
 * and again. That everybody in a long queue gets it once is fair.
 * Convoy: a lock goes from hand to hand, and each time three or more are left
 * in the queue.
 * Priority inversion (Sha, Rajkumar and Lehoczky 1990): an important thread
 * waits for a lock, its holder is unimportant, and one in between runs instead
 * of the holder. Livelock, where circles.c
 * cannot see it because the threads keep count: they only take, fail to take
 * more, and give back.
 *
 * One run cannot prove such things, only show them: so they need a number of
 * repetitions, and the first two are worth a note, no more. Where real time is
 * known (a free run), not even that, unless the waits take a share of it.
 */
#include "inside.h"

enum {
	OVERTAKEN = 3, /* times another took it: a starving thread */
	QUEUE = 3,     /* threads that wait for one lock: a convoy, if so */
	HANDS = 3,     /* often in a row */
	ROUNDS = 3,    /* failed tries of each of two threads: a livelock */
	PREEMPTED = 2, /* steps in between: a priority inversion */
	NOTES_MAX = 50, /* findings of one kind in one run */
	/* Waiting that counts, in real time, as a share of the run: */
	STARVES = 20, /* of one thread: a twentieth */
	SLOWS = 2,    /* of all threads together: half */
};

/* Which finding stands or falls with how long was waited for a place, by that
 * thread or by all. */
struct note {
	size_t finding;
	uint32_t place;
	thread_id thread; /* THREAD_NONE: all */
};

/* A lock that is given back while others queue for it. */
struct parade {
	thread_id last;       /* who had it last */
	unsigned hands;       /* how many so far */
	uint32_t gave[HANDS]; /* their steps */
};

/* One thread's wait for one lock. */
struct wait {
	uint32_t place, since; /* NOWHERE: does not wait */
	unsigned overtaken, preempted;
	uint32_t third;   /* who took it when it became too often */
	uint64_t others;  /* who took it meanwhile */
	uint32_t second;  /* the step in between that was one too many */
	thread_id holder; /* at that moment */
};

struct fairness {
	struct view *v;
	struct scene scene;
	struct wait *waits;  /* per thread */
	struct parade *parades; /* per place */
	unsigned *fails;     /* per thread: failed tries without progress */
	uint32_t *failed_at; /* its last one */
	uint64_t *starved;   /* per place: threads already told of */
	bool livelock;       /* told */
	bool timed;          /* events have real times */
	uint64_t *waited;    /* per place and thread, in ns */
	VEC(struct note) told;
	size_t notes;
	struct finding_list *out;
};

/* ---- how long ---------------------------------------------------------- */

/* Else the time of a step is its number. */
static bool is_timed(const struct view *v)
{
	for (size_t i = 0; i < v->n; i++)
		if (v->e[i].time != v->e[i].step)
			return true;
	return false;
}

static void add_wait(struct fairness *x, thread_id t, const struct wait *w,
		     uint64_t now)
{
	uint64_t since = x->v->e[w->since].time;

	if (now > since)
		x->waited[(size_t)w->place * x->v->threads + t] += now - since;
}

static bool is_short(const struct fairness *x, const struct note *n)
{
	const struct view *v = x->v;
	const uint64_t *waited = x->waited + (size_t)n->place * v->threads;
	uint64_t run = v->e[v->n - 1].time - v->e[0].time, sum = 0;

	if (n->thread != THREAD_NONE)
		return waited[n->thread] < run / STARVES;
	for (size_t t = 0; t < v->threads; t++)
		sum += waited[t];
	return sum < run / SLOWS;
}

/* Takes back what was not worth a note after all. */
static void weigh(struct fairness *x)
{
	for (size_t k = x->told.len; k-- > 0 && x->timed;) {
		size_t at = x->told.data[k].finding;

		if (!is_short(x, &x->told.data[k]))
			continue;
		finding_fini(&x->out->data[at]);
		x->out->len--;
		memmove(x->out->data + at, x->out->data + at + 1,
			(x->out->len - at) * sizeof *x->out->data);
	}
}

static struct finding *add_note(struct fairness *x, enum finding_kind kind,
				size_t at, uint32_t place, thread_id t)
{
	vec_push(&x->told, (struct note){x->out->len, place, t});
	return finding_add(x->out, x->v, kind, at, place);
}

/* ---- starvation -------------------------------------------------------- */

static bool is_lock(const struct view *v, uint32_t place)
{
	uint8_t kind = place == NOWHERE ? OBJECT_KINDS
					: view_kind(v, place)->kind;

	return kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK ||
	       kind == OBJECT_SEM;
}

static void say_starving(struct fairness *x, thread_id t)
{
	struct view *v = x->v;
	const struct wait *w = &x->waits[t];
	const char *me = say_thread(v, t), *name = say_place(v, w->place);
	struct finding *f;

	if (x->starved[w->place] & bit(t) || ++x->notes > NOTES_MAX)
		return;
	x->starved[w->place] |= bit(t);
	f = add_note(x, FINDING_STARVATION, w->third, w->place, t);
	f->threads = bit(t) | w->others;
	finding_event(f, 0, w->third);
	finding_what(f, "%s wants %s %s; %u times one that came later got it.",
		     me, name, say_since(v, w->since), w->overtaken);
	finding_why(f, "%s hands nothing over: whoever comes first gets it, "
		       "and %s need not.",
		    view_kind(v, w->place)->kind == OBJECT_SEM ? "A post"
							       : "Unlock", me);
	finding_fix(f, "let them take turns (a ticket), or hold %s for fewer "
		       "steps", name);
}

/* The thread of event i takes the lock, which it has wanted since `asked`. */
static void overtake(struct fairness *x, size_t i, uint32_t place,
		     uint32_t asked)
{
	const struct event *e = x->v->e;

	for (size_t t = 0; t < x->v->threads; t++) {
		struct wait *w = &x->waits[t];

		if (t == e[i].thread || w->since == NOWHERE ||
		    w->place != place || e[asked].step <= e[w->since].step)
			continue;
		w->others |= bit(e[i].thread);
		if (++w->overtaken == OVERTAKEN)
			w->third = (uint32_t)i;
	}
}

/* ---- convoy ------------------------------------------------------------ */

static uint64_t queue_for(const struct fairness *x, uint32_t place)
{
	uint64_t set = 0;

	for (size_t t = 0; t < x->v->threads; t++)
		if (scene_wanted(&x->scene, (thread_id)t) == place)
			set |= bit(t);
	return set;
}

static void say_convoy(struct fairness *x, size_t i, uint32_t place,
		       uint64_t queue)
{
	struct view *v = x->v;
	const uint32_t *gave = x->parades[place].gave;
	const char *name = say_place(v, place);
	struct finding *f =
		add_note(x, FINDING_CONVOY, i, place, THREAD_NONE);

	f->threads |= queue;
	finding_event(f, 0, gave[HANDS - 2]);
	finding_event(f, 1, gave[HANDS - 1]);
	finding_what(f, "%s goes from hand to hand (steps %u, %u and %u), and "
			"%d others still queue for it: %s.", name,
		     v->e[gave[0]].step, v->e[gave[1]].step,
		     v->e[gave[2]].step, __builtin_popcountll(queue),
		     say_threads(v, queue));
	finding_why(f, "All go at the pace of the lock: more threads do not "
		       "make it faster.");
	finding_fix(f, "hold %s for fewer steps, or give each part a lock of "
		       "its own", name);
}

/* The thread of event i gives the lock back. */
static void pass_on(struct fairness *x, size_t i, uint32_t place)
{
	struct parade *a = &x->parades[place];
	thread_id t = x->v->e[i].thread;
	uint64_t queue = queue_for(x, place);

	if (__builtin_popcountll(queue) < QUEUE) {
		a->hands = a->hands < HANDS ? 0 : HANDS;
		return;
	}
	if (a->hands >= HANDS || (a->hands && a->last == t))
		return;
	a->last = t;
	a->gave[a->hands++] = (uint32_t)i;
	if (a->hands == HANDS)
		say_convoy(x, i, place, queue);
}

/* ---- priority inversion ------------------------------------------------ */

static int32_t priority(const struct view *v, size_t t)
{
	return v->p->threads.data[t].priority;
}

static void say_inverted(struct fairness *x, thread_id t)
{
	struct view *v = x->v;
	const struct wait *w = &x->waits[t];
	thread_id middle = v->e[w->second].thread;
	const char *me = say_thread(v, t), *it = say_thread(v, w->holder);
	const char *mid = say_thread(v, middle);
	const char *name = say_place(v, w->place);
	struct finding *f;

	if (++x->notes > NOTES_MAX)
		return;
	f = finding_add(x->out, v, FINDING_PRIORITY_INVERSION, w->second,
			w->place);
	f->threads |= bit(t) | bit(w->holder);
	finding_event(f, 0, w->since);
	finding_event(f, 1, w->second);
	finding_what(f, "%s (priority %d) waits for %s of %s (%d), while %s "
			"(%d) runs: %u steps.", me, priority(v, t), name, it,
		     priority(v, w->holder), mid, priority(v, middle),
		     w->preempted);
	finding_why(f, "%s keeps %s from unlocking %s: the more important %s "
		       "waits.", mid, it, name, me);
	finding_fix(f, "declare mutex %s inherit: its holder then runs for who "
		       "waits", view_kind(v, w->place)->name);
}

static void preempt(struct fairness *x, size_t i)
{
	const struct view *v = x->v;
	thread_id m = v->e[i].thread;

	for (size_t t = 0; t < v->threads; t++) {
		struct wait *w = &x->waits[t];
		thread_id holder;

		if (w->since == NOWHERE || priority(v, m) >= priority(v, t) ||
		    view_kind(v, w->place)->inherit)
			continue;
		holder = x->scene.spots[w->place].owner;
		if (holder == THREAD_NONE || holder == m || holder == t ||
		    actor_stuck(&x->scene.actors[holder]) ||
		    priority(v, holder) >= priority(v, m))
			continue;
		if (++w->preempted != PREEMPTED)
			continue;
		w->second = (uint32_t)i;
		w->holder = holder;
	}
}

/* ---- livelock ---------------------------------------------------------- */

static void forget_fails(struct fairness *x)
{
	memset(x->fails, 0, x->v->threads * sizeof *x->fails);
}

static void say_livelock(struct fairness *x, size_t i, uint64_t set)
{
	struct view *v = x->v;
	uint32_t place = view_place_at(v, i);
	struct finding *f = finding_add(x->out, v, FINDING_LIVELOCK, i, place);
	struct str tries = {0};

	x->livelock = true;
	f->threads = set;
	for (size_t t = 0, k = 0; t < v->threads; t++) {
		uint32_t at = x->failed_at[t];

		if (!(set & bit(t)))
			continue;
		str_addf(&tries, "%s%s tries %s (step %u)", k ? ", " : "",
			 say_thread(v, (thread_id)t),
			 say_place(v, view_place_at(v, at)), v->e[at].step);
		if (k < 2)
			finding_event(f, k++, at);
	}
	finding_what(f, "%s: %d times each, in vain.", str_cstr(&tries),
		     ROUNDS);
	str_free(&tries);
	finding_why(f, "Each gives way to the other, at the same time, again "
		       "and again.");
	finding_fix(f, "take %s and the others in one order with lock, or wait "
		       "a random while", say_place(v, place));
}

static void step_try(struct fairness *x, size_t i)
{
	const struct event *e = &x->v->e[i];
	uint64_t set = 0;

	if (e->kind != OP_TRYLOCK || !(e->flags & EVENT_FAILED))
		return;
	x->fails[e->thread]++;
	x->failed_at[e->thread] = (uint32_t)i;
	for (size_t t = 0; t < x->v->threads; t++)
		if (x->fails[t] >= ROUNDS)
			set |= bit(t);
	if (set & (set - 1) && !x->livelock)
		say_livelock(x, i, set);
}

static bool is_progress(const struct event *e)
{
	return e->kind == EVENT_END ||
	       (is_own(e) && op_info[e->kind].flags & OP_P) ||
	       (e->kind == OP_TRYLOCK && succeeded(e));
}

/* ---- the fold ---------------------------------------------------------- */

static uint32_t acquired(const struct view *v, size_t i)
{
	const struct event *e = &v->e[i];

	if (!is_own(e) || !succeeded(e))
		return NOWHERE;
	switch (e->kind) {
	case OP_LOCK: case OP_TRYLOCK: case OP_LOCKFOR:
	case OP_RDLOCK: case OP_WRLOCK:
	case OP_SEM_WAIT: case OP_SEM_TRY:
		return view_place_at(v, i);
	case OP_RETAKE: case OP_RETAKE_FOR:
		return view_mutex_at(v, i);
	default:
		return NOWHERE;
	}
}

/* The lock that it gives back. */
static uint32_t released(const struct view *v, size_t i)
{
	const struct event *e = &v->e[i];

	if (!is_own(e) || !succeeded(e))
		return NOWHERE;
	switch (e->kind) {
	case OP_UNLOCK:
		return view_place_at(v, i);
	case OP_SLEEP_ON:
		return view_mutex_at(v, i);
	default:
		return NOWHERE;
	}
}

static void begin_wait(struct fairness *x, size_t i)
{
	const struct event *e = &x->v->e[i];
	struct wait *w = &x->waits[e->thread];
	uint32_t place = scene_wanted(&x->scene, e->thread);

	if (w->since != NOWHERE || !is_lock(x->v, place))
		return; /* still the same wait: another was faster */
	*w = (struct wait){.place = place, .since = (uint32_t)i};
}

/* It is over, or the run is: was it too long? */
static void end_wait(struct fairness *x, thread_id t, uint64_t now)
{
	struct wait *w = &x->waits[t];

	if (w->since != NOWHERE)
		add_wait(x, t, w, now);
	if (w->since != NOWHERE && w->overtaken >= OVERTAKEN)
		say_starving(x, t);
	if (w->since != NOWHERE && w->preempted >= PREEMPTED)
		say_inverted(x, t);
	w->since = NOWHERE;
}

static void step(struct fairness *x, size_t i)
{
	const struct event *e = &x->v->e[i];
	uint32_t place = acquired(x->v, i), asked = (uint32_t)i;

	scene_step(&x->scene, i);
	if (is_progress(e))
		forget_fails(x);
	if (e->flags & EVENT_WANTS) {
		begin_wait(x, i);
		return;
	}
	if (!is_own(e))
		return;
	if (x->waits[e->thread].since != NOWHERE)
		asked = x->waits[e->thread].since;
	end_wait(x, e->thread, e->time);
	step_try(x, i);
	preempt(x, i);
	if (place != NOWHERE)
		overtake(x, i, place, asked);
	if (released(x->v, i) != NOWHERE)
		pass_on(x, i, released(x->v, i));
}

void fairness_find(struct view *v, struct finding_list *out)
{
	struct fairness x = {.v = v, .out = out};

	for (size_t i = 0; i < out->len; i++) /* see circles.c */
		x.livelock |= out->data[i].kind == FINDING_LIVELOCK;
	scene_init(&x.scene, v);
	x.waits = xcalloc(v->threads + 1, sizeof *x.waits);
	x.parades = xcalloc(v->places + 1, sizeof *x.parades);
	x.timed = is_timed(v);
	x.waited = xcalloc((size_t)v->places * v->threads + 1,
			   sizeof *x.waited);
	x.starved = xcalloc(v->places + 1, sizeof *x.starved);
	x.fails = xcalloc(v->threads + 1, sizeof *x.fails);
	x.failed_at = xcalloc(v->threads + 1, sizeof *x.failed_at);
	for (size_t t = 0; t < v->threads; t++)
		x.waits[t].since = NOWHERE;
	for (size_t i = 0; i < v->n; i++)
		step(&x, i);
	for (size_t t = 0; t < v->threads; t++)
		end_wait(&x, (thread_id)t, v->n ? v->e[v->n - 1].time : 0);
	weigh(&x);
	scene_fini(&x.scene);
	free(x.waits);
	free(x.parades);
	free(x.starved);
	free(x.waited);
	vec_free(&x.told);
	free(x.fails);
	free(x.failed_at);
}
