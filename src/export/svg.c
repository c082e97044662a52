/*
 * svg.c - the lanes as a picture for slides.
 *
 * Time runs to the right; each thread is a lane whose colour is its state,
 * with its operations as boxes on it, each lock a thinner lane in the colour
 * of who has it. Arrows are hand-overs, red frames the events of a finding.
 * Everything says more under the pointer (<title>). Colours are classes, set
 * for a light page and, by a media query, for a dark one, from the same theme
 * as the screen's.
 */
#include <stdio.h>
#include <stdlib.h>

#include "story.h"
#include "threadviz/export.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "xml.h"

enum {
	LEFT = 96, /* px for names */
	TOP = 52,
	LANE = 34, /* px from thread to thread */
	BOX = 22,  /* height of a thread's boxes */
	THIN = 18, /* px from lock to lock */
	WIDE = 72, /* px of a step, if there is room */
	NARROW = 6,
	LENGTH = 4000, /* px of a long run */
	LETTER = 7,    /* px of a letter in a box */
};

/* px: what is narrower cannot be seen, a very long run is full of it. */
#define VISIBLE 0.2

struct picture {
	const struct story *story;
	struct str *out;
	double scale; /* px of a ns */
	size_t locks; /* lanes */
	size_t *lane; /* by place: of a lock */
	double drawn[LIMIT_THREADS]; /* px: the last one too narrow to see */
};

static double x_of(const struct picture *g, uint64_t at)
{
	return LEFT + (double)at * g->scale;
}

static int thread_y(thread_id t)
{
	return TOP + LANE * t;
}

static int lock_y(const struct picture *g, place_id place)
{
	return TOP + LANE * (int)g->story->run->program->threads.count + 14 +
	       THIN * (int)g->lane[place];
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
		 ".arrow{stroke:#%06x}.rule{stroke:#%06x}",
		 dark ? 0x1e1e1e : 0xffffff, dark ? 0 : 0xffffff,
		 dark ? 0xa0a0a0 : 0x606060, dark ? 0x404040 : 0xd8d8d8);
}

static void add_style(struct str *out)
{
	str_add(out, "<style>\n"
		     "text{font:12px 'DejaVu Sans Mono',Menlo,Consolas,"
		     "monospace}.small{font-size:11px}"
		     ".ready,.blocked,.asleep{opacity:.35}"
		     ".arrow{stroke-width:1.2;fill:none;opacity:.7}"
		     ".found{stroke:#d70000;stroke-width:2.5;fill:none}\n");
	add_colours(out, THEME_LIGHT);
	str_add(out, "\n@media (prefers-color-scheme:dark){");
	add_colours(out, THEME_DARK);
	str_add(out, "}\n</style>\n");
}

/* ---- pieces ------------------------------------------------------------ */

static void add_title(struct picture *g, const char *text)
{
	str_add(g->out, "<title>");
	xml_add(g->out, text);
	str_add(g->out, "</title>");
}

static void add_text(struct picture *g, double x, int y, const char *class,
		     const char *text)
{
	str_addf(g->out, "<text x=\"%.1f\" y=\"%d\" class=\"%s\">", x, y,
		 class);
	xml_add(g->out, text);
	str_add(g->out, "</text>\n");
}

/* A rectangle that says something under the pointer. */
static void add_box(struct picture *g, uint64_t from, uint64_t to, int y, int h,
		    const char *class, const char *tip)
{
	double width = (double)(to - from) * g->scale;

	if (width < VISIBLE)
		return;
	str_addf(g->out,
		 "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
		 "class=\"%s\">",
		 x_of(g, from), y, width < 1 ? 1 : width, h, class);
	add_title(g, tip);
	str_add(g->out, "</rect>\n");
}

static void add_state(struct picture *g, const struct stretch *x)
{
	struct str tip = {0};

	if (x->state == STATE_IDLE || x->state == STATE_RUNNING)
		return;
	str_addf(&tip, "%s: ",
		 program_thread_name(g->story->run->program, x->thread));
	story_state(g->story, x, &tip);
	add_box(g, x->from, x->to, thread_y(x->thread) + BOX / 2 - 3, 6,
		state_name[x->state], str_cstr(&tip));
	str_free(&tip);
}

