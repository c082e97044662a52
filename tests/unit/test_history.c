/*
 * test_history.c - what pictures ask of a run, by hand and against answers
 * found nanosecond by nanosecond.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "threadviz/stays.h"
#include "scenario.h"
#include "threadviz/history.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { X, M, C, S, Q, RW, EV, BAR, CD, BUF };

static const char text[] = "shared x = 0\n"
			   "recursive mutex m\n"
			   "cond c\n"
			   "sem s = 1\n"
			   "queue q\n"
			   "rwlock rw\n"
			   "event ev\n"
			   "barrier bar = 2\n"
			   "countdown cd = 2\n"
			   "buffer buf max 2\n"
			   "thread A, B, C:\n"
			   "    lock m\n"
			   "    wait c, m\n"
			   "    region R:\n"
			   "        x = 1\n"
			   "        x = 2\n"
			   "    unlock m\n";

/* The k-th instruction of that kind. */
static code_addr find_code(const struct program *p, uint8_t kind, unsigned k)
{
	for (size_t i = 0; i < p->code.count; i++)
		if (p->code.data[i].code == kind && k-- == 0)
			return (code_addr)i;
	abort();
}

static struct event at(uint64_t time, thread_id t, uint8_t kind, unsigned flags)
{
	return (struct event){.time = time,
			      .thread = t,
			      .kind = kind,
			      .flags = (uint8_t)flags,
			      .other = THREAD_NONE,
			      .object = OBJECT_NONE};
}

static uint32_t random_below(uint64_t *seed, uint32_t n)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return (uint32_t)((*seed >> 33) % n);
}

/* ---- what is kept ------------------------------------------------------ */

static void the_newest_are_kept(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 10);

	(void)state;
	assert_int_equal(history_first(h), 0);
	assert_int_equal(history_end(h), 0);
	for (uint64_t i = 0; i < 25; i++) {
		struct event e = at(100 + 2 * i, 0, OP_WRITE, 0);

		history_add(h, &e, 1);
	}
	assert_int_equal(history_first(h), 15);
	assert_int_equal(history_end(h), 25);
	assert_int_equal(history_at(h, 17)->time, 134);
	assert_int_equal(history_start(h), 130);
	assert_int_equal(history_time(h), 148);
	assert_int_equal(history_find(h, 0), 15);
	assert_int_equal(history_find(h, 134), 17);
	assert_int_equal(history_find(h, 135), 18);
	assert_int_equal(history_find(h, 149), 25);
	history_free(h);
	program_free(p);
}

static void memory_has_a_bound(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 20000);
	size_t full = 0;

	(void)state;
	for (uint64_t i = 0; i < 200000; i++) {
		struct event e = at(i, (thread_id)(i % 3), OP_LOCK,
				    i / 3 % 2 ? EVENT_WANTS : 0);

		history_add(h, &e, 1);
		if (i == 40000)
			full = history_bytes(h);
	}
	assert_true(full < 64 * 28000);
	assert_true(history_bytes(h) < full + 8192);
	history_free(h);
	program_free(p);
}

/* Bytes a record, when a great many of some kinds come again and again. */
static void assert_bytes(const struct event *kinds, size_t n, size_t least,
			 size_t most)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	size_t empty = history_bytes(h), bytes;

	for (uint64_t i = 0; i < 100000; i++) {
		struct event e = kinds[i % n];

		e.time = 10 * i;
		history_add(h, &e, 1);
	}
	bytes = (history_bytes(h) - empty) / 100000;
	assert_in_range(bytes, least, most);
	history_free(h);
	program_free(p);
}

static void all_memory_is_counted(void **state)
{
	struct event kinds[] = {
		{.kind = OP_READ, .object = X},
		{.kind = OP_LOCK, .object = M},
		{.kind = OP_UNLOCK, .object = M},
		{.kind = OP_LOCK, .object = M, .flags = EVENT_WANTS},
		{.kind = EVENT_ON_CPU},
		{.kind = EVENT_OFF_CPU},
	};

	(void)state;
	assert_bytes(kinds, 1, 40, 42);
	assert_bytes(kinds + 1, 2, 48, 52);
	assert_bytes(kinds + 1, 3, 51, 55);
	assert_bytes(kinds + 4, 2, 42, 44);
}

/* ---- lanes ------------------------------------------------------------- */

static void assert_times(const struct lane_cell *c, uint64_t running,
			 uint64_t ready, uint64_t blocked, uint64_t asleep)
{
	assert_int_equal(c->ns[SHARE_RUNNING], running);
	assert_int_equal(c->ns[SHARE_READY], ready);
	assert_int_equal(c->ns[SHARE_BLOCKED], blocked);
	assert_int_equal(c->ns[SHARE_ASLEEP], asleep);
}

static void a_lane_without_the_kernel(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		at(10, 1, OP_WRITE, 0),
		at(15, 1, OP_LOCK, EVENT_WANTS),
		at(40, 1, OP_LOCK, EVENT_WAITED),
		at(42, 1, OP_SLEEP, 0),
		at(50, 1, EVENT_END, 0),
		at(60, 0, OP_READ, 0),
	};
	struct lane_cell c[4];

	(void)state;
	history_add(h, e, COUNT(e));
	history_lane(h, 1, 0, 20, 4, c);
	assert_times(&c[0], 5, 0, 5, 0);
	assert_int_equal(c[0].gravest, 0);
	assert_int_equal(c[0].records, 2);
	assert_int_equal(c[0].cpu, -1);
	assert_times(&c[1], 0, 0, 20, 0);
	assert_true(c[1].gravest == HISTORY_NONE);
	assert_times(&c[2], 2, 0, 0, 8);
	assert_int_equal(c[2].gravest, 2);
	assert_int_equal(c[2].records, 3);
	assert_times(&c[3], 0, 0, 0, 0);
	history_free(h);
	program_free(p);
}

static void a_lane_with_the_kernel(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	struct event e[] = {
		at(10, 0, EVENT_ON_CPU, 0),
		at(20, 0, EVENT_OFF_CPU, 0), /* preempted */
		at(23, 0, EVENT_ON_CPU, 0),
		at(25, 0, OP_LOCK, EVENT_WANTS),
		at(26, 0, EVENT_OFF_CPU, 0),
		at(46, 0, EVENT_ON_CPU, 0),
		at(47, 0, OP_LOCK, EVENT_WAITED),
		at(52, 1, OP_READ, 0),
	};
	struct lane_cell c[3];

	(void)state;
	e[0].index = e[1].index = 3;
	e[1].value = 1;
	history_add(h, e, COUNT(e));
	history_lane(h, 0, 5, 16, 3, c);
	assert_times(&c[0], 10, 1, 0, 0);
	assert_int_equal(c[0].cpu, 3);
	assert_int_equal(c[0].records, 0);
	assert_true(c[0].gravest == HISTORY_NONE);
	assert_times(&c[1], 3, 2, 11, 0);
	assert_int_equal(c[1].cpu, 0);
	assert_int_equal(c[1].gravest, 3);
	assert_times(&c[2], 6, 0, 9, 0);
	history_free(h);
	program_free(p);
}

static void the_gravest_stands_for_a_cell(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		at(1, 0, OP_WORK, 0),       at(2, 0, OP_READ, 0),
		at(3, 0, OP_LOCK, 0),       at(4, 0, OP_FETCH_ADD, 0),
		at(5, 0, OP_WRITE, 0),      at(6, 0, EVENT_LOST, 0),
		at(7, 0, EVENT_VERDICT, 0), at(8, 0, OP_GET, EVENT_CRASH),
		at(9, 1, OP_READ, 0),
	};
	struct lane_cell c;

	(void)state;
	history_add(h, e, COUNT(e));
	for (uint64_t to = 2; to < 10; to++) {
		uint64_t best[] = {0, 1, 2, 3, 3, 5, 6, 6};

		history_lane(h, 0, 0, to, 1, &c);
		assert_int_equal(c.gravest, best[to - 2]);
	}
	history_free(h);
	program_free(p);
}

