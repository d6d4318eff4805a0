/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.c: a container's first process.
 *
 * It is told from another one of the same number by its start time, and is signalled through a pidfd. Its
 * exit status comes from whoever reaps it: PID 1, over the channel, or cloisond itself where it is the
 * subreaper. The pidfd tells that it has ended even when nobody can tell how: of a container that was
 * started by an earlier cloisond on a host without our init, for one.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "lib/sys.h"
#include "runtime/supervisor/supervisor.h"

#define STATUS_GRACE_MS 3000 /* a status comes this long after the end, or never */
#define LATE 64

/* Statuses of processes that nobody knows: one may turn out to be a container's, or an exec's. */
static struct late {
	pid_t pid;
	int status;
	int64_t time_ns;
} late[LATE];
static unsigned int next_late;

uint64_t process_start_ticks(pid_t pid)
{
	char path[32], text[512], *at;
	unsigned long long ticks = 0;
	unsigned int field;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return 0;
	/* The name, field 2, is in parentheses and may contain any. */
	at = strrchr(text, ')');
	for (field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at)
		ticks = strtoull(at, NULL, 10);
	return ticks;
}

/* status_missing - long after its end nobody has said how it ended. */
static void status_missing(struct loop_timer *timer)
{
	life_exited(owner_of(timer, struct container, timer), -1, now_ns());
}

void process_await_status(struct container *c)
{
	loop_after(&c->s->loop, &c->timer, STATUS_GRACE_MS, status_missing);
}

static void ended(struct loop_source *source, uint32_t events)
{
	struct container *c = owner_of(source, struct container, process);

	(void)events;
	loop_close(&c->s->loop, source);
	if (c->adopted)
		life_exited(c, -1, now_ns());
	else
		process_await_status(c);
}

static bool is_dead(int pidfd)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	return poll(&p, 1, 0) > 0;
}

bool process_adopt(struct container *c)
{
	_cleanup_fd_ int pidfd = sys_pidfd_open(c->pid, 0);
	struct error err = ERROR_INIT;
	uint64_t ticks;

	if (pidfd < 0)
		return false;
	/* The descriptor first: what /proc says afterwards is said of that process or of none. */
	ticks = process_start_ticks(c->pid);
	if (!ticks || is_dead(pidfd) || (c->start_ticks && c->start_ticks != ticks))
		return false;
	c->start_ticks = ticks;
	if (loop_add(&c->s->loop, &c->process, pidfd, EPOLLIN, ended, &err) < 0) {
		say_error(&err);
		return false;
	}
	(void)take_fd(&pidfd);
	return true;
}

int process_signal(struct container *c, int sig, struct error *err)
{
	if (c->process.fd < 0)
		return error_set(err, 0, "container %s is not running", c->name);
	if (sys_pidfd_send_signal(c->process.fd, sig, NULL, 0) < 0)
		return error_set(err, errno, "cannot send %s to container `%s`", signal_name(sig),
				 c->name);
	return 0;
}

/* has_ended - is the process of @c gone? After a start there may be no pidfd yet. */
static bool has_ended(const struct container *c)
{
	if (c->process.fd >= 0)
		return is_dead(c->process.fd);
	return process_start_ticks(c->pid) != c->start_ticks;
}

void process_ended(struct supervisor *s, pid_t pid, int status, int64_t time_ns)
{
	struct container *c = container_by_pid(s, pid);

	/* Of one that had the number before and whose record comes late the process is alive. */
	if (c && has_ended(c)) {
		life_exited(c, status, time_ns);
		return;
	}
	if (exec_ended(s, pid, status))
		return;
	late[next_late++ % LATE] = (struct late){pid, status, time_ns};
}

bool process_late(pid_t pid, int *status, int64_t *time_ns)
{
	for (size_t i = 0; i < LATE; i++) {
		if (!pid || late[i].pid != pid)
			continue;
		*status = late[i].status;
		*time_ns = late[i].time_ns;
		late[i].pid = 0;
		return true;
	}
	return false;
}

void process_reap(struct supervisor *s)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (!job_ended(s, pid, status))
			process_ended(s, pid, status, now_ns());
}
