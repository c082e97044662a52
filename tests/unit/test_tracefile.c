/*
 * test_tracefile.c - saved runs: written, read back, cut, damaged, lying.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "scenario.h"
#include "threadviz/file.h"
#include "threadviz/tracefile.h"
#include "trace/tracefile.h"

static const char text[] = "param k = 2 in 1..9\n"
			   "shared x = k\n"
			   "mutex m[2]\n"
			   "sem s = 1\n"
			   "thread A:\n"
			   "    lock m[1]\n"
			   "    x = x + 1\n"
			   "    print \"x is\", x\n"
			   "    unlock m[1]\n"
			   "thread B:\n"
			   "    wait s\n"
			   "    lock m[1]\n"
			   "    x = x + 1\n"
			   "    print \"done\"\n"
			   "    unlock m[1]\n"
			   "finally x == 4\n";

/* A program, a run of it, its file. */
struct fixture {
	struct program *program;
	struct timeline timeline;
	struct str bytes;
	struct finding finding;
	struct recording recording;
};

static void run(struct timeline *tl, const char *steps)
{
	struct schedule s = schedule_of(tl->program, steps);

	for (size_t i = 0; i < s.len; i++)
		timeline_push(tl, s.data[i]);
	vec_free(&s);
}

static void record(struct fixture *f)
{
	f->finding = (struct finding){
		.kind = FINDING_DATA_RACE,
		.object = 0,
		.step = 4,
		.threads = 3,
		.events = {0, 1, SIZE_MAX, SIZE_MAX},
		.what = xstrdup("what"),
		.why = xstrdup("two\nlines"),
		.fix = xstrdup(""),
	};
	f->recording = (struct recording){
		.program = f->program,
		.engine = "sim",
		.schedule = f->timeline.schedule.data,
		.steps = f->timeline.schedule.len,
		.events = f->timeline.events.data,
		.event_count = f->timeline.events.len,
		.findings = &f->finding,
		.finding_count = 1,
	};
	tracefile_encode(&f->recording, &f->bytes);
}

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof *f);

	f->program = scenario(text);
	timeline_init(&f->timeline, f->program);
	run(&f->timeline, "B A*6 B*5");
	record(f);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	finding_fini(&f->finding);
	timeline_fini(&f->timeline);
	program_free(f->program);
	str_free(&f->bytes);
	free(f);
	return 0;
}

/* Reading must fail and say something like `why`. */
static void assert_refused(const char *bytes, size_t len, const char *why)
{
	struct error err = {0};
	struct tracefile f;

	/* So many bytes and no more: a sanitizer sees a read beyond. */
	char *copy = memcpy(xmalloc(len + !len), bytes, len);

	assert_false(tracefile_decode(&f, "f.tvt", copy, len, &err));
	if (!strstr(err.text, why))
		fail_msg("\"%s\" does not say \"%s\"", err.text, why);
	tracefile_fini(&f);
	free(copy);
}

/* ---- there and back ---------------------------------------------------- */

static void what_is_saved_is_read(void **state)
{
	struct fixture *fix = *state;
	struct recording *r = &fix->recording;
	struct error err = {0};
	struct tracefile f;

	assert_true(tracefile_decode(&f, "f.tvt", fix->bytes.data,
				     fix->bytes.len, &err));
	assert_string_equal(f.engine, "sim");
	assert_string_equal(f.name, "test");
	assert_string_equal(f.file, "test.tv");
	assert_string_equal(f.text, fix->program->text);
	assert_int_equal(f.param_count, 1);
	assert_string_equal(f.params[0].name, "k");
	assert_int_equal(f.params[0].value, 2);
	assert_string_equal(f.schedule, "B A*6 B*5");
	assert_int_equal(f.event_count, r->event_count);
	assert_memory_equal(f.events, r->events,
			    r->event_count * sizeof *r->events);
	assert_int_equal(f.print_count, 2);
	assert_string_equal(f.prints[1], "done");
	assert_int_equal(f.finding_count, 1);
	assert_int_equal(f.findings[0].kind, FINDING_DATA_RACE);
	assert_string_equal(f.findings[0].why, "two\nlines");
	assert_true(f.findings[0].events[1] == 1);
	assert_true(f.findings[0].events[2] == SIZE_MAX);
	tracefile_fini(&f);
}