static struct event on(uint64_t time, thread_id t, uint8_t kind, object_id o,
		       int32_t extra)
{
	struct event e = at(time, t, kind, 0);

	e.object = o;
	e.extra = extra;
	return e;
}

static struct event wish(uint64_t time, thread_id t, uint8_t kind, object_id o)
{
	struct event e = on(time, t, kind, o, 0);

	e.flags = EVENT_WANTS;
	return e;
}

/* ---- owners ------------------------------------------------------------ */

static void assert_owner(struct owner_cell c, thread_id who, bool taken,
			 bool fought)
{
	assert_int_equal(c.owner, who);
	assert_int_equal(c.taken, taken);
	assert_int_equal(c.fought, fought);
}

static void locks_have_owners(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		on(10, 0, OP_LOCK, M, 1),    wish(12, 1, OP_LOCK, M),
		on(30, 0, OP_UNLOCK, M, 1),  on(31, 1, OP_LOCK, M, 2),
		on(35, 1, OP_LOCK, M, 3),    on(36, 1, OP_UNLOCK, M, 3),
		on(39, 1, OP_UNLOCK, M, 3),  on(45, 1, OP_LOCK, M, 4),
		on(46, 1, EVENT_LOST, M, 0), on(60, 0, OP_READ, X, 0),
	};
	struct owner_cell c[6];

	(void)state;
	history_add(h, e, COUNT(e));
	history_owner(h, M, 0, 0, 10, 6, c);
	assert_owner(c[0], THREAD_NONE, false, false);
	assert_owner(c[1], 0, true, false);
	assert_owner(c[2], 0, false, false);
	assert_owner(c[3], 1, true, false);
	assert_owner(c[4], 1, true, false);
	assert_owner(c[5], THREAD_NONE, false, false);
	history_owner(h, M, 0, 20, 13, 2, c);
	assert_owner(c[0], 0, false, true);
	assert_owner(c[1], 1, true, false);
	history_owner(h, X, 0, 0, 10, 1, c);
	assert_owner(c[0], THREAD_NONE, false, false);
	history_owner(h, M, 7, 0, 10, 1, c);
	assert_owner(c[0], THREAD_NONE, false, false);
	history_free(h);
	program_free(p);
}

static void sleepers_have_no_lock(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	struct event e[] = {
		on(0, 0, OP_LOCK, M, 1),      on(5, 0, OP_LOCK, M, 2),
		on(10, 0, OP_SLEEP_ON, C, 0), on(20, 0, OP_RETAKE, C, 0),
		on(25, 0, OP_UNLOCK, M, 3),   on(30, 0, OP_UNLOCK, M, 3),
		on(50, 0, OP_READ, X, 0),
	};
	struct owner_cell c[5];

	(void)state;
	e[2].pc = find_code(p, OP_SLEEP_ON, 0);
	e[3].pc = find_code(p, OP_RETAKE, 0);
	history_add(h, e, COUNT(e));
	history_owner(h, M, 0, 0, 10, 5, c);
	assert_owner(c[0], 0, true, false);
	assert_owner(c[1], THREAD_NONE, false, false);
	assert_owner(c[2], 0, true, false);
	assert_owner(c[3], THREAD_NONE, false, false);
	history_free(h);
	program_free(p);
}

static void regions_have_crowds(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	code_addr first = find_code(p, OP_WRITE, 0);
	code_addr second = find_code(p, OP_WRITE, 1);
	struct event e[] = {
		on(0, 2, OP_READ, X, 0),   on(10, 0, OP_WRITE, X, 0),
		on(22, 1, OP_WRITE, X, 0), on(24, 1, OP_WRITE, X, 0),
		on(30, 0, OP_WRITE, X, 0), on(50, 2, OP_READ, X, 0),
	};
	struct owner_cell c[5];

	(void)state;
	e[0].pc = e[5].pc = find_code(p, OP_LOCK, 0);
	e[1].pc = e[2].pc = first;
	e[3].pc = e[4].pc = second;
	history_add(h, e, COUNT(e));
	history_region(h, 0, 0, 10, 5, c);
	assert_owner(c[0], THREAD_NONE, false, false);
	assert_owner(c[1], 0, true, false);
	assert_owner(c[2], 0, false, true);
	assert_owner(c[3], THREAD_NONE, false, false);
	history_free(h);
	program_free(p);
}

/* ---- one moment -------------------------------------------------------- */

static void moments_tell_who_is_waited_for(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	struct event e[] = {
		on(10, 0, OP_LOCK, M, 1),          wish(12, 1, OP_LOCK, M),
		on(30, 0, OP_UNLOCK, M, 1),        on(31, 1, OP_LOCK, M, 2),
		wish(33, 2, OP_JOIN, OBJECT_NONE), on(35, 0, EVENT_END, M, 0),
		wish(40, 1, OP_RETAKE, C),
	};
	struct moment m;

	(void)state;
	e[4].other = 1;
	history_add(h, e, COUNT(e));
	history_moment(h, 1, 11, &m);
	assert_false(m.there);
	assert_true(m.record == HISTORY_NONE && m.wants == HISTORY_NONE);
	history_moment(h, 1, 15, &m);
	assert_true(m.there);
	assert_int_equal(m.state, SHARE_BLOCKED);
	assert_int_equal(m.since, 12);
	assert_int_equal(m.until, 31);
	assert_int_equal(m.record, 1);
	assert_int_equal(m.wants, 1);
	assert_int_equal(m.holder, 0);
	assert_int_equal(m.cpu, -1);
	history_moment(h, 1, 30, &m);
	assert_int_equal(m.holder, THREAD_NONE);
	history_moment(h, 1, 31, &m);
	assert_int_equal(m.state, SHARE_RUNNING);
	assert_true(m.wants == HISTORY_NONE);
	history_moment(h, 2, 36, &m);
	assert_int_equal(m.holder, 1);
	assert_true(m.until == UINT64_MAX);
	history_moment(h, 0, 36, &m);
	assert_false(m.there);
	history_moment(h, 1, 40, &m);
	assert_int_equal(m.state, SHARE_ASLEEP);
	assert_int_equal(m.holder, THREAD_NONE);
	history_free(h);
	program_free(p);
}

/* ---- going about ------------------------------------------------------- */

static void records_and_changes_are_walked(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 5);
	const struct event e[] = {
		at(5, 0, OP_YIELD, 0),    wish(10, 0, OP_LOCK, M),
		at(20, 1, OP_READ, 0),    at(20, 1, EVENT_OFF_CPU, 0),
		on(30, 0, OP_LOCK, M, 1), at(40, 1, EVENT_ON_CPU, 0),
		at(50, 0, EVENT_END, 0),
	};

	(void)state;
	history_add(h, e, COUNT(e));
	assert_int_equal(history_next(h, 2, THREAD_NONE, 1), 4);
	assert_int_equal(history_next(h, 4, THREAD_NONE, 1), 6);
	assert_true(history_next(h, 6, THREAD_NONE, 1) == HISTORY_NONE);
	assert_int_equal(history_next(h, 6, THREAD_NONE, -1), 4);
	assert_int_equal(history_next(h, 4, THREAD_NONE, -1), 2);
	assert_true(history_next(h, 2, THREAD_NONE, -1) == HISTORY_NONE);
	assert_int_equal(history_next(h, 3, 0, 1), 4);
	assert_int_equal(history_next(h, 4, 0, 1), 6);
	assert_true(history_next(h, 6, 0, 1) == HISTORY_NONE);
	assert_int_equal(history_next(h, 7, 1, -1), 2);
	assert_true(history_next(h, 2, 1, -1) == HISTORY_NONE);
	assert_true(history_next(h, 4, 0, -1) == HISTORY_NONE);
	assert_int_equal(history_change(h, 0, 0, 1), 30);
	assert_int_equal(history_change(h, 0, 30, 1), 50);
	assert_true(history_change(h, 0, 50, 1) == UINT64_MAX);
	assert_int_equal(history_change(h, 0, 60, -1), 50);
	assert_int_equal(history_change(h, 0, 50, -1), 30);
	assert_true(history_change(h, 0, 30, -1) == UINT64_MAX);
	assert_int_equal(history_change(h, 1, 20, 1), 40);
	assert_int_equal(history_change(h, 1, 40, -1), 20);
	assert_true(history_change(h, 2, 0, 1) == UINT64_MAX);
	history_free(h);
	program_free(p);
}

