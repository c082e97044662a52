/*
 * compare.c - do real threads and model agree?
 *
 * After a step: how the real operation went, the machines of the threads it
 * moved, every value it touched, and the next few of all the others, so that
 * what changes without being touched is found, too. A difference halts the
 * engine with a sentence that says where and what.
 */
#include <string.h>

#include "live.h"
#include "threadviz/label.h"

enum { VALUES_A_STEP = 64 /* compared besides the touched ones */ };

/* "step 7 (A: write count <- 1)" */
static void say_where(const struct engine *e, struct str *out)
{
	if (e->log.count == 0) {
		str_add(out, "at the start");
		return;
	}
	str_addf(out, "at step %zu (%s: ", e->steps + 1,
		 program_thread_name(e->program, e->log.events[0].thread));
	event_format(e->program, &e->log.events[0], LABEL_LONG, out);
	str_addc(out, ')');
}

enum engine_result live_differ(struct live *l, struct error *err,
			       const char *fmt, ...)
{
	struct str text = {0};
	enum engine_result result;
	va_list args;

	str_add(&text, "real threads and model differ ");
	say_where(&l->base, &text);
	str_add(&text, ": ");
	va_start(args, fmt);
	str_addv(&text, fmt, args);
	va_end(args);
	result = live_halt(l, ENGINE_MISMATCH, err, "%s", str_cstr(&text));
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
	result = live_differ(
		l, err, "%s%s is %lld in reality, %lld in the model",
		str_cstr(&name), what, (long long)real, (long long)model);
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
	if (e->program->objects.data[id].awaited &&
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
		return live_differ(l, err,
				   "%s's store buffer has %u entries in "
				   "reality, %zu in the model",
				   program_thread_name(e->program, t), real,
				   model);
	for (uint32_t i = 0; i < real; i++) {
		world_store(e->ahead, e->program, t, i, &object, &index,
			    &value);
		if (real_store(s, i) != store_pack(object, index, value))
			return live_differ(l, err, "%s's store buffers differ",
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
		return live_differ(l, err,
				   "%s stands at instruction %u (state %u) "
				   "in reality, %u (state %u) in the model",
				   name, real->pc, real->state, model.pc,
				   model.state);
	for (unsigned i = 0; i < e->program->threads.data[t].regs; i++)
		if (real->regs[i] != model.regs[i])
			return live_differ(l, err,
					   "%s has %d in register %u, the "
					   "model %d",
					   name, real->regs[i], i,
					   model.regs[i]);
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
		return live_differ(l, err,
				   "it went well, but should be a crash");
	case OUTCOME_CRASHED:
		if (crashed && reply->crash == (enum crash)e->ahead->detail)
			return ENGINE_OK;
		return live_differ(l, err, "it was refused as a mistake (%d)",
				   (int)reply->crash);
	case OUTCOME_BUSY:
		return live_differ(l, err, "the real object says busy");
	case OUTCOME_GOT:
		return live_differ(l, err,
				   "it should time out, but can be had");
	case OUTCOME_ODD:
		break;
	}
	return live_differ(l, err, "the system says: %s",
			   strerror(reply->error));
}

enum engine_result compare_step(struct live *l, thread_id t,
				const struct reply *reply, struct error *err)
{
	enum engine_result r = same_outcome(l, reply, err);

	if (r == ENGINE_OK)
		r = same_machines(l, t, err);
	return r == ENGINE_OK ? same_values(l, err) : r;
}

enum engine_result compare_all(struct live *l, struct error *err)
{
	enum engine_result r = ENGINE_OK;

	l->next_object = 0;
	l->next_index = 0;
	for (size_t t = 0; t < l->base.program->threads.count; t++) {
		r = same_machine(l, (thread_id)t, err);
		if (r != ENGINE_OK)
			return r;
	}
	return same_others(l, SIZE_MAX, err);
}
