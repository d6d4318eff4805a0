/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * idmap.c: mounts whose files have other owners inside than on disk.
 *
 * The kernel takes an id map from a user namespace (MOUNT_ATTR_IDMAP), so each map needs one. The
 * container's own new one exists only after the clone: idmap_container() gives it to the root and to
 * the mounts that ask for it, while the child waits for its ids. A map that config.json spells out
 * for one mount gets a namespace made for the purpose, by a process that does nothing but wait for
 * us to have taken it; the mount keeps it alive from there on.
 *
 * In the container's namespace "container id 0 is host id 100000" lets a file of user 0 on disk
 * belong to user 0 inside; in a mount's own map containerID is the id on disk, hostID the one that
 * the mount shows. Nothing is ever chowned.
 *
 * Source: mount_setattr(2) "ID-mapped mounts"; OCI config.md, "Linux mount options".
 */
#include <string.h>
#include <sys/wait.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/sync.h"

/* set_map - give @tree the map of @userns; @what and @name are for messages. */
static int set_map(int tree, int userns, enum idmap_scope scope, const char *what, const char *name,
		   struct error *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (__u64)userns};
	unsigned int flags = AT_EMPTY_PATH | (scope == IDMAP_TREE ? AT_RECURSIVE : 0);
	int errnum;

	if (sys_mount_setattr(tree, "", flags, &attr, sizeof(attr)) == 0)
		return 0;
	errnum = errno;
	error_set(err, errnum, "cannot map the ids of %s `%s`", what, name);
	if (errnum == EINVAL)
		return error_hint(err, "its file system may not support idmapped mounts; chown "
				       "the tree into the mapped range, or drop the map");
	if (errnum == EPERM)
		return error_hint(err, "a mount is mapped once only, and by root of the namespace "
				       "that its file system belongs to");
	return -1;
}

/* open_userns - the user namespace of process @pid. */
static int open_userns(pid_t pid, struct error *err)
{
	char path[48];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot open `%s`", path) : fd;
}

/* wait_for_end - what the process of make_userns() does: be there until nobody holds @other. */
static _Noreturn void wait_for_end(int own, int other)
{
	struct sync_msg msg;
	int fd = FD_EMPTY;

	close_fd(other);
	_exit(sync_recv(own, &msg, &fd) < 0);
}

/* make_userns - a user namespace with @maps in which nobody is. Returns its descriptor. */
static int make_userns(const struct id_maps *maps, struct error *err)
{
	struct clone_args args = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
	_cleanup_fd_ int fd = FD_EMPTY;
	int ours, theirs;
	pid_t pid;

	if (sync_pair(&ours, &theirs, err) < 0)
		return -1;
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0)
		wait_for_end(theirs, ours);
	close_fd(theirs);
	if (pid < 0) {
		error_set(err, errno, "cannot make a user namespace for an id map");
	} else if (namespaces_write_maps(pid, maps, err) == 0) {
		fd = open_userns(pid, err);
	}
	close_fd(ours);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return take_fd(&fd);
}

bool idmap_needs_container(const struct sandbox *sb, const struct mount_plan *m)
{
	return m->idmap != IDMAP_NONE && !m->n_uid_map && sb->plan->ns[NS_USER].mode == NS_NEW;
}

/*
 * idmap_mount - map the ids of @m's detached @tree. One that takes the map of the container's new
 * user namespace is left for idmap_container().
 */
int idmap_mount(struct sandbox *sb, int tree, const struct mount_plan *m, struct error *err)
{
	const struct id_maps maps = {
		.uid = m->uid_map,
		.gid = m->gid_map,
		.n_uid = m->n_uid_map,
		.n_gid = m->n_gid_map,
	};
	_cleanup_fd_ int userns = FD_EMPTY;

	if (m->idmap == IDMAP_NONE)
		return 0;
	if (idmap_needs_container(sb, m)) {
		sb->mount_idmaps = true;
		return 0;
	}
	if (!m->n_uid_map)
		return set_map(tree, sb->ns[NS_USER], m->idmap, "the mount on", m->destination,
			       err);
	userns = make_userns(&maps, err);
	if (userns < 0 || set_map(tree, userns, m->idmap, "the mount on", m->destination, err) < 0)
		return error_wrap(err, "%s", m->where);
	return 0;
}

/* idmap_container - the maps that come with the container's new user namespace, in the parent. */
int idmap_container(struct sandbox *sb, struct error *err)
{
	_cleanup_fd_ int userns = FD_EMPTY;

	if (!sb->root_idmap && !sb->mount_idmaps)
		return 0;
	userns = open_userns(sb->pid, err);
	if (userns < 0)
		return -1;
	if (sb->root_idmap && set_map(sb->root_tree, userns, IDMAP_MOUNT, "root file system",
				      sb->plan->root_path, err) < 0)
		return -1;
	for (size_t i = 0; sb->mount_idmaps && i < sb->plan->n_mounts; i++) {
		const struct mount_plan *m = &sb->plan->mounts[i];

		if (sb->mounts[i] >= 0 && idmap_needs_container(sb, m) &&
		    set_map(sb->mounts[i], userns, m->idmap, "the mount on", m->destination, err) <
			    0)
			return -1;
	}
	return 0;
}