/* ---- arrows ------------------------------------------------------------ */

static void assert_arrow(const struct history *h, uint64_t from, uint64_t to)
{
	assert_true(history_cause(h, to) == from);
	assert_true(history_effect(h, from) == to);
}

static void locks_rest_on_their_generation(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		on(1, 0, OP_LOCK, M, 1),       wish(2, 1, OP_LOCK, M),
		wish(3, 2, OP_LOCK, M),        on(4, 0, OP_UNLOCK, M, 1),
		on(5, 2, OP_LOCK, M, 2),       on(6, 2, OP_LOCK, M, 3),
		on(7, 2, OP_UNLOCK, M, 3),     on(8, 2, OP_UNLOCK, M, 3),
		on(9, 1, OP_LOCK, M, 5),       on(10, 1, OP_UNLOCK, M, 5),
		on(11, 0, OP_WRLOCK, RW, 1),   on(12, 0, OP_RWUNLOCK, RW, 1),
		on(13, 1, OP_RDLOCK, RW, 1),   on(14, 2, OP_RDLOCK, RW, 1),
		on(15, 1, OP_RWUNLOCK, RW, 1), on(16, 2, OP_RWUNLOCK, RW, 1),
		on(17, 0, OP_WRLOCK, RW, 2),
	};

	(void)state;
	history_add(h, e, COUNT(e));
	assert_true(history_cause(h, 0) == HISTORY_NONE);
	assert_int_equal(history_cause(h, 1), 0);
	assert_arrow(h, 3, 4);
	assert_true(history_cause(h, 5) == HISTORY_NONE);
	assert_true(history_effect(h, 6) == HISTORY_NONE);
	assert_true(history_cause(h, 8) == HISTORY_NONE); /* 4 is missing */
	assert_true(history_effect(h, 7) == HISTORY_NONE);
	assert_arrow(h, 11, 12);
	assert_int_equal(history_cause(h, 13), 11);
	assert_true(history_effect(h, 14) == HISTORY_NONE);
	assert_arrow(h, 15, 16);
	history_free(h);
	program_free(p);
}

static void threads_rest_on_their_start(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	struct event e[] = {
		at(1, 0, OP_START, 0),  at(2, 1, EVENT_ON_CPU, 0),
		at(3, 1, OP_YIELD, 0),  at(4, 1, OP_YIELD, 0),
		at(5, 1, EVENT_END, 0), at(6, 0, OP_JOIN, 0),
	};

	(void)state;
	e[0].other = e[5].other = 1;
	history_add(h, e, COUNT(e));
	assert_arrow(h, 0, 2);
	assert_true(history_cause(h, 3) == HISTORY_NONE);
	assert_arrow(h, 4, 5);
	history_free(h);
	program_free(p);
}

static void the_woken_rest_on_their_signal(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	code_addr sleep = find_code(p, OP_SLEEP_ON, 0);
	code_addr retake = find_code(p, OP_RETAKE, 0);
	struct event e[] = {
		on(1, 0, OP_LOCK, M, 1),        on(2, 0, OP_SLEEP_ON, C, 0),
		on(3, 1, OP_LOCK, M, 2),        on(4, 1, OP_SLEEP_ON, C, 0),
		on(5, 2, OP_BROADCAST, C, 0), /* both */
		on(6, 2, OP_SIGNAL, C, 0),    /* nobody */
		on(7, 1, OP_RETAKE, C, 0),      on(8, 1, OP_SLEEP_ON, C, 0),
		on(9, 2, OP_SIGNAL, C, 0), /* B */
		on(10, 1, OP_RETAKE, C, 0),     on(11, 1, OP_UNLOCK, M, 4),
		on(12, 0, OP_RETAKE, C, 0),     on(13, 0, OP_SLEEP_ON, C, 0),
		on(14, 0, OP_RETAKE_FOR, C, 0), /* late */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(e); i++)
		e[i].pc = e[i].kind == OP_SLEEP_ON ? sleep : retake;
	e[4].value = 2;
	e[5].flags = EVENT_FAILED;
	e[6].value = e[8].value = e[9].value = e[11].value = 1;
	e[13].flags = EVENT_TIMEOUT;
	history_add(h, e, COUNT(e));
	assert_arrow(h, 4, 6);
	assert_arrow(h, 8, 9);
	assert_int_equal(history_cause(h, 11), 4);
	assert_true(history_effect(h, 5) == HISTORY_NONE);
	assert_true(history_cause(h, 13) == HISTORY_NONE);
	assert_arrow(h, 1, 2);
	history_free(h);
	program_free(p);
}

static void other_objects_have_arrows(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	struct event e[] = {
		on(1, 0, OP_EVENT_SET, EV, 0),
		on(2, 1, OP_EVENT_WAIT, EV, 0),
		on(3, 1, OP_EVENT_CLEAR, EV, 0),
		on(4, 2, OP_EVENT_ISSET, EV, 0),
		wish(5, 2, OP_EVENT_WAIT, EV),
		on(6, 0, OP_ARRIVE, BAR, 0),
		on(7, 1, OP_ARRIVE, BAR, 0),
		on(8, 1, OP_LEAVE, BAR, 0),
		on(9, 0, OP_LEAVE, BAR, 0),
		on(10, 0, OP_COUNT_DOWN, CD, 0),
		on(11, 1, OP_COUNT_DOWN, CD, 0),
		on(12, 2, OP_COUNT_WAIT, CD, 0),
		on(13, 0, OP_PUT, Q, 0),
		on(14, 1, OP_GET, Q, 0),
		on(15, 2, OP_PUT, Q, 0),
		on(16, 2, OP_SIZE, Q, 0),
		on(17, 1, OP_DONE, Q, 0),
		on(18, 0, OP_JOIN_QUEUE, Q, 0),
		wish(19, 0, OP_PUT, Q),
		on(20, 0, OP_SEM_TRY, S, 0),
		wish(21, 1, OP_SEM_WAIT, S),
		on(22, 2, OP_CAS, X, 0),
	};

	(void)state;
	e[14].flags = EVENT_WAITED;
	history_add(h, e, COUNT(e));
	assert_arrow(h, 0, 1);
	assert_arrow(h, 2, 3);
	assert_int_equal(history_cause(h, 4), 2);
	assert_true(history_effect(h, 5) == HISTORY_NONE);
	assert_arrow(h, 6, 7);
	assert_int_equal(history_cause(h, 8), 6);
	assert_arrow(h, 10, 11);
	assert_true(history_effect(h, 9) == HISTORY_NONE);
	assert_arrow(h, 12, 13);
	assert_arrow(h, 13, 14);
	assert_int_equal(history_cause(h, 15), 14);
	assert_arrow(h, 16, 17);
	assert_int_equal(history_cause(h, 18), 14);
	assert_int_equal(history_cause(h, 20), 19);
	assert_true(history_cause(h, 21) == HISTORY_NONE);
	history_free(h);
	program_free(p);
}

