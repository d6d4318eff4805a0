/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * datagram.c: both ends of a service manager's notify socket, for the tests.
 *
 * usage: datagram receive SOCKET    listens, prints "listening", then what comes first
 *        datagram send SOCKET TEXT...    each TEXT is one message
 */
#include <err.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char text[4096];
	ssize_t n;

	if (argc < 3 || strlen(argv[2]) >= sizeof(addr.sun_path))
		errx(2, "usage: datagram receive|send SOCKET [TEXT...]");
	memcpy(addr.sun_path, argv[2], strlen(argv[2]) + 1);
	setvbuf(stdout, NULL, _IONBF, 0);
	if (strcmp(argv[1], "send") == 0) {
		if (sock < 0 || connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
			err(1, "%s", argv[2]);
		for (int i = 3; i < argc; i++)
			if (send(sock, argv[i], strlen(argv[i]), 0) < 0)
				err(1, "%s", argv[2]);
		return 0;
	}
	if (sock < 0 || bind(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		err(1, "%s", argv[2]);
	puts("listening");
	n = recv(sock, text, sizeof(text), 0);
	if (n < 0)
		err(1, "recv");
	return write(STDOUT_FILENO, text, (size_t)n) == n ? 0 : 1;
}
