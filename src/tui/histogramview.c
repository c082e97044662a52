/*
 * histogramview.c - the counted runs, drawn.
 *
 * Few outcomes get a block each, with a bar for the plain runs, one for those
 * with chaos and one for the schedules; many get a row each, with two bars side
 * by side. Shares of runs are measured and shares of schedules counted, and
 * neither is a probability of the other: the words say which is which.
 */
#include <stdio.h>

#include "histogram.h"
#include "threadviz/utf8.h"

enum {
	NARROW = 50,   /* columns: below it counts without bars */
	BAR_LEAST = 5, /* cells */
	LABEL_MOST = 30,
};

static const char *const column_name[TALLY_COLUMNS] = {"plain", "chaos"};

/* What a row is about. */
struct item {
	const struct histogram *h;
	const struct tally_row *row;
	enum tally_note note;
	struct style style; /* right or wrong */
};

static struct item item_of(const struct histogram *h, size_t i)
{
	const struct tally_row *row = tally_row(h->tally, i);
	struct item it = {h, row, tally_note(h->tally, row), STYLE(BAD)};

	if (it.note == TALLY_UNKNOWN)
		it.style = STYLE(FINDING);
	else if (row->verdict == VERDICT_OK)
		it.style = STYLE(GOOD);
	else if (row->verdict == VERDICT_NONE)
		it.style = STYLE(WARN);
	return it;
}

static const char *word_of(const struct tally_row *row)
{
	switch (row->verdict) {
	case VERDICT_NONE:
		return "no verdict";
	case VERDICT_OK:
		return "right";
	case VERDICT_VIOLATED:
		return "WRONG";
	default:
		return verdict_name[row->verdict];
	}
}

static void say_label(const struct item *it, struct str *out)
{
	tally_format(it->h->tally, it->row, out);
	if (!out->len)
		str_add(out, word_of(it->row));
}

static double share_of(const struct histogram *h, enum tally_column c,
		       uint64_t n)
{
	uint64_t runs = tally_sum(h->tally, c).runs;

	return runs ? (double)n / (double)runs : 0;
}

static void draw_bar(struct grid *g, struct rect row, int x, int w,
		     double share, struct style s)
{
	int cells = (int)(share * w + 0.5);

	for (int i = 0; i < w; i++)
		if (i < cells)
			grid_text(g, row, x + i, 0, s, "█");
		else if (i == 0 && share > 0)
			grid_text(g, row, x, 0, s, "▎");
		else
			grid_text(g, row, x + i, 0, STYLE(DIM), "·");
}

/* ---- the head ---------------------------------------------------------- */

/* "4 of 6 schedules", "76.6 % by chance" */
static void say_exact(const struct histogram *h, bool longer, struct str *out)
{
	const struct tally *t = h->tally;

	if (!tally_is_exact(t)) {
		str_add(out, h->searching ? "…" : "unknown");
	} else if (!longer || tally_schedules(t).infinite) {
		str_addf(out, "%.3g %%%s", 100 * tally_wrong_share(t),
			 longer ? " by chance" : "");
	} else {
		count_format_grouped(tally_wrong(t), out);
		str_add(out, " of ");
		count_format_grouped(tally_schedules(t), out);
		str_add(out, " schedules");
	}
}

enum head { HEAD_LONG, HEAD_MIDDLE, HEAD_SHORT, HEADS };

/* One of its three parts. */
static struct style say_part(const struct histogram *h, int part,
			     enum head form, struct str *out)
{
	const struct tally *t = h->tally;
	struct tally_sum sum = {0};
	bool wrong;

	if (part < TALLY_COLUMNS) {
		sum = tally_sum(t, (enum tally_column)part);
		wrong = sum.wrong || sum.unknown;
	} else {
		wrong = tally_is_exact(t) && tally_wrong_share(t) > 0;
	}
	if (form != HEAD_SHORT)
		str_addf(out, "%s ",
			 part < TALLY_COLUMNS ? column_name[part] : "exact");
	if (part < TALLY_COLUMNS)
		str_addf(out, "%llu", (unsigned long long)sum.wrong);
	if (part < TALLY_COLUMNS && form != HEAD_SHORT)
		str_addf(out, " of %llu", (unsigned long long)sum.runs);
	if (part == TALLY_COLUMNS)
		say_exact(h, form != HEAD_SHORT, out);
	if (form == HEAD_LONG && (part < TALLY_COLUMNS || tally_is_exact(t)))
		str_add(out, " wrong");
	return wrong ? STYLE(BAD) : STYLE(GOOD);
}

