/*
 * predict.c - asking the class first.
 *
 * In predict mode values, futures, verdicts and steps to come are hidden and
 * one question stands on the screen. Its answer is computed from the model and
 * the search, never written down. The three questions take turns with the
 * cursor, so that the same moment always asks the same.
 */
#include "inside.h"
#include "views.h"

enum question {
	QUESTION_READ, /* what will A read? */
	QUESTION_MOVE, /* who can move? */
	QUESTION_ENDS, /* what can it end as? */
};

/* The first thread that is about to read a variable. */
static bool find_reader(const struct app *app, thread_id *t, struct op *op)
{
	for (size_t i = 0; i < app->program->threads.count; i++) {
		world_parked(app_world(app), app->program, (thread_id)i, op);
		if (op->kind != OP_READ ||
		    !world_alts(app_world(app), app->program, (thread_id)i))
			continue;
		*t = (thread_id)i;
		return true;
	}
	return false;
}

static enum question choose(const struct app *app)
{
	struct op op;
	thread_id t;
	size_t turn = app_cursor(app) % 3;

	if (turn == QUESTION_READ && find_reader(app, &t, &op))
		return QUESTION_READ;
	if (turn == QUESTION_ENDS && app->futures.known)
		return QUESTION_ENDS;
	return QUESTION_MOVE;
}

bool predict_hides(const struct app *app, size_t step)
{
	return app->predict == PREDICT_ASKED && step > app_cursor(app);
}

void predict_question(const struct app *app, struct str *out)
{
	struct op op;
	thread_id t;

	switch (choose(app)) {
	case QUESTION_READ:
		if (!find_reader(app, &t, &op))
			break;
		str_addf(out, "If %s moves next: what will it read from ",
			 program_thread_name(app->program, t));
		object_format(app->program, op.object, op.index, out);
		str_add(out, "?");
		break;
	case QUESTION_MOVE:
		str_add(out, "Who can move now, and who must wait?");
		break;
	case QUESTION_ENDS:
		str_add(out, "How can this still end?");
		break;
	}
}

static void answer_read(const struct app *app, struct str *out)
{
	struct op op;
	thread_id t;

	if (!find_reader(app, &t, &op))
		return;
	str_addf(out, "%s will read %d", program_thread_name(app->program, t),
		 world_value_for(app_world(app), app->program, t, op.object,
				 op.index));
}

static void answer_move(const struct app *app, struct str *out)
{
	const char *gap = "";

	for (size_t i = 0; i < app->program->threads.count; i++) {
		if (!world_alts(app_world(app), app->program, (thread_id)i))
			continue;
		str_addf(out, "%s%s", gap,
			 program_thread_name(app->program, (thread_id)i));
		gap = ", ";
	}
	str_add(out, *gap ? " can move" : "nobody can move");
}

void predict_answer(const struct app *app, struct str *out)
{
	switch (choose(app)) {
	case QUESTION_READ:
		answer_read(app, out);
		break;
	case QUESTION_MOVE:
		answer_move(app, out);
		break;
	case QUESTION_ENDS:
		say_futures(app, FINDING_LINE, out);
		break;
	}
}

bool predict_says_ends(const struct app *app)
{
	return app->predict == PREDICT_SHOWN && choose(app) == QUESTION_ENDS;
}

void predict_next(struct app *app)
{
	app->predict =
		app->predict == PREDICT_ASKED ? PREDICT_SHOWN : PREDICT_ASKED;
}

static void say_score(struct app *app, const char *before)
{
	if (app->predict_asked)
		notice(app, false, "%s%u of %u right", before,
		       app->predict_right, app->predict_asked);
	else
		notice(app, false, "%snothing was counted", before);
}

bool predict_key(struct app *app, key_code key)
{
	if (app->predict == PREDICT_OFF)
		return false;
	if (app->predict == PREDICT_SHOWN && (key == 'y' || key == 'n')) {
		app->predict_right += key == 'y';
		app->predict_asked++;
		app->predict = PREDICT_ASKED;
		say_score(app, "");
		return true;
	}
	if (key == 'y') {
		notice(app, true, "first p, which shows the answer");
		return true;
	}
	if (key != 'q')
		return false;
	app->predict = PREDICT_OFF;
	say_score(app, "no more questions: ");
	return true;
}
