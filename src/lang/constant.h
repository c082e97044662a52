/*
 * constant.h - arithmetic at compile time, as the machine does it.
 */
#ifndef THREADVIZ_LANG_CONSTANT_H
#define THREADVIZ_LANG_CONSTANT_H

#include "threadviz/program.h"

/*
 * The value of an operator (enum insn_code) on constants; false if it is none.
 * A division by zero is left to the run, where it is a crash that names its
 * line.
 */
static inline bool constant_fold(int code, int32_t a, int32_t b, int32_t *out)
{
	struct insn i = {.code = (uint8_t)code};

	if (code < INSN_ADD || code > INSN_ABS)
		return false;
	*out = insn_calculate(&i, a, b);
	return b || (code != INSN_DIV && code != INSN_MOD);
}

#endif
