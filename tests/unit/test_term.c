/*
 * test_term.c - the terminal, on a pseudo terminal.
 *
 * Every test runs a small program in a session of its own: a leader, as a shell
 * would be, and the application in the foreground. The test plays the terminal:
 * it types, answers questions, changes the size, hangs up, and reads all that
 * is sent. It waits for what it expects and never for time to pass; the limit
 * is only there to fail instead of hanging.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "threadviz/str.h"
#include "threadviz/term.h"

/* The thread sanitizer itself does not survive a stack that overflows. */
#ifdef __has_feature
#if __has_feature(thread_sanitizer)
#define __SANITIZE_THREAD__
#endif
#endif
#ifdef __SANITIZE_THREAD__
#define CRASHES \
	{ \
		"S", "A", "B" \
	}
#else
#define CRASHES \
	{ \
		"S", "A", "B", "O" \
	}
#endif

enum { LIMIT_MS = 30000, HANGUP_STATUS = 40, REFUSED_STATUS = 41 };

#define ENTER "\033[?1049h"
#define LEAVE "\033[?1049l"

/* ---- the application --------------------------------------------------- */

static void show(struct term *t, struct grid *g, int row, const char *text)
{
	struct rect r = grid_rect(g);

	grid_clear(g);
	grid_text(g, r, 0, 0, STYLE(TEXT), "┌ ready");
	grid_text(g, r, 0, 1, STYLE(FINDING), theme_name(term_theme(t)));
	grid_printf(g, r, 9, 1, STYLE(TEXT), "%dx%d", g->w, g->h);
	grid_fill(g, rect_row(r, 3), STYLE(HEADER), ' ');
	grid_field(g, r, 0, 3, g->w, ALIGN_LEFT, STYLE(HEADER), text);
	for (int y = 5; y < g->h; y++)
		grid_printf(g, r, 0, y, style_thread((unsigned)y), "line %d",
			    y);
	grid_mark(g, rect_row(r, 5 + row), STYLE_CURSOR);
	grid_cursor(g, r, 3, 5 + row, false);
	term_show(t, g);
}

/* Fills the stack; the volatile keeps the compiler from making it a loop. */
static int deep(volatile int *n)
{
	volatile int here = *n + 1;

	return *n < 0 ? 0 : deep(&here) + here;
}

static void crash(key_code key)
{
	volatile int n = 0;
	pid_t child;

	switch (key) {
	case 'S':
		*(volatile int *)(uintptr_t)n = 1;
		break;
	case 'A':
		fprintf(stderr, "last words\n");
		abort();
	case 'B':
		raise(SIGBUS);
		break;
	case 'O':
		n = deep(&n);
		break;
	case 'C': /* only a child */
		child = fork();
		if (child == 0)
			abort();
		waitpid(child, NULL, 0);
		break;
	default:
		break;
	}
}

/* Does what keys say; returns the exit status. */
static int run_app(struct term *t)
{
	struct grid g = {0};
	struct str text = {0};
	int w, h, row = 0, status = -1;

	while (status < 0) {
		struct term_event event;

		term_size(t, &w, &h);
		grid_resize(&g, w, h);
		show(t, &g, row, str_cstr(&text));
		event = term_event(t, -1, -1);
		str_clear(&text);
		switch ((enum term_event_kind)event.kind) {
		case TERM_KEY:
			str_add(&text, "key ");
			key_format(event.input.key, &text);
			if (event.input.key == 'q')
				status = 0;
			if (event.input.key == 's')
				row++;
			if (event.input.key == 'e')
				fprintf(stderr, "from stderr\n");
			if (event.input.key == 'o')
				term_output(t, 5, &text);
			if (event.input.key == 'l')
				term_repaint(t);
			crash(event.input.key);
			break;
		case TERM_MOUSE:
			str_addf(&text, "mouse %d at %d,%d", event.input.button,
				 event.input.x, event.input.y);
			break;
		case TERM_RESIZE:
			str_add(&text, "resized");
			break;
		case TERM_SIGNAL:
			status = 128 + event.signal;
			break;
		case TERM_HANGUP:
			status = HANGUP_STATUS;
			break;
		case TERM_FD:
		case TERM_TIMEOUT:
			break;
		}
	}
	grid_fini(&g);
	str_free(&text);
	return status;
}

