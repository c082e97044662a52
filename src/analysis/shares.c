/*
 * shares.c - the time of threads and the use of locks, folded from records.
 *
 * What state a thread is in, lifeline.c knows; who has a lock, grips.c.
 *
 * A lock is handed over if another thread takes it than the time before, else
 * taken again. A wake-up was in vain if the thread falls asleep in the same
 * condition again without having given the mutex back.
 */
#include <stdlib.h>

#include "grips.h"
#include "threadviz/lifeline.h"
#include "threadviz/arena.h"
#include "threadviz/shares.h"

struct life {
	struct thread_share share;
	struct lifeline line;
	uint64_t wanted;
	object_id woken; /* by which condition, the mutex still held */
};

struct lock {
	struct lock_share share;
	uint64_t since;
};

struct shares {
	const struct program *program;
	struct life lives[LIMIT_THREADS];
	struct places places;
	struct grips grips;
	struct lock *locks; /* one an element, used or not */
	uint64_t vain;      /* wake-ups for nothing */
	uint64_t now;       /* the latest record's time */
};

struct shares *shares_new(const struct program *p)
{
	struct shares *s = xcalloc(1, sizeof *s);

	s->program = p;
	places_init(&s->places, p);
	grips_init(&s->grips, &s->places);
	s->locks = xcalloc(s->places.count + 1, sizeof *s->locks);
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		s->lives[t].woken = OBJECT_NONE;
	return s;
}

void shares_free(struct shares *s)
{
	if (!s)
		return;
	grips_fini(&s->grips);
	free(s->locks);
	free(s);
}

/* ---- threads ----------------------------------------------------------- */

static void follow_thread(struct life *l, const struct event *e)
{
	enum share was;
	uint64_t ns = lifeline_take(&l->line, e, &was);

	l->share.ns[was] += ns;
	l->share.preempted += e->kind == EVENT_OFF_CPU && e->value;
	l->share.switches += e->kind == EVENT_OFF_CPU && !e->value;
	if (e->flags & EVENT_WANTS)
		l->wanted = e->time;
}

/* ---- locks ------------------------------------------------------------- */

static void take(struct lock *l, const struct grip *grip,
		 const struct life *life, const struct event *e)
{
	uint64_t wait = e->time - life->wanted;
	bool retake = e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR;

	l->share.taken++;
	l->share.handed_over +=
		grip->before != THREAD_NONE && grip->before != e->thread;
	l->since = e->time;
	if (retake || !(e->flags & EVENT_WAITED))
		return;
	l->share.contended++;
	if (wait > l->share.longest_wait)
		l->share.longest_wait = wait;
}

static void give(struct lock *l, const struct event *e)
{
	if (e->time - l->since > l->share.longest_hold)
		l->share.longest_hold = e->time - l->since;
}

static void follow_lock(struct shares *s, const struct event *e)
{
	uint32_t at = NO_PLACE;
	enum grasp g = grips_take(&s->grips, e, &at);

	if (g == GRASP_TAKES)
		take(&s->locks[at], &s->grips.all[at], &s->lives[e->thread], e);
	else if (g == GRASP_GIVES)
		give(&s->locks[at], e);
}

static void follow_wakeup(struct shares *s, const struct event *e)
{
	struct life *l = &s->lives[e->thread];

	if (e->flags & (EVENT_WANTS | EVENT_CRASH))
		return;
	if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR) {
		l->woken = e->value ? e->object : OBJECT_NONE;
	} else if (e->kind == OP_SLEEP_ON) {
		s->vain += l->woken == e->object;
		l->woken = OBJECT_NONE;
	} else if (e->kind == OP_UNLOCK || e->kind == OP_RWUNLOCK) {
		l->woken = OBJECT_NONE;
	}
}

static void add(struct shares *s, const struct event *e)
{
	follow_thread(&s->lives[e->thread], e);
	if (e->kind == EVENT_LOST)
		for (uint32_t i = 0; i < s->places.count; i++)
			(void)grips_forget(&s->grips, i, e->thread);
	follow_wakeup(s, e);
	follow_lock(s, e);
}

void shares_add(struct shares *s, const struct event *e, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (e[i].thread < LIMIT_THREADS)
			add(s, &e[i]);
	if (n)
		s->now = e[n - 1].time;
}

/* ---- tables ------------------------------------------------------------ */

struct thread_share shares_thread(const struct shares *s, thread_id t)
{
	const struct lifeline *l = &s->lives[t].line;
	struct thread_share h = s->lives[t].share;

	if (l->begun && !l->ended && s->now > l->since)
		h.ns[l->state] += s->now - l->since;
	return h;
}

const struct lock_share *shares_lock(const struct shares *s, object_id id,
				     int32_t index)
{
	return &s->locks[places_find(&s->places, id, index)].share;
}

static void add_threads(const struct shares *s, struct str *out)
{
	str_addf(out, "%-8s%12s%12s%12s%12s  %8s%10s\n", "thread", "running",
		 "ready", "blocked", "asleep", "switches", "preempted");
	for (size_t t = 0; t < s->program->threads.count; t++) {
		struct thread_share h = shares_thread(s, (thread_id)t);

		if (!s->lives[t].line.begun)
			continue;
		str_addf(out, "%-8s",
			 program_thread_name(s->program, (thread_id)t));
		for (int i = 0; i < SHARES; i++)
			str_addf(out, "%9.3f ms", (double)h.ns[i] / 1e6);
		str_addf(out, "  %8llu%10llu\n",
			 (unsigned long long)h.switches,
			 (unsigned long long)h.preempted);
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
		 "over; longest hold ",
		 str_cstr(&name), (unsigned long long)h->taken,
		 (unsigned long long)h->contended,
		 (unsigned long long)h->handed_over);
	str_add_ns(out, h->longest_hold);
	str_add(out, ", wait ");
	str_add_ns(out, h->longest_wait);
	str_addc(out, '\n');
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
