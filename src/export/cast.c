/*
 * cast.c - a film of a terminal: asciicast v2.
 *
 * The first line says how large the terminal is, each further one what was
 * written to it and when. Of a frame only the rows are written that differ from
 * the one before: a lecture's film stays small, and a player shows the same as
 * if all of it had come. A row is cleared before it is written, since behind
 * its last column there is nothing left to clear.
 */
#include <stdio.h>
#include <string.h>

#include "threadviz/export.h"
#include "threadviz/gridout.h"
#include "threadviz/json.h"
#include "threadviz/label.h"

enum { FILM_W = 80, FILM_H = 24, STEP_COLUMN = 6, FRAMES_MAX = 5000 };

#define SECONDS_A_STEP 0.5

void cast_begin(struct cast *c, int w, int h, const char *title,
		struct str *out)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_int(&j, "version", 2);
	json_int(&j, "width", w);
	json_int(&j, "height", h);
	json_string(&j, "title", title);
	json_close(&j);
	str_addc(out, '\n');
	c->w = w;
	c->h = h;
}

static void add_line(double seconds, const char *kind, const char *data,
		     struct str *out)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '[');
	json_double(&j, NULL, seconds);
	json_string(&j, NULL, kind);
	json_string(&j, NULL, data);
	json_close(&j);
	str_addc(out, '\n');
}

/* The rows of `now` that are not those of `old`. */
static void add_rows(const char *now, const char *old, struct str *out)
{
	for (int y = 1; *now; y++) {
		size_t len = strcspn(now, "\n"), had = strcspn(old, "\n");

		if (len != had || strncmp(now, old, len) != 0) {
			str_addf(out, "\033[%d;1H\033[K", y);
			str_addn(out, now, len);
		}
		now += len + (now[len] == '\n');
		old += had + (old[had] == '\n');
	}
}

static void write_cursor(const struct grid *g, struct str *out)
{
	if (g->cursor_shown)
		str_addf(out, "\033[%d;%dH\033[?25h", g->cursor_y + 1,
			 g->cursor_x + 1);
	else
		str_add(out, "\033[?25l");
}

static void swap(struct str *a, struct str *b)
{
	struct str t = *a;

	*a = *b;
	*b = t;
}

static void follow_size(struct cast *c, const struct grid *g, double seconds,
			struct str *out)
{
	char size[32];

	if (c->w == g->w && c->h == g->h)
		return;
	snprintf(size, sizeof size, "%dx%d", g->w, g->h);
	add_line(seconds, "r", size, out);
	str_clear(&c->shown);
	c->w = g->w;
	c->h = g->h;
}

void cast_frame(struct cast *c, const struct grid *g, enum theme theme,
		bool ascii, double seconds, struct str *out)
{
	struct str rows = {0}, cursor = {0}, data = {0};

	follow_size(c, g, seconds, out);
	if (!c->shown.len)
		str_add(&data, "\033[2J");
	grid_write_ansi(g, theme, ascii, &rows);
	add_rows(str_cstr(&rows), str_cstr(&c->shown), &data);
	write_cursor(g, &cursor);
	if (data.len || strcmp(str_cstr(&cursor), str_cstr(&c->cursor)) != 0) {
		str_add(&data, str_cstr(&cursor));
		add_line(seconds, "o", str_cstr(&data), out);
	}
	swap(&c->shown, &rows);
	swap(&c->cursor, &cursor);
	str_free(&rows);
	str_free(&cursor);
	str_free(&data);
}

void cast_end(struct cast *c)
{
	str_free(&c->shown);
	str_free(&c->cursor);
}

/* ---- the film of a run ------------------------------------------------- */

struct film {
	const struct recording *run;
	struct grid grid;
	int column; /* cells of a thread's */
	int y;      /* the next row */
};

