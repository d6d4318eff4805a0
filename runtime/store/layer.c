/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layer.c: entries of an archive to files, by someone who expects the worst of them.
 *
 * libarchive reads; nothing but this file writes. A path loses its "/" and "." parts and may have no ".."; the
 * directory it leads to is then found by inroot_make(), so that a link in it, of this layer or of one below, ends in
 * the tree. The last part is made by a call that follows no link (O_EXCL, mkdirat, linkat), under a descriptor of that
 * directory.
 *
 * Where there are layers below, the root is an overlay: what is removed in it gets its whiteout from the kernel, and
 * a directory of a layer below that something is put into keeps its owner, mode and attributes. What this layer itself
 * has put there is in its own directory (the upper one), which is how a whiteout knows what it must not hide.
 *
 * Source: image-spec, layer.md; tar(5) of libarchive.
 */
#include "runtime/store/layer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/remove.h"

#define WHITEOUT ".wh."
#define WHITEOUT_LENGTH (sizeof(WHITEOUT) - 1)
#define OPAQUE ".wh..wh..opq"
#define AUFS_PREFIX ".wh..wh." /* its own notes, which some archives still have */
#define ID_MAX (UINT32_MAX - 1)
#define ROOM_EVERY 16	   /* entries between two looks at what is left */
#define HIDE_DEPTH_MAX 200 /* two descriptors each */
#define LINK_SIZE_MAX PATH_MAX

struct apply {
	const struct layer_tree *tree;
	struct stream *stream;
	struct archive *archive;
	struct error *err;
	uint64_t entries;
	bool stream_failed; /* and its error is set */
	/* The directory of the last entry, and the time to give back to it. */
	char dir[PATH_MAX];
	int dir_fd;
	struct timespec dir_time;
};

/* Times of a directory are its own entry's, or what they were: not those of our work in it. */
static int leave_dir(struct apply *ap)
{
	const struct timespec times[2] = {ap->dir_time, ap->dir_time};
	int ret = 0;

	if (ap->dir_fd >= 0)
		ret = utimensat(ap->dir_fd, "", times, AT_EMPTY_PATH);
	close_fd(ap->dir_fd);
	ap->dir_fd = FD_EMPTY;
	return ret;
}

/*
 * enter_dir - the directory of @path, whose last part goes into *@name, becomes ap->dir_fd.
 * @path is clean and not empty.
 */
static int enter_dir(struct apply *ap, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	size_t length = slash ? (size_t)(slash - path) : 0;
	struct stat st;

	*name = slash ? slash + 1 : path;
	if (ap->dir_fd >= 0 && strlen(ap->dir) == length && !memcmp(ap->dir, path, length))
		return 0;
	if (leave_dir(ap) < 0)
		return error_set(ap->err, errno, "cannot set the time of `%s`", ap->dir);
	memcpy(ap->dir, path, length);
	ap->dir[length] = '\0';
	ap->dir_fd = inroot_make(ap->tree->root, length ? ap->dir : ".", INROOT_DIR);
	if (ap->dir_fd < 0 || fstat(ap->dir_fd, &st) < 0)
		return error_set(ap->err, errno, "cannot make the directory `%s`", ap->dir);
	if (!S_ISDIR(st.st_mode)) {
		close_fd(ap->dir_fd);
		ap->dir_fd = FD_EMPTY;
		return error_set(ap->err, ENOTDIR, "cannot make the directory `%s`", ap->dir);
	}
	ap->dir_time = st.st_mtim;
	return 0;
}

/* clean_path - without "/" in front, empty parts and "."; "" is the root itself. */
static int clean_path(const char *in, char out[PATH_MAX], struct error *err)
{
	size_t used = 0;

	while (*in) {
		size_t n = strcspn(in, "/");

		if (n == 2 && in[0] == '.' && in[1] == '.')
			return error_set(err, 0, "its path has a `..`");
		if (n > NAME_MAX)
			return error_set(err, ENAMETOOLONG, "its path has a part of %zu bytes", n);
		if (n > 0 && !(n == 1 && in[0] == '.')) {
			if (used + n + 2 > PATH_MAX)
				return error_set(err, ENAMETOOLONG, "its path is too long");
			if (used)
				out[used++] = '/';
			memcpy(out + used, in, n);
			used += n;
		}
		in += n + (in[n] == '/');
	}
	out[used] = '\0';
	return 0;
}

