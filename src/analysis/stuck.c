/*
 * stuck.c - waits that never end and have a name of their own.
 *
 * Lost wake-up: a signal is not remembered, it wakes who sleeps now or nobody.
 * It was lost on this sleeper if it came between the sleeper's test and its
 * falling asleep (or at any time before, if it did not test at all): then the
 * thread went to sleep on news it had missed. A signal before the test is no
 * such thing, because the test has seen what the signal was about.
 *
 * Missed done: a queue's join counts done, not get. Barrier misuse: fewer
 * threads come than the barrier was made for.
 */
#include "inside.h"

/* ---- lost wake-up ------------------------------------------------------ */

struct missed {
	uint32_t test;   /* its last look before it fell asleep, or NOWHERE */
	uint32_t signal; /* the one that was lost */
};

/* The sleeper's last look at anything, unless it did something between. */
static uint32_t find_test(const struct view *v, uint32_t asleep,
			  uint32_t *since)
{
	uint32_t i = v->before[asleep];

	for (; i != NOWHERE; i = v->before[i]) {
		const struct event *e = &v->e[i];

		if (is_look(e)) {
			*since = i;
			return i;
		}
		if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR)
			break;
	}
	*since = i == NOWHERE ? 0 : i;
	return NOWHERE;
}

static bool find_missed(const struct view *v, uint32_t asleep,
			struct missed *m)
{
	uint32_t place = view_place_at(v, asleep), since;

	m->test = find_test(v, asleep, &since);
	for (uint32_t i = asleep; i-- > since;) {
		const struct event *e = &v->e[i];

		if ((e->kind == OP_SIGNAL || e->kind == OP_BROADCAST) &&
		    e->flags & EVENT_FAILED && is_step(e) &&
		    view_place_at(v, i) == place) {
			m->signal = i;
			return true;
		}
	}
	return false;
}

uint32_t stuck_missed(const struct view *v, uint32_t asleep)
{
	struct missed m;

	return find_missed(v, asleep, &m) ? m.signal : NOWHERE;
}

/* Whether the thread had the mutex at its step `at`. */
static bool had_mutex(const struct view *v, uint32_t at, uint32_t mutex)
{
	struct scene s;
	bool had;

	if (mutex == NOWHERE)
		return false;
	scene_init(&s, v);
	for (size_t i = 0; i < at; i++)
		scene_step(&s, i);
	had = scene_holds(&s, v->e[at].thread, mutex);
	scene_fini(&s);
	return had;
}

static void fix_missed(struct view *v, const struct missed *m, uint32_t asleep,
		       struct finding *f)
{
	uint32_t mutex = view_mutex_at(v, asleep);
	const char *lock = say_place(v, mutex);
	const char *cond = say_place(v, view_place_at(v, asleep));

	if (m->test == NOWHERE)
		finding_fix(f, "set a variable before the signal, and wait in "
			       "a loop while it is not set");
	else if (had_mutex(v, m->test, mutex))
		finding_fix(f, "hold %s from the change to the signal of %s "
			       "(line %u)", lock, cond,
			    view_line(v, m->signal));
	else
		finding_fix(f, "lock %s before the test at line %u, and test "
			       "in a while loop", lock, view_line(v, m->test));
}

static bool lost_wakeup(struct view *v, const struct scene *s, thread_id t,
			size_t at, struct finding_list *out)
{
	uint32_t asleep = s->actors[t].asleep;
	const char *me = say_thread(v, t), *it, *cond;
	struct finding *f;
	struct missed m;

	if (!actor_sleeps(&s->actors[t]) || !find_missed(v, asleep, &m))
		return false;
	it = say_thread(v, v->e[m.signal].thread);
	cond = say_place(v, view_place_at(v, asleep));
	f = finding_add(out, v, FINDING_LOST_WAKEUP, at,
			view_place_at(v, asleep));
	f->threads = bit(t) | bit(v->e[m.signal].thread);
	finding_event(f, 0, m.signal);
	finding_event(f, 1, asleep);
	if (m.test != NOWHERE)
		finding_event(f, 2, m.test);
	finding_what(f, "%s signals %s (step %u) before %s falls asleep (step "
			"%u): lost.", it, cond, v->e[m.signal].step, me,
		     v->e[asleep].step);
	finding_why(f, "A signal is not remembered. %s sleeps for ever: no "
		       "other one comes.", me);
	fix_missed(v, &m, asleep, f);
	return true;
}

