/*
 * freepanels.c - a free run beside its lanes: shares, the moment under the
 * cursor, the records round it; and where all that stands.
 *
 * The table of shares is the legend of the lanes at the same time: its columns
 * are headed by what the lanes draw.
 */
#include <stdio.h>

#include "freeview.h"
#include "inside.h"
#include "threadviz/count.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "views.h"

enum {
	NAME = 8,
	COLUMN = 9,
	WORDS = 5,
	WORDS_TALL = 6,
	TALL = 30,
	SMALL_W = 64,
	SMALL_H = 16,
	NARROW = 60, /* records without their places */
};

static const char timeline_title[] = "Timeline (time goes right, bar 0: CPU 0)";

static const struct {
	const char *glyph, *name;
} states[SHARES] = {
	[SHARE_RUNNING] = {"█", "running"},
	[SHARE_READY] = {"─", "ready"},
	[SHARE_BLOCKED] = {"░", "blocked"},
	[SHARE_ASLEEP] = {"┈", "asleep"},
};

static struct style share_style(enum share s)
{
	return s == SHARE_BLOCKED  ? STYLE(BAD)
	       : s == SHARE_ASLEEP ? STYLE(ASLEEP)
	       : s == SHARE_READY  ? STYLE(DIM)
				   : STYLE(STRONG);
}

/* ---- shares ------------------------------------------------------------ */

static void draw_share(const struct app *app, struct grid *g, struct rect r,
		       int y, thread_id t)
{
	struct thread_share h = shares_thread(app->free->shares, t);
	/* Those that the kernel did not write down are missing. */
	const char *more = app->free->counts.unseen ? "+" : "";
	uint64_t sum = 0;
	int x = 1;

	for (int i = 0; i < SHARES; i++)
		sum += h.ns[i];
	grid_field(g, r, x, y, NAME, ALIGN_LEFT,
		   style_with(style_thread(t), STYLE_BOLD),
		   program_thread_name(app->program, t));
	x += NAME;
	for (int i = 0; i < SHARES && sum; i++, x += COLUMN)
		if (h.ns[i])
			grid_printf(g, r, x, y, share_style((enum share)i),
				    "%5.1f %%",
				    100 * (double)h.ns[i] / (double)sum);
	if (x + 17 < r.w && sum)
		grid_printf(g, r, x + 1, y, STYLE(TEXT), "%7llu%s %7llu%s",
			    (unsigned long long)h.switches, more,
			    (unsigned long long)h.preempted, more);
}

/* Appends `part` behind a comma unless that makes it wider than w. */
static void add_part(struct str *out, int w, const char *part)
{
	if (utf8_width(str_cstr(out)) + 2 + utf8_width(part) <= w)
		str_addf(out, ", %s", part);
}

/* What the threads want and do not have, by thread; NULL: nothing. */
struct wishes {
	const struct event *of[LIMIT_THREADS];
};

static struct wishes wishes_now(const struct app *app)
{
	const struct history *h = app->free->history;
	struct wishes w = {{NULL}};

	for (thread_id t = 0; t < app->program->threads.count; t++) {
		struct moment m;

		history_moment(h, t, history_time(h), &m);
		if (m.there && m.wants != HISTORY_NONE)
			w.of[t] = history_at(h, m.wants);
	}
	return w;
}

static unsigned waiting_for(const struct wishes *w, object_id id, int32_t index)
{
	unsigned n = 0;

	for (size_t t = 0; t < LIMIT_THREADS; t++)
		n += w->of[t] && w->of[t]->object == id &&
		     w->of[t]->index == index;
	return n;
}

/* Who is woken waits for its mutex, too, but how long nobody can say. */
static bool has_conditions(const struct program *p)
{
	for (size_t i = 0; i < p->objects.count; i++)
		if (p->objects.data[i].kind == OBJECT_COND)
			return true;
	return false;
}