/* The longest label that fits in so many pixels, "" if none. */
static void fitting_label(const struct program *p, const struct event *e,
			  double width, struct str *out)
{
	for (int length = LABEL_LONG; length < LABEL_LENGTHS; length++) {
		str_clear(out);
		event_format(p, e, (enum label_length)length, out);
		if (utf8_width(str_cstr(out)) * LETTER + 6 <= width)
			return;
	}
	str_clear(out);
}

static void operation_tip(const struct picture *g, const struct event *e,
			  struct str *out)
{
	const struct program *p = g->story->run->program;
	const char *line = program_line(p, p->code.data[e->pc].line);

	str_addf(out, "step %u: %s: ", e->step,
		 program_thread_name(p, e->thread));
	event_format(p, e, LABEL_LONG, out);
	str_add(out, "\n");
	event_place(p, e, out);
	str_addf(out, "  %s", line);
}

/* Of operations too narrow to be seen, one a pixel is drawn. */
static bool may_stand_for_others(struct picture *g, thread_id t, size_t i)
{
	double x = x_of(g, g->story->begin[i]);

	if (x < g->drawn[t] + 1)
		return false;
	g->drawn[t] = x;
	return true;
}

static void add_operation(struct picture *g, size_t i)
{
	const struct story *s = g->story;
	const struct event *e = &s->run->events[i];
	double width = (double)(s->end[i] - s->begin[i]) * g->scale;
	int y = thread_y(e->thread);
	struct str text = {0};
	char class[8];

	if (width < VISIBLE && !may_stand_for_others(g, e->thread, i))
		return;
	snprintf(class, sizeof class, "t%u", e->thread % THEME_THREADS);
	operation_tip(g, e, &text);
	str_add(g->out, "<g>");
	add_title(g, str_cstr(&text));
	str_addf(g->out,
		 "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
		 "rx=\"2\" class=\"%s\"/>",
		 x_of(g, s->begin[i]) + .5, y, width < 2 ? 1 : width - 1, BOX,
		 class);
	fitting_label(s->run->program, e, width, &text);
	if (text.len)
		add_text(g, x_of(g, s->begin[i]) + 4, y + 15, "on small",
			 str_cstr(&text));
	str_add(g->out, "</g>\n");
	str_free(&text);
}

static void add_hold(struct picture *g, const struct hold *h)
{
	struct str tip = {0};
	char class[8];

	snprintf(class, sizeof class, "t%u", h->thread % THEME_THREADS);
	story_place(g->story, h->place, &tip);
	str_add(&tip, ": ");
	story_holder(g->story, h, &tip);
	add_box(g, h->from, h->to, lock_y(g, h->place), THIN - 6, class,
		str_cstr(&tip));
	str_free(&tip);
}

static void add_arrow(struct picture *g, const struct arrow *a)
{
	const struct story *s = g->story;
	const struct event *from = &s->run->events[a->from];
	const struct event *to = &s->run->events[a->to];
	bool down = to->thread > from->thread;
	double x1 = x_of(g, s->end[a->from]), x2 = x_of(g, s->begin[a->to]);
	int y1 = thread_y(from->thread) + (down ? BOX : 0);
	int y2 = thread_y(to->thread) + (down ? 0 : BOX);

	str_addf(g->out,
		 "<path class=\"arrow\" marker-end=\"url(#head)\" "
		 "d=\"M%.1f %dC%.1f %d %.1f %d %.1f %d\"/>\n",
		 x1, y1, x1 + 8, (y1 + y2) / 2, x2 - 8, (y1 + y2) / 2, x2 + 2,
		 y2);
}

/* Frames around the two events that matter, with the sentences. */
static void add_finding(struct picture *g, const struct finding *f)
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
		add_box(g, s->begin[i], s->end[i],
			thread_y(s->run->events[i].thread) - 2, BOX + 4,
			"found", str_cstr(&tip));
	}
	str_free(&tip);
}

/* ---- the axis ---------------------------------------------------------- */

/* 1, 2, 5, 10, 20 ... such that marks are some 60 px apart. */
static uint64_t tick(const struct picture *g)
{
	static const uint64_t factors[] = {2, 5, 10};
	uint64_t unit = g->story->free ? 1 : 1000, decade = unit;
	size_t k = 0;

	while ((double)unit * g->scale < 60) {
		unit = decade * factors[k];
		if (++k == 3) {
			k = 0;
			decade = unit;
		}
	}
	return unit;
}

