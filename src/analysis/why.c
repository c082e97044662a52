/*
 * why.c - why is it so: the step behind a wait, and behind what a variable or
 * a lock is now.
 *
 * A thread that wants a lock waits because of the step that took it. Behind any
 * other wait stand two things: the step after which there was nothing left to
 * take, and those who by their code could still end it. A sleeper may have
 * missed its signal; then that is the reason. What an object is now it is by
 * the last step that changed it.
 *
 * An answer is the step to look at and one sentence, short enough for a line.
 */
#include "inside.h"

struct why {
	struct view v;
	struct scene scene;
	const char *text;
};

static void begin(struct why *w, const struct program *p,
		  const struct event *events, size_t n)
{
	view_init(&w->v, p, events, n);
	scene_init(&w->scene, &w->v);
	w->text = "";
	for (size_t i = 0; i < w->v.n; i++)
		scene_step(&w->scene, i);
}

static size_t end(struct why *w, uint32_t at, struct str *out)
{
	str_add(out, w->text);
	scene_fini(&w->scene);
	view_fini(&w->v);
	return at == NOWHERE ? SIZE_MAX : at;
}

static unsigned step_of(const struct why *w, uint32_t i)
{
	return w->v.e[i].step;
}

static const char *doer(const struct why *w, uint32_t i)
{
	return say_thread(&w->v, w->v.e[i].thread);
}

/* ---- locks ------------------------------------------------------------- */

/* The event with which t took what it holds there; NOWHERE: it does not. */
static uint32_t taken_by(const struct why *w, thread_id t, uint32_t place)
{
	const struct actor *a = &w->scene.actors[t];

	for (size_t k = a->holds.len; k-- > 0;)
		if (a->holds.data[k].place == place)
			return a->holds.data[k].at;
	return NOWHERE;
}

static uint32_t why_free(struct why *w, thread_id t, uint32_t place)
{
	uint32_t at = w->scene.spots[place].freed;
	const char *name = say_place(&w->v, place);

	const char *me = say_thread(&w->v, t);

	if (at == NOWHERE)
		w->text = say(&w->v, "%s is free: %s may try for it", name, me);
	else
		w->text = say(&w->v, "%s gave %s back at step %u: %s may try "
				     "for it", doer(w, at), name,
			      step_of(w, at), me);
	return at;
}

static uint32_t why_lock(struct why *w, thread_id t, uint64_t by)
{
	struct view *v = &w->v;
	uint32_t place = scene_wanted(&w->scene, t), at;
	const char *me = say_thread(v, t), *name = say_place(v, place), *it;
	thread_id holder;

	if (!by)
		return why_free(w, t, place);
	holder = (thread_id)__builtin_ctzll(by);
	it = say_thread(v, holder);
	at = taken_by(w, holder, place);
	if (at == NOWHERE)
		return NOWHERE;
	if (holder == t)
		w->text = say(v, "%s took %s itself at step %u: it waits for "
				 "itself", me, name, step_of(w, at));
	else if (w->scene.actors[holder].ended != NOWHERE)
		w->text = say(v, "%s took %s at step %u and has finished: %s "
				 "waits for ever", it, name, step_of(w, at),
			      me);
	else
		w->text = say(v, "%s took %s at step %u: that is why %s waits",
			      it, name, step_of(w, at), me);
	return at;
}

/* ---- waits for somebody's deed ----------------------------------------- */

struct deed {
	uint8_t wait;
	const char *verb; /* what would end it; %s: the object */
	const char *last; /* what the step behind it did; NULL: no matter */
};

static const struct deed *deed_of(uint8_t kind)
{
	static const struct deed deeds[] = {
		{OP_SEM_WAIT, "post %s", "took the last permit"},
		{OP_EVENT_WAIT, "set %s", "cleared it"},
		{OP_GET, "put into %s", "took the last item"},
		{OP_GETFOR, "put into %s", "took the last item"},
		{OP_PUT, "get from %s", "filled it"},
		{OP_COUNT_WAIT, "count %s down", NULL},
		{OP_LEAVE, "arrive at %s", NULL},
		{OP_JOIN_QUEUE, "call done for %s", "put the last item"},
		{OP_SLEEP_ON, "signal %s", NULL},
		{OP_SELECT, "put into %s", NULL},
	};

	for (size_t k = 0; k < sizeof deeds / sizeof *deeds; k++)
		if (deeds[k].wait == kind)
			return &deeds[k];
	return NULL;
}

