/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bus.c: a connection to the bus, for the few calls that scope.c makes.
 *
 * Who we are is told by the kernel (EXTERNAL), so the bus is never asked for anything secret. All
 * that does not need an answer is written in one go: greeting, name, match, and the first call.
 */
#include "runtime/systemd/bus.h"

#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/sandbox/cgroupfs.h"

#define OUT_SIZE 65536
#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER SYSTEMD ".Manager"
#define MANAGER_PATH "/org/freedesktop/systemd1"
#define BUS "org.freedesktop.DBus"

/* host_uid - our user as the bus sees it: the owner of the user namespace that we are root of. */
static uid_t host_uid(void)
{
	_cleanup_file_ FILE *f = fopen("/proc/self/uid_map", "re");
	unsigned int inside, outside, count, euid = geteuid();

	while (f && fscanf(f, "%u %u %u", &inside, &outside, &count) == 3)
		if (euid >= inside && euid - inside < count)
			return outside + (euid - inside);
	return euid;
}

static int connect_to(struct bus *bus, enum bus_kind kind, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};

	if (kind == BUS_SYSTEM)
		snprintf(addr.sun_path, sizeof(addr.sun_path), "/run/dbus/system_bus_socket");
	else
		snprintf(addr.sun_path, sizeof(addr.sun_path), "/run/user/%u/bus", host_uid());
	bus->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (bus->fd >= 0 && connect(bus->fd, (struct sockaddr *)&addr, sizeof(addr)) == 0)
		return 0;
	error_set(err, errno, "cannot reach systemd over the bus `%s`", addr.sun_path);
	return error_hint(err, "the host has to run systemd and dbus; without them leave out "
			       "--systemd-cgroup");
}

/* await - until the socket is ready for @events, at most until the deadline. */
static int await(const struct bus *bus, short events, struct error *err)
{
	struct pollfd p = {.fd = bus->fd, .events = events};
	int64_t left = bus->deadline_ms - cgroupfs_now_ms();
	int n;

	do
		n = poll(&p, 1, left > 0 ? (int)left : 0);
	while (n < 0 && errno == EINTR);
	if (n > 0)
		return 0;
	return error_set(err, n < 0 ? errno : ETIMEDOUT, "systemd does not answer");
}

