/*
 * shot.c - `threadviz shot`: a screen without a terminal, as text, with colour
 * escapes or as a picture. The README's pictures and the golden tests are made
 * with it.
 */
#include <stdio.h>

#include "load.h"
#include "run.h"
#include "threadviz/gridout.h"
#include "threadviz/screen.h"

/* Takes the steps, looks at --at, presses the keys of --keys. */
static bool prepare(const struct options *o, struct app *app, struct error *err)
{
	int64_t at = (int64_t)app->timeline.schedule.len;

	if (!options_number(o, OPTION_AT, 0, 1000000, &at, err))
		return false;
	while (app_work(app))
		;
	while (app->timeline.cursor < (size_t)at) {
		size_t before = app->timeline.cursor;

		app_do(app, ACTION_STEP);
		if (app->timeline.cursor == before)
			return fail(err, "--at %d: the run ends at step %zu",
				    (int)at, before);
	}
	return true;
}

static bool set_view(const struct options *o, struct app *app,
		     struct error *err)
{
	static const struct {
		const char *name;
		enum action action;
	} views[] = {
		{"ladder", ACTION_NONE},     {"lanes", ACTION_VIEW},
		{"explore", ACTION_EXPLORE}, {"help", ACTION_HELP},
		{"chooser", ACTION_OPEN},    {"waits", ACTION_WAITS},
	};
	const char *name = o->value[OPTION_VIEW];

	if (!name)
		return true;
	for (size_t i = 0; i < sizeof views / sizeof *views; i++) {
		if (strcmp(views[i].name, name) != 0)
			continue;
		if (views[i].action != ACTION_NONE)
			app_do(app, views[i].action);
		return true;
	}
	return fail(err,
		    "--view %s: the views are ladder, lanes, explore, "
		    "help, chooser and waits",
		    name);
}

static void print_grid(const struct options *o, const struct app *app, int w,
		       int h)
{
	struct str out = {0};
	struct grid g;

	grid_init(&g, w, h);
	app_draw(app, &g);
	if (options_has(o, OPTION_SVG))
		grid_write_svg(&g, app->theme, app->program->title, NULL, 0,
			       &out);
	else if (options_has(o, OPTION_ANSI))
		grid_write_ansi(&g, app->theme, app->ascii, &out);
	else
		grid_write_text(&g, app->ascii, &out);
	fwrite(str_cstr(&out), 1, out.len, stdout);
	str_free(&out);
	grid_fini(&g);
}

static bool shoot(const struct options *o, const struct program *p,
		  struct error *err)
{
	struct app_options a = {.kind = ENGINE_SIM,
				.ascii = options_has(o, OPTION_ASCII)};
	struct term_options t = {.theme = THEME_DARK};
	struct schedule schedule = {0};
	struct config none = {0};
	struct app app;
	int w = 80, h = 24;
	bool ok;

	if (!options_size(o, &w, &h, err) ||
	    !screen_settings(o, &none, &t, err) ||
	    !run_schedule(o, p, &schedule, err))
		return false;
	a.schedule = schedule.data;
	a.schedule_len = schedule.len;
	a.theme = t.colour_off ? THEME_MONO : t.theme;
	ok = app_init(&app, p, &a, err) && prepare(o, &app, err) &&
	     set_view(o, &app, err);
	if (ok)
		print_grid(o, &app, w, h);
	app_fini(&app);
	vec_free(&schedule);
	return ok;
}

int cli_shot(const struct options *o)
{
	struct program *p = program_load(o);
	struct error err = {0};
	bool ok;

	if (!p)
		return EXIT_USAGE;
	ok = shoot(o, p, &err);
	program_free(p);
	return ok ? EXIT_GOOD : complain(&err);
}
