/*
 * story.c - from events to stretches of time.
 *
 * Events say what changed; a drawing needs from when to when something was so.
 * First everything is noted by event (this state begins with that one), which
 * also yields the arrows. Then each event gets its time: in a controlled run a
 * step is a slot of 1000 ns, in a free run an event is as wide as its arrows
 * need (1 ns each) and moves up a few ns where two of a thread would overlap.
 * Last, notes become times. Invariant: what belongs to one thread, or to one
 * lock, never overlaps and nests; viewers reject anything else.
 *
 * In a controlled run a thread's state follows from the steps; in a free run
 * the kernel says it, see lifeline.h.
 */
#include <stdlib.h>

#include "story.h"
#include "threadviz/arena.h"
#include "threadviz/lifeline.h"
#include "threadviz/stays.h"

enum { SLOT = 1000 }; /* ns of a step */

const char *const state_name[STATE_COUNT] = {
	"running", "ready", "blocked", "asleep", "idle",
};

/* A state that begins at the end of an event (or at its beginning). */
struct cut {
	size_t event; /* SIZE_MAX: at the start */
	place_id place;
	thread_id thread;
	uint8_t state;
	bool at_begin;
};

struct cuts VEC_OF(struct cut);

/* The same of a lock: from the end of this event on it is held so. */
struct grip {
	size_t event;
	place_id place;
	thread_id owner;
	uint64_t readers;
};

struct builder {
	struct story *story;
	struct spots spots;
	struct cuts cuts[LIMIT_THREADS];
	uint8_t state[LIMIT_THREADS];
	size_t wants[LIMIT_THREADS]; /* the mark of a blocked thread */
	VEC(struct grip) grips;
	struct grip *grip; /* by place: as it is now */
	struct stay *stays;
	uint32_t regions[LIMIT_THREADS];      /* which each thread is in */
	struct lifeline lines[LIMIT_THREADS]; /* of a free run */
};

/* ---- notes ------------------------------------------------------------- */

static void cut(struct builder *b, thread_id t, enum state state,
		place_id place, size_t event, bool at_begin)
{
	if (t >= LIMIT_THREADS)
		return;
	vec_push(&b->cuts[t], (struct cut){.event = event,
					   .place = place,
					   .thread = t,
					   .state = (uint8_t)state,
					   .at_begin = at_begin});
	b->state[t] = (uint8_t)state;
}

static void cut_after(struct builder *b, thread_id t, enum state state,
		      size_t event)
{
	cut(b, t, state, PLACE_NONE, event, false);
}

static void note_start(struct builder *b)
{
	const struct program *p = b->story->run->program;

	for (size_t t = 0; t < p->threads.count; t++)
		cut_after(b, (thread_id)t,
			  b->story->free || p->threads.data[t].later
				  ? STATE_IDLE
				  : STATE_READY,
			  SIZE_MAX);
}

static void note_mark(struct builder *b, size_t i)
{
	const struct event *e = &b->story->run->events[i];

	if (e->thread >= LIMIT_THREADS)
		return;
	if (e->flags & EVENT_WANTS) {
		b->wants[e->thread] = i;
		cut(b, e->thread, STATE_BLOCKED, story_place_at(b->story, e), i,
		    false);
	} else if (e->kind == EVENT_END) {
		cut_after(b, e->thread, STATE_IDLE, i);
	}
}

static void note_own(struct builder *b, size_t i)
{
	const struct event *e = &b->story->run->events[i];
	bool done = !(e->flags & (EVENT_CRASH | EVENT_FAILED));

	cut(b, e->thread, STATE_RUNNING, PLACE_NONE, i, true);
	if (e->kind == OP_SLEEP_ON && done)
		cut(b, e->thread, STATE_ASLEEP, story_place_at(b->story, e), i,
		    false);
	else
		cut_after(b, e->thread, STATE_READY, i);
	if (e->kind == OP_START && done)
		cut_after(b, e->other, STATE_READY, i);
}

