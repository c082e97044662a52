/*
 * program.c - where everything lies in a world, and names.
 *
 * The world's size follows the program: an object takes the bytes its kind
 * needs for each element, a thread its program counter, its state, its regions
 * and store buffer if it has any, and the registers that are live at some
 * stop. Nothing is aligned; all multi-byte values are read with memcpy.
 */
#include "threadviz/program.h"

/* Bytes of one element; the meaning is in src/sim/, one file per kind. */
static uint32_t object_stride(const struct program *p, const struct object *o)
{
	uint32_t threads = (uint32_t)p->threads.count;

	switch ((enum object_kind)o->kind) {
	case OBJECT_VAR:
	case OBJECT_SEM:
	case OBJECT_COUNTDOWN:
		return 4;
	case OBJECT_MUTEX:
		return o->recursive ? 2 : 1; /* owner, depth */
	case OBJECT_RWLOCK:
		return 1 + threads; /* writer, holds of each reader */
	case OBJECT_COND:
		return 1 + threads; /* how many, sleepers in order */
	case OBJECT_EVENT:
	case OBJECT_BARRIER:
		return 1;
	case OBJECT_BUFFER:
	case OBJECT_QUEUE: /* how many, unfinished, items oldest first */
		return 2 + 4 + 4 * (uint32_t)o->max;
	case OBJECT_KINDS:
		break;
	}
	return 0;
}

static uint32_t thread_size(const struct program *p,
			    const struct thread_decl *t)
{
	uint32_t stores = t->stores ? 1 + 6u * t->stores : 0;

	return 3 + p->regions_size + stores + 4u * t->regs;
}

static uint32_t order_checks(const struct program *p)
{
	uint32_t n = 0;

	for (size_t i = 0; i < p->checks.count; i++)
		n += p->checks.data[i].kind == CHECK_ORDER;
	return n;
}

/* Which queues somebody joins, or is done with an item of. */
static void mark_awaited(const struct program *p, struct object *objects)
{
	for (size_t i = 0; i < p->code.count; i++) {
		const struct insn *in = &p->code.data[i];

		if (in->code == OP_DONE || in->code == OP_JOIN_QUEUE)
			objects[in->object].awaited = true;
	}
}

bool program_layout(struct program *p, struct object *objects,
		    struct thread_decl *threads, struct error *err)
{
	uint64_t at = WORLD_HEADER;

	mark_awaited(p, objects);
	p->regions_size = (uint32_t)(p->regions.count + 7) / 8;
	if (p->prints.count) {
		p->output_offset = (uint32_t)at;
		at += 4;
	}
	if (order_checks(p)) {
		p->order_offset = (uint32_t)at;
		at += order_checks(p);
	}
	for (size_t i = 0; i < p->objects.count; i++) {
		objects[i].stride = object_stride(p, &objects[i]);
		objects[i].offset = (uint32_t)at;
		at += (uint64_t)objects[i].stride * objects[i].count;
		if (at > LIMIT_STATE)
			break;
	}
	for (size_t i = 0; i < p->threads.count && at <= LIMIT_STATE; i++) {
		threads[i].offset = (uint32_t)at;
		at += thread_size(p, &threads[i]);
	}
	at = (at + 7) / 8 * 8;
	p->world_size = (uint32_t)at;
	if (at > LIMIT_STATE)
		return fail(err,
			    "the state of this scenario is larger than "
			    "%d bytes: use fewer or smaller arrays and "
			    "queues",
			    LIMIT_STATE);
	return true;
}

void program_free(struct program *p)
{
	struct arena arena;

	if (!p)
		return;
	outputs_free(p->outputs);
	arena = p->arena; /* the program itself lies in it */
	arena_fini(&arena);
}

bool program_is_standard(const struct program *p)
{
	for (size_t i = 0; i < p->params.count; i++)
		if (p->params.data[i].value != p->params.data[i].standard)
			return false;
	return true;
}

void program_params(const struct program *p, struct str *out)
{
	for (size_t i = 0; i < p->params.count; i++) {
		const struct param *q = &p->params.data[i];

		if (q->value != q->standard)
			str_addf(out, " %s=%d", q->name, q->value);
	}
}

void program_params_json(const struct program *p, struct json *j)
{
	json_open(j, "params", '{');
	for (size_t i = 0; i < p->params.count; i++)
		json_int(j, p->params.data[i].name, p->params.data[i].value);
	json_close(j);
}

bool program_region_is_exclusive(const struct program *p, size_t region)
{
	for (size_t i = 0; i < p->checks.count; i++)
		if (p->checks.data[i].kind == CHECK_NEVER_TWO &&
		    p->checks.data[i].region == region)
			return true;
	return false;
}

const char *program_thread_name(const struct program *p, thread_id t)
{
	return t < p->threads.count ? p->threads.data[t].name : "nobody";
}

thread_id program_find_thread(const struct program *p, const char *name,
			      size_t len)
{
	for (size_t i = 0; i < p->threads.count; i++) {
		const char *n = p->threads.data[i].name;

		if (strlen(n) == len && !memcmp(n, name, len))
			return (thread_id)i;
	}
	return THREAD_NONE;
}

void object_format(const struct program *p, object_id id, int32_t index,
		   struct str *out)
{
	const struct object *o = &p->objects.data[id];

	str_add(out, o->name);
	if (o->array)
		str_addf(out, "[%d]", index);
	if (o->process != THREAD_NONE)
		str_addf(out, " (%s's own)",
			 program_thread_name(p, o->process));
}
