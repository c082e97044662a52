/*
 * histogramview.c - the counted runs, drawn.
 *
 * Few outcomes get a block each, with a bar for the plain runs, one for those
 * with chaos and one for the schedules; many get a row each, with two bars side
 * by side. Shares of runs are measured and shares of schedules counted, and
 * neither is a probability of the other: the words say which is which.
 */
#include <string.h>

#include "histogram.h"
#include "threadviz/utf8.h"

enum {
	NARROW = 50,       /* columns: below it counts without bars */
	NARROW_NAMES = 32, /* and below that, names cut short */
	BAR_LEAST = 5,     /* cells */
	LABEL_MOST = 30,
	LINES = TALLY_COLUMNS + 1, /* bars of a block */
};

static const char *const line_name[TALLY_COLUMNS + 1] = {"plain", "chaos",
							 "exact"};

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

	if (row->verdict == VERDICT_NONE)
		it.style = STYLE(WARN);
	else if (row->verdict == VERDICT_OK && it.note != TALLY_UNKNOWN)
		it.style = STYLE(GOOD);
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

static struct style word_style(const struct item *it)
{
	struct style s = it->style;

	if (it->note == TALLY_UNKNOWN)
		return STYLE(FINDING);
	s.attrs = STYLE_BOLD;
	return s;
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

/* Nothing that is not 0 or all may look so. */
static void say_share(double share, bool precise, struct str *out)
{
	double least = precise ? 0.001 : 0.01;
	const char *word = precise ? "0.1 %" : "1%";

	if (share > 0 && share < least / 2)
		str_addf(out, "<%s", word);
	else if (share < 1 && share >= 1 - least / 2)
		str_add(out, precise ? ">99.9 %" : ">99%");
	else
		str_addf(out, precise ? "%.1f %%" : "%.0f%%", 100 * share);
}

/* ---- the head ---------------------------------------------------------- */

/* Shorter and shorter. */
enum head {
	HEAD_LONG, /* plain 0 of 1000 wrong, exact 4 of 6 schedules wrong */
	HEAD_SCHEDULES, /* plain 0 of 1000, exact 4 of 6 schedules */
	HEAD_PERCENT,   /* plain 0 of 1000, exact 66.7 % */
	HEAD_NAMES,     /* plain 0, exact 67% */
	HEAD_NUMBERS,   /* 0, 67% */
};

/* "4 of 6 schedules", "66.7 %" */
static void say_exact(const struct histogram *h, enum head form,
		      struct str *out)
{
	const struct tally *t = h->tally;

	if (!tally_is_exact(t)) {
		str_add(out, h->searching ? "…" : "unknown");
	} else if (form > HEAD_SCHEDULES || tally_schedules(t).infinite) {
		say_share(tally_wrong_share(t), form < HEAD_NAMES, out);
	} else {
		count_format_grouped(tally_wrong(t), out);
		str_add(out, " of ");
		count_format_grouped(tally_schedules(t), out);
		str_add(out, " schedules");
	}
	if (form == HEAD_LONG && tally_is_exact(t))
		str_add(out, " wrong");
}

static void say_runs(struct tally_sum sum, enum head form, struct str *out)
{
	str_addf(out, "%llu", (unsigned long long)sum.wrong);
	if (form < HEAD_NAMES)
		str_addf(out, " of %llu", (unsigned long long)sum.runs);
	if (form == HEAD_LONG)
		str_add(out, " wrong");
}

/* One of its three parts; `last`: as wide as it will ever be. */
static struct style say_part(const struct histogram *h, int part,
			     enum head form, bool last, struct str *out)
{
	struct tally_sum sum;

	if (form != HEAD_NUMBERS)
		str_addf(out, "%s ", line_name[part]);
	if (part == TALLY_COLUMNS) {
		say_exact(h, form, out);
		return tally_is_exact(h->tally) &&
				       tally_wrong_share(h->tally) > 0
			       ? STYLE(BAD)
			       : STYLE(GOOD);
	}
	sum = tally_sum(h->tally, (enum tally_column)part);
	sum.runs -= sum.stopped; /* they might have gone either way */
	if (last)
		sum.runs = sum.wrong = h->wanted;
	say_runs(sum, form, out);
	return sum.wrong || sum.unknown ? STYLE(BAD)
	       : sum.stopped            ? STYLE(WARN)
					: STYLE(GOOD);
}

static int head_width(const struct histogram *h, enum head form)
{
	int w = form == HEAD_LONG ? 0 : 7; /* "wrong: " */

	for (int i = 0; i <= TALLY_COLUMNS; i++) {
		struct str s = {0};

		(void)say_part(h, i, form, true, &s);
		w += utf8_width(str_cstr(&s)) + (i ? 3 : 0);
		str_free(&s);
	}
	return w;
}

static void draw_head(const struct histogram *h, struct grid *g,
		      struct rect row, int x)
{
	enum head form = HEAD_LONG;

