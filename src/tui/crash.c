/*
 * crash.c - the terminal survives the program.
 *
 * A crash in the middle of a screen must not leave a terminal without echo.
 * Inside a signal handler hardly anything may be called, so all is prepared in
 * advance: one string that undoes every mode, the saved modes, the descriptors.
 * The handler writes, resets, passes on what standard error has collected (an
 * assertion's sentence, a sanitizer's report), and lets the signal do what it
 * would have done. It runs on a stack of its own, since the stack may be the
 * thing that broke.
 *
 * A handler gets no argument of ours: this is the one place outside main.c that
 * needs static state. A forked child inherits it; hence the process id.
 */
#include "crash.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int fatal[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
enum { FATAL = sizeof fatal / sizeof fatal[0] };

static struct {
	struct crash_plan plan;
	pid_t owner; /* 0: not armed */
	struct sigaction before[FATAL];
	stack_t stack_before;
	char stack[65536];
} crash;

/* Present in builds with a sanitizer, which may end the program by itself. */
extern void __sanitizer_set_death_callback(void (*)(void))
	__attribute__((weak));

static void say(int fd, const char *bytes, size_t len)
{
	/* nobody is left to tell that it failed */
	ssize_t ignored = write(fd, bytes, len);

	(void)ignored;
}

void crash_copy(int from, int to)
{
	char buffer[4096];
	off_t at = 0;
	ssize_t n;

	while ((n = pread(from, buffer, sizeof buffer, at)) > 0) {
		say(to, buffer, (size_t)n);
		at += n;
	}
}

static void carry_out(void)
{
	const struct crash_plan *plan = &crash.plan;

	if (crash.owner != getpid())
		return;
	crash.owner = 0;
	say(plan->screen, plan->restore, plan->restore_len);
	tcsetattr(plan->screen, TCSANOW, &plan->modes);
	if (plan->messages < 0)
		return;
	dup2(plan->error, STDERR_FILENO);
	crash_copy(plan->messages, STDERR_FILENO);
}

static void on_fatal(int sig, siginfo_t *info, void *context)
{
	static const char message[] =
		"threadviz: internal error, the terminal has been restored\n";

	(void)context;
	if (crash.owner == getpid()) {
		carry_out();
		say(STDERR_FILENO, message, sizeof message - 1);
	}
	for (int i = 0; i < FATAL; i++)
		if (fatal[i] == sig)
			sigaction(sig, &crash.before[i], NULL);
	/* what the processor raised comes again by itself, at the same place */
	if (info->si_code <= 0)
		raise(sig);
}

void crash_arm(const struct crash_plan *plan)
{
	struct sigaction action = {.sa_sigaction = on_fatal};
	stack_t stack = {.ss_sp = crash.stack, .ss_size = sizeof crash.stack};

	crash.plan = *plan;
	crash.owner = getpid();
	sigemptyset(&action.sa_mask);
	action.sa_flags = SA_SIGINFO | SA_ONSTACK;
	sigaltstack(&stack, &crash.stack_before);
	for (int i = 0; i < FATAL; i++)
		sigaction(fatal[i], &action, &crash.before[i]);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(carry_out);
}

void crash_disarm(void)
{
	crash.owner = 0;
	for (int i = 0; i < FATAL; i++)
		sigaction(fatal[i], &crash.before[i], NULL);
	sigaltstack(&crash.stack_before, NULL);
}
