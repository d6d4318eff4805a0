/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inroot.c: openat2(RESOLVE_IN_ROOT) and what is built on it.
 *
 * Making a missing path walks it once. Each component is opened below the root as a whole path
 * prefix, so that a symbolic link in the middle resolves inside the root; only when the prefix does
 * not exist is the component made, with mkdirat on the descriptor of the part before it. mkdirat
 * never follows a link at its last component, so a link planted at that moment gives EEXIST, and
 * the next open then resolves it inside the root like any other. A link that leads to something
 * missing (/etc/resolv.conf of many images) is replaced by its target, and the walk begins again.
 */
#include "lib/inroot.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"

#define LINKS_MAX 40 /* as the kernel: path_resolution(7) */
#define WALK_AGAIN (-2)
#define TRIES_MAX 1000

int inroot_open(struct inroot root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (__u64)(unsigned int)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	int fd;

	/* openat2 refuses combinations that open ignores: O_PATH goes with few flags. */
	if (!(flags & O_PATH))
		how.flags |= O_NOCTTY;
	/*
	 * EAGAIN: anything at all was renamed or mounted on this machine while the kernel went up a
	 * "..", so that it cannot swear to have stayed in the root. Whoever does that all the time
	 * may keep us from getting there, but not for ever.
	 */
	for (unsigned int tries = 0;; tries++) {
		fd = sys_openat2(root.fd, path, &how, sizeof(how));
		if (fd >= 0 || errno != EAGAIN || tries == TRIES_MAX)
			return fd;
	}
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

/* A missing path on its way to being made. */
struct making {
	struct inroot root;
	enum inroot_leaf leaf;
	char path
		[PATH_MAX]; /* what is still to be walked, from the root; links are replaced in it */
	unsigned int links;
};

/*
 * follow_link - replace the link that ends @m->path's first @end bytes with its target. An absolute
 * target starts again at the root; a relative one is taken from where the link lies.
 */
static int follow_link(struct making *m, int dir, size_t end)
{
	size_t name = (size_t)(last_name(m->path, end) - m->path);
	char target[PATH_MAX], whole[PATH_MAX];
	ssize_t n;
	int len;

	if (m->links++ == LINKS_MAX) {
		errno = ELOOP;
		return -1;
	}
	memcpy(whole, m->path + name, end - name);
	whole[end - name] = '\0';
	n = readlinkat(dir, whole, target, sizeof(target) - 1);
	if (n < 0)
		return -1;
	target[n] = '\0';
	len = snprintf(whole, sizeof(whole), "%.*s%s%s", target[0] == '/' ? 0 : (int)name, m->path,
		       target, m->path + end);
	if (len < 0 || (size_t)len >= sizeof(whole)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(m->path, whole, (size_t)len + 1);
	return 0;
}

/* make_part - make the last component of the first @end bytes, below @dir. EEXIST is an error. */
static int make_part(const struct making *m, int dir, size_t end)
{
	const char *name = last_name(m->path, end);
	char part[NAME_MAX + 1];
	size_t len = end - (size_t)(name - m->path);
	bool last = next_component(m->path, end) == 0;

	if (len > NAME_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(part, name, len);
	part[len] = '\0';
	if (last && m->leaf == INROOT_FILE)
		return mknodat(dir, part, S_IFREG | 0644, 0);
	return mkdirat(dir, part, 0755);
}

/* open_prefix - open the first @end bytes of the path. */
static int open_prefix(const struct making *m, size_t end)
{
	char prefix[PATH_MAX];

	memcpy(prefix, m->path, end);
	prefix[end] = '\0';
	return inroot_open(m->root, prefix, O_PATH);
}

/*
 * walk - open the path component by component, making what is missing. Returns a descriptor, -1 with
 * errno, or WALK_AGAIN after a link that leads to something missing was replaced by its target.
 */
static int walk(struct making *m)
{
	_cleanup_fd_ int dir = inroot_open(m->root, ".", O_PATH | O_DIRECTORY);

	if (dir < 0)
		return -1;
	for (size_t end = next_component(m->path, 0); end; end = next_component(m->path, end)) {
		int fd = open_prefix(m, end);

		if (fd < 0 && errno == ENOENT) {
			bool made = make_part(m, dir, end) == 0;

			if (!made && errno != EEXIST)
				return -1;
			fd = open_prefix(m, end);
			if (fd < 0 && errno == ENOENT && !made)
				return follow_link(m, dir, end) < 0 ? -1 : WALK_AGAIN;
		}
		if (fd < 0)
			return -1;
		replace_fd(&dir, fd);
	}
	return take_fd(&dir);
}

/* make_walking - make what is missing of @path, wherever that begins. Its buffers are large: kept apart. */
__attribute__((noinline)) static int make_walking(struct inroot root, const char *path,
						  enum inroot_leaf leaf)
{
	struct making m = {.root = root, .leaf = leaf};
	size_t len = strlen(path);
	int fd;

	if (len >= sizeof(m.path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(m.path, path, len + 1);
	do
		fd = walk(&m);
	while (fd == WALK_AGAIN);
	return fd;
}

/*
 * make_last - make the last component of @path, where only that is missing and the path is short.
 * Returns whether it was made: if not, nothing has happened.
 */
static bool make_last(struct inroot root, const char *path, enum inroot_leaf leaf)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	size_t len = (size_t)(name - path);
	_cleanup_fd_ int opened = FD_EMPTY;
	char parent[256];
	int dir = root.fd;

	if (len >= sizeof(parent) || !*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	if (len) {
		memcpy(parent, path, len);
		parent[len] = '\0';
		opened = inroot_open(root, parent, O_PATH | O_DIRECTORY);
		if (opened < 0)
			return false;
		dir = opened;
	}
	return (leaf == INROOT_FILE ? mknodat(dir, name, S_IFREG | 0644, 0)
				    : mkdirat(dir, name, 0755)) == 0;
}

int inroot_make(struct inroot root, const char *path, enum inroot_leaf leaf)
{
	/* Nearly always it is there. */
	int fd = inroot_open(root, path, O_PATH);

	if (fd >= 0 || errno != ENOENT)
		return fd;
	if (make_last(root, path, leaf)) {
		fd = inroot_open(root, path, O_PATH);
		if (fd >= 0 || errno != ENOENT)
			return fd;
	}
	return make_walking(root, path, leaf);
}

int inroot_make_new(struct inroot root, const char *path, enum inroot_leaf leaf)
{
	/* Made, or it was there or cannot be made so simply: it is looked up in any case. */
	(void)make_last(root, path, leaf);
	return inroot_make(root, path, leaf);
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
