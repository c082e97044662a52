/*
 * lanes.c - the timeline with time going right: a row per thread, a column per
 * step, rows of values and of lock owners below (rows.c).
 *
 * A step takes 1 to 20 columns by zoom; at the lowest zoom a cell may stand for
 * several steps, then the gravest event among them wins. Where there is room a
 * lane has a spare row for the arrow to what its event made possible. With more
 * threads than rows, those without an event in view are folded into one line;
 * where even the others are too many, two share a row.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "lanes.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"

enum {
	CROWD = 9,    /* from here on blocked is a dim dot */
	READABLE = 2, /* the lowest zoom at which events are words */
	ABOUT_MIN = 6,
	ARROW = 6, /* cells of an arrow and one of a name */
	MEDIUM = 110, /* cells: from there on longer names */
	NATURAL = 3, /* the zoom of a run too long to be seen as a whole */
};

static const int zoom_width[ZOOM_STEPS] = {1, 2, 4, 8, 13, 20};

/* ---- columns ----------------------------------------------------------- */

/* Of the names on the left; longer ones widen it by some cells. */
static int names_width(const struct app *app, int w)
{
	const struct program *p = app->program;
	int least = w < MEDIUM ? 10 : 14, longest = least;

	for (thread_id t = 0; t < p->threads.count; t++) {
		int n = utf8_width(program_thread_name(p, t)) + 3;

		longest = n > longest ? n : longest;
	}
	return longest < least + 6 ? longest : least + 6;
}

static size_t length(const struct lanes *l)
{
	return l->app->timeline.schedule.len;
}

/* The widest zoom at which the whole run fits into w cells. */
static int whole_zoom(const struct app *app, int w)
{
	int zoom = sizeof zoom_width / sizeof *zoom_width - 1;
	long n = (long)app->timeline.schedule.len;
	long reach = (long)run_reach(app);

	if (reach * zoom_width[READABLE] <= w - names_width(app, w) - 1)
		n = reach;
	while (zoom > 0 && n * zoom_width[zoom] > w - names_width(app, w) - 1)
		zoom--;
	return zoom;
}

/* What the zoom that is asked for comes to in w cells. */
static int effective_zoom(const struct app *app, int zoom, int w)
{
	int fit = whole_zoom(app, w);

	if (zoom < ZOOM_STEPS)
		return zoom;
	return zoom == ZOOM_AUTO && fit < NATURAL ? NATURAL : fit;
}

void lanes_zoom_by(struct app *app, int by)
{
	int w = app->layout->panel[PANEL_TIMELINE].w;
	int zoom = by + effective_zoom(app, app->zoom, w);

	app->zoom = zoom < 0 ? 0 : zoom < ZOOM_STEPS ? zoom : ZOOM_STEPS - 1;
}

int lanes_zoom_shown(const struct app *app, int w)
{
	return effective_zoom(app, app->zoom, w) + 1;
}

static void choose_columns(struct lanes *l, int asked)
{
	int zoom = effective_zoom(l->app, asked, l->r.w), room;
	size_t at = app_cursor(l->app), n = length(l);

	l->names = names_width(l->app, l->r.w);
	room = l->r.w - l->names - 1;
	l->width = zoom_width[zoom];
	l->columns = room / l->width > 0 ? room / l->width : 1;
	l->per_cell = 1;
	l->first = 1;
	if (n <= (size_t)l->columns)
		return;
	if (zoom == 0)
		l->per_cell = (n + (size_t)l->columns - 1) / (size_t)l->columns;
	else
		l->first = 1 +
			   scroll_first(at ? at - 1 : 0, n, (size_t)l->columns);
}

size_t lanes_last(const struct lanes *l)
{
	size_t last = l->first + l->per_cell * (size_t)l->columns - 1;

	if (predict_hides(l->app, last))
		last = app_cursor(l->app);
	return last < length(l) ? last : length(l);
}

int lanes_x(const struct lanes *l, size_t step)
{
	return l->names + 1 + (int)((step - l->first) / l->per_cell) * l->width;
}

/* ---- rows -------------------------------------------------------------- */

/* Threads with an event in view, and the selected one. */
static uint64_t active(const struct lanes *l)
{
	uint64_t set = UINT64_C(1) << l->app->selected;

	for (size_t s = l->first; s <= lanes_last(l); s++)
		set |= UINT64_C(1)
		       << l->app->timeline.schedule.data[s - 1].thread;
	return set;
}

