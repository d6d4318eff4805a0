/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.c: one hook at a time, from clone to its end.
 *
 * Theory of operation. A hook is a child with a process group of its own. One poll loop writes the
 * state to its standard input, reads its standard error and waits for its pidfd, until the deadline.
 * Of standard error only the end is kept, for the message. Standard output goes to /dev/null: it
 * would mix with the container's. The loop ends with the hook's first process: what that left
 * running in the background may keep the pipe open for as long as it likes.
 *
 * Who runs a hook decides in which namespaces it is: the runtime for those of the runtime's
 * namespace, the container's process before its pivot for createContainer, and right before execve
 * for startContainer. A startContainer hook is a file of the image. It is given the same user,
 * capabilities, limits and filter as the program itself, so that a hostile image gains nothing by it.
 *
 * Nothing is allocated here: the container's process runs this, too.
 */
#include "runtime/sandbox/hooks.h"

#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/sys.h"
#include "lib/warn.h"
#include "runtime/sandbox/sandbox.h"

#define CANNOT_RUN 127
#define LAST_BYTES 512

/* A hook that runs, seen from its parent. */
struct running {
	pid_t pid;
	int pidfd;
	int in, out;		   /* our ends: its standard input, its standard error */
	struct iovec text[2];	   /* what is still to be written */
	char last[LAST_BYTES + 1]; /* the end of what it wrote */
	size_t length;
};

/* The child's ends of the pipes, and its standard output. */
struct ends {
	int in, out, err;
};

/* ---- the child ------------------------------------------------------------------------------- */

/* enter_bundle - where a hook starts; the bundle may be gone when the container is. */
static int enter_bundle(const struct hook_call *call, struct error *err)
{
	if (chdir(call->cwd) == 0 || (errno == ENOENT && chdir("/") == 0))
		return 0;
	return error_set(err, errno, "cannot enter `%s`", call->cwd);
}

/*
 * drop_fds - close what is the runtime's. A filter with a listener is loaded after that: the descriptor of
 * it goes the way that the program's will go, over a socket that is close-on-exec.
 */
static int drop_fds(const struct hook_call *call, struct error *err)
{
	const struct sandbox *sb = call->confined;
	int keep = sb && sb->plan->seccomp.listener_path ? sb->sync_child : FD_EMPTY;

	if ((keep > 3 && sys_close_range(3, (unsigned int)keep - 1, 0) < 0) ||
	    sys_close_range(keep >= 3 ? (unsigned int)keep + 1 : 3, UINT_MAX, 0) < 0)
		return error_set(err, errno, "cannot close the runtime's descriptors");
	return 0;
}

static int become_hook(const struct hook_call *call, const struct ends *ends, struct error *err)
{
	const int std[] = {ends->in, ends->out, ends->err};

	if (setpgid(0, 0) < 0)
		return error_set(err, errno, "cannot make a process group");
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(std[fd], fd) < 0)
			return error_set(err, errno, "cannot set up descriptor %d", fd);
	/* What the process does to itself through descriptors. */
	if (call->confined &&
	    (lsm_apply(call->confined, err) < 0 || landlock_apply(call->confined, err) < 0))
		return -1;
	if (drop_fds(call, err) < 0)
		return -1;
	if (call->confined)
		return process_confine(call->confined, err);
	umask(022);
	return enter_bundle(call, err);
}

static _Noreturn void hook_main(const struct hook_plan *hook, const struct hook_call *call,
				const struct ends *ends)
{
	struct error err = ERROR_INIT;

	signals_reset();
	if (become_hook(call, ends, &err) == 0) {
		/* After the change of user, which clears it. */
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
		execve(hook->path, hook->argv, hook->envp);
		error_set(&err, errno, "cannot execute `%s`", hook->path);
	}
	error_print(&err, "cloison", STDERR_FILENO);
	_exit(CANNOT_RUN);
}

/* ---- the parent ------------------------------------------------------------------------------ */

/* open_null - /dev/null; inside a container it has to be proven to be that. */
static int open_null(struct error *err)
{
	_cleanup_fd_ int fd =
		open("/dev/null", O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot open `/dev/null`");
	if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3))
		return error_set(err, 0, "`/dev/null` is not device 1:3");
	return take_fd(&fd);
}

