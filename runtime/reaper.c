/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * reaper.c: cloison-reaper, the first process of a container that was started with --init.
 *
 * usage: cloison-reaper COMMAND [ARGUMENT...]
 *
 * It runs the command as its child, passes on every signal that it gets, reaps whatever becomes an orphan in the
 * container, and ends as the command does: with its code, or 128 and the number of the signal. The command has a
 * process group of its own and with it the terminal, if there is one: so ^C is for it alone and comes once.
 *
 * A static program without a C library: it is mounted read-only into containers, so it is a file that nothing else
 * is, and small. Signals are blocked and waited for; there is no handler.
 */
#include "lib/rawcall.h"

#include <asm/ioctls.h>
#include <asm/signal.h>
#include <asm/unistd.h>
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/prctl.h>
#include <linux/wait.h>
#include <stddef.h>
#include <stdint.h>

#define NAME "cloison-reaper: "
#define EXIT_NOT_EXECUTABLE 126
#define EXIT_NOT_FOUND 127
#define EXIT_BY_SIGNAL 128
#define ALL (~(uint64_t)0)

#if defined(__x86_64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov %rsp, %rdi\n"
	"	xor %ebp, %ebp\n"
	"	and $-16, %rsp\n"
	"	call reaper_main\n");
#elif defined(__aarch64__)
__asm__(".globl _start\n"
	"_start:\n"
	"	mov x0, sp\n"
	"	mov x29, #0\n"
	"	mov x30, #0\n"
	"	bl reaper_main\n");
#endif

static long call(long nr, long a, long b, long c)
{
	return call4(nr, a, b, c, 0);
}

static void leave(int code)
{
	for (;;)
		call(__NR_exit_group, code, 0, 0);
}

static size_t length(const char *text)
{
	size_t n = 0;

	while (text[n])
		n++;
	return n;
}

static void say(const char *text)
{
	call(__NR_write, 2, (long)text, (long)length(text));
}

static void fail(const char *what, int code)
{
	say(NAME);
	say(what);
	say("\n");
	leave(code);
}

/* search_path - the value of PATH, or what is usual. */
static const char *search_path(char **envp)
{
	for (; *envp; envp++)
		if ((*envp)[0] == 'P' && (*envp)[1] == 'A' && (*envp)[2] == 'T' &&
		    (*envp)[3] == 'H' && (*envp)[4] == '=')
			return *envp + 5;
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/* execute - as execvp(3). Returns when nothing could be executed: the error that says most */
static long execute(char **argv, char **envp)
{
	const char *dirs = search_path(envp);
	long result = -ENOENT;
	char path[PATH_MAX];
	size_t n = length(argv[0]);

	for (const char *p = argv[0]; *p; p++)
		if (*p == '/')
			return call(__NR_execve, (long)argv[0], (long)argv, (long)envp);
	for (;;) {
		size_t used = 0;
		long rc;

		while (dirs[used] && dirs[used] != ':' && used + n + 2 < sizeof(path)) {
			path[used] = dirs[used];
			used++;
		}
		dirs += used;
		path[used] = '/';
		for (size_t i = 0; i <= n && used + 1 + i < sizeof(path); i++)
			path[used + 1 + i] = argv[0][i];
		rc = used + n + 2 < sizeof(path)
			     ? call(__NR_execve, (long)path, (long)argv, (long)envp)
			     : -ENOENT;
		if (rc != -ENOENT && rc != -ENOTDIR)
			result = rc;
		if (*dirs != ':')
			return result;
		dirs++;
	}
}

static void become(char **argv, char **envp)
{
	uint64_t none = 0;
	int pid = (int)call(__NR_getpid, 0, 0, 0);
	long rc;

	/* SIGTTOU is blocked, so that a group in the background may take the terminal. */
	call(__NR_setpgid, 0, 0, 0);
	call(__NR_ioctl, 0, TIOCSPGRP, (long)&pid);
	call4(__NR_rt_sigprocmask, SIG_SETMASK, (long)&none, 0, sizeof(none));
	rc = execute(argv, envp);
	if (rc == -ENOENT || rc == -ENOTDIR)
		fail("cannot find the executable", EXIT_NOT_FOUND);
	fail("cannot execute the command", EXIT_NOT_EXECUTABLE);
}

/* reap - all that have ended; with @child, all is over. */
static void reap(int child)
{
	int status = 0;
	long pid;

	while ((pid = call4(__NR_wait4, -1, (long)&status, WNOHANG, 0)) > 0)
		if (pid == child)
			leave(status & 0x7f ? EXIT_BY_SIGNAL + (status & 0x7f)
					    : status >> 8 & 0xff);
}

__attribute__((used, noreturn)) void reaper_main(long *stack)
{
	char **argv = (char **)(stack + 1), **envp = argv + stack[0] + 1;
	uint64_t all = ALL;
	int child;

	if (stack[0] < 2)
		fail("no command", EXIT_NOT_FOUND);
	call4(__NR_rt_sigprocmask, SIG_SETMASK, (long)&all, 0, sizeof(all));
	/* Where the host's processes are visible, it is not the first one. */
	call4(__NR_prctl, PR_SET_CHILD_SUBREAPER, 1, 0, 0);
	child = (int)call4(__NR_clone, SIGCHLD, 0, 0, 0);
	if (child < 0)
		fail("cannot make a process", EXIT_NOT_EXECUTABLE);
	if (child == 0)
		become(argv + 1, envp);
	for (;;) {
		long sig = call4(__NR_rt_sigtimedwait, (long)&all, 0, 0, sizeof(all));

		if (sig == SIGCHLD)
			reap(child);
		else if (sig > 0)
			call(__NR_kill, child, sig, 0);
	}
}
