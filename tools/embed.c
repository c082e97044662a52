/*
 * embed.c - writes files as a C table on standard output.
 *
 *	embed scenarios/race.tv … >scenarios.c
 *
 * Runs at build time on the building machine, so it needs nothing but libc
 * and none of the program's own code. The texts become string literals, one a
 * line of the file, with every byte that is not plain ASCII written in octal
 * (three digits always: a shorter one would swallow a digit behind it).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* "race" of "scenarios/race.tv": from the last slash to the last dot. */
static const char *base_name(const char *path, int *len)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const char *dot = strrchr(name, '.');

	*len = (int)(dot ? (size_t)(dot - name) : strlen(name));
	return name;
}

static int by_name(const void *a, const void *b)
{
	const char *const *x = a;
	const char *const *y = b;
	int xlen;
	int ylen;
	const char *xname = base_name(*x, &xlen);
	const char *yname = base_name(*y, &ylen);
	int order = strncmp(xname, yname, (size_t)(xlen < ylen ? xlen : ylen));

	return order ? order : xlen - ylen;
}

static void write_byte(int c)
{
	if (c == '"' || c == '\\')
		printf("\\%c", c);
	else if (c == '\n')
		fputs("\\n", stdout);
	else if (c < 32 || c > 126 || c == '?')
		printf("\\%03o", (unsigned)c);
	else
		putchar(c);
}

static void write_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	int name_len;
	const char *name = base_name(path, &name_len);
	int c;

	if (!file) {
		fprintf(stderr, "embed: %s: %s\n", path, strerror(errno));
		exit(1);
	}
	printf("\t{\"%.*s\",\n\t \"", name_len, name);
	for (; (c = getc(file)) != EOF; size++) {
		write_byte(c);
		if (c == '\n')
			fputs("\"\n\t \"", stdout);
	}
	printf("\",\n\t %zu},\n", size);
	fclose(file);
}

int main(int argc, char **argv)
{
	qsort(argv + 1, (size_t)argc - 1, sizeof *argv, by_name);
	puts("/* Written by tools/embed.c from the files in scenarios/. */\n"
	     "#include \"threadviz/embedded.h\"\n\n"
	     "const struct embedded embedded_scenarios[] = {");
	for (int i = 1; i < argc; i++)
		write_file(argv[i]);
	puts("\t{NULL, NULL, 0},\n};");
	printf("const size_t embedded_count = %d;\n", argc - 1);
	return fflush(stdout) || ferror(stdout);
}
