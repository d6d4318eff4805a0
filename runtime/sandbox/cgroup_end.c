/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_end.c: killing what is in a container's cgroup, and removing it.
 *
 * Removing: first simply rmdir, which is all it takes for a container whose processes are gone.
 * When that says EBUSY the processes are killed through cgroup.kill, cgroup.events is polled until
 * it says "populated 0", and directories that the container made below its own go first.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "runtime/sandbox/cgroup.h"
#include "runtime/sandbox/cgroupfs.h"

int cgroup_kill(const struct cgroup *cg, struct error *err)
{
	if (cg->dir >= 0 && cgroupfs_write(cg->dir, "cgroup.kill", "1") < 0)
		return error_set(err, errno, "cannot kill the processes of cgroup `%s`", cg->path);
	return 0;
}

int cgroup_signal(const struct cgroup *cg, int sig, struct error *err)
{
	int fd = cgroupfs_open(cg->dir, "cgroup.procs", O_RDONLY);
	_cleanup_file_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
	int pid;

	if (!f) {
		error_set(err, errno, "cannot list the processes of cgroup `%s`", cg->path);
		close_fd(fd);
		return -1;
	}
	while (fscanf(f, "%d", &pid) == 1) {
		/* A process that ended since the kernel listed it needs no signal. */
		if (kill(pid, sig) < 0 && errno != ESRCH)
			return error_set(err, errno, "cannot send signal %d to process %d", sig,
					 pid);
	}
	return 0;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* wait_empty - wait until no process is left below @dir. Returns 0, or -1 with errno. */
static int wait_empty(int dir, int64_t deadline_ms)
{
	_cleanup_fd_ int fd = cgroupfs_open(dir, "cgroup.events", O_RDONLY);
	char text[128];

	if (fd < 0)
		return -1;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLPRI};
		ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
		int64_t left = deadline_ms - now_ms();

		if (n < 0)
			return -1;
		text[n] = '\0';
		if (strstr(text, "populated 0"))
			return 0;
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -1;
	}
}

/* deepest - descend to a directory without directories in it; its name ends in @name. */
static int deepest(int top, char *path, size_t size)
{
	size_t len = 0;

	path[0] = '\0';
	for (;;) {
		_cleanup_dir_ DIR *d = NULL;
		int fd = cgroupfs_open(top, len ? path : ".", O_RDONLY | O_DIRECTORY);
		struct dirent *e;
		bool found = false;

		if (fd < 0)
			return -1;
		d = fdopendir(fd);
		if (!d) {
			close_fd(fd);
			return -1;
		}
		while (!found && (e = readdir(d))) {
			int n;

			if (e->d_type != DT_DIR || e->d_name[0] == '.')
				continue;
			n = snprintf(path + len, size - len, "%s%s", len ? "/" : "", e->d_name);
			if (n < 0 || (size_t)n >= size - len) {
				errno = ENAMETOOLONG;
				return -1;
			}
			len += (size_t)n;
			found = true;
		}
		if (!found)
			return 0;
	}
}

/* remove_below - remove every directory below @dir, the innermost first. */
static int remove_below(int dir)
{
	char path[4096];

	for (;;) {
		if (deepest(dir, path, sizeof(path)) < 0)
			return -1;
		if (!*path)
			return 0;
		if (unlinkat(dir, path, AT_REMOVEDIR) < 0 && errno != ENOENT)
			return -1;
	}
}

/* remove_dir - rmdir, again and again while it is busy. Returns 0 once it is gone, or -1 with errno. */
static int remove_dir(int mount, const char *path, int64_t deadline_ms)
{
	struct timespec pause = {.tv_nsec = 1000000};

	while (unlinkat(mount, path, AT_REMOVEDIR) < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != EBUSY || now_ms() >= deadline_ms)
			return -1;
		nanosleep(&pause, NULL);
	}
	return 0;
}

int cgroup_remove(const char *path, int timeout_ms, struct error *err)
{
	int64_t deadline_ms = now_ms() + timeout_ms;
	_cleanup_fd_ int mount = FD_EMPTY;
	_cleanup_fd_ int dir = FD_EMPTY;

	path += strspn(path, "/");
	if (!*path)
		return 0;
	if (cgroupfs_mount(&mount, err) < 0)
		return -1;
	if (mount < 0)
		return 0;
	if (unlinkat(mount, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return error_set(err, errno, "cannot remove cgroup `/%s`", path);
	dir = cgroupfs_open(mount, path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return error_set(err, errno, "cannot open cgroup `/%s`", path);
	if (cgroupfs_write(dir, "cgroup.freeze", "0") < 0 ||
	    cgroupfs_write(dir, "cgroup.kill", "1") < 0)
		return error_set(err, errno, "cannot kill the processes of cgroup `/%s`", path);
	if (wait_empty(dir, deadline_ms) < 0)
		return error_set(err, errno, "processes are left in cgroup `/%s`", path);
	if (remove_below(dir) < 0)
		return error_set(err, errno, "cannot remove the directories in cgroup `/%s`", path);
	/* A process is a zombie before its cgroup lets go of it: rmdir may need a moment more. */
	if (remove_dir(mount, path, deadline_ms) < 0)
		return error_set(err, errno, "cannot remove cgroup `/%s`", path);
	return 0;
}

int cgroup_remove_empty(const char *path, int timeout_ms, struct error *err)
{
	int64_t deadline_ms = now_ms() + timeout_ms;
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
	return 0;
}

int cgroup_oom_read(const struct cgroup *cg, struct cgroup_oom *oom, struct error *err)
{
	char text[256];
	const char *at;

	oom->oom_kill = 0;
	oom->memory_max_bytes = UINT64_MAX;
	if (cg->dir < 0)
		return 0;
	if (cgroupfs_read(cg->dir, "memory.events", text, sizeof(text)) < 0) {
		if (errno == ENOENT) /* the controller is not enabled for it */
			return 0;
		return error_set(err, errno, "cannot read memory.events of cgroup `%s`", cg->path);
	}
	at = strstr(text, "oom_kill ");
	if (at)
		oom->oom_kill = strtoull(at + strlen("oom_kill "), NULL, 10);
	if (cgroupfs_read(cg->dir, "memory.max", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot read memory.max of cgroup `%s`", cg->path);
	if (strncmp(text, "max", 3))
		oom->memory_max_bytes = strtoull(text, NULL, 10);
	return 0;
}
