/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rootfs.c: the container's root, from a directory on the host to "/".
 *
 * The parent clones the directory's mount tree into a detached one (open_tree). The child attaches
 * that on top of its copy of "/", pivots to it and detaches everything below: nothing of the host's
 * tree is reachable afterwards, and nothing was mounted in the host's namespace. Hooks expect to find
 * the root on its own path before the pivot, so with hooks it is attached there.
 *
 * With a new user namespace the files of a root owned by the host's root would belong to nobody
 * inside. Then the detached tree gets the namespace's id map (MOUNT_ATTR_IDMAP), and no file is
 * ever chowned. A root whose owner is already inside the map was prepared by an engine and is left
 * as it is. A file system that cannot be idmapped is an error, not a reason to guess.
 *
 * Source: pivot_root(2) "pivot_root(".", ".")", mount_setattr(2); OCI config.md, "Root".
 */
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"
#include "runtime/sandbox/layers.h"
#include "runtime/sandbox/sandbox.h"

/* owner_is_mapped - is host uid @uid visible inside the plan's user namespace? */
static bool owner_is_mapped(const struct plan *plan, uid_t uid)
{
	for (size_t i = 0; i < plan->n_uid_map; i++) {
		const struct id_map *m = &plan->uid_map[i];

		if (uid >= m->host_id && uid - m->host_id < m->size)
			return true;
	}
	return false;
}

int rootfs_prepare(struct sandbox *sb, struct error *err)
{
	const char *path = sb->plan->root_path;
	struct mount_attr attr = {.propagation = MS_PRIVATE};
	struct stat st;

	/* Without a cgroup to put a device filter on, no device in the tree can be opened. */
	if (!sandbox_filters_devices(sb))
		attr.attr_set |= MOUNT_ATTR_NODEV;

	if (sb->plan->ns[NS_MNT].mode != NS_NEW)
		return 0;
	if (sb->plan->n_layers) {
		sb->root_tree = layers_mount(sb->plan, err);
		if (sb->root_tree < 0)
			return -1;
	} else {
		sb->root_tree = sys_open_tree(AT_FDCWD, path,
					      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
	}
	if (sb->root_tree < 0 || fstat(sb->root_tree, &st) < 0)
		return error_set(err, errno,
				 errno == ENOENT || errno == ENOTDIR
					 ? "root file system `%s`"
					 : "cannot clone the mount of root file system `%s`",
				 path);
	if (!S_ISDIR(st.st_mode))
		return error_set(err, ENOTDIR, "root file system `%s`", path);
	/*
	 * A clone of a shared mount is its peer: what is mounted on it would appear on the host. As a
	 * slave it hears of the host's mounts, and the host does not hear of its.
	 */
	if (sb->plan->root_propagation == MS_SLAVE)
		attr.propagation = MS_SLAVE;
	if (sys_mount_setattr(sb->root_tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr,
			      sizeof(attr)) < 0)
		return error_set(err, errno, "cannot set the mount of root file system `%s`", path);
	sb->root_idmap =
		sb->plan->ns[NS_USER].mode == NS_NEW && !owner_is_mapped(sb->plan, st.st_uid);
	if (sb->root_idmap && sb->plan->n_layers)
		return error_set(err, 0,
				 "a root of layers cannot be given to a user namespace yet");
	return 0;
}

/*
 * rootfs_attach - put the root tree where rootfs_pivot() can take it: over the host's "/", or, with
 * hooks, on its own path, where they look for it.
 */
int rootfs_attach(struct sandbox *sb, struct inroot *root, struct error *err)
{
	const char *where = sb->plan->hooks.any ? sb->plan->root_path : "/";

	if (sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "cannot make the mounts private");
	if (sys_move_mount(sb->root_tree, "", AT_FDCWD, where, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot attach the root file system");
	root->fd = take_fd(&sb->root_tree);
	return 0;
}

int rootfs_pivot(struct inroot root, struct error *err)
{
	if (fchdir(root.fd) < 0)
		return error_set(err, errno, "cannot enter the root file system");
	if (sys_pivot_root(".", ".") < 0) {
		int errnum = errno;

		error_set(err, errnum, "cannot pivot to the root file system");
		if (errnum == EINVAL)
			error_hint(err, "a host that runs from its initramfs has to bind its root "
					"on itself first, as Cloison's init does");
		return -1;
	}
	if (sys_umount2(".", MNT_DETACH) < 0)
		return error_set(err, errno, "cannot detach the host's file systems");
	if (chdir("/") < 0)
		return error_set(err, errno, "cannot enter the container's root");
	return 0;
}

int rootfs_finish(const struct sandbox *sb, struct inroot root, struct error *err)
{
	struct mount_attr attr = {.propagation = sb->plan->root_propagation};
	unsigned int whole = sb->plan->root_propagation_recursive ? AT_RECURSIVE : 0;

	if (sb->plan->root_readonly) {
		struct mount_attr ro = {.attr_set = MOUNT_ATTR_RDONLY};

		if (sys_mount_setattr(root.fd, "", AT_EMPTY_PATH, &ro, sizeof(ro)) < 0)
			return error_set(err, errno, "cannot make the root file system read-only");
	}
	if (attr.propagation &&
	    sys_mount_setattr(root.fd, "", AT_EMPTY_PATH | whole, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot set the root's mount propagation");
	return 0;
}
