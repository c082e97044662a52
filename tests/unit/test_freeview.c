/*
 * A free run on the screen, without a terminal and without a clock: saved runs
 * are opened, keys pressed, and what is looked at is compared with what the
 * records say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "cli/saved.h"
#include "compile.h"
#include "threadviz/screen.h"
#include "tui/freeview.h"

enum { W = 80, H = 24 };

struct fixture {
	struct saved saved;
	struct app app;
	struct str out;
};

static void draw(struct fixture *f)
{
	struct error err = {0};

	str_clear(&f->out);
	if (!screen_script(&f->app, "@dump", W, H, &f->out, &err))
		fail_msg("%s", err.text);
}

static void press(struct fixture *f, const char *keys)
{
	struct error err = {0};
	struct str out = {0};

	if (!screen_script(&f->app, keys, W, H, &out, &err))
		fail_msg("%s", err.text);
	str_free(&out);
	draw(f);
}

static void open_trace(struct fixture *f, const char *name)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_MONO};
	struct error err = {0};
	struct str path = {0};

	*f = (struct fixture){0};
	str_addf(&path, "tests/golden/traces/%s.tvt", name);
	if (!saved_open(&f->saved, str_cstr(&path), &err))
		fail_msg("%s", err.text);
	o.records = f->saved.file.events;
	o.record_count = f->saved.file.event_count;
	assert_true(app_init(&f->app, f->saved.program, &o, &err));
	str_free(&path);
	draw(f);
}

static void close_trace(struct fixture *f)
{
	app_fini(&f->app);
	saved_close(&f->saved);
	str_free(&f->out);
}

static struct free_window window(const struct fixture *f)
{
	return free_view_window(f->app.free, f->app.layout->cells);
}

/* The cell of the cursor; fails unless it is in view. */
static int cell(const struct fixture *f)
{
	struct free_window w = window(f);
	uint64_t at = free_view_time(f->app.free);

	assert_true(at >= w.from);
	assert_true((at - w.from) / w.width < (uint64_t)w.cells);
	return (int)((at - w.from) / w.width);
}

static const struct event *under(const struct fixture *f)
{
	assert_true(f->app.free->record != HISTORY_NONE);
	return history_at(f->app.free->history, f->app.free->record);
}

static bool says(const struct fixture *f, const char *text)
{
	return strstr(f->app.notice, text) != NULL;
}

/* ---- the window -------------------------------------------------------- */

static void zoom_keeps_the_cursor_where_it_is(void **state)
{
	static const char *const places[] = {"g", "g 1 ) )", "g 2 ) ) s s",
					     "g Right Right", "G"};
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
		uint64_t at, width;
		int before;

		press(&f, "0");
		press(&f, places[i]);
		if (f.app.free->at == NO_TIME)
			press(&f, "Left");
		at = f.app.free->at;
		for (int n = 0; n < 14; n++) {
			before = cell(&f);
			width = window(&f).width;
			press(&f, "+");
			assert_true(window(&f).width < width);
			assert_int_equal(f.app.free->at, at);
			assert_in_range(cell(&f) + 1, before, before + 2);
		}
		for (int n = 0; n < 30; n++) {
			press(&f, "-");
			assert_int_equal(f.app.free->at, at);
			(void)cell(&f);
		}
		assert_true(f.app.free->whole);
	}
	close_trace(&f);
}

/* Also where the cursor is the end of the run. */
static void zoom_keeps_the_end_in_view(void **state)
{
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	assert_int_equal(f.app.free->at, NO_TIME);
	for (int n = 0; n < 14; n++) {
		press(&f, "+");
		assert_in_range(cell(&f), 1, window(&f).cells - 1);
		assert_non_null(strstr(str_cstr(&f.out), "▼"));
	}
	close_trace(&f);
}

static void zoom_ends_at_a_nanosecond_and_at_the_whole(void **state)
{
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	press(&f, "g");
	for (int i = 0; i < 40; i++)
		press(&f, "+");
	assert_int_equal(window(&f).width, 1);
	assert_true(says(&f, "no nearer"));
	press(&f, "0");
	assert_int_equal(f.app.notice[0], '\0');
	press(&f, "-");
	assert_true(says(&f, "the whole run"));
	press(&f, "0");
	assert_true(says(&f, "the whole run"));
	close_trace(&f);
}