/* Who arrives again before the others have left. */
static void barriers_have_rounds(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		on(1, 0, OP_ARRIVE, BAR, 0), wish(2, 0, OP_LEAVE, BAR),
		on(3, 1, OP_ARRIVE, BAR, 0), on(4, 1, OP_LEAVE, BAR, 0),
		on(5, 1, OP_ARRIVE, BAR, 0), wish(6, 1, OP_LEAVE, BAR),
		on(7, 0, OP_LEAVE, BAR, 0),  on(8, 0, OP_ARRIVE, BAR, 0),
		on(9, 0, OP_LEAVE, BAR, 0),  on(10, 1, OP_LEAVE, BAR, 0),
		at(11, 0, EVENT_LOST, 0),
	};

	(void)state;
	history_add(h, e, COUNT(e) - 1);
	assert_arrow(h, 2, 3);
	assert_int_equal(history_cause(h, 6), 2);
	assert_arrow(h, 7, 8);
	assert_int_equal(history_cause(h, 9), 7);
	assert_true(history_effect(h, 0) == HISTORY_NONE);
	history_add(h, e + COUNT(e) - 1, 1);
	assert_true(history_cause(h, 9) == HISTORY_NONE);
	history_free(h);
	program_free(p);
}

/* A record of each kind that gives, and of each that takes. */
static void every_kind_has_arrows(void **state)
{
	const struct {
		uint8_t gives, takes, object;
	} pairs[] = {
		{OP_WRITE, OP_READ, X},        {OP_XCHG, OP_READ, X},
		{OP_CAS, OP_READ, X},          {OP_FETCH_ADD, OP_READ, X},
		{OP_WRITE, OP_XCHG, X},        {OP_WRITE, OP_CAS, X},
		{OP_WRITE, OP_FETCH_ADD, X},   {OP_CAS, OP_XCHG, X},
		{OP_XCHG, OP_CAS, X},          {OP_FETCH_ADD, OP_CAS, X},
		{OP_SIGNAL, OP_RETAKE, C},     {OP_BROADCAST, OP_RETAKE_FOR, C},
		{OP_SEM_POST, OP_SEM_TRY, S},  {OP_SEM_POST, OP_SEM_WAIT, S},
		{OP_BUF_PUT, OP_BUF_GET, BUF}, {OP_TRYPUT, OP_TRYGET, Q},
		{OP_PUT, OP_GETFOR, Q},        {OP_UNLOCK, OP_TRYLOCK, M},
		{OP_UNLOCK, OP_LOCKFOR, M},    {OP_RWUNLOCK, OP_WRLOCK, RW},
		{OP_RWUNLOCK, OP_RDLOCK, RW},
	};
	struct program *p = scenario(text);

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct history *h = history_new(p, 0);
		object_id o = pairs[i].object;
		struct event e[] = {
			on(1, 0, o == RW ? OP_WRLOCK : OP_YIELD, o, 4),
			on(2, 0, pairs[i].gives, o, 4),
			on(3, 1, pairs[i].takes, o, 5),
		};

		if (o == C)
			e[2].pc = find_code(p, OP_RETAKE, 0);
		e[1].value = e[2].value = 5;
		e[2].extra -= pairs[i].takes == OP_RDLOCK;
		history_add(h, e, COUNT(e));
		assert_arrow(h, 1, 2);
		history_free(h);
	}
	program_free(p);
}

static void refusals_rest_on_who_has_it(void **state)
{
	const struct {
		uint8_t has, refused, flags, object;
		bool held;
	} pairs[] = {
		{OP_LOCK, OP_LOCK, EVENT_WANTS, M, true},
		{OP_TRYLOCK, OP_TRYLOCK, EVENT_FAILED, M, false},
		{OP_LOCKFOR, OP_LOCKFOR, EVENT_WANTS, M, true},
		{OP_LOCK, OP_LOCKFOR, EVENT_TIMEOUT, M, false},
		{OP_WRLOCK, OP_WRLOCK, EVENT_WANTS, RW, true},
		{OP_WRLOCK, OP_RDLOCK, EVENT_WANTS, RW, true},
		{OP_SEM_TRY, OP_SEM_TRY, EVENT_FAILED, S, false},
		{OP_SEM_WAIT, OP_SEM_WAIT, EVENT_WANTS, S, false},
		{OP_GET, OP_GET, EVENT_WANTS, Q, false},
		{OP_GETFOR, OP_GETFOR, EVENT_TIMEOUT, Q, false},
		{OP_TRYGET, OP_TRYGET, EVENT_FAILED, Q, false},
		{OP_PUT, OP_PUT, EVENT_WANTS, Q, false},
		{OP_TRYPUT, OP_TRYPUT, EVENT_FAILED, Q, false},
		{OP_WRITE, OP_CAS, EVENT_FAILED, X, false},
	};
	struct program *p = scenario(text);

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct history *h = history_new(p, 0);
		struct event e[] = {
			on(1, 0, pairs[i].has, pairs[i].object, 1),
			on(2, 1, pairs[i].refused, pairs[i].object, 0),
		};
		struct moment m;

		e[1].flags = pairs[i].flags;
		history_add(h, e, COUNT(e));
		assert_int_equal(history_cause(h, 1), 0);
		assert_true(history_effect(h, 0) == HISTORY_NONE);
		history_moment(h, 1, 2, &m);
		assert_int_equal(m.holder, pairs[i].held ? 0 : THREAD_NONE);
		history_free(h);
	}
	program_free(p);
}

static void a_choice_rests_on_the_latest_put(void **state)
{
	struct program *p = scenario("queue a, b[2]\n"
				     "thread A, B:\n"
				     "    let k = select(a, b[0], b[1])\n");
	struct history *h = history_new(p, 0);
	struct event e[] = {
		on(1, 0, OP_PUT, 0, 0),    on(2, 0, OP_PUT, 1, 0),
		on(3, 0, OP_PUT, 1, 0),    on(4, 0, OP_PUT, 1, 0),
		on(5, 1, OP_SELECT, 0, 0), on(6, 1, OP_SELECT, 0, 0),
		on(7, 1, OP_SELECT, 0, 0), on(8, 1, OP_SELECT, 0, 0),
	};

	(void)state;
	e[2].index = 1;
	for (size_t i = 4; i < COUNT(e); i++)
		e[i].pc = find_code(p, OP_SELECT, 0);
	e[5].value = 1;
	e[6].value = 3;
	e[7].value = -1;
	history_add(h, e, COUNT(e));
	assert_int_equal(history_cause(h, 4), 0);
	assert_int_equal(history_cause(h, 5), 3);
	assert_true(history_cause(h, 6) == HISTORY_NONE);
	assert_true(history_cause(h, 7) == HISTORY_NONE);
	history_free(h);
	program_free(p);
}

static void who_woke_holds_the_mutex(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	struct event e[] = {
		on(1, 0, OP_LOCK, M, 1),      on(2, 0, OP_SLEEP_ON, C, 0),
		on(3, 0, OP_RETAKE, C, 0),    wish(4, 1, OP_LOCK, M),
		on(5, 0, OP_BUF_PUT, BUF, 0), on(6, 1, OP_EMPTY, BUF, 0),
	};

	(void)state;
	e[1].pc = find_code(p, OP_SLEEP_ON, 0);
	e[2].pc = find_code(p, OP_RETAKE, 0);
	history_add(h, e, COUNT(e));
	assert_int_equal(history_cause(h, 3), 2);
	assert_int_equal(history_cause(h, 5), 4);
	history_free(h);
	program_free(p);
}

