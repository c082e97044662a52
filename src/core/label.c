/*
 * label.c - operations and events in words.
 *
 * Long and short labels name the object, tiny ones carry only what changes
 * (`W 1`), a char is the operation's letter. All take their words from ops.def,
 * so a new operation is named everywhere at once.
 */
#include <ctype.h>

#include "threadviz/label.h"

/* How the result of an operation belongs behind it. */
enum shape {
	SHAPE_PLAIN, /* lock m */
	SHAPE_GETS,  /* read x -> 1 */
	SHAPE_PUTS,  /* write x <- 1 */
	SHAPE_TRIES, /* trylock m: no */
	SHAPE_ALONE, /* yield */
	SHAPE_TEXT,  /* print "a" */
};

static enum shape shape_of(uint8_t kind)
{
	switch (kind) {
	case OP_READ:
	case OP_GET:
	case OP_TRYGET:
	case OP_GETFOR:
	case OP_BUF_GET:
	case OP_SIZE:
	case OP_EMPTY:
	case OP_FULL:
	case OP_EVENT_ISSET:
	case OP_SELECT:
	case OP_CHOOSE:
		return SHAPE_GETS;
	case OP_WRITE:
	case OP_XCHG:
	case OP_CAS:
	case OP_FETCH_ADD:
	case OP_PUT:
	case OP_TRYPUT:
	case OP_BUF_PUT:
	case EVENT_DRAIN:
		return SHAPE_PUTS;
	case OP_TRYLOCK:
	case OP_SEM_TRY:
	case OP_LOCKFOR:
	case OP_RETAKE_FOR:
		return SHAPE_TRIES;
	case OP_YIELD:
	case OP_FENCE:
	case OP_ATOMIC:
		return SHAPE_ALONE;
	case OP_PRINT:
	case OP_WORK:
		return SHAPE_TEXT;
	default:
		return SHAPE_PLAIN;
	}
}

/* Short where the statement's own word would leave the name no room. */
static const char *kind_word(uint8_t kind)
{
	if (kind == OP_FETCH_ADD)
		return "add";
	if (kind < OP_COUNT)
		return op_info[kind].word;
	switch (kind) {
	case EVENT_DRAIN:
		return "drain";
	case EVENT_WOKEN:
		return "woken";
	case EVENT_END:
		return "ends";
	case EVENT_LOST:
		return "lost";
	case EVENT_ON_CPU:
		return "on cpu";
	case EVENT_OFF_CPU:
		return "off cpu";
	default:
		return "";
	}
}

static char kind_letter(uint8_t kind)
{
	if (kind < OP_COUNT)
		return op_info[kind].letter;
	switch (kind) {
	case EVENT_DRAIN:
		return '~';
	case EVENT_WOKEN:
		return '!';
	case EVENT_END:
		return ')';
	default:
		return ' ';
	}
}

/* For locks and the like a sign does for the word: "+m", "-m", "?m". A b is
 * both to arrive at a barrier and to leave it: shortest only. */
static bool has_sign(uint8_t kind)
{
	return strchr("+-!?zb", kind_letter(kind)) != NULL &&
	       kind != OP_CHOOSE && kind != OP_SLEEP;
}

static void add_name(const struct program *p, object_id id, int32_t index,
		     struct str *out)
{
	if (id != OBJECT_NONE)
		object_format(p, id, index, out);
}

/* Without whose it is: a process can touch none but its own. */
static void add_short_name(const struct program *p, object_id id, int32_t index,
			   struct str *out)
{
	if (id == OBJECT_NONE)
		return;
	str_add(out, p->objects.data[id].name);
	if (p->objects.data[id].array)
		str_addf(out, "[%d]", index);
}

static void add_thread(const struct program *p, const struct insn *i,
		       int32_t index, struct str *out)
{
	const struct thread_group *g = &p->groups.data[i->imm];

	str_add(out, program_thread_name(p, (thread_id)(g->first + index)));
}

static bool names_thread(uint8_t kind)
{
	return kind == OP_START || kind == OP_JOIN;
}

/* The object, thread or nothing. */
static void add_object(const struct program *p, uint8_t kind, code_addr pc,
		       object_id object, int32_t index, struct str *out)
{
	if (names_thread(kind))
		add_thread(p, &p->code.data[pc], index, out);
	else
		add_name(p, object, index, out);
}