static void draw_head(struct film *f)
{
	const struct program *p = f->run->program;
	struct rect all = grid_rect(&f->grid);

	grid_field(&f->grid, all, 0, 0, FILM_W, ALIGN_LEFT, STYLE(HEADER),
		   p->title);
	grid_text(&f->grid, all, 0, 1, STYLE(DIM), "step");
	for (size_t t = 0; t < p->threads.count; t++)
		grid_text(&f->grid, all, STEP_COLUMN + (int)t * f->column, 1,
			  style_thread((unsigned)t), p->threads.data[t].name);
}

/* Rows move up by one when the last is taken. */
static int next_row(struct film *f)
{
	struct grid *g = &f->grid;

	if (f->y < g->h)
		return f->y++;
	memmove(g->cells + 2 * g->w, g->cells + 3 * g->w,
		(size_t)(g->h - 3) * (size_t)g->w * sizeof *g->cells);
	grid_fill(g, (struct rect){0, g->h - 1, g->w, 1}, STYLE(TEXT), ' ');
	return g->h - 1;
}

static void draw_event(struct film *f, const struct event *e)
{
	bool mark = event_is_mark(e);
	struct rect all = grid_rect(&f->grid);
	struct style style = mark ? STYLE(BAD) : style_thread(e->thread);
	struct str text = {0};
	int y;

	if (e->thread == THREAD_NONE || e->kind == EVENT_VERDICT)
		return;
	y = next_row(f);
	event_format(f->run->program, e, LABEL_LONG, &text);
	if (!mark)
		grid_printf(&f->grid, all, 0, y, STYLE(DIM), "%4u", e->step);
	grid_field(&f->grid, all, STEP_COLUMN + e->thread * f->column, y,
		   f->column - 1, ALIGN_LEFT,
		   e->kind == EVENT_END ? STYLE(DIM) : style, str_cstr(&text));
	str_free(&text);
}

static void draw_end(struct film *f)
{
	const struct recording *r = f->run;

	for (size_t i = 0; i < r->event_count; i++)
		if (r->events[i].kind == EVENT_VERDICT)
			grid_text(&f->grid, grid_rect(&f->grid), 0, next_row(f),
				  STYLE(STRONG),
				  verdict_name[r->events[i].value]);
	for (size_t i = 0; i < r->finding_count; i++)
		grid_printf(&f->grid, grid_rect(&f->grid), 0, next_row(f),
			    STYLE(FINDING), "%s at step %u",
			    finding_info[r->findings[i].kind].title,
			    r->findings[i].step);
}

static void init_film(struct film *f, const struct recording *r)
{
	int threads = (int)r->program->threads.count;

	*f = (struct film){.run = r, .y = 2};
	f->column = (FILM_W - STEP_COLUMN) / (threads ? threads : 1);
	if (f->column < 8)
		f->column = 8;
	grid_init(&f->grid, FILM_W, FILM_H);
	draw_head(f);
}

/* Whether event i is followed by more of its step: marks, say. */
static bool goes_on(const struct recording *r, size_t i)
{
	return i + 1 < r->event_count &&
	       (event_is_mark(&r->events[i + 1]) ||
		r->events[i + 1].step == r->events[i].step);
}

/* A frame for each step, the marks that follow it included; of a very long
 * run for every second one, or third, ... */
void export_asciicast(const struct recording *r, struct str *out)
{
	size_t every = r->event_count / FRAMES_MAX + 1;
	struct cast cast = {0};
	double seconds = 0;
	struct film f;

	init_film(&f, r);
	cast_begin(&cast, FILM_W, FILM_H, r->program->title, out);
	for (size_t i = 0; i < r->event_count; i++) {
		bool last = i + 1 == r->event_count;

		draw_event(&f, &r->events[i]);
		if (goes_on(r, i) || (!last && r->events[i].step % every))
			continue;
		if (last)
			draw_end(&f);
		cast_frame(&cast, &f.grid, THEME_DARK, false, seconds, out);
		seconds += SECONDS_A_STEP;
	}
	cast_end(&cast);
	grid_fini(&f.grid);
}
