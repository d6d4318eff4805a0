/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * harness.c: spawn, one epoll loop, stamps, deadlines.
 *
 * Within one round of the loop output is handled before exits: a program that wrote and ended
 * between two rounds is seen in that order. After an exit the pipes are read until they are
 * empty, not until end of file: a detached container keeps its end of them open.
 */
#include "bench/harness.h"

#include "lib/sys.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#define EVENTS 32
#define KILL_DEADLINE_MS 10000

int64_t harness_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

void command_init(struct command *cmd)
{
	cmd->argc = cmd->used = 0;
	cmd->overflow = cmd->leashed = false;
	cmd->argv[0] = NULL;
}

void command_add(struct command *cmd, const char *fmt, ...)
{
	size_t room = sizeof(cmd->text) - cmd->used;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(cmd->text + cmd->used, room, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room || cmd->argc == COMMAND_ARGS) {
		cmd->overflow = true;
		return;
	}
	cmd->argv[cmd->argc++] = cmd->text + cmd->used;
	cmd->argv[cmd->argc] = NULL;
	cmd->used += (size_t)n + 1;
}

void command_text(const struct command *cmd, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (size_t i = 0; i < cmd->argc && used < size; i++) {
		bool quote = strchr(cmd->argv[i], ' ') != NULL;
		int n = snprintf(buf + used, size - used, "%s%s%s%s", i ? " " : "",
				 quote ? "'" : "", cmd->argv[i], quote ? "'" : "");

		used += n > 0 ? (size_t)n : 0;
	}
}

/* set_policy - by number: musl leaves sched_setscheduler to threads and refuses. */
static int set_policy(int policy, int priority)
{
	const struct sched_param param = {.sched_priority = priority};

	return (int)syscall(SYS_sched_setscheduler, 0, policy, &param);
}

/* hurry - be scheduled before everybody else. It was tried at the start, so it succeeds. */
static void hurry(const struct harness *h)
{
	if (h->may_hurry)
		set_policy(SCHED_FIFO | SCHED_RESET_ON_FORK, 1);
}

static void calm_down(const struct harness *h)
{
	if (h->may_hurry)
		set_policy(SCHED_OTHER, 0);
}

