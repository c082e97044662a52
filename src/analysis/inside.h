/*
 * inside.h - what the folds of analysis share.
 *
 * A view is a stream of events made convenient: elements of objects are
 * numbered through (places), and every step knows the step of its thread
 * before it. A scene is the moment as the events tell it: who owns, waits,
 * sleeps. A machine is a thread's private code, run again from the results
 * that the events carry. None of them knows an engine or a world.
 */
#ifndef ANALYSIS_INSIDE_H
#define ANALYSIS_INSIDE_H

#include "threadviz/analysis.h"
#include "threadviz/str.h"

/* No event, no place. */
#define NOWHERE UINT32_MAX

static inline uint64_t bit(size_t t)
{
	return t < LIMIT_THREADS ? UINT64_C(1) << t : 0;
}

/* ---- view -------------------------------------------------------------- */

struct view {
	const struct program *p;
	const struct event *e;
	size_t n; /* up to the first loss, or what cannot be an event */
	size_t threads;
	uint32_t base[LIMIT_OBJECTS + 1]; /* place of each object's element 0 */
	uint32_t places;
	uint32_t *before; /* of a step: the thread's step before it */
	uint32_t *guards; /* per place: a lock its touches hold; see
			     say_mutex_for; NULL: not looked for yet */
	struct arena words; /* names and phrases */
};

void view_init(struct view *, const struct program *, const struct event *,
	       size_t n);
void view_fini(struct view *);

/* NOWHERE for no object or an index out of range. */
uint32_t view_place(const struct view *, object_id, int32_t index);
static inline uint32_t view_place_at(const struct view *v, size_t i)
{
	return view_place(v, v->e[i].object, v->e[i].index);
}
/* The place of the mutex beside a condition: SLEEP_ON, RETAKE. */
uint32_t view_mutex_at(const struct view *, size_t i);
object_id view_object(const struct view *, uint32_t place, int32_t *index);
int32_t view_initial(const struct view *, uint32_t place);
static inline const struct object *view_kind(const struct view *v,
					     uint32_t place)
{
	int32_t index;

	return &v->p->objects.data[view_object(v, place, &index)];
}
static inline unsigned view_line(const struct view *v, size_t i)
{
	return v->p->code.data[v->e[i].pc].line;
}

/* A step that happened: no mark, no crash, not a try that failed. */
static inline bool is_step(const struct event *e)
{
	return !event_is_mark(e);
}
static inline bool succeeded(const struct event *e)
{
	return !(e->flags & (EVENT_FAILED | EVENT_CRASH)) &&
	       !(e->flags & EVENT_TIMEOUT && e->kind != OP_RETAKE_FOR);
}
/* A step of the thread itself: not a drain, not a spurious wake-up. */
static inline bool is_own(const struct event *e)
{
	return is_step(e) && e->kind < OP_COUNT;
}
/* Private touches of shared data: what it reads, what it writes. */
bool is_look(const struct event *);
bool is_change(const struct event *);
/* Reads and writes in one, which nobody can come between. */
bool is_indivisible(const struct event *);

/* ---- scene ------------------------------------------------------------- */

enum hold_mode {
	HOLD_ALONE,  /* a mutex, a rwlock for writing */
	HOLD_SHARED, /* a rwlock for reading */
	HOLD_PERMIT, /* of a semaphore */
};

struct hold {
	uint32_t place;
	uint32_t at; /* the event that took it */
	enum hold_mode mode;
};

struct actor {
	uint32_t wants;  /* its open EVENT_WANTS mark */
	uint32_t asleep; /* SLEEP_ON, until it has the mutex again */
	uint32_t woken;  /* what woke it; NOWHERE while it sleeps */
	uint32_t last;   /* its last step */
	uint32_t ended;  /* its EVENT_END */
	uint32_t started; /* START of a later thread */
	VEC(struct hold) holds; /* in the order taken */
};

struct spot {
	thread_id owner; /* of a mutex; the writer of a rwlock */
	uint8_t depth;
	uint64_t readers;
	int32_t value;   /* variable, count, items, set, arrived */
	int32_t unfinished; /* queue: put and not yet done */
	uint32_t taken;  /* last acquire; queue: last get */
	uint32_t freed;  /* last release; set, post, put, signal */
	uint32_t written; /* variable: what memory holds was written by */
	uint32_t puts;   /* buffer, queue: how many so far, gets below */
	uint32_t gets;
};

struct scene {
	const struct view *v;
	struct actor *actors;
	struct spot *spots;
};

void scene_init(struct scene *, const struct view *);
void scene_fini(struct scene *);
/* Takes the view's event i; they must come in order, none left out. */
void scene_step(struct scene *, size_t i);

