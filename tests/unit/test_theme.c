/*
 * test_theme.c - what styles look like, and what glyphs become in ASCII.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threadviz/fold.h"
#include "threadviz/str.h"
#include "threadviz/theme.h"
#include "threadviz/utf8.h"

/* ---- contrast ---------------------------------------------------------- */

static const uint32_t backgrounds[][2] = {
	[THEME_AUTO] = {0x000000, 0xffffff},
	[THEME_DARK] = {0x1e1e1e, 0x1e1e1e},
	[THEME_LIGHT] = {0xffffff, 0xffffff},
};

/* On its own background if it has one, else on both of the theme's. */
static double worst_contrast(enum theme theme, struct look look)
{
	double a, b;

	if (look.fg == COLOUR_DEFAULT)
		return 21;
	if (look.bg != COLOUR_DEFAULT)
		return colour_contrast(colour_rgb(look.fg),
				       colour_rgb(look.bg));
	a = colour_contrast(colour_rgb(look.fg), backgrounds[theme][0]);
	b = colour_contrast(colour_rgb(look.fg), backgrounds[theme][1]);
	return a < b ? a : b;
}

static void expect_readable(enum theme theme, struct style s)
{
	double contrast = worst_contrast(theme, theme_look(theme, s));

	if (contrast < 3.99)
		fail_msg("%s, role %d, thread %d, attributes %d: %.2f",
			 theme_name(theme), s.role, s.thread, s.attrs,
			 contrast);
}

static void everything_written_is_readable(void **state)
{
	static const uint16_t attrs[] = {0, STYLE_CURSOR, STYLE_FUTURE,
					 STYLE_CURSOR | STYLE_FUTURE};

	(void)state;
	for (int theme = THEME_AUTO; theme <= THEME_LIGHT; theme++)
		for (uint8_t role = 0; role < ROLE_COUNT; role++)
			for (uint8_t k = 0; k < THEME_THREADS; k++)
				for (size_t i = 0; i < 4; i++)
					if (role != ROLE_RULE &&
					    role != ROLE_BLOCKED)
						expect_readable(
							(enum theme)theme,
							(struct style){
								role, k,
								attrs[i]});
}

static void contrast_is_that_of_the_standard(void **state)
{
	(void)state;
	assert_true(colour_contrast(0, 0xffffff) > 20.99);
	assert_true(colour_contrast(0xffffff, 0) < 21.01);
	assert_true(colour_contrast(0x777777, 0xffffff) > 4.47);
	assert_true(colour_contrast(0x777777, 0xffffff) < 4.48);
}

static void palette_is_that_of_xterm(void **state)
{
	(void)state;
	assert_int_equal(colour_rgb(214), 0xffaf00);
	assert_int_equal(colour_rgb(35), 0x00af5f);
	assert_int_equal(colour_rgb(16), 0x000000);
	assert_int_equal(colour_rgb(231), 0xffffff);
	assert_int_equal(colour_rgb(238), 0x444444);
	assert_int_equal(colour_rgb(255), 0xeeeeee);
	assert_int_equal(colour_rgb(7), 0xe5e5e5);
}

/* ---- looks ------------------------------------------------------------- */

static void thread_colours_differ_and_repeat(void **state)
{
	(void)state;
	for (int theme = 0; theme < THEME_MONO; theme++)
		for (unsigned a = 0; a < 64; a++)
			for (unsigned b = 0; b < 64; b++) {
				int fa = theme_look((enum theme)theme,
						    style_thread(a))
						 .fg;
				int fb = theme_look((enum theme)theme,
						    style_thread(b))
						 .fg;

				assert_int_equal(fa == fb, a % 5 == b % 5);
			}
}

static bool has_colour(struct look look)
{
	return look.fg != COLOUR_DEFAULT || look.bg != COLOUR_DEFAULT;
}

static void mono_has_no_colour(void **state)
{
	(void)state;
	for (uint8_t role = 0; role < ROLE_COUNT; role++)
		for (uint16_t attrs = 0; attrs < 16; attrs++)
			assert_false(has_colour(theme_look(
				THEME_MONO, (struct style){role, 0, attrs})));
}

static void eight_colours_are_eight(void **state)
{
	(void)state;
	for (uint8_t role = 0; role < ROLE_COUNT; role++)
		for (uint16_t attrs = 0; attrs < 16; attrs++) {
			struct look look = theme_look(
				THEME_EIGHT, (struct style){role, 4, attrs});

			assert_in_range(look.fg + 1, 0, 8);
			assert_in_range(look.bg + 1, 0, 8);
		}
}

/* The second access of a racy pair must not drown in the row it stands on. */
static void findings_stand_out_on_the_cursor_row(void **state)
{
	(void)state;
	for (int i = 0; i < THEME_COUNT; i++) {
		enum theme theme = (enum theme)i;
		struct style finding = STYLE(FINDING), text = STYLE(TEXT);
		struct look a =
			theme_look(theme, style_with(finding, STYLE_CURSOR));
		struct look b = theme_look(theme, finding);
		struct look c =
			theme_look(theme, style_with(text, STYLE_CURSOR));

		assert_memory_equal(&a, &b, sizeof a);
		assert_true(a.bg != c.bg || (a.attrs & LOOK_REVERSE) !=
						    (c.attrs & LOOK_REVERSE));
	}
}

