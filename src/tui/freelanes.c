/*
 * freelanes.c - the lanes of a free run: a row per thread, a cell per stretch
 * of time, rows of who holds what below.
 *
 * A cell shows the state that had the largest share of it, but running wins
 * from a third on, else short bursts vanish. Where a stretch of running is
 * long enough its first cell is the number of the processor. With room for two
 * rows a thread, the second names the records where single ones can be told
 * apart, and carries the arrow of the record under the cursor.
 */
#include <stdlib.h>

#include "freeview.h"
#include "inside.h"
#include "threadviz/arena.h"
#include "threadviz/utf8.h"
#include "views.h"

enum {
	NAME_W = 10,
	CROWD = 9, /* from here on blocked is a dim dot */
	TICK = 13, /* cells at least */
	OWNERS = 64,
	OWNED = 6, /* rows, from which on owners have some for sure */
};

/* A row below the lanes. */
struct owner_row {
	object_id object; /* OBJECT_NONE: a region */
	int32_t index;    /* of the object; or which region */
};

/* In the second row of a lane; cells, the name at its end too. */
struct arrow {
	thread_id thread, to;
	int from, end;
};

struct lanes {
	const struct app *app;
	const struct free_view *v;
	struct grid *g;
	struct rect r;
	struct free_window w;
	thread_id rows[LIMIT_THREADS];
	int row_count, pitch;
	struct arrow arrows[2]; /* to and from the record under the cursor */
	int arrow_count;
	uint64_t folded; /* shown in one line, bit t */
	struct owner_row owners[OWNERS];
	int owner_count;
	struct lane_cell *cells;
	struct owner_cell *held;
};

/* ---- words ------------------------------------------------------------- */

void time_format(uint64_t ns, uint64_t width, struct str *out)
{
	static const struct {
		uint64_t ns;
		const char *name;
	} units[] = {{1000000000, "s"}, {1000000, "ms"}, {1000, "µs"}};
	size_t u = 0;
	int decimals = 0;

	while (u < 3 && ns < units[u].ns)
		u++;
	if (u == 3) {
		str_addf(out, ns ? "%llu ns" : "0", (unsigned long long)ns);
		return;
	}
	for (uint64_t d = units[u].ns; d > width && d > 1; d /= 10)
		decimals++;
	str_addf(out, "%.*f %s", decimals, (double)ns / (double)units[u].ns,
		 units[u].name);
}

/* ---- what is shown ----------------------------------------------------- */

static int threads_shown(const struct free_view *v, const struct program *p)
{
	int n = 0;

	for (size_t t = 0; t < p->threads.count; t++)
		n += !(v->hidden >> t & 1);
	return n;
}

/* Regions first: they are the scenario's own words. */
static void choose_owners(struct lanes *l)
{
	const struct program *p = l->app->program;

	for (size_t i = 0; i < p->checks.count; i++)
		if (p->checks.data[i].kind == CHECK_NEVER_TWO &&
		    l->owner_count < OWNERS)
			l->owners[l->owner_count++] = (struct owner_row){
				OBJECT_NONE, p->checks.data[i].region};
	for (size_t i = 0; i < p->objects.count; i++) {
		const struct object *o = &p->objects.data[i];

		if (o->kind != OBJECT_MUTEX && o->kind != OBJECT_RWLOCK)
			continue;
		for (int32_t k = 0; k < o->count && l->owner_count < OWNERS;
		     k++)
			l->owners[l->owner_count++] =
				(struct owner_row){(object_id)i, k};
	}
}

static int rows_wanted(const struct lanes *l, int pitch)
{
	return 1 + threads_shown(l->v, l->app->program) * pitch +
	       l->owner_count;
}

int free_lanes_rows(const struct app *app, int most)
{
	struct lanes l = {.app = app, .v = app->free};
	int rows;

	choose_owners(&l);
	rows = rows_wanted(&l, 2);
	if (rows > most)
		rows = rows_wanted(&l, 1);
	return rows < most ? rows : most;
}