int harness_open(struct harness *h, struct error *err)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
	sigset_t set;

	*h = (struct harness){.epoll = FD_EMPTY,
			      .signals = FD_EMPTY,
			      .null = FD_EMPTY,
			      .leash = {FD_EMPTY, FD_EMPTY},
			      .kill_deadline_ms = KILL_DEADLINE_MS};
	/* What we were given (make's job server, say) is not for the systems under test. */
	if (sys_close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return error_set(err, errno, "cannot mark descriptors close-on-exec");
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(err, errno, "cannot block signals");
	h->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	h->epoll = epoll_create1(EPOLL_CLOEXEC);
	h->null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (h->signals < 0 || h->epoll < 0 || h->null < 0 || pipe2(h->leash, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot open the event loop's descriptors");
	if (epoll_ctl(h->epoll, EPOLL_CTL_ADD, h->signals, &ev) < 0)
		return error_set(err, errno, "cannot watch `signals`");
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot become the reaper of descendants");
	h->may_hurry = set_policy(SCHED_FIFO | SCHED_RESET_ON_FORK, 1) == 0;
	calm_down(h);
	return 0;
}

void harness_close(struct harness *h)
{
	close_fd(h->epoll);
	close_fd(h->signals);
	close_fd(h->null);
	close_fd(h->leash[0]);
	close_fd(h->leash[1]);
}

struct child *child_new(void)
{
	struct child *c = calloc(1, sizeof(*c));

	if (!c)
		return NULL;
	c->pidfd = c->out = c->err = FD_EMPTY;
	for (int i = 0; i < 3; i++)
		c->sources[i] = (struct source){c, (enum source_kind)i};
	return c;
}

/* child_reset - ready for the next program; keeps the memory. */
static void child_reset(struct child *c)
{
	replace_fd(&c->pidfd, FD_EMPTY);
	replace_fd(&c->out, FD_EMPTY);
	replace_fd(&c->err, FD_EMPTY);
	c->running = c->exited = false;
	c->status = 0;
	c->mark_count = c->output_size = c->errors_size = 0;
	c->output[0] = c->errors[0] = '\0';
	c->parser = (struct mark_parser){0};
	c->exited_ns = 0;
}

/*
 * reap_killed - wait for a process that SIGKILL was sent to. One that sleeps in the kernel does not
 * end, and nothing here may wait for ever: it is left to whoever reaps after us.
 */
static void reap_killed(pid_t pid)
{
	static const struct timespec pause = {0, 1000000};
	int64_t until = harness_now_ns() + (int64_t)KILL_DEADLINE_MS * 1000000;

	while (waitpid(pid, NULL, WNOHANG) == 0 && harness_now_ns() < until)
		nanosleep(&pause, NULL);
}

void child_free(struct child *c)
{
	if (!c)
		return;
	if (c->running) {
		kill(-c->pid, SIGKILL);
		reap_killed(c->pid);
	}
	close_fd(c->pidfd);
	close_fd(c->out);
	close_fd(c->err);
	free(c);
}

static void add_mark(const struct mark *mark, void *arg)
{
	struct child *c = arg;

	if (c->mark_count < CHILD_MARKS)
		c->marks[c->mark_count++] = *mark;
}

/* keep - append to a bounded text; what does not fit is dropped. */
static void keep(char *text, size_t *used, size_t size, const char *buf, size_t len)
{
	if (len > size - 1 - *used)
		len = size - 1 - *used;
	memcpy(text + *used, buf, len);
	*used += len;
	text[*used] = '\0';
}

/* read_some - one read from @fd. Returns whether there may be more; closes at end of file. */
static bool read_some(struct child *c, int *fd, enum source_kind kind)
{
	char buf[4096];
	ssize_t n = read(*fd, buf, sizeof(buf));
	int64_t stamp = harness_now_ns();

	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		replace_fd(fd, FD_EMPTY);
		return false;
	}
	if (kind == SOURCE_OUTPUT) {
		mark_feed(&c->parser, buf, (size_t)n, stamp, add_mark, c);
		keep(c->output, &c->output_size, sizeof(c->output), buf, (size_t)n);
	} else {
		keep(c->errors, &c->errors_size, sizeof(c->errors), buf, (size_t)n);
	}
	return true;
}

/* drain - read what is there; the descriptors do not block. */
static void drain(struct child *c)
{
	while (c->out >= 0 && read_some(c, &c->out, SOURCE_OUTPUT))
		;
	while (c->err >= 0 && read_some(c, &c->err, SOURCE_ERRORS))
		;
}

/* on_exit_event - reap. The pipes stay open: a detached container may still write. */
static void on_exit_event(struct child *c)
{
	int64_t stamp = harness_now_ns();

	if (wait4(c->pid, &c->status, WNOHANG, &c->usage) != c->pid)
		return;
	c->exited_ns = stamp;
	c->exited = true;
	c->running = false;
	replace_fd(&c->pidfd, FD_EMPTY);
	drain(c);
}

static void on_signal(struct harness *h)
{
	struct signalfd_siginfo si;

	if (read(h->signals, &si, sizeof(si)) > 0)
		h->interrupted = true;
}

/* step - one round of the loop, at most until @until_ns. */
static void step(struct harness *h, int64_t until_ns)
{
	struct epoll_event events[EVENTS];
	int64_t left_ns = until_ns - harness_now_ns();
	int ms = left_ns > 0 ? (int)((left_ns + 999999) / 1000000) : 0;
	int n = epoll_wait(h->epoll, events, EVENTS, ms);

	for (int i = 0; i < n; i++) {
		struct source *s = events[i].data.ptr;

		if (!s)
			on_signal(h);
		else if (s->kind == SOURCE_OUTPUT && s->child->out >= 0)
			read_some(s->child, &s->child->out, s->kind);
		else if (s->kind == SOURCE_ERRORS && s->child->err >= 0)
			read_some(s->child, &s->child->err, s->kind);
	}
	for (int i = 0; i < n; i++) {
		struct source *s = events[i].data.ptr;

		if (s && s->kind == SOURCE_EXIT)
			on_exit_event(s->child);
	}
}

static int watch(struct harness *h, int fd, struct source *s)
{
	struct epoll_event ev = {.events = EPOLLIN, .data.ptr = s};

	return epoll_ctl(h->epoll, EPOLL_CTL_ADD, fd, &ev);
}

static char *const environment[] = {
	"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C", NULL};

/* spawn - the child's descriptors, signals, group and environment; then posix_spawn. */
static int spawn(struct harness *h, struct child *c, const struct command *cmd, int out, int err)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none;
	int ret;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, h->null, 0);
	posix_spawn_file_actions_adddup2(&actions, out, 1);
	posix_spawn_file_actions_adddup2(&actions, err, 2);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigmask(&attr, &none);
	c->started_ns = harness_now_ns();
	ret = posix_spawn(&c->pid, cmd->argv[0], &actions, &attr, cmd->argv, environment);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return ret;
}

