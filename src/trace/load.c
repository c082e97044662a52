/*
 * load.c - reading a trace file (tracefile.h says how it looks).
 *
 * Problem: the file may be cut off, damaged, from a later version, or made to
 * do harm. Idea: nothing is believed. A length is compared with what is really
 * there before anything is allocated, so memory is at most a small multiple of
 * the file's own size; each section is first checked against its checksum,
 * then read through a cursor that cannot leave it.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "threadviz/file.h"
#include "tracefile.h"

enum { PARAMS_MAX = 1024, FORMAT_DIGITS = 9 };

/* A stretch of bytes that is read from the front. */
struct cursor {
	const char *at, *end;
	bool short_of; /* something was read beyond the end */
};

static size_t left(const struct cursor *c)
{
	return (size_t)(c->end - c->at);
}

/* ---- numbers and texts ------------------------------------------------- */

static uint64_t get(struct cursor *c, size_t bytes)
{
	uint64_t value = 0;

	if (left(c) < bytes) {
		c->short_of = true;
		c->at = c->end;
		return 0;
	}
	for (size_t i = 0; i < bytes; i++)
		value |= (uint64_t)(uint8_t)c->at[i] << (8 * i);
	c->at += bytes;
	return value;
}

static int32_t get_int(struct cursor *c)
{
	return (int32_t)(uint32_t)get(c, 4);
}

/* A text; a NUL in it ends it. */
static char *get_text(struct cursor *c, struct arena *arena)
{
	size_t len = (size_t)get(c, 4);
	char *text;

	if (left(c) < len) {
		c->short_of = true;
		len = left(c);
	}
	text = arena_strndup(arena, c->at, len);
	c->at += len;
	return text;
}

/* The next line without its newline. */
static const char *get_line(struct cursor *c, size_t *len)
{
	const char *line = c->at;
	const char *end = memchr(line, '\n', left(c));

	*len = (size_t)((end ? end : c->end) - line);
	c->at = end ? end + 1 : c->end;
	return line;
}

/* ---- sections: lines --------------------------------------------------- */

static bool read_made(struct tracefile *f, struct cursor *c)
{
	const struct {
		const char *key;
		const char **value;
	} keys[] = {
		{"version ", &f->version},
		{"engine ", &f->engine},
		{"name ", &f->name},
		{"file ", &f->file},
	};

	while (left(c)) {
		size_t len, key;
		const char *line = get_line(c, &len);

		for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
			key = strlen(keys[i].key);
			if (len >= key && !memcmp(line, keys[i].key, key))
				*keys[i].value = arena_strndup(
					&f->arena, line + key, len - key);
		}
	}
	return f->version && f->engine && f->name && f->file;
}

static bool read_param(struct tracefile *f, const char *line)
{
	const char *equals = strchr(line, '=');
	char *end;
	long value;

	if (!equals || equals == line)
		return false;
	errno = 0;
	value = strtol(equals + 1, &end, 10);
	if (end == equals + 1 || *end || errno || value < INT32_MIN ||
	    value > INT32_MAX)
		return false;
	f->params[f->param_count++] = (struct trace_param){
		.name = arena_strndup(&f->arena, line, (size_t)(equals - line)),
		.value = (int32_t)value,
	};
	return true;
}

static bool read_params(struct tracefile *f, struct cursor *c)
{
	f->params = arena_array(&f->arena, PARAMS_MAX, sizeof *f->params);
	while (left(c)) {
		size_t len;
		const char *line = get_line(c, &len);

		if (f->param_count == PARAMS_MAX ||
		    !read_param(f, arena_strndup(&f->arena, line, len)))
			return false;
	}
	return true;
}

static bool read_scenario(struct tracefile *f, struct cursor *c)
{
	f->text_len = left(c);
	f->text = arena_strndup(&f->arena, c->at, f->text_len);
	return strlen(f->text) == f->text_len;
}

static bool read_schedule(struct tracefile *f, struct cursor *c)
{
	f->schedule = arena_strndup(&f->arena, c->at, left(c));
	return strlen(f->schedule) == left(c);
}

/* ---- sections: binary -------------------------------------------------- */

static struct event get_event(struct cursor *c)
{
	struct event e = {.time = get(c, 8)};

