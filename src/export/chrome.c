/*
 * chrome.c - Chrome's JSON trace format, as Perfetto's importer reads it.
 *
 * One process "threads" with a track for each thread: states, inside them the
 * operations. One process "locks" with a track for each lock (who has it) and
 * a counter for each place where somebody waits. Hand-overs are flows: a 1 ns
 * slice inside the operation they leave and one inside the operation they
 * reach, both with the same `bind_id`.
 *
 * Times are integers of nanoseconds, written as microseconds with three
 * decimals: a double would round them, and slices would stop to nest.
 */
#include <inttypes.h>
#include <stdio.h>

#include "story.h"
#include "threadviz/export.h"
#include "threadviz/json.h"
#include "threadviz/label.h"

enum { PID_THREADS = 1, PID_LOCKS = 2 };

struct writer {
	const struct story *story;
	struct json *j;
};

/* A number that json.h has no words for: microseconds. */
static void add_time(struct json *j, const char *key, uint64_t ns)
{
	char text[40];

	snprintf(text, sizeof text, "%" PRIu64 ".%03u", ns / 1000,
		 (unsigned)(ns % 1000));
	json_raw(j, key, text);
}

static void open_event(struct json *j, const char *ph, const char *name,
		       int pid, int64_t tid)
{
	json_open(j, NULL, '{');
	json_string(j, "ph", ph);
	json_string(j, "name", name);
	json_int(j, "pid", pid);
	json_int(j, "tid", tid);
}

/* An "X" event; the caller may add to it and closes it. */
static void open_slice(struct json *j, const char *category, const char *name,
		       int pid, int64_t tid, uint64_t from, uint64_t to)
{
	open_event(j, "X", name, pid, tid);
	json_string(j, "cat", category);
	add_time(j, "ts", from);
	add_time(j, "dur", to - from);
}

/* ---- names of tracks --------------------------------------------------- */

static void name_track(struct json *j, const char *what, const char *name,
		       int pid, int64_t tid)
{
	open_event(j, "M", what, pid, tid);
	json_open(j, "args", '{');
	json_string(j, "name", name);
	json_close(j);
	json_close(j);
}

static void sort_track(struct json *j, const char *what, int pid, int64_t tid,
		       int64_t rank)
{
	open_event(j, "M", what, pid, tid);
	json_open(j, "args", '{');
	json_int(j, "sort_index", rank);
	json_close(j);
	json_close(j);
}

static void name_threads(const struct writer *w)
{
	const struct program *p = w->story->run->program;

	name_track(w->j, "process_name", p->title, PID_THREADS, 0);
	sort_track(w->j, "process_sort_index", PID_THREADS, 0, 0);
	for (size_t t = 0; t < p->threads.count; t++) {
		name_track(w->j, "thread_name", p->threads.data[t].name,
			   PID_THREADS, (int64_t)t + 1);
		sort_track(w->j, "thread_sort_index", PID_THREADS,
			   (int64_t)t + 1, (int64_t)t);
	}
}

static void name_locks(const struct writer *w)
{
	const struct story *s = w->story;
	struct str name = {0};

	name_track(w->j, "process_name", "locks", PID_LOCKS, 0);
	sort_track(w->j, "process_sort_index", PID_LOCKS, 0, 1);
	for (place_id i = 0; i < s->places; i++) {
		if (!story_is_owned(s, i))
			continue;
		str_clear(&name);
		story_place(s, i, &name);
		name_track(w->j, "thread_name", str_cstr(&name), PID_LOCKS,
			   (int64_t)i + 1);
	}
	str_free(&name);
}

/* ---- threads ----------------------------------------------------------- */

static void write_state(const struct writer *w, const struct stretch *x)
{
	struct str name = {0};

	if (x->state == STATE_IDLE)
		return;
	story_state(w->story, x, &name);
	open_slice(w->j, "state", str_cstr(&name), PID_THREADS, x->thread + 1,
		   x->from, x->to);
	json_close(w->j);
	str_free(&name);
}

