/*
 * What lies over the screen: its keys, its lists, and that no key is refused
 * without a word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "opened.h"
#include "threadviz/gridout.h"

static const char race[] = "scenario \"Lost update\"\nparam k = 1 in 1..3\n"
			   "shared count = 0\nthread A, B:\n  repeat k:\n"
			   "    count = count + 1\nfinally count == 2 * k\n";

/* ---- a library ---------------------------------------------------------- */

static const struct library_entry entries[] = {
	{"embrace", "Deadlock and relatives", "All behind one lock"},
	{"deadlock", "Deadlock and relatives", "Opposite order"},
	{"race", "Races", "The lost update"},
	{"two-locks", "Races", "A lock in another race"},
};

static struct program *open_entry(void *data, const char *name,
				  const char *params, struct error *err)
{
	struct lang_param k = {.name = "k", .value = 1};
	struct diagnostics mistakes = {0};
	struct program *p;

	(void)data;
	(void)err;
	if (*params)
		k.value = (int32_t)strtol(params + 2, NULL, 10);
	p = program_compile(name, "test.tv", race, strlen(race), &k, 1,
			    &mistakes);
	diagnostics_fini(&mistakes);
	return p;
}

static const struct library library = {entries, 4, open_entry, NULL};

static void open_app(struct fixture *f, const char *text)
{
	open_with(f, text, &library);
}

static void assert_shows(struct fixture *f, const char *text, bool want)
{
	struct grid g;
	struct str s = {0};

	grid_init(&g, 80, 24);
	app_draw(&f->app, &g);
	grid_write_text(&g, false, &s);
	if (!strstr(str_cstr(&s), text) == want)
		fail_msg("\"%s\" is %s in\n%s", text, want ? "not" : "there",
			 str_cstr(&s));
	str_free(&s);
	grid_fini(&g);
}

static void assert_says(struct fixture *f, const char *text)
{
	if (!strstr(f->app.notice, text))
		fail_msg("\"%s\" is not in \"%s\"", text, f->app.notice);
}

/* ---- no key without a word ---------------------------------------------- */

/* Where a key can be pressed: how one gets there. */
static const char *const places[] = {
	"",
	"s s",
	"c G",
	"s s v",
	"s Tab",
	"s Tab Tab",
	"s Tab Tab Tab",
	"c G Tab Tab Tab Tab",
	"s z",
	"s ?",
	"s ? / s t",
	"s ? / q q q",
	"s :",
	"s : q q q",
	"s o",
	"s o / l o c k",
	"s o / q q q",
	"s e",
	"s s Enter",
	"s w",
	"s O",
	"s s s b /",
	"p",
	"s s p p",
};

static const char *const other_keys[] = {
	"Esc", "Z",      "Delete", "F5", "Insert", "Ctrl-W",
	"y",   "Ctrl-A", "é",      "|",  "Ctrl-G",
};

/* These write files, or are the terminal's. */
static bool is_elsewhere(key_code key)
{
	enum action a = action_of_key(key);

	return a == ACTION_PICTURE || a == ACTION_SAVE || a == ACTION_SUSPEND ||
	       a == ACTION_INTERRUPT || a == ACTION_REPAINT ||
	       a == ACTION_FREE || a == ACTION_HISTOGRAM || a == ACTION_MOUSE;
}

/* Either the picture is another one, with a notice in it perhaps, or it was the
 * key to leave. */
static void press_and_look(const char *place, key_code key)
{
	struct fixture f;
	struct grid before, after;
	struct str name = {0};

	if (is_elsewhere(key))
		return;
	open_app(&f, race);
	press(&f, place);
	grid_init(&before, 80, 24);
	grid_init(&after, 80, 24);
	f.app.notice[0] = '\0'; /* the same again would not be seen */
	app_draw(&f.app, &before);
	app_key(&f.app, key);
	while (app_work(&f.app))
		;
	app_draw(&f.app, &after);
	key_format(key, &name);
	if (!f.app.quit && grid_equal(&before, &after))
		fail_msg("after \"%s\" nobody sees that %s was pressed", place,
			 str_cstr(&name));
	str_free(&name);
	grid_fini(&before);
	grid_fini(&after);
	close_app(&f);
}

