/*
 * grid.h - a screen as data: cells of character and style.
 *
 * Views fill a grid, term.c shows it, gridout.h prints it. A cell says what it
 * *means* (enum style_role), never a colour: that is the theme's business.
 *
 * Every drawing function takes a rectangle of the grid; its x and y count from
 * that rectangle's top left corner, and nothing outside of it (or of the grid)
 * is ever touched, whatever the coordinates. Text is UTF-8; a wide character
 * takes two cells, the second with ch 0, and is never cut in half.
 */
#ifndef THREADVIZ_GRID_H
#define THREADVIZ_GRID_H

#include <stdbool.h>
#include <stdint.h>

/* What a cell means. */
enum style_role {
	ROLE_TEXT,
	ROLE_DIM,          /* less important: grey, still readable */
	ROLE_STRONG,       /* headings inside a panel, names: bold */
	ROLE_CHANGED,      /* a value just written: bold, underlined */
	ROLE_RULE,         /* lines between panels, life lines */
	ROLE_TITLE,        /* of a panel */
	ROLE_TITLE_FOCUS,  /* of the panel that has the keys: reverse */
	ROLE_HEADER,       /* the bar on top */
	ROLE_SELECTED,     /* the chosen row of a list */
	ROLE_KEY,          /* a key in a hint */
	ROLE_MATCH,        /* found by a search */
	ROLE_GOOD,         /* right, got it, fix */
	ROLE_BAD,          /* wrong, blocked; text */
	ROLE_WARN,         /* refused key, honest limits */
	ROLE_ASLEEP,       /* in a wait */
	ROLE_BLOCKED,      /* fill of a blocked stretch, drawn as U+2591 */
	ROLE_FINDING,      /* the racy pair, a verdict: white on red */
	ROLE_THREAD,       /* in the colour of style.thread */
	ROLE_THREAD_FILLED, /* a box filled with it */
	ROLE_COUNT,
};

/* Bits of style.attrs, on top of the role. */
enum style_attr {
	STYLE_BOLD = 1,
	STYLE_UNDERLINE = 2,
	STYLE_CURSOR = 4, /* on the row or column of the current step */
	STYLE_FUTURE = 8, /* after the current step: grey, nothing filled */
};

/* Meaning and attributes of one cell; {0} is plain text. */
struct style {
	uint8_t role;   /* enum style_role */
	uint8_t thread; /* ROLE_THREAD*: which, from 0; colours repeat */
	uint16_t attrs; /* enum style_attr */
};

/* One column of one row. */
struct cell {
	uint32_t ch; /* one code point; 0: right half of the one before */
	struct style style;
};

/* Cells from column x, row y; w by h of them. */
struct rect {
	int x, y, w, h;
};

/* The whole screen. */
struct grid {
	int w, h;
	struct cell *cells; /* h rows of w */
	int cursor_x, cursor_y; /* hardware cursor: on the selected item */
	bool cursor_shown;      /* visible: only while text is typed */
};

/* Where a text stands in a field wider than it is. */
enum align {
	ALIGN_LEFT,
	ALIGN_RIGHT,
	ALIGN_CENTRE,
};

#define STYLE(name) ((struct style){.role = ROLE_##name})

/* In the colour of thread k; a box filled with it. */
static inline struct style style_thread(unsigned k)
{
	return (struct style){.role = ROLE_THREAD, .thread = (uint8_t)k};
}

static inline struct style style_filled(unsigned k)
{
	return (struct style){.role = ROLE_THREAD_FILLED, .thread = (uint8_t)k};
}

/* The same style with more attributes. */
static inline struct style style_with(struct style s, unsigned attrs)
{
	s.attrs = (uint16_t)(s.attrs | attrs);
	return s;
}

/* ---- rectangles: layout by cutting pieces off --------------------------- */

/* Cuts n rows or columns (as many as there are) off *r; returns the piece. */
struct rect rect_cut_top(struct rect *r, int n);
struct rect rect_cut_bottom(struct rect *r, int n);
struct rect rect_cut_left(struct rect *r, int n);
struct rect rect_cut_right(struct rect *r, int n);
/* Row y of r, one high; empty if r has no such row. */
struct rect rect_row(struct rect r, int y);
/* What both have; w or h is 0 if nothing. */
struct rect rect_clip(struct rect a, struct rect b);
/* Whether the grid cell x, y lies in it (for clicks). */
bool rect_contains(struct rect r, int x, int y);

/* ---- the grid ------------------------------------------------------------ */

/* Blank, w x h cells (at least 1 x 1); release with grid_fini. */
void grid_init(struct grid *, int w, int h);
void grid_fini(struct grid *);
/* Reads "80x24"; false (and *w, *h stay) unless both are 1 to 1000. */
bool grid_parse_size(const char *text, int *w, int *h);
/* Blank again with a new size; keeps nothing. */
void grid_resize(struct grid *, int w, int h);
void grid_clear(struct grid *);
/* All of it. */
struct rect grid_rect(const struct grid *);
/* The cell at x, y, which must be inside. */
const struct cell *grid_at(const struct grid *, int x, int y);
/* Whether they look the same: size, characters, styles, cursor. */
bool grid_equal(const struct grid *, const struct grid *);

/* ---- drawing ------------------------------------------------------------- */

/* One character. */
void grid_put(struct grid *, struct rect, int x, int y, struct style,
	      uint32_t ch);
/*
 * Text from x on, clipped hard at the edges. Returns how many cells it takes,
 * clipped or not, so that x += grid_text(...) walks along a line.
 */
int grid_text(struct grid *, struct rect, int x, int y, struct style,
	      const char *text);
/* The same with a format. */
int grid_printf(struct grid *, struct rect, int x, int y, struct style,
		const char *fmt, ...) __attribute__((format(printf, 6, 7)));
/*
 * Text in exactly w cells (as many as the rectangle has from x on): padded with
 * blanks of the style, cut with an ellipsis where it is longer. Returns w.
 */
int grid_field(struct grid *, struct rect, int x, int y, int w, enum align,
	       struct style, const char *text);
/*
 * Text wrapped at words into the rectangle, from its row y on; what is too long
 * for its last row ends in an ellipsis. '\n' starts a new row. Returns how many
 * rows it took.
 */
int grid_wrap(struct grid *, struct rect, int y, struct style,
	      const char *text);
/* The rectangle full of one character. */
void grid_fill(struct grid *, struct rect, struct style, uint32_t ch);
/* Lines of n cells, to the right and down. */
void grid_hline(struct grid *, struct rect, int x, int y, int n, struct style);
void grid_vline(struct grid *, struct rect, int x, int y, int n, struct style);
/* A frame around the rectangle's inside edge; the inside is left alone. */
void grid_box(struct grid *, struct rect, struct style);
/* Adds attributes (STYLE_CURSOR, STYLE_FUTURE, ...) to all its cells. */
void grid_mark(struct grid *, struct rect, unsigned attrs);
/* Where the hardware cursor goes; clipped to the rectangle. */
void grid_cursor(struct grid *, struct rect, int x, int y, bool shown);

#endif
