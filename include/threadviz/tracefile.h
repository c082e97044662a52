/*
 * tracefile.h - one run in one file (*.tvt): what was run, how, what happened
 * and what was found.
 *
 * The file holds the scenario's text, so that it means the same wherever it is
 * opened. It is read in two steps, because only the command line can compile:
 * first the file alone, then, with the program compiled from it, its events.
 */
#ifndef THREADVIZ_TRACEFILE_H
#define THREADVIZ_TRACEFILE_H

#include "threadviz/finding.h"
#include "threadviz/timeline.h"

enum {
	TRACEFILE_FORMAT = 1,           /* what this version writes and reads */
	TRACEFILE_MAX = 512 << 20,      /* bytes of a file */
	TRACEFILE_STEPS = 4000000,      /* of a controlled run */
};

/* A run as it is saved and exported; it owns nothing. */
struct recording {
	const struct program *program;
	const char *engine;     /* "sim", "live" or "free" */
	const struct choice *schedule; /* none of a free run */
	size_t steps;
	const struct event *events;
	size_t event_count;
	const struct finding *findings;
	size_t finding_count;
};

/* What a file says. Everything hangs in the arena. */
struct tracefile {
	struct arena arena;
	const char *version; /* of the threadviz that wrote it */
	const char *engine;  /* "sim", "live" or "free" */
	const char *name, *file; /* of the scenario, as program_compile takes */
	const char *text;
	size_t text_len;
	const char *schedule; /* as schedule_parse reads it; "" of a free run */
	struct trace_param {
		const char *name;
		int32_t value;
	} *params;
	size_t param_count;
	struct event *events; /* unchecked until tracefile_fit */
	size_t event_count;
	const char **prints;  /* what each OP_PRINT of the events printed */
	size_t print_count;
	struct finding *findings;
	size_t finding_count;
};

/* Writes the file, see file_save: afterwards it is whole, or as before. */
bool tracefile_save(const struct recording *, const char *path,
		    struct error *);
/* The same as a new file in the current directory, named after the scenario:
 * race-1.tvt, race-2.tvt ...; appends the name to path. */
bool tracefile_save_new(const struct recording *, struct str *path,
			struct error *);
/* For the beginning of a free run's events: that `gone` others came before the
 * first of them and were not kept. */
struct event tracefile_loss(const struct event *first, uint64_t gone);
/* Appends the bytes of the file to out. */
void tracefile_encode(const struct recording *, struct str *out);

/* Reads a file; release with tracefile_fini, also after a failure. */
bool tracefile_load(struct tracefile *, const char *path, struct error *);
/* The same from memory; path is for messages. Any bytes are safe. */
bool tracefile_decode(struct tracefile *, const char *path, const char *bytes,
		      size_t len, struct error *);
/* Releases all that was read; it is empty again. */
void tracefile_fini(struct tracefile *);

/* Whether real threads ran as the kernel wanted, so that only the events say
 * what happened. */
bool tracefile_is_free(const struct tracefile *);

/*
 * Checks that the events can be those of this program, compiled from the
 * file's own text, and gives the printed lines their ids in it. Fails where
 * another version's compiler made another program, or a file lies.
 */
bool tracefile_fit(struct tracefile *, const struct program *, struct error *);

/*
 * Takes the file's schedule in a timeline of the same program that has no
 * steps yet. Fails, with the steps until then taken, where the model forbids
 * one. Not for free runs.
 */
bool tracefile_repeat(const struct tracefile *, struct timeline *,
		      struct error *);

#endif
