/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * channel.c: PID 1.
 *
 * Orphans come to PID 1, which tells how each of them ended, again and again until that is acknowledged;
 * and it keeps the containers' pipes while there is no cloisond. Without a channel (any other host) we are
 * the subreaper, and nothing is kept.
 *
 * After a start PID 1 first says all that it has kept; recover.c goes on when it has.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "runtime/supervisor/recover.h"
#include "runtime/supervisor/supervisor.h"

union control {
	struct cmsghdr align;
	char buf[CMSG_SPACE(sizeof(int))];
};

/* send_message - waits while the queue is full: PID 1 never waits for us. */
static void send_message(struct supervisor *s, const struct init_message *m, int fd)
{
	struct iovec iov = {.iov_base = (void *)(uintptr_t)m, .iov_len = sizeof(*m)};
	struct msghdr hdr = {.msg_iov = &iov, .msg_iovlen = 1};
	union control control = {0};
	struct error err = ERROR_INIT;

	if (s->channel.fd < 0)
		return;
	if (fd >= 0) {
		struct cmsghdr *c = &control.align;

		hdr.msg_control = control.buf;
		hdr.msg_controllen = sizeof(control.buf);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	if (sendmsg(s->channel.fd, &hdr, MSG_NOSIGNAL) < 0) {
		error_set(&err, errno, "cannot talk to PID 1");
		say_error(&err);
	}
}

static void name_fd(struct init_message *m, const char *id, char what)
{
	snprintf(m->name, sizeof(m->name), "%s/%c", id, what);
}

void channel_store(struct supervisor *s, const char *id, char what, int fd)
{
	struct init_message m = {.kind = INIT_STORE};

	name_fd(&m, id, what);
	send_message(s, &m, fd);
}

void channel_drop(struct supervisor *s, const char *id, char what)
{
	struct init_message m = {.kind = INIT_DROP};

	name_fd(&m, id, what);
	send_message(s, &m, FD_EMPTY);
}

void channel_ack(struct supervisor *s, uint64_t seq)
{
	struct init_message m = {.kind = INIT_ACK, .seq = seq};

	send_message(s, &m, FD_EMPTY);
}

/* stored - a descriptor of a container, or of one that is gone. */
static void stored(struct supervisor *s, const struct init_message *m, int fd)
{
	char id[ID_DIGITS + 1];
	struct container *c;

	if (strnlen(m->name, sizeof(m->name)) != ID_DIGITS + 2 || m->name[ID_DIGITS] != '/') {
		close_fd(fd);
		return;
	}
	snprintf(id, sizeof(id), "%.*s", ID_DIGITS, m->name);
	c = container_by_id(s, id);
	if (!c || !recover_fd(c, m->name[ID_DIGITS + 1], fd)) {
		channel_drop(s, id, m->name[ID_DIGITS + 1]);
		close_fd(fd);
	}
}

static void handle(struct supervisor *s, const struct init_message *m, int fd)
{
	switch (m->kind) {
	case INIT_EXIT:
		s->unsaved = false;
		process_ended(s, m->pid, m->status, m->time_ns);
		/* What could not be written down PID 1 keeps, and tells the next one. */
		if (!s->unsaved)
			channel_ack(s, m->seq);
		break;
	case INIT_LOST:
		say("PID 1 had no room for %ju exit records", (uintmax_t)m->seq);
		break;
	case INIT_STORED:
		stored(s, m, fd);
		return;
	case INIT_FULL:
		say("PID 1 has no room for the descriptor %.*s", (int)sizeof(m->name), m->name);
		break;
	case INIT_REPLAYED:
		recover_end(s);
		break;
	default: /* of a later version */
		break;
	}
	close_fd(fd);
}

static int take_descriptor(struct msghdr *hdr)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(hdr);
	int fd = FD_EMPTY;

	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&fd, CMSG_DATA(c), sizeof(int));
	return fd;
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct supervisor *s = owner_of(source, struct supervisor, channel);

	(void)events;
	for (int i = 0; i < 64; i++) {
		struct init_message m;
		struct iovec iov = {.iov_base = &m, .iov_len = sizeof(m)};
		union control control;
		struct msghdr hdr = {.msg_iov = &iov,
				     .msg_iovlen = 1,
				     .msg_control = control.buf,
				     .msg_controllen = sizeof(control.buf)};
		ssize_t n = recvmsg(source->fd, &hdr, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);

		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (n <= 0) {
			say("PID 1 has closed the channel");
			loop_close(&s->loop, source);
			return;
		}
		if (n == sizeof(m))
			handle(s, &m, take_descriptor(&hdr));
		else
			close_fd(take_descriptor(&hdr));
	}
}

int channel_open(struct supervisor *s, struct error *err)
{
	const char *number = getenv(INIT_CHANNEL_ENV);
	char *end;
	long fd;

	if (!number) {
		if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			return error_set(err, errno, "cannot become the reaper of the containers");
		return 0;
	}
	fd = strtol(number, &end, 10);
	if (*end || fd <= STDERR_FILENO || fd > 65535)
		return error_set(err, EINVAL, INIT_CHANNEL_ENV " `%.32s`", number);
	/* Reading never waits (MSG_DONTWAIT), sending does: nothing that is said here may be lost. */
	if (fcntl((int)fd, F_SETFD, FD_CLOEXEC) < 0 || fcntl((int)fd, F_SETFL, 0) < 0)
		return error_set(err, errno, "descriptor %ld, the channel to PID 1", fd);
	unsetenv(INIT_CHANNEL_ENV);
	return loop_add(&s->loop, &s->channel, (int)fd, EPOLLIN, ready, err);
}
