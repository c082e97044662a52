/*
 * main.c - argv to command table, nothing else.
 */
#include <locale.h>

#include "threadviz/cli.h"

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	return cli_main(argc, argv);
}
