/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_file.h: the files of a log, for those who write and those who read them.
 */
#ifndef CLOISON_SUPERVISOR_LOG_FILE_H
#define CLOISON_SUPERVISOR_LOG_FILE_H

#include <stdint.h>

struct container;

/* A piece: what was in the pipe at once. */
struct log_entry {
	int64_t time_ns; /* CLOCK_REALTIME */
	uint32_t start;	 /* in the file of its stream */
	uint32_t length; /* and LOG_ENTRY_STDERR */
};

#define LOG_ENTRY_STDERR 0x80000000u

/* log_open_file - @kind: '1', '2' or 'i'. Returns a descriptor, or -1 with errno. */
int log_open_file(const struct container *c, char kind, uint32_t segment, int flags);

/* log_size_of - the size of a file of a log; 0 when it is none. */
uint32_t log_size_of(int fd);

/*
 * log_index_end - where the streams end by the first @records entries of the index, in files of the sizes @size.
 * Returns how many entries are sound: each begins where the one before it in its stream ends, and ends in
 * its file. -1 with errno: it cannot be read.
 */
int log_index_end(int index, uint32_t records, const uint32_t size[2], uint32_t end[2]);

#endif
