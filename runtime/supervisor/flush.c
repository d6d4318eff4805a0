/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flush.c: what clients are told is on the disk before they are told it.
 *
 * That cloisond may be killed at any moment takes no more than a rename: the kernel has the files. That
 * the power may go takes fsync(2), which can take seconds on a disk that others write to, and the loop
 * does not wait. So changes are counted; what a client is told of them waits in its buffer (client.c);
 * and a child has the files of all that were changed by then written out, with their directories. So
 * `run -d` takes five calls: the request, the configuration, the state, the container's directory and the
 * one above. A stop takes two. How far a container came between `run` and running needs none of its own:
 * under another kernel that means nothing (boot.c). What nobody waits for, such as an exit status, is
 * written out a second later.
 *
 * Files are replaced by rename, and not every file system has the new one on the disk before the old one
 * is gone: after a power cut it may be empty. So each file has a second name, NAME.kept, which is that of
 * the last version that is known to be on the disk: the child links the file, has it written out and only
 * then replaces NAME.kept by it. Under another kernel that is the one that counts (flush_restore). Who has
 * a state.kept was, or could have been, told of; a directory without one nobody knows (recover.c).
 *
 * A flush that fails has not taken place: those who wait are told so, it is said, and tried again. So does one
 * of a state that is not even in its file, for which a full disk may have no room. The kernel tells of an error
 * once and takes the file for written then; so what is tried again is copied and not linked.
 *
 * The child is no more than a wait for the disk, but such a wait cannot be interrupted: as long as it lasts,
 * the child of a cloisond that was killed is there, and whoever waits for all processes of the service to
 * be gone before it is started anew, as PID 1 does, waits too. The new one would have to wait for the same
 * disk.
 *
 * On a file system in memory all of this is left out: a state for which there is no memory is said to be lost, on
 * the console and in the log, and not to the client.
 */
#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "lib/sys.h"
#include "runtime/supervisor/supervisor.h"

#define SOON_MS 1000
#define RETRY_MS 2000
#define FINISH_MS 2000
#define FEW 8 /* containers; more are written with all else that the file system has */

static const struct {
	const char *name, *part, *kept;
	enum flush_what of;
} files[] = {
	{"request.json", "request.json.keep", "request.json.kept", FLUSH_REQUEST},
	{"config.json", "config.json.keep", "config.json.kept", FLUSH_REQUEST},
	{"state", "state.keep", STATE_KEPT, FLUSH_STATE}, /* the last: it says that all are there */
};

int flush_begin(struct supervisor *s, struct error *err)
{
	struct statfs fs;

	if (fstatfs(s->containers_dir, &fs) < 0)
		return error_set(err, errno, "cannot look at the file system of `%s`", s->dir);
	s->flush.needed = fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC;
	return 0;
}

/* ---- files: in the child, but for what recovery does with them ------------------------------- */

static int copy(int dir, const char *from, const char *to)
{
	_cleanup_fd_ int in = openat(dir, from, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	_cleanup_fd_ int out = FD_EMPTY;
	ssize_t n;

	if (in < 0)
		return -1;
	out = openat(dir, to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out < 0)
		return -1;
	do
		n = sendfile(out, in, NULL, 1 << 20);
	while (n > 0);
	return n < 0 ? -1 : 0;
}

/* name_also - @to is @from as it is now, and whoever replaces that leaves it alone. */
static int name_also(int dir, const char *from, const char *to, bool copied)
{
	if (unlinkat(dir, to, 0) < 0 && errno != ENOENT)
		return -1;
	if (!copied && linkat(dir, from, dir, to, 0) == 0)
		return 0;
	/* EPERM: a file system without links */
	return copied || errno == EPERM || errno == EOPNOTSUPP ? copy(dir, from, to) : -1;
}

/* put_in_place - @from becomes @to; nothing happens when that is the same file already. */
static int put_in_place(int dir, const char *from, const char *to)
{
	if (renameat(dir, from, dir, to) < 0)
		return -1;
	return unlinkat(dir, from, 0) < 0 && errno != ENOENT ? -1 : 0;
}

static int write_out(int dir, const char *name)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);

	return fd < 0 ? -1 : fsync(fd);
}

