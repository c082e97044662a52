/*
 * source.c - the scenario's own text, with a mark of each thread at the line
 * it is about to execute.
 *
 * The view follows the selected thread's line, a third of a page at a time; in
 * narrow panels indentation is halved so that the text fits.
 */
#include <stdio.h>

#include "freeview.h"
#include "threadviz/utf8.h"
#include "views.h"

enum { NARROW = 40, NUMBER = 4, TAB = 4 /* cells, at most */ };

/* The line a thread stands at, 0 if it has none. */
static unsigned thread_line(const struct app *app, thread_id t)
{
	struct op op;

	if (app->free)
		return free_view_line(app, t);
	world_parked(app_world(app), app->program, t, &op);
	return op.kind == OP_NONE ? 0 : app->program->code.data[op.pc].line;
}

/* The thread's line, else that of the step under the cursor if it took it, else
 * where it began. */
static unsigned centre_line(const struct app *app, thread_id t)
{
	unsigned line = thread_line(app, t);
	const struct event *e = app_event(app);

	if (!line && e && e->thread == t)
		line = app->program->code.data[e->pc].line;
	if (!line)
		line = app->program->code
			       .data[app->program->threads.data[t].entry]
			       .line;
	return line;
}

/* The first and the last line at which a thread stands, t's among them. */
static void find_lines(const struct app *app, thread_id t, int *low, int *high)
{
	*low = *high = (int)centre_line(app, t);
	for (thread_id k = 0; k < app->program->threads.count; k++) {
		int line = (int)thread_line(app, k);

		if (line && line < *low)
			*low = line;
		if (line > *high)
			*high = line;
	}
}

/* All threads' lines where they fit: then the text moves seldom. */
static int first_row(const struct app *app, thread_id t, int rows)
{
	int n = (int)app->program->lines.count, low, high, top;
	int last = n > rows ? n - rows : 0;

	find_lines(app, t, &low, &high);
	if (high - low >= rows * 2 / 3)
		low = high = (int)centre_line(app, t);
	top = (int)scroll_first((size_t)(low + high) / 2 - 1, (size_t)n,
				rows > 0 ? (size_t)rows : 1);
	if (top >= low || top + rows < high)
		top = low - 1 - (rows - (high - low)) / 2;
	top = top < 0 ? 0 : top < last ? top : last;
	scroll_limit(app, PANEL_SOURCE, -top, last - top);
	top += app->scroll[PANEL_SOURCE];
	return top < 0 ? 0 : top < last ? top : last;
}

/* The marks of the threads that stand at this line, right-aligned. */
static void draw_marks(const struct app *app, struct grid *g, struct rect row,
		       unsigned line, int w)
{
	int n = 0, x;

	for (thread_id t = 0; t < app->program->threads.count; t++)
		n += thread_line(app, t) == line;
	x = 0;
	for (thread_id t = 0; t < app->program->threads.count && x < w; t++) {
		if (thread_line(app, t) != line)
			continue;
		if (n > w && x == w - 1) {
			grid_put(g, row, x, 0, STYLE(STRONG), '+');
			return;
		}
		grid_put(g, row, x++, 0,
			 style_with(style_thread(t), STYLE_BOLD),
			 (uint32_t)(t < 9 ? '1' + t : '*'));
	}
}

/* Tabs become blanks, as many as to the next column. */
static void add_expanded(const char *text, struct str *out)
{
	for (; *text; text++) {
		int w = *text == '\t' ? utf8_width(str_cstr(out)) : 0;

		if (*text == '\t')
			str_pad(out, ' ', TAB - w % TAB);
		else
			str_addc(out, *text);
	}
}

/* Text with its indentation halved where the panel is narrow. */
static void add_text(const char *text, bool narrow, struct str *out)
{
	size_t blank = strspn(text, " \t");

	for (size_t i = 0; i < blank; i++)
		if (text[i] == '\t')
			str_add(out, narrow ? "  " : "    ");
		else if (!narrow || i % 2 == 0)
			str_addc(out, ' ');
	add_expanded(text + blank, out);
}

static void draw_line(const struct app *app, struct grid *g, struct rect row,
		      unsigned line, int marks)
{
	const struct source_line *l = &app->program->lines.data[line - 1];
	const struct event *e = app_event(app);
	bool here = e && app->program->code.data[e->pc].line == line;
	struct style s = thread_line(app, app->selected) == line ? STYLE(STRONG)
								 : STYLE(TEXT);
	struct str text = {0}, note = {0};
	int x = marks + NUMBER + (row.w >= NARROW), len;

	draw_marks(app, g, row, line, marks - (row.w >= NARROW));
	if (here && row.w >= NARROW)
		grid_text(g, row, marks - 1, 0, STYLE(STRONG), "▶");
	grid_printf(g, row, marks, 0, STYLE(DIM), "%*u", NUMBER - 1, line);
	add_text(l->text, row.w < NARROW, &text);
	len = utf8_width(str_cstr(&text));
	grid_field(g, row, x, 0, len < row.w - x ? len : row.w - x, ALIGN_LEFT,
		   s, str_cstr(&text));
	if (l->note)
		add_expanded(l->note, &note);
	if (l->note && row.w - x - len - 4 >= utf8_width(str_cstr(&note)))
		grid_printf(g, row, x + len + 2, 0, STYLE(DIM), "# %s",
			    str_cstr(&note));
	if (here)
		grid_mark(g, row, STYLE_CURSOR);
	str_free(&note);
	str_free(&text);
}

void view_source(const struct app *app, struct grid *g, struct rect r,
		 thread_id t)
{
	int top = first_row(app, t, r.h);
	int marks = r.w < NARROW ? 2 : 4;

	for (int y = 0; y < r.h; y++) {
		int line = top + y + 1;

		if (line > (int)app->program->lines.count)
			break;
		draw_line(app, g, rect_row(r, y), (unsigned)line, marks);
		if (t == app->selected && line == (int)centre_line(app, t))
			grid_cursor(g, r, 0, y, false);
	}
}
