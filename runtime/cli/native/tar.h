/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tar.h: archives in a stream, for `cp`: one entry after the other, with nothing kept of those before.
 *
 * Written is ustar, with pax records for what does not fit. Read is what GNU tar, busybox and Docker write: ustar, pax
 * records, GNU's long names and binary numbers. Names come out relative, without "." and "..": one with ".." is
 * refused, wherever it would lead.
 */
#ifndef CLOISON_CLI_NATIVE_TAR_H
#define CLOISON_CLI_NATIVE_TAR_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"

enum tar_type {
	TAR_FILE = '0',
	TAR_HARD_LINK = '1',
	TAR_SYMLINK = '2',
	TAR_CHAR = '3',
	TAR_BLOCK = '4',
	TAR_DIR = '5',
	TAR_FIFO = '6',
};

struct tar_entry {
	enum tar_type type;
	char path[PATH_MAX]; /* "." for the top itself */
	char link[PATH_MAX]; /* TAR_SYMLINK: as it is; TAR_HARD_LINK: as path */
	uint32_t mode, uid, gid;
	int64_t size, mtime_s;
};

/* tar_pull - up to @size bytes of the stream, 0 at its end, or -1 with @err. */
typedef ssize_t tar_pull(void *context, void *data, size_t size, struct error *err);

struct tar_reader {
	tar_pull *pull;
	void *context;
	int64_t left;	  /* of the entry's data */
	unsigned int pad; /* behind it */
};

/* tar_next - the next entry, past what is left of the one before. Returns 1, 0 at the end, -1 with @err. */
int tar_next(struct tar_reader *r, struct tar_entry *e, struct error *err) must_check;

/* tar_data - up to @size bytes of the entry's data, 0 at its end, or -1 with @err. */
ssize_t tar_data(struct tar_reader *r, void *data, size_t size, struct error *err) must_check;

/* tar_push - all of @size bytes into the stream. */
typedef int tar_push(void *context, const void *data, size_t size, struct error *err);

/* tar_put_header - @e as it is written; its data and tar_put_padding() follow. */
int tar_put_header(tar_push *push, void *context, const struct tar_entry *e,
		   struct error *err) must_check;
int tar_put_padding(tar_push *push, void *context, int64_t size, struct error *err) must_check;
int tar_put_end(tar_push *push, void *context, struct error *err) must_check;

#endif
