/*
 * fit.c - from the bytes of a trace file to a run of a program.
 *
 * Everybody who reads events trusts them: an object is one of the program's, a
 * program counter names the instruction that did it. Here, in one place, that
 * trust is earned for events that come from outside. Of a controlled run
 * nothing but the schedule is needed; the model then gives the events anew.
 */
#include "threadviz/label.h"
#include "tracefile.h"

#define BLANKS " \t\r\n,|"

/* ---- one event --------------------------------------------------------- */

/* START and JOIN name a thread of a group by its index. */
static bool fits_group(const struct program *p, const struct event *e)
{
	int32_t group = p->code.data[e->pc].imm;

	return group >= 0 && (size_t)group < p->groups.count &&
	       e->object == OBJECT_NONE &&
	       (e->flags & EVENT_CRASH ||
		(e->index >= 0 && e->index < p->groups.data[group].count));
}

/* Like the instruction's own object, or a process's copy of it. */
static bool fits_object(const struct program *p, const struct event *e,
			object_id model)
{
	const struct object *o;

	if (e->object == OBJECT_NONE || model == OBJECT_NONE)
		return e->object == model;
	if (e->object >= p->objects.count)
		return false;
	o = &p->objects.data[e->object];
	return o->kind == p->objects.data[model].kind &&
	       (e->flags & EVENT_CRASH ||
		(e->index >= 0 && e->index < o->count));
}

/* A select names one of a list of queues, and none as long as it waits. */
static bool fits_select(const struct program *p, const struct event *e)
{
	return e->object == OBJECT_NONE ||
	       (e->object < p->objects.count &&
		p->objects.data[e->object].kind == OBJECT_QUEUE &&
		e->index >= 0 && e->index < p->objects.data[e->object].count);
}

/* The condition's mutex is the instruction's; its element comes along. */
static bool fits_mutex(const struct program *p, const struct event *e)
{
	const struct object *o;
	int32_t index;
	object_id id = event_mutex(p, e, &index);

	if (id >= p->objects.count)
		return false;
	o = &p->objects.data[id];
	return o->kind == OBJECT_MUTEX &&
	       (e->flags & EVENT_CRASH || (index >= 0 && index < o->count));
}

static bool fits_operation(const struct program *p, const struct event *e)
{
	const struct insn *i = &p->code.data[e->pc];

	if (i->code != e->kind)
		return false;
	switch (e->kind) {
	case OP_START:
	case OP_JOIN:
		return fits_group(p, e);
	case OP_SELECT:
		return fits_select(p, e);
	case OP_SLEEP_ON:
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		return fits_mutex(p, e) && fits_object(p, e, i->object);
	default:
		return fits_object(p, e, i->object);
	}
}

/* What a verdict is about: a check, an assertion, a kind of crash. */
static bool fits_verdict(const struct program *p, const struct event *e)
{
	uint32_t detail = (uint32_t)e->index;

	switch (e->value) {
	case VERDICT_NONE: /* a free run was stopped */
	case VERDICT_OK:
	case VERDICT_DEADLOCK:
		return true;
	case VERDICT_VIOLATED:
		if (detail & DETAIL_ASSERT)
			return (detail & ~DETAIL_ASSERT) < p->asserts.count;
		return detail < p->checks.count;
	case VERDICT_CRASH:
		return detail <= CRASH_DEPTH;
	default:
		return false;
	}
}

/* What is not an operation of the program. */
static bool fits_other(const struct program *p, const struct event *e)
{
	bool place = e->object == OBJECT_NONE ||
		     (e->object < p->objects.count && e->index >= 0 &&
		      e->index < p->objects.data[e->object].count);

	switch (e->kind) {
	case EVENT_DRAIN:
		return place && e->object != OBJECT_NONE &&
		       p->objects.data[e->object].kind == OBJECT_VAR;
	case EVENT_WOKEN:
		return place;
	case EVENT_VERDICT:
		return e->object == OBJECT_NONE && fits_verdict(p, e);
	case EVENT_END:
	case EVENT_LOST:
	case EVENT_ON_CPU:
	case EVENT_OFF_CPU:
		return e->object == OBJECT_NONE;
	default:
		return false;
	}
}

/* Only an operation can be wanted. */
static bool fits_wish(const struct event *e)
{
	return !(e->flags & EVENT_WANTS) || e->kind < OP_COUNT;
}

