/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * job.c: executing the runtime.
 *
 * The supervisor starts, deletes and pauses nothing itself: it executes `cloison`, one process for each
 * step, so what can go wrong in there goes wrong in there. It does not wait for it; the child's end is told by
 * SIGCHLD. What the runtime says on standard error is read then, from a pipe that does not block its
 * writer. A runtime that takes too long is killed, and so is one whose supervisor dies: the next
 * supervisor finds nobody at work on its containers.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "lib/sys.h"
#include "runtime/supervisor/supervisor.h"

#define MESSAGE_BYTES 2048
#define ONLY_FD 3 /* of one that executes nothing, beside 0 to 2 */

extern char **environ;

/* What the child needs: it borrows the parent's memory until execve. */
struct start {
	const char *program;
	const char **argv;
	char **envp;
	int fds[3];
	int errnum;
};

static struct rlimit files;

void job_files(const struct rlimit *limit)
{
	files = *limit;
}

static void become(void *arg)
{
	struct start *start = arg;
	sigset_t none;
	int at[3];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)setrlimit(RLIMIT_NOFILE, &files);
	/* Out of the way of 0 to 2, then there: dup2 clears close-on-exec. */
	for (int i = 0; i < 3; i++) {
		at[i] = fcntl(start->fds[i], F_DUPFD_CLOEXEC, 3);
		if (at[i] < 0)
			goto failed;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(at[i], i) < 0)
			goto failed;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	execve(start->program, (char *const *)(uintptr_t)start->argv, start->envp);
failed:
	start->errnum = errno;
	_exit(EXIT_CANNOT_INVOKE);
}

static void too_long(struct loop_timer *timer)
{
	struct job *job = owner_of(timer, struct job, timer);

	job->timed_out = true;
	kill(job->pid, SIGKILL);
}

/* environment - ours, and NOTIFY_SOCKET. */
static char **environment(const char *notify)
{
	static char text[128];
	size_t n = 0;
	char **env;

	while (environ[n])
		n++;
	env = zalloc((n + 2) * sizeof(*env));
	memcpy(env, environ, n * sizeof(*env));
	snprintf(text, sizeof(text), "NOTIFY_SOCKET=%s", notify);
	env[n] = text;
	return env;
}

static int spawn(struct supervisor *s, const struct job_spec *spec, int messages, pid_t *pid,
		 struct error *err)
{
	_cleanup_fd_ int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const char *argv[JOB_ARGS + 4] = {s->runtime, "--root", s->runtime_root};
	_cleanup_free_ char **env = spec->notify ? environment(spec->notify) : NULL;
	struct start start = {.program = s->runtime,
			      .argv = argv,
			      .envp = env ? env : environ,
			      .fds = {spec->in >= 0 ? spec->in : null,
				      spec->out >= 0 ? spec->out : null,
				      spec->err >= 0 ? spec->err : messages}};
	struct clone_args args = {.flags = CLONE_VM | CLONE_VFORK, .exit_signal = SIGCHLD};

	if (null < 0)
		return error_set(err, errno, "cannot open /dev/null");
	memcpy(argv + (spec->plain ? 1 : 3), spec->args, spec->n * sizeof(*argv));
	argv[(spec->plain ? 1 : 3) + spec->n] = NULL;
	*pid = sys_clone3_call(&args, sizeof(args), become, &start);
	if (*pid < 0)
		return error_set(err, errno, "cannot make a process for the runtime");
	if (!start.errnum)
		return 0;
	while (waitpid(*pid, NULL, 0) < 0 && errno == EINTR)
		;
	return error_set(err, start.errnum, "cannot execute the runtime `%s`", s->runtime);
}

static struct job *add(struct supervisor *s, pid_t pid, job_done *done)
{
	struct job *job = zalloc(sizeof(*job));

	*job = (struct job){
		.next = s->jobs, .s = s, .pid = pid, .messages = FD_EMPTY, .done = done};
	s->jobs = job;
	return job;
}

/*
 * alone_with - in a child that executes nothing: what else is open would stay so as long as it lives, the lock on
 * the directory and the channel to PID 1 too.
 */
static int alone_with(int fd)
{
	if (fd != ONLY_FD && dup2(fd, ONLY_FD) < 0)
		return -1;
	return sys_close_range(ONLY_FD + 1, UINT_MAX, 0);
}

