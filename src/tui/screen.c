/*
 * screen.c - the loop between the terminal and the app, and the loop between a
 * script of keys and the app.
 *
 * The front has one thread: keys, the child's descriptor, the next tick of a
 * playing run and background search take turns here. Idle costs nothing: with
 * nothing to do it sleeps in poll.
 */
#include <time.h>

#include "inside.h"
#include "overlay.h"
#include "record.h"
#include "threadviz/gridout.h"
#include "threadviz/screen.h"
#include "threadviz/term.h"

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* ---- on a terminal ----------------------------------------------------- */

enum { FRAME_MS = 33 /* between two pictures of a free run */ };

struct loop {
	struct app *app;
	struct term *term;
	struct record *record; /* or NULL */
	struct grid grid;
	int64_t next_tick, next_frame;
	bool dirty;
	bool news;  /* of a free run, not yet shown */
	int signal; /* to die of, 0: none */
};

static void film(struct loop *l)
{
	struct error err = {0};

	if (record_show(l->record, &l->grid, term_theme(l->term), l->app->ascii,
			&err))
		return;
	notice(l->app, true, "%s; the film ends here", err.text);
	l->dirty = true;
}

static void show(struct loop *l)
{
	int w, h;

	if (!l->dirty)
		return;
	term_size(l->term, &w, &h);
	if (w != l->grid.w || h != l->grid.h)
		grid_resize(&l->grid, w, h);
	l->app->w = w;
	l->app->h = h;
	app_draw(l->app, &l->grid);
	term_show(l->term, &l->grid);
	l->dirty = false;
	film(l);
}

static int timeout(const struct loop *l, bool work)
{
	int64_t left;

	if (work || l->dirty)
		return 0;
	if (app_live(l->app))
		return app_due(l->app);
	if (!l->app->playing)
		return -1;
	left = l->next_tick - now_ms();
	return left < 0 ? 0 : (int)left;
}

static void tick(struct loop *l)
{
	if (!l->app->playing) {
		l->next_tick = now_ms() + (int64_t)(1000 / l->app->speed);
		return;
	}
	if (now_ms() < l->next_tick)
		return;
	app_tick(l->app);
	l->next_tick = now_ms() + (int64_t)(1000 / l->app->speed);
	l->dirty = true;
}

/* What a free run recorded; true if there is more at once. */
static bool take_records(struct loop *l)
{
	enum app_news news = app_poll(l->app);

	l->news |= news != APP_QUIET;
	if (l->news && (now_ms() >= l->next_frame || !app_live(l->app))) {
		l->next_frame = now_ms() + FRAME_MS;
		l->dirty = true;
		l->news = false;
	}
	return news == APP_MORE;
}

static void follow_settings(struct loop *l)
{
	if (term_theme(l->term) != l->app->theme)
		term_set_theme(l->term, l->app->theme);
	if (term_mouse(l->term) != l->app->mouse)
		term_set_mouse(l->term, l->app->mouse);
}

static void take_key(struct loop *l, key_code key)
{
	enum action a = app_action(l->app, key);

	if (key == INPUT_CTRL('c') && !overlay_types(l->app)) {
		l->signal = 2;
		return;
	}
	if (a == ACTION_REPAINT)
		term_repaint(l->term);
	else
		app_key(l->app, key);
	follow_settings(l);
	l->dirty = true;
}

static void take_event(struct loop *l, const struct term_event *e)
{
	switch ((enum term_event_kind)e->kind) {
	case TERM_KEY:
		take_key(l, e->input.key);
		break;
	case TERM_MOUSE:
		app_click(l->app, &e->input, l->grid.w, l->grid.h);
		l->dirty = true;
		break;
	case TERM_RESIZE:
		l->dirty = true;
		break;
	case TERM_SIGNAL:
		l->signal = e->signal;
		break;
	case TERM_HANGUP:
		l->signal = 1;
		break;
	case TERM_FD:
		app_engine_ready(l->app);
		l->dirty = true;
		break;
	case TERM_TIMEOUT:
		break;
	}
}

static void loop(struct loop *l)
{
	bool work = true, more = false;

	while (!l->app->quit && !l->signal) {
		bool was_working = work;
		struct term_event e;

		show(l);
		e = term_event(l->term, timeout(l, work || more),
			       app_engine_fd(l->app));
		take_event(l, &e);
		tick(l);
		work = app_work(l->app);
		if ((was_working && !work) || l->app->continuing)
			l->dirty = true;
		more = take_records(l);
	}
}

static bool open_record(struct loop *l, const char *path, struct error *err)
{
	const struct program *p = l->app->program;

	if (path)
		l->record = record_open(path, p ? p->title : "threadviz", err);
	return !path || l->record;
}

bool screen_run(struct app *app, const struct term_options *options,
		const char *film, int *signal, struct error *err)
{
	struct loop l = {.app = app, .dirty = true};

	l.term = term_open(options, err);
	if (!l.term)
		return false;
	if (!open_record(&l, film, err)) {
		term_close(l.term);
		return false;
	}
	app->theme = term_theme(l.term);
	app->mouse = term_mouse(l.term);
	grid_init(&l.grid, 1, 1);
	loop(&l);
	grid_fini(&l.grid);
	term_close(l.term);
	*signal = l.signal;
	return record_close(l.record, err);
}

/* ---- by a script ------------------------------------------------------- */

/* What keys and clicks mean follows from what was drawn last. */
static void draw_unseen(struct app *app, int w, int h)
{
	struct grid g;

	grid_init(&g, w, h);
	app_draw(app, &g);
	grid_fini(&g);
}

/* One word of the script: a key, or one of the commands of screen.h. */
static bool script_word(struct app *app, const char *word, int *w, int *h,
			struct str *out, struct error *err)
{
	key_code key;

	if (!strcmp(word, "@dump")) {
		struct grid g;

		grid_init(&g, *w, *h);
		app_draw(app, &g);
		grid_write_text(&g, app->ascii, out);
		grid_fini(&g);
		return true;
	}
	if (!strcmp(word, "@say")) {
		app_say(app, out);
		return true;
	}
	if (!strcmp(word, "@work")) {
		while (app_work(app) || app_live(app))
			app_poll(app);
		return true;
	}
	if (!strcmp(word, "@tick")) {
		app_tick(app);
		return true;
	}
	if (!strncmp(word, "@size=", 6) && grid_parse_size(word + 6, w, h)) {
		draw_unseen(app, *w, *h);
		return true;
	}
	if (!key_parse(word, &key))
		return fail(err,
			    "\"%s\" is neither a key nor @dump, @say, "
			    "@work, @tick, @size=WxH",
			    word);
	if (key == INPUT_CTRL('c') && !overlay_types(app))
		app->quit = true;
	else
		app_key(app, key);
	while (app->continuing)
		app_work(app);
	return true;
}

bool screen_script(struct app *app, const char *script, int w, int h,
		   struct str *out, struct error *err)
{
	draw_unseen(app, w, h);
	while (!app->quit) {
		char word[64];
		size_t len;

		script += strspn(script, " \t\r\n");
		if (*script == '#') {
			script += strcspn(script, "\n");
			continue;
		}
		len = strcspn(script, " \t\r\n");
		if (!len)
			break;
		if (len >= sizeof word)
			return fail(err,
				    "a word of the key script is too long");
		memcpy(word, script, len);
		word[len] = '\0';
		script += len;
		if (!script_word(app, word, &w, &h, out, err))
			return false;
	}
	return true;
}
