/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * init-stand-in.c: what PID 1 is to cloisond, for tests on a host that has another one.
 *
 * usage: init-stand-in COMMAND [ARGUMENT...]
 *
 * It is the reaper of all that descends from it, starts COMMAND with a channel (lib/init_channel.h) and starts
 * it again when it has ended by a signal. Exit records are kept until they are acknowledged, descriptors
 * until they are dropped; both are said again to each new COMMAND. When COMMAND exits by itself, so does this, with its status.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "lib/init_channel.h"

static struct init_message records[INIT_RECORDS];
static uint64_t first_record = 1, next_record = 1, sent_record = 1, lost;

static struct stored {
	char name[INIT_NAME_BYTES];
	int fd;
} fds[INIT_FDS];
static int n_fds;

static int channel = -1;
static pid_t service;

static bool send_message(const struct init_message *m, int fd)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)m, .iov_len = sizeof(*m)};
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};

	if (fd >= 0) {
		hdr.msg_control = control.buf;
		hdr.msg_controllen = sizeof(control.buf);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(int));
	}
	return sendmsg(channel, &hdr, MSG_NOSIGNAL) == sizeof(*m);
}

/* send_records - those that were not sent yet, as far as there is room. */
static void send_records(void)
{
	while (sent_record < next_record) {
		if (!send_message(&records[sent_record % INIT_RECORDS], -1))
			return;
		sent_record++;
	}
}

static void keep_record(pid_t pid, int status)
{
	struct init_message *m = &records[next_record % INIT_RECORDS];
	struct timespec now;

	if (next_record - first_record == INIT_RECORDS) {
		first_record++;
		lost++;
	}
	clock_gettime(CLOCK_REALTIME, &now);
	*m = (struct init_message){.kind = INIT_EXIT,
				   .seq = next_record++,
				   .pid = pid,
				   .status = status,
				   .time_ns = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}

static void drop(const char *name)
{
	for (int i = 0; i < n_fds; i++)
		if (!strcmp(fds[i].name, name)) {
			close(fds[i].fd);
			fds[i] = fds[--n_fds];
			return;
		}
}

static void handle(const struct init_message *m, int fd)
{
	if (m->kind == INIT_ACK && m->seq >= first_record && m->seq < next_record)
		first_record = m->seq + 1;
	if (m->kind == INIT_DROP || m->kind == INIT_STORE)
		drop(m->name);
	if (m->kind == INIT_STORE && fd >= 0 && n_fds < INIT_FDS) {
		memcpy(fds[n_fds].name, m->name, sizeof(m->name));
		fds[n_fds++].fd = fd;
		return;
	}
	if (fd >= 0)
		close(fd);
}

static void receive(void)
{
	for (;;) {
		struct init_message m = {0};
		struct iovec iov = {.iov_base = &m, .iov_len = sizeof(m)};
		union {
			struct cmsghdr align;
			char buf[CMSG_SPACE(sizeof(int))];
		} control;
		struct msghdr hdr = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = control.buf,
				     .msg_controllen = sizeof(control.buf)};
		ssize_t n = recvmsg(channel, &hdr, MSG_CMSG_CLOEXEC);
		struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&hdr) : NULL;
		int fd = -1;

		if (n <= 0)
			return;
		if (c && c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(int));
		handle(&m, fd);
	}
}

/* insist - wait until it is sent; false: the service is gone. */
static bool insist(const struct init_message *m, int fd)
{
	while (!send_message(m, fd)) {
		if (errno != EAGAIN && errno != EINTR)
			return false;
		usleep(1000);
	}
	return true;
}

static void start(char **argv)
{
	int pair[2];
	char number[16];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) < 0)
		exit(125);
	channel = pair[0];
	service = fork();
	if (service == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		fcntl(pair[1], F_SETFD, 0);
		snprintf(number, sizeof(number), "%d", pair[1]);
		setenv(INIT_CHANNEL_ENV, number, 1);
		execv(argv[0], argv);
		_exit(127);
	}
	close(pair[1]);
	for (int i = 0; i < n_fds; i++) {
		struct init_message m = {.kind = INIT_STORED};

		memcpy(m.name, fds[i].name, sizeof(m.name));
		if (!insist(&m, fds[i].fd))
			return;
	}
	for (sent_record = first_record; sent_record < next_record; sent_record++)
		if (!insist(&records[sent_record % INIT_RECORDS], -1))
			return;
	(void)insist(&(struct init_message){.kind = INIT_REPLAYED}, -1);
}

static void reap(char **argv)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid != service) {
			keep_record(pid, status);
			continue;
		}
		/* What it has said before its end counts. */
		receive();
		close(channel);
		if (WIFEXITED(status))
			exit(WEXITSTATUS(status));
		start(argv);
	}
}

int main(int argc, char **argv)
{
	struct signalfd_siginfo info;
	sigset_t wanted;
	int signals;

	if (argc < 2)
		return 125;
	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigprocmask(SIG_BLOCK, &wanted, NULL);
	signals = signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 125;
	start(argv + 1);
	for (;;) {
		struct pollfd p[] = {{.fd = signals, .events = POLLIN},
				     {.fd = channel, .events = POLLIN}};

		if (sent_record < next_record)
			p[1].events |= POLLOUT;
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return 125;
		while (read(signals, &info, sizeof(info)) > 0)
			;
		reap(argv + 1);
		receive();
		send_records();
	}
}