/* The whole run begins with the first thread, not with its being made. */
static void the_whole_run_is_in_view_at_first(void **state)
{
	struct fixture f;
	struct free_window w;
	uint64_t begin;

	(void)state;
	open_trace(&f, "deadlock");
	w = window(&f);
	begin = history_begin(f.app.free->history);
	assert_true(history_start(f.app.free->history) < begin);
	assert_int_equal(w.from, begin);
	assert_true(w.from + w.width * (uint64_t)w.cells >
		    history_time(f.app.free->history));
	assert_non_null(strstr(str_cstr(&f.out), "122 µs  "));
	close_trace(&f);
}

static void the_cursor_stays_within_the_run(void **state)
{
	struct fixture f;
	const struct history *h;

	(void)state;
	open_trace(&f, "gil");
	h = f.app.free->history;
	press(&f, "g Left PgUp");
	assert_int_equal(f.app.free->at, history_begin(h));
	assert_true(says(&f, "the run begins here"));
	press(&f, "+ + + + PgUp Left");
	assert_int_equal(f.app.free->at, history_begin(h));
	press(&f, "0");
	for (int i = 0; i < 100; i++)
		press(&f, "Right");
	assert_int_equal(f.app.free->at, history_time(h));
	assert_true(says(&f, "the run ends here"));
	press(&f, "PgUp");
	assert_true(f.app.free->at < history_time(h));
	close_trace(&f);
}

static void half_a_page_is_half_of_the_cells(void **state)
{
	struct fixture f;
	struct free_window w;
	uint64_t at;

	(void)state;
	open_trace(&f, "gil");
	press(&f, "g + + + PgDn");
	w = window(&f);
	at = f.app.free->at;
	press(&f, "PgDn");
	assert_int_equal(f.app.free->at - at,
			 (uint64_t)(w.cells / 2) * w.width);
	(void)cell(&f);
	press(&f, "Right");
	assert_int_equal(f.app.free->at - at,
			 (uint64_t)(w.cells / 2 + 1) * w.width);
	close_trace(&f);
}

/* ---- marks ------------------------------------------------------------- */

static void marks_tell_their_distance(void **state)
{
	struct fixture f;
	struct str s = {0}, expect = {0};
	uint64_t a;

	(void)state;
	open_trace(&f, "gil");
	press(&f, "g 2 ) ) A");
	a = f.app.free->at;
	free_view_position(&f.app, W, &s);
	assert_null(strstr(str_cstr(&s), "A-B"));
	press(&f, "g B");
	str_add(&expect, "A-B ");
	str_add_ns(&expect, a - f.app.free->at);
	str_clear(&s);
	free_view_position(&f.app, W, &s);
	assert_non_null(strstr(str_cstr(&s), str_cstr(&expect)));
	assert_non_null(strstr(str_cstr(&f.out), str_cstr(&expect)));
	str_clear(&s);
	free_view_position(&f.app, 30, &s);
	assert_null(strstr(str_cstr(&s), "FREE RUN"));
	assert_non_null(strstr(str_cstr(&s), str_cstr(&expect)));
	str_clear(&s);
	free_view_position(&f.app, 12, &s);
	assert_string_equal(str_cstr(&s), "saved");
	press(&f, "B");
	assert_true(says(&f, "B is gone"));
	str_clear(&s);
	free_view_position(&f.app, W, &s);
	assert_null(strstr(str_cstr(&s), "A-B"));
	str_free(&s);
	str_free(&expect);
	close_trace(&f);
}

/* ---- going about ------------------------------------------------------- */

/* Every change of state of every thread, there and back. */
static void changes_are_gone_through_one_by_one(void **state)
{
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	for (thread_id t = 0; t < 3; t++) {
		const struct history *h = f.app.free->history;
		uint64_t seen[64];
		size_t n = 0;
		struct moment a, b;

		press(&f, (const char *[]){"1", "2", "3"}[t]);
		press(&f, "g");
		seen[n++] = f.app.free->at;
		for (press(&f, ")"); !f.app.notice[0]; press(&f, ")")) {
			history_moment(h, t, f.app.free->at - 1, &a);
			history_moment(h, t, f.app.free->at, &b);
			assert_true(a.there != b.there || a.state != b.state ||
				    a.cpu != b.cpu ||
				    b.since == f.app.free->at);
			assert_true(f.app.free->at > seen[n - 1]);
			(void)cell(&f);
			seen[n++] = f.app.free->at;
		}
		assert_true(says(&f, "does not change its state after"));
		assert_true(n >= 2);
		while (n-- > 2) {
			assert_int_equal(f.app.free->at, seen[n]);
			press(&f, "(");
		}
	}
	close_trace(&f);
}

