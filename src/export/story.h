/*
 * story.h - what a recording tells, in stretches of time: what every export
 * that draws time is made of.
 */
#ifndef EXPORT_STORY_H
#define EXPORT_STORY_H

#include "threadviz/tracefile.h"

enum state {
	STATE_RUNNING,
	STATE_READY,   /* could go on, but another moved; preempted */
	STATE_BLOCKED, /* wants what it cannot get */
	STATE_ASLEEP,  /* in a condition wait */
	STATE_IDLE,    /* not started yet, or ended */
	STATE_COUNT,
};
extern const char *const state_name[STATE_COUNT];

/* An object's element, or a region; all of a program are numbered through. */
typedef uint32_t place_id;
#define PLACE_NONE UINT32_MAX

/* A thread is in one state; those of a thread follow without a gap. */
struct stretch {
	uint64_t from, to; /* ns, from < to */
	thread_id thread;
	uint8_t state;     /* enum state */
	place_id place;    /* blocked, asleep: on what, if on an object */
	size_t event;      /* what began it; SIZE_MAX: the start */
};

/* Somebody has a lock, or is in a region that is for one. */
struct hold {
	uint64_t from, to; /* ns, from < to; those of a place do not overlap */
	place_id place;
	thread_id thread;  /* the writer of a rwlock; a single reader */
	uint8_t readers;   /* how many; 0: it is held alone */
	size_t event;      /* what began it */
};

/* What one thread did let another go on. */
struct arrow {
	size_t from, to; /* events */
};

/* How many wait at a place from now on. */
struct load {
	uint64_t at; /* ns */
	place_id place;
	unsigned waiting;
};

struct story {
	const struct recording *run;
	bool free;          /* times are real; else a step takes 1000 ns */
	uint64_t *begin;    /* ns, of each event; marks end as they begin */
	uint64_t *end;      /* those of a thread do not overlap */
	uint64_t length;    /* ns */
	place_id base[LIMIT_OBJECTS + 1];
	place_id region_base; /* of the first region */
	place_id places;      /* how many there are */
	VEC(struct stretch) stretches; /* by thread, then time */
	VEC(struct hold) holds;        /* by place, then time */
	VEC(struct arrow) arrows;      /* by the event they come from */
	VEC(struct load) loads;        /* by place, then time */
};

void story_init(struct story *, const struct recording *);
void story_fini(struct story *);

/* The object of a place, which is no region, and its element. */
object_id story_object(const struct story *, place_id, int32_t *index);
/* "fork[1]" */
void story_place(const struct story *, place_id, struct str *out);
/* "blocked: m", "asleep: c", "ready" */
void story_state(const struct story *, const struct stretch *,
		 struct str *out);
/* "A", "B reads", "2 readers" */
void story_holder(const struct story *, const struct hold *, struct str *out);
/* Whether the place has an owner: a mutex, a rwlock, an exclusive region. */
bool story_is_owned(const struct story *, place_id);

/* Whether the event gives a variable its value: of a write through a store
 * buffer, when it reaches memory. */
bool story_sets(const struct program *, const struct event *);

/* "ok", "deadlock"; "stopped" if it did not come to its end. */
const char *story_verdict(const struct recording *);

/* ---- for story.c: the moment as the events tell it -------------------- */

struct spot {
	thread_id owner;   /* of a mutex, the writer of a rwlock */
	uint8_t depth;
	uint64_t readers;  /* bit t */
	int32_t value;     /* permits, items, set, countdown */
	int32_t unfinished; /* of a queue */
	size_t freed;      /* the event that let others in; SIZE_MAX: none */
	VEC(size_t) puts;  /* of a queue: who put the items in it */
};

struct spots {
	const struct story *story;
	struct spot *spot; /* by place */
	size_t last[LIMIT_THREADS];     /* each thread's last step so far */
	size_t waker[LIMIT_THREADS];    /* what woke or started it just now */
	place_id asleep[LIMIT_THREADS]; /* on which condition, if it is */
	unsigned stores[LIMIT_THREADS]; /* in its store buffer */
	bool ended[LIMIT_THREADS];
};

void spots_init(struct spots *, const struct story *);
void spots_fini(struct spots *);
/* PLACE_NONE for no object or an index out of range. */
place_id story_place_of(const struct story *, object_id, int32_t index);
/* Where an event happens; of a retake, the mutex. */
place_id story_place_at(const struct story *, const struct event *);
/* Takes event i: returns the event that it depended on, of another thread;
 * SIZE_MAX: none. */
size_t spots_step(struct spots *, size_t i);
/* Whether, now that e has happened, nothing keeps the thread of an
 * EVENT_WANTS mark any longer. */
bool spots_free(const struct spots *, const struct event *wants,
		const struct event *e);

#endif