static void readers_rest_on_the_writer(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		on(1, 0, OP_WRLOCK, RW, 1), on(2, 0, OP_RWUNLOCK, RW, 1),
		on(3, 1, OP_RDLOCK, RW, 1), on(4, 1, OP_RWUNLOCK, RW, 1),
		on(5, 1, OP_RDLOCK, RW, 1), on(6, 1, OP_RWUNLOCK, RW, 1),
		on(7, 0, OP_WRLOCK, RW, 2),
	};

	(void)state;
	history_add(h, e, COUNT(e));
	assert_int_equal(history_cause(h, 4), 1);
	assert_int_equal(history_cause(h, 6), 5);
	history_free(h);
	program_free(p);
}

/* Whatever shows that a queue is empty. */
static void emptiness_is_seen(void **state)
{
	const struct {
		uint8_t kind, flags;
		int32_t value;
		bool empty;
	} looks[] = {
		{OP_GET, EVENT_WANTS, 0, true},
		{OP_GETFOR, EVENT_WANTS, 0, true},
		{OP_GETFOR, EVENT_TIMEOUT, 0, true},
		{OP_TRYGET, EVENT_FAILED, 0, true},
		{OP_EMPTY, 0, 1, true},
		{OP_EMPTY, 0, 0, false},
		{OP_SIZE, 0, 0, true},
		{OP_SIZE, 0, 2, false},
		{OP_FULL, 0, 1, false},
		{OP_PUT, EVENT_WANTS, 0, false},
	};
	struct program *p = scenario(text);

	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct history *h = history_new(p, 0);
		struct event e[] = {
			on(1, 0, OP_PUT, Q, 0),        at(2, 1, EVENT_LOST, 0),
			on(3, 1, looks[i].kind, Q, 0), on(4, 0, OP_PUT, Q, 0),
			on(5, 1, OP_GET, Q, 0),
		};

		e[2].flags = looks[i].flags;
		e[2].value = looks[i].value;
		history_add(h, e, COUNT(e));
		assert_true(history_cause(h, 4) ==
			    (looks[i].empty ? 3 : HISTORY_NONE));
		assert_true(history_effect(h, 3) ==
			    (looks[i].empty ? 4 : HISTORY_NONE));
		assert_true(history_effect(h, 0) == HISTORY_NONE);
		history_free(h);
	}
	program_free(p);
}

static void items_count_anew_once_empty(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 0);
	const struct event e[] = {
		on(1, 0, OP_PUT, Q, 0), on(2, 0, OP_PUT, Q, 0),
		on(3, 1, OP_GET, Q, 0), at(4, 1, EVENT_LOST, 0),
		on(5, 0, OP_PUT, Q, 0), on(6, 1, OP_GET, Q, 0),
		wish(7, 1, OP_GET, Q),  on(8, 0, OP_PUT, Q, 0),
		on(9, 1, OP_GET, Q, 0),
	};

	(void)state;
	history_add(h, e, 3);
	assert_arrow(h, 0, 2);
	history_add(h, e + 3, COUNT(e) - 3);
	assert_true(history_cause(h, 5) == HISTORY_NONE);
	assert_arrow(h, 7, 8);
	history_free(h);
	program_free(p);
}

/* One that matters, far from the rims of the cell. */
static void the_gravest_is_found_anywhere(void **state)
{
	enum { MANY = 5000 };
	struct program *p = scenario(text);

	(void)state;
	for (uint64_t k = 0; k < MANY; k += 37) {
		struct history *h = history_new(p, 0);
		struct lane_cell c[2];

		for (uint64_t i = 0; i < MANY; i++) {
			struct event e =
				at(i, 0, i == k ? OP_WRITE : OP_READ, 0);

			history_add(h, &e, 1);
		}
		history_lane(h, 0, 0, MANY, 1, c);
		assert_int_equal(c[0].gravest, k);
		history_lane(h, 0, k / 3, k - k / 3 + 1, 2, c);
		assert_int_equal(c[0].gravest, k);
		history_free(h);
	}
	program_free(p);
}

/* ---- nonsense ---------------------------------------------------------- */

static void ask_everything(const struct history *h, uint64_t *seed)
{
	uint64_t first = history_first(h);
	uint32_t kept = (uint32_t)(history_end(h) - first);
	uint64_t at = first + random_below(seed, kept);
	uint64_t ns = history_at(h, at)->time;
	thread_id t = (thread_id)random_below(seed, 3);
	struct lane_cell lane[3];
	struct owner_cell owners[3];
	struct moment m;

	history_lane(h, t, ns, 50, 3, lane);
	history_owner(h, (object_id)random_below(seed, 12),
		      (int32_t)random_below(seed, 3) - 1, ns, 50, 3, owners);
	history_region(h, 0, ns, 50, 3, owners);
	history_moment(h, t, ns, &m);
	assert_true(m.wants == HISTORY_NONE || m.wants == m.record);
	for (int by = -1; by < 2; by += 2) {
		uint64_t next = history_next(h, at, t, by);

		assert_true(next == HISTORY_NONE ||
			    (next >= first && next < history_end(h)));
		(void)history_change(h, t, ns, by);
	}
	ns = history_cause(h, at);
	assert_true(ns == HISTORY_NONE || (ns >= first && ns <= at));
	ns = history_effect(h, at);
	assert_true(ns == HISTORY_NONE || (ns >= at && ns < first + kept));
}

/* Records that no run could make must not do harm. */
static void nonsense_does_no_harm(void **state)
{
	struct program *p = scenario(text);
	struct history *h = history_new(p, 300);
	uint64_t seed = 8, now = 0;

	(void)state;
	for (int i = 0; i < 60000; i++) {
		struct event e = {.time = now += random_below(&seed, 9)};

		e.time -= random_below(&seed, 30) ? 0 : now / 2;
		e.thread = (thread_id)random_below(&seed, 5);
		e.kind = (uint8_t)random_below(&seed, OP_COUNT + 4);
		if (e.kind >= OP_COUNT)
			e.kind = (uint8_t)(EVENT_END + random_below(&seed, 5));
		e.flags = (uint8_t)(random_below(&seed, 3)
					    ? 0
					    : random_below(&seed, 64));
		e.other = (uint8_t)random_below(&seed, 6);
		e.object = (object_id)random_below(&seed, 12);
		e.pc = (code_addr)random_below(&seed, 40);
		e.index = (int32_t)random_below(&seed, 3) - 1;
		e.value = (int32_t)random_below(&seed, 5) - 1;
		e.extra = (int32_t)random_below(&seed, 5) - 1;
		if (random_below(&seed, 500) == 0)
			e.index = INT32_MAX;
		history_add(h, &e, 1);
		if (i % 3 == 0)
			ask_everything(h, &seed);
	}
	history_free(h);
	program_free(p);
}

/* ---- against the plain way --------------------------------------------- */

enum { LENGTH = 6000, THREADS = 3 };

struct plain { /* all that happened, and what is kept of it */
	struct event e[LENGTH];
	uint64_t first, end;
	bool kernel;
};

/* What thread t is at that nanosecond; SHARES: not there. */
static int state_at(const struct plain *p, thread_id t, uint64_t ns)
{
	int now = SHARES, off = SHARE_ASLEEP;
	bool kernel = false;

	for (uint64_t i = 0; i < p->end && p->e[i].time <= ns; i++) {
		const struct event *e = &p->e[i];
		bool sleeps = e->kind == OP_SLEEP || e->kind == OP_RETAKE;

		if (e->thread != t)
			continue;
		if (e->kind == EVENT_END)
			return SHARES;
		kernel |= e->kind >= EVENT_ON_CPU;
		if (e->kind == EVENT_ON_CPU)
			now = SHARE_RUNNING;
		else if (e->kind == EVENT_OFF_CPU)
			now = e->value ? SHARE_READY : off;
		else
			off = sleeps || !(e->flags & EVENT_WANTS)
				      ? SHARE_ASLEEP
				      : SHARE_BLOCKED;
		if (!kernel)
			now = e->kind == OP_SLEEP || e->flags & EVENT_WANTS
				      ? off
				      : SHARE_RUNNING;
	}
	return now;
}

