/*
 * stays.c - which regions a thread is in, by data flow over the code.
 *
 * Regions are entered and left by private instructions, which no event shows.
 * Where a thread may be in a region is nearly always plain from where it
 * stands: so the sets are worked out once, forwards from the entries (what is
 * one in, parked here?) and backwards from the parks (what will one be in,
 * wherever one parks next?). Knowing it per instruction, a fold needs no
 * memory of the thread, and a lost record harms nothing beyond itself. Both
 * are the least solutions of equations over sets, found by going through the
 * code until nothing changes.
 */
#include "threadviz/stays.h"

struct next { /* where an instruction leads */
	size_t to[2];
	int count;
};

static struct next next_of(const struct program *p, size_t pc)
{
	const struct insn *i = &p->code.data[pc];

	switch (i->code) {
	case INSN_END:
	case INSN_RETURN:
		return (struct next){.count = 0};
	case INSN_JUMP:
		return (struct next){{(size_t)i->imm}, 1};
	case INSN_JZ:
	case INSN_JNZ:
		return (struct next){{pc + 1, (size_t)i->imm}, 2};
	default:
		return (struct next){{pc + 1}, 1};
	}
}

static uint32_t through(const struct insn *i, uint32_t set)
{
	uint32_t bit = UINT32_C(1) << (i->imm & 31);

	if (i->code == INSN_ENTER)
		return set | bit;
	return i->code == INSN_EXIT ? set & ~bit : set;
}

/* What is true here is true where it leads; false: nothing new. */
static bool flow_on(struct stay *stays, const struct program *p, size_t pc)
{
	struct next next = next_of(p, pc);
	uint32_t set = through(&p->code.data[pc], stays[pc].at);
	bool more = false;

	for (int k = 0; k < next.count && stays[pc].reached; k++) {
		struct stay *s = &stays[next.to[k]];

		more |= !s->reached || (set & ~s->at);
		s->reached = true;
		s->at |= set;
	}
	return more;
}

/* What is true where it leads is true here; false: nothing new. */
static bool flow_back(struct stay *stays, const struct program *p, size_t pc)
{
	struct next next = next_of(p, pc);
	uint32_t all = next.count ? UINT32_MAX : 0, some = 0;
	struct stay *here = &stays[pc];
	bool more;

	for (int k = 0; k < next.count; k++) {
		const struct stay *s = &stays[next.to[k]];
		bool park = p->code.data[next.to[k]].code < OP_COUNT;

		all &= park ? s->at : s->all;
		some |= park ? s->at : s->some;
	}
	more = all != here->all || some != here->some;
	here->all = all;
	here->some = some;
	return more;
}

struct stay *stays_new(const struct program *p)
{
	struct stay *stays = xcalloc(p->code.count + 1, sizeof *stays);
	bool more = true;

	for (size_t t = 0; t < p->threads.count; t++)
		stays[p->threads.data[t].entry].reached = true;
	for (size_t i = 0; i < p->code.count; i++)
		stays[i].all = UINT32_MAX;
	while (more) {
		more = false;
		for (size_t i = 0; i < p->code.count; i++)
			more |= flow_on(stays, p, i);
	}
	for (more = true; more;) {
		more = false;
		for (size_t i = p->code.count; i-- > 0;)
			more |= flow_back(stays, p, i);
	}
	return stays;
}

/* Work and sleep are stamped as they begin: the thread stays until it is heard
 * of again. */
static bool goes_on(const struct event *e)
{
	return !(e->flags & EVENT_WANTS) && e->kind != OP_WORK &&
	       e->kind != OP_SLEEP;
}

unsigned stays_along(const struct stay *stays, const struct program *p,
		     const struct event *e, uint32_t sets[2])
{
	const struct stay *stay;

	sets[0] = 0;
	if (e->thread >= p->threads.count || e->pc >= p->code.count)
		return 0;
	if (e->kind == EVENT_END)
		return 1;
	if (e->kind >= OP_COUNT || e->flags & EVENT_CRASH)
		return 0;
	stay = &stays[e->pc];
	sets[0] = stay->at;
	sets[1] = (stay->at & stay->some) | stay->all;
	return goes_on(e) ? 2 : 1;
}
