/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_tree.c: the processes of a container's cgroup and of those it has made below.
 *
 * A container may make cgroups of its own (systemd inside does), so "all its processes" is a walk
 * over directories while processes fork and move. Who signals therefore freezes the tree first:
 * what is frozen neither forks nor moves nor ends, except by SIGKILL.
 *
 * A cgroup of type "threaded" has no list of processes; they are listed where its domain begins.
 * That is never above the container's own cgroup: one with processes cannot become threaded.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "runtime/sandbox/cgroup.h"
#include "runtime/sandbox/cgroupfs.h"

#define MAX_CGROUPS 65536
#define SIGNAL_FREEZE_MS 1000
#define AWAIT_THAW_MS 500

/* ---- frozen or not --------------------------------------------------------------------------- */

int cgroup_is_frozen(const struct cgroup *cg, bool *frozen, struct error *err)
{
	char text[16];

	*frozen = false;
	if (cg->dir < 0)
		return 0;
	if (cgroupfs_read(cg->dir, "cgroup.freeze", text, sizeof(text)) < 0) {
		if (errno == ENOENT || errno == ENODEV) /* removed meanwhile */
			return 0;
		return error_set(err, errno, "cannot read cgroup.freeze of cgroup `%s`", cg->path);
	}
	*frozen = text[0] == '1';
	return 0;
}

/* set_frozen - write cgroup.freeze and wait until the kernel says that it is so. */
static int set_frozen(const struct cgroup *cg, bool freeze, int timeout_ms, struct error *err)
{
	if (cgroupfs_write(cg->dir, "cgroup.freeze", freeze ? "1" : "0") < 0)
		return error_set(err, errno, "cannot write cgroup.freeze of cgroup `%s`", cg->path);
	if (cgroupfs_await_event(cg->dir, freeze ? "frozen 1" : "frozen 0",
				 cgroupfs_now_ms() + timeout_ms) < 0)
		return error_set(err, errno, "the processes of cgroup `%s` do not %s", cg->path,
				 freeze ? "freeze" : "thaw");
	return 0;
}

int cgroup_freeze(const struct cgroup *cg, int timeout_ms, struct error *err)
{
	if (set_frozen(cg, true, timeout_ms, err) == 0)
		return 0;
	cgroup_name_stuck(cg->dir, err);
	/* All or nothing: half of a container paused helps nobody. The first error is the one to show. */
	if (cgroupfs_write(cg->dir, "cgroup.freeze", "0") < 0)
		return error_wrap(err, "it stays half frozen");
	return -1;
}

int cgroup_thaw(const struct cgroup *cg, int timeout_ms, struct error *err)
{
	if (set_frozen(cg, false, timeout_ms, err) == 0)
		return 0;
	if (err->errnum == ETIMEDOUT)
		error_hint(err, "a cgroup above may be frozen: see its cgroup.freeze");
	return -1;
}

