/*
 * The app without a terminal: what keys do, and that it can be drawn at every
 * size in every state.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "opened.h"
#include "threadviz/gridout.h"
#include "threadviz/tracefile.h"

static const char race[] = "scenario \"Lost update\"\nshared count = 0\n"
			   "thread A, B:\n    count = count + 1\n"
			   "finally count == 2\n";
static const char locks[] =
	"scenario \"Two locks\"\nmutex red, blue\nthread A:\n    lock red\n"
	"    lock blue\n    unlock blue\n    unlock red\nthread B:\n"
	"    lock blue\n    lock red\n    unlock red\n    unlock blue\n";

static void open_app(struct fixture *f, const char *text)
{
	open_with(f, text, NULL);
}

static size_t cursor(const struct fixture *f)
{
	return f->app.timeline.cursor;
}

static size_t length(const struct fixture *f)
{
	return f->app.timeline.schedule.len;
}

/* ---- the table of keys ------------------------------------------------- */

static void no_key_stands_twice(void **state)
{
	size_t seen = 0;

	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++) {
		const char *at = action_info[i].keys;

		while (*at) {
			char name[32];
			size_t len = strcspn(at, " ");
			key_code key;

			assert_true(len < sizeof name);
			memcpy(name, at, len);
			name[len] = '\0';
			if (!key_parse(name, &key))
				fail_msg("%s is no key", name);
			if (action_of_key(key) != (enum action)i)
				fail_msg("%s stands twice", name);
			seen++;
			at += len;
			at += strspn(at, " ");
		}
	}
	assert_true(seen > ACTION_COUNT);
}

static void every_action_has_help_and_a_name(void **state)
{
	(void)state;
	for (int i = 0; i < ACTION_COUNT; i++) {
		struct str name = {0};

		action_format((enum action)i, &name);
		assert_int_equal(action_of_name(str_cstr(&name)), i);
		assert_true(*action_info[i].help);
		assert_true(strlen(action_info[i].help) <= 27);
		assert_true(strlen(action_help((enum action)i, true)) <= 27);
		str_free(&name);
	}
}

/* ---- stepping ---------------------------------------------------------- */

static void a_digit_steps_that_thread(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "2 1");
	assert_int_equal(cursor(&f), 2);
	assert_int_equal(f.app.timeline.schedule.data[0].thread, 1);
	assert_int_equal(f.app.selected, 0);
	close_app(&f);
}

static void back_looks_and_undoes_nothing(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 b b");
	assert_int_equal(cursor(&f), 0);
	assert_int_equal(length(&f), 2);
	assert_int_equal(engine_steps(f.app.engine), 2);
	press(&f, "s");
	assert_int_equal(cursor(&f), 1);
	assert_int_equal(engine_steps(f.app.engine), 2);
	close_app(&f);
}

static void the_recorded_digit_replays(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 b b 1");
	assert_int_equal(cursor(&f), 1);
	assert_int_equal(length(&f), 2);
	close_app(&f);
}

static void another_digit_branches_and_u_undoes_it(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 1 b b 1");
	assert_int_equal(length(&f), 2);
	assert_int_equal(f.app.timeline.schedule.data[1].thread, 0);
	assert_int_equal(engine_steps(f.app.engine), 2);
	press(&f, "u");
	assert_int_equal(length(&f), 3);
	assert_int_equal(f.app.timeline.schedule.data[1].thread, 1);
	close_app(&f);
}

static void a_refused_key_says_why(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, locks);
	press(&f, "1 2 1");
	assert_int_equal(length(&f), 2);
	assert_string_equal(f.app.notice, "A waits for blue, which B holds");
	assert_true(f.app.notice_bad);
	press(&f, "9");
	assert_non_null(strstr(f.app.notice, "no thread 9"));
	press(&f, "F9");
	assert_non_null(strstr(f.app.notice, "F9 does nothing"));
	press(&f, "s");
	assert_non_null(strstr(f.app.notice, "deadlock"));
	close_app(&f);
}

static void restart_goes_to_the_start_of_the_same_schedule(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, locks);
	press(&f, "1 2 r");
	assert_int_equal(cursor(&f), 0);
	assert_int_equal(length(&f), 2);
	assert_int_equal(engine_steps(f.app.engine), 0);
	press(&f, "s s");
	assert_int_equal(engine_steps(f.app.engine), 2);
	close_app(&f);
}

static void next_line_runs_over_its_touches(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, "scenario \"t\"\nshared x = 0\nthread A:\n    x += 1\n"
		     "    x = 5\n");
	press(&f, "n");
	assert_int_equal(cursor(&f), 2);
	close_app(&f);
}

