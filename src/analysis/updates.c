/*
 * updates.c - lost updates: a write that is based on a value long gone.
 *
 * A thread reads a variable, another one writes it, then the first writes what
 * it made of the value it had read: the write between is lost. Not every write
 * after an old read is one, though: Peterson's lock writes `turn` again and
 * again without caring what it was. So the thread's private code is run once
 * more from its read with the value that was there just before its write (see
 * machine.c). If it would have written the same, nothing was lost. If it would
 * have written something else, that is what should stand there. If it would not
 * have come to write at all, it acted on a check that no longer held; that
 * counts only if it did nothing but look around in between. The same is asked
 * of a check before the last read: the write then loses nothing, but should not
 * have come.
 *
 * A write to a buffered variable is judged when it reaches memory.
 */
#include "inside.h"

enum {
	SPAN_MAX = 64,     /* own steps between the read and the write */
	UPDATES_MAX = 200, /* findings in one run */
};

struct stored { /* waits in a store buffer */
	uint32_t write, read;
};

struct updates {
	struct view *v;
	struct minds minds;
	uint32_t *written; /* per place: what memory holds came from here */
	uint32_t *read;    /* per thread and place: its last read */
	VEC(struct stored) *stores; /* per thread, oldest first */
	struct finding_list *out;
	size_t found;
};

/* One suspicion. */
struct update {
	uint32_t place;
	uint32_t read;  /* T reads */
	uint32_t other; /* U writes */
	uint32_t write; /* T writes */
	uint32_t at;    /* and it is in memory */
	uint32_t own[SPAN_MAX]; /* T's steps from the read to the write */
	size_t count;
	int32_t should; /* what T would have written instead */
};

static uint32_t *last_read(struct updates *u, thread_id t, uint32_t place)
{
	return &u->read[(size_t)t * u->v->places + place];
}

/* ---- judging ----------------------------------------------------------- */

/* T's own steps from its read up to, not with, its write; oldest first. */
static bool collect(const struct view *v, struct update *x)
{
	uint32_t i = x->write;
	size_t n = SPAN_MAX;

	while (i != x->read && n > 0) {
		i = v->before[i];
		if (i == NOWHERE)
			return false;
		x->own[--n] = i;
	}
	if (i != x->read)
		return false;
	x->count = SPAN_MAX - n;
	memmove(x->own, x->own + n, x->count * sizeof *x->own);
	return true;
}

/* Changes nothing and waits for nobody. */
static bool is_quiet(const struct event *e)
{
	return (is_look(e) && !is_change(e)) || e->kind == OP_PRINT ||
	       e->kind == OP_WORK || e->kind == OP_SLEEP ||
	       e->kind == OP_YIELD || e->kind == OP_CHOOSE ||
	       e->kind == OP_ATOMIC;
}

static bool only_looked(const struct view *v, const struct update *x)
{
	for (size_t k = 1; k < x->count; k++)
		if (!is_quiet(&v->e[x->own[k]]))
			return false;
	return true;
}

static int32_t memory_now(const struct updates *u, uint32_t place)
{
	uint32_t w = u->written[place];

	return w == NOWHERE ? view_initial(u->v, place) : u->v->e[w].value;
}

/* What a quiet operation would give at this moment; false if it is none. */
static bool answer(const struct updates *u, const struct machine *m,
		   int32_t *result)
{
	const struct insn *i = &u->v->p->code.data[m->pc];
	struct event e = {.kind = i->code};
	uint32_t place = NOWHERE;

	*result = 0;
	if (i->code == OP_READ)
		place = view_place(u->v, i->object, machine_reg(m, i->index));
	if (place != NOWHERE)
		*result = memory_now(u, place);
	return place != NOWHERE || (is_quiet(&e) && !is_look(&e));
}

/* Whether, with the new value at its read, it comes to the write all the same,
 * be it sooner or later. */
static bool acts_anyway(const struct updates *u, const struct update *x)
{
	const struct view *v = u->v;
	thread_id t = v->e[x->write].thread;
	int32_t result = v->e[x->other].value;
	struct machine m;

	if (!minds_again(&u->minds, x->own, 1, &result, &m))
		return true;
	for (int n = 0; n < SPAN_MAX && m.state == MACHINE_PARKED; n++) {
		if (m.pc == v->e[x->write].pc)
			return true;
		if (!answer(u, &m, &result))
			return false;
		machine_take(&m, v->p, t, result);
	}
	return false;
}

enum judgement { HARMLESS, STALE_VALUE, STALE_CHECK, STALE_DECISION };

static enum judgement judge(const struct updates *u, struct update *x)
{
	const struct view *v = u->v;
	const struct event *w = &v->e[x->write];
	const struct insn *insn = &v->p->code.data[w->pc];
	int32_t results[SPAN_MAX];
	struct machine m;