static bool in_view(const struct lanes *l, thread_id t)
{
	history_lane(l->v->history, t, l->w.from, l->w.width,
		     (size_t)l->w.cells, l->cells);
	for (int i = 0; i < l->w.cells; i++)
		if (l->cells[i].records)
			return true;
	return false;
}

/* Of the threads in `set` at most `most`, those round the selected one. */
static uint64_t round_selected(const struct lanes *l, uint64_t set, int most)
{
	int before = 0, skip;

	for (thread_id t = 0; t < l->app->selected; t++)
		before += (int)(set >> t & 1);
	skip = before - most / 2;
	if (skip > __builtin_popcountll(set) - most)
		skip = __builtin_popcountll(set) - most;
	for (; skip > 0; skip--)
		set &= set - 1;
	while (__builtin_popcountll(set) > most)
		set &= ~(UINT64_C(1) << (63 - __builtin_clzll(set)));
	return set;
}

/* With more threads than rows, those that do something in view come first; the
 * rest shares a line. */
static uint64_t choose_threads(struct lanes *l, uint64_t all, int room)
{
	uint64_t busy = 0, more;

	if (__builtin_popcountll(all) <= room)
		return all;
	if (--room < 1)
		return UINT64_C(1) << l->app->selected;
	for (more = all; more; more &= more - 1) {
		thread_id t = (thread_id)__builtin_ctzll(more);

		if (t == l->app->selected || in_view(l, t))
			busy |= UINT64_C(1) << t;
	}
	if (__builtin_popcountll(busy) >= room)
		return round_selected(l, busy, room);
	for (more = all & ~busy; __builtin_popcountll(busy) < room;
	     more &= more - 1)
		busy |= more & (~more + 1);
	return busy;
}

static void choose_rows(struct lanes *l)
{
	size_t n = l->app->program->threads.count;
	uint64_t all = ~l->v->hidden & (UINT64_MAX >> (64 - n)), shown;
	int owners = l->r.h < OWNED       ? 0
		     : l->owner_count < 2 ? l->owner_count
					  : 2;
	int room = l->r.h - 1 - owners;

	l->pitch = rows_wanted(l, 2) <= l->r.h ? 2 : 1;
	shown = choose_threads(l, all, room > 1 ? room : 1);
	l->folded = all & ~shown;
	for (; shown; shown &= shown - 1)
		l->rows[l->row_count++] = (thread_id)__builtin_ctzll(shown);
}

/* The cell of a time; -1: not in view. */
static int cell_of(const struct lanes *l, uint64_t ns)
{
	uint64_t cell;

	if (ns < l->w.from)
		return -1;
	cell = (ns - l->w.from) / l->w.width;
	return cell < (uint64_t)l->w.cells ? (int)cell : -1;
}

static int row_of(const struct lanes *l, thread_id t)
{
	for (int i = 0; i < l->row_count; i++)
		if (l->rows[i] == t)
			return 1 + i * l->pitch;
	return -1;
}

/* ---- head and names ---------------------------------------------------- */

/* A round time that is wide enough for its label. */
static uint64_t tick(const struct lanes *l)
{
	uint64_t least = l->w.width * TICK, t = 1;

	while (t * 10 <= least)
		t *= 10;
	return t >= least       ? t
	       : 2 * t >= least ? 2 * t
	       : 5 * t >= least ? 5 * t
				: 10 * t;
}

/* Where the cursor is; -1: not in view. */
static int cursor_cell(const struct lanes *l)
{
	return cell_of(l, free_view_time(l->v));
}

static bool has_sign(const struct lanes *l, int from, int end)
{
	int signs[] = {cursor_cell(l), cell_of(l, l->v->marks[0]),
		       cell_of(l, l->v->marks[1])};

	for (size_t i = 0; i < 3; i++)
		if (signs[i] >= from && signs[i] < end)
			return true;
	return false;
}

/* "│4.2 ms" at a time, unless it would reach cell `end` or lie under the
 * cursor's or a mark's sign. */
