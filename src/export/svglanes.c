/*
 * svglanes.c - lanes and rows of a picture: states, operations, holds, values.
 *
 * A state is a bar on its thread's lane: high while it runs, flat while it
 * waits, a line while it is ready. An operation is a box on it, with the
 * longest label that fits, or, in a free run, a tick. Where a free run is too
 * dense to be seen one thing a pixel is drawn.
 */
#include <math.h>
#include <stdio.h>

#include "svg.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "xml.h"

enum { BAR = 14 }; /* px: height of a wait */

/* px: what is narrower cannot be seen, a very long run is full of it. */
#define VISIBLE 0.2

double svg_x(const struct svg *g, uint64_t at)
{
	return g->left + (at < g->from ? 0 : (double)(at - g->from) * g->scale);
}

int svg_thread_y(thread_id t)
{
	return SVG_TOP + SVG_LANE * t;
}

int svg_rows_y(const struct svg *g)
{
	return SVG_TOP + SVG_LANE * (int)g->story->run->program->threads.count +
	       6;
}

int svg_row_y(const struct svg *g, place_id place)
{
	return svg_rows_y(g) + SVG_THIN * (int)g->row[place];
}

/* ---- pieces ------------------------------------------------------------ */

void svg_title(struct svg *g, const char *text)
{
	str_add(g->out, "<title>");
	xml_add(g->out, text);
	str_add(g->out, "</title>");
}

void svg_text(struct svg *g, double x, int y, const char *class,
	      const char *text)
{
	str_addf(g->out, "<text x=\"%.1f\" y=\"%d\" class=\"%s\">", x, y,
		 class);
	xml_add(g->out, text);
	str_add(g->out, "</text>\n");
}

/* A rectangle that says something under the pointer. */
void svg_box(struct svg *g, uint64_t from, uint64_t to, int y, int h,
	     const char *class, const char *tip)
{
	double width = svg_x(g, to) - svg_x(g, from);

	if (width < VISIBLE)
		return;
	str_addf(g->out,
		 "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
		 "class=\"%s\">",
		 svg_x(g, from), y, width < 1 ? 1 : width, h, class);
	svg_title(g, tip);
	str_add(g->out, "</rect>\n");
}

static int state_height(enum state state)
{
	return state == STATE_READY     ? 2
	       : state == STATE_RUNNING ? SVG_BOX
					: BAR;
}

/* Steps are boxes of their own; only a free run runs between its records. */
static void add_state(struct svg *g, const struct stretch *x)
{
	double width = svg_x(g, x->to) - svg_x(g, x->from);
	int y = svg_thread_y(x->thread), h = state_height(x->state);
	struct str tip = {0}, text = {0};
	char class[8];

	if (x->state == STATE_IDLE ||
	    (x->state == STATE_RUNNING && !g->story->free))
		return;
	str_addf(&tip, "%s: ",
		 program_thread_name(g->story->run->program, x->thread));
	story_state(g->story, x, &tip);
	snprintf(class, sizeof class, "t%d", x->thread % THEME_THREADS);
	svg_box(g, x->from, x->to, y + (SVG_BOX - h) / 2, h,
		x->state == STATE_RUNNING ? class : state_name[x->state],
		str_cstr(&tip));
	story_state(g->story, x, &text);
	if (x->place != PLACE_NONE &&
	    utf8_width(str_cstr(&text)) * SVG_LETTER + 6 <= width)
		svg_text(g, svg_x(g, x->from) + 4, y + 15, "small",
			 str_cstr(&text));
	str_free(&text);
	str_free(&tip);
}

/* The longest label that fits in so many pixels, "" if none. */
static void fitting_label(const struct program *p, const struct event *e,
			  double width, struct str *out)
{
	for (int length = LABEL_LONG; length < LABEL_LENGTHS; length++) {
		str_clear(out);
		event_format(p, e, (enum label_length)length, out);
		if (utf8_width(str_cstr(out)) * SVG_LETTER + 6 <= width)
			return;
	}
	str_clear(out);
}

