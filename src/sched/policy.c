/*
 * policy.c - what all policies share: names, time, stores, and being asked.
 *
 * Asking changes nothing: an answer is only remembered, and becomes part of the
 * past when it is noted as done. So a screen may ask ahead, and somebody may
 * do something else by hand.
 *
 * Time is one tick a step. A thread that sleeps (or works, unless there is one
 * processor only) is left alone until its time has come; a time-out is not
 * taken before. When nobody else can move, time jumps to the first whose turn
 * comes. Stores drain when their thread needs it, when they have been in the
 * buffer for a while, or when there is nothing else to do; `random` treats
 * them like any other step.
 */
#include <errno.h>
#include <stdlib.h>

#include "policy.h"
#include "threadviz/arena.h"

/* What may be asked for; a uniform schedule is drawn before, by a search. */
static const char *const specs[] = {
	"rr",  "rr:N",  "random",   "uniform",     "every:N",
	"pct", "pct:D", "priority", "cooperative", NULL,
};

uint64_t random_below(uint64_t *state, uint64_t n)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % n;
}

/* ---- making one -------------------------------------------------------- */

static bool unknown(const char *spec, struct error *err)
{
	struct str names = {0};

	for (size_t i = 0; specs[i]; i++)
		str_addf(&names, "%s%s", i ? ", " : "", specs[i]);
	(void)(fail)(err, "no policy \"%.40s\"; there are: %s", spec,
		     str_cstr(&names));
	str_free(&names);
	return false;
}

static const struct rule *find_rule(const char *spec, size_t len)
{
	for (size_t i = 0; i < policy_rule_count; i++)
		if (strlen(policy_rules[i].word) == len &&
		    !memcmp(policy_rules[i].word, spec, len))
			return &policy_rules[i];
	return NULL;
}

/* The number behind the colon, if there must or may be one. */
static bool read_number(const char *spec, const char *colon,
			const struct rule *rule, int32_t *n, struct error *err)
{
	int32_t most = rule->begin ? PCT_DEPTH_MAX : 1000000;
	char *end;
	long value;

	*n = rule->n;
	if (!*colon && rule->n >= 0)
		return true;
	if (!*colon || rule->n == 0)
		return unknown(spec, err);
	errno = 0;
	value = strtol(colon + 1, &end, 10);
	if (end == colon + 1 || *end || errno || value < 1 || value > most)
		return fail(err,
			    "policy \"%.40s\": behind the colon stands a "
			    "number from 1 to %d",
			    spec, most);
	*n = (int32_t)value;
	return true;
}

static void begin(struct policy *p)
{
	memset(&p->past, 0, sizeof p->past);
	p->past.current = THREAD_NONE;
	p->past.random = p->seed;
	p->answer = choice_move(THREAD_NONE);
	if (p->rule->begin)
		p->rule->begin(p);
}

/* About how many moves a run has: those of one, up to a limit. */
static uint64_t run_length(const struct program *program)
{
	struct policy *rr = policy_new("rr", 0, program, NULL);
	struct world *w = world_new(program);
	struct choice c;
	uint32_t steps = 0;

	while (steps < PCT_LENGTH_MAX && policy_choose(rr, w, &c)) {
		policy_note(rr, w, c);
		world_step(w, program, c, ++steps, NULL);
	}
	free(w);
	policy_free(rr);
	return steps ? steps : 1;
}

struct policy *policy_new(const char *spec, uint64_t seed,
			  const struct program *program, struct error *err)
{
	size_t len = strcspn(spec, ":");
	const struct rule *rule = find_rule(spec, len);
	struct policy *p;
	int32_t n;

	if (!rule) {
		(void)unknown(spec, err);
		return NULL;
	}
	if (!read_number(spec, spec + len, rule, &n, err))
		return NULL;
	p = xcalloc(1, sizeof *p);
	p->rule = rule;
	p->program = program;
	p->n = n;
	p->seed = seed;
	p->length = rule->begin ? run_length(program) : 0;
	begin(p);
	return p;
}

void policy_free(struct policy *p)
{
	free(p);
}

void policy_reset(struct policy *p)
{
	begin(p);
}

/* ---- time -------------------------------------------------------------- */

