/*
 * explore.c - the explore view: bars of outcomes, the findings, the simplest
 * schedule of the one under the bar drawn out, and how far the search had to
 * go: schedules, states, states up to symmetry.
 *
 * Percentages count interleavings; the chance under a uniformly random
 * scheduler stands beside, named as such.
 */
#include <stdio.h>
#include <stdlib.h>

#include "inside.h"
#include "overlay.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "threadviz/vec.h"
#include "views.h"

enum {
	WORD = 9,      /* "deadlock" */
	SHARE = 9,     /* "100.0 %" */
	BAR_MOST = 40, /* cells: a longer one says no more */
	OUTCOMES = 12, /* rows for them */
	NAME = 7,      /* of a thread, beside its steps */
	EFFORT = 2,    /* rows at the foot */
	CELL = 5,      /* cells of a step: "R 0" */
	CELL_LEAST = 3,
	WIDTH = 100,
	NARROW = 50, /* cells: fewer show no chances */
	EDGES = 2,
};

/* s: a search that took less needs no word on it. */
#define NOTICED 0.5

static const struct search_report *report(const struct app *app)
{
	return app->search ? search_report(app->search) : NULL;
}

/* Findings with a schedule of their own, the livelock last. */
static size_t entries(const struct search_report *rep)
{
	return rep->finding_count + rep->livelock;
}

static bool is_bad(const struct search_outcome *o)
{
	return o->verdict != VERDICT_OK;
}

static double share(const struct search_report *r,
		    const struct search_outcome *o)
{
	if (o->schedules.infinite || !(r->schedules.approx > 0))
		return o->chance;
	return o->schedules.approx / r->schedules.approx;
}

/* "count=2", "deadlock", or what was printed. */
static void say_outcome(const struct app *app, const struct search_report *r,
			const struct search_outcome *o, struct str *out)
{
	const struct program *p = app->program;

	for (size_t i = 0; i < r->value_count; i++) {
		const struct object *v = &p->objects.data[r->values[i].object];

		if (r->values[i].index == 0)
			str_addf(out, "%s%s=", i ? " " : "", v->name);
		str_addf(out, "%s%d", r->values[i].index ? "," : "",
			 o->final[i]);
	}
	for (size_t k = 0; k < outputs_count(p->outputs, o->output); k++)
		str_addf(out, "%s%s", out->len ? " " : "",
			 outputs_line(p->outputs, o->output, k));
}

/* ---- how it ends, in columns ------------------------------------------- */

/* Where they begin; what an outcome says first is as wide as it must be. */
struct columns {
	int word, bar, number, share, chance;
	int bar_cells, number_cells;
};

static struct columns columns_of(const struct app *app,
				 const struct search_report *r, int w)
{
	int label = 0, number = 7, left;
	struct columns c;
	bool narrow;

	for (size_t i = 0; i < r->outcome_count; i++) {
		struct str s = {0};

		say_outcome(app, r, &r->outcomes[i], &s);
		if (utf8_width(str_cstr(&s)) > label)
			label = utf8_width(str_cstr(&s));
		str_clear(&s);
		count_format_grouped(r->outcomes[i].schedules, &s);
		if ((int)s.len >= number)
			number = (int)s.len + 1;
		str_free(&s);
	}
	narrow = w < NARROW;
	left = w - 3 - WORD - number - (narrow ? 1 : 2) * SHARE;
	label = label < left - 2 ? label : left - 2;
	c.word = label > 0 ? label + 3 : 1;
	c.bar = c.word + WORD;
	c.bar_cells = left - label - 2;
	if (c.bar_cells < 3)
		c.bar_cells = 0;
	c.bar_cells = c.bar_cells < BAR_MOST ? c.bar_cells : BAR_MOST;
	c.number = c.bar + c.bar_cells + (c.bar_cells > 0);
	c.number_cells = number;
	c.share = c.number + number;
	c.chance = narrow ? w : c.share + SHARE; /* out of sight */
	return c;
}

void say_percent(double part, struct str *out)
{
	if (part > 0 && part < 0.0005)
		str_add(out, "<0.1 %");
	else if (part < 1 && part >= 0.9995)
		str_add(out, ">99.9 %");
	else
		str_addf(out, "%.1f %%", 100 * part);
}

static void draw_percent(struct grid *g, struct rect row, int x,
			 struct style style, double part)
{
	struct str s = {0};

	say_percent(part, &s);
	grid_field(g, row, x, 0, SHARE, ALIGN_RIGHT, style, str_cstr(&s));
	str_free(&s);
}

