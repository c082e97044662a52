/*
 * term.c - the terminal: shows grids, hands out events. Nobody else knows
 * curses.
 *
 * Output: a copy of the grid last shown is kept; only cells that differ go to
 * curses, which works out the shortest way to send them. Input does not go
 * through curses: one poll waits for the keyboard, for signals (a signalfd, so
 * that nothing ever happens inside a handler) and for the caller's descriptor,
 * and input.c makes keys of the bytes. An idle program sleeps in that poll.
 *
 * What is changed about the terminal and the process in `enter` and term_open
 * is undone in `leave` and term_close, and by crash.c if it comes to that.
 */
#include "threadviz/term.h"

#include "background.h"
#include "crash.h"
#include "threadviz/arena.h"
#include "threadviz/fold.h"
#include "threadviz/utf8.h"

#define term curses_term /* <term.h> has a struct of that name too */
#include <curses.h>
#include <term.h>
#undef term
#include <errno.h>
#include <langinfo.h>
#include <linux/memfd.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Bracketed paste: so that what is pasted can be told from keys. Mouse: presses
 * and wheel, coordinates in decimal. */
#define PASTE_ON "\033[?2004h"
#define PASTE_OFF "\033[?2004l"
#define MOUSE_ON "\033[?1000h\033[?1006h"
#define MOUSE_OFF "\033[?1006l\033[?1000l"

enum { ANSWER_MS = 100, ESCAPE_MS = 25, LARGEST = 1000 };

struct term {
	SCREEN *screen;
	struct grid shown;     /* what curses has been told */
	bool stale;            /* shown means nothing */
	enum theme background; /* what was found out about it */
	enum theme theme;
	bool colour, ascii, mouse;
	struct input input;
	bool escape_tried; /* time was up for the bytes in `input` */
	int escape_ms;
	bool signal_last; /* the event before was a signal */
	sigset_t signals_before;
	int signals;  /* signalfd */
	int messages; /* collected standard error, or -1 */
	int error;    /* the real one meanwhile, or -1 */
};

/* ---- may we? ----------------------------------------------------------- */

static bool starts_like_xterm(const char *type)
{
	static const char *const names[] = {
		"xterm",   "kitty", "foot",    "alacritty", "wezterm",
		"ghostty", "rxvt",  "konsole", "gnome",     "vte",
		"putty",   "st-",   "contour", "mintty",    "iterm",
	};

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if (strncmp(type, names[i], strlen(names[i])) == 0)
			return true;
	return strcmp(type, "xterm-256color") == 0;
}

/* Whether the terminal database knows the type and it can place its cursor. */
static bool usable(const char *type)
{
	int status;
	bool yes = setupterm(type, STDOUT_FILENO, &status) == OK &&
		   cursor_address && clear_screen;

	if (cur_term)
		del_curterm(cur_term);
	return yes;
}

static const char *find_type(struct error *err)
{
	const char *type = getenv("TERM");

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		fail(err, "standard input and output must be a terminal; "
			  "use --plain");
		return NULL;
	}
	if (!type || !*type)
		type = "unknown";
	if (usable(type))
		return type;
	if (starts_like_xterm(type) && usable("xterm-256color"))
		return "xterm-256color";
	fail(err,
	     "the terminal type '%s' cannot show a screen; use --plain, "
	     "or set TERM to what the terminal is",
	     type);
	return NULL;
}

/* ---- modes ------------------------------------------------------------- */

static void say(const char *text)
{
	/* a terminal that is gone shows in the next poll */
	ssize_t ignored = write(STDOUT_FILENO, text, strlen(text));

	(void)ignored;
}

static void read_size(int *w, int *h)
{
	struct winsize size = {0};

	ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*w = size.ws_col ? size.ws_col : 80;
	*h = size.ws_row ? size.ws_row : 24;
	*w = *w < LARGEST ? *w : LARGEST;
	*h = *h < LARGEST ? *h : LARGEST;
}

static void resize(struct term *t)
{
	int w, h;

	read_size(&w, &h);
	resizeterm(h, w);
	grid_resize(&t->shown, w, h);
	t->stale = true;
}

/* Takes the screen, at first and after a suspension. */
static void enter(struct term *t)
{
	reset_prog_mode();
	resize(t);
	say(PASTE_ON);
	if (t->mouse)
		say(MOUSE_ON);
}