struct job *job_fork(struct supervisor *s, int (*run)(void *arg, int fd), void *arg, int fd,
		     job_done *done, struct error *err)
{
	pid_t pid = fork();

	if (pid == 0)
		prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (pid == 0)
		_exit(alone_with(fd) < 0 ? errno : run(arg, ONLY_FD));
	if (pid < 0) {
		error_set(err, errno, "cannot make a process");
		return NULL;
	}
	return add(s, pid, done);
}

struct job *job_start(struct supervisor *s, const struct job_spec *spec, struct error *err)
{
	_cleanup_fd_ int messages = FD_EMPTY;
	struct job *job;
	int pipe[2];
	pid_t pid = -1;

	if (pipe2(pipe, O_CLOEXEC | O_NONBLOCK) < 0) {
		error_set(err, errno, "cannot make a pipe");
		return NULL;
	}
	messages = pipe[1];
	if (spawn(s, spec, messages, &pid, err) < 0) {
		close_fd(pipe[0]);
		return NULL;
	}
	job = add(s, pid, spec->done);
	job->c = spec->c;
	job->client = spec->client;
	job->data = spec->data;
	if (spec->err >= 0)
		close_fd(pipe[0]);
	job->messages = spec->err >= 0 ? FD_EMPTY : pipe[0];
	if (spec->client)
		spec->client->job = job;
	if (spec->limit_s)
		loop_after(&s->loop, &job->timer, (int64_t)spec->limit_s * 1000, too_long);
	return job;
}

/* take_line - copy the line at @from behind @label, if it is one of these; returns the next line. */
static const char *take_line(const char *from, const char *label, char *to, size_t size)
{
	size_t skip = strlen(label), length;

	if (!from || strncmp(from, label, skip) != 0)
		return from;
	length = strcspn(from + skip, "\n");
	snprintf(to, size, "%.*s", (int)length, from + skip);
	return from[skip + length] ? from + skip + length + 1 : NULL;
}

/* after_id - skip "create ID: ": who reads the error knows the container by its name. */
static const char *after_id(const char *text)
{
	const char *id = strchr(text, ' ');
	size_t digits = id ? strspn(id + 1, "0123456789abcdef") : 0;

	return digits == ID_DIGITS && !strncmp(id + 1 + digits, ": ", 2) ? id + digits + 3 : text;
}

void runtime_error(const char *text, struct error *err)
{
	const char *at = text, *last = NULL;

	/* The error is the last line that begins like one: warnings come before it. */
	for (; at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, "cloison: ", 9) && strncmp(at, "cloison: warning: ", 18) != 0)
			last = at;
	}
	error_set(err, 0, "the runtime said nothing of why it failed");
	if (!last)
		last = text;
	else
		last += 9;
	at = after_id(last);
	if (*at && *at != '\n')
		snprintf(err->what, sizeof(err->what), "%.*s", (int)strcspn(at, "\n"), at);
	at = strchr(last, '\n');
	at = at ? at + 1 : NULL;
	at = take_line(at, "  cause: ", err->cause, sizeof(err->cause));
	take_line(at, "  hint:  ", err->hint, sizeof(err->hint));
}

static int exit_code(int status)
{
	return WIFSIGNALED(status) ? EXIT_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/* hear - what the runtime has said, as an error. */
static void hear(const struct job *job, int status, struct error *err)
{
	char text[MESSAGE_BYTES] = "";
	ssize_t n = job->messages >= 0 ? read(job->messages, text, sizeof(text) - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
	runtime_error(text, err);
	if (job->timed_out)
		error_set(err, ETIMEDOUT, "the runtime did not end in time and was killed");
	else if (WIFSIGNALED(status))
		error_set(err, 0, "the runtime was ended by %s", signal_name(WTERMSIG(status)));
	else
		err->code = exit_code(status);
}

bool job_ended(struct supervisor *s, pid_t pid, int status)
{
	struct error err = ERROR_INIT;
	struct job **at = &s->jobs, *job;

	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	if (!*at)
		return false;
	job = *at;
	*at = job->next;
	loop_cancel(&s->loop, &job->timer);
	if (status)
		hear(job, status, &err);
	close_fd(job->messages);
	if (job->c && job->c->job == job)
		job->c->job = NULL;
	if (job->client)
		job->client->job = NULL;
	job->done(job, exit_code(status), &err);
	free(job);
	return true;
}
