/*
 * save.c - writing a run into a trace file (tracefile.h says how it looks).
 *
 * Everything is put together in memory and then saved in one piece, so that a
 * failure half way leaves nothing behind. Ids of printed lines mean something
 * only in the program that ran; the lines themselves are saved instead.
 */
#include "threadviz/file.h"
#include "threadviz/version.h"
#include "tracefile.h"

/* ---- numbers and texts ------------------------------------------------- */

static void put(struct str *out, uint64_t value, int bytes)
{
	for (int i = 0; i < bytes; i++)
		str_addc(out, (char)(value >> (8 * i) & 255));
}

static void put_text(struct str *out, const char *text)
{
	size_t len = text ? strlen(text) : 0;

	put(out, len, 4);
	str_addn(out, text ? text : "", len);
}

static void put_event(struct str *out, const struct event *e)
{
	put(out, e->time, 8);
	put(out, e->step, 4);
	put(out, e->thread, 1);
	put(out, e->kind, 1);
	put(out, e->flags, 1);
	put(out, e->other, 1);
	put(out, e->object, 2);
	put(out, e->pc, 2);
	put(out, (uint32_t)e->index, 4);
	put(out, (uint32_t)e->value, 4);
	put(out, (uint32_t)e->extra, 4);
}

static void put_finding(struct str *out, const struct finding *f)
{
	put_text(out, finding_info[f->kind].name);
	put(out, f->object, 2);
	put(out, (uint32_t)f->index, 4);
	put(out, f->step, 4);
	put(out, f->threads, 8);
	for (size_t i = 0; i < FINDING_EVENTS; i++)
		put(out, f->events[i], 8);
	put_text(out, f->what);
	put_text(out, f->why);
	put_text(out, f->fix);
}

/* ---- sections ---------------------------------------------------------- */

/* Appends a section and empties its body. */
static void section(struct str *out, const char *name, struct str *body)
{
	const char *bytes = str_cstr(body);

	str_addf(out, "%s %zu %08x\n", name, body->len,
		 (unsigned)crc32_of(bytes, body->len));
	str_addn(out, bytes, body->len);
	str_addc(out, '\n');
	str_clear(body);
}

static void section_made(struct str *out, const struct recording *r,
			 struct str *body)
{
	str_addf(body, "version %s\nengine %s\nname %s\nfile %s\n",
		 THREADVIZ_VERSION, r->engine, r->program->name,
		 r->program->file);
	section(out, "made", body);
}

static void section_params(struct str *out, const struct program *p,
			   struct str *body)
{
	for (size_t i = 0; i < p->params.count; i++)
		str_addf(body, "%s=%d\n", p->params.data[i].name,
			 p->params.data[i].value);
	section(out, "params", body);
}

static bool prints(const struct event *e)
{
	return e->kind == OP_PRINT && !event_is_mark(e);
}

static void section_prints(struct str *out, const struct recording *r,
			   struct str *body)
{
	const struct outputs *o = r->program->outputs;

	for (size_t i = 0; i < r->event_count; i++) {
		uint32_t id = (uint32_t)r->events[i].value;
		size_t n;

		if (!prints(&r->events[i]))
			continue;
		n = outputs_count(o, id);
		put_text(body, n ? outputs_line(o, id, n - 1) : "");
	}
	section(out, "prints", body);
}

void tracefile_encode(const struct recording *r, struct str *out)
{
	struct str body = {0};

	str_addf(out, "%s%d\n", TRACE_MAGIC, TRACEFILE_FORMAT);
	section_made(out, r, &body);
	section_params(out, r->program, &body);
	str_add(&body, r->program->text);
	section(out, "scenario", &body);
	schedule_format(r->program, r->schedule, r->steps, &body);
	section(out, "schedule", &body);
	for (size_t i = 0; i < r->event_count; i++)
		put_event(&body, &r->events[i]);
	section(out, "events", &body);
	section_prints(out, r, &body);
	for (size_t i = 0; i < r->finding_count; i++)
		put_finding(&body, &r->findings[i]);
	section(out, "findings", &body);
	section(out, "end", &body);
	str_free(&body);
}

struct event tracefile_loss(const struct event *first, uint64_t gone)
{
	return (struct event){
		.time = first->time,
		.step = first->step,
		.thread = THREAD_NONE,
		.kind = EVENT_LOST,
		.other = THREAD_NONE,
		.object = OBJECT_NONE,
		.value = gone < INT32_MAX ? (int32_t)gone : INT32_MAX,
	};
}

/* Encodes what a file can hold; a longer run is refused. */
static bool encode_bounded(const struct recording *r, struct str *out,
			   struct error *err)
{
	if (r->steps > TRACEFILE_STEPS)
		return fail(err, "a run of more than %d steps cannot be saved",
			    TRACEFILE_STEPS);
	tracefile_encode(r, out);
	return true;
}

bool tracefile_save(const struct recording *r, const char *path,
		    struct error *err)
{
	struct str bytes = {0};
	bool ok = encode_bounded(r, &bytes, err) &&
		  file_save(path, bytes.data, bytes.len, err);

	str_free(&bytes);
	return ok;
}

bool tracefile_save_new(const struct recording *r, struct str *path,
			struct error *err)
{
	struct str bytes = {0};
	bool ok = encode_bounded(r, &bytes, err) &&
		  file_save_new(r->program->name, "tvt", bytes.data, bytes.len,
				path, err);

	str_free(&bytes);
	return ok;
}
