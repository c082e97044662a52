/*
 * child.h - a process of ours in which real threads live, from fork to reap.
 */
#ifndef ENGINE_CHILD_H
#define ENGINE_CHILD_H

#include <sys/types.h>

#include "threadviz/error.h"

enum {
	CHILD_ANY_CPU = -1,
	CHILD_UNFIT = 9, /* exit status: could not be set up */
};

struct child {      /* {0, -1}: none */
	pid_t pid;  /* 0: none, or reaped */
	int output; /* read end of its standard error, not blocking; -1: none */
};

/*
 * Forks. In the child it is 0 and *output the end that child_settle wants; in
 * the front 1, or -1 if that failed.
 */
int child_fork(struct child *, int *output, struct error *);
/* Kills and reaps it at once, closes its output; none is fine. */
void child_kill(struct child *);

/* In the child, first of all: alone with the front, dies with it. cpu: the
 * only processor it uses. */
void child_settle(pid_t front, int output, int cpu);
/* Uses that processor only, from now on; no change if it cannot be had. */
void child_pin(int cpu);
/* Names the calling thread. */
void child_name(const char *);
/* Says what could not be had, and why (errno). */
_Noreturn void child_give_up(const char *what);

#endif
