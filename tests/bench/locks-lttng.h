/*
 * locks-lttng.h - lttng-ust's tracepoint for locks.c. It is included several
 * times, as lttng asks for it.
 */
#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER threadviz

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./locks-lttng.h"

#if !defined(LOCKS_LTTNG_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define LOCKS_LTTNG_H

#include <lttng/tracepoint.h>

LTTNG_UST_TRACEPOINT_EVENT(
	threadviz, lock, LTTNG_UST_TP_ARGS(int, kind, int, value),
	LTTNG_UST_TP_FIELDS(lttng_ust_field_integer(int, kind, kind)
				    lttng_ust_field_integer(int, value, value)))

#endif

#include <lttng/tracepoint-event.h>
