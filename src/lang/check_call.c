/*
 * check_call.c - what operations and functions work on.
 *
 * Which objects a word works on is in uses.def; what a function takes besides
 * is a string of letters, one an argument: o the object, m a mutex, v a value.
 * A check only looks, so most functions have no place there.
 */
#include "check.h"

#define LENGTH(array) (sizeof(array) / sizeof *(array))

static const struct use {
	uint8_t word, kind, op;
} uses[] = {
#define USE(word, kind, op) {WORD_##word, OBJECT_##kind, OP_##op},
#include "uses.def"
#undef USE
};

/* ---- what works on what ------------------------------------------------- */

/* "a condition, a semaphore or a countdown" */
static void list_kinds(enum word w, struct str *out)
{
	const char *kinds[LENGTH(uses) + 1];
	size_t n = 0;

	for (size_t i = 0; i < LENGTH(uses); i++)
		if (uses[i].word == w)
			kinds[n++] = kind_text((enum object_kind)uses[i].kind);
	if (w == WORD_start || w == WORD_join)
		kinds[n++] = "a thread";
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s%s",
			 i == 0      ? ""
			 : i + 1 < n ? ", "
				     : " or ",
			 kinds[i]);
}

static const char *better_word(enum word w, enum object_kind k)
{
	static const struct {
		uint8_t word, kind, better;
	} table[] = {
		{WORD_lock, OBJECT_RWLOCK, WORD_wrlock},
		{WORD_lock, OBJECT_SEM, WORD_wait},
		{WORD_unlock, OBJECT_SEM, WORD_post},
		{WORD_rdlock, OBJECT_MUTEX, WORD_lock},
		{WORD_wrlock, OBJECT_MUTEX, WORD_lock},
		{WORD_wait, OBJECT_MUTEX, WORD_lock},
		{WORD_wait, OBJECT_QUEUE, WORD_get},
		{WORD_signal, OBJECT_SEM, WORD_post},
		{WORD_signal, OBJECT_EVENT, WORD_set},
		{WORD_broadcast, OBJECT_EVENT, WORD_set},
		{WORD_post, OBJECT_COND, WORD_signal},
		{WORD_post, OBJECT_EVENT, WORD_set},
		{WORD_post, OBJECT_QUEUE, WORD_put},
		{WORD_set, OBJECT_SEM, WORD_post},
		{WORD_set, OBJECT_COND, WORD_signal},
		{WORD_arrive, OBJECT_BARRIER, WORD_wait},
		{WORD_join, OBJECT_COUNTDOWN, WORD_wait},
		{WORD_tryget, OBJECT_BUFFER, WORD_get},
		{WORD_trylock, OBJECT_SEM, WORD_trywait},
		{WORD_trywait, OBJECT_MUTEX, WORD_trylock},
	};

	for (size_t i = 0; i < LENGTH(table); i++)
		if (table[i].word == w && table[i].kind == k)
			return word_text((enum word)table[i].better);
	return NULL;
}

static void complain_use(struct checker *c, const struct expr *e, enum word w)
{
	const char *better = NULL, *what;
	struct str kinds = {0};

	list_kinds(w, &kinds);
	if (e->ref == REF_OBJECT) {
		enum object_kind k =
			(enum object_kind)c->objects.data[e->index].kind;

		what = kind_text(k);
		better = better_word(w, k);
	} else if (e->ref == REF_THREAD) {
		what = "a thread";
		better = w == WORD_wait ? "join" : NULL;
	} else {
		what = e->ref == REF_LOCAL ? "a private value" : "a parameter";
	}
	mistake_nearest(c->unit, e->span, better,
			"\"%s\" works on %s, and %s is %s", word_text(w),
			str_cstr(&kinds), name_text(c, e->name), what);
	str_free(&kinds);
}

