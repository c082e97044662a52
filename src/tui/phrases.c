/*
 * phrases.c - short phrases that several views share.
 *
 * Labels and names that fit, what a thread is about to do and why it cannot,
 * who is inside a region, and the futures line: what can still come.
 */
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "views.h"

/* A signal that is lost says so where there is room, however short. */
static void add_nobody(const struct event *e, int w, struct str *out)
{
	static const char nobody[] = ": nobody";

	if (e->kind == OP_SIGNAL && e->flags & EVENT_FAILED &&
	    out->len + sizeof nobody - 1 <= (size_t)w)
		str_add(out, nobody);
}

enum {
	NAME_LEAST = 3, /* cells: of a name cut in the middle */
	CUT = 10,       /* cells: in fewer it does not help */
};

void say_cut(const char *text, int w, struct str *out)
{
	int len = (int)strlen(text), tail = (w - 1) / 2;

	if (utf8_width(text) <= w || len != utf8_width(text)) {
		str_add(out, text);
		return;
	}
	str_addf(out, "%.*s…%s", w - 1 - tail, text, text + len - tail);
}

/* Cuts the object's name in the text so that all of it fits. */
static bool cut_name(const struct program *p, object_id id, int w,
		     struct str *text)
{
	const char *name = id == OBJECT_NONE ? "" : p->objects.data[id].name;
	int room = w - utf8_width(str_cstr(text)) + utf8_width(name);
	const char *at = strstr(str_cstr(text), name);
	struct str cut = {0};

	if (w < CUT || room < NAME_LEAST || !*name || !at)
		return false;
	str_addf(&cut, "%.*s", (int)(at - text->data), text->data);
	say_cut(name, room, &cut);
	str_add(&cut, at + strlen(name));
	str_clear(text);
	str_add(text, str_cstr(&cut));
	str_free(&cut);
	return utf8_width(str_cstr(text)) <= w;
}

void label_fit(const struct app *app, const struct event *e, int w,
	       struct str *out)
{
	object_id id = e->object;
	int32_t index;

	if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR)
		id = event_mutex(app->program, e, &index);
	for (int length = LABEL_LONG; length < LABEL_LENGTHS; length++) {
		str_clear(out);
		event_format(app->program, e, (enum label_length)length, out);
		if (utf8_width(str_cstr(out)) > w &&
		    (length != LABEL_SHORT ||
		     !cut_name(app->program, id, w, out)))
			continue;
		if (length == LABEL_SHORT)
			add_nobody(e, w, out);
		return;
	}
}

/* ---- what a thread is about to do -------------------------------------- */

static void say_holders(const struct app *app, uint64_t set, struct str *out)
{
	const char *gap = " (";

	for (thread_id t = 0; t < app->program->threads.count; t++) {
		if (!(set >> t & 1))
			continue;
		str_addf(out, "%s%s", gap,
			 program_thread_name(app->program, t));
		gap = ", ";
	}
	if (set)
		str_add(out, set & (set - 1) ? " have it)" : " has it)");
}

/* Cooperative: who keeps the processor from t, or THREAD_NONE. */
static thread_id keeper(const struct app *app, thread_id t)
{
	const struct world *w = app_world(app);
	thread_id r = w->running;

	return app->program->cooperative && r != THREAD_NONE && r != t &&
			       world_alts(w, app->program, r)
		       ? r
		       : THREAD_NONE;
}

void say_about(const struct app *app, thread_id t, struct str *out)
{
	const struct world *w = app_world(app);
	thread_id other = keeper(app, t);
	struct op op;

	world_parked(w, app->program, t, &op);
	switch (world_status(w, app->program, t)) {
	case THREAD_LATER:
		str_add(out, "not started");
		break;
	case THREAD_ENDED:
		str_add(out, "ended");
		break;
	case THREAD_ASLEEP:
		str_add(out, "asleep in ");
		object_format(app->program, op.object, op.index, out);
		break;
	case THREAD_BLOCKED:
		if (other != THREAD_NONE) {
			str_addf(out, "waits while %s runs",
				 program_thread_name(app->program, other));
			break;
		}
		str_add(out, "blocked: ");
		op_format(app->program, &op, LABEL_LONG, out);
		say_holders(app, world_blockers(w, app->program, t), out);
		break;
	case THREAD_READY:
		str_add(out, "about to ");
		op_format(app->program, &op, LABEL_LONG, out);
		break;
	}
}

