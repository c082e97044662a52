/*
 * background.c - is the terminal's background dark or light?
 *
 * OSC 11 asks for the colour; terminals that do not know it stay silent. So a
 * second question follows at once that every terminal answers (DA1, "what are
 * you?"): when its answer is there, the first one is not coming any more. That
 * makes the usual case fast; the time limit is for lines that are slow or dead.
 * What comes too late is swallowed by the decoder of keys.
 */
#include "background.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define QUESTIONS "\033]11;?\033\\\033[c"

static enum theme theme_on(uint32_t rgb)
{
	return colour_contrast(rgb, 0xffffff) > colour_contrast(rgb, 0x000000)
		       ? THEME_DARK
		       : THEME_LIGHT;
}

enum theme background_from_variable(const char *value)
{
	const char *last = value ? strrchr(value, ';') : NULL;
	char *end;
	long colour;

	if (!last)
		return THEME_AUTO;
	colour = strtol(last + 1, &end, 10);
	if (end == last + 1 || *end || colour < 0 || colour > 15)
		return THEME_AUTO;
	return colour < 7 || colour == 8 ? THEME_DARK : THEME_LIGHT;
}

/* One to four hexadecimal digits of a channel, as 0 to 255. */
static uint32_t channel(const char *digits)
{
	unsigned long value = strtoul(digits, NULL, 16);
	unsigned long most = (1ul << (4 * strlen(digits))) - 1;

	return (uint32_t)(value * 255 / most);
}

/* THEME_AUTO if the colour is not among the terminal's answers. */
static enum theme from_answer(const char *bytes, size_t len)
{
	static const char start[] = "\033]11;rgb"; /* rgb: or rgba: */
	char text[64] = "", r[5], g[5], b[5];
	const char *found = memmem(bytes, len, start, sizeof start - 1);

	if (!found)
		return THEME_AUTO;
	found += sizeof start - 1;
	len -= (size_t)(found - bytes);
	memcpy(text, found, len < sizeof text ? len : sizeof text - 1);
	if (sscanf(text[0] == 'a' ? text + 1 : text,
		   ":%4[0-9a-fA-F]/%4[0-9a-fA-F]/%4[0-9a-fA-F]", r, g, b) != 3)
		return THEME_AUTO;
	return theme_on(channel(r) << 16 | channel(g) << 8 | channel(b));
}

/* ESC [ ? ... c */
static bool answered(const char *bytes, size_t len)
{
	const char *found = memmem(bytes, len, "\033[?", 3);

	return found && memchr(found, 'c', len - (size_t)(found - bytes));
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static size_t collect(int in, int timeout_ms, char *bytes, size_t size)
{
	int64_t deadline = now_ms() + timeout_ms, left = timeout_ms;
	struct pollfd wait = {.fd = in, .events = POLLIN};
	size_t len = 0;

	while (left > 0 && len < size && !answered(bytes, len) &&
	       poll(&wait, 1, (int)left) > 0) {
		ssize_t n = read(in, bytes + len, size - len);

		if (n <= 0)
			break;
		len += (size_t)n;
		left = deadline - now_ms();
	}
	return len;
}

enum theme background_ask(int in, int out, int timeout_ms, struct input *input)
{
	char bytes[sizeof input->bytes];
	size_t len = 0;

	if (write(out, QUESTIONS, sizeof QUESTIONS - 1) > 0)
		len = collect(in, timeout_ms, bytes, sizeof bytes);
	input_feed(input, bytes, len);
	return from_answer(bytes, len);
}
