/*
 * utf8.c - code points in byte strings, and how many cells they take.
 *
 * Scenario texts come from anywhere and end up on a terminal, so what is not
 * UTF-8 must neither be read past nor passed on. The decoder follows table
 * 3-7 of the Unicode standard: the first byte fixes the length and the range
 * of the second; overlong forms, surrogates and everything above U+10FFFF
 * fall out of these ranges. A bad byte is one U+FFFD, and reading goes on
 * with the next byte.
 *
 * Widths do not ask wcwidth: the answer must not change with the locale, or
 * the golden screens would.
 */
#include "threadviz/utf8.h"

#include <assert.h>
#include <string.h>

static bool between(uint32_t x, uint32_t low, uint32_t high)
{
	return low <= x && x <= high;
}

/* The length a first byte promises; 0 if it is none. */
static size_t sequence_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if (between(first, 0xc2, 0xdf))
		return 2;
	if (between(first, 0xe0, 0xef))
		return 3;
	if (between(first, 0xf0, 0xf4))
		return 4;
	return 0;
}

static bool second_fits(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return between(second, 0xa0, 0xbf);
	case 0xed:
		return between(second, 0x80, 0x9f);
	case 0xf0:
		return between(second, 0x90, 0xbf);
	case 0xf4:
		return between(second, 0x80, 0x8f);
	default:
		return between(second, 0x80, 0xbf);
	}
}

size_t utf8_decode(const char *bytes, size_t len, uint32_t *out)
{
	const unsigned char *s = (const unsigned char *)bytes;
	size_t n;
	uint32_t code;

	assert(len > 0);
	*out = UTF8_BAD;
	n = sequence_length(s[0]);
	if (n == 0 || n > len || (n > 1 && !second_fits(s[0], s[1])))
		return 1;
	/* A first byte keeps 7, 5, 4, 3 bits of the code point. */
	code = n == 1 ? s[0] : s[0] & (0x7fu >> n);
	for (size_t i = 1; i < n; i++) {
		if (!between(s[i], 0x80, 0xbf))
			return 1;
		code = code << 6 | (s[i] & 0x3f);
	}
	*out = code;
	return n;
}

size_t utf8_encode(uint32_t code, char out[UTF8_MAX])
{
	static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t n = 1;

	if (code > 0x10ffff || between(code, 0xd800, 0xdfff))
		code = UTF8_BAD;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	n = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = n - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	out[0] = (char)(lead[n] | code);
	return n;
}

bool utf8_valid(const char *bytes, size_t len, size_t *where)
{
	size_t i = 0;

	while (i < len) {
		uint32_t code;
		size_t n = utf8_decode(bytes + i, len - i, &code);

		if (code == UTF8_BAD && n == 1) {
			if (where)
				*where = i;
			return false;
		}
		i += n;
	}
	return true;
}

struct range {
	uint32_t low, high;
};

static bool in_ranges(uint32_t code, const struct range *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (between(code, r[i].low, r[i].high))
			return true;
	return false;
}
#define IN_RANGES(code, r) in_ranges((code), (r), sizeof(r) / sizeof *(r))

int utf8_code_width(uint32_t code)
{
	static const struct range none[] = {
		{0x0000, 0x001f}, {0x007f, 0x009f}, {0x0300, 0x036f},
		{0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f},
		{0x0e34, 0x0e3a}, {0x0e47, 0x0e4e}, {0x1ab0, 0x1aff},
		{0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e},
		{0x2060, 0x2064}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f},
		{0xfe20, 0xfe2f}, {0xfeff, 0xfeff}, {0xe0100, 0xe01ef},
	};
	static const struct range wide[] = {
		{0x1100, 0x115f},   {0x231a, 0x231b},   {0x2329, 0x232a},
		{0x23e9, 0x23ec},   {0x2614, 0x2615},   {0x26a1, 0x26a1},
		{0x2705, 0x2705},   {0x274c, 0x274c},   {0x2753, 0x2755},
		{0x2757, 0x2757},   {0x2795, 0x2797},   {0x2b50, 0x2b50},
		{0x2b55, 0x2b55},   {0x2e80, 0x303e},   {0x3041, 0x33ff},
		{0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
		{0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
		{0xfe30, 0xfe6f},   {0xff00, 0xff60},   {0xffe0, 0xffe6},
		{0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1f9ff},
		{0x20000, 0x3fffd},
	};

	if (between(code, 0x20, 0x7e))
		return 1;
	if (IN_RANGES(code, none))
		return 0;
	return IN_RANGES(code, wide) ? 2 : 1;
}

int utf8_widthn(const char *bytes, size_t len)
{
	int width = 0;
	size_t i = 0;

	while (i < len) {
		uint32_t code;

		i += utf8_decode(bytes + i, len - i, &code);
		width += utf8_code_width(code);
	}
	return width;
}

int utf8_width(const char *text)
{
	return utf8_widthn(text, strlen(text));
}

size_t utf8_fit(const char *text, int cells)
{
	size_t len = strlen(text);
	size_t i = 0;

	while (i < len) {
		uint32_t code;
		size_t n = utf8_decode(text + i, len - i, &code);

		cells -= utf8_code_width(code);
		if (cells < 0)
			break;
		i += n;
	}
	return i;
}
