/*
 * perfetto.c - Perfetto's own trace format: packets of track events.
 *
 * Each thread is a thread track: states as slices, inside them the operations;
 * below it a state track says the same for viewers that know those (an older
 * one passes over them). Each lock is a track whose slices name who has it;
 * each place where somebody waits is a counter. A hand-over is a flow: the
 * operation it leaves and the one it reaches carry the same id.
 *
 * The importer sorts by time and keeps the order of equals, so the packets of
 * one track are written in the order in which its slices open and close.
 */
#include <stdlib.h>

#include "proto.h"
#include "story.h"
#include "threadviz/export.h"
#include "threadviz/label.h"

/* Field numbers, under the names that the .proto files give them. */
enum {
	TRACE_PACKET = 1,

	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_TRACK_DESCRIPTOR = 60,

	TRACK_UUID = 1,
	TRACK_NAME = 2,
	TRACK_PROCESS = 3,
	TRACK_THREAD = 4,
	TRACK_PARENT_UUID = 5,
	TRACK_COUNTER = 8,
	TRACK_CHILD_ORDERING = 11,
	TRACK_SIBLING_RANK = 12,
	TRACK_STATE = 18,

	PROCESS_PID = 1,
	PROCESS_NAME = 6,
	THREAD_PID = 1,
	THREAD_TID = 2,
	THREAD_NAME = 5,

	EVENT_DEBUG_ANNOTATIONS = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK_UUID = 11,
	EVENT_CATEGORIES = 22,
	EVENT_NAME = 23,
	EVENT_COUNTER_VALUE = 30,
	EVENT_FLOW_IDS = 47,
	EVENT_TERMINATING_FLOW_IDS = 48,

	ANNOTATION_UINT = 3,
	ANNOTATION_STRING = 6,
	ANNOTATION_NAME = 10,
};

enum { TYPE_SLICE_BEGIN = 1, TYPE_SLICE_END, TYPE_COUNTER = 4, TYPE_STATE };

enum { ORDERED_BY_RANK = 3, PID = 1 };

/* Unique ids of tracks: a kind and a number. */
enum track_kind {
	TRACK_OF_PROCESS = 1,
	TRACK_OF_THREAD,
	TRACK_OF_STATE,
	TRACK_OF_LOCKS,
	TRACK_OF_LOCK,
	TRACK_OF_WAITING,
};

static uint64_t uuid(enum track_kind kind, uint64_t number)
{
	return (uint64_t)kind << 40 | (number + 1);
}

struct writer {
	const struct story *story;
	struct str *out;
	struct str packet, body, part; /* kept for their memory */
	size_t arrow;                  /* the next that leaves */
	size_t *arrives; /* by event: the arrow that reaches it, SIZE_MAX */
};

/* ---- tracks ------------------------------------------------------------ */

static void end_track(struct writer *w)
{
	proto_message(&w->packet, PACKET_TRACK_DESCRIPTOR, &w->body);
	proto_message(w->out, TRACE_PACKET, &w->packet);
}

static void begin_track(struct writer *w, uint64_t id, uint64_t parent,
			uint64_t rank)
{
	proto_int(&w->body, TRACK_UUID, id);
	if (parent)
		proto_int(&w->body, TRACK_PARENT_UUID, parent);
	proto_int(&w->body, TRACK_CHILD_ORDERING, ORDERED_BY_RANK);
	proto_int(&w->body, TRACK_SIBLING_RANK, rank);
}

static void describe_process(struct writer *w)
{
	begin_track(w, uuid(TRACK_OF_PROCESS, 0), 0, 0);
	proto_int(&w->part, PROCESS_PID, PID);
	proto_string(&w->part, PROCESS_NAME, w->story->run->program->title);
	proto_message(&w->body, TRACK_PROCESS, &w->part);
	end_track(w);
}

static void describe_thread(struct writer *w, thread_id t)
{
	const char *name = w->story->run->program->threads.data[t].name;

	begin_track(w, uuid(TRACK_OF_THREAD, t), uuid(TRACK_OF_PROCESS, 0), t);
	proto_int(&w->part, THREAD_PID, PID);
	proto_int(&w->part, THREAD_TID, (uint64_t)t + 2);
	proto_string(&w->part, THREAD_NAME, name);
	proto_message(&w->body, TRACK_THREAD, &w->part);
	end_track(w);
	begin_track(w, uuid(TRACK_OF_STATE, t), uuid(TRACK_OF_THREAD, t), 0);
	str_addf(&w->part, "state of %s", name);
	proto_message(&w->body, TRACK_NAME, &w->part);
	proto_string(&w->body, TRACK_STATE, "");
	end_track(w);
}

