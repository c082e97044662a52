/*
 * state.c - the shared state: values, owners, waiters, sleepers, items, and
 * what each thread is about to do. An arrow points from those who wait to what
 * they wait for.
 *
 * A row is a variable (an array is one row), an element of anything else, or a
 * thread with its store buffer. Where there are more objects than a small panel
 * has room for, the threads come first: what they are about to do is nowhere
 * else. While the panel has the focus one row is
 * chosen, and can be asked why it is so.
 */
#include <stdio.h>

#include "inside.h"
#include "threadviz/utf8.h"
#include "views.h"

enum {
	NAME = 10,      /* cells for the names of objects, */
	NAME_LONG = 12, /* of long ones */
	NAME_WIDE = 20, /* in a wide panel */
	WIDE = 40,
	MORE = 4, /* " +61" */
};

struct line {
	const struct app *app;
	struct grid *g;
	struct rect r;
	int x, y;
};

/* The next word of the line, a blank before it. */
static void add(struct line *l, struct style s, const char *text)
{
	l->x += grid_text(l->g, l->r, l->x, l->y, s, text) + 1;
}

static void add_thread(struct line *l, thread_id t)
{
	struct str name = {0};

	say_cut(program_thread_name(l->app->program, t),
		l->r.w < WIDE ? NAME_LONG : NAME_WIDE, &name);
	add(l, style_thread(t), str_cstr(&name));
	str_free(&name);
}

static void add_threads(struct line *l, uint64_t set)
{
	for (thread_id t = 0; set >> t; t++) {
		const char *name = program_thread_name(l->app->program, t);
		int end = l->x + (int)strlen(name) + (set >> t > 1 ? MORE : 0);

		if (!(set >> t & 1))
			continue;
		if (end > l->r.w) {
			l->x += grid_printf(l->g, l->r, l->x, l->y, STYLE(DIM),
					    "+%d",
					    __builtin_popcountll(set >> t));
			return;
		}
		add_thread(l, t);
		if (t == LIMIT_THREADS - 1)
			return;
	}
}

static void add_number(struct line *l, struct style s, int64_t n)
{
	struct str text = {0};

	str_addf(&text, "%lld", (long long)n);
	add(l, s, str_cstr(&text));
	str_free(&text);
}

/* Whether the step under the cursor wrote this element. */
static bool changed(const struct app *app, object_id id, int32_t index)
{
	const struct event *e = app_event(app);

	return e && e->object == id && e->index == index &&
	       (e->kind == EVENT_DRAIN ||
		(e->kind < OP_COUNT && op_info[e->kind].flags & (OP_W | OP_L) &&
		 !(e->kind == OP_WRITE &&
		   app->program->objects.data[id].buffered)));
}

static struct style value_style(const struct app *app, object_id id,
				int32_t index)
{
	return changed(app, id, index) ? STYLE(CHANGED) : STYLE(STRONG);
}

/* Whether it says one thing, about one variable. */
static bool is_simple(const char *condition)
{
	return !strstr(condition, " or ") && !strstr(condition, " and ");
}

/* " expect 2": what a finally says of this variable, in its own words. */
static void add_expected(struct line *l, const struct object *o)
{
	const struct program *p = l->app->program;

	for (size_t i = 0; i < p->checks.count; i++) {
		const struct check *c = &p->checks.data[i];
		size_t len = strlen(o->name);

		if (c->kind != CHECK_FINALLY ||
		    strncmp(c->text, "finally ", 8) != 0 ||
		    strncmp(c->text + 8, o->name, len) != 0 ||
		    strncmp(c->text + 8 + len, " == ", 4) != 0 ||
		    !is_simple(c->text))
			continue;
		l->x++;
		add(l, STYLE(DIM), "expect");
		add(l, STYLE(DIM), c->text + 8 + len + 4);
	}
}

static void draw_variable(struct line *l, object_id id)
{
	const struct object *o = &l->app->program->objects.data[id];
	const struct world *w = app_world(l->app);

	if (l->app->predict == PREDICT_ASKED) {
		add(l, STYLE(STRONG), "?");
		return;
	}
	for (int32_t i = 0; i < o->count; i++)
		add_number(l, value_style(l->app, id, i),
			   world_value(w, l->app->program, id, i));
	if (!o->array)
		add_expected(l, o);
}

