/*
 * test_input.c - keys and clicks out of bytes.
 *
 * Events are written down as words: "a Up Ctrl-C left@3,4".
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "threadviz/input.h"

static void add_event(struct str *out, const struct input_event *event)
{
	static const char *const buttons[] = {"left", "middle", "right",
					      "wheel-up", "wheel-down"};

	if (out->len > 0)
		str_addc(out, ' ');
	if (event->mouse)
		str_addf(out, "%s@%d,%d", buttons[event->button], event->x,
			 event->y);
	else
		key_format(event->key, out);
}

static void take(struct input *in, bool final, struct str *out)
{
	struct input_event event;

	while (input_next(in, final, &event))
		add_event(out, &event);
}

/* In pieces of `piece` bytes; then time is up. */
static void expect_in_pieces(const char *bytes, size_t len, size_t piece,
			     const char *words)
{
	struct input in = {0};
	struct str out = {0};

	for (size_t i = 0; i < len; i += piece) {
		size_t n = len - i < piece ? len - i : piece;

		assert_int_equal(input_feed(&in, bytes + i, n), n);
		take(&in, false, &out);
	}
	take(&in, true, &out);
	assert_string_equal(str_cstr(&out), words);
	str_free(&out);
}

static void expect_words(const char *bytes, const char *words)
{
	size_t len = strlen(bytes);

	for (size_t piece = 1; piece <= len; piece++)
		expect_in_pieces(bytes, len, piece, words);
}

static void characters_are_keys(void **state)
{
	(void)state;
	expect_words("a Z,", "a space Z ,");
	expect_words("é日😀", "é 日 😀");
	expect_words("\r\n\t\b\x7f", "Enter Enter Tab Backspace Backspace");
	expect_words("\x03\x1a\x0c", "Ctrl-C Ctrl-Z Ctrl-L");
}

static void bad_bytes_are_dropped(void **state)
{
	(void)state;
	expect_words("a\xff"
		     "b\xc3(\xe2\x82",
		     "a b (");
	expect_words("\xf0\x9f"
		     "a",
		     "a");
	expect_in_pieces("a\0b", 3, 1, "a b");
}

static void sequences_are_keys(void **state)
{
	(void)state;
	expect_words("\033[A\033[B\033[C\033[D", "Up Down Right Left");
	expect_words("\033OA\033OH\033OF\033OP", "Up Home End F1");
	expect_words("\033[H\033[F\033[1~\033[4~\033[7~\033[8~",
		     "Home End Home End Home End");
	expect_words("\033[2~\033[3~\033[5~\033[6~\033[Z",
		     "Insert Delete PgUp PgDn Shift-Tab");
	expect_words("\033[11~\033[15~\033[17~\033[21~\033[23~\033[24~",
		     "F1 F5 F6 F10 F11 F12");
	expect_words("\033[[A\033[[E", "F1 F5");
	expect_words("\033[1;5C\033[5;2~\033[1;2P", "Right PgUp F1");
}

static void clicks_have_places(void **state)
{
	(void)state;
	expect_words("\033[<0;1;1M\033[<0;1;1m\033[<2;80;24M",
		     "left@0,0 right@79,23");
	expect_words("\033[<64;5;6M\033[<65;5;6M\033[<66;5;6M",
		     "wheel-up@4,5 wheel-down@4,5");
	expect_words("\033[<32;5;6M\033[<3;5;6M\033[<0;0;6M", "");
	expect_words("\033[<16;200;100M", "left@199,99");
	expect_words("\033[M !!\033[M#!!x", "left@0,0 x");
	expect_words("\033[M`$#", "wheel-up@3,2");
}

static void escape_needs_time(void **state)
{
	struct input in = {0};
	struct str out = {0};

	(void)state;
	assert_false(input_pending(&in));
	input_feed(&in, "\033", 1);
	take(&in, false, &out);
	assert_string_equal(str_cstr(&out), "");
	assert_true(input_pending(&in));
	take(&in, true, &out);
	assert_string_equal(str_cstr(&out), "Esc");
	assert_false(input_pending(&in));
	str_free(&out);
	expect_words("\033", "Esc");
	expect_words("\033q", "Esc q");
	expect_words("\033\033[A", "Esc Up");
	expect_words("\033\033\033", "Esc Esc Esc");
	expect_words("\033[", "Esc [");
	expect_words("\033]", "Esc ]");
	expect_words("\033O", "Esc O");
}

static void answers_are_swallowed(void **state)
{
	(void)state;
	expect_words("a\033]11;rgb:1e1e/1e1e/1e1e\033\\b", "a b");
	expect_words("a\033]11;rgb:1e1e/1e1e/1e1e\007b", "a b");
	expect_words("\033[?64;1;2;6c\033[>0;276;0cx", "x");
	expect_words("\033P1$r0m\033\\x", "x");
	expect_words("\033[I\033[O\033[12;40Rx\033[?1;2$y", "F3 x");
	expect_words("\033[200000000000000000000~\033[99~x", "x");
}

