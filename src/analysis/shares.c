/*
 * shares.c - the time of threads and the use of locks, folded from records.
 *
 * A thread is always in one of four states; every record that changes it
 * closes a span. Where the kernel records its switches, these are the truth:
 * on a processor, off it though it wanted to run (ready), off it by itself,
 * and then the last wish says whether blocked or asleep. Without them a thread
 * counts as running unless it waits. That a woken thread waits for a processor
 * the kernel does not tell us; such time counts as what it waited for.
 *
 * A lock is handed over if another thread takes it than the time before, else
 * taken again. A wake-up was in vain if the thread falls asleep in the same
 * condition again without having given the mutex back.
 */
#include <stdlib.h>

#include "threadviz/arena.h"
#include "threadviz/label.h"
#include "threadviz/shares.h"

struct life {
	struct thread_share share;
	enum share state, wish; /* wish: why it will be off its processor */
	uint64_t since, wanted;
	bool begun, ended, kernel;
	object_id woken; /* by which condition, the mutex still held */
};

struct lock {
	struct lock_share share;
	uint64_t since;
	thread_id last;
	unsigned depth;
};

struct shares {
	const struct program *program;
	struct life lives[LIMIT_THREADS];
	uint32_t first[LIMIT_OBJECTS];
	struct lock *locks; /* one an element, used or not */
	uint32_t lock_count;
	uint64_t vain; /* wake-ups for nothing */
};

struct shares *shares_new(const struct program *p)
{
	struct shares *s = xcalloc(1, sizeof *s);

	s->program = p;
	for (size_t i = 0; i < p->objects.count; i++) {
		s->first[i] = s->lock_count;
		s->lock_count += p->objects.data[i].count;
	}
	s->locks = xcalloc(s->lock_count + 1, sizeof *s->locks);
	for (size_t i = 0; i < s->lock_count; i++)
		s->locks[i].last = THREAD_NONE;
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		s->lives[t].woken = OBJECT_NONE;
	return s;
}

void shares_free(struct shares *s)
{
	if (s)
		free(s->locks);
	free(s);
}

/* ---- threads ----------------------------------------------------------- */

static void turn(struct life *l, enum share to, uint64_t now)
{
	if (l->begun && !l->ended && now > l->since)
		l->share.ns[l->state] += now - l->since;
	l->begun = true;
	l->since = now;
	l->state = to;
}

static void switch_thread(struct life *l, const struct event *e)
{
	l->kernel = true;
	if (e->kind == EVENT_ON_CPU) {
		turn(l, SHARE_RUNNING, e->time);
	} else if (e->value) {
		l->share.preempted++;
		turn(l, SHARE_READY, e->time);
	} else {
		l->share.switches++;
		turn(l, l->wish, e->time);
	}
}

static void follow_thread(struct life *l, const struct event *e)
{
	bool wants = e->flags & EVENT_WANTS;
	bool asleep = e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR ||
		      e->kind == OP_SLEEP;

	l->wish = asleep ? SHARE_ASLEEP : SHARE_BLOCKED;
	if (wants)
		l->wanted = e->time;
	if (!l->begun)
		turn(l, SHARE_RUNNING, e->time);
	if (!l->kernel)
		turn(l, wants || e->kind == OP_SLEEP ? l->wish : SHARE_RUNNING,
		     e->time);
	if (e->kind == EVENT_END) {
		turn(l, SHARE_RUNNING, e->time);
		l->ended = true;
	}
}

/* ---- locks ------------------------------------------------------------- */

static struct lock *lock_of(struct shares *s, const struct event *e)
{
	object_id id = e->object;
	int32_t index = e->index;

	if (e->kind == OP_SLEEP_ON || e->kind == OP_RETAKE ||
	    e->kind == OP_RETAKE_FOR)
		id = event_mutex(s->program, e, &index);
	if (index < 0 || index >= s->program->objects.data[id].count)
		return NULL;
	return &s->locks[s->first[id] + (uint32_t)index];
}

static void take(struct shares *s, struct lock *l, const struct event *e)
{
	uint64_t wait = e->time - s->lives[e->thread].wanted;
	bool retake = e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR;

	if (l->depth++ && !retake)
		return;
	l->share.taken++;
	l->share.handed_over += l->last != THREAD_NONE && l->last != e->thread;
	l->last = e->thread;
	l->since = e->time;
	if (retake || !(e->flags & EVENT_WAITED))
		return;
	l->share.contended++;
	if (wait > l->share.longest_wait)
		l->share.longest_wait = wait;
}

