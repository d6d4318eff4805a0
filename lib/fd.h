/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fd.h: file descriptors and memory with one owner.
 *
 * A descriptor or a pointer is declared with a cleanup attribute and released when its scope ends.
 * Handing it on goes through take_fd() or take_ptr(), which leave the empty value behind. An empty
 * descriptor is -EBADF, so using one by mistake fails as EBADF and never hits descriptor 0.
 */
#ifndef CLOISON_LIB_FD_H
#define CLOISON_LIB_FD_H

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FD_EMPTY (-EBADF)
#define must_check __attribute__((warn_unused_result))

/* close_fd - close @fd unless it is empty; errno is kept. */
static inline void close_fd(int fd)
{
	if (fd >= 0) {
		int saved = errno;

		close(fd);
		errno = saved;
	}
}

static inline void cleanup_fd(int *fd)
{
	close_fd(*fd);
}

static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_dir(DIR **d)
{
	if (*d)
		closedir(*d);
}

static inline void cleanup_file(FILE **f)
{
	if (*f)
		fclose(*f);
}

#define _cleanup_fd_ __attribute__((cleanup(cleanup_fd)))
#define _cleanup_free_ __attribute__((cleanup(cleanup_free)))
#define _cleanup_dir_ __attribute__((cleanup(cleanup_dir)))
#define _cleanup_file_ __attribute__((cleanup(cleanup_file)))

/* take_fd - hand @fd's descriptor to the caller; @fd is empty afterwards. */
static inline int take_fd(int *fd)
{
	int v = *fd;

	*fd = FD_EMPTY;
	return v;
}

/* take_ptr - hand a pointer to the caller; the variable is NULL afterwards. */
#define take_ptr(p)                         \
	({                                  \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	})

/* replace_fd - close what @fd holds and put @with in its place. */
static inline void replace_fd(int *fd, int with)
{
	close_fd(*fd);
	*fd = with;
}

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
