/*
 * ladder.c - the timeline with time going down: a row per step, a column per
 * thread, the statement's touch in the cell, columns with the values.
 *
 * Two rows of head: the names, and under each what that thread is about to do.
 * Between its steps a thread's column shows its state: a thin line (could run),
 * filled (blocked), dotted (asleep), nothing (ended, not started). What comes
 * after the cursor stays visible, dimmed: it will happen again.
 *
 * A short run gets two rows a step, and arrows the second one. What counts as
 * short follows from the longest run known, not from the one so far: else the
 * rows would close up under the eyes of who steps.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "threadviz/utf8.h"
#include "views.h"

enum {
	GUTTER = 3,      /* "▶! " behind the step's number */
	NUMBER = 3,      /* its least width */
	COLUMN_MIN = 11, /* narrower than that it is a graph log */
	COLUMN_GOOD = 14, /* values leave a thread that much, */
	COLUMN_MANY = 13, /* three and more threads that much */
	MARGIN = 5, /* "  A ┐" and "old" */
	HEAD = 2,
	VALUES_MAX = 8,
	ELEMENTS = 4, /* of an array that is shown */
};

/* A column of values: a variable, all of a short array. */
struct value_column {
	object_id id;
	int32_t count; /* of elements */
	int w;
};

struct ladder {
	const struct app *app;
	struct grid *g;
	struct rect r; /* the panel */
	int number;    /* width of a step's number */
	int gutter;    /* where the first column begins */
	int column;    /* width of a thread's column */
	struct value_column values[VALUES_MAX];
	int32_t before[VALUES_MAX][ELEMENTS]; /* after the step drawn last */
	int value_count, values_w;
	bool margin; /* room for A and B at the right */
	size_t top;  /* the step in the first row below the head */
	int rows;    /* below the head */
	int pitch;   /* rows of a step */
};

/* ---- layout ------------------------------------------------------------ */

static thread_id threads(const struct app *app)
{
	return (thread_id)app->program->threads.count;
}

/* As wide as the greatest step's number. */
static int number_width(const struct app *app)
{
	size_t n = app->timeline.schedule.len;
	int w = 1;

	while (n > 9) {
		n /= 10;
		w++;
	}
	return w < NUMBER ? NUMBER : w;
}

bool ladder_fits(const struct app *app, int w)
{
	return (w - NUMBER - GUTTER) / threads(app) >= COLUMN_MIN;
}

/* Cells of the widest number that element ever was. */
static int digits(const struct ladder *l, object_id id, int32_t index)
{
	const struct event_list *list = &l->app->timeline.events;
	int32_t low = 0, high = 0;
	char text[16];
	int n;

	for (size_t i = 0; i < list->len; i++) {
		const struct event *e = &list->data[i];

		if (e->object != id || e->index != index)
			continue;
		low = e->value < low ? e->value : low;
		high = e->value > high ? e->value : high;
	}
	n = snprintf(text, sizeof text, "%d", low);
	return snprintf(text, sizeof text, "%d", high) > n
		       ? (int)strlen(text)
		       : n;
}

static int value_width(const struct ladder *l, object_id id, int32_t count)
{
	int name = utf8_width(l->app->program->objects.data[id].name);
	int w = count - 1;

	for (int32_t k = 0; k < count; k++)
		w += digits(l, id, k);
	w = w > name ? w : name;
	return w + 1 + (w < 3 && count == 1); /* narrow ones stand apart */
}

static bool is_counter(const struct object *o)
{
	return o->kind == OBJECT_SEM || o->kind == OBJECT_BUFFER ||
	       o->kind == OBJECT_QUEUE || o->kind == OBJECT_COUNTDOWN;
}

/* A column, if that leaves the threads good ones. */
static void add_value(struct ladder *l, object_id id, int32_t count)
{
	int good = threads(l->app) > 2 ? COLUMN_MANY : COLUMN_GOOD;
	int w = value_width(l, id, count);
	int room = l->r.w - l->gutter - (l->margin ? MARGIN : 0) -
		   threads(l->app) * good;

	if (l->value_count == VALUES_MAX || l->values_w + w > room)
		return;
	/* Elements stand one apart; what is before them, two if possible. */
	w += count > 1 && w == 2 * count && l->values_w + w < room;
	l->values[l->value_count++] = (struct value_column){id, count, w};
	l->values_w += w;
}

