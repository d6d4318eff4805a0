/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.c: console socket and pid file.
 */
#include "runtime/container/handover.h"

#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int handover_console(const char *path, int console, struct error *err)
{
	static const char name[] = "/dev/ptmx";
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)name, .iov_len = sizeof(name) - 1};
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
		return error_set(err, ENAMETOOLONG, "console socket `%s`", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	if (sock < 0 || connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_set(err, errno, "cannot connect to the console socket `%s`", path);
	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&hdr);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &console, sizeof(int));
	if (sendmsg(sock, &hdr, MSG_NOSIGNAL) < 0)
		return error_set(err, errno, "cannot send the terminal to `%s`", path);
	return 0;
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
