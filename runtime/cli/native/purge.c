/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge.c: remove what containers that are gone have left: volumes without a name, NATIVE_VOLUMES/ID.N, and what was
 * written to images.
 *
 * What is in them is a container's, of any depth, and may take long. The container is gone, so nobody else is at it.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>

#include "lib/remove.h"
#include "runtime/cli/native/common.h"
#include "runtime/cli/native/purge.h"

static DIR *open_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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

int purge_volumes(const char *id, struct error *err)
{
	_cleanup_dir_ DIR *dir = open_dir(NATIVE_VOLUMES);
	size_t n = strlen(id);
	const char *name;
	int rc = 0;

	while (dir && (name = next(dir)))
		if (!strncmp(name, id, n) && name[n] == '.' && remove_tree(dirfd(dir), name) < 0)
			rc = error_set(err, errno, "cannot remove the volume `%s`", name);
	return rc;
}

/* purge_trash - all that is in the directory @path; two who do that do it one after the other. */
static int purge_trash(const char *path, struct error *err)
{
	_cleanup_dir_ DIR *dir = open_dir(path);
	const char *name;
	int rc = 0;

	if (!dir || flock(dirfd(dir), LOCK_EX) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot empty `%s`", path);
	while ((name = next(dir)))
		if (remove_tree(dirfd(dir), name) < 0)
			rc = error_set(err, errno, "cannot remove `%s/%s`", path, name);
	return rc;
}

static int purge(const void *values, char **argv, struct error *err)
{
	(void)values;
	if (strcmp(argv[0], "-") != 0 && purge_volumes(argv[0], err) < 0)
		return -1;
	return argv[1] ? purge_trash(argv[1], err) : 0;
}

const struct native_verb native_purge = {
	.name = "purge",
	.arguments = "ID|- [TRASH]",
	.summary =
		"remove the volumes without a name of a container, and what is in TRASH, for the supervisor",
	.hidden = true,
	.min_args = 1,
	.max_args = 2,
	.run = purge,
};
