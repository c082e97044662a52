/*
 * accord.c - is there an order in which the model can do what was recorded?
 *
 * A record does not say when its operation happened, only between which
 * moments: after the thread's record before or after its own stamp, and before
 * its stamp or the next one (item_span). Two whose spans do not overlap are
 * ordered; between the others any order will do (Gibbons and Korach 1997 call
 * this testing shared memories; in general it is hard, but spans are short).
 *
 * Depth first: always the record with the earliest stamp that may come next
 * and that the model can take (accordstep.c). Where several may come next, a
 * junction keeps the world. When nothing fits, back to the last junction and
 * the next way on; states without a way on are remembered. Junctions of long
 * ago are forgotten; a doubt that reaches so far stays a doubt. No way on at
 * all is a mismatch.
 *
 * Records come in order of their stamps. Some thousands are kept ahead, so
 * that what is missing has really not happened, not only not arrived. Whom a
 * signal woke is only known when he is back: that may take more of them.
 */
#include <stdlib.h>

#include "accord.h"
#include "threadviz/arena.h"
#include "threadviz/label.h"

enum {
	AHEAD = 4096,         /* records kept to look ahead */
	AHEAD_MOST = 1 << 18, /* or so many, if it cannot be told without */
	AHEAD_HELD = 1 << 16, /* or so many, while a thread is held up */
	JUNCTIONS = 256,
	OLDEST = 4096,    /* steps after which a junction is forgotten */
	TRIES = 200000,   /* ways on tried without getting any further */
	EFFORT = 1 << 21, /* and in all, besides EFFORT_STEP for each step */
	EFFORT_STEP = 16,
	COMPACT = 16384, /* records taken before their memory is reused */
	PAST = 1 << 16,  /* values remembered, at least */
	DEAD_ENDS = 1 << 16,
};

/*
 * How much later than its span a step may be taken, in ns: the processors'
 * counters differ a little, stores linger in their buffers, and the counter is
 * read a little too early or late. Little is nearly always enough, and makes
 * the search short.
 */
static const uint64_t slacks[] = {300, 1000, 4000};
enum { SLACKS = sizeof slacks / sizeof *slacks };

/* What may be tried here. */
struct ways {
	uint64_t moves, drains; /* bit t */
};

/* Where another way was possible, and how to get back there. */
struct junction {
	struct ways ways;
	struct world *world;
	size_t heads[LIMIT_THREADS];
	uint64_t steps;
	uint64_t time; /* ns: of the record taken from here */
	uint64_t past;
	uint64_t ordered;
};

struct dead_end {
	uint64_t hash, episode;
};

/* ---- beginning and end ------------------------------------------------- */

struct accord *accord_new(const struct program *p)
{
	struct accord *a = xcalloc(1, sizeof *a);

	a->program = p;
	a->world = world_new(p);
	a->ahead = world_new(p);
	a->best_world = world_new(p);
	a->violated_world = world_new(p);
	a->violated = -1;
	a->episode = 1;
	for (size_t i = 0; i < p->code.count; i++)
		a->signals |= p->code.data[i].code == OP_SIGNAL;
	a->dead = xcalloc(DEAD_ENDS, sizeof *a->dead);
	a->junctions = xcalloc(JUNCTIONS, sizeof *a->junctions);
	for (size_t i = 0; i < JUNCTIONS; i++)
		a->junctions[i].world = world_new(p);
	return a;
}

void accord_free(struct accord *a)
{
	if (!a)
		return;
	for (size_t i = 0; i < JUNCTIONS; i++)
		free(a->junctions[i].world);
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		vec_free(&a->lanes[t].items);
	vec_free(&a->past);
	vec_free(&a->order);
	free(a->dead);
	free(a->junctions);
	free(a->world);
	free(a->ahead);
	free(a->best_world);
	free(a->violated_world);
	free(a);
}

/* ---- states without a way on ------------------------------------------- */

static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
	const unsigned char *b = bytes;

	for (size_t i = 0; i < n; i++)
		hash = (hash ^ b[i]) * UINT64_C(0x100000001b3);
	return hash;
}

/* A hash, but no verdict rests on it alone: two different states would have
 * to share all 64 bits and be reached within one search of a few thousand. */
static uint64_t state_hash(const struct accord *a)
{
	uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), a->world,
			    world_size(a->program));

	for (size_t t = 0; t < a->program->threads.count; t++)
		hash = mix(hash, &a->lanes[t].head, sizeof a->lanes[t].head);
	return hash;
}

