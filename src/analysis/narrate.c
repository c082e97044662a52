/*
 * narrate.c - one step in plain words.
 *
 * A sentence says who did what to which thing, with the values; another, if
 * there is room, what follows from it: who is blocked now, who may try. Words
 * matter here: unlock hands nothing over, a waiter only *may try*; a signal
 * wakes one who must still get the mutex; time orders nothing.
 *
 * The scene is the moment before the step; what the thread does next comes from
 * running its private code on with the result (see machine.c).
 */
#include "inside.h"
#include "threadviz/label.h"

struct narrator {
	struct view *v;
	struct scene scene;   /* before the step */
	struct minds minds;   /* after it */
	size_t at;            /* the event */
	const struct event *e;
	uint32_t place;
	const char *me, *name; /* thread and object */
	const struct spot *spot; /* NULL: no object */
	uint64_t told; /* threads whose block has been told */
	struct str *out;
	struct str text;
};

/* Adds a sentence if two lines still hold it all. */
static void tell(struct narrator *n, const char *sentence)
{
	struct str lines = {0};
	size_t had = n->text.len, count = 0;

	if (had)
		str_addc(&n->text, ' ');
	str_add(&n->text, sentence);
	words_wrap(str_cstr(&n->text), &lines);
	for (size_t i = 0; i < lines.len; i++)
		count += lines.data[i] == '\n';
	if (had && count > 1)
		str_cut(&n->text, had);
	str_free(&lines);
}

/* ---- who else ---------------------------------------------------------- */

/* Threads that want the place, or sleep and would have to get it. */
static uint64_t wanting(const struct narrator *n, uint32_t place)
{
	uint64_t set = 0;

	for (size_t t = 0; t < n->v->threads; t++)
		if (t != n->e->thread && place != NOWHERE &&
		    scene_wanted(&n->scene, (thread_id)t) == place)
			set |= bit(t);
	return set;
}

static void tell_may_try(struct narrator *n, uint32_t place)
{
	uint64_t set = wanting(n, place);

	if (set)
		tell(n, say(n->v, "%s may try for it now%s.",
			    say_threads(n->v, set),
			    set & (set - 1) ? ": whoever comes first" : ""));
}

/* "A holds it", "A and B hold it", or NULL if nobody has it. */
static const char *say_holder(struct view *v, const struct scene *s,
			      thread_id t)
{
	uint64_t by = scene_blockers(s, t);

	if (!by)
		return NULL;
	return say(v, "%s hold%s it", say_threads(v, by),
		   by & (by - 1) ? "" : "s");
}

static const char *say_blocked(struct view *v, const struct scene *s,
			       thread_id t)
{
	const struct event *e = &v->e[s->actors[t].wants];
	const char *me = say_thread(v, t);
	const char *name = say_place(v, scene_wanted(s, t));
	const char *holder = say_holder(v, s, t);

	switch (e->kind) {
	case OP_JOIN:
		return say(v, "%s waits for the end of %s.", me,
			   say_thread(v, e->other));
	case OP_SEM_WAIT:
		return say(v, "%s wants a permit of %s, but there is none: "
			      "%s is blocked.", me, name, me);
	case OP_EVENT_WAIT:
		return say(v, "%s waits until %s is set.", me, name);
	case OP_GET:
	case OP_GETFOR:
		return say(v, "%s wants an item, but %s is empty: %s is "
			      "blocked.", me, name, me);
	case OP_PUT:
		return say(v, "%s wants to put, but %s is full: %s is blocked.",
			   me, name, me);
	case OP_LEAVE:
		return say(v, "%s waits at %s for the others.", me, name);
	case OP_SELECT:
		return say(v, "All queues are empty: %s is blocked.", me);
	case OP_JOIN_QUEUE:
		return say(v, "%s waits until every item of %s is done.", me,
			   name);
	case OP_COUNT_WAIT:
		return say(v, "%s waits until %s is at zero.", me, name);
	default:
		break;
	}
	if (!holder)
		return say(v, "%s is blocked.", me);
	if (scene_blockers(s, t) == bit(t))
		return say(v, "%s wants %s, which it holds itself: it blocks "
			      "for ever.", me, name);
	return say(v, "%s wants %s, but %s: %s is blocked.", me, name, holder,
		   me);
}