static void playing_steps_with_every_tick(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "space @tick");
	assert_int_equal(cursor(&f), 2);
	press(&f, "space @tick");
	assert_int_equal(cursor(&f), 2);
	close_app(&f);
}

/* ---- searching --------------------------------------------------------- */

static void find_loads_the_simplest_failure_at_the_start(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "f");
	assert_int_equal(cursor(&f), 0);
	assert_int_equal(length(&f), 4);
	press(&f, "s s s s");
	assert_int_equal(world_verdict(app_world(&f.app), f.p),
			 VERDICT_VIOLATED);
	close_app(&f);
}

/* The way in and once round; where the way in is none, too. */
static void find_loads_a_livelock_and_once_round(void **state)
{
	static const char *const texts[] = {
		"scenario \"one\"\natomic f = 0\nthread A:\n"
		"    while f == 0:\n        spin\n",
		"scenario \"two\"\natomic f[2] = 0\nthread A, B:\n"
		"    f[me] = 1\n    while f[1 - me] == 1:\n"
		"        spin\n    f[me] = 0\n"};
	static const size_t lengths[] = {1, 4};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		bool told = false;

		open_app(&f, texts[i]);
		press(&f, i ? "e enter" : "f");
		assert_int_equal(cursor(&f), 0);
		assert_int_equal(length(&f), lengths[i]);
		press(&f, "s s s s");
		for (size_t k = 0; k < f.app.findings.len; k++)
			told |= f.app.findings.data[k].kind == FINDING_LIVELOCK;
		assert_true(told);
		close_app(&f);
	}
}

static void futures_count_from_the_cursor(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	assert_true(f.app.futures.known);
	assert_true(f.app.futures.now.schedules.exact == 6);
	assert_true(f.app.futures.now.bad.exact == 4);
	press(&f, "1");
	assert_true(f.app.futures.now.schedules.exact == 3);
	assert_true(f.app.futures.after[1].bad.exact == 2);
	assert_true(f.app.futures.after[1].doomed);
	press(&f, "2");
	assert_int_equal(f.app.no_return, 2);
	close_app(&f);
}

static void findings_are_walked(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 1 2 g ]");
	assert_true(cursor(&f) > 0);
	press(&f, "G [");
	assert_true(cursor(&f) < 4);
	close_app(&f);
}

static void search_walks_the_matches_and_goes_back(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 1 2 / w r i t e");
	assert_int_equal(cursor(&f), 3);
	press(&f, "Down");
	assert_int_equal(cursor(&f), 4);
	press(&f, "Esc");
	assert_int_equal(cursor(&f), 4);
	press(&f, "g / B Enter");
	assert_int_equal(cursor(&f), 2);
	close_app(&f);
}

static void the_palette_runs_what_is_typed(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, ": v i e w Enter");
	assert_true(f.app.lanes);
	close_app(&f);
}

static void enter_goes_to_the_cause(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 1 2 Enter Enter");
	assert_int_equal(cursor(&f), 2); /* the write that the read saw */
	assert_string_equal(f.app.notice,
			    "this is behind step 3: B read count -> 1");
	close_app(&f);
}

static void predicting_hides_asks_and_keeps_score(void **state)
{
	struct fixture f;
	struct str out = {0};
	struct error err = {0};

	(void)state;
	open_app(&f, race);
	assert_true(screen_script(&f.app, "p @dump p y p n p p @dump", 80, 24,
				  &out, &err));
	assert_non_null(strstr(str_cstr(&out), "what will it read"));
	assert_int_equal(f.app.predict_asked, 2);
	assert_int_equal(f.app.predict_right, 1);
	press(&f, "p s"); /* another moment is another question */
	assert_int_equal(f.app.predict, PREDICT_ASKED);
	str_free(&out);
	close_app(&f);
}

static void q_closes_what_is_open_first(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "e q");
	assert_false(f.app.quit);
	press(&f, "z q");
	assert_false(f.app.quit);
	press(&f, "q");
	assert_true(f.app.quit);
	close_app(&f);
}

static void the_users_keys_win(void **state)
{
	struct key_binding b = {.key = 'y', .action = ACTION_STEP};
	struct app_options o = {
		.kind = ENGINE_SIM, .keymap = &b, .keymap_count = 1};
	struct error err = {0};
	struct fixture f;

	(void)state;
	f.p = compile(race);
	assert_true(app_init(&f.app, f.p, &o, &err));
	press(&f, "y");
	assert_int_equal(cursor(&f), 1);
	close_app(&f);
}

static void click_at(struct fixture *f, int x, int y, int button)
{
	struct input_event e = {
		.mouse = true, .x = x, .y = y, .button = (uint8_t)button};
	struct grid g;

	grid_init(&g, 80, 24);
	app_draw(&f->app, &g);
	app_click(&f->app, &e, 80, 24);
	grid_fini(&g);
}