static void draw_lock(struct line *l, object_id id, int32_t index)
{
	const struct app *app = l->app;
	const struct world *w = app_world(app);
	thread_id owner = world_owner(w, app->program, id, index);
	uint64_t waiters = world_waiters(w, app->program, id, index);
	const struct object *o = &app->program->objects.data[id];
	bool read = false;

	if (owner != THREAD_NONE)
		add_thread(l, owner);
	if (owner != THREAD_NONE && o->kind == OBJECT_MUTEX &&
	    world_depth(w, app->program, id, index, owner) > 1) {
		add_number(l, STYLE(STRONG),
			   world_depth(w, app->program, id, index, owner));
		add(l, STYLE(DIM), "times");
	}
	for (thread_id t = 0;
	     o->kind == OBJECT_RWLOCK && t < app->program->threads.count; t++)
		if (world_depth(w, app->program, id, index, t)) {
			add_thread(l, t);
			read = true;
		}
	if (read)
		add(l, STYLE(DIM), "read");
	else if (owner == THREAD_NONE)
		add(l, STYLE(DIM), "free");
	if (waiters)
		add(l, STYLE(BAD), "←");
	add_threads(l, waiters);
}

static void draw_sleepers(struct line *l, object_id id, int32_t index)
{
	thread_id list[LIMIT_THREADS];
	size_t n = world_sleepers(app_world(l->app), l->app->program, id, index,
				  list);

	if (!n)
		add(l, STYLE(DIM), "no sleeper");
	else
		add(l, STYLE(ASLEEP), "asleep:");
	for (size_t i = 0; i < n; i++)
		add_thread(l, list[i]);
}

/* Permits drawn as boxes, then who waits. */
static void draw_permits(struct line *l, object_id id, int32_t index)
{
	const struct app *app = l->app;
	int32_t n = world_value(app_world(app), app->program, id, index);
	uint64_t waiters =
		world_waiters(app_world(app), app->program, id, index);

	add_number(l, value_style(app, id, index), n);
	for (int32_t i = 0; i < n && i < 8; i++)
		l->x += grid_text(l->g, l->r, l->x, l->y, STYLE(GOOD), "●");
	l->x += n > 0;
	if (waiters)
		add(l, STYLE(BAD), "←");
	add_threads(l, waiters);
}

static void draw_items(struct line *l, object_id id, int32_t index)
{
	const struct app *app = l->app;
	const struct object *o = &app->program->objects.data[id];
	const struct world *w = app_world(app);
	int32_t n = world_value(w, app->program, id, index);
	int32_t places = o->bounded ? o->max : n;
	struct str text = {0};

	for (int32_t i = 0; i < places && i < 8; i++) {
		if (i < n)
			str_addf(&text, "[%d]",
				 world_item(w, app->program, id, index,
					    (size_t)i));
		else
			str_add(&text, "[ ]");
	}
	if (places > 8)
		str_addf(&text, "… %d", n);
	if (!places)
		str_add(&text, "empty");
	add(l, value_style(app, id, index), str_cstr(&text));
	if (o->kind == OBJECT_QUEUE &&
	    world_waiters(w, app->program, id, index)) {
		add(l, STYLE(BAD), "←");
		add_threads(l, world_waiters(w, app->program, id, index));
	}
	str_free(&text);
}

static void draw_plain(struct line *l, object_id id, int32_t index)
{
	const struct app *app = l->app;
	const struct object *o = &app->program->objects.data[id];
	int32_t v = world_value(app_world(app), app->program, id, index);
	uint64_t waiters =
		world_waiters(app_world(app), app->program, id, index);
	struct str text = {0};

	if (o->kind == OBJECT_EVENT)
		str_add(&text, v ? "set" : "clear");
	else if (o->kind == OBJECT_BARRIER)
		str_addf(&text, "%d of %d", v, o->max);
	else
		str_addf(&text, "%d", v);
	add(l, value_style(app, id, index), str_cstr(&text));
	if (waiters)
		add(l, STYLE(BAD), "←");
	add_threads(l, waiters);
	str_free(&text);
}