static void draw_bar(struct grid *g, struct rect row, int x, int w, double part,
		     struct style s)
{
	int cells = (int)(part * w + 0.5);

	for (int i = 0; i < w; i++)
		grid_text(g, row, x + i, 0,
			  i < cells || i == 0 ? s : STYLE(DIM),
			  i < cells ? "█"
			  : i == 0  ? "▎"
				    : "·");
}

static void draw_outcome(const struct app *app, struct grid *g, struct rect row,
			 const struct columns *c, const struct search_report *r,
			 const struct search_outcome *o)
{
	struct str text = {0}, number = {0};
	struct style s = is_bad(o) ? STYLE(BAD) : STYLE(GOOD);

	say_outcome(app, r, o, &text);
	grid_field(g, row, 1, 0, c->word - 2, ALIGN_LEFT, STYLE(STRONG),
		   str_cstr(&text));
	grid_text(g, row, c->word, 0, s,
		  o->verdict == VERDICT_OK         ? "right"
		  : o->verdict == VERDICT_VIOLATED ? "WRONG"
						   : verdict_name[o->verdict]);
	draw_bar(g, row, c->bar, c->bar_cells, share(r, o), s);
	count_format_grouped(o->schedules, &number);
	grid_field(g, row, c->number, 0, c->number_cells, ALIGN_RIGHT,
		   STYLE(TEXT), str_cstr(&number));
	if (!o->schedules.infinite)
		draw_percent(g, row, c->share, STYLE(TEXT), share(r, o));
	draw_percent(g, row, c->chance, STYLE(DIM), o->chance);
	str_free(&text);
	str_free(&number);
}

static void draw_heads(struct grid *g, struct rect row, const struct columns *c)
{
	grid_text(g, row, 1, 0, STYLE(DIM), "ends");
	grid_field(g, row, c->number, 0, c->number_cells, ALIGN_RIGHT,
		   STYLE(DIM), "number");
	grid_field(g, row, c->share, 0, SHARE, ALIGN_RIGHT, STYLE(DIM),
		   "share");
	grid_field(g, row, c->chance, 0, SHARE, ALIGN_RIGHT, STYLE(DIM),
		   "chance");
}

static struct count bad_count(const struct search_report *r)
{
	struct count bad = count_of(0);

	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		bad = count_add(bad, r->verdicts[v]);
	return bad;
}

static int draw_summary(struct grid *g, struct rect r,
			const struct search_report *rep)
{
	struct str s = {0};
	struct count bad = bad_count(rep);
	int y = 0;

	r.x++;
	r.w -= 2;
	if (!rep->complete)
		str_add(&s, "so far: ");
	count_format_grouped(rep->schedules, &s);
	str_add(&s, rep->schedules.infinite
			    ? "ly many interleavings, all their states "
			      "looked at"
			    : " interleavings, every one of them counted");
	if (rep->seconds >= NOTICED)
		str_addf(&s, "; %.1f s", rep->seconds);
	y = grid_wrap(g, r, y, STYLE(STRONG), str_cstr(&s));
	str_clear(&s);
	if (count_is_zero(bad)) {
		y += grid_wrap(g, r, y,
			       rep->livelock ? STYLE(BAD) : STYLE(GOOD),
			       rep->livelock ? "None ends badly, but some "
					       "never end."
					     : "None of them goes wrong.");
	} else {
		count_format_grouped(bad, &s);
		str_add(&s, " go wrong");
		if (!bad.infinite) {
			str_add(&s, " (");
			say_percent(bad.approx / rep->schedules.approx, &s);
			str_add(&s, " of them)");
		}
		str_add(&s, "; under a random scheduler ");
		say_percent(rep->chance_bad, &s);
		y += grid_wrap(g, r, y, STYLE(BAD), str_cstr(&s));
	}
	str_free(&s);
	return y;
}

/* Rows of the longest schedule, drawn out. */
static int rows_for_steps(const struct app *app,
			  const struct search_report *rep, int w)
{
	size_t longest = rep->stem.len + rep->cycle.len;
	int across = (w - NAME - 4) / CELL;

	if (!entries(rep))
		return 0;
	for (size_t i = 0; i < rep->finding_count; i++)
		if (rep->findings[i].schedule.len > longest)
			longest = rep->findings[i].schedule.len;
	return (1 + (int)longest / (across > 1 ? across : 1)) *
	       (1 + (int)app->program->threads.count);
}

