/*
 * svg.c - the lanes as a picture for slides.
 *
 * Time runs to the right; each thread is a lane whose colour is its state,
 * with its operations as boxes on it, in a free run as ticks; each lock and
 * each region for one is a thinner lane in the colour of who has it, each
 * variable a row of its values. Arrows are hand-overs, red frames the events of
 * the first finding, whose sentences stand below.
 * Everything says more under the pointer (<title>). Colours are classes, set
 * for a light page and, by a media query, for a dark one, from the same theme
 * as the screen's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "svg.h"
#include "threadviz/export.h"
#include "threadviz/utf8.h"

enum {
	SENTENCE = 18, /* px from line to line below */
	ROOMY = 120,   /* px of a step, for whole words */
	WIDE = 72,     /* px of a step, if there is room */
	NARROW = 6,
	LENGTH = 4000, /* px of a long run */
	PAGE = 1400,   /* px of a free run, and of a roomy one */
	VALUES = 8,    /* rows of them, at most */
	SUBTITLE = 80, /* letters of it, at most */
	TEXT_WIDTH = (FINDING_LINE + 2) * SVG_LETTER, /* px of a sentence */
	MARKS = 90, /* px from mark to mark of the axis, at least */
};

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* ---- colours ----------------------------------------------------------- */

static void add_colour(struct str *out, const char *selector, enum theme theme,
		       struct style style)
{
	struct look look = theme_look(theme, style);
	uint32_t fallback = theme == THEME_DARK ? 0xd0d0d0 : 0x202020;

	str_addf(out, "%s{fill:#%06x}", selector,
		 look.fg == COLOUR_DEFAULT ? fallback : colour_rgb(look.fg));
}

static void add_colours(struct str *out, enum theme theme)
{
	bool dark = theme == THEME_DARK;

	for (unsigned t = 0; t < THEME_THREADS; t++) {
		char selector[8];

		snprintf(selector, sizeof selector, ".t%u", t);
		add_colour(out, selector, theme, style_thread(t));
	}
	add_colour(out, ".blocked", theme, STYLE(BLOCKED));
	add_colour(out, ".asleep", theme, STYLE(ASLEEP));
	add_colour(out, ".ready", theme, STYLE(DIM));
	add_colour(out, ".dim", theme, STYLE(DIM));
	add_colour(out, "text", theme, STYLE(TEXT));
	str_addf(out,
		 ".page{fill:#%06x}.on{fill:#%06x}"
		 ".arrow{stroke:#%06x}.rule{stroke:#%06x}"
		 ".same{stroke:#%06x;stroke-dasharray:1 4}.wrong{fill:#%06x}",
		 dark ? 0x1e1e1e : 0xffffff, dark ? 0 : 0xffffff,
		 dark ? 0xa0a0a0 : 0x606060, dark ? 0x404040 : 0xd8d8d8,
		 dark ? 0x808080 : 0x909090, dark ? 0xff5f5f : 0xd70000);
}

static void add_style(struct str *out)
{
	str_add(out, "<style>\n"
		     "text{font:12px 'DejaVu Sans Mono',Menlo,Consolas,"
		     "monospace}.small{font-size:11px}.name{font-weight:bold}"
		     ".head{font-size:15px;font-weight:bold}"
		     "rect.ready{opacity:.5}"
		     "rect.blocked,rect.asleep{opacity:.3}"
		     ".tick{opacity:.55}.wrong{font-weight:bold}"
		     ".arrow{stroke-width:1.2;fill:none;opacity:.7}"
		     ".found{stroke:#d70000;stroke-width:2.5;fill:none}\n");
	add_colours(out, THEME_LIGHT);
	str_add(out, "\n@media (prefers-color-scheme:dark){");
	add_colours(out, THEME_DARK);
	str_add(out, "}\n</style>\n");
}

/* ---- the axis ---------------------------------------------------------- */

/* 1, 2, 5, 10, 20 ... such that there is room between marks. */
static uint64_t tick(const struct svg *g)
{
	static const uint64_t factors[] = {2, 5, 10};
	uint64_t unit = g->story->free ? 1 : 1000, decade = unit;
	size_t k = 0;

	while ((double)unit * g->scale < (g->story->free ? MARKS : 30)) {
		unit = decade * factors[k];
		if (++k == 3) {
			k = 0;
			decade = unit;
		}
	}
	return unit;
}

