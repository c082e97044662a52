/*
 * check.c - what is declared, and what is promised of it.
 *
 * First the parameters (everything else may use them), then objects, threads
 * and procedures, so that a name may be used above its declaration; then the
 * bodies; then the checks, runs and expectations, which name things of them.
 */
#include <stdio.h>

#include "check.h"

enum {
	ARRAY_MAX = LIMIT_STATE / 4,
	BARRIER_MAX = LIMIT_THREADS,
	SCHEDULE_MAX = 100000,
};

/* Enters a name of the file, or says where it is declared already. */
static struct symbol *declare(struct checker *c, name_id n, struct span at,
			      enum symbol_kind kind)
{
	struct symbol *s = symbol_of(c, n);

	if (s->kind != SYMBOL_NONE) {
		mistake(c->unit, at, "%s is declared twice; %s in line %u",
			s->text, s->line <= at.line ? "first" : "again",
			s->line);
		return NULL;
	}
	s->kind = kind;
	s->line = at.line;
	return s;
}

static const char *keep_name(struct checker *c, name_id n)
{
	return arena_strdup(c->keep, symbol_of(c, n)->text);
}

/* ---- parameters --------------------------------------------------------- */

static const struct lang_param *find_given(const struct lang_param *given,
					   size_t count, const char *name)
{
	const struct lang_param *found = NULL;

	for (size_t i = 0; i < count; i++)
		if (!strcmp(given[i].name, name))
			found = &given[i];
	return found;
}

static void check_param(struct checker *c, struct param_decl *d,
			const struct lang_param *given, size_t count)
{
	struct param p = {.low = INT32_MIN, .high = INT32_MAX};
	struct symbol *s;
	bool good = check_const(c, d->value, &p.value);

	if (d->low)
		good = check_const(c, d->low, &p.low) && good;
	if (d->high)
		good = check_const(c, d->high, &p.high) && good;
	if (good && (p.value < p.low || p.value > p.high))
		mistake(c->unit, d->value->span, "%d does not lie in %d..%d",
			p.value, p.low, p.high);
	p.standard = p.value;
	s = declare(c, d->name, d->span, SYMBOL_PARAM);
	if (!s)
		return;
	given = find_given(given, count, s->text);
	if (given && good && (given->value < p.low || given->value > p.high))
		mistake(c->unit, (struct span){0},
			"%s=%d is out of range: "
			"%s is %d to %d (line %u)",
			s->text, given->value, s->text, p.low, p.high, s->line);
	else if (given)
		p.value = given->value;
	p.name = keep_name(c, d->name);
	p.line = (uint16_t)d->span.line;
	s->index = (uint32_t)c->params.len;
	vec_push(&c->params, p);
}

static void check_given(struct checker *c, const struct lang_param *given)
{
	VEC(const char *) names = {0};
	struct str all = {0};
	const char *near;

	for (size_t i = 0; i < c->params.len; i++) {
		vec_push(&names, c->params.data[i].name);
		str_addf(&all, "%s%s", i ? ", " : "", c->params.data[i].name);
	}
	near = nearest(c->unit, given->name, names.data, names.len);
	if (names.len == 0)
		mistake(c->unit, (struct span){0},
			"there is no parameter "
			"\"%s\": this scenario has none",
			given->name);
	else if (near)
		mistake_nearest(c->unit, (struct span){0}, near,
				"there is no parameter \"%s\"", given->name);
	else
		mistake(c->unit, (struct span){0},
			"there is no parameter \"%s\", only %s", given->name,
			str_cstr(&all));
	str_free(&all);
	vec_free(&names);
}

static void check_params(struct checker *c, const struct lang_param *given,
			 size_t count)
{
	for (struct param_decl *d = c->ast->params.first; d; d = d->next)
		check_param(c, d, given, count);
	for (size_t i = 0; i < count; i++) {
		bool known = false;

		for (size_t k = 0; k < c->params.len; k++)
			known |= !strcmp(c->params.data[k].name, given[i].name);
		if (!known)
			check_given(c, &given[i]);
	}
}

/* ---- objects ------------------------------------------------------------ */

static int32_t lowest_initial(enum object_kind k)
{
	return k == OBJECT_VAR ? INT32_MIN : 0;
}

static void check_initial(struct checker *c, struct object_decl *d,
			  struct object *o)
{
	int32_t *init = arena_array(c->keep, o->count, sizeof *init);
	char what[80];

