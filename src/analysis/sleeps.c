/*
 * sleeps.c - a thread sleeps, and then believes that others are done.
 *
 * Where the sleep was long enough, the race of the two shows what it stood for.
 * Where it was not, the thread reads too soon: what it reads was never written,
 * or is written only later. The sleep then is the cause of what follows, if the
 * thread had done nothing else that would have made it wait.
 */
#include "inside.h"

uint32_t sleeps_before(const struct view *v, uint32_t read)
{
	uint32_t place = view_place_at(v, read);
	uint32_t slept = NOWHERE;

	if (is_change(&v->e[read]))
		return NOWHERE;
	for (uint32_t i = v->before[read]; i != NOWHERE; i = v->before[i]) {
		const struct event *e = &v->e[i];

		if (e->kind == OP_SLEEP && slept == NOWHERE)
			slept = i;
		else if (view_place_at(v, i) == place ||
			 (slept == NOWHERE && e->kind < OP_COUNT &&
			  op_info[e->kind].flags & OP_A))
			return NOWHERE;
	}
	return slept;
}

static const char *say_cause(struct view *v, struct finding *f, uint32_t slept,
			     uint32_t read, const char *late, const char *rest)
{
	finding_event(f, 1, read);
	finding_event(f, 3, slept);
	finding_fix(f, "join %s, or let it post a semaphore when %s is written",
		    late, say_place(v, view_place_at(v, read)));
	return say(v, "The cause: %s at step %u: %s, %s.",
		   finding_info[FINDING_SLEEP_AS_SYNC].title,
		   v->e[slept].step, say_step(v, read), rest);
}

static bool is_change_of(const struct insn *i, void *data)
{
	return i->code < OP_COUNT && op_info[i->code].flags != OP_R &&
	       i->object == *(const object_id *)data;
}

const char *sleeps_say_early(struct view *v, const struct scene *s,
			     const struct minds *m, uint32_t read,
			     struct finding *f)
{
	uint32_t place = view_place_at(v, read), slept;
	object_id object = v->e[read].object;
	const char *who;
	uint64_t set = 0;

	if (place == NOWHERE || view_kind(v, place)->kind != OBJECT_VAR ||
	    view_kind(v, place)->count > 1 ||
	    s->spots[place].written != NOWHERE)
		return NULL;
	slept = sleeps_before(v, read);
	for (size_t t = 0; t < v->threads && slept != NOWHERE; t++)
		if (t != v->e[read].thread &&
		    m->machines[t].state == MACHINE_PARKED &&
		    (!v->p->threads.data[t].later ||
		     s->actors[t].started != NOWHERE) &&
		    reach_find(v->p, m->machines[t].pc, is_change_of, NULL,
			       &object))
			set |= bit(t);
	if (!set)
		return NULL;
	who = say_threads(v, set);
	f->threads |= set;
	return say_cause(v, f, slept, read, say_either(v, set),
			 say(v, "which %s may still write", who));
}

/* Another's first write after it to what was read. */
static uint32_t next_write(const struct view *v, uint32_t read, size_t end)
{
	for (uint32_t i = read + 1; i < end; i++)
		if (is_own(&v->e[i]) && is_change(&v->e[i]) &&
		    v->e[i].thread != v->e[read].thread &&
		    view_place_at(v, i) == view_place_at(v, read))
			return i;
	return NOWHERE;
}

/* The write came after the read for another reason than luck. */
static bool had_to_wait(struct view *v, uint32_t read, uint32_t write)
{
	thread_id reader = v->e[read].thread;
	struct clocks clocks;
	uint32_t step = 0;
	bool ordered;

	clocks_init(&clocks, v, CLOCK_ALL);
	for (uint32_t i = 0; i <= write; i++) {
		clocks_step(&clocks, i);
		if (i == read)
			step = clocks_of(&clocks, reader)[reader];
	}
	ordered = clocks_ordered(&clocks, reader, step, v->e[write].thread);
	clocks_fini(&clocks);
	return ordered;
}

const char *sleeps_say_stale(struct view *v, const struct minds *m,
			     uint32_t write, struct finding *f)
{
	for (uint32_t i = v->before[write]; i != NOWHERE; i = v->before[i]) {
		uint32_t slept, late;

		if (v->e[i].kind != OP_READ)
			continue;
		slept = sleeps_before(v, i);
		late = slept == NOWHERE ? NOWHERE : next_write(v, i, v->n);
		if (late == NOWHERE ||
		    !blame_depends(v, m, i, v->e[late].value, write) ||
		    had_to_wait(v, i, late))
			continue;
		finding_event(f, 0, late);
		f->threads |= bit(v->e[late].thread) | bit(v->e[i].thread);
		return say_cause(v, f, slept, i,
				 say_thread(v, v->e[late].thread),
				 say(v, "which %s writes only at step %u",
				     say_thread(v, v->e[late].thread),
				     v->e[late].step));
	}
	return NULL;
}
