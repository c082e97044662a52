/*
 * effects.c - what a step did to others: whom it lets go on, whom it stops.
 *
 * An arrow goes from a release to the thread whose next event is caused by it.
 * Unlock hands nothing over: who waits may try, and its own lock is the event.
 */
#include "views.h"

enum { EFFECTS = 300 /* events looked at for what this one made possible */ };

static thread_id effect_of(const struct app *app, const struct event *e,
			   const char **text)
{
	const struct event_list *list = &app->timeline.events;
	size_t at = (size_t)(e - list->data), end = at + EFFECTS;

	*text = e->kind == OP_START ? "starts" : "woken";
	if (e->kind == OP_START || e->kind == OP_SIGNAL)
		return e->other;
	if (e->kind >= OP_COUNT || !(op_info[e->kind].flags & OP_L))
		return THREAD_NONE;
	*text = "may try";
	for (size_t i = at + 1; i < list->len && i < end; i++)
		if (list->data[i].thread != e->thread &&
		    !event_is_mark(&list->data[i]) &&
		    analysis_cause(app->program, list->data, list->len, i) ==
			    at)
			return list->data[i].thread;
	return THREAD_NONE;
}

thread_id arrow_target(const struct app *app, const struct event *e,
		       const char **text)
{
	thread_id t = THREAD_NONE;

	if (app->arrows == ARROWS_ALL ||
	    (app->arrows == ARROWS_SELECTED && e == app_event(app)))
		t = effect_of(app, e, text);
	return t == e->thread ? THREAD_NONE : t;
}

const struct event *event_wants(const struct app *app, size_t step, thread_id t)
{
	const struct event *e;
	size_t n = timeline_events(&app->timeline, step, &e);

	for (size_t i = 0; i < n; i++)
		if (e[i].flags & EVENT_WANTS && e[i].thread == t)
			return &e[i];
	return NULL;
}

bool step_writes(const struct app *app, size_t step, object_id id,
		 int32_t index)
{
	const struct event *e;
	size_t n = timeline_events(&app->timeline, step, &e);

	for (size_t i = 0; i < n; i++)
		if (!event_is_mark(&e[i]) && e[i].object == id &&
		    e[i].index == index &&
		    (e[i].kind == EVENT_DRAIN ||
		     (e[i].kind < OP_COUNT && op_info[e[i].kind].flags & OP_W &&
		      !(e[i].kind == OP_WRITE &&
			app->program->objects.data[id].buffered))))
			return true;
	return false;
}

bool step_sleeps(const struct app *app, size_t step, thread_id t)
{
	enum { SHORTLY = 100 };
	const struct event *e;

	for (size_t i = step; i > 0 && step - i < SHORTLY; i--) {
		if (event_wants(app, i, t))
			return false;
		if (timeline_events(&app->timeline, i, &e) && e->thread == t)
			return e->kind == OP_SLEEP &&
			       step - i < (size_t)e->value;
	}
	return false;
}

thread_id event_mover(const struct app *app, size_t step)
{
	const struct event *e;

	return step && timeline_events(&app->timeline, step, &e) ? e->thread
								 : THREAD_NONE;
}
