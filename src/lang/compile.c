/*
 * compile.c - text to program: the stages one after the other.
 *
 * Lexer and parser give a tree, the checker what its names mean; only a tree
 * without a mistake is turned into code. The program lies in its own arena,
 * everything else in one that dies here.
 */
#include "gen.h"
#include "parser.h"

struct compiler {
	struct unit unit;
	struct arena scratch;
	struct program *program;
	struct tokens tokens;
	struct lines lines;
	struct ast ast;
	struct checker checker;
	struct output out;
};

/* ---- code --------------------------------------------------------------- */

static void add_copies(struct compiler *c, struct gen *g, thread_id t)
{
	size_t n = c->checker.objects.len;

	g->process = t;
	g->copies = arena_array(&c->scratch, n + 1, sizeof *g->copies);
	for (size_t i = 0; i < n; i++)
		g->copies[i] = OBJECT_NONE;
}

/* The code of a body, for `count` threads from `first` on. */
static bool compile_body(struct compiler *c, const struct func *f,
			 thread_id first, uint8_t count, bool process)
{
	struct gen g;
	code_addr entry = 0;
	uint8_t regs = 0;
	bool good;

	gen_init(&g, &c->checker, &c->out);
	g.threads = count;
	if (process)
		add_copies(c, &g, first);
	gen_thread(&g, f);
	good = gen_finish(&g, &entry, &regs);
	for (uint8_t i = 0; i < count; i++) {
		struct thread_decl *t = &c->out.threads.data[first + i];

		t->entry = entry;
		t->regs = regs;
		t->stores = (uint8_t)(g.stores < LIMIT_STORES ? g.stores
							      : LIMIT_STORES);
	}
	gen_fini(&g);
	return good;
}

static bool uses_me(const struct compiler *c, size_t from)
{
	for (size_t i = from; i < c->out.code.len; i++)
		if (c->out.code.data[i].code == INSN_ME)
			return true;
	return false;
}

static bool compile_group(struct compiler *c, size_t i)
{
	struct thread_group *g = &c->checker.groups.data[i];
	const struct thread_tree *t = c->checker.trees.data[i];
	size_t from = c->out.code.len;

	if (!t->process) {
		if (!compile_body(c, &t->func, g->first, g->count, false))
			return false;
		g->symmetric = g->count > 1 && !t->aimed && !uses_me(c, from);
		return true;
	}
	for (uint8_t k = 0; k < g->count; k++)
		if (!compile_body(c, &t->func, (thread_id)(g->first + k), 1,
				  true))
			return false;
	return true;
}

static bool compile_check(struct compiler *c, const struct expr *e,
			  code_addr *entry)
{
	struct gen g;
	uint8_t regs;
	bool good;

	gen_init(&g, &c->checker, &c->out);
	gen_check(&g, e);
	good = gen_finish(&g, entry, &regs);
	gen_fini(&g);
	return good;
}

static bool compile_threads(struct compiler *c)
{
	struct checker *k = &c->checker;

	for (size_t i = 0; i < k->objects.len; i++) {
		vec_push(&c->out.objects, k->objects.data[i]);
		vec_push(&c->out.puts, 0);
	}
	for (size_t i = 0; i < k->threads.len; i++)
		vec_push(&c->out.threads, k->threads.data[i]);
	for (size_t i = 0; i < k->groups.len; i++)
		if (!compile_group(c, i))
			return false;
	return true;
}

/* A queue without max need not hold more than is ever put into it. */
static void bound_queues(struct output *out)
{
	for (size_t i = 0; i < out->objects.len; i++) {
		struct object *o = &out->objects.data[i];
		uint64_t puts = out->puts.data[i];

		if (o->kind != OBJECT_QUEUE || o->bounded)
			continue;
		if (puts < 1)
			puts = 1;
		o->max = (int32_t)(puts < LIMIT_QUEUE ? puts : LIMIT_QUEUE);
	}
}

/* ---- the rest of the program -------------------------------------------- */