/* As high as the most it may have to show, whatever the bar is on. */
static int height_for(const struct app *app, const struct search_report *rep,
		      int w)
{
	enum { SUMMARY = 2, HEADS = 4, WORDS = 3, BLANKS = 4 };
	size_t outcomes =
		rep->outcome_count < OUTCOMES ? rep->outcome_count : OUTCOMES;

	return EDGES + SUMMARY + HEADS + WORDS + BLANKS + EFFORT +
	       (int)(outcomes + entries(rep) + rep->race_count) +
	       rows_for_steps(app, rep, w);
}

/* gap: blank rows between the parts. */
static int draw_outcomes(const struct app *app, struct grid *g, struct rect r,
			 int y, const struct search_report *rep, int gap)
{
	/* below: findings, a line for each thread, what decides */
	size_t below = (gap ? 9u : 4u) + entries(rep) + rep->race_count +
		       (size_t)rows_for_steps(app, rep, r.w);
	size_t room =
		r.h - y > (int)below ? (size_t)r.h - (size_t)y - below : 0;
	size_t rows = room < 4 ? 4 : room < OUTCOMES ? room : OUTCOMES;
	struct columns c = columns_of(app, rep, r.w);

	rows -= rows < rep->outcome_count; /* for how many more */
	draw_heads(g, rect_row(r, y++), &c);
	for (size_t i = 0; i < rep->outcome_count && i < rows; i++)
		draw_outcome(app, g, rect_row(r, y++), &c, rep,
			     &rep->outcomes[i]);
	if (rep->outcome_count > rows)
		grid_printf(g, r, 1, y++, STYLE(DIM), "and %zu more ends",
			    rep->outcome_count - rows);
	return y + gap;
}

/* ---- what goes wrong --------------------------------------------------- */

static void say_entry(const struct search_report *rep, size_t i,
		      struct str *out)
{
	if (i >= rep->finding_count)
		str_addf(out,
			 "%zu  livelock  they can move for ever without "
			 "progress",
			 i + 1);
	else
		str_addf(out, "%zu  %s  %s", i + 1,
			 verdict_name[rep->findings[i].verdict],
			 rep->findings[i].what);
}

static void draw_entry(const struct app *app, struct grid *g, struct rect row,
		       const struct search_report *rep, size_t i)
{
	bool here = i == app->picked;
	struct style s = here ? STYLE(SELECTED) : STYLE(TEXT);
	struct str text = {0};

	say_entry(rep, i, &text);
	grid_fill(g, row, s, ' ');
	grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT, s, str_cstr(&text));
	if (here)
		grid_cursor(g, row, 1, 0, false);
	list_spot(app, row, i);
	str_free(&text);
}

static int draw_findings(const struct app *app, struct grid *g, struct rect r,
			 int y, const struct search_report *rep)
{
	int most = r.h - y - 8 > 2 ? r.h - y - 8 : 2, end = y + 1 + most;
	size_t n = entries(rep), rows = n < (size_t)most ? n : (size_t)most;
	size_t first = scroll_first(app->picked, n, rows ? rows : 1);

	grid_hline(g, r, 0, y, r.w, STYLE(RULE));
	grid_text(g, r, 1, y++, STYLE(TITLE), " Findings, simplest first ");
	if (!n && !rep->race_count)
		grid_text(g, r, 1, y++, STYLE(GOOD),
			  "none: no schedule can make it go wrong");
	for (size_t i = first; i < n && i < first + rows; i++)
		draw_entry(app, g, rect_row(r, y++), rep, i);
	for (size_t i = 0; i < rep->race_count && y < end; i++)
		grid_printf(
			g, r, 1, y++, STYLE(TEXT),
			"-  data race  %s: nothing orders lines %u and %u",
			app->program->objects.data[rep->races[i].object].name,
			rep->races[i].lines[0], rep->races[i].lines[1]);
	return y;
}

/* ---- the simplest schedule, drawn out ---------------------------------- */

/* Once round a livelock comes behind the way there. */
static struct schedule schedule_of(const struct search_report *rep, size_t i)
{
	const struct schedule *from[2] = {&rep->stem, &rep->cycle};
	struct schedule s = {0};

	if (i < rep->finding_count) {
		from[0] = &rep->findings[i].schedule;
		from[1] = NULL;
	}
	for (int k = 0; k < 2 && from[k]; k++)
		for (size_t c = 0; c < from[k]->len; c++)
			vec_push(&s, from[k]->data[c]);
	return s;
}