/* ---- the session ------------------------------------------------------- */

struct setup {
	const char *type;      /* TERM; NULL: xterm-256color */
	const char *locale;    /* NULL: C.UTF-8 */
	const char *colorfgbg; /* NULL: "15;0", so that nothing is asked */
	bool no_control;       /* not the controlling terminal */
	bool mouse;
	struct winsize size;
};

struct session {
	int master;
	pid_t leader;
	struct termios modes; /* at the start */
	struct str out;       /* all that was sent */
	size_t seen;          /* how far `expect` has come */
};

static void set_environment(const struct setup *s)
{
	unsetenv("NO_COLOR");
	unsetenv("ESCDELAY");
	unsetenv("COLORFGBG");
	setenv("TERM", s->type ? s->type : "xterm-256color", 1);
	setenv("LC_ALL", s->locale ? s->locale : "C.UTF-8", 1);
	if (!s->colorfgbg)
		setenv("COLORFGBG", "15;0", 1);
	else if (*s->colorfgbg)
		setenv("COLORFGBG", s->colorfgbg, 1);
}

static void be_app(const struct setup *s)
{
	struct term_options options = {.mouse = s->mouse};
	struct error err;
	struct term *t;
	int status = REFUSED_STATUS;

	set_environment(s);
	t = term_open(&options, &err);
	if (t)
		status = run_app(t);
	else
		fprintf(stderr, "%s\n", err.text);
	term_close(t);
	_exit(status);
}

