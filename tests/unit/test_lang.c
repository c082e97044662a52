/*
 * The compiler: what a text becomes, and what is said about a wrong one.
 *
 * A text's instructions are compared as program_list writes them. The messages
 * are golden files, tests/golden/diagnostics: with `golden` on the command line
 * only those are compared, and with BLESS=1 in the environment written anew.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>

#include "compile.h"
#include "threadviz/world.h"

static const char title[] = "scenario \"test\"\n";

static struct program *compile_titled(const char *text)
{
	struct str s = {0};
	struct program *p;

	str_addf(&s, "%s%s", title, text);
	p = compile(str_cstr(&s));
	str_free(&s);
	return p;
}

/* The text's instructions, one a line, without where they stand. */
static void assert_code(const char *text, const char *code)
{
	struct program *p = compile_titled(text);
	struct str list = {0}, bare = {0};

	program_list(p, &list);
	for (const char *line = str_cstr(&list); *line;) {
		const char *end = strchr(line, '\n') + 1;

		line += *line == ' ' ? 12 : 0;
		str_addn(&bare, line, (size_t)(end - line));
		line = end;
	}
	assert_string_equal(str_cstr(&bare), code);
	str_free(&list);
	str_free(&bare);
	program_free(p);
}

/* What is said of a text, with a limit on what is compared. */
static void assert_said(const char *text, size_t len,
			const struct lang_param *params, size_t count,
			const char *said)
{
	struct diagnostics d = {0};
	struct program *p = program_compile("test", "test.tv", text, len,
					    params, count, &d);
	struct str s = {0};

	diagnostics_format(&d, "test.tv", text, len, &s);
	if (!strstr(str_cstr(&s), said))
		fail_msg("said \"%s\", not \"%s\"", str_cstr(&s), said);
	assert_int_equal(p == NULL, d.mistakes > 0);
	str_free(&s);
	diagnostics_fini(&d);
	program_free(p);
}

/* Runs the scenario to its end, always the first choice, and compares what it
 * has printed, lines separated by blanks. */
static void assert_prints(const char *text, const char *printed)
{
	struct program *p = compile_titled(text);
	struct world *w = world_new(p);
	struct choice choices[WORLD_CHOICES_MAX];
	struct str s = {0};

	for (uint32_t n = 1; n < 10000 && world_choices(w, p, choices); n++)
		world_step(w, p, choices[0], n, NULL);
	for (size_t i = 0; i < outputs_count(p->outputs, world_output(w, p));
	     i++)
		str_addf(&s, "%s%s", i ? " " : "",
			 outputs_line(p->outputs, world_output(w, p), i));
	assert_string_equal(str_cstr(&s), printed);
	str_free(&s);
	free(w);
	program_free(p);
}

/* ---- code -------------------------------------------------------------- */

static void a_step_is_a_touch(void **state)
{
	(void)state;
	assert_code("shared x = 0\nthread A:\n\tx = x + 1\n\tx++\n\tx -= 2\n",
		    "A: 1 registers\n"
		    "READ x dst=r0\n"
		    "addi dst=r0 a=r0 1\n"
		    "WRITE x a=r0 live=1\n"
		    "READ x dst=r0\n"
		    "addi dst=r0 a=r0 1\n"
		    "WRITE x a=r0 live=1\n"
		    "READ x dst=r0\n"
		    "addi dst=r0 a=r0 -2\n"
		    "WRITE x a=r0 live=1\n"
		    "end\n");
}

static void an_index_is_worked_out_once_and_first(void **state)
{
	(void)state;
	assert_code("shared a[2] = 0, i = 0, x = 0\nthread A:\n"
		    "\ta[i] += x\n",
		    "A: 2 registers\n"
		    "READ i dst=r0\n"
		    "READ a dst=r1 index=r0 live=1\n"
		    "READ x dst=r2 live=3\n"
		    "add dst=r1 a=r1 b=r2\n"
		    "WRITE a index=r0 a=r1 live=3\n"
		    "end\n");
	assert_code("shared a[2] = 0, i = 0, x = 0\nthread A:\n"
		    "\ta[i] = x\n",
		    "A: 2 registers\n"
		    "READ i dst=r0\n"
		    "READ x dst=r1 live=1\n"
		    "WRITE a index=r0 a=r1 live=3\n"
		    "end\n");
}

