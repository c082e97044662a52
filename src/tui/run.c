/*
 * run.c - stepping, branching, playing.
 *
 * The recorded schedule is a line with a cursor. Moving the cursor looks; it
 * executes nothing that has been executed. The engine stands somewhere on that
 * line (engine_steps): it follows when the cursor goes beyond it, and is
 * started anew with the prefix only when a branch is taken in its past.
 */
#include <stdio.h>

#include "inside.h"

static size_t length(const struct app *app)
{
	return app->timeline.schedule.len;
}

static void engine_failed(struct app *app, const struct error *err)
{
	app->engine_down = true;
	app->playing = false;
	snprintf(app->engine_error, sizeof app->engine_error, "%s", err->text);
	notice(app, true, "%s; %s starts again", err->text,
	       app_key_name(app, ACTION_RESTART).text);
}

/* Brings the real threads to step n of the recorded schedule. */
static bool engine_follow(struct app *app, size_t n)
{
	struct error err = {0};

	while (!app->engine_down && engine_steps(app->engine) < n) {
		size_t at = engine_steps(app->engine);

		if (engine_step(app->engine, app->timeline.schedule.data[at],
				&err) != ENGINE_OK) {
			engine_failed(app, &err);
			return false;
		}
	}
	return !app->engine_down;
}

static bool engine_rewind(struct app *app, size_t n)
{
	struct error err = {0};

	if (!app->engine_down && engine_steps(app->engine) <= n)
		return true;
	app->engine_down = false;
	if (engine_replay(app->engine, app->timeline.schedule.data, n, &err) ==
	    ENGINE_OK)
		return true;
	engine_failed(app, &err);
	return false;
}

void run_settle(struct app *app)
{
	if (app->findings_events != app->timeline.events.len) {
		finding_list_fini(&app->findings);
		app->findings = (struct finding_list){0};
		analysis_run(app->program, app->timeline.events.data,
			     app->timeline.events.len, &app->findings);
		app->findings_events = app->timeline.events.len;
	}
	futures_update(app);
}

static void select_mover(struct app *app)
{
	size_t n = app->timeline.cursor;

	if (n && choice_is_move(app->timeline.schedule.data[n - 1]))
		app->selected = app->timeline.schedule.data[n - 1].thread;
}

void run_goto(struct app *app, size_t n)
{
	if (n > length(app))
		n = length(app);
	if (app->predict == PREDICT_SHOWN && n != app->timeline.cursor)
		app->predict = PREDICT_ASKED; /* another moment */
	app->timeline.cursor = n;
	app->scroll[PANEL_SOURCE] = app->scroll[PANEL_DIAGNOSIS] = 0;
	if (n > engine_steps(app->engine))
		engine_follow(app, n);
	select_mover(app);
	run_settle(app);
}

/* The schedule so far is kept for undo; the cursor becomes its end. */
static bool branch(struct app *app)
{
	size_t n = app->timeline.cursor;

	if (n == length(app))
		return true;
	vec_clear(&app->undone);
	for (size_t i = 0; i < length(app); i++)
		vec_push(&app->undone, app->timeline.schedule.data[i]);
	timeline_cut(&app->timeline, n);
	app->loaded = 0;
	app->findings_events = SIZE_MAX;
	return engine_rewind(app, n);
}

static void refuse(struct app *app, struct choice c)
{
	struct str why = {0};

	world_why_not(app_world(app), app->program, c, &why);
	notice(app, true, "%s", str_cstr(&why));
	str_free(&why);
}

bool run_take(struct app *app, struct choice c)
{
	const struct world *w = app_world(app);
	size_t at = app->timeline.cursor;

	if (!world_can(w, app->program, c)) {
		refuse(app, c);
		return false;
	}
	c = world_canonical(w, app->program, c);
	if (at < length(app) &&
	    choice_equal(c, app->timeline.schedule.data[at])) {
		run_goto(app, at + 1);
		return true;
	}
	if (app->policy)
		policy_note(app->policy, w, c);
	if (!branch(app))
		return false;
	timeline_push(&app->timeline, c);
	run_goto(app, at + 1);
	return true;
}

static void say_over(struct app *app)
{
	bool stuck = world_verdict(app_world(app), app->program) ==
		     VERDICT_DEADLOCK;

	notice(app, stuck, "%s; %s goes back, %s restarts",
	       stuck ? "deadlock: nobody can move" : "the run is over",
	       app_key_name(app, ACTION_BACK).text,
	       app_key_name(app, ACTION_RESTART).text);
}

bool run_step(struct app *app)
{
	struct choice c;

	if (app->timeline.cursor < length(app)) {
		run_goto(app, app->timeline.cursor + 1);
		return true;
	}
	if (!policy_choose(app->policy, app_world(app), &c)) {
		say_over(app);
		return false;
	}
	return run_take(app, c);
}

void run_restart(struct app *app)
{
	struct error err = {0};

	app->engine_down = false;
	app->playing = false;
	policy_reset(app->policy);
	if (!engine_restart(app->engine, &err))
		engine_failed(app, &err);
	run_goto(app, 0);
}

bool run_load(struct app *app, const struct choice *list, size_t n)
{
	timeline_fini(&app->timeline);
	timeline_init(&app->timeline, app->program);
	app->findings_events = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		if (!world_can(app->timeline.last, app->program, list[i])) {
			struct str why = {0};

			world_why_not(app->timeline.last, app->program, list[i],
				      &why);
			notice(app, true, "step %zu: %s", i + 1,
			       str_cstr(&why));
			str_free(&why);
			run_restart(app);
			return false;
		}
		timeline_push(&app->timeline, list[i]);
	}
	app->loaded = n;
	run_restart(app);
	return true;
}

static unsigned parked_line(const struct app *app)
{
	struct op op;

	world_parked(app_world(app), app->program, app->selected, &op);
	return op.kind == OP_NONE ? 0 : app->program->code.data[op.pc].line;
}

enum { LINE_STEPS = 1000 };

void run_next_line(struct app *app)
{
	thread_id t = app->selected;
	unsigned line = parked_line(app);

	for (int i = 0; i < LINE_STEPS && line; i++) {
		if (!run_take(app, choice_move(t)))
			return;
		app->selected = t;
		if (parked_line(app) != line)
			return;
	}
	if (!line)
		refuse(app, choice_move(t));
}

enum { CONTINUE_STEPS = 100000, CONTINUE_SLICE = 64, CONTINUE_FIRST = 4 };

void run_continue_on(struct app *app)
{
	for (int i = 0; i < CONTINUE_SLICE && app->continuing; i++) {
		app->continuing--;
		if (!run_step(app) || app_finding(app))
			app->continuing = 0;
		else if (!app->continuing)
			notice(app, true, "no finding in %d steps",
			       CONTINUE_STEPS);
	}
}

/* What takes longer goes on in slices between keys. */
void run_continue(struct app *app)
{
	app->continuing = CONTINUE_STEPS;
	for (int i = 0; i < CONTINUE_FIRST; i++)
		run_continue_on(app);
}

void run_undo(struct app *app)
{
	struct schedule back = app->undone;

	if (!back.len) {
		notice(app, true, "nothing to undo: no branch was taken");
		return;
	}
	app->undone = (struct schedule){0};
	run_load(app, back.data, back.len);
	run_goto(app, back.len);
	vec_free(&back);
}