static void draw_tick(const struct lanes *l, uint64_t ns, uint64_t width,
		      int end)
{
	int cell = cell_of(l, ns), x = NAME_W + cell, w;
	struct str s = {0};

	time_format(ns, width, &s);
	w = 1 + utf8_width(str_cstr(&s));
	if (x + w <= NAME_W + end && !has_sign(l, cell + 1, cell + w)) {
		grid_put(l->g, l->r, x, 0, STYLE(DIM), U'│');
		grid_text(l->g, l->r, x + 1, 0, STYLE(DIM), str_cstr(&s));
	}
	str_free(&s);
}

static void draw_scale(const struct lanes *l)
{
	uint64_t every = tick(l);
	uint64_t end = l->w.from + l->w.width * (uint64_t)l->w.cells;
	uint64_t first = (l->w.from + every - 1) / every * every;

	grid_text(l->g, l->r, 0, 0, STYLE(DIM), "time");
	if (first > l->w.from)
		draw_tick(l, l->w.from, every / 10,
			  first < end ? cell_of(l, first) - 1 : l->w.cells);
	for (uint64_t ns = first; ns < end; ns += every)
		draw_tick(l, ns, every, l->w.cells);
}

static void draw_marks(const struct lanes *l)
{
	for (int i = 0; i < 2; i++) {
		int cell = cell_of(l, l->v->marks[i]);

		if (l->v->marks[i] != NO_TIME && cell >= 0)
			grid_put(l->g, l->r, NAME_W + cell, 0, STYLE(FINDING),
				 (uint32_t)('A' + i));
	}
}

static void draw_name(const struct lanes *l, thread_id t, int y)
{
	struct style s =
		t == l->app->selected ? style_filled(t) : style_thread(t);
	struct str name = {0};

	str_addf(&name, "%u %s", t + 1u,
		 program_thread_name(l->app->program, t));

	if (t == l->app->selected)
		grid_text(l->g, l->r, 0, y, style_thread(t), "▶");
	grid_field(l->g, l->r, 1, y, NAME_W - 2, ALIGN_LEFT,
		   style_with(s, STYLE_BOLD), str_cstr(&name));
	str_free(&name);
}

/* ---- bars -------------------------------------------------------------- */

/* SHARES: the thread is not there. */
static enum share state_of(const struct lane_cell *c)
{
	enum share best = SHARE_RUNNING;
	uint64_t sum = 0;

	for (int i = 0; i < SHARES; i++) {
		sum += c->ns[i];
		if (c->ns[i] > c->ns[best])
			best = (enum share)i;
	}
	if (!sum)
		return SHARES;
	return c->ns[SHARE_RUNNING] * 3 >= sum ? SHARE_RUNNING : best;
}

static void draw_state(const struct lanes *l, thread_id t, int x, int y,
		       enum share state)
{
	bool crowd = l->row_count >= CROWD;

	switch (state) {
	case SHARE_RUNNING:
		grid_put(l->g, l->r, x, y, style_thread(t), U'█');
		break;
	case SHARE_READY:
		grid_put(l->g, l->r, x, y, STYLE(DIM), U'─');
		break;
	case SHARE_BLOCKED:
		grid_put(l->g, l->r, x, y, crowd ? STYLE(DIM) : STYLE(BLOCKED),
			 crowd ? U'·' : U'░');
		break;
	case SHARE_ASLEEP:
		grid_put(l->g, l->r, x, y, STYLE(ASLEEP), U'┈');
		break;
	case SHARES:
		break;
	}
}

enum { STRETCH = 4 }; /* cells, that say which processor it is */

static void draw_processor(const struct lanes *l, thread_id t, int y, int cell)
{
	int cpu = l->cells[cell].cpu, n = 0;

	while (cell + n < l->w.cells &&
	       state_of(&l->cells[cell + n]) == SHARE_RUNNING &&
	       l->cells[cell + n].cpu == cpu)
		n++;
	if (n >= STRETCH && cpu >= 0 && cpu <= 9)
		grid_put(l->g, l->r, NAME_W + cell, y, style_filled(t),
			 (uint32_t)('0' + cpu));
}