/* The variables first, then what else has a number. */
static void choose_values(struct ladder *l)
{
	const struct program *p = l->app->program;

	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < p->objects.count; i++) {
			const struct object *o = &p->objects.data[i];

			if (o->count <= ELEMENTS &&
			    (pass ? is_counter(o) : o->kind == OBJECT_VAR))
				add_value(l, (object_id)i, o->count);
		}
}

static int column_x(const struct ladder *l, thread_id t)
{
	return l->gutter + t * l->column;
}

/* Whether there is something that two threads could race on. */
static bool has_variables(const struct app *app)
{
	for (size_t i = 0; i < app->program->objects.count; i++)
		if (app->program->objects.data[i].kind == OBJECT_VAR)
			return true;
	return false;
}

static void choose_top(struct ladder *l)
{
	size_t at = app_cursor(l->app), n = l->app->timeline.schedule.len;
	size_t rows = (size_t)(l->r.h > HEAD ? l->r.h - HEAD : 1);

	l->rows = (int)rows;
	l->pitch = run_reach(l->app) * 2 <= rows ? 2 : 1;
	l->top = 1 + scroll_first(at ? at - 1 : 0, n, rows / (size_t)l->pitch);
}

static void lay_out(struct ladder *l)
{
	int room;

	l->number = number_width(l->app);
	l->gutter = l->number + GUTTER;
	l->margin = has_variables(l->app);
	choose_values(l);
	room = l->r.w - l->gutter - l->values_w;
	l->margin = l->margin && room - MARGIN > threads(l->app) * COLUMN_MIN;
	l->column = (room - (l->margin ? MARGIN : 0)) / threads(l->app);
	if (l->column > 40)
		l->column = 40;
	choose_top(l);
}

/* ---- the head ---------------------------------------------------------- */

static void draw_name(const struct ladder *l, thread_id t)
{
	const struct app *app = l->app;
	struct style s = t == app->selected ? style_filled(t) : style_thread(t);
	const struct event *e = app_event(app);
	struct str name = {0};

	str_addf(&name, "%u %s", t + 1u, program_thread_name(app->program, t));
	if (e && e->thread == t)
		grid_text(l->g, l->r, column_x(l, t) - 1, 0,
			  style_with(style_thread(t), STYLE_BOLD), "▶");
	grid_field(l->g, l->r, column_x(l, t), 0,
		   (int)name.len < l->column ? (int)name.len : l->column - 1,
		   ALIGN_LEFT, style_with(s, STYLE_BOLD), str_cstr(&name));
	str_free(&name);
}

static void draw_about(const struct ladder *l, thread_id t)
{
	const struct app *app = l->app;
	enum thread_status status =
		world_status(app_world(app), app->program, t);
	struct str text = {0};

	about_fit(app, t, l->column - 1, &text);
	if (!strncmp(str_cstr(&text), "about to ", 9)) {
		char *rest = xstrdup(text.data + 9);

		str_clear(&text);
		str_add(&text, rest);
		free(rest);
	}
	grid_field(l->g, l->r, column_x(l, t), 1, l->column - 1, ALIGN_LEFT,
		   status == THREAD_BLOCKED  ? STYLE(BAD)
		   : status == THREAD_ASLEEP ? STYLE(ASLEEP)
		   : status == THREAD_READY  ? style_thread(t)
					     : STYLE(DIM),
		   app->predict == PREDICT_ASKED ? "?" : str_cstr(&text));
	str_free(&text);
}

/* A blank or a stretch of a thread's state needs no gap. */
static bool is_word(const struct ladder *l, int x, int y)
{
	const struct cell *c;

	if (x < 0 || x >= l->r.w || y >= l->r.h)
		return false;
	c = grid_at(l->g, l->r.x + x, l->r.y + y);
	return c->ch > ' ' && c->ch < 0x2500;
}

/* Lines between threads' words that would else read as one. */
static void draw_gaps(const struct ladder *l, int y)
{
	for (int t = 1; t < threads(l->app); t++) {
		int x = column_x(l, (thread_id)t);

		if (is_word(l, x - 2, y) && !is_word(l, x - 1, y) &&
		    is_word(l, x, y))
			grid_text(l->g, l->r, x - 1, y, STYLE(DIM), "│");
	}
}

static int values_x(const struct ladder *l)
{
	return column_x(l, threads(l->app));
}

