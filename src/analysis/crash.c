/*
 * crash.c - a run-time error in words: what was tried, and what stood against
 * it.
 *
 * The mark at the end says who and where; the step before it what was tried. A
 * lock given back by a stranger and a permit too many have names of their own.
 * An error in private code has no step: there the instruction says it.
 */
#include "inside.h"

struct crash {
	struct view *v;
	const struct scene *scene;
	size_t at;
	const struct event *e; /* the mark at the end */
	struct finding_list *out;
};

/* ---- crashes ----------------------------------------------------------- */

static void say_stranger(struct crash *x, size_t i, uint32_t place)
{
	struct view *v = x->v;
	const struct spot *s = &x->scene->spots[place];
	const char *me = say_thread(v, v->e[i].thread);
	const char *name = say_place(v, place);
	struct finding *f =
		finding_add(x->out, v, FINDING_STRANGER_UNLOCK, x->at, place);

	f->threads = bit(v->e[i].thread) | bit(s->owner);
	finding_event(f, 1, i);
	if (s->owner == THREAD_NONE) {
		finding_what(f,
			     "%s gives back %s (line %u), but nobody has "
			     "it.",
			     me, name, view_line(v, i));
		finding_why(f, "Only who has locked may unlock, and only once "
			       "for each lock.");
		finding_fix(f,
			    "lock %s before line %u, or leave this unlock "
			    "out",
			    name, view_line(v, i));
		return;
	}
	finding_event(f, 0, s->taken);
	finding_what(f,
		     "%s gives back %s (line %u), but %s has it, since step "
		     "%u.",
		     me, name, view_line(v, i), say_thread(v, s->owner),
		     v->e[s->taken].step);
	finding_why(f,
		    "Only the owner may unlock: %s would let others in on "
		    "%s.",
		    me, say_thread(v, s->owner));
	finding_fix(f,
		    "unlock %s where it was locked; to signal others, use a "
		    "semaphore",
		    name);
}

/* The last post of who has posted more than it took: of the thread that got the
 * error, unless it was in its right. */
static size_t one_too_many(struct view *v, size_t i, uint32_t place)
{
	size_t posted[LIMIT_THREADS] = {0};
	int more[LIMIT_THREADS] = {0};
	thread_id me = v->e[i].thread, who = me;

	for (size_t k = 0; k <= i; k++) {
		const struct event *e = &v->e[k];

		if (!is_step(e) || view_place_at(v, k) != place)
			continue;
		if (e->kind == OP_SEM_POST) {
			more[e->thread]++;
			posted[e->thread] = k;
		} else if (succeeded(e)) {
			more[e->thread]--;
		}
	}
	for (thread_id t = 0; t < v->threads && more[me] <= 0; t++)
		if (more[t] > more[who])
			who = t;
	return more[who] > 0 ? posted[who] : i;
}

static void say_over_release(struct crash *x, size_t i, uint32_t place)
{
	struct view *v = x->v;
	const char *name = say_place(v, place);
	size_t culprit = one_too_many(v, i, place);
	struct finding *f =
		finding_add(x->out, v, FINDING_OVER_RELEASE, x->at, place);

	finding_event(f, 0, x->scene->spots[place].freed);
	finding_event(f, 1, i);
	finding_what(f, "%s posts %s, which has all its permits already (%d).",
		     say_thread(v, v->e[i].thread), name,
		     view_kind(v, place)->max);
	if (v->e[culprit].thread == v->e[i].thread)
		finding_why(f, "Somebody gives back what nobody took: too many "
			       "would get in later.");
	else
		finding_why(f,
			    "%s may, but %s posted at step %u (line %u) "
			    "what it had not taken.",
			    say_thread(v, v->e[i].thread),
			    say_thread(v, v->e[culprit].thread),
			    v->e[culprit].step, view_line(v, culprit));
	finding_fix(f, "post %s only once for each wait (line %u)", name,
		    view_line(v, culprit));
}