static void say_simplest(const struct search_report *rep, size_t i,
			 size_t shown, struct str *out)
{
	const struct search_finding *f;

	if (i >= rep->finding_count) {
		str_addf(out,
			 " Livelock: after step %zu round in %zu steps, "
			 "for ever ",
			 rep->stem.len, rep->cycle.len);
		return;
	}
	f = &rep->findings[i];
	str_addf(out, " Simplest: %u steps", f->steps);
	if (shown && shown < f->steps)
		str_addf(out, " (%zu of them here)", shown);
	str_addf(out, ", %u preemption%s", f->preemptions,
		 f->preemptions == 1 ? "" : "s");
	if (f->no_return)
		str_addf(out, ", no way back from step %u", f->no_return);
	str_addc(out, ' ');
}

/* Step numbers, then a row for each thread; as many blocks as have room. */
struct drawn {
	struct grid *g;
	struct rect r;
	const struct program *program;
	int cell, across; /* cells a step, steps a block */
	size_t shown;     /* steps that have room */
	size_t turn;      /* the step that decides, from 1; 0: none */
};

static int block_rows(const struct drawn *d)
{
	return 1 + (int)d->program->threads.count;
}

static void draw_names(const struct drawn *d, int y)
{
	for (size_t t = 0; t < d->program->threads.count; t++)
		grid_field(d->g, d->r, 1, y + 1 + (int)t, NAME - 1, ALIGN_LEFT,
			   style_thread((unsigned)t),
			   d->program->threads.data[t].name);
}

static void draw_step(const struct drawn *d, int x, int y, size_t step,
		      const struct event *e)
{
	bool turn = step == d->turn;
	struct str s = {0};

	grid_printf(d->g, d->r, x, y, turn ? STYLE(BAD) : STYLE(DIM), "%zu",
		    step);
	event_format(d->program, e, d->cell > 3 ? LABEL_TINY : LABEL_CHAR, &s);
	str_cut(&s, (size_t)d->cell - 1);
	for (int t = 0; t < (int)d->program->threads.count; t++)
		if (t == e->thread)
			grid_text(d->g, d->r, x, y + 1 + t,
				  turn ? STYLE(FINDING)
				       : style_thread((unsigned)t),
				  str_cstr(&s));
		else
			grid_hline(d->g, d->r, x, y + 1 + t, d->cell - 1,
				   STYLE(DIM));
	str_free(&s);
}

/* The first row below. */
static int draw_steps(const struct drawn *d, const struct schedule *s)
{
	struct world *w = world_new(d->program);
	struct step_log log;
	int y = 0;

	for (size_t i = 0; i < d->shown; i++) {
		int at = (int)i % d->across;

		y = (int)i / d->across * block_rows(d);
		if (!at)
			draw_names(d, y);
		world_step(w, d->program, s->data[i], (uint32_t)i + 1, &log);
		draw_step(d, 1 + NAME + at * d->cell, y, i + 1, &log.events[0]);
	}
	free(w);
	return d->shown ? y + block_rows(d) : 0;
}

/* Wide cells if all steps have room then, else narrow ones. */
static struct drawn drawn_of(const struct app *app, struct grid *g,
			     struct rect r, size_t steps)
{
	struct drawn d = {.g = g, .r = r, .program = app->program};
	int room = r.w - NAME - 2, blocks = r.h / block_rows(&d);

	blocks = blocks > 1 ? blocks : 1;
	for (d.cell = CELL; d.cell >= CELL_LEAST; d.cell -= 2) {
		d.across = room / d.cell > 1 ? room / d.cell : 1;
		d.shown = (size_t)blocks * (size_t)d.across;
		if (d.shown >= steps)
			break;
	}
	if (d.cell < CELL_LEAST)
		d.cell = CELL_LEAST;
	if (d.shown > steps)
		d.shown = steps;
	if (block_rows(&d) > r.h)
		d.shown = 0; /* half of the threads would be a lie */
	return d;
}

/* The whole sentence where the list had to cut it. */
static int draw_sentence(struct grid *g, struct rect r,
			 const struct search_report *rep, size_t i)
{
	struct str s = {0};
	int rows = 0;

	say_entry(rep, i, &s);
	if (utf8_width(str_cstr(&s)) > r.w && i < rep->finding_count)
		rows = grid_wrap(g, r, 0, STYLE(TEXT), rep->findings[i].what);
	str_free(&s);
	return rows;
}

