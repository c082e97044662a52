/*
 * details.c - the small overlays: details of a step with its cause, who waits
 * for whom, the output.
 *
 * Each answers one question about the moment under the cursor.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "overlay.h"
#include "threadviz/label.h"
#include "views.h"

/* ---- details of the step under the cursor ------------------------------ */

static size_t event_index(const struct app *app)
{
	return (size_t)(app_event(app) - app->timeline.events.data);
}

static size_t cause_of(const struct app *app)
{
	return analysis_cause(app->program, app->timeline.events.data,
			      app_events(app), event_index(app));
}

enum { WORD = 8 /* cells of "holds" and the like */ };

/* A word and what there is to say, in as many rows as it takes; the row
 * behind. */
static int draw_item(struct grid *g, struct rect r, int y, const char *word,
		     struct style style, const char *text)
{
	struct rect body = r;

	grid_text(g, r, 0, y, STYLE(DIM), word);
	rect_cut_left(&body, r.w > 2 * WORD ? WORD : 0);
	return y + grid_wrap(g, body, y, style, text);
}

static int draw_clock(const struct app *app, struct grid *g, struct rect r,
		      int y, thread_id t)
{
	uint32_t clock[LIMIT_THREADS] = {0};
	struct str s = {0};

	analysis_clock(app->program, app->timeline.events.data, app_events(app),
		       t, clock);
	for (size_t i = 0; i < app->program->threads.count && i < 10; i++)
		str_addf(&s, "%s%s %u", i ? ", " : "",
			 app->program->threads.data[i].name, clock[i]);
	str_add(&s, ": so many steps of each came before this for certain");
	y = draw_item(g, r, y, "clock", STYLE(TEXT), str_cstr(&s));
	str_free(&s);
	return y;
}

static int draw_held(const struct app *app, struct grid *g, struct rect r,
		     int y, thread_id t)
{
	const struct program *p = app->program;
	struct str s = {0};

	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++)
			if (p->objects.data[i].kind == OBJECT_MUTEX &&
			    world_owner(app_world(app), p, (object_id)i, k) ==
				    t) {
				object_format(p, (object_id)i, k, &s);
				str_addc(&s, ' ');
			}
	y = draw_item(g, r, y, "holds", STYLE(TEXT),
		      s.len ? str_cstr(&s) : "no lock");
	str_free(&s);
	return y;
}

static int draw_cause(const struct app *app, struct grid *g, struct rect r,
		      int y)
{
	size_t cause = cause_of(app);
	const struct event *e;
	struct str s = {0};

	if (cause == SIZE_MAX)
		return draw_item(g, r, y, "why", STYLE(DIM),
				 "nothing before it led here");
	e = &app->timeline.events.data[cause];
	str_addf(&s, "step %u, %s: ", e->step,
		 program_thread_name(app->program, e->thread));
	event_format(app->program, e, LABEL_LONG, &s);
	if (app->overlay == OVERLAY_DETAILS)
		str_add(&s, "   (Enter goes there)");
	y = draw_item(g, r, y, "why", STYLE(STRONG), str_cstr(&s));
	str_free(&s);
	return y;
}

static int draw_line(const struct app *app, struct grid *g, struct rect r,
		     int y, const struct event *e)
{
	const char *line =
		program_line(app->program, app->program->code.data[e->pc].line);
	struct str s = {0};

	event_place(app->program, e, &s);
	str_addf(&s, "  %s", line + strspn(line, " \t"));
	y = draw_item(g, r, y, "line", STYLE(TEXT), str_cstr(&s));
	str_free(&s);
	return y;
}

void view_details(const struct app *app, struct grid *g, struct rect r)
{
	const struct event *e = app_event(app);
	struct str s = {0};
	int y = 0;

	if (!e)
		return;
	r.x++;
	r.w -= 2;
	y = draw_line(app, g, r, y, e);
	if (e->object != OBJECT_NONE &&
	    analysis_lockset(app->program, app->timeline.events.data,
			     app_events(app), e->object, e->index, &s))
		y = draw_item(g, r, y, "locks", STYLE(WARN), str_cstr(&s));
	y = draw_held(app, g, r, y, e->thread);
	y = draw_cause(app, g, r, y);
	draw_clock(app, g, r, y, e->thread);
	str_free(&s);
}

