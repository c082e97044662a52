/*
 * scene.c - the moment, as the events tell it.
 *
 * Folding the events gives back what a reader of the timeline has in mind:
 * which lock is whose, who waits for what, who sleeps and who was woken. It is
 * no second model: it never says what is possible, it only believes what the
 * events report, on whichever engine they happened.
 *
 * A thread that wants something keeps wanting it until its next own step. It
 * may be able to move again before that; whether it is held up right now is
 * seen from the owner of what it wants.
 */
#include "inside.h"

void scene_init(struct scene *s, const struct view *v)
{
	static const struct actor nobody = {NOWHERE, NOWHERE, NOWHERE, NOWHERE,
					    NOWHERE, NOWHERE, {NULL, 0, 0}};
	const struct program *p = v->p;

	*s = (struct scene){.v = v};
	s->actors = xcalloc(v->threads + 1, sizeof *s->actors);
	s->spots = xcalloc(v->places + 1, sizeof *s->spots);
	for (size_t t = 0; t < v->threads; t++)
		s->actors[t] = nobody;
	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++) {
			struct spot *spot = &s->spots[v->base[i] + (size_t)k];
			const int32_t *init = p->objects.data[i].init;

			spot->owner = THREAD_NONE;
			spot->taken = spot->freed = spot->written = NOWHERE;
			spot->value = init ? init[k] : 0;
		}
}

void scene_fini(struct scene *s)
{
	for (size_t t = 0; t < s->v->threads; t++)
		vec_free(&s->actors[t].holds);
	free(s->actors);
	free(s->spots);
}

/* ---- holding ----------------------------------------------------------- */

static void hold(struct scene *s, size_t i, uint32_t place,
		 enum hold_mode mode)
{
	vec_push(&s->actors[s->v->e[i].thread].holds,
		 (struct hold){place, (uint32_t)i, mode});
	s->spots[place].taken = (uint32_t)i;
}

/* Forgets the latest hold of that place; false if there was none. */
static bool drop(struct scene *s, size_t i, uint32_t place)
{
	struct actor *a = &s->actors[s->v->e[i].thread];
	size_t k = a->holds.len;

	s->spots[place].freed = (uint32_t)i;
	while (k > 0 && a->holds.data[k - 1].place != place)
		k--;
	if (!k)
		return false;
	memmove(&a->holds.data[k - 1], &a->holds.data[k],
		(a->holds.len - k) * sizeof *a->holds.data);
	a->holds.len--;
	return true;
}

bool scene_holds(const struct scene *s, thread_id t, uint32_t place)
{
	const struct actor *a = &s->actors[t];

	for (size_t k = 0; k < a->holds.len; k++)
		if (a->holds.data[k].place == place &&
		    a->holds.data[k].mode != HOLD_PERMIT)
			return true;
	return false;
}

static void take_mutex(struct scene *s, size_t i, uint32_t place)
{
	struct spot *spot = &s->spots[place];

	spot->owner = s->v->e[i].thread;
	spot->depth++;
	if (spot->depth == 1)
		hold(s, i, place, HOLD_ALONE);
}

static void free_mutex(struct scene *s, size_t i, uint32_t place, bool all)
{
	struct spot *spot = &s->spots[place];

	if (spot->depth > 1 && !all) {
		spot->depth--;
		return;
	}
	spot->depth = 0;
	spot->owner = THREAD_NONE;
	drop(s, i, place);
}

static void free_rwlock(struct scene *s, size_t i, uint32_t place)
{
	struct spot *spot = &s->spots[place];
	thread_id t = s->v->e[i].thread;

	drop(s, i, place);
	if (spot->owner == t)
		spot->owner = THREAD_NONE;
	else if (!scene_holds(s, t, place))
		spot->readers &= ~bit(t);
}

/* ---- conditions -------------------------------------------------------- */

static void wake_all(struct scene *s, size_t i, uint32_t place)
{
	const struct view *v = s->v;

	for (size_t t = 0; t < v->threads; t++) {
		struct actor *a = &s->actors[t];

		if (actor_sleeps(a) && view_place_at(v, a->asleep) == place)
			a->woken = (uint32_t)i;
	}
}

static void step_cond(struct scene *s, size_t i, uint32_t place)
{
	const struct event *e = &s->v->e[i];
	struct actor *a = &s->actors[e->thread];
	uint32_t mutex;

	switch (e->kind) {
	case OP_SLEEP_ON:
		mutex = view_mutex_at(s->v, i);
		if (mutex != NOWHERE)
			free_mutex(s, i, mutex, true);
		a->asleep = (uint32_t)i;
		a->woken = NOWHERE;
		break;
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		mutex = view_mutex_at(s->v, i);
		if (mutex != NOWHERE)
			take_mutex(s, i, mutex);
		a->asleep = NOWHERE;
		break;
	case OP_SIGNAL:
		if (e->other != THREAD_NONE)
			s->actors[e->other].woken = (uint32_t)i;
		s->spots[place].freed = (uint32_t)i;
		break;
	case OP_BROADCAST:
		wake_all(s, i, place);
		s->spots[place].freed = (uint32_t)i;
		break;
	default:
		break;
	}
}

/* ---- what is counted --------------------------------------------------- */

