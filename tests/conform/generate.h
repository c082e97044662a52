/*
 * generate.h - random scenarios that use everything the language has.
 *
 * What comes out is always a correct text, but not a sensible program: it may
 * deadlock, crash, violate or run for ever. Most locks are paired and most
 * waits guarded, so that most runs get somewhere; some are not, because the
 * crashes are to be compared too. The same seed gives the same text.
 */
#ifndef CONFORM_GENERATE_H
#define CONFORM_GENERATE_H

#include "threadviz/str.h"

struct generator {
	uint64_t random;
	struct str *out;
	bool process; /* it has copies; a plain buffer cannot be shared */
	int locals;   /* names v0 .. that are known */
	int depth;
};

static uint64_t draw(struct generator *g, uint64_t n)
{
	uint64_t z = g->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

static void block(struct generator *g, int indent, int statements);

static void put_line(struct generator *g, int indent, const char *text)
{
	str_pad(g->out, '\t', indent);
	str_addf(g->out, "%s\n", text);
}

/* A fixed line, chosen from several. */
#define PICK(g, ...) \
	((const char *const[]){__VA_ARGS__}[draw( \
		(g), sizeof((const char *const[]){__VA_ARGS__}) / \
			     sizeof(const char *))])

static void add_index(struct generator *g)
{
	str_addf(g->out, "[%s]",
		 draw(g, 40) ? PICK(g, "0", "1", "me % 2", "x % 2 * 0") : "7");
}

static void add_variable(struct generator *g)
{
	switch (draw(g, 8)) {
	case 0:
		str_add(g->out, "y");
		break;
	case 1:
		str_add(g->out, "n");
		break;
	case 2:
		str_add(g->out, "bx");
		break;
	case 3:
		str_add(g->out, "by");
		add_index(g);
		break;
	case 4:
		str_add(g->out, "a");
		add_index(g);
		break;
	default:
		str_add(g->out, "x");
	}
}

static void add_value(struct generator *g)
{
	switch (draw(g, 6)) {
	case 0:
	case 1:
		add_variable(g);
		break;
	case 2:
		if (g->locals) {
			str_addf(g->out, "v%d",
				 (int)draw(g, (uint64_t)g->locals));
			break;
		}
		/* fall through */
	case 3:
		str_add(g->out, "me");
		break;
	default:
		str_addf(g->out, "%d", (int)draw(g, 4));
	}
}

static void add_expression(struct generator *g)
{
	add_value(g);
	if (draw(g, 2))
		return;
	str_add(g->out, PICK(g, " + ", " - ", " * ", " == ", " < ", " and "));
	add_value(g);
	if (!draw(g, 30))
		str_add(g->out, " / y");
}

/* Everything that gives a value and is one step. */
static const char *call(struct generator *g)
{
	if (!g->process && draw(g, 4) == 0)
		return PICK(g, "empty(buf)", "full(buf)", "size(buf)");
	return PICK(g, "xchg(n, 2)", "cas(x, 0, 1)", "cas(n, 1, 2)",
		    "fetch_add(n, 1)", "fetch_add(bx, 2)", "xchg(a[1], 3)",
		    "trywait(s)", "trywait(t)", "isset(e)", "tryget(q)",
		    "tryput(q, 4)", "getfor(q, 2)", "empty(q)", "full(q)",
		    "size(w)", "choose(0..2)", "choose(-1..1)", "tryput(w, 1)",
		    "getfor(w, 1)", "select(q, w)");
}

static void add_let(struct generator *g, int indent)
{
	int v = (int)draw(g, 3);

	v = v > g->locals ? g->locals : v;
	str_pad(g->out, '\t', indent);
	str_addf(g->out, "let v%d = ", v);
	if (draw(g, 2))
		add_expression(g);
	else
		str_add(g->out, call(g));
	str_addc(g->out, '\n');
	if (v == g->locals && !g->depth)
		g->locals++;
}

static void add_assignment(struct generator *g, int indent)
{
	str_pad(g->out, '\t', indent);
	add_variable(g);
	if (!draw(g, 3)) {
		str_add(g->out, "++\n");
		return;
	}
	str_add(g->out, PICK(g, " = ", " = ", " += ", " -= "));
	add_expression(g);
	str_addc(g->out, '\n');
}

/* Something inside a lock and its unlock. */
static void add_locked(struct generator *g, int indent)
{
	static const char *const pairs[][2] = {
		{"lock m", "unlock m"},
		{"lock k[0]", "unlock k[0]"},
		{"lock k[1]", "unlock k[1]"},
		{"lock r", "unlock r"},
		{"lock pi", "unlock pi"},
		{"rdlock rw", "unlock rw"},
		{"wrlock rw", "unlock rw"},
		{"rdlock rw", "unlock rw"},
		{"lock k[me % 2]", "unlock k[me % 2]"},
	};
	size_t i = (size_t)draw(g, sizeof pairs / sizeof *pairs);

	if (draw(g, 30))
		put_line(g, indent, pairs[i][0]);
	block(g, indent, 1 + (int)draw(g, 2));
	if (draw(g, 12))
		put_line(g, indent, pairs[i][1]);
}

static void add_try(struct generator *g, int indent)
{
	const char *m = PICK(g, "m", "k[0]", "r", "pi");

	str_pad(g->out, '\t', indent);
	str_addf(g->out,
		 draw(g, 2) ? "if trylock(%s):\n" : "if lockfor(%s, 3):\n", m);
	g->depth++;
	block(g, indent + 1, 1);
	g->depth--;
	str_pad(g->out, '\t', indent + 1);
	str_addf(g->out, "unlock %s\n", m);
}

static void add_condition(struct generator *g, int indent)
{
	const char *m = PICK(g, "m", "m", "r");

	str_pad(g->out, '\t', indent);
	str_addf(g->out, "lock %s\n", m);
	if (!draw(g, 5)) {
		str_pad(g->out, '\t', indent);
		str_addf(g->out, "lock %s\n", PICK(g, "r", "m"));
	}
	if (draw(g, 2))
		put_line(g, indent,
			 PICK(g, "while x == 0:", "if y < 2:", "while n < 1:"));
	else
		put_line(g, indent, "if true:");
	str_pad(g->out, '\t', indent + 1);
	if (draw(g, 2))
		str_addf(g->out, "wait c, %s\n", m);
	else
		str_addf(g->out, "let z = waitfor(c, %s, 3)\n", m);
	if (draw(g, 2))
		put_line(g, indent, "x = 1");
	put_line(g, indent, PICK(g, "signal c", "broadcast c", "y++"));
	str_pad(g->out, '\t', indent);
	str_addf(g->out, "unlock %s\n", m);
}

static void add_atomic(struct generator *g, int indent)
{
	put_line(g, indent, "atomic:");
	switch (draw(g, 6)) {
	case 0:
		put_line(g, indent + 1, "lock m");
		put_line(g, indent + 1, "x++");
		put_line(g, indent + 1, "unlock m");
		return;
	case 1:
		put_line(g, indent + 1, "wait s");
		put_line(g, indent + 1, "signal c");
		return;
	case 2:
		put_line(g, indent + 1, "put q, 6");
		return;
	case 3:
		put_line(g, indent + 1, "x = y");
		put_line(g, indent + 1, PICK(g, "wait t", "lock m", "post s"));
		return;
	default:
		add_assignment(g, indent + 1);
		add_assignment(g, indent + 1);
	}
}

static void add_control(struct generator *g, int indent)
{
	g->depth++;
	switch (draw(g, 3)) {
	case 0:
		put_line(g, indent, "repeat 2:");
		block(g, indent + 1, 1 + (int)draw(g, 2));
		break;
	case 1:
		str_pad(g->out, '\t', indent);
		str_add(g->out, "if ");
		add_expression(g);
		str_add(g->out, ":\n");
		block(g, indent + 1, 1);
		put_line(g, indent, "else:");
		block(g, indent + 1, 1);
		break;
	default:
		put_line(g, indent, "region R:");
		block(g, indent + 1, 1 + (int)draw(g, 2));
	}
	g->depth--;
}

static const char *plain_line(struct generator *g)
{
	if (!draw(g, 80))
		return PICK(g, "unlock m", "unlock rw", "unlock r", "done q",
			    "arrive cd", "post t", "let u = 1 / (x - x)",
			    "let u = a[9]", "assert x < 3, \"small\"",
			    "put buf, 8", "let u = get(buf)");
	if (!draw(g, 5)) /* what often waits for ever */
		return PICK(g, "wait s", "wait t", "wait e", "wait b",
			    "wait cd", "join w", "put q, 1", "let u = get(w)",
			    "let u = get(q)", "join A", "clear e", "join L");
	return PICK(g, "post s", "set e", "signal c", "broadcast c", "put w, x",
		    "put w, 2", "done w", "wait cd", "fence", "yield",
		    "sleep 2", "work \"job\"", "work \"job\", 3",
		    "print \"x\", x", "print \"me\", me", "arrive cd", "x++",
		    "bx = 1", "by[1] = 2", "bx++", "start L");
}

/* A store that may still be on its way when it is read. */
static void add_store(struct generator *g, int indent)
{
	put_line(g, indent, PICK(g, "bx = 7", "by[0] = me + 5", "bx += 3"));
	if (draw(g, 2))
		put_line(g, indent, PICK(g, "y = 3", "by[0] = 9", "bx = 4"));
	if (!draw(g, 6)) {
		put_line(g, indent, "set e");
		put_line(g, indent, "wait e");
	}
	put_line(g, indent, PICK(g, "let s0 = bx", "let s0 = by[0]", "x = bx"));
}

/* Guarded, but not safe: somebody else may come in between. */
static void add_buffer(struct generator *g, int indent)
{
	bool put = draw(g, 2);

	put_line(g, indent, put ? "if not full(buf):" : "if size(buf) > 0:");
	put_line(g, indent + 1, put ? "put buf, x" : "let z = get(buf)");
}

static void statement(struct generator *g, int indent)
{
	switch (draw(g, 16)) {
	case 0:
	case 1:
		add_locked(g, indent);
		break;
	case 2:
		add_try(g, indent);
		break;
	case 3:
		add_condition(g, indent);
		break;
	case 4:
		add_atomic(g, indent);
		break;
	case 5:
		if (g->depth < 2) {
			add_control(g, indent);
			break;
		}
		/* fall through */
	case 6:
	case 7:
		add_let(g, indent);
		break;
	case 8:
	case 9:
	case 10:
		add_assignment(g, indent);
		break;
	case 11:
		if (!g->process && draw(g, 2)) {
			add_buffer(g, indent);
			break;
		}
		/* fall through */
	case 12:
		add_store(g, indent);
		break;
	default:
		put_line(g, indent, plain_line(g));
	}
}

static void block(struct generator *g, int indent, int statements)
{
	for (int i = 0; i < statements; i++)
		statement(g, indent);
}

/* almost_last: a line that must be somewhere, or NULL. */
static void thread(struct generator *g, const char *head,
		   const char *almost_last)
{
	g->locals = 0;
	g->depth = 0;
	g->process = strstr(head, "process") != NULL;
	str_addf(g->out, "\n%s\n", head);
	block(g, 1, 2 + (int)draw(g, 5));
	if (!almost_last)
		return;
	put_line(g, 1, almost_last);
	block(g, 1, 1);
}

/* Appends a whole scenario to out. */
static void generate(uint64_t seed, struct str *out)
{
	struct generator g = {.random = seed, .out = out};
	uint64_t process = draw(&g, 4); /* 1: a later one; 2: one at once */

	str_addf(out, "scenario \"random %llu\"\n", (unsigned long long)seed);
	str_add(out, "shared x = 0, y = 1, a[3] = [1, 0, 2]\n"
		     "atomic n = 0\n"
		     "buffered bx = 0, by[2] = 0\n"
		     "mutex m, k[2]\n"
		     "recursive mutex r\n"
		     "mutex pi inherit\n"
		     "rwlock rw\n"
		     "cond c\n"
		     "sem s = 1\n"
		     "sem t = 0 max 2\n"
		     "event e\n"
		     "barrier b = 2\n"
		     "buffer buf max 2\n"
		     "queue q max 1\n"
		     "queue w\n"
		     "countdown cd = 2\n");
	if (!draw(&g, 8))
		str_add(out, "cooperative\n");
	if (!draw(&g, 4))
		str_add(out, "option spurious\n");
	if (!draw(&g, 4))
		str_add(out, "option writers_first\n");
	thread(&g, "thread A:", "start L");
	thread(&g, draw(&g, 2) ? "thread P[2]:" : "thread B, C:",
	       draw(&g, 2) ? "wait b" : NULL);
	if (!draw(&g, 3))
		thread(&g, "daemon thread D:", NULL);
	thread(&g, "later thread L:", process == 1 ? "start F" : NULL);
	if (process == 1 || process == 2)
		thread(&g,
		       process == 1 ? "later process F:" : "process F:", NULL);
	if (!draw(&g, 3) && strstr(str_cstr(out), "region R:"))
		str_add(out, "\nnever two in R\n");
	if (!draw(&g, 3))
		str_add(out, "\nalways a[0] < 5\nfinally bx + y < 9\n");
}

#endif
