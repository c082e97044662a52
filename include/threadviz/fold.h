/*
 * fold.h - ASCII stand-ins for terminals and files that know nothing else.
 */
#ifndef THREADVIZ_FOLD_H
#define THREADVIZ_FOLD_H

#include <stdint.h>

/*
 * One ASCII character in place of a code point: same width, same idea. Every
 * glyph the program draws and every letter of Latin-1 has one; what is not
 * known (other scripts in a scenario's text) gives '?'.
 */
char fold_char(uint32_t code);

#endif