/* In the unit of the marks' distance: "500 µs", "1.5 ms". */
static void say_time(uint64_t at, uint64_t unit, char *text, size_t size)
{
	static const char *const names[] = {"ns", "µs", "ms", "s"};
	double value = (double)at;
	int k = 0;

	for (; unit >= 1000 && k < 3; k++) {
		unit /= 1000;
		value /= 1000;
	}
	if (value >= 1000 && k < 3)
		snprintf(text, size, "%.4g %s", value / 1000, names[k + 1]);
	else
		snprintf(text, size, "%.4g %s", value, names[k]);
}

/* A step's number stands over its box, a time at its moment. */
static void add_axis(struct svg *g, int height)
{
	bool free = g->story->free;
	uint64_t unit = tick(g), steps = g->story->run->steps;
	uint64_t end = free ? g->story->length : steps * 1000;
	uint64_t first = (g->from + unit - 1) / unit * unit;

	for (uint64_t at = free ? first : unit; at <= end; at += unit) {
		uint64_t begin = free ? at : at - 1000;
		char text[32];

		if (free)
			say_time(at, unit, text, sizeof text);
		else
			snprintf(text, sizeof text, "%llu",
				 (unsigned long long)at / 1000);
		str_addf(g->out, "<path class=\"rule\" d=\"M%.1f %dV%d\"/>\n",
			 svg_x(g, begin), SVG_TOP - 10, height);
		svg_text(g, svg_x(g, begin) + 3, SVG_TOP - 12, "small dim",
			 text);
	}
}

/* ---- the whole --------------------------------------------------------- */

/* Before the first operation of a free run there is only its start-up. */
static uint64_t first_moment(const struct story *s)
{
	uint64_t first = 0;

	for (size_t i = 0; i < s->run->event_count && s->free && !first; i++)
		if (!event_is_mark(&s->run->events[i]))
			first = s->begin[i];
	return first - (s->length - first < 20 * first
				? (s->length - first) / 20
				: first);
}

static void choose_scale(struct svg *g)
{
	const struct story *s = g->story;
	double length = s->length > g->from ? (double)(s->length - g->from) : 1;
	double wide = length / 1000 * ROOMY;
	double narrow = s->free ? 0 : length / 1000 * NARROW;

	if (wide > PAGE)
		wide = length / 1000 * WIDE;
	if (s->free)
		wide = PAGE;
	if (wide > LENGTH)
		wide = narrow > LENGTH ? narrow : LENGTH;
	if (narrow > 10 * LENGTH)
		wide = 10 * LENGTH;
	g->scale = wide / length;
}

static bool is_variable(const struct story *s, place_id place)
{
	int32_t index;

	return place < s->region_base &&
	       s->run->program->objects.data[story_object(s, place, &index)]
			       .kind == OBJECT_VAR;
}

/* Regions, then locks, then as many variables as there is room for. */
static void number_rows(struct svg *g)
{
	const struct story *s = g->story;

	g->row = xcalloc(s->places + 1, sizeof *g->row);
	for (place_id i = 0; i < s->places; i++)
		g->row[i] = SVG_NO_ROW;
	for (place_id i = s->region_base; i < s->places; i++)
		if (story_is_owned(s, i))
			g->row[i] = g->rows++;
	for (place_id i = 0; i < s->region_base; i++)
		if (story_is_owned(s, i))
			g->row[i] = g->rows++;
	for (place_id i = 0; i < s->region_base; i++)
		if (is_variable(s, i) && g->values++ < VALUES)
			g->row[i] = g->rows++;
}

static int name_width(const struct svg *g)
{
	const struct program *p = g->story->run->program;
	int most = 0;

	for (size_t t = 0; t < p->threads.count; t++)
		most = max(most, utf8_width(p->threads.data[t].name));
	for (place_id i = 0; i < g->story->places; i++) {
		struct str name = {0};

		if (g->row[i] == SVG_NO_ROW)
			continue;
		story_place(g->story, i, &name);
		most = max(most, utf8_width(str_cstr(&name)));
		str_free(&name);
	}
	return most * (SVG_LETTER + 1);
}

static void add_names(struct svg *g)
{
	const struct story *s = g->story;
	const struct program *p = s->run->program;

	svg_text(g, SVG_EDGE, 22, "head", p->title);
	for (size_t t = 0; t < p->threads.count; t++) {
		char class[16];

		snprintf(class, sizeof class, "name t%zu", t % THEME_THREADS);
		svg_text(g, SVG_EDGE, svg_thread_y((thread_id)t) + 15, class,
			 p->threads.data[t].name);
	}
	for (place_id i = 0; i < s->places; i++) {
		struct str name = {0};

		if (g->row[i] == SVG_NO_ROW)
			continue;
		story_place(s, i, &name);
		svg_text(g, SVG_EDGE, svg_row_y(g, i) + 14, "small",
			 str_cstr(&name));
		str_free(&name);
	}
}

