/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rootless.c: containers of an ordinary user.
 *
 * Cloning mount trees takes rights over a mount namespace, so without root's the user namespace comes
 * first: before anything is prepared the runtime itself moves into the container's user namespace, new
 * or joined, and into a mount namespace that belongs to it. From there on a start is what it always is,
 * except that the user namespace is no longer to be made (NS_INSIDE). The runtime stays the same user on
 * the host, so its state directory stays its own; it is not dumpable, so nobody inside can trace it.
 *
 * The kernel lets a user map one id: its own, after setgroups(2) is given up. Everything else is up to
 * newuidmap and newgidmap (/etc/subuid, /etc/subgid), which only accept a caller outside of the
 * namespace: a helper process, forked before, calls them. Which way is taken follows from the maps.
 *
 * Root in a user namespace, as engines run us, needs the mount namespace alone, and that only when the
 * one it is in belongs to somebody else.
 *
 * Source: user_namespaces(7), newuidmap(1), ioctl_ns(2).
 */
#include <linux/nsfs.h>
#include <sched.h>
#include <spawn.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/sync.h"

/* One map, and the set-user-id program that writes it where we may not. */
struct mapping {
	const char *file, *program;
	const struct id_map *map;
	size_t n;
	bool by_program;
	char **argv; /* by_program only */
};

/* is_own - a map that the kernel takes from an ordinary user with id @id. */
static bool is_own(const struct id_map *map, size_t n, uint32_t id)
{
	return n == 1 && map[0].size == 1 && map[0].host_id == id;
}

/* prepare_mapping - decide who writes it; the program's arguments are made while we may allocate. */
static int prepare_mapping(struct mapping *m, uint32_t own, struct arena *arena, struct error *err)
{
	size_t used = 0;

	m->by_program = !is_own(m->map, m->n, own);
	if (!m->by_program)
		return 0;
	m->argv = arena_new(arena, char *, 2 + 3 * m->n + 1, err);
	if (!m->argv)
		return -1;
	m->argv[used++] = arena_strdup(arena, m->program, err);
	m->argv[used++] = arena_printf(arena, err, "%d", getpid());
	for (size_t i = 0; i < m->n; i++) {
		m->argv[used++] = arena_printf(arena, err, "%u", m->map[i].container_id);
		m->argv[used++] = arena_printf(arena, err, "%u", m->map[i].host_id);
		m->argv[used++] = arena_printf(arena, err, "%u", m->map[i].size);
	}
	for (size_t i = 0; i < used; i++)
		if (!m->argv[i])
			return -1;
	return 0;
}

/* first_line - what the program says of its failure; @fd is a pipe whose other end is closed. */
static void first_line(int fd, char *buf, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size - 1 && (n = read(fd, buf + used, size - 1 - used)) > 0)
		used += (size_t)n;
	buf[used] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

/* call_program - run newuidmap or newgidmap and see it succeed. */
static int call_program(const struct mapping *m, struct error *err)
{
	posix_spawn_file_actions_t actions;
	_cleanup_fd_ int said = FD_EMPTY;
	int fds[2], status, rc;
	char line[200];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	said = fds[0];
	rc = posix_spawn_file_actions_init(&actions);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(&actions, fds[1], STDERR_FILENO);
	if (!rc)
		rc = posix_spawnp(&pid, m->program, &actions, NULL, m->argv, environ);
	close_fd(fds[1]);
	if (rc) {
		error_set(err, rc, "cannot execute `%s`", m->program);
		return error_hint(err, "maps of more than one's own id need it: install uidmap, or "
				       "map your own id alone");
	}
	first_line(said, line, sizeof(line));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot wait for `%s`", m->program);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	error_set(err, 0, "%s did not write the container's %s", m->program, m->file);
	if (line[0])
		error_cause(err, "%.200s", line);
	return error_hint(err, "the ranges have to be yours in /etc/subuid and /etc/subgid");
}

/* helper_main - outside of the namespace: wait until it is there, have it mapped, say so. */
static _Noreturn void helper_main(int sock, const struct mapping maps[2])
{
	struct sync_msg msg;
	struct error err = ERROR_INIT;
	int fd = FD_EMPTY;

	if (sync_recv(sock, &msg, &fd) < 0 || msg.kind != SYNC_RECORDED)
		_exit(0); /* the runtime failed before, and says so itself */
	for (size_t i = 0; i < 2; i++) {
		if (maps[i].by_program && call_program(&maps[i], &err) < 0) {
			sync_send_text(sock, SYNC_ERROR, &err);
			_exit(0);
		}
	}
	msg = (struct sync_msg){.kind = SYNC_MAPPED};
	if (sync_send(sock, &msg, FD_EMPTY) < 0)
		_exit(1);
	_exit(0);
}

/* ask_helper - let the helper work and hear how it went. */
static int ask_helper(int sock, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_RECORDED};
	int fd = FD_EMPTY;

	if (sync_send(sock, &msg, FD_EMPTY) < 0 || sync_recv(sock, &msg, &fd) < 0)
		return error_set(err, errno, "cannot talk to the process that maps the ids");
	if (msg.kind == SYNC_ERROR)
		*err = msg.err;
	else if (msg.kind != SYNC_MAPPED)
		error_set(err, 0, "the process that maps the ids died");
	return msg.kind == SYNC_MAPPED ? 0 : -1;
}