static int cannot(const struct apply *ap, const char *what)
{
	return error_set(ap->err, errno, "cannot %s", what);
}

/* make_room - for @name in the directory: what is there goes. */
static int make_room(struct apply *ap, const char *name)
{
	return remove_tree(ap->dir_fd, name) < 0 ? cannot(ap, "replace what was there") : 0;
}

/*
 * set_xattrs - those that mean the same on every machine. Of the others SELinux's label is left out, as every engine
 * does; the rest says how an overlay or a module of the host is to treat the file: nothing that an image may say.
 */
static int set_xattrs(const struct apply *ap, struct archive_entry *e, int fd)
{
	const char *name;
	const void *value;
	size_t size;

	archive_entry_xattr_reset(e);
	while (archive_entry_xattr_next(e, &name, &value, &size) == ARCHIVE_OK) {
		if (!strcmp(name, "security.selinux"))
			continue;
		if (strncmp(name, "user.", 5) != 0 && strcmp(name, "security.capability") != 0)
			return error_set(ap->err, 0,
					 "has the attribute `%.100s`, which images may not set",
					 name);
		if (fsetxattr(fd, name, value, size, 0) < 0)
			return error_set(ap->err, errno, "cannot set the attribute `%.100s`", name);
	}
	return 0;
}

static int check_owner(const struct apply *ap, struct archive_entry *e)
{
	int64_t uid = archive_entry_uid(e), gid = archive_entry_gid(e);

	if (uid < 0 || uid > ID_MAX || gid < 0 || gid > ID_MAX)
		return error_set(ap->err, 0, "its owner is %lld:%lld, which no file can have",
				 (long long)uid, (long long)gid);
	return 0;
}

static void times_of(struct archive_entry *e, struct timespec times[2])
{
	times[0] = times[1] = (struct timespec){.tv_sec = archive_entry_mtime(e),
						.tv_nsec = archive_entry_mtime_nsec(e)};
}

/* finish_fd - owner, mode (which a change of owner takes bits from), attributes (the same) and times. */
static int finish_fd(const struct apply *ap, struct archive_entry *e, int fd)
{
	struct timespec times[2];

	times_of(e, times);
	if (fchown(fd, (uid_t)archive_entry_uid(e), (gid_t)archive_entry_gid(e)) < 0)
		return cannot(ap, "set its owner");
	if (fchmod(fd, archive_entry_perm(e)) < 0)
		return cannot(ap, "set its mode");
	if (set_xattrs(ap, e, fd) < 0)
		return -1;
	return futimens(fd, times) < 0 ? cannot(ap, "set its time") : 0;
}

/* trouble_of_archive - why the archive cannot be read on. */
static int trouble_of_archive(const struct apply *ap)
{
	const char *why = archive_error_string(ap->archive);

	if (ap->stream_failed)
		return -1;
	return error_set(ap->err, 0, "is not a readable archive: %s",
			 why ? why : "no reason given");
}

static int write_all(int fd, const void *data, size_t length, int64_t offset)
{
	const char *at = data;

	while (length > 0) {
		ssize_t n = pwrite(fd, at, length, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		at += n;
		offset += n;
		length -= (size_t)n;
	}
	return 0;
}

/* write_content - what is not in the archive stays a hole. */
static int write_content(const struct apply *ap, struct archive_entry *e, int fd)
{
	int64_t offset, end = 0, size = archive_entry_size(e);
	const void *data;
	size_t length;
	int got;

	if (size < 0)
		return error_set(ap->err, 0, "has a size below 0");
	while ((got = archive_read_data_block(ap->archive, &data, &length, &offset)) ==
	       ARCHIVE_OK) {
		if (offset < end || offset > size || length > (uint64_t)(size - offset))
			return error_set(ap->err, 0, "has content beyond its size");
		if (write_all(fd, data, length, offset) < 0)
			return cannot(ap, "write it");
		end = offset + (int64_t)length;
	}
	if (got != ARCHIVE_EOF)
		return trouble_of_archive(ap);
	return end < size && ftruncate(fd, size) < 0 ? cannot(ap, "write it") : 0;
}

static int put_file(struct apply *ap, struct archive_entry *e, const char *name)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	_cleanup_fd_ int fd = openat(ap->dir_fd, name, flags, 0600);

	if (fd < 0 && errno == EEXIST) {
		if (make_room(ap, name) < 0)
			return -1;
		fd = openat(ap->dir_fd, name, flags, 0600);
	}
	if (fd < 0)
		return cannot(ap, "make it");
	return write_content(ap, e, fd) < 0 ? -1 : finish_fd(ap, e, fd);
}