static void add_text(const struct program *p, const struct event *e,
		     struct str *out)
{
	uint32_t id = (uint32_t)e->value;
	size_t n;

	if (e->kind == OP_WORK) {
		str_add(out, p->texts.data[p->code.data[e->pc].imm]);
		return;
	}
	n = outputs_count(p->outputs, id);
	if (n)
		str_add(out, outputs_line(p->outputs, id, n - 1));
}

static bool failed(const struct event *e)
{
	return e->flags & (EVENT_FAILED | EVENT_TIMEOUT);
}

/* "empty: yes" */
static bool is_question(uint8_t kind)
{
	return kind == OP_EMPTY || kind == OP_FULL || kind == OP_EVENT_ISSET;
}

static bool is_item(uint8_t kind)
{
	return kind == OP_GET || kind == OP_GETFOR || kind == OP_TRYGET ||
	       kind == OP_BUF_GET || kind == OP_PUT || kind == OP_TRYPUT ||
	       kind == OP_BUF_PUT;
}

/* Of a variable short "x 1" and "x=1"; of a queue "q->1" and "q<-1". */
static void add_result(const struct event *e, enum label_length length,
		       struct str *out)
{
	const char *arrow_in = length == LABEL_LONG ? " -> "
			       : is_item(e->kind)   ? "->"
						    : " ";
	const char *arrow_out = length == LABEL_LONG ? " <- "
				: is_item(e->kind)   ? "<-"
						     : "=";

	if (e->flags & EVENT_CRASH)
		return;
	if (is_question(e->kind)) {
		str_add(out, e->value ? ": yes" : ": no");
		return;
	}

	switch (shape_of(e->kind)) {
	case SHAPE_GETS:
		if (failed(e))
			str_add(out, e->flags & EVENT_TIMEOUT ? ": time is up"
							      : ": nothing");
		else
			str_addf(out, "%s%d", arrow_in, e->value);
		break;
	case SHAPE_PUTS:
		if (failed(e))
			str_add(out, ": no");
		else
			str_addf(out, "%s%d", arrow_out, e->value);
		if (e->kind == OP_XCHG)
			str_addf(out, ", was %d", e->extra);
		break;
	case SHAPE_TRIES:
		str_add(out, e->flags & EVENT_TIMEOUT ? ": time is up"
			     : failed(e)              ? ": no"
						      : "");
		break;
	default:
		if (e->kind == OP_SIGNAL && failed(e) && length == LABEL_LONG)
			str_add(out, ": nobody");
	}
}

static void long_label(const struct program *p, const struct event *e,
		       struct str *out)
{
	str_add(out, kind_word(e->kind));
	if (shape_of(e->kind) == SHAPE_TEXT) {
		str_add(out, " \"");
		add_text(p, e, out);
		str_addc(out, '"');
		return;
	}
	if (e->kind != EVENT_END && shape_of(e->kind) != SHAPE_ALONE &&
	    (e->object != OBJECT_NONE || names_thread(e->kind))) {
		str_addc(out, ' ');
		add_object(p, e->kind, e->pc, e->object, e->index, out);
	}
	add_result(e, LABEL_LONG, out);
}

/* Of a process's own copy short: nobody else can touch it. */
static void add_short_object(const struct program *p, const struct event *e,
			     struct str *out)
{
	const struct object *o;

	if (e->object == OBJECT_NONE || names_thread(e->kind) ||
	    p->objects.data[e->object].process == THREAD_NONE) {
		add_object(p, e->kind, e->pc, e->object, e->index, out);
		return;
	}
	o = &p->objects.data[e->object];
	str_addf(out, "own %s", o->name);
	if (o->array)
		str_addf(out, "[%d]", e->index);
}

static void short_label(const struct program *p, const struct event *e,
			struct str *out)
{
	enum shape shape = shape_of(e->kind);

