/*
 * analysis.c - all folds over one stream of events, their findings in order.
 *
 * Each fold goes over the events by itself and knows nothing of the others.
 * Findings are put in the order in which they came to light; within one step
 * the order of findings.def says which to show first. Sorting is stable, so
 * that equal ones stay as the folds met them.
 */
#include "inside.h"

static bool comes_after(const struct finding *a, const struct finding *b)
{
	return a->step != b->step ? a->step > b->step : a->kind > b->kind;
}

/* Insertion: the lists are short and nearly in order. */
static void sort(struct finding *f, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		struct finding moved = f[i];
		size_t k = i;

		for (; k > 0 && comes_after(&f[k - 1], &moved); k--)
			f[k] = f[k - 1];
		f[k] = moved;
	}
}

void analysis_run(const struct program *p, const struct event *events, size_t n,
		  struct finding_list *out)
{
	static void (*const folds[])(struct view *, struct finding_list *) = {
		races_find, updates_find, aba_find, torn_find,
		waits_find, wakeups_find,  order_find,
		circles_find, fairness_find,
		verdict_find, /* last: it points to others */
	};
	size_t before = out->len;
	struct view v;

	view_init(&v, p, events, n);
	for (size_t i = 0; i < sizeof folds / sizeof *folds; i++)
		folds[i](&v, out);
	view_fini(&v);
	if (out->len > before)
		sort(out->data + before, out->len - before);
}

void finding_list_point(struct finding_list *list, const struct event *events)
{
	for (size_t i = 0; i < list->len; i++)
		for (int k = 0; k < FINDING_EVENTS; k++) {
			size_t *at = &list->data[i].events[k];

			if (*at == SIZE_MAX)
				continue;
			*at = events[*at].step ? events[*at].step - 1
					       : SIZE_MAX;
		}
}

void finding_list_fini(struct finding_list *list)
{
	for (size_t i = 0; i < list->len; i++)
		finding_fini(&list->data[i]);
	vec_free(list);
}
