/*
 * main.c - argv to command table, nothing else.
 */
#include <stdio.h>

int main(void)
{
	fputs("threadviz: no command is built in yet\n", stderr);
	return 2;
}
