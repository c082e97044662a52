/*
 * jsonout.c - a run as one JSON object, for programs of one's own.
 *
 * Every event comes twice: in numbers, as event.h has it, and in words, as the
 * screen says it, so that a script can be exact without knowing the scenario
 * and a reader can see what it means.
 */
#include "threadviz/export.h"
#include "threadviz/json.h"
#include "threadviz/label.h"
#include "threadviz/version.h"

static const char *kind_name(const struct event *e)
{
	static const char *const others[] = {
		"drain", "woken", "end", "verdict", "lost", "on-cpu", "off-cpu",
	};

	if (e->kind < OP_COUNT)
		return op_info[e->kind].word;
	if (e->kind >= EVENT_DRAIN && e->kind <= EVENT_OFF_CPU)
		return others[e->kind - EVENT_DRAIN];
	return "";
}

static void add_flags(struct json *j, const struct event *e)
{
	static const char *const names[] = {
		"wants", "timeout", "crash", "waited", "atomic", "failed",
	};

	json_open(j, "flags", '[');
	for (unsigned k = 0; k < sizeof names / sizeof *names; k++)
		if (e->flags & 1u << k)
			json_string(j, NULL, names[k]);
	json_close(j);
}

static void add_event(struct json *j, const struct program *p,
		      const struct event *e)
{
	struct str words = {0};

	event_format(p, e, LABEL_LONG, &words);
	json_open(j, NULL, '{');
	json_uint(j, "step", e->step);
	json_uint(j, "time", e->time);
	if (e->thread != THREAD_NONE)
		json_string(j, "thread", program_thread_name(p, e->thread));
	json_string(j, "kind", kind_name(e));
	json_string(j, "words", str_cstr(&words));
	json_bool(j, "mark", event_is_mark(e));
	add_flags(j, e);
	if (e->object != OBJECT_NONE) {
		json_string(j, "object", p->objects.data[e->object].name);
		json_int(j, "index", e->index);
	}
	json_int(j, "value", e->value);
	json_int(j, "extra", e->extra);
	if (e->other != THREAD_NONE)
		json_string(j, "other", program_thread_name(p, e->other));
	json_int(j, "line", p->code.data[e->pc].line);
	json_close(j);
	str_free(&words);
}

static void add_threads(struct json *j, const struct program *p)
{
	json_open(j, "threads", '[');
	for (size_t i = 0; i < p->threads.count; i++)
		json_string(j, NULL, p->threads.data[i].name);
	json_close(j);
}

static void add_finding(struct json *j, const struct program *p,
			const struct finding *f)
{
	json_open(j, NULL, '{');
	json_string(j, "kind", finding_info[f->kind].name);
	json_uint(j, "step", f->step);
	if (f->object != OBJECT_NONE)
		json_string(j, "object", p->objects.data[f->object].name);
	json_open(j, "threads", '[');
	for (size_t t = 0; t < p->threads.count; t++)
		if (f->threads >> t & 1)
			json_string(j, NULL, p->threads.data[t].name);
	json_close(j);
	json_open(j, "events", '[');
	for (size_t i = 0; i < FINDING_EVENTS; i++)
		if (f->events[i] != SIZE_MAX)
			json_uint(j, NULL, f->events[i]);
	json_close(j);
	json_string(j, "what", f->what);
	json_string(j, "why", f->why);
	json_string(j, "fix", f->fix);
	json_close(j);
}

static void add_program(struct json *j, const struct recording *r)
{
	const struct program *p = r->program;
	struct str schedule = {0};

	json_string(j, "threadviz", THREADVIZ_VERSION);
	json_string(j, "scenario", p->name);
	json_string(j, "file", p->file);
	json_string(j, "title", p->title);
	program_params_json(p, j);
	json_string(j, "text", p->text);
	json_string(j, "engine", r->engine);
	schedule_format(p, r->schedule, r->steps, &schedule);
	json_string(j, "schedule", str_cstr(&schedule));
	add_threads(j, p);
	str_free(&schedule);
}

void export_json(const struct recording *r, struct str *out)
{
	struct json j = {.out = out};

	json_open(&j, NULL, '{');
	add_program(&j, r);
	json_open(&j, "events", '[');
	for (size_t i = 0; i < r->event_count; i++)
		add_event(&j, r->program, &r->events[i]);
	json_close(&j);
	json_open(&j, "findings", '[');
	for (size_t i = 0; i < r->finding_count; i++)
		add_finding(&j, r->program, &r->findings[i]);
	json_close(&j);
	json_close(&j);
	str_addc(out, '\n');
}