static void add_axis(struct picture *g, int height)
{
	uint64_t unit = tick(g);

	for (uint64_t at = 0; at <= g->story->length; at += unit) {
		char text[32];

		if (g->story->free)
			snprintf(text, sizeof text, "%.3f us",
				 (double)at / 1000);
		else
			snprintf(text, sizeof text, "%llu",
				 (unsigned long long)at / 1000);
		str_addf(g->out, "<path class=\"rule\" d=\"M%.1f %dV%d\"/>\n",
			 x_of(g, at), TOP - 8, height);
		add_text(g, x_of(g, at) + 2, TOP - 10, "small dim", text);
	}
}

/* ---- the whole --------------------------------------------------------- */

static void choose_scale(struct picture *g)
{
	const struct story *s = g->story;
	double length = s->length ? (double)s->length : 1;
	double wide = s->free ? 1400 : length / 1000 * WIDE;
	double narrow = s->free ? 0 : length / 1000 * NARROW;

	if (wide > LENGTH)
		wide = narrow > LENGTH ? narrow : LENGTH;
	if (narrow > 10 * LENGTH)
		wide = 10 * LENGTH;
	g->scale = wide / length;
}

static void number_locks(struct picture *g)
{
	const struct story *s = g->story;
	size_t places = s->base[s->run->program->objects.count];

	g->lane = xcalloc(places + 1, sizeof *g->lane);
	for (place_id i = 0; i < places; i++)
		if (story_is_lock(s, i))
			g->lane[i] = g->locks++;
}

static void add_names(struct picture *g)
{
	const struct story *s = g->story;
	const struct program *p = s->run->program;

	add_text(g, 8, 20, "", p->title);
	for (size_t t = 0; t < p->threads.count; t++) {
		char class[8];

		snprintf(class, sizeof class, "t%zu", t % THEME_THREADS);
		add_text(g, 8, thread_y((thread_id)t) + 15, class,
			 p->threads.data[t].name);
	}
	for (place_id i = 0; i < s->base[p->objects.count]; i++) {
		struct str name = {0};

		if (!story_is_lock(s, i))
			continue;
		story_place(s, i, &name);
		add_text(g, 8, lock_y(g, i) + 10, "small", str_cstr(&name));
		str_free(&name);
	}
}

static void add_lanes(struct picture *g)
{
	const struct story *s = g->story;

	for (size_t i = 0; i < s->stretches.len; i++)
		add_state(g, &s->stretches.data[i]);
	for (size_t i = 0; i < s->run->event_count; i++)
		if (!event_is_mark(&s->run->events[i]))
			add_operation(g, i);
	for (size_t i = 0; i < s->holds.len; i++)
		add_hold(g, &s->holds.data[i]);
	for (size_t i = 0; i < s->arrows.len; i++)
		add_arrow(g, &s->arrows.data[i]);
	for (size_t i = 0; i < s->run->finding_count; i++)
		add_finding(g, &s->run->findings[i]);
}

void export_svg(const struct recording *r, struct str *out)
{
	struct story s;
	struct picture g = {.story = &s, .out = out};
	int width, height;

	story_init(&s, r);
	number_locks(&g);
	choose_scale(&g);
	width = (int)x_of(&g, s.length) + 24;
	height = TOP + LANE * (int)r->program->threads.count + 20 +
		 THIN * (int)g.locks;
	str_addf(out,
		 "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
		 "height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n",
		 width, height, width, height);
	add_title(&g, r->program->title);
	add_style(out);
	str_add(out, "<defs><marker id=\"head\" viewBox=\"0 0 8 8\" refX=\"7\" "
		     "refY=\"4\" markerWidth=\"6\" markerHeight=\"6\" "
		     "orient=\"auto\"><path class=\"dim\" d=\"M0 0L8 4L0 8z\"/>"
		     "</marker></defs>\n"
		     "<rect class=\"page\" width=\"100%\" height=\"100%\"/>\n");
	add_axis(&g, height);
	add_names(&g);
	add_lanes(&g);
	str_add(out, "</svg>\n");
	free(g.lane);
	story_fini(&s);
}
