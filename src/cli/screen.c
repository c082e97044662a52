/*
 * screen.c - opening the screen: on the terminal, or driven by --keys.
 *
 * Flags win over the environment, the environment over the configuration file.
 * The replay line is printed after the screen is gone, so that it stays.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "config.h"
#include "library.h"
#include "load.h"
#include "output.h"
#include "plan.h"
#include "run.h"
#include "threadviz/arena.h"
#include "threadviz/file.h"
#include "threadviz/screen.h"

/* ---- settings ---------------------------------------------------------- */

static bool is_one_of(const char *value, const char *a, const char *b,
		      const char *c)
{
	return !value || !strcmp(value, a) || !strcmp(value, b) ||
	       (c && !strcmp(value, c));
}

static bool colour_off(const struct options *o)
{
	const char *colour = o->value[OPTION_COLOR];
	const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

	if (colour && !strcmp(colour, "always"))
		return false;
	return (colour && !strcmp(colour, "never")) || (no && *no) ||
	       (term && !strcmp(term, "dumb"));
}

/* The flag, else the environment, else the configuration file. */
static const char *setting(const char *flag, const char *variable,
			   const char *file)
{
	const char *value = variable ? getenv(variable) : NULL;

	if (flag)
		return flag;
	if (value && *value)
		return value;
	return *file ? file : NULL;
}

bool screen_settings(const struct options *o, const struct config *config,
		     struct term_options *out, struct error *err)
{
	const char *theme = setting(o->value[OPTION_THEME], "THREADVIZ_THEME",
				    config->theme);
	const char *mouse =
		setting(o->value[OPTION_MOUSE], NULL, config->mouse);

	if (theme && !theme_parse(theme, &out->theme))
		return fail(err,
			    "theme \"%s\": the themes are auto, dark, "
			    "light, 8 and mono",
			    theme);
	if (!is_one_of(o->value[OPTION_COLOR], "auto", "always", "never"))
		return fail(err, "--color %s: auto, always or never",
			    o->value[OPTION_COLOR]);
	if (!is_one_of(mouse, "on", "off", NULL))
		return fail(err, "--mouse %s: on or off", mouse);
	out->colour_off = colour_off(o);
	out->ascii =
		options_has(o, OPTION_ASCII) || !strcmp(config->ascii, "on");
	out->mouse = !mouse || !strcmp(mouse, "on");
	return true;
}

static bool free_settings(const struct options *o, struct free_options *out,
			  struct error *err)
{
	int64_t chaos = 0, ring = 0, seed = 0, seconds = 0;

	if (!options_number(o, OPTION_CHAOS, 1, INT64_MAX, &chaos, err) ||
	    !options_number(o, OPTION_RING, 16, 1 << 24, &ring, err) ||
	    !options_number(o, OPTION_SEED, 0, INT64_MAX, &seed, err) ||
	    !options_number(o, OPTION_TIME, 1, 86400, &seconds, err))
		return false;
	*out = (struct free_options){.chaos = (uint64_t)chaos,
				     .ring = (uint64_t)ring,
				     .seed = (uint64_t)seed,
				     .seconds = (double)seconds};
	return true;
}

static bool app_settings(const struct options *o, const struct config *config,
			 const struct program *p, struct app_options *out,
			 struct plan *plan, struct error *err)
{
	int64_t speed = 0;

	out->free = plan_is_free(o);
	if ((!out->free && !plan_engine(o, &out->kind, err)) ||
	    (out->free && !free_settings(o, &out->free_options, err)) ||
	    !options_number(o, OPTION_SPEED, 1, 1000, &speed, err) ||
	    !plan_read(o, p, plan, err))
		return false;
	out->seed = plan->seed;
	out->speed = speed ? (double)speed : config->speed;
	out->policy = plan->policy[0] ? plan->policy : NULL;
	out->keymap = config->keys;
	out->keymap_count = config->key_count;
	out->notice = config->warning;
	out->schedule = plan->given.data;
	out->schedule_len = plan->given.len;
	return true;
}

/* ---- running it -------------------------------------------------------- */

bool screen_keys(const struct options *o, struct app *app, int w, int h,
		 struct str *out, struct error *err)
{
	enum { SCRIPT_BYTES = 1 << 24 };
	struct str script = {0};
	bool ok = file_read(o->value[OPTION_KEYS], SCRIPT_BYTES,
			    "a script of keys", &script, err) &&
		  screen_script(app, str_cstr(&script), w, h, out, err);

	str_free(&script);
	return ok;
}

static bool run_script(const struct options *o, struct app *app,
		       struct error *err)
{
	struct str dump = {0};
	int w = 80, h = 24;
	bool ok;

	if (options_has(o, OPTION_RECORD))
		return fail(err, "--record films a terminal, and --keys "
				 "needs none");
	ok = options_size(o, &w, &h, err) &&
	     screen_keys(o, app, w, h, &dump, err) &&
	     output_write(o->value[OPTION_DUMP], &dump, err);
	str_free(&dump);
	return ok;
}

static void print_replay(const struct app *app)
{
	struct str line = {0};

	app_replay_line(app, &line);
	if (line.len)
		puts(str_cstr(&line));
	str_free(&line);
}

/* --save, however it ended; nothing was run as long as no scenario is open. */
static bool save(const struct options *o, const struct app *app,
		 struct error *err)
{
	const char *path = o->value[OPTION_SAVE];

	fflush(stdout);
	return !path || !app->program || app_save(app, path, err);
}

static int run_app(const struct options *o, const struct program *p,
		   const struct term_options *t, const struct app_options *a)
{
	bool script = options_has(o, OPTION_KEYS), ok;
	struct error err = {0};
	int signal = 0, status;
	struct app app;

	ok = app_init(&app, p, a, &err) &&
	     (script ? run_script(o, &app, &err)
		     : screen_run(&app, t, o->value[OPTION_RECORD], &signal,
				  &err));
	if (ok && !script)
		print_replay(&app);
	ok = ok && save(o, &app, &err);
	status = ok && app_found_bad(&app) ? EXIT_BAD : EXIT_GOOD;
	app_fini(&app);
	if (!ok)
		return complain(&err);
	return signal ? EXIT_SIGNAL + signal : status;
}

int screen_show(const struct options *o, const struct program *p,
		const struct recording *saved)
{
	struct term_options t = {0};
	struct app_options a = {0};
	struct plan plan = {0};
	struct library library = {0};
	struct arena arena = {0};
	struct config config;
	struct error err = {0};
	int status = EXIT_USAGE;

	library_fill(&library, &arena);
	a.library = &library;
	config_read(&config);
	if (screen_settings(o, &config, &t, &err) &&
	    app_settings(o, &config, p, &a, &plan, &err)) {
		a.theme = t.theme;
		a.ascii = t.ascii;
		if (saved) {
			a.records = saved->events;
			a.record_count = saved->event_count;
		}
		status = run_app(o, p, &t, &a);
	} else {
		complain(&err);
	}
	vec_free(&plan.given);
	arena_fini(&arena);
	return status;
}

int screen_open(const struct options *o)
{
	struct program *p = o->word_count ? program_load(o) : NULL;
	int status;

	if (o->word_count && !p)
		return EXIT_USAGE;
	status = screen_show(o, p, NULL);
	program_free(p);
	return status;
}
