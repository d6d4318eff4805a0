/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c: what containers write, into files.
 *
 * The log of a container is a row of segments, each of three files in the container's directory:
 *
 *	1.N, 2.N	what was written to standard output and to standard error, as it was
 *	i.N		an index: for each piece its time, its stream, where it begins and how long it is
 *
 * A piece goes from the pipe into the file by one splice(2) at the end of the file, which is what fstat(2)
 * says it is. That call has happened or not, whenever cloisond is killed: what is not in the file is still in the pipe,
 * whose read end PID 1 keeps. The index is written after it; a piece whose entry is missing gets one with the time
 * of the recovery. So nothing is lost, and nothing is there twice.
 *
 * A terminal is spliced into a pipe of our own first, which PID 1 keeps too.
 *
 * A segment that is full is followed by the next one, and the oldest goes. One turn of the loop takes one
 * piece, of at most a pipe's size, so nobody who floods keeps the others waiting. When the disk is full the
 * oldest segments of all logs go, and when that is not enough what is written is thrown away: a container never waits for its log.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/supervisor/log_file.h"
#include "runtime/supervisor/supervisor.h"

#define PIECE_BYTES 65536
#define ENTRIES_AT_ONCE 256
#define DRAIN_PIECES 64 /* more than a pipe can be made to hold by default: pipe-max-size, 1 MiB */

int log_open_file(const struct container *c, char kind, uint32_t segment, int flags)
{
	char path[ID_DIGITS + 16];

	snprintf(path, sizeof(path), "%s/%c.%u", c->id, kind, segment);
	return openat(c->s->containers_dir, path, flags | O_CLOEXEC | O_NOFOLLOW, 0600);
}

static void remove_segment(const struct container *c, uint32_t segment)
{
	char path[ID_DIGITS + 16];

	for (const char *kind = "12i"; *kind; kind++) {
		snprintf(path, sizeof(path), "%s/%c.%u", c->id, *kind, segment);
		(void)unlinkat(c->s->containers_dir, path, 0);
	}
}

static void close_files(struct log *log)
{
	close_fd(take_fd(&log->data[0]));
	close_fd(take_fd(&log->data[1]));
	close_fd(take_fd(&log->index));
}

static int open_files(struct container *c)
{
	struct log *log = &c->log;

	if (log->index >= 0)
		return 0;
	if (!log->segment)
		log->segment = log->first = 1;
	log->data[0] = log_open_file(c, '1', log->segment, O_WRONLY | O_CREAT);
	log->data[1] = log_open_file(c, '2', log->segment, O_WRONLY | O_CREAT);
	log->index = log_open_file(c, 'i', log->segment, O_RDWR | O_CREAT);
	if (log->data[0] >= 0 && log->data[1] >= 0 && log->index >= 0)
		return 0;
	close_files(log);
	return -1;
}

/* add_entry - 0, or -1 with errno. */
static int add_entry(struct log *log, int which, uint32_t length, int64_t time_ns)
{
	struct log_entry e = {.time_ns = time_ns,
			      .start = log->size[which],
			      .length = length | (which ? LOG_ENTRY_STDERR : 0)};

	ssize_t n = pwrite(log->index, &e, sizeof(e), (off_t)(log->records * sizeof(e)));

	if (n >= 0 && n < (ssize_t)sizeof(e))
		errno = ENOSPC;
	if (n != (ssize_t)sizeof(e))
		return -1;
	log->records++;
	return 0;
}

static bool is_full(const struct log *log)
{
	uint64_t used = (uint64_t)log->size[0] + log->size[1] +
			(uint64_t)log->records * sizeof(struct log_entry);

	return used >= log->max_size;
}

/* next_segment - go on in a new one; the oldest may go. */
static void next_segment(struct container *c)
{
	struct log *log = &c->log;

	close_files(log);
	log->segment++;
	log->size[0] = log->size[1] = log->records = 0;
	while (log->segment - log->first >= log->max_file)
		remove_segment(c, log->first++);
}

bool logs_give_way(struct supervisor *s)
{
	bool some = false;

	for (struct container *c = s->containers; c; c = c->next)
		if (c->log.first < c->log.segment) {
			remove_segment(c, c->log.first++);
			some = true;
		}
	return some;
}