/* A later one may take an earlier one's place: it only saves work. */
static struct dead_end *dead_end(const struct accord *a, uint64_t hash)
{
	return &a->dead[hash % DEAD_ENDS];
}

static bool is_dead(const struct accord *a)
{
	uint64_t hash;

	if (a->tries == 0)
		return false;
	hash = state_hash(a);
	return dead_end(a, hash)->episode == a->episode &&
	       dead_end(a, hash)->hash == hash;
}

static void mark_dead(struct accord *a)
{
	uint64_t hash = state_hash(a);

	*dead_end(a, hash) = (struct dead_end){hash, a->episode};
}

/* ---- what may come next ------------------------------------------------ */

static uint64_t earliest_end(const struct accord *a)
{
	uint64_t end = UINT64_MAX, from, to;

	for (size_t t = 0; t < a->program->threads.count; t++) {
		const struct item *i = lane_head(&a->lanes[t]);

		if (!i)
			continue;
		item_span(i, &from, &to);
		end = to < end ? to : end;
	}
	return end;
}

static struct ways ways_on(const struct accord *a)
{
	uint64_t end = earliest_end(a), from, to;
	struct ways w = {0};

	if (end < UINT64_MAX - slacks[a->slack])
		end += slacks[a->slack];
	for (size_t t = 0; t < a->program->threads.count; t++) {
		const struct item *i = lane_head(&a->lanes[t]);
		uint64_t bit = UINT64_C(1) << t;

		if (world_stores(a->world, a->program, (thread_id)t))
			w.drains |= bit;
		if (!i)
			continue;
		item_span(i, &from, &to);
		if (from <= end)
			w.moves |= bit;
	}
	return w;
}

/* The thread with the earliest stamp among them; they are not empty. */
static thread_id earliest(const struct accord *a, uint64_t threads)
{
	thread_id best = THREAD_NONE;
	uint64_t time = UINT64_MAX;

	for (; threads; threads &= threads - 1) {
		thread_id t = (thread_id)__builtin_ctzll(threads);
		const struct item *i = lane_head(&a->lanes[t]);

		if (i->e.time < time || best == THREAD_NONE) {
			time = i->e.time;
			best = t;
		}
	}
	return best;
}

/* ---- junctions --------------------------------------------------------- */

static struct junction *junction(struct accord *a, size_t i)
{
	return &a->junctions[(a->first + i) % JUNCTIONS];
}

static void forget_oldest(struct accord *a)
{
	a->lost_until = junction(a, 0)->time;
	a->forgotten = junction(a, 0)->steps + 1;
	a->open_lost |= junction(a, 0)->ways.drains != 0;
	a->first = (a->first + 1) % JUNCTIONS;
	a->count--;
}

static void remember(struct accord *a, struct ways left, uint64_t time)
{
	struct junction *j;

	if (a->count && a->steps - junction(a, 0)->steps > OLDEST)
		forget_oldest(a);
	if (!(left.moves | left.drains))
		return;
	if (a->count == JUNCTIONS)
		forget_oldest(a);
	j = junction(a, a->count++);
	j->ways = left;
	j->steps = a->steps;
	j->time = time;
	j->past = a->past_gone + a->past.len;
	j->ordered = a->ordered;
	world_copy(j->world, a->world, a->program);
	for (size_t t = 0; t < a->program->threads.count; t++)
		j->heads[t] = a->lanes[t].head;
}

/* Back to the latest junction; false if there is none. */
static bool go_back(struct accord *a, struct ways *ways)
{
	const struct junction *j;

	if (!a->count)
		return false;
	j = junction(a, --a->count);
	*ways = j->ways;
	a->steps = j->steps;
	accord_reopen(a);
	a->past.len = j->past > a->past_gone ? j->past - a->past_gone : 0;
	accord_untell(a, j->ordered);
	world_copy(a->world, j->world, a->program);
	for (size_t t = 0; t < a->program->threads.count; t++)
		a->lanes[t].head = j->heads[t];
	if (a->violated_step > a->steps)
		a->violated = -1;
	return true;
}

/* ---- going on ---------------------------------------------------------- */

