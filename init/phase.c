/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * phase.c: boot phases and their times.
 *
 * Entering a phase takes one stamp of CLOCK_BOOTTIME, which counts from the start of the kernel's
 * clock; the time that the kernel itself took is therefore the begin of the first phase. A phase
 * ends where the next one begins. Stamps are taken always, printing them is a separate matter.
 */
#include "init/phase.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"

static const char *const names[PHASE_COUNT] = {
	/* clang-format off */
	[PHASE_ROOT] = "root",
	[PHASE_MOUNTS] = "mounts",
	[PHASE_CONSOLE] = "console",
	[PHASE_CMDLINE] = "cmdline",
	[PHASE_WATCHDOG] = "watchdog",
	[PHASE_MANIFEST] = "manifest",
	[PHASE_SYSCTL] = "sysctl",
	[PHASE_CGROUP] = "cgroup",
	[PHASE_NETWORK] = "network",
	[PHASE_SEAL] = "seal",
	[PHASE_SERVICES] = "services",
	[PHASE_READY] = "ready",
	[PHASE_STOP] = "stop",
	[PHASE_TERMINATE] = "terminate",
	[PHASE_KILL] = "kill",
	[PHASE_UNMOUNT] = "unmount",
	[PHASE_SYNC] = "sync",
	[PHASE_END] = "end",
	/* clang-format on */
};

static uint64_t begin_us[PHASE_COUNT]; /* 0: not entered */
static enum phase current;

void phase_enter(enum phase p)
{
	struct timespec t;

	clock_gettime(CLOCK_BOOTTIME, &t);
	begin_us[p] = (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
	current = p;
}

/* describe - "mounts 312.480 ms +4.102 ms"; the current phase has no duration yet. */
static int describe(enum phase p, char *buf, size_t size)
{
	unsigned long long begin = begin_us[p];
	unsigned long long took;
	enum phase next = p;

	if (p == current)
		return snprintf(buf, size, "%s %llu.%03llu ms", names[p], begin / 1000,
				begin % 1000);
	do
		next++;
	while (begin_us[next] == 0);
	took = begin_us[next] - begin;
	return snprintf(buf, size, "%s %llu.%03llu ms +%llu.%03llu ms", names[p], begin / 1000,
			begin % 1000, took / 1000, took % 1000);
}

void phase_say(enum phase first)
{
	char line[96];

	for (enum phase p = first; p <= current; p++)
		if (begin_us[p] && describe(p, line, sizeof(line)) > 0)
			say("phase %s", line);
}

int phase_save(void)
{
	char text[PHASE_COUNT * 64];
	size_t used = 0;
	_cleanup_fd_ int fd =
		open(PHASE_FILE, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0444);

	if (fd < 0)
		return -1;
	for (enum phase p = 0; p <= current; p++) {
		int n;

		if (!begin_us[p])
			continue;
		n = describe(p, text + used, sizeof(text) - used - 1);
		if (n < 0 || (size_t)n >= sizeof(text) - used - 1)
			break;
		used += (size_t)n;
		text[used++] = '\n';
	}
	if (write(fd, text, used) == (ssize_t)used)
		return 0;
	return -1;
}
