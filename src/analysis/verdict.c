/*
 * verdict.c - the run's bad end in words: which check failed, and the cause.
 *
 * The mark at the end says only that, by whom and where. The values come from
 * the events: the scene knows every variable, so a check's expression can be
 * worked out once more. A failed check is seldom the cause; where an earlier
 * finding concerns one of its variables, the sentence points there and takes
 * over its fix.
 */
#include "inside.h"

struct verdict_talk {
	struct view *v;
	struct scene scene;
	struct minds minds;
	size_t at;
	const struct event *e;
	struct finding_list *out;
	size_t told_before;              /* findings of the other folds */
	uint32_t entered[LIMIT_THREADS]; /* the region that is violated */
};

/* ---- checks ------------------------------------------------------------ */

/* What a check looks at, and what it comes to. */
struct checked {
	uint32_t places[8];
	size_t count;
	bool holds;
};

static void look(const struct verdict_talk *x, const struct insn *i,
		 int32_t index, int32_t *value, struct checked *out)
{
	uint32_t place = view_place(x->v, i->object, index);
	size_t k = 0;

	*value = 0;
	if (place == NOWHERE)
		return;
	*value = x->scene.spots[place].value;
	if (i->code == INSN_EMPTY)
		*value = *value == 0;
	else if (i->code == INSN_FULL)
		*value = *value >= view_kind(x->v, place)->max;
	while (k < out->count && out->places[k] != place)
		k++;
	if (k == out->count && k < sizeof out->places / sizeof *out->places)
		out->places[out->count++] = place;
}

static void evaluate(const struct verdict_talk *x, const struct check *c,
		     struct checked *out)
{
	const struct program *p = x->v->p;
	struct machine m = {.pc = c->code};

	*out = (struct checked){.holds = true};
	for (size_t n = 0; n < LIMIT_CODE && m.pc < p->code.count; n++) {
		const struct insn *i = &p->code.data[m.pc++];
		int32_t a = machine_reg(&m, i->a), b = machine_reg(&m, i->b);
		int32_t value = 0;

		if (i->code == INSN_RETURN) {
			out->holds = a != 0;
			return;
		}
		if (i->code == INSN_JUMP || (i->code == INSN_JZ && !a) ||
		    (i->code == INSN_JNZ && a))
			m.pc = (code_addr)i->imm;
		else if (i->code >= INSN_LOAD)
			look(x, i, machine_reg(&m, i->index), &value, out);
		else
			value = insn_calculate(i, a, b);
		if (i->dst != NO_REG && i->dst < LIMIT_REGS)
			m.regs[i->dst] = value;
	}
}

static bool has_expression(const struct check *c)
{
	return c->kind == CHECK_FINALLY || c->kind == CHECK_ALWAYS;
}

/* Which check it was: the one the mark names, if that can be. */
static const struct check *failed_check(const struct verdict_talk *x,
					struct checked *out)
{
	const struct program *p = x->v->p;
	size_t named = (size_t)x->e->index;
	const struct check *other = NULL;

	*out = (struct checked){0};
	for (size_t k = 0; k <= p->checks.count; k++) {
		size_t i = k ? k - 1 : named;
		const struct check *c = &p->checks.data[i];

		if (x->e->index < 0 || i >= p->checks.count)
			continue;
		if (has_expression(c)) {
			evaluate(x, c, out);
			if (!out->holds)
				return c;
		} else if (!k) {
			return c;
		} else if (!other) {
			other = c;
		}
	}
	*out = (struct checked){0};
	return other;
}

/* "count == 2" of "finally count == 2" */
static const char *condition(const struct check *c)
{
	const char *gap = strchr(c->text, ' ');

	return gap ? gap + strspn(gap, " ") : c->text;
}

