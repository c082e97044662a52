/*
 * free.c - the front of a free run: starts it, merges what it records, sees
 * that it ends.
 *
 * Every thread's ring is in order of time, so handing out is a merge: always
 * the ring whose next record is oldest. Nothing younger than the moment before
 * the rings were looked at is handed out, so that a record another one rests
 * on (a release is written before the lock is given back) is never missed. A
 * thread can be held up between stamp and write; what comes too late by that
 * is moved up to its predecessor and counted. Little is stored here, a chunk
 * of each ring: what has not been asked for waits in the rings, whose size
 * bounds the memory, and which forget their oldest records. EVENT_LOST stands
 * where these were.
 *
 * A pause is no part of the run: what the kernel says of it (stopped threads
 * leave their processors) is left out, and later records are earlier by its
 * length.
 */
#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front.h"
#include "threadviz/arena.h"

enum {
	READY_MS = 3000,      /* patience with the child's setting up */
	REFINE_NS = 50000000, /* between two measurements of the clock */
	RING_TRIES = 3,       /* with a writer that laps us */
};

/* ---- memory ------------------------------------------------------------ */

static size_t parts_of(struct freerun *r)
{
	const struct program *p = r->real.program;
	uint32_t n = 0;

	for (size_t i = 0; i < p->objects.count; i++) {
		r->first[i] = n;
		n += p->objects.data[i].count;
	}
	return n;
}

