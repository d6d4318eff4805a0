/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * file.c: small files, whole: those of cgroups and /proc, and what PID 1 tells in /run/init.
 */
#include "init/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/fd.h"

ssize_t file_read(int dir, const char *path, char *buf, size_t size)
{
	_cleanup_fd_ int fd = openat(dir, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, size - 1);

	buf[n < 0 ? 0 : n] = '\0';
	return n;
}

int file_write(int dir, const char *path, const char *text)
{
	size_t len = strlen(text);
	_cleanup_fd_ int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len ? 0 : -1;
}

int file_replace(const char *path, mode_t mode, const char *text, size_t len)
{
	char other[128];
	_cleanup_fd_ int fd = FD_EMPTY;
	int n = snprintf(other, sizeof(other), "%s.new", path);

	if (n < 0 || (size_t)n >= sizeof(other)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode);
	if (fd < 0)
		return -1;
	while (len > 0) {
		ssize_t done = write(fd, text, len);

		if (done <= 0) {
			int errnum = done < 0 ? errno : ENOSPC;

			unlink(other);
			errno = errnum;
			return -1;
		}
		text += done;
		len -= (size_t)done;
	}
	return rename(other, path);
}
