/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * servicelog.c: a service's output, from a pipe into a ring, from there into a file.
 *
 * A service must never wait for its log, and its log must never fill anything. So the pipe is always
 * emptied, the ring keeps the newest lines, and /run/init/log/NAME is a copy of the ring, written by rename
 * half a second after the ring has changed: its size has a bound, and when /run is full the ring is still
 * there. Of what a service writes in a second the first 64 KiB are looked at; the rest goes from the pipe to
 * /dev/null by splice(2), unread. A flood is said when it begins and, with the number of bytes, when it has
 * been over for ten seconds; in the log a line says it where it was.
 */
#include "init/servicelog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init/file.h"
#include "init/say.h"
#include "lib/fd.h"

#define FILE_DELAY_MS 500
#define FLOOD_OVER_MS 10000
#define SPLICE_BYTES (1 << 20)

void servicelog_init(struct servicelog *l)
{
	l->read_fd = l->write_fd = FD_EMPTY;
}

int servicelog_open(struct servicelog *l, loop_ready ready)
{
	int ends[2];

	if (l->read_fd >= 0)
		return 0;
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	/* Our end only: a service may not know what to do about EAGAIN. */
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 || !loop_watch(ends[0], POLLIN, ready)) {
		close(ends[0]);
		close(ends[1]);
		errno = ENOSPC;
		return -1;
	}
	l->read_fd = ends[0];
	l->write_fd = ends[1];
	return 0;
}

/* changed - the file is behind the ring. */
static void changed(struct servicelog *l, uint64_t now)
{
	if (l->file_ms == 0)
		l->file_ms = now + FILE_DELAY_MS;
}

static void drop(struct servicelog *l, const char *name, uint64_t now)
{
	static int null_fd = FD_EMPTY;
	ssize_t n;

	if (null_fd < 0)
		null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	n = splice(l->read_fd, NULL, null_fd, NULL, SPLICE_BYTES, SPLICE_F_NONBLOCK);
	if (n <= 0)
		return;
	if (l->dropped_ms == 0)
		say("service %s: floods its log; what is beyond %d KiB a second is dropped", name,
		    SERVICELOG_BYTES_A_SECOND / 1024);
	l->dropped_ms = now;
	l->dropped += (uint64_t)n;
	ring_skip(&l->ring, (uint64_t)n);
	changed(l, now);
}

void servicelog_read(struct servicelog *l, const char *name)
{
	uint64_t now = loop_now_ms();
	char text[4096];

	if (now >= l->second_ends_ms) {
		l->second_ends_ms = now + 1000;
		l->left = SERVICELOG_BYTES_A_SECOND;
	}
	while (l->left > 0) {
		size_t size = l->left < sizeof(text) ? l->left : sizeof(text);
		ssize_t n = read(l->read_fd, text, size);

		if (n <= 0)
			return;
		ring_add(&l->ring, now, text, (size_t)n);
		l->left -= (uint32_t)n;
		changed(l, now);
	}
	drop(l, name, now);
}

static void write_file(struct servicelog *l, const char *name)
{
	static char text[RING_TEXT_MAX];
	char path[64];
	size_t len = ring_copy(&l->ring, text);

	snprintf(path, sizeof(path), SERVICELOG_DIR "/%s", name);
	if (file_replace(path, 0640, text, len) == 0) {
		l->file_failed = false;
	} else if (!l->file_failed) {
		say_error(errno, "service %s: cannot write `%s`", name, path);
		l->file_failed = true;
	}
}

void servicelog_step(struct servicelog *l, const char *name)
{
	uint64_t now;

	if (l->file_ms == 0 && l->dropped_ms == 0)
		return;
	now = loop_now_ms();
	if (l->file_ms > 0 && now >= l->file_ms) {
		write_file(l, name);
		l->file_ms = 0;
	}
	if (l->dropped_ms > 0 && now >= l->dropped_ms + FLOOD_OVER_MS) {
		say("service %s: %llu bytes of its log were dropped", name,
		    (unsigned long long)l->dropped);
		l->dropped = l->dropped_ms = 0;
	}
	if (l->file_ms > 0)
		loop_wake_at(l->file_ms);
	if (l->dropped_ms > 0)
		loop_wake_at(l->dropped_ms + FLOOD_OVER_MS);
}
