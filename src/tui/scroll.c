/*
 * scroll.c - which part of something long is shown.
 *
 * What the eye rests on must stay where it is while one steps. So a list moves
 * by a third of a page at a time (a short one by half), never by a row: the
 * cursor walks through the middle, and through the end where a run grows. And
 * what is chosen by the length of a run is chosen by the longest that is known,
 * not by the one so far.
 */
#include "inside.h"
#include "views.h"

enum { SHORT = 12 /* rows: less is a page that moves by halves */ };

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

size_t scroll_first(size_t at, size_t n, size_t rows)
{
	size_t part = rows / (rows < SHORT ? 2 : 3), top, last;

	if (n <= rows)
		return 0;
	if (rows == 1)
		return at;
	top = at / part * part;
	top = top > part ? top - part : 0;
	last = round_up(n - rows, part);
	return top < last ? top : last;
}

void scroll_limit(const struct app *app, enum panel panel, int low, int high)
{
	app->layout->scroll[panel].low = low < 0 ? low : 0;
	app->layout->scroll[panel].high = high > 0 ? high : 0;
	app->layout->scroll[panel].known = true;
}

void scroll_by(struct app *app, enum panel panel, int rows)
{
	int low = app->layout->scroll[panel].low;
	int high = app->layout->scroll[panel].high;
	int to = app->scroll[panel] + rows;

	if (app->layout->scroll[panel].known && (to < low || to > high)) {
		notice(app, false, "this is the %s; Tab goes to the next panel",
		       to < low ? "top" : "bottom");
		to = to < low ? low : high;
	}
	app->scroll[panel] = to;
}

size_t run_reach(const struct app *app)
{
	size_t n = app->timeline.schedule.len;
	uint64_t states;
	uint32_t depth = 0;

	if (app->loaded == n && n &&
	    world_verdict(app->timeline.last, app->program) != VERDICT_NONE)
		return n;
	if (app->search)
		search_progress(app->search, &states, &depth);
	return depth > n ? depth : n;
}
