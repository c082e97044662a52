/*
 * grips.h - who has which lock, record by record.
 */
#ifndef ANALYSIS_GRIPS_H
#define ANALYSIS_GRIPS_H

#include "threadviz/event.h"
#include "threadviz/program.h"

#define NO_PLACE UINT32_MAX

/* Elements of objects, numbered through. */
struct places {
	const struct program *program;
	uint32_t base[LIMIT_OBJECTS];
	uint32_t count;
};

void places_init(struct places *, const struct program *);
/* NO_PLACE for no object, no such element. */
uint32_t places_find(const struct places *, object_id, int32_t index);
/* The mutex beside the condition of a SLEEP_ON or RETAKE. */
uint32_t places_mutex(const struct places *, const struct event *);

enum grasp { GRASP_NOT, GRASP_TAKES, GRASP_GIVES };

struct grip {             /* MUTEX, RWLOCK (writing) */
	thread_id last;   /* who has or had it; THREAD_NONE: nobody yet */
	thread_id before; /* who had it the time before */
	uint16_t depth;   /* how often it has it; 0: it is free */
};

struct grips {
	const struct places *places;
	struct grip *all;               /* by place */
	uint16_t asleep[LIMIT_THREADS]; /* depth before the thread slept */
};

void grips_init(struct grips *, const struct places *);
void grips_fini(struct grips *);
/* The next record: whether its thread comes to have a lock that it had not, or
 * gives one up; *which is the lock's place. */
enum grasp grips_take(struct grips *, const struct event *, uint32_t *which);
/* Records of that thread are missing: whether it has this one is unknown. */
bool grips_forget(struct grips *, uint32_t place, thread_id);

#endif