/* Its second half may come any time later and is no key then either. */
static void half_an_answer_stays_swallowed(void **state)
{
	struct input in = {0};
	struct str out = {0};

	(void)state;
	input_feed(&in, "\033]11;rgb:1e", 11);
	take(&in, true, &out);
	input_feed(&in, "1e/1e1e/1e1e\033\\q", 15);
	take(&in, false, &out);
	assert_string_equal(str_cstr(&out), "q");
	str_free(&out);
}

/* However long one is, none of it is a key. */
static void long_sequences_are_swallowed(void **state)
{
	static const char *const sequences[][2] = {
		{"\033[<", "Mq"},        {"\033[?", "Aq"},
		{"\033]52;", "\033\\q"}, {"\033P", "\033\\q"},
		{"\033[1", "\x03"},      {"\033_", "\x03"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++)
		for (size_t n = 490; n < 2000; n += n < 520 ? 1 : 97) {
			struct input in = {0};
			struct str out = {0};
			struct str s = {0};

			str_add(&s, sequences[i][0]);
			str_addf(&s, "%0*d", (int)n, 1);
			str_add(&s, sequences[i][1]);
			for (size_t at = 0; at < s.len;) {
				at += input_feed(&in, s.data + at, s.len - at);
				take(&in, false, &out);
			}
			assert_string_equal(str_cstr(&out),
					    i < 4 ? "q" : "Ctrl-C");
			str_free(&out);
			str_free(&s);
		}
}

static void pastes_are_swallowed(void **state)
{
	(void)state;
	expect_words("a\033[200~q\rxyz\033[A\033[201~b", "a b");
	expect_words("\033[200~qq\x03q", "Ctrl-C q");
	expect_words("\033]11;never ending\x03q", "Ctrl-C q");
	expect_words("\033[201~q", "q");
}

static void broken_sequences_do_not_act(void **state)
{
	(void)state;
	expect_words("\033[1;\033[Aq", "Up q");
	expect_words("\033[12\x03", "Ctrl-C");
	expect_words("\033O\033[200~q\033[201~x", "x");
	expect_words("\033[M\033[200~q\033[201~x", "x");
	expect_words("\033[M!\033[Ax", "Up x");
	expect_words("\033[[\033[200~q\033[201~x", "x");
	expect_words("\033]11;rgb:\033[200~q\033[201~x", "x");
	expect_words("\033[12\xff"
		     "q",
		     "q");
}

/* Anything at all, for ever: no hang, no overflow, and Ctrl-C gets through. */
static void any_bytes_are_survived(void **state)
{
	static const char likely[] = "\033\033\033[[O]<;019~MmAZ\\\007\x80\xe2";
	struct input in = {0};
	struct input_event event;
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < 200000; i++) {
		char c;

		x = x * 1664525 + 1013904223;
		c = x >> 31 ? likely[(x >> 16) % (sizeof likely - 1)]
			    : (char)(x >> 16);
		assert_int_equal(input_feed(&in, &c, 1), 1);
		while (input_next(&in, (x >> 8) % 16 == 0, &event))
			assert_true(event.mouse || event.key != 0);
	}
	while (input_feed(&in, "\x03", 1) == 1 &&
	       !(input_next(&in, true, &event) && event.key == 3))
		assert_true(in.len < sizeof in.bytes);
	assert_int_equal(event.key, 3);
}

static void names_are_read_back(void **state)
{
	static const key_code keys[] = {'a',
					'?',
					' ',
					0xe9,
					INPUT_CTRL('c'),
					INPUT_CTRL('z'),
					INPUT_ENTER,
					INPUT_F1,
					INPUT_F12,
					INPUT_BACKTAB,
					INPUT_PGDN};
	struct str name = {0};
	key_code key;

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		str_clear(&name);
		key_format(keys[i], &name);
		assert_true(key_parse(str_cstr(&name), &key));
		assert_int_equal(key, keys[i]);
	}
	str_free(&name);
	assert_true(key_parse("ctrl-i", &key));
	assert_int_equal(key, INPUT_TAB);
	assert_true(key_parse("ENTER", &key));
	assert_int_equal(key, INPUT_ENTER);
	assert_false(key_parse("", &key));
	assert_false(key_parse("ab", &key));
	assert_false(key_parse("Ctrl-", &key));
	assert_false(key_parse("\xff", &key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(characters_are_keys),
		cmocka_unit_test(bad_bytes_are_dropped),
		cmocka_unit_test(sequences_are_keys),
		cmocka_unit_test(clicks_have_places),
		cmocka_unit_test(escape_needs_time),
		cmocka_unit_test(answers_are_swallowed),
		cmocka_unit_test(half_an_answer_stays_swallowed),
		cmocka_unit_test(long_sequences_are_swallowed),
		cmocka_unit_test(pastes_are_swallowed),
		cmocka_unit_test(broken_sequences_do_not_act),
		cmocka_unit_test(any_bytes_are_survived),
		cmocka_unit_test(names_are_read_back),
	};

	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