/* Those of `set` as far as they find room, the selected one among them; the
 * others are folded. */
static void take_threads(struct lanes *l, uint64_t set, int room)
{
	thread_id n = (thread_id)l->app->program->threads.count;
	int most = room * l->per_row, at = 0;
	uint64_t below = (UINT64_C(1) << l->app->selected) - 1;
	int first = (int)scroll_first((size_t)__builtin_popcountll(set & below),
				      (size_t)__builtin_popcountll(set),
				      (size_t)most);

	for (thread_id t = 0; t < n; t++) {
		bool in = set >> t & 1;

		if (in && at >= first && l->count < most)
			l->shown[l->count++] = t;
		else
			l->folded |= UINT64_C(1) << t;
		at += in;
	}
}

/* Below the scale: lanes, a row for A and B, rows of objects. */
static void choose_rows(struct lanes *l)
{
	int n = (int)l->app->program->threads.count;
	int room = l->r.h > 2 ? l->r.h - 1 : 1;
	int objects = lanes_object_rows(l->app);
	int least = objects < room / 3 ? objects : room / 3;
	uint64_t set = n < 64 ? (UINT64_C(1) << n) - 1 : ~UINT64_C(0);

	l->per_row = 1;
	l->pitch = 2 * n + objects <= room ? 2 : 1;
	while (least > 1 && n > room - least)
		least--;
	if (n > room - least) {
		room -= (objects < room / 3 ? objects : room / 3) + 1;
		room = room < 1 ? 1 : room;
		set = active(l);
		l->per_row = __builtin_popcountll(set) > room ? 2 : 1;
		for (int t = 0; t < n && __builtin_popcountll(set) < room; t++)
			set |= UINT64_C(1) << t;
	}
	take_threads(l, set, room);
	l->rows = (l->count + l->per_row - 1) / l->per_row * l->pitch;
}

/* ---- head and names ---------------------------------------------------- */

static void draw_scale(const struct lanes *l)
{
	size_t every = l->width >= 4 ? 1 : l->width == 2 ? 5 : 5 * l->per_cell;
	int until = 0;

	grid_text(l->g, l->r, 0, 0, STYLE(DIM), "step");
	for (size_t s = l->first; s <= lanes_last(l); s++)
		if (s % every == 0 && lanes_x(l, s) >= until)
			until = lanes_x(l, s) + 1 +
				grid_printf(l->g, l->r, lanes_x(l, s), 0,
					    s == app_cursor(l->app)
						    ? STYLE(STRONG)
						    : STYLE(DIM),
					    "%zu", s);
}

static struct style name_style(const struct lanes *l, thread_id t)
{
	return style_with(t == l->app->selected ? style_filled(t)
						: style_thread(t),
			  STYLE_BOLD);
}

/* " 1 worker", or " 1  2" where two share the row. */
static void draw_name(const struct lanes *l, int i, int y)
{
	const struct app *app = l->app;
	const struct event *e = app_event(app);
	struct str name = {0};

	for (int k = i; k < i + l->per_row && k < l->count; k++) {
		thread_id t = l->shown[k];

		str_clear(&name);
		str_addf(&name, "%u %s", t + 1u,
			 l->per_row > 1 ? ""
					: program_thread_name(app->program, t));
		if (e && e->thread == t)
			grid_text(l->g, l->r, 0, y, style_thread(t), "▶");
		grid_field(l->g, l->r, 1 + (k - i) * 4, y,
			   l->per_row > 1 ? 3 : l->names - 1, ALIGN_LEFT,
			   name_style(l, t), str_cstr(&name));
	}
	str_free(&name);
}

/* ---- cells ------------------------------------------------------------- */

void lanes_fill(const struct lanes *l, int x, int y, int n, struct style s,
		const char *glyph)
{
	for (int i = 0; i < n; i++)
		grid_text(l->g, l->r, x + i, y, s, glyph);
}

/* Of those who share the row, who could run before who is blocked. */
static enum thread_status row_status(const struct lanes *l,
				     const struct world *w, int i)
{
	enum thread_status best = THREAD_ENDED;

	for (int k = i; k < i + l->per_row && k < l->count; k++) {
		enum thread_status s =
			world_status(w, l->app->program, l->shown[k]);

		if (s != THREAD_LATER && s < best)
			best = s;
	}
	return best;
}