/* s and b: all records of the selected thread and no other. */
static void records_are_gone_through_one_by_one(void **state)
{
	struct fixture f;
	size_t count = 0;

	(void)state;
	open_trace(&f, "gil");
	for (size_t i = 0; i < f.saved.file.event_count; i++)
		count += f.saved.file.events[i].thread == 1 &&
			 f.saved.file.events[i].kind != EVENT_ON_CPU &&
			 f.saved.file.events[i].kind != EVENT_OFF_CPU;
	press(&f, "2 s"); /* from the end on: the first */
	assert_int_equal(under(&f)->kind, OP_LOCK);
	press(&f, "g");
	for (size_t i = 0; i < count; i++) {
		press(&f, "s");
		assert_int_equal(under(&f)->thread, 1);
		assert_int_equal(f.app.notice[0], '\0');
	}
	press(&f, "s");
	assert_true(says(&f, "T1 has recorded nothing after that"));
	for (size_t i = 1; i < count; i++)
		press(&f, "b");
	assert_int_equal(f.app.notice[0], '\0');
	press(&f, "b");
	assert_true(says(&f, "T1 has recorded nothing before that"));
	close_trace(&f);
}

/* T1 wakes from a condition and has its mutex: that rests on T0's unlock. */
static void arrows_lead_there_and_back(void **state)
{
	struct fixture f;
	uint64_t woken;

	(void)state;
	open_trace(&f, "gil");
	press(&f, "g 2 ) ) s");
	assert_int_equal(under(&f)->kind, OP_RETAKE_FOR);
	woken = f.app.free->record;
	assert_non_null(strstr(str_cstr(&f.out), "▶ T1"));
	press(&f, "[");
	assert_int_equal(under(&f)->thread, 0);
	assert_int_equal(f.app.selected, 0);
	assert_true(under(&f)->kind == OP_UNLOCK ||
		    under(&f)->kind == OP_SIGNAL);
	press(&f, "]");
	assert_int_equal(f.app.free->record, woken);
	assert_int_equal(f.app.selected, 1);
	press(&f, "Enter");
	assert_int_equal(f.app.selected, 0);
	press(&f, "1 g s [");
	assert_true(says(&f, "no arrow leads to this record"));
	close_trace(&f);
}

/* ---- which threads are shown -------------------------------------------- */

static void threads_are_hidden_and_come_back(void **state)
{
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	press(&f, "2 i");
	assert_int_equal(f.app.free->hidden, 2);
	assert_int_equal(f.app.selected, 2);
	assert_null(strstr(str_cstr(&f.out), " 2 T1 "));
	press(&f, "Up");
	assert_int_equal(f.app.selected, 0);
	press(&f, "i i");
	assert_true(says(&f, "one thread stays"));
	assert_int_equal(f.app.free->hidden, 3);
	press(&f, "Down");
	assert_true(says(&f, "no other thread is shown"));
	press(&f, "2");
	assert_int_equal(f.app.free->hidden, 1);
	press(&f, "I");
	assert_int_equal(f.app.free->hidden, 0);
	press(&f, "I");
	assert_true(says(&f, "no thread is hidden"));
	press(&f, "9");
	assert_true(says(&f, "there is no thread 9"));
	close_trace(&f);
}

/* A program with so many threads, and a saved run of which only these wrote. */
static void open_crowd(struct fixture *f, size_t threads, uint64_t begun,
		       uint64_t ended)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_MONO};
	struct event *e = calloc(3 * threads, sizeof *e);
	struct error err = {0};
	struct str text = {0};
	size_t n = 0;

	*f = (struct fixture){0};
	str_addf(&text,
		 "scenario \"crowd\"\nshared x = 0\nthread W[%zu]:\n"
		 "    x = 1\n    x = 2\n",
		 threads);
	f->saved.program = compile(str_cstr(&text));
	for (int pass = 0; pass < 2; pass++)
		for (size_t t = 0; t < threads; t++)
			if ((pass ? ended : begun) >> t & 1) {
				e[n] = (struct event){
					.time = 1000 * (n + 1),
					.thread = (thread_id)t,
					.kind = pass ? EVENT_END : OP_WRITE,
					.other = THREAD_NONE,
				};
				n++;
			}
	o.records = e;
	o.record_count = n;
	assert_true(app_init(&f->app, f->saved.program, &o, &err));
	str_free(&text);
	free(e);
	draw(f);
}

