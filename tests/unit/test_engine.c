/*
 * test_engine.c - the stepped engines: agreement, refusals, death, and that
 * the comparison notices what it should.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/live.h"
#include "scenario.h"
#include "threadviz/engine.h"

static const char race[] = "shared count = 0\n"
			   "thread A, B:\n"
			   "\tcount++\n"
			   "finally count == 2\n";

static const char deadlock[] = "mutex red, blue\n"
			       "thread A:\n"
			       "\tlock red\n\tlock blue\n"
			       "\tunlock blue\n\tunlock red\n"
			       "thread B:\n"
			       "\tlock blue\n\tlock red\n"
			       "\tunlock red\n\tunlock blue\n";

static struct engine *open_live(const struct program *p)
{
	struct error err = {0};
	struct engine *e = engine_open(ENGINE_LIVE, p, &err);

	if (!e)
		fail_msg("%s", err.text);
	return e;
}

static struct live *inside(struct engine *e)
{
	return (struct live *)e;
}

/* Takes the schedule's steps, all of which must go well. */
static void step_all(struct engine *e, const struct program *p,
		     const char *text)
{
	struct schedule s = schedule_of(p, text);
	struct error err = {0};

	for (size_t i = 0; i < s.len; i++)
		if (engine_step(e, s.data[i], &err) != ENGINE_OK)
			fail_msg("step %zu: %s", i + 1, err.text);
	vec_free(&s);
}

static enum engine_result step(struct engine *e, thread_id t, struct error *err)
{
	return engine_step(e, choice_move(t), err);
}

static void both_engines_go_the_same_way(void **state)
{
	struct program *p = scenario(race);
	struct engine *sim = engine_open(ENGINE_SIM, p, NULL);
	struct engine *live = open_live(p);

	(void)state;
	step_all(sim, p, "A B A B");
	step_all(live, p, "A B A B");
	assert_int_equal(engine_steps(live), 4);
	assert_memory_equal(engine_world(sim), engine_world(live),
			    world_size(p));
	assert_int_equal(world_verdict(engine_world(live), p),
			 VERDICT_VIOLATED);
	assert_int_equal(engine_pid(sim), 0);
	assert_int_equal(engine_fd(sim), -1);
	assert_true(engine_pid(live) > 0);
	engine_close(sim);
	engine_close(live);
	program_free(p);
}

static void refuses_what_the_model_forbids(void **state)
{
	struct program *p = scenario(deadlock);
	struct engine *e = open_live(p);
	struct error err = {0};

	(void)state;
	step_all(e, p, "A B");
	assert_int_equal(step(e, 0, &err), ENGINE_IMPOSSIBLE);
	assert_string_equal(err.text, "A waits for blue, which B holds");
	assert_int_equal(engine_steps(e), 2);
	assert_int_equal(world_verdict(engine_world(e), p), VERDICT_DEADLOCK);
	engine_close(e);
	program_free(p);
}

static void restarts_out_of_a_deadlock(void **state)
{
	struct program *p = scenario(deadlock);
	struct engine *e = open_live(p);
	struct schedule s = schedule_of(p, "A*4 B*4");
	struct error err = {0};
	int pid;

	(void)state;
	step_all(e, p, "A B");
	pid = engine_pid(e);
	assert_true(engine_restart(e, &err));
	assert_int_not_equal(engine_pid(e), pid);
	assert_int_equal(engine_steps(e), 0);
	step_all(e, p, "B A");
	assert_int_equal(engine_replay(e, s.data, s.len, &err), ENGINE_OK);
	assert_int_equal(world_verdict(engine_world(e), p), VERDICT_OK);
	vec_free(&s);
	engine_close(e);
	program_free(p);
}