static int weight(const struct event *e)
{
	if (e->kind == EVENT_VERDICT)
		return 4;
	if (e->kind == OP_WRITE || e->kind == OP_CAS)
		return 3;
	if (e->kind == OP_LOCK || e->kind == OP_RETAKE || e->kind == OP_GET)
		return 2;
	return e->kind == OP_READ;
}

static bool counts(const struct event *e, thread_id t)
{
	return e->thread == t && e->kind < EVENT_ON_CPU;
}

/* Where it ran last by then. */
static int32_t cpu_at(const struct plain *p, thread_id t, uint64_t ns)
{
	int32_t cpu = -1;

	for (uint64_t i = 0; i < p->end && p->e[i].time <= ns; i++)
		if (p->e[i].thread == t && p->e[i].kind >= EVENT_ON_CPU)
			cpu = p->e[i].index;
	return cpu;
}

static void plain_cell(const struct plain *p, const uint8_t *states,
		       thread_id t, uint64_t from, uint64_t to,
		       struct lane_cell *out)
{
	uint64_t start = p->e[p->first].time, end = p->e[p->end - 1].time;
	int best = -1;

	*out = (struct lane_cell){.gravest = HISTORY_NONE, .cpu = -1};
	for (uint64_t ns = from > start ? from : start; ns < to && ns < end;
	     ns++)
		if (states[ns] < SHARES)
			out->ns[states[ns]]++;
	for (uint64_t i = p->first; i < p->end; i++) {
		const struct event *e = &p->e[i];

		if (e->time < from || e->time >= to || !counts(e, t))
			continue;
		out->records++;
		if (weight(e) > best) {
			out->gravest = i;
			best = weight(e);
		}
	}
}

static void make_run(struct plain *p, uint64_t *seed, bool kernel)
{
	const uint8_t kinds[] = {OP_WRITE, OP_READ,   OP_LOCK,
				 OP_SLEEP, OP_RETAKE, OP_YIELD,
				 OP_CAS,   OP_GET,    EVENT_VERDICT};
	bool ended[THREADS] = {0};
	int32_t cpus[THREADS] = {0};
	uint64_t now = 0;

	for (size_t i = 0; i < LENGTH; i++) {
		thread_id t = (thread_id)random_below(seed, THREADS);
		uint8_t kind = kinds[random_below(seed, COUNT(kinds))];
		uint32_t dice = random_below(seed, 16);

		now += random_below(seed, 3);
		if (kernel && dice < 6)
			kind = dice < 3 ? EVENT_ON_CPU : EVENT_OFF_CPU;
		if (i > LENGTH - 500 && random_below(seed, 100) == 0)
			kind = EVENT_END;
		if (ended[t])
			kind = EVENT_OFF_CPU;
		ended[t] |= kind == EVENT_END;
		if (kind == EVENT_VERDICT && dice < 14)
			kind = OP_READ;
		p->e[i] = at(now, t, kind,
			     kind < OP_COUNT && dice == 15 ? EVENT_WANTS : 0);
		p->e[i].value = kind == EVENT_OFF_CPU && dice & 1;
		if (kind == EVENT_ON_CPU)
			cpus[t] = (int32_t)random_below(seed, 3);
		p->e[i].index = cpus[t];
	}
	p->first = p->end = 0;
}

static void compare_lane(const struct plain *p, const struct history *h,
			 uint64_t *seed)
{
	static uint8_t states[3 * LENGTH];
	uint64_t last = p->e[p->end - 1].time;
	thread_id t = (thread_id)random_below(seed, THREADS);
	uint64_t from = random_below(seed, (uint32_t)last + 20);
	uint64_t width = 1 + random_below(seed, 1u << random_below(seed, 10));
	struct lane_cell fast[20], slow;

	for (uint64_t ns = 0; ns <= last; ns++)
		states[ns] = SHARES;
	for (uint64_t ns = p->e[p->first].time; ns <= last; ns++)
		if (ns >= from && ns < from + COUNT(fast) * width)
			states[ns] = (uint8_t)state_at(p, t, ns);
	history_lane(h, t, from, width, COUNT(fast), fast);
	for (size_t i = 0; i < COUNT(fast); i++) {
		plain_cell(p, states, t, from + i * width,
			   from + (i + 1) * width, &slow);
		assert_memory_equal(fast[i].ns, slow.ns, sizeof slow.ns);
		assert_int_equal(fast[i].records, slow.records);
		assert_true(fast[i].gravest == slow.gravest);
		if (slow.ns[SHARE_RUNNING])
			slow.cpu = cpu_at(p, t, from + (i + 1) * width - 1);
		assert_int_equal(fast[i].cpu, slow.cpu);
	}
}

static void lanes_are_as_the_plain_way_has_them(void **state)
{
	static struct plain p;
	struct program *program = scenario(text);
	uint64_t seed = 1;

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		size_t capacity = round % 3 == 0   ? 100
				  : round % 3 == 1 ? 1500
						   : LENGTH;
		struct history *h = history_new(program, capacity);

		make_run(&p, &seed, round % 2);
		while (p.end < LENGTH) {
			uint64_t n = 1 + random_below(&seed, 900);

			n = n < LENGTH - p.end ? n : LENGTH - p.end;
			history_add(h, &p.e[p.end], n);
			p.end += n;
			p.first = p.end > capacity ? p.end - capacity : 0;
			assert_int_equal(history_first(h), p.first);
			compare_lane(&p, h, &seed);
		}
		history_free(h);
	}
	program_free(program);
}

/* Moments and changes, in the same way. */
static void compare_moment(const struct plain *p, const struct history *h,
			   uint64_t *seed)
{
	uint64_t start = p->e[p->first].time, last = p->e[p->end - 1].time;
	thread_id t = (thread_id)random_below(seed, THREADS);
	uint64_t ns = start + random_below(seed, (uint32_t)(last - start) + 1);
	uint64_t since = ns, until = ns, record = HISTORY_NONE;
	int state = state_at(p, t, ns);
	struct moment m;

	for (uint64_t i = p->first; i < p->end && p->e[i].time <= ns; i++)
		if (counts(&p->e[i], t))
			record = i;
	history_moment(h, t, ns, &m);
	assert_int_equal(m.there, state < SHARES);
	assert_true(m.record == record);
	if (state == SHARES)
		return;
	assert_int_equal(m.state, state);
	assert_int_equal(m.cpu, cpu_at(p, t, ns));
	while (since > start && state_at(p, t, since - 1) == state &&
	       cpu_at(p, t, since - 1) == m.cpu)
		since--;
	assert_true(m.since == since || (since == start && m.since < since));
	while (until <= last && state_at(p, t, until) == state &&
	       cpu_at(p, t, until) == m.cpu)
		until++;
	assert_true(m.until == (until > last ? UINT64_MAX : until));
	assert_true(history_change(h, t, ns, 1) == m.until);
	assert_true(history_change(h, t, ns + 1, -1) ==
		    (m.since < start ? UINT64_MAX : m.since));
}

static void moments_are_as_the_plain_way_has_them(void **state)
{
	static struct plain p;
	struct program *program = scenario(text);
	uint64_t seed = 3;

	(void)state;
	for (unsigned round = 0; round < 8; round++) {
		size_t capacity = round % 4 < 2 ? 200 : 2000;
		struct history *h = history_new(program, capacity);

		make_run(&p, &seed, round % 2);
		while (p.end < LENGTH) {
			history_add(h, &p.e[p.end], 200);
			p.end += 200;
			p.first = p.end > capacity ? p.end - capacity : 0;
			compare_moment(&p, h, &seed);
		}
		history_free(h);
	}
	program_free(program);
}