/* ---- variables --------------------------------------------------------- */

/* What the thread would do next, had this step given it `result`. */
static bool next_if(const struct narrator *n, int32_t result,
		    struct machine *m)
{
	uint32_t own = (uint32_t)n->at;

	return minds_again(&n->minds, &own, 1, &result, m) &&
	       m->state == MACHINE_PARKED;
}

static uint32_t target(const struct narrator *n, const struct machine *m)
{
	const struct insn *i = &n->v->p->code.data[m->pc];

	return view_place(n->v, i->object, machine_reg(m, i->index));
}

static int32_t wrap_add(int32_t a, int32_t b)
{
	return (int32_t)((uint32_t)a + (uint32_t)b);
}

/* "It will add 1 to this copy." where the next step writes it back. */
static void tell_copy(struct narrator *n)
{
	enum { FAR = 1000003 };
	const struct insn *i;
	struct machine here, there;
	int64_t plus;

	if (!next_if(n, n->e->value, &here))
		return;
	i = &n->v->p->code.data[here.pc];
	if (i->code != OP_WRITE || target(n, &here) != n->place ||
	    !next_if(n, wrap_add(n->e->value, FAR), &there) ||
	    there.pc != here.pc)
		return;
	plus = (int64_t)machine_reg(&here, i->a) - n->e->value;
	if (wrap_add(machine_reg(&here, i->a), FAR) !=
		    machine_reg(&there, i->a) || !plus)
		tell(n, say(n->v, "It will write %d next.",
			    machine_reg(&here, i->a)));
	else
		tell(n, say(n->v, "It will %s %lld %s this copy.",
			    plus > 0 ? "add" : "take",
			    (long long)(plus > 0 ? plus : -plus),
			    plus > 0 ? "to" : "from"));
}

static void tell_next(struct narrator *n)
{
	const struct insn *i;
	struct machine m;

	if (!next_if(n, event_result(n->e), &m))
		return;
	i = &n->v->p->code.data[m.pc];
	if (i->code == OP_SLEEP_ON)
		tell(n, say(n->v, "It will go to sleep in %s.",
			    say_place(n->v, target(n, &m))));
	else if (m.pc == n->e->pc && target(n, &m) == n->place)
		tell(n, "It will look again: it waits by looking.");
}

static void tell_write(struct narrator *n)
{
	if (n->spot && view_kind(n->v, n->place)->buffered)
		tell(n, say(n->v, "%s writes %s = %d into its store buffer: "
				  "others still see %d.", n->me, n->name,
			    n->e->value, n->spot->value));
	else
		tell(n, say(n->v, "%s writes %s = %d (it was %d).", n->me,
			    n->name, n->e->value, n->e->extra));
}

static void tell_var(struct narrator *n)
{
	const struct event *e = n->e;

	switch (e->kind) {
	case OP_READ:
		tell(n, say(n->v, "%s reads %s: %d.", n->me, n->name,
			    e->value));
		tell_copy(n);
		tell_next(n);
		break;
	case OP_WRITE:
		tell_write(n);
		break;
	case OP_XCHG:
		tell(n, say(n->v, "%s swaps %d into %s and gets %d, as one "
				  "step.", n->me, e->value, n->name,
			    e->extra));
		break;
	case OP_CAS:
		if (e->flags & EVENT_FAILED)
			tell(n, say(n->v, "%s finds %s at %d, not as it "
					  "expected, and leaves it.", n->me,
				    n->name, e->value));
		else
			tell(n, say(n->v, "%s finds %s at %d as expected and "
					  "makes it %d, as one step.", n->me,
				    n->name, e->extra, e->value));
		break;
	case OP_FETCH_ADD:
		tell(n, say(n->v, "%s adds to %s as one step: %d becomes %d.",
			    n->me, n->name, e->extra, e->value));
		break;
	case EVENT_DRAIN:
		tell(n, say(n->v, "%s's store buffer writes %s = %d to memory: "
				  "now all see it.", n->me, n->name,
			    e->value));
		break;
	default:
		break;
	}
}

