/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survivors.c: the names of the processes that a shutdown could not end.
 *
 * They come from /proc. A name is what the process wrote there, anything up to 15 bytes, brackets and line ends
 * included: it reaches from the first bracket to the last one.
 */
#include "init/survivors.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"
#include "lib/sys.h"

#define SAID_MAX 8
#define KERNEL_FLAG 0x00200000 /* PF_KTHREAD, of the kernel's include/linux/sched.h */
#define FIELD_STATE 3
#define FIELD_FLAGS 9

int survivor_parse(struct survivor *s, const char *stat, size_t len)
{
	const char *end = stat + len;
	const char *open = memchr(stat, '(', len);
	const char *close = memrchr(stat, ')', len);
	unsigned long flags = 0;
	const char *p;
	size_t n = 0;

	if (!open || !close || close < open || end - close < 3 || close[1] != ' ')
		return -1;
	for (p = open + 1; p < close && n < sizeof(s->name) - 1; p++)
		s->name[n++] = *p >= ' ' && *p < 0x7f ? *p : '?';
	s->name[n] = '\0';
	s->state = close[2];
	p = close + 2;
	for (int field = FIELD_STATE; field < FIELD_FLAGS; field++) {
		p = memchr(p, ' ', (size_t)(end - p));
		if (!p)
			return -1;
		p++;
	}
	for (; p < end && *p >= '0' && *p <= '9' && flags < UINT32_MAX; p++)
		flags = flags * 10 + (unsigned long)(*p - '0');
	s->kernel = flags & KERNEL_FLAG;
	return 0;
}

/* look - at the process of the directory @name of /proc; false when it is none, ours or the kernel's. */
static bool look(int proc, const char *name, struct survivor *s)
{
	char path[32];
	char stat[512];
	_cleanup_fd_ int fd = FD_EMPTY;
	ssize_t n;

	if (*name < '1' || *name > '9' || strcmp(name, "1") == 0 || strlen(name) > 16)
		return false;
	snprintf(path, sizeof(path), "%s/stat", name);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, stat, sizeof(stat));
	return n > 0 && survivor_parse(s, stat, (size_t)n) == 0 && !s->kernel && s->state != 'Z';
}

void survivors_say(const char *what)
{
	static _Alignas(struct sys_dirent) char list[4096];
	_cleanup_fd_ int proc = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct survivor s;
	unsigned int found = 0;
	ssize_t n;

	while ((n = proc < 0 ? -1 : sys_getdents(proc, list, sizeof(list))) > 0)
		for (ssize_t at = 0; at < n;) {
			const struct sys_dirent *d = (const void *)(list + at);

			at += d->d_reclen;
			if (!look(proc, d->d_name, &s) || ++found > SAID_MAX)
				continue;
			say("shutdown: `%s` (pid %s) %s%s", s.name, d->d_name, what,
			    s.state == 'D' ? ", it waits in the kernel" : "");
		}
	if (found > SAID_MAX)
		say("shutdown: %u more processes", found - SAID_MAX);
}
