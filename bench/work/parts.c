/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * parts.c: what a container is made of, in the ways that it can be made (s14, s15, s16).
 *
 * These need root, and make what they make in namespaces or directories of their own.
 */
#include "bench/work/work.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* in_child - @what in a process of its own, from before the fork until it has ended. */
static int64_t in_child(int (*what)(int amount), int amount)
{
	int64_t start = work_now_ns();
	pid_t pid = fork();

	if (pid == 0)
		_exit(what(amount) ? 1 : 0);
	return pid < 0 || work_wait(pid) ? -1 : work_now_ns() - start;
}

/* --- network namespaces: new ones, as many at once; or ones made before (Mohan, HotCloud'19) */

#define POOL 16

static int pool[POOL];

/* fill_pool - namespaces that nobody is in: a descriptor holds each. */
static int fill_pool(const struct work *w)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	(void)w;
	if (own < 0)
		return -1;
	for (int i = 0; i < POOL; i++) {
		if (unshare(CLONE_NEWNET) < 0)
			return -1;
		pool[i] = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
		if (pool[i] < 0)
			return -1;
	}
	return setns(own, CLONE_NEWNET) < 0 || close(own) < 0 ? -1 : 0;
}

static int new_net(int i)
{
	(void)i;
	return unshare(CLONE_NEWNET);
}

static int pooled_net(int i)
{
	return setns(pool[i % POOL], CLONE_NEWNET);
}

/* at_once - @n processes started together; until the last has ended. */
static int64_t at_once(int (*what)(int), int n)
{
	int64_t start = work_now_ns();
	pid_t pids[POOL];
	int failed = 0;

	for (int i = 0; i < n; i++) {
		pids[i] = fork();
		if (pids[i] == 0)
			_exit(what(i) ? 1 : 0);
	}
	for (int i = 0; i < n; i++)
		failed |= pids[i] < 0 || work_wait(pids[i]);
	if (!failed)
		return work_now_ns() - start;
	errno = EPERM;
	return -1;
}

static int64_t new_nets(const struct work *w, int n)
{
	(void)w;
	return at_once(new_net, n);
}

static int64_t pooled_nets(const struct work *w, int n)
{
	(void)w;
	return at_once(pooled_net, n);
}

static const struct work_case netns_cases[] = {
	{"new, 1 at once", new_nets, 1},     {"new, 4 at once", new_nets, 4},
	{"new, 16 at once", new_nets, 16},   {"pool, 1 at once", pooled_nets, 1},
	{"pool, 4 at once", pooled_nets, 4}, {"pool, 16 at once", pooled_nets, 16},
};

const struct work_group work_netns = {"netns", netns_cases, COUNT(netns_cases), fill_pool, NULL};

/* --- roots: bind, or an overlay of so many layers, and one made of an erofs image (SOCK) */

#define LAYERS 64

static char base[2048]; /* a tmpfs, in a mount namespace of our own */

static int make_layers(const struct work *w)
{
	char path[4096];

	if ((size_t)snprintf(base, sizeof(base), "%s", w->argument) >= sizeof(base)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("bench", base, "tmpfs", 0, "mode=0755") < 0)
		return -1;
	for (int i = -3; i < LAYERS; i++) {
		static const char *const others[] = {"upper", "work", "at"};

		if (i < 0)
			snprintf(path, sizeof(path), "%s/%s", base, others[i + 3]);
		else
			snprintf(path, sizeof(path), "%s/l%d", base, i);
		if (mkdir(path, 0755) < 0)
			return -1;
	}
	return 0;
}

/* enter - what a container does with its root: a namespace, the mount, the pivot. */
static int enter(const char *type, const char *options)
{
	char at[2100];

	snprintf(at, sizeof(at), "%s/at", base);
	if (unshare(CLONE_NEWNS) < 0)
		return -1;
	if (type ? mount("bench", at, type, 0, options) : mount(base, at, NULL, MS_BIND, NULL))
		return -1;
	return chdir(at) < 0 || syscall(SYS_pivot_root, ".", ".") < 0 ||
	       umount2(".", MNT_DETACH) < 0;
}

static int bound(int amount)
{
	(void)amount;
	return enter(NULL, NULL);
}