	while (form < HEAD_NUMBERS && x + head_width(h, form) > row.w)
		form++;
	if (form != HEAD_LONG)
		x += grid_text(g, row, x, 0, STYLE(STRONG), "wrong: ");
	for (int i = 0; i <= TALLY_COLUMNS; i++) {
		struct str s = {0};
		struct style style = say_part(h, i, form, false, &s);

		style.attrs = STYLE_BOLD;
		if (i)
			x += grid_text(g, row, x, 0, STYLE(DIM), " · ");
		x += grid_text(g, row, x, 0, style, str_cstr(&s));
		str_free(&s);
	}
}

/* ---- few outcomes: a block each ---------------------------------------- */

enum { BLOCK_BAR_X = 10 };

struct block_line {
	const char *name;
	double share;
	struct str amount; /* "266 of 1000" */
};

static struct block_line runs_line(const struct item *it, enum tally_column c)
{
	struct block_line l = {
		line_name[c], share_of(it->h, c, it->row->seen[c]), {0}};

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

	grid_text(g, row, 3, 0, STYLE(TEXT), l->name);
	draw_bar(g, row, BLOCK_BAR_X, bar, l->share, s);
	grid_field(g, row, BLOCK_BAR_X + bar + 1, 0, amount, ALIGN_RIGHT,
		   STYLE(TEXT), str_cstr(&l->amount));
	str_clear(&l->amount);
	say_share(l->share, true, &l->amount);
	grid_field(g, row, BLOCK_BAR_X + bar + amount + 2, 0, 8, ALIGN_RIGHT,
		   STYLE(TEXT), str_cstr(&l->amount));
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

/* "count=1  WRONG  possible, never seen" */
static void draw_name(const struct item *it, struct grid *g, struct rect row)
{
	struct str label = {0};
	int x = 1, most = row.w - 40 > 8 ? row.w - 40 : 8;

	tally_format(it->h->tally, it->row, &label);
	if (label.len) {
		int w = utf8_width(str_cstr(&label));

		w = w < most ? w : most;
		grid_field(g, row, x, 0, w, ALIGN_LEFT, STYLE(STRONG),
			   str_cstr(&label));
		x += w + 2;
	}
	x += grid_text(g, row, x, 0, word_style(it), word_of(it->row)) + 2;
	draw_note(g, row, x, it);
	str_free(&label);
}

/* Its bars every `step` rows. */
static void draw_block(const struct item *it, struct grid *g, struct rect r,
		       int step, int amount)
{
	struct block_line l;
	int y = 1;

	draw_name(it, g, rect_row(r, 0));
	for (int c = 0; c < TALLY_COLUMNS; c++, y += step) {
		l = runs_line(it, (enum tally_column)c);
		draw_line(g, rect_row(r, y), &l, amount, it->style);
	}
	if (!tally_is_exact(it->h->tally))
		return;
	l = exact_line(it);
	draw_line(g, rect_row(r, y), &l, amount, it->style);
}

/* The widest of "1000 of 1000" and "113,280 of 113,400". */
static int amount_width(const struct histogram *h)
{
	struct str s = {0};
	int most = 4;

	for (int c = 0; c < TALLY_COLUMNS; c++) {
		str_clear(&s);
		str_addf(&s, "%llu",
			 (unsigned long long)tally_sum(h->tally,
						       (enum tally_column)c)
				 .runs);
		most = (int)s.len > most ? (int)s.len : most;
	}
	str_clear(&s);
	count_format_grouped(tally_schedules(h->tally), &s);
	if (!tally_schedules(h->tally).infinite && (int)s.len > most)
		most = (int)s.len;
	str_free(&s);
	return 2 * most + 4;
}

/* How far apart the bars of a block can be; 0: there is no room for blocks. */
static int block_step(const struct histogram *h, struct rect r)
{
	int n = (int)tally_count(h->tally);

	if (r.w < NARROW ||
	    r.w < BLOCK_BAR_X + amount_width(h) + 12 + 2 * BAR_LEAST)
		return 0;
	return n * (LINES * 2 + 2) - 2 <= r.h ? 2
	       : n * (LINES + 2) - 1 <= r.h   ? 1
					      : 0;
}

static void draw_blocks(const struct histogram *h, struct grid *g,
			struct rect r, int step)
{
	int amount = amount_width(h);

