/*
 * accordtold.c - the order found, as events.
 *
 * The records of a free run come in order of their stamps, which is not quite
 * the order in which things happened, and nobody marked when a thread had to
 * wait. The order that explains them is a schedule; repeated in the model it
 * gives the same steps as events like those of any other engine, so that
 * whatever looks at runs need not know of stamps. Only the numbers and times
 * are the records' own.
 *
 * A read whose thread was interrupted before the stamp is put where its value
 * was still there. Only the beginning is kept; and it ends where something was
 * written long after its stamp, which has no place in the order.
 */
#include "accord.h"

static void keep(struct accord *a, struct told t)
{
	if (a->ordered++ == a->order.len && a->order.len < ACCORD_EVENTS)
		vec_push(&a->order, t);
}

void accord_tell(struct accord *a, const struct item *records, size_t n)
{
	const struct choice drain = {a->next.choice.thread, CHOICE_DRAIN, 0};

	a->next.step = n ? records[n - 1].e.step : NO_RECORD;
	a->next.time = n ? records[n - 1].e.time : 0;
	a->next.wanted = n ? records->wanted : 0;
	a->next.waited =
		n && (records->waited || records->e.flags & EVENT_WAITED);
	for (size_t i = 0; i < a->drained && n; i++)
		keep(a, (struct told){.choice = drain, .step = NO_RECORD});
	keep(a, a->next);
}

void accord_untell(struct accord *a, uint64_t ordered)
{
	a->ordered = ordered;
	if (a->order.len > ordered)
		a->order.len = (size_t)ordered;
}

/* Since when a thread has waited, for each of its steps that had to. */
struct waits VEC_OF(uint64_t);

struct telling {
	const struct program *program;
	struct timeline tl;
	struct event_list *out;
	struct event last; /* whose time and number a drain takes */
	struct waits waits[LIMIT_THREADS];
};

static void take(struct telling *x, const struct told *t)
{
	const struct event *from = t->step == NO_RECORD ? &x->last : NULL;
	const struct event *events;
	size_t n;

	timeline_push(&x->tl, t->choice);
	n = timeline_events(&x->tl, x->tl.schedule.len, &events);
	for (size_t i = 0; i < n; i++) {
		struct event e = events[i];

		e.step = from ? from->step : t->step;
		e.time = from ? from->time : t->time;
		if (!i && t->waited)
			e.flags |= EVENT_WAITED;
		vec_push(x->out, e);
	}
	if (t->waited)
		vec_push(&x->waits[t->choice.thread], t->wanted);
	x->last = vec_last(x->out);
}

/* Where the element had the value, going back no further than to the thread's
 * own last step; SIZE_MAX: nowhere. */
static size_t place_of(const struct event_list *list, const struct event *read)
{
	for (size_t i = list->len; i-- > 0;) {
		const struct event *e = &list->data[i];

		if (e->thread == read->thread && !event_is_mark(e))
			return SIZE_MAX;
		if (e->object != read->object || e->index != read->index ||
		    event_is_mark(e) || e->flags & EVENT_FAILED ||
		    (e->kind != OP_WRITE && e->kind != OP_XCHG &&
		     e->kind != OP_CAS && e->kind != OP_FETCH_ADD))
			continue;
		if (e->extra == read->value)
			return i;
	}
	return SIZE_MAX;
}

/* The read is taken with the value it found, and its event put there. */
static bool take_old(struct telling *x, const struct told *t)
{
	const struct program *p = x->program;
	struct event_list *out = x->out;
	size_t begun = out->len, at;
	struct event read;
	struct op op;
	int32_t now;

	world_parked(x->tl.last, p, t->choice.thread, &op);
	now = world_value(x->tl.last, p, op.object, op.index);
	read = (struct event){.thread = t->choice.thread,
			      .object = op.object,
			      .index = op.index,
			      .value = t->value};
	at = place_of(out, &read);
	if (at == SIZE_MAX)
		return false;
	world_assign(x->tl.last, p, op.object, op.index, t->value);
	take(x, t);
	world_assign(x->tl.last, p, op.object, op.index, now);
	read = out->data[begun];
	memmove(out->data + at + 1, out->data + at,
		(begun - at) * sizeof *out->data);
	out->data[at] = read;
	/* No check saw memory as it was only for this read. */
	return vec_last(out).kind != EVENT_VERDICT;
}

