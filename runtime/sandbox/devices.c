/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices.c: the nodes and links of the container's /dev.
 *
 * /dev is opened once, without following links, and everything is made relative to that descriptor:
 * an image whose /dev is a link to somewhere else is refused (CVE-2026-41579). Where mknod cannot
 * work, in a user namespace, the host's nodes are bound instead; the parent opens them, and takes
 * only what really is the device it asked for (CVE-2025-31133).
 *
 * Source: OCI config-linux.md, "Default Devices", "Devices", "Dev symbolic links"; runtime-linux.md.
 */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

static const struct device_plan default_devices[N_DEFAULT_DEVICES] = {
	{"/dev/null", S_IFCHR, 0666, 1, 3, 0, 0},    {"/dev/zero", S_IFCHR, 0666, 1, 5, 0, 0},
	{"/dev/full", S_IFCHR, 0666, 1, 7, 0, 0},    {"/dev/random", S_IFCHR, 0666, 1, 8, 0, 0},
	{"/dev/urandom", S_IFCHR, 0666, 1, 9, 0, 0}, {"/dev/tty", S_IFCHR, 0666, 5, 0, 0, 0},
};

static const struct {
	const char *name, *target;
} links[] = {
	{"fd", "/proc/self/fd"},       {"stdin", "/proc/self/fd/0"}, {"stdout", "/proc/self/fd/1"},
	{"stderr", "/proc/self/fd/2"}, {"ptmx", "pts/ptmx"},
};

/* is_placed_otherwise - does the plan have a mount or a device of its own for @path? */
static bool is_placed_otherwise(const struct plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n_mounts; i++)
		if (!strcmp(plan->mounts[i].destination, path))
			return true;
	for (size_t i = 0; i < plan->n_devices; i++)
		if (!strcmp(plan->devices[i].path, path))
			return true;
	return false;
}

/* is_device - is @fd the very device @d describes? If not, errno says why it cannot be told, or 0. */
static bool is_device(int fd, const struct device_plan *d)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	errno = 0;
	return (st.st_mode & S_IFMT) == d->type &&
	       (d->type == S_IFIFO || st.st_rdev == makedev(d->major, d->minor));
}

/* bind_host_device - the host's node at the same path as a detached bind. */
static int bind_host_device(const struct device_plan *d, struct error *err)
{
	_cleanup_fd_ int fd =
		sys_open_tree(AT_FDCWD, d->path,
			      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};

	if (fd < 0)
		return error_set(err, errno, "cannot bind the host's device `%s`", d->path);
	if (!is_device(fd, d))
		return error_set(err, errno, "the host's `%s` is not device %u:%u", d->path,
				 d->major, d->minor);
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot set the options of device `%s`", d->path);
	return take_fd(&fd);
}

int devices_prepare(struct sandbox *sb, struct arena *arena, struct error *err)
{
	const struct plan *plan = sb->plan;

	/* mknod of a device needs CAP_MKNOD in the first user namespace. */
	if ((plan->ns[NS_USER].mode == NS_HOST && !sb->rootless) || plan->ns[NS_MNT].mode != NS_NEW)
		return 0;
	for (size_t i = 0; i < N_DEFAULT_DEVICES; i++) {
		sb->devices[i] = bind_host_device(&default_devices[i], err);
		if (sb->devices[i] < 0)
			return -1;
	}
	sb->extra_devices = arena_new(arena, int, plan->n_devices, err);
	if (!sb->extra_devices)
		return -1;
	for (size_t i = 0; i < plan->n_devices; i++)
		sb->extra_devices[i] = FD_EMPTY;
	for (size_t i = 0; i < plan->n_devices; i++) {
		if (plan->devices[i].type == S_IFIFO)
			continue;
		sb->extra_devices[i] = bind_host_device(&plan->devices[i], err);
		if (sb->extra_devices[i] < 0)
			return -1;
	}
	return 0;
}

