/*
 * test_diagnosis.c - what is found in a run, word for word.
 *
 * Each file of tests/golden/diagnosis is a scenario (its title is added), a
 * line `---- SCHEDULE`, and the findings of that run as they must be: a line
 * with the step, what it is and the steps that matter, then what, why and fix.
 * A file without findings is a run in which nothing is wrong.
 *
 * A file of tests/golden/found is named after a kind of finding. It starts with
 * a line `SCENARIO RUN`, a scenario that ships and a named run of it in which
 * this is found. Every kind must have one.
 *
 * With BLESS=1 the files are written anew; look at the difference before you
 * commit it.
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

/* Findings of that kind among those of the run, which it adds to out. */
static size_t diagnose(const struct program *p, const char *schedule,
		       enum finding_kind kind, struct str *out)
{
	struct schedule s = schedule_of(p, schedule);
	struct finding_list list = {0};
	struct timeline tl;
	size_t found = 0;

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
		found += list.data[i].kind == kind;
	}
	finding_list_fini(&list);
	timeline_fini(&tl);
	vec_free(&s);
	return found;
}

/* The rest of the file behind its head must be what was found. */
static void compare(const char *path, const char *head, const char *want,
		    const char *found)
{
	struct str file = {0};

	if (!getenv("BLESS")) {
		assert_string_equal(found, want);
		return;
	}
	str_addf(&file, "%s\n%s", head, found);
	write_all(path, str_cstr(&file));
	str_free(&file);
}

/* Ends the text at the end of the line; what is behind it. */
static char *cut_line(char *line)
{
	char *end = line + strcspn(line, "\n");

	if (!*end)
		return end;
	*end = '\0';
	return end + 1;
}

static void agrees(void **state)
{
	const char *path = *state;
	char *text = read_all(path), *schedule = strstr(text, mark), *want;
	struct str all = {0}, found = {0};
	struct program *p;

	assert_non_null(schedule);
	want = cut_line(schedule + strlen(mark));
	str_addn(&all, text, (size_t)(schedule - text));
	str_addc(&all, '\n');
	p = scenario(str_cstr(&all));
	diagnose(p, schedule + strlen(mark), FINDING_COUNT, &found);
	program_free(p);
	compare(path, text, want, str_cstr(&found));
	str_free(&all);
	str_free(&found);
	free(text);
}

/* ---- what ships shows every kind ---------------------------------------- */

static const char *named_run(const struct program *p, const char *name)
{
	for (size_t i = 0; i < p->runs.count; i++)
		if (!strcmp(p->runs.data[i].name, name))
			return p->runs.data[i].schedule;
	fail_msg("%s has no run \"%s\"", p->name, name);
	return NULL;
}

/* This is about the program itself: a run of the model cannot show it. */
static bool needs_real_threads(enum finding_kind kind)
{
	return kind == FINDING_MODEL_MISMATCH;
}

static void is_shown(void **state)
{
	enum finding_kind kind = *(enum finding_kind *)*state;
	struct str path = {0}, found = {0};
	char *text, *want, *run, *name;
	struct program *p;

	str_addf(&path, "tests/golden/found/%s.txt", finding_info[kind].name);
	text = read_all(str_cstr(&path));
	want = cut_line(text);
	run = strchr(text, ' ');
	assert_non_null(run);
	name = strndup(text, (size_t)(run - text));
	p = shipped(name, NULL, 0);
	assert_true(diagnose(p, named_run(p, run + 1), kind, &found));
	program_free(p);
	compare(str_cstr(&path), text, want, str_cstr(&found));
	str_free(&path);
	str_free(&found);
	free(name);
	free(text);
}

static int run_golden(void)
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

static int run_shipped(void)
{
	struct CMUnitTest tests[FINDING_COUNT];
	enum finding_kind kinds[FINDING_COUNT];
	size_t n = 0;

	for (int i = 0; i < FINDING_COUNT; i++) {
		if (needs_real_threads((enum finding_kind)i))
			continue;
		kinds[n] = (enum finding_kind)i;
		tests[n] = (struct CMUnitTest){
			.name = finding_info[i].name,
			.test_func = is_shown,
			.initial_state = &kinds[n],
		};
		n++;
	}
	return _cmocka_run_group_tests("found", tests, n, NULL, NULL);
}

int main(void)
{
	return run_golden() + run_shipped();
}
