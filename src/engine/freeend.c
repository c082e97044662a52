/*
 * freeend.c - how a free run ends: hung, failed, or with values to judge.
 *
 * A hang is certain when no thread of the child has run at all between several
 * looks (the kernel counts every switch), all of them sleep (state S), and
 * none of them for a limited time: nobody is left who could wake anybody. A
 * stopped or a runnable thread, however slow, is no hang.
 *
 * A run that came to its end is judged by its final values alone: they are put
 * into a world of the model and the `finally` checks asked. What had to hold
 * all along (always, never two, order) is not judged here.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "front.h"
#include "threadviz/label.h"

enum {
	LOOK_NS = 50000000, /* between two looks at the kernel's counts */
	STILL_LOOKS = 4,
	ERRORS_MOST = 65536, /* bytes kept of what the child says */
};

/* ---- is anybody left? -------------------------------------------------- */

/* The number behind a word of /proc's status; 0 if it is not there. */
static uint64_t number_after(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at ? strtoull(at + strlen(word), NULL, 10) : 0;
}

/* Whether that thread sleeps; adds how often it was switched. */
static bool sleeps(int pid, int task, uint64_t *moves)
{
	char path[64], text[4096];
	const char *state;
	size_t n;
	FILE *f;

	(void)snprintf(path, sizeof path, "/proc/%d/task/%d/status", pid, task);
	f = fopen(path, "re");
	if (!f)
		return false;
	n = fread(text, 1, sizeof text - 1, f);
	text[n] = '\0';
	(void)fclose(f);
	state = strstr(text, "State:\t");
	*moves += number_after(text, "\nvoluntary_ctxt_switches:") +
		  number_after(text, "\nnonvoluntary_ctxt_switches:");
	return state && state[7] == 'S';
}

/* It is over, the child only has to leave. */
static bool over(const struct free_run *f)
{
	const struct run_share *s = f->run.share;

	return atomic_load(&s->end.claimed) || atomic_load(&s->left) == 0;
}

/* Only the scenario's own threads: a sanitizer, say, has others. */
static bool all_sleep(const struct free_run *f, uint64_t *moves)
{
	const struct seat *seats = f->run.real.shared->seats;
	bool anybody = false;

	*moves = 0;
	for (size_t t = 0; t < f->program->threads.count; t++) {
		if (!peek(&seats[t].started) || peek(&seats[t].ended))
			continue;
		anybody = true;
		if (!sleeps(f->child.pid, peek(&f->run.share->places[t].id),
			    moves))
			return false;
	}
	return anybody && !over(f);
}

static bool somebody_is_timed(const struct free_run *f)
{
	for (size_t t = 0; t < f->program->threads.count; t++)
		if (peek(&f->run.share->places[t].timed))
			return true;
	return false;
}

bool front_is_stuck(struct free_run *f)
{
	uint64_t now = clock_monotonic(), moves;
	bool asleep;

	if (now - f->looked < (f->options.look ? f->options.look : LOOK_NS))
		return false;
	f->looked = now;
	asleep = !somebody_is_timed(f) && all_sleep(f, &moves);
	if (!asleep || moves != f->moves)
		f->still = 0;
	else
		f->still++;
	f->moves = asleep ? moves : 0;
	return f->still >= STILL_LOOKS;
}

/* ---- why nobody is ----------------------------------------------------- */

static const struct seat *seat_of(const struct free_run *f, size_t t)
{
	return &f->run.real.shared->seats[t];
}

static void add_holder(const struct free_run *f, const struct op *op,
		       struct str *out)
{
	bool retake = op->kind == OP_RETAKE || op->kind == OP_RETAKE_FOR;
	const struct object *o;
	int32_t owner;

	if (op->object == OBJECT_NONE || retake)
		return;
	o = &f->program->objects.data[op->object];
	if (o->kind != OBJECT_MUTEX && o->kind != OBJECT_RWLOCK)
		return;
	owner = real_value(&f->run.real, op->object, op->index);
	if (owner)
		str_addf(out, ", which %s holds",
			 program_thread_name(f->program,
					     (thread_id)(owner - 1)));
}

static void explain_hang(const struct free_run *f, struct str *out)
{
	const char *between = "";

	for (size_t t = 0; t < f->program->threads.count; t++) {
		const struct seat *s = seat_of(f, t);
		struct op op;

		if (!peek(&s->started) || peek(&s->ended))
			continue;
		vm_next(&s->vm, f->program, &op);
		if (op.kind == OP_NONE)
			continue;
		str_addf(out, "%s%s waits (", between,
			 program_thread_name(f->program, (thread_id)t));
		op_format(f->program, &op, LABEL_LONG, out);
		add_holder(f, &op, out);
		str_addc(out, ')');
		between = "; ";
	}
}

/* ---- judging ----------------------------------------------------------- */

int32_t free_value(const struct free_run *f, object_id id, int32_t index)
{
	return real_value(&f->run.real, id, index);
}