/* Who could still do it, as their code says. */
static uint64_t helpers(const struct why *w, thread_id t, uint32_t wait,
			const struct machine *now)
{
	uint64_t set = reach_helpers(&w->v, &w->v.e[wait], now), ended = 0;

	for (size_t u = 0; u < w->v.threads; u++)
		if (w->scene.actors[u].ended != NOWHERE)
			ended |= bit(u);
	return set & ~bit(t) & ~ended;
}

static const char *fill(struct view *v, const char *form, const char *name)
{
	const char *gap = strstr(form, "%s");

	return say(v, "%.*s%s%s", (int)(gap - form), form, name, gap + 2);
}

/* The step after which there was nothing to take. */
static uint32_t emptied(const struct why *w, uint32_t wait)
{
	size_t at = analysis_cause(w->v.p, w->v.e, w->v.n, wait);

	return at == SIZE_MAX ? NOWHERE : (uint32_t)at;
}

static uint32_t why_deed(struct why *w, thread_id t, uint32_t wait)
{
	struct view *v = &w->v;
	const struct event *e = &v->e[wait];
	const struct deed *d = deed_of(e->kind);
	const char *me = say_thread(v, t), *verb;
	uint32_t at = emptied(w, wait);
	struct minds minds;
	uint64_t who;

	if (!d)
		return at;
	minds_init(&minds, v);
	for (size_t i = 0; i < v->n; i++)
		minds_step(&minds, i);
	who = helpers(w, t, wait, minds.machines);
	verb = fill(v, d->verb,
		    e->kind == OP_SELECT
			    ? say_select(v, e, &minds.machines[t])
			    : say_object(v, e->object, e->index));
	minds_fini(&minds);
	if (!who)
		w->text = say(v, "%s waits for ever: nobody is left to %s", me,
			      verb);
	else
		w->text = say(v, "%s waits for %s to %s", me,
			      say_either(v, who), verb);
	if (at != NOWHERE && d->last)
		w->text = say(v, "%s; %s %s at step %u", w->text, doer(w, at),
			      d->last, step_of(w, at));
	return at == NOWHERE ? wait : at;
}

static uint32_t why_asleep(struct why *w, thread_id t)
{
	uint32_t asleep = w->scene.actors[t].asleep, signal;
	struct view *v = &w->v;

	signal = stuck_missed(v, asleep);
	if (signal == NOWHERE) {
		why_deed(w, t, asleep);
		w->text = say(v, "%s; asleep since step %u", w->text,
			      step_of(w, asleep));
		return asleep;
	}
	w->text = say(v, "%s signalled at step %u, before %s slept (step %u): "
			 "lost", doer(w, signal), step_of(w, signal),
		      say_thread(v, t), step_of(w, asleep));
	return signal;
}

static uint32_t why_join(struct why *w, thread_id t, uint32_t wait)
{
	thread_id other = w->v.e[wait].other;
	const char *me = say_thread(&w->v, t), *it;
	uint32_t at;

	if (other == THREAD_NONE)
		return NOWHERE;
	it = say_thread(&w->v, other);
	at = w->scene.actors[other].last;
	if (at == NOWHERE)
		w->text = say(&w->v, "%s waits for the end of %s, which has "
				     "not moved yet", me, it);
	else
		w->text = say(&w->v, "%s waits for the end of %s; its last "
				     "step so far is %u", me, it,
			      step_of(w, at));
	return at;
}

static uint32_t why_wish(struct why *w, thread_id t)
{
	uint32_t wait = w->scene.actors[t].wants;

	switch (w->v.e[wait].kind) {
	case OP_LOCK:
	case OP_LOCKFOR:
	case OP_RDLOCK:
	case OP_WRLOCK:
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		if (scene_wanted(&w->scene, t) == NOWHERE)
			return NOWHERE;
		return why_lock(w, t, scene_blockers(&w->scene, t));
	case OP_JOIN:
		return why_join(w, t, wait);
	default:
		return why_deed(w, t, wait);
	}
}

