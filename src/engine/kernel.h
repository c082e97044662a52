/*
 * kernel.h - the kernel's own account of who ran where.
 */
#ifndef ENGINE_KERNEL_H
#define ENGINE_KERNEL_H

#include "threadviz/event.h"
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
/* Of how many processors it has records. */
size_t kernel_views(const struct kernel *);
/*
 * Moves the next records of a processor, at most `room`, into out and returns
 * how many: EVENT_ON_CPU and EVENT_OFF_CPU, in CLOCK_MONOTONIC nanoseconds.
 * The kernel's names of the threads are found in the shared memory.
 */
size_t kernel_read(struct kernel *, size_t view, const struct program *,
		   const struct run_share *, struct event *out, size_t room);
/* How many switches the kernel had no room to write down. */
uint64_t kernel_lost(const struct kernel *);

#endif
