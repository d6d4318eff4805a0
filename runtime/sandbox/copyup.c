/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copyup.c: tmpcopyup, a tmpfs that begins with what the image has below it.
 *
 * Both trees are walked by descriptors: the directory that is about to be covered, and the root of
 * the tmpfs, which is not attached anywhere yet, so nobody else can reach it. Every name is one
 * component, opened below a descriptor already held and never followed (RESOLVE_BENEATH,
 * RESOLVE_NO_SYMLINKS), and what was opened is looked at again through its descriptor: an image or
 * another container that swaps files meanwhile gains nothing. Other mounts below are not entered
 * (RESOLVE_NO_XDEV): they are not the image's. A file is read up to the size it had when opened.
 *
 * Copied are directories, files, symbolic links, fifos and sockets, with mode, owner and the extended
 * attributes that a tmpfs can hold; hard links become files of their own. A device is refused: its
 * copy would get around a root that is mounted nodev. An owner that the container's user namespace
 * does not have becomes root inside. The depth is bounded here; the size is bounded by the tmpfs,
 * whose pages the container's own cgroup pays for.
 *
 * Source: getdents(2), openat2(2), xattr(7).
 */
#include <stdbool.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

#define DEPTH_MAX 64
#define DIRENTS_BYTES 8192
#define XATTR_BYTES 65536 /* XATTR_LIST_MAX, XATTR_SIZE_MAX */

/* The kernel's struct linux_dirent64. */
struct dirent_head {
	uint64_t ino;
	int64_t off;
	uint16_t len;
	uint8_t type;
	char name[];
};

struct level {
	int from, to;
	int64_t off; /* where reading @from goes on */
};

struct copyup {
	const struct mount_plan *m;
	struct error *err;
	size_t depth;
	struct level levels[DEPTH_MAX];
};

/* Used by one copy at a time, in a child that allocates nothing; never touched otherwise. */
static char xattr_list[XATTR_BYTES], xattr_value[XATTR_BYTES];

static int fail(const struct copyup *c, int errnum, const char *what, const char *name)
{
	return error_set(c->err, errnum, "%s: tmpcopyup of `%s`: cannot %s `%s`", c->m->where,
			 c->m->destination, what, name);
}

