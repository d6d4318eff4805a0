/* SPDX-License-Identifier: GPL-2.0-or-later */
/* file.h: small files, whole. */
#ifndef CLOISON_INIT_FILE_H
#define CLOISON_INIT_FILE_H

#include <stddef.h>
#include <sys/types.h>

/* file_read - up to @size - 1 bytes of a file below @dir, and a NUL; the length, or -1 with errno. */
ssize_t file_read(int dir, const char *path, char *buf, size_t size);

/* file_write - write @text to an existing file below @dir, in one call; 0, or -1 with errno. */
int file_write(int dir, const char *path, const char *text) __attribute__((warn_unused_result));

/*
 * file_replace - make @path hold exactly these bytes, by rename: whoever reads it sees the old ones or the
 * new. 0, or -1 with errno, and then the old ones stay.
 */
int file_replace(const char *path, mode_t mode, const char *text, size_t len)
	__attribute__((warn_unused_result));

#endif
