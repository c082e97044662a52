/*
 * forever.c - waits that nobody is left to end.
 *
 * When all has stopped, each thread that is in no ring and waits behind no
 * other is explained by itself: by its own name where it has one (stuck.c), by
 * the signal that woke another of the sleepers, or by who could have ended the
 * wait and no longer does.
 */
#include "waits.h"

/* "Nobody but P puts into q, and it has finished." */
static void say_helpers(struct waits *w, uint64_t waiting,
			const struct event *e, const char *deed,
			struct finding *f)
{
	struct view *v = w->v;
	uint64_t could = reach_helpers(v, e, w->begin) & ~waiting;
	uint64_t still = reach_helpers(v, e, w->now) & could, left = 0;
	const char *names = say_threads(v, still ? still : could);

	for (size_t t = 0; t < v->threads; t++)
		if (could & bit(t) && w->scene.actors[t].ended == NOWHERE)
			left |= bit(t);
	if (!could)
		finding_why(f, "No other thread ever %s.", deed);
	else if (still)
		finding_why(f, "%s could, but %s for ever too.", names,
			    still & (still - 1) ? "they wait" : "waits");
	else
		finding_why(f, "Nobody but %s %s, and %s.", names, deed,
			    could & (could - 1)
				    ? left ? "they no longer do"
					   : "all have finished"
			    : left ? "it no longer does"
				   : "it has finished");
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
		{OP_SELECT, "puts into %s",
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
	bool select = e->kind == OP_SELECT;
	const char *name = select ? say_select(v, e, &w->now[e->thread])
				  : say_object(v, e->object, e->index);

	finding_why(f, "Nobody is left who could end this wait.");
	finding_fix(f, "see that somebody ends the wait at line %u",
		    v->p->code.data[e->pc].line);
	if (!c || (e->object == OBJECT_NONE && !select))
		return;
	say_helpers(w, waiting, e, fill(v, c->deed, name), f);
	finding_fix(f, "%s", *v->p->fix ? v->p->fix : fill(v, c->fix, name));
}

/* Threads that wait for the same as t, and are not explained yet. */
static uint64_t same_wait(const struct waits *w, thread_id t)
{
	const struct view *v = w->v;
	uint32_t mine = waits_event(w, t);
	uint64_t set = 0;

	for (size_t u = 0; u < v->threads; u++) {
		uint32_t i = waits_event(w, (thread_id)u);

		if (i != NOWHERE && !(w->told & bit(u)) &&
		    waits_alike(w, mine, i))
			set |= bit(u);
	}
	return set;
}

/* The last signal woke one of the sleepers, who went back to sleep. */
static void blame_signal(struct waits *w, uint32_t asleep, struct finding *f)
{
	struct view *v = w->v;
	uint32_t place = view_place_at(v, asleep);
	uint32_t i = w->scene.spots[place].freed;
	const char *cond = say_place(v, place);

	if (i == NOWHERE || v->e[i].kind != OP_SIGNAL ||
	    v->e[i].other == THREAD_NONE ||
	    !(w->told & bit(v->e[i].other)) ||
	    !(f->threads & ~bit(v->e[i].other)))
		return;
	finding_event(f, 0, i);
	finding_why(f, "The last signal on %s (%s, step %u) woke %s, which "
		       "sleeps again.", cond, say_thread(v, v->e[i].thread),
		    v->e[i].step, say_thread(v, v->e[i].other));
	finding_fix(f, "broadcast %s instead of signal (line %u), or use two "
		       "conditions", cond, view_line(v, i));
}

/* Somebody took a permit and finished without giving it back. */
static void blame_keeper(struct waits *w, uint32_t place, struct finding *f)
{
	struct view *v = w->v;

	for (size_t t = 0; t < v->threads; t++) {
		const struct actor *a = &w->scene.actors[t];

		for (size_t k = 0; k < a->holds.len; k++) {
			const struct hold *h = &a->holds.data[k];

			if (h->place != place || a->ended == NOWHERE)
				continue;
			finding_event(f, 0, h->at);
			f->threads |= bit(t);
			finding_why(f, "%s took a permit of %s (step %u) and "
				       "finished without a post.",
				    say_thread(v, (thread_id)t),
				    say_place(v, place), v->e[h->at].step);
			return;
		}
	}
}

static void report_for_ever(struct waits *w, thread_id t, size_t at)
{
	struct view *v = w->v;
	uint32_t i = waits_event(w, t);
	uint64_t set = same_wait(w, t);
	bool many = set & (set - 1), asleep = actor_sleeps(&w->scene.actors[t]);
	struct finding *f = finding_add(w->out, v, FINDING_WAITS_FOR_EVER, at,
					view_place_at(v, i));
	const char *since = many ? "" : say(v, " %s", say_since(v, i));

	f->threads = set;
	finding_event(f, 1, w->scene.actors[t].last);
	w->told |= set;
	if (asleep)
		finding_what(f, "%s sleep%s in %s%s; nobody wakes %s.",
			     say_threads(v, set), many ? "" : "s",
			     say_object(v, v->e[i].object, v->e[i].index),
			     since, many ? "them" : "it");
	else
		finding_what(f, "%s wait%s for %s%s, for ever.",
			     say_threads(v, set), many ? "" : "s",
			     say_want(w, t), since);
	say_cure(w, set, &v->e[i], f);
	if (asleep)
		blame_signal(w, i, f);
	else if (v->e[i].kind == OP_SEM_WAIT)
		blame_keeper(w, view_place_at(v, i), f);
}

/* ---- one after the other ----------------------------------------------- */

/* A daemon may wait as long as it likes, unless others wait for it. What is
 * told already leads nowhere new. */
static void find_counting(struct waits *w)
{
	uint64_t todo = 0;

	for (size_t t = 0; t < w->v->threads; t++)
		if (!w->v->p->threads.data[t].daemon)
			todo |= bit(t);
	todo &= ~w->told;
	for (w->counting = 0; todo; todo &= ~(w->counting | w->told)) {
		size_t t = (size_t)__builtin_ctzll(todo);

		w->counting |= bit(t);
		todo |= waits_for(w, (thread_id)t);
	}
}

static bool is_open(const struct waits *w, size_t t)
{
	return actor_stuck(&w->scene.actors[t]) &&
	       bit(t) & w->counting & ~w->told;
}

/* Its condition's last signal woke one that sleeps there again. */
static bool was_passed_over(const struct waits *w, size_t t)
{
	const struct view *v = w->v;
	uint32_t asleep = w->scene.actors[t].asleep, i, other;

	if (!actor_sleeps(&w->scene.actors[t]) ||
	    view_place_at(v, asleep) == NOWHERE)
		return false;
	i = w->scene.spots[view_place_at(v, asleep)].freed;
	if (i == NOWHERE || v->e[i].other == THREAD_NONE)
		return false;
	other = w->scene.actors[v->e[i].other].asleep;
	return actor_sleeps(&w->scene.actors[v->e[i].other]) &&
	       view_place_at(v, other) == view_place_at(v, asleep);
}

void forever_named(struct waits *w, size_t at)
{
	find_counting(w);
	for (size_t t = 0; t < w->v->threads; t++)
		if (is_open(w, t) &&
		    stuck_find(w->v, &w->scene, (thread_id)t, at, w->out))
			w->told |= bit(t);
}

void forever_explain(struct waits *w, size_t at)
{
	size_t before = w->out->len;

	find_counting(w);
	for (size_t t = 0; t < w->v->threads; t++)
		if (is_open(w, t) && (was_passed_over(w, t) ||
				      !waits_for(w, (thread_id)t)))
			report_for_ever(w, (thread_id)t, at);
	for (size_t t = 0; t < w->v->threads; t++)
		if (is_open(w, t))
			ring_look(w, (thread_id)t, at);
	/* Whoever is left waits behind the others, if there are any. */
	for (size_t t = 0; t < w->v->threads; t++)
		if (is_open(w, t) && !w->told && w->out->len == before)
			report_for_ever(w, (thread_id)t, at);
}