static void draw_simplest(const struct app *app, struct grid *g, struct rect r,
			  const struct search_report *rep)
{
	const struct search_finding *f = NULL;
	struct schedule s = schedule_of(rep, app->picked);
	struct str title = {0};
	struct rect body = r, head;
	struct drawn d;

	if (app->picked < rep->finding_count)
		f = &rep->findings[app->picked];
	grid_hline(g, r, 0, 0, r.w, STYLE(RULE));
	head = rect_cut_top(&body, 1);
	body.x++;
	body.w -= 2;
	rect_cut_top(&body, draw_sentence(g, body, rep, app->picked));
	r.h -= body.y - r.y;
	r.y = body.y;
	if (f && f->decided && r.h > 2)
		r.h--; /* at least one row for what decides */
	d = drawn_of(app, g, r, s.len);
	say_simplest(rep, app->picked, d.shown, &title);
	grid_text(g, head, 1, 0, STYLE(TITLE), str_cstr(&title));
	d.turn = f ? f->no_return : 0;
	rect_cut_top(&body, draw_steps(&d, &s));
	if (f && f->decided && body.h > 0)
		grid_wrap(g, body, 0, STYLE(TEXT), f->decided);
	vec_free(&s);
	str_free(&title);
}

static void draw_effort(struct grid *g, struct rect r,
			const struct search_report *rep)
{
	struct str s = {0};

	if (rep->schedules.infinite)
		str_add(&s, "infinitely many");
	else
		count_format_grouped(rep->schedules, &s);
	str_add(&s, " schedules → ");
	count_format_grouped(count_of(rep->states), &s);
	str_add(&s, " states");
	if (rep->reduced_states != rep->states) {
		str_add(&s, " → ");
		count_format_grouped(count_of(rep->reduced_states), &s);
		str_add(&s, " up to symmetry");
	}
	if (r.w >= NARROW)
		grid_text(g, r, 1, 0, STYLE(DIM),
			  r.w < 76 ? "share: of interleavings; chance: each "
				     "step equally likely"
				   : "share: of interleavings; chance: with "
				     "every possible step equally likely");
	grid_text(g, r, 1, 1, STYLE(DIM), str_cstr(&s));
	str_free(&s);
}

static void draw_progress(const struct app *app, struct grid *g, struct rect r)
{
	uint64_t states = 0;
	uint32_t depth = 0;

	if (app->search)
		search_progress(app->search, &states, &depth);
	grid_printf(g, r, 1, 0, STYLE(TEXT),
		    "searching: %llu states, depth %u …",
		    (unsigned long long)states, depth);
	grid_text(g, r, 1, 1, STYLE(DIM), "q closes this; it goes on behind");
}

void explore_draw(const struct app *app, struct grid *g)
{
	const struct search_report *rep = report(app);
	bool known = rep && app->search_status != SEARCH_RUNNING;
	int w = g->w < WIDTH ? g->w : WIDTH, y, gap;
	struct rect r = overlay_frame(g, w, known ? height_for(app, rep, w) : 4,
				      "Explore: every interleaving");
	struct rect frame = r;

	if (!known) {
		draw_progress(app, g, r);
		return;
	}
	if (r.h > EFFORT + 12)
		draw_effort(g, rect_cut_bottom(&r, EFFORT), rep);
	gap = frame.h + EDGES >= height_for(app, rep, w);
	y = draw_summary(g, r, rep) + gap;
	y = draw_outcomes(app, g, r, y, rep, gap);
	y = draw_findings(app, g, r, y, rep) + gap;
	rect_cut_top(&r, y);
	if (app->picked < entries(rep) && r.h > 1)
		draw_simplest(app, g, r, rep);
	if (entries(rep))
		list_position(app, g, frame, entries(rep));
}

static void replay_picked(struct app *app, const struct search_report *rep)
{
	size_t i = app->picked;

	overlay_close(app);
	if (i < rep->finding_count)
		find_load(app, &rep->findings[i]);
	else
		find_load_livelock(app, rep);
}

bool explore_key(struct app *app, key_code key)
{
	const struct search_report *rep = report(app);

	if (!rep || app->search_status == SEARCH_RUNNING)
		return false;
	if (list_key(app, key, entries(rep)))
		return true;
	if (key != INPUT_ENTER)
		return false;
	if (app->picked < entries(rep))
		replay_picked(app, rep);
	else
		notice(app, true,
		       "nothing goes wrong: there is no failure to replay");
	return true;
}
