/*
 * circles.c - livelock: all is as it was before, and nothing has been done.
 *
 * A state is what every thread has in its head and what every object holds.
 * If a run comes back to a state it was in, it can go round for ever. That is
 * a livelock if nothing was achieved on the way (no work, print, put, entry
 * to a region, end of a thread) and the schedule is not to blame: every thread
 * has moved, or could not at some point of the circle. Whoever only has not
 * been given a turn might still break it.
 *
 * States are kept since the last progress and compared byte for byte. Store
 * buffers and the order of sleepers are not in them: programs that have the
 * former are left out, and falling asleep counts as progress.
 */
#include "inside.h"

enum {
	STATES = 512,    /* kept at a time */
	THREAD_WORDS = 2, /* of a state, besides its registers */
	SPOT_WORDS = 5,
};

struct circles {
	struct view *v;
	struct scene scene;
	struct minds minds;
	size_t words;      /* of a state */
	int32_t *states;   /* STATES + 1 of them; the last one is new */
	uint32_t ends[STATES]; /* per state: events up to there */
	size_t count;
};

/* ---- states ------------------------------------------------------------ */

static size_t thread_words(const struct view *v, size_t t)
{
	size_t regs = v->p->threads.data[t].regs;

	return THREAD_WORDS + (regs < LIMIT_REGS ? regs : LIMIT_REGS);
}

/* Registers that are needed no more do not tell states apart. */
static int32_t *write_thread(const struct circles *x, size_t t, int32_t *to)
{
	const struct machine *m = &x->minds.machines[t];
	size_t regs = thread_words(x->v, t) - THREAD_WORDS;
	uint64_t live = m->state == MACHINE_PARKED
				? x->v->p->code.data[m->pc].live : 0;

	*to++ = (int32_t)((uint32_t)m->pc << 2 | (uint32_t)m->state);
	*to++ = (int32_t)m->regions;
	for (size_t r = 0; r < regs; r++)
		*to++ = live >> r & 1 ? m->regs[r] : 0;
	return to;
}

static int32_t *write_spot(const struct spot *s, int32_t *to)
{
	*to++ = s->value;
	*to++ = s->owner << 8 | s->depth;
	*to++ = s->unfinished;
	*to++ = (int32_t)(uint32_t)s->readers;
	*to++ = (int32_t)(uint32_t)(s->readers >> 32);
	return to;
}

static int32_t *state(const struct circles *x, size_t k)
{
	return x->states + k * x->words;
}

static void write_state(struct circles *x, int32_t *to)
{
	for (size_t t = 0; t < x->v->threads; t++)
		to = write_thread(x, t, to);
	for (uint32_t i = 0; i < x->v->places; i++)
		to = write_spot(&x->scene.spots[i], to);
}

/* ---- fairness ---------------------------------------------------------- */

static uint64_t movers(const struct view *v, uint32_t from, size_t to)
{
	uint64_t set = 0;

	for (size_t i = from; i < to; i++)
		if (is_own(&v->e[i]))
			set |= bit(v->e[i].thread);
	return set;
}

/* It has ended, sleeps, was not started, or had to wait on the way. */
static bool was_unable(const struct circles *x, size_t t, uint32_t from)
{
	const struct actor *a = &x->scene.actors[t];

	if (x->minds.machines[t].state != MACHINE_PARKED || actor_sleeps(a) ||
	    (x->v->p->threads.data[t].later && a->started == NOWHERE))
		return true;
	return a->wants != NOWHERE &&
	       (a->wants >= from || scene_blockers(&x->scene, (thread_id)t));
}

static bool is_fair(const struct circles *x, uint32_t from, uint64_t moved)
{
	/* Then nobody else has a turn before it yields, blocks or ends. */
	if (x->v->p->cooperative && !(moved & (moved - 1)))
		return true;
	for (size_t t = 0; t < x->v->threads; t++)
		if (!(moved & bit(t)) && !was_unable(x, t, from))
			return false;
	return true;
}

/* ---- in words ---------------------------------------------------------- */

/* What a thread saw last that sent it round again. */
static uint32_t turned_by(const struct view *v, size_t t, uint32_t from,
			  size_t to)
{
	uint32_t look = NOWHERE;

	for (size_t i = to; i-- > from;) {
		const struct event *e = &v->e[i];

		if (!is_own(e) || e->thread != t)
			continue;
		if (e->flags & (EVENT_FAILED | EVENT_TIMEOUT))
			return (uint32_t)i;
		if (look == NOWHERE && is_look(e))
			look = (uint32_t)i;
	}
	return look;
}

static bool only_look(const struct view *v, uint32_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		if (is_own(&v->e[i]) &&
		    (!is_look(&v->e[i]) || is_change(&v->e[i])))
			return false;
	return true;
}