/* throw_away - there is no room for what @fd holds. */
static ssize_t throw_away(int fd)
{
	static bool said;
	_cleanup_fd_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (!said)
		say("no room for logs: what containers write is thrown away");
	said = true;
	return null < 0 ? -1 : splice(fd, NULL, null, NULL, PIECE_BYTES, SPLICE_F_NONBLOCK);
}

/* take_piece - as splice(2) returns. */
static ssize_t take_piece(struct container *c, int which, int fd)
{
	struct log *log = &c->log;
	ssize_t n = -1;
	loff_t end;

	if (is_full(log))
		next_segment(c);
	if (open_files(c) == 0) {
		end = log->size[which];
		n = splice(fd, NULL, log->data[which], &end, PIECE_BYTES, SPLICE_F_NONBLOCK);
	}
	if (n < 0 && errno == ENOSPC)
		return logs_give_way(c->s) ? 1 : throw_away(fd);
	if (n > 0) {
		/* Without an entry it is there nonetheless: the next recovery gives it one. */
		(void)add_entry(log, which, (uint32_t)n, now_ns());
		log->size[which] += (uint32_t)n;
	}
	return n;
}

static void close_pipe(struct log_pipe *p)
{
	struct container *c = p->c;

	if (p->source.fd < 0)
		return;
	channel_drop(c->s, c->id, p == &c->out[0] ? '1' : '2');
	loop_close(&c->s->loop, &p->source);
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct log_pipe *p = owner_of(source, struct log_pipe, source);
	struct container *c = p->c;
	ssize_t n = take_piece(c, p == &c->out[1], source->fd);

	(void)events;
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		if (n < 0)
			say("log of container %s: cannot take what it writes: %s", c->name,
			    errno_name(errno));
		close_pipe(p);
	}
	/* A terminal waits while our pipe is full. */
	if (c->terminal && c->console.fd >= 0)
		loop_wait_for(&c->s->loop, &c->console, c->console.events | EPOLLIN);
	if (c->readers)
		tell(c, TOLD_LOG, NULL);
}

void log_attach(struct container *c, int which, int fd)
{
	struct error err = ERROR_INIT;

	if (loop_add(&c->s->loop, &c->out[which].source, fd, EPOLLIN, ready, &err) == 0)
		return;
	say_error(&err);
	close_fd(fd);
}

/* pump_terminal - 1: there may be more; 0: not now; -1: it is at its end */
static int pump_terminal(struct container *c)
{
	ssize_t n = splice(c->console.fd, NULL, c->pump, NULL, PIECE_BYTES, SPLICE_F_NONBLOCK);

	if (n > 0)
		return 1;
	/* EIO: the last of those who had the other end is gone. */
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -1;
}

static void close_terminal(struct container *c)
{
	channel_drop(c->s, c->id, 't');
	loop_close(&c->s->loop, &c->console);
	close_fd(take_fd(&c->pump));
}

