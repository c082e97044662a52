/*
 * opened.h - for tests: a scenario open on a screen that is nowhere, and keys.
 * It comes after cmocka.h.
 */
#ifndef TESTS_OPENED_H
#define TESTS_OPENED_H

#include "compile.h"
#include "threadviz/app.h"
#include "threadviz/screen.h"

struct fixture {
	struct program *p;
	struct app app;
};

/* The text, or the chooser if it is NULL; the library may be NULL too. */
static inline void open_with(struct fixture *f, const char *text,
			     const struct library *library)
{
	struct app_options o = {
		.kind = ENGINE_SIM, .theme = THEME_DARK, .library = library};
	struct error err = {0};

	f->p = text ? compile(text) : NULL;
	assert_true(app_init(&f->app, f->p, &o, &err));
	while (app_work(&f->app))
		;
}

static inline void close_app(struct fixture *f)
{
	app_fini(&f->app);
	program_free(f->p);
}

/* Keys by their names, with blanks between. */
static inline void press(struct fixture *f, const char *keys)
{
	struct error err = {0};
	struct str out = {0};

	if (!screen_script(&f->app, keys, 80, 24, &out, &err))
		fail_msg("%s", err.text);
	str_free(&out);
}

#endif
