/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drive.c: running the runtime under test, with a limit on how long it may take; see soak.c. */
#include "tests/soak/drive.h"

#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORDS_MAX 16

extern char **environ;

const char *runtime, *root, *bundles, *prefix;
char output[OUTPUT_BYTES];
uint64_t random_state;
int64_t hang_us = HANG_SECONDS * 1000000LL;
sigset_t child_signal;

uint64_t random_next(void)
{
	/* xorshift64*: any state but 0 */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 2685821657736338717U;
}

int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

void sleep_us(int64_t us)
{
	const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

pid_t begin(const char *const *words, int *out)
{
	const char *argv[WORDS_MAX + 4] = {runtime, "--root", root};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int pipes[2], n = 3, rc;
	pid_t pid;

	while (*words && n < WORDS_MAX + 3)
		argv[n++] = *words++;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		err(1, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 2);
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(&pid, runtime, &actions, &attributes, (char *const *)(uintptr_t)argv,
			 environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (rc)
		errx(1, "cannot start %s: %s", runtime, strerror(rc));
	*out = pipes[0];
	return pid;
}

static void hang(const char *what, pid_t pid)
{
	printf("HANG %s\n", what);
	fflush(stdout);
	kill(pid, SIGKILL);
	exit(1);
}

/*
 * end - wait for @pid, and reap whatever else ends meanwhile: a pid namespace waits for those of its
 * processes that have their parent outside. Keeps what the command says, as much as fits. The pipe
 * may stay open in a detached container, so it is its process that says when the command is over.
 * Returns its exit code, 128 + n for a signal; exits when it hangs.
 */
int end(pid_t pid, int out, const char *what)
{
	const struct timespec second = {.tv_sec = 1};
	int64_t deadline = now_us() + hang_us;
	int status, of_pid = 0;
	pid_t ended;
	ssize_t n;

	for (bool over = false; !over;) {
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == pid) {
				over = true;
				of_pid = status;
			}
		if (ended < 0 && errno != ECHILD)
			err(1, "waitpid");
		if (!over && now_us() > deadline)
			hang(what, pid);
		if (!over)
			sigtimedwait(&child_signal, NULL, &second);
	}
	if (fcntl(out, F_SETFL, O_NONBLOCK) < 0)
		err(1, "fcntl");
	n = read(out, output, sizeof(output) - 1);
	output[n > 0 ? n : 0] = '\0';
	close(out);
	return WIFEXITED(of_pid) ? WEXITSTATUS(of_pid) : 128 + WTERMSIG(of_pid);
}

int command(const char *const *words)
{
	int out;
	pid_t pid = begin(words, &out);

	return end(pid, out, words[0]);
}

_Noreturn void fail(const char *format, ...)
{
	va_list args;

	printf("FAILED ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", output);
	fflush(stdout);
	exit(1);
}

void must(const char *const *words)
{
	int rc = command(words);

	if (rc)
		fail("%s %s: exit code %d", words[0], words[1], rc);
}

const char *bundle(const char *name)
{
	static char path[2][4096];
	static unsigned int turn;
	char *to = path[turn++ % 2];

	snprintf(to, sizeof(path[0]), "%s/%s", bundles, name);
	return to;
}

const char *const statuses[STATUSES] = {"creating", "created", "running", "stopped", "paused"};

size_t said_status(void)
{
	const char *at = strstr(output, "\"status\"");
	const char *value = at ? at + 8 + strspn(at + 8, ": \"") : "";
	size_t i;

	for (i = 0; i < STATUSES; i++) {
		size_t len = strlen(statuses[i]);

		if (!strncmp(value, statuses[i], len) && value[len] == '"')
			break;
	}
	return i;
}

bool said(const char *status)
{
	size_t i = said_status();

	return i < STATUSES && !strcmp(statuses[i], status);
}

bool reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid < 0 && errno == ECHILD;
}
