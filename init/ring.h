/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ring.h: the newest lines of a text. */
#ifndef CLOISON_INIT_RING_H
#define CLOISON_INIT_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RING_BYTES 16384
#define RING_TEXT_MAX (RING_BYTES + 128) /* what ring_copy may write */

struct ring {
	char bytes[RING_BYTES];
	uint64_t total; /* bytes ever put in */
	bool mid_line;
	uint64_t skipped; /* bytes that were not even looked at, since the last that were */
};

/*
 * ring_add - the next @len bytes of the text, cut anywhere. Each line gets @now_ms before it, as the
 * kernel log has it, and control characters become `?`: the text may end on a terminal.
 */
void ring_add(struct ring *r, uint64_t now_ms, const char *text, size_t len);

/* ring_skip - @len bytes came that were thrown away; where they were is marked. */
void ring_skip(struct ring *r, uint64_t len);

/*
 * ring_copy - the whole lines that are left, and before them how much is not, into @buf of at least
 * RING_TEXT_MAX bytes. Returns the length.
 */
size_t ring_copy(const struct ring *r, char *buf);

#endif
