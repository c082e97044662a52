/*
 * grid.c - a screen as data.
 *
 * The one way into a cell is `set`: it clips to the rectangle, and it keeps the
 * invariant of wide characters: a cell with ch 0 always stands right of a cell
 * with a character of width 2. Whoever overwrites one half leaves a blank in
 * the other; where only one half would be visible, a blank is drawn.
 *
 * Areas are clipped before they are walked, so that what lies far outside costs
 * nothing.
 */
#include "threadviz/grid.h"

#include "threadviz/arena.h"
#include "threadviz/str.h"
#include "threadviz/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define ELLIPSIS ((uint32_t)0x2026)

static int min(int a, int b)
{
	return a < b ? a : b;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

static int clamp(int x, int low, int high)
{
	return max(low, min(x, high));
}

/* ---- rectangles --------------------------------------------------------- */

struct rect rect_cut_top(struct rect *r, int n)
{
	struct rect top = *r;

	top.h = clamp(n, 0, r->h);
	r->y += top.h;
	r->h -= top.h;
	return top;
}

struct rect rect_cut_bottom(struct rect *r, int n)
{
	struct rect bottom = *r;

	bottom.h = clamp(n, 0, r->h);
	r->h -= bottom.h;
	bottom.y = r->y + r->h;
	return bottom;
}

struct rect rect_cut_left(struct rect *r, int n)
{
	struct rect left = *r;

	left.w = clamp(n, 0, r->w);
	r->x += left.w;
	r->w -= left.w;
	return left;
}

struct rect rect_cut_right(struct rect *r, int n)
{
	struct rect right = *r;

	right.w = clamp(n, 0, r->w);
	r->w -= right.w;
	right.x = r->x + r->w;
	return right;
}

struct rect rect_row(struct rect r, int y)
{
	return rect_clip(r, (struct rect){r.x, r.y + y, r.w, 1});
}

struct rect rect_clip(struct rect a, struct rect b)
{
	int x = max(a.x, b.x), y = max(a.y, b.y);

	return (struct rect){
		.x = x,
		.y = y,
		.w = max(0, min(a.x + a.w, b.x + b.w) - x),
		.h = max(0, min(a.y + a.h, b.y + b.h) - y),
	};
}

bool rect_contains(struct rect r, int x, int y)
{
	return r.x <= x && x - r.x < r.w && r.y <= y && y - r.y < r.h;
}

/* ---- the grid ----------------------------------------------------------- */

void grid_init(struct grid *g, int w, int h)
{
	*g = (struct grid){.w = max(w, 1), .h = max(h, 1)};
	g->cells = xcalloc((size_t)g->w * (size_t)g->h, sizeof *g->cells);
	grid_clear(g);
}

void grid_fini(struct grid *g)
{
	free(g->cells);
	*g = (struct grid){0};
}

bool grid_parse_size(const char *text, int *w, int *h)
{
	char *end;
	long cols = strtol(text, &end, 10), rows;

	if (end == text || *end != 'x')
		return false;
	text = end + 1;
	rows = strtol(text, &end, 10);
	if (end == text || *end || cols < 1 || rows < 1 || cols > 1000 ||
	    rows > 1000)
		return false;
	*w = (int)cols;
	*h = (int)rows;
	return true;
}

void grid_resize(struct grid *g, int w, int h)
{
	grid_fini(g);
	grid_init(g, w, h);
}

void grid_clear(struct grid *g)
{
	const struct cell blank = {.ch = ' ', .style = STYLE(TEXT)};

	for (int i = 0; i < g->w * g->h; i++)
		g->cells[i] = blank;
	g->cursor_x = g->cursor_y = 0;
	g->cursor_shown = false;
}

struct rect grid_rect(const struct grid *g)
{
	return (struct rect){0, 0, g->w, g->h};
}

static struct cell *cell_at(const struct grid *g, int x, int y)
{
	assert(rect_contains(grid_rect(g), x, y));
	return &g->cells[y * g->w + x];
}

const struct cell *grid_at(const struct grid *g, int x, int y)
{
	return cell_at(g, x, y);
}

bool grid_equal(const struct grid *a, const struct grid *b)
{
	_Static_assert(sizeof(struct cell) == 8, "a cell has no padding");

	return a->w == b->w && a->h == b->h && a->cursor_x == b->cursor_x &&
	       a->cursor_y == b->cursor_y &&
	       a->cursor_shown == b->cursor_shown &&
	       memcmp(a->cells, b->cells,
		      (size_t)a->w * (size_t)a->h * sizeof *a->cells) == 0;
}

/* ---- characters --------------------------------------------------------- */

/* Before the cell is overwritten: its other half must not stay alone. */
static void split(struct grid *g, int x, int y)
{
	if (cell_at(g, x, y)->ch == 0)
		cell_at(g, x - 1, y)->ch = ' ';
	if (x + 1 < g->w && cell_at(g, x + 1, y)->ch == 0)
		cell_at(g, x + 1, y)->ch = ' ';
}

/* The clip rectangle and x, y are in the grid's own coordinates. */
static void set(struct grid *g, struct rect clip, int x, int y, struct style s,
		uint32_t ch)
{
	int width = utf8_code_width(ch);
	bool whole = width > 0 && rect_contains(clip, x, y) &&
		     rect_contains(clip, x + width - 1, y);

	for (int i = 0; i < width; i++) {
		if (!rect_contains(clip, x + i, y))
			continue;
		split(g, x + i, y);
		*cell_at(g, x + i, y) = (struct cell){' ', s};
	}
	if (!whole)
		return;
	cell_at(g, x, y)->ch = ch;
	if (width == 2)
		cell_at(g, x + 1, y)->ch = 0;
}

void grid_put(struct grid *g, struct rect r, int x, int y, struct style s,
	      uint32_t ch)
{
	set(g, rect_clip(r, grid_rect(g)), r.x + x, r.y + y, s, ch);
}

/* ---- text --------------------------------------------------------------- */

static int put_text(struct grid *g, struct rect r, int x, int y, struct style s,
		    const char *text, size_t len)
{
	struct rect clip = rect_clip(r, grid_rect(g));
	int start = x;
	uint32_t ch;

	for (size_t i = 0; i < len; x += utf8_code_width(ch)) {
		i += utf8_decode(text + i, len - i, &ch);
		set(g, clip, r.x + x, r.y + y, s, ch);
	}
	return x - start;
}

int grid_text(struct grid *g, struct rect r, int x, int y, struct style s,
	      const char *text)
{
	return put_text(g, r, x, y, s, text, strlen(text));
}

int grid_printf(struct grid *g, struct rect r, int x, int y, struct style s,
		const char *fmt, ...)
{
	struct str text = {0};
	va_list args;
	int n;

	va_start(args, fmt);
	str_addv(&text, fmt, args);
	va_end(args);
	n = grid_text(g, r, x, y, s, str_cstr(&text));
	str_free(&text);
	return n;
}

/* Blanks left of a text of n cells in a field of w. */
static int indent(enum align align, int w, int n)
{
	switch (align) {
	case ALIGN_RIGHT:
		return w - n;
	case ALIGN_CENTRE:
		return (w - n) / 2;
	case ALIGN_LEFT:
		break;
	}
	return 0;
}

int grid_field(struct grid *g, struct rect r, int x, int y, int w,
	       enum align align, struct style s, const char *text)
{
	int n = utf8_width(text);

	w = clamp(w, 0, max(0, r.w - x));
	r.w = min(r.w, x + w);
	grid_fill(g, rect_clip(r, (struct rect){r.x + x, r.y + y, w, 1}), s,
		  ' ');
	if (n <= w) {
		grid_text(g, r, x + indent(align, w, n), y, s, text);
	} else if (w > 0) {
		x += put_text(g, r, x, y, s, text, utf8_fit(text, w - 1));
		grid_put(g, r, x, y, s, ELLIPSIS);
	}
	return w;
}

/* How many bytes of the text to show in a row of w cells; 0 is possible only
 * where a blank or newline comes next. */
static size_t row_length(const char *text, int w)
{
	size_t fit = utf8_fit(text, w);
	const char *newline = memchr(text, '\n', fit);
	uint32_t ch;

	if (newline)
		return (size_t)(newline - text);
	if (text[fit] == '\0' || text[fit] == ' ' || text[fit] == '\n')
		return fit;
	for (size_t n = fit; n > 0; n--)
		if (text[n - 1] == ' ')
			return n - 1;
	if (fit > 0)
		return fit;
	return utf8_decode(text, strlen(text), &ch);
}

int grid_wrap(struct grid *g, struct rect r, int y, struct style s,
	      const char *text)
{
	int start = y;

	while (*text && y < r.h && r.w > 0) {
		size_t n = row_length(text, r.w);
		const char *rest = text + n;

		if (*rest == '\n')
			rest++;
		else
			rest += strspn(rest, " ");
		if (*rest && y == r.h - 1)
			n = strcspn(text, "\n");
		put_text(g, r, 0, y, s, text, n);
		if (*rest && y == r.h - 1)
			grid_put(g, r, min(utf8_widthn(text, n), r.w - 1), y, s,
				 ELLIPSIS);
		text = rest;
		y++;
	}
	return y - start;
}

/* ---- areas -------------------------------------------------------------- */

void grid_fill(struct grid *g, struct rect r, struct style s, uint32_t ch)
{
	r = rect_clip(r, grid_rect(g));
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++)
			set(g, r, x, y, s, ch);
}

