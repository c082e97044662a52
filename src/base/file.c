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
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "threadviz/file.h"

enum { BLOCK = 65536, TRIES = 100, NUMBERS = 9999 };

/* ---- reading ------------------------------------------------------------- */

static bool read_up_to(int fd, const char *path, size_t limit, const char *what,
		       struct str *out, struct error *err)
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

/* How many bytes of the path name its directory, the last slash included. */
static int directory_len(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? (int)(slash - path) + 1 : 0;
}

/* What is being written: without a name as long as the system can do that, so
 * that a kill leaves nothing; else under a name of its own. */
struct draft {
	int fd; /* -1: none */
	struct str directory;
	struct str name; /* "" while it has none */
};

/* The i-th name that the draft may have. */
static void name_draft(struct draft *d, const char *path, int i)
{
	str_clear(&d->name);
	str_addf(&d->name, "%s.%.200s.%d.%d", str_cstr(&d->directory),
		 path + directory_len(path), (int)getpid(), i);
}

static void open_nameless(struct draft *d)
{
	const char *directory = str_cstr(&d->directory);

	if (access("/proc/self/fd", X_OK) != 0)
		return;
	d->fd = open(*directory ? directory : ".",
		     O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
}

static bool open_draft(struct draft *d, const char *path)
{
	*d = (struct draft){.fd = -1};
	str_addn(&d->directory, path, (size_t)directory_len(path));
	open_nameless(d);
	for (int i = 0; i < TRIES && d->fd < 0; i++) {
		name_draft(d, path, i);
		d->fd = open(str_cstr(&d->name),
			     O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (d->fd < 0 && errno != EEXIST)
			break;
	}
	if (d->fd < 0)
		str_clear(&d->name);
	return d->fd >= 0;
}

/* Gives it a name beside path, for only what has one can be renamed. */
static bool link_draft(struct draft *d, const char *path)
{
	char self[40];
	int result = -1;

	if (d->name.len)
		return true;
	snprintf(self, sizeof self, "/proc/self/fd/%d", d->fd);
	for (int i = 0; i < TRIES && result != 0; i++) {
		name_draft(d, path, i);
		result = linkat(AT_FDCWD, self, AT_FDCWD, str_cstr(&d->name),
				AT_SYMLINK_FOLLOW);
		if (result != 0 && errno != EEXIST)
			break;
	}
	if (result != 0)
		str_clear(&d->name);
	return result == 0;
}

/* The new name survives a power failure once the directory has been synced;
 * where that is impossible nothing is lost but this certainty. */
static void sync_directory(const char *directory)
{
	int fd = open(*directory ? directory : ".",
		      O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

static void close_draft(struct draft *d)
{
	if (d->fd >= 0)
		close(d->fd);
	str_free(&d->directory);
	str_free(&d->name);
}

/* Writes it, to the disk; the draft is to be closed even after a failure. */
static bool write_draft(struct draft *d, const char *path, const mode_t *mode,
			const char *bytes, size_t len)
{
	return open_draft(d, path) && (!mode || fchmod(d->fd, *mode) == 0) &&
	       write_all(d->fd, bytes, len) && fsync(d->fd) == 0 &&
	       link_draft(d, path);
}

/* The draft has its name now, or is given up. */
static bool finish_draft(struct draft *d, bool ok, const char *path,
			 struct error *err)
{
	if (ok) {
		sync_directory(str_cstr(&d->directory));
	} else {
		fail(err, "%s: %s", path, strerror(errno));
		if (d->name.len)
			unlink(str_cstr(&d->name));
	}
	close_draft(d);
	return ok;
}

/* mode: of the file that is replaced, or NULL. */
static bool replace(const char *path, const char *bytes, size_t len,
		    const mode_t *mode, struct error *err)
{
	struct draft d;
	bool ok = write_draft(&d, path, mode, bytes, len) &&
		  rename(str_cstr(&d.name), path) == 0;

	return finish_draft(&d, ok, path, err);
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

/* Renames unless the new name is taken; not every file system can do that in
 * one step. */
static bool rename_new(const char *from, const char *to)
{
	if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS)
		return false;
	return link(from, to) == 0 && unlink(from) == 0;
}

bool file_save_new(const char *stem, const char *end, const void *bytes,
		   size_t len, struct str *path, struct error *err)
{
	size_t begin = path->len;
	bool ok, done = false;
	struct draft d;

	str_addf(path, "%s-1.%s", stem, end);
	ok = write_draft(&d, str_cstr(path) + begin, NULL, bytes, len);
	for (int i = 1; ok && !done && i <= NUMBERS; i++) {
		str_cut(path, begin);
		str_addf(path, "%s-%d.%s", stem, i, end);
		done = rename_new(str_cstr(&d.name), str_cstr(path) + begin);
		ok = done || errno == EEXIST;
	}
	return finish_draft(&d, done, str_cstr(path) + begin, err);
}
