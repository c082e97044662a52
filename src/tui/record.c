/*
 * record.c - a session as a film: what was shown, and when.
 *
 * The frames that go to the terminal also go to the film, with the time that
 * has passed since the first. Each is on its way to the disk before the next
 * key is taken, so that a session which is killed leaves a film that plays up
 * to there.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "record.h"
#include "threadviz/arena.h"
#include "threadviz/export.h"

struct record {
	FILE *file;
	const char *path;
	char *title;
	struct cast cast;
	struct timespec begun;
	bool begins; /* no frame yet */
	int failed;  /* errno, or 0 */
};

struct record *record_open(const char *path, const char *title,
			   struct error *err)
{
	FILE *file = fopen(path, "we");
	struct record *r;

	if (!file) {
		fail(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	r = xcalloc(1, sizeof *r);
	r->file = file;
	r->path = path;
	r->title = xstrdup(title);
	r->begins = true;
	return r;
}

/* To the millisecond. */
static double seconds_since(const struct timespec *begun)
{
	struct timespec now;
	int64_t ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	ms = (int64_t)(now.tv_sec - begun->tv_sec) * 1000 +
	     (now.tv_nsec - begun->tv_nsec) / 1000000;
	return (double)ms / 1000;
}

static bool put(struct record *r, const struct str *text, struct error *err)
{
	errno = 0;
	if (fwrite(str_cstr(text), 1, text->len, r->file) == text->len &&
	    fflush(r->file) == 0)
		return true;
	r->failed = errno ? errno : EIO;
	return fail(err, "%s: %s", r->path, strerror(r->failed));
}

bool record_show(struct record *r, const struct grid *g, enum theme theme,
		 bool ascii, struct error *err)
{
	struct str text = {0};
	bool ok;

	if (!r || r->failed)
		return true;
	if (r->begins) {
		clock_gettime(CLOCK_MONOTONIC, &r->begun);
		cast_begin(&r->cast, g->w, g->h, r->title, &text);
		r->begins = false;
	}
	cast_frame(&r->cast, g, theme, ascii, seconds_since(&r->begun), &text);
	ok = put(r, &text, err);
	str_free(&text);
	return ok;
}

bool record_close(struct record *r, struct error *err)
{
	bool ok = true;

	if (!r)
		return true;
	if (fclose(r->file) != 0 && !r->failed)
		r->failed = errno;
	if (r->failed)
		ok = fail(err, "%s: %s", r->path, strerror(r->failed));
	cast_end(&r->cast);
	free(r->title);
	free(r);
	return ok;
}
