/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * steady.c: what a running workload asks of the kernel and of the processor (s17, s18, s19).
 *
 * Each case does a fixed amount and gives the time of all of it; the amount is in its name. None needs a
 * privilege, so all of them run in a container of the default spec; files are made in the directory that the
 * command line names.
 */
#include "bench/work/work.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- system calls */

static int64_t getppids(const struct work *w, int n)
{
	int64_t start = work_now_ns();

	(void)w;
	for (int i = 0; i < n; i++)
		syscall(SYS_getppid);
	return work_now_ns() - start;
}

static int64_t opens(const struct work *w, int n)
{
	int64_t start = work_now_ns();

	(void)w;
	for (int i = 0; i < n; i++) {
		int fd = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		if (fd < 0)
			return -1;
		close(fd);
	}
	return work_now_ns() - start;
}

#define MAP_BYTES (64 * 4096)

static int64_t maps(const struct work *w, int n)
{
	int64_t start = work_now_ns();

	(void)w;
	for (int i = 0; i < n; i++) {
		char *p = mmap(NULL, MAP_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       -1, 0);

		if (p == MAP_FAILED)
			return -1;
		for (size_t at = 0; at < MAP_BYTES; at += 4096)
			*(volatile char *)(p + at) = 1;
		munmap(p, MAP_BYTES);
	}
	return work_now_ns() - start;
}

static int64_t futexes(const struct work *w, int n)
{
	uint32_t word = 0;
	int64_t start = work_now_ns();

	(void)w;
	for (int i = 0; i < n; i++)
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return work_now_ns() - start;
}

/* echo - the other side of a ping-pong: sends every byte back until the end of file. */
static void echo(int in, int out)
{
	char byte;

	while (read(in, &byte, 1) == 1)
		if (write(out, &byte, 1) != 1)
			break;
	_exit(0);
}

/* round_trips - @n bytes there and back. */
static int64_t round_trips(int out, int in, int n)
{
	int64_t start = work_now_ns();
	char byte = 'x';

	for (int i = 0; i < n; i++)
		if (write(out, &byte, 1) != 1 || read(in, &byte, 1) != 1)
			return -1;
	return work_now_ns() - start;
}

static int64_t pipes(const struct work *w, int n)
{
	int there[2], back[2];
	int64_t took;
	pid_t pid;

	(void)w;
	if (pipe2(there, O_CLOEXEC) < 0 || pipe2(back, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		close(there[1]);
		close(back[0]);
		echo(there[0], back[1]);
	}
	close(there[0]);
	close(back[1]);
	took = pid < 0 ? -1 : round_trips(there[1], back[0], n);
	close(there[1]);
	close(back[0]);
	return pid < 0 || work_wait(pid) ? -1 : took;
}

static int64_t forks(const struct work *w, int n)
{
	int64_t start = work_now_ns();

	(void)w;
	for (int i = 0; i < n; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		if (pid < 0 || work_wait(pid))
			return -1;
	}
	return work_now_ns() - start;
}

static const struct work_case syscall_cases[] = {
	{"1000 getppid", getppids, 1000},     {"1000 open+close", opens, 1000},
	{"20 mmap+touch+munmap", maps, 20},   {"1000 futex wake", futexes, 1000},
	{"200 pipe round trips", pipes, 200}, {"10 fork+wait", forks, 10},
};

const struct work_group work_syscall = {"syscall", syscall_cases, COUNT(syscall_cases), NULL, NULL};

/* --- processor and memory */

static int64_t primes(const struct work *w, int up_to)
{
	int64_t start = work_now_ns();
	volatile int found = 0;

	(void)w;
	for (int n = 2; n < up_to; n++) {
		int d = 2;

		while (d * d <= n && n % d != 0)
			d++;
		if (d * d > n)
			found++;
	}
	return work_now_ns() - start;
}

static int64_t copies(const struct work *w, int mib)
{
	size_t size = (size_t)mib << 20;
	char *a = malloc(size), *b = malloc(size);
	int64_t start;

	(void)w;
	if (!a || !b) {
		free(a);
		free(b);
		errno = ENOMEM;
		return -1;
	}
	memset(a, 1, size);
	memset(b, 2, size);
	start = work_now_ns();
	for (int i = 0; i < 4; i++) {
		memcpy(a, b, size);
		__asm__ volatile("" ::"r"(a) : "memory");
	}
	start = work_now_ns() - start;
	free(a);
	free(b);
	return start;
}

static const struct work_case cpu_cases[] = {
	{"primes below 20000", primes, 20000},
	{"4 copies of 4 MiB", copies, 4},
	{"10 fork+wait", forks, 10},
};

const struct work_group work_cpu = {"cpu", cpu_cases, COUNT(cpu_cases), NULL, NULL};

/* --- network */

/* tcp_pair - two ends of a connection over the loopback. */
static int tcp_pair(int ends[2])
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(at);
	int one = 1, ret = -1, listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ends[1] = -1;
	if (listener >= 0 && ends[0] >= 0 &&
	    bind(listener, (struct sockaddr *)&at, sizeof(at)) == 0 && listen(listener, 1) == 0 &&
	    getsockname(listener, (struct sockaddr *)&at, &len) == 0 &&
	    connect(ends[0], (struct sockaddr *)&at, sizeof(at)) == 0)
		ends[1] = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (ends[1] >= 0)
		ret = 0;
	for (int i = 0; ret == 0 && i < 2; i++)
		setsockopt(ends[i], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	close(listener);
	return ret;
}

static int64_t tcp_trips(const struct work *w, int n)
{
	int ends[2];
	int64_t took;
	pid_t pid;

	(void)w;
	if (tcp_pair(ends))
		return -1;
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		echo(ends[1], ends[1]);
	}
	close(ends[1]);
	took = pid < 0 ? -1 : round_trips(ends[0], ends[0], n);
	close(ends[0]);
	return pid < 0 || work_wait(pid) ? -1 : took;
}

