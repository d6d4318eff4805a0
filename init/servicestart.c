/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * servicestart.c: the first process of a service.
 *
 * clone3(2) puts it into the service's cgroup. It gets what PID 1 must not hand on restored: signal mask,
 * descriptors, limits, environment. Signal dispositions need nothing, for execve(2) resets handlers and
 * PID 1 ignores no signal; oom_score_adj neither, for PID 1 keeps the kernel's 0 (the OOM killer never
 * takes the global init).
 *
 * Descriptors: 0 is /dev/null, 1 and 2 the log's pipe or the console, or all three the terminal; then, from
 * 3 on without a gap, the one for readiness and the channel, as far as they are asked for. Low numbers,
 * because a shell can redirect to 3 to 9 only.
 */
#include "init/servicestart.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "init/console.h"
#include "init/notify.h"
#include "init/say.h"
#include "lib/fd.h"
#include "lib/init_channel.h"
#include "lib/sys.h"

#define FIRST_HIGH_FD 16
#define OWN_VARIABLES 8 /* those that are not of the definition */

struct variables {
	char *list[SERVICE_ENVIRONMENT + OWN_VARIABLES + 1];
	size_t count;
	char numbers[4][48];
	size_t numbers_used;
};

/* add - unless the definition has set a variable of this name. */
static void add(struct variables *v, const char *variable)
{
	size_t name = strcspn(variable, "=") + 1;

	for (size_t i = 0; i < v->count; i++)
		if (strncmp(v->list[i], variable, name) == 0)
			return;
	v->list[v->count++] = (char *)(uintptr_t)variable;
}

static void add_number(struct variables *v, const char *name, unsigned long long number)
{
	char *text = v->numbers[v->numbers_used++];

	snprintf(text, sizeof(v->numbers[0]), "%s=%llu", name, number);
	add(v, text);
}

/* raise_fd - a copy of @fd that is in nobody's way below; an empty one stays empty. */
static int raise_fd(int fd)
{
	return fd < 0 ? FD_EMPTY : fcntl(fd, F_DUPFD_CLOEXEC, FIRST_HIGH_FD);
}

/* hand_on - make @fd the descriptor *@next of the new program, and tell it. 0, or -1 with errno. */
static int hand_on(int fd, int *next, struct variables *v, const char *name)
{
	if (fd == FD_EMPTY)
		return 0;
	if (fd < 0 || dup2(fd, *next) < 0)
		return -1;
	add_number(v, name, (unsigned long long)*next);
	(*next)++;
	return 0;
}

/*
 * hand_on_all - the descriptors from 3 on. What is there is PID 1's, its console among it, to which a
 * failure of execve(2) must still be said and not to a descriptor of the service.
 */
static int hand_on_all(const struct start_fds *fds, struct variables *v)
{
	int next = STDERR_FILENO + 1;
	int ready, channel, console;

	if (fds->ready < 0 && fds->channel < 0)
		return 0;
	console = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	say_to(raise_fd(console));
	ready = raise_fd(fds->ready);
	channel = raise_fd(fds->channel);
	if (hand_on(ready, &next, v, SERVICE_READY_ENV) < 0)
		return -1;
	return hand_on(channel, &next, v, INIT_CHANNEL_ENV);
}

/* set_stdio - descriptors 0 to 2, and a session of its own. 0, or -1 with errno. */
static int set_stdio(const struct service_def *d, int log)
{
	_cleanup_fd_ int null = FD_EMPTY;

	if (d->terminal && console_terminal())
		return console_attach();
	if (d->log == LOG_CONSOLE || d->terminal)
		return console_stdio();
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null < 0 || setsid() < 0)
		return -1;
	if (log < 0)
		log = null;
	return dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 ? -1 : 0;
}

/* set_identity - 0, or -1 with errno. */
static int set_identity(const struct service_def *d)
{
	if (d->uid == 0 && d->gid == 0)
		return 0;
	if (sys_setgroups(0, NULL) < 0 || sys_setresgid(d->gid, d->gid, d->gid) < 0)
		return -1;
	return sys_setresuid(d->uid, d->uid, d->uid);
}

/* become - in the child: turn into the service. */
static _Noreturn void become(const struct service_def *d, const struct start_fds *fds)
{
	static struct variables v;
	const struct rlimit nofile = {SERVICE_NOFILE_SOFT, SERVICE_NOFILE_HARD};
	sigset_t none;

	for (size_t i = 0; d->environment[i]; i++)
		v.list[v.count++] = d->environment[i];
	if (d->ready == READY_NOTIFY || d->watchdog_ms > 0)
		add(&v, "NOTIFY_SOCKET=" NOTIFY_SOCKET_PATH);
	if (d->watchdog_ms > 0)
		add_number(&v, "WATCHDOG_USEC", (unsigned long long)d->watchdog_ms * 1000);
	add(&v, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
	add(&v, d->uid == 0 ? "HOME=/root" : "HOME=/");
	add(&v, "TERM=vt102");
	setrlimit(RLIMIT_NOFILE, &nofile);

	if (set_stdio(d, fds->log) < 0) {
		say_error(errno, "service %s: cannot open its %s", d->name,
			  d->terminal && console_terminal() ? console_terminal()
							    : "standard input and output");
		_exit(126);
	}
	/* Everything is close-on-exec already; this is so that it need not be trusted. */
	sys_close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	if (hand_on_all(fds, &v) < 0) {
		say_error(errno, "service %s: cannot hand it its descriptors", d->name);
		_exit(126);
	}
	if (set_identity(d) < 0) {
		say_error(errno, "service %s: cannot become user %u, group %u", d->name,
			  (unsigned int)d->uid, (unsigned int)d->gid);
		_exit(126);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(d->path, d->argv, v.list);
	say_error(errno, "service %s: cannot execute `%s`", d->name, d->path);
	_exit(errno == ENOENT ? 127 : 126);
}

pid_t service_start(const struct service_def *d, const struct start_fds *fds)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	pid_t pid;

	if (fds->cgroup >= 0) {
		args.flags = CLONE_INTO_CGROUP;
		args.cgroup = (__u64)(unsigned int)fds->cgroup;
	}
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0)
		become(d, fds);
	return pid;
}
