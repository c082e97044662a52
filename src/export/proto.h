/*
 * proto.h - writing protocol buffers: tagged fields appended to a string.
 *
 * A message inside a message is written into a string of its own first,
 * because its length stands before it.
 */
#ifndef EXPORT_PROTO_H
#define EXPORT_PROTO_H

#include "threadviz/str.h"

static inline void proto_varint(struct str *out, uint64_t value)
{
	for (; value >= 128; value >>= 7)
		str_addc(out, (char)(value | 128));
	str_addc(out, (char)value);
}

/* int32, int64, uint32, uint64, bool, enum */
static inline void proto_int(struct str *out, uint32_t field, uint64_t value)
{
	proto_varint(out, (uint64_t)field << 3);
	proto_varint(out, value);
}

static inline void proto_fixed64(struct str *out, uint32_t field,
				 uint64_t value)
{
	proto_varint(out, (uint64_t)field << 3 | 1);
	for (int i = 0; i < 8; i++)
		str_addc(out, (char)(value >> (8 * i) & 255));
}

static inline void proto_bytes(struct str *out, uint32_t field,
			       const char *bytes, size_t len)
{
	proto_varint(out, (uint64_t)field << 3 | 2);
	proto_varint(out, len);
	str_addn(out, bytes, len);
}

static inline void proto_string(struct str *out, uint32_t field,
				const char *text)
{
	proto_bytes(out, field, text, strlen(text));
}

/* Appends message as a field and empties it. */
static inline void proto_message(struct str *out, uint32_t field,
				 struct str *message)
{
	proto_bytes(out, field, str_cstr(message), message->len);
	str_clear(message);
}

#endif
