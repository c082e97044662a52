/*
 * file.c - whole files.
 *
 * Problem: a program that is killed while it writes, or finds the disk full,
 * leaves half a file in the place of a good one. Idea: write into a new file
 * in the same directory, fsync it, then rename, which the system does wholly
 * or not at all. Invariant: under its own name there is never half a file.
 *
 * What is no regular file must not be replaced (renaming over /dev/null would
 * take it from everybody), and a symbolic link stays one.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "threadviz/file.h"

enum { BLOCK = 65536, TRIES = 100 };

/* ---- reading ------------------------------------------------------------- */

static bool read_up_to(int fd, const char *path, size_t limit,
		       const char *what, struct str *out, struct error *err)
{
	size_t begin = out->len;
	char block[BLOCK];
	ssize_t n;

	while ((n = read(fd, block, sizeof block)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(err, "%s: %s", path, strerror(errno));
		str_addn(out, block, (size_t)n);
		if (out->len - begin > limit)
			return fail(err, "%s: too long for %s", path, what);
	}
	return true;
}

bool file_read(const char *path, size_t limit, const char *what,
	       struct str *out, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	bool ok;

	if (fd < 0)
		return fail(err, "%s: %s", path, strerror(errno));
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode))
		ok = fail(err, "%s: this is a directory, not %s", path, what);
	else
		ok = read_up_to(fd, path, limit, what, out, err);
	close(fd);
	return ok;
}

/* ---- writing ------------------------------------------------------------- */

static bool write_all(int fd, const char *bytes, size_t len)
{
	while (len) {
		ssize_t n = write(fd, bytes, len);

		if (n < 0 && errno != EINTR)
			return false;
		if (n > 0) {
			bytes += n;
			len -= (size_t)n;
		}
	}
	return true;
}

/* A new file beside path; its name goes into temporary. */
static int create_beside(const char *path, mode_t mode, struct str *temporary)
{
	const char *slash = strrchr(path, '/');
	int dir = slash ? (int)(slash - path) + 1 : 0;
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		str_clear(temporary);
		str_addf(temporary, "%.*s.%.200s.%d.%d", dir, path, path + dir,
			 (int)getpid(), i);
		fd = open(str_cstr(temporary),
			  O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

/* The new name survives a power failure once the directory has been synced;
 * where that is impossible nothing is lost but this certainty. */
static void sync_directory(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : NULL;
	int fd = open(dir ? dir : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0) {
		fsync(fd);
		close(fd);
	}
	free(dir);
}

static bool fill(int fd, const char *bytes, size_t len, const mode_t *mode)
{
	bool ok = (!mode || fchmod(fd, *mode) == 0) &&
		  write_all(fd, bytes, len) && fsync(fd) == 0;
	int why = errno;

	if (close(fd) != 0 && ok)
		return false;
	errno = why;
	return ok;
}

/* mode: of the file that is replaced, or NULL. */
static bool replace(const char *path, const char *bytes, size_t len,
		    const mode_t *mode, struct error *err)
{
	struct str temporary = {0};
	int fd = create_beside(path, 0666, &temporary);
	bool ok;

	ok = fd >= 0 && fill(fd, bytes, len, mode) &&
	     rename(str_cstr(&temporary), path) == 0;
	if (!ok) {
		fail(err, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(str_cstr(&temporary));
	} else {
		sync_directory(path);
	}
	str_free(&temporary);
	return ok;
}

static bool write_device(const char *path, const char *bytes, size_t len,
			 struct error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write_all(fd, bytes, len);
	int why = errno;

	if (fd >= 0 && close(fd) != 0 && ok) {
		why = errno;
		ok = false;
	}
	return ok || fail(err, "%s: %s", path, strerror(why));
}

bool file_save(const char *path, const void *bytes, size_t len,
	       struct error *err)
{
	struct stat st;
	mode_t mode;
	char *real;
	bool ok;

	if (stat(path, &st) != 0)
		return replace(path, bytes, len, NULL, err);
	if (S_ISDIR(st.st_mode))
		return fail(err, "%s: %s", path, strerror(EISDIR));
	if (!S_ISREG(st.st_mode))
		return write_device(path, bytes, len, err);
	if (access(path, W_OK) != 0)
		return fail(err, "%s: %s", path, strerror(errno));
	real = realpath(path, NULL);
	mode = st.st_mode & 07777;
	ok = replace(real ? real : path, bytes, len, &mode, err);
	free(real);
	return ok;
}
