/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit.c: see audit.h.
 */
#include "lib/audit.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/fd.h"

#define AUTHPRIV_INFO "<86>" /* syslog(3): facility 10, severity 6 */
#define ENVIRON_MAX 65536    /* so far an environment is searched */

static void to_service(const char *line, size_t n)
{
	_cleanup_fd_ int fd = open(AUDIT_LOG, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	/* A full pipe is one that is being emptied by init; the line is in the other place then. */
	if (fd >= 0 && write(fd, line, n) < 0)
		return;
}

static void to_syslog(const char *line, size_t n)
{
	static const struct sockaddr_un to = {AF_UNIX, "/dev/log"};
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0)
		sendto(fd, line, n, MSG_NOSIGNAL, (const struct sockaddr *)&to, sizeof(to));
}

void audit(const char *key, const char *fmt, ...)
{
	char line[AUDIT_TEXT_MAX + 100] = AUTHPRIV_INFO "ssh: ";
	const size_t head = strlen(AUTHPRIV_INFO "ssh: ");
	size_t n;
	va_list ap;

	n = head + (size_t)snprintf(line + head, 80, "%.64s: ", key);
	va_start(ap, fmt);
	vsnprintf(line + n, AUDIT_TEXT_MAX, fmt, ap);
	va_end(ap);
	n += strlen(line + n);
	for (size_t i = head; i < n; i++)
		if ((unsigned char)line[i] < ' ' || line[i] == 0x7f)
			line[i] = '?';
	to_syslog(line, n);
	line[n++] = '\n';
	to_service(line + head, n - head);
}

void audit_words(const char *key, char *const *argv)
{
	char text[AUDIT_TEXT_MAX] = "";
	size_t n = 0;

	for (; *argv && n < sizeof(text) - 1; argv++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", n ? " " : "", *argv);
	audit(key, "%s", text);
}

int audit_key_of(pid_t pid, char *key, size_t size)
{
	static const char name[] = AUDIT_KEY_ENV "=";
	_cleanup_free_ char *text = malloc(ENVIRON_MAX);
	char path[32];
	_cleanup_fd_ int fd = FD_EMPTY;
	size_t n = 0;
	ssize_t got = 0;

	snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (!text || fd < 0)
		return -1;
	while (n < ENVIRON_MAX - 1 && (got = read(fd, text + n, ENVIRON_MAX - 1 - n)) > 0)
		n += (size_t)got;
	text[n] = '\0';
	for (const char *p = text; p < text + n; p += strlen(p) + 1) {
		if (strncmp(p, name, strlen(name)) != 0)
			continue;
		snprintf(key, size, "%s", p + strlen(name));
		return 0;
	}
	return -1;
}
