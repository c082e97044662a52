/*
 * timeline.c - the run so far, and looking anywhere into it.
 *
 * The choices are the truth; events and worlds follow from them, because the
 * model is deterministic once the choices are given. So looking back is
 * recomputation: every SPACING steps a whole world is kept, and any other one
 * is at most SPACING - 1 steps from the snapshot before it (or nearer, from
 * the one that was looked at last: walking forward costs one step each).
 *
 * Marks are found by comparing who is blocked and who has ended before and
 * after a step. A thread that only waits for its turn in a cooperative
 * scenario does not want anything yet.
 */
#include <stdlib.h>

#include "threadviz/timeline.h"

enum { SPACING = 64 };

/* ---- marks ------------------------------------------------------------- */

static uint64_t bit(size_t t)
{
	return UINT64_C(1) << t;
}

/* Another thread has the processor and goes on with it. */
static bool waits_for_turn(const struct world *w, const struct program *p,
			   thread_id t)
{
	return p->cooperative && w->running != THREAD_NONE && w->running != t &&
	       (world_alts(w, p, w->running) ||
		world_can(w, p,
			  (struct choice){w->running, CHOICE_TIMEOUT, 0}));
}

uint64_t timeline_blocked(const struct world *w, const struct program *p)
{
	uint64_t set = 0;

	if (w->verdict)
		return 0;
	for (size_t i = 0; i < p->threads.count; i++)
		if (world_status(w, p, (thread_id)i) == THREAD_BLOCKED &&
		    !waits_for_turn(w, p, (thread_id)i))
			set |= bit(i);
	return set;
}

static uint64_t ended(const struct world *w, const struct program *p)
{
	uint64_t set = 0;
	struct vm vm;

	for (size_t i = 0; i < p->threads.count; i++) {
		if (world_status(w, p, (thread_id)i) != THREAD_ENDED)
			continue;
		world_vm(w, p, (thread_id)i, &vm);
		if (vm.state == VM_ENDED)
			set |= bit(i);
	}
	return set;
}

/* What the thread is stuck on: of an atomic block, its first statement. */
static void wanted(const struct world *w, const struct program *p, thread_id t,
		   struct op *op)
{
	struct vm vm;

	world_vm(w, p, t, &vm);
	if (p->code.data[vm.pc].code == OP_ATOMIC)
		vm.pc++;
	vm_next(&vm, p, op);
}

static thread_id joined(const struct program *p, const struct op *op)
{
	const struct thread_group *g;

	if (op->kind != OP_JOIN)
		return THREAD_NONE;
	g = &p->groups.data[p->code.data[op->pc].imm];
	return (thread_id)(g->first + op->index);
}

static void mark_wants(struct timeline *tl, thread_id t)
{
	uint32_t step = (uint32_t)tl->schedule.len;
	struct op op;

	wanted(tl->last, tl->program, t, &op);
	vec_push(&tl->events, (struct event){
				      .time = step,
				      .step = step,
				      .thread = t,
				      .kind = op.kind,
				      .flags = EVENT_WANTS,
				      .other = joined(tl->program, &op),
				      .object = op.object,
				      .pc = op.pc,
				      .index = op.index,
				      .extra = op.mutex_index,
			      });
}

static void mark_plain(struct timeline *tl, enum event_kind kind, thread_id t,
		       code_addr pc, int32_t value)
{
	uint32_t step = (uint32_t)tl->schedule.len;

	vec_push(&tl->events, (struct event){
				      .time = step,
				      .step = step,
				      .thread = t,
				      .kind = (uint8_t)kind,
				      .other = THREAD_NONE,
				      .object = OBJECT_NONE,
				      .pc = pc,
				      .value = value,
			      });
}

/* The marks of the moment; wants and ends: the threads newly so. */
static void mark_moment(struct timeline *tl, uint64_t wants, uint64_t ends)
{
	enum verdict verdict = world_verdict(tl->last, tl->program);

	for (size_t t = 0; t < tl->program->threads.count; t++) {
		if (wants & bit(t))
			mark_wants(tl, (thread_id)t);
		if (ends & bit(t))
			mark_plain(tl, EVENT_END, (thread_id)t, 0, 0);
	}
	if (verdict != VERDICT_NONE) {
		mark_plain(tl, EVENT_VERDICT, tl->last->who, tl->last->where,
			   (int32_t)verdict);
		tl->events.data[tl->events.len - 1].index = tl->last->detail;
	}
}

/* ---- taking steps ------------------------------------------------------ */

