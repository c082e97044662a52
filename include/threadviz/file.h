/*
 * file.h - whole files: read with a limit, written so that a full disk or a
 * kill leaves the old file or none.
 */
#ifndef THREADVIZ_FILE_H
#define THREADVIZ_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "threadviz/error.h"
#include "threadviz/str.h"

/*
 * Appends the whole file to out. Fails where there is none, where it is a
 * directory, and where it holds more than `limit` bytes; what says what the
 * file should have been: "a scenario".
 */
bool file_read(const char *path, size_t limit, const char *what,
	       struct str *out, struct error *);

/*
 * Makes the file hold these bytes: written beside it, brought to the disk,
 * then given its name in one step. A device or pipe is written as it is.
 */
bool file_save(const char *path, const void *bytes, size_t len,
	       struct error *);

/*
 * The same as a new file: STEM-1.END, or the first number that nobody has.
 * Nothing is ever replaced. Appends the name to path.
 */
bool file_save_new(const char *stem, const char *end, const void *bytes,
		   size_t len, struct str *path, struct error *);

#endif
