/*
 * replay.c - a fuzzer without the fuzzing: each file named on the command line
 * is fed to it once, as one test in TAP.
 *
 * libFuzzer needs clang; with this main, any compiler can show that what once
 * broke the program does so no more. A file that breaks it again ends the
 * process, and the tests promised but not run count as failed.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The whole file, its size in *size; NULL if it cannot be read. */
static uint8_t *read_whole(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	uint8_t *bytes = NULL;
	long end;

	if (!file)
		return NULL;
	if (!fseek(file, 0, SEEK_END) && (end = ftell(file)) >= 0) {
		rewind(file);
		*size = (size_t)end;
		/* So many and no more: a sanitizer sees a read beyond. */
		bytes = malloc(*size ? *size : 1);
	}
	if (bytes && fread(bytes, 1, *size, file) < *size) {
		free(bytes);
		bytes = NULL;
	}
	fclose(file);
	return bytes;
}

int main(int argc, char **argv)
{
	int failed = 0;

	printf("1..%d\n", argc - 1);
	for (int i = 1; i < argc; i++) {
		size_t size;
		uint8_t *bytes = read_whole(argv[i], &size);

		fflush(stdout);
		if (bytes)
			LLVMFuzzerTestOneInput(bytes, size);
		failed += !bytes;
		printf("%sok %d - %s\n", bytes ? "" : "not ", i, argv[i]);
		free(bytes);
	}
	return failed > 0;
}
