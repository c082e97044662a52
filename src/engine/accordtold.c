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
 * Only the beginning is kept. It ends where the model had to be told a value,
 * for there it would go on differently by itself.
 */
#include "accord.h"

static void keep(struct accord *a, struct told t)
{
	if (a->ordered++ == a->order.len && a->order.len < ACCORD_EVENTS)
		vec_push(&a->order, t);
}

void accord_tell(struct accord *a, const struct event *record)
{
	const struct choice drain = {a->next.choice.thread, CHOICE_DRAIN, 0};

	a->next.step = record ? record->step : NO_RECORD;
	a->next.time = record ? record->time : 0;
	for (size_t i = 0; i < a->drained && record; i++)
		keep(a, (struct told){drain, NO_RECORD, 0, false});
	keep(a, a->next);
}

void accord_untell(struct accord *a, uint64_t ordered)
{
	a->ordered = ordered;
	if (a->order.len > ordered)
		a->order.len = (size_t)ordered;
}

static void take(struct timeline *tl, const struct told *t,
		 const struct event *last, struct event_list *out)
{
	const struct event *events;
	size_t n;

	timeline_push(tl, t->choice);
	n = timeline_events(tl, tl->schedule.len, &events);
	for (size_t i = 0; i < n; i++) {
		struct event e = events[i];

		e.step = t->step == NO_RECORD ? last->step : t->step;
		e.time = t->step == NO_RECORD ? last->time : t->time;
		vec_push(out, e);
	}
}

void accord_events(const struct accord *a, struct event_list *out)
{
	struct event last = {0};
	struct timeline tl;

	timeline_init(&tl, a->program);
	for (size_t i = 0; i < tl.events.len; i++)
		vec_push(out, tl.events.data[i]);
	for (size_t i = 0; i < a->order.len; i++) {
		const struct told *t = &a->order.data[i];

		if (t->bent || !world_can(tl.last, a->program, t->choice) ||
		    world_verdict(tl.last, a->program) != VERDICT_NONE)
			break;
		take(&tl, t, &last, out);
		last = vec_last(out);
	}
	timeline_fini(&tl);
}