static void draw_bar(const struct lanes *l, thread_id t, int y)
{
	enum share before = SHARES;
	int cpu = -1;

	for (int i = 0; i < l->w.cells; i++) {
		enum share state = state_of(&l->cells[i]);

		draw_state(l, t, NAME_W + i, y, state);
		if (state == SHARE_RUNNING &&
		    (before != SHARE_RUNNING || l->cells[i].cpu != cpu)) {
			cpu = l->cells[i].cpu;
			draw_processor(l, t, y, i);
		}
		before = state;
	}
}

/* ---- records ----------------------------------------------------------- */

static struct style record_style(const struct lanes *l, uint64_t position)
{
	const struct event *e = history_at(l->v->history, position);

	if (position == l->v->record)
		return style_filled(e->thread);
	if (e->flags & EVENT_CRASH || e->kind == EVENT_VERDICT)
		return STYLE(FINDING);
	return style_with(style_thread(e->thread), STYLE_BOLD);
}

static int draw_label(const struct lanes *l, uint64_t position, int x, int y,
		      int room)
{
	const struct event *e = history_at(l->v->history, position);
	struct str s = {0};
	int w;

	label_fit(l->app, e, room, &s);
	/* Marks have no letter of their own. */
	if (utf8_width(str_cstr(&s)) > room || !strcmp(str_cstr(&s), " ")) {
		str_clear(&s);
		str_add(&s, e->kind == EVENT_VERDICT ? "X" : "·");
	}
	w = grid_text(l->g, l->r, x, y, record_style(l, position),
		      str_cstr(&s));
	str_free(&s);
	return w;
}

/* Whether an arrow has the cell of that lane. */
static bool is_covered(const struct lanes *l, thread_id t, int cell)
{
	for (int i = 0; i < l->arrow_count; i++)
		if (l->arrows[i].thread == t && cell >= l->arrows[i].from &&
		    cell < l->arrows[i].end)
			return true;
	return false;
}

/* The names of single records; a dot where there are several in a cell. Words
 * have a blank before and behind them, what has no room for that is one cell:
 * these may stand side by side. */
static void draw_records(const struct lanes *l, thread_id t, int y)
{
	int end = 0; /* behind what was drawn last */

	for (int i = 0; i < l->w.cells; i++) {
		const struct lane_cell *c = &l->cells[i];
		int next = i + 1;

		if (is_covered(l, t, i))
			end = i + 1;
		if (!c->records || is_covered(l, t, i))
			continue;
		while (next < l->w.cells && !l->cells[next].records &&
		       !is_covered(l, t, next))
			next++;
		if (next < l->w.cells)
			next--;
		if (c->records > 1 || c->gravest == HISTORY_NONE)
			grid_put(l->g, l->r, NAME_W + i, y, STYLE(DIM), U'·');
		else
			next = i + draw_label(l, c->gravest, NAME_W + i, y,
					      (end == i && i) || next == i
						      ? 1
						      : next - i);
		end = c->records > 1 ? i + 1 : next;
	}
}

static void draw_lane(const struct lanes *l, int row)
{
	thread_id t = l->rows[row];
	int y = 1 + row * l->pitch;

	history_lane(l->v->history, t, l->w.from, l->w.width,
		     (size_t)l->w.cells, l->cells);
	draw_name(l, t, y);
	draw_bar(l, t, y);
	if (l->pitch > 1)
		draw_records(l, t, y + 1);
}

/* "and 54 more threads: 53 blocked, 1 ready" */
static void draw_folded(const struct lanes *l, int y)
{
	static const char *const names[] = {"running", "ready",       "blocked",
					    "asleep",  "not started", "ended"};
	int states[SHARES + 2] = {0};
	const char *gap = ":";
	struct str s = {0};

	for (uint64_t set = l->folded; set; set &= set - 1) {
		struct moment m;

		history_moment(l->v->history, (thread_id)__builtin_ctzll(set),
			       free_view_time(l->v), &m);
		states[m.there                    ? m.state
		       : m.record == HISTORY_NONE ? SHARES
						  : SHARES + 1]++;
	}
	str_addf(&s, "and %d more threads", __builtin_popcountll(l->folded));
	for (int i = 0; i < SHARES + 2; i++) {
		if (!states[i])
			continue;
		str_addf(&s, "%s %d %s", gap, states[i], names[i]);
		gap = ",";
	}
	grid_text(l->g, l->r, 1, y, STYLE(DIM), str_cstr(&s));
	str_free(&s);
}