void details_draw(const struct app *app, struct grid *g)
{
	enum { WIDE = 78, FLAT = 9, HIGH = 14 };
	const struct event *e = app_event(app);
	struct rect r =
		overlay_frame(g, WIDE, g->w < WIDE ? HIGH : FLAT, "This step");
	struct rect head = r;
	struct str s = {0};

	head.x++;
	head.w -= 2;
	if (!e) {
		grid_wrap(g, head, 0, STYLE(TEXT),
			  "This is the start: nothing has happened yet.");
		return;
	}
	str_addf(&s, "%u  %s  ", e->step,
		 program_thread_name(app->program, e->thread));
	event_format(app->program, e, LABEL_LONG, &s);
	rect_cut_top(
		&r, draw_item(g, head, 0, "step", STYLE(STRONG), str_cstr(&s)));
	view_details(app, g, r);
	str_free(&s);
}

bool details_key(struct app *app, key_code key)
{
	const struct event *e = app_event(app);
	struct str says = {0};
	size_t cause;

	if (key != INPUT_ENTER || !e)
		return false;
	cause = cause_of(app);
	overlay_close(app);
	if (cause == SIZE_MAX) {
		notice(app, false, "nothing before this step led to it");
		return true;
	}
	str_addf(&says, "this is behind step %u: %s ", e->step,
		 program_thread_name(app->program, e->thread));
	event_format(app->program, e, LABEL_LONG, &says);
	run_goto(app, app->timeline.events.data[cause].step);
	notice(app, false, "%s", str_cstr(&says));
	str_free(&says);
	return true;
}

/* ---- who waits for whom ------------------------------------------------ */

static void draw_waiter(const struct app *app, struct grid *g, struct rect r,
			int y, thread_id t, uint64_t for_whom)
{
	const struct world *w = app_world(app);
	struct str about = {0};
	int x = 1;

	say_about(app, t, &about);
	x += grid_field(g, r, x, y, 10, ALIGN_LEFT,
			style_with(style_thread(t), STYLE_BOLD),
			program_thread_name(app->program, t));
	if (for_whom)
		x += grid_text(g, r, x, y, STYLE(BAD), "──▶ ");
	for (thread_id k = 0; k < app->program->threads.count; k++)
		if (for_whom >> k & 1)
			x += grid_printf(g, r, x, y, style_thread(k), "%s ",
					 program_thread_name(app->program, k));
	grid_field(g, r, x < 26 ? 26 : x, y, r.w - 27, ALIGN_LEFT,
		   world_status(w, app->program, t) == THREAD_READY
			   ? STYLE(DIM)
			   : STYLE(TEXT),
		   str_cstr(&about));
	str_free(&about);
}

/* Follows the first thing each waits for; the length of the ring, or 0. */
static size_t find_ring(const uint64_t *waits, size_t n, thread_id *ring)
{
	for (size_t start = 0; start < n; start++) {
		size_t len = 0, t = start;

		while (len < n && waits[t]) {
			ring[len++] = (thread_id)t;
			t = (size_t)__builtin_ctzll(waits[t]);
			if (t == start)
				return len;
		}
	}
	return 0;
}

size_t waits_find_ring(const struct app *app, thread_id *ring)
{
	uint64_t waits[LIMIT_THREADS];
	size_t threads = app->program->threads.count;

	for (size_t t = 0; t < threads; t++)
		waits[t] = world_blockers(app_world(app), app->program,
					  (thread_id)t);
	return find_ring(waits, threads, ring);
}

void say_wanted(const struct app *app, thread_id t, struct str *out)
{
	struct op op;

	world_parked(app_world(app), app->program, t, &op);
	if (op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR)
		object_format(app->program, op.mutex, op.mutex_index, out);
	else if (op.object != OBJECT_NONE)
		object_format(app->program, op.object, op.index, out);
}

/* How much stands between two threads of a ring. */
enum link { LINK_WANTS, LINK_OBJECT, LINK_ARROW };

