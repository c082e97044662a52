/*
 * ring.c - a deadlock in words: the ring, why nobody can break it, and how to
 * keep it from closing.
 *
 * There are rings of locks, which a common order of taking them prevents, and
 * mixed ones: somebody keeps a lock while it waits for what only the one it
 * keeps out could give, or two wait for each other's sign before giving theirs.
 */
#include "waits.h"

/* ---- what happened ----------------------------------------------------- */

const char *say_want(struct waits *w, thread_id t)
{
	struct view *v = w->v;
	uint32_t i = waits_event(w, t);
	const struct event *e = &v->e[i];
	const char *name = actor_sleeps(&w->scene.actors[t])
				   ? say_place(v, view_place_at(v, i))
				   : say_place(v, scene_wanted(&w->scene, t));

	switch (e->kind) {
	case OP_JOIN:
		return say(v, "the end of %s", say_thread(v, e->other));
	case OP_SEM_WAIT:
		return say(v, "a permit of %s", name);
	case OP_GET:
	case OP_GETFOR:
		return say(v, "an item in %s", name);
	case OP_SELECT:
		return say(v, "an item in %s",
			   say_select(v, e, w->now ? &w->now[t] : NULL));
	case OP_PUT:
		return say(v, "room in %s", name);
	case OP_SLEEP_ON:
		return say(v, "a signal on %s", name);
	default:
		return name;
	}
}

static bool has_permit(const struct waits *w, thread_id t, uint32_t place)
{
	const struct actor *a = &w->scene.actors[t];

	for (size_t k = 0; k < a->holds.len; k++)
		if (a->holds.data[k].place == place)
			return true;
	return false;
}

static bool waits_for_lock(const struct waits *w, thread_id t)
{
	return waits_firm(&w->scene, t) &&
	       w->v->e[waits_event(w, t)].kind != OP_JOIN;
}

/* What the next in the ring has to do with what t waits for. */
static const char *say_part(struct waits *w, thread_id t, thread_id next)
{
	uint32_t i = waits_event(w, t);

	if (waits_for_lock(w, t))
		return "holds";
	switch (w->v->e[i].kind) {
	case OP_SEM_WAIT:
		return has_permit(w, next, view_place_at(w->v, i))
			       ? "has" : "would post";
	case OP_GET:
	case OP_GETFOR:
	case OP_SELECT:
		return "would put";
	case OP_EVENT_WAIT:
		return "would set";
	case OP_COUNT_WAIT:
		return "would count down";
	case OP_SLEEP_ON:
		return "would signal";
	default:
		return "would give";
	}
}

/* The step at which t took what the place stands for; 0: it did not. */
static unsigned own_since(const struct waits *w, thread_id t, uint32_t place)
{
	const struct actor *a = &w->scene.actors[t];

	for (size_t k = 0; k < a->holds.len; k++)
		if (a->holds.data[k].place == place)
			return w->v->e[a->holds.data[k].at].step;
	return 0;
}

static void add_wait(struct waits *w, const struct ring *r, size_t k,
		     bool brief, struct str *out)
{
	thread_id t = r->who[k], next = r->who[(k + 1) % r->len];
	const char *me = say_thread(w->v, t), *want = say_want(w, t);
	const struct event *e = &w->v->e[waits_event(w, t)];
	unsigned since = own_since(w, next, scene_wanted(&w->scene, t));

	if (brief) {
		str_addf(out, "%s%s%s for %s's %s", k ? ", " : "", me,
			 k ? "" : " waits", say_thread(w->v, next), want);
		return;
	}
	if (waits_for_lock(w, t) && since) {
		str_addf(out, "%s%s wants %s (%s's since step %u)",
			 k ? ", " : "", me, want, say_thread(w->v, next),
			 since);
		return;
	}
	if (e->kind == OP_SEM_WAIT || e->kind == OP_SLEEP_ON)
		want = say_object(w->v, e->object, e->index);
	str_addf(out, "%s%s %s %s", k ? ", " : "", me,
		 e->kind == OP_SLEEP_ON ? "sleeps in" : "waits for", want);
	if (e->kind == OP_JOIN)
		return;
	str_addf(out, " (%s %s", next == t ? "it" : say_thread(w->v, next),
		 say_part(w, t, next));
	if (since)
		str_addf(out, " it since step %u", since);
	str_addc(out, ')');
}

static bool all_locks(const struct waits *w, const struct ring *r)
{
	for (size_t k = 0; k < r->len; k++)
		if (!waits_for_lock(w, r->who[k]))
			return false;
	return true;
}

/* ---- the fix ----------------------------------------------------------- */

static void fix_order(struct waits *w, const struct ring *r,
		      struct finding *f)
{
	struct view *v = w->v;
	uint32_t low = NOWHERE, high = 0;