/* "8 taken, 3 waited (1.20 ms at most), 5 handed over", as much as fits. */
static void say_lock(const struct app *app, const struct wishes *wishes,
		     object_id id, int32_t index, int w, struct str *out)
{
	const struct lock_share *h = shares_lock(app->free->shares, id, index);
	unsigned now = waiting_for(wishes, id, index);
	struct str part = {0};

	str_add(out, app->free->counts.lost ? "at least " : "");
	count_format_grouped(count_of(h->taken), out);
	str_add(out, " taken");
	if (h->contended) {
		count_format_grouped(count_of(h->contended), &part);
		str_add(&part, " waited (");
		str_add_ns(&part, h->longest_wait);
		str_add(&part, " at most)");
	}
	if (h->contended)
		add_part(out, w, str_cstr(&part));
	else if (!now && !has_conditions(app->program))
		add_part(out, w, "nobody waited");
	str_clear(&part);
	str_addf(&part, "%u wait%s now", now, now == 1 ? "s" : "");
	if (now)
		add_part(out, w, str_cstr(&part));
	str_clear(&part);
	count_format_grouped(count_of(h->handed_over), &part);
	str_add(&part, " handed over");
	add_part(out, w, str_cstr(&part));
	str_free(&part);
}

static bool is_lock(const struct object *o)
{
	return o->kind == OBJECT_MUTEX || o->kind == OBJECT_RWLOCK;
}

static int draw_lock(const struct app *app, const struct wishes *wishes,
		     struct grid *g, struct rect r, int y, object_id id,
		     int32_t index)
{
	struct str s = {0};

	if (!shares_lock(app->free->shares, id, index)->taken)
		return y;
	object_format(app->program, id, index, &s);
	grid_field(g, r, 1, y, NAME, ALIGN_LEFT, STYLE(STRONG), str_cstr(&s));
	str_clear(&s);
	say_lock(app, wishes, id, index, r.w - 1 - NAME, &s);
	grid_text(g, r, 1 + NAME, y, STYLE(TEXT), str_cstr(&s));
	str_free(&s);
	return y + 1;
}

/* The rows that a text takes in w columns: written below the screen. */
static int rows_of(struct grid *g, int w, const char *text)
{
	struct rect nowhere = {0, g->h, w, LIMIT_THREADS};

	return grid_wrap(g, nowhere, 0, STYLE(TEXT), text);
}

/* "gil: 35 handed over, 0 taken again ...": the lines that fit whole. */
static void draw_handovers(const struct app *app, struct grid *g, struct rect r,
			   int y)
{
	struct str all = {0}, line = {0};
	struct rect rest = {r.x + 1, r.y, r.w - 2, r.h};
	const char *at;

	handovers_format(app->free->handovers, &all);
	for (at = str_cstr(&all); *at; at += strspn(at, "\n")) {
		str_clear(&line);
		str_addn(&line, at, strcspn(at, "\n"));
		at += line.len;
		if (y + rows_of(g, rest.w, str_cstr(&line)) > r.h) {
			if (y < r.h)
				grid_field(g, rest, 0, y, rest.w, ALIGN_LEFT,
					   STYLE(TEXT), str_cstr(&line));
			break;
		}
		y += grid_wrap(g, rest, y, STYLE(TEXT), str_cstr(&line));
	}
	str_free(&all);
	str_free(&line);
}

/* Else a thread counts as running unless it waits. */
static bool kernel_tells(const struct app *app)
{
	const struct history *h = app->free->history;
	bool begun = false;

	for (thread_id t = 0; t < app->program->threads.count; t++) {
		struct moment m;

		history_moment(h, t, history_time(h), &m);
		if (m.cpu >= 0)
			return true;
		begun |= m.record != HISTORY_NONE;
	}
	return !begun;
}

/* The titles, threads, locks and handovers in w columns. */
static int shares_rows(const struct app *app, struct grid *g, int w)
{
	const struct program *p = app->program;
	struct str handovers = {0};
	int rows = 1 + (int)p->threads.count;

	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++)
			if (is_lock(&p->objects.data[i]))
				rows += shares_lock(app->free->shares,
						    (object_id)i, k)
						->taken > 0;
	handovers_format(app->free->handovers, &handovers);
	rows += rows_of(g, w - 2, str_cstr(&handovers));
	str_free(&handovers);
	return rows;
}

