/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_notify.c: what a container sends to NOTIFY_SOCKET. The input is its messages, with NULs between them.
 *
 * The manager is told that the container is ready if and only if one of the messages has the line
 * READY=1, and is told nothing else.
 */
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/container/notify.h"
#include "tests/fuzz/fuzz.h"

#define LONGEST 4095 /* what is read of a message */

/* listen_as_manager - a socket with an address of its own, "@" and a number. */
static int listen_as_manager(char *name, size_t size)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	socklen_t length = sizeof(addr.sun_family);
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, length) < 0)
		abort();
	length = sizeof(addr);
	if (getsockname(sock, (struct sockaddr *)&addr, &length) < 0)
		abort();
	snprintf(name, size, "@%.*s", (int)(length - sizeof(addr.sun_family) - 1),
		 addr.sun_path + 1);
	return sock;
}

static bool has_line(const char *text)
{
	const char *found = text;

	while ((found = strstr(found, "READY=1"))) {
		if ((found == text || found[-1] == '\n') && (found[7] == '\n' || !found[7]))
			return true;
		found++;
	}
	return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char name[64];
	static int manager = -1;
	const uint8_t *end = data + size;
	struct notify n = {.manager = name};
	bool ready = false;
	char told[128];
	int pair[2];
	ssize_t got;

	if (manager < 0)
		manager = listen_as_manager(name, sizeof(name));
	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	n.sock = pair[0];
	while (data < end) {
		size_t length = strnlen((const char *)data, (size_t)(end - data));
		char text[LONGEST + 1];

		/* as many as fit are sent; the rest a container would have to wait with */
		if (send(pair[1], data, length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			break;
		snprintf(text, sizeof(text), "%.*s", (int)length, (const char *)data);
		ready |= has_line(text);
		data += length + (length < (size_t)(end - data));
	}
	notify_relay(&n, 42);
	REQUIRE((n.sock < 0) == ready);
	got = recv(manager, told, sizeof(told) - 1, MSG_DONTWAIT);
	REQUIRE((got >= 0) == ready);
	if (ready) {
		told[got] = '\0';
		REQUIRE(strcmp(told, "READY=1\nMAINPID=42\n") == 0);
	} else {
		close_fd(n.sock);
	}
	close_fd(pair[1]);
	return 0;
}
