/*
 * What the views show stays in view, and stays where it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compile.h"
#include "threadviz/app.h"
#include "threadviz/gridout.h"
#include "threadviz/screen.h"
#include "tui/views.h"

static const char chain[] = "scenario \"chain\"\nshared n = 0\nmutex m\n"
			    "thread A, B:\n    repeat 4:\n        lock m\n"
			    "        n++\n        unlock m\n"
			    "finally n == 8\n";

static struct program *open_app(struct app *app, const char *text)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_DARK};
	struct error err = {0};
	struct program *p = compile(text);

	assert_true(app_init(app, p, &o, &err));
	while (app_work(app))
		;
	return p;
}

/* ---- where a long list begins ------------------------------------------ */

static void the_entry_is_always_shown(void **state)
{
	(void)state;
	for (size_t n = 1; n < 60; n++)
		for (size_t rows = 1; rows < 20; rows++)
			for (size_t at = 0; at < n; at++) {
				size_t first = scroll_first(at, n, rows);

				assert_in_range(at, first, first + rows - 1);
				assert_true(n > rows || first == 0);
			}
}

static void it_moves_by_a_third_of_a_page(void **state)
{
	size_t before = 0, moves = 0;

	(void)state;
	for (size_t at = 0; at < 300; at++) {
		size_t first = scroll_first(at, 300, 30);

		assert_true(first == before || first == before + 10);
		moves += first != before;
		before = first;
	}
	assert_int_equal(moves, 27);
}

/* A run that grows at its end moves no oftener. */
static void a_growing_list_moves_by_a_third(void **state)
{
	size_t before = 0, moves = 0;

	(void)state;
	for (size_t n = 1; n <= 300; n++) {
		size_t first = scroll_first(n - 1, n, 30);

		moves += first != before;
		before = first;
	}
	assert_int_equal(moves, 27);
}

/* ---- rows of a step ---------------------------------------------------- */

/* In which row of the screen the number of a step stands, 0: nowhere. */
static int row_of(const struct app *app, struct grid *g, char digit)
{
	const struct rect *r = &app->layout->panel[PANEL_TIMELINE];

	app_draw(app, g);
	for (int y = r->y + 2; y < r->y + r->h; y++)
		if (grid_at(g, r->x + 2, y)->ch == (uint32_t)digit &&
		    grid_at(g, r->x + 1, y)->ch == ' ')
			return y;
	return 0;
}

static void the_rows_of_a_ladder_stay_while_one_steps(void **state)
{
	struct grid g;
	struct app app;
	struct program *p = open_app(&app, chain);
	int at;

	(void)state;
	grid_init(&g, 200, 60);
	app_do(&app, ACTION_STEP);
	app_do(&app, ACTION_STEP);
	at = row_of(&app, &g, '2');
	assert_int_not_equal(at, 0);
	for (int i = 0; i < 20; i++) {
		app_do(&app, ACTION_STEP);
		assert_int_equal(row_of(&app, &g, '2'), at);
	}
	grid_fini(&g);
	app_fini(&app);
	program_free(p);
}

static void a_short_run_has_two_rows_a_step(void **state)
{
	struct grid g;
	struct app app;
	struct program *p =
		open_app(&app, "scenario \"s\"\nshared n = 0\nthread A, B:\n"
			       "    n++\nfinally n == 2\n");

	(void)state;
	grid_init(&g, 200, 60);
	app_do(&app, ACTION_FIND);
	assert_int_equal(row_of(&app, &g, '3') - row_of(&app, &g, '2'), 2);
	app_do(&app, ACTION_STEP);
	assert_int_equal(row_of(&app, &g, '3') - row_of(&app, &g, '2'), 2);
	grid_fini(&g);
	app_fini(&app);
	program_free(p);
}

/* ---- many threads ------------------------------------------------------ */

static const char crowd[] = "scenario \"crowd\"\nshared n = 0\nmutex m\n"
			    "thread W[40]:\n    lock m\n    n++\n"
			    "    unlock m\nfinally n == 40\n";

/* What is on the screen, as text; free it. */
static struct str picture(const struct app *app, int w, int h)
{
	struct str s = {0};
	struct grid g;

