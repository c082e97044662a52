/*
 * save.c - S: the run as a trace file, in the current directory.
 *
 * All recorded steps are saved, wherever the cursor stands, with the findings
 * that the screen shows of them; of a free run all records that are kept, and
 * how many are not. A trace never takes the place of another one: its name ends
 * in the first number that nobody has.
 */
#include <stdlib.h>

#include "freeview.h"
#include "inside.h"
#include "threadviz/tracefile.h"

/* The records of a free run, to be freed. */
static struct event *free_records(const struct free_view *v, size_t *n)
{
	struct event *kept = free_view_records(v, n), *all;
	uint64_t gone = history_first(v->history);

	if (!gone || !*n)
		return kept;
	all = xcalloc(*n + 1, sizeof *all);
	all[0] = tracefile_loss(kept, gone);
	memcpy(all + 1, kept, *n * sizeof *all);
	free(kept);
	++*n;
	return all;
}

/* records: those of a free run, to be freed; NULL of any other. */
static struct recording recording_of(const struct app *app,
				     struct event **records)
{
	const struct timeline *tl = &app->timeline;
	struct recording r = {.program = app->program, .engine = "free"};

	*records = NULL;
	if (app->free) {
		r.events = *records = free_records(app->free, &r.event_count);
		r.findings = app->free->findings.data;
		r.finding_count = app->free->findings.len;
		return r;
	}
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
	struct event *records;
	struct recording r = recording_of(app, &records);
	bool ok = tracefile_save(&r, path, err);

	free(records);
	return ok;
}

void save_write(struct app *app)
{
	struct event *records;
	struct recording r = recording_of(app, &records);
	struct error err = {0};
	struct str path = {0};

	if (tracefile_save_new(&r, &path, &err))
		notice(app, false,
		       "saved %s; threadviz replay %s shows it again",
		       str_cstr(&path), str_cstr(&path));
	else
		notice(app, true, "%s", err.text);
	str_free(&path);
	free(records);
}