/* write_own - the maps that the kernel takes from us. */
static int write_own(const struct mapping maps[2], struct error *err)
{
	_cleanup_fd_ int self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (self < 0)
		return error_set(err, errno, "cannot open `/proc/self`");
	if (!maps[1].by_program) {
		_cleanup_fd_ int fd = openat(self, "setgroups", O_WRONLY | O_CLOEXEC);

		if (fd < 0 || write(fd, "deny", 4) != 4)
			return error_set(err, errno, "cannot deny setgroups");
	}
	for (size_t i = 0; i < 2; i++)
		if (!maps[i].by_program &&
		    namespaces_write_map(self, maps[i].file, maps[i].map, maps[i].n, err) < 0)
			return -1;
	return 0;
}

/* enter_new - move into a new user namespace with the plan's maps. */
static int enter_new(const struct plan *plan, struct arena *arena, struct error *err)
{
	struct mapping maps[2] = {
		{"uid_map", "newuidmap", plan->uid_map, plan->n_uid_map, false, NULL},
		{"gid_map", "newgidmap", plan->gid_map, plan->n_gid_map, false, NULL},
	};
	int ours, theirs, rc;
	pid_t helper;

	if (prepare_mapping(&maps[0], geteuid(), arena, err) < 0 ||
	    prepare_mapping(&maps[1], getegid(), arena, err) < 0 ||
	    sync_pair(&ours, &theirs, err) < 0)
		return -1;
	helper = maps[0].by_program || maps[1].by_program ? fork() : 0;
	if (helper == 0 && (maps[0].by_program || maps[1].by_program)) {
		close_fd(ours);
		helper_main(theirs, maps);
	}
	close_fd(theirs);
	if (helper < 0) {
		rc = error_set(err, errno, "cannot make the process that maps the ids");
	} else if (unshare(CLONE_NEWUSER) < 0) {
		rc = error_set(err, errno, "cannot make a user namespace");
		error_hint(err, "the host may forbid them to ordinary users: see sysctl "
				"user.max_user_namespaces and kernel.unprivileged_userns_clone");
	} else {
		rc = write_own(maps, err);
		if (rc == 0 && helper > 0)
			rc = ask_helper(ours, err);
	}
	close_fd(ours);
	while (helper > 0 && waitpid(helper, NULL, 0) < 0 && errno == EINTR)
		;
	return rc;
}

/* enter_joined - move into the user namespace that the plan names. */
static int enter_joined(const char *path, struct error *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return error_set(err, errno, "cannot open the user namespace `%s`", path);
	if (ioctl(fd, NS_GET_NSTYPE) != CLONE_NEWUSER)
		return error_set(err, 0, "`%s` is not a user namespace", path);
	/* Who is in it already must not be able to trace us from here on; setns does not see to that. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the runtime undumpable");
	if (setns(fd, CLONE_NEWUSER) < 0)
		return error_set(err, errno, "cannot join the user namespace `%s`", path);
	return 0;
}

/* owns_mounts - does the mount namespace belong to the user namespace we are in? */
static int owns_mounts(bool *owns, struct error *err)
{
	_cleanup_fd_ int mnt = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int owner = mnt < 0 ? FD_EMPTY : ioctl(mnt, NS_GET_USERNS);
	struct stat of_mounts, own;

	*owns = false;
	if (owner < 0 && mnt >= 0 && errno == EPERM) /* it is beyond our sight */
		return 0;
	if (owner < 0 || fstat(owner, &of_mounts) < 0 || stat("/proc/self/ns/user", &own) < 0)
		return error_set(err, errno, "cannot tell whose the mount namespace is");
	*owns = of_mounts.st_ino == own.st_ino && of_mounts.st_dev == own.st_dev;
	return 0;
}

static int own_mounts(struct error *err)
{
	if (unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot make a mount namespace");
	if (sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "cannot make the mounts private");
	return 0;
}

int rootless_enter(const struct plan **plan, struct arena *arena, struct error *err)
{
	const struct ns_plan *user = &(*plan)->ns[NS_USER];
	struct plan *inside;
	bool owns = false;
	int rc;

	if (geteuid() == 0) {
		if (owns_mounts(&owns, err) < 0)
			return -1;
		return owns ? 0 : own_mounts(err);
	}
	if (user->mode == NS_HOST) {
		error_set(err, 0, "an ordinary user's container needs `user` in linux.namespaces");
		return error_hint(err, "`cloison spec --rootless` writes such a config.json");
	}
	inside = arena_new(arena, struct plan, 1, err);
	if (!inside)
		return -1;
	*inside = **plan;
	inside->ns[NS_USER] = (struct ns_plan){.mode = NS_INSIDE};
	rc = user->mode == NS_NEW ? enter_new(*plan, arena, err) : enter_joined(user->path, err);
	if (rc < 0 || own_mounts(err) < 0)
		return -1;
	*plan = inside;
	return 0;
}
