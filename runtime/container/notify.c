/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.c: NOTIFY_SOCKET, as runc has it.
 *
 * `create` makes a directory and has it bound into the container; who starts the program (`start`, `run`)
 * makes the socket in it, since a socket lives as long as a process holds it. The one thing relayed is
 * that the program is ready, with its pid for the manager to watch. What else a container might like to
 * tell the manager of its host is its own affair.
 *
 * Source: sd_notify(3).
 */
#include "runtime/container/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/warn.h"

bool notify_wanted(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	return path && *path;
}

int notify_make_dir(int dir, struct error *err)
{
	/* Whoever the program runs as: nothing else is in there. */
	if (mkdirat(dir, "notify", 0755) < 0)
		return error_set(err, errno, "cannot make the directory of the notify socket");
	return 0;
}

int notify_open(struct notify *n, int dir, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_fd_ int sock = FD_EMPTY;
	struct stat st;

	n->sock = FD_EMPTY;
	n->manager = getenv("NOTIFY_SOCKET");
	if (!n->manager || !*n->manager)
		return 0;
	if (fstatat(dir, "notify", &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot look for the notify socket");
	/* Through the directory's descriptor: sun_path has 108 bytes, --root may be longer. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/notify/notify.sock", dir);
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    fchmodat(dir, "notify/notify.sock", 0777, 0) < 0)
		return error_set(err, errno, "cannot make the notify socket");
	n->sock = take_fd(&sock);
	return 0;
}

/* tell_manager - send @text to NOTIFY_SOCKET, a path or, with "@" first, an abstract name. */
static int tell_manager(const char *path, const char *text, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t length = strlen(path);

	if (length >= sizeof(addr.sun_path))
		return error_set(err, ENAMETOOLONG, "NOTIFY_SOCKET `%s`", path);
	memcpy(addr.sun_path, path, length);
	if (path[0] == '@')
		addr.sun_path[0] = '\0';
	if (sock < 0 || sendto(sock, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&addr,
			       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		return error_set(err, errno, "cannot tell NOTIFY_SOCKET `%s`", path);
	return 0;
}

/* says_ready - is READY=1 a line of @text? */
static bool says_ready(const char *text)
{
	for (const char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, "READY=1", 7) && (line[7] == '\n' || !line[7]))
			return true;
	}
	return false;
}

void notify_relay(struct notify *n, pid_t pid)
{
	struct error err = ERROR_INIT;
	char text[4096], ready[64];
	ssize_t got;

	do {
		got = recv(n->sock, text, sizeof(text) - 1, MSG_DONTWAIT);
		if (got < 0)
			return;
		text[got] = '\0';
	} while (!says_ready(text));
	close_fd(take_fd(&n->sock));
	snprintf(ready, sizeof(ready), "READY=1\nMAINPID=%d\n", pid);
	if (tell_manager(n->manager, ready, &err) < 0)
		warn(&err);
}

int notify_wait(struct notify *n, int pidfd, pid_t pid, struct error *err)
{
	while (n->sock >= 0) {
		struct pollfd p[] = {{.fd = n->sock, .events = POLLIN},
				     {.fd = pidfd, .events = POLLIN}};

		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for the program to be ready");
		if (p[0].revents)
			notify_relay(n, pid);
		else if (p[1].revents)
			return 0;
	}
	return 0;
}
