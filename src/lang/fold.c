/*
 * fold.c - arithmetic at compile time.
 *
 * It must give what the machine gives (src/sim/vm.c): it wraps at 32 bits and
 * division truncates as in C. A division by zero is left to the run, where it
 * is a crash that names its line.
 */
#include "fold.h"
#include "threadviz/program.h"

static int32_t wrap(int64_t x)
{
	return (int32_t)(uint32_t)(uint64_t)x;
}

bool fold(int code, int32_t a, int32_t b, int32_t *out)
{
	int64_t x = a, y = b, r;

	switch (code) {
	case INSN_ADD: r = x + y; break;
	case INSN_SUB: r = x - y; break;
	case INSN_MUL: r = x * y; break;
	case INSN_DIV: r = y ? x / y : 0; break;
	case INSN_MOD: r = y ? x % y : 0; break;
	case INSN_EQ: r = x == y; break;
	case INSN_NE: r = x != y; break;
	case INSN_LT: r = x < y; break;
	case INSN_LE: r = x <= y; break;
	case INSN_GT: r = x > y; break;
	case INSN_GE: r = x >= y; break;
	case INSN_MIN: r = x < y ? x : y; break;
	case INSN_MAX: r = x > y ? x : y; break;
	case INSN_NEG: r = -x; break;
	case INSN_NOT: r = !x; break;
	case INSN_ABS: r = x < 0 ? -x : x; break;
	default: return false;
	}
	*out = wrap(r);
	return y || (code != INSN_DIV && code != INSN_MOD);
}
