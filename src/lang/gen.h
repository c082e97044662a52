/*
 * gen.h - a checked tree to instructions with as many registers as they like.
 *
 * One struct gen makes the code of one body: a thread's, a process's, a
 * check's. Its registers are virtual; live.c gives them real ones.
 */
#ifndef THREADVIZ_LANG_GEN_H
#define THREADVIZ_LANG_GEN_H

#include "check.h"

typedef uint16_t vreg; /* a virtual register */
#define NO_VREG ((vreg)UINT16_MAX)

enum {
	VREGS_MAX = 1024,            /* names and temporaries of one body */
	EXPANSIONS_MAX = LIMIT_CODE, /* of procedures, in one body */
	DEPTH_MAX = 1000,            /* of this stage's recursion */
};

/* As struct insn, before registers and addresses are known. */
struct vinsn {
	uint8_t code;
	bool within; /* stands inside an atomic: block */
	vreg dst, index, a, b, index2;
	object_id object, object2;
	uint16_t line, column;
	int32_t imm;                   /* jumps: the label */
	uint32_t first_use, use_count; /* PRINT, SELECT: in gen.uses */
};

/* What an expression came to. */
struct operand {
	bool is_const;
	int32_t value;
	vreg reg;
};

/* What a private name of an expanded body is. */
struct binding {
	enum { BOUND_REG, BOUND_CONST, BOUND_EXPR } kind;
	vreg reg;
	int32_t value;
	const struct expr *expr; /* worked out anew at each use */
};

struct frame { /* a body being expanded */
	struct frame *outer;
	const struct func *func;
	struct binding *locals;
	size_t cleanups; /* how many were around at its beginning */
	int32_t end;     /* label of its end */
	vreg result;     /* where `return e` puts it, or NO_VREG */
};

struct loop {
	struct loop *outer;
	int32_t next, end; /* labels */
	size_t cleanups;
};

/* What must be closed on every way out of a block. */
struct cleanup {
	bool atomic; /* else a region */
	uint32_t region;
};

struct output { /* the program as it grows */
	VEC(struct insn) code;
	VEC(struct object) objects;
	VEC(struct thread_decl) threads;
	VEC(const char *) texts;
	VEC(struct print) prints;
	VEC(struct print_part *) parts; /* of the prints, for writing */
	VEC(const char *) asserts;
	VEC(struct object_list) lists;
	VEC(struct object_ref *) refs; /* of the lists, for writing */
	VEC(uint64_t) puts; /* an object: how often something is put in it */
};

struct gen {
	struct checker *checker;
	struct output *out;
	VEC(struct vinsn) code;
	VEC(uint32_t) labels; /* label -> instruction */
	VEC(vreg) uses;
	VEC(struct cleanup) cleanups;
	struct frame *frame;
	struct loop *loop;
	vreg top;          /* first register not in use */
	vreg vregs;        /* how many there are */
	thread_id process; /* whose copies it uses, or THREAD_NONE */
	object_id *copies; /* a process: original -> copy, or OBJECT_NONE */
	uint64_t threads;  /* how many run this code */
	uint64_t times;    /* how often this place can be reached at most */
	uint64_t stores;   /* writes to buffered variables */
	unsigned depth, expansions;
	bool check; /* the expression of a check */
	enum { ATOMIC_NO, ATOMIC_PENDING, ATOMIC_INSIDE } atomic;
	struct span atomic_span;
	bool atomic_first; /* in the first statement of the block */
	bool failed;       /* a limit was reached and reported */
	struct span span;  /* of the statement */
};

/* "Unbounded" for times, puts and stores. */
#define MANY ((uint64_t)1 << 40)

void gen_init(struct gen *, struct checker *, struct output *);
void gen_fini(struct gen *);

/* The body of a thread, with INSN_END; the value of a check, with
 * INSN_RETURN. */
void gen_thread(struct gen *, const struct func *);
void gen_check(struct gen *, const struct expr *);

/* Real registers, what is needed where, and into out->code; *regs: how many
 * are live at some stop. False and a mistake if there are too many. */
bool gen_finish(struct gen *, code_addr *entry, uint8_t *regs);

/* ---- between the generator's files -------------------------------------- */

struct vinsn *emit(struct gen *, int code, struct span);
/* A visible operation: opens a waiting atomic: block. */
struct vinsn *emit_op(struct gen *, enum op_kind, struct span);
void emit_jump(struct gen *, int code, vreg test, int32_t label);
void emit_const(struct gen *, vreg dst, int32_t value);
int32_t new_label(struct gen *);
void place_label(struct gen *, int32_t label);
vreg new_vreg(struct gen *);
void gen_fail(struct gen *, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The object, or the process's own copy of it. */
object_id gen_object(struct gen *, uint32_t object);

static inline struct operand operand_const(int32_t value)
{
	return (struct operand){
		.is_const = true, .value = value, .reg = NO_VREG};
}

static inline struct operand operand_reg(vreg r)
{
	return (struct operand){.reg = r};
}

/* The value of an expression; if it needs a register, `want` unless NO_VREG,
 * which is then written last. */
struct operand gen_expr(struct gen *, const struct expr *, vreg want);
/* The same in a register; NO_VREG, which reads as 0, if it is always 0. */
vreg gen_reg(struct gen *, const struct expr *);
vreg to_reg(struct gen *, struct operand);
/* a . b, the temporaries above mark given back. */
struct operand emit_binary(struct gen *, int code, struct operand a,
			   struct operand b, vreg mark, vreg want);
/* The element of a reference, NO_VREG for 0. */
vreg gen_index(struct gen *, const struct expr *);
/* Jumps to label if the expression is (not) 0. */
void gen_branch(struct gen *, const struct expr *, bool when, int32_t label);
/* wait c, m and waitfor(c, m, n): both steps. */
struct operand gen_sleep(struct gen *, const struct expr *cond,
			 const struct expr *mutex, const struct expr *time,
			 struct span, vreg want);

void gen_block(struct gen *, const struct block *);
/* A procedure's body with its arguments bound. */
void gen_expand(struct gen *, const struct expr *call, vreg result);

#endif
