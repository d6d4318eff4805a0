/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy_in.c: an archive becomes a tree.
 *
 * The archive may be hostile as much as the tree. Its first entry is the top: where it goes, and under which name, is
 * for the path to say. All others are below it, and are unpacked with the top as their root: whatever links the
 * archive has or the tree gets meanwhile, nothing leaves it. When the top is no directory, it is the only entry.
 * Devices are never made.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/cli/native/copy.h"

struct unpack {
	const struct copy *c;
	struct tar_reader *r;
	struct tar_entry *e;
	struct inroot base; /* of what is below the top */
	size_t skip;	    /* bytes of each path that are the top's name */
};

static uint32_t outside(const struct copy_map *maps, size_t n, uint32_t id)
{
	if (!n)
		return id;
	for (size_t i = 0; i < n; i++)
		if (id >= maps[i].inside && id - maps[i].inside < maps[i].size)
			return maps[i].outside + (id - maps[i].inside);
	return UINT32_MAX;
}

/* set_owner - of @name in @dir, or of @dir itself with "". */
static int set_owner(const struct unpack *u, int dir, const char *name, struct error *err)
{
	const struct copy *c = u->c;
	uint32_t uid = c->owners ? u->e->uid : 0, gid = c->owners ? u->e->gid : 0;

	if (!c->owners && !c->owner)
		return 0;
	if (c->ids) {
		uid = outside(c->ids->uid, c->ids->n_uid, uid);
		gid = outside(c->ids->gid, c->ids->n_gid, gid);
	}
	if (uid == UINT32_MAX || gid == UINT32_MAX)
		return error_set(err, EINVAL,
				 "`%s` belongs to %u:%u, whom the container does not have",
				 u->e->path, u->e->uid, u->e->gid);
	if (fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot give `%s` to %u:%u", u->e->path, uid, gid);
	return 0;
}

static mode_t mode_of(const struct unpack *u)
{
	return u->e->mode & (u->c->special ? 07777 : 0777);
}

/* clear - what is there under the name of something that is no directory. 1: it cannot be removed, as a mount point */
static int clear(const struct unpack *u, int dir, const char *name, struct error *err)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno == EBUSY && u->e->type == TAR_FILE)
		return 1;
	return error_set(err, errno, "cannot replace `%s`", u->e->path);
}

static int write_data(const struct unpack *u, int fd, struct error *err)
{
	char data[32768];
	ssize_t n;

	while ((n = tar_data(u->r, data, sizeof(data), err)) > 0)
		for (ssize_t at = 0; at < n;) {
			ssize_t m = write(fd, data + at, (size_t)(n - at));

			if (m < 0 && errno != EINTR)
				return error_set(err, errno, "cannot write `%s`", u->e->path);
			at += m > 0 ? m : 0;
		}
	return (int)n;
}

/* fill - a file's data, and what it is. */
static int fill(const struct unpack *u, int fd, struct error *err)
{
	const struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = u->e->mtime_s}};

	if (write_data(u, fd, err) < 0 || set_owner(u, fd, "", err) < 0)
		return -1;
	if (fchmod(fd, mode_of(u)) < 0 || futimens(fd, times) < 0)
		return error_set(err, errno, "cannot set the mode of `%s`", u->e->path);
	return 0;
}

static int put_file(const struct unpack *u, int dir, const char *name, struct error *err)
{
	int busy = clear(u, dir, name, err);
	_cleanup_fd_ int fd = FD_EMPTY;

	if (busy < 0)
		return -1;
	fd = openat(dir, name,
		    O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
			    (busy ? O_TRUNC : O_CREAT | O_EXCL),
		    0600);
	if (fd < 0)
		return error_set(err, errno, "cannot make `%s`", u->e->path);
	return fill(u, fd, err);
}

