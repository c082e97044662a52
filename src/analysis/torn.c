/*
 * torn.c - torn reads: one half old, the other new.
 *
 * A reader reads x, then y; a writer writes both. If both writes come between
 * the two reads, the reader has an old x and a new y; if it reads both between
 * the writes, a new one and an old one. That alone is no mistake: a seqlock
 * reads and throws away, and whoever only decides by what it has read may be
 * meant to see it so. It is one if the reader then writes, prints or asserts
 * what it would have done neither with both old nor with both new values: its
 * private code is run again with either (see machine.c), and where that would
 * have taken another way nothing is said.
 */
#include "inside.h"

enum {
	RUN_MAX = 8,      /* reads in a row that are looked at */
	WRITER_READS = 4, /* reads of a writer between its two writes */
	TORN_MAX = 100,   /* findings in one run */
};

struct torn {
	struct view *v;
	struct minds minds;
	uint32_t *written;  /* per place: its last write */
	uint32_t *older;    /* per write: the write of that place before */
	uint32_t own[RUN_MAX]; /* reads in a row, the last one now */
	int32_t results[RUN_MAX];
	size_t count;
	size_t found;
	struct finding_list *out;
};

/* Reads own[first] and own[second] see half of what the writer wrote. */
struct halves {
	size_t first, second;
	uint32_t write;     /* of the first one's variable */
	uint32_t other;     /* of the second's, or NOWHERE: still to come */
	int32_t old_value, new_value; /* of the read to be put right */
};

/* ---- the two ways ------------------------------------------------------ */

static uint32_t place_of_read(const struct torn *x, size_t k)
{
	return view_place_at(x->v, x->own[k]);
}

/* The value of the place before step `at`. */
static int32_t value_before(const struct torn *x, uint32_t place, uint32_t at)
{
	uint32_t w = x->written[place];

	while (w != NOWHERE && w >= at)
		w = x->older[w];
	return w == NOWHERE ? view_initial(x->v, place) : x->v->e[w].value;
}

/* Both writes by one thread, between the two reads. */
static bool wrote_between(const struct torn *x, struct halves *h)
{
	const struct event *e = x->v->e;
	uint32_t a = x->own[h->first], b = x->own[h->second];
	uint32_t wx = x->written[place_of_read(x, h->first)];
	uint32_t wy = x->written[place_of_read(x, h->second)];

	if (wx == NOWHERE || wy == NOWHERE || wx < a || wy < a || wy > b ||
	    e[wx].thread != e[wy].thread || e[wx].thread == e[a].thread)
		return false;
	h->write = wx;
	h->other = wy;
	h->old_value = value_before(x, place_of_read(x, h->second), a);
	h->new_value = e[wx].value;
	return true;
}

/* What the writer is about to write to the place; reads on the way are
 * answered from memory. */
static bool will_write(const struct torn *x, thread_id t, uint32_t place,
		       int32_t *value)
{
	struct machine m = x->minds.machines[t];

	for (int n = 0; n <= WRITER_READS && m.state == MACHINE_PARKED; n++) {
		const struct insn *i = &x->v->p->code.data[m.pc];
		uint32_t at = i->code == OP_READ || i->code == OP_WRITE
				      ? view_place(x->v, i->object,
						   machine_reg(&m, i->index))
				      : NOWHERE;

		if (at == NOWHERE || (i->code == OP_WRITE && at != place))
			return false;
		if (i->code == OP_WRITE) {
			*value = machine_reg(&m, i->a);
			return true;
		}
		machine_take(&m, x->v->p, t, value_before(x, at, NOWHERE));
	}
	return false;
}

/* The writer stands between its two writes, nothing but reads since. */
static bool writes_around(const struct torn *x, struct halves *h)
{
	const struct event *e = x->v->e;
	uint32_t a = x->own[h->first], b = x->own[h->second];
	uint32_t wx = x->written[place_of_read(x, h->first)];
	thread_id t;

	if (wx == NOWHERE || wx > a || e[wx].thread == e[a].thread)
		return false;
	t = e[wx].thread;
	for (uint32_t i = wx + 1; i < b; i++)
		if (is_own(&e[i]) && e[i].thread == t && e[i].kind != OP_READ)
			return false;
	if (x->minds.lost[t] ||
	    !will_write(x, t, place_of_read(x, h->second), &h->new_value))
		return false;
	h->write = wx;
	h->other = NOWHERE;
	h->old_value = value_before(x, place_of_read(x, h->first), wx);
	return true;
}

/* ---- does it matter? --------------------------------------------------- */

static bool same_print(const struct view *v, const struct insn *i,
		       const struct machine *a, const struct machine *b)
{
	const struct print *line = &v->p->prints.data[i->imm];

	for (size_t k = 0; k < line->count; k++)
		if (!line->parts[k].text &&
		    machine_reg(a, line->parts[k].reg) !=
			    machine_reg(b, line->parts[k].reg))
			return false;
	return true;
}

/* Its next deed carries values that others will see, and takes them as they
 * are. */
static bool publishes(const struct view *v, const struct machine *m)
{
	uint8_t code = v->p->code.data[m->pc].code;

	return m->state == MACHINE_STOPPED ||
	       (m->state == MACHINE_PARKED &&
		(code == OP_WRITE || code == OP_PRINT || code == OP_PUT ||
		 code == OP_BUF_PUT));
}

/* Both would do the same kind of thing, but not the same. */
static bool differ(const struct view *v, const struct machine *a,
		   const struct machine *b)
{
	const struct insn *i;

	if (a->state != b->state)
		return a->state == MACHINE_STOPPED;
	if (a->state != MACHINE_PARKED || a->pc != b->pc)
		return false;
	i = &v->p->code.data[a->pc];
	return machine_reg(a, i->a) != machine_reg(b, i->a) ||
	       (i->code == OP_PRINT && !same_print(v, i, a, b));
}