/* ---- locks ------------------------------------------------------------- */

static void tell_got(struct narrator *n, const char *what)
{
	uint32_t wants = n->scene.actors[n->e->thread].wants;

	if (wants != NOWHERE)
		tell(n, say(n->v, "%s gets %s, which it wanted %s.", n->me,
			    what, say_since(n->v, wants)));
	else
		tell(n, say(n->v, "%s takes %s: nobody held it.", n->me, what));
}

static void tell_missed(struct narrator *n)
{
	thread_id owner = n->spot ? n->spot->owner : THREAD_NONE;

	if (n->e->flags & EVENT_TIMEOUT)
		tell(n, say(n->v, "%s gives up on %s: its time is over.",
			    n->me, n->name));
	else if (owner == THREAD_NONE)
		tell(n, say(n->v, "%s tries %s in vain and goes on without.",
			    n->me, n->name));
	else
		tell(n, say(n->v, "%s tries %s, but %s holds it: %s goes on "
				  "without.", n->me, n->name,
			    say_thread(n->v, owner), n->me));
}

static void tell_lock(struct narrator *n)
{
	const struct event *e = n->e;
	unsigned depth = n->spot ? n->spot->depth : 0;

	switch (e->kind) {
	case OP_LOCK:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
		if (!succeeded(e))
			tell_missed(n);
		else if (depth)
			tell(n, say(n->v, "%s locks %s once more: it holds it "
					  "%u times now.", n->me, n->name,
				    depth + 1));
		else
			tell_got(n, n->name);
		break;
	case OP_UNLOCK:
		tell(n, say(n->v, "%s unlocks %s%s.", n->me, n->name,
			    depth > 1 ? ", but still holds it" : ""));
		if (depth <= 1)
			tell_may_try(n, n->place);
		break;
	case OP_RDLOCK:
		tell(n, say(n->v, "%s takes %s for reading, beside other "
				  "readers.", n->me, n->name));
		break;
	case OP_WRLOCK:
		tell(n, say(n->v, "%s takes %s for writing, alone.", n->me,
			    n->name));
		break;
	case OP_RWUNLOCK:
		tell(n, say(n->v, "%s gives %s back.", n->me, n->name));
		tell_may_try(n, n->place);
		break;
	default:
		break;
	}
}

/* ---- conditions -------------------------------------------------------- */

static uint64_t sleepers(const struct narrator *n)
{
	uint64_t set = 0;

	for (size_t t = 0; t < n->v->threads; t++) {
		const struct actor *a = &n->scene.actors[t];

		if (actor_sleeps(a) &&
		    view_place_at(n->v, a->asleep) == n->place)
			set |= bit(t);
	}
	return set;
}

static void tell_wakes(struct narrator *n, uint64_t set, const char *verb)
{
	thread_id first = (thread_id)(set ? __builtin_ctzll(set) : 0);
	uint32_t asleep = n->scene.actors[first].asleep;
	const char *mutex = asleep == NOWHERE
				    ? "its lock"
				    : say_place(n->v, view_mutex_at(n->v,
								    asleep));
	bool many = set & (set - 1);

	if (!set)
		tell(n, say(n->v, "%s %s %s, but nobody sleeps there: the "
				  "signal is lost.", n->me, verb, n->name));
	else
		tell(n, say(n->v, "%s %s %s: %s wake%s up and may try for %s.",
			    n->me, verb, n->name, say_threads(n->v, set),
			    many ? "" : "s", mutex));
}

