/*
 * input.c - keys and clicks out of the bytes a terminal sends.
 *
 * A terminal answers in one stream: characters, key sequences, clicks, pasted
 * text, late answers to questions. The danger is that the tail of something
 * half understood acts as keys. So sequences are recognised by their grammar
 * (ECMA-48: ESC [ parameters final; ESC O final; ESC ] ... BEL or ESC \), taken
 * whole, and only then looked up; what is unknown is dropped whole.
 *
 * Everything is decided from the bytes in hand. Only a lone ESC needs time to
 * tell a key from the start of a sequence; the caller says when time is up.
 */
#include "threadviz/input.h"

#include "threadviz/utf8.h"

#include <assert.h>
#include <string.h>
#include <strings.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { CTRL_C = 3, BEL = 7, ESC = 27, DELETE = 127 };

/* What the first bytes in hand are. */
enum token {
	TOKEN_PARTIAL, /* more bytes are needed */
	TOKEN_NOTHING, /* to be dropped */
	TOKEN_EVENT,
	TOKEN_PASTE_BEGIN,
	TOKEN_PASTE_END,
};

/* ESC [ prefix params final */
struct sequence {
	char prefix; /* one of < = > ?, else 0 */
	char final;
	int params[3];
	size_t count;
};

/* ---- meaning ----------------------------------------------------------- */

static enum token key_token(key_code key, struct input_event *out)
{
	*out = (struct input_event){.key = key};
	return key ? TOKEN_EVENT : TOKEN_NOTHING;
}

/* ESC [ n ~ */
static key_code number_key(int n)
{
	/* clang-format off */
	static const key_code keys[] = {
		[1] = INPUT_HOME, INPUT_INSERT, INPUT_DELETE, INPUT_END,
		[5] = INPUT_PGUP, INPUT_PGDN, INPUT_HOME, INPUT_END,
		[11] = INPUT_F1, INPUT_F1 + 1, INPUT_F1 + 2, INPUT_F1 + 3,
		[15] = INPUT_F1 + 4,
		[17] = INPUT_F1 + 5, INPUT_F1 + 6, INPUT_F1 + 7, INPUT_F1 + 8,
		[21] = INPUT_F1 + 9,
		[23] = INPUT_F1 + 10, INPUT_F12,
	};
	/* clang-format on */

	return (size_t)n < COUNT(keys) ? keys[n] : 0;
}

/* ESC [ or ESC O and a letter */
static key_code letter_key(char letter)
{
	static const key_code keys[] = {
		['A'] = INPUT_UP,     ['B'] = INPUT_DOWN,
		['C'] = INPUT_RIGHT,  ['D'] = INPUT_LEFT,
		['F'] = INPUT_END,    ['H'] = INPUT_HOME,
		['M'] = INPUT_ENTER,  ['P'] = INPUT_F1,
		['Q'] = INPUT_F1 + 1, ['R'] = INPUT_F1 + 2,
		['S'] = INPUT_F1 + 3, ['Z'] = INPUT_BACKTAB,
	};

	return (size_t)letter < COUNT(keys) ? keys[(size_t)letter] : 0;
}

/* x and y count from 1; releases and movements are nothing to us. */
static enum token mouse_token(int button, int x, int y, struct input_event *out)
{
	int which = button & 3;
	bool wheel = button & 64, moved = button & 32;

	if (moved || which > (wheel ? 1 : 2) || x < 1 || y < 1)
		return TOKEN_NOTHING;
	*out = (struct input_event){
		.mouse = true,
		.button = (uint8_t)(wheel ? MOUSE_WHEEL_UP + which : which),
		.x = x - 1,
		.y = y - 1,
	};
	return TOKEN_EVENT;
}

static enum token sequence_token(const struct sequence *s,
				 struct input_event *out)
{
	if (s->prefix == '<' && s->final == 'M')
		return mouse_token(s->params[0], s->params[1], s->params[2],
				   out);
	if (s->prefix)
		return TOKEN_NOTHING;
	if (s->final == '~' && s->params[0] == 200)
		return TOKEN_PASTE_BEGIN;
	if (s->final == '~' && s->params[0] == 201)
		return TOKEN_PASTE_END;
	if (s->final == '~')
		return key_token(number_key(s->params[0]), out);
	return key_token(letter_key(s->final), out);
}

/* ---- grammar ----------------------------------------------------------- */

static void add_parameter(struct sequence *s, unsigned char c)
{
	if (c == ';')
		s->count++;
	else if ('0' <= c && c <= '9' && s->count < COUNT(s->params) &&
		 s->params[s->count] < 10000)
		s->params[s->count] = s->params[s->count] * 10 + (c - '0');
}

/* A control character where none belongs breaks a sequence off; it is not
 * itself a part of it. Where, or `want` if nothing is broken in so many. */