/* Checks that fail are noted; real threads go on all the same. */
static void judge(struct accord *a, const struct event *e)
{
	struct world *w = a->world;

	if (w->verdict == VERDICT_VIOLATED && w->who == THREAD_NONE &&
	    a->program->checks.data[w->detail].kind != CHECK_FINALLY) {
		if (a->violated < 0) {
			a->violated = w->detail;
			a->violated_step = a->steps;
			a->violated_after = *e;
			world_copy(a->violated_world, w, a->program);
		}
		w->verdict = VERDICT_NONE;
		w->detail = 0;
	}
	a->over = w->verdict != VERDICT_NONE;
}

static void note_past(struct accord *a, const struct event *e, int32_t old)
{
	if (e->kind != OP_WRITE && e->kind != OP_XCHG && e->kind != OP_CAS &&
	    e->kind != OP_FETCH_ADD)
		return;
	vec_push(&a->past, (struct past){e->time, e->object, e->index, old});
	if (a->past.len < 2 * PAST)
		return;
	memmove(a->past.data, a->past.data + PAST, PAST * sizeof *a->past.data);
	a->past.len = PAST;
	a->past_gone += PAST;
}

static void accept(struct accord *a, thread_id t, size_t taken)
{
	struct lane *l = &a->lanes[t];
	struct world *before = a->world;
	const struct event *e = &l->items.data[l->head].e;

	if (e->object != OBJECT_NONE)
		note_past(a, e,
			  world_value(before, a->program, e->object, e->index));
	a->world = a->ahead;
	a->ahead = before;
	a->steps++;
	l->head += taken;
	if (a->next.bend == STRAIGHT)
		accord_settle(a, &l->items.data[l->head - taken]);
	accord_tell(a, &l->items.data[l->head - taken], taken);
	judge(a, &l->items.data[l->head - 1].e);
	if (a->steps > a->relaxed_until)
		a->slack = 0;
	if (a->steps > a->best) {
		a->best = a->steps;
		a->episode += a->tries > 1;
		a->tries = 0;
	}
}

static void count_try(struct accord *a)
{
	a->tries++;
	a->effort++;
}

/* It would take too long. */
static bool is_spent(const struct accord *a)
{
	return a->effort > EFFORT + EFFORT_STEP * a->best;
}

/* One of the ways that leads on from here, and is not known to end. */
static bool go_one(struct accord *a, struct ways ways)
{
	uint64_t time = a->lost_until;

	while (ways.moves) {
		thread_id t = earliest(a, ways.moves);
		size_t taken;

		time = lane_head(&a->lanes[t])->e.time;
		ways.moves &= ~(UINT64_C(1) << t);
		count_try(a);
		if (!accord_try(a, t, &taken))
			continue;
		remember(a, ways, time);
		accord_open(a, t, taken, slacks[a->slack],
			    a->count ? junction(a, 0)->steps : a->steps);
		accept(a, t, taken);
		return true;
	}
	while (ways.drains) {
		thread_id t = (thread_id)__builtin_ctzll(ways.drains);
		const struct choice drain = {t, CHOICE_DRAIN, 0};

		ways.drains &= ways.drains - 1;
		count_try(a);
		world_copy(a->ahead, a->world, a->program);
		world_step(a->ahead, a->program, drain, 0, NULL);
		remember(a, ways, time);
		a->next = (struct told){.choice = drain};
		accord_tell(a, NULL, 0);
		world_copy(a->world, a->ahead, a->program);
		return true;
	}
	return false;
}

/* Some thread that has not ended has no record left: it may have done something
 * (got what it waits for, say), been held up before it could record that, and
 * others went on with what it did. Or what it did next was lost. */
static bool is_held_up(const struct accord *a)
{
	for (size_t t = 0; t < a->program->threads.count && !a->complete; t++) {
		const struct lane *l = &a->lanes[t];
		enum thread_status s;

		if (l->head < l->items.len || l->ended)
			continue;
		s = world_status(a->world, a->program, (thread_id)t);
		if (s != THREAD_LATER && s != THREAD_ENDED)
			return true;
	}
	return false;
}

/* The furthest point, and what came next there by its stamp. */
static void note_failure(struct accord *a)
{
	struct ways w = ways_on(a);

	if (a->steps < a->best || !w.moves)
		return;
	a->culprit = lane_head(&a->lanes[earliest(a, w.moves)])->e;
	world_copy(a->best_world, a->world, a->program);
	a->held_up = is_held_up(a);
}

/* Some thread was killed on its way, perhaps after an operation that it could
 * not record any more, and what could not be explained came after that. */
