/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log_read.c: a log, to a client, as fast as the client takes it.
 *
 * A reader has a place (a segment, an entry of its index, an offset in that piece) and open files of that
 * segment, so a segment that is dropped while somebody reads it is read to its end. It runs through the
 * index and copies pieces of the streams that were asked for; between two of them it stops when the client
 * has enough to chew on.
 *
 * `tail` is found from the end, entry by entry and newline by newline, in portions too.
 */
#include <fcntl.h>
#include <string.h>

#include "runtime/supervisor/log_file.h"
#include "runtime/supervisor/supervisor.h"

#define PORTION_BYTES 16384
#define SEEK_ENTRIES 128 /* in one turn */

struct log_reader {
	struct container *c;
	struct log_query query;
	uint32_t segment; /* 0: none is there yet */
	int data[2], index;
	uint32_t entry, offset;
	bool seeking, over;
	int64_t lines;	   /* seeking: found so far */
	bool end_known[2]; /* seeking: whether its last byte was looked at */
	bool inside[2];	   /* a line has begun, and its time was written */
};

static void close_segment(struct log_reader *r)
{
	close_fd(take_fd(&r->data[0]));
	close_fd(take_fd(&r->data[1]));
	close_fd(take_fd(&r->index));
}

static bool open_segment(struct log_reader *r)
{
	if (r->index >= 0)
		return true;
	if (!r->segment)
		r->segment = r->seeking ? r->c->log.segment : r->c->log.first;
	if (!r->segment)
		return false;
	if (r->segment < r->c->log.first)
		r->segment = r->c->log.first;
	r->data[0] = log_open_file(r->c, '1', r->segment, O_RDONLY);
	r->data[1] = log_open_file(r->c, '2', r->segment, O_RDONLY);
	r->index = log_open_file(r->c, 'i', r->segment, O_RDONLY);
	if (r->data[0] >= 0 && r->data[1] >= 0 && r->index >= 0)
		return true;
	close_segment(r);
	return false;
}

struct log_reader *log_reader_new(struct container *c, const struct log_query *query)
{
	struct log_reader *r = zalloc(sizeof(*r));

	*r = (struct log_reader){.c = c,
				 .query = *query,
				 .index = FD_EMPTY,
				 .data = {FD_EMPTY, FD_EMPTY},
				 .seeking = query->tail >= 0};
	if (r->seeking && open_segment(r))
		r->entry = log_size_of(r->index) / (uint32_t)sizeof(struct log_entry);
	c->readers++;
	return r;
}

void log_reader_free(struct log_reader *r)
{
	if (!r)
		return;
	close_segment(r);
	if (--r->c->readers == 0)
		life_step_soon(r->c);
	free(r);
}

static bool read_entry(const struct log_reader *r, uint32_t at, struct log_entry *e)
{
	return pread(r->index, e, sizeof(*e), (off_t)(at * sizeof(*e))) == sizeof(*e);
}

/* ---- tail ------------------------------------------------------------------------------------ */

/*
 * count_back - count the lines of a piece from its end. true: the last of those wanted begins in it, at
 * r->offset.
 */
static bool count_back(struct log_reader *r, const struct log_entry *e)
{
	int which = !!(e->length & LOG_ENTRY_STDERR);
	uint32_t length = e->length & ~LOG_ENTRY_STDERR, at = length;
	char text[PORTION_BYTES];

	while (at) {
		uint32_t n = at < sizeof(text) ? at : (uint32_t)sizeof(text);
		ssize_t got = pread(r->data[which], text, n, (off_t)e->start + at - n);

		if (got != (ssize_t)n)
			return false;
		for (uint32_t i = n; i--;) {
			bool last = !r->end_known[which];

			r->end_known[which] = true;
			/* A newline ends a line; what follows the last one is a line as well. */
			if (text[i] != '\n' && !last)
				continue;
			if (++r->lines <= r->query.tail)
				continue;
			r->offset = at - n + i + 1;
			return true;
		}
		at -= n;
	}
	return false;
}