uint8_t check_operand(struct checker *c, struct expr *e, enum word w)
{
	if (e->kind == EXPR_BAD)
		return OP_NONE;
	if (e->kind != EXPR_REF) {
		mistake(c->unit, e->span,
			"\"%s\" needs the name of what it "
			"works on here",
			word_text(w));
		return OP_NONE;
	}
	if (!check_name(c, e))
		return OP_NONE;
	for (size_t i = 0; e->ref == REF_OBJECT && i < LENGTH(uses); i++)
		if (uses[i].word == w &&
		    uses[i].kind == c->objects.data[e->index].kind)
			return uses[i].op;
	if (e->ref == REF_THREAD && (w == WORD_start || w == WORD_join)) {
		c->trees.data[e->index]->aimed = true;
		return w == WORD_start ? OP_START : OP_JOIN;
	}
	complain_use(c, e, w);
	return OP_NONE;
}

void check_mutex(struct checker *c, struct expr *e, enum word w)
{
	if (e->kind == EXPR_BAD)
		return;
	if (e->kind != EXPR_REF) {
		mistake(c->unit, e->span, "the name of a mutex belongs here");
		return;
	}
	if (!check_name(c, e))
		return;
	if (e->ref != REF_OBJECT ||
	    c->objects.data[e->index].kind != OBJECT_MUTEX)
		mistake(c->unit, e->span,
			"the second name of \"%s\" is that "
			"of a mutex, and %s is none",
			word_text(w), name_text(c, e->name));
}

/* ---- calls -------------------------------------------------------------- */

static const struct signature {
	uint8_t word;
	const char *args, *form;
} signatures[] = {
	{WORD_get, "o", "get(q)"},
	{WORD_tryget, "o", "tryget(q)"},
	{WORD_tryput, "ov", "tryput(q, value)"},
	{WORD_trylock, "o", "trylock(m)"},
	{WORD_trywait, "o", "trywait(s)"},
	{WORD_xchg, "ov", "xchg(x, value)"},
	{WORD_cas, "ovv", "cas(x, old, new)"},
	{WORD_fetch_add, "ov", "fetch_add(x, value)"},
	{WORD_empty, "o", "empty(q)"},
	{WORD_full, "o", "full(q)"},
	{WORD_size, "o", "size(q)"},
	{WORD_isset, "o", "isset(e)"},
	{WORD_waitfor, "omv", "waitfor(c, m, time)"},
	{WORD_lockfor, "ov", "lockfor(m, time)"},
	{WORD_getfor, "ov", "getfor(q, time)"},
	{WORD_min, "vv", "min(a, b)"},
	{WORD_max, "vv", "max(a, b)"},
	{WORD_abs, "v", "abs(a)"},
};

static const struct signature *signature_of(name_id n)
{
	for (size_t i = 0; i < LENGTH(signatures); i++)
		if (signatures[i].word == n)
			return &signatures[i];
	return NULL;
}

static void check_args(struct checker *c, struct expr *e)
{
	for (size_t i = 0; i < e->arg_count; i++)
		check_value(c, e->args[i]);
}

static void check_choose(struct checker *c, struct expr *e)
{
	struct expr *r = e->arg_count == 1 ? e->args[0] : NULL;
	int32_t a, b;

	e->op = OP_CHOOSE;
	if (!r || r->kind != EXPR_RANGE) {
		check_args(c, e);
		mistake(c->unit, e->span, "write choose(a..b)");
		return;
	}
	check_value(c, r->a);
	check_value(c, r->b);
	check_fit(c, e->span, "choose()");
	if (!check_fold(c, r->a, &a) || !check_fold(c, r->b, &b))
		return;
	if (a > b)
		mistake(c->unit, r->span,
			"choose(%d..%d) has no value to "
			"choose",
			a, b);
	else if ((int64_t)b - a >= LIMIT_CHOOSE)
		mistake(c->unit, r->span, "choose() has at most %d values",
			LIMIT_CHOOSE);
}

static void check_select(struct checker *c, struct expr *e)
{
	if (!e->arg_count)
		mistake(c->unit, e->span, "write select(q1, q2, …)");
	for (size_t i = 0; i < e->arg_count; i++)
		check_operand(c, e->args[i], WORD_select);
	e->op = OP_SELECT;
}