/* How far it is scrolled: not beyond its last row. */
static int shares_top(const struct app *app, struct grid *g, struct rect r)
{
	int most = shares_rows(app, g, r.w) - r.h;
	int top = app->scroll[PANEL_DIAGNOSIS];

	most = most > 0 ? most : 0;
	scroll_limit(app, PANEL_DIAGNOSIS, 0, most);
	return top < most ? top : most;
}

static void draw_shares(const struct app *app, struct grid *g, struct rect r)
{
	const struct program *p = app->program;
	struct wishes wishes = wishes_now(app);
	int y = 1 - shares_top(app, g, r), x = 1 + NAME;

	for (size_t t = 0; t < p->threads.count; t++)
		draw_share(app, g, r, y++, (thread_id)t);
	for (size_t i = 0; i < p->objects.count; i++)
		for (int32_t k = 0; k < p->objects.data[i].count; k++)
			if (is_lock(&p->objects.data[i]))
				y = draw_lock(app, &wishes, g, r, y,
					      (object_id)i, k);
	draw_handovers(app, g, r, y);
	grid_fill(g, rect_row(r, 0), STYLE(TEXT), ' ');
	for (int i = 0; i < SHARES; i++, x += COLUMN) {
		if (i == SHARE_READY && !kernel_tells(app)) {
			grid_text(g, r, x, 0, STYLE(DIM), "or ready");
			continue;
		}
		grid_text(g, r, x, 0, share_style((enum share)i),
			  states[i].glyph);
		grid_text(g, r, x + 1, 0, STYLE(DIM), states[i].name);
	}
	if (x + 17 < r.w)
		grid_text(g, r, x + 1, 0, STYLE(DIM), " yields preempt");
}

/* ---- the moment under the cursor --------------------------------------- */

static bool is_retake(const struct event *e)
{
	return e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR;
}

/* "asleep in free": in that condition. */
static void say_bed(const struct app *app, const struct moment *m,
		    struct str *out)
{
	const struct event *e;

	if (m->wants == HISTORY_NONE || m->state != SHARE_ASLEEP)
		return;
	e = history_at(app->free->history, m->wants);
	if (!is_retake(e))
		return;
	str_add(out, " in ");
	object_format(app->program, e->object, e->index, out);
}

/* ": wants red (A has it)" */
static void say_wish(const struct app *app, const struct moment *m,
		     struct str *out)
{
	if (m->wants == HISTORY_NONE ||
	    (m->state == SHARE_ASLEEP &&
	     is_retake(history_at(app->free->history, m->wants))))
		return;
	str_add(out, ": ");
	event_format(app->program, history_at(app->free->history, m->wants),
		     LABEL_LONG, out);
	if (m->holder != THREAD_NONE)
		str_addf(out, " (%s has it)",
			 program_thread_name(app->program, m->holder));
}

/* "running on CPU 1 for 1.2 ms" */
static void say_there(const struct app *app, const struct moment *m,
		      bool with_cpu, struct str *out)
{
	uint64_t at = free_view_time(app->free);

	str_add(out, states[m->state].name);
	say_bed(app, m, out);
	if (m->state == SHARE_RUNNING && m->cpu >= 0 && with_cpu)
		str_addf(out, " on CPU %d", m->cpu);
	str_add(out, " for ");
	str_add_ns(out, at > m->since ? at - m->since : 0);
	if (m->state != SHARE_RUNNING)
		say_wish(app, m, out);
}

/* In w columns, if it can be done. */
void free_say_moment(const struct app *app, thread_id t, int w,
		     struct str *out)
{
	size_t before = out->len;
	struct moment m;

	history_moment(app->free->history, t, free_view_time(app->free), &m);
	if (!m.there) {
		str_add(out, m.record != HISTORY_NONE ? "has ended"
			     : history_first(app->free->history)
				     ? "no record of it is kept"
				     : "has not started");
		return;
	}
	say_there(app, &m, true, out);
	if (utf8_width(str_cstr(out) + before) <= w)
		return;
	str_cut(out, before);
	say_there(app, &m, false, out);
}

/* "x (C's own)": a process has its own copies. */
static int value_name_width(const struct program *p)
{
	struct str name = {0};
	int most = NAME - 1;

	for (size_t i = 0; i < p->objects.count; i++) {
		if (p->objects.data[i].kind != OBJECT_VAR ||
		    p->objects.data[i].process == THREAD_NONE)
			continue;
		str_clear(&name);
		object_format(p, (object_id)i, 0, &name);
		most = utf8_width(str_cstr(&name)) > most
			       ? utf8_width(str_cstr(&name))
			       : most;
	}
	str_free(&name);
	return most + 1;
}

