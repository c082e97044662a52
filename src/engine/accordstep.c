/*
 * accordstep.c - one recorded step against the model.
 *
 * A record fits if its thread stands at that instruction, the model allows the
 * operation and gives the result that was recorded. What is not the scenario's
 * to see (how many permits were left, the value before a write) is not
 * compared: it was read beside the operation, not in it.
 *
 * A thread can be interrupted between an operation and its stamp. A read may
 * then be of long ago: it fits if the variable had that value at any time
 * since the thread's record before. And a write may come long after its stamp.
 */
#include "accord.h"

enum {
	INTERRUPTED = 1500, /* ns between two records of a thread */
};

/* ---- when -------------------------------------------------------------- */

/* What gives something up is stamped before it happens. */
static bool is_stamped_before(uint8_t kind)
{
	switch (kind) {
	case OP_WRITE:
	case OP_UNLOCK:
	case OP_RWUNLOCK:
	case OP_SLEEP_ON:
	case OP_SIGNAL:
	case OP_BROADCAST:
	case OP_SEM_POST:
	case OP_START:
	case OP_WORK:
	case OP_SLEEP:
		return true;
	default:
		return false;
	}
}

void item_span(const struct item *i, uint64_t *from, uint64_t *to)
{
	bool before = is_stamped_before(i->e.kind);
	bool block = i->e.flags & EVENT_ATOMIC || i->e.kind == OP_ATOMIC;

	*from = before && !block ? i->e.time : i->before;
	*to = before || block ? i->after : i->e.time;
}

/* ---- the same? --------------------------------------------------------- */

static bool same_flag(const struct event *a, const struct event *b,
		      uint8_t flag)
{
	return (a->flags & flag) == (b->flags & flag);
}

static bool agrees(const struct event *real, const struct event *model)
{
	if (real->kind != model->kind || real->pc != model->pc ||
	    !same_flag(real, model, EVENT_CRASH))
		return false;
	if (real->flags & EVENT_CRASH)
		return true;
	switch (real->kind) {
	case OP_READ:
	case OP_WRITE:
	case OP_GET:
	case OP_BUF_GET:
	case OP_EMPTY:
	case OP_FULL:
	case OP_SIZE:
	case OP_EVENT_ISSET:
	case OP_CHOOSE:
		return real->index == model->index &&
		       real->value == model->value;
	case OP_SELECT:
		return real->value == model->value;
	case OP_XCHG:
	case OP_FETCH_ADD:
		return real->index == model->index &&
		       real->extra == model->extra;
	case OP_CAS:
	case OP_TRYLOCK:
	case OP_SEM_TRY:
	case OP_TRYPUT:
		return real->index == model->index &&
		       same_flag(real, model, EVENT_FAILED);
	case OP_TRYGET:
		return same_flag(real, model, EVENT_FAILED) &&
		       (real->flags & EVENT_FAILED ||
			real->value == model->value);
	case OP_GETFOR:
		return same_flag(real, model, EVENT_TIMEOUT) &&
		       (real->flags & EVENT_TIMEOUT ||
			real->value == model->value);
	default:
		return same_flag(real, model, EVENT_TIMEOUT);
	}
}

/* ---- which choice ------------------------------------------------------ */

static bool is_retake(uint8_t kind)
{
	return kind == OP_RETAKE || kind == OP_RETAKE_FOR;
}

/*
 * Of the sleepers, the one who is back first must have been woken first: if
 * another order of wake-ups works, so does this one. Who is not back yet, as
 * far as the records go, may be woken; who comes back late was not.
 */
static struct choice choose_sleeper(const struct accord *a,
				    const struct event *e)
{
	struct choice best = choice_move(e->thread);
	uint64_t first = UINT64_MAX;
	thread_id sleepers[LIMIT_THREADS];
	size_t n = world_sleepers(a->world, a->program, e->object, e->index,
				  sleepers);
	bool found = false;

	for (size_t k = 0; k < n; k++) {
		const struct item *i = lane_head(&a->lanes[sleepers[k]]);

		if (found && (!i || i->e.time >= first))
			continue;
		if (i && (!is_retake(i->e.kind) || i->e.flags & EVENT_TIMEOUT))
			continue;
		found = true;
		first = i ? i->e.time : UINT64_MAX;
		best = (struct choice){e->thread, CHOICE_PICK, (int32_t)k + 1};
	}
	return best;
}

bool accord_must_guess(const struct accord *a, const struct event *e)
{
	thread_id sleepers[LIMIT_THREADS];
	size_t n, unknown = 0;

	if (e->kind != OP_SIGNAL)
		return false;
	n = world_sleepers(a->world, a->program, e->object, e->index, sleepers);
	for (size_t k = 0; k < n; k++) {
		const struct item *i = lane_head(&a->lanes[sleepers[k]]);

		unknown += !i;
		if (i && is_retake(i->e.kind) && !(i->e.flags & EVENT_TIMEOUT))
			return false;
	}
	return unknown > 1;
}