/* Of the column with the names: all of them where there is room. */
static int name_width(const struct line *l)
{
	const struct program *p = l->app->program;
	int most = l->r.w < WIDE ? NAME_LONG : NAME_WIDE, w = NAME;

	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];
		int n = (int)strlen(o->name) + 1;

		if (o->kind != OBJECT_VAR && o->array)
			n += 3;
		w = n > w ? n : w;
	}
	return w < most ? w : most;
}

static void draw_object(struct line *l, object_id id, int32_t index)
{
	const struct program *p = l->app->program;
	struct str name = {0}, shown = {0};

	int w = name_width(l);

	if (p->objects.data[id].process != THREAD_NONE)
		str_addf(&name, "%s's %s",
			 program_thread_name(p, p->objects.data[id].process),
			 p->objects.data[id].name);
	else if (p->objects.data[id].kind == OBJECT_VAR)
		str_add(&name, p->objects.data[id].name);
	else
		object_format(p, id, index, &name);
	l->x = 1;
	say_cut(str_cstr(&name), w - 1, &shown);
	grid_text(l->g, l->r, l->x, l->y, STYLE(TEXT), str_cstr(&shown));
	l->x += w;
	str_free(&name);
	str_free(&shown);
	switch ((enum object_kind)p->objects.data[id].kind) {
	case OBJECT_VAR:
		draw_variable(l, id);
		break;
	case OBJECT_MUTEX:
	case OBJECT_RWLOCK:
		draw_lock(l, id, index);
		break;
	case OBJECT_COND:
		draw_sleepers(l, id, index);
		break;
	case OBJECT_SEM:
		draw_permits(l, id, index);
		break;
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		draw_items(l, id, index);
		break;
	default:
		draw_plain(l, id, index);
	}
	if (l->x - 1 > l->r.w)
		grid_text(l->g, l->r, l->r.w - 1, l->y, STYLE(DIM), "…");
	l->y++;
}

static struct style status_style(enum thread_status s)
{
	switch (s) {
	case THREAD_BLOCKED:
		return STYLE(BAD);
	case THREAD_ASLEEP:
		return STYLE(ASLEEP);
	case THREAD_READY:
		return STYLE(TEXT);
	default:
		return STYLE(DIM);
	}
}

/* "2 of 3 wrong": what is left if this thread moves now; shorter where only
 * `room` cells are left. Returns its width. */
static int draw_odds(const struct line *l, thread_id t, int room)
{
	const struct app *app = l->app;
	const struct outlook *o = &app->futures.after[t];
	struct str s = {0};
	int w;

	if (!app->futures.known || !o->known || o->schedules.infinite ||
	    app->predict == PREDICT_ASKED ||
	    world_verdict(app_world(app), app->program) != VERDICT_NONE)
		return 0;
	if (count_is_zero(o->bad)) {
		str_add(&s, room < 8 ? "well" : "all well");
	} else if (o->doomed) {
		str_add(&s, room < 7   ? "bad"
			    : room < 9 ? "all bad"
				       : "all wrong");
	} else {
		count_format_grouped(o->bad, &s);
		str_add(&s, l->r.w < WIDE ? "/" : " of ");
		count_format_grouped(o->schedules, &s);
		if ((int)s.len + 6 <= room)
			str_add(&s, " wrong");
		else if ((int)s.len + 4 <= room)
			str_add(&s, " bad");
	}
	w = (int)s.len <= room ? (int)s.len : 0;
	if (w)
		grid_text(l->g, l->r, l->r.w - w - 1, l->y,
			  count_is_zero(o->bad) ? STYLE(GOOD) : STYLE(BAD),
			  str_cstr(&s));
	str_free(&s);
	return w ? w + 2 : 0;
}

