/*
 * thread.c - threads as objects: their slices, start and join, print, work,
 * choose.
 *
 * A slice holds a thread's machine (see state.h). A process gets copies of its
 * starter's variables when it starts.
 */
#include "state.h"

void thread_load(const struct world *w, const struct program *p, thread_id t,
		 struct vm *vm)
{
	const uint8_t *s = slice_const(w, p, t);

	vm->pc = load16(s);
	vm->state = (uint8_t)slice_state(s);
	vm->crash = CRASH_NONE;
	vm->regions = 0;
	memcpy(&vm->regions, s + 3, p->regions_size);
	memcpy(vm->regs, s + slice_regs_at(p, t),
	       4 * (size_t)p->threads.data[t].regs);
}

void thread_store(struct world *w, const struct program *p, thread_id t,
		  const struct vm *vm)
{
	uint8_t *s = slice(w, p, t);

	store16(s, vm->pc);
	s[2] = (uint8_t)((s[2] & STATE_WOKEN) | vm->state);
	memcpy(s + 3, &vm->regions, p->regions_size);
	memcpy(s + slice_regs_at(p, t), vm->regs,
	       4 * (size_t)p->threads.data[t].regs);
}

/* The thread a start or join names; false (and a crash) if there is none. */
static bool named_thread(struct act *a, thread_id *t)
{
	const struct insn *i = &a->program->code.data[a->op.pc];
	const struct thread_group *g = &a->program->groups.data[i->imm];

	if (a->op.index < 0 || a->op.index >= g->count) {
		a->crash = CRASH_RANGE;
		return false;
	}
	*t = (thread_id)(g->first + a->op.index);
	return true;
}

/* A process begins with copies of its starter's variables. */
static void copy_variables(struct act *a, thread_id to)
{
	const struct program *p = a->program;

	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];
		object_id from = o->original;

		if (o->process != to || o->kind != OBJECT_VAR)
			continue;
		for (size_t k = 0; k < p->objects.count; k++)
			if (p->objects.data[k].process == a->thread &&
			    p->objects.data[k].original == o->original)
				from = (object_id)k;
		for (int32_t e = 0; e < o->count; e++)
			store32(element(a->world, p, (object_id)i, e),
				var_read(a->world, p, a->thread, from, e));
	}
}

/* Its private prefix rides with the start; it may end or fail there. */
void start_step(struct act *a)
{
	const struct program *p = a->program;
	thread_id t;
	struct vm vm;

	if (!named_thread(a, &t))
		return;
	a->event.other = t;
	if (slice_state(slice_const(a->world, p, t)) != VM_LATER) {
		a->crash = CRASH_STARTED;
		return;
	}
	vm_init(&vm, p, t);
	vm_run(&vm, p, t);
	thread_store(a->world, p, t, &vm);
	judge_machine(a->world, t, &vm, p);
	copy_variables(a, t);
}

unsigned join_alts(const struct act *a)
{
	struct act copy = *a;
	thread_id t;

	if (!named_thread(&copy, &t))
		return 1;
	return slice_state(slice_const(a->world, a->program, t)) == VM_ENDED;
}

void join_step(struct act *a)
{
	thread_id t;

	if (named_thread(a, &t))
		a->event.other = t;
}

void print_step(struct act *a)
{
	const struct program *p = a->program;
	const struct insn *i = &p->code.data[a->op.pc];
	const struct print *line = &p->prints.data[i->imm];
	uint8_t *output = world_bytes(a->world) + p->output_offset;
	struct str text = {0};

	for (size_t k = 0; k < line->count; k++) {
		if (line->parts[k].text)
			str_add(&text, line->parts[k].text);
		else
			str_addf(&text, "%d",
				 load_reg(a->regs, line->parts[k].reg));
	}
	store32(output,
		(int32_t)outputs_add(p->outputs, (uint32_t)load32(output),
				     str_cstr(&text)));
	a->event.value = load32(output);
	order_note(a->world, p, str_cstr(&text));
	str_free(&text);
}

void work_step(struct act *a)
{
	const struct insn *i = &a->program->code.data[a->op.pc];

	a->event.value = a->op.a;
	order_note(a->world, a->program, a->program->texts.data[i->imm]);
}

unsigned choose_alts(const struct act *a)
{
	int64_t n = (int64_t)a->op.b - a->op.a + 1;

	return n >= 1 && n <= LIMIT_CHOOSE ? (unsigned)n : 1;
}

void choose_step(struct act *a)
{
	int64_t n = (int64_t)a->op.b - a->op.a + 1;

	if (n < 1 || n > LIMIT_CHOOSE) {
		a->crash = CRASH_RANGE;
		return;
	}
	a->result = a->op.a + (int32_t)a->pick;
	a->event.value = a->result;
}