static void draw_head(const struct ladder *l)
{
	int x = values_x(l);

	grid_text(l->g, l->r, 0, 0, STYLE(DIM), "step");
	grid_text(l->g, l->r, 0, 1, STYLE(DIM), "next");
	for (int t = 0; t < threads(l->app); t++) {
		draw_name(l, (thread_id)t);
		draw_about(l, (thread_id)t);
	}
	draw_gaps(l, 1);
	for (int i = 0; i < l->value_count; i++) {
		const struct value_column *v = &l->values[i];

		grid_field(l->g, l->r, x, 0, v->w - 1, ALIGN_RIGHT,
			   STYLE(STRONG),
			   l->app->program->objects.data[v->id].name);
		x += v->w;
	}
}

/* ---- a row ------------------------------------------------------------- */

/* The finding whose access at this step is to be marked; letter A or B. */
static const struct finding *marked(const struct app *app,
				    const struct event *e, char *letter)
{
	const struct finding *f = app_finding(app);
	size_t at = (size_t)(e - app->timeline.events.data);

	if (!f || !finding_is_pair(f))
		return NULL;
	for (int i = 0; i < 3; i++)
		if (f->events[i] == at) {
			*letter = "ABo"[i];
			return f;
		}
	return NULL;
}

/* A thread's state between its events. */
static void draw_line(const struct ladder *l, const struct world *w,
		      size_t step, thread_id t, int y)
{
	int x = column_x(l, t), fill = l->column < 12 ? l->column - 1 : 10;
	bool alone;

	switch (world_status(w, l->app->program, t)) {
	case THREAD_READY:
		if (world_verdict(w, l->app->program) == VERDICT_CRASH)
			break;
		if (say_region(l->app, w, t, &alone))
			grid_text(l->g, l->r, x, y,
				  alone ? style_thread(t) : STYLE(BAD), "┃");
		else if (step_sleeps(l->app, step, t))
			grid_text(l->g, l->r, x, y, STYLE(ASLEEP), "┊ sleeps");
		else
			grid_text(l->g, l->r, x, y, STYLE(DIM), "│");
		break;
	case THREAD_BLOCKED:
		for (int i = 0; i < fill; i++)
			grid_text(l->g, l->r, x + i, y, STYLE(BLOCKED), "░");
		break;
	case THREAD_ASLEEP:
		grid_text(l->g, l->r, x, y, STYLE(ASLEEP), "┊ asleep");
		break;
	default:
		break;
	}
}

/* "wants blue" where a thread has just become blocked. */
static bool draw_wants(const struct ladder *l, size_t step, thread_id t, int y)
{
	const struct event *e = event_wants(l->app, step, t);
	struct str s = {0};

	if (!e)
		return false;
	label_fit(l->app, e, l->column - 1, &s);
	grid_text(l->g, l->r, column_x(l, t), y, STYLE(BAD), str_cstr(&s));
	str_free(&s);
	return true;
}

static void draw_touch(const struct ladder *l, const struct event *e, int y)
{
	struct str s = {0};
	char letter = 0;
	bool bad = marked(l->app, e, &letter) && letter != 'o';
	int x = column_x(l, e->thread);

	label_fit(l->app, e, l->column - 1, &s);
	if (bad) {
		grid_put(l->g, l->r, x - 1, y, STYLE(FINDING), ' ');
		grid_text(l->g, l->r, x, y, STYLE(FINDING), str_cstr(&s));
		grid_put(l->g, l->r, x + utf8_width(str_cstr(&s)), y,
			 STYLE(FINDING), ' ');
	} else {
		grid_text(l->g, l->r, x, y,
			  letter == 'o' ? style_with(STYLE(BAD), STYLE_BOLD)
			  : e->flags & EVENT_CRASH ? STYLE(FINDING)
						   : style_thread(e->thread),
			  str_cstr(&s));
	}
	str_free(&s);
}

/* Where in the event's row its own words end; in the spare row it is the
 * corner that the arrow comes from. */
static int arrow_root(const struct ladder *l, const struct event *e)
{
	struct str label = {0};
	int x = column_x(l, e->thread);

	if (l->pitch == 1) {
		label_fit(l->app, e, l->column - 1, &label);
		x += utf8_width(str_cstr(&label));
	}
	str_free(&label);
	return x;
}

