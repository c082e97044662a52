/*
 * free.c - what it costs to record: nanoseconds an event, on one thread and on
 * two; a million uncontended lock and unlock pairs with and without; what
 * reading costs, and how many events a second are kept without a drop.
 *
 * All costs are processor time: others use the machine, too.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "../unit/scenario.h"
#include "engine/clock.h"
#include "engine/ring.h"
#include "threadviz/accord.h"
#include "threadviz/free.h"

enum { SIZE = 1 << 15, ROUNDS = 300, TRIES = 5, ROOM = 4096 };

static double seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Of all children that have ended. */
static double child_time(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return seconds(u.ru_utime) + seconds(u.ru_stime);
}

static double own_time(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- recording --------------------------------------------------------- */

struct writer {
	struct clock clock;
	_Atomic int *waiting;
	double ns; /* an event */
};

static struct ring *new_ring(void)
{
	struct ring *r = aligned_alloc(64, ring_bytes(SIZE));

	if (!r)
		abort();
	memset(r, 0, ring_bytes(SIZE));
	ring_init(r, SIZE);
	return r;
}

static void *write_all(void *argument)
{
	struct writer *w = argument;
	struct ring *r = new_ring();
	struct event e = {.kind = OP_WRITE};
	double start;

	atomic_fetch_sub(w->waiting, 1);
	while (atomic_load(w->waiting) > 0)
		continue;
	start = own_time();
	for (int i = 0; i < ROUNDS * SIZE; i++) {
		e.time = clock_ticks(&w->clock);
		e.value = i;
		ring_write(r, &e);
	}
	w->ns = (own_time() - start) * 1e9 / ROUNDS / SIZE;
	free(r);
	return NULL;
}

/* The best of some tries. */
static double recording(int threads, bool tsc)
{
	double best = 1e9;

	for (int i = 0; i < TRIES; i++) {
		_Atomic int waiting = threads;
		struct writer w[2] = {{.waiting = &waiting},
				      {.waiting = &waiting}};
		pthread_t id[2];
		double worst = 0;

		for (int t = 0; t < threads; t++) {
			clock_start(&w[t].clock, tsc);
			if (pthread_create(&id[t], NULL, write_all, &w[t]))
				abort();
		}
		for (int t = 0; t < threads; t++) {
			pthread_join(id[t], NULL);
			worst = w[t].ns > worst ? w[t].ns : worst;
		}
		best = worst < best ? worst : best;
	}
	return best;
}

static double floor_of_tsc(void)
{
	struct clock c;
	uint64_t sum = 0;
	double start;

	clock_start(&c, true);
	start = own_time();
	for (int i = 0; i < ROUNDS * SIZE; i++)
		sum += clock_ticks(&c);
	start = own_time() - start;
	return sum ? start * 1e9 / ROUNDS / SIZE : 0;
}

/* ---- whole runs -------------------------------------------------------- */

struct cost {
	double child, reader, wall; /* s */
	struct free_counts counts;
	uint64_t steps; /* explained by the model; 0: not asked */
	double accord;  /* s */
};

static struct event batch[ROOM];

/* naps: the reader looks now and then only, and does not stop for more. */
static struct cost run(const struct program *p, const struct free_options *o,
		       bool naps, bool explain)
{
	static const struct timespec nap = {0, 500000};
	struct accord *a = accord_new(p);
	struct error err = {0};
	struct cost c = {.child = child_time(), .reader = own_time()};
	struct free_run *f = free_start(p, o, &err);
	bool over = false;

	if (!f) {
		fprintf(stderr, "%s\n", err.text);
		exit(1);
	}
	while (!over) {
		bool ended = free_state(f) > FREE_PAUSED;
		size_t n = free_poll(f, batch, ROOM);
		double start = own_time();

		if (explain)
			accord_add(a, batch, n);
		c.accord += own_time() - start;
		over = ended && n < ROOM;
		if (naps && n < ROOM)
			nanosleep(&nap, NULL);
	}
	c.reader = own_time() - c.reader - c.accord;
	free_count(f, &c.counts);
	c.steps = explain && accord_state(a) == ACCORD_SO_FAR ? accord_steps(a)
							      : 0;
	free_close(f);
	accord_free(a);
	c.child = child_time() - c.child;
	return c;
}

static struct cost best_of(const struct program *p,
			   const struct free_options *o, bool naps,
			   bool explain)
{
	struct cost best = {.child = 1e9};

	for (int i = 0; i < TRIES; i++) {
		struct cost c = run(p, o, naps, explain);

		if (c.child < best.child)
			best = c;
	}
	return best;
}

static void measure_pairs(void)
{
	struct program *p = scenario("mutex m\nthread A:\n"
				     "    repeat 1000000:\n"
				     "        lock m\n        unlock m\n");
	struct free_options hooks = {.no_kernel = true};
	struct free_options none = {.no_kernel = true, .hooks_off = true};
	double off = best_of(p, &none, true, false).child;
	struct cost on = best_of(p, &hooks, true, false);

	printf("1,000,000 lock and unlock pairs, processor time\n");
	printf("  hooks off    %6.1f ns a pair\n", off * 1000);
	printf("  hooks on     %6.1f ns a pair, x%.2f, %llu of %llu lost\n",
	       on.child * 1000, on.child / off,
	       (unsigned long long)on.counts.lost,
	       (unsigned long long)(on.counts.recorded + on.counts.lost));
	program_free(p);
}

static void measure_reader(void)
{
	struct program *p = scenario("shared x = 0\nthread T[5]:\n"
				     "    repeat 100000:\n        x += 1\n");
	struct free_options o = {.ring = 1 << 20};
	struct cost c = best_of(p, &o, true, false);

	printf("reading 1,000,000 records of five threads\n");
	printf("  merging      %6.1f ns a record\n",
	       c.reader * 1e9 / (double)c.counts.recorded);
	c = best_of(p, &o, true, true);
	if (c.steps)
		printf("  explaining   %6.1f ns a step more\n",
		       c.accord * 1e9 / (double)c.steps);
	program_free(p);
}

/* Two threads that record as fast as they can, and then ever less: private
 * work between the steps. What is the fastest that comes through whole? */
static void measure_rate(void)
{
	static const int work[] = {0, 5, 10, 20, 50, 100, 200, 500, 1000};
	double best = 0, most = 0;

	for (size_t i = 0; i < sizeof work / sizeof *work; i++) {
		struct free_options o = {.no_kernel = true, .seconds = 0.3};
		struct str text = {0};
		struct program *p;
		struct cost c;
		double rate;

		str_addf(&text,
			 "shared x[32] = 0\nthread T[2]:\n    loop:\n"
			 "        x[me * 16] = 1\n        let k = 0\n"
			 "        repeat %d:\n            k += 1\n",
			 work[i]);
		p = scenario(str_cstr(&text));
		c = run(p, &o, false, false);
		rate = (double)(c.counts.recorded + c.counts.lost) /
		       c.counts.seconds / 1e6;
		if (!i)
			most = rate;
		if (!c.counts.lost && rate > best)
			best = rate;
		str_free(&text);
		program_free(p);
	}
	printf("two threads and a reader, wall time\n");
	printf("  kept whole   %6.1f of %.1f million records a second\n", best,
	       most);
}

int main(void)
{
	printf("recording: ns of processor time an event, best of %d\n", TRIES);
	printf("  one thread   %6.1f, of which the counter %.1f\n",
	       recording(1, true), floor_of_tsc());
	printf("  two threads  %6.1f\n", recording(2, true));
	printf("  without TSC  %6.1f\n", recording(1, false));
	measure_pairs();
	measure_reader();
	measure_rate();
	return 0;
}