static int overlaid(int layers)
{
	char options[4096];
	size_t n;

	/* Relative, so that 64 of them fit into the page that mount(2) takes. */
	if (chdir(base) < 0)
		return -1;
	n = (size_t)snprintf(options, sizeof(options), "upperdir=upper,workdir=work,lowerdir=");
	for (int i = 0; i < layers; i++)
		n += (size_t)snprintf(options + n, sizeof(options) - n, "%sl%d", i ? ":" : "", i);
	return enter("overlay", options);
}

static int64_t bind_root(const struct work *w, int n)
{
	(void)w;
	return in_child(bound, n);
}

static int64_t overlay_root(const struct work *w, int n)
{
	(void)w;
	return in_child(overlaid, n);
}

static const struct work_case rootfs_cases[] = {
	{"bind", bind_root, 0},
	{"overlay, 1 layer", overlay_root, 1},
	{"overlay, 4 layers", overlay_root, 4},
	{"overlay, 16 layers", overlay_root, 16},
	{"overlay, 64 layers", overlay_root, 64},
};

const struct work_group work_rootfs = {"rootfs", rootfs_cases, COUNT(rootfs_cases), make_layers,
				       NULL};

/* --- cgroups: a new one each time, or one that is used again */

static char cgroup_again[2100];

static int make_again(const struct work *w)
{
	if ((size_t)snprintf(cgroup_again, sizeof(cgroup_again), "%s/bench-again-%d", w->argument,
			     (int)getpid()) >= sizeof(cgroup_again)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return mkdir(cgroup_again, 0755);
}

static void remove_again(const struct work *w)
{
	(void)w;
	rmdir(cgroup_again);
}

/* in_cgroup - clone3 into @path and wait. */
static int in_cgroup(const char *path)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls,
			set_tid, set_tid_size, cgroup;
	} args = {.flags = 0x200000000ULL /* CLONE_INTO_CGROUP */, .exit_signal = 17 /* SIGCHLD */};
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	long pid;

	if (fd < 0)
		return -1;
	args.cgroup = (uint64_t)fd;
	pid = syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		_exit(0);
	close(fd);
	return pid < 0 ? -1 : work_wait((int)pid);
}

static int64_t new_cgroup(const struct work *w, int n)
{
	char path[2100];
	int64_t start = work_now_ns();

	(void)n;
	if ((size_t)snprintf(path, sizeof(path), "%s/bench-new-%d", w->argument, (int)getpid()) >=
	    sizeof(path))
		return -1;
	if (mkdir(path, 0755) < 0)
		return -1;
	if (in_cgroup(path)) {
		rmdir(path);
		return -1;
	}
	return rmdir(path) < 0 ? -1 : work_now_ns() - start;
}

static int64_t same_cgroup(const struct work *w, int n)
{
	int64_t start = work_now_ns();

	(void)w;
	(void)n;
	return in_cgroup(cgroup_again) ? -1 : work_now_ns() - start;
}

static int64_t no_cgroup(const struct work *w, int n)
{
	int64_t start = work_now_ns();
	pid_t pid = fork();

	(void)w;
	(void)n;
	if (pid == 0)
		_exit(0);
	return pid < 0 || work_wait(pid) ? -1 : work_now_ns() - start;
}

static const struct work_case cgroup_cases[] = {
	{"no cgroup", no_cgroup, 0},
	{"new cgroup", new_cgroup, 0},
	{"the same cgroup", same_cgroup, 0},
};

const struct work_group work_cgroup = {"cgroup", cgroup_cases, COUNT(cgroup_cases), make_again,
				       remove_again};

/* --- seccomp: a filter of so many instructions, which lets everything pass at its end */

static int filtered(int n)
{
	struct sock_filter *code = calloc((size_t)n + 1, sizeof(*code));
	struct sock_fprog prog = {.len = (unsigned short)n, .filter = code};

	if (!code)
		return -1;
	for (int i = 0; i < n - 1; i++)
		code[i] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
						       offsetof(struct seccomp_data, nr));
	code[n - 1] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) < 0;
}

static int unfiltered(int n)
{
	(void)n;
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int64_t load_filter(const struct work *w, int n)
{
	(void)w;
	return in_child(n ? filtered : unfiltered, n);
}

static const struct work_case seccomp_cases[] = {
	{"no filter", load_filter, 0},
	{"filter, 30 instructions", load_filter, 30},
	{"filter, 500 instructions", load_filter, 500},
	{"filter, 4000 instructions", load_filter, 4000},
};

const struct work_group work_seccomp = {"seccomp", seccomp_cases, COUNT(seccomp_cases), NULL, NULL};