/* "wants blue", "?blue"; what has no object is called by its word. */
static void say_wants(const struct app *app, thread_id t, const char *sign,
		      struct str *out)
{
	struct op op;
	size_t begun;

	if (keeper(app, t) != THREAD_NONE) {
		str_addf(out, "%s runs",
			 program_thread_name(app->program, keeper(app, t)));
		return;
	}
	str_add(out, sign);
	begun = out->len;
	say_wanted(app, t, out);
	if (out->len > begun)
		return;
	world_parked(app_world(app), app->program, t, &op);
	op_format(app->program, &op, LABEL_LONG, out);
}

void about_fit(const struct app *app, thread_id t, int w, struct str *out)
{
	const struct world *world = app_world(app);
	enum thread_status status = world_status(world, app->program, t);
	struct op op;

	say_about(app, t, out);
	if (utf8_width(str_cstr(out)) <= w)
		return;
	world_parked(world, app->program, t, &op);
	str_clear(out);
	if (status == THREAD_BLOCKED) {
		say_wants(app, t, "wants ", out);
		if (keeper(app, t) == THREAD_NONE)
			say_holders(app, world_blockers(world, app->program, t),
				    out);
		if ((int)out->len > w) {
			str_clear(out);
			say_wants(app, t, "wants ", out);
		}
	} else if (status == THREAD_READY) {
		op_format(app->program, &op, LABEL_LONG, out);
	} else {
		str_add(out, status == THREAD_ASLEEP ? "asleep" : "");
	}
	if ((int)out->len <= w)
		return;
	str_clear(out);
	if (status == THREAD_BLOCKED)
		say_wants(app, t, "?", out);
	else
		op_format(app->program, &op, LABEL_SHORT, out);
	if ((int)out->len <= w)
		return;
	if (cut_name(app->program,
		     op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR
			     ? op.mutex
			     : op.object,
		     w, out))
		return;
	str_clear(out);
	op_format(app->program, &op, LABEL_TINY, out);
}

/* Whether the finding is about two accesses, to be marked A and B. */
bool finding_is_pair(const struct finding *f)
{
	return (f->kind == FINDING_DATA_RACE ||
		f->kind == FINDING_LOST_UPDATE ||
		f->kind == FINDING_ABA ||
		f->kind == FINDING_CHECK_THEN_ACT ||
		f->kind == FINDING_TORN_READ ||
		f->kind == FINDING_VIOLATED /* shows its cause's */) &&
	       f->events[0] != SIZE_MAX && f->events[1] != SIZE_MAX;
}

/* Whether the others are out of a region that is for one at a time. */
static bool is_alone(const struct app *app, const struct world *w, thread_id t,
		     unsigned region)
{
	for (thread_id k = 0; k < app->program->threads.count; k++)
		if (k != t && world_in_region(w, app->program, k, region))
			return false;
	return true;
}

const char *say_region(const struct app *app, const struct world *w,
		       thread_id t, bool *alone)
{
	const struct program *p = app->program;

	*alone = true;
	for (size_t i = 0; i < p->checks.count; i++) {
		const struct check *c = &p->checks.data[i];

		if (c->kind != CHECK_NEVER_TWO ||
		    !world_in_region(w, p, t, c->region))
			continue;
		*alone = is_alone(app, w, t, c->region);
		return p->regions.data[c->region];
	}
	return NULL;
}

/* ---- the futures line -------------------------------------------------- */

/* The values a variable can still end with, when there are few. */
static void say_values(const struct app *app, const struct outlook *o,
		       struct str *out)
{
	const struct search_report *r = app->futures.report;
	int32_t seen[8];
	size_t n = 0;

