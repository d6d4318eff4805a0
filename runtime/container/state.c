/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.c: the state directory and the status derived from it. What is in it: state_file.c.
 */
#include "runtime/container/state.h"

#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>

#include "lib/sys.h"
#include "lib/text.h"

#define ID_MAX 128
#define LOCK_TIMEOUT_MS 10000

const char *status_name(enum status status)
{
	static const char *const names[] = {
		[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created",
		[STATUS_RUNNING] = "running",	[STATUS_PAUSED] = "paused",
		[STATUS_STOPPED] = "stopped",
	};

	return names[status];
}

int state_check_id(const char *id, struct error *err)
{
	size_t len = strlen(id);
	size_t good = strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				 "+-._");

	if (len && len <= ID_MAX && good == len && strcmp(id, ".") && strcmp(id, ".."))
		return 0;
	error_set(err, EINVAL, "container id `%.140s`", id);
	return error_hint(err, "use 1 to %d letters, digits and the signs + - . _", ID_MAX);
}

/*
 * make_root - make the directory of all containers and those above it: containerd's is
 * /run/containerd/runc/NAMESPACE, of which it makes nothing. Returns 0, or -1 with errno.
 */
static int make_root(const char *root)
{
	_cleanup_free_ char *path = strdup(root);

	if (!path)
		return -1;
	for (char *p = path + 1; *path && (p = strchr(p, '/')); *p++ = '/') {
		*p = '\0';
		if (mkdir(path, 0700) < 0 && errno != EEXIST)
			return -1;
	}
	return mkdir(root, 0700) < 0 && errno != EEXIST ? -1 : 0;
}

/* open_root - the directory of all containers, made when @make says so. */
enum make { FIND, MAKE };

static int open_root(const char *root, enum make make, struct error *err)
{
	int fd = sys_open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && make == MAKE) {
		if (make_root(root) < 0)
			return error_set(err, errno, "cannot make the state directory `%s`", root);
		fd = sys_open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return error_set(err, errno, "cannot open the state directory `%s`", root);
	return fd;
}

/*
 * still_there - is the directory behind @dir the one that @name names? It may have been deleted.
 * Returns 1 or 0, or -1 with errno.
 */
