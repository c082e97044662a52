/*
 * live.c - the front of the live engine: you are the scheduler.
 *
 * For every choice the model takes the step in `ahead`, the chosen thread is
 * let through its gate with the same choice, and both must agree (compare.c):
 * the real operation succeeded, timed out or was refused as the model says;
 * the thread's own machine stands where the model's does; memory, counts and
 * queues hold the same. Then the other side: every thread that the model calls
 * blocked, if that is new or its object was touched, must try its operation
 * and be told "busy" by the real object; where many are, a few at each step.
 *
 * The front never waits without a limit: when no answer comes it asks waitpid.
 * A dead, stuck or disagreeing target stays so until a restart, which kills it
 * and forks a new one. One thread here, so fork is safe.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "live.h"
#include "target.h"
#include "threadviz/arena.h"
#include "threadviz/label.h"
#include "threadviz/timeline.h"

enum {
	SLICE_MS = 20,      /* sleep between two looks at waitpid */
	PATIENCE_MS = 3000, /* then the target is called stuck */
	PROBES_A_STEP = 4,
};

static struct live *live_of(struct engine *e)
{
	return (struct live *)e;
}

static const struct live *live_const(const struct engine *e)
{
	return (const struct live *)e;
}

/* ---- the state in which nothing goes on -------------------------------- */

static enum engine_result repeat(const struct live *l, struct error *err)
{
	if (l->state != ENGINE_OK)
		(void)(fail)(err, "%s", l->why);
	return l->state;
}

enum engine_result live_halt(struct live *l, enum engine_result state,
			     struct error *err, const char *fmt, ...)
{
	struct str text = {0};
	va_list args;

	va_start(args, fmt);
	str_addv(&text, fmt, args);
	va_end(args);
	str_cut(&text, sizeof l->why - 1);
	memcpy(l->why, str_cstr(&text), text.len + 1);
	str_free(&text);
	l->state = state;
	return repeat(l, err);
}

/* What it said before it gave up; one line. */
static enum engine_result unfit(struct live *l, struct error *err)
{
	char line[200];
	ssize_t n = read(l->child.output, line, sizeof line - 1);

	line[n > 0 ? n : 0] = '\0';
	line[strcspn(line, "\n")] = '\0';
	return live_halt(l, ENGINE_DEAD, err, "%s", line);
}

static enum engine_result died(struct live *l, int status, struct error *err)
{
	l->child.pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_UNFIT)
		return unfit(l, err);
	if (WIFSIGNALED(status))
		return live_halt(l, ENGINE_DEAD, err,
				 "the target was killed by signal %d (%s)",
				 WTERMSIG(status), strsignal(WTERMSIG(status)));
	return live_halt(l, ENGINE_DEAD, err,
			 "the target ended by itself with status %d",
			 WEXITSTATUS(status));
}

/* ENGINE_OK as long as the child lives. */
static enum engine_result look_after(struct live *l, struct error *err)
{
	int status;
	pid_t pid;

	if (l->state != ENGINE_OK)
		return repeat(l, err);
	pid = waitpid(l->child.pid, &status, WNOHANG);
	if (pid == l->child.pid)
		return died(l, status, err);
	if (pid == 0 || errno != ECHILD)
		return ENGINE_OK;
	l->child.pid = 0; /* the system was told not to keep it for us */
	return live_halt(l, ENGINE_DEAD, err, "the target is gone");
}

/* Its last descriptor is closed: give it a moment to be gone for good. */
static enum engine_result see_off(struct live *l, struct error *err)
{
	static const struct timespec moment = {0, 1000000};

	(void)close(l->child.output);
	l->child.output = -1;
	for (int i = 0; i < 100 && look_after(l, err) == ENGINE_OK; i++)
		(void)nanosleep(&moment, NULL);
	return l->state;
}

/* ---- taking turns ------------------------------------------------------ */

static struct timespec in_ms(long ms)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_nsec += ms * 1000000;
	t.tv_sec += t.tv_nsec / 1000000000;
	t.tv_nsec %= 1000000000;
	return t;
}

/* True if somebody answered within the time. */
static bool answered_within(struct live *l, long ms)
{
	struct timespec until = in_ms(ms);

	while (sem_clockwait(&l->real.shared->answered, CLOCK_MONOTONIC,
			     &until))
		if (errno != EINTR)
			return false;
	return true;
}

