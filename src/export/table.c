/*
 * table.c - a run as a table: a row for each event, a column for each thread.
 *
 * The form in which schedules stand in textbooks: time downwards, threads side
 * by side, so that what came between is seen at a glance. With too many
 * threads for that, one column names the thread instead. If there are few
 * variables, their values after each step stand beside it. Text and Markdown
 * are two ways to set the same cells.
 */
#include <inttypes.h>
#include <stdio.h>

#include "story.h"
#include "threadviz/export.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"

enum {
	COLUMNS_MAX = 6,
	VALUES_MAX = 4,
	NARROW = 7, /* cells of a step */
	WIDE = 12,  /* cells of a time */
};

struct table {
	const struct recording *run;
	bool markdown;
	bool free;      /* times are real */
	size_t columns; /* one for each thread; 0: the thread is named */
	int width[COLUMNS_MAX + 1]; /* cells, of text */
	struct value {
		object_id object;
		int32_t index;
		int32_t now;
	} values[VALUES_MAX];
	size_t value_count; /* 0 if there are more */
};

/* ---- cells ------------------------------------------------------------- */

static bool shown(const struct event *e)
{
	return e->kind != EVENT_VERDICT && e->kind != EVENT_ON_CPU &&
	       e->kind != EVENT_OFF_CPU;
}

static void cell_text(const struct table *t, const struct event *e,
		      struct str *out)
{
	bool mark = event_is_mark(e);

	if (mark)
		str_addc(out, '(');
	if (e->kind == EVENT_LOST)
		str_addf(out, "%d ", e->value);
	event_format(t->run->program, e, LABEL_LONG, out);
	if (mark)
		str_addc(out, ')');
}

/* In code, where only these mean something to Markdown. */
static void add_code(struct str *out, const char *text)
{
	str_addc(out, '`');
	for (; *text; text++) {
		if (*text == '|')
			str_addc(out, '\\');
		str_addc(out, *text == '`' ? '\'' : *text);
	}
	str_addc(out, '`');
}