/* Waits for the app like a shell: a stopped one is continued. */
static void be_leader(pid_t app)
{
	int status;

	while (waitpid(app, &status, WUNTRACED) == app && WIFSTOPPED(status)) {
		printf("STOPPED\n");
		fflush(stdout);
		kill(-app, SIGCONT);
	}
	_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void be_session(const struct setup *s, const char *slave)
{
	static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
	pid_t app;
	int fd;

	/* the test program's own handlers end here */
	for (size_t i = 0; i < sizeof fatal / sizeof fatal[0]; i++)
		signal(fatal[i], SIG_DFL);
	setsid();
	fd = open(slave, O_RDWR | (s->no_control ? O_NOCTTY : 0));
	for (int i = 0; i < 3; i++)
		dup2(fd, i);
	close(fd);
	signal(SIGTTOU, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	app = fork();
	if (app == 0) {
		setpgid(0, 0);
		tcsetpgrp(0, getpid());
		signal(SIGTTOU, SIG_DFL);
		signal(SIGHUP, SIG_DFL);
		be_app(s);
	}
	be_leader(app);
}

static struct session start(struct setup s)
{
	struct session session = {.master = posix_openpt(O_RDWR | O_NOCTTY)};
	char slave[64];

	assert_true(session.master >= 0);
	assert_int_equal(grantpt(session.master), 0);
	assert_int_equal(unlockpt(session.master), 0);
	assert_int_equal(ptsname_r(session.master, slave, sizeof slave), 0);
	ioctl(session.master, TIOCSWINSZ, &s.size);
	tcgetattr(session.master, &session.modes);
	session.leader = fork();
	if (session.leader == 0) {
		close(session.master);
		be_session(&s, slave);
	}
	return session;
}

/* More of what is sent; false when there will be no more. */
static bool receive(struct session *s)
{
	struct pollfd wait = {.fd = s->master, .events = POLLIN};
	char buffer[4096];
	ssize_t n;

	if (poll(&wait, 1, LIMIT_MS) != 1)
		fail_msg("nothing comes any more after: %s",
			 str_cstr(&s->out) + s->seen);
	n = read(s->master, buffer, sizeof buffer);
	if (n > 0)
		str_addn(&s->out, buffer, (size_t)n);
	return n > 0;
}

/* Waits until the text has been sent, behind what was expected before. */
static void expect(struct session *s, const char *text)
{
	const char *found;

	while (!(found = strstr(str_cstr(&s->out) + s->seen, text)))
		if (!receive(s))
			fail_msg("\"%s\" was not in: %s", text,
				 str_cstr(&s->out) + s->seen);
	s->seen = (size_t)(found - str_cstr(&s->out)) + strlen(text);
}

static void type(struct session *s, const char *bytes)
{
	assert_int_equal(write(s->master, bytes, strlen(bytes)),
			 (ssize_t)strlen(bytes));
}

/* All to its end; the modes must be what they were. Returns the status. */
static int finish(struct session *s)
{
	struct termios modes = {0};
	int status;

	while (receive(s))
		;
	waitpid(s->leader, &status, 0);
	assert_int_equal(tcgetattr(s->master, &modes), 0);
	assert_memory_equal(&modes, &s->modes, sizeof modes);
	close(s->master);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void expect_end(struct session *s, int status)
{
	assert_int_equal(finish(s), status);
	str_free(&s->out);
}

static size_t count(const struct session *s, const char *text)
{
	size_t n = 0;

	for (const char *at = str_cstr(&s->out); (at = strstr(at, text)); at++)
		n++;
	return n;
}

/* ---- tests ------------------------------------------------------------- */

static void shows_and_gives_back(void **state)
{
	struct session s = start((struct setup){.mouse = true});

	(void)state;
	expect(&s, ENTER);
	expect(&s, "┌ ready");
	expect(&s, "dark");
	expect(&s, "80x24");
	type(&s, "x");
	expect(&s, "key x");
	type(&s, "q");
	expect(&s, "\033[?2004l");
	expect(&s, LEAVE);
	assert_int_equal(finish(&s), 0);
	assert_int_equal(count(&s, LEAVE), 1);
	assert_int_equal(count(&s, "\033[?1000h"), 1);
	assert_int_equal(count(&s, "\033[?1006l"), 1);
	str_free(&s.out);
}

static void keys_clicks_and_pastes_arrive(void **state)
{
	struct session s = start((struct setup){.mouse = true});

	(void)state;
	expect(&s, "ready");
	type(&s, "\033[A");
	expect(&s, "Up");
	type(&s, "\033");
	expect(&s, "Esc");
	type(&s, "\033[<64;5;6M");
	expect(&s, "mouse 3 at 4,5");
	type(&s, "\033[200~qqq\033[201~\x03");
	expect(&s, "key Ctrl-C");
	type(&s, "q");
	expect_end(&s, 0);
}

static void follows_the_size(void **state)
{
	static const struct winsize sizes[] = {
		{.ws_col = 100, .ws_row = 30},
		{.ws_col = 1, .ws_row = 1},
		{.ws_col = 500, .ws_row = 100},
		{.ws_col = 40, .ws_row = 10},
	};
	struct session s =
		start((struct setup){.size = {.ws_col = 120, .ws_row = 40}});
	char text[32];

	(void)state;
	expect(&s, "120x40");
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		ioctl(s.master, TIOCSWINSZ, &sizes[i]);
		if (sizes[i].ws_col < 40)
			continue;
		snprintf(text, sizeof text, "%dx%d", sizes[i].ws_col,
			 sizes[i].ws_row);
		expect(&s, text);
	}
	type(&s, "q");
	expect_end(&s, 0);
}

static void signals_are_events(void **state)
{
	static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

	(void)state;
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		struct session s = start((struct setup){0});

		expect(&s, "ready");
		kill(-tcgetpgrp(s.master), signals[i]);
		expect(&s, LEAVE);
		expect_end(&s, 128 + signals[i]);
	}
}

static void stops_and_comes_back(void **state)
{
	struct session s = start((struct setup){0});

	(void)state;
	expect(&s, "ready");
	type(&s, "\032");
	expect(&s, LEAVE);
	expect(&s, "STOPPED");
	expect(&s, ENTER);
	expect(&s, "ready");
	expect(&s, "resized");
	expect(&s, "line 7");
	type(&s, "x");
	expect(&s, "key x");
	kill(-tcgetpgrp(s.master), SIGTSTP);
	expect(&s, "STOPPED");
	expect(&s, ENTER);
	expect(&s, "line 7");
	/* the user's palette is not ours to reset */
	assert_int_equal(count(&s, "\033]104"), 0);
	type(&s, "q");
	expect_end(&s, 0);
}

static void paints_again_after_a_hard_stop(void **state)
{
	struct session s = start((struct setup){0});

	(void)state;
	expect(&s, "ready");
	kill(-tcgetpgrp(s.master), SIGSTOP);
	expect(&s, "STOPPED");
	expect(&s, "ready");
	expect(&s, "line 7");
	type(&s, "q");
	expect_end(&s, 0);
}

static void repaints_all_on_demand(void **state)
{
	struct session s = start((struct setup){0});

	(void)state;
	expect(&s, "line 23");
	type(&s, "l");
	expect(&s, "ready");
	expect(&s, "line 23");
	type(&s, "q");
	expect_end(&s, 0);
}

static void a_terminal_that_goes_is_noticed(void **state)
{
	struct session s = start((struct setup){0});
	int status;

	(void)state;
	expect(&s, "ready");
	close(s.master);
	waitpid(s.leader, &status, 0);
	/* whichever of the two comes first */
	if (WEXITSTATUS(status) != HANGUP_STATUS)
		assert_int_equal(WEXITSTATUS(status), 128 + SIGHUP);
	str_free(&s.out);

	s = start((struct setup){.no_control = true});
	expect(&s, "ready");
	close(s.master);
	waitpid(s.leader, &status, 0);
	assert_int_equal(WEXITSTATUS(status), HANGUP_STATUS);
	str_free(&s.out);
}

static void crashes_leave_it_whole(void **state)
{
	static const char *const keys[] = CRASHES;

	(void)state;
	for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
		struct session s = start((struct setup){.mouse = true});

		expect(&s, "ready");
		type(&s, "e");
		type(&s, keys[i]);
		expect(&s, "\033[?1006l");
		expect(&s, LEAVE);
		expect(&s, "from stderr");
		if (*keys[i] == 'A')
			expect(&s, "last words");
		expect(&s, "internal error");
		assert_int_not_equal(finish(&s), 0);
		assert_int_equal(count(&s, LEAVE), 1);
		str_free(&s.out);
	}
}

