/*
 * accordopen.c - of two steps at once, which was first may show only later.
 *
 * Two writes whose spans overlap, or a signal and somebody falling asleep: both
 * orders fit, but leave something else behind. As long as the way back to that
 * choice is kept nothing is lost. When it is forgotten and the model later
 * cannot go on, the choice may be to blame, not the machine: a doubt. A read
 * after both that finds what the model has settles it, and so does a write.
 */
#include "accord.h"

static bool is_write(const struct event *e)
{
	return op_info[e->kind].flags & OP_W;
}

static bool is_wake(const struct event *e)
{
	return e->kind == OP_SIGNAL || e->kind == OP_BROADCAST;
}

/* Would another order of the two leave something else behind, without a
 * different result of either? */
static bool is_order_hidden(const struct event *x, const struct event *y)
{
	if (x->object != y->object || x->index != y->index)
		return false;
	return (is_write(x) && is_write(y)) ||
	       (is_wake(x) && y->kind == OP_SLEEP_ON) ||
	       (is_wake(y) && x->kind == OP_SLEEP_ON);
}

/* The end of the last of others' steps at the same time as this one with which
 * it could change places; 0: there is none. */
static uint64_t last_rival(const struct accord *a, const struct item *mine,
			   uint64_t slack)
{
	uint64_t from, to, end, last = 0;

	item_span(mine, &from, &end);
	for (size_t t = 0; t < a->program->threads.count; t++) {
		const struct lane *l = &a->lanes[t];

		for (size_t k = l->head; k < l->items.len; k++) {
			const struct item *i = &l->items.data[k];

			item_span(i, &from, &to);
			if (from > end && from - end > slack)
				break;
			if (i->e.thread != mine->e.thread &&
			    is_order_hidden(&mine->e, &i->e) && to > last)
				last = to;
		}
	}
	return last;
}

/* Room for one more: what is settled and will stay so makes place. */
static struct open *place_for(struct accord *a, uint64_t fixed)
{
	size_t n = 0;

	for (size_t i = 0; i < a->open_count; i++)
		if (!a->open[i].settled || a->open[i].settled > fixed)
			a->open[n++] = a->open[i];
	a->open_count = n;
	return n < ACCORD_OPEN ? &a->open[a->open_count++] : NULL;
}

static void open_one(struct accord *a, const struct item *i, uint64_t slack,
		     uint64_t fixed)
{
	struct open *o;
	uint64_t until;

	if (!is_write(&i->e) && !is_wake(&i->e) && i->e.kind != OP_SLEEP_ON)
		return;
	until = last_rival(a, i, slack);
	if (!until)
		return;
	o = place_for(a, fixed);
	if (o)
		*o = (struct open){until, a->steps + 1, 0, i->e.object,
				   i->e.index};
	else
		a->open_lost = true;
}

void accord_open(struct accord *a, thread_id t, size_t taken, uint64_t slack,
		 uint64_t fixed)
{
	const struct lane *l = &a->lanes[t];

	for (size_t k = 0; k < taken; k++)
		open_one(a, &l->items.data[l->head + k], slack, fixed);
}

void accord_settle(struct accord *a, const struct item *i)
{
	uint64_t from, to;

	if (!(op_info[i->e.kind].flags & (OP_R | OP_W)))
		return;
	item_span(i, &from, &to);
	for (size_t k = 0; k < a->open_count; k++) {
		struct open *o = &a->open[k];

		if (o->object == i->e.object && o->index == i->e.index &&
		    !o->settled && from > o->until)
			o->settled = a->steps;
	}
}

void accord_reopen(struct accord *a)
{
	size_t n = 0;

	for (size_t k = 0; k < a->open_count; k++) {
		struct open *o = &a->open[k];

		if (o->settled > a->steps)
			o->settled = 0;
		if (o->step <= a->steps)
			a->open[n++] = *o;
	}
	a->open_count = n;
}

bool accord_is_open(const struct accord *a, uint64_t forgotten)
{
	for (size_t k = 0; k < a->open_count; k++)
		if (!a->open[k].settled && a->open[k].step <= forgotten)
			return true;
	return a->open_lost;
}
