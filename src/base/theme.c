/*
 * theme.c - from meaning to colours and attributes.
 *
 * Each theme is one row of colours per role; the five thread colours and the
 * greys were chosen by measuring the distance of every pair under normal,
 * protan, deutan and tritan vision and the contrast on the background. AUTO,
 * where the background is unknown, uses only colours in the narrow band that
 * reaches 4:1 on black and on white alike.
 *
 * Three things override a role: what lies in the future is grey and never
 * filled; on the cursor's row text is strong and the background marked, while
 * what is filled keeps its fill (else the second access of a racy pair would
 * drown in the row it stands on).
 */
#include "threadviz/theme.h"

#include <math.h>
#include <string.h>

enum { BLACK = 16, WHITE = 231, RED = 160, BAR = 24, NONE = COLOUR_DEFAULT };

struct palette {
	int16_t threads[THEME_THREADS];
	int16_t on_thread; /* text on a thread's colour */
	int16_t dim, future, rule;
	int16_t key, good, bad, warn, asleep;
	int16_t finding, on_finding;
	int16_t bar, on_bar;     /* header and selection */
	int16_t match, on_match; /* found by a search */
	int16_t row, on_row;     /* the cursor's row; NONE: reverse */
};

/* clang-format off */
static const struct palette palettes[THEME_MONO] = {
	[THEME_AUTO] = {
		.threads = {131, 27, 28, 163, 97}, .on_thread = WHITE,
		.dim = 243, .future = 243, .rule = 243,
		.key = 27, .good = 28, .bad = 161, .warn = 130, .asleep = 62,
		.finding = RED, .on_finding = WHITE,
		.bar = BAR, .on_bar = WHITE,
		.match = 227, .on_match = BLACK,
		.row = NONE, .on_row = NONE,
	},
	[THEME_DARK] = {
		.threads = {214, 45, 35, 228, 205}, .on_thread = BLACK,
		.dim = 245, .future = 244, .rule = 242,
		.key = 81, .good = 114, .bad = 203, .warn = 221, .asleep = 110,
		.finding = RED, .on_finding = WHITE,
		.bar = BAR, .on_bar = WHITE,
		.match = 227, .on_match = BLACK,
		.row = 238, .on_row = WHITE,
	},
	[THEME_LIGHT] = {
		.threads = {130, 20, 29, 53, BLACK}, .on_thread = WHITE,
		.dim = 240, .future = 243, .rule = 245,
		.key = 20, .good = 22, .bad = RED, .warn = 94, .asleep = 25,
		.finding = RED, .on_finding = WHITE,
		.bar = BAR, .on_bar = WHITE,
		.match = 227, .on_match = BLACK,
		.row = 253, .on_row = BLACK,
	},
	[THEME_EIGHT] = {
		.threads = {3, 6, 2, 5, 4}, .on_thread = 0,
		.dim = NONE, .future = NONE, .rule = NONE,
		.key = 6, .good = 2, .bad = 1, .warn = 3, .asleep = 6,
		.finding = 1, .on_finding = 7,
		.bar = 4, .on_bar = 7,
		.match = 3, .on_match = 0,
		.row = NONE, .on_row = NONE,
	},
};
/* clang-format on */

static struct look text(int16_t fg, unsigned attrs)
{
	return (struct look){fg, NONE, (uint8_t)attrs};
}

static struct look fill(int16_t fg, int16_t bg, unsigned attrs)
{
	return (struct look){fg, bg, (uint8_t)attrs};
}

/* What was measured for greys holds where the theme has a grey; a palette of
 * eight has to dim. */
static struct look grey(int16_t fg)
{
	return text(fg, fg == NONE ? LOOK_DIM : 0);
}

/* The red of eight is dark on black: bold makes it the bright one. */
static struct look warning(const struct palette *p)
{
	return text(p->bad, p->dim == NONE ? LOOK_BOLD : 0);
}

static struct look role_look(const struct palette *p, enum style_role role,
			     unsigned thread)
{
	int16_t colour = p->threads[thread % THEME_THREADS];

	switch (role) {
	case ROLE_DIM:
		return grey(p->dim);
	case ROLE_RULE:
		return grey(p->rule);
	case ROLE_STRONG:
	case ROLE_TITLE:
		return text(NONE, LOOK_BOLD);
	case ROLE_CHANGED:
		return text(NONE, LOOK_BOLD | LOOK_UNDERLINE);
	case ROLE_TITLE_FOCUS:
		return text(NONE, LOOK_BOLD | LOOK_REVERSE);
	case ROLE_HEADER:
		return fill(p->on_bar, p->bar, 0);
	case ROLE_SELECTED:
		return fill(p->on_bar, p->bar, LOOK_BOLD);
	case ROLE_KEY:
		return text(p->key, LOOK_BOLD);
	case ROLE_MATCH:
		return fill(p->on_match, p->match, 0);
	case ROLE_GOOD:
		return text(p->good, 0);
	case ROLE_BAD:
		return warning(p);
	case ROLE_WARN:
		return text(p->warn, 0);
	case ROLE_ASLEEP:
		return text(p->asleep, 0);
	case ROLE_BLOCKED:
		return text(p->bad, 0);
	case ROLE_FINDING:
		return fill(p->on_finding, p->finding, LOOK_BOLD);
	case ROLE_THREAD:
		return text(colour, LOOK_BOLD);
	case ROLE_THREAD_FILLED:
		return fill(p->on_thread, colour, 0);
	case ROLE_TEXT:
	case ROLE_COUNT:
		break;
	}
	return text(NONE, 0);
}

