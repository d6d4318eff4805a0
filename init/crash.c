/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crash.c: when PID 1 itself crashes.
 *
 * Without this the kernel would panic, which is right but says nothing of the cause. The handler
 * runs on a stack of its own, as the cause may be a full one, trusts no memory of the program
 * except constants, and makes three system calls: a fixed line to the console, the same to the
 * kernel log, and a reboot. Nothing is synced: whatever the crash has damaged must not reach a
 * disk. If the reboot is refused PID 1 exits, and the kernel panics after all; if it hangs, nobody feeds the
 * watchdog any more.
 */
#include "init/crash.h"

#include <fcntl.h>
#include <string.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "lib/fd.h"

static const struct {
	int signal;
	const char *line;
} crashes[] = {
	{SIGSEGV, "<2>cloison: init crashed: SIGSEGV, rebooting\n"},
	{SIGBUS, "<2>cloison: init crashed: SIGBUS, rebooting\n"},
	{SIGILL, "<2>cloison: init crashed: SIGILL, rebooting\n"},
	{SIGFPE, "<2>cloison: init crashed: SIGFPE, rebooting\n"},
	{SIGABRT, "<2>cloison: init crashed: SIGABRT, rebooting\n"},
};

#define LEVEL_LEN 3 /* "<2>" is for the kernel log only */

static char stack[16384];

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	/* Nothing is left to do about a failure. */
	if (fd >= 0 && write(fd, text, strlen(text)) < 0)
		return;
}

static void crashed(int signal)
{
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++) {
		if (crashes[i].signal != signal)
			continue;
		write_to("/dev/console", crashes[i].line + LEVEL_LEN);
		write_to("/dev/kmsg", crashes[i].line);
	}
	reboot(RB_AUTOBOOT);
	_exit(1);
}

void crash_catch(sigset_t *blocked)
{
	const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = crashed,
				   .sa_flags = (int)(SA_ONSTACK | SA_RESETHAND)};

	sigaltstack(&alternate, NULL);
	sigfillset(&action.sa_mask);
	for (size_t i = 0; i < ARRAY_SIZE(crashes); i++) {
		sigaction(crashes[i].signal, &action, NULL);
		sigdelset(blocked, crashes[i].signal);
	}
}
