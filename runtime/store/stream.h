/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stream.h: a file read once, decompressed as it says, with the digests of both sides.
 *
 * A layer has two names: that of the blob as it travels, and that of the archive in it. One pass gives both, so
 * that nothing is believed before it is known, and nothing is read twice.
 */
#ifndef CLOISON_STORE_STREAM_H
#define CLOISON_STORE_STREAM_H

#include <stdint.h>
#include <sys/types.h>

#include "runtime/store/digest.h"

enum stream_kind { STREAM_PLAIN, STREAM_GZIP, STREAM_ZSTD };

struct stream;

/*
 * stream_open - begin to read @fd, which stays the caller's, from where it is.
 * @name:	for messages
 * @most:	decompressed bytes at most: more is an error, not a full disk
 * Returns NULL with @err.
 */
must_check struct stream *stream_open(int fd, const char *name, uint64_t most, struct error *err);

/*
 * stream_read - the next decompressed bytes, in a buffer of the stream's that lasts until the next call.
 * Returns how many, 0 at the end of the file, or -1 with @err.
 */
must_check ssize_t stream_read(struct stream *s, const void **data, struct error *err);

/* stream_finish - read what is left, and give the digests. Any pointer may be NULL. */
must_check int stream_finish(struct stream *s, struct digest *outer, uint64_t *outer_size,
			     struct digest *inner, uint64_t *inner_size, struct error *err);

/* stream_kind_of - how the file is compressed; known when the first bytes have been read. */
enum stream_kind stream_kind_of(const struct stream *s);

void stream_close(struct stream **s);
#define _cleanup_stream_ __attribute__((cleanup(stream_close)))

#endif