static size_t unbroken(const unsigned char *b, size_t len, size_t want)
{
	size_t i = 2;

	while (i < len && i < want && b[i] >= 0x20)
		i++;
	return i < len ? i : want;
}

/* ESC [ M button x y: clicks of terminals that know no better. */
static enum token read_old_mouse(const unsigned char *b, size_t len,
				 size_t *taken, struct input_event *out)
{
	*taken = unbroken(b, len, 6);
	if (*taken < 6)
		return TOKEN_NOTHING;
	if (len < 6)
		return TOKEN_PARTIAL;
	return mouse_token(b[3] - 32, b[4] - 32, b[5] - 32, out);
}

/* ESC [ [ A to E: F1 to F5 of the Linux console. */
static enum token read_console_key(const unsigned char *b, size_t len,
				   size_t *taken, struct input_event *out)
{
	*taken = unbroken(b, len, 4);
	if (*taken < 4)
		return TOKEN_NOTHING;
	if (len < 4)
		return TOKEN_PARTIAL;
	if (b[3] < 'A' || b[3] > 'E')
		return TOKEN_NOTHING;
	return key_token(INPUT_F1 + (key_code)(b[3] - 'A'), out);
}

/* ESC O letter */
static enum token read_ss3(const unsigned char *b, size_t len, size_t *taken,
			   struct input_event *out)
{
	*taken = unbroken(b, len, 3);
	if (*taken < 3)
		return TOKEN_NOTHING;
	if (len < 3)
		return TOKEN_PARTIAL;
	return key_token(letter_key((char)b[2]), out);
}

static enum token read_csi(const unsigned char *b, size_t len, size_t *taken,
			   struct input_event *out)
{
	struct sequence s = {0};
	size_t i = 2;

	if (len > 2 && b[2] == 'M')
		return read_old_mouse(b, len, taken, out);
	if (len > 2 && b[2] == '[')
		return read_console_key(b, len, taken, out);
	if (len > 2 && b[2] >= '<' && b[2] <= '?')
		s.prefix = (char)b[i++];
	while (i < len && b[i] >= 0x20 && b[i] < 0x40)
		add_parameter(&s, b[i++]);
	if (i == len)
		return TOKEN_PARTIAL;
	*taken = i;
	if (b[i] < 0x40 || b[i] > 0x7e) /* broken off by something else */
		return TOKEN_NOTHING;
	s.final = (char)b[i];
	*taken = i + 1;
	return sequence_token(&s, out);
}

/* ESC ] and its like, up to BEL or ESC \: answers we no longer wait for. Any
 * other ESC, and Ctrl-C, break it off. */
static enum token read_string(const unsigned char *b, size_t len, size_t *taken)
{
	size_t i = 2;

	while (i < len && b[i] != BEL && b[i] != CTRL_C && b[i] != ESC)
		i++;
	if (i == len || (b[i] == ESC && i + 1 == len))
		return TOKEN_PARTIAL;
	if (b[i] == BEL)
		*taken = i + 1;
	else if (b[i] == ESC && b[i + 1] == '\\')
		*taken = i + 2;
	else
		*taken = i;
	return TOKEN_NOTHING;
}

static enum token read_escape(const unsigned char *b, size_t len, size_t *taken,
			      struct input_event *out)
{
	if (len < 2)
		return TOKEN_PARTIAL;
	switch (b[1]) {
	case '[':
		return read_csi(b, len, taken, out);
	case 'O':
		return read_ss3(b, len, taken, out);
	case ']':
	case 'P':
	case '_':
	case '^':
		return read_string(b, len, taken);
	default:
		*taken = 1;
		return key_token(INPUT_ESCAPE, out);
	}
}

static key_code control_key(unsigned char c)
{
	switch (c) {
	case '\t':
		return INPUT_TAB;
	case '\n':
	case '\r':
		return INPUT_ENTER;
	case '\b':
	case DELETE:
		return INPUT_BACKSPACE;
	default:
		return c;
	}
}

static enum token read_character(const unsigned char *b, size_t len,
				 size_t *taken, struct input_event *out)
{
	size_t promised = b[0] < 0xc2   ? 1
			  : b[0] < 0xe0 ? 2
			  : b[0] < 0xf0 ? 3
					: 4;
	size_t n = 1;
	uint32_t code;

	if (b[0] < 0x20 || b[0] == DELETE) {
		*taken = 1;
		return key_token(control_key(b[0]), out);
	}
	while (n < promised && n < len && (b[n] & 0xc0) == 0x80)
		n++;
	if (n == len && n < promised)
		return TOKEN_PARTIAL;
	*taken = utf8_decode((const char *)b, len, &code);
	return key_token(code == UTF8_BAD ? 0 : code, out);
}

/* ---- the decoder ------------------------------------------------------- */

