/*
 * words.c - the block of plain words that is always on the screen, and the
 * phrases it shares with other views.
 *
 * Row 1: what happened in the step under the cursor, or the finding. Row 2, 3:
 * why, and the fix. The last row is the futures line: what can still come.
 */
#include <stdio.h>

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

enum { FIX = 4 /* cells of "Fix " */ };

/* ---- the block --------------------------------------------------------- */

static bool is_over(const struct app *app)
{
	return app_cursor(app) == app->timeline.schedule.len &&
	       world_verdict(app_world(app), app->program) != VERDICT_NONE;
}

bool words_title(const struct app *app, struct str *out)
{
	const struct finding *f = app_finding(app);
	enum verdict v = world_verdict(app_world(app), app->program);

	if (app->engine_down) {
		str_add(out, "THE REAL THREADS ARE GONE");
		return true;
	}
	if (app->predict != PREDICT_OFF) {
		str_add(out, "Predict");
		if (app->predict_asked)
			str_addf(out, ": %u of %u right", app->predict_right,
				 app->predict_asked);
		return false;
	}
	if (f) {
		str_add(out, finding_info[f->kind].title);
		if (f->object != OBJECT_NONE) {
			str_add(out, " on ");
			object_format(app->program, f->object, f->index, out);
		}
		return finding_info[f->kind].severity != SEVERITY_NOTE;
	}
	if (is_over(app) && v != VERDICT_OK) {
		str_addf(out, "%s: ", verdict_name[v]);
		world_explain(app_world(app), app->program, out);
		return true;
	}
	if (app->no_return && app->no_return == app_cursor(app)) {
		str_add(out, "POINT OF NO RETURN");
		return true;
	}
	str_add(out,
		app_cursor(app) ? "What happens" : "Before the first step");
	return false;
}

/* The sentences of the scenario about itself. */
static int draw_about(const struct app *app, struct grid *g, struct rect r,
		      int y, struct style style)
{
	const struct program *p = app->program;
	struct str about = {0};

	for (size_t i = 0; i < p->about.count; i++)
		str_addf(&about, "%s%s", i ? " " : "", p->about.data[i]);
	y = grid_wrap(g, r, y, style, str_cstr(&about));
	str_free(&about);
	return y;
}

void view_about(const struct app *app, struct grid *g, struct rect r)
{
	if (app->predict != PREDICT_OFF || r.h <= 0)
		return;
	r.x++;
	r.w = r.w - 2 < FINDING_LINE ? r.w - 2 : FINDING_LINE;
	draw_about(app, g, r, 0, STYLE(TEXT));
}

/* The question for the class, and below it what an empty ladder has room for
 * where there is none. */
static int draw_start(const struct app *app, struct grid *g, struct rect r)
{
	const struct program *p = app->program;
	int y = 0;

	if (*p->ask)
		y += grid_wrap(g, r, y, style_with(STYLE(TEXT), STYLE_BOLD),
			       p->ask);
	if (y < r.h && (app->timeline.schedule.len || app_lanes(app)))
		y += draw_about(app, g, r, y, STYLE(DIM));
	return y;
}

static const char *note_here(const struct app *app)
{
	struct op op;

	world_parked(app_world(app), app->program, app->selected, &op);
	if (op.kind == OP_NONE)
		return NULL;
	return app->program->lines.data[app->program->code.data[op.pc].line - 1]
		.note;
}

/* Breaks in the text are for terminals: the panel makes its own. Returns the
 * rows it took. */
static int draw_sentence(struct grid *g, struct rect r, int y,
			 struct style style, const char *text)
{
	struct str s = {0};
	int rows;

	str_add(&s, text);
	for (size_t i = 0; i < s.len; i++)
		if (s.data[i] == '\n')
			s.data[i] = ' ';
	rows = grid_wrap(g, r, y, style, str_cstr(&s));
	str_free(&s);
	return rows;
}

static int draw_step(const struct app *app, struct grid *g, struct rect r)
{
	const struct event *e = app_event(app);
	size_t at = (size_t)(e - app->timeline.events.data);
	struct str s = {0};
	const char *name = program_thread_name(app->program, e->thread);
	const char *note = note_here(app);
	int tag = (int)strlen(name) + 2, y;
	struct rect body = r;

	grid_printf(g, r, 0, 0, style_filled(e->thread), " %s ", name);
	rect_cut_left(&body, tag + 1);
	analysis_narrate(app->program, app->timeline.events.data,
			 app_events(app), at, &s);
	y = draw_sentence(g, body, 0, style_with(STYLE(TEXT), STYLE_BOLD),
			  str_cstr(&s));
	if (note && y < r.h)
		y += grid_wrap(g, r, y, STYLE(DIM), note);
	str_free(&s);
	return y;
}