static void measure(struct free_run *f)
{
	const struct program *p = f->program;

	f->final = world_new(p);
	for (size_t i = 0; i < p->objects.count; i++) {
		uint8_t kind = p->objects.data[i].kind;

		if (kind == OBJECT_MUTEX || kind == OBJECT_RWLOCK ||
		    kind == OBJECT_COND)
			continue;
		for (int32_t k = 0; k < p->objects.data[i].count; k++)
			world_assign(f->final, p, (object_id)i, k,
				     free_value(f, (object_id)i, k));
	}
}

static void judge_values(struct free_run *f)
{
	const struct program *p = f->program;
	struct world *w = f->final;

	w->verdict = VERDICT_OK;
	for (size_t i = 0; i < p->checks.count && w->verdict == VERDICT_OK;
	     i++) {
		if (p->checks.data[i].kind != CHECK_FINALLY ||
		    world_check(w, p, &p->checks.data[i]))
			continue;
		w->verdict = VERDICT_VIOLATED;
		w->detail = (uint16_t)i;
	}
}

static void judge(struct free_run *f)
{
	const struct run_end *e = &f->run.share->end;

	measure(f);
	if (f->state == FREE_ENDED)
		judge_values(f);
	if (f->state != FREE_FAILED)
		return;
	f->final->verdict = (uint8_t)atomic_load_explicit(&e->verdict,
							  memory_order_acquire);
	f->final->who = e->who;
	f->final->detail = e->detail;
	f->final->where = e->where;
}

/* The registers of the crashed thread are in its own machine, not a world. */
static void explain_failure(const struct free_run *f, struct str *out)
{
	const struct world *w = f->final;
	struct op op;

	if (w->verdict != VERDICT_CRASH) {
		world_explain(w, f->program, out);
		return;
	}
	vm_next(&seat_of(f, w->who)->vm, f->program, &op);
	str_addf(out, "%s: ", program_thread_name(f->program, w->who));
	crash_format(f->program, (enum crash)w->detail, &op, out);
}

static void explain_death(const struct free_run *f, struct str *out)
{
	if (WIFSIGNALED(f->status))
		str_addf(out,
			 "the scenario's process was killed: signal %d, %s",
			 WTERMSIG(f->status), strsignal(WTERMSIG(f->status)));
	else
		str_addf(out, "the scenario's process left with status %d",
			 WEXITSTATUS(f->status));
}

static void explain(struct free_run *f, struct str *out)
{
	switch (f->state) {
	case FREE_HUNG:
		explain_hang(f, out);
		break;
	case FREE_STOPPED:
		str_addf(out, "stopped after %.1f s",
			 (double)front_past(f) / 1e9);
		break;
	case FREE_DIED:
		explain_death(f, out);
		break;
	case FREE_ENDED:
	case FREE_FAILED:
		if (f->final->verdict != VERDICT_OK)
			explain_failure(f, out);
		break;
	case FREE_RUNNING:
	case FREE_PAUSED:
		break;
	}
}

enum verdict free_verdict(struct free_run *f, struct str *why)
{
	if (f->state <= FREE_PAUSED)
		return VERDICT_NONE;
	if (!f->final)
		judge(f);
	if (why)
		explain(f, why);
	return f->state == FREE_HUNG ? VERDICT_DEADLOCK
				     : (enum verdict)f->final->verdict;
}

/* ---- the rest ---------------------------------------------------------- */

/* Without records in the order of the numbers that the lines got. */
uint32_t free_output(struct free_run *f)
{
	struct run_share *s = f->run.share;
	uint32_t n = peek(&s->printed);

	if (!f->options.hooks_off)
		return f->output;
	for (; f->printed < n && f->printed < LIMIT_OUTPUT; f->printed++)
		f->output = outputs_add(f->program->outputs, f->output,
					s->lines[f->printed].text);
	return f->output;
}

/* A full pipe would hold the child up. */
void front_hear(struct free_run *f)
{
	char bytes[1024];
	ssize_t n;

	while (f->child.output >= 0 &&
	       (n = read(f->child.output, bytes, sizeof bytes)) > 0)
		if (f->errors.len < ERRORS_MOST)
			str_addn(&f->errors, bytes, (size_t)n);
}

int free_fd(const struct free_run *f)
{
	return f->child.output;
}

void free_errors(struct free_run *f, struct str *out)
{
	front_hear(f);
	str_addn(out, str_cstr(&f->errors), f->errors.len);
}

void free_count(const struct free_run *f, struct free_counts *out)
{
	*out = f->counts;
	out->lost = 0;
	for (size_t i = 0; i < f->source_count; i++)
		if (f->sources[i].ring)
			out->lost += ring_lost(f->sources[i].ring);
	out->unseen = f->kernel ? kernel_lost(f->kernel) : 0;
	out->pauses = f->pauses.len;
	out->seconds = (double)front_past(f) / 1e9;
}

const char *free_missing(const struct free_run *f)
{
	return str_cstr(&f->missing);
}