static enum engine_result await(struct live *l, struct error *err)
{
	for (int ms = 0; ms < l->patience; ms += SLICE_MS) {
		if (answered_within(l, SLICE_MS))
			return ENGINE_OK;
		if (look_after(l, err) != ENGINE_OK)
			return l->state;
	}
	return live_halt(l, ENGINE_DEAD, err,
			 "the target has not answered for %d ms (it may be "
			 "stopped, perhaps by a debugger)",
			 l->patience);
}

static void send(struct live *l, size_t place, enum verb verb, struct choice c)
{
	struct seat *s = &l->real.shared->seats[place];

	s->order = (struct order){verb, c};
	sem_post(&s->gate);
}

/* ---- the other side: what the model forbids ---------------------------- */

static enum engine_result probe(struct live *l, thread_id t, struct error *err)
{
	const struct engine *e = &l->base;
	const struct reply *reply = &l->real.shared->seats[t].reply;
	enum engine_result r;
	struct op op;
	struct str text = {0};

	send(l, t, VERB_PROBE, choice_move(t));
	r = await(l, err);
	if (r != ENGINE_OK || reply->outcome == OUTCOME_BUSY)
		return r;
	world_parked(e->ahead, e->program, t, &op);
	op_format(e->program, &op, LABEL_LONG, &text);
	r = live_differ(l, err,
			"the model says that %s must wait (%s), the real "
			"object does not",
			program_thread_name(e->program, t), str_cstr(&text));
	str_free(&text);
	return r;
}

static bool waits_for_mutex(uint8_t kind)
{
	return kind == OP_RETAKE || kind == OP_RETAKE_FOR;
}

static bool touches(const struct program *p, const struct event *v,
		    object_id id, int32_t index)
{
	int32_t second;

	if (v->object == id && v->index == index)
		return true;
	if (v->kind != OP_SLEEP_ON && !waits_for_mutex(v->kind))
		return false;
	return event_mutex(p, v, &second) == id && second == index;
}

/* Whether the step had to do with what the operation waits for. */
static bool touched(const struct engine *e, const struct op *op)
{
	bool mutex = waits_for_mutex(op->kind);
	object_id id = mutex ? op->mutex : op->object;
	int32_t index = mutex ? op->mutex_index : op->index;

	if (op->kind == OP_ATOMIC || op->kind == OP_SELECT)
		return true;
	for (size_t i = 0; i < e->log.count && id != OBJECT_NONE; i++)
		if (touches(e->program, &e->log.events[i], id, index))
			return true;
	return false;
}

/* A reader may be kept out for a waiting writer's sake: no real lock knows. */
static bool only_preferred(const struct engine *e, thread_id t)
{
	struct op op;

	if (!e->program->writers_first)
		return false;
	world_parked(e->ahead, e->program, t, &op);
	return op.kind == OP_RDLOCK || op.kind == OP_ATOMIC;
}

/* Everybody who could try and must be told to wait (bit t). */
static uint64_t kept_out(const struct world *w, const struct program *p)
{
	uint64_t set = timeline_blocked(w, p);

	for (size_t t = 0; t < p->threads.count && !w->verdict; t++)
		if (world_status(w, p, (thread_id)t) == THREAD_ASLEEP)
			set |= UINT64_C(1) << t;
	return set;
}

/* The threads whose refusal is to be seen: blocked anew, or on something that
 * the step touched. */
static uint64_t to_probe(const struct engine *e, uint64_t before, uint64_t now)
{
	uint64_t set = 0;

	for (; now; now &= now - 1) {
		thread_id t = (thread_id)__builtin_ctzll(now);
		struct op op;

		world_parked(e->ahead, e->program, t, &op);
		if (!only_preferred(e, t) &&
		    (!(before >> t & 1) || touched(e, &op)))
			set |= UINT64_C(1) << t;
	}
	return set;
}

/* Some of those owed a probe, going round; a crowd takes several steps. */
static enum engine_result probe_blocked(struct live *l, uint64_t before,
					size_t limit, struct error *err)
{
	const struct engine *e = &l->base;
	uint64_t now = kept_out(e->ahead, e->program);
	enum engine_result r = ENGINE_OK;

	l->owed = (l->owed & now) | to_probe(e, before, now);
	for (size_t n = 0; n < limit && l->owed && r == ENGINE_OK; n++) {
		uint64_t next = l->owed & ~((UINT64_C(2) << l->probed) - 1);

		l->probed = (thread_id)__builtin_ctzll(next ? next : l->owed);
		l->owed &= ~(UINT64_C(1) << l->probed);
		r = probe(l, l->probed, err);
	}
	return r;
}

/* ---- the engine's operations ------------------------------------------- */