/* Owners, in the same way: who has the lock at each nanosecond. */
static void plain_owners(const struct plain *p, uint8_t *owners)
{
	thread_id owner = THREAD_NONE;
	unsigned depth = 0;
	uint64_t ns = 0;

	for (uint64_t i = 0; i < p->end; i++) {
		const struct event *e = &p->e[i];
		bool mine = owner == e->thread;

		for (; ns < e->time; ns++)
			owners[ns] = owner;
		if (e->flags & EVENT_WANTS || e->thread == THREAD_NONE)
			continue;
		if (e->kind == OP_LOCK)
			depth = mine ? depth + 1 : 1;
		if (e->kind == OP_LOCK)
			owner = e->thread;
		else if (e->kind == OP_UNLOCK && mine && --depth == 0)
			owner = THREAD_NONE;
		else if (e->kind == EVENT_LOST && mine)
			owner = THREAD_NONE;
	}
}

static void make_locks(struct plain *p, uint64_t *seed)
{
	uint64_t now = 0;

	for (size_t i = 0; i < LENGTH; i++) {
		uint32_t dice = random_below(seed, 100);
		thread_id t = (thread_id)random_below(seed, THREADS);
		uint8_t kind = dice < 30   ? OP_LOCK
			       : dice < 80 ? OP_UNLOCK
			       : dice < 82 ? EVENT_LOST
					   : OP_READ;

		now += random_below(seed, 3);
		p->e[i] = on(now, t, kind, kind == OP_READ ? X : M, 0);
		if (kind == OP_LOCK && random_below(seed, 9) == 0)
			p->e[i].flags = EVENT_WANTS;
	}
	p->first = p->end = 0;
}

/* A cell and how long each thread had the lock in it. */
static bool owner_fits(const struct owner_cell *c, const uint8_t *owners,
		       uint64_t from, uint64_t to)
{
	uint64_t ns[THREADS] = {0};
	unsigned had = 0;
	bool taken = false;

	for (uint64_t t = from; t < to; t++)
		if (owners[t] != THREAD_NONE)
			ns[owners[t]]++;
	for (size_t t = 0; t < THREADS; t++)
		had += ns[t] > 0;
	if (c->owner == THREAD_NONE)
		return !had && !c->taken && !c->fought;
	for (size_t t = 0; t < THREADS; t++)
		if (ns[t] > ns[c->owner] ||
		    (t < c->owner && ns[t] == ns[c->owner]))
			return false;
	for (uint64_t t = from; t < to; t++)
		taken |= owners[t] == c->owner &&
			 (!t || owners[t - 1] != c->owner);
	return ns[c->owner] && c->taken == taken && c->fought == (had > 1);
}

static void compare_owners(const struct plain *p, const struct history *h,
			   uint64_t *seed)
{
	static uint8_t owners[3 * LENGTH];
	uint64_t start = p->e[p->first].time, last = p->e[p->end - 1].time;
	uint64_t from = random_below(seed, (uint32_t)last + 20);
	uint64_t width = 1 + random_below(seed, 1u << random_below(seed, 10));
	struct owner_cell c[20];

	plain_owners(p, owners);
	history_owner(h, M, 0, from, width, COUNT(c), c);
	for (size_t i = 0; i < COUNT(c); i++) {
		uint64_t begin = from + i * width, end = begin + width;

		begin = begin > start ? begin : start;
		end = end < last ? end : last;
		assert_true(owner_fits(&c[i], owners, begin, end));
	}
}

/* Regions, in the same way: who is in it at each nanosecond. */
static void plain_region(const struct plain *p, const struct program *program,
			 uint8_t *inside)
{
	struct stay *stays = stays_new(program);
	uint8_t now = 0;
	uint64_t ns = 0;

	for (uint64_t i = 0; i < p->end; i++) {
		const struct event *e = &p->e[i];
		uint32_t sets[2];
		unsigned n = stays_along(stays, program, e, sets);

		for (; ns < e->time; ns++)
			inside[ns] = now;
		if (!n)
			continue;
		now &= (uint8_t) ~(1u << e->thread);
		now |= (uint8_t)((sets[n - 1] & 1) << e->thread);
	}
	free(stays);
}

static bool crowd_fits(const struct owner_cell *c, const uint8_t *inside,
		       uint64_t from, uint64_t to)
{
	uint64_t ns[THREADS] = {0};
	unsigned had = 0;
	bool taken = false;

	for (uint64_t t = from; t < to; t++)
		for (unsigned k = 0; k < THREADS; k++)
			ns[k] += inside[t] >> k & 1;
	for (size_t t = 0; t < THREADS; t++)
		had += ns[t] > 0;
	if (c->owner == THREAD_NONE)
		return !had && !c->taken && !c->fought;
	for (size_t t = 0; t < THREADS; t++)
		if (ns[t] > ns[c->owner] ||
		    (t < c->owner && ns[t] == ns[c->owner]))
			return false;
	for (uint64_t t = from; t < to; t++)
		taken |= inside[t] >> c->owner & 1 &&
			 (!t || !(inside[t - 1] >> c->owner & 1));
	return ns[c->owner] && c->taken == taken && c->fought == (had > 1);
}

static void regions_are_as_the_plain_way_has_them(void **state)
{
	static struct plain p;
	static uint8_t inside[3 * LENGTH];
	struct program *program = scenario(text);
	uint64_t seed = 4;

	(void)state;
	for (unsigned round = 0; round < 6; round++) {
		size_t capacity = round % 2 ? 300 : LENGTH;
		struct history *h = history_new(program, capacity);

		make_run(&p, &seed, false);
		for (size_t i = 0; i < LENGTH; i++)
			p.e[i].pc = (code_addr)random_below(
				&seed, (uint32_t)program->code.count);
		for (p.end = 0; p.end < LENGTH;) {
			struct owner_cell c[20];
			uint64_t from, width, start, last;

			history_add(h, &p.e[p.end], 100);
			p.end += 100;
			start = history_start(h);
			last = history_time(h);
			from = random_below(&seed, (uint32_t)last + 20);
			width = 1 + random_below(&seed, 200);
			plain_region(&p, program, inside);
			history_region(h, 0, from, width, COUNT(c), c);
			for (size_t i = 0; i < COUNT(c); i++) {
				uint64_t a = from + i * width, b = a + width;

				a = a > start ? a : start;
				b = b < last ? b : last;
				assert_true(crowd_fits(&c[i], inside, a, b));
			}
		}
		history_free(h);
	}
	program_free(program);
}

/* ---- arrows, against what is known to have happened --------------------- */

struct truth { /* a run that could be, and what each record rests on */
	struct event e[LENGTH];
	uint64_t cause[LENGTH];
	size_t n;
	uint64_t now;
	int32_t turn, value;          /* of m, of x */
	uint64_t unlock, write, post; /* the latest */
	int owner;
	uint64_t puts[LENGTH];
	size_t put, got;
	enum { AWAKE, ASLEEP, WOKEN } sleep[THREADS];
	uint64_t signal[THREADS];
	unsigned order[THREADS], woken; /* in the order woken */
};

static void happen(struct truth *t, struct event e, uint64_t cause)
{
	e.time = t->now;
	t->e[t->n] = e;
	t->cause[t->n++] = cause;
}

static void do_x(struct truth *t, thread_id me, uint32_t dice)
{
	struct event e = on(0, me, dice ? OP_READ : OP_WRITE, X, t->value);
	uint64_t write = t->write;

	if (dice == 1)
		e.kind = OP_FETCH_ADD;
	if (dice < 2)
		t->value++;
	e.value = t->value;
	if (dice < 2)
		t->write = t->n;
	happen(t, e, dice ? write : HISTORY_NONE);
}

