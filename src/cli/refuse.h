/*
 * refuse.h - options that would do nothing.
 */
#ifndef CLI_REFUSE_H
#define CLI_REFUSE_H

#include "options.h"

/* Of run and replay: false if one of the options has no effect beside the
 * others; says what to do. */
bool refuse_idle(const struct options *, struct error *);

#endif