/* The verdict is about nobody in particular, a loss may be. */
static bool needs_thread(const struct event *e)
{
	return e->kind != EVENT_VERDICT && e->kind != EVENT_LOST;
}

/* So that whoever adds to a time need not think of overflow. */
#define TIME_MAX (UINT64_C(1) << 60)

static bool fits(const struct program *p, const struct event *e)
{
	bool thread = e->thread < p->threads.count ||
		      (e->thread == THREAD_NONE && !needs_thread(e));
	bool other = e->other < p->threads.count || e->other == THREAD_NONE;

	return thread && other && fits_wish(e) && e->time <= TIME_MAX &&
	       e->pc < p->code.count &&
	       (e->kind < OP_COUNT ? fits_operation(p, e) : fits_other(p, e));
}

/* ---- all of them ------------------------------------------------------- */

static bool misfit(const struct tracefile *f, size_t i, struct error *err)
{
	return fail(err,
		    "event %zu of the trace cannot come from its "
		    "scenario: it was recorded by a threadviz that "
		    "compiles otherwise (%.40s), or is damaged",
		    i + 1, f->version);
}

static bool print_anew(struct tracefile *f, const struct program *p,
		       struct error *err)
{
	uint32_t id = 0;
	size_t n = 0;

	for (size_t i = 0; i < f->event_count; i++) {
		struct event *e = &f->events[i];

		if (e->kind != OP_PRINT || event_is_mark(e))
			continue;
		if (n == f->print_count)
			return fail(err, "the trace lacks what was printed");
		id = outputs_add(p->outputs, id, f->prints[n++]);
		e->value = (int32_t)id;
	}
	return true;
}

static void fit_findings(struct tracefile *f, const struct program *p)
{
	for (size_t i = 0; i < f->finding_count; i++) {
		struct finding *found = &f->findings[i];

		if (found->object >= p->objects.count)
			found->object = OBJECT_NONE;
		for (size_t k = 0; k < FINDING_EVENTS; k++)
			if (found->events[k] >= f->event_count)
				found->events[k] = SIZE_MAX;
	}
}

bool tracefile_fit(struct tracefile *f, const struct program *p,
		   struct error *err)
{
	/* Of a long free run only the end is there, and numbers go round. */
	uint32_t step =
		tracefile_is_free(f) && f->event_count ? f->events[0].step : 0;

	for (size_t i = 0; i < f->event_count; i++) {
		const struct event *e = &f->events[i];

		if (e->step - step > 1 || !fits(p, e))
			return misfit(f, i, err);
		step = e->step;
	}
	fit_findings(f, p);
	return print_anew(f, p, err);
}

/* ---- controlled runs --------------------------------------------------- */

static bool impossible(const struct timeline *tl, struct choice c,
		       struct error *err)
{
	const struct program *p = tl->program;
	struct str text = {0};

	str_addf(&text,
		 "step %zu of the trace is impossible: ", tl->schedule.len + 1);
	world_why_not(tl->last, p, c, &text);
	fail(err, "%s", str_cstr(&text));
	str_free(&text);
	return false;
}

/* One word at a time: `A*1000000` is short, a million steps are not. */
static bool take_word(struct timeline *tl, const char *word, struct schedule *s,
		      struct error *err)
{
	vec_clear(s);
	if (!schedule_parse(tl->program, word, s, err))
		return false;
	for (size_t i = 0; i < s->len; i++) {
		if (tl->schedule.len == TRACEFILE_STEPS)
			return fail(err, "the trace has more than %d steps",
				    TRACEFILE_STEPS);
		if (!world_can(tl->last, tl->program, s->data[i]))
			return impossible(tl, s->data[i], err);
		timeline_push(tl, s->data[i]);
	}
	return true;
}

bool tracefile_repeat(const struct tracefile *f, struct timeline *tl,
		      struct error *err)
{
	const char *at = f->schedule;
	struct schedule s = {0};
	struct str word = {0};
	bool ok = true;

	while (ok && *(at += strspn(at, BLANKS))) {
		size_t len = strcspn(at, BLANKS);

		str_clear(&word);
		str_addn(&word, at, len);
		ok = take_word(tl, str_cstr(&word), &s, err);
		at += len;
	}
	str_free(&word);
	vec_free(&s);
	return ok;
}