static const char *say_values(struct view *v, const struct verdict_talk *x,
			      const struct checked *c)
{
	struct str s = {0};
	const char *text;

	for (size_t k = 0; k < c->count; k++)
		str_addf(&s, "%s%s is %d", !k ? "" : ", ",
			 say_place(v, c->places[k]),
			 x->scene.spots[c->places[k]].value);
	text = arena_strdup(&v->words, str_cstr(&s));
	str_free(&s);
	return text;
}

/* An earlier finding about one of the variables; the gravest, then latest. */
static const struct finding *earlier(const struct verdict_talk *x,
				     const struct checked *c)
{
	const struct finding *best = NULL;

	for (size_t i = 0; i < x->told_before; i++) {
		const struct finding *f = &x->out->data[i];
		uint32_t place = view_place(x->v, f->object, f->index);
		bool about = false;

		for (size_t k = 0; k < c->count; k++)
			about |= c->places[k] == place;
		if (about && (!best || f->kind <= best->kind) &&
		    finding_info[f->kind].severity != SEVERITY_NOTE)
			best = f;
	}
	return best;
}

/* Something stale was used: its events are who made it so, and who used it. */
static bool is_stale_use(const struct finding *f)
{
	return f->kind == FINDING_LOST_UPDATE || f->kind == FINDING_ABA ||
	       f->kind == FINDING_CHECK_THEN_ACT ||
	       f->kind == FINDING_TORN_READ;
}

/* Or what went wrong before on another: a decision that came too late. */
static const struct finding *nearby(const struct verdict_talk *x)
{
	for (size_t i = x->told_before; i-- > 0;)
		if (is_stale_use(&x->out->data[i]))
			return &x->out->data[i];
	return NULL;
}

/* Whether one of the values would not be there, had the thread read the newer
 * value. */
static bool led_to(const struct verdict_talk *x, const struct finding *f,
		   const struct checked *c)
{
	const struct event *e = x->v->e;

	if (f->events[0] == SIZE_MAX || f->events[2] == SIZE_MAX)
		return false;
	for (size_t k = 0; k < c->count; k++) {
		uint32_t w = x->scene.spots[c->places[k]].written;

		if (w != NOWHERE && e[w].thread == e[f->events[2]].thread &&
		    blame_depends(x->v, &x->minds, (uint32_t)f->events[2],
				  e[f->events[0]].value, w))
			return true;
	}
	return false;
}

/* Or about the thread itself, if it went on from a wait too early. */
static const struct finding *too_early(const struct verdict_talk *x)
{
	const struct finding *best = NULL;

	for (size_t i = 0; i < x->told_before; i++) {
		const struct finding *f = &x->out->data[i];

		if ((f->kind == FINDING_WAIT_WITHOUT_LOOP ||
		     f->kind == FINDING_STOLEN_WAKEUP) &&
		    f->threads & bit(x->e->thread))
			best = f;
	}
	return best;
}

/* The two accesses that are the cause are its, too. */
static void show_pair(struct finding *f, const struct finding *cause)
{
	if (is_stale_use(cause) || cause->kind == FINDING_DATA_RACE)
		memcpy(f->events, cause->events, sizeof f->events);
}

/* Points to the cause, or says when it must hold. */
static void point_back(struct verdict_talk *x, size_t self,
		       const struct checked *c, const char *otherwise)
{
	const struct finding *cause = earlier(x, c), *wait = too_early(x);
	struct finding *f = &x->out->data[self];
	const char *fix = x->v->p->fix, *how = "The cause";

	cause = wait ? wait : cause;
	if (!cause) {
		cause = nearby(x);
		how = cause && led_to(x, cause, c) ? how : "Before that";
	}
	if (cause)
		finding_why(f, "%s: %s on %s at step %u.", how,
			    finding_info[cause->kind].title,
			    say_object(x->v, cause->object, cause->index),
			    cause->step);
	else
		finding_why(f, "%s", otherwise);
	if (cause) {
		fix = say(x->v, "%s", cause->fix);
		show_pair(f, cause);
	}
	if (*fix)
		finding_fix(f, "%s", fix);
	else if (!*f->fix)
		finding_fix(f, "step back and see which step made it so");
}

