/*
 * free.c - what it costs to record: nanoseconds an event, on one thread and on
 * two, and a million uncontended lock and unlock pairs with and without.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../unit/scenario.h"
#include "engine/clock.h"
#include "engine/ring.h"
#include "threadviz/free.h"

enum { SIZE = 1 << 15, ROUNDS = 300, TRIES = 5, ROOM = 4096 };

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
	uint64_t start;

	atomic_fetch_sub(w->waiting, 1);
	while (atomic_load(w->waiting) > 0)
		continue;
	start = clock_monotonic();
	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < SIZE; i++) {
			e.time = clock_ticks(&w->clock);
			e.value = i;
			ring_write(r, &e);
		}
	}
	w->ns = (double)(clock_monotonic() - start) / ROUNDS / SIZE;
	free(r);
	return NULL;
}

/* The best of some tries: others use the machine, too. */
static double measure(int threads, bool tsc)
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

static double pairs(const struct program *p, bool hooks, double *lost)
{
	static struct event batch[ROOM];
	struct free_options o = {
		.hooks_off = !hooks, .no_kernel = true, .ring = 1 << 22};
	double best = 1e9;

	for (int i = 0; i < TRIES; i++) {
		struct error err = {0};
		struct free_run *f = free_start(p, &o, &err);
		struct free_counts c;
		struct timespec nap = {0, 500000};

		if (!f) {
			fprintf(stderr, "%s\n", err.text);
			exit(1);
		}
		while (free_state(f) == FREE_RUNNING) {
			while (free_poll(f, batch, ROOM) == ROOM)
				continue;
			nanosleep(&nap, NULL);
		}
		free_count(f, &c);
		best = c.seconds < best ? c.seconds : best;
		*lost = (double)c.lost;
		free_close(f);
	}
	return best;
}

int main(void)
{
	struct program *p = scenario("mutex m\nthread A:\n"
				     "    repeat 1000000:\n"
				     "        lock m\n        unlock m\n");
	double lost = 0, off, on;

	printf("recording: ns an event, best of %d\n", TRIES);
	printf("  one thread   %6.1f\n", measure(1, true));
	printf("  two threads  %6.1f\n", measure(2, true));
	printf("  without TSC  %6.1f\n", measure(1, false));
	off = pairs(p, false, &lost);
	on = pairs(p, true, &lost);
	printf("1,000,000 lock and unlock pairs\n");
	printf("  hooks off    %6.1f ns a pair\n", off * 1000);
	printf("  hooks on     %6.1f ns a pair, x%.2f, %.0f lost\n", on * 1000,
	       on / off, lost);
	program_free(p);
	return 0;
}
