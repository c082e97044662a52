/*
 * test_grid.c - cells, clipping, text in cells.
 *
 * Pictures are compared as text: what grid_write_text prints.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "threadviz/grid.h"
#include "threadviz/gridout.h"
#include "threadviz/str.h"
#include "threadviz/utf8.h"

static const struct rect everywhere = {-100, -100, 300, 300};

static void expect_picture(const struct grid *g, const char *picture)
{
	struct str out = {0};

	grid_write_text(g, false, &out);
	assert_string_equal(str_cstr(&out), picture);
	str_free(&out);
}

/* Right halves stand right of wide characters, and only there. */
static void expect_whole_characters(const struct grid *g)
{
	for (int y = 0; y < g->h; y++)
		for (int x = 0; x < g->w; x++) {
			uint32_t ch = grid_at(g, x, y)->ch;
			uint32_t next =
				x + 1 < g->w ? grid_at(g, x + 1, y)->ch : ' ';

			assert_true(ch != 0 || x > 0);
			if (ch != 0)
				assert_int_equal(next == 0,
						 utf8_code_width(ch) == 2);
		}
}

/* ---- rectangles -------------------------------------------------------- */

static void expect_rect(struct rect r, int x, int y, int w, int h)
{
	assert_int_equal(r.x, x);
	assert_int_equal(r.y, y);
	assert_int_equal(r.w, w);
	assert_int_equal(r.h, h);
}

static void rectangles_are_cut(void **state)
{
	struct rect r = {2, 3, 20, 10};

	(void)state;
	expect_rect(rect_cut_top(&r, 1), 2, 3, 20, 1);
	expect_rect(rect_cut_bottom(&r, 2), 2, 11, 20, 2);
	expect_rect(rect_cut_left(&r, 3), 2, 4, 3, 7);
	expect_rect(rect_cut_right(&r, 4), 18, 4, 4, 7);
	expect_rect(r, 5, 4, 13, 7);
	expect_rect(rect_cut_top(&r, -1), 5, 4, 13, 0);
	expect_rect(rect_cut_bottom(&r, 99), 5, 4, 13, 7);
	expect_rect(r, 5, 4, 13, 0);
	expect_rect(rect_cut_left(&r, 99), 5, 4, 13, 0);
	expect_rect(r, 18, 4, 0, 0);
}

static void rectangles_are_clipped(void **state)
{
	struct rect r = {2, 3, 20, 10};

	(void)state;
	expect_rect(rect_clip(r, (struct rect){0, 0, 5, 5}), 2, 3, 3, 2);
	assert_int_equal(rect_clip(r, (struct rect){30, 3, 5, 5}).w, 0);
	expect_rect(rect_row(r, 9), 2, 12, 20, 1);
	assert_int_equal(rect_row(r, 10).h, 0);
	assert_int_equal(rect_row(r, -1).h, 0);
	assert_true(rect_contains(r, 2, 3));
	assert_true(rect_contains(r, 21, 12));
	assert_false(rect_contains(r, 22, 12));
	assert_false(rect_contains(r, 21, 13));
	assert_false(rect_contains(r, 1, 3));
}

/* ---- text -------------------------------------------------------------- */

static void text_walks_along_a_line(void **state)
{
	struct grid g;
	struct rect r;
	int x = 0;

	(void)state;
	grid_init(&g, 12, 2);
	r = grid_rect(&g);
	x += grid_text(&g, r, x, 0, STYLE(TEXT), "é─");
	x += grid_printf(&g, r, x, 0, STYLE(TEXT), "%d%s", 42, "日");
	assert_int_equal(x, 6);
	x += grid_text(&g, r, x, 0, STYLE(TEXT), "0123456789");
	assert_int_equal(x, 16);
	expect_picture(&g, "é─42日012345\n\n");
	grid_fini(&g);
}

static void text_is_clipped_to_the_rectangle(void **state)
{
	struct grid g;
	struct rect r = {2, 1, 3, 1};

	(void)state;
	grid_init(&g, 8, 3);
	grid_fill(&g, grid_rect(&g), STYLE(TEXT), '.');
	grid_text(&g, r, -1, 0, STYLE(TEXT), "abcdefgh");
	grid_text(&g, r, 0, -1, STYLE(TEXT), "abcdefgh");
	grid_text(&g, r, 0, 1, STYLE(TEXT), "abcdefgh");
	grid_put(&g, r, 3, 0, STYLE(TEXT), 'X');
	expect_picture(&g, "........\n..bcd...\n........\n");
	grid_fini(&g);
}