static void clicks_go_to_steps_threads_and_panels(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 1 2");
	click_at(&f, 8, 4, MOUSE_LEFT); /* header, rule, two rows of head */
	assert_int_equal(cursor(&f), 1);
	assert_int_equal(f.app.selected, 0);
	click_at(&f, 60, 5, MOUSE_LEFT);
	assert_int_equal(f.app.focus, PANEL_SOURCE);
	press(&f, "Tab Tab Tab Tab");
	click_at(&f, 8, 4, MOUSE_WHEEL_DOWN);
	assert_int_equal(cursor(&f), 2);
	click_at(&f, 78, 23, MOUSE_LEFT); /* q quit */
	assert_true(f.app.quit);
	close_app(&f);
}

/* ---- why --------------------------------------------------------------- */

static void row_is(struct fixture *f, size_t row, thread_id selected)
{
	assert_int_equal(f->app.state_row, row);
	assert_int_equal(f->app.selected, selected);
}

static void rows_of_the_state_are_chosen(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, locks); /* red, blue, A, B */
	press(&f, "1 Tab Tab");
	assert_int_equal(f.app.focus, PANEL_STATE);
	press(&f, "Up");
	row_is(&f, 0, 0);
	press(&f, "Down Down Down j j");
	row_is(&f, 3, 1);
	press(&f, "k");
	row_is(&f, 2, 0);
	assert_int_equal(cursor(&f), 1);
	close_app(&f);
}

static void a_click_chooses_a_row(void **state)
{
	struct fixture f;
	struct rect r;

	(void)state;
	open_app(&f, locks);
	press(&f, "1 2 Tab Tab");
	click_at(&f, 0, 0, MOUSE_LEFT); /* the header: it draws, no more */
	r = f.app.layout->panel[PANEL_STATE];
	click_at(&f, r.x + 2, r.y + 3, MOUSE_LEFT);
	row_is(&f, 3, 1);
	click_at(&f, r.x + 2, r.y + 1, MOUSE_LEFT);
	row_is(&f, 1, 1);
	assert_int_equal(cursor(&f), 2);
	close_app(&f);
}

static void the_cursor_is_on_the_chosen_row(void **state)
{
	struct fixture f;
	struct grid g;

	(void)state;
	open_app(&f, locks);
	press(&f, "Tab Tab Down Down Down z");
	for (int h = 8; h <= 24; h++) {
		struct rect r;

		grid_init(&g, 80, h);
		app_draw(&f.app, &g);
		r = f.app.layout->panel[PANEL_STATE];
		assert_int_equal(g.cursor_y, r.y + (r.h < 4 ? r.h - 1 : 3));
		grid_fini(&g);
	}
	close_app(&f);
}

static void enter_says_why_a_variable_is_so(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, race);
	press(&f, "1 1 2 2 Tab Tab Enter");
	assert_int_equal(cursor(&f), 2); /* it stands at the last write */
	assert_string_equal(f.app.notice, "A writes count = 1 (step 2, line "
					  "4)");
	press(&f, "Enter");
	assert_int_equal(cursor(&f), 2);
	assert_string_equal(f.app.notice, "nothing wrote count before that: 0 "
					  "from the start");
	press(&f, "Right Down");
	assert_int_equal(cursor(&f), 2);
	close_app(&f);
}

static void enter_says_why_a_thread_waits(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, locks);
	press(&f, "1 2 Tab Tab Down Down Down Enter");
	assert_int_equal(cursor(&f), 1);
	assert_string_equal(f.app.notice,
			    "A took red at step 1: that is why B waits");
	assert_int_equal(f.app.overlay, OVERLAY_NONE);
	close_app(&f);
}

/* What S says in its notice is a file that holds the run. */
static void saving_makes_new_files(void **state)
{
	char dir[] = "/tmp/test-app-XXXXXX", was[4096];
	struct tracefile t;
	struct error err = {0};
	struct fixture f;

	(void)state;
	assert_non_null(getcwd(was, sizeof was));
	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	open_app(&f, race);
	press(&f, "1 2 S 1 2 g S");
	assert_non_null(strstr(f.app.notice, "saved test-2.tvt"));
	assert_true(tracefile_load(&t, "test-2.tvt", &err));
	assert_string_equal(t.schedule, "A B A B");
	assert_int_equal(t.finding_count, f.app.findings.len);
	tracefile_fini(&t);
	assert_int_equal(unlink("test-2.tvt"), 0);
	assert_int_equal(unlink("test-1.tvt"), 0);
	assert_int_equal(chdir(was), 0);
	assert_int_equal(rmdir(dir), 0);
	close_app(&f);
}

/* ---- drawing ----------------------------------------------------------- */

