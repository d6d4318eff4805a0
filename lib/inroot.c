/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inroot.c: openat2(RESOLVE_IN_ROOT) and what is built on it.
 *
 * Making a missing path walks it once. Each component is opened below the root as a whole path
 * prefix, so that a symbolic link in the middle resolves inside the root; only when the prefix does
 * not exist is the component made, with mkdirat on the descriptor of the part before it. mkdirat
 * never follows a link at its last component, so a link planted at that moment gives EEXIST, and
 * the next open then resolves it inside the root like any other.
 */
#include "lib/inroot.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"

int inroot_open(struct inroot root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (__u64)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	/* openat2 refuses combinations that open ignores: O_PATH goes with few flags. */
	if (!(flags & O_PATH))
		how.flags |= O_NOCTTY;
	return sys_openat2(root.fd, path, &how, sizeof(how));
}

/* make_leaf - create @name below @dir; EEXIST is fine, the caller opens what is there. */
static int make_leaf(int dir, const char *name, enum inroot_leaf leaf)
{
	int rc;

	if (leaf == INROOT_DIR)
		rc = mkdirat(dir, name, 0755);
	else
		rc = mknodat(dir, name, S_IFREG | 0644, 0);
	return rc < 0 && errno != EEXIST ? -1 : 0;
}

/*
 * next_component - the length of @path up to the end of its next component, starting at @at.
 * Returns 0 at the end of the path.
 */
static size_t next_component(const char *path, size_t at)
{
	while (path[at] == '/')
		at++;
	if (!path[at])
		return 0;
	while (path[at] && path[at] != '/')
		at++;
	return at;
}

/* last_name - the last component of the prefix @buf of @len bytes. */
static const char *last_name(const char *buf, size_t len)
{
	size_t at = len;

	while (at > 0 && buf[at - 1] != '/')
		at--;
	return buf + at;
}

int inroot_make(struct inroot root, const char *path, enum inroot_leaf leaf)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	char prefix[PATH_MAX];
	size_t len = strlen(path), end;
	int fd;

	/* Nearly always it is there. */
	fd = inroot_open(root, path, O_PATH);
	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (len >= sizeof(prefix)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	dir = inroot_open(root, ".", O_PATH | O_DIRECTORY);
	if (dir < 0)
		return -1;
	for (end = next_component(path, 0); end; end = next_component(path, end)) {
		int last = next_component(path, end) == 0;

		memcpy(prefix, path, end);
		prefix[end] = '\0';
		fd = inroot_open(root, prefix, O_PATH);
		if (fd < 0 && errno == ENOENT) {
			if (make_leaf(dir, last_name(prefix, end), last ? leaf : INROOT_DIR) < 0)
				return -1;
			fd = inroot_open(root, prefix, O_PATH);
		}
		if (fd < 0)
			return -1;
		replace_fd(&dir, fd);
	}
	return take_fd(&dir);
}

int inroot_parent(struct inroot root, const char *path, const char **name)
{
	char prefix[PATH_MAX];
	size_t len = strlen(path), at = len;

	while (at > 0 && path[at - 1] != '/')
		at--;
	*name = path + at;
	if (!**name || !strcmp(*name, ".") || !strcmp(*name, "..")) {
		errno = EINVAL;
		return -1;
	}
	if (len >= sizeof(prefix)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(prefix, path, at);
	prefix[at] = '\0';
	return inroot_make(root, at ? prefix : ".", INROOT_DIR);
}