static void do_queue(struct truth *t, thread_id me, bool put)
{
	struct event e = on(0, me, put ? OP_PUT : OP_GET, Q, 0);

	if (!put && t->put == t->got)
		return;
	if (put)
		t->puts[t->put++] = t->n;
	e.value = put ? (int32_t)t->put : (int32_t)t->got + 1;
	happen(t, e, put ? HISTORY_NONE : t->puts[t->got++]);
}

static void do_sem(struct truth *t, thread_id me, bool post)
{
	if (!post) {
		happen(t, on(0, me, OP_SEM_WAIT, S, 0), t->post);
		return;
	}
	t->post = t->n;
	happen(t, on(0, me, OP_SEM_POST, S, 0), HISTORY_NONE);
}

static void do_signal(struct truth *t, thread_id me)
{
	struct event e = on(0, me, OP_SIGNAL, C, 0);

	for (size_t k = 0; k < THREADS && !e.value; k++) {
		if (t->sleep[k] != ASLEEP)
			continue;
		t->sleep[k] = WOKEN;
		t->signal[k] = t->n;
		t->order[k] = ++t->woken;
		e.value = 1;
	}
	e.flags = e.value ? 0 : EVENT_FAILED;
	happen(t, e, HISTORY_NONE);
}

static bool first_woken(const struct truth *t, thread_id me)
{
	for (size_t k = 0; k < THREADS; k++)
		if (t->sleep[k] == WOKEN && t->order[k] < t->order[me])
			return false;
	return true;
}

static void do_lock(struct truth *t, thread_id me, code_addr sleep,
		    uint32_t dice)
{
	struct event e = on(0, me, OP_LOCK, M, 0);

	if (t->owner == me && dice < 3) {
		e = on(0, me, dice ? OP_UNLOCK : OP_SLEEP_ON, dice ? M : C,
		       dice ? t->turn : 0);
		e.pc = sleep;
		t->unlock = t->n;
		t->owner = -1;
		if (!dice)
			t->sleep[me] = ASLEEP;
		happen(t, e, HISTORY_NONE);
	} else if (t->owner < 0) {
		t->owner = me;
		e.extra = ++t->turn;
		happen(t, e, t->unlock);
	} else if (t->owner != me) {
		e.flags = EVENT_WANTS;
		happen(t, e, HISTORY_NONE);
	}
}

static void do_retake(struct truth *t, thread_id me, code_addr retake)
{
	struct event e = on(0, me, OP_RETAKE, C, 0);

	if (t->owner >= 0 || !first_woken(t, me))
		return;
	e.pc = retake;
	e.value = 1;
	t->owner = me;
	t->turn++;
	t->sleep[me] = AWAKE;
	happen(t, e, t->signal[me]);
}

static void make_truth(struct truth *t, const struct program *p, uint64_t *seed)
{
	*t = (struct truth){.owner = -1,
			    .unlock = HISTORY_NONE,
			    .write = HISTORY_NONE,
			    .post = HISTORY_NONE};
	while (t->n < LENGTH) {
		thread_id me = (thread_id)random_below(seed, THREADS);
		uint32_t what = random_below(seed, 12);

		t->now += random_below(seed, 3);
		if (t->sleep[me] == WOKEN)
			do_retake(t, me, find_code(p, OP_RETAKE, 0));
		else if (t->sleep[me] == ASLEEP || what == 0)
			happen(t, at(0, me, EVENT_ON_CPU, 0), HISTORY_NONE);
		else if (what < 3)
			do_x(t, me, random_below(seed, 4));
		else if (what < 5)
			do_queue(t, me, random_below(seed, 2));
		else if (what < 6)
			do_sem(t, me, random_below(seed, 2));
		else if (what < 8)
			do_signal(t, me);
		else
			do_lock(t, me, find_code(p, OP_SLEEP_ON, 0),
				random_below(seed, 4));
		for (size_t k = 0, n = 0; k < THREADS; k++)
			if ((n += t->sleep[k] == ASLEEP) == THREADS)
				t->sleep[0] = AWAKE;
	}
}

static bool is_wish(const struct event *e)
{
	return e->flags & EVENT_WANTS;
}

static void compare_arrows(const struct truth *t, const struct history *h)
{
	static uint64_t effect[LENGTH];
	uint64_t first = history_first(h);

	for (size_t i = first; i < t->n; i++)
		effect[i] = HISTORY_NONE;
	for (size_t i = t->n; i-- > first;) {
		uint64_t cause = t->cause[i];

		if (is_wish(&t->e[i]))
			continue;
		if (cause == HISTORY_NONE || cause < first)
			cause = HISTORY_NONE;
		else
			effect[cause] = i;
		assert_true(history_cause(h, i) == cause);
	}
	for (size_t i = first; i < t->n; i++)
		assert_true(history_effect(h, i) == effect[i]);
}

static void arrows_are_as_they_happened(void **state)
{
	static struct truth t;
	struct program *p = scenario(text);
	uint64_t seed = 5;

	(void)state;
	for (unsigned round = 0; round < 6; round++) {
		struct history *h = history_new(p, round % 2 ? 1000 : LENGTH);

		make_truth(&t, p, &seed);
		history_add(h, t.e, t.n);
		compare_arrows(&t, h);
		history_free(h);
	}
	program_free(p);
}

static void owners_are_as_the_plain_way_has_them(void **state)
{
	static struct plain p;
	struct program *program = scenario(text);
	uint64_t seed = 2;

	(void)state;
	for (unsigned round = 0; round < 12; round++) {
		size_t capacity = round % 2 ? 300 : LENGTH;
		struct history *h = history_new(program, capacity);

		make_locks(&p, &seed);
		while (p.end < LENGTH) {
			history_add(h, &p.e[p.end], 100);
			p.end += 100;
			p.first = p.end > capacity ? p.end - capacity : 0;
			compare_owners(&p, h, &seed);
		}
		history_free(h);
	}
	program_free(program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_newest_are_kept),
		cmocka_unit_test(memory_has_a_bound),
		cmocka_unit_test(all_memory_is_counted),
		cmocka_unit_test(a_lane_without_the_kernel),
		cmocka_unit_test(a_lane_with_the_kernel),
		cmocka_unit_test(the_gravest_stands_for_a_cell),
		cmocka_unit_test(the_gravest_is_found_anywhere),
		cmocka_unit_test(nonsense_does_no_harm),
		cmocka_unit_test(locks_have_owners),
		cmocka_unit_test(sleepers_have_no_lock),
		cmocka_unit_test(regions_have_crowds),
		cmocka_unit_test(moments_tell_who_is_waited_for),
		cmocka_unit_test(records_and_changes_are_walked),
		cmocka_unit_test(locks_rest_on_their_generation),
		cmocka_unit_test(threads_rest_on_their_start),
		cmocka_unit_test(the_woken_rest_on_their_signal),
		cmocka_unit_test(other_objects_have_arrows),
		cmocka_unit_test(barriers_have_rounds),
		cmocka_unit_test(every_kind_has_arrows),
		cmocka_unit_test(refusals_rest_on_who_has_it),
		cmocka_unit_test(a_choice_rests_on_the_latest_put),
		cmocka_unit_test(who_woke_holds_the_mutex),
		cmocka_unit_test(readers_rest_on_the_writer),
		cmocka_unit_test(emptiness_is_seen),
		cmocka_unit_test(items_count_anew_once_empty),
		cmocka_unit_test(arrows_are_as_they_happened),
		cmocka_unit_test(regions_are_as_the_plain_way_has_them),
		cmocka_unit_test(moments_are_as_the_plain_way_has_them),
		cmocka_unit_test(owners_are_as_the_plain_way_has_them),
		cmocka_unit_test(lanes_are_as_the_plain_way_has_them),
	};

	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
