/*
 * history.c - what looking at a run costs: taking a million records in, the
 * questions of one frame, memory.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../unit/scenario.h"
#include "threadviz/history.h"

enum { RECORDS = 1000000, TRIES = 15, BATCH = 4096, CELLS = 200 };

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % n);
}

static code_addr code_of(const struct program *p, uint8_t kind)
{
	for (size_t i = 0; i < p->code.count; i++)
		if (p->code.data[i].code == kind)
			return (code_addr)i;
	abort();
}

/* Threads that fight for a lock, write inside it, and are switched. */
static struct event *make_run(const struct program *p)
{
	struct event *e = calloc(RECORDS, sizeof *e);
	uint32_t threads = (uint32_t)p->threads.count;
	uint64_t seed = 1, time = 0;
	int32_t turn = 0;
	thread_id me = 0;

	if (!e)
		abort();
	for (size_t i = 0; i < RECORDS; i++) {
		static const uint8_t kinds[] = {
			OP_LOCK, OP_LOCK,   OP_READ,       OP_WRITE,
			OP_READ, OP_UNLOCK, EVENT_OFF_CPU, EVENT_ON_CPU};
		uint8_t kind = kinds[i % 8];

		if (i % 8 == 0)
			me = (thread_id)random_below(&seed, threads);
		turn += i % 8 == 1;
		time += 20 + random_below(&seed, 200);
		e[i] = (struct event){
			.time = time,
			.thread = me,
			.kind = kind,
			.flags = i % 8 == 0 ? EVENT_WANTS : 0,
			.other = THREAD_NONE,
			.object = kind == OP_READ || kind == OP_WRITE ? 0 : 1,
			.pc = kind < OP_COUNT ? code_of(p, kind) : 0,
			.extra = turn,
		};
	}
	return e;
}

/* Lanes of all threads, the lock's owners and the region's. */
static double frame(const struct history *h, const struct program *p,
		    size_t cells, uint64_t from, uint64_t width)
{
	static struct lane_cell lane[CELLS];
	static struct owner_cell owner[CELLS];
	double best = 1e9;

	for (int i = 0; i < TRIES; i++) {
		double start = now_ms();

		for (size_t t = 0; t < p->threads.count; t++)
			history_lane(h, (thread_id)t, from, width, cells, lane);
		history_owner(h, 1, 0, from, width, cells, owner);
		history_region(h, 0, from, width, cells, owner);
		start = now_ms() - start;
		best = start < best ? start : best;
	}
	return best;
}

static void measure_arrows(const struct history *h)
{
	uint64_t first = history_first(h), n = 0;
	double start = now_ms();

	for (uint64_t i = 0; i < RECORDS; i += 97)
		n += history_cause(h, first + i) != HISTORY_NONE;
	start = now_ms() - start;
	printf("  an arrow back         %8.2f us (%.0f%% have one)\n",
	       start * 1e3 / (RECORDS / 97), 9700.0 * (double)n / RECORDS);
	start = now_ms();
	for (uint64_t i = 0; i < RECORDS; i += 97)
		n += history_effect(h, first + i) != HISTORY_NONE;
	start = now_ms() - start;
	printf("  an arrow on           %8.2f us\n",
	       start * 1e3 / (RECORDS / 97));
}

static void measure(const char *threads)
{
	struct str text = {0};
	struct program *p;
	struct event *e;
	struct history *h;
	double start;
	uint64_t length;

	str_addf(&text,
		 "shared x = 0\nmutex m\nthread T[%s]:\n    lock m\n"
		 "    region R:\n        let k = x\n        x = k + 1\n"
		 "    unlock m\n",
		 threads);
	p = scenario(str_cstr(&text));
	e = make_run(p);
	h = history_new(p, RECORDS);
	start = now_ms();
	for (size_t i = 0; i < RECORDS; i += BATCH)
		history_add(h, e + i,
			    RECORDS - i < BATCH ? RECORDS - i : BATCH);
	printf("%s threads, %d records\n", threads, RECORDS);
	printf("  taking one in         %8.1f ns\n",
	       (now_ms() - start) * 1e6 / RECORDS);
	printf("  memory for one        %8.1f bytes\n",
	       (double)history_bytes(h) / RECORDS);
	length = history_time(h) - history_start(h);
	for (size_t cells = 80; cells <= CELLS; cells += CELLS - 80) {
		printf("  frame of %3zu cells    %8.2f ms wide", cells,
		       frame(h, p, cells, history_start(h),
			     length / cells + 1));
		printf("%8.2f ms narrow\n",
		       frame(h, p, cells, length / 2, 500));
	}
	measure_arrows(h);
	start = now_ms();
	for (size_t i = 0; i < RECORDS; i++)
		e[i].time += length + 1000;
	start = now_ms();
	history_add(h, e, RECORDS);
	printf("  one in and one out    %8.1f ns, then %.1f bytes\n",
	       (now_ms() - start) * 1e6 / RECORDS,
	       (double)history_bytes(h) / RECORDS);
	history_free(h);
	free(e);
	program_free(p);
	str_free(&text);
}

int main(void)
{
	measure("3");
	measure("64");
	return 0;
}
