/*
 * blame.c - what a thread had seen when it did what it should not have done.
 *
 * Two threads are where only one may be, or a value at the end is wrong, and
 * nothing written was lost. Then somebody had read something that was not so
 * any more, or not yet: the other's write still sat in its store buffer, or
 * came after the look. Of the many reads before, those are named with which the
 * thread, its private code run once more (see machine.c) with the other value,
 * would not have come there. Where nobody looked at anything, it is the permits
 * and locks in their hands that say why nothing kept them apart.
 */
#include "inside.h"

enum { SPAN_MAX = 64 }; /* own steps looked back over */

/* The thread's own steps from `first` up to `last`, oldest first; 0: too many,
 * or `first` is none of them. */
static size_t collect(const struct view *v, uint32_t first, uint32_t last,
		      uint32_t own[SPAN_MAX])
{
	size_t n = SPAN_MAX;
	uint32_t i;

	for (i = last; i != NOWHERE && n > 0; i = v->before[i]) {
		own[--n] = i;
		if (i == first)
			break;
	}
	if (i != first || i == NOWHERE)
		return 0;
	memmove(own, own + n, (SPAN_MAX - n) * sizeof *own);
	return SPAN_MAX - n;
}

/* Runs the thread again from its read with that value, up to and with its step
 * `last`; false: it goes another way. */
static bool again(const struct view *v, const struct minds *minds,
		  uint32_t read, int32_t value, uint32_t last,
		  struct machine *out)
{
	uint32_t own[SPAN_MAX];
	int32_t results[SPAN_MAX];
	size_t n = collect(v, read, last, own);

	for (size_t k = 0; k < n; k++)
		results[k] = event_result(&v->e[own[k]]);
	results[0] = value;
	return n && minds_again(minds, own, n, results, out);
}

bool blame_depends(const struct view *v, const struct minds *minds,
		   uint32_t read, int32_t value, uint32_t write)
{
	const struct insn *insn = &v->p->code.data[v->e[write].pc];
	uint32_t own[SPAN_MAX];
	struct machine m;

	if (write <= read || v->e[write].kind != OP_WRITE ||
	    minds->known_at[read] == NOWHERE || !collect(v, read, write, own))
		return false;
	if (!again(v, minds, read, value, v->before[write], &m))
		return true;
	return m.state != MACHINE_PARKED || m.pc != v->e[write].pc ||
	       machine_reg(&m, insn->a) != v->e[write].value;
}

/* ---- store buffers ----------------------------------------------------- */

/* How many of the thread's writes have gone into its store buffer, or out of
 * it again, before event `end`. */
static size_t count_stores(const struct view *v, thread_id t, bool out,
			   uint32_t end)
{
	size_t n = 0;

	for (uint32_t i = 0; i < end; i++) {
		const struct event *e = &v->e[i];
		uint32_t place = view_place_at(v, i);

		if (e->thread != t || place == NOWHERE || !is_step(e))
			continue;
		n += out ? e->kind == EVENT_DRAIN
			 : e->kind == OP_WRITE && view_kind(v, place)->buffered;
	}
	return n;
}

/* Whether that write is still in the buffer then: first in, first out. */
static bool is_stored(const struct view *v, uint32_t write, uint32_t then)
{
	thread_id t = v->e[write].thread;

	return count_stores(v, t, true, then) <=
	       count_stores(v, t, false, write);
}

uint32_t blame_hidden(const struct view *v, uint32_t read)
{
	uint32_t place = view_place_at(v, read);
	const struct event *r = &v->e[read];

	if (r->kind != OP_READ || place == NOWHERE ||
	    !view_kind(v, place)->buffered)
		return NOWHERE;
	for (uint32_t i = read; i-- > 0;) {
		const struct event *e = &v->e[i];

		if (e->kind == OP_WRITE && is_step(e) &&
		    e->thread != r->thread && e->value != r->value &&
		    view_place_at(v, i) == place && is_stored(v, i, read))
			return i;
	}
	return NOWHERE;
}

const char *blame_say_hidden(struct view *v, uint32_t read, uint32_t write)
{
	return say(v, "%s %s (step %u): %s's %d of step %u was still in its "
		      "buffer.",
		   say_thread(v, v->e[read].thread), say_deed(v, read),
		   v->e[read].step, say_thread(v, v->e[write].thread),
		   v->e[write].value, v->e[write].step);
}

