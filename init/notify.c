/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.c: readiness and signs of life, as sd_notify(3) sends them.
 *
 * One datagram socket for all. Who sends is not believed but asked from the kernel: it adds the sender's
 * pid to each message (SCM_CREDENTIALS), and the cgroup of that process says to which service it belongs,
 * so a helper of a service may speak for it and nobody else. A helper that has ended before its message is
 * read cannot be told any more; its message is lost unless it was the service's first process, which stays
 * a zombie, in its cgroup, until PID 1 has reaped it.
 *
 * The socket is open to all users, for services may run as any. A flood of messages fills the socket's
 * queue and makes the senders wait; PID 1 reads a bounded number of them in a round.
 */
#include "init/notify.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "init/file.h"
#include "init/loop.h"
#include "init/say.h"
#include "init/servicedef.h"
#include "lib/fd.h"

#define MESSAGES_A_ROUND 16

static void (*told)(pid_t pid, const char *service, struct notify n);
static int notify_fd = FD_EMPTY;

/* service_of - the service in whose cgroup a process is; "" when it is in none. */
static void service_of(pid_t pid, char *name)
{
	char path[32];
	char text[256];

	name[0] = '\0';
	snprintf(path, sizeof(path), "/proc/%d/cgroup", (int)pid);
	if (file_read(AT_FDCWD, path, text, sizeof(text)) <= 0 ||
	    !notify_cgroup_service(text, name))
		name[0] = '\0';
}

/* sender - the pid that the kernel has put beside a message, first; 0 when it did not. */
static pid_t sender(struct msghdr *message)
{
	const struct cmsghdr *c = CMSG_FIRSTHDR(message);
	struct ucred who;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_CREDENTIALS)
		return 0;
	memcpy(&who, CMSG_DATA(c), sizeof(who));
	return who.pid;
}

static bool receive(int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
	} control;
	char text[NOTIFY_BYTES];
	struct iovec part = {text, sizeof(text)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	char name[SERVICE_NAME_MAX + 1];
	ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	pid_t pid;

	if (n < 0)
		return false;
	/* Descriptors do not fit beside the credentials: the kernel drops them. */
	pid = sender(&message);
	if (pid <= 0 || (message.msg_flags & MSG_TRUNC))
		return true;
	service_of(pid, name);
	told(pid, name, notify_parse(text, (size_t)n));
	return true;
}

static void ready(int fd, short revents)
{
	(void)revents;
	for (int i = 0; i < MESSAGES_A_ROUND; i++)
		if (!receive(fd))
			break;
}

int notify_open(void (*tell)(pid_t pid, const char *service, struct notify n))
{
	const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = NOTIFY_SOCKET_PATH};
	const int on = 1;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	told = tell;
	notify_fd = fd;
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)) == 0 &&
	    bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
	    chmod(NOTIFY_SOCKET_PATH, 0666) == 0 && loop_watch(fd, POLLIN, ready))
		return 0;
	say_error(errno, "services: cannot make socket `%s`", NOTIFY_SOCKET_PATH);
	close_fd(fd);
	notify_fd = FD_EMPTY;
	return 1;
}

void notify_close(void)
{
	loop_unwatch(notify_fd);
	close_fd(notify_fd);
	notify_fd = FD_EMPTY;
	unlink(NOTIFY_SOCKET_PATH);
}