/* Draws it if it fits in the width (into nothing, to see if it does). */
static bool draw_head_as(const struct histogram *h, struct grid *g,
			 struct rect row, int x, enum head form)
{
	struct str parts[TALLY_COLUMNS + 1] = {0};
	struct style styles[TALLY_COLUMNS + 1];
	int w = form == HEAD_LONG ? 0 : 7; /* "wrong: " */
	bool fits;

	for (int i = 0; i <= TALLY_COLUMNS; i++) {
		styles[i] = say_part(h, i, form, &parts[i]);
		w += utf8_width(str_cstr(&parts[i])) + (i ? 3 : 0);
	}
	fits = x + w <= row.w || form == HEAD_SHORT;
	if (fits && form != HEAD_LONG)
		x += grid_text(g, row, x, 0, STYLE(STRONG), "wrong: ");
	for (int i = 0; i <= TALLY_COLUMNS; i++) {
		if (fits && i)
			x += grid_text(g, row, x, 0, STYLE(DIM), " · ");
		if (fits)
			x += grid_text(
				g, row, x, 0,
				(struct style){styles[i].role, 0, STYLE_BOLD},
				str_cstr(&parts[i]));
		str_free(&parts[i]);
	}
	return fits;
}

static void draw_head(const struct histogram *h, struct grid *g,
		      struct rect row, int x)
{
	for (int form = HEAD_LONG; form < HEADS; form++)
		if (draw_head_as(h, g, row, x, (enum head)form))
			return;
}

/* ---- few outcomes: a block each ---------------------------------------- */

enum { BLOCK = 5, BLOCK_BAR_X = 9 };

struct block_line {
	const char *name;
	double share;
	struct str amount; /* "266 of 1000" */
};

static struct block_line runs_line(const struct item *it, enum tally_column c)
{
	struct block_line l = {
		column_name[c], share_of(it->h, c, it->row->seen[c]), {0}};

	str_addf(&l.amount, "%llu of %llu",
		 (unsigned long long)it->row->seen[c],
		 (unsigned long long)tally_sum(it->h->tally, c).runs);
	return l;
}

static struct block_line exact_line(const struct item *it)
{
	const struct tally *t = it->h->tally;
	struct block_line l = {"exact", 0, {0}};

	if (it->row->possible)
		l.share = tally_share(t, it->row);
	if (tally_schedules(t).infinite) {
		str_add(&l.amount, "by chance");
		return l;
	}
	count_format_grouped(it->row->schedules, &l.amount);
	str_add(&l.amount, " of ");
	count_format_grouped(tally_schedules(t), &l.amount);
	return l;
}

static void draw_line(struct grid *g, struct rect row, struct block_line *l,
		      int amount, struct style s)
{
	int bar = row.w - BLOCK_BAR_X - amount - 12;

	grid_text(g, row, 3, 0, STYLE(DIM), l->name);
	draw_bar(g, row, BLOCK_BAR_X, bar, l->share, s);
	grid_field(g, row, BLOCK_BAR_X + bar + 1, 0, amount, ALIGN_RIGHT,
		   STYLE(TEXT), str_cstr(&l->amount));
	grid_printf(g, row, BLOCK_BAR_X + bar + amount + 2, 0, STYLE(TEXT),
		    "%6.1f %%", 100 * l->share);
	str_free(&l->amount);
}

static void draw_note(struct grid *g, struct rect row, int x,
		      const struct item *it)
{
	if (it->note == TALLY_ABSENT)
		grid_text(g, row, x, 0, STYLE(DIM), "possible, never seen");
	else if (it->note == TALLY_UNKNOWN)
		grid_text(g, row, x, 0, STYLE(FINDING),
			  " not known to the search ");
}

static void draw_block(const struct item *it, struct grid *g, struct rect r,
		       int y, int amount)
{
	struct str label = {0};
	struct rect row = rect_row(r, y++);
	struct block_line l;
	int x = 1;

	tally_format(it->h->tally, it->row, &label);
	str_cut(&label, (size_t)(r.w - 40 > 8 ? r.w - 40 : 8));
	if (label.len)
		x += grid_text(g, row, x, 0, STYLE(STRONG), str_cstr(&label)) +
		     2;
	x += grid_text(g, row, x, 0,
		       (struct style){it->style.role, 0, STYLE_BOLD},
		       word_of(it->row)) +
	     2;
	draw_note(g, row, x, it);
	for (int c = 0; c < TALLY_COLUMNS; c++) {
		l = runs_line(it, (enum tally_column)c);
		draw_line(g, rect_row(r, y++), &l, amount, it->style);
	}
	if (tally_is_exact(it->h->tally) && it->note != TALLY_UNKNOWN) {
		l = exact_line(it);
		draw_line(g, rect_row(r, y), &l, amount, it->style);
	}
	str_free(&label);
}

