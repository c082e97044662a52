/*
 * export.c - `threadviz export`: a run for other programs.
 *
 * The run comes from a saved trace, or is made now: of a scenario, with the
 * options that `run` has. Standard output may be a pipe or a file; with
 * --output the file is written whole or not at all.
 */
#include "threadviz/export.h"
#include "load.h"
#include "output.h"
#include "plan.h"
#include "run.h"
#include "saved.h"
#include "threadviz/analysis.h"

static const struct export_format *find_format(const char *name,
					       struct error *err)
{
	const struct export_format *f = export_find(name);
	struct str list = {0};
	const char *names[32];
	const char *near;
	size_t n = 0;

	if (f)
		return f;
	for (f = export_formats; f->name && n < 32; f++) {
		names[n++] = f->name;
		str_addf(&list, "%s%s", list.len ? ", " : "", f->name);
	}
	near = str_nearest(name, names, n);
	if (near)
		fail(err, "no format \"%.60s\": did you mean \"%s\"?", name,
		     near);
	else
		fail(err, "no format \"%.60s\": there are %s", name,
		     str_cstr(&list));
	str_free(&list);
	return NULL;
}

static bool write_out(const struct options *o, const struct export_format *f,
		      const struct recording *r, struct error *err)
{
	struct str text = {0};
	bool ok;

	f->write(r, &text);
	ok = output_write(o->value[OPTION_OUTPUT], &text, err);
	str_free(&text);
	return ok;
}

static int export_saved(const struct options *o, const struct export_format *f,
			const char *path)
{
	struct error err = {0};
	struct saved s;
	struct recording r;
	bool ok = saved_open(&s, path, &err);

	if (ok) {
		r = saved_recording(&s);
		ok = write_out(o, f, &r, &err);
	}
	saved_close(&s);
	return ok ? EXIT_GOOD : complain(&err);
}

static bool export_program(const struct options *o,
			   const struct export_format *f,
			   const struct program *p, struct error *err)
{
	struct finding_list found = {0};
	struct timeline tl;
	enum engine_kind kind;
	bool ok = run_quietly(o, p, &tl, err) && plan_engine(o, &kind, err);

	if (ok) {
		analysis_run(p, tl.events.data, tl.events.len, &found);
		ok = write_out(o, f,
			       &(struct recording){
				       .program = p,
				       .engine = engine_name(kind),
				       .schedule = tl.schedule.data,
				       .steps = tl.schedule.len,
				       .events = tl.events.data,
				       .event_count = tl.events.len,
				       .findings = found.data,
				       .finding_count = found.len,
			       },
			       err);
	}
	finding_list_fini(&found);
	timeline_fini(&tl);
	return ok;
}

/* Nothing real is needed for a drawing: the model, unless asked otherwise. */
static int export_scenario(struct options o, const struct export_format *f)
{
	struct error err = {0};
	struct program *p;
	bool ok;

	o.words++;
	o.word_count--;
	if (!o.value[OPTION_ENGINE])
		o.value[OPTION_ENGINE] = "sim";
	p = program_load(&o);
	if (!p)
		return EXIT_USAGE;
	ok = export_program(&o, f, p, &err);
	program_free(p);
	return ok ? EXIT_GOOD : complain(&err);
}

int cli_export(const struct options *o)
{
	const struct export_format *f;
	struct error err = {0};

	if (o->word_count < 2) {
		fail(&err, "export needs a format and a trace or a scenario: "
			   "threadviz export markdown race");
		return complain(&err);
	}
	f = find_format(o->words[0], &err);
	if (!f)
		return complain(&err);
	if (saved_is(o->words[1]))
		return export_saved(o, f, o->words[1]);
	return export_scenario(*o, f);
}
