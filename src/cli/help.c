/*
 * help.c - --help, read off the tables.
 *
 * commands.def and options.def say all there is to say: a new option needs no
 * line here.
 */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "threadviz/str.h"

/* Help text behind the option, wrapped at 78 columns. */
static void print_wrapped(const char *text, int indent)
{
	int column = indent;

	while (*text) {
		int word = (int)strcspn(text, " ");

		if (column > indent && column + 1 + word > 78) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (column > indent) {
			putchar(' ');
			column++;
		}
		printf("%.*s", word, text);
		column += word;
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void print_option(const struct option_info *o)
{
	struct str s = {0};

	str_add(&s, "  ");
	if (o->letter)
		str_addf(&s, "-%c, ", o->letter);
	str_addf(&s, "--%s", o->name);
	if (o->argument)
		str_addf(&s, " %s", o->argument);
	printf("%-26s", str_cstr(&s));
	if (s.len >= 26)
		printf("\n%26s", "");
	print_wrapped(o->help, 26);
	str_free(&s);
}

static void print_options(const char *command)
{
	puts("\nOptions:");
	for (int i = 0; i < OPTION_COUNT; i++)
		if (option_for((enum option_id)i, command))
			print_option(&option_info[i]);
}

static void print_program(void)
{
	puts("threadviz makes thread scheduling and races visible.\n\n"
	     "  threadviz                     choose a scenario\n"
	     "  threadviz SCENARIO [n=3 …]    open it, paused before the first "
	     "step");
	for (size_t i = 0; i < command_count; i++) {
		printf("  threadviz %-10s ", commands[i].name);
		print_wrapped(commands[i].help, 23);
	}
	puts("\nSCENARIO is a name (`threadviz list`), the beginning of one, "
	     "or a file.\nEvery command has --help.");
	print_options("");
	puts("\nExit status: 0 nothing bad found; 1 something bad found; 2 "
	     "wrong use, a scenario\nwith mistakes, or the environment; 3 a "
	     "search hit its bound.");
}

void help_print(const struct command *c)
{
	if (!c) {
		print_program();
		return;
	}
	printf("threadviz %s %s\n\n", c->name, c->arguments);
	print_wrapped(c->help, 0);
	print_options(c->name);
}
