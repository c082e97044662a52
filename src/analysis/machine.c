/*
 * machine.c - a thread's private code, run again from the events.
 *
 * Everything private follows from the results of the visible operations, and
 * these the events carry. So it is known what a thread had in its head at
 * every step, and one may ask: what would it have done, had it read another
 * value? If it would have written the same, the old value did no harm. This
 * question tells an update that was lost from a write that never looked.
 *
 * Like the model's machine this one wraps at 32 bits and stops before the next
 * visible instruction. It never judges: an assertion that fails, a division by
 * zero and an endless loop only stop it.
 */
#include "inside.h"

static void set(struct machine *m, uint8_t r, int32_t value)
{
	if (r != NO_REG)
		m->regs[r] = value;
}

/* One private instruction; false when it has stopped. */
static bool private_step(struct machine *m, const struct program *p,
			 thread_id t, const struct insn *i)
{
	int32_t a = machine_reg(m, i->a), b = machine_reg(m, i->b);
	bool jump = i->code == INSN_JUMP || (i->code == INSN_JZ && !a) ||
		    (i->code == INSN_JNZ && a);
	bool fails = (i->code == INSN_ASSERT && !a) ||
		     ((i->code == INSN_DIV || i->code == INSN_MOD) && !b);

	if (i->code == INSN_END || fails) {
		m->state = fails ? MACHINE_STOPPED : MACHINE_ENDED;
		m->regions = 0;
		return false;
	}
	if (i->code == INSN_ME)
		set(m, i->dst, p->threads.data[t].me);
	else if (i->code == INSN_ENTER)
		m->regions |= UINT32_C(1) << (i->imm & 31);
	else if (i->code == INSN_EXIT)
		m->regions &= ~(UINT32_C(1) << (i->imm & 31));
	else if (i->code <= INSN_ADDI)
		set(m, i->dst, insn_calculate(i, a, b));
	m->pc = (code_addr)(jump ? i->imm : m->pc + 1);
	return true;
}

static void run(struct machine *m, const struct program *p, thread_id t)
{
	for (int n = 0; n < LIMIT_PRIVATE && m->pc < p->code.count; n++) {
		const struct insn *i = &p->code.data[m->pc];

		if (i->code < OP_COUNT || !private_step(m, p, t, i))
			return;
	}
	m->state = MACHINE_STOPPED;
}

/* Parked before the thread's first visible operation. */
static void machine_init(struct machine *m, const struct program *p,
			 thread_id t)
{
	*m = (struct machine){.pc = p->threads.data[t].entry};
	run(m, p, t);
}

void machine_take(struct machine *m, const struct program *p, thread_id t,
		  int32_t result)
{
	set(m, p->code.data[m->pc].dst, result);
	m->pc++;
	run(m, p, t);
}

int32_t event_result(const struct event *e)
{
	bool failed = e->flags & (EVENT_FAILED | EVENT_TIMEOUT);

	switch (e->kind) {
	case OP_XCHG:
	case OP_FETCH_ADD:
		return e->extra;
	case OP_CAS:
	case OP_TRYLOCK:
	case OP_LOCKFOR:
	case OP_SEM_TRY:
	case OP_TRYPUT:
	case OP_RETAKE_FOR:
		return !failed;
	case OP_GETFOR:
	case OP_TRYGET:
		return failed ? -1 : e->value;
	default:
		return e->value;
	}
}

/* ---- all threads ------------------------------------------------------- */

void minds_init(struct minds *m, const struct view *v)
{
	*m = (struct minds){.v = v};
	m->machines = xcalloc(v->threads + 1, sizeof *m->machines);
	m->lost = xcalloc(v->threads + 1, sizeof *m->lost);
	m->known_at = xmalloc((v->n + 1) * sizeof *m->known_at);
	for (size_t t = 0; t < v->threads; t++)
		machine_init(&m->machines[t], v->p, (thread_id)t);
}

void minds_fini(struct minds *m)
{
	free(m->machines);
	free(m->lost);
	free(m->known_at);
	vec_free(&m->known);
}

/* All that a thread can still need while it is parked. */
static size_t registers(const struct minds *m, thread_id t)
{
	size_t n = m->v->p->threads.data[t].regs;

	return n < LIMIT_REGS ? n : LIMIT_REGS;
}

void minds_step(struct minds *m, size_t i)
{
	const struct event *e = &m->v->e[i];
	struct machine *machine;
	size_t regs;

	m->known_at[i] = NOWHERE;
	if (!is_own(e) || m->lost[e->thread])
		return;
	machine = &m->machines[e->thread];
	if (machine->state != MACHINE_PARKED || machine->pc != e->pc) {
		m->lost[e->thread] = true;
		return;
	}
	regs = registers(m, e->thread);
	m->known_at[i] = (uint32_t)m->known.len;
	vec_reserve(&m->known, m->known.len + regs);
	if (regs)
		memcpy(m->known.data + m->known.len, machine->regs,
		       regs * sizeof(int32_t));
	m->known.len += regs;
	if (!(e->flags & EVENT_CRASH))
		machine_take(machine, m->v->p, e->thread, event_result(e));
}

bool minds_again(const struct minds *m, const uint32_t *own, size_t count,
		 const int32_t *results, struct machine *out)
{
	const struct event *e = m->v->e;
	thread_id t = e[own[0]].thread;

	*out = (struct machine){.pc = e[own[0]].pc};
	if (m->known_at[own[0]] == NOWHERE)
		return false;
	if (registers(m, t))
		memcpy(out->regs, m->known.data + m->known_at[own[0]],
		       registers(m, t) * sizeof(int32_t));
	for (size_t k = 0; k < count; k++) {
		if (out->state != MACHINE_PARKED || out->pc != e[own[k]].pc)
			return false;
		machine_take(out, m->v->p, t, results[k]);
	}
	return true;
}

bool minds_redo(const struct minds *m, const uint32_t *own, size_t count,
		const int32_t *results, code_addr stop, struct machine *out)
{
	return minds_again(m, own, count, results, out) &&
	       out->state == MACHINE_PARKED && out->pc == stop;
}