#define SET_ARRAY(p, field, vec) \
	((p)->field.data = arena_copy(&(p)->arena, (vec).data, \
				      (vec).len * sizeof *(vec).data), \
	 (p)->field.count = (vec).len)

static bool set_checks(struct compiler *c)
{
	VEC(struct check) checks = {0};
	bool good = true;

	for (struct check_decl *d = c->ast.checks.first; d && good;
	     d = d->next) {
		struct check x = {.kind = (uint8_t)d->kind,
				  .line = (uint16_t)d->span.line,
				  .text = d->text,
				  .before = d->before,
				  .after = d->after};

		if (d->value)
			good = compile_check(c, d->value, &x.code);
		if (d->kind == CHECK_NEVER_TWO)
			x.region = (uint16_t)(c->unit.names.list.data[d->region]
						      .region -
					      1);
		vec_push(&checks, x);
	}
	SET_ARRAY(c->program, checks, checks);
	vec_free(&checks);
	return good;
}

static void set_runs(struct compiler *c)
{
	VEC(struct named_run) runs = {0};

	for (struct run_decl *d = c->ast.runs.first; d; d = d->next) {
		struct named_run r = {d->name, d->schedule,
				      (uint16_t)d->span.line};

		if (!d->unfit)
			vec_push(&runs, r);
	}
	SET_ARRAY(c->program, runs, runs);
	vec_free(&runs);
}

static void set_values(struct compiler *c, const struct expect_decl *d,
		       struct expect *x)
{
	struct arena *arena = &c->program->arena;
	object_id *objects = arena_alloc(arena, sizeof *objects);
	int32_t *values = arena_array(arena, d->arg_count, sizeof *values);

	objects[0] = (object_id)d->args[0]->index;
	x->objects = objects;
	x->object_count = 1;
	if (d->args[0]->a)
		check_const(&c->checker, d->args[0]->a, &x->element);
	for (size_t i = 1; i < d->arg_count; i++)
		check_const(&c->checker, d->args[i], &values[i - 1]);
	x->values = values;
	x->value_count = d->arg_count - 1;
}

static void set_races(struct compiler *c, const struct expect_decl *d,
		      struct expect *x)
{
	object_id *objects =
		arena_array(&c->program->arena, d->arg_count, sizeof *objects);

	for (size_t i = 0; i < d->arg_count; i++)
		objects[i] = (object_id)d->args[i]->index;
	x->objects = objects;
	x->object_count = d->arg_count;
}

static void set_expects(struct compiler *c)
{
	VEC(struct expect) expects = {0};

	for (struct expect_decl *d = c->ast.expects.first; d; d = d->next) {
		struct expect x = {.kind = (uint8_t)d->kind,
				   .line = (uint16_t)d->span.line,
				   .text = d->text,
				   .verdicts = d->verdicts,
				   .schedules = d->schedules};

		if (d->kind == EXPECT_VALUES)
			set_values(c, d, &x);
		else if (d->kind == EXPECT_RACE)
			set_races(c, d, &x);
		vec_push(&expects, x);
	}
	SET_ARRAY(c->program, expects, expects);
	vec_free(&expects);
}

static void set_texts(struct compiler *c)
{
	struct program *p = c->program;
	const struct ast *a = &c->ast;

	p->title = a->title;
	p->group = a->group;
	p->ask = a->ask;
	p->fix = a->fix;
	p->cooperative = a->cooperative;
	p->spurious = a->spurious;
	p->writers_first = a->writers_first;
	SET_ARRAY(p, about, a->about);
	SET_ARRAY(p, lines, c->lines);
}

static void set_code(struct compiler *c)
{
	struct program *p = c->program;

	SET_ARRAY(p, params, c->checker.params);
	SET_ARRAY(p, groups, c->checker.groups);
	SET_ARRAY(p, regions, c->checker.regions);
	SET_ARRAY(p, code, c->out.code);
	SET_ARRAY(p, texts, c->out.texts);
	SET_ARRAY(p, prints, c->out.prints);
	SET_ARRAY(p, asserts, c->out.asserts);
	SET_ARRAY(p, lists, c->out.lists);
}

