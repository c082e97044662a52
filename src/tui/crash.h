/*
 * crash.h - the terminal survives the program.
 */
#ifndef TUI_CRASH_H
#define TUI_CRASH_H

#include <stddef.h>
#include <termios.h>

struct crash_plan {
	char restore[256]; /* what brings the terminal back */
	size_t restore_len;
	struct termios modes;
	int screen;    /* the terminal */
	int messages;  /* holds what standard error said, or -1 */
	int error;     /* the real standard error, or -1 */
};

/* From now on a fatal signal carries out the plan (copied) and then does what
 * it did before. */
void crash_arm(const struct crash_plan *);
void crash_disarm(void);

/* Copies a file from its start to a descriptor; safe in a signal handler. */
void crash_copy(int from, int to);

#endif
