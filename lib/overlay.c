/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay.c: overlayfs by descriptors.
 *
 * The kernel takes paths, of 255 bytes at most; those of our own descriptors lead where they lead, whatever happens to
 * the names meanwhile. What would tie a directory to its place on the disk is off: a store may be copied.
 */
#include "lib/overlay.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/sys.h"

static int set_path(int fs, const char *key, int fd)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return sys_fsconfig(fs, FSCONFIG_SET_STRING, key, path, 0);
}

static int add_lower(int fs, const struct overlay *o, struct error *err)
{
	for (size_t i = 0; i < o->n_lower; i++) {
		if (set_path(fs, "lowerdir+", o->lower[i]) == 0)
			continue;
		error_set(err, errno, "cannot stack %zu directories", o->n_lower);
		return err->errnum == EINVAL ? error_hint(err, "this takes Linux 6.7") : -1;
	}
	return 0;
}

int overlay_mount(const struct overlay *o, struct error *err)
{
	static const char *const off[][2] = {{"index", "off"},
					     {"metacopy", "off"},
					     {"redirect_dir", "off"},
					     {"uuid", "null"}};
	_cleanup_fd_ int fs = sys_fsopen("overlay", FSOPEN_CLOEXEC);
	int root;

	if (fs < 0) {
		error_set(err, errno, "cannot mount an overlay");
		return err->errnum == ENODEV ? error_hint(err, "the kernel has no overlayfs") : -1;
	}
	if (add_lower(fs, o, err) < 0)
		return -1;
	if (o->upper >= 0 &&
	    (set_path(fs, "upperdir", o->upper) < 0 || set_path(fs, "workdir", o->work) < 0))
		return error_set(err, errno, "cannot mount an overlay");
	for (size_t i = 0; i < ARRAY_SIZE(off); i++)
		if (sys_fsconfig(fs, FSCONFIG_SET_STRING, off[i][0], off[i][1], 0) < 0)
			return error_set(err, errno, "cannot mount an overlay: option `%s`",
					 off[i][0]);
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return error_set(err, errno, "cannot mount an overlay");
	root = sys_fsmount(fs, FSMOUNT_CLOEXEC, o->attributes);
	return root < 0 ? error_set(err, errno, "cannot mount an overlay") : root;
}

static int make(int dir, const char *path, mode_t mode)
{
	return mkdirat(dir, path, mode) < 0 && errno != EEXIST ? -1 : 0;
}

static int open_dir(int dir, const char *path)
{
	return openat(dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int overlay_same_root(int lower, int upper)
{
	struct timespec times[2];
	struct stat st;

	if (fstat(lower, &st) < 0 || fchown(upper, st.st_uid, st.st_gid) < 0 ||
	    fchmod(upper, st.st_mode & 07777) < 0)
		return -1;
	times[0] = times[1] = st.st_mtim;
	return futimens(upper, times);
}

int overlay_written(const char *path, int lower, int *upper, int *work, int *lock,
		    struct error *err)
{
	const char *slash = strrchr(path, '/');
	_cleanup_fd_ int dir = FD_EMPTY;
	char parent[PATH_MAX];
	bool made;

	*upper = *work = FD_EMPTY;
	if (!slash || slash == path || (size_t)(slash - path) >= sizeof(parent))
		return error_set(err, EINVAL, "root file system `%s`", path);
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	if (make(AT_FDCWD, parent, 0700) < 0 || make(AT_FDCWD, path, 0755) < 0)
		return error_set(err, errno, "cannot make `%s`", path);
	dir = open_dir(AT_FDCWD, parent);
	/* Two overlays that write to one directory would each undo what the other does. */
	while (lock && dir >= 0 && flock(dir, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot lock `%s`", parent);
	made = dir >= 0 && mkdirat(dir, OVERLAY_UPPER, 0755) == 0;
	if (dir < 0 || (!made && errno != EEXIST) || make(dir, OVERLAY_WORK, 0700) < 0)
		return error_set(err, errno, "cannot make `%s/" OVERLAY_UPPER "`", parent);
	*upper = open_dir(dir, OVERLAY_UPPER);
	*work = open_dir(dir, OVERLAY_WORK);
	if (*upper >= 0 && *work >= 0 && (!made || overlay_same_root(lower, *upper) == 0)) {
		if (lock)
			*lock = take_fd(&dir);
		return 0;
	}
	error_set(err, errno, "cannot open `%s/" OVERLAY_UPPER "`", parent);
	close_fd(*upper);
	close_fd(*work);
	*upper = *work = FD_EMPTY;
	return -1;
}
