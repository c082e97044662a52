/*
 * wakeups.c - woken, and yet too late.
 *
 * A signal hands nothing over: until the woken thread has its mutex again,
 * others may come and undo what it waited for. Who tests again in a loop goes
 * back to sleep, and all is well. Who does not, goes on with a wrong belief.
 *
 * The rule: a wait is reported if no way leads from it back to itself before
 * the mutex is given up, if the thread uses what it had tested until then, and
 * if, with the values of the moment in which it goes on, its own test would
 * have sent it to sleep once more. Where the values are still as it wanted
 * them, or are of no more interest, nothing is said. If somebody else undid
 * the condition between the signal and then, and the thread comes to grief
 * before it gives the mutex back, its wake-up was stolen.
 */
#include "inside.h"

enum { TEST_MAX = 32 }; /* steps from the mutex to falling asleep */

/* One return from a wait. */
struct waking {
	uint32_t asleep, woken, retake;
	uint32_t own[TEST_MAX]; /* from its first look to its falling asleep */
	size_t count;
	uint32_t look;  /* the one to speak of */
	uint32_t thief; /* who changed what it looked at, or NOWHERE */
};

struct wakeups {
	struct view *v;
	struct scene scene;
	struct minds minds;
	struct waking *bad; /* per thread: its last one that was too early */
	bool *open;         /* and it still has the mutex */
	struct finding_list *out;
};

/* ---- the code ---------------------------------------------------------- */

static bool same_wait(const struct insn *i, void *data)
{
	const struct insn *wait = data;

	return i->code == OP_SLEEP_ON && i->object == wait->object;
}

static bool gives_up(const struct insn *i, void *data)
{
	const struct insn *wait = data;

	return (i->code == OP_UNLOCK && i->object == wait->object2) ||
	       (i->code == OP_SLEEP_ON && i->object != wait->object);
}

/* Touches the thing that it tested. */
static bool uses(const struct insn *i, void *data)
{
	const struct insn *tested = data;

	return i->code < OP_COUNT && i->object == tested->object &&
	       op_info[i->code].flags & (OP_R | OP_W);
}

static bool gives_mutex_up(const struct insn *i, void *data)
{
	const struct insn *tested = data;

	return i->code == OP_UNLOCK && i->object == tested->object2;
}

/* Whether it goes on to use what it looked at, before it gives the mutex up. */
static bool relies_on(const struct view *v, uint32_t retake, uint32_t look)
{
	struct insn tested = {
		.object = v->e[look].object,
		.object2 = v->p->code.data[v->e[retake].pc].object2,
	};

	return reach_find(v->p, (code_addr)(v->e[retake].pc + 1), uses,
			  gives_mutex_up, &tested);
}

static bool looks_again(const struct view *v, uint32_t retake)
{
	struct insn wait = v->p->code.data[v->e[retake].pc];

	return reach_find(v->p, (code_addr)(v->e[retake].pc + 1), same_wait,
			  gives_up, &wait);
}

/* ---- its test ---------------------------------------------------------- */

/* The steps from its first look, with the mutex held, to its falling asleep. */
static bool collect_test(const struct view *v, struct waking *w)
{
	uint32_t i = v->before[w->asleep], all[TEST_MAX];
	size_t n = TEST_MAX, first = TEST_MAX;

	for (; i != NOWHERE && n > 0; i = v->before[i]) {
		const struct event *e = &v->e[i];

		if (e->kind == OP_LOCK || e->kind == OP_RETAKE ||
		    e->kind == OP_RETAKE_FOR)
			break;
		all[--n] = i;
		if (is_look(e))
			first = n;
	}
	if (first == TEST_MAX)
		return false;
	w->count = TEST_MAX - first;
	memcpy(w->own, all + first, w->count * sizeof *w->own);
	return true;
}

/* What the look would give at this moment. */
static int32_t look_now(const struct wakeups *w, uint32_t i)
{
	const struct view *v = w->v;
	uint32_t place = view_place_at(v, i);
	int32_t value;

	if (!is_look(&v->e[i]) || place == NOWHERE)
		return event_result(&v->e[i]);
	value = w->scene.spots[place].value;
	switch (v->e[i].kind) {
	case OP_EMPTY:
		return value == 0;
	case OP_FULL:
		return value >= view_kind(v, place)->max;
	case OP_READ:
	case OP_SIZE:
	case OP_EVENT_ISSET:
		return value;
	default:
		return event_result(&v->e[i]);
	}
}

static bool would_sleep_again(const struct wakeups *w, const struct waking *k)
{
	int32_t results[TEST_MAX];
	struct machine m;

	for (size_t i = 0; i < k->count; i++)
		results[i] = look_now(w, k->own[i]);
	return minds_redo(&w->minds, k->own, k->count, results,
			  w->v->e[k->asleep].pc, &m);
}

/* The last look before it slept, and who changed that since it was woken. */
static void find_thief(const struct view *v, struct waking *k)
{
	k->thief = NOWHERE;
	for (size_t i = 0; i < k->count; i++)
		if (is_look(&v->e[k->own[i]]))
			k->look = k->own[i];
	for (uint32_t i = k->retake; i-- > k->woken;)
		if (is_change(&v->e[i]) && succeeded(&v->e[i]) &&
		    view_place_at(v, i) == view_place_at(v, k->look)) {
			k->thief = i;
			return;
		}
}

