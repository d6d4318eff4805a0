/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mountinfo.h: which mount to take off next. */
#ifndef CLOISON_INIT_MOUNTINFO_H
#define CLOISON_INIT_MOUNTINFO_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#define MOUNTINFO_KEEP_MAX 32

struct mountinfo {
	/* Set by the caller: mounts that stay, by id, because they could not be taken off. */
	unsigned int keep[MOUNTINFO_KEEP_MAX];
	size_t kept;

	/* The last mount that may go; id 0 when there is none. */
	unsigned int last_id;
	char last_path[PATH_MAX];

	/* The line that is being read. */
	unsigned int field;
	bool bad; /* too long or malformed: the mount cannot be named, so it stays */
	unsigned int id;
	char path[PATH_MAX];
	size_t path_len;
	unsigned int escape; /* digits left of a \ooo */
	unsigned int code;
};

/* mountinfo_begin - before the first byte of the file; the list of kept mounts stays. */
void mountinfo_begin(struct mountinfo *m);

/* mountinfo_feed - take the next @len bytes of the file, cut anywhere. */
void mountinfo_feed(struct mountinfo *m, const char *text, size_t len);

/* mountinfo_keep - the last mount could not be taken off; false when no more can be noted. */
bool mountinfo_keep(struct mountinfo *m) __attribute__((warn_unused_result));

#endif
