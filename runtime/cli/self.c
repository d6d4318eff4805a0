/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * self.c: the runtime's own program is out of the containers' reach (CVE-2019-5736).
 *
 * A container can have the runtime's program run as its own: `exec` asked for /proc/self/exe, or for
 * a script with that as its interpreter, finds the file the runtime was started from. Another
 * process of the container then opens it through /proc/PID/exe, waits until it is no longer busy and
 * writes to it, and the next start on the host runs what was written.
 *
 * So the verbs that make a process in a container run from a read-only mount. Where the program lies
 * on one there is nothing to do; otherwise it is cloned into a detached mount, which is made
 * read-only, and executed from there. No path leads to that mount, so nobody can remount it.
 *
 * Source: execveat(2), open_tree(2), mount_setattr(2).
 */
#include "runtime/cli/self.h"

#include <fcntl.h>
#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "lib/sys.h"

static int is_read_only(int fd, bool *ro, struct error *err)
{
	struct statvfs fs;

	if (fstatvfs(fd, &fs) < 0)
		return error_set(err, errno, "cannot look at the mount of the runtime's program");
	*ro = fs.f_flag & ST_RDONLY;
	return 0;
}

int self_protect(char **argv, struct error *err)
{
	_cleanup_fd_ int own = sys_open("/proc/self/exe", O_PATH | O_CLOEXEC);
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE};
	_cleanup_fd_ int tree = FD_EMPTY;
	bool ro = false;

	if (own < 0)
		return error_set(err, errno, "cannot open `/proc/self/exe`");
	if (is_read_only(own, &ro, err) < 0)
		return -1;
	if (ro) {
		/* Executed by descriptor a program is called by its number, until 6.14. */
		(void)prctl(PR_SET_NAME, "cloison", 0, 0, 0);
		return 0;
	}
	tree = sys_open_tree(own, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (tree < 0)
		return error_set(err, errno, "cannot clone the mount of the runtime's program");
	if (sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot make the runtime's program read-only");
	/* The new one looks again: what it would not recognise it would clone for ever. */
	if (is_read_only(tree, &ro, err) < 0)
		return -1;
	if (!ro)
		return error_set(err, 0,
				 "the mount of the runtime's program does not become read-only");
	syscall(SYS_execveat, tree, "", argv, environ, AT_EMPTY_PATH);
	return error_set(err, errno, "cannot execute the runtime's program again");
}