static void press_all(const char *place)
{
	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *at = action_info[i].keys;

		while (*at) {
			char name[32] = {0};
			size_t len = strcspn(at, " ");
			key_code key;

			memcpy(name, at, len);
			assert_true(key_parse(name, &key));
			press_and_look(place, key);
			at += len;
			at += strspn(at, " ");
		}
	}
	for (size_t i = 0; i < sizeof other_keys / sizeof *other_keys; i++) {
		key_code key;

		assert_true(key_parse(other_keys[i], &key));
		press_and_look(place, key);
	}
}

static void every_key_does_or_says_something(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		press_all(places[i]);
}

static void nothing_moves_behind_an_overlay(void **state)
{
	static const char *const over[] = {"e", "?", ":", "o"};
	struct fixture f;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		open_app(&f, race);
		press(&f, "s s");
		press(&f, over[i]);
		press(&f, *over[i] == '?' ? "PgDn" : "1");
		assert_int_equal(f.app.timeline.cursor, 2);
		close_app(&f);
	}
	open_app(&f, race);
	press(&f, "s e s");
	assert_int_equal(f.app.timeline.cursor, 1);
	assert_says(&f, "q closes this first");
	press(&f, "q w s");
	assert_int_equal(f.app.timeline.cursor, 2);
	close_app(&f);
}

/* ---- lists -------------------------------------------------------------- */

static void words_are_found_in_any_order(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, NULL);
	assert_shows(&f, " 1/4 ", true);
	press(&f, "/ l o c k");
	assert_shows(&f, " 2/3 ", true); /* deadlock, the better match */
	press(&f, "space r e l a t");
	assert_shows(&f, " 1/2 ", true);
	assert_shows(&f, "two-locks", false);
	press(&f, "Ctrl-W r a c e");
	assert_shows(&f, "two-locks", true);
	assert_shows(&f, " 1/2 ", true);
	press(&f, "Ctrl-U r a c e");
	assert_shows(&f, " 2/3 ", true); /* race, not embrace */
	press(&f, "Ctrl-U z z z");
	assert_shows(&f, "no scenario is like \"zzz\"", true);
	press(&f, "Enter");
	assert_int_equal(f.app.overlay, OVERLAY_CHOOSER);
	press(&f, "Esc");
	assert_shows(&f, " 1/4 ", true);
	close_app(&f);
}

static void home_and_end_and_their_letters(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, NULL);
	press(&f, "G");
	assert_int_equal(f.app.picked, 3);
	press(&f, "End");
	assert_says(&f, "the last of 4");
	press(&f, "g");
	assert_int_equal(f.app.picked, 0);
	press(&f, "j j k");
	assert_int_equal(f.app.picked, 1);
	close_app(&f);
}

static void a_parameter_says_its_range(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, NULL);
	press(&f, "Right");
	assert_shows(&f, " k = 2 ", true);
	press(&f, "7");
	assert_says(&f, "k goes from 1 to 3: 7 is too large");
	assert_shows(&f, " k = 2 ", true);
	press(&f, "0 3");
	assert_shows(&f, " k = 3 ", true);
	press(&f, "+");
	assert_says(&f, "4 is too large");
	press(&f, "Enter");
	assert_int_equal(f.app.overlay, OVERLAY_NONE);
	assert_int_equal(f.app.program->params.data[0].value, 3);
	close_app(&f);
}

/* ---- help and commands -------------------------------------------------- */

static void help_runs_what_the_bar_is_on(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "? / n e x t space f i n d Down Enter");
	assert_says(&f, "no finding");
	assert_int_equal(f.app.overlay, OVERLAY_NONE);
	press(&f, "? s");
	assert_int_equal(f.app.timeline.cursor, 1);
	close_app(&f);
}

static void the_best_command_is_on_top(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, ": s t e p Enter");
	assert_int_equal(f.app.timeline.cursor, 1);
	press(&f, ": z z z");
	assert_shows(&f, "no command is like", true);
	close_app(&f);
}

/* Help lies over the chooser and gives it back as it was. */
static void help_gives_back_what_it_covered(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "o / r a c e Down F1");
	assert_int_equal(f.app.overlay, OVERLAY_HELP);
	press(&f, "q");
	assert_int_equal(f.app.overlay, OVERLAY_CHOOSER);
	assert_shows(&f, "/race", true);
	assert_shows(&f, " 3/3 ", true);
	close_app(&f);
}

