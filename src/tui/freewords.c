/*
 * freewords.c - a free run in words.
 *
 * From the top: how it went or what was found, the thread under the cursor, how
 * regions were handed over; and last how much of it all is known. What is lost
 * or missing is always said, whatever else has to give way.
 */
#include <limits.h>

#include "freeview.h"
#include "inside.h"
#include "threadviz/count.h"
#include "threadviz/label.h"
#include "threadviz/utf8.h"
#include "views.h"

static const char *state_word(const struct free_view *v)
{
	static const char *const words[] = {
		[FREE_RUNNING] = "running", [FREE_PAUSED] = "paused",
		[FREE_ENDED] = "ended",     [FREE_FAILED] = "failed",
		[FREE_HUNG] = "hung",       [FREE_STOPPED] = "time is over",
		[FREE_DIED] = "died",
	};

	return v->run ? words[v->state] : "saved";
}

void free_view_position(const struct app *app, int w, struct str *out)
{
	const struct free_view *v = app->free;
	uint64_t at = free_view_time(v), a = v->marks[0], b = v->marks[1];
	struct str time = {0}, distance = {0};

	time_format(at, at / 1000 + 1, &time);
	if (a != NO_TIME && b != NO_TIME) {
		str_add(&distance, "  A-B ");
		str_add_ns(&distance, a < b ? b - a : a - b);
	}
	str_addf(out, "FREE RUN  %s  t = %s%s", state_word(v), str_cstr(&time),
		 str_cstr(&distance));
	if (utf8_width(str_cstr(out)) > w) {
		str_clear(out);
		str_addf(out, "%s  %s%s", state_word(v), str_cstr(&time),
			 str_cstr(&distance));
	}
	if (utf8_width(str_cstr(out)) > w) {
		str_clear(out);
		str_add(out, state_word(v));
	}
	str_free(&time);
	str_free(&distance);
}

static bool is_wrong(const struct finding *f)
{
	return finding_info[f->kind].severity == SEVERITY_WRONG;
}

bool free_words_title(const struct app *app, struct str *out)
{
	const struct free_view *v = app->free;
	const struct finding *f = free_view_finding(v);

	if (v->over && accord_state(v->accord) == ACCORD_MISMATCH) {
		str_add(out, finding_info[FINDING_MODEL_MISMATCH].title);
		return true;
	}
	if (v->over && v->verdict > VERDICT_OK && !(f && is_wrong(f))) {
		str_add(out, v->verdict == VERDICT_DEADLOCK ? "DEADLOCK"
			     : v->verdict == VERDICT_CRASH  ? "CRASH"
							    : "VIOLATED");
		return true;
	}
	if (v->over && f && finding_info[f->kind].severity > SEVERITY_NOTE) {
		str_addf(out, "%s", finding_info[f->kind].title);
		if (f->object != OBJECT_NONE) {
			str_add(out, " on ");
			object_format(app->program, f->object, f->index, out);
		}
		return is_wrong(f);
	}
	str_add(out, "What happens");
	return false;
}

/* The record under the cursor, else the selected thread now. */
static void say_here(const struct app *app, struct str *out)
{
	const struct free_view *v = app->free;

	str_addf(out, "%s ", program_thread_name(app->program, app->selected));
	if (v->record != HISTORY_NONE) {
		const struct event *e = history_at(v->history, v->record);

		str_add(out, "at ");
		time_format(e->time, 1, out);
		str_add(out, ": ");
		event_format(app->program, e, LABEL_LONG, out);
		str_add(out, "  ");
		event_place(app->program, e, out);
	} else {
		free_say_moment(app, app->selected, INT_MAX, out);
	}
}

enum { RUN_PARTS = 7, RUN_ROWS = 2 };

/* What there is to say of the run as a whole, the most important first. */
static void say_run(const struct app *app, struct str parts[RUN_PARTS])
{
	const struct free_view *v = app->free;
	const struct free_counts *c = &v->counts;
	uint64_t end = history_end(v->history);

	count_format_grouped(count_of(c->recorded), &parts[0]);
	str_add(&parts[0], " records in ");
	str_add_ns(&parts[0], history_time(v->history));
	if (c->lost) {
		count_format_grouped(count_of(c->lost), &parts[1]);
		str_addf(&parts[1], " LOST%s", v->run ? " (full rings)" : "");
	}
	if (history_first(v->history)) {
		count_format_grouped(count_of(end - history_first(v->history)),
				     &parts[2]);
		str_add(&parts[2], " kept");
	}
	if (v->run)
		str_add(&parts[3], free_missing(v->run));
	if (c->unseen) {
		count_format_grouped(count_of(c->unseen), &parts[4]);
		str_add(&parts[4], " switches unseen (+: at least)");
	}
	if (c->pauses) {
		str_add(&parts[5], "without the pause");
		if (c->pauses > 1)
			str_addf(&parts[5], "s (%u)", (unsigned)c->pauses);
	}
	if (v->over)
		accord_format(v->accord, &parts[6]);
}

/* Parts behind one another, in rows of w columns; what does not fit is left
 * out. How many rows there are. */