static void nothing_is_drawn_outside_the_grid(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 3, 2);
	for (int y = -3; y < 6; y++)
		for (int x = -9; x < 9; x++)
			grid_text(&g, everywhere, 100 + x, 100 + y, STYLE(TEXT),
				  "a日b");
	grid_fill(&g, everywhere, STYLE(DIM), '#');
	grid_box(&g, everywhere, STYLE(DIM));
	grid_mark(&g, everywhere, STYLE_CURSOR);
	expect_picture(&g, "###\n###\n");
	grid_fini(&g);
}

static void wide_characters_stay_whole(void **state)
{
	struct grid g;
	struct rect r;

	(void)state;
	grid_init(&g, 6, 1);
	r = grid_rect(&g);
	grid_text(&g, r, 0, 0, STYLE(TEXT), "日日日");
	grid_put(&g, r, 1, 0, STYLE(TEXT), 'a');
	grid_put(&g, r, 4, 0, STYLE(TEXT), 'b');
	expect_whole_characters(&g);
	expect_picture(&g, " a日b\n");
	grid_put(&g, r, 1, 0, STYLE(TEXT), 0x65e5);
	expect_whole_characters(&g);
	expect_picture(&g, " 日 b\n");
	grid_put(&g, r, 5, 0, STYLE(TEXT), 0x65e5);
	grid_put(&g, r, -1, 0, STYLE(TEXT), 0x65e5);
	expect_whole_characters(&g);
	expect_picture(&g, " 日 b\n");
	grid_fini(&g);
}

/* A fixed sequence of pseudo-random overlaps never leaves half a character. */
static void wide_characters_survive_anything(void **state)
{
	static const uint32_t chars[] = {'a', 0x65e5, 0x300, 0xac00, ' '};
	struct grid g;
	uint32_t x = 1;

	(void)state;
	grid_init(&g, 7, 3);
	for (int i = 0; i < 20000; i++) {
		x = x * 1664525 + 1013904223;
		grid_put(&g,
			 (struct rect){(int)(x >> 28) % 4, 0,
				       (int)(x >> 24) % 8, 3},
			 (int)(x >> 20) % 9 - 1, (int)(x >> 16) % 4,
			 STYLE(TEXT), chars[(x >> 12) % 5]);
		expect_whole_characters(&g);
	}
	grid_fini(&g);
}

static void combining_marks_take_no_cell(void **state)
{
	struct grid g;

	(void)state;
	grid_init(&g, 4, 1);
	assert_int_equal(grid_text(&g, grid_rect(&g), 0, 0, STYLE(TEXT),
				   "e\xcc\x81\x1bx\xff"),
			 3);
	expect_picture(&g, "ex\xef\xbf\xbd\n");
	grid_fini(&g);
}

static void fields_have_exactly_their_width(void **state)
{
	struct grid g;
	struct rect r;

	(void)state;
	grid_init(&g, 10, 8);
	r = grid_rect(&g);
	grid_fill(&g, r, STYLE(TEXT), '.');
	grid_field(&g, r, 1, 0, 6, ALIGN_LEFT, STYLE(TEXT), "ab");
	grid_field(&g, r, 1, 1, 6, ALIGN_RIGHT, STYLE(TEXT), "ab");
	grid_field(&g, r, 1, 2, 6, ALIGN_CENTRE, STYLE(TEXT), "ab");
	grid_field(&g, r, 1, 3, 6, ALIGN_RIGHT, STYLE(TEXT), "abcdefg");
	grid_field(&g, r, 1, 4, 6, ALIGN_LEFT, STYLE(TEXT), "ab日日");
	grid_field(&g, r, 1, 5, 6, ALIGN_LEFT, STYLE(TEXT), "abc日日");
	assert_int_equal(
		grid_field(&g, r, 7, 6, 9, ALIGN_LEFT, STYLE(TEXT), "abcd"), 3);
	assert_int_equal(
		grid_field(&g, r, 12, 7, 9, ALIGN_LEFT, STYLE(TEXT), "a"), 0);
	assert_int_equal(
		grid_field(&g, r, 1, 7, -1, ALIGN_LEFT, STYLE(TEXT), "a"), 0);
	expect_picture(&g, ".ab    ...\n"
			   ".    ab...\n"
			   ".  ab  ...\n"
			   ".abcde…...\n"
			   ".ab日日...\n"
			   ".abc日…...\n"
			   ".......ab…\n"
			   "..........\n");
	grid_fini(&g);
}

static void expect_wrapped(int w, int h, const char *text, int rows,
			   const char *picture)
{
	struct grid g;

	grid_init(&g, w, h);
	assert_int_equal(grid_wrap(&g, grid_rect(&g), 0, STYLE(TEXT), text),
			 rows);
	expect_picture(&g, picture);
	grid_fini(&g);
}