void timeline_init(struct timeline *tl, const struct program *p)
{
	*tl = (struct timeline){.program = p};
	tl->last = world_new(p);
	tl->seen = world_clone(tl->last, p);
	vec_push(&tl->snapshots, world_clone(tl->last, p));
	mark_moment(tl, timeline_blocked(tl->last, p), ended(tl->last, p));
}

void timeline_fini(struct timeline *tl)
{
	for (size_t i = 0; i < tl->snapshots.len; i++)
		free(tl->snapshots.data[i]);
	vec_free(&tl->snapshots);
	vec_free(&tl->schedule);
	vec_free(&tl->events);
	vec_free(&tl->first_event);
	free(tl->last);
	free(tl->seen);
	*tl = (struct timeline){0};
}

/* Of the writes of that thread into its store buffer the latest but `newer`. */
static const struct event *stored_write(const struct timeline *tl, thread_id t,
					size_t newer)
{
	for (size_t i = tl->events.len; i-- > 0;) {
		const struct event *e = &tl->events.data[i];

		if (e->kind == OP_WRITE && e->thread == t &&
		    !event_is_mark(e) &&
		    tl->program->objects.data[e->object].buffered && !newer--)
			return e;
	}
	return NULL;
}

/* What drains is the write of long ago: its line, not where its thread stands
 * by now. The model keeps no lines in a store buffer, lest states differ. */
static void place_drain(const struct timeline *tl, struct event *e)
{
	size_t newer = world_stores(tl->last, tl->program, e->thread);
	const struct event *write = stored_write(tl, e->thread, newer);

	if (write)
		e->pc = write->pc;
}

void timeline_push(struct timeline *tl, struct choice c)
{
	const struct program *p = tl->program;
	uint64_t was_blocked = timeline_blocked(tl->last, p);
	uint64_t had_ended = ended(tl->last, p);
	struct step_log log;

	c = world_canonical(tl->last, p, c);
	world_step(tl->last, p, c, (uint32_t)tl->schedule.len + 1, &log);
	vec_push(&tl->schedule, c);
	vec_push(&tl->first_event, tl->events.len);
	if (log.count && log.events[0].kind == EVENT_DRAIN)
		place_drain(tl, &log.events[0]);
	for (size_t i = 0; i < log.count; i++)
		vec_push(&tl->events, log.events[i]);
	/* Who moved may be blocked anew: on what comes next. */
	if (choice_is_move(c))
		was_blocked &= ~bit(c.thread);
	mark_moment(tl, timeline_blocked(tl->last, p) & ~was_blocked,
		    ended(tl->last, p) & ~had_ended);
	if (tl->schedule.len % SPACING == 0)
		vec_push(&tl->snapshots, world_clone(tl->last, p));
}

void timeline_cut(struct timeline *tl, size_t n)
{
	if (n >= tl->schedule.len)
		return;
	world_copy(tl->last, timeline_at(tl, n), tl->program);
	tl->events.len = tl->first_event.data[n];
	tl->first_event.len = n;
	tl->schedule.len = n;
	while (tl->snapshots.len > n / SPACING + 1)
		free(vec_pop(&tl->snapshots));
	if (tl->cursor > n)
		tl->cursor = n;
}

/* ---- looking ----------------------------------------------------------- */

const struct world *timeline_at(struct timeline *tl, size_t n)
{
	size_t snapshot = n / SPACING;

	assert(n <= tl->schedule.len);
	if (n == tl->schedule.len)
		return tl->last;
	if (tl->seen_at > n || tl->seen_at < snapshot * SPACING) {
		world_copy(tl->seen, tl->snapshots.data[snapshot], tl->program);
		tl->seen_at = snapshot * SPACING;
	}
	for (; tl->seen_at < n; tl->seen_at++)
		world_step(tl->seen, tl->program,
			   tl->schedule.data[tl->seen_at],
			   (uint32_t)tl->seen_at + 1, NULL);
	return tl->seen;
}

size_t timeline_events(const struct timeline *tl, size_t n,
		       const struct event **out)
{
	size_t from = n ? tl->first_event.data[n - 1] : 0;
	size_t to = n < tl->first_event.len ? tl->first_event.data[n]
					    : tl->events.len;

	assert(n <= tl->schedule.len);
	*out = to > from ? &tl->events.data[from] : NULL;
	return to - from;
}

void timeline_copy(const struct timeline *tl, size_t n, struct world *out)
{
	size_t at = n / SPACING * SPACING;

	assert(n <= tl->schedule.len);
	world_copy(out, tl->snapshots.data[n / SPACING], tl->program);
	for (; at < n; at++)
		world_step(out, tl->program, tl->schedule.data[at],
			   (uint32_t)at + 1, NULL);
}
