/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * channel.c: PID 1's end of the channel to the supervisor (lib/init_channel.h says what it is for).
 *
 * What is kept: records of ended processes (records.c) and named descriptors. Both outlive the service.
 * What is said to a new run of it, in this order: the descriptors, the records that no run before it has
 * acknowledged, INIT_REPLAYED; from then on each record as it comes.
 *
 * Nothing is ever waited for. What does not fit into the socket stays where it is, and the loop tells when
 * there is room again. There is one message that has no place to stay: that a descriptor was not kept. While
 * it waits no further message is read, so a service that does not listen stops itself, and nobody else.
 *
 * A message that makes no sense is said on the console, once for each run of the service, and ignored.
 */
#include "init/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "init/loop.h"
#include "init/records.h"
#include "init/say.h"
#include "lib/fd.h"
#include "lib/init_channel.h"

#define MESSAGES_A_ROUND 64 /* then others get their turn */

static struct {
	char name[INIT_NAME_BYTES];
	int fd;		  /* valid where the name is not empty */
	unsigned int run; /* that stored it: it has it, so it is not said to it */
} stored[INIT_FDS];
static size_t stored_used; /* slots from here on were never in use */

static struct records records;
static bool prepared;

/* This run of the service. */
static unsigned int run;
static int channel = FD_EMPTY;
static size_t next_fd;	      /* of the replay: the slot to be said next */
static uint64_t replay_until; /* of the replay: this record ends it; 0: it is over */
static char full[INIT_NAME_BYTES];
static bool complained;

void channel_prepare(void)
{
	records_init(&records);
	prepared = true;
}

/* send_one - false when it has to wait, or there is nobody any more. */
static bool send_one(const struct init_message *m, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)m, sizeof(*m)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	return sendmsg(channel, &message, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof(*m);
}

/* send_stored - false when the rest has to wait. */
static bool send_stored(void)
{
	for (; next_fd < stored_used; next_fd++) {
		struct init_message m = {.kind = INIT_STORED};

		if (!stored[next_fd].name[0] || stored[next_fd].run == run)
			continue;
		memcpy(m.name, stored[next_fd].name, sizeof(m.name));
		if (!send_one(&m, stored[next_fd].fd))
			return false;
	}
	return true;
}

/* send_records - the same. */
static bool send_records(void)
{
	struct init_message m;

	for (;;) {
		bool more = records_peek(&records, &m);

		if (replay_until > 0 && (!more || (m.kind == INIT_EXIT && m.seq >= replay_until))) {
			struct init_message end = {.kind = INIT_REPLAYED};

			if (!send_one(&end, FD_EMPTY))
				return false;
			replay_until = 0;
			continue;
		}
		if (!more)
			return true;
		if (!send_one(&m, FD_EMPTY))
			return false;
		records_sent(&records, &m);
	}
}

/* send_full - that the last descriptor was not kept. */
static bool send_full(void)
{
	struct init_message m = {.kind = INIT_FULL};

	if (!full[0])
		return true;
	memcpy(m.name, full, sizeof(m.name));
	if (!send_one(&m, FD_EMPTY))
		return false;
	full[0] = '\0';
	return true;
}

/* pump - say what there is to say, and wait for what now can happen. */
static void pump(void)
{
	bool all;

	if (channel < 0)
		return;
	all = send_full() && send_stored() && send_records();
	loop_events(channel, (short)((all ? 0 : POLLOUT) | (full[0] ? 0 : POLLIN)));
}

static size_t find_name(const char *name)
{
	for (size_t i = 0; i < stored_used; i++)
		if (strcmp(stored[i].name, name) == 0)
			return i;
	return INIT_FDS;
}

/* store - keep @fd, which is taken, under @name; false when there is no room. */
static bool store(const char *name, int *fd)
{
	size_t i = find_name(name);

	if (i < INIT_FDS)
		close(stored[i].fd);
	else
		i = find_name("");
	if (i == INIT_FDS && stored_used < INIT_FDS)
		i = stored_used++;
	if (i == INIT_FDS)
		return false;
	memcpy(stored[i].name, name, INIT_NAME_BYTES);
	stored[i].fd = take_fd(fd);
	stored[i].run = run;
	return true;
}

