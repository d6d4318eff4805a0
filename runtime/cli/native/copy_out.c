/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy_out.c: a tree becomes an archive.
 *
 * A stack of open directories instead of recursion, so that a tree of any depth costs at most LEVELS descriptors, and
 * a deeper one is an error. Each name is opened with O_PATH | O_NOFOLLOW before it is looked at, and a file's data are
 * read through that very descriptor: what is put in its place meanwhile is not opened. Devices and sockets are left
 * out, with a word.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/warn.h"
#include "runtime/cli/native/copy.h"

#define LEVELS 128

struct level {
	DIR *dir;
	size_t length; /* of its path in the archive */
};

struct walk {
	const struct copy *c;
	tar_push *push;
	void *context;
	struct tar_entry e;
	struct level levels[LEVELS];
	size_t n;
};

bool copy_is_contents(const char *path)
{
	size_t n = strlen(path);

	while (n && path[n - 1] == '/')
		n--;
	return n == 0 || (path[n - 1] == '.' && (n == 1 || path[n - 2] == '/'));
}

/* inside - the id that @outside is in the tree; those that have none are nobody's. */
static uint32_t inside(const struct copy_map *maps, size_t n, uint32_t outside)
{
	if (!n)
		return outside;
	for (size_t i = 0; i < n; i++)
		if (outside >= maps[i].outside && outside - maps[i].outside < maps[i].size)
			return maps[i].inside + (outside - maps[i].outside);
	return 65534;
}

static void take_stat(struct walk *w, const struct stat *st)
{
	const struct copy_ids *ids = w->c->ids;

	w->e.mode = st->st_mode & 07777;
	w->e.uid = ids ? inside(ids->uid, ids->n_uid, st->st_uid) : st->st_uid;
	w->e.gid = ids ? inside(ids->gid, ids->n_gid, st->st_gid) : st->st_gid;
	w->e.mtime_s = st->st_mtime;
	w->e.size = 0;
	w->e.link[0] = '\0';
}

static int reopen(int fd, int flags)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, flags | O_CLOEXEC);
}

static int put_header(struct walk *w, enum tar_type type, struct error *err)
{
	w->e.type = type;
	return tar_put_header(w->push, w->context, &w->e, err);
}

/* put_file - as long as it was when it was looked at: one that shrinks meanwhile is filled up. */
static int put_file(struct walk *w, int fd, int64_t size, struct error *err)
{
	_cleanup_fd_ int file = reopen(fd, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	char data[32768];

	if (file < 0)
		return error_set(err, errno, "cannot open `%s`", w->e.path);
	w->e.size = size;
	if (put_header(w, TAR_FILE, err) < 0)
		return -1;
	for (int64_t left = size; left > 0;) {
		size_t want = left < (int64_t)sizeof(data) ? (size_t)left : sizeof(data);
		ssize_t n = read(file, data, want);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot read `%s`", w->e.path);
		if (n == 0) {
			memset(data, 0, want);
			n = (ssize_t)want;
		}
		if (w->push(w->context, data, (size_t)n, err) < 0)
			return -1;
		left -= n;
	}
	return tar_put_padding(w->push, w->context, size, err);
}

static int put_link(struct walk *w, int fd, struct error *err)
{
	ssize_t n = readlinkat(fd, "", w->e.link, sizeof(w->e.link) - 1);

	if (n < 0)
		return error_set(err, errno, "cannot read the link `%s`", w->e.path);
	w->e.link[n] = '\0';
	return put_header(w, TAR_SYMLINK, err);
}

/* enter - a directory: its header, and its names are next. */
static int enter(struct walk *w, int fd, struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	struct level *level = &w->levels[w->n];

	if (w->n == LEVELS)
		return error_set(err, ELOOP, "`%s` has more than %d levels", w->e.path, LEVELS);
	dir = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open the directory `%s`", w->e.path);
	if (put_header(w, TAR_DIR, err) < 0)
		return -1;
	level->length = strlen(w->e.path);
	level->dir = fdopendir(dir);
	if (!level->dir)
		return error_set(err, errno, "cannot open the directory `%s`", w->e.path);
	(void)take_fd(&dir);
	w->n++;
	return 0;
}

static int put(struct walk *w, int fd, struct error *err)
{
	struct error warning = ERROR_INIT;
	struct stat st;

	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot examine `%s`", w->e.path);
	take_stat(w, &st);
	switch (st.st_mode & S_IFMT) {
	case S_IFREG:
		return put_file(w, fd, st.st_size, err);
	case S_IFDIR:
		return enter(w, fd, err);
	case S_IFLNK:
		return put_link(w, fd, err);
	case S_IFIFO:
		return put_header(w, TAR_FIFO, err);
	default:
		error_set(&warning, 0, "cp: `%s` is a device or a socket, and left out", w->e.path);
		warn(&warning);
		return 0;
	}
}

/* next_name - one more of the directory that is being read, or out of it. */
static int next_name(struct walk *w, struct error *err)
{
	struct level *level = &w->levels[w->n - 1];
	_cleanup_fd_ int fd = FD_EMPTY;
	const struct dirent *entry;
	int n;

	errno = 0;
	entry = readdir(level->dir);
	if (!entry && errno)
		return error_set(err, errno, "cannot read the directory `%s`", w->e.path);
	w->e.path[level->length] = '\0';
	if (!entry) {
		closedir(level->dir);
		w->n--;
		return 0;
	}
	if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
		return 0;
	n = snprintf(w->e.path + level->length, sizeof(w->e.path) - level->length, "/%s",
		     entry->d_name);
	if (level->length + (size_t)n >= sizeof(w->e.path))
		return error_set(err, ENAMETOOLONG, "a path below `%.200s`", w->e.path);
	fd = openat(dirfd(level->dir), entry->d_name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return 0; /* removed meanwhile */
	if (fd < 0)
		return error_set(err, errno, "cannot open `%s`", w->e.path);
	return put(w, fd, err);
}

/* set_top - what the archive calls it: the last part of the path. */
static int set_top(struct walk *w, struct error *err)
{
	const char *path = w->c->path, *end = path + strlen(path), *begin;

	if (copy_is_contents(path)) {
		strcpy(w->e.path, ".");
		return 0;
	}
	while (end > path && end[-1] == '/')
		end--;
	begin = end;
	while (begin > path && begin[-1] != '/')
		begin--;
	if (end - begin > NAME_MAX || (end - begin == 2 && !strncmp(begin, "..", 2)))
		return error_set(err, EINVAL, "`%s` ends in no name", path);
	memcpy(w->e.path, begin, (size_t)(end - begin));
	w->e.path[end - begin] = '\0';
	return 0;
}

int copy_out(const struct copy *c, tar_push *push, void *context, struct error *err)
{
	bool follow = c->follow || copy_is_contents(c->path);
	_cleanup_fd_ int top = inroot_open(c->root, c->path, O_PATH | (follow ? 0 : O_NOFOLLOW));
	struct walk *w;
	int rc;

	if (top < 0)
		return error_set(err, errno, "cannot open `%s`", c->path);
	w = calloc(1, sizeof(*w));
	if (!w)
		return error_set(err, ENOMEM, "cannot copy `%s`", c->path);
	*w = (struct walk){.c = c, .push = push, .context = context};
	rc = set_top(w, err) < 0 ? -1 : put(w, top, err);
	while (rc == 0 && w->n)
		rc = next_name(w, err);
	while (w->n)
		closedir(w->levels[--w->n].dir);
	free(w);
	return rc < 0 ? -1 : tar_put_end(push, context, err);
}