static void conditions_stop_early(void **state)
{
	(void)state;
	assert_code("shared a = 0, b = 0, x = 0\nthread A:\n"
		    "\tif a and not b:\n\t\tx = 0\n",
		    "A: 0 registers\n"
		    "READ a dst=r0\n"
		    "jz a=r0 5\n"
		    "READ b dst=r0\n"
		    "jnz a=r0 5\n"
		    "WRITE x\n"
		    "end\n");
	assert_code("shared a = 0, b = 0, x = 0\nthread A:\n"
		    "\tif a == 0 or b:\n\t\tx = 0\n",
		    "A: 0 registers\n"
		    "READ a dst=r0\n"
		    "eq dst=r0 a=r0\n"
		    "jnz a=r0 5\n"
		    "READ b dst=r0\n"
		    "jz a=r0 6\n"
		    "WRITE x\n"
		    "end\n");
}

static void constants_are_folded(void **state)
{
	(void)state;
	assert_code("param n = 3 in 1..5\nshared x = 0\nthread A:\n"
		    "\tlet k = n * 2 + 1\n"
		    "\tif n > 4:\n\t\tx = 1\n"
		    "\telif n == 3:\n\t\tx = k - min(k, 2)\n"
		    "\trepeat 0:\n\t\tx = 2\n"
		    "\tfor i in 3..2:\n\t\tx = 3\n"
		    "\twhile false:\n\t\tx = 4\n",
		    "A: 1 registers\n"
		    "const dst=r0 5\n"
		    "WRITE x a=r0 live=1\n"
		    "end\n");
}

static void what_nobody_needs_is_left_out(void **state)
{
	(void)state;
	assert_code("shared x = 0\nthread A:\n"
		    "\tlet s = 0\n\trepeat 2:\n\t\ts = s + x\n"
		    "\tlet never = me\n\treturn\n\tx = 1\n",
		    "A: 1 registers\n"
		    "const dst=r0 2\n"
		    "READ x live=1\n"
		    "addi dst=r0 a=r0 -1\n"
		    "jnz a=r0 1\n"
		    "end\n");
}

/* It may crash, and that is to be seen. */
static void a_division_is_never_left_out(void **state)
{
	(void)state;
	assert_code("shared x = 0\nthread A:\n"
		    "\tlet t = 6 / x\n\tlet u = me % 0\n",
		    "A: 0 registers\n"
		    "READ x dst=r0\n"
		    "const dst=r1 6\n"
		    "div a=r1 b=r0\n"
		    "me dst=r0\n"
		    "mod a=r0\n"
		    "end\n");
}

static void lifetimes_share_registers(void **state)
{
	(void)state;
	assert_code("shared x = 0\nthread A:\n"
		    "\tlet a = x\n\tx = a\n"
		    "\tlet b = x\n\tx = b\n"
		    "\ta = x\n\tx = a\n",
		    "A: 1 registers\n"
		    "READ x dst=r0\n"
		    "WRITE x a=r0 live=1\n"
		    "READ x dst=r0\n"
		    "WRITE x a=r0 live=1\n"
		    "READ x dst=r0\n"
		    "WRITE x a=r0 live=1\n"
		    "end\n");
}

static void what_never_changes_is_worked_out_anew(void **state)
{
	(void)state;
	assert_code("shared f[2] = 0, x = 0\nthread A, B:\n"
		    "\tlet other = 1 - me\n\tx = 0\n\tf[other] = 0\n",
		    "A: 1 registers\n"
		    "B: 1 registers\n"
		    "WRITE x\n"
		    "me dst=r0\n"
		    "const dst=r1 1\n"
		    "sub dst=r0 a=r1 b=r0\n"
		    "WRITE f index=r0 live=1\n"
		    "end\n");
}