static enum engine_result compare(struct live *l, struct choice c,
				  uint64_t blocked, struct error *err)
{
	bool drain = c.kind == CHOICE_DRAIN;
	const struct seat *s =
		&l->real.shared->seats[drain ? LIMIT_THREADS : c.thread];
	enum engine_result r = compare_step(l, c.thread, &s->reply, err);

	return r == ENGINE_OK ? probe_blocked(l, blocked, PROBES_A_STEP, err)
			      : r;
}

/*
 * Front and target never run at the same time, so they are fastest on the same
 * processor: waking a sleeping one costs several times what a step does. The
 * front visits the child's processor only for the time of the steps.
 */
static void live_together(struct engine *e, bool on)
{
	struct live *l = live_of(e);
	cpu_set_t here;

	if (!on) {
		if (l->away)
			(void)sched_setaffinity(0, sizeof l->usual, &l->usual);
		l->away = false;
		return;
	}
	if (l->cpu < 0 || sched_getaffinity(0, sizeof l->usual, &l->usual))
		return;
	CPU_ZERO(&here);
	CPU_SET((size_t)l->cpu, &here);
	l->away = !sched_setaffinity(0, sizeof here, &here);
}

static enum engine_result live_step(struct engine *e, struct choice c,
				    struct error *err)
{
	struct live *l = live_of(e);
	/* Who moves may be blocked anew, by what comes next. */
	uint64_t blocked =
		kept_out(e->world, e->program) & ~(UINT64_C(1) << c.thread);
	enum engine_result r;

	if (l->state != ENGINE_OK)
		return repeat(l, err);
	if (c.kind == CHOICE_DRAIN)
		send(l, LIMIT_THREADS, VERB_DRAIN, c);
	else
		send(l, c.thread, VERB_STEP, c);
	engine_look_ahead(e, c); /* while the other side is at it */
	r = await(l, err);
	return r == ENGINE_OK ? compare(l, c, blocked, err) : r;
}

/* After the start: everybody stands where the model says. */
static bool compare_start(struct live *l, struct error *err)
{
	struct engine *e = &l->base;

	world_copy(e->ahead, e->world, e->program);
	e->log.count = 0;
	l->owed = 0;
	return compare_all(l, err) == ENGINE_OK &&
	       probe_blocked(l, 0, SIZE_MAX, err) == ENGINE_OK;
}

static void live_stop(struct engine *e)
{
	struct live *l = live_of(e);

	child_kill(&l->child);
	real_unmap(&l->real);
}

static bool make_semaphores(struct live *l, struct error *err)
{
	bool ok = !sem_init(&l->real.shared->answered, 1, 0);

	for (size_t i = 0; i <= LIMIT_THREADS && ok; i++)
		ok = !sem_init(&l->real.shared->seats[i].gate, 1, 0);
	if (!ok)
		return fail(err, "no semaphores for the target: %s",
			    strerror(errno));
	return true;
}

static bool make_child(struct live *l, struct error *err)
{
	pid_t front = getpid();
	int output, side;

	l->cpu = sched_getcpu();
	side = child_fork(&l->child, &output, err);
	if (side == 0)
		target_main(&l->real, front, output, l->cpu);
	return side > 0;
}

static bool live_start(struct engine *e, struct error *err)
{
	struct live *l = live_of(e);

	l->state = ENGINE_OK;
	if (!real_map(&l->real, e->program, err) || !make_semaphores(l, err) ||
	    !make_child(l, err))
		return false;
	return await(l, err) == ENGINE_OK && compare_start(l, err);
}

static enum engine_result live_poll(struct engine *e, struct str *output,
				    struct error *err)
{
	struct live *l = live_of(e);
	enum engine_result r = look_after(l, err);
	char bytes[4096];
	ssize_t n = -1;

	while (l->child.output >= 0 &&
	       (n = read(l->child.output, bytes, sizeof bytes)) > 0)
		if (output)
			str_addn(output, bytes, (size_t)n);
	return n == 0 ? see_off(l, err) : r;
}

static int live_pid(const struct engine *e)
{
	return live_const(e)->child.pid;
}

static int live_fd(const struct engine *e)
{
	return live_const(e)->child.output;
}

static void live_free(struct engine *e)
{
	free(live_of(e));
}

static const struct engine_ops live_ops = {
	.start = live_start,
	.stop = live_stop,
	.step = live_step,
	.together = live_together,
	.poll = live_poll,
	.pid = live_pid,
	.fd = live_fd,
	.free = live_free,
};

struct engine *live_new(void)
{
	struct live *l = xcalloc(1, sizeof *l);

	l->base.ops = &live_ops;
	l->child.output = -1;
	l->patience = PATIENCE_MS;
	return &l->base;
}