static void a_crash_of_a_child_is_not_ours(void **state)
{
	struct session s = start((struct setup){0});

	(void)state;
	expect(&s, "ready");
	type(&s, "C");
	expect(&s, "key C");
	assert_int_equal(count(&s, LEAVE), 0);
	type(&s, "q");
	expect_end(&s, 0);
}

static void standard_error_waits_for_the_end(void **state)
{
	struct session s = start((struct setup){0});

	(void)state;
	expect(&s, "ready");
	type(&s, "e");
	expect(&s, "key e");
	type(&s, "x");
	expect(&s, "x");
	assert_int_equal(count(&s, "from stderr"), 0);
	type(&s, "o");
	expect(&s, "stderr");
	type(&s, "q");
	expect(&s, LEAVE);
	expect(&s, "from stderr\r\n");
	expect_end(&s, 0);
}

static void expect_background(const char *answer, const char *theme,
			      const char *then)
{
	struct session s = start((struct setup){.colorfgbg = ""});

	expect(&s, "\033]11;?\033\\\033[c");
	type(&s, answer);
	expect(&s, theme);
	if (then)
		expect(&s, then);
	type(&s, "q");
	expect_end(&s, 0);
}

static void asks_for_the_background(void **state)
{
	(void)state;
	expect_background("\033]11;rgb:ffff/ffff/ffff\033\\\033[?1;2c", "light",
			  NULL);
	expect_background("\033]11;rgb:1e/1e/1e\007\033[?1;2c", "dark", NULL);
	expect_background("\033]11;rgba:f/f/e/f\007\033[?1;2c", "light", NULL);
	expect_background("\033[?1;2c", "auto", NULL);
	expect_background("\033]11;rgb:/x/\007\033[?1;2c", "auto", NULL);
	/* keys typed meanwhile are not lost */
	expect_background("k\033]11;rgb:0/0/0\007\033[?1;2c", "dark", "key k");
}