static void describe_named(struct writer *w, uint64_t id, uint64_t parent,
			   const char *name)
{
	begin_track(w, id, parent, id & 0xffffffff);
	proto_string(&w->body, TRACK_NAME, name);
	end_track(w);
}

static void describe_places(struct writer *w)
{
	const struct story *s = w->story;
	uint64_t locks = uuid(TRACK_OF_LOCKS, 0);
	struct str name = {0};

	describe_named(w, locks, uuid(TRACK_OF_PROCESS, 0), "locks");
	for (place_id i = 0; i < s->places; i++) {
		if (!story_is_owned(s, i))
			continue;
		str_clear(&name);
		story_place(s, i, &name);
		describe_named(w, uuid(TRACK_OF_LOCK, i), locks,
			       str_cstr(&name));
	}
	str_free(&name);
}

static void describe_counter(struct writer *w, place_id place)
{
	begin_track(w, uuid(TRACK_OF_WAITING, place), uuid(TRACK_OF_LOCKS, 0),
		    place);
	str_add(&w->part, "waiting: ");
	story_place(w->story, place, &w->part);
	proto_message(&w->body, TRACK_NAME, &w->part);
	proto_string(&w->body, TRACK_COUNTER, "");
	end_track(w);
}

/* ---- events ------------------------------------------------------------ */

static void begin_event(struct writer *w, unsigned type, uint64_t track)
{
	proto_int(&w->body, EVENT_TYPE, type);
	proto_int(&w->body, EVENT_TRACK_UUID, track);
}

static void end_event(struct writer *w, uint64_t at)
{
	proto_int(&w->packet, PACKET_TIMESTAMP, at);
	proto_int(&w->packet, PACKET_SEQUENCE, 1);
	proto_message(&w->packet, PACKET_TRACK_EVENT, &w->body);
	proto_message(w->out, TRACE_PACKET, &w->packet);
}

static void close_slice(struct writer *w, uint64_t track, uint64_t at)
{
	begin_event(w, TYPE_SLICE_END, track);
	end_event(w, at);
}

/* The arrows of operation i. */
static void add_flows(struct writer *w, size_t i)
{
	const struct story *s = w->story;

	if (w->arrives[i] != SIZE_MAX)
		proto_fixed64(&w->body, EVENT_TERMINATING_FLOW_IDS,
			      w->arrives[i] + 1);
	while (w->arrow < s->arrows.len && s->arrows.data[w->arrow].from < i)
		w->arrow++;
	for (size_t a = w->arrow;
	     a < s->arrows.len && s->arrows.data[a].from == i; a++)
		proto_fixed64(&w->body, EVENT_FLOW_IDS, a + 1);
}

static void annotate(struct writer *w, const struct event *e)
{
	struct str place = {0};

	proto_string(&w->part, ANNOTATION_NAME, "step");
	proto_int(&w->part, ANNOTATION_UINT, e->step);
	proto_message(&w->body, EVENT_DEBUG_ANNOTATIONS, &w->part);
	event_place(w->story->run->program, e, &place);
	proto_string(&w->part, ANNOTATION_NAME, "place");
	proto_string(&w->part, ANNOTATION_STRING, str_cstr(&place));
	proto_message(&w->body, EVENT_DEBUG_ANNOTATIONS, &w->part);
	str_free(&place);
}

static void write_operation(struct writer *w, size_t i)
{
	const struct story *s = w->story;
	const struct event *e = &s->run->events[i];
	uint64_t track = uuid(TRACK_OF_THREAD, e->thread);

	begin_event(w, TYPE_SLICE_BEGIN, track);
	proto_string(&w->body, EVENT_CATEGORIES, "operation");
	event_format(s->run->program, e, LABEL_LONG, &w->part);
	proto_message(&w->body, EVENT_NAME, &w->part);
	annotate(w, e);
	add_flows(w, i);
	end_event(w, s->begin[i]);
	close_slice(w, track, s->end[i]);
}

/* ---- threads ----------------------------------------------------------- */