	grid_init(&g, w, h);
	app_draw(app, &g);
	grid_write_text(&g, false, &s);
	grid_fini(&g);
	return s;
}

static void assert_shows(const struct app *app, const char *text, bool shown)
{
	struct str s = picture(app, 120, 40);

	if ((strstr(str_cstr(&s), text) != NULL) != shown)
		fail_msg("\"%s\" %s in\n%s", text, shown ? "is not" : "is",
			 str_cstr(&s));
	str_free(&s);
}

static void a_crowd_is_counted_in_one_line(void **state)
{
	struct app app;
	struct program *p = open_app(&app, crowd);

	(void)state;
	assert_shows(&app, "Timeline (time goes right)", true);
	for (int i = 0; i < 2; i++)
		app_do(&app, ACTION_STEP);
	assert_shows(&app, "11-40  30 threads: 30 blocked", true);
	app_do(&app, ACTION_VIEW);
	assert_shows(&app, "Timeline (time goes down)", true);
	app_fini(&app);
	program_free(p);
}

static void the_pair_is_marked_in_every_form(void **state)
{
	static const char six[] = "scenario \"six\"\nshared n = 0\n"
				  "thread T[6]:\n    n++\n"
				  "finally n == 6\n";
	struct app app;
	struct program *p = open_app(&app, six);
	struct str s;

	(void)state;
	app_do(&app, ACTION_FIND);
	app_do(&app, ACTION_CONTINUE);
	app_do(&app, ACTION_LAST);
	assert_shows(&app, " 11 A", true); /* in a tight ladder */
	assert_shows(&app, " 12▶B", true);
	s = picture(&app, 80, 24); /* in the graph log */
	assert_non_null(strstr(str_cstr(&s), " 11 A"));
	assert_non_null(strstr(str_cstr(&s), " 12▶B"));
	str_free(&s);
	app_do(&app, ACTION_VIEW);
	assert_shows(&app, "A ───── B", true);
	app_fini(&app);
	program_free(p);
}

static void keys_that_do_nothing_say_why(void **state)
{
	struct app app;
	struct program *p = open_app(&app, chain);

	(void)state;
	app_key(&app, 'b');
	assert_non_null(strstr(app.notice, "this is the start"));
	app_key(&app, '+');
	assert_non_null(strstr(app.notice, "only lanes"));
	app_key(&app, 'v');
	app_key(&app, '+');
	assert_string_equal(app.notice, "");
	app_fini(&app);
	program_free(p);
}

static void the_selected_thread_is_in_a_lane(void **state)
{
	struct app app;
	struct program *p = open_app(&app, crowd);

	(void)state;
	for (int i = 0; i < 160; i++)
		app_do(&app, ACTION_STEP);
	app_do(&app, ACTION_ZOOM_ALL);
	assert_shows(&app, "▶39  40", true);
	assert_shows(&app, " 1   2 ", false);
	app.selected = 0;
	assert_shows(&app, " 1   2 ", true);
	assert_shows(&app, "39  40", false);
	app_fini(&app);
	program_free(p);
}

/* Without a scenario there is always the chooser. */
static void what_closes_leaves_the_chooser(void **state)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_DARK};
	struct error err = {0};
	struct app app;

	(void)state;
	assert_true(app_init(&app, NULL, &o, &err));
	app_key(&app, '?');
	assert_int_equal(app.overlay, OVERLAY_HELP);
	app_key(&app, 'x');
	assert_int_equal(app.overlay, OVERLAY_CHOOSER);
	app_key(&app, '?');
	app_key(&app, '1');
	assert_int_equal(app.overlay, OVERLAY_CHOOSER);
	assert_false(app.quit);
	app_fini(&app);
}

/* What is drawn looks at other moments, too: the one under the cursor must not
 * become one of them. */
