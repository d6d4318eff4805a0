/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remove.c: down through descriptors, never up by "..".
 *
 * Somebody may still be able to move what is being removed: a directory that has been opened stays the one that it was,
 * wherever it is moved to, while its ".." would be another. So the way back is the descriptors that led down. There are
 * DEPTH_MAX of these; a directory that lies deeper is moved up to the top, and its turn comes again.
 */
#include "lib/remove.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/sys.h"

#define LIST_SIZE 2048
#define DEPTH_MAX 200

#ifndef RENAME_NOREPLACE /* <linux/fs.h>, which musl 1.2.3 has not */
#define RENAME_NOREPLACE 1
#endif

static int open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* remove_one - a file, a link or an empty directory. Returns 0, 1 for a directory that is not empty, or -1. */
static int remove_one(int dir, const char *name)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return errno == ENOTEMPTY || errno == EEXIST ? 1 : -1;
}

/* move_up - @name in @dir to the directory @top, under a name that is free there. */
static int move_up(int dir, const char *name, int top)
{
	static unsigned int number;
	char to[24];

	for (;;) {
		snprintf(to, sizeof(to), ".up%u", number++);
		if (syscall(SYS_renameat2, dir, name, top, to, RENAME_NOREPLACE) == 0 ||
		    errno == ENOENT)
			return 0;
		if (errno != EEXIST)
			return -1;
	}
}

static int empty(int dir, int top, unsigned int depth);

/* remove_full - a directory that is not empty. */
static int remove_full(int dir, const char *name, int top, unsigned int depth)
{
	_cleanup_fd_ int inside = FD_EMPTY;

	if (depth == DEPTH_MAX)
		return move_up(dir, name, top);
	inside = open_dir(dir, name);
	if (inside < 0)
		return errno == ENOENT ? 0 : -1;
	if (empty(inside, top, depth + 1) < 0)
		return -1;
	/* Not empty: something was moved there meanwhile, and has its turn in the next round. */
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT || errno == ENOTEMPTY ||
			       errno == EEXIST
		       ? 0
		       : -1;
}

/* round_of - one reading of @dir, with all that is in it removed. Returns how many names there were, or -1. */
static long round_of(int dir, int top, unsigned int depth)
{
	char list[LIST_SIZE] __attribute__((aligned(__alignof__(struct sys_dirent))));
	long count = 0;
	ssize_t n;

	if (lseek(dir, 0, SEEK_SET) < 0)
		return -1;
	while ((n = sys_getdents(dir, list, sizeof(list))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct sys_dirent *d = (const struct sys_dirent *)(list + at);
			int ret;

			at += d->d_reclen;
			if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
				continue;
			count++;
			ret = remove_one(dir, d->d_name);
			if (ret < 0 || (ret > 0 && remove_full(dir, d->d_name, top, depth) < 0))
				return -1;
		}
	return n < 0 ? -1 : count;
}

/* empty - until a reading finds nothing: what is removed while it is read may hide what comes after it. */
static int empty(int dir, int top, unsigned int depth)
{
	long count;

	do
		count = round_of(dir, top, depth);
	while (count > 0);
	return count < 0 ? -1 : 0;
}

int remove_tree(int dir, const char *name)
{
	_cleanup_fd_ int top = FD_EMPTY;
	int ret = remove_one(dir, name);

	if (ret <= 0)
		return ret;
	top = open_dir(dir, name);
	if (top < 0)
		return errno == ENOENT ? 0 : -1;
	if (empty(top, top, 1) < 0)
		return -1;
	return unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT ? 0 : -1;
}
