/*
 * test_base.c - arena, vector, string, error, hash, UTF-8, and the scenarios
 * inside the binary.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "threadviz/arena.h"
#include "threadviz/embedded.h"
#include "threadviz/error.h"
#include "threadviz/hash.h"
#include "threadviz/str.h"
#include "threadviz/utf8.h"
#include "threadviz/vec.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* ---- arena ------------------------------------------------------------- */

static bool all_zero(const unsigned char *p, size_t n)
{
	while (n > 0)
		if (p[--n])
			return false;
	return true;
}

static void arena_gives_zeroed_aligned_memory(void **state)
{
	static const size_t sizes[] = {1, 7, 16, 17, 4000, 5000, 16384, 100000};
	struct arena a;

	(void)state;
	arena_init(&a);
	for (size_t round = 0; round < 20; round++) {
		for (size_t i = 0; i < COUNT(sizes); i++) {
			unsigned char *p = arena_alloc(&a, sizes[i]);

			assert_int_equal((uintptr_t)p % 16, 0);
			assert_true(all_zero(p, sizes[i]));
			memset(p, 0xff, sizes[i]);
		}
	}
	arena_fini(&a);
	assert_null(a.blocks);
}

/* Each piece is filled with its own byte and must still have it at the end. */
static void arena_pieces_do_not_overlap(void **state)
{
	enum { PIECES = 300 };
	struct arena a = {0};
	unsigned char *pieces[PIECES];

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		pieces[i] = arena_alloc(&a, i * 41);
		memset(pieces[i], (int)(i & 0xff), i * 41);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t k = 0; k < i * 41; k++)
			assert_int_equal(pieces[i][k], i & 0xff);
	arena_fini(&a);
}

static void arena_copies_strings(void **state)
{
	struct arena a = {0};
	char text[] = "philosophers";
	char *copy = arena_strdup(&a, text);

	(void)state;
	text[0] = 'X';
	assert_string_equal(copy, "philosophers");
	assert_string_equal(arena_strndup(&a, "deadlock", 4), "dead");
	assert_string_equal(arena_strndup(&a, "ab", 10), "ab");
	assert_string_equal(arena_printf(&a, "%s[%d]", "fork", 12), "fork[12]");
	assert_memory_equal(arena_copy(&a, "a\0b", 4), "a\0b", 4);
	arena_fini(&a);
}

/* What a child that runs `act` is killed by, its last words discarded. */
static int signal_of(void (*act)(void))
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		signal(SIGABRT, SIG_DFL);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		act();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void overflow_array(void)
{
	struct arena a = {0};

	arena_array(&a, SIZE_MAX / 8 + 2, 8);
}

static void pop_empty(void)
{
	VEC(int) v = {0};

	printf("%d", vec_pop(&v));
}

static void misuse_aborts(void **state)
{
	(void)state;
	assert_int_equal(signal_of(overflow_array), SIGABRT);
	assert_int_equal(signal_of(pop_empty), SIGABRT);
}

/* ---- vec --------------------------------------------------------------- */

static void vec_keeps_what_is_pushed(void **state)
{
	VEC(int) v = {0};

	(void)state;
	for (int i = 0; i < 1000; i++)
		vec_push(&v, i * i);
	assert_int_equal(v.len, 1000);
	assert_true(v.cap >= v.len);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v.data[i], i * i);
	assert_int_equal(vec_last(&v), 999 * 999);
	assert_int_equal(vec_pop(&v), 999 * 999);
	assert_int_equal(v.len, 999);
	vec_clear(&v);
	assert_int_equal(v.len, 0);
	assert_non_null(v.data);
	vec_free(&v);
	assert_null(v.data);
	assert_int_equal(v.cap, 0);
}