static void a_run_is_repeated(void **state)
{
	struct fixture *fix = *state;
	struct error err = {0};
	struct timeline again;
	struct tracefile f;

	assert_true(tracefile_decode(&f, "f.tvt", fix->bytes.data,
				     fix->bytes.len, &err));
	timeline_init(&again, fix->program);
	assert_true(tracefile_repeat(&f, &again, &err));
	assert_int_equal(again.events.len, f.event_count);
	assert_memory_equal(again.events.data, f.events,
			    f.event_count * sizeof *f.events);
	timeline_fini(&again);
	tracefile_fini(&f);
}

static void an_impossible_step_is_named(void **state)
{
	struct fixture *fix = *state;
	struct tracefile f = {.schedule = "B A B A*2"};
	struct error err = {0};
	struct timeline again;

	timeline_init(&again, fix->program);
	assert_false(tracefile_repeat(&f, &again, &err));
	assert_non_null(strstr(err.text, "step 3 of the trace is impossible"));
	assert_int_equal(again.schedule.len, 2);
	timeline_fini(&again);
}

/* The file is short, what it asks for is not. */
static void too_many_steps_are_refused(void **state)
{
	struct program *p = scenario("thread A:\n    while 1 == 1:\n"
				     "        yield\n");
	struct tracefile f = {.schedule = "A*1000000 A*1000000 A*1000000 "
					  "A*1000000 A"};
	struct error err = {0};
	struct timeline tl;

	(void)state;
	timeline_init(&tl, p);
	assert_false(tracefile_repeat(&f, &tl, &err));
	assert_non_null(strstr(err.text, "more than 4000000 steps"));
	timeline_fini(&tl);
	program_free(p);
}

/* Another program of the same text has printed other things before. */
static void printed_lines_get_their_ids(void **state)
{
	struct fixture *fix = *state;
	struct program *other = scenario(text);
	struct error err = {0};
	struct tracefile f;
	unsigned found = 0;

	outputs_add(other->outputs, 0, "something else");
	assert_true(tracefile_decode(&f, "f.tvt", fix->bytes.data,
				     fix->bytes.len, &err));
	assert_true(tracefile_fit(&f, other, &err));
	for (size_t i = 0; i < f.event_count; i++) {
		uint32_t id = (uint32_t)f.events[i].value;

		if (f.events[i].kind != OP_PRINT)
			continue;
		assert_int_equal(outputs_count(other->outputs, id), ++found);
	}
	assert_int_equal(found, 2);
	tracefile_fini(&f);
	program_free(other);
}

/* ---- damage ------------------------------------------------------------ */

static void whatever_is_cut_off_is_refused(void **state)
{
	struct fixture *fix = *state;

	for (size_t len = 0; len < fix->bytes.len; len++)
		assert_refused(fix->bytes.data, len, "f.tvt: ");
}

static void whatever_is_damaged_is_refused(void **state)
{
	struct fixture *fix = *state;
	struct error err = {0};

	for (size_t i = 0; i < fix->bytes.len; i++) {
		struct tracefile f;

		fix->bytes.data[i] ^= 1;
		if (tracefile_decode(&f, "f.tvt", fix->bytes.data,
				     fix->bytes.len, &err))
			fail_msg("byte %zu may be anything", i);
		tracefile_fini(&f);
		fix->bytes.data[i] ^= 1;
	}
}

static void strangers_are_refused(void **state)
{
	static const char zeros[4096];

	(void)state;
	assert_refused("", 0, "this is not a trace");
	assert_refused(zeros, sizeof zeros, "this is not a trace");
	assert_refused("threadviz trace 2\n", 18, "from a later threadviz");
	assert_refused("threadviz trace 0\n", 18, "damaged");
	assert_refused("threadviz trace 1x\n", 19, "damaged");
	assert_refused("threadviz trace 1\n", 18, "cut off");
}

