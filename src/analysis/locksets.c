/*
 * locksets.c - under which locks a variable is touched (Savage et al., Eraser,
 * 1997).
 *
 * A variable is well protected if there is a lock that every touch of it
 * holds. Each touch keeps of the candidates only what its thread holds; when
 * none is left, the first line that held none of them is what to show. Unlike
 * Eraser nothing is a finding here: whether two touches were ordered by other
 * means is for races.c to say.
 */
#include "inside.h"

/* The places of the locks that the thread of step i holds at it. */
struct locks VEC_OF(uint32_t);

static void locks_of(const struct scene *s, thread_id t, struct locks *out)
{
	const struct actor *a = &s->actors[t];

	vec_clear(out);
	for (size_t k = 0; k < a->holds.len; k++)
		if (a->holds.data[k].mode != HOLD_PERMIT)
			vec_push(out, a->holds.data[k].place);
}

static bool has(const struct locks *l, uint32_t place)
{
	for (size_t k = 0; k < l->len; k++)
		if (l->data[k] == place)
			return true;
	return false;
}

static void keep_common(struct locks *all, const struct locks *here)
{
	size_t n = 0;

	for (size_t k = 0; k < all->len; k++)
		if (has(here, all->data[k]))
			all->data[n++] = all->data[k];
	all->len = n;
}

/* Holding for reading protects no write. */
static void drop_shared(const struct scene *s, thread_id t, struct locks *l)
{
	const struct actor *a = &s->actors[t];
	size_t n = 0;

	for (size_t k = 0, i = 0; k < a->holds.len; k++) {
		if (a->holds.data[k].mode == HOLD_PERMIT)
			continue;
		if (a->holds.data[k].mode == HOLD_ALONE)
			l->data[n++] = l->data[i];
		i++;
	}
	l->len = n;
}

static bool touches(const struct event *e)
{
	return (is_look(e) || is_change(e)) && is_own(e);
}

/* ---- one variable ------------------------------------------------------ */

struct lockset {
	struct locks common; /* held at every touch so far */
	uint64_t threads;
	unsigned bare; /* the first line where none of them was held; 0 */
	bool nothing;  /* there, no lock at all was held */
	bool any;
};

static void lockset_touch(struct lockset *set, const struct locks *here,
			  thread_id t, unsigned line)
{
	bool had = set->any && set->common.len > 0;

	if (!set->any)
		for (size_t k = 0; k < here->len; k++)
			vec_push(&set->common, here->data[k]);
	else
		keep_common(&set->common, here);
	if (!set->common.len && (had || !set->any) && !set->bare) {
		set->bare = line;
		set->nothing = !here->len;
	}
	set->any = true;
	set->threads |= bit(t);
}

static void lockset_find(struct lockset *set, const struct view *v,
			 uint32_t place)
{
	struct locks here = {0};
	struct scene s;

	*set = (struct lockset){0};
	scene_init(&s, v);
	for (size_t i = 0; i < v->n; i++) {
		const struct event *e = &v->e[i];

		if (touches(e) && view_place_at(v, i) == place) {
			locks_of(&s, e->thread, &here);
			if (is_change(e))
				drop_shared(&s, e->thread, &here);
			lockset_touch(set, &here, e->thread, view_line(v, i));
		}
		scene_step(&s, i);
	}
	scene_fini(&s);
	vec_free(&here);
}

static void lockset_say(const struct lockset *set, struct view *v,
			uint32_t place, struct str *out)
{
	str_addf(out, "%s: touched under ", say_place(v, place));
	if (!set->common.len) {
		str_addf(out, set->nothing ? "nothing at line %u"
					   : "no common lock at line %u",
			 set->bare);
		return;
	}
	str_addc(out, '{');
	for (size_t k = 0; k < set->common.len; k++)
		str_addf(out, "%s%s", k ? ", " : "",
			 say_place(v, set->common.data[k]));
	str_addc(out, '}');
}

bool analysis_lockset(const struct program *p, const struct event *events,
		      size_t n, object_id id, int32_t index, struct str *out)
{
	struct lockset set;
	struct view v;
	uint32_t place;
	bool shared;

	if (id >= p->objects.count)
		return false;
	view_init(&v, p, events, n);
	place = view_place(&v, id, index);
	lockset_find(&set, &v, place);
	shared = (set.threads & (set.threads - 1)) != 0;
	if (shared)
		lockset_say(&set, &v, place, out);
	vec_free(&set.common);
	view_fini(&v);
	return shared;
}

/* ---- for other folds --------------------------------------------------- */

const char *say_locks_at(struct view *v, size_t at)
{
	struct locks here = {0};
	struct str s = {0};
	const char *text = NULL;
	struct scene scene;

	scene_init(&scene, v);
	for (size_t i = 0; i < at; i++)
		scene_step(&scene, i);
	locks_of(&scene, v->e[at].thread, &here);
	for (size_t k = 0; k < here.len; k++)
		str_addf(&s, "%s%s", k ? ", " : "",
			 say_place(v, here.data[k]));
	if (here.len)
		text = arena_strdup(&v->words, str_cstr(&s));
	str_free(&s);
	vec_free(&here);
	scene_fini(&scene);
	return text;
}

/* For every place the first lock that a touch of it held. */
static uint32_t *find_guards(const struct view *v)
{
	uint32_t *guards = xmalloc((v->places + 1) * sizeof *guards);
	struct locks here = {0};
	struct scene s;

	memset(guards, 0xff, (v->places + 1) * sizeof *guards);
	scene_init(&s, v);
	for (size_t i = 0; i < v->n; i++) {
		uint32_t place = touches(&v->e[i]) ? view_place_at(v, i)
						   : NOWHERE;

		if (place != NOWHERE && guards[place] == NOWHERE) {
			locks_of(&s, v->e[i].thread, &here);
			guards[place] = here.len ? here.data[0] : NOWHERE;
		}
		scene_step(&s, i);
	}
	scene_fini(&s);
	vec_free(&here);
	return guards;
}

/* The scenario's mutex, if it has but one. */
static uint32_t only_mutex(const struct view *v)
{
	uint32_t found = NOWHERE;

	for (size_t i = 0; i < v->p->objects.count; i++) {
		if (v->p->objects.data[i].kind != OBJECT_MUTEX)
			continue;
		if (found != NOWHERE || v->p->objects.data[i].count > 1)
			return NOWHERE;
		found = v->base[i];
	}
	return found;
}

const char *say_mutex_for(struct view *v, uint32_t place)
{
	uint32_t found;

	if (!v->guards)
		v->guards = find_guards(v);
	found = v->guards[place];
	if (found == NOWHERE)
		found = only_mutex(v);
	return found == NOWHERE ? NULL : say_place(v, found);
}
