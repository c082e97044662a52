/*
 * words.c - names and phrases, and sentences that fit.
 *
 * Sentences speak of the scenario's own threads, objects, values, steps and
 * lines. They are written as one run of text and broken at spaces so that no
 * line is wider than FINDING_LINE cells, which fits every screen.
 */
#include "inside.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"

const char *say(struct view *v, const char *fmt, ...)
{
	struct str s = {0};
	const char *text;
	va_list args;

	va_start(args, fmt);
	str_addv(&s, fmt, args);
	va_end(args);
	text = arena_strdup(&v->words, str_cstr(&s));
	str_free(&s);
	return text;
}

const char *say_thread(const struct view *v, thread_id t)
{
	return program_thread_name(v->p, t);
}

const char *say_object(struct view *v, object_id id, int32_t index)
{
	struct str s = {0};
	const char *text;

	if (id == OBJECT_NONE)
		return "";
	object_format(v->p, id, index, &s);
	text = arena_strdup(&v->words, str_cstr(&s));
	str_free(&s);
	return text;
}

const char *say_place(struct view *v, uint32_t place)
{
	object_id id;
	int32_t index;

	if (place == NOWHERE)
		return "it";
	id = view_object(v, place, &index);
	return say_object(v, id, index);
}

/* Of many, the first few have to do. */
static const char *join(struct view *v, uint64_t set, const char *last)
{
	enum { MANY = 8, FEW = 4 };
	int count = __builtin_popcountll(set), named = 0;
	int most = count > MANY ? FEW : count;
	struct str s = {0};
	const char *text;

	for (size_t t = 0; t < v->threads && named < most; t++) {
		if (!(set & bit(t)))
			continue;
		if (named++)
			str_add(&s, named == count ? last : ", ");
		str_add(&s, say_thread(v, (thread_id)t));
	}
	if (most < count)
		str_addf(&s, "%s%d others", last, count - most);
	text = arena_strdup(&v->words, str_cstr(&s));
	str_free(&s);
	return text;
}

const char *say_threads(struct view *v, uint64_t set)
{
	return join(v, set, " and ");
}

const char *say_either(struct view *v, uint64_t set)
{
	return join(v, set, " or ");
}

const char *say_select(struct view *v, const struct event *wait,
		       const struct machine *m)
{
	const struct object_list *list = select_list(v, wait);
	struct str s = {0};
	const char *text;

	for (size_t k = 0; k < list->count; k++) {
		object_id id = list->refs[k].object;
		int32_t index = select_index(v, wait, m, k);

		if (k)
			str_add(&s, k + 1 < list->count ? ", " : " or ");
		str_add(&s, index < 0 ? v->p->objects.data[id].name
				      : say_object(v, id, index));
	}
	text = arena_strdup(&v->words, str_cstr(&s));
	str_free(&s);
	return text;
}

const char *say_lines(struct view *v, unsigned a, unsigned b)
{
	if (a == b)
		return say(v, "line %u", a);
	return say(v, "lines %u and %u", a < b ? a : b, a < b ? b : a);
}

const char *say_deed(struct view *v, size_t i)
{
	const struct event *e = &v->e[i];
	const char *name = say_object(v, e->object, e->index);
	struct str s = {0};
	const char *text;
	int word;

	switch (e->kind) {
	case OP_READ:
		return say(v, "reads %s: %d", name, e->value);
	case OP_WRITE:
		return say(v, "writes %s = %d", name, e->value);
	case OP_XCHG:
	case OP_FETCH_ADD:
		return say(v, "turns %s from %d to %d", name, e->extra,
			   e->value);
	case OP_CAS:
		return say(v, e->flags & EVENT_FAILED ? "tries to change %s"
						      : "changes %s", name);
	case OP_TRYLOCK:
		return say(v, e->flags & EVENT_FAILED ? "tries %s in vain"
						      : "takes %s", name);
	case OP_BUF_PUT:
		return say(v, "puts %d into %s", e->value, name);
	case OP_BUF_GET:
		return say(v, "gets from %s", name);
	case OP_EMPTY:
	case OP_FULL:
	case OP_SIZE:
		return say(v, "looks at %s", name);
	case OP_DONE:
		return say(v, "calls done for %s", name);
	default:
		event_format(v->p, e, LABEL_LONG, &s);
		word = (int)strcspn(str_cstr(&s), " ");
		text = say(v, "%.*ss%s", word, str_cstr(&s),
			   str_cstr(&s) + word);
		str_free(&s);
		return text;
	}
}

const char *say_step(struct view *v, size_t i)
{
	return say(v, "%s %s (step %u, line %u)",
		   say_thread(v, v->e[i].thread), say_deed(v, i),
		   v->e[i].step, view_line(v, i));
}

const char *say_since(struct view *v, size_t i)
{
	if (!v->e[i].step)
		return "from the start";
	return say(v, "since step %u", v->e[i].step);
}

