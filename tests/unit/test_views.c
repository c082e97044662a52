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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_entry_is_always_shown),
		cmocka_unit_test(it_moves_by_a_third_of_a_page),
		cmocka_unit_test(a_growing_list_moves_by_a_third),
		cmocka_unit_test(the_rows_of_a_ladder_stay_while_one_steps),
		cmocka_unit_test(a_short_run_has_two_rows_a_step),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
