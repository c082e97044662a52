/*
 * test_diagnosis.c - what is found in a run, word for word.
 *
 * Each file of tests/golden/diagnosis is a scenario (its title is added), a
 * line `---- SCHEDULE`, and the findings of that run as they must be: a line
 * with the step, what it is and the steps that matter, then what, why and fix.
 * A file without findings is a run in which nothing is wrong. With BLESS=1 the
 * files are written anew; look at the difference before you commit it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <glob.h>

#include "scenario.h"
#include "threadviz/analysis.h"
#include "threadviz/arena.h"
#include "threadviz/timeline.h"
#include "threadviz/utf8.h"

static const char mark[] = "\n---- ";

static char *read_all(const char *path)
{
	struct str s = {0};
	char bytes[4096];
	FILE *f = fopen(path, "r");
	size_t n;

	assert_non_null(f);
	while ((n = fread(bytes, 1, sizeof bytes, f)) > 0)
		str_addn(&s, bytes, n);
	fclose(f);
	return str_take(&s);
}

static void write_all(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static void add_sentence(const char *label, const char *text, struct str *out)
{
	str_addf(out, "  %-4s ", label);
	for (; *text; text++) {
		str_addc(out, *text);
		if (*text == '\n')
			str_add(out, "       ");
	}
	str_addc(out, '\n');
}

static void add_finding(const struct timeline *tl, const struct finding *f,
			struct str *out)
{
	static const char *const name[] = {" A", " B", " old", " D"};

	str_addf(out, "step %u  %s", f->step, finding_info[f->kind].title);
	if (f->object != OBJECT_NONE) {
		str_add(out, " on ");
		object_format(tl->program, f->object, f->index, out);
	}
	str_add(out, " :");
	for (size_t t = 0; t < tl->program->threads.count; t++)
		if (f->threads >> t & 1)
			str_addf(out, " %s", tl->program->threads.data[t].name);
	for (int i = 0; i < FINDING_EVENTS; i++)
		if (f->events[i] != SIZE_MAX)
			str_addf(out, "%s=%u", name[i],
				 tl->events.data[f->events[i]].step);
	str_addc(out, '\n');
	add_sentence("what", f->what, out);
	add_sentence("why", f->why, out);
	add_sentence("fix", f->fix, out);
}

/* No sentence is missing, and no line wider than every screen. */
static void check_width(const char *text)
{
	assert_true(*text);
	while (*text) {
		size_t len = strcspn(text, "\n");

		assert_true(utf8_widthn(text, len) <= FINDING_LINE);
		text += len + (text[len] == '\n');
	}
}

static void diagnose(const struct program *p, const char *schedule,
		     struct str *out)
{
	struct schedule s = schedule_of(p, schedule);
	struct finding_list list = {0};
	struct timeline tl;

	timeline_init(&tl, p);
	for (size_t i = 0; i < s.len; i++)
		if (world_can(tl.last, p, s.data[i]))
			timeline_push(&tl, s.data[i]);
	analysis_run(p, tl.events.data, tl.events.len, &list);
	for (size_t i = 0; i < list.len; i++) {
		check_width(list.data[i].what);
		check_width(list.data[i].why);
		check_width(list.data[i].fix);
		add_finding(&tl, &list.data[i], out);
	}
	finding_list_fini(&list);
	timeline_fini(&tl);
	vec_free(&s);
}

static void agrees(void **state)
{
	const char *path = *state;
	char *text = read_all(path), *schedule = strstr(text, mark), *want;
	struct str all = {0};
	struct program *p;

	assert_non_null(schedule);
	*schedule = '\0';
	schedule += strlen(mark);
	want = schedule + strcspn(schedule, "\n");
	if (*want)
		*want++ = '\0';
	str_addf(&all, "%s\n", text);
	p = scenario(str_cstr(&all));
	str_clear(&all);
	diagnose(p, schedule, &all);
	program_free(p);
	if (getenv("BLESS")) {
		struct str file = {0};

		str_addf(&file, "%s%s%s\n%s", text, mark, schedule,
			 str_cstr(&all));
		write_all(path, str_cstr(&file));
		str_free(&file);
	} else {
		assert_string_equal(str_cstr(&all), want);
	}
	str_free(&all);
	free(text);
}

int main(void)
{
	struct CMUnitTest *tests;
	glob_t files;
	int failed;

	if (glob("tests/golden/diagnosis/*.txt", 0, NULL, &files) ||
	    !files.gl_pathc)
		return 1;
	tests = xcalloc(files.gl_pathc, sizeof *tests);
	for (size_t i = 0; i < files.gl_pathc; i++)
		tests[i] = (struct CMUnitTest){
			.name = strrchr(files.gl_pathv[i], '/') + 1,
			.test_func = agrees,
			.initial_state = files.gl_pathv[i],
		};
	failed = _cmocka_run_group_tests("diagnosis", tests, files.gl_pathc,
					 NULL, NULL);
	free(tests);
	globfree(&files);
	return failed;
}