static void lying_lengths_are_refused(void **state)
{
	static const char *const lines[] = {
		"threadviz trace 1\nevents 999999999999 00000000\nx\n",
		"threadviz trace 1\nevents 18446744073709551615 00000000\nx\n",
		"threadviz trace 1\nevents -1 00000000\nx\n",
		"threadviz trace 1\nevents 1 00000000 1\nx\n",
		"threadviz trace 1\nabcdefghijklmnopqrst 1 00000000\nx\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		assert_refused(lines[i], strlen(lines[i]), "f.tvt: ");
}

static void add_section(struct str *out, const char *name, const char *body)
{
	str_addf(out, "%s %zu %08x\n%s\n", name, strlen(body),
		 (unsigned)crc32_of(body, strlen(body)), body);
}

static void sections_of_the_future_are_passed_over(void **state)
{
	struct fixture *fix = *state;
	struct error err = {0};
	struct str more = {0};
	struct tracefile f;

	str_addn(&more, fix->bytes.data, fix->bytes.len);
	add_section(&more, "colours", "blue");
	assert_true(tracefile_decode(&f, "f.tvt", more.data, more.len, &err));
	tracefile_fini(&f);
	add_section(&more, "schedule", "A");
	assert_refused(more.data, more.len, "twice");
	str_free(&more);
}

/* One field of one event at a time is made nonsense. */
static void events_of_another_program_are_refused(void **state)
{
	struct fixture *fix = *state;
	const struct event good = fix->recording.events[0];
	struct event wrong[] = {good, good, good, good, good, good, good};
	struct error err = {0};

	wrong[0].thread = 2;
	wrong[1].kind = OP_READ;
	wrong[2].kind = 200;
	wrong[3].object = 77;
	wrong[4].pc = 60000;
	wrong[5].index = 1;
	wrong[6].step = 9;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct tracefile f = {.version = "0",
				      .engine = "live",
				      .events = &wrong[i],
				      .event_count = 1};

		if (tracefile_fit(&f, fix->program, &err))
			fail_msg("wrong event %zu fits", i);
	}
	wrong[0] = good;
	assert_true(tracefile_fit(&(struct tracefile){.version = "0",
						      .engine = "live",
						      .events = wrong,
						      .event_count = 1},
				  fix->program, &err));
}

/* ---- files ------------------------------------------------------------- */

static void make_directory(char path[64])
{
	snprintf(path, 64, "/tmp/threadviz-XXXXXX");
	assert_non_null(mkdtemp(path));
}

/* How many entries it has; all are removed, and it too. */
static int remove_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *e;
	int n = 0;

	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		unlinkat(dirfd(d), e->d_name, 0);
		n++;
	}
	closedir(d);
	rmdir(path);
	return n;
}

static void a_file_is_saved_whole(void **state)
{
	struct fixture *fix = *state;
	struct error err = {0};
	char dir[64], path[80];
	struct tracefile f;

	make_directory(dir);
	snprintf(path, sizeof path, "%s/a.tvt", dir);
	assert_true(tracefile_save(&fix->recording, path, &err));
	assert_true(tracefile_save(&fix->recording, path, &err));
	assert_true(tracefile_load(&f, path, &err));
	assert_int_equal(f.event_count, fix->recording.event_count);
	tracefile_fini(&f);
	assert_int_equal(remove_directory(dir), 1);
	assert_false(tracefile_save(&fix->recording, path, &err));
	assert_non_null(strstr(err.text, "No such file"));
	assert_false(tracefile_load(&f, "/tmp", &err));
	assert_non_null(strstr(err.text, "directory, not a trace"));
	assert_int_equal(err.status, 2);
}

