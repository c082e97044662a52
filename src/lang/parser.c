/*
 * parser.c - the top level of a scenario: tokens to a tree.
 *
 * Descent with one token of look-ahead (two where a word may be a name). The
 * names in a declaration that went wrong are remembered, so that nobody is
 * later told that they are unknown.
 */
#include <string.h>

#include "parser.h"
#include "threadviz/utf8.h"

/* ---- the scenario itself ------------------------------------------------ */

static void parse_text_line(struct parser *p, const char **into)
{
	const struct token *word = take(p);
	const char *text = expect_string(p, "a text in double quotes", NULL);

	if (**into && !p->panic)
		syntax(p, word->span, "\"%s\" is said twice",
		       word_text((enum word)word->value));
	if (!p->panic)
		*into = text;
}

static void parse_title(struct parser *p)
{
	struct span at = peek_second(p)->span;
	const char *title;
	unsigned n = 0;
	uint32_t code;

	parse_text_line(p, &p->ast->title);
	title = p->ast->title;
	for (const char *s = title; *s; n++)
		s += utf8_decode(s, strlen(s), &code);
	if (p->panic)
		return;
	if (!*title)
		syntax(p, at, "a scenario's title cannot be empty");
	else if (strchr(title, '\n'))
		syntax(p, at, "a scenario's title is a single line");
	else if (n > LIMIT_TITLE)
		syntax(p, at,
		       "a scenario's title has at most %d characters, "
		       "not %u",
		       LIMIT_TITLE, n);
}

static void parse_about(struct parser *p)
{
	const char *text;

	take(p);
	text = expect_string(p, "a text in double quotes", NULL);
	if (!p->panic)
		vec_push(&p->ast->about, text);
}

static void parse_param(struct parser *p)
{
	struct param_decl *d = arena_alloc(p->unit->arena, sizeof *d);

	take(p);
	d->name = expect_name(p, "the name of a parameter", &d->span);
	expect(p, TOKEN_ASSIGN, "\"=\" and a value");
	d->value = parse_expr(p);
	if (take_word(p, WORD_in)) {
		d->low = parse_expr(p);
		expect(p, TOKEN_RANGE, "\"..\" (as in 1..8)");
		d->high = parse_expr(p);
	}
	if (!p->panic)
		LIST_ADD(&p->ast->params, d);
}

static void parse_option(struct parser *p)
{
	struct span at;
	name_id name;

	take(p);
	name = expect_name(p, "\"spurious\" or \"writers_first\"", &at);
	if (name == WORD_spurious) {
		p->ast->spurious = true;
	} else if (name == WORD_writers_first) {
		p->ast->writers_first = true;
	} else if (name != NAME_NONE) {
		const char *known[] = {"spurious", "writers_first"};
		const char *text = p->unit->names.list.data[name].text;

		syntax_nearest(p, at, nearest(p->unit, text, known, 2),
			       "there is no option \"%s\": the options are "
			       "spurious and writers_first",
			       text);
	}
}

/* ---- objects ------------------------------------------------------------ */

static void parse_initial(struct parser *p, struct object_decl *d)
{
	if (take_if(p, TOKEN_OPEN_INDEX)) {
		d->init_list = true;
		if (peek(p)->kind != TOKEN_CLOSE_INDEX)
			d->init = parse_list(p, &d->init_count);
		expect(p, TOKEN_CLOSE_INDEX, "\"]\"");
		return;
	}
	d->init = arena_alloc(p->unit->arena, sizeof *d->init);
	d->init[0] = parse_expr(p);
	d->init_count = 1;
}

static bool takes_initial(enum object_kind k)
{
	return k == OBJECT_VAR || k == OBJECT_SEM || k == OBJECT_BARRIER ||
	       k == OBJECT_COUNTDOWN;
}

static bool takes_max(enum object_kind k)
{
	return k == OBJECT_SEM || k == OBJECT_BUFFER || k == OBJECT_QUEUE;
}

static void parse_object(struct parser *p, const struct object *like)
{
	struct object_decl *d = arena_alloc(p->unit->arena, sizeof *d);
	enum object_kind kind = (enum object_kind)like->kind;

	d->object = *like;
	d->name = expect_name(p, "a name", &d->span);
	if (take_if(p, TOKEN_OPEN_INDEX)) {
		d->size = parse_expr(p);
		expect(p, TOKEN_CLOSE_INDEX, "\"]\"");
	}
	if (takes_initial(kind) && take_if(p, TOKEN_ASSIGN))
		parse_initial(p, d);
	if (takes_max(kind) && take_word(p, WORD_max))
		d->max = parse_expr(p);
	if (kind == OBJECT_MUTEX && take_word(p, WORD_inherit))
		d->object.inherit = true;
	if (!p->panic)
		LIST_ADD(&p->ast->objects, d);
}

static void parse_objects(struct parser *p, const struct object *like)
{
	do
		parse_object(p, like);
	while (!p->panic && take_if(p, TOKEN_COMMA));
}

