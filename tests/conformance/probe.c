/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.c: what a conformance case asks the kernel, or the runtime, and no shell can.
 *
 * usage: probe QUESTION [ARGUMENT...]
 *
 * Inside a container it prints one line about its own process: fds, sched, ioprio, personality,
 * clock. `try` makes one harmless system call and prints what came back, which is how a seccomp
 * filter shows. Outside, `agent` is the seccomp agent that a listenerPath belongs to. Linked
 * statically: it runs in any root file system.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MESSAGE_BYTES 65536

/* As the kernel has it; the C library of the build machine may not. */
struct sched_state {
	__u32 size, policy;
	__u64 flags;
	__s32 nice;
	__u32 priority;
	__u64 runtime, deadline, period;
	__u32 util_min, util_max;
};

/* fds - the open descriptors, without the one that looks. */
static int fds(char **args)
{
	(void)args;
	for (int fd = 0; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf("%d ", fd);
	putchar('\n');
	return 0;
}

static int sched(char **args)
{
	struct sched_state s = {.size = sizeof(s)};

	(void)args;
	if (syscall(SYS_sched_getattr, 0, &s, sizeof(s), 0) < 0)
		err(1, "sched_getattr");
	printf("policy %u nice %d priority %u flags %llu runtime %llu deadline %llu period %llu\n",
	       s.policy, s.nice, s.priority, s.flags, s.runtime, s.deadline, s.period);
	return 0;
}

static int ioprio(char **args)
{
	long value = syscall(SYS_ioprio_get, 1 /* IOPRIO_WHO_PROCESS */, 0);

	(void)args;
	if (value < 0)
		err(1, "ioprio_get");
	printf("class %ld priority %ld\n", value >> 13, value & 7);
	return 0;
}

static int persona(char **args)
{
	(void)args;
	printf("%#x\n", (unsigned int)personality(0xffffffff));
	return 0;
}

/* clock_seconds - CLOCK: monotonic or boottime, in whole seconds. */
static int clock_seconds(char **args)
{
	struct timespec ts;

	if (!args[0])
		errx(1, "clock: which one?");
	if (clock_gettime(strcmp(args[0], "boottime") == 0 ? CLOCK_BOOTTIME : CLOCK_MONOTONIC,
			  &ts) < 0)
		err(1, "clock_gettime");
	printf("%lld\n", (long long)ts.tv_sec);
	return 0;
}

/*
 * try - lseek(-1, A, B), whose second argument has 64 bits: EBADF when the kernel is let to do it.
 * It runs in a child, so that the end of that can be told too.
 */
static int try(char **args)
{
	int status;
	pid_t pid;

	if (!args[0] || !args[1])
		errx(1, "try: A B");
	fflush(stdout);
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		long rc = syscall(SYS_lseek, -1, strtoull(args[0], NULL, 0),
				  strtoul(args[1], NULL, 0));

		if (rc == -1 && errno == EBADF)
			puts("allowed");
		else if (rc == -1)
			printf("errno %d\n", errno);
		else
			printf("returned %ld\n", rc);
		exit(0);
	}
	if (waitpid(pid, &status, 0) < 0)
		err(1, "waitpid");
	if (WIFSIGNALED(status))
		printf("signal %d\n", WTERMSIG(status));
	return 0;
}

/* traced - the same lseek under ptrace: what a tracer is told for SCMP_ACT_TRACE. */
static int traced(char **args)
{
	unsigned long data = 0;
	int status;
	pid_t pid;

	(void)args;
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		syscall(SYS_lseek, -1, 0, 0);
		_exit(0);
	}
	if (waitpid(pid, &status, 0) < 0 || !WIFSTOPPED(status))
		errx(1, "the traced child did not stop");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESECCOMP | PTRACE_O_EXITKILL) < 0)
		err(1, "ptrace");
	for (;;) {
		if (ptrace(PTRACE_CONT, pid, NULL, NULL) < 0 || waitpid(pid, &status, 0) < 0)
			err(1, "ptrace");
		if (!WIFSTOPPED(status)) {
			puts("no event");
			return 0;
		}
		if (status >> 8 == (SIGTRAP | (PTRACE_EVENT_SECCOMP << 8))) {
			ptrace(PTRACE_GETEVENTMSG, pid, NULL, &data);
			printf("event %lu\n", data);
			return 0;
		}
	}
}

