/*
 * gridout.c - a screen on paper.
 *
 * All three writers walk the same way: row by row, in runs of cells that look
 * alike. A run is the unit of an escape sequence and of an SVG <text>, which
 * keeps both small and readable. SVG fixes the length of every run, so that a
 * reader's font of another width does not shift the columns.
 */
#include "threadviz/gridout.h"

#include "threadviz/fold.h"
#include "threadviz/utf8.h"
#include "xml.h"

#include <stdio.h>
#include <string.h>

struct run {
	int x, y, n; /* n cells from x, y */
	struct look look;
};

static bool looks_same(struct look a, struct look b)
{
	return a.fg == b.fg && a.bg == b.bg && a.attrs == b.attrs;
}

static struct look look_at(const struct grid *g, enum theme theme, int x, int y)
{
	return theme_look(theme, grid_at(g, x, y)->style);
}

static bool plain_blank(const struct grid *g, enum theme theme, int x, int y)
{
	struct look look = look_at(g, theme, x, y);

	return grid_at(g, x, y)->ch == ' ' && look.bg == COLOUR_DEFAULT &&
	       !(look.attrs & (LOOK_REVERSE | LOOK_UNDERLINE));
}

/* Cells of row y up to the last one that shows something. */
static int used(const struct grid *g, enum theme theme, int y)
{
	int n = g->w;

	while (n > 0 && plain_blank(g, theme, n - 1, y))
		n--;
	return n;
}

/* Moves on to the next run of its row; false at the end. Start with n == 0. */
static bool next_run(const struct grid *g, enum theme theme, int end,
		     struct run *run)
{
	run->x += run->n;
	if (run->x >= end)
		return false;
	run->look = look_at(g, theme, run->x, run->y);
	for (run->n = 1; run->x + run->n < end; run->n++)
		if (!looks_same(run->look,
				look_at(g, theme, run->x + run->n, run->y)))
			break;
	return true;
}

static void add_char(struct str *out, uint32_t ch, bool ascii)
{
	char bytes[UTF8_MAX];

	if (ascii)
		str_pad(out, fold_char(ch), utf8_code_width(ch));
	else
		str_addn(out, bytes, utf8_encode(ch, bytes));
}

static void add_cells(struct str *out, const struct grid *g,
		      const struct run *run, bool ascii)
{
	for (int i = 0; i < run->n; i++) {
		uint32_t ch = grid_at(g, run->x + i, run->y)->ch;

		if (ch)
			add_char(out, ch, ascii);
	}
}

void grid_write_text(const struct grid *g, bool ascii, struct str *out)
{
	for (int y = 0; y < g->h; y++) {
		struct run row = {.y = y, .n = g->w};

		while (row.n > 0 && grid_at(g, row.n - 1, y)->ch == ' ')
			row.n--;
		add_cells(out, g, &row, ascii);
		str_addc(out, '\n');
	}
}

/* ---- ANSI -------------------------------------------------------------- */

static void add_colour(struct str *out, int base, int colour)
{
	if (colour == COLOUR_DEFAULT)
		return;
	if (colour < 8)
		str_addf(out, ";%d", base + colour);
	else
		str_addf(out, ";%d;5;%d", base + 8, colour);
}

static void add_escape(struct str *out, struct look look)
{
	str_add(out, "\033[0");
	if (look.attrs & LOOK_BOLD)
		str_add(out, ";1");
	if (look.attrs & LOOK_DIM)
		str_add(out, ";2");
	if (look.attrs & LOOK_UNDERLINE)
		str_add(out, ";4");
	if (look.attrs & LOOK_REVERSE)
		str_add(out, ";7");
	add_colour(out, 30, look.fg);
	add_colour(out, 40, look.bg);
	str_addc(out, 'm');
}

void grid_write_ansi(const struct grid *g, enum theme theme, bool ascii,
		     struct str *out)
{
	const struct look plain = {COLOUR_DEFAULT, COLOUR_DEFAULT, 0};

	for (int y = 0; y < g->h; y++) {
		struct run run = {.y = y};
		struct look now = plain;
		int end = used(g, theme, y);

		while (next_run(g, theme, end, &run)) {
			if (!looks_same(run.look, now))
				add_escape(out, run.look);
			now = run.look;
			add_cells(out, g, &run, ascii);
		}
		str_add(out, looks_same(now, plain) ? "\n" : "\033[0m\n");
	}
}

/* ---- SVG --------------------------------------------------------------- */

/* Of a cell, in pixels: DejaVu Sans Mono at size 14. */
#define CELL_W 8.43
#define CELL_H 17
#define BASELINE 13

struct paint {
	uint32_t fg, bg;
	bool filled; /* bg is not the page */
};

static struct paint page(enum theme theme)
{
	if (theme == THEME_DARK)
		return (struct paint){.fg = 0xd0d0d0, .bg = 0x1e1e1e};
	return (struct paint){.fg = 0x000000, .bg = 0xffffff};
}

static struct paint paint_of(enum theme theme, struct look look)
{
	struct paint paint = page(theme), result;

