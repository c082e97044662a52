/*
 * picture.c - P: the screen as it stands, as SVG and as text, in the current
 * directory.
 *
 * The app is drawn once more, at the size it was last shown. A picture never
 * overwrites another one: a number is added to its name.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "inside.h"
#include "threadviz/gridout.h"

/* A name that is not taken: race-step4.svg, race-step4-2.svg … */
static void free_name(const struct app *app, char *out, size_t size)
{
	for (int n = 1; n < 100; n++) {
		int len = snprintf(out, size, "%s-step%zu", app->program->name,
				   app_cursor(app));

		if (n > 1)
			snprintf(out + len, size - (size_t)len, "-%d", n);
		len = (int)strlen(out);
		snprintf(out + len, size - (size_t)len, ".svg");
		if (access(out, F_OK) != 0) {
			out[len] = '\0';
			return;
		}
	}
}

static bool write_file(const char *name, const char *end,
		       const struct str *text)
{
	char path[300];
	FILE *f;
	bool ok;

	snprintf(path, sizeof path, "%s.%s", name, end);
	f = fopen(path, "w");
	if (!f)
		return false;
	ok = fwrite(str_cstr(text), 1, text->len, f) == text->len;
	return fclose(f) == 0 && ok;
}

void picture_write(struct app *app)
{
	struct str svg = {0}, txt = {0};
	struct grid g;
	char name[256];

	app->notice[0] = '\0';
	grid_init(&g, app->w ? app->w : 80, app->h ? app->h : 24);
	app_draw(app, &g);
	grid_write_svg(&g, app->theme, app->program->title, NULL, 0, &svg);
	grid_write_text(&g, app->ascii, &txt);
	free_name(app, name, sizeof name);
	if (write_file(name, "svg", &svg) && write_file(name, "txt", &txt))
		notice(app, false, "wrote %s.svg and %s.txt", name, name);
	else
		notice(app, true, "%s: %s", name, strerror(errno));
	grid_fini(&g);
	str_free(&svg);
	str_free(&txt);
}
