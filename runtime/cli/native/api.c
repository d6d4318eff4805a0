/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * api.c: `api`: standard input and output are the supervisor's socket.
 *
 * What `ssh HOST cloison api` runs, so that another host's command line speaks to the supervisor here with the rights of that
 * login. Bytes go through as they are, each direction with a buffer of its own; the end of one is passed on, and the other goes on
 * until it ends as well.
 */
#include <poll.h>
#include <sys/socket.h>

#include "runtime/cli/native/common.h"

struct direction {
	int from, to;
	char buf[16384];
	size_t start, end;
	bool over; /* nothing more comes, and the other side has been told */
};

static bool is_socket(int fd)
{
	struct sockaddr_storage address;
	socklen_t length = sizeof(address);

	return getsockname(fd, (struct sockaddr *)&address, &length) == 0;
}

/* finish - pass the end on. */
static void finish(struct direction *d)
{
	d->over = true;
	if (is_socket(d->to))
		shutdown(d->to, SHUT_WR);
	else
		close(d->to);
}

/* move_on - one read or one write. Returns 0, or -1 with errno. */
static int move_on(struct direction *d)
{
	ssize_t n;

	if (d->start < d->end) {
		n = write(d->to, d->buf + d->start, d->end - d->start);
		if (n < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : -1;
		d->start += (size_t)n;
		return 0;
	}
	n = read(d->from, d->buf, sizeof(d->buf));
	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	d->start = 0;
	d->end = (size_t)n;
	if (n == 0)
		finish(d);
	return 0;
}

static int api(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	static struct direction d[2];

	(void)values;
	(void)argv;
	if (native_need(&client, err) < 0)
		return -1;
	d[0] = (struct direction){.from = STDIN_FILENO, .to = client.out};
	d[1] = (struct direction){.from = client.in, .to = STDOUT_FILENO};
	while (!d[1].over) {
		struct pollfd p[2];

		for (int i = 0; i < 2; i++) {
			bool full = d[i].start < d[i].end;

			p[i].fd = d[i].over ? -1 : full ? d[i].to : d[i].from;
			p[i].events = full ? POLLOUT : POLLIN;
		}
		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait");
		for (int i = 0; i < 2; i++)
			if (p[i].fd >= 0 && p[i].revents && move_on(&d[i]) < 0)
				return error_set(err, errno, "the connection broke");
	}
	return 0;
}

const struct native_verb native_api = {
	.name = "api",
	.arguments = "",
	.summary = "connect standard input and output to the supervisor's socket",
	.max_args = 0,
	.run = api,
};