static void leave(void)
{
	say(MOUSE_OFF PASTE_OFF);
	endwin();
}

/* A capability's text without the padding a real vt100 needed. */
static void add_capability(struct crash_plan *plan, const char *text)
{
	while (text && *text && plan->restore_len < sizeof plan->restore) {
		if (strncmp(text, "$<", 2) == 0 && strchr(text, '>'))
			text = strchr(text, '>') + 1;
		else
			plan->restore[plan->restore_len++] = *text++;
	}
}

static void arm(const struct term *t, const struct termios *modes)
{
	struct crash_plan plan = {
		.modes = *modes,
		.screen = STDOUT_FILENO,
		.messages = t->messages,
		.error = t->error,
	};

	add_capability(&plan, MOUSE_OFF PASTE_OFF);
	add_capability(&plan, exit_attribute_mode);
	add_capability(&plan, orig_pair);
	add_capability(&plan, cursor_normal);
	add_capability(&plan, exit_ca_mode);
	crash_arm(&plan);
}

/* ---- open and close ---------------------------------------------------- */

static void block_signals(struct term *t)
{
	static const int wanted[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
				     SIGTSTP, SIGCONT, SIGWINCH};
	sigset_t set;

	sigemptyset(&set);
	for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++)
		sigaddset(&set, wanted[i]);
	sigprocmask(SIG_BLOCK, &set, &t->signals_before);
	t->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
}

static void collect_messages(struct term *t)
{
	t->messages = t->error = -1;
	if (!isatty(STDERR_FILENO))
		return;
	t->messages = (int)syscall(SYS_memfd_create, "messages", MFD_CLOEXEC);
	if (t->messages < 0)
		return;
	t->error = dup(STDERR_FILENO);
	dup2(t->messages, STDERR_FILENO);
}

static void pass_messages_on(struct term *t)
{
	if (t->messages < 0)
		return;
	dup2(t->error, STDERR_FILENO);
	crash_copy(t->messages, STDERR_FILENO);
	close(t->error);
	close(t->messages);
}

/* newterm with the handlers it installs taken out again: signals are ours. */
static SCREEN *open_screen(const char *type)
{
	static const int handled[] = {SIGINT, SIGTERM, SIGTSTP, SIGWINCH};
	enum { COUNT = sizeof handled / sizeof handled[0] };
	struct sigaction before[COUNT];
	SCREEN *screen;

	for (int i = 0; i < COUNT; i++)
		sigaction(handled[i], NULL, &before[i]);
	screen = newterm(type, stdout, stdin);
	for (int i = 0; i < COUNT; i++)
		sigaction(handled[i], &before[i], NULL);
	return screen;
}

/* Curses resets the palette when it comes back from a suspension. We never
 * change it, and the user may have one of his own: make the string empty. */
static void forget_palette(void)
{
	char *reset = tigetstr("oc");

	if (reset && reset != (char *)-1)
		*reset = '\0';
}

static void cut_prefix(const char *name, const char *prefix)
{
	char *text = tigetstr(name);
	size_t n = strlen(prefix);

	if (text && text != (char *)-1 && strncmp(text, prefix, n) == 0)
		memmove(text, text + n, strlen(text + n) + 1);
}

/* Every change of style would choose the character set again, which nobody
 * here ever changes: three bytes a word. */
static void forget_charset(void)
{
	cut_prefix("sgr", "%?%p9%t\033(0%e\033(B%;");
	cut_prefix("sgr0", "\033(B");
}

static void set_up_curses(struct term *t)
{
	raw();
	noecho();
	nonl();
	curs_set(0);
	forget_palette();
	forget_charset();
	typeahead(-1); /* finish every frame, also when keys are waiting */
	t->colour = t->colour && has_colors();
	if (t->colour) {
		start_color();
		use_default_colors();
	}
	def_prog_mode();
}

static enum theme find_background(struct term *t)
{
	enum theme theme = background_from_variable(getenv("COLORFGBG"));

	if (theme != THEME_AUTO || !t->colour || tigetnum("colors") < 256)
		return theme;
	return background_ask(STDIN_FILENO, STDOUT_FILENO, ANSWER_MS,
			      &t->input);
}