static void draw_state(const struct lanes *l, enum thread_status status, int x,
		       int y)
{
	bool crowd = l->app->program->threads.count >= CROWD;

	switch (status) {
	case THREAD_READY:
		lanes_fill(l, x, y, l->width, STYLE(DIM), "─");
		break;
	case THREAD_BLOCKED:
		lanes_fill(l, x, y, l->width,
			   crowd ? STYLE(DIM) : STYLE(BLOCKED),
			   crowd ? "·" : "░");
		break;
	case THREAD_ASLEEP:
		lanes_fill(l, x, y, l->width, STYLE(ASLEEP), "┈");
		break;
	default:
		break;
	}
}

static bool in_finding(const struct app *app, const struct event *e)
{
	const struct finding *f = app_finding(app);
	size_t at = (size_t)(e - app->timeline.events.data);

	return f && finding_is_pair(f) &&
	       (f->events[0] == at || f->events[1] == at);
}

static struct style event_style(const struct lanes *l, const struct event *e)
{
	if (in_finding(l->app, e) || e->flags & EVENT_CRASH)
		return STYLE(FINDING);
	return style_with(style_thread(e->thread), STYLE_BOLD);
}

/* The longest label that fits into a column; returns its cells. */
static int draw_label(const struct lanes *l, const struct event *e, int x,
		      int y, struct style style)
{
	struct str s = {0};
	int w;

	if (l->width == 1) {
		event_format(l->app->program, e, LABEL_CHAR, &s);
	} else if (l->width <= 4) {
		event_format(l->app->program, e, LABEL_TINY, &s);
		if ((int)s.len > l->width) {
			str_clear(&s);
			event_format(l->app->program, e, LABEL_CHAR, &s);
		}
	} else {
		label_fit(l->app, e, l->width - 1, &s);
	}
	w = grid_text(l->g, l->r, x, y, style, str_cstr(&s));
	str_free(&s);
	return w;
}

/* How much an event deserves the only cell it shares with others. */
static int gravity(const struct lanes *l, const struct event *e)
{
	unsigned flags;

	if (in_finding(l->app, e) || e->flags & EVENT_CRASH)
		return 4;
	if (e->kind >= OP_COUNT)
		return 1;
	flags = op_info[e->kind].flags;
	return flags & OP_W ? 3 : flags & (OP_A | OP_L) ? 2 : 1;
}

/* Whether the thread has a place in lane i. */
static bool in_lane(const struct lanes *l, int i, thread_id t)
{
	return l->shown[i] == t ||
	       (l->per_row > 1 && i + 1 < l->count && l->shown[i + 1] == t);
}

/* What the thread has come to want. Who took a step and is blocked after it
 * says so in the next column. */
static void draw_wants(const struct lanes *l, thread_id t, size_t step, int x,
		       int y)
{
	const struct event *e = event_wants(l->app, step, t);

	if (!e && event_mover(l->app, step - 1) == t)
		e = event_wants(l->app, step - 1, t);
	if (!e || event_mover(l->app, step) == t)
		return;
	x += draw_label(l, e, x, y, STYLE(BAD));
	if (l->width > 4)
		grid_put(l->g, l->r, x, y, STYLE(TEXT), ' ');
}

static void draw_lane(const struct lanes *l, int i, int y,
		      const struct world *start)
{
	const struct program *p = l->app->program;
	struct world *w = world_clone(start, p);
	int shown = -1, best = 0;

	draw_name(l, i, y);
	for (size_t s = l->first; s <= lanes_last(l); s++) {
		const struct event *e;
		int x = lanes_x(l, s);

		world_step(w, p, l->app->timeline.schedule.data[s - 1],
			   (uint32_t)s, NULL);
		timeline_events(&l->app->timeline, s, &e);
		if (x != shown) {
			enum thread_status status = row_status(l, w, i);

			best = 0;
			draw_state(l, status, x, y);
			if (l->per_cell == 1 && l->per_row == 1 &&
			    status == THREAD_BLOCKED)
				draw_wants(l, l->shown[i], s, x, y);
		}
		shown = x;
		if (in_lane(l, i, e->thread) && gravity(l, e) > best) {
			best = gravity(l, e);
			draw_label(l, e, x, y, event_style(l, e));
		}
	}
	free(w);
}