static void those_without_a_row_are_counted(void **state)
{
	struct fixture f;

	(void)state;
	open_crowd(&f, 64, 0xffffff, 0xffff00);
	assert_non_null(strstr(str_cstr(&f.out), "not started"));
	assert_non_null(strstr(str_cstr(&f.out), "ended"));
	assert_null(strstr(str_cstr(&f.out), "not there"));
	for (int i = 0; i < 40; i++)
		press(&f, "Down");
	assert_int_equal(f.app.selected, 40);
	assert_non_null(strstr(str_cstr(&f.out), "▶41 W40"));
	/* The panel of the moment goes along. */
	press(&f, "Tab Tab");
	assert_non_null(strstr(str_cstr(&f.out), " W40     has not started"));
	close_trace(&f);
}

/* ---- owners ------------------------------------------------------------ */

static bool is_number(char c)
{
	return (c >= '0' && c <= '9') || c == '+';
}

/* Without a colour, too: a stretch begins with its owner's number. */
static int stretches(const struct fixture *f)
{
	const char *at = str_cstr(&f->out);
	int n = 0;

	while ((at = strstr(at, "━"))) {
		assert_true(is_number(at[-1]) ||
			    !strncmp(at - strlen("━"), "━", strlen("━")));
		n += is_number(at[-1]);
		at += strlen("━");
	}
	return n;
}

static void every_stretch_has_its_owner(void **state)
{
	static const char *const traces[] = {"gil", "crowd"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct fixture f;
		int n = 0;

		open_trace(&f, traces[i]);
		press(&f, i ? "g" : "g 2 ) )");
		for (int zoomed = 0; zoomed < 14; zoomed++, press(&f, "+"))
			n += stretches(&f);
		assert_true(n > 10);
		close_trace(&f);
	}
}

/* Records are missing, so nothing was counted to the end. */
static void counts_over_a_gap_are_at_least(void **state)
{
	struct fixture f;

	(void)state;
	open_trace(&f, "lost");
	assert_non_null(strstr(str_cstr(&f.out), "2,372 LOST"));
	assert_non_null(strstr(str_cstr(&f.out), "at least 6 taken"));
	close_trace(&f);
	open_trace(&f, "gil");
	assert_null(strstr(str_cstr(&f.out), "at least"));
	assert_null(strstr(str_cstr(&f.out), "LOST"));
	close_trace(&f);
}

/* ---- live -------------------------------------------------------------- */

/* Half of a run, as if the rest were still to come. */
static void open_live(struct fixture *f, size_t *half)
{
	struct app_options o = {.kind = ENGINE_SIM, .theme = THEME_MONO};
	struct error err = {0};

	*f = (struct fixture){0};
	if (!saved_open(&f->saved, "tests/golden/traces/gil.tvt", &err))
		fail_msg("%s", err.text);
	*half = f->saved.file.event_count / 2;
	o.records = f->saved.file.events;
	o.record_count = *half;
	assert_true(app_init(&f->app, f->saved.program, &o, &err));
	f->app.free->over = false;
	f->app.free->state = FREE_RUNNING;
	draw(f);
}

static void go_on(struct fixture *f, size_t half)
{
	history_add(f->app.free->history, f->saved.file.events + half,
		    f->saved.file.event_count - half);
	draw(f);
}

static void what_is_looked_at_follows_until_it_is_held(void **state)
{
	struct fixture f;
	struct free_window w;
	uint64_t from;
	size_t half;

	(void)state;
	open_live(&f, &half);
	press(&f, "+");
	assert_true(f.app.free->follow);
	from = window(&f).from;
	go_on(&f, half);
	w = window(&f);
	assert_true(w.from > from);
	assert_in_range(w.from + w.width * (uint64_t)w.cells,
			history_time(f.app.free->history) + 1,
			history_time(f.app.free->history) + w.width);
	close_trace(&f);

	open_live(&f, &half);
	press(&f, "+ 1 ( s");
	assert_false(f.app.free->follow && f.app.free->whole);
	from = f.app.free->at;
	w = window(&f);
	press(&f, "+");
	press(&f, "PgUp");
	w = window(&f);
	go_on(&f, half);
	assert_int_equal(window(&f).from, w.from);
	press(&f, "G");
	assert_true(f.app.free->follow);
	assert_int_equal(f.app.free->at, NO_TIME);
	close_trace(&f);
}