/* ---- the footer --------------------------------------------------------- */

static void click(struct fixture *f, const char *text)
{
	struct input_event e = {.mouse = true, .button = MOUSE_LEFT, .y = 23};
	struct grid g;
	struct str s = {0};
	const char *row;

	grid_init(&g, 80, 24);
	app_draw(&f->app, &g);
	for (int x = 0; x < 80; x++)
		str_addc(&s, (char)grid_at(&g, x, 23)->ch);
	row = strstr(str_cstr(&s), text);
	if (!row)
		fail_msg("no \"%s\" in \"%s\"", text, str_cstr(&s));
	e.x = (int)(row - str_cstr(&s));
	app_click(&f->app, &e, 80, 24);
	str_free(&s);
	grid_fini(&g);
}

static void hints_follow_what_is_open(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	click(&f, "s step");
	assert_int_equal(f.app.timeline.cursor, 1);
	press(&f, "o");
	click(&f, "Right Left change");
	assert_shows(&f, " k = 2 ", true);
	click(&f, "q close");
	assert_int_equal(f.app.overlay, OVERLAY_NONE);
	press(&f, "p");
	click(&f, "p show");
	assert_int_equal(f.app.predict, PREDICT_SHOWN);
	click(&f, "y I was right");
	assert_int_equal(f.app.predict_right, 1);
	click(&f, "q stop asking");
	assert_int_equal(f.app.predict, PREDICT_OFF);
	assert_false(f.app.quit);
	close_app(&f);
}

/* What the user's configuration says is what the screen names. */
static void the_users_own_keys_are_named(void **state)
{
	static const struct key_binding own[] = {
		{INPUT_F1 + 4, ACTION_RESTART}, {'y', ACTION_STEP},
		{'s', ACTION_FREE},             {'.', ACTION_FREE},
		{'b', ACTION_OPEN},             {',', ACTION_OPEN},
		{INPUT_BACKSPACE, ACTION_OPEN}, {'X', ACTION_QUIT},
		{'V', ACTION_VIEW},
	};
	struct fixture f;

	(void)state;
	open_app(&f, race);
	memcpy(f.app.keymap, own, sizeof own);
	f.app.keymap_count = sizeof own / sizeof *own;
	click(&f, "y step");
	assert_int_equal(f.app.timeline.cursor, 1);
	assert_shows(&f, "X quit", true);
	assert_shows(&f, "V lanes", true);
	assert_shows(&f, " back", false);
	press(&f, "?");
	assert_shows(&f, " y        step, as", true);
	assert_shows(&f, " F5 r     restart", true);
	assert_shows(&f, " s . F    let the", true);
	press(&f, "q :");
	for (const char *c = "restart"; *c; c++)
		app_key(&f.app, (key_code)*c);
	assert_shows(&f, "restart          F5 r ", true);
	press(&f, "Esc w");
	assert_shows(&f, " y step", true);
	press(&f, "q +");
	assert_says(&f, "V shows them");
	close_app(&f);
}

/* A reason that is too long for one row takes more, to its last word. */
static void a_notice_is_never_cut(void **state)
{
	struct fixture f;
	struct grid g;
	struct str s = {0};

	(void)state;
	open_app(&f, race);
	press(&f, "s e b");
	grid_init(&g, 30, 10);
	app_draw(&f.app, &g);
	grid_write_text(&g, false, &s);
	assert_non_null(strstr(str_cstr(&s), "closes this"));
	assert_non_null(strstr(str_cstr(&s), "first"));
	str_free(&s);
	grid_fini(&g);
	close_app(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_key_does_or_says_something),
		cmocka_unit_test(nothing_moves_behind_an_overlay),
		cmocka_unit_test(words_are_found_in_any_order),
		cmocka_unit_test(home_and_end_and_their_letters),
		cmocka_unit_test(a_parameter_says_its_range),
		cmocka_unit_test(help_runs_what_the_bar_is_on),
		cmocka_unit_test(the_best_command_is_on_top),
		cmocka_unit_test(help_gives_back_what_it_covered),
		cmocka_unit_test(hints_follow_what_is_open),
		cmocka_unit_test(the_users_own_keys_are_named),
		cmocka_unit_test(a_notice_is_never_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