void grid_hline(struct grid *g, struct rect r, int x, int y, int n,
		struct style s)
{
	struct rect line = {r.x + x, r.y + y, max(n, 0), 1};

	grid_fill(g, rect_clip(r, line), s, 0x2500);
}

void grid_vline(struct grid *g, struct rect r, int x, int y, int n,
		struct style s)
{
	struct rect line = {r.x + x, r.y + y, 1, max(n, 0)};

	grid_fill(g, rect_clip(r, line), s, 0x2502);
}

void grid_box(struct grid *g, struct rect r, struct style s)
{
	int right = r.w - 1, bottom = r.h - 1;

	grid_hline(g, r, 0, 0, r.w, s);
	grid_hline(g, r, 0, bottom, r.w, s);
	grid_vline(g, r, 0, 0, r.h, s);
	grid_vline(g, r, right, 0, r.h, s);
	grid_put(g, r, 0, 0, s, 0x250c);
	grid_put(g, r, right, 0, s, 0x2510);
	grid_put(g, r, 0, bottom, s, 0x2514);
	grid_put(g, r, right, bottom, s, 0x2518);
}

void grid_mark(struct grid *g, struct rect r, unsigned attrs)
{
	r = rect_clip(r, grid_rect(g));
	for (int y = r.y; y < r.y + r.h; y++)
		for (int x = r.x; x < r.x + r.w; x++) {
			struct style *s = &cell_at(g, x, y)->style;

			*s = style_with(*s, attrs);
		}
}

void grid_cursor(struct grid *g, struct rect r, int x, int y, bool shown)
{
	r = rect_clip(r, grid_rect(g));
	if (r.w == 0 || r.h == 0)
		return;
	g->cursor_x = clamp(r.x + x, r.x, r.x + r.w - 1);
	g->cursor_y = clamp(r.y + y, r.y, r.y + r.h - 1);
	g->cursor_shown = shown;
}