/* A limit on the size of files stands for a full disk. */
static void a_failed_save_leaves_the_old_file(void **state)
{
	const struct rlimit small = {10, RLIM_INFINITY};
	struct str got = {0};
	struct error err = {0};
	struct rlimit was;
	char dir[64], path[80];

	(void)state;
	make_directory(dir);
	snprintf(path, sizeof path, "%s/a.tvt", dir);
	assert_true(file_save(path, "old", 3, &err));
	getrlimit(RLIMIT_FSIZE, &was);
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &small);
	assert_false(file_save(path, "more than ten bytes", 19, &err));
	setrlimit(RLIMIT_FSIZE, &was);
	assert_non_null(strstr(err.text, "File too large"));
	assert_true(file_read(path, 100, "text", &got, &err));
	assert_string_equal(str_cstr(&got), "old");
	str_free(&got);
	assert_int_equal(remove_directory(dir), 1);
}

static void a_device_is_not_replaced(void **state)
{
	struct error err = {0};
	struct stat st;

	(void)state;
	assert_false(file_save("/dev/full", "x", 1, &err));
	assert_non_null(strstr(err.text, "No space left"));
	assert_int_equal(stat("/dev/full", &st), 0);
	assert_true(S_ISCHR(st.st_mode));
}

static void links_and_modes_stay(void **state)
{
	char dir[64], path[80], link[80];
	struct error err = {0};
	struct stat st;

	(void)state;
	make_directory(dir);
	snprintf(path, sizeof path, "%s/a", dir);
	snprintf(link, sizeof link, "%s/b", dir);
	assert_true(file_save(path, "1", 1, &err));
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(symlink("a", link), 0);
	assert_true(file_save(link, "22", 2, &err));
	assert_int_equal(lstat(link, &st), 0);
	assert_true(S_ISLNK(st.st_mode));
	assert_int_equal(lstat(path, &st), 0);
	assert_int_equal(st.st_size, 2);
	assert_int_equal(st.st_mode & 0777, 0640);
	assert_int_equal(remove_directory(dir), 2);
}

/* Two programs at once may both want the first number. */
static void a_new_file_replaces_nothing(void **state)
{
	char dir[64], stem[80], path[96];
	struct str names = {0}, got = {0};
	struct error err = {0};

	(void)state;
	make_directory(dir);
	snprintf(stem, sizeof stem, "%s/a", dir);
	snprintf(path, sizeof path, "%s-2.tvt", stem);
	assert_true(file_save(path, "old", 3, &err));
	for (int i = 0; i < 2; i++) {
		str_clear(&names);
		assert_true(file_save_new(stem, "tvt", "new", 3, &names, &err));
	}
	snprintf(path, sizeof path, "%s-3.tvt", stem);
	assert_string_equal(str_cstr(&names), path);
	snprintf(path, sizeof path, "%s-2.tvt", stem);
	assert_true(file_read(path, 100, "text", &got, &err));
	assert_string_equal(str_cstr(&got), "old");
	assert_int_equal(remove_directory(dir), 3);
	assert_false(file_save_new(stem, "tvt", "new", 3, &names, &err));
	assert_non_null(strstr(err.text, "a-1.tvt: No such file"));
	str_free(&names);
	str_free(&got);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_saved_is_read),
		cmocka_unit_test(a_run_is_repeated),
		cmocka_unit_test(an_impossible_step_is_named),
		cmocka_unit_test(too_many_steps_are_refused),
		cmocka_unit_test(printed_lines_get_their_ids),
		cmocka_unit_test(whatever_is_cut_off_is_refused),
		cmocka_unit_test(whatever_is_damaged_is_refused),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(lying_lengths_are_refused),
		cmocka_unit_test(sections_of_the_future_are_passed_over),
		cmocka_unit_test(events_of_another_program_are_refused),
		cmocka_unit_test(a_file_is_saved_whole),
		cmocka_unit_test(a_failed_save_leaves_the_old_file),
		cmocka_unit_test(a_device_is_not_replaced),
		cmocka_unit_test(links_and_modes_stay),
		cmocka_unit_test(a_new_file_replaces_nothing),
	};
	return cmocka_run_group_tests_name("tracefile", tests, setup, teardown);
}