	for (size_t i = 0; i < tally_count(h->tally); i++) {
		struct item it = item_of(h, i);

		draw_block(&it, g, r, step, amount);
		rect_cut_top(&r, LINES * step + 2);
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

static int widest_word(const struct histogram *h)
{
	int most = 5;

	for (size_t i = 0; i < tally_count(h->tally); i++) {
		int w = (int)strlen(word_of(tally_row(h->tally, i)));

		most = w > most ? w : most;
	}
	return most;
}

static struct columns columns_of(const struct histogram *h, int w)
{
	struct columns c = {
		.count = w < NARROW_NAMES ? 4 : 5, .exact = 4, .gap = 1};
	int rest; /* for label and bars */

	if (w < NARROW) {
		c.label = w - 2 * c.count - c.exact - 3 * c.gap;
		return c;
	}
	c = (struct columns){.label = widest_label(h),
			     .word = widest_word(h),
			     .count = 4,
			     .exact = 7,
			     .gap = 2};
	rest = w - 2 - c.word - 2 * c.count - c.exact - 4 * c.gap;
	if (c.label > rest / 2)
		c.label = rest / 2;
	c.bar = (rest - c.label) / LINES - 1;
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
	struct str s = {0};

	x = runs_x(c, TALLY_COLUMNS, x);
	if (c->bar && it->row->possible) {
		draw_bar(g, row, x, c->bar, tally_share(it->h->tally, it->row),
			 it->style);
	}
	x += c->bar + (c->bar > 0);
	if (it->note == TALLY_UNKNOWN)
		str_add(&s, c->word ? "UNKNOWN" : "NEW!");
	else if (it->row->possible)
		say_share(tally_share(it->h->tally, it->row), c->word > 0, &s);
	else
		str_add(&s, "-");
	grid_field(g, row, x, 0, c->exact, ALIGN_RIGHT,
		   it->note == TALLY_UNKNOWN ? STYLE(FINDING) : STYLE(TEXT),
		   str_cstr(&s));
	str_free(&s);
}

static void draw_row(const struct item *it, struct grid *g, struct rect row,
		     const struct columns *c, bool here)
{
	struct str label = {0};
	int x = c->word ? 1 : 0;

	say_label(it, &label);
	grid_field(g, row, x, 0, c->label, ALIGN_LEFT,
		   c->word ? STYLE(STRONG) : word_style(it), str_cstr(&label));
	if (c->word)
		grid_text(g, row, x + c->label + c->gap, 0, word_style(it),
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
		grid_field(g, row, runs_x(c, k, x), 0, c->bar + c->count,
			   c->word ? ALIGN_LEFT : ALIGN_RIGHT, STYLE(DIM),
			   line_name[k]);
	grid_text(g, row, runs_x(c, TALLY_COLUMNS, x), 0, STYLE(DIM),
		  c->word ? line_name[TALLY_COLUMNS] : " all");
}

static void draw_rows(const struct histogram *h, struct grid *g, struct rect r,
		      size_t first)
{
	struct columns c = columns_of(h, r.w);
	size_t n = tally_count(h->tally), room;
	int pitch;

	if (r.h > 3)
		draw_titles(g, rect_cut_top(&r, 1), &c);
	room = r.h > 0 ? (size_t)r.h : 0;
	pitch = 2 * n <= room ? 2 : 1;
	if (n > room && room > 1)
		room--;
	if (first + room > n)
		first = n > room ? n - room : 0;
	for (size_t i = 0; i < room && first + i < n; i++) {
		struct item it = item_of(h, first + i);

		draw_row(&it, g, rect_row(r, (int)i * pitch), &c, !i);
	}
	if (n > room && r.h > 1)
		grid_printf(g, r, 1, (int)room, STYLE(DIM),
			    "%zu to %zu of %zu outcomes (j, k)", first + 1,
			    first + room, n);
}

/* ---- the foot ---------------------------------------------------------- */

static void say_progress(const struct histogram *h, bool longer,
			 struct str *out)
{
	uint64_t runs = tally_sum(h->tally, TALLY_PLAIN).runs +
			tally_sum(h->tally, TALLY_CHAOS).runs;
	uint64_t all = TALLY_COLUMNS * h->wanted;
	uint64_t cut = h->cut[TALLY_PLAIN] + h->cut[TALLY_CHAOS];
	double seconds = (double)h->ms / 1000;

	str_addf(out, "%llu", (unsigned long long)runs);
	if (!histogram_is_done(h))
		str_addf(out, " of %llu", (unsigned long long)all);
	str_addf(out, " runs in %.1f s", seconds);
	if (cut)
		str_addf(out, ", %llu stopped after %d s",
			 (unsigned long long)cut, HISTOGRAM_SECONDS);
	if (!h->searching && !tally_is_exact(h->tally))
		str_add(out, "; too many states to know all outcomes");
	else if (h->searching)
		str_add(out, "; still searching");
	else if (histogram_is_done(h) && longer)
		str_add(out, "; runs are measured, schedules all counted");
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
		say_progress(h, row.w >= NARROW, &s);
	}
	grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT,
		   h->error.len     ? STYLE(WARN)
		   : h->unexplained ? STYLE(FINDING)
				    : STYLE(DIM),
		   str_cstr(&s));
	str_free(&s);
}

static void draw_legend(struct grid *g, struct rect row)
{
	grid_field(g, row, 1, 0, row.w - 2, ALIGN_LEFT, STYLE(DIM),
		   "plain: left alone · chaos: with random pauses · "
		   "exact: of all schedules");
}

void histogram_paint(const struct histogram *h, struct grid *g, struct rect r,
		     size_t first)
{
	int step;

	draw_head(h, g, rect_cut_top(&r, 1), r.w < NARROW ? 0 : 1);
	if (r.h >= 6) {
		draw_foot(h, g, rect_cut_bottom(&r, 1));
		rect_cut_top(&r, 1);
	}
	if (r.h >= 12 && r.w >= NARROW)
		draw_legend(g, rect_cut_bottom(&r, 1));
	step = block_step(h, r);
	if (step)
		draw_blocks(h, g, r, step);
	else
		draw_rows(h, g, r, first);
}