static struct look mono_look(enum style_role role)
{
	switch (role) {
	case ROLE_STRONG:
	case ROLE_TITLE:
	case ROLE_KEY:
	case ROLE_BAD:
		return text(NONE, LOOK_BOLD);
	case ROLE_CHANGED:
		return text(NONE, LOOK_BOLD | LOOK_UNDERLINE);
	case ROLE_MATCH:
		return text(NONE, LOOK_UNDERLINE);
	case ROLE_HEADER:
	case ROLE_SELECTED:
	case ROLE_THREAD_FILLED:
		return text(NONE, LOOK_REVERSE);
	case ROLE_TITLE_FOCUS:
	case ROLE_FINDING:
		return text(NONE, LOOK_REVERSE | LOOK_BOLD);
	default:
		return text(NONE, 0);
	}
}

static bool filled(struct look look)
{
	return look.bg != NONE || (look.attrs & LOOK_REVERSE);
}

/* Text on the row of the current step. */
static struct look on_row(const struct palette *p, struct look look)
{
	look.attrs = (uint8_t)((look.attrs | LOOK_BOLD) & ~LOOK_DIM);
	if (!p)
		return look;
	look.fg = p->on_row;
	look.bg = p->row;
	if (p->row == NONE)
		look.attrs |= LOOK_REVERSE;
	return look;
}

struct look theme_look(enum theme theme, struct style s)
{
	const struct palette *p = theme < THEME_MONO ? &palettes[theme] : NULL;
	struct look look =
		p ? role_look(p, s.role, s.thread) : mono_look(s.role);

	if (s.attrs & STYLE_FUTURE)
		look = p ? grey(p->future) : text(NONE, LOOK_DIM);
	if (s.attrs & STYLE_BOLD)
		look.attrs |= LOOK_BOLD;
	if (s.attrs & STYLE_UNDERLINE)
		look.attrs |= LOOK_UNDERLINE;
	if ((s.attrs & STYLE_CURSOR) && !filled(look)) {
		/* a blocked stretch keeps its colour on the row's background */
		int16_t fg = look.fg;

		look = on_row(p, look);
		if (p && p->row != NONE && s.role == ROLE_BLOCKED)
			look.fg = fg;
	}
	return look;
}

/* ---- names -------------------------------------------------------------- */

static const char *const names[THEME_COUNT] = {"auto", "dark", "light", "8",
					       "mono"};

const char *theme_name(enum theme theme)
{
	return names[theme];
}

bool theme_parse(const char *name, enum theme *out)
{
	for (int i = 0; i < THEME_COUNT; i++)
		if (strcmp(name, names[i]) == 0) {
			*out = (enum theme)i;
			return true;
		}
	return false;
}

/* ---- colours as light --------------------------------------------------- */

uint32_t colour_rgb(int index)
{
	static const uint32_t first[16] = {
		0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd,
		0x00cdcd, 0xe5e5e5, 0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00,
		0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff,
	};
	static const uint8_t levels[6] = {0, 95, 135, 175, 215, 255};
	unsigned i = (unsigned)index & 255;

	if (i < 16)
		return first[i];
	if (i >= 232)
		return (8 + 10 * (i - 232)) * 0x010101u;
	i -= 16;
	return (uint32_t)levels[i / 36] << 16 |
	       (uint32_t)levels[i / 6 % 6] << 8 | levels[i % 6];
}

static double linear(uint32_t channel)
{
	double x = (channel & 255) / 255.0;

	return x <= 0.03928 ? x / 12.92 : pow((x + 0.055) / 1.055, 2.4);
}

static double luminance(uint32_t rgb)
{
	return 0.2126 * linear(rgb >> 16) + 0.7152 * linear(rgb >> 8) +
	       0.0722 * linear(rgb);
}

double colour_contrast(uint32_t a, uint32_t b)
{
	double la = luminance(a), lb = luminance(b);

	return la > lb ? (la + 0.05) / (lb + 0.05) : (lb + 0.05) / (la + 0.05);
}