/* ---- a queue's join ---------------------------------------------------- */

static bool missed_done(struct view *v, const struct scene *s, thread_id t,
			size_t at, struct finding_list *out)
{
	uint32_t wants = s->actors[t].wants, got = NOWHERE, place;
	const struct spot *spot;
	struct finding *f;
	const char *name;

	if (wants == NOWHERE || v->e[wants].kind != OP_JOIN_QUEUE)
		return false;
	place = view_place_at(v, wants);
	if (place == NOWHERE || s->spots[place].value > 0)
		return false;
	spot = &s->spots[place];
	got = spot->taken;
	name = say_place(v, place);
	f = finding_add(out, v, FINDING_MISSED_DONE, at, place);
	f->threads = bit(t);
	finding_what(f, "%s waits for %s %s: %u item%s got, but done only %u "
			"time%s.", say_thread(v, t), name, say_since(v, wants),
		     spot->gets, spot->gets == 1 ? "" : "s",
		     spot->puts - (uint32_t)spot->unfinished,
		     spot->puts - (uint32_t)spot->unfinished == 1 ? "" : "s");
	finding_why(f, "join counts done, not get: it waits until each item "
		       "put is done.");
	finding_fix(f, "write done %s for each item, also where an error "
		       "leaves early", name);
	if (got == NOWHERE)
		return true;
	finding_event(f, 0, got);
	f->threads |= bit(v->e[got].thread);
	finding_fix(f, "write done %s after each get(%s) (line %u)", name, name,
		    view_line(v, got));
	return true;
}

/* ---- barriers ---------------------------------------------------------- */

static uint64_t waits_to_leave(const struct view *v, const struct scene *s,
			       uint32_t place)
{
	uint64_t set = 0;

	for (size_t t = 0; t < v->threads; t++) {
		uint32_t i = s->actors[t].wants;

		if (i != NOWHERE && v->e[i].kind == OP_LEAVE &&
		    view_place_at(v, i) == place)
			set |= bit(t);
	}
	return set;
}

static bool barrier_misuse(struct view *v, const struct scene *s, thread_id t,
			   size_t at, struct finding_list *out)
{
	uint32_t wants = s->actors[t].wants, place;
	uint64_t set;
	struct finding *f;
	const char *name;
	int32_t max, come;

	if (wants == NOWHERE || v->e[wants].kind != OP_LEAVE)
		return false;
	place = view_place_at(v, wants);
	if (place == NOWHERE)
		return false;
	set = waits_to_leave(v, s, place);
	if (set & (bit(t) - 1))
		return true; /* told with the lowest of them */
	name = say_place(v, place);
	max = view_kind(v, place)->max;
	come = s->spots[place].value;
	f = finding_add(out, v, FINDING_BARRIER_MISUSE, at, place);
	f->threads = set;
	finding_event(f, 0, s->spots[place].freed);
	finding_what(f, "%s is made for %d, but only %d came: %s.", name, max,
		     come, say_threads(v, set));
	finding_why(f, "A barrier opens when all have arrived. Nobody else is "
		       "left to come.");
	finding_fix(f, "declare barrier %s = %d, or let %d more wait for it",
		    view_kind(v, place)->name, come, max - come);
	return true;
}

bool stuck_find(struct view *v, const struct scene *s, thread_id t, size_t at,
		struct finding_list *out)
{
	return lost_wakeup(v, s, t, at, out) ||
	       missed_done(v, s, t, at, out) ||
	       barrier_misuse(v, s, t, at, out);
}
