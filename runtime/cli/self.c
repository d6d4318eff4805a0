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
 * That takes rights over the mount namespace, which an ordinary user has not. Nor has the user's
 * container any over a program that belongs to the host's root and that no other may write: there is
 * nothing to do either. A program of the user's own is copied to a memfd, sealed against writing, and
 * executed from there. Which of the three it is follows from --rootless and the file's owner alone.
 *
 * Source: execveat(2), open_tree(2), mount_setattr(2), memfd_create(2), fcntl(2) "File Sealing".
 */
#include "runtime/cli/self.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "lib/sys.h"

/* <linux/memfd.h> and <linux/fcntl.h>, which musl 1.2.3 has in part. */
#ifndef MFD_CLOEXEC
#define MFD_CLOEXEC 1U
#define MFD_ALLOW_SEALING 2U
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10U
#endif

#define NAME "cloison"

/*
 * set_name - Executed by descriptor a program is called by its number, until 6.14; and a caller may
 * have another name for it.
 */
static void set_name(void)
{
	const char *path = (const char *)getauxval(AT_EXECFN);
	const char *name = path ? strrchr(path, '/') : NULL;

	if (!name || strcmp(name, "/" NAME) != 0)
		(void)prctl(PR_SET_NAME, NAME, 0, 0, 0);
}

/* is_read_only - is the mount that a file is on? @done: what statvfs() or fstatvfs() returned. */
static int is_read_only(int done, const struct statvfs *fs, bool *ro, struct error *err)
{
	if (done < 0)
		return error_set(err, errno, "cannot look at the mount of the runtime's program");
	*ro = fs->f_flag & ST_RDONLY;
	return 0;
}

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

/* is_out_of_reach - may nobody but the host's root, or a file system that is read-only, change @fd? */
static int is_out_of_reach(int fd, bool *out, struct error *err)
{
	struct statvfs fs;
	struct stat st;
	int seals;

	if (is_read_only(fstatvfs(fd, &fs), &fs, out, err) < 0)
		return -1;
	seals = fcntl(fd, F_GET_SEALS); /* -1: no memfd */
	if (*out || (seals >= 0 && (seals & SEALS) == SEALS)) {
		*out = true;
		return 0;
	}
	if (fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot look at the runtime's program");
	*out = geteuid() != 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
	return 0;
}

int self_protect_rootless(char **argv, struct error *err)
{
	_cleanup_fd_ int own = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int copy = FD_EMPTY;
	bool safe = false;
	struct stat st;
	off_t left;

	if (own < 0)
		return error_set(err, errno, "cannot open `/proc/self/exe`");
	if (is_out_of_reach(own, &safe, err) < 0)
		return -1;
	if (safe) {
		set_name();
		return 0;
	}
	/* Since 6.3 a memfd may be one that cannot be executed, and the kernel wants to be told. */
	copy = (int)syscall(SYS_memfd_create, NAME,
			    MFD_CLOEXEC | MFD_ALLOW_SEALING |
				    (access("/proc/sys/vm/memfd_noexec", F_OK) == 0 ? MFD_EXEC
										    : 0));
	if (copy < 0 || fstat(own, &st) < 0)
		return error_set(err, errno, "cannot copy the runtime's program");
	for (left = st.st_size; left > 0;) {
		ssize_t n = sendfile(copy, own, NULL, (size_t)left);

		if (n <= 0)
			return error_set(err, n < 0 ? errno : EIO,
					 "cannot copy the runtime's program");
		left -= n;
	}
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return error_set(err, errno, "cannot seal the copy of the runtime's program");
	syscall(SYS_execveat, copy, "", argv, environ, AT_EMPTY_PATH);
	return error_set(err, errno, "cannot execute the copy of the runtime's program");
}

int self_protect(char **argv, struct error *err)
{
	struct mount_attr attr = {.attr_set = MOUNT_ATTR_RDONLY, .propagation = MS_PRIVATE};
	_cleanup_fd_ int tree = FD_EMPTY;
	struct statvfs fs;
	bool ro = false;

	if (is_read_only(statvfs("/proc/self/exe", &fs), &fs, &ro, err) < 0)
		return -1;
	if (ro) {
		set_name();
		return 0;
	}
	tree = sys_open_tree(AT_FDCWD, "/proc/self/exe", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return error_set(err, errno, "cannot clone the mount of the runtime's program");
	if (sys_mount_setattr(tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot make the runtime's program read-only");
	/* The new one looks again: what it would not recognise it would clone for ever. */
	if (is_read_only(fstatvfs(tree, &fs), &fs, &ro, err) < 0)
		return -1;
	if (!ro)
		return error_set(err, 0,
				 "the mount of the runtime's program does not become read-only");
	syscall(SYS_execveat, tree, "", argv, environ, AT_EMPTY_PATH);
	return error_set(err, errno, "cannot execute the runtime's program again");
}
