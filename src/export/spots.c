/*
 * spots.c - locks, counts and queues as the events tell of them.
 *
 * An export knows no world, only events; also those of a free run, which no
 * world describes. So it follows the few facts it draws: who has a lock, which
 * event let the next one in, whether a blocked thread could go on. It is
 * forgiving: what a free run with gaps says need not add up.
 */
#include <stdlib.h>

#include "story.h"

static uint64_t bit(thread_id t)
{
	return t < LIMIT_THREADS ? UINT64_C(1) << t : 0;
}

void spots_init(struct spots *s, const struct story *story)
{
	const struct program *p = story->run->program;
	size_t n = story->base[p->objects.count];

	*s = (struct spots){.story = story};
	s->spot = xcalloc(n + 1, sizeof *s->spot);
	for (size_t i = 0; i < n; i++) {
		int32_t index;
		object_id id = story_object(story, (place_id)i, &index);
		const struct object *o = &p->objects.data[id];

		s->spot[i].owner = THREAD_NONE;
		s->spot[i].freed = SIZE_MAX;
		s->spot[i].value = o->init ? o->init[index] : 0;
	}
	for (size_t t = 0; t < LIMIT_THREADS; t++) {
		s->last[t] = s->waker[t] = SIZE_MAX;
		s->asleep[t] = PLACE_NONE;
	}
}

void spots_fini(struct spots *s)
{
	const struct program *p = s->story->run->program;

	for (size_t i = 0; i < s->story->base[p->objects.count]; i++)
		vec_free(&s->spot[i].puts);
	free(s->spot);
}

/* ---- places ------------------------------------------------------------ */

place_id story_place_of(const struct story *s, object_id id, int32_t index)
{
	const struct program *p = s->run->program;

	if (id >= p->objects.count || index < 0 ||
	    index >= p->objects.data[id].count)
		return PLACE_NONE;
	return s->base[id] + (place_id)index;
}

static place_id mutex_of(const struct story *s, const struct event *e)
{
	int32_t index = e->extra;

	return story_place_of(s, s->run->program->code.data[e->pc].object2,
			      index);
}

place_id story_place_at(const struct story *s, const struct event *e)
{
	if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR)
		return mutex_of(s, e);
	return story_place_of(s, e->object, e->index);
}

object_id story_object(const struct story *s, place_id place, int32_t *index)
{
	size_t low = 0, high = s->run->program->objects.count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (s->base[middle] <= place)
			low = middle;
		else
			high = middle;
	}
	*index = (int32_t)(place - s->base[low]);
	return (object_id)low;
}

bool story_sets(const struct program *p, const struct event *e)
{
	const struct object *o;

	if (event_is_mark(e) || e->object >= p->objects.count ||
	    e->flags & (EVENT_FAILED | EVENT_CRASH))
		return false;
	o = &p->objects.data[e->object];
	if (o->kind != OBJECT_VAR)
		return false;
	if (e->kind == EVENT_DRAIN)
		return true;
	return e->kind < OP_COUNT && op_info[e->kind].flags & OP_W &&
	       !(e->kind == OP_WRITE && o->buffered);
}

/* ---- what an event changes --------------------------------------------- */

static void take(struct spot *spot, thread_id t)
{
	spot->depth = spot->owner == t ? (uint8_t)(spot->depth + 1) : 1;
	spot->owner = t;
}

static void give(struct spot *spot, thread_id t, size_t i)
{
	spot->readers &= ~bit(t);
	if (spot->owner == t && spot->depth > 1) {
		spot->depth--;
		return;
	}
	spot->owner = THREAD_NONE;
	spot->depth = 0;
	spot->freed = i;
}

/* One more (or fewer) of what can be taken; who made it possible. */
static void add(struct spot *spot, int32_t n, size_t i)
{
	spot->value += n;
	if (n > 0)
		spot->freed = i;
}

static void put(struct spot *spot, size_t i)
{
	spot->value++;
	spot->unfinished++;
	vec_push(&spot->puts, i);
}

/* The put of the item that is taken now, as far as it is known. */
static size_t get(struct spot *spot)
{
	size_t n = (size_t)(spot->value > 0 ? spot->value : 0);

	spot->value -= spot->value > 0;
	if (n == 0 || n > spot->puts.len)
		return SIZE_MAX;
	return spot->puts.data[spot->puts.len - n];
}