/* ---- crashes ----------------------------------------------------------- */

static const char *attempt(struct view *v, size_t i)
{
	const struct event *e = &v->e[i];
	const char *name = say_object(v, e->object, e->index);

	switch (e->kind) {
	case OP_BUF_GET: case OP_TRYGET: case OP_GET: case OP_GETFOR:
		return say(v, "gets from %s", name);
	case OP_BUF_PUT: case OP_PUT: case OP_TRYPUT:
		return say(v, "puts into %s", name);
	case OP_UNLOCK: case OP_RWUNLOCK:
		return say(v, "unlocks %s", name);
	case OP_READ:
		return say(v, "reads %s", name);
	case OP_WRITE:
		return say(v, "writes %s", name);
	case OP_SEM_POST:
		return say(v, "posts %s", name);
	case OP_SLEEP_ON:
		return say(v, "waits on %s", name);
	case OP_COUNT_DOWN:
		return say(v, "counts %s down", name);
	case OP_DONE:
		return say(v, "calls done for %s", name);
	case OP_START:
		return "starts a thread";
	case OP_CHOOSE:
		return "wants to choose";
	default:
		return say(v, "wants to %s %s", op_info[e->kind].word, name);
	}
}

static const char *reason(struct view *v, size_t i)
{
	const struct event *e = &v->e[i];

	if (e->object != OBJECT_NONE && view_place_at(v, i) == NOWHERE)
		return say(v, "there is no element %d", e->index);
	switch (e->kind) {
	case OP_BUF_GET: case OP_TRYGET:
		return "it is empty";
	case OP_BUF_PUT: case OP_PUT: case OP_TRYPUT:
		return "it is full";
	case OP_SLEEP_ON:
		return say(v, "it does not hold %s",
			   say_place(v, view_mutex_at(v, i)));
	case OP_UNLOCK: case OP_RWUNLOCK:
		return "it does not hold it";
	case OP_SEM_POST:
		return "it has all its permits already";
	case OP_DONE:
		return "that is more often than put";
	case OP_COUNT_DOWN:
		return "it is at zero already";
	case OP_START:
		return "it was started already";
	case OP_CHOOSE:
		return "there is nothing to choose from";
	default:
		return "that cannot be";
	}
}

const char *say_crash(struct view *v, size_t i)
{
	return say(v, "%s %s, but %s", say_thread(v, v->e[i].thread),
		   attempt(v, i), reason(v, i));
}

/* ---- lines ------------------------------------------------------------- */

/* How many bytes of the text go on one line: to the last space that fits, or,
 * for a word that is wider, as much as fits. */
static size_t line_length(const char *text)
{
	size_t fit = utf8_fit(text, FINDING_LINE), cut;

	if (!text[fit])
		return fit;
	for (cut = fit; cut > 0 && text[cut] != ' ';)
		cut--;
	return cut ? cut : fit ? fit : 1;
}

void words_wrap(const char *text, struct str *out)
{
	size_t n;

	for (; *text; text += n) {
		if (out->len)
			str_addc(out, '\n');
		n = line_length(text);
		str_addn(out, text, n);
		while (text[n] == ' ')
			n++;
	}
}

static char *__attribute__((format(printf, 1, 0)))
sentence(const char *fmt, va_list args)
{
	struct str text = {0}, lines = {0};

	str_addv(&text, fmt, args);
	words_wrap(str_cstr(&text), &lines);
	str_free(&text);
	return str_take(&lines);
}

/* ---- findings ---------------------------------------------------------- */

struct finding *finding_add(struct finding_list *out, const struct view *v,
			    enum finding_kind kind, size_t at, uint32_t place)
{
	struct finding f = {
		.kind = (uint8_t)kind,
		.object = OBJECT_NONE,
		.step = v->e[at].step,
		.threads = bit(v->e[at].thread),
		.what = xstrdup(""),
		.why = xstrdup(""),
		.fix = xstrdup(""),
	};

	for (int i = 0; i < FINDING_EVENTS; i++)
		f.events[i] = SIZE_MAX;
	if (place != NOWHERE)
		f.object = view_object(v, place, &f.index);
	vec_push(out, f);
	return &vec_last(out);
}

void finding_what(struct finding *f, const char *fmt, ...)
{
	va_list args;

	free(f->what);
	va_start(args, fmt);
	f->what = sentence(fmt, args);
	va_end(args);
}

void finding_why(struct finding *f, const char *fmt, ...)
{
	va_list args;

	free(f->why);
	va_start(args, fmt);
	f->why = sentence(fmt, args);
	va_end(args);
}

void finding_fix(struct finding *f, const char *fmt, ...)
{
	va_list args;

	free(f->fix);
	va_start(args, fmt);
	f->fix = sentence(fmt, args);
	va_end(args);
}
