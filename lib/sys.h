/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys.h: system calls that the C library has no wrapper for.
 *
 * musl 1.2.3 has neither the mount API of Linux 5.2 nor clone3, openat2, pidfd or close_range, so
 * they are called by number. Each returns what the kernel returns, -1 with errno on failure.
 * <sys/mount.h> and <linux/mount.h> define the same names differently; only this header includes
 * the kernel's, and mount(2) and umount2(2) are declared here.
 */
#ifndef CLOISON_LIB_SYS_H
#define CLOISON_LIB_SYS_H

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/mount.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <linux/types.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef MNT_DETACH
#define MNT_DETACH 2
#endif

int sys_openat2(int dirfd, const char *path, const struct open_how *how, size_t size);
pid_t sys_clone3(struct clone_args *args, size_t size);
/*
 * sys_clone3_call - clone3 with CLONE_VM and CLONE_VFORK a child that runs @fn(@arg) and never returns.
 * It goes on where the caller's stack ends, as vfork(2) does: the caller sleeps meanwhile.
 */
pid_t sys_clone3_call(struct clone_args *args, size_t size, void (*fn)(void *), void *arg);
/* sys_open - open(2) by one system call: musl's open sets FD_CLOEXEC by a second one. */
int sys_open(const char *path, int flags);
int sys_open_tree(int dirfd, const char *path, unsigned int flags);
int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags);
int sys_fsopen(const char *type, unsigned int flags);
int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux);
int sys_fsmount(int fd, unsigned int flags, unsigned int attrs);
int sys_mount_setattr(int fd, const char *path, unsigned int flags, struct mount_attr *attr,
		      size_t size);
int sys_pivot_root(const char *new_root, const char *put_old);
int sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
	      const void *data);
int sys_umount2(const char *target, int flags);
int sys_pidfd_open(pid_t pid, unsigned int flags);
int sys_pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags);
int sys_close_range(unsigned int first, unsigned int last, unsigned int flags);
int sys_capget(void *header, void *data);
int sys_capset(const void *header, const void *data);

/* A name in a directory, as getdents64(2) gives it: d_reclen bytes, and the next follows. */
struct sys_dirent {
	uint64_t d_ino;
	int64_t d_off;
	uint16_t d_reclen;
	uint8_t d_type; /* DT_... of <dirent.h> */
	char d_name[];
};
ssize_t sys_getdents(int fd, void *list, size_t size);
int sys_seccomp(unsigned int op, unsigned int flags, void *args);
int sys_bpf(int cmd, void *attr, unsigned int size);
/* The threads' own set*id calls: one thread, so none of the C library's signalling is wanted. */
int sys_setgroups(size_t n, const gid_t *groups);
int sys_setresuid(uid_t r, uid_t e, uid_t s);
int sys_setresgid(gid_t r, gid_t e, gid_t s);

#endif