/* At a full countdown or barrier the last one lets all others go. */
static void arrive(const struct spots *s, struct spot *spot,
		   const struct event *e, size_t i)
{
	const struct object *o =
		&s->story->run->program->objects.data[e->object];

	if (e->kind == OP_COUNT_DOWN)
		spot->value--;
	if (e->kind == OP_COUNT_DOWN ? spot->value <= 0 : e->value == o->max)
		spot->freed = i;
}

static size_t step_queue(struct spot *spot, enum op_kind kind, size_t i)
{
	size_t freed = spot->freed;

	switch (kind) {
	case OP_PUT:
	case OP_TRYPUT:
	case OP_BUF_PUT:
		put(spot, i);
		return SIZE_MAX;
	case OP_GET:
	case OP_TRYGET:
	case OP_GETFOR:
	case OP_BUF_GET:
		return get(spot);
	case OP_DONE:
		spot->unfinished--;
		spot->freed = i;
		return SIZE_MAX;
	case OP_JOIN_QUEUE:
		return freed;
	default:
		return SIZE_MAX;
	}
}

static size_t step_place(struct spots *s, struct spot *spot, size_t i)
{
	const struct event *e = &s->story->run->events[i];
	size_t freed = spot->freed;

	switch (e->kind) {
	case OP_LOCK:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
	case OP_RETAKE:
	case OP_RETAKE_FOR:
	case OP_WRLOCK:
		take(spot, e->thread);
		return freed;
	case OP_RDLOCK:
		spot->readers |= bit(e->thread);
		return freed;
	case OP_UNLOCK:
	case OP_RWUNLOCK:
		give(spot, e->thread, i);
		return SIZE_MAX;
	case OP_SEM_WAIT:
	case OP_SEM_TRY:
		add(spot, -1, i);
		return freed;
	case OP_SEM_POST:
		add(spot, 1, i);
		return SIZE_MAX;
	case OP_EVENT_SET:
		spot->value = 1;
		spot->freed = i;
		return SIZE_MAX;
	case OP_EVENT_CLEAR:
		spot->value = 0;
		return SIZE_MAX;
	case OP_EVENT_WAIT:
	case OP_COUNT_WAIT:
	case OP_LEAVE:
		return freed;
	case OP_ARRIVE:
	case OP_COUNT_DOWN:
		arrive(s, spot, e, i);
		return SIZE_MAX;
	default:
		return step_queue(spot, (enum op_kind)e->kind, i);
	}
}

/* START and JOIN: what concerns another thread as a whole. */
static size_t step_thread(struct spots *s, size_t i)
{
	const struct event *e = &s->story->run->events[i];

	if (e->other >= LIMIT_THREADS)
		return SIZE_MAX;
	if (e->kind == OP_START)
		s->waker[e->other] = i;
	return e->kind == OP_JOIN ? s->last[e->other] : SIZE_MAX;
}

static void wake(struct spots *s, size_t i)
{
	const struct event *e = &s->story->run->events[i];
	place_id place = story_place_at(s->story, e);

	for (size_t t = 0; t < LIMIT_THREADS; t++)
		if (s->asleep[t] == place &&
		    (e->kind == OP_BROADCAST || e->other == t)) {
			s->waker[t] = i;
			s->asleep[t] = PLACE_NONE;
		}
}

/* Started or woken: what the thread does first follows from that. */
static size_t take_waker(struct spots *s, thread_id t, size_t i)
{
	size_t waker = s->waker[t];

	s->last[t] = i;
	s->waker[t] = SIZE_MAX;
	s->asleep[t] = PLACE_NONE;
	return waker;
}

static size_t step_own(struct spots *s, size_t i)
{
	const struct event *e = &s->story->run->events[i];
	place_id place = story_place_at(s->story, e);
	place_id mutex;

	if (e->kind == OP_SIGNAL || e->kind == OP_BROADCAST) {
		wake(s, i);
		return SIZE_MAX;
	}
	if (e->kind == OP_SLEEP_ON) {
		mutex = mutex_of(s->story, e);
		if (mutex != PLACE_NONE)
			give(&s->spot[mutex], e->thread, i);
		s->asleep[e->thread] = place;
		return SIZE_MAX;
	}
	return place == PLACE_NONE ? step_thread(s, i)
				   : step_place(s, &s->spot[place], i);
}

