/*
 * scroll.c - which part of something long is shown.
 *
 * What the eye rests on must stay where it is while one steps. So a list moves
 * by a third of a page at a time, never by a row: the cursor walks through the
 * middle third, and through the last one where a run grows at its end. And what
 * is chosen by the length of a run is chosen by the longest that is known, not
 * by the one so far.
 */
#include "views.h"

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

size_t scroll_first(size_t at, size_t n, size_t rows)
{
	size_t third = rows / 3 ? rows / 3 : 1, top, last;

	if (n <= rows)
		return 0;
	if (rows == 1)
		return at;
	top = at / third * third;
	top = top > third ? top - third : 0;
	last = round_up(n - rows, third);
	return top < last ? top : last;
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