/*
 * spawn_leashed - the same for what is to stay. Killed, we could not end it: the kernel does that to our child,
 * and a container whose launcher has gone sees its standard input close. The child tells by its exit status
 * that it could not execute: who starts what is to stay waits for its word.
 */
static int spawn_leashed(struct harness *h, struct child *c, const struct command *cmd, int out,
			 int err)
{
	pid_t self = getpid();
	sigset_t none;

	sigemptyset(&none);
	c->started_ns = harness_now_ns();
	c->pid = fork();
	if (c->pid < 0)
		return errno;
	if (c->pid > 0) {
		setpgid(c->pid, c->pid); /* both do it: whoever of us is first */
		return 0;
	}
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != self || setpgid(0, 0) < 0 ||
	    dup2(h->leash[0], 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0) {
		dprintf(err, "cannot prepare `%s`: %s\n", cmd->argv[0], errno_name(errno));
		_exit(126);
	}
	execve(cmd->argv[0], cmd->argv, environment);
	dprintf(2, "cannot execute `%s`: %s\n", cmd->argv[0], errno_name(errno));
	_exit(127);
}

int harness_start(struct harness *h, struct child *c, const struct command *cmd, struct error *err)
{
	_cleanup_fd_ int out = FD_EMPTY, errs = FD_EMPTY;
	int pipes[2][2], ret;

	child_reset(c);
	if (cmd->overflow || cmd->argc == 0)
		return error_set(err, E2BIG, "cannot start `%s`", cmd->argc ? cmd->argv[0] : "");
	for (int i = 0; i < 2; i++)
		if (pipe2(pipes[i], O_CLOEXEC) < 0)
			return error_set(err, errno, "cannot create a pipe for `%s`", cmd->argv[0]);
		else if (i == 0)
			c->out = pipes[0][0], out = pipes[0][1];
		else
			c->err = pipes[1][0], errs = pipes[1][1];
	if (fcntl(c->out, F_SETFL, O_NONBLOCK) < 0 || fcntl(c->err, F_SETFL, O_NONBLOCK) < 0 ||
	    watch(h, c->out, &c->sources[SOURCE_OUTPUT]) < 0 ||
	    watch(h, c->err, &c->sources[SOURCE_ERRORS]) < 0)
		return error_set(err, errno, "cannot watch the output of `%s`", cmd->argv[0]);
	hurry(h);
	ret = cmd->leashed ? spawn_leashed(h, c, cmd, out, errs) : spawn(h, c, cmd, out, errs);
	if (ret) {
		calm_down(h);
		return error_set(err, ret, "cannot start `%s`", cmd->argv[0]);
	}
	c->running = true;
	c->pidfd = sys_pidfd_open(c->pid, 0);
	if (c->pidfd < 0 || watch(h, c->pidfd, &c->sources[SOURCE_EXIT]) < 0) {
		error_set(err, errno, "cannot watch the end of `%s`", cmd->argv[0]);
		kill(-c->pid, SIGKILL);
		reap_killed(c->pid);
		c->running = false;
		calm_down(h);
		return -1;
	}
	return 0;
}