static struct choice choice_of(const struct accord *a, const struct event *e)
{
	if (e->flags & EVENT_TIMEOUT)
		return (struct choice){e->thread, CHOICE_TIMEOUT, 0};
	if (e->kind == OP_CHOOSE)
		return (struct choice){e->thread, CHOICE_PICK, e->value};
	if (e->kind == OP_SIGNAL)
		return choose_sleeper(a, e);
	return choice_move(e->thread);
}

/* ---- taking it --------------------------------------------------------- */

static void drain_all(struct accord *a, thread_id t)
{
	const struct choice drain = {t, CHOICE_DRAIN, 0};

	while (world_stores(a->ahead, a->program, t)) {
		world_step(a->ahead, a->program, drain, 0, NULL);
		a->drained++;
	}
}

static bool match_block(struct accord *a, thread_id t, size_t *taken)
{
	const struct lane *l = &a->lanes[t];
	size_t at = l->head;

	if (!world_can(a->ahead, a->program, choice_move(t)))
		return false;
	world_step(a->ahead, a->program, choice_move(t), 0, &a->log);
	at += l->items.data[at].e.kind == OP_ATOMIC;
	for (size_t k = 1; k < a->log.count; k++, at++)
		if (at >= l->items.len ||
		    !agrees(&l->items.data[at].e, &a->log.events[k]))
			return false;
	*taken = at - l->head;
	return *taken > 0;
}

static bool match_one(struct accord *a, const struct event *e)
{
	struct choice c = choice_of(a, e);

	if (!world_can(a->ahead, a->program, c))
		return false;
	world_step(a->ahead, a->program, c, 0, &a->log);
	a->next.choice = c;
	return agrees(e, &a->log.events[0]);
}

/* ---- interrupted threads ----------------------------------------------- */

static bool was(const struct accord *a, const struct item *i)
{
	for (size_t k = a->past.len; k-- > 0;) {
		const struct past *p = &a->past.data[k];

		if (p->time < i->before)
			return false;
		if (p->object == i->e.object && p->index == i->e.index &&
		    p->value == i->e.value)
			return true;
	}
	return false;
}

/* Whether a thread that has recorded nothing since may only now have written
 * that. */
static bool may_be_written(const struct accord *a, const struct event *e)
{
	for (size_t t = 0; t < a->program->threads.count; t++) {
		const struct lane *l = &a->lanes[t];
		const struct item *i;

		if (l->head == 0)
			continue;
		i = &l->items.data[l->head - 1];
		if (i->e.kind == OP_WRITE &&
		    i->after - i->e.time >= INTERRUPTED &&
		    i->e.object == e->object && i->e.index == e->index &&
		    i->e.value == e->value)
			return true;
	}
	return false;
}

/* A read that memory does not explain: with the value it found, if an
 * interruption does. */
static bool bend(struct accord *a, const struct item *i)
{
	const struct event *e = &i->e;
	int32_t now = world_value(a->world, a->program, e->object, e->index);
	bool late = may_be_written(a, e);

	if (!late && (e->time - i->before < INTERRUPTED || !was(a, i)))
		return false;
	world_copy(a->ahead, a->world, a->program);
	world_assign(a->ahead, a->program, e->object, e->index, e->value);
	if (!match_one(a, e))
		return false;
	if (!late) { /* memory is as before, and no check saw it otherwise */
		if (a->ahead->verdict == VERDICT_VIOLATED &&
		    !(a->ahead->detail & DETAIL_ASSERT))
			a->ahead->verdict = VERDICT_NONE;
		world_assign(a->ahead, a->program, e->object, e->index, now);
	}
	a->bent++;
	a->next.bend = late ? BENT_LATE : BENT_OLD;
	a->next.value = e->value;
	return true;
}

bool accord_try(struct accord *a, thread_id t, size_t *taken)
{
	const struct item *i = lane_head(&a->lanes[t]);
	struct op op;

	*taken = 1;
	a->next = (struct told){.choice = choice_move(t)};
	a->drained = 0;
	world_copy(a->ahead, a->world, a->program);
	world_parked(a->world, a->program, t, &op);
	if (op.kind == OP_NONE)
		return false;
	if (op_info[op.kind].flags & OP_F || i->e.flags & EVENT_TIMEOUT)
		drain_all(a, t);
	if (op.kind == OP_ATOMIC)
		return match_block(a, t, taken);
	if (op.kind != i->e.kind || op.pc != i->e.pc)
		return false;
	a->guessed |= !a->complete && accord_must_guess(a, &i->e);
	if (match_one(a, &i->e))
		return true;
	return op.kind == OP_READ &&
	       !a->program->objects.data[op.object].buffered && bend(a, i);
}