/* " A  ─ wants blue ─▶ ", or the bend at the end; its width. */
static int draw_link(const struct app *app, struct grid *g, struct rect r,
		     int x, int y, thread_id t, enum link link, bool last)
{
	struct str s = {0};
	int begun = x;

	x += grid_printf(g, r, x, y, style_filled(t), " %s ",
			 program_thread_name(app->program, t));
	str_add(&s, link == LINK_ARROW ? " " : " ─ ");
	if (link == LINK_WANTS)
		str_add(&s, "wants ");
	if (link != LINK_ARROW) {
		say_wanted(app, t, &s);
		str_addc(&s, ' ');
	}
	str_add(&s, last ? "─╮" : "─▶ ");
	x += grid_text(g, r, x, y, STYLE(BAD), str_cstr(&s));
	str_free(&s);
	return x - begun;
}

/* The row out, from x on; where it ends. */
static int draw_links(const struct app *app, struct grid *g, struct rect r,
		      int x, int y, const thread_id *ring, size_t n,
		      enum link link)
{
	for (size_t i = 0; i < n; i++)
		x += draw_link(app, g, r, x, y, ring[i], link, i + 1 == n);
	return x;
}

/* The ring of a deadlock: out along one row, back along the next; as many words
 * as fit. */
int waits_ring(const struct app *app, struct grid *g, struct rect r, int y)
{
	static const struct rect nowhere = {0};
	thread_id ring[LIMIT_THREADS];
	size_t n = waits_find_ring(app, ring);
	enum link link = LINK_WANTS;
	int x = 1;

	if (!n)
		return y;
	x += grid_text(g, r, x, y, STYLE(BAD), "╭─▶ ");
	while (link < LINK_ARROW &&
	       draw_links(app, g, nowhere, x, y, ring, n, link) > r.w)
		link++;
	x = draw_links(app, g, r, x, y, ring, n, link);
	if (x > r.w)
		x = r.w;
	grid_text(g, r, 1, y + 1, STYLE(BAD), "╰");
	grid_hline(g, r, 2, y + 1, x - 3, STYLE(BAD));
	grid_text(g, r, x - 1, y + 1, STYLE(BAD), "╯");
	return y + 2;
}

/* Those that wait first; who can go on is left out where there is no room. */
static void draw_waiters(const struct app *app, struct grid *g, struct rect r,
			 int y, const uint64_t *waits)
{
	size_t n = app->program->threads.count, left = n;

	for (int waiting = 1; waiting >= 0; waiting--)
		for (size_t t = 0; t < n; t++) {
			bool full = y == r.h - 1 && left > 1;

			if ((waits[t] != 0) != waiting || full || y >= r.h)
				continue;
			draw_waiter(app, g, r, y++, (thread_id)t, waits[t]);
			left--;
		}
	if (left)
		grid_printf(g, r, 1, r.h - 1, STYLE(DIM),
			    "and %zu more threads", left);
}

/* "free  0 permits ← Car2 Car3" */
static void draw_semaphore(const struct app *app, struct grid *g,
			   struct rect row, object_id id, int32_t index)
{
	const struct program *p = app->program;
	const struct world *w = app_world(app);
	uint64_t waiting = world_waiters(w, p, id, index);
	int32_t n = world_value(w, p, id, index);
	struct str name = {0};
	int x = 1;

	object_format(p, id, index, &name);
	x += grid_printf(g, row, x, 0, STYLE(TEXT), "%-8s  ", str_cstr(&name));
	x += grid_printf(g, row, x, 0, n ? STYLE(GOOD) : STYLE(TEXT),
			 n == 1 ? "%d permit " : "%d permits ", n);
	if (waiting)
		x += grid_text(g, row, x, 0, STYLE(BAD), "← ");
	for (thread_id t = 0; t < p->threads.count; t++)
		if (waiting >> t & 1)
			x += grid_printf(g, row, x, 0, style_thread(t), "%s ",
					 program_thread_name(p, t));
	str_free(&name);
}

/* As many as there are rows; how many there are. */
static int draw_semaphores(const struct app *app, struct grid *g,
			   struct rect r)
{
	int n = 0;