void child_hang_up(struct child *c)
{
	replace_fd(&c->out, FD_EMPTY);
	replace_fd(&c->err, FD_EMPTY);
}

const struct mark *child_mark(const struct child *c, char kind, size_t nth)
{
	for (size_t i = 0; i < c->mark_count; i++)
		if (c->marks[i].kind == kind && nth-- == 0)
			return &c->marks[i];
	return NULL;
}

/* wait_for - until @count marks of @kind, or (with @kind 0) until the exit. */
static enum wait_result wait_for(struct harness *h, struct child *c, char kind, size_t count,
				 int deadline_ms)
{
	int64_t until = c->started_ns + (int64_t)deadline_ms * 1000000;

	for (;;) {
		if (kind ? child_mark(c, kind, count - 1) != NULL : c->exited)
			return WAIT_OK;
		/* A detached container speaks after its launcher has gone, until its pipe closes. */
		if (c->exited && c->out < 0)
			return WAIT_EXITED;
		if (h->interrupted)
			return WAIT_INTERRUPTED;
		if (harness_now_ns() >= until)
			return WAIT_TIMEOUT;
		step(h, until);
	}
}

enum wait_result harness_wait_marks(struct harness *h, struct child *c, char kind, size_t count,
				    int deadline_ms)
{
	enum wait_result result;

	hurry(h);
	result = wait_for(h, c, kind, count, deadline_ms);
	calm_down(h);
	return result;
}

enum wait_result harness_wait_exit(struct harness *h, struct child *c, int deadline_ms)
{
	return harness_wait_marks(h, c, 0, 0, deadline_ms);
}

void harness_kill(struct harness *h, struct child *c)
{
	int64_t until = harness_now_ns() + (int64_t)h->kill_deadline_ms * 1000000;

	if (!c->running)
		return;
	/* Not reaped yet, so neither its pid nor its group can belong to somebody else. */
	sys_pidfd_send_signal(c->pidfd, SIGKILL, NULL, 0);
	kill(-c->pid, SIGKILL);
	while (c->running && harness_now_ns() < until)
		step(h, until);
	if (!c->running)
		return;
	/* It may sleep in the kernel for ever. The run goes on without it, and says so. */
	h->unkillable++;
	c->running = false;
	replace_fd(&c->pidfd, FD_EMPTY);
	child_hang_up(c);
}

int harness_run(struct harness *h, struct child *c, const struct command *cmd, int deadline_ms,
		enum wait_result *result, struct error *err)
{
	if (harness_start(h, c, cmd, err))
		return -1;
	*result = harness_wait_exit(h, c, deadline_ms);
	if (*result != WAIT_OK)
		harness_kill(h, c);
	return 0;
}

void harness_reap(int deadline_ms)
{
	static const struct timespec pause = {0, 2000000};
	int64_t until = harness_now_ns() + (int64_t)deadline_ms * 1000000;
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) >= 0 && harness_now_ns() < until)
		if (pid == 0)
			nanosleep(&pause, NULL);
}

void harness_turn(struct harness *h, int64_t until_ns)
{
	hurry(h);
	step(h, until_ns);
	calm_down(h);
}

void harness_sleep(struct harness *h, int ms)
{
	int64_t until = harness_now_ns() + (int64_t)ms * 1000000;

	while (!h->interrupted && harness_now_ns() < until)
		step(h, until);
}

int child_exit_code(const struct child *c)
{
	if (!c->exited)
		return -1;
	return WIFEXITED(c->status) ? WEXITSTATUS(c->status) : 128 + WTERMSIG(c->status);
}
