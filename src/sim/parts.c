/*
 * parts.c - a world as parts: what all threads share, and a slice per thread.
 *
 * A search meets each part in many worlds, and keeps it once. Most steps are
 * local: what the thread can do, and what comes of it, depends on nothing but
 * the shared part and its own slice, and changes nothing else. Then the step
 * need be worked out only once for that pair.
 */
#include "state.h"

size_t world_shared_size(const struct program *p)
{
	return p->threads.count ? p->threads.data[0].offset : p->world_size;
}

size_t world_slice_size(const struct program *p, thread_id t)
{
	return slice_regs_at(p, t) + 4u * p->threads.data[t].regs;
}

static bool kind_is_local(const struct program *p, uint8_t kind)
{
	switch (kind) {
	case OP_SIGNAL:
	case OP_BROADCAST:
	case OP_ARRIVE:
	case OP_START:
	case OP_JOIN:
		return false;
	case OP_RDLOCK:
		return !p->writers_first;
	default:
		return true;
	}
}

bool world_is_local(const struct world *w, const struct program *p, thread_id t)
{
	const uint8_t *s = slice_const(w, p, t);
	code_addr pc = load16(s);

	if (p->cooperative)
		return false;
	if (slice_state(s) != VM_PARKED)
		return true;
	if (p->code.data[pc].code != OP_ATOMIC)
		return kind_is_local(p, p->code.data[pc].code);
	while (p->code.data[++pc].code != INSN_ATOMIC_END)
		if (!kind_is_local(p, p->code.data[pc].code))
			return false;
	return true;
}