static const char *remedy(struct view *v, size_t i)
{
	const struct event *e = &v->e[i];
	unsigned line = view_line(v, i);

	if (e->object != OBJECT_NONE && view_place_at(v, i) == NOWHERE)
		return say(v, "keep the index from 0 to %d (line %u)",
			   v->p->objects.data[e->object].count - 1, line);
	switch (e->kind) {
	case OP_BUF_GET:
		return say(v,
			   "wait while it is empty, and look again after "
			   "waking (line %u)",
			   line);
	case OP_BUF_PUT:
		return say(v,
			   "wait while it is full, and look again after "
			   "waking (line %u)",
			   line);
	case OP_SLEEP_ON:
		return say(v, "lock %s before the wait at line %u",
			   say_place(v, view_mutex_at(v, i)), line);
	case OP_DONE:
		return say(v, "call done once for each item (line %u)", line);
	case OP_COUNT_DOWN:
		return say(v, "arrive only as often as it says (line %u)",
			   line);
	case OP_START:
		return say(v, "start it only once (line %u)", line);
	default:
		return say(v, "see that this cannot come at line %u", line);
	}
}

static void say_step_crash(struct crash *x, size_t i)
{
	struct view *v = x->v;
	const struct event *e = &v->e[i];
	uint32_t place = view_place_at(v, i);
	struct finding *f;

	if (place != NOWHERE && e->kind == OP_SEM_POST) {
		say_over_release(x, i, place);
		return;
	}
	if (place != NOWHERE &&
	    (e->kind == OP_UNLOCK || e->kind == OP_RWUNLOCK)) {
		say_stranger(x, i, place);
		return;
	}
	f = finding_add(x->out, v, FINDING_CRASH, x->at, place);
	f->threads = bit(e->thread);
	finding_event(f, 1, i);
	if (place != NOWHERE)
		finding_event(f, 0, x->scene->spots[place].written);
	finding_what(f, "%s (line %u).", say_crash(v, i), view_line(v, i));
	finding_why(f, "The run ends here: what follows would rest on "
		       "nonsense.");
	finding_fix(f, "%s", remedy(v, i));
}

static void say_private_crash(struct crash *x)
{
	struct view *v = x->v;
	const struct insn *i = &v->p->code.data[x->e->pc];
	const char *me = say_thread(v, x->e->thread);
	struct finding *f =
		finding_add(x->out, v, FINDING_CRASH, x->at, NOWHERE);

	if (i->code == INSN_DIV || i->code == INSN_MOD) {
		finding_what(f, "%s divides by zero (line %u).", me, i->line);
		finding_why(f, "There is no such number.");
		finding_fix(f, "test the divisor before line %u", i->line);
	} else if (i->code < OP_COUNT) {
		finding_what(f,
			     "%s would have to wait inside atomic: (line "
			     "%u).",
			     me, i->line);
		finding_why(f, "Nobody else moves during one step, so nobody "
			       "could end the wait.");
		finding_fix(f, "put what may block first in the block, or "
			       "before it");
	} else {
		finding_what(f,
			     "%s runs for ever without touching shared "
			     "state (line %u).",
			     me, i->line);
		finding_why(f, "What it waits for can only come from outside, "
			       "and it does not look.");
		finding_fix(f, "read a shared variable in the loop at line %u",
			    i->line);
	}
}

void crash_say(struct view *v, const struct scene *scene, size_t at,
	       struct finding_list *out)
{
	struct crash x = {v, scene, at, &v->e[at], out};

	for (size_t i = at; i-- > 0 && v->e[i].step == x.e->step;)
		if (is_own(&v->e[i]) && v->e[i].flags & EVENT_CRASH) {
			say_step_crash(&x, i);
			return;
		}
	if (x.e->thread != THREAD_NONE)
		say_private_crash(&x);
}