/* The widest of "1000 of 1000" and "113,280 of 113,400". */
static int amount_width(const struct histogram *h)
{
	struct str s = {0};
	int w = 12;

	if (tally_is_exact(h->tally) && !tally_schedules(h->tally).infinite) {
		count_format_grouped(tally_schedules(h->tally), &s);
		if (2 * (int)s.len + 4 > w)
			w = 2 * (int)s.len + 4;
	}
	str_free(&s);
	return w;
}

static bool blocks_fit(const struct histogram *h, struct rect r)
{
	return (int)tally_count(h->tally) * BLOCK - 1 <= r.h &&
	       r.w >= BLOCK_BAR_X + amount_width(h) + 12 + 2 * BAR_LEAST &&
	       r.w >= NARROW;
}

static void draw_blocks(const struct histogram *h, struct grid *g,
			struct rect r)
{
	int amount = amount_width(h);

	for (size_t i = 0; i < tally_count(h->tally); i++) {
		struct item it = item_of(h, i);

		draw_block(&it, g, r, (int)i * BLOCK, amount);
	}
}

/* ---- many outcomes: a row each ----------------------------------------- */

/* Where the columns of a row are; a width of 0: not shown. */
struct columns {
	int label, word, bar, count, exact;
	int gap;
};

static int widest_label(const struct histogram *h)
{
	struct str s = {0};
	int most = 7;

	for (size_t i = 0; i < tally_count(h->tally); i++) {
		struct item it = item_of(h, i);

		str_clear(&s);
		say_label(&it, &s);
		if (utf8_width(str_cstr(&s)) > most)
			most = utf8_width(str_cstr(&s));
	}
	str_free(&s);
	return most < LABEL_MOST ? most : LABEL_MOST;
}

static struct columns columns_of(const struct histogram *h, int w)
{
	struct columns c = {.count = 4, .exact = 4, .gap = 1};
	int rest;

	if (w < NARROW) {
		c.label = w - 2 * c.count - c.exact - 3 * c.gap;
		return c;
	}
	c = (struct columns){.label = widest_label(h),
			     .word = 10,
			     .count = 4,
			     .exact = 7,
			     .gap = 2};
	rest = w - 2 - c.word - 2 * c.count - c.exact - 4 * c.gap - 2;
	if (c.label > rest / 2)
		c.label = rest / 2;
	c.bar = (rest - c.label) / TALLY_COLUMNS;
	if (c.bar < BAR_LEAST)
		c.bar = 0;
	return c;
}

/* Where the column of runs begins. */
static int runs_x(const struct columns *c, int column, int x)
{
	return x + c->label + (c->word ? c->gap + c->word : 0) + c->gap +
	       column * (c->bar + (c->bar > 0) + c->count + c->gap);
}

static void draw_runs(const struct item *it, struct grid *g, struct rect row,
		      int x, const struct columns *c, enum tally_column k)
{
	uint64_t seen = it->row->seen[k];

	x = runs_x(c, (int)k, x);
	if (c->bar) {
		draw_bar(g, row, x, c->bar, share_of(it->h, k, seen),
			 it->style);
		x += c->bar + 1;
	}
	grid_printf(g, row, x, 0, seen ? STYLE(TEXT) : STYLE(DIM), "%*llu",
		    c->count, (unsigned long long)seen);
}

static void draw_exact(const struct item *it, struct grid *g, struct rect row,
		       int x, const struct columns *c)
{
	double share = 100 * tally_share(it->h->tally, it->row);

	x = runs_x(c, TALLY_COLUMNS, x);
	if (it->note == TALLY_UNKNOWN)
		grid_text(g, row, x, 0, STYLE(FINDING),
			  c->word ? "UNKNOWN" : "NEW!");
	else if (!it->row->possible)
		grid_field(g, row, x, 0, c->exact, ALIGN_RIGHT, STYLE(DIM),
			   "-");
	else if (c->word)
		grid_printf(g, row, x, 0, STYLE(TEXT), "%5.1f %%", share);
	else
		grid_printf(g, row, x, 0, STYLE(TEXT), "%3.0f%%", share);
}

