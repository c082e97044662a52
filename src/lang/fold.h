/*
 * fold.h - arithmetic at compile time, as the machine does it.
 */
#ifndef THREADVIZ_LANG_FOLD_H
#define THREADVIZ_LANG_FOLD_H

#include <stdbool.h>
#include <stdint.h>

/* The value of a private instruction on constants; false if it would crash. */
bool fold(int code, int32_t a, int32_t b, int32_t *out);

#endif