size_t input_feed(struct input *in, const void *bytes, size_t n)
{
	size_t room = sizeof in->bytes - in->len;

	if (n > room)
		n = room;
	memcpy(in->bytes + in->len, bytes, n);
	in->len += n;
	return n;
}

bool input_pending(const struct input *in)
{
	return in->len > 0;
}

/* No more bytes will come in time: ESC, or ESC and [, were keys after all. A
 * longer beginning is an answer on a slow line; it stays. */
static enum token give_up(const struct input *in, size_t *taken,
			  struct input_event *out)
{
	bool escape = in->bytes[0] == ESC, keys = escape && in->len <= 2;

	if (escape && !keys)
		return TOKEN_PARTIAL;
	*taken = keys ? 1 : in->len;
	return key_token(keys ? INPUT_ESCAPE : 0, out);
}

static enum token read_token(const struct input *in, bool final, size_t *taken,
			     struct input_event *out)
{
	const unsigned char *b = in->bytes;
	enum token token = b[0] == ESC ? read_escape(b, in->len, taken, out)
				       : read_character(b, in->len, taken, out);

	if (token == TOKEN_PARTIAL && final)
		token = give_up(in, taken, out);
	return token;
}

/* A beginning that fills the buffer means nothing to us; its end, wherever it
 * is, must still be recognised. So it goes on, but empty: its kind, a prefix
 * that makes it unknown, and an ESC that may be half of its end. */
static void shorten(struct input *in)
{
	bool ends = in->bytes[in->len - 1] == ESC;

	in->len = 2;
	if (in->bytes[1] == '[')
		in->bytes[in->len++] = '=';
	else if (ends)
		in->bytes[in->len++] = ESC;
}

bool input_next(struct input *in, bool final, struct input_event *out)
{
	while (in->len > 0) {
		size_t taken = 0;
		enum token token = read_token(in, final, &taken, out);
		bool event = token == TOKEN_EVENT;

		if (token == TOKEN_PARTIAL && in->len == sizeof in->bytes)
			shorten(in);
		if (token == TOKEN_PARTIAL)
			return false;
		assert(taken > 0 && taken <= in->len);
		in->len -= taken;
		memmove(in->bytes, in->bytes + taken, in->len);
		if (token == TOKEN_PASTE_BEGIN)
			in->paste = true;
		if (token == TOKEN_PASTE_END || (event && out->key == CTRL_C))
			in->paste = false;
		if (event && !in->paste)
			return true;
	}
	return false;
}

/* ---- names ------------------------------------------------------------- */

static const struct {
	const char *name;
	key_code key;
} key_names[] = {
	{"space", ' '},
	{"Enter", INPUT_ENTER},
	{"Tab", INPUT_TAB},
	{"Shift-Tab", INPUT_BACKTAB},
	{"Backspace", INPUT_BACKSPACE},
	{"Esc", INPUT_ESCAPE},
	{"Up", INPUT_UP},
	{"Down", INPUT_DOWN},
	{"Left", INPUT_LEFT},
	{"Right", INPUT_RIGHT},
	{"Home", INPUT_HOME},
	{"End", INPUT_END},
	{"PgUp", INPUT_PGUP},
	{"PgDn", INPUT_PGDN},
	{"Insert", INPUT_INSERT},
	{"Delete", INPUT_DELETE},
	{"F1", INPUT_F1},
	{"F2", INPUT_F1 + 1},
	{"F3", INPUT_F1 + 2},
	{"F4", INPUT_F1 + 3},
	{"F5", INPUT_F1 + 4},
	{"F6", INPUT_F1 + 5},
	{"F7", INPUT_F1 + 6},
	{"F8", INPUT_F1 + 7},
	{"F9", INPUT_F1 + 8},
	{"F10", INPUT_F1 + 9},
	{"F11", INPUT_F1 + 10},
	{"F12", INPUT_F12},
};

void key_format(key_code key, struct str *out)
{
	char bytes[UTF8_MAX];

	for (size_t i = 0; i < COUNT(key_names); i++)
		if (key_names[i].key == key) {
			str_add(out, key_names[i].name);
			return;
		}
	if (key < 0x20)
		str_addf(out, "Ctrl-%c", (char)(key + '@'));
	else
		str_addn(out, bytes, utf8_encode(key, bytes));
}

bool key_parse(const char *name, key_code *out)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < COUNT(key_names); i++)
		if (strcasecmp(key_names[i].name, name) == 0) {
			*out = key_names[i].key;
			return true;
		}
	if (len == 6 && strncasecmp(name, "Ctrl-", 5) == 0) {
		*out = control_key((unsigned char)INPUT_CTRL(name[5]));
		return *out != 0;
	}
	return len > 0 && utf8_decode(name, len, out) == len && *out >= ' ' &&
	       *out != UTF8_BAD;
}
