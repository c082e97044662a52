/*
 * races.c - data races by happens-before: FastTrack (Flanagan and Freund, PLDI
 * 2009).
 *
 * A race is two touches of one plain variable, at least one of them a write,
 * that nothing orders. For each element it is enough to remember the last
 * write as one step of one thread (an epoch); reads need a whole vector only
 * while several threads read without order among them. A touch is compared with
 * what is remembered, then takes its place.
 *
 * Operations like xchg are indivisible: two of them never race, one of them and
 * a plain touch do. What stands in an atomic: block races with nothing, but it
 * orders nothing either. One finding for each element and pair of lines.
 */
#include "inside.h"

struct touch {
	uint32_t at;   /* the event; NOWHERE: none yet */
	uint32_t step; /* which of its thread's steps */
	thread_id thread;
};

struct shadow {
	struct touch write, read;
	struct touch *reads; /* one a thread, once reads are not in order */
	struct touch *whole; /* one a thread: its last indivisible touch */
};

struct pair {
	uint32_t place;
	unsigned lines[2];
};

struct races {
	struct view *v;
	struct clocks clocks;
	struct shadow *shadows;
	struct arena memory;
	VEC(struct pair) found;
	struct finding_list *out;
};

enum { RACES_MAX = 200 }; /* findings in one run */

/* ---- in words ---------------------------------------------------------- */

static void say_why(struct view *v, struct finding *f, size_t a, size_t b)
{
	const char *one = say_thread(v, v->e[a].thread);
	const char *two = say_thread(v, v->e[b].thread);
	const char *held = say_locks_at(v, a), *kept = say_locks_at(v, b);

	if (held && kept && !strcmp(held, kept))
		finding_why(f, "Both hold %s only for reading: that keeps no "
			       "other reader out.", held);
	else if (!held && !kept)
		finding_why(f, "Nothing orders the two: they could as well "
			       "come the other way round.");
	else if (held && kept)
		finding_why(f, "%s holds %s, %s holds %s: different locks "
			       "keep nobody out.", one, held, two, kept);
	else
		finding_why(f, "%s holds %s, but %s holds nothing: a lock "
			       "works only if all take it.",
			    held ? one : two, held ? held : kept,
			    held ? two : one);
}

/* Half of `x++`: what is between its read and its write can get lost, and
 * would if both were atomic. */
static bool is_half(const struct view *v, size_t i)
{
	const struct insn *from = v->p->code.data + v->e[i].pc;
	const struct insn *end = v->p->code.data + v->p->code.count;
	const struct insn *next = from + 1;
	uint32_t r = v->before[i];

	if (v->e[i].kind == OP_WRITE)
		return r != NOWHERE && v->e[r].kind == OP_READ &&
		       view_place_at(v, r) == view_place_at(v, i);
	while (next < end && next->code >= INSN_CONST &&
	       next->code <= INSN_ADDI)
		next++;
	return v->e[i].kind == OP_READ && next < end &&
	       next->code == OP_WRITE && next->object == from->object &&
	       next->index == from->index;
}

static void say_fix(struct view *v, struct finding *f, size_t a, size_t b,
		    uint32_t place)
{
	const char *mutex = say_mutex_for(v, place);
	const struct object *o = view_kind(v, place);
	unsigned one = view_line(v, a), two = view_line(v, b);
	const char *held = say_locks_at(v, a), *kept = say_locks_at(v, b);

	if (held && kept && !strcmp(held, kept))
		finding_fix(f, "take %s for writing (wrlock) before line %u",
			    held, is_change(&v->e[a]) ? one : two);
	else if (mutex)
		finding_fix(f, "hold %s around %s", mutex,
			    say_lines(v, one, two));
	else if (o->kind == OBJECT_BUFFER)
		finding_fix(f, "hold one mutex around %s, or use a queue",
			    say_lines(v, one, two));
	else if (is_half(v, a) || is_half(v, b))
		finding_fix(f, "hold one mutex around %s (an atomic %s is not "
			       "enough)", say_lines(v, one, two),
			    o->name);
	else
		finding_fix(f, "hold one mutex around %s, or declare %s atomic",
			    say_lines(v, one, two), o->name);
}

static void note_sleep(struct races *r, size_t a, size_t b, uint32_t place)
{
	struct view *v = r->v;
	uint32_t slept = sleeps_before(v, (uint32_t)b);
	struct finding *f;

	if (slept == NOWHERE || !is_change(&v->e[a]))
		return;
	f = finding_add(r->out, v, FINDING_SLEEP_AS_SYNC, b, place);
	f->threads |= bit(v->e[a].thread);
	finding_event(f, 0, a);
	finding_event(f, 1, b);
	finding_event(f, 3, slept);
	finding_what(f, "Only the sleep at step %u puts %s's read of %s behind "
			"%s's write.", v->e[slept].step,
		     say_thread(v, v->e[b].thread), say_place(v, place),
		     say_thread(v, v->e[a].thread));
	finding_why(f, "Time orders nothing: %s may be later than the sleep is "
		       "long.",
		    say_thread(v, v->e[a].thread));
	finding_fix(f, "join %s, or let it post a semaphore after line %u",
		    say_thread(v, v->e[a].thread), view_line(v, a));
}