/* Who could go on now that event i has happened. */
static void note_others(struct builder *b, size_t i)
{
	const struct event *events = b->story->run->events;

	for (size_t t = 0; t < b->story->run->program->threads.count; t++) {
		bool woken = b->state[t] == STATE_ASLEEP &&
			     b->spots.asleep[t] == PLACE_NONE;
		bool freed =
			b->state[t] == STATE_BLOCKED &&
			spots_free(&b->spots, &events[b->wants[t]], &events[i]);

		if (woken || freed)
			cut_after(b, (thread_id)t, STATE_READY, i);
	}
}

static void note_controlled(struct builder *b, size_t i)
{
	const struct event *e = &b->story->run->events[i];

	if (event_is_mark(e))
		note_mark(b, i);
	else if (e->kind < OP_COUNT)
		note_own(b, i);
	else if (e->kind == EVENT_WOKEN)
		cut_after(b, e->thread, STATE_READY, i);
	note_others(b, i);
}

/* What the thread waits for in this state. */
static place_id place_in(const struct builder *b, thread_id t, enum share state)
{
	const struct event *events = b->story->run->events;

	if (state == SHARE_ASLEEP)
		return b->spots.asleep[t];
	return state == SHARE_BLOCKED && b->wants[t] != SIZE_MAX
		       ? story_place_at(b->story, &events[b->wants[t]])
		       : PLACE_NONE;
}

static void note_free(struct builder *b, size_t i)
{
	static const uint8_t states[SHARES] = {
		[SHARE_RUNNING] = STATE_RUNNING,
		[SHARE_READY] = STATE_READY,
		[SHARE_BLOCKED] = STATE_BLOCKED,
		[SHARE_ASLEEP] = STATE_ASLEEP,
	};
	const struct event *e = &b->story->run->events[i];
	struct lifeline *line;
	enum share was;

	if (e->thread >= LIMIT_THREADS)
		return;
	line = &b->lines[e->thread];
	if (e->flags & EVENT_WANTS)
		b->wants[e->thread] = i;
	lifeline_take(line, e, &was);
	if (!event_is_mark(e)) /* who does something runs */
		cut(b, e->thread, STATE_RUNNING, PLACE_NONE, i, true);
	if (line->ended || !line->begun)
		cut_after(b, e->thread, STATE_IDLE, i);
	else
		cut(b, e->thread, (enum state)states[line->state],
		    place_in(b, e->thread, line->state), i, false);
}

static void note_grip(struct builder *b, place_id place, thread_id owner,
		      uint64_t readers, size_t i)
{
	struct grip *grip = &b->grip[place];

	if (grip->owner == owner && grip->readers == readers)
		return;
	*grip = (struct grip){i, place, owner, readers};
	vec_push(&b->grips, *grip);
}

static void note_lock(struct builder *b, place_id place, size_t i)
{
	const struct spot *spot = &b->spots.spot[place];

	if (place != PLACE_NONE)
		note_grip(b, place, spot->owner, spot->readers, i);
}

static void be_in(struct builder *b, thread_id t, uint32_t regions, size_t i)
{
	uint32_t change = b->regions[t] ^ regions;

	b->regions[t] = regions;
	for (unsigned r = 0; change >> r; r++) {
		place_id place = b->story->region_base + r;
		bool in = regions >> r & 1;

		if (change >> r & 1 && story_is_owned(b->story, place) &&
		    (in || b->grip[place].owner == t))
			note_grip(b, place, in ? t : THREAD_NONE, 0, i);
	}
}

static void note_regions(struct builder *b, size_t i)
{
	const struct event *e = &b->story->run->events[i];
	uint32_t sets[2];
	unsigned n = stays_along(b->stays, b->story->run->program, e, sets);

	for (unsigned k = 0; k < n; k++)
		be_in(b, e->thread, sets[k], i);
}