static void parse_kind(struct parser *p, enum object_kind kind)
{
	struct object like = {.kind = (uint8_t)kind};
	enum word w = (enum word)take(p)->value;

	like.atomic = w == WORD_atomic;
	like.buffered = w == WORD_buffered;
	parse_objects(p, &like);
}

static void parse_recursive(struct parser *p)
{
	struct object like = {.kind = OBJECT_MUTEX, .recursive = true};

	take(p);
	if (!take_word(p, WORD_mutex))
		syntax_here(p, "\"mutex\"");
	parse_objects(p, &like);
}

/* ---- threads and procedures --------------------------------------------- */

static void init_func(struct parser *p, struct func *f, struct span span)
{
	f->span = span;
	f->scope = ++p->scopes;
}

static void parse_thread_names(struct parser *p, struct thread_tree *t)
{
	struct thread_name names[LIMIT_THREADS];

	do {
		struct thread_name n;

		n.name = expect_name(p, "the name of a thread", &n.span);
		if (t->name_count == LIMIT_THREADS)
			syntax(p, n.span, "a scenario has at most %d threads",
			       LIMIT_THREADS);
		else
			names[t->name_count++] = n;
		if (take_if(p, TOKEN_OPEN_INDEX)) {
			t->size = parse_expr(p);
			expect(p, TOKEN_CLOSE_INDEX, "\"]\"");
		}
	} while (!p->panic && take_if(p, TOKEN_COMMA));
	t->names = arena_copy(p->unit->arena, names,
			      t->name_count * sizeof *names);
	if (t->size && t->name_count > 1)
		syntax(p, t->names[0].span,
		       "write either several names or "
		       "one with a number, as in P[3]");
}

static bool take_flag(struct parser *p, struct thread_tree *t)
{
	if (take_word(p, WORD_daemon))
		t->daemon = true;
	else if (take_word(p, WORD_later))
		t->later = true;
	else
		return false;
	return true;
}

static void parse_thread(struct parser *p)
{
	struct thread_tree *t = arena_alloc(p->unit->arena, sizeof *t);

	t->span = peek(p)->span;
	while (take_flag(p, t))
		;
	if (take_word(p, WORD_process))
		t->process = true;
	else if (!take_word(p, WORD_thread))
		syntax_here(p, "\"thread\"");
	init_func(p, &t->func, t->span);
	parse_thread_names(p, t);
	for (;;) {
		if (take_word(p, WORD_priority))
			t->priority = parse_expr(p);
		else if (take_word(p, WORD_cpu))
			t->cpu = parse_expr(p);
		else
			break;
	}
	if (p->panic)
		LIST_ADD(&p->ast->orphans, &t->func);
	else
		LIST_ADD(&p->ast->threads, t);
	parse_body(p, &t->func.body);
}

static void parse_def_params(struct parser *p, struct def *d)
{
	name_id names[LIMIT_PARTS];
	struct span spans[LIMIT_PARTS];
	uint32_t n = 0;

	if (peek(p)->kind == TOKEN_CLOSE)
		return;
	do {
		if (n == LIMIT_PARTS) {
			syntax(p, peek(p)->span,
			       "a procedure has at most %d "
			       "parameters",
			       LIMIT_PARTS);
			break;
		}
		names[n] = expect_name(p, "the name of a parameter", &spans[n]);
		n++;
	} while (!p->panic && take_if(p, TOKEN_COMMA));
	d->params = arena_copy(p->unit->arena, names, n * sizeof *names);
	d->param_spans = arena_copy(p->unit->arena, spans, n * sizeof *spans);
	d->func.param_count = n;
}

static void parse_def(struct parser *p)
{
	struct def *d = arena_alloc(p->unit->arena, sizeof *d);

	init_func(p, &d->func, peek(p)->span);
	take(p);
	d->name = expect_name(p, "the name of a procedure", &d->name_span);
	expect(p, TOKEN_OPEN, "\"(\"");
	if (!p->panic)
		parse_def_params(p, d);
	expect(p, TOKEN_CLOSE, "\")\"");
	if (p->panic) {
		d->func.param_count = 0;
		LIST_ADD(&p->ast->orphans, &d->func);
	} else {
		LIST_ADD(&p->ast->defs, d);
	}
	parse_body(p, &d->func.body);
}

/* ---- declarations ------------------------------------------------------- */

static bool parse_object_decl(struct parser *p)
{
	switch (peek(p)->value) {
	case WORD_shared:
	case WORD_atomic:
	case WORD_buffered:
		parse_kind(p, OBJECT_VAR);
		break;
	case WORD_mutex:
		parse_kind(p, OBJECT_MUTEX);
		break;
	case WORD_recursive:
		parse_recursive(p);
		break;
	case WORD_rwlock:
		parse_kind(p, OBJECT_RWLOCK);
		break;
	case WORD_cond:
		parse_kind(p, OBJECT_COND);
		break;
	case WORD_sem:
		parse_kind(p, OBJECT_SEM);
		break;
	case WORD_event:
		parse_kind(p, OBJECT_EVENT);
		break;
	case WORD_barrier:
		parse_kind(p, OBJECT_BARRIER);
		break;
	case WORD_buffer:
		parse_kind(p, OBJECT_BUFFER);
		break;
	case WORD_queue:
		parse_kind(p, OBJECT_QUEUE);
		break;
	case WORD_countdown:
		parse_kind(p, OBJECT_COUNTDOWN);
		break;
	default:
		return false;
	}
	return true;
}