static inline bool actor_sleeps(const struct actor *a)
{
	return a->asleep != NOWHERE && a->woken == NOWHERE;
}
static inline bool actor_stuck(const struct actor *a)
{
	return a->wants != NOWHERE || actor_sleeps(a);
}
/* The place whose lock the thread wants: of RETAKE, the mutex. */
uint32_t scene_wanted(const struct scene *, thread_id);
/* Who has what it wants (bits); 0: nobody in particular. */
uint64_t scene_blockers(const struct scene *, thread_id);
/* What a thread holds, without permits: places into out (room for all). */
bool scene_holds(const struct scene *, thread_id, uint32_t place);

/* ---- machine ----------------------------------------------------------- */

enum machine_state { MACHINE_PARKED, MACHINE_ENDED, MACHINE_STOPPED };

struct machine {
	code_addr pc;
	enum machine_state state;
	uint32_t regions; /* bit per region the thread is in */
	int32_t regs[LIMIT_REGS];
};

/* The result arrives; runs on to the next visible operation. */
void machine_take(struct machine *, const struct program *, thread_id,
		  int32_t result);
static inline int32_t machine_reg(const struct machine *m, uint8_t r)
{
	return r == NO_REG ? 0 : m->regs[r];
}
/* What the event gave its thread. */
int32_t event_result(const struct event *);

/* All threads' machines along a view, and what each knew at every step. */
struct minds {
	const struct view *v;
	struct machine *machines; /* one a thread */
	bool *lost; /* the events do not fit its code any more */
	VEC(int32_t) known; /* the registers before each step's result */
	uint32_t *known_at; /* of a step: where in known */
};

void minds_init(struct minds *, const struct view *);
void minds_fini(struct minds *);
/* Takes the view's event i, in order. */
void minds_step(struct minds *, size_t i);
/*
 * What if: runs the thread again from its step own[0] with results[k] for step
 * own[k]. True if it passes exactly these operations; out is the machine where
 * it then is, or where it left them.
 */
bool minds_again(const struct minds *, const uint32_t *own, size_t count,
		 const int32_t *results, struct machine *out);
/* The same, and it then stands before the instruction `stop`. */
bool minds_redo(const struct minds *, const uint32_t *own, size_t count,
		const int32_t *results, code_addr stop, struct machine *out);

/* ---- clocks ------------------------------------------------------------ */

/* What orders: everything, or only what no other schedule could reverse. */
enum clock_mode { CLOCK_ALL, CLOCK_FIRM };

struct clocks {
	const struct view *v;
	enum clock_mode mode;
	size_t width;
	uint32_t *now;      /* width * width: thread t's vector */
	uint32_t **given;   /* per place: what a release has left there */
	uint32_t **readers; /* rwlock: by readers too; queue: by done */
	uint32_t *count;    /* per place: puts; arrivals; rwlock: writer + 1 */
	uint32_t *took;     /* per place: gets */
	uint64_t *arrived;  /* barrier: who has in this round */
	uint32_t asleep[LIMIT_THREADS]; /* the condition; NOWHERE once woken */
	struct fifo *fifos;  /* a thread's store buffer, each with a vector */
	uint32_t **heard;    /* a thread's, from its next step on */
	struct arena memory;
};

void clocks_init(struct clocks *, const struct view *, enum clock_mode);
void clocks_fini(struct clocks *);
void clocks_step(struct clocks *, size_t i);
static inline const uint32_t *clocks_of(const struct clocks *c, thread_id t)
{
	return c->now + t * c->width;
}
/* Whether thread t's step number `step` of its own happened before what u
 * does now. */
static inline bool clocks_ordered(const struct clocks *c, thread_id t,
				  uint32_t step, thread_id u)
{
	return t == u || step <= clocks_of(c, u)[t];
}

/* ---- words ------------------------------------------------------------- */

