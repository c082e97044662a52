/*
 * kernel.c - context switches as the kernel itself records them.
 *
 * One event a processor, a software one that never counts anything (dummy),
 * bound to the child and inherited by the threads it will have; all that is
 * wanted of it are the PERF_RECORD_SWITCH records on the side, each with
 * thread, time and processor (sample_id_all). That needs no privilege unless
 * the system was told to be strict. The kernel writes into memory we have
 * mapped: data_head is its, data_tail ours; reading head needs an acquire
 * before the data, writing tail a release after it.
 *
 * A switch out says whether the thread was preempted, that is, still wanted to
 * run. Records of threads that nobody knows (the child's main one) are left
 * out. What the kernel finds no room for it counts, and so do we.
 */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "freerun.h"
#include "kernel.h"
#include "threadviz/arena.h"

enum { DATA_PAGES = 64 }; /* a power of two */

struct view { /* what one processor recorded */
	int fd;
	struct perf_event_mmap_page *page;
};

struct kernel {
	struct view views[KERNEL_CPUS];
	size_t count;
	size_t page_size;
	uint64_t lost;
	char missing[160];
};

/* A record as we asked for it. */
struct switch_record {
	struct perf_event_header header;
	struct {
		uint32_t pid, tid;
		uint64_t time;
		uint32_t cpu, reserved;
	} id;
};

struct lost_record {
	struct perf_event_header header;
	uint64_t id, lost;
};

static size_t mapped(const struct kernel *k)
{
	return (1 + DATA_PAGES) * k->page_size;
}

static int open_one(int pid, int cpu)
{
	struct perf_event_attr a = {
		.type = PERF_TYPE_SOFTWARE,
		.size = sizeof a,
		.config = PERF_COUNT_SW_DUMMY,
		.sample_type =
			PERF_SAMPLE_TID | PERF_SAMPLE_TIME | PERF_SAMPLE_CPU,
		.inherit = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
		.sample_id_all = 1,
		.context_switch = 1,
		.use_clockid = 1,
		.clockid = CLOCK_MONOTONIC,
	};

	return (int)syscall(SYS_perf_event_open, &a, pid, cpu, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

static bool add_view(struct kernel *k, int pid, int cpu)
{
	struct view *v = &k->views[k->count];
	void *memory;

	v->fd = open_one(pid, cpu);
	if (v->fd < 0)
		return false;
	memory = mmap(NULL, mapped(k), PROT_READ | PROT_WRITE, MAP_SHARED,
		      v->fd, 0);
	if (memory == MAP_FAILED) {
		(void)close(v->fd);
		return false;
	}
	v->page = memory;
	k->count++;
	return true;
}

struct kernel *kernel_open(int pid)
{
	struct kernel *k = xcalloc(1, sizeof *k);
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	k->page_size = (size_t)sysconf(_SC_PAGESIZE);
	for (int cpu = 0; cpu < cpus && cpu < KERNEL_CPUS; cpu++)
		if (!add_view(k, pid, cpu)) {
			(void)snprintf(k->missing, sizeof k->missing,
				       "who ran on processor %d is not known: "
				       "the kernel refuses (%s)",
				       cpu, strerror(errno));
			break;
		}
	return k;
}

void kernel_close(struct kernel *k)
{
	for (size_t i = 0; k && i < k->count; i++) {
		(void)munmap(k->views[i].page, mapped(k));
		(void)close(k->views[i].fd);
	}
	free(k);
}

const char *kernel_missing(const struct kernel *k)
{
	return k->missing;
}

size_t kernel_views(const struct kernel *k)
{
	return k->count;
}

uint64_t kernel_lost(const struct kernel *k)
{
	return k->lost;
}

static thread_id find_thread(const struct program *p, const struct run_share *s,
			     uint32_t id)
{
	for (size_t t = 0; t < p->threads.count; t++)
		if ((uint32_t)peek(&s->places[t].id) == id)
			return (thread_id)t;
	return THREAD_NONE;
}

/* Copies out of the kernel's ring, in which a record may wrap. */
static void copy_out(const struct kernel *k, const struct view *v, uint64_t at,
		     void *to, size_t n)
{
	const unsigned char *data =
		(const unsigned char *)v->page + k->page_size;
	size_t size = DATA_PAGES * k->page_size;

	for (size_t i = 0; i < n; i++)
		((unsigned char *)to)[i] = data[(at + i) % size];
}

static struct event event_of(const struct program *p, const struct run_share *s,
			     const struct switch_record *r)
{
	bool out = r->header.misc & PERF_RECORD_MISC_SWITCH_OUT;
	bool wanted = r->header.misc & PERF_RECORD_MISC_SWITCH_OUT_PREEMPT;

	return (struct event){
		.time = r->id.time,
		.thread = find_thread(p, s, r->id.tid),
		.kind = out ? EVENT_OFF_CPU : EVENT_ON_CPU,
		.other = THREAD_NONE,
		.object = OBJECT_NONE,
		.index = (int32_t)r->id.cpu,
		.value = out && wanted,
	};
}

/* The record there; false if it is none of a thread we know. */
static bool read_one(struct kernel *k, const struct view *v, uint64_t at,
		     const struct program *p, const struct run_share *s,
		     uint16_t *size, struct event *out)
{
	struct switch_record r;
	struct lost_record lost;

	copy_out(k, v, at, &r.header, sizeof r.header);
	*size = r.header.size;
	if (r.header.type == PERF_RECORD_LOST) {
		copy_out(k, v, at, &lost, sizeof lost);
		k->lost += lost.lost;
	}
	if (r.header.type != PERF_RECORD_SWITCH || *size != sizeof r)
		return false;
	copy_out(k, v, at, &r, sizeof r);
	*out = event_of(p, s, &r);
	return out->thread != THREAD_NONE;
}

size_t kernel_read(struct kernel *k, size_t view, const struct program *p,
		   const struct run_share *s, struct event *out, size_t room)
{
	const struct view *v = &k->views[view];
	uint64_t head = __atomic_load_n(&v->page->data_head, __ATOMIC_ACQUIRE);
	uint64_t tail = v->page->data_tail;
	size_t n = 0;
	uint16_t size;

	for (; tail < head && n < room; tail += size)
		n += read_one(k, v, tail, p, s, &size, &out[n]);
	__atomic_store_n(&v->page->data_tail, tail, __ATOMIC_RELEASE);
	return n;
}