/* open_below - open @name, one component, below @dir; EXDEV when something is mounted there. */
static int open_below(int dir, const char *name, int flags)
{
	struct open_how how = {
		.flags = (__u64)(unsigned int)(flags | O_CLOEXEC | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS |
			   RESOLVE_NO_XDEV,
	};

	return sys_openat2(dir, name, &how, sizeof(how));
}

/* copy_xattrs - those a tmpfs can hold; labels are not the image's to give. */
static int copy_xattrs(const struct copyup *c, int from, int to, const char *name)
{
	ssize_t n = flistxattr(from, xattr_list, sizeof(xattr_list));

	if (n < 0)
		return errno == EOPNOTSUPP ? 0 : fail(c, errno, "list the attributes of", name);
	for (const char *key = xattr_list; key < xattr_list + n; key += strlen(key) + 1) {
		ssize_t size;

		if (!strcmp(key, "security.selinux"))
			continue;
		size = fgetxattr(from, key, xattr_value, sizeof(xattr_value));
		if (size < 0 && errno == ENODATA) /* removed since it was listed */
			continue;
		if (size < 0)
			return fail(c, errno, "read the attributes of", name);
		if (fsetxattr(to, key, xattr_value, (size_t)size, 0) < 0 && errno != EOPNOTSUPP)
			return fail(c, errno, "copy the attributes of", name);
	}
	return 0;
}

/* copy_owner - EINVAL: nobody by that id exists in the container's user namespace. */
static int copy_owner(const struct copyup *c, int dir, const char *name, const struct stat *st)
{
	if (fchownat(dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 && errno != EINVAL)
		return fail(c, errno, "give to its owner", name);
	return 0;
}

static int copy_data(const struct copyup *c, int from, int to, off_t size, const char *name)
{
	while (size > 0) {
		ssize_t n = sendfile(to, from, NULL, size > 1 << 30 ? 1 << 30 : (size_t)size);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(c, errno, "copy", name);
		if (n == 0) /* it became shorter */
			return 0;
		size -= n;
	}
	return 0;
}

static int copy_file(const struct copyup *c, const struct level *l, const char *name)
{
	/* Not blocking, should it have become a fifo. */
	_cleanup_fd_ int from = open_below(l->from, name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	_cleanup_fd_ int to = FD_EMPTY;
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		return fail(c, errno, "open", name);
	if (!S_ISREG(st.st_mode))
		return fail(c, 0, "copy what is no file any more,", name);
	to = openat(l->to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0)
		return fail(c, errno, "make", name);
	if (copy_data(c, from, to, st.st_size, name) < 0 || copy_owner(c, l->to, name, &st) < 0 ||
	    copy_xattrs(c, from, to, name) < 0)
		return -1;
	return fchmod(to, st.st_mode & 07777) < 0 ? fail(c, errno, "set the mode of", name) : 0;
}

static int copy_link(const struct copyup *c, const struct level *l, int link, const char *name,
		     const struct stat *st)
{
	char target[4096];
	ssize_t n = readlinkat(link, "", target, sizeof(target));

	if (n < 0 || (size_t)n == sizeof(target))
		return fail(c, n < 0 ? errno : ENAMETOOLONG, "read the link", name);
	target[n] = '\0';
	if (symlinkat(target, l->to, name) < 0)
		return fail(c, errno, "make", name);
	return copy_owner(c, l->to, name, st);
}

/* copy_node - a fifo or a socket's name. */
static int copy_node(const struct copyup *c, const struct level *l, const char *name,
		     const struct stat *st)
{
	if (mknodat(l->to, name, st->st_mode & (S_IFMT | 07777), 0) < 0)
		return fail(c, errno, "make", name);
	return copy_owner(c, l->to, name, st);
}

/* enter - make the directory @name and go on in it. */
static int enter(struct copyup *c, const char *name)
{
	struct level *l = &c->levels[c->depth - 1];
	_cleanup_fd_ int from = open_below(l->from, name, O_RDONLY | O_DIRECTORY);
	_cleanup_fd_ int to = FD_EMPTY;
	struct stat st;

	if (from < 0 && errno == EXDEV)
		return 0;
	if (from < 0 || fstat(from, &st) < 0)
		return fail(c, errno, "open", name);
	if (c->depth == DEPTH_MAX)
		return fail(c, ELOOP, "copy directories that deep:", name);
	if (mkdirat(l->to, name, 0700) < 0)
		return fail(c, errno, "make", name);
	to = open_below(l->to, name, O_RDONLY | O_DIRECTORY);
	if (to < 0)
		return fail(c, errno, "open the copy of", name);
	if (copy_owner(c, l->to, name, &st) < 0 || copy_xattrs(c, from, to, name) < 0)
		return -1;
	if (fchmod(to, st.st_mode & 07777) < 0)
		return fail(c, errno, "set the mode of", name);
	c->levels[c->depth++] = (struct level){.from = take_fd(&from), .to = take_fd(&to)};
	return 0;
}

static int copy_one(struct copyup *c, const char *name)
{
	const struct level *l = &c->levels[c->depth - 1];
	_cleanup_fd_ int fd = open_below(l->from, name, O_PATH);
	struct stat st;

	/* Mounted over, or gone since it was listed. */
	if (fd < 0 && (errno == EXDEV || errno == ENOENT))
		return 0;
	if (fd < 0 && errno == ELOOP) /* RESOLVE_NO_SYMLINKS refuses even to look at a link */
		fd = openat(l->from, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail(c, errno, "look at", name);
	switch (st.st_mode & S_IFMT) {
	case S_IFDIR:
		return enter(c, name);
	case S_IFREG:
		return copy_file(c, l, name);
	case S_IFLNK:
		return copy_link(c, l, fd, name, &st);
	case S_IFIFO:
	case S_IFSOCK:
		return copy_node(c, l, name, &st);
	default:
		return fail(c, 0, "copy the device", name);
	}
}

/* copy_some - go on in the innermost directory until it ends or another is entered. */
static int copy_some(struct copyup *c)
{
	_Alignas(struct dirent_head) char buf[DIRENTS_BYTES];
	size_t depth = c->depth;
	struct level *l = &c->levels[depth - 1];
	long n;

	if (lseek(l->from, l->off, SEEK_SET) < 0)
		return fail(c, errno, "read", "a directory");
	n = syscall(SYS_getdents64, l->from, buf, sizeof(buf));
	if (n < 0)
		return fail(c, errno, "read", "a directory");
	if (n == 0) {
		close_fd(take_fd(&l->from));
		close_fd(take_fd(&l->to));
		c->depth--;
		return 0;
	}
	for (long at = 0; at < n && c->depth == depth;) {
		const struct dirent_head *d = (const struct dirent_head *)(buf + at);

		at += d->len;
		l->off = d->off;
		if (strcmp(d->name, ".") != 0 && strcmp(d->name, "..") != 0 &&
		    copy_one(c, d->name) < 0)
			return -1;
	}
	return 0;
}

/* asks_for - does the mount have the parameter @key of its own? */
static bool asks_for(const struct mount_plan *m, const char *key)
{
	for (size_t i = 0; i < m->n_params; i++)
		if (!strcmp(m->params[i].key, key))
			return true;
	return false;
}

/* copy_top - the tmpfs's own directory looks like the one it covers, unless options say otherwise. */
static int copy_top(const struct copyup *c)
{
	const struct level *l = &c->levels[0];
	uid_t uid = (uid_t)-1;
	gid_t gid = (gid_t)-1;
	struct stat st;

	if (fstat(l->from, &st) < 0)
		return fail(c, errno, "look at", ".");
	if (!asks_for(c->m, "uid"))
		uid = st.st_uid;
	if (!asks_for(c->m, "gid"))
		gid = st.st_gid;
	if (fchown(l->to, uid, gid) < 0 && errno != EINVAL)
		return fail(c, errno, "give to its owner", ".");
	if (copy_xattrs(c, l->from, l->to, ".") < 0)
		return -1;
	if (!asks_for(c->m, "mode") && fchmod(l->to, st.st_mode & 07777) < 0)
		return fail(c, errno, "set the mode of", ".");
	return 0;
}

/*
 * copyup - copy what is in the directory @from into @to, the root of a tmpfs that is not attached yet.
 * Both are O_PATH descriptors and stay the caller's.
 */
int copyup(int from, int to, const struct mount_plan *m, struct error *err)
{
	struct copyup c = {.m = m, .err = err, .depth = 1};
	int rc;

	c.levels[0].from = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	c.levels[0].to = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (c.levels[0].from < 0 || c.levels[0].to < 0)
		rc = fail(&c, errno, "open", ".");
	else
		rc = copy_top(&c);
	while (rc == 0 && c.depth > 0)
		rc = copy_some(&c);
	for (size_t i = 0; i < c.depth; i++) {
		close_fd(c.levels[i].from);
		close_fd(c.levels[i].to);
	}
	return rc;
}
