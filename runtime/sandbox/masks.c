/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * masks.c: what of procfs and sysfs a container does not get to see or to change.
 *
 * A masked file is covered by the container's own /dev/null, checked to be device 1:3 by the
 * descriptor that is then bound (CVE-2025-31133). A masked directory is covered by an empty
 * read-only tmpfs: one for the whole container, attached at the first such path and bound from
 * there to the others, because a superblock costs more than a bind. A path that does not exist
 * needs no mask; every other failure is fatal.
 *
 * Masks come before read-only paths. One of those may be the root of a mount, /proc itself: the read-only
 * clone then lies over it, with the masks in it. The other way round they would lie below, unseen.
 *
 * A path below the destination of a mount is resolved from the descriptor of that mount: /proc may
 * be a directory when procfs is mounted and a link a moment later, if another container has the root
 * file system too (CVE-2019-19921), and then what is not found at the path would not be masked.
 *
 * Source: OCI config-linux.md, "Masked Paths", "Readonly Paths", config-linux.md "Sysctl".
 */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/sys.h"
#include "runtime/sandbox/mounts.h"
#include "runtime/sandbox/sandbox.h"

struct masks {
	const struct sandbox *sb;
	struct inroot root;
	int null;  /* the container's /dev/null, O_PATH */
	int empty; /* the attached empty directory; FD_EMPTY before the first masked directory */
};

/* open_path - from the latest mount that has it, which is what is to be seen there, or the root. */
static int open_path(const struct masks *m, const char *path)
{
	struct inroot from = m->root;
	const char *rest = path; /* behind it */
	size_t at = mounts_above(m->sb, m->sb->plan->n_mounts, path, &rest);

	if (at < m->sb->plan->n_mounts)
		from.fd = m->sb->mounts[at];
	return inroot_open(from, *rest ? rest : "/", O_PATH);
}

static int open_null(struct inroot root, struct error *err)
{
	_cleanup_fd_ int fd = inroot_open(root, "/dev/null", O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot open the container's `/dev/null`");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return error_set(err, 0, "the container's `/dev/null` is not device 1:3");
	return take_fd(&fd);
}

/* new_empty_dir - a detached, empty, read-only tmpfs. */
static int new_empty_dir(void)
{
	_cleanup_fd_ int fs = sys_fsopen("tmpfs", FSOPEN_CLOEXEC);

	if (fs < 0 || sys_fsconfig(fs, FSCONFIG_SET_STRING, "size", "4k", 0) < 0 ||
	    sys_fsconfig(fs, FSCONFIG_SET_STRING, "nr_inodes", "1", 0) < 0 ||
	    sys_fsconfig(fs, FSCONFIG_SET_STRING, "mode", "0", 0) < 0 ||
	    sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return sys_fsmount(fs, FSMOUNT_CLOEXEC,
			   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				   MOUNT_ATTR_NOEXEC);
}

static int clone_of(int fd)
{
	return sys_open_tree(fd, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
}

static int cover(int tree, int dest)
{
	return sys_move_mount(tree, "", dest, "",
			      MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}

static int mask_dir(struct masks *m, int dest)
{
	_cleanup_fd_ int tree = m->empty < 0 ? new_empty_dir() : clone_of(m->empty);

	if (tree < 0 || cover(tree, dest) < 0)
		return -1;
	if (m->empty < 0)
		m->empty = take_fd(&tree);
	return 0;
}

static int mask_file(struct masks *m, int dest)
{
	_cleanup_fd_ int tree = clone_of(m->null);

	return tree < 0 ? -1 : cover(tree, dest);
}

static int mask_path(struct masks *m, const char *path, struct error *err)
{
	_cleanup_fd_ int dest = open_path(m, path);
	struct stat st;
	int rc;

	if (dest < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (dest < 0 || fstat(dest, &st) < 0)
		return error_set(err, errno, "cannot open masked path `%s`", path);
	rc = S_ISDIR(st.st_mode) ? mask_dir(m, dest) : mask_file(m, dest);
	return rc < 0 ? error_set(err, errno, "cannot mask `%s`", path) : 0;
}

static int make_readonly(const struct masks *m, const char *path, struct error *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY};
	_cleanup_fd_ int dest = open_path(m, path);
	_cleanup_fd_ int tree = FD_EMPTY;

	if (dest < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (dest < 0)
		return error_set(err, errno, "cannot open read-only path `%s`", path);
	tree = sys_open_tree(dest, "",
			     OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (tree < 0 ||
	    sys_mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0 ||
	    cover(tree, dest) < 0)
		return error_set(err, errno, "cannot make `%s` read-only", path);
	return 0;
}

int masks_apply(const struct sandbox *sb, struct inroot root, struct error *err)
{
	const struct plan *plan = sb->plan;
	_cleanup_fd_ int null = FD_EMPTY;
	_cleanup_fd_ int empty = FD_EMPTY;
	struct masks m = {.sb = sb, .root = root, .empty = FD_EMPTY};

	if (plan->n_masked) {
		null = open_null(root, err);
		if (null < 0)
			return -1;
	}
	m.null = null;
	for (size_t i = 0; i < plan->n_masked; i++) {
		if (mask_path(&m, plan->masked_paths[i], err) < 0)
			return -1;
		if (empty < 0)
			empty = m.empty;
	}
	for (size_t i = 0; i < plan->n_readonly; i++)
		if (make_readonly(&m, plan->readonly_paths[i], err) < 0)
			return -1;
	return 0;
}

/*
 * sysctls_apply - write the plan's sysctls through @proc, a procfs no path leads to, so nothing in
 * the container's tree can stand in for /proc/sys (CVE-2025-52881).
 */
int sysctls_apply(const struct plan *plan, int proc, struct error *err)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	for (size_t i = 0; i < plan->n_sysctls; i++) {
		const struct sysctl_plan *s = &plan->sysctls[i];
		size_t len = strlen(s->value);
		_cleanup_fd_ int fd = FD_EMPTY;
		char path[256];

		if ((size_t)snprintf(path, sizeof(path), "sys/%s", s->path) >= sizeof(path))
			return error_set(err, ENAMETOOLONG, "sysctl `%s`", s->path);
		fd = sys_openat2(proc, path, &how, sizeof(how));
		if (fd < 0)
			return error_set(err, errno, "cannot open sysctl `%s`", s->path);
		if (write(fd, s->value, len) != (ssize_t)len)
			return error_set(err, errno, "cannot set sysctl `%s` to `%s`", s->path,
					 s->value);
	}
	return 0;
}