static bool is_new(struct races *r, uint32_t place, unsigned x, unsigned y)
{
	struct pair p = {place, {x < y ? x : y, x < y ? y : x}};

	if (r->found.len >= RACES_MAX)
		return false;
	for (size_t i = 0; i < r->found.len; i++)
		if (!memcmp(&r->found.data[i], &p, sizeof p))
			return false;
	vec_push(&r->found, p);
	return true;
}

static void report(struct races *r, size_t a, size_t b, uint32_t place)
{
	struct view *v = r->v;
	struct finding *f;

	if (!is_new(r, place, view_line(v, a), view_line(v, b)))
		return;
	f = finding_add(r->out, v, FINDING_DATA_RACE, b, place);
	f->threads |= bit(v->e[a].thread);
	finding_event(f, 0, a);
	finding_event(f, 1, b);
	if (view_line(v, a) == view_line(v, b))
		finding_what(f, "%s %s (step %u), %s %s (step %u), at line %u.",
			     say_thread(v, v->e[a].thread), say_deed(v, a),
			     v->e[a].step, say_thread(v, v->e[b].thread),
			     say_deed(v, b), v->e[b].step, view_line(v, b));
	else
		finding_what(f, "%s, %s.", say_step(v, a), say_step(v, b));
	say_why(v, f, a, b);
	say_fix(v, f, a, b, place);
	note_sleep(r, a, b, place);
}

/* ---- the algorithm ----------------------------------------------------- */

static struct touch *touches_of(struct races *r, struct touch **at)
{
	if (!*at) {
		*at = arena_array(&r->memory, r->v->threads, sizeof **at);
		for (size_t t = 0; t < r->v->threads; t++)
			(*at)[t].at = NOWHERE;
	}
	return *at;
}

static bool ordered(const struct races *r, const struct touch *a, thread_id u)
{
	return a->at == NOWHERE ||
	       clocks_ordered(&r->clocks, a->thread, a->step, u);
}

static void compare(struct races *r, const struct touch *a, size_t i,
		    uint32_t place)
{
	if (!ordered(r, a, r->v->e[i].thread))
		report(r, a->at, i, place);
}

static void compare_all(struct races *r, const struct touch *list, size_t i,
			uint32_t place)
{
	for (size_t t = 0; list && t < r->v->threads; t++)
		compare(r, &list[t], i, place);
}

static void remember_read(struct races *r, struct shadow *s, struct touch now)
{
	if (s->reads) {
		s->reads[now.thread] = now;
	} else if (ordered(r, &s->read, now.thread)) {
		s->read = now;
	} else {
		touches_of(r, &s->reads)[s->read.thread] = s->read;
		s->reads[now.thread] = now;
	}
}

/* After a write that comes behind all reads one epoch is enough again. */
static void remember_write(struct races *r, struct shadow *s, struct touch now)
{
	s->write = now;
	s->read.at = NOWHERE;
	for (size_t t = 0; s->reads && t < r->v->threads; t++)
		s->reads[t].at = NOWHERE;
}

static void touch(struct races *r, size_t i, uint32_t place)
{
	const struct event *e = &r->v->e[i];
	struct shadow *s = &r->shadows[place];
	struct touch now = {(uint32_t)i,
			    clocks_of(&r->clocks, e->thread)[e->thread],
			    e->thread};

	compare(r, &s->write, i, place);
	if (is_indivisible(e) || is_change(e)) {
		compare(r, &s->read, i, place);
		compare_all(r, s->reads, i, place);
	}
	if (is_indivisible(e)) {
		touches_of(r, &s->whole)[e->thread] = now;
		return;
	}
	compare_all(r, s->whole, i, place);
	if (is_change(e))
		remember_write(r, s, now);
	else
		remember_read(r, s, now);
}

/* Plain data: what two threads must not touch at once. */
static bool is_plain(const struct view *v, uint32_t place)
{
	const struct object *o = view_kind(v, place);

	return (o->kind == OBJECT_VAR && !o->atomic) ||
	       o->kind == OBJECT_BUFFER;
}

void races_find(struct view *v, struct finding_list *out)
{
	struct races r = {.v = v, .out = out};

	arena_init(&r.memory);
	clocks_init(&r.clocks, v, CLOCK_ALL);
	r.shadows = xcalloc(v->places + 1, sizeof *r.shadows);
	for (uint32_t k = 0; k < v->places; k++)
		r.shadows[k].write.at = r.shadows[k].read.at = NOWHERE;
	for (size_t i = 0; i < v->n; i++) {
		const struct event *e = &v->e[i];
		uint32_t place = NOWHERE;

		clocks_step(&r.clocks, i);
		if (is_own(e) && !(e->flags & EVENT_ATOMIC) &&
		    (is_look(e) || is_change(e)))
			place = view_place_at(v, i);
		if (place != NOWHERE && is_plain(v, place))
			touch(&r, i, place);
	}
	clocks_fini(&r.clocks);
	free(r.shadows);
	vec_free(&r.found);
	arena_fini(&r.memory);
}