static void tell_cond(struct narrator *n)
{
	const struct event *e = n->e;
	const char *mutex = say_place(n->v, view_mutex_at(n->v, n->at));

	switch (e->kind) {
	case OP_SLEEP_ON:
		tell(n, say(n->v, "%s gives %s back and falls asleep in %s, as "
				  "one step.", n->me, mutex, n->name));
		tell_may_try(n, view_mutex_at(n->v, n->at));
		break;
	case OP_RETAKE:
	case OP_RETAKE_FOR:
		if (e->flags & EVENT_TIMEOUT)
			tell(n, say(n->v, "%s's time is over, nobody woke it: "
					  "it has %s again.", n->me, mutex));
		else
			tell(n, say(n->v, "%s, woken from %s, has %s again and "
					  "goes on.", n->me, n->name, mutex));
		break;
	case OP_SIGNAL:
		tell_wakes(n, e->other == THREAD_NONE ? 0 : bit(e->other),
			   "signals");
		break;
	case OP_BROADCAST:
		tell_wakes(n, sleepers(n), "wakes all of");
		break;
	default:
		break;
	}
}

/* ---- counts, events, barriers ------------------------------------------ */

static const char *plural(int32_t n)
{
	return n == 1 ? "" : "s";
}

static void tell_sem(struct narrator *n)
{
	int32_t count = n->e->value;

	switch (n->e->kind) {
	case OP_SEM_WAIT:
	case OP_SEM_TRY:
		if (!succeeded(n->e))
			tell_missed(n);
		else
			tell(n, say(n->v, "%s takes a permit of %s: %d left.",
				    n->me, n->name, count));
		break;
	case OP_SEM_POST:
		tell(n, say(n->v, "%s posts %s: %d permit%s now.", n->me,
			    n->name, count, plural(count)));
		tell_may_try(n, n->place);
		break;
	case OP_COUNT_DOWN:
		tell(n, say(n->v, "%s counts %s down to %d.", n->me, n->name,
			    count));
		break;
	case OP_COUNT_WAIT:
		tell(n, say(n->v, "%s is at zero: %s goes on.", n->name,
			    n->me));
		break;
	default:
		break;
	}
}

static void tell_event(struct narrator *n)
{
	uint64_t set = wanting(n, n->place);

	switch (n->e->kind) {
	case OP_EVENT_WAIT:
		tell(n, say(n->v, "%s is set: %s goes on.", n->name, n->me));
		break;
	case OP_EVENT_SET:
		tell(n, say(n->v, "%s sets %s.", n->me, n->name));
		if (set)
			tell(n, say(n->v, "%s may go on.",
				    say_threads(n->v, set)));
		break;
	case OP_EVENT_CLEAR:
		tell(n, say(n->v, "%s clears %s: who comes now must wait.",
			    n->me, n->name));
		break;
	case OP_EVENT_ISSET:
		tell(n, say(n->v, "%s looks whether %s is set: %s.", n->me,
			    n->name, n->e->value ? "yes" : "no"));
		break;
	default:
		break;
	}
}

static void tell_barrier(struct narrator *n)
{
	int32_t max = n->spot ? view_kind(n->v, n->place)->max : 0;

	if (n->e->kind == OP_LEAVE)
		tell(n, say(n->v, "%s leaves %s and goes on.", n->me, n->name));
	else if (n->e->value >= max)
		tell(n, say(n->v, "%s is the last of %d to arrive at %s: it "
				  "opens.", n->me, max, n->name));
	else
		tell(n, say(n->v, "%s arrives at %s: %d of %d are there.",
			    n->me, n->name, n->e->value, max));
}

/* ---- queues ------------------------------------------------------------ */

static void tell_look(struct narrator *n)
{
	const struct event *e = n->e;

	if (e->kind == OP_SIZE)
		tell(n, say(n->v, "%s looks how much is in %s: %d.", n->me,
			    n->name, e->value));
	else
		tell(n, say(n->v, "%s looks whether %s is %s: %s.", n->me,
			    n->name, op_info[e->kind].word,
			    e->value ? "yes" : "no"));
	tell_next(n);
}