/* A bit for each of the names that some thread of the process has. */
static unsigned names_in(int pid, const char *const *names, size_t n)
{
	char path[300], name[32];
	struct dirent *entry;
	unsigned found = 0;
	DIR *dir;

	(void)snprintf(path, sizeof path, "/proc/%d/task", pid);
	dir = opendir(path);
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		FILE *f;

		(void)snprintf(path, sizeof path, "/proc/%d/task/%.20s/comm",
			       pid, entry->d_name);
		f = fopen(path, "r");
		if (!f)
			continue;
		if (fgets(name, sizeof name, f))
			for (size_t i = 0; i < n; i++)
				if (!strncmp(name, names[i],
					     strcspn(name, "\n")))
					found |= 1u << i;
		fclose(f);
	}
	closedir(dir);
	return found;
}

static void threads_are_real_and_named(void **state)
{
	static const char *const names[] = {"Alice", "P0", "P1", "late"};
	struct program *p = scenario("shared x = 0\n"
				     "thread Alice:\n\tx = 1\n\tstart late\n"
				     "\tjoin late\n"
				     "thread P[2]:\n\tx = 2\n"
				     "later thread late:\n\tx = 3\n");
	struct engine *e = open_live(p);

	(void)state;
	assert_int_equal(names_in(engine_pid(e), names, 4), 7);
	step_all(e, p, "Alice*2");
	assert_int_equal(names_in(engine_pid(e), names, 4), 15);
	step_all(e, p, "late Alice");
	/* Alice has joined it, so it is gone. */
	assert_int_equal(names_in(engine_pid(e), names, 4) & 8, 0);
	engine_close(e);
	program_free(p);
}

static void a_killed_target_is_reported(void **state)
{
	struct program *p = scenario(race);
	struct engine *e = open_live(p);
	struct error err = {0};
	struct pollfd fd = {.fd = engine_fd(e), .events = POLLIN};

	(void)state;
	step_all(e, p, "A");
	assert_int_equal(engine_poll(e, NULL, &err), ENGINE_OK);
	kill(engine_pid(e), SIGKILL);
	assert_int_equal(step(e, 0, &err), ENGINE_DEAD);
	assert_string_equal(err.text, "the target was killed by signal 9 "
				      "(Killed)");
	assert_int_equal(engine_steps(e), 1);
	err = (struct error){0};
	assert_int_equal(step(e, 0, &err), ENGINE_DEAD);
	assert_true(err.text[0]);
	assert_int_equal(poll(&fd, 1, -1), 1);
	assert_int_equal(engine_poll(e, NULL, &err), ENGINE_DEAD);
	assert_int_equal(engine_fd(e), -1);
	assert_int_equal(engine_pid(e), 0);
	assert_true(engine_restart(e, &err));
	step_all(e, p, "A B A B");
	engine_close(e);
	program_free(p);
}

static void polling_notices_a_death(void **state)
{
	struct program *p = scenario(race);
	struct engine *e = open_live(p);
	struct pollfd fd = {.fd = engine_fd(e), .events = POLLIN};
	struct error err = {0};

	(void)state;
	kill(engine_pid(e), SIGSEGV);
	assert_int_equal(poll(&fd, 1, -1), 1);
	assert_int_equal(engine_poll(e, NULL, &err), ENGINE_DEAD);
	assert_non_null(strstr(err.text, "signal 11"));
	engine_close(e);
	program_free(p);
}

/* As when started by something that ignores SIGCHLD: no status to be had. */
static void a_target_is_missed_without_its_status(void **state)
{
	struct program *p = scenario(race);
	struct engine *e = open_live(p);
	struct error err = {0};
	void (*old)(int) = signal(SIGCHLD, SIG_IGN);

	(void)state;
	kill(engine_pid(e), SIGKILL);
	assert_int_equal(step(e, 0, &err), ENGINE_DEAD);
	assert_string_equal(err.text, "the target is gone");
	assert_true(engine_restart(e, &err));
	step_all(e, p, "A B");
	engine_close(e);
	signal(SIGCHLD, old);
	program_free(p);
}