static int flush(struct bus *bus, struct error *err)
{
	size_t done = 0;

	if (bus->out.failed)
		return error_set(err, E2BIG, "the message to systemd");
	while (done < bus->out.len) {
		ssize_t n = send(bus->fd, bus->out.at + done, bus->out.len - done,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(err, errno, "cannot write to the bus");
		if (n < 0 && await(bus, POLLOUT, err) < 0)
			return -1;
		done += n > 0 ? (size_t)n : 0;
	}
	bus->out.len = 0;
	return 0;
}

/* fill - read until @want bytes are there. */
static int fill(struct bus *bus, size_t want, struct error *err)
{
	while (bus->in_len < want) {
		ssize_t n;

		if (await(bus, POLLIN, err) < 0)
			return -1;
		n = recv(bus->fd, bus->in + bus->in_len, want - bus->in_len, MSG_DONTWAIT);
		if (n == 0)
			return error_set(err, 0, "the bus closed the connection");
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return error_set(err, errno, "cannot read from the bus");
		bus->in_len += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* greet - read the answer to the greeting, one line: "OK GUID". */
static int greet(struct bus *bus, struct error *err)
{
	size_t line = 0;

	do
		if (line == 256 || fill(bus, ++line, err) < 0)
			return error_set(err, EPROTO, "the bus does not greet");
	while (bus->in[line - 1] != '\n');
	bus->in_len = 0;
	return memcmp(bus->in, "OK ", 3) ? error_set(err, EACCES, "the bus refuses us") : 0;
}

static void call(struct bus *bus, const char *destination, const char *path, const char *interface,
		 const char *member, const char *signature)
{
	const struct wire_call c = {destination, path, interface, member, signature};

	wire_begin(&bus->out, ++bus->serial, &c);
}

int bus_open(struct bus *bus, enum bus_kind kind, int timeout_ms, struct error *err)
{
	char hello[64], digits[16];
	int len = 0;

	*bus = (struct bus){.fd = FD_EMPTY, .deadline_ms = cgroupfs_now_ms() + timeout_ms};
	bus->in = malloc(WIRE_MESSAGE_MAX);
	bus->out = (struct wire){.at = malloc(OUT_SIZE), .room = OUT_SIZE};
	if (!bus->in || !bus->out.at)
		return error_set(err, ENOMEM, "cannot talk to systemd");
	if (connect_to(bus, kind, err) < 0)
		return -1;
	/* The user's number in decimal, its digits in hexadecimal. */
	snprintf(digits, sizeof(digits), "%u", host_uid());
	len = snprintf(hello, sizeof(hello), "%cAUTH EXTERNAL ", 0);
	for (const char *p = digits; *p; p++)
		len += snprintf(hello + len, sizeof(hello) - (size_t)len, "%02x",
				(unsigned char)*p);
	len += snprintf(hello + len, sizeof(hello) - (size_t)len, "\r\n");
	memcpy(bus->out.at, hello, (size_t)len);
	bus->out.len = (size_t)len;
	if (flush(bus, err) < 0 || greet(bus, err) < 0)
		return -1;
	memcpy(bus->out.at, "BEGIN\r\n", 7);
	bus->out.len = 7;
	if (flush(bus, err) < 0)
		return -1;
	call(bus, BUS, "/org/freedesktop/DBus", BUS, "Hello", "");
	wire_end(&bus->out);
	call(bus, BUS, "/org/freedesktop/DBus", BUS, "AddMatch", "s");
	wire_string(&bus->out, "type='signal',sender='" SYSTEMD "',path='" MANAGER_PATH
			       "',interface='" MANAGER "',member='JobRemoved'");
	wire_end(&bus->out);
	call(bus, SYSTEMD, MANAGER_PATH, MANAGER, "Subscribe", "");
	wire_end(&bus->out);
	return 0;
}

void bus_close(struct bus *bus)
{
	close_fd(bus->fd);
	free(bus->in);
	free(bus->out.at);
}

void bus_call(struct bus *bus, const char *member, const char *signature)
{
	call(bus, SYSTEMD, MANAGER_PATH, MANAGER, member, signature);
}

static int receive(struct bus *bus, struct wire_message *m, struct error *err)
{
	size_t size;

	bus->in_len = 0;
	if (fill(bus, WIRE_HEADER, err) < 0)
		return -1;
	size = wire_size(bus->in);
	if (size < WIRE_HEADER)
		return error_set(err, EPROTO, "the bus sends what is no message");
	if (fill(bus, size, err) < 0)
		return -1;
	if (!wire_parse(bus->in, size, m))
		return error_set(err, EPROTO, "the bus sends what is no message");
	return 0;
}

/* refused - the error that systemd, or the bus for it, has answered with. */
static int refused(const struct wire_message *m, char error_name[128], struct error *err)
{
	const char *text = "";

	if (error_name)
		snprintf(error_name, 128, "%s", m->error_name ? m->error_name : "");
	if (!wire_strings(m, 0, &text, 1))
		text = m->error_name ? m->error_name : "without a reason";
	return error_set(err, 0, "systemd refuses: %s", text);
}

/* is_end_of - is @m the signal that @job has ended? Then @result says how. */
static bool is_end_of(const struct wire_message *m, const char *job, const char **result)
{
	const char *v[3]; /* job, unit, result */

	if (m->type != WIRE_SIGNAL || !m->member || strcmp(m->member, "JobRemoved") != 0 ||
	    !m->interface || strcmp(m->interface, MANAGER) != 0 || !wire_strings(m, 1, v, 3) ||
	    strcmp(v[0], job) != 0)
		return false;
	*result = v[2];
	return true;
}

int bus_finish(struct bus *bus, enum bus_wait wait, char error_name[128], struct error *err)
{
	uint32_t asked = bus->serial;
	const char *path = NULL, *result;
	struct wire_message m = {0};
	char job[128] = "";

	if (error_name)
		error_name[0] = '\0';
	wire_end(&bus->out);
	if (flush(bus, err) < 0)
		return -1;
	for (;;) {
		if (receive(bus, &m, err) < 0)
			return -1;
		if (m.type == WIRE_ERROR && m.reply_to == asked)
			return refused(&m, error_name, err);
		if (m.type == WIRE_RETURN && m.reply_to == asked) {
			if (wait == BUS_ANSWER)
				return 0;
			if (!wire_strings(&m, 0, &path, 1))
				return error_set(err, EPROTO, "systemd names no job");
			snprintf(job, sizeof(job), "%s", path);
		} else if (*job && is_end_of(&m, job, &result)) {
			if (strcmp(result, "done") != 0)
				return error_set(err, 0, "systemd's job ended with `%s`", result);
			return 0;
		}
	}
}