static void give(struct lock *l, const struct event *e, bool whole)
{
	if (l->last != e->thread || !l->depth)
		return; /* a reader's, or one whose taking was lost */
	l->depth = whole ? 0 : l->depth - 1;
	if (!l->depth && e->time - l->since > l->share.longest_hold)
		l->share.longest_hold = e->time - l->since;
}

static void follow_lock(struct shares *s, const struct event *e)
{
	struct life *life = &s->lives[e->thread];
	struct lock *l = e->object == OBJECT_NONE ? NULL : lock_of(s, e);

	if (!l || e->flags & (EVENT_WANTS | EVENT_CRASH))
		return;
	switch (e->kind) {
	case OP_LOCK:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
	case OP_WRLOCK:
		if (!(e->flags & (EVENT_FAILED | EVENT_TIMEOUT)))
			take(s, l, e);
		break;
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		take(s, l, e);
		life->woken = e->value ? e->object : OBJECT_NONE;
		break;
	case OP_SLEEP_ON:
		s->vain += life->woken == e->object;
		life->woken = OBJECT_NONE;
		give(l, e, true);
		break;
	case OP_UNLOCK:
	case OP_RWUNLOCK:
		life->woken = OBJECT_NONE;
		give(l, e, false);
		break;
	default:
		break;
	}
}

void shares_add(struct shares *s, const struct event *e, size_t n)
{
	for (; n > 0; n--, e++) {
		if (e->thread == THREAD_NONE)
			continue;
		if (e->kind == EVENT_ON_CPU || e->kind == EVENT_OFF_CPU) {
			switch_thread(&s->lives[e->thread], e);
			continue;
		}
		if (e->kind == EVENT_LOST) /* who holds what is unknown */
			for (size_t i = 0; i < s->lock_count; i++)
				s->locks[i].depth = 0;
		follow_thread(&s->lives[e->thread], e);
		if (e->kind < OP_COUNT)
			follow_lock(s, e);
	}
}

/* ---- tables ------------------------------------------------------------ */

const struct thread_share *shares_thread(const struct shares *s, thread_id t)
{
	return &s->lives[t].share;
}

const struct lock_share *shares_lock(const struct shares *s, object_id id,
				     int32_t index)
{
	return &s->locks[s->first[id] + (uint32_t)index].share;
}

static void add_threads(const struct shares *s, struct str *out)
{
	str_addf(out, "%-8s%10s%10s%10s%10s  %8s%10s\n", "thread", "running",
		 "ready", "blocked", "asleep", "switches", "preempted");
	for (size_t t = 0; t < s->program->threads.count; t++) {
		const struct thread_share *h = &s->lives[t].share;

		if (!s->lives[t].begun)
			continue;
		str_addf(out, "%-8s",
			 program_thread_name(s->program, (thread_id)t));
		for (int i = 0; i < SHARES; i++)
			str_addf(out, "%7.3f ms", (double)h->ns[i] / 1e6);
		str_addf(out, "  %8llu%10llu\n",
			 (unsigned long long)h->switches,
			 (unsigned long long)h->preempted);
	}
}

static void add_lock(const struct shares *s, object_id id, int32_t index,
		     struct str *out)
{
	const struct lock_share *h = shares_lock(s, id, index);
	struct str name = {0};

	object_format(s->program, id, index, &name);
	str_addf(out,
		 "lock    %s: %llu taken, %llu after waiting, %llu handed "
		 "over; longest hold %.3f ms, wait %.3f ms\n",
		 str_cstr(&name), (unsigned long long)h->taken,
		 (unsigned long long)h->contended,
		 (unsigned long long)h->handed_over,
		 (double)h->longest_hold / 1e6, (double)h->longest_wait / 1e6);
	str_free(&name);
}

void shares_format(const struct shares *s, struct str *out)
{
	const struct program *p = s->program;

	add_threads(s, out);
	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++)
			if (shares_lock(s, (object_id)i, k)->taken)
				add_lock(s, (object_id)i, k, out);
	if (s->vain)
		str_addf(out, "woken   %llu times in vain\n",
			 (unsigned long long)s->vain);
}
