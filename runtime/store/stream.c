/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.c: gzip, zstd and plain files.
 *
 * What a file is, its first bytes say: media types are sometimes wrong, and every engine looks. Several members of
 * gzip, and several frames of zstd, follow each other as one file; what else follows is an error. The window that a
 * frame of zstd may ask for is bounded, since it decides on our memory.
 *
 * Source: RFC 1952 (gzip), RFC 8878 (zstd).
 */
#include "runtime/store/stream.h"

#include <stdbool.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define IN_SIZE (64 * 1024)
#define OUT_SIZE (128 * 1024)
#define GZIP_WINDOW (15 + 16)	   /* the largest window, and gzip's header: zlib.h */
#define ZSTD_WINDOW_LOG_MAX 25	   /* 32 MiB; RFC 8878 asks decoders for 8 */
#define ZSTD_SKIPPABLE 0x184d2a50u /* the last digit is free */

struct stream {
	int fd;
	const char *name;
	uint64_t most;
	bool known, ended; /* what it is; its last byte has been read from the file */
	bool between;	   /* members or frames: the file may end here */
	bool begun;	   /* a member of gzip */
	enum stream_kind kind;
	z_stream z;
	ZSTD_DCtx *zstd;
	size_t at, filled; /* of what was read, the part not yet used */
	uint64_t outer_size, inner_size;
	struct sha256 outer, inner;
	unsigned char in[IN_SIZE], out[OUT_SIZE];
};

struct stream *stream_open(int fd, const char *name, uint64_t most, struct error *err)
{
	struct stream *s = calloc(1, sizeof(*s));

	if (!s) {
		error_set(err, ENOMEM, "cannot read `%s`", name);
		return NULL;
	}
	s->fd = fd;
	s->name = name;
	s->most = most;
	s->between = true;
	sha256_begin(&s->outer);
	sha256_begin(&s->inner);
	return s;
}

void stream_close(struct stream **s)
{
	if (!*s)
		return;
	if ((*s)->known && (*s)->kind == STREAM_GZIP)
		inflateEnd(&(*s)->z);
	ZSTD_freeDCtx((*s)->zstd);
	free(*s);
	*s = NULL;
}

enum stream_kind stream_kind_of(const struct stream *s)
{
	return s->kind;
}

/* fill - at least one byte more, unless the file has ended. */
static int fill(struct stream *s, struct error *err)
{
	ssize_t n;

	if (s->at < s->filled || s->ended)
		return 0;
	do
		n = read(s->fd, s->in, sizeof(s->in));
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, errno, "cannot read `%s`", s->name);
	s->ended = n == 0;
	s->at = 0;
	s->filled = (size_t)n;
	s->outer_size += (uint64_t)n;
	sha256_update(&s->outer, s->in, (size_t)n);
	return 0;
}

static bool is_zstd(const unsigned char *p, size_t n)
{
	uint32_t magic;

	if (n < 4)
		return false;
	magic = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	return magic == ZSTD_MAGICNUMBER || (magic & ~15u) == ZSTD_SKIPPABLE;
}

/* recognise - from the first bytes; a pipe may give them one by one. */
static int recognise(struct stream *s, struct error *err)
{
	while (s->filled < 4 && !s->ended) {
		ssize_t n = read(s->fd, s->in + s->filled, sizeof(s->in) - s->filled);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot read `%s`", s->name);
		s->ended = n == 0;
		sha256_update(&s->outer, s->in + s->filled, (size_t)n);
		s->outer_size += (uint64_t)n;
		s->filled += (size_t)n;
	}
	s->known = true;
	if (s->filled >= 2 && s->in[0] == 0x1f && s->in[1] == 0x8b) {
		s->kind = STREAM_GZIP;
		if (inflateInit2(&s->z, GZIP_WINDOW) != Z_OK) {
			s->known = false;
			return error_set(err, ENOMEM, "cannot decompress `%s`", s->name);
		}
	} else if (is_zstd(s->in, s->filled)) {
		s->kind = STREAM_ZSTD;
		s->zstd = ZSTD_createDCtx();
		if (!s->zstd || ZSTD_isError(ZSTD_DCtx_setParameter(s->zstd, ZSTD_d_windowLogMax,
								    ZSTD_WINDOW_LOG_MAX)))
			return error_set(err, ENOMEM, "cannot decompress `%s`", s->name);
	}
	return 0;
}