/*
 * make_node - the node @name below @dir. One that is there already is kept only when it is the
 * same device: an image may bring its own /dev.
 */
static int make_node(int dir, const char *name, const struct device_plan *d, struct error *err)
{
	dev_t dev = d->type == S_IFIFO ? 0 : makedev(d->major, d->minor);

	if (mknodat(dir, name, d->type | d->mode, dev) < 0) {
		_cleanup_fd_ int fd = FD_EMPTY;

		if (errno != EEXIST)
			return error_set(err, errno, "cannot make device `%s`", d->path);
		fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0 || !is_device(fd, d))
			return error_set(err, EEXIST, "cannot make device `%s`", d->path);
		return 0;
	}
	if ((d->uid || d->gid) && fchownat(dir, name, d->uid, d->gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, errno, "cannot give device `%s` to %u:%u", d->path, d->uid,
				 d->gid);
	return 0;
}

/* attach_node - put the detached bind @fd on the file @name below @dir. */
static int attach_node(int dir, const char *name, int fd, const struct device_plan *d,
		       struct error *err)
{
	_cleanup_fd_ int file =
		openat(dir, name,
		       O_CREAT | O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0644);

	if (file < 0 ||
	    sys_move_mount(fd, "", file, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot attach device `%s`", d->path);
	return 0;
}

static int place_device(int dir, const char *name, int fd, const struct device_plan *d,
			struct error *err)
{
	if (fd >= 0)
		return attach_node(dir, name, fd, d, err);
	return make_node(dir, name, d, err);
}

/* open_dev - the container's /dev itself, never what a link in its place points to. */
static int open_dev(struct inroot root, struct error *err)
{
	int fd = inroot_open(root, "/dev", O_PATH | O_NOFOLLOW | O_DIRECTORY);

	if (fd >= 0)
		return fd;
	if (errno == ENOENT)
		fd = inroot_make(root, "/dev", INROOT_DIR);
	if (fd < 0)
		return error_set(err, errno, "cannot open the container's `/dev`");
	return fd;
}

static int place_defaults(struct sandbox *sb, int dev, struct error *err)
{
	for (size_t i = 0; i < N_DEFAULT_DEVICES; i++) {
		const struct device_plan *d = &default_devices[i];

		if (is_placed_otherwise(sb->plan, d->path))
			continue;
		if (place_device(dev, d->path + strlen("/dev/"), sb->devices[i], d, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (symlinkat(links[i].target, dev, links[i].name) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make the link `/dev/%s`",
					 links[i].name);
	return 0;
}

/* bound_dev - is /dev a bind mount? Then it is somebody's directory, and nothing is made in it. */
static bool bound_dev(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_mounts; i++)
		if (!strcmp(plan->mounts[i].destination, "/dev") &&
		    plan->mounts[i].kind == MOUNT_BIND)
			return true;
	return false;
}

int devices_place(struct sandbox *sb, struct inroot root, struct error *err)
{
	const struct plan *plan = sb->plan;
	_cleanup_fd_ int dev = FD_EMPTY;

	if (!bound_dev(plan)) {
		dev = open_dev(root, err);
		if (dev < 0 || place_defaults(sb, dev, err) < 0)
			return -1;
	}
	for (size_t i = 0; i < plan->n_devices; i++) {
		const struct device_plan *d = &plan->devices[i];
		int fd = sb->extra_devices ? sb->extra_devices[i] : FD_EMPTY;
		_cleanup_fd_ int dir = FD_EMPTY;
		const char *name;

		/*
		 * The link to the container's own devpts stands for it: Docker's --privileged gives
		 * all that the host has in /dev.
		 */
		if (dev >= 0 && !strcmp(d->path, "/dev/ptmx"))
			continue;
		dir = inroot_parent(root, d->path, &name);
		if (dir < 0)
			return error_set(err, errno, "cannot open the directory of device `%s`",
					 d->path);
		if (place_device(dir, name, fd, d, err) < 0)
			return -1;
	}
	return 0;
}
