/*
 * tally.c - the outcomes of real runs and those of the search, in one table.
 *
 * Both sides name an outcome in the same terms: the verdict, the final values
 * of the variables, what was printed. Where a failure cut a run short, the
 * values are whatever the others had got to; such runs are told apart by their
 * verdict alone, on both sides. A deadlock is no accident of that kind: nobody
 * moves any more, its values are final.
 *
 * The rows are kept in order, not sorted by how often they came, so that a row
 * stays where it is while the numbers grow.
 */
#include <stdlib.h>

#include "threadviz/arena.h"
#include "threadviz/tally.h"
#include "threadviz/vec.h"

struct tally {
	const struct program *program;
	VEC(struct search_value) values;
	VEC(struct tally_row) rows; /* sorted; each owns its values */
	VEC(size_t) order;          /* as shown: indices into rows */
	bool exact;                 /* the search's side is in */
	struct count schedules, wrong;
	double chance_wrong;
};

struct tally *tally_new(const struct program *p)
{
	struct tally *t = xcalloc(1, sizeof *t);

	t->program = p;
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		if (o->kind != OBJECT_VAR || o->process != THREAD_NONE)
			continue;
		for (int32_t k = 0; k < o->count; k++)
			vec_push(&t->values,
				 (struct search_value){(object_id)i, k});
	}
	return t;
}

static int32_t *values_of(const struct tally_row *row)
{
	return (int32_t *)(uintptr_t)row->values;
}

void tally_free(struct tally *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < t->rows.len; i++)
		free(values_of(&t->rows.data[i]));
	vec_free(&t->rows);
	vec_free(&t->order);
	vec_free(&t->values);
	free(t);
}

const struct search_value *tally_values(const struct tally *t, size_t *n)
{
	*n = t->values.len;
	return t->values.data;
}

/* ---- the rows ---------------------------------------------------------- */

static bool is_exact(const struct tally_end *e)
{
	return e->complete || e->verdict == VERDICT_DEADLOCK;
}

static int compare_values(const struct tally *t, const int32_t *a,
			  const int32_t *b)
{
	for (size_t i = 0; i < t->values.len; i++)
		if (a[i] != b[i])
			return a[i] < b[i] ? -1 : 1;
	return 0;
}

/* Wrong ones first, then ok, then what was stopped. */
static int rank(const struct tally_row *row)
{
	return row->verdict > VERDICT_OK    ? 0
	       : row->verdict == VERDICT_OK ? 1
					    : 2;
}

/* All but the output. */
static int compare_ends(const struct tally *t, const struct tally_row *a,
			const struct tally_row *b)
{
	int by = rank(a) - rank(b);

	if (!by)
		by = (int)a->verdict - (int)b->verdict;
	if (!by)
		by = (int)a->exact - (int)b->exact;
	return !by && a->exact ? compare_values(t, a->values, b->values) : by;
}

static int compare_rows(const struct tally *t, const struct tally_row *a,
			const struct tally_row *b)
{
	int by = compare_ends(t, a, b);

	return by ? by : (a->output > b->output) - (a->output < b->output);
}

static int compare_any(const void *a, const void *b, void *t)
{
	return compare_rows(t, a, b);
}

static struct tally_row row_for(const struct tally_end *e)
{
	bool exact = is_exact(e);

	return (struct tally_row){
		.verdict = e->verdict,
		.exact = exact,
		.values = exact ? e->values : NULL,
		.output = exact && e->printed ? e->output : 0,
		.schedules = count_of(0),
	};
}

/* A row keeps what it was made from only for so long. */
static void own_values(const struct tally *t, struct tally_row *row)
{
	int32_t *copy;

	if (!row->exact)
		return;
	copy = xcalloc(t->values.len + 1, sizeof *copy);
	for (size_t i = 0; i < t->values.len; i++)
		copy[i] = row->values[i];
	row->values = copy;
}

