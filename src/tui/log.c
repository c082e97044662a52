/*
 * log.c - the event log and the diagnosis panel.
 *
 * The log follows the cursor and shows a few steps beyond it, dimmed. The
 * diagnosis lists what has come to light so far, the latest first.
 */
#include "threadviz/label.h"
#include "views.h"

static void draw_event(const struct app *app, struct grid *g, struct rect row,
		       const struct event *e)
{
	struct str what = {0}, place = {0};
	bool here = e->step == app_cursor(app);

	event_format(app->program, e, LABEL_LONG, &what);
	event_place(app->program, e, &place);
	grid_printf(g, row, 0, 0, STYLE(DIM), "%4u", e->step);
	grid_field(g, row, 6, 0, 8, ALIGN_LEFT, style_thread(e->thread),
		   program_thread_name(app->program, e->thread));
	grid_field(g, row, 15, 0, 26, ALIGN_LEFT,
		   e->flags & EVENT_WANTS ? STYLE(BAD) : STYLE(TEXT),
		   str_cstr(&what));
	if (row.w > 60)
		grid_field(g, row, 42, 0, row.w - 42 - (int)place.len - 2,
			   ALIGN_LEFT, STYLE(DIM),
			   program_line(app->program,
					app->program->code.data[e->pc].line));
	grid_text(g, row, row.w - (int)place.len - 1, 0, STYLE(DIM),
		  str_cstr(&place));
	if (here)
		grid_mark(g, row, STYLE_CURSOR);
	else if (e->step > app_cursor(app))
		grid_mark(g, row, STYLE_FUTURE);
	str_free(&what);
	str_free(&place);
}

static bool is_shown(const struct event *e)
{
	return e->kind < OP_COUNT || e->kind == EVENT_DRAIN ||
	       e->kind == EVENT_WOKEN;
}

static size_t count_shown(const struct app *app, size_t end)
{
	size_t n = 0;

	for (size_t i = 0; i < end; i++)
		n += is_shown(&app->timeline.events.data[i]);
	return n;
}

void view_log(const struct app *app, struct grid *g, struct rect r)
{
	const struct event_list *list = &app->timeline.events;
	size_t at = count_shown(app, app_events(app)), n = 0, first;
	int y = 0;

	first = scroll_first(at ? at - 1 : 0, count_shown(app, list->len),
			     (size_t)r.h);
	for (size_t i = 0; i < list->len && y < r.h; i++)
		if (is_shown(&list->data[i]) && n++ >= first)
			draw_event(app, g, rect_row(r, y++), &list->data[i]);
}

static int draw_finding(const struct app *app, struct grid *g, struct rect r,
			int y, const struct finding *f)
{
	struct rect body = r;
	struct str title = {0};

	str_addf(&title, "%s", finding_info[f->kind].title);
	if (f->object != OBJECT_NONE) {
		str_add(&title, " on ");
		object_format(app->program, f->object, f->index, &title);
	}
	grid_printf(g, r, 1, y++,
		    finding_info[f->kind].severity == SEVERITY_NOTE
			    ? STYLE(STRONG)
			    : STYLE(FINDING),
		    " %s ", str_cstr(&title));
	str_free(&title);
	body.x++;
	body.w -= 2;
	if (f->what)
		y += grid_wrap(g, body, y, STYLE(TEXT), f->what);
	if (f->why)
		y += grid_wrap(g, body, y, STYLE(DIM), f->why);
	if (f->fix)
		y += grid_wrap(g, body, y, STYLE(GOOD), f->fix);
	return y + 1;
}

void view_diagnosis(const struct app *app, struct grid *g, struct rect r)
{
	int y = -app->scroll[PANEL_DIAGNOSIS];
	size_t shown = 0;

	for (size_t i = app->findings.len; i-- > 0 && y < r.h;) {
		const struct finding *f = &app->findings.data[i];

		if (f->step > app_cursor(app))
			continue;
		y = draw_finding(app, g, r, y, f);
		shown++;
	}
	if (!shown)
		grid_text(g, r, 1, 0, STYLE(DIM), "nothing wrong so far");
}