static void operation_tip(const struct svg *g, const struct event *e,
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
static bool may_stand_for_others(struct svg *g, thread_id t, size_t i)
{
	double x = svg_x(g, g->story->begin[i]);

	if (x < g->drawn[t] + 1)
		return false;
	g->drawn[t] = x;
	return true;
}

/* A moment of a free run: a tick on the bar of the running thread. */
static void add_tick(struct svg *g, size_t i, const char *tip)
{
	const struct event *e = &g->story->run->events[i];

	str_addf(g->out,
		 "<rect x=\"%.1f\" y=\"%d\" width=\"1\" height=\"%d\" "
		 "class=\"on tick\">",
		 svg_x(g, g->story->begin[i]),
		 svg_thread_y(e->thread) + SVG_BOX - 7, 7);
	svg_title(g, tip);
	str_add(g->out, "</rect>\n");
}

static void add_operation(struct svg *g, size_t i)
{
	const struct story *s = g->story;
	const struct event *e = &s->run->events[i];
	double width = (double)(s->end[i] - s->begin[i]) * g->scale;
	int y = svg_thread_y(e->thread);
	struct str text = {0};
	char class[8];

	if (width < VISIBLE && !may_stand_for_others(g, e->thread, i))
		return;
	snprintf(class, sizeof class, "t%d", e->thread % THEME_THREADS);
	operation_tip(g, e, &text);
	if (s->free) {
		add_tick(g, i, str_cstr(&text));
		str_free(&text);
		return;
	}
	str_add(g->out, "<g>");
	svg_title(g, str_cstr(&text));
	str_addf(g->out,
		 "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" "
		 "rx=\"2\" class=\"%s\"/>",
		 svg_x(g, s->begin[i]) + .5, y, width < 2 ? 1 : width - 1,
		 SVG_BOX, class);
	fitting_label(s->run->program, e, width, &text);
	if (text.len)
		svg_text(g, svg_x(g, s->begin[i]) + 4, y + 15, "on small",
			 str_cstr(&text));
	str_add(g->out, "</g>\n");
	str_free(&text);
}

static void add_hold(struct svg *g, const struct hold *h)
{
	struct str tip = {0};
	char class[8];

	snprintf(class, sizeof class, "t%d", h->thread % THEME_THREADS);
	story_place(g->story, h->place, &tip);
	str_add(&tip, ": ");
	story_holder(g->story, h, &tip);
	svg_box(g, h->from, h->to, svg_row_y(g, h->place) + 3, SVG_THIN - 8,
		class, str_cstr(&tip));
	str_free(&tip);
}

/* ---- values ------------------------------------------------------------ */

static void add_value(struct svg *g, double x, int y, int32_t value,
		      const char *class)
{
	char text[16];

	snprintf(text, sizeof text, "%d", value);
	svg_text(g, x, y + 14, class, text);
}

/* A value where it begins, dots as long as it stays; in a crowd some, and the
 * last one. */
static void add_values(struct svg *g, place_id place)
{
	const struct story *s = g->story;
	const struct program *p = s->run->program;
	int y = svg_row_y(g, place);
	int32_t index;
	object_id id = story_object(s, place, &index);
	const struct event *hidden = NULL;
	double free = g->left;

	str_addf(g->out, "<path class=\"same\" d=\"M%d %dH%.1f\"/>\n", g->left,
		 y + 10, svg_x(g, s->length));
	if (p->objects.data[id].init)
		add_value(g, g->left - SVG_INITIAL, y,
			  p->objects.data[id].init[index], "dim");
	for (size_t i = 0; i < s->run->event_count; i++) {
		const struct event *e = &s->run->events[i];

		if (e->object != id || e->index != index || !story_sets(p, e))
			continue;
		hidden = svg_x(g, s->begin[i]) < free ? e : NULL;
		if (hidden)
			continue;
		add_value(g, svg_x(g, s->begin[i]), y, e->value, "name");
		free = svg_x(g, s->begin[i]) + 5 * SVG_LETTER;
	}
	if (hidden)
		add_value(g, fmax(free, svg_x(g, s->length)), y, hidden->value,
			  "name");
}

static void add_arrow(struct svg *g, const struct arrow *a)
{
	const struct story *s = g->story;
	const struct event *from = &s->run->events[a->from];
	const struct event *to = &s->run->events[a->to];
	bool down = to->thread > from->thread;
	double x1 = svg_x(g, s->end[a->from]), x2 = svg_x(g, s->begin[a->to]);
	int y1 = svg_thread_y(from->thread) + (down ? SVG_BOX : 0);
	int y2 = svg_thread_y(to->thread) + (down ? 0 : SVG_BOX);

	str_addf(g->out,
		 "<path class=\"arrow\" marker-end=\"url(#head)\" "
		 "d=\"M%.1f %dC%.1f %d %.1f %d %.1f %d\"/>\n",
		 x1, y1, x1 + 8, (y1 + y2) / 2, x2 - 8, (y1 + y2) / 2, x2 + 2,
		 y2);
}

void svg_lanes(struct svg *g)
{
	const struct story *s = g->story;

	for (size_t i = 0; i < s->stretches.len; i++)
		add_state(g, &s->stretches.data[i]);
	for (size_t i = 0; i < s->run->event_count; i++)
		if (!event_is_mark(&s->run->events[i]))
			add_operation(g, i);
	for (size_t i = 0; i < s->holds.len; i++)
		add_hold(g, &s->holds.data[i]);
	for (place_id i = 0; i < s->region_base; i++)
		if (g->row[i] != SVG_NO_ROW && !story_is_owned(s, i))
			add_values(g, i);
	for (size_t i = 0; i < s->arrows.len; i++)
		add_arrow(g, &s->arrows.data[i]);
}
