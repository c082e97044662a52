/*
 * handovers.c - regions and conditions, counted event by event.
 *
 * Which regions a thread is in follows from where it stands (stays.c), so each
 * event says where it was and, nearly always, where it is from now on. Who is
 * inside one region at a time is thus known at every record, also when some
 * were lost.
 *
 * Woken in vain: between waking from a condition and sleeping in the same one
 * again the thread has not given its mutex back, so it only looked.
 */
#include <stdlib.h>

#include "threadviz/stays.h"
#include "threadviz/handovers.h"

#define NOWHERE UINT32_MAX

struct walker {           /* of a thread */
	uint32_t regions; /* it is in */
	uint32_t woken;   /* condition it woke from and only looked since */
	uint32_t late;    /* regions not entered since a wait timed out */
};

struct handovers {
	const struct program *program;
	uint64_t now, lost;
	struct stay *stays;
	uint32_t base[LIMIT_OBJECTS + 1]; /* place of an object's element 0 */
	struct cond_count *conds;         /* by place */
	struct walker walkers[LIMIT_THREADS];
	struct region_count regions[LIMIT_REGIONS];
	struct crowd {
		uint64_t since; /* somebody has been inside */
		unsigned inside;
	} crowds[LIMIT_REGIONS];
};

struct handovers *handovers_new(const struct program *p)
{
	struct handovers *h = xcalloc(1, sizeof *h);
	uint32_t places = 0;

	h->program = p;
	for (size_t i = 0; i < p->objects.count; i++) {
		h->base[i] = places;
		places += p->objects.data[i].count;
	}
	h->conds = xcalloc(places + 1, sizeof *h->conds);
	h->stays = stays_new(p);
	for (size_t t = 0; t < LIMIT_THREADS; t++)
		h->walkers[t].woken = NOWHERE;
	for (size_t r = 0; r < LIMIT_REGIONS; r++)
		h->regions[r].last = THREAD_NONE;
	return h;
}

void handovers_free(struct handovers *h)
{
	if (!h)
		return;
	free(h->conds);
	free(h->stays);
	free(h);
}

static uint32_t place_of(const struct handovers *h, object_id id, int32_t index)
{
	if (id >= h->program->objects.count || index < 0 ||
	    index >= h->program->objects.data[id].count)
		return NOWHERE;
	return h->base[id] + (uint32_t)index;
}

/* ---- regions ----------------------------------------------------------- */

static void enter(struct handovers *h, thread_id t, unsigned r)
{
	struct region_count *c = &h->regions[r];
	struct crowd *crowd = &h->crowds[r];

	if (!crowd->inside++)
		crowd->since = h->now;
	if (crowd->inside > c->most)
		c->most = crowd->inside;
	c->taken++;
	c->taken_by[t]++;
	if (c->last == t)
		c->again++;
	else if (c->last != THREAD_NONE)
		c->handovers++;
	c->last = t;
	c->late += h->walkers[t].late >> r & 1;
	c->late_by[t] += h->walkers[t].late >> r & 1;
	h->walkers[t].late &= ~(UINT32_C(1) << r);
}

static void leave(struct handovers *h, unsigned r)
{
	struct crowd *crowd = &h->crowds[r];
	uint64_t ns = h->now - crowd->since;

	if (--crowd->inside)
		return;
	h->regions[r].held += ns;
	if (ns > h->regions[r].longest)
		h->regions[r].longest = ns;
}

static void be_in(struct handovers *h, thread_id t, uint32_t regions)
{
	uint32_t *in = &h->walkers[t].regions;
	uint32_t change = *in ^ regions;

	for (; change; change &= change - 1) {
		unsigned r = (unsigned)__builtin_ctz(change);

		if (regions >> r & 1)
			enter(h, t, r);
		else
			leave(h, r);
	}
	*in = regions;
}

/* ---- conditions -------------------------------------------------------- */

