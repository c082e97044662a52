/*
 * aba.c - a cas that found the old value, but not the old state.
 *
 * A thread reads a variable, works out what to put there, and lets cas look
 * whether the variable is still as it was. Another has meanwhile changed it and
 * changed it back: the cas succeeds. Often that does no harm (a counter that is
 * at 5 again may become 6 all the same). So the thread's private code is run
 * once more from its read (see machine.c), with what memory held just before
 * the cas: only if it would then have put something else there, or not have
 * come to the cas, is it a finding.
 */
#include "inside.h"

enum {
	SPAN_MAX = 64,  /* own steps between the read and the cas */
	FOUND_MAX = 50, /* findings in one run */
};

struct aba {
	struct view *v;
	struct scene scene;
	struct minds minds;
	struct finding_list *out;
	size_t found;
};

/* One suspicion. */
struct suspect {
	uint32_t cas, place;
	uint32_t own[SPAN_MAX]; /* the thread's steps from its read on */
	size_t count;
	uint32_t away, back; /* another changed it, and to what it was */
	int32_t should;      /* what it would put there now */
	bool comes;          /* it would still come to the cas */
};

/* The thread's latest read of it, and its steps from there up to the cas. */
static bool collect(const struct view *v, struct suspect *s)
{
	uint32_t i = v->before[s->cas];
	size_t n = SPAN_MAX;

	for (; i != NOWHERE && n > 0; i = v->before[i]) {
		s->own[--n] = i;
		if (v->e[i].kind == OP_READ && view_place_at(v, i) == s->place)
			break;
	}
	if (i == NOWHERE || view_place_at(v, s->own[n]) != s->place ||
	    v->e[s->own[n]].kind != OP_READ)
		return false;
	s->count = SPAN_MAX - n;
	memmove(s->own, s->own + n, s->count * sizeof *s->own);
	return v->e[s->own[0]].value == v->e[s->cas].extra;
}

/* What others did to it in between. */
static bool changed_and_back(const struct view *v, struct suspect *s)
{
	int32_t old = v->e[s->cas].extra;

	s->away = s->back = NOWHERE;
	for (uint32_t i = s->own[0] + 1; i < s->cas; i++) {
		const struct event *e = &v->e[i];

		if (!is_step(e) || !is_change(e) || !succeeded(e) ||
		    view_place_at(v, i) != s->place)
			continue;
		if (e->value == old)
			s->back = i;
		else if (s->away == NOWHERE)
			s->away = i;
	}
	return s->away != NOWHERE && s->back != NOWHERE;
}

/* Once more, with memory as it is just before the cas. */
static bool would_differ(const struct aba *x, struct suspect *s)
{
	const struct view *v = x->v;
	const struct insn *cas = &v->p->code.data[v->e[s->cas].pc];
	int32_t results[SPAN_MAX];
	struct machine m;

	for (size_t k = 0; k < s->count; k++) {
		const struct event *e = &v->e[s->own[k]];
		uint32_t place = view_place_at(v, s->own[k]);

		results[k] = e->kind == OP_READ && place != NOWHERE
				     ? x->scene.spots[place].value
				     : event_result(e);
	}
	if (x->minds.known_at[s->own[0]] == NOWHERE)
		return false;
	s->comes = minds_redo(&x->minds, s->own, s->count, results,
			      v->e[s->cas].pc, &m);
	s->should = s->comes ? machine_reg(&m, cas->b) : 0;
	return !s->comes || s->should != v->e[s->cas].value;
}

static void report(struct aba *x, const struct suspect *s)
{
	struct view *v = x->v;
	const char *name = say_place(v, s->place);
	const struct event *cas = &v->e[s->cas], *away = &v->e[s->away],
			   *back = &v->e[s->back];
	const char *me = say_thread(v, cas->thread);
	struct finding *f =
		finding_add(x->out, v, FINDING_ABA, s->cas, s->place);

	x->found++;
	f->threads |= bit(away->thread) | bit(back->thread);
	finding_event(f, 0, s->back);
	finding_event(f, 1, s->cas);
	finding_event(f, 2, s->own[0]);
	finding_event(f, 3, s->away);
	finding_what(f,
		     "%s's cas finds %s = %d as at step %u, but in between "
		     "it was %d (%s, step %u) and became %d again (%s, step "
		     "%u).",
		     me, name, cas->extra, v->e[s->own[0]].step, away->value,
		     say_thread(v, away->thread), away->step, back->value,
		     say_thread(v, back->thread), back->step);
	if (s->comes)
		finding_why(f,
			    "The same value is not the same state: looking "
			    "now, %s would put %d there, not %d.",
			    me, s->should, cas->value);
	else
		finding_why(f,
			    "The same value is not the same state: looking "
			    "now, %s would not do it.",
			    me);
	finding_fix(f,
		    "count the changes of %s beside its value, so that cas "
		    "sees them",
		    name);
}

static void step_cas(struct aba *x, size_t i)
{
	const struct event *e = &x->v->e[i];
	struct suspect s = {.cas = (uint32_t)i,
			    .place = view_place_at(x->v, i)};

	if (e->kind != OP_CAS || !succeeded(e) || !is_step(e) ||
	    e->flags & EVENT_ATOMIC || s.place == NOWHERE ||
	    x->found == FOUND_MAX)
		return;
	if (collect(x->v, &s) && changed_and_back(x->v, &s) &&
	    would_differ(x, &s))
		report(x, &s);
}

void aba_find(struct view *v, struct finding_list *out)
{
	struct aba x = {.v = v, .out = out};

	scene_init(&x.scene, v);
	minds_init(&x.minds, v);
	for (size_t i = 0; i < v->n; i++) {
		minds_step(&x.minds, i);
		step_cas(&x, i); /* memory is still as it was before */
		scene_step(&x.scene, i);
	}
	scene_fini(&x.scene);
	minds_fini(&x.minds);
}
