/*
 * plan.c - what a run is asked to do: which engine, which steps, chosen how.
 *
 * The steps of --schedule or --run come first; then a policy goes on. Without
 * a word on either that is round robin, or chance if there is a --seed.
 */
#include <stdio.h>
#include <string.h>

#include "plan.h"
#include "threadviz/explore.h"

bool plan_is_free(const struct options *o)
{
	const char *name = o->value[OPTION_ENGINE];

	return name && !strcmp(name, "free");
}

bool plan_engine(const struct options *o, enum engine_kind *kind,
		 struct error *err)
{
	const char *name = o->value[OPTION_ENGINE];

	*kind = ENGINE_LIVE;
	if (!name || !strcmp(name, "live"))
		return true;
	*kind = ENGINE_SIM;
	if (!strcmp(name, "sim"))
		return true;
	if (!strcmp(name, "free"))
		return fail(err,
			    "--engine free: only `run` leaves the schedule "
			    "to the kernel");
	return fail(err, "--engine %s: the engines are live, sim and free",
		    name);
}

static bool find_run(const struct program *p, const char *name,
		     const char **out, struct error *err)
{
	const char *names[64];
	const char *near;
	size_t n = 0;

	for (size_t i = 0; i < p->runs.count; i++) {
		if (!strcmp(p->runs.data[i].name, name)) {
			*out = p->runs.data[i].schedule;
			return true;
		}
		if (n < 64)
			names[n++] = p->runs.data[i].name;
	}
	near = str_nearest(name, names, n);
	if (near)
		return fail(err, "%s has no run \"%s\": did you mean \"%s\"?",
			    p->name, name, near);
	return fail(err, "%s has no run \"%s\"", p->name, name);
}

bool plan_schedule(const struct options *o, const struct program *p,
		   struct schedule *out, struct error *err)
{
	const char *text = o->value[OPTION_SCHEDULE];
	const char *name = o->value[OPTION_RUN];

	if (text && name)
		return fail(err, "--schedule and --run both say which steps: "
				 "give one");
	if (name && !find_run(p, name, &text, err))
		return false;
	return !text || schedule_parse(p, text, out, err);
}

/* --every N is a policy; with no schedule at all round robin takes over. */
static bool policy_spec(const struct options *o, struct plan *out,
			struct error *err)
{
	const char *policy = o->value[OPTION_POLICY];
	int64_t every = 0;

	if (!options_number(o, OPTION_EVERY, 1, PLAN_STEPS_MAX, &every, err))
		return false;
	if (every && policy)
		return fail(err, "--every is a policy itself: leave out "
				 "--policy");
	if (every)
		snprintf(out->policy, sizeof out->policy, "every:%d",
			 (int)every);
	else if (policy)
		snprintf(out->policy, sizeof out->policy, "%s", policy);
	else if (!out->given.len)
		snprintf(out->policy, sizeof out->policy, "%s",
			 options_has(o, OPTION_SEED) ? "random" : "rr");
	return true;
}

/* A schedule drawn uniformly from all of them needs the whole search. */
static bool draw_uniform(const struct program *p, struct plan *out,
			 struct error *err)
{
	struct search_options options = {
		.graph_only = true, .keep = true, .no_symmetry = true};
	uint64_t state = out->seed;
	struct search *s;
	bool ok;

	if (!p || out->given.len)
		return fail(err, "--policy uniform draws the whole schedule of "
				 "a scenario: name it, and give no other");
	s = search_new(p, &options);
	ok = search_run(s, NULL, NULL) == SEARCH_DONE &&
	     search_sample(s, &state, &out->given);
	search_free(s);
	out->policy[0] = '\0';
	return ok || fail(err,
			  "--policy uniform: %s has too many schedules "
			  "to count, or infinitely many",
			  p->name);
}

bool plan_read(const struct options *o, const struct program *p,
	       struct plan *out, struct error *err)
{
	int64_t seed = 1;

	if (!options_number(o, OPTION_SEED, 0, INT64_MAX, &seed, err) ||
	    (p && !plan_schedule(o, p, &out->given, err)) ||
	    !policy_spec(o, out, err))
		return false;
	out->seed = (uint64_t)seed;
	return strcmp(out->policy, "uniform") != 0 || draw_uniform(p, out, err);
}
