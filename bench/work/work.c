/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.c: what a kernel does for a workload, timed piece by piece: cloison-bench-work.
 *
 *	cloison-bench-work GROUP ROUNDS SEED [ARGUMENT]
 *	cloison-bench-work connect PORT
 *	cloison-bench-work peak PROGRAM [ARGUMENT...]
 *
 * The first prints "round<TAB>nanoseconds<TAB>name" for each case of the group in each round, in random order;
 * each is tried once before, and one that cannot be had here becomes "skip<TAB>errno<TAB>name". The same file
 * runs as a plain process, in a container and in a virtual machine, so that each can be set beside the same
 * kernel's bare process. It is one clock's business: nothing here is compared with a clock outside.
 *
 * The second connects to 127.0.0.1:PORT and sends one byte: the workload of s07-tcp. The third says
 * "peak<TAB>KiB" behind what PROGRAM said: the most memory that was resident in it or in a process that it
 * waited for. It is this small program that tells, because execve counts what the process had before as well.
 */
#include "bench/work/work.h"

#include "bench/rng.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_CASES 32
#define MAX_ROUNDS 100000

static const struct work_group *const groups[] = {&work_syscall, &work_cpu,    &work_io,
						  &work_netns,	 &work_rootfs, &work_cgroup,
						  &work_seccomp, &work_net};

int64_t work_now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

int work_wait(int pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	if (status == 0)
		return 0;
	errno = ECHILD;
	return -1;
}

/* try_cases - each once. Returns the number of those that can be had, their indices in @usable. */
static size_t try_cases(const struct work_group *g, const struct work *w, int *usable)
{
	size_t n = 0;

	for (size_t i = 0; i < g->count; i++) {
		if (g->cases[i].run(w, g->cases[i].amount) < 0)
			printf("skip\t%d\t%s\n", errno, g->cases[i].name);
		else
			usable[n++] = (int)i;
	}
	return n;
}

static int time_group(const struct work_group *g, const struct work *w, long rounds, uint64_t seed)
{
	int usable[MAX_CASES], order[MAX_CASES];
	struct rng rng = {seed};
	size_t n;

	if (g->open && g->open(w)) {
		for (size_t i = 0; i < g->count; i++)
			printf("skip\t%d\t%s\n", errno, g->cases[i].name);
		return fflush(stdout) ? 125 : 0;
	}
	n = try_cases(g, w, usable);
	for (long round = 0; round < rounds; round++) {
		memcpy(order, usable, n * sizeof(*order));
		rng_shuffle(&rng, order, n);
		for (size_t i = 0; i < n; i++) {
			const struct work_case *c = &g->cases[order[i]];
			int64_t took = c->run(w, c->amount);

			if (took < 0) {
				dprintf(2, "cloison-bench-work: %s: %s\n", c->name,
					strerror(errno));
				return 125;
			}
			printf("%ld\t%lld\t%s\n", round, (long long)took, c->name);
		}
	}
	if (g->close)
		g->close(w);
	return fflush(stdout) ? 125 : 0;
}

static int say_by_tcp(const char *port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons((uint16_t)strtoul(port, NULL, 10)),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0 ||
	    write(fd, "!", 1) != 1) {
		dprintf(2, "cloison-bench-work: cannot connect to port %s: %s\n", port,
			strerror(errno));
		return 125;
	}
	return 0;
}

/* peak - fork, not vfork: with that it would be this process's memory that counts. */
static int peak(char **argv)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		execv(argv[0], argv);
		_exit(127);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
		dprintf(2, "cloison-bench-work: cannot run `%s`: %s\n", argv[0], strerror(errno));
		return 125;
	}
	printf("peak\t%ld\n", usage.ru_maxrss);
	if (fflush(stdout))
		return 125;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int main(int argc, char **argv)
{
	struct work w = {.argument = argc > 4 ? argv[4] : "/tmp"};
	long rounds = argc > 3 ? strtol(argv[2], NULL, 10) : 0;

	if (argc == 3 && strcmp(argv[1], "connect") == 0)
		return say_by_tcp(argv[2]);
	if (argc > 2 && strcmp(argv[1], "peak") == 0)
		return peak(argv + 2);
	for (size_t i = 0; rounds > 0 && rounds <= MAX_ROUNDS && i < COUNT(groups); i++)
		if (strcmp(argv[1], groups[i]->verb) == 0)
			return time_group(groups[i], &w, rounds, strtoull(argv[3], NULL, 10));
	dprintf(2, "usage: cloison-bench-work ");
	for (size_t i = 0; i < COUNT(groups); i++)
		dprintf(2, "%s%s", i ? "|" : "", groups[i]->verb);
	dprintf(2, " ROUNDS SEED [ARGUMENT]\n       cloison-bench-work connect PORT\n"
		   "       cloison-bench-work peak PROGRAM [ARGUMENT...]\n");
	return 2;
}