static int escape_delay(void)
{
	const char *value = getenv("ESCDELAY");
	long ms = value ? strtol(value, NULL, 10) : 0;

	return ms > 0 && ms <= 10000 ? (int)ms : ESCAPE_MS;
}

struct term *term_open(const struct term_options *options, struct error *err)
{
	struct term *t;
	struct termios modes;
	const char *type;

	setlocale(LC_CTYPE, "");
	type = find_type(err);
	if (!type)
		return NULL;
	t = xcalloc(1, sizeof *t);
	t->colour = !options->colour_off;
	t->ascii = options->ascii || strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
	t->mouse = options->mouse;
	t->escape_ms = escape_delay();
	tcgetattr(STDIN_FILENO, &modes);
	block_signals(t);
	t->screen = open_screen(type);
	set_up_curses(t);
	if (options->theme == THEME_AUTO)
		t->background = find_background(t);
	term_set_theme(t, options->theme);
	collect_messages(t);
	arm(t, &modes);
	enter(t);
	return t;
}

void term_close(struct term *t)
{
	if (!t)
		return;
	leave();
	crash_disarm();
	delscreen(t->screen);
	pass_messages_on(t);
	close(t->signals);
	sigprocmask(SIG_SETMASK, &t->signals_before, NULL);
	grid_fini(&t->shown);
	free(t);
}

void term_output(const struct term *t, size_t from, struct str *out)
{
	char buffer[4096];
	ssize_t n;

	if (t->messages < 0)
		return;
	while ((n = pread(t->messages, buffer, sizeof buffer, (off_t)from)) >
	       0) {
		str_addn(out, buffer, (size_t)n);
		from += (size_t)n;
	}
}

/* ---- show -------------------------------------------------------------- */

static attr_t curses_attrs(unsigned attrs)
{
	return (attrs & LOOK_BOLD ? A_BOLD : 0) |
	       (attrs & LOOK_UNDERLINE ? A_UNDERLINE : 0) |
	       (attrs & LOOK_REVERSE ? A_REVERSE : 0) |
	       (attrs & LOOK_DIM ? A_DIM : 0);
}

static int curses_pair(const struct term *t, struct look look)
{
	if (!t->colour ||
	    (look.fg == COLOUR_DEFAULT && look.bg == COLOUR_DEFAULT))
		return 0;
	return alloc_pair(look.fg, look.bg);
}

/* What the terminal can show in the place of ch, of the same width. */
static wchar_t shown_char(const struct term *t, uint32_t ch)
{
	if (ch < 0x80)
		return (wchar_t)ch;
	if (t->ascii)
		return (wchar_t)fold_char(ch);
	return wcwidth((wchar_t)ch) == utf8_code_width(ch) ? (wchar_t)ch : '?';
}

static void show_cell(const struct term *t, int x, int y, struct cell cell)
{
	struct look look = theme_look(t->theme, cell.style);
	int pair = curses_pair(t, look);
	wchar_t text[2] = {shown_char(t, cell.ch), 0};
	cchar_t out;

	setcchar(&out, text, curses_attrs(look.attrs), 0, &pair);
	mvadd_wch(y, x, &out);
	/* a wide character for which something narrow stands in */
	if (utf8_code_width(cell.ch) == 2 && wcwidth(text[0]) < 2)
		mvaddch(y, x + 1, ' ');
}

static bool same_cell(const struct cell *a, const struct cell *b)
{
	return memcmp(a, b, sizeof *a) == 0;
}

void term_show(struct term *t, const struct grid *g)
{
	struct rect both = rect_clip(grid_rect(&t->shown), grid_rect(g));

	if (t->stale) {
		clear(); /* makes the next refresh send everything */
		grid_clear(&t->shown);
	}
	for (int y = 0; y < both.h; y++)
		for (int x = 0; x < both.w; x++) {
			const struct cell *cell = grid_at(g, x, y);
			struct cell *old = &t->shown.cells[y * both.w + x];

			if (same_cell(cell, old))
				continue;
			*old = *cell;
			if (cell->ch != 0)
				show_cell(t, x, y, *cell);
		}
	t->stale = false;
	curs_set(g->cursor_shown);
	move(g->cursor_y, g->cursor_x);
	refresh();
}