/* Phrases live as long as the view. */
const char *say(struct view *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
const char *say_thread(const struct view *, thread_id);
const char *say_place(struct view *, uint32_t place);
const char *say_object(struct view *, object_id, int32_t index);
/* "A", "A and B", "A, B and C" */
const char *say_threads(struct view *, uint64_t set);
/* "A", "A or B", "A, B or C" */
const char *say_either(struct view *, uint64_t set);
/* "p or q": the queues of a SELECT. */
const char *say_select(struct view *, const struct event *wait,
		       const struct machine *);
/* "line 5", "lines 5 and 9" */
const char *say_lines(struct view *, unsigned a, unsigned b);
/* "since step 5", "from the start" */
const char *say_since(struct view *, size_t i);
/* "writes count = 1", "reads count: 0", "locks m" */
const char *say_deed(struct view *, size_t i);
/* The same with its place: "A writes count = 1 (step 3, line 8)". */
const char *say_step(struct view *, size_t i);

/* What a step tried that was a crash, and why it could not: "C1 gets from buf,
 * but it is empty". The scene is the moment before or after it. */
const char *say_crash(struct view *, size_t i);

/* Breaks at spaces so that no line is wider than FINDING_LINE. */
void words_wrap(const char *text, struct str *out);

/* A new finding that comes to light with event `at`; events are `none`. */
struct finding *finding_add(struct finding_list *, const struct view *,
			    enum finding_kind, size_t at, uint32_t place);
/* Event i, unless it is NOWHERE, as one of those that matter. */
static inline void finding_event(struct finding *f, size_t k, size_t i)
{
	f->events[k] = i == NOWHERE ? SIZE_MAX : i;
}
void finding_what(struct finding *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_why(struct finding *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void finding_fix(struct finding *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A mutex that the scenario has and could be taken here: one that touches of
 * the place hold elsewhere, else any; NULL if there is none. */
const char *say_mutex_for(struct view *, uint32_t place);
/* The locks that the thread of step `at` holds at it: "m, n"; NULL: none. */
const char *say_locks_at(struct view *, size_t at);

/* ---- reach: what the code says ----------------------------------------- */

/* Whether an instruction with `enough` can be reached from there; the walk
 * does not go on behind one with `beyond` (may be NULL). */
bool reach_find(const struct program *, code_addr from,
		bool (*enough)(const struct insn *, void *),
		bool (*beyond)(const struct insn *, void *), void *data);
/* The threads whose code, from where each stands (an entry a thread), could
 * still end such a wait. */
uint64_t reach_helpers(const struct view *, const struct event *wait,
		       const struct machine *from);

/* The queues of a SELECT, and which element the k-th is, as the thread knows
 * that stands there; -1: not known. */
const struct object_list *select_list(const struct view *,
				      const struct event *wait);
int32_t select_index(const struct view *, const struct event *wait,
		     const struct machine *, size_t k);

/* The run ended in a crash; events[at] is the mark that says so. */
void crash_say(struct view *, const struct scene *, size_t at,
	       struct finding_list *);

/* ---- blame: what a thread had seen ------------------------------------- */

/* Whether its thread, had it read another value there, would not have come to
 * that later write, or would have written something else. */
bool blame_depends(const struct view *, const struct minds *, uint32_t read,
		   int32_t value, uint32_t write);
/* Another's write to what was read, still in its store buffer at the read;
 * NOWHERE: there is none. In words, and the fix. */
uint32_t blame_hidden(const struct view *, uint32_t read);
const char *blame_say_hidden(struct view *, uint32_t read, uint32_t write);
const char *blame_say_fence(struct view *, uint32_t write);
/* Says why all those are in the region at the end, and the fix. entered: for
 * each thread the step with which it came in. The two events that matter
 * become the finding's. */
void blame_region(struct view *, const struct minds *, const struct scene *,
		  uint64_t inside, unsigned region, const uint32_t *entered,
		  struct finding *);

/* ---- sleeps: time taken for an order ----------------------------------- */

/* The sleep after which its thread read, at that step, what it had not touched
 * before and waited for in no other way; NOWHERE: none. */
uint32_t sleeps_before(const struct view *, uint32_t read);
/* Says that the read came too soon although its thread had slept, since those
 * of the others may still write what it read; NULL if that is not so. The
 * steps become the finding's, and a fix. */
const char *sleeps_say_early(struct view *, const struct scene *,
			     const struct minds *, uint32_t read,
			     struct finding *);
/* The same for the read without which its thread would have written something
 * else at step `write`: another wrote only after it. */
const char *sleeps_say_stale(struct view *, const struct minds *,
			     uint32_t write, struct finding *);

/* ---- folds: each appends its findings ---------------------------------- */

void races_find(struct view *, struct finding_list *);
void updates_find(struct view *, struct finding_list *);
void aba_find(struct view *, struct finding_list *);
void torn_find(struct view *, struct finding_list *);
void waits_find(struct view *, struct finding_list *);
void order_find(struct view *, struct finding_list *);
/* The run is stuck, thread t with it: true if there is a better name for it
 * than waiting for ever, and it was appended. */
bool stuck_find(struct view *, const struct scene *, thread_id, size_t at,
		struct finding_list *);
/* The signal that the sleeper of that SLEEP_ON missed; NOWHERE: none. */
uint32_t stuck_missed(const struct view *, uint32_t asleep);
void wakeups_find(struct view *, struct finding_list *);
void circles_find(struct view *, struct finding_list *);
void fairness_find(struct view *, struct finding_list *);
void verdict_find(struct view *, struct finding_list *);

#endif