static void drawing_leaves_the_moment(void **state)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_DARK};
	struct error err = {0};
	struct program *p = compile(chain);
	struct world *w = world_new(p);
	struct app app;

	(void)state;
	assert_true(app_init(&app, p, &o, &err)); /* still searching */
	for (int i = 0; i < 24; i++)
		app_do(&app, ACTION_STEP);
	for (size_t i = 0; i < 60; i++) {
		struct str s;

		app_do(&app, i % 5 < 3 ? ACTION_BACK : ACTION_DOWN);
		s = picture(&app, 200, 60);
		str_free(&s);
		timeline_copy(&app.timeline, app_cursor(&app), w);
		assert_memory_equal(app_world(&app), w, p->world_size);
	}
	free(w);
	app_fini(&app);
	program_free(p);
}

/* ---- predicting -------------------------------------------------------- */

static void a_question_does_not_show_its_answer(void **state)
{
	struct app app;
	struct program *p = open_app(&app, chain);

	(void)state;
	for (int i = 0; i < 8; i++)
		app_do(&app, ACTION_STEP);
	app_do(&app, ACTION_FIRST);
	app_do(&app, ACTION_STEP);
	assert_shows(&app, "read n -> 0", true);
	for (int i = 0; i < 2; i++) {
		app_do(&app, ACTION_PREDICT);
		assert_shows(&app, "read n -> 0", i == 1);
	}
	app_do(&app, ACTION_VIEW);
	app_do(&app, ACTION_PREDICT);
	assert_shows(&app, "R 0", false);
	app_fini(&app);
	program_free(p);
}

/* ---- searching --------------------------------------------------------- */

static void press(struct app *app, const char *keys)
{
	struct error err = {0};
	struct str out = {0};

	if (!screen_script(app, keys, 120, 40, &out, &err))
		fail_msg("%s", err.text);
	str_free(&out);
}

static void a_search_can_be_repeated(void **state)
{
	struct app app;
	struct program *p = open_app(&app, chain);

	(void)state;
	for (int i = 0; i < 24; i++)
		app_do(&app, ACTION_STEP);
	press(&app, "g / u n l Enter");
	assert_int_equal(app_cursor(&app), 4);
	press(&app, "/ Enter");
	assert_int_equal(app_cursor(&app), 8);
	press(&app, "G / Enter");
	assert_int_equal(app_cursor(&app), 4);
	press(&app, "/ x y z Enter / Enter");
	assert_non_null(strstr(app.notice, "xyz"));
	app_fini(&app);
	program_free(p);
}

static void control_c_leaves_the_field_only(void **state)
{
	struct app app;
	struct program *p = open_app(&app, chain);

	(void)state;
	press(&app, "s s s / l o c k Ctrl-C");
	assert_false(app.quit);
	assert_int_equal(app.overlay, OVERLAY_NONE);
	assert_int_equal(app_cursor(&app), 3);
	press(&app, "? / x Ctrl-C");
	assert_false(app.quit);
	press(&app, "q Ctrl-C");
	assert_true(app.quit);
	app_fini(&app);
	program_free(p);
}

/* ---- the mouse --------------------------------------------------------- */

static void turn(struct app *app, enum mouse_button button, int x, int y)
{
	struct input_event e = {
		.mouse = true, .button = (uint8_t)button, .x = x, .y = y};

	app_click(app, &e, 120, 40);
}

static void clicks_find_entries_of_a_list(void **state)
{
	struct app app;
	struct program *p = open_app(&app, chain);
	struct str s;

	(void)state;
	for (int i = 0; i < 8; i++)
		app_do(&app, ACTION_STEP);
	app_do(&app, ACTION_SEARCH);
	s = picture(&app, 120, 40);
	assert_true(app.layout->spot_count > 3);
	turn(&app, MOUSE_LEFT, app.layout->spots[2].at.x,
	     app.layout->spots[2].at.y);
	assert_int_equal(app.picked, 2);
	turn(&app, MOUSE_LEFT, app.layout->spots[2].at.x,
	     app.layout->spots[2].at.y);
	assert_int_equal(app.overlay, OVERLAY_NONE);
	str_free(&s);
	app_fini(&app);
	program_free(p);
}

