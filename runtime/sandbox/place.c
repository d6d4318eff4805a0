/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * place.c: the detached mounts of mounts.c to their places inside the root.
 *
 * Each is moved onto a descriptor of its destination, resolved once inside the root. A destination
 * inside procfs is refused, apart from the few files that tools replace: a mount there could
 * redirect the runtime's own writes (CVE-2019-16884, CVE-2023-27561, CVE-2025-52881).
 *
 * Three kinds of entry are not moved: a link that copy-symlink makes again, a remount, which changes
 * what an earlier entry put there, and, before it is moved, a tmpfs that begins with what it covers
 * (copyup.c).
 *
 * Source: OCI config.md, "Mounts"; move_mount(2), mount_setattr(2).
 */
#include <limits.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/sys.h"
#include "runtime/sandbox/mounts.h"
#include "runtime/sandbox/sandbox.h"

/* below - the rest of @path behind the directory @dir, as both are spelled; NULL: it is not in it. */
__attribute__((nonnull)) static const char *below(const char *dir, const char *path)
{
	for (;;) {
		size_t len;

		dir += strspn(dir, "/");
		path += strspn(path, "/");
		len = strcspn(dir, "/");
		if (!len)
			return path;
		if (strncmp(dir, path, len) != 0 || (path[len] && path[len] != '/'))
			return NULL;
		dir += len;
		path += len;
	}
}

/* begin_apart - do two clean paths differ in the first letter below the root, as most do? */
static bool begin_apart(const char *a, const char *b)
{
	return a[0] == '/' && b[0] == '/' && a[1] != b[1] && a[1] && a[1] != '/' && b[1] != '/';
}

size_t mounts_above(const struct sandbox *sb, size_t n, const char *path, const char **rest)
{
	for (size_t i = n; i-- > 0;) {
		const char *destination = sb->plan->mounts[i].destination, *inner;

		if (sb->mounts[i] < 0 || begin_apart(destination, path))
			continue;
		inner = below(destination, path);
		if (!inner)
			continue;
		*rest = inner;
		return i;
	}
	return n;
}

/* Files of procfs that lxcfs and its like are known to replace. */
static const char *const proc_replaceable[] = {
	"/proc/cpuinfo", "/proc/diskstats", "/proc/meminfo", "/proc/stat",
	"/proc/swaps",	 "/proc/uptime",    "/proc/loadavg", "/proc/slabinfo",
};

bool mounts_in_proc(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) < 0 || fs.f_type == PROC_SUPER_MAGIC;
}

/* check_not_in_proc - refuse a destination inside procfs that is not known to be harmless. */
static int check_not_in_proc(int dest, const struct mount_plan *m, struct error *err)
{
	struct statfs fs;

	if (fstatfs(dest, &fs) < 0)
		return error_set(err, errno, "%s: cannot look at `%s`", m->where, m->destination);
	if (fs.f_type != PROC_SUPER_MAGIC)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(proc_replaceable); i++)
		if (!strcmp(m->destination, proc_replaceable[i]))
			return 0;
	return error_set(err, EPERM, "%s: `%s` is inside procfs", m->where, m->destination);
}

/* attach_error - the kernel has one errno for many reasons; the frequent one can be told. */
static int attach_error(int errnum, const struct mount_plan *m, bool source_is_dir, int dest,
			struct error *err)
{
	struct stat st;

	error_set(err, errnum, "%s: cannot attach the mount on `%s`", m->where, m->destination);
	if (fstat(dest, &st) == 0 && S_ISDIR(st.st_mode) != source_is_dir)
		error_cause(err, source_is_dir
					 ? "the source is a directory, the destination is not"
					 : "the destination is a directory, the source is not");
	return -1;
}

/*
 * open_dest - the mount point of mount @i, made if it is missing. In a file system that was made for the
 * container, /dev for one, nothing is but what was put there a moment ago: it is opened from that mount,
 * which is less of a way.
 */
static int open_dest(const struct sandbox *sb, size_t i, struct inroot root, bool is_dir)
{
	const struct mount_plan *m = &sb->plan->mounts[i];
	enum inroot_leaf leaf = is_dir ? INROOT_DIR : INROOT_FILE;
	const char *path = m->destination, *rest;
	size_t above = mounts_above(sb, i, path, &rest);
	bool in_tmpfs = false;
	int fd;

	if (above < i && *rest && sb->plan->mounts[above].kind == MOUNT_FS &&
	    !sb->plan->mounts[above].copy_up) {
		root.fd = sb->mounts[above];
		path = rest;
		in_tmpfs = !strcmp(sb->plan->mounts[above].type, "tmpfs");
	}
	if (m->dest_nofollow) {
		fd = inroot_open(root, path, O_PATH | O_NOFOLLOW);
		if (fd >= 0 || errno != ENOENT)
			return fd;
	}
	return in_tmpfs ? inroot_make_new(root, path, leaf) : inroot_make(root, path, leaf);
}

/* keeps_mode - a tmpfs without a mode of its own has that of a directory that it covers. */
static bool keeps_mode(const struct mount_plan *m)
{
	if (m->kind != MOUNT_FS || m->copy_up || strcmp(m->type, "tmpfs") != 0)
		return false;
	for (size_t i = 0; i < m->n_params; i++)
		if (!strcmp(m->params[i].key, "mode"))
			return false;
	return true;
}

