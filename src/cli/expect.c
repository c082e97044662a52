/*
 * expect.c - holding a search's report against a scenario's expectations.
 *
 * An expectation is exact: what it names must be found and nothing else. What
 * was found instead is part of the answer, so that a lecturer can mend either
 * the scenario or the line.
 */
#include "expect.h"

static uint32_t found_verdicts(const struct search_report *r)
{
	uint32_t set = 0;

	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		if (!count_is_zero(r->verdicts[v]))
			set |= 1u << v;
	return set | (r->livelock ? EXPECT_LIVELOCK : 0);
}

static void add_verdicts(uint32_t set, struct str *out)
{
	const char *gap = "";

	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++) {
		if (!(set >> v & 1))
			continue;
		str_addf(out, "%s%s", gap, verdict_name[v]);
		gap = ", ";
	}
	if (set & EXPECT_LIVELOCK)
		str_addf(out, "%slivelock", gap);
	else if (!*gap)
		str_add(out, "ok");
}

static bool verdicts_met(const struct search_report *r, const struct expect *e,
			 struct str *found)
{
	uint32_t bad = e->verdicts & ~(1u << VERDICT_OK);

	add_verdicts(found_verdicts(r), found);
	return found_verdicts(r) == bad;
}

static bool has_object(const struct expect *e, object_id id)
{
	for (size_t i = 0; i < e->object_count; i++)
		if (e->objects[i] == id)
			return true;
	return false;
}

static bool has_race(const struct search_report *r, object_id id)
{
	for (size_t i = 0; i < r->race_count; i++)
		if (r->races[i].object == id)
			return true;
	return false;
}

static bool races_met(const struct program *p, const struct search_report *r,
		      const struct expect *e, struct str *found)
{
	bool met = true;
	const char *gap = "";

	for (size_t i = 0; i < r->race_count; i++) {
		object_id id = r->races[i].object;

		met &= has_object(e, id);
		if (i && r->races[i - 1].object == id)
			continue;
		str_addf(found, "%srace %s", gap, p->objects.data[id].name);
		gap = ", ";
	}
	if (!r->race_count)
		str_add(found, "no race");
	for (size_t i = 0; i < e->object_count; i++)
		met &= has_race(r, e->objects[i]);
	return met;
}

/* Ends of complete runs: ok, or violated by a finally. */
static bool is_complete(const struct search_outcome *o)
{
	return o->complete;
}

static bool expects_value(const struct expect *e, int32_t value)
{
	for (size_t i = 0; i < e->value_count; i++)
		if (e->values[i] == value)
			return true;
	return false;
}

static size_t value_place(const struct search_report *r, const struct expect *e)
{
	size_t i = 0;

	while (i < r->value_count && (r->values[i].object != e->objects[0] ||
				      r->values[i].index != e->element))
		i++;
	return i;
}

static bool value_seen(const struct search_report *r, size_t place,
		       int32_t value, size_t before)
{
	for (size_t i = 0; i < before; i++)
		if (is_complete(&r->outcomes[i]) &&
		    r->outcomes[i].final[place] == value)
			return true;
	return false;
}

static bool values_met(const struct search_report *r, const struct expect *e,
		       struct str *found)
{
	size_t place = value_place(r, e);
	bool met = place < r->value_count;
	const char *gap = "";

	for (size_t i = 0; met && i < r->outcome_count; i++) {
		int32_t value = r->outcomes[i].final[place];

		if (!is_complete(&r->outcomes[i]) ||
		    value_seen(r, place, value, i))
			continue;
		str_addf(found, "%s%d", gap, value);
		gap = ", ";
		if (!expects_value(e, value))
			met = false;
	}
	for (size_t i = 0; met && i < e->value_count; i++)
		met = value_seen(r, place, e->values[i], r->outcome_count);
	return met;
}

static bool schedules_met(const struct search_report *r, const struct expect *e,
			  struct str *found)
{
	count_format(r->schedules, found);
	return !strcmp(str_cstr(found), e->schedules);
}

bool expect_one(const struct program *p, const struct search_report *r,
		const struct expect *e, struct str *missed)
{
	struct str found = {0};
	bool met = false;

	switch ((enum expect_kind)e->kind) {
	case EXPECT_VERDICTS:
		met = verdicts_met(r, e, &found);
		break;
	case EXPECT_RACE:
		met = races_met(p, r, e, &found);
		break;
	case EXPECT_VALUES:
		met = values_met(r, e, &found);
		break;
	case EXPECT_SCHEDULES:
		met = schedules_met(r, e, &found);
		break;
	}
	if (!met)
		str_addf(missed, "%s:%u: %s: found %s%s\n", p->file, e->line,
			 e->text, str_cstr(&found),
			 r->complete ? "" : " before a bound was hit");
	str_free(&found);
	return met;
}

int expect_check(const struct program *p, const struct search_report *r,
		 struct str *missed)
{
	int failed = 0;

	for (size_t i = 0; i < p->expects.count; i++)
		failed += !expect_one(p, r, &p->expects.data[i], missed);
	return failed;
}