static int put_dir(struct apply *ap, struct archive_entry *e, const char *name)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	struct stat st;

	if (mkdirat(ap->dir_fd, name, 0700) < 0) {
		if (errno != EEXIST || fstatat(ap->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return cannot(ap, "make it");
		if (!S_ISDIR(st.st_mode) &&
		    (make_room(ap, name) < 0 || mkdirat(ap->dir_fd, name, 0700) < 0))
			return cannot(ap, "make it");
	}
	fd = openat(ap->dir_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 ? cannot(ap, "open it") : finish_fd(ap, e, fd);
}

/* finish_node - what cannot be opened: links and devices. */
static int finish_node(const struct apply *ap, struct archive_entry *e, const char *name)
{
	struct timespec times[2];

	times_of(e, times);
	if (fchownat(ap->dir_fd, name, (uid_t)archive_entry_uid(e), (gid_t)archive_entry_gid(e),
		     AT_SYMLINK_NOFOLLOW) < 0)
		return cannot(ap, "set its owner");
	if (archive_entry_filetype(e) != AE_IFLNK &&
	    fchmodat(ap->dir_fd, name, archive_entry_perm(e), 0) < 0)
		return cannot(ap, "set its mode");
	if (utimensat(ap->dir_fd, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return cannot(ap, "set its time");
	return 0;
}

static int put_symlink(struct apply *ap, struct archive_entry *e, const char *name)
{
	const char *target = archive_entry_symlink(e);

	if (!target || !*target || strlen(target) >= LINK_SIZE_MAX)
		return error_set(ap->err, 0,
				 "is a link without a target, or with one that is too long");
	if (symlinkat(target, ap->dir_fd, name) < 0 &&
	    (errno != EEXIST || make_room(ap, name) < 0 || symlinkat(target, ap->dir_fd, name) < 0))
		return cannot(ap, "make it");
	return finish_node(ap, e, name);
}

static int put_node(struct apply *ap, struct archive_entry *e, const char *name, mode_t type)
{
	uint64_t major = (uint64_t)archive_entry_rdevmajor(e);
	uint64_t minor = (uint64_t)archive_entry_rdevminor(e);
	dev_t dev = 0;

	/* The kernel takes 12 and 20 bits, and would make another device of what has more. */
	if (type != S_IFIFO && (major > 0xfff || minor > 0xfffff))
		return error_set(ap->err, 0, "is the device %llu:%llu, which there cannot be",
				 (unsigned long long)major, (unsigned long long)minor);
	if (type != S_IFIFO)
		dev = makedev((unsigned int)major, (unsigned int)minor);
	/* An overlay takes it for a whiteout. */
	if (type == S_IFCHR && dev == 0)
		return error_set(ap->err, 0, "is the device 0:0, which means a removed file");
	if (mknodat(ap->dir_fd, name, type | 0600, dev) < 0 &&
	    (errno != EEXIST || make_room(ap, name) < 0 ||
	     mknodat(ap->dir_fd, name, type | 0600, dev) < 0))
		return cannot(ap, "make it");
	return finish_node(ap, e, name);
}

static int put_hardlink(struct apply *ap, struct archive_entry *e, const char *name)
{
	_cleanup_fd_ int target = FD_EMPTY;
	struct stat there, old;
	char path[PATH_MAX];

	if (clean_path(archive_entry_hardlink(e), path, ap->err) < 0)
		return error_wrap(ap->err, "a hard link");
	target = inroot_open(ap->tree->root, path, O_PATH | O_NOFOLLOW);
	if (target < 0 || fstat(target, &there) < 0)
		return error_set(ap->err, errno, "cannot link it to `%s`", path);
	if (S_ISDIR(there.st_mode))
		return error_set(ap->err, EISDIR, "cannot link it to `%s`", path);
	if (fstatat(ap->dir_fd, name, &old, AT_SYMLINK_NOFOLLOW) == 0) {
		if (old.st_dev == there.st_dev && old.st_ino == there.st_ino)
			return 0;
		if (make_room(ap, name) < 0)
			return -1;
	}
	if (linkat(target, "", ap->dir_fd, name, AT_EMPTY_PATH) < 0)
		return error_set(ap->err, errno, "cannot link it to `%s`", path);
	return 0;
}

static int hide_below(const struct apply *ap, int merged, int upper, unsigned int depth);

/* hide - what the layers below have as @name, not what this one has. */
static int hide(const struct apply *ap, int merged, int upper, const char *name, unsigned int depth)
{
	_cleanup_fd_ int inside = FD_EMPTY, own = FD_EMPTY;
	struct stat st;

	if (fstatat(upper, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			return cannot(ap, "look at what it hides");
		return remove_tree(merged, name) < 0 ? cannot(ap, "hide it") : 0;
	}
	if (!S_ISDIR(st.st_mode)) /* this layer's own, or hidden already */
		return 0;
	if (depth == HIDE_DEPTH_MAX)
		return error_set(ap->err, 0, "hides a tree of more than %d levels", HIDE_DEPTH_MAX);
	inside = openat(merged, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	own = openat(upper, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (inside < 0 || own < 0)
		return cannot(ap, "hide it");
	return hide_below(ap, inside, own, depth + 1);
}

static int hide_below(const struct apply *ap, int merged, int upper, unsigned int depth)
{
	int again = openat(merged, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = again < 0 ? NULL : fdopendir(again);
	const struct dirent *d;

	if (!dir) {
		close_fd(again);
		return cannot(ap, "hide it");
	}
	while ((d = readdir(dir)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
		    hide(ap, merged, upper, d->d_name, depth) < 0)
			return -1;
	return 0;
}

/*
 * open_upper - this layer's own part of the directory of the entry; FD_EMPTY without an error: it has none. It is where
 * the directory is in the mount, which is not where the entry says if a link is on the way.
 */
static int open_upper(const struct apply *ap, int *upper)
{
	char link[64], path[PATH_MAX];
	ssize_t n;

	*upper = FD_EMPTY;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", ap->dir_fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return cannot(ap, "look at what it hides");
	path[n] = '\0';
	*upper = inroot_open(ap->tree->upper, path, O_RDONLY | O_DIRECTORY);
	if (*upper >= 0)
		return 0;
	if (errno != ENOENT && errno != ENOTDIR && errno != ELOOP)
		return cannot(ap, "look at what it hides");
	*upper = FD_EMPTY;
	return 0;
}

static int put_whiteout(struct apply *ap, const char *name)
{
	const char *hidden = name + WHITEOUT_LENGTH;
	_cleanup_fd_ int upper = FD_EMPTY;
	bool opaque = !strcmp(name, OPAQUE);

	if (!opaque && !strncmp(name, AUFS_PREFIX, strlen(AUFS_PREFIX)))
		return 0;
	if (!*hidden || !strcmp(hidden, ".") || !strcmp(hidden, ".."))
		return error_set(ap->err, 0, "is a whiteout of nothing");
	if (ap->tree->upper.fd < 0) /* nothing is below */
		return 0;
	if (open_upper(ap, &upper) < 0)
		return -1;
	if (upper < 0) {
		/* The directory is one of the layers below: to hide all of it, it has to be ours. */
		const struct timespec times[2] = {ap->dir_time, ap->dir_time};

		if (utimensat(ap->dir_fd, "", times, AT_EMPTY_PATH) < 0 ||
		    open_upper(ap, &upper) < 0)
			return cannot(ap, "hide it");
	}
	if (upper < 0)
		return error_set(ap->err, 0, "lies in a directory that is not there");
	return opaque ? hide_below(ap, ap->dir_fd, upper, 0)
		      : hide(ap, ap->dir_fd, upper, hidden, 0);
}

/* check_room - now and then, and where a layer can take much with little. */
static int check_room(const struct apply *ap, bool now)
{
	struct statvfs fs;

	if (!now && ap->entries % ROOM_EVERY)
		return 0;
	if (fstatvfs(ap->tree->root.fd, &fs) < 0)
		return cannot(ap, "look at the file system");
	if ((uint64_t)fs.f_bavail * fs.f_frsize < ap->tree->least_bytes ||
	    (fs.f_files && fs.f_favail < ap->tree->least_entries))
		return error_set(ap->err, EFBIG, "the layer takes more than there is room for");
	return 0;
}

static int put_root(const struct apply *ap, struct archive_entry *e)
{
	_cleanup_fd_ int fd = inroot_open(ap->tree->root, ".", O_RDONLY | O_DIRECTORY);

	if (archive_entry_filetype(e) != AE_IFDIR)
		return error_set(ap->err, 0, "has the path of the root, and is no directory");
	return fd < 0 ? cannot(ap, "open it") : finish_fd(ap, e, fd);
}

static int put_entry(struct apply *ap, struct archive_entry *e, const char *path)
{
	const char *name;

	if (check_owner(ap, e) < 0 || check_room(ap, archive_entry_hardlink(e)) < 0)
		return -1;
	if (!*path)
		return leave_dir(ap) < 0 ? cannot(ap, "set the time of its directory")
					 : put_root(ap, e);
	if (enter_dir(ap, path, &name) < 0)
		return -1;
	if (!strncmp(name, WHITEOUT, WHITEOUT_LENGTH))
		return put_whiteout(ap, name);
	if (archive_entry_hardlink(e))
		return put_hardlink(ap, e, name);
	switch (archive_entry_filetype(e)) {
	case AE_IFREG:
		return put_file(ap, e, name);
	case AE_IFDIR:
		return put_dir(ap, e, name);
	case AE_IFLNK:
		return put_symlink(ap, e, name);
	case AE_IFCHR:
		return put_node(ap, e, name, S_IFCHR);
	case AE_IFBLK:
		return put_node(ap, e, name, S_IFBLK);
	case AE_IFIFO:
		return put_node(ap, e, name, S_IFIFO);
	default:
		return error_set(ap->err, 0, "is of a type that no layer has");
	}
}

static la_ssize_t give(struct archive *a, void *context, const void **data)
{
	struct apply *ap = context;
	ssize_t n = stream_read(ap->stream, data, ap->err);

	if (n < 0) {
		ap->stream_failed = true;
		archive_set_error(a, EIO, "its content cannot be read");
	}
	return n;
}

static int apply_all(struct apply *ap)
{
	struct archive_entry *e;
	char path[PATH_MAX] = "";
	int got;

	/* What is only warned of is wrong too: a header that is passed over may have said where the entry belongs. */
	while ((got = archive_read_next_header(ap->archive, &e)) == ARCHIVE_OK) {
		const char *raw = archive_entry_pathname(e);

		if (!raw)
			return trouble_of_archive(ap);
		if (++ap->entries > ap->tree->most_entries)
			return error_set(ap->err, EFBIG, "has more than %llu entries",
					 (unsigned long long)ap->tree->most_entries);
		if (clean_path(raw, path, ap->err) < 0 || put_entry(ap, e, path) < 0)
			return ap->stream_failed ? -1 : error_wrap(ap->err, "entry `%.300s`", raw);
	}
	if (got != ARCHIVE_EOF)
		return trouble_of_archive(ap);
	return leave_dir(ap) < 0 ? error_set(ap->err, errno, "cannot set the time of `%s`", ap->dir)
				 : 0;
}

int layer_apply(const struct layer_tree *tree, struct stream *s, const char *name,
		struct error *err)
{
	struct apply ap = {.tree = tree, .stream = s, .err = err, .dir_fd = FD_EMPTY};
	int ret = -1;

	ap.archive = archive_read_new();
	if (!ap.archive)
		return error_set(err, ENOMEM, "cannot unpack layer `%s`", name);
	if (archive_read_support_format_tar(ap.archive) != ARCHIVE_OK ||
	    archive_read_open(ap.archive, &ap, NULL, give, NULL) != ARCHIVE_OK)
		trouble_of_archive(&ap);
	else
		ret = apply_all(&ap);
	close_fd(ap.dir_fd);
	archive_read_free(ap.archive);
	return ret < 0 ? error_wrap(err, "layer `%s`", name) : 0;
}
