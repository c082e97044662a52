/*
 * child.c - how a process with real threads is made and got rid of.
 *
 * It has its own session, dies with the front, has no input and no output but
 * standard error, which is a pipe the front reads, and leaves by _exit or by
 * being killed. Whatever state it is in, deadlocked or stopped, SIGKILL ends
 * it, and it is always reaped. The front has one thread, so fork is safe.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "child.h"

/* ---- the front's side -------------------------------------------------- */

static bool make_pipe(int ends[2], struct error *err)
{
	if (pipe2(ends, O_CLOEXEC))
		return fail(err, "no pipe for the target: %s", strerror(errno));
	(void)fcntl(ends[0], F_SETFL, O_NONBLOCK);
	return true;
}

int child_fork(struct child *c, int *output, struct error *err)
{
	int ends[2];

	if (!make_pipe(ends, err))
		return -1;
	c->pid = fork();
	*output = ends[1];
	if (c->pid == 0)
		return 0;
	(void)close(ends[1]);
	c->output = ends[0];
	if (c->pid > 0)
		return 1;
	c->pid = 0;
	(void)(fail)(err, "no process for the target: %s", strerror(errno));
	return -1;
}

void child_kill(struct child *c)
{
	if (c->pid > 0) {
		(void)kill(c->pid, SIGKILL);
		while (waitpid(c->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	if (c->output >= 0)
		(void)close(c->output);
	*c = (struct child){0, -1};
}

/* ---- the child's own --------------------------------------------------- */

/* Names as /proc and gdb show them have room for 15 bytes. */
void child_name(const char *name)
{
	char text[16];

	(void)snprintf(text, sizeof text, "%s", name);
	(void)pthread_setname_np(pthread_self(), text);
}

static void shed_signals(void)
{
	sigset_t none;

	for (int i = 1; i < NSIG; i++)
		(void)signal(i, SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/*
 * Only standard error stays, and that is the front's pipe: first of all, for
 * what goes wrong after it is said there, and one descriptor becomes free.
 */
static bool shed_files(int output)
{
	int null;

	if (dup2(output, 2) < 0)
		return false;
	(void)close(output);
	null = open("/dev/null", O_RDWR);
	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0)
		return false;
	(void)close_range(3, ~0u, 0);
	return true;
}

void child_pin(int cpu)
{
	cpu_set_t set;

	if (cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET((size_t)cpu, &set);
	(void)sched_setaffinity(0, sizeof set, &set);
}

_Noreturn void child_give_up(const char *what)
{
	dprintf(2, "target: %s: %s\n", what, strerror(errno));
	_exit(CHILD_UNFIT);
}

void child_settle(pid_t front, int output, int cpu)
{
	shed_signals();
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != front)
		_exit(0);
	(void)setsid();
	if (!shed_files(output))
		child_give_up("no files");
	child_pin(cpu);
	(void)prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
}
