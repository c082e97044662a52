/*
 * program.h - a checked, immutable scenario: what lang makes and all others
 * read.
 *
 * Everything hangs in one arena; program_free releases it. Threads of one
 * declaration share their code (`me` is an instruction), except processes,
 * whose variables, mutexes and conditions are objects of their own.
 */
#ifndef THREADVIZ_PROGRAM_H
#define THREADVIZ_PROGRAM_H

#include "threadviz/arena.h"
#include "threadviz/choice.h"
#include "threadviz/json.h"
#include "threadviz/op.h"

enum {
	LIMIT_THREADS = 64,
	LIMIT_OBJECTS = 256,
	LIMIT_STATE = 65536, /* bytes of a world */
	LIMIT_LINES = 4096,
	LIMIT_REGS = 64,      /* values one thread can keep at a time */
	LIMIT_CODE = 65535,   /* instructions */
	LIMIT_PRIVATE = 100000, /* private instructions without a touch */
	LIMIT_QUEUE = 1024,   /* items in a queue without max */
	LIMIT_OUTPUT = 256,   /* lines of output a run remembers */
	LIMIT_REGIONS = 32,
	LIMIT_CHOOSE = 64,    /* values of one choose */
	LIMIT_STORES = 32,    /* entries of a store buffer */
	LIMIT_ATOMIC = 64,    /* touches in one atomic: block */
	WORLD_HEADER = 8,     /* bytes of struct world before its objects */
};

/* ---- code ------------------------------------------------------------- */

#define NO_REG ((uint8_t)255)

/*
 * Instructions. The first OP_COUNT codes are the visible operations; the rest
 * is private. Registers are int32_t; a result goes to dst (NO_REG: dropped).
 */
enum insn_code {
	INSN_CONST = OP_COUNT, /* dst = imm */
	INSN_MOVE,             /* dst = a */
	INSN_ME,               /* dst = me */
	INSN_ADD, INSN_SUB, INSN_MUL, INSN_DIV, INSN_MOD, /* dst = a . b */
	INSN_EQ, INSN_NE, INSN_LT, INSN_LE, INSN_GT, INSN_GE,
	INSN_MIN, INSN_MAX,
	INSN_NEG, INSN_NOT, INSN_ABS, /* dst = . a */
	INSN_ADDI,     /* dst = a + imm */
	INSN_JUMP,     /* to imm */
	INSN_JZ,       /* to imm if a == 0 */
	INSN_JNZ,      /* to imm if a != 0 */
	INSN_ENTER,    /* region imm */
	INSN_EXIT,     /* region imm */
	INSN_ASSERT,   /* a must not be 0; imm: program.asserts index */
	INSN_ATOMIC_END, /* ends what OP_ATOMIC began */
	INSN_END,      /* the thread has finished */
	/* only in check expressions, evaluated against a world: */
	INSN_LOAD,     /* dst = object[index] as is: variable, count of a sem
			  or countdown */
	INSN_EMPTY, INSN_FULL, INSN_SIZE, INSN_ISSET, /* dst = .(object) */
	INSN_RETURN,   /* the value of the expression is a */
};

/* One instruction. */
struct insn {
	uint8_t code;
	uint8_t dst;
	uint8_t index;  /* register with the element; NO_REG: element 0 */
	uint8_t a, b;   /* operand registers; NO_REG: 0 */
	uint8_t index2; /* as index, for object2 */
	object_id object;
	object_id object2; /* SLEEP_ON, RETAKE*: the mutex. OP_ATOMIC: pc + 1
			      is a blocking first statement if this is 1 */
	uint16_t line;   /* 1-based */
	uint16_t column; /* 1-based */
	/*
	 * imm: constant, jump target, region; PRINT: program.prints index;
	 * WORK: text index; SELECT: program.lists index; START, JOIN: the
	 * group's index in program.groups.
	 */
	int32_t imm;
	/*
	 * Visible instructions: the registers still needed once parked here
	 * (operands included); all others are cleared so that equal futures
	 * are equal states.
	 */
	uint64_t live;
};

/* A number in 32 bits; it wraps. */
static inline int32_t insn_wrap(int64_t x)
{
	return (int32_t)(uint32_t)(uint64_t)x;
}

/* What a private instruction without side effects gives of its operands, with
 * arithmetic that wraps; x / 0 is 0, who must know looks first. */