static void terminal_ready(struct loop_source *source, uint32_t events)
{
	struct container *c = owner_of(source, struct container, console);
	int more;

	if (events & EPOLLOUT) {
		loop_wait_for(&c->s->loop, source, source->events & ~(uint32_t)EPOLLOUT);
		tell(c, TOLD_INPUT, NULL);
	}
	if (source->fd < 0 || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	more = pump_terminal(c);
	if (more < 0)
		close_terminal(c);
	else if (more == 0) /* until the pipe has been read */
		loop_wait_for(&c->s->loop, source, source->events & ~(uint32_t)EPOLLIN);
}

void log_terminal(struct container *c, int master)
{
	struct error err = ERROR_INIT;

	if (loop_add(&c->s->loop, &c->console, master, EPOLLIN, terminal_ready, &err) == 0)
		return;
	say_error(&err);
	close_fd(master);
}

void log_drain(struct container *c)
{
	for (int i = 0; c->terminal && c->console.fd >= 0 && i < DRAIN_PIECES; i++) {
		if (pump_terminal(c) <= 0)
			break;
		if (c->out[0].source.fd >= 0 && take_piece(c, 0, c->out[0].source.fd) <= 0)
			break;
	}
	for (int which = 0; which < 2; which++)
		for (int i = 0; c->out[which].source.fd >= 0 && i < DRAIN_PIECES; i++)
			if (take_piece(c, which, c->out[which].source.fd) <= 0)
				break;
	if (c->readers)
		tell(c, TOLD_LOG, NULL);
}

void log_close(struct container *c)
{
	log_drain(c);
	close_pipe(&c->out[0]);
	close_pipe(&c->out[1]);
	close_fd(take_fd(&c->pipes[0]));
	close_fd(take_fd(&c->pipes[1]));
	if (c->terminal && c->console.fd >= 0)
		close_terminal(c);
	console_eof(c);
	close_fd(take_fd(&c->pump));
	close_fd(take_fd(&c->console_listener));
	close_files(&c->log);
}

/* ---- after a start --------------------------------------------------------------------------- */

uint32_t log_size_of(int fd)
{
	struct stat st;

	return fd < 0 || fstat(fd, &st) < 0 || st.st_size > UINT32_MAX ? 0 : (uint32_t)st.st_size;
}

/* find_segments - the numbers of those that are there. */
static int find_segments(struct container *c, struct error *err)
{
	_cleanup_fd_ int dir = container_dir(c, err);
	_cleanup_dir_ DIR *d = dir < 0 ? NULL : fdopendir(dir);
	struct dirent *e;

	if (!d)
		return -1;
	(void)take_fd(&dir);
	while ((e = readdir(d))) {
		unsigned long n =
			strncmp(e->d_name, "1.", 2) ? 0 : strtoul(e->d_name + 2, NULL, 10);

		if (!n || n > UINT32_MAX)
			continue;
		if (n > c->log.segment)
			c->log.segment = (uint32_t)n;
		if (!c->log.first || n < c->log.first)
			c->log.first = (uint32_t)n;
	}
	return 0;
}

/* read_entries - as many from number @from on as there are, and as fit. 0, or -1 with errno. */
static int read_entries(int index, struct log_entry *block, uint32_t from, uint32_t records)
{
	uint32_t count = records - from < ENTRIES_AT_ONCE ? records - from : ENTRIES_AT_ONCE;
	ssize_t bytes = (ssize_t)(count * sizeof(*block));

	return pread(index, block, (size_t)bytes, (off_t)from * (off_t)sizeof(*block)) == bytes
		       ? 0
		       : -1;
}

int log_index_end(int index, uint32_t records, const uint32_t size[2], uint32_t end[2])
{
	/* many at once: a container that writes lines has a million of them */
	struct log_entry block[ENTRIES_AT_ONCE];

	end[0] = end[1] = 0;
	for (uint32_t i = 0; i < records; i++) {
		const struct log_entry *e = &block[i % ENTRIES_AT_ONCE];
		int which;
		uint32_t length;

		if (e == block && read_entries(index, block, i, records) < 0)
			return -1;
		which = !!(e->length & LOG_ENTRY_STDERR);
		length = e->length & ~LOG_ENTRY_STDERR;
		/* An index that says what cannot be is worth nothing from there on. */
		if (e->start != end[which] || length > size[which] - end[which])
			return (int)i;
		end[which] += length;
	}
	return (int)records;
}

/*
 * enter_rest - an entry for what was written into stream @which after its last one. On a full disk others give
 * way; when that is not enough the bytes are there all the same, and the container is more than its index.
 */
static void enter_rest(struct container *c, int which, uint32_t length)
{
	int rc = add_entry(&c->log, which, length, now_ns());

	if (rc < 0 && errno == ENOSPC && logs_give_way(c->s))
		rc = add_entry(&c->log, which, length, now_ns());
	if (rc < 0)
		say("log of container %s: no index of its last %u bytes: %s", c->name, length,
		    errno_name(errno));
}

int log_recover(struct container *c, struct error *err)
{
	struct log *log = &c->log;
	uint32_t end[2], size[2];
	int sound;

	if (find_segments(c, err) < 0)
		return -1;
	if (!log->segment)
		return 0;
	if (open_files(c) < 0)
		return error_set(err, errno, "cannot open the log of container `%s`", c->name);
	for (int i = 0; i < 2; i++)
		size[i] = log_size_of(log->data[i]);
	log->records = log_size_of(log->index) / (uint32_t)sizeof(struct log_entry);
	sound = log_index_end(log->index, log->records, size, end);
	if (sound < 0)
		return error_set(err, errno, "cannot read the log of container `%s`", c->name);
	log->records = (uint32_t)sound;
	for (int i = 0; i < 2; i++) {
		log->size[i] = end[i];
		if (end[i] < size[i])
			enter_rest(c, i, size[i] - end[i]);
		log->size[i] = size[i];
	}
	return 0;
}
