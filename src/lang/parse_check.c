/*
 * parse_check.c - what a scenario demands and expects: finally, always, never
 * and order; named runs; expect.
 *
 * After `expect` stands what the search must find. Which kind it is shows in
 * the next word, or in the one after it: a name with an index or `in` behind it
 * is a variable.
 */
#include <string.h>

#include "parser.h"

void parse_check(struct parser *p, enum check_kind kind)
{
	struct check_decl *d = arena_alloc(p->unit->arena, sizeof *d);
	size_t from = p->at;

	d->kind = kind;
	d->span = take(p)->span;
	if (kind == CHECK_NEVER_TWO) {
		if (!take_word(p, WORD_two) || !take_word(p, WORD_in))
			syntax_here(p, "\"two in\" (as in never two in CS)");
		d->region =
			expect_name(p, "the name of a region", &d->region_span);
	} else if (kind == CHECK_ORDER) {
		d->before = expect_string(p, "the text of a print or work",
					  &d->before_span);
		if (!p->panic && !take_word(p, WORD_before))
			syntax_here(p, "\"before\"");
		d->after = expect_string(p, "the text of a print or work",
					 &d->after_span);
	} else {
		d->value = parse_expr(p);
	}
	d->text = text_since(p, from);
	if (!p->panic)
		LIST_ADD(&p->ast->checks, d);
}

void parse_run(struct parser *p)
{
	struct run_decl *d = arena_alloc(p->unit->arena, sizeof *d);

	take(p);
	d->name =
		expect_string(p, "the schedule's name in double quotes", NULL);
	expect(p, TOKEN_COLON, "\":\" and a schedule");
	d->span = peek(p)->span;
	if (!p->panic && expect(p, TOKEN_RAW, "a schedule"))
		d->schedule = p->tokens[p->at - 1].string;
	if (!p->panic)
		LIST_ADD(&p->ast->runs, d);
}

static const struct {
	uint8_t word;
	uint32_t bits;
} verdicts[] = {
	{WORD_ok, 0},
	{WORD_violated, 1u << VERDICT_VIOLATED},
	{WORD_crash, 1u << VERDICT_CRASH},
	{WORD_deadlock, 1u << VERDICT_DEADLOCK},
	{WORD_livelock, EXPECT_LIVELOCK},
};

static bool parse_verdict(struct parser *p, struct expect_decl *d)
{
	for (size_t i = 0; i < sizeof verdicts / sizeof *verdicts; i++)
		if (take_word(p, verdicts[i].word)) {
			d->verdicts |= verdicts[i].bits;
			return true;
		}
	return false;
}

static void parse_verdicts(struct parser *p, struct expect_decl *d)
{
	const char *known[] = {"ok",       "violated", "crash",   "deadlock",
			       "livelock", "race",     "no race", "schedules"};
	bool ok = at_word(p, WORD_ok);

	d->kind = EXPECT_VERDICTS;
	do {
		const struct token *t = peek(p);

		if (parse_verdict(p, d))
			continue;
		if (t->kind != TOKEN_NAME) {
			syntax_here(p, "ok, violated, crash, deadlock, "
				       "livelock, race, no race, schedules or "
				       "the name of a variable");
			continue;
		}
		syntax_nearest(p, t->span,
			       nearest(p->unit,
				       p->unit->names.list.data[t->value].text,
				       known, sizeof known / sizeof *known),
			       "nothing ends with \"%.*s\": a verdict is ok, "
			       "violated, crash, deadlock or livelock",
			       (int)t->span.length,
			       p->unit->text + t->span.start);
	} while (!p->panic && take_if(p, TOKEN_COMMA));
	if (ok && d->verdicts)
		syntax(p, d->span,
		       "\"expect ok\" means that nothing bad "
		       "happens: name either ok or the bad ends");
}

static void parse_values(struct parser *p, struct expect_decl *d)
{
	struct expr *variable = parse_ref(p, "the name of a variable");
	struct expr **values;
	size_t n = 0;

	d->kind = EXPECT_VALUES;
	if (!p->panic && !take_word(p, WORD_in))
		syntax_here(p, "\"in\" and the values");
	values = parse_list(p, &n);
	d->args = arena_array(p->unit->arena, n + 1, sizeof *d->args);
	d->args[0] = variable;
	memcpy(d->args + 1, values, n * sizeof *values);
	d->arg_count = n + 1;
}

static void parse_races(struct parser *p, struct expect_decl *d)
{
	d->kind = EXPECT_RACE;
	if (take_word(p, WORD_no)) {
		if (!take_word(p, WORD_race))
			syntax_here(p, "\"race\"");
		return;
	}
	take(p);
	d->args = parse_list(p, &d->arg_count);
}

static void parse_count(struct parser *p, struct expect_decl *d)
{
	const struct token *t;

	d->kind = EXPECT_SCHEDULES;
	take(p);
	t = peek(p);
	if (t->kind == TOKEN_INT || t->kind == TOKEN_BAD)
		take(p);
	else
		syntax_here(p, "the number of schedules");
	d->schedules = arena_strndup(p->keep, p->unit->text + t->span.start,
				     t->span.length);
}

void parse_expect(struct parser *p)
{
	struct expect_decl *d = arena_alloc(p->unit->arena, sizeof *d);
	size_t from = p->at;
	const struct token *next;
	bool values;

	d->span = take(p)->span;
	next = peek_second(p);
	values = next->kind == TOKEN_OPEN_INDEX ||
		 (next->kind == TOKEN_NAME && next->value == WORD_in);
	if (values)
		parse_values(p, d);
	else if (at_word(p, WORD_race) || at_word(p, WORD_no))
		parse_races(p, d);
	else if (at_word(p, WORD_schedules))
		parse_count(p, d);
	else
		parse_verdicts(p, d);
	d->text = text_since(p, from);
	if (!p->panic)
		LIST_ADD(&p->ast->expects, d);
}
