/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp-agent.c: `seccomp-agent SOCKET OUT`: a listener for SCMP_ACT_NOTIFY.
 *
 * For each connection to SOCKET it appends the container process state to OUT, a line each, and then
 * answers until the last process with that filter is gone: mkdir and mkdirat succeed without doing
 * anything, everything else goes on as if there were no listener.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static int die(const char *what)
{
	fprintf(stderr, "seccomp-agent: %s: %s\n", what, strerror(errno));
	return 1;
}

/* receive - one state, to its end; returns the descriptor that came with it. */
static int receive(int conn, FILE *out)
{
	char text[65536] = "";
	size_t used = 0;
	int fd = -1;

	for (;;) {
		union {
			struct cmsghdr align;
			char buf[CMSG_SPACE(sizeof(int))];
		} control;
		struct iovec iov = {text + used, sizeof(text) - 1 - used};
		struct msghdr hdr = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = control.buf,
				     .msg_controllen = sizeof(control.buf)};
		ssize_t n = recvmsg(conn, &hdr, MSG_CMSG_CLOEXEC);
		struct cmsghdr *c = n >= 0 ? CMSG_FIRSTHDR(&hdr) : NULL;

		if (c && c->cmsg_type == SCM_RIGHTS)
			memcpy(&fd, CMSG_DATA(c), sizeof(fd));
		if (n <= 0)
			break;
		used += (size_t)n;
	}
	text[used] = '\0';
	fprintf(out, "%s\n", text);
	fflush(out);
	return fd;
}

static void answer(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	while (poll(&p, 1, -1) >= 0 && !(p.revents & (POLLHUP | POLLERR))) {
		struct seccomp_notif req = {0};
		struct seccomp_notif_resp resp = {0};

		if (ioctl(fd, SECCOMP_IOCTL_NOTIF_RECV, &req) < 0)
			continue;
		resp.id = req.id;
		resp.flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
#ifdef SYS_mkdir
		if (req.data.nr == SYS_mkdir)
			resp.flags = 0;
#endif
		if (req.data.nr == SYS_mkdirat)
			resp.flags = 0;
		(void)ioctl(fd, SECCOMP_IOCTL_NOTIF_SEND, &resp);
	}
}

int main(int argc, char **argv)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FILE *out = argc == 3 ? fopen(argv[2], "a") : NULL;

	if (!out || strlen(argv[1]) >= sizeof(addr.sun_path))
		return die("usage: seccomp-agent SOCKET OUT");
	memcpy(addr.sun_path, argv[1], strlen(argv[1]));
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(sock, 8) < 0)
		return die(argv[1]);
	for (;;) {
		int conn = accept4(sock, NULL, NULL, SOCK_CLOEXEC);
		int fd;

		if (conn < 0)
			return die("accept");
		fd = receive(conn, out);
		close(conn);
		if (fd < 0)
			continue;
		if (fork() == 0) {
			answer(fd);
			_exit(0);
		}
		close(fd);
	}
}