/* A read without which one of the values would not be there, while what it
 * should have seen sat in a store buffer; NULL: none. */
static const char *say_hidden(const struct verdict_talk *x, struct finding *f,
			      const struct checked *c)
{
	struct view *v = x->v;

	for (uint32_t i = (uint32_t)x->at; i-- > 0;) {
		uint32_t hidden = blame_hidden(v, i);

		for (size_t k = 0; k < c->count && hidden != NOWHERE; k++) {
			uint32_t w = x->scene.spots[c->places[k]].written;

			if (w == NOWHERE || v->e[w].thread != v->e[i].thread ||
			    !blame_depends(v, &x->minds, i, v->e[hidden].value,
					   w))
				continue;
			finding_event(f, 0, hidden);
			finding_event(f, 1, i);
			finding_fix(f, "%s", blame_say_fence(v, hidden));
			return blame_say_hidden(v, i, hidden);
		}
	}
	return NULL;
}

/* What made it what it is; NOWHERE: nothing. */
static uint32_t origin(const struct verdict_talk *x, uint32_t place)
{
	const struct view *v = x->v;

	if (view_kind(v, place)->kind == OBJECT_VAR)
		return x->scene.spots[place].written;
	for (uint32_t i = (uint32_t)x->at; i-- > 0;)
		if (is_own(&v->e[i]) && succeeded(&v->e[i]) &&
		    view_place_at(v, i) == place && !is_look(&v->e[i]))
			return i;
	return NOWHERE;
}

/* Where the values come from. */
static const char *say_origins(const struct verdict_talk *x,
			       const struct checked *c)
{
	struct view *v = x->v;
	const char *text = NULL;

	for (size_t k = 0; k < c->count; k++) {
		uint32_t w = origin(x, c->places[k]);

		if (w != NOWHERE)
			text = text ? say(v, "%s; %s", text, say_step(v, w))
				    : say_step(v, w);
	}
	return text ? say(v, "%s.", text)
		    : "Nobody has changed what it is about.";
}

struct change {
	const struct view *v;
	const struct checked *checked;
};

static bool is_about(const struct insn *i, void *data)
{
	const struct change *want = data;
	bool changes = i->code < OP_COUNT && op_info[i->code].flags != OP_R;

	for (size_t k = 0; k < want->checked->count && changes; k++) {
		int32_t index;

		if (view_object(want->v, want->checked->places[k], &index) ==
		    i->object)
			return true;
	}
	return false;
}

/* The daemons that were cut off and might still have changed it. */
static uint64_t cut_off(const struct verdict_talk *x, const struct checked *c)
{
	const struct view *v = x->v;
	struct change want = {v, c};
	uint64_t cut = 0;

	for (size_t t = 0; t < v->threads; t++)
		if (v->p->threads.data[t].daemon &&
		    x->scene.actors[t].ended == NOWHERE &&
		    reach_find(v->p, x->minds.machines[t].pc, is_about, NULL,
			       &want))
			cut |= bit(t);
	return cut;
}

/* Why it may fail at the end although nobody interfered. */
static const char *say_at_end(const struct verdict_talk *x, struct finding *f,
			      const struct checked *c)
{
	uint64_t cut = cut_off(x, c);
	const char *why = say_hidden(x, f, c);

	for (size_t k = 0; k < c->count && !why; k++) {
		uint32_t w = x->scene.spots[c->places[k]].written;

		if (w != NOWHERE)
			why = sleeps_say_stale(x->v, &x->minds, w, f);
	}
	if (why || !cut)
		return why ? why : say_origins(x, c);
	return say(x->v,
		   "The end came before %s had finished: nobody waits for "
		   "a daemon.",
		   say_threads(x->v, cut));
}

static uint32_t last_step(const struct view *v, size_t at)
{
	while (at-- > 0)
		if (is_step(&v->e[at]))
			return (uint32_t)at;
	return NOWHERE;
}

