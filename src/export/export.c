/*
 * export.c - the table of formats.
 *
 * exports.def is the specification: whoever adds a format adds its row there
 * and its function to export.h, and the command, help and manual know it.
 */
#include <string.h>

#include "threadviz/export.h"

const struct export_format export_formats[] = {
#define EXPORT(n, f, s, h) {.name = n, .write = f, .suffix = s, .help = h},
#include "threadviz/exports.def"
#undef EXPORT
	{.name = NULL},
};

const struct export_format *export_find(const char *name)
{
	for (const struct export_format *f = export_formats; f->name; f++)
		if (!strcmp(f->name, name))
			return f;
	return NULL;
}
