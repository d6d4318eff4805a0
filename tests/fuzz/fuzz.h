/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz.h: what the fuzz targets share.
 */
#ifndef CLOISON_TESTS_FUZZ_H
#define CLOISON_TESTS_FUZZ_H

#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* REQUIRE - what must hold of every input; libFuzzer keeps the one of which it does not. */
#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

/* fuzz_text - the input as a string of its own size, so that the sanitizer sees a byte too many. */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (!text)
		abort();
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/*
 * fuzz_file - a regular file @name below the directory that run.sh gives and removes (a crash could
 * not), open for writing; directories on the way are made. @path receives where it is.
 */
static inline int fuzz_file(const char *name, char *path, size_t size)
{
	int fd, n = snprintf(path, size, "%s/%d/%s", getenv("TMPDIR"), getpid(), name);

	REQUIRE(n > 0 && (size_t)n < size);
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		(void)mkdir(path, 0755);
		*p = '/';
	}
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0755);
	REQUIRE(fd >= 0);
	return fd;
}

/* fuzz_fill - make @fd hold exactly these bytes. */
static inline void fuzz_fill(int fd, const void *data, size_t size)
{
	if (ftruncate(fd, 0) < 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
		abort();
}

/* fuzz_part - take the bytes up to the next zero byte from the front of the input. */
static inline char *fuzz_part(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size ? memchr(*data, 0, *size) : NULL;
	size_t n = end ? (size_t)(end - *data) : *size;
	char *text = fuzz_text(*data, n);

	*data += n + (end != NULL);
	*size -= n + (end != NULL);
	return text;
}

#endif
