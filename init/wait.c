/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wait.c: waiting for children, but never for ever.
 *
 * The wait is on the signalfd, with the deadline as its timeout. What is read there does not count,
 * for signals coalesce: after each wake waitpid(2) says what has ended.
 */
#include "init/wait.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* wait_for_signal - until one arrives or @deadline_ms has come; false for the latter. */
static bool wait_for_signal(int signal_fd, int64_t deadline_ms)
{
	struct pollfd p = {.fd = signal_fd, .events = POLLIN};
	int64_t left_ms = deadline_ms - now_ms();
	struct signalfd_siginfo info;

	if (left_ms <= 0)
		return false;
	if (poll(&p, 1, (int)left_ms) == 1)
		while (read(signal_fd, &info, sizeof(info)) > 0)
			;
	return true;
}

bool wait_all(int signal_fd, int limit_ms)
{
	int64_t deadline_ms = now_ms() + limit_ms;

	for (;;) {
		pid_t pid = waitpid(-1, NULL, WNOHANG);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid == 0 && !wait_for_signal(signal_fd, deadline_ms))
			return false;
	}
}

int wait_limited(void (*step)(void), int signal_fd, int limit_ms)
{
	int64_t deadline_ms = now_ms() + limit_ms;
	pid_t child = fork();

	if (child < 0)
		return -1;
	if (child == 0) {
		step();
		_exit(0);
	}
	while (waitpid(child, NULL, WNOHANG) == 0)
		if (!wait_for_signal(signal_fd, deadline_ms))
			return 1;
	return 0;
}
