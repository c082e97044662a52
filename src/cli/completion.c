/*
 * completion.c - scripts that let a shell complete the command line.
 *
 * All they know is written into them: commands and options from the tables,
 * scenarios and their parameters from the program. So completing starts no
 * process and works while a scenario of one's own has mistakes.
 */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "threadviz/embedded.h"
#include "threadviz/export.h"
#include "threadviz/lang.h"

/* ---- lists ------------------------------------------------------------- */

static void print_names(void)
{
	for (size_t i = 0; i < embedded_count; i++)
		printf("%s%s", i ? " " : "", embedded_scenarios[i].name);
}

static void print_commands(void)
{
	for (size_t i = 0; i < command_count; i++)
		printf("%s%s", i ? " " : "", commands[i].name);
}

static void print_flags(const char *command)
{
	const char *gap = "";

	for (int i = 0; i < OPTION_COUNT; i++) {
		if (!option_for((enum option_id)i, command))
			continue;
		printf("%s--%s", gap, option_info[i].name);
		gap = " ";
	}
}

static void print_formats(void)
{
	for (const struct export_format *f = export_formats; f->name; f++)
		printf("%s%s", f == export_formats ? "" : " ", f->name);
}

/* Appends "k= n=" to out, nothing for a scenario without parameters. */
static void list_params(const struct embedded *e, struct str *out)
{
	struct diagnostics none = {0};
	struct program *p = program_compile(e->name, e->name, e->text, e->len,
					    NULL, 0, &none);

	for (size_t i = 0; p && i < p->params.count; i++)
		str_addf(out, "%s%s=", i ? " " : "", p->params.data[i].name);
	program_free(p);
	diagnostics_fini(&none);
}

/* For each scenario with parameters a line, format taking name and list. */
static void print_params(void (*print)(const char *name, const char *params))
{
	struct str params = {0};

	for (size_t i = 0; i < embedded_count; i++) {
		str_clear(&params);
		list_params(&embedded_scenarios[i], &params);
		if (params.len)
			print(embedded_scenarios[i].name, str_cstr(&params));
	}
	str_free(&params);
}

/* ---- bash -------------------------------------------------------------- */

static void bash_params(const char *name, const char *params)
{
	printf("    %s) words=\"$words %s\" ;;\n", name, params);
}

static void bash_flags(void)
{
	puts("    case $first in");
	for (size_t i = 0; i < command_count; i++) {
		printf("    %s) flags=\"", commands[i].name);
		print_flags(commands[i].name);
		puts("\" ;;");
	}
	printf("    *) flags=\"");
	print_flags("");
	puts("\" ;;\n    esac");
}

static void complete_bash(void)
{
	puts("# bash completion for threadviz; put it where bash-completion "
	     "looks, or source it.\n"
	     "_threadviz() {\n"
	     "    local cur=${COMP_WORDS[COMP_CWORD]} first=${COMP_WORDS[1]} "
	     "flags words names i");
	printf("    names=\"");
	print_names();
	puts("\"");
	bash_flags();
	printf("    words=$names\n"
	       "    case $COMP_CWORD:$first in\n"
	       "    1:*) words=\"$names ");
	print_commands();
	puts("\" ;;\n"
	     "    *:completion) words=\"bash zsh fish\" ;;");
	printf("    2:export) words=\"");
	print_formats();
	puts("\" ;;\n    esac\n"
	     "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
	     "    case ${COMP_WORDS[i]} in");
	print_params(bash_params);
	puts("    esac\n    done\n"
	     "    case $cur in\n"
	     "    -*) COMPREPLY=($(compgen -W \"$flags\" -- \"$cur\")) ;;\n"
	     "    *) COMPREPLY=($(compgen -f -X '!*.tv' -- \"$cur\") "
	     "$(compgen -f -X '!*.tvt' -- \"$cur\") "
	     "$(compgen -W \"$words\" -- \"$cur\")) ;;\n"
	     "    esac\n"
	     "    [[ ${COMPREPLY[0]} != *= ]] || compopt -o nospace "
	     "2>/dev/null\n"
	     "}\ncomplete -o filenames -F _threadviz threadviz");
}

/* ---- zsh --------------------------------------------------------------- */

static void zsh_params(const char *name, const char *params)
{
	printf("    %s) values+=(%s) ;;\n", name, params);
}

static void complete_zsh(void)
{
	puts("#compdef threadviz\n_threadviz() {\n"
	     "  local -a names flags values\n  local word");
	printf("  names=(");
	print_names();
	puts(")\n  case $CURRENT:$words[2] in");
	printf("  2:*) names+=(");
	print_commands();
	puts(") ;;\n  *:completion) names=(bash zsh fish) ;;");
	printf("  3:export) names=(");
	print_formats();
	puts(") ;;\n  esac\n  case $words[2] in");
	for (size_t i = 0; i < command_count; i++) {
		printf("  %s) flags=(", commands[i].name);
		print_flags(commands[i].name);
		puts(") ;;");
	}
	printf("  *) flags=(");
	print_flags("");
	puts(") ;;\n  esac\n  for word in $words[2,CURRENT-1]; do\n"
	     "    case $word in");
	print_params(zsh_params);
	puts("    esac\n  done\n"
	     "  if [[ $PREFIX == -* ]]; then compadd -- $flags\n"
	     "  else compadd -S '' -- $values; compadd -- $names; "
	     "_files -g '*.(tv|tvt)'; fi\n}\n"
	     "_threadviz \"$@\"");
}

/* ---- fish -------------------------------------------------------------- */

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

static void fish_command(const struct command *c)
{
	char condition[80];

	printf("complete -c threadviz -n __fish_use_subcommand -a %s -d ",
	       c->name);
	print_quoted(c->help);
	putchar('\n');
	snprintf(condition, sizeof condition, "__fish_seen_subcommand_from %s",
		 c->name);
	for (int k = 0; k < OPTION_COUNT; k++)
		if (option_for((enum option_id)k, c->name))
			fish_option(&option_info[k], condition);
}

static void fish_params(const char *name, const char *params)
{
	printf("complete -c threadviz -n '__fish_seen_argument_from_threadviz "
	       "%s' -a '%s'\n",
	       name, params);
}

static void complete_fish(void)
{
	puts("function __fish_seen_argument_from_threadviz\n"
	     "    contains -- $argv[1] (commandline -opc)\nend\n"
	     "complete -c threadviz -f -a '(__fish_complete_suffix .tv)'\n"
	     "complete -c threadviz -f -a '(__fish_complete_suffix .tvt)'");
	printf("complete -c threadviz -a '");
	print_names();
	puts("'");
	printf("complete -c threadviz -n '__fish_seen_subcommand_from "
	       "completion' -a 'bash zsh fish'\n"
	       "complete -c threadviz -n '__fish_seen_subcommand_from export' "
	       "-a '");
	print_formats();
	puts("'");
	print_params(fish_params);
	for (size_t i = 0; i < command_count; i++)
		fish_command(&commands[i]);
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
