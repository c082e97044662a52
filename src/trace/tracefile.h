/*
 * tracefile.h - what the writer and the reader of a trace file share: its
 * parts.
 *
 *	threadviz trace 1
 *	made 71 9d3a51c2
 *	version 0.9.0
 *	...
 *	events 320 5b1c7f00
 *	(320 bytes)
 *	end 0 00000000
 *
 * The first line names the format. Each section has a line with its name, how
 * many bytes follow and their CRC-32 (that of zip) in hexadecimal; behind the
 * bytes stands a newline. Sections may come in any order; a name nobody knows
 * is passed over, so that a later version can add some. Numbers in binary
 * sections are little-endian; a text there is its length (4 bytes) and its
 * bytes.
 *
 *	made      lines of a key, a blank, a value: version, engine, name,
 *	          file
 *	params    lines `name=value`
 *	scenario  the text as it was compiled
 *	schedule  as `threadviz run --schedule` takes it; empty: free run
 *	events    32 bytes each: time 8, step 4, thread 1, kind 1, flags 1,
 *	          other 1, object 2, pc 2, index 4, value 4, extra 4
 *	prints    a text for each print among the events, in their order
 *	findings  each: text (the kind's name), object 2, index 4, step 4,
 *	          threads 8, four events 8 each, texts what, why, fix
 *	end       0 bytes: nothing is missing
 */
#ifndef TRACE_TRACEFILE_H
#define TRACE_TRACEFILE_H

#include "threadviz/tracefile.h"

#define TRACE_MAGIC "threadviz trace "

enum { EVENT_BYTES = 32 };

/* CRC-32 as zip and PNG have it. */
uint32_t crc32_of(const void *bytes, size_t len);

#endif