/* Outside of code: what would start emphasis, a tag, a link or a column. */
static void add_prose(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`*_<>[]|#", *text))
			str_addc(out, '\\');
		str_addc(out, *text == '\n' ? ' ' : *text);
	}
}

static size_t column_of(const struct table *t, const struct event *e)
{
	return t->columns && e->thread < t->columns ? e->thread : 0;
}

/* ---- values ------------------------------------------------------------ */

static void find_values(struct table *t)
{
	const struct program *p = t->run->program;

	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		for (int32_t k = 0; o->kind == OBJECT_VAR && k < o->count;
		     k++) {
			if (t->value_count == VALUES_MAX) {
				t->value_count = 0;
				return;
			}
			t->values[t->value_count++] = (struct value){
				(object_id)i, k, o->init ? o->init[k] : 0};
		}
	}
}

/* Takes the event; which value it set, or value_count. */
static size_t follow_values(struct table *t, const struct event *e)
{
	for (size_t i = 0; i < t->value_count; i++) {
		struct value *v = &t->values[i];

		if (v->object != e->object || v->index != e->index ||
		    !story_sets(t->run->program, e))
			continue;
		v->now = e->value;
		return i;
	}
	return t->value_count;
}

static void value_heading(const struct table *t, size_t i, struct str *out)
{
	object_format(t->run->program, t->values[i].object, t->values[i].index,
		      out);
}

/* One that was set just now stands out. */
static void value_cell(const struct table *t, size_t i, bool set,
		       struct str *out)
{
	str_addf(out, t->markdown && set ? "**%d**" : "%d", t->values[i].now);
}

/* ---- setting ----------------------------------------------------------- */

static const char *heading(const struct table *t, size_t column)
{
	return t->columns
		       ? program_thread_name(t->run->program, (thread_id)column)
		       : "what";
}

static size_t column_count(const struct table *t)
{
	return t->columns ? t->columns : 1;
}

static void measure(struct table *t)
{
	const struct recording *r = t->run;

	for (size_t k = 0; k < column_count(t); k++)
		t->width[k] = utf8_width(heading(t, k));
	for (size_t i = 0; i < r->event_count; i++) {
		struct str text = {0};
		size_t k = column_of(t, &r->events[i]);

		if (!shown(&r->events[i]))
			continue;
		cell_text(t, &r->events[i], &text);
		if (utf8_width(str_cstr(&text)) > t->width[k])
			t->width[k] = utf8_width(str_cstr(&text));
		str_free(&text);
	}
}

static void add_cell(const struct table *t, size_t column, const char *text,
		     bool code, struct str *out)
{
	if (t->markdown) {
		str_add(out, " | ");
		if (*text && code)
			add_code(out, text);
		else
			add_prose(out, text);
		return;
	}
	str_add(out, "  ");
	str_add(out, text);
	str_pad(out, ' ', t->width[column] - utf8_width(text));
}

static void end_row(const struct table *t, struct str *out)
{
	if (t->markdown)
		str_add(out, " |");
	else
		while (out->len && out->data[out->len - 1] == ' ')
			str_cut(out, out->len - 1);
	str_addc(out, '\n');
}

/* The step, or of a free run the time in microseconds. */
static void add_when(const struct table *t, const struct event *e,
		     struct str *out)
{
	char when[32] = "";

	if (t->free)
		snprintf(when, sizeof when, "%" PRIu64 ".%03u", e->time / 1000,
			 (unsigned)(e->time % 1000));
	else if (!event_is_mark(e))
		snprintf(when, sizeof when, "%u", e->step);
	if (t->markdown)
		str_addf(out, "| %s", when);
	else
		str_addf(out, "%*s", t->free ? WIDE : NARROW, when);
	if (t->columns)
		return;
	if (t->markdown)
		str_add(out, " | ");
	str_addf(out, t->markdown ? "%s" : "  %-8s",
		 program_thread_name(t->run->program, e->thread));
}

/* To the right, as wide as its heading. */
static void add_value(const struct table *t, size_t i, const char *text,
		      struct str *out)
{
	struct str name = {0};

	value_heading(t, i, &name);
	if (t->markdown)
		str_addf(out, " | %s", text);
	else
		str_addf(out, "  %*s", utf8_width(str_cstr(&name)), text);
	str_free(&name);
}

static void add_values(const struct table *t, const struct event *e, size_t set,
		       struct str *out)
{
	for (size_t i = 0; i < t->value_count; i++) {
		struct str text = {0};

		if (!event_is_mark(e))
			value_cell(t, i, i == set, &text);
		add_value(t, i, str_cstr(&text), out);
		str_free(&text);
	}
}

static void add_row(struct table *t, const struct event *e, struct str *out)
{
	const struct program *p = t->run->program;
	size_t set = follow_values(t, e);
	struct str text = {0};

	add_when(t, e, out);
	cell_text(t, e, &text);
	for (size_t k = 0; k < column_count(t); k++)
		add_cell(t, k, k == column_of(t, e) ? str_cstr(&text) : "",
			 true, out);
	add_values(t, e, set, out);
	str_add(out, t->markdown ? " | " : "  ");
	if (!event_is_mark(e))
		str_addf(out, "%u", p->code.data[e->pc].line);
	end_row(t, out);
	str_free(&text);
}

static void add_heading(const struct table *t, struct str *out)
{
	if (t->markdown)
		str_addf(out, "| %s", t->free ? "us" : "step");
	else
		str_addf(out, "%*s", t->free ? WIDE : NARROW,
			 t->free ? "us" : "step");
	if (!t->columns)
		str_add(out, t->markdown ? " | thread" : "  thread  ");
	for (size_t k = 0; k < column_count(t); k++)
		add_cell(t, k, heading(t, k), false, out);
	for (size_t i = 0; i < t->value_count; i++) {
		struct str name = {0}, safe = {0};

		value_heading(t, i, &name);
		if (t->markdown)
			add_prose(&safe, str_cstr(&name));
		add_value(t, i, str_cstr(t->markdown ? &safe : &name), out);
		str_free(&name);
		str_free(&safe);
	}
	str_add(out, t->markdown ? " | line" : "  line");
	end_row(t, out);
	if (!t->markdown)
		return;
	str_add(out, "|---:");
	for (size_t k = 0; k < column_count(t) + !t->columns; k++)
		str_add(out, "|:---");
	for (size_t k = 0; k <= t->value_count; k++)
		str_add(out, "|---:");
	str_add(out, "|\n");
}

/* ---- around the table -------------------------------------------------- */

static void add_schedule(const struct table *t, struct str *out)
{
	const struct recording *r = t->run;
	struct str text = {0};

	schedule_format(r->program, r->schedule, r->steps, &text);
	if (text.len) {
		str_add(out, ": ");
		if (t->markdown)
			add_code(out, str_cstr(&text));
		else
			str_add(out, str_cstr(&text));
	}
	str_free(&text);
}

static void add_preface(const struct table *t, struct str *out)
{
	const struct program *p = t->run->program;

	if (t->markdown) {
		str_add(out, "# ");
		add_prose(out, p->title);
	} else {
		str_add(out, p->title);
	}
	str_addf(out, "\n\n%s", p->name);
	for (size_t i = 0; i < p->params.count; i++)
		str_addf(out, " %s=%d", p->params.data[i].name,
			 p->params.data[i].value);
	str_addf(out, ", engine %s", t->run->engine);
	if (t->run->steps)
		str_addf(out, ", %zu step%s", t->run->steps,
			 t->run->steps == 1 ? "" : "s");
	add_schedule(t, out);
	str_add(out, "\n\n");
}

static void add_verdict(const struct table *t, struct str *out)
{
	str_addf(out, t->markdown ? "\n**%s**\n" : "\n%s\n",
		 story_verdict(t->run));
}

static void add_sentence(const struct table *t, const char *label,
			 const char *text, struct str *out)
{
	if (!text || !*text)
		return;
	str_addf(out, t->markdown ? "* *%s:* " : "  %-4s  ", label);
	if (t->markdown)
		add_prose(out, text);
	else
		for (; *text; text++) {
			str_addc(out, *text);
			if (*text == '\n')
				str_pad(out, ' ', 8);
		}
	str_addc(out, '\n');
}

static void add_findings(const struct table *t, struct str *out)
{
	for (size_t i = 0; i < t->run->finding_count; i++) {
		const struct finding *f = &t->run->findings[i];

		str_addf(out,
			 t->markdown ? "\n## %s (step %u)\n\n"
				     : "\n%s (step %u)\n",
			 finding_info[f->kind].title, f->step);
		add_sentence(t, "what", f->what, out);
		add_sentence(t, "why", f->why, out);
		add_sentence(t, "fix", f->fix, out);
	}
}

static void write_table(const struct recording *r, bool markdown,
			struct str *out)
{
	struct table t = {
		.run = r,
		.markdown = markdown,
		.free = !strcmp(r->engine, "free"),
	};

	if (r->program->threads.count <= COLUMNS_MAX)
		t.columns = r->program->threads.count;
	find_values(&t);
	measure(&t);
	add_preface(&t, out);
	add_heading(&t, out);
	for (size_t i = 0; i < r->event_count; i++)
		if (shown(&r->events[i]))
			add_row(&t, &r->events[i], out);
	add_verdict(&t, out);
	add_findings(&t, out);
}

void export_text(const struct recording *r, struct str *out)
{
	write_table(r, false, out);
}

void export_markdown(const struct recording *r, struct str *out)
{
	write_table(r, true, out);
}