/* Sixty-two threads kept out at once: every one is asked in the end. */
static void a_crowd_is_probed_little_by_little(void **state)
{
	struct program *p = scenario("mutex m\nshared x = 0\n"
				     "thread A:\n\tlock m\n"
				     "\trepeat 20:\n\t\tx++\n"
				     "thread P[62]:\n\tlock m\n");
	struct engine *e = open_live(p);
	struct error err = {0};

	(void)state;
	step_all(e, p, "A");
	assert_int_equal(__builtin_popcountll(inside(e)->owed), 58);
	for (int i = 0; i < 15; i++)
		assert_int_equal(step(e, 0, &err), ENGINE_OK);
	assert_int_equal(inside(e)->owed, 0);
	engine_close(e);
	program_free(p);
}

static void a_stopped_target_is_no_hang(void **state)
{
	struct program *p = scenario(race);
	struct engine *e = open_live(p);
	struct error err = {0};

	(void)state;
	inside(e)->patience = 60;
	kill(engine_pid(e), SIGSTOP);
	assert_int_equal(waitpid(engine_pid(e), NULL, WUNTRACED),
			 engine_pid(e));
	assert_int_equal(step(e, 0, &err), ENGINE_DEAD);
	assert_non_null(strstr(err.text, "not answered"));
	inside(e)->patience = 60000;
	assert_true(engine_restart(e, &err));
	step_all(e, p, "A B");
	engine_close(e);
	program_free(p);
}

static void changed_memory_is_a_mismatch(void **state)
{
	struct program *p = scenario(race);
	struct engine *e = open_live(p);
	struct error err = {0};

	(void)state;
	step_all(e, p, "A B");
	poke((_Atomic int32_t *)real_element(&inside(e)->real, 0, 0), 5);
	step_all(e, p, "A"); /* writes over it, and all is well */
	assert_true(engine_restart(e, &err));
	poke((_Atomic int32_t *)real_element(&inside(e)->real, 0, 0), 5);
	assert_int_equal(step(e, 0, &err), ENGINE_MISMATCH);
	assert_non_null(strstr(err.text, "at step 1 (A: read count"));
	assert_int_equal(engine_steps(e), 0);
	err = (struct error){0};
	assert_int_equal(step(e, 1, &err), ENGINE_MISMATCH);
	assert_true(err.text[0]);
	assert_true(engine_restart(e, &err));
	step_all(e, p, "A B A B");
	engine_close(e);
	program_free(p);
}

/* As if perform.c had forgotten to take the lock: nobody but the thread that
 * should be kept out can notice. */
static void a_lock_that_does_not_lock_is_a_mismatch(void **state)
{
	struct program *p = scenario("shared x = 0\n"
				     "mutex m\n"
				     "thread A:\n\tlock m\n\tx = 1\n"
				     "\tunlock m\n"
				     "thread B:\n\tx = 2\n\tlock m\n"
				     "\tunlock m\n");
	struct engine *e = open_live(p);
	struct real_mutex *m;
	struct error err = {0};

	(void)state;
	step_all(e, p, "A");
	m = real_element(&inside(e)->real, 1, 0);
	memset(&m->mutex, 0, sizeof m->mutex); /* a free one */
#ifdef __SANITIZE_THREAD__
	/* The race detector in the target ends it before it can answer. */
	assert_int_not_equal(step(e, 1, &err), ENGINE_OK);
#else
	assert_int_equal(step(e, 1, &err), ENGINE_MISMATCH);
	assert_non_null(strstr(err.text, "B must wait (lock m)"));
#endif
	engine_close(e);
	program_free(p);
}

/* As if it had forgotten to give it back. */
static void an_unlock_that_does_not_unlock_is_a_mismatch(void **state)
{
	struct program *p = scenario("mutex m\n"
				     "thread A, B:\n\tlock m\n\tunlock m\n");
	struct engine *e = open_live(p);
	struct real_mutex *m;
	pthread_mutex_t held;
	struct error err = {0};

	(void)state;
	step_all(e, p, "A");
	m = real_element(&inside(e)->real, 0, 0);
	held = m->mutex;
	step_all(e, p, "A");
	m->mutex = held;
	assert_int_equal(step(e, 1, &err), ENGINE_MISMATCH);
	assert_non_null(strstr(err.text, "the real object says busy"));
	engine_close(e);
	program_free(p);
}

