/*
 * fuzz_keys.c - any bytes as keys, clicks and sizes, on the app in the model.
 *
 * A byte below 128 is that key, but for those that write files; above, special
 * keys, clicks, a new size, a tick of a playing run or a slice of search. After
 * each the app is drawn.
 */
#include <stdlib.h>

#include "threadviz/app.h"
#include "threadviz/lang.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char text[] =
	"scenario \"keys\"\nshared x = 0\nmutex m\ncond c\nqueue q max 1\n"
	"buffered y = 0\nthread A, B:\n    x += 1\n    y = x\n    lock m\n"
	"    if waitfor(c, m, 3) == 0:\n        signal c\n    unlock m\n"
	"    print \"x\", x\nthread P:\n    put q, choose(1..3)\n"
	"    signal c\nthread C:\n    let v = get(q)\n    work \"got\"\n"
	"finally x == 2\n";

static const key_code special[] = {
	INPUT_ENTER,  INPUT_TAB,  INPUT_BACKTAB, INPUT_BACKSPACE,
	INPUT_ESCAPE, INPUT_UP,   INPUT_DOWN,    INPUT_LEFT,
	INPUT_RIGHT,  INPUT_HOME, INPUT_END,     INPUT_PGUP,
	INPUT_PGDN,   INPUT_F1,   0x2500,        0x4e2d,
};

struct fuzz {
	struct app app;
	struct grid grid;
};

static void act(struct fuzz *f, uint8_t byte, uint8_t more)
{
	struct input_event click = {
		.mouse = true, .button = byte & 3, .x = more, .y = byte & 31};

	if (byte < 128)
		app_key(&f->app, byte == 'P' || byte == 'S' ? 's' : byte);
	else if (byte < 144)
		app_key(&f->app, special[byte - 128]);
	else if (byte < 176)
		app_click(&f->app, &click, f->grid.w, f->grid.h);
	else if (byte < 200)
		grid_resize(&f->grid, 1 + more, 1 + (byte - 176) * 3);
	else if (byte < 230)
		app_tick(&f->app);
	else
		app_work(&f->app);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct diagnostics none = {0};
	struct program *p = program_compile("keys", "keys.tv", text,
					    sizeof text - 1, NULL, 0, &none);
	struct app_options o = {.kind = ENGINE_SIM};
	struct error err = {0};
	struct fuzz f;

	diagnostics_fini(&none);
	if (!p || !app_init(&f.app, p, &o, &err))
		abort();
	grid_init(&f.grid, 80, 24);
	for (size_t i = 0; i < size && i < 400 && !f.app.quit; i++) {
		act(&f, bytes[i], i + 1 < size ? bytes[i + 1] : 0);
		app_draw(&f.app, &f.grid);
	}
	grid_fini(&f.grid);
	app_fini(&f.app);
	program_free(p);
	return 0;
}