static void draw_row(const struct item *it, struct grid *g, struct rect row,
		     const struct columns *c, bool here)
{
	struct str label = {0};
	int x = c->word ? 1 : 0;

	say_label(it, &label);
	grid_field(g, row, x, 0, c->label, ALIGN_LEFT,
		   c->word ? STYLE(STRONG) : it->style, str_cstr(&label));
	if (c->word)
		grid_text(g, row, x + c->label + c->gap, 0, it->style,
			  word_of(it->row));
	if (it->note == TALLY_ABSENT && 2 * c->bar + c->count > 20) {
		grid_field(g, row, runs_x(c, 0, x), 0,
			   runs_x(c, 2, x) - runs_x(c, 0, x) - c->gap,
			   ALIGN_LEFT, STYLE(DIM), "possible, never seen");
	} else {
		draw_runs(it, g, row, x, c, TALLY_PLAIN);
		draw_runs(it, g, row, x, c, TALLY_CHAOS);
	}
	draw_exact(it, g, row, x, c);
	if (here)
		grid_cursor(g, row, x, 0, false);
	str_free(&label);
}

static void draw_titles(struct grid *g, struct rect row,
			const struct columns *c)
{
	int x = c->word ? 1 : 0;

	grid_field(g, row, x, 0, c->label, ALIGN_LEFT, STYLE(DIM), "ends at");
	for (int k = 0; k < TALLY_COLUMNS; k++)
		grid_text(g, row, runs_x(c, k, x), 0, STYLE(DIM),
			  c->word ? column_name[k]
			  : k     ? "chao"
				  : "plai");
	grid_field(g, row, runs_x(c, TALLY_COLUMNS, x), 0, c->exact,
		   ALIGN_RIGHT, STYLE(DIM), c->word ? "exact" : "all");
}

static void draw_rows(const struct histogram *h, struct grid *g, struct rect r,
		      size_t first)
{
	struct columns c = columns_of(h, r.w);
	size_t n = tally_count(h->tally), room;

	if (r.h > 3)
		draw_titles(g, rect_cut_top(&r, 1), &c);
	room = r.h > 0 ? (size_t)r.h : 0;
	if (n > room && room > 1)
		room--;
	if (first + room > n)
		first = n > room ? n - room : 0;
	for (size_t i = 0; i < room && first + i < n; i++) {
		struct item it = item_of(h, first + i);

		draw_row(&it, g, rect_row(r, (int)i), &c, !i);
	}
	if (n > room && r.h > 1)
		grid_printf(g, r, 1, (int)room, STYLE(DIM),
			    "%zu to %zu of %zu outcomes (j, k)", first + 1,
			    first + room, n);
}

/* ---- the foot ---------------------------------------------------------- */

static void say_progress(const struct histogram *h, struct str *out)
{
	uint64_t runs = tally_sum(h->tally, TALLY_PLAIN).runs +
			tally_sum(h->tally, TALLY_CHAOS).runs;
	double seconds = (double)h->ms / 1000;

	str_addf(out, "%llu", (unsigned long long)runs);
	if (!histogram_is_done(h))
		str_addf(out, " of %llu",
			 (unsigned long long)(TALLY_COLUMNS * h->wanted));
	str_addf(out, " runs in %.1f s", seconds);
	if (!h->searching && !tally_is_exact(h->tally))
		str_add(out, "; too many states to know all outcomes");
	else if (h->searching)
		str_add(out, "; still searching");
	else if (histogram_is_done(h))
		str_add(out, ": measured. The schedules: all of them, counted");
}

static void draw_foot(const struct histogram *h, struct grid *g,
		      struct rect row)
{
	struct str s = {0};

	if (h->error.len) {
		str_add(&s, str_cstr(&h->error));
	} else if (h->unexplained) {
		str_addf(&s, "NOT IN THE MODEL, %llu times: %s",
			 (unsigned long long)h->unexplained,
			 str_cstr(&h->mismatch));
	} else {
		say_progress(h, &s);
	}
	grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT,
		   h->error.len     ? STYLE(WARN)
		   : h->unexplained ? STYLE(FINDING)
				    : STYLE(DIM),
		   str_cstr(&s));
	str_free(&s);
}

void histogram_paint(const struct histogram *h, struct grid *g, struct rect r,
		     size_t first)
{
	draw_head(h, g, rect_cut_top(&r, 1), r.w < NARROW ? 0 : 1);
	if (r.h >= 6) {
		draw_foot(h, g, rect_cut_bottom(&r, 1));
		rect_cut_top(&r, 1);
	}
	if (blocks_fit(h, r))
		draw_blocks(h, g, r);
	else
		draw_rows(h, g, r, first);
}