static void a_wait_is_two_steps(void **state)
{
	(void)state;
	assert_code("mutex m\ncond c\nbarrier b = 1\nthread A:\n"
		    "\twait c, m\n\twait b\n",
		    "A: 0 registers\n"
		    "SLEEP_ON c m\n"
		    "RETAKE c m\n"
		    "ARRIVE b\n"
		    "LEAVE b\n"
		    "end\n");
	assert_code("recursive mutex m[2]\ncond c\nshared x = 0\nthread A:\n"
		    "\twait c, m[1]\n\tx = waitfor(c, m[0], 5)\n",
		    "A: 2 registers\n"
		    "const dst=r0 1\n"
		    "SLEEP_ON c m dst=r1 index2=r0 live=1\n"
		    "RETAKE c m index2=r0 a=r1 live=3\n"
		    "const dst=r0 5\n"
		    "SLEEP_ON c m dst=r1 live=1\n"
		    "RETAKE_FOR c m dst=r0 a=r1 b=r0 live=3\n"
		    "WRITE x a=r0 live=1\n"
		    "end\n");
}

static void words_follow_the_kind_of_object(void **state)
{
	(void)state;
	assert_code("rwlock rw\nsem s = 1\nevent e\ncountdown k = 1\n"
		    "queue q\nbuffer b max 1\nmutex m\n"
		    "thread A:\n\tunlock rw\n\tunlock m\n\twait s\n\twait e\n"
		    "\twait k\n\tarrive k\n\tput q, 0\n\tput b, 0\n\tjoin q\n"
		    "\tjoin B\n\tget(q)\n\tget(b)\nthread B:\n\tspin\n",
		    "A: 0 registers\n"
		    "RWUNLOCK rw\n"
		    "UNLOCK m\n"
		    "SEM_WAIT s\n"
		    "EVENT_WAIT e\n"
		    "COUNT_WAIT k\n"
		    "COUNT_DOWN k\n"
		    "PUT q\n"
		    "BUF_PUT b\n"
		    "JOIN_QUEUE q\n"
		    "JOIN 1\n"
		    "GET q\n"
		    "BUF_GET b\n"
		    "end\n"
		    "B: 0 registers\n"
		    "end\n");
}

static void atomic_waits_only_first(void **state)
{
	(void)state;
	assert_code("sem s[2] = 1\nshared x = 0\nthread A:\n"
		    "\tatomic:\n\t\twait s[1]\n\t\tx = 0\n"
		    "\tatomic:\n\t\tx = 0\n\t\twait s[0]\n"
		    "\tatomic:\n\t\tif x:\n\t\t\twait s[0]\n",
		    "A: 1 registers\n"
		    "const dst=r0 1\n"
		    "ATOMIC (waits) live=1\n"
		    "SEM_WAIT s index=r0 live=1\n"
		    "WRITE x\n"
		    "atomic_end\n"
		    "ATOMIC\n"
		    "WRITE x\n"
		    "SEM_WAIT s\n"
		    "atomic_end\n"
		    "ATOMIC\n"
		    "READ x dst=r0\n"
		    "jz a=r0 13\n"
		    "SEM_WAIT s\n"
		    "atomic_end\n"
		    "end\n");
	assert_code("sem s = 1\nthread A:\n\tatomic:\n\t\treturn\n"
		    "thread B:\n\tloop:\n\t\tatomic:\n"
		    "\t\t\tlet t = me\n\t\t\tbreak\n",
		    "A: 0 registers\n"
		    "ATOMIC\n"
		    "atomic_end\n"
		    "end\n"
		    "B: 0 registers\n"
		    "ATOMIC\n"
		    "atomic_end\n"
		    "end\n");
}

static void every_way_out_leaves_the_region(void **state)
{
	(void)state;
	assert_code("shared x = 0\nthread A:\n"
		    "\tloop:\n\t\tregion R:\n\t\t\tif x:\n\t\t\t\tbreak\n"
		    "\t\t\tatomic:\n\t\t\t\tx = 0\n\t\t\t\treturn\n",
		    "A: 0 registers\n"
		    "enter\n"
		    "READ x dst=r0\n"
		    "jz a=r0 5\n"
		    "exit\n"
		    "jump 9\n"
		    "ATOMIC\n"
		    "WRITE x\n"
		    "atomic_end\n"
		    "exit\n"
		    "end\n");
}