/* Behind the end of a run: what the thread is about to do. */
static void draw_about(const struct lanes *l, int i, int y)
{
	const struct app *app = l->app;
	enum thread_status status =
		world_status(app_world(app), app->program, l->shown[i]);
	int x = length(l) ? lanes_x(l, lanes_last(l)) + l->width + 1
			  : l->names + 1;
	struct str text = {0};

	if (app_cursor(app) != length(l) || l->per_row > 1 ||
	    l->r.w - x < ABOUT_MIN || status == THREAD_ENDED)
		return;
	about_fit(app, l->shown[i], l->r.w - x, &text);
	grid_text(l->g, l->r, x, y,
		  status == THREAD_BLOCKED  ? STYLE(BAD)
		  : status == THREAD_ASLEEP ? STYLE(ASLEEP)
					    : style_thread(l->shown[i]),
		  app->predict == PREDICT_ASKED ? "?" : str_cstr(&text));
	str_free(&text);
}

/* One of them, from x to before `end`. */
static void draw_one_arrow(const struct lanes *l, const struct event *e,
			   thread_id t, const char *text, int x, int y, int end)
{
	const char *tail = end - x < ARROW ? "└" : "└──▶ ";
	struct str s = {0};

	x += grid_text(l->g, l->r, x, y, style_thread(e->thread), tail);
	str_addf(&s, "%s %s", program_thread_name(l->app->program, t), text);
	if ((int)s.len > end - x)
		str_cut(&s, s.len - strlen(text) - 1);
	if (x < end)
		grid_field(l->g, l->r, x, y,
			   (int)s.len < end - x ? (int)s.len : end - x,
			   ALIGN_LEFT, style_with(style_thread(t), STYLE_BOLD),
			   str_cstr(&s));
	str_free(&s);
}

/* └──▶ B may try: in the spare row under the event, as far as the next one. */
static void draw_arrow(const struct lanes *l, int i, int y)
{
	int end = l->r.w;

	for (size_t s = lanes_last(l); s >= l->first && s; s--) {
		const struct event *e;
		const char *text;
		thread_id t;

		timeline_events(&l->app->timeline, s, &e);
		if (e->thread != l->shown[i])
			continue;
		t = arrow_target(l->app, e, &text);
		if (t == THREAD_NONE)
			continue;
		draw_one_arrow(l, e, t, text, lanes_x(l, s), y, end);
		end = lanes_x(l, s) - 1;
	}
}

/* "11-64  54 threads: 53 blocked, 1 ready" */
static void draw_folded(const struct lanes *l, int y)
{
	static const char *const word[] = {"later", "ready", "blocked",
					   "asleep", "ended"};
	int n = (int)l->app->program->threads.count;
	unsigned count[THREAD_ENDED + 1] = {0};
	struct str s = {0};

	for (int t = 0; t < n; t++) {
		int from = t;

		if (!(l->folded >> t & 1))
			continue;
		while (t + 1 < n && l->folded >> (t + 1) & 1)
			t++;
		str_addf(&s, t > from ? "%d-%d " : "%d ", from + 1, t + 1);
		for (int k = from; k <= t; k++)
			count[world_status(app_world(l->app), l->app->program,
					   (thread_id)k)]++;
	}
	str_addf(&s, " %d thread%s:", __builtin_popcountll(l->folded),
		 __builtin_popcountll(l->folded) == 1 ? "" : "s");
	for (int i = 0, any = 0; i <= THREAD_ENDED; i++)
		if (count[i])
			str_addf(&s, "%s %u %s", any++ ? "," : "", count[i],
				 word[i]);
	grid_field(l->g, l->r, 1, y, l->r.w - 2, ALIGN_LEFT, STYLE(DIM),
		   str_cstr(&s));
	str_free(&s);
}

/* ---- what lies over it ------------------------------------------------- */

/* The column of a finding's event; -1: not in view. */
static int event_x(const struct lanes *l, size_t event)
{
	uint32_t step;

	if (event >= l->app->timeline.events.len)
		return -1;
	step = l->app->timeline.events.data[event].step;
	return step < l->first || step > lanes_last(l) ? -1 : lanes_x(l, step);
}