#define CHUNK 65536

static void drain(int fd)
{
	static char buf[CHUNK];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
	_exit(0);
}

static int64_t tcp_stream(const struct work *w, int mib)
{
	static char buf[CHUNK];
	int64_t start, left = (int64_t)mib << 20;
	int ends[2];
	pid_t pid;

	(void)w;
	if (tcp_pair(ends))
		return -1;
	start = work_now_ns();
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		drain(ends[1]);
	}
	close(ends[1]);
	while (pid > 0 && left > 0) {
		ssize_t n = write(ends[0], buf, sizeof(buf));

		if (n < 0)
			break;
		left -= n;
	}
	close(ends[0]);
	return pid < 0 || work_wait(pid) || left > 0 ? -1 : work_now_ns() - start;
}

static const struct work_case net_cases[] = {
	{"200 TCP round trips", tcp_trips, 200},
	{"16 MiB of TCP", tcp_stream, 16},
};

const struct work_group work_net = {"net", net_cases, COUNT(net_cases), NULL, NULL};

/* --- files */

static int scratch = -1;

static int open_scratch(const struct work *w)
{
	char path[4096];

	if ((size_t)snprintf(path, sizeof(path), "%s/bench.XXXXXX", w->argument) >= sizeof(path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	scratch = mkstemp(path);
	if (scratch >= 0)
		unlink(path);
	return scratch < 0 ? -1 : 0;
}

static void close_scratch(const struct work *w)
{
	(void)w;
	close(scratch);
}

static int64_t writes(const struct work *w, int n)
{
	static const char page[4096];
	int64_t start = work_now_ns();

	(void)w;
	for (int i = 0; i < n; i++)
		if (pwrite(scratch, page, sizeof(page), (off_t)i * 4096) != sizeof(page))
			return -1;
	return work_now_ns() - start;
}

static int64_t reads(const struct work *w, int n)
{
	char page[4096];
	int64_t start;

	if (writes(w, n) < 0)
		return -1;
	start = work_now_ns();
	for (int i = 0; i < n; i++)
		if (pread(scratch, page, sizeof(page), (off_t)i * 4096) != sizeof(page))
			return -1;
	return work_now_ns() - start;
}

static int64_t syncs(const struct work *w, int n)
{
	int64_t start = work_now_ns();

	for (int i = 0; i < n; i++)
		if (writes(w, 1) < 0 || fsync(scratch) < 0)
			return -1;
	return work_now_ns() - start;
}

static const struct work_case io_cases[] = {
	{"256 reads of 4 KiB", reads, 256},
	{"256 writes of 4 KiB", writes, 256},
	{"4 fsyncs", syncs, 4},
};

const struct work_group work_io = {"io", io_cases, COUNT(io_cases), open_scratch, close_scratch};