static void processes_have_copies(void **state)
{
	struct program *p = compile_titled("shared x = 0\nmutex m\nqueue q\n"
					   "process P[2]:\n"
					   "\tlock m\n\tput q, x\n");

	(void)state;
	assert_int_equal(p->objects.count, 3 + 2 * 2);
	for (object_id i = 3; i < 7; i++) {
		const struct object *o = &p->objects.data[i];

		assert_int_equal(o->process, i < 5 ? 0 : 1);
		assert_string_equal(o->name, p->objects.data[o->original].name);
	}
	assert_int_equal(p->objects.data[0].process, THREAD_NONE);
	assert_int_not_equal(p->threads.data[0].entry,
			     p->threads.data[1].entry);
	program_free(p);
}

static void procedures_are_written_out(void **state)
{
	(void)state;
	assert_code("shared x = 0\n"
		    "def twice(k):\n\tk = k * 2\n\treturn k\n"
		    "def both(a, b):\n\tx = a\n\tx = b\n"
		    "thread A:\n\tlet t = x\n\tboth(0, twice(t))\n\tx = t\n",
		    "A: 2 registers\n"
		    "READ x dst=r0\n"
		    "move dst=r1 a=r0\n"
		    "const dst=r2 2\n"
		    "mul dst=r1 a=r1 b=r2\n"
		    "WRITE x live=3\n"
		    "WRITE x a=r1 live=3\n"
		    "WRITE x a=r0 live=1\n"
		    "end\n");
}

/* ---- meaning ----------------------------------------------------------- */

static void loops_count_right(void **state)
{
	(void)state;
	assert_prints("thread A:\n\tfor i in 1..3:\n\t\tprint i\n"
		      "\tprint i\n"
		      "\tfor i in 2147483646..2147483647:\n\t\tprint i\n"
		      "\tfor i in 5..4:\n\t\tprint i\n",
		      "1 2 3 3 2147483646 2147483647");
	assert_prints("shared n = 3\nthread A:\n"
		      "\tlet k = n\n\trepeat k:\n\t\tk--\n\t\tprint k\n"
		      "\trepeat k:\n\t\tprint \"no\"\n"
		      "\tfor i in k..k + n - 1:\n\t\tprint i\n"
		      "\t\ti = 7\n\t\tk = 7\n",
		      "2 1 0 0 1 2");
	assert_prints("thread A:\n\tfor i in 1..5:\n"
		      "\t\tif i == 2:\n\t\t\tcontinue\n"
		      "\t\tif i == 4:\n\t\t\tbreak\n\t\tprint i\n"
		      "\tlet n = 0\n\twhile n < 2:\n\t\tn++\n"
		      "\t\tif n == 1:\n\t\t\tcontinue\n\t\tprint n\n",
		      "1 3 2");
}

static void arithmetic_is_that_of_c(void **state)
{
	(void)state;
	assert_prints("shared a = -7, b = 2, big = 2147483647\nthread A:\n"
		      "\tprint a / b\n\tprint a % b\n\tprint big + 1\n"
		      "\tprint -7 / 2\n\tprint -7 % 2\n"
		      "\tprint 2147483647 + 1\n\tprint -2147483648 / -1\n"
		      "\tprint 2 + 3 * 4 - 1\n\tprint not 1 == 2 and 3\n"
		      "\tprint (a < b) + (a or b) + abs(a) + max(a, b)\n",
		      "-3 -1 -2147483648 -3 -1 -2147483648 -2147483648 13 1 "
		      "11");
}

static void names_last_to_the_end_of_the_body(void **state)
{
	(void)state;
	assert_prints("shared x = 1\n"
		      "def f(a):\n\tif a:\n\t\tlet t = 5\n\tprint t\n"
		      "\tt = 9\n"
		      "thread A:\n\tif x == 2:\n\t\tlet u = 3\n\tprint u\n"
		      "\tf(1)\n\tf(x)\n\tf(0)\n\tf(x - 1)\n",
		      "0 5 5 0 0");
}

static void values_are_returned(void **state)
{
	(void)state;
	assert_prints("shared x = 3\n"
		      "def sign(n):\n\tif n < 0:\n\t\treturn -1\n"
		      "\tloop:\n\t\tif n > 0:\n\t\t\treturn 1\n"
		      "\t\treturn 0\n"
		      "def fall(n):\n\tif n:\n\t\treturn 4\n"
		      "thread A:\n\tlet t = sign(x)\n\tt = sign(t - 2) + t\n"
		      "\tprint t, sign(0), fall(x), fall(x - 3)\n",
		      "0 0 4 0");
}