/* A ───── B under the lanes, with the reason where there is room; `old` under
 * the read that was stale. */
static void draw_pair(const struct lanes *l, int y)
{
	const struct finding *f = app_finding(l->app);
	int from, to, old;

	if (!f || !finding_is_pair(f))
		return;
	from = event_x(l, f->events[0]);
	to = event_x(l, f->events[1]);
	old = event_x(l, f->events[2]);
	if (old >= 0 && old < from && l->width > 3)
		grid_text(l->g, l->r, old, y, STYLE(BAD), "old");
	if (from < 0 || to < 0)
		return;
	grid_hline(l->g, l->r, from + 2, y, to - from - 3, STYLE(BAD));
	grid_text(l->g, l->r, from, y, style_with(STYLE(BAD), STYLE_BOLD), "A");
	grid_text(l->g, l->r, to, y, style_with(STYLE(BAD), STYLE_BOLD), "B");
	if ((f->kind == FINDING_DATA_RACE || f->kind == FINDING_LOST_UPDATE) &&
	    l->r.w - to > 24)
		grid_text(l->g, l->r, to + 2, y, STYLE(BAD),
			  "no lock orders A and B");
}

static void draw_cursor(const struct lanes *l)
{
	size_t at = app_cursor(l->app);
	struct rect column = l->r;

	if (at < l->first || at > lanes_last(l) || at == 0) {
		grid_cursor(l->g, l->r, l->names + 1, 1, false);
		return;
	}
	column.x += lanes_x(l, at);
	column.w = l->width > 1 ? l->width - 1 : 1;
	column.h = 1 + l->rows - (l->pitch > 1);
	grid_mark(l->g, rect_clip(column, l->r), STYLE_CURSOR);
	grid_cursor(l->g, l->r, lanes_x(l, at), 1, false);
	column.x += l->width;
	column.w = l->r.x + l->r.w - column.x;
	if (column.w > 0 && at < length(l))
		grid_mark(l->g, rect_clip(column, l->r), STYLE_FUTURE);
}

static void draw_lanes(const struct lanes *l, const struct world *start)
{
	for (int i = 0; i < l->count; i += l->per_row) {
		int y = 1 + i / l->per_row * l->pitch;

		draw_lane(l, i, y, start);
		draw_about(l, i, y);
		if (l->pitch > 1)
			draw_arrow(l, i, y + 1);
	}
}

static void draw_at_zoom(const struct app *app, struct grid *g, struct rect r,
			 int zoom)
{
	struct lanes l = {.app = app, .g = g, .r = r};
	struct world *start = world_new(app->program);
	int y;

	choose_columns(&l, zoom);
	choose_rows(&l);
	timeline_copy(&app->timeline, l.first - 1, start);
	draw_scale(&l);
	draw_lanes(&l, start);
	y = 1 + l.rows;
	if (l.folded)
		draw_folded(&l, y++);
	if (l.pitch == 1 && y + lanes_object_rows(app) < r.h)
		y++;
	if (y > 1 + l.count)
		draw_pair(&l, y - 1);
	if (length(&l))
		lanes_objects(&l, y, start);
	draw_cursor(&l);
	free(start);
}

void view_lanes(const struct app *app, struct grid *g, struct rect r)
{
	draw_at_zoom(app, g, r, app->zoom);
}

void view_overview(const struct app *app, struct grid *g, struct rect r)
{
	draw_at_zoom(app, g, r, ZOOM_WHOLE);
}

int lanes_height(const struct app *app, int most)
{
	int n = (int)app->program->threads.count;
	int rows = 1 + lanes_object_rows(app);

	return rows + 2 * n <= most ? rows + 2 * n : rows + n + 1;
}

void lanes_click(struct app *app, struct rect r, int x, int y)
{
	struct lanes l = {.app = app, .r = r};
	int lane;

	choose_columns(&l, app->zoom);
	choose_rows(&l);
	if (x > l.names)
		run_goto(app, l.first + (size_t)((x - l.names - 1) / l.width) *
						l.per_cell);
	lane = (y - 1) / l.pitch * l.per_row;
	if (y >= 1 && lane < l.count)
		app->selected = l.shown[lane];
}