int cgroup_await_thaw(const struct cgroup *cg, int pidfd, struct error *err)
{
	_cleanup_fd_ int events = cgroupfs_open(cg->dir, "cgroup.events", O_RDONLY);
	struct pollfd p[2] = {{.fd = events, .events = POLLPRI}, {.fd = pidfd, .events = POLLIN}};
	bool frozen = true;
	char text[128];

	if (events < 0)
		return error_set(err, errno, "cannot open cgroup.events of cgroup `%s`", cg->path);
	while (frozen) {
		/* A pause that is taken back before all have stopped is no event: so not for ever. */
		if (poll(p, ARRAY_SIZE(p), AWAIT_THAW_MS) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for cgroup `%s`", cg->path);
		if (p[1].revents)
			return error_set(err, ESRCH, "the container ended while it was paused");
		/* Not to be told of the same change again. */
		if (pread(events, text, sizeof(text), 0) < 0 && errno != ENODEV)
			return error_set(err, errno, "cannot read cgroup.events of cgroup `%s`",
					 cg->path);
		if (cgroup_is_frozen(cg, &frozen, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- lists ----------------------------------------------------------------------------------- */

/* A growing list in an arena; what it grew out of stays there until the arena dies. */
struct names {
	struct arena *arena;
	const char **at;
	size_t n, room;
};

static int add_name(struct names *l, const char *name, struct error *err)
{
	if (l->n == MAX_CGROUPS)
		return error_set(err, E2BIG, "more than %d cgroups", MAX_CGROUPS);
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 16;
		const char **at = arena_new(l->arena, const char *, room, err);

		if (!at)
			return -1;
		if (l->n)
			memcpy(at, l->at, l->n * sizeof(*at));
		l->at = at;
		l->room = room;
	}
	l->at[l->n++] = name;
	return 0;
}

static int add_pid(struct cgroup_pids *l, struct arena *arena, pid_t pid, struct error *err)
{
	if (l->n == l->room) {
		size_t room = l->room ? l->room * 2 : 64;
		pid_t *at = arena_new(arena, pid_t, room, err);

		if (!at)
			return -1;
		if (l->n)
			memcpy(at, l->at, l->n * sizeof(*at));
		l->at = at;
		l->room = room;
	}
	l->at[l->n++] = pid;
	return 0;
}

/* list_children - add the directories of @path to the list. */
static int list_children(const struct cgroup *cg, const char *path, struct names *l,
			 struct error *err)
{
	int fd = cgroupfs_open(cg->dir, path, O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;

	if (!d && errno == ENOENT) /* removed meanwhile */
		return 0;
	if (!d) {
		error_set(err, errno, "cannot list the cgroups in `%s`", cg->path);
		close_fd(fd);
		return -1;
	}
	while ((e = readdir(d))) {
		const char *name;

		if (e->d_type != DT_DIR || !strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		name = arena_path(l->arena, path, e->d_name, err);
		if (!name || add_name(l, name, err) < 0)
			return -1;
	}
	return 0;
}

/* read_pids - add what @path's list holds. Returns 0, or -1 with errno and, if no memory, @err. */
static int read_pids(int top, const char *path, struct arena *arena, struct cgroup_pids *l,
		     struct error *err)
{
	_cleanup_fd_ int dir = cgroupfs_open(top, path, O_RDONLY | O_DIRECTORY);
	int fd = dir < 0 ? -1 : cgroupfs_open(dir, "cgroup.procs", O_RDONLY);
	_cleanup_file_ FILE *f = fd < 0 ? NULL : fdopen(fd, "re");
	int pid;

	if (!f) {
		close_fd(fd);
		return -1;
	}
	errno = 0;
	while (fscanf(f, "%d", &pid) == 1) {
		/* 0: a process of another pid namespace than ours */
		if (pid > 0 && add_pid(l, arena, pid, err) < 0)
			return -1;
		errno = 0;
	}
	return ferror(f) ? -1 : 0;
}

static int list_one(const struct cgroup *cg, const char *path, struct arena *arena,
		    struct cgroup_pids *l, struct error *err)
{
	if (read_pids(cg->dir, path, arena, l, err) == 0)
		return 0;
	/* Threaded: listed where its domain begins. Or removed meanwhile. */
	if (errno == EOPNOTSUPP || errno == ENOENT || errno == ENODEV)
		return 0;
	return error_set(err, errno, "cannot list the processes of cgroup `%s`", cg->path);
}

int cgroup_list(const struct cgroup *cg, struct arena *arena, struct cgroup_pids *l,
		struct error *err)
{
	struct names names = {.arena = arena};

	*l = (struct cgroup_pids){0};
	if (add_name(&names, ".", err) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		if (list_one(cg, names.at[i], arena, l, err) < 0 ||
		    list_children(cg, names.at[i], &names, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- signals --------------------------------------------------------------------------------- */

static int signal_listed(const struct cgroup *cg, int sig, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct cgroup_pids l;

	if (cgroup_list(cg, &arena, &l, err) < 0)
		return -1;
	for (size_t i = 0; i < l.n; i++) {
		/* A process that ended since the kernel listed it needs no signal. */
		if (kill(l.at[i], sig) < 0 && errno != ESRCH)
			return error_set(err, errno, "cannot send signal %d to process %d", sig,
					 l.at[i]);
	}
	return 0;
}

int cgroup_signal(const struct cgroup *cg, int sig, struct error *err)
{
	bool paused;
	int rc;

	if (cgroup_is_frozen(cg, &paused, err) < 0)
		return -1;
	if (paused) /* they get it when they are resumed; it is not ours to wake them */
		return signal_listed(cg, sig, err);
	if (cgroupfs_write(cg->dir, "cgroup.freeze", "1") < 0)
		return error_set(err, errno, "cannot freeze cgroup `%s`", cg->path);
	/*
	 * A process in an uninterruptible wait freezes later. It does not fork while it waits, so
	 * that the list is right all the same, and waiting longer for it would be for nothing.
	 */
	if (cgroupfs_await_event(cg->dir, "frozen 1", cgroupfs_now_ms() + SIGNAL_FREEZE_MS) < 0 &&
	    errno != ETIMEDOUT)
		rc = error_set(err, errno, "cannot freeze cgroup `%s`", cg->path);
	else
		rc = signal_listed(cg, sig, err);
	if (cgroupfs_write(cg->dir, "cgroup.freeze", "0") < 0 && errno != ENODEV)
		return rc < 0 ? -1 : error_set(err, errno, "cannot thaw cgroup `%s`", cg->path);
	return rc;
}

/* cgroup.kill came with Linux 5.14. */
int cgroup_kill(const struct cgroup *cg, struct error *err)
{
	if (cg->dir < 0 || cgroupfs_write(cg->dir, "cgroup.kill", "1") == 0)
		return 0;
	if (errno == ENOENT)
		return cgroup_signal(cg, SIGKILL, err);
	return error_set(err, errno, "cannot kill the processes of cgroup `%s`", cg->path);
}

/* ---- who does not end ------------------------------------------------------------------------ */

/* read_proc - /proc/PID/FILE as a string, "" when there is none. */
static void read_proc(pid_t pid, const char *file, char *buf, size_t size)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char path[48];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, buf, size - 1);
	buf[n < 0 ? 0 : n] = '\0';
}

/* state_letter - from /proc/PID/stat: "PID (name) LETTER"; the name may hold anything. */
static char state_letter(pid_t pid)
{
	char text[256], *end;

	read_proc(pid, "stat", text, sizeof(text));
	end = strrchr(text, ')');
	return end && end[1] == ' ' ? end[2] : '?';
}

void process_name_wait(pid_t pid, struct error *err)
{
	char name[32], wchan[64];
	bool waits;

	read_proc(pid, "comm", name, sizeof(name));
	name[strcspn(name, "\n")] = '\0';
	read_proc(pid, "wchan", wchan, sizeof(wchan));
	waits = *wchan && strcmp(wchan, "0") != 0;
	error_cause(err, "process %d (%s) is in state %c%s%s", pid, name, state_letter(pid),
		    waits ? ", in the kernel's " : "", waits ? wchan : "");
}

void cgroup_name_stuck(int dir, struct error *err)
{
	const struct cgroup cg = {.dir = dir};
	_cleanup_arena_ struct arena arena = {0};
	struct error ignored = ERROR_INIT;
	struct cgroup_pids l;
	pid_t pid = 0;

	/* Only to say more about @err: what fails here is not told. */
	if (cgroup_list(&cg, &arena, &l, &ignored) < 0)
		return;
	for (size_t i = 0; i < l.n; i++)
		if (pid == 0 || state_letter(l.at[i]) == 'D')
			pid = l.at[i];
	if (pid)
		process_name_wait(pid, err);
}