/* The first row that does not come before it. */
static size_t place_of(const struct tally *t, const struct tally_row *row)
{
	size_t low = 0, high = t->rows.len;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_rows(t, &t->rows.data[middle], row) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* What the search does not know comes first, the rest as it is kept. */
static void arrange(struct tally *t)
{
	vec_clear(&t->order);
	for (int known = 0; known < 2; known++)
		for (size_t i = 0; i < t->rows.len; i++)
			if ((tally_note(t, &t->rows.data[i]) !=
			     TALLY_UNKNOWN) == known)
				vec_push(&t->order, i);
}

static void insert(struct tally *t, size_t at, struct tally_row row)
{
	own_values(t, &row);
	vec_push(&t->rows, row);
	memmove(&t->rows.data[at + 1], &t->rows.data[at],
		(t->rows.len - 1 - at) * sizeof row);
	t->rows.data[at] = row;
	arrange(t);
}

static struct tally_row *row_of(struct tally *t, const struct tally_end *e)
{
	struct tally_row row = row_for(e);
	size_t at = place_of(t, &row);
	bool there = at < t->rows.len &&
		     !(e->printed ? compare_rows(t, &t->rows.data[at], &row)
				  : compare_ends(t, &t->rows.data[at], &row));

	if (!there)
		insert(t, at, row);
	return &t->rows.data[at];
}

/* ---- the exact set ----------------------------------------------------- */

static void add_outcome(struct tally *t, const struct search_outcome *o)
{
	struct tally_row row =
		row_for(&(struct tally_end){.verdict = o->verdict,
					    .complete = o->complete,
					    .values = o->final,
					    .printed = true,
					    .output = o->output});

	own_values(t, &row);
	row.possible = true;
	row.schedules = o->schedules;
	row.chance = o->chance;
	vec_push(&t->rows, row);
}

static void merge(struct tally_row *into, struct tally_row *row)
{
	for (int c = 0; c < TALLY_COLUMNS; c++)
		into->seen[c] += row->seen[c];
	into->possible |= row->possible;
	into->schedules = count_add(into->schedules, row->schedules);
	into->chance += row->chance;
	free(values_of(row));
}

/* Sorts, and makes one of rows that are the same. */
static void sort_rows(struct tally *t)
{
	struct tally_row *rows = t->rows.data;
	size_t kept = 0;

	if (t->rows.len)
		qsort_r(rows, t->rows.len, sizeof *rows, compare_any, t);
	for (size_t i = 0; i < t->rows.len; i++)
		if (kept && !compare_rows(t, &rows[kept - 1], &rows[i]))
			merge(&rows[kept - 1], &rows[i]);
		else
			rows[kept++] = rows[i];
	t->rows.len = kept;
}

void tally_expect(struct tally *t, const struct search_report *r)
{
	assert(r->complete && !t->exact && r->value_count == t->values.len);
	t->exact = true;
	t->schedules = r->schedules;
	t->chance_wrong = r->chance_bad;
	t->wrong = count_of(0);
	for (int v = VERDICT_VIOLATED; v < VERDICT_COUNT; v++)
		t->wrong = count_add(t->wrong, r->verdicts[v]);
	for (size_t i = 0; i < r->outcome_count; i++)
		add_outcome(t, &r->outcomes[i]);
	sort_rows(t);
	arrange(t);
}

bool tally_is_exact(const struct tally *t)
{
	return t->exact;
}

/* ---- the runs ---------------------------------------------------------- */

void tally_add(struct tally *t, enum tally_column c, const struct tally_end *e)
{
	row_of(t, e)->seen[c]++;
}

void tally_clear(struct tally *t)
{
	size_t kept = 0;

	for (size_t i = 0; i < t->rows.len; i++) {
		struct tally_row *row = &t->rows.data[i];

		memset(row->seen, 0, sizeof row->seen);
		if (row->possible)
			t->rows.data[kept++] = *row;
		else
			free(values_of(row));
	}
	t->rows.len = kept;
	arrange(t);
}

/* ---- reading ----------------------------------------------------------- */

size_t tally_count(const struct tally *t)
{
	return t->rows.len;
}

const struct tally_row *tally_row(const struct tally *t, size_t i)
{
	return &t->rows.data[t->order.data[i]];
}

enum tally_note tally_note(const struct tally *t, const struct tally_row *row)
{
	if (!t->exact || row->verdict == VERDICT_NONE)
		return TALLY_SEEN;
	if (!row->possible)
		return TALLY_UNKNOWN;
	for (int c = 0; c < TALLY_COLUMNS; c++)
		if (row->seen[c])
			return TALLY_SEEN;
	return TALLY_ABSENT;
}

struct tally_sum tally_sum(const struct tally *t, enum tally_column c)
{
	struct tally_sum sum = {0};

	for (size_t i = 0; i < t->rows.len; i++) {
		const struct tally_row *row = &t->rows.data[i];

		sum.runs += row->seen[c];
		if (row->verdict == VERDICT_NONE)
			sum.stopped += row->seen[c];
		else if (row->verdict != VERDICT_OK)
			sum.wrong += row->seen[c];
		if (tally_note(t, row) == TALLY_UNKNOWN)
			sum.unknown += row->seen[c];
	}
	return sum;
}

struct count tally_schedules(const struct tally *t)
{
	return t->schedules;
}

struct count tally_wrong(const struct tally *t)
{
	return t->wrong;
}

static double share(const struct tally *t, struct count part, double chance)
{
	if (t->schedules.infinite || !(t->schedules.approx > 0))
		return chance;
	return part.approx / t->schedules.approx;
}

double tally_share(const struct tally *t, const struct tally_row *row)
{
	return share(t, row->schedules, row->chance);
}

double tally_wrong_share(const struct tally *t)
{
	return share(t, t->wrong, t->chance_wrong);
}

void tally_format_exact(const struct tally *t, struct str *out)
{
	if (!t->exact) {
		str_add(out, "too many states to know all");
	} else if (t->schedules.infinite && t->chance_wrong > 0) {
		str_addf(out, "by chance %.3g %% wrong", 100 * t->chance_wrong);
	} else if (t->schedules.infinite) {
		str_add(out, "no schedule wrong");
	} else {
		count_format_grouped(t->wrong, out);
		str_add(out, " of ");
		count_format_grouped(t->schedules, out);
		str_add(out, " schedules wrong");
	}
}

void tally_format(const struct tally *t, const struct tally_row *row,
		  struct str *out)
{
	const struct program *p = t->program;
	size_t start = out->len;

	if (!row->exact)
		return;
	for (size_t i = 0; i < t->values.len; i++) {
		const struct search_value *v = &t->values.data[i];

		if (v->index == 0)
			str_addf(out, "%s%s=", out->len > start ? " " : "",
				 p->objects.data[v->object].name);
		str_addf(out, "%s%d", v->index ? "," : "", row->values[i]);
	}
	for (size_t i = 0; i < outputs_count(p->outputs, row->output); i++)
		str_addf(out, "%s%s", out->len > start ? " " : "",
			 outputs_line(p->outputs, row->output, i));
}
