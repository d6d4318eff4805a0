/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * storage.c: a probe of the data partition.
 *
 * A device that has died keeps its file system mounted: what is in memory can still be read, and the system
 * looks alive. So once a minute, when something else than a tmpfs is mounted on STORAGE_DIRECTORY, a child
 * writes a small file, has it written through to the device and reads it back from there. Any of it may hang
 * for ever, which is why a child does it: PID 1 only looks at how long it has been at it. One that hangs
 * cannot be killed, so there is never a second one beside it.
 *
 * A full disk answers, and is no fault; one that has become read-only is: ext4 does that after an error.
 */
#include "init/storage.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/loop.h"
#include "lib/error.h"
#include "lib/fd.h"
#include "lib/sys.h"

#define PROBE_EVERY_MS 60000
#define PROBE_LIMIT_MS 30000
#define PROBE_FILE STORAGE_DIRECTORY "/.probe"

enum { NOT_READ_BACK = 255 }; /* an exit status that is no errno */

static pid_t probe; /* 0: none is running */
static uint64_t started_ms, next_ms;
static char fault[96]; /* of the last probe; "": none */

/* is_storage - is there something to probe? A file system in memory cannot fail. */
static bool is_storage(void)
{
	struct statfs s;

	return statfs(STORAGE_DIRECTORY, &s) == 0 && s.f_type != TMPFS_MAGIC &&
	       s.f_type != RAMFS_MAGIC;
}

/* write_through - an errno, or 0. */
static int write_through(int fd, uint64_t value)
{
	uint64_t back = 0;

	if (pwrite(fd, &value, sizeof(value), 0) < 0 || fdatasync(fd) < 0)
		return errno;
	/* What is clean now leaves the page cache, so that it is read from the device. */
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (pread(fd, &back, sizeof(back), 0) < 0)
		return errno;
	return back == value ? 0 : NOT_READ_BACK;
}

static _Noreturn void run_probe(void)
{
	int fd, errnum;

	/* If it hangs it must not keep open what others wait for the end of. */
	sys_close_range(STDERR_FILENO + 1, UINT_MAX, 0);
	fd = open(PROBE_FILE, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	errnum = fd < 0 ? errno : write_through(fd, started_ms);
	_exit(errnum == ENOSPC || errnum == EDQUOT ? 0 : errnum & 255);
}

void storage_step(void)
{
	uint64_t now = loop_now_ms();

	if (probe == 0 && now >= next_ms) {
		next_ms = now + PROBE_EVERY_MS;
		if (is_storage()) {
			started_ms = now;
			probe = fork();
			if (probe == 0)
				run_probe();
			if (probe < 0)
				probe = 0; /* no memory now is no fault of the storage */
		} else {
			fault[0] = '\0';
		}
	}
	if (probe == 0)
		loop_wake_at(next_ms);
}

bool storage_ended(pid_t pid, int status)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;

	if (probe == 0 || pid != probe)
		return false;
	probe = 0;
	if (code == 0)
		fault[0] = '\0';
	else if (code == NOT_READ_BACK)
		snprintf(fault, sizeof(fault), "`%s` does not hold what was written",
			 STORAGE_DIRECTORY);
	else
		snprintf(fault, sizeof(fault), "`%s` cannot be written: %s", STORAGE_DIRECTORY,
			 errno_name(code));
	return true;
}

const char *storage_fault(uint64_t now_ms)
{
	if (probe && now_ms >= started_ms + PROBE_LIMIT_MS)
		return "`" STORAGE_DIRECTORY "` has not answered for 30 s";
	return fault[0] ? fault : NULL;
}
