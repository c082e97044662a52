/*
 * xml.h - text inside XML.
 */
#ifndef EXPORT_XML_H
#define EXPORT_XML_H

#include "threadviz/str.h"

/* Appends one code point, or what stands for it. */
void xml_add_char(struct str *out, uint32_t ch);
/* Appends UTF-8 text; bad bytes become U+FFFD. */
void xml_add(struct str *out, const char *text);

#endif