static int still_there(int parent, const char *name, int dir)
{
	struct stat a, b;

	if (fstat(dir, &a) < 0)
		return -1;
	if (fstatat(parent, name, &b, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -1;
	return a.st_ino == b.st_ino && a.st_dev == b.st_dev;
}

/*
 * check_owner - is what lies in @dir from us? Who may write to the directory of all containers can put
 * another one in the place of ours: its hooks would be run, its process and cgroup killed.
 */
static int check_owner(int dir, const char *id, struct error *err)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return error_set(err, errno, "cannot look at container `%s`", id);
	if (st.st_uid == geteuid() && !(st.st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	error_set(err, EPERM, "the state of container `%s` cannot be believed", id);
	return error_cause(err, "its directory belongs to user %u and has mode %04o", st.st_uid,
			   st.st_mode & 07777U);
}

/* lock_dir - lock @dir, waiting at most LOCK_TIMEOUT_MS. Returns 0, or -1 with errno. */
static int lock_dir(int dir)
{
	struct timespec pause = {.tv_nsec = 1000000};

	for (int waited_ms = 0; flock(dir, LOCK_EX | LOCK_NB) < 0; waited_ms++) {
		if (errno != EWOULDBLOCK)
			return -1;
		if (waited_ms >= LOCK_TIMEOUT_MS) {
			errno = ETIMEDOUT;
			return -1;
		}
		nanosleep(&pause, NULL);
	}
	return 0;
}

static int taken(const char *id, int errnum, struct error *err)
{
	error_set(err, errnum, "cannot make container `%s`", id);
	if (errnum == EEXIST)
		error_hint(err, "the id is taken; `cloison state %s` shows by what", id);
	return -1;
}

/*
 * unmake_dir - take the directory @id away again, in which there is nothing. Should it be another's by now,
 * one with a state in it stays, and who has not come to that yet makes it once more.
 */
static int unmake_dir(int parent, const char *id)
{
	(void)unlinkat(parent, id, AT_REMOVEDIR);
	return -1;
}

int state_make_dir(const char *root, const char *id, int *root_dir, int *file, struct error *err)
{
	_cleanup_fd_ int parent = FD_EMPTY;
	_cleanup_fd_ int dir = FD_EMPTY;
	_cleanup_fd_ int made = FD_EMPTY;

	if (state_check_id(id, err) < 0)
		return -1;
	parent = open_root(root, MAKE, err);
	if (parent < 0)
		return -1;
	/*
	 * Until it is locked somebody else may delete it again, and even make another of that name. In a
	 * directory that is deleted nothing can be made; in another's there is a state when it had the
	 * lock before us.
	 */
	while (made < 0) {
		if (mkdirat(parent, id, 0700) < 0)
			return taken(id, errno, err);
		replace_fd(&dir,
			   openat(parent, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
		if (dir < 0 && errno == ENOENT)
			continue;
		if (dir < 0 || flock(dir, LOCK_EX) < 0) {
			error_set(err, errno, "cannot lock container `%s`", id);
			return unmake_dir(parent, id);
		}
		made = openat(dir, STATE_FILE, O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_CLOEXEC,
			      0600);
		if (made < 0 && errno != ENOENT) {
			taken(id, errno, err);
			return unmake_dir(parent, id);
		}
	}
	if (flock(made, LOCK_EX) < 0) {
		error_set(err, errno, "cannot lock the state of container `%s`", id);
		(void)unlinkat(dir, STATE_FILE, 0);
		return unmake_dir(parent, id);
	}
	*root_dir = take_fd(&parent);
	*file = take_fd(&made);
	return take_fd(&dir);
}

int state_open_dir(const char *root, const char *id, enum state_lock lock, struct error *err)
{
	_cleanup_fd_ int parent = FD_EMPTY;
	_cleanup_fd_ int dir = FD_EMPTY;
	int there;

	if (state_check_id(id, err) < 0)
		return -1;
	parent = open_root(root, FIND, err);
	if (parent < 0 && err->errnum == ENOENT)
		return error_set(err, ENOENT, "container `%s` does not exist", id);
	if (parent < 0)
		return -1;
	dir = openat(parent, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0 && errno == ENOENT)
		return error_set(err, ENOENT, "container `%s` does not exist", id);
	if (dir < 0)
		return error_set(err, errno, "cannot open the state of container `%s`", id);
	if (lock != STATE_LOOK && check_owner(dir, id, err) < 0)
		return -1;
	if (lock == STATE_LOCKED) {
		if (lock_dir(dir) < 0)
			return error_set(err, errno, "cannot lock container `%s`", id);
		/* Whoever held the lock may have deleted it. */
		there = still_there(parent, id, dir);
		if (there < 0)
			return error_set(err, errno, "cannot look at container `%s`", id);
		if (!there)
			return error_set(err, ENOENT, "container `%s` does not exist", id);
	}
	return take_fd(&dir);
}

int state_open_root(const char *root, struct error *err)
{
	return open_root(root, FIND, err);
}

int state_relock(int root, const char *id, int dir, struct error *err)
{
	int there;

	if (lock_dir(dir) < 0)
		return error_set(err, errno, "cannot lock container `%s`", id);
	there = still_there(root, id, dir);
	return there < 0 ? error_set(err, errno, "cannot look at container `%s`", id) : there;
}

/*
 * remove_files - what else a container may have had here: the socket of `create`, notes for `why`,
 * where a `kill` may leave one at the last moment, a notify socket. Few have any, so they are looked for
 * when they are in the way. Returns 0, or -1 with errno.
 */
static int remove_files(int dir)
{
	static const char *const files[] = {START_SOCKET, START_SOCKET_NEW, WHY_KILL, WHY_START,
					    "notify/notify.sock"};

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (unlinkat(dir, files[i], 0) < 0 && errno != ENOENT)
			return -1;
	return unlinkat(dir, "notify", AT_REMOVEDIR) < 0 && errno != ENOENT ? -1 : 0;
}

int state_remove_dir(int root, const char *id, int dir, struct error *err)
{
	static const char *const files[] = {STATE_FILE, "config.json"};
	int rc;

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (unlinkat(dir, files[i], 0) < 0 && errno != ENOENT)
			return error_set(err, errno, "cannot remove `%s` of container `%s`",
					 files[i], id);
	rc = unlinkat(root, id, AT_REMOVEDIR);
	for (int tries = 0; rc < 0 && errno == ENOTEMPTY && tries < 3; tries++) {
		rc = remove_files(dir);
		if (!rc)
			rc = unlinkat(root, id, AT_REMOVEDIR);
	}
	if (rc < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove the state of container `%s`", id);
	return 0;
}

/* ---- what the kernel knows ------------------------------------------------------------------- */

/* parse_stat - fields 3 and 22 of the text of /proc/PID/stat. Returns 0, or -1 with EPROTO. */
static int parse_stat(const char *text, uint64_t *ticks, char *letter)
{
	/* The name in parentheses may hold anything, also parentheses: the last one ends it. */
	const char *p = strrchr(text, ')');

	errno = EPROTO;
	if (!p || p[1] != ' ')
		return -1;
	p += 2;
	*letter = *p;
	for (int field = 3; field < 22; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -1;
		p++;
	}
	*ticks = strtoull(p, NULL, 10);
	return 0;
}

/* start_ticks - field 22 of /proc/PID/stat, and its state letter. Returns 0, or -1 with errno. */
static int start_ticks(pid_t pid, uint64_t *ticks, char *letter)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char path[32], text[1024];
	size_t length = text_append(path, sizeof(path), 0, "/proc/");
	ssize_t n;

	length = text_append_number(path, sizeof(path), length, (uint64_t)pid);
	(void)text_append(path, sizeof(path), length, "/stat");
	fd = sys_open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return -1;
	text[n] = '\0';
	return parse_stat(text, ticks, letter);
}

uint64_t state_now_ticks(void)
{
	uint64_t hz = (uint64_t)sysconf(_SC_CLK_TCK);
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return (uint64_t)now.tv_sec * hz + (uint64_t)now.tv_nsec / (1000000000 / hz);
}

bool state_is_process(const struct state *state, char *letter)
{
	uint64_t ticks;

	if (start_ticks(state->pid, &ticks, letter) < 0)
		return false;
	errno = ESRCH;
	return ticks >= state->start_ticks && ticks <= state->start_ticks_end;
}

int state_pidfd(const struct state *state, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char letter;

	if (state->pid > 0)
		fd = sys_pidfd_open(state->pid, 0);
	else
		errno = ESRCH;
	if (fd < 0)
		return error_set(err, errno, "the process of container `%s`", state->id);
	/*
	 * The number may be another process's by now, or become one's between the two calls. Either way
	 * that one began later, and the descriptor is of a process that is not the container's only if
	 * stat then says so.
	 */
	if (!state_is_process(state, &letter)) {
		/* What cannot be looked at is not gone: it would be deleted under a container that runs. */
		if (errno != ENOENT && errno != ESRCH)
			return error_set(err, errno, "cannot look at process %d of container `%s`",
					 state->pid, state->id);
		return error_set(err, ESRCH, "the process of container `%s`", state->id);
	}
	if (letter == 'Z' || letter == 'X')
		return error_set(err, ESRCH, "the process of container `%s`", state->id);
	return take_fd(&fd);
}

int state_status(int dir, const struct state *state, enum status *status, struct error *err)
{
	_cleanup_fd_ int pidfd = FD_EMPTY;

	return state_look(dir, FD_EMPTY, state, status, &pidfd, err);
}

int state_look(int dir, int file, const struct state *state, enum status *status, int *pidfd,
	       struct error *err)
{
	_cleanup_fd_ int own = FD_EMPTY;

	if (state->pid == 0) {
		/* A `create` at work holds the directory's lock; a killed one does not. */
		bool busy = flock(dir, LOCK_SH | LOCK_NB) < 0;

		if (busy && errno != EWOULDBLOCK)
			return error_set(err, errno, "cannot look at container `%s`", state->id);
		if (!busy)
			flock(dir, LOCK_UN);
		*status = busy ? STATUS_CREATING : STATUS_STOPPED;
		return 0;
	}
	*pidfd = state_pidfd(state, err);
	if (*pidfd < 0) {
		if (err->errnum != ESRCH)
			return -1;
		*status = STATUS_STOPPED;
		return 0;
	}
	*status = STATUS_RUNNING;
	if (file < 0) {
		own = openat(dir, STATE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
		file = own;
	}
	if (file < 0)
		return errno == ENOENT
			       ? 0
			       : error_set(err, errno, "cannot look at container `%s`", state->id);
	if (flock(file, LOCK_SH | LOCK_NB) == 0)
		return 0;
	if (errno != EWOULDBLOCK)
		return error_set(err, errno, "cannot look at container `%s`", state->id);
	*status = STATUS_CREATED;
	return 0;
}

int state_await_execve(int dir, struct error *err)
{
	_cleanup_fd_ int fd = openat(dir, STATE_FILE, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 && errno == ENOENT) /* deleted meanwhile */
		return 0;
	if (fd < 0)
		return error_set(err, errno, "cannot open the container's state");
	while (flock(fd, LOCK_SH) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot wait for the lock on the state");
	return 0;
}
