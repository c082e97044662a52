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

enum { BAR = 20, WIDE = 16, OUTCOMES = 8, TIGHT = 22, NUMBER = 26 };

static const struct search_report *report(const struct app *app)
{
	return app->search ? search_report(app->search) : NULL;
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
	if (!out->len)
		str_add(out, verdict_name[o->verdict]);
}

/* What is there is never nothing. */
static void draw_percent(struct grid *g, struct rect row, int x,
			 struct style style, double part)
{
	if (part > 0 && part < 0.0005)
		grid_text(g, row, x, 0, style, " <0.1 %");
	else
		grid_printf(g, row, x, 0, style, "%5.1f %%", 100 * part);
}

static void draw_outcome(const struct app *app, struct grid *g, struct rect row,
			 const struct search_report *r,
			 const struct search_outcome *o)
{
	struct str text = {0}, number = {0};
	int cells = (int)(share(r, o) * BAR + 0.5), x = 20;
	struct style s = is_bad(o) ? STYLE(BAD) : STYLE(GOOD);

	say_outcome(app, r, o, &text);
	grid_field(g, row, 1, 0, 10, ALIGN_LEFT, STYLE(STRONG),
		   str_cstr(&text));
	grid_text(g, row, 12, 0, s,
		  o->verdict == VERDICT_OK         ? "right"
		  : o->verdict == VERDICT_VIOLATED ? "WRONG"
						   : verdict_name[o->verdict]);
	x += 1;
	for (int i = 0; i < BAR; i++)
		grid_text(g, row, x + i, 0,
			  i < cells || i == 0 ? s : STYLE(DIM),
			  i < cells ? "█"
			  : i == 0  ? "▎"
				    : "·");
	count_format_grouped(o->schedules, &number);
	grid_field(g, row, x + BAR + 1, 0, WIDE, ALIGN_RIGHT, STYLE(TEXT),
		   str_cstr(&number));
	if (!o->schedules.infinite)
		draw_percent(g, row, x + BAR + WIDE + 2, STYLE(TEXT),
			     share(r, o));
	draw_percent(g, row, x + BAR + WIDE + 11, STYLE(DIM), o->chance);
	str_free(&text);
	str_free(&number);
}

static struct count bad_count(const struct search_report *r)
{
	struct count bad = count_of(0);

	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		bad = count_add(bad, r->verdicts[v]);
	return bad;
}

static void say_percent(double part, struct str *out)
{
	if (part > 0 && part < 0.0005)
		str_add(out, " (less than 0.1 % of them)");
	else
		str_addf(out, " (%.1f %% of them)", 100 * part);
}

static int draw_summary(struct grid *g, struct rect r,
			const struct search_report *rep)
{
	struct str s = {0};
	struct count bad = bad_count(rep);

	if (!rep->complete)
		str_add(&s, "so far: ");
	count_format_grouped(rep->schedules, &s);
	str_addf(&s, "%s, every one of them counted; %.2f s",
		 rep->schedules.infinite ? "ly many interleavings"
					 : " interleavings",
		 rep->seconds);
	grid_text(g, r, 1, 0, STYLE(STRONG), str_cstr(&s));
	str_clear(&s);
	if (count_is_zero(bad)) {
		grid_text(g, r, 1, 1, rep->livelock ? STYLE(BAD) : STYLE(GOOD),
			  rep->livelock ? "None ends badly, but some never end."
					: "None of them goes wrong.");
	} else {
		count_format_grouped(bad, &s);
		str_add(&s, " go wrong");
		if (!bad.infinite)
			say_percent(bad.approx / rep->schedules.approx, &s);
		str_addf(&s, "; under a random scheduler %.3g %%",
			 100 * rep->chance_bad);
		grid_text(g, r, 1, 1, STYLE(BAD), str_cstr(&s));
	}
	str_free(&s);
	return 3;
}

static int draw_outcomes(const struct app *app, struct grid *g, struct rect r,
			 int y, const struct search_report *rep)
{
	/* below: findings, a line for each thread, what decides, the effort */
	size_t below = 8 + rep->finding_count + rep->race_count +
		       app->program->threads.count;
	size_t room =
		r.h - y > (int)below ? (size_t)r.h - (size_t)y - below : 0;
	size_t rows = room < 4 ? 4 : room < OUTCOMES ? room : OUTCOMES;

	grid_printf(g, r, 1, y, STYLE(DIM), "ends at%38s%12s %8s %8s", "",
		    "number", "share", "chance");
	y++;
	for (size_t i = 0; i < rep->outcome_count && i < rows; i++)
		draw_outcome(app, g, rect_row(r, y++), rep, &rep->outcomes[i]);
	if (rep->outcome_count > rows)
		grid_printf(g, r, 1, y++, STYLE(DIM), "and %zu more",
			    rep->outcome_count - rows);
	return y + (r.h > TIGHT);
}

/* ---- the simplest schedule, drawn out ---------------------------------- */

static void draw_steps(const struct app *app, struct grid *g, struct rect r,
		       const struct search_finding *f)
{
	const struct program *p = app->program;
	struct world *w = world_new(p);
	struct step_log log;
	int cell = f->steps && (r.w - 8) / (int)f->steps >= 4 ? 4 : 2;

	for (size_t t = 0; t < p->threads.count && (int)t < r.h; t++)
		grid_field(g, r, 1, (int)t, 6, ALIGN_LEFT,
			   style_thread((unsigned)t), p->threads.data[t].name);
	for (size_t i = 0; i < f->schedule.len; i++) {
		int x = 8 + (int)i * cell;
		struct str s = {0};

		world_step(w, p, f->schedule.data[i], (uint32_t)i + 1, &log);
		event_format(p, &log.events[0],
			     cell > 3 ? LABEL_TINY : LABEL_CHAR, &s);
		str_cut(&s, (size_t)cell - 1);
		for (int t = 0; t < (int)p->threads.count && t < r.h; t++)
			if (t == log.events[0].thread)
				grid_text(g, r, x, t, style_thread((unsigned)t),
					  str_cstr(&s));
			else
				grid_hline(g, r, x, t, cell - 1, STYLE(DIM));
		str_free(&s);
	}
	free(w);
}