static void vec_holds_structs(void **state)
{
	struct pair {
		int a;
		const char *b;
	};
	struct pairs VEC_OF(struct pair);
	struct pairs v = {0};
	int next = 0;

	(void)state;
	for (int i = 0; i < 9; i++)
		vec_push(&v, (struct pair){next++, "x"});
	assert_int_equal(next, 9);
	assert_int_equal(v.data[8].a, 8);
	vec_free(&v);
}

static void vec_reserve_keeps_contents(void **state)
{
	VEC(char) v = {0};

	(void)state;
	vec_push(&v, 'a');
	vec_reserve(&v, 5000);
	assert_true(v.cap >= 5000);
	assert_int_equal(v.len, 1);
	assert_int_equal(v.data[0], 'a');
	vec_free(&v);
}

/* ---- str --------------------------------------------------------------- */

static void str_empty_is_readable(void **state)
{
	struct str s = {0};
	char *text;

	(void)state;
	assert_string_equal(str_cstr(&s), "");
	str_clear(&s);
	str_addn(&s, "", 0);
	assert_string_equal(str_cstr(&s), "");
	str_free(&s);
	text = str_take(&s);
	assert_string_equal(text, "");
	free(text);
}

static void str_grows(void **state)
{
	struct str s = {0};

	(void)state;
	str_add(&s, "read ");
	str_addn(&s, "counter", 5);
	str_addc(&s, ' ');
	str_addf(&s, "-> %d", 42);
	str_pad(&s, '.', 3);
	str_pad(&s, '!', -1);
	assert_string_equal(str_cstr(&s), "read count -> 42...");
	assert_int_equal(s.len, strlen(s.data));
	str_cut(&s, 100);
	assert_int_equal(s.len, 19);
	str_cut(&s, 4);
	assert_string_equal(str_cstr(&s), "read");
	for (int i = 0; i < 500; i++)
		str_addf(&s, "%03d", i);
	assert_int_equal(s.len, 4 + 1500);
	assert_string_equal(s.data + s.len - 6, "498499");
	str_free(&s);
	assert_null(s.data);
}