static void silence_is_no_reason_to_wait(void **state)
{
	struct session s = start((struct setup){.colorfgbg = ""});

	(void)state;
	expect(&s, "auto");
	/* too late, and no keys either */
	type(&s, "\033]11;rgb:ffff/ffff/ffff\033\\\033[?1;2c"
		 "x");
	expect(&s, "key x");
	assert_int_equal(count(&s, "key"), 1);
	type(&s, "q");
	expect_end(&s, 0);
}

static void knows_what_the_terminal_can(void **state)
{
	static const char *const types[][2] = {
		{"xterm-256color", "light"},
		{"xterm", "8"},
		{"screen", "8"},
		{"linux", "8"},
		{"tmux-256color", "light"},
		{"vt100", "mono"},
		{"xterm-nonsense", "light"},
		{"foot-nonsense", "light"},
		{"st-nonsense", "light"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct session s = start((struct setup){.type = types[i][0],
							.colorfgbg = "0;15"});

		expect(&s, "ready");
		expect(&s, types[i][1]);
		type(&s, "q");
		expect_end(&s, 0);
	}
}

static void refuses_what_cannot_work(void **state)
{
	static const char *const types[] = {"dumb", "unknown", "nonsense", ""};

	(void)state;
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		struct session s = start((struct setup){.type = types[i]});

		expect(&s, "--plain");
		assert_int_equal(count(&s, "\033"), 0);
		expect_end(&s, REFUSED_STATUS);
	}
}

static void refuses_what_is_no_terminal(void **state)
{
	struct term_options options = {.theme = THEME_DARK};
	struct error err = {0};
	int before = dup(STDIN_FILENO), null = open("/dev/null", O_RDWR);

	(void)state;
	dup2(null, STDIN_FILENO);
	assert_null(term_open(&options, &err));
	dup2(before, STDIN_FILENO);
	assert_int_equal(err.status, 2);
	assert_non_null(strstr(err.text, "--plain"));
	close(before);
	close(null);
}

static void other_locales_get_ascii(void **state)
{
	struct session s = start((struct setup){.locale = "C"});

	(void)state;
	expect(&s, "+ ready");
	type(&s, "q");
	assert_int_equal(finish(&s), 0);
	for (size_t i = 0; i < s.out.len; i++)
		assert_true((unsigned char)s.out.data[i] < 0x80);
	str_free(&s.out);
}

static void a_step_sends_little(void **state)
{
	struct session s =
		start((struct setup){.size = {.ws_col = 200, .ws_row = 60}});

	(void)state;
	expect(&s, "line 59");
	for (int i = 0; i < 5; i++) {
		size_t before;

		type(&s, "x");
		expect(&s, "x");
		before = s.out.len;
		type(&s, "s");
		expect(&s, "s");
		type(&s, "y");
		expect(&s, "y");
		assert_in_range(s.out.len - before, 1, 2048);
	}
	type(&s, "q");
	expect_end(&s, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_and_gives_back),
		cmocka_unit_test(keys_clicks_and_pastes_arrive),
		cmocka_unit_test(follows_the_size),
		cmocka_unit_test(signals_are_events),
		cmocka_unit_test(stops_and_comes_back),
		cmocka_unit_test(paints_again_after_a_hard_stop),
		cmocka_unit_test(repaints_all_on_demand),
		cmocka_unit_test(a_terminal_that_goes_is_noticed),
		cmocka_unit_test(crashes_leave_it_whole),
		cmocka_unit_test(a_crash_of_a_child_is_not_ours),
		cmocka_unit_test(standard_error_waits_for_the_end),
		cmocka_unit_test(asks_for_the_background),
		cmocka_unit_test(silence_is_no_reason_to_wait),
		cmocka_unit_test(knows_what_the_terminal_can),
		cmocka_unit_test(refuses_what_cannot_work),
		cmocka_unit_test(refuses_what_is_no_terminal),
		cmocka_unit_test(other_locales_get_ascii),
		cmocka_unit_test(a_step_sends_little),
	};

	return cmocka_run_group_tests_name("term", tests, NULL, NULL);
}
