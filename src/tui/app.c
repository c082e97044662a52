/*
 * app.c - opening and closing, and what views ask.
 *
 * An app has one program, its engine and its timeline at a time; choosing
 * another scenario closes them and opens new ones, the settings stay.
 */
#include <stdio.h>
#include <stdlib.h>

#include "freeview.h"
#include "inside.h"
#include "overlay.h"

/* What a process is here must not be taken for a fork. */
static void say_processes(struct app *app)
{
	for (size_t i = 0; i < app->program->threads.count; i++)
		if (app->program->threads.data[i].process && !app->notice[0])
			notice(app, false,
			       "each process is a thread with its "
			       "own copies of the variables");
}

static bool open_program(struct app *app, const struct program *p,
			 const struct app_options *o, struct error *err)
{
	app->program = p;
	app->policy = policy_new(app->policy_spec, app->seed, p, err);
	if (!app->policy)
		return false;
	app->engine = engine_open(app->kind, p, err);
	if (!app->engine)
		return false;
	timeline_init(&app->timeline, p);
	app->findings_events = SIZE_MAX;
	app->loaded = 0;
	app->selected = 0;
	futures_reset(app);
	if (o && o->schedule_len)
		run_load(app, o->schedule, o->schedule_len);
	run_settle(app);
	say_processes(app);
	return true;
}

static void close_program(struct app *app)
{
	histogram_close(app);
	free_view_close(app);
	engine_close(app->engine);
	app->engine = NULL;
	policy_free(app->policy);
	app->policy = NULL;
	search_free(app->search);
	app->search = NULL;
	if (app->program)
		timeline_fini(&app->timeline);
	finding_list_fini(&app->findings);
	app->findings = (struct finding_list){0};
	vec_free(&app->undone);
	program_free(app->owned);
	app->owned = NULL;
	app->program = NULL;
}

bool app_init(struct app *app, const struct program *p,
	      const struct app_options *o, struct error *err)
{
	*app = (struct app){
		.kind = o->kind,
		.seed = o->seed,
		.speed = o->speed > 0 ? o->speed : 2,
		.finding = SIZE_MAX,
		.theme = o->theme,
		.ascii = o->ascii,
		.library = o->library,
		.free_options = o->free_options,
		.zoom = ZOOM_AUTO,
	};
	app->layout = xcalloc(1, sizeof *app->layout);
	app->keymap_count =
		o->keymap_count < KEYMAP_MAX ? o->keymap_count : KEYMAP_MAX;
	for (size_t i = 0; i < app->keymap_count; i++)
		app->keymap[i] = o->keymap[i];
	snprintf(app->policy_spec, sizeof app->policy_spec, "%s",
		 o->policy ? o->policy : "rr");
	if (!p)
		chooser_open(app);
	else if (!open_program(app, p, o, err))
		return false;
	if (o->notice && *o->notice)
		notice(app, true, "%s", o->notice);
	if (o->records)
		free_view_load(app, o->records, o->record_count);
	return !o->free || free_view_begin(app, err);
}

void app_fini(struct app *app)
{
	chooser_close(app);
	close_program(app);
	str_free(&app->output);
	free(app->layout);
}

void app_switch(struct app *app, const char *name, const char *params)
{
	struct error err = {0};
	struct program *p =
		app->library->open(app->library->data, name, params, &err);

	if (!p) {
		notice(app, true, "%s", err.text);
		return;
	}
	close_program(app);
	app->overlay = OVERLAY_NONE;
	app->engine_down = app->playing = false;
	app->finding = SIZE_MAX;
	app->notice[0] = '\0';
	if (open_program(app, p, NULL, &err)) {
		app->owned = p;
		return;
	}
	close_program(app);
	program_free(p);
	chooser_open(app);
	notice(app, true, "%s", err.text);
}

int app_engine_fd(const struct app *app)
{
	if (app->free && app->free->run && !app->free->over)
		return free_fd(app->free->run);
	return app->engine && !app->engine_down ? engine_fd(app->engine) : -1;
}

void app_engine_ready(struct app *app)
{
	struct error err = {0};

	if (!app->engine || app->engine_down)
		return;
	if (engine_poll(app->engine, &app->output, &err) != ENGINE_DEAD)
		return;
	app->engine_down = true;
	app->playing = false;
	snprintf(app->engine_error, sizeof app->engine_error, "%s", err.text);
	notice(app, true, "%s; %s starts again", err.text,
	       app_key_name(app, ACTION_RESTART).text);
}

void app_tick(struct app *app)
{
	if (app->playing && !run_step(app))
		app->playing = false;
}

/* ---- for views --------------------------------------------------------- */

const struct world *app_world(const struct app *app)
{
	struct timeline *tl = (struct timeline *)(uintptr_t)&app->timeline;

	return timeline_at(tl, tl->cursor);
}

size_t app_events(const struct app *app)
{
	const struct timeline *tl = &app->timeline;

	return tl->cursor < tl->schedule.len ? tl->first_event.data[tl->cursor]
					     : tl->events.len;
}

const struct event *app_event(const struct app *app)
{
	size_t n = app->timeline.cursor;

	if (!n)
		return NULL;
	return &app->timeline.events
			.data[app->timeline.first_event.data[n - 1]];
}

const struct finding *app_finding(const struct app *app)
{
	const struct finding *best = NULL;

	for (size_t i = 0; i < app->findings.len; i++) {
		const struct finding *f = &app->findings.data[i];

		if (f->step == app->timeline.cursor && app->timeline.cursor &&
		    (!best || f->kind < best->kind))
			best = f;
	}
	return best;
}

bool app_found_bad(const struct app *app)
{
	if (!app->program)
		return false;
	if (app->free)
		return free_view_is_bad(app->free);
	if (world_verdict(app->timeline.last, app->program) > VERDICT_OK)
		return true;
	for (size_t i = 0; i < app->findings.len; i++)
		if (finding_info[app->findings.data[i].kind].severity ==
		    SEVERITY_WRONG)
			return true;
	return false;
}

void app_replay_line(const struct app *app, struct str *out)
{
	const struct program *p = app->program;
	const struct schedule *all = &app->timeline.schedule;
	struct str steps = {0};

	if (!p || app->free || !all->len)
		return;
	schedule_format(p, all->data, all->len, &steps);
	if (steps.len > SCHEDULE_LINE) {
		str_addf(out,
			 "replay: %zu steps, too long for a line; --save FILE "
			 "keeps them",
			 all->len);
	} else {
		str_addf(out, "replay: threadviz run %s", p->name);
		program_params(p, out);
		str_addf(out, " --schedule \"%s\"", str_cstr(&steps));
	}
	str_free(&steps);
}