static void crashes_are_refused_by_the_real_thing(void **state)
{
	static const char *const crashes[] = {
		"mutex m\nthread A:\n\tunlock m\n",
		"recursive mutex m\nthread A:\n\tlock m\n\tunlock m\n"
		"\tunlock m\n",
		"rwlock m\nthread A:\n\tunlock m\n",
		"mutex m\ncond c\nthread A:\n\twait c, m\n",
		"sem s = 1 max 1\nthread A:\n\tpost s\n",
		"buffer b max 1\nthread A:\n\tput b, 1\n\tput b, 2\n",
		"buffer b max 1\nthread A:\n\tlet v = get(b)\n",
		"queue q\nthread A:\n\tdone q\n",
		"countdown k = 1\nthread A:\n\tarrive k\n\tarrive k\n",
		"shared a[2] = 0\nthread A:\n\ta[2] = 1\n",
		"shared x = 0\nthread A:\n\tx = 1 / x\n",
		"mutex m\nshared x = 0\nthread A:\n\tlock m\n\tatomic:\n"
		"\t\tx = 1\n\t\tlock m\n",
		"later thread W:\n\tyield\nthread A:\n\tstart W\n"
		"\tstart W\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) {
		struct program *p = scenario(crashes[i]);
		thread_id a = program_find_thread(p, "A", 1);
		struct engine *e = open_live(p);
		struct error err = {0};

		while (world_can(engine_world(e), p, choice_move(a)))
			if (step(e, a, &err) != ENGINE_OK)
				fail_msg("%s%s", crashes[i], err.text);
		if (world_verdict(engine_world(e), p) != VERDICT_CRASH)
			fail_msg("no crash: %s", crashes[i]);
		engine_close(e);
		program_free(p);
	}
}

/* What belongs to somebody else is not given back by a stranger. */
static void strangers_are_refused(void **state)
{
	static const char *const kinds[] = {"mutex m\n", "rwlock m\n",
					    "recursive mutex m\n"};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct str text = {0};
		struct program *p;
		struct engine *e;

		str_addf(&text,
			 "%sshared x = 0\n"
			 "thread A:\n\t%s m\n\tx = 1\n"
			 "thread B:\n\tunlock m\n",
			 kinds[i], i == 1 ? "wrlock" : "lock");
		p = scenario(str_cstr(&text));
		e = open_live(p);
		step_all(e, p, "A B");
		assert_int_equal(engine_world(e)->detail, CRASH_NOT_OWNER);
		engine_close(e);
		program_free(p);
		str_free(&text);
	}
}

