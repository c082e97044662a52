/*
 * futures.c - what can still happen, searched in the background.
 *
 * One search from the start of the run goes on in small slices whenever
 * nothing else is to do; once it is complete every question about a later
 * moment is a look into its graph. Where it hits its bound the screen says so.
 */
#include <stdlib.h>

#include "inside.h"
#include "overlay.h"

enum {
	SLICE = 2000, /* states of work between two looks at keys */
	FUTURES_STATES = 400000,
};

void futures_reset(struct app *app)
{
	struct search_options options = {.keep = true,
					 .max_states = FUTURES_STATES,
					 .max_memory = 512u << 20};

	search_free(app->search);
	app->search = search_new(app->program, &options);
	app->search_status = SEARCH_RUNNING;
	app->futures = (struct futures){0};
	app->futures_at = SIZE_MAX;
}

bool app_work(struct app *app)
{
	if (app->continuing) {
		run_continue_on(app);
		return true;
	}
	if (app->overlay == OVERLAY_CHOOSER && chooser_work(app))
		return true;
	if (!app->search || app->search_status != SEARCH_RUNNING)
		return false;
	app->search_status = search_step(app->search, SLICE);
	if (app->search_status == SEARCH_RUNNING)
		return true;
	app->futures_at = SIZE_MAX;
	futures_update(app);
	return false;
}

/* What can still happen if thread t moves now. */
static void look_after(struct app *app, thread_id t, struct world *scratch)
{
	struct outlook *o = &app->futures.after[t];

	o->known = false;
	if (!world_alts(app_world(app), app->program, t))
		return;
	world_copy(scratch, app_world(app), app->program);
	world_step(scratch, app->program, choice_move(t), 0, NULL);
	search_outlook(app->search, scratch, o);
}

/* The first recorded step after which no good end is left. Where there was
 * none from the start, no step is to blame. */
static size_t find_no_return(struct app *app)
{
	struct world *w = world_new(app->program);
	struct outlook o;
	size_t n = app->timeline.schedule.len, found = 0;

	search_outlook(app->search, w, &o);
	if (o.known && o.doomed)
		n = 0;
	for (size_t i = 0; i < n && !found; i++) {
		world_step(w, app->program, app->timeline.schedule.data[i], 0,
			   NULL);
		search_outlook(app->search, w, &o);
		if (o.known && o.doomed)
			found = i + 1;
	}
	free(w);
	return found;
}

void futures_update(struct app *app)
{
	struct world *scratch;

	if (app->futures_at == app->timeline.cursor && app->futures.known)
		return;
	app->futures = (struct futures){.too_many = app->search_status ==
						    SEARCH_BOUND};
	app->futures_at = app->timeline.cursor;
	if (app->search_status != SEARCH_DONE)
		return;
	app->futures.known = true;
	app->futures.report = search_report(app->search);
	search_outlook(app->search, app_world(app), &app->futures.now);
	scratch = world_clone(app_world(app), app->program);
	for (size_t t = 0; t < app->program->threads.count; t++)
		look_after(app, (thread_id)t, scratch);
	free(scratch);
	app->no_return = find_no_return(app);
}

void find_load(struct app *app, const struct search_finding *f)
{
	if (!run_load(app, f->schedule.data, f->schedule.len))
		return;
	notice(app, false,
	       "loaded the simplest failure: %u steps, %u "
	       "preemption%s; %s walks it",
	       f->steps, f->preemptions, f->preemptions == 1 ? "" : "s",
	       app_key_name(app, ACTION_STEP).text);
}

/* The way into it and once round. */
void find_load_livelock(struct app *app, const struct search_report *r)
{
	struct schedule lasso = {0};

	for (size_t i = 0; i < r->stem.len; i++)
		vec_push(&lasso, r->stem.data[i]);
	for (size_t i = 0; i < r->cycle.len; i++)
		vec_push(&lasso, r->cycle.data[i]);
	if (!run_load(app, lasso.data, lasso.len))
		;
	else if (r->cycle.len == 1)
		notice(app, false, "loaded a livelock: step %zu, for ever",
		       lasso.len);
	else
		notice(app, false,
		       "loaded a livelock: steps %zu to %zu go round for ever",
		       r->stem.len + 1, lasso.len);
	vec_free(&lasso);
}

enum { FIND_SLICES = 400 };

void find_failure(struct app *app)
{
	const struct search_report *r;

	for (int i = 0; i < FIND_SLICES && app_work(app); i++)
		;
	r = app->search ? search_report(app->search) : NULL;
	if (r && r->finding_count) {
		find_load(app, &r->findings[0]);
	} else if (app->search_status == SEARCH_RUNNING) {
		notice(app, false, "still searching: %s again in a moment",
		       app_key_name(app, ACTION_FIND).text);
	} else if (app->search_status == SEARCH_BOUND) {
		notice(app, true, "none found before the bound of %d states",
		       FUTURES_STATES);
	} else if (r && r->livelock) {
		find_load_livelock(app, r);
	} else {
		notice(app, false,
		       "there is none: every interleaving is right");
	}
}
