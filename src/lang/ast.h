/*
 * ast.h - a scenario as a tree, first as written, then with what names mean.
 *
 * The parser fills the upper part of each struct, the checker the part marked
 * so. All of it lies in the unit's arena.
 */
#ifndef THREADVIZ_LANG_AST_H
#define THREADVIZ_LANG_AST_H

#include "lexer.h"

enum { LIMIT_PARTS = 64 }; /* arguments of a call, values of a print */

/* ---- expressions -------------------------------------------------------- */

enum expr_kind {
	EXPR_BAD, /* already complained of */
	EXPR_CONST,
	EXPR_ME,
	EXPR_REF, /* x, a[i] */
	EXPR_UNARY,
	EXPR_BINARY,
	EXPR_AND,
	EXPR_OR,
	EXPR_CALL,
	EXPR_RANGE, /* a..b, only inside choose() */
};

enum ref_kind {
	REF_UNSURE, /* unknown, and said so */
	REF_CONST,  /* a param */
	REF_LOCAL,
	REF_OBJECT,
	REF_THREAD,
};

struct expr {
	enum expr_kind kind;
	uint8_t code;   /* UNARY, BINARY: enum insn_code */
	uint16_t depth; /* of the tree below */
	struct span span;
	int32_t value; /* CONST */
	name_id name;  /* REF, CALL */
	struct span name_span;
	struct expr *a, *b; /* operands; REF: a is the index or NULL */
	struct expr **args; /* CALL */
	size_t arg_count;
	/* by the checker: */
	enum ref_kind ref;
	uint32_t index;  /* REF: object, local, group; value of a param is
			    in `value` */
	uint32_t member; /* REF_THREAD: which of the group */
	uint8_t op;      /* CALL: enum op_kind, or OP_NONE */
	struct def *def; /* CALL of a def */
};

/* ---- statements --------------------------------------------------------- */

enum stmt_kind {
	STMT_UNSURE, /* a wrong statement; its block, if any, is in body */
	STMT_LET,
	STMT_ASSIGN,
	STMT_IF,
	STMT_WHILE,
	STMT_REPEAT,
	STMT_FOR,
	STMT_LOOP,
	STMT_BREAK,
	STMT_CONTINUE,
	STMT_RETURN,
	STMT_REGION,
	STMT_ENTER,
	STMT_LEAVE,
	STMT_ATOMIC,
	STMT_OPERATE, /* lock m, wait c, m, put q, e: target, second, value */
	STMT_SLEEP,
	STMT_PLAIN, /* yield, fence */
	STMT_SPIN,
	STMT_WORK,
	STMT_PRINT,
	STMT_ASSERT,
	STMT_CALL,
};

struct block {
	struct stmt *first, *last;
};

struct arm { /* of an if */
	struct arm *next;
	struct expr *test; /* NULL: else */
	struct block body;
};

struct part {             /* of a print */
	const char *text; /* or NULL and */
	struct expr *value;
};

struct stmt {
	enum stmt_kind kind;
	enum word word;
	uint8_t code;     /* ASSIGN: 0 for =, else INSN_ADD or INSN_SUB */
	struct span span; /* the word it begins with */
	struct stmt *next;
	struct span name_span;
	name_id name;        /* LET, FOR, REGION, ENTER, LEAVE */
	struct expr *target; /* ASSIGN, OPERATE */
	struct expr *second; /* wait c, m: m; FOR: the upper end */
	struct expr *value;  /* also the condition, count, call */
	const char *string;  /* WORK, ASSERT */
	struct part *parts;  /* PRINT */
	size_t part_count;
	struct arm *arms; /* IF */
	struct block body;
	/* by the checker: */
	uint32_t local; /* LET, FOR */
	uint32_t region;
	uint8_t op; /* OPERATE: enum op_kind */
};

struct local {
	name_id name;
	uint32_t line;
	/* by the checker: */
	unsigned assigned;  /* how often, in the text */
	bool outermost;     /* first assigned outside of any block: whoever
			      uses it comes by there */
	unsigned cost;      /* not 0: may be worked out anew where it is used,
			      with so many instructions */
	struct expr *value; /* then: from this */
};

struct locals VEC_OF(struct local);

/* A body: of a thread, a def, or what should have been one. */
struct func {
	struct func *next;
	const char *name;
	struct span span;
	struct block body;
	struct locals locals; /* the first ones are the parameters */
	uint32_t param_count;
	uint32_t scope;   /* number of this body, from 1 */
	bool gives_value; /* has a `return e` */
};

/* ---- the top level ------------------------------------------------------ */

struct def {
	struct def *next;
	struct func func;
	name_id name;
	struct span name_span;
	name_id *params;
	struct span *param_spans;
	/* by the checker: */
	enum { DEF_UNCHECKED, DEF_CHECKING, DEF_CHECKED } state;
	const char *unfit; /* what in it may not stand in atomic:, or NULL */
};

struct object_decl {
	struct object_decl *next;
	struct object object; /* kind and flags */
	name_id name;
	struct span span;
	struct expr *size; /* of an array, or NULL */
	struct expr **init;
	size_t init_count;
	bool init_list; /* [1, 2, 3] */
	struct expr *max;
};

struct thread_name {
	name_id name;
	struct span span;
};

struct thread_tree {
	struct thread_tree *next;
	struct span span;
	struct thread_name *names;
	size_t name_count;
	struct expr *size;
	struct expr *priority, *cpu;
	bool daemon, later, process;
	struct func func;
	/* by the checker: */
	uint32_t group;
	bool aimed; /* somebody starts or joins one of them */
};

struct param_decl {
	struct param_decl *next;
	name_id name;
	struct span span;
	struct expr *value, *low, *high;
};

struct check_decl {
	struct check_decl *next;
	enum check_kind kind;
	struct span span;
	const char *text;
	struct expr *value;
	name_id region;
	struct span region_span;
	const char *before, *after;
	struct span before_span, after_span;
};

struct run_decl {
	struct run_decl *next;
	const char *name, *schedule;
	struct span span; /* of the schedule */
	/* by the checker: */
	bool unfit; /* names a thread that these parameters leave out */
};

struct expect_decl {
	struct expect_decl *next;
	enum expect_kind kind;
	struct span span;
	const char *text;
	uint32_t verdicts;
	struct expr **args; /* RACE: variables; VALUES: variable, values */
	size_t arg_count;
	const char *schedules;
};

#define LIST(T) \
	struct { \
		struct T *first, **end; \
	}

struct ast {
	const char *title, *group, *ask, *fix;
	VEC(const char *) about;
	LIST(param_decl) params;
	LIST(object_decl) objects;
	LIST(thread_tree) threads;
	LIST(def) defs;
	LIST(func) orphans; /* bodies of headings that were wrong */
	LIST(check_decl) checks;
	LIST(run_decl) runs;
	LIST(expect_decl) expects;
	bool cooperative, spurious, writers_first;
	VEC(name_id) unsure; /* names in declarations that were wrong */
};

#define LIST_INIT(list) ((list)->end = &(list)->first)
#define LIST_ADD(list, node) \
	(*(list)->end = (node), (list)->end = &(node)->next)

#endif
