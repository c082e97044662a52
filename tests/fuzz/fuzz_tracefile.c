/*
 * fuzz_tracefile.c - any bytes as a saved trace, on to its last reader.
 *
 * What decodes is compiled, repeated or fitted, analysed and exported, as
 * `replay` and `export` would. Random bytes hardly ever carry right checksums,
 * so each input is also tried with them put right.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "threadviz/analysis.h"
#include "threadviz/export.h"
#include "threadviz/lang.h"
#include "trace/tracefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

enum { SCHEDULE_MAX = 200, TEXT_MAX = 4000 };

/* Every line that looks like a section's gets the checksum of what follows. */
static void put_right(char *bytes, size_t size)
{
	for (size_t at = 0; at < size;) {
		char *line = bytes + at;
		char *end = memchr(line, '\n', size - at);
		char name[16], text[64], sum[16];
		unsigned long long len;
		int where = 0;
		size_t n = end ? (size_t)(end - line) : 0;

		if (!end)
			return;
		at += n + 1;
		if (n >= sizeof text)
			continue;
		memcpy(text, line, n);
		text[n] = '\0';
		if (sscanf(text, "%15[a-z] %9llu %n", name, &len, &where) < 2 ||
		    !where || n - (size_t)where != 8 || len > size - at)
			continue;
		snprintf(sum, sizeof sum, "%08x",
			 (unsigned)crc32_of(bytes + at, (size_t)len));
		memcpy(line + where, sum, 8);
		at += (size_t)len + 1;
	}
}

static void read_run(const struct recording *r)
{
	struct finding_list found = {0};
	struct str out = {0};

	analysis_run(r->program, r->events, r->event_count, &found);
	finding_list_fini(&found);
	for (const struct export_format *f = export_formats; f->name; f++) {
		str_clear(&out);
		f->write(r, &out);
	}
	tracefile_encode(r, &out);
	str_free(&out);
}

static void try_program(struct tracefile *f, const struct program *p)
{
	struct error err = {0};
	struct timeline tl;
	struct recording r = {
		.program = p,
		.engine = f->engine,
		.findings = f->findings,
		.finding_count = f->finding_count,
	};

	timeline_init(&tl, p);
	if (strlen(f->schedule) < SCHEDULE_MAX && !strchr(f->schedule, '*') &&
	    tracefile_repeat(f, &tl, &err)) {
		r.events = tl.events.data;
		r.event_count = tl.events.len;
		r.schedule = tl.schedule.data;
		r.steps = tl.schedule.len;
	}
	if (!tracefile_fit(f, p, &err))
		r.finding_count = 0;
	else if (tracefile_is_free(f) || r.event_count == 0) {
		r.events = f->events;
		r.event_count = f->event_count;
	}
	if (r.event_count)
		read_run(&r);
	timeline_fini(&tl);
}

static void try_bytes(const char *bytes, size_t size)
{
	struct diagnostics mistakes = {0};
	struct lang_param params[64];
	struct error err = {0};
	struct program *p = NULL;
	struct tracefile f;
	size_t n = 0;

	if (!tracefile_decode(&f, "f", bytes, size, &err)) {
		if (!err.text[0])
			abort();
		tracefile_fini(&f);
		return;
	}
	for (; n < f.param_count && n < 64; n++)
		params[n] = (struct lang_param){f.params[n].name,
						f.params[n].value};
	if (f.text_len < TEXT_MAX)
		p = program_compile(f.name, f.file, f.text, f.text_len, params,
				    n, &mistakes);
	if (p)
		try_program(&f, p);
	program_free(p);
	diagnostics_fini(&mistakes);
	tracefile_fini(&f);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	char *copy = malloc(size ? size : 1);

	memcpy(copy, bytes, size);
	try_bytes(copy, size);
	put_right(copy, size);
	try_bytes(copy, size);
	free(copy);
	return 0;
}
