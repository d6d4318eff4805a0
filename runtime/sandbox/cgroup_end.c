/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_end.c: removing a container's cgroup.
 *
 * Removing: first simply rmdir, which is all it takes for a container whose processes are gone.
 * When that says EBUSY the processes are killed through cgroup.kill, cgroup.events is polled until
 * it says "populated 0", and directories that the container made below its own go first.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/xattr.h>
#include <time.h>

#include "lib/text.h"
#include "runtime/sandbox/cgroup.h"
#include "runtime/sandbox/cgroupfs.h"

/* first_child - the name of a directory in @dir. Returns 1, 0 without one, or -1 with errno. */
static int first_child(int dir, char name[256])
{
	int fd = cgroupfs_open(dir, ".", O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d) {
		close_fd(fd);
		return -1;
	}
	while ((e = readdir(d))) {
		if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		memcpy(name, e->d_name, strlen(e->d_name) + 1);
		return 1;
	}
	return 0;
}

/*
 * remove_below - remove every directory below @top, the innermost first: what cannot be removed is
 * descended into, and tried again on the way up. No path is ever put together, so the container
 * may have nested as deep as it liked. Returns 0, or -1 with errno.
 */
static int remove_below(int top, int64_t deadline_ms)
{
	_cleanup_fd_ int dir = cgroupfs_open(top, ".", O_RDONLY | O_DIRECTORY);
	struct timespec pause = {.tv_nsec = 1000000};
	char name[256];
	bool ascended = false;

	for (size_t depth = 0; dir >= 0;) {
		int n = first_child(dir, name), next;

		if (n < 0)
			return -1;
		if (n == 0) {
			if (depth-- == 0)
				return 0;
			/* There are no links and no renames in this file system. */
			next = openat(dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
			ascended = true;
		} else {
			if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
				continue;
			if (errno != EBUSY || cgroupfs_now_ms() >= deadline_ms)
				return -1;
			if (ascended) /* it was empty: its last process is not quite gone */
				nanosleep(&pause, NULL);
			next = cgroupfs_open(dir, name, O_RDONLY | O_DIRECTORY);
			ascended = false;
			depth++;
		}
		replace_fd(&dir, next);
	}
	return -1;
}

/* remove_dir - rmdir, again and again while it is busy. Returns 0 once it is gone, or -1 with errno. */
static int remove_dir(int mount, const char *path, int64_t deadline_ms)
{
	struct timespec pause = {.tv_nsec = 1000000};

	while (unlinkat(mount, path, AT_REMOVEDIR) < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || cgroupfs_now_ms() >= deadline_ms)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * remove_parents - remove the directories above @path that were made for it, from the inside out, as
 * far as nobody else is in them. What stays because of that goes with the last of the others.
 */
static void remove_parents(int mount, const char *path)
{
	char parent[512];
	char *slash;

	(void)text_append(parent, sizeof(parent), 0, path);
	while ((slash = strrchr(parent, '/'))) {
		_cleanup_fd_ int dir = FD_EMPTY;

		while (slash > parent && slash[-1] == '/')
			slash--;
		*slash = '\0';
		if (strcmp(parent, CGROUP_DEFAULT_PARENT) == 0) /* it stays, for the next */
			return;
		dir = cgroupfs_open(mount, parent, O_RDONLY | O_DIRECTORY);
		if (dir < 0 || fgetxattr(dir, CGROUP_MADE_XATTR, NULL, 0) < 0 ||
		    unlinkat(mount, parent, AT_REMOVEDIR) < 0)
			return;
	}
}

/* kill_below - kill everything in @dir and below, and wait until it is gone. */
static int kill_below(int dir, const char *path, int64_t deadline_ms, struct error *err)
{
	struct cgroup cg = {.dir = dir, .mount = FD_EMPTY};

	snprintf(cg.path, sizeof(cg.path), "/%s", path);
	/* SIGKILL reaches the frozen as well, but one that is being killed needs no pause any more. */
	if (cgroupfs_write(dir, "cgroup.freeze", "0") < 0)
		return error_set(err, errno, "cannot thaw cgroup `/%s`", path);
	if (cgroup_kill(&cg, err) < 0)
		return -1;
	if (cgroupfs_await_event(dir, "populated 0", deadline_ms) == 0)
		return 0;
	error_set(err, errno, "processes are left in cgroup `/%s`", path);
	cgroup_name_stuck(dir, err);
	return -1;
}

/* remove_whole - remove @path, which has no slash in front, and everything in it. */
static int remove_whole(int mount, const char *path, int timeout_ms, struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	int64_t deadline_ms;

	if (unlinkat(mount, path, AT_REMOVEDIR) == 0 || errno == ENOENT) {
		remove_parents(mount, path);
		return 0;
	}
	if (errno != EBUSY)
		return error_set(err, errno, "cannot remove cgroup `/%s`", path);
	deadline_ms = cgroupfs_now_ms() + timeout_ms;
	dir = cgroupfs_open(mount, path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return error_set(err, errno, "cannot open cgroup `/%s`", path);
	if (kill_below(dir, path, deadline_ms, err) < 0)
		return -1;
	if (remove_below(dir, deadline_ms) < 0)
		return error_set(err, errno, "cannot remove the directories in cgroup `/%s`", path);
	/* A process is a zombie before its cgroup lets go of it: rmdir may need a moment more. */
	if (remove_dir(mount, path, deadline_ms) < 0)
		return error_set(err, errno, "cannot remove cgroup `/%s`", path);
	remove_parents(mount, path);
	return 0;
}

int cgroup_remove(const char *path, int timeout_ms, struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;

	path += strspn(path, "/");
	if (!*path)
		return 0;
	if (cgroupfs_mount(&mount, err) < 0)
		return -1;
	return mount < 0 ? 0 : remove_whole(mount, path, timeout_ms, err);
}

int cgroup_remove_made(const struct cgroup *cg, int timeout_ms, struct error *err)
{
	if (cg->dir < 0)
		return 0;
	if (cg->mount < 0)
		return cgroup_remove(cg->path, timeout_ms, err);
	return remove_whole(cg->mount, cg->path + strspn(cg->path, "/"), timeout_ms, err);
}

void cgroup_close(struct cgroup *cg)
{
	close_fd(take_fd(&cg->dir));
	close_fd(take_fd(&cg->mount));
}

int cgroup_remove_empty(const char *path, int timeout_ms, struct error *err)
{
	int64_t deadline_ms = cgroupfs_now_ms() + timeout_ms;
	_cleanup_fd_ int mount = FD_EMPTY;

	path += strspn(path, "/");
	if (!*path)
		return 0;
	if (cgroupfs_mount(&mount, err) < 0)
		return -1;
	if (mount < 0)
		return 0;
	/* Still busy: it was there before, and what is in it is another's. */
	if (remove_dir(mount, path, deadline_ms) < 0 && errno != EBUSY)
		return error_set(err, errno, "cannot remove cgroup `/%s`", path);
	remove_parents(mount, path);
	return 0;
}

int cgroup_oom_read(const struct cgroup *cg, struct cgroup_oom *oom, struct error *err)
{
	char text[256];
	const char *at;

	oom->oom = oom->oom_kill = 0;
	oom->memory_max_bytes = UINT64_MAX;
	if (cg->dir < 0)
		return 0;
	if (cgroupfs_read(cg->dir, "memory.events", text, sizeof(text)) < 0) {
		if (errno == ENOENT) /* the controller is not enabled for it */
			return 0;
		return error_set(err, errno, "cannot read memory.events of cgroup `%s`", cg->path);
	}
	at = strstr(text, "oom ");
	if (at)
		oom->oom = strtoull(at + strlen("oom "), NULL, 10);
	at = strstr(text, "oom_kill ");
	if (at)
		oom->oom_kill = strtoull(at + strlen("oom_kill "), NULL, 10);
	if (cgroupfs_read(cg->dir, "memory.max", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot read memory.max of cgroup `%s`", cg->path);
	if (strncmp(text, "max", 3))
		oom->memory_max_bytes = strtoull(text, NULL, 10);
	return 0;
}