static void prints_put_a_blank_between(void **state)
{
	(void)state;
	assert_prints("shared x = 3\nthread A:\n\tprint \"x\", x, 4, \"y\"\n"
		      "\tprint x, x\n\tprint \"\"\n",
		      "x 3 4 y 3 3 ");
}

static void words_are_names_where_they_can_be(void **state)
{
	(void)state;
	assert_prints("shared count = 0, done = 0, lock = 1, wait[2] = 0\n"
		      "shared get = 2, thread = 3\n"
		      "thread A:\n\tdone = 1\n\tdone += lock\n\tlock++\n"
		      "\twait[1] = get\n\tprint done, lock, wait[1], thread\n",
		      "2 2 2 3");
}

/* ---- the rest of a program --------------------------------------------- */

static void lines_and_notes_are_kept(void **state)
{
	static const char text[] = "\xef\xbb\xbfscenario \"t # t\"\r\n"
				   "# a remark\r\n"
				   "thread A:   #  why \r\n"
				   "  yield#\r\n";
	struct program *p = compile(text);

	(void)state;
	assert_int_equal(p->lines.count, 4);
	assert_string_equal(p->lines.data[0].text, "scenario \"t # t\"");
	assert_string_equal(p->lines.data[1].text, "# a remark");
	assert_string_equal(p->lines.data[2].text, "thread A:");
	assert_string_equal(p->lines.data[2].note, "why");
	assert_string_equal(p->lines.data[3].text, "  yield");
	assert_null(p->lines.data[0].note);
	assert_null(p->lines.data[1].note);
	assert_null(p->lines.data[3].note);
	assert_string_equal(p->title, "t # t");
	program_free(p);
}

static void texts_are_as_written(void **state)
{
	struct program *p = compile_titled(
		"group \"G\"\nabout \"a\"\nabout \"b \\\"c\\\"\"\nask \"?\"\n"
		"shared x = 0\nthread A:\n\tx = 1\n\tassert x  ==  1\n"
		"finally x  == 1   # done\n"
		"run \"r\":  A*2   A   # note\n"
		"expect x in 1,  2 # note\n");

	(void)state;
	assert_string_equal(p->group, "G");
	assert_string_equal(p->ask, "?");
	assert_string_equal(p->fix, "");
	assert_int_equal(p->about.count, 2);
	assert_string_equal(p->about.data[1], "b \"c\"");
	assert_string_equal(p->asserts.data[0], "x  ==  1");
	assert_string_equal(p->checks.data[0].text, "finally x  == 1");
	assert_string_equal(p->runs.data[0].schedule, "A*2   A");
	assert_string_equal(p->expects.data[0].text, "expect x in 1,  2");
	program_free(p);
}

static void expectations_are_read(void **state)
{
	struct program *p = compile_titled(
		"param n = 4 in 1..9\nshared x = 0, a[3] = 0, race = 0\n"
		"thread A:\n\tspin\n"
		"expect ok\nexpect violated, livelock\nexpect no race\n"
		"expect race x, a\nexpect a[2] in -1, n\n"
		"expect schedules 184756\nexpect race in 0\n");
	const struct expect *e = p->expects.data;

	(void)state;
	assert_int_equal(p->expects.count, 7);
	assert_int_equal(e[0].kind, EXPECT_VERDICTS);
	assert_int_equal(e[0].verdicts, 0);
	assert_int_equal(e[1].verdicts,
			 1u << VERDICT_VIOLATED | EXPECT_LIVELOCK);
	assert_int_equal(e[2].kind, EXPECT_RACE);
	assert_int_equal(e[2].object_count, 0);
	assert_int_equal(e[3].object_count, 2);
	assert_int_equal(e[3].objects[1], 1);
	assert_int_equal(e[4].kind, EXPECT_VALUES);
	assert_int_equal(e[4].element, 2);
	assert_int_equal(e[4].value_count, 2);
	assert_int_equal(e[4].values[0], -1);
	assert_int_equal(e[4].values[1], 4);
	assert_string_equal(e[5].schedules, "184756");
	assert_int_equal(e[6].kind, EXPECT_VALUES);
	program_free(p);
}