/* outcome - of a step: the first error is kept; what is gone was removed meanwhile, and is no fault. */
static void outcome(int *errnum, int rc)
{
	if (rc < 0 && errno != ENOENT && !*errnum)
		*errnum = errno;
}

static bool concerns(const struct container *c, size_t i)
{
	return (c->unflushed & files[i].of) != 0;
}

static int open_dir(int containers, const struct container *c)
{
	return openat(containers, c->id, O_DIRECTORY | O_RDONLY | O_CLOEXEC);
}

/* set_aside - the first half: what is to be kept, and if @each on the disk. */
static void set_aside(int containers, const struct container *c, bool each, int *errnum)
{
	_cleanup_fd_ int dir = open_dir(containers, c);
	bool copied = c->s->flush.errnum != 0;

	outcome(errnum, dir);
	for (size_t i = 0; dir >= 0 && i < ARRAY_SIZE(files); i++) {
		int rc;

		if (!concerns(c, i))
			continue;
		rc = name_also(dir, files[i].name, files[i].part, copied);
		if (rc == 0 && each)
			rc = write_out(dir, files[i].part);
		outcome(errnum, rc);
		if (rc < 0)
			(void)unlinkat(dir, files[i].part, 0);
	}
}

/* keep - the second half. */
static void keep(int containers, const struct container *c, bool each, int *errnum)
{
	_cleanup_fd_ int dir = open_dir(containers, c);

	outcome(errnum, dir);
	if (dir < 0)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (concerns(c, i))
			outcome(errnum, put_in_place(dir, files[i].part, files[i].kept));
	if (each)
		outcome(errnum, write_out(dir, "."));
}

static bool are_few(const struct supervisor *s)
{
	unsigned int n = 0;

	for (const struct container *c = s->containers; c; c = c->next)
		n += c->unflushed != 0;
	return n <= FEW;
}

/* first_unsaved - why a state is not in its file at all, so that it cannot be on the disk; 0: they all are */
static int first_unsaved(const struct supervisor *s)
{
	for (const struct container *c = s->containers; c; c = c->next)
		if (c->unsaved)
			return c->unsaved;
	return 0;
}

/* write_all - all that can be written, whatever cannot. Returns the first error, or 0. */
static int write_all(void *arg, int containers)
{
	const struct supervisor *s = arg;
	bool each = are_few(s);
	int errnum = first_unsaved(s);

	for (const struct container *c = s->containers; c; c = c->next)
		if (c->unflushed)
			set_aside(containers, c, each, &errnum);
	/* Who has a state.kept is in the directory of all. */
	if (!each && syncfs(containers) < 0)
		return errno;
	if (each && s->flush.names)
		outcome(&errnum, write_out(containers, "."));
	for (const struct container *c = s->containers; c; c = c->next)
		if (c->unflushed)
			keep(containers, c, each, &errnum);
	if (!each && syncfs(containers) < 0)
		return errno;
	return errnum;
}

int flush_restore(int dir, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		if (name_also(dir, files[i].kept, files[i].part, false) == 0 &&
		    put_in_place(dir, files[i].part, files[i].name) == 0)
			continue;
		if (errno != ENOENT)
			return error_set(err, errno, "cannot put `%s` back", files[i].name);
	}
	return 0;
}

/* ---- when ------------------------------------------------------------------------------------ */

static void begin(struct loop_timer *timer);

static bool is_behind(const struct supervisor *s)
{
	return s->flush.changes > s->flush.done;
}

