/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sync.c: fixed-size messages over a SOCK_SEQPACKET socket.
 */
#include "runtime/sandbox/sync.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

/* A short message carries no error text: most messages are a few bytes, not a kilobyte. */
#define SYNC_HEAD offsetof(struct sync_msg, err)

static bool has_text(enum sync_kind kind)
{
	return kind == SYNC_ERROR || kind == SYNC_HOOK_ERROR || kind == SYNC_WARNING;
}

union fd_control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int))];
};

int sync_pair(int *a, int *b, struct error *err)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return error_set(err, errno, "cannot make a socket pair");
	*a = fds[0];
	*b = fds[1];
	return 0;
}

/* put - copy what @msg is made of: the text only where it has one. */
static void put(struct sync_msg *to, const struct sync_msg *msg)
{
	memcpy(to, msg, has_text(msg->kind) ? sizeof(*msg) : SYNC_HEAD);
}

int sync_leave(struct sync_box *box, const struct sync_msg *msg)
{
	if (box->n < SYNC_BOX_MESSAGES) {
		put(&box->msgs[box->n++], msg);
		return 0;
	}
	put(&box->msgs[SYNC_BOX_MESSAGES - 1], msg);
	box->msgs[SYNC_BOX_MESSAGES - 1].kind = SYNC_ERROR;
	errno = ENOBUFS;
	return -1;
}

void sync_hear(struct sync_box *box, struct sync_msg *msg)
{
	if (box->heard == box->n)
		msg->kind = SYNC_EOF;
	else
		put(msg, &box->msgs[box->heard++]);
}

int sync_send(int sock, const struct sync_msg *msg, int fd)
{
	union fd_control control;
	struct iovec iov = {
		.iov_base = (void *)(uintptr_t)msg,
		.iov_len = has_text(msg->kind) ? sizeof(*msg) : SYNC_HEAD,
	};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		hdr.msg_control = control.buf;
		hdr.msg_controllen = sizeof(control.buf);
		c = CMSG_FIRSTHDR(&hdr);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(sock, &hdr, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -1 : 0;
}

/* received_fd - the descriptor in @hdr's control data, or FD_EMPTY; there is room for one only. */
static int received_fd(struct msghdr *hdr)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(hdr);
	int fd;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return FD_EMPTY;
	memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

int sync_recv(int sock, struct sync_msg *msg, int *fd)
{
	union fd_control control;
	struct iovec iov = {.iov_base = msg, .iov_len = sizeof(*msg)};
	struct msghdr hdr = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.buf,
		.msg_controllen = sizeof(control.buf),
	};
	ssize_t n;

	/*
	 * A peer that ends without having read all it was sent makes the next call fail with
	 * ECONNRESET, once: what the peer said before is still there to be read after that.
	 */
	do
		n = recvmsg(sock, &hdr, MSG_CMSG_CLOEXEC);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n < 0)
		return -1;
	if (n <= 0) {
		msg->kind = SYNC_EOF;
		return 0;
	}
	*fd = received_fd(&hdr);
	if ((size_t)n != (has_text(msg->kind) ? sizeof(*msg) : SYNC_HEAD)) {
		close_fd(take_fd(fd));
		errno = EPROTO;
		return -1;
	}
	return 0;
}

void sync_send_text(int sock, enum sync_kind kind, const struct error *err)
{
	struct sync_msg msg = {.kind = kind, .err = *err};

	if (sync_send(sock, &msg, FD_EMPTY) < 0)
		return;
}
