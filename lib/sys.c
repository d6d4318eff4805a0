/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sys.c: one line for each system call of sys.h.
 */
#include "lib/sys.h"

#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

int sys_openat2(int dirfd, const char *path, const struct open_how *how, size_t size)
{
	return (int)syscall(SYS_openat2, dirfd, path, how, size);
}

pid_t sys_clone3(struct clone_args *args, size_t size)
{
	return (pid_t)syscall(SYS_clone3, args, size);
}

pid_t sys_clone3_call(struct clone_args *args, size_t size, void (*fn)(void *), void *arg)
{
	long ret;

#if defined(__x86_64__)
	/* By name: the compiler must not take what is cleared below, the frame pointer for one. */
	register void (*function)(void *) __asm__("r8") = fn;
	register void *argument __asm__("r9") = arg;

	/* Not in the 128 bytes below the stack pointer, which this function may use; aligned at a call. */
	__asm__ volatile("syscall\n\t"
			 "testq %%rax, %%rax\n\t"
			 "jnz 1f\n\t"
			 "subq $128, %%rsp\n\t"
			 "andq $-16, %%rsp\n\t"
			 "xorl %%ebp, %%ebp\n\t"
			 "movq %[arg], %%rdi\n\t"
			 "callq *%[fn]\n\t"
			 "ud2\n"
			 "1:"
			 : "=a"(ret)
			 : "a"((long)SYS_clone3), "D"(args),
			   "S"(size), [fn] "r"(function), [arg] "r"(argument)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long nr __asm__("x8") = SYS_clone3;
	register struct clone_args *x0 __asm__("x0") = args;
	register size_t x1 __asm__("x1") = size;
	register void (*function)(void *) __asm__("x2") = fn;
	register void *argument __asm__("x3") = arg;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0, 1f\n\t"
			 "mov x29, xzr\n\t"
			 "mov x0, %[arg]\n\t"
			 "blr %[fn]\n\t"
			 "brk 1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(nr), "r"(x1), [fn] "r"(function), [arg] "r"(argument)
			 : "memory");
	ret = (long)x0;
#else
#error "how is a child called here?"
#endif
	if (ret < 0) {
		errno = (int)-ret;
		return -1;
	}
	return (pid_t)ret;
}

int sys_open(const char *path, int flags)
{
	return openat(AT_FDCWD, path, flags | O_LARGEFILE);
}

int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dirfd, path, flags);
}

int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
	return (int)syscall(SYS_move_mount, from_fd, from, to_fd, to, flags);
}

int sys_fsopen(const char *type, unsigned int flags)
{
	return (int)syscall(SYS_fsopen, type, flags);
}

int sys_fsconfig(int fd, unsigned int cmd, const char *key, const void *value, int aux)
{
	return (int)syscall(SYS_fsconfig, fd, cmd, key, value, aux);
}

int sys_fsmount(int fd, unsigned int flags, unsigned int attrs)
{
	return (int)syscall(SYS_fsmount, fd, flags, attrs);
}

int sys_mount_setattr(int fd, const char *path, unsigned int flags, struct mount_attr *attr,
		      size_t size)
{
	return (int)syscall(SYS_mount_setattr, fd, path, flags, attr, size);
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

int sys_mount(const char *source, const char *target, const char *type, unsigned long flags,
	      const void *data)
{
	return (int)syscall(SYS_mount, source, target, type, flags, data);
}

int sys_umount2(const char *target, int flags)
{
	return (int)syscall(SYS_umount2, target, flags);
}

int sys_pidfd_open(pid_t pid, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_open, pid, flags);
}

int sys_pidfd_send_signal(int pidfd, int sig, siginfo_t *info, unsigned int flags)
{
	return (int)syscall(SYS_pidfd_send_signal, pidfd, sig, info, flags);
}

int sys_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

int sys_capget(void *header, void *data)
{
	return (int)syscall(SYS_capget, header, data);
}

int sys_capset(const void *header, const void *data)
{
	return (int)syscall(SYS_capset, header, data);
}

ssize_t sys_getdents(int fd, void *list, size_t size)
{
	return (ssize_t)syscall(SYS_getdents64, fd, list, size);
}

int sys_seccomp(unsigned int op, unsigned int flags, void *args)
{
	return (int)syscall(SYS_seccomp, op, flags, args);
}

int sys_bpf(int cmd, void *attr, unsigned int size)
{
	return (int)syscall(SYS_bpf, cmd, attr, size);
}

int sys_setgroups(size_t n, const gid_t *groups)
{
	return (int)syscall(SYS_setgroups, n, groups);
}

int sys_setresuid(uid_t r, uid_t e, uid_t s)
{
	return (int)syscall(SYS_setresuid, r, e, s);
}

int sys_setresgid(gid_t r, gid_t e, gid_t s)
{
	return (int)syscall(SYS_setresgid, r, e, s);
}