static bool is_cut_off(const struct accord *a)
{
	for (size_t t = 0; t < a->program->threads.count && a->complete; t++) {
		const struct lane *l = &a->lanes[t];
		enum thread_status s =
			world_status(a->best_world, a->program, (thread_id)t);
		bool waits = l->waits && !world_can(a->best_world, a->program,
						    choice_move((thread_id)t));

		if (!l->ended && !waits && s != THREAD_LATER &&
		    s != THREAD_ENDED && l->last <= a->culprit.time)
			return true;
	}
	return false;
}

static void give_up(struct accord *a)
{
	uint64_t far = slacks[SLACKS - 1];
	bool near = a->lost_until && a->culprit.time < a->lost_until + far;

	a->steps = a->best;
	world_copy(a->world, a->best_world, a->program);
	a->over = is_cut_off(a);
	if (a->over)
		return;
	near |= a->guessed || is_spent(a) || a->tries > TRIES || a->held_up ||
		accord_is_open(a, a->forgotten);
	a->state = near ? ACCORD_UNSURE : ACCORD_MISMATCH;
}

/* From the oldest junction again, with more freedom; false: there is none. */
static bool relax(struct accord *a, struct ways *ways)
{
	while (go_back(a, ways))
		continue;
	if (a->slack + 1 == SLACKS)
		return false;
	a->slack++;
	a->relaxed_until = a->best + JUNCTIONS;
	a->episode++;
	a->tries = 0;
	*ways = ways_on(a);
	return true;
}

static void advance(struct accord *a)
{
	struct ways ways = ways_on(a);

	if (is_dead(a))
		ways = (struct ways){0};
	while (!go_one(a, ways)) {
		note_failure(a);
		mark_dead(a);
		if (a->tries <= TRIES && go_back(a, &ways))
			continue;
		if (is_spent(a) || !relax(a, &ways)) {
			give_up(a);
			return;
		}
	}
}

/* ---- records come ------------------------------------------------------ */

static size_t waiting(const struct accord *a)
{
	size_t n = 0;

	for (size_t t = 0; t < a->program->threads.count; t++)
		n += a->lanes[t].items.len - a->lanes[t].head;
	return n;
}

/* Reuses the memory of what no way back needs. */
static void compact(struct accord *a, thread_id t)
{
	struct lane *l = &a->lanes[t];
	size_t keep = a->count ? junction(a, 0)->heads[t] : l->head;

	if (keep < COMPACT)
		return;
	keep--; /* its last one may have happened late */
	l->head -= keep;
	l->items.len -= keep;
	memmove(l->items.data, l->items.data + keep,
		l->items.len * sizeof *l->items.data);
	for (size_t i = 0; i < a->count; i++)
		junction(a, i)->heads[t] -= keep;
	a->episode++;
}

/* One of the next records is a signal that may have woken several: who is
 * back first? */
static bool lacks_records(const struct accord *a)
{
	const struct item *i;

	if (waiting(a) < AHEAD_HELD && is_held_up(a))
		return true;
	for (size_t t = 0; t < a->program->threads.count && a->signals; t++) {
		i = lane_head(&a->lanes[t]);
		if (i && accord_must_guess(a, &i->e))
			return !a->complete && waiting(a) < AHEAD_MOST;
	}
	return false;
}

static void proceed(struct accord *a, size_t keep)
{
	while (a->state == ACCORD_SO_FAR && !a->over && waiting(a) > keep)
		for (size_t i = 0; i < AHEAD / 4 && !a->over &&
				   a->state == ACCORD_SO_FAR && waiting(a);
		     i++) {
			if (lacks_records(a))
				return;
			advance(a);
		}
	for (size_t t = 0; t < a->program->threads.count; t++)
		compact(a, (thread_id)t);
}

/* Where the thread was then is known; what it did before is over, except that
 * it falls asleep only after saying that it wants the mutex back. */
static void add(struct accord *a, const struct event *e)
{
	struct lane *l = &a->lanes[e->thread];
	struct item *last = l->items.len ? &vec_last(&l->items) : NULL;

	if (last && last->after == UINT64_MAX &&
	    (last->e.kind != OP_SLEEP_ON || !event_is_mark(e)))
		last->after = e->time;
	if (!event_is_mark(e))
		vec_push(&l->items,
			 (struct item){*e, l->last, UINT64_MAX,
				       l->waits ? l->last : 0, l->waits});
	l->last = e->time;
	l->ended = e->kind == EVENT_END;
	l->waits = e->flags & EVENT_WANTS;
}

