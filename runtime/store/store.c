/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.c: the directory, and its lock.
 */
#include "runtime/store/store.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define LAYOUT "{\"imageLayoutVersion\":\"1.0.0\"}"

/* make_path - every directory of @path that is missing. */
static int make_path(const char *path, struct error *err)
{
	char part[PATH_MAX];
	size_t n = strlen(path);

	if (n == 0 || n >= sizeof(part))
		return error_set(err, n ? ENAMETOOLONG : EINVAL, "cannot make the store `%s`",
				 path);
	for (size_t i = 1; i <= n; i++) {
		if (path[i] && path[i] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		/* The last is nobody else's to look into: layers have programs with set-user-ID. */
		if (mkdir(part, i == n ? 0700 : 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make `%s`", part);
	}
	return 0;
}

/* open_below - the directory @name of the store, made if missing. */
static int open_below(const struct store *s, const char *name, struct error *err)
{
	int fd;

	if (mkdirat(s->fd, name, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make `%s/%s`", s->path, name);
	fd = openat(s->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot open `%s/%s`", s->path, name) : fd;
}

/* keep_out - whoever could look into the layers could run what has set-user-ID in them: nobody but us may. */
static int keep_out(const struct store *s, struct error *err)
{
	struct stat st;

	if (fstat(s->layers, &st) < 0 || ((st.st_mode & 077) && fchmod(s->layers, 0700) < 0))
		return error_set(err, errno, "cannot keep others out of `%s/layers`", s->path);
	return 0;
}

/* write_layout - the file that says what the directory is; a store that has it is ready. */
static int write_layout(const struct store *s, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;

	if (faccessat(s->fd, "oci-layout", F_OK, 0) == 0)
		return 0;
	fd = openat(s->fd, "oci-layout.new", O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0644);
	if (fd < 0 || write(fd, LAYOUT, strlen(LAYOUT)) != (ssize_t)strlen(LAYOUT) ||
	    fsync(fd) < 0 || renameat(s->fd, "oci-layout.new", s->fd, "oci-layout") < 0)
		return error_set(err, errno, "cannot write `%s/oci-layout`", s->path);
	return 0;
}

static int wait_for_lock(struct store *s, enum store_use use, struct error *err)
{
	static const int operations[] = {
		[STORE_SHARED] = LOCK_SH,
		[STORE_EXCLUSIVE] = LOCK_EX,
		[STORE_IF_FREE] = LOCK_EX | LOCK_NB,
	};

	s->lock = openat(s->fd, "lock", O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (s->lock < 0)
		return error_set(err, errno, "cannot open `%s/lock`", s->path);
	while (flock(s->lock, operations[use]) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot lock the store `%s`", s->path);
	return 0;
}

static int open_parts(struct store *s, enum store_use use, struct error *err)
{
	_cleanup_fd_ int all = FD_EMPTY;

	s->fd = open(s->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (s->fd < 0)
		return error_set(err, errno, "cannot open the store `%s`", s->path);
	if (wait_for_lock(s, use, err) < 0)
		return -1;
	all = open_below(s, "blobs", err);
	if (all < 0)
		return -1;
	s->blobs = open_below(s, "blobs/sha256", err);
	if (s->blobs < 0)
		return -1;
	s->layers = open_below(s, "layers", err);
	return s->layers < 0 || keep_out(s, err) < 0 ? -1 : write_layout(s, err);
}

int store_open(const char *path, enum store_use use, struct store *s, struct error *err)
{
	*s = (struct store)STORE_EMPTY;
	s->path = path;
	if (make_path(path, err) == 0 && open_parts(s, use, err) == 0)
		return 0;
	store_close(s);
	return -1;
}

void store_close(struct store *s)
{
	close_fd(s->layers);
	close_fd(s->blobs);
	close_fd(s->lock);
	close_fd(s->fd);
	*s = (struct store)STORE_EMPTY;
}

int store_open_layers(const struct store *s, const struct digest *chains, size_t count, int *fds,
		      struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct digest *chain = &chains[count - 1 - i];
		char path[SHA256_HEX_SIZE + sizeof(STORE_FS)];

		snprintf(path, sizeof(path), "%s/" STORE_FS, chain->hex);
		fds[i] = openat(s->layers, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fds[i] >= 0)
			continue;
		error_set(err, errno, "cannot open layer `%s` of `%s`", chain->hex, s->path);
		while (i-- > 0)
			close_fd(fds[i]);
		return -1;
	}
	return 0;
}