static int put_dir(const struct unpack *u, int dir, const char *name, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	bool made = mkdirat(dir, name, 0700) == 0;

	if (!made && errno != EEXIST)
		return error_set(err, errno, "cannot make the directory `%s`", u->e->path);
	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open the directory `%s`", u->e->path);
	if (!made)
		return 0;
	if (set_owner(u, fd, "", err) < 0)
		return -1;
	return fchmod(fd, mode_of(u)) < 0
		       ? error_set(err, errno, "cannot set the mode of `%s`", u->e->path)
		       : 0;
}

/* put_link - of either kind; the other name of a hard link is below the top, too. */
static int put_link(const struct unpack *u, int dir, const char *name, struct error *err)
{
	_cleanup_fd_ int to = FD_EMPTY;
	struct stat st;

	if (clear(u, dir, name, err) < 0)
		return -1;
	if (u->e->type == TAR_SYMLINK)
		return symlinkat(u->e->link, dir, name) < 0
			       ? error_set(err, errno, "cannot make the link `%s`", u->e->path)
			       : set_owner(u, dir, name, err);
	if (strlen(u->e->link) <= u->skip)
		return error_set(err, EINVAL, "the archive has a link out of it: `%s`", u->e->path);
	to = inroot_open(u->base, u->e->link + u->skip, O_PATH | O_NOFOLLOW);
	if (to < 0 || fstat(to, &st) < 0 || linkat(to, "", dir, name, AT_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot link `%s` to `%s`", u->e->path, u->e->link);
	return 0;
}

static int put(const struct unpack *u, int dir, const char *name, struct error *err)
{
	switch (u->e->type) {
	case TAR_FILE:
		return put_file(u, dir, name, err);
	case TAR_DIR:
		return put_dir(u, dir, name, err);
	case TAR_SYMLINK:
	case TAR_HARD_LINK:
		return put_link(u, dir, name, err);
	case TAR_FIFO:
		if (clear(u, dir, name, err) < 0)
			return -1;
		return mkfifoat(dir, name, mode_of(u)) < 0
			       ? error_set(err, errno, "cannot make `%s`", u->e->path)
			       : set_owner(u, dir, name, err);
	default:
		return error_set(err, EPERM, "the archive has a device: `%s`", u->e->path);
	}
}

/* ---- the top --------------------------------------------------------------------------------- */

/* Where the top goes. */
struct place {
	int dir;
	char name[NAME_MAX + 1]; /* "": @dir is the top */
};

/* split - the directory above the path, which has to be there, and its last part. */
static int split(const struct copy *c, struct place *p, struct error *err)
{
	char parent[PATH_MAX];
	size_t end = strlen(c->path), begin;

	while (end && c->path[end - 1] == '/')
		end--;
	for (begin = end; begin && c->path[begin - 1] != '/'; begin--)
		;
	if (end - begin > NAME_MAX || begin >= sizeof(parent) - 1 || end == begin ||
	    !strncmp(c->path + begin, "..", end - begin))
		return error_set(err, EINVAL, "`%s` ends in no name", c->path);
	memcpy(p->name, c->path + begin, end - begin);
	p->name[end - begin] = '\0';
	memcpy(parent, c->path, begin);
	memcpy(parent + begin, ".", 2);
	p->dir = inroot_open(c->root, parent, O_PATH | O_DIRECTORY);
	return p->dir < 0 ? error_set(err, errno, "cannot open the directory of `%s`", c->path) : 0;
}

/* overwrite - a file that is there, or what a link to it leads to. */
static int overwrite(const struct unpack *u, int there, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char path[40];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", there);
	fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return error_set(err, errno, "cannot write `%s`", u->c->path);
	return fill(u, fd, err);
}

/* find_place - by what is at the path. 1: a file that was overwritten, so all is done */
static int find_place(const struct unpack *u, struct place *p, struct error *err)
{
	const char *path = u->c->path;
	_cleanup_fd_ int there = inroot_open(u->c->root, path, O_PATH);
	bool is_dir = u->e->type == TAR_DIR;
	struct stat st = {0};

	if (there < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot open `%s`", path);
	if (there >= 0 && fstat(there, &st) < 0)
		return error_set(err, errno, "cannot examine `%s`", path);
	if (there >= 0 && S_ISDIR(st.st_mode)) {
		p->dir = take_fd(&there);
		if (strcmp(u->e->path, ".") != 0)
			snprintf(p->name, sizeof(p->name), "%.*s", NAME_MAX, u->e->path);
		return strchr(p->name, '/') ? error_set(err, EINVAL, "the archive has no top") : 0;
	}
	if (there >= 0 && is_dir)
		return error_set(err, ENOTDIR, "cannot copy a directory to `%s`", path);
	if (there < 0 && !is_dir && path[strlen(path) - 1] == '/')
		return error_set(err, ENOENT, "there is no directory `%s`", path);
	if (there >= 0 && S_ISREG(st.st_mode) && u->e->type == TAR_FILE)
		return overwrite(u, there, err) < 0 ? -1 : 1;
	return split(u->c, p, err);
}

/* put_top - returns 1 when more may follow, below it. */
static int put_top(struct unpack *u, struct error *err)
{
	struct place p = {.dir = FD_EMPTY};
	int rc = find_place(u, &p, err);
	_cleanup_fd_ int dir = p.dir;

	if (rc)
		return rc < 0 ? -1 : 0;
	if (u->e->type == TAR_HARD_LINK)
		return error_set(err, EINVAL, "the archive begins with a link");
	if (p.name[0] && put(u, dir, p.name, err) < 0)
		return -1;
	if (u->e->type != TAR_DIR)
		return 0;
	u->skip = strcmp(u->e->path, ".") ? strlen(u->e->path) + 1 : 0;
	u->base.fd = openat(dir, p.name[0] ? p.name : ".",
			    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return u->base.fd < 0 ? error_set(err, errno, "cannot open `%s`", u->e->path) : 1;
}

static int put_below(const struct unpack *u, const char *top, struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	const char *path = u->e->path, *name;

	if (u->skip && (strncmp(path, top, u->skip - 1) != 0 || path[u->skip - 1] != '/'))
		return error_set(err, EINVAL, "the archive has `%.200s` beside `%.200s`", path,
				 top);
	path += u->skip;
	if (!strcmp(path, "."))
		return 0;
	dir = inroot_parent(u->base, path, &name);
	if (dir < 0)
		return error_set(err, errno, "cannot make the directory of `%s`", u->e->path);
	return put(u, dir, name, err);
}

static int unpack(struct unpack *u, char top[PATH_MAX], struct error *err)
{
	int rc = 1;

	if (u->c->raw) {
		u->base.fd = inroot_open(u->c->root, u->c->path, O_PATH | O_DIRECTORY);
		if (u->base.fd < 0)
			return error_set(err, errno, "cannot open the directory `%s`", u->c->path);
	} else {
		rc = tar_next(u->r, u->e, err);
		if (rc == 0)
			return error_set(err, ENODATA, "the archive is empty");
		memcpy(top, u->e->path, PATH_MAX);
		rc = rc < 0 ? -1 : put_top(u, err);
		if (rc < 0)
			return -1;
	}
	while (rc == 1) {
		rc = tar_next(u->r, u->e, err);
		if (rc == 1 && put_below(u, top, err) < 0)
			return -1;
	}
	if (rc < 0)
		return -1;
	/* Behind a file nothing but the end may come. */
	rc = tar_next(u->r, u->e, err);
	return rc == 1 ? error_set(err, EINVAL, "the archive has more than its top") : rc;
}

int copy_in(const struct copy *c, struct tar_reader *r, struct error *err)
{
	struct unpack u = {.c = c, .r = r, .base = {FD_EMPTY}};
	struct tar_entry *e = calloc(1, sizeof(*e));
	char *top = malloc(PATH_MAX);
	int rc = -1;

	u.e = e;
	if (e && top)
		rc = unpack(&u, top, err);
	else
		error_set(err, ENOMEM, "cannot unpack the archive");
	close_fd(u.base.fd);
	free(top);
	free(e);
	return rc;
}