	if (d->init_list && d->init_count != o->count)
		mistake(c->unit, d->span,
			"%s has %u %s, and there are %zu "
			"values for it",
			o->name, o->count,
			o->count == 1 ? "element" : "elements", d->init_count);
	snprintf(what, sizeof what, "the value of %s",
		 kind_text((enum object_kind)o->kind));
	for (size_t i = 0; i < d->init_count; i++) {
		int32_t v = 0;

		check_limited(c, d->init[i],
			      lowest_initial((enum object_kind)o->kind),
			      o->kind == OBJECT_SEM ? o->max : INT32_MAX, what,
			      &v);
		for (size_t k = i; k < o->count; k++)
			init[k] = v;
	}
	o->init = init;
}

/* What a kind needs that has not been given. */
static const char *missing_part(const struct object_decl *d)
{
	switch (d->object.kind) {
	case OBJECT_SEM:
		return d->init_count ? NULL
				     : "how many permits it has at "
				       "first, as in sem s = 1";
	case OBJECT_BARRIER:
		return d->init_count ? NULL
				     : "for how many threads it is, as "
				       "in barrier b = 3";
	case OBJECT_COUNTDOWN:
		return d->init_count ? NULL
				     : "from where it counts, as in "
				       "countdown k = 2";
	case OBJECT_BUFFER:
		return d->max ? NULL
			      : "how much it holds, as in buffer buf "
				"max 2";
	default:
		return NULL;
	}
}

static void check_size(struct checker *c, struct object_decl *d,
		       struct object *o)
{
	int32_t v = 1;

	if (d->size)
		check_limited(c, d->size, 1, ARRAY_MAX, "the size of an array",
			      &v);
	o->array = d->size != NULL;
	o->count = v >= 1 && v <= ARRAY_MAX ? (uint16_t)v : 1;
}

static void check_max(struct checker *c, struct object_decl *d,
		      struct object *o)
{
	int32_t v;

	if (o->kind == OBJECT_SEM)
		o->max = INT32_MAX;
	o->bounded = d->max != NULL;
	if (d->max && o->kind == OBJECT_SEM &&
	    check_limited(c, d->max, 1, INT32_MAX, "the maximum", &v))
		o->max = v;
	else if (d->max && o->kind != OBJECT_SEM &&
		 check_limited(c, d->max, 1, LIMIT_QUEUE, "the maximum", &v))
		o->max = v;
	if (o->kind == OBJECT_BARRIER && d->init_count && !d->init_list &&
	    check_limited(c, d->init[0], 1, BARRIER_MAX,
			  "the number of threads at a barrier", &v))
		o->max = v;
	if (o->kind == OBJECT_BARRIER && d->init_list)
		mistake(c->unit, d->span,
			"a barrier has one number for all "
			"its elements");
}

static void check_object(struct checker *c, struct object_decl *d)
{
	struct object o = d->object;
	const char *missing = missing_part(d);
	struct symbol *s = declare(c, d->name, d->span, SYMBOL_OBJECT);

	if (!s)
		return;
	o.name = keep_name(c, d->name);
	o.line = (uint16_t)d->span.line;
	o.process = THREAD_NONE;
	o.original = (object_id)c->objects.len;
	if (missing)
		mistake(c->unit, d->span, "say of %s %s", o.name, missing);
	check_size(c, d, &o);
	check_max(c, d, &o);
	if (o.kind == OBJECT_VAR || o.kind == OBJECT_SEM ||
	    o.kind == OBJECT_COUNTDOWN)
		check_initial(c, d, &o);
	s->index = (uint32_t)c->objects.len;
	vec_push(&c->objects, o);
	if (c->objects.len == LIMIT_OBJECTS + 1)
		mistake(c->unit, d->span, "a scenario has at most %d objects",
			LIMIT_OBJECTS);
}

/* ---- threads ------------------------------------------------------------ */

static void add_thread(struct checker *c, const struct thread_tree *t,
		       const char *name, uint32_t me, struct span at)
{
	struct thread_decl d = {.name = name, .me = (int32_t)me, .cpu = -1};

	for (size_t i = 0; i < c->threads.len; i++)
		if (!strcmp(c->threads.data[i].name, name))
			mistake(c->unit, at, "two threads would be called %s",
				name);
	d.group = (uint8_t)t->group;
	d.daemon = t->daemon;
	d.later = t->later;
	d.process = t->process;
	d.priority = 10;
	if (t->priority)
		check_limited(c, t->priority, 0, 1000, "a priority",
			      &d.priority);
	if (t->cpu)
		check_limited(c, t->cpu, 0, 1023, "the number of a CPU",
			      &d.cpu);
	if (c->threads.len < LIMIT_THREADS)
		vec_push(&c->threads, d);
	else if (me == 0 || !t->size)
		mistake(c->unit, at, "a scenario has at most %d threads",
			LIMIT_THREADS);
}