static void say_round(struct view *v, uint32_t from, size_t at, uint64_t moved,
		      struct finding *f)
{
	unsigned begun = from ? v->e[from - 1].step : 0;
	struct str deeds = {0};

	for (size_t t = 0, k = 0; t < v->threads; t++) {
		uint32_t i = moved & bit(t) ? turned_by(v, t, from, at + 1)
					    : NOWHERE;

		if (i == NOWHERE)
			continue;
		str_addf(&deeds, "%s%s %s", k ? ", " : ": ",
			 say_thread(v, (thread_id)t), say_deed(v, i));
		if (k < 2)
			finding_event(f, k, i);
		k++;
	}
	if (begun)
		finding_what(f, "All is as after step %u%s.", begun,
			     str_cstr(&deeds));
	else
		finding_what(f, "All is as at the start%s.",
			     str_cstr(&deeds));
	str_free(&deeds);
}

static void report(struct circles *x, uint32_t from, size_t at, uint64_t moved,
		   struct finding_list *out)
{
	struct view *v = x->v;
	bool one = !(moved & (moved - 1)), look = only_look(v, from, at + 1);
	struct finding *f = finding_add(out, v, FINDING_LIVELOCK, at, NOWHERE);

	f->threads = moved;
	say_round(v, from, at, moved, f);
	finding_why(f, "%s %s: for ever.",
		    say_threads(v, moved),
		    look ? one ? "only looks, and nobody changes what it sees"
			       : "only look, and wait for each other"
			 : one ? "takes back all that it does"
			       : "take back all that they do");
	finding_fix(f, "%s", *v->p->fix ? v->p->fix
					: "let one of them go first, or wait a "
					  "random while before it tries again");
}

/* ---- the fold ---------------------------------------------------------- */

static bool is_progress(const struct circles *x, const struct event *e,
			uint32_t regions)
{
	return e->kind == EVENT_END || e->kind == EVENT_WOKEN ||
	       e->kind == OP_SLEEP_ON || e->kind == OP_START ||
	       (is_own(e) && (op_info[e->kind].flags & OP_P ||
			      x->minds.machines[e->thread].regions &
				      ~regions));
}

/* Event i is the last of its step, marks included, and the run goes on. */
static bool is_whole(const struct view *v, size_t i)
{
	return v->e[i].kind != EVENT_VERDICT &&
	       (i + 1 == v->n || v->e[i + 1].step != v->e[i].step);
}

/* The earliest time it was like this; true if it is a livelock. */
static bool look_back(struct circles *x, size_t at, struct finding_list *out)
{
	size_t bytes = x->words * sizeof(int32_t);
	const int32_t *now = state(x, x->count);
	uint64_t moved;

	for (size_t k = 0; k < x->count; k++) {
		if (memcmp(state(x, k), now, bytes) != 0)
			continue;
		moved = movers(x->v, x->ends[k], at + 1);
		if (!is_fair(x, x->ends[k], moved))
			return false;
		report(x, x->ends[k], at, moved, out);
		return true;
	}
	if (x->count < STATES)
		x->ends[x->count++] = (uint32_t)at + 1;
	return false;
}

static bool step(struct circles *x, size_t i, struct finding_list *out)
{
	const struct event *e = &x->v->e[i];
	uint32_t regions = e->thread < x->v->threads
				   ? x->minds.machines[e->thread].regions : 0;

	scene_step(&x->scene, i);
	minds_step(&x->minds, i);
	if (is_progress(x, e, regions))
		x->count = 0;
	if (!is_whole(x->v, i) || x->minds.lost[e->thread])
		return false;
	write_state(x, state(x, x->count));
	return look_back(x, i, out);
}

static bool has_buffers(const struct program *p)
{
	for (size_t i = 0; i < p->objects.count; i++)
		if (p->objects.data[i].buffered)
			return true;
	return false;
}

void circles_find(struct view *v, struct finding_list *out)
{
	struct circles x = {.v = v, .words = SPOT_WORDS * v->places};

	if (has_buffers(v->p))
		return;
	for (size_t t = 0; t < v->threads; t++)
		x.words += thread_words(v, t);
	x.states = xmalloc((STATES + 1) * x.words * sizeof *x.states);
	scene_init(&x.scene, v);
	minds_init(&x.minds, v);
	if (v->n && v->e[0].step) { /* else marks of the start come first */
		write_state(&x, state(&x, 0));
		x.ends[x.count++] = 0;
	}
	for (size_t i = 0; i < v->n && !step(&x, i, out); i++)
		continue;
	minds_fini(&x.minds);
	scene_fini(&x.scene);
	free(x.states);
}