static size_t open_files(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void leaves_nothing_behind(void **state)
{
	struct program *p = scenario(deadlock);
	size_t before = open_files();
	struct error err = {0};
	struct engine *e = open_live(p);

	(void)state;
	for (int i = 0; i < 20; i++) {
		step_all(e, p, "A B");
		assert_true(engine_restart(e, &err));
	}
	engine_close(e);
	engine_close(NULL);
	assert_int_equal(open_files(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no child is left */
	program_free(p);
}

/* The front ends without a word: the target goes with it. */
static void the_target_dies_with_the_front(void **state)
{
	struct program *p = scenario(race);
	pid_t target = 0, front;
	int ends[2], status;

	(void)state;
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	assert_int_equal(pipe(ends), 0);
	front = fork();
	if (front == 0) {
		target = engine_pid(open_live(p));
		_exit(write(ends[1], &target, sizeof target) < 0);
	}
	assert_int_equal(read(ends[0], &target, sizeof target), sizeof target);
	assert_int_equal(waitpid(front, NULL, 0), front);
	assert_int_equal(waitpid(target, &status, 0), target);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	close(ends[0]);
	close(ends[1]);
	program_free(p);
}

static void stores_wait_in_the_buffer(void **state)
{
	struct program *p = scenario("buffered x = 0, y = 0\n"
				     "shared ra = 0, rb = 0\n"
				     "thread A:\n\tx = 1\n\tra = y\n"
				     "thread B:\n\ty = 1\n\trb = x\n"
				     "finally ra + rb > 0\n");
	struct engine *e = open_live(p);

	(void)state;
	/* Both read 0; both have ended before their stores arrive. */
	step_all(e, p, "A B A B A B");
	assert_int_equal(world_value(engine_world(e), p, 0, 0), 0);
	step_all(e, p, "B~ A~");
	assert_int_equal(world_verdict(engine_world(e), p), VERDICT_VIOLATED);
	engine_close(e);
	program_free(p);
}

static void a_thread_may_end_as_it_starts(void **state)
{
	struct program *p = scenario("later thread W:\n\tlet v = 1\n"
				     "thread A:\n\tstart W\n\tjoin W\n");
	struct engine *e = open_live(p);

	(void)state;
	step_all(e, p, "A*2");
	assert_int_equal(world_verdict(engine_world(e), p), VERDICT_OK);
	engine_close(e);
	program_free(p);
	p = scenario("later thread W:\n\tlet v = 1\n\tassert v == 2\n"
		     "thread A:\n\tstart W\n\tjoin W\n");
	e = open_live(p);
	step_all(e, p, "A");
	assert_int_equal(world_verdict(engine_world(e), p), VERDICT_VIOLATED);
	assert_int_equal(engine_world(e)->who, 0);
	engine_close(e);
	program_free(p);
}

static void choices_are_followed(void **state)
{
	struct program *p = scenario("mutex m\ncond c\nshared x = 0\n"
				     "thread A, B:\n"
				     "\tlock m\n\twait c, m\n\tunlock m\n"
				     "thread C:\n"
				     "\tsignal c\n\tx = choose(2..9)\n"
				     "thread D:\n"
				     "\tlock m\n"
				     "\tlet v = waitfor(c, m, 5)\n"
				     "\tx = v\n");
	struct engine *e = open_live(p);

	(void)state;
	/* Two sleepers: the second is woken, the first wakes by itself. */
	step_all(e, p, "A*2 B*2 C=2 B*2 A! A*2");
	/* Nobody wakes D. */
	step_all(e, p, "D*2 D? D C=7 C");
	assert_int_equal(world_value(engine_world(e), p, 2, 0), 7);
	assert_int_equal(world_verdict(engine_world(e), p), VERDICT_OK);
	engine_close(e);
	program_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_engines_go_the_same_way),
		cmocka_unit_test(refuses_what_the_model_forbids),
		cmocka_unit_test(restarts_out_of_a_deadlock),
		cmocka_unit_test(threads_are_real_and_named),
		cmocka_unit_test(a_killed_target_is_reported),
		cmocka_unit_test(polling_notices_a_death),
		cmocka_unit_test(a_target_is_missed_without_its_status),
		cmocka_unit_test(a_crowd_is_probed_little_by_little),
		cmocka_unit_test(a_stopped_target_is_no_hang),
		cmocka_unit_test(changed_memory_is_a_mismatch),
		cmocka_unit_test(a_lock_that_does_not_lock_is_a_mismatch),
		cmocka_unit_test(an_unlock_that_does_not_unlock_is_a_mismatch),
		cmocka_unit_test(crashes_are_refused_by_the_real_thing),
		cmocka_unit_test(strangers_are_refused),
		cmocka_unit_test(leaves_nothing_behind),
		cmocka_unit_test(the_target_dies_with_the_front),
		cmocka_unit_test(stores_wait_in_the_buffer),
		cmocka_unit_test(a_thread_may_end_as_it_starts),
		cmocka_unit_test(choices_are_followed),
	};

	return cmocka_run_group_tests_name("engine", tests, NULL, NULL);
}