static bool somebody_wants(const struct verdict_talk *x, uint64_t set,
			   uint32_t place)
{
	for (size_t t = 0; t < x->v->threads; t++)
		if (set & bit(t) &&
		    scene_wanted(&x->scene, (thread_id)t) == place)
			return true;
	return false;
}

/* The starvation that the thread had a part in, if it still goes on. */
static const struct finding *starvation_by(const struct verdict_talk *x,
					   thread_id t)
{
	for (size_t i = x->told_before; i-- > 0;) {
		const struct finding *f = &x->out->data[i];

		if (f->kind == FINDING_STARVATION && f->threads & bit(t) &&
		    somebody_wants(x, f->threads & ~bit(t),
				   view_place(x->v, f->object, f->index)))
			return f;
	}
	return NULL;
}

/* What broke what must always hold. */
static const char *say_breaker(const struct verdict_talk *x, struct finding *f,
			       uint32_t step)
{
	struct view *v = x->v;
	const struct finding *unfair;

	if (step == NOWHERE)
		return "It must hold from the start on.";
	unfair = starvation_by(x, v->e[step].thread);
	if (unfair) {
		finding_fix(f, "%s", say(v, "%s", unfair->fix));
		return say(v, "Step %u (%s, line %u) broke it. Before that: "
			      "%s on %s at step %u.", v->e[step].step,
			   say_thread(v, v->e[step].thread),
			   view_line(v, step), finding_info[unfair->kind].title,
			   say_object(v, unfair->object, unfair->index),
			   unfair->step);
	}
	return say(v, "It must hold after every step: step %u (%s, line %u) "
		      "broke it.", v->e[step].step,
		   say_thread(v, v->e[step].thread), view_line(v, step));
}

static void say_expression(struct verdict_talk *x, struct finding *f,
			   const struct check *c, const struct checked *values)
{
	struct view *v = x->v;
	bool at_end = c->kind == CHECK_FINALLY;
	size_t self = (size_t)(f - x->out->data);
	uint32_t step = last_step(v, x->at);

	finding_what(f, "%s does not hold%s: %s.", condition(c),
		     at_end ? " at the end" : "", say_values(v, x, values));
	if (values->count)
		f->object = view_object(v, values->places[0], &f->index);
	if (!at_end && step != NOWHERE)
		f->threads |= bit(v->e[step].thread);
	if (!at_end && step != NOWHERE)
		finding_event(f, 1, step);
	point_back(x, self, values,
		   at_end ? say_at_end(x, f, values) : say_breaker(x, f, step));
}

/* The way in was a check that no longer held. */
static void blame_entry(struct verdict_talk *x, size_t self, uint64_t inside)
{
	struct finding *f = &x->out->data[self];

	for (size_t i = x->told_before; i-- > 0;) {
		const struct finding *cause = &x->out->data[i];

		if (!is_stale_use(cause) || cause->threads & ~inside)
			continue;
		finding_why(f, "The cause: %s on %s at step %u.",
			    finding_info[cause->kind].title,
			    say_object(x->v, cause->object, cause->index),
			    cause->step);
		if (!*x->v->p->fix)
			finding_fix(f, "%s", say(x->v, "%s", cause->fix));
		show_pair(f, cause);
		return;
	}
}

static void say_never_two(struct verdict_talk *x, struct finding *f,
			  const struct check *c)
{
	struct view *v = x->v;
	const char *region = c->region < v->p->regions.count
				     ? v->p->regions.data[c->region]
				     : "it";
	uint64_t set = 0;

	for (size_t t = 0; t < v->threads; t++)
		if (x->minds.machines[t].regions >> (c->region & 31) & 1)
			set |= bit(t);
	f->threads |= set;
	finding_what(f, "%s are in %s at the same time.", say_threads(v, set),
		     region);
	finding_why(f, "Only one at a time may be there.");
	if (set)
		blame_region(v, &x->minds, &x->scene, set, c->region,
			     x->entered, f);
	if (*v->p->fix)
		finding_fix(f, "%s", v->p->fix);
	blame_entry(x, (size_t)(f - x->out->data), set);
}

