/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.c: one cgroup v2 directory per container.
 *
 * The directory is made and limited before the container exists; clone3 puts the first process in
 * it (CLONE_INTO_CGROUP), so no process ever runs unlimited and nothing is migrated under the
 * global threadgroup lock. Every path is opened below the descriptor of the cgroup v2 mount.
 *
 * Removing: first simply rmdir, which is all it takes for a container whose processes are gone.
 * When that says EBUSY the processes are killed through cgroup.kill, cgroup.events is polled until
 * it says "populated 0", and directories that the container made below its own go first.
 */
#include "runtime/sandbox/cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "lib/sys.h"
#include "runtime/sandbox/devfilter.h"

#ifndef CGROUP2_SUPER_MAGIC
#define CGROUP2_SUPER_MAGIC 0x63677270
#endif

/* Where systems mount cgroup v2: alone, or beside v1 (systemd's hybrid layout). */
static const char *const mount_points[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

/* open_mount - the root of the cgroup v2 tree, or FD_EMPTY when there is none. */
static int open_mount(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_points); i++) {
		struct statfs fs;

		if (statfs(mount_points[i], &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return open(mount_points[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	return FD_EMPTY;
}

static int open_below(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (__u64)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};

	return sys_openat2(dir, path, &how, sizeof(how));
}

/* read_file - at most @size - 1 bytes of a cgroup file as a string. Returns the length or -1. */
static ssize_t read_file(int dir, const char *file, char *buf, size_t size)
{
	_cleanup_fd_ int fd = open_below(dir, file, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = read(fd, buf, size - 1);
	if (n >= 0)
		buf[n] = '\0';
	return n;
}

static int write_file(int dir, const char *file, const char *value)
{
	_cleanup_fd_ int fd = open_below(dir, file, O_WRONLY);
	size_t len = strlen(value);

	if (fd < 0)
		return -1;
	return write(fd, value, len) == (ssize_t)len ? 0 : -1;
}

/* has_word - is @word one of the blank-separated words of @text? */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += len)
		if ((p == text || p[-1] == ' ') && strchr(" \n", p[len]))
			return true;
	return false;
}

static bool unset(int64_t v)
{
	return v == LIMIT_UNSET;
}

/* needs - which controllers the plan's limits ask for. */
static size_t needs(const struct cgroup_plan *p, const char *names[3])
{
	size_t n = 0;

	if (!unset(p->memory_max_bytes) || !unset(p->memory_low_bytes) ||
	    !unset(p->memory_swap_max_bytes))
		names[n++] = "memory";
	if (!unset(p->cpu_weight) || !unset(p->cpu_quota_us) || !unset(p->cpu_period_us) ||
	    !unset(p->cpu_burst_us) || !unset(p->cpu_idle))
		names[n++] = "cpu";
	if (!unset(p->pids_max))
		names[n++] = "pids";
	return n;
}

/* enable - pass controller @name on from @dir to its children. */
static int enable(int dir, const char *name, const char *where, struct error *err)
{
	char controllers[256], enabled[256], word[32];

	if (read_file(dir, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0 ||
	    read_file(dir, "cgroup.controllers", controllers, sizeof(controllers)) < 0)
		return error_set(err, errno, "cannot read the controllers of cgroup `/%s`", where);
	if (has_word(enabled, name))
		return 0;
	if (!has_word(controllers, name)) {
		error_set(err, 0, "cannot limit %s: the controller is missing in cgroup `/%s`",
			  name, where);
		return error_hint(err, "it may be in use by cgroup v1: boot the host with "
				       "systemd.unified_cgroup_hierarchy=1, or remove the limit");
	}
	snprintf(word, sizeof(word), "+%s", name);
	if (write_file(dir, "cgroup.subtree_control", word) < 0) {
		int errnum = errno;

		error_set(err, errnum, "cannot enable the %s controller below cgroup `/%s`", name,
			  where);
		if (errnum == EBUSY)
			error_cause(err, "cgroup `/%s` has processes of its own", where);
		return -1;
	}
	return 0;
}

static int enable_all(int dir, const char *const *names, size_t n, const char *where,
		      struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (enable(dir, names[i], where, err) < 0)
			return -1;
	return 0;
}

/* check_path - refuse what openat2 would refuse later with a less helpful errno. */
static int check_path(const char *path, struct error *err)
{
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");

		if ((len == 2 && !memcmp(p, "..", 2)) || (len == 1 && *p == '.'))
			return error_set(err, EINVAL, "cgroup path `%s`", path);
		p += len;
		p += strspn(p, "/");
	}
	return 0;
}

/*
 * descend - make and open each directory of @path below @mount, enabling @names on the way.
 * Returns the last one; @existed tells whether it was there already.
 */
static int descend(int mount, const char *path, const char *const *names, size_t n_names,
		   bool *existed, struct error *err)
{
	_cleanup_fd_ int dir = open_below(mount, ".", O_RDONLY | O_DIRECTORY);
	char part[256];
	size_t at = 0;

	if (dir < 0)
		return error_set(err, errno, "cannot open the cgroup v2 mount");
	for (at = strspn(path, "/"); path[at];) {
		size_t len = strcspn(path + at, "/");
		char where[512];
		int next;

		if (len >= sizeof(part))
			return error_set(err, ENAMETOOLONG, "cgroup path `%s`", path);
		memcpy(part, path + at, len);
		part[len] = '\0';
		snprintf(where, sizeof(where), "%.*s", (int)at, path);
		if (enable_all(dir, names, n_names, where + strspn(where, "/"), err) < 0)
			return -1;
		*existed = mkdirat(dir, part, 0755) < 0;
		if (*existed && errno != EEXIST)
			return error_set(err, errno, "cannot make cgroup `%s`", path);
		next = open_below(dir, part, O_RDONLY | O_DIRECTORY);
		if (next < 0)
			return error_set(err, errno, "cannot open cgroup `%s`", path);
		replace_fd(&dir, next);
		at += len;
		at += strspn(path + at, "/");
	}
	return take_fd(&dir);
}

/* set - write one limit; @unit names the config's unit where the number alone would not tell. */
static int set(const struct cgroup *cg, const char *file, const char *value, struct error *err)
{
	if (write_file(cg->dir, file, value) < 0)
		return error_set(err, errno, "cannot write `%s` to %s of cgroup `%s`", value, file,
				 cg->path);
	return 0;
}

static int set_number(const struct cgroup *cg, const char *file, int64_t value, struct error *err)
{
	char text[32];

	if (unset(value))
		return 0;
	if (value == LIMIT_MAX)
		return set(cg, file, "max", err);
	snprintf(text, sizeof(text), "%lld", (long long)value);
	return set(cg, file, text, err);
}

/* set_cpu_max - quota and period share a file: "QUOTA PERIOD", both in microseconds. */
static int set_cpu_max(const struct cgroup *cg, const struct cgroup_plan *p, struct error *err)
{
	char text[64];
	int n;

	if (unset(p->cpu_quota_us) && unset(p->cpu_period_us))
		return 0;
	if (unset(p->cpu_quota_us) || p->cpu_quota_us == LIMIT_MAX)
		n = snprintf(text, sizeof(text), "max");
	else
		n = snprintf(text, sizeof(text), "%lld", (long long)p->cpu_quota_us);
	if (!unset(p->cpu_period_us))
		snprintf(text + n, sizeof(text) - (size_t)n, " %lld", (long long)p->cpu_period_us);
	return set(cg, "cpu.max", text, err);
}

/* check_unified_file - a key of `unified` is a file name of the cgroup's own directory. */
static int check_unified_file(const char *key, struct error *err)
{
	if (strchr(key, '/') || key[0] == '.' || !strncmp(key, "cgroup.", 7))
		return error_set(err, EINVAL, "linux.resources.unified: `%s` is not a limit", key);
	return 0;
}

static int set_limits(const struct cgroup *cg, const struct cgroup_plan *p, struct error *err)
{
	if (set_number(cg, "memory.max", p->memory_max_bytes, err) < 0 ||
	    set_number(cg, "memory.low", p->memory_low_bytes, err) < 0 ||
	    set_number(cg, "memory.swap.max", p->memory_swap_max_bytes, err) < 0 ||
	    set_number(cg, "cpu.weight", p->cpu_weight, err) < 0 ||
	    set_number(cg, "cpu.idle", p->cpu_idle, err) < 0 || set_cpu_max(cg, p, err) < 0 ||
	    set_number(cg, "cpu.max.burst", p->cpu_burst_us, err) < 0 ||
	    set_number(cg, "pids.max", p->pids_max, err) < 0)
		return -1;
	if ((p->cpus && set(cg, "cpuset.cpus", p->cpus, err) < 0) ||
	    (p->mems && set(cg, "cpuset.mems", p->mems, err) < 0))
		return -1;
	for (size_t i = 0; i < p->n_unified; i++)
		if (check_unified_file(p->unified[i].key, err) < 0 ||
		    set(cg, p->unified[i].key, p->unified[i].value, err) < 0)
			return -1;
	return 0;
}

/* refuse_limits - without a cgroup, a limit that was asked for is an error, not forgotten. */
static int refuse_limits(const struct cgroup_plan *p, enum cgroup_manager manager,
			 struct error *err)
{
	const char *names[3];
	size_t n = needs(p, names);

	if (!n && !p->cpus && !p->mems && !p->n_unified)
		return 0;
	if (manager == CGROUP_MANAGER_DISABLED)
		return error_set(err, 0, "cannot limit %s: --cgroup-manager=disabled",
				 n ? names[0] : "resources");
	error_set(err, 0, "cannot limit %s: no cgroup v2 tree is mounted",
		  n ? names[0] : "resources");
	return error_hint(err, "mount cgroup2 on /sys/fs/cgroup, or remove the limit");
}

/*
 * controllers_of - every controller the plan needs, the ones named by `unified` keys and cpuset
 * included. @names has room for 8; unified names are cut from their key into @buf.
 */
static size_t controllers_of(const struct cgroup_plan *p, const char *names[8], char buf[4][32])
{
	size_t n = needs(p, names), used = 0;

	if (p->cpus || p->mems)
		names[n++] = "cpuset";
	for (size_t i = 0; i < p->n_unified && used < 4; i++) {
		size_t len = strcspn(p->unified[i].key, ".");
		bool known = false;

		if (len >= 32 || !len)
			continue;
		memcpy(buf[used], p->unified[i].key, len);
		buf[used][len] = '\0';
		for (size_t k = 0; k < n; k++)
			known = known || !strcmp(names[k], buf[used]);
		if (!known)
			names[n++] = buf[used++];
	}
	return n;
}

/*
 * check_unused - a directory that was there already must be empty: what we did not make we would
 * kill when the container is deleted.
 */
static int check_unused(int dir, const char *path, struct error *err)
{
	char text[128];

	if (read_file(dir, "cgroup.events", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot look at cgroup `%s`", path);
	if (!strstr(text, "populated 0"))
		return error_set(err, EBUSY, "cgroup `%s` has processes already", path);
	return 0;
}

int cgroup_create(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		  const char *id, struct error *err)
{
	_cleanup_fd_ int mount = manager == CGROUP_MANAGER_FS ? open_mount() : FD_EMPTY;
	_cleanup_fd_ int dir = FD_EMPTY;
	const char *names[8];
	char unified[4][32];
	bool existed = false;
	size_t n;
	int len;

	if (mount < 0)
		return refuse_limits(plan, manager, err);
	if (plan->path)
		len = snprintf(cg->path, sizeof(cg->path), "%s%s",
			       plan->path[0] == '/' ? "" : "/cloison/", plan->path);
	else
		len = snprintf(cg->path, sizeof(cg->path), "/cloison/%s", id);
	if (len < 0 || (size_t)len >= sizeof(cg->path))
		return error_set(err, ENAMETOOLONG, "cgroup path of `%s`", id);
	if (check_path(cg->path, err) < 0)
		return -1;
	n = controllers_of(plan, names, unified);
	dir = descend(mount, cg->path, names, n, &existed, err);
	if (dir < 0 || (existed && check_unused(dir, cg->path, err) < 0))
		return -1;
	cg->dir = take_fd(&dir); /* from here on it is the container's, and removed with it */
	if (set_limits(cg, plan, err) < 0 || devfilter_attach(cg->dir, plan, err) < 0)
		return -1;
	return 0;
}

int cgroup_open(struct cgroup *cg, const char *path, struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;

	if (!*path)
		return 0;
	mount = open_mount();
	snprintf(cg->path, sizeof(cg->path), "%s", path);
	cg->dir = open_below(mount, path + strspn(path, "/"), O_RDONLY | O_DIRECTORY);
	if (cg->dir < 0)
		return error_set(err, errno, "cannot open cgroup `%s`", path);
	return 0;
}

int cgroup_kill(const struct cgroup *cg, struct error *err)
{
	if (cg->dir >= 0 && write_file(cg->dir, "cgroup.kill", "1") < 0)
		return error_set(err, errno, "cannot kill the processes of cgroup `%s`", cg->path);
	return 0;
}

int cgroup_signal(const struct cgroup *cg, int sig, struct error *err)
{
	int fd = open_below(cg->dir, "cgroup.procs", O_RDONLY);
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
	_cleanup_fd_ int fd = open_below(dir, "cgroup.events", O_RDONLY);
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
		int fd = open_below(top, len ? path : ".", O_RDONLY | O_DIRECTORY);
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

int cgroup_remove(const char *path, int timeout_ms, struct error *err)
{
	int64_t deadline_ms = now_ms() + timeout_ms;
	_cleanup_fd_ int mount = FD_EMPTY;
	_cleanup_fd_ int dir = FD_EMPTY;

	path += strspn(path, "/");
	if (!*path)
		return 0;
	mount = open_mount();
	if (mount < 0)
		return 0;
	if (unlinkat(mount, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY)
		return error_set(err, errno, "cannot remove cgroup `/%s`", path);
	dir = open_below(mount, path, O_RDONLY | O_DIRECTORY);
	if (dir < 0)
		return error_set(err, errno, "cannot open cgroup `/%s`", path);
	if (write_file(dir, "cgroup.freeze", "0") < 0 || write_file(dir, "cgroup.kill", "1") < 0)
		return error_set(err, errno, "cannot kill the processes of cgroup `/%s`", path);
	if (wait_empty(dir, deadline_ms) < 0)
		return error_set(err, errno, "processes are left in cgroup `/%s`", path);
	if (remove_below(dir) < 0)
		return error_set(err, errno, "cannot remove the directories in cgroup `/%s`", path);
	/* A process is a zombie before its cgroup lets go of it: rmdir may need a moment more. */
	while (unlinkat(mount, path, AT_REMOVEDIR) < 0) {
		struct timespec pause = {.tv_nsec = 1000000};

		if (errno == ENOENT)
			break;
		if (errno != EBUSY || now_ms() >= deadline_ms)
			return error_set(err, errno, "cannot remove cgroup `/%s`", path);
		nanosleep(&pause, NULL);
	}
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
	if (read_file(cg->dir, "memory.events", text, sizeof(text)) < 0) {
		if (errno == ENOENT) /* the controller is not enabled for it */
			return 0;
		return error_set(err, errno, "cannot read memory.events of cgroup `%s`", cg->path);
	}
	at = strstr(text, "oom_kill ");
	if (at)
		oom->oom_kill = strtoull(at + strlen("oom_kill "), NULL, 10);
	if (read_file(cg->dir, "memory.max", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot read memory.max of cgroup `%s`", cg->path);
	if (strncmp(text, "max", 3))
		oom->memory_max_bytes = strtoull(text, NULL, 10);
	return 0;
}
