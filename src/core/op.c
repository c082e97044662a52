/*
 * op.c - the table of operations, and the names of verdicts.
 *
 * ops.def is the specification; this is its second reading (op.h's enum is
 * the first).
 */
#include "threadviz/op.h"
#include "threadviz/program.h"

const struct op_info op_info[OP_COUNT] = {
#define OP(id, w, l, f, h) \
	[OP_##id] = { \
		.name = #id, .word = w, .letter = l, .flags = f, .help = h},
#include "threadviz/ops.def"
#undef OP
};

const char *const verdict_name[VERDICT_COUNT] = {
	[VERDICT_NONE] = "running",      [VERDICT_OK] = "ok",
	[VERDICT_VIOLATED] = "violated", [VERDICT_CRASH] = "crash",
	[VERDICT_DEADLOCK] = "deadlock",
};
