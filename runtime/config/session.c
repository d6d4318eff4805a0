/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.c: what every login over the remote shell gets, and what is logged of it.
 *
 * authorized_keys makes this the command of each key, with the key's name; the command that the client has asked for
 * is in the environment. The session runs it, or a login shell, as a child, so that its end is logged as well.
 *
 * What is typed at an interactive shell is logged by way of the shell's own history: busybox appends each line to
 * HISTFILE when it is entered. That file is in memory here and belongs to this process, which is told by inotify when
 * it grows, logs the lines, and gives back the pages that it has read.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "lib/audit.h"
#include "runtime/config/services.h"

#define LINE_MAX_BYTES 1024 /* what busybox lets one type */
#define ADDRESS_MAX 64
#define PAGE_BYTES 4096

static const int left_to_the_shell[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTIN, SIGTTOU, SIGHUP};

struct history {
	int file, watch;
	char name[64];
	off_t read;
	char line[LINE_MAX_BYTES];
	size_t n;
};

static int open_history(struct history *h, struct error *err)
{
	h->file = memfd_create("history", MFD_CLOEXEC);
	h->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (h->file < 0 || h->watch < 0)
		return error_set(err, errno, "cannot make the shell's history");
	snprintf(h->name, sizeof(h->name), "/proc/%d/fd/%d", (int)getpid(), h->file);
	if (inotify_add_watch(h->watch, h->name, IN_MODIFY) < 0)
		return error_set(err, errno, "cannot watch the shell's history");
	return 0;
}

/* read_history - log each line that is complete; what is too long is logged in parts. */
static void read_history(struct history *h, const char *key)
{
	char events[1024];
	ssize_t got;

	while (read(h->watch, events, sizeof(events)) > 0)
		;
	while ((got = pread(h->file, h->line + h->n, sizeof(h->line) - 1 - h->n, h->read)) > 0) {
		char *start = h->line, *end;

		h->read += got;
		h->n += (size_t)got;
		while ((end = memchr(start, '\n', (size_t)(h->line + h->n - start)))) {
			audit(key, "shell: %.*s", (int)(end - start), start);
			start = end + 1;
		}
		h->n -= (size_t)(start - h->line);
		memmove(h->line, start, h->n);
		if (h->n == sizeof(h->line) - 1) {
			audit(key, "shell: %.*s", (int)h->n, h->line);
			h->n = 0;
		}
	}
	/* Whole pages only: the last one is a history for a shell within the shell. */
	if (h->read >= PAGE_BYTES && fallocate(h->file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
					       0, h->read & ~(off_t)(PAGE_BYTES - 1)) < 0)
		audit(key, "the history of this session grows: %s", errno_name(errno));
}

/* become - in the child: the command, or a shell. */
static _Noreturn void become(const char *command, const struct history *h)
{
	sigset_t none;

	for (size_t i = 0; i < ARRAY_SIZE(left_to_the_shell); i++)
		signal(left_to_the_shell[i], SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	unsetenv("SSH_ORIGINAL_COMMAND");
	if (*h->name)
		setenv("HISTFILE", h->name, 1);
	if (command)
		execl("/bin/sh", "sh", "-c", command, NULL);
	else
		execl("/bin/sh", "-sh", NULL);
	_exit(EXIT_NOT_FOUND);
}

/* follow - until the child has ended. Returns its status as waitpid(2) gives it. */
static int follow(pid_t pid, int signals, struct history *h, const char *key)
{
	struct pollfd p[] = {{.fd = signals, .events = POLLIN}, {.fd = h->watch, .events = POLLIN}};
	struct signalfd_siginfo info;
	int status = 0;
	pid_t ended = 0;

	while (ended == 0) {
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			break;
		if (p[1].revents)
			read_history(h, key);
		if (read(signals, &info, sizeof(info)) > 0)
			ended = waitpid(pid, &status, WNOHANG);
	}
	if (h->file >= 0)
		read_history(h, key);
	return status;
}

static void audit_start(const char *key, const char *command, bool terminal)
{
	const char *from = getenv("SSH_CONNECTION");
	int n = from ? (int)strcspn(from, " ") : 0;

	audit(key, "session %d from %.*s: %s%s", (int)getpid(), n < ADDRESS_MAX ? n : ADDRESS_MAX,
	      from ? from : "", command ? "command: " : "shell",
	      command	 ? command
	      : terminal ? ""
			 : " without a terminal");
}

int session_run(const char *key, struct error *err)
{
	struct history h = {.file = FD_EMPTY, .watch = FD_EMPTY};
	const char *command = getenv("SSH_ORIGINAL_COMMAND");
	bool terminal = getenv("SSH_TTY");
	_cleanup_fd_ int signals = FD_EMPTY;
	sigset_t child;
	int status, code;
	pid_t pid;

	if (command && !*command)
		command = NULL;
	audit_start(key, command, terminal);
	if (setenv(AUDIT_KEY_ENV, key, 1) < 0)
		return error_set(err, errno, "cannot set the environment");
	if (terminal && !command && open_history(&h, err) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(left_to_the_shell); i++)
		signal(left_to_the_shell[i], SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	pid = signals < 0 ? -1 : fork();
	if (pid < 0)
		return error_set(err, errno, "cannot make a process");
	if (pid == 0)
		become(command, &h);
	status = follow(pid, signals, &h, key);
	code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BY_SIGNAL + WTERMSIG(status);
	audit(key, "session %d has ended with status %d", (int)getpid(), code);
	return code;
}