/* signal ──────▶ woken: from the event's cell to the thread it lets go on. */
static void draw_arrow(const struct ladder *l, const struct event *e, int y)
{
	struct style s = style_thread(e->thread);
	const char *text;
	thread_id t;
	int from, to;

	t = arrow_target(l->app, e, &text);
	if (t == THREAD_NONE)
		return;
	grid_field(l->g, l->r, column_x(l, t), y, l->column - 1, ALIGN_LEFT,
		   style_with(style_thread(t), STYLE_BOLD), text);
	if (t > e->thread) {
		from = arrow_root(l, e) + 1;
		to = column_x(l, t) - 2;
		grid_text(l->g, l->r, to, y, s, "▶");
	} else {
		from = column_x(l, t) + (int)strlen(text) + 2;
		to = column_x(l, e->thread) - (l->pitch == 1);
		grid_text(l->g, l->r, from - 1, y, s, "◀");
	}
	if (to > from)
		grid_hline(l->g, l->r, from, y, to - from, s);
	if (l->pitch > 1)
		grid_text(l->g, l->r, column_x(l, e->thread), y, s,
			  t > e->thread ? "└" : "┘");
}

static void remember_values(struct ladder *l, const struct world *w)
{
	for (int i = 0; i < l->value_count; i++)
		for (int32_t k = 0; k < l->values[i].count; k++)
			l->before[i][k] = world_value(w, l->app->program,
						      l->values[i].id, k);
}

/* An element's number so that it ends before x; where it begins. */
static int draw_number_at(const struct ladder *l, int x, int y, struct style s,
			  int32_t value, bool hidden)
{
	char text[16];
	int n = hidden ? snprintf(text, sizeof text, "?")
		       : snprintf(text, sizeof text, "%d", value);

	grid_text(l->g, l->r, x - n, y, s, text);
	return x - n;
}

/* Under their names: what the variables are before the first row. */
static void draw_before(const struct ladder *l)
{
	bool hidden =
		l->app->predict == PREDICT_ASKED && l->top > app_cursor(l->app);
	int end = values_x(l);

	for (int i = 0; i < l->value_count; i++) {
		int x = end += l->values[i].w;

		for (int32_t k = l->values[i].count; k-- > 0;)
			x = draw_number_at(l, x - 1, 1, STYLE(DIM),
					   l->before[i][k], hidden);
	}
}

static void draw_values(const struct ladder *l, const struct world *w,
			size_t step, int y)
{
	bool hidden =
		l->app->predict == PREDICT_ASKED && step >= app_cursor(l->app);
	int end = values_x(l);

	for (int i = 0; i < l->value_count; i++) {
		object_id id = l->values[i].id;
		int x = end += l->values[i].w;

		for (int32_t k = l->values[i].count; k-- > 0;) {
			int32_t now = world_value(w, l->app->program, id, k);
			bool new = now != l->before[i][k] ||
				   step_writes(l->app, step, id, k);

			x = draw_number_at(l, x - 1, y,
					   new ? STYLE(CHANGED) : STYLE(DIM),
					   now, hidden);
		}
	}
}

static size_t event_step(const struct app *app, size_t event)
{
	return event < app->timeline.events.len
		       ? app->timeline.events.data[event].step
		       : 0;
}

static int margin_x(const struct ladder *l)
{
	return values_x(l) + l->values_w;
}

/* The steps of the pair that is marked, false if none is. */
static bool find_pair(const struct app *app, size_t *a, size_t *b, size_t *old)
{
	const struct finding *f = app_finding(app);

	if (!f || !finding_is_pair(f))
		return false;
	*a = event_step(app, f->events[0]);
	*b = event_step(app, f->events[1]);
	*old = f->events[2] == SIZE_MAX ? 0 : event_step(app, f->events[2]);
	return true;
}

/* The bracket from A to B goes on below this step. */
static void draw_bracket(const struct ladder *l, size_t step, int y)
{
	size_t a, b, old;

	if (l->margin && find_pair(l->app, &a, &b, &old) &&
	    (step >= a) != (step >= b))
		grid_text(l->g, l->r, margin_x(l) + 4, y, STYLE(BAD), "│");
}

/* Without a margin the letters stand behind the number. */
static void draw_letters(const struct ladder *l, size_t step, size_t a,
			 size_t b, int y)
{
	if (step == a || step == b)
		grid_text(l->g, l->r, l->number + 1, y, STYLE(FINDING),
			  step == a ? "A" : "B");
}

/* A and B in the margin with the bracket between them; `old` at the read. */
static void draw_margin(const struct ladder *l, size_t step, int y)
{
	int x = margin_x(l);
	size_t a, b, old;

	if (!find_pair(l->app, &a, &b, &old))
		return;
	if (!l->margin) {
		draw_letters(l, step, a, b, y);
		return;
	}
	draw_bracket(l, step, y);
	if (step == a || step == b) {
		grid_text(l->g, l->r, x + 1, y, STYLE(FINDING),
			  step == a ? " A " : " B ");
		grid_text(l->g, l->r, x + 4, y, STYLE(BAD),
			  a == b                    ? " "
			  : (step == a) == (a < b) ? "┐"
						    : "┘");
	} else if (step == old) {
		grid_text(l->g, l->r, x + 1, y, STYLE(BAD), "old");
	}
}