/* The k-th 1 ns slice from the front, or from the back for what leaves. */
static void write_end(const struct writer *w, size_t event, size_t k,
		      size_t arrow, bool leaves)
{
	const struct event *e = &w->story->run->events[event];
	uint64_t begin = w->story->begin[event], end = w->story->end[event];
	uint64_t from = leaves ? end - 1 - k : begin + k;

	if (k >= end - begin)
		return;
	open_slice(w->j, "hand-over", leaves ? "lets go on" : "goes on",
		   PID_THREADS, e->thread + 1, from, from + 1);
	json_uint(w->j, "bind_id", arrow + 1);
	json_bool(w->j, leaves ? "flow_out" : "flow_in", true);
	json_close(w->j);
}

static void write_operation(const struct writer *w, size_t i)
{
	const struct story *s = w->story;
	const struct event *e = &s->run->events[i];
	struct str name = {0}, place = {0};

	event_format(s->run->program, e, LABEL_LONG, &name);
	event_place(s->run->program, e, &place);
	open_slice(w->j, "operation", str_cstr(&name), PID_THREADS,
		   e->thread + 1, s->begin[i], s->end[i]);
	json_open(w->j, "args", '{');
	json_uint(w->j, "step", e->step);
	json_string(w->j, "place", str_cstr(&place));
	json_close(w->j);
	json_close(w->j);
	str_free(&name);
	str_free(&place);
}

/* Arrows are sorted by where they leave; reaching, there is one an event. */
static void write_arrows(const struct writer *w)
{
	const struct story *s = w->story;
	size_t k = 0;

	for (size_t i = 0; i < s->arrows.len; i++) {
		const struct arrow *a = &s->arrows.data[i];

		k = i && a[-1].from == a->from ? k + 1 : 0;
		write_end(w, a->from, k, i, true);
		write_end(w, a->to, 0, i, false);
	}
}

static void write_threads(const struct writer *w)
{
	const struct story *s = w->story;

	for (size_t i = 0; i < s->stretches.len; i++)
		write_state(w, &s->stretches.data[i]);
	for (size_t i = 0; i < s->run->event_count; i++)
		if (!event_is_mark(&s->run->events[i]))
			write_operation(w, i);
	write_arrows(w);
}

/* ---- locks ------------------------------------------------------------- */

static void write_holds(const struct writer *w)
{
	const struct story *s = w->story;

	for (size_t i = 0; i < s->holds.len; i++) {
		const struct hold *h = &s->holds.data[i];
		struct str name = {0};

		story_holder(s, h, &name);
		open_slice(w->j, "lock", str_cstr(&name), PID_LOCKS,
			   (int64_t)h->place + 1, h->from, h->to);
		json_close(w->j);
		str_free(&name);
	}
}

static void write_loads(const struct writer *w)
{
	const struct story *s = w->story;

	for (size_t i = 0; i < s->loads.len; i++) {
		const struct load *l = &s->loads.data[i];
		struct str name = {0};

		str_add(&name, "waiting: ");
		story_place(s, l->place, &name);
		open_event(w->j, "C", str_cstr(&name), PID_LOCKS, 0);
		add_time(w->j, "ts", l->at);
		json_open(w->j, "args", '{');
		json_uint(w->j, "threads", l->waiting);
		json_close(w->j);
		json_close(w->j);
		str_free(&name);
	}
}

void export_chrome(const struct recording *r, struct str *out)
{
	struct json j = {.out = out};
	struct story s;
	struct writer w = {.story = &s, .j = &j};

	story_init(&s, r);
	json_open(&j, NULL, '{');
	json_string(&j, "displayTimeUnit", "ns");
	json_open(&j, "traceEvents", '[');
	name_threads(&w);
	name_locks(&w);
	write_threads(&w);
	write_holds(&w);
	write_loads(&w);
	json_close(&j);
	json_close(&j);
	str_addc(out, '\n');
	story_fini(&s);
}
