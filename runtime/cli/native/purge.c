/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge.c: remove the volumes of a container that had no name: NATIVE_VOLUMES/ID.N.
 *
 * What is in them is a container's, of any depth. So there is no recursion, and no stack either: what a directory holds
 * is moved up to the top, a level at a time, until all directories are empty. Nothing is followed. The container is
 * gone, so nobody else is at it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/cli/native/common.h"
#include "runtime/cli/native/purge.h"

static DIR *open_dir(int parent, const char *name)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);

	if (!dir)
		close_fd(fd);
	return dir;
}

/* next - the next name, without "." and ".."; NULL: none */
static const char *next(DIR *dir)
{
	const struct dirent *e;

	while ((e = readdir(dir)))
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			return e->d_name;
	return NULL;
}

static bool removed(int dir, const char *name)
{
	return unlinkat(dir, name, 0) == 0 || unlinkat(dir, name, AT_REMOVEDIR) == 0;
}

/* flatten - the directory @name in @top: its names are removed, or moved up beside it. */
static int flatten(int top, const char *name)
{
	_cleanup_dir_ DIR *dir = open_dir(top, name);
	static unsigned int number;
	const char *inner;
	char to[24];

	while (dir && (inner = next(dir))) {
		if (removed(dirfd(dir), inner))
			continue;
		do
			snprintf(to, sizeof(to), ".%u", number++);
		while (faccessat(top, to, F_OK, AT_SYMLINK_NOFOLLOW) == 0);
		if (renameat(dirfd(dir), inner, top, to) < 0)
			return -1;
	}
	return dir ? unlinkat(top, name, AT_REMOVEDIR) : -1;
}

static int remove_tree(int parent, const char *name)
{
	_cleanup_dir_ DIR *top = open_dir(parent, name);
	bool again = true;

	while (top && again) {
		const char *inner;

		again = false;
		rewinddir(top);
		while ((inner = next(top))) {
			again = true;
			if (!removed(dirfd(top), inner) && flatten(dirfd(top), inner) < 0)
				return -1;
		}
	}
	return top ? unlinkat(parent, name, AT_REMOVEDIR) : -1;
}

int purge_volumes(const char *id, struct error *err)
{
	_cleanup_dir_ DIR *dir = open_dir(AT_FDCWD, NATIVE_VOLUMES);
	size_t n = strlen(id);
	const char *name;
	int rc = 0;

	while (dir && (name = next(dir)))
		if (!strncmp(name, id, n) && name[n] == '.' && remove_tree(dirfd(dir), name) < 0)
			rc = error_set(err, errno, "cannot remove the volume `%s`", name);
	return rc;
}

static int purge(const void *values, char **argv, struct error *err)
{
	(void)values;
	return purge_volumes(argv[0], err);
}

const struct native_verb native_purge = {
	.name = "purge",
	.arguments = "ID",
	.summary = "remove the volumes of a container that had no name, for the supervisor",
	.hidden = true,
	.min_args = 1,
	.max_args = 1,
	.run = purge,
};