const char *blame_say_fence(struct view *v, uint32_t write)
{
	return say(v,
		   "put a fence behind the write of %s (line %u): it "
		   "empties the buffer",
		   say_place(v, view_place_at(v, write)), view_line(v, write));
}

/* ---- the way in -------------------------------------------------------- */

/* How much a read explains, the most first. */
enum stale { STALE_HIDDEN, STALE_WHEN_USED, STALE_BY_NOW, STALE_NOT };

struct way_in {
	enum stale how;
	uint32_t read, write;
};

/* The first write of another value to it by another thread after the read. */
static uint32_t overwritten(const struct view *v, uint32_t read)
{
	uint32_t place = view_place_at(v, read);

	for (uint32_t i = read + 1; i < v->n; i++)
		if (is_change(&v->e[i]) && succeeded(&v->e[i]) &&
		    v->e[i].thread != v->e[read].thread &&
		    v->e[i].value != v->e[read].value &&
		    view_place_at(v, i) == place)
			return i;
	return NOWHERE;
}

/* The thread's next step after `after`, up to `end`, that changes something or
 * reads that place; NOWHERE: none. */
static uint32_t next_use(const struct view *v, uint32_t after, uint32_t end)
{
	uint32_t place = view_place_at(v, after), found = NOWHERE;

	for (uint32_t i = end; i != NOWHERE && i > after; i = v->before[i])
		if (is_change(&v->e[i]) ||
		    (v->e[i].kind == OP_READ && view_place_at(v, i) == place))
			found = i;
	return found;
}

static struct way_in judge(const struct view *v, uint32_t read, uint32_t entry)
{
	struct way_in w = {STALE_HIDDEN, read, blame_hidden(v, read)};
	uint32_t use;

	if (w.write != NOWHERE)
		return w;
	use = next_use(v, read, entry);
	w.write = overwritten(v, read);
	if (w.write == NOWHERE)
		w.how = STALE_NOT;
	else if (use == NOWHERE)
		w.how = STALE_BY_NOW;
	else
		w.how = is_change(&v->e[use]) && w.write < use ? STALE_WHEN_USED
							       : STALE_NOT;
	return w;
}

/* The read without which the thread would not have come in. */
static struct way_in way_in(const struct view *v, const struct minds *minds,
			    unsigned region, uint32_t entry)
{
	struct way_in best = {.how = STALE_NOT}, w;
	struct machine m;
	int n = SPAN_MAX;

	for (uint32_t i = entry; i != NOWHERE && n-- > 0; i = v->before[i]) {
		if (v->e[i].kind != OP_READ || view_place_at(v, i) == NOWHERE ||
		    v->e[i].flags & EVENT_ATOMIC)
			continue;
		w = judge(v, i, entry);
		if (w.how >= best.how ||
		    (again(v, minds, i, v->e[w.write].value, entry, &m) &&
		     m.regions >> (region & 31) & 1))
			continue;
		best = w;
	}
	return best;
}

static const char *say_way_in(struct view *v, const struct way_in *w)
{
	const struct event *r = &v->e[w->read], *e = &v->e[w->write];

	if (w->how == STALE_HIDDEN)
		return blame_say_hidden(v, w->read, w->write);
	return say(v,
		   "%s got in on %s = %d (step %u); %s made it %d at step %u.",
		   say_thread(v, r->thread),
		   say_place(v, view_place_at(v, w->read)), r->value, r->step,
		   say_thread(v, e->thread), e->value, e->step);
}

/* ---- locks and permits ------------------------------------------------- */

static bool has(const struct actor *a, uint32_t place, enum hold_mode mode)
{
	for (size_t k = 0; k < a->holds.len; k++)
		if (a->holds.data[k].place == place &&
		    a->holds.data[k].mode == mode)
			return true;
	return false;
}

/* What each of them holds in a way that lets several hold it; NOWHERE: none. */
static uint32_t common(const struct scene *s, uint64_t inside,
		       enum hold_mode mode)
{
	const struct actor *first = &s->actors[__builtin_ctzll(inside)];

	for (size_t k = 0; k < first->holds.len; k++) {
		uint32_t place = first->holds.data[k].place;
		bool all = true;

		for (size_t t = 0; t < s->v->threads; t++)
			all &= !(inside & bit(t)) ||
			       has(&s->actors[t], place, mode);
		if (all)
			return place;
	}
	return NOWHERE;
}