static int damaged(const struct stream *s, const char *what, const char *why, struct error *err)
{
	return error_set(err, 0, "`%s` is not what %s writes: %s", s->name, what, why);
}

/* inflate_some - into @out; returns how many bytes came. */
static ssize_t inflate_some(struct stream *s, struct error *err)
{
	int got;

	if (s->between && s->begun && inflateReset(&s->z) != Z_OK)
		return damaged(s, "gzip", "its state is lost", err);
	s->begun = true;
	s->z.next_in = s->in + s->at;
	s->z.avail_in = (uInt)(s->filled - s->at);
	s->z.next_out = s->out;
	s->z.avail_out = OUT_SIZE;
	got = inflate(&s->z, Z_NO_FLUSH);
	s->at = s->filled - s->z.avail_in;
	if (got == Z_MEM_ERROR)
		return error_set(err, ENOMEM, "cannot decompress `%s`", s->name);
	if (got != Z_OK && got != Z_STREAM_END && got != Z_BUF_ERROR)
		return damaged(s, "gzip", s->z.msg ? s->z.msg : "it asks for a dictionary", err);
	s->between = got == Z_STREAM_END;
	return OUT_SIZE - s->z.avail_out;
}

static ssize_t zstd_some(struct stream *s, struct error *err)
{
	ZSTD_inBuffer in = {s->in, s->filled, s->at};
	ZSTD_outBuffer out = {s->out, OUT_SIZE, 0};
	size_t got = ZSTD_decompressStream(s->zstd, &out, &in);

	s->at = in.pos;
	if (ZSTD_isError(got))
		return damaged(s, "zstd", ZSTD_getErrorName(got), err);
	s->between = got == 0;
	return (ssize_t)out.pos;
}

static ssize_t plain_some(struct stream *s, struct error *err)
{
	size_t n = s->filled - s->at;

	(void)err;
	memcpy(s->out, s->in + s->at, n);
	s->at = s->filled;
	return (ssize_t)n;
}

ssize_t stream_read(struct stream *s, const void **data, struct error *err)
{
	static ssize_t (*const readers[])(struct stream * s, struct error * err) = {
		[STREAM_PLAIN] = plain_some,
		[STREAM_GZIP] = inflate_some,
		[STREAM_ZSTD] = zstd_some,
	};
	ssize_t n = 0;

	if (!s->known && recognise(s, err) < 0)
		return -1;
	while (n == 0) {
		size_t left;

		if (fill(s, err) < 0)
			return -1;
		left = s->filled - s->at;
		if (left == 0 && s->between)
			return 0;
		n = readers[s->kind](s, err);
		if (n < 0)
			return -1;
		if (n == 0 && left == 0)
			return damaged(s, s->kind == STREAM_GZIP ? "gzip" : "zstd",
				       "it ends in the middle", err);
	}
	s->inner_size += (uint64_t)n;
	if (s->inner_size > s->most) {
		error_set(err, EFBIG, "`%s` has more than %llu bytes", s->name,
			  (unsigned long long)s->most);
		return error_cause(err, "%llu bytes of it had been read, compressed",
				   (unsigned long long)s->outer_size);
	}
	sha256_update(&s->inner, s->out, (size_t)n);
	*data = s->out;
	return n;
}

int stream_finish(struct stream *s, struct digest *outer, uint64_t *outer_size,
		  struct digest *inner, uint64_t *inner_size, struct error *err)
{
	struct digest unused;
	const void *data;
	ssize_t n;

	while ((n = stream_read(s, &data, err)) > 0)
		;
	if (n < 0)
		return -1;
	sha256_end(&s->outer, outer ? outer->hex : unused.hex);
	sha256_end(&s->inner, inner ? inner->hex : unused.hex);
	if (outer_size)
		*outer_size = s->outer_size;
	if (inner_size)
		*inner_size = s->inner_size;
	return 0;
}