static void declare_thread(struct checker *c, struct thread_tree *t,
			   uint32_t member)
{
	struct thread_name *n = &t->names[member];
	struct symbol *s = declare(c, n->name, n->span, SYMBOL_THREAD);

	if (s) {
		s->index = t->group;
		s->member = member;
	}
}

static void check_thread(struct checker *c, struct thread_tree *t)
{
	struct thread_group g = {.line = (uint16_t)t->span.line};
	int32_t n = (int32_t)t->name_count;

	t->group = (uint32_t)c->groups.len;
	g.name = keep_name(c, t->names[0].name);
	g.array = t->size != NULL;
	g.first = (thread_id)c->threads.len;
	if (t->size && !check_limited(c, t->size, 1, LIMIT_THREADS,
				      "the number of threads", &n))
		n = 1;
	g.count = (uint8_t)n;
	if (c->threads.len + (size_t)n > LIMIT_THREADS) {
		mistake(c->unit, t->names[0].span,
			"a scenario has at most %d "
			"threads",
			LIMIT_THREADS);
		n = 0;
	}
	for (uint32_t i = 0; i < t->name_count; i++)
		declare_thread(c, t, i);
	for (uint32_t i = 0; i < (uint32_t)n; i++)
		add_thread(c, t,
			   t->size ? arena_printf(c->keep, "%s%u", g.name, i)
				   : keep_name(c, t->names[i].name),
			   i, t->names[t->size ? 0 : i].span);
	vec_push(&c->groups, g);
	vec_push(&c->trees, t);
}

static void declare_def(struct checker *c, struct def *d)
{
	struct symbol *s;
	const char *text = symbol_of(c, d->name)->text;

	d->func.name = text;
	if (word_places(d->name) & (STATEMENT | CALL)) {
		mistake(c->unit, d->name_span,
			"\"%s\" is a word of the "
			"language and cannot name a procedure",
			text);
		return;
	}
	s = declare(c, d->name, d->name_span, SYMBOL_DEF);
	if (s)
		s->decl = d;
}

static void declare_unsure(struct checker *c)
{
	for (size_t i = 0; i < c->ast->unsure.len; i++) {
		struct symbol *s = symbol_of(c, c->ast->unsure.data[i]);

		if (s->kind == SYMBOL_NONE)
			s->kind = SYMBOL_UNSURE;
	}
}

/* ---- promises ----------------------------------------------------------- */

static void check_never(struct checker *c, struct check_decl *d)
{
	const char *name = symbol_of(c, d->region)->text;
	const char *names[LIMIT_REGIONS];

	if (symbol_of(c, d->region)->region)
		return;
	for (size_t i = 0; i < c->regions.len; i++)
		names[i] = c->regions.data[i];
	mistake_nearest(c->unit, d->region_span,
			nearest(c->unit, name, names, c->regions.len),
			"no thread enters a region \"%s\"", name);
}

static bool is_marked(struct checker *c, const char *text)
{
	for (size_t i = 0; i < c->marks.len; i++) {
		const struct mark *m = &c->marks.data[i];

		if (m->open ? !strncmp(m->text, text, strlen(m->text))
			    : !strcmp(m->text, text))
			return true;
	}
	return false;
}

static void check_marked(struct checker *c, const char *text, struct span at)
{
	VEC(const char *) names = {0};

	if (is_marked(c, text))
		return;
	for (size_t i = 0; i < c->marks.len && !is_hopeless(c->unit); i++)
		if (!c->marks.data[i].open)
			vec_push(&names, c->marks.data[i].text);
	mistake_nearest(c->unit, at,
			nearest(c->unit, text, names.data, names.len),
			"nothing prints or does \"%.60s\"", text);
	vec_free(&names);
}

static void check_check(struct checker *c, struct check_decl *d)
{
	if (d->kind == CHECK_NEVER_TWO) {
		check_never(c, d);
	} else if (d->kind == CHECK_ORDER) {
		check_marked(c, d->before, d->before_span);
		check_marked(c, d->after, d->after_span);
	} else {
		check_value(c, d->value);
	}
}

/* How long a schedule would be, written out. */
static uint64_t schedule_length(const char *at)
{
	uint64_t n = 0;

	for (; *at; at++) {
		if (*at == '*')
			n += strtoul(at + 1, NULL, 10) % 10000000;
		else
			n += *at == ' ' || *at == ',';
	}
	return n;
}

static bool is_changed(const struct checker *c)
{
	for (size_t i = 0; i < c->params.len; i++)
		if (c->params.data[i].value != c->params.data[i].standard)
			return true;
	return false;
}

/*
 * The threads are known, and no more is needed to read a schedule. With other
 * parameters than the scenario's own, threads that it names may be gone: then
 * it is left out.
 */