static void tell_queue(struct narrator *n)
{
	const struct event *e = n->e;

	switch (e->kind) {
	case OP_EMPTY:
	case OP_FULL:
	case OP_SIZE:
		tell_look(n);
		break;
	case OP_DONE:
		tell(n, say(n->v, "%s is done with one item of %s: %d still "
				  "open.", n->me, n->name, e->value));
		break;
	case OP_JOIN_QUEUE:
		tell(n, say(n->v, "Every item of %s is done: %s goes on.",
			    n->name, n->me));
		break;
	case OP_PUT:
	case OP_TRYPUT:
	case OP_BUF_PUT:
		if (succeeded(e))
			tell(n, say(n->v, "%s puts %d into %s: %d in it now.",
				    n->me, e->value, n->name, e->extra));
		else
			tell(n, say(n->v, "%s cannot put: %s is full.", n->me,
				    n->name));
		break;
	default:
		if (succeeded(e))
			tell(n, say(n->v, "%s gets %d from %s: %d left.", n->me,
				    e->value, n->name, e->extra));
		else
			tell(n, say(n->v, "%s gets nothing from %s: it is "
					  "empty.", n->me, n->name));
	}
}

/* ---- what has no object ------------------------------------------------ */

static void tell_text(struct narrator *n)
{
	struct str label = {0};

	event_format(n->v->p, n->e, LABEL_SHORT, &label);
	tell(n, say(n->v, n->e->kind == OP_PRINT ? "%s prints \"%s\"."
						 : "%s works: \"%s\".",
		    n->me, str_cstr(&label)));
	str_free(&label);
}

/* All touches of an atomic: block, which are one step. */
static void tell_atomic(struct narrator *n)
{
	struct str all = {0};
	size_t i = n->at + 1;

	for (; i < n->v->n && n->v->e[i].flags & EVENT_ATOMIC &&
	       n->v->e[i].step == n->e->step; i++)
		str_addf(&all, "%s%s", all.len ? ", " : "", say_deed(n->v, i));
	tell(n, say(n->v, "%s does all this as one step: %s.", n->me,
		    all.len ? str_cstr(&all) : "nothing"));
	str_free(&all);
}

static void tell_select(struct narrator *n)
{
	const struct insn *i = &n->v->p->code.data[n->e->pc];
	const struct object_list *list = &n->v->p->lists.data[i->imm];
	size_t k = (size_t)n->e->value;

	if (k < list->count)
		tell(n, say(n->v, "%s finds something in %s.", n->me,
			    n->v->p->objects.data[list->refs[k].object].name));
}

static void tell_alone(struct narrator *n)
{
	const struct event *e = n->e;

	switch (e->kind) {
	case OP_FENCE:
		tell(n, say(n->v, "%s passes the fence: all its writes are in "
				  "memory.", n->me));
		break;
	case OP_SELECT:
		tell_select(n);
		break;
	case OP_START:
		tell(n, say(n->v, "%s starts %s.", n->me,
			    say_thread(n->v, e->other)));
		break;
	case OP_JOIN:
		tell(n, say(n->v, "%s has finished: %s goes on.",
			    say_thread(n->v, e->other), n->me));
		break;
	case OP_PRINT:
	case OP_WORK:
		tell_text(n);
		break;
	case OP_SLEEP:
		tell(n, say(n->v, "%s sleeps for %d. Time orders nothing: "
				  "others may do anything.", n->me, e->value));
		break;
	case OP_YIELD:
		tell(n, say(n->v, "%s lets others go first.", n->me));
		break;
	case OP_CHOOSE:
		tell(n, say(n->v, "%s picks %d.", n->me, e->value));
		break;
	case OP_ATOMIC:
		tell_atomic(n);
		break;
	default:
		break;
	}
}

/* ---- the step ---------------------------------------------------------- */

static void tell_crash(struct narrator *n)
{
	tell(n, say(n->v, "%s: a crash. The run ends here.",
		    say_crash(n->v, n->at)));
}

static void tell_object(struct narrator *n)
{
	switch ((enum object_kind)view_kind(n->v, n->place)->kind) {
	case OBJECT_VAR:
		tell_var(n);
		break;
	case OBJECT_MUTEX:
	case OBJECT_RWLOCK:
		tell_lock(n);
		break;
	case OBJECT_COND:
		tell_cond(n);
		break;
	case OBJECT_SEM:
	case OBJECT_COUNTDOWN:
		tell_sem(n);
		break;
	case OBJECT_EVENT:
		tell_event(n);
		break;
	case OBJECT_BARRIER:
		tell_barrier(n);
		break;
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		tell_queue(n);
		break;
	case OBJECT_KINDS:
		break;
	}
}

