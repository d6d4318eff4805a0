/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest.c: is the initramfs what was built?
 *
 * An image comes over a network or from a worn-out card, and may be cut off or damaged; the kernel unpacks
 * what it can and starts /init all the same. And whoever appends an archive, for configuration, may replace
 * a file of the image by mistake. So before anything of it is executed, every entry of the manifest
 * (manifest_text.h) is compared with the tree: type, mode, owner, size, content; then every directory is
 * listed for what the manifest does not know. /init and the manifest go first in the archive, in a frame
 * of their own, so that there is somebody to notice when the rest is cut off.
 *
 * This is against damage and mistakes. Against a forger it could do nothing, as the manifest, and the
 * program that checks it, lie in the same archive; that takes a signature which the firmware or the boot
 * loader checks. Hence a checksum that costs an instruction for a byte where lib/sha256.c costs sixty: all of
 * this takes 5.8 million instructions, 2% of a boot; with SHA-256 it took 76.
 *
 * Mounts lie over parts of the tree by now, as the command line (what to do about a difference) is read
 * from one. A clone of the root mount, without what is mounted below it, shows all of it.
 */
#include "init/manifest.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init/manifest_text.h"
#include "init/say.h"
#include "lib/error.h"
#include "lib/fd.h"
#include "lib/sys.h"
#include "lib/xxh64.h"

#define SAID_MAX 8

static struct manifest manifest;
static int faults; /* found */
static int said;

/* fault - say one difference, but no more than SAID_MAX of them. */
static __attribute__((format(printf, 1, 2))) void fault(const char *fmt, ...)
{
	char text[MANIFEST_PATH_BYTES + 128];
	va_list ap;

	faults++;
	if (said == SAID_MAX)
		return;
	said++;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p >= 0x7f)
			*p = '?';
	say("manifest: %s", text);
}

static const char *type_name(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFLNK:
		return "symbolic link";
	default:
		return "device or the like";
	}
}

