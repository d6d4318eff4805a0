/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * peak-rss.c: run a program and print the most memory that it had resident, in KiB, on descriptor 3.
 *
 * getrusage(2) would count the memory of whoever started the program, up to its execve. So it is
 * traced, and its own books are read (VmHWM, proc(5)) when it is about to end. What it starts
 * itself is not counted.
 *
 * usage: peak-rss PROGRAM [ARGUMENT...]; exits with the program's code
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(long ret, const char *what)
{
	if (ret >= 0)
		return;
	fprintf(stderr, "peak-rss: %s: %s\n", what, strerror(errno));
	exit(125);
}

static long peak_kib(pid_t pid)
{
	char path[64], line[256];
	long kib = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	f = fopen(path, "re");
	if (!f)
		return -1;
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			break;
	fclose(f);
	return kib;
}

int main(int argc, char **argv)
{
	int status, signal;
	pid_t pid;

	if (argc < 2)
		return 2;
	pid = fork();
	check(pid, "fork");
	if (pid == 0) {
		check(close(3), "descriptor 3");
		check(raise(SIGSTOP), "stop");
		execv(argv[1], argv + 1);
		check(-1, argv[1]);
	}
	check(waitpid(pid, &status, WUNTRACED), "wait");
	check(ptrace(PTRACE_SEIZE, pid, NULL, PTRACE_O_TRACEEXIT), "trace");
	check(kill(pid, SIGCONT), "continue");
	for (;;) {
		check(waitpid(pid, &status, 0), "wait");
		if (!WIFSTOPPED(status))
			break;
		signal = WSTOPSIG(status);
		if (status >> 16 == PTRACE_EVENT_EXIT)
			check(dprintf(3, "%ld\n", peak_kib(pid)), "print");
		/* Events are not signals; SIGSTOP and SIGCONT were ours. */
		if (status >> 16 || signal == SIGSTOP || signal == SIGCONT || signal == SIGTRAP)
			signal = 0;
		check(ptrace(PTRACE_CONT, pid, NULL, (void *)(long)signal), "resume");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