static bool parse_other_decl(struct parser *p)
{
	switch (peek(p)->value) {
	case WORD_scenario:
		parse_title(p);
		break;
	case WORD_group:
		parse_text_line(p, &p->ast->group);
		break;
	case WORD_about:
		parse_about(p);
		break;
	case WORD_ask:
		parse_text_line(p, &p->ast->ask);
		break;
	case WORD_fix:
		parse_text_line(p, &p->ast->fix);
		break;
	case WORD_param:
		parse_param(p);
		break;
	case WORD_option:
		parse_option(p);
		break;
	case WORD_cooperative:
		take(p);
		p->ast->cooperative = true;
		break;
	case WORD_finally:
		parse_check(p, CHECK_FINALLY);
		break;
	case WORD_always:
		parse_check(p, CHECK_ALWAYS);
		break;
	case WORD_never:
		parse_check(p, CHECK_NEVER_TWO);
		break;
	case WORD_order:
		parse_check(p, CHECK_ORDER);
		break;
	case WORD_run:
		parse_run(p);
		break;
	case WORD_expect:
		parse_expect(p);
		break;
	default:
		return false;
	}
	return true;
}

/* Threads and procedures end with their block, all else with its line. */
static bool parse_body_decl(struct parser *p)
{
	switch (peek(p)->value) {
	case WORD_thread:
	case WORD_daemon:
	case WORD_later:
	case WORD_process:
		parse_thread(p);
		return true;
	case WORD_def:
		parse_def(p);
		return true;
	default:
		return false;
	}
}

static void parse_unknown_decl(struct parser *p)
{
	struct func *orphan = arena_alloc(p->unit->arena, sizeof *orphan);
	const struct token *t = peek(p);
	const char *text = NULL;

	if (t->kind == TOKEN_NAME)
		text = p->unit->names.list.data[t->value].text;
	if (!text)
		syntax_here(p, "a declaration");
	else if (peek_second(p)->kind == TOKEN_BAD)
		p->panic = true;
	else if (is_assignment(p) || (word_places(t->value) & STATEMENT))
		syntax(p, t->span,
		       "\"%s\" is a statement: it stands inside a "
		       "thread",
		       text);
	else
		syntax_nearest(p, t->span, nearest_word(p, text, TOP),
			       "\"%s\" begins no declaration", text);
	init_func(p, orphan, t->span);
	LIST_ADD(&p->ast->orphans, orphan);
	parse_body(p, &orphan->body);
}

static void note_unsure(struct parser *p, size_t from)
{
	for (size_t i = from; p->tokens[i].kind != TOKEN_NEWLINE &&
			      p->tokens[i].kind != TOKEN_END;
	     i++)
		if (p->tokens[i].kind == TOKEN_NAME)
			vec_push(&p->ast->unsure, p->tokens[i].value);
}

static void parse_declaration(struct parser *p)
{
	size_t from = p->at, mistakes = p->unit->diag->mistakes;
	const struct token *t = peek(p);
	bool word = t->kind == TOKEN_NAME;

	if (t->kind == TOKEN_INDENT) {
		complain_indent(p);
		take(p);
		return;
	}
	if (word && (parse_object_decl(p) || parse_other_decl(p)))
		end_line(p);
	else if (!word || !parse_body_decl(p))
		parse_unknown_decl(p);
	if (p->unit->diag->mistakes > mistakes)
		note_unsure(p, from);
}

static void init_ast(struct ast *a)
{
	memset(a, 0, sizeof *a);
	a->title = a->group = a->ask = a->fix = "";
	LIST_INIT(&a->params);
	LIST_INIT(&a->objects);
	LIST_INIT(&a->threads);
	LIST_INIT(&a->defs);
	LIST_INIT(&a->orphans);
	LIST_INIT(&a->checks);
	LIST_INIT(&a->runs);
	LIST_INIT(&a->expects);
}

void parse_text(struct unit *u, const struct tokens *tokens, struct arena *keep,
		struct ast *out)
{
	struct parser p = {
		.unit = u, .tokens = tokens->data, .ast = out, .keep = keep};
	struct span first = tokens->data[0].span;

	init_ast(out);
	if (!at_word(&p, WORD_scenario))
		mistake(u, first,
			"a scenario begins with its title: "
			"scenario \"…\"");
	while (peek(&p)->kind != TOKEN_END)
		if (!take_if(&p, TOKEN_DEDENT))
			parse_declaration(&p);
}
