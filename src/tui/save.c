/*
 * save.c - S: the run as a trace file, in the current directory.
 *
 * All recorded steps are saved, wherever the cursor stands, with the findings
 * that the screen shows of them. A trace never takes the place of another one:
 * its name ends in the first number that nobody has.
 */
#include "inside.h"
#include "threadviz/tracefile.h"

static struct recording recording_of(const struct app *app)
{
	const struct timeline *tl = &app->timeline;

	return (struct recording){
		.program = app->program,
		.engine = engine_name(app->kind),
		.schedule = tl->schedule.data,
		.steps = tl->schedule.len,
		.events = tl->events.data,
		.event_count = tl->events.len,
		.findings = app->findings.data,
		.finding_count = app->findings.len,
	};
}

bool app_save(const struct app *app, const char *path, struct error *err)
{
	struct recording r = recording_of(app);

	return tracefile_save(&r, path, err);
}

void save_write(struct app *app)
{
	struct recording r = recording_of(app);
	struct error err = {0};
	struct str path = {0};

	if (tracefile_save_new(&r, &path, &err))
		notice(app, false,
		       "saved %s; threadviz replay %s shows it again",
		       str_cstr(&path), str_cstr(&path));
	else
		notice(app, true, "%s", err.text);
	str_free(&path);
}