/* ---- in words ---------------------------------------------------------- */

static const char *say_now(const struct wakeups *w, uint32_t look)
{
	struct view *v = w->v;
	const char *name = say_place(v, view_place_at(v, look));
	int32_t now = look_now(w, look);

	switch (v->e[look].kind) {
	case OP_EMPTY:
	case OP_FULL:
		return say(v, "%s is %s%s", name, now ? "" : "not ",
			   op_info[v->e[look].kind].word);
	case OP_EVENT_ISSET:
		return say(v, "%s is %sset", name, now ? "" : "not ");
	default:
		return say(v, "%s is %d", name, now);
	}
}

static void report(struct wakeups *w, const struct waking *k)
{
	struct view *v = w->v;
	const struct event *woken = &v->e[k->woken];
	const char *me = say_thread(v, v->e[k->retake].thread);
	struct finding *f;

	f = finding_add(w->out, v, FINDING_WAIT_WITHOUT_LOOP, k->retake,
			view_place_at(v, k->asleep));
	finding_event(f, 0, k->thief == NOWHERE ? k->woken : k->thief);
	finding_event(f, 1, k->retake);
	finding_event(f, 2, k->look);
	if (k->thief != NOWHERE)
		f->threads |= bit(v->e[k->thief].thread);
	finding_what(f, "%s was woken and goes on, but %s: it does not look "
			"again.", me, say_now(w, k->look));
	if (woken->kind == EVENT_WOKEN)
		finding_why(f, "Nobody signalled: a wait may end for no reason "
			       "at all.");
	else if (k->thief == NOWHERE)
		finding_why(f, "A signal says that something may have changed, "
			       "not that it has.");
	else
		finding_why(f, "Between the signal (step %u) and its turn came "
			       "%s (step %u).", woken->step,
			    say_thread(v, v->e[k->thief].thread),
			    v->e[k->thief].step);
	finding_fix(f, "test in a loop: while instead of if at line %u",
		    view_line(v, k->own[0]));
}

static void report_stolen(struct wakeups *w, const struct waking *k,
			  size_t at)
{
	struct view *v = w->v;
	thread_id t = v->e[k->retake].thread;
	thread_id thief = v->e[k->thief].thread;
	const char *me = say_thread(v, t), *it = say_thread(v, thief);
	struct finding *f;

	f = finding_add(w->out, v, FINDING_STOLEN_WAKEUP, at,
			view_place_at(v, k->look));
	f->threads = bit(t) | bit(thief);
	finding_event(f, 0, k->thief);
	finding_event(f, 1, w->scene.actors[t].last);
	finding_event(f, 2, k->look);
	finding_what(f, "%s was woken at step %u, but %s came first: %s %s at "
			"step %u.", me, v->e[k->woken].step, it, it,
		     say_deed(v, k->thief), v->e[k->thief].step);
	finding_why(f, "A woken thread only may try for the lock; %s did not "
		       "look again.", me);
	finding_fix(f, "test in a loop: while instead of if at line %u",
		    view_line(v, k->own[0]));
}

/* ---- the fold ---------------------------------------------------------- */

static void step_retake(struct wakeups *w, size_t i, struct actor before)
{
	const struct event *e = &w->v->e[i];
	struct waking k = {.retake = (uint32_t)i, .asleep = before.asleep,
			   .woken = before.woken};

	w->open[e->thread] = false;
	if (e->flags & EVENT_TIMEOUT || k.asleep == NOWHERE ||
	    k.woken == NOWHERE || !collect_test(w->v, &k) ||
	    !would_sleep_again(w, &k) || looks_again(w->v, k.retake))
		return;
	find_thief(w->v, &k);
	if (!relies_on(w->v, k.retake, k.look))
		return;
	report(w, &k);
	w->bad[e->thread] = k;
	w->open[e->thread] = true;
}

/* Who came to grief: an assertion or a crash has a thread. */
static void step_verdict(struct wakeups *w, size_t i)
{
	const struct event *e = &w->v->e[i];

	if ((e->value == VERDICT_CRASH || e->value == VERDICT_VIOLATED) &&
	    e->thread != THREAD_NONE && w->open[e->thread] &&
	    w->bad[e->thread].thief != NOWHERE)
		report_stolen(w, &w->bad[e->thread], i);
}

static void step(struct wakeups *w, size_t i)
{
	const struct event *e = &w->v->e[i];
	struct actor before = {0};

	if (e->kind == EVENT_VERDICT) {
		step_verdict(w, i);
		return;
	}
	if (is_own(e))
		before = w->scene.actors[e->thread];
	scene_step(&w->scene, i);
	minds_step(&w->minds, i);
	if (!is_own(e))
		return;
	if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR)
		step_retake(w, i, before);
	else if (e->kind == OP_UNLOCK || e->kind == OP_SLEEP_ON)
		w->open[e->thread] = false;
}

void wakeups_find(struct view *v, struct finding_list *out)
{
	struct wakeups w = {.v = v, .out = out};

	scene_init(&w.scene, v);
	minds_init(&w.minds, v);
	w.bad = xcalloc(v->threads + 1, sizeof *w.bad);
	w.open = xcalloc(v->threads + 1, sizeof *w.open);
	for (size_t i = 0; i < v->n; i++)
		step(&w, i);
	scene_fini(&w.scene);
	minds_fini(&w.minds);
	free(w.bad);
	free(w.open);
}
