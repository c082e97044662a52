/*
 * small.h - random scenarios so small that all schedules can be gone through.
 *
 * Without loops the graph has no cycle; with them it often has one. The same
 * seed gives the same text.
 */
#ifndef TESTS_SMALL_H
#define TESTS_SMALL_H

#include "threadviz/str.h"

static uint64_t small_draw(uint64_t *state, uint64_t n)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* Each a whole statement; lines after the first are part of it. */
static const char *const small_statements[] = {
	"x++",
	"x = y + 1",
	"y = x",
	"y = 2",
	"n = x",
	"n++",
	"a[n % 2] = 1",
	"bx = 1",
	"by = bx",
	"x = by",
	"fence",
	"let v = xchg(x, 5)",
	"let v = fetch_add(n, 1)",
	"let v = cas(x, 0, 3)",
	"if x == 1:\n\t\ty = 3",
	"if y == 0:\n\t\tx = 1\n\telse:\n\t\tn = 1",
	"repeat 2:\n\t\tn = 4",
	"let v = choose(0..2)\n\tx = v",
	"lock m\n\tx++\n\tunlock m",
	"lock m\n\tlock k\n\tunlock k\n\tunlock m",
	"lock k\n\tlock m\n\tunlock m\n\tunlock k",
	"lock r\n\tlock r\n\tunlock r\n\tunlock r",
	"if trylock(m):\n\t\tunlock m",
	"if lockfor(m, 2):\n\t\tunlock m",
	"lock m\n\tif x == 0:\n\t\twait c, m\n\tunlock m",
	"lock m\n\tx = waitfor(c, m, 2)\n\tunlock m",
	"lock m\n\tsignal c\n\tunlock m",
	"signal c",
	"broadcast c",
	"rdlock rw\n\tlet v = x\n\tunlock rw",
	"wrlock rw\n\tx = 7\n\tunlock rw",
	"wait s",
	"post s",
	"let v = trywait(s)",
	"wait e",
	"set e",
	"clear e",
	"wait b",
	"put q, 1",
	"let v = get(q)",
	"let v = tryget(q)",
	"x = getfor(q, 1)",
	"put buf, 1",
	"let v = get(buf)",
	"arrive cd",
	"wait cd",
	"print \"p\"",
	"print x",
	"work \"w\"",
	"yield",
	"sleep 1",
	"assert x < 3",
	"assert y == 0, \"quiet\"",
	"atomic:\n\t\tx++\n\t\ty++",
	"atomic:\n\t\twait s\n\t\tset e",
	"atomic:\n\t\tsignal c",
	"lock m\n\tatomic:\n\t\tx = 1\n\t\tbroadcast c\n\tunlock m",
	"region R:\n\t\tx++",
	"start L",
	"start L\n\tjoin L",
	"join A",
	"join B",
	"by = 1\n\tx = bx",
	"bx = 1\n\tx = by",
	"unlock m",
	"y = 1 / x",
};

static const char *const small_loops[] = {
	"while x == 0:\n\t\tspin",
	"while n == 0:\n\t\tyield",
	"while bx == 0 and x == 0:\n\t\tspin",
	"while y == 0:\n\t\twork \"w\"",
	"while cas(n, 0, 1) == 0:\n\t\tspin\n\tn = 0",
	"loop:\n\t\tlock m\n\t\tif trylock(k):\n\t\t\tbreak\n"
	"\t\tunlock m\n\tunlock k\n\tunlock m",
	"loop:\n\t\tlock k\n\t\tif trylock(m):\n\t\t\tbreak\n"
	"\t\tunlock k\n\tunlock m\n\tunlock k",
	"lock m\n\twhile x == 0:\n\t\twait c, m\n\tunlock m",
	"loop:\n\t\tpost s\n\t\twait s",
	"loop:\n\t\tput q, 1\n\t\tlet v = get(q)",
	"while choose(0..1) == 0:\n\t\tyield",
	"loop:\n\t\tregion R:\n\t\t\tlet v = x",
};

#define SMALL_PICK(random, list) \
	((list)[small_draw((random), sizeof(list) / sizeof *(list))])

static void small_thread(uint64_t *random, const char *head, uint64_t most,
			 bool loops, struct str *out)
{
	uint64_t count = 1 + small_draw(random, most);

	str_addf(out, "%s\n", head);
	while (count-- > 0)
		str_addf(out, "\t%s\n",
			 loops && !small_draw(random, 4)
				 ? SMALL_PICK(random, small_loops)
				 : SMALL_PICK(random, small_statements));
}

static const char *small_pick(uint64_t *random, const char *a, const char *b)
{
	return small_draw(random, 2) ? a : b;
}

static void small_program(uint64_t seed, bool loops, struct str *out)
{
	uint64_t random = seed;

	str_add(out, "scenario \"t\"\n"
		     "shared x = 0, y = 0, a[2] = 0\n"
		     "atomic n = 0\n"
		     "buffered bx = 0, by = 0\n"
		     "mutex m, k\n"
		     "recursive mutex r\n"
		     "rwlock rw\n"
		     "cond c\n"
		     "sem s = 0\n"
		     "event e\n"
		     "barrier b = 2\n"
		     "queue q max 1\n"
		     "buffer buf max 1\n"
		     "countdown cd = 2\n");
	if (!small_draw(&random, 6))
		str_add(out, "option spurious\n");
	if (!small_draw(&random, 6))
		str_add(out, "option writers_first\n");
	if (!small_draw(&random, 6))
		str_add(out, "cooperative\n");
	switch (small_draw(&random, 4)) {
	case 0:
		small_thread(&random, "thread A, B:", 3, loops, out);
		break;
	case 1:
		small_thread(&random, "thread A, B, C:", 1, loops, out);
		break;
	default:
		small_thread(&random, "thread A:", 4, loops, out);
		small_thread(
			&random,
			small_pick(&random, "thread B:", "daemon thread B:"), 3,
			loops, out);
	}
	if (!small_draw(&random, 3))
		small_thread(&random,
			     small_pick(&random, "thread D[2]:", "process D:"),
			     1, loops, out);
	if (strstr(str_cstr(out), " L\n"))
		str_add(out,
			small_pick(&random, "later thread L:\n\tx = x + 1\n",
				   "later thread L:\n\tyield\n"));
	if (!small_draw(&random, 3))
		str_add(out, "finally x < 2\n");
	if (!small_draw(&random, 4))
		str_add(out, "always y < 3\n");
	if (!small_draw(&random, 4) && strstr(str_cstr(out), "region"))
		str_add(out, "never two in R\n");
	if (strstr(str_cstr(out), "\"p\"") && strstr(str_cstr(out), "\"w\""))
		str_add(out, "order \"p\" before \"w\"\n");
}

#endif