	e.step = (uint32_t)get(c, 4);
	e.thread = (thread_id)get(c, 1);
	e.kind = (uint8_t)get(c, 1);
	e.flags = (uint8_t)get(c, 1);
	e.other = (uint8_t)get(c, 1);
	e.object = (object_id)get(c, 2);
	e.pc = (code_addr)get(c, 2);
	e.index = get_int(c);
	e.value = get_int(c);
	e.extra = get_int(c);
	return e;
}

static bool read_events(struct tracefile *f, struct cursor *c)
{
	if (left(c) % EVENT_BYTES)
		return false;
	f->event_count = left(c) / EVENT_BYTES;
	f->events = arena_array(&f->arena, f->event_count, sizeof *f->events);
	for (size_t i = 0; i < f->event_count; i++)
		f->events[i] = get_event(c);
	return true;
}

static bool read_prints(struct tracefile *f, struct cursor *c)
{
	/* Each takes at least the four bytes of its length. */
	f->prints = arena_array(&f->arena, left(c) / 4, sizeof *f->prints);
	while (left(c)) {
		const char *text = get_text(c, &f->arena);

		if (c->short_of)
			return false;
		f->prints[f->print_count++] = text;
	}
	return true;
}

static unsigned finding_of_name(const char *name)
{
	unsigned k = 0;

	while (k < FINDING_COUNT && strcmp(finding_info[k].name, name) != 0)
		k++;
	return k;
}

static struct finding get_finding(struct tracefile *f, struct cursor *c,
				  unsigned *kind)
{
	struct finding new = {0};

	*kind = finding_of_name(get_text(c, &f->arena));
	new.kind = (uint8_t)*kind;
	new.object = (object_id)get(c, 2);
	new.index = get_int(c);
	new.step = (uint32_t)get(c, 4);
	new.threads = get(c, 8);
	for (size_t i = 0; i < FINDING_EVENTS; i++)
		new.events[i] = (size_t)get(c, 8);
	new.what = get_text(c, &f->arena);
	new.why = get_text(c, &f->arena);
	new.fix = get_text(c, &f->arena);
	return new;
}

/* A kind that only a later version knows is left out. */
static bool read_findings(struct tracefile *f, struct cursor *c)
{
	enum { SMALLEST = 4 + 2 + 4 + 4 + 8 + 8 * FINDING_EVENTS + 3 * 4 };

	f->findings =
		arena_array(&f->arena, left(c) / SMALLEST, sizeof *f->findings);
	while (left(c)) {
		unsigned kind;
		struct finding new = get_finding(f, c, &kind);

		if (c->short_of)
			return false;
		if (kind < FINDING_COUNT)
			f->findings[f->finding_count++] = new;
	}
	return true;
}

static bool read_end(struct tracefile *f, struct cursor *c)
{
	(void)f;
	return left(c) == 0;
}

/* ---- the file ---------------------------------------------------------- */

static const struct section {
	const char *name;
	bool (*read)(struct tracefile *, struct cursor *);
} sections[] = {
	{"made", read_made},         {"params", read_params},
	{"scenario", read_scenario}, {"schedule", read_schedule},
	{"events", read_events},     {"prints", read_prints},
	{"findings", read_findings}, {"end", read_end},
};

enum { SECTIONS = sizeof sections / sizeof *sections };

/* What is being read, for messages, and which sections have been. */
struct reading {
	struct tracefile *file;
	const char *path;
	const char *begin;
	struct cursor c;
	unsigned seen; /* bit k: sections[k] */
	struct error *err;
};

static bool cut_off(const struct reading *r, const char *name)
{
	return fail(r->err, "%s: cut off in the section \"%s\"", r->path, name);
}

static bool damaged(const struct reading *r, const char *name)
{
	return fail(r->err, "%s: damaged in the section \"%s\"", r->path, name);
}

/* "events 320 5b1c7f00": false if the line is anything else. */
static bool parse_header(const char *line, size_t len, char name[16],
			 size_t *size, uint32_t *crc)
{
	char text[64];
	unsigned long long length;
	unsigned sum;
	int end = 0;

	if (len >= sizeof text)
		return false;
	memcpy(text, line, len);
	text[len] = '\0';
	/* So few digits always fit. NOLINTNEXTLINE(cert-err34-c) */
	if (sscanf(text, "%15[a-z] %12llu %8x%n", name, &length, &sum, &end) <
		    3 ||
	    text[end])
		return false;
	*size = (size_t)length;
	*crc = sum;
	return true;
}

