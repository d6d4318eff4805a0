/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * blob.c: content under its digest.
 *
 * A blob is written to a file without a name (O_TMPFILE) and gets its name by a link when its digest is known. Two who
 * write the same one both succeed: the name is there, with the same content.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/store/store.h"

int blob_begin(const struct store *s, struct blob *b, struct error *err)
{
	*b = (struct blob){.store = s, .fd = FD_EMPTY};
	sha256_begin(&b->sum);
	b->fd = openat(s->blobs, ".", O_WRONLY | O_TMPFILE | O_CLOEXEC, 0644);
	return b->fd < 0 ? error_set(err, errno, "cannot write a blob in `%s`", s->path) : 0;
}

int blob_write(struct blob *b, const void *data, size_t length, struct error *err)
{
	const char *at = data;

	sha256_update(&b->sum, data, length);
	b->size += length;
	while (length > 0) {
		ssize_t n = write(b->fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot write a blob in `%s`", b->store->path);
		at += n;
		length -= (size_t)n;
	}
	return 0;
}

int blob_commit(struct blob *b, const struct digest *want, struct digest *got, bool *added,
		struct error *err)
{
	char path[64], name[DIGEST_SIZE];
	bool there = false;

	sha256_end(&b->sum, got->hex);
	if (want && !digest_equal(want, got)) {
		error_set(err, 0, "blob `%s` is another", digest_text(want, name));
		return error_cause(err, "what was read has the digest %s%s", DIGEST_PREFIX,
				   got->hex);
	}
	/* A name in front of content that is not on the disk would be a lie after a power cut. */
	if (fdatasync(b->fd) < 0)
		return error_set(err, errno, "cannot write blob `%s`", digest_text(got, name));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", b->fd);
	if (linkat(AT_FDCWD, path, b->store->blobs, got->hex, AT_SYMLINK_FOLLOW) < 0) {
		if (errno != EEXIST)
			return error_set(err, errno, "cannot keep blob `%s`",
					 digest_text(got, name));
		there = true;
	}
	if (added)
		*added = !there;
	blob_drop(b);
	return 0;
}

void blob_drop(struct blob *b)
{
	close_fd(b->fd);
	b->fd = FD_EMPTY;
}

int blob_put(const struct store *s, const void *data, size_t length, struct digest *got,
	     struct error *err)
{
	_cleanup_blob_ struct blob b = BLOB_EMPTY;

	if (blob_begin(s, &b, err) < 0 || blob_write(&b, data, length, err) < 0)
		return -1;
	return blob_commit(&b, NULL, got, NULL, err);
}

int blob_open(const struct store *s, const struct digest *d, uint64_t *size, struct error *err)
{
	_cleanup_fd_ int fd = openat(s->blobs, d->hex, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char name[DIGEST_SIZE];
	struct stat st;

	if (fd < 0)
		return error_set(err, errno, "cannot open blob `%s`", digest_text(d, name));
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot look at blob `%s`", digest_text(d, name));
	*size = (uint64_t)st.st_size;
	return take_fd(&fd);
}

const char *blob_text(const struct store *s, const struct digest *d, size_t *length,
		      struct arena *arena, struct error *err)
{
	char name[DIGEST_SIZE], hex[SHA256_HEX_SIZE];
	uint64_t size = 0;
	_cleanup_fd_ int fd = blob_open(s, d, &size, err);
	char *text;
	ssize_t n;

	digest_text(d, name);
	if (fd < 0)
		return NULL;
	if (size > STORE_JSON_MAX) {
		error_set(err, EFBIG, "blob `%s` has %llu bytes; of JSON at most %d are read", name,
			  (unsigned long long)size, STORE_JSON_MAX);
		return NULL;
	}
	text = arena_alloc(arena, size + 1, 1, err);
	if (!text)
		return NULL;
	n = pread(fd, text, size, 0);
	if (n != (ssize_t)size) {
		error_set(err, n < 0 ? errno : EIO, "cannot read blob `%s`", name);
		return NULL;
	}
	sha256_hex(text, size, hex);
	if (strcmp(hex, d->hex) != 0) {
		error_set(err, 0, "blob `%s` is damaged", name);
		error_cause(err, "its content has the digest %s%s", DIGEST_PREFIX, hex);
		return NULL;
	}
	*length = size;
	return text;
}

bool blob_exists(const struct store *s, const struct digest *d)
{
	return faccessat(s->blobs, d->hex, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

void blob_remove(const struct store *s, const struct digest *d)
{
	(void)unlinkat(s->blobs, d->hex, 0);
}

int blob_sync(const struct store *s, struct error *err)
{
	if (fsync(s->blobs) < 0)
		return error_set(err, errno, "cannot write the blobs of `%s`", s->path);
	return 0;
}