	if (look.fg != COLOUR_DEFAULT)
		paint.fg = colour_rgb(look.fg);
	if (look.bg != COLOUR_DEFAULT)
		paint.bg = colour_rgb(look.bg);
	paint.filled = look.bg != COLOUR_DEFAULT;
	if (!(look.attrs & LOOK_REVERSE))
		return paint;
	result = (struct paint){.fg = paint.bg, .bg = paint.fg, .filled = true};
	return result;
}

static void add_rect(struct str *out, struct rect r, const char *rest)
{
	str_addf(out,
		 "<rect x=\"%.2f\" y=\"%d\" width=\"%.2f\" height=\"%d\"%s>",
		 r.x * CELL_W, r.y * CELL_H, r.w * CELL_W, r.h * CELL_H, rest);
}

static void add_fill(struct str *out, enum theme theme, const struct run *run)
{
	struct paint paint = paint_of(theme, run->look);
	char rest[32];

	if (!paint.filled)
		return;
	snprintf(rest, sizeof rest, " fill=\"#%06x\"/", paint.bg);
	add_rect(out, (struct rect){run->x, run->y, run->n, 1}, rest);
	str_addc(out, '\n');
}

static bool blank(const struct grid *g, const struct run *run, int i)
{
	return i >= run->n || grid_at(g, run->x + i, run->y)->ch == ' ';
}

/*
 * Cuts the next piece off the run: no blanks around it, no two together inside,
 * so that columns stay in line even where textLength is not understood.
 */
static struct run next_piece(const struct grid *g, struct run *run)
{
	struct run piece = *run;

	if (run->look.attrs & LOOK_UNDERLINE) {
		run->n = 0;
		return piece;
	}
	while (run->n > 0 && blank(g, run, 0)) {
		run->x++;
		run->n--;
	}
	piece = (struct run){.x = run->x, .y = run->y, .look = run->look};
	while (!blank(g, run, piece.n) || !blank(g, run, piece.n + 1))
		piece.n++;
	run->x += piece.n;
	run->n -= piece.n;
	return piece;
}

static void add_piece(struct str *out, const struct grid *g, enum theme theme,
		      const struct run *run)
{
	unsigned attrs = run->look.attrs;

	str_addf(out,
		 "<text x=\"%.2f\" y=\"%d\" textLength=\"%.2f\" fill=\"#%06x\"",
		 run->x * CELL_W, run->y * CELL_H + BASELINE, run->n * CELL_W,
		 paint_of(theme, run->look).fg);
	if (attrs & LOOK_BOLD)
		str_add(out, " font-weight=\"bold\"");
	if (attrs & LOOK_UNDERLINE)
		str_add(out, " text-decoration=\"underline\"");
	if (attrs & LOOK_DIM)
		str_add(out, " fill-opacity=\"0.6\"");
	str_addc(out, '>');
	for (int i = 0; i < run->n; i++) {
		uint32_t ch = grid_at(g, run->x + i, run->y)->ch;

		if (ch)
			xml_add_char(out, ch);
	}
	str_add(out, "</text>\n");
}

static void add_run(struct str *out, const struct grid *g, enum theme theme,
		    struct run run)
{
	while (run.n > 0) {
		struct run piece = next_piece(g, &run);

		if (piece.n > 0)
			add_piece(out, g, theme, &piece);
	}
}

static void add_tip(struct str *out, const struct grid_tip *tip)
{
	add_rect(out, tip->area, " fill=\"none\" pointer-events=\"all\"");
	str_add(out, "<title>");
	xml_add(out, tip->text);
	str_add(out, "</title></rect>\n");
}

static void add_head(struct str *out, const struct grid *g, enum theme theme,
		     const char *title)
{
	str_addf(out,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" "
		 "viewBox=\"0 0 %.2f %d\" width=\"%.2f\" height=\"%d\" "
		 "role=\"img\" font-family=\"'DejaVu Sans Mono', 'Menlo', "
		 "'Consolas', monospace\" font-size=\"14\" "
		 "shape-rendering=\"crispEdges\" "
		 "xml:space=\"preserve\" style=\"white-space:pre\">\n<title>",
		 g->w * CELL_W, g->h * CELL_H, g->w * CELL_W, g->h * CELL_H);
	xml_add(out, title);
	str_addf(out,
		 "</title>\n<rect width=\"100%%\" height=\"100%%\" "
		 "fill=\"#%06x\"/>\n",
		 page(theme).bg);
}

void grid_write_svg(const struct grid *g, enum theme theme, const char *title,
		    const struct grid_tip *tips, size_t n, struct str *out)
{
	add_head(out, g, theme, title);
	for (int y = 0; y < g->h; y++) {
		struct run run = {.y = y};
		int end = used(g, theme, y);

		while (next_run(g, theme, end, &run)) {
			add_fill(out, theme, &run);
			add_run(out, g, theme, run);
		}
	}
	for (size_t i = 0; i < n; i++)
		add_tip(out, &tips[i]);
	str_add(out, "</svg>\n");
}