/* What a step printed, or the name of its work; NULL: neither. */
static const char *mark_at(const struct view *v, size_t i)
{
	const struct event *e = &v->e[i];
	size_t n;

	if (!is_own(e))
		return NULL;
	if (e->kind == OP_WORK)
		return v->p->texts.data[v->p->code.data[e->pc].imm];
	if (e->kind != OP_PRINT)
		return NULL;
	n = outputs_count(v->p->outputs, (uint32_t)e->value);
	return n ? outputs_line(v->p->outputs, (uint32_t)e->value, n - 1)
		 : NULL;
}

static uint32_t first_mark(const struct view *v, const char *text)
{
	for (uint32_t i = 0; i < v->n; i++) {
		const char *mark = mark_at(v, i);

		if (mark && !strcmp(mark, text))
			return i;
	}
	return NOWHERE;
}

/* Both marks and who was where with them. */
static void say_reversed(struct verdict_talk *x, struct finding *f,
			 const struct check *c, uint32_t early, uint32_t late)
{
	struct view *v = x->v;
	const struct event *e = v->e;

	f->threads |= bit(e[early].thread) | bit(e[late].thread);
	finding_event(f, 0, early);
	finding_event(f, 1, late);
	finding_what(f, "\"%s\" of %s at step %u came before \"%s\" of %s at "
			"step %u.", c->after, say_thread(v, e[early].thread),
		     e[early].step, c->before, say_thread(v, e[late].thread),
		     e[late].step);
	if (e[early].thread == e[late].thread)
		finding_why(f, "%s itself does it in this order.",
			    say_thread(v, e[early].thread));
	else
		finding_why(f, "Nothing makes %s wait until %s has come to "
			       "\"%s\".", say_thread(v, e[early].thread),
			    say_thread(v, e[late].thread), c->before);
	if (e[early].thread == e[late].thread)
		finding_fix(f, "let \"%s\" (line %u) come first", c->before,
			    view_line(v, late));
	else
		finding_fix(f, "post a semaphore behind \"%s\" and wait for "
			       "it before \"%s\"", c->before, c->after);
}

static void say_order_check(struct verdict_talk *x, struct finding *f,
			    const struct check *c)
{
	uint32_t early = first_mark(x->v, c->after);
	uint32_t late = first_mark(x->v, c->before);

	finding_what(f, "\"%s\" comes before \"%s\", and must not.", c->after,
		     c->before);
	finding_why(f, "Nothing makes the one wait for the other.");
	finding_fix(f, "step back and see which came first");
	if (early < late && late != NOWHERE)
		say_reversed(x, f, c, early, late);
	if (*x->v->p->fix)
		finding_fix(f, "%s", x->v->p->fix);
}

/* Where the value that it last looked at is from. */
static const char *say_believed(const struct verdict_talk *x, uint32_t last)
{
	struct view *v = x->v;
	uint32_t place = view_place_at(v, last), w;
	const char *seen = say_step(v, last);

	if (place == NOWHERE || view_kind(v, place)->kind != OBJECT_VAR)
		return say(v, "%s.", seen);
	w = x->scene.spots[place].written;
	if (w == NOWHERE || w > last)
		return say(v, "%s: nobody had written it yet.", seen);
	return say(v, "%s, written by %s at step %u.", seen,
		   say_thread(v, v->e[w].thread), v->e[w].step);
}

/* What it had looked at last: something that sat in a store buffer, or just
 * where its belief is from. */