static int listen_on(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		errx(1, "%s: too long", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(sock, 8) < 0)
		err(1, "%s", path);
	return sock;
}

/* answer_all - give every notification of filter @fd the errno @code, until nobody can ask any more. */
static void answer_all(int fd, int code)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		struct seccomp_notif asked;
		struct seccomp_notif_resp answer;

		if (poll(&p, 1, -1) < 0 || !(p.revents & POLLIN))
			return;
		memset(&asked, 0, sizeof(asked));
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &asked) < 0)
			continue;
		memset(&answer, 0, sizeof(answer));
		answer.id = asked.id;
		answer.error = -code;
		/* The one who asked may be dead by now: then there is nobody to tell. */
		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &answer) < 0 && errno != ENOENT)
			err(1, "SECCOMP_IOCTL_NOTIF_SEND");
	}
}

/*
 * serve - one connection. The first descriptor that comes is the filter's, and is answered for at
 * once; what was said is printed when the other side has closed: the number of descriptors that came
 * with each part, the message, "closed".
 */
static void serve(int conn, int code)
{
	static char text[MESSAGE_BYTES];
	size_t counts[64], parts = 0, length = 0;
	bool answered = false;

	for (;;) {
		union {
			struct cmsghdr align;
			char buf[CMSG_SPACE(8 * sizeof(int))];
		} control;
		struct iovec iov = {.iov_base = text + length,
				    .iov_len = sizeof(text) - 1 - length};
		struct msghdr msg = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = control.buf,
				     .msg_controllen = sizeof(control.buf)};
		ssize_t n = recvmsg(conn, &msg, MSG_CMSG_CLOEXEC);
		size_t count = 0;
		int first = -1;

		if (n < 0)
			err(1, "recvmsg");
		for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
			if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
				continue;
			count += (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(&first, CMSG_DATA(c), sizeof(first));
		}
		if (count && !answered && fork() == 0) {
			close(conn);
			answer_all(first, code);
			_exit(0);
		}
		answered = answered || count;
		if (first >= 0)
			close(first);
		if (n == 0 && count == 0)
			break;
		if (parts == sizeof(counts) / sizeof(counts[0]) || length == sizeof(text) - 1)
			errx(1, "the message is too long");
		counts[parts++] = count;
		length += (size_t)n;
	}
	text[length] = '\0';
	printf("descriptors");
	for (size_t i = 0; i < parts; i++)
		printf(" %zu", counts[i]);
	printf("\n%s\nclosed\n", text);
	fflush(stdout);
}

/* agent - SOCKET ERRNO: be a seccomp agent until killed; a process for each connection. */
static int agent(char **args)
{
	int sock, code;

	if (!args[0] || !args[1])
		errx(1, "agent: SOCKET ERRNO");
	sock = listen_on(args[0]);
	code = atoi(args[1]);
	signal(SIGCHLD, SIG_IGN);
	puts("listening");
	fflush(stdout);
	for (;;) {
		int conn = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

		if (conn < 0)
			err(1, "accept");
		if (fork() == 0) {
			close(sock);
			serve(conn, code);
			_exit(0);
		}
		close(conn);
	}
}

static const struct {
	const char *name;
	int (*ask)(char **args);
} questions[] = {
	{"fds", fds}, {"sched", sched},		{"ioprio", ioprio}, {"personality", persona},
	{"try", try}, {"clock", clock_seconds}, {"traced", traced}, {"agent", agent},
};

int main(int argc, char **argv)
{
	if (argc > 1)
		for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++)
			if (strcmp(argv[1], questions[i].name) == 0)
				return questions[i].ask(argv + 2);
	errx(1, "usage: probe QUESTION [ARGUMENT...]");
}
