/*
 * kernel.h - the kernel's own account of who ran where.
 */
#ifndef ENGINE_KERNEL_H
#define ENGINE_KERNEL_H

#include "ring.h"
#include "threadviz/program.h"

enum { KERNEL_CPUS = 64 };

struct run_share;
struct kernel;

/* Follows the process and the threads it will have; never NULL. What the
 * kernel refuses is missing, see kernel_missing. */
struct kernel *kernel_open(int pid);
void kernel_close(struct kernel *); /* NULL is fine */
/* A sentence; "" if all is there. */
const char *kernel_missing(const struct kernel *);
/* How many rings of records there are: EVENT_ON_CPU and EVENT_OFF_CPU, stamped
 * in nanoseconds of CLOCK_MONOTONIC. */
size_t kernel_rings(const struct kernel *, struct ring *rings[KERNEL_CPUS]);
/* Fetches what is new into the rings; ids: the kernel's names of the threads,
 * found in the shared memory. */
void kernel_fetch(struct kernel *, const struct program *,
		  const struct run_share *);

#endif