static void draw_value(const struct app *app, struct grid *g, struct rect row,
		       object_id id, int w)
{
	const struct object *o = &app->program->objects.data[id];
	struct str name = {0};
	int x = 1 + w;

	if (o->process == THREAD_NONE)
		str_add(&name, o->name);
	else
		object_format(app->program, id, 0, &name);
	grid_field(g, row, 1, 0, w, ALIGN_LEFT, STYLE(TEXT), str_cstr(&name));
	for (int32_t k = 0; k < o->count && x < row.w; k++)
		x += 1 + grid_printf(g, row, x, 0, STYLE(STRONG), "%d",
				     free_value(app->free->run, id, k));
	str_free(&name);
}

static void draw_values(const struct app *app, struct grid *g, struct rect r,
			int y)
{
	const struct program *p = app->program;
	int w = value_name_width(p);

	if (!app->free->run)
		return;
	for (size_t i = 0; i < p->objects.count && y < r.h; i++)
		if (p->objects.data[i].kind == OBJECT_VAR)
			draw_value(app, g, rect_row(r, y++), (object_id)i, w);
}

static void draw_moment(const struct app *app, struct grid *g, struct rect r)
{
	size_t rows = r.h > 0 ? (size_t)r.h : 1;
	int y = -app->scroll[PANEL_STATE] -
		(int)scroll_first(app->selected, app->program->threads.count,
				  rows);

	for (thread_id t = 0; t < app->program->threads.count; t++, y++) {
		struct str s = {0};

		free_say_moment(app, t, r.w - NAME - 1, &s);
		grid_field(g, r, 1, y, NAME, ALIGN_LEFT,
			   style_with(style_thread(t),
				      t == app->selected
					      ? STYLE_BOLD | STYLE_UNDERLINE
					      : 0),
			   program_thread_name(app->program, t));
		grid_field(g, r, 1 + NAME, y, r.w - NAME - 1, ALIGN_LEFT,
			   STYLE(TEXT), str_cstr(&s));
		str_free(&s);
	}
	draw_values(app, g, r, y + 1);
}

/* ---- the records round the cursor -------------------------------------- */

/* Narrow: no place, and the longest label that fits. */
static void draw_record(const struct app *app, struct grid *g, struct rect row,
			uint64_t position)
{
	const struct event *e = history_at(app->free->history, position);
	bool narrow = row.w < NARROW;
	int name = narrow ? 5 : NAME, x = narrow ? 12 : 15;
	struct str time = {0}, what = {0}, place = {0};

	time_format(e->time, 1, &time);
	grid_field(g, row, 0, 0, x, ALIGN_RIGHT, STYLE(DIM), str_cstr(&time));
	if (e->thread != THREAD_NONE) {
		if (!narrow)
			event_place(app->program, e, &place);
		grid_field(g, row, x + 1, 0, name, ALIGN_LEFT,
			   style_thread(e->thread),
			   program_thread_name(app->program, e->thread));
	}
	x += 2 + name;
	label_fit(app, e, row.w - x - 1 - (int)place.len, &what);
	grid_text(g, row, x, 0,
		  e->flags & EVENT_WANTS ? STYLE(BAD) : STYLE(TEXT),
		  str_cstr(&what));
	grid_text(g, row, row.w - (int)place.len - 1, 0, STYLE(DIM),
		  str_cstr(&place));
	if (position == app->free->record) {
		grid_mark(g, row, STYLE_CURSOR);
		grid_text(g, row, 0, 0, STYLE(STRONG), "▶");
	}
	str_free(&time);
	str_free(&what);
	str_free(&place);
}

/* Half of the rows, more where less comes behind. */
static int rows_before(const struct history *h, uint64_t at, int rows)
{
	int behind = 0;

	while (behind < rows && at != HISTORY_NONE && at < history_end(h)) {
		at = history_next(h, at, THREAD_NONE, 1);
		behind++;
	}
	return behind > rows / 2 ? rows / 2 : rows - behind;
}