static int pack(const struct str parts[RUN_PARTS], int w, int most,
		struct str rows[RUN_ROWS])
{
	int y = 0;

	for (int i = 0; i < RUN_PARTS; i++) {
		const char *text = str_cstr(&parts[i]);
		int gap = rows[y].len ? 2 : 0;

		if (!*text || utf8_width(text) > w)
			continue;
		if (utf8_width(str_cstr(&rows[y])) + gap + utf8_width(text) >
		    w) {
			if (y + 1 == most)
				continue;
			gap = 0;
			y++;
		}
		str_addf(&rows[y], "%s%s", gap ? "; " : "", text);
	}
	return y + 1;
}

/* Into the lowest of the rows from `y` on. */
static void draw_run(const struct app *app, struct grid *g, struct rect r,
		     int y)
{
	struct str parts[RUN_PARTS] = {0}, rows[RUN_ROWS] = {0};
	int n;

	say_run(app, parts);
	n = pack(parts, r.w, r.h - y < RUN_ROWS ? r.h - y : RUN_ROWS, rows);
	for (int i = 0; i < n; i++)
		grid_text(g, r, 0, r.h - n + i, STYLE(DIM), str_cstr(&rows[i]));
	for (int i = 0; i < RUN_PARTS; i++)
		str_free(&parts[i]);
	for (int i = 0; i < RUN_ROWS; i++)
		str_free(&rows[i]);
}

/* "num = 3120433, again = 0": what memory holds now. */
static void say_values(const struct app *app, struct str *out)
{
	const struct program *p = app->program;

	for (size_t i = 0; i < p->objects.count && app->free->run; i++) {
		if (p->objects.data[i].kind != OBJECT_VAR ||
		    p->objects.data[i].array)
			continue;
		str_add(out, out->len ? ", " : "Now ");
		object_format(p, (object_id)i, 0, out);
		str_addf(out, " = %d",
			 free_value(app->free->run, (object_id)i, 0));
	}
}

/* A finding's first lines, two at most where `below` rows stay; how many. */
static int draw_sentence(struct grid *g, struct rect r, int y, int below,
			 const char *text)
{
	struct rect room = {r.x, r.y + y, r.w, r.h - y > below + 1 ? 2 : 1};
	int rows = grid_wrap(g, room, 0, STYLE(TEXT), text);

	return rows < room.h ? rows : room.h;
}

/* Then the verdict's own sentence would be the second. */
static bool says_verdict(const struct finding *f)
{
	return f->kind == FINDING_DEADLOCK || f->kind == FINDING_VIOLATED ||
	       f->kind == FINDING_CRASH;
}

static int draw_fix(struct grid *g, struct rect r, int y, const char *text)
{
	struct rect room = {r.x + 4, r.y + y, r.w - 4, r.h - y - 1};
	int rows = grid_wrap(g, room, 0, STYLE(GOOD), text);

	grid_text(g, r, 0, y, style_with(STYLE(TEXT), STYLE_BOLD), "Fix");
	return rows < room.h ? rows : room.h;
}

/* That the thread has ended goes without saying once all have. */
static bool says_more(const struct app *app)
{
	struct moment m;

	history_moment(app->free->history, app->selected,
		       free_view_time(app->free), &m);
	return !app->free->over || app->free->record != HISTORY_NONE ||
	       m.there || m.record == HISTORY_NONE;
}

void free_words(const struct app *app, struct grid *g, struct rect r)
{
	const struct free_view *v = app->free;
	const struct finding *f = free_view_finding(v);
	struct str here = {0}, values = {0};
	/* What is missing or lost comes before what memory holds. */
	int below = v->counts.lost || (v->run && *free_missing(v->run)) ? 2 : 1;
	bool says_here = says_more(app);
	int y = 0;

	say_here(app, &here);
	if (v->over && v->verdict != VERDICT_OK && !(f && says_verdict(f)))
		y += grid_wrap(g, rect_row(r, y), 0,
			       v->verdict ? STYLE(BAD) : STYLE(WARN),
			       str_cstr(&v->why));
	else if (v->over && v->verdict == VERDICT_OK)
		grid_text(g, r, 0, y++, STYLE(GOOD),
			  "It went well this time: it ended, and every check "
			  "holds.");
	if (f && *f->what)
		y += draw_sentence(g, r, y, 1 + says_here, f->what);
	if (says_here)
		grid_field(g, r, 0, y++, r.w, ALIGN_LEFT, STYLE(STRONG),
			   str_cstr(&here));
	if (app->program->regions.count)
		handovers_format(v->handovers, &values);
	str_cut(&values, strcspn(str_cstr(&values), "\n"));
	if (!values.len)
		say_values(app, &values);
	/* What went well needs no fix where there is something to count. */
	if (f && *f->fix && y + 1 < r.h &&
	    !(values.len && v->over && v->verdict == VERDICT_OK))
		y += draw_fix(g, r, y, f->fix);
	if (values.len && y + below < r.h)
		grid_field(g, r, 0, y++, r.w, ALIGN_LEFT, STYLE(TEXT),
			   str_cstr(&values));
	if (y < r.h)
		draw_run(app, g, r, y);
	str_free(&here);
	str_free(&values);
}
