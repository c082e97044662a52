/*
 * list.c - a program's instructions in words, for debugging and tests.
 *
 * One line an instruction: its place, the source line, its name and whatever of
 * its fields is set; a visible one with the registers that are needed there.
 */
#include "threadviz/lang.h"

static const char *code_name(uint8_t code)
{
	static const char *const names[] = {
		"const", "move",   "me",         "add",    "sub",  "mul",
		"div",   "mod",    "eq",         "ne",     "lt",   "le",
		"gt",    "ge",     "min",        "max",    "neg",  "not",
		"abs",   "addi",   "jump",       "jz",     "jnz",  "enter",
		"exit",  "assert", "atomic_end", "end",    "load", "empty",
		"full",  "size",   "isset",      "return",
	};

	return code < OP_COUNT ? op_info[code].name : names[code - OP_COUNT];
}

static void list_reg(struct str *out, const char *what, uint8_t r)
{
	if (r != NO_REG)
		str_addf(out, " %s=r%u", what, r);
}

static void list_object(const struct program *p, struct str *out, object_id o)
{
	if (o < p->objects.count)
		str_addf(out, " %s", p->objects.data[o].name);
}

static void list_insn(const struct program *p, const struct insn *i,
		      struct str *out)
{
	str_add(out, code_name(i->code));
	list_object(p, out, i->object);
	if (i->code == OP_ATOMIC)
		str_add(out, i->object2 ? " (waits)" : "");
	else
		list_object(p, out, i->object2);
	list_reg(out, "dst", i->dst);
	list_reg(out, "index", i->index);
	list_reg(out, "index2", i->index2);
	list_reg(out, "a", i->a);
	list_reg(out, "b", i->b);
	if (i->imm)
		str_addf(out, " %d", i->imm);
	if (i->code < OP_COUNT && i->live)
		str_addf(out, " live=%llx", (unsigned long long)i->live);
}

void program_list(const struct program *p, struct str *out)
{
	for (size_t i = 0; i < p->code.count; i++) {
		for (size_t t = 0; t < p->threads.count; t++)
			if (p->threads.data[t].entry == i)
				str_addf(out, "%s: %u registers\n",
					 p->threads.data[t].name,
					 p->threads.data[t].regs);
		str_addf(out, "%5zu %4u  ", i, p->code.data[i].line);
		list_insn(p, &p->code.data[i], out);
		str_addc(out, '\n');
	}
}
