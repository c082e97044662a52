/*
 * gridout.h - a screen on paper: a grid as text, ANSI text or SVG.
 *
 * Each appends to out and says exactly what the terminal would show; blanks at
 * the end of a row are left out where they have no colour.
 */
#ifndef THREADVIZ_GRIDOUT_H
#define THREADVIZ_GRIDOUT_H

#include "threadviz/grid.h"
#include "threadviz/str.h"
#include "threadviz/theme.h"

#include <stddef.h>

/* Something to read when the pointer rests on a part of the picture. */
struct grid_tip {
	struct rect area;
	const char *text;
};

/* One line per row; `ascii` folds everything to ASCII. */
void grid_write_text(const struct grid *, bool ascii, struct str *out);
/* The same with escape sequences for the theme's colours. */
void grid_write_ansi(const struct grid *, enum theme, bool ascii,
		     struct str *out);
/*
 * An SVG picture in a monospaced font, on the theme's background (light in
 * THEME_AUTO, THEME_EIGHT and THEME_MONO). title is read out by screen readers;
 * the n tips may be none.
 */
void grid_write_svg(const struct grid *, enum theme, const char *title,
		    const struct grid_tip *tips, size_t n, struct str *out);

#endif