static void note(struct builder *b, size_t i)
{
	const struct event *e = &b->story->run->events[i];
	size_t cause = spots_step(&b->spots, i);

	if (cause != SIZE_MAX)
		vec_push(&b->story->arrows, (struct arrow){cause, i});
	if (b->story->free)
		note_free(b, i);
	else
		note_controlled(b, i);
	note_regions(b, i);
	if (event_is_mark(e))
		return;
	note_lock(b, story_place_at(b->story, e), i);
	if (e->kind == OP_SLEEP_ON)
		note_lock(
			b,
			story_place_of(b->story,
				       b->story->run->program->code.data[e->pc]
					       .object2,
				       e->extra),
			i);
}

/* ---- times ------------------------------------------------------------- */

/* Events of one step share its slot: n of them from i on. */
static size_t lay_step(struct story *s, size_t i)
{
	const struct recording *r = s->run;
	uint64_t slot = r->events[i].step
				? (uint64_t)(r->events[i].step - 1) * SLOT
				: 0;
	size_t n = 1;

	while (i + n < r->event_count && !event_is_mark(&r->events[i + n]) &&
	       r->events[i + n].step == r->events[i].step)
		n++;
	for (size_t k = 0; k < n; k++) {
		s->begin[i + k] = slot + SLOT * k / n;
		s->end[i + k] = slot + SLOT * (k + 1) / n;
	}
	return n;
}

static void lay_controlled(struct story *s)
{
	const struct recording *r = s->run;

	for (size_t i = 0; i < r->event_count;) {
		if (!event_is_mark(&r->events[i])) {
			i += lay_step(s, i);
			continue;
		}
		s->begin[i] = (uint64_t)r->events[i].step * SLOT;
		s->end[i] = s->begin[i];
		i++;
	}
}

static void lay_free(struct story *s)
{
	const struct recording *r = s->run;
	uint64_t last[LIMIT_THREADS] = {0};

	for (size_t i = 0; i < r->event_count; i++)
		s->end[i] = !event_is_mark(&r->events[i]);
	for (size_t i = 0; i < s->arrows.len; i++) {
		s->end[s->arrows.data[i].from]++;
		s->end[s->arrows.data[i].to]++;
	}
	for (size_t i = 0; i < r->event_count; i++) {
		const struct event *e = &r->events[i];

		s->begin[i] = e->time;
		if (e->thread < LIMIT_THREADS && last[e->thread] > e->time)
			s->begin[i] = last[e->thread];
		s->end[i] += s->begin[i];
		if (e->thread < LIMIT_THREADS)
			last[e->thread] = s->end[i];
	}
}

static void lay(struct story *s)
{
	size_t n = s->run->event_count;

	s->begin = xcalloc(n + 1, sizeof *s->begin);
	s->end = xcalloc(n + 1, sizeof *s->end);
	if (s->free)
		lay_free(s);
	else
		lay_controlled(s);
}

/* Whether a thread has not ended: how it waits in the end is to be seen. */
static bool is_left(const struct builder *b)
{
	for (size_t t = 0; t < b->story->run->program->threads.count; t++)
		if (b->state[t] != STATE_IDLE)
			return true;
	return false;
}

/* Once all have ended, nothing happens until that is noticed. */
static void find_length(const struct builder *b)
{
	struct story *s = b->story;
	bool left = is_left(b);

	for (size_t i = 0; i < s->run->event_count; i++)
		if (s->end[i] > s->length &&
		    (left || s->run->events[i].kind != EVENT_VERDICT))
			s->length = s->end[i];
	if (!s->free && left)
		s->length += SLOT;
}

static uint64_t time_of(const struct story *s, size_t event, bool at_begin)
{
	if (event == SIZE_MAX)
		return 0;
	return at_begin ? s->begin[event] : s->end[event];
}

/* ---- notes become times ------------------------------------------------ */

/* Whether the cut says what the stretch says already. */
static bool goes_on(const struct stretch *s, const struct cut *c)
{
	return s->state == c->state && s->place == c->place;
}