/* ---- arrows ------------------------------------------------------------ */

/* Remembers an arrow that is in view: labels keep out of its way. */
static void add_arrow(struct lanes *l, uint64_t from, uint64_t to)
{
	const struct event *a, *b;
	int x, end;

	if (from == HISTORY_NONE || to == HISTORY_NONE || l->pitch < 2)
		return;
	a = history_at(l->v->history, from);
	b = history_at(l->v->history, to);
	x = cell_of(l, a->time);
	end = cell_of(l, b->time);
	if (x < 0 || end < x || row_of(l, a->thread) < 0 ||
	    a->thread == b->thread)
		return;
	if (end == x)
		end++;
	l->arrows[l->arrow_count++] = (struct arrow){
		.thread = a->thread, .to = b->thread, .from = x, .end = end};
	l->arrows[l->arrow_count - 1].end += 2 + (int)utf8_width(
		program_thread_name(l->app->program, b->thread));
}

static void choose_arrows(struct lanes *l)
{
	uint64_t here = l->v->record;

	if (here == HISTORY_NONE)
		return;
	add_arrow(l, history_cause(l->v->history, here), here);
	add_arrow(l, here, history_effect(l->v->history, here));
}

/* "└────▶ T1": the name fits or is left out. */
static void draw_arrow(const struct lanes *l, const struct arrow *a)
{
	const char *name = program_thread_name(l->app->program, a->to);
	int y = row_of(l, a->thread) + 1;
	int head = a->end - 2 - (int)utf8_width(name);

	grid_put(l->g, l->r, NAME_W + a->from, y, STYLE(GOOD), U'└');
	grid_hline(l->g, l->r, NAME_W + a->from + 1, y, head - a->from - 1,
		   STYLE(GOOD));
	grid_put(l->g, l->r, NAME_W + head, y, STYLE(GOOD), U'▶');
	if (a->end <= l->w.cells)
		grid_text(l->g, l->r, NAME_W + head + 2, y,
			  style_thread(a->to), name);
}

/* ---- owners ------------------------------------------------------------ */

/* An owner's number if there is room for it, else +; how many cells. With
 * more than nine threads two numbers side by side would be a third. */
static int draw_number(const struct lanes *l, int cell, int y, bool apart)
{
	const struct owner_cell *c = &l->held[cell];
	struct style s = style_with(style_thread(c->owner), STYLE_BOLD);
	bool two = cell + 1 < l->w.cells && c[1].owner == c->owner &&
		   !c[1].fought;

	if (l->app->program->threads.count > 9 &&
	    (!apart || (c->owner >= 9 && !two))) {
		grid_put(l->g, l->r, NAME_W + cell, y, s, U'+');
		return 1;
	}
	return grid_printf(l->g, l->r, NAME_W + cell, y, s, "%u",
			   c->owner + 1u);
}

/* Without colours, too, it is plain whose a stretch is: it begins with a
 * number. Several owners in one cell are *, unless the last of them stays. */
static void draw_owners(const struct lanes *l, int y)
{
	thread_id named = THREAD_NONE; /* by the number before */
	int end = -1;                  /* behind the last number */

	for (int i = 0; i < l->w.cells; i++) {
		const struct owner_cell *c = &l->held[i];
		bool plain = i + 1 < l->w.cells && !c[1].fought;
		/* It only changes hands here: the number stands alone. */
		bool stays = plain && (c[1].owner == c->owner) ==
					      (c->owner != named);

		if (c->owner == THREAD_NONE) {
			grid_put(l->g, l->r, NAME_W + i, y, STYLE(DIM), U'·');
			named = THREAD_NONE;
		} else if (c->fought && !stays) {
			grid_put(l->g, l->r, NAME_W + i, y,
				 style_thread(c->owner), U'*');
			named = THREAD_NONE;
		} else if (c->owner != named) {
			named = c->owner;
			i += draw_number(l, i, y, end != i) - 1;
			end = i + 1;
		} else {
			grid_put(l->g, l->r, NAME_W + i, y,
				 style_thread(c->owner), U'━');
		}
	}
}

