/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.c: input of a container: its terminal, or the pipe of its standard input.
 *
 * The runtime hands a terminal's master over on a socket (--console-socket). It connects and sends while
 * we are elsewhere, since both have room for one; when it has ended the descriptor is there.
 *
 * Input is written as far as there is room. What does not fit stays with the client, from whom nothing
 * more is read until the container has taken some.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/supervisor/supervisor.h"

void console_path(const struct supervisor *s, const char *id, char path[108])
{
	snprintf(path, 108, "%.80s/console-%.*s", s->sockets, SHORT_ID, id);
}

int console_socket(const char *path, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	(void)unlink(path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(fd, 1) < 0)
		return error_set(err, errno, "cannot listen on `%s`", path);
	return take_fd(&fd);
}

int console_take(int listener, const char *path, struct error *err)
{
	_cleanup_fd_ int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	union {
		struct cmsghdr align;
		char buf[CMSG_SPACE(sizeof(int))];
	} control;
	char name[64];
	struct iovec iov = {.iov_base = name, .iov_len = sizeof(name)};
	struct msghdr hdr = {.msg_iov = &iov,
			     .msg_iovlen = 1,
			     .msg_control = control.buf,
			     .msg_controllen = sizeof(control.buf)};
	struct cmsghdr *c;
	int master;

	(void)unlink(path);
	if (fd < 0 || recvmsg(fd, &hdr, MSG_CMSG_CLOEXEC) < 0)
		return error_set(err, errno, "cannot receive the terminal");
	c = CMSG_FIRSTHDR(&hdr);
	if (!c || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(int)))
		return error_set(err, EPROTO, "the runtime has sent no terminal");
	memcpy(&master, CMSG_DATA(c), sizeof(int));
	if (fcntl(master, F_SETFL, O_NONBLOCK) < 0) {
		close_fd(master);
		return error_set(err, errno, "cannot set up the terminal");
	}
	return master;
}

int console_listen(struct container *c, struct error *err)
{
	char path[108];

	console_path(c->s, c->id, path);
	replace_fd(&c->console_listener, console_socket(path, err));
	return c->console_listener < 0 ? -1 : 0;
}

int console_receive(struct container *c, struct error *err)
{
	_cleanup_fd_ int listener = take_fd(&c->console_listener);
	char path[108];

	console_path(c->s, c->id, path);
	return console_take(listener, path, err);
}

/* ready - it takes input again, or nobody reads the pipe any more. */
static void ready(struct loop_source *source, uint32_t events)
{
	struct container *c = owner_of(source, struct container, console);

	if (events & EPOLLERR) {
		channel_drop(c->s, c->id, '0');
		loop_close(&c->s->loop, source);
	} else {
		loop_wait_for(&c->s->loop, source, 0);
	}
	tell(c, TOLD_INPUT, NULL);
}

int console_attach(struct container *c, int fd, struct error *err)
{
	if (loop_add(&c->s->loop, &c->console, fd, 0, ready, err) < 0) {
		close_fd(fd);
		return -1;
	}
	return 0;
}

size_t console_write(struct container *c, const char *data, size_t length)
{
	int fd = c->console.fd;
	ssize_t n;

	if (fd < 0 || !length)
		return length; /* nobody reads it */
	n = write(fd, data, length);
	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return length;
	if (n < 0)
		n = 0;
	if ((size_t)n < length)
		loop_wait_for(&c->s->loop, &c->console, c->console.events | EPOLLOUT);
	return (size_t)n;
}

void console_eof(struct container *c)
{
	if (c->terminal || c->console.fd < 0)
		return;
	channel_drop(c->s, c->id, '0');
	loop_close(&c->s->loop, &c->console);
}

void console_resize(int terminal, int rows, int columns)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};

	/* One that is gone has no size. */
	(void)ioctl(terminal, TIOCSWINSZ, &size);
}