/* take - the changes so far are those that a child sees to. */
static void take(struct supervisor *s)
{
	s->flush.under_way = s->flush.changes;
	for (struct container *c = s->containers; c; c = c->next) {
		c->flushing = c->unflushed;
		c->unflushed = 0;
	}
	s->flush.flushing_names = s->flush.names;
	s->flush.names = false;
}

/* give_back - they are still to be written. */
static void give_back(struct supervisor *s)
{
	for (struct container *c = s->containers; c; c = c->next)
		c->unflushed |= c->flushing;
	s->flush.names |= s->flush.flushing_names;
}

/* not_written - @errnum: of the disk; 0: nothing is known of it, so that nobody is told anything yet */
static void not_written(struct supervisor *s, int errnum)
{
	struct error err = ERROR_INIT;

	s->flush.retrying = true;
	loop_after(&s->loop, &s->flush.timer, RETRY_MS, begin);
	if (!errnum)
		return;
	error_set(&err, errnum, "cannot have `%s` written to the disk", s->dir);
	if (errnum != s->flush.errnum)
		say_error(&err);
	s->flush.errnum = errnum;
	error_hint(&err, "it was done, but a power cut may undo it");
	clients_failed(s, &err);
}

static void done(struct job *job, int code, struct error *err)
{
	struct supervisor *s = job->s;

	(void)err;
	s->flush.job = NULL;
	if (code) {
		give_back(s);
		if (code > EXIT_BY_SIGNAL)
			say("who has `%s` written to the disk was ended by %s", s->dir,
			    signal_name(code - EXIT_BY_SIGNAL));
		not_written(s, code > EXIT_BY_SIGNAL ? 0 : code);
		return;
	}
	s->flush.errnum = 0;
	s->flush.done = s->flush.under_way;
	/* What came meanwhile is begun at once if somebody waits for it. */
	if (clients_told(s))
		flush_now(s);
	else if (is_behind(s))
		loop_after(&s->loop, &s->flush.timer, SOON_MS, begin);
}

static void begin(struct loop_timer *timer)
{
	struct supervisor *s = owner_of(timer, struct supervisor, flush.timer);
	struct error err = ERROR_INIT;

	for (struct container *c = s->containers; c; c = c->next)
		state_save_again(c);
	s->flush.job = job_fork(s, write_all, s, s->containers_dir, done, &err);
	if (s->flush.job) {
		s->flush.retrying = false;
		take(s);
		return;
	}
	say_error(&err);
	not_written(s, 0);
}

void flush_changed(struct supervisor *s, struct container *c, enum flush_what what)
{
	if (!s->flush.needed)
		return;
	if (c)
		c->unflushed |= what;
	s->flush.names |= (what & FLUSH_NAME) != 0;
	s->flush.changes++;
	if (!s->flush.job && !s->flush.timer.armed)
		loop_after(&s->loop, &s->flush.timer, SOON_MS, begin);
}

void flush_now(struct supervisor *s)
{
	/* At the end of the turn: others may change meanwhile. */
	if (is_behind(s) && !s->flush.job && !s->flush.retrying)
		loop_after(&s->loop, &s->flush.timer, 0, begin);
}

bool flush_is_over(const struct supervisor *s)
{
	return !is_behind(s) || (s->flush.errnum && !s->flush.job);
}

void flush_finish(struct supervisor *s)
{
	int64_t until = loop_now_ms() + FINISH_MS, left;

	while (!flush_is_over(s) && (left = until - loop_now_ms()) > 0) {
		struct pollfd p = {.events = POLLIN};
		pid_t pid;
		int status;

		if (!s->flush.job)
			begin(&s->flush.timer);
		if (!s->flush.job)
			return;
		pid = s->flush.job->pid;
		p.fd = sys_pidfd_open(pid, 0);
		if (p.fd < 0)
			return;
		if (poll(&p, 1, (int)left) > 0 && waitpid(pid, &status, 0) == pid)
			(void)job_ended(s, pid, status);
		close_fd(p.fd);
	}
}