static void begin_stretch(struct story *s, size_t first, const struct cut *c,
			  uint64_t at)
{
	struct stretch *last =
		s->stretches.len > first ? &vec_last(&s->stretches) : NULL;

	if (last && last->from == at) { /* it lasted no time */
		s->stretches.len--;
		last = s->stretches.len > first ? last - 1 : NULL;
	}
	if (last && goes_on(last, c))
		return;
	if (last)
		last->to = at;
	vec_push(&s->stretches, (struct stretch){.from = at,
						 .thread = c->thread,
						 .state = c->state,
						 .place = c->place,
						 .event = c->event});
}

/*
 * The times of a thread's cuts. Its own events are in order; what others did
 * to it may have to give way a few ns, for those were laid out on their own.
 */
static void order_cuts(const struct story *s, const struct cuts *cuts,
		       uint64_t *at)
{
	uint64_t edge = 0;

	for (size_t i = 0; i < cuts->len; i++) {
		const struct cut *c = &cuts->data[i];

		at[i] = time_of(s, c->event, c->at_begin);
		if (at[i] < edge)
			at[i] = edge;
		edge = at[i];
	}
	for (size_t i = cuts->len; i-- > 0;) {
		const struct cut *c = &cuts->data[i];
		bool own = c->event != SIZE_MAX &&
			   s->run->events[c->event].thread == c->thread;

		if (own)
			at[i] = time_of(s, c->event, c->at_begin);
		else if (at[i] > edge)
			at[i] = edge;
		edge = at[i];
	}
}

static void stretch_thread(struct story *s, const struct cuts *cuts)
{
	uint64_t *at = xcalloc(cuts->len + 1, sizeof *at);
	size_t first = s->stretches.len;

	order_cuts(s, cuts, at);
	for (size_t i = 0; i < cuts->len; i++)
		begin_stretch(s, first, &cuts->data[i], at[i]);
	if (s->stretches.len > first)
		vec_last(&s->stretches).to = s->length;
	if (s->stretches.len > first &&
	    vec_last(&s->stretches).from >= s->length)
		s->stretches.len--;
	free(at);
}

static int compare_grips(const void *a, const void *b)
{
	const struct grip *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->event > y->event) - (x->event < y->event);
}

static thread_id first_bit(uint64_t set)
{
	return set ? (thread_id)__builtin_ctzll(set) : THREAD_NONE;
}

/* From each grip to the next of the same place, unless nobody has it. */
static void make_holds(struct builder *b)
{
	struct story *s = b->story;
	const struct grip *g = b->grips.data;
	uint64_t from, to = 0;

	if (b->grips.len)
		qsort(b->grips.data, b->grips.len, sizeof *g, compare_grips);
	for (size_t i = 0; i < b->grips.len; i++, g++) {
		bool last = i + 1 == b->grips.len || g[1].place != g->place;
		bool first = i == 0 || g[-1].place != g->place;
		unsigned readers = (unsigned)__builtin_popcountll(g->readers);

		from = s->end[g->event];
		if (!first && from < to)
			from = to;
		to = last ? s->length : s->end[g[1].event];
		if (to < from)
			to = from;
		if (from == to || (g->owner == THREAD_NONE && !readers))
			continue;
		vec_push(&s->holds,
			 (struct hold){.from = from,
				       .to = to,
				       .place = g->place,
				       .thread = readers ? first_bit(g->readers)
							 : g->owner,
				       .readers = (uint8_t)readers,
				       .event = g->event});
	}
}