static void times_have_three_digits(void **state)
{
	static const struct {
		uint64_t ns;
		const char *text;
	} cases[] = {
		{0, "0"},
		{1, "1 ns"},
		{999, "999 ns"},
		{1000, "1.00 µs"},
		{9994, "9.99 µs"},
		{9996, "10.0 µs"},
		{99960, "100 µs"},
		{999499, "999 µs"},
		{999500, "1.00 ms"},
		{5126000, "5.13 ms"},
		{81250000, "81.2 ms"},
		{999999999, "1.00 s"},
		{3600 * UINT64_C(1000000000), "3600 s"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct str s = {0};

		str_add_ns(&s, cases[i].ns);
		assert_string_equal(str_cstr(&s), cases[i].text);
		str_free(&s);
	}
}

static void str_take_hands_over(void **state)
{
	struct str s = {0};
	char *text;

	(void)state;
	str_add(&s, "gil");
	text = str_take(&s);
	assert_null(s.data);
	assert_string_equal(text, "gil");
	free(text);
}

static void distances(void **state)
{
	(void)state;
	assert_int_equal(str_distance("", ""), 0);
	assert_int_equal(str_distance("", "abc"), 3);
	assert_int_equal(str_distance("abc", ""), 3);
	assert_int_equal(str_distance("race", "RACE"), 0);
	assert_int_equal(str_distance("race", "rcae"), 1);
	assert_int_equal(str_distance("race", "rae"), 1);
	assert_int_equal(str_distance("race", "racee"), 1);
	assert_int_equal(str_distance("race", "rase"), 1);
	assert_int_equal(str_distance("ca", "abc"), 3);
	assert_int_equal(str_distance("kitten", "sitting"), 3);
	assert_int_equal(str_distance("deadlock", "daedlokc"), 2);
}

static void nearest_names(void **state)
{
	static const char *const names[] = {
		"race", "race-locked", NULL, "deadlock", "philosophers", "x",
	};
	size_t n = COUNT(names);

	(void)state;
	assert_string_equal(str_nearest("rcae", names, n), "race");
	assert_string_equal(str_nearest("dedlock", names, n), "deadlock");
	assert_string_equal(str_nearest("philosofers", names, n),
			    "philosophers");
	assert_string_equal(str_nearest("racelocked", names, n), "race-locked");
	assert_null(str_nearest("producer", names, n));
	assert_null(str_nearest("y", names, n));
	assert_null(str_nearest("", names, n));
	assert_null(str_nearest("race", names, 0));
}

/* ---- error, hash ------------------------------------------------------- */

static void fail_says_why(void **state)
{
	struct error err = {0};

	(void)state;
	assert_false((fail)(&err, "%s: %d", "no such thing", 3));
	assert_string_equal(err.text, "no such thing: 3");
	assert_int_equal(err.status, 2);
	(fail)(&err, "outer (%s)", err.text);
	assert_string_equal(err.text, "outer (no such thing: 3)");
	(fail)(&err, "%600s", "long");
	assert_int_equal(strlen(err.text), sizeof err.text - 1);
	assert_false((fail)(NULL, "nobody asks"));
}

static void hash_depends_on_every_byte(void **state)
{
	unsigned char bytes[300] = {0};
	uint64_t zero = hash_bytes(bytes, sizeof bytes);

	(void)state;
	assert_true(zero == hash_bytes(bytes, sizeof bytes));
	assert_true(zero != hash_bytes(bytes, sizeof bytes - 1));
	for (size_t i = 0; i < sizeof bytes; i++) {
		bytes[i] = 1;
		assert_true(zero != hash_bytes(bytes, sizeof bytes));
		bytes[i] = 0;
	}
}

/* ---- utf8 -------------------------------------------------------------- */

static void utf8_round_trip(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		char bytes[UTF8_MAX];
		size_t n = utf8_encode(code, bytes);
		uint32_t back;

		if (code >= 0xd800 && code <= 0xdfff) {
			assert_memory_equal(bytes, "\xef\xbf\xbd", 3);
			continue;
		}
		if (utf8_decode(bytes, n, &back) != n || back != code)
			fail_msg("U+%04X does not come back", code);
		if (!utf8_valid(bytes, n, NULL))
			fail_msg("U+%04X is called bad", code);
	}
}

static void utf8_knows_lengths(void **state)
{
	char out[UTF8_MAX];

	(void)state;
	assert_int_equal(utf8_encode(0x7f, out), 1);
	assert_int_equal(utf8_encode(0x80, out), 2);
	assert_int_equal(utf8_encode(0x7ff, out), 2);
	assert_int_equal(utf8_encode(0x800, out), 3);
	assert_int_equal(utf8_encode(0xffff, out), 3);
	assert_int_equal(utf8_encode(0x10000, out), 4);
	assert_int_equal(utf8_encode(0x110000, out), 3);
	utf8_encode(0x2502, out);
	assert_memory_equal(out, "│", 3);
}

/* Truncated, overlong, surrogate, beyond the last code point, stray. */
static void utf8_refuses_bad_bytes(void **state)
{
	static const char *const bad[] = {
		"\xe2\x94",     "\xc0\x80",         "\xc1\xbf",
		"\xe0\x9f\xbf", "\xed\xa0\x80",     "\xf0\x8f\xbf\xbf",
		"\x80",         "\xf4\x90\x80\x80", "\xf5\x80\x80\x80",
		"\xff",         "\xe2(\xa1",        "\xf0\x9f\x98",
		"\xc3",         "\xe2\x94(",        "\xf0\x9f\x98(",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		uint32_t code = 0;
		size_t where = 99;
		struct str s = {0};

		assert_int_equal(utf8_decode(bad[i], strlen(bad[i]), &code), 1);
		assert_int_equal(code, UTF8_BAD);
		str_addf(&s, "ok│%s", bad[i]);
		assert_false(utf8_valid(s.data, s.len, &where));
		assert_int_equal(where, 5);
		str_free(&s);
	}
	assert_true(utf8_valid("\xef\xbf\xbd", 3, NULL));
	assert_true(utf8_valid("", 0, NULL));
}