	if (shape == SHAPE_TEXT) {
		add_text(p, e, out);
		return;
	}
	if (is_question(e->kind)) {
		str_add(out, kind_word(e->kind));
		add_result(e, LABEL_SHORT, out);
		return;
	}
	if (e->flags & EVENT_TIMEOUT) {
		str_add(out, "time is up");
		return;
	}
	if (has_sign(e->kind) && kind_letter(e->kind) != 'b') {
		str_addc(out, kind_letter(e->kind));
		if (isalpha((unsigned char)kind_letter(e->kind)))
			str_addc(out, ' ');
		add_object(p, e->kind, e->pc, e->object, e->index, out);
		if (failed(e) && shape == SHAPE_TRIES)
			str_add(out, ": no");
		return;
	}
	if (e->object == OBJECT_NONE && !names_thread(e->kind)) {
		str_add(out, kind_word(e->kind));
		if (shape == SHAPE_GETS)
			add_result(e, LABEL_SHORT, out);
		return;
	}
	if (e->kind == EVENT_DRAIN || e->kind == OP_START)
		str_addc(out, kind_letter(e->kind));
	else if (shape == SHAPE_PLAIN)
		str_addf(out, "%s ", kind_word(e->kind));
	add_short_object(p, e, out);
	add_result(e, LABEL_SHORT, out);
}

/* "f1" of fork[1]. */
static void add_initial(const struct program *p, object_id id, int32_t index,
			struct str *out)
{
	str_addc(out, p->objects.data[id].name[0]);
	if (p->objects.data[id].array)
		str_addf(out, "%d", index);
}

static void tiny_label(const struct program *p, const struct event *e,
		       struct str *out)
{
	enum shape shape = shape_of(e->kind);
	char letter = kind_letter(e->kind);

	if (shape == SHAPE_GETS || shape == SHAPE_PUTS) {
		str_addf(out, "%c", toupper((unsigned char)letter));
		if (failed(e))
			str_addc(out, '-');
		else
			str_addf(out, " %d", e->value);
		return;
	}
	str_addc(out, letter);
	if (has_sign(e->kind) && e->object != OBJECT_NONE)
		add_initial(p, e->object, e->index, out);
}

/* What it wants is the object, of a retake the condition's mutex. */
static void wants_label(const struct program *p, const struct event *e,
			enum label_length length, struct str *out)
{
	bool retake = e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR;
	int32_t index = e->index;
	object_id id = retake ? event_mutex(p, e, &index) : e->object;

	str_add(out, length == LABEL_LONG ? "wants " : "?");
	if (length == LABEL_CHAR)
		return;
	if (id == OBJECT_NONE && !names_thread(e->kind))
		str_add(out, op_info[e->kind].word);
	else if (id != OBJECT_NONE && length == LABEL_TINY)
		add_initial(p, id, index, out);
	else
		add_object(p, e->kind, e->pc, id, index, out);
}

void event_format(const struct program *p, const struct event *e,
		  enum label_length length, struct str *out)
{
	struct event done = *e;

	if (e->kind == EVENT_VERDICT) {
		str_add(out, verdict_name[e->value]);
		return;
	}
	if (e->flags & EVENT_WANTS) {
		wants_label(p, e, length, out);
		return;
	}
	if (e->kind == OP_RETAKE || e->kind == OP_RETAKE_FOR) {
		done.object = event_mutex(p, e, &done.index);
		done.kind = e->kind;
	}
	switch (length) {
	case LABEL_LONG:
		long_label(p, &done, out);
		break;
	case LABEL_SHORT:
		short_label(p, &done, out);
		break;
	case LABEL_TINY:
		tiny_label(p, &done, out);
		break;
	case LABEL_CHAR:
	case LABEL_LENGTHS:
		str_addc(out, kind_letter(e->kind));
	}
	if (e->flags & EVENT_CRASH && length <= LABEL_SHORT)
		str_add(out, ": CRASH");
}

/* ---- what a thread is about to do -------------------------------------- */

static void add_upper(const char *word, struct str *out)
{
	for (; *word; word++)
		str_addc(out, (char)toupper((unsigned char)*word));
}

/* What it will print, as far as it is text. */
static void add_line(const struct program *p, const struct op *op,
		     struct str *out)
{
	const struct print *line =
		&p->prints.data[p->code.data[op->pc].imm];

	str_add(out, " \"");
	for (size_t k = 0; k < line->count; k++)
		str_add(out, line->parts[k].text ? line->parts[k].text : "…");
	str_addc(out, '"');
}

