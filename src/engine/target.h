/*
 * target.h - the child's side: the process in which the real threads live.
 */
#ifndef ENGINE_TARGET_H
#define ENGINE_TARGET_H

#include <sys/types.h>

#include "shared.h"

/* The child's life after the fork: never returns. output: where its standard
 * error goes; cpu: the only processor it uses. */
_Noreturn void target_main(struct real *, pid_t front, int output, int cpu);

#endif