/* check_file - the content, whose length is right. */
static void check_file(int root, const struct manifest_entry *e)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	void *data;
	uint64_t sum;

	if (e->size == 0)
		return;
	fd = openat(root, e->path + 1, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	data = fd < 0 ? MAP_FAILED
		      : mmap(NULL, e->size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
	if (data == MAP_FAILED) {
		fault("`%s` cannot be read: %s", e->path, errno_name(errno));
		return;
	}
	sum = xxh64(data, e->size);
	munmap(data, e->size);
	if (sum != e->check)
		fault("`%s` does not have the content that was built", e->path);
}

/* gone - @e could not be looked at, errno says why. What is below a missing directory is counted only. */
static void gone(const struct manifest_entry *e)
{
	static const char *missing = "";
	size_t len = strlen(missing);

	if (len && strncmp(e->path, missing, len) == 0 && e->path[len] == '/') {
		faults++;
		return;
	}
	missing = e->path;
	if (errno == ENOENT || errno == ENOTDIR)
		fault("`%s` is missing", e->path);
	else
		fault("`%s` cannot be looked at: %s", e->path, errno_name(errno));
}

/* check_link - where it leads. Its mode and owner have no meaning; four of five entries are links. */
static void check_link(int root, const struct manifest_entry *e)
{
	static char target[PATH_MAX];
	ssize_t n = readlinkat(root, e->path + 1, target, sizeof(target));

	if (n < 0 && errno == EINVAL)
		fault("`%s` is not a symbolic link", e->path);
	else if (n < 0)
		gone(e);
	else if ((uint64_t)n != e->size || xxh64(target, (size_t)n) != e->check)
		fault("`%s` does not lead where it was built to", e->path);
}

/* check_name - the file of @e is the one at @e->other, whose content is checked there. */
static void check_name(int root, const struct manifest_entry *e, const struct stat *st)
{
	const struct manifest_entry *other = manifest_find(&manifest, e->other);
	struct stat is;

	if (!other || other->other || fstatat(root, e->other + 1, &is, AT_SYMLINK_NOFOLLOW) < 0 ||
	    is.st_dev != st->st_dev || is.st_ino != st->st_ino)
		fault("`%s` is another file than `%s`", e->path, e->other);
}

static void check_entry(int root, const struct manifest_entry *e)
{
	struct stat st;

	if (S_ISLNK(e->mode)) {
		check_link(root, e);
	} else if (fstatat(root, e->path + 1, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		gone(e);
	} else if ((st.st_mode & S_IFMT) != (e->mode & S_IFMT)) {
		fault("`%s` is a %s, not a %s", e->path, type_name(st.st_mode), type_name(e->mode));
	} else if (st.st_mode != e->mode || st.st_uid != e->uid || st.st_gid != e->gid) {
		fault("`%s` has mode %o and owner %u:%u, not %o and %u:%u", e->path,
		      st.st_mode & 07777, st.st_uid, st.st_gid, e->mode & 07777, e->uid, e->gid);
	} else if (e->other) {
		check_name(root, e, &st);
	} else if (S_ISREG(e->mode) && (uint64_t)st.st_size != e->size) {
		fault("`%s` has %llu bytes, not %llu", e->path, (unsigned long long)st.st_size,
		      (unsigned long long)e->size);
	} else if (S_ISREG(e->mode)) {
		check_file(root, e);
	} else if (!S_ISDIR(e->mode) &&
		   (major(st.st_rdev) != e->size || minor(st.st_rdev) != e->check)) {
		fault("`%s` is another device", e->path);
	}
}

/* check_added - @name lies in the directory @path, which is "" for the root. */
static void check_added(const char *path, const char *name, unsigned char type)
{
	char full[MANIFEST_PATH_BYTES + NAME_MAX + 2];

	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return;
	snprintf(full, sizeof(full), "%s/%s", path, name);
	if (!manifest_find(&manifest, full) && strcmp(full, MANIFEST_FILE) != 0 &&
	    !manifest_may_add(full, type == DT_DIR))
		fault("`%s` is not part of the image, and nothing may be added there", full);
}

/* check_directory - what is in the directory @path, "" for the root, that should not be. */
static void check_directory(int root, const char *path)
{
	static _Alignas(struct sys_dirent) char list[4096];
	_cleanup_fd_ int fd = openat(root, *path ? path + 1 : ".",
				     O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t n;

	while ((n = fd < 0 ? -1 : sys_getdents(fd, list, sizeof(list))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct sys_dirent *d = (const void *)(list + at);

			check_added(path, d->d_name, d->d_type);
			at += d->d_reclen;
		}
	if (n < 0 && errno != ENOENT && errno != ENOTDIR) /* said by check_entry */
		fault("`%s/` cannot be listed: %s", path, errno_name(errno));
}

/* read_manifest - 0, or -1, said. Its text stays mapped. */
static int read_manifest(int root, void **text, size_t *len)
{
	_cleanup_fd_ int fd = openat(root, &MANIFEST_FILE[1], O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;
	const char *why;

	*text = MAP_FAILED;
	if (fd < 0 || fstat(fd, &st) < 0) {
		say_error(errno, "manifest: cannot open `%s`", MANIFEST_FILE);
		return -1;
	}
	*len = st.st_size > MANIFEST_BYTES ? MANIFEST_BYTES + 1 : (size_t)st.st_size;
	if (S_ISREG(st.st_mode) && *len > 0)
		*text = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (*text == MAP_FAILED) {
		say("manifest: `%s` is empty or no file", MANIFEST_FILE);
		return -1;
	}
	why = manifest_parse(&manifest, *text, *len);
	if (why)
		say("manifest: `%s` line %u: %s", MANIFEST_FILE, manifest.line, why);
	return why ? -1 : 0;
}

int manifest_check(void)
{
	_cleanup_fd_ int root = sys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	void *text = MAP_FAILED;
	size_t len = 0;

	if (root < 0) {
		say_error(errno, "manifest: cannot look below the mounts: open_tree");
		return 1;
	}
	if (read_manifest(root, &text, &len) < 0) {
		faults = 1;
	} else {
		for (size_t i = 0; i < manifest.count; i++)
			check_entry(root, &manifest.entries[i]);
		check_directory(root, "");
		for (size_t i = 0; i < manifest.count; i++)
			if (S_ISDIR(manifest.entries[i].mode))
				check_directory(root, manifest.entries[i].path);
	}
	if (text != MAP_FAILED)
		munmap(text, len);
	if (faults > said)
		say("manifest: %d more differences", faults - said);
	return faults;
}
