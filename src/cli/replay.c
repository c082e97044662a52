/*
 * replay.c - `threadviz replay`: a saved run again.
 *
 * A controlled run is carried out anew, on the engine that ran it, and then it
 * is as if its schedule had been given to `run`. What the kernel scheduled
 * cannot be repeated; of a free run the recording itself is shown, on the
 * screen or as a table.
 */
#include <stdio.h>

#include "refuse.h"
#include "run.h"
#include "saved.h"
#include "threadviz/export.h"

static void warn(const struct saved *s, const char *path)
{
	if (s->differs)
		fprintf(stderr,
			"threadviz: %s: saved by version %.40s; this one (the "
			"model has changed) shows other events for the same "
			"steps\n",
			path, s->file.version);
}

static int replay_controlled(const struct options *given, struct saved *s)
{
	struct options o = *given;

	o.value[OPTION_SCHEDULE] = s->file.schedule;
	if (!o.value[OPTION_ENGINE])
		o.value[OPTION_ENGINE] = s->file.engine;
	if (options_has(&o, OPTION_PLAIN) || options_has(&o, OPTION_JSON))
		return run_plain(&o, s->program);
	return screen_show(&o, s->program, NULL);
}

static bool is_bad(const struct recording *r)
{
	bool bad = false;

	for (size_t i = 0; i < r->finding_count; i++)
		bad |= finding_info[r->findings[i].kind].severity ==
		       SEVERITY_WRONG;
	for (size_t i = 0; i < r->event_count; i++)
		bad |= r->events[i].kind == EVENT_VERDICT &&
		       r->events[i].value > VERDICT_OK;
	return bad;
}

/* The table of what was recorded, or the same as JSON. */
static void print_free(const struct options *o, const struct recording *r)
{
	struct str text = {0};

	if (options_has(o, OPTION_JSON))
		export_json(r, &text);
	else
		export_text(r, &text);
	fwrite(str_cstr(&text), 1, text.len, stdout);
	str_free(&text);
}

static int replay_free(const struct options *o, const struct saved *s)
{
	struct recording r = saved_recording(s);

	if (!options_has(o, OPTION_PLAIN) && !options_has(o, OPTION_JSON))
		return screen_show(o, s->program, &r);
	print_free(o, &r);
	return is_bad(&r) ? EXIT_BAD : EXIT_GOOD;
}

int cli_replay(const struct options *o)
{
	struct error err = {0};
	struct saved s;
	int status;

	if (!refuse_idle(o, &err))
		return complain(&err);
	if (o->word_count != 1) {
		fail(&err, "replay needs one trace: threadviz replay FILE");
		return complain(&err);
	}
	if (!saved_open(&s, o->words[0], &err)) {
		saved_close(&s);
		return complain(&err);
	}
	warn(&s, o->words[0]);
	status = tracefile_is_free(&s.file) ? replay_free(o, &s)
					    : replay_controlled(o, &s);
	saved_close(&s);
	return status;
}