static void objects_are_as_declared(void **state)
{
	struct program *p = compile_titled(
		"param n = 2 in 1..9\n"
		"shared a[n + 1] = [1, -2, n]\nbuffered b[2] = 7\n"
		"sem s = 1 max 3, u = 0\nrecursive mutex r\n"
		"mutex m[2] inherit\nbarrier w = n\nqueue q max 5\n"
		"thread A:\n\tb[0] = 1\n\trepeat 3:\n\t\tb[1]++\n"
		"thread B:\n\tloop:\n\t\tb[0] = 2\n"
		"thread C:\n\txchg(b[0], 2)\n");
	const struct object *o = p->objects.data;

	(void)state;
	assert_int_equal(o[0].count, 3);
	assert_true(o[0].array);
	assert_int_equal(o[0].init[1], -2);
	assert_int_equal(o[0].init[2], 2);
	assert_true(o[1].buffered);
	assert_int_equal(o[1].init[1], 7);
	assert_int_equal(o[2].max, 3);
	assert_true(o[2].bounded);
	assert_false(o[3].bounded);
	assert_true(o[4].recursive);
	assert_true(o[5].inherit);
	assert_int_equal(o[5].count, 2);
	assert_int_equal(o[6].max, 2);
	assert_int_equal(o[7].max, 5);
	assert_int_equal(p->threads.data[0].stores, 4);
	assert_int_equal(p->threads.data[1].stores, LIMIT_STORES);
	assert_int_equal(p->threads.data[2].stores, 0);
	program_free(p);
}

static void threads_are_as_declared(void **state)
{
	struct program *p = compile_titled(
		"cooperative\noption spurious\noption writers_first\n"
		"shared x = 0\n"
		"thread A, B:\n\tx = 1\n"
		"later daemon thread W[2] priority 3 cpu 1:\n\tx = 2\n"
		"thread M[2]:\n\tx = me\n"
		"thread S:\n\tstart W[1]\n");
	const struct thread_decl *t = p->threads.data;

	(void)state;
	assert_int_equal(p->threads.count, 7);
	assert_string_equal(t[1].name, "B");
	assert_int_equal(t[1].me, 1);
	assert_int_equal(t[1].entry, t[0].entry);
	assert_int_equal(t[1].priority, 10);
	assert_int_equal(t[1].cpu, -1);
	assert_string_equal(t[3].name, "W1");
	assert_true(t[3].later && t[3].daemon);
	assert_int_equal(t[3].priority, 3);
	assert_int_equal(t[3].cpu, 1);
	assert_true(p->groups.data[0].symmetric);
	assert_false(p->groups.data[1].symmetric); /* one is started */
	assert_false(p->groups.data[2].symmetric); /* me */
	assert_false(p->groups.data[3].symmetric); /* one */
	assert_true(p->cooperative && p->spurious && p->writers_first);
	program_free(p);
}

/* An unbounded queue has room for what is ever put into it. */
static void queues_are_bounded_by_the_program(void **state)
{
	struct program *p = compile_titled(
		"queue q, r, s, t\n"
		"def twice():\n\tput q, 1\n\tput q, 2\n"
		"thread A[3]:\n\ttwice()\n\trepeat 2:\n\t\tfor i in 1..4:\n"
		"\t\t\ttwice()\n\tput r, 1\n"
		"\tloop:\n\t\ttryput(s, 1)\n");

	(void)state;
	assert_int_equal(p->objects.data[0].max, 3 * (2 + 2 * 4 * 2));
	assert_int_equal(p->objects.data[1].max, 3);
	assert_int_equal(p->objects.data[2].max, LIMIT_QUEUE);
	assert_int_equal(p->objects.data[3].max, 1);
	assert_false(p->objects.data[0].bounded);
	program_free(p);
}

/* ---- parameters -------------------------------------------------------- */