	for (size_t k = 0; k < r->len; k++) {
		uint32_t place = scene_wanted(&w->scene, r->who[k]);

		low = place < low ? place : low;
		high = place > high ? place : high;
	}
	if (r->len == 2)
		finding_fix(f, "take both in one order everywhere: %s before "
			       "%s", say_place(v, low), say_place(v, high));
	else
		finding_fix(f, "take them in one order everywhere: %s before "
			       "all others", say_place(v, low));
}

/* What would end the wait of t: "post b_here". */
static const char *say_gift(struct waits *w, thread_id t)
{
	struct view *v = w->v;
	const struct event *e = &v->e[waits_event(w, t)];
	const char *name = say_object(v, e->object, e->index);

	switch (e->kind) {
	case OP_SEM_WAIT:
		return say(v, "post %s", name);
	case OP_EVENT_WAIT:
		return say(v, "set %s", name);
	case OP_GET:
	case OP_GETFOR:
		return say(v, "put into %s", name);
	case OP_SELECT:
		return say(v, "put into %s",
			   say_select(v, e, w->now ? &w->now[t] : NULL));
	case OP_PUT:
		return say(v, "get from %s", name);
	case OP_SLEEP_ON:
		return say(v, "signal %s", name);
	case OP_COUNT_WAIT:
		return say(v, "arrive at %s", name);
	default:
		return "give what the other needs";
	}
}

/* Somebody keeps what another wants, or gives only after its own wait. */
static void fix_mixed(struct waits *w, const struct ring *r,
		      struct finding *f)
{
	struct view *v = w->v;

	for (size_t k = 0; k < r->len; k++) {
		thread_id t = r->who[k], keeper = r->who[(k + 1) % r->len];
		uint32_t place = scene_wanted(&w->scene, t);

		if (place == NOWHERE || !has_permit(w, keeper, place))
			continue;
		finding_fix(f, "%s must not keep %s while it waits for %s "
			       "(line %u)", say_thread(v, keeper),
			    say_place(v, place), say_want(w, keeper),
			    view_line(v, waits_event(w, keeper)));
		return;
	}
	finding_fix(f, "let %s %s before its own wait at line %u",
		    say_thread(v, r->who[0]),
		    say_gift(w, r->who[r->len - 1]),
		    view_line(v, waits_event(w, r->who[0])));
}

static void say_self(struct waits *w, thread_id t, struct finding *f)
{
	struct view *v = w->v;
	uint32_t place = scene_wanted(&w->scene, t);
	const char *name = say_place(v, place), *me = say_thread(v, t);
	unsigned line = view_line(v, waits_event(w, t));

	if (place == NOWHERE) {
		finding_what(f, "%s waits for its own end.", me);
		finding_fix(f, "let another thread join %s", me);
		return;
	}
	finding_what(f, "%s waits for %s, which it holds itself since step %u.",
		     me, name, own_since(w, t, place));
	finding_why(f, "Only %s could unlock %s, and it is %s that waits: for "
		       "ever.", me, name, me);
	if (view_kind(v, place)->kind == OBJECT_MUTEX)
		finding_fix(f, "unlock %s before line %u, or declare it "
			       "recursive mutex %s", name, line,
			    view_kind(v, place)->name);
	else
		finding_fix(f, "unlock %s before line %u", name, line);
}

/* A long ring has no room for the steps in its first sentence. */
static void say_since_when(struct waits *w, const struct ring *r, bool steps,
			   struct finding *f)
{
	struct str list = {0};

	if (!steps) {
		finding_why(f, "Each waits for the next: nobody in the ring "
			       "can ever go on.");
		return;
	}
	for (size_t k = 0; k < r->len; k++) {
		thread_id next = r->who[(k + 1) % r->len];

		str_addf(&list, "%s%u",
			 !k ? "" : k + 1 < r->len ? ", " : " and ",
			 own_since(w, next,
				   scene_wanted(&w->scene, r->who[k])));
	}
	finding_why(f, "Taken at steps %s. Each waits for the next: nobody can "
		       "go on.", str_cstr(&list));
	str_free(&list);
}

void ring_report(struct waits *w, const struct ring *r, size_t at)
{
	struct finding *f = finding_add(w->out, w->v, FINDING_DEADLOCK, at,
					NOWHERE);
	bool locks = all_locks(w, r);
	struct str what = {0};

	f->threads = 0;
	for (size_t k = 0; k < r->len; k++) {
		uint32_t place = scene_wanted(&w->scene, r->who[k]);

		f->threads |= bit(r->who[k]);
		if (place != NOWHERE && k < 2 &&
		    w->scene.spots[place].taken != NOWHERE)
			finding_event(f, k, w->scene.spots[place].taken);
		add_wait(w, r, k, locks && r->len > 2, &what);
	}
	w->told |= f->threads;
	finding_what(f, "%s.", str_cstr(&what));
	str_free(&what);
	say_since_when(w, r, locks && r->len > 2, f);
	if (r->len == 1)
		say_self(w, r->who[0], f);
	else if (locks)
		fix_order(w, r, f);
	else
		fix_mixed(w, r, f);
}