/* Objects and threads, and where they lie in a world. */
static bool lay_out(struct compiler *c)
{
	struct program *p = c->program;
	struct output *out = &c->out;
	struct object *objects = arena_copy(&p->arena, out->objects.data,
					    out->objects.len * sizeof *objects);
	struct thread_decl *threads =
		arena_copy(&p->arena, out->threads.data,
			   out->threads.len * sizeof *threads);
	struct error err = {0};

	p->objects.data = objects;
	p->objects.count = out->objects.len;
	p->threads.data = threads;
	p->threads.count = out->threads.len;
	if (program_layout(p, objects, threads, &err))
		return true;
	mistake(&c->unit, (struct span){0}, "%s", err.text);
	return false;
}

static bool build(struct compiler *c)
{
	if (!compile_threads(c) || !set_checks(c))
		return false;
	bound_queues(&c->out);
	set_texts(c);
	set_runs(c);
	set_expects(c);
	set_code(c);
	if (!lay_out(c))
		return false;
	c->program->outputs = outputs_new();
	return true;
}

/* ---- from text ---------------------------------------------------------- */

static struct program *new_program(const char *name, const char *file,
				   const char *text, size_t len)
{
	struct arena arena = {0};
	struct program *p = arena_alloc(&arena, sizeof *p);

	p->arena = arena; /* which from now on grows in there */
	p->name = arena_strdup(&p->arena, name);
	p->file = arena_strdup(&p->arena, file);
	p->text = arena_strndup(&p->arena, text, len);
	return p;
}

static void compiler_fini(struct compiler *c)
{
	vec_free(&c->tokens);
	vec_free(&c->lines);
	vec_free(&c->ast.about);
	vec_free(&c->ast.unsure);
	for (struct def *d = c->ast.defs.first; d; d = d->next)
		vec_free(&d->func.locals);
	for (struct thread_tree *t = c->ast.threads.first; t; t = t->next)
		vec_free(&t->func.locals);
	for (struct func *f = c->ast.orphans.first; f; f = f->next)
		vec_free(&f->locals);
	checker_fini(&c->checker);
	vec_free(&c->out.code);
	vec_free(&c->out.objects);
	vec_free(&c->out.threads);
	vec_free(&c->out.texts);
	vec_free(&c->out.prints);
	vec_free(&c->out.parts);
	vec_free(&c->out.asserts);
	vec_free(&c->out.lists);
	vec_free(&c->out.refs);
	vec_free(&c->out.puts);
	names_fini(&c->unit.names);
	arena_fini(&c->scratch);
}

static void run_stages(struct compiler *c, const struct lang_param *params,
		       size_t count)
{
	struct diagnostics *d = c->unit.diag;
	struct arena *keep = &c->program->arena;
	size_t before = d->mistakes;

	if (!lex_text(&c->unit, keep, &c->tokens, &c->lines))
		return;
	parse_text(&c->unit, &c->tokens, keep, &c->ast);
	c->checker.unit = &c->unit;
	c->checker.ast = &c->ast;
	c->checker.keep = keep;
	check_all(&c->checker, params, count);
	if (d->mistakes == before)
		build(c);
}

struct program *program_compile(const char *name, const char *file,
				const char *text, size_t len,
				const struct lang_param *params,
				size_t param_count, struct diagnostics *diag)
{
	struct compiler c = {0};
	size_t before = diag->mistakes, first = diag->count;

	c.program = new_program(name, file, text, len);
	c.unit = (struct unit){
		.arena = &c.scratch, .text = text, .len = len, .diag = diag};
	names_init(&c.unit.names);
	run_stages(&c, params, param_count);
	compiler_fini(&c);
	diagnostics_finish(diag, first);
	if (diag->mistakes == before)
		return c.program;
	program_free(c.program);
	return NULL;
}