static void drop(const char *name)
{
	size_t i = find_name(name);

	if (i == INIT_FDS)
		return;
	close(stored[i].fd);
	stored[i].name[0] = '\0';
}

static void complain(const char *what)
{
	if (!complained)
		say("channel: %s; it is ignored, as are others like it", what);
	complained = true;
}

static bool name_ok(const struct init_message *m)
{
	return m->name[0] && memchr(m->name, '\0', sizeof(m->name));
}

/* follow - one message; what comes with it is ours. */
static void follow(const struct init_message *m, int fd)
{
	_cleanup_fd_ int with = fd;

	switch (m->kind) {
	case INIT_ACK:
		if (!records_ack(&records, m->seq))
			complain("a record is acknowledged that was not sent");
		break;
	case INIT_STORE:
		if (!name_ok(m) || with < 0)
			complain("a message to store something has no name or no descriptor");
		else if (!store(m->name, &with))
			memcpy(full, m->name, sizeof(full));
		break;
	case INIT_DROP:
		if (name_ok(m))
			drop(m->name);
		else
			complain("a message to drop something has no name");
		break;
	default:
		complain("a message of an unknown kind");
		break;
	}
}

/*
 * take_fd_of - the first descriptor that came with a message; more are closed. They all are in the first
 * control message, as the room is for no other.
 */
static int take_fd_of(struct msghdr *message)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(message);
	int first = FD_EMPTY;

	if (!c || c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
		return FD_EMPTY;
	for (size_t i = 0; i < (c->cmsg_len - CMSG_LEN(0)) / sizeof(int); i++) {
		int fd;

		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
		if (first < 0)
			first = fd;
		else
			close(fd);
	}
	return first;
}

/* receive - read one message and follow it; false when there is none. */
static bool receive(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct init_message m;
	struct iovec part = {&m, sizeof(m)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	ssize_t n;
	int fd;

	/* A service that died without having read everything is an error first; then comes what it sent. */
	do
		n = recvmsg(channel, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == ECONNRESET);
	if (n <= 0)
		return false;
	fd = take_fd_of(&message);
	if (n != (ssize_t)sizeof(m) || (message.msg_flags & MSG_TRUNC)) {
		complain("a message of the wrong size");
		close_fd(fd);
		return true;
	}
	follow(&m, fd);
	return true;
}

static void ready(int fd, short revents)
{
	bool more = revents & (POLLIN | POLLHUP);

	(void)fd;
	for (int i = 0; i < MESSAGES_A_ROUND && more && !full[0]; i++)
		more = receive();
	if ((revents & (POLLHUP | POLLERR)) && (!more || full[0]))
		channel_close(); /* nobody has the other end */
	pump();
}

void channel_exit(pid_t pid, int status)
{
	struct timespec t;

	if (!prepared)
		return;
	clock_gettime(CLOCK_REALTIME, &t);
	records_add(&records, pid, status, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec);
	pump();
}

int channel_open(void)
{
	int ends[2];

	channel_close();
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	if (!loop_watch(ends[0], POLLIN, ready)) {
		close(ends[0]);
		close(ends[1]);
		errno = ENOSPC;
		return -1;
	}
	channel = ends[0];
	run++;
	records_rewind(&records);
	next_fd = 0;
	replay_until = records.next;
	full[0] = '\0';
	complained = false;
	pump();
	return ends[1];
}

void channel_close(void)
{
	if (channel < 0)
		return;
	/* What the service said last counts: a descriptor that it has stored may be its only one. */
	for (int i = 0; i < INIT_FDS && receive(); i++)
		full[0] = '\0';
	loop_unwatch(channel);
	close(channel);
	channel = FD_EMPTY;
}