static uint32_t why_thread(struct why *w, thread_id t)
{
	const struct actor *a = &w->scene.actors[t];
	const char *me = say_thread(&w->v, t);

	if (a->ended != NOWHERE) {
		w->text = say(&w->v, "%s ended with step %u", me,
			      step_of(w, a->ended));
		return a->ended;
	}
	if (actor_sleeps(a))
		return why_asleep(w, t);
	if (a->wants != NOWHERE)
		return why_wish(w, t);
	if (a->last == NOWHERE && w->v.p->threads.data[t].later &&
	    a->started == NOWHERE)
		w->text = say(&w->v, "nobody has started %s yet", me);
	else if (a->last == NOWHERE)
		w->text = say(&w->v, "%s can move, and has not done so yet",
			      me);
	else
		w->text = say(&w->v, "%s can move; its last step is %u", me,
			      step_of(w, a->last));
	return a->last;
}

size_t analysis_why_thread(const struct program *p, const struct event *events,
			   size_t n, thread_id t, struct str *out)
{
	struct why w;

	begin(&w, p, events, n);
	return end(&w, why_thread(&w, t), out);
}

/* ---- objects ----------------------------------------------------------- */

static bool changes(const struct view *v, size_t i)
{
	const struct event *e = &v->e[i];

	if (!is_step(e) || e->flags & EVENT_CRASH || !succeeded(e))
		return false;
	if (v->p->objects.data[e->object].kind != OBJECT_VAR)
		return !is_look(e) || is_change(e);
	return e->kind == EVENT_DRAIN ||
	       (is_change(e) && !(e->kind == OP_WRITE &&
				  v->p->objects.data[e->object].buffered));
}

/* The last step that changed it: element index, or any if that is -1. */
static uint32_t last_change(const struct view *v, object_id id, int32_t index)
{
	for (size_t i = v->n; i-- > 0;)
		if (v->e[i].object == id &&
		    (index < 0 || v->e[i].index == index) && changes(v, i))
			return (uint32_t)i;
	return NOWHERE;
}

/* ": B and C wait" */
static const char *waiters(struct why *w, uint32_t place)
{
	uint64_t set = 0;

	for (size_t t = 0; t < w->v.threads; t++)
		if (scene_wanted(&w->scene, (thread_id)t) == place)
			set |= bit(t);
	if (!set)
		return "";
	return say(&w->v, ": that is why %s %s", say_threads(&w->v, set),
		   set & (set - 1) ? "wait" : "waits");
}

static uint32_t why_held(struct why *w, uint32_t place)
{
	const struct spot *s = &w->scene.spots[place];
	thread_id t = s->owner;
	uint32_t at;

	if (t == THREAD_NONE && s->readers)
		t = (thread_id)__builtin_ctzll(s->readers);
	if (t == THREAD_NONE)
		return NOWHERE;
	at = taken_by(w, t, place);
	if (at != NOWHERE)
		w->text = say(&w->v, "%s took %s at step %u%s",
			      say_thread(&w->v, t), say_place(&w->v, place),
			      step_of(w, at), waiters(w, place));
	return at;
}

/* "%s has 0 from the start" */
static void say_untouched(struct why *w, object_id id, int32_t index)
{
	const struct object *o = &w->v.p->objects.data[id];
	const char *name = index < 0 ? o->name : say_object(&w->v, id, index);

	if (o->kind == OBJECT_VAR && index >= 0)
		w->text = say(&w->v, "nothing wrote %s before that: %d from "
				     "the start", name, o->init[index]);
	else if (o->kind == OBJECT_VAR)
		w->text = say(&w->v, "nothing wrote %s before that", name);
	else
		w->text = say(&w->v, "nobody has used %s so far", name);
}

static uint32_t why_object(struct why *w, object_id id, int32_t index)
{
	uint32_t place = view_place(&w->v, id, index), at = NOWHERE;
	uint8_t kind = w->v.p->objects.data[id].kind;

	if (place != NOWHERE &&
	    (kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK))
		at = why_held(w, place);
	if (at != NOWHERE)
		return at;
	at = last_change(&w->v, id, index);
	if (at == NOWHERE)
		say_untouched(w, id, index);
	else
		w->text = say_step(&w->v, at);
	return at;
}

size_t analysis_why_object(const struct program *p, const struct event *events,
			   size_t n, object_id id, int32_t index,
			   struct str *out)
{
	struct why w;

	begin(&w, p, events, n);
	return end(&w, why_object(&w, id, index), out);
}