/* take_mode - give the detached tmpfs @fd the mode of its mount point, if that exists already. */
static int take_mode(int fd, const struct mount_plan *m, struct inroot root, struct error *err)
{
	_cleanup_fd_ int dest = inroot_open(root, m->destination, O_PATH | O_DIRECTORY);
	struct stat st;

	if (dest < 0 && errno == ENOENT)
		return 0;
	if (dest < 0 || fstat(dest, &st) < 0)
		return error_set(err, errno, "%s: cannot look at `%s`", m->where, m->destination);
	if ((m->attr_set | m->rec_attr_set) &
	    MOUNT_ATTR_RDONLY) /* empty for ever: the kernel's 1777 opens nothing */
		return 0;
	if (fchmodat(fd, ".", st.st_mode & 07777, 0) < 0)
		return error_set(err, errno, "%s: cannot set the mode of `%s`", m->where,
				 m->destination);
	return 0;
}

/* is_missing - will the mount point be made for the mount? Then a tmpfs covers nothing. */
static bool is_missing(const struct mount_plan *m, struct inroot root)
{
	_cleanup_fd_ int dest = inroot_open(root, m->destination, O_PATH);

	return dest < 0 && errno == ENOENT;
}

/*
 * fill - what has to be in the detached mount @fd before it is attached: what is in @covered, the mount
 * point, or nothing when that is FD_EMPTY.
 */
static int fill(int fd, int covered, const struct mount_plan *m, struct error *err)
{
	if (!m->copy_up)
		return 0;
	if (covered >= 0 && copyup(covered, fd, m, err) < 0)
		return -1;
	if (!(m->attr_set & MOUNT_ATTR_RDONLY) && !mounts_has_more_attrs(m))
		return 0;
	return mounts_set_attrs(fd, m, err);
}

/* place_link - copy-symlink: make the link; one that says the same may be there. */
static int place_link(const char *target, const struct mount_plan *m, struct inroot root,
		      struct error *err)
{
	char there[PATH_MAX];
	const char *name;
	_cleanup_fd_ int dir = inroot_parent(root, m->destination, &name);
	ssize_t n;

	if (dir < 0)
		return error_set(err, errno, "%s: cannot open the directory of `%s`", m->where,
				 m->destination);
	if (check_not_in_proc(dir, m, err) < 0)
		return -1;
	if (symlinkat(target, dir, name) == 0)
		return 0;
	if (errno != EEXIST)
		return error_set(err, errno, "%s: cannot make the link `%s`", m->where,
				 m->destination);
	n = readlinkat(dir, name, there, sizeof(there));
	if (n < 0 || (size_t)n != strlen(target) || memcmp(there, target, (size_t)n) != 0)
		return error_set(err, EEXIST, "%s: cannot make the link `%s`", m->where,
				 m->destination);
	return 0;
}

/* remount - other attributes for what an earlier entry mounted on the destination. */
static int remount(const struct mount_plan *m, struct inroot root, struct error *err)
{
	_cleanup_fd_ int dest =
		inroot_open(root, m->destination, O_PATH | (m->dest_nofollow ? O_NOFOLLOW : 0));

	if (dest < 0)
		return error_set(err, errno, "%s: cannot open `%s`", m->where, m->destination);
	if (mounts_set_attrs(dest, m, err) == 0)
		return 0;
	if (err->errnum == EINVAL)
		error_hint(err, "only what an earlier entry of mounts put there can be remounted");
	return -1;
}

static int place(struct sandbox *sb, size_t i, struct inroot root, struct error *err)
{
	const struct mount_plan *m = &sb->plan->mounts[i];
	_cleanup_fd_ int dest = FD_EMPTY;
	int fd = sb->mounts[i];
	bool covers_nothing, is_dir = m->kind != MOUNT_BIND;
	struct stat st;

	if (m->kind == MOUNT_REMOUNT)
		return remount(m, root, err);
	if (sb->links && sb->links[i])
		return place_link(sb->links[i], m, root, err);
	if (m->kind == MOUNT_BIND) {
		if (fstat(fd, &st) < 0)
			return error_set(err, errno, "%s: cannot look at the source of `%s`",
					 m->where, m->destination);
		is_dir = S_ISDIR(st.st_mode);
	}
	if (keeps_mode(m) && take_mode(fd, m, root, err) < 0)
		return -1;
	covers_nothing = m->copy_up && is_missing(m, root);
	dest = open_dest(sb, i, root, is_dir);
	if (dest < 0)
		return error_set(err, errno, "%s: cannot open the destination `%s`", m->where,
				 m->destination);
	if (check_not_in_proc(dest, m, err) < 0 ||
	    fill(fd, covers_nothing ? FD_EMPTY : dest, m, err) < 0)
		return -1;
	if (sys_move_mount(fd, "", dest, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return attach_error(errno, m, is_dir, dest, err);
	return 0;
}

/* Their descriptors stay open: paths below them are masked from there. */
int mounts_place(struct sandbox *sb, struct inroot root, struct error *err)
{
	for (size_t i = 0; i < sb->plan->n_mounts; i++) {
		if (place(sb, i, root, err) < 0)
			return -1;
	}
	return 0;
}