static void draw_records(const struct app *app, struct grid *g, struct rect r)
{
	const struct history *h = app->free->history;
	uint64_t at = app->free->record;
	int before;

	if (at == HISTORY_NONE)
		at = history_find(h, free_view_time(app->free));
	before = rows_before(h, at, r.h);
	for (; before > 0; before--) {
		uint64_t one = history_next(h, at, THREAD_NONE, -1);

		if (one == HISTORY_NONE)
			break;
		at = one;
	}
	for (int y = 0; y < r.h && at != HISTORY_NONE && at < history_end(h);
	     y++) {
		draw_record(app, g, rect_row(r, y), at);
		at = history_next(h, at, THREAD_NONE, 1);
	}
}

/* ---- the layout -------------------------------------------------------- */

/* "1 column = 0.5 ms  +/- zoom" */
static void say_width(const struct app *app, int w, struct str *out)
{
	uint64_t ns = free_view_window(app->free, free_lanes_cells(w)).width;

	uint64_t grain = 1;

	while (ns % (grain * 10) == 0)
		grain *= 10;
	str_add(out, "1 column = ");
	time_format(ns, grain, out);
	str_add(out, "  +/- zoom");
}

static void draw_panel(const struct app *app, struct grid *g, struct rect r,
		       enum panel panel)
{
	struct str width = {0};

	switch (panel) {
	case PANEL_TIMELINE:
		say_width(app, r.w, &width);
		free_lanes(app, g,
			   panel_rule(app, g, r, panel,
				      timeline_title, str_cstr(&width)));
		str_free(&width);
		break;
	case PANEL_SOURCE:
		view_source(
			app, g,
			panel_rule(app, g, r, panel, app->program->file, NULL),
			app->selected);
		break;
	case PANEL_STATE:
		draw_moment(
			app, g,
			panel_rule(app, g, r, panel, "At the cursor", NULL));
		break;
	case PANEL_LOG:
		draw_records(app, g,
			     panel_rule(app, g, r, panel, "Records", NULL));
		break;
	case PANEL_DIAGNOSIS:
		draw_shares(app, g,
			    panel_rule(app, g, r, panel,
				       "Shares of time, locks", NULL));
		break;
	case PANEL_COUNT:
		break;
	}
}

/* Where not all have room, Tab shows the others in the source's place. */
static void draw_lower(const struct app *app, struct grid *g, struct rect r)
{
	bool log = r.w >= 110 && r.h >= 12, state;
	struct rect right;

	if (log)
		draw_panel(app, g, rect_cut_bottom(&r, r.h / 3), PANEL_LOG);
	right = cut_right(g, &r, r.w >= 150 ? 64 : 46);
	draw_panel(app, g, right, PANEL_DIAGNOSIS);
	state = r.w >= 66;
	if (state) {
		right = cut_right(g, &r, r.w / 2);
		draw_panel(app, g, right, PANEL_STATE);
	}
	draw_panel(app, g, r,
		   (app->focus == PANEL_LOG && !log) ||
				   (app->focus == PANEL_STATE && !state)
			   ? app->focus
			   : PANEL_SOURCE);
}

void free_view_draw(const struct app *app, struct grid *g, struct rect r)
{
	struct rect words, rule;
	struct str title = {0};
	bool bad;

	if (app->zoomed || r.w < SMALL_W || g->h < SMALL_H) {
		draw_panel(app, g, r, app->focus);
		return;
	}
	words = rect_cut_bottom(&r, g->h < TALL ? WORDS : WORDS_TALL);
	rule = rect_cut_top(&words, 1);
	bad = free_words_title(app, &title);
	grid_hline(g, rule, 0, 0, rule.w, STYLE(RULE));
	grid_printf(g, rule, 1, 0, bad ? STYLE(FINDING) : STYLE(TITLE), " %s ",
		    str_cstr(&title));
	str_free(&title);
	words.x++;
	words.w -= 2;
	free_words(app, g, words);
	draw_panel(app, g,
		   rect_cut_top(&r, 1 + free_lanes_rows(app, r.h * 2 / 3 - 1)),
		   PANEL_TIMELINE);
	draw_lower(app, g, r);
}