/* What is in a thread's store buffer; and that it has ended. */
static void step_stores(struct spots *s, const struct event *e)
{
	const struct program *p = s->story->run->program;

	if (e->thread >= LIMIT_THREADS)
		return;
	if (e->kind == EVENT_END)
		s->ended[e->thread] = true;
	if (e->kind == EVENT_DRAIN && s->stores[e->thread])
		s->stores[e->thread]--;
	if (e->kind == OP_WRITE && !event_is_mark(e) &&
	    e->object < p->objects.count && p->objects.data[e->object].buffered)
		s->stores[e->thread]++;
}

size_t spots_step(struct spots *s, size_t i)
{
	const struct event *events = s->story->run->events;
	const struct event *e = &events[i];
	size_t cause = SIZE_MAX, waker = SIZE_MAX;

	step_stores(s, e);
	if (event_is_mark(e) || e->kind >= OP_COUNT ||
	    e->thread >= LIMIT_THREADS)
		return SIZE_MAX;
	waker = take_waker(s, e->thread, i);
	if (!(e->flags & (EVENT_FAILED | EVENT_CRASH)))
		cause = step_own(s, i);
	if (waker != SIZE_MAX)
		cause = waker;
	if (cause != SIZE_MAX && events[cause].thread == e->thread)
		return SIZE_MAX;
	return cause;
}

/* ---- whether a blocked thread could go on ------------------------------ */

static bool in_list(const struct program *p, const struct event *wants,
		    object_id queue)
{
	const struct object_list *list =
		&p->lists.data[p->code.data[wants->pc].imm];

	for (size_t i = 0; i < list->count; i++)
		if (list->refs[i].object == queue)
			return true;
	return false;
}

static bool freed_by_arrival(const struct program *p, const struct event *e)
{
	return e->kind == OP_ARRIVE &&
	       e->value == p->objects.data[e->object].max;
}

static bool place_free(const struct spots *s, const struct event *wants,
		       const struct event *e)
{
	const struct program *p = s->story->run->program;
	const struct spot *spot = &s->spot[story_place_at(s->story, wants)];

	switch (wants->kind) {
	case OP_RDLOCK:
		return spot->owner == THREAD_NONE;
	case OP_WRLOCK:
		return spot->owner == THREAD_NONE && !spot->readers;
	case OP_SEM_WAIT:
	case OP_EVENT_WAIT:
	case OP_GET:
	case OP_GETFOR:
		return spot->value > 0;
	case OP_COUNT_WAIT:
		return spot->value <= 0;
	case OP_LEAVE:
		return freed_by_arrival(p, e);
	case OP_PUT:
		return spot->value < p->objects.data[wants->object].max;
	case OP_JOIN_QUEUE:
		return spot->unfinished <= 0;
	default:
		return spot->owner == THREAD_NONE;
	}
}

/* Whether the event touched what the thread waits for. */
static bool concerns(const struct spots *s, const struct event *wants,
		     const struct event *e)
{
	place_id place = story_place_at(s->story, wants);

	if (e->kind == EVENT_DRAIN)
		return e->thread == wants->thread;
	if (wants->kind == OP_JOIN)
		return e->kind == EVENT_END && e->thread == wants->other;
	if (event_is_mark(e))
		return false;
	if (wants->kind == OP_SELECT)
		return (e->kind == OP_PUT || e->kind == OP_TRYPUT) &&
		       in_list(s->story->run->program, wants, e->object);
	return place != PLACE_NONE &&
	       (place == story_place_at(s->story, e) ||
		(e->kind == OP_SLEEP_ON && place == mutex_of(s->story, e)));
}

bool spots_free(const struct spots *s, const struct event *wants,
		const struct event *e)
{
	bool needs_empty = op_info[wants->kind].flags & OP_F;

	if (!concerns(s, wants, e) || (needs_empty && s->stores[wants->thread]))
		return false;
	if (wants->kind == OP_JOIN)
		return wants->other < LIMIT_THREADS && s->ended[wants->other];
	if (wants->kind == OP_SELECT)
		return e->kind != EVENT_DRAIN;
	return story_place_at(s->story, wants) == PLACE_NONE ||
	       place_free(s, wants, e);
}
