/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.c: console socket, pidfd socket and pid file.
 */
#include "runtime/container/handover.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

/*
 * send_fd - send @fd beside the text @name to whoever listens at @path.
 * @what: what the socket is for, for messages
 */
static int send_fd(const char *path, const char *name, int fd, const char *what, struct error *err)
{
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)name, .iov_len = strlen(name)};
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	struct cmsghdr *c;

	if (strlen(path) >= sizeof(addr.sun_path))
		return error_set(err, ENAMETOOLONG, "%s socket `%s`", what, path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (sock < 0 || connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_set(err, errno, "cannot connect to the %s socket `%s`", what, path);
	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&hdr);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	if (sendmsg(sock, &hdr, MSG_NOSIGNAL) < 0)
		return error_set(err, errno, "cannot send to the %s socket `%s`", what, path);
	return 0;
}

int handover_console(const char *path, int console, struct error *err)
{
	return send_fd(path, "/dev/ptmx", console, "console", err);
}

int handover_pidfd(const char *path, int pidfd, struct error *err)
{
	return send_fd(path, "pidfd", pidfd, "pidfd", err);
}

int handover_pid(const char *path, pid_t pid, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char part[4096], text[16];
	int n = snprintf(text, sizeof(text), "%d", pid);

	if ((size_t)snprintf(part, sizeof(part), "%s.new", path) >= sizeof(part))
		return error_set(err, ENAMETOOLONG, "pid file `%s`", path);
	fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write(fd, text, (size_t)n) != n || rename(part, path) < 0) {
		error_set(err, errno, "cannot write the pid file `%s`", path);
		if (fd >= 0)
			(void)unlink(part);
		return -1;
	}
	return 0;
}
