/*
 * fold.c - ASCII stand-ins.
 *
 * With LC_ALL=C, on old consoles and in text dumps every cell must become one
 * ASCII character and the picture must still read. So the table goes by looks:
 * a line stays a line, an arrow keeps its head, filled stays filled. A unit
 * test reads the sources and fails if a glyph drawn anywhere is missing here.
 */
#include "threadviz/fold.h"

#include <stddef.h>
#include <uchar.h>

struct fold {
	char ascii;
	const char32_t *codes; /* all that it stands for */
};

/* clang-format off */
static const struct fold folds[] = {
	{'-', U"─╌╍‐‑‒–—−"},
	{'=', U"━═"},
	{'|', U"│┃║╎╏▏▎▍"},
	{'.', U"·┄┅┈┉╭╮•"},
	{':', U"┆┇┊┋"},
	{'+', U"┌┐└┘├┤┬┴┼╔╗╚╝±"},
	{'\'', U"╯‘’´"},
	{'`', U"╰"},
	{'x', U"░▒×✗"},
	{'#', U"█▉▊▋▌▓■"},
	{'_', U"▁▂▃▄▅▆▇"},
	{'>', U"→▶►≥"},
	{'<', U"←◀◄≤"},
	{'^', U"↑▲"},
	{'v', U"↓▼✓"},
	{'~', U"…≈"},
	{'!', U"≠"},
	{'*', U"●"},
	{'o', U"○°º"},
	{'8', U"∞"},
	{'"', U"“”«»"},
	{'u', U"µμ"},
	{' ', U"\u00a0"},
};
/* clang-format on */

char fold_char(uint32_t code)
{
	static const char latin[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTs"
				    "aaaaaaaceeeeiiiidnooooo/ouuuuyty";

	if (code < 0x80)
		return (char)code;
	for (size_t i = 0; i < sizeof folds / sizeof folds[0]; i++)
		for (const char32_t *c = folds[i].codes; *c; c++)
			if (*c == code)
				return folds[i].ascii;
	if (code >= 0xc0 && code <= 0xff)
		return latin[code - 0xc0];
	return '?';
}