	if (r->value_count != 1 || r->outcome_count > 64)
		return;
	for (size_t i = 0; i < r->outcome_count; i++) {
		int32_t v = r->outcomes[i].final[0];
		size_t k = 0;

		if (!(o->outcomes >> i & 1))
			continue;
		while (k < n && seen[k] != v)
			k++;
		if (k == n && n == 8)
			return;
		if (k == n)
			seen[n++] = v;
	}
	for (size_t i = 0; i < n; i++)
		for (size_t k = i + 1; k < n; k++)
			if (seen[k] < seen[i]) {
				int32_t swap = seen[i];

				seen[i] = seen[k];
				seen[k] = swap;
			}
	if (!n)
		return;
	str_addf(out, "%s can end as ",
		 app->program->objects.data[r->values[0].object].name);
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s%d", i ? ", " : "", seen[i]);
	str_add(out, " · ");
}

/* "the only schedule left ends well", "all 4 schedules end well". */
static void say_all(struct count n, const char *one, const char *many,
		    struct str *out)
{
	if (!n.infinite && !n.over && n.exact == 1) {
		str_addf(out, "the only schedule left%s", one);
		return;
	}
	str_add(out, "all ");
	count_format_grouped(n, out);
	str_addf(out, " schedules%s", many);
}

static void say_counts(const struct outlook *o, bool chance, struct str *out)
{
	if (o->schedules.infinite && !(o->verdicts & ~(1u << VERDICT_OK))) {
		str_add(out,
			o->livelock
				? "no bad end is possible, but a livelock is"
				: "no bad end is possible");
		return;
	}
	if (o->schedules.infinite) {
		str_addf(out,
			 "schedules go round for ever · chance of a bad "
			 "end %.3g%%",
			 100 * o->chance_bad);
		return;
	}
	if (count_is_zero(o->bad)) {
		say_all(o->schedules, " ends well", " end well", out);
		return;
	}
	count_format_grouped(o->bad, out);
	str_add(out, " of ");
	count_format_grouped(o->schedules, out);
	str_add(out, " schedules are wrong");
	if (chance)
		str_addf(out, ", chance %.3g%%", 100 * o->chance_bad);
}

static void say_possible(const struct outlook *o, struct str *out)
{
	for (int v = VERDICT_CRASH; v < VERDICT_COUNT; v++)
		if (o->verdicts >> v & 1)
			str_addf(out, " · %s possible", verdict_name[v]);
	if (o->livelock && o->verdicts & ~(1u << VERDICT_OK))
		str_add(out, " · livelock possible");
}

/* What may be left out of the line where there is little room. */
enum { FUTURES_ALL, FUTURES_NO_VALUES, FUTURES_NO_CHANCE, FUTURES_LENGTHS };

static void say_line(const struct app *app, int length, struct str *out)
{
	const struct outlook *o = &app->futures.now;

	if (app->futures.too_many) {
		str_add(out, "too many futures to count within the bound");
		return;
	}
	if (!app->futures.known) {
		str_add(out, "counting the futures …");
		return;
	}
	if (!o->known)
		return;
	if (world_verdict(app_world(app), app->program) != VERDICT_NONE) {
		str_add(out, "the run is over");
		return;
	}
	if (o->doomed) {
		str_add(out, "NO GOOD END IS LEFT");
		if (!o->schedules.infinite) {
			str_add(out, ": ");
			say_all(o->schedules, " is wrong", " are wrong", out);
		}
		str_add(out, " · ");
		if (length == FUTURES_ALL)
			say_values(app, o, out);
		return;
	}
	if (length == FUTURES_ALL)
		say_values(app, o, out);
	say_counts(o, length < FUTURES_NO_CHANCE, out);
	say_possible(o, out);
}

/* Every phrase ends in " · " for the next; the last one has none. */
static void end_line(struct str *out)
{
	static const char dot[] = " · ";
	size_t n = sizeof dot - 1;

	if (out->len >= n && !memcmp(out->data + out->len - n, dot, n))
		str_cut(out, out->len - n);
}

void say_futures(const struct app *app, int w, struct str *out)
{
	for (int length = 0; length < FUTURES_LENGTHS; length++) {
		str_clear(out);
		say_line(app, length, out);
		end_line(out);
		if (utf8_width(str_cstr(out)) <= w)
			return;
	}
}