static inline int32_t insn_calculate(const struct insn *i, int32_t a, int32_t b)
{
	switch (i->code) {
	case INSN_ADD: return insn_wrap((int64_t)a + b);
	case INSN_SUB: return insn_wrap((int64_t)a - b);
	case INSN_MUL: return insn_wrap((int64_t)a * b);
	case INSN_DIV: return b ? insn_wrap((int64_t)a / b) : 0;
	case INSN_MOD: return b ? insn_wrap((int64_t)a % b) : 0;
	case INSN_EQ: return a == b;
	case INSN_NE: return a != b;
	case INSN_LT: return a < b;
	case INSN_LE: return a <= b;
	case INSN_GT: return a > b;
	case INSN_GE: return a >= b;
	case INSN_MIN: return a < b ? a : b;
	case INSN_MAX: return a > b ? a : b;
	case INSN_NEG: return insn_wrap(-(int64_t)a);
	case INSN_NOT: return !a;
	case INSN_ABS: return insn_wrap(a < 0 ? -(int64_t)a : a);
	case INSN_ADDI: return insn_wrap((int64_t)a + i->imm);
	case INSN_MOVE: return a;
	case INSN_CONST: return i->imm;
	default: return 0;
	}
}

/* ---- objects ---------------------------------------------------------- */

/* What can be shared. */
enum object_kind {
	OBJECT_VAR,
	OBJECT_MUTEX,
	OBJECT_RWLOCK,
	OBJECT_COND,
	OBJECT_SEM,
	OBJECT_EVENT,
	OBJECT_BARRIER,
	OBJECT_BUFFER, /* plain, not thread safe */
	OBJECT_QUEUE,
	OBJECT_COUNTDOWN,
	OBJECT_KINDS,
};

/* One declared name: an object, or an array of them. */
struct object {
	const char *name;
	uint8_t kind;      /* enum object_kind */
	bool atomic;       /* VAR: sequentially consistent, never races */
	bool buffered;     /* VAR: written through store buffers */
	bool recursive;    /* MUTEX */
	bool inherit;      /* MUTEX: priority inheritance */
	bool array;        /* declared with [n], shown as a list */
	bool bounded;      /* SEM, BUFFER, QUEUE: max was given */
	thread_id process; /* whose private copy this is; THREAD_NONE: common */
	object_id original; /* of a copy: the object copied; else itself */
	uint16_t line;
	uint16_t count;    /* elements, at least 1 */
	int32_t max;       /* SEM: upper bound; BUFFER, QUEUE: capacity (for
			      an unbounded one the most it can ever hold, at
			      most LIMIT_QUEUE); BARRIER: how many */
	const int32_t *init; /* count values: VAR, SEM, COUNTDOWN; or NULL */
	/* set by program_layout: */
	uint32_t offset;   /* of element 0 in the world */
	uint32_t stride;   /* bytes from element to element */
	bool awaited;      /* QUEUE: its `done` are counted, somebody joins it
			      or says it; else the count would only grow */
};

/* ---- threads ---------------------------------------------------------- */

/* One `thread` declaration: `thread A, B:` or `thread P[3]:`. */
struct thread_group {
	const char *name; /* "P"; for A, B the first name */
	bool array;       /* declared with [n] */
	thread_id first;
	uint8_t count;
	uint16_t line;
	/*
	 * The members are interchangeable: they never look at `me`, and nobody
	 * starts or joins one of them alone.
	 */
	bool symmetric;
};

/* One thread: `P[3]` makes three. */
struct thread_decl {
	const char *name; /* "A", "P0" */
	code_addr entry;
	uint8_t group;    /* index into program.groups */
	int32_t me;
	bool daemon, later, process;
	int32_t priority; /* default 10; larger is more important */
	int32_t cpu;      /* -1: any */
	/* set by program_layout: */
	uint8_t regs;     /* registers live at some park: 0 .. regs-1 */
	uint8_t stores;   /* capacity of its store buffer, 0: has none */
	uint32_t offset;  /* of its slice in the world */
};

/* ---- checks, runs, expectations ---------------------------------------- */

/* What a scenario can demand of every run. */
enum check_kind {
	CHECK_FINALLY,
	CHECK_ALWAYS,
	CHECK_NEVER_TWO,
	CHECK_ORDER,
};

/* One demand: finally, always, never, order. */
struct check {
	uint8_t kind;    /* enum check_kind */
	uint16_t line;
	const char *text; /* "finally count == 2", as written */
	code_addr code;  /* FINALLY, ALWAYS: expression, ends in RETURN */
	uint16_t region; /* NEVER_TWO */
	const char *before, *after; /* ORDER */
};

/* A piece of a printed line. */
struct print_part {
	const char *text; /* NULL: a register */
	uint8_t reg;
};

/* One `print`. */
struct print {
	const struct print_part *parts;
	size_t count;
};

struct object_list { /* of a select */
	const struct object_ref {
		object_id object;
		uint8_t index; /* register; NO_REG: element 0 */
	} *refs;
	size_t count;
};

/* A schedule that the scenario gives a name: `run "lost": A B A B`. */
struct named_run {
	const char *name;
	const char *schedule; /* as written; checked to parse */
	uint16_t line;
};