static void draw_owner(const struct lanes *l, const struct owner_row *o, int y)
{
	const struct program *p = l->app->program;
	struct str name = {0};

	if (o->object == OBJECT_NONE) {
		str_addf(&name, "%s", p->regions.data[o->index]);
		history_region(l->v->history, (unsigned)o->index, l->w.from,
			       l->w.width, (size_t)l->w.cells, l->held);
	} else {
		object_format(p, o->object, o->index, &name);
		history_owner(l->v->history, o->object, o->index, l->w.from,
			      l->w.width, (size_t)l->w.cells, l->held);
	}
	grid_field(l->g, l->r, 1, y, NAME_W - 2, ALIGN_LEFT, STYLE(TEXT),
		   str_cstr(&name));
	draw_owners(l, y);
	str_free(&name);
}

/* ---- all --------------------------------------------------------------- */

/* The sign on the scale is seen without colours, too. */
static void draw_cursor(const struct lanes *l)
{
	int cell = cursor_cell(l), y = row_of(l, l->app->selected);
	struct rect column = l->r;

	grid_cursor(l->g, l->r, NAME_W + (cell < 0 ? 0 : cell), y < 0 ? 0 : y,
		    false);
	if (cell < 0)
		return;
	grid_put(l->g, l->r, NAME_W + cell, 0, STYLE(STRONG), U'▼');
	column.x += NAME_W + cell;
	column.w = 1;
	grid_mark(l->g, rect_clip(column, l->r), STYLE_CURSOR);
}

int free_lanes_cells(int w)
{
	return w > NAME_W ? w - NAME_W : 1;
}

int free_lanes_cell(int x)
{
	return x - NAME_W;
}

static bool prepare(struct lanes *l)
{
	int cells = free_lanes_cells(l->r.w);

	if (l->r.w <= NAME_W || l->r.h < 2)
		return false;
	l->app->layout->cells = cells;
	l->w = free_view_window(l->v, cells);
	l->cells = xcalloc((size_t)cells, sizeof *l->cells);
	l->held = xcalloc((size_t)cells, sizeof *l->held);
	choose_owners(l);
	choose_rows(l);
	choose_arrows(l);
	return true;
}

void free_lanes(const struct app *app, struct grid *g, struct rect r)
{
	struct lanes l = {.app = app, .v = app->free, .g = g, .r = r};
	int y;

	if (!prepare(&l))
		return;
	draw_scale(&l);
	for (int i = 0; i < l.row_count; i++)
		draw_lane(&l, i);
	for (int i = 0; i < l.arrow_count; i++)
		draw_arrow(&l, &l.arrows[i]);
	y = 1 + l.row_count * l.pitch;
	if (l.folded)
		draw_folded(&l, y++);
	for (int i = 0; i < l.owner_count && y < r.h; i++)
		draw_owner(&l, &l.owners[i], y++);
	draw_cursor(&l);
	draw_marks(&l);
	free(l.cells);
	free(l.held);
}

void free_lanes_click(struct app *app, struct rect r, int x, int y)
{
	struct lanes l = {.app = app, .v = app->free, .r = r};

	if (!prepare(&l))
		return;
	if (x >= NAME_W) {
		app->free->at = l.w.from + (uint64_t)(x - NAME_W) * l.w.width;
		app->free->record = HISTORY_NONE;
	}
	for (int i = 0; i < l.row_count && y >= 1; i++)
		if ((y - 1) / l.pitch == i)
			app->selected = l.rows[i];
	free(l.cells);
	free(l.held);
}