static uint64_t later(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* The tick from which on the choice may be taken. */
static uint64_t due(const struct policy *p, const struct world *w,
		    struct choice c)
{
	uint64_t rest = p->past.rest[c.thread];
	struct op op;
	int32_t time;

	if (c.kind != CHOICE_TIMEOUT)
		return rest;
	world_parked(w, p->program, c.thread, &op);
	time = op.kind == OP_RETAKE_FOR ? op.b : op.a;
	return later(rest, p->past.since[c.thread]) +
	       (time > 0 ? (uint64_t)time : 0);
}

bool moment_allows(const struct policy *p, const struct moment *m,
		   struct choice c)
{
	return !choice_is_move(c) || due(p, m->world, c) <= m->now;
}

static void look(const struct policy *p, struct moment *m)
{
	m->movers = m->workers = 0;
	for (size_t i = 0; i < m->count; i++) {
		struct choice c = m->choices[i];
		bool allowed = moment_allows(p, m, c);

		if (!choice_is_move(c))
			continue;
		if (allowed)
			m->movers |= thread_bit(c.thread);
		else if (p->past.working[c.thread] && p->rule->one_processor)
			m->workers |= thread_bit(c.thread);
	}
}

/* The next tick at which somebody's time has come; now: nobody's will. */
static uint64_t next_due(const struct policy *p, const struct moment *m)
{
	uint64_t first = UINT64_MAX;

	for (size_t i = 0; i < m->count; i++) {
		uint64_t t;

		if (!choice_is_move(m->choices[i]))
			continue;
		t = due(p, m->world, m->choices[i]);
		if (t > m->now && t < first)
			first = t;
	}
	return first == UINT64_MAX ? m->now : first;
}

/* ---- being asked ------------------------------------------------------- */

/* A choice of the thread that may be taken now: the first, or any. */
static bool one_of(const struct policy *p, const struct moment *m, thread_id t,
		   struct choice *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < m->count; i++) {
		struct choice c = m->choices[i];

		if (c.thread != t || !choice_is_move(c) ||
		    !moment_allows(p, m, c))
			continue;
		n++;
		if (n == 1 ||
		    (p->rule->any_result && !random_below(m->random, n)))
			*out = c;
	}
	return n > 0;
}

static bool first_kind(const struct moment *m, enum choice_kind kind,
		       struct choice *out)
{
	for (size_t i = 0; i < m->count; i++) {
		*out = m->choices[i];
		if (out->kind == kind)
			return true;
	}
	return false;
}

/* A store whose time has come, or that keeps its thread from moving. */
static bool due_drain(const struct policy *p, const struct moment *m,
		      struct choice *out)
{
	for (size_t i = 0; i < m->count; i++) {
		thread_id t = m->choices[i].thread;

		*out = m->choices[i];
		if (out->kind == CHOICE_DRAIN &&
		    (m->now >= p->past.stored[t] + STORE_TICKS ||
		     world_status(m->world, p->program, t) == THREAD_BLOCKED))
			return true;
	}
	return false;
}

/* By the policy's rule; false if it can name nobody at this tick. */
static bool by_rule(const struct policy *p, const struct moment *m,
		    struct choice *out)
{
	if (p->rule->any)
		return p->rule->any(p, m, out);
	if (due_drain(p, m, out))
		return true;
	if (!(m->movers | m->workers))
		return first_kind(m, CHOICE_DRAIN, out);
	return (m->movers || p->rule->one_processor) &&
	       one_of(p, m, p->rule->next(p, m), out);
}

bool policy_choose(struct policy *p, const struct world *w, struct choice *out)
{
	struct choice choices[WORLD_CHOICES_MAX];
	uint64_t random = p->past.random, next;
	struct moment m = {
		.world = w,
		.choices = choices,
		.count = world_choices(w, p->program, choices),
		.now = p->past.now,
		.random = &random,
	};

	for (;;) {
		look(p, &m);
		if (by_rule(p, &m, out))
			break;
		next = next_due(p, &m);
		if (next == m.now) {
			if (!first_kind(&m, CHOICE_WAKE, out))
				return false;
			break;
		}
		m.now = next;
	}
	p->answer = *out;
	p->answer_now = m.now;
	p->answer_random = random;
	return true;
}

/* ---- being told -------------------------------------------------------- */

static void note_move(struct policy *p, const struct op *op, thread_id t)
{
	struct memory *past = &p->past;
	bool rests = op->kind == OP_SLEEP || op->kind == OP_WORK;

	past->since[t] = past->now;
	past->rest[t] = rests && op->a > 0 ? past->now + (uint64_t)op->a : 0;
	past->working[t] = op->kind == OP_WORK;
	past->turn = past->current == t ? past->turn + 1 : 1;
	past->current = t;
	past->yielded = op->kind == OP_YIELD || op->kind == OP_SLEEP;
	past->moves++;
}

void policy_note(struct policy *p, const struct world *w, struct choice c)
{
	struct memory *past = &p->past;
	struct op op;

	if (choice_equal(c, p->answer)) {
		past->now = p->answer_now;
		past->random = p->answer_random;
	}
	p->answer = choice_move(THREAD_NONE);
	past->now++;
	world_parked(w, p->program, c.thread, &op);
	if (c.kind == CHOICE_DRAIN || !world_stores(w, p->program, c.thread))
		past->stored[c.thread] = past->now;
	if (!choice_is_move(c))
		return;
	note_move(p, &op, c.thread);
	if (p->rule->note)
		p->rule->note(p, w, c);
}
