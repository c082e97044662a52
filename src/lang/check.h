/*
 * check.h - what names mean, and whether it all makes sense.
 *
 * The checker walks the tree once, writes into it what every name stands for
 * and collects what is declared. A tree it has found no mistake in can be
 * compiled without asking anything again.
 */
#ifndef THREADVIZ_LANG_CHECK_H
#define THREADVIZ_LANG_CHECK_H

#include "ast.h"

enum { REMAKE_COST = 8 }; /* instructions worth a register in every state */

struct mark { /* a text that `order` may name */
	const char *text;
	bool open; /* only its beginning is known */
};

struct checker {
	struct unit *unit;
	struct ast *ast;
	struct arena *keep; /* the program's */
	VEC(struct param) params;
	VEC(struct object) objects;
	VEC(struct thread_group) groups;
	VEC(struct thread_decl) threads;
	VEC(struct thread_tree *) trees; /* one a group */
	VEC(const char *) regions;
	VEC(struct mark) marks;
	/* while in a body: */
	struct func *func;      /* NULL in a check */
	struct def *def;        /* the procedure, or NULL */
	unsigned loops, blocks; /* how many are around */
	bool atomic;
	bool divided;       /* a constant was divided by zero */
	uint64_t run_steps; /* of all schedules so far */
};

/* Fills all but unit, ast and keep; params are those of the command line. */
void check_all(struct checker *, const struct lang_param *params, size_t count);
void checker_fini(struct checker *);

/* ---- between the checker's files ---------------------------------------- */

static inline struct symbol *symbol_of(struct checker *c, name_id n)
{
	return &c->unit->names.list.data[n];
}

static inline const char *name_text(struct checker *c, name_id n)
{
	return symbol_of(c, n)->text;
}

/* Whether the name is a private one of the body being checked. */
static inline bool is_local(struct checker *c, name_id n)
{
	return c->func && symbol_of(c, n)->scope == c->func->scope;
}

/* The value if it is constant; complains only of what can never be. */
bool check_fold(struct checker *, struct expr *, int32_t *out);
/* The instruction of min, max and abs; 0 of other names. */
int pure_code(name_id);
/* The value of a constant expression; false and a mistake if it is none. */
bool check_const(struct checker *, struct expr *, int32_t *out);
/* The same, within limits; `what` begins the sentence if it is not. */
bool check_limited(struct checker *, struct expr *, int32_t low, int32_t high,
		   const char *what, int32_t *out);

/* Sets what the name of a reference stands for; false if nobody knows. */
bool check_name(struct checker *, struct expr *);
/* An expression that gives a value. */
void check_value(struct checker *, struct expr *);
/* The name of an object the word works on: sets ref and index, gives the
 * operation; OP_NONE if there was a mistake. */
uint8_t check_operand(struct checker *, struct expr *, enum word);
/* The mutex beside a condition. */
void check_mutex(struct checker *, struct expr *, enum word);
/* A call as an expression (value wanted) or as a statement. */
void check_call(struct checker *, struct expr *, bool want_value);
void check_index(struct checker *, struct expr *, const char *name,
		 uint32_t count, bool array);
/* "nobody knows x", once for every name. */
void check_unknown(struct checker *, struct span, name_id);
/* Notes that something may not stand in an atomic: block. */
void check_fit(struct checker *, struct span, const char *what);
/* "a mutex", "an event" */
const char *kind_text(enum object_kind);

void check_def(struct checker *, struct def *);
void check_func(struct checker *, struct func *, struct def *);

#endif