/* What `expect` can say of the whole search. */
enum expect_kind {
	EXPECT_VERDICTS,  /* exactly this set of bad ones; ok: none */
	EXPECT_RACE,      /* exactly these variables race */
	EXPECT_VALUES,    /* exactly these values of object at the ends */
	EXPECT_SCHEDULES, /* exactly so many */
};

/* One `expect`. */
struct expect {
	uint8_t kind;
	uint16_t line;
	const char *text;     /* as written */
	uint32_t verdicts;    /* bits 1 << enum verdict; livelock: bit 31 */
	const object_id *objects; /* RACE: which, may be none; VALUES: one */
	size_t object_count;
	int32_t element;      /* VALUES: which element */
	const int32_t *values;
	size_t value_count;
	const char *schedules; /* decimal */
};
#define EXPECT_LIVELOCK (1u << 31)

/* How a run ended. */
enum verdict {
	VERDICT_NONE, /* still running */
	VERDICT_OK,
	VERDICT_VIOLATED,
	VERDICT_CRASH,
	VERDICT_DEADLOCK,
	VERDICT_COUNT,
};
extern const char *const verdict_name[VERDICT_COUNT]; /* "running", "ok", … */

/* One `param`, with the value this program was compiled for. */
struct param {
	const char *name;
	int32_t value, low, high;
	int32_t standard; /* the value where none is given */
	uint16_t line;
};

/* A line of the text, for showing. */
struct source_line {
	const char *text; /* without the newline and without the note */
	const char *note; /* the comment at its end, or NULL */
};

#define ARRAY(T) struct { T const *data; size_t count; }

/* The scenario. */
struct program {
	struct arena arena;
	const char *name; /* "race" */
	const char *file; /* as shown in messages: "race.tv" or a path */
	const char *text; /* the whole source */
	const char *title, *group, *ask, *fix; /* "" where not given */
	ARRAY(const char *) about;
	ARRAY(struct source_line) lines; /* lines.data[0] is line 1 */
	ARRAY(struct param) params;
	ARRAY(struct object) objects;
	ARRAY(struct thread_group) groups;
	ARRAY(struct thread_decl) threads;
	ARRAY(const char *) regions;
	ARRAY(struct insn) code;
	ARRAY(const char *) texts;   /* work labels */
	ARRAY(struct print) prints;
	ARRAY(const char *) asserts; /* texts of assertions */
	ARRAY(struct object_list) lists;
	ARRAY(struct check) checks;
	ARRAY(struct named_run) runs;
	ARRAY(struct expect) expects;
	bool cooperative, spurious, writers_first;
	/* set by program_layout: */
	uint32_t world_size; /* bytes, a multiple of 8 */
	uint32_t order_offset;  /* one byte per order check, or 0 */
	uint32_t output_offset; /* uint32_t id of the output so far, or 0 */
	uint32_t regions_size;  /* bytes of a thread's region set */
	/*
	 * The outputs seen so far, each known by its id. It only grows, and
	 * is a memo, not state: the same output always has the same id.
	 */
	struct outputs *outputs;
};

/*
 * Gives every object and thread its place in the world; sets world_size.
 * Expects threads[].regs and stores. False if LIMIT_STATE is exceeded.
 */
bool program_layout(struct program *, struct object *objects,
		    struct thread_decl *threads, struct error *);

void program_free(struct program *); /* NULL is fine */

/* Whether every parameter has its standard value: only then do the expectations
 * hold. A named run that does not fit other values has been left out. */
bool program_is_standard(const struct program *);
/* Appends " n=3" for each parameter that has not. */
void program_params(const struct program *, struct str *out);
/* The member "params": all of them, name and value. */
void program_params_json(const struct program *, struct json *);

/* Whether a check forbids two threads in it (index in program.regions): only
 * such a region has an owner and is handed over. */
bool program_region_is_exclusive(const struct program *, size_t region);

const char *program_thread_name(const struct program *, thread_id);
/* The thread of that name, or THREAD_NONE. */
thread_id program_find_thread(const struct program *, const char *name,
			      size_t len);

/* "fork[2]"; "red"; "x (C's own)" for a process's copy. */
void object_format(const struct program *, object_id, int32_t index,
		   struct str *out);

/* ---- output ------------------------------------------------------------ */

/* What has been printed, as a list that shares its beginnings. Id 0: none. */
struct outputs *outputs_new(void);
void outputs_free(struct outputs *);
/* The id of output `before` followed by line. At LIMIT_OUTPUT lines the rest
 * is not kept: returns `before`. */
uint32_t outputs_add(struct outputs *, uint32_t before, const char *line);
size_t outputs_count(const struct outputs *, uint32_t id);
/* The i-th line (0-based, i < outputs_count). Lives as long as outputs. */
const char *outputs_line(const struct outputs *, uint32_t id, size_t i);

#endif