/* Whether, had read k given `value`, it would have done otherwise. */
static bool differs_with(const struct torn *x, const struct machine *now,
			 size_t k, int32_t value)
{
	int32_t results[RUN_MAX];
	struct machine m;

	memcpy(results, x->results, sizeof results);
	results[k] = value;
	return minds_again(&x->minds, x->own, x->count, results, &m) &&
	       differ(x->v, now, &m);
}

/*
 * Both writes between the reads: old needs the second read put right, new the
 * first. Reads between the writes: the other way round.
 */
static bool matters(const struct torn *x, const struct halves *h)
{
	bool between = h->other != NOWHERE;
	size_t late = between ? h->second : h->first;
	size_t early = between ? h->first : h->second;
	struct machine now;

	return minds_again(&x->minds, x->own, x->count, x->results, &now) &&
	       publishes(x->v, &now) &&
	       differs_with(x, &now, late, h->old_value) &&
	       differs_with(x, &now, early, h->new_value);
}

/* ---- in words ---------------------------------------------------------- */

static void report(struct torn *x, const struct halves *h)
{
	struct view *v = x->v;
	uint32_t a = x->own[h->first], b = x->own[h->second];
	const char *one = say_place(v, view_place_at(v, a));
	const char *two = say_place(v, view_place_at(v, b));
	const char *writer = say_thread(v, v->e[h->write].thread);
	const char *mutex = say_mutex_for(v, view_place_at(v, a));
	bool between = h->other != NOWHERE;
	struct finding *f;

	x->found++;
	f = finding_add(x->out, v, FINDING_TORN_READ, b, view_place_at(v, a));
	f->threads |= bit(v->e[h->write].thread);
	finding_event(f, 0, h->write);
	finding_event(f, 1, b);
	if (between)
		finding_event(f, 2, a);
	finding_what(f, "%s has read %s: %d, which is %s, and %s: %d, which is "
			"%s.", say_thread(v, v->e[b].thread), one,
		     v->e[a].value, between ? "old" : "new", two,
		     v->e[b].value, between ? "new" : "old");
	if (between)
		finding_why(f, "%s wrote both between the two reads (steps %u "
			       "and %u).", writer, v->e[h->write].step,
			    v->e[h->other].step);
	else
		finding_why(f, "%s has written %s (step %u), but not yet %s.",
			    writer, one, v->e[h->write].step, two);
	finding_fix(f, "hold %s around both writes and both reads (%s)",
		    mutex ? mutex : "one lock",
		    say_lines(v, view_line(v, a), view_line(v, b)));
}

/* ---- the fold ---------------------------------------------------------- */

/* The reads in a row that end with step i; fewer than two are none. */
static bool collect(struct torn *x, size_t i)
{
	const struct event *e = x->v->e;
	uint32_t at = (uint32_t)i, all[RUN_MAX];
	size_t n = RUN_MAX;

	while (n > 0 && at != NOWHERE && e[at].kind == OP_READ) {
		all[--n] = at;
		at = x->v->before[at];
	}
	x->count = RUN_MAX - n;
	memcpy(x->own, all + n, x->count * sizeof *x->own);
	for (size_t k = 0; k < x->count; k++)
		x->results[k] = e[x->own[k]].value;
	return x->count > 1;
}

/* Whether the thread goes on with something other than one more read. */
static bool is_last_read(const struct torn *x, thread_id t)
{
	const struct machine *m = &x->minds.machines[t];

	return !x->minds.lost[t] &&
	       (m->state != MACHINE_PARKED ||
		x->v->p->code.data[m->pc].code != OP_READ);
}

static void step_read(struct torn *x, size_t i)
{
	if (x->found == TORN_MAX || !is_last_read(x, x->v->e[i].thread) ||
	    !collect(x, i))
		return;
	for (size_t b = 1; b < x->count; b++)
		for (size_t a = 0; a < b; a++) {
			struct halves h = {.first = a, .second = b};

			if (place_of_read(x, a) == place_of_read(x, b) ||
			    !(wrote_between(x, &h) || writes_around(x, &h)) ||
			    !matters(x, &h))
				continue;
			report(x, &h);
			return;
		}
}

static void step(struct torn *x, size_t i)
{
	const struct event *e = &x->v->e[i];
	uint32_t place;

	minds_step(&x->minds, i);
	x->older[i] = NOWHERE;
	if (!is_step(e) || !succeeded(e))
		return;
	place = view_place_at(x->v, i);
	if (place == NOWHERE || view_kind(x->v, place)->kind != OBJECT_VAR)
		return;
	if (e->kind == EVENT_DRAIN ||
	    (is_change(e) && !view_kind(x->v, place)->buffered)) {
		x->older[i] = x->written[place];
		x->written[place] = (uint32_t)i;
	} else if (e->kind == OP_READ) {
		step_read(x, i);
	}
}

void torn_find(struct view *v, struct finding_list *out)
{
	struct torn x = {.v = v, .out = out};

	minds_init(&x.minds, v);
	x.written = xmalloc((v->places + 1) * sizeof *x.written);
	x.older = xmalloc((v->n + 1) * sizeof *x.older);
	memset(x.written, 0xff, (v->places + 1) * sizeof *x.written);
	for (size_t i = 0; i < v->n; i++)
		step(&x, i);
	minds_fini(&x.minds);
	free(x.written);
	free(x.older);
}