	if (u->minds.known_at[x->read] == NOWHERE)
		return HARMLESS;
	for (size_t k = 0; k < x->count; k++)
		results[k] = event_result(&v->e[x->own[k]]);
	results[0] = v->e[x->other].value;
	if (!minds_redo(&u->minds, x->own, x->count, results, w->pc, &m))
		return only_looked(v, x) && !acts_anyway(u, x) ? STALE_CHECK
							       : HARMLESS;
	x->should = machine_reg(&m, insn->a);
	return x->should == w->value ? HARMLESS : STALE_VALUE;
}

/* ---- in words ---------------------------------------------------------- */

/* Whether step i wrote its variable one up from the thread's last read. */
static bool adds_one(const struct updates *u, uint32_t i)
{
	const struct view *v = u->v;
	uint32_t r = v->before[i];

	return v->e[i].kind == OP_WRITE && r != NOWHERE &&
	       v->e[r].kind == OP_READ &&
	       view_place_at(v, r) == view_place_at(v, i) &&
	       (int64_t)v->e[i].value - 1 == v->e[r].value;
}

static void say_value(struct updates *u, const struct update *x,
		      struct finding *f)
{
	struct view *v = u->v;
	const char *name = say_place(v, x->place);
	const char *me = say_thread(v, v->e[x->write].thread);
	const char *it = say_thread(v, v->e[x->other].thread);
	int32_t old = v->e[x->other].value, new = v->e[x->write].value;

	if (adds_one(u, x->write) && adds_one(u, x->other) && old == new)
		finding_what(f, "%s writes %d over %s's %d, not %d. Two "
				"increments, but %s went up by one.", me, new,
			     it, old, x->should, name);
	else
		finding_what(f, "%s writes %s = %d over %s's %d. Reading it "
				"now, it would write %d.", me, name, new, it,
			     old, x->should);
	finding_why(f, "%s's value is from its read at step %u, stale since "
		       "%s's write (step %u).", me, v->e[x->read].step, it,
		    v->e[x->other].step);
}

/* It has read the newest value, but had decided by an older one. */
static void say_decision(struct updates *u, const struct update *x,
			 struct finding *f)
{
	struct view *v = u->v;
	const char *name = say_place(v, x->place);
	const char *me = say_thread(v, v->e[x->write].thread);

	finding_what(f, "%s writes %s = %d, but its check (step %u) saw %d; "
			"then it was %d.", me, name, v->e[x->write].value,
		     v->e[x->read].step, v->e[x->read].value,
		     v->e[x->other].value);
	finding_why(f, "%s came between the check and the act (step %u): it no "
		       "longer holds.",
		    say_thread(v, v->e[x->other].thread),
		    v->e[x->other].step);
}

static void say_check(struct updates *u, const struct update *x,
		      struct finding *f)
{
	struct view *v = u->v;
	const char *name = say_place(v, x->place);
	const char *me = say_thread(v, v->e[x->write].thread);
	const char *it = say_thread(v, v->e[x->other].thread);

	finding_what(f, "%s writes %s = %d over %s's %d, which it has not "
			"seen.", me, name, v->e[x->write].value, it,
		     v->e[x->other].value);
	finding_why(f, "%s decided at step %u, when %s was %d. Now it would "
		       "not do it.", me, v->e[x->read].step, name,
		    v->e[x->read].value);
}

static bool is_sum(const struct updates *u, const struct update *x)
{
	const struct view *v = u->v;

	return x->count == 1 && v->e[x->read].kind == OP_READ &&
	       (int64_t)x->should - v->e[x->write].value ==
		       (int64_t)v->e[x->other].value - v->e[x->read].value;
}

static void say_fix(struct updates *u, const struct update *x,
		    struct finding *f, enum judgement how)
{
	struct view *v = u->v;
	const char *mutex = say_mutex_for(v, x->place);
	const char *name = say_place(v, x->place);
	unsigned r = view_line(v, x->read), w = view_line(v, x->write);
	int64_t step = (int64_t)v->e[x->write].value - v->e[x->read].value;

	if (!mutex)
		mutex = "one lock";
	if (how == STALE_VALUE && is_sum(u, x))
		finding_fix(f, "hold %s from read to write, or use "
			       "fetch_add(%s, %lld)", mutex, name,
			    (long long)step);
	else if (how == STALE_CHECK && x->count == 1)
		finding_fix(f, "hold %s from line %u to %u, or use "
			       "cas(%s, %d, %d)", mutex, r, w, name,
			    v->e[x->read].value, v->e[x->write].value);
	else if (how == STALE_VALUE)
		finding_fix(f, "hold %s from the read to the write (%s)",
			    mutex, say_lines(v, r, w));
	else
		finding_fix(f, "hold %s from the check to the write (%s)",
			    mutex, say_lines(v, r, w));
}

static void report(struct updates *u, const struct update *x,
		   enum judgement how)
{
	struct finding *f;