void term_repaint(struct term *t)
{
	t->stale = true;
}

void term_size(const struct term *t, int *w, int *h)
{
	*w = t->shown.w;
	*h = t->shown.h;
}

/* ---- events ------------------------------------------------------------ */

static void suspend(struct term *t, bool group)
{
	sigset_t stop, before;

	leave();
	if (group)
		kill(0, SIGTSTP); /* as the kernel does for a Ctrl-Z */
	else
		raise(SIGTSTP);
	sigemptyset(&stop);
	sigaddset(&stop, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &stop, &before); /* here it stops */
	sigprocmask(SIG_SETMASK, &before, NULL);
	enter(t);
}

static struct term_event signal_event(struct term *t)
{
	struct signalfd_siginfo info;

	if (read(t->signals, &info, sizeof info) != sizeof info)
		return (struct term_event){.kind = TERM_TIMEOUT};
	switch (info.ssi_signo) {
	case SIGWINCH:
		resize(t);
		return (struct term_event){.kind = TERM_RESIZE};
	case SIGTSTP:
		suspend(t, false);
		return (struct term_event){.kind = TERM_RESIZE};
	case SIGCONT: /* after a SIGSTOP, which gave no chance to leave */
		enter(t);
		return (struct term_event){.kind = TERM_RESIZE};
	default:
		return (struct term_event){
			.kind = TERM_SIGNAL,
			.signal = (int)info.ssi_signo,
		};
	}
}

/* The next event out of the bytes in hand. */
static bool input_event(struct term *t, bool final, struct term_event *out)
{
	if (!input_next(&t->input, final, &out->input))
		return false;
	if (!out->input.mouse && out->input.key == INPUT_CTRL('z')) {
		suspend(t, true);
		out->kind = TERM_RESIZE;
	} else {
		out->kind = out->input.mouse ? TERM_MOUSE : TERM_KEY;
	}
	return true;
}

static struct term_event read_event(struct term *t)
{
	struct term_event event = {.kind = TERM_TIMEOUT};
	unsigned char bytes[sizeof t->input.bytes];
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes - t->input.len);

	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		return (struct term_event){.kind = TERM_HANGUP};
	if (n > 0) {
		input_feed(&t->input, bytes, (size_t)n);
		t->escape_tried = false;
	}
	input_event(t, false, &event);
	return event;
}

struct term_event term_event(struct term *t, int timeout_ms, int fd)
{
	struct term_event event = {.kind = TERM_TIMEOUT};
	struct pollfd wait[] = {
		{.fd = STDIN_FILENO, .events = POLLIN},
		{.fd = t->signals, .events = POLLIN},
		{.fd = fd, .events = POLLIN},
	};
	bool escape;

	if (input_event(t, false, &event))
		return event;
	escape = input_pending(&t->input) && !t->escape_tried &&
		 (timeout_ms < 0 || timeout_ms > t->escape_ms);
	if (poll(wait, 3, escape ? t->escape_ms : timeout_ms) <= 0) {
		t->escape_tried = true;
		input_event(t, true, &event);
		return event;
	}
	/* signals first, but not so many that keys are never heard */
	t->signal_last = wait[1].revents &&
			 !(t->signal_last && wait[0].revents & POLLIN);
	if (t->signal_last)
		return signal_event(t);
	if (wait[0].revents & POLLIN)
		return read_event(t);
	if (wait[0].revents)
		event.kind = TERM_HANGUP;
	else
		event.kind = TERM_FD;
	return event;
}

/* ---- settings ---------------------------------------------------------- */

enum theme term_theme(const struct term *t)
{
	return t->theme;
}

void term_set_theme(struct term *t, enum theme theme)
{
	if (theme == THEME_AUTO)
		theme = t->background;
	if (!t->colour || COLORS < 8)
		theme = THEME_MONO;
	else if (COLORS < 256 && theme != THEME_MONO)
		theme = THEME_EIGHT;
	t->theme = theme;
	t->stale = true;
}

void term_set_mouse(struct term *t, bool on)
{
	t->mouse = on;
	say(on ? MOUSE_ON : MOUSE_OFF);
}

bool term_mouse(const struct term *t)
{
	return t->mouse;
}