static void parameters_can_be_set(void **state)
{
	static const char bare[] = "scenario \"t\"\nthread A:\n\tspin\n";
	static const char text[] = "scenario \"t\"\nparam size = 2 in 1..8\n"
				   "param k = size + 1\n"
				   "thread P[size]:\n\tspin\n";
	const struct lang_param three = {"size", 3}, none = {"sizes", 3},
				nine = {"size", 9}, far = {"zebra", 1};
	struct diagnostics d = {0};
	struct program *p =
		program_compile("t", "t.tv", text, strlen(text), &three, 1, &d);

	(void)state;
	assert_int_equal(p->threads.count, 3);
	assert_int_equal(p->params.data[0].value, 3);
	assert_int_equal(p->params.data[0].high, 8);
	assert_int_equal(p->params.data[1].value, 4);
	program_free(p);
	diagnostics_fini(&d);
	assert_said(text, strlen(text), &none, 1,
		    "test.tv: there is no parameter \"sizes\"\n"
		    "    did you mean \"size\"?\n");
	assert_said(text, strlen(text), &far, 1,
		    "test.tv: there is no parameter \"zebra\", only size, k\n");
	assert_said(text, strlen(text), &nine, 1,
		    "test.tv: size=9 is out of range: size is 1 to 8 "
		    "(line 2)\n");
	assert_said(bare, strlen(bare), &none, 1,
		    "there is no parameter \"sizes\": this scenario has "
		    "none\n");
}

/* ---- limits ------------------------------------------------------------ */

static void files_have_limits(void **state)
{
	struct str s = {0};

	(void)state;
	str_add(&s, title);
	str_add(&s, "thread A:\n\tspin\n");
	str_pad(&s, '\n', LIMIT_LINES - 3);
	assert_said(str_cstr(&s), s.len, NULL, 0, "");
	str_addc(&s, '\n');
	assert_said(str_cstr(&s), s.len, NULL, 0,
		    "test.tv: this file has 4097 lines: a scenario has at "
		    "most 4096\n");
	str_pad(&s, ' ', LIMIT_TEXT);
	assert_said(str_cstr(&s), s.len, NULL, 0,
		    "test.tv: this file is too long: a scenario has at most "
		    "524288 bytes\n");
	str_free(&s);
}

/* `n` times the text, in which a %d is the number. */
static void add_times(struct str *out, int n, const char *before,
		      const char *after)
{
	for (int i = 0; i < n; i++)
		str_addf(out, "%s%d%s", before, i, after);
}

static void assert_limit(struct str *s, bool good)
{
	struct diagnostics d = {0};
	struct program *p =
		program_compile("t", "t.tv", str_cstr(s), s->len, NULL, 0, &d);

	assert_int_equal(p != NULL, good);
	program_free(p);
	diagnostics_fini(&d);
	str_clear(s);
	str_add(s, title);
}

static void limits_are_where_they_are_said_to_be(void **state)
{
	struct str s = {0};

	(void)state;
	str_add(&s, title);
	for (int over = 0; over < 2; over++) {
		str_addf(&s, "thread P[%d]:\n\tspin\nthread Q:\n\tspin\n",
			 LIMIT_THREADS - 1 + over);
		assert_limit(&s, !over);
		add_times(&s, LIMIT_OBJECTS + over, "mutex m", "\n");
		str_add(&s, "thread A:\n\tspin\n");
		assert_limit(&s, !over);
		str_add(&s, "thread A:\n");
		add_times(&s, LIMIT_REGIONS + over, "\tenter r", "\n");
		assert_limit(&s, !over);
		str_addf(&s, "thread A:\n\tprint choose(1..%d)\n",
			 LIMIT_CHOOSE + over);
		assert_limit(&s, !over);
		str_add(&s, "thread A:\n");
		add_times(&s, LIMIT_REGS - 1 + over, "\tlet t",
			  " = choose(0..1)\n");
		str_add(&s, "\tlet sum = choose(0..1)\n");
		add_times(&s, LIMIT_REGS - 1 + over, "\tsum += t", "\n");
		str_add(&s, "\tprint sum\n");
		assert_limit(&s, !over);
		str_addf(&s, "queue q max %d\nthread A:\n\tspin\n",
			 LIMIT_QUEUE + over);
		assert_limit(&s, !over);
	}
	str_free(&s);
}

/* ---- golden messages --------------------------------------------------- */

static const char golden_dir[] = "tests/golden/diagnostics";

