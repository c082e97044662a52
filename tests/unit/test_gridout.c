/*
 * test_gridout.c - grids as text, ANSI and SVG.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threadviz/gridout.h"

static struct grid sample(void)
{
	struct grid g;

	grid_init(&g, 8, 3);
	grid_text(&g, grid_rect(&g), 0, 0, STYLE(TEXT), "a日─b");
	grid_text(&g, grid_rect(&g), 1, 1, STYLE(FINDING), " <W> ");
	grid_text(&g, grid_rect(&g), 7, 1, style_thread(0), "&");
	return g;
}

static void text_is_what_the_screen_shows(void **state)
{
	struct grid g = sample();
	struct str out = {0};

	(void)state;
	grid_write_text(&g, false, &out);
	assert_string_equal(str_cstr(&out), "a日─b\n  <W>  &\n\n");
	str_clear(&out);
	grid_write_text(&g, true, &out);
	assert_string_equal(str_cstr(&out), "a?\?-b\n  <W>  &\n\n");
	str_free(&out);
	grid_fini(&g);
}

static void ansi_colours_runs(void **state)
{
	struct grid g = sample();
	struct str out = {0};

	(void)state;
	grid_write_ansi(&g, THEME_DARK, false, &out);
	assert_string_equal(str_cstr(&out),
			    "a日─b\n \033[0;1;38;5;231;48;5;160m <W> "
			    "\033[0m \033[0;1;38;5;214m&\033[0m\n\n");
	str_clear(&out);
	grid_write_ansi(&g, THEME_EIGHT, true, &out);
	assert_string_equal(str_cstr(&out), "a?\?-b\n \033[0;1;37;41m <W> "
					    "\033[0m \033[0;1;33m&\033[0m\n\n");
	str_clear(&out);
	grid_write_ansi(&g, THEME_MONO, true, &out);
	assert_string_equal(str_cstr(&out),
			    "a?\?-b\n \033[0;1;7m <W> \033[0m &\n\n");
	str_free(&out);
	grid_fini(&g);
}

static void ansi_keeps_coloured_blanks_at_the_end(void **state)
{
	struct str out = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 4, 1);
	grid_fill(&g, grid_rect(&g), STYLE(HEADER), ' ');
	grid_write_ansi(&g, THEME_LIGHT, false, &out);
	assert_string_equal(str_cstr(&out),
			    "\033[0;38;5;231;48;5;24m    \033[0m\n");
	str_free(&out);
	grid_fini(&g);
}

/* ---- SVG: read back with a tiny parser --------------------------------- */

struct xml {
	const char *at;
	int depth;
	int texts, rects, titles;
};

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ':' ||
	       c == '-' || (c >= '0' && c <= '9');
}

/* One of the references there are. */
static void skip_reference(struct xml *x)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;"};

	for (size_t i = 0; i < 4; i++)
		if (strncmp(x->at, known[i], strlen(known[i])) == 0) {
			x->at += strlen(known[i]);
			return;
		}
	fail_msg("a bare & at %.20s", x->at);
}

static void read_attributes(struct xml *x)
{
	while (*x->at == ' ') {
		x->at++;
		assert_true(is_name(*x->at));
		while (is_name(*x->at))
			x->at++;
		assert_int_equal(*x->at++, '=');
		assert_int_equal(*x->at++, '"');
		while (*x->at != '"') {
			assert_true(*x->at && *x->at != '<');
			if (*x->at == '&')
				skip_reference(x);
			else
				x->at++;
		}
		x->at++;
	}
}

static void read_element(struct xml *x)
{
	const char *name = ++x->at;
	size_t n;

	while (is_name(*x->at))
		x->at++;
	n = (size_t)(x->at - name);
	assert_true(n > 0);
	x->texts += n == 4 && strncmp(name, "text", n) == 0;
	x->rects += n == 4 && strncmp(name, "rect", n) == 0;
	x->titles += n == 5 && strncmp(name, "title", n) == 0;
	read_attributes(x);
	if (strncmp(x->at, "/>", 2) == 0) {
		x->at += 2;
		return;
	}
	assert_int_equal(*x->at++, '>');
	while (strncmp(x->at, "</", 2) != 0) {
		assert_true(*x->at);
		if (*x->at == '<')
			read_element(x);
		else if (*x->at == '&')
			skip_reference(x);
		else
			assert_true((unsigned char)*x->at++ >= '\n');
	}
	assert_int_equal(strncmp(x->at + 2, name, n), 0);
	x->at += 2 + n;
	assert_int_equal(*x->at++, '>');
}

