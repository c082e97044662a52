/*
 * output.h - where a command's result goes.
 */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "threadviz/error.h"
#include "threadviz/str.h"

/* Into the file, whole or not at all, or onto standard output if path is NULL.
 * What is still on its way then is looked after at the very end. */
bool output_write(const char *path, const struct str *, struct error *);

#endif