static bool tell(struct telling *x, const struct told *t)
{
	if (!world_can(x->tl.last, x->program, t->choice) ||
	    world_verdict(x->tl.last, x->program) != VERDICT_NONE)
		return false;
	if (t->bend == BENT_OLD)
		return take_old(x, t);
	if (t->bend == STRAIGHT)
		take(x, t);
	return t->bend == STRAIGHT;
}

/* ---- who really waited -------------------------------------------------- */

/*
 * In the model a thread wants a lock as soon as it stands before it; the real
 * one may still have slept, or worked, and then found it free. Its mark stays
 * only if it had to wait, and stands where that began. Who sleeps on a
 * condition is left alone: that he does.
 */
struct marks {
	const struct waits *waits;
	size_t passed[LIMIT_THREADS]; /* of them */
	struct event open[LIMIT_THREADS];
	bool is_open[LIMIT_THREADS]; /* kept back until its time has come */
	struct event_list out;
};

static bool is_wait(const struct event *e)
{
	return e->flags & EVENT_WANTS && e->kind != OP_RETAKE &&
	       e->kind != OP_RETAKE_FOR;
}

static bool is_own_step(const struct event *e)
{
	return !event_is_mark(e) && e->kind < OP_COUNT;
}

static void let_out(struct marks *m, thread_id t)
{
	struct event e = m->open[t];

	if (!m->is_open[t])
		return;
	m->is_open[t] = false;
	if (m->out.len)
		e.step = vec_last(&m->out).step;
	vec_push(&m->out, e);
}

/* Those who have begun to wait by then. */
static void let_out_until(struct marks *m, uint64_t time)
{
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		if (m->is_open[t] && m->open[t].time <= time)
			let_out(m, (thread_id)t);
}

static void place_mark(struct marks *m, const struct event *e)
{
	const struct waits *w = &m->waits[e->thread];
	size_t at = m->passed[e->thread];
	uint64_t since = at < w->len ? w->data[at] : 0;

	if (since <= e->time) {
		let_out(m, e->thread);
		vec_push(&m->out, *e);
		return;
	}
	if (m->is_open[e->thread])
		return;
	m->is_open[e->thread] = true;
	m->open[e->thread] = *e;
	m->open[e->thread].time = since;
}

static void place(struct marks *m, const struct event *e, bool in_vain)
{
	if (is_wait(e)) {
		if (!in_vain)
			place_mark(m, e);
		return;
	}
	if (is_own_step(e)) {
		let_out_until(m, e->time);
		let_out(m, e->thread);
		m->passed[e->thread] += e->flags & EVENT_WAITED ? 1 : 0;
	}
	vec_push(&m->out, *e);
}

static void place_marks(const struct waits *waits, struct event_list *list)
{
	struct marks m = {.waits = waits};
	bool *in_vain = xcalloc(list->len + 1, sizeof *in_vain);
	bool at_once[LIMIT_THREADS] = {false}; /* its next step: no wait */

	for (size_t i = list->len; i-- > 0;) {
		const struct event *e = &list->data[i];

		if (is_own_step(e))
			at_once[e->thread] = !(e->flags & EVENT_WAITED);
		else if (is_wait(e))
			in_vain[i] = at_once[e->thread];
	}
	for (size_t i = 0; i < list->len; i++)
		place(&m, &list->data[i], in_vain[i]);
	free(in_vain);
	vec_free(list);
	*list = m.out;
}

void accord_events(const struct accord *a, struct event_list *out)
{
	struct telling x = {.program = a->program, .out = out};

	timeline_init(&x.tl, a->program);
	for (size_t i = 0; i < x.tl.events.len; i++)
		vec_push(out, x.tl.events.data[i]);
	for (size_t i = 0; i < a->order.len && tell(&x, &a->order.data[i]); i++)
		continue;
	timeline_fini(&x.tl);
	place_marks(x.waits, out);
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		vec_free(&x.waits[t]);
}