static const char *say_belief(const struct verdict_talk *x, struct finding *f)
{
	struct view *v = x->v;
	uint32_t last = x->scene.actors[x->e->thread].last, hidden;
	const char *soon;

	if (last == NOWHERE || !is_look(&v->e[last]))
		return "What it believes is not so.";
	for (uint32_t k = last; k != NOWHERE && is_look(&v->e[k]);
	     k = v->before[k]) {
		hidden = blame_hidden(v, k);
		if (hidden == NOWHERE)
			continue;
		finding_event(f, 0, hidden);
		finding_event(f, 1, k);
		finding_fix(f, "%s", blame_say_fence(v, hidden));
		return blame_say_hidden(v, k, hidden);
	}
	soon = sleeps_say_early(v, &x->scene, &x->minds, last, f);
	return soon ? soon : say_believed(x, last);
}

static void say_assert(struct verdict_talk *x, struct finding *f)
{
	struct view *v = x->v;
	const struct insn *i = &v->p->code.data[x->e->pc];
	const char *me = say_thread(v, x->e->thread);
	const char *text = i->imm >= 0 && (size_t)i->imm < v->p->asserts.count
				   ? v->p->asserts.data[i->imm]
				   : NULL;
	struct checked seen = {0};
	uint32_t last = x->scene.actors[x->e->thread].last;

	for (uint32_t k = last;
	     k != NOWHERE && is_look(&v->e[k]) && seen.count < 8;
	     k = v->before[k])
		if (view_place_at(v, k) != NOWHERE)
			seen.places[seen.count++] = view_place_at(v, k);
	finding_what(f, "%s's assertion at line %u does not hold%s%s%s.", me,
		     i->line, text && *text ? ": \"" : "",
		     text && *text ? text : "", text && *text ? "\"" : "");
	point_back(x, (size_t)(f - x->out->data), &seen, say_belief(x, f));
}

static void say_violated(struct verdict_talk *x)
{
	struct finding *f =
		finding_add(x->out, x->v, FINDING_VIOLATED, x->at, NOWHERE);
	const struct check *c;
	struct checked values;

	if (x->e->thread != THREAD_NONE) {
		say_assert(x, f);
		return;
	}
	c = failed_check(x, &values);
	if (!c)
		finding_what(f, "A check does not hold.");
	else if (has_expression(c))
		say_expression(x, f, c, &values);
	else if (c->kind == CHECK_NEVER_TWO)
		say_never_two(x, f, c);
	else
		say_order_check(x, f, c);
}

/* ---- the way in ------------------------------------------------------- */

/* With which step each has come into the region that must not have two. */
static void note_entry(struct verdict_talk *x, size_t i)
{
	const struct program *p = x->v->p;
	thread_id t = x->v->e[i].thread;
	bool inside;

	if (!is_own(&x->v->e[i]) || x->e->index < 0 ||
	    (size_t)x->e->index >= p->checks.count)
		return;
	inside = x->minds.machines[t].regions >>
			 (p->checks.data[x->e->index].region & 31) &
		 1;
	if (!inside)
		x->entered[t] = NOWHERE;
	else if (x->entered[t] == NOWHERE)
		x->entered[t] = (uint32_t)i;
}

/* ---- the fold ---------------------------------------------------------- */

void verdict_find(struct view *v, struct finding_list *out)
{
	struct verdict_talk x = {.v = v, .out = out, .told_before = out->len};

	if (!v->n || v->e[v->n - 1].kind != EVENT_VERDICT)
		return;
	x.at = v->n - 1;
	x.e = &v->e[x.at];
	if (x.e->value != VERDICT_VIOLATED && x.e->value != VERDICT_CRASH)
		return;
	scene_init(&x.scene, v);
	minds_init(&x.minds, v);
	memset(x.entered, 0xff, sizeof x.entered);
	for (size_t i = 0; i < v->n; i++) {
		scene_step(&x.scene, i);
		minds_step(&x.minds, i);
		note_entry(&x, i);
	}
	if (x.e->value == VERDICT_VIOLATED)
		say_violated(&x);
	else
		crash_say(v, &x.scene, x.at, out);
	scene_fini(&x.scene);
	minds_fini(&x.minds);
}