/* ---- what was found ---------------------------------------------------- */

/* The gravest; of several such the first. */
static const struct finding *main_finding(const struct recording *r)
{
	const struct finding *best = NULL;

	for (size_t i = 0; i < r->finding_count; i++)
		if (!best || finding_info[r->findings[i].kind].severity >
				     finding_info[best->kind].severity)
			best = &r->findings[i];
	return best;
}

/* Frames around the two events that matter, with the sentences. */
static void add_finding(struct svg *g, const struct finding *f)
{
	const struct story *s = g->story;
	struct str tip = {0};

	str_addf(&tip, "%s\n%s\n%s", finding_info[f->kind].title, f->what,
		 f->why);
	for (int k = 0; k < 2; k++) {
		size_t i = f->events[k];

		if (i >= s->run->event_count ||
		    s->run->events[i].thread == THREAD_NONE)
			continue;
		svg_box(g, s->begin[i], s->end[i],
			svg_thread_y(s->run->events[i].thread) - 2, SVG_BOX + 4,
			"found", str_cstr(&tip));
	}
	str_free(&tip);
}

/* Draws the lines of a sentence, or only counts them (y 0); how many. */
static int add_lines(struct svg *g, int y, const char *class, const char *text)
{
	int n = 0;

	for (; *text; n++) {
		size_t len = strcspn(text, "\n");
		struct str line = {0};

		str_addn(&line, text, len);
		if (y)
			svg_text(g, SVG_EDGE, y + n * SENTENCE, class,
				 str_cstr(&line));
		str_free(&line);
		text += len + (text[len] == '\n');
	}
	return n;
}

/* The same for all it says. */
static int add_words(struct svg *g, const struct finding *f, int y)
{
	int n = 0;

	n += add_lines(g, y, "wrong", finding_info[f->kind].title);
	n += add_lines(g, y ? y + n * SENTENCE : 0, "", f->what);
	n += add_lines(g, y ? y + n * SENTENCE : 0, "", f->why);
	return n;
}

/* What the run was: its steps or its time. */
static void add_subtitle(struct svg *g)
{
	const struct story *s = g->story;
	struct str text = {0};

	if (s->free) {
		char length[32];

		say_time(s->length, s->length, length, sizeof length);
		str_addf(&text, "free run, %s", length);
	} else {
		str_add(&text, "schedule ");
		schedule_format(s->run->program, s->run->schedule,
				s->run->steps, &text);
	}
	if (text.len >= SUBTITLE)
		str_clear(&text);
	str_addf(&text, "%s%s", text.len ? ": " : "", story_verdict(s->run));
	svg_text(g, SVG_EDGE, 40, "small dim", str_cstr(&text));
	str_free(&text);
}

static void begin_svg(struct svg *g, int width, int height)
{
	str_addf(g->out,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		 "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n",
		 width, height, width, height);
	svg_title(g, g->story->run->program->title);
	add_style(g->out);
	str_add(g->out,
		"<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" "
		"refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" "
		"orient=\"auto\"><path class=\"dim\" d=\"M0 0L8 4L0 8z\"/>"
		"</marker></defs>\n"
		"<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n");
}

void export_svg(const struct recording *r, struct str *out)
{
	struct story s;
	struct svg g = {.story = &s, .out = out};
	const struct finding *f = main_finding(r);
	int width, bottom, lines;

	story_init(&s, r);
	number_rows(&g);
	g.left = SVG_EDGE + name_width(&g) + SVG_LETTER +
		 (g.values ? SVG_INITIAL : 0);
	g.from = first_moment(&s);
	choose_scale(&g);
	lines = f ? add_words(&g, f, 0) : 0;
	width = max((int)svg_x(&g, s.length), SVG_EDGE + TEXT_WIDTH) + 40;
	bottom = svg_rows_y(&g) + SVG_THIN * (int)g.rows + 8;
	begin_svg(&g, width, bottom + lines * SENTENCE + 8);
	add_subtitle(&g);
	add_axis(&g, bottom - 6);
	add_names(&g);
	svg_lanes(&g);
	if (f) {
		add_finding(&g, f);
		add_words(&g, f, bottom + 12);
	}
	str_add(out, "</svg>\n");
	free(g.row);
	story_fini(&s);
}
