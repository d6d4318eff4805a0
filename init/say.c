/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say.c: messages of PID 1.
 *
 * Until the console has been opened by us, lines go to the descriptor 2 that the kernel gave us.
 * A line that no console takes goes to the kernel log, at level "err" so that `quiet` does not
 * hide it; before /dev exists there is no kernel log either, and the line waits in a small buffer.
 *
 * PID 1 must never hang on a terminal that nobody reads: the console is opened non-blocking, gets
 * a short time to make room, and then loses the rest of the line.
 */
#include "init/say.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "init/klog.h"
#include "lib/error.h"

#define LINE_MAX_BYTES 512
#define ROOM_WAIT_MS 200 /* a 115200 baud line sends 2 kB in this time */

static int console_fd = STDERR_FILENO;

/* Lines said before there was anywhere to say them. */
static char waiting[2048];
static size_t waiting_len;

/* write_console - false when the console did not take the first byte. */
static bool write_console(const char *text, size_t len)
{
	bool some = false;

	while (len > 0) {
		ssize_t n = write(console_fd, text, len);

		if (n > 0) {
			some = true;
			text += n;
			len -= (size_t)n;
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd p = {.fd = console_fd, .events = POLLOUT};

			if (poll(&p, 1, ROOM_WAIT_MS) == 1 && (p.revents & POLLOUT))
				continue;
		}
		return some;
	}
	return true;
}

/* write_kmsg - one record of the kernel log; false when there is no log to write to. */
static bool write_kmsg(const char *text, size_t len)
{
	char record[LINE_MAX_BYTES + 4];
	_cleanup_fd_ int fd = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	int n = snprintf(record, sizeof(record), "<3>%.*s", (int)len, text);

	return fd >= 0 && n > 0 && write(fd, record, (size_t)n) == n;
}

static void put_line(const char *text, size_t len)
{
	if (write_console(text, len) || write_kmsg(text, len))
		return;
	if (len <= sizeof(waiting) - waiting_len) {
		memcpy(waiting + waiting_len, text, len);
		waiting_len += len;
	}
}

void say_to(int fd)
{
	size_t len = waiting_len;
	const char *line = waiting;

	console_fd = fd;
	waiting_len = 0;
	while (len > 0) {
		size_t n = (size_t)((const char *)memchr(line, '\n', len) - line) + 1;

		put_line(line, n);
		line += n;
		len -= n;
	}
}

void say(const char *fmt, ...)
{
	static const char name[] = "cloison: ";
	char line[LINE_MAX_BYTES];
	size_t used = sizeof(name) - 1;
	va_list ap;
	int n;

	memcpy(line, name, used);
	va_start(ap, fmt);
	n = vsnprintf(line + used, sizeof(line) - used, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	used += (size_t)n;
	if (used > sizeof(line) - 1)
		used = sizeof(line) - 1;
	line[used++] = '\n';
	put_line(line, used);
	klog_own(line, used);
}

void say_error(int errnum, const char *fmt, ...)
{
	struct error err = ERROR_INIT;
	char line[LINE_MAX_BYTES];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err.what, sizeof(err.what), fmt, ap);
	va_end(ap);
	err.errnum = errnum;
	error_line(&err, line, sizeof(line));
	say("%s", line);
}

void say_line_end(void)
{
	write_console("\r\n", 2);
}

void say_drain(int limit_ms)
{
	int queued = 0;

	while (limit_ms > 0 && ioctl(console_fd, TIOCOUTQ, &queued) == 0 && queued > 0) {
		poll(NULL, 0, 5);
		limit_ms -= 5;
	}
}