static void draw_thread(struct line *l, thread_id t)
{
	const struct app *app = l->app;
	const char *text;
	bool alone;
	const char *region = say_region(app, app_world(app), t, &alone);
	int room = l->r.w - 2 - (region ? (int)strlen(region) + 4 : 0);
	struct str about = {0}, name = {0};

	say_cut(program_thread_name(app->program, t),
		l->r.w < WIDE ? NAME_LONG : NAME_WIDE, &name);
	room -= utf8_width(str_cstr(&name));

	about_fit(app, t, room, &about);
	text = str_cstr(&about);
	if (app->predict == PREDICT_ASKED)
		text = "?";
	else if (!strncmp(text, "about to ", 9))
		text += 9;
	room -= draw_odds(l, t, room - (int)strlen(text) - 2);
	l->x = 1;
	add(l,
	    style_with(style_thread(t),
		       t == app->selected ? STYLE_BOLD | STYLE_UNDERLINE : 0),
	    str_cstr(&name));
	if (region) {
		add(l, alone ? STYLE(TEXT) : STYLE(BAD), "in");
		add(l, alone ? STYLE(STRONG) : STYLE(BAD), region);
	}
	grid_field(l->g, l->r, l->x, l->y, room, ALIGN_LEFT,
		   status_style(world_status(app_world(app), app->program, t)),
		   text);
	l->y++;
	str_free(&about);
	str_free(&name);
}

static void draw_stores(struct line *l, thread_id t)
{
	const struct app *app = l->app;
	const struct world *w = app_world(app);
	size_t n = world_stores(w, app->program, t);
	struct str text = {0};

	if (!app->program->threads.data[t].stores)
		return;
	for (size_t i = 0; i < n; i++) {
		object_id id;
		int32_t index, value;

		world_store(w, app->program, t, i, &id, &index, &value);
		if (i)
			str_add(&text, " ");
		object_format(app->program, id, index, &text);
		str_addf(&text, "=%d", value);
	}
	l->x = 1 + (int)strlen(program_thread_name(app->program, t)) + 1;
	add(l, STYLE(DIM), l->r.w < WIDE ? "buffer" : "store buffer");
	grid_field(l->g, l->r, l->x, l->y++, l->r.w - l->x, ALIGN_LEFT,
		   n ? STYLE(WARN) : STYLE(DIM), n ? str_cstr(&text) : "empty");
	str_free(&text);
}

/* ---- rows -------------------------------------------------------------- */

struct row {
	object_id id; /* OBJECT_NONE: a thread */
	int32_t index;
	thread_id thread;
};

enum { MANY = 9 /* rows: more do not fit beside the source at 80x24 */ };

static int32_t object_rows(const struct object *o)
{
	return o->kind == OBJECT_VAR ? 1 : o->count;
}

static size_t object_count(const struct program *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->objects.count; i++)
		n += (size_t)object_rows(&p->objects.data[i]);
	return n;
}

static size_t row_count(const struct app *app)
{
	return object_count(app->program) + app->program->threads.count;
}

static struct row object_row(const struct program *p, size_t n)
{
	size_t i = 0;

	for (; n >= (size_t)object_rows(&p->objects.data[i]); i++)
		n -= (size_t)object_rows(&p->objects.data[i]);
	return (struct row){(object_id)i, (int32_t)n, THREAD_NONE};
}

static struct row row_at(const struct app *app, size_t n)
{
	const struct program *p = app->program;
	size_t threads = p->threads.count, objects = object_count(p);
	bool first = threads + objects > MANY && threads < MANY;

	if (first && n >= threads)
		return object_row(p, n - threads);
	if (!first && n < objects)
		return object_row(p, n);
	return (struct row){OBJECT_NONE, 0,
			    (thread_id)(n - (first ? 0 : objects))};
}

/* A thread with a store buffer has a second line for it. */
static int row_height(const struct app *app, struct row row)
{
	return row.id == OBJECT_NONE &&
			       app->program->threads.data[row.thread].stores
		       ? 2
		       : 1;
}

int state_height(const struct app *app)
{
	int h = 0;

	for (size_t n = 0; n < row_count(app); n++)
		h += row_height(app, row_at(app, n));
	return h;
}

/* The panel's first line, so that the chosen row is in sight. */
static int first_line(const struct app *app, int h)
{
	int below = 0;

	for (size_t n = 0; n <= app->state_row && n < row_count(app); n++)
		below += row_height(app, row_at(app, n));
	return below > h ? h - below : 0;
}