/* In memory that ends where the bytes end, so that ASan sees a read beyond. */
static void utf8_never_reads_beyond(void **state)
{
	(void)state;
	for (int first = 0x80; first < 0x100; first++) {
		for (size_t len = 1; len <= 3; len++) {
			char *bytes = xmalloc(len);
			uint32_t code;

			memset(bytes, 0x90, len);
			bytes[0] = (char)first;
			assert_true(utf8_decode(bytes, len, &code) <= len);
			utf8_widthn(bytes, len);
			free(bytes);
		}
	}
}

static void utf8_widths(void **state)
{
	(void)state;
	assert_int_equal(utf8_width(""), 0);
	assert_int_equal(utf8_width("count"), 5);
	assert_int_equal(utf8_width("│─┼●○▶✓→≠…·█"), 12);
	assert_int_equal(utf8_width("e\u0301"), 1);
	assert_int_equal(utf8_width("日本"), 4);
	assert_int_equal(utf8_width("\xff\xfe"), 2);
	assert_int_equal(utf8_widthn("a│b", 4), 2);
}

static void utf8_fits_whole_characters(void **state)
{
	(void)state;
	assert_int_equal(utf8_fit("count", 3), 3);
	assert_int_equal(utf8_fit("count", 9), 5);
	assert_int_equal(utf8_fit("count", 0), 0);
	assert_int_equal(utf8_fit("│││", 2), 6);
	assert_int_equal(utf8_fit("日本", 3), 3);
	assert_int_equal(utf8_fit("e\u0301x", 1), 3);
}

/* ---- embedded ---------------------------------------------------------- */

static bool same_as_file(const struct embedded *e)
{
	struct arena a = {0};
	FILE *file = fopen(arena_printf(&a, "scenarios/%s.tv", e->name), "rb");
	char *text = arena_alloc(&a, e->len + 2);
	bool same = file && fread(text, 1, e->len + 1, file) == e->len &&
		    memcmp(text, e->text, e->len + 1) == 0;

	if (file)
		fclose(file);
	arena_fini(&a);
	return same;
}

static void embedded_scenarios_are_the_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < embedded_count; i++) {
		const struct embedded *e = &embedded_scenarios[i];

		if (!same_as_file(e))
			fail_msg("%s differs from its file", e->name);
		if (i > 0)
			assert_true(strcmp(e[-1].name, e->name) < 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(arena_gives_zeroed_aligned_memory),
		cmocka_unit_test(arena_pieces_do_not_overlap),
		cmocka_unit_test(arena_copies_strings),
		cmocka_unit_test(misuse_aborts),
		cmocka_unit_test(vec_keeps_what_is_pushed),
		cmocka_unit_test(vec_holds_structs),
		cmocka_unit_test(vec_reserve_keeps_contents),
		cmocka_unit_test(str_empty_is_readable),
		cmocka_unit_test(str_grows),
		cmocka_unit_test(times_have_three_digits),
		cmocka_unit_test(str_take_hands_over),
		cmocka_unit_test(distances),
		cmocka_unit_test(nearest_names),
		cmocka_unit_test(fail_says_why),
		cmocka_unit_test(hash_depends_on_every_byte),
		cmocka_unit_test(utf8_round_trip),
		cmocka_unit_test(utf8_knows_lengths),
		cmocka_unit_test(utf8_refuses_bad_bytes),
		cmocka_unit_test(utf8_never_reads_beyond),
		cmocka_unit_test(utf8_widths),
		cmocka_unit_test(utf8_fits_whole_characters),
		cmocka_unit_test(embedded_scenarios_are_the_files),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
