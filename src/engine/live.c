/*
 * live.c - the front of the live engine: you are the scheduler.
 *
 * For every choice the model takes the step in `ahead`, the chosen thread is
 * let through its gate with the same choice, and both must agree: the real
 * operation succeeded, timed out or was refused as the model says; the
 * thread's own machine stands where the model's does; memory, counts and
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
#include <signal.h>
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
	VALUES_A_STEP = 64, /* compared besides the touched ones */
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

__attribute__((format(printf, 4, 5))) static enum engine_result
halt(struct live *l, enum engine_result state, struct error *err,
     const char *fmt, ...)
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
	return halt(l, ENGINE_DEAD, err, "%s", line);
}

static enum engine_result died(struct live *l, int status, struct error *err)
{
	l->child.pid = 0;
	if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_UNFIT)
		return unfit(l, err);
	if (WIFSIGNALED(status))
		return halt(l, ENGINE_DEAD, err,
			    "the target was killed by signal %d (%s)",
			    WTERMSIG(status), strsignal(WTERMSIG(status)));
	return halt(l, ENGINE_DEAD, err,
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
	return halt(l, ENGINE_DEAD, err, "the target is gone");
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
	return halt(l, ENGINE_DEAD, err,
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

/* ---- comparing --------------------------------------------------------- */

/* "step 7 (A: write count <- 1)" */
static void say_where(const struct live *l, const struct engine *e,
		      struct str *out)
{
	(void)l;
	if (e->log.count == 0) {
		str_add(out, "at the start");
		return;
	}
	str_addf(out, "at step %zu (%s: ", e->steps + 1,
		 program_thread_name(e->program, e->log.events[0].thread));
	event_format(e->program, &e->log.events[0], LABEL_LONG, out);
	str_addc(out, ')');
}

__attribute__((format(printf, 3, 4))) static enum engine_result
differ(struct live *l, struct error *err, const char *fmt, ...)
{
	struct str text = {0};
	enum engine_result result;
	va_list args;

	str_add(&text, "real threads and model differ ");
	say_where(l, &l->base, &text);
	str_add(&text, ": ");
	va_start(args, fmt);
	str_addv(&text, fmt, args);
	va_end(args);
	result = halt(l, ENGINE_MISMATCH, err, "%s", str_cstr(&text));
	str_free(&text);
	return result;
}

static enum engine_result differ_value(struct live *l, struct error *err,
				       object_id id, int32_t index,
				       const char *what, int64_t real,
				       int64_t model)
{
	struct str name = {0};
	enum engine_result result;

	object_format(l->base.program, id, index, &name);
	result = differ(l, err, "%s%s is %lld in reality, %lld in the model",
			str_cstr(&name), what, (long long)real,
			(long long)model);
	str_free(&name);
	return result;
}

static enum engine_result same_items(struct live *l, object_id id,
				     int32_t index, struct error *err)
{
	const struct engine *e = &l->base;
	const struct real_queue *q = real_element(&l->real, id, index);
	int32_t left = world_unfinished(e->ahead, e->program, id, index);
	uint32_t n = peek(&q->count);

	for (uint32_t i = 0; i < n; i++) {
		int32_t real = real_item(&l->real, id, index, i);
		int32_t model = world_item(e->ahead, e->program, id, index, i);

		if (real != model)
			return differ_value(l, err, id, index, "'s item", real,
					    model);
	}
	if (e->program->objects.data[id].kind == OBJECT_QUEUE &&
	    peek(&q->unfinished) != left)
		return differ_value(l, err, id, index, "'s unfinished work",
				    peek(&q->unfinished), left);
	return ENGINE_OK;
}

static enum engine_result same_sleepers(struct live *l, object_id id,
					int32_t index, struct error *err)
{
	const struct engine *e = &l->base;
	thread_id real[LIMIT_THREADS], model[LIMIT_THREADS];
	size_t n = real_sleepers(&l->real, id, index, real);

	world_sleepers(e->ahead, e->program, id, index, model);
	for (size_t i = 0; i < n; i++)
		if (real[i] != model[i])
			return differ_value(l, err, id, index, "'s sleeper",
					    real[i], model[i]);
	return ENGINE_OK;
}

static enum engine_result same_element(struct live *l, object_id id,
				       int32_t index, struct error *err)
{
	const struct engine *e = &l->base;
	int32_t real = real_value(&l->real, id, index);
	int32_t model = world_value(e->ahead, e->program, id, index);

	if (real != model)
		return differ_value(l, err, id, index, "", real, model);
	switch (e->program->objects.data[id].kind) {
	case OBJECT_BUFFER:
	case OBJECT_QUEUE:
		return same_items(l, id, index, err);
	case OBJECT_COND:
		return same_sleepers(l, id, index, err);
	default:
		return ENGINE_OK;
	}
}

/* The next few values, all of them in turn; small scenarios: all at once. */
static enum engine_result same_others(struct live *l, size_t limit,
				      struct error *err)
{
	const struct program *p = l->base.program;
	object_id first = l->next_object;

	for (size_t n = 0; n < limit && p->objects.count; n++) {
		enum engine_result r =
			same_element(l, l->next_object, l->next_index, err);

		if (r != ENGINE_OK)
			return r;
		if (++l->next_index < p->objects.data[l->next_object].count)
			continue;
		l->next_index = 0;
		if (++l->next_object == p->objects.count)
			l->next_object = 0;
		if (l->next_object == first)
			break; /* once round */
	}
	return ENGINE_OK;
}

static enum engine_result same_values(struct live *l, struct error *err)
{
	const struct engine *e = &l->base;

	for (size_t i = 0; i < e->log.count; i++) {
		const struct event *v = &e->log.events[i];
		const struct object *o;
		enum engine_result r;

		if (v->object == OBJECT_NONE || v->kind == OP_ATOMIC)
			continue;
		o = &e->program->objects.data[v->object];
		if (v->index < 0 || v->index >= o->count)
			continue;
		r = same_element(l, v->object, v->index, err);
		if (r != ENGINE_OK)
			return r;
	}
	return same_others(l, VALUES_A_STEP, err);
}

static enum engine_result same_stores(struct live *l, thread_id t,
				      struct error *err)
{
	const struct engine *e = &l->base;
	const struct seat *s = &l->real.shared->seats[t];
	size_t model = world_stores(e->ahead, e->program, t);
	uint32_t real = peek(&s->store_count);
	object_id object;
	int32_t index, value;

	if (real != model)
		return differ(l, err,
			      "%s's store buffer has %u entries in "
			      "reality, %zu in the model",
			      program_thread_name(e->program, t), real, model);
	for (uint32_t i = 0; i < real; i++) {
		world_store(e->ahead, e->program, t, i, &object, &index,
			    &value);
		if (real_store(s, i) != store_pack(object, index, value))
			return differ(l, err, "%s's store buffers differ",
				      program_thread_name(e->program, t));
	}
	return ENGINE_OK;
}

/* The thread's machine: where it stands, and every value it still needs. */
static enum engine_result same_machine(struct live *l, thread_id t,
				       struct error *err)
{
	const struct engine *e = &l->base;
	const struct vm *real = &l->real.shared->seats[t].vm;
	const char *name = program_thread_name(e->program, t);
	struct vm model;

	world_vm(e->ahead, e->program, t, &model);
	if (model.state == VM_LATER)
		return ENGINE_OK;
	if (real->pc != model.pc || real->state != model.state ||
	    real->regions != model.regions)
		return differ(l, err,
			      "%s stands at instruction %u (state %u) "
			      "in reality, %u (state %u) in the model",
			      name, real->pc, real->state, model.pc,
			      model.state);
	for (unsigned i = 0; i < e->program->threads.data[t].regs; i++)
		if (real->regs[i] != model.regs[i])
			return differ(l, err,
				      "%s has %d in register %u, the "
				      "model %d",
				      name, real->regs[i], i, model.regs[i]);
	return same_stores(l, t, err);
}

static enum engine_result same_machines(struct live *l, thread_id t,
					struct error *err)
{
	const struct engine *e = &l->base;
	enum engine_result r = same_machine(l, t, err);

	for (size_t i = 0; i < e->log.count && r == ENGINE_OK; i++)
		if (e->log.events[i].kind == OP_START &&
		    e->log.events[i].other != THREAD_NONE)
			r = same_machine(l, e->log.events[i].other, err);
	return r;
}

/* How the real operation had to go. */
static enum engine_result
same_outcome(struct live *l, const struct reply *reply, struct error *err)
{
	const struct engine *e = &l->base;
	bool crashed = e->log.count &&
		       e->log.events[e->log.count - 1].flags & EVENT_CRASH;

	switch (reply->outcome) {
	case OUTCOME_DONE:
		if (!crashed)
			return ENGINE_OK;
		return differ(l, err, "it went well, but should be a crash");
	case OUTCOME_CRASHED:
		if (crashed && reply->crash == (enum crash)e->ahead->detail)
			return ENGINE_OK;
		return differ(l, err, "it was refused as a mistake (%d)",
			      (int)reply->crash);
	case OUTCOME_BUSY:
		return differ(l, err, "the real object says busy");
	case OUTCOME_GOT:
		return differ(l, err, "it should time out, but can be had");
	case OUTCOME_ODD:
		break;
	}
	return differ(l, err, "the system says: %s", strerror(reply->error));
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
	r = differ(l, err,
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
	enum engine_result r = same_outcome(l, &s->reply, err);

	if (r == ENGINE_OK)
		r = same_machines(l, c.thread, err);
	if (r == ENGINE_OK)
		r = same_values(l, err);
	if (r == ENGINE_OK)
		r = probe_blocked(l, blocked, PROBES_A_STEP, err);
	return r;
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
	enum engine_result r = ENGINE_OK;

	world_copy(e->ahead, e->world, e->program);
	e->log.count = 0;
	l->next_object = 0;
	l->next_index = 0;
	l->owed = 0;
	for (size_t t = 0; t < e->program->threads.count && r == ENGINE_OK; t++)
		r = same_machine(l, (thread_id)t, err);
	if (r == ENGINE_OK)
		r = same_others(l, SIZE_MAX, err);
	if (r == ENGINE_OK)
		r = probe_blocked(l, 0, SIZE_MAX, err);
	return r == ENGINE_OK;
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
