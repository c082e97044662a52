/*
 * event.h - what happened in one step: the narrow waist of the program.
 *
 * 32 bytes, the same in memory, in a free run's ring and on disk. Above it
 * nobody knows which engine ran. Besides steps the stream holds *marks*, which
 * have no step of their own and carry the number of the step they follow:
 * a thread now wants what it cannot get (EVENT_WANTS), has ended (EVENT_END),
 * the run is over (EVENT_VERDICT), records were lost or the kernel switched
 * (free runs).
 */
#ifndef THREADVIZ_EVENT_H
#define THREADVIZ_EVENT_H

#include "threadviz/op.h"

/* event.kind: an enum op_kind, or one of these */
enum event_kind {
	EVENT_DRAIN = 128, /* a store buffer's oldest entry reached memory */
	EVENT_WOKEN,       /* spuriously */
	EVENT_END,         /* mark: the thread has finished */
	/*
	 * Mark: the run is over. value: enum verdict; thread and pc: who and
	 * where for an assertion and a crash, else THREAD_NONE; index: the
	 * world's detail (violated: which check, or DETAIL_ASSERT | which
	 * assertion; crash: enum crash).
	 */
	EVENT_VERDICT,
	EVENT_LOST,        /* mark: value records were lost here */
	EVENT_ON_CPU,      /* free run, kernel: in; index: which CPU */
	EVENT_OFF_CPU,     /* free run, kernel: out; value: 1 preempted */
};

/* Bits of event.flags. */
enum event_flag {
	EVENT_WANTS = 1,   /* mark: blocked on this operation from here on */
	EVENT_TIMEOUT = 2, /* the operation timed out */
	EVENT_CRASH = 4,   /* the step was a run-time error */
	EVENT_WAITED = 8,  /* free run: it had to wait before it got through */
	EVENT_ATOMIC = 16, /* part of an atomic: block */
	EVENT_FAILED = 32, /* try… form that did not get it; lost signal */
};

/* A step, or a mark behind one. */
struct event {
	uint64_t time;  /* ns since the start in a free run; else the step */
	uint32_t step;  /* 1-based; a mark has that of the step before it */
	thread_id thread;
	uint8_t kind;   /* enum op_kind or enum event_kind */
	uint8_t flags;  /* enum event_flag */
	uint8_t other;  /* SIGNAL: the thread woken; START, JOIN (its wants
			   mark, too): which; else THREAD_NONE */
	object_id object;
	code_addr pc;   /* the instruction; program.code[pc].line */
	int32_t index;  /* element of object */
	int32_t value;  /* read, written, got, result of try…; PRINT: text id */
	int32_t extra;  /* a write: the value before; free run: generation of
			   the lock; SLEEP_ON, RETAKE: the mutex's index */
};

/* Rings and files hold the bytes as they are. */
_Static_assert(sizeof(struct event) == 32, "an event is 32 bytes");

/* Whether it has no step of its own. */
static inline bool event_is_mark(const struct event *e)
{
	return (e->flags & EVENT_WANTS) || e->kind >= EVENT_END;
}

#endif
