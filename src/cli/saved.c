/*
 * saved.c - a trace from a file, with the program compiled from it.
 *
 * The file's own text is compiled, never a scenario of the same name, so that a
 * trace shows what was run then. Of a controlled run only the schedule is
 * taken: the model gives the events anew, and where they are not those of the
 * file, the file is of a version that meant something else by the same text.
 */
#include <stdlib.h>
#include <string.h>

#include "saved.h"
#include "threadviz/lang.h"

bool saved_is(const char *word)
{
	size_t len = strlen(word);

	return len > 4 && !strcmp(word + len - 4, ".tvt");
}

static bool compile(struct saved *s, const char *path, struct error *err)
{
	const struct tracefile *f = &s->file;
	struct lang_param *params = xcalloc(f->param_count + 1, sizeof *params);
	struct diagnostics mistakes = {0};

	for (size_t i = 0; i < f->param_count; i++)
		params[i] = (struct lang_param){f->params[i].name,
						f->params[i].value};
	s->program = program_compile(f->name, f->file, f->text, f->text_len,
				     params, f->param_count, &mistakes);
	if (!s->program)
		fail(err, "%.200s: its scenario does not compile: line %u: %s",
		     path, mistakes.count ? mistakes.list[0].line : 0,
		     mistakes.count ? mistakes.list[0].message : "");
	diagnostics_fini(&mistakes);
	free(params);
	return s->program != NULL;
}

static bool same_events(const struct tracefile *f, const struct timeline *tl)
{
	if (f->event_count != tl->events.len)
		return false;
	for (size_t i = 0; i < f->event_count; i++) {
		struct event a = f->events[i], b = tl->events.data[i];

		/* Ids of outputs are the program's own. */
		if (a.kind == OP_PRINT)
			a.value = b.value = 0;
		if (memcmp(&a, &b, sizeof a) != 0)
			return false;
	}
	return true;
}

bool saved_open(struct saved *s, const char *path, struct error *err)
{
	struct error why = {0};

	*s = (struct saved){0};
	if (!tracefile_load(&s->file, path, err) || !compile(s, path, err))
		return false;
	timeline_init(&s->timeline, s->program);
	if (tracefile_is_free(&s->file)) {
		if (tracefile_fit(&s->file, s->program, &why))
			return true;
	} else if (tracefile_repeat(&s->file, &s->timeline, &why)) {
		s->differs = !same_events(&s->file, &s->timeline);
		return true;
	}
	return fail(err, "%.200s: %.250s", path, why.text);
}

void saved_close(struct saved *s)
{
	if (s->timeline.program)
		timeline_fini(&s->timeline);
	program_free(s->program);
	tracefile_fini(&s->file);
}

struct recording saved_recording(const struct saved *s)
{
	bool free_run = tracefile_is_free(&s->file);

	return (struct recording){
		.program = s->program,
		.engine = s->file.engine,
		.schedule = s->timeline.schedule.data,
		.steps = s->timeline.schedule.len,
		.events = free_run ? s->file.events : s->timeline.events.data,
		.event_count =
			free_run ? s->file.event_count : s->timeline.events.len,
		.findings = s->file.findings,
		.finding_count = s->file.finding_count,
	};
}