static void read_all(const char *path, struct str *out)
{
	FILE *f = fopen(path, "rb");
	char bytes[4096];
	size_t n;

	while (f && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
		str_addn(out, bytes, n);
	if (f)
		fclose(f);
}

static void bless(const char *path, const struct str *text)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	fwrite(str_cstr(text), 1, text->len, f);
	fclose(f);
}

/* The state is the name of the file, without ".tv". */
static void golden_message(void **state)
{
	const char *name = *state;
	struct str path = {0}, file = {0}, text = {0}, said = {0}, want = {0};
	struct diagnostics d = {0};
	struct program *p;

	str_addf(&file, "%s.tv", name);
	str_addf(&path, "%s/%s.tv", golden_dir, name);
	read_all(str_cstr(&path), &text);
	p = program_compile(name, str_cstr(&file), str_cstr(&text), text.len,
			    NULL, 0, &d);
	diagnostics_format(&d, str_cstr(&file), str_cstr(&text), text.len,
			   &said);
	assert_null(p);
	str_cut(&path, path.len - 2);
	str_add(&path, "err");
	if (getenv("BLESS"))
		bless(str_cstr(&path), &said);
	read_all(str_cstr(&path), &want);
	assert_string_equal(str_cstr(&said), str_cstr(&want));
	diagnostics_fini(&d);
	str_free(&path);
	str_free(&file);
	str_free(&text);
	str_free(&said);
	str_free(&want);
}

static int is_scenario(const struct dirent *e)
{
	const char *dot = strrchr(e->d_name, '.');

	return dot && !strcmp(dot, ".tv");
}

static int run_golden(void)
{
	struct dirent **list;
	int n = scandir(golden_dir, &list, is_scenario, alphasort), failed;
	struct CMUnitTest *tests;

	if (n <= 0) {
		fprintf(stderr, "%s: nothing there\n", golden_dir);
		return 1;
	}
	tests = xcalloc((size_t)n, sizeof *tests);
	for (int i = 0; i < n; i++) {
		char *name = list[i]->d_name;

		*strrchr(name, '.') = '\0';
		tests[i].name = name;
		tests[i].test_func = golden_message;
		tests[i].initial_state = name;
	}
	failed = _cmocka_run_group_tests("diagnostics", tests, (size_t)n, NULL,
					 NULL);
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
	free(tests);
	return failed;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_is_a_touch),
		cmocka_unit_test(an_index_is_worked_out_once_and_first),
		cmocka_unit_test(conditions_stop_early),
		cmocka_unit_test(constants_are_folded),
		cmocka_unit_test(what_nobody_needs_is_left_out),
		cmocka_unit_test(a_division_is_never_left_out),
		cmocka_unit_test(lifetimes_share_registers),
		cmocka_unit_test(what_never_changes_is_worked_out_anew),
		cmocka_unit_test(a_wait_is_two_steps),
		cmocka_unit_test(words_follow_the_kind_of_object),
		cmocka_unit_test(atomic_waits_only_first),
		cmocka_unit_test(every_way_out_leaves_the_region),
		cmocka_unit_test(processes_have_copies),
		cmocka_unit_test(procedures_are_written_out),
		cmocka_unit_test(loops_count_right),
		cmocka_unit_test(arithmetic_is_that_of_c),
		cmocka_unit_test(names_last_to_the_end_of_the_body),
		cmocka_unit_test(values_are_returned),
		cmocka_unit_test(prints_put_a_blank_between),
		cmocka_unit_test(words_are_names_where_they_can_be),
		cmocka_unit_test(lines_and_notes_are_kept),
		cmocka_unit_test(texts_are_as_written),
		cmocka_unit_test(expectations_are_read),
		cmocka_unit_test(objects_are_as_declared),
		cmocka_unit_test(threads_are_as_declared),
		cmocka_unit_test(queues_are_bounded_by_the_program),
		cmocka_unit_test(parameters_can_be_set),
		cmocka_unit_test(files_have_limits),
		cmocka_unit_test(limits_are_where_they_are_said_to_be),
	};
	int failed = 0;

	if (argc < 2 || strcmp(argv[1], "golden") != 0)
		failed = cmocka_run_group_tests_name("lang", tests, NULL, NULL);
	return failed + run_golden();
}
