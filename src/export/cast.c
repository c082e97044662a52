/*
 * cast.c - a film of a terminal: asciicast v2.
 *
 * The first line says how large the terminal is, each further one what was
 * written to it and when. A frame is written whole, from the top left corner
 * on; what it leaves out of a row it clears, so a player may begin anywhere
 * behind a frame's start and soon shows the truth.
 */
#include "threadviz/export.h"
#include "threadviz/gridout.h"
#include "threadviz/json.h"
#include "threadviz/label.h"

enum { FILM_W = 80, FILM_H = 24, STEP_COLUMN = 6, FRAMES_MAX = 5000 };

#define SECONDS_A_STEP 0.5

void cast_begin(int w, int h, const char *title, struct str *out)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	json_int(&j, "version", 2);
	json_int(&j, "width", w);
	json_int(&j, "height", h);
	json_string(&j, "title", title);
	json_close(&j);
	str_addc(out, '\n');
}

/* A terminal in raw mode: each row clears its rest, none is begun below. */
static void add_rows(const char *ansi, struct str *out)
{
	str_add(out, "\033[H");
	for (; *ansi; ansi++) {
		if (*ansi != '\n')
			str_addc(out, *ansi);
		else
			str_add(out, ansi[1] ? "\033[K\r\n" : "\033[K");
	}
}

void cast_frame(const struct grid *g, enum theme theme, double seconds,
		struct str *out)
{
	struct str ansi = {0}, rows = {0};
	struct json j = {.out = out};

	grid_write_ansi(g, theme, false, &ansi);
	add_rows(str_cstr(&ansi), &rows);
	json_open(&j, NULL, '[');
	json_double(&j, NULL, seconds);
	json_string(&j, NULL, "o");
	json_string(&j, NULL, str_cstr(&rows));
	json_close(&j);
	str_addc(out, '\n');
	str_free(&ansi);
	str_free(&rows);
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
	double seconds = 0;
	struct film f;

	init_film(&f, r);
	cast_begin(FILM_W, FILM_H, r->program->title, out);
	str_add(out, "[0, \"o\", \"\\u001b[2J\\u001b[?25l\"]\n");
	for (size_t i = 0; i < r->event_count; i++) {
		bool last = i + 1 == r->event_count;

		draw_event(&f, &r->events[i]);
		if (goes_on(r, i) || (!last && r->events[i].step % every))
			continue;
		if (last)
			draw_end(&f);
		cast_frame(&f.grid, THEME_DARK, seconds, out);
		seconds += SECONDS_A_STEP;
	}
	grid_fini(&f.grid);
}