static void draw_row(struct line *l, struct row row)
{
	if (row.id == OBJECT_NONE) {
		draw_thread(l, row.thread);
		draw_stores(l, row.thread);
	} else {
		draw_object(l, row.id, row.index);
	}
}

/* "… 57 more: 50 blocked, 7 ready": the rows from the n-th on. */
static void draw_more(const struct line *l, size_t n, int y)
{
	static const char *const word[] = {"later", "ready", "blocked",
					   "asleep", "ended"};
	const struct app *app = l->app;
	unsigned count[THREAD_ENDED + 1] = {0};
	struct str s = {0};

	str_addf(&s, "… %zu more", row_count(app) - n);
	for (; n < row_count(app); n++) {
		struct row row = row_at(app, n);

		if (row.id == OBJECT_NONE)
			count[world_status(app_world(app), app->program,
					   row.thread)]++;
	}
	for (int i = 0, any = 0; i <= THREAD_ENDED; i++)
		if (count[i])
			str_addf(&s, "%s %u %s", any++ ? "," : ":", count[i],
				 word[i]);
	grid_field(l->g, l->r, 1, y, l->r.w - 1, ALIGN_LEFT, STYLE(DIM),
		   str_cstr(&s));
	str_free(&s);
}

void view_state(const struct app *app, struct grid *g, struct rect r)
{
	bool cut = state_height(app) + first_line(app, r.h) > r.h && r.h > 2;
	struct rect body = r;
	struct line l = {.app = app, .g = g};
	size_t n;

	if (cut)
		body.h--;
	l.r = body;
	l.y = first_line(app, body.h);
	for (n = 0; n < row_count(app) && l.y < body.h; n++) {
		int y = l.y;

		draw_row(&l, row_at(app, n));
		if (app->focus != PANEL_STATE || n != app->state_row)
			continue;
		grid_mark(g, rect_row(body, y), STYLE_CURSOR);
		grid_cursor(g, body, 1, y, false);
	}
	l.r = r;
	if (n < row_count(app))
		draw_more(&l, n, body.h);
}

/* ---- the chosen row ---------------------------------------------------- */

static void choose(struct app *app, size_t n)
{
	app->state_row = n;
	if (row_at(app, n).id == OBJECT_NONE)
		app->selected = row_at(app, n).thread;
}

void state_move(struct app *app, int by)
{
	size_t n = row_count(app);

	if (by < 0 && app->state_row > 0)
		choose(app, app->state_row - 1);
	else if (by > 0 && app->state_row + 1 < n)
		choose(app, app->state_row + 1);
}

void state_click(struct app *app, int h, int y)
{
	int at = first_line(app, h);

	for (size_t n = 0; n < row_count(app); n++) {
		int height = row_height(app, row_at(app, n));

		if (y >= at && y < at + height) {
			choose(app, n);
			return;
		}
		at += height;
	}
}

static size_t ask(const struct app *app, struct row row, size_t n,
		  struct str *says)
{
	const struct program *p = app->program;
	const struct event *e = app->timeline.events.data;

	str_clear(says);
	if (row.id == OBJECT_NONE)
		return analysis_why_thread(p, e, n, row.thread, says);
	if (p->objects.data[row.id].array &&
	    p->objects.data[row.id].kind == OBJECT_VAR)
		row.index = -1;
	return analysis_why_object(p, e, n, row.id, row.index, says);
}

/* Asked again at the very step that explains a variable, it goes on to the one
 * before. */
void state_why(struct app *app)
{
	const struct event *e = app->timeline.events.data;
	size_t last = row_count(app) - 1;
	struct row row =
		row_at(app, app->state_row < last ? app->state_row : last);
	struct str says = {0};
	size_t at = ask(app, row, app_events(app), &says);

	if (at != SIZE_MAX && e[at].step == app_cursor(app) &&
	    row.id != OBJECT_NONE && app_cursor(app))
		at = ask(app, row, (size_t)(app_event(app) - e), &says);
	if (at != SIZE_MAX)
		run_goto(app, e[at].step);
	notice(app, false, "%s", str_cstr(&says));
	str_free(&says);
}