static void the_whole_run_grows(void **state)
{
	struct fixture f;
	uint64_t width, end;
	size_t half;

	(void)state;
	open_live(&f, &half);
	width = window(&f).width;
	end = history_time(f.app.free->history);
	assert_int_equal(free_view_time(f.app.free), end);
	go_on(&f, half);
	assert_true(f.app.free->whole);
	assert_true(window(&f).width > width);
	assert_true(free_view_time(f.app.free) > end);
	close_trace(&f);
}

/* ---- every key --------------------------------------------------------- */

/* All that a key can change and that is not said. */
static void add_state(const struct fixture *f, struct str *out)
{
	const struct app *a = &f->app;
	const struct free_view *v = a->free;

	str_addf(out, "%d %d %d %d %d %d %d %d ", v != NULL, a->selected,
		 a->focus, a->zoomed, a->overlay, a->quit, a->mouse, a->theme);
	if (v)
		str_addf(out, "%d %d %llu %llu %llu %llu %llx", v->whole,
			 v->follow, (unsigned long long)v->from,
			 (unsigned long long)v->width,
			 (unsigned long long)v->at,
			 (unsigned long long)v->record,
			 (unsigned long long)v->hidden);
}

static bool writes_or_runs(enum action a)
{
	return a == ACTION_PICTURE || a == ACTION_SAVE || a == ACTION_RESTART ||
	       a == ACTION_RESEED || a == ACTION_HISTOGRAM ||
	       a == ACTION_INTERRUPT || a == ACTION_SUSPEND ||
	       a == ACTION_REPAINT || a == ACTION_THREAD;
}

/* Whatever is pressed, wherever it stands: something changes, or it is said
 * why nothing does. */
static void no_key_is_silent(void **state)
{
	static const char *const places[] = {
		"0", "g", "G", "g 2 ) ) s", "g + + + + +", "i i", "Tab Tab",
	};

	(void)state;
	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		for (enum action a = 0; a < ACTION_COUNT; a++) {
			struct str before = {0}, after = {0}, name = {0};
			struct fixture f;

			if (writes_or_runs(a))
				continue;
			open_trace(&f, "gil");
			press(&f, places[i]);
			add_state(&f, &before);
			app_do(&f.app, a);
			add_state(&f, &after);
			action_format(a, &name);
			if (!f.app.notice[0] &&
			    !strcmp(str_cstr(&before), str_cstr(&after)))
				fail_msg("%s is silent after \"%s\"",
					 str_cstr(&name), places[i]);
			str_free(&before);
			str_free(&after);
			str_free(&name);
			close_trace(&f);
		}
}

/* ---- help -------------------------------------------------------------- */

/* Help says of a key that it does nothing exactly where it is refused. */
static void help_leaves_out_what_is_refused(void **state)
{
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	for (int i = 0; i < ACTION_COUNT; i++) {
		enum action a = (enum action)i;
		bool refused;

		if (action_help(a, true) == action_help(a, false) ||
		    a == ACTION_FREE || a == ACTION_QUIT ||
		    a == ACTION_RESTART || a == ACTION_RESEED)
			continue; /* they go elsewhere */
		app_do(&f.app, a);
		refused = *f.app.notice && f.app.notice_bad;
		if (refused != !*action_help(a, true) &&
		    a != ACTION_PLAY) /* which a saved run refuses */
			fail_msg("%s: \"%s\", but \"%s\"", action_info[a].name,
				 action_help(a, true), f.app.notice);
	}
	close_trace(&f);
}

static void help_begins_with_the_free_run(void **state)
{
	const char *first;
	struct fixture f;

	(void)state;
	open_trace(&f, "gil");
	press(&f, "?");
	first = strstr(str_cstr(&f.out), "FREE RUN");
	assert_non_null(first);
	assert_true(first < strstr(str_cstr(&f.out), " RUN   "));
	assert_non_null(strstr(str_cstr(&f.out), "the thread's next record"));
	assert_null(strstr(str_cstr(&f.out), "step, as the policy says"));
	assert_null(strstr(str_cstr(&f.out), "play slower"));
	close_trace(&f);
}

