/*
 * shot.c - `threadviz shot`: a screen without a terminal, as text, with colour
 * escapes or as a picture. The README's pictures and the golden tests are made
 * with it.
 */
#include "load.h"
#include "output.h"
#include "plan.h"
#include "run.h"
#include "threadviz/gridout.h"

/* Takes the steps, looks at --at. */
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

/* The keys of --keys; only the screen they leave is printed. */
static bool press(const struct options *o, struct app *app, int w, int h,
		  struct error *err)
{
	struct str dumps = {0};
	bool ok = !options_has(o, OPTION_KEYS) ||
		  screen_keys(o, app, w, h, &dumps, err);

	str_free(&dumps);
	return ok;
}

static bool write_grid(const struct options *o, const struct app *app, int w,
		       int h, struct error *err)
{
	struct str out = {0};
	struct grid g;
	bool ok;

	grid_init(&g, w, h);
	app_draw(app, &g);
	if (options_has(o, OPTION_SVG))
		grid_write_svg(&g, app->theme, app->program->title, NULL, 0,
			       &out);
	else if (options_has(o, OPTION_ANSI))
		grid_write_ansi(&g, app->theme, app->ascii, &out);
	else
		grid_write_text(&g, app->ascii, &out);
	ok = output_write(o->value[OPTION_OUTPUT], &out, err);
	str_free(&out);
	grid_fini(&g);
	return ok;
}

/* Nothing of the user's configuration: a picture looks the same everywhere. */
static bool settings(const struct options *o, const struct program *p,
		     struct schedule *schedule, struct app_options *out,
		     struct error *err)
{
	struct term_options t = {.theme = THEME_DARK};
	struct config none = {0};

	if (!screen_settings(o, &none, &t, err) ||
	    !plan_schedule(o, p, schedule, err) ||
	    (options_has(o, OPTION_ENGINE) && !plan_engine(o, &out->kind, err)))
		return false;
	out->schedule = schedule->data;
	out->schedule_len = schedule->len;
	out->theme = t.colour_off ? THEME_MONO : t.theme;
	out->ascii = t.ascii;
	return true;
}

static bool shoot(const struct options *o, const struct app_options *a,
		  const struct program *p, struct error *err)
{
	struct app app;
	int w = 80, h = 24;
	bool ok;

	if (!options_size(o, &w, &h, err))
		return false;
	ok = app_init(&app, p, a, err) && prepare(o, &app, err) &&
	     set_view(o, &app, err) && press(o, &app, w, h, err) &&
	     write_grid(o, &app, w, h, err);
	app_fini(&app);
	return ok;
}

int cli_shot(const struct options *o)
{
	struct program *p = program_load(o);
	struct app_options a = {.kind = ENGINE_SIM};
	struct schedule schedule = {0};
	struct error err = {0};
	bool ok;

	if (!p)
		return EXIT_USAGE;
	ok = settings(o, p, &schedule, &a, &err) && shoot(o, &a, p, &err);
	vec_free(&schedule);
	program_free(p);
	return ok ? EXIT_GOOD : complain(&err);
}