static void step_count(struct scene *s, size_t i, uint32_t place)
{
	const struct event *e = &s->v->e[i];
	struct spot *spot = &s->spots[place];

	switch (e->kind) {
	case OP_SEM_WAIT:
	case OP_SEM_TRY:
		spot->value--;
		hold(s, i, place, HOLD_PERMIT);
		break;
	case OP_SEM_POST:
		spot->value++;
		drop(s, i, place);
		break;
	case OP_EVENT_SET:
	case OP_EVENT_CLEAR:
		spot->value = e->kind == OP_EVENT_SET;
		spot->freed = (uint32_t)i;
		break;
	case OP_ARRIVE:
		if (++spot->value >= view_kind(s->v, place)->max)
			spot->value = 0;
		spot->freed = (uint32_t)i;
		break;
	case OP_COUNT_DOWN:
		spot->value--;
		spot->freed = (uint32_t)i;
		break;
	default:
		break;
	}
}

static void step_queue(struct scene *s, size_t i, uint32_t place)
{
	const struct event *e = &s->v->e[i];
	struct spot *spot = &s->spots[place];

	switch (e->kind) {
	case OP_PUT:
	case OP_TRYPUT:
	case OP_BUF_PUT:
		spot->value++;
		spot->unfinished++;
		spot->puts++;
		spot->freed = (uint32_t)i;
		spot->written = (uint32_t)i;
		break;
	case OP_GET:
	case OP_TRYGET:
	case OP_GETFOR:
	case OP_BUF_GET:
		spot->value--;
		spot->gets++;
		spot->taken = (uint32_t)i;
		spot->written = (uint32_t)i;
		break;
	case OP_DONE:
		spot->unfinished--;
		break;
	default:
		break;
	}
}

/* ---- the rest ---------------------------------------------------------- */

static void step_lock(struct scene *s, size_t i, uint32_t place)
{
	thread_id t = s->v->e[i].thread;

	switch (s->v->e[i].kind) {
	case OP_LOCK:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
		take_mutex(s, i, place);
		break;
	case OP_UNLOCK:
		free_mutex(s, i, place, false);
		break;
	case OP_WRLOCK:
		s->spots[place].owner = t;
		hold(s, i, place, HOLD_ALONE);
		break;
	case OP_RDLOCK:
		s->spots[place].readers |= bit(t);
		hold(s, i, place, HOLD_SHARED);
		break;
	case OP_RWUNLOCK:
		free_rwlock(s, i, place);
		break;
	default:
		break;
	}
}

static void step_var(struct scene *s, size_t i, uint32_t place)
{
	const struct event *e = &s->v->e[i];
	bool stored = e->kind == OP_WRITE && view_kind(s->v, place)->buffered;

	if (stored || !(e->kind == EVENT_DRAIN || is_change(e)))
		return;
	s->spots[place].value = e->value;
	s->spots[place].written = (uint32_t)i;
}

static void step_object(struct scene *s, size_t i, uint32_t place)
{
	switch ((enum object_kind)view_kind(s->v, place)->kind) {
	case OBJECT_VAR:
		step_var(s, i, place);
		break;
	case OBJECT_MUTEX:
	case OBJECT_RWLOCK:
		step_lock(s, i, place);
		break;
	case OBJECT_COND:
		step_cond(s, i, place);
		break;
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		step_queue(s, i, place);
		break;
	default:
		step_count(s, i, place);
	}
}

static void step_mark(struct scene *s, size_t i)
{
	const struct event *e = &s->v->e[i];

	if (e->flags & EVENT_WANTS)
		s->actors[e->thread].wants = (uint32_t)i;
	else if (e->kind == EVENT_END)
		s->actors[e->thread].ended = (uint32_t)i;
}

void scene_step(struct scene *s, size_t i)
{
	const struct event *e = &s->v->e[i];
	uint32_t place;

	if (event_is_mark(e)) {
		step_mark(s, i);
		return;
	}
	if (is_own(e)) {
		s->actors[e->thread].wants = NOWHERE;
		s->actors[e->thread].last = (uint32_t)i;
	} else if (e->kind == EVENT_WOKEN) {
		s->actors[e->thread].woken = (uint32_t)i;
		return;
	}
	if (!succeeded(e))
		return;
	place = view_place_at(s->v, i);
	if (e->kind == OP_START && e->other != THREAD_NONE)
		s->actors[e->other].started = (uint32_t)i;
	else if (place != NOWHERE)
		step_object(s, i, place);
}

/* ---- questions --------------------------------------------------------- */

uint32_t scene_wanted(const struct scene *s, thread_id t)
{
	uint32_t i = s->actors[t].wants;

	if (i == NOWHERE)
		return NOWHERE;
	if (s->v->e[i].kind == OP_RETAKE || s->v->e[i].kind == OP_RETAKE_FOR)
		return view_mutex_at(s->v, i);
	return view_place_at(s->v, i);
}

uint64_t scene_blockers(const struct scene *s, thread_id t)
{
	uint32_t i = s->actors[t].wants, place = scene_wanted(s, t);
	const struct event *e;

	if (i == NOWHERE)
		return 0;
	e = &s->v->e[i];
	switch (e->kind) {
	case OP_LOCK:
	case OP_LOCKFOR:
	case OP_RETAKE:
	case OP_RETAKE_FOR:
	case OP_RDLOCK:
		return place == NOWHERE ? 0 : bit(s->spots[place].owner);
	case OP_WRLOCK:
		return place == NOWHERE ? 0
					: bit(s->spots[place].owner) |
						  s->spots[place].readers;
	case OP_JOIN:
		if (e->other == THREAD_NONE ||
		    s->actors[e->other].ended != NOWHERE)
			return 0;
		return bit(e->other);
	default:
		return 0;
	}
}
