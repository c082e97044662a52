/*
 * rules.c - who goes next: one rule a policy.
 *
 * A rule sees the threads that can move now and names one. Round robin and its
 * kin go round from the thread that moved last. PCT (Burckhardt, Kothari,
 * Musuvathi, Nagarakatte: A randomized scheduler with probabilistic guarantees
 * of finding bugs, ASPLOS 2010) gives each thread a random rank and always runs
 * the highest; after each of D-1 random numbers of moves the thread that moved
 * falls behind all others. A bug that needs D ordered moves is found in one
 * run with a chance of at least 1 / (threads * moves^(D-1)).
 */
#include "policy.h"

/* The first of the set after thread t, going round. */
static thread_id after(uint64_t set, thread_id t)
{
	uint64_t later = t < LIMIT_THREADS - 1 ? set >> (t + 1) << (t + 1) : 0;

	return (thread_id)__builtin_ctzll(later ? later : set);
}

static bool can_stay(const struct policy *p, uint64_t set)
{
	thread_id t = p->past.current;

	return t != THREAD_NONE && set & thread_bit(t) && !p->past.yielded;
}

static thread_id round_robin(const struct policy *p, const struct moment *m)
{
	if (can_stay(p, m->movers) && p->past.turn < (uint64_t)p->n)
		return p->past.current;
	return after(m->movers, p->past.current);
}

static thread_id every(const struct policy *p, const struct moment *m)
{
	if (can_stay(p, m->movers) && p->past.moves % (uint64_t)p->n)
		return p->past.current;
	return after(m->movers, p->past.current);
}

static thread_id cooperative(const struct policy *p, const struct moment *m)
{
	uint64_t set = m->movers | m->workers;

	return can_stay(p, set) ? p->past.current : after(set, p->past.current);
}

/* ---- priority ---------------------------------------------------------- */

/* Whether the lock that t waits for lends t's priority to its owner. */
static bool lends(const struct program *p, const struct world *w, thread_id t)
{
	struct op op;
	object_id id;

	world_parked(w, p, t, &op);
	id = op.kind == OP_RETAKE || op.kind == OP_RETAKE_FOR ? op.mutex
							      : op.object;
	return id != OBJECT_NONE && p->objects.data[id].inherit;
}

/* With what was inherited, through chains of locks too. */
static void priorities(const struct program *p, const struct world *w,
		       int32_t *out)
{
	bool changed = true;

	for (size_t t = 0; t < p->threads.count; t++)
		out[t] = p->threads.data[t].priority;
	while (changed) {
		changed = false;
		for (size_t t = 0; t < p->threads.count; t++) {
			uint64_t by = world_blockers(w, p, (thread_id)t);

			if (!by || !lends(p, w, (thread_id)t))
				continue;
			for (; by; by &= by - 1) {
				int32_t *owner = &out[__builtin_ctzll(by)];

				changed |= *owner < out[t];
				*owner = *owner < out[t] ? out[t] : *owner;
			}
		}
	}
}

/* The most important; equals take turns. */
static thread_id priority(const struct policy *p, const struct moment *m)
{
	uint64_t set = m->movers | m->workers, best = 0;
	int32_t level[LIMIT_THREADS], highest = INT32_MIN;

	priorities(p->program, m->world, level);
	for (uint64_t s = set; s; s &= s - 1) {
		int t = __builtin_ctzll(s);

		if (level[t] > highest || !best)
			best = 0;
		if (!best)
			highest = level[t];
		if (level[t] == highest)
			best |= thread_bit((size_t)t);
	}
	return after(best, p->past.current);
}

/* ---- random ------------------------------------------------------------ */

/* Each possible step of the moment is equally likely. */
static bool any_choice(const struct policy *p, const struct moment *m,
		       struct choice *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->count; i++)
		if (moment_allows(p, m, m->choices[i]) &&
		    !random_below(m->random, ++n))
			*out = m->choices[i];
	return n > 0;
}

/* ---- pct --------------------------------------------------------------- */

static void pct_begin(struct policy *p)
{
	size_t n = p->program->threads.count;
	struct memory *past = &p->past;

	for (size_t t = 0; t < n; t++) { /* a random order (Fisher-Yates) */
		size_t k = (size_t)random_below(&past->random, t + 1);

		past->rank[t] = past->rank[k];
		past->rank[k] = (int64_t)t + 1;
	}
	for (int32_t i = 0; i < p->n - 1; i++)
		past->changes[i] = 1 + random_below(&past->random, p->length);
}

static thread_id pct_next(const struct policy *p, const struct moment *m)
{
	thread_id best = (thread_id)__builtin_ctzll(m->movers);

	for (uint64_t s = m->movers; s; s &= s - 1) {
		thread_id t = (thread_id)__builtin_ctzll(s);

		if (p->past.rank[t] > p->past.rank[best])
			best = t;
	}
	return best;
}

static void demote(struct memory *past, thread_id t, size_t threads)
{
	int64_t lowest = 0;

	for (size_t i = 0; i < threads; i++)
		if (past->rank[i] < lowest)
			lowest = past->rank[i];
	past->rank[t] = lowest - 1;
}

/*
 * Besides at the change points a thread falls behind when it yields, and when
 * it has had as many moves in a row as a whole run has: it spins.
 */
static void pct_note(struct policy *p, const struct world *w, struct choice c)
{
	struct memory *past = &p->past;
	bool change = past->yielded || past->turn > p->length;

	(void)w;
	for (int32_t i = 0; i < p->n - 1; i++)
		change |= past->moves == past->changes[i];
	if (!change)
		return;
	demote(past, c.thread, p->program->threads.count);
	past->turn = 0;
}

const struct rule policy_rules[] = {
	{.word = "rr", .n = 1, .next = round_robin},
	{.word = "random", .any = any_choice},
	{.word = "every", .n = -1, .next = every},
	{.word = "pct",
	 .n = PCT_DEPTH,
	 .any_result = true,
	 .next = pct_next,
	 .begin = pct_begin,
	 .note = pct_note},
	{.word = "priority", .one_processor = true, .next = priority},
	{.word = "cooperative", .one_processor = true, .next = cooperative},
};

const size_t policy_rule_count = sizeof policy_rules / sizeof *policy_rules;
