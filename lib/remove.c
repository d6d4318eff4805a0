/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * remove.c: down to the first directory that has something in it, and up again when it is empty.
 *
 * An archive can make a tree that is deeper than a path is long and than a process may have descriptors, by links to
 * its own depths. So the way up is "..", which leads where we came from: nobody moves anything.
 */
#include "lib/remove.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"

#define LIST_SIZE 8192

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

/*
 * empty - remove what is in @dir, up to the first directory that is not empty.
 * Returns 0, 1 with that one's @name, or -1.
 */
static int empty(int dir, char name[256])
{
	char list[LIST_SIZE] __attribute__((aligned(__alignof__(struct sys_dirent))));
	ssize_t n;

	while ((n = sys_getdents(dir, list, sizeof(list))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct sys_dirent *d = (const struct sys_dirent *)(list + at);
			int ret;

			at += d->d_reclen;
			if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
				continue;
			ret = remove_one(dir, d->d_name);
			if (ret) {
				snprintf(name, 256, "%.255s", d->d_name);
				return ret;
			}
		}
	return n < 0 ? -1 : 0;
}

int remove_tree(int dir, const char *name)
{
	_cleanup_fd_ int at = FD_EMPTY;
	unsigned long depth = 1;
	char below[256];
	int ret = remove_one(dir, name);

	if (ret <= 0)
		return ret;
	at = open_dir(dir, name);
	if (at < 0)
		return -1;
	while (depth > 0) {
		int next;

		ret = empty(at, below);
		if (ret < 0)
			return -1;
		if (ret > 0) {
			next = open_dir(at, below);
			depth++;
		} else if (--depth > 0) {
			/* Its own name is found again above: the first that can be removed now. */
			next = open_dir(at, "..");
		} else {
			break;
		}
		if (next < 0)
			return -1;
		replace_fd(&at, next);
	}
	return unlinkat(dir, name, AT_REMOVEDIR);
}