static bool map_share(struct freerun *r, uint64_t records, struct error *err)
{
	size_t threads = r->real.program->threads.count;
	size_t head =
		sizeof(struct run_share) + parts_of(r) * sizeof(struct part);
	size_t ring = ring_bytes(records);
	unsigned char *memory;

	head = (head + 63) / 64 * 64;
	r->size = head + threads * ring;
	memory = mmap(NULL, r->size, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		return fail(err, "no memory for %zu rings of %zu bytes: %s",
			    threads, ring, strerror(errno));
	r->share = (struct run_share *)(void *)memory;
	for (size_t t = 0; t < threads; t++) {
		r->rings[t] = (struct ring *)(void *)(memory + head + t * ring);
		ring_init(r->rings[t], records);
	}
	return true;
}

static uint64_t ring_size(const struct free_run *f)
{
	uint64_t share = FREE_RINGS / (f->program->threads.count + 1);

	if (f->options.ring)
		return ring_round(f->options.ring);
	return ring_round(share < FREE_RING ? share : FREE_RING);
}

static bool has_blocks(const struct program *p)
{
	for (size_t i = 0; i < p->code.count; i++)
		if (p->code.data[i].code == OP_ATOMIC)
			return true;
	return false;
}

static bool prepare(struct free_run *f, struct error *err)
{
	const struct free_options *o = &f->options;
	struct run_share *s;

	if (!real_map(&f->run.real, f->program, err) ||
	    !map_share(&f->run, ring_size(f), err))
		return false;
	s = f->run.share;
	clock_start(&s->clock, !o->no_tsc);
	s->record = !o->hooks_off;
	s->chaos = o->chaos;
	s->gated = has_blocks(f->program);
	s->seed = o->seed ? o->seed : clock_monotonic();
	if (sem_init(&s->followed, 1, 0) || sem_init(&s->armed, 1, 0) ||
	    sem_init(&s->go, 1, 0) || sem_init(&s->over, 1, 0))
		return fail(err, "no semaphores for the target: %s",
			    strerror(errno));
	return true;
}

/* ---- start and end ----------------------------------------------------- */

static void add_source(struct free_run *f, struct ring *r, size_t which)
{
	f->sources[f->source_count++] = (struct source){
		.ring = r,
		.which = which,
		.chunk = xcalloc(CHUNK, sizeof(struct event)),
	};
}

static void add_sources(struct free_run *f)
{
	size_t views = f->kernel ? kernel_views(f->kernel) : 0;

	for (size_t t = 0; t < f->program->threads.count; t++)
		add_source(f, f->run.rings[t], t);
	for (size_t i = 0; i < views; i++)
		add_source(f, NULL, i);
}

static bool await_child(struct free_run *f, struct error *err)
{
	uint64_t ns = clock_monotonic() + READY_MS * UINT64_C(1000000);
	struct timespec until = {(time_t)(ns / 1000000000u),
				 (long)(ns % 1000000000u)};

	while (sem_clockwait(&f->run.share->armed, CLOCK_MONOTONIC, &until)) {
		if (errno == EINTR)
			continue;
		front_hear(f);
		return fail(err, "the threads could not be made: %s",
			    f->errors.len ? str_cstr(&f->errors) : "no answer");
	}
	return true;
}

static void miss(struct free_run *f, const char *text)
{
	if (*text)
		str_addf(&f->missing, "%s%s", f->missing.len ? "; " : "", text);
}

/* Pinned to a processor that is not there, or not ours. */
static void look_for_processors(struct free_run *f)
{
	const struct program *p = f->program;
	cpu_set_t ours;

	if (sched_getaffinity(0, sizeof ours, &ours))
		return;
	for (size_t t = 0; t < p->threads.count; t++) {
		int32_t cpu = p->threads.data[t].cpu;
		bool there = cpu < CPU_SETSIZE && CPU_ISSET((size_t)cpu, &ours);
		struct str text = {0};

		if (cpu < 0 || there)
			continue;
		str_addf(&text, "there is no CPU %d for %s, which runs on any",
			 cpu, program_thread_name(p, (thread_id)t));
		miss(f, str_cstr(&text));
		str_free(&text);
	}
}

static bool launch(struct free_run *f, struct error *err)
{
	pid_t front = getpid();
	int output, side = child_fork(&f->child, &output, err);

	if (side == 0)
		freerun_main(&f->run, front, output);
	if (side < 0)
		return false;
	/* Threads made from here on are followed, too. */
	if (!f->options.no_kernel && !f->options.hooks_off)
		f->kernel = kernel_open(f->child.pid);
	sem_post(&f->run.share->followed);
	if (!await_child(f, err))
		return false;
	add_sources(f);
	look_for_processors(f);
	if (f->kernel)
		miss(f, kernel_missing(f->kernel));
	f->start = clock_monotonic();
	sem_post(&f->run.share->go);
	return true;
}

struct free_run *free_start(const struct program *p,
			    const struct free_options *o, struct error *err)
{
	struct free_run *f = xcalloc(1, sizeof *f);

	f->program = p;
	f->options = *o;
	f->child.output = -1;
	f->run.real.program = p;
	if (prepare(f, err) && launch(f, err))
		return f;
	free_close(f);
	return NULL;
}

void free_close(struct free_run *f)
{
	if (!f)
		return;
	child_kill(&f->child);
	for (size_t i = 0; i < f->source_count; i++)
		free(f->sources[i].chunk);
	kernel_close(f->kernel);
	if (f->run.share)
		(void)munmap(f->run.share, f->run.size);
	real_unmap(&f->run.real);
	str_free(&f->errors);
	str_free(&f->missing);
	vec_free(&f->pauses);
	free(f->final);
	free(f);
}

/* Ends what still runs, in that state. */
static void end_run(struct free_run *f, enum free_state state)
{
	f->state = state;
	f->end = clock_monotonic();
	if (f->child.pid > 0) {
		(void)kill(f->child.pid, SIGKILL);
		while (waitpid(f->child.pid, NULL, 0) < 0 && errno == EINTR)
			continue;
		f->child.pid = 0;
	}
}

/* It has left; by itself, as it should? */
static void see_off(struct free_run *f, int status)
{
	/* Pairs with the release in freerun.c. */
	int v = atomic_load_explicit(&f->run.share->end.verdict,
				     memory_order_acquire);

	f->child.pid = 0;
	f->status = status;
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		end_run(f, FREE_DIED);
	else
		end_run(f, v ? FREE_FAILED : FREE_ENDED);
}

static void look_after(struct free_run *f)
{
	int status;

	if (f->state > FREE_PAUSED)
		return;
	front_hear(f);
	if (waitpid(f->child.pid, &status, WNOHANG) == f->child.pid)
		see_off(f, status);
	else if (f->options.seconds > 0 &&
		 (double)front_past(f) > f->options.seconds * 1e9)
		end_run(f, FREE_STOPPED);
	else if (f->state == FREE_RUNNING && front_is_stuck(f))
		end_run(f, FREE_HUNG);
}

enum free_state free_state(struct free_run *f)
{
	look_after(f);
	return f->state;
}

void free_pause(struct free_run *f)
{
	struct pause p = {clock_monotonic(), UINT64_MAX};

	if (f->state != FREE_RUNNING || kill(f->child.pid, SIGSTOP))
		return;
	f->state = FREE_PAUSED;
	vec_push(&f->pauses, p);
}

void free_continue(struct free_run *f)
{
	uint64_t now = clock_monotonic();

	f->still = 0;
	if (f->state != FREE_PAUSED || kill(f->child.pid, SIGCONT))
		return;
	f->state = FREE_RUNNING;
	f->pauses.data[f->pauses.len - 1].to = now;
}

uint64_t front_past(const struct free_run *f)
{
	uint64_t end = f->end ? f->end : clock_monotonic(), paused = 0;

	for (size_t i = 0; i < f->pauses.len; i++) {
		const struct pause *p = &f->pauses.data[i];

		paused += (p->to < end ? p->to : end) - p->from;
	}
	return end - f->start - paused;
}

/* ---- merging ----------------------------------------------------------- */

/* Whether it falls into a pause; passes the pauses before. */
static bool is_paused(struct free_run *f, uint64_t time)
{
	const struct pause *p = f->pauses.data;

	for (; f->passed < f->pauses.len && p[f->passed].to <= time;
	     f->passed++)
		f->cut += p[f->passed].to - p[f->passed].from;
	return f->passed < f->pauses.len && p[f->passed].from <= time;
}

/* ns since the start, of a moment not before the last one asked for. */
static uint64_t run_time(struct free_run *f, uint64_t time)
{
	if (is_paused(f, time))
		time = f->pauses.data[f->passed].from;
	return time > f->start + f->cut ? time - f->start - f->cut : 0;
}

static void look_at(struct free_run *f, struct source *s)
{
	uint64_t stamp;

	if (s->next == s->have) {
		s->time = UINT64_MAX;
		return;
	}
	stamp = s->chunk[s->next].time;
	s->time = s->ring ? clock_ns(&f->run.share->clock, stamp) : stamp;
}

/* Says how many are missing, as a record stamped as the one behind it. */
static void put_gap(struct source *s)
{
	const struct event *next = &s->chunk[1];

	s->next = 0;
	s->chunk[0] = (struct event){
		.time = next->time,
		.thread = next->thread,
		.kind = EVENT_LOST,
		.other = THREAD_NONE,
		.object = OBJECT_NONE,
		.pc = next->pc,
		.value = s->owed < INT32_MAX ? (int32_t)s->owed : INT32_MAX,
	};
	s->owed = 0;
}

/* The next chunk, with its first place left for a gap. */
static void fill_from_ring(struct source *s)
{
	size_t n = 0;
	uint64_t lost;

	for (int tries = 0; !n && tries < RING_TRIES; tries++) {
		n = ring_read(s->ring, &s->chunk[1], CHUNK - 1, &lost);
		s->owed += lost;
		if (!lost)
			break;
	}
	s->next = 1;
	s->have = 1 + n;
	if (n && s->owed)
		put_gap(s);
}

static void fill(struct free_run *f, struct source *s)
{
	if (s->ring) {
		if (ring_ready(s->ring))
			fill_from_ring(s);
	} else {
		s->next = 0;
		s->have = kernel_read(f->kernel, s->which, f->program,
				      f->run.share, s->chunk, CHUNK);
		/* Who was killed ran once more, only to die. */
		while (f->state > FREE_PAUSED && s->have &&
		       s->chunk[s->have - 1].time > f->end)
			s->have--;
	}
	look_at(f, s);
}

/* What waits in all the rings, and up to when it is complete. */
static uint64_t survey(struct free_run *f)
{
	uint64_t now = clock_monotonic();

	if (now > f->refined + REFINE_NS) {
		clock_refine(&f->run.share->clock);
		f->refined = now;
	}
	for (size_t i = 0; i < f->source_count; i++) {
		struct source *s = &f->sources[i];

		if (s->next == s->have)
			fill(f, s);
		else
			look_at(f, s);
	}
	return f->state > FREE_PAUSED ? UINT64_MAX - 1 : now;
}

/* The source to take from; *until: the next one's time. */
static struct source *oldest(struct free_run *f, uint64_t *until)
{
	struct source *best = &f->sources[0];

	*until = UINT64_MAX - 1;
	for (size_t i = 1; i < f->source_count; i++) {
		struct source *s = &f->sources[i];

		if (s->time < best->time) {
			*until = best->time < *until ? best->time : *until;
			best = s;
		} else if (s->time < *until) {
			*until = s->time;
		}
	}
	return best;
}

static void take_line(struct free_run *f, struct event *e)
{
	struct line *line = &f->run.share->lines[e->value];

	if (e->value >= LIMIT_OUTPUT)
		e->value = (int32_t)f->output;
	/* Pairs with the release in freeact.c. */
	else if (atomic_load_explicit(&line->ready, memory_order_acquire))
		e->value = (int32_t)(f->output = outputs_add(
					     f->program->outputs, f->output,
					     line->text));
}

/* False: it only tells of a pause. */
static bool hand_out(struct free_run *f, const struct source *s,
		     struct event *out)
{
	uint64_t time = s->time;

	if (!s->ring && is_paused(f, time))
		return false;
	*out = s->chunk[s->next];
	if (time < f->last) {
		f->counts.late++;
		time = f->last;
	}
	f->last = time;
	out->time = run_time(f, time);
	out->step = (uint32_t)++f->counts.recorded;
	if (out->kind == EVENT_OFF_CPU && out->value)
		f->counts.preempted[out->thread]++;
	else if (out->kind == EVENT_OFF_CPU)
		f->counts.switches[out->thread]++;
	else if (out->kind == OP_PRINT && !(out->flags & EVENT_WANTS))
		take_line(f, out);
	return true;
}

/* The last record of all says how it ended. */
static size_t hand_out_end(struct free_run *f, struct event *out)
{
	uint64_t end = f->end;

	if (f->state <= FREE_PAUSED || f->judged)
		return 0;
	f->judged = true;
	/* That the child has left is noticed later. */
	if (f->state == FREE_ENDED && f->last)
		end = f->last;
	*out = (struct event){
		.time = run_time(f, end),
		.step = (uint32_t)f->counts.recorded,
		.thread = THREAD_NONE,
		.kind = EVENT_VERDICT,
		.other = THREAD_NONE,
		.object = OBJECT_NONE,
		.value = (int32_t)free_verdict(f, NULL),
	};
	if (f->state == FREE_FAILED) {
		out->thread = f->run.share->end.who;
		out->pc = f->run.share->end.where;
		out->index = f->run.share->end.detail;
	} else if (f->final) {
		out->index = f->final->detail;
	}
	return 1;
}

size_t free_poll(struct free_run *f, struct event *out, size_t room)
{
	uint64_t complete, until;
	size_t n = 0;

	look_after(f);
	complete = survey(f);
	while (n < room) {
		struct source *s = oldest(f, &until);

		if (s->time > complete)
			break;
		do {
			n += hand_out(f, s, &out[n]);
			if (++s->next == s->have)
				fill(f, s);
			else
				look_at(f, s);
		} while (n < room && s->time <= until && s->time <= complete);
	}
	return n < room ? n + hand_out_end(f, &out[n]) : n;
}
