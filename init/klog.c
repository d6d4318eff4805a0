/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.c: the kernel's log, and ours, as files.
 *
 * The kernel keeps its log in a ring, which is what dmesg(1) shows, and forgets the boot when it is full. Here
 * it becomes text below /run/init, bounded too, but with its beginning: a file that is full is renamed, the
 * first one to a name that is never overwritten, each later one over the one before.
 *
 * /dev/kmsg gives one record for a read and says nothing twice, so nothing but the descriptor has to be
 * remembered. The records of the boot wait in the kernel until the system has been ready for a moment: the
 * first container has the processor first. A round of the loop takes a few records, so that a driver gone mad
 * cannot keep PID 1 from its other work; what the kernel overwrote meanwhile is counted in the file.
 *
 * Lines of PID 1 go to the console, not to the kernel's log (which would print them there again). They wait in
 * a small buffer for their turn among the kernel's records, by the time they were said at.
 */
#include "init/klog.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "init/loop.h"
#include "init/say.h"
#include "lib/fd.h"

#define DELAY_MS 1000
#define ROUND_MAX 32 /* records taken in one round of the loop */
#define RECORD_MAX 8192
#define LINE_BYTES 1024 /* of a line that is kept */

static int kmsg = FD_EMPTY;
static int file = FD_EMPTY;
static size_t file_bytes;
static bool drained = true; /* the kernel has said no more than what was read */
static bool boot_kept;
static uint64_t next_seq;
static uint64_t begin_ms; /* 0: not asked for, or done */
static unsigned long lost_own;

static char waiting[4096];
static size_t waiting_len;

/* number - digits of @p, before @end; false when there are none or too many. */
static bool number(const char **p, const char *end, uint64_t *value)
{
	const char *begin = *p;

	*value = 0;
	for (; *p < end && **p >= '0' && **p <= '9'; ++*p) {
		if (*p - begin >= 19)
			return false;
		*value = *value * 10 + (uint64_t)(**p - '0');
	}
	return *p > begin;
}

int klog_parse(struct klog_record *r, const char *bytes, size_t len)
{
	const char *p = bytes, *end = bytes + len, *newline;
	uint64_t level;

	if (!number(&p, end, &level) || p == end || *p++ != ',')
		return -1;
	if (!number(&p, end, &r->seq) || p == end || *p++ != ',')
		return -1;
	if (!number(&p, end, &r->time_us) || p == end || (*p != ',' && *p != ';'))
		return -1;
	/* More fields may come before the text, and a dictionary after it. */
	p = memchr(p, ';', (size_t)(end - p));
	if (!p)
		return -1;
	r->text = p + 1;
	newline = memchr(r->text, '\n', (size_t)(end - r->text));
	r->len = (size_t)((newline ? newline : end) - r->text);
	return 0;
}

/* next_file - the full one gets its place, an empty one is begun. */
static void next_file(void)
{
	if (file >= 0)
		rename(KLOG_FILE, boot_kept ? KLOG_FILE_OLD : KLOG_FILE_BOOT);
	boot_kept |= file >= 0;
	replace_fd(&file,
		   open(KLOG_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600));
	file_bytes = 0;
}

static void keep(uint64_t time_us, const char *text, size_t len)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof(line), "[%5llu.%06llu] %.*s",
			 (unsigned long long)(time_us / 1000000),
			 (unsigned long long)(time_us % 1000000),
			 (int)(len < LINE_BYTES ? len : LINE_BYTES), text);
	size_t used = n < 0 ? 0 : (size_t)n;

	if (used > sizeof(line) - 1)
		used = sizeof(line) - 1;
	if (used == sizeof(line) - 1)
		used--;
	line[used++] = '\n';
	if (file < 0 || file_bytes + used > KLOG_BYTES)
		next_file();
	/* A /run that is full loses lines; there is nowhere to say it that would be read. */
	if (file >= 0 && write(file, line, used) > 0)
		file_bytes += used;
}

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* keep_waiting - the lines of PID 1 up to @until_us: 8 bytes of time, then their text, each. */
static void keep_waiting(uint64_t until_us)
{
	size_t at = 0;

	while (at < waiting_len) {
		const char *text = waiting + at + sizeof(uint64_t);
		const char *newline = memchr(text, '\n', (size_t)(waiting + waiting_len - text));
		uint64_t time_us;

		memcpy(&time_us, waiting + at, sizeof(time_us));
		if (time_us > until_us)
			break;
		keep(time_us, text, (size_t)(newline - text));
		at = (size_t)(newline + 1 - waiting);
	}
	waiting_len -= at;
	memmove(waiting, waiting + at, waiting_len);
}

/* keep_record - one of the kernel's, and how many were overwritten before it. */
static void keep_record(const char *bytes, size_t len)
{
	struct klog_record r;
	char gap[64];
	int n;

	if (klog_parse(&r, bytes, len) < 0)
		return;
	if (waiting_len)
		keep_waiting(r.time_us);
	if (next_seq && r.seq > next_seq) {
		n = snprintf(gap, sizeof(gap), "-- %llu records of the kernel were overwritten --",
			     (unsigned long long)(r.seq - next_seq));
		keep(r.time_us, gap, (size_t)n);
	}
	next_seq = r.seq + 1;
	keep(r.time_us, r.text, r.len);
}

static void read_records(int fd, short revents)
{
	static char bytes[RECORD_MAX];

	(void)revents;
	drained = false;
	for (int i = 0; i < ROUND_MAX; i++) {
		ssize_t n = read(fd, bytes, sizeof(bytes));

		if (n > 0) {
			keep_record(bytes, (size_t)n);
			continue;
		}
		drained = n == 0 || errno != EPIPE; /* EPIPE: overwritten; the next one is there */
		if (drained)
			return;
	}
}

/* begin - open the kernel's log. */
static void begin(void)
{
	begin_ms = 0;
	kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0)
		say_error(errno, "kernel log: cannot open `/dev/kmsg`");
	else if (!loop_watch(kmsg, POLLIN, read_records))
		say("kernel log: not read, too many descriptors are watched");
	if (lost_own)
		say("kernel log: %lu earlier lines of PID 1 are not in it", lost_own);
}

/* step - of the loop: begin when it is time, then keep what has been said since the last round. */
static void step(void)
{
	if (begin_ms && loop_now_ms() < begin_ms) {
		loop_wake_at(begin_ms);
		return;
	}
	if (begin_ms)
		begin();
	if (waiting_len == 0)
		return;
	if (kmsg >= 0)
		read_records(kmsg, POLLIN);
	if (drained)
		keep_waiting(UINT64_MAX);
}

void klog_begin(void)
{
	begin_ms = loop_now_ms() + DELAY_MS;
	loop_step(step);
}

void klog_own(const char *line, size_t len)
{
	uint64_t time_us = now_us();

	if (len == 0 || line[len - 1] != '\n')
		return;
	if (waiting_len + len + sizeof(time_us) > sizeof(waiting) && file >= 0)
		keep_waiting(UINT64_MAX);
	if (waiting_len + len + sizeof(time_us) > sizeof(waiting)) {
		lost_own++;
		return;
	}
	memcpy(waiting + waiting_len, &time_us, sizeof(time_us));
	memcpy(waiting + waiting_len + sizeof(time_us), line, len);
	waiting_len += sizeof(time_us) + len;
}

void klog_end(void)
{
	loop_unwatch(kmsg);
	replace_fd(&kmsg, FD_EMPTY);
	replace_fd(&file, FD_EMPTY);
	begin_ms = UINT64_MAX;
}
