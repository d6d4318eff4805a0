/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console-receiver.c: what an engine does with --console-socket, for the tests.
 *
 * usage: console-receiver SOCKET [TEXT]
 *
 * Listens on SOCKET, prints "listening", takes one connection and the one descriptor that comes
 * over it, says whether that is a terminal's master end, writes TEXT and a line end to it, and copies
 * what it has to say to standard output until its other end is closed. Of a pidfd it says whose it is.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int listen_on(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path))
		errx(1, "%s: too long", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(sock, 1) < 0)
		err(1, "%s", path);
	return sock;
}

/* receive_fd - the one descriptor beside a message that is not empty. */
static int receive_fd(int conn)
{
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(4 * sizeof(int))];
	} control;
	char name[4096];
	struct iovec iov = {.iov_base = name, .iov_len = sizeof(name)};
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c;
	int fd;

	if (recvmsg(conn, &hdr, MSG_CMSG_CLOEXEC) <= 0)
		err(1, "recvmsg");
	c = CMSG_FIRSTHDR(&hdr);
	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS ||
	    c->cmsg_len != CMSG_LEN(sizeof(int)) || CMSG_NXTHDR(&hdr, c))
		errx(1, "not exactly one descriptor");
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

/* show_pid - the process that a pidfd is about: proc_pid_fdinfo(5). */
static void show_pid(int fd)
{
	char path[64], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "Pid:", 4))
			fputs(line, stdout);
	if (f)
		fclose(f);
}

int main(int argc, char **argv)
{
	unsigned int number;
	char buf[4096];
	int conn, tty;
	ssize_t n;

	if (argc < 2)
		errx(1, "usage: console-receiver SOCKET [TEXT]");
	setvbuf(stdout, NULL, _IONBF, 0);
	int sock = listen_on(argv[1]);

	puts("listening");
	conn = accept(sock, NULL, NULL);
	if (conn < 0)
		err(1, "accept");
	tty = receive_fd(conn);
	if (ioctl(tty, TIOCGPTN, &number) < 0) {
		puts("not a master");
		show_pid(tty);
		return 0;
	}
	puts("a master");
	if (argc > 2 && dprintf(tty, "%s\n", argv[2]) < 0)
		err(1, "write");
	/* EIO is how a terminal says that its other end is closed. */
	while ((n = read(tty, buf, sizeof(buf))) > 0)
		if (write(STDOUT_FILENO, buf, (size_t)n) != n)
			err(1, "write");
	return n < 0 && errno != EIO;
}