static void text_wraps_at_words(void **state)
{
	(void)state;
	expect_wrapped(8, 3, "", 0, "\n\n\n");
	expect_wrapped(8, 3, "one two three", 2, "one two\nthree\n\n");
	expect_wrapped(7, 3, "one two three", 2, "one two\nthree\n\n");
	expect_wrapped(8, 3, "one\n\ntwo", 3, "one\n\ntwo\n");
	expect_wrapped(4, 3, "abcdefghij", 3, "abcd\nefgh\nij\n");
	expect_wrapped(4, 2, "abcdefghij", 2, "abcd\nefg…\n");
	expect_wrapped(8, 1, "one two three", 1, "one two…\n");
	expect_wrapped(8, 1, "one\ntwo", 1, "one…\n");
	expect_wrapped(3, 2, "日本語", 2, "日\n本…\n");
	expect_wrapped(1, 2, "日本", 2, "\n\n");
	expect_wrapped(3, 3, "   abc", 2, "\nabc\n\n");
}

/* ---- areas ------------------------------------------------------------- */

static void lines_and_boxes(void **state)
{
	struct grid g;
	struct rect r = {1, 0, 5, 4};

	(void)state;
	grid_init(&g, 7, 4);
	grid_box(&g, r, STYLE(RULE));
	grid_hline(&g, r, 1, 2, 99, STYLE(RULE));
	grid_vline(&g, r, 2, 1, 2, STYLE(RULE));
	expect_picture(&g, " ┌───┐\n │ │ │\n │─│──\n └───┘\n");
	grid_fini(&g);
}

static void marks_add_to_what_is_there(void **state)
{
	struct grid g;
	struct style s;

	(void)state;
	grid_init(&g, 3, 2);
	grid_text(&g, grid_rect(&g), 1, 0, style_thread(3), "x");
	grid_mark(&g, (struct rect){1, 0, 1, 1}, STYLE_CURSOR);
	grid_mark(&g, (struct rect){1, 0, 2, 2}, STYLE_FUTURE);
	s = grid_at(&g, 1, 0)->style;
	assert_int_equal(s.role, ROLE_THREAD);
	assert_int_equal(s.thread, 3);
	assert_int_equal(s.attrs, STYLE_CURSOR | STYLE_FUTURE);
	assert_int_equal(grid_at(&g, 0, 0)->style.attrs, 0);
	assert_int_equal(grid_at(&g, 2, 1)->style.attrs, STYLE_FUTURE);
	grid_fini(&g);
}

static void the_cursor_stays_in_its_rectangle(void **state)
{
	struct grid g;
	struct rect r = {2, 1, 3, 2};

	(void)state;
	grid_init(&g, 8, 5);
	grid_cursor(&g, r, 1, 1, true);
	assert_int_equal(g.cursor_x, 3);
	assert_int_equal(g.cursor_y, 2);
	assert_true(g.cursor_shown);
	grid_cursor(&g, r, 77, -3, false);
	assert_int_equal(g.cursor_x, 4);
	assert_int_equal(g.cursor_y, 1);
	grid_cursor(&g, (struct rect){90, 90, 1, 1}, 0, 0, true);
	assert_int_equal(g.cursor_x, 4);
	grid_fini(&g);
}

static void grids_are_compared(void **state)
{
	struct grid a, b;

	(void)state;
	grid_init(&a, 3, 2);
	grid_init(&b, 2, 3);
	assert_false(grid_equal(&a, &b));
	grid_resize(&b, 3, 2);
	assert_true(grid_equal(&a, &b));
	grid_mark(&b, grid_rect(&b), STYLE_BOLD);
	assert_false(grid_equal(&a, &b));
	grid_clear(&b);
	grid_cursor(&b, grid_rect(&b), 1, 0, false);
	assert_false(grid_equal(&a, &b));
	grid_fini(&a);
	grid_init(&a, 0, -5);
	assert_int_equal(a.w, 1);
	assert_int_equal(a.h, 1);
	grid_fini(&a);
	grid_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rectangles_are_cut),
		cmocka_unit_test(rectangles_are_clipped),
		cmocka_unit_test(text_walks_along_a_line),
		cmocka_unit_test(text_is_clipped_to_the_rectangle),
		cmocka_unit_test(nothing_is_drawn_outside_the_grid),
		cmocka_unit_test(wide_characters_stay_whole),
		cmocka_unit_test(wide_characters_survive_anything),
		cmocka_unit_test(combining_marks_take_no_cell),
		cmocka_unit_test(fields_have_exactly_their_width),
		cmocka_unit_test(text_wraps_at_words),
		cmocka_unit_test(lines_and_boxes),
		cmocka_unit_test(marks_add_to_what_is_there),
		cmocka_unit_test(the_cursor_stays_in_its_rectangle),
		cmocka_unit_test(grids_are_compared),
	};

	return cmocka_run_group_tests_name("grid", tests, NULL, NULL);
}