/* Draws at many sizes, from nothing to a wall. */
static void draw_everywhere(const struct app *app)
{
	static const int sizes[][2] = {
		{1, 1},    {5, 3},     {23, 6},   {24, 5},   {24, 6},
		{63, 20},  {64, 15},   {64, 16},  {80, 24},  {109, 29},
		{110, 30}, {120, 40},  {169, 50}, {170, 40}, {200, 60},
		{250, 80}, {500, 100},
	};

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct grid g;

		grid_init(&g, sizes[i][0], sizes[i][1]);
		app_draw(app, &g);
		grid_fini(&g);
	}
}

static void every_state_can_be_drawn_at_every_size(void **state)
{
	static const char *const states[] = {
		"",      "1",       "1 2 1 2", "v",     "+ +", "- - - -",
		"v e q", "w q",     "? q",     ": Esc", "z",   "Tab Tab z z",
		"O q",   "/ x Esc", "p",       "p",     "q",   "Enter q",
	};
	struct fixture f;

	(void)state;
	open_app(&f, race);
	for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
		press(&f, states[i]);
		draw_everywhere(&f.app);
	}
	for (const char *k = "?:ewO/o"; *k; k++) {
		char key[2] = {*k};

		press(&f, key);
		draw_everywhere(&f.app);
		press(&f, "Esc");
	}
	close_app(&f);
}

static void sixty_four_threads_can_be_drawn(void **state)
{
	struct fixture f;

	(void)state;
	open_app(&f, "scenario \"many\"\nmutex m\nthread T[64]:\n    lock m\n"
		     "    unlock m\n");
	press(&f, "s s s s s s");
	draw_everywhere(&f.app);
	press(&f, "v");
	draw_everywhere(&f.app);
	close_app(&f);
}

static void ascii_screens_are_ascii(void **state)
{
	struct fixture f;
	struct grid g;
	struct str s = {0};

	(void)state;
	open_app(&f, locks);
	press(&f, "1 2");
	grid_init(&g, 120, 40);
	app_draw(&f.app, &g);
	grid_write_text(&g, true, &s);
	for (size_t i = 0; i < s.len; i++)
		assert_true((unsigned char)s.data[i] < 0x80);
	str_free(&s);
	grid_fini(&g);
	close_app(&f);
}

static void drawing_changes_nothing(void **state)
{
	struct fixture f;
	struct grid a, b;

	(void)state;
	open_app(&f, race);
	press(&f, "1 2 1 b");
	grid_init(&a, 120, 40);
	grid_init(&b, 120, 40);
	app_draw(&f.app, &a);
	app_draw(&f.app, &b);
	assert_true(grid_equal(&a, &b));
	grid_fini(&a);
	grid_fini(&b);
	close_app(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_key_stands_twice),
		cmocka_unit_test(every_action_has_help_and_a_name),
		cmocka_unit_test(a_digit_steps_that_thread),
		cmocka_unit_test(back_looks_and_undoes_nothing),
		cmocka_unit_test(the_recorded_digit_replays),
		cmocka_unit_test(another_digit_branches_and_u_undoes_it),
		cmocka_unit_test(a_refused_key_says_why),
		cmocka_unit_test(
			restart_goes_to_the_start_of_the_same_schedule),
		cmocka_unit_test(next_line_runs_over_its_touches),
		cmocka_unit_test(playing_steps_with_every_tick),
		cmocka_unit_test(find_loads_the_simplest_failure_at_the_start),
		cmocka_unit_test(find_loads_a_livelock_and_once_round),
		cmocka_unit_test(futures_count_from_the_cursor),
		cmocka_unit_test(findings_are_walked),
		cmocka_unit_test(search_walks_the_matches_and_goes_back),
		cmocka_unit_test(the_palette_runs_what_is_typed),
		cmocka_unit_test(enter_goes_to_the_cause),
		cmocka_unit_test(predicting_hides_asks_and_keeps_score),
		cmocka_unit_test(q_closes_what_is_open_first),
		cmocka_unit_test(the_users_keys_win),
		cmocka_unit_test(clicks_go_to_steps_threads_and_panels),
		cmocka_unit_test(rows_of_the_state_are_chosen),
		cmocka_unit_test(a_click_chooses_a_row),
		cmocka_unit_test(the_cursor_is_on_the_chosen_row),
		cmocka_unit_test(enter_says_why_a_variable_is_so),
		cmocka_unit_test(enter_says_why_a_thread_waits),
		cmocka_unit_test(saving_makes_new_files),
		cmocka_unit_test(every_state_can_be_drawn_at_every_size),
		cmocka_unit_test(sixty_four_threads_can_be_drawn),
		cmocka_unit_test(ascii_screens_are_ascii),
		cmocka_unit_test(drawing_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
