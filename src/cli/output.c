/*
 * output.c - where a command's result goes.
 *
 * A file is written whole or not at all. Standard output may be a pipe that
 * somebody closes; command.c looks once, at the very end, whether everything
 * arrived.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "threadviz/file.h"

bool output_write(const char *path, const struct str *text, struct error *err)
{
	if (path)
		return file_save(path, str_cstr(text), text->len, err);
	if (fwrite(str_cstr(text), 1, text->len, stdout) == text->len)
		return true;
	return fail(err, "standard output: %s", strerror(errno));
}
