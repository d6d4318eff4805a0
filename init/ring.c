/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ring.c: the newest lines of a text, each with its time.
 *
 * The ring holds text as it will be shown; the newest bytes overwrite the oldest, and when it is read, the
 * line that was cut in half by that is left out.
 */
#include "init/ring.h"

#include <stdio.h>
#include <string.h>

static void put(struct ring *r, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		r->bytes[r->total++ % RING_BYTES] = text[i];
}

static void put_stamp(struct ring *r, uint64_t now_ms)
{
	char stamp[32];
	int n = snprintf(stamp, sizeof(stamp), "[%5llu.%03llu] ",
			 (unsigned long long)(now_ms / 1000), (unsigned long long)(now_ms % 1000));

	put(r, stamp, (size_t)n);
}

/* end_skip - say where text was thrown away, on a line of its own. */
static void end_skip(struct ring *r, uint64_t now_ms)
{
	char line[64];
	int n = snprintf(line, sizeof(line), "(%llu bytes dropped)\n",
			 (unsigned long long)r->skipped);

	if (r->mid_line)
		put(r, "\n", 1);
	put_stamp(r, now_ms);
	put(r, line, (size_t)n);
	r->mid_line = false;
	r->skipped = 0;
}

void ring_add(struct ring *r, uint64_t now_ms, const char *text, size_t len)
{
	if (r->skipped > 0)
		end_skip(r, now_ms);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		if (!r->mid_line)
			put_stamp(r, now_ms);
		r->mid_line = c != '\n';
		if ((c < ' ' && c != '\n' && c != '\t') || c == 0x7f)
			c = '?';
		r->bytes[r->total++ % RING_BYTES] = (char)c;
	}
}

void ring_skip(struct ring *r, uint64_t len)
{
	r->skipped += len;
}

size_t ring_copy(const struct ring *r, char *buf)
{
	uint64_t at = r->total > RING_BYTES ? r->total - RING_BYTES : 0;
	size_t used = 0;

	if (at > 0) {
		while (at < r->total && r->bytes[at % RING_BYTES] != '\n')
			at++;
		at += at < r->total;
		used = (size_t)snprintf(buf, 64, "(%llu bytes before this)\n",
					(unsigned long long)at);
	}
	for (; at < r->total; at++)
		buf[used++] = r->bytes[at % RING_BYTES];
	if (r->skipped > 0)
		used += (size_t)snprintf(buf + used, 64, "%s(%llu bytes dropped)\n",
					 r->mid_line ? "\n" : "", (unsigned long long)r->skipped);
	return used;
}
