/*
 * xml.c - text inside XML.
 *
 * What would end an attribute or begin a tag is written as an entity, and what
 * XML does not know at all (control characters, bad bytes) as U+FFFD, so that
 * nothing a scenario says can break a picture.
 */
#include "xml.h"
#include "threadviz/utf8.h"

void xml_add_char(struct str *out, uint32_t ch)
{
	char bytes[UTF8_MAX];

	switch (ch) {
	case '&':
		str_add(out, "&amp;");
		return;
	case '<':
		str_add(out, "&lt;");
		return;
	case '>':
		str_add(out, "&gt;");
		return;
	case '"':
		str_add(out, "&quot;");
		return;
	default: /* XML knows no control characters and no U+FFFE, U+FFFF */
		if (ch < ' ' || (ch | 1) == 0xffff)
			ch = UTF8_BAD;
		str_addn(out, bytes, utf8_encode(ch, bytes));
	}
}

void xml_add(struct str *out, const char *text)
{
	uint32_t ch;

	for (size_t len = strlen(text); len > 0;) {
		size_t n = utf8_decode(text, len, &ch);

		xml_add_char(out, ch);
		text += n;
		len -= n;
	}
}