static void write_state(struct writer *w, const struct stretch *x)
{
	begin_event(w, TYPE_STATE, uuid(TRACK_OF_STATE, x->thread));
	if (x->state != STATE_IDLE) {
		story_state(w->story, x, &w->part);
		proto_message(&w->body, EVENT_NAME, &w->part);
	}
	end_event(w, x->from);
}

static void open_state(struct writer *w, const struct stretch *x)
{
	begin_event(w, TYPE_SLICE_BEGIN, uuid(TRACK_OF_THREAD, x->thread));
	proto_string(&w->body, EVENT_CATEGORIES, "state");
	story_state(w->story, x, &w->part);
	proto_message(&w->body, EVENT_NAME, &w->part);
	end_event(w, x->from);
}

/* The operations of a thread up to some time; *i walks through the events. */
static void write_operations(struct writer *w, thread_id t, uint64_t until,
			     size_t *i)
{
	const struct story *s = w->story;

	for (; *i < s->run->event_count; ++*i) {
		const struct event *e = &s->run->events[*i];

		if (e->thread != t || event_is_mark(e))
			continue;
		if (s->begin[*i] >= until)
			return;
		write_operation(w, *i);
	}
}

/* *x walks through the stretches, which are sorted by thread. */
static void write_thread(struct writer *w, thread_id t, size_t *x)
{
	const struct story *s = w->story;
	size_t i = 0;

	w->arrow = 0;
	for (; *x < s->stretches.len && s->stretches.data[*x].thread == t;
	     ++*x) {
		const struct stretch *now = &s->stretches.data[*x];

		write_state(w, now);
		if (now->state != STATE_IDLE)
			open_state(w, now);
		write_operations(w, t, now->to, &i);
		if (now->state != STATE_IDLE)
			close_slice(w, uuid(TRACK_OF_THREAD, t), now->to);
	}
	write_operations(w, t, UINT64_MAX, &i);
	begin_event(w, TYPE_STATE, uuid(TRACK_OF_STATE, t));
	end_event(w, s->length);
}

static void write_threads(struct writer *w)
{
	const struct program *p = w->story->run->program;
	size_t x = 0;

	describe_process(w);
	for (size_t t = 0; t < p->threads.count; t++)
		describe_thread(w, (thread_id)t);
	for (size_t t = 0; t < p->threads.count; t++)
		write_thread(w, (thread_id)t, &x);
}

/* ---- locks ------------------------------------------------------------- */

static void write_holds(struct writer *w)
{
	const struct story *s = w->story;

	for (size_t i = 0; i < s->holds.len; i++) {
		const struct hold *h = &s->holds.data[i];
		uint64_t track = uuid(TRACK_OF_LOCK, h->place);

		begin_event(w, TYPE_SLICE_BEGIN, track);
		proto_string(&w->body, EVENT_CATEGORIES, "lock");
		story_holder(s, h, &w->part);
		proto_message(&w->body, EVENT_NAME, &w->part);
		end_event(w, h->from);
		close_slice(w, track, h->to);
	}
}

static void write_loads(struct writer *w)
{
	const struct story *s = w->story;

	for (size_t i = 0; i < s->loads.len; i++) {
		const struct load *l = &s->loads.data[i];

		if (!i || l[-1].place != l->place)
			describe_counter(w, l->place);
		begin_event(w, TYPE_COUNTER, uuid(TRACK_OF_WAITING, l->place));
		proto_int(&w->body, EVENT_COUNTER_VALUE, l->waiting);
		end_event(w, l->at);
	}
}

static void find_arrivals(struct writer *w)
{
	const struct story *s = w->story;

	w->arrives = xcalloc(s->run->event_count + 1, sizeof *w->arrives);
	for (size_t i = 0; i < s->run->event_count; i++)
		w->arrives[i] = SIZE_MAX;
	for (size_t i = 0; i < s->arrows.len; i++)
		w->arrives[s->arrows.data[i].to] = i;
}

void export_perfetto(const struct recording *r, struct str *out)
{
	struct story s;
	struct writer w = {.story = &s, .out = out};

	story_init(&s, r);
	find_arrivals(&w);
	write_threads(&w);
	describe_places(&w);
	write_holds(&w);
	write_loads(&w);
	free(w.arrives);
	str_free(&w.packet);
	str_free(&w.body);
	str_free(&w.part);
	story_fini(&s);
}
