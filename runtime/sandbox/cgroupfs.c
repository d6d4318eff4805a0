/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroupfs.c: finding the cgroup v2 tree, mounted by the host or not; reading and writing its files.
 */
#include "runtime/sandbox/cgroupfs.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#include "lib/sys.h"

#ifndef CGROUP2_SUPER_MAGIC
#define CGROUP2_SUPER_MAGIC 0x63677270
#endif

/* Where systems mount cgroup v2: alone, or beside v1 (systemd's hybrid layout). */
static const char *const mount_points[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

/*
 * own_mount - the tree where the host has not mounted it: a mount of our own, attached nowhere. The
 * kernel has one cgroup v2 tree, whoever mounts it.
 */
static int own_mount(int *mount, struct error *err)
{
	_cleanup_fd_ int fs = sys_fsopen("cgroup2", FSOPEN_CLOEXEC);

	/* ENODEV: not in this kernel; EPERM: not ours to mount. There is no tree then. */
	if (fs < 0)
		return errno == ENODEV || errno == EPERM
			       ? 0
			       : error_set(err, errno, "cannot open the cgroup v2 file system");
	if (sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return errno == EPERM ? 0 : error_set(err, errno, "cannot make a cgroup v2 mount");
	*mount = sys_fsmount(fs, FSMOUNT_CLOEXEC,
			     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return *mount < 0 ? error_set(err, errno, "cannot make a cgroup v2 mount") : 0;
}

int cgroupfs_mount(int *mount, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++) {
		_cleanup_fd_ int fd = sys_open(mount_points[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		struct statfs fs;

		if (fd < 0 && errno == ENOENT)
			continue;
		if (fd < 0 || fstatfs(fd, &fs) < 0)
			return error_set(err, errno, "cannot open `%s`", mount_points[i]);
		if (fs.f_type != CGROUP2_SUPER_MAGIC)
			continue;
		*mount = take_fd(&fd);
		return 0;
	}
	return own_mount(mount, err);
}

int cgroupfs_open(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (__u64)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2(dir, path, &how, sizeof(how));
}

ssize_t cgroupfs_read(int dir, const char *file, char *buf, size_t size)
{
	_cleanup_fd_ int fd = cgroupfs_open(dir, file, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

int cgroupfs_write(int dir, const char *file, const char *value)
{
	_cleanup_fd_ int fd = cgroupfs_open(dir, file, O_WRONLY);
	size_t len = strlen(value);

	if (fd < 0)
		return -1;
	return write(fd, value, len) == (ssize_t)len ? 0 : -1;
}

int64_t cgroupfs_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int cgroupfs_await_event(int dir, const char *event, int64_t deadline_ms)
{
	_cleanup_fd_ int fd = cgroupfs_open(dir, "cgroup.events", O_RDONLY);
	char text[128];

	if (fd < 0)
		return -1;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLPRI};
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
		int64_t left = deadline_ms - cgroupfs_now_ms();

		if (n < 0)
			return -1;
		text[n] = '\0';
		if (strstr(text, event))
			return 0;
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -1;
	}
}
