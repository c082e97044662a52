/*
 * What a free run recorded, on its way into a trace.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/tape.h"
#include "compile.h"
#include "threadviz/tracefile.h"

static const char text[] = "scenario \"Prints\"\nthread A:\n    loop:\n"
			   "        yield\n";

/* Records 1 .. n of a thread that yields. */
static void record(struct tape *t, const struct program *p, uint32_t n)
{
	code_addr pc = 0;

	while (p->code.data[pc].code != OP_YIELD)
		pc++;
	for (uint32_t i = 1; i <= n; i++) {
		struct event e = {
			.time = 100 * i,
			.step = i,
			.kind = OP_YIELD,
			.other = THREAD_NONE,
			.object = OBJECT_NONE,
			.pc = pc,
		};

		tape_add(t, &e, 1);
	}
}

static void load(struct tracefile *f, const struct tape *t,
		 const struct program *p)
{
	char path[] = "/tmp/test-tape-XXXXXX";
	struct error err = {0};
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	close(fd);
	assert_true(tape_save(t, p, NULL, path, &err));
	assert_true(tracefile_load(f, path, &err));
	assert_true(tracefile_is_free(f));
	if (!tracefile_fit(f, p, &err))
		fail_msg("%s", err.text);
	unlink(path);
}

static void what_fits_is_kept_whole(void **state)
{
	struct program *p = compile(text);
	struct tape *t = tape_new(5);
	struct tracefile f;

	(void)state;
	record(t, p, 5);
	load(&f, t, p);
	assert_int_equal(f.event_count, 5);
	assert_int_equal(f.events[0].step, 1);
	assert_int_equal(f.events[4].time, 500);
	tracefile_fini(&f);
	tape_rewind(t);
	record(t, p, 2);
	load(&f, t, p);
	assert_int_equal(f.event_count, 2);
	assert_int_equal(f.events[0].step, 1);
	tracefile_fini(&f);
	tape_free(t);
	program_free(p);
}

/* The oldest go, and the file says how many. */
static void of_a_long_run_the_end_is_kept(void **state)
{
	struct program *p = compile(text);
	struct tape *t = tape_new(5);
	struct tracefile f;

	(void)state;
	record(t, p, 12);
	load(&f, t, p);
	assert_int_equal(f.event_count, 6);
	assert_int_equal(f.events[0].kind, EVENT_LOST);
	assert_int_equal(f.events[0].value, 7);
	for (uint32_t i = 1; i <= 5; i++)
		assert_int_equal(f.events[i].step, 7 + i);
	tracefile_fini(&f);
	tape_rewind(t);
	record(t, p, 3);
	load(&f, t, p);
	assert_int_equal(f.event_count, 3);
	tracefile_fini(&f);
	tape_free(t);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_fits_is_kept_whole),
		cmocka_unit_test(of_a_long_run_the_end_is_kept),
	};

	return cmocka_run_group_tests_name("tape", tests, NULL, NULL);
}