/* A doubt about who is held up is a gap as soon as records are lost. */
static bool is_curious(const struct accord *a)
{
	return a->state == ACCORD_SO_FAR ||
	       (a->state == ACCORD_UNSURE && a->held_up);
}

void accord_add(struct accord *a, const struct event *events, size_t n)
{
	for (size_t i = 0; i < n && !a->over && is_curious(a); i++) {
		const struct event *e = &events[i];

		if (e->kind == EVENT_LOST)
			a->state = ACCORD_GAP;
		if (a->state != ACCORD_SO_FAR)
			continue;
		if (e->kind >= EVENT_VERDICT ||
		    e->thread >= a->program->threads.count ||
		    e->pc >= a->program->code.count)
			continue;
		add(a, e);
		if (++a->fresh < AHEAD)
			continue;
		proceed(a, AHEAD);
		a->fresh = 0;
	}
}

void accord_finish(struct accord *a)
{
	a->complete = true;
	proceed(a, 0);
}

/* ---- looking ----------------------------------------------------------- */

enum accord_state accord_state(const struct accord *a)
{
	return a->state;
}

uint64_t accord_steps(const struct accord *a)
{
	return a->steps;
}

const struct world *accord_world(const struct accord *a)
{
	return a->world;
}

int accord_violated(const struct accord *a, struct event *after)
{
	if (a->violated >= 0 && after)
		*after = a->violated_after;
	return a->violated;
}

static bool is_lasting(const struct program *p)
{
	for (size_t i = 0; i < p->checks.count; i++)
		if (p->checks.data[i].kind != CHECK_FINALLY)
			return true;
	return false;
}

enum verdict accord_verdict(const struct accord *a, enum verdict real,
			    struct str *why)
{
	if (a->violated >= 0) {
		str_clear(why);
		world_explain(a->violated_world, a->program, why);
		return VERDICT_VIOLATED;
	}
	if (real != VERDICT_OK || a->state == ACCORD_SO_FAR ||
	    !is_lasting(a->program))
		return real;
	str_clear(why);
	str_add(why, "no verdict on what must always hold: ");
	accord_format(a, why);
	return VERDICT_NONE;
}

static void format_culprit(const struct accord *a, struct str *out)
{
	const struct event *e = &a->culprit;
	const struct choice c = choice_move(e->thread);

	str_addf(out, "%s: ", program_thread_name(a->program, e->thread));
	event_format(a->program, e, LABEL_LONG, out);
	if (e->kind == OP_READ)
		str_addf(
			out, ", but the model has %d there",
			world_value(a->world, a->program, e->object, e->index));
	else if (!world_can(a->world, a->program, c)) {
		str_add(out, ", but in the model ");
		world_why_not(a->world, a->program, c, out);
	}
}

void accord_format(const struct accord *a, struct str *out)
{
	unsigned long long n = a->steps;

	switch (a->state) {
	case ACCORD_SO_FAR:
		str_addf(out, "the model explains all %llu steps", n);
		break;
	case ACCORD_GAP:
		str_addf(out, "the model explains %llu steps, up to a gap", n);
		break;
	case ACCORD_UNSURE:
		str_addf(out,
			 "after %llu steps it is unsure whether the model "
			 "explains ",
			 n);
		format_culprit(a, out);
		break;
	case ACCORD_MISMATCH:
		str_addf(out, "after %llu steps no order explains ", n);
		format_culprit(a, out);
		break;
	}
}

bool accord_finding(const struct accord *a, struct finding *out)
{
	struct str what = {0}, why = {0}, fix = {0};

	if (a->state != ACCORD_MISMATCH)
		return false;
	format_culprit(a, &what);
	str_add(&why, "No order of the steps gives that in the model: each "
		      "thread in its\nown order, one touch at a time.");
	str_add(&fix, "Plain variables may show this on real processors: guard "
		      "them with a\nmutex, or declare them atomic.");
	*out = (struct finding){
		.kind = FINDING_MODEL_MISMATCH,
		.object = a->culprit.object,
		.index = a->culprit.index,
		.step = a->culprit.step,
		.threads = UINT64_C(1) << a->culprit.thread,
		.events = {a->culprit.step - 1, SIZE_MAX, SIZE_MAX, SIZE_MAX},
		.what = str_take(&what),
		.why = str_take(&why),
		.fix = str_take(&fix),
	};
	return true;
}
