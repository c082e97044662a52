/*
 * choice.c - schedules as text and back.
 *
 * Reading takes what people type (commas, bars, bare numbers for threads) and
 * writing gives one form only: what is written reads back to the same choices.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "threadviz/choice.h"
#include "threadviz/program.h"

int choice_compare(struct choice a, struct choice b)
{
	if (a.thread != b.thread)
		return a.thread < b.thread ? -1 : 1;
	if (a.kind != b.kind)
		return a.kind < b.kind ? -1 : 1;
	return (a.pick > b.pick) - (a.pick < b.pick);
}

void choice_format(const struct program *p, struct choice c, struct str *out)
{
	static const char mark[] = {[CHOICE_TIMEOUT] = '?',
				    [CHOICE_DRAIN] = '~',
				    [CHOICE_WAKE] = '!'};

	str_add(out, program_thread_name(p, c.thread));
	if (c.kind == CHOICE_PICK)
		str_addf(out, "=%d", c.pick);
	else if (c.kind != CHOICE_MOVE)
		str_addc(out, mark[c.kind]);
}

void schedule_format(const struct program *p, const struct choice *c, size_t n,
		     struct str *out)
{
	for (size_t i = 0, run; i < n; i += run) {
		for (run = 1; i + run < n && choice_equal(c[i], c[i + run]);)
			run++;
		if (i)
			str_addc(out, ' ');
		choice_format(p, c[i], out);
		if (run > 1)
			str_addf(out, "*%zu", run);
	}
}

struct word {
	const char *text;
	size_t len;
};

static bool next_word(const char **at, struct word *w)
{
	static const char gaps[] = " \t\r\n,|";

	*at += strspn(*at, gaps);
	w->text = *at;
	w->len = strcspn(*at, gaps);
	*at += w->len;
	return w->len > 0;
}

static bool unknown_thread(const struct program *p, struct word w,
			   struct error *err)
{
	const char *names[LIMIT_THREADS];
	const char *near;
	char name[64];

	for (size_t i = 0; i < p->threads.count; i++)
		names[i] = p->threads.data[i].name;
	snprintf(name, sizeof name, "%.*s", (int)(w.len < 60 ? w.len : 60),
		 w.text);
	near = str_nearest(name, names, p->threads.count);
	if (near)
		return fail(err,
			    "no thread is called \"%s\": did you mean "
			    "\"%s\"?",
			    name, near);
	return fail(err, "no thread is called \"%s\"", name);
}

/* The thread a word begins with; a bare number k is the k-th. */
static bool parse_thread(const struct program *p, struct word w,
			 struct choice *c, struct error *err)
{
	c->thread = program_find_thread(p, w.text, w.len);
	if (c->thread == THREAD_NONE && w.len <= 2 &&
	    isdigit((unsigned char)w.text[0])) {
		long k = strtol(w.text, NULL, 10);

		if (k >= 1 && (size_t)k <= p->threads.count)
			c->thread = (thread_id)(k - 1);
	}
	return c->thread != THREAD_NONE || unknown_thread(p, w, err);
}

/* A decimal number that fills the word from `from` to its end. */
static bool parse_number(struct word w, size_t from, long low, long high,
			 long *out)
{
	char digits[16];
	char *end;
	size_t n = w.len - from;

	if (n == 0 || n >= sizeof digits)
		return false;
	memcpy(digits, w.text + from, n);
	digits[n] = '\0';
	*out = strtol(digits, &end, 10);
	return !*end && !isspace((unsigned char)digits[0]) && *out >= low &&
	       *out <= high;
}

enum { REPEAT_MAX = 1000000 };

/* NAME, then any of `~ ! ? =N`, then `*N`. */
static bool parse_choice(const struct program *p, struct word w,
			 struct schedule *out, struct error *err)
{
	struct choice c = {0};
	struct word head = w;
	long n = 1, pick = 0;
	size_t name;

	for (name = 0; name < w.len && w.text[name] != '*';)
		name++;
	if (name < w.len && !parse_number(w, name + 1, 0, REPEAT_MAX, &n))
		return fail(err, "\"%.*s\": behind * stands how often, 0 to %d",
			    (int)(w.len < 60 ? w.len : 60), w.text, REPEAT_MAX);
	head.len = name;
	for (name = 0; name < head.len && !strchr("~!?=", head.text[name]);)
		name++;
	if (name < head.len) {
		c.kind = head.text[name] == '~'   ? CHOICE_DRAIN
			 : head.text[name] == '!' ? CHOICE_WAKE
			 : head.text[name] == '?' ? CHOICE_TIMEOUT
						  : CHOICE_PICK;
		if (c.kind == CHOICE_PICK
			    ? !parse_number(head, name + 1, INT32_MIN,
					    INT32_MAX, &pick)
			    : name + 1 != head.len)
			return fail(err,
				    "\"%.*s\": behind a thread's name may "
				    "stand ~ ! ? or =NUMBER",
				    (int)(w.len < 60 ? w.len : 60), w.text);
	}
	head.len = name;
	c.pick = (int32_t)pick;
	if (!parse_thread(p, head, &c, err))
		return false;
	while (n-- > 0)
		vec_push(out, c);
	return true;
}

bool schedule_parse(const struct program *p, const char *text,
		    struct schedule *out, struct error *err)
{
	struct word w;

	while (next_word(&text, &w))
		if (!parse_choice(p, w, out, err))
			return false;
	return true;
}