static struct xml read_svg(const struct str *out)
{
	struct xml x = {.at = str_cstr(out)};

	read_element(&x);
	assert_string_equal(x.at, "\n");
	return x;
}

static void svg_is_well_formed(void **state)
{
	struct grid g = sample();
	struct grid_tip tip = {{1, 1, 5, 1}, "\"A\" & <B>\1\uffff"};
	struct str out = {0};
	struct xml x;

	(void)state;
	for (int theme = 0; theme < THEME_COUNT; theme++) {
		str_clear(&out);
		grid_write_svg(&g, (enum theme)theme, "a < b", &tip, 1, &out);
		x = read_svg(&out);
		assert_int_equal(x.texts, 3);
		assert_int_equal(x.rects, 3);
		assert_int_equal(x.titles, 2);
		assert_null(strstr(str_cstr(&out), "\uffff"));
	}
	str_free(&out);
	grid_fini(&g);
}

static void svg_draws_every_run_in_its_place(void **state)
{
	struct grid g = sample();
	struct str out = {0};
	const char *svg;

	(void)state;
	grid_write_svg(&g, THEME_DARK, "", NULL, 0, &out);
	svg = str_cstr(&out);
	assert_non_null(strstr(svg, "viewBox=\"0 0 67.44 51\""));
	assert_non_null(strstr(svg, "<rect width=\"100%\" height=\"100%\" "
				    "fill=\"#1e1e1e\"/>"));
	assert_non_null(strstr(svg, "<text x=\"0.00\" y=\"13\" "
				    "textLength=\"42.15\" fill=\"#d0d0d0\">"
				    "a日─b</text>"));
	assert_non_null(strstr(svg, "<rect x=\"8.43\" y=\"17\" width=\"42.15\" "
				    "height=\"17\" fill=\"#d70000\"/>"));
	assert_non_null(strstr(svg, "<text x=\"16.86\" y=\"30\" "
				    "textLength=\"25.29\" fill=\"#ffffff\" "
				    "font-weight=\"bold\">&lt;W&gt;</text>"));
	str_free(&out);
	grid_fini(&g);
}

static void svg_cuts_runs_at_gaps(void **state)
{
	struct str out = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 20, 1);
	grid_text(&g, grid_rect(&g), 2, 0, STYLE(TEXT), "a b  c   dd");
	grid_write_svg(&g, THEME_LIGHT, "", NULL, 0, &out);
	assert_int_equal(read_svg(&out).texts, 3);
	assert_non_null(strstr(str_cstr(&out), ">a b<"));
	assert_non_null(strstr(str_cstr(&out), "x=\"92.73\" y=\"13\" "
					       "textLength=\"16.86\""));
	str_free(&out);
	grid_fini(&g);
}

static void svg_swaps_colours_for_reverse(void **state)
{
	struct str out = {0};
	struct grid g;

	(void)state;
	grid_init(&g, 3, 1);
	grid_text(&g, grid_rect(&g), 0, 0, STYLE(TITLE_FOCUS), "x");
	grid_write_svg(&g, THEME_LIGHT, "", NULL, 0, &out);
	assert_non_null(strstr(str_cstr(&out), "fill=\"#000000\"/>"));
	assert_non_null(strstr(str_cstr(&out), "fill=\"#ffffff\" font-"));
	str_free(&out);
	grid_fini(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_what_the_screen_shows),
		cmocka_unit_test(ansi_colours_runs),
		cmocka_unit_test(ansi_keeps_coloured_blanks_at_the_end),
		cmocka_unit_test(svg_is_well_formed),
		cmocka_unit_test(svg_draws_every_run_in_its_place),
		cmocka_unit_test(svg_cuts_runs_at_gaps),
		cmocka_unit_test(svg_swaps_colours_for_reverse),
	};

	return cmocka_run_group_tests_name("gridout", tests, NULL, NULL);
}