static const char *say_permit(struct view *v, const struct scene *s,
			      uint64_t inside, uint32_t place)
{
	uint32_t post = s->spots[place].freed;
	const char *who = say_threads(v, inside), *name = say_place(v, place);

	if (post == NOWHERE)
		return say(v,
			   "%s each hold a permit of %s: it has too many "
			   "from the start.",
			   who, name);
	return say(v,
		   "%s each hold a permit of %s; the last one came from %s "
		   "(step %u, line %u).",
		   who, name, say_thread(v, v->e[post].thread), v->e[post].step,
		   view_line(v, post));
}

/* "A holds m and n"; NULL: nothing */
static const char *say_held(struct view *v, const struct scene *s, thread_id t)
{
	const struct actor *a = &s->actors[t];
	const char *text = NULL;

	for (size_t k = 0; k < a->holds.len; k++) {
		const struct hold *h = &a->holds.data[k];
		const char *name = say_place(v, h->place);

		if (h->mode == HOLD_PERMIT)
			name = say(v, "a permit of %s", name);
		else if (h->mode == HOLD_SHARED)
			name = say(v, "%s for reading", name);
		text = text ? say(v, "%s and %s", text, name)
			    : say(v, "%s holds %s", say_thread(v, t), name);
	}
	return text;
}

static const char *say_holds(struct view *v, const struct scene *s,
			     uint64_t inside)
{
	const char *text = NULL;

	for (size_t t = 0; t < v->threads; t++) {
		const char *held =
			inside & bit(t) ? say_held(v, s, (thread_id)t) : NULL;

		if (held)
			text = text ? say(v, "%s, %s", text, held) : held;
	}
	if (!text)
		return say(v,
			   "Nothing keeps them apart: %s hold no lock "
			   "there.",
			   say_threads(v, inside));
	return say(v, "%s: only the same lock, taken by all, keeps others out.",
		   text);
}

/* In their hands it shows why nothing kept them apart. */
static void blame_hands(struct view *v, const struct scene *s, uint64_t inside,
			struct finding *f)
{
	uint32_t permit = common(s, inside, HOLD_PERMIT);
	uint32_t shared = common(s, inside, HOLD_SHARED);

	if (permit != NOWHERE) {
		finding_why(f, "%s", say_permit(v, s, inside, permit));
		finding_fix(f,
			    "post %s only once for each wait, and begin "
			    "with one permit",
			    say_place(v, permit));
	} else if (shared != NOWHERE) {
		finding_why(f,
			    "%s hold %s only for reading: that keeps no "
			    "other reader out.",
			    say_threads(v, inside), say_place(v, shared));
		finding_fix(f, "take %s for writing: wrlock %s",
			    say_place(v, shared), say_place(v, shared));
	} else {
		finding_why(f, "%s", say_holds(v, s, inside));
		finding_fix(f, "let one lock keep the others out");
	}
}

/* The ways in that explain most: two at most, for two lines. */
static bool blame_ways(struct view *v, const struct way_in *ways, size_t n,
		       struct finding *f)
{
	const struct way_in *best = &ways[0];
	const char *text = "";
	int said = 0;

	for (size_t k = 1; k < n; k++)
		if (ways[k].how < best->how)
			best = &ways[k];
	if (!n || best->how == STALE_NOT)
		return false;
	for (size_t k = 0; k < n; k++) {
		bool too = best->how == STALE_HIDDEN
				   ? ways[k].how == STALE_HIDDEN
				   : ways[k].how < STALE_NOT;

		if (too && said++ < 2)
			text = say(v, "%s%s%s", text, *text ? " " : "",
				   say_way_in(v, &ways[k]));
	}
	finding_event(f, 0, best->write);
	finding_event(f, 1, best->read);
	finding_why(f, "%s", text);
	if (best->how == STALE_HIDDEN)
		finding_fix(f, "%s", blame_say_fence(v, best->write));
	else
		finding_fix(f,
			    "look and act in one step, or hold one lock "
			    "from line %u on",
			    view_line(v, best->read));
	return true;
}

void blame_region(struct view *v, const struct minds *minds,
		  const struct scene *scene, uint64_t inside, unsigned region,
		  const uint32_t *entered, struct finding *f)
{
	struct way_in ways[LIMIT_THREADS];
	size_t n = 0;

	for (size_t t = 0; t < v->threads; t++)
		if (inside & bit(t) && entered[t] != NOWHERE)
			ways[n++] = way_in(v, minds, region, entered[t]);
	if (!blame_ways(v, ways, n, f))
		blame_hands(v, scene, inside, f);
}