static void cursor_row_is_marked_as_measured(void **state)
{
	struct style s = style_with(style_thread(2), STYLE_CURSOR);

	(void)state;
	assert_int_equal(theme_look(THEME_DARK, s).bg, 238);
	assert_int_equal(theme_look(THEME_LIGHT, s).bg, 253);
	assert_true(theme_look(THEME_AUTO, s).attrs & LOOK_REVERSE);
	assert_int_equal(theme_look(THEME_MONO, s).attrs, LOOK_BOLD);
}

static void the_future_is_never_filled(void **state)
{
	(void)state;
	for (int theme = 0; theme < THEME_COUNT; theme++)
		for (uint8_t role = 0; role < ROLE_COUNT; role++) {
			struct look look = theme_look(
				(enum theme)theme,
				(struct style){role, 1, STYLE_FUTURE});

			assert_int_equal(look.bg, COLOUR_DEFAULT);
			assert_false(look.attrs & LOOK_REVERSE);
		}
}

static void themes_have_names(void **state)
{
	enum theme theme;

	(void)state;
	for (int i = 0; i < THEME_COUNT; i++) {
		assert_true(theme_parse(theme_name((enum theme)i), &theme));
		assert_int_equal(theme, i);
	}
	assert_false(theme_parse("", &theme));
	assert_false(theme_parse("Dark", &theme));
}

/* ---- ASCII ------------------------------------------------------------- */

static void folds_keep_their_looks(void **state)
{
	(void)state;
	assert_int_equal(fold_char('a'), 'a');
	assert_int_equal(fold_char(0x2500), '-');
	assert_int_equal(fold_char(0x2501), '=');
	assert_int_equal(fold_char(0x2502), '|');
	assert_int_equal(fold_char(0x2591), 'x');
	assert_int_equal(fold_char(0x2588), '#');
	assert_int_equal(fold_char(0x2026), '~');
	assert_int_equal(fold_char(0x25b6), '>');
	assert_int_equal(fold_char(0x2190), '<');
	assert_int_equal(fold_char(0x250a), ':');
	assert_int_equal(fold_char(0xe9), 'e');
	assert_int_equal(fold_char(0xdf), 's');
	assert_int_equal(fold_char(0x65e5), '?');
}

static void every_fold_is_printable(void **state)
{
	(void)state;
	for (uint32_t code = 0x80; code <= 0x10ffff; code++)
		assert_in_range(fold_char(code), ' ', '~');
}

static int glyphs, unfolded;

static void check_glyph(const char *path, uint32_t code)
{
	glyphs++;
	if (fold_char(code) != '?' || utf8_code_width(code) == 0)
		return;
	unfolded++;
	print_error("%s: U+%04X has no ASCII stand-in\n", path, code);
}

/* Adds a line of C with its \\xe2 turned into bytes. */
static void add_unescaped(struct str *out, const char *text)
{
	while (*text) {
		char digits[3] = "";
		int n = 0;

		if (sscanf(text, "\\x%2[0-9a-fA-F]%n", digits, &n) == 1 &&
		    n == 4) {
			str_addc(out, (char)strtoul(digits, NULL, 16));
			text += n;
		} else {
			str_addc(out, *text++);
		}
	}
}

/* Glyphs themselves, and as escapes or numbers: \u2500, 0x2500. */
static void check_text(const char *path, const char *text, size_t len)
{
	static const char *const spellings[] = {"\\u", "0x"};
	uint32_t code;

	for (size_t i = 0; i < len;) {
		i += utf8_decode(text + i, len - i, &code);
		if (code >= 0x80 && code != UTF8_BAD)
			check_glyph(path, code);
	}
	for (size_t s = 0; s < 2; s++)
		for (const char *at = text; (at = strstr(at, spellings[s]));
		     at += 2) {
			char *end;
			unsigned long value = strtoul(at + 2, &end, 16);

			if (end == at + 6 && value >= 0x2010 && value < 0x2800)
				check_glyph(path, (uint32_t)value);
		}
}

static int check_file(const char *path, const struct stat *info, int type,
		      struct FTW *where)
{
	struct str text = {0};
	char line[4096];
	FILE *file;

	(void)info;
	(void)where;
	/* utf8.c draws nothing, but knows the widths of everything */
	if (type != FTW_F || strstr(path, "utf8.c"))
		return 0;
	file = fopen(path, "r");
	assert_non_null(file);
	while (fgets(line, sizeof line, file))
		add_unescaped(&text, line);
	fclose(file);
	check_text(path, str_cstr(&text), text.len);
	str_free(&text);
	return 0;
}

static void every_glyph_drawn_has_a_stand_in(void **state)
{
	(void)state;
	glyphs = unfolded = 0;
	assert_int_equal(nftw("src", check_file, 8, FTW_PHYS), 0);
	assert_int_equal(nftw("include", check_file, 8, FTW_PHYS), 0);
	assert_true(glyphs > 50);
	assert_int_equal(unfolded, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_written_is_readable),
		cmocka_unit_test(contrast_is_that_of_the_standard),
		cmocka_unit_test(palette_is_that_of_xterm),
		cmocka_unit_test(thread_colours_differ_and_repeat),
		cmocka_unit_test(mono_has_no_colour),
		cmocka_unit_test(eight_colours_are_eight),
		cmocka_unit_test(findings_stand_out_on_the_cursor_row),
		cmocka_unit_test(cursor_row_is_marked_as_measured),
		cmocka_unit_test(the_future_is_never_filled),
		cmocka_unit_test(themes_have_names),
		cmocka_unit_test(folds_keep_their_looks),
		cmocka_unit_test(every_fold_is_printable),
		cmocka_unit_test(every_glyph_drawn_has_a_stand_in),
	};

	return cmocka_run_group_tests_name("theme", tests, NULL, NULL);
}