/* ---- the mouse --------------------------------------------------------- */

static void a_click_goes_to_thread_and_time(void **state)
{
	struct fixture f;
	struct free_window w;
	struct rect r;

	(void)state;
	open_trace(&f, "gil");
	w = window(&f);
	r = f.app.layout->panel[PANEL_TIMELINE];
	free_lanes_click(&f.app, r, 10 + 30, 3);
	assert_int_equal(f.app.selected, 1);
	assert_int_equal(f.app.free->at, w.from + 30 * w.width);
	free_lanes_click(&f.app, r, 2, 5);
	assert_int_equal(f.app.selected, 2);
	assert_int_equal(f.app.free->at, w.from + 30 * w.width);
	close_trace(&f);
}

/* As maps do it: the time under the pointer stays under it. */
static void the_wheel_zooms_round_the_pointer(void **state)
{
	struct input_event e = {.mouse = true, .x = 10 + 20, .y = 3};
	struct fixture f;
	struct free_window w;
	uint64_t at;

	(void)state;
	open_trace(&f, "gil");
	w = window(&f);
	for (int i = 0; i < 5; i++) {
		at = w.from + 20 * w.width + w.width / 2;
		e.button = MOUSE_WHEEL_UP;
		app_click(&f.app, &e, W, H);
		draw(&f);
		assert_true(window(&f).width < w.width);
		w = window(&f);
		assert_in_range(at, w.from + 19 * w.width,
				w.from + 22 * w.width);
	}
	for (int i = 0; i < 9; i++) {
		e.button = MOUSE_WHEEL_DOWN;
		app_click(&f.app, &e, W, H);
		draw(&f);
	}
	assert_true(f.app.free->whole);
	assert_true(says(&f, "this is the whole run"));
	close_trace(&f);
}

/* Nobody scrolls so far that nothing is left. */
static void the_wheel_ends_with_the_text(void **state)
{
	static const enum panel panels[] = {PANEL_SOURCE, PANEL_DIAGNOSIS};
	static const char *const last[] = {"expect again", " timed out"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		struct input_event e = {.mouse = true};
		struct fixture f;
		struct rect r;

		open_trace(&f, "gil");
		r = f.app.layout->panel[panels[i]];
		e.x = r.x + 1;
		e.y = r.y + 1;
		e.button = MOUSE_WHEEL_DOWN;
		for (int k = 0; k < 200; k++)
			app_click(&f.app, &e, W, H);
		draw(&f);
		assert_true(says(&f, "this is the bottom"));
		if (!strstr(str_cstr(&f.out), last[i]))
			fail_msg("no %s in\n%s", last[i], str_cstr(&f.out));
		e.button = MOUSE_WHEEL_UP;
		for (int k = 0; k < 200; k++)
			app_click(&f.app, &e, W, H);
		draw(&f);
		assert_true(says(&f, "this is the top"));
		close_trace(&f);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(zoom_keeps_the_cursor_where_it_is),
		cmocka_unit_test(zoom_keeps_the_end_in_view),
		cmocka_unit_test(zoom_ends_at_a_nanosecond_and_at_the_whole),
		cmocka_unit_test(the_whole_run_is_in_view_at_first),
		cmocka_unit_test(the_cursor_stays_within_the_run),
		cmocka_unit_test(half_a_page_is_half_of_the_cells),
		cmocka_unit_test(marks_tell_their_distance),
		cmocka_unit_test(changes_are_gone_through_one_by_one),
		cmocka_unit_test(records_are_gone_through_one_by_one),
		cmocka_unit_test(arrows_lead_there_and_back),
		cmocka_unit_test(threads_are_hidden_and_come_back),
		cmocka_unit_test(those_without_a_row_are_counted),
		cmocka_unit_test(every_stretch_has_its_owner),
		cmocka_unit_test(counts_over_a_gap_are_at_least),
		cmocka_unit_test(what_is_looked_at_follows_until_it_is_held),
		cmocka_unit_test(the_whole_run_grows),
		cmocka_unit_test(no_key_is_silent),
		cmocka_unit_test(help_leaves_out_what_is_refused),
		cmocka_unit_test(help_begins_with_the_free_run),
		cmocka_unit_test(a_click_goes_to_thread_and_time),
		cmocka_unit_test(the_wheel_zooms_round_the_pointer),
		cmocka_unit_test(the_wheel_ends_with_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