	u->found++;
	f = finding_add(u->out, u->v,
			how == STALE_DECISION ? FINDING_CHECK_THEN_ACT
					      : FINDING_LOST_UPDATE,
			x->at, x->place);
	f->threads |= bit(u->v->e[x->other].thread);
	finding_event(f, 0, x->other);
	finding_event(f, 1, x->at);
	finding_event(f, 2, x->read);
	if (how == STALE_DECISION)
		say_decision(u, x, f);
	else if (how == STALE_CHECK)
		say_check(u, x, f);
	else
		say_value(u, x, f);
	say_fix(u, x, f, how);
}

/* ---- the fold ---------------------------------------------------------- */

/* Whether the thread passed the instruction of its step i again before `end`:
 * then the later time counts. */
static bool came_again(const struct view *v, uint32_t i, uint32_t end)
{
	for (uint32_t k = v->before[end]; k != i; k = v->before[k])
		if (v->e[k].pc == v->e[i].pc)
			return true;
	return false;
}

/* An older read of the same, nothing but looking around since; NOWHERE: none
 * that is older than what the other thread wrote. */
static uint32_t older_read(const struct updates *u, const struct update *x)
{
	const struct view *v = u->v;
	uint32_t i = v->before[x->write];
	int n = SPAN_MAX;

	for (; i != NOWHERE && is_quiet(&v->e[i]) && n-- > 0; i = v->before[i])
		if (i < x->other && v->e[i].kind == OP_READ &&
		    view_place_at(v, i) == x->place)
			return came_again(v, i, x->write) ? NOWHERE : i;
	return NOWHERE;
}

static enum judgement judge_decision(const struct updates *u,
				     struct update *x)
{
	x->read = older_read(u, x);
	if (x->read == NOWHERE || !collect(u->v, x))
		return HARMLESS;
	return judge(u, x) == STALE_CHECK ? STALE_DECISION : HARMLESS;
}

/* The write reaches memory with event `at`. */
static void suspect(struct updates *u, struct stored s, uint32_t at,
		    uint32_t place)
{
	const struct event *e = u->v->e;
	struct update x = {.place = place, .read = s.read, .write = s.write,
			   .other = u->written[place], .at = at};
	enum judgement how;

	if (u->found == UPDATES_MAX || x.read == NOWHERE ||
	    x.other == NOWHERE ||
	    e[x.other].thread == e[x.write].thread)
		return;
	if (x.other < x.read)
		how = judge_decision(u, &x);
	else
		how = collect(u->v, &x) ? judge(u, &x) : HARMLESS;
	if (how != HARMLESS)
		report(u, &x, how);
}

static void step_write(struct updates *u, size_t i, uint32_t place)
{
	thread_id t = u->v->e[i].thread;
	struct stored s = {(uint32_t)i, *last_read(u, t, place)};

	if (view_kind(u->v, place)->buffered) {
		vec_push(&u->stores[t], s);
		return;
	}
	suspect(u, s, (uint32_t)i, place);
	u->written[place] = (uint32_t)i;
}

static void step_drain(struct updates *u, size_t i, uint32_t place)
{
	thread_id t = u->v->e[i].thread;

	if (u->stores[t].len) {
		suspect(u, u->stores[t].data[0], (uint32_t)i, place);
		memmove(u->stores[t].data, u->stores[t].data + 1,
			--u->stores[t].len * sizeof *u->stores[t].data);
	}
	u->written[place] = (uint32_t)i;
}

static void step(struct updates *u, size_t i)
{
	const struct event *e = &u->v->e[i];
	uint32_t place;

	minds_step(&u->minds, i);
	if (!is_step(e) || e->flags & EVENT_CRASH)
		return;
	place = view_place_at(u->v, i);
	if (place == NOWHERE || view_kind(u->v, place)->kind != OBJECT_VAR)
		return;
	if (e->kind == OP_WRITE)
		step_write(u, i, place);
	else if (e->kind == EVENT_DRAIN)
		step_drain(u, i, place);
	else if (is_change(e))
		u->written[place] = (uint32_t)i;
	if (e->kind == OP_READ)
		*last_read(u, e->thread, place) = (uint32_t)i;
	else if (is_indivisible(e))
		*last_read(u, e->thread, place) = NOWHERE;
}

void updates_find(struct view *v, struct finding_list *out)
{
	struct updates u = {.v = v, .out = out};
	size_t looks = v->threads * v->places;

	minds_init(&u.minds, v);
	u.written = xmalloc((v->places + 1) * sizeof *u.written);
	u.read = xmalloc((looks + 1) * sizeof *u.read);
	u.stores = xcalloc(v->threads + 1, sizeof *u.stores);
	memset(u.written, 0xff, v->places * sizeof *u.written);
	memset(u.read, 0xff, looks * sizeof *u.read);
	for (size_t i = 0; i < v->n; i++)
		step(&u, i);
	for (size_t t = 0; t < v->threads; t++)
		vec_free(&u.stores[t]);
	minds_fini(&u.minds);
	free(u.written);
	free(u.read);
	free(u.stores);
}
