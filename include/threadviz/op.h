/*
 * op.h - one visible operation a thread wants to perform.
 *
 * The virtual machine runs a thread's private code and stops before its next
 * touch of shared state, which it returns as a struct op: data that says what
 * would be done, to which object, with which values. Whoever carries it out
 * (the model, real pthreads) hands back one 32-bit result.
 */
#ifndef THREADVIZ_OP_H
#define THREADVIZ_OP_H

#include <stdbool.h>
#include <stdint.h>

typedef uint8_t thread_id;  /* index into program.threads */
typedef uint16_t object_id; /* index into program.objects */
typedef uint16_t code_addr; /* index into program.code */

#define THREAD_NONE ((thread_id)255)
#define OBJECT_NONE ((object_id)65535)

/* The rows of ops.def, in order. */
enum op_kind {
#define OP(name, word, letter, flags, help) OP_##name,
#include "threadviz/ops.def"
#undef OP
	OP_COUNT,
	OP_NONE = 255, /* no operation: the thread has ended or failed */
};

/* What the letters of ops.def stand for there. */
enum op_flag {
	OP_R = 1,
	OP_W = 2,
	OP_B = 4,
	OP_A = 8,
	OP_L = 16,
	OP_F = 32,
	OP_P = 64,
};

/* A row of ops.def. */
struct op_info {
	const char *name; /* "SLEEP_ON" */
	const char *word; /* "wait" */
	char letter;
	uint8_t flags; /* enum op_flag */
	const char *help;
};

extern const struct op_info op_info[OP_COUNT];

/* One operation, all operands known. */
struct op {
	uint8_t kind; /* enum op_kind */
	bool atomic;  /* stands inside an atomic: block */
	object_id object;
	object_id mutex;     /* SLEEP_ON, RETAKE: beside the condition */
	code_addr pc;        /* where it stands in program.code */
	int32_t index;       /* element of object, not yet checked for range */
	int32_t mutex_index; /* element of mutex */
	/*
	 * a: the value written, put, added; CAS: the expected one; CHOOSE: the
	 * lowest; SLEEP, WORK, LOCKFOR, GETFOR: the time; RETAKE, RETAKE_FOR:
	 * the depth to restore. b: CAS: the new value; CHOOSE: the highest;
	 * RETAKE_FOR: the time.
	 */
	int32_t a, b;
};

#endif