static void tell_step(struct narrator *n)
{
	if (is_own(n->e) && n->e->flags & EVENT_CRASH)
		tell_crash(n);
	else if (n->e->kind == EVENT_WOKEN)
		tell(n, say(n->v, "%s wakes up though nobody signalled: that "
				  "is allowed to happen.", n->me));
	else if (n->spot)
		tell_object(n);
	else
		tell_alone(n);
}

/* Others that are blocked by this step on the same lock: in one sentence. */
static void tell_shut_out(struct narrator *n, size_t from)
{
	struct view *v = n->v;
	thread_id first = v->e[from].thread;
	uint32_t place = scene_wanted(&n->scene, first);
	const char *holder = say_holder(v, &n->scene, first);
	uint64_t set = 0;

	for (size_t i = from; i < v->n && v->e[i].step == n->e->step; i++)
		if (v->e[i].flags & EVENT_WANTS &&
		    scene_wanted(&n->scene, v->e[i].thread) == place &&
		    v->e[i].thread != n->e->thread)
			set |= bit(v->e[i].thread);
	if (n->told & bit(first))
		return;
	if (!(set & (set - 1)))
		holder = NULL;
	else if (v->e[from].kind == OP_SEM_WAIT)
		holder = "there is no permit left";
	n->told |= holder ? set : bit(first);
	tell(n, holder ? say(v, "%s want %s, but %s: they are blocked.",
			     say_threads(v, set), say_place(v, place), holder)
		       : say_blocked(v, &n->scene, first));
}

/* What follows: the marks of the step, its own thread's first. */
static void tell_marks(struct narrator *n)
{
	const struct view *v = n->v;
	size_t end = n->at;

	for (; end < v->n && v->e[end].step == n->e->step; end++)
		scene_step(&n->scene, end);
	for (size_t i = n->at; i < end; i++) {
		if (v->e[i].thread != n->e->thread)
			continue;
		if (v->e[i].flags & EVENT_WANTS)
			tell(n, say_blocked(n->v, &n->scene, v->e[i].thread));
		else if (v->e[i].kind == EVENT_END)
			tell(n, say(n->v, "%s has finished.", n->me));
	}
	for (size_t i = n->at; i < end; i++)
		if (v->e[i].flags & EVENT_WANTS &&
		    v->e[i].thread != n->e->thread)
			tell_shut_out(n, i);
}

/* The first event of the step: of an atomic: block, the block itself. */
static size_t first_of_step(const struct view *v, size_t at)
{
	while (at > 0 && v->e[at].flags & EVENT_ATOMIC &&
	       v->e[at - 1].step == v->e[at].step)
		at--;
	return at;
}

static void narrate(struct narrator *n)
{
	scene_init(&n->scene, n->v);
	minds_init(&n->minds, n->v);
	for (size_t i = 0; i < n->at; i++) {
		scene_step(&n->scene, i);
		minds_step(&n->minds, i);
	}
	minds_step(&n->minds, n->at);
	if (n->place != NOWHERE)
		n->spot = &n->scene.spots[n->place];
	tell_step(n);
	tell_marks(n);
	words_wrap(str_cstr(&n->text), n->out);
	scene_fini(&n->scene);
	minds_fini(&n->minds);
}

void analysis_narrate(const struct program *p, const struct event *events,
		      size_t count, size_t at, struct str *out)
{
	struct narrator n = {.out = out, .place = NOWHERE};
	struct view v;

	view_init(&v, p, events, count);
	if (at < v.n && is_step(&v.e[at])) {
		n.v = &v;
		n.at = first_of_step(&v, at);
		n.e = &v.e[n.at];
		n.place = view_place_at(&v, n.at);
		n.me = say_thread(&v, n.e->thread);
		n.name = say_object(&v, n.e->object, n.e->index);
		narrate(&n);
	}
	str_free(&n.text);
	view_fini(&v);
}
