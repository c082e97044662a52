/*
 * judge.c - how a free run ended, all considered.
 *
 * Memory tells the final values, but two things it cannot tell. What had to
 * hold all along is only seen in the order of the steps, which the model finds.
 * And daemons do not know that the run has ended: until the process is gone
 * they go on, and memory holds what they did after the end. With daemons, then,
 * the end is that of the model, if it explains every step; if not, there is no
 * verdict.
 */
#include "threadviz/judge.h"

static bool has_daemons(const struct program *p)
{
	for (size_t i = 0; i < p->threads.count; i++)
		if (p->threads.data[i].daemon)
			return true;
	return false;
}

/* The model's end, if it came to it. */
static const struct world *end_of(const struct accord *a)
{
	const struct world *w = accord_world(a);

	return accord_state(a) == ACCORD_SO_FAR && w->verdict ? w : NULL;
}

/* What memory holds does not count. */
static void judge_daemons(struct judgement *j, const struct program *p,
			  const struct accord *a)
{
	j->world = end_of(a);
	str_clear(&j->why);
	if (!j->world) {
		j->verdict = VERDICT_NONE;
		str_add(&j->why, "daemons went on after the end, and ");
		accord_format(a, &j->why);
		return;
	}
	j->verdict = world_verdict(j->world, p);
	j->output = world_output(j->world, p);
	if (j->verdict != VERDICT_OK)
		world_explain(j->world, p, &j->why);
}

struct judgement judge_run(const struct program *p, struct free_run *f,
			   struct accord *a)
{
	struct judgement j = {.state = free_state(f)};
	struct free_counts counts;
	bool cut; /* the model stops where a check does not hold */

	accord_finish(a);
	free_count(f, &counts);
	j.verdict = free_verdict(f, &j.why);
	j.output = free_output(f);
	j.lost = counts.lost != 0;
	j.seconds = counts.seconds;
	j.unexplained = accord_state(a) == ACCORD_MISMATCH;
	if (j.state == FREE_ENDED && has_daemons(p))
		judge_daemons(&j, p, a);
	cut = accord_violated(a, NULL) >= 0;
	j.verdict = accord_verdict(a, j.verdict, &j.why);
	j.complete = j.state == FREE_ENDED && !cut && j.verdict != VERDICT_NONE;
	return j;
}

int32_t judge_value(const struct judgement *j, const struct program *p,
		    const struct free_run *f, object_id id, int32_t index)
{
	return j->world ? world_value(j->world, p, id, index)
			: free_value(f, id, index);
}
