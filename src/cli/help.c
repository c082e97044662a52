/*
 * help.c - --help and the completion scripts, both read off the tables.
 *
 * commands.def and options.def say all there is to say: a new option needs no
 * line here. Scenario names in completions are those in the program.
 */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "threadviz/embedded.h"
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

/* ---- completion -------------------------------------------------------- */

static void print_names(const char *separator)
{
	for (size_t i = 0; i < embedded_count; i++)
		printf("%s%s", i ? separator : "", embedded_scenarios[i].name);
}

static void print_commands(const char *separator)
{
	for (size_t i = 0; i < command_count; i++)
		printf("%s%s", i ? separator : "", commands[i].name);
}

static void print_flags(const char *command, const char *separator)
{
	const char *gap = "";

	for (int i = 0; i < OPTION_COUNT; i++) {
		if (!option_for((enum option_id)i, command))
			continue;
		printf("%s--%s", gap, option_info[i].name);
		gap = separator;
	}
}

static void complete_bash(void)
{
	puts("# bash completion for threadviz; put it where bash-completion "
	     "looks, or source it.\n"
	     "_threadviz() {\n"
	     "    local cur=${COMP_WORDS[COMP_CWORD]} cmd=${COMP_WORDS[1]} "
	     "flags words");
	printf("    local names=\"");
	print_names(" ");
	printf("\"\n    case $cmd in\n");
	for (size_t i = 0; i < command_count; i++) {
		printf("    %s) flags=\"", commands[i].name);
		print_flags(commands[i].name, " ");
		puts("\" ;;");
	}
	printf("    *) flags=\"");
	print_flags("", " ");
	printf("\" ;;\n    esac\n    words=$names\n"
	       "    [ $COMP_CWORD -eq 1 ] && words=\"$names ");
	print_commands(" ");
	puts("\"\n"
	     "    [ \"$cmd\" = completion ] && words=\"bash zsh fish\"\n"
	     "    case $cur in\n"
	     "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\")) ;;\n"
	     "    *) COMPREPLY=($(compgen -f -X '!*.tv' -- \"$cur\") "
	     "$(compgen -W \"$words $(threadviz show --params \"$cmd\" "
	     "2>/dev/null)\" -- \"$cur\")) ;;\n"
	     "    esac\n}\ncomplete -o filenames -F _threadviz threadviz");
}

static void complete_zsh(void)
{
	puts("#compdef threadviz\n_threadviz() {\n  local -a names flags");
	printf("  names=(");
	print_names(" ");
	printf(" ");
	print_commands(" ");
	puts(")\n  case $words[2] in");
	for (size_t i = 0; i < command_count; i++) {
		printf("  %s) flags=(", commands[i].name);
		print_flags(commands[i].name, " ");
		puts(") ;;");
	}
	printf("  *) flags=(");
	print_flags("", " ");
	puts(") ;;\n  esac\n"
	     "  if [[ $PREFIX == -* ]]; then compadd -- $flags\n"
	     "  else compadd -- $names; _files -g '*.tv'; fi\n}\n"
	     "_threadviz \"$@\"");
}

/* In single quotes only these two mean something to fish. */
static void print_quoted(const char *text)
{
	putchar('\'');
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			putchar('\\');
		putchar(*text);
	}
	putchar('\'');
}

static void fish_option(const struct option_info *o, const char *condition)
{
	printf("complete -c threadviz -n '%s' -l %s", condition, o->name);
	if (o->letter)
		printf(" -s %c", o->letter);
	printf("%s -d ", o->argument ? " -r" : "");
	print_quoted(o->help);
	putchar('\n');
}

static void complete_fish(void)
{
	puts("complete -c threadviz -f -a '(__fish_complete_suffix .tv)'");
	printf("complete -c threadviz -a '");
	print_names(" ");
	puts("'");
	for (size_t i = 0; i < command_count; i++) {
		char condition[80];

		printf("complete -c threadviz -n __fish_use_subcommand -a %s "
		       "-d ",
		       commands[i].name);
		print_quoted(commands[i].help);
		putchar('\n');
		snprintf(condition, sizeof condition,
			 "__fish_seen_subcommand_from %s", commands[i].name);
		for (int k = 0; k < OPTION_COUNT; k++)
			if (option_for((enum option_id)k, commands[i].name))
				fish_option(&option_info[k], condition);
	}
}

int cli_completion(const struct options *o)
{
	const char *shell = o->word_count == 1 ? o->words[0] : "";
	struct error err = {0};

	if (!strcmp(shell, "bash"))
		complete_bash();
	else if (!strcmp(shell, "zsh"))
		complete_zsh();
	else if (!strcmp(shell, "fish"))
		complete_fish();
	else {
		fail(&err, "completion for which shell? bash, zsh or fish");
		return complain(&err);
	}
	return EXIT_GOOD;
}