static void check_builtin(struct checker *c, struct expr *e,
			  const struct signature *s)
{
	size_t n = strlen(s->args);

	if (e->arg_count != n) {
		mistake(c->unit, e->span, "write %s", s->form);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		if (s->args[i] == 'o')
			e->op = check_operand(c, e->args[i],
					      (enum word)e->name);
		else if (s->args[i] == 'm')
			check_mutex(c, e->args[i], (enum word)e->name);
		else
			check_value(c, e->args[i]);
	}
	e->code = (uint8_t)pure_code(e->name);
	if (e->name == WORD_waitfor || e->name == WORD_lockfor ||
	    e->name == WORD_getfor)
		check_fit(c, e->span, s->form);
}

static void check_def_call(struct checker *c, struct expr *e, bool want_value)
{
	const struct symbol *s = symbol_of(c, e->name);
	struct def *d = s->decl;

	check_args(c, e);
	if (d->state == DEF_CHECKING) {
		mistake(c->unit, e->span,
			"%s calls itself: a procedure is "
			"written out where it is called, which would never "
			"end",
			s->text);
		return;
	}
	check_def(c, d);
	e->def = d;
	if (e->arg_count != d->func.param_count)
		mistake(c->unit, e->span, "%s takes %u %s, not %zu", s->text,
			d->func.param_count,
			d->func.param_count == 1 ? "value" : "values",
			e->arg_count);
	if (want_value && !d->func.gives_value)
		mistake(c->unit, e->span,
			"%s gives no value: it has no "
			"\"return\" with one",
			s->text);
	if (d->unfit)
		check_fit(c, e->span, d->unfit);
}

/* Objects may well be what an unknown function works on. */
static void check_unsure_args(struct checker *c, struct expr *e)
{
	for (size_t i = 0; i < e->arg_count; i++) {
		struct expr *a = e->args[i];

		if (a->kind != EXPR_REF || is_local(c, a->name) ||
		    (symbol_of(c, a->name)->kind != SYMBOL_OBJECT &&
		     symbol_of(c, a->name)->kind != SYMBOL_THREAD))
			check_value(c, a);
	}
}

static void check_unknown_call(struct checker *c, struct expr *e)
{
	VEC(const char *) names = {0};
	struct symbol *s = symbol_of(c, e->name);

	check_unsure_args(c, e);
	if (s->kind == SYMBOL_UNSURE || s->complained)
		return;
	s->complained = true;
	for (size_t i = 0; i < c->unit->names.list.len && !is_hopeless(c->unit);
	     i++)
		if (symbol_of(c, (name_id)i)->kind == SYMBOL_DEF ||
		    (word_places((name_id)i) & CALL))
			vec_push(&names, name_text(c, (name_id)i));
	if (word_places(e->name) & STATEMENT)
		mistake(c->unit, e->name_span,
			"\"%s\" is a statement and "
			"gives no value",
			s->text);
	else
		mistake_nearest(
			c->unit, e->name_span,
			nearest(c->unit, s->text, names.data, names.len),
			"there is no function \"%s\"", s->text);
	vec_free(&names);
}

/* Checks look without touching: what would be a step has no place there. */
static bool may_look(const struct expr *e)
{
	switch (e->name) {
	case WORD_empty:
	case WORD_full:
	case WORD_size:
	case WORD_isset:
	case WORD_min:
	case WORD_max:
	case WORD_abs:
		return true;
	default:
		return false;
	}
}

void check_call(struct checker *c, struct expr *e, bool want_value)
{
	const struct signature *s = signature_of(e->name);
	bool is_def = symbol_of(c, e->name)->kind == SYMBOL_DEF;

	if (!c->func && (is_def || (s && !may_look(e)) ||
			 e->name == WORD_choose || e->name == WORD_select))
		mistake(c->unit, e->span,
			"a check only looks: it may use "
			"empty, full, size, isset, min, max and abs");
	else if (is_def)
		check_def_call(c, e, want_value);
	else if (e->name == WORD_choose)
		check_choose(c, e);
	else if (e->name == WORD_select)
		check_select(c, e);
	else if (s)
		check_builtin(c, e, s);
	else
		check_unknown_call(c, e);
}