/* previous - the segment before this one, at its end. */
static bool previous(struct log_reader *r)
{
	if (r->segment <= r->c->log.first)
		return false;
	close_segment(r);
	r->segment--;
	if (!open_segment(r))
		return false;
	r->entry = log_size_of(r->index) / (uint32_t)sizeof(struct log_entry);
	return true;
}

/* seek - true: found. */
static bool seek(struct log_reader *r)
{
	struct log_entry e;

	if (r->query.tail == 0 || r->index < 0)
		return true;
	for (int i = 0; i < SEEK_ENTRIES; i++) {
		if (r->entry == 0 && !previous(r))
			return true;
		if (r->entry == 0)
			continue;
		r->entry--;
		if (!read_entry(r, r->entry, &e))
			return true;
		if (r->query.streams[!!(e.length & LOG_ENTRY_STDERR)] && count_back(r, &e))
			return true;
	}
	return false;
}

/* ---- forward --------------------------------------------------------------------------------- */

/* put_lines - the same bytes with the time before each line. */
static void put_lines(struct log_reader *r, struct client *client, int which, int64_t time_ns,
		      const char *text, size_t length)
{
	char stamp[TIME_BYTES], line[TIME_BYTES + PORTION_BYTES];
	const char *when = format_time(time_ns, stamp);

	while (length) {
		const char *newline = memchr(text, '\n', length);
		size_t part = newline ? (size_t)(newline - text) + 1 : length, n = 0;

		if (!r->inside[which])
			n = (size_t)snprintf(line, sizeof(line), "%s ", when);
		memcpy(line + n, text, part);
		client_send(client, which ? FRAME_STDERR : FRAME_STDOUT, line, n + part);
		r->inside[which] = !newline;
		text += part;
		length -= part;
	}
}

/* put_piece - what is left of it, as far as there is room. true: all of it */
static bool put_piece(struct log_reader *r, struct client *client, const struct log_entry *e)
{
	int which = !!(e->length & LOG_ENTRY_STDERR);
	uint32_t length = e->length & ~LOG_ENTRY_STDERR;
	char text[PORTION_BYTES];

	while (r->offset < length && client_has_room(client)) {
		uint32_t n = length - r->offset;
		ssize_t got;

		if (n > sizeof(text))
			n = sizeof(text);
		got = pread(r->data[which], text, n, (off_t)e->start + r->offset);
		if (got <= 0)
			return true; /* the index promised more than there is */
		if (r->query.timestamps)
			put_lines(r, client, which, e->time_ns, text, (size_t)got);
		else
			client_send(client, which ? FRAME_STDERR : FRAME_STDOUT, text, (size_t)got);
		r->offset += (uint32_t)got;
	}
	return r->offset >= length;
}

/* wanted - is the piece among what was asked for? */
static bool wanted(struct log_reader *r, const struct log_entry *e)
{
	if (r->query.until_ns && e->time_ns > r->query.until_ns) {
		r->over = true;
		return false;
	}
	return e->time_ns >= r->query.since_ns &&
	       r->query.streams[!!(e->length & LOG_ENTRY_STDERR)];
}

/* next_segment - false: there is none yet. */
static bool next_segment(struct log_reader *r)
{
	if (r->segment >= r->c->log.segment)
		return false;
	close_segment(r);
	r->segment++;
	r->entry = r->offset = 0;
	return open_segment(r);
}

bool log_reader_more(struct log_reader *r, struct client *client)
{
	struct log_entry e;

	if (r->seeking) {
		if (!seek(r))
			return true;
		r->seeking = false;
		if (r->query.tail == 0 && open_segment(r))
			r->entry = log_size_of(r->index) / (uint32_t)sizeof(struct log_entry);
	}
	if (!open_segment(r))
		return false;
	while (client_has_room(client) && !r->over) {
		if (!read_entry(r, r->entry, &e)) {
			if (!next_segment(r))
				return false;
			continue;
		}
		if (wanted(r, &e) && !put_piece(r, client, &e))
			return true;
		if (!r->over) {
			r->entry++;
			r->offset = 0;
		}
	}
	return !r->over;
}