static void op_operand(const struct program *p, const struct op *op,
		       struct str *out)
{
	switch (op->kind) {
	case OP_WRITE:
	case OP_XCHG:
	case OP_PUT:
	case OP_TRYPUT:
	case OP_BUF_PUT:
		str_addf(out, " <- %d", op->a);
		break;
	case OP_CAS:
		str_addf(out, " %d -> %d", op->a, op->b);
		break;
	case OP_FETCH_ADD:
		str_addf(out, " %+d", op->a);
		break;
	case OP_CHOOSE:
		str_addf(out, " %d..%d", op->a, op->b);
		break;
	case OP_SLEEP:
		str_addf(out, " %d", op->a);
		break;
	case OP_WORK:
		str_addf(out, " \"%s\"",
			 p->texts.data[p->code.data[op->pc].imm]);
		break;
	case OP_PRINT:
		add_line(p, op, out);
		break;
	default:
		break;
	}
}

/* "n +1", "cas seat", "xchg l": one letter would not tell them apart. */
static void op_swap(const struct program *p, const struct op *op,
		    struct str *out)
{
	if (op->kind != OP_FETCH_ADD)
		str_addf(out, "%s ", op_info[op->kind].word);
	add_short_name(p, op->object, op->index, out);
	if (op->kind == OP_FETCH_ADD)
		str_addf(out, " %+d", op->a);
}

/* "W flag[1]=0", "r number[0]", "+fork[1]", "free disk" */
static void op_short(const struct program *p, const struct op *op,
		     struct str *out)
{
	bool touch = op_info[op->kind].flags & (OP_R | OP_W);

	if (op->kind == OP_WORK) {
		str_add(out, p->texts.data[p->code.data[op->pc].imm]);
		return;
	}
	if (op->object == OBJECT_NONE || !(touch || has_sign(op->kind)) ||
	    kind_letter(op->kind) == 'b') {
		str_add(out, op_info[op->kind].word);
		if (op->object != OBJECT_NONE || names_thread(op->kind))
			str_addc(out, ' ');
		add_object(p, op->kind, op->pc, op->object, op->index, out);
		return;
	}
	if (op->kind == OP_FETCH_ADD || op->kind == OP_CAS ||
	    op->kind == OP_XCHG) {
		op_swap(p, op, out);
		return;
	}
	str_addc(out, op_info[op->kind].letter);
	if (touch || isalpha((unsigned char)op_info[op->kind].letter))
		str_addc(out, ' ');
	if (op->kind == OP_RETAKE || op->kind == OP_RETAKE_FOR)
		add_short_name(p, op->mutex, op->mutex_index, out);
	else
		add_short_name(p, op->object, op->index, out);
	if (op->kind == OP_WRITE)
		str_addf(out, "=%d", op->a);
}

static void op_long(const struct program *p, const struct op *op,
		    struct str *out)
{
	if (op_info[op->kind].flags & OP_W)
		add_upper(kind_word(op->kind), out);
	else
		str_add(out, kind_word(op->kind));
	if (op->kind == OP_RETAKE || op->kind == OP_RETAKE_FOR) {
		str_addc(out, ' ');
		add_name(p, op->mutex, op->mutex_index, out);
	} else if (op->object != OBJECT_NONE || names_thread(op->kind)) {
		str_addc(out, ' ');
		add_object(p, op->kind, op->pc, op->object, op->index, out);
	}
	op_operand(p, op, out);
}

void op_format(const struct program *p, const struct op *op,
	       enum label_length length, struct str *out)
{
	if (op->kind >= OP_COUNT)
		return;
	if (length == LABEL_LONG)
		op_long(p, op, out);
	else if (length == LABEL_SHORT)
		op_short(p, op, out);
	else
		str_addc(out, op_info[op->kind].letter);
}

/* ---- places ------------------------------------------------------------ */

object_id event_mutex(const struct program *p, const struct event *e,
		      int32_t *index)
{
	*index = e->extra;
	return p->code.data[e->pc].object2;
}

void event_place(const struct program *p, const struct event *e,
		 struct str *out)
{
	str_addf(out, "%s:%u", p->file, p->code.data[e->pc].line);
}

const char *program_line(const struct program *p, unsigned line)
{
	const char *text;

	if (line < 1 || line > p->lines.count)
		return "";
	text = p->lines.data[line - 1].text;
	return text + strspn(text, " \t");
}