static int clone_hook(struct running *r, const struct hook_plan *hook, const struct hook_call *call,
		      const struct ends *ends, struct error *err)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (__u64)(uintptr_t)&r->pidfd,
		.exit_signal = SIGCHLD,
	};

	r->pid = sys_clone3(&args, sizeof(args));
	if (r->pid == 0)
		hook_main(hook, call, ends);
	if (r->pid < 0)
		return error_set(err, errno, "cannot make a process");
	/* Both sides make the group: the deadline may come before the child's turn. */
	(void)setpgid(r->pid, r->pid);
	return 0;
}

/* launch - pipes and child. The descriptors in @r are the caller's to close, also on failure. */
static int launch(struct running *r, const struct hook_plan *hook, const struct hook_call *call,
		  struct error *err)
{
	_cleanup_fd_ int null = open_null(err);
	_cleanup_fd_ int in_end = FD_EMPTY;
	_cleanup_fd_ int err_end = FD_EMPTY;
	int in[2], out[2];

	if (null < 0)
		return -1;
	if (pipe2(in, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	in_end = in[0];
	r->in = in[1];
	if (pipe2(out, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	r->out = out[0];
	err_end = out[1];
	if (fcntl(r->in, F_SETFL, O_NONBLOCK) < 0 || fcntl(r->out, F_SETFL, O_NONBLOCK) < 0)
		return error_set(err, errno, "cannot set up a pipe");
	return clone_hook(r, hook, call, &(struct ends){.in = in_end, .out = null, .err = err_end},
			  err);
}

/* feed - write what the pipe takes; a hook that does not read its input is none the worse for it. */
static void feed(struct running *r)
{
	ssize_t n = writev(r->in, r->text, ARRAY_SIZE(r->text));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	for (size_t i = 0; n > 0 && i < ARRAY_SIZE(r->text); i++) {
		size_t part = (size_t)n < r->text[i].iov_len ? (size_t)n : r->text[i].iov_len;

		r->text[i].iov_base = (char *)r->text[i].iov_base + part;
		r->text[i].iov_len -= part;
		n -= (ssize_t)part;
	}
	if (n < 0 || !r->text[1].iov_len)
		close_fd(take_fd(&r->in));
}

/* listen_to - keep the end of what the hook says. Returns false when there is no more for now. */
static bool listen_to(struct running *r)
{
	char buf[LAST_BYTES];
	ssize_t n = read(r->out, buf, sizeof(buf));
	size_t room = LAST_BYTES - r->length;

	if (n < 0)
		return errno == EINTR;
	if (n == 0) {
		close_fd(take_fd(&r->out));
		return false;
	}
	if ((size_t)n > room) {
		size_t drop = (size_t)n - room;

		memmove(r->last, r->last + drop, r->length - drop);
		r->length -= drop;
	}
	memcpy(r->last + r->length, buf, (size_t)n);
	r->length += (size_t)n;
	return true;
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* time_left_ms - for poll(2): -1 without a deadline. */
static int time_left_ms(int64_t deadline_ms)
{
	int64_t left = deadline_ms ? deadline_ms - now_ms() : -1;

	if (deadline_ms && left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

/* attend - see the hook through. Returns 0 when it ended, -1 with errno (ETIMEDOUT: it did not). */
static int attend(struct running *r, const struct hook_plan *hook)
{
	int64_t deadline_ms = hook->timeout_s ? now_ms() + (int64_t)hook->timeout_s * 1000 : 0;

	for (;;) {
		struct pollfd p[] = {
			{.fd = r->pidfd, .events = POLLIN},
			{.fd = r->out, .events = POLLIN},
			{.fd = r->in, .events = POLLOUT},
		};
		int n = poll(p, ARRAY_SIZE(p), time_left_ms(deadline_ms));

		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0 && time_left_ms(deadline_ms) == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (n <= 0)
			continue;
		if (p[2].revents)
			feed(r);
		if (p[1].revents)
			(void)listen_to(r);
		if (!p[0].revents)
			continue;
		while (r->out >= 0 && listen_to(r))
			;
		return 0;
	}
}

static void kill_group(const struct running *r)
{
	(void)kill(-r->pid, SIGKILL);
	/* Not reaped yet, so this is it, wherever it has gone. */
	(void)kill(r->pid, SIGKILL);
}

/* last_line - of what the hook said, without what could steer a terminal. */
static const char *last_line(struct running *r)
{
	char *line;

	while (r->length && (unsigned char)r->last[r->length - 1] <= ' ')
		r->length--;
	r->last[r->length] = '\0';
	line = memrchr(r->last, '\n', r->length);
	return line ? line + 1 : r->last;
}

/* judge - what the hook's end means. */
static int judge(struct running *r, const struct hook_plan *hook, int wait_status, int errnum,
		 struct error *err)
{
	const char *said = last_line(r);

	if (errnum == ETIMEDOUT)
		error_set(err, 0, "`%s` was killed, it took longer than its timeout of %u s",
			  hook->path, hook->timeout_s);
	else if (errnum)
		error_set(err, errnum, "cannot wait for `%s`", hook->path);
	else if (WIFSIGNALED(wait_status))
		error_set(err, 0, "`%s` was killed by signal %d", hook->path,
			  WTERMSIG(wait_status));
	else if (WEXITSTATUS(wait_status))
		error_set(err, 0, "`%s` failed with exit code %d", hook->path,
			  WEXITSTATUS(wait_status));
	else
		return 0;
	if (*said)
		error_cause(err, "it says: %s", said);
	return -1;
}

static int run_one(const struct hook_plan *hook, const struct hook_call *call, struct error *err)
{
	struct running r = {.pidfd = FD_EMPTY, .in = FD_EMPTY, .out = FD_EMPTY};
	int wait_status = 0, errnum = 0, rc;
	char tail[64];

	snprintf(tail, sizeof(tail), ",\"status\":\"%s\",\"pid\":%d}", call->status, call->pid);
	r.text[0] = (struct iovec){(void *)(uintptr_t)call->state, strlen(call->state)};
	r.text[1] = (struct iovec){tail, strlen(tail)};
	rc = launch(&r, hook, call, err);
	if (rc == 0) {
		if (attend(&r, hook) < 0) {
			errnum = errno;
			kill_group(&r);
		}
		while (waitpid(r.pid, &wait_status, 0) < 0)
			if (errno != EINTR) {
				errnum = errnum ? errnum : errno;
				break;
			}
		rc = judge(&r, hook, wait_status, errnum, err);
	}
	close_fd(r.in);
	close_fd(r.out);
	close_fd(r.pidfd);
	return rc;
}

static int run_all(const struct hook_list *hooks, enum hook_kind kind, enum hook_failure failure,
		   const struct hook_call *call, struct error *err)
{
	for (size_t i = 0; i < hooks->n; i++) {
		if (run_one(&hooks->list[i], call, err) == 0)
			continue;
		error_wrap(err, "hooks.%s[%zu]", hook_kind_name(kind), i);
		if (failure == HOOK_STOPS)
			return -1;
		warn(err);
	}
	return 0;
}

int hooks_run_some(const struct hooks_plan *hooks, enum hook_kind kind, enum hook_failure failure,
		   const struct hook_call *call, struct error *err)
{
	struct timespec none = {0};
	sigset_t pipe, old;
	int rc;

	/* Where SIGCHLD is ignored, by whoever started us, a child's end is thrown away. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return error_set(err, errno, "cannot stop ignoring SIGCHLD");
	/* A hook that closes its standard input unread is no reason to die. */
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE);
	if (sigprocmask(SIG_BLOCK, &pipe, &old) < 0)
		return error_set(err, errno, "cannot block SIGPIPE");
	rc = run_all(&hooks->of[kind], kind, failure, call, err);
	while (!sigismember(&old, SIGPIPE) && sigtimedwait(&pipe, NULL, &none) >= 0)
		;
	sigprocmask(SIG_SETMASK, &old, NULL);
	return rc;
}