static void note_condition(struct handovers *h, const struct event *e)
{
	struct walker *w = &h->walkers[e->thread];
	uint32_t place = place_of(h, e->object, e->index);
	bool late = e->flags & EVENT_TIMEOUT;

	if (late)
		w->late = UINT32_MAX;
	if (e->kind == OP_UNLOCK)
		w->woken = NOWHERE;
	if (place == NOWHERE)
		return;
	if (e->kind == OP_SLEEP_ON) {
		h->conds[place].vain += w->woken == place;
		w->woken = NOWHERE;
	} else if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR) {
		h->conds[place].timeouts += late;
		h->conds[place].woken += !late;
		w->woken = late ? NOWHERE : place;
	}
}

/* ---- events ------------------------------------------------------------ */

/* Who was in a region meanwhile, and how often, nobody knows: what is counted
 * has been seen. */
static void forget(struct handovers *h, const struct event *e)
{
	for (size_t r = 0; r < h->program->regions.count; r++) {
		h->regions[r].last = THREAD_NONE;
		if (h->walkers[e->thread].regions >> r & 1)
			h->crowds[r].since = h->now;
	}
	h->lost += (uint32_t)e->value;
	h->walkers[e->thread].woken = NOWHERE;
	h->walkers[e->thread].late = 0;
}

static void add(struct handovers *h, const struct event *e)
{
	uint32_t sets[2];
	unsigned n = stays_along(h->stays, h->program, e, sets);

	if (e->time > h->now)
		h->now = e->time;
	if (e->thread >= h->program->threads.count ||
	    e->pc >= h->program->code.count)
		return;
	if (e->kind == EVENT_LOST)
		forget(h, e);
	else if (e->kind < OP_COUNT &&
		 !(e->flags & (EVENT_WANTS | EVENT_CRASH)))
		note_condition(h, e);
	for (unsigned i = 0; i < n; i++)
		be_in(h, e->thread, sets[i]);
}

void handovers_add(struct handovers *h, const struct event *events, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add(h, &events[i]);
}

/* ---- looking ----------------------------------------------------------- */

const struct region_count *handovers_region(const struct handovers *h,
					    unsigned region)
{
	return &h->regions[region];
}

const struct cond_count *handovers_cond(const struct handovers *h, object_id id,
					int32_t index)
{
	return &h->conds[place_of(h, id, index)];
}

uint64_t handovers_lost(const struct handovers *h)
{
	return h->lost;
}

static void format_region(const struct handovers *h, size_t region,
			  struct str *out)
{
	const struct region_count *c = &h->regions[region];

	str_addf(out,
		 "%s: %s%llu handed over, %llu taken again by who let go, "
		 "held at most ",
		 h->program->regions.data[region], h->lost ? "at least " : "",
		 (unsigned long long)c->handovers,
		 (unsigned long long)c->again);
	str_add_ns(out, c->longest);
	str_addc(out, '\n');
}

static void format_cond(const struct handovers *h, object_id id, int32_t index,
			struct str *out)
{
	const struct cond_count *c = handovers_cond(h, id, index);

	if (!c->woken && !c->timeouts)
		return;
	object_format(h->program, id, index, out);
	str_addf(out,
		 ": %s%llu woken, %llu of them in vain, %llu timed out\n",
		 h->lost ? "at least " : "", (unsigned long long)c->woken,
		 (unsigned long long)c->vain,
		 (unsigned long long)c->timeouts);
}

void handovers_format(const struct handovers *h, struct str *out)
{
	const struct program *p = h->program;

	for (size_t r = 0; r < p->regions.count; r++)
		if (h->regions[r].taken && program_region_is_exclusive(p, r))
			format_region(h, r, out);
	for (size_t i = 0; i < p->objects.count; i++)
		if (p->objects.data[i].kind == OBJECT_COND)
			for (int32_t k = 0; k < p->objects.data[i].count; k++)
				format_cond(h, (object_id)i, k, out);
}
