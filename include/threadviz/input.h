/*
 * input.h - keys and clicks: their codes, their names, and how they are read
 * out of the bytes a terminal sends.
 *
 * A key is a code point or one of enum input_key. Ctrl with a letter is the
 * control character itself: INPUT_CTRL('c') is 3. Enter, Tab, Backspace and Esc
 * have codes of their own and never arrive as control characters.
 */
#ifndef THREADVIZ_INPUT_H
#define THREADVIZ_INPUT_H

#include "threadviz/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t key_code;

#define INPUT_CTRL(letter) ((key_code)((letter) & 31))

/* Keys that are no character. */
enum input_key {
	INPUT_ENTER = 0x110000, /* behind the last code point */
	INPUT_TAB,
	INPUT_BACKTAB,
	INPUT_BACKSPACE,
	INPUT_ESCAPE,
	INPUT_UP,
	INPUT_DOWN,
	INPUT_LEFT,
	INPUT_RIGHT,
	INPUT_HOME,
	INPUT_END,
	INPUT_PGUP,
	INPUT_PGDN,
	INPUT_INSERT,
	INPUT_DELETE,
	INPUT_F1, /* F1 to F12 follow each other */
	INPUT_F12 = INPUT_F1 + 11,
};

/* In the order in which terminals number them (xterm, SGR 1006). */
enum mouse_button {
	MOUSE_LEFT,
	MOUSE_MIDDLE,
	MOUSE_RIGHT,
	MOUSE_WHEEL_UP,
	MOUSE_WHEEL_DOWN,
};

/* One press. */
struct input_event {
	bool mouse;   /* a click or the wheel, else a key */
	key_code key;
	uint8_t button; /* enum mouse_button; presses only */
	int x, y;       /* cell, from 0 */
};

/* Appends its name: "a", "space", "Enter", "Up", "F1", "Ctrl-C". */
void key_format(key_code, struct str *out);
/* Reads what key_format writes (any case for names); false if it is none. */
bool key_parse(const char *name, key_code *out);

/*
 * The decoder. Feed bytes, then take events until there are none. What is
 * pasted (bracketed paste), answers of the terminal and unknown sequences are
 * swallowed; Ctrl-C always gets through.
 */
struct input {
	unsigned char bytes[512];
	size_t len;
	bool paste; /* inside a bracketed paste */
};

/* Takes up to n bytes; returns how many there was room for. */
size_t input_feed(struct input *, const void *bytes, size_t n);
/*
 * The next event; false if there is none yet. `final`: no more bytes have come
 * for a while, so that a lone escape character is the key.
 */
bool input_next(struct input *, bool final, struct input_event *out);
/* Whether bytes are held back that input_next(final) would decide about. */
bool input_pending(const struct input *);

#endif