static void check_run(struct checker *c, struct run_decl *d)
{
	struct program p = {.threads = {c->threads.data, c->threads.len}};
	struct schedule s = {0};
	struct error err = {0};

	for (struct run_decl *r = c->ast->runs.first; r != d; r = r->next)
		if (!strcmp(r->name, d->name)) {
			mistake(c->unit, d->span,
				"two schedules are called "
				"\"%.60s\"",
				d->name);
			return;
		}
	c->run_steps += schedule_length(d->schedule);
	if (c->run_steps > SCHEDULE_MAX)
		mistake(c->unit, d->span,
			"the schedules of a scenario have "
			"at most %d steps in all",
			SCHEDULE_MAX);
	else if (!schedule_parse(&p, d->schedule, &s, &err)) {
		d->unfit = is_changed(c);
		if (!d->unfit)
			mistake(c->unit, d->span, "%s", err.text);
	}
	vec_free(&s);
}

static bool check_variable(struct checker *c, struct expr *e, bool element)
{
	const struct symbol *s;
	const struct object *o;

	if (e->kind != EXPR_REF) {
		mistake(c->unit, e->span,
			"the name of a variable belongs "
			"here");
		return false;
	}
	s = symbol_of(c, e->name);
	if (s->kind == SYMBOL_UNSURE)
		return false;
	if (s->kind == SYMBOL_NONE) {
		check_unknown(c, e->span, e->name);
		return false;
	}
	o = s->kind == SYMBOL_OBJECT ? &c->objects.data[s->index] : NULL;
	if (!o || o->kind != OBJECT_VAR) {
		mistake(c->unit, e->span, "%s is no shared variable", s->text);
		return false;
	}
	e->ref = REF_OBJECT;
	e->index = s->index;
	if (element)
		check_index(c, e, o->name, o->count, o->array);
	else if (e->a)
		mistake(c->unit, e->a->span,
			"name the variable without an "
			"index");
	return true;
}

static void check_expect(struct checker *c, struct expect_decl *d)
{
	int32_t value;

	if (d->kind == EXPECT_RACE)
		for (size_t i = 0; i < d->arg_count; i++)
			check_variable(c, d->args[i], false);
	if (d->kind != EXPECT_VALUES)
		return;
	check_variable(c, d->args[0], true);
	if (d->args[0]->kind == EXPR_REF && d->args[0]->a)
		check_limited(c, d->args[0]->a, 0, ARRAY_MAX, "the index",
			      &value);
	for (size_t i = 1; i < d->arg_count; i++)
		check_const(c, d->args[i], &value);
}

/* ---- all of it ---------------------------------------------------------- */

static void declare_all(struct checker *c, const struct lang_param *given,
			size_t count)
{
	check_params(c, given, count);
	for (struct object_decl *d = c->ast->objects.first; d; d = d->next)
		check_object(c, d);
	for (struct thread_tree *t = c->ast->threads.first; t; t = t->next)
		check_thread(c, t);
	for (struct def *d = c->ast->defs.first; d; d = d->next)
		declare_def(c, d);
	declare_unsure(c);
}

static void check_bodies(struct checker *c)
{
	for (struct def *d = c->ast->defs.first; d; d = d->next)
		check_def(c, d);
	for (struct thread_tree *t = c->ast->threads.first; t; t = t->next)
		check_func(c, &t->func, NULL);
	for (struct func *f = c->ast->orphans.first; f; f = f->next)
		check_func(c, f, NULL);
}

static void check_promises(struct checker *c)
{
	for (struct check_decl *d = c->ast->checks.first; d; d = d->next)
		check_check(c, d);
	for (struct run_decl *d = c->ast->runs.first; d; d = d->next)
		check_run(c, d);
	for (struct expect_decl *d = c->ast->expects.first; d; d = d->next)
		check_expect(c, d);
}

/* A thread that waits to be started, and nobody starts one. */
static void check_started(struct checker *c)
{
	for (size_t i = 0; i < c->trees.len; i++) {
		const struct thread_tree *t = c->trees.data[i];

		if (t->later && !t->aimed)
			warning(c->unit, t->names[0].span, "nobody starts %s",
				c->groups.data[i].name);
	}
}

void check_all(struct checker *c, const struct lang_param *given, size_t count)
{
	declare_all(c, given, count);
	check_bodies(c);
	check_promises(c);
	check_started(c);
	if (!c->threads.len && !c->unit->diag->mistakes)
		mistake(c->unit, (struct span){.line = 1, .column = 1},
			"a scenario needs at least one thread");
}

void checker_fini(struct checker *c)
{
	vec_free(&c->params);
	vec_free(&c->objects);
	vec_free(&c->groups);
	vec_free(&c->threads);
	vec_free(&c->trees);
	vec_free(&c->regions);
	vec_free(&c->marks);
}
