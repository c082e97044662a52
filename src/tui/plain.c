/*
 * plain.c - what the screen says of a moment, as lines.
 *
 * Nothing is said twice in two ways: the panels draw themselves into a grid
 * that no one sees, and its rows are the lines. What a panel learns to say is
 * said here, too.
 */
#include <string.h>

#include "threadviz/gridout.h"
#include "views.h"

enum { WIDE = 80, WORDS = 12, DETAILS = 12, STATE = 200 };

typedef void view(const struct app *, struct grid *, struct rect);

/* The rows of the view that are not blank, each behind two blanks. */
static void add_view(const struct app *app, view *draw, int rows,
		     struct str *out)
{
	struct str text = {0};
	struct grid g;

	grid_init(&g, WIDE - 2, rows);
	draw(app, &g, grid_rect(&g));
	grid_write_text(&g, app->ascii, &text);
	for (char *rest = text.data, *line; (line = strsep(&rest, "\n"));)
		if (line[strspn(line, " ")])
			str_addf(out, "  %s\n", line);
	grid_fini(&g);
	str_free(&text);
}

void app_say(const struct app *app, struct str *out)
{
	words_title(app, out);
	str_add(out, "\n   hunted: ");
	say_hunted(app->program, WIDE * 2, out);
	str_addc(out, '\n');
	add_view(app, view_words, WORDS, out);
	add_view(app, view_details, DETAILS, out);
	add_view(app, view_state, STATE, out);
}
