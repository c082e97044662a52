/*
 * locks.c - a million uncontended lock and unlock pairs, as other tools watch
 * them: for comparison with free.c. Built three ways: as it is, with
 * -fsanitize=thread, and with WITH_LTTNG, a tracepoint for each lock and
 * unlock. Prints nanoseconds of processor time a pair, the best of five.
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#ifdef WITH_LTTNG
#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "locks-lttng.h"
#define RECORD(kind) lttng_ust_tracepoint(threadviz, lock, (kind), 0)
#else
#define RECORD(kind) ((void)0)
#endif

enum { PAIRS = 1000000, TRIES = 5 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void *pairs(void *argument)
{
	pthread_mutex_t *m = argument;

	for (int i = 0; i < PAIRS; i++) {
		pthread_mutex_lock(m);
		RECORD(1);
		RECORD(2);
		pthread_mutex_unlock(m);
	}
	return NULL;
}

int main(void)
{
	double best = 1e18;

	for (int i = 0; i < TRIES; i++) {
		pthread_mutex_t m = PTHREAD_MUTEX_INITIALIZER;
		pthread_t thread;
		double start = now();

		if (pthread_create(&thread, NULL, pairs, &m))
			return 1;
		pthread_join(thread, NULL);
		start = now() - start;
		best = start < best ? start : best;
	}
	printf("%.1f\n", best / PAIRS);
	return 0;
}