static int compare_loads(const void *a, const void *b)
{
	const struct load *x = a, *y = b;

	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* First +1 (1) and -1 (0) in any order, then sums, one for each moment. */
static void make_loads(struct story *s)
{
	unsigned sum = 0;
	size_t kept = 0;

	for (size_t i = 0; i < s->stretches.len; i++) {
		const struct stretch *w = &s->stretches.data[i];

		if (w->place == PLACE_NONE)
			continue;
		vec_push(&s->loads, (struct load){w->from, w->place, 1});
		vec_push(&s->loads, (struct load){w->to, w->place, 0});
	}
	if (s->loads.len)
		qsort(s->loads.data, s->loads.len, sizeof *s->loads.data,
		      compare_loads);
	for (size_t i = 0; i < s->loads.len; i++) {
		struct load now = s->loads.data[i];
		const struct load *next = &s->loads.data[i + 1];

		sum = now.waiting ? sum + 1 : sum - 1;
		if (i + 1 < s->loads.len && next->place == now.place &&
		    next->at == now.at)
			continue;
		now.waiting = sum;
		s->loads.data[kept++] = now;
	}
	s->loads.len = kept;
}

static int compare_arrows(const void *a, const void *b)
{
	const struct arrow *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

/* ---- the whole --------------------------------------------------------- */

static void number_places(struct story *s)
{
	const struct program *p = s->run->program;

	for (size_t i = 0; i < p->objects.count; i++)
		s->base[i + 1] = s->base[i] + p->objects.data[i].count;
	s->region_base = s->base[p->objects.count];
	s->places = s->region_base + (place_id)p->regions.count;
}

static void builder_init(struct builder *b, struct story *s)
{
	*b = (struct builder){.story = s};
	spots_init(&b->spots, s);
	b->stays = stays_new(s->run->program);
	b->grip = xcalloc(s->places + 1, sizeof *b->grip);
	for (place_id i = 0; i < s->places; i++)
		b->grip[i].owner = THREAD_NONE;
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		b->wants[t] = SIZE_MAX;
}

static void builder_fini(struct builder *b)
{
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		vec_free(&b->cuts[t]);
	vec_free(&b->grips);
	free(b->grip);
	free(b->stays);
	spots_fini(&b->spots);
}

void story_init(struct story *s, const struct recording *r)
{
	struct builder *b = xcalloc(1, sizeof *b);

	*s = (struct story){.run = r, .free = !strcmp(r->engine, "free")};
	number_places(s);
	builder_init(b, s);
	note_start(b);
	for (size_t i = 0; i < r->event_count; i++)
		note(b, i);
	lay(s);
	find_length(b);
	for (size_t t = 0; t < r->program->threads.count; t++)
		stretch_thread(s, &b->cuts[t]);
	make_holds(b);
	make_loads(s);
	if (s->arrows.len)
		qsort(s->arrows.data, s->arrows.len, sizeof *s->arrows.data,
		      compare_arrows);
	builder_fini(b);
	free(b);
}

void story_fini(struct story *s)
{
	free(s->begin);
	free(s->end);
	vec_free(&s->stretches);
	vec_free(&s->holds);
	vec_free(&s->arrows);
	vec_free(&s->loads);
}

void story_place(const struct story *s, place_id place, struct str *out)
{
	int32_t index;
	object_id id;

	if (place >= s->region_base) {
		str_add(out,
			s->run->program->regions.data[place - s->region_base]);
		return;
	}
	id = story_object(s, place, &index);
	object_format(s->run->program, id, index, out);
}

void story_state(const struct story *s, const struct stretch *w,
		 struct str *out)
{
	str_add(out, state_name[w->state]);
	if (w->place == PLACE_NONE)
		return;
	str_add(out, ": ");
	story_place(s, w->place, out);
}

void story_holder(const struct story *s, const struct hold *h, struct str *out)
{
	if (h->readers > 1)
		str_addf(out, "%u readers", h->readers);
	else
		str_addf(out, "%s%s",
			 program_thread_name(s->run->program, h->thread),
			 h->readers ? " reads" : "");
}

const char *story_verdict(const struct recording *r)
{
	for (size_t i = r->event_count; i-- > 0;)
		if (r->events[i].kind == EVENT_VERDICT &&
		    r->events[i].value != VERDICT_NONE)
			return verdict_name[r->events[i].value];
	return "stopped";
}

bool story_is_owned(const struct story *s, place_id place)
{
	const struct program *p = s->run->program;
	int32_t index;
	uint8_t kind;

	if (place >= s->region_base)
		return program_region_is_exclusive(p, place - s->region_base);
	kind = p->objects.data[story_object(s, place, &index)].kind;
	return kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK;
}