static void a_semaphore_shows_who_waits_at_it(void **state)
{
	struct app app;
	struct program *p = open_app(
		&app, "scenario \"gate\"\nsem gate = 1\nsem spare = 2\n"
		      "thread A, B:\n    wait gate\n    work \"in\"\n"
		      "    post gate\n");

	(void)state;
	app_do(&app, ACTION_STEP);
	app_do(&app, ACTION_WAITS);
	assert_shows(&app, "gate      0 permits ← B", true);
	assert_shows(&app, "spare     2 permits  ", true);
	app_fini(&app);
	program_free(p);
}

static void tabs_in_a_line_keep_their_columns(void **state)
{
	struct app app;
	struct program *p = open_app(
		&app, "scenario \"tabs\"\nshared\tn = 0\t# a\tb\n"
		      "thread A, B:\n\tn =\t1\t\t# one\n");
	struct str s = picture(&app, 140, 30);

	(void)state;
	assert_non_null(strstr(str_cstr(&s), "shared  n = 0  # a   b"));
	assert_non_null(strstr(str_cstr(&s), "    n = 1  # one"));
	str_free(&s);
	app_fini(&app);
	program_free(p);
}

static void the_wheel_turns_what_lies_under_it(void **state)
{
	struct app app;
	struct program *p = open_app(&app, chain);
	struct str s = picture(&app, 80, 20);
	struct rect source = app.layout->panel[PANEL_SOURCE];
	struct rect time = app.layout->panel[PANEL_TIMELINE];

	(void)state;
	app_do(&app, ACTION_STEP);
	turn(&app, MOUSE_WHEEL_DOWN, source.x, source.y);
	assert_int_equal(app.scroll[PANEL_SOURCE], 1);
	for (int i = 0; i < 99; i++)
		turn(&app, MOUSE_WHEEL_DOWN, source.x, source.y);
	assert_non_null(strstr(app.notice, "this is the bottom"));
	assert_in_range(app.scroll[PANEL_SOURCE], 1, 40);
	assert_int_equal(app_cursor(&app), 1);
	turn(&app, MOUSE_WHEEL_UP, time.x, time.y);
	assert_int_equal(app_cursor(&app), 0);
	str_free(&s);
	app_fini(&app);
	program_free(p);
}

/* ---- long runs --------------------------------------------------------- */

static void a_long_way_does_not_block_keys(void **state)
{
	struct app app;
	struct program *p = open_app(
		&app, "scenario \"long\"\nshared n = 0\nthread A:\n"
		      "    repeat 500:\n        n++\nfinally n == 500\n");

	(void)state;
	app_do(&app, ACTION_CONTINUE);
	assert_true(app.continuing);
	assert_in_range(app_cursor(&app), 1, 500);
	app_key(&app, 'v');
	assert_false(app.continuing);
	app_do(&app, ACTION_CONTINUE);
	while (app.continuing)
		app_work(&app);
	assert_int_equal(app_cursor(&app), 1000);
	app_fini(&app);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_entry_is_always_shown),
		cmocka_unit_test(it_moves_by_a_third_of_a_page),
		cmocka_unit_test(a_growing_list_moves_by_a_third),
		cmocka_unit_test(the_rows_of_a_ladder_stay_while_one_steps),
		cmocka_unit_test(a_short_run_has_two_rows_a_step),
		cmocka_unit_test(a_crowd_is_counted_in_one_line),
		cmocka_unit_test(the_pair_is_marked_in_every_form),
		cmocka_unit_test(keys_that_do_nothing_say_why),
		cmocka_unit_test(the_selected_thread_is_in_a_lane),
		cmocka_unit_test(what_closes_leaves_the_chooser),
		cmocka_unit_test(drawing_leaves_the_moment),
		cmocka_unit_test(a_question_does_not_show_its_answer),
		cmocka_unit_test(a_search_can_be_repeated),
		cmocka_unit_test(control_c_leaves_the_field_only),
		cmocka_unit_test(clicks_find_entries_of_a_list),
		cmocka_unit_test(a_semaphore_shows_who_waits_at_it),
		cmocka_unit_test(tabs_in_a_line_keep_their_columns),
		cmocka_unit_test(the_wheel_turns_what_lies_under_it),
		cmocka_unit_test(a_long_way_does_not_block_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
