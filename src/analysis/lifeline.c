/*
 * lifeline.c - the state machine of a thread.
 *
 * A thread is always in one of four states; every record that changes it
 * closes a span. Where the kernel records its switches, these are the truth:
 * on a processor, off it though it wanted to run (ready), off it by itself:
 * blocked if its last record wants something, else asleep. Without them a
 * thread counts as running unless it waits. That a woken thread waits for a
 * processor the kernel does not tell us; such time counts as what it waited
 * for.
 *
 * A thread begins with the stretch on a processor in which it does its first
 * operation. Before that it is being set up, and waits for all to go: however
 * long that takes it is not there yet.
 */
#include "threadviz/lifeline.h"

static uint64_t turn(struct lifeline *l, enum share to, uint64_t now)
{
	uint64_t ns =
		l->begun && !l->ended && now > l->since ? now - l->since : 0;

	l->begun = true;
	l->since = now;
	l->state = to;
	return ns;
}

static enum share wish(const struct lifeline *l)
{
	return l->waits ? SHARE_BLOCKED : SHARE_ASLEEP;
}

static uint64_t switch_thread(struct lifeline *l, const struct event *e)
{
	l->kernel = true;
	l->cpus = e->index >= 0 && e->index < LIFELINE_CPUS
			  ? (uint16_t)(e->index + 1)
			  : 0;
	if (e->kind == EVENT_ON_CPU)
		return turn(l, SHARE_RUNNING, e->time);
	if (!l->acted && !e->value) {
		l->begun = false;
		return 0;
	}
	return turn(l, e->value ? SHARE_READY : wish(l), e->time);
}

uint64_t lifeline_take(struct lifeline *l, const struct event *e,
		       enum share *was)
{
	bool wants = e->flags & EVENT_WANTS;
	uint64_t ns = 0;

	*was = l->state;
	if (event_is_switch(e))
		return switch_thread(l, e);
	l->waits = wants && e->kind != OP_RETAKE && e->kind != OP_RETAKE_FOR &&
		   e->kind != OP_SLEEP;
	l->acted = true;
	if (e->kind == EVENT_END || (l->kernel && !l->begun))
		ns = turn(l, SHARE_RUNNING, e->time);
	else if (!l->kernel)
		ns = turn(l,
			  wants || e->kind == OP_SLEEP ? wish(l)
						       : SHARE_RUNNING,
			  e->time);
	l->ended |= e->kind == EVENT_END;
	return ns;
}