	for (size_t id = 0; id < app->program->objects.count; id++) {
		const struct object *o = &app->program->objects.data[id];

		for (int32_t i = 0; o->kind == OBJECT_SEM && i < o->count; i++)
			if (n++ < r.h)
				draw_semaphore(app, g, rect_row(r, n - 1),
					       (object_id)id, i);
	}
	return n;
}

/* How many rows they take. */
static int count_semaphores(const struct app *app, struct grid *g)
{
	return draw_semaphores(app, g, (struct rect){0});
}

void waits_draw(const struct app *app, struct grid *g)
{
	uint64_t waits[LIMIT_THREADS];
	int n = (int)app->program->threads.count;
	thread_id ring[LIMIT_THREADS];
	int sems = count_semaphores(app, g), y = 0;
	struct rect r = overlay_frame(
		g, 78, n + sems + (waits_find_ring(app, ring) ? 5 : 2),
		"Who waits for whom");

	if (n + sems > r.h && sems > r.h / 3)
		sems = r.h / 3; /* the threads matter more */
	draw_semaphores(app, g, rect_cut_bottom(&r, sems));
	for (int t = 0; t < n; t++)
		waits[t] = world_blockers(app_world(app), app->program,
					  (thread_id)t);
	y = waits_ring(app, g, r, y);
	y += y > 0;
	draw_waiters(app, g, r, y, waits);
}

/* ---- output ------------------------------------------------------------ */

/* What the threads printed up to this step, then what the child wrote where it
 * should not. */
static size_t count_lines(const struct app *app)
{
	return outputs_count(app->program->outputs,
			     world_output(app_world(app), app->program));
}

static void draw_printed(const struct app *app, struct grid *g, struct rect r)
{
	const struct outputs *o = app->program->outputs;
	uint32_t id = world_output(app_world(app), app->program);
	size_t n = count_lines(app);
	size_t rows = r.h > 0 ? (size_t)r.h : 0;
	size_t last = n > rows ? n - rows : 0;
	size_t back = app->picked < last ? app->picked : last;

	app->layout->rows = r.h;
	for (size_t y = 0; y < rows && last - back + y < n; y++)
		grid_text(g, r, 1, (int)y, STYLE(TEXT),
			  outputs_line(o, id, last - back + y));
	if (n > rows)
		grid_printf(g, (struct rect){r.x, r.y - 1, r.w, 1}, r.w - 20, 0,
			    STYLE(TEXT), " %zu to %zu of %zu ", last - back + 1,
			    last - back + rows, n);
}

void output_draw(const struct app *app, struct grid *g)
{
	enum { LEAST = 5, STRAY = 4 };
	int n = (int)count_lines(app), stray = app->output.len ? STRAY : 0;
	struct rect r = overlay_frame(
		g, 78, (n + stray + 2 < LEAST ? LEAST : n + stray + 2),
		app->program && app->free ? "Output" : "Output so far");

	if (stray && r.h > STRAY) {
		struct rect below = rect_cut_bottom(&r, STRAY);

		grid_hline(g, below, 0, 0, below.w, STYLE(RULE));
		grid_text(g, below, 1, 0, STYLE(TITLE), " on standard error ");
		rect_cut_top(&below, 1);
		rect_cut_left(&below, 1);
		grid_wrap(g, below, 0, STYLE(WARN), str_cstr(&app->output));
	}
	if (!n)
		grid_text(g, r, 1, 0, STYLE(DIM),
			  "Nothing was printed up to this step.");
	draw_printed(app, g, r);
}

bool output_scrolls(const struct app *app)
{
	return count_lines(app) > (size_t)app->layout->rows;
}

bool output_key(struct app *app, key_code key)
{
	if (key != INPUT_UP && key != INPUT_DOWN)
		return false;
	if (key == INPUT_UP &&
	    app->picked + (size_t)app->layout->rows < count_lines(app))
		app->picked++;
	else if (key == INPUT_DOWN && app->picked)
		app->picked--;
	else
		notice(app, false, "there is no line %s",
		       key == INPUT_UP ? "before that" : "after that");
	return true;
}