static bool read_known(struct reading *r, unsigned k, struct cursor body)
{
	if (r->seen & 1u << k)
		return fail(r->err,
			    "%s: damaged: the section \"%s\" stands "
			    "there twice",
			    r->path, sections[k].name);
	r->seen |= 1u << k;
	return sections[k].read(r->file, &body) || damaged(r, sections[k].name);
}

static bool read_body(struct reading *r, const char *name, size_t size,
		      uint32_t crc)
{
	struct cursor body = {.at = r->c.at};
	unsigned k = 0;

	if (left(&r->c) < size || left(&r->c) - size < 1)
		return cut_off(r, name);
	body.end = body.at + size;
	r->c.at = body.end + 1;
	if (*body.end != '\n' || crc32_of(body.at, size) != crc)
		return damaged(r, name);
	while (k < SECTIONS && strcmp(sections[k].name, name) != 0)
		k++;
	return k == SECTIONS || read_known(r, k, body);
}

static bool read_sections(struct reading *r)
{
	while (left(&r->c)) {
		char name[16];
		size_t len, size;
		uint32_t crc;
		const char *line = get_line(&r->c, &len);

		if (!left(&r->c))
			return fail(r->err, "%s: cut off", r->path);
		if (!parse_header(line, len, name, &size, &crc))
			return fail(r->err, "%s: damaged at byte %zu", r->path,
				    (size_t)(line - r->begin));
		if (!read_body(r, name, size, crc))
			return false;
	}
	for (unsigned k = 0; k < SECTIONS; k++)
		if (!(r->seen & 1u << k))
			return fail(r->err,
				    "%s: cut off: the section \"%s\" "
				    "is missing",
				    r->path, sections[k].name);
	return true;
}

/* The first line: whether this is a trace, and one we understand. */
static bool read_magic(struct reading *r)
{
	size_t len, magic = strlen(TRACE_MAGIC);
	const char *line = get_line(&r->c, &len);
	size_t digits = 0;
	char number[FORMAT_DIGITS + 1] = {0};
	long format;

	if (len <= magic || memcmp(line, TRACE_MAGIC, magic) != 0)
		return fail(r->err, "%s: this is not a trace of threadviz",
			    r->path);
	while (magic + digits < len && line[magic + digits] >= '0' &&
	       line[magic + digits] <= '9')
		digits++;
	if (!digits || digits > FORMAT_DIGITS || magic + digits != len ||
	    line[magic] == '0')
		return fail(r->err, "%s: damaged in the first line", r->path);
	/* The line has no end of its own. */
	memcpy(number, line + magic, digits);
	format = strtol(number, NULL, 10);
	if (format != TRACEFILE_FORMAT)
		return fail(r->err,
			    "%s: this trace has format %ld, from a "
			    "later threadviz; this one reads format %d",
			    r->path, format, TRACEFILE_FORMAT);
	return true;
}

bool tracefile_decode(struct tracefile *f, const char *path, const char *bytes,
		      size_t len, struct error *err)
{
	struct reading r = {
		.file = f,
		.path = path,
		.begin = bytes,
		.c = {.at = bytes, .end = bytes + len},
		.err = err,
	};

	*f = (struct tracefile){0};
	return read_magic(&r) && read_sections(&r);
}

bool tracefile_load(struct tracefile *f, const char *path, struct error *err)
{
	struct str bytes = {0};
	bool ok;

	*f = (struct tracefile){0};
	ok = file_read(path, TRACEFILE_MAX, "a trace", &bytes, err) &&
	     tracefile_decode(f, path, str_cstr(&bytes), bytes.len, err);
	str_free(&bytes);
	return ok;
}

void tracefile_fini(struct tracefile *f)
{
	arena_fini(&f->arena);
	*f = (struct tracefile){0};
}

bool tracefile_is_free(const struct tracefile *f)
{
	return !strcmp(f->engine, "free");
}