static void draw_number(const struct ladder *l, size_t step, int y)
{
	bool here = step == app_cursor(l->app);

	grid_printf(l->g, l->r, 0, y, here ? STYLE(STRONG) : STYLE(DIM), "%*zu",
		    l->number, step);
	if (here)
		grid_text(l->g, l->r, l->number, y, STYLE(STRONG), "▶");
	if (step == l->app->no_return && l->app->predict != PREDICT_ASKED)
		grid_text(l->g, l->r, l->number + 1, y, STYLE(FINDING), "!");
}

/* Where the others stand after this step. Where steps have one row only, who
 * blocked itself says in the next what it wants: its own says what it did. */
static void draw_lines(const struct ladder *l, const struct world *w,
		       size_t step, int y)
{
	thread_id mover = event_mover(l->app, step), late = THREAD_NONE;

	if (l->pitch == 1)
		late = event_mover(l->app, step - 1);
	for (thread_id t = 0; t < threads(l->app); t++)
		if (t != mover && !draw_wants(l, step, t, y) &&
		    !(t == late && draw_wants(l, step - 1, t, y)))
			draw_line(l, w, step, t, y);
}

/* The second row of a step. */
static void draw_spare(const struct ladder *l, const struct world *w,
		       size_t step, int y)
{
	const struct event *e;

	timeline_events(&l->app->timeline, step, &e);
	for (thread_id t = 0; t < threads(l->app); t++)
		if (t != e->thread || !draw_wants(l, step, t, y))
			draw_line(l, w, step, t, y);
	draw_gaps(l, y);
	draw_arrow(l, e, y);
	draw_bracket(l, step, y);
	if (step > app_cursor(l->app))
		grid_mark(l->g, rect_row(l->r, y), STYLE_FUTURE);
}

static void draw_row(const struct ladder *l, const struct world *w, size_t step,
		     int y)
{
	const struct event *e;
	struct rect row = rect_row(l->r, y);

	timeline_events(&l->app->timeline, step, &e);
	draw_number(l, step, y);
	draw_lines(l, w, step, y);
	draw_touch(l, e, y);
	draw_gaps(l, y);
	if (l->pitch == 1)
		draw_arrow(l, e, y);
	draw_values(l, w, step, y);
	draw_margin(l, step, y);
	if (step == app_cursor(l->app)) {
		grid_mark(l->g, row, STYLE_CURSOR);
		grid_cursor(l->g, row, column_x(l, e->thread), 0, false);
	} else if (step > app_cursor(l->app)) {
		grid_mark(l->g, row, STYLE_FUTURE);
	}
}

void view_ladder(const struct app *app, struct grid *g, struct rect r)
{
	struct ladder l = {.app = app, .g = g, .r = r};
	struct world *w = world_new(app->program);
	size_t n = app->timeline.schedule.len;

	lay_out(&l);
	draw_head(&l);
	timeline_copy(&app->timeline, l.top - 1, w);
	remember_values(&l, w);
	draw_before(&l);
	for (int y = 0; y < l.rows; y += l.pitch) {
		size_t step = l.top + (size_t)(y / l.pitch);

		if (step > n)
			break;
		if (predict_hides(app, step)) {
			grid_printf(g, r, 0, HEAD + y, STYLE(DIM), "%*zu  ?",
				    l.number, step);
			continue;
		}
		world_step(w, app->program,
			   app->timeline.schedule.data[step - 1],
			   (uint32_t)step, NULL);
		draw_row(&l, w, step, HEAD + y);
		remember_values(&l, w);
		if (l.pitch > 1)
			draw_spare(&l, w, step, HEAD + y + 1);
	}
	if (!app_cursor(app))
		grid_cursor(g, r, column_x(&l, app->selected), 0, false);
	free(w);
}

void ladder_click(struct app *app, struct rect r, int x, int y)
{
	struct ladder l = {.app = app, .r = r};
	int column;

	lay_out(&l);
	column = (x - l.gutter) / l.column;
	if (y >= HEAD)
		run_goto(app, l.top + (size_t)((y - HEAD) / l.pitch));
	if (x >= l.gutter && column < threads(app))
		app->selected = (thread_id)column;
}
