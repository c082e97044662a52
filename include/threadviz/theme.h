/*
 * theme.h - what a style looks like: from meaning to colours and attributes.
 *
 * Colours are indices into the xterm palette of 256 (8 in THEME_EIGHT), chosen
 * so that the five thread colours differ under every kind of colour vision and
 * text keeps a contrast of 4:1. The terminal's own background is kept.
 */
#ifndef THREADVIZ_THEME_H
#define THREADVIZ_THEME_H

#include "threadviz/grid.h"

/* Sets of colours. */
enum theme {
	THEME_AUTO,  /* background unknown: readable on black and on white */
	THEME_DARK,
	THEME_LIGHT,
	THEME_EIGHT, /* the user's own palette of 8 */
	THEME_MONO,  /* bold, reverse, underline only */
	THEME_COUNT,
};

enum { COLOUR_DEFAULT = -1 };

/* Bits of look.attrs. */
enum look_attr {
	LOOK_BOLD = 1,
	LOOK_UNDERLINE = 2,
	LOOK_REVERSE = 4,
	LOOK_DIM = 8,
};

/* What a terminal is told of a cell. */
struct look {
	int16_t fg, bg; /* palette index or COLOUR_DEFAULT */
	uint8_t attrs;  /* enum look_attr */
};

enum { THEME_THREADS = 5 }; /* thread colours before they repeat */

/* How a style looks in a theme. */
struct look theme_look(enum theme, struct style);

/* "auto", "dark", "light", "8", "mono". */
const char *theme_name(enum theme);
/* Its inverse; false if there is no such name. */
bool theme_parse(const char *name, enum theme *out);

/* 0xrrggbb of a palette index (0 to 255). */
uint32_t colour_rgb(int index);
/* Relative luminance contrast of two colours, 1 to 21 (WCAG). */
double colour_contrast(uint32_t rgb_a, uint32_t rgb_b);

#endif