/* Rows that the text would take: drawn below the screen. */
static int rows_of(struct grid *g, int w, const char *text)
{
	struct rect nowhere = {0, g->h, w, LIMIT_LINES};

	return text ? draw_sentence(g, nowhere, 0, STYLE(TEXT), text) : 0;
}

/* As many sentences of it as fit into the rows from y to `end`. */
static int draw_why(struct grid *g, struct rect r, int y, int end,
		    const char *why)
{
	struct str s = {0};
	int rows = 0;

	r.h = end;
	str_add(&s, why);
	while (s.len && rows_of(g, r.w, str_cstr(&s)) > end - y) {
		size_t n = s.len - 1;

		while (n && !(s.data[n - 1] == '.' && s.data[n] <= ' '))
			n--;
		str_cut(&s, n);
	}
	if (s.len)
		rows = draw_sentence(g, r, y, STYLE(TEXT), str_cstr(&s));
	str_free(&s);
	return rows;
}

/* What, why, fix; where there is no room for all, the fix is what must stay. */
static int draw_finding(const struct app *app, struct grid *g, struct rect r,
			const struct finding *f)
{
	int y = 0, end = r.h - rows_of(g, r.w - FIX, f->fix);
	struct rect fix = r;
	bool ring = false;

	if (f->what)
		y += draw_sentence(g, r, y, style_with(STYLE(TEXT), STYLE_BOLD),
				   f->what);
	if (f->kind == FINDING_DEADLOCK && y + 2 <= end) {
		int below = waits_ring(app, g, r, y);

		ring = below > y;
		y = below;
	}
	if (!ring && f->why)
		y += draw_why(g, r, y, end, f->why);
	if (f->fix && y < r.h) {
		grid_text(g, r, 0, y, style_with(STYLE(TEXT), STYLE_BOLD),
			  "Fix");
		rect_cut_left(&fix, FIX);
		y += draw_sentence(g, fix, y, STYLE(GOOD), f->fix);
	}
	return y;
}

static void draw_question(const struct app *app, struct grid *g, struct rect r)
{
	struct str s = {0};
	int y;

	predict_question(app, &s);
	y = grid_wrap(g, r, 0, style_with(STYLE(TEXT), STYLE_BOLD),
		      str_cstr(&s));
	str_clear(&s);
	if (app->predict == PREDICT_SHOWN)
		predict_answer(app, &s);
	else
		str_add(&s, "?");
	grid_wrap(g, r, y, STYLE(GOOD), str_cstr(&s));
	str_free(&s);
}

static void draw_down(const struct app *app, struct grid *g, struct rect r)
{
	struct str s = {0};

	str_addf(&s, "%s; r starts again", app->engine_error);
	grid_wrap(g, r, 0, STYLE(WARN), str_cstr(&s));
	str_free(&s);
}

/* What there is to say, and behind the end, where there is a row left, what
 * the scenario says about its repair, unless that has just been said. */
static void draw_body(const struct app *app, struct grid *g, struct rect r)
{
	const struct finding *f = app_finding(app);
	int y = 0;

	if (app->engine_down)
		draw_down(app, g, r);
	else if (app->predict != PREDICT_OFF)
		draw_question(app, g, r);
	else if (f)
		y = draw_finding(app, g, r, f);
	else if (app_event(app))
		y = draw_step(app, g, r);
	else
		draw_start(app, g, r);
	if (y && y < r.h && is_over(app) &&
	    !(f && f->fix && !strcmp(f->fix, app->program->fix)))
		grid_field(g, r, 0, y, r.w, ALIGN_LEFT, STYLE(DIM),
			   app->program->fix);
}

void view_words(const struct app *app, struct grid *g, struct rect r)
{
	const struct finding *f = app_finding(app);
	struct rect body = r, last;
	bool asked = app->predict == PREDICT_ASKED;
	struct str s = {0};

	body.x++;
	body.w -= 2;
	last = rect_cut_bottom(&body, f && is_over(app) ? 0 : 1);
	draw_body(app, g, body);
	if (asked)
		str_add(&s, "Answer first, then p; any step asks again.");
	else if (!predict_says_ends(app))
		say_futures(app, last.w, &s);
	grid_field(g, last, 0, 0, last.w, ALIGN_LEFT,
		   app->futures.now.doomed && !asked ? STYLE(BAD)
						     : STYLE(STRONG),
		   str_cstr(&s));
	str_free(&s);
}
