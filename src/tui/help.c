/*
 * help.c - the help overlay and the command palette: two views of the same
 * table of actions.
 *
 * In the help any listed key runs its action at once, `/` filters. The palette
 * filters from the first letter and Enter runs the picked row.
 */
#include "inside.h"
#include "overlay.h"
#include "threadviz/utf8.h"

static bool shown(const struct app *app, enum action a)
{
	struct str all = {0};
	bool match;

	action_format(a, &all);
	str_addf(&all, " %s %s %s", action_info[a].keys, action_info[a].help,
		 action_info[a].group);
	match = !app->field.len || field_matches(app, str_cstr(&all));
	str_free(&all);
	return match;
}

static size_t list(const struct app *app, enum action out[ACTION_COUNT])
{
	size_t n = 0;

	for (int i = 0; i < ACTION_COUNT; i++)
		if (shown(app, (enum action)i))
			out[n++] = (enum action)i;
	return n;
}

/* ---- help -------------------------------------------------------------- */

static const char *const groups[] = {"RUN", "FIND", "MOVE", "SHOW", "PROGRAM"};
enum { GROUPS = sizeof groups / sizeof *groups, COLUMN = 39 };

/* "b ," of "b , Backspace": what fits beside the help. */
static const char *short_keys(enum action a)
{
	switch (a) {
	case ACTION_THREAD:
		return "1-9";
	case ACTION_BACK:
		return "b ,";
	case ACTION_PAGE_UP:
		return "PgUp ^U";
	case ACTION_PAGE_DOWN:
		return "PgDn ^D";
	case ACTION_BACKTAB:
		return "S-Tab";
	default:
		return action_info[a].keys;
	}
}

struct pen {
	struct grid *g;
	struct rect r;
	int x, y, columns;
	int skip; /* rows scrolled away */
};

/* Whether the last column is full. */
static bool is_full(const struct pen *p)
{
	return p->x > p->r.w - COLUMN;
}

static void next_row(struct pen *p)
{
	if (++p->y < p->r.h)
		return;
	p->y = 0;
	p->x += COLUMN;
}

/* So many cells from the pen on. */
static struct rect rect_part(const struct pen *p, int w)
{
	return rect_clip((struct rect){p->r.x + p->x, p->r.y + p->y, w, 1},
			 p->r);
}

static void draw_group(const struct app *app, struct pen *p, const char *group)
{
	bool any = false;

	for (int i = 0; i < ACTION_COUNT; i++) {
		const struct action_info *a = &action_info[i];

		if (strcmp(a->group, group) != 0 || !shown(app, (enum action)i))
			continue;
		if (p->skip > 0) {
			p->skip--;
			continue;
		}
		if (!any && p->y == p->r.h - 1)
			next_row(p);
		if (!any) {
			grid_text(p->g, p->r, p->x + 1, p->y, STYLE(STRONG),
				  group);
			next_row(p);
		}
		any = true;
		grid_field(p->g, p->r, p->x + 2, p->y, 8, ALIGN_LEFT,
			   STYLE(KEY), short_keys((enum action)i));
		grid_field(p->g, p->r, p->x + 11, p->y, COLUMN - 12, ALIGN_LEFT,
			   STYLE(TEXT), a->help);
		list_spot(app, rect_part(p, COLUMN - 1), (size_t)i);
		next_row(p);
	}
}

static void draw_legend(struct grid *g, struct rect r)
{
	grid_text(g, r, 1, 0, STYLE(DIM),
		  "│ ─ could run   ░ blocked   ┊ ┈ asleep   W 1 wrote 1   "
		  "R 0 read 0");
	grid_text(g, r, 1, 1, STYLE(DIM),
		  "+m took   -m gave back   ?m wants   z sleeps   ! signals   "
		  "A B race");
}

void help_draw(const struct app *app, struct grid *g)
{
	struct rect r = overlay_frame(
		g, 2 + COLUMN * (g->w >= 3 * COLUMN + 2 ? 3 : 2), 30, "Keys",
		"/ filters, a listed key runs it, "
		"q closes");
	struct pen p = {.g = g, .skip = (int)app->picked};

	draw_legend(g, rect_cut_bottom(&r, 2));
	p.r = r;
	for (int i = 0; i < GROUPS; i++)
		draw_group(app, &p, groups[i]);
	if (is_full(&p) || app->picked)
		grid_text(g, grid_rect(g), r.x + r.w - 22, r.y + r.h + 2,
			  STYLE(TITLE_FOCUS), " Up, Down: the rest ");
	if (app->filtering) {
		grid_printf(g, r, 1, r.h - 1, STYLE(MATCH), "/%s",
			    app->field.text);
		grid_cursor(g, r, 2 + utf8_width(app->field.text), r.h - 1,
			    true);
	}
}

bool help_key(struct app *app, key_code key)
{
	enum action a = action_of_key(key);

	if (app->filtering) {
		if (key == INPUT_ENTER || key == INPUT_ESCAPE ||
		    (key == INPUT_BACKSPACE && !app->field.len))
			app->filtering = false;
		else
			field_key(app, key);
		return true;
	}
	if (key == '/') {
		app->filtering = true;
		app->field = (struct text_field){0};
		return true;
	}
	if (key == 'q' || key == INPUT_ESCAPE || a == ACTION_HELP) {
		overlay_close(app);
		return true;
	}
	if (list_key(app, key, ACTION_COUNT / 2))
		return true;
	overlay_close(app);
	return false; /* the key runs as ever */
}

/* ---- palette ----------------------------------------------------------- */

void palette_draw(const struct app *app, struct grid *g)
{
	struct rect r =
		overlay_frame(g, 64, 18, "Commands", "Enter runs, Esc closes");
	enum action all[ACTION_COUNT];
	size_t n = list(app, all), top;
	struct rect line = rect_cut_top(&r, 1);

	grid_printf(g, line, 1, 0, STYLE(KEY), ":%s", app->field.text);
	grid_cursor(g, line, 2 + utf8_width(app->field.text), 0, true);
	top = app->picked >= (size_t)r.h ? app->picked - (size_t)r.h + 1 : 0;
	for (int y = 0; y < r.h && top + (size_t)y < n; y++) {
		enum action a = all[top + (size_t)y];
		struct rect row = rect_row(r, y);
		bool here = top + (size_t)y == app->picked;
		struct str name = {0};

		action_format(a, &name);
		if (here)
			grid_fill(g, row, STYLE(SELECTED), ' ');
		grid_field(g, row, 1, 0, 16, ALIGN_LEFT,
			   here ? STYLE(SELECTED) : STYLE(STRONG),
			   str_cstr(&name));
		grid_field(g, row, 18, 0, 12, ALIGN_LEFT,
			   here ? STYLE(SELECTED) : STYLE(KEY), short_keys(a));
		grid_field(g, row, 31, 0, row.w - 32, ALIGN_LEFT,
			   here ? STYLE(SELECTED) : STYLE(TEXT),
			   action_info[a].help);
		str_free(&name);
		list_spot(app, row, top + (size_t)y);
	}
}

bool palette_key(struct app *app, key_code key)
{
	enum action all[ACTION_COUNT];
	size_t n = list(app, all);

	if (list_key(app, key, n) || field_key(app, key))
		return true;
	if (key == INPUT_BACKSPACE || key == INPUT_ESCAPE) {
		overlay_close(app);
		return true;
	}
	if (key != INPUT_ENTER)
		return false;
	overlay_close(app);
	if (n)
		app_do(app, all[app->picked < n ? app->picked : 0]);
	return true;
}
