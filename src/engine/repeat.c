/*
 * repeat.c - free runs one after another.
 *
 * At most one run is under way, in a process of its own; every piece of work
 * polls it, and whoever calls gets his hands back at once. A run that hangs is
 * recognised as such by the engine; one that neither ends nor hangs is stopped
 * when its time is over, so that N runs always come to an end.
 *
 * The records of each run are held against the model. The clock is that of the
 * system: to measure the rate of the processor's own takes longer than most of
 * these runs, and exact durations are not asked for here.
 */
#include <stdlib.h>
#include <time.h>

#include "threadviz/arena.h"
#include "threadviz/repeat.h"

enum {
	BATCH = 4096,
	REST_NS = 200000,
	LOOK_NS = 1000000, /* whether it hangs, for each thread to be asked */
};

struct repeat {
	const struct program *program;
	struct free_options how; /* of the next run */
	uint64_t left, count;
	struct free_run *run; /* NULL: none yet */
	bool over;            /* it has ended, and is kept to be asked */
	struct accord *accord;
	struct judgement end;
	size_t taken;
	struct event batch[BATCH];
};

struct repeat *repeat_new(const struct program *p, const struct free_options *o,
			  uint64_t n)
{
	struct repeat *r = xcalloc(1, sizeof *r);

	r->program = p;
	r->how = *o;
	r->how.no_kernel = r->how.no_tsc = true;
	if (!(r->how.seconds > 0))
		r->how.seconds = REPEAT_SECONDS;
	if (!r->how.look)
		r->how.look = LOOK_NS * (1 + p->threads.count);
	r->left = n;
	return r;
}

static void close_run(struct repeat *r)
{
	accord_free(r->accord);
	r->accord = NULL;
	free_close(r->run);
	r->run = NULL;
	r->over = false;
	str_free(&r->end.why);
}

void repeat_free(struct repeat *r)
{
	if (!r)
		return;
	close_run(r);
	free(r);
}

/* ---- work -------------------------------------------------------------- */

static enum repeat_status begin(struct repeat *r, struct error *err)
{
	close_run(r);
	if (!r->left)
		return REPEAT_DONE;
	r->run = free_start(r->program, &r->how, err);
	if (!r->run)
		return REPEAT_FAILED;
	r->left--;
	r->how.chaos += r->how.chaos != 0;
	r->how.seed += r->how.seed != 0;
	r->accord = accord_new(r->program);
	return REPEAT_BUSY;
}

static enum repeat_status look(struct repeat *r)
{
	bool ended = free_state(r->run) > FREE_PAUSED;

	r->taken = free_poll(r->run, r->batch, BATCH);
	accord_add(r->accord, r->batch, r->taken);
	if (!ended || r->taken == BATCH)
		return REPEAT_BUSY;
	r->end = judge_run(r->program, r->run, r->accord);
	r->over = true;
	r->count++;
	return REPEAT_ENDED;
}

enum repeat_status repeat_work(struct repeat *r, struct error *err)
{
	r->taken = 0;
	return r->run && !r->over ? look(r) : begin(r, err);
}

void repeat_rest(const struct repeat *r)
{
	static const struct timespec t = {0, REST_NS};

	if (r->run && !r->over && r->taken < BATCH)
		(void)nanosleep(&t, NULL);
}

uint64_t repeat_count(const struct repeat *r)
{
	return r->count;
}

const struct event *repeat_records(const struct repeat *r, size_t *n)
{
	*n = r->taken;
	return r->batch;
}

/* ---- the run that has ended -------------------------------------------- */

const struct judgement *repeat_end(const struct repeat *r)
{
	return &r->end;
}

int32_t repeat_value(const struct repeat *r, object_id id, int32_t index)
{
	return judge_value(&r->end, r->program, r->run, id, index);
}

bool repeat_finding(const struct repeat *r, struct finding *out)
{
	return r->over && accord_finding(r->accord, out);
}