/* "1  deadlock  A waits for …", cut where it is too long. */
static void draw_what(struct grid *g, struct rect row, bool here, size_t i,
		      const struct search_finding *f)
{
	struct str s = {0};

	str_addf(&s, "%zu  %s  %s", i + 1, verdict_name[f->verdict], f->what);
	grid_field(g, row, 2, 0, row.w - 3, ALIGN_LEFT,
		   here ? STYLE(SELECTED) : STYLE(TEXT), str_cstr(&s));
	str_free(&s);
}

static int draw_findings(const struct app *app, struct grid *g, struct rect r,
			 int y, const struct search_report *rep)
{
	grid_hline(g, r, 0, y, r.w, STYLE(RULE));
	grid_text(g, r, 1, y++, STYLE(TITLE), " Findings, simplest first ");
	for (size_t i = 0; i < rep->finding_count && y < r.h - 6; i++) {
		const struct search_finding *f = &rep->findings[i];
		bool here = i == app->picked;
		struct rect row = rect_row(r, y++);

		grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT,
			   here ? STYLE(SELECTED) : STYLE(TEXT), "");
		draw_what(g, row, here, i, f);
		list_spot(app, row, i);
		if (here)
			grid_cursor(g, row, 2, 0, false);
	}
	for (size_t i = 0; i < rep->race_count && y < r.h - 6; i++)
		grid_printf(
			g, r, 2, y++, STYLE(DIM),
			"-  data race  %s  lines %u and %u",
			app->program->objects.data[rep->races[i].object].name,
			rep->races[i].lines[0], rep->races[i].lines[1]);
	if (rep->livelock)
		grid_text(g, r, 2, y++, STYLE(BAD),
			  "-  livelock: they can "
			  "move for ever without progress");
	return y;
}

static void draw_simplest_title(struct grid *g, struct rect r, int y,
				const struct search_finding *f)
{
	struct str s = {0};

	str_addf(&s, " Simplest: %u steps, %u preemption%s", f->steps,
		 f->preemptions, f->preemptions == 1 ? "" : "s");
	if (f->no_return)
		str_addf(&s, ", no way back from step %u", f->no_return);
	str_addc(&s, ' ');
	grid_text(g, r, 1, y, STYLE(TITLE), str_cstr(&s));
	str_free(&s);
}

static void draw_simplest(const struct app *app, struct grid *g, struct rect r,
			  int y, const struct search_report *rep)
{
	const struct search_finding *f;
	struct rect rest = r;

	if (app->picked >= rep->finding_count || y > r.h - 4)
		return;
	f = &rep->findings[app->picked];
	grid_hline(g, r, 0, y, r.w, STYLE(RULE));
	draw_simplest_title(g, r, y++, f);
	rect_cut_top(&rest, y);
	rect_cut_bottom(&rest, 4);
	draw_steps(app, g, rest, f);
	rect_cut_top(&r, r.h - 4);
	r.x++;
	r.w -= 2;
	rect_cut_bottom(&r, 2);
	if (f->decided)
		grid_wrap(g, r, 0, STYLE(TEXT), f->decided);
}

static void draw_effort(struct grid *g, struct rect r,
			const struct search_report *rep)
{
	struct str s = {0};

	count_format_grouped(rep->schedules, &s);
	str_addf(&s, " schedules → %llu states",
		 (unsigned long long)rep->states);
	if (rep->reduced_states != rep->states)
		str_addf(&s, " → %llu up to symmetry",
			 (unsigned long long)rep->reduced_states);
	grid_text(g, r, 1, r.h - 1, STYLE(DIM), str_cstr(&s));
	grid_text(g, r, 1, r.h - 2, STYLE(DIM),
		  "share: of interleavings; chance: with every possible step "
		  "equally likely");
	str_free(&s);
}

void explore_draw(const struct app *app, struct grid *g)
{
	const struct search_report *rep = report(app);
	struct rect r = overlay_frame(g, 100, 34, "Explore: every interleaving");
	int y;

	if (!rep || app->search_status == SEARCH_RUNNING) {
		uint64_t states = 0;
		uint32_t depth = 0;

		if (app->search)
			search_progress(app->search, &states, &depth);
		grid_printf(g, r, 1, 1, STYLE(TEXT),
			    "searching: %llu states, depth %u …",
			    (unsigned long long)states, depth);
		return;
	}
	y = draw_summary(g, r, rep) - (r.h <= TIGHT);
	y = draw_outcomes(app, g, r, y, rep);
	y = draw_findings(app, g, r, y, rep);
	draw_simplest(app, g, r, y + (r.h > TIGHT), rep);
	draw_effort(g, r, rep);
}

bool explore_key(struct app *app, key_code key)
{
	const struct search_report *rep = report(app);

	if (!rep)
		return false;
	if (list_key(app, key, rep->finding_count))
		return true;
	if (key != INPUT_ENTER || app->picked >= rep->finding_count)
		return false;
	find_load(app, &rep->findings[app->picked]);
	overlay_close(app);
	return true;
}
