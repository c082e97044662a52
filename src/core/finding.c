/*
 * finding.c - the table of findings, and releasing one.
 *
 * findings.def is the specification; this is its second reading (finding.h's
 * enum is the first).
 */
#include <stdlib.h>

#include "threadviz/finding.h"

const struct finding_info finding_info[FINDING_COUNT] = {
#define FINDING(id, n, t, s) \
	[FINDING_##id] = {.name = n, .title = t, .severity = s},
#include "threadviz/findings.def"
#undef FINDING
};

void finding_fini(struct finding *f)
{
	free(f->what);
	free(f->why);
	free(f->fix);
	*f = (struct finding){.object = OBJECT_NONE};
}
