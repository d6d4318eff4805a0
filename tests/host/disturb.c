/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * disturb.c: make one system call of one process fail, or kill the process there.
 *
 * usage: disturb PROCESS POSITION ERRNO|KILL NOTE COMMAND [ARGUMENT...]
 *
 * strace(1) counts for each process by itself, so what it injects into the fifth openat of a child it
 * injects into the parent's fifth as well, and then there is no child. Here the calls of one process are
 * counted, of whatever kind: PROCESS is 1 for COMMAND, 2 for the first that it makes, and POSITION
 * counts from 1 to the call in which it executes a program. The file NOTE gets "call NUMBER" when that
 * call was made, or "calls N", how many there were. What only asks or cannot fail is let through. The
 * exit code is COMMAND's.
 *
 * Source: ptrace(2).
 */
#include <elf.h>
#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef PTRACE_GET_SYSCALL_INFO
#define PTRACE_GET_SYSCALL_INFO 0x420e
#endif
#define PROCESSES 64
#define INFO_ENTRY 1
#define INFO_EXIT 2

/* The beginning of the kernel's struct ptrace_syscall_info. */
struct info {
	uint8_t op, pad[3];
	uint32_t arch;
	uint64_t ip, sp, nr, args[6];
};

struct process {
	pid_t pid;
	bool failing, executed;
};

static struct process processes[PROCESSES];
static int n_processes;

static const long cannot_fail[] = {SYS_getpid, SYS_umask,	   SYS_exit_group,  SYS_exit,
				   SYS_close,  SYS_rt_sigprocmask, SYS_rt_sigaction};

/* known - the process @pid, the next one if it is new. */
static struct process *known(pid_t pid)
{
	for (int i = 0; i < n_processes; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	if (n_processes == PROCESSES)
		errx(125, "too many processes");
	processes[n_processes].pid = pid;
	return &processes[n_processes++];
}

static void set_call(pid_t pid, long nr)
{
#ifdef __x86_64__
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, orig_rax), nr);
#else
	int call = (int)nr;
	struct iovec iov = {.iov_base = &call, .iov_len = sizeof(call)};

	ptrace(PTRACE_SETREGSET, pid, NT_ARM_SYSTEM_CALL, &iov);
#endif
}

static void set_result(pid_t pid, long value)
{
#ifdef __x86_64__
	ptrace(PTRACE_POKEUSER, pid, offsetof(struct user_regs_struct, rax), value);
#else
	struct user_regs_struct regs;
	struct iovec iov = {.iov_base = &regs, .iov_len = sizeof(regs)};

	ptrace(PTRACE_GETREGSET, pid, NT_PRSTATUS, &iov);
	regs.regs[0] = (unsigned long long)value;
	ptrace(PTRACE_SETREGSET, pid, NT_PRSTATUS, &iov);
#endif
}

static bool can_fail(long nr)
{
	for (size_t i = 0; i < sizeof(cannot_fail) / sizeof(cannot_fail[0]); i++)
		if (cannot_fail[i] == nr)
			return false;
	return true;
}

static void note(const char *path, const char *what, long n)
{
	FILE *f = fopen(path, "w");

	if (!f || fprintf(f, "%s %ld\n", what, n) < 0 || fclose(f))
		err(125, "%s", path);
}

/* at_call - @p stops at a system call, before it or after it. */
static void at_call(struct process *p, long position, int error, const char *path)
{
	static long calls;
	struct info info = {0};
	long nr;

	ptrace(PTRACE_GET_SYSCALL_INFO, p->pid, sizeof(info), &info);
	if (info.op == INFO_EXIT && p->failing) {
		set_result(p->pid, -error);
		p->failing = false;
	}
	if (info.op != INFO_ENTRY)
		return;
	calls++;
	nr = (long)info.nr;
	if (position == 0)
		note(path, "calls", calls);
	if (calls != position || (error && !can_fail(nr)))
		return;
	note(path, "call", nr);
	if (!error) {
		kill(p->pid, SIGKILL);
		return;
	}
	set_call(p->pid, -1);
	p->failing = true;
}

/* stopped - what to do about the stop @status of @pid. Returns the signal to pass on. */
static int stopped(pid_t pid, int status, int process, long position, int error, const char *path)
{
	int sig = WSTOPSIG(status);
	struct process *p = known(pid);
	unsigned long child;

	switch (status >> 16) {
	case PTRACE_EVENT_FORK:
	case PTRACE_EVENT_VFORK:
	case PTRACE_EVENT_CLONE:
		if (ptrace(PTRACE_GETEVENTMSG, pid, 0, &child) == 0)
			known((pid_t)child);
		return 0;
	case PTRACE_EVENT_EXEC:
		p->executed = true;
		return 0;
	default:
		break;
	}
	if (sig == (SIGTRAP | 0x80)) {
		if (p == &processes[process - 1] && (!p->executed || process == 1))
			at_call(p, position, error, path);
		return 0;
	}
	/* SIGSTOP: the first stop of a new one; nobody else sends it here */
	return sig == SIGTRAP || sig == SIGSTOP ? 0 : sig;
}

int main(int argc, char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	int process = argc > 5 ? atoi(argv[1]) : 0, error, status;
	long position = argc > 5 ? atol(argv[2]) : 0;
	pid_t command, pid;

	if (process < 1 || process > PROCESSES)
		errx(125, "see the head of disturb.c");
	error = strcmp(argv[3], "KILL") ? atoi(argv[3]) : 0;
	command = fork();
	if (command == 0) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		execvp(argv[5], argv + 5);
		err(127, "%s", argv[5]);
	}
	if (command < 0 || waitpid(command, &status, 0) < 0 ||
	    ptrace(PTRACE_SETOPTIONS, command, 0, options) < 0)
		err(125, "cannot trace");
	known(command);
	ptrace(PTRACE_SYSCALL, command, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status)) {
			int sig = stopped(pid, status, process, position, error, argv[4]);

			ptrace(PTRACE_SYSCALL, pid, 0, sig);
		} else if (pid == command) {
			/* who is left goes on untraced */
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
		}
	}
	err(125, "waitpid");
}
